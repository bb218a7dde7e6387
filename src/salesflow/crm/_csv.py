"""CSV as a table: any delimiter, and no line lost."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import attrs

from salesflow.crm._faults import changed, unreadable
from salesflow.crm._headers import refuse_many, unique_names
from salesflow.crm._limits import CHUNK_CHARS, CHUNK_ROWS, MAX_RECORD, MAX_VALUES
from salesflow.crm._table import Cell, FaultyRow, Rows, Table
from salesflow.crm._text_files import TextFile
from salesflow.errors import OptionError, SourceError

_DELIMITERS = (",", ";", "\t", "|")
_WORDS = {"\t": "tabs", ";": "semicolons", "|": "'|'"}
_EXCEL = re.compile(r'\A"?sep=(.)"?\r?(?:\n|\Z)', re.IGNORECASE)
_DOUBLE = "inside quotes, a quote is written twice."
_LOOKED_AT = 100
_NEARLY_ALL = 0.9


@attrs.frozen
class Dialect:
    """How a file writes its cells."""

    delimiter: str
    says_so: bool = False
    """Whether the first line is Excel's ``sep=;``."""
    skips_blanks: bool = False
    """Whether a blank stands between a delimiter and the quote after it."""

    def reader(self, lines: Iterator[str], *, strict: bool = True) -> Any:
        """The cells of each record."""
        return csv.reader(
            lines, delimiter=self.delimiter, skipinitialspace=self.skips_blanks, strict=strict
        )

    def text_of(self, row: Sequence[Cell]) -> str:
        """A row as a line."""
        if isinstance(row, FaultyRow):
            return row.text
        line = io.StringIO()
        csv.writer(line, delimiter=self.delimiter, lineterminator="").writerow(row)
        return line.getvalue()


def dialect_of(head: str, *, is_whole: bool, delimiter: str | None) -> Dialect:
    """How the cells are written, by the first rows.

    Definition: of the comma, the semicolon, the tab and the bar the one that cuts nine rows of ten
    into as many cells as the header, and into the most cells.
    """
    told = _EXCEL.match(head)
    text = head[told.end() :] if told else head
    says = told.group(1) if told and _is_delimiter(told.group(1)) else None
    given = delimiter or says
    found = given or max(_DELIMITERS, key=lambda one: _fit(text, one, is_whole=is_whole))
    header = next((line for line in text.splitlines() if line.strip()), "")
    return Dialect(found, says_so=told is not None, skips_blanks=f'"{found} "' in header)


def _fit(text: str, delimiter: str, *, is_whole: bool) -> tuple[bool, float]:
    reader = Dialect(delimiter).reader(io.StringIO(text, newline=""), strict=False)
    rows = []
    try:
        rows = [row for row in islice(reader, _LOOKED_AT) if row]
    except csv.Error:
        return False, 0.0
    if not is_whole and len(rows) > 1:
        rows.pop()  # it may be cut
    n_cells = len(rows[0]) if rows else 0
    if n_cells < 2:  # noqa: PLR2004 - it cuts nothing
        return False, 0.0
    share = sum(len(row) == n_cells for row in rows) / len(rows)
    return share >= _NEARLY_ALL, share * n_cells


def _is_delimiter(given: object) -> bool:
    return isinstance(given, str) and len(given) == 1 and given not in '"\r\n\0 \ufeff'


def refuse_delimiter(delimiter: object) -> None:
    """Refuse what cannot stand between cells.

    Raises:
        OptionError: if it is not one character, or one that means something else.
    """
    if delimiter is not None and not _is_delimiter(delimiter):
        msg = (
            f"cannot read with the delimiter {delimiter!r}: it is one character, no quote, no blank"
        )
        raise OptionError(msg, hint="such as ';'.", parameter="delimiter", value=delimiter)


def csv_table(text: TextFile, head: str, *, is_whole: bool, delimiter: str | None) -> Table:
    """The table of a CSV file.

    Args:
        text: the file.
        head: its beginning.
        is_whole: whether that is all of it.
        delimiter: what stands between cells, if the caller knows.

    Raises:
        SourceError: if it is empty, or its header cannot be read.
    """
    dialect = dialect_of(head, is_whole=is_whole, delimiter=delimiter)
    header = _Pass(text, dialect).header()
    refuse_many(text.name, len(header), sum(map(len, header)))
    columns, notes = unique_names(header)

    def read() -> Iterator[Rows]:
        records = _Pass(text, dialect)
        if records.header() != header:
            raise changed(text.name)
        yield from records.chunks(len(header))

    if dialect.delimiter != "," and delimiter is None:
        word = _WORDS.get(dialect.delimiter, repr(dialect.delimiter))
        notes = (f"its cells are separated by {word}", *notes)
    return Table(text.name, columns, read, notes=(*text.notes, *notes), text_of=dialect.text_of)


