"""`cash_bands`: when the money of many simulated futures is due, as ranges."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, NoReturn

from salesflow.errors import MixedCurrencyError, OptionError, shown
from salesflow.forecast._cash_spans import Spans
from salesflow.forecast._schedules import Plan, Schedules, from_units, split, to_units, unit_of
from salesflow.forecast.cash_results import BandSpan, CashBand, CashBands, CashCurve
from salesflow.forecast.terms import PaymentTerms
from salesflow.money import EXACT, XXX, Money
from salesflow.periods import Calendar, require_aware

Closing = tuple[date, Money] | tuple[date, Money, PaymentTerms]
"""A win that was simulated: its day, its amount, and its terms where they are not those of all."""

_QUANTILES = (0.1, 0.5, 0.9)
_PARTS = (2, 3)


def cash_bands(
    draws: Iterable[Iterable[Closing]],
    *,
    as_of: datetime,
    terms: PaymentTerms | None = None,
    every: BandSpan = "month",
    calendar: Calendar | None = None,
    quantiles: Sequence[float] = _QUANTILES,
    certain: CashCurve | None = None,
) -> CashBands:
    """When does the money come in, and how much may it be?

    **Definition**: each draw is one future: the deals that are won in it, with day and amount. They
    are paid as their terms say, those of a day and of equal terms as one amount, to the minor unit.
    The q-quantile of a period is the least amount that at least the share q of the draws does not
    exceed: it is the amount of one of them. What is due up to a period has quantiles of its own,
    from the same draws.

    Args:
        draws: the futures; read once, and not kept.
        as_of: the instant they were drawn at. [aware datetime]
        terms: those of closings that name none; all at the signing unless given.
        every: what a row is of.
        calendar: the zone and fiscal year; UTC and January unless given.
        quantiles: which. [above 0, up to 1; ascending]
        certain: the curve of what is won already, which is due in every draw; by the same ``every``
            and ``calendar``. What it expects from open deals is not: the draws say that.

    Returns:
        `CashBands`: a `CashBand` for each period from the first in which anything is due to the
        last. Draws without any closing are futures in which nothing is won: they count.

    Raises:
        MixedCurrencyError: if the amounts are in several currencies.
        OptionError: for no draws at all, for what is no closing, for other quantiles, and for a
            curve of other periods, or of groups.
        PeriodError: if a payment would be due after the year 9999.

    Example:
        >>> from datetime import UTC
        >>> now = datetime(2026, 1, 1, tzinfo=UTC)
        >>> draws = [
        ...     [],
        ...     [(date(2026, 1, 9), Money(50, "EUR"))],
        ...     [(date(2026, 2, 9), Money(90, "EUR"))],
        ... ]
        >>> for month, band in cash_bands(draws, as_of=now, quantiles=[0.5]).items():
        ...     print(month, band.quantiles[0.5], band.cumulated[0.5])
        2026-01 EUR 0.00 EUR 0.00
        2026-02 EUR 0.00 EUR 50.00
    """
    require_aware(as_of, "as_of")
    given: object = terms
    if given is not None and not isinstance(given, PaymentTerms):
        msg = f"cannot take terms={shown(terms)}: it is no PaymentTerms"
        hint = "give PaymentTerms([…]), or a closing terms of its own."
        raise OptionError(msg, hint=hint, parameter="terms", value=terms)
    shares = _to_quantiles(quantiles)
    spans = Spans(every, calendar, BandSpan)
    futures = _Futures(spans, terms or PaymentTerms())
    if certain is not None:
        _take_sure(certain, spans, futures)
    if not isinstance(draws, Iterable):
        _refuse_draws(draws, f"{shown(draws)} is no list of them")
    for draw in draws:
        futures.add(draw)
    if not futures.drawn:
        _refuse_draws(draws, "there are none")
    return _Bands(futures, shares, as_of).made()


def _to_quantiles(quantiles: object) -> tuple[float, ...]:
    given = quantiles if isinstance(quantiles, Iterable) else ()
    shares = tuple(given)
    are_shares = all(
        isinstance(q, int | float) and not isinstance(q, bool) and 0 < q <= 1 for q in shares
    )
    if not shares or not are_shares or [*shares] != sorted({*shares}):
        msg = f"cannot take quantiles={shown(quantiles)}"
        hint = "give numbers above 0 and up to 1, each once, ascending: [0.1, 0.5, 0.9]."
        raise OptionError(msg, hint=hint, parameter="quantiles", value=quantiles)
    return shares


def _refuse_draws(value: object, fact: str) -> NoReturn:
    msg = f"cannot take the draws: {fact}"
    hint = "give a list of draws, each a list of (date, Money) or (date, Money, PaymentTerms)."
    raise OptionError(msg, hint=hint, parameter="draws", value=value)


def _take_sure(certain: CashCurve, spans: Spans, futures: "_Futures") -> None:
    """What is due in every draw."""
    curve: object = certain
    fact = None
    if not isinstance(curve, CashCurve):
        fact = "it is no CashCurve"
    elif certain.names != (spans.every,) or certain.calendar != spans.calendar:
        fact = f"it is no curve of all, by {spans.every} of the same calendar"
    if fact is not None:
        msg = f"cannot take certain={shown(certain)}: {fact}"
        hint = "give cash(deals, every=…, calendar=…), without by."
        raise OptionError(msg, hint=hint, parameter="certain", value=certain)
    for period, flow in certain.items():
        futures.check_currency(flow.currency)
        futures.sure[spans.number_of(period)] = flow.won.amount


class _Futures:
    """What is due in each draw, by the number of its period, in units of a last decimal."""

    def __init__(self, spans: Spans, terms: PaymentTerms) -> None:
        self.spans, self.currency = spans, ""
        self._terms = terms
        self._schedules = Schedules()
        self._numbers: dict[tuple[date, ...], list[int]] = {}
        self.drawn: list[tuple[int, dict[int, int]]] = []
        """Of each draw, how many decimals its units have, and what is due."""
        self.sure: dict[int, Decimal] = {}
        """What is due in every one."""

    def check_currency(self, currency: str) -> None:
        """Refuse a second one."""
        if self.currency not in ("", currency):
            currencies = tuple(sorted((self.currency, currency)))
            msg = f"cannot add amounts in {' and '.join(currencies)}: they are several currencies"
            hint = "give cash(…, rates=Rates(…)), and draws in the base currency."
            raise MixedCurrencyError(msg, hint=hint, currencies=currencies)
        self.currency = currency

    def add(self, draw: object) -> None:
        """One more future."""
        if not isinstance(draw, Iterable):
            _refuse_draws(draw, f"draw {len(self.drawn) + 1} is {shown(draw)}")
        signed: dict[tuple[PaymentTerms, date], Decimal] = {}
        for closing in draw:
            day, amount, terms = self._read(closing)
            self.check_currency(amount.currency)
            key = (terms, day)
            signed[key] = EXACT.add(signed.get(key, Decimal(0)), amount.amount)
        units = [unit_of(worth, self.currency) for worth in signed.values()]
        finest, step = max(units, default=(0, 1))
        due: dict[int, int] = {}
        for (terms, day), worth in signed.items():
            plan = self._schedules.plan(terms, day)
            parts = split(to_units(worth, finest), step, plan.shares)
            for number, part in zip(self._numbers_of(plan), parts, strict=True):
                due[number] = due.get(number, 0) + part
        self.drawn.append((finest, due))

    def _numbers_of(self, plan: Plan) -> list[int]:
        """The periods that the days of a plan lie in."""
        found = self._numbers.get(plan.days)
        if found is None:
            found = self._numbers[plan.days] = [*map(self.spans.number, plan.days)]
        return found

    def _read(self, closing: object) -> tuple[date, Money, PaymentTerms]:
        if isinstance(closing, tuple) and len(closing) in _PARTS:
            day, amount, *others = closing
            terms = others[0] if others else self._terms
            is_day = isinstance(day, date) and not isinstance(day, datetime)
            if is_day and isinstance(amount, Money) and isinstance(terms, PaymentTerms):
                return day, amount, terms
        _refuse_draws(closing, f"draw {len(self.drawn) + 1} holds {shown(closing)}")


class _Bands:
    """Takes the quantiles of all draws, period by period."""

    def __init__(self, futures: _Futures, shares: tuple[float, ...], as_of: datetime) -> None:
        self._futures, self._as_of = futures, as_of
        self._currency = futures.currency or XXX
        sure = [unit_of(amount, self._currency)[0] for amount in futures.sure.values()]
        self._places = max(*sure, *(places for places, _ in futures.drawn), 0)
        self._sure = {n: to_units(amount, self._places) for n, amount in futures.sure.items()}
        self._ranks = {share: rank(share, len(futures.drawn)) for share in shares}

    def made(self) -> CashBands:
        """The bands."""
        spans = self._futures.spans
        so_far = [0] * len(self._futures.drawn)
        found: dict[Any, CashBand] = {}
        for period, number in spans.numbered().items():
            due = [0] * len(so_far) if number is None else self._due(number)
            so_far = [before + now for before, now in zip(so_far, due, strict=True)]
            found[period] = self._band(due, so_far)
        return CashBands(
            (spans.every,),
            found,
            as_of=self._as_of,
            currency=self._currency,
            calendar=spans.calendar,
            blank=None if found else self._band(so_far, so_far),
            n_draws=len(so_far),
        )

    def _due(self, number: int) -> list[int]:
        """What is due in a period, in each draw."""
        sure = self._sure.get(number, 0)
        return [
            sure + due.get(number, 0) * 10 ** (self._places - places)
            for places, due in self._futures.drawn
        ]

    def _band(self, due: list[int], so_far: list[int]) -> CashBand:
        (mean, quantiles), (mean_so_far, cumulated) = map(self._spread, (due, so_far))
        about: Any = {"as_of": self._as_of, "currency": self._currency}
        return CashBand(mean, quantiles, mean_so_far, cumulated, **about)

    def _spread(self, units: list[int]) -> tuple[Money, dict[float, Money]]:
        """The mean of the amounts, and their quantiles."""
        ordered = sorted(units)
        mean = self._money(sum(ordered)) / len(ordered)
        return mean.round(), {q: self._money(ordered[n - 1]) for q, n in self._ranks.items()}

    def _money(self, units: int) -> Money:
        return Money(from_units(units, self._places), self._currency)


def rank(share: float, n: int) -> int:
    """The least number of draws that is the share of all or more.

    The share is meant as it is written: 0.7 of 10 is 7, which its binary fraction exceeds.
    """
    exact = EXACT.multiply(Decimal(repr(float(share))), Decimal(n))
    return int(exact.to_integral_value(ROUND_CEILING, EXACT))
