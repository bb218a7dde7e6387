"""Of the deals that were ever closed, what share came back?"""

from salesflow import Period, Pipeline, Stage, metrics
from tests.shorthand import NOW, at, lived, lost, still_open, won

BACK = ((at(5), "lose"), (at(9), "reopen", "prospecting"))
LOST = lived("D-1", (at(1), "open"), (at(5), "lose"), owner_id="kim")
REOPENED = lived("D-2", (at(1), "open"), *BACK, owner_id="kim")
TWICE = lived(
    "D-3",
    (at(1), "open"),
    *BACK,
    (at(11), "lose"),
    (at(12), "reopen", "prospecting"),
    (at(13), "lose"),
    owner_id="lee",
)
WON = lived("D-4", (at(1), "open"), (at(7), "win"), owner_id="lee")
OPEN = lived("D-5", (at(1), "open"), owner_id="lee")
BOOK = [LOST, REOPENED, TWICE, WON, OPEN]


def test_those_that_came_back_of_those_that_were_ever_closed():
    found = metrics.reopen_rate(BOOK)
    # Two of four: one of them is open now, the other was reopened twice and counts once.
    assert (found.value, found.numerator, found.denominator) == (0.5, 2, 4)
    assert found.interval is not None
    assert dict(found.left_out) == {}


def test_a_move_between_two_stages_of_one_outcome_is_no_coming_back():
    ends = [Stage("won", kind="won"), Stage("kept", kind="won"), Stage("lost", kind="lost")]
    pipeline = Pipeline("small", ["talk", *ends])
    deal = pipeline.win(pipeline.open("D", id="D", at=at(1)), at=at(2))
    found = metrics.reopen_rate([pipeline.move(deal, to="kept", at=at(3))])
    assert (found.numerator, found.denominator) == (0, 1)


def test_without_the_whole_path_nobody_knows():
    found = metrics.reopen_rate([*BOOK, lost("D-6", 1, 5), still_open("D-7")])
    assert (found.denominator, dict(found.left_out)) == (4, {"incomplete_history": 2})


def test_a_period_holds_what_was_created_in_it():
    book = [*BOOK, lived("D-6", (at(3, month=2), "open"), (at(5, month=2), "lose")), won("D-7")]
    february = metrics.reopen_rate(book, period=Period.month(2026, 2))
    assert (february.numerator, february.denominator) == (0, 1)
    assert dict(february.left_out) == {"no_created_at": 1}
    rows = metrics.reopen_rate(book, every="month")
    assert [row.denominator for row in rows.values()] == [4, 1]
    assert rows.left_out == {"no_created_at": 1}


def test_it_belongs_to_the_owner_who_opened_it():
    handed_on = lived("D-6", (at(1), "open"), (at(2), "owner", "ana"), *BACK, owner_id="kim")
    found = metrics.reopen_rate([*BOOK, handed_on], by="owner_id")
    assert {owner: (of.numerator, of.denominator) for owner, of in found.items()} == {
        "kim": (2, 3),
        "lee": (1, 2),
    }


def test_as_of_a_day_before_it_came_back():
    assert metrics.reopen_rate(BOOK, as_of=at(6)).numerator == 0
    assert metrics.reopen_rate(BOOK, as_of=NOW).numerator == 2


def test_where_nothing_was_closed_it_is_undefined():
    assert metrics.reopen_rate([OPEN]).value is None
