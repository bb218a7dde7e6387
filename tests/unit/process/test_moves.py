"""The verbs that change a deal's stage, and what they say when they refuse."""

import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from salesflow import Money, Pipeline, Stage, errors
from salesflow.process import Move

SALES = Pipeline.standard()
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
STEPS = ("prospecting", "qualification", "meeting", "proposal", "negotiation")


def deal_at(stage, pipeline=SALES, **fields):
    """A deal that went to an open stage, a step a day from T0 on."""
    deal = pipeline.open("Acme", id="D-17", at=T0, **fields)
    while deal.stage != stage:
        deal = pipeline.advance(deal, at=deal.stage_entered_at + DAY)
    return deal


def lost_at(stage, **options):
    return SALES.lose(deal_at(stage), "budget", at=T0 + 9 * DAY, **options)


def won():
    return SALES.win(deal_at("negotiation"), at=T0 + 9 * DAY)


def refused(verb, deal, *arguments, pipeline=SALES, error=errors.MoveNotAllowed, **options):
    """The error of a call that must be refused and leave the deal as it was."""
    written = deal.model_dump_json()
    with pytest.raises(error, match="cannot ") as caught:
        getattr(pipeline, verb)(deal, *arguments, **options)
    assert deal.model_dump_json() == written
    return caught.value


class TestOpen:
    def test_it_begins_in_the_first_stage(self):
        deal = SALES.open("Acme", id="D-1", at=T0, by="kim")
        assert (deal.stage, deal.outcome, deal.stage_position, deal.version) == (
            "prospecting",
            "open",
            0,
            1,
        )
        assert deal.created_at == deal.stage_entered_at == T0
        assert deal.history[0].by == "kim"
        assert deal.history[0].id == "D-1:1"

    def test_it_may_begin_in_another_entry_stage(self):
        pipeline = Pipeline("p", SALES.stages, entry_stages=STEPS[:2])
        assert pipeline.open("Acme", stage="qualification").stage == "qualification"

    def test_a_stage_that_is_no_entry_is_refused(self):
        with pytest.raises(errors.MoveNotAllowed, match="it is no entry stage") as caught:
            SALES.open("Acme", stage="won")
        error = caught.value
        assert str(error) == (
            "cannot open deal 'Acme' in 'won': it is no entry stage\n\n"
            "Hint: open it in 'prospecting'."
        )
        assert (error.stage, error.to, error.legal) == (None, "won", ("prospecting",))

    def test_an_id_left_out_is_a_new_one(self):
        one, other = SALES.open("Acme"), SALES.open("Acme")
        assert one.id != other.id
        assert len(one.id) == 36

    def test_without_at_it_happens_now(self):
        before = datetime.now(UTC)
        deal = SALES.open("Acme")
        assert before <= deal.created_at <= datetime.now(UTC)
        assert deal.created_precision == "instant"

    def test_a_date_is_a_day_and_never_shifts(self):
        deal = SALES.open("Acme", at=date(2026, 1, 5))
        assert deal.created_at == datetime(2026, 1, 5, tzinfo=UTC)
        assert deal.created_precision == "day"

    def test_a_moment_of_another_zone_is_kept_in_utc(self):
        there = timezone(timedelta(hours=5))
        deal = SALES.open("Acme", at=datetime(2026, 1, 5, 10, tzinfo=there))
        assert deal.created_at.isoformat() == "2026-01-05T05:00:00+00:00"

    def test_a_probability_given_is_a_manual_one(self):
        deal = SALES.open("Acme", probability=0.25, category="commit")
        assert (deal.probability, deal.probability_source) == (0.25, "manual")
        assert (deal.category, deal.category_source) == ("commit", "manual")

    def test_without_one_the_stage_gives_it(self):
        first = Stage("a", probability=0.1, category="pipeline")
        pipeline = Pipeline("p", [first, *SALES.stages[-3:]])
        deal = pipeline.open("Acme")
        assert (deal.probability, deal.probability_source) == (0.1, "stage")
        assert (deal.category, deal.category_source) == ("pipeline", "stage")

    def test_its_fields_are_checked_all_at_once(self):
        with pytest.raises(errors.FieldError, match="cannot open deal 'Acme': ") as caught:
            SALES.open("Acme", owner_id="", amount=12, contact_ids=[3])
        assert [fault.split(":")[0] for fault in caught.value.faults] == [
            "amount",
            "owner_id",
            "contact_ids.0",
        ]

    def test_fields_that_need_a_check_are_kept_as_checked(self):
        deal = SALES.open("Açme", contact_ids=["C-1"], custom={"region": ["n"]}, owner_id=None)
        assert deal.name == "Açme"
        assert deal.contact_ids == ("C-1",)
        assert deal.custom["region"] == ("n",)


