"""What tests of sources share: all rows of a table, and files that are longer than any memory."""

import io
from typing import Any

from salesflow.crm._sources import table_of
from salesflow.crm._table import Table


def all_rows(table: Table) -> list[list[Any]]:
    """Each row, read in a second pass as in the first."""
    first = [[*row] for rows in table.read() for row in rows]
    assert [[*row] for rows in table.read() for row in rows] == first
    assert all(len(row) == len(table.columns) for row in first)
    return first


def rows_of(text: str | bytes, **options: Any) -> list[list[Any]]:
    """Each row of a file that holds this."""
    return all_rows(table_of(as_file(text), **options))


def as_file(text: str | bytes) -> io.BytesIO:
    """A file that holds this, in UTF-8 if it is text."""
    return io.BytesIO(text.encode() if isinstance(text, str) else text)


class Endless(io.RawIOBase):
    """A long file: a beginning, and then the same again and again, up to so many bytes."""

    def __init__(self, unit: bytes, start: bytes, size: int) -> None:
        """Begin; nothing is held but some repetitions of the unit."""
        self._start, self._n, self.size = start, len(unit), size
        self._units = unit * (200_000 // len(unit))
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where it stands."""
        return self._at

    def seek(self, place: int, whence: int = 0) -> int:
        """Go there, from the beginning."""
        assert whence == 0
        self._at = place
        return place

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes."""
        size = min(size, self.size - self._at)
        if self._at < len(self._start):
            found = self._start[self._at : self._at + size]
        else:
            place = (self._at - len(self._start)) % self._n
            found = self._units[place : place + size]
        self._at += len(found)
        return found


class Pipe(io.RawIOBase):
    """A file that cannot go back, and gives a few bytes at a time."""

    def __init__(self, content: bytes, most: int = 7) -> None:
        """Hold the content."""
        self._file, self._most = io.BytesIO(content), most

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes, and at most a few."""
        return self._file.read(min(size, self._most))
