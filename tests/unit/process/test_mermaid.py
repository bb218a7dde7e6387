"""A definition as a diagram that Mermaid reads."""

import re

import pytest
from hypothesis import given, settings

from salesflow import Pipeline, Stage
from tests import oracle
from tests.strategies import pipelines

ENDS = (Stage("won", kind="won"), Stage("lost", kind="lost"))
# What Mermaid's grammar for state diagrams (stateDiagram.jison) takes as it is meant.
STATE = re.compile(r'    state "([^"\n]+)" as ([a-zA-Z_]\w*)', re.ASCII)
ARROW = re.compile(r"    (\w+|\[\*\]) --> (\w+|\[\*\])(?:: (move|win|lose|reopen))?", re.ASCII)
WORDS = ("state", "note", "class", "classDef", "style", "scale", "default", "click", "stateDiagram")


def test_a_small_one():
    pipeline = Pipeline(
        "p", ["first_call", Stage("offer", label="Our offer"), *ENDS], allow_back=False
    )
    assert pipeline.to_mermaid() == (
        "stateDiagram-v2\n"
        '    state "First call" as first_call\n'
        '    state "Our offer" as offer\n'
        '    state "Won" as won\n'
        '    state "Lost" as lost\n'
        "    [*] --> first_call\n"
        "    first_call --> offer: move\n"
        "    first_call --> lost: lose\n"
        "    offer --> won: win\n"
        "    offer --> lost: lose\n"
        "    lost --> first_call: reopen\n"
        "    lost --> offer: reopen\n"
        "    won --> [*]\n"
        "    lost --> [*]\n"
    )


def test_each_entry_stage_is_an_entry():
    text = Pipeline("p", ["a", "b", *ENDS], entry_stages=["b", "a"]).to_mermaid()
    assert "    [*] --> b\n    [*] --> a\n" in text


@pytest.mark.parametrize(
    "name", [*WORDS, "STATE", "end", "s1", "a b", "é", "a-b", "1a", "[*]", "a:b"]
)
def test_a_name_that_would_be_misread_is_numbered(name):
    text = Pipeline("p", [name, *ENDS]).to_mermaid()
    assert " as s0\n" in text
    assert "    s0 --> won: win\n" in text


def test_a_label_keeps_its_signs_and_stays_on_its_line():
    stage = Stage("a", label='say "no"; #1\nor\tnot')
    text = Pipeline("p", [stage, *ENDS]).to_mermaid()
    assert '    state "say #quot;no#quot;#59; #35;1 or not" as a\n' in text


@settings(max_examples=60, deadline=None)
@given(pipelines())
def test_any_definition_is_one_state_a_stage_and_one_arrow_a_move(pipeline):
    first, *lines = pipeline.to_mermaid().splitlines()
    assert first == "stateDiagram-v2"
    states = [found for line in lines if (found := STATE.fullmatch(line))]
    arrows = [found.groups() for line in lines if (found := ARROW.fullmatch(line))]
    assert len(states) + len(arrows) == len(lines)
    keys = [found[2] for found in states]
    assert len(set(keys)) == len(keys) == len(pipeline.stages)
    assert not {key.casefold() for key in keys} & {word.casefold() for word in WORDS}

    names = [stage.name for stage in pipeline.stages]
    key = dict(zip(names, keys, strict=True))
    moves = [(here, to, oracle.verb(pipeline, here, to)) for here in names for to in names]
    expected = {(key[here], key[to], verb) for here, to, verb in moves if verb}
    expected |= {("[*]", key[name], None) for name in oracle.entries(pipeline)}
    expected |= {(key[s.name], "[*]", None) for s in pipeline.stages if s.kind != "open"}
    assert set(arrows) == expected
    assert len(arrows) == len(expected)
