"""Of the deals that came to a stage, what share went on to the next one?"""

from typing import Any

import pytest

from salesflow import Deal, Period, Pipeline, Stage, metrics
from salesflow.errors import ColumnError, OptionError
from salesflow.metrics._stage_rows import StepRows
from salesflow.metrics.needs import Steps
from salesflow.metrics.options import make_call
from tests.builders import opened
from tests.shorthand import PIPELINE, at, known, lived, on, won

FIVE = ["prospecting", "qualification", "meeting", "proposal", "negotiation"]
ENDS = (Stage("won", kind="won"), Stage("lost", kind="lost"))


def told(identity: str, *visits: tuple[Any, ...], **fields: Any) -> Deal:
    """A deal restored with its visits, in the stage of the last one."""
    return PIPELINE.restore(id=identity, stage=visits[-1][0], visits=visits, **fields)


def counts(found: Any) -> dict[Any, tuple[int, int]]:
    return {key: (rate.n_entered, rate.n_next) for key, rate in found.items()}


BACK = told(
    "back",
    ("meeting", on(1)),
    ("proposal", on(2)),
    ("meeting", on(3)),
    ("lost", on(4)),
)
SKIPS = told("skips", ("prospecting", on(1)), ("proposal", on(5)), ("won", on(9)))
ODD = told("odd", ("proposal", on(1)), ("meeting", on(2)), ("negotiation", on(3)))


def test_reached_is_the_stage_or_a_later_one():
    found = metrics.stage_conversion([BACK, SKIPS, ODD], stages=FIVE)
    # All three reached proposal; ODD and SKIPS what is beyond; SKIPS alone was won.
    assert counts(found) == {
        "prospecting": (3, 3),
        "qualification": (3, 3),
        "meeting": (3, 3),
        "proposal": (3, 2),
        "negotiation": (2, 1),
    }
    assert [rate.n_implied for rate in found.values()] == [2, 3, 1, 0, 1]


def test_touched_is_a_visit_in_any_order():
    found = metrics.stage_conversion([BACK, SKIPS, ODD], mode="touched", stages=FIVE)
    assert counts(found) == {
        "prospecting": (1, 0),
        "qualification": (0, 0),
        "meeting": (2, 2),
        "proposal": (3, 1),
        "negotiation": (1, 0),
    }
    assert found["qualification"].value is None
    assert found["meeting"].interval == pytest.approx((0.3424, 1.0), abs=5e-5)


def test_adjacent_is_of_those_that_left():
    found = metrics.stage_conversion([BACK, SKIPS, ODD], mode="adjacent", stages=FIVE)
    # From meeting BACK went on to proposal, ODD to negotiation; from proposal nobody straight on.
    assert counts(found) == {
        "prospecting": (1, 0),
        "qualification": (0, 0),
        "meeting": (2, 1),
        "proposal": (3, 0),
        "negotiation": (0, 0),
    }
    direct = lived("D", (at(1), "open"), (at(8), "win"))
    last = metrics.stage_conversion([direct], mode="adjacent")["negotiation"]
    assert (last.n_entered, last.n_next, last.value) == (1, 1, 1.0)


def test_strict_is_every_stage_in_order():
    whole = lived("whole", (at(1), "open"), (at(2), "win"))
    half = lived("half", (at(1), "open"), (at(2), "to", "meeting"), (at(3), "lose"))
    late = Pipeline("loose", [*FIVE, *ENDS], allow_skip=True)
    jump = late.move(late.open("Jump", id="jump", at=at(1)), to="meeting", at=at(2))
    jump = late.move(jump, to="qualification", at=at(3))
    found = metrics.stage_conversion([whole, half, jump], mode="strict")
    # The jump saw meeting before qualification: it did not come to meeting in order.
    assert counts(found) == {
        "prospecting": (3, 3),
        "qualification": (3, 2),
        "meeting": (2, 1),
        "proposal": (1, 1),
        "negotiation": (1, 1),
    }


def test_a_path_with_gaps_is_not_strict_and_is_counted():
    book = [lived("D", (at(1), "open"), (at(2), "to", "qualification")), won("W", 1, 5)]
    found = metrics.stage_conversion(book, mode="strict")
    assert counts(found) == {"prospecting": (1, 1), "qualification": (1, 0)}
    assert [dict(rate.left_out) for rate in found.values()] == [{"incomplete_history": 1}] * 2
    dated = metrics.stage_conversion(book, mode="strict", period=Period.month(2026, 2))
    assert counts(dated) == {"prospecting": (0, 0), "qualification": (0, 0)}
    assert dict(dated.left_out) == {}


