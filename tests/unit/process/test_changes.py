"""`diff`: every difference between two definitions, and nothing else."""

import attrs
import pytest
from hypothesis import given, settings

from salesflow import LeadProcess, Pipeline, Stage, diff, errors
from tests.strategies import pipelines

ENDS = (Stage("won", kind="won"), Stage("lost", kind="lost"))
OLD = Pipeline("small", ["talk", "offer", *ENDS])


def changes(*stages, **options):
    """What changed from the old definition, in words."""
    new = Pipeline("small", [*(stages or ("talk", "offer")), *ENDS], **options)
    return [str(change) for change in diff(OLD, new)]


def test_nothing_changed():
    assert changes() == []


def test_a_setting():
    assert changes(allow_skip=True) == ["allow_skip: False → True"]


def test_a_setting_that_names_stages():
    assert changes(win_from=["talk", "offer"]) == ["win_from: None → ('talk', 'offer')"]


def test_something_of_a_stage():
    assert changes("talk", Stage("offer", probability=0.5, label="Quote")) == [
        "stages.offer.label: 'Offer' → 'Quote'",
        "stages.offer.probability: None → 0.5",
    ]


def test_a_stage_that_is_called_otherwise_is_another():
    assert changes("talk", "quote") == ["stages.quote is new", "stages.offer is gone"]


def test_the_order_of_the_stages_that_stay():
    assert changes("offer", "new", "talk") == [
        "stages: ('talk', 'offer', 'won', 'lost') → ('offer', 'talk', 'won', 'lost')",
        "stages.new is new",
    ]


def test_the_leads_of_a_pipeline():
    leads = LeadProcess.standard()
    old = attrs.evolve(OLD, leads=leads)
    stages = [attrs.evolve(stage, stale_after=9) for stage in leads.stages[:1]]
    new = attrs.evolve(old, leads=attrs.evolve(leads, stages=[*stages, *leads.stages[1:]]))
    assert [*map(str, diff(old, new))] == ["leads.stages.new.stale_after: None → 9"]
    assert [change.path for change in diff(OLD, new)] == ["leads"]


def test_the_stage_itself_is_there():
    (change,) = diff(OLD, Pipeline("small", ["talk", *ENDS]))
    assert (change.path, change.old, change.new) == ("stages.offer", Stage("offer"), None)


@settings(max_examples=100, deadline=None)
@given(pipelines(), pipelines())
def test_equal_definitions_alone_have_no_difference(one, other):
    assert diff(one, one) == ()
    assert bool(diff(one, other)) == (one != other)


@settings(max_examples=100, deadline=None)
@given(pipelines(), pipelines())
def test_the_way_back_has_the_same_differences_the_other_way_round(one, other):
    def turned(change):
        return attrs.evolve(change, old=change.new, new=change.old)

    assert {*map(repr, map(turned, diff(one, other)))} == {*map(repr, diff(other, one))}


@pytest.mark.parametrize("setting", ["allow_back", "allow_unwin"])
def test_every_flag(setting):
    was = getattr(OLD, setting)
    assert changes(**{setting: not was}) == [f"{setting}: {was} → {not was}"]


@pytest.mark.parametrize(("old", "new", "parameter"), [(None, OLD, "old"), (OLD, "p", "new")])
def test_what_is_no_definition(old, new, parameter):
    with pytest.raises(errors.OptionError, match="cannot tell what changed: ") as caught:
        diff(old, new)
    assert caught.value.parameter == parameter
    assert caught.value.hint == "give a Pipeline or a LeadProcess."


def test_definitions_of_two_kinds():
    with pytest.raises(errors.OptionError, match="from a pipeline to a lead process"):
        diff(OLD, LeadProcess.standard())
