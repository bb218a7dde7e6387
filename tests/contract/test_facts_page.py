"""The pages that describe tables, engines and definitions say what the code says."""

import runpy
from functools import cache
from pathlib import Path

import pytest

from salesflow import metrics
from salesflow._narwhals import nw
from salesflow.facts import Facts, schema, to_frame

DOCS = Path(__file__).parents[2] / "docs"
PAGES = runpy.run_path(str(DOCS / "pages.py"))


@pytest.mark.parametrize("name", PAGES["PAGES"])
def test_the_generated_parts_are_what_the_script_writes(name):
    page = DOCS / name
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


def cut(frame, names):
    """A frame with no more than these columns; of none, one that no number reads."""
    whole = nw.from_native(frame).with_columns(nw.lit(0).alias("_"))
    return nw.to_native(whole.select(*(names or ["_"])))


def fewest(number, engine):
    """The tables with the columns that the page says a number needs, and no more."""
    needed = PAGES["columns_needed"](number)
    assert needed is not None, number.label
    tables = PAGES["frames"](engine)
    names = {table: [name for t, name in needed if t == table] for table in PAGES["TABLES"]}
    return Facts(**{table: cut(getattr(tables, table), names[table]) for table in names})


@cache
def over_polars(number):
    """What the other engines must find; to find what is needed, the page asks polars itself."""
    return number(fewest(number, "polars"))


@pytest.mark.parametrize("engine", [name for name in PAGES["ENGINES"] if name != "polars"])
def test_the_columns_that_the_page_names_are_enough(engine):
    for number in PAGES["NUMBERS"]:
        assert number(fewest(number, engine)) == over_polars(number), number.label


@pytest.mark.parametrize(
    "kind", ["pandas", "pandas[pyarrow]", "polars", "polars[lazy]", "pyarrow", "duckdb"]
)
@pytest.mark.parametrize(("table", "n"), [("deals", 4), ("visits", 4 + 6 + 1 + 1)])
def test_a_count_of_all_rows_reads_no_column(kind, table, n):
    frame = getattr(to_frame(PAGES["book"](), backend=kind), table)
    number = metrics.measure(cut(frame, []), metrics.own.count(table=table))
    assert number.value == n
