"""Worlds of deals made by rules that no method assumes, beside one that is plain.

`PLAIN`
    deals go on, or are lost, as often at any time and after any stay.
`SEASONS`
    in summer few deals come and few go on.
`DRIFT`
    deals go on less and less often.
`PATIENCE`
    who stays long in a stage is lost there.
`DEAD`
    most losses are never entered: such deals stay open.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import pi, sin
from random import Random

import attrs

from salesflow import Deal, Money, Pipeline

START, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
STAY_DAYS = 10.0
N_STAGES = 5
_DAYS = (END - START).days


@attrs.frozen
class World:
    """How deals come and go.

    Args:
        going_on: the chance that a deal comes through a stage, by the share of the time of the
            world that has passed, and by how long it stayed, in stays of the mean length.
        coming: how many deals come then, to the most that do. [0..1]
        dead_share: the share of losses that are never entered.
    """

    going_on: Callable[[float, float], float] = lambda _, __: 0.8
    coming: Callable[[float], float] = lambda _: 1.0
    dead_share: float = 0.0

    def deals(self, n: int, *, seed: int) -> list[Deal]:
        """Deals that were opened in three years, as of the end of the third."""
        random, pipeline = Random(seed), Pipeline.standard()
        starts: list[float] = []
        while len(starts) < n:
            passed = random.random()
            if random.random() < self.coming(passed):
                starts.append(passed)
        return [
            self._life(pipeline, random, f"D-{number:05}", START + timedelta(days=passed * _DAYS))
            for number, passed in enumerate(sorted(starts), 1)
        ]

    def _life(self, pipeline: Pipeline, random: Random, identity: str, at: datetime) -> Deal:
        amount = Money(round(10_000 * random.lognormvariate(0, 0.6)), "EUR")
        expected_on = (at + timedelta(days=N_STAGES * STAY_DAYS)).date()
        deal = pipeline.open(
            identity, id=identity, amount=amount, expected_close_on=expected_on, at=at
        )
        for stage in range(1, N_STAGES + 1):
            stay = random.expovariate(1)
            at += timedelta(days=stay * STAY_DAYS)
            if at >= END:
                return deal
            if random.random() >= self.going_on((at - START).days / _DAYS, stay):
                is_dead = random.random() < self.dead_share
                return deal if is_dead else pipeline.lose(deal, "price", at=at)
            deal = pipeline.win(deal, at=at) if stage == N_STAGES else pipeline.advance(deal, at=at)
        return deal


def _summer(passed: float) -> float:
    """1 in the middle of each summer, -1 in the middle of each winter."""
    return sin(2 * pi * (3 * passed - 0.25))


PLAIN = World()
SEASONS = World(lambda passed, _: 0.75 - 0.2 * _summer(passed), lambda t: 0.5 - 0.4 * _summer(t))
DRIFT = World(lambda passed, _: 0.95 - 0.4 * passed)
PATIENCE = World(lambda _, stay: 0.95 if stay < 1 else 0.5)
DEAD = World(dead_share=0.7)

MONTHS = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(23)]
