"""Chunks of plain ISO 8601 are read at once, and as one cell after the other would be."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesflow.crm._blanks import BLANK_WORDS
from salesflow.crm._iso_chunks import days_of, instants_of, shape_of
from salesflow.crm._moments import MomentColumn
from salesflow.errors import SalesflowError

ONE_MORE = BLANK_WORDS | {"no such word"}
"""Blanks that no cell has; with blanks of its own a column reads cell by cell."""

YEARS = (1899, 1900, 1970, 1971, 1999, 2000, 2024, 2026, 2099, 2100, 9999)
DAYS = st.builds(
    "{:04}-{:02}-{:02}".format,
    st.sampled_from(YEARS),
    st.integers(0, 13),
    st.sampled_from((0, 1, 12, 28, 29, 30, 31, 32)),
)
CLOCKS = st.one_of(
    st.sampled_from(("00:00", "00:00:00", "00:00:00.000", "24:00", "23:59:60", "9:30", "10:60")),
    st.times().map(lambda time: time.isoformat()),
    st.times().map(lambda time: time.isoformat("milliseconds")),
    st.times().map(lambda time: time.isoformat("minutes")),
)
SEPARATORS = st.sampled_from((" ", "T"))
NAIVE = st.builds("{}{}{}".format, DAYS, SEPARATORS, CLOCKS)
IN_UTC = NAIVE.map("{}Z".format)
ODD = st.sampled_from((None, 5, date(2026, 1, 2), "n/a", "2026-01-02\n", "2026-01-02T10:00+01:00"))
CHUNKS = st.one_of(
    *(st.lists(st.just("") | cells, max_size=6) for cells in (DAYS, NAIVE, IN_UTC)),
    st.lists(DAYS | NAIVE | IN_UTC | ODD, max_size=4),
)


def read(chunks: list[list[Any]], zone: str | None, blanks: frozenset[str]) -> Any:
    """All that a column says of its cells, or how it refuses them."""
    column = MomentColumn("closed", zone=zone, blanks=blanks)
    row = 1
    for chunk in chunks:
        column.observe(row, chunk)
        row += len(chunk)
    try:
        column.settle()
    except SalesflowError as error:
        return str(error)
    values = [column.read(chunk) for chunk in chunks]
    return values, column.notes, column.n_impossible, column.impossible_rows, column.n_twice


@given(st.lists(CHUNKS, max_size=3), st.sampled_from((None, "UTC", "Europe/Berlin")))
@example([["2026-01-31 00:00", "2026-02-30 10:00"]], "UTC")
@example([["2026-01-31", "2026-02-30 10:00Z"], ["2026-02-30T10:00"]], None)
def test_a_chunk_is_read_as_its_cells_are(chunks, zone):
    assert read(chunks, zone, BLANK_WORDS) == read(chunks, zone, ONE_MORE)


@given(st.lists(st.just("") | st.dates(date(1971, 1, 1), date(2099, 12, 31)).map(str)))
def test_days_that_exist_are_plain(cells):
    is_plain = any(cells)
    assert shape_of(cells) == ("day" if is_plain else None)
    assert days_of(cells) == [date.fromisoformat(cell) if cell else None for cell in cells]


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2100-02-29", "2026-02-30", "2026-04-31", "2026-13-01", "2026-00-10"]
)
def test_a_day_that_does_not_exist_is_not_plain(day):
    assert shape_of([day]) is None
    assert shape_of([f"{day} 10:00"]) is None
    assert shape_of([f"{day}T10:00:00Z"]) is None


@pytest.mark.parametrize("clock", ["24:00", "10:60", "10:00:60", "1:00", "10:00:00.1"])
def test_a_time_that_clocks_do_not_show_is_not_plain(clock):
    assert shape_of([f"2026-01-31 {clock}"]) is None


@pytest.mark.parametrize("year", ["1900", "1970", "9999", "0001", "2100"])
def test_years_of_zeros_and_open_ends_are_not_plain(year):
    assert shape_of([f"{year}-12-31"]) is None


def test_the_shapes():
    assert shape_of(["", "2026-01-31"]) == "day"
    assert shape_of(["2026-01-31 10:00", ""]) == "naive"
    assert shape_of(["2026-01-31T10:00:00.123456Z"]) == "utc"


@pytest.mark.parametrize(
    "cells",
    [
        [],
        ["", ""],
        [None, None],
        [date(2026, 1, 31)],
        ["2026-01-31", None],
        ["2026-01-31", 5],
        ["2026-01-31", "2026-01-31 10:00"],
        ["2026-01-31 10:00", "2026-01-31 10:00Z"],
        ["2026-01-31\n2026-01-31"],
        ["٢٠٢٦-01-31"],
    ],
)
def test_what_is_no_chunk_of_one_shape(cells):
    assert shape_of(cells) is None


def test_times_of_a_chunk_are_instants_in_utc():
    expected = [datetime(2026, 1, 31, 10, 30, tzinfo=UTC), None]
    assert instants_of(["2026-01-31T10:30Z", ""], "utc") == expected
    assert instants_of(["2026-01-31 10:30", ""], "naive") == expected
