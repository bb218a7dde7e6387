"""Whatever columns there are: what is matched is there, and nothing is taken twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.crm.systems import FIELDS, SYSTEMS, match, recognise

NAMES = sorted(
    {
        name
        for system in SYSTEMS.values()
        for headers in system.headers.values()
        for names in headers.values()
        for name in names
    }
)
column = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).map(str.upper),
    st.sampled_from(NAMES).map(lambda name: f"properties.{name}"),
    st.text(max_size=8),
)
columns_there = st.lists(column, max_size=30)


@pytest.mark.parametrize("name", [*SYSTEMS])
@given(columns=columns_there, record=st.sampled_from([*FIELDS]))
def test_each_field_has_a_column_that_is_there_and_none_has_two(name, columns, record):
    system = SYSTEMS[name]
    found = match(columns, system, record, {})
    assert found.keys() <= {*FIELDS[record]}
    assert {*found.values()} <= {*columns}
    alone = [one for one in found.values() if one.casefold() not in system.shared]
    assert len(alone) == len({*alone})


@given(columns=columns_there, data=st.data())
def test_a_system_is_recognised_whatever_the_order(columns, data):
    system, told = recognise(columns)
    assert {*told} <= {*columns}
    assert recognise(data.draw(st.permutations(columns)))[0] is system


@given(columns=st.lists(column, min_size=1, max_size=30), data=st.data())
def test_what_is_given_is_never_overruled(columns, data):
    theirs = data.draw(st.sampled_from(columns))
    field = data.draw(st.sampled_from(FIELDS["deal"]))
    found = match(columns, recognise(columns)[0], "deal", {field: theirs})
    assert found[field] == theirs
