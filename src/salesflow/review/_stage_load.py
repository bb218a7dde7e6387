"""`StageLoad`: what goes through a stage, and what waits there."""

from typing import Any

import attrs

from salesflow.metrics.results import Result
from salesflow.money import Money


@attrs.frozen
class StageLoad(Result):
    """What goes through a stage, and what waits there.

    Attributes:
        n_arrivals: the visits that began in the window.
        n_departures: the visits that ended in it.
        growth: n_arrivals - n_departures.
        n_queue: the visits that last at ``as_of``.
        conversion_rate: of the departures whose next stage is known, the share that was not lost;
            None without one, or where the data does not tell.
        median_days: the median days of a visit, those that last censored (Kaplan-Meier); None where
            fewer than half have ended. [days]
        best_days: the days within which a quarter of the visits end, of the same curve; None where
            fewer have ended. [days]
        waiting: the amounts of the deals there at ``as_of``; None where the data has none.
        mean_queue: L of Little's law: the visits that lasted, on average over the window.
        arrivals_per_day: λ: the visits that began, a day.
        stay_days: L ÷ λ: the days that a visit which began in the window occupies the stage; None
            if none began. [days]
        mean_days: W: the mean of the visits that ended up to ``as_of``. [days]
        expected_queue: λ·W, which L comes close to where the stage is steady: a longer queue
            holds visits that last longer than those that ended.
        arriving_per_day: the amounts of the deals of the visits that began, a day.
        won_per_day: the amounts won from there in the window, a day.
        rank: its place among the stages by what it would free, from 1; None where that is unknown.
        frees: the money that would wait there no longer at the best quartile.
        frees_per_day: the money that would be won more each day.
        frees_visits: the visits that would wait there no longer.
        why: the reasoning behind its rank.
    """

    n_arrivals: int
    n_departures: int
    growth: int
    n_queue: int
    conversion_rate: float | None
    median_days: float | None
    best_days: float | None
    waiting: Money | None
    mean_queue: float | None
    arrivals_per_day: float | None
    stay_days: float | None
    mean_days: float | None
    expected_queue: float | None
    arriving_per_day: Money | None
    won_per_day: Money | None
    rank: int | None = None
    frees: Money | None = None
    frees_per_day: Money | None = None
    frees_visits: float | None = None
    why: str = ""

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it."""
        return {name: getattr(self, name) for name in _SHOWN}


_SHOWN = (
    *("rank", "n_arrivals", "n_departures", "n_queue", "conversion_rate"),
    *("median_days", "best_days", "waiting", "frees_per_day"),
)
