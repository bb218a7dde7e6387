"""`Table`: the rows of any source, alike for CSV, JSON, dicts and data frames."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

Cell: TypeAlias = Any
"""What stands in a row: a text from CSV, any JSON value or a frame's value elsewhere, or None."""

Rows: TypeAlias = list[Sequence[Cell]]
"""Some rows that follow each other, each as long as the table has columns."""


class FaultyRow(list[Cell]):
    """A row that is no record whatever its cells hold: it is to be rejected with its ``fact``.

    Such are a line with more cells than the header, a line whose quotes do not match, and an item
    that is null or no object. It is as long as the table has columns, like any other row, so that
    a column may be read before the row is looked at; cells that do not fit are in ``text`` alone.
    """

    __slots__ = ("fact", "text")

    def __init__(self, cells: Sequence[Cell], *, fact: str, text: str) -> None:
        """Take the cells that fit, what is wrong, and the whole row as its source wrote it."""
        super().__init__(cells)
        self.fact = fact
        self.text = text


Columns: TypeAlias = Sequence[Sequence[Cell]]
"""The same rows by column: what a column reads at once costs a fraction of one cell a call."""


@attrs.frozen
class Chunk:
    """Some rows that follow each other, by column."""

    n_rows: int
    columns: Columns
    faulty: Mapping[int, FaultyRow]
    """The rows that are no records, by their places."""

    def row(self, place: int) -> Sequence[Cell]:
        """A row as its table gave it."""
        if place in self.faulty:
            return self.faulty[place]
        return [column[place] for column in self.columns]


def chunk_of(rows: Rows) -> Chunk:
    """Some rows by column."""
    faulty = {place: row for place, row in enumerate(rows) if isinstance(row, FaultyRow)}
    return Chunk(len(rows), [*zip(*rows, strict=True)], faulty)


@attrs.frozen
class Table:
    """A source, made ready to be read more than once, some rows at a time."""

    name: str
    """What messages call it: a file's name, ``<stdin>``, ``<rows>``, ``<polars frame>``."""
    columns: tuple[str, ...]
    """The names at the top, as they stand there; those of nested values are joined by a dot."""
    read: Callable[[], Iterator[Rows]] = attrs.field(repr=False)
    """Begins anew at the first row each time it is called."""
    line_of: Callable[[int], int | None] = attrs.field(repr=False, default=lambda _: None)
    notes: tuple[str, ...] = ()
    """What was found out about the source and is worth telling: an encoding, a delimiter."""
    text_of: Callable[[Sequence[Cell]], str] = attrs.field(repr=False, default=str)
    """A row as its source would write it: a line of CSV, an object of JSON."""