class _Pass:
    """One reading of a file, from its first line to its last."""

    def __init__(self, text: TextFile, dialect: Dialect) -> None:
        self._text, self._dialect = text, dialect
        self._rows: Rows = []  # those read, and not yet given
        self._most = 1  # how many there may be
        self._n_given = 0
        self._n_chars = 0  # read since some were given
        self._lines: list[str] = []  # of the block that is being read
        self._n_lines = 0  # in the blocks before it
        lines = chain.from_iterable(self._blocks())
        self._n_skipped = int(dialect.says_so)
        if dialect.says_so:
            next(lines)
        self._reader = dialect.reader(lines)
        self._n_lines_given = 0

    def header(self) -> list[str]:
        """The first line that is not blank."""
        while self._fill():
            row = self._take()[0]
            if isinstance(row, FaultyRow):
                line = self._n_skipped + self._n_lines_given
                raise unreadable(self._text.name, row.fact, at=line)
            if not _is_blank(row):
                return [*row]
        raise unreadable(self._text.name, "it is empty")

    def chunks(self, width: int) -> Iterator[Rows]:
        """All rows that follow."""
        is_more = True
        while is_more:
            self._most = CHUNK_ROWS
            is_more = self._fill()
            rows = self._fitted(self._take(), width)
            if rows:
                yield rows

    def _fill(self) -> bool:
        """Read rows until there are enough; False at the end."""
        rows = self._rows
        try:
            for row in self._reader:
                rows.append(row)
                if len(rows) >= self._most:
                    return True
        except csv.Error as error:
            rows.append(self._malformed(error))
            return True
        return False

    def _take(self) -> Rows:
        rows, self._rows = self._rows, []
        self._n_given += len(rows)
        self._n_lines_given = self._reader.line_num
        self._n_chars = 0
        return rows

    def _blocks(self) -> Iterator[list[str]]:
        """The lines of each block; what is left of its last line begins the next."""
        n_rows, n_chars, n_values = 0, 0, 0
        parts: list[str] = []  # of a line that is not complete
        for block in self._text.blocks():
            if self._n_given + len(self._rows) > n_rows:
                n_rows, n_chars, n_values = self._n_given + len(self._rows), 0, 0
            n_chars += len(block)
            n_values += block.count(self._dialect.delimiter) if n_chars > len(block) else 0
            if n_chars > MAX_RECORD or n_values > MAX_VALUES:
                raise self._endless()
            self._n_chars += len(block)
            if self._n_chars >= CHUNK_CHARS:
                self._most = 0
            parts.append(block)
            if "\n" in block or "\r" in block:
                yield self._next(parts)
        parts.append("\n")
        yield self._next(parts)

    def _next(self, parts: list[str]) -> list[str]:
        text = "".join(parts)
        parts.clear()
        self._n_lines += len(self._lines)
        self._lines = _lines(text)
        parts.append(self._lines.pop())
        return self._lines

    def _fitted(self, rows: Rows, width: int) -> Rows:
        """The rows, each as long as the header, without blank lines."""
        # A blank line of one column is as long as its header.
        if width > 1 and {*map(len, rows)} == {width}:
            return rows
        return [self._fit(row, width) for row in rows if not _is_blank(row)]

    def _fit(self, row: Sequence[Cell], width: int) -> Sequence[Cell]:
        n_cells = len(row)
        if isinstance(row, FaultyRow):
            row.extend([None] * width)
        elif n_cells < width:
            return [*row, *[None] * (width - n_cells)]
        elif any(islice(row, width, None)):
            fact = f"it has {n_cells:,} cells, and the header {width:,}"
            return FaultyRow(row[:width], fact=fact, text=self._dialect.text_of(row))
        elif n_cells > width:
            return row[:width]
        return row

    def _malformed(self, error: csv.Error) -> FaultyRow:
        """A row whose quotes do not match; the line after it is read again as one."""
        first = self._first_line()
        if "expected after" in str(error):
            last = self._reader.line_num + self._n_skipped
            lines = self._lines[max(0, first - 1 - self._n_lines) : last - self._n_lines]
            fact = f"a quote ends before a cell does: {_DOUBLE}"
            return FaultyRow((), fact=fact, text="".join(lines).rstrip("\r\n"))
        fact = "a quote is opened there, and never closed"
        hint = _DOUBLE
        if "limit" in str(error):
            fact = f"a cell is longer than {csv.field_size_limit():,} characters, or {fact}"
            hint = "csv.field_size_limit() sets how long a cell may be."
        raise unreadable(self._text.name, fact, at=first, hint=hint) from error

    def _first_line(self) -> int:
        """The line in which the record begins that is being read."""
        n_lines = sum(1 + sum(map(_n_line_ends, row)) for row in self._rows)
        return self._n_skipped + self._n_lines_given + n_lines + 1

    def _endless(self) -> SourceError:
        fact = f"a record has more than {MAX_RECORD:,} characters or {MAX_VALUES:,} cells"
        hint = f"a quote may be open, or the delimiter may not be {self._dialect.delimiter!r}."
        return unreadable(self._text.name, fact, at=self._first_line(), hint=hint)


def _is_blank(row: Sequence[Cell]) -> bool:
    if isinstance(row, FaultyRow):
        return False
    return not row or (len(row) == 1 and row[0].isspace())


def _lines(text: str) -> list[str]:
    """The lines with their ends; the last has none, or may not be complete."""
    if text.count("\r") == text.count("\r\n"):  # two fast scans spare the slow way
        lines = [line + "\n" for line in text.split("\n")]
        lines[-1] = lines[-1][:-1]
        return lines
    return [*io.StringIO(text, newline="")]


def _n_line_ends(cell: str) -> int:
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")
