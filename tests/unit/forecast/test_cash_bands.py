"""When does the money come in, and how much may it be?"""

import pickle
from datetime import date
from decimal import Context, getcontext, localcontext
from fractions import Fraction
from typing import NamedTuple

import pytest

from salesflow import Calendar, Money, Period
from salesflow.errors import (
    AmountError,
    MixedCurrencyError,
    NaiveDatetimeError,
    OptionError,
    PeriodError,
)
from salesflow.forecast import Payment, PaymentTerms, cash, cash_bands
from salesflow.forecast._schedules import Splitter
from salesflow.forecast.cash_bands import rank
from tests.builders import naive
from tests.shorthand import at, eur, on, still_open, usd, won

TODAY = at(15, month=2)
FEBRUARY, MARCH, APRIL = (Period.month(2026, month) for month in (2, 3, 4))
HALVES = PaymentTerms(Payment.monthly(2))


def bands(draws, **options):
    return cash_bands(draws, as_of=TODAY, **options)


def numbers(by_share):
    return {share: float(money.amount) for share, money in by_share.items()}


# Four futures: nothing; 10 in February; 20 in March; 10 in February and 40 in March.
DRAWS = [
    [],
    [(on(20, 2), eur(10))],
    [(on(1, 3), eur(20))],
    [(on(20, 2), eur(10)), (on(31, 3), eur(40))],
]


def test_quantiles_of_each_month_and_of_all_up_to_it():
    found = bands(DRAWS, quantiles=[0.25, 0.5, 0.75, 1])
    assert [*found] == [FEBRUARY, MARCH]
    # February: 0, 0, 10, 10. March: 0, 0, 20, 40.
    assert numbers(found[FEBRUARY].quantiles) == {0.25: 0, 0.5: 0, 0.75: 10, 1: 10}
    assert numbers(found[MARCH].quantiles) == {0.25: 0, 0.5: 0, 0.75: 20, 1: 40}
    # By the end of March: 0, 10, 20, 50.
    assert numbers(found[MARCH].cumulated) == {0.25: 0, 0.5: 10, 0.75: 20, 1: 50}
    assert (found[FEBRUARY].mean, found[MARCH].mean) == (eur(5), eur(15))
    assert (found[FEBRUARY].cumulated_mean, found[MARCH].cumulated_mean) == (eur(5), eur(20))
    assert (found.n_draws, found.currency, found.as_of) == (4, "EUR", TODAY)


def test_terms_of_all_or_of_one_closing():
    draws = [[(on(28, 2), eur(10)), (on(5, 3), eur(9), HALVES)]]
    found = bands(draws, terms=PaymentTerms(Payment.after(1)), quantiles=[0.5])
    assert {str(month): numbers(band.quantiles)[0.5] for month, band in found.items()} == {
        "2026-03": 14.5,  # 10 on 1 March, half of 9 on 5 March
        "2026-04": 4.5,
    }


def test_closings_of_a_day_and_of_equal_terms_are_paid_as_one():
    # 0.01 + 0.01 in two parts: 0.01 each. Alone, each cent would be due at the signing.
    draws = [[(on(1, 3), eur("0.01")), (on(1, 3), eur("0.01"), HALVES)]]
    found = bands(draws, terms=HALVES, quantiles=[0.5])
    assert [numbers(band.quantiles)[0.5] for band in found.values()] == [0.01, 0.01]


def test_gold_is_parted_in_its_own_decimals_whatever_else_is_won():
    # Without a minor unit: 1 in thirds is 0.33, 0.34, 0.33, as the terms alone say.
    thirds = PaymentTerms(Payment.monthly(3))
    draw = [(on(1, 2), Money(1, "XAU")), (on(2, 2), Money("0.0003", "XAU"))]
    found = bands([draw], terms=thirds, quantiles=[1])
    parts = [str(band.quantiles[1].amount) for band in found.values()]
    assert parts == ["0.3301", "0.3401", "0.3301"]


