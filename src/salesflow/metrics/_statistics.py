"""Small statistics: ratios, medians, and the interval of a rate."""

from collections.abc import Sequence
from decimal import Decimal
from math import sqrt

from salesflow.money import EXACT, divide

# The two-sided 95 % point of the normal distribution.
_Z = 1.959963984540054


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
    share, weight = successes / trials, _Z * _Z / trials
    centre = share + weight / 2
    spread = _Z * sqrt((share * (1 - share) + weight / 4) / trials)
    low, high = (centre - spread) / (1 + weight), (centre + spread) / (1 + weight)
    # The ends are exact where everything or nothing succeeded; rounding must not pass them.
    return (0.0 if successes == 0 else low, 1.0 if successes == trials else high)


def median_amount(ordered: Sequence[Decimal]) -> Decimal | None:
    """The middle of amounts in order, or the mean of the two in the middle."""
    if not ordered:
        return None
    half, odd = divmod(len(ordered), 2)
    if odd:
        return ordered[half]
    return divide(EXACT.add(ordered[half - 1], ordered[half]), Decimal(2))


def median_number(ordered: Sequence[int]) -> float | None:
    """The middle of numbers in order, or the mean of the two in the middle."""
    if not ordered:
        return None
    half, odd = divmod(len(ordered), 2)
    return float(ordered[half]) if odd else (ordered[half - 1] + ordered[half]) / 2
