"""The tidy tables as frames, of each library."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings

from salesflow import Deal, facts
from salesflow.errors import ColumnError, DataError, DuplicateDealError, OptionError
from salesflow.facts import schema
from salesflow.facts.engines import engine_of
from tests import strategies
from tests.builders import jan, lead_of, lead_opened
from tests.frames import columns_of, types_of
from tests.shorthand import PIPELINE, at, lived, usd, won

TABLES = {
    "deals": schema.DEALS,
    "visits": schema.VISITS,
    "touches": schema.TOUCHES,
    "leads": schema.LEADS,
}


@pytest.fixture
def book() -> list[Deal]:
    steps = [(at(1), "open"), (at(5), "to", "meeting"), (at(9), "lose"), (at(12), "owner", "lee")]
    lost = lived("D-1", *steps, owner_id="kim", amount=usd("12000.50"), lead_id="L")
    open_ = PIPELINE.log(PIPELINE.open("Łódź", id="D-2", at=at(2)), "call", at=at(3))
    return [lost, open_, won("D-3", 1, 5, 100)]


def test_all_tables_are_frames_of_the_values_over_objects(backend, book):
    leads = [lead_of(lead_opened(at=jan(1), source="web"))]
    tables = facts.to_frame(book, backend=backend, leads=leads)
    assert columns_of(tables.deals) == facts.deal_columns(book)
    assert columns_of(tables.visits) == facts.visit_columns(book)
    assert columns_of(tables.touches) == facts.touch_columns(book, leads)
    assert columns_of(tables.leads) == facts.lead_columns(leads)
    assert {engine_of(getattr(tables, name)) for name in TABLES} == {backend.partition("[")[0]}


def test_nothing_gives_all_columns_with_their_types(backend, book):
    empty, full = (facts.to_frame(deals, backend=backend) for deals in ([], book))
    for name, columns in TABLES.items():
        assert columns_of(getattr(empty, name)) == {column.name: [] for column in columns}
    if backend != "pandas":  # whose types tell whether all is known
        known = types_of(empty.visits)
        assert known == types_of(full.visits)


def test_tables_are_those_of_the_instant(book):
    leads = [lead_of(lead_opened(at=jan(4)))]
    tables = facts.to_frame(book, backend="polars", leads=leads, at=at(3))
    assert columns_of(tables.deals) == facts.deal_columns(book, at=at(3))
    assert columns_of(tables.visits) == facts.visit_columns(book, at=at(3))
    assert tables.deals["outcome"].to_list() == ["open", "open", "open"]
    assert tables.leads.height == 0
    before = facts.to_frame(book, backend="polars", leads=leads, at=at(1) - timedelta(days=9))
    assert before.deals.height == 0


@settings(max_examples=25)
@given(strategies.books())
def test_a_frame_holds_what_the_columns_hold(book):
    tables = facts.to_frame(book, backend="polars")
    custom = {name for name in tables.deals.columns if name.startswith("custom.")}
    assert columns_of(tables.deals.drop(custom)) == facts.deal_columns(book)
    assert columns_of(tables.visits) == facts.visit_columns(book)


# Custom values.


def with_custom(*maps: dict[str, object]) -> list[Deal]:
    return [
        PIPELINE.open("A", id=f"D-{place}", at=at(1), custom=custom)
        for place, custom in enumerate(maps)
    ]


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["north", None], "String", ["north", None]),
        ([True, False], "Boolean", [True, False]),
        ([1, None, 2**63 - 1], "Int64", [1, None, 2**63 - 1]),
        ([1, 0.5], "Float64", [1.0, 0.5]),
        ([2**53, 0.5], "Float64", [float(2**53), 0.5]),
        ([None, None], "String", [None, None]),
        ([2**53 + 1, 0.5], "String", ["9007199254740993", "0.5"]),
        ([2**63, 1], "String", ["9223372036854775808", "1"]),
        ([1, True], "String", ["1", "true"]),
        ([1, "1", None], "String", ["1", '"1"', None]),
        ([["a", {"b": None}], {"ż": [1]}], "String", ['["a", {"b": null}]', '{"ż": [1]}']),
    ],
    ids=[
        "texts",
        "flags",
        "integers",
        "numbers",
        "exact numbers",
        "none",
        "numbers no float equals",
        "large integers",
        "flags and integers",
        "texts and integers",
        "nested",
    ],
)
def test_a_custom_key_is_a_column_of_its_values(values, kind, expected):
    deals = with_custom(*({"x": value} for value in values))
    frame = facts.to_frame(deals, backend="polars").deals
    assert str(frame.schema["custom.x"]) == kind
    assert frame["custom.x"].to_list() == expected


def test_custom_keys_stand_last_in_order(backend):
    deals = with_custom({"b": 1, "a": "x"}, {}, {"a.c": [1]})
    table = columns_of(facts.to_frame(deals, backend=backend).deals)
    assert [*table][-3:] == ["custom.a", "custom.a.c", "custom.b"]
    assert table["custom.a"] == ["x", None, None]
    assert table["custom.b"] == [1, None, None]
    assert [text and json.loads(text) for text in table["custom.a.c"]] == [None, None, [1]]


def test_custom_keys_that_duckdb_takes_for_one_are_refused():
    with pytest.raises(ColumnError, match=r"cannot make column 'custom\.x'"):
        facts.to_frame(with_custom({"X": 1}, {"x": 2}), backend="duckdb")


# Refusals.


def test_what_cannot_be_read_is_refused(book):
    with pytest.raises(DataError, match="no list of deals"):
        facts.to_frame("D-1", backend="polars")
    with pytest.raises(DuplicateDealError, match="it is there twice"):
        facts.to_frame(book * 2, backend="polars")
    with pytest.raises(DataError, match="no lead"):
        facts.to_frame(book, backend="polars", leads=["L"])
    with pytest.raises(OptionError, match="backend 'excel'"):
        facts.to_frame(["read first"], backend="excel")


def test_an_amount_of_too_many_digits_is_refused_by_name():
    deals = [won("D-1", 1, 5, "9" * 24), won("D-2", 1, 5, "0." + "1" * 20)]
    with pytest.raises(ColumnError, match=r"column 'amount'.* does not fit 38 digits"):
        facts.to_frame(deals, backend="polars")
