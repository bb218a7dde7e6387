"""`cash_bands`: when the money of many simulated futures is due, as ranges."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from operator import add
from typing import Any

from salesflow.errors import AmountError, OptionError, shown
from salesflow.forecast._cash_futures import CashFutures, refuse_draws
from salesflow.forecast._cash_spans import Spans
from salesflow.forecast._numbers import is_number
from salesflow.forecast._schedules import from_units, mean_of, to_units, unit_of
from salesflow.forecast.cash_results import BandSpan, CashBand, CashBands, CashCurve
from salesflow.forecast.terms import PaymentTerms
from salesflow.money import EXACT, XXX, Money
from salesflow.periods import Calendar, require_aware

Closing = tuple[date, Money] | tuple[date, Money, PaymentTerms]
"""A win that was simulated: its day, its amount, and its terms where they are not those of all."""

_QUANTILES = (0.1, 0.5, 0.9)


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
        AmountError: if what is due in a draw is more than Money holds.

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
    futures = CashFutures(spans, terms or PaymentTerms())
    if certain is not None:
        _take_sure(certain, spans, futures)
    if not isinstance(draws, Iterable):
        refuse_draws(draws, f"{shown(draws)} is no list of them")
    for draw in draws:
        futures.add(draw)
    if not futures.drawn:
        refuse_draws(draws, "there are none")
    return _Bands(futures, shares, as_of).made()


def _to_quantiles(quantiles: object) -> tuple[float, ...]:
    given = quantiles if isinstance(quantiles, Iterable) else ()
    shares = tuple(given)
    are_shares = all(is_number(q) and 0 < q <= 1 for q in shares)
    if not shares or not are_shares or [*shares] != sorted({*shares}):
        msg = f"cannot take quantiles={shown(quantiles)}"
        hint = "give numbers above 0 and up to 1, each once, ascending: [0.1, 0.5, 0.9]."
        raise OptionError(msg, hint=hint, parameter="quantiles", value=quantiles)
    return shares


def _take_sure(certain: CashCurve, spans: Spans, futures: CashFutures) -> None:
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


class _Bands:
    """Takes the quantiles of all draws, period by period."""

    def __init__(self, futures: CashFutures, shares: tuple[float, ...], as_of: datetime) -> None:
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
            so_far = [*map(add, so_far, due)]
            try:
                found[period] = self._band(due, so_far)
            except AmountError as error:
                msg = f"cannot add up what is due in {period} or until then: too many digits"
                raise AmountError(msg, hint=error.hint, amount=error.amount) from None
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
        # The sum of all draws may be more than Money holds, where none of them is.
        mean = mean_of(sum(ordered), len(ordered), self._places, self._currency)
        quantiles = {q: self._money(ordered[n - 1]) for q, n in self._ranks.items()}
        return Money(mean, self._currency), quantiles

    def _money(self, units: int) -> Money:
        return Money(from_units(units, self._places), self._currency)


def rank(share: float, n: int) -> int:
    """The least number of draws that is the share of all or more.

    The share is meant as it is written: 0.7 of 10 is 7, which its binary fraction exceeds.
    """
    exact = EXACT.multiply(Decimal(repr(float(share))), Decimal(n))
    return int(exact.to_integral_value(ROUND_CEILING, EXACT))
