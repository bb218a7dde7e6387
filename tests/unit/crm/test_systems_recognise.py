"""`recognise`: which system wrote a table, by its columns."""

import csv
import json

import pytest

from salesflow.crm._names import folded
from salesflow.crm.systems import SYSTEMS, recognise
from tests.crm_columns import columns_of, items_of
from tests.export_samples import samples
from tests.exports import SHAPES, write_rows
from tests.exports import SYSTEMS as NAMES
from tests.real.files import real_file

# Columns as documentation, or a program that reads real exports, names them.
DOCUMENTED = [
    ("hubspot", "id properties.dealname properties.dealstage properties.hs_object_id archived"),
    ("hubspot", "deal_id is_deleted deal_pipeline_stage_id property_dealname property_amount"),
    ("hubspot", "Record ID,Deal Name,Deal Stage,Amount,Close Date,Deal owner"),
    ("hubspot", "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Associated Company IDs"),
    ("hubspot", "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status"),
    ("hubspot", "Record ID,Company name,Company owner,Create Date,City,Industry"),
    ("salesforce", "attributes.type attributes.url Id FirstName LastName"),
    ("salesforce", "ID NAME STAGENAME CLOSEDATE AMOUNT OWNERID"),
    ("salesforce", "id name stage_name close_date amount is_won is_closed forecast_category_name"),
    ("salesforce", "Opportunity Name,Amount,Account Name,Stage,Close Date,Probability (%)"),
    ("salesforce", "Opportunity Owner,Account Name,Opportunity Name,Created Date"),
    ("salesforce", "Lead Owner,First Name,Last Name,Title,Company / Account,Email"),
    ("salesforce", "Id WhoId WhatId Subject ActivityDate Status OwnerId"),
    ("pipedrive", "id title owner_id person_id org_id pipeline_id stage_id value add_time"),
    ("pipedrive", "id name owner_id add_time update_time emails phones is_deleted visible_to"),
    ("pipedrive", "id title owner_id person_id source_name was_seen value.amount"),
    ("pipedrive", "id subject type due_date due_time done marked_as_done_time deal_id"),
    ("pipedrive", "Deal - ID,Deal - Title,Deal - Value,Deal - Owner,Deal - Stage,Deal - Status"),
    ("pipedrive", "Person - Name,Person - Email,Person - Owner"),
    ("zoho", "id Deal_Name Stage Closing_Date Amount Owner.id Owner.name Account_Name.id"),
    ("zoho", "Record Id,Deal Name,Account Name,Account Name.id,Stage,Closing Date,Amount"),
    ("zoho", "Record Id,Lead Owner,Company,First Name,Last Name,Email,Lead Status"),
    ("zoho", "Record Id,Contact Owner,First Name,Last Name,Account Name,Email,Phone"),
    ("zoho", "Record Id,Account Owner,Account Name,Website,Billing City"),
    ("zoho", "id Call_Type Call_Start_Time Subject Who_Id.id What_Id.id"),
    ("odoo", "id name stage_id partner_name email_from write_date"),
    ("odoo", "id name stage_id user_id expected_revenue probability date_deadline active"),
    ("odoo", "Created on,Opportunity,Email,Salesperson,Expected Revenue,Stage"),
    ("odoo", "id name is_company parent_id email phone"),
    ("odoo", "id res_model res_id activity_type_id summary date_deadline user_id"),
    ("close", "id lead_id lead_name status_label status_type value value_currency date_won"),
    ("close", "lead_name status_type status_label confidence user_name value value_period note"),
    ("close", "id display_name status_label contacts url date_created"),
    ("close", "id lead_id display_name title emails phones"),
    ("close", "_type id lead_id user_id activity_at direction note"),
]


def split(text):
    return text.split(",") if "," in text else text.split()


@pytest.mark.parametrize(("name", "text"), DOCUMENTED)
def test_each_system_is_recognised_by_its_own_columns(name, text):
    columns = split(text)
    system, told = recognise(columns)
    assert system is SYSTEMS[name]
    assert told
    assert set(told) <= set(columns)


@pytest.mark.parametrize(("name", "text"), DOCUMENTED)
def test_none_of_these_fit_a_mark_of_another_system(name, text):
    columns = {folded(column) for column in split(text)}
    for other in SYSTEMS.values():
        if other.name != name:
            assert [m for m in other.marks if {folded(one) for one in m} <= columns] == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_synthetic_exports_are_recognised(name, shape):
    columns = columns_of(write_rows(name, samples(3), shape=shape))
    assert recognise(columns)[0] is SYSTEMS[name]


RECORDED = {
    "api/hubspot_deals.json": "hubspot",
    "api/salesforce_opportunities.json": "salesforce",
    "api/pipedrive_deals.json": "pipedrive",
    "api/zoho_crm_deals.json": "zoho",
    "api/odoo_cc_crm_leads.json": "odoo",
    "api/close_opportunities.json": "close",
}


@pytest.mark.parametrize(("file", "name"), RECORDED.items())
def test_recorded_answers_are_recognised(file, name):
    answer = json.loads(real_file(file).read_text(encoding="utf-8"))
    columns = columns_of(items_of(answer))
    assert recognise(columns)[0] is SYSTEMS[name]
    plainly = {folded(column) for column in columns}
    for other in SYSTEMS.values():
        if other.name != name:
            assert not any({folded(one) for one in mark} <= plainly for mark in other.marks)


TABLES = {
    "fivetran_hubspot/deal_data.csv": "hubspot",
    "fivetran_salesforce/sf_opportunity_data.csv": "salesforce",
    "fivetran_salesforce/sf_lead_data.csv": "salesforce",
    "fivetran_salesforce/sf_account_data.csv": "salesforce",
    "maven/sales_pipeline.csv": "generic",
    "maven/accounts.csv": "generic",
    "duckflow/duckflow_deals.csv": "generic",
}


@pytest.mark.parametrize(("file", "name"), TABLES.items())
def test_real_tables_are_recognised(file, name):
    with real_file(file).open(encoding="utf-8-sig", newline="") as lines:
        assert recognise(next(csv.reader(lines)))[0] is SYSTEMS[name]


def test_what_nothing_marks_is_generic():
    assert recognise(["deal_id", "amount", "stage"]) == (SYSTEMS["generic"], ())
    assert recognise([]) == (SYSTEMS["generic"], ())


def test_the_larger_set_of_columns_tells():
    # Two of HubSpot's company export, three of Zoho's contact export.
    columns = ["Record Id", "Company owner", "Contact Owner", "Account Name"]
    system, told = recognise(columns)
    assert system.name == "zoho"
    assert told == ("Record Id", "Contact Owner", "Account Name")


def test_the_columns_that_told_are_given_as_they_stand_in_their_order():
    columns = ["Amount", "DEAL STAGE", "deal_name", "Record-ID", "deal name"]
    assert recognise(columns)[1] == ("DEAL STAGE", "deal_name", "Record-ID")


def test_ten_thousand_columns_are_no_matter():
    columns = [f"column {n}" for n in range(10_000)]
    assert recognise([*columns, "hs_object_id"])[1] == ("hs_object_id",)
