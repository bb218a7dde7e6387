"""The verbs of a pipeline: each takes a deal and returns a new one, or refuses."""

import uuid
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import MigrationError, OptionError, WrongPipelineError, one_of, shown
from salesflow.models import Activity, Deal
from salesflow.models import events as ev
from salesflow.models._base import Value
from salesflow.models.moments import is_before
from salesflow.money import Money
from salesflow.process import _refusals
from salesflow.process._events import (
    When,
    check_names,
    make,
    moment,
    next_id,
    stamp,
    stamp_after,
    stamped,
)
from salesflow.process._machine import Cursor
from salesflow.process._text import is_text, plain_text
from salesflow.process._updates import updates
from salesflow.process.actor import By, id_of
from salesflow.process.fields import DealFields
from salesflow.process.stage import to_probability

if TYPE_CHECKING:
    from salesflow.process.pipeline import Pipeline


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
    known_id = "" if identity is None else _identity(name, identity)
    entries = pipeline.entries()
    target = pipeline.stage(entries[0] if stage is None else stage)
    if target.name not in entries:
        raise _refusals.no_entry(name, known_id, target.name, entries)
    at, precision, by = stamp(when)
    identity = known_id or str(uuid.uuid4())
    given = {**fields, "name": name}
    manual = set_by_hand(given, to_probability(given.pop("probability", None)))
    known = {
        **_blank(ev.Opened),
        **given,
        **standing(pipeline, target.name, manual),
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
        _check_given(name, fields)
        event = make(ev.Opened, f"open deal {name!r}", **known)
    return Deal._from_history(identity, (event,))


def _identity(name: object, identity: object) -> str:
    if isinstance(identity, str) and identity:
        return plain_text(identity)
    msg = f"cannot open deal {name!r}: its id {shown(identity)} is no text"
    raise OptionError(msg, hint="leave it out for a new one.", parameter="id", value=identity)


def _check_given(name: str | None, fields: Mapping[str, Any]) -> None:
    check_names(f"open deal {name!r}", fields, DealFields.__optional_keys__)
    if name is None:
        msg = "cannot open a deal: it has no name"
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


def standing(pipeline: "Pipeline", stage: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """What being in a stage means for a deal with these fields, frozen into an event.

    What was set by hand survives among open stages; a closed deal has 1 or 0.
    """
    found = pipeline._layout.standings[stage]
    if found["stage_kind"] != "open" or before.get("outcome", "open") != "open":
        return found
    for name, source in (("probability", "probability_source"), ("category", "category_source")):
        if before[source] == "manual":
            found = {**found, name: before[name], source: "manual"}
    return found


def require_deal(deal: Any, parameter: str = "deal") -> None:
    """Refuse what is no deal."""
    if not isinstance(deal, Deal):
        msg = f"cannot move {shown(deal)}: it is no Deal"
        raise OptionError(msg, parameter=parameter, value=deal)


def check_deal(pipeline: "Pipeline", deal: Any, *, to_move: bool = True) -> None:
    """Refuse a deal of another pipeline, or in a stage that this one does not have.

    A stage that meant another outcome when the deal entered it is not the one it is in. A deal in
    an unknown stage cannot move, but it can be worked on.
    """
    require_deal(deal)
    kinds = pipeline._layout.kinds
    if deal.pipeline == pipeline.name:
        if kinds.get(deal.stage) == deal.outcome or (deal.stage is None and not to_move):
            return
        fact = f"it is in stage {deal.stage!r}, which it does not have"
        if deal.stage is None:
            fact = "it is not known which stage it is in"
        elif deal.stage in kinds:
            fact = (
                f"it is {deal.outcome} in stage '{deal.stage}', which is {kinds[deal.stage]} there"
            )
    else:
        fact = f"it is in stage {deal.stage!r} of pipeline '{deal.pipeline}'"
    msg = f"cannot move deal '{deal.id}' through pipeline '{pipeline.name}': {fact}"
    raise WrongPipelineError(
        msg,
        hint="pipeline.migrate(deal, to=…) brings it over.",
        deal_id=deal.id,
        deal_pipeline=deal.pipeline,
        deal_stage=deal.stage,
        pipeline=pipeline.name,
    )


def advance(pipeline: "Pipeline", deal: Deal, when: When, override: str | None) -> Deal:
    """Move to the next open stage."""
    check_deal(pipeline, deal)
    following = pipeline._layout.next_open.get(str(deal.stage))
    if following is None:
        raise _refusals.no_next(pipeline, deal)
    return _change(pipeline, deal, following, "move", when, override)


def move(pipeline: "Pipeline", deal: Deal, to: str, when: When, override: str | None) -> Deal:
    """Move to another stage of the same outcome."""
    check_deal(pipeline, deal)
    return _change(pipeline, deal, to, "move", when, override)


def win(pipeline: "Pipeline", deal: Deal, to: str | None, when: When, override: str | None) -> Deal:
    """Close as won."""
    check_deal(pipeline, deal)
    target = pipeline._layout.first["won"] if to is None else to
    return _change(pipeline, deal, target, "win", when, override)


def lose(
    pipeline: "Pipeline",
    deal: Deal,
    to: str | None,
    why: Mapping[str, Any],
    when: When,
    override: str | None,
) -> Deal:
    """Close as lost."""
    check_deal(pipeline, deal)
    _require_reason(why["reason"], "lose", deal)
    target = pipeline._layout.first["lost"] if to is None else to
    return _change(pipeline, deal, target, "lose", when, override, why)


def reopen(
    pipeline: "Pipeline",
    deal: Deal,
    to: str,
    why: Mapping[str, Any],
    when: When,
    override: str | None,
) -> Deal:
    """Bring a closed deal back to an open stage."""
    check_deal(pipeline, deal)
    _require_reason(why["reason"], "reopen", deal)
    if deal.disposition == "disqualified" and not why["requalified_by"]:
        raise _refusals.disqualified(pipeline, deal, to)
    return _change(pipeline, deal, to, "reopen", when, override, why)


def _require_reason(reason: object, verb: str, deal: Deal) -> None:
    if not isinstance(reason, str) or not reason.strip():
        msg = f"cannot {verb} deal '{deal.id}': its reason {shown(reason)} is no text"
        hint = "say why: reason='budget'."
        raise OptionError(msg, hint=hint, parameter="reason", value=reason)


def _change(
    pipeline: "Pipeline",
    deal: Deal,
    to: str,
    verb: str,
    when: When,
    override: str | None,
    why: Mapping[str, Any] | None = None,
) -> Deal:
    layout = pipeline._layout
    pipeline.position(to)  # refuses what is no stage
    at, precision, by = stamp_after(deal, when)
    if override is not None:
        _require_override(override, by, deal)
    limit = furthest(pipeline, deal) if verb == "reopen" else None
    cursor = Cursor(deal, when[1], limit, override is not None)
    if layout.graph[cursor.state].get(to) != verb or not layout.machine.fire(to, cursor):
        raise _refusals.not_allowed(pipeline, deal, pipeline.stage(to), verb, cursor)
    passed = None
    if cursor.unmet:
        passed = ev.Override(by=str(by), reason=str(override), unmet=cursor.unmet)
    before = deal.__dict__
    fields = {
        **_blank(ev.StageChanged),
        **standing(pipeline, to, before),
        "id": next_id(deal),
        "at": at,
        "precision": precision,
        "by": by,
        "from_stage": before["stage"],
        "amount": before["amount"],
        "owner_id": before["owner_id"],
        "source": before["source"],
        "expected_close_on": before["expected_close_on"],
        "override": passed,
    }
    if why is None:
        # Nothing in it was given by the caller but what is checked already.
        return deal._with_event(ev.StageChanged._trusted(fields))
    return deal._with_event(make(ev.StageChanged, f"{verb} deal '{deal.id}'", **{**fields, **why}))


@cache
def _blank(model: type[Value]) -> dict[str, Any]:
    """The fields of an event, in their order, before anything is known."""
    return {name: field.get_default() for name, field in model.model_fields.items()}


def _require_override(override: object, by: str | None, deal: Deal) -> None:
    if not is_text(override) or by is None:
        msg = f"cannot override for deal '{deal.id}': it needs a name and a reason"
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


def moves(pipeline: "Pipeline", deal: Deal, by: By) -> tuple[Move, ...]:
    """Every move that the graph has for the deal, in the order of the stages."""
    check_deal(pipeline, deal, to_move=False)
    id_of(by)  # refuses what is no actor
    graph = pipeline._layout.graph.get(str(deal.stage), {})
    found = []
    for stage in pipeline.stages:
        if stage.name not in graph:
            continue
        cursor = Cursor(deal, by, furthest(pipeline, deal))
        pipeline._layout.machine.fire(stage.name, cursor)
        if cursor.too_far:
            continue
        blocks = list(cursor.unmet)
        if graph[stage.name] == "reopen" and deal.disposition == "disqualified":
            blocks.append("it was disqualified: say who requalified it (requalified_by)")
        found.append(Move(graph[stage.name], stage.name, tuple(blocks)))
    return tuple(found)


def update(
    pipeline: "Pipeline",
    deal: Deal,
    fields: dict[str, Any],
    why: tuple[str | None, str | None],
    when: When,
) -> Deal:
    """Change fields, one event for each kind of change."""
    check_deal(pipeline, deal, to_move=False)
    now = stamp_after(deal, when)
    for event in updates(pipeline, deal, fields, why, now):
        deal = deal._with_event(event)
    return deal


def log(
    pipeline: "Pipeline",
    deal: Deal,
    kind: str,
    dates: tuple[Any, Any],
    details: Mapping[str, Any],
    when: When,
) -> Deal:
    """Record an activity."""
    check_deal(pipeline, deal, to_move=False)
    check_names(f"log {kind!r} on deal '{deal.id}'", details, _DETAILS)
    now = at_now, precision_now, _ = stamp_after(deal, when)
    occurred, planned = dates
    fields: dict[str, Any] = {"id": next_id(deal), **details}
    if occurred is not None:
        at, precision = moment(occurred, "occurred_at")
        if is_before(at_now, precision_now, at, precision):
            msg = f"cannot log {kind!r} on deal '{deal.id}': it occurred at {at}, after {at_now}"
            hint = "plan it instead: planned_at=…."
            raise OptionError(msg, hint=hint, parameter="occurred_at", value=occurred)
        fields |= {"occurred_at": at, "occurred_precision": precision}
    elif planned is None:
        fields |= {"occurred_at": at_now, "occurred_precision": precision_now}
    if planned is not None:
        at, precision = moment(planned, "planned_at")
        fields |= {"planned_at": at, "planned_precision": precision}
    what = f"log {kind!r} on deal '{deal.id}'"
    activity = make(Activity, what, kind=kind, **fields)
    event = make(ev.ActivityLogged, what, id=next_id(deal), activity=activity, **stamped(now))
    return deal._with_event(event)


_DETAILS = frozenset(Activity.model_fields) - {
    *("kind", "occurred_at", "occurred_precision", "planned_at", "planned_precision")
}
"""The fields of an activity that `log` takes by name."""


def migrate(
    pipeline: "Pipeline",
    deal: Deal,
    to: str | None,
    stages: Mapping[str, str] | None,
    when: When,
) -> Deal:
    """Bring a deal into this pipeline, in a stage of the same outcome."""
    require_deal(deal)
    name = _stage_here(deal, to, stages)
    target = next((stage for stage in pipeline.stages if stage.name == name), None)
    if target is None or target.kind != deal.outcome or target.retired:
        fact = "it has no such stage" if target is None else f"that stage is {target.kind}"
        fact = "that stage is retired" if target is not None and target.retired else fact
        same = [s.name for s in pipeline.stages if s.kind == deal.outcome and not s.retired]
        msg = f"cannot migrate deal '{deal.id}' to '{name}' of pipeline '{pipeline.name}': {fact}"
        raise MigrationError(
            msg,
            hint=f"the deal is {deal.outcome}: to={one_of(same[:5])}.",
            deal_id=deal.id,
            stage=name,
            pipeline=pipeline.name,
        )
    now = stamp_after(deal, when)
    place = (pipeline.name, pipeline.version, target.name)
    if (deal.pipeline, deal.pipeline_version, deal.stage) == place:
        return deal
    event = make(
        ev.Migrated,
        f"migrate deal '{deal.id}'",
        **standing(pipeline, target.name, deal.__dict__),
        **stamped(now),
        id=next_id(deal),
        from_pipeline=deal.pipeline,
        from_stage=deal.stage,
        pipeline=pipeline.name,
        pipeline_version=pipeline.version,
    )
    return deal._with_event(event)


def _stage_here(deal: Deal, to: str | None, stages: Mapping[str, str] | None) -> str | None:
    if stages is None:
        return deal.stage if to is None else to
    if to is not None:
        msg = f"cannot migrate deal '{deal.id}': to and stages both say where"
        raise OptionError(msg, hint="give one of them.", parameter="stages", value=stages)
    return stages.get(str(deal.stage), deal.stage)
