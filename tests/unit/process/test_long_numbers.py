"""Numbers of thousands of digits, which Python does not write, are refused by an error of ours."""

from itertools import count

import pytest

from salesflow import (
    Criterion,
    Framework,
    Pipeline,
    Playbook,
    Stage,
    TaskTemplate,
    errors,
    events_since,
)
from salesflow import requirements as req

LONG = 10**5000
CLOSED = (Stage("won", kind="won"), Stage("lost", kind="lost"))
SALES = Pipeline.standard()


def pipeline_of(name="p", stages=("x",), **settings):
    return Pipeline(name, [*stages, *CLOSED], **settings)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("version", LONG),
        ("version", -LONG),
        ("allow_skip", LONG),
        ("name", LONG),
        ("entry_stages", [LONG]),
        ("stages", [LONG]),
        ("stages", [Stage(LONG)]),
        ("leads", LONG),
        ("frameworks", [LONG]),
    ],
    ids=count(),
)
def test_a_setting(setting, value):
    with pytest.raises(errors.DefinitionError, match=f"{setting} has a number of too many"):
        pipeline_of(**{setting: value})


@pytest.mark.parametrize(
    "stage",
    [
        {"label": LONG},
        {"category": LONG},
        {"retired": LONG},
        {"stale_after": 0, "category": LONG},
        {"playbook": LONG},
        {"playbook": Playbook(LONG, tasks=[TaskTemplate(LONG)])},
        {"playbook": Playbook(tasks=[TaskTemplate("call", due_in_days=LONG)])},
        {"playbook": Playbook(tasks=[TaskTemplate("call", done_by=LONG, key=LONG)])},
    ],
    ids=count(),
)
def test_what_a_stage_holds(stage):
    with pytest.raises(errors.DefinitionError, match="too long to show"):
        pipeline_of(stages=[Stage("x", **stage)])


def test_a_stage_of_such_a_name_tells_all_its_faults():
    faults = Stage(LONG, category=3, kind="open", exit_requires=[], retired=3).faults()
    assert [fault.startswith(("stage name <int", "stage <int")) for fault in faults] == [True] * 3


def test_a_version_in_toml():
    text = f"version = {hex(LONG)}\n{SALES.to_toml()}"
    with pytest.raises(errors.DefinitionFileError, match="version"):
        Pipeline.from_toml(text)


@pytest.mark.parametrize(
    ("name", "operator", "value"),
    [
        ("n_calls", "at_least", LONG),
        ("custom.x", "at_least", -LONG),
        ("custom.x", "equals", LONG),
        ("custom.x", "one_of", [1, LONG]),
        ("probability", "at_most", LONG),
        (LONG, "equals", 1),
    ],
    ids=count(),
)
def test_what_a_requirement_compares_with(name, operator, value):
    with pytest.raises(errors.OptionError, match="cannot require"):
        req.field(name, **{operator: value})


def test_the_longest_number_that_json_holds_is_no_fault():
    longest = 10**4298
    assert req.field("custom.x", at_least=longest).value == longest
    assert repr(pipeline_of(version=longest)).startswith("<Pipeline 'p' version 1000")


def test_weights_and_names_of_criteria():
    with pytest.raises(errors.CriteriaError, match="has weight <int too long") as caught:
        Framework(LONG, [Criterion(LONG, "Is it?", weight=LONG)])
    assert len(caught.value.faults) == 3


def test_an_odd_operator_or_requirement():
    with pytest.raises(errors.OptionError, match="cannot compare by <int too long to show>"):
        req.Field("custom.x", LONG, 1)
    with pytest.raises(errors.OptionError, match="cannot require <int too long to show>"):
        Stage("x", requires=LONG)
    with pytest.raises(errors.OptionError, match="it says <int too long to show>"):
        req.named("odd", lambda _deal, _by: LONG).unmet(SALES.open("Acme"), None)


@pytest.mark.parametrize(
    "call",
    [
        SALES.stage,
        SALES.position,
        lambda long: SALES.next_stage(long, "advance"),
        lambda long: SALES.next_stage("meeting", long),
        lambda long: SALES.open("Acme", stage=long),
        SALES.open,
        lambda long: SALES.open(long, wrong=3),
        lambda long: SALES.move(SALES.open("Acme"), to=long),
        lambda long: SALES.log(SALES.open("Acme"), long),
        lambda long: events_since(SALES.open("Acme"), long),
        lambda long: events_since(SALES.open("Acme"), -long),
        lambda long: SALES.migrate(SALES.open("Acme"), stages={"prospecting": long}),
        SALES.framework,
    ],
    ids=count(),
)
def test_a_call(call):
    with pytest.raises(errors.SalesflowError):
        call(LONG)
