"""Spark: one collect of the aggregated rows, and the same figures on one core and on two."""

import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal

from salesflow import metrics
from tests.shorthand import NOW
from tests.tables import framed

N = 200
BOOK = {
    "outcome": [("won", "lost", "open")[n % 3] for n in range(N)],
    "created_at": [date(2026, 1, 1 + n % 20) for n in range(N)],
    "closed_at": [None if n % 3 == 2 else date(2026, 2, 1 + n % 27) for n in range(N)],
    "amount": [Decimal(n) / 100 for n in range(N)],
    "owner_id": [(None, "kim", "lee")[n % 7 % 3] for n in range(N)],
}

PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pyspark.sql import SparkSession
builder = SparkSession.builder.master(sys.argv[1]).config("spark.ui.enabled", "false")
builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.log.level", "OFF")
session = builder.config("spark.sql.shuffle.partitions", "3").getOrCreate()
from tests.unit.metrics.test_frames_spark import BOOK, figures
from tests.tables import framed
print("figures:" + json.dumps(figures(framed(BOOK, "pyspark").repartition(3))))
"""


def figures(frame):
    """What is said of each owner, as texts."""
    found = metrics.summary(frame, as_of=NOW, by="owner_id", currency="EUR")
    return [{name: str(value) for name, value in row.items()} for row in found.to_dicts()]


def test_one_collect_of_few_rows_gives_the_figures_of_polars(spark, monkeypatch):
    frame = framed(BOOK, "pyspark")
    kind, rows = type(frame), []
    collect = kind.collect

    def counted(self):
        found = collect(self)
        rows.append(len(found))
        return found

    monkeypatch.setattr(kind, "collect", counted)
    found = figures(frame)
    assert len(rows) == 1
    # Three owners; a row for each combination of conditions, and one a median.
    assert rows[0] < N / 4
    assert found == figures(framed(BOOK, "polars"))
    assert spark.version >= "4"


def test_two_cores_give_the_same_figures():
    command = [sys.executable, "-c", PROGRAM, "local[2]"]
    path = os.pathsep.join([os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])])  # noqa: PTH109 - tests are imported from where pytest runs
    environment = {**os.environ, "PYTHONPATH": path, "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=170, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("figures:")]
    assert json.loads(line.removeprefix("figures:")) == figures(framed(BOOK, "polars"))
