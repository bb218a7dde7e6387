"""From the table `visits` to the table `deals`, over frames of any library."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from salesflow._narwhals import nw
from salesflow.errors import ColumnError
from salesflow.facts._faults import Reading, check_columns
from salesflow.facts._instants import in_days, is_later, told_by
from salesflow.facts._sources import Source
from salesflow.facts._tables import (
    CLOSED,
    GIVEN,
    KEY,
    F,
    Frame,
    Ordered,
    give_back,
    numbers_of,
    read,
    rows_of,
)
from salesflow.models.past import Cut
from salesflow.periods import get_zone

_COLUMNS = {
    KEY: "id",
    "visit": "whole",
    "stage": "id",
    "kind": "str",
    "entered_at": "any",
    "stage_position": "any",
    "owner_id": "any",
}
_OPTIONAL = ("stage_position", "owner_id")

_NEVER = 2**31 - 1
"""The number of a visit that no deal has."""

_RESULT = (
    *(KEY, "stage", "stage_position", "outcome"),
    *("owner_id", "owner_now_id", "opening_owner_id"),
    *("created_at", "closed_at", "cycle_days", "lost_at_stage", "n_reopened", "history_complete"),
)


def deals_from_visits(visits: F, *, as_of: datetime | None = None, zone: str | None = None) -> F:
    """What became of each deal whose stays in its stages are known?

    **Definition**: a deal is created with its first visit, and is what the kind of its last one
    says. ``closed_at`` is the entry into the first won or lost visit after the last open one: a
    closing that was reopened does not count, and a move from one won stage to another closes
    nothing anew. ``n_reopened`` counts the moves from a won or lost stage to an open one.

    Args:
        visits: one row a visit, all visits of each deal, with ``deal_id``, ``visit``, ``stage``,
            ``kind`` and ``entered_at`` and, if there, ``stage_position`` and ``owner_id``, such as
            `visits_from_log` gives. [frame of pandas, polars, PyArrow, DuckDB or PySpark]
        as_of: visits entered after it are out; dates are compared with its own date. [aware
            datetime]
        zone: of times that do not name theirs; UTC unless given. [IANA name]

    Returns:
        A frame of the same library, one row a deal: deal_id, stage, stage_position, outcome,
        owner_id, owner_now_id, opening_owner_id, created_at, closed_at, cycle_days, lost_at_stage,
        n_reopened, history_complete. ``owner_id`` is the owner at entry into the visit that closed
        the deal; of an open deal that of its last visit, as ``owner_now_id`` is. Without owners or
        positions in the visits there are none here. Eager frames are sorted by deal. Of a lazy
        frame one row of counts is read, to refuse what is wrong; all else stays lazy.

    Raises:
        DataError: for what is no frame.
        ColumnError: for missing or mistyped columns, all at once; for visits without a deal,
            a number from 1 on or one of the three kinds, or with a number that the deal has twice.
        UnknownZoneError: for a zone that the IANA database does not list.
        NaiveDatetimeError: for an ``as_of`` without a zone.

    Example:
        >>> import pyarrow as pa
        >>> from datetime import date
        >>> visits = pa.table(
        ...     {
        ...         "deal_id": ["D-1", "D-1"],
        ...         "visit": [1, 2],
        ...         "stage": ["Talk", "Signed"],
        ...         "kind": ["open", "won"],
        ...         "entered_at": [date(2026, 1, 5), date(2026, 1, 9)],
        ...     }
        ... )
        >>> [deal] = deals_from_visits(visits).to_pylist()
        >>> deal["outcome"], deal["closed_at"], deal["cycle_days"]
        ('won', datetime.date(2026, 1, 9), 4.0)
    """
    get_zone(zone or "UTC")
    cut = None if as_of is None else Cut(as_of)
    source = _open(visits, Reading(zone=zone or "UTC"))
    table = read(source, in_order=True)
    _check_rows(table)
    if cut is not None:
        table = table.filter(~is_later(source.days, "entered_at", *told_by(cut)))
    placed = _placed(Ordered.by(table, "visit"))
    deals = _deals(placed, "owner_id" in table.collect_schema())
    native: F = give_back(source, deals, _RESULT, "cycle_days", like="created_at")
    return native


def _open(visits: object, reading: Reading) -> Source:
    """The visits, their columns as they are beside the moments of entry.

    Raises:
        DataError: for what is no frame.
        ColumnError: for columns that are missing or of another type.
    """
    source = Source("visits", visits, reading)
    for name, holds in _COLUMNS.items():
        alias = GIVEN if name == "entered_at" else name
        source.keep(name, holds, alias=alias, optional=name in _OPTIONAL)
    source.need("entered_at")
    check_columns(source)
    return source


def _check_rows(visits: Frame) -> None:
    """Refuse visits that tell no deal, number or kind, or one number twice."""
    flags = {
        "have no deal_id": nw.col(KEY).is_null(),
        "have no visit from 1 on": ~((nw.col("visit") >= 1).fill_null(False)),  # noqa: FBT003
        "have a kind that is not open, won or lost": ~(
            nw.col("kind").is_in(["open", *CLOSED]).fill_null(False)  # noqa: FBT003
        ),
    }
    names = {text: f"_fault_{number}" for number, text in enumerate(flags)}
    flagged = visits.with_columns(
        *(flag.cast(nw.Int64).alias(names[text]) for text, flag in flags.items())
    )
    numbered = flagged.group_by(KEY, "visit").agg(
        *(nw.col(name).sum() for name in names.values()),
        nw.len().alias("_n"),
    )
    names["have a number that another visit of the deal has"] = "_more"
    more = (nw.col("_n").cast(nw.Int64) - 1).alias("_more")
    sums = (nw.col(name).sum() for name in names.values())
    [row] = rows_of(numbered.with_columns(more).select(*sums))
    _refuse(row, names)


def _refuse(row: Mapping[str, Any], names: Mapping[str, str]) -> None:
    counts = numbers_of({text: row[name] for text, name in names.items()})
    faults = tuple(f"{n} of them {text}" for text, n in counts.items() if n)
    if faults:
        msg = f"cannot read the visits: {'; '.join(faults)}"
        hint = "facts.visits_from_log makes them from a log of stages."
        raise ColumnError(msg, hint=hint, column=None, known=tuple(_COLUMNS), faults=faults)


def _placed(visits: Ordered) -> Ordered:
    """The visits with flags on the first, the last, the last open and the closing one."""
    visit = nw.col("visit")
    is_closed = nw.col("kind").is_in([*CLOSED])
    was_closed = (visits.neighbour("_closed", 1) == 1).fill_null(False)  # noqa: FBT003
    after = visit > nw.col("_last_open")
    return (
        visits.with_columns(
            is_closed.cast(nw.Int64).alias("_closed"),
            nw.when(is_closed).then(nw.lit(0)).otherwise(visit).alias("_open"),
        )
        .with_columns(
            (was_closed & ~is_closed).cast(nw.Int64).alias("_reopens"),
            (visit == visit.min().over(KEY)).alias("_is_first"),
            (visit == visit.max().over(KEY)).alias("_is_last"),
            nw.col("_open").max().over(KEY).alias("_last_open"),
        )
        .with_columns(
            nw.col("_reopens").sum().over(KEY).cast(nw.Int64).alias("n_reopened"),
            (visit == nw.col("_last_open")).alias("_is_last_open"),
            nw.when(after).then(visit).otherwise(nw.lit(_NEVER)).alias("_closing"),
        )
        .with_columns((visit == nw.col("_closing").min().over(KEY)).alias("_is_closing"))
    )


def _deals(visits: Ordered, has_owner: bool) -> Frame:  # noqa: FBT001 - a fact of the columns
    """One row a deal: its last visit, with what others hold."""
    picks = {
        "_is_first": {"created_at": GIVEN, "_created_us": "entered_at"},
        "_is_last_open": {"_lost_at": "stage"},
        "_is_closing": {"closed_at": GIVEN, "_closed_us": "entered_at"},
    }
    columns = [
        nw.col("kind").alias("outcome"),
        in_days(nw.col("_closed_us") - nw.col("_created_us")).alias("cycle_days"),
        nw.when(nw.col("kind") == "lost").then(nw.col("_lost_at")).alias("lost_at_stage"),
        nw.lit(True).alias("history_complete"),  # noqa: FBT003
    ]
    if has_owner:
        picks["_is_first"]["opening_owner_id"] = "owner_id"
        picks["_is_closing"]["_closing_owner"] = "owner_id"
        owner = nw.when(nw.col("kind") == "open").then(nw.col("owner_id"))
        columns.append(nw.col("owner_id").alias("owner_now_id"))
        columns.append(owner.otherwise(nw.col("_closing_owner")).alias("owner_id"))
    return visits.one_a_deal("_is_last", picks).with_columns(*columns)
