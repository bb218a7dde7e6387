"""`Notes`: what was odd, gathered while rows are read, counted by kind."""

from typing import TYPE_CHECKING

from salesflow.crm._moments import MomentColumn
from salesflow.crm.results import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from salesflow.crm._fields import Column

_MOST_ROWS = 5


class Notes:
    """Findings while they grow."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rows: dict[tuple[str, str, str | None], tuple[list[int], int]] = {}

    def add(self, code: str, fact: str, row: int | None = None, column: str | None = None) -> None:
        """One more row of a kind; without a row a fact of the whole source."""
        rows, count = self._rows.setdefault((code, fact, column), ([], 0))
        if row is not None:
            if len(rows) < _MOST_ROWS:
                rows.append(row)
            self._rows[code, fact, column] = (rows, count + 1)

    def add_count(self, code: str, fact: str, n_rows: int, column: str | None = None) -> None:
        """A kind of which only the number of rows is known."""
        self._rows[code, fact, column] = ([], n_rows)

    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order in which they were met."""
        return tuple(
            Finding(code, fact, column, count, tuple(rows))
            for (code, fact, column), (rows, count) in self._rows.items()
        )


class RowNotes:
    """Notes of rows that are looked at column by column, told row by row."""

    def __init__(self, notes: Notes) -> None:
        """Begin with none."""
        self._notes = notes
        self._by_row: dict[int, list[tuple[str, str, str | None]]] = {}

    def add(self, code: str, fact: str, row: int, column: str | None = None) -> None:
        """One more row of a kind."""
        self._by_row.setdefault(row, []).append((code, fact, column))

    def tell(self) -> None:
        """Add them to the notes, and forget them."""
        for row in sorted(self._by_row):
            for code, fact, column in self._by_row[row]:
                self._notes.add(code, fact, row, column)
        self._by_row.clear()


def note_columns(readers: "Iterable[Column]", notes: Notes) -> None:
    """Say how columns are read, and where dates cannot be: the end of time, or its beginning."""
    for reader in readers:
        for note in getattr(reader, "notes", ()):
            notes.add("format", note, column=reader.name)
        if isinstance(reader, MomentColumn) and reader.n_impossible:
            fact = "a date that cannot be, as 9999-12-31 or 1970-01-01: unknown"
            notes.add_count("impossible-date", fact, reader.n_impossible, reader.name)