def test_a_win_that_was_undone_is_none():
    pipeline = Pipeline("small", ["new", "offer", *ENDS], allow_unwin=True)
    deal = pipeline.win(pipeline.advance(pipeline.open("A", at=at(1)), at=at(2)), at=at(3))
    assert metrics.stage_conversion([deal])["offer"].n_next == 1
    again = pipeline.reopen(deal, "new", reason="cancelled", at=at(4))
    assert metrics.stage_conversion([again])["offer"].n_next == 0
    # As of then it was won.
    assert metrics.stage_conversion([again], as_of=at(3))["offer"].n_next == 1


def test_a_loss_on_the_way_is_no_win():
    deal = told("D", ("negotiation", on(1)), ("lost", on(2)), ("won", on(3, 2)))
    february = Period.month(2026, 2)
    found = metrics.stage_conversion([deal], basis="moved", period=february)
    assert counts(found)["negotiation"] == (0, 1)
    adjacent = metrics.stage_conversion([deal], mode="adjacent")
    assert counts(adjacent)["negotiation"] == (1, 0)


def test_a_follow_up_is_not_the_win():
    deal = lived("D", (at(1), "open"), (at(8), "win"))
    deal = PIPELINE.move(deal, to="follow_up", at=at(1, month=2))
    january = Period.month(2026, 1)
    found = metrics.stage_conversion([deal], basis="moved", period=january)
    assert found["negotiation"].n_next == 1


def test_a_period_holds_who_entered_whenever_they_went_on():
    deal = lived("D", (at(5), "open"), (at(3, month=2), "to", "meeting"))
    january, february = Period.month(2026, 1), Period.month(2026, 2)
    entered = [metrics.stage_conversion([deal], period=p) for p in (january, february)]
    moved = [metrics.stage_conversion([deal], period=p, basis="moved") for p in (january, february)]
    assert counts(entered[0])["prospecting"] == (1, 1)
    assert counts(entered[1])["prospecting"] == (0, 0)
    assert counts(moved[0])["prospecting"] == (1, 0)
    # One moved on in February, and nobody came: no share, and no interval of one.
    assert counts(moved[1])["prospecting"] == (0, 1)
    assert (moved[1]["prospecting"].value, moved[0]["prospecting"].interval) == (None, None)


def test_in_each_period_every_stage():
    deal = lived("D", (at(30), "open"), (at(3, month=2), "to", "qualification"))
    found = metrics.stage_conversion([deal], every="month", stages=["qualification", "demo"])
    assert [(stage, str(month), rate.n_entered) for (stage, month), rate in found.items()] == [
        ("qualification", "2026-02", 1),
        ("demo", "2026-02", 0),
    ]


def test_an_unknown_entry_is_in_no_period():
    book = [told("D", ("meeting", None), ("proposal", on(3))), won("W", 1, None)]
    whole = metrics.stage_conversion(book)
    assert counts(whole) == {"meeting": (2, 2), "proposal": (2, 1)}
    assert dict(whole.left_out) == {}
    found = metrics.stage_conversion(book, period=Period.month(2026, 1), basis="moved")
    assert counts(found) == {"meeting": (0, 1), "proposal": (1, 0)}
    assert dict(found["meeting"].left_out) == {"no_entered_at": 2, "no_next_at": 1}


def test_by_other_columns_besides_the_stage():
    book = [
        lived("D-1", (at(1), "open"), (at(2), "owner", "lee"), (at(3), "win"), owner_id="kim"),
        lived("D-2", (at(1), "open"), owner_id="lee"),
    ]
    found = metrics.stage_conversion(book, by="owner_id")
    # The owner is the one who took the deal to the step.
    assert counts(found) == {
        ("kim", "prospecting"): (1, 1),
        ("lee", "prospecting"): (1, 0),
        ("lee", "qualification"): (1, 1),
        ("lee", "meeting"): (1, 1),
        ("lee", "proposal"): (1, 1),
        ("lee", "negotiation"): (1, 1),
    }
    named = metrics.stage_conversion(book, by=["outcome"], stages=["meeting", "demo"])
    assert counts(named) == {("won", "meeting"): (1, 1), ("won", "demo"): (1, 1)}
    with pytest.raises(ColumnError, match="cannot find column 'next_stage'"):
        metrics.stage_conversion(book, by="next_stage")


