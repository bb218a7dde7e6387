"""A definition as TOML, JSON or data, and back; faults are told all at once, with their paths."""

import json
import tomllib
from contextlib import suppress
from pathlib import Path

import attrs
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Criterion, Framework, LeadProcess, Pipeline, Stage, errors
from salesflow.process import requirements as req
from tests.definitions import CALLABLES, FULL, FULL_TOML, TRIAL, full_pipelines

SMALL = """\
name = "small"
version = 2
entry_stages = ["talk", "offer"]
allow_skip = true

[[stages]]
name = "talk"
probability = 0.2
stale_after = 14

[[stages]]
name = "offer"
label = "Our offer"
category = "commit"

[[stages]]
name = "won"
kind = "won"

[[stages]]
name = "lost"
kind = "lost"
"""
PIPELINE = Pipeline(
    "small",
    [
        Stage("talk", probability=0.2, stale_after=14),
        Stage("offer", label="Our offer", category="commit"),
        Stage("won", kind="won"),
        Stage("lost", kind="lost"),
    ],
    version=2,
    entry_stages=["talk", "offer"],
    allow_skip=True,
)


def json_faults_of(text):
    return faults_of(text, read=Pipeline.from_json)


KINDS = "'open', 'won', 'lost', 'converted' or 'disqualified'"


def faults_of(text, callables=None, read=Pipeline.from_toml):
    with pytest.raises(errors.DefinitionFileError, match="cannot read a pipeline def") as caught:
        read(text, callables=callables)
    assert all(f"- {fault}" in str(caught.value) for fault in caught.value.faults)
    return list(caught.value.faults)


class TestReading:
    def test_a_text(self):
        assert Pipeline.from_toml(SMALL) == PIPELINE

    def test_a_file(self, tmp_path):
        path = tmp_path / "small.toml"
        path.write_text(SMALL, encoding="utf-8")
        assert Pipeline.from_toml(path) == PIPELINE
        assert Pipeline.from_toml(str(path)) == PIPELINE

    def test_what_is_left_out_has_its_default(self):
        stages = "".join(
            f'[[stages]]\nname = "{n}"\nkind = "{n}"\n' for n in ("open", "won", "lost")
        )
        pipeline = Pipeline.from_toml(f'name = "p"\n{stages}')
        assert pipeline == Pipeline("p", ["open", *PIPELINE.stages[2:]])


class TestWriting:
    def test_only_what_is_no_default(self):
        text = Pipeline("p", ["first_call", *PIPELINE.stages[2:]]).to_toml()
        assert tomllib.loads(text) == {
            "name": "p",
            "stages": [
                {"name": "first_call"},
                {"name": "won", "kind": "won"},
                {"name": "lost", "kind": "lost"},
            ],
        }

    def test_an_empty_setting_is_kept(self):
        pipeline = Pipeline("p", PIPELINE.stages, revert_to=[])
        assert Pipeline.from_toml(pipeline.to_toml()).revert_to == ()


class TestEverything:
    """A definition with all that a file can hold."""

    def test_it_reads_as_the_definition_by_hand(self):
        assert Pipeline.from_toml(FULL_TOML, callables=CALLABLES) == FULL

    def test_it_is_written_as_it_was(self):
        assert tomllib.loads(FULL.to_toml()) == tomllib.loads(FULL_TOML)

    def test_json_holds_the_same_data(self):
        assert json.loads(FULL.to_json()) == FULL.to_dict() == tomllib.loads(FULL_TOML)
        assert Pipeline.from_json(FULL.to_json(), callables=CALLABLES) == FULL

    def test_it_fits_its_own_schema(self):
        schema = Pipeline.json_schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(FULL.to_dict(), schema)

    def test_the_schema_refuses_what_reading_refuses(self):
        wrong = FULL.to_dict() | {"allow_skipp": True}
        with pytest.raises(jsonschema.ValidationError, match="allow_skipp"):
            jsonschema.validate(wrong, Pipeline.json_schema())

    def test_a_function_that_was_not_given_is_a_fault_at_its_place(self):
        (fault,) = faults_of(FULL_TOML)
        place, text = fault.split(": ", 1)
        assert place == "stages[1].requires[5].all_of[1]"
        assert text.startswith("cannot find function 'legal_check': it was not given (read the")

    def test_a_requirement_of_ones_own_class_cannot_be_written(self):
        class Never:
            def unmet(self, deal, by):
                return f"{by} may not move {deal.id}"

        never = Never()
        stages = [Stage("talk", requires=[req.any_of(never)]), *PIPELINE.stages[1:]]
        with pytest.raises(errors.OptionError, match="to a file: it is of a class") as caught:
            Pipeline("p", stages).to_toml()
        assert (caught.value.parameter, caught.value.value) == ("requires", never)


