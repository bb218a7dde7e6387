"""The spans that cash is added up in: days, or periods that follow each other."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, get_args

from salesflow.errors import OptionError, shown
from salesflow.forecast.cash_results import Span
from salesflow.metrics._buckets import fill
from salesflow.metrics.options import check_choice
from salesflow.periods import Calendar, Period


class Spans:
    """The span that each day lies in; each is found once."""

    def __init__(self, every: Span, calendar: Calendar | None, choices: Any = Span) -> None:
        check_choice("every", every, get_args(choices))
        given: object = calendar
        if given is not None and not isinstance(given, Calendar):
            msg = f"cannot take calendar={shown(calendar)}: it is no Calendar"
            hint = "give one, such as Calendar('Asia/Seoul')."
            raise OptionError(msg, hint=hint, parameter="calendar", value=calendar)
        self.every: Span = every
        self.calendar = calendar or Calendar()
        self._number: dict[date, int] = {}
        self._found: dict[date | Period, int] = {}

    def number(self, day: date) -> int:
        """The number of its span: equal for days of one span, and in no order."""
        number = self._number.get(day)
        if number is None:
            span = day if self.every == "day" else self.calendar.containing(self.every, day)
            number = self._number[day] = self.number_of(span)
        return number

    def number_of(self, span: date | Period) -> int:
        """The number of a span."""
        return self._found.setdefault(span, len(self._found))

    def numbered(self) -> Mapping[date | Period, int | None]:
        """The spans in their order, and the number of each; of the empty ones between, none.

        Days without anything due are no rows: there may be very many.
        """
        if self.every == "day":
            return {day: self._found[day] for day in sorted(self._days())}
        periods = (span for span in self._found if isinstance(span, Period))
        return {period: self._found.get(period) for period in fill(periods)}

    def _days(self) -> Iterable[date]:
        return (span for span in self._found if not isinstance(span, Period))
