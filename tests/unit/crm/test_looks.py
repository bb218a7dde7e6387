"""A table is looked at again and again: parsed once where that takes little memory, and alike."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.crm import _looks
from salesflow.crm._looks import Looks
from salesflow.crm._table import Chunk, FaultyRow, Rows, Table, chunk_of

FAULTY = FaultyRow(["x", None], fact="it is short", text="x")


class Source:
    """Rows of two columns, and how often they were read."""

    def __init__(self, *chunks: list[Any]) -> None:
        self.chunks = chunks
        self.n_reads = 0

    def read(self) -> Iterator[Rows]:
        self.n_reads += 1
        yield from self.chunks

    def looks(self) -> Looks:
        return Looks(Table("rows", ("a", "b"), self.read))


def rows_of(chunks: Iterator[Chunk]) -> list[list[Any]]:
    return [[*chunk.row(place)] for chunk in chunks for place in range(chunk.n_rows)]


def n_reads_of_two_looks(*chunks: list[Any]) -> int:
    source = Source(*chunks)
    looks = source.looks()
    expected = [[*row] for rows in chunks for row in rows]
    assert rows_of(looks.first()) == rows_of(looks.again()) == rows_of(looks.last()) == expected
    return source.n_reads


def test_rows_by_column():
    chunk = chunk_of([["1", "2"], FAULTY, ("3", None)])
    assert (chunk.n_rows, chunk.columns) == (3, [("1", "x", "3"), ("2", None, None)])
    assert chunk.faulty == {1: FAULTY}
    assert (chunk.row(0), chunk.row(1), chunk.row(2)) == (["1", "2"], FAULTY, ["3", None])


def test_rows_without_columns():
    faulty = FaultyRow([], fact="it is no object", text="null")
    chunk = chunk_of([[], faulty])
    assert (chunk.n_rows, chunk.columns) == (2, [])
    assert (chunk.row(0), chunk.row(1)) == ([], faulty)


def test_texts_are_read_once():
    assert n_reads_of_two_looks([["1", ""], ["", "Zoë\n"]], [["", ""]]) == 1
    assert n_reads_of_two_looks() == 1


@pytest.mark.parametrize("odd", [None, 5, "a\0b"])
def test_a_table_with_other_cells_is_read_anew(odd):
    assert n_reads_of_two_looks([["1", "2"]], [["3", odd]], [["4", "5"]]) == 3


def test_a_table_with_rows_that_are_no_records_is_read_anew():
    source = Source([["1", "2"], FAULTY])
    looks = source.looks()
    [first], [again] = looks.first(), looks.again()
    assert first.faulty == again.faulty == {1: FAULTY}
    assert source.n_reads == 2


def test_a_long_table_is_read_anew(monkeypatch):
    chunks = [[["1" * 100, "2"]] for _ in range(3)]
    monkeypatch.setattr(_looks, "MAX_HELD", 3 * 250)
    assert n_reads_of_two_looks(*chunks) == 1
    monkeypatch.setattr(_looks, "MAX_HELD", 250)
    assert n_reads_of_two_looks(*chunks) == 3


def test_what_is_held_is_given_up_on_the_last_look():
    source = Source([["1", "2"]], [["3", "4"]])
    looks = source.looks()
    assert [*looks.first()]
    last = looks.last()
    assert next(last).row(0) == ["1", "2"]
    assert source.n_reads == 1
    assert rows_of(looks.again()) == [["1", "2"], ["3", "4"]]
    assert source.n_reads == 2


def test_what_was_not_looked_at_to_its_end_is_read_anew():
    source = Source([["1", "2"]], [["3", "4"]])
    looks = source.looks()
    next(looks.first())
    assert rows_of(looks.again()) == [["1", "2"], ["3", "4"]]
    assert source.n_reads == 2


CELLS = st.text() | st.sampled_from(["", "\0", "\r\n", '"']) | st.none()


@given(st.lists(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4), max_size=3))
def test_any_cells_are_the_same_at_each_look(chunks):
    n_reads_of_two_looks(*chunks)
