"""How the verbs make events: when, by whom, checked, and in order."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from salesflow.errors import EventOrderError, FieldError, OptionError, closest, one_of, shown
from salesflow.models.moments import later_event
from salesflow.periods import midnight, require_aware
from salesflow.process.actor import By, id_of

if TYPE_CHECKING:
    from salesflow.models import Deal, Lead
    from salesflow.models._base import Precision, Value

T = TypeVar("T", bound="Value")

When = tuple[date | None, By]
"""``at`` and ``by``, as a verb was given them."""


Stamp = tuple[datetime, "Precision", str | None]
"""When an event happens, how exactly that is known, and by whom."""


def moment(value: object, parameter: str) -> "tuple[datetime, Precision]":
    """An aware datetime in UTC, or a day as midnight UTC, with its precision."""
    if isinstance(value, datetime):
        if value.tzinfo is UTC and type(value) is datetime:
            return value, "instant"
        try:
            return require_aware(value, parameter).astimezone(UTC), "instant"
        except OverflowError as error:
            msg = f"cannot use {parameter} {value}: in UTC it is beyond the calendar"
            raise OptionError(msg, parameter=parameter, value=value) from error
    if isinstance(value, date):
        return midnight(value), "day"
    msg = f"cannot use {parameter} {shown(value)}: it is no datetime and no date"
    raise OptionError(
        msg, hint="give an aware datetime, or a date.", parameter=parameter, value=value
    )


def known_moment(value: date | None, parameter: str) -> "tuple[datetime | None, Precision]":
    """A moment that may be unknown."""
    return (None, "instant") if value is None else moment(value, parameter)


def stamp(when: When) -> Stamp:
    """The stamp of an event; without ``at``, the one place that reads the clock."""
    at, by = when[0], id_of(when[1])
    if at is None:
        return datetime.now(UTC), "instant", by
    instant, precision = moment(at, "at")
    return instant, precision, by


def stamp_after(subject: "Deal | Lead", when: When) -> Stamp:
    """The stamp of the next event of a deal or lead, refused if it is before the last one."""
    now = stamp(when)
    check_order(subject, now)
    return now


def check_order(subject: "Deal | Lead", now: Stamp) -> None:
    """Refuse an event before one that the deal or lead has."""
    at = now[0]
    later = later_event(subject.history, at, now[1])
    if later is not None:
        what = f"{subject._word} '{subject.id}'"
        msg = f"cannot date an event of {what} {at}: its last one was at {later.at}"
        hint = "record events in order; an activity may have an earlier occurred_at."
        raise EventOrderError(msg, hint=hint, deal_id=subject.id, at=at, last_at=later.at)


def stamped(now: Stamp) -> dict[str, Any]:
    """A stamp as the fields of an event."""
    return dict(zip(("at", "precision", "by"), now, strict=True))


def make(model: type[T], what: str, **fields: Any) -> T:
    """A validated model; what its fields do not take is one error of ours with all faults."""
    try:
        made = model(**fields)
    except ValidationError as error:
        faults = faults_of(error)
        listed = "; ".join(faults)
        msg = f"cannot {what}: {listed}"
        raise FieldError(msg, faults=faults) from error
    made._share_fields_set()
    return made


def faults_of(error: ValidationError) -> tuple[str, ...]:
    """Its faults, each with the path to the value."""
    return tuple(_fault(fault) for fault in error.errors(include_url=False))


def _fault(fault: Mapping[str, Any]) -> str:
    path = ".".join(str(part) for part in fault["loc"])
    return f"{path}: {fault['msg']}" if path else str(fault["msg"])


def check_names(what: str, fields: Mapping[str, Any], known: frozenset[str]) -> None:
    """Refuse a field that the verb does not set, instead of dropping it."""
    unknown = sorted(fields.keys() - known)
    if unknown:
        msg = f"cannot {what}: it does not set {one_of(unknown)}"
        near = one_of(closest(unknown[0], sorted(known)))
        hint = f"it sets {near}."
        raise OptionError(msg, hint=hint, parameter="fields", value=unknown[0])


def next_id(subject: "Deal | Lead", offset: int = 1) -> str:
    """The id of the event that comes ``offset`` after the last one."""
    return f"{subject.id}:{len(subject.history) + offset}"
