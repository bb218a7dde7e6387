"""`restore`: a deal or lead taken over from elsewhere, with what is known of its past."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from salesflow.errors import ClosedDealError, FieldError, OptionError, shown
from salesflow.models import Deal, Lead
from salesflow.models import events as ev
from salesflow.models.fold import restored_moments
from salesflow.models.moments import is_same_moment, latest
from salesflow.process._events import check_names, faults_of, known_moment, make, moment
from salesflow.process._text import is_text, plain_text
from salesflow.process._verbs import set_by_hand, standing
from salesflow.process.actor import By, unwrapped
from salesflow.process.fields import RestoredFields, RestoredLeadFields
from salesflow.process.stage import to_probability

if TYPE_CHECKING:
    from salesflow.models._base import Precision
    from salesflow.process.lead_process import LeadProcess
    from salesflow.process.pipeline import Pipeline
    from salesflow.process.process import Process

R = TypeVar("R", Deal, Lead)


def restore_deal(
    pipeline: "Pipeline", identity: str, stage: str | None, by: By, fields: RestoredFields
) -> Deal:
    """A deal with one `restored` event that has the fields as known."""
    check_names(f"restore deal {shown(identity)}", fields, RestoredFields.__optional_keys__)
    known: dict[str, Any] = dict(fields)
    steps = _steps(identity, known.pop("visits", ()), "deal")
    stage = _last_stage(stage, steps)
    probability = to_probability(known.pop("probability", None))
    place = _place(pipeline, stage, set_by_hand(known, probability))
    _check_probability(identity, place, probability)
    lead_at, lead_precision = known_moment(known.pop("lead_created_at", None), "lead_created_at")
    known |= _loss(pipeline, identity, stage, steps, known)
    known |= {"lead_created_at": lead_at, "lead_created_precision": lead_precision}
    return _restored(pipeline, Deal, identity, by, (stage, steps), place | known)


def restore_lead(
    process: "LeadProcess",
    identity: str,
    stage: str | None,
    by: By,
    fields: RestoredLeadFields,
) -> Lead:
    """A lead with one `restored` event that has the fields as known."""
    check_names(f"restore lead {shown(identity)}", fields, RestoredLeadFields.__optional_keys__)
    known: dict[str, Any] = dict(fields)
    steps = _steps(identity, known.pop("visits", ()), "lead")
    stage = _last_stage(stage, steps)
    place = _place(process, stage, {})
    return _restored(process, Lead, identity, by, (stage, steps), place | known)


def _last_stage(stage: str | None, steps: "list[_Step]") -> str | None:
    return steps[-1][0] if stage is None and steps else stage


def _restored(
    process: "Process",
    model: type[R],
    identity: str,
    by: By,
    path: "tuple[str | None, list[_Step]]",
    known: dict[str, Any],
) -> R:
    """The subject whose one event has these fields, dated by the latest of its moments."""
    if is_text(identity):
        identity = plain_text(identity)
    stage, steps = path
    created, created_precision = known_moment(known.pop("created_at", None), "created_at")
    closed, closed_precision = _closing(process, stage, steps, known.pop("closed_at", None))
    event = make(
        ev.Restored,
        f"restore {model._word} {shown(identity)}",
        **known,
        id=f"{identity}:1",
        by=unwrapped(by),
        pipeline=process.name,
        pipeline_version=process.version,
        created_at=created,
        created_precision=created_precision,
        closed_at=closed,
        closed_precision=closed_precision,
        visits=_visits(process, steps, stage, (closed, closed_precision)),
    )
    at, precision = latest(*restored_moments(event))
    dated = ev.Restored._trusted({**event.__dict__, "at": at, "precision": precision})
    return _checked(model._from_history(identity, (dated,)))


def _checked(subject: R) -> R:
    try:
        return type(subject).model_validate(subject.__dict__)
    except ValidationError as error:
        faults = faults_of(error)
        msg = f"cannot restore {subject._word} {subject.id!r}: {'; '.join(faults)}"
        raise FieldError(msg, faults=faults) from error


_Step = tuple[str, Any, Any, bool]
"""A visit as given: the stage, when it was entered and left, and whether the latter is given."""


def _steps(identity: str, visits: object, word: str) -> list[_Step]:
    what = f"{word} {shown(identity)}"
    if isinstance(visits, Iterable):
        return [_visit_parts(what, visit) for visit in visits]
    fact = f"visits {shown(visits)} are no (stage, entered_at) pairs"
    msg = f"cannot restore {what}: {fact}"
    raise OptionError(msg, parameter="visits", value=visits)


def _visit_parts(what: str, visit: object) -> _Step:
    if isinstance(visit, tuple | list) and len(visit) in (2, 3):
        stage, entered, *left = visit
        return stage, entered, left[0] if left else None, bool(left)
    msg = f"cannot restore {what}: visit {shown(visit)} is no (stage, entered_at)"
    raise OptionError(msg, parameter="visits", value=visit)


def _closing(
    process: "Process", stage: str | None, steps: list[_Step], closed_at: date | None
) -> "tuple[datetime | None, Precision]":
    """When it was closed: as given, else when the visits say it entered a closed stage for good."""
    if closed_at is None and stage is not None and process.stage(stage).kind != "open":
        following: date | None = None
        for name, entered, left, _ in reversed(steps):
            if process.stage(name).kind != process.stage(stage).kind or _is_gap(left, following):
                break
            closed_at = following = entered
    return known_moment(closed_at, "closed_at")


def _is_gap(left: date | None, following: date | None) -> bool:
    """Whether it is known to have been elsewhere between two visits."""
    if left is None or following is None:
        return False
    return not is_same_moment(moment(left, "visits"), moment(following, "visits"))


def _visits(
    process: "Process",
    steps: list[_Step],
    stage: str | None,
    closing: "tuple[datetime | None, Precision]",
) -> list[ev.RestoredVisit]:
    made: list[ev.RestoredVisit] = []
    for number, (name, entered, left, is_given) in enumerate(steps):
        at, precision = known_moment(entered, "visits")
        if is_given:
            end = known_moment(left, "visits")
        elif number + 1 < len(steps):
            end = known_moment(steps[number + 1][1], "visits")
        else:
            # An open stage was left by the closing; a closed one was entered by it.
            is_left = name != stage and process.stage(name).kind == "open"
            end = closing if is_left else (None, "instant")
        made.append(
            ev.RestoredVisit(
                stage=name,
                stage_kind=process.stage(name).kind,
                stage_position=process.position(name),
                entered_at=at,
                entered_precision=precision,
                left_at=end[0],
                left_precision=end[1],
            )
        )
    return made


def _place(process: "Process", stage: str | None, manual: dict[str, Any]) -> dict[str, Any]:
    if stage is not None:
        return standing(process, process.stage(stage).name, manual)
    return {**manual, "stage": None, "stage_kind": "open", "stage_position": None}


def _check_probability(identity: str, place: dict[str, Any], given: float | None) -> None:
    if given in (None, place["probability"]):
        return
    outcome, certain = place["stage_kind"], place["probability"]
    fact = f"it is {outcome}, so its probability is {certain:.0f}"
    msg = f"cannot restore deal {shown(identity)}: {fact}"
    hint = "leave it out."
    raise ClosedDealError(msg, hint=hint, deal_id=identity, outcome=outcome, field="probability")


def _loss(
    pipeline: "Pipeline",
    identity: str,
    stage: str | None,
    steps: list[_Step],
    known: dict[str, Any],
) -> dict[str, Any]:
    """Why and where it was lost; where, unless given, is the last open stage it is known in."""
    lost_at = known.pop("lost_at_stage", None)
    reason = known.pop("loss_reason", None)
    if lost_at is None and stage is not None and pipeline.stage(stage).kind == "lost":
        opened = [name for name, *_ in steps if pipeline.stage(name).kind == "open"]
        lost_at = opened[-1] if opened else None
    elif lost_at is not None and pipeline.stage(lost_at).kind != "open":
        kind = pipeline.stage(lost_at).kind
        msg = f"cannot restore deal {shown(identity)}: lost_at_stage '{lost_at}' is {kind}"
        hint = "give the open stage that it was in when it was lost."
        raise OptionError(msg, hint=hint, parameter="lost_at_stage", value=lost_at)
    position = None if lost_at is None else pipeline.position(lost_at)
    return {"reason": reason, "lost_at_stage": lost_at, "lost_at_position": position}
