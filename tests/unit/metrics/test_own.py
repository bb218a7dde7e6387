"""Measures of one's own: what they count, and what is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from salesflow import Deal, Money, Period, Rates, metrics
from salesflow.errors import ColumnError, MixedCurrencyError, OptionError
from salesflow.metrics import Definition, Flag, Need, Number, Result
from salesflow.metrics.needs import Steps
from salesflow.metrics.own import (
    at_least,
    combine,
    count,
    is_,
    is_not,
    known,
    mean,
    measure,
    median,
    quotient,
    share,
    total,
    unknown,
)
from tests.shorthand import at, eur, lived, lost, on, still_open, usd, won

WON, LOST = is_("outcome", "won"), is_("outcome", "lost")
JANUARY, FEBRUARY = Period.month(2026, 1), Period.month(2026, 2)


@pytest.fixture
def book() -> list[Deal]:
    return [
        won("D-1", 1, 11, 12_000, "kim", source="web"),
        won("D-2", 1, 21, 3_000, "kim"),
        won("D-3", 1, on(10, 2), None, "lee", source="fair"),
        won("D-4", 1, None, 40_000, "lee", source="web"),
        lost("D-5", 1, 6, 9_000, "lee", source="fair"),
        still_open("D-6", 1, 500, "kim"),
    ]


def value(data: list[Deal], definition: Any, **options: Any) -> Any:
    return measure(data, definition, **options).value


def test_rows_are_counted_that_all_flags_hold_for(book):
    assert value(book, count()) == 6
    assert value(book, count(WON, known("amount"))) == 3
    assert value(book, count(WON, unknown("amount"))) == 1
    assert value(book, count(at_least("cycle_days", 20))) == 2
    assert value(book, count(at_least("cycle_days", Decimal("20.5")))) == 1


def test_what_is_unknown_is_not_another_value(book):
    # Two of web, two of fair; nobody knows the source of the other two.
    assert value(book, count(is_not("source", "web"))) == 2
    other = share(is_not("source", "web"))
    found = measure(book, other)
    assert (found.numerator, found.denominator) == (2, 4)
    assert dict(found.left_out) == {"no_source": 2}


def test_a_total_is_of_what_is_known(book):
    found = measure(book, total("amount", WON))
    assert (found.value, found.currency) == (eur(55_000), "EUR")
    assert dict(found.left_out) == {"no_amount": 1}
    assert value(book, total("amount", is_("owner_id", "nobody"))) == eur(0)
    assert value(book, total("n_reopened")) == 0
    # 10 + 20 + 40 + 5 days; the closing of one deal is unknown, and one is open.
    days = measure(book, total("cycle_days"))
    assert (days.value, days.unit, dict(days.left_out)) == (75.0, "days", {"no_cycle_days": 2})


def test_a_mean_and_a_median(book):
    assert value(book, mean("amount", WON)) == eur(55_000) / 3
    assert value(book, median("amount", WON)) == eur(12_000)
    assert value(book, median("amount", LOST, WON)) is None
    assert value(book, mean("amount", LOST, WON)) is None
    assert value(book, mean("cycle_days", WON)) == metrics.cycle_time(book).mean_days
    assert value(book, median("cycle_days", WON)) == 20.0
    assert value(book, median("cycle_days", LOST, WON)) is None
    assert value(book, mean("n_reopened")) == 0.0
    assert value(book, median("n_touches")) == 0.0


def test_a_negative_cycle_is_left_out_and_counted():
    book = [won("D-1", 1, 11), won("D-2", 20, 10)]
    found = measure(book, mean("cycle_days"))
    assert (found.value, dict(found.left_out)) == (10.0, {"negative_cycle_days": 1})


def test_a_share_is_of_rows_that_know_the_answer(book):
    large = measure(book, share(at_least("amount", 10_000), of=WON))
    assert (large.value, large.numerator, large.denominator) == (2 / 3, 2, 3)
    assert large.interval == metrics.win_rate([won("W"), won("V"), lost("L")]).interval
    assert dict(large.left_out) == {"no_amount": 1}
    named = measure(book, share(known("source"), of=(WON, is_not("owner_id", "lee"))))
    assert (named.numerator, named.denominator) == (1, 2)
    assert value([], share(WON)) is None
    quick = measure(book, share(at_least("cycle_days", 20), of=WON))
    assert (quick.numerator, dict(quick.left_out)) == (2, {"no_cycle_days": 1})


def test_a_period_holds_what_is_dated_in_it(book):
    large = share(at_least("amount", 10_000), of=WON, dated_by="closed_at")
    january = measure(book, large, period=JANUARY)
    assert (january.numerator, january.denominator) == (1, 2)
    # The win nobody dated is in no period.
    assert dict(january.left_out) == {"no_closed_at": 1}
    months = measure(book, large, every="month")
    assert [rate.denominator for rate in months.values()] == [2, 0]
    assert dict(months.left_out) == {"no_amount": 1, "no_closed_at": 1}
    assert dict(measure(book, large).left_out) == {"no_amount": 1}
    spent = measure(book, total("amount", dated_by="closed_at"), period=FEBRUARY)
    assert (spent.value, dict(spent.left_out)) == (eur(0), {"no_amount": 1, "no_closed_at": 2})
    with pytest.raises(OptionError, match="nothing says what dates a row"):
        measure(book, count(WON), period=JANUARY)
    with pytest.raises(OptionError, match="nothing says what dates a row"):
        measure(book, count(WON), every="month")


def test_by_groups(book):
    found = measure(book, total("amount", WON), by="owner_id")
    assert {key: part.value for key, part in found.items()} == {
        "kim": eur(15_000),
        "lee": eur(40_000),
    }
    assert str(found).splitlines() == [
        "owner_id         number",
        "kim       EUR 15,000.00",
        "lee       EUR 40,000.00",
        "left out: no_amount 1",
    ]


def test_a_quotient_of_two_measures(book):
    assert value(book, quotient(total("amount", LOST), count(LOST))) == eur(9_000)
    assert value(book, quotient(count(WON), count(LOST))) == 4.0
    assert value(book, quotient(count(WON), count(is_("owner_id", "nobody")))) is None
    assert value(book, quotient(mean("amount", LOST, WON), count(WON))) is None
    # 9,000 ÷ 5 days, and money ÷ money is a number.
    assert value(book, quotient(total("amount", LOST), total("cycle_days", LOST))) == eur(1_800)
    assert value(book, quotient(total("amount", WON), total("amount", WON))) == 1.0
    assert str(measure(book, quotient(count(WON), count(LOST)))).splitlines() == [
        "number",
        "  4.00",
    ]


def test_parts_leave_out_what_each_of_them_does(book):
    both = quotient(total("amount", WON), total("amount"))
    # One won deal has no amount; of all deals it is the same one, counted for each part.
    assert dict(measure(book, both).left_out) == {"no_amount": 2}
    same = quotient(total("amount", WON), mean("amount", WON))
    assert dict(measure(book, same).left_out) == {"no_amount": 1}
    assert value(book, same) == 3.0


def test_a_combination_of_measures(book):
    balance = combine(lambda gain, loss: gain - loss, total("amount", WON), total("amount", LOST))
    assert value(book, balance) == eur(46_000)
    rate = combine(lambda part: 1 - part, share(WON, of=is_not("outcome", "open")))
    assert value(book, rate) == pytest.approx(0.2)
    everything = [*book, won("U", 1, 11, usd(5))]
    # In dollars nothing was lost: 5 less nothing, in dollars.
    by_currency = measure(everything, balance, by="currency")
    assert by_currency["USD"].value == usd(5)
    named = measure(everything[:2], balance, currency="USD")
    assert named.value == eur(15_000)


def test_rates_convert_before_anything_is_added_or_compared(book):
    mixed = [*book, won("U", 1, 11, usd(20_000), "kim")]
    large = share(at_least("amount", 10_000), of=WON)
    with pytest.raises(MixedCurrencyError, match="cannot compare amounts in EUR and USD"):
        measure(mixed, large)
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
        measure(mixed, total("amount"))
    rates = Rates("EUR", {"USD": "0.4"})
    # 20,000 dollars are 8,000 euro.
    found = measure(mixed, large, rates=rates)
    assert (found.numerator, found.denominator) == (2, 4)
    assert measure(mixed, large, by="currency")["USD"].value == 1.0
    in_francs = [*mixed, won("C", 1, 11, Money(1, "CHF"))]
    assert dict(measure(in_francs, total("amount"), rates=rates).left_out) == {
        "no_amount": 1,
        "no_rate": 1,
    }


# Tables with several rows a deal.


@pytest.fixture
def lives() -> list[Deal]:
    return [
        lived("D-1", (at(1), "open"), (at(8), "to", "meeting"), (at(9), "lose"), amount=eur(7)),
        lived("D-2", (at(1), "open"), (at(3), "win"), owner_id="kim", amount=usd(70)),
    ]


def test_visits_are_counted_by_stage_in_their_order(lives):
    long = count(at_least("days", 2), table="visits", dated_by="entered_at")
    found = measure(lives, long, by="stage")
    assert [*found] == ["prospecting", "qualification", "meeting", "proposal", "negotiation"]
    assert [number.value for number in found.values()] == [2, 0, 0, 0, 0]
    assert value(lives, total("days", table="visits")) == 10.0
    assert value(lives, count(table="stays")) == 10
    assert value(lives, count(is_("direction", "forward"), table="moves")) == 6
    assert value(lives, total("n_visits", table="deal_stages")) == 8
    assert value(lives, count(is_("has_next", value=True), table=Steps("touched"))) == 7
    assert [*measure(lives, count(table="visits"), by="days")] == [0.0, 1.0, 2.0, 7.0]


def test_amounts_of_the_deal_are_converted_there_too(lives):
    rates = Rates("EUR", {"USD": "0.1"})
    dear = count(at_least("amount", 7), table="visits")
    with pytest.raises(MixedCurrencyError):
        measure(lives, dear)
    assert value(lives, dear, rates=rates) == 8
    assert value(lives, count(known("given_amount"), table="visits"), rates=rates) == 8
    soon = [lived("D", (at(1), "open"), expected_close_on=on(5)), lived("E", (at(1), "open"))]
    due = count(table="visits", dated_by="expected_close_on")
    assert value(soon, due, period=JANUARY) == 1


# The parts themselves.


@attrs.frozen
class Ends(Result):
    """A result of one's own."""

    n_won: int
    n_lost: int


