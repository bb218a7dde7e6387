"""What all metrics take: by, period, every, calendar, rates, as_of, currency."""

from collections.abc import Sequence

import pytest

from salesflow import Calendar, Money, Period, Rates, metrics
from salesflow.errors import (
    ColumnError,
    DataError,
    DuplicateDealError,
    NaiveDatetimeError,
    OptionError,
    UnknownCurrencyError,
)
from salesflow.metrics.options import make_call
from tests.shorthand import NOW, PIPELINE, at, eur, lost, on, won

BOOK = [won("D-1", 1, 5, 10, "kim"), lost("D-2", 1, 6, 20, "lee"), won("D-3", 1, 7)]
METRICS = {
    "win_rate": metrics.win_rate,
    "conversion_rate": metrics.conversion_rate,
    "average_deal_size": metrics.average_deal_size,
    "cycle_time": metrics.cycle_time,
    "pipeline_velocity": metrics.pipeline_velocity,
    "time_in_stage": metrics.time_in_stage,
    "summary": metrics.summary,
}
every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


# Groups.


def test_by_one_column_keys_are_its_values():
    found = metrics.win_rate(BOOK, by="owner_id")
    assert [*found] == ["kim", "lee", None]
    assert found.names == ("owner_id",)


def test_by_a_list_of_columns_keys_are_tuples():
    assert [*metrics.win_rate(BOOK, by=["owner_id"])] == [("kim",), ("lee",), (None,)]
    found = metrics.win_rate(BOOK, by=["outcome", "owner_id"])
    assert [*found] == [("lost", "lee"), ("won", "kim"), ("won", None)]
    assert [*metrics.win_rate(BOOK, by=iter(["outcome", "owner_id"]))] == [*found]


def test_by_no_column_there_is_one_result():
    assert metrics.win_rate(BOOK, by=[]) == metrics.win_rate(BOOK)


def test_periods_stand_last():
    found = metrics.win_rate(BOOK, by="owner_id", every="month")
    january = Period.month(2026, 1)
    assert [*found] == [("kim", january), ("lee", january), (None, january)]
    assert found.names == ("owner_id", "month")
    assert [*metrics.win_rate(BOOK, every="month")] == [january]


def test_numbers_come_by_size_then_texts_then_what_is_missing():
    values = ["b", 10, 9, 2.5, True, None, "a", 10**400]
    book = [PIPELINE.open(f"D-{n}", id=f"D-{n}", custom={"x": v}) for n, v in enumerate(values)]
    found = metrics.conversion_rate(book, by="custom.x")
    assert [*found] == [True, 2.5, 9, 10, 10**400, "a", "b", None]


def test_amounts_come_by_size():
    book = [won(f"D-{n}", amount=n) for n in (100, 20, 3)] + [won("D")]
    assert [*metrics.win_rate(book, by="amount")] == [3, 20, 100, None]


def test_a_users_own_value_may_be_a_list():
    book = [
        PIPELINE.open(name, id=name, custom={"tags": tags})
        for name, tags in (("D-1", ["a", "b"]), ("D-2", ["a"]), ("D-3", []))
    ]
    found = metrics.conversion_rate(book, by="custom.tags")
    assert {*found} == {("a", "b"), ("a",), ()}
    assert [row["custom.tags"] for row in found.to_dicts()] == [*found]
    assert "('a', 'b')" in str(found)


@every_metric
def test_an_unknown_column_is_refused(metric):
    with pytest.raises(ColumnError, match="cannot find column 'agent'"):
        metric(BOOK, by="agent", as_of=NOW)


@every_metric
@pytest.mark.parametrize("by", [5, ["owner_id", 5], [["owner_id"]], [None]])
def test_what_is_no_name_is_refused(metric, by):
    with pytest.raises(OptionError, match="is no name of a column") as caught:
        metric(BOOK, by=by, as_of=NOW)
    assert caught.value.parameter == "by"


# Time.


@pytest.mark.parametrize(
    ("every", "names"),
    [
        ("month", ["2025-12", "2026-01", "2026-02", "2026-03"]),
        ("quarter", ["2025-Q4", "2026-Q1"]),
        ("half", ["2025-H2", "2026-H1"]),
        ("year", ["2025", "2026"]),
    ],
)
def test_time_is_cut_into_periods_without_a_gap(every, names):
    book = [won("D-1", None, on(31, 12).replace(year=2025)), won("D-2", None, on(1, 3))]
    found = metrics.win_rate(book, every=every)
    assert [str(key) for key in found] == names


def test_a_calendar_says_zone_and_fiscal_year():
    book = [won("D-1", None, at(31, 16)), won("D-2", None, at(31, 14))]
    seoul = Calendar("Asia/Seoul", first_month=2)
    found = metrics.win_rate(book, every="quarter", calendar=seoul)
    # 16:00 UTC is 1 February there, the first day of the fiscal year.
    assert [(str(key), rate.denominator) for key, rate in found.items()] == [
        ("FY2026-Q4", 1),
        ("FY2027-Q1", 1),
    ]


