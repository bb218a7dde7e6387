"""The one place that knows `transitions`: a definition turned into one shared machine.

A machine holds no deal and no lead. A move puts its stage on a small cursor and fires the trigger
that leads to the stage asked for; what the stages require, and how far a loss may go back, are the
transition's conditions. The machine is never changed after it is made, so any number of
threads may fire it.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from transitions import EventData, Machine, Transition

from salesflow.process.actor import Actor, By, actor_of
from salesflow.process.stage import Requirement, missing_of

if TYPE_CHECKING:
    from salesflow.models import Deal, Lead
    from salesflow.process._edges import Graph


class Asked(NamedTuple):
    """What a move asks: the exit criteria of one stage, and the entry criteria of the other."""

    leaving: tuple[Requirement, ...]
    entering: tuple[Requirement, ...]


class Cursor:
    """Where one deal or lead stands while one trigger fires."""

    __slots__ = ("by", "furthest", "n_leaving", "override", "state", "subject", "too_far", "unmet")

    def __init__(
        self,
        subject: "Deal | Lead",
        by: By = None,
        furthest: int | None = None,
        override: bool = False,  # noqa: FBT001, FBT002 - keywords cost, and it has one caller
    ) -> None:
        self.state = str(subject.stage)
        self.subject = subject
        self.by = by
        self.furthest = furthest
        """The last position a return may go to; None for any."""
        self.override = override
        """Whether unmet requirements are noted, but let pass."""
        self.too_far = False
        self.unmet: tuple[str, ...] = ()
        """What is missing: first what it takes to leave, then what it takes to enter."""
        self.n_leaving = 0


Condition = Callable[[EventData], bool]


def _meets(asked: Asked, event: EventData) -> bool:
    cursor = cast("Cursor", event.model)
    by = actor_of(cursor.by)
    leaving = _unmet(asked.leaving, cursor.subject, by)
    unmet = _unmet(asked.entering, cursor.subject, by)
    if leaving:
        # What both stages ask is told once.
        unmet = leaving + [text for text in unmet if text not in leaving]
    cursor.unmet = tuple(unmet)
    cursor.n_leaving = len(leaving)
    return cursor.override or not unmet


def _unmet(
    requirements: tuple[Requirement, ...], subject: "Deal | Lead", by: Actor | None
) -> list[str]:
    said = (missing_of(requirement, subject, by) for requirement in requirements)
    return [missing for missing in said if missing is not None]


def _is_within_reach(position: int, event: EventData) -> bool:
    cursor = cast("Cursor", event.model)
    cursor.too_far = cursor.furthest is not None and position > cursor.furthest
    return not cursor.too_far


def _conditions(position: int | None, asked: Asked | None) -> list[Condition]:
    checks = [] if position is None else [partial(_is_within_reach, position)]
    if asked is not None:
        checks.append(partial(_meets, asked))
    return [*checks]


class _Step(Transition):
    """A transition without callbacks: ours have none, and calling none is half of a move."""

    def execute(self, event_data: EventData) -> bool:
        """Put the model into the new state if every condition holds."""
        if not self._eval_conditions(event_data):
            return False
        event_data.machine.set_state(str(self.dest), event_data.model)
        return True


class _Machine(Machine):
    transition_cls = _Step
    # A stage may be called "*" or "=", which mean every state and the same state elsewhere.
    wildcard_all = wildcard_same = ""


def _trigger(to: str) -> str:
    # Prefixed, since a trigger may not be called like the machine's attribute, "state".
    return f"to {to}"


class SharedMachine:
    """One `transitions.Machine` for all deals, or leads, of a definition."""

    __slots__ = ("_events",)

    def __init__(
        self,
        graph: "Graph",
        asked: Mapping[tuple[str, str], Asked],
        order: list[str],
        returns: AbstractSet[tuple[str, str]],
    ) -> None:
        """Build it.

        Args:
            graph: every move, with its verb.
            asked: the moves that ask anything, as pairs of stages.
            order: the names of the stages.
            returns: the moves that go back so far and no further.
        """
        machine = _Machine(
            model=None,
            states=order,
            initial=order[0],
            auto_transitions=False,
            send_event=True,
            transitions=[
                {
                    "trigger": _trigger(to),
                    "source": source,
                    "dest": to,
                    "conditions": _conditions(
                        order.index(to) if (source, to) in returns else None,
                        asked.get((source, to)),
                    ),
                }
                for source, targets in graph.items()
                for to in targets
            ],
        )
        self._events = machine.events

    def fire(self, to: str, cursor: Cursor) -> bool:
        """Whether the machine moved the cursor; if not, the cursor says what refused."""
        event = self._events.get(_trigger(to))
        if event is None or cursor.state not in event.transitions:
            return False
        return bool(event.trigger(cursor))
