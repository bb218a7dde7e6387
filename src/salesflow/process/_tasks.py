"""`tasks`: what the playbooks ask for a deal, read off its history."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

import attrs

from salesflow.errors import OptionError, WrongPipelineError, shown
from salesflow.models import Deal, Lead
from salesflow.models import events as ev
from salesflow.models.fold import Moment, restored_stays
from salesflow.models.moments import is_before
from salesflow.models.past import Cut, as_of_itself
from salesflow.process.process import Process

if TYPE_CHECKING:
    from collections.abc import Iterable

    from salesflow.models._base import Precision
    from salesflow.process.playbook import TaskTemplate

TaskState = Literal["open", "overdue", "done", "dropped"]
"""Where a task stands."""

_UNKNOWN: Moment = (None, "instant")


@attrs.frozen
class Task:
    """One thing to do, or done, for one visit of a deal to a stage.

    Attributes:
        id: ``<deal id>:<event>:<key>``, the event being the number of the one that entered the
            stage; the k-th stay that a restored event tells of counts as ``1.k``.
        deal_id: the deal.
        stage: the stage that was visited.
        key: which template of its playbook.
        title: what to do.
        guidance: how to do it.
        done_by: the kind of activity that does it; None if leaving the stage does.
        state: ``open``, ``overdue``, ``done``, or ``dropped``: the stage was left without it.
        due_at: when it should be done; None if the template or the entry does not say.
        due_precision: whether that is an instant, or a whole day.
        done_at: when it was done; None if it is not, or if nobody knows when.
        done_precision: whether that is an instant, or a whole day.
    """

    id: str
    deal_id: str
    stage: str
    key: str
    title: str
    guidance: str | None
    done_by: str | None
    state: TaskState
    due_at: datetime | None
    due_precision: "Precision"
    done_at: datetime | None
    done_precision: "Precision"


def tasks(deal: Deal | Lead, pipeline: Process, *, as_of: datetime) -> tuple[Task, ...]:
    """What is to do for this deal, what is late, and what was done?

    **Definition**: a pure function of the history up to ``as_of``. Each visit to a stage that has
    a playbook gives its tasks, a second visit gives them anew. A task is due ``due_in_days`` days
    of 24 hours after the entry, or, if only the day of that is known, so many calendar days.

    A template with ``done_by`` is done by the first done activity of that kind that happened
    during the visit, both ends included; what was recorded before the entry happened before it.
    When the stage is left without one, it is dropped. Other templates are done when the stage is
    left, whichever way. What is neither is overdue once the due instant, or the whole due day, has
    passed; else open. An activity counts as it was last logged, from when it was recorded.

    Left out are stages that the pipeline does not have, visits made in another pipeline, and what
    happened to deals that were merged into this one.

    Args:
        deal: a deal of the pipeline; or a lead, of a lead process.
        pipeline: the definition whose playbooks count.
        as_of: the instant the history is read at. [aware datetime]

    Returns:
        The tasks, in the order of the visits and of the templates; none before the deal began.

    Raises:
        WrongPipelineError: for a deal of another pipeline.
        OptionError: for anything but a deal and its kind of definition, and an ``as_of`` that is
            no instant.
        NaiveDatetimeError: for an ``as_of`` without a zone.

    Example:
        >>> from datetime import UTC, timedelta
        >>> from salesflow import Pipeline, Playbook, Stage, TaskTemplate
        >>> play = Playbook(tasks=[TaskTemplate("Call them", due_in_days=2, done_by="call")])
        >>> ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        >>> pipeline = Pipeline("small", [Stage("talk", playbook=play), *ends])
        >>> start = datetime(2026, 1, 5, 9, tzinfo=UTC)
        >>> deal = pipeline.open("Acme", id="D-1", at=start)
        >>> [(t.id, t.state) for t in tasks(deal, pipeline, as_of=start + timedelta(days=3))]
        [('D-1:1:call_them', 'overdue')]
    """
    _check(deal, pipeline)
    cut = Cut(as_of)
    then = as_of_itself(deal, cut)
    if then is None:
        return ()
    templates = {s.name: s.playbook.tasks for s in pipeline.stages if s.playbook is not None}
    stays, activities = _read(then, templates.keys())
    return tuple(
        _task(deal.id, stay, template, activities, cut)
        for stay in stays
        if pipeline.name in stay.pipelines
        for template in templates[stay.stage]
    )


def _check(deal: object, pipeline: Process) -> None:
    if not isinstance(deal, Deal | Lead):
        msg = f"cannot derive the tasks of {shown(deal)}: it is no Deal"
        raise OptionError(msg, parameter="deal", value=deal)
    given: object = pipeline
    if not isinstance(given, Process) or not isinstance(deal, given._model):
        word = deal._word
        msg = f"cannot derive the tasks of {word} '{deal.id}' from {shown(given)}"
        hint = "give the Pipeline of a deal, the LeadProcess of a lead."
        raise OptionError(msg, hint=hint, parameter="pipeline", value=given)
    if deal.pipeline != pipeline.name:
        what = f"{type(deal).__name__.lower()} '{deal.id}'"
        fact = f"it is in pipeline '{deal.pipeline}'"
        msg = f"cannot derive the tasks of {what} from pipeline '{pipeline.name}': {fact}"
        raise WrongPipelineError(
            msg,
            hint="give the pipeline that it moves through.",
            deal_id=deal.id,
            deal_pipeline=deal.pipeline,
            deal_stage=deal.stage,
            pipeline=pipeline.name,
        )


class _Done(NamedTuple):
    """A done activity: what kind, when it happened, and the event that recorded it."""

    kind: str
    moment: tuple[datetime, "Precision"]
    recorded: int


class _Stay:
    """A visit while the history is read."""

    __slots__ = (
        "began",
        "ceiling",
        "ended",
        "entered",
        "floor",
        "left",
        "number",
        "pipelines",
        "stage",
    )

    def __init__(self, stage: str, began: str, entered: Moment, pipeline: str) -> None:
        self.stage = stage
        self.began = began
        """The number of the event that began it, and which of its visits."""
        self.number = int(began.partition(".")[0])
        self.entered = self.floor = entered
        """When it was entered; and what happened before is not in it, if that is unknown."""
        self.left = self.ceiling = _UNKNOWN
        self.ended: int | None = None
        """The number of the event that ended it; None while it lasts."""
        self.pipelines = {pipeline}
        """Those that the deal was in meanwhile: a migration may leave it in a stage."""

    def end(self, number: int, left: Moment) -> None:
        self.ended, self.left, self.ceiling = number, left, left

    def holds(self, done: _Done) -> bool:
        """Whether an activity happened during it.

        What was recorded before it began or ended happened before that; so a later move cannot
        change it, even where a day is compared with an instant of it.
        """
        if done.recorded < self.number:
            return False
        if self.floor[0] is not None and is_before(*done.moment, self.floor[0], self.floor[1]):
            return False
        if self.ended is None or done.recorded < self.ended:
            return True
        at, precision = self.ceiling
        return at is not None and not is_before(at, precision, *done.moment)


def _read(deal: Deal | Lead, stages: "Iterable[str]") -> tuple[list[_Stay], list[_Done]]:
    """The visits to the stages, and all done activities, each once."""
    stays: list[_Stay] = []
    done: dict[str, _Done] = {}
    pipeline = ""
    for number, event in enumerate(deal.history, 1):
        if isinstance(event, ev.ActivityLogged):
            activity = event.activity
            if activity.occurred_at is not None:
                moment = (activity.occurred_at, activity.occurred_precision)
                done[activity.id] = _Done(activity.kind, moment, number)
        elif isinstance(event, ev.Restored):
            pipeline = event.pipeline
            stays = _restored(event)
        elif isinstance(event, ev.Migrated):
            pipeline = event.pipeline
            if event.stage != event.from_stage:
                _enter(stays, event, number, pipeline)
            else:  # the stage it is in is known, so there is a visit
                stays[-1].pipelines.add(pipeline)
        elif isinstance(event, ev.Opened | ev.StageChanged):
            pipeline = event.pipeline if isinstance(event, ev.Opened) else pipeline
            _enter(stays, event, number, pipeline)
    return [stay for stay in stays if stay.stage in stages], [*done.values()]


def _enter(
    stays: list[_Stay], event: "ev.Opened | ev.StageChanged | ev.Migrated", number: int, name: str
) -> None:
    moment: Moment = (event.at, event.precision)
    if stays and stays[-1].ended is None:
        stays[-1].end(number, moment)
    stays.append(_Stay(str(event.stage), str(number), moment, name))


def _restored(event: ev.Restored) -> list[_Stay]:
    """The visits that it tells of; where an end is unknown, the nearest known moments bound it."""
    stays = []
    known: Moment = (event.created_at, event.created_precision)
    for count, (place, entered, left) in enumerate(restored_stays(event), 1):
        stay = _Stay(place.stage, f"1.{count}", entered, event.pipeline)
        if entered[0] is None:
            stay.floor = known
        stay.end(1, left)
        known = next((m for m in (left, entered) if m[0] is not None), known)
        stays.append(stay)
    following: Moment = (event.at, event.precision)
    for stay in reversed(stays):
        if stay.left[0] is None:
            stay.ceiling = following
        following = next((m for m in (stay.entered, stay.left) if m[0] is not None), following)
    if stays and stays[-1].left[0] is None:
        stays[-1].ended = None
    return stays


def _task(
    deal_id: str, stay: _Stay, template: "TaskTemplate", activities: list[_Done], cut: Cut
) -> Task:
    due, due_precision = _due(stay, template)
    done: Moment = _UNKNOWN
    state: TaskState = "open"
    if template.done_by is None:
        if stay.ended is not None:
            state, done = "done", stay.left
    else:
        found = [a.moment for a in activities if a.kind == template.done_by and stay.holds(a)]
        if found:
            state, done = "done", min(found)
        elif stay.ended is not None:
            state = "dropped"
    if state == "open" and due is not None and _has_passed(due, due_precision, cut):
        state = "overdue"
    return Task(
        id=f"{deal_id}:{stay.began}:{template.key}",
        deal_id=deal_id,
        stage=stay.stage,
        key=template.key,
        title=template.title,
        guidance=template.guidance,
        done_by=template.done_by,
        state=state,
        due_at=due,
        due_precision=due_precision,
        done_at=done[0],
        done_precision=done[1],
    )


def _due(stay: _Stay, template: "TaskTemplate") -> Moment:
    entered, precision = stay.entered
    if entered is None or template.due_in_days is None:
        return _UNKNOWN
    try:
        return entered + timedelta(days=template.due_in_days), precision
    except OverflowError:
        return _UNKNOWN  # a day beyond the calendar, which no as_of can pass


def _has_passed(due: datetime, precision: "Precision", cut: Cut) -> bool:
    """Whether an instant, or a whole day by the date that the clock of ``as_of`` shows, is over."""
    if precision == "instant":
        return due < cut.at
    return due.toordinal() < cut.wall.toordinal()