def test_a_period_may_be_cut_up_with_its_empty_parts():
    found = metrics.win_rate(BOOK, period=Period.quarter(2026, 1), every="month")
    assert [(str(key), rate.denominator) for key, rate in found.items()] == [
        ("2026-01", 3),
        ("2026-02", 0),
        ("2026-03", 0),
    ]


def test_its_parts_are_of_its_zone():
    book = [won("D-1", None, at(31, 16))]
    found = metrics.win_rate(book, period=Period.quarter(2026, 1, zone="Asia/Seoul"), every="month")
    assert [rate.denominator for rate in found.values()] == [0, 1, 0]


def test_a_fiscal_period_is_cut_by_its_calendar():
    fiscal = Calendar("UTC", first_month=2)
    year = fiscal.year(2027)
    found = metrics.win_rate(BOOK, period=year, every="quarter", calendar=fiscal)
    assert next(str(key) for key in found) == "FY2027-Q1"


def test_a_period_that_is_no_row_of_parts_is_refused():
    period = Period.between(on(10), on(20, 3))
    with pytest.raises(OptionError, match="it is no row of whole ones") as caught:
        metrics.win_rate(BOOK, period=period, every="month")
    assert caught.value.parameter == "every"


def test_without_any_date_there_is_no_period():
    found = metrics.win_rate([won("D")], every="month")
    assert found == {}
    assert found.left_out == {"no_closed_at": 1}


@every_metric
def test_another_span_is_refused(metric):
    with pytest.raises(OptionError, match="cannot take every='day'"):
        metric(BOOK, every="day", as_of=NOW)


@every_metric
def test_a_calendar_that_cuts_nothing_is_refused(metric):
    with pytest.raises(OptionError, match="nothing is cut by it"):
        metric(BOOK, calendar=Calendar(), as_of=NOW)


@every_metric
@pytest.mark.parametrize(
    ("option", "value", "kind"),
    [("period", "2026-Q1", "Period"), ("calendar", "UTC", "Calendar"), ("rates", {}, "Rates")],
)
def test_what_is_of_another_kind_is_refused(metric, option, value, kind):
    with pytest.raises(OptionError, match=f"it is no {kind}") as caught:
        metric(BOOK, **{option: value}, as_of=NOW)
    assert (caught.value.parameter, caught.value.value) == (option, value)


@every_metric
def test_an_instant_without_a_zone_is_refused(metric):
    with pytest.raises(NaiveDatetimeError, match="say which zone it is in"):
        metric(BOOK, as_of=NOW.replace(tzinfo=None))


@every_metric
def test_a_date_is_no_instant(metric):
    with pytest.raises(OptionError, match="cannot use as_of"):
        metric(BOOK, as_of=on(5))


def test_a_result_says_as_of_when():
    assert metrics.win_rate(BOOK, as_of=NOW).as_of == NOW
    assert metrics.win_rate(BOOK).as_of is None
    assert metrics.win_rate(BOOK, as_of=NOW, by="owner_id").as_of == NOW


# Money.


@every_metric
def test_an_unknown_currency_is_refused(metric):
    with pytest.raises(UnknownCurrencyError, match="cannot use currency 'euro'"):
        metric(BOOK, currency="euro", as_of=NOW)


def test_a_currency_is_that_of_what_has_no_amount():
    assert metrics.win_rate([], currency="JPY").currency == "JPY"
    assert metrics.average_deal_size([won("D")], currency="JPY").total == Money(0, "JPY")
    assert metrics.average_deal_size(BOOK, currency="JPY").total == eur(10)


def test_with_rates_it_is_their_base():
    assert metrics.win_rate([], rates=Rates("BRL", {}), currency="JPY").currency == "BRL"


# Data.


@every_metric
def test_an_option_that_does_not_exist_is_refused(metric):
    with pytest.raises(OptionError, match="cannot take option 'grain'") as caught:
        metric(BOOK, grain="week", as_of=NOW)
    assert caught.value.parameter == "grain"


@every_metric
def test_anything_but_deals_is_refused(metric):
    with pytest.raises(DataError, match="cannot read the data"):
        metric("deals.csv", as_of=NOW)


@every_metric
def test_a_deal_twice_is_refused(metric):
    with pytest.raises(DuplicateDealError, match="cannot count deal 'D-1'"):
        metric([BOOK[0], BOOK[0]], as_of=NOW)


@every_metric
def test_a_generator_will_do(metric):
    assert metric(iter(BOOK), as_of=NOW) == metric(BOOK, as_of=NOW)


def test_a_call_is_what_was_asked_for():
    call = make_call("owner_id", "month", {"as_of": NOW})
    assert (call.by, call.one_column, call.every, call.is_grouped, call.is_dated) == (
        ("owner_id",),
        True,
        "month",
        True,
        True,
    )
    assert isinstance(call.by, Sequence)
    nothing = make_call(None, None, {})
    assert (nothing.by, nothing.is_grouped, nothing.is_dated) == ((), False, False)
    assert make_call(None, None, {"period": Period.year(2026)}).is_dated
