"""The CRM Sales Opportunities set again, as an analyst reads it: a CSV, and a mapping of names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from salesflow import Period, metrics
from tests.real.files import figures, real_file
from tests.real.test_maven import assert_figures

NOW = datetime(2018, 1, 1, tzinfo=UTC)
COLUMNS = {
    "deal_id": "opportunity_id",
    "owner_id": "sales_agent",
    "outcome": "deal_stage",
    "created_at": "engage_date",
    "closed_at": "close_date",
    "amount": "close_value",
}
OUTCOMES = {"Prospecting": "open", "Engaging": "open", "Won": "won", "Lost": "lost"}
READ: dict[str, Any] = {"columns": COLUMNS, "outcomes": OUTCOMES, "currency": "USD"}


def _pandas(path: str) -> Any:
    import pandas as pd

    return pd.read_csv(path, parse_dates=["engage_date", "close_date"])


def _pandas_pyarrow(path: str) -> Any:
    import pandas as pd

    return pd.read_csv(path, dtype_backend="pyarrow", engine="pyarrow")


def _polars(path: str) -> Any:
    import polars as pl

    return pl.read_csv(path, try_parse_dates=True)


def _polars_lazy(path: str) -> Any:
    import polars as pl

    return pl.scan_csv(path, try_parse_dates=True)


def _pyarrow(path: str) -> Any:
    from pyarrow import csv

    return csv.read_csv(path)


def _duckdb(path: str) -> Any:
    import duckdb

    return duckdb.read_csv(path)


READERS = {
    "pandas": _pandas,
    "pandas[pyarrow]": _pandas_pyarrow,
    "polars": _polars,
    "polars[lazy]": _polars_lazy,
    "pyarrow": _pyarrow,
    "duckdb": _duckdb,
}


@pytest.fixture(params=READERS)
def frame(request: pytest.FixtureRequest) -> Any:
    return READERS[request.param](str(real_file("maven/sales_pipeline.csv")))


@pytest.fixture
def reference() -> dict[str, Any]:
    return figures("maven_crm_sales_opportunities")


def numbers_of(frame: Any, **options: Any) -> Any:
    summary = metrics.summary(frame, as_of=NOW, **READ, **options)
    cycles: Any = metrics.cycle_time
    both = (cycles(frame, outcome=kind, **READ, **options) for kind in ("all", "lost"))
    return summary, *both


def test_overall(frame, reference):
    assert_figures(numbers_of(frame), reference["overall"], with_open=True)


def test_by_agent(frame, reference):
    found = numbers_of(frame, by="owner_id")
    assert {*found[0]} == {*reference["by_sales_agent"]}
    for key, expected in reference["by_sales_agent"].items():
        assert_figures(tuple(part[key] for part in found), expected, with_open=True)


def test_by_a_column_of_the_file(frame, reference):
    found = numbers_of(frame, by="product")
    # The file writes one product in two ways.
    names = {name.replace("GTXPro", "GTX Pro"): name for name in reference["by_product"]}
    keys = {key: key for key in found[0]} | {"GTXPro": names.get("GTX Pro", "GTXPro")}
    assert {keys[key] for key in found[0]} == {*reference["by_product"]}
    for key in found[0]:
        parts = tuple(part[key] for part in found)
        assert_figures(parts, reference["by_product"][keys[key]], with_open=True)


def test_by_quarter_of_close(frame, reference):
    summary, of_closed, of_lost = numbers_of(frame, every="quarter")
    assert [str(key) for key in summary] == ["2016-Q4", "2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]
    for key, of_quarter in reference["by_close_quarter"].items():
        quarter = Period.parse(key.replace("Q", "-Q"))
        parts = summary[quarter], of_closed[quarter], of_lost[quarter]
        assert_figures(parts, of_quarter, with_open=False)


def test_the_outcomes_of_the_file_must_be_told(frame):
    from salesflow.errors import ColumnError

    with pytest.raises(ColumnError, match="no outcome, in 8800 rows: 'Won', 'Lost', 'Engaging'"):
        metrics.win_rate(frame, columns=COLUMNS)


def test_as_of_earlier_is_the_same_on_every_engine_as_over_deals(frame):
    from tests.real.test_maven import read

    earlier = datetime(2017, 7, 1, tzinfo=UTC)
    wanted = metrics.win_rate(read("sales_pipeline.csv"), as_of=earlier)
    found = metrics.win_rate(frame, as_of=earlier, **READ)
    assert (found.numerator, found.denominator) == (wanted.numerator, wanted.denominator)
    assert any("closed after as_of read as open" in note for note in found.notes)