@settings(max_examples=60, deadline=None)
@given(full_pipelines())
def test_any_definition_comes_back_as_it_was(pipeline):
    assert Pipeline.from_toml(pipeline.to_toml(), callables=CALLABLES) == pipeline
    assert Pipeline.from_json(pipeline.to_json(), callables=CALLABLES) == pipeline
    assert Pipeline.from_dict(pipeline.to_dict(), callables=CALLABLES) == pipeline


REQUIREMENT_FAULTS = {
    "{has = 'amont'}": "cannot require 'amont'",
    "{hass = 'amount'}": "it is no requirement; each has one key of has, field, activity",
    "{field = 'source'}": "cannot require 'source' with nothing",
    "{field = 'source', equals = 'a', one_of = ['b']}": "with equals= and one_of=",
    "{field = 'source', equals = 'a', at_leest = 1}": ".at_leest is not known; there is 'at_least'",
    "{qualified = 'bnt', threshold = 0.5}": "cannot find framework 'bnt'",
    "{qualified = 'bant', threshold = 75}": "cannot require threshold 75",
    "{qualified = 'bant'}": ".threshold is missing",
    "{any_of = []}": "cannot combine requirements: there is none",
    "{any_of = [{role = ''}]}": ".any_of[0]: cannot require role ''",
    "{not = {activity = 3}}": ".not.activity is int, not str",
    "{field = 'amount', at_least = {amount = 'x', currency = 'EUR'}}": ".at_least: cannot",
    "{field = 'amount', at_least = {amount = '5'}}": ".at_least.currency is missing",
    "{field = 'amount', at_least = {currency = 'EUR'}}": ".at_least: it is no text, number, true",
    "{field = 'amount', at_least = [5]}": ".at_least: it is no text, number, true",
    "{field = 'expected_close_on', at_most = {date = 'May'}}": ".at_most: cannot read date 'May'",
    "3": "it is no requirement",
}


@pytest.mark.parametrize("requirement", REQUIREMENT_FAULTS)
def test_a_requirement_that_cannot_be(requirement):
    text = SMALL.replace("stale_after = 14", f"requires = [{requirement}]")
    faults = faults_of(text)
    assert all(fault.startswith("stages[0].requires[0]") for fault in faults)
    assert REQUIREMENT_FAULTS[requirement] in faults[0]


class TestFrameworks:
    def test_one_with_faults_is_told_once(self):
        text = FULL_TOML.replace("weight = 2.0", "weight = -2.0", 1)
        assert faults_of(text, callables=CALLABLES) == [
            "frameworks[0]: criterion 'data' has weight -2.0, which is no finite number above 0",
        ]

    def test_one_whose_name_is_no_text(self):
        faults = faults_of(FULL_TOML.replace('name = "trial"', "name = 3"), CALLABLES)
        assert faults[0] == "frameworks[0].name is int, not str"

    def test_one_that_is_not_there(self):
        faults = faults_of(FULL_TOML.replace('name = "trial"', 'name = "tral"'), CALLABLES)
        assert [fault.split(": cannot find framework 'trial'")[0] for fault in faults] == [
            "stages[1].requires[1]",
            "leads.stages[2].requires[0]",
        ]


class TestJson:
    @pytest.mark.parametrize(
        "text", ["{", '{"name": NaN}', '{"name": "a", "name": "b"}', "{" + "[" * 99999]
    )
    def test_a_text_that_is_no_json(self, text):
        (fault,) = json_faults_of(text)
        assert fault.startswith(("it is no JSON: ", "it cannot be read: "))

    @pytest.mark.parametrize("text", ['{"a": []}', "{}"])
    def test_a_json_that_is_no_definition(self, text):
        assert "name is missing" in json_faults_of(text)

    def test_a_file(self, tmp_path):
        path = tmp_path / "small.json"
        path.write_text(PIPELINE.to_json(), encoding="utf-8")
        assert Pipeline.from_json(path) == Pipeline.from_json(str(path)) == PIPELINE


@pytest.mark.parametrize("data", [None, 3, [], "name", {1: 2}, {"name": "p", "stages": {"a": 1}}])
def test_data_of_another_kind(data):
    with pytest.raises(errors.DefinitionFileError, match="cannot read a pipeline definition"):
        Pipeline.from_dict(data)


