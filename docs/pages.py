"""Writes the parts of the docs that the code tells: columns, what each engine can do, diagrams.

    python docs/pages.py

A part stands between two comments, ``<!-- generated: columns of deals -->`` and ``<!-- end -->``.
All of it comes from calls: each number is computed over tables of a few deals, with as few columns
as it takes, and over the frames of each library. A contract test holds the pages equal to it.
"""

import re
import runpy
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
import polars as pl

import salesflow as sf
from salesflow import Money, facts, forecast, metrics
from salesflow.errors import ColumnError, SalesflowError
from salesflow.facts import schema
from salesflow.facts._sources import Source
from salesflow.metrics.own import count, is_, total

DOCS = Path(__file__).parent
TABLES = {
    "deals": schema.DEALS,
    "visits": schema.VISITS,
    "touches": schema.TOUCHES,
    "leads": schema.LEADS,
}
NOW = datetime(2026, 4, 1, tzinfo=UTC)
QUARTER = sf.Period.quarter(2026, 1)

Columns = frozenset[tuple[str, str]]
"""Columns, each with its table."""


@attrs.frozen(eq=False)
class Number:
    """One call of a metric: the options that the page shows, and those that the call needs."""

    name: str
    shown: Mapping[str, Any] = attrs.field(factory=dict)
    given: Mapping[str, Any] = attrs.field(factory=dict)
    table: str = "deals"

    @property
    def label(self) -> str:
        """The call as the page names it."""
        options = ", ".join(f"{name}={_shown(value)}" for name, value in self.shown.items())
        return f"{self.name}({options})" if options else self.name

    def __call__(self, data: object, **more: Any) -> Any:
        """The result, as plain rows."""
        call: Callable[..., Any] = _OWN.get(self.name) or getattr(metrics, self.name)
        return call(data, **{**self.given, **self.shown, **more}).to_dicts()


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _compared(data: object, **options: Any) -> Any:
    return metrics.compare(metrics.win_rate, data, period=QUARTER, **options)


def _of_deals(data: object, **options: Any) -> Any:
    return metrics.measure(data, total("amount", is_("outcome", "won")), **options)


def _of_visits(data: object, **options: Any) -> Any:
    return metrics.measure(data, count(table="visits"), **options)


_OWN: dict[str, Callable[..., Any]] = {
    "compare": _compared,
    "forecast.rollup": forecast.rollup,
    'measure(total("amount"))': _of_deals,
    'measure(count(table="visits"))': _of_visits,
}
_TODAY = {"as_of": NOW}
_ROLLED = {**_TODAY, "period": QUARTER, "currency": "EUR"}
_QUOTA = {**_TODAY, "quota": Money(1000, "EUR"), "period": QUARTER, "currency": "EUR"}

NUMBERS = (
    Number("win_rate"),
    Number("win_rate", {"weight": "value"}),
    Number("win_rate", {"basis": "created"}),
    Number("win_rate", {"stale_as_lost": 90}, _TODAY),
    Number("conversion_rate"),
    Number("average_deal_size"),
    Number("cycle_time"),
    Number("cycle_time", {"clock": "active"}),
    Number("cycle_time", {"start": "first_stage"}),
    Number("cycle_time", {"start": "lead"}),
    Number("cycle_time", {"censored": True}, {**_TODAY, "basis": "created"}),
    Number("pipeline_velocity", {}, _TODAY),
    Number("summary", {}, _TODAY),
    Number("weighted_pipeline", {}, _TODAY),
    Number("coverage", {}, _QUOTA),
    Number("forecast.rollup", {}, _ROLLED),
    Number("new_pipeline"),
    Number("loss_reasons"),
    Number("reopen_rate"),
    Number("touchpoints"),
    Number("compare"),
    Number('measure(total("amount"))'),
    Number("time_in_stage", {}, _TODAY, table="visits"),
    Number("stage_conversion", table="visits"),
    Number("stage_conversion", {"mode": "strict"}, table="visits"),
    Number("stage_flow", table="visits"),
    Number("rework", table="visits"),
    Number('measure(count(table="visits"))', table="visits"),
    Number("new_leads", table="leads"),
    Number("inflow_gaps", table="leads"),
    Number("lead_conversion", table="leads"),
    Number("time_to_first_touch", table="leads"),
    Number("time_to_qualify", table="leads"),
    Number("disqualification_reasons", table="leads"),
    Number("lead_funnel", table="leads"),
    Number("lead_revenue", table="leads"),
    Number("feedback", table="touches"),
)

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    'by="owner_id"': {"by": "owner_id"},
    'by=["owner_id", "custom.region"]': {"by": ["owner_id", "custom.region"]},
    "period=": {"period": QUARTER},
    'every="month"': {"every": "month"},
    'every="week"': {"every": "week"},
    "calendar=": {"every": "year", "calendar": sf.Calendar("Asia/Seoul", first_month=4)},
    "as_of=": _TODAY,
    "currency=": {"currency": "EUR"},
    "rates=": {"rates": sf.Rates("EUR", {})},
}

