"""Deals that turned out to be one become one."""

from datetime import UTC, datetime, timedelta

import pytest

import salesflow
from salesflow import Deal, Money, Pipeline, errors, merge, process

SALES = Pipeline.standard()
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = T0 + timedelta(days=1)


def opened(identity, **fields):
    return SALES.open("Acme", id=identity, at=T0, **fields)


def won(identity):
    return SALES.restore(id=identity, stage="won", closed_at=T0)


def lost(identity):
    return SALES.lose(opened(identity), "budget", at=T0)


def refused(error, match, *deals, **options):
    written = [deal.model_dump_json() for deal in deals]
    with pytest.raises(error, match=match) as caught:
        merge(*deals, **options)
    assert [deal.model_dump_json() for deal in deals] == written
    return caught.value


def test_the_first_survives_with_its_own_fields():
    keep = opened("D-1", amount=Money(100, "EUR"), owner_id="kim")
    deal = merge(keep, opened("D-2", amount=Money(900, "EUR"), owner_id="lee"), at=LATER)
    assert (deal.id, deal.amount, deal.owner_id) == ("D-1", Money(100, "EUR"), "kim")
    assert (deal.aliases, deal.version) == (("D-2",), 2)


def test_its_history_holds_the_others_whole():
    other = SALES.advance(opened("D-2"), at=T0)
    deal = merge(opened("D-1"), other, at=LATER, by="kim")
    event = deal.history[-1]
    assert (event.type, event.deals, event.at, event.by) == ("merged", (other,), LATER, "kim")
    assert Deal.model_validate_json(deal.model_dump_json()) == deal


def test_aliases_of_the_others_come_along():
    other = merge(opened("D-2"), opened("D-3"), opened("D-4"), at=T0)
    assert merge(opened("D-1"), other, at=LATER).aliases == ("D-2", "D-3", "D-4")


def test_nothing_to_merge_is_no_event():
    deal = opened("D-1")
    assert merge(deal) is deal


def test_it_stays_in_its_stage():
    deal = merge(SALES.advance(opened("D-1"), at=T0), opened("D-2"), at=LATER)
    assert (deal.stage, deal.stage_entered_at) == ("qualification", T0)


@pytest.mark.parametrize("keep", [won("D-1"), lost("D-1")])
def test_an_open_one_may_vanish_into_a_closed_one(keep):
    assert merge(keep, opened("D-2"), at=LATER).outcome == keep.outcome


def test_a_lost_one_may_vanish_into_an_open_one():
    assert merge(opened("D-1"), lost("D-2"), at=LATER).outcome == "open"


@pytest.mark.parametrize(
    "deals",
    [
        (won("D-1"), lost("D-2")),
        (lost("D-2"), won("D-1")),
        (won("D-1"), opened("D-3"), lost("D-2")),
        (opened("D-3"), lost("D-2"), won("D-1")),
    ],
)
def test_different_outcomes_are_refused_by_name(deals):
    error = refused(errors.MergeError, "cannot merge", *deals, at=LATER)
    assert str(error) == (
        "cannot merge deal 'D-1' and deal 'D-2': one was won, the other lost\n\n"
        "Hint: reopen the wrong one first."
    )
    assert (error.deal_id, error.other_id) == ("D-1", "D-2")


def test_a_win_may_not_vanish():
    error = refused(errors.MergeError, "its win would vanish", opened("D-1"), won("D-2"), at=LATER)
    assert error.message == "cannot merge deal 'D-2' into deal 'D-1': its win would vanish"
    assert (error.deal_id, error.other_id) == ("D-1", "D-2")


def test_an_id_twice_is_refused():
    deals = opened("D-1"), opened("D-1")
    error = refused(errors.DuplicateDealError, "'D-1': it is there twice", *deals)
    assert error.deal_id == "D-1"


def test_an_id_beside_its_alias_is_refused():
    keep = merge(opened("D-1"), opened("D-2"), at=T0)
    refused(errors.DuplicateDealError, "'D-2': it is there twice", keep, opened("D-2"))


def test_before_the_last_event_of_any_is_refused():
    for deals in [(opened("D-1"), opened("D-2")), (opened("D-2"), opened("D-1"))]:
        refused(errors.EventOrderError, "of deal 'D-", *deals, at=T0 - timedelta(days=1))
    later = SALES.advance(opened("D-2"), at=LATER)
    error = refused(errors.EventOrderError, "of deal 'D-2'", opened("D-1"), later, at=T0)
    assert (error.deal_id, error.last_at) == ("D-2", LATER)


def test_an_undated_one_precedes_everything():
    undated = SALES.restore(id="D-2", stage="meeting")
    assert merge(opened("D-1"), undated, at=T0).aliases == ("D-2",)


@pytest.mark.parametrize("wrong", [None, 3, "D-2", {"id": "D-2"}])
def test_what_is_no_deal_is_refused(wrong):
    for deals in [(wrong, opened("D-1")), (opened("D-1"), wrong), (wrong,)]:
        with pytest.raises(errors.OptionError, match="it is no Deal") as caught:
            merge(*deals)
        assert (caught.value.parameter, caught.value.value) == ("deal", wrong)


def test_a_moment_without_zone_is_refused():
    naive = datetime(2026, 1, 6)  # noqa: DTZ001 - naive on purpose
    refused(errors.NaiveDatetimeError, "cannot use at", opened("D-1"), opened("D-2"), at=naive)


def test_it_is_a_function_from_wherever_it_is_imported():
    # A module of the same name would hide it once it is loaded.
    assert process.merge is salesflow.merge is merge
