"""The visits that a model learns from: one row each, column by column, without deals or dates."""

from collections.abc import Callable, Iterable, Sequence

import attrs

from salesflow.facts.visits import Visit, visits_of
from salesflow.models import Deal
from salesflow.models.durations import microseconds
from salesflow.models.past import Cut

LASTS = -1
"""What ended a visit that has not ended, or of which nobody knows where it led to."""


@attrs.frozen
class Visits:
    """The visits to open stages, as far as both their ends are known, or they last still.

    A *place* is a stage and whether the deal had been there before: twice the number of the stage,
    and one more if it had. The two numbers beyond all places are a win and a loss.

    Attributes:
        stages: the stages, in the order of their positions.
        deal_ids: the deals.
        segments: the segments, as texts of JSON; ``segment`` has the number of each deal's.
        deal: of each visit, the number of its deal.
        place: where it was.
        next: where it led to: a place, a win or a loss, or `LASTS`.
        us: how long it lasted, or has. [microseconds]
    """

    stages: tuple[str, ...]
    deal_ids: tuple[str, ...]
    segments: tuple[str, ...]
    segment: tuple[int, ...]
    deal: tuple[int, ...]
    place: tuple[int, ...]
    next: tuple[int, ...]
    us: tuple[int, ...]


class Reading:
    """What is read off deals so far, and what was left out of it."""

    def __init__(self, cut: Cut, segment_of: Callable[[Deal], str]) -> None:
        self.left_out: dict[str, int] = {}
        self._cut = cut
        self._segment_of = segment_of
        self._rows: tuple[list[int], list[int], list[int], list[int]] = ([], [], [], [])
        self._places: dict[tuple[str, int | None, bool], int] = {}

    def read(self, deals: Sequence[Deal]) -> Visits:
        """The visits of deals as they stood at the cut."""
        for number, deal in enumerate(deals):
            self._add(number, visits_of(deal))
        segments = [*map(self._segment_of, deals)]
        numbers = {segment: number for number, segment in enumerate(dict.fromkeys(segments))}
        order = self._order()
        codes = {n: 2 * order.index(stage) + again for (stage, _, again), n in self._places.items()}
        codes |= {LASTS: LASTS, _WON: 2 * len(order), _LOST: 2 * len(order) + 1}
        deal_of, place, following, us = self._rows
        return Visits(
            tuple(order),
            tuple([deal.id for deal in deals]),
            tuple(numbers),
            tuple([numbers[segment] for segment in segments]),
            tuple(deal_of),
            tuple([codes[one] for one in place]),
            tuple([codes[one] for one in following]),
            tuple(us),
        )

    def _order(self) -> list[str]:
        """The stages, by the lowest position that any visit froze."""
        positions: dict[str, int] = {}
        for stage, position, _ in self._places:
            known = position or 0
            positions[stage] = min(known, positions.get(stage, known))
        return sorted(positions, key=lambda stage: (positions[stage], stage))

    def _add(self, deal: int, visits: Iterable[Visit]) -> None:
        deals, places, following, us = self._rows
        been: set[str] = set()
        for visit in visits:
            if visit.kind != "open":
                continue
            place = self._place(visit.stage, visit.stage_position, again=visit.stage in been)
            been.add(visit.stage)
            lasted = self._lasted(visit)
            if lasted is not None:
                deals.append(deal)
                places.append(place)
                following.append(self._following(visit, been))
                us.append(lasted)

    def _following(self, visit: Visit, been: set[str]) -> int:
        if visit.next_stage is None:
            return LASTS
        if visit.next_kind != "open":
            return _WON if visit.next_kind == "won" else _LOST
        return self._place(visit.next_stage, visit.next_position, again=visit.next_stage in been)

    def _lasted(self, visit: Visit) -> int | None:
        """How long it was watched; None, and counted, where that is unknown."""
        entered, precision = visit.entered_at, visit.entered_precision
        if visit.is_current:
            found = self._cut.microseconds_since(entered, precision)
        else:
            found = microseconds(entered, precision, visit.left_at, visit.left_precision)
        if found is None:
            reason = "no_entered_at" if entered is None else "no_left_at"
            self.left_out[reason] = self.left_out.get(reason, 0) + 1
        return found

    def _place(self, stage: str, position: int | None, *, again: bool) -> int:
        """The number of a place, in the order in which places were first seen."""
        number = self._places.get((stage, position, again))
        if number is None:
            number = self._places[stage, position, again] = len(self._places)
        return number


_WON, _LOST = -2, -3
# How a closing is written while nobody knows yet how many stages there are.


def here(deal: Deal, cut: Cut) -> tuple[str, bool, int | None] | None:
    """The stage that an open deal is in, whether it had been there before, and for how long.

    None where the stage is unknown; no time where that is. [microseconds]
    """
    visits = [visit for visit in visits_of(deal) if visit.kind == "open"]
    if deal.stage is None or not visits:
        return None
    *earlier, last = visits
    since = cut.microseconds_since(last.entered_at, last.entered_precision)
    been = any(visit.stage == last.stage for visit in earlier)
    return deal.stage, been, since
