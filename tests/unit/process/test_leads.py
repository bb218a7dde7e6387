"""The verbs of a lead process."""

from datetime import UTC, date, datetime

import pytest

from salesflow import Lead, LeadProcess, Link, Pipeline, Stage
from salesflow.errors import (
    EventOrderError,
    FieldError,
    MigrationError,
    MoveNotAllowed,
    OptionError,
    UnknownStageError,
    WrongPipelineError,
)
from salesflow.models.events import StageChanged
from tests.builders import day, jan

PROCESS = LeadProcess.standard()


def lead(stage: str = "new", process: LeadProcess = PROCESS) -> Lead:
    """A lead on its way, one stage a day."""
    found, number = process.open("Kim", id="L-1", at=jan(1)), 1
    while found.stage != stage:
        number += 1
        found = process.advance(found, at=jan(number))
    return found


def refusal(call, *arguments, **options):
    with pytest.raises(MoveNotAllowed) as caught:
        call(*arguments, **options)
    return str(caught.value)


class TestOpen:
    def test_begins_in_the_first_stage_with_what_is_known(self):
        links = [Link(kind="campaign", target="C-7")]
        found = PROCESS.open(
            "Kim", id="L-1", source="web", channel="ads", owner_id="lee", account_id="A-1",
            contact_ids=["P-1"], links=links, custom={"size": 40}, at=jan(1), by="form",
        )  # fmt: skip
        assert (found.stage, found.outcome, found.created_at) == ("new", "open", jan(1))
        assert (found.source, found.channel, found.owner_id) == ("web", "ads", "lee")
        assert (found.account_id, found.contact_ids) == ("A-1", ("P-1",))
        assert (found.links, found.custom, found.history[0].by) == ((*links,), {"size": 40}, "form")

    def test_has_an_id_of_its_own_unless_given(self):
        assert PROCESS.open("Kim").id != PROCESS.open("Kim").id

    def test_is_refused_in_another_stage(self):
        assert refusal(PROCESS.open, "Kim", stage="qualified") == (
            "cannot open lead 'Kim' in 'qualified': it is no entry stage\n\nHint: open it in 'new'."
        )

    def test_is_refused_without_a_name(self):
        with pytest.raises(OptionError, match="cannot open a lead: it has no name"):
            PROCESS.open(None)  # type: ignore[arg-type]

    def test_takes_no_field_of_deals(self):
        with pytest.raises(OptionError, match="cannot open lead 'Kim': it does not set 'amount'"):
            PROCESS.open("Kim", amount=None)  # type: ignore[call-arg]

    def test_takes_no_value_of_another_kind(self):
        with pytest.raises(FieldError, match="cannot open lead 'Kim': owner_id"):
            PROCESS.open("Kim", owner_id=3)  # type: ignore[arg-type]


class TestMove:
    def test_goes_on_step_by_step(self):
        assert lead("qualified").stage == "qualified"

    def test_leaves_out_no_stage(self):
        assert "cannot move lead 'L-1' from 'new' to 'qualified'" in refusal(
            PROCESS.move, lead(), to="qualified"
        )

    def test_goes_back(self):
        assert PROCESS.move(lead("qualified"), to="new").stage == "new"

    def test_the_last_stage_has_none_after_it(self):
        assert refusal(PROCESS.advance, lead("qualified")) == (
            "cannot advance lead 'L-1' from 'qualified': it is in the last open stage\n\n"
            "Hint: convert it with process.convert(lead, pipeline)."
        )

    def test_a_closed_lead_does_not_advance(self):
        gone = PROCESS.disqualify(lead(), "spam")
        assert refusal(PROCESS.advance, gone) == (
            "cannot advance lead 'L-1' from 'disqualified': it is disqualified, so there is no "
            "next open stage\n\n"
            "Hint: process.requalify(lead, to=…, reason=…, by=…) brings it back."
        )

    def test_to_another_outcome_names_the_verb(self):
        assert refusal(PROCESS.move, lead("qualified"), to="converted") == (
            "cannot move lead 'L-1' from 'qualified' to 'converted': 'converted' is converted, and "
            "the verb that leads there is convert\n\n"
            "Hint: use process.convert(lead, pipeline, to='converted')."
        )

    def test_events_come_in_order(self):
        with pytest.raises(EventOrderError, match="cannot date an event of lead 'L-1'"):
            PROCESS.advance(lead("working"), at=jan(1))

    def test_takes_leads_only(self):
        with pytest.raises(OptionError, match="it is no Lead"):
            PROCESS.advance(Pipeline.standard().open("Acme"))  # type: ignore[arg-type]
        with pytest.raises(OptionError, match="it is no Deal"):
            Pipeline.standard().advance(lead())  # type: ignore[arg-type]

    def test_takes_no_lead_of_another_process(self):
        with pytest.raises(WrongPipelineError) as caught:
            LeadProcess.standard("others").advance(lead())
        assert str(caught.value) == (
            "cannot move lead 'L-1' through lead process 'others': it is in stage 'new' of lead "
            "process 'leads'\n\nHint: process.migrate(lead, to=…) brings it over."
        )

    def test_knows_its_stages(self):
        with pytest.raises(UnknownStageError, match="lead process 'leads' does not have it"):
            PROCESS.move(lead(), to="won")


