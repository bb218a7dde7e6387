"""The tables of leads over frames: leads, with what became of their deals; deals by their lead."""

from collections.abc import Sequence
from typing import Any

import attrs

from salesflow._narwhals import nw
from salesflow.errors import OptionError
from salesflow.facts._faults import check_columns, counted, need_same_ids, rows
from salesflow.facts._sources import SCHEMAS, Source
from salesflow.facts.leads import QUALIFIED
from salesflow.metrics._deal_table import open_deals, settle_outcome
from salesflow.metrics._tables import Check, Expr, Table, columns_of, frame_of, means
from salesflow.metrics.needs import Leads, Need
from salesflow.metrics.options import Call

_OUTCOMES = ("open", "converted", "disqualified")
_SPANS = {"touch_us": "first_touch_at", "qualify_us": "qualified_at"}
_MOMENTS = ("first_touch_at", "qualified_at", "converted_at", "disqualified_at")


def open_leads(data: object, needs: Sequence[Need], call: Call, spec: Leads) -> Table:
    """The leads, with the columns that the needs and the call name; won deals joined."""
    if spec.qualified_stage != QUALIFIED:
        msg = "cannot name the stage of qualified leads: the frame has qualified_at, and no stages"
        hint = "leave it out, or give leads instead of a frame."
        value = spec.qualified_stage
        raise OptionError(msg, hint=hint, parameter="qualified_stage", value=value)
    table = Table(Source("leads", frame_of(data, "leads"), call.reading), call)
    wanted = columns_of(needs, call)
    _ask(table, wanted)
    deals = [_ask_deals(table, data)] if "is_won" in wanted else []
    check_columns(table.source, *deals)
    table.frame = table.source.read()
    _settle(table)
    for source in deals:
        _join_won(table, source)
    made = {name: table.span("created_at", end) for name, end in _SPANS.items() if name in wanted}
    if made:
        table.frame = table.frame.with_columns(**made)
    return table


def _ask(table: Table, wanted: Sequence[str]) -> None:
    """Ask for the columns that are wanted, those of other columns' making too."""
    source, call = table.source, table.call
    for name in wanted:
        if name in _SPANS:
            source.need("created_at")
        found = _SPANS.get(name, name)
        if found in SCHEMAS["leads"]:
            source.need(found)
    has_outcome = not {"is_converted", "is_disqualified"}.isdisjoint(wanted)
    if has_outcome or "outcome" in call.by:
        source.need("outcome")
        source.need("converted_at", optional=True)
        source.keep("deal_id", "any", alias="deal_id", optional=True)
    if call.as_of is not None:
        source.need("created_at")
        for name in ("converted_at", "disqualified_at") if "outcome" in source.columns else ():
            source.need(name)
    for place, name in enumerate(call.by):
        source.need_key(f"k{place}", name)


def _settle(table: Table) -> None:
    """The leads as of the call, and what became of them."""
    columns, frame = table.source.columns, table.frame
    known = [name for name in _MOMENTS if name in columns]
    if table.call.as_of is not None:
        frame = frame.filter(~table.is_later("created_at"))
        late = {f"late_{name}": table.is_later(name) for name in known}
        frame = frame.with_columns(**late) if late else frame
        cut = {name: nw.when(~nw.col(f"late_{name}")).then(nw.col(name)) for name in known}
        frame = frame.with_columns(**cut) if cut else frame
    table.frame = frame
    if "outcome" in columns:
        _settle_outcome(table)


def _settle_outcome(table: Table) -> None:
    """Whether a lead became a deal, and whether it is disqualified; the key that follows."""
    call, columns = table.call, table.source.columns
    is_past = call.as_of is not None
    flags = {f"said_{what}": means(nw.col("outcome"), call.outcomes, what) for what in _OUTCOMES}
    frame = table.frame.with_columns(**flags)
    became: Expr = nw.col("said_converted")
    for name in ("converted_at", "deal_id"):
        if name in columns:
            became = became | ~nw.col(name).is_null()
    not_yet = {what: nw.col(f"late_{what}_at") for what in _OUTCOMES[1:]} if is_past else {}
    frame = frame.with_columns(
        is_converted=became & ~not_yet["converted"] if is_past else became,
        is_disqualified=nw.col("said_disqualified") & ~not_yet["disqualified"]
        if is_past
        else nw.col("said_disqualified"),
    )
    unread = ~(nw.col("said_open") | nw.col("said_converted") | nw.col("said_disqualified"))
    frame = frame.with_columns(is_unread=unread)
    table.named["unread"] = nw.col("is_unread")
    fault = f"column '{table.source.theirs('outcome')}' holds what is no outcome of a lead"
    told = Check(
        (("unread", True),), lambda n: f"{fault}, in {rows(n)}", column="outcome", option="outcomes"
    )
    table.checks.append(told)
    if is_past:
        closed = nw.col("said_converted") & not_yet["converted"]
        closed = closed | (nw.col("said_disqualified") & not_yet["disqualified"])
        frame = frame.with_columns(is_undone=closed)
        table.named["undone"] = nw.col("is_undone")
        table.checks.append(Check((("undone", True),), _told_undone, is_fault=False))
    keys = {f"k{n}": _outcome(not_yet) for n, name in enumerate(call.by) if name == "outcome"}
    table.frame = frame.with_columns(**keys) if keys else frame


