"""What a framework asks, what a history answers to it, and what that comes to."""

import copy
import math
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Criterion, Deal, Framework, Pipeline, Stage, merge
from salesflow.errors import (
    CriteriaError,
    DefinitionError,
    EventOrderError,
    FieldError,
    NaiveDatetimeError,
    OptionError,
    UnknownCriterionError,
    UnknownFrameworkError,
    WrongPipelineError,
)
from salesflow.process import BANT, BUILT_IN, CHAMP, MEDDICC
from tests.builders import jan

STANDARD = Pipeline.standard()
TENTHS = Framework("tenths", [Criterion(f"c{n}", f"Is it {n}?", weight=0.1) for n in range(10)])
UNEVEN = Framework(
    "uneven",
    [
        Criterion("a", "Is it a?", weight=3),
        Criterion("b", "Is it b?", weight=2),
        Criterion("c", "Is it c?", weight=1),
        Criterion("d", "Is it d?", weight=2),
    ],
)
OWN = Pipeline("own", STANDARD.stages, frameworks=[UNEVEN, TENTHS])


def pickled(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes


def opened(pipeline=OWN, identity="D-1"):
    return pipeline.open("Acme", id=identity, at=jan(1))


def answered(framework, pipeline=OWN, deal=None, **answers):
    deal = opened(pipeline) if deal is None else deal
    for criterion, answer in answers.items():
        deal = pipeline.answer(deal, framework, criterion, answer, at=jan(2))
    return deal


class TestBuiltIn:
    def test_each_is_known_by_its_name(self):
        assert BUILT_IN == {"bant": BANT, "meddicc": MEDDICC, "champ": CHAMP}

    @pytest.mark.parametrize(
        ("name", "asks"),
        [
            ("bant", "need budget authority timeline"),
            (
                "meddicc",
                (
                    "metrics economic_buyer decision_criteria decision_process"
                    " identify_pain champion competition"
                ),
            ),
            ("champ", "challenges authority money prioritization"),
        ],
    )
    def test_asks_what_its_letters_stand_for(self, name, asks):
        assert [criterion.name for criterion in BUILT_IN[name].criteria] == asks.split()

    @pytest.mark.parametrize("framework", BUILT_IN.values(), ids=lambda found: found.name)
    def test_weighs_all_alike_and_asks_questions(self, framework):
        assert {criterion.weight for criterion in framework.criteria} == {1.0}
        assert all(criterion.question.endswith("?") for criterion in framework.criteria)


class TestScore:
    def test_nothing_answered_is_unknown_and_may_become_anything(self):
        found = UNEVEN.of(opened())
        assert (found.score, found.best) == (None, 1.0)
        assert (found.yes, found.no, found.unknown) == ((), (), ("a", "b", "c", "d"))
        assert dict(found.answers) == {}

    def test_is_the_weight_of_yes_of_the_weight_of_all(self):
        # yes: 3 (a); no: 2 (b); unknown: 1 (c, asked) and 2 (d, not asked); all: 8
        found = UNEVEN.of(answered("uneven", a="yes", b="no", c="unknown"))
        assert (found.score, found.best) == (3 / 8, (3 + 1 + 2) / 8)
        assert (found.yes, found.no, found.unknown) == (("a",), ("b",), ("c", "d"))

    def test_asked_in_vain_is_as_unknown_as_not_asked(self):
        assert UNEVEN.of(answered("uneven", a="unknown")).score is None

    def test_all_no_is_zero(self):
        found = UNEVEN.of(answered("uneven", a="no", b="no", c="no", d="no"))
        assert (found.score, found.best) == (0.0, 0.0)

    def test_all_yes_is_one(self):
        found = TENTHS.of(answered("tenths", **{f"c{n}": "yes" for n in range(10)}))
        assert (found.score, found.best) == (1.0, 1.0)

    @pytest.mark.parametrize("n", range(1, 11))
    def test_tenths_are_tenths(self, n):
        # 0.1 + 0.2 of floats is not 0.3; as decimals it is.
        found = TENTHS.of(answered("tenths", **{f"c{k}": "yes" for k in range(n)}))
        assert found.score == n / 10
        assert found.passes(n / 10)
        assert n == 10 or not found.passes(math.nextafter(n / 10, 1))

    @pytest.mark.parametrize("weights", [(5e-324, 1.7e308), (1e-9, 1.0), (1, 10**300)])
    def test_weights_may_be_far_apart(self, weights):
        pair = [Criterion(f"c{n}", "Is it?", weight=w) for n, w in enumerate(weights)]
        framework = Framework("pair", pair)
        pipeline = Pipeline("p", STANDARD.stages, frameworks=[framework])
        found = framework.of(answered("pair", pipeline, c0="no", c1="yes"))
        small, large = (Fraction(str(float(weight))) for weight in weights)
        assert found.score == float(large / (small + large))


class TestPasses:
    def test_at_the_threshold(self):
        deal = answered("bant", need="yes", budget="yes", authority="yes")
        assert BANT.of(deal).passes(0.75)
        assert not BANT.of(deal).passes(0.76)

    def test_one_yes_is_not_enough_because_the_rest_is_unknown(self):
        assert not BANT.of(answered("bant", need="yes")).passes(0.75)

    def test_what_is_unknown_passes_nothing(self):
        assert not BANT.of(opened()).passes(0)
        assert BANT.of(answered("bant", need="no")).passes(0)

    @pytest.mark.parametrize("threshold", [75, -0.1, 1.01, math.nan, "0.75", None, True])
    def test_a_threshold_is_a_share(self, threshold):
        with pytest.raises(OptionError, match="it is not in 0 to 1") as caught:
            BANT.of(opened()).passes(threshold)
        assert caught.value.parameter == "threshold"


class TestAnswers:
    def test_says_what_by_whom_and_when(self):
        deal = OWN.answer(
            opened(), "bant", "budget", "yes", note="50 k", at=date(2026, 1, 3), by="kim"
        )
        found = BANT.of(deal).answers["budget"]
        assert (found.answer, found.note, found.by) == ("yes", "50 k", "kim")
        assert (found.at, found.precision) == (datetime(2026, 1, 3, tzinfo=UTC), "day")

    def test_the_last_one_counts(self):
        deal = answered("bant", deal=answered("bant", need="yes", budget="yes"), need="no")
        found = BANT.of(deal)
        assert (found.answers["need"].answer, found.score) == ("no", 0.25)

    def test_are_read_only(self):
        answers = BANT.of(answered("bant", need="yes")).answers
        with pytest.raises(TypeError, match="does not support item assignment"):
            answers["need"] = None

    def test_one_framework_knows_nothing_of_another(self):
        deal = answered("champ", authority="yes")
        assert (BANT.of(deal).score, CHAMP.of(deal).score) == (None, 0.25)

    def test_come_in_the_order_of_the_criteria(self):
        deal = answered("bant", timeline="yes", need="yes")
        assert list(BANT.of(deal).answers) == ["need", "timeline"]

    def test_to_a_criterion_that_is_gone_count_for_nothing_and_are_shown(self):
        deal = answered("uneven", a="yes", d="yes")
        less = attrs.evolve(UNEVEN, criteria=UNEVEN.criteria[:3])
        found = less.of(deal)
        assert found.score == 3 / 6
        assert [event.criterion for event in found.left_out] == ["d"]
        assert UNEVEN.of(deal).left_out == ()

    def test_of_a_merged_deal_stay_in_its_own_history(self):
        keep = answered("bant", need="yes")
        other = answered("bant", deal=opened(identity="D-2"), need="no", budget="yes")
        survivor = merge(keep, other, at=jan(3))
        assert BANT.of(survivor) == BANT.of(keep)

    def test_survive_json_a_migration_and_a_closing(self):
        deal = answered("bant", need="yes", budget="no")
        moved = STANDARD.migrate(OWN.lose(deal, "price", at=jan(3)), at=jan(4))
        again = Deal.model_validate_json(moved.model_dump_json())
        assert BANT.of(again) == BANT.of(deal)

    @pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
    def test_a_qualification_is_a_value(self, again):
        found = UNEVEN.of(answered("uneven", a="yes", b="no"))
        assert again(found) == found
        assert hash(again(found)) == hash(found)
        assert again(found).score == 3 / 8
        assert again(UNEVEN) == UNEVEN

    def test_shows_itself_in_a_line(self):
        assert repr(UNEVEN.of(opened())) == (
            "<Qualification uneven: score unknown, best 1; unknown: a, b, c, d>"
        )
        every = answered("uneven", a="yes", b="no", c="yes", d="yes")
        assert repr(UNEVEN.of(every)) == "<Qualification uneven: score 0.75, best 0.75>"


class TestAsOf:
    def test_counts_up_to_the_instant_and_at_it(self):
        deal = opened()
        deal = OWN.answer(deal, "bant", "need", "yes", at=jan(2))
        deal = OWN.answer(deal, "bant", "budget", "yes", at=jan(4))
        assert BANT.of(deal, as_of=jan(4) - timedelta(microseconds=1)).yes == ("need",)
        assert BANT.of(deal, as_of=jan(4)).yes == ("need", "budget")
        assert BANT.of(deal, as_of=jan(1)).score is None
        assert BANT.of(deal, as_of=datetime(2025, 1, 1, tzinfo=UTC)).score is None

    def test_a_day_counts_by_the_date_the_clock_shows(self):
        deal = OWN.answer(opened(), "bant", "need", "yes", at=date(2026, 1, 9))
        seoul = timezone(timedelta(hours=9))
        # 00:30 of the 9th in Seoul is still the 8th in UTC.
        assert BANT.of(deal, as_of=datetime(2026, 1, 9, 0, 30, tzinfo=seoul)).yes == ("need",)
        assert BANT.of(deal, as_of=datetime(2026, 1, 8, 23, 30, tzinfo=UTC)).yes == ()

    def test_a_restored_deal_counts_from_its_known_dates(self):
        deal = OWN.restore(id="D-9", stage="meeting", created_at=date(2026, 1, 5))
        deal = OWN.answer(deal, "bant", "need", "yes", at=jan(9))
        assert BANT.of(deal, as_of=jan(1)).yes == ()
        assert BANT.of(deal, as_of=jan(9)).yes == ("need",)

    def test_a_restored_deal_without_dates_was_always_there(self):
        deal = OWN.answer(OWN.restore(id="D-9"), "bant", "need", "yes", at=jan(9))
        assert BANT.of(deal, as_of=jan(8)).yes == ()
        assert BANT.of(deal, as_of=jan(9)).yes == ("need",)

    def test_is_an_aware_instant(self):
        with pytest.raises(NaiveDatetimeError, match="cannot use as_of"):
            BANT.of(opened(), as_of=datetime(2026, 1, 1))  # noqa: DTZ001 - naive on purpose

    def test_the_subject_is_a_deal_or_a_lead(self):
        with pytest.raises(OptionError, match="it is no Deal and no Lead"):
            BANT.of("D-1")


class TestVerb:
    def test_the_same_answer_with_the_same_note_adds_no_event(self):
        deal = OWN.answer(opened(), "bant", "need", "yes", note="asked", at=jan(2), by="kim")
        again = OWN.answer(deal, "bant", "need", "yes", note="asked", at=jan(3), by="lee")
        assert again is deal

    @pytest.mark.parametrize("change", [{"answer": "no"}, {"note": "more"}, {"note": None}])
    def test_another_answer_or_note_adds_one(self, change):
        question = {"framework": "bant", "criterion": "need", "answer": "yes", "note": "asked"}
        deal = OWN.answer(opened(), **question, at=jan(2))
        assert OWN.answer(deal, **{**question, **change}, at=jan(2)).version == 3

    def test_unknown_is_an_answer(self):
        assert OWN.answer(opened(), "bant", "need", "unknown", at=jan(2)).version == 2

    @pytest.mark.parametrize("close", [lambda d: OWN.lose(d, "price", at=jan(2)), None])
    def test_a_closed_deal_may_be_answered(self, close):
        won = OWN.restore(id="D-8", stage="won")
        deal = won if close is None else close(opened())
        after = OWN.answer(deal, "bant", "need", "no", at=jan(3))
        assert (BANT.of(after).no, after.outcome) == (("need",), deal.outcome)

    def test_knows_the_built_in_frameworks_and_the_definitions_own(self):
        assert UNEVEN.of(answered("uneven", a="yes")).yes == ("a",)
        with pytest.raises(UnknownFrameworkError, match="cannot find framework 'uneven'"):
            answered("uneven", STANDARD, a="yes")

    @pytest.mark.parametrize("name", ["bnat", None, 3, BANT])
    def test_an_unknown_framework_is_told_the_closest(self, name):
        with pytest.raises(UnknownFrameworkError) as caught:
            OWN.answer(opened(), name, "need", "yes", at=jan(2))
        assert caught.value.framework == name
        assert caught.value.known == ("bant", "meddicc", "champ", "uneven", "tenths")
        if name == "bnat":
            assert str(caught.value.hint).startswith("there is 'bant'")

    @pytest.mark.parametrize("name", ["bugdet", None, 3])
    def test_an_unknown_criterion_is_told_the_closest(self, name):
        with pytest.raises(UnknownCriterionError, match="'bant' does not have it") as caught:
            OWN.answer(opened(), "bant", name, "yes", at=jan(2))
        assert (caught.value.framework, caught.value.criterion) == ("bant", name)
        if name == "bugdet":
            assert str(caught.value.hint).startswith("it has 'budget'")

    def test_all_faults_of_an_answer_at_once(self):
        with pytest.raises(FieldError, match="cannot answer 'need' of deal 'D-1'") as caught:
            OWN.answer(opened(), "bant", "need", "maybe", note=7, at=jan(2))
        assert [fault.partition(":")[0] for fault in caught.value.faults] == ["answer", "note"]

    def test_events_come_in_order(self):
        with pytest.raises(EventOrderError, match="its last one was at"):
            OWN.answer(opened(), "bant", "need", "yes", at=date(2025, 12, 31))

    def test_a_deal_of_another_pipeline_is_refused(self):
        with pytest.raises(WrongPipelineError):
            OWN.answer(opened(STANDARD), "bant", "need", "yes", at=jan(2))


class TestDefinition:
    def test_all_faults_of_a_framework_at_once(self):
        with pytest.raises(
            CriteriaError, match="cannot define framework 'x': it has 10 fault"
        ) as caught:
            Framework(
                "x",
                [
                    Criterion("", "Is it?"),
                    Criterion("a", " ", weight=0),
                    Criterion("a", "Is it?", weight=math.inf, label=""),
                    Criterion("b", "Is it?", weight=10**400),
                    "c",
                ],
                label="",
            )
        assert caught.value.name == "x"
        assert caught.value.faults[:2] == (
            "its label '' is no text",
            "criterion name '' is no text",
        )
        assert "criterion 'a' is there more than once" in caught.value.faults
        assert "its criteria hold 'c', which is no Criterion" in caught.value.faults

    @pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf, True, "2", None])
    def test_a_weight_is_a_finite_number_above_zero(self, weight):
        with pytest.raises(CriteriaError, match="which is no finite number above 0"):
            Framework("x", [Criterion("a", "Is it?", weight=weight)])

    @pytest.mark.parametrize(
        ("name", "criteria", "fault"),
        [
            ("x", [], "it has no criteria"),
            ("x", "abc", "its criteria hold 'abc', which is no Criterion"),
            ("x", None, "its criteria hold None, which is no Criterion"),
            (None, UNEVEN.criteria, "its name None is no text"),
            (" ", UNEVEN.criteria, "its name ' ' is no text"),
        ],
    )
    def test_other_faults(self, name, criteria, fault):
        with pytest.raises(CriteriaError) as caught:
            Framework(name, criteria)
        assert fault in caught.value.faults

    def test_labels_are_made_of_names(self):
        framework = Framework("our_way", [Criterion("legal_ok", "Is it?")])
        assert (framework.label, framework.criteria[0].label) == ("Our way", "Legal ok")

    def test_a_pipeline_names_the_faults_of_its_frameworks(self):
        other = attrs.evolve(UNEVEN, name="bant")
        with pytest.raises(DefinitionError) as caught:
            Pipeline("p", STANDARD.stages, frameworks=[other, UNEVEN, UNEVEN, "champ"])
        assert caught.value.faults == (
            "framework 'bant' is not the built-in one of that name",
            "framework 'uneven' is there more than once",
            "frameworks holds 'champ', which is no Framework",
        )

    def test_a_built_in_one_may_be_named(self):
        assert Pipeline("p", STANDARD.stages, frameworks=[BANT]).frameworks == (BANT,)

    def test_pipelines_with_other_frameworks_differ_and_pickle(self):
        assert Pipeline("own", STANDARD.stages) != OWN
        assert pickled(OWN) == OWN

    def test_a_stage_takes_what_a_framework_says_as_its_requirement(self):
        @attrs.frozen
        class Qualified:
            def unmet(self, deal, by):
                del by
                found = BANT.of(deal)
                return None if found.passes(0.5) else f"BANT: {', '.join(found.unknown)}"

        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        pipeline = Pipeline("p", ["talk", Stage("offer", requires=[Qualified()]), *ends])
        deal = pipeline.open("Acme", at=jan(1))
        assert pipeline.moves(deal)[0].blocked_by == ("BANT: need, budget, authority, timeline",)
        deal = answered("bant", pipeline, deal, need="yes", budget="yes")
        assert pipeline.advance(deal, at=jan(3)).stage == "offer"


