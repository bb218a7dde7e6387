"""The verbs: each takes a deal or a lead and returns a new one, or refuses.

Those of leads alone are in `_lead_verbs` and `_conversion`.
"""

import uuid
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from salesflow.errors import OptionError, WrongPipelineError, shown
from salesflow.models import Activity, Deal, Lead
from salesflow.models import events as ev
from salesflow.models._base import Value
from salesflow.models.moments import is_before
from salesflow.money import Money
from salesflow.process import _refusals
from salesflow.process._events import (
    When,
    check_names,
    known_moment,
    make,
    moment,
    next_id,
    stamp,
    stamp_after,
    stamped,
)
from salesflow.process._machine import Cursor
from salesflow.process._text import is_text, plain_if_text, plain_text
from salesflow.process._updates import updates
from salesflow.process.actor import By, id_of, unwrapped
from salesflow.process.fields import OpenedFields
from salesflow.process.stage import to_probability

if TYPE_CHECKING:
    from salesflow.process.pipeline import Pipeline
    from salesflow.process.process import Process

R = TypeVar("R", Deal, Lead)


@attrs.frozen
class Move:
    """One move that the graph has: the verb, where it leads, and what still blocks it."""

    verb: str
    to: str
    blocked_by: tuple[str, ...] = ()

    def __str__(self) -> str:
        blocks = f" (blocked: {'; '.join(self.blocked_by)})" if self.blocked_by else ""
        return f"{self.verb} to {self.to}{blocks}"


def open_deal(
    pipeline: "Pipeline",
    name: str,
    identity: str | None,
    stage: str | None,
    when: When,
    fields: Mapping[str, Any],
) -> Deal:
    """Begin a deal."""
    identity, entry = beginning(pipeline, name, identity, stage)
    at, precision, by = stamp(when)
    given = {**fields, "name": name}
    manual = set_by_hand(given, to_probability(given.pop("probability", None)))
    lead_at, lead_precision = known_moment(given.pop("lead_created_at", None), "lead_created_at")
    if lead_at is not None and is_before(at, precision, lead_at, lead_precision):
        msg = f"cannot open deal {shown(name)} at {at}: its lead was created later, at {lead_at}"
        raise OptionError(msg, parameter="lead_created_at", value=lead_at)
    known = {
        **_blank(ev.Opened),
        **given,
        **standing(pipeline, entry, manual),
        "lead_created_at": lead_at,
        "lead_created_precision": lead_precision,
        "id": f"{identity}:1",
        "at": at,
        "precision": precision,
        "by": by,
        "pipeline": pipeline.name,
        "pipeline_version": pipeline.version,
    }
    if _is_plain(given) and _is_plain({"id": identity, "category": manual["category"]}):
        event = ev.Opened._trusted(known)
    else:
        check_given("deal", name, fields, OpenedFields.__optional_keys__)
        event = make(ev.Opened, f"open deal {shown(name)}", **known)
    return Deal._from_history(identity, (event,))


def beginning(
    process: "Process", name: str, identity: str | None, stage: str | None
) -> tuple[str, str]:
    """The id and the entry stage of what is opened."""
    word = process._model._word
    known_id = "" if identity is None else _identity(word, name, identity)
    entries = process.entries()
    target = process.stage(entries[0] if stage is None else stage)
    if target.name not in entries:
        raise _refusals.no_entry((word, name), known_id, target.name, entries)
    return known_id or str(uuid.uuid4()), target.name


def _identity(word: str, name: object, identity: object) -> str:
    if isinstance(identity, str) and identity:
        return plain_text(identity)
    msg = f"cannot open {word} {shown(name)}: its id {shown(identity)} is no text"
    raise OptionError(msg, hint="leave it out for a new one.", parameter="id", value=identity)


def check_given(
    word: str, name: str | None, fields: Mapping[str, Any], known: frozenset[str]
) -> None:
    """Refuse fields that opening does not set, and no name."""
    check_names(f"open {word} {shown(name)}", fields, known)
    if name is None:
        msg = f"cannot open a {word}: it has no name"
        raise OptionError(msg, hint="say what people call it.", parameter="name", value=name)


