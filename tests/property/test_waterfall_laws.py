"""Laws of the waterfall, over books with every awkward past, against snapshots of them.

A snapshot folds the whole history of every deal, so it knows nothing of what a waterfall reads.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesflow import Deal, Money, Period, Rates, facts, review
from salesflow.review import Waterfall
from tests.tales import BEGIN, instants, ledgers, moments_of

TICK = timedelta(microseconds=1)
GROUPS = [
    *(None, "owner_id", "currency", "source", "stage", "pipeline", "custom"),
    *(["owner_id", "currency"], ["stage", "owner_id"]),
]
RATES = Rates("EUR", {"USD": {BEGIN.date(): "0.9", BEGIN.replace(month=3).date(): "0.85"}})
PERIODS = st.sampled_from([None, None, Period.quarter(2026, 1), Period.half(2026, 2)])


def before(at: datetime) -> datetime:
    """The last instant before another, as the same clock shows it."""
    return at - TICK


def key_of(deal: Deal, name: str) -> Any:
    if name == "currency":
        return None if deal.amount is None else deal.amount.currency
    if name.startswith("custom."):
        return deal.custom.get(name.removeprefix("custom."))
    return getattr(deal, name)


def standing(
    book: list[Deal], at: datetime, by: Any, period: Period | None, rates: Rates | None
) -> dict[Any, Decimal]:
    """The open pipeline just before an instant, by group, added up from a snapshot."""
    found: dict[Any, Decimal] = defaultdict(Decimal)
    now = before(at)
    for deal in facts.snapshot(book, at=now):
        due = deal.expected_close_on
        if deal.outcome != "open" or (period is not None and (due is None or due not in period)):
            continue
        key: Any = None
        if by is not None:
            key = key_of(deal, by) if isinstance(by, str) else tuple(key_of(deal, n) for n in by)
        worth = deal.amount
        if rates is not None and worth is not None:
            worth = rates.convert(worth, on=rates.day_of(now))
        found[key] += Decimal(0) if worth is None else worth.amount
    return found


def parts(book: list[Deal], start: datetime, end: datetime, **options: Any) -> dict[Any, Waterfall]:
    found = review.waterfall(book, start, end, **options)
    return {None: found} if isinstance(found, Waterfall) else dict(found)


def adds_up(found: Waterfall) -> None:
    """The identity, and that each bar is what the deals behind it add up to."""
    total = found.start
    for change in found.changes.values():
        total += change
    assert total == found.end
    for bar, amount in found.bars.items():
        behind = [step.amount for step in found.behind(bar) if step.amount is not None]
        assert sum(behind, Money.zero(found.currency)) == amount


def check(
    book: list[Deal],
    span: tuple[datetime, datetime],
    by: Any,
    period: Period | None,
    rates: Rates | None,
) -> None:
    start, end = span
    found = parts(book, start, end, by=by, period=period, rates=rates)
    begun = standing(book, start, by, period, rates)
    ended = standing(book, end, by, period, rates)
    for waterfall in found.values():
        adds_up(waterfall)
    for key in {*found, *begun, *ended}:
        waterfall = found.get(key)
        told = (Decimal(0), Decimal(0))
        if waterfall is not None:
            told = (waterfall.start.amount, waterfall.end.amount)
        assert told == (begun.get(key, Decimal(0)), ended.get(key, Decimal(0)))


@st.composite
def asked(draw: st.DrawFn) -> tuple[Any, ...]:
    """A book, a window, and what is asked of it."""
    by = draw(st.sampled_from(GROUPS))
    is_split = by == "currency" or (isinstance(by, list) and "currency" in by)
    rates = draw(st.sampled_from([None, None, RATES]))
    currencies = ("EUR", "USD") if is_split or rates is not None else ("EUR",)
    book = draw(ledgers(currencies=currencies, max_size=4))
    if by == "custom":
        keys = sorted({f"custom.{key}" for deal in book for key in deal.custom})
        by = draw(st.sampled_from(keys)) if keys else None
    start, end = sorted([draw(moments_of(book)), draw(moments_of(book) | instants())])
    if end.replace(tzinfo=UTC) < start.replace(tzinfo=UTC):
        # By these clocks the end is an earlier day: each snapshot reads days by its own.
        end = end.astimezone(start.tzinfo)
    return book, (start, end), by, draw(PERIODS), rates


@given(asked())
def test_start_and_all_changes_are_the_end_and_both_are_what_snapshots_say(case):
    check(*case)


@pytest.mark.fuzz
@settings(
    max_examples=10_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(asked())
def test_the_same_for_ten_thousand_books(case):
    check(*case)


@given(st.data())
def test_two_windows_that_meet_are_one(data):
    book = data.draw(ledgers())
    clocks = [data.draw(moments_of(book)).astimezone(UTC) for _ in range(3)]
    start, middle, end = sorted(clocks)
    one, two = review.waterfall(book, start, middle), review.waterfall(book, middle, end)
    whole = review.waterfall(book, start, end)
    assert one.end.amount == two.start.amount
    for bar, amount in whole.changes.items():
        assert one.changes[bar].amount + two.changes[bar].amount == amount.amount


@given(ledgers())
def test_after_everything_it_ends_with_what_is_open_now(book):
    found = review.waterfall(book, BEGIN - timedelta(days=1), BEGIN.replace(year=2040))
    open_now = [deal.amount.amount for deal in book if deal.is_open and deal.amount is not None]
    assert found.end.amount == sum(open_now, Decimal(0))


@given(ledgers(), st.randoms())
def test_the_order_of_the_deals_does_not_matter(book, random):
    span = BEGIN + timedelta(days=5), BEGIN + timedelta(days=90)
    shuffled = random.sample(book, len(book))
    assert review.waterfall(book, *span).bars == review.waterfall(shuffled, *span).bars
