"""Spans of time in a named zone.

`Period`
    a half-open span: a week, month, quarter, half, year, or any two instants.
`Calendar`
    makes periods of one zone and one fiscal year, and cuts a span into them.

A day without a time (precision ``day``) belongs to the period that its calendar date falls into,
whatever the zone.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import attrs

from salesflow.errors import (
    NaiveDatetimeError,
    OptionError,
    PeriodError,
    UnknownZoneError,
    one_of,
    shown,
)

PeriodKind = Literal["week", "month", "quarter", "half", "year", "custom"]
"""What a period is; a week is one of ISO 8601, from Monday; ``custom`` is any span."""

Day = TypeVar("Day", bound=date)

_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_KINDS = ("week", *_MONTHS)
_LABEL = re.compile(r"(FY)?(\d{4})(?:-(Q[1-4]|H[12]|W?\d{2}))?", re.ASCII)
_MONTHS_A_YEAR = 12
_WEEK = timedelta(days=7)
_MIN_YEAR, _MAX_YEAR = 2, 9998


def get_zone(name: str) -> tzinfo:
    """The zone of an IANA name."""
    try:
        return _cached_zone(name)
    except (LookupError, ValueError, OSError, TypeError):
        msg = f"cannot use time zone {shown(name)}: the IANA database does not list it"
        hint = "names look like 'Asia/Seoul' or 'America/Sao_Paulo'; 'UTC' is one too."
        raise UnknownZoneError(msg, hint=hint, zone=name) from None


@lru_cache(maxsize=1024)
def _cached_zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)


def require_aware(value: object, parameter: str) -> datetime:
    """The datetime, if it says its zone."""
    if not isinstance(value, datetime):
        msg = f"cannot use {parameter} {shown(value)}: it is no datetime"
        raise OptionError(msg, hint="give an aware datetime.", parameter=parameter, value=value)
    try:
        offset = value.utcoffset()
        value = plain(value)
    except (ValueError, TypeError) as error:
        msg = f"cannot use {parameter} {shown(value)}: it is no moment in time"
        hint = "leave out what is unknown, or give None."
        raise OptionError(msg, hint=hint, parameter=parameter, value=value) from error
    if offset is None:
        msg = f"cannot use {parameter} {value.isoformat()}: it has no time zone"
        hint = f"say which zone it is in, as in {value.isoformat()}+00:00 for UTC."
        raise NaiveDatetimeError(msg, hint=hint, parameter=parameter, value=value)
    return value


def plain(value: Day) -> Day:
    """A datetime or date without what a subclass adds, like the nanoseconds of pandas.

    Raises:
        ValueError, TypeError: for one that is no moment, like NaT.
    """
    kind = type(value)
    if kind is datetime or kind is date:
        return value
    if not isinstance(value, datetime):
        return date(value.year, value.month, value.day)  # type: ignore[return-value]
    value.utcoffset()  # what is no moment has none to tell
    clock = time(value.hour, value.minute, value.second, value.microsecond, fold=value.fold)
    day = date(value.year, value.month, value.day)
    return datetime.combine(day, clock, value.tzinfo)  # type: ignore[return-value]


def wall_time(instant: datetime) -> datetime:
    """What the clock and calendar show there and then, labelled UTC to compare with days."""
    return instant.replace(tzinfo=UTC, fold=0)


def midnight(day: date) -> datetime:
    """How a day without a time is stored: midnight UTC."""
    return datetime.combine(day, time(), UTC)


def _first_instant(day: date, zone: str) -> datetime:
    # At a gap or a fold around midnight, fold=0 gives the first instant of the day.
    return datetime.combine(day, time(), get_zone(zone)).astimezone(UTC)


def _day_begun(instant: datetime, zone: str) -> date | None:
    """The day that the instant is the first one of, which need not be midnight; else None."""
    day = instant.astimezone(get_zone(zone)).date()
    return day if _first_instant(day, zone) == instant else None


def _require_date(value: object, parameter: str) -> None:
    if not isinstance(value, date):
        msg = f"cannot use {parameter} {shown(value)}: it is no date and no datetime"
        hint = "give a datetime.date or an aware datetime."
        raise OptionError(msg, hint=hint, parameter=parameter, value=value)


def _reversed(start: date, end: date) -> PeriodError:
    msg = f"cannot make a period from {start} to {end}: it does not start before its end"
    return PeriodError(msg, value=(start, end))


@attrs.frozen(order=False, repr=False)
class Period:
    """Which span of time is meant?

    From ``start`` up to, not including, ``end``. Both are instants in UTC; ``zone`` is where its
    months and days are counted. Make one with `week`, `month`, `quarter`, `half`, `year`,
    `between` or `parse`, or with a `Calendar` for fiscal years.

    Example:
        >>> quarter = Period.quarter(2026, 1, zone="Asia/Seoul")
        >>> print(quarter, quarter.previous(), quarter.start)
        2026-Q1 2025-Q4 2025-12-31 15:00:00+00:00
        >>> date(2026, 3, 31) in quarter, date(2026, 4, 1) in quarter
        (True, False)
    """

    start: datetime
    end: datetime
    zone: str
    kind: PeriodKind
    label: str
    calendar: "Calendar" = attrs.field(eq=False)

    def __attrs_post_init__(self) -> None:
        get_zone(self.zone)
        start, end = require_aware(self.start, "start"), require_aware(self.end, "end")
        if not start < end:
            raise _reversed(start, end)

    @staticmethod
    def week(year: int, week: int, *, zone: str = "UTC") -> "Period":
        """A week of ISO 8601, from Monday; 1 to 52 or 53, of the year that its Thursday is in."""
        return Calendar(zone).week(year, week)

    @staticmethod
    def month(year: int, month: int, *, zone: str = "UTC") -> "Period":
        """A calendar month."""
        return Calendar(zone).month(year, month)

    @staticmethod
    def quarter(year: int, quarter: int, *, zone: str = "UTC") -> "Period":
        """A calendar quarter, 1 to 4."""
        return Calendar(zone).quarter(year, quarter)

    @staticmethod
    def half(year: int, half: int, *, zone: str = "UTC") -> "Period":
        """A half of a calendar year, 1 or 2."""
        return Calendar(zone).half(year, half)

    @staticmethod
    def year(year: int, *, zone: str = "UTC") -> "Period":
        """A calendar year."""
        return Calendar(zone).year(year)

    @staticmethod
    def between(start: date, end: date, *, zone: str = "UTC") -> "Period":
        """Any span; a date means the midnight it begins with, in the zone.

        Raises:
            NaiveDatetimeError: for a datetime without a zone.
            PeriodError: unless start is before end.
        """
        return Calendar(zone).between(start, end)

    @staticmethod
    def parse(text: str, *, zone: str = "UTC") -> "Period":
        """The period that ``str`` printed: ``2026``, ``2026-Q1``, ``2026-01``, ``2026-W01`` ….

        A fiscal one (``FY2026-Q1``) is read by the `Calendar` that says when its year begins.

        Raises:
            PeriodError: for any other text.
        """
        if isinstance(text, str) and text.startswith("FY"):
            msg = f"cannot read period {text!r}: nothing says when the fiscal year begins"
            hint = "read it with Calendar(zone, first_month=…).parse."
            raise PeriodError(msg, hint=hint, value=text)
        return Calendar(zone).parse(text)

    def previous(self) -> "Period":
        """The one of equal kind before it; of a custom span, the equally long one."""
        return self._shifted(-1)

    def next(self) -> "Period":
        """The one of equal kind after it; of a custom span, the equally long one."""
        return self._shifted(1)

    def _shifted(self, by: int) -> "Period":
        if self.kind == "week":
            return self.calendar.at_week(self.wall_start.date() + by * _WEEK)
        if self.kind != "custom":
            return self.calendar.at_month(self.kind, self._first_month + by * _MONTHS[self.kind])
        first, last = _day_begun(self.start, self.zone), _day_begun(self.end, self.zone)
        try:
            if first is not None and last is not None:
                days = (last - first) * by
                return self.calendar.between(first + days, last + days)
            span = (self.end - self.start) * by
            return self.calendar.between(self.start + span, self.end + span)
        except OverflowError:
            msg = f"cannot shift period {self.label}: it would leave years 1 to 9999"
            raise PeriodError(msg, value=self.label) from None

    @property
    def _first_month(self) -> int:
        return self.wall_start.year * _MONTHS_A_YEAR + self.wall_start.month - 1

    @property
    def wall_start(self) -> datetime:
        """The start as the zone's clock shows it, labelled UTC: what a day is compared with.

        The first instant of a day reads as its midnight, even where the clocks skip that.
        """
        return self._wall(self.start)

    @property
    def wall_end(self) -> datetime:
        """The end as the zone's clock shows it, labelled UTC: what a day is compared with."""
        return self._wall(self.end)

    def _wall(self, instant: datetime) -> datetime:
        day = _day_begun(instant, self.zone)
        return wall_time(instant.astimezone(get_zone(self.zone))) if day is None else midnight(day)

    def __contains__(self, moment: date) -> bool:
        """Whether an aware datetime, or a day, falls into the period."""
        if isinstance(moment, datetime):
            return self.start <= require_aware(moment, "moment") < self.end
        _require_date(moment, "moment")
        return self.wall_start <= midnight(moment) < self.wall_end

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return f"<Period {self.label} {self.zone}>"


