"""`write_csv`, `write_json`: records leave as tables that read back to what they were."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import IO, Any, TypeAlias

from salesflow.crm._own import CELLS, MODELS, OWN, cells_of, harmless
from salesflow.errors import DataError, OptionError, SourceError, shown
from salesflow.models import Account, Contact, Deal, Lead

Target: TypeAlias = "str | PathLike[str] | IO[str]"
"""Where a table is written to: a path, or a file open for text."""

Written: TypeAlias = Deal | Lead | Account | Contact
"""What can be written."""


def write_csv(records: Iterable[Written], target: Target) -> None:
    r"""How do I get deals into a spreadsheet, and back?

    **Definition**: a header, and a row for each record, in UTF-8: what people look for in columns,
    and in the last, ``salesflow``, the whole record as JSON, its history included. A text that a
    spreadsheet would run as a formula has an apostrophe before it. `read` gives back equal records.

    Args:
        records: deals, or leads, accounts, contacts; all of one kind.
        target: a path, or a file open for text (with ``newline=""``).

    Raises:
        DataError: for anything else, or several kinds at once; then nothing is written.
        OptionError: for a target that is neither.
        SourceError: if it cannot be written there.

    Example:
        >>> import io
        >>> from salesflow import Pipeline, crm
        >>> deal = Pipeline.standard().open('=HYPERLINK("x")', id="D-1")
        >>> crm.write_csv([deal], file := io.StringIO(newline=""))
        >>> file.getvalue().splitlines()[1][:25]
        'D-1,"\'=HYPERLINK(""x"")",'
        >>> crm.read(io.StringIO(file.getvalue())).deals == (deal,)
        True
    """
    word, rows = _kind(records)
    with _open(target) as file:
        writer = csv.writer(file)
        writer.writerow([*CELLS[word], OWN])
        for record in rows:
            cells = map(harmless, cells_of(record, word).values())
            writer.writerow([*cells, record.model_dump_json()])


def write_json(records: Iterable[Written], target: Target) -> None:
    """How do I hand deals to another program, and back?

    **Definition**: a list with an object for each record: its fields as `write_csv` shows them,
    and under ``salesflow`` the whole record, its history included.

    Args:
        records: deals, or leads, accounts, contacts; all of one kind.
        target: a path, or a file open for text.

    Raises:
        DataError: for anything else, or several kinds at once; then nothing is written.
        OptionError: for a target that is neither.
        SourceError: if it cannot be written there.

    Example:
        >>> import io
        >>> from salesflow import Pipeline, crm
        >>> deal = Pipeline.standard().open("Acme", id="D-1")
        >>> crm.write_json([deal], file := io.StringIO())
        >>> crm.read(io.StringIO(file.getvalue())).deals == (deal,)
        True
    """
    word, rows = _kind(records)
    with _open(target) as file:
        before = "["
        for record in rows:
            cells = {**cells_of(record, word), OWN: record.model_dump(mode="json")}
            file.write(f"{before}\n{json.dumps(cells, ensure_ascii=False)}")
            before = ","
        file.write("[]\n" if before == "[" else "\n]\n")


def _kind(records: Any) -> tuple[str, Sequence[Written]]:
    """What the records are, and all of them: none is written where one is refused."""
    if not isinstance(records, Iterable):
        msg = f"cannot write {shown(records)}: it is no iterable of records"
        raise DataError(msg, hint="give deals, in a list.", found=type(records).__name__)
    rows: list[Any] = [*records]
    word = _word(rows[0]) if rows else "deal"
    other = next((record for record in rows if _word(record) != word), None)
    if other is not None:
        msg = f"cannot write a {_word(other)} beside a {word}: a table has records of one kind"
        raise DataError(msg, hint="write a table for each.", found=type(other).__name__)
    return word, rows


def _word(record: object) -> str:
    for word, model in MODELS.items():
        if isinstance(record, model):
            return word
    msg = f"cannot write {shown(record)}: it is no deal, lead, account or contact"
    raise DataError(msg, found=type(record).__name__)


@contextmanager
def _open(target: Target) -> Iterator[IO[str]]:
    if not isinstance(target, str | PathLike):
        given: object = target
        if not hasattr(given, "write") or isinstance(given, io.RawIOBase | io.BufferedIOBase):
            msg = f"cannot write to {shown(target)}: it is no path, and no file open for text"
            hint = "give a path, or open(path, 'w', encoding='utf-8', newline='')."
            raise OptionError(msg, hint=hint, parameter="target", value=target)
        yield target
        return
    try:
        with open(target, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - any path
            yield file
    except OSError as error:
        msg = f"cannot write {shown(str(target))}: {error.strerror}"
        raise SourceError(msg, source=str(target), line=None) from error
