"""What reading an export gives: the records, the rows rejected, and what was odd but kept."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from salesflow.models import Account, Activity, Contact, Deal, Lead
    from salesflow.process import Pipeline


@attrs.frozen
class Fault:
    """What is wrong with one cell, or with a whole row."""

    column: str | None
    """The column as the source names it; None for a fault of the whole row."""
    fact: str


@attrs.frozen
class Rejected:
    """A row that is none of the records asked for, as its text, with all its faults."""

    row: int
    """Counted from 1, without the header."""
    text: str
    faults: tuple[Fault, ...]


@attrs.frozen
class Finding:
    """Something odd that was kept, or decided by a rule."""

    code: str
    """What kind it is, in kebab-case."""
    fact: str
    """What was found and what became of it, in words."""
    column: str | None = None
    n_rows: int = 0
    """How many rows it is about. [count]"""
    rows: tuple[int, ...] = ()
    """The first of them, counted from 1."""
