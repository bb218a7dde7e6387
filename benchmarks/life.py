"""A whole life of a deal: opened and moved five times, history kept.

Peers: `transitions` used the usual way (``add_model``, the same five triggers, nothing recorded),
with one object alive and with 20,000; `python-statemachine`, one machine an object.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from statemachine import State, StateMachine
from transitions import Machine

import salesflow as sf
from benchmarks._timing import Row, at_most, side_by_side

LIVES = 400
ALIVE = 20_000
OPEN = ["prospecting", "qualification", "meeting", "proposal", "negotiation"]

START = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = [START + timedelta(days=n) for n in range(1, 6)]
AMOUNT = sf.Money("12000", "EUR")
PIPELINE = sf.Pipeline.standard()


def our_life() -> sf.Deal:
    """One life through the shared machine, every event in the history."""
    deal = PIPELINE.open("Acme", amount=AMOUNT, owner_id="kim", at=START)
    for at in TIMES[:4]:
        deal = PIPELINE.advance(deal, at=at)
    return PIPELINE.win(deal, at=TIMES[4])


class Thing:
    """What transitions puts its state and methods on."""


def usual_machine() -> Machine:
    """The same stages, and the moves that are legal from each."""
    moves: list[dict[str, Any]] = [
        *({"trigger": "advance", "source": a, "dest": b} for a, b in pairwise(OPEN)),
        {"trigger": "win", "source": OPEN[-1], "dest": "won"},
        {"trigger": "lose", "source": OPEN, "dest": "lost"},
    ]
    return Machine(
        model=None,
        states=[*OPEN, "won", "lost"],
        transitions=moves,
        initial=OPEN[0],
        auto_transitions=False,
    )


def usual_life(machine: Machine) -> Thing:
    """Add an object, move it five times, and let it go."""
    thing = Thing()
    machine.add_model(thing)
    for _ in range(4):
        thing.advance()  # type: ignore[attr-defined]
    thing.win()  # type: ignore[attr-defined]
    machine.remove_model(thing)
    return thing


class DealMachine(StateMachine):
    """The same in python-statemachine."""

    prospecting = State(initial=True)
    qualification = State()
    meeting = State()
    proposal = State()
    negotiation = State()
    won = State(final=True)
    lost = State(final=True)
    advance = (
        prospecting.to(qualification)
        | qualification.to(meeting)
        | meeting.to(proposal)
        | proposal.to(negotiation)
    )
    win = negotiation.to(won)
    lose = (
        prospecting.to(lost)
        | qualification.to(lost)
        | meeting.to(lost)
        | proposal.to(lost)
        | negotiation.to(lost)
    )


def other_life() -> DealMachine:
    """One machine, moved five times."""
    machine = DealMachine()
    for _ in range(4):
        machine.advance()
    machine.win()
    return machine


def rows() -> list[Row]:
    """The table's lines."""
    deal = our_life()
    assert deal.outcome == "won"
    assert deal.version == 6
    stored = [deal, *vars(deal).values()]
    assert not any(isinstance(value, Machine) or callable(value) for value in stored)

    one = usual_machine()
    alone = side_by_side(
        {
            "ours": lambda: [our_life() for _ in range(LIVES)],
            "usual": lambda: [usual_life(one) for _ in range(LIVES)],
            "other": lambda: [other_life() for _ in range(LIVES // 4)],
        }
    )
    many = usual_machine()
    crowd = [Thing() for _ in range(ALIVE)]
    many.models.extend(crowd)  # as add_model leaves them, without its 4 seconds of scanning
    deals = [our_life() for _ in range(ALIVE)]
    crowded = side_by_side(
        {
            "ours": lambda: [our_life() for _ in range(LIVES)],
            "usual": lambda: [usual_life(many) for _ in range(LIVES)],
        }
    )
    assert len(deals) == ALIVE
    micro = 1e6 / LIVES
    ours, usual, other = (alone[name] * micro for name in ("ours", "usual", "other"))
    return [
        at_most("a life, against transitions with one alive", ours, usual, "µs", 1.4),
        at_most(
            "a life, against transitions with 20,000 alive",
            crowded["ours"] * micro,
            crowded["usual"] * micro,
            "µs",
            1.0,
        ),
        at_most("a life, against python-statemachine", ours, other * 4, "µs", 1 / 6),
    ]
