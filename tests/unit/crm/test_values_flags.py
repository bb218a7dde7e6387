"""Columns of yes and no."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from salesflow.crm._blanks import blank_words
from salesflow.crm._cells import BadCell
from salesflow.crm._flags import FlagColumn

YES = ["true", "TRUE", "True", "t", "T", "yes", "Yes", "y", "Y", "1", "1.0", "x", "X", " on ", "✓"]
NO = ["false", "FALSE", "f", "no", "No", "N", "0", "0.0", "off"]


def read(*cells, **options):
    column = FlagColumn("Won", **options)
    column.observe(1, cells)
    column.settle()
    assert column.notes == ()
    return column.read(cells)


def test_yes():
    cells = [*YES, True, 1, 1.0, Decimal(1), np.float64(1), np.str_("yes")]
    assert [
        (c, flag) for c, flag in zip(cells, read(*cells), strict=True) if flag is not True
    ] == []


def test_no():
    cells = [*NO, False, 0, 0.0, Decimal("0.0")]
    assert [
        (c, flag) for c, flag in zip(cells, read(*cells), strict=True) if flag is not False
    ] == []


def test_unknown():
    assert read("", None, "Select", "NA", "Null", float("nan"), pd.NA) == [None] * 7


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("maybe", "'maybe'"), (2, "2"), (0.5, "0.5"), ([], "<list>"), ("-1", "'-1'")],
)
def test_neither(cell, shown):
    assert read(cell) == [BadCell(f"{shown} is neither yes nor no")]


def test_a_long_text_is_cut():
    fact = read("y" * 100)[0].fact
    assert fact == f"{'y' * 40!r}… is neither yes nor no"


def test_a_blank_of_the_caller_may_be_a_word():
    assert read("x", "yes", blanks=blank_words(["X"])) == [None, True]
