"""The table `visits` of one call over frames, joined to the deals where it needs them."""

from collections.abc import Callable, Mapping, Sequence

import attrs

from salesflow._narwhals import nw
from salesflow.errors import DataError
from salesflow.facts._faults import check_columns, need_same_ids, rows
from salesflow.facts._sources import SCHEMAS, Source
from salesflow.facts.data import Facts
from salesflow.facts.engines import is_frame
from salesflow.metrics._deal_table import check_amounts, currency_of, settle_outcome
from salesflow.metrics._tables import (
    GIVEN,
    OUTCOMES,
    Check,
    Expr,
    Table,
    Wanted,
    any_of,
    check_stages,
    columns_of,
    frame_of,
    mapped,
    means,
    settle_integers,
)
from salesflow.metrics.needs import Need
from salesflow.metrics.options import Call


def _end(table: Table) -> Expr:
    """How long a visit was watched and whether it ended, as `stats.end_of` says."""
    lasts = nw.col("is_current")
    span = table.span("entered_at", "left_at")
    return nw.when(lasts).then(table.age("entered_at")).otherwise(span) * 2 + lasts.cast(nw.Int64)


_BOTH = ("entered_at", "left_at")
_DERIVED: Mapping[str, tuple[tuple[str, ...], Callable[[Table], Expr]]] = {
    "days_us": (_BOTH, lambda table: table.span(*_BOTH)),
    "current_us": (
        _BOTH,
        lambda table: nw.when(nw.col("is_current")).then(table.age("entered_at")),
    ),
    "since_entry_us": (("entered_at",), lambda table: table.age("entered_at")),
    "visit_end": (_BOTH, _end),
}
_MONEY = ("amount", "currency")


@attrs.define
class Visits:
    """The visits of a call, read and as of its instant, and the deals that they are of."""

    table: Table
    deals: Source | None
    wanted: list[str]

    def join_deals(self) -> None:
        """Put the columns of its deal beside each row."""
        if self.deals is not None:
            join_deals(self.table, self.deals)

    def derive(self, made: Mapping[str, Callable[[Table], Expr]]) -> None:
        """Add the derived columns that are wanted."""
        derived = {name: make(self.table) for name, make in made.items() if name in self.wanted}
        if derived:
            self.table.frame = self.table.frame.with_columns(**derived)


def open_visits(data: object, needs: Sequence[Need], call: Call, which: str) -> Table:
    """The visits, with the columns that the needs and the call name; those of deals joined."""
    visits = read_visits(data, needs, call, which)
    visits.join_deals()
    visits.derive({name: make for name, (_, make) in _DERIVED.items()})
    return visits.table


def read_visits(
    data: object,
    needs: Sequence[Need],
    call: Call,
    which: str,
    asked: Sequence[str] = (),
    made: Sequence[str] = (),
    of_deals: Sequence[str] = (),
) -> Visits:
    """The visits as of the call.

    Args:
        data: a frame, or `Facts`.
        needs: what is to be answered.
        call: the options.
        which: ``visits``, those to open stages; or all.
        asked: more columns of visits to read.
        made: the columns that the caller makes of others.
        of_deals: more columns of deals to read.
    """
    table = Table(Source("visits", frame_of(data, "visits"), call.reading), call)
    source = table.source
    wanted = columns_of(needs, call)
    plain = [name for name in wanted if name not in _DERIVED and name not in made]
    parts = [part for name in wanted if name in _DERIVED for part in _DERIVED[name][0]]
    for name in (*asked, *plain, *parts):
        if name == "stage_position" and name not in asked:
            source.need_or_blank(name)
        elif name in SCHEMAS["visits"] and name != "is_current":
            source.need(name)
    if call.as_of is not None:
        source.need("entered_at")
        source.need("left_at")
    for name in ("kind", "is_current"):
        source.need(name, optional=True)
    source.need_known("next_stage", "is_followed")
    others = [n for n in (*plain, *of_deals) if n not in SCHEMAS["visits"]]
    deals = ask_keys(table, data, others, made)
    if deals is not None or asked:
        source.need_id()
    check_columns(source, *([] if deals is None else [deals]))
    table.frame = source.read()
    settle_integers(table)
    _settle(table, which)
    return Visits(table, deals, wanted)


