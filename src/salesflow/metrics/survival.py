"""How long something takes where some are still waiting: the estimator of Kaplan and Meier.

Pure functions over risk sets; they know nothing of deals.
"""

from collections.abc import Iterable, Sequence
from math import exp, log, prod, sqrt
from operator import mul, sub, truediv

import attrs

from salesflow.facts._engines.asked import RISK_BLOCK
from salesflow.metrics._statistics import Z
from salesflow.metrics.stats import RiskSets

_HALF = 0.5
_NOISE = 2.0**-51
# Two roundings for each factor of a product of floats.

_FEW = 32
_SAFE = log(2) - 1e-9
# A hazard below is that of no half, whatever was rounded.


_Falls = tuple[Sequence[int], Sequence[int]]
# How many are watched before each of some times, and how many after it.


@attrs.frozen
class MedianTime:
    """The time by which half have had the event, and its 95 % interval; None where not reached."""

    median: int | None
    low: int | None
    high: int | None


def median_time(risk: RiskSets) -> MedianTime:
    """When have half had the event, if some were watched for a while only?

    **Definition**: S(t) = ∏ (at risk without the events ÷ at risk) over the times up to t. At equal
    times, events come before censorings. The median is the first time at which S is 0.5 or less,
    exactly. Its interval is from the first time at which the lower band is 0.5 or less to the
    first at which the upper one is. The band is the exponential formula of Greenwood; where S is 0
    the lower band is 0 and there is no upper one: nobody is left to tell.

    Args:
        risk: at each time of events, how many there were and how many were at risk.

    Returns:
        The median and the ends of its interval; None for each that is not reached.

    References:
        E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal
        of the American Statistical Association 53 (1958). J. D. Kalbfleisch and R. L. Prentice,
        "The Statistical Analysis of Failure Time Data" (1980), for the band.

    Example:
        >>> median_time(RiskSets(times=[30, 40], events=[1, 1], at_risk=[3, 2], n=3))
        MedianTime(median=40, low=30, high=None)
    """
    return _Watch(risk).median()


class _Watch:
    """All times, and what is found while they go by.

    Many times at once are passed by where the curve and its bands cannot reach a half before the
    last of them: as time goes by the share falls and the variance grows.
    """

    __slots__ = ("_low", "_median", "_risk")

    def __init__(self, risk: RiskSets) -> None:
        self._risk = risk
        self._median: int | None = None
        self._low: int | None = None

    def median(self) -> MedianTime:
        """The median and the ends of its interval."""
        share, variance = 1.0, 0.0
        for start in range(0, len(self._risk.times), RISK_BLOCK):
            later = self._pass_by(start, share, variance)
            if later is None:
                falls = self._falls(start, start + RISK_BLOCK)
                curve = _Curve(share, variance, falls[0][0])
                high = self._walk(curve, start, zip(*falls, strict=True))
                if high is not None or curve.is_over:
                    return MedianTime(self._median, self._low, high)
                later = curve.share, curve.variance
            share, variance = later
        return MedianTime(self._median, self._low, None)

    def _falls(self, start: int, end: int) -> _Falls:
        """How many are watched before each time of events, and how many after it."""
        at_risk = self._risk.at_risk[start:end]
        return at_risk, [*map(sub, at_risk, self._risk.events[start:end])]

    def _block(self, start: int) -> tuple[float, float]:
        """What the share is multiplied by among some times, and what its variance grows by."""
        if self._risk.blocks:
            return self._risk.blocks[start // RISK_BLOCK]
        at_risk, left = self._falls(start, start + RISK_BLOCK)
        events = self._risk.events[start : start + RISK_BLOCK]
        grown = sum(map(truediv, events, map(mul, left, at_risk)))
        return prod(map(truediv, left, at_risk)), grown

    def _pass_by(self, start: int, share: float, variance: float) -> tuple[float, float] | None:
        """The share and its variance after some times, if nothing can be found among them."""
        last = min(start + RISK_BLOCK, len(self._risk.times)) - 1
        if share == 1 or self._risk.at_risk[last] == self._risk.events[last]:
            return None
        factor, grown = self._block(start)
        later = share * factor
        before, after, more = -log(share), -log(later), variance + grown
        could_be = (
            self._low is None and after * exp(Z * sqrt(more) / before) > _SAFE,
            self._median is None and after > _SAFE,
            after * exp(-Z * sqrt(variance) / after) > _SAFE,
        )
        return None if any(could_be) else (later, more)

    def _walk(self, curve: "_Curve", start: int, falls: Iterable[tuple[int, int]]) -> int | None:
        """Look at each time; gives the upper end of the interval once it is found."""
        for place, (at_risk, left) in enumerate(falls, start):
            curve.fall(at_risk, left)
            time = self._risk.times[place]
            if self._low is None and curve.band(1) <= _HALF:
                self._low = time
            if self._median is None and self._is_half(curve, place + 1):
                self._median = time
            if self._median is not None and curve.band(-1) <= _HALF:
                return time
        return None

    def _is_half(self, curve: "_Curve", n_times: int) -> bool:
        """Whether S is 0.5 or less; exactly, where floats are too close to tell."""
        share = curve.share
        if abs(share - _HALF) > _NOISE * (n_times + 1):
            return share < _HALF
        at_risk, left = self._falls(0, n_times)
        gaps = [pair for pair in zip(left, at_risk[1:], strict=False) if pair[0] != pair[1]]
        kept = [left[-1], *(before for before, _ in gaps)]
        lost = [at_risk[0], *(after for _, after in gaps)]
        return 2 * _product(kept) <= _product(lost)


class _Curve:
    """S(t) while time goes by, from some time on.

    Between two censorings the factors cancel but for the first and the last number at risk, so
    only censorings add a rounding. The sum of Greenwood cancels alike.
    """

    __slots__ = ("_left", "_share", "_start", "_variance")

    def __init__(self, share: float, variance: float, at_risk: int) -> None:
        self._left = self._start = at_risk
        self._share, self._variance = share, variance

    def fall(self, at_risk: int, left: int) -> None:
        """So many are left of those at risk; who is missing there is not watched any longer."""
        if at_risk != self._left:
            self._share, self._variance = self.share, self.variance
            self._start = at_risk
        self._left = left

    @property
    def is_over(self) -> bool:
        """Whether nobody is left to tell."""
        return not self._left

    @property
    def share(self) -> float:
        """S."""
        return self._share * (self._left / self._start)

    @property
    def variance(self) -> float:
        """The sum of Greenwood; while somebody is left."""
        return self._variance + (1 / self._left - 1 / self._start)

    def band(self, side: int) -> float:
        """The lower (1) or the upper (-1) end of the 95 % band of S, once something fell."""
        if not self._left:
            return 0.0 if side > 0 else 1.0
        hazard = -log(self.share)
        return exp(-hazard * exp(side * Z * sqrt(self.variance) / hazard))


def _product(numbers: Sequence[int]) -> int:
    """The exact product; by halves, which is quick for many."""
    if len(numbers) <= _FEW:
        return prod(numbers)
    half = len(numbers) // 2
    return _product(numbers[:half]) * _product(numbers[half:])
