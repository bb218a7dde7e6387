"""Columns of dates and instants: which format is settled, and what is read in it."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from salesflow.crm._blanks import blank_words
from salesflow.crm._cells import BadCell
from salesflow.crm._moments import MomentColumn
from salesflow.errors import AmbiguousColumnError, NaiveDatetimeError, UnknownZoneError

NEW_YORK = "America/New_York"


def column_of(*cells, **options):
    column = MomentColumn("Closed", **options)
    half = len(cells) // 2
    column.observe(1, cells[:half])
    column.observe(1 + half, cells[half:])
    column.settle()
    return column


def read(*cells, **options):
    return column_of(*cells, **options).read(cells)


def naive(*parts):
    return datetime(*parts)  # noqa: DTZ001 - what is tested here


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def bad(fact):
    return BadCell(fact)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-12",
        "2024/03/12",
        "2024.3.12",
        "2024. 3. 12.",
        " 2024-3-12\u00a0",
        "20240312",
        "20240312.0",
        "12 Mar 2024",
        "12-Mar-24",
        "12-MAR-2024",
        "12.Mar.2024",
        "12Mar2024",
        "12 March 2024",
        "Mar 12, 2024",
        "Mar. 12, 2024",
        "March 12 2024",
        "2024-Mar-12",
        "2024 march 12",
    ],
)
def test_dates_that_mean_one_day(text):
    column = column_of(text)
    assert column.read([text]) == [date(2024, 3, 12)]
    assert type(column.read([text])[0]) is date
    assert column.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-12T15:04:05Z",
        "2024-03-12 15:04:05Z",
        "2024-03-12T15:04:05.000Z",
        "2024-03-12t15:04:05z",
        "2024-03-12T15:04:05+00",
        "2024-03-12T15:04:05.000+0000",
        "2024-03-12T15:04:05+00:00",
        "2024-03-12T18:04:05+03:00",
        "2024-03-12T18:04:05+0300",
        "2024-03-12T18:04:05 +03:00",
        "2024-03-12T10:34:05-04:30",
        "2024-03-12 15:04:05 UTC",
        "2024-03-12 15:04:05 gmt",
        "2024-3-12 15:04:05Z",
        "2024/03/12  15:04:05 Z",
        "12 Mar 2024 3:04:05 PM Z",
        "Mar 12, 2024, 3:04:05\u202fp.m. UTC",
        "1710255845",
        "1710255845000",
        "1710255845000.0",
        1710255845,
        1710255845.0,
        Decimal(1710255845000),
        datetime(2024, 3, 12, 15, 4, 5, tzinfo=UTC),
        datetime(2024, 3, 12, 18, 4, 5, tzinfo=timezone(timedelta(hours=3))),
    ],
    ids=repr,
)
def test_instants(text):
    found = read(text)
    assert found == [utc(2024, 3, 12, 15, 4, 5)]
    assert found[0].tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2024-03-12 15:04", time(15, 4)),
        ("2024-03-12 5:04", time(5, 4)),
        ("2024-03-12T15:04:05", time(15, 4, 5)),
        ("2024-03-12T15:04:05.1", time(15, 4, 5, 100_000)),
        ("2024-03-12T15:04:05,123", time(15, 4, 5, 123_000)),
        ("2024-03-12T15:04:05.123456", time(15, 4, 5, 123_456)),
        ("2024-03-12T15:04:05.123456999", time(15, 4, 5, 123_456)),
        ("12 Mar 2024 15:04:05.1239999999", time(15, 4, 5, 123_999)),
        ("3/13/2024 12:04 AM", time(0, 4)),
        ("3/13/2024 12:04 PM", time(12, 4)),
        ("3/13/2024 1:04pm", time(13, 4)),
        ("3/13/2024, 11:04 A.M.", time(11, 4)),
        ("13/3/2024 0:04", time(0, 4)),
    ],
)
def test_times_without_a_zone(text, clock):
    (found,) = read(text, zone="UTC")
    assert found.time() == clock


def test_a_fraction_of_a_second_since_1970_is_cut_after_the_microsecond():
    cells = ["1710255845.123456999", Decimal("1710255845.123456999"), 1710255845.5]
    moments = [utc(2024, 3, 12, 15, 4, 5, 123_456)] * 2 + [utc(2024, 3, 12, 15, 4, 5, 500_000)]
    assert read(*cells) == moments
    assert read("1710255845123.4569") == [utc(2024, 3, 12, 15, 4, 5, 123_456)]


@pytest.mark.parametrize(
    "cell",
    [
        "2024-02-30",
        "30/02/2024",
        "31 Feb 2024",
        "12 Foo 2024",
        "2024-13-01",
        "0000-01-01",
        "10000-01-01",
        "2024-03",
        "2024-W10-1",
        "2024",
        "202403",
        "TBD",
        "12:00",
        "12/03",
        "12/03-2024",
        "12/03/024",
        "001/02/2024",
        "2024/03/0012",
        "Mar 12",
        "Mar 12 10:30",
        "2024-03-12x15:04",
        "2024-03-12T15",
        "2024-03-12T1504",
        "2024-03-12T15:04.5",
        "2024-03-12T25:00Z",
        "2024-03-12T24:01Z",
        "2024-03-12T15:60Z",
        "2024-03-12T23:59:60Z",
        "2024-03-12T15:04+05:75",
        "2024-03-12T15:04+24:00",
        "2024-03-12 13:04 PM",
        "2024-03-12 0:04 AM",
        "2024-03-12 15:04 EST",
        "2024-03-12 later:on",
        "x: 2024-03-12",
        "\u0662024-01-01",
        "1234567",
        "20241301",
        "12345678901",
        "4102444800",
        "-1710255845",
        45292,
        45292.5,
        20240131.5,
        float("inf"),
        True,
        [],
        {},
        time(1),
        np.datetime64("2024-03-12"),
    ],
    ids=repr,
)
def test_no_date(cell):
    (found,) = read(cell)
    assert isinstance(found, BadCell)
    assert found.fact.endswith(" is no date")


def test_a_long_text_is_no_date_and_is_cut():
    assert read("2024-03-12" + " " * 60 + "x") == [bad(f"{'2024-03-12' + ' ' * 30!r}… is no date")]


def test_what_is_unknown():
    cells = ["", "n/a", "NA", "null", "--", None, float("nan"), Decimal("NaN"), pd.NaT, pd.NA]
    assert read(*cells) == [None] * 10


def test_frames():
    cells = [
        pd.Timestamp("2024-03-12 15:04:05.123456789"),
        pd.Timestamp("2024-03-12 18:04", tz="Asia/Riyadh"),
        np.str_("2024-03-12 15:04"),
        np.float64(1710255845.0),
    ]
    assert read(*cells, zone="UTC") == [
        utc(2024, 3, 12, 15, 4, 5, 123_456),
        utc(2024, 3, 12, 15, 4),
        utc(2024, 3, 12, 15, 4),
        utc(2024, 3, 12, 15, 4, 5),
    ]


class _NoZone(tzinfo):
    def utcoffset(self, _):
        msg = "nobody knows"
        raise ValueError(msg)


def test_a_datetime_whose_zone_does_not_answer():
    assert read(datetime(2024, 3, 12, tzinfo=_NoZone())) == [bad("<datetime> is no date")]


def test_one_day_after_the_12th_settles_the_order_of_all():
    column = column_of("01/02/2024", "13/02/2024", "")
    assert column.read(["01/02/2024", "2024-02-01"]) == [date(2024, 2, 1), date(2024, 2, 1)]
    assert column.notes == ("read as day/month/year",)
    column = column_of("1/2/2024", "2/13/2024")
    assert column.read(["1/2/2024"]) == [date(2024, 1, 2)]
    assert column.notes == ("read as month/day/year",)


def test_dates_that_fit_both_orders_are_a_question():
    with pytest.raises(AmbiguousColumnError) as caught:
        column_of("01/01/2024", "", "2024-05-01", "01-02-2024", "05.04.2024")
    error = caught.value
    assert (error.column, error.formats) == ("Closed", ("dmy", "mdy"))
    assert error.rows == (4, 5)
    assert error.values == ("01-02-2024", "05.04.2024")  # noqa: PD011 - no frame
    assert "fit day/month/year and month/day/year equally well" in error.message
    assert error.hint == (
        "say which it is: Formats(dates={'Closed': 'dmy'}) or Formats(dates={'Closed': 'mdy'})."
    )


def test_dates_that_mean_the_same_in_both_orders_are_none():
    assert read("01/01/2024", "02/02/2024") == [date(2024, 1, 1), date(2024, 2, 2)]


def test_the_caller_settles_the_order():
    assert read("01/02/2024", order="dmy") == [date(2024, 2, 1)]
    assert read("01/02/2024", order="mdy") == [date(2024, 1, 2)]
    assert read("01/02/03", order="ymd") == [date(2001, 2, 3)]
    assert read("01/02/2024", order="ymd") == [
        bad("'01/02/2024' is no date in year/month/day, as its column is written")
    ]


def test_where_rows_contradict_each_other_the_order_of_most_is_taken():
    column = column_of("13/02/2024", "14/02/2024", "02/13/2024", "01/02/2024")
    # dmy fits the 1st, 2nd and 4th, mdy the 3rd and 4th
    assert column.read(["01/02/2024", "02/13/2024"]) == [
        date(2024, 2, 1),
        bad("'02/13/2024' is no date in day/month/year, as its column is written"),
    ]
    assert column.notes == ("read as day/month/year, which 3 of 4 cells fit",)


def test_where_as_many_rows_fit_either_order_it_is_a_question():
    with pytest.raises(AmbiguousColumnError) as caught:
        column_of("13/02/2024", "02/13/2024", "1/2/2024")
    assert caught.value.rows == (1, 2)


def test_a_year_of_two_digits_lies_in_1969_to_2068():
    cells = ["31/12/68", "31/12/69", "13/1/00"]
    assert read(*cells, order="dmy") == [date(2068, 12, 31), date(1969, 12, 31), date(2000, 1, 13)]


def test_a_year_of_two_digits_may_stand_first():
    with pytest.raises(AmbiguousColumnError) as caught:
        column_of("25/03/24")  # 25 March 2024, or 24 March 2025
    assert caught.value.formats == ("dmy", "ymd")
    assert read("25/03/24", "1/3/24") == [date(2024, 3, 25), date(2024, 3, 1)]
    assert read("3/25/24") == [date(2024, 3, 25)]
    assert read("99-12-01", "98-02-3") == [date(1999, 12, 1), date(1998, 2, 3)]


def test_a_year_of_four_digits_is_no_day():
    assert read("01/01/0031", "31/12/0030") == [date(31, 1, 1), date(30, 12, 31)]


def test_a_time_without_a_zone_needs_one():
    with pytest.raises(NaiveDatetimeError) as caught:
        column_of("2024-03-12", "2024-03-12 00:00", "2024-03-12 15:04")
    error = caught.value
    assert error.message == (
        "cannot read column 'Closed': '2024-03-12 00:00' in row 2 does not say its time zone"
    )
    assert (error.parameter, error.value) == ("zone", "2024-03-12 00:00")
    assert "pass zone=" in error.hint


def test_a_zone_that_is_none():
    with pytest.raises(UnknownZoneError):
        column_of(zone="Mars/Olympus")


def test_times_are_taken_to_be_of_the_zone():
    cells = ["2024-01-12 15:04", "7/13/2024 3:04 PM", "2024-07-12 15:04Z", "2024-07-12"]
    column = column_of(*cells, zone=NEW_YORK)
    assert column.read(cells) == [
        utc(2024, 1, 12, 20, 4),
        utc(2024, 7, 13, 19, 4),
        utc(2024, 7, 12, 15, 4),
        date(2024, 7, 12),
    ]
    assert column.notes == (
        "read as month/day/year",
        "times without a zone are taken to be of America/New_York",
    )


@pytest.mark.parametrize("zone", [None, NEW_YORK])
def test_where_all_times_are_midnight_dates_are_meant(zone):
    cells = ["2024-03-12 00:00:00", "2024-03-12T00:00", "13/3/2024 12:00 AM", "2024-03-14", ""]
    cells += [naive(2024, 3, 15), pd.Timestamp("2024-03-16"), "2024-03-16 24:00"]
    column = column_of(*cells, zone=zone)
    assert column.read(cells) == [
        date(2024, 3, 12),
        date(2024, 3, 12),
        date(2024, 3, 13),
        date(2024, 3, 14),
        None,
        date(2024, 3, 15),
        date(2024, 3, 16),
        date(2024, 3, 17),
    ]
    assert column.notes == ("read as day/month/year", "all times are 00:00: read as dates")


def test_a_midnight_among_other_times_is_an_instant():
    cells = ["2024-03-12 00:00:00", "2024-03-12 01:00:00"]
    assert read(*cells, zone="UTC") == [utc(2024, 3, 12), utc(2024, 3, 12, 1)]
    with pytest.raises(NaiveDatetimeError):
        column_of("2024-03-12 00:00:00", "2024-03-12T01:00:00Z")


def test_24_00_is_the_end_of_its_day():
    assert read("2024-12-31T24:00Z", "12/31/2024 24:00:00 +01:00") == [
        utc(2025, 1, 1),
        utc(2024, 12, 31, 23),
    ]


def test_a_time_that_clocks_show_twice_is_the_earlier_and_counted():
    # Clocks in New York went back from 02:00 (UTC-4) to 01:00 (UTC-5) on 3 November 2024.
    cells = ["2024-11-03 01:30", "2024-11-03 00:59", "2024-11-03 02:00", "2024-11-03 01:30"]
    column = column_of(*cells, zone=NEW_YORK)
    twice = utc(2024, 11, 3, 5, 30)
    assert column.read(cells) == [twice, utc(2024, 11, 3, 4, 59), utc(2024, 11, 3, 7), twice]
    assert column.read([[], naive(2024, 11, 3, 1, 30)]) == [bad("<list> is no date"), twice]
    assert column.n_twice == 3
    assert column.notes[-1] == "3 times are such that clocks showed twice; the earlier is taken"


def test_a_time_that_clocks_went_forward_over_is_bad():
    cells = ["2024-03-10 01:59", "2024-03-10 02:30", "2024-03-10 03:00"]
    assert read(*cells, zone=NEW_YORK) == [
        utc(2024, 3, 10, 6, 59),
        bad("'2024-03-10 02:30' is no time in America/New_York: clocks went forward over it"),
        utc(2024, 3, 10, 7),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "9999-12-31",
        "9999-12-31 23:59:59",
        "9999-12-31T23:59:59.999Z",
        "9999-12-31T20:00:00-05:00",
        "31/12/9999",
        "12/31/9999 00:00",
        "99991231",
        "253402214400",
        "253402300799999",
        "0001-01-01",
        "0001-01-01T00:00:00Z",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "1900-01-01 00:00:00",
        "01/01/1900",
        "1970-01-01",
        "1970-01-01 00:00:00",
        "1970-01-01T00:00:00Z",
        "1970-01-01T09:00:00+09:00",
        "1969-12-31T19:00:00-05:00",
        "01/01/70",
        "0",
        "0.0",
        0,
        0.0,
        date(9999, 12, 31),
        naive(9999, 12, 31, 23, 59, 59, 999_999),
        naive(1, 1, 1),
        datetime(1970, 1, 1, tzinfo=UTC),
    ],
    ids=repr,
)
def test_what_cannot_be_is_unknown_and_counted(cell):
    column = column_of("2024-03-12", cell, "", cell)
    assert column.read([cell]) == [None]
    assert column.n_impossible == 2
    assert column.impossible_rows == (2, 4)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("9998-12-31", date(9998, 12, 31)),
        ("2050-01-01 00:00:00", date(2050, 1, 1)),
        ("1970-01-02", date(1970, 1, 2)),
        ("1969-12-31", date(1969, 12, 31)),
        ("1970-01-01T00:00:01Z", utc(1970, 1, 1, 0, 0, 1)),
        ("1900-01-01T08:00:00Z", utc(1900, 1, 1, 8)),
        ("0001-01-02", date(1, 1, 2)),
    ],
)
def test_what_is_near_may_be(cell, moment):
    column = column_of(cell)
    assert column.read([cell]) == [moment]
    assert column.n_impossible == 0


def test_an_impossible_time_needs_no_zone():
    cells = ["2024-03-12 00:00:00", "9999-12-31 23:59:59"]
    assert read(*cells) == [date(2024, 3, 12), None]


@pytest.mark.parametrize("cell", ["0001-01-01T00:30:00+09:00", "0001-01-01 00:30"])
def test_an_instant_beyond_the_calendar(cell):
    (found,) = read(cell, zone="Asia/Seoul")
    assert found == bad(f"{cell!r} lies outside the years 1 to 9999 in UTC")


def test_the_unit_of_numbers_is_settled_for_the_column():
    cells = ["1710255845", 1710255845, 1710255845000]
    column = column_of(*cells)
    assert column.read(cells)[2] == bad(
        "1710255845000 is no date in seconds since 1970, as its column is written"
    )
    assert column.notes == ("read as seconds since 1970, which 2 of 3 cells fit",)
    assert column_of(1710255845000).read(["1710255845"]) == [
        bad("'1710255845' is no date in milliseconds since 1970, as its column is written")
    ]


def test_numbers_of_both_units_are_a_question():
    cells = ["1710255845", "1710255845000"]
    with pytest.raises(AmbiguousColumnError) as caught:
        column_of(*cells)
    assert caught.value.formats == ("seconds", "milliseconds")
    assert read(*cells, order="seconds")[0] == utc(2024, 3, 12, 15, 4, 5)
    assert read(*cells, order="milliseconds")[1] == utc(2024, 3, 12, 15, 4, 5)


def test_a_blank_of_the_caller_may_be_a_date():
    cells = ["2099-01-01", "2024-03-12"]
    assert read(*cells, blanks=blank_words(["2099-01-01"])) == [None, date(2024, 3, 12)]


def test_a_source_that_changed_between_two_readings():
    column = column_of("2024-03-12")
    assert column.read(["2024-03-12 15:04"]) == [
        bad("'2024-03-12 15:04' does not say its time zone")
    ]


def test_nothing_in_the_column():
    column = column_of()
    assert (column.read([]), column.notes) == ([], ())
