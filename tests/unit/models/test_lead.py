"""`Lead`: built like a deal."""

import pytest
from pydantic import ValidationError

from salesflow import Lead
from tests.builders import jan, lead_moved, lead_of, lead_opened


def test_is_the_fold_of_its_history():
    lead = lead_of(lead_opened(), lead_moved(2, "new", "working"))
    assert (lead.stage, lead.version, lead.is_open) == ("working", 2, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("stage", "working"), ("outcome", "converted"), ("closed_at", jan(9)), ("channel", "web")],
)
def test_that_contradicts_its_history_does_not_load(field, value):
    with pytest.raises(ValidationError, match=f"{field} is .*, its history says"):
        lead_of(lead_opened(), **{field: value})


@pytest.mark.parametrize("outcome", ["won", "lost", "", None])
def test_has_no_outcome_of_deals(outcome):
    with pytest.raises(ValidationError, match="'open', 'converted' or 'disqualified'"):
        lead_of(lead_opened(), outcome=outcome)


def test_goes_to_json_and_back():
    lead = lead_of(
        lead_opened(name="Kim", custom={"score": 3}),
        lead_moved(2, "new", "done", "converted", deal_id="D-1"),
    )
    assert Lead.model_validate_json(lead.model_dump_json()) == lead


def test_the_repr_is_short():
    assert repr(lead_of(lead_opened())) == "Lead(id='L', stage='new', outcome='open', version=1)"
