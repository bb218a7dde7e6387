"""A definition is checked when it is made, and says all that is wrong with it."""

import copy
import pickle

import attrs
import pytest

from salesflow import LeadProcess, Pipeline, Stage
from salesflow.errors import DefinitionError, OptionError, ProbabilityError, UnknownStageError

WON, LOST = Stage("won", kind="won"), Stage("lost", kind="lost")
ENDS = (WON, LOST)


def faults_of(*stages, **settings):
    with pytest.raises(DefinitionError, match="cannot define pipeline 'p'") as caught:
        Pipeline("p", stages, **settings)
    return set(caught.value.faults)


def moves_of(pipeline):
    names = [stage.name for stage in pipeline.stages]
    return {(here, to): verb for here in names for to, verb in pipeline.targets(here).items()}


class TestStandard:
    def test_stages_are_those_of_the_design(self):
        pipeline = Pipeline.standard()
        assert [(stage.name, stage.kind) for stage in pipeline.stages] == [
            *[(name, "open") for name in ("prospecting", "qualification", "meeting")],
            *[("proposal", "open"), ("negotiation", "open")],
            *[("won", "won"), ("follow_up", "won"), ("lost", "lost")],
        ]

    def test_nothing_is_known_of_probabilities(self):
        assert {s.probability for s in Pipeline.standard().stages} == {None}

    def test_forward_goes_one_step_at_a_time(self):
        pipeline = Pipeline.standard()
        assert pipeline.allows("proposal", "negotiation")
        assert not pipeline.allows("proposal", "won")
        assert not pipeline.allows("prospecting", "meeting")

    def test_won_only_from_negotiation_and_lost_from_any_open_stage(self):
        verbs = moves_of(Pipeline.standard())
        assert {move for move, verb in verbs.items() if verb == "win"} == {
            ("negotiation", "won"),
            ("negotiation", "follow_up"),
        }
        assert len([move for move, verb in verbs.items() if verb == "lose"]) == 5

    def test_a_win_is_followed_up_and_never_undone(self):
        pipeline = Pipeline.standard()
        assert pipeline.targets("won") == {"follow_up": "move"}
        assert pipeline.targets("follow_up") == {"won": "move"}

    def test_a_loss_reverts_to_any_open_stage(self):
        assert set(Pipeline.standard().targets("lost").values()) == {"reopen"}
        assert len(Pipeline.standard().targets("lost")) == 5

    def test_its_name_may_be_another(self):
        assert Pipeline.standard("renewals").name == "renewals"


class TestSettings:
    def test_skipping_leads_to_every_later_open_stage(self):
        pipeline = Pipeline("p", ["a", "b", "c", *ENDS], allow_skip=True)
        assert pipeline.targets("a") == {"b": "move", "c": "move", "lost": "lose"}

    def test_without_going_back_only_forward_remains(self):
        pipeline = Pipeline("p", ["a", "b", *ENDS], allow_back=False)
        assert pipeline.targets("b") == {"won": "win", "lost": "lose"}

    def test_win_from_names_where_wins_come_from(self):
        pipeline = Pipeline("p", ["a", "b", *ENDS], win_from=["a"])
        assert pipeline.allows("a", "won")
        assert not pipeline.allows("b", "won")

    def test_lose_from_names_where_losses_come_from(self):
        pipeline = Pipeline("p", ["a", "b", *ENDS], lose_from="b")
        assert pipeline.lose_from == ("b",)
        assert not pipeline.allows("a", "lost")
        assert pipeline.allows("b", "lost")

    def test_revert_to_names_where_a_loss_may_go_back_to(self):
        pipeline = Pipeline("p", ["a", "b", *ENDS], revert_to=["b"])
        assert pipeline.targets("lost") == {"b": "reopen"}

    def test_no_place_to_revert_to_makes_losses_final(self):
        assert not Pipeline("p", ["a", *ENDS], revert_to=[]).targets("lost")

    def test_a_win_can_be_undone_where_asked_for(self):
        pipeline = Pipeline("p", ["a", *ENDS], allow_unwin=True)
        assert pipeline.targets("won") == {"a": "reopen"}

    def test_the_first_entry_stage_is_the_usual_one(self):
        pipeline = Pipeline("p", ["a", "b", *ENDS], entry_stages=["b", "a"])
        assert pipeline.entries() == ("b", "a")
        assert pipeline.open("Acme").stage == "b"

    def test_the_usual_entry_is_the_first_stage_that_is_not_retired(self):
        pipeline = Pipeline("p", [Stage("old", retired=True), "a", *ENDS])
        assert pipeline.entries() == ("a",)

    def test_a_retired_stage_is_left_out_by_moves_and_may_be_left(self):
        pipeline = Pipeline("p", ["a", Stage("b", retired=True), "c", *ENDS])
        assert pipeline.targets("a") == {"c": "move", "lost": "lose"}
        assert pipeline.targets("b") == {"c": "move", "a": "move", "lost": "lose"}

    def test_wins_come_from_the_last_stage_that_is_not_retired(self):
        pipeline = Pipeline("p", ["a", "b", Stage("c", retired=True), *ENDS])
        assert pipeline.allows("b", "won")
        assert not pipeline.allows("c", "won")

    def test_several_stages_of_one_outcome_lead_to_each_other(self):
        pipeline = Pipeline("p", ["a", WON, LOST, Stage("gone", kind="lost")])
        assert pipeline.targets("lost") == {"gone": "move", "a": "reopen"}

    def test_one_open_stage_is_enough(self):
        pipeline = Pipeline("p", ["a", *ENDS])
        assert moves_of(pipeline) == {
            ("a", "won"): "win",
            ("a", "lost"): "lose",
            ("lost", "a"): "reopen",
        }


