"""The table `leads`: what the history of a lead says."""

from datetime import date

import attrs
import pytest

from salesflow import Activity, Lead, LeadProcess, Pipeline, facts, metrics
from salesflow.errors import DataError, OptionError
from salesflow.facts import schema
from salesflow.models import events as ev
from tests.builders import jan, lead_moved, lead_of, lead_opened, restored

PROCESS, PIPELINE = LeadProcess.standard(), Pipeline.standard()


def logged(number: int, day: int, **fields: object) -> ev.ActivityLogged:
    """An activity that a lead's history tells of."""
    known = {"id": f"L:{number}", "kind": "call", "occurred_at": jan(day), **fields}
    return ev.ActivityLogged(id=f"L:{number}", at=jan(day), activity=Activity(**known))


def row(lead: Lead, **options: object) -> dict[str, object]:
    """The one row of a lead."""
    return {name: value for name, (value,) in facts.lead_columns([lead], **options).items()}


def test_a_lead_is_a_row_with_what_is_known():
    lead = lead_of(
        lead_opened(at=jan(1), source="web", channel="ads", owner_id="kim"),
        logged(2, 9, occurred_at=jan(8)),
        logged(3, 9, occurred_at=jan(4)),
        logged(4, 9, kind="note", occurred_at=jan(2)),
    )
    assert row(lead) == {
        "lead_id": "L",
        "source": "web",
        "channel": "ads",
        "owner_id": "kim",
        "outcome": "open",
        "created_at": jan(1),
        "created_precision": "instant",
        "first_touch_at": jan(4),
        "first_touch_precision": "instant",
        "qualified_at": None,
        "qualified_precision": "instant",
        "converted_at": None,
        "converted_precision": "instant",
        "disqualified_at": None,
        "disqualified_precision": "instant",
        "reason": None,
        "deal_id": None,
    }


def lived() -> tuple[Lead, object]:
    """Qualified on the 3rd and again on the 6th, converted on the 8th."""
    lead = PROCESS.open("Kim", id="L", owner_id="kim", source="web", at=jan(1))
    lead = PROCESS.advance(PROCESS.advance(lead, at=jan(2)), at=jan(3))
    lead = PROCESS.move(lead, to="working", at=jan(5))
    lead = PROCESS.advance(lead, at=jan(6))
    return PROCESS.convert(lead, PIPELINE, id="D-1", at=jan(8))


def test_it_is_qualified_when_it_first_comes_to_that_stage():
    lead, _ = lived()
    assert row(lead)["qualified_at"] == jan(3)
    assert row(lead, qualified_stage="working")["qualified_at"] == jan(2)
    assert row(lead, qualified_stage="sales ready")["qualified_at"] is None


def test_a_restored_visit_qualifies_it_and_an_unknown_entry_has_no_date():
    visits = [("new", date(2026, 1, 1)), ("qualified", date(2026, 1, 4)), ("working", jan(6))]
    told = row(PROCESS.restore(id="L", stage="working", visits=visits))
    assert (told["qualified_at"], told["qualified_precision"]) == (jan(4), "day")
    again = [("qualified", None), ("working", jan(3)), ("qualified", jan(6))]
    told = row(PROCESS.restore(id="L", stage="qualified", visits=again))
    assert told["qualified_at"] is None


def test_it_stays_converted_whatever_becomes_of_the_deal():
    lead, deal = lived()
    lost = PIPELINE.lose(deal, "budget", disposition="disqualified", at=jan(9))
    settled = PROCESS.settle(lead, lost, at=jan(10))
    told = row(settled)
    assert (told["outcome"], told["converted_at"], told["deal_id"]) == (
        "disqualified",
        jan(8),
        "D-1",
    )
    assert (told["disqualified_at"], told["reason"]) == (jan(10), "budget")
    back = PROCESS.requalify(settled, "working", reason="again", by="lee", at=jan(11))
    told = row(back)
    assert (told["outcome"], told["converted_at"]) == ("open", jan(8))
    assert (told["disqualified_at"], told["reason"]) == (None, None)


def test_owner_and_source_of_a_closed_lead_are_those_at_its_closing():
    lead, _ = lived()
    later = PROCESS.update(lead, owner_id="lee", source="fair", channel="booth", at=jan(9))
    told = row(later)
    assert (told["owner_id"], told["source"], told["channel"]) == ("kim", "web", "booth")
    lead = PROCESS.update(PROCESS.open("Bo", owner_id="kim", at=jan(1)), owner_id="lee", at=jan(2))
    assert row(lead)["owner_id"] == "lee"
    shut = PROCESS.disqualify(lead, "spam", at=jan(3))
    newer = attrs.evolve(PROCESS, version=2)
    shut = newer.update(PROCESS.update(shut, owner_id="ana", at=jan(4)), at=jan(4))
    assert row(newer.migrate(shut, at=jan(5)))["owner_id"] == "lee"


def test_a_closing_is_dated_by_its_outcome():
    def closed(kind: str, **fields: object) -> Lead:
        moved = lead_moved(2, "new", "end", kind, at=jan(6), **fields)
        return lead_of(lead_opened(at=jan(1)), moved)

    told = row(closed("converted", deal_id="D-1", reason="fits"))
    assert (told["converted_at"], told["disqualified_at"]) == (jan(6), None)
    assert (told["outcome"], told["reason"], told["deal_id"]) == ("converted", None, "D-1")
    told = row(closed("disqualified", reason="no budget"))
    assert (told["converted_at"], told["disqualified_at"]) == (None, jan(6))
    assert (told["outcome"], told["reason"], told["deal_id"]) == ("disqualified", "no budget", None)