class TestNurture:
    def test_puts_aside_with_reason_and_day(self):
        aside = PROCESS.nurture(lead("working"), "no budget", revisit_on=day(30), at=jan(5))
        assert (aside.stage, aside.outcome, aside.closed_at) == ("nurturing", "open", None)
        assert (aside.reason, aside.disposition, aside.revisit_on) == ("no budget", None, day(30))

    def test_needs_a_reason(self):
        with pytest.raises(OptionError) as caught:
            PROCESS.nurture(lead(), " ")
        assert str(caught.value) == (
            "cannot nurture lead 'L-1': its reason ' ' is no text\n\n"
            "Hint: say why: reason='budget'."
        )

    def test_is_off_the_path(self):
        aside = PROCESS.nurture(lead("working"), "later")
        assert refusal(PROCESS.advance, aside) == (
            "cannot advance lead 'L-1' from 'nurturing': 'nurturing' is off the path, so there is "
            "no next open stage\n\nHint: legal now: 'new', 'working' or 'disqualified'."
        )

    def test_the_way_back_leads_no_further_than_it_has_been(self):
        aside = PROCESS.nurture(lead("working"), "later")
        back = PROCESS.move(aside, to="working")
        assert (back.stage, back.reason, back.revisit_on) == ("working", None, None)
        assert refusal(PROCESS.move, aside, to="qualified") == (
            "cannot move lead 'L-1' from 'nurturing' to 'qualified': it has been no further than "
            "'working'\n\nHint: move it to 'working' or 'new'."
        )

    def test_an_update_is_no_stage_that_it_has_been_in(self):
        known = PROCESS.update(PROCESS.restore(id="L-9"), channel="ads")
        aside = PROCESS.nurture(PROCESS.migrate(known, to="new"), "later")
        assert "no further than 'new'" in refusal(PROCESS.move, aside, to="working")

    def test_what_follows_a_deal_is_no_way_for_one_without(self):
        aside = PROCESS.nurture(lead(), "later")
        assert refusal(PROCESS.move, aside, to="converted") == (
            "cannot move lead 'L-1' from 'nurturing' to 'converted': the definition has no such "
            "move\n\nHint: legal now: 'new' or 'disqualified'."
        )

    def test_the_way_back_is_free_where_skipping_is(self):
        free = LeadProcess("leads", PROCESS.stages, nurture_stages=["nurturing"], allow_skip=True)
        assert (
            free.move(free.nurture(lead("new", free), "later"), to="qualified").stage == "qualified"
        )

    def test_one_that_began_aside_may_go_anywhere(self):
        cold = LeadProcess(
            "leads", PROCESS.stages, nurture_stages=["nurturing"], entry_stages=["nurturing"]
        )
        assert cold.move(cold.open("Kim"), to="qualified").stage == "qualified"

    def test_what_a_restored_lead_has_been_in_counts(self):
        taken = PROCESS.restore(id="L-9", visits=[("working", day(1)), ("nurturing", day(5))])
        assert PROCESS.move(taken, to="working").stage == "working"
        assert "no further than 'working'" in refusal(PROCESS.move, taken, to="qualified")

    def test_is_refused_where_no_stage_nurtures(self):
        plain = LeadProcess(
            "leads",
            ["new", Stage("yes", kind="converted"), Stage("no", kind="disqualified")],
        )
        assert refusal(plain.nurture, plain.open("Kim", id="L-1"), "later") == (
            "cannot nurture lead 'L-1' from 'new': lead process 'leads' has no stage for it\n\n"
            "Hint: name one in nurture_stages."
        )

    def test_goes_on_to_another_stage_that_nurtures(self):
        stages = [
            "new",
            "cool",
            "cold",
            Stage("y", kind="converted"),
            Stage("n", kind="disqualified"),
        ]
        two = LeadProcess("leads", stages, nurture_stages=["cool", "cold"])
        aside = two.nurture(two.nurture(two.open("Kim"), "later"), "much later", to="cold")
        assert (aside.stage, aside.reason) == ("cold", "much later")


