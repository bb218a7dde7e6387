"""The columns of real exports, each in the one format that it is written in."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from salesflow.crm._cells import BadCell
from salesflow.crm._flags import FlagColumn
from salesflow.crm._moments import MomentColumn
from salesflow.crm._numbers import AmountColumn, NumberColumn
from salesflow.errors import NaiveDatetimeError
from tests.real.files import real_file

MAVEN = {
    "sales_pipeline.csv": (),
    "sales_pipeline__iso_lf.csv": (),
    "sales_pipeline__eu_dmy_dash_crlf.csv": ("read as day/month/year",),
    "sales_pipeline__us_mdy_lf.csv": ("read as month/day/year",),
}


def cells_of(name, column):
    with real_file(name).open(newline="", encoding="utf-8-sig") as file:
        return [row[column] for row in csv.DictReader(file)]


def read(column, cells):
    column.observe(1, cells)
    column.settle()
    return column.read(cells)


@pytest.mark.parametrize("column", ["engage_date", "close_date"])
@pytest.mark.parametrize("name", MAVEN)
def test_each_date_style_of_maven_gives_the_same_dates(name, column):
    iso = [
        date.fromisoformat(text) if text else None
        for text in cells_of("maven/sales_pipeline__iso_lf.csv", column)
    ]
    dates = MomentColumn(column)
    assert read(dates, cells_of(f"maven/{name}", column)) == iso
    assert dates.notes == MAVEN[name]


def test_amounts_of_maven():
    cells = cells_of("maven/sales_pipeline.csv", "close_value")
    amounts, currencies = read(AmountColumn("close_value"), cells)
    assert amounts == [Decimal(text) if text else None for text in cells]
    assert amounts.count(None) == 2089  # all open deals
    assert set(currencies) == {None}


def test_times_of_a_pipedrive_log_need_a_zone():
    cells = cells_of("pipedrive_history/deal_changes.csv", "change_time")
    with pytest.raises(NaiveDatetimeError, match="in row 1 does not say its time zone"):
        read(MomentColumn("change_time"), cells)
    moments = read(MomentColumn("change_time", zone="UTC"), cells)
    assert moments == [datetime.fromisoformat(f"{text}Z") for text in cells]


def test_open_ends_of_a_warehouse_are_unknown():
    name = "fivetran_salesforce/sf_opportunity_history_data.csv"
    ends = MomentColumn("_fivetran_end", zone="UTC")
    cells = cells_of(name, "_fivetran_end")
    found = read(ends, cells)
    assert ends.n_impossible == sum(text.startswith("9999-12-31") for text in cells) > 0
    assert [text[:4] for text, end in zip(cells, found, strict=True) if end is None] == [
        "9999"
    ] * ends.n_impossible


def test_dates_that_a_warehouse_writes_with_a_midnight():
    cells = cells_of("fivetran_salesforce/sf_opportunity_data.csv", "close_date")
    column = MomentColumn("close_date")
    found = read(column, cells)
    assert {type(day) for day, text in zip(found, cells, strict=True) if text} == {date}
    assert column.notes == ("all times are 00:00: read as dates",)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("fivetran_hubspot/deal_data.csv", "property_createdate"),
        ("fivetran_hubspot/deal_stage_data.csv", "date_entered"),
        ("fivetran_hubspot/deal_contact_data.csv", "_fivetran_synced"),
        ("fivetran_hubspot/merged_deal_data.csv", "_fivetran_synced"),
        ("fivetran_hubspot/deal_property_history_data.csv", "timestamp"),
        ("fivetran_salesforce/sf_opportunity_data.csv", "created_date"),
        ("duckflow/duckflow_deals.csv", "close_date"),
    ],
)
def test_each_moment_of_a_column_is_read(name, column):
    cells = cells_of(name, column)
    found = read(MomentColumn(column, zone="UTC"), cells)
    assert [text for text, moment in zip(cells, found, strict=True) if not moment and text] == []
    assert not any(isinstance(moment, BadCell) for moment in found)


def test_flags_and_chances_of_warehouses():
    flags = cells_of("fivetran_hubspot/deal_pipeline_stage_data.csv", "closed_won")
    assert set(read(FlagColumn("closed_won"), flags)) <= {True, False, None}
    chances = cells_of("fivetran_hubspot/deal_pipeline_stage_data.csv", "probability")
    found = read(NumberColumn("probability", percent=None), chances)
    assert all(chance is None or 0 <= chance <= 1 for chance in found)


def test_recorded_answers():
    records = json.loads(real_file("api/salesforce_opportunities.json").read_text("utf-8"))
    rows = records["records"]
    changed = read(MomentColumn("SystemModstamp"), [row["SystemModstamp"] for row in rows])
    assert {moment.tzinfo for moment in changed} == {UTC}
    closed = read(MomentColumn("CloseDate"), [row["CloseDate"] for row in rows])
    assert {type(day) for day in closed} == {date}
    rows = json.loads(real_file("api/close_opportunities.json").read_text("utf-8"))["data"]
    amounts, _ = read(AmountColumn("value", cents=True), [row["value"] for row in rows])
    assert amounts == [Decimal(500), Decimal(250)]  # "$500 annual" and "$250"
