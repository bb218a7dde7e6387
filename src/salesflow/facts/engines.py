"""Which library a frame is of, told without importing any."""

from typing import Literal

Engine = Literal["pandas", "polars", "pyarrow", "duckdb", "pyspark"]
"""A library whose frames are read."""

_KINDS: dict[tuple[str, str], Engine] = {
    ("pandas", "DataFrame"): "pandas",
    ("polars", "DataFrame"): "polars",
    ("polars", "LazyFrame"): "polars",
    ("pyarrow", "Table"): "pyarrow",
    ("duckdb", "DuckDBPyRelation"): "duckdb",
    ("_duckdb", "DuckDBPyRelation"): "duckdb",
    ("pyspark", "DataFrame"): "pyspark",
}


def engine_of(data: object) -> Engine | None:
    """The library of a frame; None for what is no frame."""
    for kind in type(data).__mro__:
        found = _KINDS.get((kind.__module__.partition(".")[0], kind.__name__))
        if found is not None:
            return found
    return None


def is_frame(data: object) -> bool:
    """Whether the data is a frame, not deals."""
    return engine_of(data) is not None
