"""Amounts of rows become money: a number, and the currency that stands beside it."""

from decimal import Decimal
from typing import TYPE_CHECKING

from salesflow.crm._cells import BadCell
from salesflow.errors import UnknownCurrencyError
from salesflow.money import XXX, Money, to_currency

if TYPE_CHECKING:
    from salesflow.crm._fields import Fields, Values
    from salesflow.crm._notes import Notes, RowNotes
    from salesflow.crm._screening import Faults

Written = tuple[Decimal | BadCell | None, str | None, str | None]
"""An amount, the currency beside the number, and the one that its row says."""

_COLUMNS = ("amount", "amount_currency", "currency")


class Amounts:
    """Reads the amount of each row.

    Its currency is the one of its row, else the one written beside the number, else the caller's,
    else ISO's XXX for one that nobody said.
    """

    def __init__(
        self,
        currency: str | None,
        fields: "Fields",
        notes: "Notes | RowNotes",
        field: str = "amount",
    ) -> None:
        """Check the caller's currency.

        Raises:
            UnknownCurrencyError: for a code that ISO 4217 does not list.
        """
        self._default = XXX if currency is None else to_currency(currency)
        self._column = fields.columns.get(field, field)
        self._currency_column = fields.columns.get("currency", "currency")
        self._notes = notes
        self._codes: dict[str, str | None] = {}

    def of_rows(self, first_row: int, values: "Values", faults: "Faults") -> list[Money | None]:
        """The amount of each row that follows, and what is wrong with some, by their places."""
        amounts, besides, written = (values[name] for name in _COLUMNS)
        if not any(besides) and not any(written):
            of, default = Money._of_checked, self._default
            return [
                None if n is None or n.__class__ is BadCell else of(n, default) for n in amounts
            ]
        made: list[Money | None] = []
        for place, found in enumerate(zip(amounts, besides, written, strict=True)):
            wrong: list[tuple[str | None, str]] = []
            made.append(self.read(first_row + place, found, wrong))
            if wrong:
                faults.setdefault(place, []).extend(wrong)
        return made

    def read(
        self, row: int, found: Written, faults: "list[tuple[str | None, str]]"
    ) -> Money | None:
        """The amount of a row; None where it is unknown, a fault where it is none."""
        amount, beside, written = found
        if amount is None or isinstance(amount, BadCell):
            return None
        code = beside if written is None else self._code(written)
        if written is not None:
            if code is None:
                faults.append((self._currency_column, f"{written!r} is no currency"))
                return None
            if beside is not None and beside != code:
                fact = f"the amount is in {beside}, its row says {code}: {code} is kept"
                self._notes.add("two-currencies", fact, row, self._column)
        return Money._of_checked(amount, code or self._default)

    def _code(self, written: str) -> str | None:
        if written not in self._codes:
            try:
                self._codes[written] = to_currency(written.strip().upper())
            except UnknownCurrencyError:
                self._codes[written] = None
        return self._codes[written]
