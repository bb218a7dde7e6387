"""The columns of `deals` and `visits` over objects, made on demand.

Durations are whole microseconds in here (``cycle_us``), so that sums are exact; the tables that
people see hold days.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import pairwise
from operator import attrgetter
from typing import Any

from salesflow.errors import ColumnError, closest, one_of
from salesflow.facts.activities import touches_of
from salesflow.facts.data import check_deals
from salesflow.facts.schema import DEALS, VISITS
from salesflow.facts.visits import Visit, is_complete, visits_of
from salesflow.models import Activity, Deal, Lead
from salesflow.models import events as ev
from salesflow.models.durations import microseconds, to_days
from salesflow.models.fold import Moment
from salesflow.models.past import Cut, as_of

_CUSTOM = "custom."
_NEARLY = 0.85

Ends = tuple[Moment, Moment]
"""What a duration is measured between."""


def read_deals(data: object, at: datetime | None = None) -> list[Deal]:
    """The deals of a call, as of an instant where one is given.

    Raises:
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice, or beside one of its aliases.
    """
    deals = check_deals(data)
    if at is None:
        return deals
    cut = Cut(at)
    day = cut.day
    for deal in deals:
        moment = vars(vars(deal)["history"][-1])["at"]
        if moment is not None and moment >= day:
            return [old for deal in deals for old in as_of(deal, cut)]
    return deals


def closing_of(deal: Deal) -> ev.StageChanged | ev.Restored | None:
    """The event that closed a deal last; None while it is open."""
    found = None
    if deal.outcome != "open":
        for event in reversed(deal.history):
            if isinstance(event, ev.StageChanged | ev.Restored):
                if event.stage_kind == "open":
                    break
                found = event
    return found


def _at_closing(name: str) -> Callable[[Deal], Any]:
    def value(deal: Deal) -> Any:
        if deal.outcome == "open":
            return getattr(deal, name)
        return getattr(closing_of(deal), name)

    return value


def cycle_us(deal: Deal) -> int | None:
    """Microseconds from created_at to closed_at; signed; None if either is unknown."""
    if deal.created_precision == deal.closed_precision == "instant":
        start, end = deal.created_at, deal.closed_at
        if start is None or end is None:
            return None
        span = end - start
        return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
    return microseconds(
        deal.created_at, deal.created_precision, deal.closed_at, deal.closed_precision
    )


def cycle_ends(deal: Deal) -> Ends:
    """From the opening to the last closing."""
    created: Moment = (deal.created_at, deal.created_precision)
    return created, (deal.closed_at, deal.closed_precision)


def first_stage_ends(deal: Deal) -> Ends:
    """From the entry into the first stage, if it is known to be the first."""
    visits = visits_of(deal)
    entered: Moment = (None, "instant")
    if visits and _is_first(visits[0], deal):
        entered = (visits[0].entered_at, visits[0].entered_precision)
    return entered, (deal.closed_at, deal.closed_precision)


def _is_first(visit: Visit, deal: Deal) -> bool:
    """Whether the first visit that is known is the first there was."""
    # A restored deal may be known in its closed stage alone, or from the middle on.
    if visit.kind != "open":
        return False
    if visit.stage_position == 0 or not isinstance(deal.history[0], ev.Restored):
        return True
    created: Moment = (deal.created_at, deal.created_precision)
    return microseconds(*created, visit.entered_at, visit.entered_precision) == 0


def first_stage_us(deal: Deal) -> int | None:
    """Microseconds from the entry into the first stage to closed_at."""
    return elapsed_us(first_stage_ends)(deal)


def elapsed_us(ends: Callable[[Deal], Ends]) -> Callable[[Deal], int | None]:
    """What measures the microseconds between two moments of a deal."""

    def elapsed(deal: Deal) -> int | None:
        start, end = ends(deal)
        return microseconds(*start, *end)

    return elapsed


def closed_spells(deal: Deal) -> list[Ends] | None:
    """The spells before its last closing in which it was closed; None if its path has gaps."""
    if not is_complete(deal):
        return None
    stays = visits_of(deal)
    # What follows the last open stage (a follow-up after a win) is no part of the cycle.
    last_open = max((n for n, visit in enumerate(stays) if visit.kind == "open"), default=0)
    return [
        ((stay.entered_at, stay.entered_precision), (stay.left_at, stay.left_precision))
        for stay in stays[:last_open]
        if stay.kind != "open"
    ]


def active_us(ends: Callable[[Deal], Ends]) -> Callable[[Deal], int | None]:
    """What measures the same without the spells in which the deal was closed."""

    def active(deal: Deal) -> int | None:
        spells = closed_spells(deal)
        if spells is None:
            return None
        # Whole days and exact hours do not subtract: one day among the ends makes all of them days.
        whole, *closed = _alike([ends(deal), *spells])
        elapsed = microseconds(*whole[0], *whole[1])
        if elapsed is None:
            return None
        return elapsed - sum(microseconds(*left, *back) or 0 for left, back in closed)

    return active


def _alike(spans: list[Ends]) -> list[Ends]:
    """All ends as days if one of them is a day; in UTC, as durations count an instant's date."""
    if all(precision == "instant" for span in spans for _, precision in span):
        return spans
    return [((start, "day"), (end, "day")) for (start, _), (end, _) in spans]


