"""The one place that knows `transitions`: a definition turned into one shared machine.

A machine holds no deal and no lead. A move puts its stage on a small cursor and fires the trigger
that leads to the stage asked for; the requirements of that stage, and how far a loss may go back,
are the transition's conditions. The machine is never changed after it is made, so any number of
threads may fire it.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, cast

from transitions import EventData, Machine, Transition

from salesflow.errors import OptionError
from salesflow.process._text import is_text

if TYPE_CHECKING:
    from salesflow.models import Deal, Lead
    from salesflow.process._edges import Graph
    from salesflow.process.stage import Requirement


class Cursor:
    """Where one deal or lead stands while one trigger fires."""

    __slots__ = ("by", "furthest", "override", "state", "subject", "too_far", "unmet")

    def __init__(
        self,
        subject: "Deal | Lead",
        by: str | None = None,
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


Condition = Callable[[Cursor], bool]


def _meets(requirements: "tuple[Requirement, ...]", cursor: Cursor) -> bool:
    found = (
        (requirement, requirement.unmet(cursor.subject, cursor.by)) for requirement in requirements
    )
    cursor.unmet = tuple(_text(*pair) for pair in found if pair[1] is not None)
    return cursor.override or not cursor.unmet


def _text(requirement: "Requirement", unmet: object) -> str:
    if is_text(unmet):
        return unmet
    msg = f"cannot use requirement {requirement!r}: it says {unmet!r}, which is no text"
    hint = "say what is missing, or None when nothing is."
    raise OptionError(msg, hint=hint, parameter="requires", value=unmet)


def _is_within_reach(position: int, cursor: Cursor) -> bool:
    cursor.too_far = cursor.furthest is not None and position > cursor.furthest
    return not cursor.too_far


def _conditions(
    position: int | None, requires: "tuple[Requirement, ...]"
) -> list[Callable[[EventData], bool]]:
    checks = [] if position is None else [partial(_is_within_reach, position)]
    if requires:
        checks.append(partial(_meets, requires))
    return [partial(_on_cursor, check) for check in checks]


def _on_cursor(check: Condition, event: EventData) -> bool:
    return check(cast("Cursor", event.model))


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
        requires: "Mapping[str, tuple[Requirement, ...]]",
        order: list[str],
        returns: AbstractSet[tuple[str, str]],
    ) -> None:
        """Build it; ``returns`` has the moves that go back so far and no further."""
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
                        order.index(to) if (source, to) in returns else None, requires[to]
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
