"""A definition of leads is taken when the second list of faults finds none, and refused else."""

from collections.abc import Callable

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from salesflow import LeadProcess, Stage
from salesflow.errors import DefinitionError
from tests import lead_oracle as oracle
from tests.strategies import LeadDraft, lead_drafts, lead_processes

ENDS = (Stage("yes", kind="converted"), Stage("no", kind="disqualified"))


@settings(max_examples=300, deadline=None)
@given(lead_drafts())
@example(
    LeadDraft("converted by what follows a conversion alone", (Stage("a"), *ENDS), convert_from=())
)
@example(LeadDraft("all aside", (Stage("a"), *ENDS), nurture_stages=("a",)))
@example(
    LeadDraft(
        "a path that is retired",
        (Stage("a", retired=True), Stage("b"), *ENDS),
        nurture_stages=("b",),
    )
)
def test_a_definition_is_taken_exactly_when_it_has_no_fault(draft):
    if oracle.is_legal(draft):
        assert draft.build().stages == draft.stages
    else:
        with pytest.raises(DefinitionError, match="cannot define lead process") as caught:
            draft.build()
        assert caught.value.faults


@settings(max_examples=100, deadline=None)
@given(lead_processes())
def test_it_allows_what_the_settings_say_and_nothing_else(process):
    names = [stage.name for stage in process.stages]
    for here in names:
        verbs = {to: oracle.verb(process, here, to) for to in names}
        assert process.targets(here) == {to: verb for to, verb in verbs.items() if verb}


@settings(max_examples=50, deadline=None)
@given(lead_processes())
def test_a_definition_goes_to_files_and_back(process):
    assert LeadProcess.from_toml(process.to_toml()) == process
    assert LeadProcess.from_json(process.to_json()) == process


def _append(draft: LeadDraft, stage: Stage) -> LeadDraft:
    return attrs.evolve(draft, stages=(*draft.stages, stage))


def _without(draft: LeadDraft, kind: str) -> LeadDraft:
    return attrs.evolve(draft, stages=tuple(s for s in draft.stages if s.kind != kind))


NEW = "quite another name"
BREAKS: dict[str, tuple[Callable[[LeadDraft], LeadDraft], str]] = {
    "no converted stage": (lambda d: _without(d, "converted"), "it has no converted stage"),
    "no disqualified stage": (
        lambda d: _without(d, "disqualified"),
        "it has no disqualified stage",
    ),
    "a stage of deals": (
        lambda d: _append(d, Stage(NEW, kind="won")),
        "is of kind won; here there is 'open', 'converted' or 'disqualified'",
    ),
    "nowhere to convert from": (
        lambda d: attrs.evolve(d, convert_from=()),
        "leads to no converted stage",
    ),
    "nowhere to disqualify from": (
        lambda d: attrs.evolve(d, disqualify_from=()),
        "leads to no disqualified stage",
    ),
    "all aside": (
        lambda d: attrs.evolve(
            d, nurture_stages=tuple(s.name for s in d.stages if s.kind == "open")
        ),
        "nurture_stages leaves no open stage on the path",
    ),
    "no text for the deal's stage": (
        lambda d: attrs.evolve(d, deal_stage=3),
        "deal_stage is 3, no text",
    ),
    "a chance": (
        lambda d: _append(d, Stage(NEW, kind="converted", probability=0.5)),
        f"stage '{NEW}' has a probability, which a lead has not",
    ),
    "a category": (
        lambda d: _append(d, Stage(NEW, kind="converted", category="commit")),
        f"stage '{NEW}' has a category, which a lead has not",
    ),
    **{
        f"{setting} unknown": (
            lambda d, setting=setting: attrs.evolve(d, **{setting: (NEW,)}),
            f"{setting} names '{NEW}', which is no stage",
        )
        for setting in oracle.SETTINGS
    },
}


@settings(max_examples=100, deadline=None)
@given(lead_processes(), st.sampled_from(sorted(BREAKS)))
def test_a_wrong_definition_is_refused_and_the_fault_named(process, how):
    break_it, fault = BREAKS[how]
    draft = LeadDraft(**{f.name: getattr(process, f.name) for f in attrs.fields(LeadDraft)})
    with pytest.raises(DefinitionError, match=fault):
        break_it(draft).build()


@settings(max_examples=50, deadline=None)
@given(lead_processes())
def test_all_faults_are_named_together(process):
    draft = LeadDraft(**{f.name: getattr(process, f.name) for f in attrs.fields(LeadDraft)})
    wrong = ("deal_stage is 3", f"convert_from names '{NEW}'", "version 'x' is no whole number")
    with pytest.raises(DefinitionError) as caught:
        attrs.evolve(draft, deal_stage=3, convert_from=(NEW,), version="x").build()
    for fault in wrong:
        assert any(fault in found for found in caught.value.faults)
