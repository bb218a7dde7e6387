"""The page that describes the tables, and the schema, say the same."""

from pathlib import Path

import pytest

from salesflow.facts import schema

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "facts.md"


def section(name: str) -> list[tuple[str, ...]]:
    """The rows of the table in a section of the page."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert rows[0] == ("column", "type", "unit", "meaning")
    return rows[2:]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("deals", schema.DEALS),
        ("visits", schema.VISITS),
        ("touches", schema.TOUCHES),
        ("leads", schema.LEADS),
    ],
    ids=["deals", "visits", "touches", "leads"],
)
def test_the_page_describes_every_column(name, columns):
    assert section(name) == [
        (f"`{column.name}`", column.type, column.unit or "", column.meaning) for column in columns
    ]