def _days(duration: Callable[[Deal], int | None]) -> Callable[[Deal], float | None]:
    def days(deal: Deal) -> float | None:
        return to_days(duration(deal))

    return days


def n_reopened(deal: Deal) -> int:
    """How often it went from a closed stage back to an open one."""
    kinds = [visit.kind == "open" for visit in visits_of(deal)]
    return sum(not before and after for before, after in pairwise(kinds))


def n_touches(deal: Deal) -> int:
    """How many touches were logged on it; a plan that was carried out counts once."""
    return len(touches_of(deal))


def n_touches_to_meeting(deal: Deal) -> int | None:
    """How many touches happened no later than its first meeting, that one too; None without one."""
    touches = touches_of(deal)
    meetings = [touch for touch in touches if touch.kind == "meeting"]
    if not meetings:
        return None
    # By date where only a day is known; on equal terms the exact one says more.
    first = min(meetings, key=lambda touch: (touch.occurred_at, touch.occurred_precision == "day"))
    return sum(_not_after(touch, first) for touch in touches)


def _not_after(one: Activity, other: Activity) -> bool:
    late = microseconds(
        other.occurred_at, other.occurred_precision, one.occurred_at, one.occurred_precision
    )
    return late is not None and late <= 0


def _amount(deal: Deal) -> Any:
    return None if deal.amount is None else deal.amount.amount


def _currency(deal: Deal) -> str | None:
    return None if deal.amount is None else deal.amount.currency


def _opening_owner(first: Any) -> str | None:
    owner: str | None = first.owner_id
    return owner


_OF_DEALS: dict[str, Callable[[Deal], Any]] = {
    "deal_id": attrgetter("id"),
    "owner_id": _at_closing("owner_id"),
    "owner_now_id": attrgetter("owner_id"),
    "opening_owner_id": lambda deal: _opening_owner(deal.history[0]),
    "source": _at_closing("source"),
    "amount": _amount,
    "currency": _currency,
    "cycle_days": _days(cycle_us),
    "active_days": _days(active_us(cycle_ends)),
    "n_reopened": n_reopened,
    "n_touches": n_touches,
    "n_touches_to_meeting": n_touches_to_meeting,
    "history_complete": is_complete,
    # What the metrics add up, exact.
    "cycle_us": cycle_us,
    "active_us": active_us(cycle_ends),
    "first_stage_us": first_stage_us,
    "active_first_stage_us": active_us(first_stage_ends),
}
_NAMES = tuple(column.name for column in DEALS)
_PLAIN = frozenset(_NAMES) - _OF_DEALS.keys()


