"""When a deal was created, closed, or is expected to close, by the columns that say so."""

from datetime import date, datetime
from typing import Any, NamedTuple

from salesflow.models.fold import Moment
from salesflow.models.moments import is_same_moment
from salesflow.periods import midnight
from salesflow.process._restoring import UNKNOWN


def to_moment(value: date | None) -> Moment:
    """A day or an instant as a history keeps it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        return value, "instant"
    return midnight(value), "day"


def to_day(value: date | None) -> date | None:
    """The calendar day of a moment, in UTC."""
    return value.date() if isinstance(value, datetime) else value


class Closing(NamedTuple):
    """When a deal was closed, and when it is expected to."""

    closed: Moment
    expected: date | None
    oddity: str | None = None


def closing_of(known: Any, outcome: str, *, is_won_expected: bool = False) -> Closing:
    """The closing of a deal with that outcome, from the fields of its row.

    A time of the outcome itself (won, lost) goes before one of any closing, and both before the
    column that holds the closing of a closed deal and the expected one of an open deal.

    Args:
        known: the row's fields.
        outcome: what became of the deal.
        is_won_expected: whether the day it is expected to be won stands in the column of the wins.
    """
    if outcome == "open":
        expected = to_day(known.expected_close or known.close)
        ends = (known.closed, known.lost, None if is_won_expected else known.won)
        is_odd = any(end is not None for end in ends)
        fact = "it is open, and says when it was closed: that is left out" if is_odd else None
        return Closing(UNKNOWN, expected, fact)
    own = known.won if outcome == "won" else known.lost
    expected = None if is_won_expected else to_day(known.expected_close)
    if own is None and known.closed is None:
        return Closing(to_moment(known.close), expected)
    moments = [value for value in (own, known.closed, known.close) if value is not None]
    closed, *others = map(to_moment, moments)
    if all(_is_same_day(closed, other) for other in others):
        return Closing(closed, expected)
    return Closing(closed, expected, "its columns say different days of its closing")


def _is_same_day(one: Moment, other: Moment) -> bool:
    return is_same_moment((one[0], "day"), (other[0], "day"))


class Latest:
    """The latest of the moments seen."""

    def __init__(self) -> None:
        """Begin with none."""
        self._instant: datetime | None = None
        self._is_day = False

    def see(self, moment: datetime | None, precision: str) -> None:
        """Take a moment into account."""
        if moment is not None and (self._instant is None or moment > self._instant):
            self._instant, self._is_day = moment, precision == "day"

    @property
    def value(self) -> date | None:
        """The latest: an instant, or a date where that is all that is known."""
        if self._instant is not None and self._is_day:
            return self._instant.date()
        return self._instant
