"""`match`: which column holds which field."""

import csv
import json

import pytest

from salesflow.crm.systems import (
    CLOSE,
    FIELDS,
    GENERIC,
    HUBSPOT,
    MODEL_NAMES,
    ODOO,
    PIPEDRIVE,
    SALESFORCE,
    SYSTEMS,
    ZOHO,
    match,
)
from salesflow.errors import ColumnError
from salesflow.facts import schema
from tests.crm_columns import columns_of, items_of
from tests.export_samples import samples
from tests.exports import SHAPES, write_rows
from tests.exports import SYSTEMS as NAMES
from tests.real.files import real_file

# The tables of each system.


def test_the_first_name_that_a_column_has_is_taken():
    columns = ["Deal owner", "owner_id", "id", "Record ID"]
    assert match(columns, HUBSPOT, "deal", {}) == {"id": "Record ID", "owner": "owner_id"}


def test_fields_come_in_their_own_order_with_columns_as_they_stand():
    found = match([" AMOUNT ", "deal_NAME", "Record-Id"], HUBSPOT, "deal", {})
    assert list(found.items()) == [
        ("id", "Record-Id"),
        ("name", "deal_NAME"),
        ("amount", " AMOUNT "),
    ]


def test_a_prefix_of_the_system_may_stand_before_a_name():
    columns = ["properties.dealname", "PROPERTY_AMOUNT", "property_hs_merged_object_ids"]
    assert match(columns, HUBSPOT, "deal", {}) == {
        "name": "properties.dealname",
        "amount": "PROPERTY_AMOUNT",
        "merged": "property_hs_merged_object_ids",
    }


def test_of_two_columns_the_one_without_the_prefix_is_taken():
    assert match(["property_amount", "amount"], HUBSPOT, "deal", {}) == {"amount": "amount"}


def test_of_columns_that_are_alike_the_one_written_like_the_name_is_taken():
    assert match(["Amount", "amount", "AMOUNT"], HUBSPOT, "deal", {})["amount"] == "amount"
    assert match(["AMOUNT", "Amount"], HUBSPOT, "deal", {})["amount"] == "AMOUNT"


def test_a_shared_column_holds_each_of_its_fields():
    # The day of winning, and while it is open the estimated one.
    found = match(["id", "date_won", "date_lost"], CLOSE, "deal", {})
    assert found == {
        "id": "id",
        "won": "date_won",
        "lost": "date_lost",
        "expected_close": "date_won",
    }


def test_another_column_holds_one_field_only():
    # Given for one field, it is not taken for the other.
    assert match(["name"], GENERIC, "deal", {"owner": "name"}) == {"owner": "name"}


def test_the_owner_of_another_record_is_not_that_of_the_deal():
    columns = ["Deal - Title", "Organization - Owner", "Person - Phone"]
    assert match(columns, PIPEDRIVE, "deal", {}) == {"name": "Deal - Title"}


def test_a_record_that_a_system_does_not_have_matches_nothing():
    assert match(["id", "lead_name"], CLOSE, "lead", {}) == {}
    assert match(["id"], CLOSE, "lead", {"lead_id": "id"}) == {"id": "id"}


@pytest.mark.parametrize(
    ("system", "record", "columns", "expected"),
    [
        (
            ODOO,
            "deal",
            "id name stage_id won_status active type expected_revenue user_id partner_id",
            "id name stage status is_active type amount owner account",
        ),
        (
            SALESFORCE,
            "lead",
            "Id Name Company Email Status IsConverted ConvertedDate ConvertedOpportunityId",
            "id name company email status is_converted converted deal",
        ),
        (
            ZOHO,
            "account",
            "id Account_Name Website Employees Annual_Revenue Owner.name Parent_Account.id",
            "id name domain n_employees annual_revenue owner parent",
        ),
        (
            HUBSPOT,
            "contact",
            "hs_object_id firstname lastname email phone jobtitle associatedcompanyid",
            "id first_name last_name email phone title account",
        ),
        (
            PIPEDRIVE,
            "activity",
            "id type marked_as_done_time due_date done owner_id person_id deal_id subject note",
            "id kind occurred planned is_done owner contact deal subject note",
        ),
        (
            CLOSE,
            "activity",
            "id _type activity_at direction user_id contact_id note",
            "id kind occurred direction owner contact note",
        ),
    ],
)
def test_each_record_of_a_system_is_matched(system, record, columns, expected):
    found = match(columns.split(), system, record, {})
    assert found == dict(zip(expected.split(), columns.split(), strict=True))


