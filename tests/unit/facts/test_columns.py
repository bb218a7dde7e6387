"""The columns over deals: what each one means."""

from decimal import Decimal
from typing import Any

import pytest

from salesflow import Deal, Money, facts, merge
from salesflow.errors import (
    ColumnError,
    DataError,
    DuplicateDealError,
    NaiveDatetimeError,
    OptionError,
)
from salesflow.facts.columns import (
    active_us,
    closing_of,
    deal_reader,
    elapsed_us,
    lead_ends,
    read_deals,
    visit_us,
)
from salesflow.facts.data import given
from salesflow.facts.visits import visits_of
from salesflow.models.durations import MICROSECONDS_A_DAY, microseconds, to_days
from tests.builders import lead_of, lead_opened, restored
from tests.shorthand import PIPELINE, at, eur, known, lived, lost, on, still_open, won


def read(deal: Deal, name: str) -> Any:
    return deal_reader(name)(deal)


# Whose deal, from where, worth what.


def test_the_owner_of_a_closed_deal_is_the_one_at_its_closing():
    deal = lived("D", (at(1), "open"), (at(5), "lose"), (at(9), "owner", "lee"), owner_id="kim")
    assert read(deal, "owner_id") == "kim"
    assert read(deal, "owner_now_id") == "lee"
    assert read(deal, "opening_owner_id") == "kim"


def test_the_owner_of_an_open_deal_is_the_present_one():
    deal = lived("D", (at(1), "open"), (at(9), "owner", "lee"), owner_id="kim")
    assert (read(deal, "owner_id"), read(deal, "opening_owner_id")) == ("lee", "kim")


def test_of_two_closings_the_last_one_counts():
    deal = lived(
        "D",
        (at(1), "open"),
        (at(3), "lose"),
        (at(4), "owner", "lee"),
        (at(5), "reopen", "prospecting"),
        (at(6), "owner", "ana"),
        (at(9), "win"),
        (at(10), "owner", "zoe"),
        owner_id="kim",
    )
    assert read(deal, "owner_id") == "ana"


def test_a_move_between_two_stages_of_an_outcome_is_no_closing():
    deal = lived("D", (at(1), "open"), (at(5), "win"), (at(6), "owner", "lee"), owner_id="kim")
    later = PIPELINE.move(deal, to="follow_up", at=at(9))
    assert read(later, "owner_id") == "kim"
    closing = closing_of(later)
    assert closing is not None
    assert closing.at == at(5)


def test_the_closing_of_a_restored_deal_is_its_restoring():
    deal = PIPELINE.update(won("D", 1, 5, owner="kim", source="web"), owner_id="lee", source="x")
    assert (read(deal, "owner_id"), read(deal, "source")) == ("kim", "web")


def test_an_open_deal_has_no_closing():
    assert closing_of(still_open("D")) is None


def test_the_source_of_a_closed_deal_is_frozen():
    deal = lived("D", (at(1), "open"), (at(5), "lose"), source="web")
    assert read(PIPELINE.update(deal, source="fair", at=at(9)), "source") == "web"
    fresh = lived("D", (at(1), "open"), source="web")
    assert read(PIPELINE.update(fresh, source="fair", at=at(9)), "source") == "fair"


def test_a_corrected_amount_counts():
    deal = lived("D", (at(1), "open"), (at(5), "win"), amount=eur(100))
    mended = PIPELINE.update(deal, amount=eur(90), correction="misread", at=at(9))
    assert read(mended, "amount") == Decimal(90)
    assert facts.deal_columns([mended], at=at(8))["amount"] == [Decimal(100)]


def test_without_an_amount_there_is_no_currency():
    assert (read(won("D"), "amount"), read(won("D"), "currency")) == (None, None)


def test_a_users_own_value_is_a_column():
    deal = PIPELINE.open("Acme", custom={"region": "north"})
    assert read(deal, "custom.region") == "north"
    assert read(deal, "custom.size") is None


@pytest.mark.parametrize("name", ["sales_agent", "history", "custom", "id", ""])
def test_another_column_is_refused(name):
    with pytest.raises(ColumnError, match="deals do not have it") as caught:
        deal_reader(name)
    assert caught.value.column == name
    assert "deal_id" in caught.value.known


