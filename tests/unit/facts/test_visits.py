"""The stays of a deal in its stages."""

from datetime import timedelta

import pytest

from salesflow import Deal, Pipeline, Stage
from salesflow.facts.visits import Visit, is_complete, visits_of
from tests.builders import deal_of, jan, opened
from tests.builders import moved as stage_changed
from tests.shorthand import PIPELINE, at, known, lived, on, won


def stays(deal: Deal) -> list[tuple[str, object, object]]:
    return [(visit.stage, visit.entered_at, visit.left_at) for visit in visits_of(deal)]


def test_opening_a_deal_is_a_visit():
    [visit] = visits_of(lived("D", (at(1, 9), "open"), owner_id="kim"))
    assert visit == Visit(
        deal_id="D",
        visit=1,
        stage="prospecting",
        stage_position=0,
        kind="open",
        owner_id="kim",
        entered_at=at(1, 9),
        entered_precision="instant",
        left_at=None,
        left_precision="instant",
        is_current=True,
        next_stage=None,
        next_position=None,
        next_kind=None,
    )


def test_each_move_ends_a_visit_and_begins_one():
    deal = lived("D", (at(1), "open"), (on(5), "to", "qualification"), (at(9), "lose"))
    assert stays(deal) == [
        ("prospecting", at(1), at(5)),
        ("qualification", at(5), at(9)),
        ("lost", at(9), None),
    ]
    visits = visits_of(deal)
    assert [visit.visit for visit in visits] == [1, 2, 3]
    assert [visit.kind for visit in visits] == ["open", "open", "lost"]
    assert [visit.next_stage for visit in visits] == ["qualification", "lost", None]
    assert [visit.next_kind for visit in visits] == ["open", "lost", None]
    assert [visit.next_position for visit in visits] == [1, visits[2].stage_position, None]
    assert [visit.entered_precision for visit in visits] == ["instant", "day", "instant"]
    assert [visit.left_precision for visit in visits] == ["day", "instant", "instant"]
    assert [visit.is_current for visit in visits] == [False, False, True]


def test_a_stage_may_be_visited_twice():
    deal = lived("D", (at(1), "open"), (at(3), "lose"), (at(7), "reopen", "prospecting"))
    assert [visit.stage for visit in visits_of(deal)] == ["prospecting", "lost", "prospecting"]


def test_a_visit_belongs_to_the_owner_at_entry():
    deal = lived(
        "D",
        (at(1), "open"),
        (at(2), "owner", "lee"),
        (at(3), "to", "qualification"),
        (at(4), "owner", "ana"),
        owner_id="kim",
    )
    assert [visit.owner_id for visit in visits_of(deal)] == ["kim", "lee"]


def test_coming_into_another_pipeline_may_end_a_visit():
    other = Pipeline("other", ["talk", "offer", Stage("won", kind="won"), Stage("x", kind="lost")])
    deal = lived("D", (at(1), "open"), (at(2), "owner", "lee"))
    moved = other.migrate(deal, to="offer", at=at(5))
    assert stays(moved) == [("prospecting", at(1), at(5)), ("offer", at(5), None)]
    assert [visit.owner_id for visit in visits_of(moved)] == [None, "lee"]


def test_coming_into_a_stage_of_the_same_name_does_not():
    deal = lived("D", (at(1), "open"))
    moved = Pipeline.standard("other").migrate(deal, at=at(5))
    assert stays(moved) == [("prospecting", at(1), None)]
    assert visits_of(moved)[0].is_current


# Restored deals.


def test_a_restored_deal_has_the_visits_it_knows():
    visits = [("prospecting", on(1)), ("meeting", on(5), on(7)), ("proposal", on(9))]
    assert stays(known("D", "proposal", 1, visits=visits)) == [
        ("prospecting", at(1), at(5)),
        ("meeting", at(5), at(7)),
        ("proposal", at(9), None),
    ]


