"""Whether a history is consistent: `replay` checks every event against what came before.

Consistency is of any history, loaded or made; legality is of moves made through a pipeline.
"""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Never

from pydantic_core import PydanticCustomError

from salesflow.models._base import EMPTY, Precision
from salesflow.models.fold import DETAILS, TERMS, State, Step, restored_moments, steps_of
from salesflow.models.moments import is_before, is_same_moment, later_event, latest


def replay(identity: str, history: tuple[Any, ...], blank: Mapping[str, Any]) -> State:
    """The state that a history adds up to, every event checked against what came before."""
    state = dict(blank)
    what, steps = "lead" if "channel" in blank else "deal", steps_of(blank)
    # A day is neither before nor after an instant of that day, so the last event alone does not do.
    last: Any = None
    exact: Any = None
    for number, event in enumerate(history, 1):
        event._share_fields_set()
        if event.id != f"{identity}:{number}":
            contradict(f"event {number} has id '{event.id}', not '{identity}:{number}'")
        kind = event.type
        if (kind in _FIRST) != (last is None):
            contradict(f"event '{event.id}' is '{kind}': just the first one begins it")
        if kind not in steps:
            contradict(f"event '{event.id}' is '{kind}', which happens to no {what}")
        if event.precision == "day":
            _check_day(event, event.at, "at")
        for before in (last, exact):
            if before is not None and before.at is not None:
                _check_order(before, event)
        check = _CHECKS.get(kind)
        if check is not None:
            check(state, event)
        steps[kind](state, event)
        last = event
        exact = event if event.precision == "instant" else exact
    if last is None:
        contradict("its history is empty")
    return state


def contradict(fact: str) -> Never:
    """Refuse a history, or fields that it does not add up to."""
    code, text = "contradiction", "{fact}"
    raise PydanticCustomError(code, text, {"fact": fact})


def _check_order(last: Any, event: Any) -> None:
    if is_before(event.at, event.precision, last.at, last.precision):
        contradict(f"event '{event.id}' is dated {event.at}, before '{last.id}' at {last.at}")


def _check_merged(state: State, event: Any) -> None:
    if event.deals if "channel" in state else event.leads:
        contradict(f"event '{event.id}' merges deals and leads")
    closed = sorted({state["outcome"], *(deal.outcome for deal in event.deals)} - {"open"})
    if len(closed) > 1:
        contradict(f"event '{event.id}' merges deals that were {' and '.join(closed)}")
    seen = {event.id.rpartition(":")[0]}
    for other in (*event.deals, *event.leads):
        for identity in (other.id, *other.aliases):
            if identity in seen:
                contradict(f"event '{event.id}' merges '{identity}', which is there already")
            seen.add(identity)
        later = later_event(other.history, event.at, event.precision)
        if later is not None:
            _check_order(later, event)


def _check_day(event: Any, moment: datetime | None, name: str) -> None:
    if moment is not None and moment.time() != time():
        contradict(f"event '{event.id}' has precision 'day' and a time, {name} {moment}")


def _check_kind(state: State, event: Any) -> None:
    if event.stage_kind not in (_LEAD_KINDS if "channel" in state else _DEAL_KINDS):
        contradict(f"event '{event.id}' puts it in a stage that is {event.stage_kind}")


def _check_standing(state: State, event: Any) -> None:
    _check_kind(state, event)
    if event.stage is None and event.type != "restored":
        contradict(f"event '{event.id}' puts it in no stage, as only a restored one may be")
    if (event.stage is None) != (event.stage_position is None):
        fact = f"puts it in stage {event.stage!r} at position {event.stage_position}"
        contradict(f"event '{event.id}' {fact}")
    certain = {"won": 1.0, "lost": 0.0}.get(event.stage_kind)
    if certain is not None and event.probability != certain:
        fact = f"is {event.stage_kind} with probability {event.probability}, not {certain:.0f}"
        contradict(f"event '{event.id}' {fact}")


