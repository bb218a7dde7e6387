"""What is wrong with tables of deals and visits in frames; loaded with the first of them."""

from collections.abc import Mapping
from typing import Any

from salesflow._narwhals import nw
from salesflow.facts._faults import Reading, check_columns, check_names, need_same_ids
from salesflow.facts._instants import Days, span
from salesflow.facts._sources import Source
from salesflow.facts._tables import (
    CLOSED,
    KEY,
    Frame,
    Ordered,
    first_ids,
    numbers_of,
    read,
    rows_of,
)

_DEALS = (KEY, "outcome", "created_at", "closed_at", "amount", "currency")

Found = tuple[int, tuple[Any, ...]]
"""How often something is wrong, and the ids of some deals."""


def frame_findings(
    deals: object, visits: object, columns: Mapping[str, str] | None
) -> dict[str, Found]:
    """By what is looked for, how often it occurs, and at most five ids."""
    check_names(columns or {}, _DEALS)
    of_deals = _open_deals(deals, Reading(columns or {}))
    if visits is None:
        check_columns(of_deals)
        return _of_deals(read(of_deals), of_deals.days)
    of_visits = _open_visits(visits)
    need_same_ids(of_deals, of_visits)
    check_columns(of_deals, of_visits)
    tables = read(of_deals), read(of_visits)
    return {
        **_of_deals(tables[0], of_deals.days),
        **_of_visits(tables[1], of_visits.days),
        **_of_both(*tables),
    }


def _open_deals(deals: object, reading: Reading) -> Source:
    source = Source("deals", deals, reading)
    source.keep(KEY, "id", alias=KEY)
    for name, holds in (("outcome", "str"), ("amount", "decimal"), ("currency", "str")):
        source.keep(name, holds, alias=name, optional=True)
    for name in ("created_at", "closed_at"):
        source.need(name, optional=True)
    return source


def _open_visits(visits: object) -> Source:
    source = Source("visits", visits, Reading())
    source.keep(KEY, "id", alias=KEY)
    source.keep("visit", "whole", alias="visit")
    source.keep("kind", "str", alias="kind", optional=True)
    for name in ("entered_at", "left_at"):
        source.need(name, optional=True)
    return source


def _of_deals(deals: Frame, days: Days) -> dict[str, Found]:
    names = {*deals.collect_schema()}
    flags = {"no_deal_id": nw.col(KEY).is_null()}
    is_closed = _is(nw.col("outcome").is_in([*CLOSED]))
    is_open = _is(nw.col("outcome") == "open")
    if "outcome" in names:
        flags["unknown_outcome"] = ~(is_open | is_closed)
    if {"created_at", "closed_at"} <= names:
        flags["negative_cycle"] = _is(span(days, "created_at", "closed_at") < 0)
    if {"outcome", "closed_at"} <= names:
        flags["open_with_closed_at"] = is_open & ~nw.col("closed_at").is_null()
        flags["closed_without_closed_at"] = is_closed & nw.col("closed_at").is_null()
    if {"amount", "currency"} <= names:
        flags["no_currency"] = ~nw.col("amount").is_null() & nw.col("currency").is_null()
    found = _flagged(deals, flags)
    found["repeated_deal_id"] = _repeated(deals, KEY)
    return found


def _of_visits(visits: Frame, days: Days) -> dict[str, Found]:
    names = {*visits.collect_schema()}
    flags = {}
    if "kind" in names:
        flags["unknown_kind"] = ~_is(nw.col("kind").is_in(["open", *CLOSED]))
    if {"entered_at", "left_at"} <= names:
        flags["ends_before_it_begins"] = _is(span(days, "entered_at", "left_at") < 0)
        before = {n: f"last_{n}" for n in ("left_at", "left_precision") if n in names}
        ordered = Ordered.by(visits, "visit")
        last = (ordered.neighbour(name, 1).alias(alias) for name, alias in before.items())
        visits = ordered.with_columns(*last).frame
        days = {**days, "last_left_at": days["left_at"]}
        flags["overlapping_visits"] = _is(span(days, "last_left_at", "entered_at") < 0)
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
