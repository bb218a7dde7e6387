"""Is there enough in the pipeline to make the quota?"""

import pytest

from salesflow import Money, Period, Rates, metrics
from salesflow.errors import ColumnError, MixedCurrencyError, OptionError
from tests.shorthand import NOW, at, eur, lost, on, still_open, usd, won

Q1 = Period.quarter(2026, 1)
FIRST = {"period": Q1, "as_of": NOW}

BOOK = [
    won("D-1", 1, on(10, 2), 30, "kim"),
    won("D-2", 1, on(10, 4), 1000, "kim"),  # in another quarter
    lost("D-3", 1, on(10, 2), 500, "kim"),
    still_open("D-4", 1, 100, "kim", expected_close_on=on(31, 3)),
    still_open("D-5", 1, 40, "lee", expected_close_on=on(1)),
    still_open("D-6", 1, 7, "lee", expected_close_on=on(1, 4)),  # in another quarter
]


def test_open_amount_by_what_is_left():
    found = metrics.coverage(BOOK, quota=eur(100), **FIRST)
    # (100 + 40) ÷ (100 - 30)
    assert (found.value, found.open_amount, found.won) == (2.0, eur(140), eur(30))
    assert (found.quota, found.left, found.met) == (eur(100), eur(70), False)
    assert (found.as_of, found.currency, dict(found.left_out)) == (NOW, "EUR", {})


@pytest.mark.parametrize(("quota", "left"), [(30, 0), (20, -10), (0, -30)])
def test_a_quota_that_is_met_has_nothing_left_to_cover(quota, left):
    found = metrics.coverage(BOOK, quota=eur(quota), **FIRST)
    assert (found.value, found.met, found.left) == (None, True, eur(left))


def test_a_cent_short_is_not_met():
    found = metrics.coverage(BOOK, quota=eur("30.01"), **FIRST)
    assert (found.value, found.met) == (14_000.0, False)  # 140 ÷ 0.01


def test_as_of_decides_what_is_open_and_what_is_won():
    found = metrics.coverage(BOOK, quota=eur(100), period=Q1, as_of=at(1, month=2))
    # The win of 10 February was open, without an expected closing.
    assert (found.open_amount, found.won) == (eur(140), eur(0))
    assert dict(found.left_out) == {"no_expected_close_on": 3}


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_a_day_is_of_its_quarter_in_every_zone(zone):
    period = Period.quarter(2026, 1, zone=zone)
    found = metrics.coverage(BOOK, quota=eur(100), period=period, as_of=NOW)
    assert (found.open_amount, found.won) == (eur(140), eur(30))


def test_what_is_left_out():
    book = [
        *BOOK,
        still_open("D-10", 1, 5),
        still_open("D-11", 1, None, expected_close_on=on(5)),
        still_open("D-12", None, 1, expected_close_on=on(5)),
        won("D-13", 1, on(5)),
        won("D-14", 1, None, 5),
        still_open("D-15", 1, usd(5), expected_close_on=on(5)),
        won("D-16", 1, on(5), usd(5)),
    ]
    rates = Rates("EUR", {"CHF": 1})
    found = metrics.coverage(book, quota=eur(100), rates=rates, **FIRST)
    assert (found.open_amount, found.won) == (eur(141), eur(30))
    assert dict(found.left_out) == {
        "no_expected_close_on": 1,
        "no_closed_at": 1,
        "no_amount": 1,
        "no_rate": 1,
        "won_no_amount": 1,
        "won_no_rate": 1,
    }
    assert dict(found.assumed) == {"no_created_at": 1}


def test_by_owner_each_has_a_quota():
    quotas = {"kim": eur(50), "lee": eur(80)}
    found = metrics.coverage(BOOK, quota=quotas, by="owner_id", **FIRST)
    # 100 ÷ (50 - 30), and 40 ÷ 80
    assert {owner: of.value for owner, of in found.items()} == {"kim": 5.0, "lee": 0.5}
    assert found.left_out == {}


def test_a_group_without_a_quota_has_no_coverage_and_says_so():
    found = metrics.coverage(BOOK, quota={"kim": eur(50)}, by="owner_id", **FIRST)
    lee = found["lee"]
    assert (lee.value, lee.quota, lee.left, lee.met) == (None, None, None, False)
    assert (lee.open_amount, dict(lee.left_out)) == (eur(40), {"no_quota": 1})
    assert found.left_out == {"no_quota": 1}
    # Nothing of hers in that quarter is left uncovered.
    other = Period.quarter(2027, 1)
    found = metrics.coverage(BOOK, quota={}, by="owner_id", period=other, as_of=NOW)
    assert (found["lee"].quota, found.left_out) == (None, {})


def test_a_quota_whose_group_has_no_deals_has_a_row():
    quotas = {"kim": eur(50), "ana": eur(80), "lee": eur(80), None: eur(1)}
    found = metrics.coverage(BOOK, quota=quotas, by="owner_id", **FIRST)
    assert [*found] == ["ana", "kim", "lee", None]
    ana = found["ana"]
    assert (ana.value, ana.open_amount, ana.won, ana.left) == (0.0, eur(0), eur(0), eur(80))