class TestAdvance:
    def test_it_goes_through_the_open_stages_in_order(self):
        deal = deal_at("negotiation")
        assert tuple(event.stage for event in deal.history) == STEPS

    def test_it_leaves_out_retired_stages(self):
        pipeline = Pipeline("p", ["a", Stage("b", retired=True), "c", *SALES.stages[-3:]])
        assert pipeline.advance(pipeline.open("Acme")).stage == "c"

    def test_after_the_last_stage_comes_win(self):
        error = refused("advance", deal_at("negotiation"))
        assert str(error) == (
            "cannot advance deal 'D-17' from 'negotiation': it is in the last open stage\n\n"
            "Hint: close it with pipeline.win(deal)."
        )
        assert (error.stage, error.to) == ("negotiation", None)

    def test_after_the_last_stage_the_legal_moves_where_it_cannot_be_won(self):
        pipeline = Pipeline("p", ["a", "b", *SALES.stages[-3:]], win_from="a")
        deal = pipeline.advance(pipeline.open("Acme", id="D-1"))
        error = refused("advance", deal, pipeline=pipeline)
        assert error.message == "cannot advance deal 'D-1' from 'b': it is in the last open stage"
        assert error.hint == "legal now: 'a' or 'lost'."

    def test_a_lost_deal_has_no_next_stage_but_may_come_back(self):
        error = refused("advance", lost_at("meeting"))
        assert str(error) == (
            "cannot advance deal 'D-17' from 'lost': it is lost, so there is no next open stage\n\n"
            "Hint: pipeline.reopen(deal, to=…, reason=…) brings it back."
        )

    def test_a_won_deal_has_no_next_stage(self):
        error = refused("advance", won())
        assert error.message.endswith("it is won, so there is no next open stage")
        assert error.hint is None


class TestMove:
    def test_back_among_open_stages(self):
        deal = SALES.move(deal_at("proposal"), to="prospecting", at=T0 + 9 * DAY)
        assert (deal.stage, deal.stage_position) == ("prospecting", 0)
        assert deal.stage_entered_at == T0 + 9 * DAY

    def test_an_event_freezes_what_holds_at_the_move(self):
        price, day = Money("12000", "EUR"), date(2026, 3, 1)
        fields = {"amount": price, "owner_id": "kim", "source": "web", "expected_close_on": day}
        event = SALES.advance(SALES.open("Acme", at=T0, **fields), at=T0, by="lee").history[-1]
        assert (event.amount, event.owner_id, event.source) == (price, "kim", "web")
        assert (event.expected_close_on, event.by, event.at) == (day, "lee", T0)
        assert (event.from_stage, event.stage, event.stage_kind) == (*STEPS[:2], "open")

    def test_forward_by_more_than_one_step_is_refused(self):
        error = refused("move", deal_at("meeting"), to="negotiation")
        assert str(error) == (
            "cannot move deal 'D-17' from 'meeting' to 'negotiation': "
            "the definition has no such move\n\n"
            "Hint: legal now: 'proposal', 'qualification', 'prospecting' or 'lost'."
        )
        assert (error.deal_id, error.stage, error.to) == ("D-17", "meeting", "negotiation")
        assert set(error.legal) == {"proposal", "qualification", "prospecting", "lost"}
        assert error.unmet == ()

    def test_at_most_five_legal_stages_are_named_the_closest_first(self):
        stages = [*"abcdefgh", *SALES.stages[-3:]]
        pipeline = Pipeline("p", stages, allow_skip=True, win_from="h")
        deal = pipeline.move(pipeline.open("Acme"), to="d")
        error = refused("move", deal, pipeline=pipeline, to="d")
        assert error.message.endswith("it is in that stage already")
        assert error.hint == "legal now: 'e', 'c', 'f', 'b' or 'g'."  # forward first
        assert len(error.legal) == 8

    def test_to_a_retired_stage_is_refused(self):
        pipeline = Pipeline("p", ["a", Stage("b", retired=True), *SALES.stages[-3:]])
        error = refused("move", pipeline.open("Acme"), pipeline=pipeline, to="b")
        assert error.message.endswith("from 'a' to 'b': that stage is retired")

    def test_another_outcome_has_its_own_verb(self):
        error = refused("move", deal_at("negotiation"), to="won")
        assert str(error) == (
            "cannot move deal 'D-17' from 'negotiation' to 'won': "
            "'won' is won, and the verb that leads there is win\n\n"
            "Hint: use pipeline.win(deal, to='won')."
        )
        error = refused("move", deal_at("meeting"), to="lost")
        assert error.hint == "use pipeline.lose(deal, reason=…, to='lost')."
        error = refused("move", lost_at("meeting"), to="meeting")
        assert error.hint == "use pipeline.reopen(deal, to='meeting', reason=…)."

    def test_between_stages_of_one_outcome(self):
        deal = SALES.move(won(), to="follow_up", at=T0 + 99 * DAY)
        assert (deal.stage, deal.outcome, deal.closed_at) == ("follow_up", "won", T0 + 9 * DAY)

    def test_an_unknown_stage_is_told_the_closest_ones(self):
        error = refused("move", deal_at("meeting"), to="propsal", error=errors.UnknownStageError)
        assert error.hint.startswith("did you mean 'proposal', ")

    def test_a_won_deal_goes_back_nowhere(self):
        error = refused("move", won(), to="meeting")
        assert error.message.endswith("it is won, and may not go back there")
        assert error.hint == "legal now: 'follow_up'."

    def test_a_final_loss_goes_nowhere_at_all(self):
        pipeline = Pipeline("p", SALES.stages, revert_to=[])
        deal = pipeline.lose(pipeline.open("Acme"), "budget")
        error = refused("move", deal, pipeline=pipeline, to="meeting")
        assert error.message.endswith("it is lost, and may not go back there")
        assert (error.hint, error.legal) == (None, ())