SAID = {
    "hubspot": "id name stage is_won is_closed amount currency owner account created close",
    "salesforce": "id name stage is_won is_closed amount currency owner created close",
    "pipedrive": "id name stage status amount currency owner created closed expected_close",
    "zoho": "id name stage amount currency owner account created close loss_reason",
    "odoo": "id name stage is_active amount currency owner account created closed",
    "close": "id stage status amount currency owner account created won lost expected_close",
    "generic": "id name stage status amount currency owner created closed expected_close",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_synthetic_exports_have_what_they_say(name, shape):
    columns = columns_of(write_rows(name, samples(3), shape=shape))
    found = match(columns, SYSTEMS[name], "deal", {})
    assert set(SAID[name].split()) <= found.keys()
    shared = set(SYSTEMS[name].shared)
    taken = [column for column in found.values() if column not in shared]
    assert len(taken) == len(set(taken))


# Any other table.


def test_the_columns_of_our_own_tables_are_known():
    ours = {column.name for column in schema.DEALS}
    found = match([*ours], GENERIC, "deal", {})
    assert found == {
        "id": "deal_id",
        "stage": "stage",
        "pipeline": "pipeline",
        "status": "outcome",
        "amount": "amount",
        "currency": "currency",
        "probability": "probability",
        "category": "category",
        "owner": "owner_id",
        "account": "account_id",
        "source": "source",
        "lead": "lead_id",
        "created": "created_at",
        "closed": "closed_at",
        "expected_close": "expected_close_on",
        "loss_reason": "loss_reason",
        "stage_order": "stage_position",
    }


def test_the_columns_of_our_table_of_leads_are_known():
    found = match([column.name for column in schema.LEADS], GENERIC, "lead", {})
    assert found == {
        "id": "lead_id",
        "status": "outcome",
        "owner": "owner_id",
        "source": "source",
        "channel": "channel",
        "created": "created_at",
        "converted": "converted_at",
        "deal": "deal_id",
        "reason": "reason",
    }


def test_words_of_spreadsheets_are_known():
    columns = ["Deal", "Client", "Salesperson", "Value", "Lead Source", "Date Created", "Closed On"]
    assert match(columns, GENERIC, "deal", {}) == {
        "name": "Deal",
        "amount": "Value",
        "owner": "Salesperson",
        "account_name": "Client",
        "source": "Lead Source",
        "created": "Date Created",
        "closed": "Closed On",
    }


@pytest.mark.parametrize("word", ["won", "lost", "closed", "date", "reason", "price", "total"])
def test_words_that_may_mean_two_things_are_not_taken(word):
    assert match([word], GENERIC, "deal", {}) == {}


def test_mavens_columns_are_known():
    with real_file("maven/sales_pipeline.csv").open(encoding="utf-8", newline="") as lines:
        columns = next(csv.reader(lines))
    assert match(columns, GENERIC, "deal", {}) == {
        "id": "opportunity_id",
        "stage": "deal_stage",
        "amount": "close_value",
        "owner": "sales_agent",
        "account_name": "account",
        "created": "engage_date",
        "close": "close_date",
    }


def test_mavens_accounts_are_known():
    with real_file("maven/accounts.csv").open(encoding="utf-8", newline="") as lines:
        columns = next(csv.reader(lines))
    assert match(columns, GENERIC, "account", {}) == {
        "name": "account",
        "industry": "sector",
        "n_employees": "employees",
        "annual_revenue": "revenue",
        "parent": "subsidiary_of",
    }


def test_duckflows_columns_are_known():
    with real_file("duckflow/duckflow_deals.csv").open(encoding="utf-8", newline="") as lines:
        columns = next(csv.reader(lines))
    assert match(columns, GENERIC, "deal", {}) == {
        "id": "deal_id",
        "stage": "stage",
        "amount": "amount",
        "contact": "contact_id",
        "source": "source",
        "close": "close_date",
    }


def test_a_recorded_answer_has_what_its_table_says():
    answer = json.loads(real_file("api/pipedrive_deals.json").read_text(encoding="utf-8"))
    found = match(columns_of(items_of(answer)), PIPEDRIVE, "deal", {})
    assert found["owner"] == "user_id.id"
    assert found["stage_order"] == "stage_order_nr"
    assert found["closed"] == "close_time"


# What is given.


def test_what_is_given_wins():
    columns = ["amount", "close_value", "deal_id"]
    found = match(columns, GENERIC, "deal", {"amount": "close_value"})
    assert found == {"id": "deal_id", "amount": "close_value"}


@pytest.mark.parametrize("record", [*FIELDS])
def test_fields_are_given_by_their_words_or_by_those_of_the_models(record):
    for field in FIELDS[record]:
        assert match(["x"], CLOSE, record, {field: "x"}) == {field: "x"}
    for name, field in MODEL_NAMES[record].items():
        assert match(["x"], CLOSE, record, {name: "x"}) == {field: "x"}


def test_a_column_may_be_given_in_other_case():
    assert match(["Close Value"], GENERIC, "deal", {"amount": "close_value"}) == {
        "amount": "Close Value"
    }


def test_a_column_may_be_given_for_two_fields():
    found = match(["date"], GENERIC, "deal", {"created": "date", "closed": "date"})
    assert found == {"created": "date", "closed": "date"}


def test_all_that_is_wrong_with_what_is_given_is_said_at_once():
    given = {"amont": "amount", "owner": "ownr", "owner_id": "owner", "stage": 5}
    with pytest.raises(ColumnError) as caught:
        match(["amount", "owner"], GENERIC, "deal", given)
    error = caught.value
    assert error.faults == ("no field 'amont'", "no column 'ownr'", "no column 5")
    assert error.column == "amont"
    assert error.known == ("amount", "owner")
    assert "cannot take columns={'amont': 'amount'" in error.message
    assert error.hint.startswith("for 'amont' there is 'amount' or ")
    assert "; for 'ownr' there is 'owner' or 'amount'; for 5 there is" in error.hint


def test_a_column_that_is_missing_is_told_with_the_closest():
    with pytest.raises(ColumnError, match=r"no column 'close_valu'") as caught:
        match(["close_value", "id"], GENERIC, "deal", {"amount": "close_valu"})
    assert caught.value.hint == "for 'close_valu' there is 'close_value' or 'id'."


def test_a_column_of_a_table_without_any_is_told():
    with pytest.raises(ColumnError, match=r"no column 'x'$") as caught:
        match([], GENERIC, "deal", {"amount": "x"})
    assert caught.value.hint is None


def test_a_field_is_given_once():
    with pytest.raises(ColumnError, match="'owner_id' is the field 'owner', which is") as caught:
        match(["a", "b"], GENERIC, "deal", {"owner": "a", "owner_id": "b"})
    assert caught.value.hint is None
    assert caught.value.column == "owner_id"
