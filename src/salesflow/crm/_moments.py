"""`MomentColumn`: dates and instants, in the one format that the whole column is written in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal, TypeAlias

import attrs

from salesflow.crm._blanks import BLANK_WORDS, INVISIBLE, is_missing
from salesflow.crm._cells import BadCell
from salesflow.crm._evidence import LONGEST, Evidence, Memo, Pattern, Question, brief
from salesflow.crm._iso_chunks import MIDNIGHTS, Shape, days_of, instants_of, shape_of
from salesflow.crm._moment_texts import (
    MIDNIGHT,
    ODD_YEARS,
    Dated,
    Impossible,
    Stamp,
    Written,
    from_number,
    parse,
    quick,
)
from salesflow.crm._table import Cell
from salesflow.errors import NaiveDatetimeError
from salesflow.periods import get_zone, plain

Moment: TypeAlias = date | datetime
"""A date without a time, or an instant in UTC."""

Clock = Literal["blank", "bad", "impossible", "day", "midnight", "naive", "aware"]
"""What a cell tells of a time."""

ORDERS = ("dmy", "mdy", "ymd")
UNITS = ("seconds", "milliseconds")

_WORDS = {
    "dmy": "day/month/year",
    "mdy": "month/day/year",
    "ymd": "year/month/day",
    "seconds": "seconds since 1970",
    "milliseconds": "milliseconds since 1970",
}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock shows, in any zone
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_DAY = timedelta(days=1)


@attrs.frozen(eq=False)
class _Kind:
    """What matters of a cell before the format is settled. There is one of each, for speed."""

    clock: Clock
    orders: Pattern = (0, 0, 0)
    units: Pattern = (0, 0)


@cache
def _kind(clock: Clock, orders: Pattern = (0, 0, 0), units: Pattern = (0, 0)) -> _Kind:
    return _Kind(clock, orders, units)


_DAY_KIND, _AWARE, _NAIVE = _kind("day"), _kind("aware"), _kind("naive")
_AT_MIDNIGHT, _BLANK = _kind("midnight"), _kind("blank")
_BAD, _IMPOSSIBLE = _kind("bad", (None, None, None)), _kind("impossible")
_IN_SECONDS = _kind("aware", units=(0, None))
_IN_MILLISECONDS = _kind("aware", units=(None, 0))


def _kinds_of_shape(cells: Sequence[str], shape: Shape) -> list[_Kind]:
    if shape != "naive":
        kind = _DAY_KIND if shape == "day" else _AWARE
        return [kind if cell else _BLANK for cell in cells]
    return [
        (_AT_MIDNIGHT if cell[_DATE_LENGTH:] in MIDNIGHTS else _NAIVE) if cell else _BLANK
        for cell in cells
    ]


_DATE_LENGTH = len("2026-01-31 ")


class MomentColumn:
    """A column of dates, of instants, or of both.

    Years first, names of months, and numbers are read wherever they stand. The order of day and
    month, and the unit of a number since 1970, are settled for the whole column: what fits the
    most of its cells. What does not fit is a `BadCell`.

    - A date stays a date. Where all times are 00:00 and none names a zone, the column holds dates.
    - A time that names no zone is one of ``zone``. Of two instants that a clock shows twice, the
      earlier is taken, and counted; a time that clocks went forward over is a `BadCell`.
    - ``9999-12-31``, and the zeros of programs (0001-01-01, 1900-01-01, 1970-01-01 at 00:00, and
      0000-00-00), are unknown, and counted.
    - 24:00 is the end of its day; a second 60 is a `BadCell`. Digits after the microsecond are cut.

    Args:
        name: the column, as the source names it.
        order: the order of day and month, or the unit of numbers, if the caller says it.
        zone: the IANA name of the zone of times that name none.
        blanks: what means that nothing is known, see `blank_words`.

    Raises:
        UnknownZoneError: for a zone that is none.
    """

    def __init__(
        self,
        name: str,
        *,
        order: str | None = None,
        zone: str | None = None,
        blanks: frozenset[str] = BLANK_WORDS,
    ) -> None:
        self.name = name
        self.n_impossible = 0
        """How many cells hold an end that cannot be. [count]"""
        self.impossible_rows: tuple[int, ...] = ()
        """The first of them."""
        self.n_twice = 0
        """How many times, of those read so far, the clocks of the zone showed twice. [count]"""
        self._given = order
        self._zone_name = zone
        self._zone = None if zone is None else get_zone(zone)
        self._blanks = blanks
        self._has_usual_blanks = blanks == BLANK_WORDS
        self._evidence: Evidence[_Kind] = Evidence()
        self._kinds: Memo[_Kind] = Memo(self._kind_of, blanks)
        self._values: Memo[Moment | BadCell | None] = Memo(self._read, blanks)
        self._order = self._unit = 0
        self._midnights_are_days = False
        self._twice: set[Cell] = set()
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided, in words."""
        if not self.n_twice:
            return tuple(self._notes)
        twice = f"{self.n_twice} times are such that clocks showed twice; the earlier is taken"
        return (*self._notes, twice)

    def observe(self, first_row: int, cells: Sequence[Cell]) -> None:
        """Look at some cells, the first of them in a row counted from 1."""
        shape = self._shape(cells)
        kinds = self._kinds.of(cells) if shape is None else _kinds_of_shape(cells, shape)
        self._evidence.add(first_row, cells, kinds)

    def settle(self) -> None:
        """Settle the format, after all cells were looked at.

        Raises:
            AmbiguousColumnError: if two formats fit equally well, and differ.
            NaiveDatetimeError: if there are times without a zone, and ``zone`` was not given.
        """
        counts, given = self._evidence.counts, self._given
        orders = Question(self.name, ORDERS, _WORDS, "dates").settle(
            given, {kind: kind.orders for kind in counts}, self._evidence
        )
        units = Question(self.name, UNITS, _WORDS, "dates").settle(
            given, {kind: kind.units for kind in counts}, self._evidence
        )
        self._order, self._unit = orders.place, units.place
        self._notes = [*orders.notes, *units.notes]
        fitting = [
            kind
            for kind in counts
            if kind.orders[self._order] is not None and kind.units[self._unit] is not None
        ]
        lost = [kind for kind in fitting if kind.clock == "impossible"]
        self.n_impossible, examples = self._evidence.of(lost)
        self.impossible_rows = tuple(row for row, _ in examples)
        self._settle_zone(fitting)

    def _settle_zone(self, fitting: list[_Kind]) -> None:
        clocks = {kind.clock for kind in fitting}
        self._midnights_are_days = "midnight" in clocks and not clocks & {"naive", "aware"}
        if self._midnights_are_days:
            self._notes.append("all times are 00:00: read as dates")
            return
        naive = [kind for kind in fitting if kind.clock in ("naive", "midnight")]
        if not naive:
            return
        if self._zone is not None:
            self._notes.append(f"times without a zone are taken to be of {self._zone_name}")
            return
        row, text = self._evidence.of(naive)[1][0]
        msg = f"cannot read column {self.name!r}: {text!r} in row {row} does not say its time zone"
        hint = "pass zone='Asia/Seoul' or the like, or zone='UTC' if all such times are of UTC."
        raise NaiveDatetimeError(msg, hint=hint, parameter="zone", value=text)

    def read(self, cells: Sequence[Cell]) -> list[Moment | BadCell | None]:
        """The values of some cells: dates, instants in UTC, None where unknown."""
        found = self._read_plain(cells)
        if found is not None:
            return found
        found = self._values.of(cells)
        if self._twice:
            self.n_twice += sum(isinstance(c, str | date) and c in self._twice for c in cells)
        return found

    def _shape(self, cells: Sequence[Cell]) -> Shape | None:
        """The shape of cells that are all plain; what a caller takes for a blank may be plain."""
        return shape_of(cells) if self._has_usual_blanks else None

    def _read_plain(self, cells: Sequence[Cell]) -> list[Moment | BadCell | None] | None:
        """The values of cells that are all plain dates or times in UTC; None for others."""
        shape = self._shape(cells)
        if shape == "day":
            return days_of(cells)
        if shape == "utc":
            return instants_of(cells, shape)
        if shape == "naive" and self._zone is UTC and not self._midnights_are_days:
            return instants_of(cells, shape)
        return None

    def _kind_of(self, cell: Cell) -> _Kind:
        moment = quick(cell) if cell.__class__ is str else _plain(cell)
        if moment is None:
            return _kind_of_found(self._find(cell))
        if not isinstance(moment, datetime):
            return _DAY_KIND
        if moment.tzinfo is not None:
            return _AWARE
        return _AT_MIDNIGHT if moment.time() == MIDNIGHT else _NAIVE

    def _find(self, cell: Cell) -> Written | Stamp | Impossible | BadCell | None:
        """What a cell holds, in each format; None where that is unknown."""
        found = None
        if isinstance(cell, str):
            text = str.__str__(cell).strip(INVISIBLE)
            if len(text) <= LONGEST:
                found = parse(text)
                if found is None and text.casefold() in self._blanks:
                    return None
        elif is_missing(cell):
            return None
        elif isinstance(cell, date):
            found = _from_native(cell)
        elif isinstance(cell, float):
            found = from_number(Decimal(float.__repr__(cell)))
        elif isinstance(cell, int | Decimal) and not isinstance(cell, bool):
            found = from_number(cell)
        return BadCell(f"{brief(cell)} is no date") if found is None else found

    def _read(self, cell: Cell) -> Moment | BadCell | None:
        moment = quick(cell) if cell.__class__ is str else _plain(cell)
        if moment is not None:
            return self._finished(moment, cell)
        found = self._find(cell)
        if found is None or isinstance(found, BadCell):
            return found
        if isinstance(found, Impossible):
            return None
        if isinstance(found, Stamp):
            instant = found.seconds if self._unit == 0 else found.milliseconds
            return _misfit(cell, UNITS[self._unit]) if instant is None else instant
        day = found.dated.days[self._order]
        if day is None:
            return _misfit(cell, ORDERS[self._order])
        return None if found.is_impossible else self._finished(found.on(day), cell)

    def _finished(self, moment: Moment, cell: Cell) -> Moment | BadCell:
        """The moment, an instant in UTC."""
        if not isinstance(moment, datetime) or moment.tzinfo is UTC:
            return moment
        try:
            if moment.tzinfo is None:
                return self._in_zone(moment, cell)
            return moment.astimezone(UTC)
        except OverflowError:
            return BadCell(f"{brief(cell)} lies outside the years 1 to 9999 in UTC")

    def _in_zone(self, local: datetime, cell: Cell) -> Moment | BadCell:
        if self._midnights_are_days and local.time() == MIDNIGHT:
            return local.date()
        if self._zone is None:
            return BadCell(f"{brief(cell)} does not say its time zone")
        offset = _offset_of_day(self._zone, local.date())
        if offset is None:
            offset, later = _offsets(self._zone, local)
            if offset < later:
                zone = self._zone_name
                return BadCell(f"{brief(cell)} is no time in {zone}: clocks went forward over it")
            if offset > later:
                self._twice.add(cell)
        return _EPOCH_UTC + (local - _EPOCH - offset)


