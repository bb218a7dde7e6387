"""A playbook is data that is checked with the definition it stands in."""

import pytest

from salesflow import Pipeline, Playbook, Stage, TaskTemplate
from salesflow.errors import DefinitionError

ENDS = (Stage("won", kind="won"), Stage("lost", kind="lost"))


def faults_of(playbook):
    with pytest.raises(DefinitionError, match="cannot define pipeline 'p'") as caught:
        Pipeline("p", [Stage("a", playbook=playbook), *ENDS])
    return caught.value.faults


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Show the product", "show_the_product"),
        ("  Call: twice!  ", "call_twice"),
        ("Zażółć gęślą", "zażółć_gęślą"),
        ("商談 2", "商談_2"),
    ],
)
def test_a_key_is_the_title_in_lower_case(title, key):
    assert TaskTemplate(title).key == key


def test_a_key_may_be_given():
    assert TaskTemplate("Show it", key="demo-1").key == "demo-1"


def test_any_iterable_holds_the_tasks():
    one, two = TaskTemplate("One"), TaskTemplate("Two")
    assert Playbook(tasks=iter([one, two])).tasks == (one, two)


def test_a_playbook_without_tasks_is_one():
    pipeline = Pipeline("p", [Stage("a", playbook=Playbook("Know them.")), *ENDS])
    assert pipeline.stage("a").playbook == Playbook("Know them.", None, ())


def test_all_faults_are_told_at_once_with_those_of_the_stage():
    playbook = Playbook(
        goal=3,
        guidance=" ",
        tasks=[
            TaskTemplate("", key="a"),
            TaskTemplate("Call", due_in_days=-1, done_by=""),
            TaskTemplate("call", guidance=2),
            "Write",
            TaskTemplate("!"),
            TaskTemplate("Mail", key="a:b"),
        ],
    )
    with pytest.raises(DefinitionError) as caught:
        Pipeline("p", [Stage("a", playbook=playbook, stale_after=0), *ENDS])
    assert set(caught.value.faults) == {
        "stage 'a' is stale after 0 days, not above 0 and up to 1000000",
        "stage 'a' has a playbook with goal 3, which is no text",
        "stage 'a' has a playbook with guidance ' ', which is no text",
        "stage 'a' has a playbook that holds 'Write', which is no TaskTemplate",
        "stage 'a' has a task with title '', which is no text",
        "stage 'a' has task 'Call' due in -1 days, which is no whole number from 0",
        "stage 'a' has task 'Call' with done_by '', which is no text",
        "stage 'a' has task 'call' with guidance 2, which is no text",
        "stage 'a' has task '!' with key '', which is no text without ':'",
        "stage 'a' has task 'Mail' with key 'a:b', which is no text without ':'",
        "stage 'a' has 2 tasks with key 'call'",
    }


@pytest.mark.parametrize("days", [1.5, True, "2", float("nan")])
def test_days_are_whole(days):
    (fault,) = faults_of(Playbook(tasks=[TaskTemplate("Call", due_in_days=days)]))
    assert (
        fault == f"stage 'a' has task 'Call' due in {days!r} days, which is no whole number from 0"
    )


@pytest.mark.parametrize("key", [3, None, "\ud800"])
def test_a_key_that_is_no_text(key):
    (fault,) = faults_of(Playbook(tasks=[TaskTemplate("Call", key=key)]))
    assert fault.endswith("which is no text without ':'")


@pytest.mark.parametrize("playbook", ["call them", [TaskTemplate("Call")], TaskTemplate, 0])
def test_what_is_no_playbook(playbook):
    (fault,) = faults_of(playbook)
    assert fault.endswith("which is no Playbook")


@pytest.mark.parametrize("tasks", [None, "Call", 3])
def test_tasks_that_are_no_list(tasks):
    (fault,) = faults_of(Playbook(tasks=tasks))
    assert fault == f"stage 'a' has a playbook that holds {tasks!r}, which is no TaskTemplate"


def test_a_playbook_is_not_lost_when_a_definition_is_written():
    task = TaskTemplate("Call", due_in_days=2, done_by="call", guidance="Be short.", key="c")
    pipeline = Pipeline("p", [Stage("a", playbook=Playbook("Know them.", "Ask.", [task])), *ENDS])
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline
