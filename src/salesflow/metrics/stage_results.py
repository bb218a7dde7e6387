"""The results of the metrics of stages: how long, how many went on, and where to."""

from typing import ClassVar

import attrs

from salesflow.metrics.results import Result


@attrs.frozen
class StageTime(Result):
    """How long deals stay in a stage.

    Attributes:
        n_visits: the finished visits, whose ends are both known, and those that last at
            ``as_of``, whose entry is known.
        n_open: the visits that last at ``as_of``.
        total_days: all of them together, up to ``as_of``. [days]
        mean_days: the mean of finished ones; None without one. [days]
        median_days: the median of finished ones; None without one. [days]
        current_days: those that last, together, up to ``as_of``. [days]
    """

    headline: ClassVar[str] = "mean_days"

    n_visits: int
    n_open: int
    total_days: float
    mean_days: float | None
    median_days: float | None
    current_days: float


@attrs.frozen
class StageConversion(Result):
    """What share of the deals went on from a stage.

    Attributes:
        value: n_next ÷ n_entered; None if nothing entered.
        n_entered: the deals that entered the stage; with ``mode="adjacent"``, of those that left.
        n_next: of these, the deals that went on to the next one; with ``basis="moved"`` the deals
            that did so in the period, whenever they entered.
        n_implied: of those that entered, the deals without a visit: they passed it over.
        interval: the 95 % Wilson score interval; None on 0, and with ``basis="moved"``, where the
            one is no part of the other.
    """

    value: float | None
    n_entered: int
    n_next: int
    n_implied: int
    interval: tuple[float, float] | None


@attrs.frozen
class StageFlow(Result):
    """How often deals went from one stage to another.

    Attributes:
        n_moves: the moves.
        share: of all moves out of the stage; None if there are none.
        direction: ``forward``, ``skip``, ``back``, ``won``, ``lost``, ``reopened`` or
            ``followed_up``; None where positions do not tell, or differ from move to move.
    """

    headline: ClassVar[str] = "share"

    n_moves: int
    share: float | None
    direction: str | None
