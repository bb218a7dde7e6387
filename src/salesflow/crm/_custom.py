"""What no field takes: it is kept, as the custom values of its record."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from salesflow.crm._blanks import is_missing
from salesflow.crm._table import Cell, Rows
from salesflow.errors import FieldError
from salesflow.models._base import EMPTY, JsonMap

if TYPE_CHECKING:
    from salesflow.crm._notes import Notes

_MOST_CACHED = 5_000


class CustomColumns:
    """The columns of an export that no field takes."""

    def __init__(self, columns: Sequence[tuple[int, str]], notes: "Notes") -> None:
        """Take the columns' places and names."""
        self._columns = tuple(columns)
        self._notes = notes
        self._shared: dict[str, str] = {}

    def read(self, first_row: int, rows: Rows) -> list[JsonMap]:
        """The values of each row, without those that are empty."""
        if not self._columns:
            return [EMPTY] * len(rows)
        if len(self._shared) > _MOST_CACHED:
            self._shared.clear()
        return [self._one(first_row + i, row) for i, row in enumerate(rows)]

    def _one(self, row_number: int, row: Sequence[Cell]) -> JsonMap:
        share = self._shared.setdefault
        held: dict[str, Any] = {}
        are_texts = True
        for index, name in self._columns:
            cell = row[index]
            if type(cell) is str:
                if cell and not cell.isspace():
                    held[name] = share(cell, cell)
            elif not is_missing(cell) and cell not in ([], {}):
                held[name] = plain_json(cell)
                are_texts = False
        if not held:
            return EMPTY
        if are_texts:
            return JsonMap._of_texts(held)
        return self._checked(row_number, held)

    def _checked(self, row_number: int, held: dict[str, Any]) -> JsonMap:
        try:
            return JsonMap(held)
        except FieldError:
            fact = "a value that JSON cannot hold: kept as a text"
            self._notes.add("odd-value", fact, row_number)
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