class TestWin:
    def test_it_closes_the_deal(self):
        deal = won()
        assert (deal.stage, deal.outcome, deal.probability) == ("won", "won", 1.0)
        assert deal.closed_at == deal.history[-1].at == T0 + 9 * DAY

    def test_it_may_name_another_won_stage(self):
        assert SALES.win(deal_at("negotiation"), to="follow_up").stage == "follow_up"

    def test_only_from_where_the_definition_says(self):
        error = refused("win", deal_at("meeting"))
        assert error.message == (
            "cannot win deal 'D-17' from 'meeting' to 'won': the definition has no such move"
        )

    def test_it_wins_no_deal_by_naming_another_stage(self):
        error = refused("win", deal_at("negotiation"), to="lost")
        assert error.hint == "use pipeline.lose(deal, reason=…, to='lost')."
        error = refused("win", deal_at("negotiation"), to="proposal")
        assert error.hint == "use pipeline.move(deal, to='proposal')."

    def test_a_won_deal_is_not_won_again(self):
        assert refused("win", won()).message.endswith("it is in that stage already")
        error = refused("win", won(), to="follow_up")
        assert error.hint == "use pipeline.move(deal, to='follow_up')."

    def test_a_date_closes_it_on_a_day(self):
        deal = SALES.win(deal_at("negotiation"), at=date(2026, 2, 1))
        assert (deal.closed_at.date(), deal.closed_precision) == (date(2026, 2, 1), "day")


