"""Tasks: what the playbooks ask for, read off the history; every date worked out by hand."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from salesflow import LeadProcess, Pipeline, Playbook, Stage, TaskTemplate, merge, tasks
from salesflow.errors import NaiveDatetimeError, OptionError, WrongPipelineError
from tests.builders import day, jan, lead_of, lead_opened, naive
from tests.plays import PLAYED, TALK, opened, states

TICK = timedelta(microseconds=1)
ENDS = (Stage("converted", kind="converted"), Stage("gone", kind="disqualified"))
LEADS = LeadProcess("small", [Stage("talk", playbook=TALK), *ENDS])
SEOUL = timezone(timedelta(hours=9))


def restored(**known):
    return PLAYED.restore(id="D-1", **known)


class TestOneVisit:
    def test_each_template_gives_a_task_with_what_it_says(self):
        call, write = tasks(opened(), PLAYED, as_of=jan(1))
        assert (call.id, call.deal_id, call.stage, call.key) == (
            *("D-1:1:call_them", "D-1", "talk", "call_them"),
        )
        assert (call.title, call.guidance, call.done_by) == ("Call them", None, "call")
        # Entered on 1 January 00:00; 2 days later is 3 January 00:00.
        assert (call.due_at, call.due_precision, call.done_at) == (jan(3), "instant", None)
        assert (write.id, write.due_at, write.state) == ("D-1:1:write_it_down", None, "open")

    def test_a_stage_without_a_playbook_gives_none(self):
        won = PLAYED.win(PLAYED.advance(opened(), at=jan(2)), at=jan(3))
        assert {task.stage for task in tasks(won, PLAYED, as_of=jan(9))} == {"talk", "offer"}

    def test_before_the_deal_began_there_is_none(self):
        assert tasks(opened(), PLAYED, as_of=jan(1) - TICK) == ()

    def test_at_the_due_instant_it_is_open_and_later_it_is_overdue(self):
        assert states(opened(), jan(3))["1:call_them"] == "open"
        assert states(opened(), jan(3) + TICK)["1:call_them"] == "overdue"

    def test_days_have_24_hours_whatever_the_clocks_do(self):
        # In Berlin the clocks go forward on 29 March 2026; 28 March 09:00 UTC + 48 hours.
        start = datetime(2026, 3, 28, 9, tzinfo=UTC)
        call, _ = tasks(opened(start), PLAYED, as_of=start)
        assert call.due_at == datetime(2026, 3, 30, 9, tzinfo=UTC)

    def test_no_due_date_is_never_overdue(self):
        assert states(opened(), datetime(9999, 1, 1, tzinfo=UTC))["1:write_it_down"] == "open"

    def test_a_due_date_beyond_the_calendar_is_none(self):
        play = Playbook(tasks=[TaskTemplate("Wait", due_in_days=10**12)])
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        pipeline = Pipeline("slow", [Stage("talk", playbook=play), *ends])
        deal = pipeline.open("Acme", at=jan(1))
        [task] = tasks(deal, pipeline, as_of=datetime(9999, 12, 31, tzinfo=UTC))
        assert (task.due_at, task.state) == (None, "open")

    def test_due_in_no_days_is_due_at_the_entry(self):
        play = Playbook(tasks=[TaskTemplate("Now", due_in_days=0)])
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        pipeline = Pipeline("quick", [Stage("talk", playbook=play), *ends])
        deal = pipeline.open("Acme", id="D-1", at=jan(1))
        assert states(deal, jan(1), pipeline) == {"1:now": "open"}
        assert states(deal, jan(1) + TICK, pipeline) == {"1:now": "overdue"}


class TestDays:
    def test_an_entry_on_a_day_is_due_on_a_day_and_overdue_when_that_is_over(self):
        deal = opened(day(1))
        call, _ = tasks(deal, PLAYED, as_of=jan(1))
        assert (call.due_at, call.due_precision) == (jan(3), "day")
        assert states(deal, jan(4) - TICK)["1:call_them"] == "open"
        assert states(deal, jan(4))["1:call_them"] == "overdue"

    def test_the_day_is_over_by_the_clock_of_as_of(self):
        # 3 January 15:00 UTC is 4 January 00:00 in Seoul.
        deal, at = opened(day(1)), jan(3, 15)
        assert states(deal, at)["1:call_them"] == "open"
        assert states(deal, at.astimezone(SEOUL))["1:call_them"] == "overdue"

    def test_an_activity_of_the_day_of_the_entry_happened_in_the_visit(self):
        deal = PLAYED.log(opened(day(1)), "call", occurred_at=jan(1, 8), at=jan(1, 9))
        assert states(deal, jan(2))["1:call_them"] == "done"

    def test_a_demo_of_the_day_of_a_move_counts_for_both_stages(self):
        play = Playbook(tasks=[TaskTemplate("Demo", done_by="demo")])
        stages = [Stage(name, playbook=play) for name in ("a", "b")]
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        pipeline = Pipeline("days", [*stages, *ends])
        deal = pipeline.advance(pipeline.open("Acme", id="D-1", at=day(1)), at=day(5))
        deal = pipeline.log(deal, "demo", occurred_at=day(5), at=day(6))
        assert states(deal, jan(7), pipeline) == {"1:demo": "done", "2:demo": "done"}

    def test_what_was_recorded_before_a_move_stays_done_after_it(self):
        # Recorded on the 5th, said to be at 23:00, and the deal moved on at 10:00 of that day.
        deal = PLAYED.log(opened(), "call", occurred_at=jan(5, 23), at=day(5))
        moved = PLAYED.advance(deal, at=jan(5, 10))
        assert states(deal, jan(6))["1:call_them"] == "done"
        assert states(moved, jan(6))["1:call_them"] == "done"


class TestDone:
    def test_an_activity_of_the_kind_does_it_at_the_moment_it_happened(self):
        deal = PLAYED.log(opened(), "call", occurred_at=jan(2, 9), at=jan(2, 18))
        call, write = tasks(deal, PLAYED, as_of=jan(9))
        assert (call.state, call.done_at, call.done_precision) == ("done", jan(2, 9), "instant")
        assert write.state == "open"

    def test_the_first_of_several_does_it(self):
        deal = opened()
        for occurred in (4, 2, 3):
            deal = PLAYED.log(deal, "call", occurred_at=jan(occurred), at=jan(5))
        assert tasks(deal, PLAYED, as_of=jan(9))[0].done_at == jan(2)

    def test_late_is_done_too(self):
        deal = PLAYED.log(opened(), "call", at=jan(8))
        assert states(deal, jan(7))["1:call_them"] == "overdue"
        assert states(deal, jan(8))["1:call_them"] == "done"

    def test_an_activity_counts_from_when_it_was_recorded(self):
        deal = PLAYED.log(opened(), "call", occurred_at=jan(2), at=jan(6))
        assert states(deal, jan(6) - TICK)["1:call_them"] == "overdue"
        assert states(deal, jan(6))["1:call_them"] == "done"

    @pytest.mark.parametrize("kind", ["email", "Call", "calls"])
    def test_another_kind_does_not(self, kind):
        assert states(PLAYED.log(opened(), kind, at=jan(2)), jan(2))["1:call_them"] == "open"

    def test_a_plan_does_not_until_it_is_carried_out(self):
        deal = PLAYED.log(opened(), "call", planned_at=jan(2), at=jan(1))
        assert states(deal, jan(3))["1:call_them"] == "open"
        plan = deal.history[-1].activity.id
        deal = PLAYED.log(deal, "call", id=plan, at=jan(2))
        assert states(deal, jan(3))["1:call_them"] == "done"

    def test_an_activity_logged_again_counts_as_it_was_logged_last(self):
        deal = PLAYED.log(opened(), "call", id="A-1", at=jan(2))
        assert states(deal, jan(2))["1:call_them"] == "done"
        corrected = PLAYED.log(deal, "email", id="A-1", occurred_at=jan(2), at=jan(2, 5))
        assert states(corrected, jan(2, 5))["1:call_them"] == "open"

    def test_an_activity_before_the_visit_does_not(self):
        deal = PLAYED.log(opened(), "demo", at=jan(2))
        deal = PLAYED.advance(deal, at=jan(3))
        assert states(deal, jan(4))["3:show"] == "open"

    def test_both_ends_of_a_visit_belong_to_it(self):
        moved = PLAYED.advance(opened(jan(1)), at=jan(5))
        for occurred, state in (
            (jan(1) - TICK, "dropped"),
            (jan(1), "done"),
            (jan(5), "done"),
            (jan(5) + TICK, "dropped"),
        ):
            deal = PLAYED.log(moved, "call", occurred_at=occurred, at=jan(9))
            assert states(deal, jan(9))["1:call_them"] == state, occurred

    def test_nothing_else_does(self):
        deal = PLAYED.update(opened(), owner_id="lee", expected_close_on=day(9), at=jan(2))
        assert states(deal, jan(2)) == {"1:call_them": "open", "1:write_it_down": "open"}


class TestLeaving:
    @pytest.mark.parametrize("verb", ["advance", "lose"])
    def test_leaving_does_what_no_activity_does_and_drops_the_rest(self, verb):
        why = {"reason": "price"} if verb == "lose" else {}
        deal = getattr(PLAYED, verb)(opened(), at=jan(2), **why)
        call, write = tasks(deal, PLAYED, as_of=jan(9))[:2]
        assert (call.state, call.done_at) == ("dropped", None)
        assert (write.state, write.done_at) == ("done", jan(2))

    def test_a_dropped_task_is_done_when_the_activity_is_recorded_after_all(self):
        moved = PLAYED.advance(opened(), at=jan(5))
        deal = PLAYED.log(moved, "call", occurred_at=jan(4), at=jan(6))
        assert [states(deal, jan(n))["1:call_them"] for n in (5, 6)] == ["dropped", "done"]

    def test_a_second_visit_gives_its_tasks_anew(self):
        deal = PLAYED.log(opened(), "call", at=jan(1, 1))  # event 2
        deal = PLAYED.advance(deal, at=jan(4))  # event 3
        deal = PLAYED.move(deal, to="talk", at=jan(6))  # event 4
        assert states(deal, jan(7)) == {
            "1:call_them": "done",
            "1:write_it_down": "done",
            "3:show": "dropped",
            "4:call_them": "open",
            "4:write_it_down": "open",
        }
        # Entered again on the 6th: due on the 8th.
        assert tasks(deal, PLAYED, as_of=jan(7))[3].due_at == jan(8)

    def test_after_a_win_the_follow_up_has_its_own(self):
        won = PLAYED.win(PLAYED.advance(opened(), at=jan(2)), at=jan(3))
        kept = PLAYED.move(won, to="kept", at=jan(4))
        assert states(won, jan(9)).keys() == {"1:call_them", "1:write_it_down", "2:show"}
        assert states(kept, jan(9)) == {**states(won, jan(9)), "4:say_thanks": "overdue"} | {
            "4:ask": "open"
        }


class TestRestored:
    def test_an_unknown_entry_has_no_due_date(self):
        deal = restored(stage="talk")
        call, write = tasks(deal, PLAYED, as_of=datetime(9999, 1, 1, tzinfo=UTC))
        assert (call.id, call.due_at, call.state) == ("D-1:1.1:call_them", None, "open")
        assert write.state == "open"

    def test_known_visits_give_tasks_like_any(self):
        deal = restored(visits=[("talk", day(1)), ("offer", day(5)), ("talk", day(9))])
        assert states(deal, jan(12)) == {
            "1.1:call_them": "dropped",
            "1.1:write_it_down": "done",
            "1.2:show": "dropped",
            "1.3:call_them": "overdue",  # due on the 11th
            "1.3:write_it_down": "open",
        }
        assert tasks(deal, PLAYED, as_of=jan(12))[1].done_at == jan(5)

    def test_the_past_is_cut_like_that_of_any_deal(self):
        deal = restored(visits=[("talk", day(1)), ("offer", day(5))])
        assert states(deal, jan(4)) == {"1.1:call_them": "overdue", "1.1:write_it_down": "open"}
        assert states(deal, jan(5))["1.1:write_it_down"] == "done"

    def test_an_activity_belongs_to_the_visit_it_happened_in(self):
        deal = restored(visits=[("talk", day(1)), ("offer", day(5))])
        deal = PLAYED.log(deal, "call", occurred_at=jan(3), at=jan(20))
        deal = PLAYED.log(deal, "demo", occurred_at=jan(3), at=jan(20))
        assert states(deal, jan(20)) == {
            "1.1:call_them": "done",
            "1.1:write_it_down": "done",
            "1.2:show": "overdue",
        }

    def test_an_activity_between_two_visits_belongs_to_neither(self):
        deal = restored(visits=[("talk", day(1), day(3)), ("talk", day(9))])
        for occurred, first, second in (
            (3, "done", "overdue"),
            (5, "dropped", "overdue"),
            (9, "dropped", "done"),
        ):
            logged = PLAYED.log(deal, "call", occurred_at=day(occurred), at=jan(20))
            found = states(logged, jan(20))
            assert (found["1.1:call_them"], found["1.2:call_them"]) == (first, second), occurred

    def test_what_happened_before_the_last_known_date_is_not_in_a_visit_of_unknown_entry(self):
        deal = restored(stage="talk", created_at=day(4))
        for occurred, state in ((day(3), "open"), (day(4), "done"), (jan(9), "done")):
            logged = PLAYED.log(deal, "call", occurred_at=occurred, at=jan(20))
            assert states(logged, jan(20))["1.1:call_them"] == state, occurred

    def test_where_nothing_is_known_any_recorded_call_was_made_there(self):
        deal = PLAYED.log(restored(stage="talk"), "call", at=jan(2))
        assert states(deal, jan(2))["1.1:call_them"] == "done"

    def test_a_past_visit_of_unknown_end_ends_with_what_is_known_next(self):
        deal = restored(visits=[("talk", day(1), None), ("offer", day(5)), ("talk", None)])
        for occurred, first, last in ((4, "done", "open"), (5, "done", "done")):
            logged = PLAYED.log(deal, "call", occurred_at=day(occurred), at=jan(20))
            found = states(logged, jan(20))
            assert (found["1.1:call_them"], found["1.3:call_them"]) == (first, last), occurred
        write = tasks(deal, PLAYED, as_of=jan(20))[1]
        assert (write.state, write.done_at) == ("done", None)

    def test_a_past_visit_of_which_no_date_is_known_holds_no_activity(self):
        deal = restored(visits=[("talk", None, None), ("offer", None)])
        deal = PLAYED.log(deal, "call", at=jan(2))
        assert states(deal, jan(2)) == {
            "1.1:call_them": "dropped",
            "1.1:write_it_down": "done",
            "1.2:show": "open",
        }

    def test_a_visit_that_ends_later_is_not_done_before(self):
        deal = restored(visits=[("talk", None, day(10)), ("offer", day(10))])
        assert states(deal, jan(5)) == {"1.1:call_them": "open", "1.1:write_it_down": "open"}

    def test_a_move_ends_the_last_restored_visit(self):
        deal = PLAYED.advance(restored(visits=[("talk", day(1))]), at=jan(7))
        _, write, show = tasks(deal, PLAYED, as_of=jan(7))
        assert (write.state, write.done_at) == ("done", jan(7))
        assert show.id == "D-1:2:show"

    def test_in_an_unknown_stage_there_is_nothing_to_do(self):
        assert tasks(restored(), PLAYED, as_of=jan(1)) == ()


class TestOtherDefinitions:
    def test_a_stage_that_the_pipeline_no_longer_has_is_left_out(self):
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        show = Stage("offer", playbook=PLAYED.stage("offer").playbook)
        newer = Pipeline("small", [show, *ends], version=2)
        deal = PLAYED.advance(opened(), at=jan(2))
        assert states(deal, jan(3), newer) == {"2:show": "open"}

    def test_a_deal_of_another_pipeline_is_refused(self):
        other = Pipeline.standard()
        with pytest.raises(WrongPipelineError, match="tasks of deal 'D-1' from pipeline 'sales'"):
            tasks(opened(), other, as_of=jan(2))

    def test_a_visit_in_another_pipeline_gives_no_tasks_here(self):
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        other = Pipeline("other", ["talk", "offer", *ends])
        deal = other.advance(other.open("Acme", id="D-1", at=jan(1)), at=jan(2))
        deal = PLAYED.migrate(deal, to="talk", at=jan(5))
        assert states(deal, jan(6)) == {"3:call_them": "open", "3:write_it_down": "open"}
        assert states(deal, jan(4)) == {}

    def test_a_stage_that_a_migration_leaves_it_in_counts_from_its_entry(self):
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        other = Pipeline("other", ["talk", *ends])
        deal = other.open("Acme", id="D-1", at=jan(1))
        deal = PLAYED.migrate(deal, at=jan(5))
        call, _ = tasks(deal, PLAYED, as_of=jan(5))
        assert (call.id, call.due_at, call.state) == ("D-1:1:call_them", jan(3), "overdue")

    def test_what_was_done_stays_when_it_migrates_out_and_back(self):
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        other = Pipeline("other", ["talk", *ends])
        deal = other.migrate(PLAYED.log(opened(), "call", at=jan(2)), at=jan(3))
        back = PLAYED.migrate(deal, at=jan(4))
        assert states(back, jan(3))["1:call_them"] == "done"
        assert states(back, jan(5))["1:call_them"] == "done"

    def test_a_migration_out_of_an_unknown_stage_begins_a_visit(self):
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        unknown = Pipeline("other", ["a", *ends]).restore(id="D-1")
        deal = PLAYED.migrate(unknown, to="talk", at=jan(2))
        assert states(deal, jan(3)) == {"2:call_them": "open", "2:write_it_down": "open"}

    def test_what_happened_to_a_deal_that_was_merged_into_it_is_left_out(self):
        twin = PLAYED.log(PLAYED.open("Twin", id="D-2", at=jan(1)), "call", at=jan(2))
        deal = merge(opened(), twin, at=jan(3))
        assert states(deal, jan(4)) == {"1:call_them": "overdue", "1:write_it_down": "open"}
        # The instant before, the survivor alone is read; the twin has tasks of its own.
        assert states(deal, jan(2)) == states(opened(), jan(2))
        assert states(twin, jan(2))["1:call_them"] == "done"


class TestLimits:
    def test_as_of_is_required(self):
        with pytest.raises(TypeError, match="as_of"):
            tasks(opened(), PLAYED)

    def test_as_of_without_a_zone_is_refused(self):
        with pytest.raises(NaiveDatetimeError, match="cannot use as_of"):
            tasks(opened(), PLAYED, as_of=naive(2026, 1, 1))

    @pytest.mark.parametrize("as_of", [date(2026, 1, 1), None, "2026-01-01"])
    def test_as_of_that_is_no_instant_is_refused(self, as_of):
        with pytest.raises(OptionError, match="cannot use as_of"):
            tasks(opened(), PLAYED, as_of=as_of)

    @pytest.mark.parametrize("deal", [None, "D-1", PLAYED])
    def test_what_is_no_deal_is_refused(self, deal):
        with pytest.raises(OptionError, match="it is no Deal"):
            tasks(deal, PLAYED, as_of=jan(1))

    def test_a_lead_of_another_process_is_refused_by_name(self):
        with pytest.raises(WrongPipelineError, match="tasks of lead 'L' from pipeline 'small'"):
            tasks(lead_of(lead_opened()), LEADS, as_of=jan(1))

    def test_a_lead_has_tasks_too(self):
        lead = lead_of(lead_opened(pipeline="small", stage="talk"))
        assert tasks(lead, LEADS, as_of=jan(1))[0].id == "L:1:call_them"

    @pytest.mark.parametrize("pipeline", [None, "small", LEADS, Pipeline])
    def test_a_deal_has_those_of_a_pipeline(self, pipeline):
        with pytest.raises(OptionError, match="tasks of deal 'D-1' from ") as caught:
            tasks(opened(), pipeline, as_of=jan(1))
        assert (caught.value.parameter, caught.value.value) == ("pipeline", pipeline)

    def test_a_lead_has_those_of_a_lead_process(self):
        lead = lead_of(lead_opened(pipeline="small", stage="talk"))
        with pytest.raises(OptionError, match="tasks of lead 'L' from <Pipeline 'small'"):
            tasks(lead, PLAYED, as_of=jan(1))
