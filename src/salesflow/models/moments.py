"""When one moment is before another, where one or both are days without a time."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from salesflow.models._base import Precision


def is_before(
    one: datetime, one_precision: Precision, other: datetime, other_precision: Precision
) -> bool:
    """Whether one moment is before another; a day counts by calendar date, in UTC."""
    if one_precision == other_precision == "instant":
        return one < other
    return one.toordinal() < other.toordinal()


def is_same_moment(one: Any, other: Any) -> bool:
    """Whether neither is before the other; a day and an instant of it are the same."""
    return not is_before(*one, *other) and not is_before(*other, *one)


def moment_is_after(
    moment: datetime, precision: Precision, at: datetime, wall_at: datetime
) -> bool:
    """Whether a moment lies after an instant; a day counts by the date the wall clock shows."""
    return moment > (at if precision == "instant" else wall_at)


def later_event(history: Sequence[Any], at: datetime, precision: Precision) -> Any:
    """The event of a history that a next one at that moment would precede; None if it may come.

    A day is neither before nor after an instant of that day, so the last event alone does not do.
    """
    for event in reversed(history):
        if event.at is not None and is_before(at, precision, event.at, event.precision):
            return event
        if event.precision == "instant":
            break
    return None


def latest(*moments: tuple[datetime | None, Precision]) -> tuple[datetime | None, Precision]:
    """The latest of the known moments and its precision."""
    known = [(moment, precision) for moment, precision in moments if moment is not None]
    return max(known, key=itemgetter(0), default=(None, "instant"))
