"""`coverage`: whether what is open is enough for the quota."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Unpack, overload

import attrs

from salesflow.errors import MixedCurrencyError, OptionError
from salesflow.metrics.evaluate import Cell, Definition, breakdown, one, stats_of
from salesflow.metrics.needs import IS_OPEN, IS_WON, Flag, Need, known, unknown
from salesflow.metrics.options import By, Call, Untimed, make_call
from salesflow.metrics.results import Breakdown, Coverage
from salesflow.metrics.stats import Key, Stats
from salesflow.money import QUOTIENT, Money
from salesflow.periods import Period

Quotas = Mapping[Key, Money]
"""What each group is to win."""


@overload
def coverage(
    data: object,
    *,
    quota: Money,
    period: Period,
    as_of: datetime,
    by: None = ...,
    **options: Unpack[Untimed],
) -> Coverage: ...
@overload
def coverage(
    data: object,
    *,
    quota: Mapping[Any, Money],
    period: Period,
    as_of: datetime,
    by: By,
    **options: Unpack[Untimed],
) -> Breakdown[Coverage]: ...
def coverage(
    data: object,
    *,
    quota: Money | Mapping[Any, Money],
    period: Period,
    as_of: datetime,
    by: By | None = None,
    **options: Unpack[Untimed],
) -> Coverage | Breakdown[Coverage]:
    """Is there enough in the pipeline to make the quota?

    **Definition**: the amount of open deals expected to close in the period ÷ what is left of the
    quota, which is the quota less the amount of deals won in the period. A quota that is met has
    nothing left to cover. Missing amounts are left out and counted, and so are deals without an
    expected closing.

    Args:
        data: the deals.
        quota: what is to be won in the period, 0 or more; with ``by``, a mapping from the key of
            each group. A group without one has no coverage, and a quota whose group has no deals
            has its row.
        period: the span the quota is for.
        as_of: the instant the data is taken at. [aware datetime]
        by: the column, or columns, to group by.
        **options: see `Options`.

    Returns:
        A `Coverage`, or one for each group. Its value is None where the quota is met, or missing.

    Raises:
        MixedCurrencyError: if the amounts are in several currencies, or in another than the quota.
        OptionError: for a quota that is none, or does not fit ``by``.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC, date
        >>> from salesflow import Pipeline
        >>> then = datetime(2026, 1, 5, tzinfo=UTC)
        >>> deal = Pipeline.standard().open(
        ...     "Acme", amount=Money(300, "EUR"), expected_close_on=date(2026, 3, 1), at=then
        ... )
        >>> first = Period.quarter(2026, 1)
        >>> coverage([deal], quota=Money(100, "EUR"), period=first, as_of=then).value
        3.0
    """
    given: Any = {**options, "period": period, "as_of": as_of}
    if "every" in given:
        msg = "cannot take every: a quota is for one period"
        hint = "call it for each period, with the quota of that one."
        raise OptionError(msg, hint=hint, parameter="every", value=given["every"])
    call = _check(make_call(by, None, given, needs_as_of=True, lacks=("every", "calendar")))
    quotas = _to_quotas(quota, call)
    definition = coverage_of(quotas)
    if not call.by:
        return one(data, definition, call)
    return _by_group(stats_of(data, definition.needs, call), definition, (quotas, call))


def _check(call: Call) -> Call:
    if call.period is None:
        msg = "cannot cover a quota without a period: it is for a span of time"
        hint = "give one, such as Period.parse('2026-Q1')."
        raise OptionError(msg, hint=hint, parameter="period", value=None)
    return call


def _to_quotas(quota: object, call: Call) -> Quotas:
    """The quota of each group, by its key as the stats have it."""
    if call.by and not isinstance(quota, Mapping):
        msg = f"cannot take quota={quota!r}: there is one for each group"
        hint = "give a mapping from the key of each group, or no by."
        raise OptionError(msg, hint=hint, parameter="quota", value=quota)
    given = quota if call.by and isinstance(quota, Mapping) else {(): quota}
    quotas = {}
    for name, money in given.items():
        if not isinstance(money, Money) or money.amount < 0:
            msg = f"cannot take quota={money!r}: it is no Money of 0 or more"
            hint = "give Money(100000, 'EUR') or so; a mapping of them with by."
            raise OptionError(msg, hint=hint, parameter="quota", value=money)
        if call.rates is not None:
            check_currency(call.rates.base, money)
        quotas[_to_key(name, call)] = money
    return quotas


def _to_key(name: Any, call: Call) -> Key:
    if call.by and call.one_column:
        return (name,)
    if isinstance(name, tuple) and len(name) == len(call.by):
        return name
    msg = f"cannot take a quota for {name!r}: groups by {', '.join(call.by)} have other keys"
    hint = f"give tuples of {len(call.by)} as keys."
    raise OptionError(msg, hint=hint, parameter="quota", value=name)


def check_currency(currency: str, quota: Money) -> None:
    """Refuse a quota in another currency than the amounts it is compared with."""
    if currency != quota.currency:
        msg = f"cannot cover a quota in {quota.currency} with amounts in {currency}"
        hint = f"give a quota in {currency}, or rates=Rates('{quota.currency}', …)."
        raise MixedCurrencyError(msg, hint=hint, currencies=(currency, quota.currency))


def _by_group(
    stats: Stats, definition: Definition[Coverage], asked: tuple[Quotas, Call]
) -> Breakdown[Coverage]:
    quotas, call = asked
    empty: dict[Key, Any] = {key: {} for key in quotas}
    currencies = {quota.currency for quota in quotas.values()}
    if call.currency is None and len(currencies) == 1 and not stats.currencies():
        # Where no deal has an amount, the quotas say what the zeros are of.
        call = attrs.evolve(call, currency=currencies.pop())
    found = breakdown(attrs.evolve(stats, groups={**empty, **stats.groups}), definition, call)
    uncovered = sum(result.left_out.get("no_quota", 0) for result in found.values())
    if not uncovered:
        return found
    return attrs.evolve(found, left_out={**found.left_out, "no_quota": uncovered})


def coverage_of(quotas: Quotas) -> Definition[Coverage]:
    """The definition of coverage, each group with its quota."""
    due, won = _side(IS_OPEN, "expected_close_on"), _side(IS_WON, "closed_at")
    open_amount, won_amount = (side("sum", "amount", known("amount")) for side in (due, won))
    counts = tuple(side("count", None) for side in (due, won))
    reasons = {
        "no_expected_close_on": Need("count", None, (IS_OPEN, unknown("expected_close_on"))),
        "no_closed_at": Need("count", None, (IS_WON, unknown("closed_at"))),
    }
    for side, prefix in ((due, ""), (won, "won_")):
        unconverted = (known("given_amount"), unknown("amount"))
        reasons[f"{prefix}no_amount"] = side("count", None, unknown("given_amount"))
        reasons[f"{prefix}no_rate"] = side("count", None, *unconverted)
    assumptions = {"no_created_at": due("count", None, unknown("created_at"))}

    def formula(cell: Cell) -> Coverage:
        quota = quotas.get(cell.key)
        opened, earned = _amounts(cell, quota, (open_amount, won_amount))
        left = None if quota is None else quota - earned
        left_out = cell.counted(**reasons)
        if quota is None and (n := sum(map(cell.number, counts))):
            left_out["no_quota"] = n
        return Coverage(
            _ratio(opened, left),
            opened,
            quota,
            earned,
            left,
            left is not None and left.amount <= 0,
            as_of=cell.as_of,
            currency=opened.currency,
            left_out=left_out,
            assumed=cell.counted(**assumptions),
        )

    needs = (open_amount, won_amount, *counts, *reasons.values(), *assumptions.values())
    return Definition(needs, formula, reasons=reasons, assumptions=assumptions)


def _side(outcome: Flag, dated_by: str) -> Callable[..., Need]:
    """What makes the needs of the open deals, or of the won ones."""

    def need(op: Any, column: str | None, *flags: Flag) -> Need:
        return Need(op, column, (outcome, *flags), dated_by)

    return need


def _amounts(cell: Cell, quota: Money | None, needs: tuple[Need, Need]) -> tuple[Money, Money]:
    """Both amounts, in the currency of the quota."""
    held = [need for need in needs if cell.answers.get(need)]
    currency = cell.money(*held).currency
    if quota is not None:
        if held:
            check_currency(currency, quota)
        currency = quota.currency
    opened, earned = (Money(cell.money(need).amount, currency) for need in needs)
    return opened, earned


def _ratio(opened: Money, left: Money | None) -> float | None:
    if left is None or left.amount <= 0:
        return None
    return float(QUOTIENT.divide(opened.amount, left.amount))