def test_what_is_won_already_is_due_in_every_draw():
    book = [
        won("D-1", 1, on(10, 2), 7),
        still_open("D-2", 1, 100, expected_close_on=on(1, 3), probability=0.5),
    ]
    certain = cash(book, as_of=TODAY, terms=HALVES)
    found = bands(DRAWS, certain=certain, quantiles=[0.5, 1])
    # 3.50 in February and in March; what is expected of D-2 is what the draws are about.
    assert numbers(found[FEBRUARY].quantiles) == {0.5: 3.5, 1: 13.5}
    assert numbers(found[MARCH].cumulated) == {0.5: 17, 1: 57}
    assert found[MARCH].mean == eur("18.50")
    alone = bands([[]], certain=certain)
    # D-2 would have been paid in April, too: the curve has that row.
    assert [band.mean for band in alone.values()] == [eur("3.50"), eur("3.50"), eur(0)]


def test_the_mean_is_rounded_half_up():
    found = bands([[(on(1, 3), eur("0.01"))], []])
    assert found[MARCH].mean == eur("0.01")  # 0.005
    assert bands([[(on(1, 3), eur("0.01"))], [], []])[MARCH].mean == eur(0)


def test_the_mean_is_rounded_once():
    # 0.0049…9, to forty decimals, is less than half a cent: it is none.
    least = eur("0.004" + "9" * 37)
    assert bands([[(on(1, 3), least)]])[MARCH].mean == eur(0)
    # So it is where 28 digits say 0.5 cents.
    large = eur("9" * 23 + ".004" + "9" * 37)
    assert bands([[(on(1, 3), large)]])[MARCH].mean == eur("9" * 23)
    assert bands([[(on(1, 3), eur("-0.01"))], []])[MARCH].mean == eur("-0.01")  # -0.005


def test_the_mean_of_gold_is_a_quotient():
    found = bands([[(on(1, 3), Money(1, "XAU"))], [], []])
    assert found[MARCH].mean == Money(1, "XAU") / 3


class TestVeryLargeAmounts:
    """Amounts of 24 digits, the most that Money holds."""

    MOST = eur("9" * 24)

    def test_the_sum_of_draws_may_be_more_than_money_holds(self):
        found = bands([[(on(1, 3), self.MOST)]] * 3, quantiles=[0.5])
        assert (found[MARCH].mean, found[MARCH].quantiles[0.5]) == (self.MOST, self.MOST)
        # (1 + 3 × (10²⁴ - 1)) ÷ 4 = 0.75 × 10²⁴ - 0.5
        mixed = bands([[(on(1, 3), eur(1))], *[[(on(1, 3), self.MOST)]] * 3], quantiles=[0.1])
        assert mixed[MARCH].mean == eur("7" + "4" + "9" * 22 + ".50")
        assert mixed[MARCH].quantiles[0.1] == eur(1)

    def test_beside_the_smallest(self):
        dust = eur("0." + "0" * 39 + "1")
        draws = [[(on(1, 3), self.MOST, HALVES), (on(1, 3), dust, HALVES)], [(on(1, 4), dust)]]
        found = bands(draws, quantiles=[0.1, 1])
        # Half of it, to the cent, in March; the rest and the dust in April.
        assert found[MARCH].quantiles[1] == eur("4" + "9" * 23 + ".50")
        assert found[APRIL].quantiles == {0.1: dust, 1: eur("4" + "9" * 23 + ".50") + dust}
        assert found[APRIL].cumulated[1] == self.MOST + dust

    @pytest.mark.parametrize("month", [3, 4])
    def test_a_draw_of_more_than_money_holds_is_refused(self, month):
        draws = [[], [(on(1, 3), self.MOST), (on(1, month), self.MOST)]]
        said = f"cannot add up what is due in 2026-0{month} or until then: too many digits"
        with pytest.raises(AmountError, match=said) as caught:
            bands(draws)
        assert "24 digits" in str(caught.value.hint)


