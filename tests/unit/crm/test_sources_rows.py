"""Rows as mappings, payloads and data frames as sources."""

from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from salesflow.crm._sources import table_of
from salesflow.crm._table import FaultyRow
from salesflow.errors import SourceError
from tests.libraries import BACKENDS, spark
from tests.sources import all_rows

DEALS = [{"id": 1, "owner": {"name": "Kim"}}, {"id": 2, "owner": None, "x": Decimal("1.50")}]
COLUMNS = ("id", "owner.name", "x")
ROWS = [[1, "Kim", None], [2, None, Decimal("1.50")]]


def test_mappings_of_a_list():
    found = table_of(DEALS)
    assert found.name == "<rows>"
    assert found.columns == COLUMNS
    assert all_rows(found) == ROWS
    assert found.notes == ()


@pytest.mark.parametrize("make", [tuple, iter, lambda rows: (row for row in rows)])
def test_mappings_of_any_iterable_are_held(make):
    assert all_rows(table_of(make(DEALS))) == ROWS


def test_any_mapping_is_one():
    nested = MappingProxyType({"name": "Kim"})
    rows = [OrderedDict(id=1, owner=nested), MappingProxyType({"id": 2, "x": Decimal("1.50")})]
    assert all_rows(table_of(rows)) == ROWS


def test_an_iterable_of_another_kind():
    class Cursor:
        def __iter__(self):
            return iter(DEALS)

    assert all_rows(table_of(Cursor())) == ROWS


def test_rows_that_are_added_later_are_not_read():
    rows = [*DEALS]
    found = table_of(rows)
    rows.append({"new": 1})
    assert all_rows(found) == ROWS


@pytest.mark.parametrize("late", [{"new": 1}, {"id": {"a": 1}}, {"owner": "Kim"}])
def test_a_row_that_is_changed_later_is_an_error(late):
    rows = [{**row} for row in DEALS]
    found = table_of(rows)
    rows[0].update(late)
    with pytest.raises(SourceError, match="it changed while it was read"):
        [*found.read()]


def test_no_rows():
    found = table_of([])
    assert found.columns == ()
    assert all_rows(found) == []


def test_what_is_no_mapping_is_a_faulty_row():
    found = table_of([{"id": 1}, None, "x", 5, [{"a": Decimal("2.5")}], date(2026, 1, 2), {1: 2}])
    rows = [row for chunk in found.read() for row in chunk]
    assert [isinstance(row, FaultyRow) for row in rows] == [False, *[True] * 5, False]
    assert [row.text for row in rows[1:6]] == ["null", '"x"', "5", '[{"a": 2.5}]', '"2026-01-02"']
    assert rows[1].fact == "it is no object but null"


def test_keys_that_are_no_text():
    found = table_of([{1: "a", None: "b", (2, 3): "c", "1": "d"}])
    assert found.columns == ("1", "None", "(2, 3)", "1 (2)")
    assert all_rows(found) == [["a", "b", "c", "d"]]


def test_rows_as_their_text():
    values = {
        "a": {"b": None, "c": Decimal("1.10")},
        "at": datetime(2026, 1, 2, 3, tzinfo=UTC),
        "big": Decimal("0.1234567890123456789"),
        "nan": Decimal("NaN"),
        "nested": [MappingProxyType({"x": 1})],
        "other": UTC,
    }
    found = table_of([values])
    [[row]] = found.read()
    assert found.text_of(row) == (
        '{"a.c": 1.1, "at": "2026-01-02T03:00:00+00:00", "big": "0.1234567890123456789", '
        '"nan": "NaN", "nested": [{"x": 1}], "other": "UTC"}'
    )


def test_a_row_that_json_does_not_know_as_its_text():
    found = table_of([{"a": [{(1, 2): 3}]}])
    [[row]] = found.read()
    assert found.text_of(row) == "{'a': [{(1, 2): 3}]}"


def test_rows_that_hold_themselves_are_an_error():
    row, nested = {"id": 1}, []
    row["self"] = row
    nested.append(nested)
    for rows in ([row], [{"x": nested}], [nested]):
        with pytest.raises(SourceError, match="cannot read <rows> at item 1: values are nested"):
            table_of(rows)


def test_half_of_a_pair_is_an_error_with_its_row():
    for item in (
        {"a": "\ud800"},
        {"a": ("\ud800",)},
        {"a": [{"\ud800": 1}]},
        {"\ud800": 1},
        "\ud800",
    ):
        with pytest.raises(SourceError, match="at item 2: there is half of a pair"):
            table_of([{"a": "é"}, item])


def test_too_many_columns_are_an_error():
    with pytest.raises(SourceError, match="it has more than 5,000 columns"):
        table_of([{f"k{n}": 1} for n in range(5_001)])
    assert len(table_of([{f"k{n}": 1} for n in range(5_000)]).columns) == 5_000


def test_names_of_too_many_letters_are_an_error():
    with pytest.raises(SourceError, match="the names of its columns have more than 4,194,304"):
        table_of([{f"{n}" * 100_000: 1} for n in range(50)])


def test_a_payload():
    found = table_of({"success": True, "data": DEALS, "additional_data": {"data": [{"no": 1}]}})
    assert found.name == "<rows>"
    assert found.columns == COLUMNS
    assert all_rows(found) == ROWS


