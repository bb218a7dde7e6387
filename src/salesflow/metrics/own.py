"""Your own measures: what to count, and how to put it together.

`count`, `total`, `mean`, `median`, `share`
    a measure of rows that flags hold for.
`quotient`, `combine`
    a measure made of others.
`is_`, `is_not`, `known`, `unknown`, `at_least`
    flags: a row whose column is unknown meets none of them but `unknown`.
`measure`
    the measure over some data, as any metric.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import Any, cast

import attrs

from salesflow.errors import OptionError
from salesflow.metrics._measure import Reasons, measure, require_definition, together
from salesflow.metrics._own_checks import EXACT, kind_of, require_flags
from salesflow.metrics._statistics import median_amount, median_number, ratio, wilson
from salesflow.metrics.evaluate import Cell, Definition
from salesflow.metrics.needs import CURRENCIES, Flag, Need, Table, known, unknown
from salesflow.metrics.results import Number, Rate
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.money import Money

__all__ = [
    "at_least",
    "combine",
    "count",
    "is_",
    "is_not",
    "known",
    "mean",
    "measure",
    "median",
    "quotient",
    "share",
    "total",
    "unknown",
]

Value = float | int | Money | None
"""What a measure is."""


def is_(column: str, value: object) -> Flag:
    """The column has this value."""
    return Flag(column, "is", value)


def is_not(column: str, value: object) -> Flag:
    """The column has another value."""
    return Flag(column, "is_not", value)


def at_least(column: str, value: float | Decimal) -> Flag:
    """The column has this value or a larger one: a number, an amount, or days."""
    if column in EXACT and isinstance(value, int | float | Decimal) and isfinite(value):
        return Flag(EXACT[column], "at_least", round(value * MICROSECONDS_A_DAY))
    return Flag(column, "at_least", value)


def _met(flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
    """The flags, so that what is unknown is not another value."""
    require_flags(flags)
    checked = [(known(flag.column), flag) if flag.test == "is_not" else (flag,) for flag in flags]
    return tuple(flag for pair in checked for flag in pair)


def count(*flags: Flag, dated_by: str | None = None, table: Table = "deals") -> Definition[Number]:
    """How many rows do all the flags hold for?

    Args:
        *flags: the flags; all rows unless given.
        dated_by: the column that puts a row into a period, such as ``closed_at``.
        table: `deals`, `visits` (to open stages), ``stays`` (all of them), ``moves`` or
            ``deal_stages``.

    Example:
        >>> from salesflow import Pipeline, metrics
        >>> deals = [Pipeline.standard().restore(id="D-1", stage="lost")]
        >>> metrics.measure(deals, count(is_("outcome", "lost"))).value
        1
    """
    found = Need("count", None, _met(flags), dated_by)
    return _defined((found,), lambda cell: cell.number(found), table)


def total(
    column: str, *flags: Flag, dated_by: str | None = None, table: Table = "deals"
) -> Definition[Number]:
    """How much is it together?

    **Definition**: the sum over the rows that know the column; 0 without one. Rows that do not are
    left out and counted, and so are negative days.

    Args:
        column: ``amount``, a column of whole numbers, or one of days.
        *flags: the flags; all rows unless given.
        dated_by: the column that puts a row into a period, such as ``closed_at``.
        table: as for `count`. A column of deals is added up over deals only.
    """
    rows = _Known.of(column, _met(flags), dated_by, table)
    return rows.defined((rows.sum,), rows.total)


def mean(
    column: str, *flags: Flag, dated_by: str | None = None, table: Table = "deals"
) -> Definition[Number]:
    """How much is it on average?

    **Definition**: the sum ÷ the rows that know the column; None without one. See `total`.
    """
    rows = _Known.of(column, _met(flags), dated_by, table)
    return rows.defined((rows.sum, rows.count), rows.mean)


def median(
    column: str, *flags: Flag, dated_by: str | None = None, table: Table = "deals"
) -> Definition[Number]:
    """How much is it in the middle?

    **Definition**: the middle value of the rows that know the column, or the mean of the two in
    the middle; None without one. See `total`.
    """
    rows = _Known.of(column, _met(flags), dated_by, table)
    return rows.defined((rows.sum, rows.values), rows.median)


@attrs.frozen
class _Known:
    """The rows that know a column."""

    kind: str
    where: tuple[Flag, ...]
    exact: str
    table: Table
    dated_by: str | None
    reasons: Mapping[str, Need]

    @classmethod
    def of(
        cls, column: str, flags: tuple[Flag, ...], dated_by: str | None, table: Table
    ) -> "_Known":
        exact = EXACT.get(column, column)
        kind = kind_of(exact, table)
        chosen = partial(Need, "count", None, dated_by=dated_by)
        if column == "amount":
            unconverted = (*flags, known("given_amount"), unknown("amount"))
            reasons = {
                "no_amount": chosen((*flags, unknown("given_amount"))),
                "no_rate": chosen(unconverted),
            }
        else:
            reasons = {f"no_{column}": chosen((*flags, unknown(exact)))}
        held = known(exact)
        if kind == "duration":
            held = Flag(exact, "not_negative")
            reasons[f"negative_{column}"] = chosen((*flags, Flag(exact, "negative")))
        return cls(kind, (*flags, held), exact, table, dated_by, reasons)

    @property
    def sum(self) -> Need:
        return Need("sum", self.exact, self.where, self.dated_by)

    @property
    def values(self) -> Need:
        return Need("values", self.exact, self.where, self.dated_by)

    @property
    def count(self) -> Need:
        return Need("count", None, self.where, self.dated_by)

    def defined(
        self, needs: tuple[Need, ...], value: Callable[[Cell], Value]
    ) -> Definition[Number]:
        unit = "days" if self.kind == "duration" else None
        flags = self.where[:-1]
        return _defined(needs, value, self.table, self.reasons, unit=unit, dated_of=flags)

    def total(self, cell: Cell) -> Value:
        if self.kind == "decimal":
            return cell.money(self.sum)
        found = cell.number(self.sum)
        return found / MICROSECONDS_A_DAY if self.kind == "duration" else found

    def mean(self, cell: Cell) -> Value:
        n = cell.number(self.count)
        if not n:
            return None
        if self.kind == "decimal":
            return cell.money(self.sum) / n
        found = cell.number(self.sum) / n
        return found / MICROSECONDS_A_DAY if self.kind == "duration" else found

    def median(self, cell: Cell) -> Value:
        middle = cell.middle(self.values)
        if self.kind == "decimal":
            currency, found = cell.money(self.sum).currency, median_amount(middle)
            return None if found is None else Money(found, currency)
        value = median_number(middle)
        return value if value is None or self.kind == "int" else value / MICROSECONDS_A_DAY


def share(
    *flags: Flag,
    of: Flag | tuple[Flag, ...] = (),
    dated_by: str | None = None,
    table: Table = "deals",
) -> Definition[Rate]:
    """Of the rows of a kind, for what share do the flags hold?

    **Definition**: the rows that ``of`` and the flags hold for ÷ those that ``of`` holds for. A
    row that does not know a column that the flags look at is left out and counted.

    Args:
        *flags: what is asked of the rows.
        of: the flag, or flags, that say which rows; all unless given.
        dated_by: the column that puts a row into a period, such as ``closed_at``.
        table: as for `count`.
    """
    require_flags(flags)
    whole = _met((of,) if isinstance(of, Flag) else tuple(of))
    reasons: dict[str, Need] = {}
    seen = whole
    for column in dict.fromkeys(f.column for f in flags if f.test not in ("known", "unknown")):
        name = next((days for days, exact in EXACT.items() if exact == column), column)
        reasons[f"no_{name}"] = Need("count", None, (*seen, unknown(column)), dated_by)
        seen = (*seen, known(column))
    below = Need("count", None, seen, dated_by)
    above = Need("count", None, (*seen, *flags), dated_by)

    def formula(cell: Cell) -> Rate:
        n, n_whole = cell.number(above), cell.number(below)
        return Rate(ratio(n, n_whole), n, n_whole, wilson(n, n_whole))

    undated = _undated(dated_by, whole)
    needs = (above, below)
    return Definition(needs, formula, table=table, reasons=reasons, undated=undated)


def quotient(above: Definition[Any], below: Definition[Any]) -> Definition[Number]:
    """How much of the one is there for each of the other?

    **Definition**: one measure ÷ another, None if that is 0 or one is unknown.
    """
    return combine(_divided, above, below)


def _divided(above: Any, below: Any) -> Any:
    if isinstance(above, Money) and isinstance(below, float):
        return above / Decimal(repr(below))
    return above / below


def combine(formula: Callable[..., Any], *parts: Definition[Any]) -> Definition[Number]:
    """What do several measures make together?

    **Definition**: what the formula makes of their values; None if one of them is None, or it
    divides by 0.

    Args:
        formula: makes a number or money of the values of the parts, in their order.
        *parts: measures of one table.

    Raises:
        OptionError: for parts of several tables, or none.

    Example:
        >>> from salesflow import Pipeline, metrics
        >>> lost, won = (count(is_("outcome", outcome)) for outcome in ("lost", "won"))
        >>> deals = [Pipeline.standard().restore(id="D-1", stage="won")]
        >>> metrics.measure(deals, combine(lambda one, other: one - other, won, lost)).value
        1
    """
    for part in parts:
        require_definition(part)
    tables = {part.table: None for part in parts}
    if len(tables) != 1:
        listed = " and ".join(map(str, tables)) or "nothing"
        msg = f"cannot combine measures of {listed}: a call reads one table"
        raise OptionError(msg, hint="measure each on its own.", parameter="table", value=listed)

    def value(cell: Cell) -> Value:
        currencies = cell.answers.get(CURRENCIES, frozenset())
        if isinstance(currencies, frozenset) and len(currencies) == 1:
            # Nothing of the one must go together with something of the other.
            cell = attrs.evolve(cell, default_currency=next(iter(currencies)))
        values = [part.formula(cell).value for part in parts]
        if any(found is None for found in values):
            return None
        try:
            made = formula(*values)
        except ZeroDivisionError:
            return None
        return float(made) if isinstance(made, Decimal) else cast("Value", made)

    needs = tuple(need for part in parts for need in part.needs)
    reasons, undated = (
        together(*(getattr(part, name) for part in parts)) for name in ("reasons", "undated")
    )
    found = _defined(needs, value, parts[0].table, reasons)
    return attrs.evolve(found, undated=undated)


def _defined(
    needs: tuple[Need, ...],
    value: Callable[[Cell], Value],
    table: Table,
    reasons: Reasons | None = None,
    *,
    unit: str | None = None,
    dated_of: tuple[Flag, ...] | None = None,
) -> Definition[Number]:
    first = needs[0]
    return Definition(
        needs,
        lambda cell: Number(value(cell), unit),
        table=table,
        reasons=reasons or {},
        undated=_undated(first.dated_by, first.where if dated_of is None else dated_of),
    )


def _undated(dated_by: str | None, flags: tuple[Flag, ...]) -> dict[str, Need]:
    """The rows that no period holds, as nobody knows their date."""
    if dated_by is None:
        return {}
    return {f"no_{dated_by}": Need("count", None, (*flags, unknown(dated_by)))}
