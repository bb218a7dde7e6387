"""Whether a share differs from that of the rest: an exact test, and a correction for many."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import fsum
from operator import mul

import attrs

# Outcomes as likely as the one seen count too; their weights differ by rounding alone.
_TIES = 1 + 1e-9


@attrs.frozen
class Exact:
    """An exact test of one segment against the rest.

    Attributes:
        p_value: how likely a split at least as unlikely as this one is, if all win alike.
        least: the least that it could have been, had the wins fallen otherwise.
    """

    p_value: float
    least: float


def exact_test(n_won: int, n: int, all_won: int, all_n: int) -> Exact:
    """The two-sided test of Fisher, of a segment within all.

    **Definition**: given how many deals the segment has, how many all have and how many of all are
    won, the chance of each number of wins of the segment is hypergeometric; the p-value is that of
    all numbers no more likely than the one seen.

    Args:
        n_won: the wins of the segment.
        n: its deals.
        all_won: the wins of all deals, the segment's among them.
        all_n: all deals.

    References:
        R. A. Fisher, "Statistical Methods for Research Workers", 5th ed. (1934), section 21.02.
    """
    all_lost = all_n - all_won
    low, high = max(0, n - all_lost), min(n, all_won)
    mode = (n + 1) * (all_won + 1) // (all_n + 2)

    def up(x: int) -> float:
        """How much more likely x + 1 wins are than x."""
        return (n - x) * (all_won - x) / ((x + 1) * (all_lost - n + x + 1))

    # From the likeliest number outwards, so that nothing overflows, however many deals there are.
    above = _products(map(up, range(mode, high)))
    below = _products(1 / up(x) for x in range(mode - 1, low - 1, -1))
    weights = [*reversed(below), 1.0, *above]
    total = fsum(weights)

    def chance(weight: float) -> float:
        return min(1.0, fsum(w for w in weights if w <= weight * _TIES) / total)

    return Exact(chance(weights[n_won - low]), chance(min(weights[0], weights[-1])))


def _products(factors: Iterable[float]) -> list[float]:
    return list(accumulate(factors, mul))


def could_tell(tests: Sequence[Exact], threshold: float) -> list[bool]:
    """Which tests could come out below the threshold, corrected for as many as these are.

    **Definition**: the smallest k is sought for which no more than k tests have a ``least`` of at
    most threshold ÷ k; those are they. What they could have come to is known from the numbers of
    deals alone, so that leaving the others out does not spoil the correction.

    References:
        R. E. Tarone, "A modified Bonferroni method for discrete data", Biometrics 46 (1990).
    """
    leasts = sorted(test.least for test in tests)
    k = 1
    while bisect_right(leasts, threshold / k) > k:
        k += 1
    return [test.least <= threshold / k for test in tests]


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values, corrected so that the chance of any wrong one is held, however they depend.

    References:
        S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
        Statistics 6 (1979).
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    scaled = (min(1.0, (len(order) - rank) * p_values[place]) for rank, place in enumerate(order))
    adjusted = dict(zip(order, accumulate(scaled, max), strict=True))
    return [adjusted[place] for place in range(len(order))]
