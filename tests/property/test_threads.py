"""One pipeline shared by threads makes the deals that it makes for one thread."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Barrier

import pytest

from salesflow import Actor, Deal, Pipeline, Stage

N_THREADS = 8
N_MOVES = 10_000
MOVES_A_DEAL = 100
START = datetime(2026, 1, 1, tzinfo=UTC)


class OwnDeal:
    """Met by every deal; it would notice a deal that another thread put on the machine."""

    def unmet(self, deal: Deal, by: Actor | None) -> str | None:
        return None if by == Actor(deal.id) else f"{by} moved {deal.id}"


PIPELINE = Pipeline(
    "shared",
    [
        *("lead", "talk"),
        Stage("demo", requires=(OwnDeal(),)),
        Stage("offer", requires=(OwnDeal(),)),
        Stage("won", kind="won", requires=(OwnDeal(),)),
        Stage("lost", kind="lost"),
    ],
    allow_skip=True,
    allow_unwin=True,
)
OPEN = ["lead", "talk", "demo", "offer"]


def script(seed: int) -> Iterator[tuple[str, str]]:
    """Which moves a deal makes: each legal from where the last one led."""
    random, stage, lost_at = Random(seed), "lead", "lead"
    for _ in range(MOVES_A_DEAL):
        if stage == "lost":
            to = random.choice(OPEN[: OPEN.index(lost_at) + 1])
            verb = "reopen"
        elif stage == "won":
            verb, to = "reopen", random.choice(OPEN)
        else:
            to = random.choice(
                [s for s in (*OPEN, "lost") if s != stage] + ["won"] * (stage == "offer")
            )
            verb = {"lost": "lose", "won": "win"}.get(to, "move")
        if verb == "lose":
            lost_at = stage
        stage = to
        yield verb, to


def live(number: int) -> Deal:
    identity, now = f"D-{number}", START
    deal = PIPELINE.open("Acme", id=identity, at=now)
    for verb, to in script(number):
        now += timedelta(minutes=7)
        if verb == "lose":
            deal = PIPELINE.lose(deal, "budget", at=now)
        elif verb == "win":
            deal = PIPELINE.win(deal, at=now, by=identity)
        elif verb == "reopen":
            deal = PIPELINE.reopen(deal, to, reason="again", at=now, by=identity)
        else:
            deal = PIPELINE.move(deal, to=to, at=now, by=identity)
    return deal


@pytest.fixture
def busy_switching():
    """Threads that give way to each other far more often than they would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("busy_switching")
def test_eight_threads_make_the_same_deals_as_one():
    share = N_MOVES // MOVES_A_DEAL
    ready = Barrier(N_THREADS)

    def work(thread: int) -> list[Deal]:
        ready.wait()
        return [live(number) for number in range(thread * share, (thread + 1) * share)]

    with ThreadPoolExecutor(N_THREADS) as threads:
        together = [deal for deals in threads.map(work, range(N_THREADS)) for deal in deals]
    alone = [live(number) for number in range(N_THREADS * share)]
    assert together == alone
    assert sum(deal.version - 1 for deal in together) == N_THREADS * N_MOVES
