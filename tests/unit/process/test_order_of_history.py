"""What was recorded before a stage was entered was done before it, also at the same moment."""

from datetime import UTC, date, datetime

import pytest

from salesflow import Pipeline, Playbook, Stage, TaskTemplate, tasks
from salesflow import requirements as req

CALL = Playbook(tasks=[TaskTemplate("Call", done_by="call")])
CLOSED = (Stage("won", kind="won"), Stage("lost", kind="lost"))
CALLED = req.activity("call", within_stage=True)
PIPELINE = Pipeline(
    "p",
    [Stage("x", playbook=CALL), Stage("y", playbook=CALL, exit_requires=[CALLED]), "z", *CLOSED],
)
DAY = date(2026, 1, 5)
INSTANT = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = datetime(2026, 1, 6, tzinfo=UTC)
same_moment = pytest.mark.parametrize("at", [DAY, INSTANT])


def states(deal):
    return {task.stage: task.state for task in tasks(deal, PIPELINE, as_of=LATER)}


def missing(deal):
    return CALLED.unmet(deal, None)


@same_moment
def test_a_call_before_the_move_counts_for_the_stage_before(at):
    called = PIPELINE.log(PIPELINE.open("Acme", id="D-1", at=at), "call", at=at)
    deal = PIPELINE.advance(called, at=at)
    assert states(deal) == {"x": "done", "y": "open"}
    assert missing(called) is None
    assert missing(deal) == "a done 'call' since this stage was entered is needed, there is none"
    onward = next(move for move in PIPELINE.moves(deal) if move.to == "z")
    assert onward.blocked_by == (missing(deal),)


@same_moment
def test_a_call_after_the_move_counts_for_the_stage_after(at):
    deal = PIPELINE.advance(PIPELINE.open("Acme", id="D-1", at=at), at=at)
    called = PIPELINE.log(deal, "call", at=at)
    assert states(called)["y"] == "done"
    assert missing(called) is None


@same_moment
def test_a_plan_carried_out_after_the_move_counts_there(at):
    deal = PIPELINE.open("Acme", id="D-1", at=at)
    planned = PIPELINE.log(deal, "call", id="A", planned_at=at, at=at)
    moved = PIPELINE.advance(planned, at=at)
    assert missing(moved) is not None
    assert missing(PIPELINE.log(moved, "call", id="A", at=at)) is None


@same_moment
def test_a_migration_enters_a_stage_only_if_it_has_another_name(at):
    renamed = Pipeline("p", ["a", "b", *CLOSED], version=2)
    again = Pipeline("p", ["x", "b", *CLOSED], version=2)
    called = PIPELINE.log(PIPELINE.open("Acme", id="D-1", at=at), "call", at=at)
    assert missing(renamed.migrate(called, to="a", at=at)) is not None
    assert missing(again.migrate(called, at=at)) is None
