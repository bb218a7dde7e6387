"""The metrics of stages against the plain reference in `tests.naive_stages`."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from salesflow import metrics
from tests import naive, naive_stages
from tests.property.test_independent import MAYBE_PERIOD, near, views

MODES = st.sampled_from(["reached", "touched", "strict", "adjacent"])
NAMED = st.none() | st.sampled_from(
    [
        ["prospecting", "qualification", "meeting", "proposal", "negotiation"],
        ["qualification", "proposal"],
        ["negotiation", "demo", "prospecting"],
    ]
)


@given(views(), MAYBE_PERIOD, MODES, st.sampled_from(["entered", "moved"]), NAMED)
def test_stage_conversion(view, period, mode, basis, names):
    book, now = view
    found = metrics.stage_conversion(
        book, mode=mode, basis=basis, stages=names, period=period, as_of=now
    )
    facts = naive.facts_of(book, now)
    rows = naive_stages.rows(facts, names or naive_stages.order_of(facts), mode)
    expected = naive_stages.conversion(rows, period, basis)
    for name in names or ():
        expected.setdefault(name, naive_stages.Conversion())
    assert set(found) == set(expected)
    for stage, counted in expected.items():
        rate = found[stage]
        assert (rate.n_entered, rate.n_next) == (counted.entered, counted.onward)
        assert rate.n_implied == counted.implied
        assert dict(rate.left_out) == counted.left_out
        assert rate.value == near(counted.onward / counted.entered if counted.entered else None)


@given(views(), MODES)
def test_a_step_belongs_to_the_owner_at_entry(view, mode):
    book, now = view
    found = metrics.stage_conversion(book, mode=mode, by="owner_id", as_of=now)
    facts = naive.facts_of(book, now)
    rows = naive_stages.rows(facts, naive_stages.order_of(facts), mode)
    assert set(found) == {(row.owner, row.stage) for row in rows}
    for (owner, stage), rate in found.items():
        here = [row for row in rows if (row.owner, row.stage) == (owner, stage) and row.counts]
        assert (rate.n_entered, rate.n_next) == (len(here), sum(row.has_next for row in here))


@given(views(), MAYBE_PERIOD)
def test_stage_flow(view, period):
    book, now = view
    found = metrics.stage_flow(book, period=period, as_of=now)
    expected = naive_stages.moves(naive.facts_of(book, now), period)
    assert set(found) == set(expected)
    for (stage, following), (n, directions, n_undated) in expected.items():
        flow = found[stage, following]
        out = sum(counts[0] for (start, _), counts in expected.items() if start == stage)
        assert (flow.n_moves, flow.left_out.get("no_left_at", 0)) == (n, n_undated)
        assert flow.share == near(n / out if out else None)
        assert {flow.direction} == directions


@given(views(), MAYBE_PERIOD)
def test_rework(view, period):
    book, now = view
    found = metrics.rework(book, period=period, as_of=now)
    expected = naive_stages.rework(naive.facts_of(book, now), period)
    assert set(found) == set(expected)
    for stage, (came, again, torn, undated) in expected.items():
        rate = found[stage]
        assert (rate.numerator, rate.denominator) == (again, came)
        assert rate.left_out.get("incomplete_history", 0) == torn
        assert rate.left_out.get("no_entered_at", 0) == undated


# Laws.


@given(views(), st.sampled_from(["reached", "strict"]))
def test_each_step_is_part_of_the_one_before(view, mode):
    book, now = view
    rates = [*metrics.stage_conversion(book, mode=mode, as_of=now).values()]
    for rate, following in pairwise(rates):
        assert rate.n_next == following.n_entered <= rate.n_entered
    if rates and mode == "reached":
        won = sum(fact.outcome == "won" for fact in naive.facts_of(book, now))
        assert rates[-1].n_next == won


@given(views())
def test_who_was_there_reached_it(view):
    book, now = view
    reached, touched, strict = (
        metrics.stage_conversion(book, mode=mode, as_of=now)
        for mode in ("reached", "touched", "strict")
    )
    for stage, rate in touched.items():
        assert rate.n_entered == reached[stage].n_entered - reached[stage].n_implied
        # Where nobody came that way, and no deal is left out, the stage has no row.
        assert stage not in strict or strict[stage].n_entered <= rate.n_entered


@given(views(), MAYBE_PERIOD, st.sampled_from([None, "owner_id"]))
def test_the_shares_of_a_stage_are_one(view, period, by):
    book, now = view
    flows = metrics.stage_flow(book, period=period, as_of=now, by=by)
    shares: dict[object, float] = {}
    for key, flow in flows.items():
        if flow.share is not None:
            shares[key[:-1]] = shares.get(key[:-1], 0) + flow.share
    assert all(share == near(1.0) for share in shares.values())
