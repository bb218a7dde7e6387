"""Requirements that ask for an activity, a qualification, a role, or a function of one's own."""

import pickle
from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Actor, Criterion, Framework, Lead, Pipeline, Stage, errors
from salesflow import requirements as req
from salesflow.process import BANT
from tests.builders import lead_opened

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CLOSED = (Stage("won", kind="won"), Stage("lost", kind="lost"))
OWN = Framework(
    "trial", [Criterion("data", "Loaded data?", weight=3), Criterion("users", "Three users?")]
)


def pipeline_of(*requirements, **settings):
    offer = Stage("offer", requires=requirements)
    return Pipeline("p", ["talk", offer, *CLOSED], **settings)


def blocks(pipeline, deal, **options):
    """What blocks the move to offer; the move and `moves` agree."""
    shown = pipeline.moves(deal, **options)[0].blocked_by
    if shown:
        with pytest.raises(errors.MoveNotAllowed, match="'offer' requires more: ") as caught:
            pipeline.advance(deal, **options)
        assert caught.value.unmet == shown
    else:
        assert pipeline.advance(deal, **options).stage == "offer"
    return shown


def lead():
    return Lead._from_history("L", (lead_opened(),))


def in_europe(deal, by):
    del by
    return deal.custom.get("region") == "europe"


def legal_check(deal, by):
    return None if deal.owner_id and by else "legal must agree"


class TestActivity:
    DEMO = req.activity("demo")
    HERE = req.activity("demo", within_stage=True)

    def test_a_done_one_lets_it_pass(self):
        pipeline = pipeline_of(self.DEMO)
        deal = pipeline.log(pipeline.open("Acme", at=T0), "meeting", at=T0)
        assert blocks(pipeline, deal) == ("a done 'demo' is needed, there is none",)
        assert blocks(pipeline, pipeline.log(deal, "demo", at=T0)) == ()

    def test_a_planned_one_does_not_until_it_is_carried_out(self):
        pipeline = pipeline_of(self.DEMO)
        deal = pipeline.open("Acme", at=T0)
        deal = pipeline.log(deal, "demo", planned_at=T0 + DAY, at=T0)
        assert blocks(pipeline, deal) == ("a done 'demo' is needed, there is none",)
        plan = deal.history[-1].activity.id
        assert blocks(pipeline, pipeline.log(deal, "demo", id=plan, at=T0 + DAY)) == ()

    def test_what_was_logged_by_mistake_and_then_as_another_kind_does_not(self):
        pipeline = pipeline_of(self.DEMO)
        deal = pipeline.log(pipeline.open("Acme", at=T0), "demo", id="A-1", at=T0)
        assert blocks(pipeline, pipeline.log(deal, "call", id="A-1", at=T0)) == (
            "a done 'demo' is needed, there is none",
        )

    def test_within_the_stage_counts_from_the_present_entry(self):
        pipeline = pipeline_of(self.HERE)
        said = ("a done 'demo' since this stage was entered is needed, there is none",)
        deal = pipeline.open("Acme", at=T0)
        assert blocks(pipeline, deal) == said
        deal = pipeline.log(deal, "demo", at=T0 + DAY)
        assert blocks(pipeline, deal) == ()
        gone = pipeline.lose(deal, "budget", at=T0 + 2 * DAY)
        back = pipeline.reopen(gone, "talk", reason="again", at=T0 + 3 * DAY)
        assert blocks(pipeline, back) == said
        # Told late: it happened while the deal was lost.
        late = pipeline.log(back, "demo", occurred_at=T0 + 2.5 * DAY, at=T0 + 4 * DAY)
        assert blocks(pipeline, late) == said
        assert blocks(pipeline, pipeline.log(late, "demo", at=T0 + 4 * DAY)) == ()

    def test_the_instant_of_entry_and_the_day_of_entry_count(self):
        pipeline = pipeline_of(self.HERE)
        for at in (T0, date(2026, 1, 5)):
            deal = pipeline.log(pipeline.open("Acme", at=T0), "demo", occurred_at=at, at=T0)
            assert blocks(pipeline, deal) == ()
        day = pipeline.open("Acme", at=date(2026, 1, 5))
        morning = datetime(2026, 1, 5, 1, tzinfo=UTC)
        assert blocks(pipeline, pipeline.log(day, "demo", occurred_at=morning, at=T0)) == ()

    def test_an_unknown_entry_is_said_so_and_blocks_its_negation_too(self):
        pipeline = pipeline_of(self.HERE, req.not_(self.HERE))
        deal = pipeline.restore(id="D-1", stage="talk", created_at=date(2026, 1, 5))
        here = "a done 'demo' since this stage was entered"
        negated = f"this must not be so, and is not known: {here}"
        assert blocks(pipeline, deal) == (f"{here} is needed, none is known", negated)
        deal = pipeline.log(deal, "demo", at=T0 + DAY)
        assert blocks(pipeline, deal) == (
            f"{here} is needed, and when that was entered is not known",
            negated,
        )

    def test_on_a_lead(self):
        assert self.DEMO.unmet(lead(), None) == "a done 'demo' is needed, there is none"

    @pytest.mark.parametrize("kind", [None, 3, "", " "])
    def test_a_kind_is_a_text(self, kind):
        with pytest.raises(errors.OptionError, match=r"cannot require activity .* is no text"):
            req.activity(kind)

    def test_within_stage_is_a_flag(self):
        with pytest.raises(errors.OptionError, match="within_stage=1: it is not True or") as caught:
            req.activity("demo", within_stage=1)
        assert caught.value.parameter == "within_stage"


