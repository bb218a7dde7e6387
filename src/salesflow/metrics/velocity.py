"""`pipeline_velocity`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Unpack, overload

from salesflow.metrics.cycle import cycle_time_of
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.needs import IS_OPEN, IS_WON, SINCE_UNKNOWN, Flag, Need
from salesflow.metrics.options import By, Every, Undated, make_call
from salesflow.metrics.rates import win_rate_of
from salesflow.metrics.results import Breakdown, CycleTime, DealSize, Rate, Velocity
from salesflow.metrics.size import deal_size_of
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.money import EXACT, Money, divide

_N_OPEN = Need("count", None, (IS_OPEN,))
_CYCLE_TOTAL = Need("sum", "cycle_us", (IS_WON, Flag("cycle_us", "not_negative")), "closed_at")
# Whole microseconds, so that the product is exact up to its one division.


@overload
def pipeline_velocity(
    data: object,
    *,
    as_of: datetime,
    by: None = ...,
    every: None = ...,
    **options: Unpack[Undated],
) -> Velocity: ...
@overload
def pipeline_velocity(
    data: object,
    *,
    as_of: datetime,
    by: By,
    every: Every | None = ...,
    **options: Unpack[Undated],
) -> Breakdown[Velocity]: ...
@overload
def pipeline_velocity(
    data: object,
    *,
    as_of: datetime,
    every: Every,
    by: None = ...,
    **options: Unpack[Undated],
) -> Breakdown[Velocity]: ...
def pipeline_velocity(
    data: object,
    *,
    as_of: datetime,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Undated],
) -> Velocity | Breakdown[Velocity]:
    """How much revenue do the open deals bring in a day?

    **Definition**: deals open at ``as_of`` × win rate × average deal size ÷ mean cycle of won
    deals in days. A period limits the closed side: win rate, size and cycle of the deals closed in
    it; the open deals are those at ``as_of`` in any case. A deal whose opening is unknown counts as
    open since ever, and is counted in ``assumed``.

    Args:
        data: the deals.
        as_of: the instant the data is taken at. [aware datetime]
        by: the column, or columns, to group by.
        every: what to cut the closed side into.
        **options: see `Options`.

    Returns:
        A `Velocity` with its four inputs, or one for each group; per day and in money. None where
        an input is unknown or the cycle is 0.

    Raises:
        MixedCurrencyError: if the amounts are in several currencies.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC, date
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> won = pipeline.restore(
        ...     id="D-1",
        ...     stage="won",
        ...     created_at=date(2026, 1, 1),
        ...     closed_at=date(2026, 1, 11),
        ...     amount=Money(500, "EUR"),
        ... )
        >>> fresh = pipeline.restore(id="D-2", stage="meeting", created_at=date(2026, 1, 5))
        >>> now = datetime(2026, 2, 1, tzinfo=UTC)
        >>> print(pipeline_velocity([won, fresh], as_of=now).per_day)  # 1 × 1.0 × 500 ÷ 10
        EUR 50.00
    """
    call = make_call(by, every, {**options, "as_of": as_of}, needs_as_of=True)
    definition = velocity_of(dated=call.is_dated)
    return result_of(data, definition, call)


def velocity_of(*, dated: bool = False) -> Definition[Velocity]:
    """The definition of a pipeline velocity; ``dated`` as of its parts."""
    rate, size = win_rate_of(dated=dated, has_as_of=True), deal_size_of(dated=dated)
    cycle = cycle_time_of(dated=dated)

    # The widest count of the closed ones: that of the rate.
    assumptions = {"no_created_at": SINCE_UNKNOWN, **rate.assumptions}

    def formula(cell: Cell) -> Velocity:
        parts = rate.formula(cell), size.formula(cell), cycle.formula(cell)
        return velocity_from(cell, *parts, assumptions)

    needs = (_N_OPEN, SINCE_UNKNOWN, *rate.needs, *size.needs, *cycle.needs)
    reasons = {**size.reasons, **cycle.reasons, **rate.reasons}
    return Definition(needs, formula, reasons=reasons, assumptions=assumptions)


def velocity_from(
    cell: Cell, won: Rate, average: DealSize, days: CycleTime, assumptions: Mapping[str, Need]
) -> Velocity:
    """The velocity that results of its parts make, for who has them already."""
    return Velocity(
        _per_day(cell.number(_N_OPEN), won, average, (days, cell.number(_CYCLE_TOTAL))),
        cell.number(_N_OPEN),
        won.value,
        average.mean,
        days.mean_days,
        as_of=cell.as_of,
        currency=average.currency,
        assumed=cell.counted(**assumptions),
        # Of one reason, the widest count stands: of all closed deals, not of the won ones.
        left_out={**average.left_out, **days.left_out, **won.left_out},
    )


def _per_day(n_open: int, won: Rate, size: DealSize, cycle: tuple[CycleTime, int]) -> Money | None:
    days, total = cycle
    if not won.denominator or not size.n_priced or not total:
        return None
    above = [n_open, won.numerator, days.n, MICROSECONDS_A_DAY]
    below = [won.denominator, size.n_priced, total]
    return Money(
        divide(_product(size.total.amount, above), _product(Decimal(1), below)), size.currency
    )


def _product(start: Decimal, factors: list[int | Money]) -> Decimal:
    for factor in factors:
        start = EXACT.multiply(start, Decimal(factor))  # type: ignore[arg-type]  # counts
    return start
