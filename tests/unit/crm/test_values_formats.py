"""`Formats`: what it takes, and what it refuses."""

import pickle

import pytest

from salesflow.crm.formats import Formats, of_column
from salesflow.errors import OptionError


def test_nothing_need_be_given():
    formats = Formats()
    assert (formats.dates, formats.numbers, formats.percentages) == (None, None, None)
    assert (formats.encoding, formats.delimiter, formats.blanks) == (None, None, ())


@pytest.mark.parametrize("dates", ["dmy", "mdy", "ymd", "seconds", "milliseconds"])
def test_one_format_for_all_columns(dates):
    assert of_column(Formats(dates=dates).dates, "Close Date") == dates


def test_a_format_for_each_column():
    formats = Formats(numbers={"Amount": "1.234,56"}, percentages={"Chance": "share"})
    assert of_column(formats.numbers, "Amount") == "1.234,56"
    assert of_column(formats.numbers, "Value") is None
    assert of_column(formats.percentages, "Chance") == "share"
    assert of_column(formats.dates, "Closed") is None


def test_what_was_given_cannot_change():
    dates = {"Closed": "dmy"}
    formats = Formats(dates=dates)
    dates["Closed"] = "mdy"
    assert formats.dates == {"Closed": "dmy"}
    assert hash(formats) == hash(Formats(dates={"Closed": "dmy"}))
    assert pickle.loads(pickle.dumps(formats)) == formats  # noqa: S301 - our own bytes


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "UTF16", "latin-1"])
def test_encodings(encoding):
    assert Formats(encoding=encoding).encoding == encoding


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
def test_delimiters(delimiter):
    assert Formats(delimiter=delimiter).delimiter == delimiter


def test_blanks_are_kept_as_a_tuple():
    assert Formats(blanks=["?", "unknown"]).blanks == ("?", "unknown")


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("dates", "d/m/y", "give 'dmy', 'mdy', 'ymd', 'seconds' or 'milliseconds', or a mapping"),
        ("dates", ["dmy"], "or a mapping of columns to one of them"),
        ("dates", {"Closed": "d/m/y"}, "for 'Closed'"),
        ("dates", {"Closed": None}, "for 'Closed'"),
        ("dates", {1: "dmy"}, "1 is no name of a column"),
        ("numbers", "1234.56", "give '1,234.56' or '1.234,56'"),
        ("numbers", 5, "give '1,234.56' or '1.234,56'"),
        ("percentages", True, "give 'percent' or 'share'"),
        ("encoding", "utf-9", "an encoding that Python knows"),
        ("encoding", "hex", "an encoding that Python knows"),
        ("encoding", "utf\0", "an encoding that Python knows"),
        ("encoding", 8, "an encoding that Python knows"),
        ("delimiter", "", "give one character"),
        ("delimiter", ";;", "give one character"),
        ("delimiter", '"', "give one character"),
        ("delimiter", "\n", "give one character"),
        ("delimiter", "a", "give one character"),
        ("delimiter", b",", "give one character"),
        ("blanks", "unknown", "give a tuple of texts"),
        ("blanks", (None,), "give a tuple of texts"),
        ("blanks", None, "give a tuple of texts"),
    ],
)
def test_anything_else_is_refused(option, value, hint):
    with pytest.raises(OptionError, match=f"cannot take {option}=") as caught:
        Formats(**{option: value})
    assert caught.value.parameter == option
    assert caught.value.value == value
    assert hint in caught.value.hint
