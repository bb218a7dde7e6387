"""Numbers that take two tables: cycles from the lead, and visits by what their deals are."""

import pytest

from salesflow import facts, metrics
from salesflow.errors import ColumnError, DataError, OptionError
from salesflow.facts import Facts
from salesflow.metrics.own import count, is_
from tests.builders import lead_of, lead_opened
from tests.shorthand import NOW, at, lived, won
from tests.tables import FRAMES, framed

WON_VISITS = count(is_("outcome", "won"), table="visits")


@pytest.mark.parametrize("kind", FRAMES)
def test_from_the_lead(kind):
    lead = lead_of(lead_opened(id="L:1", at=at(1)))
    deal = lived("D", (at(11), "open"), (at(21), "win"), lead_id="L")
    tables = facts.to_frame([deal, won("D-2", 1, 5)], leads=[lead], backend=kind)
    found = metrics.cycle_time(tables, start="lead")
    assert (found.mean_days, dict(found.left_out)) == (20.0, {"unknown_cycle": 1})  # 1 to 21
    cohort = metrics.cycle_time(tables, start="lead", basis="created", censored=True, as_of=NOW)
    assert (cohort.n, cohort.km_median_days) == (1, 20.0)


def test_ids_of_two_kinds_and_all_other_faults_are_one_error():
    deals = framed({"outcome": ["won"], "lead_id": ["L"]}, "polars")
    leads = framed({"lead_id": [1], "created_at": ["soon"]}, "polars")
    with pytest.raises(ColumnError) as caught:
        metrics.cycle_time(Facts(deals=deals, leads=leads), start="lead")
    assert caught.value.faults == (
        "in deals, no column 'closed_at'",
        "in leads, column 'created_at' holds String, no dates or times",
        "in leads, column 'lead_id' holds text in deals, integer in leads",
    )


@pytest.mark.parametrize("clock", ["first_stage", "lead"])
def test_active_spells_of_another_start_are_refused(clock):
    tables = facts.to_frame([won("D", 1, 5)], backend="polars")
    with pytest.raises(OptionError, match="the tables do not tell them"):
        metrics.cycle_time(tables, start=clock, clock="active")


@pytest.mark.parametrize("kind", FRAMES)
def test_visits_know_what_became_of_their_deal(kind):
    book = [
        lived("D-1", (at(1), "open"), (at(5), "lose")),  # one visit to an open stage
        lived("D-2", (at(1), "open"), (at(3), "to", "meeting")),  # three
    ]
    tables = facts.to_frame(book, backend=kind)
    assert metrics.measure(tables, WON_VISITS).value == 0
    lost = count(is_("outcome", "lost"), table="visits")
    still_open = count(is_("outcome", "open"), table="visits")
    assert metrics.measure(tables, lost).value == metrics.measure(book, lost).value == 1
    assert metrics.measure(tables, still_open).value == 3
    # Before the loss, the deal was open: its visit is one of an open deal.
    then = metrics.measure(tables, still_open, as_of=at(2))
    assert (then.value, metrics.measure(book, still_open, as_of=at(2)).value) == (2, 2)


def visits_of(outcome: str) -> Facts:
    deals = framed({"deal_id": ["D-1", "D-2"], "outcome": ["won", outcome]}, "polars")
    visits = framed({"deal_id": ["D-1", "D-2", "D-9"], "stage": ["a", "a", "b"]}, "polars")
    return Facts(deals=deals, visits=visits)


def test_a_visit_of_no_deal_counts_in_no_outcome():
    assert metrics.measure(visits_of("won"), WON_VISITS).value == 2


def test_an_outcome_of_a_deal_that_is_none_is_refused():
    with pytest.raises(ColumnError, match="'outcome' of deals holds what is no outcome, in 1 row"):
        metrics.measure(visits_of("gone"), WON_VISITS)


def test_a_deal_that_is_there_twice_is_refused():
    deals = framed({"deal_id": ["D-1", "D-1"], "outcome": ["won", "won"]}, "polars")
    visits = framed({"deal_id": ["D-1"], "stage": ["a"]}, "polars")
    with pytest.raises(ColumnError, match="deals are there twice"):
        metrics.measure(Facts(deals=deals, visits=visits), WON_VISITS)


def test_what_only_deals_know_needs_them():
    visits = framed({"deal_id": ["D-1"], "stage": ["a"]}, "polars")
    with pytest.raises(DataError, match="outcome is no column of visits"):
        metrics.measure(visits, WON_VISITS)


def test_visits_by_a_column_of_the_users_own_deals():
    deals = framed({"deal_id": ["D-1", "D-2"], "grade": ["A", "B"]}, "polars")
    visits = framed({"deal_id": ["D-1", "D-1", "D-2"], "stage": ["a", "b", "a"]}, "polars")
    high = count(is_("custom.grade", "A"), table="visits")
    # D-1 alone has that grade: its two visits.
    tables = Facts(deals=deals, visits=visits)
    assert metrics.measure(tables, high, columns={"custom.grade": "grade"}).value == 2
