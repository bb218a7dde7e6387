"""Of the deals that were opened, what share was won so far?"""

import pytest

from salesflow import Period, metrics
from tests.shorthand import at, lived, lost, on, still_open, won

BOOK = [
    won("D-1", 1, 5),
    lost("D-2", 1, 6),
    still_open("D-3", 2),
    won("D-4", on(1, 2), on(1, 3)),
]


def test_open_deals_count_below_the_line():
    rate = metrics.conversion_rate(BOOK)
    assert (rate.value, rate.numerator, rate.denominator) == (0.5, 2, 4)
    assert rate.interval is not None


def test_a_period_holds_what_was_created_in_it():
    january = metrics.conversion_rate(BOOK, period=Period.month(2026, 1))
    assert (january.numerator, january.denominator) == (1, 3)


def test_what_nobody_dated_is_left_out_of_a_period_and_counted():
    book = [*BOOK, won("D-5"), still_open("D-6")]
    assert metrics.conversion_rate(book).denominator == 6
    found = metrics.conversion_rate(book, every="month")
    assert [(str(key), rate.denominator) for key, rate in found.items()] == [
        ("2026-01", 3),
        ("2026-02", 1),
    ]
    assert found.left_out == {"no_created_at": 2}


def test_where_nothing_was_created_it_is_undefined():
    assert metrics.conversion_rate([]).value is None
    assert metrics.conversion_rate([], by="owner_id").to_dicts() == []


def test_it_belongs_to_the_owner_who_opened_the_deal():
    deal = lived("D", (at(1), "open"), (at(2), "owner", "lee"), (at(5), "win"), owner_id="kim")
    found = metrics.conversion_rate([deal], by="owner_id")
    assert {owner: rate.value for owner, rate in found.items()} == {"kim": 1.0}


def test_as_of_it_is_what_was_won_by_then():
    found = [metrics.conversion_rate(BOOK, as_of=at(day)) for day in (1, 4, 5)]
    assert [(rate.numerator, rate.denominator) for rate in found] == [(0, 2), (0, 3), (1, 3)]
    assert found[0].value == pytest.approx(0.0)


def test_it_says_how_many_count_as_closed_nobody_knows_when():
    book = [*BOOK, won("D-8", 1), lost("D-9", 1)]
    assert dict(metrics.conversion_rate(book).assumed) == {}
    assert dict(metrics.conversion_rate(book, as_of=at(4)).assumed) == {"no_closed_at": 2}
