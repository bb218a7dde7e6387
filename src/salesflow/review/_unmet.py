"""What a deal lacks to go on: what its next move requires, and the open tasks of its stage."""

from collections.abc import Callable
from datetime import datetime

from salesflow.models import TOUCH_KINDS, Deal
from salesflow.process import Move, Pipeline, Task, tasks

Wanted = Callable[[Task], bool]
"""Which tasks come first."""


def any_activity(task: Task) -> bool:
    """Whether an activity does the task: what a next step may be."""
    return task.done_by is not None


def a_touch(task: Task) -> bool:
    """Whether talking to the customer does the task."""
    return task.done_by in TOUCH_KINDS


def unmet(
    deal: Deal, pipeline: Pipeline | None, as_of: datetime, first: Wanted | None = None
) -> tuple[str, ...]:
    """What is missing, in words, the most urgent first.

    What the next move requires comes before the tasks, late ones before the others; tasks that are
    wanted first, where a risk asks for them, before all. Nothing, where the pipeline does not tell.
    """
    if pipeline is None or not is_placed(deal, pipeline):
        return ()
    found = [task for task in tasks(deal, pipeline, as_of=as_of) if task.state in _TO_DO]
    found.sort(key=lambda task: task.state == "open")  # late ones first, else as they come
    wanted = [task for task in found if first is not None and first(task)]
    others = [task for task in found if task not in wanted]
    ahead = next_move(deal, pipeline)
    required = [] if ahead is None else [f"{_to(ahead)}: {what}" for what in ahead.blocked_by]
    return (*map(_told, wanted), *required, *map(_told, others))


_TO_DO = ("open", "overdue")


def is_placed(deal: Deal, pipeline: Pipeline) -> bool:
    """Whether the deal is in a stage that the pipeline has, and that means the same there."""
    kinds = {stage.name: stage.kind for stage in pipeline.stages}
    return deal.pipeline == pipeline.name and kinds.get(str(deal.stage)) == deal.outcome


def next_move(deal: Deal, pipeline: Pipeline) -> Move | None:
    """The move that takes it on: to the next open stage, or to the win; of a lost deal, back.

    A lost deal goes back as far ahead as it may.
    """
    moves = pipeline.moves(deal)
    if not deal.is_open:
        return next((move for move in reversed(moves) if move.verb == "reopen"), None)
    here = pipeline.position(str(deal.stage))
    on = (move for move in moves if move.verb == "move" and pipeline.position(move.to) > here)
    return next(on, None) or next((move for move in moves if move.verb == "win"), None)


def go_on(deal: Deal, pipeline: Pipeline | None) -> str | None:
    """The next move in words; None where the pipeline does not tell."""
    ahead = None
    if pipeline is not None and is_placed(deal, pipeline):
        ahead = next_move(deal, pipeline)
    return None if ahead is None else _to(ahead)


def _to(move: Move) -> str:
    return f"{move.verb} to '{move.to}'"


def _told(task: Task) -> str:
    return f"{task.title} (overdue)" if task.state == "overdue" else task.title
