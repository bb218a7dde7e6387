"""What the cells of a column look like, and the one format that this settles for all of them.

A column is read twice. First each cell is asked which formats it fits, and whether it means the
same in each; what it looks like is one of few kinds, so counting them is quick. Then one format is
chosen, for the whole column, and each cell is read in it.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Generic, TypeAlias, TypeVar

import attrs

from salesflow.crm._blanks import BLANK_WORDS, INVISIBLE
from salesflow.crm._table import Cell
from salesflow.errors import AmbiguousColumnError, shown

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Pattern: TypeAlias = tuple[int | None, ...]
"""What a cell means in each of some formats: None where it does not fit; equal numbers where it
means the same."""

LONGEST = 64
"""A longer text is no date and no number. [characters]"""

_SHOWN = 40
_MOST_KEPT = 5_000
_MOST_EXAMPLES = 5


class Memo(dict[str, V]):
    """What was found of each text; of some thousands it is kept, for texts that come again.

    Args:
        find: tells what there is to know of a cell.
        blanks: texts that mean that nothing is known, see `blank_words`. Those that a caller added
            may well be dates or numbers, as ``1980-01-01`` is, and are nothing all the same.
    """

    def __init__(self, find: Callable[[Cell], V], blanks: frozenset[str]) -> None:
        super().__init__()
        self._find = find
        self._added = blanks - BLANK_WORDS
        self._n_new = 0
        self._is_useful = True

    def __missing__(self, text: str) -> V:
        self._n_new += 1
        found = self._find(text)
        if len(self) < _MOST_KEPT and len(text) <= LONGEST:
            self[text] = found
        return found

    def of(self, cells: Sequence[Cell]) -> list[V]:
        """What is found of each of some cells."""
        if self._added:
            cells = [None if isinstance(c, str) and self._is_added(c) else c for c in cells]
        find = self._find
        known = self.__getitem__ if self._is_useful else find
        self._n_new = 0
        found = [known(c) if c.__class__ is str else find(c) for c in cells]
        if len(self) >= _MOST_KEPT and 2 * self._n_new > len(cells):
            self._is_useful = False  # instants and the like, hardly one of which comes again
        return found

    def _is_added(self, text: str) -> bool:
        return text.strip(INVISIBLE).casefold() in self._added


class Evidence(Generic[K]):
    """How many cells are of each kind, and which are the first."""

    def __init__(self) -> None:
        self.counts: Counter[K] = Counter()
        self.examples: dict[K, list[tuple[int, str]]] = {}
        """Rows, counted from 1, and what stands there."""

    def add(self, first_row: int, cells: Sequence[Cell], kinds: list[K]) -> None:
        """Count some cells that follow each other, each of the kind beside it."""
        for kind, n in Counter(kinds).items():
            self.counts[kind] += n
            examples = self.examples.setdefault(kind, [])
            place = -1
            for _ in range(min(n, _MOST_EXAMPLES - len(examples))):
                place = kinds.index(kind, place + 1)
                examples.append((first_row + place, standing(cells[place])))

    def of(self, kinds: Iterable[K]) -> tuple[int, list[tuple[int, str]]]:
        """How many cells are of one of these kinds, and the first of them."""
        chosen = list(kinds)
        examples = sorted(example for kind in chosen for example in self.examples.get(kind, ()))
        return sum(self.counts[kind] for kind in chosen), examples[:_MOST_EXAMPLES]


@attrs.frozen
class Question:
    """What is to be settled of a column: which of some formats it is written in."""

    column: str
    formats: tuple[str, ...]
    """As they are passed in an option."""
    words: Mapping[str, str]
    """As a sentence names them."""
    option: str
    """The field of `Formats` that answers it."""

    def settle(
        self, given: str | None, patterns: Mapping[K, Pattern], evidence: Evidence[K]
    ) -> "Settled":
        """The format that the caller gave, or else the one that fits the most cells.

        Raises:
            AmbiguousColumnError: if another fits as many, and some cell means something else in it.
        """
        if given in self.formats:
            place = self.formats.index(given)
        else:
            place = self._most_fit(patterns, evidence)
        told = [kind for kind in evidence.counts if len({*patterns[kind]}) > 1]
        n_told, _ = evidence.of(told)
        n_fit, _ = evidence.of(kind for kind in told if patterns[kind][place] is not None)
        fit = "" if n_fit == n_told else f", which {n_fit} of {n_told} cells fit"
        note = f"read as {self.words[self.formats[place]]}{fit}"
        return Settled(place, (note,) if told else ())

    def _most_fit(self, patterns: Mapping[K, Pattern], evidence: Evidence[K]) -> int:
        fits = [
            evidence.of(kind for kind in evidence.counts if patterns[kind][place] is not None)[0]
            for place in range(len(self.formats))
        ]
        best = [place for place, n in enumerate(fits) if n == max(fits)]
        meanings = {kind: {patterns[kind][place] for place in best} for kind in evidence.counts}
        split = [kind for kind, several in meanings.items() if len(several) > 1]
        if split:
            # Cells that fit one of them alone say more than those that fit both.
            kinds = [kind for kind in split if None in meanings[kind]] or split
            raise self._ambiguous(tuple(self.formats[place] for place in best), kinds, evidence)
        return best[0]

    def _ambiguous(
        self, formats: tuple[str, ...], kinds: list[K], evidence: Evidence[K]
    ) -> AmbiguousColumnError:
        shown_two = _two(evidence.examples[kind] for kind in kinds)
        words = " and ".join(self.words[name] for name in formats)
        where = ", ".join(f"{text!r} in row {row}" for row, text in shown_two)
        fact = f"its values fit {words} equally well, and mean something else in each"
        options = (f"{self.option}={{{self.column!r}: {name!r}}}" for name in formats)
        return AmbiguousColumnError(
            f"cannot read column {self.column!r}: {fact}: {where}",
            hint=f"say which it is: {' or '.join(f'Formats({option})' for option in options)}.",
            column=self.column,
            formats=formats,
            rows=tuple(row for row, _ in shown_two),
            values=tuple(text for _, text in shown_two),
        )


@attrs.frozen
class Settled:
    """The one of some formats that a column is read in."""

    place: int
    """Which one it is, counted from 0."""
    notes: tuple[str, ...]
    """Which one it is, in words; nothing if they all mean the same here."""


def _two(examples: Iterable[list[tuple[int, str]]]) -> list[tuple[int, str]]:
    """Two rows that differ: of two kinds if there are, else two texts; one if all are alike."""
    kinds = [list(of_kind) for of_kind in examples]
    firsts = [of_kind[0] for of_kind in kinds]
    found: dict[str, int] = {}
    for row, text in [*firsts, *(e for of_kind in kinds for e in of_kind)]:
        found.setdefault(text, row)
    return sorted((row, text) for text, row in [*found.items()][:2])


def standing(cell: Cell) -> str:
    """What stands in a cell, cut where it is long; of what no cell should be, its type."""
    if isinstance(cell, str):
        return str.__str__(cell)[:_SHOWN]
    if isinstance(cell, date):
        try:
            return str(cell)
        except (ValueError, TypeError):  # of a zone that does not answer
            return f"<{type(cell).__name__}>"
    if type(cell) in (bool, int, float, Decimal):
        text = shown(cell) if type(cell) is not Decimal else str(cell)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"<{type(cell).__name__}>"


def brief(cell: Cell) -> str:
    """What stands in a cell, as a message shows it: texts in quotes."""
    text = standing(cell)
    if isinstance(cell, str):
        return f"{text!r}…" if len(cell) > _SHOWN else repr(text)
    return text
