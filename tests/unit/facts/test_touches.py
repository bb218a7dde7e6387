"""The tables `touches` and `leads`."""

from datetime import date

import pytest

from salesflow import Activity, Deal, Lead, facts, merge
from salesflow.errors import DataError, DuplicateDealError, OptionError
from salesflow.facts import schema
from salesflow.models import events as ev
from tests.builders import jan, lead_moved, lead_of, lead_opened, restored
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


def test_a_touch_of_a_lead_has_no_deal(deal):
    lead = lead_of(lead_opened(), logged(2, 2), logged(3, 3, kind="note"))
    table = facts.touch_columns([deal], [lead])
    assert (table["deal_id"][-1], table["lead_id"]) == (None, ["L-7", "L-7", "L"])
    assert facts.touch_columns([], [lead], at=jan(1))["kind"] == []


def test_a_lead_is_a_row_with_what_is_known():
    lead = lead_of(
        lead_opened(at=jan(1), source="web", channel="ads", owner_id="kim"),
        logged(2, 9, occurred_at=jan(8)),
        logged(3, 9, occurred_at=jan(4)),
        logged(4, 9, kind="note", occurred_at=jan(2)),
    )
    assert facts.lead_columns([lead]) == {
        "lead_id": ["L"],
        "source": ["web"],
        "channel": ["ads"],
        "owner_id": ["kim"],
        "outcome": ["open"],
        "created_at": [jan(1)],
        "first_touch_at": [jan(4)],
        "qualified_at": [None],
        "converted_at": [None],
        "disqualified_at": [None],
        "reason": [None],
        "deal_id": [None],
    }


def closed(kind: str, **fields: object) -> Lead:
    return lead_of(lead_opened(at=jan(1)), lead_moved(2, "new", "end", kind, at=jan(6), **fields))


def test_a_closing_is_dated_by_its_outcome():
    converted = closed("converted", deal_id="D-1", reason="fits")
    lost = Lead._from_history("L-2", closed("disqualified", reason="no budget").history)
    table = facts.lead_columns([converted, lost])
    assert table["outcome"] == ["converted", "disqualified"]
    assert table["converted_at"] == [jan(6), None]
    assert table["disqualified_at"] == [None, jan(6)]
    assert table["reason"] == [None, "no budget"]
    assert table["deal_id"] == ["D-1", None]


def test_a_lead_is_as_of_the_instant():
    lead = closed("disqualified", reason="no budget")
    assert facts.lead_columns([lead], at=jan(5))["outcome"] == ["open"]
    assert facts.lead_columns([lead], at=jan(6))["outcome"] == ["disqualified"]
    assert facts.lead_columns([lead_of(lead_opened(at=jan(2)))], at=jan(1))["lead_id"] == []


def test_a_restored_lead_is_as_of_the_instant():
    lead = lead_of(
        restored(
            id="L:1",
            at=jan(6),
            stage="out",
            stage_kind="disqualified",
            stage_position=1,
            created_at=jan(2),
            closed_at=jan(6),
            reason="no budget",
        )
    )
    table = facts.lead_columns([lead], at=jan(3))
    assert (table["outcome"], table["reason"]) == (["open"], [None])
    assert facts.lead_columns([lead], at=jan(1))["lead_id"] == []


def test_a_merged_lead_stands_on_its_own_before():
    other = Lead._from_history("L-2", (lead_opened(id="L-2:1", at=jan(2)),))
    merged = ev.Merged(id="L:2", at=jan(5), leads=(other,))
    lead = lead_of(lead_opened(at=jan(1)), merged)
    assert facts.lead_columns([lead])["lead_id"] == ["L"]
    assert facts.lead_columns([lead], at=jan(4))["lead_id"] == ["L", "L-2"]


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
    with pytest.raises(OptionError, match="cannot tell lead 'L'"):
        facts.lead_columns([lead_of(lead_opened())] * 2)


def test_the_tables_have_the_columns_of_the_schema():
    assert [*facts.touch_columns([])] == [column.name for column in schema.TOUCHES]
    assert [*facts.lead_columns([])] == [column.name for column in schema.LEADS]


def test_a_day_stays_a_day():
    deal = PIPELINE.open("Acme", at=jan(1))
    deal = PIPELINE.log(deal, "visit", at=jan(5), occurred_at=date(2026, 1, 4))
    assert facts.touch_columns([deal])["occurred_at"] == [jan(4)]