def test_a_day_stays_a_day_and_an_instant_of_it_says_more():
    lead = PROCESS.open("Kim", at=date(2026, 1, 1))
    lead = PROCESS.log(lead, "call", at=jan(9), occurred_at=date(2026, 1, 4))
    told = row(lead)
    assert (told["created_at"], told["created_precision"]) == (jan(1), "day")
    assert (told["first_touch_at"], told["first_touch_precision"]) == (jan(4), "day")
    lead = PROCESS.log(lead, "email", at=jan(9), occurred_at=jan(4))
    assert row(lead)["first_touch_precision"] == "instant"


def test_a_touch_logged_on_a_day_is_known_once_it_happened():
    lead = PROCESS.open("Kim", at=date(2026, 1, 4))
    lead = PROCESS.log(lead, "call", at=date(2026, 1, 4), occurred_at=jan(4, 18), score=3)
    assert row(lead, at=jan(4, 17))["first_touch_at"] is None
    assert row(lead, at=jan(4, 18))["first_touch_at"] == jan(4, 18)
    for hour, n in ((17, 0), (18, 1)):
        assert len(facts.touch_columns([], [lead], at=jan(4, hour))["kind"]) == n
        assert metrics.feedback(facts.Facts(leads=[lead]), as_of=jan(4, hour)).n == n
        assert metrics.time_to_first_touch([lead], as_of=jan(4, hour)).n == n


def test_a_lead_is_as_of_the_instant():
    lead, _ = lived()
    assert (row(lead, at=jan(2))["qualified_at"], row(lead, at=jan(3))["qualified_at"]) == (
        None,
        jan(3),
    )
    assert (row(lead, at=jan(7))["outcome"], row(lead, at=jan(8))["outcome"]) == (
        "open",
        "converted",
    )
    assert facts.lead_columns([lead], at=jan(1).replace(year=2025))["lead_id"] == []


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
    told = row(lead, at=jan(3))
    assert (told["outcome"], told["reason"]) == ("open", None)
    assert facts.lead_columns([lead], at=jan(1))["lead_id"] == []


def test_a_restored_lead_has_no_deal_before_it_was_converted():
    fields = {"id": "L", "stage": "converted", "created_at": jan(1), "deal_id": "D-1"}
    lead = PROCESS.restore(**fields, closed_at=jan(6))
    assert (row(lead, at=jan(5))["deal_id"], row(lead, at=jan(6))["deal_id"]) == (None, "D-1")
    visits = [("converted", jan(3), jan(4)), ("nurturing", jan(4)), ("converted", jan(8))]
    lead = PROCESS.restore(**fields, visits=visits)
    assert row(lead, at=jan(5))["deal_id"] == "D-1"
    assert row(lead, at=jan(5))["converted_at"] == jan(3)


def test_a_merged_lead_stands_on_its_own_before():
    other = Lead._from_history("L-2", (lead_opened(id="L-2:1", at=jan(2)),))
    merged = ev.Merged(id="L:2", at=jan(5), leads=(other,))
    lead = lead_of(lead_opened(at=jan(1)), merged)
    assert facts.lead_columns([lead])["lead_id"] == ["L"]
    assert facts.lead_columns([lead], at=jan(4))["lead_id"] == ["L", "L-2"]


def test_in_frames_a_deal_names_the_lead_that_is_left_of_a_merge():
    other = Lead._from_history("L-2", (lead_opened(id="L-2:1", at=jan(2)),))
    lead = lead_of(lead_opened(at=jan(1)), ev.Merged(id="L:2", at=jan(5), leads=(other,)))
    deals = [PIPELINE.open("A", id=f"D-{of}", lead_id=of, at=jan(3)) for of in ("L-2", "L", "L-7")]
    deals = [PIPELINE.log(deal, "call", at=jan(4)) for deal in deals]
    for when, names in ((None, ["L", "L", "L-7"]), (jan(4), ["L-2", "L", "L-7"])):
        tables = facts.to_frame(deals, leads=[lead], backend="polars", at=when)
        assert tables.deals["lead_id"].to_list() == names
        assert tables.touches["lead_id"].to_list() == names


def test_custom_keys_of_leads_are_columns_too():
    lead = PROCESS.open("Kim", id="L", custom={"size": 3}, at=jan(1))
    tables = facts.to_frame([], leads=[lead], backend="polars")
    assert tables.leads["custom.size"].to_list() == [3]
    assert "custom.size" not in tables.deals.columns


def test_what_cannot_be_read_is_refused():
    lead = lead_of(lead_opened())
    with pytest.raises(OptionError, match="cannot tell lead 'L'"):
        facts.lead_columns([lead, lead])
    with pytest.raises(DataError, match="Lead is no list of leads"):
        facts.lead_columns(lead)
    with pytest.raises(DataError, match="int is no list of leads"):
        facts.lead_columns(3)


def test_the_table_has_the_columns_of_the_schema():
    assert [*facts.lead_columns([])] == [column.name for column in schema.LEADS]
