"""What stands in a frame of any library, as plain values."""

import math
from datetime import UTC, datetime
from typing import Any

from salesflow.facts.engines import engine_of


def columns_of(frame: Any) -> dict[str, list[Any]]:
    """The values by name: None where unknown, instants in UTC."""
    names, rows = _READERS[str(engine_of(frame))](frame)
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {name: [*map(_plain, values)] for name, values in zip(names, columns, strict=True)}


def types_of(frame: Any) -> dict[str, str]:
    """The types by name, as the library calls them."""
    match engine_of(frame):
        case "pandas":
            return {name: str(kind) for name, kind in frame.dtypes.items()}
        case "polars":
            return {name: str(kind) for name, kind in frame.lazy().collect_schema().items()}
        case "pyarrow":
            return {field.name: str(field.type) for field in frame.schema}
        case "duckdb":
            return {n: str(kind) for n, kind in zip(frame.columns, frame.types, strict=True)}
    return dict(frame.dtypes)


def _pandas(frame: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    columns = [frame[name].tolist() for name in frame.columns]
    return [*frame.columns], [*zip(*columns, strict=True)]


def _polars(frame: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    eager = frame.lazy().collect()
    return eager.columns, eager.rows()


def _pyarrow(frame: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    columns = [column.to_pylist() for column in frame.columns]
    return frame.column_names, [*zip(*columns, strict=True)]


def _duckdb(frame: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    return frame.columns, frame.fetchall()


def _pyspark(frame: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    return frame.columns, [tuple(row) for row in frame.collect()]


_READERS = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _pyarrow,
    "duckdb": _duckdb,
    "pyspark": _pyspark,
}


def _plain(value: Any) -> Any:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime):
        stamp = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
        # Spark gives the local time of the machine, without a zone.
        return stamp.astimezone(UTC)
    return value
