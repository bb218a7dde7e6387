"""`win_rate` and `conversion_rate`."""

from typing import Literal, Unpack, overload

import attrs

from salesflow.errors import OptionError
from salesflow.metrics._statistics import ratio, wilson
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.needs import (
    IS_CLOSED,
    IS_LOST,
    IS_OPEN,
    IS_WON,
    Flag,
    Need,
    known,
    unknown,
    without_closing,
)
from salesflow.metrics.options import By, Every, Options, check_choice, make_call
from salesflow.metrics.results import Breakdown, Rate
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.money import QUOTIENT, Money

Weight = Literal["count", "value"]
"""Whether each deal counts as one, or as its amount."""

Basis = Literal["closed", "created"]
"""Whether a period holds the deals closed in it, or those created in it (a cohort)."""

_MOST_STALE_DAYS = 36_500  # a hundred years: longer ones leave the calendar


@overload
def win_rate(
    data: object,
    *,
    weight: Weight = ...,
    basis: Basis = ...,
    stale_as_lost: int | None = ...,
    by: None = ...,
    every: None = ...,
    **options: Unpack[Options],
) -> Rate: ...
@overload
def win_rate(
    data: object,
    *,
    by: By,
    weight: Weight = ...,
    basis: Basis = ...,
    stale_as_lost: int | None = ...,
    every: Every | None = ...,
    **options: Unpack[Options],
) -> Breakdown[Rate]: ...
@overload
def win_rate(
    data: object,
    *,
    every: Every,
    weight: Weight = ...,
    basis: Basis = ...,
    stale_as_lost: int | None = ...,
    by: None = ...,
    **options: Unpack[Options],
) -> Breakdown[Rate]: ...
def win_rate(
    data: object,
    *,
    weight: Weight = "count",
    basis: Basis = "closed",
    stale_as_lost: int | None = None,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Rate | Breakdown[Rate]:
    """Of the deals that were decided, what share did we win?

    **Definition**: won ÷ (won + lost), each deal once, by its last closing. Open deals never
    count. By value, each deal counts with its amount, and one without an amount, or with
    a negative one, is left out.

    Args:
        data: the deals.
        weight: ``count`` or ``value``.
        basis: what a period holds, and whose owner counts: ``closed``, the deals closed in it, or
            ``created``, those created in it, under the owner who opened them.
        stale_as_lost: count a deal that is still open as lost on the day on which it is that
            old; needs ``as_of``. [whole days]
        by: the column, or columns, to group by.
        every: what to cut time into.
        **options: see `Options`.

    Returns:
        A `Rate`, or one for each group. Its value is None where nothing was decided.

    Raises:
        MixedCurrencyError: by value, if the amounts are in several currencies.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> won = pipeline.restore(id="D-1", stage="won")
        >>> lost = pipeline.restore(id="D-2", stage="lost")
        >>> rate = win_rate([won, lost, pipeline.open("Acme")])
        >>> rate.value, rate.numerator, rate.denominator
        (0.5, 1, 2)
    """
    call = make_call(by, every, options)
    check_choice("weight", weight, ("count", "value"))
    check_choice("basis", basis, ("closed", "created"))
    if stale_as_lost is not None:
        _check_stale(stale_as_lost, has_as_of=call.as_of is not None)
    definition = win_rate_of(
        weight, basis, stale_as_lost, dated=call.is_dated, has_as_of=call.as_of is not None
    )
    return result_of(data, definition, call)


def _check_stale(days: object, *, has_as_of: bool) -> None:
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= _MOST_STALE_DAYS:
        msg = f"cannot count deals as lost after {days!r} days"
        hint = f"give a whole number of days, 1 to {_MOST_STALE_DAYS}."
        raise OptionError(msg, hint=hint, parameter="stale_as_lost", value=days)
    if not has_as_of:
        msg = "cannot count stale deals as lost: how old they are depends on as_of"
        hint = "give as_of=…, an aware datetime."
        raise OptionError(msg, hint=hint, parameter="as_of", value=None)


def win_rate_of(
    weight: Weight = "count",
    basis: Basis = "closed",
    stale_as_lost: int | None = None,
    *,
    dated: bool = False,
    has_as_of: bool = False,
) -> Definition[Rate]:
    """The definition of a win rate; ``dated`` where a deal without a date has no place."""
    dated_by = "closed_at" if basis == "closed" else "created_at"
    row = _Row(weight, dated_by, at_opening=basis == "created")
    won, lost = row.need(IS_WON), [row.need(IS_LOST)]
    reasons = row.unpriced(IS_CLOSED)
    if stale_as_lost is not None:
        stale = Flag("age_us", "at_least", stale_as_lost * MICROSECONDS_A_DAY)
        # It is lost on the day on which it is that old; a cohort holds it from its creation on.
        delay = stale_as_lost if basis == "closed" else 0
        aged = attrs.evolve(row, dated_by="created_at", delay_days=delay)
        lost.append(aged.need(IS_OPEN, stale))
        missed = aged.unpriced(IS_OPEN, stale)
        missed["no_created_at"] = row.count(IS_OPEN, unknown("created_at"), undated=True)
        reasons |= {f"stale_{reason}": need for reason, need in missed.items()}
    if dated:
        reasons[f"no_{dated_by}"] = row.count(IS_CLOSED, unknown(dated_by), undated=True)

    assumptions = {"no_closed_at": row.without_closing()} if has_as_of and not dated else {}

    def formula(cell: Cell) -> Rate:
        notes = (cell.counted(**reasons), cell.counted(**assumptions))
        if weight == "value":
            return _value_rate(cell, cell.money(won), cell.money(won, *lost), notes)
        n_won = cell.number(won)
        return count_rate(cell, n_won, n_won + sum(map(cell.number, lost)), notes)

    needs = (won, *lost, *reasons.values(), *assumptions.values())
    return Definition(needs, formula, reasons=reasons, assumptions=assumptions)


_PRICED = (known("amount"), Flag("amount", "not_negative"))

Notes = tuple[dict[str, int], dict[str, int]]
"""What was left out, and what was assumed."""


@attrs.frozen
class _Row:
    """How the deals of one rate count: as one or as their amount, and when."""

    weight: Weight
    dated_by: str
    at_opening: bool = attrs.field(kw_only=True)
    delay_days: int = 0

    def need(self, *flags: Flag) -> Need:
        if self.weight == "count":
            return self.count(*flags)
        return attrs.evolve(self.count(*flags, *_PRICED), op="sum", column="amount")

    def without_closing(self) -> Need:
        """The closed deals that count though nobody knows when they were closed."""
        weighed = () if self.weight == "count" else _PRICED
        return without_closing(IS_CLOSED, *weighed, at_opening=self.at_opening)

    def count(self, *flags: Flag, undated: bool = False) -> Need:
        dated_by = None if undated else self.dated_by
        delay = self.delay_days
        return Need("count", None, flags, dated_by, delay, at_opening=self.at_opening)

    def unpriced(self, *flags: Flag) -> dict[str, Need]:
        """The deals that an amount leaves out, by reason."""
        if self.weight == "count":
            return {}
        without = unknown("given_amount")
        unconverted = (known("given_amount"), unknown("amount"))
        return {
            "negative_amount": self.count(*flags, Flag("amount", "negative")),
            "no_amount": self.count(*flags, without),
            "no_rate": self.count(*flags, *unconverted),
        }


def count_rate(cell: Cell, numerator: int, denominator: int, notes: Notes) -> Rate:
    """A rate of counts, with its interval."""
    return Rate(
        ratio(numerator, denominator),
        numerator,
        denominator,
        wilson(numerator, denominator),
        as_of=cell.as_of,
        currency=cell.stated_currency,
        left_out=notes[0],
        assumed=notes[1],
    )


def _value_rate(cell: Cell, won: Money, total: Money, notes: Notes) -> Rate:
    value = float(QUOTIENT.divide(won.amount, total.amount)) if total.amount else None
    of_won = Money(won.amount, total.currency)  # nothing won has no currency of its own
    return Rate(
        value,
        of_won,
        total,
        None,
        as_of=cell.as_of,
        currency=total.currency,
        left_out=notes[0],
        assumed=notes[1],
    )


@overload
def conversion_rate(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> Rate: ...
@overload
def conversion_rate(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[Rate]: ...
@overload
def conversion_rate(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[Rate]: ...
def conversion_rate(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Rate | Breakdown[Rate]:
    """Of the deals that we opened, what share did we win so far?

    **Definition**: won ÷ all created, open ones below the line too. A period holds the deals
    created in it, under the owner who opened them.

    Args:
        data: the deals.
        by: the column, or columns, to group by.
        every: what to cut time into.
        **options: see `Options`.

    Returns:
        A `Rate`, or one for each group. Its value is None where nothing was created.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> won = pipeline.restore(id="D-1", stage="won")
        >>> conversion_rate([won, pipeline.open("Acme")]).value
        0.5
    """
    call = make_call(by, every, options)
    definition = conversion_rate_of(dated=call.is_dated, has_as_of=call.as_of is not None)
    return result_of(data, definition, call)


def conversion_rate_of(*, dated: bool = False, has_as_of: bool = False) -> Definition[Rate]:
    """The definition of a conversion rate."""
    row = _Row("count", "created_at", at_opening=True)
    won, created = row.need(IS_WON), row.need()
    reasons = {}
    if dated:
        reasons["no_created_at"] = row.count(unknown("created_at"), undated=True)

    assumptions = {"no_closed_at": row.without_closing()} if has_as_of and not dated else {}

    def formula(cell: Cell) -> Rate:
        notes = (cell.counted(**reasons), cell.counted(**assumptions))
        return count_rate(cell, cell.number(won), cell.number(created), notes)

    needs = (won, created, *reasons.values(), *assumptions.values())
    return Definition(needs, formula, reasons=reasons, assumptions=assumptions)
