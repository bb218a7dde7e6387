"""How much is a won deal worth?"""

from decimal import Decimal
from statistics import median

import pytest

from salesflow import Money, Period, Rates, metrics
from salesflow.errors import MixedCurrencyError
from tests.shorthand import at, eur, lived, lost, on, still_open, usd, won


def test_mean_median_and_total_of_won_deals():
    amounts = ["10.50", "0.10", "99.99", "1000"]
    book = [won(f"D-{n}", 1, 5, amount) for n, amount in enumerate(amounts)]
    size = metrics.average_deal_size([*book, lost("L", 1, 5, 7), still_open("O", 1, 8)])
    assert size.total == eur("1110.59")
    assert size.mean == eur("277.6475")  # 1110.59 ÷ 4
    assert size.median == eur(str(median(map(Decimal, amounts)))) == eur("55.245")
    assert (size.n_priced, size.n_unpriced, size.currency) == (4, 0, "EUR")


def test_the_middle_one_of_an_odd_number():
    assert metrics.average_deal_size([won(f"D-{n}", amount=n) for n in (9, 1, 5)]).median == eur(5)


def test_a_third_has_28_digits():
    size = metrics.average_deal_size(
        [won("D-1", amount=1), won("D-2", amount=0), won("D-3", amount=0)]
    )
    assert size.mean == eur("0.3333333333333333333333333333")


def test_zero_counts_and_missing_does_not():
    size = metrics.average_deal_size([won("D-1", 1, 5, 0), won("D-2", 1, 5, 10), won("D-3", 1, 5)])
    assert (size.mean, size.n_priced, size.n_unpriced) == (eur(5), 2, 1)
    assert dict(size.left_out) == {"no_amount": 1}


def test_without_an_amount_it_is_undefined():
    size = metrics.average_deal_size([won("D", 1, 5)])
    assert (size.mean, size.median, size.total) == (None, None, Money(0, "XXX"))
    assert (size.n_priced, size.n_unpriced) == (0, 1)
    assert metrics.average_deal_size([], currency="JPY").total == Money(0, "JPY")


def test_a_corrected_amount_counts_from_the_correction_on():
    from tests.shorthand import PIPELINE

    deal = lived("D", (at(1), "open"), (at(5), "win"), amount=eur(100))
    mended = PIPELINE.update(deal, amount=eur(90), correction="misread", at=at(9, month=3))
    january = Period.month(2026, 1)
    assert metrics.average_deal_size([mended], period=january).total == eur(90)
    assert metrics.average_deal_size([mended], period=january, as_of=at(31)).total == eur(100)


def test_two_currencies_are_refused():
    book = [
        won("D-1", amount=eur(1)),
        won("D-2", amount=usd(1)),
        won("D-3", amount=Money(1, "CHF")),
    ]
    with pytest.raises(MixedCurrencyError, match="CHF and EUR and USD") as caught:
        metrics.average_deal_size(book)
    assert caught.value.currencies == ("CHF", "EUR", "USD")
    assert "rates=" in str(caught.value.hint)


def test_by_currency_each_group_has_its_own():
    book = [
        won("D-1", amount=eur(1)),
        won("D-2", amount=usd(4)),
        lost("D-3", amount=Money(1, "CHF")),
    ]
    found = metrics.average_deal_size([*book, won("D-4")], by="currency")
    totals = {currency: size.total for currency, size in found.items()}
    # Nothing was won in francs, which makes 0 francs; one deal has no amount, so no currency.
    assert totals == {
        "CHF": Money(0, "CHF"),
        "EUR": eur(1),
        "USD": usd(4),
        None: Money(0, "XXX"),
    }
    rows = found.to_dicts()
    assert [row["currency"] for row in rows] == ["CHF", "EUR", "USD", None]
    assert found["CHF"].currency == "CHF"


