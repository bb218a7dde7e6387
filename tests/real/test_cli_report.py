"""`salesflow report` on the real files prints the reference figures."""

import json
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from salesflow.cli import app
from tests.real.files import figures, real_file

FILES = (
    "sales_pipeline.csv",
    "sales_pipeline__iso_lf.csv",
    "sales_pipeline__us_mdy_lf.csv",
    "sales_pipeline__eu_dmy_dash_crlf.csv",
)
TENTH_DECIMAL = 5e-11


def page(name: str, *options: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["report", str(real_file(name)), *options, "--json"])
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def check(row: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert row["n_won"] == wanted["won"]
    assert row["n_lost"] == wanted["lost"]
    assert row["n_open"] == wanted["engaging"] + wanted["prospecting"]
    assert row["win_rate.value"] == pytest.approx(wanted["win_rate"], abs=TENTH_DECIMAL)
    mean = Decimal(row["average_deal_size.mean"]["amount"])
    assert float(mean) == pytest.approx(wanted["avg_won_value"], abs=TENTH_DECIMAL)
    median = Decimal(row["average_deal_size.median"]["amount"])
    assert float(median) == wanted["median_won_value"]
    assert Decimal(row["total_won"]["amount"]) == Decimal(str(wanted["won_value_sum"]))
    days = row["cycle_time.mean_days"]
    assert days == pytest.approx(wanted["won_cycle_days_mean"], abs=TENTH_DECIMAL)
    assert row["cycle_time.median_days"] == wanted["won_cycle_days_median"]


@pytest.mark.parametrize("name", FILES)
def test_the_figures_of_maven(name: str) -> None:
    found = page(f"maven/{name}", "--currency", "USD")

    wanted = figures("maven_crm_sales_opportunities")
    check(found["all deals"][0], wanted["overall"])
    by_agent = {row["owner_id"]: row for row in found["by owner_id"]}
    assert by_agent.keys() == wanted["by_sales_agent"].keys()
    for agent, row in by_agent.items():
        check(row, wanted["by_sales_agent"][agent])


def test_the_stages_of_the_change_log() -> None:
    found = page("pipedrive_history/deal_changes.csv")

    wanted = figures("pipedrive_history")
    assert found["all deals"][0]["n_lost"] == wanted["deals"]
    rows = {row["stage"]: row for row in found["time in stage"]}
    assert sum(row["n_visits"] for row in rows.values()) == wanted["stage_visits"]
    for stage, mean in wanted["mean_days_in_stage"].items():
        assert rows[stage]["mean_days"] == pytest.approx(mean, abs=TENTH_DECIMAL)
        assert rows[stage]["median_days"] == wanted["median_days_in_stage"][stage]
