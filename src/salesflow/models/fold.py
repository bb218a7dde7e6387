"""What a history adds up to: the current fields of a deal or a lead.

`apply` is the one definition of what an event changes. Moves use it to make the next value,
snapshots to look back, and `consistency.replay` to check what is loaded.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from salesflow.models._base import EMPTY, Precision

State = dict[str, Any]
"""Fields by name, in the order of the blank state."""

Moment = tuple[datetime | None, Precision]
"""An instant or a day, if it is known, and which of the two."""

Step = Callable[[State, Any], None]
"""What changes a state to what it is after an event."""

DETAILS = ("name", "source", "account_id", "contact_ids", "lead_id", "links", "custom")
_STANDING = (
    "stage",
    "stage_position",
    "probability",
    "probability_source",
    "category",
    "category_source",
)
TERMS = ("amount", "owner_id", "expected_close_on")
_CLOSING = ("disposition", "revisit_on")
_RESTORED = (
    "created_at",
    "created_precision",
    "closed_at",
    "closed_precision",
    "lost_at_stage",
    "lost_at_position",
    "deal_id",
    "aliases",
    *_CLOSING,
)
_LEAD_CREATED = ("lead_created_at", "lead_created_precision")

BLANK_DEAL: State = {
    "pipeline": None,
    "pipeline_version": 1,
    "name": None,
    "stage": None,
    "outcome": "open",
    "stage_position": None,
    "stage_entered_at": None,
    "stage_entered_precision": "instant",
    "amount": None,
    "probability": None,
    "probability_source": "stage",
    "category": None,
    "category_source": "stage",
    "owner_id": None,
    "source": None,
    "account_id": None,
    "contact_ids": (),
    "lead_id": None,
    "lead_created_at": None,
    "lead_created_precision": "instant",
    "links": (),
    "custom": EMPTY,
    "expected_close_on": None,
    "created_at": None,
    "created_precision": "instant",
    "closed_at": None,
    "closed_precision": "instant",
    "loss_reason": None,
    "disposition": None,
    "revisit_on": None,
    "lost_at_stage": None,
    "lost_at_position": None,
    "aliases": (),
}
"""A deal before its first event."""

BLANK_LEAD: State = {
    "pipeline": None,
    "pipeline_version": 1,
    "name": None,
    "stage": None,
    "outcome": "open",
    "stage_position": None,
    "stage_entered_at": None,
    "stage_entered_precision": "instant",
    "owner_id": None,
    "source": None,
    "channel": None,
    "account_id": None,
    "contact_ids": (),
    "links": (),
    "custom": EMPTY,
    "created_at": None,
    "created_precision": "instant",
    "closed_at": None,
    "closed_precision": "instant",
    "reason": None,
    "disposition": None,
    "revisit_on": None,
    "deal_id": None,
    "aliases": (),
}
"""A lead before its first event."""


def apply(state: State, event: Any) -> None:
    """Change the state to what it is after the event."""
    steps_of(state)[event.type](state, event)


def steps_of(state: Mapping[str, Any]) -> Mapping[str, Step]:
    """What each event changes, of a deal or of a lead: a lead has a channel."""
    return _LEAD_STEPS if "channel" in state else _DEAL_STEPS


def restored_moments(event: Any) -> list[Moment]:
    """All dates that a restored event knows."""
    ends = [(visit.entered_at, visit.entered_precision) for visit in event.visits]
    ends += [(visit.left_at, visit.left_precision) for visit in event.visits]
    created = (event.created_at, event.created_precision)
    return [created, (event.closed_at, event.closed_precision), *ends]


def _copy(state: State, event: Any, names: tuple[str, ...]) -> None:
    fields = event.__dict__
    for name in names:
        if name in state:
            state[name] = fields[name]


def _enter(state: State, event: Any) -> None:
    fields = event.__dict__
    state["stage"] = fields["stage"]
    state["stage_position"] = fields["stage_position"]
    state["stage_entered_at"] = fields["at"]
    state["stage_entered_precision"] = fields["precision"]
    if "probability" in state:
        state["probability"] = fields["probability"]
        state["probability_source"] = fields["probability_source"]
        state["category"] = fields["category"]
        state["category_source"] = fields["category_source"]


def _begin(state: State, event: Any) -> None:
    _copy(
        state, event, ("pipeline", "pipeline_version", *DETAILS, "channel", *TERMS, *_LEAD_CREATED)
    )
    state["outcome"] = event.stage_kind


def _opened(state: State, event: Any) -> None:
    _begin(state, event)
    _enter(state, event)
    state["created_at"] = event.at
    state["created_precision"] = event.precision


def _restored(state: State, event: Any) -> None:
    _begin(state, event)
    _enter(state, event)
    _copy(state, event, _RESTORED)
    state["loss_reason" if "loss_reason" in state else "reason"] = event.reason
    entered, precision = restored_stage_entry(event)
    state["stage_entered_at"] = entered
    state["stage_entered_precision"] = precision


def restored_stays(event: Any) -> list[tuple[Any, Moment, Moment]]:
    """The stays that a restored event knows: the place, when it was entered, and when left.

    The stay in its stage is the last one, if the visits do not tell of it.
    """
    stays = [
        (v, (v.entered_at, v.entered_precision), (v.left_at, v.left_precision))
        for v in event.visits
    ]
    last = stays[-1] if stays else None
    is_told = last is not None and last[0].stage == event.stage and last[2][0] is None
    if event.stage is not None and not is_told:
        stays.append((event, restored_stage_entry(event), (None, "instant")))
    return stays


def restored_stage_entry(event: Any) -> Moment:
    """When a restored deal entered the stage it is in, if that is known."""
    last = event.visits[-1] if event.visits else None
    if last is not None and last.stage == event.stage and last.left_at is None:
        return last.entered_at, last.entered_precision
    if event.stage_kind == "open" or (last is not None and last.stage_kind == event.stage_kind):
        return None, "instant"  # the closing was the entry into another stage, or none
    return event.closed_at, event.closed_precision


def _stage_changed(state: State, event: Any) -> None:
    before, after = state["outcome"], event.stage_kind
    if before != after:
        state["outcome"] = after
        _close(state, event, is_open=after == "open")
        lost = after == "lost"
        state["loss_reason"] = event.reason if lost else None
        state["disposition"] = event.disposition if lost else None
        state["revisit_on"] = event.revisit_on if lost else None
        state["lost_at_stage"] = state["stage"] if lost else None
        state["lost_at_position"] = state["stage_position"] if lost else None
    _enter(state, event)


def _lead_stage_changed(state: State, event: Any) -> None:
    before, after = state["outcome"], event.stage_kind
    if before != after:
        state["outcome"] = after
        _close(state, event, is_open=after == "open")
    _copy(state, event, ("reason", *_CLOSING))
    if event.deal_id is not None:
        state["deal_id"] = event.deal_id
    _enter(state, event)


def _close(state: State, event: Any, *, is_open: bool) -> None:
    state["closed_at"] = None if is_open else event.at
    state["closed_precision"] = "instant" if is_open else event.precision


def _amount_changed(state: State, event: Any) -> None:
    state["amount"] = event.amount


def _expected_close_changed(state: State, event: Any) -> None:
    state["expected_close_on"] = event.expected_close_on


def _owner_changed(state: State, event: Any) -> None:
    state["owner_id"] = event.owner_id


def _probability_set(state: State, event: Any) -> None:
    _copy(state, event, ("probability", "probability_source"))


def _category_set(state: State, event: Any) -> None:
    _copy(state, event, ("category", "category_source"))


def _details_changed(state: State, event: Any) -> None:
    _copy(state, event, event.changed)
    if "lead_id" in event.changed:
        # It was the age of another lead.
        state |= {"lead_created_at": None, "lead_created_precision": "instant"}


def _nothing_changed(state: State, event: Any) -> None:
    """An activity or an answer: the history alone holds it."""


def _merged(state: State, event: Any) -> None:
    for other in (*event.deals, *event.leads):
        state["aliases"] = (*state["aliases"], other.id, *other.aliases)


def _migrated(state: State, event: Any) -> None:
    if event.stage == state["stage"]:
        _copy(state, event, _STANDING)
    else:
        _enter(state, event)
    _copy(state, event, ("pipeline", "pipeline_version"))


_SHARED_STEPS: dict[str, Step] = {
    "opened": _opened,
    "restored": _restored,
    "owner_changed": _owner_changed,
    "qualification_answered": _nothing_changed,
    "details_changed": _details_changed,
    "activity_logged": _nothing_changed,
    "merged": _merged,
    "migrated": _migrated,
}
_LEAD_STEPS = {**_SHARED_STEPS, "stage_changed": _lead_stage_changed}
_DEAL_STEPS = {
    **_SHARED_STEPS,
    "stage_changed": _stage_changed,
    "amount_changed": _amount_changed,
    "expected_close_changed": _expected_close_changed,
    "probability_set": _probability_set,
    "category_set": _category_set,
}
