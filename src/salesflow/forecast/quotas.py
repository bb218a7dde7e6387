"""`Quota` and `quota_attainment`: what is to be won, what was, and what it still takes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NoReturn, Unpack, get_args

import attrs

from salesflow.errors import OptionError, shown
from salesflow.facts.data import Facts
from salesflow.facts.engines import is_frame
from salesflow.metrics import Breakdown, Coverage, Rate, Result, coverage, win_rate
from salesflow.metrics._display import Share
from salesflow.metrics.options import Untimed, check_choice, make_call
from salesflow.metrics.rates import Weight
from salesflow.metrics.targets import check_currency
from salesflow.money import QUOTIENT, XXX, Money
from salesflow.periods import Period

_OF_QUOTAS = ("period", "calendar")
"""The options of metrics that each quota has of its own."""


@attrs.frozen
class Quota:
    """What is somebody to win in a period?

    Args:
        amount: how much, 0 or more.
        period: the span it is for.
        owner_id: whose it is; that of all deals together unless given.

    Raises:
        OptionError: for anything else.

    Example:
        >>> Quota(Money(100_000, "EUR"), Period.quarter(2026, 1), owner_id="kim").owner_id
        'kim'
    """

    amount: Money
    period: Period
    owner_id: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no quota."""
        amount: object = self.amount
        if not isinstance(amount, Money) or amount.amount < 0:
            _refuse("amount", amount, "no Money of 0 or more", "give Money(100000, 'EUR') or so.")
        period: object = self.period
        if not isinstance(period, Period):
            _refuse("period", period, "no Period", "give one, such as Period.parse('2026-Q1').")
        owner: object = self.owner_id
        if owner is not None and not (isinstance(owner, str) and owner.strip()):
            _refuse("owner_id", owner, "no id", "give a text, or None for all deals.")


def _refuse(parameter: str, value: object, fact: str, hint: str) -> None:
    msg = f"cannot take {parameter}={shown(value)} of a quota: it is {fact}"
    raise OptionError(msg, hint=hint, parameter=parameter, value=value)


