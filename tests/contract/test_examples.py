"""Every example runs, and prints what its reader came for."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

ROWS = """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,kim,X,Acme,Won,2017-01-01,2017-01-11,100
A2,kim,X,Bolt,Lost,2017-01-01,2017-02-01,0
A3,lee,Y,Core,Won,2017-04-01,2017-04-21,300
A4,lee,Y,,Engaging,2017-05-01,,
A5,lee,Y,,Prospecting,,,
"""


def run(*arguments: str) -> str:
    command = [sys.executable, "-W", "error", *arguments]
    done = subprocess.run(
        command,
        cwd=EXAMPLES.parent,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


TESTED = (
    *("automation.py", "crm_export.py", "forecast.py", "from_csv.py", "from_frame.py"),
    *("full_cycle.py", "own_kpi.py", "quickstart.py", "sqlalchemy_store"),
)


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.py")), ids=lambda path: path.name)
def test_each_is_short_and_is_tested_here(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 80
    assert path.relative_to(EXAMPLES).parts[0] in TESTED


def test_quickstart_shows_a_refusal_and_both_tables():
    shown = run(str(EXAMPLES / "quickstart.py"))
    assert "cannot reopen deal 'D-17' from 'lost' to 'negotiation'" in shown
    assert [line.split()[0] for line in shown.splitlines() if line.startswith("202")][-1] == (
        "2025-Q4"
    )
    assert "owner_id  n_created" in shown


def test_own_kpi_shows_its_measures():
    shown = run(str(EXAMPLES / "own_kpi.py"))
    assert shown.startswith("Won deals worth 10,000 or more\nowner_id")
    assert "Lost for each day of work: EUR" in shown


def test_forecast_says_which_to_trust_and_forecasts_the_next_quarter():
    pytest.importorskip("numpy", reason="the extra forecast brings numpy")
    shown = run(str(EXAMPLES / "forecast.py"))
    assert "\nTrust learned: it was off by EUR" in shown
    assert "\nfrom_probability" in shown
    assert shown.splitlines()[-1].startswith("2026-Q1: EUR")


def test_automation_sends_each_thing_once_though_it_crashed_and_ran_twice():
    assert run(str(EXAMPLES / "automation.py")).splitlines() == [
        "D-2:1:call To lee: Call Bolt!",
        "D-1:3 To Acme: thank you!",
        "D-1:2 2026-03-09 demo with Acme",
        "D-2:2 2026-09-01 Look at Bolt again",
    ]


def test_from_frame_shows_its_tables():
    by_agent, by_region, by_month = run(str(EXAMPLES / "from_frame.py")).split("\n\n")
    assert [line.split()[0] for line in by_agent.splitlines()[2:4]] == ["kim", "lee"]
    assert [line.split()[0] for line in by_region.splitlines()[2:5]] == ["north", "south", "—"]
    assert [line for line in by_month.splitlines() if line.startswith("2026-01  USD 100.10")]


def test_sqlalchemy_store_tells_of_a_refused_write_and_of_both_moves():
    """Its promises are held by test_sqlalchemy_store.py."""
    refused, *events, row, why = run("-m", "examples.sqlalchemy_store").splitlines()
    assert refused.startswith("cannot save deal '")
    assert refused.endswith("' over version 1: version 2 is stored now")
    assert [event.split()[1:] for event in events] == [
        ["prospecting"],
        ["qualification", "kim"],
        ["lost", "lee"],
    ]
    assert row == "Acme renewal: lost, 12000.00 EUR, version 3"
    assert why.startswith("no move leads from 'lost' to 'won'")


def test_from_csv_prints_the_numbers(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(ROWS, encoding="utf-8")
    whole, by_agent, by_quarter = run(str(EXAMPLES / "from_csv.py"), str(path)).split("\n\n")
    # 2 won of 3 closed; (100 + 300) / 2; (10 + 20) / 2 days; 2 open × 2/3 × 200 ÷ 15 a day.
    assert whole.splitlines()[1].split() == [
        *("5", "2", "2", "1", "66.7%", "(2", "of", "3)", "USD", "200.00"),
        *("USD", "400.00", "15.0", "USD", "17.78"),
    ]
    assert [line.split()[0] for line in by_agent.split("\n")[1:3]] == ["kim", "lee"]
    assert [line.split()[0] for line in by_quarter.split("\n")[1:3]] == ["2017-Q1", "2017-Q2"]


def test_from_csv_without_a_file_says_how():
    script = str(EXAMPLES / "from_csv.py")
    done = subprocess.run([sys.executable, script], capture_output=True, check=False, timeout=120)
    assert done.returncode == 1
    assert b"python examples/from_csv.py" in done.stderr


def test_the_full_cycle_ends_in_a_renewal():
    shown = run(str(EXAMPLES / "full_cycle.py"))
    assert "The lead is nurturing until 2026-04-01" in shown
    assert shown.splitlines()[-1].startswith("converted lead L-1, won deal D-1, then kind='renewal")


def test_crm_export_writes_what_it_reads_back(tmp_path: Path):
    path = tmp_path / "demo" / "hubspot-export.csv"

    shown = run(str(EXAMPLES / "crm_export.py"), str(path))

    assert shown == f"wrote {path}\n"
    assert path.read_text(encoding="utf-8-sig").startswith("Record ID,Deal Name,Deal Stage")