class TestFaults:
    def test_no_stage_at_all(self):
        assert faults_of() == {f"it has no {kind} stage" for kind in ("open", "won", "lost")}

    def test_a_name_twice(self):
        assert faults_of("a", "a", *ENDS) == {"stage 'a' is there 2 times"}

    def test_a_stage_that_cannot_be_reached(self):
        assert faults_of("a", "b", *ENDS, entry_stages="b", allow_back=False, revert_to=[]) == {
            "stage 'a' cannot be reached"
        }

    def test_a_won_stage_that_nothing_leads_to(self):
        assert faults_of("a", *ENDS, win_from=[]) == {
            "stage 'won' cannot be reached",
            "stage 'a' leads to no won stage",
        }

    def test_an_open_stage_that_leads_to_no_end(self):
        assert faults_of("a", "b", *ENDS, win_from="a", lose_from="a", allow_back=False) == {
            "stage 'b' leads to no won stage",
            "stage 'b' leads to no lost stage",
        }

    def test_a_retired_stage_may_not_be_a_dead_end_either(self):
        stages = ("a", Stage("b", retired=True), *ENDS)
        assert faults_of(*stages, lose_from="a", allow_back=False) == {
            "stage 'b' leads to no won stage",
            "stage 'b' leads to no lost stage",
        }

    def test_kinds_whose_every_stage_is_retired(self):
        old = Stage("won", kind="won", retired=True)
        assert faults_of("a", old, LOST) == {"it has no won stage"}

    def test_an_open_stage_after_a_closed_one(self):
        assert faults_of("a", WON, "b", LOST) == {"open stage 'b' stands after a closed one"}

    def test_a_stage_of_a_kind_that_leads_have(self):
        sold = Stage("sold", kind="converted")
        assert faults_of("a", *ENDS, sold) == {
            "stage 'sold' is of kind converted; here there is 'open', 'won' or 'lost'",
        }

    @pytest.mark.parametrize("setting", ["entry_stages", "win_from", "lose_from", "revert_to"])
    def test_a_setting_that_names_what_is_no_open_stage(self, setting):
        assert faults_of("offer", "talk", *ENDS, **{setting: ["ofer", "won", "talk", "talk"]}) == {
            f"{setting} names 'talk' twice",
            f"{setting} names 'ofer', which is no stage; there is 'offer', 'won', 'lost' or 'talk'",
            f"{setting} names 'won', which is won, not open",
        }

    @pytest.mark.parametrize("setting", ["entry_stages", "revert_to"])
    def test_a_setting_that_leads_into_a_retired_stage(self, setting):
        old = Stage("old", retired=True)
        assert faults_of("a", old, *ENDS, **{setting: "old"}) == {
            f"{setting} names 'old', which is retired"
        }

    @pytest.mark.parametrize("setting", ["win_from", "lose_from"])
    def test_deals_may_leave_a_retired_stage_by_any_setting(self, setting):
        pipeline = Pipeline("p", ["a", Stage("b", retired=True), *ENDS], **{setting: ["a", "b"]})
        assert getattr(pipeline, setting) == ("a", "b")

    def test_no_entry(self):
        assert faults_of("a", *ENDS, entry_stages=[]) == {"entry_stages names no stage"}

    @pytest.mark.parametrize(("kind", "certain"), [("won", 1), ("lost", 0)])
    def test_a_closed_stage_with_another_probability(self, kind, certain):
        stage = Stage("end", kind=kind, probability=0.4)
        assert faults_of("a", stage, *ENDS) == {
            f"stage 'end' is {kind}, so its probability is {certain}, not 0.4"
        }

    @pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf"), 10**400, "14", True])
    def test_a_stage_that_is_stale_before_it_began(self, days):
        stage = Stage("a", stale_after=days)
        assert faults_of(stage, *ENDS) == {
            f"stage 'a' is stale after {days!r} days, not above 0 and up to 1000000"
        }

    @pytest.mark.parametrize("name", ["", " \t", 3, None, [], b"a", "\ud800"])
    def test_a_stage_name_that_is_no_text(self, name):
        assert faults_of("a", Stage(name, label="x"), *ENDS) >= {f"stage name {name!r} is no text"}

    @pytest.mark.parametrize("value", ["", 3, []])
    def test_texts_of_a_stage_that_are_none(self, value):
        stage = Stage("a", label=value, category=value)
        assert faults_of(stage, *ENDS) == {
            f"stage 'a' has label {value!r}, which is no text",
            f"stage 'a' has category {value!r}, which is no text",
        }

    @pytest.mark.parametrize("setting", ["allow_skip", "allow_back", "allow_unwin"])
    def test_a_switch_that_is_neither_on_nor_off(self, setting):
        assert faults_of("a", *ENDS, **{setting: "no"}) == {f"{setting} is 'no', not True or False"}

    def test_a_stage_that_may_be_retired(self):
        stage = Stage("a", retired="soon")
        assert "stage 'a' has retired 'soon', not True or False" in faults_of(stage, *ENDS)

    @pytest.mark.parametrize("given", [3, [3], [[]]])
    def test_a_setting_that_names_no_text(self, given):
        wrong = given[0] if isinstance(given, list) else given
        assert faults_of("a", *ENDS, win_from=given) == {f"win_from names {wrong!r}, no text"}

    @pytest.mark.parametrize("version", [None, "1", 1.0, True])
    def test_a_version_that_is_no_whole_number(self, version):
        assert faults_of("a", *ENDS, version=version) == {
            f"its version {version!r} is no whole number"
        }

    @pytest.mark.parametrize("stages", [None, 3, [None], [3, "a"]])
    def test_stages_that_are_none(self, stages):
        with pytest.raises(DefinitionError, match=r"its stages hold (None|3), which is no Stage"):
            Pipeline("p", stages)

    @pytest.mark.parametrize("name", [None, 3, "", " "])
    def test_a_pipeline_name_that_is_no_text(self, name):
        with pytest.raises(DefinitionError, match=r"its name .* is no text"):
            Pipeline(name, ["a", *ENDS])

    def test_all_faults_are_told_at_once(self):
        with pytest.raises(DefinitionError, match="cannot define pipeline '': it has 9") as caught:
            Pipeline("", [WON, "a", "a", Stage("b", stale_after=0)], win_from="c", version=None)
        error = caught.value
        assert error.pipeline == ""
        assert set(error.faults) == {
            "its name '' is no text",
            "its version None is no whole number",
            "stage 'a' is there 2 times",
            "it has no lost stage",
            "open stage 'a' stands after a closed one",
            "open stage 'b' stands after a closed one",
            "stage 'b' is stale after 0 days, not above 0 and up to 1000000",
            "win_from names 'c', which is no stage; there is 'won', 'a' or 'b'",
        }
        assert len(error.faults) == 9
        assert all(f"- {fault}" in str(error) for fault in error.faults)
        assert str(error).startswith("cannot define pipeline '': it has 9 fault(s)\n- ")