def test_a_payload_that_is_nested():
    assert all_rows(table_of({"answer": MappingProxyType({"results": tuple(DEALS)})})) == ROWS
    assert all_rows(table_of({"jsonrpc": "2.0", "id": 1, "result": {"records": DEALS}})) == ROWS


def test_a_payload_that_is_an_item():
    assert all_rows(table_of({"ID": 1, "items": [{"a": 1}]})) == [[1, [{"a": 1}]]]
    assert all_rows(table_of({"name": "Acme", "owner": {"x": [1]}})) == [["Acme", [1]]]


def test_a_payload_that_holds_itself_is_an_error():
    payload = {"name": "Acme"}
    payload["self"] = payload["other"] = payload
    with pytest.raises(SourceError, match="nested more than 100 deep"):
        table_of(payload)


def frames():
    return [b.name for b in BACKENDS]


@pytest.fixture(params=frames())
def backend(request):
    found = next(one for one in BACKENDS if one.name == request.param)
    if request.param == "pyspark":
        spark()
    return found


def test_a_frame_of_any_library(backend):
    import pyarrow as pa

    types = {
        "id": pa.int64(),
        "name": pa.string(),
        "amount": pa.float64(),
        "is_won": pa.bool_(),
        "closed_on": pa.date32(),
        "at": pa.timestamp("us", tz="UTC"),
        "price": pa.decimal128(9, 2),
    }
    at = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)
    rows = [
        [1, "Acme", 1.5, True, date(2026, 1, 2), at, Decimal("1.10")],
        [2, None, None, None, None, None, None],
    ]
    frame = backend.frame(rows, **types)
    found = table_of(frame)
    assert found.name == f"<{backend.name.partition('-')[0]} frame>"
    assert found.columns == (*types,)
    assert sorted(map(plain, all_rows(found))) == sorted(map(plain, rows))


def plain(row):
    """A row whose moments are all in one zone; a flag beside unknown ones is a float in numpy."""
    return [cell.astimezone(UTC) if isinstance(cell, datetime) else cell for cell in row]


def test_nested_values_of_a_frame():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame([DEALS[0], {"id": 2, "owner": None}])
    found = table_of(frame.with_columns(stage=pl.lit([4])))
    assert found.columns == ("id", "owner.name", "stage")
    assert all_rows(found) == [[1, "Kim", [4]], [2, None, [4]]]


def test_a_frame_without_rows_has_columns():
    pl = pytest.importorskip("polars")
    found = table_of(pl.DataFrame({"id": [], "name": []}))
    assert found.columns == ("id", "name")
    assert all_rows(found) == []


def test_values_of_pandas_are_those_of_python():
    pd, np = pytest.importorskip("pandas"), pytest.importorskip("numpy")
    frame = pd.DataFrame(
        {
            "at": [pd.Timestamp("2026-01-02T00:00:00.000000009", tz="UTC"), pd.NaT],
            "whole": pd.array([1, None], dtype="Int64"),
            "kind": pd.Categorical(["a", None]),
            "any": [np.int64(3), np.array([1.5, np.nan])],
            "nested": [{"x": np.float64(2)}, None],
            5: [np.float64("nan"), "x"],
        }
    )
    found = table_of(frame)
    assert found.columns == ("at", "whole", "kind", "any", "nested.x", "5")
    rows = all_rows(found)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    assert rows == [[at, 1, "a", 3, 2.0, None], [None, None, None, [1.5, None], None, "x"]]
    assert [type(cell) for cell in rows[0][:5]] == [datetime, int, str, int, float]


def test_a_lazy_frame_runs_once():
    pl = pytest.importorskip("polars")
    runs = []

    def count(frame):
        runs.append(1)
        return frame

    frame = pl.LazyFrame({"id": [1, 2]}).map_batches(count)
    assert all_rows(table_of(frame)) == [[1], [2]]
    assert runs == [1]


def test_a_frame_that_its_library_cannot_run_is_an_error():
    pl = pytest.importorskip("polars")
    with pytest.raises(
        SourceError, match="cannot read <polars frame>: ColumnNotFoundError"
    ) as caught:
        table_of(pl.LazyFrame({"id": [1]}).select("no"))
    assert caught.value.__cause__ is not None


def test_a_frame_with_two_columns_of_one_name_is_an_error():
    pd = pytest.importorskip("pandas")
    with pytest.raises(SourceError, match="cannot read 'June': DuplicateError") as caught:
        table_of(pd.DataFrame([[1, 2]], columns=["a", "a"]), name="June")
    assert caught.value.source == "June"


@pytest.mark.parametrize("source", ["'deals.csv'", "[{'id': 1}]", "{'data': []}", "iter([])"])
def test_narwhals_is_loaded_for_frames_alone(fresh, tmp_path, source):
    path = tmp_path / "deals.csv"
    path.write_text("id,name\n1,2\n")
    source = source.replace("'deals.csv'", repr(str(path)))
    program = f"""
import sys
from salesflow.crm._sources import table_of
table_of({source})
print([m for m in ("narwhals", "pandas", "charset_normalizer") if m in sys.modules])
"""
    assert fresh(program) == "[]"
