"""Which period a moment falls into, for many moments at once."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from salesflow.errors import OptionError
from salesflow.periods import Period

if TYPE_CHECKING:
    from salesflow.metrics.options import Call
    from salesflow.models._base import Precision


class Buckets:
    """Periods that follow each other without a gap."""

    __slots__ = ("days", "instants", "periods")

    def __init__(self, periods: Sequence[Period]) -> None:
        self.periods = periods
        ends = [periods[-1].end] if periods else []
        wall_ends = [periods[-1].wall_end] if periods else []
        self.instants = [*(period.start for period in periods), *ends]
        self.days = [*(period.wall_start for period in periods), *wall_ends]

    def find(
        self, moments: Iterable[datetime | None], precisions: Iterable["Precision"]
    ) -> list[Period | None]:
        """The period of each moment; None for one that is unknown or in none of them."""
        found: list[Period | None] = []
        last = len(self.periods)
        for moment, precision in zip(moments, precisions, strict=True):
            if moment is None:
                found.append(None)
                continue
            bounds = self.instants if precision == "instant" else self.days
            place = bisect_right(bounds, moment)
            found.append(self.periods[place - 1] if 0 < place <= last else None)
        return found


def named_buckets(call: "Call") -> Buckets:
    """The periods that a call names: the one it gives, cut up if it asks for that.

    Raises:
        OptionError: if the period does not begin and end with what it is cut into.
    """
    if call.period is None or call.every is None:
        return Buckets([] if call.period is None else [call.period])
    parts = [*call.cut_by.periods(call.every, call.period.start, call.period.end)]
    if (parts[0].start, parts[-1].end) != (call.period.start, call.period.end):
        msg = f"cannot cut period {call.period} by {call.every}: it is no row of whole ones"
        hint = "give a period that begins and ends with one, or the calendar that made it."
        raise OptionError(msg, hint=hint, parameter="every", value=call.every)
    return Buckets(parts)


def found_buckets(call: "Call", instants: Sequence[datetime], days: Sequence[datetime]) -> Buckets:
    """The periods that hold any of the moments, and those between."""
    every = call.every or "year"
    moments: list[date] = [extreme(instants) for extreme in (min, max) if instants]
    moments += [extreme(days).date() for extreme in (min, max) if days]
    return Buckets(fill(call.cut_by.containing(every, moment) for moment in moments))


def later(moment: datetime | None, days: int) -> datetime | None:
    """The moment some days later; None if there is none, or none before the calendar ends."""
    if moment is None or not days:
        return moment
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return None


def fill(periods: Iterable[Period]) -> list[Period]:
    """The periods in order, with those between them."""
    known = sorted(periods, key=lambda period: period.start)
    filled = known[:1]
    while known and filled[-1].start < known[-1].start:
        filled.append(filled[-1].next())
    return filled
