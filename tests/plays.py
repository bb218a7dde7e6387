"""A small pipeline with playbooks, and short ways to read the tasks of a deal."""

from datetime import date, datetime

from salesflow import Deal, Pipeline, Playbook, Stage, TaskTemplate, tasks
from tests.builders import jan

TALK = Playbook(
    "We know what they need.",
    "Listen.",
    [TaskTemplate("Call them", due_in_days=2, done_by="call"), TaskTemplate("Write it down")],
)
OFFER = Playbook(tasks=[TaskTemplate("Show it", due_in_days=3, done_by="demo", key="show")])
KEPT = Playbook(
    "They stay.",
    tasks=[
        TaskTemplate("Say thanks", due_in_days=1, done_by="email"),
        TaskTemplate("Ask how it goes", due_in_days=30, done_by="call", key="ask"),
    ],
)
PLAYED = Pipeline(
    "small",
    [
        Stage("talk", playbook=TALK),
        Stage("offer", playbook=OFFER),
        Stage("won", kind="won"),
        Stage("kept", kind="won", playbook=KEPT),
        Stage("lost", kind="lost"),
    ],
)


def opened(at: date | None = None) -> Deal:
    """Deal D-1, opened on 1 January unless another moment is given."""
    return PLAYED.open("Acme", id="D-1", at=jan(1) if at is None else at)


def states(deal: Deal, as_of: datetime, pipeline: Pipeline = PLAYED) -> dict[str, str]:
    """Where each task stands, by its id without the deal's."""
    found = tasks(deal, pipeline, as_of=as_of)
    return {task.id.removeprefix(f"{deal.id}:"): task.state for task in found}
