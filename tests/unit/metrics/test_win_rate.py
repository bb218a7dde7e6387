"""Of the deals that were decided, what share was won?"""

from datetime import UTC, datetime

import pytest

from salesflow import Money, Period, Rates, metrics
from salesflow.errors import ColumnError, MixedCurrencyError, OptionError
from tests.shorthand import at, eur, lived, lost, on, still_open, usd, won


@pytest.fixture
def book():
    return [
        won("D-1", 1, 31, 100, "kim"),
        won("D-2", 1, on(10, 2), 300, "kim"),
        lost("D-3", 1, on(20, 2), 600, "lee"),
        still_open("D-4", 1, 5000, "lee"),
    ]


def test_open_deals_do_not_count(book):
    rate = metrics.win_rate(book)
    assert (rate.numerator, rate.denominator) == (2, 3)
    assert rate.value == pytest.approx(2 / 3)


def test_by_value_each_deal_counts_with_its_amount(book):
    rate = metrics.win_rate(book, weight="value")
    assert (rate.numerator, rate.denominator) == (eur(400), eur(1000))
    assert (rate.value, rate.interval, rate.currency) == (0.4, None, "EUR")


def test_where_nothing_was_decided_it_is_undefined():
    rate = metrics.win_rate([still_open("D")])
    assert (rate.value, rate.numerator, rate.denominator, rate.interval) == (None, 0, 0, None)
    assert metrics.win_rate([]).value is None


def test_by_value_nothing_decided_is_undefined_too():
    rate = metrics.win_rate([still_open("D", 1, 100)], weight="value")
    assert (rate.value, rate.numerator, rate.denominator) == (None, eur(0), eur(0))
    unpriced = metrics.win_rate([still_open("D", 1)], weight="value")
    assert (unpriced.value, unpriced.denominator) == (None, Money(0, "XXX"))
    assert metrics.win_rate([won("D", amount=0)], weight="value").value is None


def test_by_value_nothing_won_is_of_the_currency_of_what_was_lost():
    rate = metrics.win_rate([lost("D", amount=usd(5))], weight="value")
    assert (rate.value, rate.numerator, rate.denominator) == (0.0, usd(0), usd(5))


def test_a_period_holds_what_was_closed_in_it(book):
    february = Period.month(2026, 2)
    rate = metrics.win_rate(book, period=february)
    assert (rate.numerator, rate.denominator) == (1, 2)


def test_a_cohort_holds_what_was_created_in_it(book):
    january = Period.month(2026, 1)
    rate = metrics.win_rate(book, period=january, basis="created")
    assert (rate.numerator, rate.denominator) == (2, 3)
    assert metrics.win_rate(book, period=Period.month(2026, 2), basis="created").denominator == 0


def test_a_deal_nobody_dated_is_left_out_of_a_period_and_counted():
    book = [won("D-1", 1, 5), won("D-2", 1), lost("D-3"), still_open("D-4")]
    january = Period.month(2026, 1)
    rate = metrics.win_rate(book, period=january)
    assert (rate.denominator, dict(rate.left_out)) == (1, {"no_closed_at": 2})
    cohort = metrics.win_rate(book, period=january, basis="created")
    assert (cohort.denominator, dict(cohort.left_out)) == (2, {"no_created_at": 1})


def test_without_a_period_it_counts():
    rate = metrics.win_rate([won("D-1"), lost("D-2")])
    assert (rate.value, dict(rate.left_out)) == (0.5, {})


def test_by_value_deals_without_an_amount_are_left_out_and_counted():
    book = [won("D-1", 1, 5, 10), won("D-2", 1, 6), lost("D-3", 1, 7), still_open("D-4")]
    rate = metrics.win_rate(book, weight="value")
    assert (rate.value, dict(rate.left_out)) == (1.0, {"no_amount": 2})
    assert not metrics.win_rate(book).left_out


def test_by_value_two_currencies_are_refused(book):
    book = [*book, lost("D-5", 1, 5, usd(5))]
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD") as caught:
        metrics.win_rate(book, weight="value")
    assert caught.value.currencies == ("EUR", "USD")


def test_by_count_currencies_do_not_matter(book):
    assert metrics.win_rate([*book, lost("D-5", 1, 5, usd(5))]).value == 0.5


def test_by_value_rates_make_one_currency(book):
    rates = Rates("EUR", {"USD": {on(1): "0.5"}})
    book = [*book, lost("D-5", 1, on(1, 2), usd(400)), lost("D-6", None, None, usd(8))]
    rate = metrics.win_rate(book, weight="value", rates=rates)
    # 400 ÷ (400 + 600 + 400 × 0.5); nobody knows the day of the last one, so it has no rate.
    assert (rate.numerator, rate.denominator) == (eur(400), eur(1200))
    assert dict(rate.left_out) == {"no_rate": 1}


def test_by_owner_of_the_closing():
    book = [won("D-1", 1, 5, owner="kim"), lost("D-2", 1, 5, owner="lee"), won("D-3", 1, 5)]
    rates = metrics.win_rate(book, by="owner_id")
    assert [(owner, rate.value) for owner, rate in rates.items()] == [
        ("kim", 1.0),
        ("lee", 0.0),
        (None, 1.0),
    ]


def test_a_cohort_belongs_to_the_owner_who_opened_it():
    deal = lived("D", (at(1), "open"), (at(2), "owner", "lee"), (at(5), "lose"), owner_id="kim")
    assert [*metrics.win_rate([deal], by="owner_id")] == ["lee"]
    assert [*metrics.win_rate([deal], by="owner_id", basis="created")] == ["kim"]
    found = metrics.win_rate([deal], by=["source", "owner_id"], basis="created")
    assert [*found] == [(None, "kim")]