@attrs.frozen
class QuotaAttainment(Result):
    """How far a quota is made, and what it still takes.

    Attributes:
        value: won ÷ quota; None of a quota of 0.
        quota: what is to be won.
        won: what was.
        left: quota less won, below 0 by what was won beyond it.
        open_amount: the open deals that are expected to close in the period.
        coverage: open_amount ÷ left; None where the quota is met.
        needed: the new pipeline it still takes at that win rate: left ÷ win_rate - open_amount, not
            below 0. None where the win rate is unknown or 0 and the quota is not met.
        win_rate: of the deals that were decided, the share that was won.
    """

    value: float | None
    quota: Money
    won: Money
    left: Money
    open_amount: Money
    coverage: float | None
    needed: Money | None
    win_rate: Rate

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it."""
        names = ("quota", "won", "left", "open_amount", "coverage", "needed")
        rate = self.win_rate
        return {
            "value": self.value,
            **{name: getattr(self, name) for name in names},
            "win_rate": Share(rate.value, rate.numerator, rate.denominator),
        }


def quota_attainment(
    data: object,
    quotas: Iterable[Quota],
    *,
    as_of: datetime,
    weight: Weight = "value",
    decided_in: Period | None = None,
    **options: Unpack[Untimed],
) -> Breakdown[QuotaAttainment]:
    """How much of each quota is made, and how much new pipeline does the rest take?

    **Definition**: won ÷ quota, of the deals won in the quota's period under the owner who closed
    them. What is left takes left ÷ win rate of pipeline; of that, the open deals expected
    to close in the period are there, and the rest is needed, rounded half up to the minor unit.
    Their own chances play no part in it. The win rate is the one that holds for all of the owner's
    deals, by value unless asked for by count: won ÷ (won + lost) of those decided up to ``as_of``.

    Args:
        data: the deals.
        quotas: what is to be won, by whom and when. Periods may overlap.
        as_of: the instant the data is taken at. [aware datetime]
        weight: whether the win rate counts each deal with its amount (``value``) or as one
            (``count``).
        decided_in: count only the deals decided in it for the win rate.
        **options: see `Options`.

    Returns:
        A `QuotaAttainment` for each quota, by owner and period: ``found["kim", quarter]``. Under
        owner None stands the quota of all deals together. Without quotas it is empty. What the
        sums left out is counted, as `coverage` counts it; together, once for each quota.

    Raises:
        MixedCurrencyError: if the amounts of an owner, with a quota or without, are in several
            currencies, or in another than the quota; by count, those of the period alone.
        OptionError: for anything but quotas, and for two of one owner and period.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC
        >>> from salesflow import Pipeline
        >>> pipeline, first = Pipeline.standard(), Period.quarter(2026, 1)
        >>> day = datetime(2026, 1, 5, tzinfo=UTC)
        >>> deals = [
        ...     pipeline.restore(
        ...         id=stage, stage=stage, amount=Money(30, "EUR"), closed_at=day, owner_id="kim"
        ...     )
        ...     for stage in ("won", "lost")
        ... ]
        >>> quota = Quota(Money(100, "EUR"), first, owner_id="kim")
        >>> found = quota_attainment(deals, [quota], as_of=day)["kim", first]
        >>> print(found.value, found.left, found.win_rate.value, found.needed)
        0.3 EUR 70.00 0.5 EUR 140.00
    """
    known = _check(quotas)
    asked: Any = {**options, "as_of": as_of}
    _check_options(asked, weight, decided_in)
    deals = data if is_frame(data) or isinstance(data, Facts) else _kept(data)
    rated = {**asked, "weight": weight, "period": decided_in}
    owners = {quota.owner_id for quota in known}
    rates: dict[Any, Rate] = {}
    if owners - {None}:
        rates |= win_rate(deals, by="owner_id", **rated)
    if None in owners:
        rates[None] = win_rate(deals, **rated)
    covers = _covers(deals, known, asked)
    results = {}
    for quota in known:
        cover = covers[quota.owner_id, quota.period]
        rate = rates.get(quota.owner_id) or _no_rate(cover, weight)
        _check_rate(rate, quota.amount)
        results[quota.owner_id, quota.period] = _result(cover, rate)
    return _ByQuota(
        ("owner_id", "period"),
        results,
        as_of=as_of,
        currency=_common(quota.amount.currency for quota in known),
        left_out=_added(result.left_out for result in results.values()),
        assumed=_added(result.assumed for result in results.values()),
        has_tuples=True,
        blank=None if results else _blank(as_of, weight),
    )


@attrs.frozen(eq=False, repr=False)
class _ByQuota(Breakdown[QuotaAttainment]):
    """Its columns are the same without quotas."""

    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        row, kinds = super()._template()
        return row, {**kinds, "period": "period"}


def _check(quotas: object) -> list[Quota]:
    if not isinstance(quotas, Iterable):
        _refuse_quotas(quotas, f"{shown(quotas)} is no list of them")
    known: dict[Any, Quota] = {}
    for quota in quotas:
        if not isinstance(quota, Quota):
            _refuse_quotas(quota, f"{shown(quota)} is none")
        key = (quota.owner_id, quota.period)
        if key in known:
            whose = "all deals" if quota.owner_id is None else f"'{quota.owner_id}'"
            _refuse_quotas(quota, f"there are two of {whose} for {quota.period}")
        known[key] = quota
    return [*known.values()]


def _refuse_quotas(value: object, fact: str) -> NoReturn:
    msg = f"cannot take the quotas: {fact}"
    hint = "give a list, one Quota(amount, period, owner_id=…) for each owner and period."
    raise OptionError(msg, hint=hint, parameter="quotas", value=value)


def _check_options(asked: Any, weight: object, decided_in: object) -> None:
    for name in _OF_QUOTAS:
        if name in asked:
            msg = f"cannot take {name}: each quota is for a period of its own"
            hint = "give decided_in=…, if you mean the deals that tell the win rate."
            raise OptionError(msg, hint=hint, parameter=name, value=asked[name])
    make_call(None, None, asked, needs_as_of=True, lacks=("by", "every", *_OF_QUOTAS))
    check_choice("weight", weight, get_args(Weight))
    if decided_in is not None and not isinstance(decided_in, Period):
        msg = f"cannot take decided_in={shown(decided_in)}: it is no Period"
        hint = "give one, such as Period.parse('2026-Q1')."
        raise OptionError(msg, hint=hint, parameter="decided_in", value=decided_in)


def _kept(data: object) -> object:
    """The data, to be read more than once."""
    return [*data] if isinstance(data, Iterable) and not isinstance(data, list | tuple) else data


def _covers(
    deals: object, quotas: Iterable[Quota], asked: Mapping[str, Any]
) -> dict[tuple[str | None, Period], Coverage]:
    """The coverage of each quota, those of one period in one call."""
    covers: dict[tuple[str | None, Period], Coverage] = {}
    by_period: dict[Period, dict[str | None, Money]] = {}
    for quota in quotas:
        by_period.setdefault(quota.period, {})[quota.owner_id] = quota.amount
    for period, amounts in by_period.items():
        whole = amounts.pop(None, None)
        if whole is not None:
            covers[None, period] = coverage(deals, quota=whole, period=period, **asked)
        if amounts:
            found = coverage(deals, quota=amounts, period=period, by="owner_id", **asked)
            covers |= {(owner, period): found[owner] for owner in amounts}
    return covers


def _check_rate(rate: Rate, quota: Money) -> None:
    """Refuse a win rate by amounts in another currency than the quota."""
    decided = rate.denominator
    if isinstance(decided, Money) and decided.amount:
        check_currency(decided.currency, quota)


def _result(cover: Coverage, rate: Rate) -> QuotaAttainment:
    quota, left = cover.quota, cover.left
    assert quota is not None  # noqa: S101 - each of these has one
    assert left is not None  # noqa: S101
    share = None if not quota.amount else QUOTIENT.divide(cover.won.amount, quota.amount)
    return QuotaAttainment(
        None if share is None else float(share),
        quota,
        cover.won,
        left,
        cover.open_amount,
        cover.value,
        _needed(cover, left, rate),
        rate,
        as_of=cover.as_of,
        currency=cover.currency,
        left_out=cover.left_out,
        assumed=cover.assumed,
    )


def _needed(cover: Coverage, left: Money, rate: Rate) -> Money | None:
    zero = Money.zero(left.currency)
    if cover.met:
        return zero
    won, decided = (
        part.amount if isinstance(part, Money) else part
        for part in (rate.numerator, rate.denominator)
    )
    if not won:
        return None
    return max((left * decided / won - cover.open_amount).round(), zero)


def _no_rate(cover: Coverage, weight: Weight) -> Rate:
    """The win rate of an owner without deals."""
    none = 0 if weight == "count" else Money.zero(cover.currency)
    return Rate(None, none, none, None, as_of=cover.as_of, currency=cover.currency)


def _common(currencies: Iterable[str]) -> str:
    found = {*currencies}
    return found.pop() if len(found) == 1 else XXX


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for found in counts:
        for reason, n in found.items():
            total[reason] = total.get(reason, 0) + n
    return total


def _blank(as_of: datetime, weight: Weight) -> QuotaAttainment:
    """What the columns of a frame without quotas are of."""
    zero = Money.zero(XXX)
    cover = Coverage(None, zero, zero, zero, zero, met=True, as_of=as_of)
    return _result(cover, _no_rate(cover, weight))
