"""No frame library is loaded but the caller's own, and narwhals in one module alone."""

import re
from pathlib import Path

import pytest

import salesflow

FRAMES = ["narwhals", "numpy", "pandas", "polars", "pyarrow", "duckdb", "pyspark"]


def test_numbers_over_deals_load_no_frame_library(fresh):
    program = f"""
import sys
from datetime import UTC, datetime
from salesflow import Pipeline, metrics
now = datetime(2026, 1, 1, tzinfo=UTC)
deals = [Pipeline.standard().open("Acme", at=now)]
metrics.summary(deals, as_of=now, by="owner_id", every="month")
metrics.time_in_stage(deals, as_of=now)
print([name for name in {FRAMES!r} if name in sys.modules])
"""
    assert fresh(program) == "[]"


@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_a_frame_loads_no_other_library(fresh, name):
    made = {
        "polars": "import polars; frame = polars.DataFrame({'outcome': ['won']})\n"
        "frame = frame.with_columns(closed_at=polars.date(2026, 1, 5))",
        "duckdb": "import duckdb; frame = duckdb.sql(\"select 'won' as outcome, "
        "date '2026-01-05' as closed_at\")",
    }
    others = [other for other in FRAMES[1:] if other not in (name, "numpy")]
    program = f"""
import sys
{made[name]}
before = {{*sys.modules}}
from salesflow import metrics
assert metrics.win_rate(frame, by="outcome", every="month")
print([one for one in {others!r} if one in sys.modules and one not in before])
"""
    assert fresh(program) == "[]"


def test_narwhals_is_imported_in_one_module():
    root = Path(str(salesflow.__file__)).parent
    imports = re.compile(r"^[ \t]*(?:import|from)\s+narwhals\b.*$", re.MULTILINE)
    found = {
        str(path.relative_to(root)): imports.findall(path.read_text(encoding="utf-8"))
        for path in sorted(root.rglob("*.py"))
    }
    assert {name: lines for name, lines in found.items() if lines} == {
        "_narwhals.py": ["import narwhals.stable.v2 as nw"]
    }
