"""How much of each quota is made, and how much new pipeline does the rest take?"""

import pickle
import re
from datetime import date

import pytest

from salesflow import Money, Period, Rates, facts, forecast, metrics
from salesflow.errors import DataError, MixedCurrencyError, NaiveDatetimeError, OptionError
from salesflow.forecast import Quota
from salesflow.metrics.options import Untimed
from tests.builders import naive
from tests.shorthand import at, eur, lost, on, still_open, usd, won

Q1, Q2 = Period.quarter(2026, 1), Period.quarter(2026, 2)
TODAY = at(15, month=2)


def due(identity, amount, close_on, owner="kim"):
    return still_open(identity, 1, amount, owner, expected_close_on=close_on)


BOOK = [
    won("D-1", 1, on(10, 2), 30, "kim"),
    won("D-2", 1, date(2025, 12, 31), 50, "kim"),
    lost("D-3", 1, on(10, 2), 120, "kim"),
    due("D-4", 60, on(1, 3)),
    due("D-5", 500, on(1, 4)),  # next quarter
    won("D-6", 1, on(11, 2), 40, "lee"),
]
KIM = Quota(eur(100), Q1, owner_id="kim")


def of(quota, deals=BOOK, **options):
    return forecast.quota_attainment(deals, [quota], as_of=TODAY, **options)[
        quota.owner_id, quota.period
    ]


def test_what_is_made_and_what_it_still_takes():
    found = of(KIM)
    assert (found.value, found.quota, found.won) == (0.3, eur(100), eur(30))
    assert (found.left, found.open_amount) == (eur(70), eur(60))
    assert found.coverage == 60 / 70
    # By value 30 + 50 of 200 were won: 0.4. It takes 70 ÷ 0.4 = 175, of which 60 are there.
    assert (found.win_rate.value, found.win_rate.denominator) == (0.4, eur(200))
    assert found.needed == eur(115)
    assert (found.as_of, found.currency) == (TODAY, "EUR")


def test_by_count_the_win_rate_is_another():
    found = of(KIM, weight="count")
    # Two of three were won: 70 ÷ (2 ÷ 3) - 60 = 45.
    assert (found.win_rate.numerator, found.win_rate.denominator) == (2, 3)
    assert found.needed == eur(45)


def test_a_span_of_its_own_for_the_win_rate():
    # In the quarter alone 30 of 150 were won: 0.2; 70 ÷ 0.2 - 60 = 290.
    assert of(KIM, decided_in=Q1).needed == eur(290)


def test_what_is_needed_is_rounded_half_up_to_the_minor_unit():
    # One of three by count: 10 ÷ (1 ÷ 3) = 30; by value 7 of 9: 10 × 9 ÷ 7 = 12.857…
    book = [won("D-1", 1, on(3, 4), 7), lost("D-2", 1, on(3, 2), 2)]
    quota = Quota(eur(10), Q1)
    assert of(quota, book, decided_in=None).needed is None  # nothing was decided up to today
    later = forecast.quota_attainment(book, [quota], as_of=at(5, month=4))[None, Q1]
    assert later.needed == eur("12.86")


@pytest.mark.parametrize(("amount", "left"), [(30, 0), (20, -10)])
def test_a_quota_that_is_met_takes_nothing(amount, left):
    found = of(Quota(eur(amount), Q1, owner_id="kim"))
    assert (found.value, found.left) == (30 / amount, eur(left))
    assert (found.coverage, found.needed) == (None, eur(0))


def test_where_there_is_enough_nothing_is_needed():
    assert of(Quota(eur(40), Q1, owner_id="kim")).needed == eur(0)  # 10 ÷ 0.4 = 25, 60 are there


def test_a_quota_of_nothing_has_no_share():
    found = of(Quota(eur(0), Q1, owner_id="kim"))
    assert (found.value, found.needed) == (None, eur(0))


def test_without_a_win_nobody_knows_what_it_takes():
    unlucky = [lost("D-1", 1, on(3), 5, "kim"), due("D-2", 5, on(1, 3))]
    assert (of(KIM, unlucky).win_rate.value, of(KIM, unlucky).needed) == (0.0, None)
    nobody = of(KIM, [])
    assert (nobody.value, nobody.left, nobody.needed) == (0.0, eur(100), None)
    assert (nobody.win_rate.value, nobody.win_rate.denominator) == (None, eur(0))
    assert of(KIM, [], weight="count").win_rate.denominator == 0


def test_of_all_deals_together():
    found = of(Quota(eur(200), Q1))
    # 30 + 40 of 200; 120 of 240 were won by value: 130 ÷ 0.5 - 60 = 200.
    assert (found.value, found.left, found.win_rate.value) == (0.35, eur(130), 0.5)
    assert found.needed == eur(200)


