"""The table `touches`."""

from datetime import date

import pytest

from salesflow import Activity, Deal, facts, merge
from salesflow.errors import DataError, DuplicateDealError
from salesflow.facts import schema
from salesflow.models import events as ev
from tests.builders import jan, lead_of, lead_opened
from tests.shorthand import PIPELINE


def logged(number: int, day: int, record: str = "L", **fields: object) -> ev.ActivityLogged:
    """An activity that a lead's history tells of."""
    known = {"id": f"{record}:{number}", "kind": "call", "occurred_at": jan(day), **fields}
    return ev.ActivityLogged(id=f"{record}:{number}", at=jan(day), activity=Activity(**known))


@pytest.fixture
def deal() -> Deal:
    deal = PIPELINE.open("Acme", id="D-1", lead_id="L-7", at=jan(1))
    deal = PIPELINE.log(deal, "call", at=jan(2), direction="inbound", owner_id="kim")
    deal = PIPELINE.log(deal, "note", at=jan(3))
    return PIPELINE.log(deal, "demo", at=jan(5), occurred_at=jan(4), score=8.5, theme="price")


def test_a_touch_is_a_row_with_what_is_known(deal):
    assert facts.touch_columns([deal]) == {
        "deal_id": ["D-1", "D-1"],
        "lead_id": ["L-7", "L-7"],
        "kind": ["call", "demo"],
        "direction": ["inbound", None],
        "owner_id": ["kim", None],
        "occurred_at": [jan(2), jan(4)],
        "occurred_precision": ["instant", "instant"],
        "score": [None, 8.5],
        "theme": [None, "price"],
    }


def test_there_are_as_many_rows_as_n_touches_says(deal):
    assert facts.deal_columns([deal])["n_touches"] == [2]


def test_a_plan_is_no_touch_until_it_is_carried_out():
    deal = PIPELINE.open("Acme", id="D-1", at=jan(1))
    deal = PIPELINE.log(deal, "meeting", at=jan(1), planned_at=jan(9), id="M-1")
    assert facts.touch_columns([deal])["kind"] == []
    done = PIPELINE.log(deal, "meeting", at=jan(9), id="M-1", planned_at=jan(9), occurred_at=jan(9))
    again = PIPELINE.log(done, "meeting", at=jan(10), id="M-1", occurred_at=jan(8), theme="price")
    for told, day in ((done, 9), (again, 8)):
        assert facts.touch_columns([told])["occurred_at"] == [jan(day)]
        assert facts.deal_columns([told])["n_touches"] == [1]


def test_touches_are_those_of_the_instant(deal):
    assert facts.touch_columns([deal], at=jan(4))["kind"] == ["call"]
    assert facts.touch_columns([deal], at=jan(5))["kind"] == ["call", "demo"]


def test_what_has_a_score_is_a_row_whatever_its_kind(deal):
    told = PIPELINE.log(deal, "survey", at=jan(6), score=3, theme="speed")
    told = PIPELINE.log(told, "survey", at=jan(7), planned_at=jan(9), score=4)
    table = facts.touch_columns([told])
    assert (table["kind"], table["score"]) == (["call", "demo", "survey"], [None, 8.5, 3])
    assert facts.deal_columns([told])["n_touches"] == [2]


def test_a_touch_of_a_lead_has_no_deal(deal):
    lead = lead_of(lead_opened(), logged(2, 2), logged(3, 3, kind="note"))
    table = facts.touch_columns([deal], [lead])
    assert (table["deal_id"][-1], table["lead_id"]) == (None, ["L-7", "L-7", "L"])
    assert facts.touch_columns([], [lead], at=jan(1))["kind"] == []


def test_a_merged_deal_keeps_its_own_touches(deal):
    other = PIPELINE.log(PIPELINE.open("Other", id="D-2", at=jan(1)), "email", at=jan(2))
    kept = merge(deal, other, at=jan(9))
    assert facts.touch_columns([kept])["kind"] == ["call", "demo"]
    assert facts.touch_columns([kept], at=jan(8))["deal_id"] == ["D-1", "D-1", "D-2"]


def test_what_cannot_be_read_is_refused(deal):
    with pytest.raises(DataError, match="no list of deals"):
        facts.touch_columns(["D-1"])
    with pytest.raises(DataError, match="str is no lead"):
        facts.touch_columns([deal], ["L-1"])
    with pytest.raises(DuplicateDealError, match="it is there twice"):
        facts.touch_columns([deal, deal])


def test_the_table_has_the_columns_of_the_schema():
    assert [*facts.touch_columns([])] == [column.name for column in schema.TOUCHES]


def test_a_day_stays_a_day():
    deal = PIPELINE.open("Acme", at=jan(1))
    deal = PIPELINE.log(deal, "visit", at=jan(5), occurred_at=date(2026, 1, 4))
    table = facts.touch_columns([deal])
    assert (table["occurred_at"], table["occurred_precision"]) == ([jan(4)], ["day"])
