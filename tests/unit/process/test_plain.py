"""The graph asked about plain stages, by apps whose deals are rows of their own."""

import pytest
from hypothesis import given, settings

from salesflow import Pipeline, Stage
from salesflow.errors import MoveNotAllowed, OptionError, UnknownStageError
from tests import oracle
from tests.strategies import pipelines

ENDS = (Stage("won", kind="won"), Stage("kept", kind="won"), Stage("lost", kind="lost"))
PIPELINE = Pipeline("p", ["talk", "offer", "sign", *ENDS])


@pytest.mark.parametrize(
    ("stage", "verb", "to"),
    [
        *[("talk", "advance", "offer"), ("offer", "advance", "sign"), ("talk", "lose", "lost")],
        *[("sign", "win", "won"), ("sign", "lose", "lost")],
    ],
)
def test_a_verb_leads_where_it_does_without_to(stage, verb, to):
    assert PIPELINE.next_stage(stage, verb) == to


@pytest.mark.parametrize(
    ("stage", "verb", "fact"),
    [
        ("sign", "advance", "it has no next open stage"),
        ("talk", "win", "win leads nowhere from there"),
        ("won", "advance", "that stage is won"),
        ("kept", "win", "that stage is won"),
        ("lost", "lose", "that stage is lost"),
    ],
)
def test_a_verb_that_leads_nowhere_is_refused_with_what_is_legal(stage, verb, fact):
    with pytest.raises(MoveNotAllowed, match=f"cannot {verb} from '{stage}': {fact}") as refused:
        PIPELINE.next_stage(stage, verb)
    error = refused.value
    assert (error.deal_id, error.stage, error.to, error.unmet) == ("", stage, None, ())
    assert set(error.legal) == set(PIPELINE.targets(stage))


def test_where_nothing_is_legal_there_is_no_hint():
    pipeline = Pipeline("p", ["talk", ENDS[0], ENDS[2]])
    with pytest.raises(MoveNotAllowed) as refused:
        pipeline.next_stage("won", "advance")
    assert (refused.value.legal, refused.value.hint) == ((), None)


@pytest.mark.parametrize("verb", ["move", "reopen"])
def test_a_verb_that_is_told_where_to_go_is_refused(verb):
    with pytest.raises(OptionError, match=f"verb '{verb}': it goes where it is told"):
        PIPELINE.next_stage("talk", verb)


@pytest.mark.parametrize("verb", ["wn", "Win", "", None, 3, ["win"]])
def test_an_unknown_verb_is_refused_with_the_known_ones(verb):
    with pytest.raises(OptionError, match="cannot tell the next stage for verb") as refused:
        PIPELINE.next_stage("talk", verb)
    assert "'win'" in str(refused.value.hint)


@pytest.mark.parametrize("stage", ["tlak", "", None, 3, []])
def test_an_unknown_stage_is_refused(stage):
    with pytest.raises(UnknownStageError):
        PIPELINE.next_stage(stage, "advance")
    with pytest.raises(UnknownStageError):
        PIPELINE.why_not(stage, "talk")
    with pytest.raises(UnknownStageError):
        PIPELINE.why_not("talk", stage)


@pytest.mark.parametrize(
    ("stage", "to", "reason"),
    [
        ("talk", "won", "win it from 'sign'"),
        ("talk", "sign", "from there it may go to 'offer' or 'lost'"),
        ("talk", "talk", "they are one stage"),
        ("won", "talk", "from there it may go to 'kept'"),
        ("lost", "won", "from there it may go to 'sign', 'offer' or 'talk'"),
    ],
)
def test_why_there_is_no_move(stage, to, reason):
    told = PIPELINE.why_not(stage, to)
    assert told == f"no move leads from '{stage}' to '{to}': {reason}"


def test_nothing_stands_against_a_move_that_there_is():
    assert PIPELINE.why_not("talk", "offer") is None


def test_other_reasons():
    old = Pipeline("p", [Stage("old", retired=True), "talk", ENDS[0], ENDS[2]], lose_from=["talk"])
    assert old.why_not("talk", "old") == (
        "no move leads from 'talk' to 'old': that stage is retired"
    )
    assert old.why_not("won", "talk") == (
        "no move leads from 'won' to 'talk': nothing leads on from there"
    )
    assert old.why_not("old", "lost") == "no move leads from 'old' to 'lost': lose it from 'talk'"


@settings(max_examples=40)
@given(pipelines())
def test_any_definition_answers_as_its_graph_does(pipeline):
    for stage in pipeline.stages:
        for to in pipeline.stages:
            reason = pipeline.why_not(stage.name, to.name)
            assert (reason is None) == (oracle.verb(pipeline, stage.name, to.name) is not None)
        for verb in ("advance", "win", "lose"):
            try:
                to = pipeline.next_stage(stage.name, verb)
            except MoveNotAllowed:
                continue
            leads = "move" if verb == "advance" else verb
            assert oracle.verb(pipeline, stage.name, to) == leads
