"""A page of several results: for a terminal, as Markdown, as HTML. All show the same."""

from collections.abc import Sequence
from html import escape
from typing import Any

import attrs

from salesflow.metrics._display import html_table, in_markdown, markdown_table, one_line, table
from salesflow.metrics._export import Exported

MOST_ROWS = 15
"""So many rows of a table stand on a page."""


@attrs.frozen
class Part:
    """One table of a page.

    Attributes:
        name: what it is called where all of it is given.
        title: what people read above it.
        result: what it shows.
        said: what it comes to, in sentences.
        lines: its rows, where others than those of the result are shown.
        hidden: a note of the result that ``said`` has in better words.
    """

    name: str
    title: str
    result: Exported
    said: tuple[str, ...] = ()
    lines: tuple[dict[str, Any], ...] | None = None
    hidden: str | None = None

    def rows(self) -> list[dict[str, Any]]:
        """The rows that a page has room for."""
        return self._all_rows()[:MOST_ROWS]

    def notes(self) -> list[str]:
        """What stands below them: how many are left out; when they are of, the page says once."""
        n_more = len(self._all_rows()) - MOST_ROWS
        more = [f"… and {n_more:,} more in {self.name}"] if n_more > 0 else []
        notes = self.result._shown_notes()  # noqa: SLF001 - it is shown here
        shown = (note for note in notes if note != self.hidden and not note.startswith("as of "))
        return [*more, *shown]

    def n_keys(self) -> int:
        """How many of the first columns say which row it is."""
        return self.result._n_keys() if self.lines is None else 1  # noqa: SLF001

    def _all_rows(self) -> list[dict[str, Any]]:
        return self.result._shown_rows() if self.lines is None else [*self.lines]  # noqa: SLF001


@attrs.frozen
class Page:
    """Tables below each other.

    Attributes:
        title: what it is.
        head: what holds for all of it.
        parts: its tables.
    """

    title: str
    head: tuple[str, ...]
    parts: Sequence[Part]

    def text(self) -> str:
        """For a terminal."""
        blocks = ["\n".join([_underlined(self.title, "="), *map(one_line, self.head)])]
        for part in self.parts:
            said = map(one_line, part.said)
            rows, notes = part.rows(), part.notes()
            shown = table(rows, notes) if rows else "\n".join(map(one_line, notes))
            blocks.append("\n".join([_underlined(part.title, "-"), *said, shown]))
        return "\n\n".join(blocks)

    def markdown(self) -> str:
        """For a wiki, an issue or a message."""
        blocks = [f"# {in_markdown(self.title)}", *map(in_markdown, self.head)]
        for part in self.parts:
            said, rows, notes = map(in_markdown, part.said), part.rows(), part.notes()
            shown = [markdown_table(rows, notes)] if rows else map(in_markdown, notes)
            blocks += [f"## {in_markdown(part.title)}", *said, *shown]
        return "\n\n".join(blocks) + "\n"

    def html(self) -> str:
        """For a notebook."""
        blocks = [f"<h2>{escape(self.title)}</h2>", *map(_paragraph, self.head)]
        for part in self.parts:
            rows, notes = part.rows(), part.notes()
            shown = [html_table(rows, notes, part.n_keys())] if rows else map(_paragraph, notes)
            blocks += [f"<h3>{escape(part.title)}</h3>", *map(_paragraph, part.said), *shown]
        return "\n".join(["<section>", *blocks, "</section>"])


def _underlined(title: str, mark: str) -> str:
    return f"{title}\n{mark * len(title)}"


def _paragraph(sentence: str) -> str:
    return f"<p>{escape(one_line(sentence))}</p>"