class TestFaults:
    def test_a_text_that_is_no_toml(self):
        (fault,) = faults_of('name = "p')
        assert fault.startswith("it is no TOML: ")

    @pytest.mark.parametrize(
        "text", ["version = " + "1" * 5000, "a = " + "[" * 5000, "a = 2026-13-45", "a = 1\na = 2"]
    )
    def test_a_text_that_the_parser_trips_over(self, text):
        (fault,) = faults_of(text)
        assert fault.startswith("it is no TOML: ")

    @pytest.mark.parametrize("text", ["", " \n"])
    def test_an_empty_text(self, text):
        assert faults_of(text) == ["name is missing", "stages is missing"]

    @pytest.mark.parametrize("path", ["nowhere.toml", "\0", "x" * 5000])
    def test_a_file_that_is_not_there(self, path):
        (fault,) = faults_of(path)
        assert fault.startswith("it cannot be read: ")

    @pytest.mark.parametrize("source", [None, 3, b"name = 'p'", Path("nowhere.toml")])
    def test_what_is_no_text_and_no_path(self, source):
        (fault,) = faults_of(source)
        assert fault.startswith("it cannot be read: ")

    def test_a_folder(self, tmp_path):
        (fault,) = faults_of(tmp_path)
        assert fault.startswith("it cannot be read: ")

    def test_a_file_of_other_bytes(self, tmp_path):
        path = tmp_path / "p.toml"
        path.write_bytes(b"name = '\xff'")
        (fault,) = faults_of(path)
        assert fault.startswith("it cannot be read: ")

    def test_every_value_of_the_wrong_kind_with_its_path(self):
        text = """
            name = 3
            version = true
            allow_skip = "yes"
            win_from = "talk"
            lose_from = ["talk", 3]
            stages = [{name = "talk", probability = "0.2", retired = 1}, 3, {kind = false}]
        """
        assert faults_of(text) == [
            "name is int, not str",
            "version is bool, not int",
            "allow_skip is str, not bool",
            "stages[0].probability is str, not int or float",
            "stages[0].retired is int, not bool",
            "stages[1] is int, not a table",
            "stages[2].name is missing",
            f"stages[2].kind is False, not {KINDS}",
            "win_from is str, not list",
            "lose_from[1] is int, not str",
        ]

    def test_every_value_that_a_stage_does_not_take_with_its_path(self):
        chance = "cannot take probability 65.0: a probability lies between 0 and 1"
        text = SMALL.replace("0.2", "65").replace('kind = "won"', 'kind = "done"')
        assert faults_of(text) == [
            f"stages[0].probability: {chance} (write 0.65.)",
            f"stages[2].kind is 'done', not {KINDS}",
        ]

    @pytest.mark.parametrize("chance", ["nan", "inf", "-0.5"])
    def test_a_number_that_is_no_probability(self, chance):
        (fault,) = faults_of(SMALL.replace("0.2", chance))
        assert fault.startswith("stages[0].probability: ")
        assert fault.endswith(("a probability lies between 0 and 1", "be a finite number"))

    def test_an_unknown_key_is_told_the_closest(self):
        second, first = faults_of(
            SMALL.replace("allow_skip", "allow_skipp").replace("label", "lable")
        )
        assert first.startswith("allow_skipp is not known; there is 'allow_skip', ")
        assert second.startswith("stages[1].lable is not known; there is 'label', ")

    @pytest.mark.parametrize("stages", ["3", "{name = 'talk'}", "'talk'"])
    def test_stages_that_are_no_list(self, stages):
        (fault,) = faults_of(f"name = 'p'\nstages = {stages}")
        assert fault in {f"stages is {kind}, not list" for kind in ("int", "dict", "str")}

    def test_faults_of_the_definition_itself(self):
        assert faults_of(SMALL.replace('kind = "won"', 'kind = "lost"')) == [
            "stages: it has no won stage"
        ]

    def test_each_fault_of_the_definition_at_its_place(self):
        text = SMALL.replace('name = "offer"', 'name = "offer"\nretired = true')
        text = text.replace('"talk", "offer"', '"talk", "offer", "ofer"')
        near = "there is 'offer', 'won', 'lost', 'late'"
        assert faults_of(text + '[[stages]]\nname = "late"\n') == [
            "stages[4]: open stage 'late' stands after a closed one",
            "entry_stages: entry_stages names 'offer', which is retired",
            f"entry_stages: entry_stages names 'ofer', which is no stage; {near} or 'talk'",
        ]

    def test_those_of_the_leads_beside_those_of_the_pipeline(self):
        text = FULL_TOML.replace('nurture_stages = ["later"]', 'nurture_stages = ["latr"]')
        near = "there is 'later', 'out', 'sold' or 'new'"
        assert faults_of(text.replace('win_from = ["talk"', 'win_from = ["won"'), CALLABLES) == [
            "win_from: win_from names 'won', which is won, not open",
            f"leads.nurture_stages: nurture_stages names 'latr', which is no stage; {near}",
        ]
        assert faults_of(text, CALLABLES) == [
            f"leads.nurture_stages: nurture_stages names 'latr', which is no stage; {near}",
        ]

    def test_a_requirement_that_no_lead_could_meet(self):
        asked = '{name = "new", exit_requires = [{not = {any_of = [{has = "amount"}]}}]}'
        assert faults_of(FULL_TOML.replace('{name = "new"}', asked), CALLABLES) == [
            "leads.stages[0].exit_requires: stage 'new' asks for 'amount', which a lead has not",
        ]

    def test_no_stage_at_all(self):
        assert faults_of("name = 'p'\nstages = []") == [
            "stages: it has no open stage",
            "stages: it has no won stage",
            "stages: it has no lost stage",
        ]