N_WON, N_LOST = (Need("count", None, (flag,), "closed_at") for flag in (WON, LOST))


def test_a_result_of_ones_own_says_what_all_results_say(book):
    unread = Need("count", None, (unknown("amount"),))
    ends = Definition(
        (N_WON, N_LOST),
        lambda cell: Ends(cell.number(N_WON), cell.number(N_LOST)),
        reasons={"unpriced": unread},
    )
    found = measure(book, ends, as_of=at(1, month=3), currency="EUR")
    assert (found.n_won, found.n_lost, found.as_of) == (4, 1, at(1, month=3))
    assert (found.currency, dict(found.left_out)) == ("EUR", {"unpriced": 1})
    months = measure(book, ends, every="month")
    assert [row["n_won"] for row in months.to_dicts()] == [2, 1]


# What is refused.

AMOUNT = (known("amount"),)


def ask(*needs: Any, **fields: Any) -> Any:
    return Definition(needs, lambda cell: Number(cell.number(needs[0])), **fields)


@pytest.mark.parametrize(
    ("definition", "fact"),
    [
        (ask(), "a definition without needs"),
        (ask("count"), "a definition without needs"),
        (ask(Need("avg", "amount", AMOUNT)), "cannot answer a need for 'avg'"),
        (ask(Need("sum", "stage", (known("stage"),))), "column 'stage': it holds no amount"),
        (ask(Need("sum", "cycle_days", (known("cycle_days"),))), "it holds no amount"),
        (ask(Need("sum", "custom.x", (known("custom.x"),))), "it holds no amount"),
        (ask(Need("min", "amount", AMOUNT)), "it holds no whole number"),
        (ask(Need("max", "amount", AMOUNT)), "it holds no whole number"),
        (ask(Need("sum", "amount", AMOUNT), table="visits"), "a deal has several rows"),
        (ask(Need("sum", "amount", (unknown("amount"),))), "some rows may not know it"),
        (ask(Need("count", None, ("won",))), "cannot choose rows by 'won': it is no flag"),
        (ask(Need("count", None, (Flag("outcome", "like", "w"),))), "for 'like'"),
        (ask(Need("count", None, (Flag("stage", "at_least", 1),))), "it holds no numbers"),
        (ask(Need("count", None, (Flag("custom.x", "at_least", 1),))), "it holds no numbers"),
        (ask(Need("count"), table="leads"), "cannot measure table 'leads': there is none"),
        (count(is_("source", None)), "with None: it is unknown"),
        (count(is_("created_at", date(2026, 1, 1))), "it holds dates"),
        (count(is_("outcome", 1)), "with 1: it holds str values"),
        (count(is_("n_touches", value=True)), "with True: it holds int values"),
        (count(is_("history_complete", 1)), "with 1: it holds bool values"),
        (count(is_("custom.tags", ["a"])), r"with \['a'\]: it holds any values"),
        (count(at_least("amount", eur(5))), r"with Money\('5', 'EUR'\): it holds decimal values"),
        (count(at_least("amount", 0.5)), "with 0.5: it holds decimal values"),
        (count(dated_by="stage"), "cannot date rows by column 'stage': it holds no dates"),
        (metrics.win_rate, "it is no definition"),
        (attrs.evolve(count(), needs=5), "a definition without needs"),
    ],
    ids=[*map(str, range(26))],
)
def test_what_makes_no_sense_is_refused(book, definition, fact):
    with pytest.raises(OptionError, match=fact):
        measure(book, definition)


