"""`loss_reasons` and `reopen_rate`: why deals are lost, and whether they come back."""

from typing import Unpack, overload

import attrs

from salesflow.metrics._statistics import ratio
from salesflow.metrics.evaluate import Cell, Definition, breakdown, result_of, stats_of
from salesflow.metrics.needs import (
    IS_CLOSED,
    IS_LOST,
    IS_OPEN,
    Flag,
    Need,
    known,
    unknown,
    without_closing,
)
from salesflow.metrics.options import By, Every, Options, make_call, to_names
from salesflow.metrics.rates import count_rate
from salesflow.metrics.results import Breakdown, LossReason, Rate
from salesflow.metrics.stats import Stats

_ANY_LOST = Need("count", None, (IS_LOST,))


def loss_reasons(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Breakdown[LossReason]:
    """Why do we lose deals?

    **Definition**: the lost deals by the reason of their last closing, and each reason's share of
    all that were lost. A deal that was reopened since is not lost. A missing amount is left out of
    the total and counted. A period holds the deals closed in it.

    Args:
        data: the deals.
        by: a column, or columns, to group by besides the reason; shares are then of the group.
        every: what to cut time into; by closing. Shares are then of the period.
        **options: see `Options`.

    Returns:
        A `LossReason` for each reason, the most frequent first, None for losses without a reason
        last; keys are ``(*by, reason)`` with ``by``. The share is None where nothing was lost.

    Raises:
        MixedCurrencyError: if the amounts of a reason are in several currencies.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deals = [pipeline.lose(pipeline.open(name), "price") for name in ("Acme", "Bolt")]
        >>> deals += [pipeline.lose(pipeline.open("Cord"), "timing")]
        >>> [(reason, lost.n) for reason, lost in loss_reasons(deals).items()]
        [('price', 2), ('timing', 1)]
    """
    names = to_names(by)
    columns: By = (*names, "loss_reason") if names else "loss_reason"
    call = make_call(columns, every, options)
    definition = loss_reasons_of(
        dated=call.is_dated, cut=every is not None, has_as_of=call.as_of is not None
    )
    return breakdown(_only_lost(stats_of(data, definition.needs, call), every), definition, call)


def _only_lost(stats: Stats, every: Every | None) -> Stats:
    """The groups that lost something, at whatever time: open and won deals have no reason."""
    lost = {
        key if every is None else key[:-1]
        for key, answers in stats.groups.items()
        if answers.get(_ANY_LOST)
    }
    kept = {
        key: answers
        for key, answers in stats.groups.items()
        if (key if every is None else key[:-1]) in lost
    }
    return attrs.evolve(stats, groups=kept)


def loss_reasons_of(
    *, dated: bool = False, cut: bool = False, has_as_of: bool = False
) -> Definition[LossReason]:
    """The definition of loss reasons; ``cut`` where there is a row for each period."""

    def count(*flags: Flag) -> Need:
        return Need("count", None, (IS_LOST, *flags), "closed_at")

    n_lost = count()
    total = Need("sum", "amount", (IS_LOST, known("amount")), "closed_at")
    reasons = {
        "no_amount": count(unknown("given_amount")),
        "no_rate": count(known("given_amount"), unknown("amount")),
    }
    unpriced = tuple(reasons.values())
    if dated:
        reasons["no_closed_at"] = Need("count", None, (IS_LOST, unknown("closed_at")))
    assumptions = {"no_closed_at": without_closing(IS_LOST)} if has_as_of and not dated else {}

    def formula(cell: Cell) -> LossReason:
        n, money = cell.number(n_lost), cell.money(total)
        return LossReason(
            n,
            ratio(n, cell.whole(n_lost)),
            money,
            sum(map(cell.number, unpriced)),
            as_of=cell.as_of,
            currency=money.currency,
            left_out=cell.counted(**reasons),
            assumed=cell.counted(**assumptions),
        )

    needs = (_ANY_LOST, n_lost, total, *reasons.values(), *assumptions.values())
    # A row for each period needs one order of the reasons for all of them.
    order = _ANY_LOST if cut else n_lost
    return Definition(
        needs, formula, order_by=order, descending=True, reasons=reasons, assumptions=assumptions
    )


@overload
def reopen_rate(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> Rate: ...
@overload
def reopen_rate(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[Rate]: ...
@overload
def reopen_rate(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[Rate]: ...
def reopen_rate(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Rate | Breakdown[Rate]:
    """Of the deals that were ever closed, what share came back?

    **Definition**: deals reopened at least once ÷ deals won or lost at least once, whatever became
    of them since. It takes the whole path of a deal, so those without a complete history are left
    out and counted. A period holds the deals created in it, under the owner who opened them.

    Args:
        data: the deals.
        by: the column, or columns, to group by.
        every: what to cut time into; by creation.
        **options: see `Options`.

    Returns:
        A `Rate`, or one for each group. Its value is None where nothing was ever closed.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> lost = [pipeline.lose(pipeline.open(name), "price") for name in ("Acme", "Bolt")]
        >>> back = pipeline.reopen(lost[0], "prospecting", reason="new budget")
        >>> reopen_rate([back, lost[1]]).value
        0.5
    """
    call = make_call(by, every, options)
    return result_of(data, reopen_rate_of(dated=call.is_dated), call)


def reopen_rate_of(*, dated: bool = False) -> Definition[Rate]:
    """The definition of a reopen rate; ``dated`` where a deal without a date has no place."""

    def count(*flags: Flag) -> Need:
        return Need("count", None, flags, "created_at", at_opening=True)

    is_known, came_back = (
        Flag("history_complete", "is", value=True),
        Flag("n_reopened", "at_least", 1),
    )
    reopened = count(is_known, came_back)
    # What was ever closed is closed now, or open and reopened.
    closed = (count(is_known, IS_CLOSED), count(is_known, IS_OPEN, came_back))
    # Whether one that is open now was ever closed is unknown too.
    reasons = {"incomplete_history": count(Flag("history_complete", "is", value=False))}
    if dated:
        no_date = (unknown("created_at"),)
        reasons["no_created_at"] = Need("count", None, no_date, at_opening=True)

    def formula(cell: Cell) -> Rate:
        n_closed, left_out = sum(map(cell.number, closed)), cell.counted(**reasons)
        return count_rate(cell, cell.number(reopened), n_closed, (left_out, {}))

    return Definition((*closed, reopened, *reasons.values()), formula, reasons=reasons)
