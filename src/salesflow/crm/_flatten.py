"""Items with nested values as rows: what is nested is a column of its own, named with dots."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from itertools import chain, islice
from math import inf
from typing import Any, NoReturn

import attrs

from salesflow.crm._faults import changed, unreadable
from salesflow.crm._headers import refuse_many, unique_names
from salesflow.crm._limits import CHUNK_ROWS, MAX_DEPTH, MAX_EXPONENT
from salesflow.crm._own import OWN
from salesflow.crm._table import Cell, FaultyRow, Rows, Table
from salesflow.errors import shown

_PLAIN = frozenset({str, int, float, bool, type(None), Decimal, list})
_SHOWN = 60
_WHOLE = (OWN,)
"""Where `write_json` puts a record: it is read whole, not as columns."""


@attrs.define(eq=False)
class _Place:
    """A key of the items, at its level."""

    path: tuple[str, ...]
    index: int | None = None
    """Its column; None while that is not known, and for what only holds others."""
    is_cell: bool = False
    has_value: bool = False
    below: "dict[Any, _Place]" = attrs.field(factory=dict)


def flat_table(
    name: str,
    batches: Callable[[], Iterable[list[object]]],
    *,
    columns: Sequence[object] = (),
    notes: tuple[str, ...] = (),
) -> Table:
    """The table of items that are mappings; what is none is a faulty row.

    Definition: a mapping in an item gives a column for each of its keys, ``properties.amount``;
    a list stays one cell. The columns are those of all items, in the order in which they come up. A
    key that holds null here and a mapping there has the columns of the mapping.

    Args:
        name: what messages call the source.
        batches: the items, some at a time; it begins anew each time it is called.
        columns: those that are known to be there.
        notes: what is known of the source.

    Raises:
        SourceError: if a value is nested too deep, or is no text; naming the item.
    """
    items = _Items(name)
    items.learn(0, dict.fromkeys(columns))
    for number, item in enumerate(chain.from_iterable(batches()), 1):
        items.learn(number, item)
    names, told = items.settle()

    def read() -> Iterator[Rows]:
        for batch in batches():
            yield [*map(items.row, batch)]

    return Table(name, names, read, notes=(*notes, *told), text_of=items.text_of)


def in_batches(items: Iterable[object]) -> Iterator[list[object]]:
    """The items, as many at a time as rows are given."""
    left = iter(items)
    while batch := [*islice(left, CHUNK_ROWS)]:
        yield batch


class _Items:
    """What is known of the keys of all items."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._top: dict[Any, _Place] = {}
        self._n_places = 0
        self._cells: list[_Place] = []
        self._names: tuple[str, ...] = ()
        self._n_chars = 0
        self._number = 0

    def learn(self, number: int, item: object) -> None:
        """Note the keys of an item, and refuse what no row may hold."""
        self._number = number
        if isinstance(item, Mapping):
            self._learn(item, self._top, ())
        else:
            self._check(item, 1)

    def _learn(
        self, item: Mapping[Any, Any], level: dict[Any, _Place], path: tuple[str, ...]
    ) -> None:
        if len(path) >= MAX_DEPTH:
            self._too_deep()
        for key, value in item.items():
            place = level.get(key)
            if place is None:
                place = level[key] = self._new_place(path, key)
            kind = type(value)
            if kind is str:
                place.is_cell = place.has_value = True
                if not value.isascii():
                    self._check(value, 0)
            elif value is None:
                place.is_cell = True
            elif kind not in _PLAIN and _is_apart(value, place):
                if value:
                    self._learn(value, place.below, place.path)
                else:
                    place.is_cell = True
            else:
                place.is_cell = place.has_value = True
                if kind is list or kind not in _PLAIN:
                    self._check(value, len(path) + 1)

    def _new_place(self, path: tuple[str, ...], key: object) -> _Place:
        place = _Place((*path, str(key)))
        self._check(place.path[-1], 0)
        self._n_places += 1
        self._n_chars += sum(map(len, place.path))
        refuse_many(self._name, self._n_places, self._n_chars)
        return place

    def _check(self, value: object, depth: int) -> None:
        """Refuse what is too deep, and texts that are none."""
        if isinstance(value, str):
            try:
                value.encode("utf-8")
            except UnicodeEncodeError as error:
                fact = "there is half of a pair of surrogates, so this is no text"
                raise unreadable(self._name, fact, at=self._number, unit="item") from error
        elif isinstance(value, list | tuple | Mapping):
            if depth >= MAX_DEPTH:
                self._too_deep()
            parts = value if isinstance(value, list | tuple) else (*value.keys(), *value.values())
            for part in parts:
                self._check(part, depth + 1)

    def _too_deep(self) -> NoReturn:
        fact = f"values are nested more than {MAX_DEPTH} deep"
        raise unreadable(self._name, fact, at=self._number, unit="item")

    def settle(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the columns, and what to tell of them."""
        self._cells = [*_cells(self._top)]
        for index, place in enumerate(self._cells):
            place.index = index
        self._names, notes = unique_names(".".join(place.path) for place in self._cells)
        return self._names, notes

    def row(self, item: object) -> Sequence[Cell]:
        """The cells of an item.

        Raises:
            SourceError: if it has a key that it had not before.
        """
        cells: list[Cell] = [None] * len(self._cells)
        if not isinstance(item, Mapping):
            text = as_json(item)
            found = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            return FaultyRow(cells, fact=f"it is no object but {found}", text=text)
        try:
            _fill(cells, item, self._top)
        except (KeyError, TypeError, ValueError) as error:
            raise changed(self._name) from error
        return cells

    def text_of(self, row: Sequence[Cell]) -> str:
        """A row as an object of JSON, without what is null."""
        if isinstance(row, FaultyRow):
            return row.text
        cells = zip(self._names, row, strict=True)
        return as_json({name: cell for name, cell in cells if cell is not None})


def _cells(level: dict[Any, _Place]) -> Iterator[_Place]:
    """The places that are columns; those of a mapping stand where its key stood first."""
    for place in level.values():
        # Null, or empty, in some items, and a mapping in others, is no column beside the mapping's.
        if place.is_cell and (place.has_value or not place.below):
            yield place
        yield from _cells(place.below)


def _fill(cells: list[Cell], item: Mapping[Any, Any], level: dict[Any, _Place]) -> None:
    for key, value in item.items():
        place = level[key]
        if type(value) not in _PLAIN and value and _is_apart(value, place):
            _fill(cells, value, place.below)
        elif place.index is not None:
            cells[place.index] = value if type(value) is not Decimal else _number(value)
        elif value:
            raise KeyError(key)


def _is_apart(value: object, place: _Place) -> bool:
    """Whether a value is taken apart, into columns of its own."""
    return isinstance(value, Mapping) and place.path != _WHOLE


def _number(value: Decimal) -> Cell:
    """The number; as a text where computing with it would take all memory."""
    return value if abs(value.adjusted()) <= MAX_EXPONENT else str(value)


def as_json(value: object) -> str:
    """A value as a text of JSON; what JSON does not know as the text that shows it."""
    try:
        return json.dumps(value, ensure_ascii=False, default=_as_known)
    except TypeError:  # a key that is no text
        return shown(value)


def _as_known(value: object) -> object:
    if isinstance(value, Decimal):
        number = float(value) if value.is_finite() else inf
        return number if Decimal(repr(number)) == value and number != inf else str(value)
    if isinstance(value, Mapping):
        return {**value}
    return value.isoformat() if isinstance(value, date | time) else str(value)
