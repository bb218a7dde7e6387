"""Which case of CASES.md is held by which test, and what the others wait for."""

import os
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = Path(os.environ.get("SALESFLOW_CASES", HERE.parents[2] / "shared" / "CASES.md"))

STATE, METRICS, REVIEW = "test_state.py", "test_metrics.py", "test_review.py"
CRM, FORECAST = "test_crm.py", "test_forecast.py"
HELD = {
    **dict.fromkeys(("R1", "R2", "R5", "R8", "R9", "R13", "R15", "R17"), STATE),
    **dict.fromkeys(("R34", "R35", "R38", "R44", "R46"), STATE),
    **dict.fromkeys(("S8", "S10", "S11", "S14"), STATE),
    **dict.fromkeys(("R3", "R7", "R14", "R25", "R26", "R27", "R30", "R31", "R32"), METRICS),
    **dict.fromkeys(("R20", "R21", "R23", "R37", "R41", "R43"), METRICS),
    **dict.fromkeys(("S1", "S2", "S4", "S5", "S6", "S13", "S18", "S19"), METRICS),
    **dict.fromkeys(("R11", "R18", "R28", "R50", "S12"), REVIEW),
}
"""The file in which the number of a case stands above its test."""

HELD_TOO = [
    *dict.fromkeys(("R9", "R17"), METRICS).items(),
    *dict.fromkeys(("R41", "R43", "R46"), REVIEW).items(),
    *dict.fromkeys(("R8", "R13", "R15", "R34", "R43", "R44", "R46"), CRM).items(),
    *dict.fromkeys(("S8", "S11", "S14"), CRM).items(),
    *dict.fromkeys(("S4", "S6"), FORECAST).items(),
]
"""Other files, where the deal, a number of it, or its import went wrong as well."""

WAITING: dict[str, str] = {}
"""What a case needs before it can be a test."""


def cases_above_tests(name: str) -> set[str]:
    text = (HERE / name).read_text(encoding="utf-8")
    marks = re.findall(r"^# ((?:[RS]\d+)(?:, [RS]\d+)*)$", text, flags=re.MULTILINE)
    return {case for mark in marks for case in mark.split(", ")}


@pytest.mark.parametrize("name", [STATE, METRICS, REVIEW, CRM, FORECAST])
def test_each_case_that_is_held_stands_above_a_test(name):
    listed = [*HELD.items(), *HELD_TOO]
    assert cases_above_tests(name) == {case for case, file in listed if file == name}


def test_no_case_is_held_and_waiting():
    assert not HELD.keys() & WAITING.keys()
    assert {case for case, _ in HELD_TOO} <= HELD.keys()


def test_every_case_is_in_the_list():
    if not CASES.is_file():
        pytest.skip(f"{CASES} is absent")
    known = re.findall(r"^\| ([RS]\d+) \|", CASES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert known
    assert set(known) == HELD.keys() | WAITING.keys()
