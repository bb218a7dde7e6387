"""Who has too many deals?"""

from math import exp

import attrs
import pytest

from salesflow.datasets import STANDARD_TRUTH, make_deals
from salesflow.errors import DataError, NaiveDatetimeError, OptionError
from salesflow.review.workload import workload
from tests.shorthand import NOW, PIPELINE, at, known, lived, on, still_open

EFFORT = {"prospecting": 1.0, "qualification": 2.0, "meeting": 4.0}


def begun(identity: str, owner: str | None = "kim", day: int = 1):
    return lived(identity, (at(day), "open"), owner_id=owner)


def test_effort_adds_up_by_owner_and_stage():
    meeting = lived("D-3", (at(1), "open"), (at(2), "to", "meeting"), owner_id="lee")
    deals = [begun("D-1"), begun("D-2"), meeting, begun("D-4", None)]
    found = workload(deals, as_of=at(9), effort=EFFORT, capacity={"kim": 1.5, "lee": 4})
    assert [*found] == ["kim", "lee", None]
    kim, lee = found["kim"], found["lee"]
    assert (kim.n_open, kim.effort, kim.capacity, kim.gap, kim.is_over) == (2, 2.0, 1.5, -0.5, True)
    # As much as there is, is not too much.
    assert (lee.effort, lee.gap, lee.is_over) == (4.0, 0.0, False)
    assert found.overloaded == ("kim",)
    assert found.unowned == ("D-4",)
    nobody = found[None]
    assert (nobody.effort, nobody.capacity, nobody.gap, nobody.over_weeks) == (1, None, None, None)


def test_only_deals_open_at_the_instant_count():
    deals = [
        lived("D-1", (at(1), "open"), (at(5), "lose"), owner_id="kim"),
        begun("D-2", day=20),
        lived("D-3", (at(1), "open"), (at(12), "owner", "lee"), owner_id="kim"),
    ]
    found = workload(deals, as_of=at(9), effort=EFFORT)
    assert {owner: load.n_open for owner, load in found.items()} == {"kim": 1}
    assert workload(deals, as_of=at(4), effort=EFFORT)["kim"].n_open == 2


def test_an_owner_without_deals_has_all_to_give():
    found = workload([], as_of=NOW, capacity={"kim": 5})
    assert (found["kim"].n_open, found["kim"].effort, found["kim"].gap) == (0, 0.0, 5.0)
    assert found.to_frame("polars").shape[0] == 1


def test_a_deal_stays_as_finished_visits_of_its_age_did():
    # Finished visits to the first stage last 4, 10, 20 and 30 days; this one has lasted 6.
    gone = [
        lived(f"D-{n}", (at(1), "open"), (at(1 + n), "lose"), owner_id="lee")
        for n in (4, 10, 20, 30)
    ]
    found = workload([*gone, begun("D", day=25)], as_of=at(31), effort=EFFORT, weeks=3)
    # Longer than 6: 10, 20 and 30. Longer than 13: two of these; 20 and 27: one.
    ends = [1.0, 2 / 3, 1 / 3, 1 / 3]
    weeks = [(ends[n] + ends[n + 1]) / 2 for n in range(3)]
    assert found["kim"].weeks == pytest.approx(weeks)
    assert found["kim"].effort == 1.0
    assert not found.assumed


def test_it_goes_on_to_where_finished_visits_led():
    # Of two finished visits to the first stage, of 7 days each, one led to the second stage; there
    # a visit took 7 days.
    gone = lived("D-1", (at(1), "open"), (at(8), "to", "qualification"), (at(15), "lose"))
    lost = lived("D-2", (at(1), "open"), (at(8), "lose"))
    deal = begun("D", day=20)
    found = workload([gone, lost, deal], as_of=at(21), effort=EFFORT, weeks=2)
    # After a week it has left the first stage; half of it is in the second, at twice the effort.
    # Of that, e^-1 is there a week later still, and none went on.
    ends = [1.0, 0.5 * 2, 0.5 * 2 * exp(-1)]
    assert found["kim"].weeks == pytest.approx([(ends[0] + ends[1]) / 2, (ends[1] + ends[2]) / 2])


def test_visits_of_no_time_are_left_at_once():
    gone = lived("D-1", (at(1), "open"), (at(8), "to", "meeting"), (at(9), "lose"))
    found = workload([gone, begun("D", day=20)], as_of=at(21), effort=EFFORT, weeks=2)
    # All of it goes through the second stage, where a visit took no time, to the third.
    ends = [1.0, 2.0, 4.0]
    assert found["kim"].weeks == pytest.approx([(ends[0] + ends[1]) / 2, (ends[1] + ends[2]) / 2])


def test_what_no_visit_tells_is_expected_to_stay():
    found = workload([begun("D")], as_of=at(9), effort=EFFORT, capacity={"kim": 0.5}, weeks=2)
    assert found["kim"].weeks == (1.0, 1.0)
    assert found["kim"].over_weeks == 2
    assert dict(found["kim"].assumed) == dict(found.assumed) == {"longer_than_any": 1}


def test_a_deal_in_its_stage_since_nobody_knows_when_has_just_come():
    gone = [
        known(f"D-{n}", "lost", 1, 1 + n, visits=[("negotiation", on(1)), ("lost", on(1 + n))])
        for n in (7, 14)
    ]
    effort = {"negotiation": 3}
    found = workload([*gone, still_open("D", 1, 5, "kim")], as_of=NOW, effort=effort, weeks=2)
    # Longer than 0 days: both; than 7: one; than 14: none.
    assert found["kim"].weeks == pytest.approx((3 * 0.75, 3 * 0.25))
    assert dict(found.assumed) == {"no_entered_at": 1}


