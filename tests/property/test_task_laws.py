"""Laws of tasks: they are a function of the history alone, and what is done stays done."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from salesflow import Deal, Pipeline, Playbook, Stage, Task, TaskTemplate, facts, tasks
from salesflow.models.events import ActivityLogged, StageChanged
from tests.strategies import START, deals, pipelines


def _played(stage: Stage, number: int) -> Stage:
    """The stage with a playbook of its own: a call, a meeting, and something to write."""
    play = Playbook(
        tasks=[
            TaskTemplate("Call", due_in_days=number, done_by="call"),
            TaskTemplate("Meet", done_by="meeting"),
            TaskTemplate("Write", due_in_days=2),
        ]
    )
    return Stage(stage.name, kind=stage.kind, playbook=play)


STANDARD = Pipeline.standard().stages
PLAYED = Pipeline("sales", [_played(stage, number) for number, stage in enumerate(STANDARD)])

instants = st.integers(-48, 24 * 60).map(lambda hours: START + timedelta(hours=hours))


def by_id(deal: Deal, as_of: datetime) -> Mapping[str, Task]:
    found = tasks(deal, PLAYED, as_of=as_of)
    told = {task.id: task for task in found}
    assert len(told) == len(found), "ids are unique"
    return told


@given(deals(PLAYED), instants)
def test_derived_twice_or_from_stored_json_they_are_equal(deal, as_of):
    written = deal.model_dump_json()
    found = tasks(deal, PLAYED, as_of=as_of)
    assert tasks(deal, PLAYED, as_of=as_of) == found
    assert tasks(Deal.model_validate_json(written), PLAYED, as_of=as_of) == found
    assert deal.model_dump_json() == written


@given(deals(PLAYED), instants)
def test_they_are_those_of_the_deal_as_it_was_then(deal, as_of):
    then = [old for old in facts.snapshot([deal], at=as_of) if old.id == deal.id]
    whole = tasks(deal, PLAYED, as_of=as_of)
    assert whole == (tasks(then[0], PLAYED, as_of=as_of) if then else ())


@given(deals(PLAYED), instants, instants)
def test_what_is_there_stays_and_what_is_done_stays_done(deal, one, other):
    early, late = (by_id(deal, at) for at in sorted((one, other)))
    assert early.keys() <= late.keys()
    for name, task in early.items():
        same = (task.title, task.stage, task.due_at, task.due_precision)
        after = late[name]
        assert (after.title, after.stage, after.due_at, after.due_precision) == same
        if task.state == "done":
            assert after.state == "done"
        if task.state == "overdue":
            assert after.state != "open"
        if task.state == "dropped":
            assert after.state in ("dropped", "done")


@given(deals(PLAYED, max_steps=6))
def test_they_are_what_a_reading_of_visits_and_touches_says(deal):
    """Another reading, of the table of visits; it knows instants only."""
    if {event.precision for event in deal.history} != {"instant"}:
        return
    as_of = datetime(2100, 1, 1, tzinfo=UTC)
    table = facts.visit_columns([deal])
    logged = [(n, e.activity) for n, e in enumerate(deal.history) if isinstance(e, ActivityLogged)]
    # The first event begins all visits that no later one does.
    changes = [n for n, e in enumerate(deal.history) if isinstance(e, StageChanged)]
    begun = [0] * (len(table["stage"]) - len(changes)) + changes
    expected = []
    visits = zip(table["stage"], table["entered_at"], table["left_at"], begun, strict=True)
    for stage, entered, left, number in visits:
        if entered is None:  # of a restored deal, and another test's matter
            return
        for kind in ("call", "meeting"):
            during = [
                a.occurred_at
                for recorded, a in logged
                if a.kind == kind
                and recorded > number  # what was recorded before the entry happened before it
                and entered <= a.occurred_at
                and (not left or a.occurred_at <= left)
            ]
            due = entered + timedelta(days=[s.name for s in STANDARD].index(stage))
            late = "overdue" if kind == "call" and due < as_of else "open"
            state = "done" if during else "dropped" if left else late
            expected.append((stage, state, min(during, default=None)))
        expected.append((stage, "done" if left else "overdue", left))
    found = tasks(deal, PLAYED, as_of=as_of)
    assert [(task.stage, task.state, task.done_at) for task in found] == expected


@given(st.data(), pipelines())
def test_any_definition_gives_tasks_in_the_order_of_visits_and_templates(data, plain):
    stages = [_played(stage, number) for number, stage in enumerate(plain.stages)]
    pipeline = Pipeline(plain.name, stages, allow_skip=True, allow_unwin=True)
    deal = data.draw(deals(pipeline))
    found = tasks(deal, pipeline, as_of=datetime(2100, 1, 1, tzinfo=UTC))
    visited = facts.visit_columns([deal])["stage"]
    assert [(task.stage, task.key) for task in found] == [
        (stage, key) for stage in visited for key in ("call", "meet", "write")
    ]
