"""Where the real files are; they are no part of the project."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(os.environ.get("SALESFLOW_DATA", Path(__file__).parents[3] / "shared" / "data"))


def real_file(name: str) -> Path:
    """The file, or the test is skipped."""
    path = ROOT / name
    if not path.is_file():
        pytest.skip(f"{path} is absent: set SALESFLOW_DATA to the folder of the real files")
    return path


@cache
def figures(name: str) -> dict[str, Any]:
    """The figures of one data set, computed without salesflow."""
    text = real_file("reference_figures.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)[name]
    return found