# Stale deals.


def test_a_deal_is_lost_once_it_is_that_old(book):
    def denominator(days: int, now: datetime) -> object:
        return metrics.win_rate(book, stale_as_lost=days, as_of=now).denominator

    # Opened on 1 January: on 31 January it is 30 days old. By 31 January one deal is closed.
    assert denominator(30, at(31)) == 1 + 3
    assert denominator(31, at(31)) == 1


def test_between_instants_it_is_that_old_to_the_microsecond():
    deal = lived("D", (at(1, 12), "open"))
    for now, n in ((at(11, 12), 1), (at(11, 11, 59), 0)):
        assert metrics.win_rate([deal], stale_as_lost=10, as_of=now).denominator == n


def test_it_is_lost_on_the_day_on_which_it_is_that_old():
    deal = still_open("D", 1)
    found = metrics.win_rate([deal], stale_as_lost=40, as_of=at(1, month=6), every="month")
    # 1 January and 40 days is 10 February.
    assert [(str(key), rate.denominator) for key, rate in found.items()] == [("2026-02", 1)]


def test_a_cohort_holds_it_from_its_creation_on():
    deal = still_open("D", 1)
    options = {"stale_as_lost": 40, "as_of": at(1, month=6), "basis": "created"}
    assert metrics.win_rate([deal], period=Period.month(2026, 1), **options).denominator == 1
    assert metrics.win_rate([deal], period=Period.month(2026, 2), **options).denominator == 0


def test_it_is_worth_its_amount():
    book = [won("D-1", 1, 5, 100), still_open("D-2", 1, 300), still_open("D-3", 20, 999)]
    rate = metrics.win_rate(book, weight="value", stale_as_lost=10, as_of=at(25))
    assert (rate.numerator, rate.denominator, rate.value) == (eur(100), eur(400), 0.25)


def test_without_an_amount_or_a_rate_it_is_left_out_and_counted():
    book = [still_open("D-1", 1), still_open("D-2", 1, usd(9)), still_open("D-3", 20)]
    rates = Rates("EUR", {"USD": {on(1, 12): 2}})
    rate = metrics.win_rate(book, weight="value", stale_as_lost=10, as_of=at(25), rates=rates)
    assert dict(rate.left_out) == {"stale_no_amount": 1, "stale_no_rate": 1}


def test_it_is_priced_at_the_rate_of_as_of():
    rates = Rates("EUR", {"USD": {on(1): 2, on(20): 3}})
    options = {"weight": "value", "stale_as_lost": 10, "rates": rates}
    book = [still_open("D-1", 1, usd(9))]
    assert metrics.win_rate(book, as_of=at(15), **options).denominator == eur(18)
    assert metrics.win_rate(book, as_of=at(25), **options).denominator == eur(27)


def test_of_one_nobody_dated_nobody_knows_whether_it_is_stale():
    rate = metrics.win_rate([still_open("D")], stale_as_lost=1, as_of=at(25))
    assert (rate.denominator, dict(rate.left_out)) == (0, {"stale_no_created_at": 1})


def test_stale_deals_need_as_of(book):
    with pytest.raises(OptionError, match="how old they are depends on as_of") as caught:
        metrics.win_rate(book, stale_as_lost=30)
    assert caught.value.parameter == "as_of"


@pytest.mark.parametrize("days", [0, -1, 1.5, True, "30", 36_501, 10**12])
def test_an_age_that_is_no_whole_number_of_days_is_refused(book, days):
    with pytest.raises(OptionError, match="cannot count deals as lost after") as caught:
        metrics.win_rate(book, stale_as_lost=days, as_of=datetime(2026, 2, 1, tzinfo=UTC))
    assert caught.value.parameter == "stale_as_lost"


# Options.


@pytest.mark.parametrize(
    ("option", "value"), [("weight", "amount"), ("basis", "moved"), ("every", "day")]
)
def test_another_choice_is_refused(book, option, value):
    with pytest.raises(OptionError, match=f"cannot take {option}='{value}'") as caught:
        metrics.win_rate(book, **{option: value})
    assert (caught.value.parameter, caught.value.value) == (option, value)


def test_an_unknown_column_is_refused(book):
    with pytest.raises(ColumnError, match="cannot find column 'agent'"):
        metrics.win_rate(book, by="agent")


def test_a_day_after_the_end_of_the_calendar_is_in_no_period():
    late = still_open("D", datetime(9990, 1, 1, tzinfo=UTC))
    now = datetime(9995, 1, 1, tzinfo=UTC)
    book = [late, lost("D-2", 1, 5)]
    options = {"stale_as_lost": 36_500, "as_of": now}
    [(year, rate)] = metrics.win_rate(book, every="year", **options).items()
    assert (str(year), rate.denominator) == ("2026", 1)
    assert metrics.win_rate(book, period=Period.year(2026), **options).denominator == 1


def test_closed_nobody_knows_when_they_count_as_of_any_instant_and_it_says_so():
    book = [won("D-1", 1, None, 5), lost("D-2", 1), lost("D-3", 1, 5), still_open("D-4", 1)]
    assert dict(metrics.win_rate(book).assumed) == {}
    found = metrics.win_rate(book, as_of=at(9))
    assert (found.denominator, dict(found.assumed)) == (3, {"no_closed_at": 2})
    by_value = metrics.win_rate(book, weight="value", as_of=at(9))
    assert dict(by_value.assumed) == {"no_closed_at": 1}
    assert metrics.win_rate(book, by="owner_id", as_of=at(9)).assumed == {"no_closed_at": 2}
    dated = metrics.win_rate(book, period=Period.year(2026), as_of=at(9))
    assert (dict(dated.assumed), dict(dated.left_out)) == ({}, {"no_closed_at": 2})
