"""`cash`: when the money of won and open deals is due."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

import attrs

from salesflow.errors import MixedCurrencyError
from salesflow.forecast._cash_spans import Spans
from salesflow.forecast._days import day_of
from salesflow.forecast._schedules import Schedules
from salesflow.forecast.cash_results import CashCurve, CashFlow, CashPayment, Span
from salesflow.forecast.terms import PaymentTerms
from salesflow.forecast.terms_by import Terms, to_function
from salesflow.metrics._objects import DealRows
from salesflow.metrics.evaluate import rank_part
from salesflow.metrics.options import By, Call, make_call
from salesflow.metrics.stats import Key
from salesflow.models import Deal
from salesflow.money import EXACT, XXX, Money, Rates
from salesflow.periods import Calendar


def cash(
    deals: Iterable[Deal],
    *,
    as_of: datetime,
    terms: Terms | None = None,
    every: Span = "month",
    calendar: Calendar | None = None,
    by: By | None = None,
    rates: Rates | None = None,
) -> CashCurve:
    """When does the money come in, of what is won and of what is expected?

    **Definition**: the amount of each won deal, and amount × probability of each open one, rounded
    half up to the minor unit, as in `weighted_pipeline`; signed on the day of the closing, in the
    calendar's zone, or on the expected one; due as its `PaymentTerms` say, in parts that add up to
    it. So a curve adds up to the revenue of its deals, to the cent. It tells when money is due, not
    whether it was paid.

    An open deal whose expected close lies before today has no day to be paid on, and is left out.

    Args:
        deals: the deals.
        as_of: the instant the data is taken at; today is its day in the calendar's zone. [aware
            datetime]
        terms: those of all deals, or a function of a deal, such as a `TermsBy`; all at the signing
            unless given.
        every: what a row is of.
        calendar: the zone and fiscal year; UTC and January unless given.
        by: the column, or columns, to group by.
        rates: exchange rates; the revenue is converted, at the rate of the closing day or of
            ``as_of``, and then paid in the base currency.

    Returns:
        A `CashCurve`: a `CashFlow` for each span. Of nothing it is empty, and its total 0. Deals
        are left out, and counted, by the first that holds: ``no_closed_at``, ``won_no_amount`` and
        ``won_no_rate`` of won ones; ``no_expected_close_on``, ``overdue``, ``no_amount``,
        ``no_rate`` and ``no_probability`` of open ones; ``no_terms`` of both.

    Raises:
        MixedCurrencyError: if the amounts of a group are in several currencies.
        OptionError: for terms that are none, or a function that raises.
        ColumnError: for a column that deals do not have.
        PeriodError: if a payment would be due after the year 9999.
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice.

    Example:
        >>> from datetime import UTC
        >>> from salesflow import Pipeline
        >>> from salesflow.forecast import Payment
        >>> then = datetime(2026, 1, 31, tzinfo=UTC)
        >>> deal = Pipeline.standard().restore(
        ...     id="D-1", stage="won", amount=Money(300, "EUR"), closed_at=then
        ... )
        >>> found = cash([deal], as_of=then, terms=PaymentTerms(Payment.monthly(3)))
        >>> for month, flow in found.items():
        ...     print(month, flow.total, flow.cumulated)
        2026-01 EUR 100.00 EUR 100.00
        2026-02 EUR 100.00 EUR 200.00
        2026-03 EUR 100.00 EUR 300.00
    """
    spans = Spans(every, calendar)
    given: Any = {"as_of": as_of, "rates": rates}
    call = make_call(by, None, given, needs_as_of=True)
    book = _Book(deals, call, spans.calendar.zone, terms)
    return _Curve(book, spans).made()


@attrs.frozen
class _Revenue:
    """What a deal brings, and the day it is signed on."""

    deal: Deal
    key: Key
    signed_on: date
    amount: Decimal
    currency: str
    terms: PaymentTerms


class _Book:
    """The deals of a call, as what they bring."""

    def __init__(self, deals: object, call: Call, zone: str, terms: Terms | None) -> None:
        assert call.as_of is not None  # noqa: S101 - make_call asked for it
        self.call, self.zone = call, zone
        self._terms = to_function(PaymentTerms() if terms is None else terms)
        self._today = day_of(call.as_of, "instant", zone)
        self._table = DealRows(deals, call)
        self.left_out: Counter[str] = Counter()

    def currencies(self) -> set[str]:
        """Those of all amounts, whatever becomes of the deals."""
        return {*self._table.root.column("currency")} - {None}

    def revenues(self) -> Iterator[_Revenue]:
        """What each deal brings that has an amount and a day."""
        root = self._table.root
        readers = [self._table.key_reader(name, at_opening=False) for name in self.call.by]
        names = ("outcome", "amount", "currency", "weighted_amount")
        columns = zip(root.rows, *map(root.column, names), strict=True)
        for deal, outcome, amount, currency, weighted in columns:
            if outcome == "lost":
                continue
            is_won = outcome == "won"
            lacks = self._won_lacks(deal, amount) if is_won else self._open_lacks(deal, amount)
            if lacks is not None:
                self.left_out[lacks] += 1
                continue
            terms = self._terms(deal)
            if terms is None:
                self.left_out["no_terms"] += 1
                continue
            key = tuple(read(deal) for read in readers)
            worth = amount if is_won else weighted
            yield _Revenue(deal, key, self._signed_on(deal), worth, currency, terms)

    def _won_lacks(self, deal: Deal, amount: Decimal | None) -> str | None:
        if deal.closed_at is None:
            return "no_closed_at"
        if amount is None:
            return "won_no_amount" if deal.amount is None else "won_no_rate"
        return None

    def _open_lacks(self, deal: Deal, amount: Decimal | None) -> str | None:
        if deal.expected_close_on is None:
            return "no_expected_close_on"
        if deal.expected_close_on < self._today:
            return "overdue"
        if amount is None:
            return "no_amount" if deal.amount is None else "no_rate"
        return "no_probability" if deal.probability is None else None

    def _signed_on(self, deal: Deal) -> date:
        if deal.closed_at is not None:
            return day_of(deal.closed_at, deal.closed_precision, self.zone)
        assert deal.expected_close_on is not None  # noqa: S101 - others are left out
        return deal.expected_close_on


class _Curve:
    """Adds up what is due."""

    def __init__(self, book: _Book, spans: Spans) -> None:
        self._book, self._spans = book, spans
        self._payments: list[CashPayment] = []
        self._cells: dict[tuple[Key, int], list[CashPayment]] = {}
        self._currencies: dict[Key, str] = {}
        schedules = Schedules()
        for revenue in book.revenues():
            self._check(revenue)
            due = schedules.parts(
                revenue.terms, revenue.signed_on, revenue.amount, revenue.currency
            )
            for day, part in due:
                self._pay(revenue, day, part)

    def _check(self, revenue: _Revenue) -> None:
        one = self._currencies.setdefault(revenue.key, revenue.currency)
        if one != revenue.currency:
            currencies = tuple(sorted((one, revenue.currency)))
            msg = f"cannot add amounts in {' and '.join(currencies)}: they are several currencies"
            hint = "give rates=Rates(…), or by='currency'."
            raise MixedCurrencyError(msg, hint=hint, currencies=currencies)

    def _pay(self, revenue: _Revenue, day: date, part: Decimal) -> None:
        outcome: Any = revenue.deal.outcome
        amount = Money._of_checked(part, revenue.currency)  # noqa: SLF001 - a part of one
        payment = CashPayment(revenue.deal.id, outcome, day, amount)
        self._payments.append(payment)
        self._cells.setdefault((revenue.key, self._spans.number(day)), []).append(payment)

    def made(self) -> CashCurve:
        """The curve."""
        call, spans = self._book.call, self._spans
        flows: dict[Any, CashFlow] = {}
        behind: dict[Any, tuple[CashPayment, ...]] = {}
        groups = sorted(self._currencies, key=lambda key: [*map(rank_part, key)])
        numbered = spans.numbered()
        for group in groups:
            so_far = Decimal(0)
            for span, number in numbered.items():
                found = [] if number is None else self._cells.get((group, number), [])
                flow = self._flow(found, self._currencies[group], so_far)
                so_far = flow.cumulated.amount
                key = (*group, span) if group else span
                flows[key], behind[key] = flow, tuple(found)
        currency = self._usual_currency()
        return CashCurve(
            (*call.by, spans.every),
            flows,
            as_of=call.as_of,
            currency=currency,
            left_out=self._book.left_out,
            notes=(f"days are those of {spans.calendar.zone}",) if spans.every == "day" else (),
            has_tuples=bool(call.by),
            calendar=None if spans.every == "day" else spans.calendar,
            blank=None if flows else self._flow([], currency, Decimal(0)),
            payments=tuple(self._payments),
            behind=behind,
        )

    def _flow(self, payments: list[CashPayment], currency: str, so_far: Decimal) -> CashFlow:
        with localcontext(EXACT):
            won = sum((p.amount.amount for p in payments if p.outcome == "won"), Decimal(0))
            expected = sum((p.amount.amount for p in payments if p.outcome != "won"), Decimal(0))
            cumulated = so_far + won + expected
        sure, hoped = Money(won, currency), Money(expected, currency)
        return CashFlow(
            sure,
            hoped,
            sure + hoped,
            Money(cumulated, currency),
            len(payments),
            as_of=self._book.call.as_of,
            currency=currency,
        )

    def _usual_currency(self) -> str:
        rates = self._book.call.rates
        if rates is not None:
            return rates.base
        found = {*self._currencies.values()} or self._book.currencies()
        return found.pop() if len(found) == 1 else XXX