class TestQualified:
    def test_the_score_lets_it_pass(self):
        pipeline = pipeline_of(req.qualified("bant", 0.75))
        deal = pipeline.open("Acme", at=T0)
        missing = "BANT of 0.75 is needed"
        assert blocks(pipeline, deal) == (
            f"{missing}, nothing is answered; not known: need, budget, authority, timeline",
        )
        for criterion in ("need", "budget"):
            deal = pipeline.answer(deal, "bant", criterion, "yes", at=T0)
        assert blocks(pipeline, deal) == (f"{missing}, it is 0.5; not known: authority, timeline",)
        assert blocks(pipeline, pipeline.answer(deal, "bant", "authority", "yes", at=T0)) == ()
        for criterion in ("authority", "timeline"):
            deal = pipeline.answer(deal, "bant", criterion, "no", at=T0)
        assert blocks(pipeline, deal) == (f"{missing}, it is 0.5",)

    def test_a_framework_of_ones_own(self):
        pipeline = pipeline_of(req.qualified(OWN, 0.75), frameworks=[OWN])
        deal = pipeline.answer(pipeline.open("Acme", at=T0), "trial", "users", "yes", at=T0)
        # 1 of 3 + 1
        assert blocks(pipeline, deal) == ("Trial of 0.75 is needed, it is 0.25; not known: data",)
        assert blocks(pipeline, pipeline.answer(deal, "trial", "data", "yes", at=T0)) == ()

    def test_its_negation_waits_until_the_score_is_out_of_reach(self):
        pipeline = pipeline_of(req.not_(req.qualified("bant", 0.75)))
        deal = pipeline.answer(pipeline.open("Acme", at=T0), "bant", "need", "no", at=T0)
        assert blocks(pipeline, deal) == ("this must not be so, and is not known: BANT of 0.75",)
        assert blocks(pipeline, pipeline.answer(deal, "bant", "budget", "no", at=T0)) == ()

    def test_on_a_lead(self):
        assert req.qualified("champ", 0).unmet(lead(), None).startswith("CHAMP of 0 is needed, no")

    @pytest.mark.parametrize("name", ["bnat", "", None, 3, "trial"])
    def test_a_name_is_that_of_a_built_in_one(self, name):
        with pytest.raises(errors.UnknownFrameworkError, match="it is not built in") as caught:
            req.qualified(name, 0.5)
        assert caught.value.framework == name
        assert caught.value.known == ("bant", "meddicc", "champ")

    @pytest.mark.parametrize("threshold", [-0.1, 1.1, 75, None, "0.5", True, float("nan")])
    def test_a_threshold_is_a_score(self, threshold):
        with pytest.raises(errors.OptionError, match="a score lies between 0 and 1") as caught:
            req.qualified("bant", threshold)
        assert caught.value.parameter == "threshold"

    def test_the_name_of_a_built_in_one_stands_for_it(self):
        assert req.qualified(BANT, 0.5) == req.qualified("bant", 0.5)
        assert repr(req.qualified(BANT, 0.5)) == "qualified('bant', 0.5)"
        assert repr(req.qualified(OWN, 1)) == f"qualified({OWN!r}, 1)"