def test_draws_of_nothing_have_no_months():
    found = bands([[], []])
    assert (len(found), found.n_draws, found.currency) == (0, 2, "XXX")
    assert found.to_frame("polars").columns == bands(DRAWS).to_frame("polars").columns


def test_empty_months_between_are_rows():
    found = bands([[(on(1, 2), eur(5)), (on(1, 4), eur(6))]], quantiles=[0.5])
    assert {str(m): numbers(b.quantiles)[0.5] for m, b in found.items()} == {
        "2026-02": 5,
        "2026-03": 0,
        "2026-04": 6,
    }
    assert found[MARCH].cumulated[0.5] == eur(5)


def test_amounts_of_any_decimals_in_one_draw_or_many():
    draws = [[(on(1, 3), eur("0.005")), (on(2, 3), eur(1))], [(on(1, 3), eur("2.5"))]]
    assert numbers(bands(draws, quantiles=[0.5, 1])[MARCH].quantiles) == {0.5: 1.005, 1: 2.5}
    loss = [[(on(1, 3), eur(-3), HALVES)]]
    assert [band.mean for band in bands(loss).values()] == [eur("-1.50"), eur("-1.50")]


def test_less_than_nothing_is_parted_like_more():
    # Halves of -0.01: -0.005 by March is -0.01, rounded as 0.005 is, and the rest is none.
    back = bands([[(on(1, 3), eur("-0.01"), HALVES), (on(2, 3), eur("0.02"), HALVES)]])
    assert [band.mean for band in back.values()] == [eur(0), eur("0.01")]


@pytest.mark.parametrize(
    ("every", "key"),
    [("week", "2026-W10"), ("quarter", "2026-Q1"), ("half", "2026-H1"), ("year", "2026")],
)
def test_periods_of_other_kinds(every, key):
    found = bands([[(on(5, 3), eur(1))]], every=every, calendar=Calendar("Asia/Seoul"))
    assert [str(period) for period in found] == [key]
    assert found.calendar == Calendar("Asia/Seoul")


@pytest.mark.parametrize(
    ("share", "n", "place"),
    # 0.7 × 10 and 0.07 × 100 are a little more than 7 in floats.
    [(0.7, 10, 7), (0.07, 100, 7), (0.1, 10, 1), (0.11, 10, 2), (1, 3, 3), (1e-9, 5, 1)],
)
def test_the_rank_of_a_quantile(share, n, place):
    assert rank(share, n) == place
    exact = Fraction(str(share))
    assert Fraction(place, n) >= exact > Fraction(place - 1, n)


def test_columns_are_called_by_their_share():
    found = bands(DRAWS, quantiles=[0.025, 0.5])
    (row, _) = found.to_dicts()
    assert [*row][:7] == [
        *("month", "mean", "q2.5", "q50"),
        *("cumulated_mean", "cumulated_q2.5", "cumulated_q50"),
    ]
    assert "of 4 draws" in str(found)
    assert found.to_frame("pandas")["q50"].tolist() == [0, 0]
    assert dict(pickle.loads(pickle.dumps(found))) == dict(found)  # noqa: S301 - our own


class Win(NamedTuple):
    day: date
    amount: Money


class OtherDate(date):
    """A date of another library."""


def test_closings_may_be_tuples_and_dates_of_other_kinds():
    own = [[(day, amount) for day, amount in draw] for draw in DRAWS]
    other = [
        [Win(OtherDate(*day.timetuple()[:3]), amount) for day, amount in draw] for draw in DRAWS
    ]
    mixed = [[(day, amount, PaymentTerms()) for day, amount in DRAWS[3]], *DRAWS[:3]]
    assert dict(bands(own)) == dict(bands(other)) == dict(bands(mixed))


