"""When a deal was created, closed, or is expected to close, by the columns that say so."""

from collections.abc import Sequence
from datetime import date, datetime
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import attrs

from salesflow.models.fold import Moment
from salesflow.models.moments import is_same_moment
from salesflow.periods import midnight
from salesflow.process._restoring import UNKNOWN

if TYPE_CHECKING:
    from salesflow.crm._fields import Values
    from salesflow.models._base import Precision


def to_moment(value: date | None) -> Moment:
    """A day or an instant as a history keeps it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        return value, "instant"
    return midnight(value), "day"


def to_moments(values: Sequence[date | None]) -> tuple[list[datetime | None], list["Precision"]]:
    """Days and instants as histories keep them, and which of the two each is."""
    if _INSTANTS.issuperset(map(type, values)):
        return cast("list[datetime | None]", [*values]), ["instant"] * len(values)
    moments = [*map(to_moment, values)]
    return [moment for moment, _ in moments], [precision for _, precision in moments]


_INSTANTS = frozenset((datetime, NoneType))


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


class Ends(NamedTuple):
    """What the columns of a row say of its end; by name as `closing_of` asks for it."""

    closed: date | None
    won: date | None
    lost: date | None
    close: date | None
    expected_close: date | None


@attrs.frozen
class Closings:
    """The closings of several deals."""

    closed: list[datetime | None]
    precisions: "list[Precision]"
    expected: list[date | None]
    oddities: list[str | None]


def closings_of(
    values: "Values", outcomes: Sequence[str], *, is_won_expected: bool = False
) -> Closings:
    """The closing of each deal with that outcome, as `closing_of` tells it from its row."""
    if values.by_field.keys().isdisjoint(_OTHER_ENDS):
        closes = values["close"]
        are_open = [outcome == "open" for outcome in outcomes]
        ends = [None if o else close for o, close in zip(are_open, closes, strict=True)]
        expected = [to_day(close) if o else None for o, close in zip(are_open, closes, strict=True)]
        return Closings(*to_moments(ends), expected, [None] * len(ends))
    rows = zip(*(values[name] for name in Ends._fields), strict=True)
    found = [
        closing_of(Ends(*row), outcome, is_won_expected=is_won_expected)
        for row, outcome in zip(rows, outcomes, strict=True)
    ]
    moments = [closing.closed for closing in found]
    return Closings(
        [moment for moment, _ in moments],
        [precision for _, precision in moments],
        [closing.expected for closing in found],
        [closing.oddity for closing in found],
    )


_OTHER_ENDS = ("closed", "won", "lost", "expected_close")
"""The columns beside the one of the closing of a closed deal and the expected one of an open."""


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
