"""Laws of simulations: parts add up, portions change nothing, and nobody sees the future."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Period, datasets
from salesflow.facts import snapshot
from salesflow.forecast import StageModel, simulate, what_if
from tests.strategies import START, books, futures

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

from salesflow.forecast import _draws  # noqa: E402 - it needs numpy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = Period.quarter(2026, 1)
DATA = datasets.make_deals(120, seed=2)
MODEL = StageModel.fit(DATA.deals, as_of=NOW)

brief = settings(max_examples=25)
strengths = st.sampled_from([0, 0.3, 2])
seeds = st.integers(-(2**70), 2**70)
some_deals = st.lists(st.sampled_from(DATA.deals), unique_by=lambda deal: deal.id, max_size=25)


def run(deals, model=MODEL, period=FIRST, **options):
    return simulate(deals, model, period, **{"n": 24, "seed": 1, "shock": 0.3, **options})


def total(found):
    return [Decimal(units).scaleb(-found.places) for units in found.units]


@brief
@given(some_deals, strengths, seeds, st.data())
def test_books_add_up_draw_by_draw(deals, strength, seed, data):
    whole = run(deals, shock=strength, seed=seed)
    cut = data.draw(st.integers(0, len(deals)))
    order = data.draw(st.permutations(deals))
    parts = [run(part, shock=strength, seed=seed) for part in (order[:cut], order[cut:])]
    assert [sum(row) for row in zip(*map(total, parts), strict=True)] == total(whole)
    assert parts[0].n_open + parts[1].n_open == whole.n_open
    assert sum(parts[0].left_out.values()) + sum(parts[1].left_out.values()) == sum(
        whole.left_out.values()
    )


@brief
@given(
    some_deals,
    strengths,
    st.integers(1, 40),
    st.sampled_from([1, 7, 64, 300, 10**6]),
    st.booleans(),
)
def test_portions_change_nothing(deals, strength, n, chunk, has_new):
    deals = [*deals, DATA.deals[0]] if DATA.deals[0] not in deals else deals
    options = {"shock": strength, "n": n, "new_deals": has_new}
    usual, before = run(deals, **options), _draws.CHUNK
    closings = [*usual.closings()]
    try:
        _draws.CHUNK = chunk
        found = run(deals, **options)
        assert found == usual
        assert [sorted(draw) for draw in found.closings()] == [sorted(draw) for draw in closings]
    finally:
        _draws.CHUNK = before
    won = [sum((money.amount for _, money in draw), found.won.amount) for draw in closings]
    assert won == total(usual)


@brief
@given(some_deals, strengths, seeds)
def test_the_first_draws_are_the_same_of_few_and_of_many(deals, strength, seed):
    options = {"shock": strength, "seed": seed, "new_deals": False}
    assert run(deals, n=40, **options).units[:24] == run(deals, **options).units


@brief
@given(some_deals)
def test_the_mean_of_many_draws_is_the_sum_of_chances(deals):
    found = run(deals, n=4_000, shock=0)
    # The quarter begins at the model's instant, and has 90 days.
    chances = MODEL.win_probabilities(deals, within=90)
    parts = [
        (float(deal.amount.amount), chances[deal.id].value)
        for deal in deals
        if deal.outcome == "open" and deal.amount and chances[deal.id].value is not None
    ]
    expected = sum(amount * chance for amount, chance in parts) + float(found.won.amount)
    variance = sum(amount**2 * chance * (1 - chance) for amount, chance in parts)
    # Five times its standard error, which chance exceeds once in two million times.
    error = (variance / 4_000) ** 0.5
    assert float(found.mean.amount) == pytest.approx(expected, abs=5 * error + 0.01)


@brief
@given(some_deals, strengths)
def test_a_shock_changes_no_chance(deals, strength):
    found = run(deals, shock=strength).influences()
    for deal in deals:
        if deal.id in found:
            chance = MODEL.win_probability(deal, within=90)
            assert found[deal.id].chance == pytest.approx(chance, abs=1e-9)


@brief
@given(some_deals, st.floats(0.001, 0.15), st.floats(0.1, 30), strengths)
def test_what_is_better_is_so_in_every_draw(deals, more, days, strength):
    options = {"period": FIRST, "n": 16, "seed": 5, "shock": strength}
    change = {"win_rate": {"meeting": more}, "days": {"proposal": -days}}
    found = what_if(deals, MODEL, **change, **options)
    assert min(found.units) >= 0


@st.composite
def moments(draw):
    return START + timedelta(hours=draw(st.integers(24 * 5, 24 * 60)))


def asked(deals, as_of, **options):
    model = StageModel.fit(deals, as_of=as_of, by="owner_id", min_closed=0, horizon_days=40)
    month = Period.between(as_of - timedelta(days=10), as_of + timedelta(days=30))
    options = {"n": 16, "seed": 3, "by": "currency", **options}
    return simulate(deals, model, month, **options)


@brief
@given(books(), moments(), st.data())
def test_nothing_after_as_of_changes_a_simulation(book, as_of, data):
    then = snapshot(book, at=as_of)
    later = as_of + timedelta(days=2)
    retold = [data.draw(futures(deal, later)) for deal in then]
    ages = [as_of - deal.created_at for deal in then if deal.created_at is not None]
    has_new = bool(ages) and max(ages) > timedelta(days=29)
    options = {"shock": 0.4, "new_deals": has_new, "prices": lambda _: None}
    found, again = asked(then, as_of, **options), asked(retold, as_of, **options)
    assert dict(again) == dict(found)
    assert again.left_out == found.left_out
    for key, one in found.items():
        assert [*again[key].closings()] == [*one.closings()]


def test_nothing_after_as_of_changes_the_shock_that_is_learned():
    as_of = datetime(2025, 7, 1, tzinfo=UTC)
    deals = datasets.make_deals(200, seed=4).deals
    model = StageModel.fit(deals, as_of=as_of)
    third = Period.quarter(2025, 3)
    options = {"n": 32, "seed": 3, "new_deals": True}
    then = snapshot(deals, at=as_of)
    assert len(then) < len(deals)
    known = simulate(deals, model, third, **options)
    assert simulate(then, model, third, **options) == known
    change = {"win_rate": {"proposal": 0.03}, "period": third}
    assert what_if(then, model, **change, **options) == what_if(deals, model, **change, **options)