def _is_plain(given: Mapping[str, Any]) -> bool:
    """Whether every value is plainly valid, so that validating it once more is saved.

    A validation takes as long as a third of a move; most deals are opened with texts and money.
    """
    for name, value in given.items():
        kind = type(value)
        if kind is str and name in _TEXTS and value and value.isascii():
            continue
        if not (kind is Money and name == "amount") and (
            value is not None or name not in _MAY_BE_NONE
        ):
            return False
    return True


_MAY_BE_NONE = frozenset({"amount", "owner_id", "source", "account_id", "lead_id", "category"})
_TEXTS = frozenset({"id", "name", "owner_id", "source", "account_id", "lead_id", "category"})


def set_by_hand(known: dict[str, Any], probability: float | None) -> dict[str, Any]:
    """What was set by hand, as a deal's fields say it."""
    category = known.pop("category", None)
    return {
        "probability": probability,
        "probability_source": "stage" if probability is None else "manual",
        "category": category,
        "category_source": "stage" if category is None else "manual",
    }


def standing(process: "Process", stage: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """What being in a stage means for a deal or lead with these fields, frozen into an event.

    What was set by hand survives among open stages; a closed deal has 1 or 0.
    """
    found = process._layout.standings[stage]
    if found["stage_kind"] != "open" or before.get("outcome", "open") != "open":
        return found
    for name, source in (("probability", "probability_source"), ("category", "category_source")):
        if before.get(source) == "manual":
            found = {**found, name: before[name], source: "manual"}
    return found


def require(
    subject: Any, model: type[Deal | Lead], parameter: str | None = None, *, verb: str = "move"
) -> None:
    """Refuse what is no deal, or no lead."""
    if not isinstance(subject, model):
        what, hint = shown(subject), f"give a {model.__name__}."
        if isinstance(subject, Deal | Lead):
            what = f"{subject._word} '{subject.id}'"
            way = "a Pipeline" if isinstance(subject, Deal) else "a LeadProcess"
            hint = f"give a {model.__name__}; {subject._word}s go through {way}."
        msg = f"cannot {verb} {what}: it is no {model.__name__}"
        raise OptionError(msg, hint=hint, parameter=parameter or model._word, value=subject)


def check_subject(
    process: "Process", subject: Any, verb: str = "move", *, to_move: bool = True
) -> None:
    """Refuse what is of another definition, or in a stage that this one does not have.

    A stage that meant another outcome when it was entered is not the one it is in. What is in an
    unknown stage cannot move, but it can be worked on.
    """
    require(subject, process._model, verb=verb)
    kinds = process._layout.kinds
    if subject.pipeline == process.name:
        if kinds.get(subject.stage) == subject.outcome or (subject.stage is None and not to_move):
            return
        fact = f"it is in stage {subject.stage!r}, which it does not have"
        if subject.stage is None:
            fact = "it is not known which stage it is in"
        elif subject.stage in kinds:
            fact = (
                f"it is {subject.outcome} in stage '{subject.stage}', "
                f"which is {kinds[subject.stage]} there"
            )
    else:
        fact = f"it is in stage {subject.stage!r} of {process._noun} '{subject.pipeline}'"
    word = subject._word
    msg = f"cannot {verb} {word} '{subject.id}' through {process._noun} '{process.name}': {fact}"
    raise WrongPipelineError(
        msg,
        hint=f"{process._code}.migrate({word}, to=…) brings it over.",
        deal_id=subject.id,
        deal_pipeline=subject.pipeline,
        deal_stage=subject.stage,
        pipeline=process.name,
    )


def advance(process: "Process", subject: R, when: When, override: str | None) -> R:
    """Move to the next open stage."""
    check_subject(process, subject)
    following = process._layout.next_open.get(str(subject.stage))
    if following is None:
        raise _refusals.no_next(process, subject)
    return change(process, subject, following, "move", when, override)


def move(process: "Process", subject: R, to: str, when: When, override: str | None) -> R:
    """Move to another stage of the same outcome."""
    check_subject(process, subject)
    return change(process, subject, to, "move", when, override)


def win(pipeline: "Pipeline", deal: Deal, to: str | None, when: When, override: str | None) -> Deal:
    """Close as won."""
    check_subject(pipeline, deal)
    target = pipeline._layout.first["won"] if to is None else to
    return change(pipeline, deal, target, "win", when, override)


def lose(
    pipeline: "Pipeline",
    deal: Deal,
    to: str | None,
    why: Mapping[str, Any],
    when: When,
    override: str | None,
) -> Deal:
    """Close as lost."""
    check_subject(pipeline, deal)
    require_reason(why["reason"], "lose", deal)
    target = pipeline._layout.first["lost"] if to is None else to
    return change(pipeline, deal, target, "lose", when, override, why)


def reopen(
    pipeline: "Pipeline",
    deal: Deal,
    to: str,
    why: Mapping[str, Any],
    when: When,
    override: str | None,
) -> Deal:
    """Bring a closed deal back to an open stage."""
    check_subject(pipeline, deal)
    require_reason(why["reason"], "reopen", deal)
    why = {**why, "requalified_by": unwrapped(why["requalified_by"])}
    if deal.disposition == "disqualified" and not why["requalified_by"]:
        raise _refusals.disqualified(pipeline, deal, to)
    return change(pipeline, deal, to, "reopen", when, override, why)


def require_reason(reason: object, verb: str, subject: Deal | Lead) -> None:
    """Refuse a reason that says nothing."""
    if not isinstance(reason, str) or not reason.strip():
        what = f"{subject._word} '{subject.id}'"
        msg = f"cannot {verb} {what}: its reason {shown(reason)} is no text"
        hint = "say why: reason='budget'."
        raise OptionError(msg, hint=hint, parameter="reason", value=reason)


def change(
    process: "Process",
    subject: R,
    to: str,
    verb: str,
    when: When,
    override: str | None,
    why: Mapping[str, Any] | None = None,
) -> R:
    """Fire the machine: the subject in another stage, or the refusal."""
    layout = process._layout
    to = process.stage(to).name
    at, precision, by = stamp_after(subject, when)
    if override is not None:
        _require_override(override, by, subject)
    limit = process._furthest(subject) if (subject.stage, to) in layout.returns else None
    cursor = Cursor(subject, when[1], limit, override is not None)
    if layout.graph[cursor.state].get(to) != verb or not layout.machine.fire(to, cursor):
        raise _refusals.not_allowed(process, subject, process.stage(to), verb, cursor)
    passed = None
    if override is not None and cursor.unmet:
        passed = ev.Override(by=str(by), reason=plain_text(override), unmet=cursor.unmet)
    before = subject.__dict__
    fields = {
        **_blank(ev.StageChanged),
        **standing(process, to, before),
        "id": next_id(subject),
        "at": at,
        "precision": precision,
        "by": by,
        "from_stage": before["stage"],
        "amount": before.get("amount"),
        "owner_id": before["owner_id"],
        "source": before["source"],
        "expected_close_on": before.get("expected_close_on"),
        "override": passed,
    }
    if why is None:
        # Nothing in it was given by the caller but what is checked already.
        return subject._with_event(ev.StageChanged._trusted(fields))
    what = f"{verb} {subject._word} '{subject.id}'"
    return subject._with_event(make(ev.StageChanged, what, **{**fields, **why}))


@cache
def _blank(model: type[Value]) -> dict[str, Any]:
    """The fields of an event, in their order, before anything is known."""
    return {name: field.get_default() for name, field in model.model_fields.items()}


def _require_override(override: object, by: str | None, subject: Deal | Lead) -> None:
    if not is_text(override) or by is None:
        what = f"{subject._word} '{subject.id}'"
        msg = f"cannot override for {what}: it needs a name and a reason"
        hint = "give by='who' and override='why'."
        raise OptionError(msg, hint=hint, parameter="override", value=override)


def furthest(pipeline: "Pipeline", deal: Deal) -> int | None:
    """The last position that a lost deal may revert to; None where nothing limits it."""
    if deal.outcome != "lost" or pipeline.revert_to is not None:
        return None
    known = pipeline._layout.positions.get(deal.lost_at_stage or "")
    if known is None and not any(event.type == "migrated" for event in deal.history):
        return deal.lost_at_position
    return known  # None after a migration: the position counts the stages of another definition


def moves(process: "Process", subject: Deal | Lead, by: By) -> tuple[Move, ...]:
    """Every move that the graph has for the subject, in the order of the stages."""
    check_subject(process, subject, to_move=False)
    id_of(by)  # refuses what is no actor
    graph = process._layout.graph.get(str(subject.stage), {})
    found = []
    for stage in process.stages:
        verb = graph.get(stage.name)
        if verb is None or not process._offers(subject, verb):
            continue
        cursor = Cursor(subject, by, process._furthest(subject))
        process._layout.machine.fire(stage.name, cursor)
        if cursor.too_far:
            continue
        blocks = (*cursor.unmet, *process._blocks(cursor, verb))
        found.append(Move(verb, stage.name, blocks))
    return tuple(found)


def update(
    process: "Process",
    subject: R,
    fields: dict[str, Any],
    why: tuple[str | None, str | None],
    when: When,
) -> R:
    """Change fields, one event for each kind of change."""
    check_subject(process, subject, "update", to_move=False)
    now = stamp_after(subject, when)
    for event in updates(process, subject, fields, why, now):
        subject = subject._with_event(event)
    return subject


def log(
    process: "Process",
    subject: R,
    kind: str,
    dates: tuple[Any, Any],
    details: Mapping[str, Any],
    when: When,
) -> R:
    """Record an activity."""
    check_subject(process, subject, "log on", to_move=False)
    what = f"log {shown(kind)} on {subject._word} '{subject.id}'"
    check_names(what, details, _DETAILS)
    now = at_now, precision_now, _ = stamp_after(subject, when)
    occurred, planned = dates
    fields: dict[str, Any] = {"id": next_id(subject), **details}
    if occurred is not None:
        at, precision = moment(occurred, "occurred_at")
        if is_before(at_now, precision_now, at, precision):
            msg = f"cannot {what}: it occurred at {at}, after {at_now}"
            hint = "plan it instead: planned_at=…."
            raise OptionError(msg, hint=hint, parameter="occurred_at", value=occurred)
        fields |= {"occurred_at": at, "occurred_precision": precision}
    elif planned is None:
        fields |= {"occurred_at": at_now, "occurred_precision": precision_now}
    if planned is not None:
        at, precision = moment(planned, "planned_at")
        fields |= {"planned_at": at, "planned_precision": precision}
    activity = make(Activity, what, kind=kind, **fields)
    event = make(ev.ActivityLogged, what, id=next_id(subject), activity=activity, **stamped(now))
    return subject._with_event(event)


_DETAILS = frozenset(Activity.model_fields) - {
    *("kind", "occurred_at", "occurred_precision", "planned_at", "planned_precision")
}
"""The fields of an activity that `log` takes by name."""


def migrate(
    process: "Process",
    subject: R,
    to: str | None,
    stages: Mapping[str, str] | None,
    when: When,
) -> R:
    """Bring a deal or lead into this definition, in a stage of the same outcome."""
    require(subject, process._model, verb="migrate")
    name = _stage_here(process, subject, to, stages)
    target = next((stage for stage in process.stages if stage.name == name), None)
    if target is None or target.kind != subject.outcome or target.retired:
        raise _refusals.no_place(process, subject, name, target)
    now = stamp_after(subject, when)
    place = (process.name, process.version, target.name)
    if (subject.pipeline, subject.pipeline_version, subject.stage) == place:
        return subject
    event = make(
        ev.Migrated,
        f"migrate {subject._word} '{subject.id}'",
        **standing(process, target.name, subject.__dict__),
        **stamped(now),
        id=next_id(subject),
        from_pipeline=subject.pipeline,
        from_stage=subject.stage,
        pipeline=process.name,
        pipeline_version=process.version,
    )
    return subject._with_event(event)


def _stage_here(
    process: "Process", subject: Deal | Lead, to: str | None, stages: Mapping[str, str] | None
) -> str | None:
    if stages is None:
        return subject.stage if to is None else to
    if to is not None:
        msg = f"cannot migrate {subject._word} '{subject.id}': to and stages both say where"
        raise OptionError(msg, hint="give one of them.", parameter="stages", value=stages)
    given: object = stages
    if not isinstance(given, Mapping):
        msg = f"cannot migrate {subject._word} '{subject.id}': stages={shown(given)} is no mapping"
        hint = "give old names and new ones: stages={'old': 'new'}."
        raise OptionError(msg, hint=hint, parameter="stages", value=given)
    places = {plain_if_text(old): plain_if_text(new) for old, new in given.items()}
    known = process._layout.positions
    for new in places.values():
        if not isinstance(new, str) or new not in known:
            raise _refusals.no_target(process, subject, new)
    return places.get(str(subject.stage), subject.stage)
