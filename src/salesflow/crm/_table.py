"""`Table`: the rows of any source, alike for CSV, JSON, dicts and data frames."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import attrs

Cell: TypeAlias = Any
"""What stands in a row: a text from CSV, any JSON value or a frame's value elsewhere, or None."""

Rows: TypeAlias = list[Sequence[Cell]]
"""Some rows that follow each other, each as long as the table has columns."""


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
