"""`Deal`: a value that is the fold of its history, and JSON Schema that says so."""

import json
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from salesflow import Deal, Money
from salesflow.errors import ReadOnlyError
from tests.builders import deal_of, jan, moved, opened

FIRST = """
at = "2026-01-01T00:00:00Z"
place = dict(pipeline="small", stage="talk", stage_position=0)
opened = dict(type="opened", id="D:1", at=at, stage_kind="open", **place)
dates = dict(created_at=at, stage_entered_at=at)
stored = dict(id="D", outcome="open", history=[opened], **place, **dates)
"""
PROGRAMS = {
    "type adapter": """
from pydantic import TypeAdapter
from salesflow import Deal
print(TypeAdapter(list[Deal]).validate_python([stored])[0].version)
""",
    "own model": """
from pydantic import BaseModel
from salesflow import Deal
class Page(BaseModel):
    deal: Deal
print(Page(deal=stored).deal.version)
""",
    "event": """
from pydantic import TypeAdapter
from salesflow.models import Event
print(TypeAdapter(Event).validate_python(opened).pipeline_version)
""",
    "schema": """
from salesflow import Deal
print(len([Deal.model_json_schema()]))
""",
    "init": """
from salesflow import Deal
print(Deal(**stored).version)
""",
    "pickle": """
import pickle
from salesflow import Deal
print(pickle.loads(pickle.dumps(Deal(**stored))).version)
""",
    "lead": """
from salesflow import Lead
print(Lead.model_validate(stored).version)
""",
}


def test_version_is_the_number_of_events():
    assert deal_of(opened(), moved(2, "talk", "offer")).version == 2


def test_is_open_until_something_becomes_of_it():
    assert deal_of(opened()).is_open
    assert not deal_of(opened(), moved(2, "talk", "lost")).is_open


def test_the_repr_is_short_and_leaves_out_what_is_unknown():
    deal = deal_of(opened(name="Acme", amount=Money(5, "EUR")))
    assert repr(deal) == (
        "Deal(id='D', name='Acme', stage='talk', outcome='open', amount=Money('5', 'EUR'), "
        "version=1)"
    )


@pytest.mark.parametrize(
    ("field", "value", "says", "history_says"),
    [
        ("stage", "offer", "'offer'", "'talk'"),
        ("outcome", "won", "'won'", "'open'"),
        ("amount", Money(6, "EUR"), "Money('6', 'EUR')", "Money('5', 'EUR')"),
        ("amount", None, "None", "Money('5', 'EUR')"),
        ("probability", 0.5, "0.5", "None"),
        ("owner_id", "lee", "'lee'", "None"),
        ("loss_reason", "budget", "'budget'", "None"),
        ("custom", {"a": 1}, "{'a': 1}", "{}"),
        ("aliases", ["E"], "('E',)", "()"),
    ],
)
def test_a_field_that_contradicts_the_history_names_both(field, value, says, history_says):
    with pytest.raises(ValidationError, match="its history says") as caught:
        deal_of(opened(amount=Money(5, "EUR")), **{field: value})
    (fault,) = caught.value.errors()
    assert fault["type"] == "contradiction"
    assert fault["msg"] == f"{field} is {says}, its history says {history_says}"


def test_all_contradicting_fields_are_named_at_once():
    with pytest.raises(ValidationError, match=r"stage is 'offer', .*; outcome is") as caught:
        deal_of(opened(), stage="offer", outcome="won", closed_at=jan(9))
    assert caught.value.errors()[0]["msg"].count("its history says") == 3


def test_a_field_that_is_left_out_contradicts_a_history_that_knows_it():
    fields = json.loads(deal_of(opened(name="Acme")).model_dump_json())
    del fields["name"]
    with pytest.raises(ValidationError, match="name is None, its history says 'Acme'"):
        Deal.model_validate(fields)


def test_the_next_event_makes_a_new_deal_and_leaves_the_old():
    deal = deal_of(opened())
    won = deal._with_event(moved(2, "talk", "won"))
    assert (deal.version, deal.outcome) == (1, "open")
    assert won == deal_of(opened(), moved(2, "talk", "won"))


def test_made_and_loaded_deals_share_one_set_of_field_names():
    deal = deal_of(opened())
    made = deal._with_event(moved(2, "talk", "offer"))
    assert made.__pydantic_fields_set__ is deal.__pydantic_fields_set__
    assert deal.model_fields_set == set(Deal.model_fields)


def test_the_json_schema_tells_events_apart_by_type():
    events = Deal.model_json_schema()["$defs"]["Deal"]["properties"]["history"]["items"]
    assert events["discriminator"]["propertyName"] == "type"
    assert events["discriminator"]["mapping"]["merged"] == "#/$defs/Merged"
    assert len(events["oneOf"]) == 13


@pytest.mark.parametrize("program", PROGRAMS)
def test_works_as_the_first_thing_that_a_program_does(fresh: Callable[[str], str], program: str):
    assert fresh(FIRST + PROGRAMS[program]) == "1"


def test_eight_threads_may_validate_first(fresh: Callable[[str], str]):
    program = """
import threading, json
from salesflow import Deal
text, start, found = json.dumps(stored), threading.Barrier(8), []
def load():
    start.wait()
    found.append(Deal.model_validate_json(text))
threads = [threading.Thread(target=load) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), len(set(found)))
"""
    assert fresh(FIRST + program) == "8 1"


def test_pydantics_old_copy_refuses_changes_too():
    deal = deal_of(opened())
    assert deal.copy() is deal
    assert deal.copy(deep=True) is deal
    with pytest.raises(ReadOnlyError, match="it would bypass every check"):
        deal.copy(update={"stage": "won"})
