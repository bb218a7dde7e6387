"""Rates of few deals, pulled towards those of others: against scipy, and by hand."""

from itertools import pairwise
from math import exp, log, log1p, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.review._shrinkage import (
    Tally,
    below_probability,
    beta_below,
    log_marginal,
    n_needed,
    shortfall,
    shrunk,
    strength_of,
    whole,
)

scipy_stats = pytest.importorskip("scipy.stats")
scipy_integrate = pytest.importorskip("scipy.integrate")
scipy_optimize = pytest.importorskip("scipy.optimize")
scipy_special = pytest.importorskip("scipy.special")

TEAM = [Tally(12, 40), Tally(30, 50), Tally(35, 52), Tally(31, 49), Tally(1, 3), Tally(0, 0)]

tallies = st.integers(0, 80).flatmap(lambda n: st.builds(Tally, st.integers(0, n), st.just(n)))
sizes = st.floats(0.05, 300)


@given(st.lists(tallies, min_size=1, max_size=6), st.floats(0.02, 0.98), st.floats(0.1, 1e4))
def test_the_marginal_likelihood_is_that_of_scipy(team, mean, strength):
    a, b = strength * mean, strength * (1 - mean)
    whole_pmf = sum(scipy_stats.betabinom.logpmf(one.n_passed, one.n, a, b) for one in team)
    # The number of ways to choose which deals came through does not depend on the strength.
    ways = sum(
        -log(one.n + 1) - scipy_special.betaln(one.n - one.n_passed + 1, one.n_passed + 1)
        for one in team
    )
    assert log_marginal(team, mean, strength) == pytest.approx(whole_pmf - ways, abs=1e-7)


@pytest.mark.parametrize(
    "team", [TEAM, [Tally(30, 50)] * 6, [Tally(300, 500), Tally(350, 500), Tally(402, 500)]]
)
def test_the_strength_makes_it_the_largest(team):
    mean = (sum(one.n_passed for one in team) + 1) / (sum(one.n for one in team) + 2)

    def lacking(log_strength):
        a, b = (exp(log_strength) * share for share in (mean, 1 - mean))
        pmf = sum(scipy_stats.betabinom.logpmf(one.n_passed, one.n, a, b) for one in team)
        return log1p(exp(log_strength)) / 2 - pmf

    best = min(
        (
            scipy_optimize.minimize_scalar(lacking, bounds=bounds, method="bounded")
            for bounds in pairwise(range(15))
        ),
        key=lambda found: found.fun,
    )
    assert log(strength_of(team)) == pytest.approx(best.x, abs=1e-3)
    assert lacking(log(strength_of(team))) <= best.fun + 1e-9


def test_owners_far_apart_are_weakly_held_together_and_owners_alike_strongly():
    apart = strength_of([Tally(5, 50), Tally(25, 50), Tally(45, 50)])
    alike = strength_of([Tally(25, 50), Tally(24, 50), Tally(26, 50)])
    assert apart < 5
    assert 50 < alike < 1e6


def test_of_one_deal_each_nothing_is_learned_of_the_spread():
    # With n = 1 the likelihood is the same for each strength; what is taken off is least at 1.
    assert strength_of([Tally(1, 1), Tally(0, 1), Tally(1, 1)]) == pytest.approx(1.0)
    assert strength_of([]) == strength_of([Tally(0, 0)]) == pytest.approx(1.0)


@given(sizes, sizes, st.integers(1, 60), st.integers(1, 60))
def test_the_chance_of_one_beta_below_another_is_its_integral(a, b, c, d):
    # By parts, P(θ < φ) = 1 - ∫ F_φ(t) f_θ(t) dt = 1 - E[F_φ(θ)]; in probabilities p of φ it is
    # ∫ F_θ(quantile of φ at p) dp, smooth and between 0 and 1.
    points = scipy_special.roots_legendre(400)
    p = (points[0] + 1) / 2
    # Denser where the quantiles turn: p = s² (3 - 2 s), dp = 6 s (1 - s) ds.
    inner = p * p * (3 - 2 * p)
    quantiles = scipy_stats.beta.ppf(inner, c, d)
    value = (points[1] / 2 * 6 * p * (1 - p) * scipy_stats.beta.cdf(quantiles, a, b)).sum()
    assert beta_below(a, b, c, d) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    ("own", "others", "strength"),
    [
        (Tally(12, 40), Tally(97, 154), 10.5),
        (Tally(0, 3), Tally(5, 10), 40.0),
        (Tally(3, 3), Tally(0, 20), 1.0),
        (Tally(180, 400), Tally(2_000, 4_000), 300.0),
        (Tally(0, 0), Tally(30, 60), 1e6),
    ],
)
def test_the_chance_of_being_below_is_that_of_the_two_posteriors(own, others, strength):
    mean = (others.n_passed + 1) / (others.n + 2)
    theirs = scipy_stats.beta(others.n_passed + 1, others.n - others.n_passed + 1)
    mine = scipy_stats.beta(
        strength * mean + own.n_passed, strength * (1 - mean) + own.n - own.n_passed
    )
    edges = sorted({*theirs.ppf([1e-14, 0.01, 0.5, 0.99]), *mine.ppf([0.01, 0.5, 0.99]), 1.0, 0.0})
    value = sum(
        scipy_integrate.quad(lambda t: theirs.pdf(t) * mine.cdf(t), *edge, epsabs=1e-13)[0]
        for edge in pairwise(edges)
    )
    assert below_probability(own, others, strength) == pytest.approx(value, abs=1e-9)