class TestRole:
    MANAGER = req.role("manager")

    def test_who_has_it_lets_it_pass(self):
        pipeline = pipeline_of(self.MANAGER)
        deal = pipeline.open("Acme", at=T0)
        assert blocks(pipeline, deal) == ("role 'manager' is needed, and nobody is named",)
        missing = ("role 'manager' is needed, and 'kim' does not have it",)
        assert blocks(pipeline, deal, by="kim") == missing
        assert blocks(pipeline, deal, by=Actor("kim", ["rep"])) == missing
        assert blocks(pipeline, deal, by=Actor("kim", ["rep", "manager"])) == ()

    def test_who_is_nobody_may_have_any_role(self):
        pipeline = pipeline_of(req.not_(req.role("intern")))
        deal = pipeline.open("Acme", at=T0)
        assert blocks(pipeline, deal) == ("this must not be so, and is not known: role 'intern'",)
        assert blocks(pipeline, deal, by=Actor("kim", ["intern"])) == (
            "this must not be so: role 'intern'",
        )
        assert blocks(pipeline, deal, by="kim") == ()

    def test_a_discount_above_a_limit_needs_a_manager(self):
        pipeline = pipeline_of(req.any_of(req.field("custom.discount", at_most=0.1), self.MANAGER))
        small = pipeline.open("Acme", custom={"discount": 0.1}, at=T0)
        large = pipeline.open("Acme", custom={"discount": 0.2}, at=T0)
        assert blocks(pipeline, small, by="kim") == ()
        missing = (
            "needs any of: custom.discount is 0.2, and must be at most 0.1; "
            "or: role 'manager' is needed, and 'kim' does not have it"
        )
        assert blocks(pipeline, large, by="kim") == (missing,)
        assert blocks(pipeline, large, by=Actor("lee", ["manager"])) == ()

    @pytest.mark.parametrize("role", [None, 3, "", ["manager"]])
    def test_a_role_is_a_text(self, role):
        with pytest.raises(errors.OptionError, match=r"cannot require role .* is no text"):
            req.role(role)


class TestNamed:
    def test_it_says_what_is_missing(self):
        pipeline = pipeline_of(req.named("legal_check", legal_check))
        deal = pipeline.open("Acme", owner_id="kim", at=T0)
        assert blocks(pipeline, deal) == ("legal must agree",)
        assert blocks(pipeline, deal, by="kim") == ()

    def test_it_may_say_yes_or_no(self):
        pipeline = pipeline_of(req.named("in_europe", in_europe))
        assert blocks(pipeline, pipeline.open("Acme", at=T0)) == ("'in_europe' is not met",)
        assert blocks(pipeline, pipeline.open("Acme", custom={"region": "europe"}, at=T0)) == ()

    @pytest.mark.parametrize("answer", [0, 1, "", " ", [], b"no", "\ud800"])
    def test_any_other_answer_is_refused_when_it_is_asked(self, answer):
        pipeline = pipeline_of(req.named("odd", lambda _deal, _by: answer))
        with pytest.raises(errors.OptionError, match="cannot use requirement 'odd'") as caught:
            pipeline.advance(pipeline.open("Acme", at=T0), by="kim", override="why")
        assert (caught.value.parameter, caught.value.value) == ("function", answer)

    def test_what_it_raises_is_the_cause_of_ours(self):
        def broken(deal, by):
            msg = f"no connection for {deal.id} and {by}"
            raise OSError(msg)

        pipeline = pipeline_of(req.named("broken", broken))
        deal = pipeline.open("Acme", id="D-1", at=T0)
        told = (
            "requirement 'broken' of deal 'D-1': it raised OSError: no connection for D-1 and kim"
        )
        for call in (pipeline.advance, pipeline.moves):
            with pytest.raises(errors.RequirementError, match=told) as caught:
                call(deal, by="kim")
            assert isinstance(caught.value.__cause__, OSError)

    def test_what_it_raises_of_ours_is_told_as_it_is(self):
        def strict(deal, by):
            del by
            return BANT.of(deal, as_of=T0.replace(tzinfo=None)).passes(1)

        with pytest.raises(errors.NaiveDatetimeError):
            req.named("strict", strict).unmet(Pipeline.standard().open("Acme"), None)

    def test_it_is_its_name_and_its_function(self):
        made = req.named("in_europe", in_europe)
        assert (made.name, made.function) == ("in_europe", in_europe)
        assert made == req.named("in_europe", in_europe)
        assert made != req.named("europe", in_europe)
        assert made != req.named("in_europe", legal_check)

    @pytest.mark.parametrize("name", [None, 3, "", " "])
    def test_its_name_is_a_text(self, name):
        with pytest.raises(errors.OptionError, match=r"cannot require name .* is no text"):
            req.named(name, in_europe)

    @pytest.mark.parametrize("function", [None, 3, "in_europe"])
    def test_its_function_can_be_called(self, function):
        with pytest.raises(errors.OptionError, match="is no function") as caught:
            req.named("in_europe", function)
        assert (caught.value.parameter, caught.value.value) == ("function", function)


