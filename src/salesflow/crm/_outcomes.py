"""What became of a deal, as the system's own flags say it: before any name of a stage."""

from typing import NamedTuple

import attrs

from salesflow.crm.systems._system import System
from salesflow.models.deal import Outcome

ALL: frozenset[Outcome] = frozenset(("open", "won", "lost"))
_OPEN: frozenset[Outcome] = frozenset(("open",))
_WON: frozenset[Outcome] = frozenset(("won",))
_LOST: frozenset[Outcome] = frozenset(("lost",))


class Flags(NamedTuple):
    """What a row says of its outcome apart from its stage."""

    status: str | None = None
    is_won: bool | None = None
    is_lost: bool | None = None
    is_closed: bool | None = None
    is_active: bool | None = None


@attrs.frozen
class Told:
    """The outcomes that the flags leave possible, and what is odd about them."""

    outcomes: frozenset[Outcome]
    oddity: str | None = None


def told_by(flags: Flags, system: System) -> Told:
    """Which outcomes are possible by the flags alone; all where there is none.

    Where flags exclude each other, the one that says more wins: the status, then won, lost,
    closed, and archived.
    """
    says = [
        (_by_status(flags.status, system), f"status {flags.status!r}"),
        (_by_flag(flags.is_won, _WON), f"is won: {_word(flags.is_won)}"),
        (_by_flag(flags.is_lost, _LOST), f"is lost: {_word(flags.is_lost)}"),
        (_by_flag(flags.is_closed, _WON | _LOST), f"is closed: {_word(flags.is_closed)}"),
        (_by_active(flags.is_active, system), f"is active: {_word(flags.is_active)}"),
    ]
    outcomes, oddity, kept = ALL, None, ""
    for possible, words in says:
        if possible & outcomes:
            kept = words if possible != ALL else kept
            outcomes &= possible
        else:
            oddity = oddity or f"{words} contradicts {kept}"
    return Told(outcomes, oddity)


def _by_status(status: str | None, system: System) -> frozenset[Outcome]:
    if status is None:
        return ALL
    known = {word.casefold(): outcome for word, outcome in system.statuses.items()}
    outcome = known.get(status.casefold())
    return ALL if outcome is None else frozenset((outcome,))


def _by_flag(flag: object, outcomes: frozenset[Outcome]) -> frozenset[Outcome]:
    """What a flag leaves possible; one that cannot be read, a fault of its row, says nothing."""
    if flag is True:
        return outcomes
    return ALL - outcomes if flag is False else ALL


def _by_active(flag: object, system: System) -> frozenset[Outcome]:
    return ALL - _OPEN if flag is False and system.is_lost_if_inactive else ALL


def _word(flag: object) -> str:
    return "no" if flag is False else "yes"
