"""`import salesflow` loads no data-frame library, and nothing that reads a file."""

HEAVY = ["narwhals", "numpy", "pandas", "polars", "pyarrow", "duckdb", "altair", "iso4217"]


def loaded(fresh, program: str) -> str:
    return fresh(f"import sys\n{program}\nprint([m for m in {HEAVY!r} if m in sys.modules])")


def test_importing_with_deal_and_pipeline_is_light(fresh):
    assert loaded(fresh, "import salesflow; salesflow.Deal; salesflow.Pipeline") == "[]"


def test_defining_a_pipeline_and_opening_a_deal_is_light(fresh):
    program = "from salesflow import Pipeline; Pipeline.standard().open('Acme')"
    assert loaded(fresh, program) == "[]"


def test_a_review_needs_no_scientific_library(fresh):
    program = """
import sys
from salesflow import Pipeline, review
restore = Pipeline.standard().restore
deals = [restore(id=stage, stage=stage, source=stage) for stage in ("won", "lost")]
review.segments(deals, by=["source"])
print([name for name in ("numpy", "scipy", "pandas", "polars") if name in sys.modules])
"""
    assert fresh(program) == "[]"


def test_currencies_are_read_with_the_first_money(fresh):
    assert loaded(fresh, "from salesflow import Money; Money(1, 'EUR')") == "['iso4217']"


def test_event_models_are_built_when_first_needed(fresh):
    program = "import sys, salesflow; print('salesflow.models.events' in sys.modules)"
    assert fresh(program) == "False"


def test_rolling_up_and_cash_take_no_array_and_no_frame(fresh):
    program = """
from datetime import UTC, date, datetime
from salesflow import Money, Period, Pipeline
from salesflow.forecast import Quota, cash, cash_bands, quota_attainment, rollup
now, quarter, ten = datetime(2026, 1, 5, tzinfo=UTC), Period.quarter(2026, 1), Money(10, 'EUR')
deals = [Pipeline.standard().open('Acme', amount=ten, at=now)]
rollup(deals, period=quarter, as_of=now)
quota_attainment(deals, [Quota(ten, quarter)], as_of=now)
cash_bands([[(date(2026, 1, 9), ten)]], as_of=now, certain=cash(deals, as_of=now))"""
    assert loaded(fresh, program) == "['iso4217']"
