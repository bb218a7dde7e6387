"""Laws of roll-ups and of quotas, over books with every awkward past, against plain loops."""

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Deal, Money, Period, Rates, facts, forecast, metrics
from salesflow.forecast import CategoryTotal, Quota
from tests import naive
from tests.tales import BEGIN, ledgers, moments_of

PERIODS = st.sampled_from(
    [
        Period.month(2026, 2),
        Period.quarter(2026, 1, zone="Asia/Seoul"),
        Period.year(2026, zone="America/Los_Angeles"),
        Period.year(2027),
    ]
)
MEANT = {"best case": "best_case", "commit": "commit", None: "uncategorized"}


@st.composite
def asked(draw: st.DrawFn) -> tuple[list[Deal], datetime, Period]:
    book = draw(ledgers())
    return book, draw(moments_of(book)), draw(PERIODS)


def told(book: list[Deal], now: datetime, period: Period) -> Any:
    """By owner and category what a roll-up says, and what it leaves out."""
    categories = {deal.id: deal.category for deal in facts.snapshot(book, at=now)}
    today = now.astimezone(ZoneInfo(period.zone)).date()
    cells: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0), 0, 0, 0])
    left_out: Counter[str] = Counter()
    for fact in naive.facts_of(book, now):
        when = naive.due(fact) if fact.outcome == "open" else fact.closed
        if when is None:
            is_open = fact.outcome == "open"
            left_out["no_expected_close_on" if is_open else "no_closed_at"] += 1
            continue
        is_overdue = fact.outcome == "open" and fact.expected_close_on < today
        if not naive.is_in(when, period):
            begun = period.start.astimezone(ZoneInfo(period.zone)).date()
            left_out["overdue"] += bool(is_overdue and fact.expected_close_on < begun)
            continue
        if fact.outcome == "lost":
            left_out["lost"] += 1
            continue
        category = "closed" if fact.outcome == "won" else MEANT[categories[fact.id]]
        cell = cells[fact.key("owner_id"), category]
        cell[0] += fact.amount or Decimal(0)
        cell[1] += 1
        cell[2] += fact.amount is None
        cell[3] += is_overdue
        if fact.amount is None:
            left_out["won_no_amount" if fact.outcome == "won" else "no_amount"] += 1
    return cells, {reason: n for reason, n in left_out.items() if n}


def numbers(total: CategoryTotal) -> list[Any]:
    return [total.total.amount, total.n_deals, total.n_unpriced, total.n_overdue]


def adds_up(found: forecast.Rollup) -> None:
    """Each deal is in one category: they partition the total."""
    parts = [numbers(one) for one in found.categories.values()]
    assert [sum(column) for column in zip(*parts, strict=True)] == numbers(found.total)


@given(asked())
def test_a_roll_up_is_what_plain_loops_find_and_a_partition(case):
    book, now, period = case
    cells, left_out = told(book, now, period)
    found = forecast.rollup(book, period=period, as_of=now, by="owner_id")
    seen = {
        (owner, name): numbers(one)
        for owner, rolled in found.items()
        for name, one in rolled.categories.items()
        if one.n_deals
    }
    assert seen == dict(cells)
    assert dict(found.left_out) == left_out
    whole = forecast.rollup(book, period=period, as_of=now)
    assert dict(whole.left_out) == left_out
    for rolled in (whole, *found.values()):
        adds_up(rolled)
    for name, one in whole.categories.items():
        parts = [numbers(rolled[name]) for rolled in found.values()] or [[Decimal(0), 0, 0, 0]]
        assert [sum(column) for column in zip(*parts, strict=True)] == numbers(one)


@settings(max_examples=30)
@given(asked())
def test_months_are_the_parts_of_a_period(case):
    book, now, _ = case
    year = Period.year(2026, zone="Asia/Seoul")
    whole = forecast.rollup(book, period=year, as_of=now)
    months = forecast.rollup(book, period=year, as_of=now, every="month")
    assert len(months) == 12
    parts = [numbers(one.total) for one in months.values()]
    assert [sum(column) for column in zip(*parts, strict=True)] == numbers(whole.total)
    assert months.left_out == whole.left_out
    for one in months.values():
        adds_up(one)


@settings(max_examples=30)
@given(asked())
def test_it_agrees_with_coverage(case):
    book, now, period = case
    found = forecast.rollup(book, period=period, as_of=now, currency="EUR")
    quota = Money(10_000, "EUR")
    cover = metrics.coverage(book, quota=quota, period=period, as_of=now)
    assert found["closed"].total == cover.won
    assert found.total.total == cover.won + cover.open_amount


@settings(max_examples=30)
@given(st.data())
def test_currencies_are_apart_or_converted(data):
    book = data.draw(ledgers(currencies=("EUR", "USD")))
    now, period = data.draw(moments_of(book)), data.draw(PERIODS)
    found = forecast.rollup(book, period=period, as_of=now, by="currency")
    for currency, rolled in found.items():
        adds_up(rolled)
        if currency is not None:
            assert {one.total.currency for one in rolled.categories.values()} == {currency}
    rates = Rates("EUR", {"USD": {BEGIN.date(): "0.9"}})
    adds_up(forecast.rollup(book, period=period, as_of=now, rates=rates))


@given(asked(), st.integers(0, 10**7), st.sampled_from(["value", "count"]))
def test_quotas_are_what_plain_loops_find(case, cents, weight):
    book, now, period = case
    amount = Money(Decimal(cents).scaleb(-2), "EUR")
    quotas = [Quota(amount, period, owner_id=owner) for owner in (None, "kim", "lee")]
    found = forecast.quota_attainment(book, quotas, as_of=now, weight=weight)
    known = naive.facts_of(book, now)
    for owner in (None, "kim", "lee"):
        own = [fact for fact in known if owner is None or fact.key("owner_id") == owner]
        one = found[owner, period]
        here = [f for f in own if f.amount is not None]
        won = [f for f in here if f.outcome == "won" and f.closed and naive.is_in(f.closed, period)]
        ahead = [
            f
            for f in here
            if f.outcome == "open"
            and f.expected_close_on is not None
            and naive.is_in(naive.due(f), period)
        ]
        assert one.won.amount == naive.total(won)
        assert one.open_amount.amount == naive.total(ahead)
        assert one.left == amount - one.won
        assert one.value == (float(one.won / amount) if cents else None)
        decided = [f for f in (here if weight == "value" else own) if f.outcome != "open"]
        gained = [f for f in decided if f.outcome == "won"]
        size = naive.total if weight == "value" else len
        if one.left.amount <= 0:
            assert one.needed == Money.zero("EUR")
        elif not size(gained):
            assert one.needed is None
        else:
            takes = one.left.amount * size(decided) / size(gained) - one.open_amount.amount
            assert one.needed is not None
            assert abs(one.needed.amount - max(takes, Decimal(0))) <= Decimal("0.005")