class TestLose:
    def test_it_closes_the_deal_and_says_why_and_where(self):
        deal = lost_at("meeting", disposition="nurture", revisit_on=date(2026, 6, 1))
        assert (deal.stage, deal.outcome, deal.probability) == ("lost", "lost", 0.0)
        assert (deal.loss_reason, deal.disposition) == ("budget", "nurture")
        assert deal.revisit_on == date(2026, 6, 1)
        assert (deal.lost_at_stage, deal.lost_at_position) == ("meeting", 2)
        assert deal.closed_at == T0 + 9 * DAY

    @pytest.mark.parametrize("reason", [None, "", "  ", 3])
    def test_it_needs_a_reason(self, reason):
        error = refused("lose", deal_at("meeting"), reason, error=errors.OptionError)
        assert error.message == f"cannot lose deal 'D-17': its reason {reason!r} is no text"
        assert (error.parameter, error.value) == ("reason", reason)

    def test_dispositions_are_those_of_the_design(self):
        error = refused(
            "lose",
            deal_at("meeting"),
            "budget",
            disposition="binned",
            revisit_on="soon",
            error=errors.FieldError,
        )
        assert [fault.split(":")[0] for fault in error.faults] == ["disposition", "revisit_on"]

    def test_it_may_name_another_lost_stage(self):
        pipeline = Pipeline("p", [*SALES.stages, Stage("gone", kind="lost")])
        deal = pipeline.lose(pipeline.open("Acme"), "budget", to="gone")
        assert (deal.stage, deal.outcome) == ("gone", "lost")

    def test_moving_on_between_lost_stages_keeps_the_loss(self):
        pipeline = Pipeline("p", [*SALES.stages, Stage("gone", kind="lost")])
        lost = pipeline.lose(pipeline.open("Acme", at=T0), "budget", at=T0 + DAY)
        deal = pipeline.move(lost, to="gone", at=T0 + 5 * DAY)
        assert (deal.loss_reason, deal.lost_at_stage) == ("budget", "prospecting")
        assert (deal.closed_at, deal.stage_entered_at) == (T0 + DAY, T0 + 5 * DAY)

    def test_a_won_deal_is_not_lost(self):
        error = refused("lose", won(), "budget")
        assert error.message.endswith("from 'won' to 'lost': the definition has no such move")


class TestReopen:
    def test_it_brings_a_loss_back_and_clears_it(self):
        lost = lost_at("meeting", disposition="nurture", revisit_on=date(2026, 6, 1))
        deal = SALES.reopen(lost, "qualification", reason="new budget", at=T0 + 20 * DAY)
        assert (deal.stage, deal.outcome) == ("qualification", "open")
        cleared = (deal.closed_at, deal.loss_reason, deal.disposition, deal.revisit_on)
        assert cleared == (None, None, None, None)
        assert (deal.lost_at_stage, deal.lost_at_position) == (None, None)

    def test_the_history_keeps_what_was_cleared(self):
        deal = SALES.reopen(lost_at("meeting"), "qualification", reason="new budget")
        loss, reversion = deal.history[-2:]
        assert (loss.stage_kind, loss.reason, loss.at) == ("lost", "budget", T0 + 9 * DAY)
        assert (reversion.stage_kind, reversion.reason) == ("open", "new budget")

    def test_not_beyond_the_stage_it_was_lost_at(self):
        error = refused("reopen", lost_at("meeting"), "negotiation", reason="again")
        assert str(error) == (
            "cannot reopen deal 'D-17' from 'lost' to 'negotiation': "
            "it was lost at 'meeting', and reverts to that stage or an earlier one\n\n"
            "Hint: reopen it to 'meeting', 'qualification' or 'prospecting'."
        )
        assert error.legal == ("prospecting", "qualification", "meeting")

    def test_move_says_so_too_instead_of_naming_a_verb_that_would_refuse(self):
        error = refused("move", lost_at("meeting"), to="negotiation")
        assert str(error) == (
            "cannot move deal 'D-17' from 'lost' to 'negotiation': "
            "it was lost at 'meeting', and reverts to that stage or an earlier one\n\n"
            "Hint: reopen it to 'meeting', 'qualification' or 'prospecting'."
        )

    def test_five_stages_are_named_where_more_are_legal(self):
        pipeline = Pipeline("p", [*"abcdefgh", *SALES.stages[-3:]], allow_skip=True)
        deal = pipeline.lose(pipeline.move(pipeline.open("Acme"), to="g"), "budget")
        error = refused("reopen", deal, "h", reason="again", pipeline=pipeline)
        assert error.hint == "reopen it to 'g', 'f', 'e', 'd' or 'c'."

    def test_no_stage_is_named_where_none_is_left(self):
        # Lost at the first stage, which a newer version of the definition retired.
        lost = SALES.lose(SALES.open("Acme"), "budget")
        newer = Pipeline("sales", [Stage("prospecting", retired=True), *SALES.stages[1:]])
        error = refused("reopen", lost, "meeting", reason="again", pipeline=newer)
        assert error.message.endswith("reverts to that stage or an earlier one")
        assert (error.hint, error.legal) == (None, ())

    def test_where_it_may_go_back_follows_the_stage_wherever_it_stands_now(self):
        lost = lost_at("meeting")
        moved = Pipeline("sales", ["meeting", "prospecting", *SALES.stages[5:]])
        assert [move.to for move in moved.moves(lost)] == ["meeting"]

    def test_where_it_may_go_back_follows_its_place_if_the_stage_is_gone(self):
        newer = Pipeline("sales", ["prospecting", "qualification", "demo", *SALES.stages[3:]])
        moves = newer.moves(lost_at("meeting"))
        assert [move.to for move in moves] == ["prospecting", "qualification", "demo"]

    def test_an_unknown_stage_of_loss_is_no_stage_called_none(self):
        pipeline = Pipeline("p", ["None", "b", *SALES.stages[-3:]])
        lost = pipeline.restore(id="D-1", stage="lost")
        assert [move.to for move in pipeline.moves(lost)] == ["None", "b"]

    def test_settings_of_its_own_replace_the_rule(self):
        pipeline = Pipeline("sales", SALES.stages, revert_to="negotiation")
        deal = pipeline.reopen(lost_at("meeting"), "negotiation", reason="again")
        assert deal.stage == "negotiation"

    def test_an_open_deal_is_not_reopened(self):
        error = refused("reopen", deal_at("meeting"), "proposal", reason="again")
        assert error.hint == "use pipeline.move(deal, to='proposal')."

    def test_it_needs_a_reason(self):
        error = refused(
            "reopen", lost_at("meeting"), "meeting", reason="", error=errors.OptionError
        )
        assert error.message == "cannot reopen deal 'D-17': its reason '' is no text"

    def test_a_disqualified_deal_must_be_requalified(self):
        lost = lost_at("meeting", disposition="disqualified")
        error = refused("reopen", lost, "meeting", reason="again")
        assert str(error) == (
            "cannot reopen deal 'D-17' from 'lost' to 'meeting': it was disqualified\n\n"
            "Hint: say who found it worth pursuing: requalified_by='…'."
        )
        deal = SALES.reopen(lost, "meeting", reason="again", requalified_by="lee")
        assert deal.history[-1].requalified_by == "lee"

    def test_a_win_stays_won(self):
        error = refused("reopen", won(), "meeting", reason="wrong")
        assert error.message.endswith("it is won, and may not go back there")

    def test_a_win_is_undone_where_that_is_allowed(self):
        pipeline = Pipeline("sales", SALES.stages, allow_unwin=True)
        deal = pipeline.reopen(won(), "negotiation", reason="signed by mistake")
        assert (deal.outcome, deal.closed_at, deal.probability) == ("open", None, None)