def _misfit(cell: Cell, chosen: str) -> BadCell:
    return BadCell(f"{brief(cell)} is no date in {_WORDS[chosen]}, as its column is written")


def _plain(cell: Cell) -> Moment | None:
    """A date or datetime that needs no more looking at; None for all else."""
    kind = cell.__class__
    if kind is date or (kind is datetime and cell.tzinfo in _PLAIN_ZONES):
        moment: Moment = cell
        return None if moment.year in ODD_YEARS else moment
    return None


_PLAIN_ZONES = (None, UTC)


def _kind_of_found(found: Written | Stamp | Impossible | BadCell | None) -> _Kind:
    if found is None:
        return _BLANK
    if isinstance(found, Impossible):
        return _IMPOSSIBLE
    if isinstance(found, Stamp):
        return _IN_MILLISECONDS if found.seconds is None else _IN_SECONDS
    if isinstance(found, BadCell):
        return _BAD
    return _kind(_clock_of(found), found.dated.orders)


def _clock_of(found: Written) -> Clock:
    if found.is_impossible:
        return "impossible"
    if found.clock is None:
        return "day"
    if found.clock.tzinfo is not None:
        return "aware"
    return "midnight" if found.clock == MIDNIGHT else "naive"


def _from_native(cell: date) -> Written | None:
    try:
        moment = plain(cell)
        if not isinstance(moment, datetime):
            return Written(_dated(moment))
        offset = moment.utcoffset()
    except (ValueError, TypeError):
        return None
    zone = None if offset is None else timezone(offset)
    return Written(_dated(moment.date()), moment.time().replace(tzinfo=zone))


def _dated(day: date) -> Dated:
    return Dated((day, day, day), (0, 0, 0), day.year in ODD_YEARS)


@lru_cache(maxsize=10_000)
def _offset_of_day(zone: tzinfo, day: date) -> timedelta | None:
    """What is ahead of UTC on all of a day; None if clocks change, which they do once at most."""
    start = datetime.combine(day, MIDNIGHT)
    first, last = zone.utcoffset(start), zone.utcoffset(start + _ONE_DAY)
    return first if first == last else None


def _offsets(zone: tzinfo, local: datetime) -> tuple[timedelta, timedelta]:
    """What is ahead of UTC at a time, as before and as after a change of clocks."""
    found = [zone.utcoffset(local.replace(fold=fold)) or timedelta() for fold in (0, 1)]
    return found[0], found[1]
