"""A data frame of any library as a table."""

from collections.abc import Iterator
from math import isnan
from typing import Any

from salesflow._narwhals import nw
from salesflow.crm._faults import unreadable
from salesflow.crm._flatten import flat_table, in_batches
from salesflow.crm._table import Cell, Table

_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_UNKNOWN = frozenset({"NaTType", "NAType"})


def frame_table(source: object, name: str | None) -> Table | None:
    """The table of a data frame; None for what is none.

    A lazy frame runs once, and its rows are held: an engine promises no order, so that a second
    run could give others.

    Raises:
        SourceError: if its library cannot run it.
    """
    library = type(source).__module__.partition(".")[0].lstrip("_")
    called = name or f"<{library} frame>"
    try:
        frame = nw.from_native(source, pass_through=True)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        if not isinstance(frame, nw.DataFrame):
            return None
        columns: list[object] = [*frame.columns]
    except Exception as error:  # each engine has errors of its own
        raise unreadable(called, f"{type(error).__name__}: {error}") from error

    def rows() -> Iterator[dict[object, Cell]]:
        for row in frame.iter_rows():
            yield dict(zip(columns, map(_cell, row), strict=True))

    return flat_table(called, lambda: in_batches(rows()), columns=columns)


def _cell(value: Any) -> Cell:
    """A value as Python has it: what its library marks as missing is None."""
    if type(value) in _AS_THEY_ARE:
        return value
    if hasattr(value, "tolist"):  # numpy's values and arrays
        value = value.tolist()
    if type(value).__name__ in _UNKNOWN or (isinstance(value, float) and isnan(value)):
        return None
    if hasattr(value, "to_pydatetime"):  # pandas' moments, which may have nanoseconds
        return value.to_pydatetime(warn=False)
    if isinstance(value, dict):
        return {key: _cell(part) for key, part in value.items()}
    return [*map(_cell, value)] if isinstance(value, list | tuple) else value
