"""Every deal as it was at an instant."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from salesflow import Deal, Money, facts, merge
from salesflow.errors import DataError, DuplicateDealError, NaiveDatetimeError, OptionError
from salesflow.facts.visits import is_complete, visits_of
from tests.shorthand import PIPELINE, at, known, lived, on, won

SEOUL = timezone(timedelta(hours=9))


def then(deal: Deal, when: datetime) -> list[Deal]:
    old = facts.snapshot([deal], at=when)
    for one in old:
        assert Deal.model_validate(one.__dict__) == one
    return old


def place(deal: Deal, when: datetime) -> tuple[str | None, str]:
    [old] = then(deal, when)
    return old.stage, old.outcome


@pytest.fixture
def deal() -> Deal:
    steps = [(at(1), "open"), (at(5), "to", "meeting"), (at(9), "lose"), (at(12), "owner", "lee")]
    return lived("D-1", *steps, owner_id="kim")


def test_before_it_was_opened_there_is_no_deal(deal):
    assert then(deal, at(1) - timedelta(microseconds=1)) == []


def test_events_at_the_instant_are_in_it(deal):
    assert place(deal, at(1)) == ("prospecting", "open")
    assert place(deal, at(9)) == ("lost", "lost")


def test_a_microsecond_before_they_are_not(deal):
    assert place(deal, at(9) - timedelta(microseconds=1)) == ("meeting", "open")


def test_what_was_not_yet_known_is_not_in_it(deal):
    [old] = then(deal, at(10))
    assert (old.owner_id, old.loss_reason, old.version) == ("kim", "price", 4)


def test_after_its_last_event_it_is_the_deal_itself(deal):
    assert then(deal, at(12))[0] is deal


def test_deals_keep_their_order():
    two, one = (lived(name, (at(1), "open")) for name in ("D-2", "D-1"))
    assert facts.snapshot([two, one], at=at(2)) == [two, one]


def test_a_reopened_deal_is_closed_while_it_was_closed():
    deal = lived("D", (at(1), "open"), (at(5), "lose"), (at(9), "reopen", "prospecting"))
    assert [place(deal, at(day))[1] for day in (4, 6, 9)] == ["open", "lost", "open"]


def test_the_instant_may_be_told_in_any_zone(deal):
    # 9 January, 8:59 in Seoul is a minute before midnight UTC, when it was lost.
    assert place(deal, datetime(2026, 1, 9, 8, 59, tzinfo=SEOUL))[1] == "open"
    assert place(deal, datetime(2026, 1, 9, 9, 0, tzinfo=SEOUL))[1] == "lost"


@pytest.mark.parametrize(
    ("when", "outcome"),
    [
        (datetime(2026, 1, 8, 23, 59, tzinfo=SEOUL), "open"),
        (datetime(2026, 1, 9, 0, 0, tzinfo=SEOUL), "lost"),
        (datetime(2026, 1, 9, 0, 0, tzinfo=UTC), "lost"),
        (datetime(2026, 1, 8, 23, 59, tzinfo=timezone(timedelta(hours=-8))), "open"),
    ],
)
def test_a_day_is_compared_with_the_date_shown_there_and_then(when, outcome):
    deal = lived("D", (on(1), "open"), (on(9), "lose"))
    assert place(deal, when)[1] == outcome


def test_an_instant_later_than_it_is_not_in_it_though_a_day_follows():
    # Opened at 20:00 and lost the same day, nobody noted when: at noon there was no deal.
    deal = lived("D", (at(5, 20), "open"), (on(5), "lose"))
    assert then(deal, at(5, 12)) == []
    assert place(deal, at(5, 20)) == ("lost", "lost")


def test_a_day_ahead_is_not_in_it_though_an_instant_follows():
    deal = lived("D", (at(1), "open"), (on(5), "lose"), (at(5, 1), "reopen", "prospecting"))
    behind = timezone(timedelta(hours=-8))
    # 5 January, 2:00 UTC is still 4 January there, so neither of the two has happened.
    assert place(deal, at(5, 2).astimezone(behind)) == ("prospecting", "open")
    assert place(deal, at(5, 2))[1] == "open"
    assert len(then(deal, at(5, 2))[0].history) == 3


# Restored deals: one event, with dates.


def test_a_restored_deal_is_absent_before_it_was_created():
    assert then(won("D", 5, 20), at(4, 23)) == []


def test_between_its_dates_it_is_open_in_an_unknown_stage():
    [old] = then(won("D", 5, 20, 100, loss_reason=None), at(10))
    assert (old.stage, old.outcome, old.closed_at, old.probability) == (None, "open", None, None)
    assert old.amount == Money(100, "EUR")
    assert visits_of(old) == []


def test_from_its_closing_on_it_is_closed():
    deal = won("D", 5, 20)
    assert then(deal, at(20)) == [deal]


def test_what_the_closing_said_is_not_known_before_it():
    deal = known(
        "D",
        "lost",
        5,
        20,
        loss_reason="price",
        disposition="nurture",
        revisit_on=date(2026, 7, 1),
        visits=[("meeting", on(5))],
    )
    [old] = then(deal, at(10))
    assert (old.stage, old.outcome) == ("meeting", "open")
    assert (old.loss_reason, old.disposition, old.revisit_on) == (None, None, None)
    assert (old.lost_at_stage, old.lost_at_position) == (None, None)


def test_one_without_a_creation_date_is_there_from_the_beginning():
    assert place(won("D", None, 20), at(1) - timedelta(days=9000)) == (None, "open")


def test_one_without_any_date_is_there_as_it_is():
    deal = won("D")
    assert then(deal, at(1) - timedelta(days=9000)) == [deal]


def test_it_is_in_the_stage_that_a_visit_tells():
    visits = [("prospecting", on(1)), ("meeting", on(5)), ("proposal", on(9))]
    deal = known("D", "won", 1, 20, visits=visits)
    stages = [place(deal, at(day, 12))[0] for day in (1, 4, 5, 8, 9, 19)]
    assert stages == ["prospecting", "prospecting", "meeting", "meeting", "proposal", "proposal"]
    [old] = then(deal, at(6))
    assert [(v.stage, v.left_at, v.is_current) for v in visits_of(old)] == [
        ("prospecting", at(5), False),
        ("meeting", None, True),
    ]


def test_between_two_visits_its_stage_is_unknown():
    deal = known("D", "proposal", 1, visits=[("meeting", on(1), on(3)), ("proposal", on(9))])
    assert [place(deal, at(day))[0] for day in (2, 5, 9)] == ["meeting", None, "proposal"]


def test_the_place_of_a_visit_comes_with_it():
    deal = known("D", "proposal", 1, visits=[("meeting", on(1)), ("proposal", on(9))])
    [old] = then(deal, at(2))
    assert (old.stage_position, old.stage_entered_at) == (2, at(1))


def test_a_visit_nobody_knows_the_end_of_says_nothing_later():
    visits = [("meeting", on(1), None), ("proposal", on(9))]
    deal = known("D", "proposal", 1, visits=visits)
    assert place(deal, at(5)) == (None, "open")


def test_a_visit_nobody_knows_the_entry_of_may_not_have_begun():
    visits = [("prospecting", on(1)), ("meeting", None), ("proposal", on(9))]
    deal = known("D", "proposal", 1, visits=visits)
    assert place(deal, at(5)) == (None, "open")


def test_a_visit_that_lasts_is_the_stage_though_another_date_is_later():
    deal = known("D", "meeting", None, visits=[("prospecting", on(1)), ("meeting", on(5))])
    later = PIPELINE.update(deal, owner_id="kim", at=at(9))
    assert place(later, at(6)) == ("meeting", "open")


def test_closed_nobody_knows_when_it_is_open_while_a_visit_says_so():
    deal = known("D", "won", visits=[("prospecting", on(1)), ("meeting", on(5), None)])
    assert deal.outcome == "won"
    assert place(deal, at(3)) == ("prospecting", "open")
    assert place(deal, at(5)) == ("won", "won")


def test_closed_nobody_knows_when_it_is_open_until_the_end_of_a_visit():
    deal = known("D", "lost", visits=[("meeting", on(5), on(9))])
    assert place(deal, at(8)) == ("meeting", "open")


def test_a_visit_of_unknown_entry_has_not_begun_while_the_one_before_lasts():
    visits = [("prospecting", on(1), on(3)), ("meeting", None, on(10)), ("proposal", on(10))]
    deal = known("D", "proposal", 1, visits=visits)
    assert [place(deal, at(day))[0] for day in (2, 5, 10)] == ["prospecting", None, "proposal"]
    unknown = known("D", "proposal", 1, visits=[("meeting", on(8)), ("proposal", None)])
    assert then(unknown, at(2))[0].history[0].visits == ()


def reopened(*closed: tuple[str, date]) -> Deal:
    return known("D", "won", 1, visits=[*closed, ("meeting", on(15)), ("won", on(20))])


def test_a_restored_deal_is_closed_while_an_earlier_closing_lasted():
    deal = reopened(("meeting", on(1)), ("lost", on(5)))
    assert [place(deal, at(day))[1] for day in (4, 5, 14, 15, 20)] == [
        "open",
        "lost",
        "lost",
        "open",
        "won",
    ]
    [old] = then(deal, at(9))
    assert (old.stage, old.closed_at, old.probability) == ("lost", at(5), 0.0)
    assert (old.lost_at_stage, old.lost_at_position, old.loss_reason) == ("meeting", 2, None)
    assert is_complete(deal)
    assert is_complete(old)


def test_an_earlier_closing_begins_with_the_first_visit_of_its_kind():
    deal = reopened(("meeting", on(1)), ("won", on(5)), ("follow_up", on(8)))
    [old] = then(deal, at(9))
    assert (old.stage, old.closed_at, old.probability) == ("follow_up", at(5), 1.0)
    assert old.lost_at_stage is None


def test_time_spent_elsewhere_ends_the_spell_of_an_earlier_closing():
    deal = reopened(("meeting", on(1)), ("lost", on(3), on(4)), ("lost", on(8)))
    [old] = then(deal, at(9))
    assert (old.closed_at, old.lost_at_stage) == (at(8), None)


def test_what_it_was_lost_from_may_be_unknown():
    for visits in ([("lost", on(5))], [("won", on(1)), ("lost", on(5))]):
        [old] = then(reopened(*visits), at(9))
        assert (old.outcome, old.closed_at, old.lost_at_stage) == ("lost", at(5), None)


def test_an_open_deal_was_closed_while_a_visit_says_so():
    visits = [("meeting", on(1)), ("won", on(5)), ("meeting", on(9))]
    deal = known("D", "meeting", 1, probability=0.4, category="commit", visits=visits)
    [old] = then(deal, at(6))
    assert (old.outcome, old.probability, old.probability_source) == ("won", 1.0, "stage")
    assert old.category is None


def test_a_later_stage_of_the_same_outcome_is_not_yet_entered():
    visits = [("negotiation", on(1)), ("won", on(10)), ("follow_up", on(20))]
    deal = known("D", "follow_up", 1, visits=visits)
    assert deal.closed_at == at(10)
    assert [place(deal, at(day)) for day in (15, 20)] == [("won", "won"), ("follow_up", "won")]
    [old] = then(deal, at(15))
    assert (old.closed_at, old.probability) == (at(10), 1.0)


def test_a_closed_deal_keeps_its_stage_where_no_visit_tells_another():
    deal = known("D", "follow_up", 1, 10, visits=[("negotiation", on(1))])
    later = PIPELINE.log(deal, "call", at=at(30))
    assert place(later, at(15)) == ("follow_up", "won")
    visits = [("meeting", on(1), on(3)), ("won", None, on(20)), ("follow_up", on(20))]
    assert place(known("E", "follow_up", 1, 10, visits=visits), at(15)) == ("follow_up", "won")


def test_what_a_stage_meant_then_is_unknown_and_what_a_hand_set_is_kept():
    kept = known("D", "meeting", visits=[("prospecting", on(1)), ("meeting", on(5))])
    assert then(kept, at(2))[0].probability is None
    by_hand = known(
        "D",
        "meeting",
        probability=0.4,
        category="commit",
        visits=[("prospecting", on(1)), ("meeting", on(5))],
    )
    [old] = then(by_hand, at(2))
    assert (old.probability, old.category) == (0.4, "commit")


def test_in_the_same_stage_everything_else_stays():
    deal = known("D", "meeting", 5, probability=0.4, visits=[("meeting", on(5), on(9))])
    [old] = then(deal, at(6))
    assert (old.stage, old.probability) == ("meeting", 0.4)


def test_what_happened_since_it_was_restored_is_cut_like_any_event():
    deal = PIPELINE.lose(known("D", "meeting", 1), "price", at=at(9))
    assert [place(deal, at(day))[1] for day in (5, 9)] == ["open", "lost"]


def test_a_date_told_with_a_day_is_later_where_the_day_has_not_come():
    # The visit's day is not there yet in that zone, though the instant of creation has passed.
    deal = known("D", "meeting", at(5, 1), visits=[("meeting", on(5))])
    behind = timezone(timedelta(hours=-8))
    [old] = then(deal, at(5, 2).astimezone(behind))
    assert (old.stage, old.history[0].visits) == (None, ())


# Merged deals.


def test_before_they_were_merged_deals_stand_apart():
    one = lived("D-1", (at(1), "open"))
    two = lived("D-2", (at(2), "open"), (at(4), "lose"))
    deal = merge(one, two, at=at(9))
    assert [old.id for old in facts.snapshot([deal], at=at(5))] == ["D-1", "D-2"]
    assert [old.outcome for old in facts.snapshot([deal], at=at(3))] == ["open", "open"]
    assert [old.id for old in facts.snapshot([deal], at=at(1))] == ["D-1"]
    assert facts.snapshot([deal], at=at(9)) == [deal]


def test_a_merged_deal_may_hold_merged_deals():
    one, two, three = (lived(f"D-{n}", (at(n), "open")) for n in (1, 2, 3))
    deal = merge(one, merge(two, three, at=at(5)), at=at(9))
    found = {day: [old.id for old in facts.snapshot([deal], at=at(day))] for day in (4, 6, 9)}
    assert found == {4: ["D-1", "D-2", "D-3"], 6: ["D-1", "D-2"], 9: ["D-1"]}


def test_the_others_may_be_older_than_the_survivor():
    young = lived("D-1", (at(8), "open"))
    deal = merge(young, lived("D-2", (at(2), "open")), at=at(9))
    assert [old.id for old in facts.snapshot([deal], at=at(5))] == ["D-2"]


# What it refuses.


def test_an_instant_without_a_zone_is_refused(deal):
    with pytest.raises(NaiveDatetimeError, match="cannot use as_of 2026-01-05T00:00:00"):
        facts.snapshot([deal], at=at(5).replace(tzinfo=None))


def test_a_date_is_no_instant(deal):
    with pytest.raises(OptionError, match="it is no datetime"):
        facts.snapshot([deal], at=on(5))


def test_anything_but_deals_is_refused():
    with pytest.raises(DataError, match="cannot read the data: int is no"):
        facts.snapshot([1], at=at(5))


def test_a_deal_twice_is_refused(deal):
    with pytest.raises(DuplicateDealError, match="cannot count deal 'D-1'"):
        facts.snapshot([deal, deal], at=at(5))


@pytest.mark.parametrize(
    "when",
    [
        datetime(1, 1, 1, tzinfo=SEOUL),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8))),
    ],
)
def test_an_instant_outside_of_the_calendar_is_refused(deal, when):
    with pytest.raises(OptionError, match="outside of the years 1 to 9999"):
        facts.snapshot([deal], at=when)


def test_the_instant_of_a_closing_outweighs_a_visit_that_ends_with_the_day():
    visits = [("meeting", on(1), on(10)), ("won", at(10, 9))]
    deal = known("D", "won", 1, at(10, 9), visits=visits)
    behind = at(10, 9, 30).astimezone(timezone(timedelta(hours=-10)))
    assert place(deal, behind) == ("won", "won")
