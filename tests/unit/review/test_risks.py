"""The deals at risk, each at its boundary, and what to do about them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Calendar, Pipeline, Playbook, Stage, TaskTemplate, facts, requirements, review
from salesflow.errors import DataError, NaiveDatetimeError, OptionError, PeriodError
from tests.shorthand import PIPELINE, at, eur, known, lived, on

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
ENDS = (Stage("won", kind="won"), Stage("lost", kind="lost"))
SALES = Pipeline(
    "careful",
    [
        Stage(
            "talk",
            stale_after=14,
            playbook=Playbook(
                tasks=[
                    TaskTemplate("Write down what they need"),
                    TaskTemplate("Call them", due_in_days=2, done_by="call"),
                    TaskTemplate("Send the survey", done_by="survey"),
                ]
            ),
        ),
        Stage("offer", requires=[requirements.has("amount")]),
        *ENDS,
    ],
)
FIRST, NOW, LATER = at(1), at(10), at(16)


def talk(identity="D-1", *, pipeline=SALES, when=FIRST, **fields):
    return pipeline.open(f"Deal {identity}", id=identity, at=when, **fields)


def ids(risks):
    return [risk.deal_id for risk in risks]


def stalled(*deals, when=LATER, pipeline=SALES, **options):
    return review.stalled(deals, pipeline, as_of=when, **options)


class TestStalled:
    def test_exactly_as_long_as_the_threshold_is_not_too_long(self):
        limit = FIRST + 14 * DAY
        assert ids(stalled(talk(), when=limit)) == []
        assert ids(stalled(talk(), when=limit + TICK)) == ["D-1"]

    def test_where_only_the_day_is_known_whole_days_count(self):
        deal = talk(when=on(1))
        assert ids(stalled(deal, when=at(15, 23))) == []
        assert ids(stalled(deal, when=at(16))) == ["D-1"]

    def test_it_says_since_when_and_by_what(self):
        [risk] = stalled(talk(owner_id="kim", amount=eur(5)))
        assert (risk.since, risk.since_precision, risk.days) == (FIRST, "instant", 15.0)
        assert (risk.threshold_days, risk.threshold_from, risk.n_visits) == (
            14.0,
            "stale_after",
            None,
        )
        assert (risk.name, risk.owner_id, risk.stage, risk.amount) == (
            "Deal D-1",
            "kim",
            "talk",
            eur(5),
        )

    def test_the_clock_begins_with_the_entry_into_the_stage(self):
        deal = SALES.advance(talk(amount=eur(5), when=at(1)), at=at(20))
        deal = SALES.move(deal, to="talk", at=at(25))
        assert ids(stalled(deal, when=at(28))) == []

    def test_two_deals_that_stall_for_different_reasons_get_different_actions(self):
        unpriced, priced = talk("D-1"), talk("D-2", amount=eur(5))
        called = SALES.log(talk("D-3", amount=eur(5)), "call", at=at(2))
        assert [(risk.deal_id, risk.action) for risk in stalled(unpriced, priced, called)] == [
            ("D-1", "move to 'offer': amount is not known"),
            ("D-2", "Call them (overdue)"),
            ("D-3", "Write down what they need"),
        ]

    def test_all_that_is_unmet_is_listed_the_most_urgent_first(self):
        [risk] = stalled(talk())
        assert risk.unmet == (
            "move to 'offer': amount is not known",
            "Call them (overdue)",
            "Write down what they need",
            "Send the survey",
        )

    def test_where_nothing_is_missing_it_may_go_on_or_be_lost(self):
        plain = Pipeline("plain", [Stage("talk", stale_after=1), "offer", *ENDS])
        [risk] = stalled(talk(pipeline=plain), pipeline=plain)
        assert (risk.action, risk.unmet) == ("move to 'offer', or lose it", ())

    def test_from_the_last_stage_it_is_won(self):
        last = Pipeline("last", [Stage("talk", stale_after=1), *ENDS])
        [risk] = stalled(talk(pipeline=last), pipeline=last)
        assert risk.action == "win to 'won', or lose it"

    def test_where_no_move_leads_on_it_may_be_lost(self):
        stages = ["talk", Stage("paused", stale_after=1), "offer", *ENDS]
        ways = Pipeline("ways", stages, entry_stages=["paused"], win_from=["talk"])
        deal = ways.advance(ways.open("Acme", id="D-1", stage="paused", at=at(1)), at=at(2))
        held = Pipeline(
            "ways", ["talk", "paused", Stage("offer", stale_after=1), *ENDS], win_from=["talk"]
        )
        [risk] = stalled(deal, pipeline=held)
        assert risk.action == "decide: it may be lost"

    def test_the_longest_comes_first(self):
        deals = [talk("D-1", when=at(5)), talk("D-3"), talk("D-2")]
        assert ids(stalled(*deals, when=at(25))) == ["D-2", "D-3", "D-1"]

    def test_closed_deals_and_those_of_other_pipelines_are_not_asked(self):
        gone = SALES.lose(talk("D-2"), "price", at=at(2))
        found = stalled(talk("D-1"), gone, lived("D-3", (at(1), "open")))
        assert ids(found) == ["D-1"]
        assert dict(found.left_out) == {"other_pipeline": 1}

    def test_as_of_an_earlier_day_it_is_what_it_was(self):
        gone = SALES.lose(talk("D-1"), "price", at=at(20))
        assert ids(stalled(gone, when=at(16))) == ["D-1"]
        assert ids(stalled(gone, when=at(21))) == []

    def test_a_stage_that_the_pipeline_no_longer_has_is_left_out(self):
        now = Pipeline("careful", [Stage("meet", stale_after=1), *ENDS])
        found = stalled(talk(), pipeline=now)
        assert (ids(found), dict(found.left_out)) == ([], {"unknown_stage": 1})

    def test_an_entry_that_nobody_knows_is_left_out(self):
        found = stalled(SALES.restore(id="D-1", stage="talk"))
        assert (ids(found), dict(found.left_out)) == ([], {"no_stage_entered_at": 1})


class TestTheClockOfActivity:
    def test_work_begins_it_anew_and_another_price_or_date_does_not(self):
        deal = SALES.log(talk(), "note", at=at(10))
        deal = SALES.update(deal, amount=eur(5), expected_close_on=on(1, 3), at=at(15))
        assert ids(stalled(deal)) == ["D-1"]
        assert ids(stalled(deal, clock="activity")) == []
        [risk] = stalled(deal, clock="activity", when=at(24) + TICK)
        assert risk.since == at(10)

    def test_an_activity_that_is_still_ahead_is_no_work(self):
        deal = SALES.log(talk(), "call", occurred_at=at(1), at=at(20))
        assert ids(stalled(deal, clock="activity", when=at(16))) == ["D-1"]

    def test_where_the_entry_is_unknown_the_activity_tells(self):
        deal = SALES.log(SALES.restore(id="D-1", stage="talk"), "call", at=at(1))
        assert ids(stalled(deal, clock="activity")) == ["D-1"]

    def test_another_clock_is_refused(self):
        with pytest.raises(OptionError, match="cannot take clock='rot'"):
            stalled(clock="rot")


class TestPlansPause:
    def plan(self, when):
        return SALES.log(talk(), "demo", planned_at=when, at=at(2))

    def test_a_plan_ahead_pauses_only_where_it_is_asked_for(self):
        deal = self.plan(at(20))
        assert ids(stalled(deal)) == ["D-1"]
        assert ids(stalled(deal, plan_pauses=True)) == []

    def test_at_its_instant_and_on_its_day_it_lies_ahead(self):
        assert ids(stalled(self.plan(at(16)), plan_pauses=True)) == []
        assert ids(stalled(self.plan(at(16)), plan_pauses=True, when=at(16) + TICK)) == ["D-1"]
        assert ids(stalled(self.plan(on(16)), plan_pauses=True, when=at(16, 23))) == []
        assert ids(stalled(self.plan(on(16)), plan_pauses=True, when=at(17))) == ["D-1"]


class TestLearnedThresholds:
    PLAIN = Pipeline("plain", ["talk", *ENDS])

    def won_after(self, *stays):
        """Won deals that stayed in talk for so many days."""
        return [
            self.PLAIN.win(talk(f"W-{n}", pipeline=self.PLAIN, when=at(1)), at=at(1) + days * DAY)
            for n, days in enumerate(stays)
        ]

    def test_nine_in_ten_visits_of_won_deals_were_no_longer(self):
        # Of 1, 2 … 20 days, 18 stays (nine in ten) last 18 days or less.
        book = self.won_after(*range(1, 21))
        deal = talk("D-1", pipeline=self.PLAIN, when=at(1, month=3))
        limit = at(1, month=3) + 18 * DAY
        assert ids(stalled(*book, deal, pipeline=self.PLAIN, when=limit)) == []
        [risk] = stalled(*book, deal, pipeline=self.PLAIN, when=limit + TICK)
        assert (risk.threshold_days, risk.threshold_from, risk.n_visits) == (18.0, "won_visits", 20)

    def test_with_fewer_there_is_none_and_that_is_said(self):
        book = self.won_after(*range(1, 20))
        found = stalled(*book, talk(pipeline=self.PLAIN), pipeline=self.PLAIN, when=at(1, month=9))
        assert (ids(found), dict(found.left_out)) == ([], {"no_threshold": 1})
        assert found.notes == (
            "no threshold for 'talk': 19 finished visits of won deals, 20 are needed",
        )

    def test_lost_deals_and_those_of_other_pipelines_teach_nothing(self):
        lost = [
            self.PLAIN.lose(talk(f"L-{n}", pipeline=self.PLAIN), "price", at=at(3))
            for n in range(20)
        ]
        other = Pipeline("other", ["talk", *ENDS])
        won = [other.win(talk(f"O-{n}", pipeline=other), at=at(3)) for n in range(20)]
        found = stalled(*lost, *won, talk(pipeline=self.PLAIN), pipeline=self.PLAIN)
        assert dict(found.left_out) == {"no_threshold": 1}

    def test_wins_after_as_of_teach_nothing_yet(self):
        book = self.won_after(*range(1, 21))
        found = stalled(*book, pipeline=self.PLAIN, when=at(15))
        assert found.left_out["no_threshold"] == 6  # those that are won on the 16th to the 21st


class TestOverdue:
    def due(self, day, **fields):
        return talk(expected_close_on=day, **fields)

    def test_on_the_day_it_is_not_and_on_the_next_it_is_by_one(self):
        deal = self.due(on(20))
        assert len(review.overdue([deal], as_of=at(20, 23))) == 0
        [risk] = review.overdue([deal], as_of=at(21))
        assert (risk.days, risk.expected_close_on) == (1.0, on(20))

    def test_the_zone_says_which_day_it_is(self):
        deal, night = self.due(on(20)), at(20, 16)
        seoul = Calendar("Asia/Seoul")  # 21 January, 01:00
        assert [
            len(review.overdue([deal], as_of=night, calendar=c)) for c in (Calendar(), seoul)
        ] == [
            0,
            1,
        ]

    def test_closed_ones_never_are_and_undated_ones_are_counted(self):
        gone = SALES.lose(self.due(on(2)), "price", at=at(3))
        found = review.overdue([gone, talk("D-2")], as_of=at(9))
        assert (ids(found), dict(found.left_out)) == ([], {"no_expected_close_on": 1})

    def test_its_action_is_what_is_missing_or_a_decision(self):
        deals = [self.due(on(2))]
        assert review.overdue(deals, SALES, as_of=at(2 + 7))[0].action.endswith("is not known")
        assert review.overdue(deals, as_of=at(9))[0].action == (
            "give it a new expected close, or lose it"
        )
        plain = lived("D-1", (at(1), "open"), expected_close_on=on(2))
        assert review.overdue([plain], PIPELINE, as_of=at(9))[0].action == (
            "move to 'qualification', or give it a new expected close, or lose it"
        )

    def test_what_is_no_calendar_is_refused(self):
        with pytest.raises(OptionError, match="calendar='UTC': it is no Calendar"):
            review.overdue([], as_of=at(1), calendar="UTC")

    def test_a_day_beyond_the_calendar_is_refused(self):
        last = datetime(9999, 12, 31, 23, tzinfo=UTC)
        with pytest.raises(PeriodError, match="cannot tell the day of 9999"):
            review.overdue([], as_of=last, calendar=Calendar("Asia/Seoul"))


class TestSlipped:
    def moved(self, *days, **fields):
        first, *others = days
        deal = lived("D-1", (at(1), "open"), expected_close_on=first, **fields)
        for number, day in enumerate(others):
            deal = PIPELINE.update(deal, expected_close_on=day, at=at(2 + number))
        return deal

    def found(self, *days, **options):
        return [*review.slipped([self.moved(*days)], as_of=at(25), **options)]

    def test_how_often_and_by_how_much(self):
        [risk] = self.found(on(1, 2), on(1, 3), on(21, 2), on(1, 4))
        # 1 February to 1 April are 28 + 31 days; it was moved to a later day twice.
        assert (risk.n_times, risk.days, risk.since) == (2, 59.0, at(4))
        assert (risk.first_close_on, risk.expected_close_on) == (on(1, 2), on(1, 4))

    def test_a_first_day_is_no_move_and_one_that_is_taken_away_is_kept_in_mind(self):
        assert self.found(None, on(1, 2)) == []
        [risk] = self.found(on(1, 2), None, on(3, 2))
        assert (risk.n_times, risk.days) == (1, 2.0)

    def test_what_is_taken_back_is_no_slip(self):
        assert self.found(on(1, 2), on(1, 3), on(1, 2)) == []

    def test_as_often_as_asked_for(self):
        days = (on(1, 2), on(2, 2), on(3, 2))
        assert [len(self.found(*days, times=n)) for n in (1, 2, 3)] == [1, 1, 0]

    @pytest.mark.parametrize("times", [0, 1.5, True, "2"])
    def test_other_times_are_refused(self, times):
        with pytest.raises(OptionError, match="cannot take times="):
            review.slipped([], as_of=at(1), times=times)

    def test_undated_and_closed_ones_are_not_asked(self):
        deals = [self.moved(on(1, 2), on(1, 3), None)]
        found = review.slipped(deals, as_of=at(25))
        assert (ids(found), dict(found.left_out)) == ([], {"no_expected_close_on": 1})
        gone = PIPELINE.lose(self.moved(on(1, 2), on(1, 3)), "price", at=at(9))
        assert ids(review.slipped([gone], as_of=at(25))) == []

    def test_a_restored_deal_begins_with_what_is_known(self):
        deal = known("D-1", "meeting", 1, expected_close_on=on(1, 2))
        deal = PIPELINE.update(
            PIPELINE.advance(deal, at=at(8)), expected_close_on=on(2, 2), at=at(9)
        )
        [risk] = review.slipped([deal], as_of=at(10))
        assert (risk.days, risk.action) == (1.0, "ask what the date depends on")


class TestQuiet:
    def test_exactly_so_many_days_are_not_too_long(self):
        deal = SALES.log(talk(), "call", at=at(2))
        limit = at(2) + 14 * DAY
        assert ids(review.quiet([deal], as_of=limit, days=14)) == []
        [risk] = review.quiet([deal], as_of=limit + TICK, days=14)
        assert (risk.since, risk.last_touch, risk.threshold_days) == (at(2), "call", 14.0)
        assert risk.threshold_from == "given"

    def test_neither_notes_nor_moves_nor_prices_are_touches(self):
        deal = SALES.log(talk(), "note", at=at(10))
        deal = SALES.advance(SALES.update(deal, amount=eur(5), at=at(11)), at=at(12))
        [risk] = review.quiet([deal], as_of=at(16), days=14)
        assert (risk.since, risk.last_touch, risk.days) == (FIRST, None, 15.0)

    def test_a_call_that_happened_later_that_day_is_not_known_yet(self):
        deal = SALES.log(talk(when=on(1)), "call", occurred_at=at(20), at=on(20))
        [risk] = review.quiet([deal], as_of=at(20) - TICK, days=14) or [None]
        assert risk.last_touch is None

    def test_its_action_is_a_task_that_a_touch_does(self):
        [risk] = review.quiet([talk()], SALES, as_of=at(16), days=14)
        assert risk.action == "Call them (overdue)"
        assert review.quiet([talk()], as_of=at(16), days=14)[0].action == "get in touch"

    def test_one_that_nobody_knows_anything_of_is_left_out(self):
        found = review.quiet([SALES.restore(id="D-1", stage="talk")], as_of=at(16), days=14)
        assert (ids(found), dict(found.left_out)) == ([], {"no_created_at": 1})

    @pytest.mark.parametrize("days", [0, -1, True, "14", float("nan")])
    def test_other_days_are_refused(self, days):
        with pytest.raises(OptionError, match="cannot take days="):
            review.quiet([], as_of=at(1), days=days)


class TestNoNextStep:
    def ask(self, *deals, when=NOW, pipeline=None):
        return review.no_next_step(deals, pipeline, as_of=when)

    def test_without_a_plan_it_is_one_with_a_plan_ahead_it_is_none(self):
        assert ids(self.ask(talk())) == ["D-1"]
        assert ids(self.ask(SALES.log(talk(), "demo", planned_at=at(11), at=at(2)))) == []

    def test_a_plan_that_was_missed_is_none_and_is_told(self):
        deal = SALES.log(talk(), "demo", planned_at=at(9), at=at(2))
        [risk] = self.ask(deal)
        assert (risk.missed, risk.missed_at, risk.action) == ("demo", at(9), "plan the demo again")

    def test_a_plan_that_was_carried_out_is_none(self):
        deal = SALES.log(talk(), "demo", planned_at=at(20), id="A-1", at=at(2))
        done = SALES.log(deal, "demo", id="A-1", at=at(3))
        [risk] = self.ask(done)
        assert (risk.missed, risk.since, risk.days) == (None, at(3), 7.0)

    def test_its_action_is_a_task_that_an_activity_does(self):
        [risk] = self.ask(SALES.log(talk(), "call", at=at(2)), pipeline=SALES)
        assert risk.action == "Send the survey"
        assert self.ask(talk())[0].action == "plan the next step"

    def test_one_that_nobody_knows_anything_of_is_left_out(self):
        found = self.ask(SALES.restore(id="D-1", stage="talk"))
        assert (ids(found), dict(found.left_out)) == ([], {"no_stage_entered_at": 1})


class TestDueForRevisit:
    def lost(self, day, **options):
        deal = lived("D-1", (at(1), "open"), (at(2), "to", "meeting"))
        return PIPELINE.lose(deal, "budget", revisit_on=day, at=at(3), **options)

    def test_on_the_day_it_is_due(self):
        deal = self.lost(on(10), disposition="nurture")
        assert ids(review.due_for_revisit([deal], as_of=at(9, 23))) == []
        [risk] = review.due_for_revisit([deal], as_of=at(10))
        assert (risk.days, risk.revisit_on) == (0.0, on(10))
        assert (risk.disposition, risk.loss_reason) == ("nurture", "budget")
        assert risk.action == "ask whether it is time"

    def test_the_action_is_the_reversion_that_is_allowed(self):
        [risk] = review.due_for_revisit([self.lost(on(10))], PIPELINE, as_of=at(12))
        assert risk.action == "reopen to 'meeting'"

    def test_or_what_it_asks_for_first(self):
        deal = self.lost(on(10), disposition="disqualified")
        [risk] = review.due_for_revisit([deal], PIPELINE, as_of=at(12))
        assert risk.action == (
            "reopen to 'meeting': it was disqualified: say who requalified it (requalified_by)"
        )

    def test_a_loss_without_a_day_and_an_open_deal_are_not_due(self):
        again = PIPELINE.reopen(self.lost(on(10)), "meeting", reason="again", at=at(11))
        assert ids(review.due_for_revisit([again], as_of=at(12))) == []
        assert ids(review.due_for_revisit([self.lost(None)], as_of=at(12))) == []

    def test_the_zone_says_which_day_it_is(self):
        seoul = Calendar("Asia/Seoul")
        found = review.due_for_revisit([self.lost(on(10))], as_of=at(9, 15), calendar=seoul)
        assert ids(found) == ["D-1"]


class TestShared:
    def test_a_deal_in_an_unknown_stage_lacks_nothing_that_is_known(self):
        deal = PIPELINE.restore(id="D-1", expected_close_on=on(1))
        [risk] = review.overdue([deal], PIPELINE, as_of=at(9))
        assert (risk.unmet, risk.stage) == ((), None)

    def test_what_is_no_pipeline_is_refused(self):
        with pytest.raises(OptionError, match="cannot look for risks with 'sales'"):
            review.overdue([], "sales", as_of=at(1))
        with pytest.raises(OptionError, match="nothing says how long they may stay"):
            review.stalled([], None, as_of=at(1))

    def test_naive_instants_and_other_data_are_refused(self):
        with pytest.raises(NaiveDatetimeError, match="cannot use as_of"):
            review.quiet([], as_of=at(1).replace(tzinfo=None), days=1)
        with pytest.raises(DataError):
            review.quiet("deals", as_of=at(1), days=1)

    def test_facts_are_taken_too(self):
        assert len(review.quiet(facts.Facts(deals=[talk()]), as_of=at(20), days=1)) == 1


class TestShown:
    FOUND = stalled(talk(owner_id="kim", amount=eur(5)), talk("D-2"), lived("D-3", (at(1), "open")))

    def test_it_is_a_list(self):
        assert len(self.FOUND) == 2
        assert [risk.deal_id for risk in self.FOUND[:1]] == ["D-1"]
        assert self.FOUND.of("D-2") is self.FOUND[1]
        assert self.FOUND.of("D-9") is None
        assert repr(self.FOUND) == "<Risks stalled: 2 deals>"

    def test_a_row_for_each(self):
        row = self.FOUND.to_dicts()[0]
        assert [*row] == [
            *("risk", "deal_id", "name", "owner_id", "stage", "amount", "days", "since"),
            *("since_precision", "threshold_days", "threshold_from", "n_visits", "currency"),
            *("action", "unmet"),
        ]
        assert (row["risk"], row["days"], row["currency"]) == ("stalled", 15.0, "EUR")

    def test_as_a_table(self):
        lines = str(self.FOUND).splitlines()
        assert lines[0].split()[:4] == ["deal_id", "name", "owner_id", "stage"]
        assert lines[-3:] == [
            "2 stalled",
            "as of 2026-01-16T00:00:00+00:00",
            "left out: other_pipeline 1",
        ]
        assert '<th scope="row"' in self.FOUND._repr_html_()
        assert str(stalled()).splitlines()[-2:] == ["0 stalled", "as of 2026-01-16T00:00:00+00:00"]

    def test_as_a_frame(self):
        frame = self.FOUND.to_frame("polars")
        assert frame.select("deal_id", "days").rows() == [("D-1", 15.0), ("D-2", 15.0)]
        assert stalled().to_frame("polars").columns == frame.columns

    def test_dates_are_dates(self):
        [risk] = review.overdue([talk(expected_close_on=on(2))], as_of=at(9))
        assert risk.to_dict()["expected_close_on"] == date(2026, 1, 2)
