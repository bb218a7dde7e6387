"""Which period a moment falls into."""

from datetime import datetime

import pytest

from salesflow import Calendar, Period
from salesflow.metrics._buckets import Buckets, fill, found_buckets, named_buckets
from salesflow.metrics.options import make_call
from tests.shorthand import at

SEOUL = [Period.month(2026, month, zone="Asia/Seoul") for month in (1, 2)]


def found(buckets: Buckets, moment: datetime | None, precision: str = "instant") -> Period | None:
    [period] = buckets.find([moment], [precision])
    return period


@pytest.mark.parametrize(
    ("moment", "place"),
    [
        (datetime(2025, 12, 31, 14, 59, 59).astimezone().replace(tzinfo=at(1).tzinfo), None),
        (datetime(2025, 12, 31, 15, tzinfo=at(1).tzinfo), 0),
        (at(31, 14), 0),
        (at(31, 15), 1),
        (at(28, 14, month=2), 1),
        (at(28, 15, month=2), None),
    ],
)
def test_an_instant_is_compared_with_instants(moment, place):
    assert found(Buckets(SEOUL), moment) == (None if place is None else SEOUL[place])


@pytest.mark.parametrize(
    ("day", "place"),
    [(at(1), 0), (at(31), 0), (at(1, month=2), 1), (at(28, month=2), 1), (at(1, month=3), None)],
)
def test_a_day_is_compared_with_days(day, place):
    assert found(Buckets(SEOUL), day, "day") == (None if place is None else SEOUL[place])


def test_an_unknown_moment_is_in_none():
    assert found(Buckets(SEOUL), None) is None


def test_without_periods_nothing_is_found():
    assert found(Buckets([]), at(1)) is None


def test_each_moment_gets_its_period():
    buckets = Buckets(SEOUL)
    assert buckets.find([at(5), None, at(5, month=2)], ["instant"] * 3) == [
        SEOUL[0],
        None,
        SEOUL[1],
    ]


def test_gaps_are_filled():
    first, last = Period.quarter(2025, 3), Period.quarter(2026, 2)
    filled = fill([last, first, last])
    assert [str(period) for period in filled] == ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
    assert fill([]) == []
    assert fill([first]) == [first]


def test_the_periods_found_hold_all_moments():
    call = make_call(None, "month", {})
    buckets = found_buckets(call, [at(5, month=3), at(9)], [at(1, month=4)])
    assert [str(period) for period in buckets.periods] == [
        "2026-01",
        "2026-02",
        "2026-03",
        "2026-04",
    ]
    assert found_buckets(call, [], []).periods == []


def test_the_periods_named_are_the_parts_of_the_one_given():
    quarter = Period.quarter(2026, 1)
    parts = named_buckets(make_call(None, "month", {"period": quarter}))
    assert [str(period) for period in parts.periods] == ["2026-01", "2026-02", "2026-03"]
    assert named_buckets(make_call(None, None, {"period": quarter})).periods == [quarter]
    assert named_buckets(make_call(None, None, {})).periods == []


def test_a_calendar_of_another_zone_does_not_cut_it():
    from salesflow.errors import OptionError

    options = {"period": Period.year(2026), "calendar": Calendar("Asia/Seoul")}
    with pytest.raises(OptionError, match="cannot cut period 2026 by quarter"):
        named_buckets(make_call(None, "quarter", options))