def test_all_quotas_in_one_call_in_their_order():
    quotas = [
        KIM,
        Quota(eur(300), Q1),
        Quota(eur(10), Q2, owner_id="kim"),
        Quota(eur(7), Period.year(2026), owner_id="lee"),
        Quota(eur(1), Q1, owner_id="zoe"),
    ]
    found = forecast.quota_attainment(iter(BOOK), iter(quotas), as_of=TODAY)
    assert [*found] == [(quota.owner_id, quota.period) for quota in quotas]
    for quota in quotas:
        assert found[quota.owner_id, quota.period] == of(quota)
    assert [one.won for one in found.values()] == [eur(30), eur(70), eur(0), eur(40), eur(0)]
    assert found["kim", Q2].open_amount == eur(500)


def test_what_is_left_out_is_counted():
    book = [*BOOK, due("D-7", None, on(1, 3)), due("D-8", 5, None), won("D-9", 1, on(3, 2))]
    kim = of(Quota(eur(100), Q1, owner_id="kim"), book)
    assert dict(kim.left_out) == {"no_expected_close_on": 1, "no_amount": 1}
    found = forecast.quota_attainment(book, [KIM, Quota(eur(9), Q1)], as_of=TODAY)
    # One more win without an amount is nobody's; the other two are counted for both quotas.
    assert dict(found.left_out) == {
        "no_expected_close_on": 2,
        "no_amount": 2,
        "won_no_amount": 1,
    }


def test_without_quotas_it_is_empty_with_the_same_columns():
    empty = forecast.quota_attainment(BOOK, [], as_of=TODAY)
    full = forecast.quota_attainment(BOOK, [KIM], as_of=TODAY)
    assert (len(empty), empty.currency) == (0, "XXX")
    assert empty.to_frame("polars").columns == full.to_frame("polars").columns
    (row,) = full.to_frame("polars").to_dicts()
    assert (row["owner_id"], row["period"], row["win_rate.value"]) == ("kim", "2026-Q1", 0.4)
    assert "2026-Q1" in str(full)
    assert "40.0% (EUR 80.00 of EUR 200.00)" in str(full)
    assert dict(pickle.loads(pickle.dumps(full))) == dict(full)  # noqa: S301 - our own


def test_currencies_need_rates_or_a_quota_of_their_own():
    book = [won("D-1", 1, on(3, 2), usd(50), "kim"), won("D-2", 1, on(3, 2), 20, "lee")]
    quotas = [Quota(usd(100), Q1, owner_id="kim"), Quota(eur(40), Q1, owner_id="lee")]
    found = forecast.quota_attainment(book, quotas, as_of=TODAY)
    assert [one.value for one in found.values()] == [0.5, 0.5]
    assert found.currency == "XXX"
    with pytest.raises(MixedCurrencyError, match="quota in EUR with amounts in USD"):
        forecast.quota_attainment(book, [KIM], as_of=TODAY)
    rates = Rates("EUR", {"USD": "0.8"})
    assert forecast.quota_attainment(book, [KIM], as_of=TODAY, rates=rates)["kim", Q1].won == eur(
        40
    )


def test_a_win_rate_in_another_currency_tells_nothing_of_a_quota():
    # Nothing of the next quarter is known yet, but half of all euros were won: of no dollars.
    book = [won("D-1", 1, on(3, 2), 20, "kim"), lost("D-2", 1, on(3, 2), 20, "kim")]
    for quota in (Quota(usd(100), Q2, owner_id="kim"), Quota(usd(100), Q2)):
        with pytest.raises(MixedCurrencyError, match="quota in USD with amounts in EUR") as caught:
            of(quota, book)
        assert caught.value.hint == "give a quota in EUR, or rates=Rates('USD', …)."
        # By count, one of two was won, in whatever currency: 100 ÷ (1 ÷ 2).
        assert of(quota, book, weight="count").needed == usd(200)
        assert of(quota, book, rates=Rates("USD", {"EUR": "1.2"})).needed == usd(200)
        # Nothing was decided in that quarter, so that no euro stands against a dollar.
        assert of(quota, book, decided_in=Q2).needed is None


