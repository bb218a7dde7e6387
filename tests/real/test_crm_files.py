"""Every real file through `crm.read`: nothing is lost, and what is odd about it is told.

What is expected is counted in the files here, with `csv` and `json` alone, or said by the
reference figures.
"""

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from salesflow import Deal, crm, metrics
from tests.crm_reads import assert_counts, codes
from tests.real.files import figures, real_file

FILES = {
    "api": (
        *("close_opportunities.json", "hubspot_deals.json", "hubspot_fetch_pipelines.json"),
        *("odoo_cc_crm_leads.json", "pipedrive_deals.json", "pipedrive_pipelines.json"),
        *("pipedrive_stages.json", "salesforce_opportunities.json", "zoho_crm_deals.json"),
    ),
    "dlt": ("hubspot_mock.json", "pipedrive_recents_response_with_null.json"),
    "duckflow": ("duckflow_deals.csv",),
    "fivetran_hubspot": (
        *("deal_company_data.csv", "deal_contact_data.csv", "deal_data.csv"),
        *("deal_pipeline_data.csv", "deal_pipeline_stage_data.csv", "owner_data.csv"),
        *("deal_property_history_data.csv", "deal_stage_data.csv", "merged_deal_data.csv"),
    ),
    "fivetran_salesforce": (
        *("sf_account_data.csv", "sf_account_history_data.csv", "sf_lead_data.csv"),
        *("sf_opportunity_data.csv", "sf_opportunity_history_data.csv", "sf_user_data.csv"),
        *("sf_opportunity_line_item_data.csv", "sf_product_2_data.csv", "sf_user_role_data.csv"),
    ),
    "maven": (
        *("accounts.csv", "data_dictionary.csv", "products.csv", "sales_teams.csv"),
        *("sales_pipeline.csv", "sales_pipeline__iso_lf.csv"),
        *("sales_pipeline__us_mdy_lf.csv", "sales_pipeline__eu_dmy_dash_crlf.csv"),
    ),
    "pipedrive_history": ("deal_changes.csv", "fields.csv", "stages.csv"),
}
NAMES = [f"{folder}/{name}" for folder, names in FILES.items() for name in names]
COPIES = [name for name in NAMES if name.startswith("maven/sales_pipeline")]
NOW = datetime(2018, 1, 1, tzinfo=UTC)


@cache
def read(name: str) -> crm.Import:
    currency = "USD" if name.startswith("maven") else None
    return crm.read(real_file(name), zone="UTC", currency=currency)


