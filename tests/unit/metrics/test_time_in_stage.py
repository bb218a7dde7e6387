"""How long do deals stay in each stage?"""

import pytest

from salesflow import Deal, Period, Pipeline, Stage, metrics
from salesflow.errors import ColumnError, OptionError
from salesflow.metrics._objects import VisitRows
from salesflow.metrics.options import make_call
from tests.builders import STANDING, opened
from tests.shorthand import NOW, at, known, lived, on, won


@pytest.fixture
def book() -> list[Deal]:
    steps = [(at(3), "to", "qualification"), (at(8), "to", "meeting")]
    return [
        lived("D-1", (at(1), "open"), *steps, owner_id="kim"),
        lived("D-2", (at(1), "open"), (at(5), "to", "qualification"), owner_id="lee"),
        lived("D-3", (at(1, 12), "open"), (at(2), "lose"), owner_id="kim"),
    ]


def test_mean_and_median_are_of_visits_that_ended(book):
    found = metrics.time_in_stage(book, as_of=at(11))
    first = found["prospecting"]
    # 2, 4 and half a day.
    assert (first.n_visits, first.n_open) == (3, 0)
    assert first.mean_days == pytest.approx(6.5 / 3)
    assert (first.median_days, first.total_days, first.current_days) == (2.0, 6.5, 0.0)


def test_those_that_last_count_up_to_as_of(book):
    found = metrics.time_in_stage(book, as_of=at(11))
    # 5 days, and 6 so far.
    second = found["qualification"]
    assert (second.n_visits, second.n_open) == (2, 1)
    assert (second.mean_days, second.total_days, second.current_days) == (5.0, 11.0, 6.0)
    third = found["meeting"]
    assert (third.mean_days, third.median_days, third.current_days) == (None, None, 3.0)


def test_stages_come_in_their_order():
    names = ["zeta", "alpha", "beta", Stage("won", kind="won"), Stage("lost", kind="lost")]
    pipeline = Pipeline("odd", names)
    deal = pipeline.advance(pipeline.advance(pipeline.open("A", at=at(1)), at=at(2)), at=at(3))
    assert [*metrics.time_in_stage([deal], as_of=NOW)] == ["zeta", "alpha", "beta"]


def test_closed_stages_are_left_out(book):
    assert "lost" not in metrics.time_in_stage(book, as_of=NOW)
    assert metrics.time_in_stage([won("D", 1, 5)], as_of=NOW) == {}


def test_a_deal_that_came_back_counts_twice():
    deal = lived(
        "D", (at(1), "open"), (at(3), "lose"), (at(9), "reopen", "prospecting"), (at(10), "lose")
    )
    found = metrics.time_in_stage([deal], as_of=NOW)["prospecting"]
    assert (found.n_visits, found.mean_days) == (2, 1.5)


def test_visits_are_cut_at_as_of(book):
    found = metrics.time_in_stage(book, as_of=at(2))
    assert [*found] == ["prospecting"]
    # The third deal was lost at that instant; the other two were there for a day.
    assert (found["prospecting"].n_open, found["prospecting"].current_days) == (2, 2.0)
    assert found["prospecting"].mean_days == 0.5


def test_a_visit_nobody_knows_an_end_of_is_left_out_and_counted():
    deal = known(
        "D",
        "proposal",
        1,
        visits=[("prospecting", None), ("qualification", on(3), None), ("meeting", on(5))],
    )
    found = metrics.time_in_stage([deal], as_of=NOW)
    assert {stage: dict(times.left_out) for stage, times in found.items()} == {
        "prospecting": {"no_entered_at": 1},
        "qualification": {"no_left_at": 1},
        "meeting": {"no_left_at": 1},
        "proposal": {"no_entered_at": 1},
    }
    assert sum(times.n_visits for times in found.values()) == 0


def test_between_two_days_it_is_whole_days():
    deal = known("D", "meeting", 1, visits=[("prospecting", at(1, 23)), ("meeting", on(3))])
    found = metrics.time_in_stage([deal], as_of=at(5, 12))
    assert (found["prospecting"].mean_days, found["meeting"].current_days) == (2.0, 2.0)


def test_by_the_owner_at_entry(book):
    found = metrics.time_in_stage(book, as_of=at(11), by="owner_id")
    assert [*found] == [
        ("kim", "prospecting"),
        ("kim", "qualification"),
        ("kim", "meeting"),
        ("lee", "prospecting"),
        ("lee", "qualification"),
    ]
    assert found["lee", "prospecting"].mean_days == 4.0
    assert [*metrics.time_in_stage(book, as_of=at(11), by=["owner_id"])] == [*found]


def test_by_a_column_of_the_deal(book):
    found = metrics.time_in_stage(book, as_of=at(11), by="outcome")
    assert [*found] == [
        ("lost", "prospecting"),
        ("open", "prospecting"),
        ("open", "qualification"),
        ("open", "meeting"),
    ]
    with pytest.raises(ColumnError, match="cannot find column 'agent'"):
        metrics.time_in_stage(book, as_of=at(11), by="agent")


def test_a_period_holds_what_was_entered_in_it(book):
    first_days = Period.between(on(1), on(4))
    found = metrics.time_in_stage(book, as_of=at(11), period=first_days)
    assert {stage: times.n_visits for stage, times in found.items()} == {
        "prospecting": 3,
        "qualification": 1,
        "meeting": 0,
    }


def test_in_each_period_every_stage():
    deal = lived("D", (at(30), "open"), (at(3, month=2), "to", "qualification"))
    found = metrics.time_in_stage([deal], as_of=at(5, month=2), every="month")
    assert [(stage, str(month), times.n_visits) for (stage, month), times in found.items()] == [
        ("prospecting", "2026-01", 1),
        ("prospecting", "2026-02", 0),
        ("qualification", "2026-01", 0),
        ("qualification", "2026-02", 1),
    ]


def test_a_stage_nobody_knows_the_place_of_comes_last():
    # Such a deal does not load; the order of stages holds all the same.
    placeless = Deal._from_history("D", (opened(stage="odd", stage_position=None),))
    deals = [placeless, lived("D-1", (at(1), "open"))]
    assert [*metrics.time_in_stage(deals, as_of=NOW)] == ["prospecting", "odd"]
    assert STANDING["talk"][1] == 0


def test_now_has_to_be_said(book):
    with pytest.raises(TypeError, match="as_of"):
        metrics.time_in_stage(book)
    with pytest.raises(OptionError, match="cannot use as_of None"):
        metrics.time_in_stage(book, as_of=None)


def test_without_as_of_nobody_knows_how_long_a_visit_has_lasted():
    rows = VisitRows([lived("D-1", (at(1), "open"))], make_call(None, None, {}))
    assert rows.root.column("current_us") == [None]
