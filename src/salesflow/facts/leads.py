"""The table `leads`: what the history of a lead says, read off its frozen events.

No definition is asked: an event says which stage was entered, what that meant, and under whom. So
a lead is qualified when it first comes to the stage that is called so; the name is a parameter.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from operator import attrgetter
from typing import Any

from salesflow.errors import ColumnError, closest, one_of
from salesflow.facts.activities import is_later, touches_of
from salesflow.facts.data import check_leads
from salesflow.facts.schema import LEADS
from salesflow.models import Deal, Lead
from salesflow.models import events as ev
from salesflow.models.durations import microseconds
from salesflow.models.fold import Moment, restored_stays
from salesflow.models.past import Cut, as_of

QUALIFIED = "qualified"
"""What the stage of qualified leads is called, unless named."""

_UNKNOWN: Moment = (None, "instant")
_CUSTOM = "custom."
_NEARLY = 0.85

Reader = Callable[[Lead], Any]
"""What reads one column off a lead."""


def read_leads(data: object, at: datetime | None = None) -> list[Lead]:
    """The leads of a call, as of an instant where one is given.

    Raises:
        DataError: for anything but leads.
        OptionError: for an id that is there twice, or beside one of its aliases.
    """
    leads = check_leads(data)
    if at is None:
        return leads
    cut = Cut(at)
    return [old for lead in leads for old in as_of(lead, cut)]


def _entries(lead: Lead) -> Iterator[tuple[str, str, Moment]]:
    """The stages it came to, in order: name, kind, and when."""
    for event in lead.history:
        if isinstance(event, ev.Restored):
            for place, entered, _ in restored_stays(event):
                yield place.stage, place.stage_kind, entered
        elif isinstance(event, ev.Opened | ev.StageChanged | ev.Migrated):
            yield str(event.stage), event.stage_kind, (event.at, event.precision)


def first_touch(record: Deal | Lead, cut: Cut | None = None) -> Moment:
    """The earliest touch of the lead or deal itself; on equal terms the exact one says more."""
    touches = (touch for touch in touches_of(record) if not is_later(touch, cut))
    found = [(touch.occurred_at, touch.occurred_precision) for touch in touches]
    return min(found, key=lambda moment: (moment[0], moment[1] == "day"), default=_UNKNOWN)


def qualified(lead: Lead, stage: str = QUALIFIED) -> Moment:
    """When it first came to a stage."""
    return next((entered for name, _, entered in _entries(lead) if name == stage), _UNKNOWN)


def converted(lead: Lead) -> Moment:
    """When it first became a deal."""
    return next((entered for _, kind, entered in _entries(lead) if kind == "converted"), _UNKNOWN)


def disqualified(lead: Lead) -> Moment:
    """When it was disqualified, if it still is."""
    is_closed = lead.outcome == "disqualified"
    return (lead.closed_at, lead.closed_precision) if is_closed else _UNKNOWN


def is_converted(lead: Lead) -> bool:
    """Whether it ever became a deal, whatever became of that."""
    return lead.deal_id is not None or any(kind == "converted" for _, kind, _ in _entries(lead))


def _closing_of(lead: Lead) -> Any:
    """The event that closed it, with what was true then; the lead itself while it is open."""
    found: Any = lead
    for event in reversed(lead.history if lead.outcome != "open" else ()):
        kind = getattr(event, "stage_kind", lead.outcome)
        if kind != lead.outcome:
            break
        if isinstance(event, ev.Opened | ev.StageChanged | ev.Restored):
            found = event
    return found


def _span(end: Callable[[Lead], Moment]) -> Callable[[Lead], int | None]:
    """What measures the microseconds from the creation to a moment, signed."""
    return lambda lead: microseconds(lead.created_at, lead.created_precision, *end(lead))


def _moment(name: str, read: Callable[[Lead], Moment]) -> dict[str, Reader]:
    return {
        f"{name}_at": lambda lead: read(lead)[0],
        f"{name}_precision": lambda lead: read(lead)[1],
    }


def _reason(lead: Lead) -> str | None:
    return lead.reason if lead.outcome == "disqualified" else None


_OF_LEADS: dict[str, Reader] = {
    "lead_id": attrgetter("id"),
    "owner_id": lambda lead: _closing_of(lead).owner_id,
    "source": lambda lead: _closing_of(lead).source,
    **_moment("converted", converted),
    **_moment("disqualified", disqualified),
    "reason": _reason,
    # What the metrics count and add up, exact.
    "is_converted": is_converted,
    "is_disqualified": lambda lead: lead.outcome == "disqualified",
}
_NAMES = tuple(column.name for column in LEADS)
_PLAIN = frozenset(_NAMES) - _OF_LEADS.keys()


def lead_reader(name: str, qualified_stage: str = QUALIFIED, cut: Cut | None = None) -> Reader:
    """What reads a column off one lead: one of `schema.LEADS`, or ``custom.x``.

    Args:
        name: the column.
        qualified_stage: what the stage of qualified leads is called.
        cut: as of when the lead is.
    """

    def to_stage(lead: Lead) -> Moment:
        return qualified(lead, qualified_stage)

    def to_touch(lead: Lead) -> Moment:
        return first_touch(lead, cut)

    own = {**_moment("qualified", to_stage), "qualify_us": _span(to_stage)}
    own |= {**_moment("first_touch", to_touch), "touch_us": _span(to_touch)}
    found = own.get(name) or _OF_LEADS.get(name)
    if found is not None:
        return found
    if name in _PLAIN:
        return attrgetter(name)
    key = name.removeprefix(_CUSTOM)
    return lambda lead: lead.custom.get(key)


def check_lead_column(name: object, leads: Sequence[Lead]) -> None:
    """Refuse what is neither a column nor a custom key, and what looks like a slip of the pen.

    Raises:
        ColumnError: naming the closest.
    """
    if name in _NAMES:
        return
    keys = sorted({f"{_CUSTOM}{key}" for lead in leads for key in lead.custom})
    is_key = isinstance(name, str) and name.startswith(_CUSTOM)
    if name in keys or (is_key and not get_close_matches(str(name), keys, cutoff=_NEARLY)):
        return
    msg = f"cannot find column {name!r}: leads do not have it"
    known = (*_NAMES, *keys)
    hint = f"there is {one_of(closest(name, known))}, or custom.x for a key x of custom."
    raise ColumnError(msg, hint=hint, column=name, known=known, faults=(f"no column {name!r}",))


def lead_columns(
    leads: Iterable[Lead], *, at: datetime | None = None, qualified_stage: str = QUALIFIED
) -> dict[str, list[Any]]:
    """The table `leads`, as lists by column name.

    **Definition**: what the history of each lead says. ``first_touch_at`` is the earliest touch
    logged on the lead itself; ``qualified_at`` its first entry into the stage of qualified leads;
    ``converted_at`` its first conversion, whatever became of the deal; ``disqualified_at`` and
    ``reason`` are those of a lead that is disqualified. Of a closed lead, owner and source are
    those at its closing. What the history does not date is None.

    Args:
        leads: the leads.
        at: as of when; the data as it stands unless given. [aware datetime]
        qualified_stage: what the stage of qualified leads is called.

    Returns:
        One list for each column of `schema.LEADS`, all in the order of the leads.

    Raises:
        DataError: for anything but leads.
        OptionError: for a lead that is there twice.

    Example:
        >>> from datetime import UTC, datetime
        >>> from salesflow import LeadProcess
        >>> process, at = LeadProcess.standard(), datetime(2026, 1, 5, tzinfo=UTC)
        >>> lead = process.advance(process.open("Kim", id="L-1", channel="fair", at=at), at=at)
        >>> table = lead_columns([process.advance(lead, at=at)])
        >>> table["lead_id"], table["channel"], table["qualified_at"] == [at]
        (['L-1'], ['fair'], True)
    """
    read = read_leads(leads, at)
    cut = None if at is None else Cut(at)
    readers = ((name, lead_reader(name, qualified_stage, cut)) for name in _NAMES)
    return {name: [*map(reader, read)] for name, reader in readers}
