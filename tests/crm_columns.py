"""The columns of rows with nested values joined by dots, made without the reader."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """All columns in the order in which they come up; a list is one cell."""
    return list(dict.fromkeys(name for row in rows for name in _names(row, "")))


def _names(row: Mapping[str, Any], before: str) -> Iterator[str]:
    for name, cell in row.items():
        if isinstance(cell, Mapping):
            yield from _names(cell, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def items_of(answer: Any) -> list[Mapping[str, Any]]:
    """The items of an answer of an API, whatever is around them."""
    if isinstance(answer, list):
        return answer
    return next(answer[name] for name in ("results", "records", "data") if name in answer)
