"""`summary`."""

from datetime import datetime
from typing import Unpack, overload

from salesflow.metrics.cycle import cycle_time_of
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.needs import IS_LOST, IS_OPEN, IS_WON, Need
from salesflow.metrics.options import By, Every, Undated, make_call
from salesflow.metrics.rates import conversion_rate_of, win_rate_of
from salesflow.metrics.results import Breakdown, Summary
from salesflow.metrics.size import deal_size_of
from salesflow.metrics.velocity import velocity_from, velocity_of


@overload
def summary(
    data: object,
    *,
    as_of: datetime,
    by: None = ...,
    every: None = ...,
    **options: Unpack[Undated],
) -> Summary: ...
@overload
def summary(
    data: object,
    *,
    as_of: datetime,
    by: By,
    every: Every | None = ...,
    **options: Unpack[Undated],
) -> Breakdown[Summary]: ...
@overload
def summary(
    data: object,
    *,
    as_of: datetime,
    every: Every,
    by: None = ...,
    **options: Unpack[Undated],
) -> Breakdown[Summary]: ...
def summary(
    data: object,
    *,
    as_of: datetime,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Undated],
) -> Summary | Breakdown[Summary]:
    """How is the pipeline doing?

    **Definition**: how many deals were created, are open at ``as_of``, were won and lost, and the
    results of `win_rate`, `conversion_rate`, `average_deal_size`, `cycle_time` and
    `pipeline_velocity`, all from one pass over the data. A period limits each number as it does
    in its own metric: the created ones by creation, the closed ones by closing, the open ones not.

    Args:
        data: the deals.
        as_of: the instant the data is taken at. [aware datetime]
        by: the column, or columns, to group by. Created deals count under the owner who opened
            them, closed ones under the owner at closing.
        every: what to cut time into.
        **options: see `Options`.

    Returns:
        A `Summary`, or one for each group.

    Raises:
        MixedCurrencyError: if the amounts are in several currencies.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deals = [
        ...     pipeline.restore(id="D-1", stage="won"),
        ...     pipeline.restore(id="D-2", stage="lost"),
        ... ]
        >>> numbers = summary(deals, as_of=datetime(2026, 1, 1, tzinfo=UTC))
        >>> numbers.n_won, numbers.win_rate.value
        (1, 0.5)
    """
    call = make_call(by, every, {**options, "as_of": as_of}, needs_as_of=True)
    definition = summary_of(dated=call.is_dated)
    return result_of(data, definition, call)


def summary_of(*, dated: bool = False) -> Definition[Summary]:
    """The definition of a summary; ``dated`` as of its parts."""
    created = Need("count", None, (), "created_at", at_opening=True)
    n_open = Need("count", None, (IS_OPEN,))
    won, lost = (Need("count", None, (flag,), "closed_at") for flag in (IS_WON, IS_LOST))
    rate = win_rate_of(dated=dated, has_as_of=True)
    conversion = conversion_rate_of(dated=dated, has_as_of=True)
    size, cycle = deal_size_of(dated=dated, has_as_of=True), cycle_time_of(dated=dated)
    velocity = velocity_of(dated=dated)
    parts = (rate, conversion, size, cycle, velocity)

    def formula(cell: Cell) -> Summary:
        won_rate, converted = rate.formula(cell), conversion.formula(cell)
        sizes, cycles = size.formula(cell), cycle.formula(cell)
        speed = velocity_from(cell, won_rate, sizes, cycles, velocity.assumptions)
        return Summary(
            cell.number(created),
            cell.number(n_open),
            cell.number(won),
            cell.number(lost),
            won_rate,
            converted,
            sizes,
            sizes.total,
            cycles,
            speed,
            as_of=cell.as_of,
            currency=sizes.currency,
            assumed=speed.assumed,
            left_out={**converted.left_out, **won_rate.left_out, **speed.left_out},
        )

    needs = (created, n_open, won, lost, *(need for part in parts for need in part.needs))
    reasons = {**conversion.reasons, **rate.reasons, **velocity.reasons}
    return Definition(needs, formula, reasons=reasons, assumptions=velocity.assumptions)
