"""The table `visits` of one call over frames, joined to the deals where it needs them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from salesflow.errors import DataError
from salesflow.facts._narwhals import nw
from salesflow.facts.data import Facts
from salesflow.facts.engines import is_frame
from salesflow.metrics._sources import SCHEMAS, Source
from salesflow.metrics._tables import (
    OUTCOMES,
    Check,
    Expr,
    Table,
    check_stages,
    columns_of,
    frame_of,
    mapped,
    means,
)
from salesflow.metrics.needs import Need
from salesflow.metrics.options import Call

_DERIVED: Mapping[str, tuple[tuple[str, ...], Callable[[Table], Expr]]] = {
    "days_us": (("entered_at", "left_at"), lambda table: table.span("entered_at", "left_at")),
    "current_us": (
        ("entered_at", "left_at"),
        lambda table: nw.when(nw.col("is_current")).then(table.age("entered_at")),
    ),
}


def open_visits(data: object, needs: Sequence[Need], call: Call, which: str) -> Table:
    """The visits, with the columns that the needs and the call name; those of deals joined."""
    table = Table(Source("visits", frame_of(data, "visits"), call), call)
    source = table.source
    wanted = columns_of(needs)
    made = {name: _DERIVED[name] for name in wanted if name in _DERIVED}
    plain = [name for name in wanted if name not in made and name != "is_current"]
    for name in (*plain, *(part for parts, _ in made.values() for part in parts)):
        if name in SCHEMAS["visits"]:
            source.need(name)
    if call.as_of is not None:
        source.need("entered_at")
        source.need("left_at")
    for name in ("kind", "is_current", "next_stage"):
        source.need(name, optional=True)
    others = [name for name in plain if name not in SCHEMAS["visits"]]
    deals = _ask_keys(table, data, others)
    source.check()
    table.frame = source.read()
    _settle(table, which)
    if deals is not None:
        _join(table, deals)
    derived = {name: make(table) for name, (_, make) in made.items()}
    if derived:
        table.frame = table.frame.with_columns(**derived)
    return table


def _ask_keys(table: Table, data: object, others: Sequence[str]) -> Source | None:
    """Ask for the columns to group by, of visits or else of their deals; gives the deals."""
    source, call = table.source, table.call
    of_deals = {
        f"k{place}": name
        for place, name in enumerate(call.by)
        if not source.has(name) and name not in SCHEMAS["visits"]
    }
    for place, name in enumerate(call.by):
        if f"k{place}" not in of_deals:
            source.need_key(f"k{place}", name)
    if not of_deals and not others:
        return None
    frame = data.deals if isinstance(data, Facts) else None
    if not is_frame(frame):
        names = ", ".join([*of_deals.values(), *others])
        msg = f"cannot read the data: {names} is no column of visits, and there are no deals"
        raise DataError(msg, hint="give Facts(deals=…, visits=…).", found=type(data).__name__)
    deals = Source("deals", frame, call)
    for alias, name in of_deals.items():
        deals.need_key(alias, name)
    for name in others:
        deals.need(name)
    kinds = [one.need_id("deal_id") for one in (source, deals)]
    if None not in kinds and kinds[0] != kinds[1]:
        fault = f"column '{source.theirs('deal_id')}' holds {kinds[0]} in visits, {kinds[1]} here"
        deals.faults["deal_id"] = fault
    deals.check()
    return deals


def _join(table: Table, deals: Source) -> None:
    """Put the columns of its deal beside each visit; a deal that is there twice is refused."""
    frame = deals.read()
    counts = frame.group_by("deal_id").agg(nw.len().alias("n_same"))
    joined = table.frame.join(frame, on="deal_id", how="left")
    table.frame = joined.join(counts, on="deal_id", how="left")
    twice = (nw.col("n_same") > 1).fill_null(value=False)
    fault = "deals are there twice, which visits are of, in"
    table.named["twice"] = twice
    where = (("twice", True),)
    table.checks.append(Check(where, lambda n: f"{fault} {n} rows", column="deal_id"))


def _settle(table: Table, which: str) -> None:
    """The visits as of the call; those to open stages, or all."""
    source, call = table.source, table.call
    frame = table.frame
    if "kind" in source.columns:
        kind = nw.col("kind")
        flags = {what: means(kind, call.outcomes, what) for what in OUTCOMES}
        frame = frame.with_columns(**{f"is_{what}": holds for what, holds in flags.items()})
        if which == "visits":
            frame = frame.filter(~(nw.col("is_won") | nw.col("is_lost")))
        fault = f"column '{source.theirs('kind')}' holds what is no outcome"
        known = [nw.col("is_open")] if which == "visits" else [nw.col(f"is_{w}") for w in OUTCOMES]
        table.named["kindless"] = ~_any(known)
        where = (("kindless", True),)
        told = Check(where, lambda n: f"{fault}, in {n} rows", column="kind", option="outcomes")
        table.checks.append(told)
    else:
        source.notes.append("all stages count as open: no column kind tells which are not")
    has_left = "left_at" in source.columns
    if has_left:
        frame = frame.with_columns(is_current=_is_current(source))
    if call.as_of is not None:
        frame = frame.filter(~table.is_later("entered_at"))
        frame = frame.with_columns(is_cut=table.is_later("left_at"))
        cut = nw.col("is_cut")
        changed: dict[str, Any] = {
            "left_at": nw.when(~cut).then(nw.col("left_at")),
            "is_current": nw.col("is_current") | cut,
        }
        if "next_stage" in source.columns:
            changed["next_stage"] = nw.when(~cut).then(nw.col("next_stage"))
        frame = frame.with_columns(**changed)
    for place, name in enumerate(call.by):
        if name in ("stage", "next_stage") and call.stages:
            frame = frame.with_columns(**{f"k{place}": mapped(nw.col(f"k{place}"), call.stages)})
            check_stages(table, place)
    table.frame = frame


def _is_current(source: Source) -> Expr:
    if "is_current" in source.columns:
        return nw.col("is_current").fill_null(value=False)
    lasts = nw.col("left_at").is_null()
    return lasts & nw.col("next_stage").is_null() if "next_stage" in source.columns else lasts


def _any(conditions: Sequence[Expr]) -> Expr:
    found = conditions[0]
    for condition in conditions[1:]:
        found = found | condition
    return found