def ask_keys(
    table: Table, data: object, others: Sequence[str], made: Sequence[str]
) -> Source | None:
    """Ask for the columns to group by, the rows' own or else of their deals; gives the deals."""
    source, call = table.source, table.call
    keys = {f"k{place}": name for place, name in enumerate(call.by) if name not in made}
    is_own = {
        alias: source.has(name) or name in SCHEMAS[source.table] for alias, name in keys.items()
    }
    for alias, name in keys.items():
        if is_own[alias]:
            source.need_key(alias, name)
    of_deals = {alias: name for alias, name in keys.items() if not is_own[alias]}
    # What becomes of a touch is always told by its deal.
    is_touch = source.table == "touches"
    # What a deal is worth is told by the deals, where they are given.
    of_money = _MONEY if isinstance(data, Facts) and is_frame(data.deals) else ()
    missing = [n for n in others if is_touch or n in of_money or not source.has(n)]
    for name in others:
        if name not in missing:
            source.need_own(name)
    if not of_deals and not missing:
        return None
    return _open_deals(table, data, of_deals, missing)


def _open_deals(
    table: Table, data: object, keys: Mapping[str, str], others: Sequence[str]
) -> Source:
    """The deals, and what is asked for of them."""
    source, call = table.source, table.call
    frame = data.deals if isinstance(data, Facts) else None
    if not is_frame(frame):
        names = ", ".join([*keys.values(), *others])
        msg = (
            f"cannot read the data: {names} is no column of {source.table}, and there are no deals"
        )
        hint = f"give Facts(deals=…, {source.table}=…)."
        raise DataError(msg, hint=hint, found=type(data).__name__)
    deals = Source("deals", frame, call.reading)
    for alias, name in keys.items():
        deals.need_key(alias, name)
    for name in others:
        if name in SCHEMAS["deals"]:
            deals.need(name, optional=name == "currency")
        else:
            deals.need_own(name)
    if "outcome" in (*keys.values(), *others):
        deals.need("outcome")
        for name in ("created_at", "closed_at") if call.as_of is not None else ():
            deals.need(name)
    need_same_ids(source, deals)
    return deals


def join_deals(table: Table, deals: Source) -> None:
    """Put the columns of its deal beside each row; a deal that is there twice is refused."""
    others = Table(deals, table.call)
    others.frame = deals.read()
    has_outcome = "outcome" in deals.columns
    if has_outcome:
        settle_outcome(others)
    counts = others.frame.group_by("deal_id").agg(nw.len().alias("n_same"))
    joined = table.frame.join(others.frame, on="deal_id", how="left")
    table.frame = joined.join(counts, on="deal_id", how="left")
    table.named["twice"] = (nw.col("n_same") > 1).fill_null(value=False)
    fault = f"deals are there twice, which {table.source.table} are of, in"
    where: Wanted = (("twice", True),)
    table.checks.append(Check(where, lambda n: f"{fault} {rows(n)}", column="deal_id"))
    if has_outcome:
        _check_outcome(table, deals)
    _take_money(table, deals)


def _take_money(table: Table, deals: Source) -> None:
    """Read the amounts beside the rows as those of the deals they are of."""
    taken = {name: deals.columns[name] for name in _MONEY if name in deals.columns}
    table.source.columns |= taken
    if "amount" in taken:
        check_amounts(table)
        if table.has_currencies:
            table.frame = table.frame.with_columns(currency=currency_of(table))


def _check_outcome(table: Table, deals: Source) -> None:
    """Refuse an outcome of a deal that is none; a visit of no deal has none, and counts in none."""
    flags = {f"is_{what}": nw.col(f"is_{what}").fill_null(value=False) for what in OUTCOMES}
    table.frame = table.frame.with_columns(**flags)
    has_deal = ~nw.col("n_same").is_null()
    table.named["outcomeless"] = has_deal & ~any_of(*(nw.col(name) for name in flags))
    fault = f"column '{deals.theirs('outcome')}' of deals holds what is no outcome"
    where: Wanted = (("outcomeless", True),)
    told = Check(where, lambda n: f"{fault}, in {rows(n)}", column="outcome", option="outcomes")
    table.checks.append(told)


