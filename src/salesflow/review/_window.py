"""The span of a review: what was before it, what happened in it, and what after."""

from datetime import datetime, timedelta

from salesflow.errors import OptionError, PeriodError
from salesflow.models.past import Cut
from salesflow.periods import midnight, require_aware

_TICK = timedelta(microseconds=1)


class Window:
    """From the state just before one instant to the state just before another.

    So the windows of two weeks that follow each other meet, and a window that begins and ends as a
    period does holds what the period holds.
    """

    __slots__ = ("end", "start")

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = just_before(start, "start")
        self.end = just_before(end, "end")
        if self.end.at < self.start.at:
            msg = f"cannot look from {start.isoformat()} to {end.isoformat()}: the end comes first"
            raise PeriodError(msg, hint="exchange them.", value=start)
        # Clocks of two zones may show an earlier day at the end: what was known stays known.
        _place(self.end, self.end.at, max(self.start.wall, self.end.wall))


def just_before(at: datetime, parameter: str) -> Cut:
    """The cut that leaves out what happens at the instant itself.

    Raises:
        NaiveDatetimeError: for an instant without a zone.
        OptionError: for no datetime, and for the first instant of all, before which nothing is.
    """
    cut = Cut(require_aware(at, parameter))
    try:
        _place(cut, cut.at - _TICK, cut.wall - _TICK)
    except OverflowError:
        msg = f"cannot use {parameter} {at.isoformat()}: nothing lies before it"
        hint = "give a later one."
        raise OptionError(msg, hint=hint, parameter=parameter, value=at) from None
    return cut


def _place(cut: Cut, at: datetime, wall: datetime) -> None:
    cut.at, cut.wall = at, wall
    cut.day = midnight(min(at, wall).date())
