"""Results as a table of text."""

import pytest

from salesflow import Money, metrics
from salesflow.metrics._display import table
from tests.shorthand import NOW, PIPELINE, lost, still_open, won


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("value", None, "—"),
        ("value", 0.12345, "12.3%"),
        ("mean_days", 1234.56, "1,234.6"),
        ("interval", (0.5, 1.0), "50.0% to 100.0%"),
        ("n", 7, "7"),
        ("stage", "won", "won"),
        ("total", Money("1234.5", "EUR"), "EUR 1,234.50"),
        ("total", Money("0.005", "EUR"), "EUR 0.01"),
        ("total", Money("1234.5", "JPY"), "JPY 1,235"),
        ("total", Money("1.2345", "KWD"), "KWD 1.235"),
        ("total", Money("-5", "EUR"), "EUR -5.00"),
        ("total", Money(0, "XXX"), "XXX 0.00"),
        ("total", Money("1.5", "XAU"), "XAU 1.5"),
    ],
)
def test_a_value_is_shown_in_its_unit(name, value, shown):
    assert table([{name: value}]).splitlines()[1].strip() == shown


def test_texts_stand_left_and_numbers_right():
    rows = [{"owner": "kim", "n": 1}, {"owner": None, "n": 1000}]
    assert table(rows) == "owner     n\nkim       1\n—      1000"


def test_notes_stand_below():
    assert table([{"n": 1}], ["as of now"]) == "n\n1\nas of now"


def test_nothing_is_an_empty_table():
    assert table([]) == "no groups"
    assert table([], ["left out: no_closed_at 1"]) == "no groups\nleft out: no_closed_at 1"


def test_no_line_ends_in_a_blank():
    text = table([{"a": 1, "b": "x"}, {"a": 2, "b": "longer"}])
    assert all(line == line.rstrip() for line in text.splitlines())


def test_a_rate_shows_itself():
    book = [won(f"W-{n}") for n in range(4)] + [lost(f"L-{n}") for n in range(6)]
    assert str(metrics.win_rate(book)) == (
        "value  numerator  denominator        interval\n"
        "40.0%          4           10  16.8% to 68.7%"
    )


def test_it_says_what_was_left_out_and_as_of_when():
    found = metrics.average_deal_size([won("D-1"), won("D-2", 5, 1, 8)], as_of=NOW)
    assert str(found).splitlines()[2:] == [
        "as of 2026-06-01T00:00:00+00:00",
        "left out: no_amount 1",
        "counted with: no_closed_at 1",
    ]


def test_a_breakdown_shows_a_line_for_each_group():
    found = metrics.conversion_rate(
        [won("D-1", 1, 5, 8, "kim"), still_open("D-2", 1)], by="owner_id"
    )
    assert str(found).splitlines() == [
        "owner_id   value  numerator  denominator         interval",
        "kim       100.0%          1            1  20.7% to 100.0%",
        "—           0.0%          0            1    0.0% to 79.3%",
    ]


def test_a_number_to_group_by_is_no_share():
    deals = [PIPELINE.open("A", id=f"D-{size}", custom={"size": size}) for size in (1.5, 8.0)]
    found = str(metrics.conversion_rate(deals, by="custom.size"))
    assert [line.split()[0] for line in found.splitlines()] == ["custom.size", "1.5", "8.0"]
