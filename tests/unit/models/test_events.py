"""The events: one union, told apart by type."""

from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from salesflow import Money
from salesflow.models import Event
from salesflow.models import events as ev
from tests.builders import jan, moved, opened, restored

TYPES = {
    "opened",
    "restored",
    "stage_changed",
    "amount_changed",
    "expected_close_changed",
    "owner_changed",
    "probability_set",
    "category_set",
    "qualification_answered",
    "details_changed",
    "activity_logged",
    "merged",
    "migrated",
}


def test_the_union_holds_every_event_of_the_design():
    union, *_ = get_args(Event)
    assert {model.model_fields["type"].default for model in get_args(union)} == TYPES


def test_the_type_says_which_event_it_is():
    stored = {"type": "owner_changed", "id": "D:2", "at": "2026-01-05T00:00:00Z", "owner_id": "kim"}
    assert TypeAdapter(Event).validate_python(stored) == ev.OwnerChanged(
        id="D:2", at=jan(5), owner_id="kim"
    )


@pytest.mark.parametrize("kind", ["closed", "", None, 1])
def test_an_unknown_type_is_refused(kind):
    with pytest.raises(ValidationError, match="does not match any of the expected tags"):
        TypeAdapter(Event).validate_python({"type": kind, "id": "D:1", "at": jan(1)})


def test_an_event_without_a_type_is_refused():
    with pytest.raises(ValidationError, match="Unable to extract tag"):
        TypeAdapter(Event).validate_python({"id": "D:1", "at": jan(1)})


def test_only_a_restored_one_may_be_undated():
    assert restored().at is None
    with pytest.raises(ValidationError, match="at\n"):
        ev.OwnerChanged(id="D:2", at=None, owner_id="kim")


def test_a_detail_that_is_none_cannot_change():
    with pytest.raises(ValidationError, match=r"changed\.0\n"):
        ev.DetailsChanged(id="D:2", at=jan(2), changed=("stage",))


def test_what_the_stage_meant_is_frozen_into_the_event():
    event = moved(2, "talk", "won", amount=Money(5, "EUR"), owner_id="kim")
    assert (event.stage_kind, event.stage_position, event.probability) == ("won", 2, 1.0)
    assert (event.amount, event.owner_id) == (Money(5, "EUR"), "kim")


@pytest.mark.parametrize("event", [opened(), restored(), moved(2, "talk", "lost", reason="x")])
def test_json_and_back(event):
    adapter = TypeAdapter(Event)
    assert adapter.validate_json(adapter.dump_json(event)) == event
