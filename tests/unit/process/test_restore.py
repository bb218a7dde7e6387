"""Deals taken over from elsewhere: what is known is kept, what is unknown stays unknown."""

from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Deal, Money, Pipeline, errors

SALES = Pipeline.standard()
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def restored(**fields):
    deal = SALES.restore(id="D-9", **fields)
    assert Deal.model_validate_json(deal.model_dump_json()) == deal
    return deal


def refused(error, match, **fields):
    with pytest.raises(error, match=match) as caught:
        SALES.restore(**{"id": "D-9", **fields})
    return caught.value


class TestWhatIsUnknown:
    def test_an_id_is_enough(self):
        deal = restored()
        assert (deal.id, deal.outcome, deal.version) == ("D-9", "open", 1)
        unknown = ("name", "stage", "stage_position", "stage_entered_at", "created_at", "closed_at")
        assert [getattr(deal, field) for field in unknown] == [None] * 6
        assert (deal.amount, deal.probability, deal.owner_id) == (None, None, None)
        assert deal.history[0].at is None

    def test_a_closed_deal_may_have_no_dates(self):
        deal = restored(stage="won")
        assert (deal.outcome, deal.probability, deal.stage_position) == ("won", 1.0, 5)
        assert (deal.created_at, deal.closed_at, deal.stage_entered_at) == (None, None, None)

    def test_an_open_stage_is_not_known_to_have_been_entered(self):
        deal = restored(stage="meeting", created_at=T0)
        assert (deal.created_at, deal.stage_entered_at) == (T0, None)

    def test_an_undated_deal_may_go_on_at_any_time(self):
        deal = SALES.advance(restored(stage="meeting"), at=datetime(1990, 1, 1, tzinfo=UTC))
        assert deal.stage == "proposal"

    def test_a_deal_in_no_stage_goes_on_by_migration(self):
        deal = restored(created_at=T0)
        with pytest.raises(
            errors.WrongPipelineError, match="it is not known which stage"
        ) as caught:
            SALES.advance(deal)
        assert caught.value.deal_stage is None
        assert SALES.migrate(deal, to="meeting", at=T0 + DAY).stage == "meeting"


class TestDates:
    def test_a_date_is_a_day(self):
        deal = restored(stage="won", created_at=date(2025, 3, 1), closed_at=date(2025, 4, 2))
        assert (deal.created_precision, deal.closed_precision) == ("day", "day")
        assert deal.closed_at == datetime(2025, 4, 2, tzinfo=UTC)

    def test_a_closed_stage_was_entered_at_the_closing(self):
        deal = restored(stage="lost", closed_at=T0)
        assert deal.stage_entered_at == T0

    def test_its_event_is_dated_by_the_latest_known_date(self):
        visits = [("meeting", T0 + 3 * DAY), ("proposal", T0 + 5 * DAY)]
        deal = restored(stage="proposal", created_at=T0, visits=visits)
        assert deal.history[0].at == T0 + 5 * DAY

    def test_what_comes_next_comes_after_that(self):
        deal = restored(stage="meeting", visits=[("meeting", T0)])
        with pytest.raises(errors.EventOrderError, match="cannot date an event of deal 'D-9'"):
            SALES.advance(deal, at=T0 - DAY)

    def test_its_last_day_is_not_before_an_hour_of_it(self):
        deal = restored(stage="meeting", created_at=date(2026, 1, 5))
        assert SALES.advance(deal, at=T0).stage == "proposal"