class TestProbability:
    PIPELINE = Pipeline(
        "p",
        [
            Stage("a", probability=0.1, category="pipeline"),
            Stage("b", probability=0.5, category="best case"),
            *SALES.stages[-3:],
        ],
    )

    def test_it_follows_the_stage(self):
        deal = self.PIPELINE.advance(self.PIPELINE.open("Acme"))
        assert (deal.probability, deal.category) == (0.5, "best case")

    def test_a_manual_one_survives_among_open_stages(self):
        deal = self.PIPELINE.advance(self.PIPELINE.open("Acme", probability=0.9, category="mine"))
        assert (deal.probability, deal.probability_source) == (0.9, "manual")
        assert (deal.category, deal.category_source) == ("mine", "manual")

    def test_a_closing_ends_it_and_a_reversion_gives_the_stages_back(self):
        deal = self.PIPELINE.lose(self.PIPELINE.open("Acme", probability=0.9), "budget")
        assert (deal.probability, deal.probability_source) == (0.0, "stage")
        deal = self.PIPELINE.reopen(deal, "a", reason="again")
        assert (deal.probability, deal.probability_source) == (0.1, "stage")

    def test_a_category_set_on_a_closed_deal_ends_with_the_closing(self):
        lost = self.PIPELINE.lose(self.PIPELINE.open("Acme"), "budget")
        deal = self.PIPELINE.update(lost, category="lost to x")
        deal = self.PIPELINE.reopen(deal, "a", reason="again")
        assert (deal.category, deal.category_source) == ("pipeline", "stage")

    def test_a_certain_deal_is_still_open(self):
        deal = self.PIPELINE.open("Acme", probability=1.0)
        assert (deal.outcome, deal.probability) == ("open", 1.0)


