"""How much revenue do the open deals bring in a day?"""

import pytest

from salesflow import Money, Period, metrics
from salesflow.errors import NaiveDatetimeError, OptionError
from tests.shorthand import NOW, at, eur, lost, on, still_open, won

BOOK = [
    won("D-1", 1, 11, 1000, "kim"),  # 10 days
    won("D-2", 1, 31, 3000, "kim"),  # 30
    lost("D-3", 1, 15, 50, "kim"),
    lost("D-4", 1, 16, None, "lee"),
    still_open("D-5", 1, 99, "kim"),
    still_open("D-6", 1, None, "lee"),
    still_open("D-7", 1, None, "kim"),
]


def test_open_times_rate_times_size_by_cycle():
    found = metrics.pipeline_velocity(BOOK, as_of=NOW)
    # 3 × 0.5 × 2,000 ÷ 20
    assert found.per_day == eur(150)
    assert (found.n_open, found.win_rate, found.average_deal_size, found.cycle_days) == (
        3,
        0.5,
        eur(2000),
        20.0,
    )
    assert (found.as_of, found.currency) == (NOW, "EUR")


def test_by_owner():
    found = metrics.pipeline_velocity(BOOK, as_of=NOW, by="owner_id")
    # 2 × 2/3 × 2,000 ÷ 20; the other has won nothing yet.
    assert found["kim"].per_day == eur("133.3333333333333333333333333")
    assert found["lee"].per_day is None
    assert (found["lee"].n_open, found["lee"].win_rate) == (1, 0.0)


def test_a_period_limits_the_closed_side_alone():
    found = metrics.pipeline_velocity(BOOK, as_of=NOW, period=Period.between(on(1), on(20)))
    # Won: 1, lost: 2. 3 × 1/3 × 1,000 ÷ 10
    assert (found.n_open, found.per_day) == (3, eur(100))


def test_each_period_has_the_same_open_deals():
    book = [*BOOK, won("D-8", on(1, 2), on(11, 2), 500)]
    found = metrics.pipeline_velocity(book, as_of=NOW, every="month")
    assert [(str(key), of.n_open, of.per_day) for key, of in found.items()] == [
        ("2026-01", 3, eur(150)),
        ("2026-02", 3, eur(150)),  # 3 × 1 × 500 ÷ 10
    ]


def test_as_of_decides_what_is_open():
    found = metrics.pipeline_velocity(BOOK, as_of=at(12))
    # By 12 January one is won, in 10 days, and six are open.
    assert (found.n_open, found.per_day) == (6, eur(600))


@pytest.mark.parametrize(
    "book",
    [
        [],
        [still_open("O", 1)],
        [still_open("O", 1), lost("L", 1, 5)],
        [still_open("O", 1), won("W", 1, 5)],
        [still_open("O", 1), won("W", None, 5, 100)],
        [still_open("O", 1), won("W", 5, 5, 100)],
        [still_open("O", 1), won("W", 6, 5, 100)],
    ],
    ids=[
        "nothing",
        "nothing closed",
        "nothing won",
        "no amount",
        "no cycle",
        "no time",
        "negative",
    ],
)
def test_where_an_input_is_unknown_or_the_cycle_0_it_is_undefined(book):
    assert metrics.pipeline_velocity(book, as_of=NOW).per_day is None


def test_without_open_deals_it_is_nothing():
    found = metrics.pipeline_velocity([won("W", 1, 11, 100)], as_of=NOW)
    assert found.per_day == eur(0)


def test_deals_worth_nothing_bring_nothing():
    found = metrics.pipeline_velocity([still_open("O", 1), won("W", 1, 11, 0)], as_of=NOW)
    assert found.per_day == eur(0)


def test_it_says_what_each_input_left_out():
    book = [*BOOK, won("D-8", 9, 5, 1), won("D-9", 1, 5)]
    found = metrics.pipeline_velocity(book, as_of=NOW)
    assert dict(found.left_out) == {"no_amount": 1, "negative_cycle": 1}


def test_of_one_reason_the_widest_count_stands():
    book = [*BOOK, won("D-8", 1, None, 1), lost("D-9", 1), lost("D-10")]
    january = Period.month(2026, 1)
    found = metrics.pipeline_velocity(book, as_of=NOW, period=january)
    # The rate leaves out all three, size and cycle the won one.
    assert dict(found.left_out) == {"no_closed_at": 3}
    rows = metrics.pipeline_velocity(book, as_of=NOW, every="year")
    assert rows.left_out == {"no_closed_at": 3}


def test_it_is_exact_up_to_its_one_division():
    book = [won(f"W-{n}", 1, 2 + n, "0.07") for n in range(3)]
    found = metrics.pipeline_velocity([*book, still_open("O", 1)], as_of=NOW)
    # 1 × 1 × 0.07 ÷ 2 days, without a float between them.
    assert found.per_day == Money("0.035", "EUR")


def test_now_has_to_be_said():
    with pytest.raises(TypeError, match="as_of"):
        metrics.pipeline_velocity(BOOK)
    with pytest.raises(OptionError, match="cannot use as_of None"):
        metrics.pipeline_velocity(BOOK, as_of=None)
    with pytest.raises(NaiveDatetimeError, match="cannot use as_of"):
        metrics.pipeline_velocity(BOOK, as_of=NOW.replace(tzinfo=None))
