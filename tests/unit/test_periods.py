"""Periods: half-open, true to the clocks of their zone, days by calendar date."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from salesflow import Calendar, Period
from salesflow.errors import NaiveDatetimeError, OptionError, PeriodError, UnknownZoneError
from salesflow.periods import days_between, get_zone, midnight, require_aware, wall_time
from tests.builders import naive

HOUR = timedelta(hours=1)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


class TestSpans:
    """Where periods begin and end."""

    @pytest.mark.parametrize(
        ("period", "start", "end"),
        [
            (Period.month(2026, 1), date(2026, 1, 1), date(2026, 2, 1)),
            (Period.month(2024, 2), date(2024, 2, 1), date(2024, 3, 1)),
            (Period.month(2026, 12), date(2026, 12, 1), date(2027, 1, 1)),
            (Period.quarter(2026, 1), date(2026, 1, 1), date(2026, 4, 1)),
            (Period.quarter(2026, 4), date(2026, 10, 1), date(2027, 1, 1)),
            (Period.half(2026, 1), date(2026, 1, 1), date(2026, 7, 1)),
            (Period.half(2026, 2), date(2026, 7, 1), date(2027, 1, 1)),
            (Period.year(2026), date(2026, 1, 1), date(2027, 1, 1)),
            (
                Period.between(date(2026, 1, 5), date(2026, 2, 5)),
                date(2026, 1, 5),
                date(2026, 2, 5),
            ),
        ],
        ids=str,
    )
    def test_in_utc(self, period, start, end):
        assert (period.start, period.end) == (midnight(start), midnight(end))

    def test_a_quarter_in_seoul_begins_nine_hours_before_utc_does(self):
        quarter = Period.quarter(2026, 1, zone="Asia/Seoul")
        assert (quarter.start, quarter.end) == (utc(2025, 12, 31, 15), utc(2026, 3, 31, 15))

    @pytest.mark.parametrize(
        ("zone", "year", "month", "start", "hours"),
        [
            # clocks forward on 8 March 2026: 31 x 24 - 1
            ("America/New_York", 2026, 3, utc(2026, 3, 1, 5), 743),
            # clocks back on 1 November 2026: 30 x 24 + 1
            ("America/New_York", 2026, 11, utc(2026, 11, 1, 4), 721),
            # forward at midnight of 4 November 2018: 30 x 24 - 1
            ("America/Sao_Paulo", 2018, 11, utc(2018, 11, 1, 3), 719),
            # forward at midnight of 27 March 2022: 31 x 24 - 1
            ("Asia/Beirut", 2022, 3, utc(2022, 2, 28, 22), 743),
            # 30 December 2011 was left out: 30 x 24
            ("Pacific/Apia", 2011, 12, utc(2011, 12, 1, 10), 720),
            # half an hour forward on 4 October 2026: 31 x 24 - 0.5
            ("Australia/Lord_Howe", 2026, 10, utc(2026, 9, 30, 13, 30), 743.5),
            # 1 April 2003 began at 01:00: 30 x 24 - 1
            ("Asia/Damascus", 2003, 4, utc(2003, 3, 31, 22), 719),
            # 1 November 2009 had 00:00 twice, and began with the first: 30 x 24 + 1
            ("America/St_Johns", 2009, 11, utc(2009, 11, 1, 2, 30), 721),
        ],
    )
    def test_months_are_as_long_as_their_clocks_say(self, zone, year, month, start, hours):
        period = Period.month(year, month, zone=zone)
        assert period.start == start
        assert (period.end - period.start) / HOUR == hours

    @pytest.mark.parametrize(
        ("zone", "day", "start"),
        [
            ("America/Sao_Paulo", date(2018, 11, 4), utc(2018, 11, 4, 3)),
            ("Asia/Beirut", date(2022, 3, 27), utc(2022, 3, 26, 22)),
        ],
    )
    def test_a_day_without_a_midnight_has_23_hours(self, zone, day, start):
        period = Period.between(day, day + timedelta(days=1), zone=zone)
        assert (period.start, period.end) == (start, start + 23 * HOUR)

    def test_an_offset_is_converted_and_not_relabelled(self):
        ten_o_clock = datetime.fromisoformat("2026-01-05T10:00+05:00")
        period = Period.between(ten_o_clock, date(2026, 2, 1))
        assert period.start == utc(2026, 1, 5, 5)
        assert period.start.tzinfo is UTC


class TestMembership:
    """What falls into a period."""

    def test_the_start_is_in_and_the_end_is_not(self):
        month = Period.month(2026, 1)
        assert utc(2026, 1, 1) in month
        assert utc(2026, 2, 1) - timedelta(microseconds=1) in month
        assert utc(2026, 2, 1) not in month
        assert utc(2026, 1, 1) - timedelta(microseconds=1) not in month

    @pytest.mark.parametrize(
        "zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Asia/Beirut"]
    )
    def test_a_day_counts_by_its_calendar_date_whatever_the_zone(self, zone):
        march = Period.month(2022, 3, zone=zone)
        assert date(2022, 3, 1) in march
        assert date(2022, 3, 31) in march
        assert date(2022, 2, 28) not in march
        assert date(2022, 4, 1) not in march

    def test_a_day_whose_midnight_is_skipped_is_still_of_its_own_month(self):
        first = date(2003, 4, 1)
        assert first in Period.month(2003, 4, zone="Asia/Damascus")
        assert first not in Period.month(2003, 3, zone="Asia/Damascus")
        assert first in Period.between(first, date(2003, 4, 2), zone="Asia/Damascus")

    def test_a_day_that_was_left_out_counts_by_its_date(self):
        assert date(2011, 12, 30) in Period.month(2011, 12, zone="Pacific/Apia")

    def test_a_day_is_in_from_the_midnight_it_begins_with(self):
        afternoon = Period.between(utc(2026, 1, 5, 12), utc(2026, 1, 6, 12))
        assert date(2026, 1, 5) not in afternoon
        assert date(2026, 1, 6) in afternoon

    def test_the_local_date_of_a_late_evening_is_the_next_day(self):
        # R41: 22:00 UTC on the 23rd is 05:00 on the 24th in Ho Chi Minh City.
        now = utc(2026, 8, 23, 22)
        today = Period.between(date(2026, 8, 24), date(2026, 8, 25), zone="Asia/Ho_Chi_Minh")
        assert now in today
        assert date(2026, 8, 23) not in today

    def test_an_afternoon_in_the_west_stays_on_its_day(self):
        # R43: 12 October 17:27 Pacific is the 13th in UTC.
        closed_at = datetime.fromisoformat("2026-10-12T17:27:00-07:00")
        day = Period.between(date(2026, 10, 12), date(2026, 10, 13), zone="America/Los_Angeles")
        assert closed_at in day
        assert closed_at.astimezone(UTC) in day

    def test_naive_is_refused(self):
        with pytest.raises(NaiveDatetimeError, match="it has no time zone") as caught:
            assert naive(2026, 1, 5, 10) in Period.year(2026)
        assert caught.value.hint.endswith("as in 2026-01-05T10:00:00+00:00 for UTC.")
        assert caught.value.parameter == "moment"

    @pytest.mark.parametrize("moment", ["2026-01-05", None, 20260105])
    def test_what_is_no_date_is_refused(self, moment):
        with pytest.raises(OptionError, match="it is no date and no datetime"):
            assert moment in Period.year(2026)


class TestNeighbours:
    """The periods before and after."""

    @pytest.mark.parametrize(
        ("period", "before", "after"),
        [
            ("2026-01", "2025-12", "2026-02"),
            ("2026-Q1", "2025-Q4", "2026-Q2"),
            ("2026-H2", "2026-H1", "2027-H1"),
            ("2026", "2025", "2027"),
            ("2026-03-01/2026-03-15", "2026-02-15/2026-03-01", "2026-03-15/2026-03-29"),
        ],
    )
    def test_are_of_equal_kind(self, period, before, after):
        period = Period.parse(period)
        assert (str(period.previous()), str(period.next())) == (before, after)
        assert period.previous().next() == period.next().previous() == period

    def test_of_whole_days_are_whole_days_across_a_change_of_the_clocks(self):
        week = Period.between(date(2026, 3, 2), date(2026, 3, 9), zone="America/New_York")
        assert str(week.next()) == "2026-03-09/2026-03-16"
        assert (week.end - week.start) / HOUR == 7 * 24 - 1
        assert week.next().previous() == week

    @pytest.mark.parametrize(
        ("zone", "day"),
        [("America/Sao_Paulo", date(2018, 11, 4)), ("Asia/Beirut", date(2022, 3, 27))],
    )
    def test_of_days_are_days_around_a_missing_midnight(self, zone, day):
        one = timedelta(days=1)
        missing = Period.between(day, day + one, zone=zone)
        assert missing.next() == Period.between(day + one, day + 2 * one, zone=zone)
        assert missing.previous() == Period.between(day - one, day, zone=zone)
        assert missing.previous().next() == missing.next().previous() == missing

    def test_of_a_span_with_times_are_equally_long(self):
        shift = Period.between(utc(2026, 3, 7, 20), utc(2026, 3, 8, 8), zone="America/New_York")
        assert shift.next() == Period.between(shift.end, utc(2026, 3, 8, 20), zone=shift.zone)
        assert shift.next().previous() == shift

    def test_of_a_day_and_a_bit_are_equally_long(self):
        span = Period.between(date(2026, 1, 5), utc(2026, 1, 6, 6))
        assert span.previous().start == utc(2026, 1, 3, 18)

    @pytest.mark.parametrize("first", [utc(2, 1, 1), utc(2, 1, 1, 1)], ids=["days", "hours"])
    def test_beyond_the_years_are_refused(self, first):
        with pytest.raises(PeriodError, match=r"cannot shift period|years are 2 to 9998"):
            Period.between(first, first + timedelta(days=800)).previous()

    def test_beyond_the_last_year_are_refused(self):
        with pytest.raises(PeriodError, match="years are 2 to 9998"):
            Period.year(9998).next()
        with pytest.raises(PeriodError, match="years are 2 to 9998"):
            Period.year(2).previous()


class TestFiscalYears:
    """Years that begin in any month."""

    @pytest.mark.parametrize("first_month", range(1, 13))
    @pytest.mark.parametrize("named_by", ["end", "start"])
    def test_begin_and_end_with_their_first_month(self, first_month, named_by):
        year = Calendar(first_month=first_month, year_named_by=named_by).year(2026)
        begins_in = 2025 if named_by == "end" and first_month > 1 else 2026
        assert year.start == utc(begins_in, first_month, 1)
        assert year.end == utc(begins_in + 1, first_month, 1)
        assert str(year) == ("2026" if first_month == 1 else "FY2026")

    @pytest.mark.parametrize(
        ("period", "label", "start", "end"),
        [
            (("quarter", 1), "FY2026-Q1", utc(2025, 7, 1), utc(2025, 10, 1)),
            (("quarter", 2), "FY2026-Q2", utc(2025, 10, 1), utc(2026, 1, 1)),
            (("quarter", 3), "FY2026-Q3", utc(2026, 1, 1), utc(2026, 4, 1)),
            (("quarter", 4), "FY2026-Q4", utc(2026, 4, 1), utc(2026, 7, 1)),
            (("half", 1), "FY2026-H1", utc(2025, 7, 1), utc(2026, 1, 1)),
            (("half", 2), "FY2026-H2", utc(2026, 1, 1), utc(2026, 7, 1)),
        ],
    )
    def test_of_july_named_by_their_end(self, period, label, start, end):
        kind, part = period
        made = getattr(Calendar(first_month=7), kind)(2026, part)
        assert (str(made), made.start, made.end) == (label, start, end)

    def test_of_april_named_by_their_start(self):
        japan = Calendar("Asia/Tokyo", first_month=4, year_named_by="start")
        last = japan.quarter(2025, 4)
        assert (last.start, last.end) == (utc(2025, 12, 31, 15), utc(2026, 3, 31, 15))
        assert str(last.next()) == "FY2026-Q1"

    def test_leave_months_their_calendar_year(self):
        assert str(Calendar(first_month=7).month(2026, 1)) == "2026-01"

    def test_quarters_may_cross_the_turn_of_the_year(self):
        fiscal = Calendar(first_month=12)
        assert fiscal.quarter(2026, 1).start == utc(2025, 12, 1)
        assert str(fiscal.containing("quarter", date(2026, 1, 15))) == "FY2026-Q1"

    @pytest.mark.parametrize("month", [0, 13, -1, 7.0, "7", None, [7]])
    def test_begin_with_months_1_to_12(self, month):
        with pytest.raises(OptionError, match="months are 1 to 12") as caught:
            Calendar(first_month=month)
        assert caught.value.parameter == "first_month"

    def test_are_named_by_their_end_or_their_start(self):
        with pytest.raises(OptionError, match="cannot name fiscal years by 'middle'") as caught:
            Calendar(year_named_by="middle")
        assert caught.value.hint == "give 'end' or 'start'."


class TestContaining:
    """Which period is it?"""

    @pytest.mark.parametrize(
        ("kind", "label"),
        [
            ("week", "2026-W22"),
            ("month", "2026-05"),
            ("quarter", "2026-Q2"),
            ("half", "2026-H1"),
            ("year", "2026"),
        ],
    )
    def test_a_day_falls_into_one_of_each_kind(self, kind, label):
        assert str(Calendar().containing(kind, date(2026, 5, 31))) == label
        assert str(Calendar().containing(kind, utc(2026, 5, 31, 23))) == label

    def test_an_instant_falls_into_the_local_one(self):
        instant = utc(2026, 1, 31, 23)
        assert str(Calendar("Asia/Seoul").containing("month", instant)) == "2026-02"
        assert str(Calendar().containing("month", instant)) == "2026-01"

    def test_holds_the_instant_where_the_old_date_comes_back(self):
        # In St John's, 00:01 on 1 November 2009 became 23:01 on 31 October.
        instant = utc(2009, 11, 1, 3)
        found = Calendar("America/St_Johns").containing("month", instant)
        assert instant in found
        assert str(found) == "2009-11"

    @pytest.mark.parametrize("moment", [naive(2026, 1, 1), "2026-01-01", None])
    def test_needs_a_day_or_an_instant(self, moment):
        with pytest.raises((NaiveDatetimeError, OptionError), match="cannot use moment"):
            Calendar().containing("month", moment)

    @pytest.mark.parametrize("kind", ["day", "custom", "Month", None, []])
    def test_needs_a_kind(self, kind):
        with pytest.raises(OptionError, match="cannot cut time by") as caught:
            Calendar().containing(kind, date(2026, 1, 1))
        assert caught.value.hint == "give 'week', 'month', 'quarter', 'half' or 'year'."

    @pytest.mark.parametrize(
        ("zone", "moment"),
        [
            ("UTC", date.min),
            ("UTC", date.max),
            ("America/New_York", datetime.min.replace(tzinfo=UTC)),
            ("Asia/Seoul", datetime.max.replace(tzinfo=UTC)),
        ],
        ids=["first day", "last day", "first instant", "last instant"],
    )
    def test_beyond_the_years_is_refused(self, zone, moment):
        with pytest.raises(PeriodError, match=r"year (1|9999): years are 2 to 9998"):
            Calendar(zone).containing("month", moment)


class TestCutting:
    """A span cut into periods."""

    def test_gives_every_period_that_holds_any_of_it(self):
        cut = Calendar().periods("month", date(2026, 1, 31), date(2026, 3, 2))
        assert [str(period) for period in cut] == ["2026-01", "2026-02", "2026-03"]

    def test_leaves_out_the_one_that_begins_with_its_end(self):
        cut = Calendar().periods("quarter", date(2026, 1, 1), date(2026, 7, 1))
        assert [str(period) for period in cut] == ["2026-Q1", "2026-Q2"]

    def test_works_up_to_the_last_year(self):
        cut = Calendar().periods("half", date(9998, 3, 1), date(9998, 12, 31))
        assert [str(period) for period in cut] == ["9998-H1", "9998-H2"]

    def test_works_from_the_first_year_east_of_greenwich(self):
        cut = Calendar("Asia/Seoul").periods("half", date(2, 1, 1), date(2, 7, 2))
        assert [str(period) for period in cut] == ["0002-H1", "0002-H2"]


class TestText:
    """Printing and reading."""

    @pytest.mark.parametrize(
        "text",
        ["2026", "2026-H1", "2026-Q4", "2026-01", "2026-01-05/2026-02-05", "0002-12", "9998"],
    )
    def test_is_read_as_printed(self, text):
        assert str(Period.parse(text)) == text

    def test_of_fiscal_periods_is_read_by_their_calendar(self):
        fiscal = Calendar("Asia/Tokyo", first_month=4)
        for period in (fiscal.year(2026), fiscal.quarter(2026, 3), fiscal.half(2026, 2)):
            assert fiscal.parse(str(period)) == period

    def test_without_fy_means_the_calendar_year_in_a_fiscal_calendar_too(self):
        assert Calendar(first_month=7).parse("2026-Q1") == Period.quarter(2026, 1)

    def test_of_a_span_with_times_says_the_offset(self):
        span = Period.between(utc(2026, 1, 5, 5), utc(2026, 7, 5), zone="Asia/Kolkata")
        assert str(span) == "2026-01-05T10:30:00+05:30/2026-07-05T05:30:00+05:30"
        assert Period.parse(str(span), zone="Asia/Kolkata") == span

    def test_of_a_day_without_midnight_is_its_date(self):
        span = Period.between(date(2018, 11, 4), date(2018, 11, 5), zone="America/Sao_Paulo")
        assert str(span) == "2018-11-04/2018-11-05"
        assert Period.parse(str(span), zone="America/Sao_Paulo") == span

    def test_tells_the_second_midnight_of_a_day_from_the_first(self):
        second = Period.between(utc(2009, 11, 1, 3, 30), utc(2009, 11, 5), zone="America/St_Johns")
        assert str(second).startswith("2009-11-01T00:00:00-03:30/")
        assert Period.parse(str(second), zone="America/St_Johns") == second

    def test_keeps_the_zone(self):
        assert Period.parse("2026-Q1", zone="Asia/Seoul") == Period.quarter(
            2026, 1, zone="Asia/Seoul"
        )
        assert Period.parse("2026-Q1") != Period.quarter(2026, 1, zone="Asia/Seoul")

    @pytest.mark.parametrize("text", ["FY2026", "FY2026-Q1", "FY2026-01"])
    def test_a_fiscal_one_needs_to_know_when_its_year_begins(self, text):
        with pytest.raises(PeriodError, match="nothing says when the fiscal year begins") as caught:
            Period.parse(text)
        assert caught.value.hint == "read it with Calendar(zone, first_month=…).parse."

    def test_a_fiscal_month_is_none(self):
        with pytest.raises(PeriodError, match="it names no period"):
            Calendar(first_month=4).parse("FY2026-01")

    @pytest.mark.parametrize(
        "text",
        ["", "26", "2026-Q5", "2026-H3", "2026-q1", "2026-1", "2026/2027", "Q1", "a/b",
         "2026-01-01", "2026-01-01/", "2026-02-30/2026-03-01", "1/2/3", " 2026", "٢٠٢٦", "20260"],
    )  # fmt: skip
    def test_that_names_no_period_is_refused(self, text):
        with pytest.raises(PeriodError, match="it names no period") as caught:
            Period.parse(text)
        assert caught.value.value == text
        assert caught.value.hint.startswith("write 2026, 2026-Q1, 2026-01, 2026-W01")

    @pytest.mark.parametrize("value", [None, 2026, b"26"])
    def test_is_text(self, value):
        with pytest.raises(PeriodError, match="it names no period"):
            Period.parse(value)

    @pytest.mark.parametrize(
        ("text", "fact"),
        [
            ("2026-13", "a year has months 1 to 12"),
            ("2026-00", "a year has months 1 to 12"),
            ("0000", "years are 2 to 9998"),
            ("9999-Q4", "years are 2 to 9998"),
            ("2026-02-01/2026-01-01", "it does not start before its end"),
        ],
    )
    def test_of_a_period_that_does_not_exist_is_refused(self, text, fact):
        with pytest.raises(PeriodError, match=fact):
            Period.parse(text)

    def test_of_a_naive_span_is_refused(self):
        with pytest.raises(NaiveDatetimeError, match="it has no time zone"):
            Period.parse("2026-01-01T10:00/2026-02-01")

    def test_of_the_repr_names_the_zone(self):
        assert repr(Period.month(2026, 1, zone="Asia/Seoul")) == "<Period 2026-01 Asia/Seoul>"


class TestWeeks:
    """Weeks of ISO 8601."""

    def test_begin_on_monday_and_are_of_the_year_of_their_thursday(self):
        # 1 January 2026 is a Thursday: its week began on Monday, 29 December 2025.
        first = Period.week(2026, 1)
        assert (first.start, first.end) == (utc(2025, 12, 29), utc(2026, 1, 5))
        assert (str(first), first.kind) == ("2026-W01", "week")
        assert date(2025, 12, 29) in first
        assert date(2025, 12, 28) not in first

    def test_pass_from_one_year_to_the_next(self):
        last = Period.week(2026, 53)
        assert str(last.next()) == "2027-W01"
        assert str(Period.week(2026, 1).previous()) == "2025-W52"

    @pytest.mark.parametrize(("week", "hours"), [(13, 167), (14, 168), (43, 169)])
    def test_are_an_hour_short_or_long_where_the_clocks_change(self, week, hours):
        # In Berlin, clocks go forward on Sunday, 29 March 2026, and back on 25 October.
        span = Period.week(2026, week, zone="Europe/Berlin")
        assert (span.end - span.start).total_seconds() == hours * 3600
        assert span.next().previous() == span

    def test_are_those_of_the_zone(self):
        monday = utc(2026, 1, 4, 15)  # midnight in Seoul
        assert Calendar("Asia/Seoul").containing("week", monday) == Period.week(
            2026, 2, zone="Asia/Seoul"
        )
        assert str(Calendar().containing("week", monday)) == "2026-W01"

    def test_do_not_follow_the_fiscal_year(self):
        fiscal = Calendar(first_month=7)
        assert fiscal.week(2026, 1) == Period.week(2026, 1) == fiscal.parse("2026-W01")
        with pytest.raises(PeriodError, match="it names no period"):
            fiscal.parse("FY2026-W01")

    @pytest.mark.parametrize(
        ("year", "week", "most"), [(2025, 53, 52), (2026, 54, 53), (2026, 0, 53)]
    )
    def test_are_as_many_as_the_year_has(self, year, week, most):
        with pytest.raises(PeriodError, match=f"{year} has weeks 1 to {most}") as caught:
            Period.week(year, week)
        assert caught.value.value == week
        with pytest.raises(PeriodError, match="has weeks 1 to"):
            Period.parse(f"{year}-W{week:02}")

    @pytest.mark.parametrize("week", ["1", None, 1.0])
    def test_have_whole_numbers(self, week):
        with pytest.raises(PeriodError, match="2026 has weeks 1 to 53"):
            Period.week(2026, week)

    @pytest.mark.parametrize("year", [1, 9999])
    def test_are_of_years_that_there_are(self, year):
        with pytest.raises(PeriodError, match="years are 2 to 9998"):
            Period.week(year, 5)
        with pytest.raises(PeriodError, match="years are 2 to 9998"):
            Calendar().containing("week", date(year, 6, 1))

    def test_end_with_the_years_that_there_are(self):
        with pytest.raises(PeriodError, match="years are 2 to 9998"):
            Period.week(9998, 53).next()


class TestRefusals:
    """Periods that cannot be."""

    @pytest.mark.parametrize(
        ("kind", "number", "most"),
        [("month", 13, 12), ("month", 0, 12), ("quarter", 5, 4), ("half", 3, 2), ("half", -1, 2)],
    )
    def test_a_part_the_year_does_not_have(self, kind, number, most):
        with pytest.raises(PeriodError, match=f"a year has {kind}s 1 to {most}") as caught:
            getattr(Period, kind)(2026, number)
        assert caught.value.value == number

    @pytest.mark.parametrize("number", ["1", 1.0, None])
    def test_a_part_that_is_no_whole_number(self, number):
        with pytest.raises(PeriodError, match="a year has quarters 1 to 4"):
            Period.quarter(2026, number)

    @pytest.mark.parametrize("year", ["2026", 2026.0, None])
    def test_a_year_that_is_no_whole_number(self, year):
        with pytest.raises(PeriodError, match="it is no whole number"):
            Period.year(year)
        with pytest.raises(PeriodError, match="it is no whole number"):
            Period.month(year, 1)

    @pytest.mark.parametrize("year", [-1, 0, 1, 9999, 10**30])
    def test_a_year_out_of_range(self, year):
        with pytest.raises(PeriodError, match=f"in year {year}: years are 2 to 9998"):
            Period.year(year)
        with pytest.raises(PeriodError, match=f"in year {year}: years are 2 to 9998"):
            Period.month(year, 6)

    @pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
    def test_the_first_and_the_last_year_exist(self, zone):
        assert date(2, 1, 1) in Period.year(2, zone=zone)
        assert date(9998, 12, 31) in Period.month(9998, 12, zone=zone)
        assert Calendar(zone, first_month=12).year(9999).end.year == 9999

    @pytest.mark.parametrize("end", [date(2026, 1, 5), date(2026, 1, 4)])
    def test_a_span_that_does_not_start_before_its_end(self, end):
        with pytest.raises(PeriodError, match=r"from 2026-01-05 to .*: it does not start before"):
            Period.between(date(2026, 1, 5), end)

    def test_a_day_that_never_was(self):
        with pytest.raises(PeriodError, match="it does not start before its end"):
            Period.between(date(2011, 12, 30), date(2011, 12, 31), zone="Pacific/Apia")

    @pytest.mark.parametrize("bound", [date(1, 1, 1), date(9999, 1, 1)])
    def test_a_span_out_of_range(self, bound):
        with pytest.raises(PeriodError, match="years are 2 to 9998"):
            Period.between(*sorted([bound, date(2026, 1, 1)]))

    def test_a_naive_bound(self):
        with pytest.raises(NaiveDatetimeError, match="cannot use end") as caught:
            Period.between(date(2026, 1, 1), naive(2026, 2, 1))
        assert caught.value.parameter == "end"

    @pytest.mark.parametrize("bound", ["2026-01-01", None, 0])
    def test_a_bound_that_is_no_date(self, bound):
        with pytest.raises(OptionError, match=r"cannot use start .*: it is no date") as caught:
            Period.between(bound, date(2026, 2, 1))
        assert caught.value.parameter == "start"

    @pytest.mark.parametrize(
        "zone", ["Mars/Olympus", "utc", "", "Asia", "../etc/passwd", "\0", "x" * 9999, None, 5, []]
    )
    def test_a_zone_the_database_does_not_list(self, zone):
        with pytest.raises(UnknownZoneError, match="cannot use time zone") as caught:
            Period.year(2026, zone=zone)
        assert caught.value.zone == zone
        assert "'Asia/Seoul'" in caught.value.hint


class TestHelpers:
    """The small parts that other layers use."""

    def test_utc_is_utc(self):
        assert get_zone("UTC") is UTC

    def test_wall_time_is_what_the_clock_shows(self):
        shown = datetime(2026, 11, 1, 1, 30, tzinfo=get_zone("America/New_York"), fold=1)
        assert wall_time(shown) == utc(2026, 11, 1, 1, 30)

    def test_days_between_counts_calendar_days(self):
        assert days_between(utc(2026, 1, 1, 23), utc(2026, 1, 2, 1)) == timedelta(days=1)
        assert days_between(utc(2026, 1, 2), utc(2026, 1, 1)) == timedelta(days=-1)

    @pytest.mark.parametrize("value", [date(2026, 1, 1), "2026-01-01", None])
    def test_an_instant_is_a_datetime(self, value):
        with pytest.raises(OptionError, match=r"cannot use as_of .*: it is no datetime"):
            require_aware(value, "as_of")

    def test_periods_are_equal_by_what_they_span_in_which_zone(self):
        assert Period.month(2026, 1) == Calendar(first_month=7).month(2026, 1)
        assert Period.month(2026, 1) != Period.between(date(2026, 1, 1), date(2026, 2, 1))
        assert hash(Period.month(2026, 1)) == hash(Period.parse("2026-01"))

    def test_periods_and_calendars_cannot_change(self):
        with pytest.raises(AttributeError):
            Period.year(2026).zone = "UTC"
        with pytest.raises(AttributeError):
            Calendar().zone = "UTC"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"start": naive(2026, 1, 1)}, NaiveDatetimeError),
        ({"end": datetime(2025, 1, 1, tzinfo=UTC)}, PeriodError),
        ({"zone": "Mars/Olympus"}, UnknownZoneError),
    ],
)
def test_a_period_made_directly_is_checked(changed, error):
    with pytest.raises(error):
        attrs.evolve(Period.year(2026), **changed)