class Europe:
    """A function that is an object."""

    def __call__(self, deal, by):
        return in_europe(deal, by)

    def __repr__(self):
        return "Europe()"


@pytest.mark.parametrize(
    ("made", "call", "words"),
    [
        (req.activity("demo"), "activity('demo')", "a done 'demo'"),
        (
            req.activity("demo", within_stage=True),
            "activity('demo', within_stage=True)",
            "a done 'demo' since this stage was entered",
        ),
        (req.qualified("bant", 0.75), "qualified('bant', 0.75)", "BANT of 0.75"),
        (req.role("manager"), "role('manager')", "role 'manager'"),
        (req.named("in_europe", in_europe), "named('in_europe', in_europe)", "'in_europe'"),
        (
            req.not_(req.all_of(req.role("a"), req.any_of(req.has("n_demos"), req.role("b")))),
            "not_(all_of(role('a'), any_of(has('n_demos'), role('b'))))",
            "not (role 'a'; and: (1 demo; or: role 'b'))",
        ),
    ],
    ids=str,
)
def test_each_shows_its_call_reads_in_words_and_pickles(made, call, words):
    assert (repr(made), str(made)) == (call, words)
    again = eval(call, {**vars(req), "in_europe": in_europe})  # noqa: S307 - our own text
    assert again == made
    assert hash(again) == hash(made)
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes


def test_a_function_without_a_name_shows_itself():
    assert repr(req.named("europe", Europe())) == "named('europe', Europe())"


class TestRestored:
    """What was done before a deal was taken over is not known, so nothing says it was not."""

    DEAL = Pipeline.standard().restore(id="D-9", stage="meeting", created_at=date(2026, 1, 5))

    def test_what_is_not_known_blocks_its_negation_too(self):
        for asked in (req.activity("demo"), req.has("n_calls"), req.at_least("n_meetings", 1)):
            assert asked.unmet(self.DEAL, None) is not None
            assert req.not_(asked).unmet(self.DEAL, None) is not None
        assert (
            req.activity("demo").unmet(self.DEAL, None) == "a done 'demo' is needed, none is known"
        )

    def test_a_count_is_the_least_it_may_be(self):
        deal = self.DEAL
        for _ in range(3):
            deal = Pipeline.standard().log(deal, "call", at=date(2026, 2, 1))
        met = [req.at_least("n_calls", 3), req.not_(req.field("n_calls", at_most=2))]
        assert [asked.unmet(deal, None) for asked in met] == [None, None]
        text = "n_calls is 3 or more, and must be "
        assert req.field("n_calls", at_most=3).unmet(deal, None) == f"{text}at most 3"
        assert req.field("n_calls", equals=3).unmet(deal, None) == f"{text}3"
        assert req.field("n_calls", one_of=[3, 4]).unmet(deal, None) == f"{text}3 or 4"
        assert req.field("n_calls", equals=2).unmet(deal, None) == "n_calls is 3, and must be 2"
        assert req.field("n_contacts", at_most=0).unmet(deal, None) is None

    def test_since_a_stage_was_entered_here_all_is_known(self):
        deal = Pipeline.standard().advance(self.DEAL, at=date(2026, 2, 1))
        asked = req.activity("demo", within_stage=True)
        assert asked.unmet(deal, None).endswith("there is none")
        assert req.not_(asked).unmet(deal, None) is None
