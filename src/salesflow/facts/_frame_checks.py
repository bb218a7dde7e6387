"""What is wrong with tables of deals and visits in frames; loaded with the first of them."""

from collections.abc import Mapping
from typing import Any

from salesflow.errors import ColumnError, DataError
from salesflow.facts._instants import A_DAY, with_microseconds
from salesflow.facts._narwhals import nw
from salesflow.facts._tables import (
    CLOSED,
    KEY,
    Frame,
    Ordered,
    Table,
    first_ids,
    numbers_of,
    read,
    rows_of,
)

_DEALS = Table(
    "the deals",
    {KEY: "ids"},
    {
        "outcome": "text",
        "created_at": "dates or times",
        "closed_at": "dates or times",
        "amount": "values",
        "currency": "text",
    },
)
_VISITS = Table(
    "the visits",
    {KEY: "ids", "visit": "whole numbers"},
    {"kind": "text", "entered_at": "dates or times", "left_at": "dates or times"},
    has_fixed_names=True,
)

Found = tuple[int, tuple[Any, ...]]
"""How often something is wrong, and the ids of some deals."""


def frame_findings(
    deals: object, visits: object, columns: Mapping[str, str] | None
) -> dict[str, Found]:
    """By what is looked for, how often it occurs, and at most five ids."""
    of_deals = read(deals, _DEALS, columns)
    found = _of_deals(of_deals)
    if visits is None:
        return found
    of_visits = read(visits, _VISITS)
    _check_alike(of_deals, of_visits)
    return found | _of_visits(of_visits) | _of_both(of_deals, of_visits)


def _of_deals(deals: Frame) -> dict[str, Found]:
    names = {*deals.collect_schema()}
    flags = {"no_deal_id": nw.col(KEY).is_null()}
    is_closed = _is(nw.col("outcome").is_in([*CLOSED]))
    is_open = _is(nw.col("outcome") == "open")
    if "outcome" in names:
        flags["unknown_outcome"] = ~(is_open | is_closed)
    if {"created_at", "closed_at"} <= names:
        deals, is_before = _compared(deals, _DEALS, "closed_at", "created_at")
        flags["negative_cycle"] = is_before
    if {"outcome", "closed_at"} <= names:
        flags["open_with_closed_at"] = is_open & ~nw.col("closed_at").is_null()
        flags["closed_without_closed_at"] = is_closed & nw.col("closed_at").is_null()
    if {"amount", "currency"} <= names:
        flags["no_currency"] = ~nw.col("amount").is_null() & nw.col("currency").is_null()
    found = _flagged(deals, flags)
    found["repeated_deal_id"] = _repeated(deals, KEY)
    return found


def _of_visits(visits: Frame) -> dict[str, Found]:
    names = {*visits.collect_schema()}
    flags = {}
    if "kind" in names:
        flags["unknown_kind"] = ~_is(nw.col("kind").is_in(["open", *CLOSED]))
    if {"entered_at", "left_at"} <= names:
        visits, ends_early = _compared(visits, _VISITS, "left_at", "entered_at")
        ordered = Ordered.by(visits, "visit")
        last_left = ordered.neighbour("_left_at", 1).alias("_last_left")
        visits = ordered.with_columns(last_left).frame
        flags["ends_before_it_begins"] = ends_early
        flags["overlapping_visits"] = _is(nw.col("_entered_at") < nw.col("_last_left"))
    found = _flagged(visits, flags) if flags else {}
    found["repeated_visit"] = _repeated(visits, KEY, "visit")
    return found


def _of_both(deals: Frame, visits: Frame) -> dict[str, Found]:
    """What the two tables say against each other."""
    known = deals.filter(~nw.col(KEY).is_null()).select(KEY).unique()
    unknown = visits.filter(~nw.col(KEY).is_null()).join(known, on=KEY, how="anti")
    found = {"visit_of_unknown_deal": _counted(unknown)}
    if "outcome" not in deals.collect_schema() or "kind" not in visits.collect_schema():
        return found
    last = (
        visits.filter(~nw.col(KEY).is_null())
        .with_columns((nw.col("visit") == nw.col("visit").max().over(KEY)).alias("_is_last"))
        .filter(nw.col("_is_last"))
        .select(KEY, nw.col("kind").alias("_kind"))
    )
    both = deals.select(KEY, "outcome").join(last, on=KEY, how="inner")
    # What is unknown contradicts nothing: it is a finding of its own.
    found["outcome_against_visits"] = _counted(
        both.filter(_is(nw.col("outcome") != nw.col("_kind")))
    )
    return found


def _is(condition: Any) -> Any:
    """Whether it is known to be so."""
    return condition.fill_null(False)  # noqa: FBT003


def _compared(frame: Frame, table: Table, early: str, late: str) -> tuple[Frame, Any]:
    """The frame with both moments as microseconds, and whether the first lies before the other."""
    kinds = dict(frame.collect_schema())
    dates = [kinds[name] == nw.Date for name in (early, late)]
    zones = [None if kinds[name] == nw.Date else kinds[name].time_zone for name in (early, late)]
    if not any(dates) and (zones[0] is None) != (zones[1] is None):
        fault = f"{early!r} and {late!r} are not both with a zone, or both without"
        msg = f"cannot read {table.name}: {fault}"
        hint = "give both columns the same zone."
        raise ColumnError(msg, hint=hint, column=early, known=tuple(kinds), faults=(fault,))
    for name in (early, late):
        frame = with_microseconds(frame, name, f"_{name}")
    if dates[0] != dates[1]:
        days = (nw.col(f"_{name}") // A_DAY * A_DAY for name in (early, late))
        frame = frame.with_columns(*days)
    return frame, _is(nw.col(f"_{early}") < nw.col(f"_{late}"))


def _flagged(frame: Frame, flags: Mapping[str, Any]) -> dict[str, Found]:
    """How many rows each flag is on: one row of counts, and ids where there are any."""
    flagged = frame.with_columns(*(flag.alias(what) for what, flag in flags.items()))
    sums = (nw.col(what).cast(nw.Int64).sum().alias(what) for what in flags)
    [row] = rows_of(flagged.select(*sums))
    counts = numbers_of(row)
    return {
        what: (n, first_ids(flagged.filter(nw.col(what))) if n else ())
        for what, n in counts.items()
    }


def _repeated(frame: Frame, *names: str) -> Found:
    known = frame.filter(*(~nw.col(name).is_null() for name in names))
    return _counted(known.group_by(*names).agg(nw.len().alias("_n")).filter(nw.col("_n") > 1))


def _counted(rows: Frame) -> Found:
    [row] = rows_of(rows.select(nw.len().alias("_n")))
    n = numbers_of(row)["_n"]
    return n, first_ids(rows) if n else ()


def _check_alike(deals: Frame, visits: Frame) -> None:
    """Refuse tables that cannot be joined."""
    kinds = [f"{frame.implementation.value} {type(frame).__name__}" for frame in (deals, visits)]
    if kinds[0] != kinds[1]:
        msg = f"cannot read the visits: they are a {kinds[1]}, and the deals a {kinds[0]}"
        raise DataError(msg, hint="give both as frames of one library.", found=kinds[1])
    ids = [frame.collect_schema()[KEY] for frame in (deals, visits)]
    if ids[0].is_integer() != ids[1].is_integer():
        fault = f"'{KEY}' holds {ids[1]}, and that of the deals {ids[0]}"
        msg = f"cannot read the visits: {fault}"
        hint = "give both the same type."
        raise ColumnError(msg, hint=hint, column=KEY, known=(KEY,), faults=(fault,))