class TestDisqualify:
    def test_closes_with_a_reason(self):
        gone = PROCESS.disqualify(lead("working"), "no such firm", at=jan(9), by="lee")
        assert (gone.stage, gone.outcome, gone.closed_at) == ("disqualified",) * 2 + (jan(9),)
        assert (gone.reason, gone.disposition) == ("no such firm", None)

    def test_only_once(self):
        gone = PROCESS.disqualify(lead(), "spam")
        assert "it is in that stage already" in refusal(PROCESS.disqualify, gone, "spam")


class TestRequalify:
    def gone(self):
        return PROCESS.disqualify(lead("working"), "spam", at=jan(5))

    def test_comes_back_with_a_name_and_a_reason(self):
        back = PROCESS.requalify(self.gone(), "working", reason="a mistake", by="lee", at=jan(6))
        assert (back.stage, back.outcome, back.closed_at) == ("working", "open", None)
        event = back.history[-1]
        assert isinstance(event, StageChanged)
        assert (event.reason, event.requalified_by, event.by) == ("a mistake", "lee", "lee")

    def test_needs_a_name(self):
        with pytest.raises(OptionError) as caught:
            PROCESS.requalify(self.gone(), "new", reason="why", by=None)  # type: ignore[arg-type]
        assert str(caught.value) == (
            "cannot requalify lead 'L-1': nobody found it worth pursuing\n\n"
            "Hint: say who did: by='…'."
        )

    def test_comes_back_no_further_than_it_has_been_or_to_nurturing(self):
        assert refusal(PROCESS.requalify, self.gone(), "qualified", reason="why", by="lee") == (
            "cannot requalify lead 'L-1' from 'disqualified' to 'qualified': it has been no "
            "further than 'working'\n\nHint: requalify it to 'nurturing', 'working' or 'new'."
        )
        assert PROCESS.requalify(self.gone(), "nurturing", reason="why", by="lee").is_open

    def test_comes_back_to_what_the_setting_names(self):
        named = LeadProcess(
            "leads", PROCESS.stages, nurture_stages=["nurturing"], requalify_to=["qualified"]
        )
        gone = named.disqualify(lead("new", named), "spam")
        assert named.requalify(gone, "qualified", reason="why", by="lee").stage == "qualified"
        assert "may not go back there" in refusal(
            named.requalify, gone, "new", reason="why", by="lee"
        )

    def test_an_open_lead_is_not_requalified(self):
        assert "cannot requalify lead 'L-1' from 'working' to 'new'" in refusal(
            PROCESS.requalify, lead("working"), "new", reason="why", by="lee"
        )


def test_moves_say_what_is_missing():
    gone = PROCESS.disqualify(lead("working"), "spam")
    assert [str(move) for move in PROCESS.moves(gone)] == [
        "requalify to new (blocked: say who requalifies it (by))",
        "requalify to working (blocked: say who requalifies it (by))",
        "requalify to nurturing (blocked: say who requalifies it (by))",
    ]
    assert [move.blocked_by for move in PROCESS.moves(gone, by="lee")] == [(), (), ()]


class HasChannel:
    """Met by a lead whose channel is known."""

    def unmet(self, subject, _by):
        return None if subject.channel else "its channel is unknown"


def test_requirements_are_asked_of_leads_and_overridden():
    asking = LeadProcess(
        "leads",
        ["new", Stage("working", requires=[HasChannel()]),
         Stage("y", kind="converted"), Stage("n", kind="disqualified")],
    )  # fmt: skip
    found = asking.open("Kim", id="L-1", at=jan(1))
    assert "'working' requires more: its channel is unknown" in refusal(asking.advance, found)
    assert asking.advance(asking.update(found, channel="ads")).stage == "working"
    let = asking.advance(found, override="known to the boss", by="lee").history[-1]
    assert isinstance(let, StageChanged)
    assert let.override is not None
    assert let.override.unmet == ("its channel is unknown",)


