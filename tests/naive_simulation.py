"""A simulation written down once more, in the plainest way: one deal and one draw at a time.

Random numbers are those of Philox in Python's own integers, means over a shock are integrals by
many small steps, and what a shock multiplies is found by halving. Chances come from
`StageModel.win_probability` and `StageModel.curve`; nothing else of `salesflow.forecast` is used.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from math import exp, log, pi, sqrt
from statistics import NormalDist

from salesflow import Deal, Period
from salesflow.forecast import StageModel

_MASK = 2**64 - 1
_MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
_WEYL = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B


def philox(counter: int, key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Four words of 64 bits: Philox 4×64 with ten rounds."""
    words = tuple(counter >> 64 * n & _MASK for n in range(4))
    for turn in range(10):
        keys = [part + turn * step & _MASK for part, step in zip(key, _WEYL, strict=True)]
        first, second = _MULTIPLIERS[0] * words[0], _MULTIPLIERS[1] * words[2]
        words = (
            second >> 64 ^ words[1] ^ keys[0],
            second & _MASK,
            first >> 64 ^ words[3] ^ keys[1],
            first & _MASK,
        )
    return words  # type: ignore[return-value]


def numbers(seed: int, name: str, n: int) -> list[int]:
    """The first numbers of a name, of 32 bits: lower halves first."""
    found = blake2b(f"{seed:x}:{name}".encode(), digest_size=16).digest()
    key = int.from_bytes(found[:8], "little"), int.from_bytes(found[8:], "little")
    halves = []
    for step in range(n // 8 + 1):
        # numpy counts before it draws.
        for word in philox(step + 1, key):
            halves += [word & 0xFFFFFFFF, word >> 32]
    return halves[:n]


def mean_under(logit: float, strength: float) -> float:
    """The mean of a chance whose odds a shock multiplies: an integral by many small steps."""
    steps = [number / 200 for number in range(-1800, 1801)]
    parts = (exp(-z * z / 2) / (1 + exp(-logit - strength * z)) for z in steps)
    return sum(parts) / 200 / sqrt(2 * pi)


@cache
def middle_logit(chance: float, strength: float) -> float:
    """The logit for which that mean is the chance, by halving."""
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        if mean_under(middle, strength) < chance:
            low = middle
        else:
            high = middle
    return low


def shock_of(seed: int, strength: float, n: int) -> list[float]:
    """What is added to the logit of all deals, by draw."""
    normal = NormalDist()
    return [strength * normal.inv_cdf((u + 0.5) / 2**32) for u in numbers(seed, "shock", n)]


def shifted(chance: float, strength: float, shock: float) -> float:
    """A chance under a shock."""
    if strength == 0 or chance in (0, 1):
        return chance
    return 1 / (1 + exp(-middle_logit(chance, strength) - shock))


class Draws:
    """What becomes of deals, by deal and draw."""

    def __init__(
        self, model: StageModel, period: Period, *, n: int, seed: int, strength: float
    ) -> None:
        self._model, self._period = model, period
        self._n, self._seed, self._strength = n, seed, strength
        self._shocks = shock_of(seed, strength, n)
        self._days = [
            max((moment - model.as_of) / timedelta(days=1), 0.0)
            for moment in (period.start, period.end)
        ]

    def is_won(self, deal: Deal) -> list[bool]:
        """Whether it is won in the period, draw by draw."""
        chances = [self._model.win_probability(deal, within=days) for days in self._days]
        found = []
        for u, shock in zip(self._drawn(deal), self._shocks, strict=True):
            before, by_end = (shifted(chance, self._strength, shock) for chance in chances)
            found.append(before <= u < by_end)
        return found

    def won_at(self, deal: Deal) -> Iterator[datetime | None]:
        """When it is won, draw by draw: where its curve under the shock reaches the number."""
        curve = self._model.curve(deal)
        for u, shock, is_won in zip(
            self._drawn(deal), self._shocks, self.is_won(deal), strict=True
        ):
            if not is_won:
                yield None
                continue
            # The curve is a line from day to day without a shock, so the number is taken back.
            share = u + 0.5 / 2**32
            if self._strength:
                own = share / (1 - share)
                share = mean_under(log(own) - shock, self._strength)
            yield self._model.as_of + timedelta(days=_reached(curve.won, share))

    def _drawn(self, deal: Deal) -> list[float]:
        return [u / 2**32 for u in numbers(self._seed, f"deal:{deal.id}", self._n)]


def _reached(curve: Sequence[float], share: float) -> float:
    for day, (before, after) in enumerate(pairwise(curve)):
        if before < share <= after:
            return day + (share - before) / (after - before)
    return len(curve) - 1.0
