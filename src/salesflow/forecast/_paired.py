"""Whether one method's errors are smaller than another's by more than chance explains.

This module needs numpy.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

_ALL_SIGNS = 16
_N_DRAWS = 20_000
_SEED = 1908
# Sums of the same numbers in another order differ in their last digits.
_NEARLY = 1 - 1e-9


def sign_flip_p(differences: Sequence[float]) -> float | None:
    """How often chance alone makes the sum of some differences as large, whatever its sign.

    **Definition**: if neither side is better, each difference might as well have the other sign.
    It is the share of all choices of signs whose sum is as far from 0; of 20,000 random ones, and
    the one there is, from a fixed seed, for more than 16 differences.

    Returns:
        The two-sided p-value; None without a difference.

    References:
        R. A. Fisher, The Design of Experiments (1935), section 21: the randomization test.
    """
    if not differences:
        return None
    values = np.array(differences, np.float64)
    least = abs(values.sum()) * _NEARLY
    if len(values) <= _ALL_SIGNS:
        return float(np.mean(np.abs(_all_sums(values)) >= least))
    signs = np.random.default_rng(_SEED).integers(0, 2, (_N_DRAWS, len(values)), np.int8)
    n_as_far = np.count_nonzero(np.abs((2 * signs - 1) @ values) >= least)
    return float((n_as_far + 1) / (_N_DRAWS + 1))


def _all_sums(values: Any) -> Any:
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate((sums + value, sums - value))
    return sums