@st.composite
def mutated(draw):
    """The small definition with a few pieces cut, doubled, or replaced."""
    text = SMALL
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text) - 1))
        piece = draw(
            st.sampled_from(["", "=", "[", "]]", '"', "3", "true", "\n", "#", "é", "\0", "-"])
        )
        text = text[:start] + piece + text[start + draw(st.integers(0, 12)) :] + " "
    return text


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_mutated_text_is_a_definition_or_one_error_of_ours(text):
    # Any other exception fails the test.
    with suppress(errors.DefinitionFileError):
        assert Pipeline.from_toml(text).stages


def test_a_path_may_hold_an_equals_sign(tmp_path):
    path = tmp_path / "a=b.toml"
    path.write_text(Pipeline.standard().to_toml(), encoding="utf-8")
    assert Pipeline.from_toml(str(path)) == Pipeline.standard()


class TestOfAnotherClass:
    """What a file cannot give back is not written."""

    def test_a_stage_or_leads_of_a_class_of_ones_own(self):
        class Mine(Stage):
            pass

        class Ours(LeadProcess):
            pass

        for pipeline in (
            Pipeline("p", [Mine("talk"), *PIPELINE.stages[-2:]]),
            attrs.evolve(PIPELINE, leads=Ours.standard()),
        ):
            with pytest.raises(errors.OptionError, match="it is of a class of your own"):
                pipeline.to_dict()

    def test_a_pipeline_of_ones_own_class_is_read_by_that_class(self):
        class Ours(Pipeline):
            pass

        own = Ours.standard()
        assert Ours.from_toml(own.to_toml()) == own

    def test_settings_of_ones_own_would_be_lost(self):
        @attrs.frozen(slots=False)
        class Ours(Pipeline):
            region: str = attrs.field(default="north", kw_only=True)

        with pytest.raises(errors.OptionError, match="its class has settings of its own"):
            Ours.standard().to_json()

    @pytest.mark.parametrize("callables", [5, "f", ["f"]])
    def test_functions_without_names(self, callables):
        with pytest.raises(errors.OptionError, match="a pipeline definition with callables="):
            Pipeline.from_toml(SMALL, callables=callables)


def test_a_file_that_begins_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8-sig")
    assert Pipeline.from_toml(path) == PIPELINE


class TestSameNames:
    """A name means one framework in a definition, since a file holds the name alone."""

    OTHER = Framework("trial", [Criterion("z", "Is it so?")])

    @pytest.mark.parametrize("own", [[], [OTHER]])
    def test_a_requirement_that_asks_for_another(self, own):
        stages = [Stage("talk"), Stage("offer", requires=[req.not_(req.qualified(TRIAL, 1))])]
        with pytest.raises(errors.DefinitionError) as caught:
            Pipeline("p", [*stages, *PIPELINE.stages[-2:]], frameworks=own)
        text = "stage 'offer' asks for framework 'trial', which its frameworks do not hold"
        assert (caught.value.faults, caught.value.paths) == ((text,), ("stages[1].requires",))

    def test_leads_that_mean_another(self):
        leads = attrs.evolve(LeadProcess.standard(), frameworks=[self.OTHER])
        with pytest.raises(errors.DefinitionError) as caught:
            attrs.evolve(FULL, leads=leads)
        assert caught.value.paths == ("leads.frameworks",)


def nested(depth):
    asked = {"has": "amount"}
    for _ in range(depth):
        asked = {"not": asked}
    stages = [{"name": "a", "requires": [asked]}, {"name": "w", "kind": "won"}]
    return {"name": "p", "stages": [*stages, {"name": "l", "kind": "lost"}]}


def test_requirements_within_each_other_up_to_a_depth():
    assert Pipeline.from_dict(nested(40)).stages[0].requires
    for depth in (100, 5_000):
        with pytest.raises(errors.DefinitionFileError, match=r"stages\[0\]\.requires\[0\]\.not"):
            Pipeline.from_dict(nested(depth))


@pytest.mark.parametrize("more", ["", ", one_of = ['a'], at_least = 3"])
def test_a_rule_makes_exactly_one_comparison(more):
    text = FULL_TOML.replace(
        '{field = "n_employees", between = [50, 500]}', f"{{field = 'x'{more}}}"
    )
    (fault,) = faults_of(text, CALLABLES)
    assert fault.startswith("profile.rules[1]: cannot make a rule for 'x': exactly one comparison")