def test_draws_and_bands_each_have_their_own_decimals():
    seen = set()

    def closings(amount):
        seen.add(getcontext().prec)
        yield on(1, 3), eur(amount)
        seen.add(getcontext().prec)
        yield on(2, 3), eur(amount)

    with localcontext(Context(prec=4)):
        found = bands(map(closings, ["0.10", "9999999999.99"]), quantiles=[0.5, 1])
    assert seen == {4}  # while draws are made
    assert found[MARCH].quantiles == {0.5: eur("0.20"), 1: eur("19999999999.98")}
    assert found[MARCH].mean == eur("10000000000.09")


def test_only_some_parts_are_kept():
    splitter = Splitter(((1, 10**9 + 7), (1, 1)), 1)
    sums = [splitter.sums([units]) for units in range(0, 10**6, 50)]
    # 1 of 10⁹ + 7 of less than half of that is nothing.
    assert sums == [[0, units] for units in range(0, 10**6, 50)]
    assert len(splitter) == 5_000


def test_draws_are_read_once():
    found = bands(iter([iter(draw) for draw in DRAWS]), quantiles=[0.5])
    assert dict(found) == dict(bands(DRAWS, quantiles=[0.5]))


class TestRefusals:
    @pytest.mark.parametrize(
        ("draws", "said"),
        [
            ([], "cannot take the draws: there are none"),
            (5, "5 is no list of them"),
            ([5], "draw 1 is 5"),
            ([[], [5]], "draw 2 holds 5"),
            ([[(on(1), 5)]], "draw 1 holds"),
            ([[(at(1), eur(5))]], "draw 1 holds"),
            ([[(on(1), eur(5), "net 30")]], "draw 1 holds"),
            ([[(on(1), eur(5), HALVES, 1)]], "draw 1 holds"),
            ([[(on(1),)]], "draw 1 holds"),
        ],
    )
    def test_what_are_no_draws(self, draws, said):
        with pytest.raises(OptionError, match=said):
            bands(draws)

    @pytest.mark.parametrize(
        "quantiles",
        [[], [0], [1.1], [0.5, 0.5], [0.9, 0.1], ["0.5"], [True], 0.5, None, [float("nan")]],
    )
    def test_what_are_no_quantiles(self, quantiles):
        with pytest.raises(OptionError, match="cannot take quantiles="):
            bands(DRAWS, quantiles=quantiles)

    def test_several_currencies(self):
        with pytest.raises(MixedCurrencyError, match="amounts in EUR and USD"):
            bands([[(on(1), eur(1))], [(on(1), usd(1))]])
        certain = cash([won("D-1", 1, on(1), usd(5))], as_of=TODAY)
        with pytest.raises(MixedCurrencyError):
            bands(DRAWS, certain=certain)

    @pytest.mark.parametrize(
        "certain",
        [
            5,
            cash([], as_of=TODAY, every="week"),
            cash([], as_of=TODAY, every="day"),
            cash([], as_of=TODAY, by="owner_id"),
            cash([], as_of=TODAY, calendar=Calendar("Asia/Seoul")),
        ],
    )
    def test_a_curve_that_does_not_fit(self, certain):
        with pytest.raises(OptionError, match="cannot take certain="):
            bands(DRAWS, certain=certain)

    def test_other_options(self):
        with pytest.raises(OptionError, match="cannot take every='day'"):
            bands(DRAWS, every="day")
        with pytest.raises(OptionError, match="cannot take calendar="):
            bands(DRAWS, calendar="UTC")
        with pytest.raises(OptionError, match="cannot take terms="):
            bands(DRAWS, terms=lambda _: HALVES)
        with pytest.raises(NaiveDatetimeError):
            cash_bands(DRAWS, as_of=naive(2026, 1, 1))
        with pytest.raises(PeriodError, match="after the year 9999"):
            bands([[(date(9999, 12, 31), Money(1, "EUR"), HALVES)]])
        assert [*bands([[(on(1, 4), eur(1))]])] == [APRIL]
