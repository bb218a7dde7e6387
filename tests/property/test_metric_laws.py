"""Laws that hold for any book of deals, whatever the numbers are."""

import random
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Deal, Money, Period, Pipeline, Rates, facts, metrics
from salesflow.metrics.conversion import stage_conversion_of
from salesflow.metrics.cycle import cycle_time_of
from salesflow.metrics.evaluate import Definition, breakdown, one, stats_of
from salesflow.metrics.flow import rework_of, stage_flow_of
from salesflow.metrics.losses import loss_reasons_of, reopen_rate_of
from salesflow.metrics.needs import Steps
from salesflow.metrics.options import make_call
from salesflow.metrics.rates import conversion_rate_of, win_rate_of
from salesflow.metrics.size import deal_size_of
from salesflow.metrics.stages import STAGE_TIME
from salesflow.metrics.summary import summary_of
from salesflow.metrics.targets import coverage_of
from salesflow.metrics.touches import touchpoints_of
from salesflow.metrics.velocity import velocity_of
from salesflow.metrics.worth import new_pipeline_of, weighted_pipeline_of
from tests.tales import BEGIN, instants, ledgers, moments_of

LATER = BEGIN + timedelta(days=400)
BY = st.sampled_from([None, "owner_id", "source", "stage", "currency", ["owner_id", "outcome"]])
EVERY = st.sampled_from([None, "month", "quarter"])
RATES = Rates("BRL", {"EUR": "1", "USD": "1"})

METRICS: dict[str, Any] = {
    "win_rate": metrics.win_rate,
    "conversion_rate": metrics.conversion_rate,
    "average_deal_size": metrics.average_deal_size,
    "cycle_time": metrics.cycle_time,
    "cohort": partial(metrics.cycle_time, outcome="all", basis="created"),
    "censored": partial(metrics.cycle_time, basis="created", censored=True),
    "pipeline_velocity": metrics.pipeline_velocity,
    "time_in_stage": metrics.time_in_stage,
    "new_pipeline": metrics.new_pipeline,
    "weighted_pipeline": metrics.weighted_pipeline,
    "stage_conversion": metrics.stage_conversion,
    "stage_flow": metrics.stage_flow,
    "rework": metrics.rework,
    "loss_reasons": metrics.loss_reasons,
    "reopen_rate": metrics.reopen_rate,
    "touchpoints": metrics.touchpoints,
    "summary": metrics.summary,
}
NEED_AS_OF = ("censored", "pipeline_velocity", "time_in_stage", "weighted_pipeline", "summary")
NAMES = st.sampled_from(sorted(METRICS))
BY_STAGE: dict[str, Any] = {
    "time_in_stage": "stage",
    "loss_reasons": "loss_reason",
    "stage_conversion": "stage",
    "strict": "stage",
    "adjacent": "stage",
    "stage_flow": ["stage", "next_stage"],
    "rework": "stage",
}
# What they group by besides the columns that are asked for.
ORDER = ("prospecting", "qualification", "meeting", "proposal", "negotiation")


@st.composite
def looks(draw: st.DrawFn) -> tuple[list[Deal], datetime]:
    """A book, and an instant to look back to, mostly one of its own."""
    book = draw(ledgers())
    return book, draw(moments_of(book))


@given(looks(), NAMES, BY, EVERY, st.randoms(use_true_random=False))
def test_the_order_of_deals_does_not_matter(look, name, by, every, rnd: random.Random):
    book, now = look
    shuffled = [*book]
    rnd.shuffle(shuffled)
    found = METRICS[name](book, by=by, every=every, as_of=now)
    again = METRICS[name](shuffled, by=by, every=every, as_of=now)
    assert found == again
    if by is not None or every is not None:
        assert [*found] == [*again]


def definitions(*, dated: bool) -> dict[str, Definition[Any]]:
    return {
        "win_rate": win_rate_of(dated=dated),
        "by value": win_rate_of("value", dated=dated),
        "cohort": win_rate_of(basis="created", dated=dated),
        "stale": win_rate_of("value", stale_as_lost=20, dated=dated),
        "conversion_rate": conversion_rate_of(dated=dated),
        "average_deal_size": deal_size_of(dated=dated),
        "cycle_time": cycle_time_of("all", "first_stage", "active", dated=dated),
        "censored": cycle_time_of(start="first_stage", dated=dated, censored=True),
        "cohort censored": cycle_time_of("all", basis="created", dated=dated, censored=True),
        "velocity": velocity_of(dated=dated),
        "new_pipeline": new_pipeline_of(dated=dated),
        "weighted_pipeline": weighted_pipeline_of(dated=dated),
        "reopen_rate": reopen_rate_of(dated=dated),
        "touchpoints": touchpoints_of(dated=dated),
        "loss_reasons": loss_reasons_of(dated=dated),
        "coverage": coverage_of({(): Money(9, "EUR"), ("kim",): Money(90_000, "EUR")}),
        "summary": summary_of(dated=dated),
        "time_in_stage": STAGE_TIME,
        # Frozen orders of two parts need not be one; an order that is named is.
        "stage_conversion": stage_conversion_of(Steps("reached", ORDER), "moved", dated=dated),
        "strict": stage_conversion_of(Steps("strict", ORDER), dated=dated),
        "adjacent": stage_conversion_of(Steps("adjacent", ORDER), dated=dated),
        "stage_flow": stage_flow_of(dated=dated),
        "rework": rework_of(dated=dated),
    }