def test_a_slip_of_the_pen_gets_a_hint():
    with pytest.raises(ColumnError, match="Hint: there is 'owner_id'"):
        deal_reader("ownerid")


# How long.


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (at(1, 12), at(2, 0), 0.5),
        (at(2), at(1), -1.0),
        (on(1), on(31), 30.0),
        (at(1, 23), on(2), 1.0),
        (on(1), at(1, 23), 0.0),
        (on(2), on(2), 0.0),
        (None, on(2), None),
        (on(2), None, None),
        (None, at(2), None),
        (at(1), None, None),
    ],
)
def test_a_cycle_is_exact_between_instants_and_whole_days_beside_a_day(start, end, days):
    assert read(known("D", "won", start, end), "cycle_days") == days


def test_a_microsecond_is_not_lost():
    start, end = at(1), at(1).replace(microsecond=1)
    assert microseconds(start, "instant", end, "instant") == 1
    assert microseconds(end, "instant", start, "instant") == -1
    assert to_days(MICROSECONDS_A_DAY) == 1.0
    assert to_days(None) is None


def test_an_open_deal_has_no_cycle():
    assert read(still_open("D", 1), "cycle_days") is None


def test_from_the_first_stage_is_from_the_entry_into_it():
    deal = known("D", "won", 1, 31, visits=[("prospecting", on(11))])
    assert read(deal, "first_stage_us") == 20 * MICROSECONDS_A_DAY


@pytest.mark.parametrize(
    ("opened", "entered", "days"),
    [
        (1, on(1), 30),
        (at(1, 9), on(1), 30),
        (at(1), at(1), 30),
        (at(1, 9), at(1, 10), None),
        (1, on(2), None),
        (None, on(2), None),
        (1, None, None),
    ],
)
def test_a_visit_from_the_middle_on_is_the_first_if_it_begins_with_the_deal(opened, entered, days):
    deal = known("D", "won", opened, 31, visits=[("meeting", entered)])
    found = read(deal, "first_stage_us")
    assert found == (None if days is None else days * MICROSECONDS_A_DAY)


@pytest.mark.parametrize(
    "deal",
    [won("D", 1, 31), still_open("D", 1), known("D", "won", 1, visits=[("meeting", on(1))])],
    ids=["just its closing is known", "open", "nobody knows when it was closed"],
)
def test_without_the_entry_or_the_closing_it_is_unknown(deal):
    assert read(deal, "first_stage_us") is None


def test_the_active_days_leave_out_the_closed_spells():
    deal = lived(
        "D",
        (at(1), "open"),
        (at(3), "lose"),
        (at(10), "reopen", "prospecting"),
        (at(12), "lose"),
        (at(20), "reopen", "prospecting"),
        (at(21), "win"),
    )
    # 20 days in all; closed from 3 to 10 and from 12 to 20.
    assert read(deal, "cycle_days") == 20.0
    assert read(deal, "active_days") == 20 - 7 - 8


def test_one_day_makes_the_whole_active_subtraction_one_of_days():
    deal = lived(
        "D",
        (at(1, 23), "open"),
        (on(1), "lose"),
        (at(2, 0, 30), "reopen", "prospecting"),
        (at(2, 1), "win"),
    )
    assert read(deal, "active_days") == 0.0


def test_what_follows_the_last_closing_is_no_part_of_it():
    deal = lived("D", (at(1), "open"), (at(5), "win"))
    later = PIPELINE.move(deal, to="follow_up", at=at(20))
    assert (read(later, "cycle_days"), read(later, "active_days")) == (4.0, 4.0)


def test_a_spell_that_ends_on_the_day_of_the_closing_counts_by_dates():
    deal = lived(
        "D", (at(1), "open"), (at(3), "lose"), (at(6, 10), "reopen", "prospecting"), (on(6), "win")
    )
    # From 1 to 6 January, closed from 3 to 6 January; one of them is a day.
    assert read(deal, "active_days") == 5 - 3


def test_active_days_need_the_whole_path():
    assert read(won("D", 1, 31), "active_days") is None
    assert read(still_open("D", 1), "active_days") is None


def test_a_duration_without_a_start_stays_unknown_on_any_clock():
    deal = lived("D", (at(1), "open"), (at(3), "lose"))
    assert active_us(lead_ends([]))(deal) is None


