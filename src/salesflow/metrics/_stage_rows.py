"""The tables of stages over deals: stays, moves, stages of a deal, and steps of a funnel."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import attrs

from salesflow.errors import OptionError
from salesflow.facts.schema import VISITS
from salesflow.facts.visits import Visit, is_complete, visits_of
from salesflow.metrics._lead_rows import DealLeadRows, LeadRows, TouchRows
from salesflow.metrics._objects import DealRows, Reader, RowTable, VisitRows
from salesflow.metrics.needs import DealsBy, Leads, Steps, Table, TableName, Touched
from salesflow.metrics.options import Call
from salesflow.models import Deal

if TYPE_CHECKING:
    from salesflow.models._base import Precision


class StayRows(VisitRows):
    """The table `visits` of one call, those to won and lost stages too."""

    def rows_of(self, visits: list[Visit]) -> Iterable[Any]:
        """All of them."""
        return visits


class MoveRows(VisitRows):
    """The visits that another one followed; ``direction`` says where the deal went."""

    names: ClassVar[tuple[str, ...]] = (*(column.name for column in VISITS), "direction")

    def rows_of(self, visits: list[Visit]) -> Iterable[Any]:
        """All but the last one."""
        return visits[:-1]

    def reader(self, name: str) -> Reader:
        """What reads a column off a visit, or off its deal."""
        if name == "direction":
            return lambda row: direction_of(row[0])
        return super().reader(name)


def direction_of(visit: Visit) -> str | None:
    """Where a deal went from a visit; None where the positions do not tell."""
    if visit.next_kind != "open":
        both_won = visit.kind == visit.next_kind == "won"
        return "followed_up" if both_won else visit.next_kind
    if visit.kind != "open":
        return "reopened"
    if visit.stage_position is None or visit.next_position is None:
        return None
    step = visit.next_position - visit.stage_position
    if step < 1:
        return "back" if step < 0 else None
    return "forward" if step == 1 else "skip"


class DealStage(NamedTuple):
    """An open stage that a deal visited, as its first visit froze it."""

    stage: str
    stage_position: int | None
    owner_id: str | None
    entered_at: datetime | None
    entered_precision: "Precision"
    n_visits: int


class DealStageRows(VisitRows):
    """One row for each open stage that a deal visited."""

    fields: ClassVar[frozenset[str]] = frozenset(DealStage._fields)
    names: ClassVar[tuple[str, ...]] = DealStage._fields

    def rows_of(self, visits: list[Visit]) -> Iterable[Any]:
        """A row for each stage, in the order of their first visits."""
        stays: dict[str, list[Visit]] = {}
        for visit in visits:
            if visit.kind == "open":
                stays.setdefault(visit.stage, []).append(visit)
        return [
            DealStage(
                stage,
                first.stage_position,
                first.owner_id,
                first.entered_at,
                first.entered_precision,
                1 + len(others),
            )
            for stage, (first, *others) in stays.items()
        ]


class Step(NamedTuple):
    """A step that a deal is counted at, as the visit froze it that took it there."""

    stage: str
    stage_position: int
    owner_id: str | None
    entered_at: datetime | None
    entered_precision: "Precision"
    has_next: bool
    next_at: datetime | None
    next_precision: "Precision"
    is_implied: bool


class StepRows(VisitRows):
    """One row a deal and step."""

    fields: ClassVar[frozenset[str]] = frozenset(Step._fields)
    names: ClassVar[tuple[str, ...]] = Step._fields

    def __init__(self, steps: Steps, data: object, call: Call) -> None:
        self._steps = steps
        super().__init__(data, call)

    def joined(self, deals: Sequence[Deal]) -> Iterable[tuple[Any, Deal]]:
        """The rows of all deals, each with its deal."""
        steps = self._steps
        visits = {deal.id: visits_of(deal) for deal in deals}
        scopes: dict[str | None, list[Deal]] = {}
        for deal in deals:
            scopes.setdefault(deal.pipeline if steps.by_pipeline else None, []).append(deal)
        return [
            (row, deal)
            for scope in scopes.values()
            for order in (_order(steps, (v for deal in scope for v in visits[deal.id])),)
            for deal in scope
            for row in _Path(order, visits[deal.id]).rows(deal, steps.mode)
        ]


@attrs.frozen
class _Order:
    """The steps before a win: the names of the open stages, and where they stand."""

    names: tuple[str, ...]
    positions: tuple[int, ...]
    places: Mapping[str, int]

    @classmethod
    def of(cls, names: Sequence[str], positions: Iterable[int]) -> "_Order":
        return cls((*names,), (*positions,), {name: place for place, name in enumerate(names)})


def _order(steps: Steps, visits: Iterable[Visit]) -> _Order:
    """The order that is named, or the one that the visits to open stages froze.

    Raises:
        OptionError: if two stages stood at one position, or one stage at two.
    """
    if steps.stages is not None:
        return _Order.of(steps.stages, range(len(steps.stages)))
    seen = {(visit.stage_position, visit.stage) for visit in visits if visit.kind == "open"}
    ordered = sorted((place, stage) for place, stage in seen if place is not None)
    check_order(ordered, steps)
    return _Order.of([stage for _, stage in ordered], [place for place, _ in ordered])


def check_order(ordered: Sequence[tuple[int, str]], steps: Steps) -> None:
    """Refuse positions and stages, in order, that do not belong together one to one.

    Raises:
        OptionError: if two stages stood at one position, or one stage at two.
    """
    for (place, stage), (following, other) in pairwise(ordered):
        if place == following:
            fact = f"'{stage}' and '{other}' both stood at position {place}"
            raise _unordered(fact, steps)
    positions: dict[str, int] = {}
    for place, stage in ordered:
        if positions.setdefault(stage, place) != place:
            fact = f"'{stage}' stood at positions {positions[stage]} and {place}"
            raise _unordered(fact, steps)


def _unordered(fact: str, steps: Steps) -> OptionError:
    """The refusal of stages whose positions give no order."""
    other = "" if steps.by_pipeline else ", or by='pipeline'"
    hint = f"give stages=[…], their names in order{other}."
    msg = f"cannot order the stages: {fact}"
    return OptionError(msg, hint=hint, parameter="stages", value=None)


class _Path:
    """The way of one deal through the steps."""

    __slots__ = ("_at", "_order", "_visits", "_won")

    def __init__(self, order: _Order, visits: list[Visit]) -> None:
        self._order = order
        self._visits = visits
        self._at = [
            (order.places[visit.stage], visit)
            for visit in visits
            if visit.kind == "open" and visit.stage in order.places
        ]
        self._won = _winning(visits)

    def rows(self, deal: Deal, mode: str) -> Iterable[Step]:
        """Its rows; in strict mode, those of all it reached where its path has gaps."""
        if mode == "adjacent":
            return self._adjacent()
        if mode == "touched":
            return self._between(self._touched())
        if mode == "strict" and is_complete(deal):
            return self._between(self._strict())
        return self._between(self._reached())

    def _reached(self) -> list[Visit | None]:
        """For each step, the first visit that is there or beyond; for a won deal the win is."""
        marks = [self._won] * (len(self._order.names) + 1)
        begun = 0
        for place, visit in self._at:
            if place >= begun:
                marks[begun : place + 1] = [visit] * (place + 1 - begun)
                begun = place + 1
        return marks

    def _touched(self) -> list[Visit | None]:
        first = dict(reversed(self._at))
        return [*(first.get(step) for step in range(len(self._order.names))), self._won]

    def _strict(self) -> list[Visit | None]:
        """The first visits, up to the first that is missing or comes before the one before."""
        touched, number = self._touched(), 0
        for step, visit in enumerate(touched):
            if visit is None or visit.visit <= number:
                return [*touched[:step], *[None] * (len(touched) - step)]
            number = visit.visit
        return touched

    def _between(self, marks: list[Visit | None]) -> Iterable[Step]:
        """A row for each step with a visit, and what comes next."""
        visited = {place for place, _ in self._at}
        for step, (entry, following) in enumerate(pairwise(marks)):
            if entry is not None:
                moment: tuple[datetime | None, Precision] = (None, "instant")
                if following is not None:
                    moment = (following.entered_at, following.entered_precision)
                has_next, is_implied = following is not None, step not in visited
                yield self._row(step, entry, has_next, moment, is_implied=is_implied)

    def _adjacent(self) -> Iterable[Step]:
        """A row for each step that was left, and whether the following one came right after."""
        left: dict[int, list[Visit]] = {}
        for place, visit in self._at:
            if visit.next_stage is not None:
                left.setdefault(place, []).append(visit)
        for step, stays in sorted(left.items()):
            onward = next((visit for visit in stays if self._goes_on(step, visit)), None)
            moment: tuple[datetime | None, Precision] = (None, "instant")
            if onward is not None:
                moment = (onward.left_at, onward.left_precision)
            yield self._row(step, stays[0], onward is not None, moment, is_implied=False)

    def _goes_on(self, step: int, visit: Visit) -> bool:
        if step + 1 == len(self._order.names):
            return visit.next_kind == "won"
        place = self._order.places.get(str(visit.next_stage))
        return visit.next_kind == "open" and place == step + 1

    def _row(
        self,
        step: int,
        entry: Visit,
        has_next: bool,  # noqa: FBT001 - a column
        moment: "tuple[datetime | None, Precision]",
        *,
        is_implied: bool,
    ) -> Step:
        return Step(
            self._order.names[step],
            self._order.positions[step],
            entry.owner_id,
            entry.entered_at,
            entry.entered_precision,
            has_next,
            *moment,
            is_implied,
        )


def _winning(visits: list[Visit]) -> Visit | None:
    """The visit that won a deal: of one that is won now, the first since it was last open."""
    if not visits or visits[-1].kind != "won" or not visits[-1].is_current:
        return None
    found = visits[-1]
    for visit in reversed(visits):
        if visit.kind == "open":
            break
        if visit.kind == "won":
            found = visit
    return found


_TABLES: dict[TableName | DealsBy | Touched, Callable[[object, Call], RowTable]] = {
    "deals": DealRows,
    "visits": VisitRows,
    "stays": StayRows,
    "moves": MoveRows,
    "deal_stages": DealStageRows,
    "deals by lead": DealLeadRows,
    "touches": TouchRows,
}


def table_of(table: Table, data: object, call: Call) -> RowTable:
    """The rows of a table over objects."""
    if isinstance(table, Steps):
        return StepRows(table, data, call)
    if isinstance(table, Leads):
        return LeadRows(table, data, call)
    return _TABLES[table](data, call)