def test_parts_are_of_one_table():
    with pytest.raises(OptionError, match="cannot combine measures of deals and visits"):
        quotient(count(), count(table="visits"))
    with pytest.raises(OptionError, match="cannot combine measures of nothing"):
        combine(lambda: 1)
    with pytest.raises(OptionError, match="it is no definition"):
        quotient(count(), 5)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [count, share], ids=["count", "share"])
def test_flags_are_flags(make):
    with pytest.raises(OptionError, match="cannot choose rows by 'won'"):
        make("won")


@pytest.mark.parametrize(
    "definition",
    [
        lambda: count(is_("outcom", "won")),
        lambda: count(is_not(5, "won")),  # type: ignore[arg-type]
        lambda: count(dated_by="closed"),
        lambda: total("amont"),
        lambda: count(known("days")),
        lambda: ask(Need("distinct", "ownr")),
        lambda: ask(Need("sum", None)),
    ],
    ids=["flag", "number", "date", "total", "other table", "distinct", "no column"],
)
def test_a_column_that_is_none_is_refused(book, definition):
    with pytest.raises(ColumnError, match="cannot find column"):
        measure(book, definition())


def test_any_value_of_ones_own_fields_can_be_looked_at():
    book = [won("D", custom={"seats": 5}), won("E")]
    assert value(book, count(is_("custom.seats", 5))) == 1
    assert value(book, count(at_least("probability", 0.5))) == 2
    assert value(book, count(at_least("cycle_days", float("inf")))) == 0
    distinct = Need("distinct", "owner_id")
    owners = Definition((distinct,), lambda cell: Number(len(cell.answers[distinct])))
    assert value([won("A", 1, 2, 1, "kim"), won("B", 1, 2, 1, "lee")], owners) == 2
