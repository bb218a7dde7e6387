"""How cells are counted, and one format is settled for all of them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from salesflow.crm._blanks import BLANK_WORDS, blank_words
from salesflow.crm._evidence import Evidence, Memo, Question, Settled, brief, standing
from salesflow.errors import AmbiguousColumnError

QUESTION = Question("When", ("a", "b", "c"), {"a": "A", "b": "B", "c": "C"}, "dates")
PATTERNS = {
    "any": (0, 0, 0),
    "a": (0, None, None),
    "b": (None, 1, None),
    "a or b": (0, 1, None),
    "a or c": (0, None, 2),
    "none": (None, None, None),
}


def settle(*kinds, given=None):
    evidence = Evidence()
    evidence.add(1, [f"cell {kind} {row}" for row, kind in enumerate(kinds, 1)], list(kinds))
    return QUESTION.settle(given, PATTERNS, evidence)


def test_cells_are_counted_and_the_first_five_kept():
    evidence = Evidence()
    evidence.add(1, ["p", "q", "p"], [1, 2, 1])
    evidence.add(4, ["p"] * 9, [1] * 9)
    assert evidence.counts == {1: 11, 2: 1}
    assert evidence.examples[1] == [(1, "p"), (3, "p"), (4, "p"), (5, "p"), (6, "p")]
    assert evidence.of([1, 2]) == (12, [(1, "p"), (2, "q"), (3, "p"), (4, "p"), (5, "p")])
    assert evidence.of([]) == (0, [])


def test_where_all_formats_mean_the_same_nothing_is_told():
    assert settle("any", "none", "any") == Settled(0, ())
    assert settle() == Settled(0, ())


def test_one_cell_settles_all():
    assert settle("a or b", "a or b", "b") == Settled(1, ("read as B",))


def test_what_fits_the_most_is_taken_where_none_fits_all():
    assert settle("a", "b", "b", "none") == Settled(1, ("read as B, which 2 of 3 cells fit",))


def test_what_the_caller_says_is_taken():
    assert settle("a", "a", given="b") == Settled(1, ("read as B, which 0 of 2 cells fit",))
    assert settle("a", given="unheard of") == Settled(0, ("read as A",))


def test_two_formats_that_fit_all_are_a_question():
    with pytest.raises(AmbiguousColumnError) as caught:
        settle("any", "a or b", "none", "a or b")
    error = caught.value
    assert error.message == (
        "cannot read column 'When': its values fit A and B equally well, and mean something else"
        " in each: 'cell a or b 2' in row 2, 'cell a or b 4' in row 4"
    )
    assert error.hint == (
        "say which it is: Formats(dates={'When': 'a'}) or Formats(dates={'When': 'b'})."
    )
    assert (error.column, error.formats, error.rows) == ("When", ("a", "b"), (2, 4))
    assert error.values == ("cell a or b 2", "cell a or b 4")


def test_cells_that_contradict_each_other_are_shown_before_those_that_fit_both():
    with pytest.raises(AmbiguousColumnError) as caught:
        settle("a or b", "a", "a or b", "b")
    assert caught.value.rows == (2, 4)


def test_one_text_alone_is_shown_once():
    evidence = Evidence()
    evidence.add(1, ["1/2", "1/2"], ["a or b", "a or b"])
    with pytest.raises(AmbiguousColumnError) as caught:
        QUESTION.settle(None, PATTERNS, evidence)
    assert (caught.value.rows, caught.value.values) == ((1,), ("1/2",))


def test_a_text_that_comes_again_is_found_once():
    asked = []
    memo = Memo(lambda cell: asked.append(cell) or len(asked), BLANK_WORDS)
    assert memo.of(["a", "b", "a", 1, 1]) == [1, 2, 1, 3, 4]
    assert asked == ["a", "b", 1, 1]


def test_texts_that_hardly_come_again_are_no_longer_kept():
    memo = Memo(len, BLANK_WORDS)
    texts = [str(n) for n in range(6_000)]
    assert memo.of(texts) == [len(text) for text in texts]
    assert len(memo) == 5_000
    assert memo.of(texts[-10:]) == [4] * 10
    assert memo.of(["1", "x" * 100]) == [1, 100]
    assert len(memo) == 5_000


def test_a_long_text_is_not_kept():
    memo = Memo(len, BLANK_WORDS)
    assert memo.of(["x" * 65, "x" * 64]) == [65, 64]
    assert list(memo) == ["x" * 64]


def test_blanks_that_a_caller_adds_are_nothing_whatever_they_look_like():
    memo = Memo(lambda cell: cell, blank_words(["1980-01-01", "TBD"]))
    assert memo.of([" 1980-01-01", "tbd", "TBD", "none", 1]) == [None, None, None, "none", 1]


@pytest.mark.parametrize(
    ("cell", "text", "as_shown"),
    [
        ("a'b", "a'b", '"a\'b"'),
        ("x" * 50, "x" * 40, f"'{'x' * 40}'…"),
        (1.5, "1.5", "1.5"),
        (True, "True", "True"),
        (Decimal("1.50"), "1.50", "1.50"),
        (10**50, f"1{'0' * 39}…", f"1{'0' * 39}…"),
        (date(2024, 1, 2), "2024-01-02", "2024-01-02"),
        (
            datetime(2024, 1, 2, tzinfo=UTC),
            "2024-01-02 00:00:00+00:00",
            "2024-01-02 00:00:00+00:00",
        ),
        ([1], "<list>", "<list>"),
        (None, "<NoneType>", "<NoneType>"),
    ],
)
def test_what_stands_in_a_cell(cell, text, as_shown):
    assert standing(cell) == text
    assert brief(cell) == as_shown


def test_a_number_of_thousands_of_digits_is_not_written():
    assert brief(10**5000) == "<int too long to show>"
