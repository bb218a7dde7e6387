"""Writers that move the same deals at once, each at random, and tell what became of each try.

Run as ``python -m tests.writers URL NUMBER`` it is one writer in a process of its own.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from examples.sqlalchemy_store import StaleDealError, change
from salesflow import Deal, Pipeline, Stage
from salesflow.errors import MoveNotAllowed

N_WRITERS = 8
N_TRIES = 1_000
N_DEALS = 8
START = datetime(2026, 1, 1, tzinfo=UTC)
OPEN = ["lead", "talk", "demo", "offer"]
PIPELINE = Pipeline(
    "busy", [*OPEN, Stage("won", kind="won"), Stage("lost", kind="lost")], allow_unwin=True
)


def connect(url: str) -> Engine:
    """An engine that does not wait for the disk: no test pulls the plug."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    return engine


def script(writer: int) -> Iterator[tuple[str, str, str, int]]:
    """Tries of one writer: a name that no other try has, the deal, and what to try."""
    random = Random(writer)
    for number in range(N_TRIES // N_WRITERS):
        deal_id = f"D-{random.randrange(N_DEALS)}"
        to = random.choice(OPEN) if random.random() < 0.2 else ""
        yield f"{writer}/{number}", deal_id, to, random.randrange(1_000)


def carry_out(deal: Deal, name: str, to: str, choice: int) -> Deal:
    """The deal moved to a stage, legal or not, or else by one of its legal moves.

    The event names the try, and is dated by the version, not by a clock.
    """
    when = {"at": START + timedelta(minutes=deal.version), "by": name}
    legal = PIPELINE.moves(deal)
    move = legal[choice % len(legal)]
    if to or move.verb == "move":
        return PIPELINE.move(deal, to=to or move.to, **when)
    if move.verb == "reopen":
        return PIPELINE.reopen(deal, move.to, reason="again", **when)
    if move.verb == "lose":
        return PIPELINE.lose(deal, "budget", **when)
    return PIPELINE.win(deal, **when)


def write(sessions: sessionmaker[Session], writer: int) -> dict[str, str]:
    """What became of each try: it is stored, the pipeline refused it, or others were faster."""
    became = {}
    for name, deal_id, to, choice in script(writer):
        attempt = partial(carry_out, name=name, to=to, choice=choice)
        try:
            change(sessions, deal_id, attempt, tries=3)
            became[name] = "stored"
        except MoveNotAllowed:
            became[name] = "refused"
        except StaleDealError:
            became[name] = "stale"
    return became


if __name__ == "__main__":
    engine = connect(sys.argv[1])
    json.dump(write(sessionmaker(engine), int(sys.argv[2])), sys.stdout)
    engine.dispose()