def test_the_stage_it_is_in_is_a_visit_though_nobody_told_of_it():
    deal = known("D", "proposal", 1, visits=[("meeting", on(1))])
    assert stays(deal) == [("meeting", at(1), None), ("proposal", None, None)]
    assert [visit.is_current for visit in visits_of(deal)] == [False, True]


def test_a_closed_stage_nobody_told_of_was_entered_at_the_closing():
    assert stays(won("D", 1, 20)) == [("won", at(20), None)]


def test_a_visit_to_its_stage_that_ended_is_an_earlier_one():
    deal = known("D", "meeting", 1, visits=[("meeting", on(1), on(5))])
    assert stays(deal) == [("meeting", at(1), at(5)), ("meeting", None, None)]


def test_the_first_move_after_it_was_restored_ends_the_stay_nobody_told_of():
    deal = PIPELINE.move(known("D", "proposal"), to="meeting", at=at(9))
    assert stays(deal) == [("proposal", None, at(9)), ("meeting", at(9), None)]


def test_the_owner_of_what_was_restored_is_the_one_known_then():
    deal = PIPELINE.lose(known("D", "meeting", owner="kim"), "price", at=at(9))
    assert [visit.owner_id for visit in visits_of(deal)] == ["kim", "kim"]


def test_in_an_unknown_stage_there_is_no_visit():
    from salesflow import facts

    [old] = facts.snapshot([won("D", 1, 20)], at=at(9))
    assert visits_of(old) == []


# Whether the whole path is known.


def test_a_deal_that_was_opened_is_known_whole():
    assert is_complete(lived("D", (at(1), "open"), (at(5), "lose")))


@pytest.mark.parametrize(
    ("stage", "opened", "closed", "visits"),
    [
        ("meeting", 1, None, [("prospecting", on(1)), ("meeting", on(5))]),
        ("won", 1, 9, [("prospecting", on(1)), ("meeting", on(5))]),
        ("won", 1, None, [("prospecting", on(1)), ("won", on(9))]),
        ("meeting", 1, None, [("meeting", on(1))]),
    ],
)
def test_a_restored_deal_is_known_whole_if_its_visits_join(stage, opened, closed, visits):
    assert is_complete(known("D", stage, opened, closed, visits=visits))


@pytest.mark.parametrize(
    ("stage", "opened", "closed", "visits"),
    [
        ("meeting", None, None, [("prospecting", on(1)), ("meeting", on(5))]),
        ("meeting", 1, None, []),
        ("won", 1, 9, []),
        ("meeting", 1, None, [("prospecting", on(2)), ("meeting", on(5))]),
        ("meeting", 1, None, [("prospecting", on(1), on(3)), ("meeting", on(5))]),
        ("meeting", 1, None, [("prospecting", on(1), None), ("meeting", None)]),
        ("proposal", 1, None, [("prospecting", on(1), None)]),
        ("won", 1, None, [("prospecting", on(1))]),
        ("won", 1, 9, [("prospecting", on(1), on(8))]),
        ("meeting", 1, None, [("meeting", on(1), on(5))]),
    ],
    ids=[
        "nobody knows when it began",
        "no visit",
        "no visit before its closing",
        "the first begins too late",
        "a gap between two",
        "an end nobody knows",
        "not known in the stage it is in",
        "nobody knows when it was closed",
        "a gap before its closing",
        "the last visit ended",
    ],
)
def test_a_restored_deal_with_a_gap_is_not(stage, opened, closed, visits):
    assert not is_complete(known("D", stage, opened, closed, visits=visits))


def test_a_restored_deal_in_an_unknown_stage_is_not():
    from salesflow import facts

    [old] = facts.snapshot([won("D", 1, 20)], at=at(9))
    assert not is_complete(old)


def test_a_stored_history_is_read_like_one_that_was_lived():
    deal = deal_of(opened(), stage_changed(2, "talk", "offer"), stage_changed(3, "offer", "won"))
    assert stays(deal) == [
        ("talk", jan(1), jan(2)),
        ("offer", jan(2), jan(3)),
        ("won", jan(3), None),
    ]
    assert jan(2) - jan(1) == timedelta(days=1)
