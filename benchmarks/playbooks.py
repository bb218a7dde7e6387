"""`tasks` of a large book of deals, against those of a small one: no deal costs more among many."""

import gc
from datetime import UTC, datetime

import attrs

import salesflow as sf
from benchmarks._timing import Row, at_most, side_by_side
from salesflow import datasets

SMALL, LARGE = 10_000, 100_000


def played() -> sf.Pipeline:
    """The standard pipeline, with three tasks in each stage."""
    play = sf.Playbook(
        tasks=[
            sf.TaskTemplate("Call", due_in_days=2, done_by="call"),
            sf.TaskTemplate("Meet", due_in_days=7, done_by="meeting"),
            sf.TaskTemplate("Write", due_in_days=1),
        ]
    )
    plain = sf.Pipeline.standard()
    return attrs.evolve(plain, stages=[attrs.evolve(s, playbook=play) for s in plain.stages])


def all_tasks(deals: tuple[sf.Deal, ...], pipeline: sf.Pipeline, as_of: datetime) -> int:
    """How many tasks they have."""
    return sum(len(sf.tasks(deal, pipeline, as_of=as_of)) for deal in deals)


def rows() -> list[Row]:
    """The table's lines."""
    pipeline, now = played(), datetime(2100, 1, 1, tzinfo=UTC)
    large = datasets.make_deals(LARGE, seed=1).deals
    small = large[:SMALL]
    assert all_tasks(small, pipeline, now) > SMALL
    gc.freeze()
    times = side_by_side(
        {
            "small": lambda: [all_tasks(small, pipeline, now) for _ in range(LARGE // SMALL)],
            "large": lambda: all_tasks(large, pipeline, now),
        },
        rounds=5,
    )
    what = "tasks, a deal of 100,000, against one of 10,000"
    micro = 1e6 / LARGE
    return [at_most(what, times["large"] * micro, times["small"] * micro, "µs", 1.3)]
