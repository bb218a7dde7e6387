"""`stage_flow` and `rework`."""

from typing import Unpack

from salesflow.metrics._statistics import ratio
from salesflow.metrics.evaluate import Cell, Definition, by_group
from salesflow.metrics.needs import Flag, Need, known, unknown
from salesflow.metrics.options import By, Every, Options, make_call, to_names
from salesflow.metrics.rates import count_rate
from salesflow.metrics.results import Breakdown, Rate
from salesflow.metrics.stage_results import StageFlow


def stage_flow(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Breakdown[StageFlow]:
    """Which stage do deals go to from each stage?

    **Definition**: each visit that another one followed is a move, from its stage to the next, won
    and lost stages too. The share is of all moves out of that stage, in the same group and period.
    Forward is one position on, skip is more than one; reopened is from a closed stage to an open
    one, followed up from one won stage to another.

    Args:
        data: the deals.
        by: a column, or columns, to group by besides the stages; the owner is the one when the
            stage was entered.
        every: what to cut time into; by the move.
        **options: see `Options`.

    Returns:
        A `StageFlow` for each pair of stages that any deal moved between, in the order of the
        stages; keys are ``(*by, stage, next_stage)``.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import date
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deals = [
        ...     pipeline.restore(
        ...         id=stage, stage=stage, visits=[("meeting", date(2026, 1, 1)), (stage, None)]
        ...     )
        ...     for stage in ("proposal", "negotiation", "lost")
        ... ]
        >>> for stages, flow in stage_flow(deals).items():
        ...     print(*stages, flow.n_moves, flow.direction)
        meeting proposal 1 forward
        meeting negotiation 1 skip
        meeting lost 1 lost
    """
    call = make_call((*to_names(by), "stage", "next_stage"), every, options)
    return by_group(data, stage_flow_of(dated=call.is_dated), call)


def stage_flow_of(*, dated: bool = False) -> Definition[StageFlow]:
    """The definition of a flow; ``dated`` where a move without a date has no place."""
    moves = Need("count", None, (), "left_at")
    directions = Need("distinct", "direction")
    start = Need("min", "stage_position", (known("stage_position"),))
    end = Need("min", "next_position", (known("next_position"),))
    reasons = {"no_left_at": Need("count", None, (unknown("left_at"),))} if dated else {}

    def formula(cell: Cell) -> StageFlow:
        n = cell.number(moves)
        return StageFlow(
            n,
            ratio(n, cell.whole(moves)),
            cell.only(directions),
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    needs = (moves, directions, start, end, *reasons.values())
    return Definition(needs, formula, table="moves", order_by=(start, end), reasons=reasons)


def rework(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Breakdown[Rate]:
    """Of the deals that came to a stage, what share came back to it?

    **Definition**: deals with two visits or more ÷ deals with one or more, of each open stage. A
    deal whose history is not complete may have come back unseen: it is left out and counted.

    Args:
        data: the deals.
        by: a column, or columns, to group by besides the stage; the owner is the one at the first
            entry.
        every: what to cut time into; by the first entry.
        **options: see `Options`.

    Returns:
        A `Rate` for each stage, in the order of the stages; keys are ``(*by, stage)`` with ``by``.
        Its value is None where no deal with a complete history came.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC, datetime
        >>> from salesflow import Pipeline
        >>> pipeline, at = Pipeline.standard(), datetime(2026, 1, 5, tzinfo=UTC)
        >>> deal = pipeline.advance(pipeline.open("Acme", at=at), at=at)
        >>> deal = pipeline.advance(pipeline.move(deal, to="prospecting", at=at), at=at)
        >>> again = rework([deal, pipeline.open("Bolt", at=at)])
        >>> again["prospecting"].value, again["qualification"].value
        (0.5, 1.0)
    """
    names = to_names(by)
    call = make_call((*names, "stage") if names else "stage", every, options)
    return by_group(data, rework_of(dated=call.is_dated), call)


def rework_of(*, dated: bool = False) -> Definition[Rate]:
    """The definition of rework; ``dated`` where a deal without a date has no place."""
    whole, torn = (Flag("history_complete", "is", value=told) for told in (True, False))
    came = Need("count", None, (whole,), "entered_at")
    again = Need("count", None, (whole, Flag("n_visits", "at_least", 2)), "entered_at")
    place = Need("min", "stage_position", (known("stage_position"),))
    reasons = {"incomplete_history": Need("count", None, (torn,), "entered_at")}
    if dated:
        reasons["no_entered_at"] = Need("count", None, (unknown("entered_at"),))

    def formula(cell: Cell) -> Rate:
        notes = (cell.counted(**reasons), dict[str, int]())
        return count_rate(cell, cell.number(again), cell.number(came), notes)

    needs = (came, again, place, *reasons.values())
    return Definition(needs, formula, table="deal_stages", order_by=place, reasons=reasons)
