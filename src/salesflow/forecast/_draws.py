"""`Draws`: some of the draws of a simulation, in a row.

This module needs numpy.
"""

from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from salesflow.forecast._risks import Real
from salesflow.forecast._shock import Shock
from salesflow.forecast._uniforms import STEP, Drawn, Uniforms

CHUNK = 1 << 18
"""How many outcomes are drawn at a time: what memory is bounded by."""


@attrs.frozen(eq=False)
class Draws:
    """Some draws in a row: what all deals share in them, and the numbers of each.

    Attributes:
        shock: what the deals share.
        divisors: what the odds are divided by in each draw.
        start: the number of the first draw.
    """

    shock: Shock
    divisors: Real
    start: int
    _uniforms: Uniforms

    @classmethod
    def of(cls, seed: int, shock: Shock, start: int, stop: int) -> "Draws":
        """The draws from one to another; the first is a multiple of `STEP`."""
        uniforms = Uniforms(seed)
        return cls(shock, shock.divisors(uniforms.of("shock", start, stop)), start, uniforms)

    def __len__(self) -> int:
        return len(self.divisors)

    def uniforms(self, name: str) -> Drawn:
        """The numbers of a name, one for each draw."""
        return self._uniforms.of(name, self.start, self.start + len(self))

    def chances(self, middles: Real) -> Real:
        """The chances in each draw, from those where odds are multiplied by 1.

        Without a shock there is one for all draws. [chance, draw]
        """
        return self.shock.shifted(middles[:, None], self.divisors)

    def is_below(self, drawn: Drawn, middles: Real) -> NDArray[np.bool_]:
        """Whether numbers that were drawn are below these chances. [chance, draw]."""
        return self.shock.is_below(drawn, middles[:, None], self.divisors)


def in_parts(n_draws: int, n_deals: int) -> Iterator[tuple[int, int]]:
    """The first draw and the one after the last of parts that all deals are drawn in at once."""
    step = max(1, CHUNK // max(1, n_deals) // STEP) * STEP
    for start in range(0, n_draws, step):
        yield start, min(start + step, n_draws)


def in_chunks(n_deals: int, n_draws: int) -> Iterator[range]:
    """The deals, a few at a time."""
    size = max(1, CHUNK // n_draws)
    for start in range(0, n_deals, size):
        yield range(start, min(start + size, n_deals))
