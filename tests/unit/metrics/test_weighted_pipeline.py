"""How much are the open deals worth, each by its chance?"""

import pytest

from salesflow import Money, Period, Pipeline, Rates, Stage, metrics
from salesflow.errors import MixedCurrencyError, OptionError
from tests.shorthand import NOW, at, eur, lost, on, still_open, usd, won

EVEN = Pipeline(
    "even",
    [Stage("talk", probability=0.5), Stage("won", kind="won"), Stage("lost", kind="lost")],
)


def chance(identity, amount, probability, **fields):
    """An open deal with a chance of its own."""
    deal = EVEN.open(identity, id=identity, amount=amount, at=at(1), **fields)
    return EVEN.update(deal, probability=probability, at=at(2))


BOOK = [
    chance("D-1", eur(100), 0.25, owner_id="kim"),
    chance("D-2", eur(10), 1.0, owner_id="lee"),
    chance("D-3", eur(1000), 0.0, owner_id="lee"),
    still_open("D-4", 1, 50, "kim"),  # no probability
    chance("D-5", None, 0.5, owner_id="kim"),
    still_open("D-6", 1, None, "kim"),  # neither
    won("D-7", 1, 5, 7),
    lost("D-8", 1, 5, 7),
]


def test_amount_times_probability_of_the_open_ones():
    found = metrics.weighted_pipeline(BOOK, as_of=NOW)
    # 100 × 0.25 + 10 × 1 + 1,000 × 0
    assert (found.total, found.unweighted) == (eur(35), eur(1110))
    assert (found.n_weighted, found.n_open) == (3, 6)
    assert dict(found.left_out) == {"no_amount": 2, "no_probability": 1}
    assert (found.as_of, found.currency) == (NOW, "EUR")


def test_each_product_is_rounded_before_they_are_added():
    book = [chance(f"D-{n}", eur("0.01"), 0.5) for n in range(3)]
    # Three times 0.005, each rounded to 0.01; the sum of the products would be 0.015.
    assert metrics.weighted_pipeline(book, as_of=NOW).total == eur("0.03")


@pytest.mark.parametrize(
    ("amount", "probability", "expected"),
    [
        (eur("1.00"), 0.125, eur("0.13")),
        (eur("-1.00"), 0.125, eur("-0.13")),
        (eur("1.00"), 0.124999, eur("0.12")),
        (Money("5", "JPY"), 0.3, Money("2", "JPY")),
        (Money("5", "JPY"), 0.1, Money("1", "JPY")),
        (Money("0.1", "XXX"), 0.25, Money("0.025", "XXX")),
        (Money("1.005", "BHD"), 0.1, Money("0.101", "BHD")),
        (eur("1e23"), 0.000001, eur("1e17")),
    ],
    ids=str,
)
def test_a_half_is_rounded_away_from_0_to_the_minor_unit(amount, probability, expected):
    found = metrics.weighted_pipeline([chance("D", amount, probability)], as_of=NOW)
    assert found.total == expected


@pytest.mark.parametrize("probability", [0.29, 0.57, 0.58, 1e-6, 0.999999, 0.1])
def test_a_probability_is_the_decimal_that_people_read(probability):
    found = metrics.weighted_pipeline([chance("D", eur("1e6"), probability)], as_of=NOW)
    # A million times a number of millionths is whole: no bit of a float is in it.
    assert found.total == eur(f"{probability * 1e6:.0f}")


def test_a_chance_of_the_stage_counts_too():
    deal = EVEN.open("D", id="D", amount=eur(8), at=at(1))
    assert metrics.weighted_pipeline([deal], as_of=NOW).total == eur(4)


def test_by_owner():
    found = metrics.weighted_pipeline(BOOK, as_of=NOW, by="owner_id")
    assert {owner: (of.total, of.n_open) for owner, of in found.items()} == {
        "kim": (eur(25), 4),
        "lee": (eur(10), 2),
        None: (eur(0), 0),
    }


def test_as_of_decides_what_is_open_and_how_likely():
    deal = EVEN.win(EVEN.update(BOOK[0], probability=0.75, at=at(10)), at=at(20))
    found = [metrics.weighted_pipeline([deal], as_of=at(day)).total for day in (1, 5, 15, 25)]
    # 100 × 0.5, 0.25 and 0.75, and nothing once it is won.
    assert found == [eur(50), eur(25), eur(75), eur(0)]


def test_amounts_are_converted_and_rounded_first():
    rates = Rates("EUR", {"USD": {on(1): "0.333", on(1, 5): "0.5"}})
    book = [chance("D-1", usd("0.03"), 0.5), chance("D-2", Money(9, "CHF"), 0.5)]
    found = metrics.weighted_pipeline(book, as_of=NOW, rates=rates)
    # 0.015 is 0.02 euro, and half of that 0.01; half of 0.015 would be 0.0075.
    assert (found.total, found.unweighted) == (eur("0.01"), eur("0.02"))
    assert dict(found.left_out) == {"no_rate": 1}
    early = metrics.weighted_pipeline(book, as_of=at(5), rates=rates)
    assert early.unweighted == eur("0.01")


def test_of_two_currencies():
    book = [*BOOK, chance("D-9", usd(10), 0.5)]
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
        metrics.weighted_pipeline(book, as_of=NOW)
    apart = metrics.weighted_pipeline(book, as_of=NOW, by="currency")
    assert {code: of.total for code, of in apart.items()} == {
        "EUR": eur(35),
        "USD": usd(5),
        None: Money(0, "XXX"),
    }


DATED = [
    chance("D-1", eur(100), 0.5, expected_close_on=on(31)),
    chance("D-2", eur(10), 0.5, expected_close_on=on(1, 2)),
    chance("D-3", eur(1), 1.0),
]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_a_period_holds_what_is_expected_to_close_in_it(zone):
    period = Period.month(2026, 1, zone=zone)
    found = metrics.weighted_pipeline(DATED, as_of=NOW, period=period)
    # The 31st stays the 31st in every zone.
    assert (found.total, found.n_open) == (eur(50), 1)
    assert dict(found.left_out) == {"no_expected_close_on": 1}


def test_by_the_month_of_the_expected_closing():
    found = metrics.weighted_pipeline(DATED, as_of=NOW, every="month")
    assert [(str(key), of.total) for key, of in found.items()] == [
        ("2026-01", eur(50)),
        ("2026-02", eur(5)),
    ]
    assert found.left_out == {"no_expected_close_on": 1}


def test_an_opening_nobody_knows_is_assumed_to_be_long_ago():
    found = metrics.weighted_pipeline([still_open("D", None, 5)], as_of=NOW)
    assert (found.n_open, dict(found.assumed)) == (1, {"no_created_at": 1})


def test_of_nothing_the_total_is_0():
    found = metrics.weighted_pipeline([], as_of=NOW, currency="EUR")
    assert (found.total, found.unweighted, found.n_open) == (eur(0), eur(0), 0)


def test_now_has_to_be_said():
    with pytest.raises(TypeError, match="as_of"):
        metrics.weighted_pipeline(BOOK)
    with pytest.raises(OptionError, match="cannot use as_of None"):
        metrics.weighted_pipeline(BOOK, as_of=None)
