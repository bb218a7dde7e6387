"""`Fields`: the columns of a table that hold what we know a field for, each with its reader."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attrs

from salesflow.crm._alike import Spellings, said
from salesflow.crm._blanks import blank_words
from salesflow.crm._cells import BadCell
from salesflow.crm._flags import FlagColumn
from salesflow.crm._moments import MomentColumn
from salesflow.crm._numbers import AmountColumn, NumberColumn
from salesflow.crm._table import Cell, Chunk, Columns
from salesflow.crm._texts import ListColumn, TextColumn
from salesflow.crm.formats import Formats, of_column
from salesflow.crm.systems._system import System
from salesflow.errors import AmbiguousColumnError

MOMENTS = frozenset(
    {
        "created",
        "closed",
        "won",
        "lost",
        "close",
        "expected_close",
        "modified",
        "converted",
        "occurred",
        "planned",
        "changed",
        "left",
    }
)
AMOUNTS = frozenset({"amount", "annual_revenue"})
NUMBERS = frozenset({"stage_order", "n_employees", "probability"})
FLAGS = frozenset(
    {"is_won", "is_lost", "is_closed", "is_deleted", "is_active", "is_converted", "is_done"}
)
_IDS = frozenset({"id", "owner", "account", "contact", "lead", "deal", "parent"})
_SEVERAL = frozenset({"merged", "contact"})
_FREE = frozenset({"id", "name", "first_name", "last_name", "subject", "note", "value"})

_WORDS = frozenset({"currency", "type"})
"""Words that mean the same however they are written."""


class Column(Protocol):
    """What reads the cells of one column."""

    name: str

    def read(self, cells: Sequence[Cell], /) -> Any:
        """The values, each None where unknown, or a `BadCell`; of amounts their currencies too."""


@attrs.frozen
class Values:
    """What some rows hold, by field, and which of them hold what cannot be read."""

    n_rows: int
    by_field: Mapping[str, Sequence[Any]]
    bad: Mapping[int, list[tuple[str, str]]]
    """By the place of the row in the chunk: columns and facts."""

    def __getitem__(self, field: str) -> Sequence[Any]:
        """The values of a field, all unknown where no column holds it."""
        found = self.by_field.get(field)
        return [None] * self.n_rows if found is None else found

    def with_columns(self, more: Mapping[str, Sequence[Any]]) -> "Values":
        """The same rows, and more of what they hold."""
        return Values(self.n_rows, {**self.by_field, **more}, self.bad)

    def only(self, places: Sequence[int]) -> "Values":
        """Some of the rows, none of which holds what cannot be read."""
        chosen = {name: [cells[i] for i in places] for name, cells in self.by_field.items()}
        return Values(len(places), chosen, {})


class Fields:
    """The columns of a table by field.

    Args:
        columns: the table's columns.
        matched: for each field the column that holds it.
        system: how values are written.
        formats: what the caller says of formats.
        zone: the zone of times that name none.
        taken: the places of columns that something else reads.
    """

    def __init__(
        self,
        columns: Sequence[str],
        matched: Mapping[str, str],
        system: System,
        formats: Formats,
        zone: str | None,
        taken: frozenset[int] = frozenset(),
    ) -> None:
        """Choose a reader for each."""
        place = {name: index for index, name in enumerate(columns)}
        zone = zone or ("UTC" if system.utc_texts else None)
        self.columns = dict(matched)
        self._readers: dict[str, tuple[int, Column]] = {
            field: (place[column], _reader(field, column, system, formats, zone))
            for field, column in matched.items()
        }
        held = {place[name] for name in matched.values()} | taken
        self.others = tuple((i, name) for i, name in enumerate(columns) if i not in held)
        """The columns that no field takes, with their places."""

    def __contains__(self, field: str) -> bool:
        return field in self._readers

    def observe(self, first_row: int, columns: Columns) -> None:
        """Look at the values before any is read, since a format is that of a whole column."""
        for index, reader in self._readers.values():
            if isinstance(reader, MomentColumn | AmountColumn | NumberColumn):
                reader.observe(first_row, columns[index])

    def settle(self) -> None:
        """Decide the formats.

        Raises:
            AmbiguousColumnError: for the columns that fit two, all of them in its message.
        """
        asked: list[AmbiguousColumnError] = []
        for _, reader in self._readers.values():
            if isinstance(reader, MomentColumn | AmountColumn | NumberColumn):
                try:
                    reader.settle()
                except AmbiguousColumnError as error:
                    asked.append(error)
        if len(asked) == 1:
            raise asked[0]
        if asked:
            raise _joined(asked)

    def read(self, chunk: Chunk) -> Values:
        """What the rows hold."""
        found: dict[str, Sequence[Any]] = {}
        bad: dict[int, list[tuple[str, str]]] = {}
        for field, (index, reader) in self._readers.items():
            values = reader.read(chunk.columns[index])
            if isinstance(reader, AmountColumn):
                values, found[f"{field}_currency"] = values
            found[field] = values
            if BadCell in map(type, values):
                for number, value in enumerate(values):
                    if type(value) is BadCell:
                        bad.setdefault(number, []).append((reader.name, value.fact))
        return Values(chunk.n_rows, found, bad)

    def read_one(self, field: str, columns: Columns) -> Sequence[Any]:
        """The values of one field, which has a column."""
        index, reader = self._readers[field]
        values: Sequence[Any] = reader.read(columns[index])
        return values

    def cells(self, field: str, columns: Columns) -> Sequence[Cell]:
        """The cells of one field, unread."""
        return columns[self._readers[field][0]]

    def read_cell(self, field: str, cell: Cell) -> Any:
        """What one cell of a field holds."""
        return self._readers[field][1].read([cell])[0]

    def spellings(self) -> Spellings:
        """What counts the values of all columns of texts that have few, and may group deals."""
        fields = [
            (index, reader.name, reader.read)
            for field, (index, reader) in self._readers.items()
            if isinstance(reader, TextColumn) and field not in _FREE | _WORDS
        ]
        return Spellings([*fields, *((index, name, said) for index, name in self.others)])

    def readers(self) -> list[Column]:
        """What reads the columns."""
        return [reader for _, reader in self._readers.values()]


def _joined(asked: list[AmbiguousColumnError]) -> AmbiguousColumnError:
    first = asked[0]
    msg = "\n".join(error.message for error in asked)
    return AmbiguousColumnError(
        msg,
        hint=first.hint,
        column=first.column,
        formats=first.formats,
        rows=first.rows,
        values=first.values,
    )


def _reader(field: str, column: str, system: System, formats: Formats, zone: str | None) -> Column:
    blanks = blank_words(formats.blanks)
    if field in MOMENTS:
        order = of_column(formats.dates, column)
        return MomentColumn(column, order=order, zone=zone, blanks=blanks)
    if field in FLAGS:
        return FlagColumn(column, blanks=blanks)
    if field in AMOUNTS or field in NUMBERS:
        return _numbers(field, column, system, formats)
    if field in _SEVERAL:
        return ListColumn(column)
    return TextColumn(column, is_id=field in _IDS, is_free=field in _FREE, blanks=formats.blanks)


def _numbers(field: str, column: str, system: System, formats: Formats) -> Column:
    style, blanks = of_column(formats.numbers, column), blank_words(formats.blanks)
    if field in AMOUNTS:
        cents = system.has_cents and field == "amount"
        return AmountColumn(column, style=style, cents=cents, blanks=blanks)
    scale: str | None = "share"
    if field == "probability":
        scale = of_column(formats.percentages, column) or system.probability
    percent = None if scale is None else scale == "percent"
    return NumberColumn(column, style=style, percent=percent, blanks=blanks)
