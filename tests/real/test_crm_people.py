"""The real files of leads, accounts and contacts through `crm.read(record=…)`."""

import csv
import json
from typing import Any

import pytest

from salesflow import crm
from tests.crm_reads import assert_counts
from tests.real.files import real_file


def rows(name: str) -> list[dict[str, str]]:
    with real_file(name).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def read(name: str, record: Any) -> crm.Import:
    got = crm.read(real_file(name), record=record, zone="UTC")
    assert_counts(got, record)
    return got


def test_accounts_of_the_teaching_set():
    name = "maven/accounts.csv"
    got, written = read(name, "account"), rows(name)
    assert [account.name for account in got.accounts] == [row["account"] for row in written]
    assert [account.n_employees for account in got.accounts] == [
        int(row["employees"]) for row in written
    ]
    revenue = [
        account.annual_revenue and str(account.annual_revenue.amount) for account in got.accounts
    ]
    assert revenue == [row["revenue"] for row in written]
    parents = [account.parent_id for account in got.accounts]
    assert parents == [row["subsidiary_of"] or None for row in written]


def test_deals_lead_to_the_accounts_of_the_other_file():
    known = {account.id for account in read("maven/accounts.csv", "account").accounts}
    deals = crm.read(real_file("maven/sales_pipeline.csv"))
    named = {deal.account_id for deal in deals.deals} - {None}
    assert named <= known
    assert {account.id for account in deals.accounts} == named


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("fivetran_salesforce/sf_account_data.csv", "account"),
        ("fivetran_salesforce/sf_lead_data.csv", "lead"),
    ],
)
def test_hashed_tables_of_salesforce(name, record):
    got, written = read(name, record), rows(name)
    assert (got.system, got.n_rows) == ("salesforce", len(written))
    n_deleted = sum(row["is_deleted"].casefold() == "true" for row in written)
    assert len(got.rejected) == n_deleted


def test_a_lead_was_converted_as_its_flag_says():
    [row] = rows("fivetran_salesforce/sf_lead_data.csv")
    [lead] = read("fivetran_salesforce/sf_lead_data.csv", "lead").leads
    is_converted = row["is_converted"].casefold() == "true"
    assert (lead.outcome == "converted") == is_converted
    assert lead.deal_id == (row["converted_opportunity_id"] or None if is_converted else None)


def test_people_in_the_recents_of_pipedrive():
    name = "dlt/pipedrive_recents_response_with_null.json"
    items = json.loads(real_file(name).read_text(encoding="utf-8"))["data"]
    got = read(name, "contact")
    assert got.system == "pipedrive"
    whole = [item["data"] for item in items if item["data"] is not None]
    assert [(c.id, c.name) for c in got.contacts] == [(str(d["id"]), d["name"]) for d in whole]
    # The item whose data is null has an id, and nothing else.
    null = [number for number, item in enumerate(items, 1) if item["data"] is None]
    assert [row.row for row in got.rejected] == null
    assert {row.faults[0].fact for row in got.rejected} == {"it has no name and no e-mail"}


def test_recents_of_other_kinds_are_no_deals():
    got = crm.read(real_file("dlt/pipedrive_recents_response_with_null.json"))
    assert (got.system, got.deals) == ("pipedrive", ())
    assert len(got.rejected) == got.n_rows == 3