def test_by_currency_with_rates_all_is_in_the_base():
    book = [won("D-1", 1, 5, eur(1)), lost("D-2", 1, 5, usd(4)), won("D-3", 1, 5, usd(4))]
    found = metrics.average_deal_size(book, by="currency", rates=Rates("EUR", {"USD": "0.5"}))
    assert {currency: size.total for currency, size in found.items()} == {
        "EUR": eur(1),
        "USD": eur(2),
    }


def test_a_group_without_amounts_has_the_currency_of_the_others():
    book = [won("D-1", owner="kim", amount=usd(1)), won("D-2", owner="lee")]
    found = metrics.average_deal_size(book, by="owner_id")
    assert found["lee"].total == usd(0)
    assert found.currency == "USD"


# Exchange rates.

RATES = Rates("EUR", {"USD": {on(1): "0.8", on(20): "0.9"}})


def test_a_deal_has_the_rate_of_its_closing_day():
    book = [
        won("D-1", 1, 19, usd(100)),
        won("D-2", 1, 20, usd(100)),
        won("D-3", 1, at(19, 23), usd(100)),
    ]
    assert metrics.average_deal_size(book, rates=RATES).total == eur(80 + 90 + 80)


def test_the_day_of_an_instant_is_that_of_the_zone_of_the_rates():
    there = Rates("EUR", {"USD": {on(1): "0.8", on(20): "0.9"}}, zone="Asia/Seoul")
    # 19 January, 23:00 UTC is 20 January, 8:00 in Seoul; a day stays the day it is.
    book = [won("D-1", 1, at(19, 23), usd(100)), won("D-2", 1, 19, usd(100))]
    assert metrics.average_deal_size(book, rates=there).total == eur(90 + 80)


def test_each_amount_is_rounded_half_up_then_they_are_added():
    rates = Rates("EUR", {"USD": "0.5"})
    book = [won(f"D-{n}", 1, 5, usd("0.01")) for n in range(3)]
    # 0.005 each, which is 0.01 rounded half up.
    assert metrics.average_deal_size(book, rates=rates).total == eur("0.03")


def test_without_a_rate_a_deal_is_counted_not_priced():
    book = [
        won("D-1", 1, 5, eur(7)),
        won("D-2", 1, 5, Money(5, "CHF")),
        won("D-3", 1, None, usd(5)),
        won("D-4", 1, 5),
        won("D-5", on(1), on(1).replace(year=2025), usd(5)),
    ]
    size = metrics.average_deal_size(book, rates=RATES)
    assert (size.total, size.n_priced, size.n_unpriced) == (eur(7), 1, 4)
    assert dict(size.left_out) == {"no_rate": 3, "no_amount": 1}


def test_an_amount_in_the_base_needs_no_day():
    size = metrics.average_deal_size([won("D", 1, None, eur("7.125"))], rates=RATES)
    assert (size.total, size.n_unpriced) == (eur("7.125"), 0)


def test_with_rates_nothing_is_nothing_in_the_base():
    assert metrics.average_deal_size([won("D", 1, 5)], rates=RATES, currency="JPY").total == eur(0)


def test_no_context_of_the_caller_changes_a_number(hostile_context):
    book = [
        won("D-1", 1, 5, "123456.78"),
        won("D-2", 1, 5, "0.01"),
        won("D-3", 1, 5, usd("100.01")),
    ]
    found = metrics.average_deal_size(book, rates=RATES)
    assert str(found.total.amount) == "123536.80"  # 123456.78 + 0.01 + 80.01
    assert found.median == eur("80.01")
    # A third of it, to 28 digits.
    assert str(found.mean.amount) == "41178.93333333333333333333333"
    assert "EUR 41,178.93" in str(found)
    del hostile_context


def test_it_says_how_many_count_as_won_nobody_knows_when():
    book = [won("D-1", 1, None, 5), lost("D-2", 1)]
    assert dict(metrics.average_deal_size(book).assumed) == {}
    assert dict(metrics.average_deal_size(book, as_of=at(4)).assumed) == {"no_closed_at": 1}
