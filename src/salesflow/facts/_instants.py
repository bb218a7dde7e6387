"""Dates and times of a frame as whole microseconds since 1970 in UTC, the same on every engine.

Engines differ in how they read a local time that the clocks skip or show twice, and lazy ones
cannot convert zones at all. So a column becomes integers first, and the clock changes come from
Python: a time shown twice is the earlier one, a skipped one is read with the offset before it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from salesflow.facts._narwhals import nw
from salesflow.facts._tables import Frame
from salesflow.models.past import Cut
from salesflow.periods import get_zone, midnight

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_DAY = 86_400_000_000
_MICROSECOND = timedelta(microseconds=1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100  # nobody knows the clock changes of later years

Change = tuple[int, int]
"""From when on, as the clock shows it, and how far the clock is ahead of UTC. [microseconds]"""


def microseconds_of(instant: datetime) -> int:
    """An aware instant as a column holds it."""
    return (instant - EPOCH) // _MICROSECOND


def days(span: Any) -> Any:
    """Microseconds as days."""
    # polars multiplies by 1/x where it should divide by a number x, which is off by a last bit.
    span = span.cast(nw.Float64)
    return span / (span - span + A_DAY)


def with_microseconds(frame: Frame, source: str, target: str) -> Frame:
    """The frame with one more column: the microseconds of a date, or of what the clock shows."""
    dtype = frame.collect_schema()[source]
    implementation = frame.implementation
    if implementation.is_duckdb():
        text = f'epoch_us("{source}")'
        return nw.from_native(nw.to_native(frame).project(f'*, {text} AS "{target}"'))
    if implementation.is_pyspark() or implementation.is_pyspark_connect():
        text = _spark_text(dtype, f"`{source}`")
        return nw.from_native(nw.to_native(frame).selectExpr("*", f"{text} AS `{target}`"))
    return frame.with_columns(nw.col(source).dt.timestamp("us").alias(target))


def _spark_text(dtype: Any, name: str) -> str:
    """How Spark tells microseconds, whatever the zone of the session."""
    if dtype == nw.Date:
        return f"unix_date({name}) * {A_DAY}L"
    if dtype.time_zone is not None:
        return f"unix_micros({name})"
    seconds = f"cast(extract(second from {name}) * 1000000 as bigint)"
    clock = f"hour({name}) * 3600000000L + minute({name}) * 60000000L + {seconds}"
    return f"unix_date(cast({name} as date)) * {A_DAY}L + {clock}"


def in_utc(frame: Frame, ends: tuple[int, int] | None, zone: str | None) -> Frame:
    """The frame with its microseconds in UTC, if it has local times of another zone."""
    dtype = frame.collect_schema()["entered_at"]
    is_local = isinstance(dtype, nw.Datetime) and dtype.time_zone is None
    if zone is None or not is_local or ends is None:
        return frame
    return frame.with_columns(to_utc("_us", clock_changes(zone, *ends)).alias("_us"))


def up_to(frame: Frame, cut: Cut) -> Frame:
    """The rows entered up to a cut; dates are compared with the date that its own clock shows."""
    is_date = frame.collect_schema()["entered_at"] == nw.Date
    last = microseconds_of(midnight(cut.wall.date()) if is_date else cut.at)
    return frame.filter(nw.col("_us") <= last)


def ends_of(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    """The lowest and the highest moment of rows that hold both; None if there is no moment."""
    # What is not equal to itself is the nan by which pandas says that there is none.
    known = [row for row in rows if row["_low"] is not None and row["_low"] == row["_low"]]
    if not known:
        return None
    return int(min(row["_low"] for row in known)), int(max(row["_high"] for row in known))


def to_utc(name: str, changes: list[Change]) -> Any:
    """A column of microseconds that a zone's clock shows, as those of UTC."""
    return nw.col(name) - _offset(nw.col(name), changes)


def _offset(clock: Any, changes: list[Change]) -> Any:
    if len(changes) == 1:
        return nw.lit(changes[0][1])
    middle = len(changes) // 2
    before = _offset(clock, changes[:middle])
    after = _offset(clock, changes[middle:])
    return nw.when(clock < changes[middle][0]).then(before).otherwise(after)


def clock_changes(zone: str, low: int, high: int) -> list[Change]:
    """The offsets of a zone between two moments, from the first on."""
    place = get_zone(zone)
    day, last = (_known_day(moment) for moment in (low - A_DAY, high + A_DAY))
    offset = _offset_at(day, place)
    changes = [(day, offset)]
    while day < last:
        following = day + A_DAY
        if _offset_at(following, place) != offset:
            found = _first_with_another(day, following, offset, place)
            offset = _offset_at(following, place)
            changes.append((found, offset))
        day = following
    return changes


def _known_day(moment: int) -> int:
    """The midnight before a moment, within the years whose clock changes are known."""
    first, last = (
        microseconds_of(midnight(date(year, 1, 1))) for year in (_FIRST_YEAR, _LAST_YEAR)
    )
    return min(max(moment // A_DAY * A_DAY, first), last)


def _offset_at(clock: int, place: tzinfo) -> int:
    shown = (EPOCH + timedelta(microseconds=clock)).replace(tzinfo=place)
    return (shown.utcoffset() or timedelta()) // _MICROSECOND


def _first_with_another(low: int, high: int, offset: int, place: tzinfo) -> int:
    """When the clock first has another offset, between a moment with it and one without."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_at(middle, place) == offset:
            low = middle
        else:
            high = middle
    return high
