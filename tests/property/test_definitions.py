"""A definition is taken when the design's list finds no fault, and refused when it finds one."""

from collections.abc import Callable

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from salesflow import Pipeline, Stage
from salesflow.errors import DefinitionError
from tests import oracle
from tests.strategies import Draft, drafts, pipelines


def draft_of(pipeline: Pipeline) -> Draft:
    return Draft(**{f.name: getattr(pipeline, f.name) for f in attrs.fields(Draft)})


@settings(max_examples=300, deadline=None)
@given(drafts())
@example(Draft("p", (Stage("a"), Stage("w", kind="won"), Stage("l", kind="lost")), win_from=()))
@example(
    Draft(
        "a retired stage that only leads back, where back is not allowed",
        (Stage("a"), Stage("b", retired=True), Stage("w", kind="won"), Stage("l", kind="lost")),
        lose_from=("a",),
        allow_back=False,
    )
)
def test_a_definition_is_taken_exactly_when_it_has_no_fault(draft):
    if oracle.is_legal(draft):
        assert draft.build().stages == draft.stages
    else:
        with pytest.raises(DefinitionError, match="cannot define pipeline") as caught:
            draft.build()
        assert caught.value.faults


@settings(max_examples=100, deadline=None)
@given(pipelines())
def test_a_pipeline_allows_what_the_design_says_and_nothing_else(pipeline):
    names = [stage.name for stage in pipeline.stages]
    for here in names:
        verbs = {to: oracle.verb(pipeline, here, to) for to in names}
        assert pipeline.targets(here) == {to: verb for to, verb in verbs.items() if verb}
        assert [pipeline.allows(here, to) for to in names] == [
            verbs[to] is not None for to in names
        ]


def _rename_first(draft: Draft, name: object) -> Draft:
    first = Stage(name, label="x")  # type: ignore[arg-type]
    return attrs.evolve(draft, stages=(first, *draft.stages[1:]))


def _without(draft: Draft, kind: str) -> Draft:
    return attrs.evolve(draft, stages=tuple(s for s in draft.stages if s.kind != kind))


def _append(draft: Draft, stage: Stage) -> Draft:
    return attrs.evolve(draft, stages=(*draft.stages, stage))


NEW = "quite another name"
BREAKS: dict[str, tuple[Callable[[Draft], Draft], str]] = {
    "blank name": (lambda d: _rename_first(d, " "), "stage name ' ' is no text"),
    "name of no text": (lambda d: _rename_first(d, 3), "stage name 3 is no text"),
    "unhashable name": (lambda d: _rename_first(d, []), r"stage name \[\] is no text"),
    "name that JSON cannot hold": (lambda d: _rename_first(d, "\ud800"), "is no text"),
    "name twice": (lambda d: _append(d, d.stages[-1]), "is there 2 times"),
    "no open stage": (lambda d: _without(d, "open"), "it has no open stage"),
    "no won stage": (lambda d: _without(d, "won"), "it has no won stage"),
    "no lost stage": (lambda d: _without(d, "lost"), "it has no lost stage"),
    "open after closed": (lambda d: _append(d, Stage(NEW)), f"'{NEW}' stands after a closed one"),
    "no stage": (lambda d: attrs.evolve(d, stages=()), "it has no open stage"),
    "stage of no Stage": (lambda d: _append(d, None), "hold None, which is no Stage"),  # type: ignore[arg-type]
    "name of the pipeline": (lambda d: attrs.evolve(d, name=""), "its name '' is no text"),
    "version": (lambda d: attrs.evolve(d, version="1"), "its version '1' is no whole number"),
    "nowhere to win from": (lambda d: attrs.evolve(d, win_from=()), "leads to no won stage"),
    "nowhere to lose from": (lambda d: attrs.evolve(d, lose_from=()), "leads to no lost stage"),
    "no entry": (lambda d: attrs.evolve(d, entry_stages=()), "entry_stages names no stage"),
    "won that cannot be reached": (
        lambda d: attrs.evolve(_append(d, Stage(NEW, kind="won")), win_from=()),
        f"'{NEW}' cannot be reached",
    ),
    "certain": (
        lambda d: _append(d, Stage("sure", kind="lost", probability=0.5)),
        "stage 'sure' is lost, so its probability is 0, not 0.5",
    ),
    "stale at once": (lambda d: _append(d, Stage(NEW, kind="won", stale_after=0)), "stale after 0"),
    **{
        f"{setting} unknown": (
            lambda d, setting=setting: attrs.evolve(d, **{setting: (NEW,)}),
            f"{setting} names '{NEW}', which is no stage",
        )
        for setting in oracle.SETTINGS
    },
    **{
        f"{setting} closed": (
            lambda d, setting=setting: attrs.evolve(d, **{setting: (d.stages[-1].name,)}),
            "which is lost, not open",
        )
        for setting in oracle.SETTINGS
    },
    **{
        f"{setting} twice": (
            lambda d, setting=setting: attrs.evolve(d, **{setting: (d.stages[0].name,) * 2}),
            "twice",
        )
        for setting in oracle.SETTINGS
    },
}


@settings(max_examples=200, deadline=None)
@given(pipelines(), st.sampled_from(sorted(BREAKS)))
def test_a_wrong_definition_is_refused_and_the_fault_named(pipeline, how):
    break_it, fault = BREAKS[how]
    with pytest.raises(DefinitionError, match=fault):
        break_it(draft_of(pipeline)).build()


@settings(max_examples=100, deadline=None)
@given(pipelines(), st.sets(st.sampled_from(["twice", "entry", "version", "certain"]), min_size=2))
def test_several_faults_are_named_together(pipeline, hows):
    several = {
        "twice": (lambda d: _append(d, d.stages[-1]), "times"),
        "entry": BREAKS["entry_stages unknown"],
        "version": BREAKS["version"],
        "certain": BREAKS["certain"],
    }
    draft = draft_of(pipeline)
    for how in hows:
        draft = several[how][0](draft)
    with pytest.raises(DefinitionError, match="cannot define pipeline") as caught:
        draft.build()
    for how in hows:
        assert any(several[how][1] in fault for fault in caught.value.faults)
