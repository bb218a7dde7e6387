"""`merge`: records that turned out to be one become one."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any, TypeVar, overload

from salesflow.errors import DuplicateDealError, MergeError, OptionError, shown
from salesflow.models import Account, Contact, Deal, Lead
from salesflow.models import events as ev
from salesflow.models._base import JsonMap
from salesflow.process._events import check_order, make, next_id, stamp_after, stamped
from salesflow.process._lead_verbs import was_converted
from salesflow.process._verbs import require
from salesflow.process.actor import By

_MAX_DEPTH = 16
_KINDS: tuple[type[Any], ...] = (Deal, Lead, Account, Contact)

R = TypeVar("R", Deal, Lead)


@overload
def merge(keep: Deal, *others: Deal, at: date | None = None, by: By = None) -> Deal: ...
@overload
def merge(keep: Lead, *others: Lead, at: date | None = None, by: By = None) -> Lead: ...
@overload
def merge(keep: Account, *others: Account) -> Account: ...
@overload
def merge(keep: Contact, *others: Contact) -> Contact: ...
def merge(keep: Any, *others: Any, at: date | None = None, by: By = None) -> Any:
    """Make several records one: the first survives.

    **Deals and leads** keep all: the survivor keeps its own fields, amount and history, and takes
    nothing from the others, not even where it has nothing itself. Its history holds them whole,
    their ids become its aliases, and a snapshot before ``at`` gives them back separately.

    **Accounts and contacts** have no history. The survivor keeps its own fields, and takes what it
    lacks from the others, the first of them that has it; so it does with each key of ``custom``.
    Their ids become its aliases. What they say otherwise is gone, so look at both before.

    Args:
        keep: the one that survives.
        *others: the ones that are the same; of the same kind.
        at: when deals or leads were merged; now unless given. [aware datetime or date]
        by: who found deals or leads to be the same.

    Returns:
        The survivor; a deal or a lead one event later.

    Raises:
        MergeError: if they were closed with different outcomes, or leads became different deals;
            if a win or a conversion would vanish into one that has none; if one account belongs to
            another; if merges would be nested too deep; if an id is there twice.
        DuplicateDealError: if an id of a deal is there twice.
        EventOrderError: if one of them has a later event.
        OptionError: for what is of another kind; for ``at`` or ``by`` with accounts or contacts.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> one, two = pipeline.open("Acme", id="D-1"), pipeline.open("ACME Inc", id="D-2")
        >>> merge(one, two).aliases
        ('D-2',)
    """
    _check_kinds(keep, others)
    _check_ids(keep, others)
    if isinstance(keep, Deal):
        _check_deals(keep, others)
    elif isinstance(keep, Lead):
        _check_leads(keep, others)
    else:
        _check_no_history(keep, at=at, by=by)
        _check_parents((keep, *others))
        return _filled(keep, others)
    return _recorded(keep, others, at, by)


def _recorded(keep: R, others: tuple[R, ...], at: date | None, by: By) -> R:
    """The survivor, with an event that holds the others whole."""
    now = stamp_after(keep, (at, by))
    for other in others:
        _check_depth(other)
        check_order(other, now)
    if not others:
        return keep
    event = make(
        ev.Merged,
        f"merge into {keep._word} '{keep.id}'",
        id=next_id(keep),
        **{f"{keep._word}s": others},
        **stamped(now),
    )
    return keep._with_event(event)


def _filled(keep: Any, others: tuple[Any, ...]) -> Any:
    """The survivor, with what it lacks from the others."""
    if not others:
        return keep
    fields = dict(vars(keep))
    for name, value in fields.items():
        if value is None:
            found = (getattr(other, name) for other in others)
            fields[name] = next((one for one in found if one is not None), None)
    # The first that has a key is the last to set it.
    fields["custom"] = JsonMap(
        {k: v for one in (*others[::-1], keep) for k, v in one.custom.items()}
    )
    fields["aliases"] += tuple(name for other in others for name in (other.id, *other.aliases))
    return keep._trusted(fields)


def _named(record: Any) -> str:
    return f"{record._word} '{record.id}'"


def _check_kinds(keep: Any, others: tuple[Any, ...]) -> None:
    kind = next((kind for kind in _KINDS if isinstance(keep, kind)), None)
    for record in (keep, *others):
        if kind in (Deal, Lead):
            require(record, kind, verb="merge")
        elif kind is None or not isinstance(record, kind):
            what = _named(record) if isinstance(record, _KINDS) else shown(record)
            wanted = "Deal, Lead, Account or Contact" if kind is None else kind.__name__
            msg = f"cannot merge {what}: it is no {wanted}"
            hint = "merge deals with deals, leads with leads, accounts with accounts."
            parameter = "deal" if kind is None else kind._word
            raise OptionError(msg, hint=hint, parameter=parameter, value=record)


def _check_ids(keep: Any, others: tuple[Any, ...]) -> None:
    seen: set[str] = set()
    for record in (keep, *others):
        for identity in (record.id, *record.aliases):
            if identity in seen:
                msg = f"cannot merge {record._word} '{identity}': it is there twice"
                if isinstance(record, Deal):
                    raise DuplicateDealError(msg, deal_id=identity)
                raise MergeError(msg, deal_id=keep.id, other_id=identity)
            seen.add(identity)


def _apart(one: Any, other: Any, fact: str, hint: str) -> MergeError:
    msg = f"cannot merge {_named(one)} and {_named(other)}: {fact}"
    return MergeError(msg, hint=hint, deal_id=one.id, other_id=other.id)


def _check_deals(keep: Deal, others: tuple[Deal, ...]) -> None:
    closed = {deal.outcome: deal for deal in (keep, *others) if not deal.is_open}
    if len(closed) > 1:
        fact, hint = "one was won, the other lost", "reopen the wrong one first."
        raise _apart(closed["won"], closed["lost"], fact, hint)
    for other in others:
        if other.outcome == "won" and keep.outcome != "won":
            hint = "keep the won one, and merge the open one into it."
            raise _vanishing(keep, other, "its win would vanish", hint)


def _check_leads(keep: Lead, others: tuple[Lead, ...]) -> None:
    leads = (keep, *others)
    became = {lead.deal_id: lead for lead in leads if lead.deal_id is not None}
    if len(became) > 1:
        (deal, one), (other_deal, other) = [*became.items()][:2]
        fact = f"one became deal '{deal}', the other deal '{other_deal}'"
        raise _apart(one, other, fact, "keep both, each with its deal; the deals may be merged.")
    closed = {lead.outcome: lead for lead in leads if not lead.is_open}
    if len(closed) > 1:
        fact, hint = "one was converted, the other disqualified", "requalify the wrong one first."
        raise _apart(closed["converted"], closed["disqualified"], fact, hint)
    for other in others:
        is_lost = keep.deal_id is None and other.deal_id is not None
        if is_lost or (was_converted(other) and not was_converted(keep)):
            hint = "keep the converted one, and merge the other into it."
            raise _vanishing(keep, other, "its conversion would vanish", hint)


def _vanishing(keep: Any, other: Any, fact: str, hint: str) -> MergeError:
    msg = f"cannot merge {_named(other)} into {_named(keep)}: {fact}"
    return MergeError(msg, hint=hint, deal_id=keep.id, other_id=other.id)


def _check_no_history(keep: Any, **given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            msg = f"cannot merge {_named(keep)} with {name}={shown(value)}: it has no history"
            hint = f"leave {name} out; your app may record it."
            raise OptionError(msg, hint=hint, parameter=name, value=value)


def _check_parents(records: Sequence[Any]) -> None:
    for one, other in permutations(records, 2):
        if getattr(one, "parent_id", None) in (other.id, *other.aliases):
            fact = "the one belongs to the other"
            raise _apart(one, other, fact, "a firm and its subsidiary stay two accounts.")


def _check_depth(other: Any) -> None:
    # Each merge holds the others whole, and JSON that is nested too deep cannot be read back.
    if _depth(other) >= _MAX_DEPTH:
        msg = f"cannot merge {_named(other)}: merges within it are {_MAX_DEPTH} deep already"
        hint = "keep it, and merge the others into it."
        raise MergeError(msg, hint=hint, deal_id=other.id, other_id=other.id)


def _depth(record: Any) -> int:
    merged = [event for event in record.history if isinstance(event, ev.Merged)]
    inner = (other for event in merged for other in (*event.deals, *event.leads))
    return max((1 + _depth(other) for other in inner), default=0)
