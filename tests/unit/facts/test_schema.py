"""The reference of the tables."""

import pytest

from salesflow import facts
from salesflow.facts import schema
from salesflow.facts.columns import deal_reader
from tests.shorthand import at, lived

# Written off the design, §5, with how precise its instants are; `opening_owner_id` is what
# `basis="created"` groups by, and `n_touches_to_meeting` is what `touchpoints` counts.
DEALS = [
    "deal_id",
    "pipeline",
    "stage",
    "stage_position",
    "outcome",
    "owner_id",
    "owner_now_id",
    "source",
    "account_id",
    "lead_id",
    "amount",
    "currency",
    "probability",
    "category",
    "created_at",
    "created_precision",
    "closed_at",
    "closed_precision",
    "expected_close_on",
    "cycle_days",
    "active_days",
    "loss_reason",
    "disposition",
    "lost_at_stage",
    "n_reopened",
    "n_touches",
    "n_touches_to_meeting",
    "history_complete",
]
VISITS = [
    "deal_id",
    "visit",
    "stage",
    "stage_position",
    "kind",
    "owner_id",
    "entered_at",
    "entered_precision",
    "left_at",
    "left_precision",
    "days",
    "is_current",
    "next_stage",
    "next_position",
    "next_kind",
]
TOUCHES = (
    "deal_id",
    "lead_id",
    "kind",
    "direction",
    "owner_id",
    "occurred_at",
    "occurred_precision",
    "score",
    "theme",
)
LEADS = [
    "lead_id",
    "source",
    "channel",
    "owner_id",
    "outcome",
    "created_at",
    "created_precision",
    "first_touch_at",
    "first_touch_precision",
    "qualified_at",
    "qualified_precision",
    "converted_at",
    "converted_precision",
    "disqualified_at",
    "disqualified_precision",
    "reason",
    "deal_id",
]


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (schema.DEALS, DEALS),
        (schema.VISITS, VISITS),
        (schema.TOUCHES, TOUCHES),
        (schema.LEADS, LEADS),
    ],
)
def test_the_columns_are_those_of_the_design(table, names):
    found = [column.name for column in table if column.name != "opening_owner_id"]
    assert found == [*names]


@pytest.mark.parametrize("table", [schema.DEALS, schema.VISITS, schema.TOUCHES, schema.LEADS])
def test_each_column_says_what_it_is(table):
    for column in table:
        assert column.meaning
        assert column.type in ("str", "int", "float", "decimal", "bool", "instant", "date")
        suffix = column.name.rpartition("_")[2]
        assert (suffix == "at") == (column.type == "instant")
        assert (suffix == "on") == (column.type == "date")
        assert (suffix == "days") == (column.unit == "days")


@pytest.mark.parametrize("name", [column.name for column in schema.DEALS])
def test_every_column_of_deals_can_be_read(name):
    deal = lived("D", (at(1), "open"), (at(5), "lose"))
    deal_reader(name)(deal)


def test_the_tables_have_these_columns_in_this_order():
    assert [*facts.deal_columns([])] == [column.name for column in schema.DEALS]
    assert [*facts.visit_columns([])] == [column.name for column in schema.VISITS]
