"""What means that nothing is known."""

from decimal import Decimal

import numpy as np
import pandas as pd

from salesflow.crm._blanks import BLANK_WORDS, blank_words, is_blank

BLANKS = [
    *("", " ", "\t", "\u00a0", "\u202f ", "\u200b", "\ufeff"),
    *("Select", "--Select--", " select ", "--None--", "None", "none", "NONE", "null", "NULL"),
    *("n/a", "N/A", "#N/A", "nan", "NaN", "NaT", "<NA>", "-", "--", "\u2014", "\u2013", "\u2212"),
]
NAMES = ["Nan", "Null", "NA", "Na", "Selector", "0", "false", "unknown", "TBD", "x - y", "."]


MISSING = [None, float("nan"), Decimal("NaN"), Decimal("sNaN"), pd.NA, pd.NaT, np.float64("nan")]
VALUES = [0, 0.0, False, Decimal(0), float("inf"), [], {}, object()]


def test_nothing_is_known():
    assert [c for c in [*BLANKS, *MISSING, np.str_("n/a")] if not is_blank(c)] == []


def test_something_stands_there():
    assert [c for c in [*NAMES, *VALUES] if is_blank(c)] == []


def test_a_caller_knows_more_blanks():
    assert not is_blank("unknown")
    assert is_blank(" unknown ", ["unknown"])


def test_where_a_number_should_be_the_spelling_says_nothing():
    assert {"na", "null", "nan", "select", "--none--", ""} <= BLANK_WORDS
    assert "?" not in BLANK_WORDS
    assert {"?", "unbekannt"} <= blank_words(["?", "Unbekannt"])