def _check_opened(state: State, event: Any) -> None:
    _check_standing(state, event)
    if event.stage_kind != "open":
        contradict(f"event '{event.id}' opens it in a stage that is {event.stage_kind}")
    _check_lead_created(event)
    lead = (event.lead_created_at, event.lead_created_precision)
    if lead[0] is not None and is_before(event.at, event.precision, *lead):
        contradict(f"event '{event.id}' opens it from a lead created later, at {lead[0]}")


def _check_lead_created(event: Any) -> None:
    if event.lead_created_precision == "day":
        _check_day(event, event.lead_created_at, "knows")


def _check_restored(state: State, event: Any) -> None:
    _check_standing(state, event)
    is_open = event.stage_kind == "open"
    if event.stage is None and not is_open:
        contradict(f"event '{event.id}' is {event.stage_kind} in no stage")
    if is_open and event.closed_at is not None:
        contradict(f"event '{event.id}' is open, and closed at {event.closed_at}")
    _check_left_behind(state, event)
    _check_lead_created(event)
    moments = restored_moments(event)
    for moment, precision in moments:
        if precision == "day":
            _check_day(event, moment, "knows")
    if (event.at, event.precision) != latest(*moments):
        contradict(f"event '{event.id}' is not dated by the latest of its known dates")
    _check_visits(event)


def _check_left_behind(state: State, event: Any) -> None:
    is_deal = "channel" not in state  # a lead has reasons in open stages too
    lost = (event.lost_at_stage, *((event.reason, event.disposition) if is_deal else ()))
    if event.stage_kind != "lost" and any(lost):
        contradict(f"event '{event.id}' is {event.stage_kind}, and says why or where it was lost")
    if event.id.rpartition(":")[0] in event.aliases:
        contradict(f"event '{event.id}' has its own id as an alias")
    if len(set(event.aliases)) < len(event.aliases):
        contradict(f"event '{event.id}' has an alias twice")


def _check_visits(event: Any) -> None:
    last: tuple[datetime, Precision] | None = None
    for visit in event.visits:
        for moment, precision in _ends(visit):
            if last is not None and is_before(moment, precision, *last):
                fact = f"has a visit to '{visit.stage}' at {moment}, before {last[0]}"
                contradict(f"event '{event.id}' {fact}; list visits in order")
            last = (moment, precision)
    if event.visits:
        _check_last_visit(event)
        _check_closing(event)


def _check_last_visit(event: Any) -> None:
    last = event.visits[-1]
    if last.stage != event.stage or last.left_at is not None:
        return
    place = (event.stage_kind, event.stage_position)
    if (last.stage_kind, last.stage_position) != place:
        fact = f"is in '{event.stage}', which its last visit calls {last.stage_kind}"
        contradict(f"event '{event.id}' {fact} at position {last.stage_position}")


def _check_closing(event: Any) -> None:
    """Refuse visits that say something else of the closing than ``closed_at``."""
    if event.closed_at is None:
        return
    closing = (event.closed_at, event.closed_precision)
    entered = closing_entry(event)
    if entered[0] is not None and not is_same_moment(entered, closing):
        fact = f"was closed at {event.closed_at}, but its visits say {entered[0]}"
        contradict(f"event '{event.id}' {fact}")
    for visit in event.visits:
        for moment, precision in _ends(visit):
            if visit.stage_kind != event.stage_kind and is_before(*closing, moment, precision):
                fact = f"has a visit to '{visit.stage}' at {moment}, after it was closed"
                contradict(f"event '{event.id}' {fact}")


def _ends(visit: Any) -> list[tuple[datetime, Precision]]:
    """When it is known to have begun and to have ended."""
    ends = (
        (visit.entered_at, visit.entered_precision),
        (visit.left_at, visit.left_precision),
    )
    return [end for end in ends if end[0] is not None]


