"""How a visit goes on: the risks of a place as curves, looked at from its entry or from later on.

This module needs numpy.
"""

from functools import cached_property
from itertools import pairwise

import numpy as np

from salesflow.forecast._risks import Axis, Real, Risks, Whole, sums_from
from salesflow.models.durations import MICROSECONDS_A_DAY


class Fate:
    """What becomes of the visits to one place, day by day.

    Args:
        axis: the times at which any ended, in microseconds, and the causes.
        risks: how many ended, and how many were watched.
        n_days: how many days to look ahead.
    """

    def __init__(self, axis: Axis, risks: Risks, n_days: int) -> None:
        left, taken = axis.incidence(risks)
        self._axis = axis
        self._n_days = n_days
        self._left = np.concatenate(([1.0], left))
        self._parts = []
        for first, last in pairwise(axis.starts):
            times = axis.times[axis.places[first:last]]
            # Sums from the end, which are as exact for the few that last long as for all.
            later = sums_from(taken[first:last])
            moment = sums_from(taken[first:last] * (times / MICROSECONDS_A_DAY))
            self._parts.append((times, later, moment))

    @cached_property
    def since_entry(self) -> tuple[Real, Real]:
        """What becomes of one that enters; see `since`."""
        return self._ahead(np.zeros(1, np.int64), is_entry=True)

    def since(self, ages: Whole) -> tuple[Real, Real]:
        """What becomes of visits that have lasted for some time and not ended.

        Args:
            ages: how long each has lasted. [microseconds]

        Returns:
            The share that each cause has ended by the end of each day; and the share that it ends
            then, each end divided between the two days that it lies between, the more for the
            nearer one: a line drawn from day to day is then read where the end was. [cause, age,
            day from 0 on]
        """
        return self._ahead(ages, is_entry=False)

    def _ahead(self, ages: Whole, *, is_entry: bool) -> tuple[Real, Real]:
        n_days = self._n_days
        moments = ages[:, None] + np.arange(n_days + 2) * MICROSECONDS_A_DAY
        by_then = np.zeros((len(self._parts), len(ages), n_days + 1))
        parts = np.zeros_like(by_then)
        left = self._left[np.searchsorted(self._axis.times, ages, side="right")]
        share = np.where((left > 0) & (not is_entry), left, 1.0)[:, None]
        for number, (times, later_than, moment) in enumerate(self._parts):
            places = np.searchsorted(times, moments, side="right")
            # A visit may end as soon as it begins.
            all_of_it = later_than[:1] if is_entry else later_than[places[:, 0]] / share[:, 0]
            later = later_than[places] / share
            # Of what ends later than each day, how many days later, on the whole.
            days = moment[places] / share - moments / MICROSECONDS_A_DAY * later
            by_then[number] = all_of_it[:, None] - later[:, :-1]
            parts[number, :, 0] = days[:, 1] - days[:, 0] + all_of_it
            parts[number, :, 1:] = days[:, :-2] - 2 * days[:, 1:-1] + days[:, 2:]
        return by_then, np.maximum(parts, 0.0)
