"""Curves against the truth that deals were made from, found by the exponential of a matrix."""

from math import sqrt

import attrs
import pytest

from salesflow import datasets
from salesflow.facts.visits import visits_of
from salesflow.forecast import StageModel

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")
linalg = pytest.importorskip("scipy.linalg", reason="the extra forecast brings scipy")

DAYS = (15, 30, 60, 120)
CHANCES = {"web": 0.2, "fair": 0.5}
TRUTH = attrs.evolve(
    datasets.STANDARD_TRUTH, win_chance=CHANCES, owner_factor={"kim": 1.0}, reopen_chance=0.0
)
STAGES = [*TRUTH.stage_days]


def true_curve(chance, stage, days):
    """The chance that a deal in a stage is won within days; stays are exponential, so at any age.

    From each stage a deal leaves at the rate 1 ÷ mean stay; it is lost there with the chance that a
    loss falls there, of all that got so far.
    """
    n = len(STAGES)
    shares = [TRUTH.loss_shares[name] for name in STAGES]
    rates = np.zeros((n + 2, n + 2))
    for here, name in enumerate(STAGES):
        so_far = chance + (1 - chance) * sum(shares[here:])
        lost = (1 - chance) * shares[here] / so_far
        rate = 1 / TRUTH.stage_days[name]
        rates[here, here] = -rate
        rates[here, n + 1] = rate * lost
        rates[here, here + 1] += rate * (1 - lost)
    return linalg.expm(rates * days)[STAGES.index(stage), n]


@pytest.fixture(scope="module", params=[11, 12])
def world(request):
    return datasets.make_deals(3_000, seed=request.param, truth=TRUTH)


@pytest.fixture(scope="module")
def model(world):
    return StageModel.fit(world.deals, as_of=world.as_of, by="source")


def newest(world, source, stage):
    """The deal that entered a stage last and is there still, and how many were there for longer."""
    found = [deal for deal in world.deals if (deal.source, deal.stage) == (source, stage)]
    deal = max(found, key=lambda deal: deal.stage_entered_at)
    age = world.as_of - deal.stage_entered_at
    others = [visits_of(other) for other in world.deals if other.source == source]
    stays = [visit for visits in others for visit in visits if visit.stage == stage]
    n = sum((visit.left_at or world.as_of) - visit.entered_at > age for visit in stays)
    return deal, n


def test_curves_are_the_true_ones_within_the_sampling_error(world, model):
    """Were n visits watched to the end of their deals, a share would be off by √(p(1-p)/n)."""
    misses = []
    for source, chance in CHANCES.items():
        for stage in STAGES:
            deal, n = newest(world, source, stage)
            curve = model.curve(deal)
            for days in DAYS:
                true = true_curve(chance, stage, days)
                misses.append(abs(curve.won[days] - true) / sqrt(true * (1 - true) / n))
    assert max(misses) < 3.5
    assert sum(miss > 2 for miss in misses) / len(misses) < 0.15


def test_expected_close_is_the_true_one(world, model):
    """Half of all wins come before it, of a deal that has just begun."""
    deal, _ = newest(world, "web", STAGES[0])
    found = model.expected_close(deal)
    won = [true_curve(CHANCES["web"], STAGES[0], days) / CHANCES["web"] for days in range(200)]
    true = [next(day for day, share in enumerate(won) if share >= q) for q in (0.1, 0.5, 0.9)]
    assert [found.low_days, found.days, found.high_days] == pytest.approx(true, rel=0.12)
