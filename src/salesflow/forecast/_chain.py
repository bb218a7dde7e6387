"""From the risks of each stage to the fate of a deal: a semi-Markov chain on a grid of days.

This module needs numpy.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from salesflow.forecast._fates import Fate
from salesflow.forecast._risks import Real, Whole
from salesflow.forecast._stages import StageVisits

_NOT_ALL = 1 - 1e-12
# Of the visits that lead on at once. If all did, in a circle, nobody would ever arrive.
_CHUNK = 1_024
_HALF = 0.5 - 1e-12
# Sums of shares are rounded.
NOBODY = np.empty(0, np.int64)
"""No deal is left out."""


class Chain:
    """What becomes of the deals of one segment, learned without some of the deals.

    Args:
        stages: the visits to each stage.
        segment: the number of the segment; None for all.
        prior_visits: how many visits a segment is given of the whole.
        n_days: how many days to look ahead.
        places: the places that may be entered: all that any of them leads to is among them.
        own: the numbers of the deals that are left out.
        whole: the same without leaving any out, which knows the stages that none of them was in.
    """

    def __init__(
        self,
        stages: Sequence[StageVisits],
        segment: int | None,
        prior_visits: float,
        n_days: int,
        places: Sequence[int],
        own: Whole = NOBODY,
        whole: "Chain | None" = None,
    ) -> None:
        self._stages = stages
        self._segment = segment
        self._prior_visits = prior_visits
        self._n_days = n_days
        self._places = places
        self._own = own
        self._whole = whole
        self._fates: dict[int, Fate] = {}

    def without(self, own: Whole, places: Sequence[int]) -> "Chain":
        """The same without some of the deals, for what may be entered from where they are.

        Args:
            own: the numbers of the deals.
            places: the places that may be entered.
        """
        settings = self._segment, self._prior_visits, self._n_days
        return Chain(self._stages, *settings, places, own, self)

    def ahead(self, place: int, ages: Whole) -> Real:
        """The share that is won and lost by the end of each day, of deals that are in a place now.

        Args:
            place: where they are.
            ages: how long each has been there. [microseconds]

        Returns:
            Shares. [won or lost, age, day from 0 on]
        """
        parts = [
            self._ahead(place, ages[start : start + _CHUNK])
            for start in range(0, len(ages), _CHUNK)
        ]
        return np.concatenate(parts, axis=1)

    @cached_property
    def entries(self) -> dict[int, Real]:
        """The share that is won and lost by the end of each day after an entry into each place.

        Shares, by place. [won or lost, day from 0 on]
        """
        places = self._places
        direct = np.zeros((len(places), 2, self._n_days + 1))
        onward = np.zeros((self._n_days + 1, len(places), len(places)))
        for row, place in enumerate(places):
            by_then, parts = self.fate(place).since_entry
            for number, cause in enumerate(self._stages[place // 2].axis.causes):
                closing = self._closing(cause)
                if closing is None:
                    onward[:, row, places.index(cause)] = parts[number, 0]
                else:
                    direct[row, closing] = by_then[number, 0]
        return dict(zip(places, renewed(direct, onward), strict=True))

    def exits(self, place: int) -> tuple[float, float, float, float, int | None]:
        """What a visit to a place leads to at once, and how fast.

        Returns:
            The shares that are won, lost, go on to a later stage, and go back or stay, within the
            days looked ahead; and the first day by which half have ended.
        """
        by_then, _ = self.fate(place).since_entry
        shares = [0.0] * 4
        for number, cause in enumerate(self._stages[place // 2].axis.causes):
            closing = self._closing(cause)
            kind = 2 + (cause // 2 <= place // 2) if closing is None else closing
            shares[kind] += float(by_then[number, 0, -1])
        gone = np.flatnonzero(by_then[:, 0].sum(axis=0) >= _HALF)
        won, lost, onward, back = shares
        return won, lost, onward, back, int(gone[0]) if len(gone) else None

    def fate(self, place: int) -> Fate:
        """How a visit to a place goes on."""
        stage = self._stages[place // 2]
        if self._whole is not None and not stage.has(self._own):
            return self._whole.fate(place)
        if place not in self._fates:
            risks = stage.risks(self._segment, place % 2, self._prior_visits, self._own)
            self._fates[place] = Fate(stage.axis, risks, self._n_days)
        return self._fates[place]

    def _ahead(self, place: int, ages: Whole) -> Real:
        by_then, parts = self.fate(place).since(ages)
        found = np.zeros((2, *by_then.shape[1:]))
        onward = []
        for number, cause in enumerate(self._stages[place // 2].axis.causes):
            closing = self._closing(cause)
            if closing is None:
                onward.append((number, cause))
            else:
                found[closing] += by_then[number]
        if onward:
            # One product for all ways on: BLAS may start threads for each, which takes longer.
            numbers = [number for number, _ in onward]
            begun = np.concatenate([_begun(self.entries[cause]) for _, cause in onward])
            shares = parts[numbers].transpose(1, 0, 2).reshape(len(ages), -1) @ begun
            found += shares.reshape(len(ages), *found.shape[::2]).transpose(1, 0, 2)
        found[:, :, 0] = 0.0  # it is open now
        return np.clip(np.maximum.accumulate(found, axis=2), 0.0, 1.0)

    def _closing(self, cause: int) -> int | None:
        """0 for a win, 1 for a loss; None for a place."""
        closing = cause - 2 * len(self._stages)
        return closing if closing >= 0 else None


def reachable(stages: Sequence[StageVisits], places: Iterable[int]) -> list[int]:
    """Places, and all that any of them may lead to, in order."""
    found: set[int] = set()
    waiting = [*places]
    while waiting:
        place = waiting.pop()
        if place < 2 * len(stages) and place not in found:
            found.add(place)
            waiting += map(int, stages[place // 2].axis.causes)
    return sorted(found)


def renewed(direct: Real, onward: Real) -> Real:
    """The share that has arrived by each day, directly or through other places.

    **Definition**: F(h) = D(h) + Σ over k from 0 to h of P(k) F(h - k), the equation of renewal of
    a semi-Markov chain; F(h) on both sides, for k = 0, is solved for.

    Args:
        direct: D, the share that arrives directly. [place, outcome, day]
        onward: P, the share that goes on to another place on a day. [day, from, to]

    Returns:
        F. [place, outcome, day]
    """
    n_places, n_outcomes, n_days = direct.shape
    at_once = np.linalg.inv(np.eye(n_places) - _NOT_ALL * onward[0])
    # Days backwards, so that those before one follow it in memory as the kernel does.
    wide = onward[1:].transpose(1, 0, 2).reshape(n_places, -1)
    back = np.zeros((n_days * n_places, n_outcomes))
    for day in range(n_days):
        here = (n_days - 1 - day) * n_places
        earlier = back[here + n_places :]
        back[here : here + n_places] = at_once @ (
            direct[:, :, day] + wide[:, : len(earlier)] @ earlier
        )
    return back.reshape(n_days, n_places, n_outcomes)[::-1].transpose(1, 2, 0)


def _begun(curves: Real) -> Real:
    """Curves begun on each of their days: the row of a day is 0 before it.

    Args:
        curves: of each outcome. [outcome, day]

    Returns:
        [day, outcome and day]
    """
    n_days = curves.shape[1]
    padded = np.concatenate((np.zeros((len(curves), n_days - 1)), curves), axis=1)
    begun = sliding_window_view(padded, n_days, axis=1)[:, ::-1]
    # In one piece, or numpy multiplies without BLAS.
    return np.ascontiguousarray(begun.transpose(1, 0, 2)).reshape(n_days, -1)