class TestUpdate:
    def test_changes_what_differs_in_one_event_each_kind(self):
        changed = PROCESS.update(lead(), name="Kim B.", channel="ads", owner_id="lee", at=jan(3))
        assert (changed.name, changed.channel, changed.owner_id) == ("Kim B.", "ads", "lee")
        assert changed.version == 3
        assert PROCESS.update(changed, name="Kim B.", owner_id="lee") is changed

    def test_works_on_closed_leads(self):
        gone = PROCESS.disqualify(lead(), "spam")
        assert PROCESS.update(gone, source="web").source == "web"

    def test_names_what_it_changes(self):
        fact = "cannot update lead 'L-1': it does not set 'chanel'"
        with pytest.raises(OptionError, match=f"{fact}\n\nHint: it sets 'channel', 'name'"):
            PROCESS.update(lead(), chanel="ads")  # type: ignore[call-arg]

    @pytest.mark.parametrize("field", ["amount", "lead_id", "probability", "category", "stage"])
    def test_changes_no_field_of_deals(self, field):
        with pytest.raises(OptionError, match=f"lead 'L-1': it does not set '{field}'"):
            PROCESS.update(lead(), **{field: None})


def test_an_activity_is_logged_on_a_lead():
    called = PROCESS.log(lead(), "call", occurred_at=jan(1, 9), at=jan(2), score=7, subject="price")
    activity = called.history[-1].activity  # type: ignore[union-attr]
    assert (activity.score, activity.subject) == (7, "price")
    with pytest.raises(OptionError, match="cannot log 'call' on lead 'L-1': it occurred at"):
        PROCESS.log(lead(), "call", occurred_at=jan(9), at=jan(2))


def test_a_lead_is_answered_for():
    asked = PROCESS.answer(lead(), "bant", "need", "yes", note="books twice", by="lee", at=jan(2))
    assert asked.version == 2
    assert PROCESS.answer(asked, "bant", "need", "yes", note="books twice") is asked


class TestRestore:
    def test_takes_over_what_is_known(self):
        taken = PROCESS.restore(
            id="L-9", name="Kim", stage="disqualified", created_at=date(2025, 3, 1),
            closed_at=date(2025, 4, 2), reason="spam", channel="ads", aliases=["old-9"],
        )  # fmt: skip
        assert (taken.outcome, taken.reason, taken.channel) == ("disqualified", "spam", "ads")
        assert taken.created_at == datetime(2025, 3, 1, tzinfo=UTC)
        assert (taken.created_precision, taken.closed_precision) == ("day", "day")
        assert taken.aliases == ("old-9",)
        assert Lead.model_validate_json(taken.model_dump_json()) == taken

    def test_what_is_unknown_stays_unknown(self):
        taken = PROCESS.restore(id="L-9")
        assert (taken.stage, taken.outcome, taken.created_at) == (None, "open", None)

    def test_visits_end_with_the_next_and_with_the_closing(self):
        taken = PROCESS.restore(
            id="L-9", visits=[("new", day(1)), ("working", day(3)), ("disqualified", day(9))]
        )
        event = taken.history[0]
        assert [(v.stage, v.left_at) for v in event.visits] == [  # type: ignore[union-attr]
            ("new", jan(3)), ("working", jan(9)), ("disqualified", None),
        ]  # fmt: skip
        assert taken.closed_at == jan(9)

    @pytest.mark.parametrize(
        ("known", "fault"),
        [
            ({"stage": "new", "closed_at": day(3)}, "is open, and closed at"),
            ({"stage": "new", "aliases": ["L-9"]}, "has its own id as an alias"),
            ({"stage": "new", "owner_id": 3}, "cannot restore lead 'L-9': owner_id"),
            ({"visits": [("new", day(5)), ("working", day(2))]}, "list visits in order"),
        ],
    )
    def test_what_contradicts_is_refused(self, known, fault):
        with pytest.raises(FieldError, match=fault):
            PROCESS.restore(id="L-9", **known)

    def test_knows_no_field_of_deals(self):
        with pytest.raises(OptionError, match="cannot restore lead 'L-9': it does not set"):
            PROCESS.restore(id="L-9", amount=None)  # type: ignore[call-arg]


class TestMigrate:
    def test_goes_to_the_stage_of_the_same_name_or_another(self):
        new = LeadProcess.standard("others")
        assert (new.migrate(lead()).pipeline, new.migrate(lead()).stage) == ("others", "new")
        assert new.migrate(lead(), to="working").stage == "working"
        assert new.migrate(lead(), stages={"new": "qualified"}).stage == "qualified"
        assert PROCESS.migrate(found := lead()) is found

    def test_keeps_the_outcome(self):
        with pytest.raises(MigrationError) as caught:
            LeadProcess.standard("others").migrate(lead(), to="converted")
        assert str(caught.value) == (
            "cannot migrate lead 'L-1' to 'converted' of lead process 'others': that stage is "
            "converted\n\n"
            "Hint: the lead is open: to='new', 'working', 'qualified' or 'nurturing'."
        )


def test_the_repr_is_short():
    assert repr(PROCESS) == "<LeadProcess 'leads' version 1, 6 stages>"
