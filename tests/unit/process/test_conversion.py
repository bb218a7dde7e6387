"""A lead becomes a deal, once, and follows what becomes of it."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from salesflow import Deal, Lead, LeadProcess, Link, Money, Pipeline, Stage, merge
from salesflow.errors import (
    FieldError,
    MoveNotAllowed,
    OptionError,
    SalesflowError,
    UnknownStageError,
)
from tests.builders import day, jan, lead_moved, lead_of, lead_opened

PROCESS, SALES = LeadProcess.standard(), Pipeline.standard()
STAGES = PROCESS.stages


def qualified(process: LeadProcess = PROCESS, at: date | None = None, **fields) -> Lead:
    lead = process.open("Kim", id="L-1", at=at or jan(1), **fields)
    return process.advance(process.advance(lead, at=jan(2)), at=jan(3))


def converted() -> tuple[Lead, Deal]:
    lead, deal = PROCESS.convert(qualified(), SALES, id="D-1", at=jan(4))
    return lead, deal


def lost(disposition: str | None, deal: Deal | None = None) -> Deal:
    return SALES.lose(
        deal or converted()[1], "budget", disposition=disposition, revisit_on=day(30), at=jan(5)
    )


def message(call, *arguments, **options):
    with pytest.raises(SalesflowError) as caught:
        call(*arguments, **options)
    return str(caught.value)


class TestConvert:
    def test_closes_the_lead_and_opens_its_deal(self):
        lead, deal = converted()
        assert (lead.stage, lead.outcome, lead.closed_at) == ("converted", "converted", jan(4))
        assert (lead.deal_id, deal.lead_id, deal.id) == ("D-1", "L-1", "D-1")
        assert (deal.stage, deal.name, deal.created_at) == ("prospecting", "Kim", jan(4))

    def test_the_deal_has_what_the_lead_had(self):
        link = Link(kind="campaign", target="C-7")
        known = {"source": "web", "owner_id": "lee", "account_id": "A-1", "channel": "ads"}
        lead = qualified(contact_ids=["P-1"], links=[link], custom={"size": 40}, **known)
        deal = PROCESS.convert(lead, SALES).deal
        assert (deal.source, deal.owner_id, deal.account_id) == ("web", "lee", "A-1")
        assert (deal.contact_ids, deal.links, deal.custom) == (("P-1",), (link,), {"size": 40})

    def test_what_is_given_comes_before_what_is_carried(self):
        deal = PROCESS.convert(
            qualified(owner_id="lee"), SALES, name="Acme", owner_id="kim", amount=Money(5, "EUR")
        ).deal
        assert (deal.name, deal.owner_id, deal.amount) == ("Acme", "kim", Money(5, "EUR"))

    @pytest.mark.parametrize(
        ("at", "precision"), [(jan(1, 9), "instant"), (date(2025, 12, 30), "day")]
    )
    def test_the_deal_knows_the_age_of_the_lead(self, at, precision):
        deal = PROCESS.convert(qualified(at=at), SALES, at=jan(4)).deal
        created = at if precision == "instant" else datetime(2025, 12, 30, tzinfo=UTC)
        assert (deal.lead_created_at, deal.lead_created_precision) == (created, precision)
        assert Deal.model_validate_json(deal.model_dump_json()) == deal

    def test_an_unknown_age_stays_unknown(self):
        taken = PROCESS.restore(id="L-9", name="Kim", stage="qualified")
        assert PROCESS.convert(taken, SALES).deal.lead_created_at is None

    def test_a_day_stays_a_day(self):
        lead, deal = PROCESS.convert(qualified(), SALES, at=day(4))
        assert (lead.closed_precision, deal.created_precision) == ("day", "day")

    def test_last_answers_go_along_with_who_gave_them(self):
        lead = PROCESS.answer(qualified(), "bant", "need", "no", by="lee", at=jan(3))
        lead = PROCESS.answer(lead, "bant", "budget", "unknown", at=jan(3))
        lead = PROCESS.answer(lead, "bant", "need", "yes", note="books twice", by="ana", at=jan(3))
        deal = PROCESS.convert(lead, SALES, id="D-1", by="kim", at=jan(4)).deal
        carried = [
            (e.id, e.at, e.by, e.criterion, e.answer, e.note)  # type: ignore[union-attr]
            for e in deal.history[1:]
        ]
        assert carried == [
            ("D-1:2", jan(4), "ana", "need", "yes", "books twice"),
            ("D-1:3", jan(4), None, "budget", "unknown", None),
        ]
        assert Deal.model_validate_json(deal.model_dump_json()) == deal

    def test_only_once_even_after_it_went_back(self):
        lead, _ = converted()
        again = PROCESS.settle(lead, lost("nurture"), at=jan(6))
        for found in (lead, again):
            assert message(PROCESS.convert, found, SALES) == (
                f"cannot convert lead 'L-1' from '{found.stage}': it became deal 'D-1' before, and "
                "a lead converts once\n\nHint: reopen deal 'D-1', and bring the lead after it: "
                "process.settle(lead, deal)."
            )

    def test_only_once_where_the_deal_is_unknown(self):
        taken = PROCESS.restore(id="L-9", stage="converted")
        assert "it became a deal before" in message(PROCESS.convert, taken, SALES)

    def test_not_from_an_early_stage(self):
        assert message(PROCESS.convert, PROCESS.open("Kim", id="L-1"), SALES) == (
            "cannot convert lead 'L-1' from 'new' to 'converted': the definition has no such "
            "move\n\nHint: convert it from 'qualified'."
        )

    def test_opens_the_deal_where_the_definition_says(self):
        process = LeadProcess("leads", STAGES, nurture_stages=["nurturing"], deal_stage="meeting")
        sales = Pipeline("sales", SALES.stages, entry_stages=["prospecting", "meeting"])
        assert process.convert(qualified(process), sales).deal.stage == "meeting"
        with pytest.raises(MoveNotAllowed, match="in 'meeting': it is no entry stage"):
            process.convert(qualified(process), SALES)
        other = Pipeline("p", ["a", Stage("w", kind="won"), Stage("l", kind="lost")])
        with pytest.raises(UnknownStageError, match="cannot find stage 'meeting'"):
            process.convert(qualified(process), other)

    def test_needs_a_name(self):
        taken = PROCESS.restore(id="L-9", stage="qualified")
        assert "it has no name" in message(PROCESS.convert, taken, SALES)
        assert PROCESS.convert(taken, SALES, name="Acme").deal.name == "Acme"

    @pytest.mark.parametrize(
        ("options", "error", "fact"),
        [
            ({"lead_id": "L-2"}, OptionError, "it does not set 'lead_id'"),
            ({"lead_created_at": jan(1)}, OptionError, "it does not set 'lead_created_at'"),
            ({"amount": 12.5}, FieldError, "amount"),
            ({"id": ""}, OptionError, "its id '' is no text"),
        ],
    )
    def test_wrong_fields_are_refused(self, options, error, fact):
        with pytest.raises(error, match=fact):
            PROCESS.convert(qualified(), SALES, **options)

    def test_into_a_pipeline_only(self):
        with pytest.raises(OptionError, match="cannot convert lead 'L-1' into None"):
            PROCESS.convert(qualified(), None)  # type: ignore[arg-type]

    def test_to_another_converted_stage(self):
        two = LeadProcess(
            "leads",
            ["new", Stage("y", kind="converted"), Stage("yy", kind="converted"),
             Stage("n", kind="disqualified")],
        )  # fmt: skip
        assert two.convert(two.open("Kim"), SALES, to="yy").lead.stage == "yy"


class TestSettle:
    @pytest.mark.parametrize("disposition", ["nurture", "follow_up"])
    def test_a_loss_to_come_back_to_puts_it_to_nurturing(self, disposition):
        lead = PROCESS.settle(converted()[0], lost(disposition), at=jan(6))
        assert (lead.stage, lead.outcome, lead.closed_at) == ("nurturing", "open", None)
        assert (lead.reason, lead.disposition) == ("budget", disposition)
        assert (lead.revisit_on, lead.deal_id) == (day(30), "D-1")

    def test_a_disqualified_deal_disqualifies_it(self):
        lead = PROCESS.settle(converted()[0], lost("disqualified"), at=jan(6))
        assert (lead.outcome, lead.reason, lead.closed_at) == ("disqualified", "budget", jan(6))

    def test_a_loss_that_says_nothing_leaves_it(self):
        lead, _ = converted()
        assert PROCESS.settle(lead, lost(None)) is lead

    def test_again_changes_nothing(self):
        lead = PROCESS.settle(converted()[0], lost("nurture"), at=jan(6))
        assert PROCESS.settle(lead, lost("nurture")) is lead

    @pytest.mark.parametrize("disposition", ["nurture", "disqualified"])
    def test_it_is_converted_again_once_the_deal_is_back(self, disposition):
        deal = lost(disposition)
        lead = PROCESS.settle(converted()[0], deal, at=jan(6))
        back = SALES.reopen(deal, "prospecting", reason="again", requalified_by="kim", at=jan(7))
        lead = PROCESS.settle(lead, back, at=jan(8))
        assert (lead.stage, lead.deal_id, lead.closed_at) == ("converted", "D-1", jan(8))
        assert (lead.reason, lead.disposition, lead.revisit_on) == (None, None, None)
        assert PROCESS.settle(lead, back) is lead
        assert Lead.model_validate_json(lead.model_dump_json()) == lead

    def test_one_that_is_worked_on_again_comes_back_where_it_may_convert(self):
        deal = lost("nurture")
        lead = PROCESS.settle(converted()[0], deal, at=jan(6))
        worked = PROCESS.move(lead, to="working", at=jan(7))
        back = SALES.reopen(deal, "prospecting", reason="again", at=jan(7))
        assert message(PROCESS.settle, worked, back) == (
            "cannot settle lead 'L-1' from 'working' to 'converted': it is worked on in 'working', "
            "from where no way leads to 'converted'\n\n"
            "Hint: bring it to 'qualified', then settle it."
        )
        assert PROCESS.settle(PROCESS.advance(worked), back).outcome == "converted"

    def test_a_loss_does_not_undo_later_work(self):
        lead = PROCESS.settle(converted()[0], lost("nurture"), at=jan(6))
        worked = PROCESS.move(lead, to="working", at=jan(7))
        assert message(PROCESS.settle, worked, lost("nurture")) == (
            "cannot settle lead 'L-1' from 'working': deal 'D-1' was lost, but it is in 'working', "
            "no longer converted\n\n"
            "Hint: it goes on from there; where the deal was reopened in between, settle it then."
        )

    def test_only_by_its_own_deal(self):
        other = SALES.open("B", id="D-2", lead_id="L-1")
        early = message(PROCESS.settle, converted()[0], lost("nurture"), at=date(2026, 1, 4))
        assert early.startswith("cannot settle lead 'L-1' at 2026-01-04")
        assert early.endswith("Hint: settle it when the deal is lost, or later.")
        assert message(PROCESS.settle, converted()[0], other) == (
            "cannot settle lead 'L-1' by deal 'D-2': it became 'D-1'\n\n"
            "Hint: give the deal it became."
        )

    def test_by_the_deal_that_its_own_was_merged_into(self):
        lead, deal = converted()
        kept = merge(SALES.open("B", id="D-2", at=jan(4)), deal, at=jan(5))
        gone = SALES.lose(kept, "budget", disposition="nurture", at=jan(6))
        aside = PROCESS.settle(lead, gone, at=jan(6))
        back = SALES.reopen(gone, "prospecting", reason="again", at=jan(7))
        assert (aside.stage, PROCESS.settle(aside, back).deal_id) == ("nurturing", "D-1")

    def test_one_whose_deal_is_unknown_by_the_deal_that_names_it(self):
        taken = PROCESS.restore(id="L-9", stage="converted")
        deal = SALES.open("B", id="D-2", lead_id="L-9")
        gone = SALES.lose(deal, "budget", disposition="nurture")
        aside = PROCESS.settle(taken, gone)
        back = SALES.reopen(gone, "prospecting", reason="again")
        assert (aside.deal_id, PROCESS.settle(aside, back).deal_id) == (None, "D-2")
        stranger = SALES.open("B", id="D-3", lead_id="L-8")
        assert "by deal 'D-3': that came of another lead" in message(
            PROCESS.settle, taken, stranger
        )

    def test_one_that_was_never_converted_is_refused(self):
        assert message(PROCESS.settle, qualified(), converted()[1]) == (
            "cannot settle lead 'L-1' from 'qualified': it was never converted\n\n"
            "Hint: process.convert(lead, pipeline) opens its deal."
        )

    def test_is_refused_where_no_stage_nurtures(self):
        plain = LeadProcess(
            "leads", ["new", Stage("yes", kind="converted"), Stage("no", kind="disqualified")]
        )
        lead, deal = plain.convert(plain.open("Kim", id="L-1"), SALES, id="D-1")
        gone = SALES.lose(deal, "budget", disposition="nurture")
        assert "has no stage for it" in message(plain.settle, lead, gone)

    def test_by_a_deal_only(self):
        with pytest.raises(OptionError, match="it is no Deal"):
            PROCESS.settle(converted()[0], None)  # type: ignore[arg-type]


class TestLeadOfADeal:
    def test_an_app_may_say_when_the_lead_was_created(self):
        deal = SALES.open("Acme", lead_id="L-1", lead_created_at=day(1), at=jan(4))
        assert (deal.lead_created_at, deal.lead_created_precision) == (jan(1), "day")
        taken = SALES.restore(id="D-9", stage="won", lead_created_at=jan(1))
        assert taken.lead_created_at == jan(1)

    def test_but_not_after_the_deal(self):
        with pytest.raises(OptionError, match="its lead was created later"):
            SALES.open("Acme", lead_created_at=jan(9), at=jan(4))

    def test_another_lead_has_another_age(self):
        deal = SALES.open("Acme", lead_id="L-1", lead_created_at=jan(1), at=jan(4))
        assert SALES.update(deal, source="web").lead_created_at == jan(1)
        other = SALES.update(deal, lead_id="L-2")
        assert (other.lead_id, other.lead_created_at) == ("L-2", None)
        assert Deal.model_validate_json(other.model_dump_json()) == other


class TestHistoriesThatAreRefused:
    @pytest.mark.parametrize(
        ("events", "fact"),
        [
            ([lead_moved(2, "new", "done", "converted")], "converts it to no deal"),
            ([lead_moved(2, "new", "next", deal_id="D-1")], "names a deal, but does not convert"),
            (
                [
                    lead_moved(2, "new", "done", "converted", deal_id="D-1"),
                    lead_moved(3, "done", "later"),
                    lead_moved(4, "later", "done", "converted", deal_id="D-2"),
                ],
                "converts it to deal 'D-2', but it became 'D-1'",
            ),
        ],
    )
    def test_of_a_lead(self, events, fact):
        with pytest.raises(ValidationError, match=fact):
            lead_of(lead_opened(), *events)

    def test_a_deal_from_a_lead_created_later(self):
        with pytest.raises(ValidationError, match="opens it from a lead created later"):
            lead_of(lead_opened(lead_created_at=jan(2)))

    def test_a_day_with_a_time(self):
        when = {"lead_created_at": jan(1, 5), "lead_created_precision": "day"}
        with pytest.raises(ValidationError, match="has precision 'day' and a time"):
            lead_of(lead_opened(at=jan(3), **when))
