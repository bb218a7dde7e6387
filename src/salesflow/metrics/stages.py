"""`time_in_stage`."""

from datetime import datetime
from typing import Unpack

from salesflow.metrics._statistics import median_number
from salesflow.metrics.evaluate import Cell, Definition, by_group
from salesflow.metrics.needs import Flag, Need, known, unknown
from salesflow.metrics.options import By, Every, Undated, make_call, to_names
from salesflow.metrics.results import Breakdown
from salesflow.metrics.stage_results import StageTime
from salesflow.models.durations import MICROSECONDS_A_DAY


def time_in_stage(
    data: object,
    *,
    as_of: datetime,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Undated],
) -> Breakdown[StageTime]:
    """How long do deals stay in each stage?

    **Definition**: of the visits to open stages, those that ended give mean and median; those that
    last count up to ``as_of``. A visit with an unknown end is left out and counted. Each visit
    counts, so a deal that came back counts twice.

    Args:
        data: the deals.
        as_of: the instant the data is taken at. [aware datetime]
        by: a column, or columns, to group by besides the stage; the owner is the one at entry.
        every: what to cut time into; by entry.
        **options: see `Options`.

    Returns:
        A `StageTime` for each stage, in the order of the stages; keys are ``(*by, stage)`` with
        ``by``.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC, date
        >>> from salesflow import Pipeline
        >>> deal = Pipeline.standard().restore(
        ...     id="D-1",
        ...     stage="meeting",
        ...     visits=[("prospecting", date(2026, 1, 1)), ("meeting", date(2026, 1, 8))],
        ... )
        >>> times = time_in_stage([deal], as_of=datetime(2026, 1, 10, tzinfo=UTC))
        >>> times["prospecting"].mean_days, times["meeting"].current_days
        (7.0, 2.0)
    """
    names = to_names(by)
    columns: By = (*names, "stage") if names else "stage"
    call = make_call(columns, every, {**options, "as_of": as_of}, needs_as_of=True)
    return by_group(data, STAGE_TIME, call)


def _stage_time() -> Definition[StageTime]:
    lasts, ended = Flag("is_current", "is", value=True), Flag("is_current", "is", value=False)
    finished = (ended, known("days_us"))
    total = Need("sum", "days_us", finished, "entered_at")
    spans = Need("values", "days_us", finished, "entered_at")
    n_finished = Need("count", None, finished, "entered_at")
    current = Need("sum", "current_us", (lasts, known("entered_at")), "entered_at")
    n_open = Need("count", None, (lasts, known("entered_at")), "entered_at")
    place = Need("min", "stage_position", (known("stage_position"),))
    reasons = {
        "no_left_at": Need(
            "count", None, (ended, known("entered_at"), unknown("left_at")), "entered_at"
        ),
        "no_entered_at": Need("count", None, (unknown("entered_at"),)),
    }

    def formula(cell: Cell) -> StageTime:
        n, middle = cell.number(n_finished), median_number(cell.middle(spans))
        done, lasting = cell.number(total), cell.number(current)
        return StageTime(
            n + cell.number(n_open),
            cell.number(n_open),
            (done + lasting) / MICROSECONDS_A_DAY,
            done / n / MICROSECONDS_A_DAY if n else None,
            None if middle is None else middle / MICROSECONDS_A_DAY,
            lasting / MICROSECONDS_A_DAY,
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    needs = (place, total, spans, n_finished, current, n_open, *reasons.values())
    return Definition(needs, formula, table="visits", order_by=place, reasons=reasons)


STAGE_TIME = _stage_time()
"""The definition of the time in a stage."""
