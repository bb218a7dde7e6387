"""The table `deals` of one call over frames."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from salesflow._narwhals import nw
from salesflow.errors import OptionError
from salesflow.facts._engines.columns import DAY_US
from salesflow.facts._faults import check_columns, counted, need_same_ids, rows
from salesflow.facts._sources import SCHEMAS, Source
from salesflow.metrics._tables import (
    OUTCOMES,
    Check,
    Expr,
    Table,
    Wanted,
    check_stages,
    columns_of,
    digits_of,
    frame_of,
    holds_all,
    mapped,
    means,
    minor_step,
    positive,
    settle_integers,
)
from salesflow.metrics.needs import ENDS, IS_OPEN, End, Flag, Need
from salesflow.metrics.options import Call
from salesflow.money import XXX

_STEPS = 1_000_000
_MOST_WEIGHTED = 9 * 10**12


@attrs.frozen
class _Derived:
    """A column made of others: which, and how."""

    of: tuple[str, ...]
    make: Callable[[Table], Expr]


def _weighted(table: Table) -> Expr:
    """An amount times its probability, rounded half up to the minor unit of its currency."""
    amount = nw.col("amount")
    # One that is too large is refused after the collect, and must not fail before.
    product = nw.when(amount.abs() <= _MOST_WEIGHTED).then(amount) * nw.col("probability_steps")
    step = minor_step(table, digits_of(table, "weighted_amount"))
    size = product.abs() + step // 2 if isinstance(step, int) else product.abs() + _half(step)
    whole = size - size % step
    return nw.when(product < 0).then(-whole).otherwise(whole)


def _half(step: Expr) -> Expr:
    return (step - step % 2) // 2


def _days_us(name: str) -> Expr:
    return (nw.col(name) * DAY_US).round(0).cast(nw.Int64)


def currency_of(table: Table) -> Expr:
    """The currency of an amount; where nobody says, that of the call."""
    default = nw.lit(table.call.currency or XXX)
    code = nw.col("currency")
    is_unsaid = code.is_null() & ~nw.col("amount").is_null()
    return nw.when(is_unsaid).then(default).otherwise(code)


_PLAIN: Mapping[str, _Derived] = {
    "given_amount": _Derived(("amount",), lambda _: nw.col("amount")),
    "currency": _Derived(("amount",), currency_of),
    "weighted_amount": _Derived(("amount", "probability"), _weighted),
    "cycle_us": _Derived(
        ("created_at", "closed_at"), lambda table: table.span("created_at", "closed_at")
    ),
    "age_us": _Derived(("created_at",), lambda table: table.age("created_at")),
    "active_us": _Derived(("active_days",), lambda _: _days_us("active_days")),
    "first_stage_us": _Derived(("closed_at",), lambda table: table.span("first_at", "closed_at")),
    "first_stage_age_us": _Derived((), lambda table: table.age("first_at")),
    "lead_us": _Derived(("closed_at",), lambda table: table.span("lead_at", "closed_at")),
    "lead_age_us": _Derived((), lambda table: table.age("lead_at")),
}


def _ended(end: End) -> _Derived:
    """How long a deal was watched and what ended it, as `stats.end_of` says."""
    closed, waiting = _PLAIN[end.closed], _PLAIN[end.waiting]

    def make(table: Table) -> Expr:
        is_open, is_event = (holds_all(table, positive(flag)) for flag in (IS_OPEN, end.event))
        time = nw.when(is_open).then(waiting.make(table)).otherwise(closed.make(table))
        return time * 2 + (~is_event).cast(nw.Int64)

    return _Derived((*closed.of, *waiting.of), make)


_DERIVED = {**_PLAIN, **{name: _ended(end) for name, end in ENDS.items()}}


def _all_of(start: str) -> frozenset[str]:
    """The columns measured from one start."""
    return frozenset(name for name in _DERIVED if name.startswith(start))


_OF_VISITS, _OF_LEADS = _all_of("first_stage_"), _all_of("lead_")
_UNTOLD = frozenset({"active_first_stage_us", "active_lead_us"})


_Joined = tuple[Source, Callable[[], None]]
"""Another table, and what puts it beside the deals once all columns are checked."""

_Join = Callable[[Table, object], _Joined]


def open_deals(
    data: object, needs: Sequence[Need], call: Call, join_keys: _Join | None = None
) -> Table:
    """The deals, with the columns that the needs and the call name.

    Args:
        data: a frame, or `Facts`.
        needs: what is to be answered.
        call: the options.
        join_keys: what joins another table that has the columns to group by, and ``has_lead``.
    """
    table = Table(Source("deals", frame_of(data, "deals"), call.reading), call)
    source = table.source
    wanted = [name for name in columns_of(needs, call) if name != "has_lead"]
    for name in _UNTOLD.intersection(wanted):
        msg = "cannot leave out the spells in which deals were closed: the tables do not tell them"
        hint = "give start='created' with clock='active', or deals instead of a frame."
        raise OptionError(msg, hint=hint, parameter="clock", value=name)
    made = {name: _DERIVED[name] for name in wanted if name in _DERIVED}
    plain = [name for name in wanted if name not in made]
    for name in (*plain, *(part for derived in made.values() for part in derived.of)):
        _ask(source, name)
    if "outcome" in wanted or call.as_of is not None:
        source.need("outcome")
    if call.as_of is not None:
        source.need("created_at")
        source.need("closed_at")
    if "amount" in source.columns:
        source.need("currency", optional=True)
    if join_keys is None:
        ask_keys(table, needs)
    joins = [join for names, join in _JOINS if names.intersection(wanted)]
    joined = [join(table, data) for join in joins]
    keyed = [] if join_keys is None else [join_keys(table, data)]
    check_columns(source, *(other for other, _ in (*joined, *keyed)))
    table.frame = source.read()
    settle_integers(table)
    for _, add in joined:
        add()
    if "outcome" in source.columns:
        settle_outcome(table)
    for _, add in keyed:
        add()
    check_amounts(table)
    derive(table, {name: derived.make for name, derived in made.items()})
    return table


def _ask(source: Source, name: str) -> None:
    if name in SCHEMAS["deals"]:
        source.need(name)
    else:
        source.need_own(name)


def derive(table: Table, made: Mapping[str, Callable[[Table], Expr]]) -> None:
    """Add the derived columns; a currency only where a column tells it."""
    if "probability" in table.source.columns:
        _check_probability(table)
    columns = {n: m(table) for n, m in made.items() if n != "currency" or table.has_currencies}
    if columns:
        table.frame = table.frame.with_columns(**columns)


def ask_keys(table: Table, needs: Sequence[Need]) -> None:
    """Ask for the columns to group by, and for the owner at opening where it counts."""
    source, call = table.source, table.call
    at_opening = any(need.at_opening for need in needs) and "owner_id" in call.by
    for place, name in enumerate(call.by):
        source.need_key(f"k{place}", name)
        if name == "owner_id" and at_opening and source.has("opening_owner_id"):
            source.need_key(f"o{place}", "opening_owner_id")
            table.has_opening_keys = True
    if at_opening and not table.has_opening_keys and source.has("owner_id"):
        source.notes.append("owner_id stands for the owner at opening, which no column tells")


def settle_outcome(table: Table) -> None:
    """Whether a deal is open, won or lost as of the call, and the keys that follow from that."""
    outcome, call = nw.col("outcome"), table.call
    flags = {f"is_{what}": means(outcome, call.outcomes, what) for what in OUTCOMES}
    frame = table.frame
    keys: dict[str, Any] = {}
    if call.as_of is not None:
        frame = frame.filter(~table.is_later("created_at"))
        frame = frame.with_columns(is_undone=table.is_later("closed_at"))
        closed = nw.when(~nw.col("is_undone")).then(nw.col("closed_at"))
        flags = {name: holds & ~nw.col("is_undone") for name, holds in flags.items()}
        flags["is_open"] = flags["is_open"] | nw.col("is_undone")
        flags["closed_at"] = closed
        table.named["undone"] = nw.col("is_undone")
        table.checks.append(Check((("undone", True),), _told_undone, is_fault=False))
    frame = frame.with_columns(**flags)
    fault = f"column '{table.source.theirs('outcome')}' holds what is no outcome"
    none = tuple((Flag("outcome", "is", what), False) for what in OUTCOMES)
    told = Check(none, lambda n: f"{fault}, in {rows(n)}", column="outcome", option="outcomes")
    table.checks.append(told)
    for place, name in enumerate(call.by):
        if f"k{place}" not in frame.columns:
            continue  # a key of another table
        if name == "outcome":
            lost = nw.when(nw.col("is_lost")).then(nw.lit("lost")).otherwise(nw.lit("open"))
            keys[f"k{place}"] = nw.when(nw.col("is_won")).then(nw.lit("won")).otherwise(lost)
        elif name in ("stage", "lost_at_stage") and call.stages:
            keys[f"k{place}"] = mapped(nw.col(f"k{place}"), call.stages)
            check_stages(table, place)
    table.frame = frame.with_columns(**keys) if keys else frame


def _told_undone(n: int) -> str:
    deals, read = counted(n, "deal"), "reads" if n == 1 else "read"
    return (
        f"{deals} closed after as_of {read} as open, with the stage, owner, amount and "
        "probability that the frame has"
    )


def check_amounts(table: Table) -> None:
    """Refuse amounts of too many digits; say what was rounded."""
    raw = table.source.columns.get("amount")
    if raw is None:
        return
    fault = f"column '{raw.source}' holds amounts of too many digits"
    table.named["lost"] = nw.col(raw.lost)
    known = Flag("amount", "known")
    lost: Wanted = (("lost", True),)
    # Only a float is rounded: of a decimal, digits that are not read would be missing from the sum.
    rounded = (*lost, (known, True))
    unread = (*lost, (known, False)) if raw.kind == "amount" else lost
    table.checks.append(Check(unread, lambda n: f"{fault}, in {rows(n)}"))
    if raw.kind == "amount":
        table.checks.append(Check(rounded, _told_rounded, is_fault=False))


def _told_rounded(n: int) -> str:
    have, are = ("has", "is") if n == 1 else ("have", "are")
    amounts = counted(n, "amount")
    return f"{amounts} {have} digits beyond the minor unit, and {are} rounded half up to it"


def _check_probability(table: Table) -> None:
    """Probabilities in steps of a millionth; those beyond 0 and 1 are refused."""
    chance, theirs = nw.col("probability"), table.source.theirs("probability")
    beyond = ((chance < 0) | (chance > 1)).fill_null(value=False)
    fault = f"column '{theirs}' holds probabilities beyond 0 and 1"
    table.named["beyond"] = beyond
    where = (("beyond", True),)
    table.checks.append(Check(where, lambda n: f"{fault}, in {rows(n)}", column="probability"))
    steps = (chance * _STEPS).round(0)
    table.frame = table.frame.with_columns(
        probability_steps=nw.when(~beyond).then(steps).cast(nw.Int64)
    )
    is_large = (nw.col("amount").abs() > _MOST_WEIGHTED).fill_null(value=False)
    large = f"column '{table.source.theirs('amount')}' holds amounts too large to weigh"
    if "amount" in table.source.columns:
        table.named["large"] = is_large
        table.checks.append(Check((("large", True),), lambda n: f"{large}, in {rows(n)}"))


def _join_first_stage(table: Table, data: object) -> _Joined:
    """Ask for the entry of each deal into its first stage; gives what puts it beside the deal."""
    visits = Source("visits", frame_of(data, "visits"), table.call.reading)
    for name in ("visit", "kind", "stage_position", "entered_at"):
        visits.need(name)
    for name in ("created_at", "history_complete"):
        table.source.need(name)
    need_same_ids(table.source, visits)

    def add() -> None:
        first = visits.read().filter((nw.col("visit") == 1) & (nw.col("kind") == "open"))
        names = _moment(table, visits, "entered", "first")
        found = first.select("deal_id", nw.col("stage_position").alias("first_position"), *names)
        table.frame = table.frame.join(found, on="deal_id", how="left")
        # A restored deal may be known from the middle on.
        is_first = (nw.col("first_position") == 0) | nw.col("history_complete")
        is_first = is_first | (table.span("created_at", "first_at") == 0)
        entered = nw.when(is_first.fill_null(value=False)).then(nw.col("first_at"))
        table.frame = table.frame.with_columns(first_at=entered)

    return visits, add


def _join_leads(table: Table, data: object) -> _Joined:
    """Ask for the creation of each deal's lead; gives what puts it beside the deal."""
    leads = Source("leads", frame_of(data, "leads"), table.call.reading)
    leads.need("created_at")
    need_same_ids(table.source, leads, "lead_id")

    def add() -> None:
        names = _moment(table, leads, "created", "lead")
        found = leads.read().select("lead_id", *names)
        table.frame = table.frame.join(found, on="lead_id", how="left")

    return leads, add


def _moment(table: Table, source: Source, theirs: str, ours: str) -> list[Expr]:
    """A moment of another table, and how precise it is, under a name of its own."""
    table.days[f"{ours}_at"] = source.days[f"{theirs}_at"]
    names = {f"{theirs}_at": f"{ours}_at"}
    if source.days[f"{theirs}_at"] is None:
        names[f"{theirs}_precision"] = f"{ours}_precision"
    return [nw.col(name).alias(alias) for name, alias in names.items()]


_JOINS = ((_OF_VISITS, _join_first_stage), (_OF_LEADS, _join_leads))
