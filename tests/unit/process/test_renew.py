"""The next deal for one that was won."""

import pytest

from salesflow import Money, Pipeline
from salesflow.errors import EventOrderError, FieldError, OptionError, RenewalError
from salesflow.models import Link
from tests.builders import day, jan

PIPELINE = Pipeline.standard()
KNOWN = {
    "amount": Money("1200", "EUR"),
    "owner_id": "kim",
    "account_id": "A-1",
    "contact_ids": ("C-1", "C-2"),
}


def won(**fields):
    known = {"name": "Acme", "closed_at": jan(9), "source": "web", "lead_id": "L-1", **KNOWN}
    custom = {"contract": "one year"}
    return PIPELINE.restore(id="D-1", stage="won", custom=custom, **{**known, **fields})


def test_it_is_a_new_deal_linked_to_the_won_one():
    deal = PIPELINE.renew(won(), id="D-2", at=jan(20), by="kim")
    assert (deal.id, deal.name, deal.stage, deal.outcome) == ("D-2", "Acme", "prospecting", "open")
    assert (deal.created_at, deal.history[0].by, deal.version) == (jan(20), "kim", 1)
    assert deal.links == (Link(kind="renewal_of", target="D-1"),)


def test_it_takes_over_who_and_how_much():
    deal = PIPELINE.renew(won(), at=jan(20))
    assert {name: getattr(deal, name) for name in KNOWN} == KNOWN


def test_it_does_not_take_over_how_the_first_one_came_about():
    deal = PIPELINE.renew(won(links=[Link(kind="renewal_of", target="D-0")]), at=jan(20))
    assert (deal.source, deal.lead_id, dict(deal.custom)) == (None, None, {})
    assert [link.target for link in deal.links] == ["D-1"]


def test_what_is_given_counts():
    more = Link(kind="upsell", target="D-7")
    deal = PIPELINE.renew(
        won(), name="Acme 2027", amount=None, owner_id="lee", source="renewal", links=[more]
    )
    assert (deal.name, deal.amount, deal.owner_id) == ("Acme 2027", None, "lee")
    assert (deal.source, deal.account_id) == ("renewal", "A-1")
    assert deal.links == (Link(kind="renewal_of", target="D-1"), more)


def test_ids_differ_unless_given():
    assert len({PIPELINE.renew(won()).id for _ in range(3)}) == 3


def test_another_pipeline_may_renew_it():
    assert Pipeline.standard("renewals").renew(won()).pipeline == "renewals"


def test_a_followed_up_deal_is_renewed_too():
    deal = PIPELINE.move(won(), to="follow_up", at=jan(10))
    assert PIPELINE.renew(deal, at=jan(11)).links[0].target == "D-1"


@pytest.mark.parametrize("stage", ["meeting", "lost"])
def test_only_a_won_deal_is_renewed(stage):
    deal = PIPELINE.restore(id="D-1", stage=stage, name="Acme")
    with pytest.raises(RenewalError, match=f"cannot renew deal 'D-1': it is {deal.outcome}") as no:
        PIPELINE.renew(deal)
    assert (no.value.deal_id, no.value.outcome) == ("D-1", deal.outcome)


def test_it_begins_when_the_first_was_won_or_later():
    assert PIPELINE.renew(won(), at=jan(9)).created_at == jan(9)
    same_day = PIPELINE.renew(won(closed_at=jan(9, 12)), at=day(9))
    assert (same_day.created_at, same_day.created_precision) == (jan(9), "day")
    with pytest.raises(EventOrderError, match=r"cannot renew deal 'D-1' at .*: it was won at"):
        PIPELINE.renew(won(), at=jan(8, 23))


def test_a_win_of_unknown_date_is_renewed_at_any():
    assert PIPELINE.renew(won(closed_at=None), at=jan(1)).created_at == jan(1)


def test_a_deal_without_a_name_asks_for_one():
    with pytest.raises(OptionError, match="it has no name"):
        PIPELINE.renew(PIPELINE.restore(id="D-1", stage="won"))
    assert PIPELINE.renew(PIPELINE.restore(id="D-1", stage="won"), name="Acme").name == "Acme"


@pytest.mark.parametrize("links", [3, None, ["D-7"]])
def test_links_that_are_none_are_refused(links):
    with pytest.raises(FieldError, match="links"):
        PIPELINE.renew(won(), links=links)


def test_what_is_no_deal_is_refused():
    with pytest.raises(OptionError, match="it is no Deal"):
        PIPELINE.renew("D-1")


def test_a_field_that_open_does_not_set_is_refused():
    with pytest.raises(OptionError, match="'colour'"):
        PIPELINE.renew(won(), colour="red")
