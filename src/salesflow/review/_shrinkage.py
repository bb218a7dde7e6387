"""Shares of small numbers, pulled towards what others have: the beta-binomial, in plain Python.

Each owner has a true rate of their own. The rates are spread around the team's as a beta
distribution, and how many deals come through is binomial, given the rate. How many deals at the
others' rate the prior is worth, its strength, is read off the spread of all owners' rates.
"""

from collections.abc import Callable, Sequence
from math import exp, fsum, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import NamedTuple

POWER = 0.8
"""How often a gap should be told that is there."""

_MOST = 1e6
_GRID = 30
_GOLDEN = (sqrt(5) - 1) / 2
_FINE = 1e-6
_LARGE = 1e250
_MOST_NEEDED = 2**40


class Tally(NamedTuple):
    """How many of so many deals came through."""

    n_passed: int
    n: int

    @property
    def mean(self) -> float:
        """The share, with one deal more on either side: the mean of its posterior (Laplace)."""
        return (self.n_passed + 1) / (self.n + 2)

    def less(self, other: "Tally") -> "Tally":
        """The deals of all but one."""
        return Tally(self.n_passed - other.n_passed, self.n - other.n)


def whole(tallies: Sequence[Tally]) -> Tally:
    """All of them together."""
    return Tally(sum(one.n_passed for one in tallies), sum(one.n for one in tallies))


def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def log_marginal(tallies: Sequence[Tally], mean: float, strength: float) -> float:
    """How likely the tallies are, as a logarithm, up to what does not depend on the strength."""
    a, b = strength * mean, strength * (1 - mean)
    base = log_beta(a, b)
    return fsum(log_beta(a + x, b + n - x) - base for x, n in tallies)


def strength_of(tallies: Sequence[Tally]) -> float:
    """How many deals at the others' rate an owner's own deals are set against.

    **Definition**: with m the share of all deals together (one added on either side), the strength
    κ makes the largest Σ log BetaBinomial(xᵢ; nᵢ, κ·m, κ·(1 - m)) - ½·log(κ + 1), between 1 and a
    million. The sum is the marginal likelihood of all owners. What is taken off is the logarithm
    of the spread of rates, √(m·(1 - m) ÷ (κ + 1)), but for a constant: without it, owners no
    further apart than luck puts them would be taken for the same person.

    References:
        J. G. Skellam, "A probability distribution derived from the binomial distribution by
        regarding the probability of success as variable between the sets of trials", Journal of the
        Royal Statistical Society B 10 (1948), for the beta-binomial.
        Y. Chung, S. Rabe-Hesketh, V. Dorie, A. Gelman and J. Liu, "A nondegenerate penalized
        likelihood estimator for variance parameters in multilevel models", Psychometrika 78 (2013).
    """
    seen = [one for one in tallies if one.n]
    mean = whole(seen).mean

    def size(log_strength: float) -> float:
        strength = exp(log_strength)
        return log_marginal(seen, mean, strength) - log1p(strength) / 2

    step = log(_MOST) / _GRID
    best = max(range(_GRID + 1), key=lambda place: size(place * step))
    return exp(_peak(size, max(0, best - 1) * step, min(_GRID, best + 1) * step))


def _peak(size: Callable[[float], float], low: float, high: float) -> float:
    """Where a function is largest, by golden sections."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    sizes = size(left), size(right)
    while high - low > _FINE:
        if sizes[0] >= sizes[1]:
            high, right = right, left
            left = high - _GOLDEN * (high - low)
            sizes = size(left), sizes[0]
        else:
            low, left = left, right
            right = low + _GOLDEN * (high - low)
            sizes = sizes[1], size(right)
    return (low + high) / 2


def shrunk(own: Tally, others: Tally, strength: float) -> float:
    """The owner's rate, as if so many deals more had come through as the others' do."""
    return (own.n_passed + strength * others.mean) / (own.n + strength)


def shortfall(own: Tally, others: Tally, strength: float) -> float:
    """How far that is below the others' rate; below 0 where it is above."""
    return (own.n * others.mean - own.n_passed) / (own.n + strength)


def below_probability(own: Tally, others: Tally, strength: float) -> float:
    """How likely the owner's true rate is below the others'.

    **Definition**: P(θ < φ), where θ has the owner's posterior, Beta(κ·m + x, κ·(1 - m) + n - x)
    with m the others' mean, and φ that of the others' common rate, Beta(X + 1, N - X + 1).
    """
    a = strength * others.mean + own.n_passed
    b = strength * (1 - others.mean) + own.n - own.n_passed
    return beta_below(a, b, others.n_passed + 1, others.n - others.n_passed + 1)


def beta_below(a: float, b: float, c: int, d: int) -> float:
    """P(θ < φ) of θ ~ Beta(a, b) and φ ~ Beta(c, d), where c and d are whole: a sum of c terms.

    Given θ, the chance of φ > θ is that of fewer than c successes at θ before the d-th failure, so
    that the sum is the distribution function of a beta negative binomial.
    """
    if c > d:
        return 1 - beta_below(b, a, d, c)
    start = log_beta(a, b + d) - log_beta(a, b)
    term = total = 1.0
    for k in range(c - 1):
        term *= (a + k) * (d + k) / ((a + b + d + k) * (k + 1))
        total += term
        if total > _LARGE:
            term, total, start = term / _LARGE, total / _LARGE, start + log(_LARGE)
    return min(1.0, exp(start + log(total)))


def n_needed(others: Tally, gap: float, threshold: float) -> int | None:
    """How many deals an owner needs so that a gap to the others would be told.

    **Definition**: let p be the others' rate m, N their deals and q = max(0, p - gap) the rate
    looked for. The smallest n for which the test of two shares, corrected for continuity and
    two-sided at the threshold, has the power 0.8::

        p - q - (1/n + 1/N) / 2 ≥ z₁·√(r·(1 - r)·(1/n + 1/N)) + z₂·√(q·(1 - q)/n + p·(1 - p)/N)

    with r = (n·q + N·p) ÷ (n + N) and z₁, z₂ the points of the normal distribution at
    1 - threshold ÷ 2 and 0.8. None where no number would do, as the others have too few.

    References:
        J. L. Fleiss, A. Tytun and H. K. Ury, "A simple approximation for calculating sample sizes
        for comparing independent proportions", Biometrics 36 (1980).
    """
    if not others.n:
        return None
    p, size = others.mean, others.n
    q = max(0.0, p - gap)
    z_test, z_power = (NormalDist().inv_cdf(share) for share in (1 - threshold / 2, POWER))

    def is_enough(n: int) -> bool:
        each = 1 / n + 1 / size
        r = (n * q + size * p) / (n + size)
        spread = z_test * sqrt(r * (1 - r) * each)
        return p - q - each / 2 >= spread + z_power * sqrt(q * (1 - q) / n + p * (1 - p) / size)

    high = 1
    while not is_enough(high):
        high *= 2
        if high > _MOST_NEEDED:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
