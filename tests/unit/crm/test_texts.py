"""Columns of texts, lists of keys, and the values that no field takes."""

import math
from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.crm import _custom, _texts
from salesflow.crm._custom import CustomColumns, plain_json
from salesflow.crm._notes import Notes
from salesflow.crm._table import chunk_of
from salesflow.crm._texts import ListColumn, TextColumn


def words(*cells, **options):
    return TextColumn("Column", **options).read(cells)


def keys(cell):
    return ListColumn("Column").read([cell])[0]


def custom(*rows, columns=((0, "a"), (1, "b"))):
    notes = Notes()
    return CustomColumns(columns, notes).read(1, chunk_of(list(rows))), notes.findings()


# Texts


def test_a_text_is_itself_without_the_blanks_around_it():
    assert words(" Kim ", "Null", "a  b") == ["Kim", "Null", "a  b"]


@pytest.mark.parametrize("cell", ["", "  ", "none", "-", "n/a", None, False, math.nan, [], {}])
def test_nothing_is_said(cell):
    assert words(cell) == [None]


@pytest.mark.parametrize("text", ["None", "-", "n/a"])
def test_people_may_mean_a_blank_word_where_they_write_freely(text):
    assert words(f" {text} ", is_free=True) == [text]


def test_nothing_where_people_write_freely():
    assert words("", "  ", None, 7, is_free=True) == [None, None, None, "7"]


def test_blanks_of_the_caller():
    assert words("unassigned", "Kim", blanks=("unassigned",)) == [None, "Kim"]


def test_a_pair_holds_a_key_and_a_name():
    assert words([4, "Won"]) == ["Won"]
    assert words([4, "Won"], is_id=True) == ["4"]
    assert words(["a", "b"], is_id=True) == ["a"]


def test_two_numbers_are_no_pair():
    assert words([4, 5]) == ["[4, 5]"]


def test_a_list_of_one_object_is_its_key():
    assert words([{"id": "7001", "type": "x"}]) == ["7001"]


def test_other_lists_and_objects_are_json():
    cells = [["a"], {"name": "Zażółć"}, [{"name": "x"}], [date(2026, 1, 2)]]
    assert words(*cells) == [
        '["a"]',
        '{"name": "Zażółć"}',
        '[{"name": "x"}]',
        '["2026-01-02"]',
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12, "12"),
        (12.0, "12"),
        (Decimal("12.0"), "12"),
        (12.5, "12.5"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+30"), "1" + "0" * 30),
        (Decimal("1E+9999"), "1E+9999"),
        (Decimal("Infinity"), "Infinity"),
        (math.inf, "inf"),
        (True, "True"),
    ],
)
def test_a_number_is_written_as_a_key(number, text):
    assert words(number) == [text]


@given(st.integers(-(10**90), 10**90))
def test_a_whole_number_is_one_key_however_it_is_held(number):
    assert words(number) == words(Decimal(number)) == [str(number)]


def test_what_is_known_of_texts_is_forgotten_when_it_is_too_much(monkeypatch):
    monkeypatch.setattr(_texts, "_MOST_CACHED", 2)
    column = TextColumn("Column")
    chunks = [["a", "b", "c "], ["c ", "a"], ["-", "a"]]
    assert [column.read(chunk) for chunk in chunks] == [["a", "b", "c"], ["c", "a"], [None, "a"]]


# Several keys in a cell


@pytest.mark.parametrize(
    ("cell", "held"),
    [
        ("1;2, 3", ("1", "2", "3")),
        ("2;1;2", ("2", "1")),
        (";, ", ()),
        (None, ()),
        (False, ()),
        (7, ("7",)),
        ([1, 2, 1], ("1", "2")),
        (["a", "b"], ("a", "b")),
        ([4, "Acme"], ("4",)),
        ([{"id": "7"}, {"id": "8"}], ("7", "8")),
        ([None, "x"], ("x",)),
    ],
)
def test_keys(cell, held):
    assert keys(cell) == held


# What no field takes


def test_texts_are_kept_as_they_are():
    held, findings = custom([" x ", ""], ["y", "  "], ["", None])
    assert [dict(one) for one in held] == [{"a": " x "}, {"a": "y"}, {}]
    assert findings == ()


def test_no_columns_hold_nothing():
    assert [dict(one) for one in custom(["x"], ["y"], columns=())[0]] == [{}, {}]


def test_values_of_json_are_kept_and_missing_ones_are_not():
    held, findings = custom([0, {"k": [1, None]}], [[], {}], [math.nan, pd.NaT], [pd.NA, False])
    assert [dict(one) for one in held] == [{"a": 0, "b": {"k": (1, None)}}, {}, {}, {"b": False}]
    assert findings == ()


def test_a_value_that_json_does_not_hold_is_kept_as_a_text():
    held, [found] = custom([math.inf, "y"])
    assert dict(held[0]) == {"a": "inf", "b": "y"}
    assert (found.code, found.rows) == ("odd-value", (1,))


def test_texts_shared_are_forgotten_when_they_are_too_many(monkeypatch):
    monkeypatch.setattr(_custom, "_MOST_CACHED", 1)
    columns = CustomColumns([(0, "a")], Notes())
    chunks = [[["x"], ["y"]], [["x"], ["z"]]]
    read = [[dict(one) for one in columns.read(1, chunk_of(chunk))] for chunk in chunks]
    assert read == [[{"a": "x"}, {"a": "y"}], [{"a": "x"}, {"a": "z"}]]


def test_rows_that_hold_the_same_texts_share_one_object():
    held, _ = custom(["x", None], ["y", "z"], ["x", None])
    assert held[0] is held[2]
    assert dict(held[0]) == {"a": "x"}


def test_numbers_that_are_equal_are_not_the_same_value():
    held, _ = custom([1, "x"], [True, "x"], [1.0, "x"])
    assert [type(one["a"]) for one in held] == [int, bool, float]


def test_one_more_value_does_not_hide_one_that_the_row_has():
    [held], _ = custom(["x", "y"])
    assert dict(CustomColumns.with_value(held, "pipeline", "P")) == {
        "pipeline": "P",
        "a": "x",
        "b": "y",
    }
    assert dict(CustomColumns.with_value(held, "a", "P")) == {"a": "x", "b": "y"}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (Decimal("1.5"), 1.5),
        (Decimal("0.1"), 0.1),
        (Decimal("0.12345678901234567890123"), "0.12345678901234567890123"),
        (Decimal("1E+999"), "1E+999"),
        (Decimal("Infinity"), "Infinity"),
        (Decimal("NaN"), None),
        (Decimal("sNaN"), None),
        (math.nan, None),
        (pd.NA, None),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4), "2026-01-02T03:04:00"),  # noqa: DTZ001 - as it stands there
        ({1: (Decimal(2), None)}, {"1": [2.0, None]}),
        (True, True),
        (b"x", "b'x'"),
    ],
)
def test_a_cell_as_a_value_of_json(cell, value):
    assert plain_json(cell) == value
