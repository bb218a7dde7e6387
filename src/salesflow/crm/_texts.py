"""`TextColumn`: names, ids and words of a list, from texts, numbers and pairs."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from salesflow.crm._blanks import is_blank, is_blank_text
from salesflow.crm._flatten import as_json
from salesflow.crm._table import Cell

_MOST_CACHED = 20_000
_TEXTS = frozenset((str,))
_PAIR = 2
_KEYS = ("id", "value", "email", "phone")
"""What is meant of an object in a list: ``[{"id": "7"}]``, ``[{"value": "a@x.example"}]``."""
_MOST_DIGITS = 100
"""Of a whole number written out; 1E+9999 stays as it is."""


class _Said(dict[str, str | None]):
    """What texts say that were read so far: one object for all cells that are the same."""

    def __init__(self, blanks: tuple[str, ...]) -> None:
        super().__init__()
        self._blanks = blanks

    def __missing__(self, cell: str) -> str | None:
        text = cell.strip()
        said = self[cell] = None if is_blank_text(text, self._blanks) else text
        return said


class TextColumn:
    """A column of texts.

    Args:
        name: the column, as the source names it.
        is_id: whether it holds a key: of a pair such as ``[4, "Won"]`` the first part then.
        is_free: whether people write what they like there, so that ``None`` or ``-`` may be meant.
        blanks: further texts that mean that nothing is known.
    """

    def __init__(
        self,
        name: str,
        *,
        is_id: bool = False,
        is_free: bool = False,
        blanks: tuple[str, ...] = (),
    ) -> None:
        """Begin with nothing known of its texts."""
        self.name = name
        self._blanks = blanks
        self._part = 0 if is_id else 1
        self._is_free = is_free
        self._said = _Said(blanks)

    def read(self, cells: Sequence[Cell]) -> list[str | None]:
        """The texts; None where nothing is said."""
        if self._is_free:
            return [(c.strip() or None) if c.__class__ is str else self._text(c) for c in cells]
        said = self._said
        if len(said) > _MOST_CACHED:
            said.clear()
        if _TEXTS.issuperset(map(type, cells)):
            return [*map(said.__getitem__, cells)]
        return [said[c] if c.__class__ is str else self._text(c) for c in cells]

    def _text(self, cell: Cell) -> str | None:
        if isinstance(cell, list | tuple):
            cell = self._part_of(cell)
        if cell is None or cell is False:
            return None
        if isinstance(cell, str):
            text = cell.strip()
            is_nothing = not text or (not self._is_free and is_blank(text, self._blanks))
            return None if is_nothing else text
        if isinstance(cell, list | tuple | Mapping):
            return as_json(cell) if cell else None
        return None if is_blank(cell) else number_text(cell)

    def _part_of(self, cell: Sequence[Cell]) -> Cell:
        """What is meant of a pair ``[4, "Won"]``, or of a list of objects with an id or a value."""
        if len(cell) == _PAIR and _is_plain(cell):
            return cell[self._part]
        several = [item for item in cell if isinstance(item, Mapping)]
        first = next((item for item in several if item.get("primary") is True), None)
        chosen = first or next(iter(several), {})
        return next((chosen[key] for key in _KEYS if key in chosen), cell)


def _is_plain(pair: Sequence[Cell]) -> bool:
    return isinstance(pair[0], int | str) and isinstance(pair[1], str)


def number_text(cell: Cell) -> str:
    """A number as people write a key: 12 for 12 and for 12.0."""
    if isinstance(cell, float):
        return str(int(cell) if cell.is_integer() else cell)
    if isinstance(cell, Decimal) and cell.is_finite() and cell.adjusted() < _MOST_DIGITS:
        return str(int(cell) if cell == cell.to_integral_value() else cell)
    return str(cell)


class ListColumn:
    """A column of several keys, in a list or in a text that separates them."""

    def __init__(self, name: str) -> None:
        """Begin with nothing known."""
        self.name = name
        self._texts = TextColumn(name, is_id=True)

    def read(self, cells: Sequence[Cell]) -> list[tuple[str, ...]]:
        """The keys of each cell, each once."""
        return [self._keys(cell) for cell in cells]

    def _keys(self, cell: Cell) -> tuple[str, ...]:
        parts = cell if _is_list(cell) else _split(cell)
        keys = self._texts.read([[part] if isinstance(part, Mapping) else part for part in parts])
        return tuple(dict.fromkeys(key for key in keys if key is not None))


def _is_list(cell: Cell) -> bool:
    """Whether a cell holds several; a pair ``[4, "Acme"]`` is one."""
    return isinstance(cell, list | tuple) and not (len(cell) == _PAIR and _is_named(cell))


def _is_named(pair: Sequence[Cell]) -> bool:
    return isinstance(pair[0], int) and isinstance(pair[1], str)


def _split(cell: Cell) -> list[Cell]:
    if not isinstance(cell, str):
        return [] if cell is None or cell is False else [cell]
    return cell.replace(",", ";").split(";")
