"""The days of a period that are still to come, as days after the instant of a forecast."""

from bisect import bisect_right
from datetime import date, datetime, timedelta

import attrs

from salesflow.errors import OptionError
from salesflow.forecast._days import day_of
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.periods import Calendar, Period

_ONE = timedelta(days=1)
_US = timedelta(microseconds=1)


@attrs.frozen
class Window:
    """What is left of a period.

    Attributes:
        first: when it begins; 0 where it has begun. [days]
        last: when it ends. [days]
        dates: the calendar days in it, in the zone of the period.
        begins: when each of them begins. [days]
    """

    first: float
    last: float
    dates: tuple[date, ...]
    begins: tuple[float, ...]

    @classmethod
    def of(cls, period: Period, as_of: datetime) -> "Window":
        """What is left of a period at an instant.

        Raises:
            OptionError: if nothing is left.
        """
        if period.end <= as_of:
            msg = f"cannot simulate {period}: it was over at {as_of.isoformat()}"
            hint = "give a period that ends after the model's as_of."
            raise OptionError(msg, hint=hint, parameter="period", value=period)
        start = max(period.start, as_of)
        day = day_of(start, "instant", period.zone)
        last_day = day_of(period.end - _US, "instant", period.zone)
        calendar, dates, begins = Calendar(period.zone), [day], [_days(start - as_of)]
        while day < last_day:
            day += _ONE
            dates.append(day)
            begins.append(_days(calendar.between(day, day + _ONE).start - as_of))
        return cls(_days(start - as_of), _days(period.end - as_of), (*dates,), (*begins,))

    def date_at(self, days: float) -> date:
        """The calendar day of a moment; of one outside, the nearest."""
        return self.dates[max(bisect_right(self.begins, days) - 1, 0)]


def _days(span: timedelta) -> float:
    return span // _US / MICROSECONDS_A_DAY