def test_the_sum_of_many_deals_does_not_overflow():
    # Two normal distributions, nearly: means 0.5 and 0.51, each with variance 1/4 ÷ 20,000.
    found = beta_below(10_000, 10_000, 10_200, 9_800)
    z = 0.01 / sqrt(2 * 0.25 / 20_000)
    assert found == pytest.approx(scipy_stats.norm.cdf(z), abs=1e-4)
    assert beta_below(10_000, 10_000, 10_000, 10_000) == pytest.approx(0.5, abs=1e-9)
    assert beta_below(1, 50_000, 40_000, 50_000) == pytest.approx(1.0, abs=1e-9)


@given(sizes, sizes, st.integers(1, 60), st.integers(1, 60))
def test_below_and_above_are_all(a, b, c, d):
    found = beta_below(a, b, c, d)
    assert 0.0 <= found <= 1.0
    assert beta_below(b, a, d, c) == pytest.approx(1 - found, abs=1e-11)


@given(tallies, tallies, st.floats(1, 1e6))
def test_a_shrunk_rate_lies_between_the_owners_and_the_others(own, others, strength):
    found = shrunk(own, others, strength)
    assert shortfall(own, others, strength) == pytest.approx(others.mean - found, abs=1e-9)
    ends = sorted([others.mean, own.n_passed / own.n if own.n else others.mean])
    assert ends[0] - 1e-12 <= found <= ends[1] + 1e-12


def test_a_tally_less_another():
    assert whole(TEAM) == Tally(109, 194)
    assert whole(TEAM).less(TEAM[0]) == Tally(97, 154)
    assert Tally(1, 2).mean == 0.5


def is_enough(n, others, gap, threshold):
    """The test of two shares, as its definition has it."""
    p, size = (others.n_passed + 1) / (others.n + 2), others.n
    q = max(p - gap, 0)
    z, w = scipy_stats.norm.ppf(1 - threshold / 2), scipy_stats.norm.ppf(0.8)
    pooled = (n * q + size * p) / (n + size)
    spread = sqrt(pooled * (1 - pooled) * (1 / n + 1 / size))
    return p - q - (1 / n + 1 / size) / 2 >= z * spread + w * sqrt(
        q * (1 - q) / n + p * (1 - p) / size
    )


@pytest.mark.parametrize(
    ("others", "gap", "threshold"),
    [
        (Tally(180, 300), 0.15, 0.05),
        (Tally(180, 300), 0.15, 0.05 / 30),
        (Tally(55, 300), 0.3, 0.05),
        (Tally(900, 1_000), 0.05, 0.01),
        (Tally(2_000, 2_000), 0.9, 0.5),
    ],
)
def test_the_deals_needed_are_the_fewest(others, gap, threshold):
    found = n_needed(others, gap, threshold)
    assert is_enough(found, others, gap, threshold)
    assert found == 1 or not is_enough(found - 1, others, gap, threshold)


def test_no_number_is_enough_where_the_others_have_too_few():
    assert n_needed(Tally(5, 10), 0.15, 0.05) is None
    assert n_needed(Tally(0, 0), 0.15, 0.05) is None
    # The others come through hardly ever: nobody can do much worse.
    assert n_needed(Tally(0, 1_000), 0.15, 0.05) is None


# Near 0 the test of two shares is the more careful of the two.
@pytest.mark.parametrize(
    ("others", "most"), [(Tally(180, 300), 0.83), (Tally(320, 400), 0.86), (Tally(100, 400), 0.91)]
)
def test_with_as_many_fishers_test_tells_the_gap_four_times_in_five(others, most):
    gap, threshold = 0.2, 0.05 / 30
    n = n_needed(others, gap, threshold)
    p = others.mean
    # Every split that may come, by its chance: the power of the exact test.
    power = 0.0
    mine = scipy_stats.binom(n, p - gap)
    theirs = scipy_stats.binom(others.n, p)
    for x in range(int(mine.ppf(1e-4)), int(mine.ppf(1 - 1e-4)) + 1, 2):
        for y in range(int(theirs.ppf(1e-4)), int(theirs.ppf(1 - 1e-4)) + 1, 4):
            split = [[x, n - x], [y, others.n - y]]
            if scipy_stats.fisher_exact(split).pvalue <= threshold:
                power += 8 * mine.pmf(x) * theirs.pmf(y)
    assert 0.78 <= power <= most
