"""How many touches does a deal take?"""

import pytest

from salesflow import Period, facts, metrics
from tests.shorthand import NOW, PIPELINE, at, lived, on, won


def touched(deal, *touches):
    """The deal, with these activities logged: a kind, when it happened, what else is known."""
    for kind, when, *fields in touches:
        deal = PIPELINE.log(deal, kind, occurred_at=when, at=at(28), **dict(*fields))
    return deal


WON = touched(
    lived("D-1", (at(1), "open"), (at(20), "win"), owner_id="kim"),
    ("email", at(2)),
    ("call", at(3)),
    ("note", at(3)),
    ("meeting", at(4)),
    ("demo", at(5)),
)
OPEN = touched(
    lived("D-2", (at(1), "open"), (at(2), "owner", "lee"), owner_id="kim"), ("call", at(9))
)
BOOK = [WON, OPEN, lived("D-3", (at(3, month=2), "open"), owner_id="lee")]


def test_touches_per_deal_per_win_and_to_the_first_meeting():
    found = metrics.touchpoints(BOOK)
    # (4 + 1 + 0) ÷ 3; 4 ÷ 1; e-mail, call, meeting.
    assert (found.per_deal, found.n_deals, found.n_touches) == (5 / 3, 3, 5)
    assert (found.per_win, found.n_won) == (4.0, 1)
    assert (found.to_first_meeting, found.n_met) == (3.0, 1)
    assert (dict(found.left_out), dict(found.assumed)) == ({}, {})


def test_of_nothing_each_is_undefined():
    found = metrics.touchpoints([])
    assert (found.per_deal, found.per_win, found.to_first_meeting) == (None, None, None)
    assert (found.n_deals, found.n_won, found.n_met) == (0, 0, 0)


def test_all_count_by_creation_and_wins_by_closing():
    late = lived("D-4", (at(31), "open"), (at(1, month=2), "win"))
    rows = metrics.touchpoints([*BOOK, late], every="month", as_of=NOW)
    assert [(of.n_deals, of.n_touches, of.n_won, of.per_win) for of in rows.values()] == [
        (3, 5, 1, 4.0),
        (1, 0, 1, 0.0),
    ]


def test_a_deal_without_the_date_is_in_no_period():
    book = [*BOOK, won("D-5", None, 5), won("D-6", 1)]
    found = metrics.touchpoints(book, period=Period.month(2026, 1))
    assert (found.n_deals, found.n_won) == (3, 2)
    assert dict(found.left_out) == {"no_created_at": 1, "no_closed_at": 1}
    assert dict(metrics.touchpoints(book, as_of=NOW).assumed) == {"no_closed_at": 1}


def test_all_count_under_the_owner_at_opening_and_wins_under_the_one_at_closing():
    deal = lived("D", (at(1), "open"), (at(2), "owner", "lee"), (at(20), "win"), owner_id="kim")
    found = metrics.touchpoints([touched(deal, ("call", at(3)))], by="owner_id")
    assert {owner: (of.n_touches, of.per_win) for owner, of in found.items()} == {
        "kim": (1, None),
        "lee": (0, 1.0),
    }


def test_what_was_logged_later_is_not_known_yet():
    assert metrics.touchpoints(BOOK, as_of=at(27)).n_touches == 0


def test_a_table_shows_means_as_numbers():
    assert str(metrics.touchpoints(BOOK)).splitlines()[1].split() == [
        *("1.67", "3", "5", "4.0", "1", "3.00", "1"),
    ]


@pytest.mark.parametrize(
    ("touches", "n"),
    [
        ([], None),
        ([("call", at(2))], None),
        ([("meeting", at(2))], 1),
        ([("call", at(3)), ("meeting", at(2))], 1),  # logged before it, happened after it
        ([("meeting", at(5)), ("call", at(3)), ("meeting", at(4))], 2),
        ([("meeting", at(2)), ("call", at(2))], 2),  # at one instant
        ([("call", at(2, 9)), ("meeting", on(2))], 2),  # on one day
        ([("call", on(2)), ("meeting", at(2, 9))], 2),
        ([("call", on(3)), ("meeting", at(2, 9))], 1),
        ([("call", at(3)), ("meeting", on(2))], 1),
        ([("note", at(1)), ("meeting", at(2))], 1),
        ([("meeting", on(2)), ("meeting", at(2)), ("call", at(2, 9))], 2),
    ],
)
def test_up_to_the_first_meeting_and_that_one_too(touches, n):
    deal = touched(lived("D", (at(1), "open")), *touches)
    assert facts.deal_columns([deal])["n_touches_to_meeting"] == [n]


def test_a_plan_that_was_carried_out_counts_once():
    deal = PIPELINE.log(lived("D", (at(1), "open")), "meeting", planned_at=at(9), at=at(2))
    table = facts.deal_columns([deal])
    assert (table["n_touches"], table["n_touches_to_meeting"]) == ([0], [None])
    identity = deal.history[-1].activity.id
    deal = touched(deal, ("call", at(10)), ("meeting", at(9), {"id": identity}))
    table = facts.deal_columns([deal])
    assert (table["n_touches"], table["n_touches_to_meeting"]) == ([2], [1])