def test_from_the_lead_is_from_its_creation():
    lead = lead_of(lead_opened(id="L:1", at=at(2)))
    deal = lived("D", (at(5), "open"), (at(12), "lose"), lead_id="L")
    assert elapsed_us(lead_ends([lead]))(deal) == 10 * MICROSECONDS_A_DAY


def test_a_deal_without_a_known_lead_has_no_such_duration():
    lead = lead_of(lead_opened(id="L:1", at=at(2)))
    deal = lived("D", (at(5), "open"), (at(12), "lose"))
    assert elapsed_us(lead_ends([lead]))(deal) is None
    assert elapsed_us(lead_ends([]))(lived("D", (at(5), "open"), lead_id="L")) is None


def test_no_lead_is_not_a_lead_called_none():
    lead = lead_opened(id="None:1", at=at(2))
    named = type(lead_of(lead_opened(id="L:1")))._from_history("None", (lead,))
    assert elapsed_us(lead_ends([named]))(lived("D", (at(5), "open"), (at(12), "lose"))) is None


def test_what_is_no_lead_is_refused():
    with pytest.raises(DataError, match="cannot read the leads: str is no lead"):
        facts.Facts(deals=[], leads=["L-1"])


@pytest.mark.parametrize("leads", [5, lead_of(lead_opened())])
def test_what_is_no_list_of_leads_is_refused(leads):
    with pytest.raises(DataError, match="is no list of leads"):
        facts.Facts(deals=[], leads=leads)


@pytest.mark.parametrize("deals", [5, won("D")])
def test_what_is_no_list_of_deals_is_refused(deals):
    with pytest.raises(DataError, match="cannot read the data"):
        facts.Facts(deals=deals)


def test_a_lead_twice_is_refused():
    lead = lead_of(lead_opened())
    named = type(lead)._from_history("L-2", (restored(id="L-2:1", aliases=("L",)),))
    for leads in ([lead, lead], [lead, named]):
        with pytest.raises(OptionError, match="cannot tell lead 'L'") as caught:
            facts.Facts(deals=[], leads=leads)
        assert caught.value.parameter == "leads"


def test_a_merged_lead_is_found_under_its_alias():
    lead = lead_of(restored(id="L:1", at=at(2), created_at=at(2), aliases=("L-2",)))
    deal = lived("D", (at(5), "open"), (at(12), "lose"), lead_id="L-2")
    assert elapsed_us(lead_ends([lead]))(deal) == 10 * MICROSECONDS_A_DAY


def test_a_visit_lasts_from_entry_to_exit():
    deal = lived("D", (at(1), "open"), (at(3, 12), "lose"))
    first, last = visits_of(deal)
    assert (visit_us(first), visit_us(last)) == (2.5 * MICROSECONDS_A_DAY, None)


# How often.


def test_each_return_from_a_closed_stage_is_a_reopening():
    twice = lived(
        "D",
        (at(1), "open"),
        (at(3), "lose"),
        (at(4), "reopen", "prospecting"),
        (at(5), "lose"),
        (at(6), "reopen", "prospecting"),
    )
    assert read(twice, "n_reopened") == 2
    assert read(won("D", 1, 5), "n_reopened") == 0


def test_touches_are_done_activities_of_a_kind_that_counts():
    deal = lived("D", (at(1), "open"))
    deal = PIPELINE.log(deal, "call", at=at(2))
    deal = PIPELINE.log(deal, "note", at=at(3))
    deal = PIPELINE.log(deal, "email", planned_at=at(9), at=at(4))
    assert read(deal, "n_touches") == 1


def test_a_plan_that_was_carried_out_counts_once():
    deal = PIPELINE.log(lived("D", (at(1), "open")), "call", planned_at=at(5), at=at(2), id="A")
    assert read(deal, "n_touches") == 0
    deal = PIPELINE.log(deal, "call", at=at(5), id="A")
    assert read(deal, "n_touches") == 1


# The tables.


