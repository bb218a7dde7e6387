"""What is made to use up memory or time ends in one error, in little of both."""

import io
import tracemalloc
from contextlib import contextmanager

import pytest

from salesflow.crm._sources import table_of
from salesflow.errors import SourceError
from tests.sources import Endless, as_file

HEADER = b"id,name,amount\n1,Acme,2\n"
MB = 1_000_000
ENDLESS = {
    "a line": (b"a", b"", "a record has more than"),
    "a row": (b"a", HEADER, "a record has more than"),
    "a line of letters of four bytes": ("😀".encode(), HEADER, "a record has more than"),
    "a line of delimiters": (b",", b"", "a record has more than"),
    "a row of delimiters": (b",", HEADER, "a record has more than"),
    "a quote": (b"a\n", HEADER + b'"', "a cell is longer than"),
    "a row of many lines": (b'"a\n",', HEADER, "a record has more than"),
    "a text of JSON": (b"a", b'[{"a": "', "a value has more than"),
    "a key of JSON": (b"a", b'{"data": [], "', "a value has more than"),
    "a key of JSON at the top": (b"a", b'{"', "a value has more than"),
    "backslashes": (b"\\", b'[{"a": "', "a value has more than"),
    "a number": (b"1", b'[{"a": ', "a number has too many digits"),
    "a list of lists": (b"[],", b"[[", "a value has more than"),
    "a list of numbers": (b"1.1,", b'[{"a": [', "a value has more than"),
    "lists in lists": (b"[", b"", "nested more than 100 deep"),
    "objects in objects": (b'{"a":', b"", "nested more than 100 deep"),
    "keys of one object": (b'"a":1,', b'{"data": [{', "a value has more than"),
}


@contextmanager
def little_memory(most):
    """Fail if more bytes than that are in use meanwhile."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most


def read(source):
    for _ in table_of(source).read():
        pass


@pytest.mark.parametrize(
    "size",
    [20 * 1_048_576, pytest.param(1_073_741_824, marks=pytest.mark.fuzz)],
    ids=["20 MB", "1 GB"],
)
@pytest.mark.parametrize("name", ENDLESS)
def test_what_does_not_end_is_an_error_in_little_memory(name, size):
    unit, start, fact = ENDLESS[name]
    with little_memory(64 * MB), pytest.raises(SourceError, match=fact):
        read(Endless(unit, start, size))


def test_an_endless_record_is_named_by_its_line():
    with pytest.raises(SourceError, match="cannot read <file> at line 3: a record has") as caught:
        read(Endless(b"a", HEADER, 8_000_000))
    assert caught.value.line == 3
    assert "the delimiter may not be ','" in str(caught.value.hint)


def test_a_record_up_to_the_limit_is_read():
    cell = "x" * 100_000
    row = ",".join([cell] * 40)
    header = ",".join(f"c{n}" for n in range(40))
    [[one], [other]] = table_of(as_file(f"{header}\n{row}\n{row}\n")).read()
    assert one == other == [cell] * 40


def test_rows_are_read_in_little_memory():
    text = b"".join(b"%d,Firm %d,%d,x,y,z\n" % (n, n, n) for n in range(100_000))
    file = io.BytesIO(b"id,name,amount,a,b,c\n" + text)
    with little_memory(4 * MB):
        read(file)


def test_items_are_read_in_little_memory():
    item = b'{"id": %d, "properties": {"amount": "%d", "tags": [1, 2, 3]}}'
    file = io.BytesIO(b"[" + b",".join(item % (n, n) for n in range(8_000)) + b"]")
    with little_memory(4 * MB):
        read(file)


def test_wide_tables_are_read_in_little_memory():
    header = ",".join(f"c{n}" for n in range(5_000))
    with little_memory(64 * MB):
        read(as_file(header + "\n" + "1\n" * 2_000))


@pytest.mark.parametrize("n_columns", [5_001, 10_000, 100_000])
def test_too_many_columns_are_an_error(n_columns):
    with pytest.raises(SourceError, match="it has more than 5,000 columns"):
        read(as_file(",".join(f"c{n}" for n in range(n_columns)) + "\n1\n"))


def test_too_many_keys_are_an_error():
    items = ",".join(f'{{"k{n}": 1}}' for n in range(5_001))
    with pytest.raises(SourceError, match="it has more than 5,000 columns"):
        read(as_file(f"[{items}]"))


def test_many_columns_of_one_name_take_no_time():
    found = table_of(as_file(",".join(["Amount"] * 5_000) + "\n"))
    assert found.columns[-1] == "Amount (5000)"
