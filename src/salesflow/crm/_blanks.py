"""What stands in a cell where nothing is known: blanks that can be seen, and hidden ones."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from salesflow.crm._table import Cell

INVISIBLE = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029\u205f\u3000"
    "\u00a0\u202f"  # no-break, and narrow no-break
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"  # of no width, pasted from web pages
)
"""What may stand around a value and is no part of it."""

BLANKS = frozenset(
    [
        "",
        # What a form shows in a list nobody chose from, exported as if it had been chosen.
        *("Select", "select", "SELECT", "--Select--", "--select--", "-- Select --", "- Select -"),
        *("--None--", "-- None --", "- None -", "-None-"),  # Salesforce and Zoho
        # What programs write for nothing. `Null` and `Nan` are names of people: as a text, only
        # the spellings are blank that a program writes.
        *("None", "none", "NONE", "null", "NULL", "(null)", "<null>", "nan", "NaN", "NAN"),
        *("<NA>", "NaT", "nil"),
        # What people and spreadsheets write for: does not apply. Not `NA` alone: it is North
        # America, and Namibia.
        *("n/a", "N/A", "N/a", "n.a.", "N.A.", "#N/A", "#n/a", "#N/A N/A"),
        # A dash where a table has nothing to show: hyphens, minus, en and em dash.
        *("-", "--", "---", "\u2212", "\u2013", "\u2014"),
    ]
)
"""Texts that mean that nothing is known, in any column."""

_MISSING_TYPES = frozenset(["NAType", "NaTType"])  # pandas.NA and NaT; pandas stays unloaded


def is_missing(cell: Cell) -> bool:
    """Whether a cell that is no text holds nothing: None, nan, NaT, NA."""
    if cell is None:
        return True
    if isinstance(cell, float):
        return cell != cell  # noqa: PLR0124 - nan is the one number that differs from itself
    if isinstance(cell, Decimal):
        return cell.is_nan()
    return type(cell).__name__ in _MISSING_TYPES


def is_blank(cell: Cell, more: Collection[str] = ()) -> bool:
    """Whether a cell of any column means that nothing is known.

    Args:
        cell: any cell.
        more: further texts that do.
    """
    return is_blank_text(cell, more) if isinstance(cell, str) else is_missing(cell)


def is_blank_text(text: str, more: Collection[str]) -> bool:
    """The same of a text."""
    bare = text.strip(INVISIBLE)
    return bare in BLANKS or bare in more


def blank_words(more: Iterable[str]) -> frozenset[str]:
    """What means that nothing is known where a date, number or flag should be, case-folded.

    There ``NA`` and ``Null`` can be nothing else.
    """
    return frozenset(text.casefold() for text in (*BLANKS, "na", *more))


BLANK_WORDS = blank_words(())
"""Those that need no caller to name them."""
