"""Stored JSON outlives the code: what version 1 wrote still loads, and means the same.

``deal_v1.json`` and ``lead_v1.json`` were written by hand. They never change; a later version of
the schema gets files of its own.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from salesflow import Deal, Lead, Money
from salesflow.models import Activity, Event, Link, Override
from salesflow.models.events import RestoredVisit

HERE = Path(__file__).parent
DEAL_TEXT = (HERE / "deal_v1.json").read_text(encoding="utf-8")
LEAD_TEXT = (HERE / "lead_v1.json").read_text(encoding="utf-8")


@pytest.fixture
def deal() -> Deal:
    return Deal.model_validate_json(DEAL_TEXT)


@pytest.fixture
def lead() -> Lead:
    return Lead.model_validate_json(LEAD_TEXT)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a JSON value."""
    if isinstance(value, dict):
        yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inside:
        yield from objects(item)


def test_a_deal_of_version_1_loads(deal):
    assert (deal.id, deal.version, deal.schema_version) == ("D-17", 16, 1)
    assert (deal.stage, deal.outcome, deal.closed_precision) == ("won", "won", "day")
    assert deal.amount == Money("15000", "EUR")
    assert deal.custom["size"]["seats"] == 40
    assert deal.links == (Link(kind="renewal_of", target="D-2"),)
    assert deal.expected_close_on == date(2026, 4, 30)
    assert deal.aliases == ("D-16", "D-16-old")


def test_its_events_mean_what_they_meant(deal):
    lost = deal.history[10]
    assert (lost.reason, lost.disposition, lost.amount) == (
        "budget",
        "disqualified",
        Money("15000.50", "EUR"),
    )
    assert deal.history[2].override == Override(
        by="kim", reason="known customer", unmet=("an account",)
    )
    assert deal.history[5].at == datetime(2026, 1, 12, 9, tzinfo=UTC), "14:00 at +05:00"
    other = deal.history[12].deals[0]
    assert (other.outcome, other.lost_at_stage) == ("lost", "qualification")
    assert other.history[0].visits[1].entered_at is None


def test_a_lead_of_version_1_loads(lead):
    assert (lead.id, lead.version, lead.outcome) == ("L-3", 4, "converted")
    assert (lead.channel, lead.deal_id, lead.aliases) == ("partner", "D-17", ("L-2",))
    assert lead.history[2].leads[0].reason == "no budget"


def test_both_are_written_and_read_again(deal, lead):
    assert Deal.model_validate_json(deal.model_dump_json()) == deal
    assert Lead.model_validate_json(lead.model_dump_json()) == lead


def test_the_files_hold_every_event_and_every_field():
    # So a field that is renamed, or an event that is dropped, fails here.
    found: dict[str, set[str]] = {}
    for stored in objects([json.loads(DEAL_TEXT), json.loads(LEAD_TEXT)]):
        if "type" in stored:
            found.setdefault(stored["type"], set()).update(stored)
    events: tuple[type[BaseModel], ...] = get_args(get_args(Event)[0])
    assert found == {
        model.model_fields["type"].default: set(model.model_fields) for model in events
    }


@pytest.mark.parametrize("model", [Activity, Override, RestoredVisit, Link, Deal, Lead])
def test_the_files_hold_every_field_of_what_events_hold(model):
    stored = objects([json.loads(DEAL_TEXT), json.loads(LEAD_TEXT)])
    assert any(set(model.model_fields) == set(found) for found in stored)


@pytest.mark.parametrize(("model", "text"), [(Deal, DEAL_TEXT), (Lead, LEAD_TEXT)])
class TestOtherVersions:
    """What another release wrote."""

    def test_a_newer_one_is_refused_and_says_so_first(self, model, text):
        newer = {**json.loads(text), "schema_version": 2, "mood": "good"}
        newer["history"] = [{**newer["history"][0], "type": "mood_changed"}]
        with pytest.raises(ValidationError, match="is newer than 1: update salesflow") as caught:
            model.model_validate_json(json.dumps(newer))
        codes = [fault["type"] for fault in caught.value.errors()]
        assert codes[0] == "newer-schema"
        assert len(codes) == 3

    @pytest.mark.parametrize("version", [0, -1])
    def test_one_that_never_was_is_refused(self, model, text, version):
        with pytest.raises(ValidationError, match="never existed") as caught:
            model.model_validate_json(json.dumps({**json.loads(text), "schema_version": version}))
        assert caught.value.errors()[0]["type"] == "unknown-schema"

    @pytest.mark.parametrize("version", [None, "one", 1.5])
    def test_one_that_is_no_number_is_refused(self, model, text, version):
        with pytest.raises(ValidationError, match="Input should be a valid integer"):
            model.model_validate_json(json.dumps({**json.loads(text), "schema_version": version}))
