"""How far merges may be nested, and what a stored merge must be."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

import salesflow as sf

START = datetime(2026, 1, 1, tzinfo=UTC)
PIPELINE = sf.Pipeline.standard()


def chain(n: int) -> sf.Deal:
    """A deal merged into another, that into a third, n times."""
    deal = PIPELINE.open("Acme", id="D-0", at=START)
    for number in range(1, n + 1):
        keep = PIPELINE.open("Acme", id=f"D-{number}", at=START)
        deal = sf.merge(keep, deal, at=START + timedelta(days=number))
    return deal


def test_the_deepest_merge_can_be_stored_and_read_back():
    deal = chain(16)
    assert len(deal.aliases) == 16
    assert sf.Deal.model_validate_json(deal.model_dump_json()) == deal


def test_one_merge_deeper_is_refused_and_names_the_way_out():
    deep = chain(16)
    keep = PIPELINE.open("Acme", id="D-99", at=START)
    with pytest.raises(sf.errors.MergeError, match="merges within it are 16 deep") as refused:
        sf.merge(keep, deep, at=START + timedelta(days=99))
    assert refused.value.hint == "keep it, and merge the others into it."
    assert sf.merge(deep, keep, at=START + timedelta(days=99)).aliases[-1] == "D-99"


def test_a_stored_merge_of_a_deal_with_itself_is_refused():
    merged = chain(1)
    stored = merged.model_dump_json().replace("D-0", "D-1")
    with pytest.raises(ValidationError, match="merges 'D-1', which is there already"):
        sf.Deal.model_validate_json(stored)


def test_a_stored_merge_before_the_end_of_what_it_holds_is_refused():
    other = PIPELINE.advance(PIPELINE.open("Acme", id="D-2", at=START), at=START)
    merged = sf.merge(PIPELINE.open("Acme", id="D-1", at=START), other, at=START)
    late = merged.model_dump(mode="json")
    late["history"][1]["deals"][0]["history"][1]["at"] = "2026-01-02T00:00:00Z"
    late["history"][1]["deals"][0]["stage_entered_at"] = "2026-01-02T00:00:00Z"
    with pytest.raises(ValidationError, match="before 'D-2:2'"):
        sf.Deal.model_validate(late)


def test_a_day_does_not_hide_the_instant_before_it():
    deal = PIPELINE.open("Acme", id="D-1", at=START + timedelta(hours=10))
    deal = PIPELINE.log(deal, "call", at=START.date())
    with pytest.raises(sf.errors.EventOrderError, match="its last one was at 2026-01-01 10:00"):
        PIPELINE.advance(deal, at=START + timedelta(hours=8))
