"""Why do we lose deals?"""

import pytest

from salesflow import Money, Period, Rates, metrics
from salesflow.errors import ColumnError, MixedCurrencyError
from tests.shorthand import NOW, PIPELINE, at, eur, lived, lost, on, still_open, usd, won

BOOK = [
    lost("D-1", 1, 11, 100, "kim", loss_reason="price"),
    lost("D-2", 1, 12, 50, "lee", loss_reason="timing"),
    lost("D-3", 1, on(3, 2), None, "kim", loss_reason="timing"),
    lost("D-4", 1, on(4, 2), 7, "kim"),
    won("D-5", 1, 5, 1000, "ana"),
    still_open("D-6", 1, 1000, "ana"),
]


def test_how_often_for_what_and_how_much():
    found = metrics.loss_reasons(BOOK)
    assert [(reason, of.n, of.share, of.total) for reason, of in found.items()] == [
        ("timing", 2, 2 / 4, eur(50)),
        ("price", 1, 1 / 4, eur(100)),
        (None, 1, 1 / 4, eur(7)),
    ]
    assert (found["timing"].n_unpriced, dict(found["timing"].left_out)) == (1, {"no_amount": 1})
    assert (found.names, found.left_out) == (("loss_reason",), {"no_amount": 1})


def test_the_most_come_first_and_those_without_a_reason_last():
    book = [lost(f"D-{n}", 1, 5, loss_reason=reason) for n, reason in enumerate("bacacc")]
    book += [lost(f"U-{n}", 1, 5) for n in range(9)]
    assert [*metrics.loss_reasons(book)] == ["c", "a", "b", None]


def test_by_owner_shares_are_of_the_owner():
    found = metrics.loss_reasons(BOOK, by="owner_id")
    assert {key: (of.n, of.share) for key, of in found.items()} == {
        ("kim", "price"): (1, 1 / 3),
        ("kim", "timing"): (1, 1 / 3),
        ("kim", None): (1, 1 / 3),
        ("lee", "timing"): (1, 1.0),
    }
    # Who lost nothing has no row.
    assert [*metrics.loss_reasons(BOOK, by=["owner_id"])] == [*found]


def test_a_period_holds_what_was_lost_in_it():
    found = metrics.loss_reasons(BOOK, period=Period.month(2026, 2))
    assert [(reason, of.n, of.share) for reason, of in found.items()] == [
        ("timing", 1, 0.5),
        ("price", 0, 0.0),
        (None, 1, 0.5),
    ]
    nothing = metrics.loss_reasons(BOOK, period=Period.month(2025, 2))
    assert {of.share for of in nothing.values()} == {None}


def test_in_each_month_every_reason_in_one_order():
    book = [*BOOK, lost("D-7", 1, on(5, 2), 1, loss_reason="price")]
    book += [lost("D-8", 1, on(6, 2), 1, loss_reason="price"), lost("D-9", 1)]
    found = metrics.loss_reasons(book, every="month")
    # Price, three times, before timing, though in January they are even; January has 2 of them.
    assert [(reason, str(month), of.n, of.share) for (reason, month), of in found.items()] == [
        ("price", "2026-01", 1, 1 / 2),
        ("price", "2026-02", 2, 2 / 4),
        ("timing", "2026-01", 1, 1 / 2),
        ("timing", "2026-02", 1, 1 / 4),
        (None, "2026-01", 0, 0.0),
        (None, "2026-02", 1, 1 / 4),
    ]
    assert found.left_out == {"no_amount": 1, "no_closed_at": 1}


def test_a_reopened_deal_is_not_lost_and_a_second_loss_counts_once():
    deal = lived("D", (at(1), "open"), (at(5), "lose"), (at(9), "reopen", "prospecting"))
    assert metrics.loss_reasons([deal]) == {}
    again = PIPELINE.lose(deal, "timing", at=at(20))
    assert {reason: of.n for reason, of in metrics.loss_reasons([again]).items()} == {"timing": 1}
    then = metrics.loss_reasons([again], as_of=at(6))
    assert {reason: of.n for reason, of in then.items()} == {"price": 1}


def test_a_loss_nobody_dated():
    book = [*BOOK, lost("D-7", 1, loss_reason="price")]
    assert metrics.loss_reasons(book)["price"].n == 2
    found = metrics.loss_reasons(book, as_of=NOW)
    assert dict(found["price"].assumed) == {"no_closed_at": 1}
    assert found.assumed == {"no_closed_at": 1}
    dated = metrics.loss_reasons(book, period=Period.month(2026, 1), as_of=NOW)
    assert (dated["price"].n, dict(dated["price"].left_out)) == (1, {"no_closed_at": 1})
    assert dated.assumed == {}


def test_of_two_currencies():
    book = [*BOOK, lost("D-7", 1, 5, usd(10), loss_reason="price")]
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
        metrics.loss_reasons(book)
    found = metrics.loss_reasons(book, rates=Rates("BRL", {"EUR": 2}))
    assert found["price"].total == Money(200, "BRL")
    assert dict(found["price"].left_out) == {"no_rate": 1}
    apart = metrics.loss_reasons(book, by="currency")
    assert apart["USD", "price"].total == usd(10)


def test_without_losses_there_is_no_row():
    assert metrics.loss_reasons([]) == {}
    assert metrics.loss_reasons(BOOK[4:], every="month") == {}


def test_it_groups_by_columns_alone():
    with pytest.raises(ColumnError, match="cannot find column 'agent'"):
        metrics.loss_reasons(BOOK, by="agent")
