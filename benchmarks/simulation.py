"""The revenue of a quarter in 10,000 draws over 10,000 open deals.

Peer: a plain matrix of as many Bernoulli draws by numpy, each with its own chance, and its product
with the amounts. It is given chances and amounts; ours finds them from the deals, learns how deals
go together, and lets them do so.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import numpy as np

from benchmarks._timing import Row, at_most, side_by_side
from salesflow import Deal, Money, Period, datasets
from salesflow.forecast import StageModel, simulate

N_DRAWS, N_OPEN, N_PAST = 10_000, 10_000, 3_000
FIRST = Period.quarter(2026, 1)


def open_deals(dataset: datasets.Dataset) -> Iterator[Deal]:
    """Deals that have been in their stage for up to 40 days."""
    random, stages = Random(2), [*dataset.truth.stage_days]
    for number in range(N_OPEN):
        entered = dataset.as_of - timedelta(days=40 * random.random())
        stage = random.choice(stages)
        yield dataset.pipeline.restore(
            id=f"O-{number:05}",
            stage=stage,
            created_at=entered,
            visits=[(stage, entered)],
            amount=Money(random.randrange(1_000, 50_000), "EUR"),
        )


def rows() -> list[Row]:
    """The table's lines."""
    dataset = datasets.make_deals(N_PAST, seed=1)
    deals = [*dataset.deals, *open_deals(dataset)]
    model = StageModel.fit(deals, as_of=dataset.as_of)
    found = simulate(deals, model, FIRST, n=N_DRAWS, seed=1)
    influences = found.influences().values()
    chances = np.array([one.chance for one in influences])
    amounts = np.array([float(one.amount.amount) for one in influences])

    def plain() -> Any:
        random = np.random.default_rng(1)
        return (random.random((N_DRAWS, len(chances))) < chances) @ amounts

    expected = float(chances @ amounts)
    for mean in (float(found.mean.amount), float(plain().mean())):
        assert abs(mean - expected) < 0.02 * expected, (mean, expected)
    run = partial(simulate, deals, model, FIRST, n=N_DRAWS, seed=1)
    work: dict[str, Callable[[], object]] = {
        "plain": plain,
        "learned": run,
        "alone": partial(run, shock=0),
    }
    took = side_by_side(work, rounds=5)
    return [
        at_most(what, took[name] * 1e3, took["plain"] * 1e3, "ms", 2)
        for what, name in (
            ("simulate, 10,000 draws of 10,000 open deals", "learned"),
            ("the same without a shock", "alone"),
        )
    ]
