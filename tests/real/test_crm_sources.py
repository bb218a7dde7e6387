"""The real files as tables: as many rows as csv and json count in them."""

import csv
import json

import pytest

from salesflow.crm._sources import table_of
from salesflow.crm._table import FaultyRow
from tests.real.files import real_file
from tests.sources import all_rows

CSV = (
    "duckflow/duckflow_deals.csv",
    *(
        f"fivetran_hubspot/{name}_data.csv"
        for name in (
            *("deal", "deal_company", "deal_contact", "deal_pipeline", "deal_pipeline_stage"),
            *("deal_property_history", "deal_stage", "merged_deal", "owner"),
        )
    ),
    *(
        f"fivetran_salesforce/sf_{name}_data.csv"
        for name in (
            *("account", "account_history", "lead", "opportunity", "opportunity_history"),
            *("opportunity_line_item", "product_2", "user", "user_role"),
        )
    ),
    *(f"maven/{name}.csv" for name in ("accounts", "data_dictionary", "products", "sales_teams")),
    "maven/sales_pipeline.csv",
    "maven/sales_pipeline__eu_dmy_dash_crlf.csv",
    "maven/sales_pipeline__iso_lf.csv",
    "maven/sales_pipeline__us_mdy_lf.csv",
    *(f"pipedrive_history/{name}.csv" for name in ("deal_changes", "fields", "stages")),
)
JSON = {
    "api/close_opportunities.json": ("data",),
    "api/hubspot_deals.json": ("results",),
    "api/hubspot_fetch_pipelines.json": ("results",),
    "api/odoo_cc_crm_leads.json": ("records",),
    "api/pipedrive_deals.json": ("data",),
    "api/pipedrive_pipelines.json": ("data",),
    "api/pipedrive_stages.json": ("data",),
    "api/salesforce_opportunities.json": ("records",),
    "api/zoho_crm_deals.json": ("data",),
    "dlt/hubspot_mock.json": ("mock_deals_data", "results"),
    "dlt/pipedrive_recents_response_with_null.json": ("data",),
}


@pytest.mark.parametrize("name", CSV)
def test_each_line_of_csv_is_a_row(name):
    path = real_file(name)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = [line for line in csv.reader(file) if line]
    table = table_of(path)
    assert table.columns == (*header,)
    assert all_rows(table) == lines
    assert not any(isinstance(row, FaultyRow) for rows in table.read() for row in rows)


@pytest.mark.parametrize("name", JSON)
def test_each_item_of_json_is_a_row(name):
    path = real_file(name)
    items = json.loads(path.read_text(encoding="utf-8"))
    for key in JSON[name]:
        items = items[key]
    table = table_of(path)
    rows = all_rows(table)
    assert len(rows) == len(items)
    ids = [item.get("id", item.get("Id")) for item in items]
    column = table.columns.index("id" if "id" in table.columns else "Id")
    assert [row[column] for row in rows] == ids
    assert table.notes == ()