@attrs.frozen
class Calendar:
    """How is time cut into months, quarters and years here?

    Args:
        zone: an IANA name.
        first_month: the month that the fiscal year begins with. [1 to 12]
        year_named_by: a fiscal year is named after the calendar year it ends in (``end``, usual
            in the United States and Australia) or begins in (``start``, usual in Japan).

    Raises:
        UnknownZoneError: for a name the IANA database does not list.
        OptionError: for a month outside 1 to 12, or another naming.

    Example:
        >>> fiscal = Calendar("Australia/Sydney", first_month=7)
        >>> first = fiscal.quarter(2026, 1)
        >>> print(first, first.wall_start.date())
        FY2026-Q1 2025-07-01
        >>> [str(month) for month in fiscal.periods("month", first.start, first.end)]
        ['2025-07', '2025-08', '2025-09']
    """

    zone: str = "UTC"
    first_month: int = attrs.field(default=1, kw_only=True)
    year_named_by: Literal["end", "start"] = attrs.field(default="end", kw_only=True)

    def __attrs_post_init__(self) -> None:
        get_zone(self.zone)
        month: object = self.first_month
        if not isinstance(month, int) or not 1 <= month <= _MONTHS_A_YEAR:
            given = shown(month)
            msg = f"cannot begin a fiscal year with month {given}: months are 1 to 12"
            raise OptionError(msg, parameter="first_month", value=self.first_month)
        if self.year_named_by not in ("end", "start"):
            msg = f"cannot name fiscal years by {self.year_named_by!r}"
            hint = "give 'end' or 'start'."
            raise OptionError(msg, hint=hint, parameter="year_named_by", value=self.year_named_by)

    def week(self, year: int, week: int) -> Period:
        """A week of ISO 8601: weeks keep their year whatever the fiscal one."""
        self._check_whole(year)
        self._check_year(year)
        try:
            monday = date.fromisocalendar(year, week, 1)
        except (ValueError, TypeError):
            most = date(year, 12, 28).isocalendar().week
            msg = f"cannot make week {shown(week)}: {year} has weeks 1 to {most}"
            raise PeriodError(msg, value=week) from None
        return self.at_week(monday)

    def month(self, year: int, month: int) -> Period:
        """A calendar month: months keep their calendar year whatever the fiscal one."""
        self._check_whole(year)
        self._check("month", month, _MONTHS_A_YEAR)
        return self.at_month("month", year * _MONTHS_A_YEAR + month - 1)

    def quarter(self, year: int, quarter: int) -> Period:
        """A quarter of the (fiscal) year, 1 to 4."""
        return self._part("quarter", year, quarter)

    def half(self, year: int, half: int) -> Period:
        """A half of the (fiscal) year, 1 or 2."""
        return self._part("half", year, half)

    def year(self, year: int) -> Period:
        """A (fiscal) year."""
        return self._part("year", year, 1)

    def between(self, start: date, end: date) -> Period:
        """Any span; a date means the midnight it begins with, in the zone."""
        first, last = self._instant(start, "start"), self._instant(end, "end")
        if not first < last:
            raise _reversed(start, end)
        label = f"{self._show(first)}/{self._show(last)}"
        return Period(first, last, self.zone, "custom", label, self)

    def containing(self, kind: PeriodKind, moment: date) -> Period:
        """The period of a kind that an aware datetime or a day falls into."""
        self._check_kind(kind)
        day = self._day_of(moment)
        if kind == "week":
            self._check_year(day.year)
            period = self.at_week(day - timedelta(days=day.weekday()))
        else:
            month = day.year * _MONTHS_A_YEAR + day.month - 1
            period = self.at_month(kind, month - (month - self.first_month + 1) % _MONTHS[kind])
        # Clocks set back over midnight show the old date once more, after the new day has begun.
        return period if moment in period else period.next()

    def _day_of(self, moment: date) -> date:
        if not isinstance(moment, datetime):
            _require_date(moment, "moment")
            return moment
        try:
            return require_aware(moment, "moment").astimezone(get_zone(self.zone)).date()
        except OverflowError:
            raise self._no_year(moment.year) from None

    def periods(self, kind: PeriodKind, start: date, end: date) -> Iterator[Period]:
        """All periods of a kind that hold any of the span from start up to, not including, end."""
        span = self.between(start, end)
        period = self.containing(kind, span.start)
        yield period
        while period.end < span.end:
            period = period.next()
            yield period

    def parse(self, text: str) -> Period:
        """The period that ``str`` printed; ``FY`` before the year means the fiscal one.

        Raises:
            PeriodError: for a text that names no period.
        """
        match = _LABEL.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            return self._parse_span(text)
        fiscal, year, part = match[1], int(match[2]), match[3] or ""
        calendar = self if fiscal else attrs.evolve(self, first_month=1)
        number = part.removeprefix("W")
        if number.isdigit():
            if fiscal:
                raise self._unreadable(text)
            return (self.month if part == number else self.week)(year, int(number))
        if part:
            kind: PeriodKind = "quarter" if part[0] == "Q" else "half"
            return calendar._part(kind, year, int(part[1]))  # noqa: SLF001 - same class
        return calendar.year(year)

    def _parse_span(self, text: str) -> Period:
        try:
            start, end = (self._parse_bound(part) for part in text.split("/"))
        except (ValueError, AttributeError, TypeError):
            raise self._unreadable(text) from None
        return self.between(start, end)

    @staticmethod
    def _parse_bound(text: str) -> date:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)

    @staticmethod
    def _unreadable(text: object) -> PeriodError:
        msg = f"cannot read period {shown(text)}: it names no period"
        hint = "write 2026, 2026-Q1, 2026-01, 2026-W01, FY2026-Q1, or 2026-01-05/2026-02-05."
        return PeriodError(msg, hint=hint, value=text)

    def at_month(self, kind: PeriodKind, month: int) -> Period:
        """The period of a kind that begins with a month, counted from year 0."""
        self._check_year(month // _MONTHS_A_YEAR)
        first, last = (self._month_start(m) for m in (month, month + _MONTHS[kind]))
        return Period(first, last, self.zone, kind, self._label(kind, month), self)

    def at_week(self, monday: date) -> Period:
        """The week that begins with a Monday."""
        year, week, _ = monday.isocalendar()
        self._check_year(year)
        first, last = (_first_instant(day, self.zone) for day in (monday, monday + _WEEK))
        return Period(first, last, self.zone, "week", f"{year:04}-W{week:02}", self)

    def _month_start(self, month: int) -> datetime:
        year, zero_based = divmod(month, _MONTHS_A_YEAR)
        return _first_instant(date(year, zero_based + 1, 1), self.zone)

    @staticmethod
    def _check_whole(year: object) -> None:
        if not isinstance(year, int):
            msg = f"cannot make a period of year {shown(year)}: it is no whole number"
            raise PeriodError(msg, value=year)

    @classmethod
    def _check_year(cls, year: int) -> None:
        if not _MIN_YEAR <= year <= _MAX_YEAR:
            raise cls._no_year(year)

    @staticmethod
    def _no_year(year: int) -> PeriodError:
        msg = f"cannot make a period in year {shown(year)}: years are {_MIN_YEAR} to {_MAX_YEAR}"
        return PeriodError(msg, value=year)

    def _part(self, kind: PeriodKind, year: int, part: int) -> Period:
        self._check_whole(year)
        self._check(kind, part, _MONTHS_A_YEAR // _MONTHS[kind])
        named_after_end = self.first_month > 1 and self.year_named_by == "end"
        first = (year - named_after_end) * _MONTHS_A_YEAR + self.first_month - 1
        return self.at_month(kind, first + (part - 1) * _MONTHS[kind])

    def _label(self, kind: PeriodKind, month: int) -> str:
        if kind == "month":
            year, zero_based = divmod(month, _MONTHS_A_YEAR)
            return f"{year:04}-{zero_based + 1:02}"
        begun, within = divmod(month - self.first_month + 1, _MONTHS_A_YEAR)
        fiscal = self.first_month > 1
        year = begun + (fiscal and self.year_named_by == "end")
        name = f"FY{year:04}" if fiscal else f"{year:04}"
        return name if kind == "year" else f"{name}-{kind[0].upper()}{within // _MONTHS[kind] + 1}"

    def _instant(self, moment: date, parameter: str) -> datetime:
        _require_date(moment, parameter)
        self._check_year(moment.year)
        if isinstance(moment, datetime):
            return require_aware(moment, parameter).astimezone(UTC)
        return _first_instant(moment, self.zone)

    def _show(self, instant: datetime) -> str:
        day = _day_begun(instant, self.zone)
        return (day or instant.astimezone(get_zone(self.zone))).isoformat()

    @staticmethod
    def _check(kind: str, number: object, most: int) -> None:
        if not isinstance(number, int) or not 1 <= number <= most:
            msg = f"cannot make {kind} {shown(number)}: a year has {kind}s 1 to {most}"
            raise PeriodError(msg, value=number)

    @staticmethod
    def _check_kind(kind: str) -> None:
        if kind not in _KINDS:
            msg = f"cannot cut time by {kind!r}"
            hint = f"give {one_of(_KINDS)}."
            raise OptionError(msg, hint=hint, parameter="kind", value=kind)


def days_between(start: datetime, end: datetime) -> timedelta:
    """Whole days from one calendar date to another, in UTC."""
    return timedelta(days=end.toordinal() - start.toordinal())
