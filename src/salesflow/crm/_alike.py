"""Values that are one but for blanks, case or marks, in a column and in the tables beside it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.crm._blanks import is_blank
from salesflow.crm._names import folded
from salesflow.crm._sources import table_of
from salesflow.crm._table import Cell, Columns, chunk_of
from salesflow.errors import OptionError

if TYPE_CHECKING:
    from salesflow.crm._asked import Asked
    from salesflow.crm._notes import Notes
    from salesflow.crm.formats import Formats

MOST_VALUES = 1_000
"""How many different values a column may have to be looked at: products, owners, not names."""

_LONGEST, _FEWEST_LETTERS, _MOST_SHOWN = 64, 3, 5
_ACCENTS = re.compile("[\u0300-\u036f]")
_BETWEEN_DIGITS = re.compile(r"(?<=\d) +(?=\d)")
_TELLING = frozenset("#%&@")
"""Marks that tell one thing from another; so do all that Unicode has for symbols, as in C++."""

_KEY = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])\S+", re.ASCII)


def bare(text: str) -> str:
    """What is left of a value without what people vary; all of it where that may mean something.

    Definition: a value of at least three letters in small ones, without accents, blanks and marks.
    What stands between two digits is kept as one mark. A key that mixes digits and letters of both
    cases stays as it is: case is all that some of them differ in.

    Example:
        >>> bare("GTX Pro") == bare("GTXPro") == bare("gtx-pro")
        True
        >>> bare("A-"), bare("1-5 people"), bare("0050X0000aB")
        ('A-', '1-5people', '0050X0000aB')
    """
    n_letters = sum(map(str.isalpha, text))
    if n_letters < _FEWEST_LETTERS or len(text) > _LONGEST or _KEY.fullmatch(text):
        return text
    small = unicodedata.normalize("NFKD", text.casefold()).casefold()  # as of letters of formulas
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", small))
    blank = "".join(" " if _is_mark(char) else char for char in plain)
    return _BETWEEN_DIGITS.sub("-", blank).replace(" ", "")


def _is_mark(char: str) -> bool:
    """Whether it is punctuation, a blank, or cannot be seen."""
    return unicodedata.category(char)[0] in "PZC" and char not in _TELLING


Read = Callable[[Sequence[Cell]], Sequence[str | None]]
"""What the cells of a column say, where they are texts."""


def said(cells: Sequence[Cell]) -> list[str | None]:
    """The texts of cells that are kept as they are."""
    return [cell if cell.__class__ is str and not is_blank(cell) else None for cell in cells]


class Spellings:
    """How often each value of a column of texts occurs, while they are few."""

    def __init__(self, columns: Iterable[tuple[int, str, Read]]) -> None:
        """Take the places and the names of columns, and what reads them."""
        self._columns = [(place, name, read, Counter[Cell]()) for place, name, read in columns]

    def see(self, columns: Columns) -> None:
        """Some more rows."""
        for column in [*self._columns]:
            place, _, read, counts = column
            cells = columns[place]
            # Texts are read when all are counted: most of them come again.
            counts.update(cells if _TEXTS.issuperset(map(type, cells)) else read(cells))
            if len(counts) > MOST_VALUES:
                self._columns.remove(column)

    def by_column(self) -> Iterator[tuple[str, Mapping[str, int]]]:
        """The columns that are left, and how often each of their values occurs."""
        for _, name, read, counts in self._columns:
            cells, found = [cell for cell in counts if cell is not None], Counter[str]()
            for text, cell in zip(read(cells), cells, strict=True):
                if text is not None:
                    found[text] += counts[cell]
            yield name, found


_TEXTS = frozenset((str,))


@attrs.frozen
class _Beside:
    """A table that is given beside another."""

    name: str
    values: Mapping[str, Mapping[str, list[str]]]
    """By the folded names of the columns that both have, and by what is left of each value."""


def _beside(source: Any, columns: Sequence[str], formats: "Formats") -> _Beside:
    table = table_of(source, delimiter=formats.delimiter, encoding=formats.encoding)
    names = set(map(folded, columns))
    both = [(i, name, said) for i, name in enumerate(table.columns) if folded(name) in names]
    if not both:
        msg = f"cannot compare with {table.name}: no column of it is one of the export"
        hint = f"the export has {', '.join(columns[:10])}."
        raise OptionError(msg, hint=hint, parameter="beside", value=table.name)
    spellings = Spellings(both)
    for chunk in map(chunk_of, table.read()):
        spellings.see(chunk.columns)
    found = spellings.by_column()
    return _Beside(table.name, {folded(name): _by_bare(counts) for name, counts in found})


def note_alike(
    spellings: Spellings, columns: Sequence[str], wanted: "Asked", notes: "Notes"
) -> None:
    """Say which values are written in several ways, in the table or in those given beside it.

    Raises:
        OptionError: for a table beside it that has none of its columns.
    """
    others = [_beside(source, columns, wanted.formats) for source in wanted.beside]
    for name, counts in spellings.by_column():
        known = _by_bare(counts)
        for texts in known.values():
            if len(texts) > 1:
                often = sorted(texts, key=lambda text: -counts[text])
                listed = ", ".join(f"{text!r} ({counts[text]:,})" for text in often[:_MOST_SHOWN])
                fact = f"{listed} differ in blanks, case or marks alone"
                notes.add_count(_CODE, fact, sum(counts[text] for text in texts), name)
        for table in others:
            theirs = table.values.get(folded(name), {})
            for key, texts in known.items():
                for text in texts if key in theirs else ():
                    if text not in theirs[key]:
                        fact = f"{text!r} is {theirs[key][0]!r} in {table.name}"
                        notes.add_count(_CODE, fact, counts[text], name)


_CODE = "alike-values"


def _by_bare(counts: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in counts:
        found.setdefault(bare(text), []).append(text)
    return found