class TestStage:
    def test_its_label_is_its_name_in_words(self):
        assert Stage("first_call").label == "First call"
        assert Stage("first_call", label="Hello").label == "Hello"

    def test_a_name_without_words_is_its_own_label(self):
        assert Stage("__").label == "__"

    def test_a_probability_is_kept_in_steps_of_a_millionth(self):
        assert Stage("a", probability=0.12345678).probability == 0.123457
        assert Stage("a", probability=1).probability == 1.0

    def test_a_percentage_is_told_how_to_be_written(self):
        with pytest.raises(ProbabilityError, match="cannot take probability 65") as caught:
            Stage("a", probability=65)
        assert caught.value.hint == "write 0.65."
        assert caught.value.value == 65

    @pytest.mark.parametrize("value", [-0.1, 101, float("nan"), float("inf")])
    def test_a_number_that_is_no_probability_has_no_hint(self, value):
        with pytest.raises(ProbabilityError, match="lies between 0 and 1") as caught:
            Stage("a", probability=value)
        assert caught.value.hint is None

    @pytest.mark.parametrize("value", ["0.5", True, [], object()])
    def test_what_is_no_number_is_no_probability(self, value):
        with pytest.raises(ProbabilityError, match="lies between 0 and 1") as caught:
            Stage("a", probability=value)
        assert caught.value.hint == "give a float from 0 to 1, or None."

    @pytest.mark.parametrize("kind", ["closed", None, [], "Won"])
    def test_another_kind_is_refused(self, kind):
        with pytest.raises(OptionError, match="cannot make a stage of kind") as caught:
            Stage("a", kind=kind)
        assert caught.value.hint == "give 'open', 'won', 'lost', 'converted' or 'disqualified'."

    @pytest.mark.parametrize("requires", [3, None])
    def test_requirements_come_in_a_list(self, requires):
        with pytest.raises(OptionError, match="it is no list of requirements"):
            Stage("a", requires=requires)

    def test_a_requirement_says_what_is_unmet(self):
        with pytest.raises(OptionError, match="cannot require 'budget': it has no method 'unmet'"):
            Stage("a", requires=["budget"])