def test_deals_in_a_stage_without_effort_are_left_out_and_counted():
    deals = [begun("D-1"), still_open("D-2", 1, 5, "kim")]
    found = workload(deals, as_of=at(9), effort=EFFORT)
    assert (found["kim"].n_open, found["kim"].effort) == (2, 1.0)
    assert dict(found["kim"].left_out) == dict(found.left_out) == {"no_effort": 1}


def calls(deal, *days: int):
    for day in days:
        deal = PIPELINE.log(deal, "call", at=max(at(day), deal.history[-1].at), occurred_at=at(day))
    return deal


def test_effort_is_learned_from_what_was_done_in_visits():
    # First stage: 3 calls in 14 days of D-1, 1 in 7 days so far of D-2: 4 in 3 weeks. Second: 2
    # in 7 days so far.
    one = calls(lived("D-1", (at(1), "open"), owner_id="kim"), 2, 3, 14)
    one = calls(PIPELINE.advance(one, at=at(15)), 15, 20)
    two = calls(lived("D-2", (at(15), "open"), owner_id="lee"), 16)
    found = workload([two, one], as_of=at(22))
    assert [*found.effort] == ["prospecting", "qualification"]
    first, second = found.effort.values()
    assert (first.n_activities, first.n_visits, first.visit_days) == (4, 2, 21.0)
    assert first.per_week == pytest.approx(4 / 3)
    assert second.per_week == pytest.approx(2.0)
    assert found["kim"].effort == pytest.approx(2.0)
    assert found["lee"].effort == pytest.approx(4 / 3)


def test_what_was_planned_done_later_or_before_counts_nowhere():
    deal = lived("D", (at(5), "open"), owner_id="kim")
    deal = PIPELINE.log(deal, "call", at=at(6), planned_at=at(7))
    deal = calls(deal, 2, 8)
    found = workload([deal], as_of=at(12)).effort["prospecting"]
    assert (found.n_activities, found.per_week) == (1, 1.0)
    assert workload([calls(deal, 13)], as_of=at(12)).effort["prospecting"].n_activities == 1


def test_a_day_may_have_a_later_hour():
    deal = lived("D", (at(1), "open"), owner_id="kim")
    deal = PIPELINE.log(deal, "call", at=on(9), occurred_at=at(9, 20))
    done = [workload([deal], as_of=at(9, hour)).effort["prospecting"] for hour in (12, 20)]
    assert [effort.n_activities for effort in done] == [0, 1]


def test_where_nobody_logs_activities_the_effort_is_unknown():
    found = workload([begun("D")], as_of=at(9))
    assert found.effort["prospecting"].per_week is None
    assert dict(found.left_out) == {"no_effort": 1}


def test_visits_with_an_unknown_end_teach_nothing():
    deal = known(
        "D",
        "proposal",
        1,
        visits=[
            ("prospecting", on(1), None),
            ("meeting", None, on(12)),
            ("proposal", on(12)),
        ],
    )
    found = workload([deal], as_of=at(19))
    assert [*found.effort] == ["proposal"]
    assert found.effort["proposal"].visit_days == 7.0


def test_a_stage_entered_at_the_instant_has_no_week_to_tell():
    deal = PIPELINE.log(begun("D", day=5), "call", at=at(5), occurred_at=at(5))
    found = workload([deal], as_of=at(5)).effort["prospecting"]
    assert (found.n_activities, found.visit_days, found.per_week) == (1, 0.0, None)


def test_a_table_has_a_column_for_each_week():
    found = workload([begun("D", None)], as_of=at(9), effort=EFFORT, weeks=2)
    [row] = found.to_dicts()
    assert [name for name in row if name.startswith("week")] == ["week_1", "week_2"]
    assert "open deals that nobody owns: 1" in str(found)
    assert "nobody" not in str(workload([begun("D")], as_of=at(9), effort=EFFORT))
    assert workload([begun("D")], as_of=at(9), effort=EFFORT, weeks=0)["kim"].weeks == ()


@pytest.mark.parametrize("weeks", [-1, 1.5, True])
def test_weeks_are_whole(weeks):
    with pytest.raises(OptionError, match="cannot look ahead for"):
        workload([], as_of=NOW, weeks=weeks)


@pytest.mark.parametrize("name", ["effort", "capacity"])
@pytest.mark.parametrize("amount", [-1, float("nan"), "much", True])
def test_amounts_are_numbers(name, amount):
    with pytest.raises(OptionError, match=f"cannot take {name} .* of 'kim'"):
        workload([], as_of=NOW, **{name: {"kim": amount}})


def test_what_is_refused():
    with pytest.raises(DataError, match="no list of deals"):
        workload(7, as_of=NOW)
    with pytest.raises(NaiveDatetimeError, match="as_of"):
        workload([], as_of=NOW.replace(tzinfo=None))


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_overload_is_found(seed):
    # One of six owners has three times the deals of another: 3 of 8. Each gets what a fair share
    # of all takes, and a quarter more.
    truth = attrs.evolve(STANDARD_TRUTH, owner_weights={"dev": 3.0})
    dataset = make_deals(1500, seed=seed, truth=truth)
    effort = dict.fromkeys(truth.stage_days, 1.0)
    total = sum(deal.outcome == "open" for deal in dataset.deals)
    capacity = dict.fromkeys(truth.owner_factor, 1.25 * total / 6)
    found = workload(dataset.deals, as_of=dataset.as_of, effort=effort, capacity=capacity)
    assert found.overloaded[0] == "dev"
