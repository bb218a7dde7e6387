"""Laws of payment terms, of the curve of cash, and of its bands, against arithmetic of their own.

Days are found by walking the calendar, money by fractions of cents.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Calendar, Deal, Money, Rates, forecast
from salesflow.forecast import Payment, PaymentTerms
from salesflow.forecast._schedules import Splitter, plan_of
from salesflow.money import minor_unit
from tests import naive
from tests.strategies import zones
from tests.tales import BEGIN, PIPELINE, ledgers, moments_of

SIGNED = st.dates(date(1999, 1, 1), date(2104, 12, 31)) | st.sampled_from(
    [date(2026, 1, 31), date(2028, 1, 31), date(2028, 2, 29), date(2026, 3, 31), date(2099, 12, 31)]
)
TERMS = (
    PaymentTerms(),
    PaymentTerms([Payment.at_signing("0.3"), Payment.after(30, "0.7")]),
    PaymentTerms(Payment.monthly(3)),
    PaymentTerms([Payment.monthly(5, "1/3", first_month=1), Payment.on(date(2026, 6, 1), "2/3")]),
)
EVERY = st.sampled_from(["day", "week", "month", "quarter", "half", "year"])
MORE_DAYS = timedelta(days=400)


@st.composite
def payments(draw: st.DrawFn, share: Fraction) -> Payment:
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return Payment.at_signing(share)
    if kind == 1:
        return Payment.after(draw(st.integers(0, 400)), share)
    if kind == 2:
        first = draw(st.integers(0, 30))
        return Payment.monthly(draw(st.integers(1, 40)), share, first_month=first)
    return Payment.on(draw(SIGNED), share)


@st.composite
def all_terms(draw: st.DrawFn) -> PaymentTerms:
    """Terms of one to four parts; their shares are weights by their sum."""
    weights = draw(st.lists(st.integers(1, 97), min_size=1, max_size=4))
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    return PaymentTerms([draw(payments(share)) for share in shares])


@st.composite
def worth(draw: st.DrawFn) -> Money:
    """Any amount, in whole minor units or finer."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    places = (minor_unit(currency) or 0) + draw(st.sampled_from([0, 0, 0, 3]))
    units = draw(st.integers(-(10**9), 10**15))
    return Money(Decimal(units).scaleb(-places), currency)


def month_on(signed_on: date, months: int) -> date:
    """Walk month by month over their first days, then to the day of the signing, or the last."""
    first = signed_on.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    day = first
    while day < last and day.day < signed_on.day:
        day += timedelta(days=1)
    return day


def shares_by_day(terms: PaymentTerms, signed_on: date) -> dict[date, Fraction]:
    found: dict[date, Fraction] = defaultdict(Fraction)
    for payment in terms.payments:
        if payment.months is not None:
            for number in range(payment.months):
                day = month_on(signed_on, payment.first_month + number)
                found[day] += Fraction(payment.share, payment.months)
        elif payment.due_on is not None:
            found[max(signed_on, payment.due_on)] += payment.share
        else:
            found[date.fromordinal(signed_on.toordinal() + (payment.after_days or 0))] += (
                payment.share
            )
    return dict(sorted(found.items()))


@given(all_terms(), worth(), SIGNED)
def test_parts_add_up_and_each_day_is_paid_to_half_a_minor_unit(terms, amount, signed_on):
    dues = terms.schedule(amount, signed_on)
    assert sum((due.amount for due in dues), Money.zero(amount.currency)) == amount
    by_day = {due.due_on: Fraction(due.amount.amount) for due in dues}
    assert [*by_day] == sorted(by_day)
    assert min(by_day, default=signed_on) >= signed_on
    expected = shares_by_day(terms, signed_on)
    assert by_day.keys() <= expected.keys()
    unit = Fraction(1, 10 ** (minor_unit(amount.currency) or 0))
    paid = owed = Fraction(0)
    for number, (day, share) in enumerate(expected.items(), 1):
        paid += by_day.get(day, Fraction(0))
        owed += share * Fraction(amount.amount)
        assert abs(paid - owed) <= unit / 2
        assert number == len(expected) or (paid / unit).denominator == 1


@pytest.mark.parametrize("months", [1, 2, 3, 7, 12, 60])
def test_monthly_parts_of_one_another_differ_by_a_cent_at_most(months):
    for cents in (1, 99, 100, 12_345, 10**15 + 1):
        dues = PaymentTerms(Payment.monthly(months)).schedule(
            Money(Decimal(cents).scaleb(-2), "EUR"), date(2028, 1, 31)
        )
        parts = [due.amount.amount for due in dues] + [Decimal(0)] * (months - len(dues))
        assert max(parts) - min(parts) <= Decimal("0.01")


