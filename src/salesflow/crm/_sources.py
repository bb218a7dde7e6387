"""`table_of`: what a caller gives, whatever it is, as a table of rows."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from salesflow.crm._csv import csv_table, refuse_delimiter
from salesflow.crm._files import File, open_file, path_file
from salesflow.crm._flatten import flat_table, in_batches
from salesflow.crm._json import is_json, json_table, payload_items
from salesflow.crm._table import Table
from salesflow.crm._text_files import text_file
from salesflow.errors import DataError, OptionError


def table_of(
    source: Any,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    name: str | None = None,
) -> Table:
    """What are the rows of this source?

    Definition: a path is a ``str`` or ``os.PathLike``, never a text itself. A file is CSV or JSON
    by what it holds, not by its name; with ``delimiter=`` it is CSV. Rows of CSV are its records
    but for blank lines; rows of JSON are the items of its list, of the list that it wraps, or of
    its lines. A file that the caller opened stays open, and is read from where it stands; one that
    cannot go back is held in memory, like the rows of an iterator and of a lazy frame.

    Args:
        source: a path, a binary or text file, an iterable of mappings, a mapping that wraps one as
            APIs answer, or a data frame that narwhals knows.
        delimiter: what stands between the cells of CSV; left out, it is found. [one character]
        encoding: what a file's bytes are in; left out, it is found. [name of a codec]
        name: what messages call the source; left out, the file's name.

    Raises:
        SourceError: if its rows cannot be read at all.
        DataError: if it is of a kind that has no rows.
        OptionError: if an option does not fit it.
        MissingExtraError: if its encoding must be guessed, and charset-normalizer is not installed.

    Example:
        >>> table = table_of([{"id": 7, "owner": {"name": "Kim"}}])
        >>> table.columns, [*table.read()]
        (('id', 'owner.name'), [[[7, 'Kim']]])
    """
    refuse_delimiter(delimiter)
    if isinstance(source, str | os.PathLike):
        return _file_table(path_file(source, name), delimiter, encoding)
    if callable(getattr(source, "read", None)):
        return _file_table(open_file(source, name), delimiter, encoding)
    for option, value in (("delimiter", delimiter), ("encoding", encoding)):
        if value is not None:
            msg = f"cannot read with {option}={value!r}: the source is no file"
            raise OptionError(msg, hint=f"leave {option}= out.", parameter=option, value=value)
    if isinstance(source, Mapping):
        items = payload_items(source)
        return flat_table(name or "<rows>", lambda: in_batches(items))
    if isinstance(source, list | tuple | Iterator):
        return _rows_table(source, name)
    return _other_table(source, name)


def _file_table(file: File, delimiter: str | None, encoding: str | None) -> Table:
    text = text_file(file, encoding)
    head, is_whole = text.head()
    if delimiter is None and is_json(head):
        return json_table(text)
    return csv_table(text, head, is_whole=is_whole, delimiter=delimiter)


def _rows_table(rows: Iterable[object], name: str | None) -> Table:
    held = tuple(rows)
    return flat_table(name or "<rows>", lambda: in_batches(held))


def _other_table(source: object, name: str | None) -> Table:
    if not isinstance(source, bytes | bytearray | memoryview):
        from salesflow.crm._frames import frame_table  # loads narwhals

        found = frame_table(source, name)
        if found is not None:
            return found
        if isinstance(source, Iterable):
            return _rows_table(source, name)
    kind = type(source).__name__
    msg = f"cannot read the source: {kind} has no rows"
    hint = "give a path, an open file (io.BytesIO(…) for bytes), rows as mappings, or a data frame."
    raise DataError(msg, hint=hint, found=kind)
