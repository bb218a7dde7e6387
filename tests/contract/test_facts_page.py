"""The pages that describe tables and engines say what the code says."""

import runpy
from pathlib import Path

import pytest

from salesflow.facts import schema

DOCS = Path(__file__).parents[2] / "docs"
PAGES = runpy.run_path(str(DOCS / "pages.py"))


@pytest.mark.parametrize("name", ["facts.md", "engines.md"])
def test_the_generated_parts_are_what_the_script_writes(name):
    page = DOCS / "reference" / name
    told = "run python docs/pages.py, and look at what changed"
    assert page.read_text(encoding="utf-8") == PAGES["rendered"](page), told


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
    text = (DOCS / "reference" / "facts.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    assert [tuple(cell.strip() for cell in row[:4]) for row in rows] == [
        (f"`{column.name}`", column.type, column.unit or "", column.meaning) for column in columns
    ]
