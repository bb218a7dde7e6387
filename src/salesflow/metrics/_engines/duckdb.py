"""Relations of DuckDB."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from salesflow.metrics._engines import _sql
from salesflow.metrics._engines.columns import HOUR_US, Raw

if TYPE_CHECKING:
    import duckdb


def prepare(frame: "duckdb.DuckDBPyRelation", columns: Sequence[Raw]) -> "duckdb.DuckDBPyRelation":
    """The columns, read."""
    parts = [part for raw in columns for part in _sql.read(raw, _quote, _day, _instant)]
    return frame.project(", ".join(f"{sql} as {_quote(name)}" for name, sql in parts))


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _day(column: str) -> str:
    return f"date_diff('day', date '1970-01-01', cast({column} as date))"


def _instant(column: str, zone: str | None) -> str:
    if zone in (None, "UTC"):
        return f"epoch_us({column})"
    late = f"epoch_us(timezone('{zone}', {column}))"
    # A time that the clock showed twice is the later one to DuckDB, the earlier one to all others.
    early = f"({late} - {HOUR_US})"
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