class TestOrder:
    def test_an_event_before_the_last_one_is_refused(self):
        error = refused("advance", deal_at("meeting"), at=T0, error=errors.EventOrderError)
        assert str(error) == (
            "cannot date an event of deal 'D-17' 2026-01-05 09:00:00+00:00: "
            "its last one was at 2026-01-07 09:00:00+00:00\n\n"
            "Hint: record events in order; an activity may have an earlier occurred_at."
        )
        assert (error.deal_id, error.at, error.last_at) == ("D-17", T0, T0 + 2 * DAY)

    def test_equal_instants_keep_their_order(self):
        deal = SALES.advance(SALES.open("Acme", at=T0), at=T0)
        assert [event.stage for event in deal.history] == ["prospecting", "qualification"]

    def test_a_day_is_not_before_an_hour_of_it(self):
        deal = SALES.advance(SALES.open("Acme", at=T0), at=date(2026, 1, 5))
        assert deal.history[-1].precision == "day"

    def test_the_day_before_is(self):
        deal = SALES.open("Acme", at=T0)
        refused("advance", deal, at=date(2026, 1, 4), error=errors.EventOrderError)


class TestMoves:
    def test_each_legal_move_and_its_verb_in_the_order_of_the_stages(self):
        assert SALES.moves(deal_at("negotiation")) == (
            *[Move("move", stage) for stage in STEPS[:4]],
            *[Move("win", "won"), Move("win", "follow_up"), Move("lose", "lost")],
        )

    def test_a_loss_is_shown_where_it_may_go_back_to(self):
        assert [str(move) for move in SALES.moves(lost_at("qualification"))] == [
            "reopen to prospecting",
            "reopen to qualification",
        ]

    def test_a_disqualified_deal_is_shown_what_blocks_it(self):
        (move,) = SALES.moves(lost_at("prospecting", disposition="disqualified"))
        assert str(move) == (
            "reopen to prospecting "
            "(blocked: it was disqualified: say who requalified it (requalified_by))"
        )

    def test_a_win_that_stays_won_is_shown_its_follow_up(self):
        assert SALES.moves(won()) == (Move("move", "follow_up"),)


class TestOtherPipelines:
    def test_a_deal_of_another_one_is_refused(self):
        deal = Pipeline.standard("renewals").open("Acme", id="D-1")
        error = refused("advance", deal, error=errors.WrongPipelineError)
        assert str(error) == (
            "cannot move deal 'D-1' through pipeline 'sales': "
            "it is in stage 'prospecting' of pipeline 'renewals'\n\n"
            "Hint: pipeline.migrate(deal, to=…) brings it over."
        )
        assert (error.deal_id, error.deal_pipeline) == ("D-1", "renewals")
        assert (error.deal_stage, error.pipeline) == ("prospecting", "sales")

    def test_a_deal_in_a_stage_it_does_not_have_is_refused(self):
        newer = Pipeline("sales", ["talk", *SALES.stages[-3:]], version=2)
        error = refused(
            "lose", deal_at("meeting"), "x", pipeline=newer, error=errors.WrongPipelineError
        )
        assert error.deal_stage == "meeting"

    def test_a_deal_in_a_stage_that_now_means_another_outcome_is_refused(self):
        # Else a move among the lost stages of the new definition would lose a won deal.
        newer = Pipeline(
            "sales", ["a", Stage("w", kind="won"), Stage("won", kind="lost"), "lost"][:3]
        )
        error = refused("move", won(), to="a", pipeline=newer, error=errors.WrongPipelineError)
        assert "it is won in stage 'won', which is lost there" in error.message

    def test_another_version_with_the_same_stage_moves_it(self):
        newer = Pipeline("sales", SALES.stages, version=2)
        assert newer.advance(deal_at("meeting")).stage == "proposal"


@pytest.mark.parametrize(
    "error",
    [
        refused("move", deal_at("meeting"), to="negotiation"),
        refused("move", deal_at("meeting"), to="x", error=errors.UnknownStageError),
        refused("advance", deal_at("meeting"), at=T0, error=errors.EventOrderError),
        refused("lose", deal_at("meeting"), "", error=errors.OptionError),
    ],
    ids=lambda error: error.code,
)
def test_a_refusal_survives_pickling(error):
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_a_refused_opening_names_the_id_it_was_given():
    for given, named in (("D-9", "D-9"), (None, "")):
        with pytest.raises(errors.MoveNotAllowed) as caught:
            Pipeline.standard().open("Acme", id=given, stage="won")
        assert caught.value.deal_id == named