def closing_entry(event: Any) -> tuple[datetime | None, Precision]:
    """When the visits say that it was closed for good: the entry into the last closed ones."""
    entered: tuple[datetime | None, Precision] = (None, "instant")
    following: tuple[datetime | None, Precision] = (None, "instant")
    if event.visits[-1].left_at is not None:
        return entered  # it came back to its stage at another time
    for visit in reversed(event.visits):
        left = (visit.left_at, visit.left_precision)
        is_gap = None not in (left[0], following[0]) and not is_same_moment(left, following)
        if visit.stage_kind != event.stage_kind or is_gap:
            break
        entered = following = (visit.entered_at, visit.entered_precision)
    return entered


def _check_stage_changed(state: State, event: Any) -> None:
    _check_standing(state, event)
    if event.from_stage != state["stage"]:
        stage = state["stage"]
        contradict(f"event '{event.id}' leaves '{event.from_stage}', but it was in '{stage}'")
    for name in (*TERMS, "source"):
        if name in state and getattr(event, name) != state[name]:
            fact = f"froze {name} {getattr(event, name)!r}, but it was {state[name]!r}"
            contradict(f"event '{event.id}' {fact}")

    _check_reasons(state, event)
    if "deal_id" in state:
        _check_conversion(state, event)


def _check_conversion(state: State, event: Any) -> None:
    """Refuse a lead converted to no deal, or to a second one."""
    if event.stage_kind != "converted":
        if event.deal_id is not None:
            contradict(f"event '{event.id}' names a deal, but does not convert it")
        return
    if event.deal_id is None and state["outcome"] != "converted":
        contradict(f"event '{event.id}' converts it to no deal")
    if None not in (event.deal_id, state["deal_id"]) and event.deal_id != state["deal_id"]:
        fact = f"converts it to deal '{event.deal_id}', but it became '{state['deal_id']}'"
        contradict(f"event '{event.id}' {fact}")


def _check_reasons(state: State, event: Any) -> None:
    is_deal = "channel" not in state  # a lead is put back to nurturing too
    if is_deal and event.stage_kind != "lost" and (event.disposition or event.revisit_on):
        fact = f"is {event.stage_kind}, and says what a loss leaves behind"
        contradict(f"event '{event.id}' {fact}")
    is_reopening = state["outcome"] != "open" and event.stage_kind == "open"
    if event.requalified_by is not None and not is_reopening:
        contradict(f"event '{event.id}' says who requalified it, but does not reopen it")


def _check_migrated(state: State, event: Any) -> None:
    _check_standing(state, event)
    if (event.from_pipeline, event.from_stage) != (state["pipeline"], state["stage"]):
        contradict(f"event '{event.id}' leaves '{event.from_stage}', where it was not")
    if event.stage_kind != state["outcome"]:
        contradict(f"event '{event.id}' changes the outcome to {event.stage_kind}")


def _check_open_only(state: State, event: Any) -> None:
    if state["outcome"] != "open":
        contradict(f"event '{event.id}' sets a probability, but it was {state['outcome']}")


def _check_amount(state: State, event: Any) -> None:
    if state["outcome"] != "open" and event.correction is None:
        contradict(f"event '{event.id}' changes the amount of a closed deal uncorrected")
    if state["outcome"] == "open" and event.correction is not None:
        contradict(f"event '{event.id}' corrects the amount of a deal that was open")


def _check_details(_: State, event: Any) -> None:
    for name in (*DETAILS, "channel"):
        if name not in event.changed and getattr(event, name) not in (None, (), EMPTY):
            contradict(f"event '{event.id}' has a {name}, which it does not name as changed")


_FIRST = frozenset({"opened", "restored"})
_DEAL_KINDS = frozenset({"open", "won", "lost"})
_LEAD_KINDS = frozenset({"open", "converted", "disqualified"})
_CHECKS: dict[str, Step] = {
    "opened": _check_opened,
    "restored": _check_restored,
    "stage_changed": _check_stage_changed,
    "migrated": _check_migrated,
    "probability_set": _check_open_only,
    "amount_changed": _check_amount,
    "details_changed": _check_details,
    "merged": _check_merged,
}
