"""Chunks of cells that are all plain ISO 8601: told by one pattern, and read one call a cell.

Most exports write their dates so. What is read here is read alike, cell by cell, in `_moments`;
a test holds the two together.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias

from salesflow.crm._cells import BadCell, as_lines
from salesflow.crm._table import Cell

Shape: TypeAlias = Literal["day", "naive", "utc"]
"""Dates, times without a zone, or times in UTC; among them cells that are empty."""

# Only days that exist, and no year in which a zero or an open end of programs lies: of all that
# fits, nothing is left to be told by reading it, which happens after the format is settled.
_YEAR = r"(?:19(?:7[1-9]|[89]\d)|20\d\d)"
_LEAP = r"(?:19(?:7[26]|8[048]|9[26])|20(?:[02468][048]|[13579][26]))"
_IN_YEAR = (
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_DAY = rf"(?:{_YEAR}-{_IN_YEAR}|{_LEAP}-02-29)"
_CLOCK = r"[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.(?:\d{3}){1,2})?)?"
_PATTERNS: dict[Shape, re.Pattern[str]] = {
    "day": re.compile(rf"(?:(?:{_DAY})?\n)*", re.ASCII),
    "naive": re.compile(rf"(?:(?:{_DAY}{_CLOCK})?\n)*", re.ASCII),
    "utc": re.compile(rf"(?:(?:{_DAY}{_CLOCK}Z)?\n)*", re.ASCII),
}
Moments: TypeAlias = list[date | BadCell | None]

_LENGTH_OF_DAY = 10
MIDNIGHTS = frozenset({"00:00", "00:00:00", "00:00:00.000", "00:00:00.000000"})
"""The times that make a column one of dates, if it has no other."""


def shape_of(cells: Sequence[Cell]) -> Shape | None:
    """The shape that all cells of a chunk have; None if there is none, or all are empty."""
    first = next(filter(None, cells), None)
    if first.__class__ is not str:
        return None
    shape: Shape = "naive"
    if len(first) == _LENGTH_OF_DAY:
        shape = "day"
    elif first.endswith("Z"):
        shape = "utc"
    lines = as_lines(cells)
    return None if lines is None or _PATTERNS[shape].fullmatch(lines) is None else shape


def days_of(cells: Sequence[str]) -> Moments:
    """The dates of a chunk of that shape."""
    read = date.fromisoformat
    return [read(cell) if cell else None for cell in cells]


def instants_of(cells: Sequence[str], shape: Shape) -> Moments:
    """The instants of a chunk of times in UTC."""
    read, zone = datetime.fromisoformat, "" if shape == "utc" else "+00:00"
    return [read(cell + zone) if cell else None for cell in cells]
