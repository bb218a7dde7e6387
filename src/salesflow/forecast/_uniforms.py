"""Random numbers that are the same on every machine, whatever else is drawn.

This module needs numpy.
"""

from hashlib import blake2b
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Drawn = NDArray[np.uint32]
"""Whole numbers, each as likely as any other."""

RANGE = 2.0**32
"""How many numbers there are to draw from."""

STEP = 8
"""How many numbers one step of the counter gives; where some begin is a multiple of it."""

_HALF = 0.5
_KEY_BYTES = 16
_WORDS = 4  # of 64 bits, in a step


class Uniforms:
    """The random numbers of a seed.

    **Definition**: those of a name are the words of Philox 4×64 from the counter 0 on, lower halves
    first, under a key that is the BLAKE2b hash of the seed, in hexadecimal, and the name. So each
    name has numbers of its own: they do not depend on which other names there are, or on how many
    numbers are asked for at a time.

    References:
        J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as
        1, 2, 3", SC11 (2011). numpy promises that the stream of a bit generator never changes.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        # A generator for each name would read the machine's entropy each time, and take longer.
        self._generator = np.random.Philox(0)

    def of(self, name: str, start: int, stop: int) -> Drawn:
        """The numbers of a name from one place to another; the first is a multiple of `STEP`."""
        # A name may hold what is no Unicode text, as a deal's id may.
        text = f"{self._seed:x}:{name}".encode("utf-8", "surrogatepass")
        key = np.frombuffer(blake2b(text, digest_size=_KEY_BYTES).digest(), "<u8")
        counter = np.array([start // STEP, 0, 0, 0], np.uint64)
        self._generator.state = {
            "bit_generator": "Philox",
            "state": {"counter": counter, "key": key.astype(np.uint64)},
            "buffer": np.zeros(_WORDS, np.uint64),
            "buffer_pos": _WORDS,
            "has_uint32": 0,
            "uinteger": 0,
        }
        words = self._generator.random_raw(-(-(stop - start) // 2))
        return words.astype("<u8", copy=False).view("<u4")[: stop - start]


def normals(drawn: Drawn) -> NDArray[np.float64]:
    """Numbers of the normal distribution of mean 0 and variance 1, one for each that was drawn."""
    found = map(NormalDist().inv_cdf, ((drawn + _HALF) / RANGE).tolist())
    return np.fromiter(found, np.float64, len(drawn))
