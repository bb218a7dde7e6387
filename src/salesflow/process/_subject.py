"""What a requirement may ask about a deal or a lead: the names, their types, and how to read them.

A name is a field of `Deal` or `Lead`, ``custom.x`` for a key x of ``custom``, or a count, such as
``n_meetings``.
"""

from collections.abc import Callable, Sized
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.models import Activity, Deal, Lead
from salesflow.models.events import ActivityLogged
from salesflow.money import Money
from salesflow.process._text import is_text, plain_text

if TYPE_CHECKING:
    from salesflow.models._history import History

Subject = Deal | Lead

Kind = Literal["text", "number", "money", "date", "instant", "several", "count", "custom"]
"""What sort of value stands under a name."""

CUSTOM = "custom."

_FIELDS: dict[Kind, tuple[str, ...]] = {
    "text": (
        *("id", "name", "pipeline", "stage", "outcome", "owner_id", "source", "channel"),
        *("account_id", "lead_id", "deal_id", "category", "category_source", "probability_source"),
        *("loss_reason", "reason", "disposition", "lost_at_stage"),
    ),
    "number": ("probability", "pipeline_version", "stage_position", "lost_at_position"),
    "money": ("amount",),
    "date": ("expected_close_on", "revisit_on"),
    "instant": ("created_at", "lead_created_at", "stage_entered_at", "closed_at"),
    "several": ("contact_ids", "links", "aliases", "custom"),
}
_KINDS: dict[str, Kind] = {name: kind for kind, names in _FIELDS.items() for name in names}

THINGS = {
    "n_activities": ("activity", "activities"),
    "n_touches": ("touch", "touches"),
    "n_calls": ("call", "calls"),
    "n_emails": ("e-mail", "e-mails"),
    "n_meetings": ("meeting", "meetings"),
    "n_demos": ("demo", "demos"),
    "n_messages": ("message", "messages"),
    "n_notes": ("note", "notes"),
    "n_contacts": ("contact", "contacts"),
}
"""The counts, and what one and several of it are called."""

NOT_THERE = object()
"""What stands under a field that the subject's model does not have."""


def name_of(value: object) -> str:
    """A name that may be asked for.

    Raises:
        OptionError: for any other, naming the closest.
    """
    if is_text(value):
        text = plain_text(value)
        if text in _KINDS or text in THINGS or (text.startswith(CUSTOM) and text != CUSTOM):
            return text
    near = one_of(closest(value, (*_KINDS, *THINGS)))
    msg = f"cannot require {shown(value)}: neither a deal nor a lead has it"
    hint = f"there is {near}, or custom.x for a key x of custom."
    raise OptionError(msg, hint=hint, parameter="name", value=value)


def kind_of(name: str) -> Kind:
    """What sort of value stands under a name."""
    if name in THINGS:
        return "count"
    return _KINDS.get(name, "custom")


def lacks(model: type[Subject], name: str) -> bool:
    """Whether a deal, or a lead, has no such field."""
    return name in _KINDS and name not in model.model_fields


@cache
def reader(name: str) -> Callable[[Subject], Any]:
    """What reads the value under a name; made once, so that no move parses it again."""
    if name in THINGS:
        return _COUNTERS[name]
    if name in _KINDS:
        return partial(_field, name)
    return partial(_custom, name.removeprefix(CUSTOM))


def _field(name: str, subject: Subject) -> Any:
    return subject.__dict__.get(name, NOT_THERE)


def _custom(key: str, subject: Subject) -> Any:
    return subject.custom.get(key)


def done_activities(subject: Subject) -> tuple[Activity, ...]:
    """The activities that have happened, in the order they came up.

    Each counts once, as it was logged last: a plan that was carried out is one.
    """
    history = subject.history
    read, activities = _Last.read
    if read is not history:
        logged: dict[str, Activity] = {}
        for event in history:
            if type(event) is ActivityLogged:
                activity = event.activity
                logged[activity.id] = activity
        done = [activity for activity in logged.values() if activity.occurred_at is not None]
        activities = tuple(done)
        _Last.read = history, activities
    return activities


def logged_since_entry(subject: Subject) -> set[str]:
    """The ids of the activities recorded since it entered the present stage.

    Where only the day is known, or two things share an instant, the order of the history tells
    that what was recorded before the entry happened before it.
    """
    history = subject.history
    entry = max(number for number, event in enumerate(history) if _is_entry(event))
    return {event.activity.id for event in history[entry:] if type(event) is ActivityLogged}


def _is_entry(event: Any) -> bool:
    if event.type == "migrated":
        return bool(event.stage != event.from_stage)
    return event.type in ("opened", "restored", "stage_changed")


def is_told(subject: Subject, *, since_entry: bool = False) -> bool:
    """Whether its history tells all that was done, or all since it entered the present stage.

    What was done before it was taken over from elsewhere is not known.
    """
    if subject.history[0].type != "restored":
        return True
    return since_entry and any(event.type == "stage_changed" for event in subject.history)


class _Last:
    """The history that was read last: the requirements of one move read it once together.

    Both are put there at once, so a thread sees a history and what is in it, or another pair.
    """

    read: "tuple[History, tuple[Activity, ...]]" = ((), ())


def _n_activities(subject: Subject) -> int:
    return len(done_activities(subject))


def _n_touches(subject: Subject) -> int:
    return sum(activity.is_touch for activity in done_activities(subject))


def _n_of_kind(kind: str, subject: Subject) -> int:
    return [activity.kind for activity in done_activities(subject)].count(kind)


def _n_contacts(subject: Subject) -> int:
    return len(subject.contact_ids)


_COUNTERS: dict[str, Callable[[Subject], int]] = {
    "n_activities": _n_activities,
    "n_touches": _n_touches,
    "n_calls": partial(_n_of_kind, "call"),
    "n_emails": partial(_n_of_kind, "email"),
    "n_meetings": partial(_n_of_kind, "meeting"),
    "n_demos": partial(_n_of_kind, "demo"),
    "n_messages": partial(_n_of_kind, "message"),
    "n_notes": partial(_n_of_kind, "note"),
    "n_contacts": _n_contacts,
}


def is_lower_bound(subject: Subject, name: str) -> bool:
    """Whether a count may be higher: of activities, where what came before is not known."""
    return name in THINGS and name != "n_contacts" and not is_told(subject)


def no_field(subject: Subject, name: str) -> str:
    """That a deal, or a lead, has no such field."""
    return f"a {type(subject).__name__.lower()} has no {name}"


def is_empty(value: object) -> bool:
    """Whether a value is no text, list or mapping with anything in it."""
    return isinstance(value, Sized) and not len(value)


_MAX_SHOWN = 60


def told(value: object) -> str:
    """A value as a message tells it, cut where it is long."""
    if isinstance(value, Money):
        return str(value)
    text = str(value) if isinstance(value, date) else shown(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
