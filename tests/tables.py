"""Frames of every library, made from one PyArrow table: with the types that a user's own have."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

FRAMES = ("pandas", "pandas[pyarrow]", "polars", "polars[lazy]", "pyarrow", "duckdb")
"""The kinds of frames that need no session."""


def framed(columns: Mapping[str, Any], backend: str, **types: Any) -> Any:
    """A frame with the columns; PyArrow finds their types unless they are given by name."""
    import pyarrow as pa

    arrays = {
        name: values
        if isinstance(values, pa.Array | pa.ChunkedArray)
        else pa.array(values, types.get(name))
        for name, values in columns.items()
    }
    return _MAKERS[backend](pa.table(arrays))


def local(*parts: int) -> datetime:
    """A time without a zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - what is tested here


def _pandas(table: Any) -> Any:
    return table.to_pandas()


def _pandas_pyarrow(table: Any) -> Any:
    import pandas as pd

    return table.to_pandas(types_mapper=pd.ArrowDtype)


def _polars(table: Any) -> Any:
    import polars as pl

    return pl.from_arrow(table)


def _polars_lazy(table: Any) -> Any:
    return _polars(table).lazy()


def _duckdb(table: Any) -> Any:
    import duckdb

    return duckdb.from_arrow(table)


def _pyspark(table: Any) -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.active().createDataFrame(table)


_MAKERS = {
    "pandas": _pandas,
    "pandas[pyarrow]": _pandas_pyarrow,
    "polars": _polars,
    "polars[lazy]": _polars_lazy,
    "pyarrow": lambda table: table,
    "duckdb": _duckdb,
    "pyspark": _pyspark,
}
