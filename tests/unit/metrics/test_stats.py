"""Answers add up; a definition is needs and a formula."""

from decimal import Decimal

import pytest

from salesflow.errors import MixedCurrencyError
from salesflow.metrics.evaluate import Cell, Definition, by_group, one, stats_of
from salesflow.metrics.needs import IS_WON, Flag, Need, known, unknown
from salesflow.metrics.options import make_call
from salesflow.metrics.results import CycleTime
from salesflow.metrics.stats import Stats, join
from tests.shorthand import eur, lost, still_open, usd, won

COUNT, SUM = Need("count"), Need("sum", "amount")
LEAST, MOST, VALUES = (Need(op, "cycle_us") for op in ("min", "max", "values"))
DISTINCT = Need("distinct", "currency")
NOTHING = make_call(None, None, {})


@pytest.mark.parametrize(
    ("need", "one_answer", "other", "both"),
    [
        (COUNT, 2, 3, 5),
        (LEAST, 2, 3, 2),
        (MOST, 2, 3, 3),
        (VALUES, (1, 5), (3,), (1, 3, 5)),
        (DISTINCT, frozenset({"EUR"}), frozenset({"USD"}), frozenset({"EUR", "USD"})),
        (
            SUM,
            {"EUR": Decimal("0.1")},
            {"EUR": Decimal("0.2"), "USD": Decimal(1)},
            {"EUR": Decimal("0.3"), "USD": Decimal(1)},
        ),
    ],
    ids=["count", "min", "max", "values", "distinct", "sum"],
)
def test_two_answers_are_one(need, one_answer, other, both):
    assert join(need, one_answer, other) == both
    assert join(need, other, one_answer) == both


def test_groups_of_either_part_are_groups_of_both():
    left = Stats({("a",): {COUNT: 1, VALUES: (1,)}, ("b",): {COUNT: 2}})
    right = Stats({("b",): {COUNT: 3, MOST: 9}, ("c",): {COUNT: 4}})
    assert (left + right).groups == {
        ("a",): {COUNT: 1, VALUES: (1,)},
        ("b",): {COUNT: 5, MOST: 9},
        ("c",): {COUNT: 4},
    }


def test_adding_changes_neither_part():
    left, right = Stats({(): {COUNT: 1}}), Stats({(): {COUNT: 2}})
    assert (left + right).groups == {(): {COUNT: 3}}
    assert (left.groups, right.groups) == ({(): {COUNT: 1}}, {(): {COUNT: 2}})


def test_nothing_added_changes_nothing():
    stats = Stats({("a",): {SUM: {"EUR": Decimal(1)}}})
    assert stats + Stats({}) == stats == Stats({}) + stats


# Needs, answered over deals.

BOOK = [won("D-1", 1, 11, eur("0.10")), won("D-2", 1, 4, usd(2)), lost("D-3", 1, 2), won("D-4")]


def answer(need: Need) -> object:
    return stats_of(BOOK, [need], NOTHING).groups[()].get(need)


def test_the_least_and_the_most_of_a_column():
    measured = (known("cycle_us"),)
    day = 86_400_000_000
    assert answer(Need("min", "cycle_us", measured)) == day
    assert answer(Need("max", "cycle_us", measured)) == 10 * day
    assert answer(Need("values", "cycle_us", measured)) == (day, 3 * day, 10 * day)
    assert answer(Need("sum", "cycle_us", measured)) == 14 * day


def test_of_no_rows_there_is_no_least_and_no_most():
    nobody = (Flag("outcome", "is", "open"),)
    assert answer(Need("min", "cycle_us", nobody)) is None
    assert answer(Need("max", "cycle_us", nobody)) is None
    assert (answer(Need("count", None, nobody)), answer(Need("sum", "cycle_us", nobody))) == (0, 0)
    assert answer(Need("values", "cycle_us", nobody)) == ()


def test_money_adds_up_by_currency():
    assert answer(Need("sum", "amount", (known("amount"),))) == {
        "EUR": Decimal("0.10"),
        "USD": Decimal(2),
    }


@pytest.mark.parametrize(
    ("flag", "n"),
    [
        (Flag("outcome", "is", "won"), 3),
        (Flag("outcome", "is_not", "won"), 1),
        (known("amount"), 2),
        (unknown("amount"), 2),
        (Flag("cycle_days", "negative"), 0),
        (Flag("cycle_days", "not_negative"), 3),
        (Flag("cycle_days", "at_least", 3), 2),
    ],
)
def test_a_flag_chooses_rows(flag, n):
    assert answer(Need("count", None, (flag,))) == n


def test_all_flags_must_hold():
    assert (
        answer(Need("count", None, (IS_WON, known("amount"), Flag("amount", "at_least", 1)))) == 1
    )


# The formula sees answers only.


def cell(**answers: object) -> Cell:
    needs = {"count": COUNT, "sum": SUM, "values": VALUES}
    return Cell({needs[name]: found for name, found in answers.items()}, NOTHING, "CHF")


def test_what_no_row_met_is_nothing():
    assert (cell().number(COUNT), cell().middle(VALUES)) == (0, None)
    assert cell().money(SUM).currency == "CHF"
    assert cell().counted(reason=COUNT) == {}
    assert cell().as_of is None


def test_reasons_are_those_that_occur():
    assert cell(count=3).counted(one=COUNT, other=Need("count", "x")) == {"one": 3}


def test_money_of_one_currency_is_added():
    assert cell(sum={"EUR": Decimal(2)}).money(SUM, SUM) == eur(4)


def test_money_of_two_is_refused():
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
        cell(sum={"USD": Decimal(1), "EUR": Decimal(2)}).money(SUM)


def test_a_definition_of_ones_own():
    n = Need("count", None, (IS_WON,))
    wins = Definition((n,), lambda of: CycleTime(None, None, of.number(n)))
    assert one([*BOOK, still_open("D-5")], wins, NOTHING).n == 3
    by_currency = by_group(BOOK, wins, make_call("currency", None, {}))
    assert {key: found.n for key, found in by_currency.items()} == {"EUR": 1, "USD": 1, None: 1}
