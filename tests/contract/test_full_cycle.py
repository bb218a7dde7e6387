"""One lead from a cold e-mail to a renewal, by the definition in one file."""

import importlib.util
from datetime import date
from pathlib import Path

import pytest

import salesflow as sf
from salesflow import metrics

PATH = Path(__file__).parents[2] / "examples" / "full_cycle.py"


@pytest.fixture(scope="module")
def story():
    spec = importlib.util.spec_from_file_location("full_cycle", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ends(story):
    """The lead and its deal before the loss, and when the deal was back again."""
    lead, deal = story.found()
    deal = story.negotiated(deal)
    return lead, deal, *story.lost_and_back(lead, deal)


def path_of(subject):
    kinds = ("opened", "stage_changed")
    return [event.stage for event in subject.history if event.type in kinds]


def test_the_definition_is_whole_and_comes_back(story):
    pipeline = story.PIPELINE
    assert (pipeline.leads.deal_stage, pipeline.profile.name) == (
        "qualification",
        "mid-market software",
    )
    assert sf.Pipeline.from_toml(pipeline.to_toml()) == pipeline


def test_the_lead_is_scored_qualified_and_converted(story, ends):
    lead, deal, *_ = ends
    assert path_of(lead) == ["new", "working", "qualified", "converted"]
    # Fit: 2 + 1 of 4 points, one unknown. BANT: three yes of four, one unknown.
    assert story.PIPELINE.profile.fit(story.ACME).low == 0.75
    assert sf.process.BANT.of(lead).score == 0.75
    assert (lead.deal_id, deal.lead_id, deal.source, deal.owner_id) == (
        "D-1",
        "L-1",
        "outbound",
        "kim",
    )
    assert deal.lead_created_at == lead.created_at
    assert sf.process.BANT.of(deal).score == 0.75, "nobody asks again"


def test_it_is_met_offered_and_negotiated(ends):
    _, deal, *_ = ends
    assert path_of(deal) == ["qualification", "meeting", "proposal", "negotiation"]


def test_the_meeting_and_the_manager_were_needed(story):
    _, deal = story.found()
    pipeline, at = story.PIPELINE, story.day(5)
    deal = pipeline.advance(deal, at=at)
    with pytest.raises(sf.errors.MoveNotAllowed, match="1 meeting is needed, there is none"):
        pipeline.advance(deal, at=at)
    deal = pipeline.advance(pipeline.log(deal, "meeting", at=at), at=at)
    deal = pipeline.update(deal, custom={"discount": 0.15}, at=at)
    with pytest.raises(sf.errors.MoveNotAllowed, match=r"custom\.discount is 0.15") as caught:
        pipeline.advance(deal, at=at, by="kim")
    assert "role 'manager' is needed, and 'kim' does not have it" in str(caught.value)


def test_it_is_lost_for_now_and_comes_back_on_the_day(ends):
    *_, lead, deal = ends
    assert path_of(deal)[4:] == ["lost", "proposal"]
    assert deal.history[-1].at.date() == date(2026, 4, 1)
    lost = next(event for event in deal.history if getattr(event, "disposition", None))
    assert (lost.disposition, lost.revisit_on) == ("nurture", date(2026, 4, 1))
    assert path_of(lead)[4:] == ["nurturing", "converted"]


def test_a_lead_converts_once(story, ends):
    *_, lead, _ = ends
    with pytest.raises(sf.errors.MoveNotAllowed, match="a lead converts once"):
        story.PIPELINE.leads.convert(lead, story.PIPELINE, at=story.day(200))


def test_won_followed_up_and_renewed(story, ends):
    *_, deal = ends
    pipeline, day = story.PIPELINE, story.day
    deal = pipeline.advance(deal, at=day(95), by=sf.Actor("lee", roles=["manager"]))
    deal = pipeline.win(deal, at=day(100))
    deal = pipeline.move(deal, to="follow_up", at=day(101))
    deal = pipeline.log(deal, "email", at=day(101))
    states = {task.title: task.state for task in sf.tasks(deal, pipeline, as_of=day(140))}
    assert states == {
        "Show the product": "done",
        "Send minutes": "dropped",
        "Say thank you": "done",
        "Check the onboarding": "overdue",
        "Ask how content they are": "open",
        "Talk about the renewal": "open",
    }
    renewal = pipeline.renew(deal, id="D-2", at=day(420))
    assert renewal.links == (sf.Link(kind="renewal_of", target="D-1"),)
    assert (renewal.outcome, renewal.amount) == ("open", deal.amount)
    # Lost once and won in the end: one deal, won, on the 100th day after 4 days as a lead.
    rate = metrics.win_rate([deal, renewal])
    assert (rate.value, rate.denominator) == (1.0, 1)
    assert metrics.cycle_time([deal]).mean_days == 96
