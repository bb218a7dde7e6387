"""Days and times in frames: the same instants and days on every engine."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from salesflow import Period, metrics
from salesflow.errors import ColumnError
from tests.shorthand import NOW, at
from tests.tables import FRAMES, framed, local

every_frame = pytest.mark.parametrize("kind", FRAMES)

MICROSECOND = timedelta(microseconds=1)


def won(created, closed, **columns):
    return {
        "outcome": ["won"] * len(created),
        "created_at": created,
        "closed_at": closed,
        **columns,
    }


def times(values, unit="us", zone=None):
    """Times of a unit; with a zone, those are what a clock shows in UTC."""
    import pyarrow as pa

    return pa.array(values, pa.timestamp(unit, zone))


# Local times.

CLOCKS = {
    "Europe/Berlin": [
        local(2026, 3, 29, 1, 59, 59, 999_999),
        local(2026, 3, 29, 2),  # left out, up to 3:00
        local(2026, 3, 29, 2, 59, 59, 999_999),
        local(2026, 3, 29, 3),
        local(2026, 10, 25, 1, 59, 59),
        local(2026, 10, 25, 2),  # shown twice, up to 3:00
        local(2026, 10, 25, 2, 59, 59, 999_999),
        local(2026, 10, 25, 3),
    ],
    "America/New_York": [local(2026, 3, 8, 2, 30), local(2026, 11, 1, 1, 30)],
    "Europe/Dublin": [local(2026, 3, 29, 1, 30), local(2026, 10, 25, 1, 30)],
    "Africa/Casablanca": [local(2026, 2, 15, 2, 30), local(2026, 3, 22, 2, 30)],
    "America/Sao_Paulo": [local(2018, 11, 4, 0, 0), local(2018, 2, 17, 23, 30)],
    # Half an hour.
    "Australia/Lord_Howe": [local(2026, 10, 4, 2, 10), local(2026, 4, 5, 1, 45)],
    "America/Caracas": [local(2016, 5, 1, 2, 45), local(2007, 12, 9, 2, 45)],
    # Two hours, and a whole day.
    "Antarctica/Troll": [local(2026, 3, 29, 1, 30), local(2026, 10, 25, 2, 30)],
    "Pacific/Apia": [local(2011, 12, 29, 23), local(2011, 12, 30, 10), local(2011, 12, 31)],
    "Asia/Kathmandu": [local(2026, 1, 1), local(1990, 6, 1, 12)],
    "UTC": [local(2026, 3, 29, 2, 30)],
}


def instant_of(clock, zone):
    """The earlier of two; of a time left out, the one by the clock before the change."""
    return clock.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


@every_frame
@pytest.mark.parametrize("zone", CLOCKS)
def test_local_times_are_the_same_instants_everywhere(kind, zone):
    clocks = CLOCKS[zone]
    columns = {
        "outcome": ["open"] * len(clocks),
        "created_at": times(clocks),
        "closed_at": times([None] * len(clocks)),
    }
    frame = framed(columns, kind)
    instants = [instant_of(clock, zone) for clock in clocks]
    for instant in instants:
        for edge in (instant, instant - MICROSECOND):
            found = metrics.conversion_rate(frame, zone=zone, as_of=edge)
            assert found.denominator == sum(one <= edge for one in instants), (instant, edge)


@every_frame
def test_the_zone_is_the_one_given_else_that_of_the_period_else_utc(kind):
    # 15:30 UTC is 0:30 of February in Seoul.
    closed = [local(2026, 1, 31, 15, 30), local(2026, 2, 1, 0, 30)]
    frame = framed(won(closed, closed), kind)
    there, here = Period.month(2026, 1, zone="Asia/Seoul"), Period.month(2026, 1)

    def look(**options):
        found = metrics.win_rate(frame, **options)
        return found.denominator, found.notes

    def note(zone):
        return (f"times of 'closed_at' are read as {zone}",)

    assert look() == (2, ())  # no date is looked at
    assert look(period=Period.year(2026)) == (2, note("UTC"))
    assert look(period=here) == (1, note("UTC"))
    assert look(period=there) == (1, note("Asia/Seoul"))
    assert look(period=there, zone="UTC") == (0, note("UTC"))
    assert look(period=here, zone="Asia/Seoul") == (2, note("Asia/Seoul"))


@every_frame
def test_the_result_says_which_times_were_read_in_a_zone(kind):
    frame = framed(won([local(2026, 1, 1)], [local(2026, 1, 2)]), kind)
    found = metrics.cycle_time(frame, columns={}, zone="Asia/Seoul", by="outcome")
    told = ("times of 'closed_at' and 'created_at' are read as Asia/Seoul",)
    assert found.notes == found["won"].notes == told
    assert told[0] in str(found)


# Instants.


@every_frame
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York", "+05:30"])
def test_times_that_name_their_zone_are_instants(kind, zone):
    if kind.startswith("polars") and zone == "+05:30":
        pytest.skip("polars has no such zone")
    frame = framed(
        won(times([at(1), at(31, 23, 30)], zone=zone), times([at(2), at(31, 23, 30)], zone="UTC")),
        kind,
    )
    found = metrics.cycle_time(frame, zone="Asia/Tokyo")
    assert (found.mean_days, found.n, found.notes) == (0.5, 2, ())
    assert metrics.win_rate(frame, period=Period.month(2026, 1)).denominator == 2
    seoul = Period.month(2026, 1, zone="Asia/Seoul")
    assert metrics.win_rate(frame, period=seoul).denominator == 1


@every_frame
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_times_of_every_unit(kind, unit, zone):
    created = times([local(2026, 1, 1, 12), None, local(1969, 12, 31, 23)], unit, zone)
    closed = times([local(2026, 1, 3), local(2026, 1, 3), local(1970, 1, 1)], unit, zone)
    found = metrics.cycle_time(framed(won(created, closed), kind))
    # 1.5 days, unknown, and one hour across the beginning of 1970
    assert (found.n, dict(found.left_out)) == (2, {"unknown_cycle": 1})
    assert found.mean_days == pytest.approx((1.5 + 1 / 24) / 2, rel=1e-12)


@pytest.mark.parametrize("kind", ["pandas", "pandas[pyarrow]", "polars", "polars[lazy]", "pyarrow"])
def test_nanoseconds_are_cut_off_downwards(kind):
    created = times([-1, 1_999], "ns")
    closed = times([0, 2_000], "ns")
    found = metrics.cycle_time(framed(won(created, closed), kind))
    assert found.mean_days == pytest.approx(1 / 86_400_000_000, rel=1e-9)


@every_frame
@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_of_all_years(kind, unit):
    created = times([local(1, 1, 1), local(1, 1, 1)], unit)
    closed = times([local(9999, 12, 31), local(1850, 1, 1)], unit)
    found = metrics.cycle_time(framed(won(created, closed), kind), zone="UTC")
    days = [(date(9999, 12, 31) - date(1, 1, 1)).days, (date(1850, 1, 1) - date(1, 1, 1)).days]
    assert found.mean_days == sum(days) / 2
    assert found.median_days == sum(days) / 2


@every_frame
def test_sums_of_durations_leave_64_bits(kind):
    n = 100
    frame = framed(won(times([local(1, 1, 1)] * n), times([local(9999, 12, 31)] * n)), kind)
    days = (date(9999, 12, 31) - date(1, 1, 1)).days
    assert n * days * 86_400_000_000 > 2**63
    found = metrics.cycle_time(frame)
    assert (found.mean_days, found.median_days, found.n) == (days, days, n)


# Days.


@every_frame
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "Pacific/Honolulu"])
def test_a_day_never_shifts(kind, zone):
    frame = framed(won([date(2026, 1, 1)] * 2, [date(2026, 1, 31), date(2026, 2, 1)]), kind)
    found = metrics.win_rate(frame, period=Period.month(2026, 1, zone=zone), zone="Asia/Tokyo")
    assert (found.denominator, found.notes) == (1, ())
    months = metrics.win_rate(frame, every="month", period=Period.quarter(2026, 1, zone=zone))
    assert [rate.denominator for rate in months.values()] == [1, 1, 0]
    assert [str(key) for key in metrics.win_rate(frame, every="month")] == ["2026-01", "2026-02"]


@every_frame
def test_a_day_is_compared_with_as_of_by_its_date(kind):
    columns = won([date(2026, 1, 1), date(2026, 1, 10)], [date(2026, 1, 10), None])
    frame = framed(columns | {"outcome": ["won", "open"]}, kind)

    def look(moment):
        found = metrics.conversion_rate(frame, as_of=moment)
        return found.numerator, found.denominator

    assert look(at(9, 23, 59)) == (0, 1)
    assert look(at(10)) == (1, 2)
    # It is the 10th there already, and still the 9th in UTC.
    seoul = datetime(2026, 1, 10, 0, 30, tzinfo=ZoneInfo("Asia/Seoul"))
    assert look(seoul) == (1, 2)
    assert look(seoul.astimezone(UTC)) == (0, 1)


@every_frame
def test_between_a_day_and_a_time_are_whole_days(kind):
    frame = framed(won([date(2026, 1, 1)], times([local(2026, 1, 9, 23, 30)])), kind)
    assert metrics.cycle_time(frame).mean_days == 8.0
    # The day of an instant is that of UTC, whatever the zone of its column.
    aware = framed(won([date(2026, 1, 1)], times([local(2026, 1, 9, 23)], zone="Asia/Seoul")), kind)
    assert metrics.cycle_time(aware).mean_days == 8.0
    local_time = metrics.cycle_time(frame, zone="America/New_York")
    assert local_time.mean_days == 9.0  # 4:30 UTC of the 10th


@every_frame
def test_days_in_milliseconds_are_days(kind):
    import pyarrow as pa

    days = pa.array([date(2026, 1, 1)], pa.date64())
    frame = framed(won(days, [date(2026, 1, 9)]), kind)
    found = metrics.cycle_time(frame)
    assert found.mean_days == 8.0
    # polars makes times of them.
    assert bool(found.notes) == kind.startswith("polars")


@every_frame
def test_the_precision_of_each_moment_may_be_a_column(kind):
    columns = won(
        times([local(2026, 1, 1), local(2026, 1, 1)], zone="UTC"),
        times([local(2026, 1, 31, 23, 30), local(2026, 1, 31)], zone="UTC"),
        created_precision=["instant", "day"],
        closed_precision=["instant", "day"],
    )
    frame = framed(columns, kind)
    seoul = Period.month(2026, 1, zone="Asia/Seoul")
    # 23:30 UTC is February in Seoul; the day is the 31st everywhere.
    assert metrics.win_rate(frame, period=seoul).denominator == 1
    months = metrics.win_rate(
        frame, every="month", period=Period.quarter(2026, 1, zone="Asia/Seoul")
    )
    assert [rate.denominator for rate in months.values()] == [1, 1, 0]
    found = metrics.cycle_time(frame)
    assert found.mean_days == (30 + 30 + 23.5 / 24) / 2
    assert [str(key) for key in metrics.win_rate(frame, every="month")] == ["2026-01"]


@every_frame
def test_a_day_in_a_column_of_times_is_that_day(kind):
    columns = {
        "outcome": ["open"] * 2,
        "created_at": [date(2026, 1, 1)] * 2,
        "closed_at": times([None, None]),
        "amount": [100, 10],
        "probability": [1.0, 1.0],
        "expected_close_on": times([local(2026, 1, 31, 23, 30), local(2026, 2, 1)]),
    }
    january = Period.month(2026, 1, zone="Asia/Seoul")
    found = metrics.weighted_pipeline(framed(columns, kind), as_of=NOW, period=january)
    assert found.total.amount == 100


@every_frame
def test_columns_in_which_all_is_unknown(kind):
    import pyarrow as pa

    nothing = pa.nulls(2)
    frame = framed(won([date(2026, 1, 1)] * 2, nothing, amount=nothing, owner_id=nothing), kind)
    found = metrics.summary(frame, as_of=NOW, by="owner_id")[None]
    assert (found.n_won, found.n_created, found.average_deal_size.n_unpriced) == (2, 2, 2)
    assert found.cycle_time.n == 0
    assert metrics.win_rate(frame, period=Period.month(2026, 1)).left_out == {"no_closed_at": 2}
    assert metrics.win_rate(frame, every="month") == {}


# Objects of Python in pandas.


def objects(*values):
    import pandas as pd

    return pd.Series(values, dtype=object)


def of_objects(**columns):
    import pandas as pd

    return pd.DataFrame({"outcome": ["won"] * len(next(iter(columns.values()))), **columns})


def test_dates_that_are_objects():
    import pandas as pd

    one = date(2026, 1, 1)
    frame = of_objects(
        created_at=objects(one, one, one, one, one),
        closed_at=objects(date(2026, 1, 5), None, pd.NaT, float("nan"), date(9999, 12, 31)),
    )
    found = metrics.cycle_time(frame)
    assert (found.n, found.notes) == (2, ())
    assert found.median_days == (4 + (date(9999, 12, 31) - one).days) / 2


def test_times_that_are_objects():
    import pandas as pd

    naive = of_objects(
        created_at=objects(local(2026, 1, 1), local(1, 1, 1), None),
        closed_at=objects(local(2026, 1, 5, 12), pd.Timestamp(2026, 1, 5), pd.NaT),
    )
    found = metrics.cycle_time(naive, zone="Asia/Seoul")
    assert found.n == 2
    # Seoul was 32 minutes less ahead of UTC when it had no zone yet.
    old = (date(2026, 1, 5) - date(1, 1, 1)).days - (32 * 60 + 8) / 86_400
    assert found.median_days == pytest.approx((4.5 + old) / 2, rel=1e-12)
    assert found.notes == ("times of 'closed_at' and 'created_at' are read as Asia/Seoul",)
    noon = (2026, 1, 5, 12)
    aware = of_objects(
        created_at=objects(at(1), at(1), None),
        closed_at=objects(
            datetime(*noon, tzinfo=ZoneInfo("Asia/Seoul")),
            datetime(*noon, tzinfo=ZoneInfo("America/New_York")),
            None,
        ),
    )
    # 3:00 and 17:00 UTC of the 5th
    assert metrics.cycle_time(aware).mean_days == (4 + 3 / 24 + 4 + 17 / 24) / 2


@pytest.mark.parametrize(
    "values",
    [
        (local(2026, 1, 5), at(5)),
        (local(2026, 1, 5), date(2026, 1, 5)),
        (local(2026, 1, 5).time(), local(2026, 1, 5).time()),
        ("2026-01-05", local(2026, 1, 5)),
        (5, date(2026, 1, 5)),
    ],
    ids=["two kinds of times", "a time and a day", "times of day", "text", "a number"],
)
def test_what_is_no_column_of_one_kind_of_times_is_refused(values):
    frame = of_objects(closed_at=objects(*values))
    with pytest.raises(ColumnError, match="column 'closed_at' holds Object, no dates or times"):
        metrics.win_rate(frame, period=Period.year(2026))


@every_frame
@pytest.mark.parametrize("values", [[timedelta(1)], [local(2026, 1, 1).time()], [b"2026"]])
def test_what_is_no_date_is_refused(kind, values):
    with pytest.raises(ColumnError, match=r"column 'closed_at' holds .*, no dates or times"):
        metrics.cycle_time(framed(won([date(2026, 1, 1)], values), kind))