@given(
    looks(),
    st.integers(0, 6),
    st.sampled_from(sorted(definitions(dated=False))),
    BY,
    EVERY,
)
def test_two_halves_merged_are_the_whole_exactly(look, cut, name, by, every):
    book, now = look
    call = make_call(BY_STAGE.get(name, by), every, {"as_of": now})
    definition = definitions(dated=call.is_dated)[name]
    one_half, other, whole = (
        stats_of(part, definition.needs, call, definition.table)
        for part in (book[:cut], book[cut:], book)
    )
    assert set((one_half + other).groups) == set(whole.groups)
    assert breakdown(one_half + other, definition, call) == breakdown(whole, definition, call)
    assert breakdown(other + one_half, definition, call) == breakdown(whole, definition, call)


@given(looks(), st.sampled_from(["count", "value"]), st.sampled_from(["closed", "created"]))
def test_an_open_deal_never_changes_a_win_rate(look, weight, basis):
    book, now = look
    fresh = Pipeline.standard().open("new", id="new", amount=Money(7, "EUR"), at=BEGIN)
    options = {"weight": weight, "basis": basis, "as_of": now, "currency": "EUR"}
    found, again = (metrics.win_rate(b, **options) for b in (book, [*book, fresh]))
    assert found.value == again.value
    assert found.interval == again.interval
    assert (found.numerator, found.denominator) == (again.numerator, again.denominator)


@given(looks(), NAMES, st.sampled_from([None, "owner_id"]), st.sampled_from(["month", "quarter"]))
def test_each_row_of_every_is_the_call_with_that_period(look, name, by, every):
    book, now = look
    rows = METRICS[name](book, by=by, every=every, as_of=now)
    for key, result in rows.items():
        *group, period = key if isinstance(key, tuple) else (key,)
        found = METRICS[name](book, by=by, period=period, as_of=now)
        if name in BY_STAGE:
            found = found[group[0] if len(group) == 1 else tuple(group)]
        elif by is not None:
            found = found[group[0]]
        assert result == found


@given(looks(), st.sampled_from(["week", "month", "quarter", "half", "year"]))
def test_periods_follow_each_other_and_hold_every_closing(look, every):
    book, now = look
    rows = metrics.win_rate(book, every=every, as_of=now)
    periods = [*rows]
    assert all(a.next() == b for a, b in pairwise(periods))
    whole = metrics.win_rate(book, as_of=now)
    undated = rows.left_out.get("no_closed_at", 0)
    assert sum(row.denominator for row in rows.values()) + undated == whole.denominator


@given(looks(), st.sampled_from(["owner_id", "source", "stage", "outcome", "lead_id"]))
def test_groups_add_up_to_the_whole(look, by):
    book, now = look
    whole, parts = metrics.summary(book, as_of=now), metrics.summary(book, by=by, as_of=now)
    for name in ("n_created", "n_open", "n_won", "n_lost"):
        assert sum(getattr(part, name) for part in parts.values()) == getattr(whole, name)
    rates = [part.win_rate for part in parts.values()]
    assert sum(rate.numerator for rate in rates) == whole.win_rate.numerator
    assert sum(rate.denominator for rate in rates) == whole.win_rate.denominator
    totals = [part.total_won.amount for part in parts.values()]
    assert sum(totals) == whole.total_won.amount
    assert parts.left_out == whole.left_out


@given(looks(), st.sampled_from([None, "owner_id"]), EVERY)
def test_the_reasons_of_a_group_are_all_of_its_losses(look, by, every):
    book, now = look
    found = metrics.loss_reasons(book, by=by, every=every, as_of=now)
    if by is None and every is None:
        assert sum(of.n for of in found.values()) == metrics.summary(book, as_of=now).n_lost
    wholes: dict[Any, list[float | None]] = {}
    for key, of in found.items():
        parts = key if isinstance(key, tuple) else (key,)
        place = 0 if by is None else 1
        wholes.setdefault((*parts[:place], *parts[place + 1 :]), []).append(of.share)
    for shares in wholes.values():
        known = [share for share in shares if share is not None]
        assert not known or abs(sum(known) - 1) < 1e-9
        assert len(known) in (0, len(shares))


@given(looks())
def test_every_open_deal_is_weighted_or_left_out(look):
    book, now = look
    found = metrics.weighted_pipeline(book, as_of=now)
    assert found.n_open == found.n_weighted + sum(found.left_out.values())
    low, high = sorted((Money.zero(found.currency), found.unweighted))
    assert low <= found.total <= high
    created = metrics.new_pipeline(book, as_of=now)
    assert created.n_created == created.n_priced + created.n_unpriced


