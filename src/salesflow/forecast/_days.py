"""The day that an instant, or a moment known by its day, is on somewhere."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from salesflow.errors import PeriodError
from salesflow.periods import get_zone

if TYPE_CHECKING:
    from salesflow.models._base import Precision


def day_of(moment: datetime, precision: "Precision", zone: str) -> date:
    """The calendar day of a moment in a zone; a day stays what it is.

    Raises:
        PeriodError: for an instant that is no day there, at the ends of the calendar.
    """
    if precision == "day":
        return moment.date()
    try:
        return moment.astimezone(get_zone(zone)).date()
    except OverflowError:
        msg = f"cannot tell the day of {moment.isoformat()} in {zone}: it is beyond the calendar"
        raise PeriodError(msg, value=moment) from None
