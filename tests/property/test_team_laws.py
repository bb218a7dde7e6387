"""Reviews of a team against the plain reference in `tests.naive`, over books with awkward pasts."""

from collections import Counter
from datetime import UTC, datetime
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import metrics
from salesflow.review.team import team
from tests import naive, naive_stages
from tests.property.test_independent import MAYBE_PERIOD, RATES, near, views

fisher_exact = pytest.importorskip("scipy.stats").fisher_exact

LATE = datetime(2030, 1, 1, tzinfo=UTC)


def review(view, **options):
    book, now = view
    as_of = LATE if now is None else now
    return team(book, as_of=as_of, rates=RATES, **options), book, as_of


def rows_of(facts):
    """The rows of `stage_conversion`, each with the outcome of its deal."""
    names = naive_stages.order_of(facts)
    return [
        (row, fact.outcome) for fact in facts for row in naive_stages.rows([fact], names, "reached")
    ]


@given(views(), MAYBE_PERIOD)
def test_deals_at_a_stage_are_those_that_came_there_and_are_decided(view, period):
    found, book, as_of = review(view, period=period)
    n, passed, left_out = Counter(), Counter(), Counter()
    for row, outcome in rows_of(naive.facts_of(book, as_of)):
        key = row.owner, row.stage
        if period is not None and row.entered is None:
            left_out[*key, "no_entered_at"] += 1
        if not naive.is_in(row.entered, period):
            continue
        if row.implied:
            left_out[*key, "implied"] += 1
        elif row.has_next or outcome == "lost":
            n[key] += 1
            passed[key] += row.has_next
        else:
            left_out[*key, "undecided"] += 1
    for key, gap in found.stages.items():
        owner, stage = key
        assert (gap.n_decided, gap.n_passed) == (n[key], passed[key])
        others = {k for k in n if k[1] == stage and k[0] not in (None, owner)}
        assert gap.n_others == sum(n[k] for k in others)
        assert gap.n_others_passed == sum(passed[k] for k in others)
        for reason in ("implied", "undecided", "no_entered_at"):
            assert gap.left_out.get(reason, 0) == left_out[*key, reason]
    assert set(n) <= set(found.stages)


@given(views(), MAYBE_PERIOD)
def test_the_numbers_are_those_of_the_metrics(view, period):
    found, book, as_of = review(view, period=period)
    options = {"as_of": as_of, "period": period, "rates": RATES}
    for name in ("win_rate", "average_deal_size", "cycle_time", "pipeline_velocity", "touchpoints"):
        metric = getattr(metrics, name)
        by_owner = metric(book, by="owner_id", **options)
        assert set(by_owner) <= set(found)
        for owner, numbers in by_owner.items():
            told = getattr(found[owner], name)
            for field in type(numbers).__slots__:
                if field not in ("currency", "left_out", "assumed", "notes", "__weakref__"):
                    assert getattr(told, field) == getattr(numbers, field)
        assert getattr(found.whole, name).to_dict()["as_of"] == as_of


@given(views(), MAYBE_PERIOD)
def test_the_first_touch_is_that_of_the_deals_an_owner_opened(view, period):
    found, book, as_of = review(view, period=period)
    facts = [f for f in naive.facts_of(book, as_of) if naive.is_in(f.created, period)]
    for owner, member in found.items():
        opened = [f for f in facts if f.created is not None and f.opening_owner == owner]
        moments = [
            [when for _, when in fact.touches.values() if not naive.is_after(when, as_of)]
            for fact in opened
        ]
        waits = [
            naive.span(fact.created, min(touched, key=earliest))
            for fact, touched in zip(opened, moments, strict=True)
            if touched
        ]
        days = [wait.total_seconds() / 86_400 for wait in waits if wait.total_seconds() >= 0]
        touch = member.first_touch
        assert touch.n == len(days)
        assert touch.n_without == sum(not touched for touched in moments)
        assert touch.left_out.get("touched_before", 0) == len(waits) - len(days)
        assert touch.mean_days == near(mean(days) if days else None)
        assert touch.median_days == near(median(days) if days else None)


def earliest(when):
    at, precision = when
    return at, precision == "day"


@given(views(), st.sampled_from([0.05, 0.5, 0.95]))
def test_gaps_are_told_by_fishers_test_and_holms_correction(view, threshold):
    found, _, _ = review(view, threshold=threshold)
    cells = {key: gap for key, gap in found.stages.items() if key[0] is not None}
    owners = sorted({owner for owner, _ in cells})
    if len(owners) == 2:  # each is the other's rest: one question
        cells = {key: gap for key, gap in cells.items() if key[0] == owners[0]}
    if len(owners) < 2:
        assert {gap.verdict for gap in found.stages.values()} <= {None}
        return
    assert found.n_tests == len(cells)
    p_values = {
        key: fisher_exact(
            [
                [gap.n_passed, gap.n_decided - gap.n_passed],
                [gap.n_others_passed, gap.n_others - gap.n_others_passed],
            ]
        ).pvalue
        for key, gap in cells.items()
    }
    least = 0.0
    for place, key in enumerate(sorted(p_values, key=lambda key: round(p_values[key], 12))):
        least = max(least, min(1.0, (len(cells) - place) * p_values[key]))
        gap = cells[key]
        if gap.n_others:
            assert gap.adjusted_p_value == pytest.approx(least, abs=1e-9)
            is_told = gap.verdict in ("below", "above")
            assert is_told == (gap.adjusted_p_value <= threshold)
            assert gap.n_more == 0 if is_told else gap.verdict == "not enough deals"


@given(views(), st.randoms())
def test_the_order_of_deals_does_not_matter(view, random):
    found, book, as_of = review(view)
    shuffled = random.sample(book, len(book))
    again = team(shuffled, as_of=as_of, rates=RATES)
    assert again.to_dicts() == found.to_dicts()
    assert again.stages.to_dicts() == found.stages.to_dicts()
