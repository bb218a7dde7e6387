"""Results as a table, of text and of HTML."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Money, metrics
from salesflow.metrics._display import Share, html_table, table
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


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("win_rate", 0.5, "50.0%"),
        ("won_share", 0.5, "50.0%"),
        ("share", 0.5, "50.0%"),
        ("probability", 0.5, "50.0%"),
        ("win_rate.value", 0.5, "50.0%"),
        ("cycle_time.mean_days", 12.34, "12.3"),
        ("score", 1234.5, "1,234.50"),
        ("adjusted_p_value", 0.012345, "0.0123"),
        ("value", float("nan"), "—"),
        ("value", float("inf"), "—"),
        ("win_rate", Share(24 / 38, 24, 38), "63.2% (24 of 38)"),
        ("win_rate", Share(None, 0, 0), "— (0 of 0)"),
        ("seen_at", NOW, "2026-06-01T00:00:00+00:00"),
        ("flag", True, "True"),
    ],
)
def test_a_number_is_shown_by_its_name(name, value, shown):
    assert table([{name: value}]).splitlines()[1].strip() == shown


def test_a_share_of_money_shows_both_amounts():
    share = Share(0.5, Money(1, "EUR"), Money(2, "EUR"))
    assert table([{"x": share}]).splitlines()[1] == "50.0% (EUR 1.00 of EUR 2.00)"


# Texts that would break a table.


def test_a_text_stays_in_its_line():
    hostile = "a\nb\r\tc\x1b[31m\u2028\u202ed"
    lines = table([{"owner\nid": hostile, "n": 1}], ["one\ntwo"]).splitlines()
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert lines[2] == "one two"


@pytest.mark.parametrize(
    ("text", "width"),
    [("日本", 4), ("\uff37", 2), ("한국어", 6), ("e\u0301", 1), ("é", 1), ("ab", 2), ("👍", 2)],
    ids=["kanji", "full width", "hangul", "accent", "letter", "plain", "emoji"],
)
def test_columns_stand_below_each_other_whatever_the_letters(text, width):
    head, wide, plain = table([{"k": text, "n": 1}, {"k": "abcdefg", "n": 2}]).splitlines()
    assert wide == f"{text}{' ' * (7 - width)}  1"
    assert (head, plain) == ("k        n", "abcdefg  2")


def test_what_a_row_lacks_is_unknown():
    assert table([{"a": 1}, {"a": 2, "b": 3}]) == "a  b\n1  —\n2  3"


# HTML.


class Reader(HTMLParser):
    """The elements of a table, by tag, with their attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        tag, attributes, text = self.found[-1]
        self.found[-1] = (tag, attributes, text + data.strip())

    def texts(self, *tags: str) -> list[str]:
        return [text for tag, _, text in self.found if tag in tags]


ALIGNED = {"left": {"style": "text-align:left"}, "right": {"style": "text-align:right"}}


def test_html_has_a_head_a_body_and_a_caption():
    text = html_table([{"owner": "kim", "n": 1000}, {"owner": None, "n": 2}], ["as of now"], 1)
    read = Reader(text)
    assert read.open == []
    assert [(tag, words) for tag, _, words in read.found] == [
        ("table", ""),
        ("caption", "as of now"),
        *[("thead", ""), ("tr", ""), ("th", "owner"), ("th", "n"), ("tbody", "")],
        *[("tr", ""), ("th", "kim"), ("td", "1000")],
        *[("tr", ""), ("th", "—"), ("td", "2")],
    ]
    heads = [attributes for tag, attributes, _ in read.found if tag == "th"]
    assert heads == [
        {"scope": "col"} | ALIGNED["left"],
        {"scope": "col"} | ALIGNED["right"],
        {"scope": "row"} | ALIGNED["left"],
        {"scope": "row"} | ALIGNED["left"],
    ]
    assert [a for tag, a, _ in read.found if tag == "td"] == [ALIGNED["right"]] * 2


HOSTILE = "<script>alert('1')</script>\n&amp;\"</td>"


def test_html_is_escaped():
    text = html_table([{HOSTILE: HOSTILE}], [HOSTILE], 1)
    assert "<script" not in text
    read = Reader(text)
    assert read.open == []
    expected = HOSTILE.replace("\n", " ")
    assert read.texts("caption", "th", "td") == [expected] * 3


def test_html_of_no_rows_says_so():
    assert Reader(html_table([], ["as of now"])).found == [
        ("table", {}, ""),
        ("caption", {"style": "caption-side:bottom;text-align:left"}, "no groups"),
        ("br", {}, "as of now"),
    ]


def test_html_without_notes_has_no_caption():
    assert Reader(html_table([{"n": 1}])).texts("caption") == []


@given(
    st.lists(
        st.fixed_dictionaries({"k": st.none() | st.text(), "n": st.none() | st.integers()}),
        min_size=1,
        max_size=4,
    )
)
def test_both_tables_show_the_same_cells(rows):
    text = table(rows)
    lines = text.split("\n")
    assert len(lines) == len(rows) + 1
    read = Reader(html_table(rows))
    assert read.open == []
    cells = read.texts("td")
    assert len(cells) == 2 * len(rows)
    for line, name, number in zip(lines[1:], cells[::2], cells[1::2], strict=True):
        assert line.strip().startswith(name)
        assert line.endswith(number)
