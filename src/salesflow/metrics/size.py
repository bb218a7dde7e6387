"""`average_deal_size`."""

from decimal import Decimal
from typing import Unpack, overload

from salesflow.metrics._statistics import median_amount
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.needs import IS_WON, Flag, Need, known, unknown, without_closing
from salesflow.metrics.options import By, Every, Options, make_call
from salesflow.metrics.results import Breakdown, DealSize
from salesflow.money import Money, divide


@overload
def average_deal_size(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> DealSize: ...
@overload
def average_deal_size(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[DealSize]: ...
@overload
def average_deal_size(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[DealSize]: ...
def average_deal_size(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> DealSize | Breakdown[DealSize]:
    """How much is a won deal worth?

    **Definition**: mean, median and total of the amounts of won deals that have one. An amount of
    0 counts; a missing one does not, and neither does one without a rate to convert it.

    Args:
        data: the deals.
        by: the column, or columns, to group by.
        every: what to cut time into; by closing.
        **options: see `Options`.

    Returns:
        A `DealSize`, or one for each group. Mean and median are None without an amount.

    Raises:
        MixedCurrencyError: if the amounts are in several currencies.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deals = [
        ...     pipeline.restore(id=f"D-{n}", stage="won", amount=Money(n, "EUR"))
        ...     for n in (1, 2, 6)
        ... ]
        >>> size = average_deal_size(deals)
        >>> print(size.mean, size.median, size.total)
        EUR 3.00 EUR 2.00 EUR 9.00
    """
    call = make_call(by, every, options)
    definition = deal_size_of(dated=call.is_dated, has_as_of=call.as_of is not None)
    return result_of(data, definition, call)


def deal_size_of(
    *flags: Flag, dated: bool = False, has_as_of: bool = False
) -> Definition[DealSize]:
    """The definition of the size of won deals that all flags hold for.

    Args:
        *flags: what else must hold.
        dated: whether a deal without a date has no place.
        has_as_of: whether it is as of an instant.
    """
    won = (IS_WON, *flags)
    priced = (*won, known("amount"))
    total = Need("sum", "amount", priced, "closed_at")
    n_priced = Need("count", None, priced, "closed_at")
    amounts = Need("values", "amount", priced, "closed_at")
    reasons = {
        "no_amount": Need("count", None, (*won, unknown("given_amount")), "closed_at"),
        "no_rate": Need(
            "count", None, (*won, known("given_amount"), unknown("amount")), "closed_at"
        ),
    }
    unpriced = tuple(reasons.values())
    if dated:
        reasons["no_closed_at"] = Need("count", None, (*won, unknown("closed_at")))

    assumptions = {"no_closed_at": without_closing(*won)} if has_as_of and not dated else {}

    def formula(cell: Cell) -> DealSize:
        money, n = cell.money(total), cell.number(n_priced)
        middle = median_amount(cell.middle(amounts))
        return DealSize(
            Money(divide(money.amount, Decimal(n)), money.currency) if n else None,
            None if middle is None else Money(middle, money.currency),
            money,
            n,
            sum(map(cell.number, unpriced)),
            as_of=cell.as_of,
            currency=money.currency,
            left_out=cell.counted(**reasons),
            assumed=cell.counted(**assumptions),
        )

    needs = (total, n_priced, amounts, *reasons.values(), *assumptions.values())
    return Definition(needs, formula, reasons=reasons, assumptions=assumptions)