def deal_reader(name: str) -> Callable[[Deal], Any]:
    """What reads a column off one deal: one of `schema.DEALS`, or ``custom.x``.

    Raises:
        ColumnError: for another name, naming the closest.
    """
    if name in _OF_DEALS:
        return _OF_DEALS[name]
    if name in _PLAIN:
        return attrgetter(name)
    if not str(name).startswith(_CUSTOM):
        raise _no_column(name, _NAMES)
    key = name.removeprefix(_CUSTOM)
    return lambda deal: deal.custom.get(key)


def check_column(name: object, deals: Sequence[Deal], others: Iterable[str] = ()) -> None:
    """Refuse what is neither a column nor a custom key, and what looks like a slip of the pen.

    A custom key that no deal has is missing everywhere, which is the group None; but if the deals
    have one that is nearly the same, that group would be a plausible wrong answer.

    Raises:
        ColumnError: naming the closest.
    """
    known = (*_NAMES, *others)
    if name in known:
        return
    keys = sorted({f"{_CUSTOM}{key}" for deal in deals for key in deal.custom})
    is_key = isinstance(name, str) and name.startswith(_CUSTOM)
    if name not in keys and (not is_key or get_close_matches(str(name), keys, cutoff=_NEARLY)):
        raise _no_column(name, (*known, *keys))


def _no_column(name: object, known: tuple[str, ...]) -> ColumnError:
    msg = f"cannot find column {name!r}: deals do not have it"
    hint = f"there is {one_of(closest(name, known))}, or custom.x for a key x of custom."
    return ColumnError(msg, hint=hint, column=name, known=known, faults=(f"no column {name!r}",))


def lead_ends(leads: Iterable[Lead]) -> Callable[[Deal], Ends]:
    """What finds the creation of a deal's lead, under whatever id it goes, and its closing."""
    created: dict[str | None, Moment] = {}
    for lead in leads:
        moment: Moment = (lead.created_at, lead.created_precision)
        created |= dict.fromkeys((lead.id, *lead.aliases), moment)

    def ends(deal: Deal) -> Ends:
        start = created.get(deal.lead_id, (None, "instant"))
        return start, (deal.closed_at, deal.closed_precision)

    return ends


def deal_columns(deals: Iterable[Deal], *, at: datetime | None = None) -> dict[str, list[Any]]:
    """The table `deals`, as lists by column name.

    Args:
        deals: the deals.
        at: as of when; the data as it stands unless given. [aware datetime]

    Returns:
        One list for each column of `schema.DEALS`, all in the order of the deals.

    Raises:
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice.

    Example:
        >>> from salesflow import Pipeline
        >>> table = deal_columns([Pipeline.standard().open("Acme", id="D-1")])
        >>> table["deal_id"], table["outcome"], table["amount"]
        (['D-1'], ['open'], [None])
    """
    read = read_deals(deals, at)
    return {column.name: [*map(deal_reader(column.name), read)] for column in DEALS}


def visit_columns(deals: Iterable[Deal], *, at: datetime | None = None) -> dict[str, list[Any]]:
    """The table `visits`, as lists by column name; see `deal_columns`.

    Example:
        >>> from salesflow import Pipeline
        >>> visit_columns([Pipeline.standard().open("Acme", id="D-1")])["stage"]
        ['prospecting']
    """
    rows = [visit for deal in read_deals(deals, at) for visit in visits_of(deal)]
    table: dict[str, list[Any]] = {}
    for column in VISITS:
        name = column.name
        table[name] = [_visit_days(v) if name == "days" else getattr(v, name) for v in rows]
    return table


def _visit_days(visit: Visit) -> float | None:
    return to_days(visit_us(visit))


def visit_us(visit: Visit) -> int | None:
    """How many microseconds a visit lasted; None while it lasts or where an end is unknown."""
    return microseconds(
        visit.entered_at, visit.entered_precision, visit.left_at, visit.left_precision
    )
