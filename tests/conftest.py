"""Settings of Hypothesis and the fixtures that several folders share."""

import gc
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from decimal import ROUND_DOWN, Clamped, Context, FloatOperation, Inexact, Rounded, localcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from salesflow.facts.natives import BACKENDS

# A slow machine is no failure. CI looks at the same examples each time, so that a change is judged
# by what it does; everybody else looks at new ones. What CI runs again, on a wheel or on another
# Python, it looks at briefly.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", _PATIENT, max_examples=60)
settings.register_profile("ci", _PATIENT, max_examples=100, derandomize=True, print_blob=True)
settings.register_profile("brief", _PATIENT, max_examples=15, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """Runs a program in an interpreter that has loaded nothing yet, and gives what it printed."""

    def run(program: str) -> str:
        command = [sys.executable, "-W", "error", "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture(
    params=[
        Context(prec=3, rounding=ROUND_DOWN),
        Context(prec=1, Emin=0, Emax=0, rounding=ROUND_DOWN),
        Context(prec=5, rounding=ROUND_DOWN, traps=[Inexact, Rounded, Clamped, FloatOperation]),
    ],
    ids=["three digits", "no exponent", "all traps"],
)
def hostile_context(request: pytest.FixtureRequest) -> Iterator[Context]:
    """A decimal context that spoils every number computed in it."""
    with localcontext(request.param) as context:
        yield context


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts Spark or a database server: one run of CI has them, not each run here."""
    for item in items:
        for name in ("spark", "postgres"):
            if name in getattr(item, "fixturenames", ()) or name in item.nodeid:
                item.add_marker(name)


def pytest_collection_finish() -> None:
    """Leave all that was collected out of what Python looks through for garbage, time and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """The one Spark session of a run, started by the first test that asks for it."""
    from pyspark.sql import SparkSession

    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, which is not installed")
    # What the Java machine and the frames of Spark tell of themselves is no fault of ours.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            SparkSession.builder.master("local[1]")
            .appName("salesflow tests")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.log.level", "ERROR")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate()
        )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server of PostgreSQL, started by the first test that asks for it."""
    from tests.postgres import programs, serve

    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    with serve(folder) as url:
        yield url


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Each kind of frame; Spark with its session."""
    name: str = request.param
    if name == "pyspark":
        request.getfixturevalue("spark")
    return name