def test_of_no_deals_the_quota_says_the_currency():
    found = metrics.coverage([], quota=usd(10), **FIRST)
    assert (found.value, found.open_amount, found.currency) == (0.0, usd(0), "USD")
    rows = metrics.coverage([], quota={"kim": usd(10)}, by="owner_id", **FIRST)
    assert (rows.currency, rows["kim"].won) == ("USD", usd(0))
    two = metrics.coverage([], quota={"kim": usd(10), "lee": eur(10)}, by="owner_id", **FIRST)
    assert [of.currency for of in two.values()] == ["USD", "EUR"]
    assert two.currency == "XXX"


def test_by_several_columns_keys_are_tuples():
    quotas = {("kim", "open"): eur(10), ("kim", "won"): eur(60)}
    found = metrics.coverage(BOOK, quota=quotas, by=["owner_id", "outcome"], **FIRST)
    assert (found["kim", "open"].value, found["kim", "won"].left) == (10.0, eur(30))
    assert found["kim", "lost"].quota is None
    for quotas in ({"kim": eur(10)}, {("kim",): eur(10)}):
        with pytest.raises(OptionError, match="groups by owner_id, outcome have other keys"):
            metrics.coverage(BOOK, quota=quotas, by=["owner_id", "outcome"], **FIRST)


def test_by_a_list_of_one_the_keys_are_tuples_too():
    found = metrics.coverage(BOOK, quota={("kim",): eur(50)}, by=["owner_id"], **FIRST)
    assert found["kim",].value == 5.0


def test_quota_and_amounts_are_of_one_currency():
    with pytest.raises(MixedCurrencyError, match="a quota in USD with amounts in EUR") as caught:
        metrics.coverage(BOOK, quota=usd(100), **FIRST)
    assert "rates=Rates('USD', …)" in str(caught.value.hint)
    assert caught.value.currencies == ("EUR", "USD")
    book = [*BOOK, won("D-9", 1, on(5), usd(1))]
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
        metrics.coverage(book, quota=eur(100), **FIRST)


def test_each_currency_has_its_own_quota():
    book = [*BOOK, won("D-9", 1, on(5), usd(1))]
    quotas = {"EUR": eur(100), "USD": usd(10)}
    found = metrics.coverage(book, quota=quotas, by="currency", **FIRST)
    assert {code: of.left for code, of in found.items()} == {"EUR": eur(70), "USD": usd(9)}


def test_converted_amounts_are_of_the_base():
    rates = Rates("USD", {"EUR": {on(1): 2}})
    found = metrics.coverage(BOOK, quota=usd(100), rates=rates, **FIRST)
    # 280 ÷ (100 - 60)
    assert (found.value, found.won) == (7.0, usd(60))
    with pytest.raises(MixedCurrencyError, match="a quota in EUR with amounts in USD"):
        metrics.coverage([], quota=eur(100), rates=rates, **FIRST)


@pytest.mark.parametrize("quota", [100, None, "100", Money("-1", "EUR"), {"kim": eur(1)}], ids=repr)
def test_what_is_no_quota_is_refused(quota):
    with pytest.raises(OptionError, match="it is no Money of 0 or more"):
        metrics.coverage(BOOK, quota=quota, **FIRST)


def test_with_by_a_quota_is_a_mapping():
    with pytest.raises(OptionError, match="there is one for each group"):
        metrics.coverage(BOOK, quota=eur(1), by="owner_id", **FIRST)
    with pytest.raises(OptionError, match="it is no Money of 0 or more"):
        metrics.coverage(BOOK, quota={"kim": 5}, by="owner_id", **FIRST)
    with pytest.raises(ColumnError, match="cannot find column 'owner'"):
        metrics.coverage(BOOK, quota={"kim": eur(5)}, by="owner", **FIRST)


def test_a_quota_is_for_one_period():
    with pytest.raises(TypeError, match="period"):
        metrics.coverage(BOOK, quota=eur(1), as_of=NOW)
    with pytest.raises(OptionError, match="cannot cover a quota without a period"):
        metrics.coverage(BOOK, quota=eur(1), period=None, as_of=NOW)
    with pytest.raises(OptionError, match="a quota is for one period"):
        metrics.coverage(BOOK, quota=eur(1), every="month", **FIRST)


def test_no_hint_names_what_it_does_not_take():
    with pytest.raises(OptionError, match="cannot take option 'evry' or 'kalendar'") as caught:
        metrics.coverage(BOOK, quota=eur(1), evry="month", kalendar=None, **FIRST)
    assert "'every'" not in caught.value.hint
    assert "'calendar'" not in caught.value.hint


def test_now_has_to_be_said():
    with pytest.raises(TypeError, match="as_of"):
        metrics.coverage(BOOK, quota=eur(1), period=Q1)
    with pytest.raises(OptionError, match="cannot use as_of None"):
        metrics.coverage(BOOK, quota=eur(1), period=Q1, as_of=None)
