"""JSON as a table: a list of items, an answer of an API that wraps one, or one item a line."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from salesflow.crm._cursor import Cursor, TooLongError
from salesflow.crm._flatten import flat_table
from salesflow.crm._limits import CHUNK_CHARS, CHUNK_ROWS, MAX_DEPTH
from salesflow.crm._table import Table
from salesflow.crm._text_files import TextFile

_BEGINS = re.compile(
    r"""\s*(?:
        \[\s*(?: \Z | [\[{\]"] | (?:-?\d[\d.eE+-]*|null|true|false)\s*(?:[\],]|\Z) )
        | \{\s*(?: \Z | ["}] )
    )""",
    re.VERBOSE,
)
_WRAPPERS = frozenset(
    {
        *("results", "data", "records", "items", "value"),
        "result",  # Odoo's JSON-RPC
        *("deals", "opportunities", "leads", "accounts", "contacts", "activities"),
    }
)
"""The keys under which APIs list records."""


def is_json(head: str) -> bool:
    """Whether a text is JSON, by how it begins."""
    return _BEGINS.match(head) is not None


def json_table(text: TextFile) -> Table:
    """The table of a JSON file, read item by item.

    Raises:
        SourceError: if it is no JSON, or an item is none that a row could hold; naming the item.
    """
    path = _path(text)
    return flat_table(text.name, lambda: _batches(text, path), notes=text.notes)


def payload_items(payload: Mapping[Any, Any]) -> Iterable[object]:
    """The items that an answer of an API wraps; the answer itself, if it is an item."""
    found: Any = payload
    path = _wrapped(payload)
    if path is None:
        return (payload,)
    for key in path:
        found = found[key]
    return tuple(found)


def _wrapped(payload: Mapping[Any, Any]) -> tuple[Any, ...] | None:
    """The keys that lead to the outermost list of records; None if there is none.

    An object with an id is a record itself, whatever it lists: but for the answers of JSON-RPC.
    """
    keys = {_folded(key) for key in payload}
    if "id" in keys and "jsonrpc" not in keys:
        return None
    level: list[tuple[tuple[Any, ...], Mapping[Any, Any]]] = [((), payload)]
    seen = {id(payload)}
    while level:
        below = []
        for path, mapping in level:
            for key, value in mapping.items():
                if isinstance(value, list | tuple) and _folded(key) in _WRAPPERS:
                    return (*path, key)
                if isinstance(value, Mapping) and id(value) not in seen:
                    seen.add(id(value))
                    below.append(((*path, key), value))
        level = below
    return None


def _folded(key: object) -> str:
    return str(key).casefold()


def _path(text: TextFile) -> tuple[Any, ...] | None:
    """The keys that lead to the list of items; None where each object is an item."""
    cursor = Cursor(text)
    if cursor.peek() == "[":
        return ()
    try:
        first = cursor.value()
    except TooLongError:
        return _path_in(cursor, 1)
    # What is followed by another is one of many, each on its line.
    return None if cursor.peek() else _wrapped(first)


def _path_in(cursor: Cursor, depth: int) -> tuple[str, ...] | None:
    """The same of an object too long to be a record: it wraps some."""
    for key in cursor.members():
        if cursor.peek() == "[" and _folded(key) in _WRAPPERS:
            return (key,)
        if cursor.peek() != "{" or depth == MAX_DEPTH:
            cursor.skip()
            continue
        try:
            cursor.value()
        except TooLongError:
            deeper = _path_in(cursor, depth + 1)
            if deeper is not None:
                return (key, *deeper)
    return None


def _batches(text: TextFile, path: tuple[str, ...] | None) -> Iterator[list[object]]:
    """The items, some at a time: fewer where they are long."""
    cursor = Cursor(text)
    batch: list[object] = []
    n_read = 0
    for item in _items(cursor, path):
        batch.append(item)
        if len(batch) == CHUNK_ROWS or cursor.n_read - n_read > CHUNK_CHARS:
            yield batch
            batch, n_read = [], cursor.n_read
    if batch:
        yield batch


def _items(cursor: Cursor, path: tuple[str, ...] | None) -> Iterator[object]:
    """Each item, as it is read."""
    if path is None:
        while cursor.peek():
            yield cursor.item()
        return
    yield from _listed(cursor, path)
    if cursor.peek():
        what = "more follows after its end"
        raise cursor.broken(what)


def _listed(cursor: Cursor, path: tuple[str, ...]) -> Iterator[object]:
    if not path:
        for _ in cursor.elements():
            yield cursor.item()
        return
    for key in cursor.members():
        if key == path[0] and cursor.peek() == ("{" if path[1:] else "["):
            yield from _listed(cursor, path[1:])
        else:
            cursor.skip()
