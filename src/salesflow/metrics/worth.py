"""`new_pipeline` and `weighted_pipeline`: what is in the pipeline, in money."""

from datetime import datetime
from typing import Unpack, overload

from salesflow.errors import OptionError
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.needs import IS_OPEN, Flag, Need, Op, known, unknown
from salesflow.metrics.options import By, Every, Options, Undated, make_call
from salesflow.metrics.results import Breakdown, NewPipeline, WeightedPipeline


@overload
def new_pipeline(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> NewPipeline: ...
@overload
def new_pipeline(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[NewPipeline]: ...
@overload
def new_pipeline(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[NewPipeline]: ...
def new_pipeline(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> NewPipeline | Breakdown[NewPipeline]:
    """How much new business was opened?

    **Definition**: the deals created, whatever became of them, and their amounts together: of a
    closed deal the one at its closing, of an open one the present one. A missing amount is left
    out of the total and counted. A period holds the deals created in it, under the owner who opened
    them.

    Args:
        data: the deals.
        by: the column, or columns, to group by.
        every: what to cut time into; by creation.
        **options: see `Options`. With ``rates``, ``as_of`` is needed: open deals have the rate of
            that day.

    Returns:
        A `NewPipeline`, or one for each group. The total of nothing is 0.

    Raises:
        MixedCurrencyError: if the amounts are in several currencies.
        OptionError: for ``rates`` without ``as_of``.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import Money, Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deals = [pipeline.open("Acme", amount=Money(500, "EUR")), pipeline.open("Bolt")]
        >>> opened = new_pipeline(deals)
        >>> print(opened.n_created, opened.total, opened.n_unpriced)
        2 EUR 500.00 1
    """
    call = make_call(by, every, options)
    if call.rates is not None and call.as_of is None:
        msg = "cannot convert the amounts of open deals: their rate depends on as_of"
        hint = "give as_of=…, an aware datetime."
        raise OptionError(msg, hint=hint, parameter="as_of", value=None)
    return result_of(data, new_pipeline_of(dated=call.is_dated), call)


def new_pipeline_of(*, dated: bool = False) -> Definition[NewPipeline]:
    """The definition of new pipeline; ``dated`` where a deal without a date has no place."""

    def count(*flags: Flag) -> Need:
        return Need("count", None, flags, "created_at", at_opening=True)

    created, n_priced = count(), count(known("amount"))
    total = Need("sum", "amount", (known("amount"),), "created_at", at_opening=True)
    reasons = {
        "no_amount": count(unknown("given_amount")),
        "no_rate": count(known("given_amount"), unknown("amount")),
    }
    unpriced = tuple(reasons.values())
    if dated:
        no_date = (unknown("created_at"),)
        reasons["no_created_at"] = Need("count", None, no_date, at_opening=True)

    def formula(cell: Cell) -> NewPipeline:
        money = cell.money(total)
        return NewPipeline(
            cell.number(created),
            money,
            cell.number(n_priced),
            sum(map(cell.number, unpriced)),
            as_of=cell.as_of,
            currency=money.currency,
            left_out=cell.counted(**reasons),
        )

    return Definition((created, n_priced, total, *reasons.values()), formula, reasons=reasons)


@overload
def weighted_pipeline(
    data: object,
    *,
    as_of: datetime,
    by: None = ...,
    every: None = ...,
    **options: Unpack[Undated],
) -> WeightedPipeline: ...
@overload
def weighted_pipeline(
    data: object,
    *,
    as_of: datetime,
    by: By,
    every: Every | None = ...,
    **options: Unpack[Undated],
) -> Breakdown[WeightedPipeline]: ...
@overload
def weighted_pipeline(
    data: object,
    *,
    as_of: datetime,
    every: Every,
    by: None = ...,
    **options: Unpack[Undated],
) -> Breakdown[WeightedPipeline]: ...
def weighted_pipeline(
    data: object,
    *,
    as_of: datetime,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Undated],
) -> WeightedPipeline | Breakdown[WeightedPipeline]:
    """How much are the open deals worth, each by its chance?

    **Definition**: Σ amount × probability over the deals open at ``as_of``, each product rounded
    half up to the currency's minor unit (a half goes away from 0), then summed. With ``rates``, the
    amount is converted first. A missing amount or probability is unknown, not 0: such a deal is
    left out and counted. A period holds the open deals that are expected to close in it.

    Args:
        data: the deals.
        as_of: the instant the data is taken at. [aware datetime]
        by: the column, or columns, to group by.
        every: what to cut time into; by expected closing.
        **options: see `Options`.

    Returns:
        A `WeightedPipeline`, or one for each group; in money. The total of nothing is 0.

    Raises:
        MixedCurrencyError: if the amounts are in several currencies.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC
        >>> from salesflow import Money, Pipeline
        >>> pipeline, then = Pipeline.standard(), datetime(2026, 1, 5, tzinfo=UTC)
        >>> deals = [
        ...     pipeline.open("Acme", amount=Money(500, "EUR"), probability=0.3, at=then),
        ...     pipeline.open("Bolt", amount=Money(900, "EUR"), at=then),
        ... ]
        >>> worth = weighted_pipeline(deals, as_of=then)
        >>> print(worth.total, worth.unweighted, dict(worth.left_out))
        EUR 150.00 EUR 500.00 {'no_probability': 1}
    """
    call = make_call(by, every, {**options, "as_of": as_of}, needs_as_of=True)
    return result_of(data, weighted_pipeline_of(dated=call.is_dated), call)


def weighted_pipeline_of(*, dated: bool = False) -> Definition[WeightedPipeline]:
    """The definition of a weighted pipeline; ``dated`` where a deal without a date has no place."""

    def need(op: Op, column: str | None, *flags: Flag) -> Need:
        return Need(op, column, (IS_OPEN, *flags), "expected_close_on")

    weighted = known("weighted_amount")
    total, unweighted = need("sum", "weighted_amount", weighted), need("sum", "amount", weighted)
    n_weighted, n_open = need("count", None, weighted), need("count", None)
    # Each deal has one reason, so that those counted and those left out are all open ones.
    reasons = {
        "no_amount": need("count", None, unknown("given_amount")),
        "no_rate": need("count", None, known("given_amount"), unknown("amount")),
        "no_probability": need("count", None, known("amount"), unknown("probability")),
    }
    if dated:
        no_date = (IS_OPEN, unknown("expected_close_on"))
        reasons["no_expected_close_on"] = Need("count", None, no_date)
    assumptions = {"no_created_at": need("count", None, unknown("created_at"))}

    def formula(cell: Cell) -> WeightedPipeline:
        money = cell.money(total)
        return WeightedPipeline(
            money,
            cell.number(n_weighted),
            cell.money(unweighted),
            cell.number(n_open),
            as_of=cell.as_of,
            currency=money.currency,
            left_out=cell.counted(**reasons),
            assumed=cell.counted(**assumptions),
        )

    needs = (total, unweighted, n_weighted, n_open, *reasons.values(), *assumptions.values())
    return Definition(needs, formula, reasons=reasons, assumptions=assumptions)