def _outcome(not_yet: dict[str, Expr]) -> Expr:
    """The outcome in our words: what was disqualified later may have been converted before."""
    is_deal: Expr = nw.col("said_converted")
    if not_yet:
        undone = nw.col("said_disqualified") & not_yet["disqualified"]
        is_deal = (is_deal | undone) & nw.col("is_converted")
    found = nw.when(is_deal).then(nw.lit("converted")).otherwise(nw.lit("open"))
    return nw.when(nw.col("is_disqualified")).then(nw.lit("disqualified")).otherwise(found)


def _told_undone(n: int) -> str:
    read = "reads" if n == 1 else "read"
    return f"{counted(n, 'lead')} closed after as_of {read} as not closed yet"


def _ask_deals(table: Table, data: object) -> Source:
    """The deals of the leads, and what is asked for of them."""
    deals = Source("deals", frame_of(data, "deals"), table.call.reading)
    names = ("created_at", "closed_at") if table.call.as_of is not None else ()
    for name in ("outcome", *names):
        deals.need(name)
    need_same_ids(table.source, deals, "lead_id")
    return deals


def _join_won(table: Table, source: Source) -> None:
    """Put beside each lead whether a deal of it is won."""
    deals = Table(source, attrs.evolve(table.call, by=()))
    deals.frame = source.read().filter(~nw.col("lead_id").is_null())
    settle_outcome(deals)
    is_none = ~(nw.col("is_open") | nw.col("is_won") | nw.col("is_lost"))
    flags = {"n_won": nw.col("is_won"), "n_unread": is_none}
    if table.call.as_of is not None:
        flags["n_undone"] = nw.col("is_undone")
    made = deals.frame.with_columns(**{name: flag.cast(nw.Int64) for name, flag in flags.items()})
    sums = made.group_by("lead_id").agg(*(nw.col(name).sum() for name in flags))
    table.frame = table.frame.join(sums, on="lead_id", how="left")
    some = {name: (nw.col(name) > 0).fill_null(value=False) for name in flags}
    table.frame = table.frame.with_columns(is_won=some["n_won"])
    table.named["deals_unread"] = some["n_unread"]
    fault = f"column '{source.theirs('outcome')}' of deals holds what is no outcome"
    told = Check((("deals_unread", True),), lambda n: f"{fault}, of {counted(n, 'lead')}")
    table.checks.append(told)
    if "n_undone" in some:
        table.named["deals_undone"] = some["n_undone"]
        told = Check((("deals_undone", True),), _told_reopened, is_fault=False)
        table.checks.append(told)


def _told_reopened(n: int) -> str:
    return f"deals of {counted(n, 'lead')} closed after as_of read as open"


def open_deals_by_lead(data: object, needs: Sequence[Need], call: Call) -> Table:
    """The deals, each with the keys that its lead has."""
    return open_deals(data, needs, call, _join_keys)


def _join_keys(table: Table, data: object) -> tuple[Source, Any]:
    """Ask for the keys that leads have; gives what puts them beside the deals."""
    leads = Table(Source("leads", frame_of(data, "leads"), table.call.reading), table.call)
    _ask(leads, ())
    need_same_ids(table.source, leads.source, "lead_id")

    def add() -> None:
        leads.frame = leads.source.read().filter(~nw.col("lead_id").is_null())
        _settle(leads)
        names = [name for name in leads.source.columns if name.startswith("k")]
        checked = ["is_unread"] if leads.checks else []
        counts = leads.frame.group_by("lead_id").agg(nw.len().alias("n_leads"))
        found = leads.frame.select("lead_id", *names, *checked)
        joined = table.frame.join(found, on="lead_id", how="left")
        table.frame = joined.join(counts, on="lead_id", how="left")
        table.frame = table.frame.with_columns(has_lead=~nw.col("n_leads").is_null())
        table.named["twice"] = (nw.col("n_leads") > 1).fill_null(value=False)
        fault = "leads are there twice, which deals came from, in"
        told = Check((("twice", True),), lambda n: f"{fault} {rows(n)}", column="lead_id")
        table.checks.append(told)
        for check in leads.checks[:1]:
            table.named["unread"] = nw.col("is_unread").fill_null(value=False)
            table.checks.append(attrs.evolve(check, column=None))

    return leads.source, add