def test_without_deals_there_is_a_row_for_each_stage_that_is_named():
    assert counts(metrics.stage_conversion([], stages=["b", "a"])) == {"b": (0, 0), "a": (0, 0)}
    assert metrics.stage_conversion([]) == {}
    assert metrics.stage_conversion([], by="owner_id", stages=["b"]) == {}
    assert metrics.stage_conversion([won("W")]) == {}


def test_a_mapping_of_stages_says_what_the_values_of_a_frame_mean():
    with pytest.raises(OptionError, match="cannot take stages for deals"):
        metrics.stage_conversion([ODD], stages={"x": "y"})


def test_a_visit_nobody_knows_the_place_of_is_no_step():
    # Such a deal does not load; the steps hold all the same.
    placeless = Deal._from_history("P", (opened(stage="odd", stage_position=None),))
    found = metrics.stage_conversion([placeless, lived("D", (at(1), "open"))])
    assert counts(found) == {"prospecting": (1, 0)}


# What has no order.

SHORT = Pipeline("short", ["call", "offer", *ENDS])
LONG = Pipeline("long", ["mail", "call", "offer", *ENDS])


def test_two_stages_at_one_position_have_no_order():
    book = [SHORT.open("A", id="A", at=at(1)), LONG.open("B", id="B", at=at(1))]
    with pytest.raises(OptionError, match="'call' and 'mail' both stood at position 0") as caught:
        metrics.stage_conversion(book)
    assert caught.value.hint == "give stages=[…], their names in order, or by='pipeline'."
    found = metrics.stage_conversion(book, by="pipeline")
    assert counts(found) == {("long", "mail"): (1, 0), ("short", "call"): (1, 0)}
    named = metrics.stage_conversion(book, stages=["mail", "call", "offer"])
    assert counts(named) == {"mail": (2, 1), "call": (1, 0), "offer": (0, 0)}


def test_one_stage_at_two_positions_has_no_place():
    longer = Pipeline("short", ["demo", "trial", "offer", *ENDS])
    early = SHORT.open("A", id="A", at=at(1))
    with pytest.raises(OptionError, match="'call' stood at positions 0 and 1"):
        metrics.stage_conversion([early, LONG.restore(id="B", stage="call")])
    changed = longer.open("C", id="C", at=at(1))
    with pytest.raises(OptionError, match="'call' and 'demo' both stood at position 0") as caught:
        metrics.stage_conversion([early, changed], by="pipeline")
    assert caught.value.hint == "give stages=[…], their names in order."


@pytest.mark.parametrize(
    ("stages", "fault"),
    [
        ("meeting", "is no list of names"),
        ([], "is no list of names"),
        (["meeting", 1], "is no list of names"),
        (["meeting", "proposal", "meeting"], "'meeting' is named twice"),
    ],
    ids=["text", "nothing", "number", "twice"],
)
def test_an_order_is_a_list_of_names(stages, fault):
    with pytest.raises(OptionError, match=fault):
        metrics.stage_conversion([ODD], stages=stages)


@pytest.mark.parametrize(("option", "value"), [("mode", "seen"), ("basis", "closed")])
def test_other_modes_and_bases_are_refused(option, value):
    with pytest.raises(OptionError, match=f"cannot take {option}='{value}'"):
        metrics.stage_conversion([ODD], **{option: value})


def test_it_shows_as_a_table():
    assert str(metrics.stage_conversion([ODD, BACK], stages=["meeting"])).splitlines() == [
        "stage    value  n_entered  n_next  n_implied       interval",
        "meeting   0.0%          2       0          0  0.0% to 65.8%",
    ]


def test_the_row_of_a_step_has_the_columns_of_its_deal():
    deal = known("D", "meeting", 1, owner="kim", source="web", visits=[("meeting", at(2))])
    rows = StepRows(Steps(), [deal], make_call(None, None, {})).root
    names = ("deal_id", "source", "owner_id", "stage", "stage_position", "entered_at", "has_next")
    assert [rows.column(name) for name in names] == [
        *(["D"], ["web"], ["kim"], ["meeting"], [2], [at(2)], [False])
    ]
