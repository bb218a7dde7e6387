"""Importing salesflow, with `Deal` and `Pipeline` at hand.

Peer: importing pydantic's ``BaseModel``, transitions and attrs. Each in a fresh interpreter, with
byte code compiled before; the time of the import statements alone.
"""

import os
import subprocess
import sys
import tempfile
from statistics import median

from benchmarks._timing import Row, at_most

ROUNDS = 15
OURS = "from salesflow import Deal, Pipeline"
PEER = "from pydantic import BaseModel; import transitions, attrs"
FIRST = f"{OURS}; Pipeline.standard().open('Acme'); Deal.model_rebuild()"
HEAVY = ("narwhals", "numpy", "pandas", "polars", "iso4217")


def seconds(statements: str, cache: str) -> float:
    """How long the statements take in a fresh interpreter."""
    code = (
        "import sys, time; start = time.perf_counter(); "
        f"{statements}; print(time.perf_counter() - start)"
    )
    settings = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    settings["PYTHONPYCACHEPREFIX"] = cache
    done = subprocess.run(
        [sys.executable, "-c", code], env=settings, capture_output=True, check=True, text=True
    )
    return float(done.stdout)


def rows() -> list[Row]:
    """The table's lines."""
    loaded = f"import sys; {OURS}; assert not set({HEAVY}) & set(sys.modules), sys.modules.keys()"
    subprocess.run([sys.executable, "-c", loaded], check=True)
    times: dict[str, list[float]] = {OURS: [], PEER: [], FIRST: []}
    with tempfile.TemporaryDirectory() as cache:
        for statements in times:
            seconds(statements, cache)
        for _ in range(ROUNDS):
            for statements, found in times.items():
                found.append(seconds(statements, cache))
    ours, peer, first = (median(times[name]) * 1e3 for name in (OURS, PEER, FIRST))
    return [
        at_most("import, against pydantic, transitions and attrs", ours, peer, "ms", 1.35),
        at_most("import and the first deal, validators built (no bound)", first, peer, "ms", 99),
    ]
