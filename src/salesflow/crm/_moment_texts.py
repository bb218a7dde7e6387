"""Dates and times as people and programs write them, in each order that a text may be meant in."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_DOWN, Context, Decimal
from functools import lru_cache
from typing import TypeAlias

import attrs

from salesflow.crm._evidence import Pattern

Days: TypeAlias = tuple[date | None, date | None, date | None]
"""The day that a text means as day/month/year, month/day/year and year/month/day."""

_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
_MONTHS = {
    name[:length]: month
    for month, name in enumerate(_MONTH_NAMES.split(), start=1)
    for length in (3, len(name))
} | {"sept": 9}

_NUMERIC = re.compile(
    r"([0-9]{4}|[0-9]{1,2})([-/.]) ?([0-9]{1,2})\2 ?([0-9]{4}|[0-9]{1,2})\.?", re.ASCII
)
_NAMED = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<d>[0-9]{1,2})[-/., ]{0,2}(?P<m>[A-Za-z]{3,9})[-/., ]{0,2}(?P<y>[0-9]{4}|[0-9]{2})",
        r"(?P<m>[A-Za-z]{3,9})[-/., ]{0,2}(?P<d>[0-9]{1,2})[-/., ]{1,2}(?P<y>[0-9]{4}|[0-9]{2})",
        r"(?P<y>[0-9]{4})[-/., ]{0,2}(?P<m>[A-Za-z]{3,9})[-/., ]{0,2}(?P<d>[0-9]{1,2})",
    )
)
_CLOCK = re.compile(
    r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9])(?:[.,]([0-9]+))?)?"
    r"(?: ?([AP])\.?M\.?)?"
    r"(?: ?(Z|UTC|GMT|[-+](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?))?",
    re.ASCII | re.IGNORECASE,
)
_DECIMAL = re.compile(r"[0-9]{1,13}\.[0-9]+", re.ASCII)
_SHORTEST_DATE = len("1/3/24")

_NO_YEAR = 0
_FIRST_YEAR_OF_TWO_DIGITS = 69
_HOURS, _NOON = 24, 12
_ONE_DAY = timedelta(days=1)
MIDNIGHT = time()
"""The time that begins a day."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FROM, _TO = 631_152_000, 4_102_444_800  # seconds of 1990 up to 2100
_LAST_FROM, _LAST_TO = 253_402_214_400, 253_402_300_800  # of 9999-12-31
_COMPACT = (10_000_101, 99_991_232)  # yyyymmdd
_TRUNCATING = Context(prec=30, rounding=ROUND_DOWN, traps=[])

# The day of the last year is an open end. The others are what programs write for zero: .NET and Go,
# spreadsheets and SQL Server, Unix.
_OPEN_END = date(9999, 12, 31)
_ZEROS = frozenset([date(1, 1, 1), date(1900, 1, 1), date(1970, 1, 1)])
ODD_YEARS = frozenset([1, 1900, 1969, 1970, 9999])
"""Years of moments that may be impossible; in 1969 the Unix epoch begins west of Greenwich."""


@attrs.frozen(eq=False)
class Dated:
    """A day, as written in each order; there is at least one."""

    days: Days
    orders: Pattern
    """In which orders it is a day, and whether it is the same."""
    is_odd: bool
    """Whether it lies in a year of those that may be impossible."""


def dated(days: Days) -> Dated | None:
    """The day, if it is one in any order."""
    if not any(days):
        return None
    orders = tuple(None if day is None else days.index(day) for day in days)
    is_odd = any(day is not None and day.year in ODD_YEARS for day in days)
    return Dated(days, orders, is_odd)


@attrs.frozen(eq=False)
class Written:
    """A date, or a date and a time."""

    dated: Dated
    clock: time | None = None
    """With the zone, if it is told; None for a date alone."""
    is_end: bool = False
    """Whether the midnight is meant that ends the day."""

    @property
    def is_impossible(self) -> bool:
        """Whether it stands for: never, or nobody knows."""
        if not self.dated.is_odd:
            return False
        return any(day is not None and self._never_was(day) for day in self.dated.days)

    def _never_was(self, day: date) -> bool:
        if day == _OPEN_END:
            return True
        if self.clock is None or self.clock.replace(tzinfo=None) == MIDNIGHT:
            return day in _ZEROS
        return self.clock.tzinfo is not None and self.on(day) == _EPOCH

    def on(self, day: date) -> date | datetime:
        """The moment, if that is the day."""
        if self.clock is None:
            return day
        moment = datetime.combine(day, self.clock)
        return moment + _ONE_DAY if self.is_end else moment


@attrs.frozen(eq=False)
class Stamp:
    """A number of seconds or milliseconds since 1970; in the other unit, no year of our time."""

    seconds: datetime | None
    milliseconds: datetime | None


@attrs.frozen
class Impossible:
    """A number, or a text, that stands for: never, or nobody knows."""


