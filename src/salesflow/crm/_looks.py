"""`Looks`: a table looked at again and again, and parsed once unless it is long."""

from collections import deque
from collections.abc import Iterator
from itertools import starmap
from sys import getsizeof

from salesflow.crm._limits import MAX_HELD
from salesflow.crm._table import Chunk, Table, chunk_of

_Held = tuple[int, list[str]]
"""How many rows there are, and the text of each column."""

_MARK = "\0"
"""What stands between the cells of a column that is held: no text of a file has it."""


class Looks:
    """The rows of a table by column, for one look after the other.

    While they are looked at for the first time, columns of texts are held, each as one text: it
    takes the memory of the file, and a tenth of the time that parsing takes; the last look gives it
    up on the way. Of a table that goes beyond `MAX_HELD`, or has cells that are no texts, nothing
    is held: it is read anew.
    """

    def __init__(self, table: Table) -> None:
        """Begin with nothing held."""
        self.table = table
        self._held: deque[_Held] | None = None

    def first(self) -> Iterator[Chunk]:
        """All rows, some at a time."""
        held: deque[_Held] | None = deque()
        room = MAX_HELD
        for rows in self.table.read():
            chunk = chunk_of(rows)
            texts = None if held is None else _texts(chunk)
            room -= sum(map(getsizeof, texts or ()))
            if held is None or texts is None or room < 0:
                held = None
            else:
                held.append((chunk.n_rows, texts))
            yield chunk
        self._held = held

    def again(self) -> Iterator[Chunk]:
        """The same once more."""
        if self._held is None:
            return map(chunk_of, self.table.read())
        return starmap(_chunk, self._held)

    def last(self) -> Iterator[Chunk]:
        """The same for the last time."""
        if self._held is None:
            yield from self.again()
            return
        held, self._held = self._held, None
        while held:
            yield _chunk(*held.popleft())


def _chunk(n_rows: int, texts: list[str]) -> Chunk:
    return Chunk(n_rows, [text.split(_MARK) for text in texts], {})


def _texts(chunk: Chunk) -> list[str] | None:
    """Each column as one text; None if that would not tell all of it."""
    if chunk.faulty:
        return None
    try:
        texts = [*map(_MARK.join, chunk.columns)]
    except TypeError:  # not all of the cells are texts
        return None
    n_marks = chunk.n_rows - 1
    return texts if all(text.count(_MARK) == n_marks for text in texts) else None