class TestVisits:
    VISITS = (("prospecting", T0), ("meeting", T0 + DAY), ("won", T0 + 5 * DAY))

    def ends(self, deal):
        return [(visit.stage, visit.entered_at, visit.left_at) for visit in deal.history[0].visits]

    def test_each_is_left_when_the_next_one_is_entered(self):
        assert self.ends(restored(visits=self.VISITS)) == [
            ("prospecting", T0, T0 + DAY),
            ("meeting", T0 + DAY, T0 + 5 * DAY),
            ("won", T0 + 5 * DAY, None),
        ]

    def test_the_last_one_says_the_stage_and_the_closing(self):
        deal = restored(visits=self.VISITS)
        assert (deal.stage, deal.outcome, deal.closed_at) == ("won", "won", T0 + 5 * DAY)
        assert deal.stage_entered_at == T0 + 5 * DAY

    def test_a_closing_is_when_it_was_closed_for_good(self):
        visits = [*self.VISITS, ("follow_up", T0 + 9 * DAY)]
        deal = restored(visits=visits)
        assert (deal.stage, deal.closed_at) == ("follow_up", T0 + 5 * DAY)

    def test_an_unknown_entry_into_the_closed_stage_leaves_the_closing_unknown(self):
        deal = restored(visits=[("meeting", T0), ("won", None)])
        assert (deal.outcome, deal.closed_at) == ("won", None)
        assert self.ends(deal) == [("meeting", T0, None), ("won", None, None)]

    def test_a_closing_that_is_given_counts(self):
        deal = restored(visits=[*self.VISITS[:2], ("won", None)], closed_at=T0 + 6 * DAY)
        assert deal.closed_at == T0 + 6 * DAY

    def test_a_closing_that_the_visits_contradict_is_refused(self):
        match = "was closed at .*, but its visits say"
        refused(errors.FieldError, match, visits=self.VISITS, closed_at=T0 + 6 * DAY)
        deal = restored(visits=self.VISITS, closed_at=date(2026, 1, 10))
        assert deal.closed_precision == "day"

    def test_a_closing_before_a_reopening_that_is_known_of_is_not_the_last_one(self):
        visits = [("lost", T0, T0 + DAY), ("lost", T0 + 5 * DAY)]
        assert restored(visits=visits).closed_at == T0 + 5 * DAY
        visits = [("won", T0, T0 + DAY), ("follow_up", T0 + DAY)]
        assert restored(visits=visits).closed_at == T0
        visits = [("won", T0, date(2026, 1, 6)), ("follow_up", T0 + DAY)]
        assert restored(visits=visits).closed_at == T0

    def test_a_stage_left_and_entered_again_has_a_closing_of_its_own(self):
        deal = restored(stage="won", visits=[("won", T0, T0 + DAY)], closed_at=T0 + 5 * DAY)
        assert deal.closed_at == T0 + 5 * DAY

    @pytest.mark.parametrize("visit", [("meeting", T0 + DAY, None), ("meeting", None, T0 + DAY)])
    def test_no_other_stage_is_visited_after_the_closing(self, visit):
        match = "has a visit to 'meeting' at .*, after it was closed"
        refused(errors.FieldError, match, stage="won", visits=[visit], closed_at=T0)

    def test_the_last_visit_ends_with_the_closing_in_another_stage(self):
        deal = restored(stage="lost", closed_at=T0 + DAY, visits=[("meeting", T0)])
        assert self.ends(deal) == [("meeting", T0, T0 + DAY)]
        assert (deal.lost_at_stage, deal.lost_at_position) == ("meeting", 2)

    def test_an_end_may_be_given(self):
        deal = restored(stage="won", visits=[("meeting", T0, T0 + DAY), ("proposal", None, None)])
        assert self.ends(deal) == [("meeting", T0, T0 + DAY), ("proposal", None, None)]

    def test_they_may_have_days(self):
        deal = restored(stage="meeting", visits=[("meeting", date(2026, 1, 5))])
        assert (deal.stage_entered_precision, deal.stage_entered_at.hour) == ("day", 0)

    def test_out_of_order_they_are_refused(self):
        error = refused(
            errors.FieldError,
            r"cannot restore deal 'D-9': event 'D-9:1' has a visit to .*; list visits in order",
            visits=[("prospecting", T0), ("meeting", T0 - DAY)],
        )
        assert len(error.faults) == 1

    @pytest.mark.parametrize("visits", [3, None, object()])
    def test_what_is_no_list_is_refused(self, visits):
        error = refused(errors.OptionError, "are no .stage, entered_at. pairs", visits=visits)
        assert (error.parameter, error.value) == ("visits", visits)

    @pytest.mark.parametrize("visit", [3, None, "meeting", ("meeting",), ("a", T0, T0, T0)])
    def test_what_is_no_visit_is_refused(self, visit):
        error = refused(errors.OptionError, "is no .stage, entered_at.", visits=[visit])
        assert (error.parameter, error.value) == ("visits", visit)

    @pytest.mark.parametrize("stage", ["metting", 3, None, []])
    def test_a_visit_to_no_stage_is_refused(self, stage):
        refused(
            errors.UnknownStageError, "cannot find stage", stage="meeting", visits=[(stage, T0)]
        )