ENGINES = ("pandas", "polars", "pyarrow", "duckdb")
"""The libraries that are asked; Spark is asked by the tests, which have a session."""

REASONS = {
    "qualified_stage=": "A frame of leads tells when each was qualified, in "
    "`qualified_at`, and not its stages. `facts.to_frame(…, qualified_stage=…)` makes that column.",
    "rates=": "A conversion rounds each amount half up to the minor unit, and no engine divides "
    'decimals that way. Give `by="currency"`, or deals.',
}
"""Why a call is refused over frames; in words, for no message is written for this page."""


def _at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


@cache
def book() -> tuple[sf.Deal, ...]:
    """A few deals that have something of everything."""
    pipeline = sf.Pipeline.standard()
    return _came_back(pipeline), _went_through(pipeline), *_restored(pipeline)


def _came_back(pipeline: sf.Pipeline) -> sf.Deal:
    deal = pipeline.open(
        "Acme",
        id="D-1",
        owner_id="kim",
        source="web",
        amount=Money("120.50", "EUR"),
        probability=0.3,
        expected_close_on=date(2026, 3, 20),
        custom={"region": "north"},
        at=_at(1, 2),
    )
    deal = pipeline.advance(deal, at=_at(1, 5))
    deal = pipeline.log(deal, "meeting", at=_at(1, 6), score=8, theme="price")
    deal = pipeline.lose(deal, "budget", disposition="nurture", at=_at(1, 20))
    return pipeline.reopen(deal, to="prospecting", reason="new budget", at=_at(2, 1))


def _went_through(pipeline: sf.Pipeline) -> sf.Deal:
    deal = pipeline.open("Bolt", id="D-2", lead_id="L-1", owner_id="kim", at=_at(1, 3))
    for day in (5, 6, 9, 12):
        deal = pipeline.advance(deal, at=_at(1, day))
    deal = pipeline.update(deal, owner_id="lee", amount=Money(80, "EUR"), at=_at(1, 13))
    return pipeline.win(deal, at=_at(2, 2))


def _restored(pipeline: sf.Pipeline) -> Iterable[sf.Deal]:
    """Two that are known by their days."""
    for n, stage in ((3, "won"), (4, "lost")):
        yield pipeline.restore(
            id=f"D-{n}",
            stage=stage,
            owner_id="lee",
            amount=Money(300, "EUR"),
            created_at=date(2026, 1, n),
            closed_at=date(2026, 3, n),
            loss_reason="price" if stage == "lost" else None,
        )


def leads() -> tuple[sf.Lead, ...]:
    """The lead that one of them came from, and one that came to nothing."""
    process = sf.LeadProcess.standard()
    lead = process.open("Kim", id="L-1", source="web", channel="ads", at=_at(1, 1))
    lead = process.log(process.advance(lead, at=_at(1, 1)), "call", at=_at(1, 2))
    lead = process.advance(lead, at=_at(1, 2))
    became = process.convert(lead, sf.Pipeline.standard(), id="D-2", at=_at(1, 3))
    other = process.open("Lee", id="L-2", source="fair", channel="booth", at=_at(1, 20))
    return became.lead, process.disqualify(other, "spam", at=_at(2, 1))


@cache
def frames(backend: Any) -> facts.Facts:
    """The tables of the book."""
    return facts.to_frame(book(), backend=backend, leads=leads())


# The columns that a number needs, and reads.