def test_the_table_of_deals():
    deals = [
        won("D-1", 1, 31, 100, "kim"),
        lost("D-2", 1, 11, loss_reason="price", lost_at_stage="meeting", disposition="nurture"),
    ]
    table = facts.deal_columns(deals)
    assert table["deal_id"] == ["D-1", "D-2"]
    assert table["pipeline"] == ["sales", "sales"]
    assert table["outcome"] == ["won", "lost"]
    assert table["stage_position"] == [5, 7]
    assert table["amount"] == [Decimal(100), None]
    assert table["currency"] == ["EUR", None]
    assert table["probability"] == [1.0, 0.0]
    assert table["created_at"] == [at(1), at(1)]
    assert table["closed_at"] == [at(31), at(11)]
    assert table["cycle_days"] == [30.0, 10.0]
    assert table["active_days"] == [None, None]
    assert table["loss_reason"] == [None, "price"]
    assert table["disposition"] == [None, "nurture"]
    assert table["lost_at_stage"] == [None, "meeting"]
    assert table["history_complete"] == [False, False]


def test_the_table_of_visits():
    deals = [lived("D-1", (at(1), "open"), (at(3, 12), "lose")), lived("D-2", (at(2), "open"))]
    table = facts.visit_columns(deals)
    assert table["deal_id"] == ["D-1", "D-1", "D-2"]
    assert table["visit"] == [1, 2, 1]
    assert table["stage"] == ["prospecting", "lost", "prospecting"]
    assert table["kind"] == ["open", "lost", "open"]
    assert table["days"] == [2.5, None, None]
    assert table["next_stage"] == ["lost", None, None]


def test_a_table_may_be_taken_at_an_instant():
    deal = lived("D-1", (at(1), "open"), (at(3), "lose"))
    assert facts.deal_columns([deal], at=at(2))["outcome"] == ["open"]
    assert facts.visit_columns([deal], at=at(2))["left_at"] == [None]
    assert facts.deal_columns([deal], at=at(1, 0).replace(year=2025))["deal_id"] == []


# What may be read.


def test_any_iterable_of_deals_will_do():
    deals = [won("D-1"), lost("D-2")]
    for data in (deals, tuple(deals), iter(deals), dict.fromkeys(deals)):
        assert read_deals(data) == deals


@pytest.mark.parametrize("library", ["pandas", "polars", "polars[lazy]", "pyarrow", "duckdb"])
def test_a_frame_is_refused_where_it_takes_deals(library):
    frame = facts.to_frame([won("D")], backend=library).deals
    engine = library.partition("[")[0]
    for data in (frame, facts.Facts(deals=frame)):
        with pytest.raises(DataError, match=f"takes Deal objects, not a {engine} frame") as e:
            read_deals(given(data, "deals"))
        assert e.value.found == type(frame).__name__
        assert e.value.hint == "crm.read(frame).deals makes salesflow.Deal objects of its rows."


@pytest.mark.parametrize("data", [None, 7, "abc", [won("D"), None], won("D"), {"a": 1}])
def test_anything_else_is_refused(data):
    with pytest.raises(DataError, match="cannot read the data") as caught:
        read_deals(data)
    assert caught.value.found in ("NoneType", "int", "str", "Deal")


def test_a_deal_twice_is_refused():
    with pytest.raises(DuplicateDealError, match="cannot count deal 'D-1'") as caught:
        read_deals([won("D-1"), lost("D-1")])
    assert caught.value.deal_id == "D-1"


def test_a_deal_beside_the_one_it_was_merged_into_is_refused():
    one, two = lived("D-1", (at(1), "open")), lived("D-2", (at(1), "open"))
    for book in ([merge(one, two, at=at(5)), two], [two, merge(one, two, at=at(5))]):
        with pytest.raises(DuplicateDealError, match="cannot count deal 'D-2'"):
            read_deals(book)


def test_it_is_refused_as_of_a_time_before_that_too():
    one, two = lived("D-1", (at(1), "open")), lived("D-2", (at(1), "open"))
    with pytest.raises(DuplicateDealError, match="cannot count deal 'D-2'"):
        read_deals([merge(one, two, at=at(5)), two], at(3))


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(NaiveDatetimeError, match="it has no time zone"):
        read_deals([], at(3).replace(tzinfo=None))


def test_nothing_is_cut_where_nothing_is_later():
    deals = [won("D-1", 1, 5), known("D-2", "won")]
    assert read_deals(deals, at(20)) == deals


def test_facts_keep_what_they_are_given():
    deal = won("D-1", amount=Money(1, "EUR"))
    found = facts.Facts(deals=iter([deal]), leads=[])
    assert (found.deals, found.leads) == ((deal,), ())
