"""How much the number of deals that come differs from time to time.

This module needs numpy.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from salesflow.forecast._excess import excess_variance
from salesflow.models.durations import MICROSECONDS_A_DAY

_LEAST_SPANS = 4
_MOST = 1.0


def inflow_spread(ages: Sequence[int], look_back: int, n_days: int) -> float:
    """By what share does the number of deals that come differ, beyond chance?

    **Definition**: the time that is looked back on is cut into spans as long as what is simulated,
    or a quarter of it if that is shorter. Of the n whole ones, the last before now first, each has
    a number of comings; by chance alone, its variance is their mean. The square of the spread is
    what they vary by beyond that, as a share of the mean, and 1/n of it, as the mean is uncertain.

    Args:
        ages: how long ago each deal came. [microseconds]
        look_back: how far they are looked back on. [microseconds]
        n_days: how long what is simulated is. [days]

    Returns:
        A standard deviation ÷ mean. [0 to 1]
    """
    width = min(n_days * MICROSECONDS_A_DAY, look_back // _LEAST_SPANS)
    n = look_back // width
    places = np.array(ages, np.int64) // width
    counts = np.bincount(places[places < n], minlength=n).astype(np.float64)
    mean = counts.mean()
    if not mean:
        return 0.0
    variance = excess_variance(counts - mean, np.full(n, mean), np.full(n, 1 / n))
    return min(sqrt(variance * (1 + 1 / n)), _MOST)