ANSWERS = st.dictionaries(
    st.sampled_from("abcd"), st.sampled_from(["yes", "no", "unknown"]), max_size=4
)


class TestLaws:
    @given(answers=ANSWERS)
    def test_the_score_is_a_share_below_the_best(self, answers):
        found = UNEVEN.of(answered("uneven", **answers))
        assert 0 <= (found.score or 0) <= found.best <= 1
        assert (found.score is None) == (not found.yes and not found.no)
        assert sorted((*found.yes, *found.no, *found.unknown)) == ["a", "b", "c", "d"]

    @given(answers=ANSWERS, name=st.sampled_from("abcd"))
    def test_an_unknown_that_becomes_yes_never_lowers_the_score(self, answers, name):
        deal = answered("uneven", **{**answers, name: "unknown"})
        before, after = UNEVEN.of(deal), UNEVEN.of(answered("uneven", deal=deal, **{name: "yes"}))
        assert after.score > (before.score or 0)
        assert after.best == before.best

    @given(answers=ANSWERS)
    def test_the_best_is_the_score_once_every_unknown_is_yes(self, answers):
        deal = answered("uneven", **answers)
        found = UNEVEN.of(deal)
        rest = dict.fromkeys(found.unknown, "yes")
        assert UNEVEN.of(answered("uneven", deal=deal, **rest)).score == found.best

    @given(data=st.data(), answers=ANSWERS)
    def test_the_order_of_independent_answers_does_not_matter(self, data, answers):
        order = data.draw(st.permutations(list(answers)))
        one = UNEVEN.of(answered("uneven", **answers))
        other = UNEVEN.of(answered("uneven", **{name: answers[name] for name in order}))
        assert (one.score, one.best, one.yes, one.no, one.unknown) == (
            *(other.score, other.best, other.yes, other.no, other.unknown),
        )

    @given(answers=ANSWERS)
    def test_json_keeps_it(self, answers):
        deal = answered("uneven", **answers)
        again = Deal.model_validate_json(deal.model_dump_json())
        assert UNEVEN.of(again) == UNEVEN.of(deal)

    @given(
        days=st.lists(st.integers(1, 28), min_size=1, max_size=8).map(sorted),
        cut=st.integers(1, 28),
        data=st.data(),
    )
    def test_looking_back_is_what_was_known_then(self, days, cut, data):
        deal, then = opened(), opened()
        for day in days:
            name, answer = data.draw(
                st.tuples(st.sampled_from("abcd"), st.sampled_from(["yes", "no"]))
            )
            deal = OWN.answer(deal, "uneven", name, answer, at=jan(day))
            if day <= cut:
                then = OWN.answer(then, "uneven", name, answer, at=jan(day))
        assert UNEVEN.of(deal, as_of=jan(cut)) == UNEVEN.of(then)
