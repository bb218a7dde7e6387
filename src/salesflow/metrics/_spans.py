"""The two spans of a comparison, each with the instant that the data is taken at."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import attrs

from salesflow.errors import OptionError, shown
from salesflow.periods import Period, get_zone, wall_time

_TICK = timedelta(microseconds=1)


def require_period(parameter: str, value: object) -> None:
    if not isinstance(value, Period):
        msg = f"cannot take {parameter}={shown(value)}: it is no Period"
        hint = "give one, such as Period.parse('2026-Q1')."
        raise OptionError(msg, hint=hint, parameter=parameter, value=value)


def checked(period: Period, previous: Period) -> Period:
    """The previous period, if it is one to compare with."""
    require_period("previous", previous)
    lengths = [span.wall_end - span.wall_start for span in (period, previous)]
    alike = period.kind == previous.kind and period.zone == previous.zone
    fault = None
    if not alike or (period.kind == "custom" and lengths[0] != lengths[1]):
        fault = "they differ in kind, length or zone"
    elif previous.start >= period.start:
        fault = "it does not come before"
    if fault is not None:
        msg = f"cannot compare period {period} with {previous}: {fault}"
        hint = f"give an earlier one like it, such as {period.previous()}."
        raise OptionError(msg, hint=hint, parameter="previous", value=previous)
    return previous


@attrs.frozen
class Window:
    """A period, and the instant that the data is taken at."""

    period: Period
    as_of: datetime | None

    def options(self) -> dict[str, Any]:
        """What it asks of a metric."""
        asked = {"period": self.period, "as_of": self.as_of}
        return {name: value for name, value in asked.items() if value is not None}


def equally_far(period: Period, before: Period, as_of: datetime) -> tuple[Window, Window]:
    """Both periods, equally far; each as of equally long after its start, or after its end."""
    if as_of < period.start:
        msg = f"cannot compare period {period} as of {as_of.isoformat()}: it had not begun"
        hint = f"give a later as_of, or {period.previous()}."
        raise OptionError(msg, hint=hint, parameter="as_of", value=as_of)
    wall = wall_time(as_of.astimezone(get_zone(period.zone)))
    if as_of >= period.end:
        return Window(period, as_of), Window(before, _at(wall, period.wall_end, before, as_of))
    then = _at(wall, period.wall_start, before, as_of, from_start=True)
    return Window(_cut(period, as_of), as_of), Window(_cut(before, then), then)


def _at(
    wall: datetime, since: datetime, before: Period, as_of: datetime, *, from_start: bool = False
) -> datetime:
    """As long after the start or end of the other period, in the zone that as_of was given in."""
    begin = before.wall_start if from_start else before.wall_end
    moved = (begin + (wall - since)).replace(tzinfo=get_zone(before.zone))
    return moved.astimezone(UTC).astimezone(as_of.tzinfo)


def _cut(period: Period, as_of: datetime) -> Period:
    """The period up to an instant, which is still in it, as it is in the data as of then."""
    # So is the day that the calendar shows there, even where that day is yet to begin here.
    today = datetime.combine(as_of.date(), time(), get_zone(period.zone)).astimezone(UTC)
    end = max(as_of.astimezone(UTC), today) + _TICK
    return period if end >= period.end else period.calendar.between(period.start, end)