class TestLosses:
    def test_all_that_is_known_of_one(self):
        deal = restored(
            stage="lost",
            loss_reason="budget",
            disposition="nurture",
            lost_at_stage="proposal",
            revisit_on=date(2026, 6, 1),
            closed_at=T0,
        )
        assert (deal.loss_reason, deal.disposition) == ("budget", "nurture")
        assert (deal.lost_at_stage, deal.lost_at_position) == ("proposal", 3)
        assert deal.revisit_on == date(2026, 6, 1)

    def test_it_was_lost_at_the_last_open_stage_it_is_known_in(self):
        visits = [("meeting", T0), ("proposal", T0 + DAY), ("lost", T0 + 2 * DAY)]
        assert restored(visits=visits).lost_at_stage == "proposal"

    def test_where_it_was_lost_may_be_unknown_and_then_it_reopens_anywhere(self):
        deal = restored(stage="lost", visits=[("lost", T0)])
        assert deal.lost_at_stage is None
        assert len(SALES.moves(deal)) == 5
        assert SALES.reopen(deal, "negotiation", reason="again").stage == "negotiation"

    def test_lost_at_a_closed_stage_is_refused(self):
        match = "cannot restore deal 'D-9': lost_at_stage 'won' is won"
        error = refused(errors.OptionError, match, stage="lost", lost_at_stage="won")
        assert (error.parameter, error.value) == ("lost_at_stage", "won")

    def test_lost_at_an_unknown_stage_is_refused(self):
        refused(errors.UnknownStageError, "cannot find", stage="lost", lost_at_stage="nowhere")

    def test_an_open_deal_was_not_lost_anywhere(self):
        refused(
            errors.FieldError,
            "is open, and says why or where it was lost",
            stage="meeting",
            lost_at_stage="meeting",
        )


class TestFields:
    def test_those_of_a_deal_are_kept(self):
        price = Money("12000", "EUR")
        deal = restored(
            stage="meeting",
            name="Acme",
            amount=price,
            owner_id="kim",
            source="web",
            custom={"a": 1},
            aliases=["OLD-9"],
            by="import",
        )
        assert (deal.name, deal.amount, deal.owner_id, deal.source) == ("Acme", price, "kim", "web")
        assert (deal.custom, deal.aliases, deal.history[0].by) == ({"a": 1}, ("OLD-9",), "import")
        assert deal.pipeline == "sales"

    def test_a_probability_and_a_category_are_manual_ones(self):
        deal = restored(stage="meeting", probability=0.4, category="commit")
        assert (deal.probability, deal.probability_source) == (0.4, "manual")
        assert (deal.category, deal.category_source) == ("commit", "manual")

    def test_they_are_kept_where_the_stage_is_unknown(self):
        deal = restored(probability=0.4)
        assert (deal.probability, deal.probability_source, deal.stage) == (0.4, "manual", None)

    @pytest.mark.parametrize(("stage", "certain"), [("won", 1), ("lost", 0)])
    def test_a_closed_deal_refuses_another_probability(self, stage, certain):
        assert restored(stage=stage, probability=certain).probability == certain
        error = refused(
            errors.ClosedDealError,
            f"cannot restore deal 'D-9': it is {stage}, so its probability is {certain}",
            stage=stage,
            probability=0.5,
        )
        assert (error.deal_id, error.outcome, error.field) == ("D-9", stage, "probability")

    def test_a_percentage_is_told_how_to_be_written(self):
        error = refused(errors.ProbabilityError, "probability 65", probability=65)
        assert error.hint == "write 0.65."

    @pytest.mark.parametrize("field", ["stage_kind", "reason", "at", "pipeline", "channel", "x"])
    def test_a_field_that_it_does_not_set_is_refused(self, field):
        error = refused(errors.OptionError, f"it does not set '{field}'", **{field: "x"})
        assert (error.parameter, error.value) == ("fields", field)

    def test_all_wrong_values_are_named(self):
        error = refused(
            errors.FieldError,
            "cannot restore deal 'D-9': ",
            stage="lost",
            owner_id="",
            amount=12.5,
            disposition="x",
            by=3,
        )
        assert {fault.split(":")[0] for fault in error.faults} == {
            "owner_id",
            "amount",
            *("disposition", "by"),
        }

    @pytest.mark.parametrize("identity", ["", 3, None, [], "\ud800"])
    def test_an_id_is_a_text(self, identity):
        refused(errors.FieldError, "id: ", id=identity)

    @pytest.mark.parametrize("stage", ["metting", 3, []])
    def test_a_stage_is_one_of_the_pipeline(self, stage):
        refused(errors.UnknownStageError, "cannot find stage", stage=stage)

    def test_an_open_deal_was_not_closed(self):
        refused(errors.FieldError, "is open, and closed at", stage="meeting", closed_at=T0)

    @pytest.mark.parametrize("field", ["created_at", "closed_at"])
    @pytest.mark.parametrize("value", ["2026-01-05", 5])
    def test_a_date_is_a_date(self, field, value):
        error = refused(errors.OptionError, f"cannot use {field} ", stage="won", **{field: value})
        assert (error.parameter, error.value) == (field, value)

    def test_a_moment_without_zone_is_refused(self):
        naive = datetime(2026, 1, 5)  # noqa: DTZ001 - naive on purpose
        refused(errors.NaiveDatetimeError, "cannot use created_at", created_at=naive)
        refused(errors.NaiveDatetimeError, "cannot use visits", visits=[("meeting", naive)])