def local_day(when: naive.Moment, zone: str) -> date:
    assert when is not None
    at, precision = when
    return at.date() if precision == "day" else at.astimezone(ZoneInfo(zone)).date()


def revenues(book: list[Deal], now: datetime, zone: str) -> dict[str, tuple[date, Decimal]]:
    """What each deal is worth and when it is signed, by its id; lost ones and unknown ones not."""
    found = {}
    today = now.astimezone(ZoneInfo(zone)).date()
    for fact in naive.facts_of(book, now):
        if fact.amount is None:
            continue
        if fact.outcome == "won" and fact.closed is not None:
            found[fact.id] = (local_day(fact.closed, zone), fact.amount)
        day = fact.expected_close_on
        if fact.outcome == "open" and day is not None and day >= today:
            chance = fact.probability
            if chance is not None:
                product = fact.amount * Decimal(str(chance))
                found[fact.id] = (day, product.quantize(Decimal("0.01"), ROUND_HALF_UP))
    return found


@st.composite
def asked(draw: st.DrawFn) -> tuple[list[Deal], datetime]:
    book = draw(ledgers())
    return book, draw(moments_of(book))


@given(asked(), st.sampled_from(TERMS), EVERY, zones())
def test_a_curve_adds_up_to_the_revenue_of_its_deals(case, terms, every, zone):
    book, now = case
    found = forecast.cash(book, as_of=now, terms=terms, every=every, calendar=Calendar(zone))
    expected = revenues(book, now, zone)
    total = sum((amount for _, amount in expected.values()), Decimal(0))
    assert found.total.amount == total
    assert found.won + found.expected == found.total
    # Deal by deal, day by day.
    paid: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for payment in found.payments:
        assert payment.due_on not in paid[payment.deal_id]
        paid[payment.deal_id][payment.due_on] = payment.amount.amount
    for identity, (signed_on, amount) in expected.items():
        assert sum(paid[identity].values(), Decimal(0)) == amount
        assert paid[identity].keys() <= shares_by_day(terms, signed_on).keys()
    # Row by row.
    so_far = Decimal(0)
    for key, flow in found.items():
        is_in = (lambda day, key=key: day == key) if every == "day" else key.__contains__
        due = [p for p in found.payments if is_in(p.due_on)]
        assert found.behind(key) == tuple(due)
        assert flow.n_payments == len(due)
        so_far += sum((p.amount.amount for p in due), Decimal(0))
        assert flow.cumulated.amount == so_far
        assert flow.won + flow.expected == flow.total
    assert sum(flow.n_payments for flow in found.values()) == len(found.payments)


@settings(max_examples=40)
@given(asked(), st.sampled_from(TERMS))
def test_each_open_or_won_deal_is_paid_or_counted_as_left_out(case, terms):
    book, now = case
    found = forecast.cash(book, as_of=now, terms=terms)
    worthless = {
        identity for identity, (_, amount) in revenues(book, now, "UTC").items() if not amount
    }
    told = {payment.deal_id for payment in found.payments} | worthless
    n_alive = sum(fact.outcome != "lost" for fact in naive.facts_of(book, now))
    assert len(told) + sum(found.left_out.values()) == n_alive


@settings(max_examples=40)
@given(st.data())
def test_curves_of_groups_are_the_parts_of_the_whole(data):
    book = data.draw(ledgers(currencies=("EUR", "USD")))
    now = data.draw(moments_of(book))
    rates = Rates("EUR", {"USD": {BEGIN.date(): "0.9"}})
    whole = forecast.cash(book, as_of=now, rates=rates, terms=TERMS[2])
    parts = forecast.cash(book, as_of=now, rates=rates, terms=TERMS[2], by="owner_id")
    assert parts.total == whole.total
    assert parts.left_out == whole.left_out
    for month, flow in whole.items():
        here = [one for (_, period), one in parts.items() if period == month]
        assert sum((one.total for one in here), Money.zero("EUR")) == flow.total
        assert sum((one.cumulated for one in here), Money.zero("EUR")) == flow.cumulated
    by_currency = forecast.cash(book, as_of=now, terms=TERMS[2], by="currency")
    assert all(flow.currency == key[0] for key, flow in by_currency.items())


@settings(max_examples=40)
@given(asked())
def test_what_happens_later_changes_no_curve(case):
    book, now = case
    later = max([now, *(e.at for deal in book for e in deal.history if e.at)]) + MORE_DAYS
    changed = [
        PIPELINE.update(deal, name="Another name", at=later) if deal.outcome == "open" else deal
        for deal in book
    ]
    one, other = (forecast.cash(deals, as_of=now, terms=TERMS[1]) for deals in (book, changed))
    assert dict(one) == dict(other)


