"""`FlagColumn`: yes or no, in the words of people and programs."""

from collections.abc import Sequence
from decimal import Decimal

from salesflow.crm._blanks import BLANK_WORDS, INVISIBLE, is_missing
from salesflow.crm._cells import BadCell
from salesflow.crm._evidence import LONGEST, Memo, brief
from salesflow.crm._table import Cell

_WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0", "x", "on", "\u2713", "\u2714"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0", "off"), False),
}
# 1.0: what pandas writes for True in a column where some are unknown. x and ticks: what people put
# in a list; they leave the others blank, which stays unknown here.


class FlagColumn:
    """A column of yes and no. Nothing is to settle: each word means the same in every column.

    Args:
        name: the column, as the source names it.
        blanks: what means that nothing is known, see `blank_words`.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, name: str, *, blanks: frozenset[str] = BLANK_WORDS) -> None:
        self.name = name
        self._blanks = blanks
        self._values: Memo[bool | BadCell | None] = Memo(self._read, blanks)

    def observe(self, first_row: int, cells: Sequence[Cell]) -> None:
        """Look at some cells; there is nothing to find out."""

    def settle(self) -> None:
        """Settle the format; there is but one."""

    def read(self, cells: Sequence[Cell]) -> list[bool | BadCell | None]:
        """The values of some cells; None where unknown."""
        return self._values.of(cells)

    def _read(self, cell: Cell) -> bool | BadCell | None:
        if isinstance(cell, str):
            word = str.__str__(cell).strip(INVISIBLE)[: LONGEST + 1].casefold()
            found = _WORDS.get(word)
            return _no_flag(cell) if found is None and word not in self._blanks else found
        if is_missing(cell):
            return None
        if isinstance(cell, bool | int | float | Decimal) and cell in (0, 1):
            return bool(cell)
        return _no_flag(cell)


def _no_flag(cell: Cell) -> BadCell:
    return BadCell(f"{brief(cell)} is neither yes nor no")
