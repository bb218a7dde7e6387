"""What a stage model says: of one deal, of many, and of the stages themselves."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import attrs

from salesflow.forecast._curves import Curve
from salesflow.metrics import Result

_NOISE = 1e-12
# Chances are sums of many roundings.


@attrs.frozen(kw_only=True)
class WinCurve(Curve):
    """What becomes of a deal, day by day: a row a day, the first for now.

    Attributes:
        deal_id: the deal.
        days: days after ``as_of``, 0 first. [days]
        won: the chance that it is won by then.
        lost: the chance that it is lost by then.
        open: the chance that it is still open; the three are 1 together.
    """

    deal_id: str
    days: tuple[int, ...]
    won: tuple[float, ...]
    lost: tuple[float, ...]
    open: tuple[float, ...]

    def _columns(self) -> Mapping[str, Sequence[Any]]:
        return {"day": self.days, "won": self.won, "lost": self.lost, "open": self.open}

    @staticmethod
    def _time_kind() -> str:
        return "int"


@attrs.frozen(kw_only=True)
class ExpectedClose(Result):
    """When a deal is won, if it is.

    Attributes:
        deal_id: the deal.
        on: the day by which half of such wins have come; None where the curve ends before.
        low_on: the day by which the earliest have come; None where the curve ends before.
        high_on: the day by which all but the latest have come; None where the curve ends before.
        days: how long until ``on``. [days]
        low_days: how long until ``low_on``. [days]
        high_days: how long until ``high_on``. [days]
        coverage: the share of wins from ``low_on`` to ``high_on``.
    """

    deal_id: str
    on: date | None
    low_on: date | None
    high_on: date | None
    days: int | None
    low_days: int | None
    high_days: int | None
    coverage: float


def day_reached(won: Sequence[float], closed: float, share: float) -> int | None:
    """The first day by which a share of all wins has come; None where the curve ends before.

    Args:
        won: the chance of a win by each day, the last of them above 0.
        closed: the chance that it is closed by the last day: those that are open then are won in
            the same share, and later.
        share: the share. [0..1]
    """
    place = bisect_left(won, share * won[-1] / closed - _NOISE)
    return place if place < len(won) else None


@attrs.frozen(kw_only=True)
class WinChance(Result):
    """The chance that a deal is won.

    Attributes:
        value: the chance, 0 to 1; None where it is unknown, and ``left_out`` says why.
    """

    value: float | None


@attrs.frozen(kw_only=True)
class StageChances(Result):
    """How often and how fast deals go on from a stage.

    Attributes:
        n_visits: the visits to it.
        n_ended: those that have ended.
        won: the share of visits that lead to a win at once, within the days looked ahead.
        lost: the share that is lost.
        onward: the share that goes on to a later stage.
        back: the share that goes back to an earlier stage, or to the same one again.
        median_days: the first day by which half have ended; None where that is not reached. [days]
        win_probability: the chance that a deal which enters is won in the end, through whatever
            stages, within the days looked ahead.
    """

    n_visits: int
    n_ended: int
    won: float
    lost: float
    onward: float
    back: float
    median_days: int | None
    win_probability: float
