"""Which stage do deals go to, and do they come back?"""

import pytest

from salesflow import Deal, Period, Pipeline, Stage, metrics
from salesflow.errors import ColumnError
from salesflow.facts.visits import visits_of
from salesflow.metrics._stage_rows import direction_of
from tests.builders import moved, opened
from tests.shorthand import PIPELINE, at, known, lived, on


@pytest.fixture
def book() -> list[Deal]:
    follow = lived("D-1", (at(1), "open"), (at(9), "win"), owner_id="kim")
    follow = PIPELINE.move(follow, to="follow_up", at=at(20))
    again = lived(
        "D-2",
        (at(1), "open"),
        (at(3), "to", "qualification"),
        (at(8), "lose"),
        (at(3, month=2), "reopen", "prospecting"),
        owner_id="lee",
    )
    back = lived("D-3", (at(1), "open"), (at(4), "to", "qualification"))
    back = PIPELINE.move(back, to="prospecting", at=at(5))
    return [follow, again, back]


def test_each_move_has_a_direction(book):
    found = metrics.stage_flow(book)
    assert {pair: (flow.n_moves, flow.direction) for pair, flow in found.items()} == {
        ("prospecting", "qualification"): (3, "forward"),
        ("qualification", "prospecting"): (1, "back"),
        ("qualification", "meeting"): (1, "forward"),
        ("qualification", "lost"): (1, "lost"),
        ("meeting", "proposal"): (1, "forward"),
        ("proposal", "negotiation"): (1, "forward"),
        ("negotiation", "won"): (1, "won"),
        ("won", "follow_up"): (1, "followed_up"),
        ("lost", "prospecting"): (1, "reopened"),
    }
    assert [*found][:3] == [
        ("prospecting", "qualification"),
        ("qualification", "prospecting"),
        ("qualification", "meeting"),
    ]


def test_the_share_is_of_all_moves_out_of_the_stage(book):
    found = metrics.stage_flow(book)
    assert found["prospecting", "qualification"].share == 1.0
    assert found["qualification", "lost"].share == pytest.approx(1 / 3)
    by_owner = metrics.stage_flow(book, by="owner_id")
    assert by_owner["lee", "qualification", "lost"].share == 1.0
    assert next(iter(by_owner)) == ("kim", "prospecting", "qualification")


def test_a_move_is_dated_by_when_the_stage_was_left(book):
    found = metrics.stage_flow(book, period=Period.month(2026, 2))
    flow = found["lost", "prospecting"]
    assert (flow.n_moves, flow.share) == (1, 1.0)
    earlier = found["prospecting", "qualification"]
    assert (earlier.n_moves, earlier.share, earlier.direction) == (0, None, "forward")
    months = metrics.stage_flow(book, every="month")
    assert [flow.share for key, flow in months.items() if key[0] == "lost"] == [None, 1.0]


def test_a_move_nobody_dated_is_in_no_period():
    deal = known("D", "proposal", visits=[("meeting", on(1), None), ("proposal", None)])
    assert metrics.stage_flow([deal])["meeting", "proposal"].n_moves == 1
    found = metrics.stage_flow([deal], period=Period.month(2026, 1))
    assert found["meeting", "proposal"].n_moves == 0
    assert dict(found.left_out) == {"no_left_at": 1}


def test_a_jump_skips():
    deal = known("D", "negotiation", visits=[("meeting", on(1)), ("negotiation", on(2))])
    assert metrics.stage_flow([deal])["meeting", "negotiation"].direction == "skip"


def test_positions_may_not_tell():
    one, other = (
        Pipeline(name, [*stages, Stage("won", kind="won"), Stage("lost", kind="lost")])
        for name, stages in {"one": ["a", "b"], "other": ["b", "a"]}.items()
    )
    first = one.advance(one.open("A", id="A", at=at(1)), at=at(2))
    second = other.advance(other.open("B", id="B", at=at(1)), at=at(2))
    second = other.move(second, to="b", at=at(3))
    found = metrics.stage_flow([first, second])
    # From a to b is forward in one pipeline, and back in the other.
    assert (found["a", "b"].n_moves, found["a", "b"].direction) == (2, None)
    by_pipeline = metrics.stage_flow([first, second], by="pipeline")
    assert [flow.direction for flow in by_pipeline.values()] == ["forward", "forward", "back"]


def test_without_a_position_there_is_no_direction():
    # Such a deal does not load; the direction holds all the same.
    deal = Deal._from_history(
        "D", (opened(stage="odd", stage_position=None), moved(2, "odd", "talk"))
    )
    assert direction_of(visits_of(deal)[0]) is None
    same = known("D", "meeting", visits=[("meeting", on(1), on(2)), ("meeting", on(2))])
    assert direction_of(visits_of(same)[0]) is None


def test_the_direction_is_a_column_to_group_by(book):
    found = metrics.stage_flow(book, by="direction")
    assert found["forward", "meeting", "proposal"].n_moves == 1
    with pytest.raises(ColumnError, match="cannot find column 'agent'"):
        metrics.stage_flow(book, by="agent")


def test_without_moves_there_is_no_flow():
    assert metrics.stage_flow([]) == {}
    assert metrics.stage_flow([lived("D", (at(1), "open"))]) == {}


# Rework.


def test_rework_is_of_deals_that_came_back(book):
    found = metrics.rework(book)
    # D-2 and D-3 were in prospecting twice.
    assert [(stage, rate.numerator, rate.denominator) for stage, rate in found.items()] == [
        ("prospecting", 2, 3),
        ("qualification", 0, 3),
        ("meeting", 0, 1),
        ("proposal", 0, 1),
        ("negotiation", 0, 1),
    ]
    assert found["meeting"].interval == pytest.approx((0.0, 0.7935), abs=5e-5)


def test_a_path_with_gaps_is_left_out_of_rework(book):
    gaps = known("G", "meeting", visits=[("prospecting", None), ("meeting", on(2))])
    found = metrics.rework([*book, gaps])
    assert found["prospecting"].denominator == 3
    assert dict(found["prospecting"].left_out) == {"incomplete_history": 1}
    dated = metrics.rework([*book, gaps], period=Period.month(2026, 1))
    assert dict(dated["prospecting"].left_out) == {"no_entered_at": 1}
    assert dict(dated["meeting"].left_out) == {"incomplete_history": 1}


def test_rework_belongs_to_the_first_entry(book):
    found = metrics.rework(book, period=Period.month(2026, 2))
    assert all(rate.denominator == 0 for rate in found.values())
    months = metrics.rework(book, every="month", by="owner_id")
    assert {str(key[-1]) for key in months} == {"2026-01"}
    assert next(iter(metrics.rework(book, by="owner_id"))) == ("kim", "prospecting")
