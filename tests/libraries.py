"""The libraries of frames, one table made in each of them, and its rows in plain Python.

`BACKENDS`
    all of them, for a parametrised fixture; those that are absent are skipped.
`moments`
    the types that a column of moments may have, with a value of each.
"""

import contextlib
import io
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import attrs
import pytest

from salesflow._narwhals import nw


@attrs.frozen
class Backend:
    """A library of frames.

    Args:
        name: what the tests call it.
        make: its frame of a PyArrow table.
        is_lazy: whether it promises no order of rows.
        n_examples: how many examples Hypothesis tries: for one, polars takes 0.1 s and Spark 8 s.
    """

    name: str
    make: Callable[[Any], Any]
    is_lazy: bool = False
    n_examples: int = 30

    def frame(self, rows: Sequence[Any], **types: Any) -> Any:
        """A frame with the columns of these types."""
        import pyarrow as pa

        columns = [*zip(*rows, strict=True)] or [() for _ in types]
        arrays = [pa.array(c, type=t) for c, t in zip(columns, types.values(), strict=True)]
        return self.make(pa.table(dict(zip(types, arrays, strict=True))))


def rows_of(native: Any) -> list[dict[str, Any]]:
    """The rows, whatever marks what is missing."""
    frame: Any = nw.from_native(native)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect("pyarrow")
    return [{k: _plain(v) for k, v in row.items()} for row in frame.to_arrow().to_pylist()]


def _plain(value: Any) -> Any:
    """What pandas and others have for a datetime, as one; aware ones in UTC."""
    if isinstance(value, datetime):
        clock = datetime.fromisoformat(value.isoformat()[:26])
        return value.astimezone(UTC) if value.tzinfo else clock
    return value


def in_order(rows: Iterable[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: tuple(row[name] for name in names))


def _pandas(table: Any) -> Any:
    pandas, pa = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    frame = table.to_pandas()
    for field in table.schema:
        if pa.types.is_date(field.type):
            frame[field.name] = frame[field.name].astype(pandas.ArrowDtype(field.type))
    # An index that is not in order, as after a filter or a sort.
    frame.index = range(len(frame), 0, -1)
    return frame


def _pandas_arrow(table: Any) -> Any:
    return table.to_pandas(types_mapper=pytest.importorskip("pandas").ArrowDtype)


def _polars(table: Any) -> Any:
    return pytest.importorskip("polars").from_arrow(table)


def _duckdb(table: Any) -> Any:
    return connection().from_arrow(table)


@cache
def connection() -> Any:
    """One DuckDB in memory, away from UTC: nothing may hang on the zone of the session."""
    made = pytest.importorskip("duckdb").connect()
    with contextlib.suppress(Exception):  # without its extension for zones it stays in UTC
        made.execute("SET TimeZone = 'America/New_York'")
    return made


@cache
def spark() -> Any:
    """One Spark in this process, which speaks to nobody."""
    pytest.importorskip("pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, which is not installed")
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    of_the_machine = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.log.level": "ERROR",
    }
    of_the_session = {
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        # A few rows are read sooner without compiling a program for them first.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in of_the_machine.items():
        builder = builder.config(name, value)
    with contextlib.redirect_stderr(io.StringIO()):
        session = builder.getOrCreate().newSession()  # others keep their settings
    for name, value in of_the_session.items():
        session.conf.set(name, value)
    return session


BACKENDS = (
    Backend("pandas", _pandas, n_examples=15),
    Backend("pandas-pyarrow", _pandas_arrow, n_examples=10),
    Backend("polars", _polars),
    Backend("pyarrow", lambda table: table),
    Backend("polars-lazy", lambda table: _polars(table).lazy(), is_lazy=True, n_examples=20),
    Backend("duckdb", _duckdb, is_lazy=True, n_examples=12),
    Backend("pyspark", lambda table: spark().createDataFrame(table), is_lazy=True, n_examples=2),
)


def moments() -> dict[str, tuple[Any, date]]:
    """The types of a column of moments."""
    import pyarrow as pa

    return {
        "date": (pa.date32(), date(2026, 3, 28)),
        "naive": (pa.timestamp("us"), datetime(2026, 3, 28, 20)),  # noqa: DTZ001 - a local time
        "aware": (pa.timestamp("us", tz="UTC"), datetime(2026, 3, 28, 20, tzinfo=UTC)),
    }
