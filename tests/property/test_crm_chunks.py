"""Rows are read column by column, some at a time: how many at a time changes nothing."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import crm
from salesflow.crm import Import, _csv, _flatten
from salesflow.errors import SalesflowError

DAYS = st.sampled_from(["2026-01-05", "2026-02-01", "2026-03-31"])
TIMES = st.sampled_from(["2026-01-05T10:00:00Z", "2026-02-01T00:00:00Z", "2026-03-31T23:59:00Z"])
ODD = st.sampled_from(["", "n/a", "??", "9999-12-31", "5"])
MOMENTS = DAYS | TIMES | ODD
CELLS: Mapping[str, st.SearchStrategy[str]] = {
    "Record ID": st.sampled_from(["1", "2", "3", "4", ""]),
    "Deal Name": st.sampled_from(["Acme", " Acme ", ""]),
    "Deal Stage": st.sampled_from(["Contract Sent", "Closed Won", "Closed Lost", "Nowhere", ""]),
    "Pipeline": st.sampled_from(["Sales", "Sales", "Renewals", ""]),
    "Amount": st.sampled_from(["12.50", "0", "-3", "€ 5", "x", ""]),
    "Currency": st.sampled_from(["EUR", "USD", "EUX", ""]),
    "Create Date": MOMENTS,
    "Close Date": MOMENTS,
    "Last Modified Date": MOMENTS,
    "Deal owner": st.sampled_from(["Kim", "Lee", "-"]),
    "Associated Company": st.sampled_from(["Acme", "Initech", ""]),
    "Associated Contact": st.sampled_from(["Ann", "Ann;Bob", ""]),
    "Deal probability": st.sampled_from(["0.9", "0.2", "7", "", "x"]),
    "Forecast category": st.sampled_from(["commit", "pipeline", ""]),
    "Closed Lost Reason": st.sampled_from(["price", ""]),
    "Is Closed Won": st.sampled_from(["true", "false", "", "perhaps"]),
    "Date entered Contract Sent": MOMENTS,
    "Date entered Closed Won": MOMENTS,
    "Priority": st.sampled_from(["High", "Low", ""]),
}
FEW = st.sets(st.sampled_from([*CELLS])).map(sorted)


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows with the id and the stage, and any other columns."""
    columns = list(dict.fromkeys(["Record ID", "Deal Stage", *draw(FEW)]))
    rows = st.fixed_dictionaries({name: CELLS[name] for name in columns})
    return draw(st.lists(rows, min_size=1, max_size=9))


def as_csv(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    out = csv.DictWriter(file, [*rows[0]])
    out.writeheader()
    out.writerows(rows)
    return file.getvalue()


def read(source: Any, n_rows: int, **options: Any) -> Import | str:
    """What is read of a source so many rows at a time."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (_csv, _flatten):
            patch.setattr(module, "CHUNK_ROWS", n_rows)
        try:
            return crm.read(source, zone="UTC", **options)
        except SalesflowError as error:
            return str(error)


LOGS = st.lists(
    st.fixed_dictionaries(
        {
            "deal_id": st.sampled_from(["1", "2"]),
            "stage": st.sampled_from(["Contract Sent", "Closed Won"]),
            "changed_at": DAYS,
        }
    ),
    max_size=3,
)


@given(tables(), LOGS, st.integers(1, 4))
def test_deals_of_a_file(rows, log, n_rows):
    given = {"system": "hubspot", "history": log}
    whole = read(io.StringIO(as_csv(rows)), 500, **given)
    assert read(io.StringIO(as_csv(rows)), n_rows, **given) == whole


@given(tables(), st.integers(1, 4), st.randoms(use_true_random=False))
def test_deals_of_rows_that_lack_some_cells(rows, n_rows, random):
    held = [{name: cell for name, cell in row.items() if random.random() < 0.9} for row in rows]
    assert read(held, n_rows, system="hubspot") == read(held, 500, system="hubspot")


@given(tables(), st.sampled_from(["lead", "account", "contact"]), st.integers(1, 4))
def test_other_records(rows, record, n_rows):
    given = {"columns": {"id": "Record ID", "name": "Deal Name"}, "record": record}
    whole = read(io.StringIO(as_csv(rows)), 500, **given)
    assert read(io.StringIO(as_csv(rows)), n_rows, **given) == whole
