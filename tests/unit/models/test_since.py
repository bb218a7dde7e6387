"""What happened after the version that an app has handled."""

import pytest
from hypothesis import given, settings

from salesflow import Pipeline, events_since
from salesflow.errors import OptionError
from tests.builders import jan, lead_moved, lead_of, lead_opened
from tests.strategies import deals

PIPELINE = Pipeline.standard()


@pytest.fixture
def deal():
    return PIPELINE.log(
        PIPELINE.advance(PIPELINE.open("Acme", id="D-1", at=jan(1)), at=jan(2)), "call", at=jan(3)
    )


@pytest.mark.parametrize(
    ("version", "ids"),
    [(0, ["D-1:1", "D-1:2", "D-1:3"]), (1, ["D-1:2", "D-1:3"]), (3, [])],
)
def test_the_events_after_a_version(deal, version, ids):
    assert [event.id for event in events_since(deal, version)] == ids


def test_those_of_a_lead():
    lead = lead_of(lead_opened(), lead_moved(2, "new", "working"))
    assert [event.id for event in events_since(lead, 1)] == ["L:2"]


def test_a_version_that_it_does_not_have_yet_is_refused(deal):
    with pytest.raises(OptionError, match="deal 'D-1' since version 4: it has version 3") as no:
        events_since(deal, 4)
    assert no.value.parameter == "version"


@pytest.mark.parametrize("version", [-1, True, 1.0, "1", None])
def test_what_is_no_version_is_refused(deal, version):
    with pytest.raises(OptionError, match="versions are whole numbers from 0"):
        events_since(deal, version)


@pytest.mark.parametrize("record", [None, "D-1", [], PIPELINE])
def test_what_has_no_history_is_refused(record):
    with pytest.raises(OptionError, match="it is no Deal and no Lead"):
        events_since(record, 0)


@settings(max_examples=30)
@given(deals())
def test_what_was_handled_and_what_is_new_are_the_whole_history(deal):
    for version in range(deal.version + 1):
        assert (*deal.history[:version], *events_since(deal, version)) == deal.history
