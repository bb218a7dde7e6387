"""`touchpoints`."""

from typing import Unpack, overload

from salesflow.metrics._statistics import ratio
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.needs import IS_WON, Flag, Need, Op, known, unknown, without_closing
from salesflow.metrics.options import By, Every, Options, make_call
from salesflow.metrics.results import Breakdown, Touchpoints


@overload
def touchpoints(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> Touchpoints: ...
@overload
def touchpoints(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[Touchpoints]: ...
@overload
def touchpoints(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[Touchpoints]: ...
def touchpoints(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Touchpoints | Breakdown[Touchpoints]:
    """How many touches does a deal take?

    **Definition**: touches of all deals ÷ deals; touches of won deals ÷ won deals; and the mean
    number of touches up to and including the first meeting, over deals that had one. A touch is
    a done activity of a kind that counts, logged on the deal; a plan that was carried out counts
    once. A period holds the deals created in it, under the owner who opened them; for the won ones,
    those closed in it, under the owner at closing.

    Args:
        data: the deals.
        by: the column, or columns, to group by.
        every: what to cut time into.
        **options: see `Options`.

    Returns:
        A `Touchpoints`, or one for each group. Each mean is None over no deal.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.open("Acme")
        >>> for kind in ("email", "call", "meeting", "note"):
        ...     deal = pipeline.log(deal, kind)
        >>> taken = touchpoints([deal, pipeline.open("Bolt")])
        >>> taken.per_deal, taken.per_win, taken.to_first_meeting
        (1.5, None, 3.0)
    """
    call = make_call(by, every, options)
    definition = touchpoints_of(dated=call.is_dated, has_as_of=call.as_of is not None)
    return result_of(data, definition, call)


def touchpoints_of(*, dated: bool = False, has_as_of: bool = False) -> Definition[Touchpoints]:
    """The definition of touchpoints; ``dated`` where a deal without a date has no place."""

    def cohort(op: Op, column: str | None, *flags: Flag) -> Need:
        return Need(op, column, flags, "created_at", at_opening=True)

    met = known("n_touches_to_meeting")
    n_deals, touches = cohort("count", None), cohort("sum", "n_touches")
    n_met, until_met = cohort("count", None, met), cohort("sum", "n_touches_to_meeting", met)
    n_won = Need("count", None, (IS_WON,), "closed_at")
    won_touches = Need("sum", "n_touches", (IS_WON,), "closed_at")
    reasons = {}
    if dated:
        no_date = (unknown("created_at"),)
        reasons["no_created_at"] = Need("count", None, no_date, at_opening=True)
        reasons["no_closed_at"] = Need("count", None, (IS_WON, unknown("closed_at")))
    assumptions = {"no_closed_at": without_closing(IS_WON)} if has_as_of and not dated else {}

    def formula(cell: Cell) -> Touchpoints:
        return Touchpoints(
            ratio(cell.number(touches), cell.number(n_deals)),
            cell.number(n_deals),
            cell.number(touches),
            ratio(cell.number(won_touches), cell.number(n_won)),
            cell.number(n_won),
            ratio(cell.number(until_met), cell.number(n_met)),
            cell.number(n_met),
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
            assumed=cell.counted(**assumptions),
        )

    counts = (n_deals, touches, n_met, until_met, n_won, won_touches)
    needs = (*counts, *reasons.values(), *assumptions.values())
    return Definition(needs, formula, reasons=reasons, assumptions=assumptions)