@cache
def columns_needed(number: Number, **options: Any) -> Columns | None:
    """The columns without which a number is refused; None if it is refused with all of them."""
    whole = frames("polars")
    tables = {name: getattr(whole, name) for name in TABLES}
    known = {(name, column) for name in tables for column in tables[name].columns}
    needed: set[tuple[str, str]] = set()
    while True:
        chosen = {
            name: frame.with_columns(pl.lit(0).alias("_")).select(
                "_", *(column for column in frame.columns if (name, column) in needed)
            )
            for name, frame in tables.items()
        }
        try:
            number(facts.Facts(**chosen), **options)
        except ColumnError as error:
            missing = _missing(error) & known - needed
            if not missing:
                return None
            needed |= missing
        else:
            return frozenset(needed)


def _missing(error: ColumnError) -> set[tuple[str, str]]:
    found = re.match(r"cannot read the (\w+): ", error.message)
    table = found[1] if found else ""
    names = (re.fullmatch(r"(?:in (\w+), )?no column '(.+)'", fault) for fault in error.faults)
    return {(name[1] or table, name[2]) for name in names if name}


def columns_read(number: Number, **options: Any) -> Columns:
    """The columns that a number reads where they are all there."""
    seen: set[tuple[str, str]] = set()
    read = Source.read

    def watched(source: Source) -> Any:
        seen.update((source.table, raw.source) for raw in source.columns.values())
        return read(source)

    with patch.object(Source, "read", watched):
        number(frames("polars"), **options)
    return frozenset(seen)


def columns_table(table: str) -> str:
    """The columns of a table: what they hold, and which numbers need them."""
    needs = {number: columns_needed(number) or frozenset() for number in NUMBERS}
    optional = frozenset().union(*map(_read_where_there, NUMBERS))
    rows = []
    for column in TABLES[table]:
        place = (table, column.name)
        needing = _short([number for number in NUMBERS if place in needs[number]])
        told = needing or ("read where there is one" if place in optional else "")
        about = (f"`{column.name}`", column.type, column.unit or "", column.meaning)
        rows.append((*about, told))
    return _table(("column", "type", "unit", "meaning", "needed by"), rows)


@cache
def _read_where_there(number: Number) -> Columns:
    """The columns that a number reads, and can do without."""
    needed = columns_needed(number)
    if needed is None:
        return frozenset()
    read = columns_read(number)
    if "quota" not in number.given:
        read |= columns_read(number, by="owner_id") - {(number.table, "owner_id")}
    return read - needed


def _short(numbers: Iterable[Number]) -> str:
    """The labels of numbers; of one that needs a column without options, the name alone."""
    found = list(numbers)
    plain = {number.name for number in found if not number.shown}
    chosen = [n.label for n in found if not n.shown or n.name not in plain]
    return ", ".join(f"`{label}`" for label in dict.fromkeys(chosen))


def needs_table() -> str:
    """What each number needs of a frame."""
    rows = []
    for number in NUMBERS:
        needed = columns_needed(number)
        if needed is not None:
            cells = (needed, _read_where_there(number))
            rows.append((f"`{number.label}`", *(_names(c, number.table) for c in cells)))
    return _table(("number", "needs", "reads where there is one"), rows)


def as_of_table() -> str:
    """What ``as_of=`` needs, of each table; the same whatever the number."""
    more: dict[str, set[str]] = {}
    for number in NUMBERS:
        asked = columns_needed(number, **_TODAY)
        for table, name in (asked or frozenset()) - (columns_needed(number) or frozenset()):
            more.setdefault(table, set()).add(name)
    named = {table: _names({(table, name) for name in more[table]}, table) for table in more}
    rows = [(f"`{table}`", names) for table, names in named.items()]
    return _table(("table", "with `as_of=`, too"), rows)


def _names(columns: Iterable[tuple[str, str]], table: str) -> str:
    """Columns in the order of the schema; those of another table with its name."""
    found = set(columns)
    ordered = [(t, c.name) for t in TABLES for c in TABLES[t] if (t, c.name) in found]
    own = [f"`{name}`" for place, name in ordered if place == table]
    return ", ".join(own + [f"`{t}.{name}`" for t, name in ordered if t != table])


# The types that a column may have.

