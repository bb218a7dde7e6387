"""`cycle_time`."""

from typing import Literal, Unpack, overload

from salesflow.errors import OptionError
from salesflow.facts.data import Facts
from salesflow.facts.durations import MICROSECONDS_A_DAY
from salesflow.metrics._statistics import median_number
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.needs import IS_CLOSED, IS_LOST, IS_WON, Flag, Need, unknown
from salesflow.metrics.options import By, Every, Options, check_choice, make_call
from salesflow.metrics.results import Breakdown, CycleTime

Start = Literal["created", "first_stage", "lead"]
"""What a cycle is measured from."""

Clock = Literal["elapsed", "active"]
"""Whether the spells in which a deal was closed count."""

Closed = Literal["won", "lost", "all"]
"""Which closed deals are measured."""


@overload
def cycle_time(
    data: object,
    *,
    outcome: Closed = ...,
    start: Start = ...,
    clock: Clock = ...,
    by: None = ...,
    every: None = ...,
    **options: Unpack[Options],
) -> CycleTime: ...
@overload
def cycle_time(
    data: object,
    *,
    by: By,
    outcome: Closed = ...,
    start: Start = ...,
    clock: Clock = ...,
    every: Every | None = ...,
    **options: Unpack[Options],
) -> Breakdown[CycleTime]: ...
@overload
def cycle_time(
    data: object,
    *,
    every: Every,
    outcome: Closed = ...,
    start: Start = ...,
    clock: Clock = ...,
    by: None = ...,
    **options: Unpack[Options],
) -> Breakdown[CycleTime]: ...
def cycle_time(
    data: object,
    *,
    outcome: Closed = "won",
    start: Start = "created",
    clock: Clock = "elapsed",
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> CycleTime | Breakdown[CycleTime]:
    """How many days does it take to close a deal?

    **Definition**: from ``start`` to the last closing, mean and median. Signed: a negative cycle
    is an error in the data, left out and counted. Between two days it is whole days; between two
    instants, exact. Open deals are not in it, so the mean of a young book is too short.

    Args:
        data: the deals; `Facts` with the leads for ``start="lead"``.
        outcome: the deals measured: ``won``, ``lost`` or ``all`` closed ones.
        start: ``created``, ``first_stage`` (the entry into it) or ``lead`` (its creation).
        clock: ``elapsed``, or ``active``, without the spells in which the deal was closed; that
            needs its complete history.
        by: the column, or columns, to group by.
        every: what to cut time into; by closing.
        **options: see `Options`.

    Returns:
        A `CycleTime`, or one for each group. Mean and median are None without a cycle.

    Raises:
        OptionError: for ``start="lead"`` without leads.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import date
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.restore(
        ...     id="D-1", stage="won", created_at=date(2026, 1, 1), closed_at=date(2026, 1, 31)
        ... )
        >>> cycle_time([deal]).mean_days
        30.0
    """
    call = make_call(by, every, options)
    check_choice("outcome", outcome, ("won", "lost", "all"))
    check_choice("start", start, ("created", "first_stage", "lead"))
    check_choice("clock", clock, ("elapsed", "active"))
    if start == "lead" and not isinstance(data, Facts):
        msg = "cannot measure from the lead: the data has no leads"
        hint = "give Facts(deals=…, leads=…)."
        raise OptionError(msg, hint=hint, parameter="start", value=start)
    definition = cycle_time_of(outcome, start, clock, dated=call.is_dated)
    return result_of(data, definition, call)


_COLUMNS: dict[tuple[Start, Clock], str] = {
    ("created", "elapsed"): "cycle_us",
    ("created", "active"): "active_us",
    ("first_stage", "elapsed"): "first_stage_us",
    ("first_stage", "active"): "active_first_stage_us",
    ("lead", "elapsed"): "lead_us",
    ("lead", "active"): "active_lead_us",
}
_OUTCOMES: dict[Closed, Flag] = {"won": IS_WON, "lost": IS_LOST, "all": IS_CLOSED}


def cycle_time_of(
    outcome: Closed = "won",
    start: Start = "created",
    clock: Clock = "elapsed",
    *,
    dated: bool = False,
) -> Definition[CycleTime]:
    """The definition of a cycle time; ``dated`` where a deal without a date has no place."""
    column, closed = _COLUMNS[start, clock], _OUTCOMES[outcome]
    measured = (closed, Flag(column, "not_negative"))
    total = Need("sum", column, measured, "closed_at")
    cycles = Need("values", column, measured, "closed_at")
    n_measured = Need("count", None, measured, "closed_at")
    negative, unmeasured = (closed, Flag(column, "negative")), (closed, unknown(column))
    reasons = {
        "negative_cycle": Need("count", None, negative, "closed_at"),
        "unknown_cycle": Need("count", None, unmeasured, "closed_at"),
    }
    if dated:
        reasons["no_closed_at"] = Need("count", None, (closed, unknown("closed_at")))

    def formula(cell: Cell) -> CycleTime:
        n = cell.number(n_measured)
        middle = median_number(cell.middle(cycles))
        return CycleTime(
            cell.number(total) / n / MICROSECONDS_A_DAY if n else None,
            None if middle is None else middle / MICROSECONDS_A_DAY,
            n,
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    needs = (total, cycles, n_measured, *reasons.values())
    return Definition(needs, formula, reasons=reasons)