@pytest.mark.parametrize("library", ["pandas", "polars[lazy]", "pyarrow", "duckdb"])
def test_over_frames_it_is_the_same(library):
    quotas = [KIM, Quota(eur(300), Q1), Quota(eur(300), Q2, owner_id="lee")]
    frame = facts.to_frame(BOOK, backend=library, at=TODAY)
    for weight in ("value", "count"):
        assert (
            forecast.quota_attainment(frame, quotas, as_of=TODAY, weight=weight).to_dicts()
            == forecast.quota_attainment(BOOK, quotas, as_of=TODAY, weight=weight).to_dicts()
        )
    tables = facts.to_frame(BOOK, backend=library, at=TODAY)
    assert isinstance(tables, facts.Facts)
    assert len(forecast.quota_attainment(tables, quotas, as_of=TODAY)) == 3


def test_coverage_says_the_same_of_the_quarter():
    found = of(KIM)
    cover = metrics.coverage(
        [deal for deal in BOOK if deal.owner_id == "kim"], quota=eur(100), period=Q1, as_of=TODAY
    )
    assert (found.coverage, found.left, found.open_amount) == (
        cover.value,
        cover.left,
        cover.open_amount,
    )


class TestRefusals:
    @pytest.mark.parametrize(
        ("terms", "said"),
        [
            ((100, Q1), "cannot take amount=100 of a quota: it is no Money of 0 or more"),
            ((eur(-1), Q1), "it is no Money of 0 or more"),
            ((eur(1), "2026-Q1"), "cannot take period='2026-Q1' of a quota"),
            ((eur(1), None), "it is no Period"),
        ],
    )
    def test_what_is_no_quota(self, terms, said):
        with pytest.raises(OptionError, match=said):
            Quota(*terms)

    @pytest.mark.parametrize("owner", [5, "", " ", ["kim"]])
    def test_an_owner_that_is_no_id(self, owner):
        with pytest.raises(OptionError, match=r"cannot take owner_id=.* of a quota: it is no id"):
            Quota(eur(1), Q1, owner_id=owner)

    def test_two_quotas_of_one_owner_and_period(self):
        with pytest.raises(OptionError, match="there are two of 'kim' for 2026-Q1"):
            forecast.quota_attainment(BOOK, [KIM, Quota(eur(5), Q1, owner_id="kim")], as_of=TODAY)
        with pytest.raises(OptionError, match="there are two of all deals"):
            forecast.quota_attainment(BOOK, [Quota(eur(5), Q1)] * 2, as_of=TODAY)

    @pytest.mark.parametrize(
        ("quotas", "said"),
        [(KIM, "is no list of them"), (None, "is no list"), ([eur(5)], "is none"), ("ab", "none")],
    )
    def test_what_is_no_list_of_quotas(self, quotas, said):
        with pytest.raises(OptionError, match=said):
            forecast.quota_attainment(BOOK, quotas, as_of=TODAY)

    @pytest.mark.parametrize("name", ["period", "calendar"])
    def test_options_that_quotas_have_themselves(self, name):
        with pytest.raises(OptionError, match=f"cannot take {name}: each quota is for a period"):
            forecast.quota_attainment(BOOK, [KIM], as_of=TODAY, **{name: Q1})

    @pytest.mark.parametrize("name", ["by", "every", "evry", "peroid"])
    def test_hints_name_what_it_takes(self, name):
        with pytest.raises(OptionError, match=f"cannot take option '{name}'") as caught:
            forecast.quota_attainment(BOOK, [KIM], as_of=TODAY, **{name: "x"})
        named = {*re.findall("'(.*?)'", caught.value.hint)}
        assert named <= {*Untimed.__annotations__, "as_of"}
        assert len(named) == 5

    def test_other_options(self):
        with pytest.raises(OptionError, match="cannot take option 'by_owner'"):
            forecast.quota_attainment(BOOK, [], as_of=TODAY, by_owner=True)
        with pytest.raises(OptionError, match="cannot take weight='money'"):
            forecast.quota_attainment(BOOK, [], as_of=TODAY, weight="money")
        with pytest.raises(OptionError, match="cannot take decided_in='2026'"):
            forecast.quota_attainment(BOOK, [], as_of=TODAY, decided_in="2026")
        with pytest.raises(NaiveDatetimeError):
            forecast.quota_attainment(BOOK, [], as_of=naive(2026, 1, 1))

    @pytest.mark.parametrize("data", [[1], 5, None])
    def test_what_is_no_data(self, data):
        with pytest.raises(DataError):
            forecast.quota_attainment(data, [KIM], as_of=TODAY)


def test_a_quota_is_a_value():
    assert Quota(Money("100", "EUR"), Period.quarter(2026, 1), owner_id="kim") == KIM
    assert len({KIM, Quota(eur(100), Q1, owner_id="kim")}) == 1
    with pytest.raises(AttributeError):
        KIM.amount = eur(1)
    assert pickle.loads(pickle.dumps(KIM)) == KIM  # noqa: S301 - our own