@st.composite
def simulations(draw: st.DrawFn) -> list[list[Any]]:
    """Draws in one currency, with terms of all or own, and amounts finer, or less than nothing."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD", "XXX"]))
    places = minor_unit(currency) or 0
    amounts = st.builds(
        lambda units, finer: Money(Decimal(units).scaleb(-places - finer), currency),
        st.integers(0, 10**6) | st.integers(-(10**3), 10**3) | st.integers(0, 10**20),
        st.sampled_from([0, 0, 0, 1, 3]),
    )
    days = st.dates(date(2026, 1, 20), date(2026, 4, 10)) | st.just(date(2026, 1, 31))
    closings = st.tuples(days, amounts) | st.tuples(days, amounts, st.sampled_from(TERMS))
    return draw(st.lists(st.lists(closings, max_size=5), min_size=1, max_size=8))


def paid_in(draw: list[Any], terms: PaymentTerms, every: Any) -> dict[Any, Decimal]:
    """What is due in each period: every sum of a day and of equal terms, part by part."""
    signed: dict[tuple[date, PaymentTerms], Money] = {}
    for day, amount, *own in draw:
        key = (day, own[0] if own else terms)
        signed[key] = signed[key] + amount if key in signed else amount
    due: dict[Any, Decimal] = defaultdict(Decimal)
    for (day, its_terms), amount in signed.items():
        for part in its_terms.schedule(amount, day):
            due[Calendar().containing(every, part.due_on)] += part.amount.amount
    assert sum(due.values()) == sum(amount.amount for _, amount, *_ in draw)
    return due


def is_mean(told: Money, values: list[Decimal]) -> bool:
    """Whether it is the mean, rounded half up to the minor unit.

    Without one, as near as a quotient is: to 28 digits, and to at most 28 decimals.
    """
    exact = sum(map(Fraction, values), Fraction(0)) / len(values)
    places = minor_unit(told.currency)
    if places is None:
        return abs(Fraction(told.amount) - exact) <= max(abs(exact) / 10**27, Fraction(1, 10**28))
    whole = floor(abs(exact) * 10**places + Fraction(1, 2))
    return Fraction(told.amount) == Fraction(whole if exact >= 0 else -whole, 10**places)


@given(
    simulations(),
    st.sampled_from(TERMS),
    st.sampled_from(["week", "month", "quarter", "half", "year"]),
    st.lists(st.integers(1, 1000).map(lambda n: n / 1000), min_size=1, max_size=4, unique=True).map(
        sorted
    ),
)
def test_bands_hold_the_share_of_draws_that_they_say(draws, terms, every, quantiles):
    found = forecast.cash_bands(draws, as_of=BEGIN, terms=terms, every=every, quantiles=quantiles)
    curves = [paid_in(draw, terms, every) for draw in draws]
    assert {period for curve in curves for period in curve} <= {*found}
    so_far = [Decimal(0)] * len(curves)
    for period, band in found.items():
        here = [curve.get(period, Decimal(0)) for curve in curves]
        so_far = [before + now for before, now in zip(so_far, here, strict=True)]
        assert is_mean(band.mean, here)
        assert is_mean(band.cumulated_mean, so_far)
        for values, told in ((here, band.quantiles), (so_far, band.cumulated)):
            for share, money in told.items():
                enough = [
                    value
                    for value in values
                    if Fraction(sum(v <= value for v in values), len(values))
                    >= Fraction(str(share))
                ]
                assert money.amount == min(enough)


@given(
    all_terms(),
    SIGNED,
    st.lists(st.integers(-(10**3), 10**3) | st.integers(0, 10**12), min_size=1, max_size=6),
    st.sampled_from([1, 10]),
)
def test_amounts_parted_together_are_each_parted_alone(terms, signed_on, cents, tenths):
    plan = plan_of(terms, signed_on)
    amounts = [cent * tenths + (tenths > 1) for cent in cents]  # with tenths of a cent
    alone: dict[date, Decimal] = defaultdict(Decimal)
    for amount in amounts:
        worth = Money(Decimal(amount) / 100 / tenths, "EUR")
        for due in terms.schedule(worth, signed_on):
            alone[due.due_on] += due.amount.amount
    splitter = Splitter(plan.shares, tenths)
    for _ in range(2):  # once anew, once from what is kept
        together = zip(plan.days, splitter.sums(amounts), strict=True)
        assert {day: Decimal(units) / 100 / tenths for day, units in together if units} == {
            day: due for day, due in alone.items() if due
        }
