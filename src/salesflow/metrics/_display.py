"""Results as a table: of text, of Markdown, of HTML. All show the same cells."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, NamedTuple
from unicodedata import category, east_asian_width

from salesflow.money import XXX, Money

_NOTHING = "—"
_NO_ROWS = "no groups"
_SHARES = ("value", "interval", "probability", "share", "rate")
_LEFT, _RIGHT = ' style="text-align:left"', ' style="text-align:right"'
_MARKS = re.compile(r"[\\|*`\[\]<>~&]|(?<!\w)_|_(?!\w)")
"""What Markdown would take for more than itself."""
_BELOW = ' style="caption-side:bottom;text-align:left"'

Row = Mapping[str, Any]


class Share(NamedTuple):
    """A share, to be shown beside what it is a share of."""

    value: float | None
    numerator: int | Money
    denominator: int | Money


class _Column(NamedTuple):
    title: str
    is_text: bool
    cells: list[str]


def _columns(rows: Sequence[Row]) -> list[_Column]:
    """The cells of all rows, by column."""
    made = []
    # A nested result that some rows lack is None in those.
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        cells = [cell_text(name, value) for value in values]
        made.append(_Column(one_line(name), _is_text(values), cells))
    return made


def table(rows: Sequence[Row], notes: Sequence[str] = ()) -> str:
    """Rows as aligned columns, numbers to the right; notes below."""
    below = [one_line(note) for note in notes]
    if not rows:
        return "\n".join([_NO_ROWS, *below])
    padded = [_padded(column) for column in _columns(rows)]
    lines = ["  ".join(cells).rstrip() for cells in zip(*padded, strict=True)]
    return "\n".join([*lines, *below])


def markdown_table(rows: Sequence[Row], notes: Sequence[str] = ()) -> str:
    """The same as a table of Markdown, as GitHub and GitLab read it; notes as a list below."""
    listed = "\n".join(f"- {in_markdown(note)}" for note in notes)
    if not rows:
        return "\n\n".join([_NO_ROWS, *([listed] if notes else [])])
    columns = _columns(rows)
    heads = [in_markdown(column.title) for column in columns]
    rules = ["---" if column.is_text else "---:" for column in columns]
    body = [map(in_markdown, cells) for cells in zip(*(c.cells for c in columns), strict=True)]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, rules, *body)]
    return "\n\n".join(["\n".join(lines), *([listed] if notes else [])])


def in_markdown(text: str) -> str:
    """A text as Markdown that shows it as it is, in one line."""
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", one_line(text))


def html_table(rows: Sequence[Row], notes: Sequence[str] = (), n_keys: int = 0) -> str:
    """The same as a table of HTML, its first columns the heads of their rows."""
    columns = _columns(rows) if rows else []
    lines = [*notes] if rows else [_NO_ROWS, *notes]
    caption = "<br>".join(escape(one_line(line)) for line in lines)
    parts = [f"<caption{_BELOW}>{caption}</caption>"] if lines else []
    if columns:
        heads = [_cell("th", column, column.title, "col") for column in columns]
        body = "\n".join(_html_row(columns, place, n_keys) for place in range(len(rows)))
        parts += [f"<thead>\n<tr>{''.join(heads)}</tr>\n</thead>", f"<tbody>\n{body}\n</tbody>"]
    return "\n".join(["<table>", *parts, "</table>"])


def _html_row(columns: Sequence[_Column], place: int, n_keys: int) -> str:
    cells = [
        _cell("th", column, column.cells[place], "row")
        if number < n_keys
        else _cell("td", column, column.cells[place])
        for number, column in enumerate(columns)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _cell(tag: str, column: _Column, text: str, scope: str | None = None) -> str:
    scoped = "" if scope is None else f' scope="{scope}"'
    return f"<{tag}{scoped}{_LEFT if column.is_text else _RIGHT}>{escape(text)}</{tag}>"


def _is_text(values: Sequence[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, str) for value in known)


def _padded(column: _Column) -> list[str]:
    """The title and the cells, all as wide as the widest."""
    texts = [column.title, *column.cells]
    widest = max(map(_width, texts))
    blanks = [" " * (widest - _width(text)) for text in texts]
    pairs = zip(texts, blanks, strict=True)
    return [text + blank if column.is_text else blank + text for text, blank in pairs]


def _width(text: str) -> int:
    """How many places a text takes in a terminal: two for a wide letter, none for an accent."""
    if text.isascii():
        return len(text)
    marks = sum(category(char) in ("Mn", "Me") for char in text)
    return len(text) + sum(east_asian_width(char) in "WF" for char in text) - marks


def one_line(text: str) -> str:
    """A text that stays in its cell: no line breaks, and nothing that turns what follows."""
    return "".join(char if char.isprintable() else " " for char in text)


def cell_text(name: str, value: object) -> str:
    """A value as a table shows it; its name says what a number is."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return _NOTHING
    if isinstance(value, Share):
        parts = (cell_text(name, part) for part in (value.numerator, value.denominator))
        return f"{cell_text('value', value.value)} ({' of '.join(parts)})"
    if isinstance(value, Money):
        rounded = value.round()
        places = 2 if value.currency == XXX else max(0, -int(rounded.amount.as_tuple().exponent))
        return f"{value.currency} {rounded.amount:,.{places}f}"
    if isinstance(value, tuple):
        return " to ".join(cell_text(name, part) for part in value)
    if isinstance(value, float):
        return _number(name.rpartition(".")[2], value)
    return one_line(value.isoformat() if isinstance(value, datetime) else str(value))


def _number(name: str, value: float) -> str:
    """By the name: days, a p-value, a share, or any other number."""
    if name.endswith("days"):
        return f"{value:,.1f}"
    if name.endswith("p_value"):
        return f"{value:.4f}"
    return f"{value:.1%}" if is_share(name) else f"{value:,.2f}"


def is_share(name: str) -> bool:
    """Whether a number of this name is shown as a share."""
    return name in _SHARES or name.endswith(("_rate", "_share", "_probability"))
