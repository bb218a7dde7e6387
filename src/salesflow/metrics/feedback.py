"""`feedback`."""

from typing import Unpack, overload

from salesflow.facts.data import Facts
from salesflow.facts.engines import is_frame
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.lead_results import Feedback
from salesflow.metrics.needs import IS_LOST, IS_WON, Flag, Need, known, unknown
from salesflow.metrics.options import By, Every, Options, make_call
from salesflow.metrics.results import Breakdown

_MILLION = 1_000_000


@overload
def feedback(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> Feedback: ...
@overload
def feedback(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[Feedback]: ...
@overload
def feedback(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[Feedback]: ...
def feedback(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Feedback | Breakdown[Feedback]:
    """What do customers think of us?

    **Definition**: the mean of the scores, 0 to 10, that done activities have, whatever their kind;
    of all, of those of won deals, and of those of lost ones. Each score counts once. Scores of open
    deals, and of leads, are in the first mean alone. What has no score is left out and counted. A
    period holds what happened in it.

    Args:
        data: the deals, `Facts` with their leads, a frame of the table `touches`, or `Facts` with
            the frames ``touches`` and ``deals``. Without deals, won and lost are not told apart.
        by: the column, or columns, to group by: ``theme``, ``kind``, or one of the deal's.
        every: what to cut time into; by when it happened.
        **options: see `Options`.

    Returns:
        A `Feedback`, or one for each group. Each mean is None over no score.

    Raises:
        ColumnError: for a column that the data does not have, and for scores beyond 0 and 10.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.open("Acme")
        >>> for score, theme in ((9, "service"), (4, "price"), (5, "price")):
        ...     deal = pipeline.log(deal, "survey", score=score, theme=theme)
        >>> themes = feedback([pipeline.lose(deal, "price")], by="theme")
        >>> [(theme, said.mean, said.n, said.n_lost) for theme, said in themes.items()]
        [('price', 4.5, 2, 2), ('service', 9.0, 1, 1)]
    """
    call = make_call(by, every, options)
    has_deals = data.deals is not None if isinstance(data, Facts) else not is_frame(data)
    return result_of(data, feedback_of(dated=call.is_dated, apart=has_deals), call)


def feedback_of(*, dated: bool = False, apart: bool = True) -> Definition[Feedback]:
    """The definition of feedback; ``apart`` where deals tell won and lost apart."""
    scored = known("score_steps")

    def both(*flags: Flag) -> tuple[Need, Need]:
        where = (scored, *flags)
        total = Need("sum", "score_steps", where, "occurred_at")
        return total, Need("count", None, where, "occurred_at")

    parts = [both()] + ([both(IS_WON), both(IS_LOST)] if apart else [])
    reasons = {"no_score": Need("count", None, (unknown("score_steps"),), "occurred_at")}
    if dated:
        reasons["no_occurred_at"] = Need("count", None, (scored, unknown("occurred_at")))

    def formula(cell: Cell) -> Feedback:
        found = [(cell.number(total), cell.number(n)) for total, n in parts]
        means = [total / n / _MILLION if n else None for total, n in found]
        counts = [n for _, n in found]
        of_won, of_lost = zip(means[1:], counts[1:], strict=True) if apart else [(None, None)] * 2
        return Feedback(
            means[0],
            counts[0],
            *of_won,
            *of_lost,
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    needs = (*(need for part in parts for need in part), *reasons.values())
    return Definition(needs, formula, "touches", reasons=reasons)
