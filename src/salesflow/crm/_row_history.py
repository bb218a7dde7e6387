"""The stages that a row itself tells of: columns that date a stage, or hold a list of them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from salesflow.crm._cells import BadCell
from salesflow.crm._dates import to_moment
from salesflow.crm._moments import MomentColumn
from salesflow.crm._names import folded
from salesflow.crm._stays import NOWHERE
from salesflow.crm.formats import of_column
from salesflow.process._restoring import Stay

if TYPE_CHECKING:
    from salesflow.crm._table import Cell, Chunk, Columns
    from salesflow.crm.formats import Formats
    from salesflow.crm.systems._system import System


class Finder(Protocol):
    """What knows stages by the names of an export."""

    def find(self, name: str) -> str | None:
        """The stage of that name; None if there is none."""


@attrs.frozen
class _Dated:
    """A column that dates the entry into a stage, and the one that dates its end."""

    stage: str
    entered: tuple[int, MomentColumn]
    left: tuple[int, MomentColumn] | None


class RowHistory:
    """Reads the stays that the rows of an export tell of themselves."""

    def __init__(
        self, columns: Sequence[str], system: "System", formats: "Formats", zone: str | None
    ) -> None:
        """Find the columns."""
        self.unreadable: Counter[str] = Counter()
        """How many cells of each column are no date, of those read so far."""
        self._zone = zone or ("UTC" if system.utc_texts else None)
        self._dates = formats.dates
        self._dated: dict[str, _Dated] = {}
        for dates in system.stage_dates:
            left = _with_prefix(columns, dates.left, dates.end)
            for stage, place in _with_prefix(columns, dates.entered, dates.end).items():
                if stage not in self._dated:
                    ends = left.get(stage)
                    self._dated[stage] = _Dated(
                        place[1],
                        (place[0], self._column(columns[place[0]])),
                        None if ends is None else (ends[0], self._column(columns[ends[0]])),
                    )
        lists = {folded(name) for name in system.stage_history}
        self._lists = [
            (index, self._column(name))
            for index, name in enumerate(columns)
            if folded(name) in lists
        ]

    def _column(self, name: str) -> MomentColumn:
        return MomentColumn(name, order=of_column(self._dates, name), zone=self._zone)

    @property
    def taken(self) -> frozenset[int]:
        """The places of the columns that it reads."""
        places = {index for index, _ in self._lists}
        for dated in self._dated.values():
            places |= {dated.entered[0], *(() if dated.left is None else (dated.left[0],))}
        return frozenset(places)

    @property
    def names(self) -> tuple[str, ...]:
        """The stages that columns date, by the names in them."""
        return tuple(dated.stage for dated in self._dated.values())

    def readers(self) -> list[MomentColumn]:
        """What reads the columns."""
        return [column for _, column in (*self._moments(), *self._lists)]

    def _moments(self) -> list[tuple[int, MomentColumn]]:
        return [
            place
            for dated in self._dated.values()
            for place in (dated.entered, dated.left)
            if place is not None
        ]

    def observe(self, first_row: int, columns: "Columns") -> None:
        """Look at the dates before any is read."""
        for index, column in self._moments():
            column.observe(first_row, columns[index])
        for index, column in self._lists:
            for row, cell in enumerate(columns[index], first_row):
                column.observe(row, [when for _, when in _versions(cell)])

    def settle(self) -> None:
        """Decide the formats."""
        for column in self.readers():
            column.settle()

    def read(self, stages: "Finder", chunk: "Chunk") -> Sequence[Sequence[Stay]]:
        """The stays of each row, in the stages of the pipeline that have those names."""
        if not self._dated and not self._lists:
            return [()] * chunk.n_rows
        found: list[list[Stay]] = [[] for _ in range(chunk.n_rows)]
        for dated in self._dated.values():
            self._add_dated(found, stages.find(dated.stage) or NOWHERE, dated, chunk.columns)
        for index, column in self._lists:
            for stays, cell in zip(found, chunk.columns[index], strict=True):
                stays.extend(self._listed(cell, column, stages))
        return found

    def _add_dated(
        self, found: list[list[Stay]], stage: str, dated: _Dated, columns: "Columns"
    ) -> None:
        index, column = dated.entered
        entered = self._read(column, columns[index])
        left: Sequence[date | None] = [None] * len(found)
        if dated.left is not None:
            place, ends = dated.left
            left = self._read(ends, columns[place])
        for stays, begin, end in zip(found, entered, left, strict=True):
            if begin is not None:
                stays.append(Stay(stage, to_moment(begin), to_moment(end)))

    def _listed(self, cell: "Cell", column: MomentColumn, stages: "Finder") -> list[Stay]:
        versions = _versions(cell)
        moments = self._read(column, [when for _, when in versions])
        return [
            Stay((stages.find(value) if isinstance(value, str) else None) or NOWHERE, to_moment(at))
            for (value, _), at in zip(versions, moments, strict=True)
            if at is not None
        ]

    def _read(self, column: MomentColumn, cells: Sequence["Cell"]) -> list[date | None]:
        """The moments of some cells; those that cannot be read are counted, and unknown."""
        found: list[date | None] = []
        for moment in column.read(cells):
            if isinstance(moment, BadCell):
                self.unreadable[column.name] += 1
            found.append(None if isinstance(moment, BadCell) else moment)
        return found


def _with_prefix(
    columns: Sequence[str], prefix: str | None, end: str
) -> dict[str, tuple[int, str]]:
    """The columns that begin so: by the folded name of the stage, their place and its name."""
    found: dict[str, tuple[int, str]] = {}
    for index, column in enumerate(columns):
        begin = -1 if prefix is None else column.casefold().find(prefix.casefold())
        if prefix is not None and begin >= 0:
            stage = _stage_in(column[begin + len(prefix) :].strip().removesuffix(end))
            if stage:
                found.setdefault(folded(stage), (index, stage))
    return found


def _stage_in(rest: str) -> str:
    """The stage that a column's name ends with, without its pipeline in brackets."""
    return re.sub(r"\s*\([^()]*\)\s*$", "", rest).strip()


def _versions(cell: "Cell") -> list[tuple[Any, Any]]:
    """The values in a list of versions, and when each was set."""
    if not isinstance(cell, list | tuple):
        return []
    versions = [item for item in cell if isinstance(item, Mapping)]
    return [(item.get("value"), item.get("timestamp")) for item in versions]
