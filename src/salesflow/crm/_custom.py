"""What no field takes: it is kept, as the custom values of its record."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, Any

from salesflow.crm._blanks import is_missing
from salesflow.crm._table import Cell, Chunk
from salesflow.errors import FieldError
from salesflow.models._base import EMPTY, Json, JsonMap

if TYPE_CHECKING:
    from salesflow.crm._notes import Notes

_MOST_CACHED = 5_000
_IN_TEXTS = frozenset((str, NoneType))


class _Texts(dict[tuple[str | None, ...], JsonMap]):
    """The values of rows that hold texts alone, one object for all rows that are the same."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names
        self._shared: dict[str, str] = {}

    def __missing__(self, cells: tuple[str | None, ...]) -> JsonMap:
        share = self._shared.setdefault
        held: dict[str, Json] = {}
        for name, cell in zip(self._names, cells, strict=True):
            if cell and not cell.isspace():
                held[name] = share(cell, cell)
        made = self[cells] = JsonMap._of_texts(held) if held else EMPTY
        return made

    def forget(self) -> None:
        """Hold no more than some thousands."""
        for known in (self, self._shared):
            if len(known) > _MOST_CACHED:
                known.clear()


class CustomColumns:
    """The columns of an export that no field takes."""

    def __init__(self, columns: Sequence[tuple[int, str]], notes: "Notes") -> None:
        """Take the columns' places and names."""
        self._places = [place for place, _ in columns]
        self._names = [name for _, name in columns]
        self._notes = notes
        self._texts = _Texts(self._names)

    def read(self, first_row: int, chunk: Chunk) -> list[JsonMap]:
        """The values of each row, without those that are empty."""
        if not self._places:
            return [EMPTY] * chunk.n_rows
        columns = [chunk.columns[place] for place in self._places]
        rows = zip(*columns, strict=True)
        if all(_IN_TEXTS.issuperset(map(type, column)) for column in columns):
            self._texts.forget()
            return [*map(self._texts.__getitem__, rows)]
        return [self._of_any(row, cells) for row, cells in enumerate(rows, first_row)]

    def _of_any(self, row: int, cells: Sequence[Cell]) -> JsonMap:
        held: dict[str, Any] = {}
        for name, cell in zip(self._names, cells, strict=True):
            if type(cell) is str:
                if cell and not cell.isspace():
                    held[name] = cell
            elif not is_missing(cell) and cell not in ([], {}):
                held[name] = plain_json(cell)
        if not held:
            return EMPTY
        is_of_texts = {*map(type, held.values())} == {str}
        return JsonMap._of_texts(held) if is_of_texts else self._checked(row, held)

    def _checked(self, row: int, held: dict[str, Any]) -> JsonMap:
        try:
            return JsonMap(held)
        except FieldError:
            fact = "a value that JSON cannot hold: kept as a text"
            self._notes.add("odd-value", fact, row)
            return JsonMap({name: str(value)[:1000] for name, value in held.items()})

    @staticmethod
    def with_value(custom: JsonMap, name: str, value: str) -> JsonMap:
        """The custom values and one more."""
        return JsonMap({name: value, **custom})


def plain_json(cell: Cell) -> Any:
    """A cell as a JSON value: a number, a text, lists and objects of them."""
    if is_missing(cell):
        return None
    if isinstance(cell, Decimal):
        number = float(cell)
        return number if cell.is_finite() and Decimal(repr(number)) == cell else str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Mapping):
        return {str(key): plain_json(value) for key, value in cell.items()}
    if isinstance(cell, list | tuple):
        return [plain_json(value) for value in cell]
    return cell if isinstance(cell, bool | int | float | str | None) else str(cell)