def _settle(table: Table, which: str) -> None:
    """The visits as of the call; those to open stages, or all."""
    _keep(table, which)
    if "next_kind" in table.source.columns:
        kind = mapped(nw.col("next_kind"), table.call.outcomes)
        table.frame = table.frame.with_columns(next_kind=kind)
    has_kind = "kind" in table.source.columns
    # In as few steps as can be: some engines look at all columns again for each.
    made = _kinds(table, which) if has_kind else _no_kinds(table)
    if not {"left_at", "is_current"}.isdisjoint(table.source.columns):
        made["is_current"] = _is_current(table.source)
    if table.call.as_of is not None:
        made["is_cut"] = table.is_later("left_at")
    changed = _meant() if has_kind and which != "visits" else {}
    if table.call.as_of is not None:
        changed |= _cut(table)
    table.frame = table.frame.with_columns(**made)
    if changed:
        table.frame = table.frame.with_columns(**changed)
    for place, name in enumerate(table.call.by):
        if name in ("stage", "next_stage") and table.call.stages:
            key = mapped(nw.col(f"k{place}"), table.call.stages)
            table.frame = table.frame.with_columns(**{f"k{place}": key})
            check_stages(table, place)


def _keep(table: Table, which: str) -> None:
    """Leave out what came after the instant of the call, and other visits than are asked for."""
    kept: list[Expr] = []
    if table.call.as_of is not None:
        kept.append(~table.is_later("entered_at"))
    if which == "visits" and "kind" in table.source.columns:
        kind, outcomes = nw.col("kind"), table.call.outcomes
        kept.append(~any_of(*(means(kind, outcomes, what) for what in ("won", "lost"))))
    if kept:
        table.frame = table.frame.filter(nw.all_horizontal(*kept, ignore_nulls=False))


def _kinds(table: Table, which: str) -> dict[str, Expr]:
    """Which kind each stage is of."""
    kind, outcomes = nw.col("kind"), table.call.outcomes
    told = OUTCOMES if which != "visits" else ("open",)
    table.named["kindless"] = ~any_of(*(nw.col(f"kind_{what}") for what in told))
    given = "kind" if which == "visits" else f"kind{GIVEN}"
    fault = f"column '{table.source.theirs('kind')}' holds what is no outcome"
    where = (("kindless", True),)
    table.checks.append(
        Check(where, lambda n: f"{fault}, in {rows(n)}", column=given, option="outcomes")
    )
    # Those of another kind are left out already.
    return {
        f"kind_{what}": means(kind, outcomes, what) if what in told else nw.lit(value=False)
        for what in OUTCOMES
    }


def _no_kinds(table: Table) -> dict[str, Expr]:
    """The same where no column tells it."""
    table.source.notes.append("all stages count as open: no column kind tells which are not")
    return {"kind": nw.lit("open"), **{f"kind_{what}": nw.lit(what == "open") for what in OUTCOMES}}


def _meant() -> dict[str, Expr]:
    """What being in a stage meant, in our words, beside the word that was given."""
    meant = nw.when(nw.col("kind_lost")).then(nw.lit("lost")).otherwise(nw.lit("open"))
    meant = nw.when(nw.col("kind_won")).then(nw.lit("won")).otherwise(meant)
    return {f"kind{GIVEN}": nw.col("kind"), "kind": meant}


_NEXT = frozenset({"next_stage", "next_kind", "next_position"})


def _cut(table: Table) -> dict[str, Expr]:
    """Let what ended after the instant of the call last."""
    cut = nw.col("is_cut")
    keys = {f"k{place}" for place, name in enumerate(table.call.by) if name in _NEXT}
    ended = ["left_at", *(_NEXT | keys).intersection(table.source.columns)]
    changed = {name: nw.when(~cut).then(nw.col(name)) for name in ended}
    return {**changed, "is_current": nw.col("is_current") | cut}


def _is_current(source: Source) -> Expr:
    if "is_current" in source.columns:
        return nw.col("is_current").fill_null(value=False)
    lasts = nw.col("left_at").is_null()
    if "is_followed" in source.columns:
        return lasts & ~nw.col("is_followed")
    return lasts & nw.col("next_stage").is_null() if "next_stage" in source.columns else lasts