@given(ledgers(currencies=("EUR", "USD")))
def test_at_a_rate_of_one_two_currencies_are_their_sum(book):
    apart = metrics.average_deal_size(book, by="currency")
    together = metrics.average_deal_size(book, rates=RATES)
    dated = [d for d in book if d.outcome == "won" and d.amount and d.closed_at]
    undated = [d for d in book if d.outcome == "won" and d.amount and not d.closed_at]
    assert together.n_priced == len(dated)
    assert together.left_out.get("no_rate", 0) == len(undated)
    priced = metrics.average_deal_size(dated, by="currency")
    assert together.total == Money(sum(size.total.amount for size in priced.values()), "BRL")
    assert sum(size.n_priced for size in apart.values()) == len(dated) + len(undated)


@given(looks(), NAMES, BY)
def test_as_of_is_the_metric_over_a_snapshot(look, name, by):
    book, now = look
    then = facts.snapshot(book, at=now)
    assert METRICS[name](then, by=by, as_of=now) == METRICS[name](book, by=by, as_of=now)
    if name not in (*NEED_AS_OF, *BY_STAGE):
        found, again = METRICS[name](then), METRICS[name](book, as_of=now)
        # Only with as_of is it an assumption that the undated closings had happened.
        assert attrs.evolve(found, as_of=now, assumed=again.assumed) == again


@given(looks(), instants())
def test_a_snapshot_is_made_of_deals_that_load(look, earlier):
    book, now = look
    then = facts.snapshot(book, at=now)
    for deal in then:
        assert Deal.model_validate(deal.__dict__) == deal
    assert facts.snapshot(book, at=LATER) == book
    before = min(now, earlier)
    if before.utcoffset() == now.utcoffset():
        assert facts.snapshot(then, at=before) == facts.snapshot(book, at=before)


@given(looks(), NAMES, BY)
def test_nothing_after_as_of_matters(look, name, by):
    book, now = look
    then = facts.snapshot(book, at=now)
    pipeline = Pipeline.standard()
    changed = [changed_later(pipeline, deal) for deal in then]
    unborn = pipeline.open("later", id="later", amount=Money(1, "SEK"), at=LATER)
    found = METRICS[name]([*changed, unborn], by=by, as_of=now)
    assert found == METRICS[name](book, by=by, as_of=now)


def changed_later(pipeline: Pipeline, deal: Deal) -> Deal:
    if deal.stage is None:
        return deal  # no pipeline has that stage
    why = {} if deal.is_open else {"correction": "misread"}
    fields = {"owner_id": "zoe", "source": "later", "amount": Money(999, "SEK")}
    later = pipeline.update(deal, at=LATER, **fields, **why)
    if later.is_open:
        return pipeline.lose(later, "price", at=LATER)
    if later.outcome == "lost":
        return pipeline.reopen(later, "prospecting", reason="again", requalified_by="kim", at=LATER)
    return later


@given(looks(), st.integers(1, 1000))
def test_a_value_rate_does_not_depend_on_the_unit(look, factor):
    book, now = look
    plain_rate = metrics.win_rate(book, weight="value", as_of=now)
    rates = Rates("BRL", {"EUR": factor})
    scaled = metrics.win_rate(book, weight="value", as_of=now, rates=rates)
    if not scaled.left_out.get("no_rate"):
        assert scaled.value == plain_rate.value
        assert scaled.denominator.amount == plain_rate.denominator.amount * factor


@given(ledgers())
def test_with_equal_amounts_both_weights_agree(book):
    pipeline = Pipeline.standard()
    same = [
        pipeline.update(
            deal,
            amount=Money(250, "EUR"),
            at=LATER,
            **({} if deal.is_open else {"correction": "equal"}),
        )
        for deal in book
        if deal.stage is not None
    ]
    by_count, by_value = metrics.win_rate(same), metrics.win_rate(same, weight="value")
    assert by_value.value == by_count.value
    assert by_value.denominator.amount == 250 * by_count.denominator
    assert by_value.interval is None


@given(looks(), st.integers(1, 12))
def test_a_period_holds_what_its_parts_hold(look, months):
    book, now = look
    start = Period.month(2026, 1)
    end = start
    for _ in range(months - 1):
        end = end.next()
    span = Period.between(start.start, end.end)
    whole = metrics.win_rate(book, period=span, as_of=now)
    parts = metrics.win_rate(book, period=span, every="month", as_of=now)
    assert len(parts) == months
    assert sum(part.denominator for part in parts.values()) == whole.denominator
    assert sum(part.numerator for part in parts.values()) == whole.numerator


@given(looks())
def test_one_result_is_the_breakdown_of_nothing(look):
    book, now = look
    call = make_call(None, None, {"as_of": now})
    for definition in definitions(dated=False).values():
        if definition.table == "deals":
            whole = breakdown(stats_of(book, definition.needs, call), definition, call)
            assert [*whole.values()] == [one(book, definition, call)]
