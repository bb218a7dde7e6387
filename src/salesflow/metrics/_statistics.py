"""Small statistics: ratios, medians, and the interval of a rate."""

from decimal import Decimal
from math import sqrt
from typing import cast

from salesflow.metrics.stats import Middle
from salesflow.money import EXACT, divide

# The two-sided 95 % point of the normal distribution.
Z = 1.959963984540054


def ratio(numerator: int, denominator: int) -> float | None:
    """A share; None on 0."""
    return numerator / denominator if denominator else None


def wilson(successes: int, trials: int) -> tuple[float, float] | None:
    """The 95 % score interval of a share; None without trials.

    References:
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
        Journal of the American Statistical Association 22 (1927).
    """
    if not trials:
        return None
    share, weight = successes / trials, Z * Z / trials
    centre = share + weight / 2
    spread = Z * sqrt((share * (1 - share) + weight / 4) / trials)
    low, high = (centre - spread) / (1 + weight), (centre + spread) / (1 + weight)
    # The ends are exact where everything or nothing succeeded; rounding must not pass them.
    return (0.0 if successes == 0 else low, 1.0 if successes == trials else high)


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
