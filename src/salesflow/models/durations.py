"""How long it is from one moment to another, exact; moments as numbers."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from salesflow.periods import days_between

if TYPE_CHECKING:
    from salesflow.models._base import Precision

MICROSECONDS_A_DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(
    start: datetime | None,
    start_precision: "Precision",
    end: datetime | None,
    end_precision: "Precision",
) -> int | None:
    """How long from one moment to another, signed, exact; whole days where a day is involved.

    An instant beside a day counts by its calendar date in UTC. None if a moment is unknown.
    """
    if start is None or end is None:
        return None
    if start_precision == end_precision == "instant":
        span = end - start
    else:
        span = days_between(start, end)
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def to_days(span: int | None) -> float | None:
    """Microseconds as days."""
    return None if span is None else span / MICROSECONDS_A_DAY


def to_us(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(moment: int) -> datetime:
    """The instant so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=moment)