_TYPES: dict[str, Any] = {
    "text": pl.String(),
    "categories": pl.Categorical(),
    "true and false": pl.Boolean(),
    "integers": pl.Int64(),
    "floats": pl.Float64(),
    "decimals": pl.Decimal(20, 4),
    "dates": pl.Date(),
    "times": pl.Datetime("us"),
    "times with a zone": pl.Datetime("us", "UTC"),
    "nothing known": pl.Null(),
}
_ASKED = {
    "str": ("currency", Number("average_deal_size")),
    "int": ("n_touches", Number("touchpoints")),
    "float": ("probability", Number("weighted_pipeline", {}, _TODAY)),
    "bool": ("history_complete", Number("reopen_rate")),
    "instant": ("created_at", Number("conversion_rate", {}, {"period": QUARTER})),
    "date": ("expected_close_on", Number("weighted_pipeline", {}, _TODAY)),
    "decimal": ("amount", Number("average_deal_size")),
}
"""For each type, a column of it and a number that reads it."""


def types_table() -> str:
    """What a column of the user's may hold, for each type of ours."""
    rows = []
    for kind, (column, number) in _ASKED.items():
        taken = [name for name, theirs in _TYPES.items() if _is_taken(column, number, theirs)]
        rows.append((kind, ", ".join(taken)))
    return _table(("type", "a column of a frame may hold"), rows)


def _is_taken(column: str, number: Number, theirs: Any) -> bool:
    whole = frames("polars").deals
    empty = whole.with_columns(pl.lit(None).cast(theirs).alias(column))
    try:
        number(empty)
    except ColumnError:
        return False
    return True


# What each engine can do.


def engines_tables() -> str:
    """Numbers and options by engine, and why some are refused."""
    notes: dict[str, int] = {}
    numbers = [_engine_row(n.label, n, {}, notes) for n in NUMBERS]
    size = Number("average_deal_size")
    options = [_engine_row(label, size, given, notes) for label, given in OPTIONS.items()]
    waits, named = Number("time_to_qualify", table="leads"), {"qualified_stage": "working"}
    options.append(_engine_row("qualified_stage=", waits, named, notes))
    heads = ("deals", "pandas", "polars", "PyArrow", "DuckDB", "Spark")
    told = [f"{n}. {REASONS[label]}" for label, n in notes.items()]
    parts = (_table(("number", *heads), numbers), _table(("option", *heads), options))
    return "\n\n".join((*parts, "\n".join(told)))


def _engine_row(
    label: str, number: Number, options: Mapping[str, Any], notes: dict[str, int]
) -> tuple[str, ...]:
    over_deals = facts.Facts(deals=book(), leads=leads())
    wanted = number(over_deals, **options)
    found = []
    for engine in ENGINES:
        try:
            same = number(frames(engine), **options) == wanted
        except SalesflowError as error:
            found.append(f"no ({notes.setdefault(label, len(notes) + 1)}): `{error.code}`")
        else:
            if not same:
                msg = f"{label} over {engine} is another number"
                raise AssertionError(msg)
            found.append("yes")
    # Spark and DuckDB read the same SQL. That Spark gives these numbers is held by the tests.
    return (f"`{label}`", "yes", *found, found[-1])


# Pictures of definitions.


def diagram() -> str:
    """The standard pipeline as a diagram, which GitHub draws."""
    return f"```mermaid\n{sf.Pipeline.standard().to_mermaid()}```"


def stages_table() -> str:
    """The standard pipeline as a table."""
    return sf.Pipeline.standard().to_markdown().rstrip()


# The pages.


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = [heads, *rows]
    lines = ["|" + "|".join(f" {cell} " if cell else " " for cell in row) + "|" for row in body]
    return "\n".join((lines[0], "|" + "---|" * len(heads), *lines[1:]))


PARTS: Mapping[str, Callable[[], str]] = {
    **{f"columns of {table}": (lambda table=table: columns_table(table)) for table in TABLES},
    "types": types_table,
    "needs": needs_table,
    "as_of": as_of_table,
    "engines": engines_tables,
    "diagram": diagram,
    "stages": stages_table,
    **runpy.run_path(str(DOCS / "crm_columns.py"))["parts"](_table),
}
PAGES = (
    "reference/facts.md",
    "reference/engines.md",
    "reference/crm-columns.md",
    "concepts/machine.md",
)
"""Those with such parts."""
_PART = re.compile(r"(<!-- generated: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def rendered(page: Path) -> str:
    """A page as it should be."""
    text = page.read_text(encoding="utf-8")
    return _PART.sub(lambda part: f"{part[1]}\n{PARTS[part[2]]()}\n\n{part[3]}", text)


def main() -> None:
    """Write the pages."""
    for name in PAGES:
        page = DOCS / name
        page.write_text(rendered(page), encoding="utf-8")


if __name__ == "__main__":
    main()