@cache
def rows(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file, as they are written."""
    with real_file(name).open(newline="", encoding="latin-1") as lines:
        return list(csv.DictReader(lines))


@cache
def answer(name: str) -> list[dict[str, Any]]:
    """The items in the answer of an API."""
    found = json.loads(real_file(f"api/{name}").read_text(encoding="utf-8"))
    return next(found[key] for key in ("data", "results", "records") if key in found)


def n_rows(name: str, code: str, words: str = "") -> int:
    """How many rows the findings of that code, and with those words, are about."""
    found = read(name).findings
    return sum(one.n_rows for one in found if one.code == code and words in one.fact)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_a_deal_or_is_rejected(name):
    got = read(name)
    assert_counts(got)
    if name.endswith(".csv") and name != "pipedrive_history/deal_changes.csv":
        assert got.n_rows == len(rows(name))
    keys = [deal.id for deal in got.deals]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_read_can_be_told(name):
    got = read(name)
    told = json.loads(json.dumps(got.to_dict()))
    assert (told["n_deals"], told["n_rejected"]) == (len(got.deals), len(got.rejected))
    assert got.summary().splitlines()[0].startswith(name.rpartition("/")[2])


# The teaching set of CRM Sales Opportunities.


@pytest.mark.parametrize("name", COPIES)
def test_maven_is_read_whole_with_its_oddities(name):
    overall = figures("maven_crm_sales_opportunities")["overall"]
    got = read(name)
    assert (got.n_rows, len(got.deals)) == (overall["opportunities_total"],) * 2
    n_open = overall["engaging"] + overall["prospecting"]
    assert n_rows(name, "no-amount") == n_rows(name, "no-amount", "it is open") == n_open
    assert n_rows(name, "zero-amount", "it was lost") == overall["lost"]
    assert n_rows(name, "no-created-date") == overall["prospecting"]
    assert {"no-history", "drafted-pipeline"} <= set(codes(got))
    formats = {one.column: one.fact for one in got.findings if one.code == "format"}
    order = {"us_mdy": "month/day/year", "eu_dmy": "day/month/year"}
    expected = next((words for key, words in order.items() if key in name), None)
    if expected is None:
        assert formats == {}
    else:
        assert formats == dict.fromkeys(("engage_date", "close_date"), f"read as {expected}")


def plain(deal: Deal) -> dict[str, Any]:
    """All fields of a deal and of its one event, with one name for each product."""
    [event] = deal.history
    custom = {key: str(text).replace("GTX Pro", "GTXPro") for key, text in deal.custom.items()}
    parts = {**vars(deal), **vars(event)}
    return {**parts, "history": (), "custom": custom}


def test_mavens_copies_are_equal():
    """But for the name of one product, which is written in two ways."""
    first, *others = (read(name) for name in COPIES)
    for other in others:
        assert list(map(plain, other.deals)) == list(map(plain, first.deals))
        assert other.latest_at == first.latest_at == date(2017, 12, 31)


@pytest.mark.parametrize("name", COPIES)
def test_mavens_product_of_two_names_is_named_beside_its_table(name):
    tables = [real_file(f"maven/{table}.csv") for table in ("products", "accounts", "sales_teams")]
    got = crm.read(real_file(name), beside=tables)
    n_odd = sum(row["product"] == "GTXPro" for row in rows(name))
    found = [
        (one.column, one.fact, one.n_rows) for one in got.findings if one.code == "alike-values"
    ]
    fact = "'GTXPro' is 'GTX Pro' in products.csv"
    assert found == ([("product", fact, n_odd)] if n_odd else [])
    assert n_odd == (0 if "eu_dmy" in name else 1480)


@pytest.mark.parametrize("name", COPIES)
def test_mavens_figures(name):
    expected = figures("maven_crm_sales_opportunities")["overall"]
    summary = metrics.summary(read(name).deals, as_of=NOW)
    assert summary.n_created == expected["opportunities_total"]
    assert summary.n_open == expected["engaging"] + expected["prospecting"]
    assert (summary.n_won, summary.n_lost) == (expected["won"], expected["lost"])
    assert summary.win_rate.value == pytest.approx(expected["win_rate"], abs=5.1e-11)
    size, cycle = summary.average_deal_size, summary.cycle_time
    assert float(size.total.amount) == expected["won_value_sum"]
    assert float(size.mean.amount) == pytest.approx(
        expected["avg_won_value"], rel=1e-12, abs=5.1e-11
    )
    assert float(size.median.amount) == expected["median_won_value"]
    assert cycle.mean_days == pytest.approx(expected["won_cycle_days_mean"], abs=5.1e-11)
    assert cycle.median_days == expected["won_cycle_days_median"]
    velocity = summary.pipeline_velocity.per_day
    assert velocity is not None
    assert float(velocity.amount) == pytest.approx(
        expected["velocity_per_day_N_open"], rel=1e-12, abs=5.1e-11
    )


# A change log of Pipedrive.

LOG = "pipedrive_history/deal_changes.csv"


def test_the_log_of_changes_tells_its_oddities():
    reference, got = figures("pipedrive_history"), read(LOG)
    twice = set(reference["ids_used_twice"])
    assert got.system == "pipedrive"
    assert len(got.deals) == reference["deals"]
    assert not twice & {deal.id for deal in got.deals}
    assert len(got.rejected) == n_rows(LOG, "id-used-twice") == len(twice)
    facts = {one.code: one.fact for one in got.findings}
    assert all(repr(key) in facts["id-used-twice"] for key in twice)
    assert facts["one-outcome"] == "every closed deal was lost"
    n_moves = reference["stage_visits"] - reference["deals"]
    assert facts["skipped-stages"].startswith(f"{reference['forward_skips']:,} of {n_moves:,} ")
    assert "backward-moves" not in facts  # only ids used twice go back


def test_the_log_of_changes_gives_the_days_in_each_stage():
    reference = figures("pipedrive_history")
    found = metrics.time_in_stage(read(LOG).deals, as_of=datetime(2027, 1, 1, tzinfo=UTC))
    assert sum(stage.n_visits for stage in found.values()) == reference["stage_visits"]
    assert {*found} == {*reference["deals_entered_stage_id"]}
    for name, stage in found.items():
        assert stage.n_visits == reference["deals_entered_stage_id"][name]
        assert stage.median_days == reference["median_days_in_stage"][name]
        mean = reference["mean_days_in_stage"][name]
        assert stage.mean_days == pytest.approx(mean, rel=1e-12, abs=5.1e-11)


def test_the_log_of_changes_gives_the_days_to_the_loss():
    reference = figures("pipedrive_history")
    found = metrics.cycle_time(read(LOG).deals, outcome="lost")
    assert found.n == reference["deals"]
    assert found.mean_days == pytest.approx(reference["mean_days_add_to_lost"], abs=5.1e-11)
    assert found.median_days == reference["median_days_add_to_lost"]


# Small files of warehouses.


def test_the_small_export():
    """17 amounts are empty, three of them of won deals; nothing says when deals were created."""
    name = "duckflow/duckflow_deals.csv"
    got = read(name)
    assert len(got.deals) == 150
    assert (n_rows(name, "no-amount"), n_rows(name, "no-amount", "it was won")) == (17, 3)
    assert n_rows(name, "no-created-date") == 150
    assert "no-history" in codes(got)


def test_hashed_deals_of_hubspot():
    """No row names a stage or an amount."""
    name = "fivetran_hubspot/deal_data.csv"
    written = rows(name)
    assert n_rows(name, "no-stage") == sum(not row["deal_pipeline_stage_id"] for row in written)
    assert n_rows(name, "no-amount") == sum(not row["property_amount"] for row in written)
    assert "format" in codes(read(name))  # its times name no zone


def test_hashed_logs_of_hubspot_are_logs():
    """Their tables do not join: nothing is known of any deal, and nothing is lost for it."""
    names = ("deal_stage_data", "deal_property_history_data", "merged_deal_data")
    logs = [real_file(f"fivetran_hubspot/{name}.csv") for name in names]
    got = crm.read(real_file("fivetran_hubspot/deal_data.csv"), history=logs, zone="UTC")
    assert_counts(got)
    assert len(got.deals) == len(rows("fivetran_hubspot/deal_data.csv"))


@pytest.mark.parametrize("name", ["sf_opportunity_data", "sf_opportunity_history_data"])
def test_hashed_opportunities_of_salesforce(name):
    """One has a probability of 1000; those that were deleted are none."""
    path = f"fivetran_salesforce/{name}.csv"
    written = rows(path)
    n_deleted = sum(row["is_deleted"].casefold() == "true" for row in written)
    assert len(read(path).rejected) == n_deleted
    shares = [float(row["probability"]) for row in written if row["probability"]]
    assert n_rows(path, "odd-probability") == sum(share > 100 for share in shares)


def test_ends_of_time_are_no_dates():
    log = "fivetran_salesforce/sf_opportunity_history_data.csv"
    source = real_file("fivetran_salesforce/sf_opportunity_data.csv")
    got = crm.read(source, history=real_file(log), zone="UTC")
    ends = [row["_fivetran_end"] for row in rows(log)]
    [found] = [one for one in got.findings if one.code == "impossible-date"]
    assert found.column == "_fivetran_end"
    assert found.n_rows == sum(end.startswith("9999") for end in ends) > 0


# Recorded answers of APIs.


def test_hubspots_answer():
    name = "api/hubspot_deals.json"
    written = [item["properties"] for item in answer("hubspot_deals.json")]
    assert len(read(name).deals) == len(written)
    assert n_rows(name, "no-stage") == sum(item["dealstage"] is None for item in written)
    assert n_rows(name, "no-amount") == sum(not item["amount"] for item in written)


def test_pipedrives_answer():
    name = "api/pipedrive_deals.json"
    written = answer("pipedrive_deals.json")
    got = read(name)
    assert [deal.id for deal in got.deals] == [str(item["id"]) for item in written]
    assert [deal.owner_id for deal in got.deals] == [str(i["user_id"]["id"]) for i in written]
    assert [deal.outcome for deal in got.deals] == [item["status"] for item in written]
    [several] = [one.fact for one in got.findings if one.code == "several-pipelines"]
    for key, count in Counter(item["pipeline_id"] for item in written).items():
        assert f"'{key}' ({count})" in several


def test_salesforces_answer():
    written = answer("salesforce_opportunities.json")
    got = read("api/salesforce_opportunities.json")
    amounts = {deal.id: deal.amount and float(deal.amount.amount) for deal in got.deals}
    assert amounts == {item["Id"]: item["Amount"] for item in written}
    won = {deal.id for deal in got.deals if deal.outcome == "won"}
    assert won == {item["Id"] for item in written if item["StageName"] == "Closed Won"}
    latest = max(datetime.fromisoformat(item["SystemModstamp"]) for item in written)
    assert got.latest_at == latest


def test_zohos_answer():
    written = answer("zoho_crm_deals.json")
    got = read("api/zoho_crm_deals.json")
    assert [deal.owner_id for deal in got.deals] == [item["Owner"]["id"] for item in written]
    assert [deal.created_at for deal in got.deals] == [
        datetime.fromisoformat(item["Created_Time"]) for item in written
    ]
    n_without = sum(item["Amount"] is None for item in written)
    assert n_rows("api/zoho_crm_deals.json", "no-amount") == n_without


def test_closes_answer_is_in_cents():
    written = answer("close_opportunities.json")
    got = read("api/close_opportunities.json")
    assert [deal.amount and deal.amount.amount * 100 for deal in got.deals] == [
        item["value"] for item in written
    ]


def test_odoos_answer_names_stages_in_pairs():
    written = answer("odoo_cc_crm_leads.json")
    got = read("api/odoo_cc_crm_leads.json")
    assert [deal.stage for deal in got.deals] == [item["stage_id"][1] for item in written]
    won = sum(item["stage_id"][1] == "Won" for item in written)
    assert sum(deal.outcome == "won" for deal in got.deals) == won
    assert n_rows("api/odoo_cc_crm_leads.json", "no-closing-date") == won


def test_an_item_without_data_is_rejected():
    """The recents of Pipedrive are of several kinds; one of them is null."""
    got = read("dlt/pipedrive_recents_response_with_null.json")
    assert got.deals == ()
    assert len(got.rejected) == got.n_rows > 0
