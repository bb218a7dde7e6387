"""Small statistics: ratios, medians, and the interval of a rate."""

from decimal import Decimal
from math import hypot, sqrt
from typing import cast

from salesflow.metrics.stats import Middle
from salesflow.money import EXACT, divide

# The two-sided 95 % point of the normal distribution, and the 97.5 % one.
Z = 1.959963984540054
Z_OF_BOTH = 2.241402727604947


def ratio(numerator: int, denominator: int) -> float | None:
    """A share; None on 0."""
    return numerator / denominator if denominator else None


def wilson(successes: int, trials: int, z: float = Z) -> tuple[float, float] | None:
    """The score interval of a share, 95 % unless another point is given; None without trials.

    References:
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
        Journal of the American Statistical Association 22 (1927).
    """
    if not trials:
        return None
    share, weight = successes / trials, z * z / trials
    centre = share + weight / 2
    spread = z * sqrt((share * (1 - share) + weight / 4) / trials)
    low, high = (centre - spread) / (1 + weight), (centre + spread) / (1 + weight)
    # The ends are exact where everything or nothing succeeded; rounding must not pass them.
    return (0.0 if successes == 0 else low, 1.0 if successes == trials else high)


Estimate = tuple[float, tuple[float, float]]
"""A share, and its score interval."""


def newcombe(one: Estimate, other: Estimate) -> tuple[float, float]:
    """The 95 % interval of the difference of two independent shares, from those of each.

    References:
        R. G. Newcombe, "Interval estimation for the difference between independent proportions",
        Statistics in Medicine 17 (1998), method 10, the hybrid score interval.
    """
    (share, (low, high)), (other_share, (other_low, other_high)) = one, other
    difference = share - other_share
    below = hypot(share - low, other_high - other_share)
    above = hypot(high - share, other_share - other_low)
    return difference - below, difference + above


def at_most_apart(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """The interval of the difference of two shares of counts that may be of the same deals.

    **Definition**: that between the ends of their 97.5 % score intervals. Each misses its share in
    2.5 % of cases, so that both hold theirs in 95 % at least, however they depend (Bonferroni).

    Args:
        one: successes and trials, of which there are some.
        other: the same of the other share.
    """
    intervals = [wilson(*counts, Z_OF_BOTH) for counts in (one, other)]
    (low, high), (other_low, other_high) = cast("list[tuple[float, float]]", intervals)
    return low - other_high, high - other_low


def median_amount(middle: Middle | None) -> Decimal | None:
    """The middle of amounts, or the mean of the two in the middle."""
    if middle is None:
        return None
    if middle.low == middle.high:
        return cast("Decimal", middle.low)
    return divide(EXACT.add(middle.low, middle.high), Decimal(2))


def median_number(middle: Middle | None) -> float | None:
    """The middle of numbers, or the mean of the two in the middle."""
    return None if middle is None else float((middle.low + middle.high) / 2)
