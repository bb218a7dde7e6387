"""Laws of periods, in zones with the oddest clocks."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from salesflow import Calendar, Period
from tests.strategies import calendars, days, instants, kinds, periods, spans, years

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
ONE = timedelta(days=1)
MONTHLY = st.sampled_from([*MONTHS])


@given(periods())
def test_neighbours_touch_and_lead_back(period):
    before, after = period.previous(), period.next()
    assert before.end == period.start < period.end == after.start
    assert before.next() == after.previous() == period
    assert before.kind == period.kind == after.kind


@given(spans())
@example(Period.between(date(2018, 11, 5), date(2018, 11, 6), zone="America/Sao_Paulo"))
@example(Period.between(date(2022, 3, 26), date(2022, 3, 27), zone="Asia/Beirut"))
def test_neighbours_of_any_span_touch(span):
    assert span.previous().end == span.start
    assert span.next().start == span.end


@given(periods() | spans(), st.data())
def test_what_is_printed_is_read_as_the_same(period, data):
    assert period.calendar.parse(str(period)) == period
    other = data.draw(calendars())
    if not str(period).startswith("FY") and period.kind != "custom":
        assert other.parse(str(period)) == Period.parse(str(period), zone=other.zone)


@given(calendars(), kinds(), instants())
def test_every_instant_falls_into_one_period_of_each_kind(calendar, kind, instant):
    period = calendar.containing(kind, instant)
    assert instant in period
    assert instant not in period.previous()
    assert instant not in period.next()


@given(calendars(), kinds(), days())
@example(Calendar("Asia/Damascus"), "month", date(2003, 4, 1))
@example(Calendar("Pacific/Apia"), "month", date(2011, 12, 30))
def test_every_day_falls_into_one_period_of_each_kind(calendar, kind, day):
    period = calendar.containing(kind, day)
    assert day in period
    assert day not in period.previous()
    assert day not in period.next()


@given(calendars(), MONTHLY, days())
def test_a_day_is_in_a_period_by_the_month_of_its_date(calendar, kind, day):
    # The oracle counts months and never looks at a clock.
    period = calendar.containing(kind, day)
    begun = (day.year * 12 + day.month - 1) - (day.month - calendar.first_month) % MONTHS[kind]
    first = date(begun // 12, begun % 12 + 1, 1)
    ended = begun + MONTHS[kind]
    after = date(ended // 12, ended % 12 + 1, 1)
    assert period.wall_start.date() == first
    assert period.wall_end.date() == after
    assert first in period
    assert after - ONE in period
    assert after not in period
    assert first - ONE not in period


@given(calendars(), days())
@example(Calendar("Pacific/Apia"), date(2011, 12, 30))
def test_a_day_is_in_the_week_of_the_monday_before(calendar, day):
    # The oracle counts days and never looks at a clock.
    week = calendar.containing("week", day)
    monday = date.fromordinal(day.toordinal() - (day.toordinal() - 1) % 7)
    assert (week.wall_start.date(), week.wall_end.date()) == (monday, monday + 7 * ONE)
    year, number, _ = day.isocalendar()
    assert calendar.week(year, number) == week
    assert str(week) == f"{year:04}-W{number:02}"


@given(calendars(), kinds(), instants() | days(), st.integers(2, 1500))
def test_cutting_leaves_no_gap_and_no_overlap(calendar, kind, start, n_days):
    span = calendar.between(start, start + n_days * ONE)
    cut = list(calendar.periods(kind, start, start + n_days * ONE))
    assert cut[0].start <= span.start < cut[0].end
    assert cut[-1].start < span.end <= cut[-1].end
    assert all(one.end == other.start for one, other in pairwise(cut))
    assert {period.kind for period in cut} == {kind}


@given(calendars(), years(), MONTHLY)
def test_the_parts_of_a_year_are_the_year(calendar, year, kind):
    whole = calendar.year(year)
    parts = list(calendar.periods(kind, whole.start, whole.end))
    assert len(parts) == 12 // MONTHS[kind]
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    if kind in ("quarter", "half"):
        numbered = [getattr(calendar, kind)(year, n + 1) for n in range(len(parts))]
        assert parts == numbered


@given(calendars(), years(), st.integers(1, 12))
def test_a_month_begins_with_the_first_moment_that_shows_its_date(calendar, year, number):
    start = calendar.month(year, number).start
    zone = ZoneInfo(calendar.zone)
    shown, just_before = (
        moment.astimezone(zone).date() for moment in (start, start - timedelta(microseconds=1))
    )
    assert (shown.year, shown.month, shown.day) == (year, number, 1)
    assert just_before < shown
