"""How much new business was opened?"""

import pytest

from salesflow import Money, Period, Rates, metrics
from salesflow.errors import MixedCurrencyError, OptionError
from tests.shorthand import NOW, at, eur, lived, lost, on, still_open, usd, won

BOOK = [
    won("D-1", 1, 11, 100, "kim"),
    lost("D-2", 5, 11, "0.50", "lee"),
    still_open("D-3", on(3, 2), 0, "kim"),
    still_open("D-4", on(4, 3), None, "kim"),
]


def test_all_that_was_created_whatever_became_of_it():
    found = metrics.new_pipeline(BOOK)
    # 100 + 0.50 + 0
    assert (found.n_created, found.total) == (4, eur("100.50"))
    assert (found.n_priced, found.n_unpriced, dict(found.left_out)) == (3, 1, {"no_amount": 1})
    assert (found.currency, found.as_of) == ("EUR", None)


def test_a_period_holds_what_was_created_in_it():
    found = metrics.new_pipeline([*BOOK, won("D-5", None, 11, 7)], period=Period.month(2026, 1))
    assert (found.n_created, found.total) == (2, eur("100.50"))
    assert dict(found.left_out) == {"no_created_at": 1}


def test_by_month():
    found = metrics.new_pipeline([*BOOK, won("D-5", None, 11, 7)], every="month")
    assert [(str(key), of.n_created, of.total) for key, of in found.items()] == [
        ("2026-01", 2, eur("100.50")),
        ("2026-02", 1, eur(0)),
        ("2026-03", 1, eur(0)),
    ]
    assert found.left_out == {"no_amount": 1, "no_created_at": 1}


def test_it_belongs_to_the_owner_who_opened_it():
    deal = lived(
        "D", (at(1), "open"), (at(5), "owner", "lee"), (at(9), "win"), owner_id="kim", amount=eur(3)
    )
    found = metrics.new_pipeline([deal], by="owner_id")
    assert {owner: of.total for owner, of in found.items()} == {"kim": eur(3)}


def test_as_of_an_earlier_day_a_later_one_was_not_opened_yet():
    assert metrics.new_pipeline(BOOK, as_of=at(4, month=2)).n_created == 3


def test_of_two_currencies():
    book = [*BOOK, still_open("D-5", 1, usd(10))]
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
        metrics.new_pipeline(book)
    apart = metrics.new_pipeline(book, by="currency")
    assert {code: of.total for code, of in apart.items()} == {
        "EUR": eur("100.50"),
        "USD": usd(10),
        None: Money(0, "XXX"),
    }


def test_converted_amounts():
    rates = Rates("EUR", {"USD": {on(1, 2): "0.5"}})
    book = [*BOOK, still_open("D-5", 1, usd("10.01")), won("D-6", 1, 11, usd(20))]
    found = metrics.new_pipeline(book, rates=rates, as_of=NOW)
    # 100.50 + 5.005, rounded half up; the win of January has no rate of its day.
    assert (found.total, found.n_priced) == (eur("105.51"), 4)
    assert dict(found.left_out) == {"no_amount": 1, "no_rate": 1}
    assert found.n_unpriced == 2


def test_the_rate_of_open_deals_needs_a_day():
    with pytest.raises(OptionError, match="their rate depends on as_of") as caught:
        metrics.new_pipeline(BOOK, rates=Rates("EUR", {"USD": 2}))
    assert caught.value.parameter == "as_of"


def test_of_nothing_the_total_is_0():
    found = metrics.new_pipeline([], currency="SEK")
    assert (found.n_created, str(found.total)) == (0, "SEK 0.00")
