"""`restore`: a deal taken over from elsewhere, with what is known of its past."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from salesflow.errors import ClosedDealError, FieldError, OptionError, shown
from salesflow.models import Deal
from salesflow.models import events as ev
from salesflow.models.fold import restored_moments
from salesflow.models.moments import is_same_moment, latest
from salesflow.process._events import check_names, faults_of, make, moment
from salesflow.process._text import is_text, plain_text
from salesflow.process._verbs import set_by_hand, standing
from salesflow.process.actor import Actor, By
from salesflow.process.fields import RestoredFields
from salesflow.process.stage import to_probability

if TYPE_CHECKING:
    from salesflow.models._base import Precision
    from salesflow.process.pipeline import Pipeline


def restore(
    pipeline: "Pipeline", identity: str, stage: str | None, by: By, fields: RestoredFields
) -> Deal:
    """One `restored` event with the fields as known."""
    check_names(f"restore deal {shown(identity)}", fields, RestoredFields.__optional_keys__)
    if is_text(identity):
        identity = plain_text(identity)
    known: dict[str, Any] = dict(fields)
    steps = _steps(identity, known.pop("visits", ()))
    stage = steps[-1][0] if stage is None and steps else stage
    created, created_precision = _known_moment(known.pop("created_at", None), "created_at")
    closed, closed_precision = _closing(pipeline, stage, steps, known.pop("closed_at", None))
    visits = _visits(pipeline, steps, stage, (closed, closed_precision))
    probability = to_probability(known.pop("probability", None))
    manual = set_by_hand(known, probability)
    place = _place(pipeline, stage, manual)
    _check_probability(identity, place, probability)
    event = make(
        ev.Restored,
        f"restore deal {shown(identity)}",
        **place,
        **_loss(pipeline, identity, stage, steps, known),
        **known,
        id=f"{identity}:1",
        by=by.id if isinstance(by, Actor) else by,
        pipeline=pipeline.name,
        pipeline_version=pipeline.version,
        created_at=created,
        created_precision=created_precision,
        closed_at=closed,
        closed_precision=closed_precision,
        visits=visits,
    )
    at, precision = latest(*restored_moments(event))
    dated = ev.Restored._trusted({**event.__dict__, "at": at, "precision": precision})
    return _checked(Deal._from_history(identity, (dated,)))


def _checked(deal: Deal) -> Deal:
    try:
        return Deal.model_validate(deal.__dict__)
    except ValidationError as error:
        faults = faults_of(error)
        msg = f"cannot restore deal {deal.id!r}: {'; '.join(faults)}"
        raise FieldError(msg, faults=faults) from error


def _known_moment(value: date | None, parameter: str) -> "tuple[datetime | None, Precision]":
    return (None, "instant") if value is None else moment(value, parameter)


def _steps(identity: str, visits: object) -> list[tuple[str, Any, Any, bool]]:
    if isinstance(visits, Iterable):
        return [_visit_parts(identity, visit) for visit in visits]
    fact = f"visits {shown(visits)} are no (stage, entered_at) pairs"
    msg = f"cannot restore deal {shown(identity)}: {fact}"
    raise OptionError(msg, parameter="visits", value=visits)


def _visit_parts(identity: str, visit: object) -> tuple[str, Any, Any, bool]:
    if isinstance(visit, tuple | list) and len(visit) in (2, 3):
        stage, entered, *left = visit
        return stage, entered, left[0] if left else None, bool(left)
    msg = f"cannot restore deal {shown(identity)}: visit {shown(visit)} is no (stage, entered_at)"
    raise OptionError(msg, parameter="visits", value=visit)


def _closing(
    pipeline: "Pipeline", stage: str | None, steps: list[Any], closed_at: date | None
) -> "tuple[datetime | None, Precision]":
    """When it was closed: as given, else when the visits say it entered a closed stage for good."""
    if closed_at is None and stage is not None and pipeline.stage(stage).kind != "open":
        following: date | None = None
        for name, entered, left, _ in reversed(steps):
            if pipeline.stage(name).kind != pipeline.stage(stage).kind or _is_gap(left, following):
                break
            closed_at = following = entered
    return _known_moment(closed_at, "closed_at")


def _is_gap(left: date | None, following: date | None) -> bool:
    """Whether it is known to have been elsewhere between two visits."""
    if left is None or following is None:
        return False
    return not is_same_moment(moment(left, "visits"), moment(following, "visits"))


def _visits(
    pipeline: "Pipeline",
    steps: list[Any],
    stage: str | None,
    closing: "tuple[datetime | None, Precision]",
) -> list[ev.RestoredVisit]:
    made: list[ev.RestoredVisit] = []
    for number, (name, entered, left, is_given) in enumerate(steps):
        at, precision = _known_moment(entered, "visits")
        if is_given:
            end = _known_moment(left, "visits")
        elif number + 1 < len(steps):
            end = _known_moment(steps[number + 1][1], "visits")
        else:
            # An open stage was left by the closing; a closed one was entered by it.
            is_left = name != stage and pipeline.stage(name).kind == "open"
            end = closing if is_left else (None, "instant")
        made.append(
            ev.RestoredVisit(
                stage=name,
                stage_kind=pipeline.stage(name).kind,
                stage_position=pipeline.position(name),
                entered_at=at,
                entered_precision=precision,
                left_at=end[0],
                left_precision=end[1],
            )
        )
    return made


def _place(pipeline: "Pipeline", stage: str | None, manual: dict[str, Any]) -> dict[str, Any]:
    if stage is not None:
        return standing(pipeline, pipeline.stage(stage).name, manual)
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
    steps: list[Any],
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
