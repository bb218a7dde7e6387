"""The tables of all systems: what must hold of each."""

from collections import Counter

import attrs
import pytest

from salesflow import Pipeline
from salesflow.crm._names import folded
from salesflow.crm.systems import FIELDS, GENERIC, HUBSPOT, MODEL_NAMES, SYSTEMS
from salesflow.crm.systems._names import without_prefix

ALL = [*SYSTEMS.values()]


def by_name(system):
    return system.name


def test_the_systems_stand_under_their_names_the_generic_one_last():
    names = ["hubspot", "salesforce", "pipedrive", "zoho", "odoo", "close", "generic"]
    assert [*SYSTEMS] == [system.name for system in ALL] == names


@pytest.mark.parametrize("system", ALL, ids=by_name)
def test_each_table_has_known_fields_and_reads_deals(system):
    assert "deal" in system.headers
    for record, headers in system.headers.items():
        assert headers.keys() <= {*FIELDS[record]}
        assert all(names for names in headers.values())


@pytest.mark.parametrize("system", ALL, ids=by_name)
def test_no_field_names_a_column_twice(system):
    for headers in system.headers.values():
        for names in headers.values():
            assert [n for n, many in Counter(map(folded, names)).items() if many > 1] == []


@pytest.mark.parametrize("system", ALL, ids=by_name)
def test_no_column_is_named_by_two_fields_unless_it_is_shared(system):
    shared = {folded(name) for name in system.shared}
    for headers in system.headers.values():
        named = Counter(folded(name) for names in headers.values() for name in names)
        assert {name for name, many in named.items() if many > 1} <= shared


@pytest.mark.parametrize("system", ALL, ids=by_name)
def test_each_system_names_its_sources_and_what_marks_it(system):
    assert system.sources
    assert system.label
    assert bool(system.marks) == (system is not GENERIC)
    assert set(system.statuses.values()) <= {"open", "won", "lost"}


@pytest.mark.parametrize("system", ALL, ids=by_name)
def test_no_mark_is_within_one_of_another_system(system):
    # Else a table of the one would be one of the other, too.
    for other in ALL:
        if other is not system:
            for mark in system.marks:
                for theirs in other.marks:
                    assert not set(map(folded, mark)) <= set(map(folded, theirs)), (mark, theirs)


@pytest.mark.parametrize("system", ALL, ids=by_name)
def test_a_ready_made_pipeline_is_there_by_its_name(system):
    if system.pipeline is not None:
        assert getattr(Pipeline, system.pipeline)().name == system.pipeline


@pytest.mark.parametrize("record", [*FIELDS])
def test_the_names_of_models_mean_fields_and_are_none_themselves(record):
    assert set(MODEL_NAMES[record].values()) <= {*FIELDS[record]}
    assert not MODEL_NAMES[record].keys() & {*FIELDS[record]}


def test_a_system_does_not_change():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        HUBSPOT.name = "other"
    with pytest.raises(TypeError):
        SYSTEMS["hubspot"] = GENERIC


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Close Date", "closedate"),
        ("CLOSE_DATE", "closedate"),
        (" close-date ", "closedate"),
        ("Probability (%)", "probability"),
        ("Größe", "grösse"),
        ("契約日", "契約日"),
        ("%", "%"),
    ],
)
def test_names_are_compared_by_letters_and_digits(name, same):
    assert folded(name) == folded(same)


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("properties.amount", "amount"),
        ("PROPERTY_AMOUNT", "AMOUNT"),
        ("property", None),
        ("amount", None),
    ],
)
def test_a_prefix_is_taken_off_as_it_is_written(name, rest):
    assert without_prefix(name, HUBSPOT.prefixes) == rest
