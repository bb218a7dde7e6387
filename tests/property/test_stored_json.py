"""Stored deals come back as they were, and a spoiled one is refused and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from salesflow import Account, Deal, Lead, Pipeline
from salesflow.models import Activity
from tests.schema import complaints
from tests.strategies import deals, json_values, pipelines

CONTRACT = Path(__file__).parents[1] / "contract"
STORED = {
    Deal: json.loads((CONTRACT / "deal_v1.json").read_text(encoding="utf-8")),
    Lead: json.loads((CONTRACT / "lead_v1.json").read_text(encoding="utf-8")),
}
SCHEMA = Deal.model_json_schema(mode="serialization")
Step = str | int
HOSTILE: list[Any] = [
    *(None, True, False, 0, 1, -1, 7, 1.5, 1e308, 10**30, 10**400, float("nan"), float("inf")),
    *("", "x", "open", "won", "lost", "day", "instant", "manual", "opened", "merged", "D-17:1"),
    *("2026-01-05", "2026-01-05T09:00:00", "2026-01-05T09:00:00Z", "0001-01-01T00:00:00+05:00"),
    *("9999-12-31T23:59:59-05:00", "0000-00-00", "\0", "{0}", "{fact}", "%s"),
    *([], [None], {}, [{}], {"amount": "1", "currency": "EUR"}, {"amount": 1.5, "currency": "€"}),
]


def paths(value: Any, *at: Step) -> Iterator[tuple[Step, ...]]:
    """The way to every field and item of a JSON value."""
    items = enumerate(value) if isinstance(value, list) else ()
    for key, inner in value.items() if isinstance(value, dict) else items:
        yield (*at, key)
        yield from paths(inner, *at, key)


def changed(value: Any, path: tuple[Step, ...], new: Any) -> Any:
    """A copy of a JSON value with one field replaced."""
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = changed(value[path[0]], path[1:], new)
    return copied


def without(value: Any, path: tuple[Step, ...]) -> Any:
    """A copy of a JSON value with one field left out."""
    copied = value.copy()
    if len(path) == 1:
        del copied[path[0]]
    else:
        copied[path[0]] = without(value[path[0]], path[1:])
    return copied


def is_sound(model: type[Deal] | type[Lead], stored: Any) -> bool:
    """Whether it loads, and then to what its history says; anything but a refusal escapes."""
    try:
        found = model.model_validate_json(json.dumps(stored))
    except ValidationError:
        return False
    assert found == model._from_history(found.id, found.history)
    assert model.model_validate_json(found.model_dump_json()) == found
    return True


@settings(max_examples=30)
@given(deals(max_steps=6) | pipelines().flatmap(deals))
def test_a_deal_goes_to_json_and_back(deal):
    assert Deal.model_validate_json(deal.model_dump_json()) == deal
    assert Deal.model_validate(deal.model_dump(mode="json")) == deal
    assert Deal.model_validate(deal.model_dump()) == deal
    assert Deal.model_validate_json(deal.model_dump_json()).model_dump_json() == (
        deal.model_dump_json()
    )


@given(deals(max_steps=5))
def test_stored_json_is_what_the_json_schema_says(deal):
    assert complaints(SCHEMA, json.loads(deal.model_dump_json())) == []


def test_the_schema_accepts_the_stored_files_and_refuses_a_spoiled_one():
    stored = STORED[Deal]
    assert complaints(SCHEMA, stored) == []
    for field, spoiled in [("stage", 5), ("outcome", "open?"), ("history", [{"type": "opened"}])]:
        assert complaints(SCHEMA, {**stored, field: spoiled})
    assert complaints(SCHEMA, {**stored, "colour": "red"})
    assert complaints(SCHEMA, without(stored, ("id",)))


@given(st.dictionaries(st.text(max_size=5), json_values(), max_size=4))
def test_custom_values_come_back_as_they_were(custom):
    deal = Pipeline.standard().open("Acme", custom=custom)
    back = Deal.model_validate_json(deal.model_dump_json())
    assert back == deal
    assert back.custom.thaw() == custom
    assert hash(back) == hash(deal)


@pytest.mark.parametrize("model", [Deal, Lead])
def test_each_single_change_of_a_field_is_refused_or_loads_as_its_history_says(model):
    stored = STORED[model]
    # Each field gets a few of the hostile values, and each value goes into many fields.
    found = [
        is_sound(model, changed(stored, path, new))
        for number, path in enumerate(paths(stored))
        for new in HOSTILE[number % 19 :: 19]
    ]
    assert found.count(False) > found.count(True), "most changes contradict something"


@pytest.mark.parametrize("model", [Deal, Lead])
def test_each_single_field_left_out_is_refused_or_loads_as_its_history_says(model):
    stored = STORED[model]
    assert {is_sound(model, without(stored, path)) for path in paths(stored)} == {True, False}


@pytest.mark.parametrize("model", [Deal, Lead])
def test_each_current_field_contradicts_when_it_changes(model):
    stored = STORED[model]
    other = {"name": "x", "stage": "x", "stage_position": 99, "amount": None, "owner_id": "x"}
    other |= {"closed_at": None, "aliases": [], "pipeline": "x", "pipeline_version": 9, "id": "x"}
    for field in other.keys() & stored.keys():
        assert not is_sound(model, {**stored, field: other[field]}), field


def test_events_cannot_change_places():
    history = STORED[Deal]["history"]
    for place in range(len(history) - 1):
        swapped = history.copy()
        swapped[place : place + 2] = reversed(swapped[place : place + 2])
        assert not is_sound(Deal, {**STORED[Deal], "history": swapped})


def test_no_event_can_be_taken_out():
    history = STORED[Deal]["history"]
    for place in range(len(history)):
        shorter = history[:place] + history[place + 1 :]
        assert not is_sound(Deal, {**STORED[Deal], "history": shorter})


MODELS: list[type[BaseModel]] = [Deal, Lead, Account, Activity]


@pytest.mark.parametrize("model", MODELS)
@given(text=st.binary(max_size=60) | st.text(max_size=60))
def test_any_text_is_refused_as_json(model, text):
    with pytest.raises(ValidationError, match="validation error"):
        model.model_validate_json(text)


@pytest.mark.parametrize("model", MODELS)
@given(value=json_values())
def test_any_json_is_refused(model, value):
    with pytest.raises(ValidationError, match="validation error"):
        model.model_validate_json(json.dumps(value))
    with pytest.raises(ValidationError, match="validation error"):
        model.model_validate(value)


@given(st.data())
def test_any_json_in_the_place_of_a_field_is_refused_or_loads_as_its_history_says(data):
    stored = STORED[Deal]
    path = data.draw(st.sampled_from([*paths(stored)]))
    is_sound(Deal, changed(stored, path, data.draw(json_values())))


def test_json_nested_too_deep_is_refused():
    stored: Any = STORED[Deal]
    for _ in range(80):
        merged = {**stored["history"][12], "deals": [stored]}
        stored = changed(STORED[Deal], ("history", 12), merged)
    with pytest.raises(ValidationError, match="recursion limit exceeded"):
        Deal.model_validate_json(json.dumps(stored))
    with pytest.raises(ValidationError, match="validation error"):
        Deal.model_validate(stored)
