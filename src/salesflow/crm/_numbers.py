"""`AmountColumn`, `NumberColumn`: numbers, in the one style that the whole column is written in."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import TypeAlias

import attrs

from salesflow.crm._blanks import BLANK_WORDS, INVISIBLE, is_missing
from salesflow.crm._cells import BadCell
from salesflow.crm._evidence import LONGEST, Evidence, Memo, Pattern, Question, brief
from salesflow.crm._number_texts import BARE, WrittenNumber, are_plain, is_plain, parse, plain
from salesflow.crm._table import Cell
from salesflow.errors import AmountError
from salesflow.money import EXACT, to_amount

STYLES = ("1,234.56", "1.234,56")
SCALES = ("percent", "share")

Value: TypeAlias = Decimal | BadCell | None

_STYLE_WORDS = {style: style for style in STYLES}
_SCALE_WORDS = {"percent": "a percentage, from 1 to 100", "share": "a share, from 0 to 1"}
_POINT = 0  # its place in STYLES
_PERCENT, _SHARE = 0, 1  # those in SCALES
_ANY: Pattern = (0, 0)
_NONE: Pattern = (None, None)
_FEW_BITS, _SMALL, _BIG = 64, 1e-4, 1e15  # well within the limits, and no exponent in a repr
_MOST_BITS = 128  # far beyond 24 digits


@attrs.frozen(eq=False)
class _Kind:
    """What matters of a cell before the style is settled. There is one of each, for speed."""

    styles: Pattern
    scales: tuple[Pattern, Pattern] = (_ANY, _ANY)
    """Whether it may be in percent or a share, in each style."""


@cache
def _kind(styles: Pattern, scales: tuple[Pattern, Pattern] = (_ANY, _ANY)) -> _Kind:
    return _Kind(styles, scales)


_NO_NUMBER, _EITHER, _WITH_POINT = _kind(_NONE), _kind(_ANY), _kind((0, None))


class _Numeric:
    """What columns of amounts and of other numbers share."""

    def __init__(self, name: str, style: str | None, blanks: frozenset[str]) -> None:
        self.name = name
        self.notes: tuple[str, ...] = ()
        """What was decided, in words."""
        self._given = style
        self._style = _POINT
        self._blanks = blanks
        self._evidence: Evidence[_Kind] = Evidence()
        self._kinds: Memo[_Kind] = Memo(self._kind_of, blanks)

    def observe(self, first_row: int, cells: Sequence[Cell]) -> None:
        """Look at some cells, the first of them in a row counted from 1."""
        self._evidence.add(first_row, cells, self._kinds_of(cells))

    def _kinds_of(self, cells: Sequence[Cell]) -> list[_Kind]:
        return self._kinds.of(cells)

    def settle(self) -> None:
        """Settle the style, after all cells were looked at.

        Raises:
            AmbiguousColumnError: if two fit equally well, and differ.
        """
        styles = {kind: kind.styles for kind in self._evidence.counts}
        question = Question(self.name, STYLES, _STYLE_WORDS, "numbers")
        settled = question.settle(self._given, styles, self._evidence)
        self._style, self.notes = settled.place, settled.notes

    def _kind_of(self, cell: Cell) -> _Kind:
        if not isinstance(cell, str):
            return _EITHER  # a number, or none, in any style
        if is_plain(cell):
            return _WITH_POINT if "." in cell else _EITHER
        found = self._find(cell)
        return _kind(_styles(found)) if isinstance(found, WrittenNumber) else _NO_NUMBER

    def _find(self, cell: Cell) -> WrittenNumber | BadCell | None:
        """The number of a cell, in each style; None where it is unknown."""
        if isinstance(cell, str):
            if is_plain(cell):
                number = plain(cell)
                return WrittenNumber((number, None if "." in cell else number), BARE)
            text = str.__str__(cell).strip(INVISIBLE)
            if len(text) > LONGEST:
                return _no_number(cell)
            found = parse(text)
            is_blank = isinstance(found, BadCell) and text.casefold() in self._blanks
            return None if is_blank else found
        if is_missing(cell):
            return None
        native = _from_native(cell)
        return _no_number(cell) if native is None else WrittenNumber((native, native), BARE)

    def _of_style(self, found: WrittenNumber, cell: Cell, places: int) -> Decimal | BadCell:
        """The number in the style of the column, shifted by so many places to the right."""
        number = found.readings[self._style]
        if number is None:
            style = STYLES[self._style]
            return BadCell(f"{brief(cell)} is no number like {style}, as its column is written")
        try:
            number = to_amount(number)
            return to_amount(EXACT.scaleb(number, -places)) if places else number
        except AmountError:
            fact = "more than 24 digits before the decimal point, or 40 after it"
            return BadCell(f"{brief(cell)} has {fact}")


class AmountColumn(_Numeric):
    """A column of amounts of money, some of which may say their currency.

    Read are symbols and ISO codes before or after the number, groups of thousands and those of
    India, minus signs before, after and of typographers, and parentheses for a negative amount.
    A symbol of several currencies, as ``$``, ``¥`` and ``kr``, tells none.

    Args:
        name: the column, as the source names it.
        style: ``1,234.56`` or ``1.234,56``, if the caller says it.
        cents: whether amounts are in hundredths.
        blanks: what means that nothing is known, see `blank_words`.
    """

    def __init__(
        self,
        name: str,
        *,
        style: str | None = None,
        cents: bool = False,
        blanks: frozenset[str] = BLANK_WORDS,
    ) -> None:
        super().__init__(name, style, blanks)
        self._places = 2 if cents else 0
        self._has_usual_blanks = blanks == BLANK_WORDS
        self._values: Memo[tuple[Value, str | None]] = Memo(self._read, blanks)

    def read(self, cells: Sequence[Cell]) -> tuple[list[Value], list[str | None]]:
        """The amounts of some cells, None where unknown; and the currencies that they name."""
        if self._style == _POINT and not self._places and self._are_plain(cells):
            return [plain(cell) if cell else None for cell in cells], [None] * len(cells)
        pairs = self._values.of(cells)
        return [amount for amount, _ in pairs], [currency for _, currency in pairs]

    def _are_plain(self, cells: Sequence[Cell]) -> bool:
        """Whether all cells are plain; what a caller takes for a blank may be a number."""
        return self._has_usual_blanks and are_plain(cells)

    def _kinds_of(self, cells: Sequence[Cell]) -> list[_Kind]:
        if not self._are_plain(cells):
            return super()._kinds_of(cells)
        return [_WITH_POINT if "." in c else _EITHER if c else _NO_NUMBER for c in cells]

    def _read(self, cell: Cell) -> tuple[Value, str | None]:
        number = self._at_once(cell)
        if number is not None:
            return EXACT.scaleb(number, -self._places) if self._places else number, None
        found = self._find(cell)
        if found is None or isinstance(found, BadCell):
            return found, None
        if found.frame.is_percent:
            return BadCell(f"{brief(cell)} is no amount, but a percentage"), None
        amount = self._of_style(found, cell, self._places)
        return amount, None if isinstance(amount, BadCell) else found.frame.currency

    def _at_once(self, cell: Cell) -> Decimal | None:
        """A plain number, within the limits of money; None for all else."""
        kind = cell.__class__
        if kind is str:
            if is_plain(cell) and (self._style == _POINT or "." not in cell):
                return plain(cell)
        elif kind is int:
            if cell.bit_length() <= _FEW_BITS:
                return Decimal(cell)
        elif kind is float and _SMALL <= abs(cell) <= _BIG:
            return Decimal(repr(cell))
        return None


class NumberColumn(_Numeric):
    """A column of numbers that are no money. One with ``%`` is in percent: ``60%`` is 0.6.

    Args:
        name: the column, as the source names it.
        style: ``1,234.56`` or ``1.234,56``, if the caller says it.
        percent: whether numbers without ``%`` are in percent, too; None to settle it for the whole
            column: then shares lie from 0 to 1, and percentages are 0, or from 1 to 100.
        blanks: what means that nothing is known, see `blank_words`.
    """

    def __init__(
        self,
        name: str,
        *,
        style: str | None = None,
        percent: bool | None = False,
        blanks: frozenset[str] = BLANK_WORDS,
    ) -> None:
        super().__init__(name, style, blanks)
        self._asks_scale = percent is None
        self._scale = _PERCENT if percent else _SHARE
        self._values: Memo[Value] = Memo(self._read, blanks)

    def settle(self) -> None:
        """Settle the style, and the scale if it is asked for.

        Raises:
            AmbiguousColumnError: if two fit equally well, and differ.
        """
        super().settle()
        if self._asks_scale:
            scales = {kind: kind.scales[self._style] for kind in self._evidence.counts}
            question = Question(self.name, SCALES, _SCALE_WORDS, "percentages")
            settled = question.settle(None, scales, self._evidence)
            self._scale = settled.place
            self.notes += settled.notes

    def read(self, cells: Sequence[Cell]) -> list[Value]:
        """The numbers of some cells, None where unknown."""
        return self._values.of(cells)

    def _kind_of(self, cell: Cell) -> _Kind:
        if not self._asks_scale:
            return super()._kind_of(cell)
        found = self._find(cell)
        if not isinstance(found, WrittenNumber):
            return _NO_NUMBER
        one, other = (_scales(number, found) for number in found.readings)
        return _kind(_styles(found), (one, other))

    def _read(self, cell: Cell) -> Value:
        found = self._find(cell)
        if found is None or isinstance(found, BadCell):
            return found
        if found.frame.has_mark:
            return BadCell(f"{brief(cell)} is no plain number, but an amount of money")
        if self._asks_scale:
            scales = _scales(found.readings[self._style], found)
            if scales[self._scale] is None:
                scale = _SCALE_WORDS[SCALES[self._scale]]
                return BadCell(f"{brief(cell)} is not {scale}, as its column holds")
        is_percent = found.frame.is_percent or self._scale == _PERCENT
        return self._of_style(found, cell, 2 if is_percent else 0)


def _styles(found: WrittenNumber) -> Pattern:
    one, other = found.readings
    if one is None or one == other:
        return (None if one is None else 0, 0)
    return (0, None if other is None else 1)


def _scales(number: Decimal | None, found: WrittenNumber) -> Pattern:
    """Whether a number may be in percent, or a share; where it may be both, they differ."""
    if number is None or not number or found.frame.is_percent:
        return _ANY
    is_percent, is_share = 1 <= number <= 100, 0 < number <= 1  # noqa: PLR2004 - a whole
    return (0 if is_percent else None, 1 if is_share else None)


def _from_native(cell: Cell) -> Decimal | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return Decimal(cell) if cell.bit_length() <= _MOST_BITS else None
    if isinstance(cell, float):
        cell = Decimal(float.__repr__(cell))
    return cell if isinstance(cell, Decimal) and cell.is_finite() else None


def _no_number(cell: Cell) -> BadCell:
    return BadCell(f"{brief(cell)} is no number")
