"""Relations of DuckDB."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, floor
from typing import TYPE_CHECKING, Any, cast

import attrs

from salesflow.facts._engines import _sql
from salesflow.facts._engines.asked import HALF, Asked
from salesflow.facts._engines.columns import DAY_US, LARGEST, Raw

if TYPE_CHECKING:
    import duckdb

LARGEST_MIDDLE = LARGEST // 4
"""Medians are floats: below, the mean of two is one without rounding."""

ADDS_FLOATS = True
"""Each step of whole numbers is checked for overflow, which takes twice the time of floats."""

# The name that a statement has for its relation: DuckDB keeps no view of it.
_VIEW = "salesflow_rows"


_KINDS = {'"NULL"': "unknown", "TIMESTAMPTZ_NS": "time"}


def kind_of(frame: "duckdb.DuckDBPyRelation", column: str) -> str | None:
    """What a column holds whose type narwhals does not tell."""
    return _KINDS.get(str(frame.types[frame.columns.index(column)]))


def zone_of(frame: "duckdb.DuckDBPyRelation", column: str) -> object:
    """The zone of times whose type narwhals does not tell: they are instants."""
    del frame, column
    return "UTC"


def prepare(frame: "duckdb.DuckDBPyRelation", columns: Sequence[Raw]) -> "duckdb.DuckDBPyRelation":
    """The columns, read."""
    for parts in _sql.read(columns, _sql.Dialect(_quote, _instant, _day, _places)):
        frame = frame.project(", ".join(f"{sql} as {_quote(name)}" for name, sql in parts))
    return frame


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _day(column: str) -> str:
    return f"date_diff('day', date '1970-01-01', cast({column} as date))"


def _instant(column: str, zone: str | None) -> str:
    if zone is None:
        return f"epoch_us(cast({column} as timestamptz))"
    # Of seconds and of nanoseconds, there is a calendar that ends early.
    column = f"cast({column} as timestamp)"
    if zone == "UTC":
        return f"epoch_us({column})"
    late = f"epoch_us(timezone('{zone}', {column}))"
    # A time that the clock showed twice is the later one to DuckDB, the earlier one to all others:
    # a day later than the same time of the day before.
    early = f"(epoch_us(timezone('{zone}', {column} - interval 1 day)) + {DAY_US})"
    shown = f"timezone('{zone}', make_timestamptz({early}))"
    return f"case when {shown} = {column} then {early} else {late} end"


def _places(column: str, few: Mapping[str, int]) -> str:
    # A map is looked up ten times as fast as lists of codes.
    known = ", ".join(f"'{code}': {digits}" for code, digits in few.items())
    return f"map {{{known}}}[cast({column} as varchar)]"


def share(frame: "duckdb.DuckDBPyRelation") -> "duckdb.DuckDBPyRelation":
    """The rows; `gather` lets all parts of the query share them."""
    return frame


def numbers(frame: "duckdb.DuckDBPyRelation", n: int) -> "duckdb.DuckDBPyRelation":
    """The numbers from 0 on, as a frame of one column."""
    found: Any = frame.query(_VIEW, f"select range as number from range({n})")
    return cast("duckdb.DuckDBPyRelation", found)


def gather(
    frame: "duckdb.DuckDBPyRelation", asked: Sequence[Asked], width: int, *, is_large: bool
) -> list[tuple[Any, ...]]:
    """The rows of all parts, in one statement that computes what they share once."""
    cells, *others = asked
    # What values look at of a group is in its cells, where both group alike.
    if all(one.op == "values" and one.grouped_by == cells.grouped_by for one in others):
        is_in_one = cells.column is None and all(one.is_one_cell for one in others)
        find = _by_cell if is_in_one or not others else _by_lists
        return [*find(frame, cells, others, width, is_large=is_large)]
    parts = [_risk(one) if one.op == "risk" else _part(one, is_large=is_large) for one in asked]
    lists = 3 if any(one.op == "risk" for one in asked) else 0
    texts = " union all ".join(part.text(width, lists) for part in parts)
    shared = f"with shared as materialized (select * from {_VIEW})"
    # For a moment there is a view, after which DuckDB binds all relations of the call anew.
    found: Any = frame.query(_VIEW, f"{shared} {texts}")
    return cast("list[tuple[Any, ...]]", found.fetchall())


@attrs.frozen
class _Part:
    """One part of the statement: the columns that all parts have, and where they come from."""

    columns: Sequence[str]
    values: Sequence[str]
    rows: str
    lists: Sequence[str] = ()

    def text(self, width: int, n_lists: int) -> str:
        """All of it."""
        values = [f"cast({value} as bigint)" for value in self.values]
        zeros = ["0"] * (width - len(values))
        lists = self.lists or ["cast(null as bigint[])"] * n_lists
        return f"select {', '.join([*self.columns, *values, *zeros, *lists])} from {self.rows}"


def _by_cell(
    frame: "duckdb.DuckDBPyRelation",
    cells: Asked,
    others: Sequence[Asked],
    width: int,
    *,
    is_large: bool,
) -> Iterator[tuple[Any, ...]]:
    """The rows of all parts, read once: values in the middle are found beside the sums."""
    part = _part(cells, is_large=is_large)
    values = [*part.values, *["0"] * (width - len(part.values))]
    values += [two for one in others for two in _middle(_quote(str(one.column)), is_large=is_large)]
    chosen = ", ".join([*part.columns, *(f"cast({value} as bigint)" for value in values)])
    grouped = ", ".join(_cell_keys(cells))
    n_named, zeros = len(part.columns), (0,) * (width - 2)
    n_own = n_named + width
    for row in frame.aggregate(chosen, grouped).fetchall():
        yield row[:n_own]
        for place, one in enumerate(others):
            mask, value = one.pattern
            if row[n_named - 3] & mask == value:
                two = row[n_own + 2 * place :][:2]
                # Keys and period are those of the cell; cell, text and count stand behind them.
                yield (one.number, *row[1 : n_named - 3], 0, "", 0, *two, *zeros)


def _by_lists(
    frame: "duckdb.DuckDBPyRelation",
    cells: Asked,
    others: Sequence[Asked],
    width: int,
    *,
    is_large: bool,
) -> Iterator[tuple[Any, ...]]:
    """The same where values of a group are in several cells, each of which lists its own."""
    part, keys = _part(cells, is_large=is_large), [*map(_quote, cells.grouped_by)]
    told = [*part.columns[-3:], *(f"cast({value} as bigint)" for value in part.values)]
    lists = [f"list({_quote(str(one.column))}) filter (where {_where(one)})" for one in others]
    made = [*keys, *_called("c", told), *_called("l", lists)]
    cell = ", ".join(f"c{n} := c{n}" for n in range(len(told)))
    middles = [_middle_of(f"flatten(list(l{n}))", is_large=is_large) for n in range(len(others))]
    found = [*keys, f"list(struct_pack({cell}))", *(one for three in middles for one in three)]
    by_cell = frame.aggregate(", ".join(made), ", ".join(_cell_keys(cells)))
    zeros = (0,) * (width - len(part.values))
    for row in by_cell.aggregate(", ".join(found), ", ".join(keys)).fetchall():
        listed, *told_of = row[len(keys) :]
        key = row[: len(keys)] if cells.bucket is not None else (*row[: len(keys)], 0)
        for each in listed or ():
            yield (cells.number, *key, *each.values(), *zeros)
        for place, one in enumerate(others):
            two = _two_of(*told_of[3 * place : 3 * place + 3])
            if two is not None:
                yield (one.number, *key, 0, "", 0, *two, *(0,) * (width - 2))


def _called(letter: str, values: Sequence[str]) -> Iterator[str]:
    return (f"{value} as {letter}{n}" for n, value in enumerate(values))


def _middle_of(values: str, *, is_large: bool) -> list[str]:
    """Of a list, what its middle is told by: one or two values there, the least and the largest."""
    ends = [f"list_min({values})", f"list_max({values})"]
    if not is_large:
        return [f"list_median({values})", *ends]
    ordered = f"list_sort({values})"
    two = (f"{ordered}[(len({values}) + {more}) // 2]" for more in (1, 2))
    return [f"[{', '.join(two)}]", *ends]


def _two_of(middle: float | list[int], least: int | None, largest: int) -> Sequence[int] | None:
    """The two values in the middle, or next to their mean; of too large ones, one that tells so."""
    if least is None:
        return None  # the list was empty
    if isinstance(middle, list):
        return middle
    if least > -LARGEST_MIDDLE and largest < LARGEST_MIDDLE:
        return floor(middle), ceil(middle)
    return LARGEST_MIDDLE, LARGEST_MIDDLE


def _cell_keys(cells: Asked) -> list[str]:
    """What makes a cell: the group, the signature, and the currency of amounts."""
    texts = [] if cells.column is None else [_quote(cells.column)]
    return [*map(_quote, cells.grouped_by), "signature", *texts]


def _part(asked: Asked, *, is_large: bool) -> _Part:
    """Counts and sums by signature, the values in the middle, or distinct ones."""
    grouped = [*map(_quote, asked.grouped_by)]
    column = None if asked.column is None else _quote(asked.column)
    cell, text, count, where = "0", "''", "count(*)", _where(asked)
    values: list[str] = []
    if asked.op == "cells":
        values = [value for one in asked.aggregates for value in _aggregate(*one)]
        cell, text, where, grouped = "signature", column or text, "true", _cell_keys(asked)
    elif asked.op == "values":
        values, count = _middle(str(column), is_large=is_large), "0"
    else:
        text, where = str(column), f"{where} and {column} is not null"
        grouped.append(text)
    columns = [*_named(asked), cell, text, count]
    return _Part(columns, values, f"shared where {where} {_by(grouped)}")


def _risk(asked: Asked) -> _Part:
    """Of each group how many there are; and for each time of events, how many, and at risk."""
    grouped, column = [*map(_quote, asked.grouped_by)], _quote(str(asked.column))
    where = f"{_where(asked)} and {column} is not null"
    # Rows are numbered from the last one in less time than counts are added up in a window.
    later = f"{'partition by ' if grouped else ''}{', '.join(grouped)} order by {column} desc"
    named = ", ".join([*grouped, column])
    ranks = f"select {named}, row_number() over ({later}) as place from shared where {where}"
    runs = f"select {named}, count(*) as n, max(place) as at_risk from ({ranks}) group by {named}"
    rows = f"({runs}) {_by(grouped)}"
    are_events = f"filter (where {column} % 2 = 0)"
    wanted = (f"{column} // 2", "n", "at_risk")
    lists = [f"coalesce(list({each} order by {column}) {are_events}, [])" for each in wanted]
    return _Part([*_named(asked), "0", "''", "cast(sum(n) as bigint)"], [], rows, lists)


def _where(asked: Asked) -> str:
    """Which rows count."""
    mask, value = asked.pattern
    return f"signature & {mask} = {value}"


def _named(asked: Asked) -> list[str]:
    """The number of a part, its keys, and its period."""
    bucket = "0" if asked.bucket is None else _quote(asked.bucket)
    return [str(asked.number), *map(_quote, asked.keys.values()), bucket]


def _by(columns: Sequence[str]) -> str:
    """The grouping; no row where there is nothing to group."""
    return f"group by {', '.join(columns)}" if columns else "having count(*) > 0"


def _aggregate(op: str, column: str) -> tuple[str, str]:
    """Both halves of a sum, which has 128 bits; or an extreme."""
    found = f"{op}({_quote(column)})"
    return (f"{found} // {HALF}", f"{found} % {HALF}") if op == "sum" else (found, "0")


def _middle(column: str, *, is_large: bool) -> list[str]:
    """The two values in the middle; or the two next to their mean, which a float holds exactly."""
    if is_large:
        ordered = f"percentile_disc(0.5) within group (order by {column}"
        return [f"{ordered})", f"{ordered} desc)"]
    is_small = f"max({column}) < {LARGEST_MIDDLE} and min({column}) > -{LARGEST_MIDDLE}"
    ends = (f"{end}(median({column}))" for end in ("floor", "ceil"))
    return [f"case when {is_small} then {end} else {LARGEST_MIDDLE} end" for end in ends]


def fetch(frame: "duckdb.DuckDBPyRelation") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    return frame.fetchall()
