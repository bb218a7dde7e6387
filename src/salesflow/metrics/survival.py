"""How long something takes where some are still waiting: the estimator of Kaplan and Meier.

Pure functions over tallies of times; they know nothing of deals.
"""

from collections.abc import Mapping, Sequence
from math import exp, log, prod, sqrt

import attrs

from salesflow.metrics._statistics import Z

_HALF = 0.5
_NOISE = 2.0**-51
# Two roundings for each factor of a product of floats.

_FEW = 32


@attrs.frozen
class MedianTime:
    """The time by which half have had the event, and its 95 % interval; None where not reached."""

    median: int | None
    low: int | None
    high: int | None


def median_time(events: Mapping[int, int], censored: Mapping[int, int]) -> MedianTime:
    """When have half had the event, if some were watched for a while only?

    **Definition**: S(t) = ∏ (at risk without the events ÷ at risk) over the times up to t. At equal
    times, events come before censorings. The median is the first time at which S is 0.5 or less,
    exactly. Its interval is from the first time at which the lower band is 0.5 or less to the
    first at which the upper one is. The band is the exponential formula of Greenwood; where S is 0
    the lower band is 0 and there is no upper one: nobody is left to tell.

    Args:
        events: how many had the event at each time.
        censored: how many were last seen without it at each time.

    Returns:
        The median and the ends of its interval; None for each that is not reached.

    References:
        E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal
        of the American Statistical Association 53 (1958). J. D. Kalbfleisch and R. L. Prentice,
        "The Statistical Analysis of Failure Time Data" (1980), for the band.

    Example:
        >>> median_time({30: 1, 40: 1}, {100: 1})
        MedianTime(median=40, low=30, high=None)
    """
    curve = _Curve(sum(events.values()) + sum(censored.values()))
    leaving = sorted(censored, reverse=True)
    median = low = None
    for time in sorted(events):
        gone = 0
        while leaving and leaving[-1] < time:
            gone += censored[leaving.pop()]
        if gone:
            curve.leave(gone)
        curve.fall(events[time])
        if low is None and curve.band(1) <= _HALF:
            low = time
        if median is None and curve.is_half():
            median = time
        if median is not None and curve.band(-1) <= _HALF:
            return MedianTime(median, low, time)
    return MedianTime(median, low, None)


class _Curve:
    """S(t) while time goes by.

    Between two censorings the factors cancel but for the first and the last number at risk, so
    only censorings add a rounding. The sum of Greenwood cancels alike.
    """

    __slots__ = ("_above", "_below", "_left", "_share", "_start", "_variance")

    def __init__(self, at_risk: int) -> None:
        self._left = self._start = at_risk
        self._share, self._variance = 1.0, 0.0
        self._above: list[int] = []
        self._below: list[int] = []

    def fall(self, n: int) -> None:
        """Some have the event."""
        self._left -= n

    def leave(self, n: int) -> None:
        """Some are not watched any longer."""
        self._variance += 1 / self._left - 1 / self._start
        self._share *= self._left / self._start
        self._above.append(self._left)
        self._below.append(self._start)
        self._left = self._start = self._left - n

    def is_half(self) -> bool:
        """Whether S is 0.5 or less."""
        share = self._share * (self._left / self._start)
        if abs(share - _HALF) > _NOISE * (len(self._below) + 1):
            return share < _HALF
        above = _product([2, self._left, *self._above])
        return above <= _product([self._start, *self._below])

    def band(self, side: int) -> float:
        """The lower (1) or the upper (-1) end of the 95 % band of S, once something fell."""
        if not self._left:
            return 0.0 if side > 0 else 1.0
        hazard = -log(self._share * (self._left / self._start))
        variance = self._variance + (1 / self._left - 1 / self._start)
        return exp(-hazard * exp(side * Z * sqrt(variance) / hazard))


def _product(numbers: Sequence[int]) -> int:
    """The exact product; by halves, which is quick for many."""
    if len(numbers) <= _FEW:
        return prod(numbers)
    half = len(numbers) // 2
    return _product(numbers[:half]) * _product(numbers[half:])