def quick(text: str) -> date | datetime | None:
    """ISO 8601 as most write it, in a tenth of the time that `parse` takes; None for all else."""
    if text[4:8:3] != "--":
        return None
    try:
        if text[10:17:3] in _CLOCKED:
            moment = _to_datetime(text)
            zone = moment.tzinfo
            if not (zone is None or zone is UTC or "00" <= text[-2:] <= "59"):
                return None  # an offset of 75 minutes, which it takes as well
            return None if moment.year in ODD_YEARS else moment
        if len(text) == 10:  # noqa: PLR2004 - a date alone
            day = date.fromisoformat(text)
            return None if day.year in ODD_YEARS else day
    except ValueError:
        pass
    return None


# The marks before and after the hour, and what follows the minute. datetime takes any letter before
# the hour, times without colons, and a fraction of a minute as one of a second.
_CLOCKED = frozenset(f"{mark}:{rest}" for mark in "T " for rest in ("", ":", "Z", "+", "-", " "))
_to_datetime = datetime.fromisoformat


def parse(text: str) -> Written | Stamp | Impossible | None:
    """What a text says, without blanks around it; None if it is no date."""
    if text[:10] == "0000-00-00":
        return Impossible()  # MySQL's zero
    if "  " in text or not text.isascii():
        text = " ".join(text.split())
    colon = text.find(":")
    if colon < 0:
        return _without_clock(text)
    cut = colon - (2 if text[colon - 2 : colon - 1] in _BETWEEN else 3)
    if cut < _SHORTEST_DATE or text[cut] not in _BETWEEN:
        return None
    day, told = _dated_text(text[:cut].removesuffix(",")), _clock_text(text[cut + 1 :])
    return None if day is None or told is None else Written(day, *told)


def _without_clock(text: str) -> Written | Stamp | Impossible | None:
    if text.isascii():
        if text.isdigit():
            return from_number(int(text))
        if _DECIMAL.fullmatch(text):
            return from_number(Decimal(text))
    day = _dated_text(text)
    return None if day is None else Written(day)


_BETWEEN = frozenset(" Tt")


def from_number(number: int | Decimal) -> Written | Stamp | Impossible | None:
    """What a number says: yyyymmdd, or the time since 1970 if that lies in 1990 up to 2100."""
    if not number or _LAST_FROM <= number < _LAST_TO:
        return Impossible()
    if _FROM <= number < _TO:
        return Stamp(_since_1970(number, 1_000_000), None)
    if _FROM * 1000 <= number < _TO * 1000:
        return Stamp(None, _since_1970(number, 1_000))
    if _LAST_FROM * 1000 <= number < _LAST_TO * 1000:
        return Impossible()
    if _COMPACT[0] <= number < _COMPACT[1] and number == int(number):
        rest, day = divmod(int(number), 100)
        found = dated(_alike(_day(rest // 100, rest % 100, day)))
        return None if found is None else Written(found)
    return None


def _since_1970(number: int | Decimal, unit: int) -> datetime:
    """The instant after so many units of so many microseconds."""
    if isinstance(number, Decimal):
        return _EPOCH + timedelta(0, 0, int(_TRUNCATING.multiply(number, unit)))
    return _EPOCH + timedelta(0, 0, number * unit)


@lru_cache(maxsize=10_000)
def _dated_text(text: str) -> Dated | None:
    match = _NUMERIC.fullmatch(text)
    if match is not None:
        return dated(_numeric_days(match))
    for named in _NAMED:
        match = named.fullmatch(text)
        if match is not None:
            # With the name of a month, nobody writes a year of two digits first.
            month = _MONTHS.get(match["m"].lower(), 0)
            return dated(_alike(_day(_year(match["y"]), month, int(match["d"]))))
    return None


def _numeric_days(match: re.Match[str]) -> Days:
    a, _, b, c = match.groups()
    first, second, third = int(a), int(b), int(c)
    starts_with_year, ends_with_year = len(a) == len("2024"), len(c) == len("2024")
    if starts_with_year:
        return _alike(None if ends_with_year else _day(first, second, third))
    last = _year(c)
    return (
        _day(last, second, first),
        _day(last, first, second),
        None if ends_with_year else _day(_year(a), second, third),
    )


def _alike(day: date | None) -> Days:
    return (day, day, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(digits: str) -> int:
    """A year of four digits; one of two lies in 1969 to 2068, as for POSIX and `strptime`."""
    year = int(digits)
    if len(digits) == len("24"):
        return year + (1900 if year >= _FIRST_YEAR_OF_TWO_DIGITS else 2000)
    return year if len(digits) == len("2024") else _NO_YEAR


@lru_cache(maxsize=10_000)
def _clock_text(text: str) -> tuple[time, bool] | None:
    """The time, and whether it is 24:00: the end of the day, as ISO 8601 says."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction, half, offset = match.groups()
    hour, minute = int(hours), int(minutes)
    if half is not None:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half in "pP" else 0)
    second = 0 if seconds is None else int(seconds)
    microsecond = 0 if fraction is None else int(fraction[:6].ljust(6, "0"))
    if hour < _HOURS:
        return time(hour, minute, second, microsecond, _zone(offset)), False
    is_end = hour == _HOURS and not (minute or second or microsecond)
    return (time(tzinfo=_zone(offset)), True) if is_end else None


@lru_cache(maxsize=256)
def _zone(offset: str | None) -> tzinfo | None:
    if offset is None:
        return None
    if offset[0] not in "+-":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if offset[0] == "-" else ahead)
