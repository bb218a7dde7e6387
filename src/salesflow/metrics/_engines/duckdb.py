"""Relations of DuckDB."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from salesflow.metrics._engines import _sql
from salesflow.metrics._engines.columns import DAY_US, Raw

if TYPE_CHECKING:
    import duckdb


_KINDS = {'"NULL"': "unknown", "TIMESTAMPTZ_NS": "time"}


def kind_of(frame: "duckdb.DuckDBPyRelation", column: str) -> str | None:
    """What a column holds whose type narwhals does not tell."""
    return _KINDS.get(str(frame.types[frame.columns.index(column)]))


def zone_of(frame: "duckdb.DuckDBPyRelation", column: str) -> object:
    """The zone of times whose type narwhals does not tell: they are instants."""
    del frame, column
    return "UTC"


def prepare(frame: "duckdb.DuckDBPyRelation", columns: Sequence[Raw]) -> "duckdb.DuckDBPyRelation":
    """The columns, read."""
    parts = [part for raw in columns for part in _sql.read(raw, _quote, _instant, _day)]
    return frame.project(", ".join(f"{sql} as {_quote(name)}" for name, sql in parts))


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _day(column: str) -> str:
    return f"datediff('day', date '1970-01-01', {column})"


def _instant(column: str, zone: str | None) -> str:
    if zone is None:
        return f"epoch_us(cast({column} as timestamptz))"
    # Of seconds and of nanoseconds, there is a calendar that ends early.
    column = f"cast({column} as timestamp)"
    if zone == "UTC":
        return f"epoch_us({column})"
    late = f"epoch_us(timezone('{zone}', {column}))"
    # A time that the clock showed twice is the later one to DuckDB, the earlier one to all others:
    # a day later than the same time of the day before.
    early = f"(epoch_us(timezone('{zone}', {column} - interval 1 day)) + {DAY_US})"
    shown = f"timezone('{zone}', make_timestamptz({early}))"
    return f"case when {shown} = {column} then {early} else {late} end"


def share(frame: "duckdb.DuckDBPyRelation") -> "duckdb.DuckDBPyRelation":
    """The rows; DuckDB finds by itself what parts of the query share."""
    return frame


def middles(
    frame: "duckdb.DuckDBPyRelation", keys: Sequence[str], column: str
) -> "duckdb.DuckDBPyRelation":
    """The two values in the middle of each group, exact."""
    name, names = _quote(column), [_quote(key) for key in keys]
    low = f"percentile_disc(0.5) within group (order by {name}) as low"
    high = f"percentile_disc(0.5) within group (order by {name} desc) as high"
    found = frame.aggregate(", ".join([*names, low, high]), ", ".join(names))
    return found.filter("low is not null")  # without keys, no rows have one middle: null


def fetch(frame: "duckdb.DuckDBPyRelation") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    return frame.fetchall()
