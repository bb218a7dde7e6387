"""Results: values that say what they counted."""

import copy
import pickle

import attrs
import pytest

from salesflow import Calendar, metrics
from tests.shorthand import NOW, at, eur, lost, won

BOOK = [
    won("D-1", 1, 11, 100, "kim"),
    lost("D-2", 1, 5, None, "lee"),
    won("D-3", 1, 5, None, "kim"),
]


@pytest.fixture
def size() -> metrics.DealSize:
    return metrics.average_deal_size(BOOK, as_of=NOW)


def test_a_row_holds_everything(size):
    assert size.to_dict() == {
        "mean": eur(100),
        "median": eur(100),
        "total": eur(100),
        "n_priced": 1,
        "n_unpriced": 1,
        "as_of": NOW,
        "currency": "EUR",
        "left_out": {"no_amount": 1},
        "assumed": {},
    }
    assert size.to_dicts() == [size.to_dict()]


def test_a_nested_result_gives_outer_inner():
    row = metrics.summary(BOOK, as_of=NOW).to_dict()
    assert row["win_rate.value"] == pytest.approx(2 / 3)
    assert row["cycle_time.n"] == 2
    assert (row["as_of"], row["currency"], row["left_out"]) == (NOW, "EUR", {"no_amount": 1})
    assert not [name for name in row if name.endswith((".as_of", ".currency", ".left_out"))]


def test_a_row_is_the_callers_own(size):
    size.to_dict()["left_out"]["other"] = 9
    assert dict(size.left_out) == {"no_amount": 1}


def test_it_cannot_change(size):
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        size.n_priced = 5
    with pytest.raises(TypeError):
        size.left_out["no_amount"] = 0


def test_equal_results_are_equal(size):
    again = metrics.average_deal_size(BOOK[::-1], as_of=NOW)
    assert size == again
    assert hash(size) == hash(again)
    assert size != metrics.average_deal_size(BOOK, as_of=at(1, month=7))


def results() -> list[object]:
    return [
        metrics.win_rate(BOOK),
        metrics.win_rate(BOOK, weight="value"),
        metrics.average_deal_size(BOOK),
        metrics.cycle_time(BOOK),
        metrics.pipeline_velocity(BOOK, as_of=NOW),
        metrics.summary(BOOK, as_of=NOW),
        metrics.time_in_stage(BOOK, as_of=NOW),
        metrics.summary(BOOK, by=["owner_id", "stage"], every="month", as_of=NOW),
    ]


@pytest.mark.parametrize("result", results(), ids=range(8))
def test_it_can_be_stored_and_copied(result):
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):  # noqa: S301 - ours
        assert again == result
        assert again.to_dicts() == result.to_dicts()
        assert str(again) == str(result)


# Breakdowns.


@pytest.fixture
def by_owner() -> metrics.Breakdown[metrics.Rate]:
    return metrics.win_rate(BOOK, by="owner_id", as_of=NOW)


def test_a_breakdown_is_a_mapping(by_owner):
    assert ([*by_owner], len(by_owner)) == (["kim", "lee"], 2)
    assert by_owner["lee"].value == 0.0
    assert by_owner == {"kim": by_owner["kim"], "lee": by_owner["lee"]}
    with pytest.raises(KeyError):
        by_owner["ana"]


def test_its_rows_begin_with_the_key(by_owner):
    rows = by_owner.to_dicts()
    assert [(row["owner_id"], row["value"]) for row in rows] == [("kim", 1.0), ("lee", 0.0)]
    assert next(iter(rows[0])) == "owner_id"


def test_its_rows_have_each_part_of_the_key():
    rows = metrics.win_rate(BOOK, by=["owner_id", "outcome"], every="year").to_dicts()
    assert [(row["owner_id"], row["outcome"], str(row["year"])) for row in rows] == [
        ("kim", "won", "2026"),
        ("lee", "lost", "2026"),
    ]


def test_it_says_what_all_groups_left_out():
    found = metrics.average_deal_size(BOOK, by="owner_id")
    assert (found.left_out, found.currency, found.as_of) == ({"no_amount": 1}, "EUR", None)


def test_what_has_no_date_is_left_out_once_not_once_a_period():
    book = [won("D-1", 1, 5), won("D-2", 1, on_march()), won("D-3", 1), lost("D-4", 1)]
    found = metrics.win_rate(book, every="month")
    assert len(found) == 3
    assert [dict(rate.left_out) for rate in found.values()] == [{"no_closed_at": 2}] * 3
    assert found.left_out == {"no_closed_at": 2}


def on_march() -> object:
    return at(5, month=3)


def test_it_says_what_it_is(by_owner):
    assert repr(by_owner) == "<Breakdown by owner_id: 2 groups>"
    both = metrics.win_rate(BOOK, by="owner_id", every="month")
    assert repr(both) == "<Breakdown by owner_id, month: 2 groups>"


def test_a_trend_says_what_cut_the_time():
    fiscal = Calendar("Asia/Seoul", first_month=4)
    shown = metrics.win_rate(BOOK, every="year", calendar=fiscal)
    assert str(shown).splitlines()[-1] == "cut in Asia/Seoul, years from month 4"
    assert shown.calendar == fiscal
    assert metrics.win_rate(BOOK, by="owner_id").calendar is None
    assert str(metrics.win_rate(BOOK, every="year")).splitlines()[-1] == "cut in UTC"


def test_a_trend_of_what_is_open_says_that_it_repeats():
    shown = str(metrics.summary(BOOK, as_of=NOW, every="year"))
    assert shown.splitlines()[-1].startswith("n_open, and so per_day: the deals open at as_of")
