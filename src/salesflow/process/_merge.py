"""`merge`: deals that turned out to be one become one."""

from datetime import date

from salesflow.errors import DuplicateDealError, MergeError
from salesflow.models import Deal
from salesflow.models import events as ev
from salesflow.process._events import check_order, make, next_id, stamp_after, stamped
from salesflow.process._verbs import require
from salesflow.process.actor import By

_MAX_DEPTH = 16


def merge(keep: Deal, *others: Deal, at: date | None = None, by: By = None) -> Deal:
    """Make several deals one: the first survives with its own fields and amount.

    The survivor's history holds the others whole, their ids become its aliases, and a snapshot
    before ``at`` gives them back separately.

    Args:
        keep: the one that survives.
        *others: the ones that are the same.
        at: when they were merged; now unless given. [aware datetime or date]
        by: who found them to be the same.

    Returns:
        The survivor, one event later.

    Raises:
        MergeError: if they were closed with different outcomes, or if a won deal would vanish
            into one that is not won; if merges would be nested too deep.
        DuplicateDealError: if an id is there twice.
        EventOrderError: if one of them has a later event.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> one, two = pipeline.open("Acme", id="D-1"), pipeline.open("ACME Inc", id="D-2")
        >>> merge(one, two).aliases
        ('D-2',)
    """
    for deal in (keep, *others):
        require(deal, Deal, verb="merge")
    now = stamp_after(keep, (at, by))
    _check_ids(keep, others)
    for other in others:
        _check_outcome(keep, other, others)
        _check_depth(other)
        check_order(other, now)
    if not others:
        return keep
    event = make(
        ev.Merged,
        f"merge into deal '{keep.id}'",
        id=next_id(keep),
        deals=others,
        **stamped(now),
    )
    return keep._with_event(event)


def _check_ids(keep: Deal, others: tuple[Deal, ...]) -> None:
    seen: set[str] = set()
    for deal in (keep, *others):
        for identity in (deal.id, *deal.aliases):
            if identity in seen:
                msg = f"cannot merge deal '{identity}': it is there twice"
                raise DuplicateDealError(msg, deal_id=identity)
            seen.add(identity)


def _check_outcome(keep: Deal, other: Deal, others: tuple[Deal, ...]) -> None:
    closed = {deal.outcome: deal for deal in (keep, *others) if not deal.is_open}
    if len(closed) > 1:
        won, lost = closed["won"], closed["lost"]
        msg = f"cannot merge deal '{won.id}' and deal '{lost.id}': one was won, the other lost"
        hint = "reopen the wrong one first."
        raise MergeError(msg, hint=hint, deal_id=won.id, other_id=lost.id)
    if other.outcome == "won" and keep.outcome != "won":
        msg = f"cannot merge deal '{other.id}' into deal '{keep.id}': its win would vanish"
        hint = "keep the won one, and merge the open one into it."
        raise MergeError(msg, hint=hint, deal_id=keep.id, other_id=other.id)


def _check_depth(other: Deal) -> None:
    # Each merge holds the others whole, and JSON that is nested too deep cannot be read back.
    if _depth(other) >= _MAX_DEPTH:
        msg = f"cannot merge deal '{other.id}': merges within it are {_MAX_DEPTH} deep already"
        hint = "keep it, and merge the others into it."
        raise MergeError(msg, hint=hint, deal_id=other.id, other_id=other.id)


def _depth(deal: Deal) -> int:
    merged = [event for event in deal.history if isinstance(event, ev.Merged)]
    return max((1 + _depth(other) for event in merged for other in event.deals), default=0)