class TestPipeline:
    def test_a_stage_is_found_by_name(self):
        pipeline = Pipeline("p", ["a", *ENDS])
        assert pipeline.stage("won") is pipeline.stages[1]
        assert pipeline.position("lost") == 2

    @pytest.mark.parametrize("name", ["metting", None, 3, [], ""])
    def test_an_unknown_stage_is_told_the_known_ones(self, name):
        with pytest.raises(UnknownStageError, match="pipeline 'sales' does not have it") as caught:
            Pipeline.standard().stage(name)
        error = caught.value
        assert (error.pipeline, error.stage, len(error.known)) == ("sales", name, 8)
        assert error.hint.startswith("did you mean 'meeting', " if name == "metting" else "did you")

    @pytest.mark.parametrize("ends", [("a", "nowhere"), ("nowhere", "a")])
    def test_allows_refuses_a_stage_that_is_none(self, ends):
        with pytest.raises(UnknownStageError, match="cannot find stage 'nowhere'"):
            Pipeline("p", ["a", *ENDS]).allows(*ends)

    def test_targets_refuses_a_stage_that_is_none(self):
        with pytest.raises(UnknownStageError, match="cannot find stage 'nowhere'"):
            Pipeline("p", ["a", *ENDS]).targets("nowhere")

    def test_changing_what_targets_gives_changes_nothing(self):
        pipeline = Pipeline("p", ["a", *ENDS])
        pipeline.targets("a").clear()
        assert pipeline.allows("a", "won")

    def test_two_of_one_definition_are_equal(self):
        one, other = Pipeline.standard(), Pipeline.standard()
        assert one == other
        assert hash(one) == hash(other)
        assert one != Pipeline.standard("renewals")

    @pytest.mark.parametrize("again", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])  # noqa: S301
    def test_a_copy_moves_the_same_deals(self, again):
        pipeline = Pipeline.standard()
        copied = again(pipeline)
        assert copied == pipeline
        assert copied.advance(pipeline.open("Acme")).stage == "qualification"

    def test_it_cannot_be_changed(self):
        with pytest.raises(AttributeError):
            Pipeline.standard().name = "other"

    def test_it_shows_what_it_is(self):
        assert repr(Pipeline.standard()) == "<Pipeline 'sales' version 1, 8 stages>"

    def test_names_that_mean_something_to_the_machine_are_names(self):
        # transitions reads "*" as every state and "=" as the same state.
        pipeline = Pipeline("p", ["=", "*", "state", "initial", *ENDS])
        deal = pipeline.advance(pipeline.open("Acme"))
        assert deal.stage == "*"
        deal = pipeline.lose(deal, "budget")
        assert pipeline.reopen(deal, "=", reason="again").stage == "="
        assert [move.to for move in pipeline.moves(deal)] == ["=", "*"]


def test_faults_of_the_graph_stand_beside_all_others():
    with pytest.raises(DefinitionError) as refused:
        Pipeline(
            "x",
            ["a", Stage("w", kind="won"), Stage("l", kind="lost")],
            win_from=(),
            version=True,
        )
    assert refused.value.faults == (
        "its version True is no whole number",
        "stage 'w' cannot be reached",
        "stage 'a' leads to no won stage",
    )


class TestLeadsAndProfile:
    """What a pipeline may say of the leads that become its deals, and of whom to look for."""

    def test_what_is_of_another_class(self):
        assert faults_of("a", *ENDS, leads="leads", profile=3) == {
            "leads is 'leads', no LeadProcess",
            "profile is 3, no IdealCustomerProfile",
        }

    def test_leads_whose_deals_would_begin_elsewhere(self):
        leads = attrs.evolve(LeadProcess.standard(), deal_stage="b")
        assert faults_of("a", "b", *ENDS, leads=leads) == {
            "deal_stage names 'b', which is no entry stage of the pipeline",
        }
        assert Pipeline("p", ["a", "b", *ENDS], leads=leads, entry_stages=["b", "a"]).leads == leads
