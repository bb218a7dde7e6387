"""Every metric against the plain reference in `tests.naive`, over books with awkward pasts.

Counts and money are equal exactly; days and shares to 1e-9.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Money, Period, Rates, metrics
from tests import naive
from tests.tales import instants, ledgers, moments_of

PERIODS = st.builds(
    Period.month,
    st.just(2026),
    st.integers(1, 6),
    zone=st.sampled_from(["UTC", "Asia/Seoul", "America/Los_Angeles"]),
)
MAYBE_PERIOD = st.none() | PERIODS
TABLE = {"USD": {date(2026, 1, 2): "1.5", date(2026, 1, 20): "0.905"}}
RATES = Rates("EUR", TABLE)


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)


@st.composite
def views(draw: st.DrawFn, **options: Any) -> tuple[list[Any], datetime | None]:
    """A book, and an instant to look back to, or None for the book as it stands."""
    book = draw(ledgers(**options))
    return book, draw(st.none() | moments_of(book))


def assert_rate(found: metrics.Rate, expected: naive.Share) -> None:
    assert (found.numerator, found.denominator) == (expected.above, expected.below)
    assert found.value == near(expected.value)


def assert_size(found: metrics.DealSize, expected: naive.Size) -> None:
    assert (found.n_priced, found.n_unpriced) == (expected.n_priced, expected.n_unpriced)
    assert found.total.amount == expected.total
    if expected.mean is None:
        assert (found.mean, found.median) == (None, None)
    else:
        assert found.mean is not None
        assert found.median is not None
        # 28 digits of a quotient, and as many decimals: the reference has 120.
        assert abs(found.mean.amount - expected.mean) < Decimal("1e-15")
        assert found.median.amount == expected.median


def assert_cycle(found: metrics.CycleTime, expected: naive.Cycle) -> None:
    assert found.n == len(expected.days)
    assert found.left_out.get("negative_cycle", 0) == expected.n_negative
    assert found.left_out.get("unknown_cycle", 0) == expected.n_unknown
    assert found.mean_days == near(expected.mean)
    assert found.median_days == near(expected.median)


@given(views(), MAYBE_PERIOD, st.sampled_from(["closed", "created"]))
def test_win_rate(view, period, basis):
    book, now = view
    found = metrics.win_rate(book, period=period, basis=basis, as_of=now)
    facts = naive.facts_of(book, now)
    assert_rate(found, naive.win_rate(facts, period=period, basis=basis))
    is_told = now is not None and period is None
    assert found.assumed.get("no_closed_at", 0) == (naive.undated(facts) if is_told else 0)


@given(views(), MAYBE_PERIOD, st.sampled_from(["closed", "created"]))
def test_win_rate_by_value(view, period, basis):
    book, now = view
    found = metrics.win_rate(book, weight="value", period=period, basis=basis, as_of=now)
    facts = naive.facts_of(book, now)
    expected = naive.win_rate(facts, period=period, basis=basis, by_value=True)
    assert (found.numerator.amount, found.denominator.amount) == (expected.above, expected.below)
    assert found.value == near(expected.value)


@given(
    ledgers(),
    instants(),
    st.integers(1, 60),
    MAYBE_PERIOD,
    st.sampled_from(["closed", "created"]),
)
def test_win_rate_with_stale_deals_lost(book, now, days, period, basis):
    found = metrics.win_rate(book, stale_as_lost=days, as_of=now, period=period, basis=basis)
    facts = naive.facts_of(book, now)
    assert_rate(found, naive.win_rate(facts, period=period, basis=basis, stale=days, now=now))


@given(views(), MAYBE_PERIOD)
def test_conversion_rate(view, period):
    book, now = view
    found = metrics.conversion_rate(book, period=period, as_of=now)
    assert_rate(found, naive.conversion_rate(naive.facts_of(book, now), period))


@given(views(), MAYBE_PERIOD)
def test_average_deal_size(view, period):
    book, now = view
    found = metrics.average_deal_size(book, period=period, as_of=now)
    assert_size(found, naive.deal_size(naive.facts_of(book, now), period))


@given(views(currencies=("EUR", "USD")), MAYBE_PERIOD)
def test_average_deal_size_in_the_base_currency(view, period):
    book, now = view
    found = metrics.average_deal_size(book, period=period, as_of=now, rates=RATES)
    facts = naive.convert(naive.facts_of(book, now), TABLE, "EUR")
    assert_size(found, naive.deal_size(facts, period))


@given(
    views(),
    MAYBE_PERIOD,
    st.sampled_from(["won", "lost", "all"]),
    st.sampled_from(["created", "first_stage"]),
    st.sampled_from(["elapsed", "active"]),
)
def test_cycle_time(view, period, outcome, start, clock):
    book, now = view
    found = metrics.cycle_time(
        book, outcome=outcome, start=start, clock=clock, period=period, as_of=now
    )
    expected = naive.cycle(
        naive.facts_of(book, now),
        outcome=outcome,
        start=start,
        active=clock == "active",
        period=period,
    )
    assert_cycle(found, expected)


@given(
    ledgers(),
    instants(),
    MAYBE_PERIOD,
    st.sampled_from(["won", "lost", "all"]),
    st.sampled_from(["created", "first_stage"]),
)
def test_cycle_time_with_open_deals(book, now, period, outcome, start):
    found = metrics.cycle_time(
        book,
        outcome=outcome,
        start=start,
        basis="created",
        censored=True,
        period=period,
        as_of=now,
    )
    facts = naive.facts_of(book, now)
    took, watched = naive.waits(facts, now, outcome=outcome, start=start, period=period)
    assert (found.n, found.n_censored) == (len(took), len(watched))
    assert found.km_median_days == near(naive.survival_median(took, watched))
    assert (found.km_interval is None) == (not took and not watched)


@given(ledgers(), instants(), MAYBE_PERIOD)
def test_pipeline_velocity(book, now, period):
    found = metrics.pipeline_velocity(book, as_of=now, period=period)
    expected = naive.velocity(naive.facts_of(book, now), period)
    assert (found.per_day is None) == (expected is None)
    if found.per_day is not None:
        assert float(found.per_day.amount) == near(expected)


@given(ledgers(), instants(), MAYBE_PERIOD)
def test_weighted_pipeline(book, now, period):
    found = metrics.weighted_pipeline(book, as_of=now, period=period)
    expected = naive.weighted(naive.facts_of(book, now), period)
    assert (found.total.amount, found.unweighted.amount) == (expected.total, expected.plain)
    assert found.n_weighted == expected.n_weighted
    assert dict(found.left_out) == expected.left_out


@given(ledgers(), instants(), PERIODS, st.integers(0, 100_000))
def test_coverage(book, now, period, quota):
    found = metrics.coverage(book, quota=Money(quota, "EUR"), period=period, as_of=now)
    facts = naive.facts_of(book, now)
    due = [f for f in facts if f.outcome == "open" and naive.is_in(naive.due(f), period)]
    earned = [f for f in facts if f.outcome == "won" and naive.is_in(f.closed, period)]
    opened, won = naive.total(due), naive.total(earned)
    assert (found.open_amount.amount, found.won.amount) == (opened, won)
    assert found.met == (won >= quota)
    assert found.value == near(None if won >= quota else float(opened) / float(quota - won))


@given(views(), MAYBE_PERIOD)
def test_loss_reasons(view, period):
    book, now = view
    found = metrics.loss_reasons(book, as_of=now, period=period)
    expected = naive.loss_reasons(naive.facts_of(book, now), period)
    assert {reason: of.n for reason, of in found.items()} == {
        reason: share.above for reason, share in expected.items()
    }
    for reason, share in expected.items():
        assert found[reason].share == near(share.value)


@given(views(), MAYBE_PERIOD)
def test_reopen_rate(view, period):
    book, now = view
    found = metrics.reopen_rate(book, as_of=now, period=period)
    facts = naive.facts_of(book, now)
    assert_rate(found, naive.reopen_rate(facts, period))
    unknown = [f for f in facts if not f.is_complete and naive.is_in(f.created, period)]
    assert found.left_out.get("incomplete_history", 0) == len(unknown)


@given(views(), MAYBE_PERIOD)
def test_touchpoints(view, period):
    book, now = view
    found = metrics.touchpoints(book, as_of=now, period=period)
    facts = naive.facts_of(book, now)
    created = [fact for fact in facts if naive.is_in(fact.created, period)]
    won = [f for f in facts if f.outcome == "won" and naive.is_in(f.closed, period)]
    everybody, winners, met = naive.touches(created), naive.touches(won), naive.until_met(created)
    assert (found.n_touches, found.n_deals) == (everybody.above, everybody.below)
    assert (found.n_won, found.n_met) == (winners.below, met.below)
    assert found.per_deal == near(everybody.value)
    assert found.per_win == near(winners.value)
    assert found.to_first_meeting == near(met.value)


@given(views(), MAYBE_PERIOD)
def test_new_pipeline(view, period):
    book, now = view
    found = metrics.new_pipeline(book, as_of=now, period=period)
    facts = naive.facts_of(book, now)
    created = [fact for fact in facts if naive.is_in(fact.created, period)]
    assert (found.n_created, found.total.amount) == (len(created), naive.total(created))
    assert found.n_priced == sum(fact.amount is not None for fact in created)
    undated = sum(fact.created is None for fact in facts)
    assert found.left_out.get("no_created_at", 0) == (0 if period is None else undated)


@given(ledgers(), instants(), MAYBE_PERIOD)
def test_time_in_stage(book, now, period):
    found = metrics.time_in_stage(book, as_of=now, period=period)
    expected = naive.time_in_stage(naive.facts_of(book, now), now, period)
    assert set(found) == set(expected)
    for name, stage in expected.items():
        times = found[name]
        assert times.n_visits == len(stage.finished) + len(stage.lasting)
        assert times.n_open == len(stage.lasting)
        assert times.left_out.get("no_entered_at", 0) == stage.n_no_entry
        assert times.left_out.get("no_left_at", 0) == stage.n_no_end
        done = stage.finished
        assert times.total_days == near(sum(done) + sum(stage.lasting))
        assert times.current_days == near(sum(stage.lasting))
        assert times.mean_days == near(sum(done) / len(done) if done else None)
        assert times.median_days == near(naive.median(done) if done else None)


@given(ledgers(), instants(), MAYBE_PERIOD)
def test_summary(book, now, period):
    found = metrics.summary(book, as_of=now, period=period)
    facts = naive.facts_of(book, now)
    closed = [fact for fact in facts if fact.outcome != "open" and naive.is_in(fact.closed, period)]
    assert found.n_created == sum(naive.is_in(fact.created, period) for fact in facts)
    assert found.n_open == sum(fact.outcome == "open" for fact in facts)
    assert found.n_won == sum(fact.outcome == "won" for fact in closed)
    assert found.n_lost == sum(fact.outcome == "lost" for fact in closed)
    assert_rate(found.win_rate, naive.win_rate(facts, period=period))
    assert_rate(found.conversion_rate, naive.conversion_rate(facts, period))
    assert_size(found.average_deal_size, naive.deal_size(facts, period))
    assert found.total_won == found.average_deal_size.total
    assert_cycle(found.cycle_time, naive.cycle(facts, period=period))


@given(views(), MAYBE_PERIOD, st.sampled_from(["owner_id", "source", "stage", "outcome"]))
def test_groups(view, period, column):
    book, now = view
    found = metrics.win_rate(book, by=column, period=period, as_of=now)
    facts = naive.facts_of(book, now)
    keys = {fact.key(column) for fact in facts}
    assert set(found) == keys
    for key in keys:
        group = [fact for fact in facts if fact.key(column) == key]
        assert_rate(found[key], naive.win_rate(group, period=period))


@given(views(), MAYBE_PERIOD)
def test_a_cohort_belongs_to_the_owner_who_opened_it(view, period):
    book, now = view
    facts = naive.facts_of(book, now)
    converted = metrics.conversion_rate(book, by="owner_id", period=period, as_of=now)
    won = metrics.win_rate(book, by="owner_id", basis="created", period=period, as_of=now)
    assert set(converted) == set(won) == {fact.opening_owner for fact in facts}
    for owner in converted:
        group = [fact for fact in facts if fact.opening_owner == owner]
        assert_rate(converted[owner], naive.conversion_rate(group, period))
        assert_rate(won[owner], naive.win_rate(group, period=period, basis="created"))


@given(ledgers(), instants())
def test_the_owner_of_a_visit_is_the_one_at_entry(book, now):
    found = metrics.time_in_stage(book, by="owner_id", as_of=now)
    stays = [s for f in naive.facts_of(book, now) for s in f.stays if s.kind == "open"]
    keys = {(stay.owner, stay.stage) for stay in stays}
    assert set(found) == keys
    for owner, stage in keys:
        known = [s for s in stays if (s.owner, s.stage) == (owner, stage)]
        times = found[owner, stage]
        assert times.n_visits + sum(times.left_out.values()) == len(known)


@given(ledgers(max_size=4))
def test_money_comes_with_its_currency(book):
    size = metrics.average_deal_size(book)
    priced = [f for f in naive.facts_of(book) if f.outcome == "won" and f.amount is not None]
    total = sum((Money(f.amount, f.currency) for f in priced), Money.zero(size.currency))
    assert size.total == total
