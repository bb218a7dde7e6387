"""The visits to each stage as arrays, and the risks they tell of.

This module needs numpy.
"""

import numpy as np

from salesflow.forecast._risks import Axis, Risks, Whole
from salesflow.forecast._visits import LASTS, Visits


class StageVisits:
    """The visits to one stage, in the order of their deals.

    Attributes:
        axis: when any ended, in microseconds, and by which cause.
        n_visits: how many there are.
    """

    def __init__(
        self, deal: Whole, segment: Whole, again: Whole, spans: Whole, ends: Whole
    ) -> None:
        self._deal, self._segment, self._again = deal, segment, again
        self._spans, self._ends = spans, ends
        self.n_visits = len(spans)
        self.axis = Axis(spans, ends, LASTS + 1)
        self._sorted = np.sort(spans)
        self._levels: dict[tuple[int | None, int | None], Risks] = {}

    def risks(self, segment: int | None, again: int, prior_visits: float, own: Whole) -> Risks:
        """The risks of first or later visits of a segment, shrunk toward the stage as a whole.

        Args:
            segment: the number of the segment; None for all.
            again: 0 for first visits, 1 for later ones.
            prior_visits: how many visits the prior counts as, at each step.
            own: the numbers of the deals that are left out.
        """
        rows = self._rows_of(own)
        found = self._level(None, None, rows)
        steps = [(None, again)] if segment is None else [(None, again), (segment, again)]
        for step in steps:
            found = self._level(*step, rows).shrunk_toward(found, prior_visits)
        return found

    def n_longer(self, since: Whole, own: Whole) -> Whole:
        """How many visits lasted for longer than each of some times."""
        n_all = len(self._sorted) - np.searchsorted(self._sorted, since, side="right")
        mine = self._spans[self._rows_of(own)]
        longer: Whole = n_all - (mine[:, None] > since).sum(axis=0)
        return longer

    def outlasted_by(self, n_visits: int, own: Whole) -> int:
        """The longest visit that so many lasted longer than; 0 without one. [microseconds]."""
        others = np.sort(np.delete(self._spans, self._rows_of(own)))
        if len(others) < n_visits:
            return 0
        shorter = others[: np.searchsorted(others, others[-n_visits], side="left")]
        return int(shorter[-1]) if len(shorter) else 0

    def n_ended(self, own: Whole) -> int:
        """How many visits have ended."""
        mine = self._ends[self._rows_of(own)]
        return int((self._ends != LASTS).sum() - (mine != LASTS).sum())

    def has(self, deals: Whole) -> bool:
        """Whether any visit is one of these deals."""
        return bool(len(self._rows_of(deals)))

    def _rows_of(self, deals: Whole) -> Whole:
        first, last = (np.searchsorted(self._deal, deals, side=s) for s in ("left", "right"))
        parts = [np.arange(*ends) for ends in zip(first, last, strict=True)]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def _level(self, segment: int | None, again: int | None, left_out: Whole) -> Risks:
        """The risks of some of the visits, without the rows that are left out."""
        key = segment, again
        if key not in self._levels:
            everyone = np.arange(len(self._deal))
            self._levels[key] = self._tally(self._among(everyone, *key))
        mine = self._among(left_out, *key)
        found = self._levels[key]
        return found.without(self._tally(mine)) if len(mine) else found

    def _among(self, rows: Whole, segment: int | None, again: int | None) -> Whole:
        if segment is not None:
            rows = rows[self._segment[rows] == segment]
        return rows if again is None else rows[self._again[rows] == again]

    def _tally(self, rows: Whole) -> Risks:
        return self.axis.tally(self._spans[rows], self._ends[rows])


def by_stage(visits: Visits) -> list[StageVisits]:
    """The visits to each stage."""
    columns = visits.deal, visits.place, visits.us, visits.next
    deal, place, us, ends = (np.array(column, np.int64) for column in columns)
    segment = np.array(visits.segment, np.int64)[deal]
    made = []
    for number in range(len(visits.stages)):
        rows = np.flatnonzero(place // 2 == number)
        of_stage = (column[rows] for column in (deal, segment, place % 2, us, ends))
        made.append(StageVisits(*of_stage))
    return made
