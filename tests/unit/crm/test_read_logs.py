"""Logs of stages, of changes and of merged deals: beside a table of deals, or instead of one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from salesflow import Money, Pipeline, crm
from salesflow.crm._changes import Stories, Story, story_row
from salesflow.crm._logs import Log, is_change_log, log_of
from salesflow.errors import NaiveDatetimeError, OptionError
from tests.crm_reads import codes, faults_of, finding, read

Row = dict[str, Any]


def rows(names: str, *values: tuple[Any, ...]) -> list[Row]:
    """Rows with those columns."""
    return [dict(zip(names.split(), row, strict=True)) for row in values]


def on(number: int, hour: int = 10, month: int = 1) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


def visits(deal: Any) -> list[tuple[str, Any, Any]]:
    return [(v.stage, v.entered_at, v.left_at) for v in deal.history[0].visits]


class TestShapes:
    @pytest.mark.parametrize(
        ("columns", "shape"),
        [
            ("deal_id stage entered_at", "stages"),
            ("Deal Stage Date", "stages"),
            ("Id OpportunityId StageName CreatedDate Amount", "stages"),
            ("_fivetran_start deal_id _fivetran_end value source", "stages"),
            ("OpportunityId Field OldValue NewValue CreatedDate", "changes"),
            ("deal_id change_time changed_field_key new_value", "changes"),
            ("object data.item_id data.field_key data.new_value data.log_time", "changes"),
            ("deal_id timestamp source name source_id value", "changes"),
            ("deal_id merged_deal_id _fivetran_synced", "merges"),
            ("deal_id stage", None),
            ("deal_id stage amount", None),
            ("stage date", None),
            ("merged_deal_id", None),
            ("", None),
        ],
    )
    def test_of_columns(self, columns, shape):
        log = log_of(columns.split())
        assert (None if log is None else log.shape) == shape

    def test_the_deal_of_a_history_is_not_its_own_id(self):
        log = log_of(["Id", "OpportunityId", "StageName", "CreatedDate"])
        assert log == Log(
            "stages", {"deal": "OpportunityId", "stage": "StageName", "changed": "CreatedDate"}
        )

    @pytest.mark.parametrize(
        ("columns", "is_one"),
        [
            ("deal_id change_time changed_field_key new_value", True),
            ("OpportunityId Field OldValue NewValue CreatedDate", True),
            ("deal_id name value date", False),  # may be deals
            ("deal_id stage entered_at", False),
            ("a b", False),
        ],
    )
    def test_what_can_be_nothing_but_changes(self, columns, is_one):
        assert is_change_log(columns.split()) == is_one


DEALS = rows("deal_id stage close_date", (1, "proposal", None), (2, "won", "2026-02-01"))


class TestLogsOfStages:
    def test_beside_a_table_of_deals(self):
        log = rows(
            "deal_id stage entered_at left_at",
            (1, "Meeting", "2026-01-01", "2026-01-03"),
            (1, "Proposal", "2026-01-05", "9999-12-31"),
            (2, "Meeting", "2026-01-02", None),
        )
        got = read(*DEALS, history=log)
        first, second = got.deals
        assert visits(first) == [
            ("meeting", on(1, 0), on(3, 0)),
            ("proposal", on(5, 0), None),
        ]
        assert visits(second) == [("meeting", on(2, 0), on(1, 0, 2))]
        found = finding(got, "impossible-date")
        assert (found.column, found.n_rows) == ("left_at", 1)

    def test_a_stage_that_the_pipeline_does_not_have(self):
        log = rows(
            "deal_id stage entered_at",
            (1, "meeting", "2026-01-01"),
            (1, "limbo", "2026-01-03"),
            (1, "proposal", "2026-01-05"),
        )
        got = read(*DEALS, history=log)
        assert visits(got.deals[0]) == [
            ("meeting", on(1, 0), on(3, 0)),
            ("proposal", on(5, 0), None),
        ]
        fact = "'limbo' is no stage of the pipeline: left out of histories"
        assert finding(got, "unknown-stage-in-history").fact == fact

    def test_nothing_but_unknown_stages(self):
        got = read(*DEALS, history=rows("deal_id stage entered_at", (1, "limbo", "2026-01-03")))
        assert visits(got.deals[0]) == []

    def test_rows_that_cannot_be_read_are_told_and_leave_a_gap(self):
        log = rows(
            "deal_id stage entered_at",
            (1, "meeting", "2026-01-01"),
            (1, "proposal", "soon"),
            (None, "meeting", "2026-01-01"),
            (1, None, "2026-01-09"),
            (1, "proposal", None),
            (77, "meeting", "2026-01-01"),
        )
        got = read(*DEALS, history=log)
        assert visits(got.deals[0]) == [("meeting", on(1, 0), None)]
        found = finding(got, "unreadable-change")
        assert (found.column, found.rows) == ("entered_at", (2,))
        assert found.fact == "'soon' is no date: left out"
        assert finding(got, "change-of-no-deal").rows == (3,)
        assert finding(got, "history-gap").rows == (1,)

    def test_it_helps_to_draft_the_pipeline_with_stages_of_the_past(self):
        deals = rows("deal_id stage", (1, "Offer"), (2, "Closed Won"))
        log = rows(
            "deal_id stage entered_at",
            (1, "Talk", "2026-01-01"),
            (1, "Offer", "2026-01-05"),
            (2, "Talk", "2026-01-01"),
            (2, "Closed Won", "2026-01-09"),
        )
        got = read(*deals, history=log)
        assert got.pipeline is not None
        assert [s.name for s in got.pipeline.stages] == ["Talk", "Offer", "Closed Won", "lost"]
        assert [stage for stage, *_ in visits(got.deals[1])] == ["Talk", "Closed Won"]
        assert "the history of its deals" in finding(got, "drafted-pipeline").fact

    def test_instead_of_a_table_of_deals(self):
        log = rows(
            "deal_id stage entered_at",
            ("a", "meeting", "2026-01-01"),
            ("a", "won", "2026-01-05"),
            ("b", "meeting", "2026-01-02"),
        )
        got = read(*log)
        assert (got.n_rows, [(d.id, d.stage) for d in got.deals]) == (
            2,
            [("a", "won"), ("b", "meeting")],
        )
        assert got.deals[0].closed_at == on(5, 0)
        assert got.columns == {}

    def test_one_with_more_in_it_is_read_as_deals(self):
        row = {"deal_id": 1, "stage": "meeting", "entered_at": "2026-01-01", "owner": "kim"}
        assert read(row).deals[0].owner_id == "kim"

    def test_columns_of_the_caller_make_it_a_table_of_deals(self):
        row = {"deal_id": 1, "stage": "meeting", "entered_at": "2026-01-01"}
        got = read(row, columns={"created": "entered_at"})
        assert got.deals[0].created_at == on(1, 0)

    def test_salesforce_history_is_no_table_of_deals(self):
        log = rows(
            "Id OpportunityId StageName Amount CloseDate CreatedDate",
            ("h1", "o1", "Prospecting", 500, "2026-03-01", "2026-01-01T10:00:00.000+0000"),
            ("h2", "o1", "Closed Won", 500, "2026-03-01", "2026-01-09T10:00:00.000+0000"),
        )
        got = read(*log)
        assert got.deals == ()
        fact = "the table is a history of stages: give it as history= beside one of deals"
        assert [fact for _, [(_, fact)] in faults_of(got)] == [fact, fact]
        deal = {"Id": "o1", "StageName": "Closed Won", "CloseDate": "2026-01-09", "Amount": 500}
        [found] = read(deal, history=log).deals
        assert visits(found) == [("Prospecting", on(1), on(9)), ("Closed Won", on(9), None)]


FIELDS = "OpportunityId Field OldValue NewValue CreatedDate"
OPPORTUNITY = {"Id": "o1", "StageName": "Closed Won", "CloseDate": "2026-01-20", "Amount": 5}


class TestFieldHistoryOfSalesforce:
    def test_the_stage_before_the_first_change_is_known_too(self):
        log = rows(
            FIELDS,
            ("o1", "StageName", "Prospecting", "Qualification", "2026-01-05T10:00:00Z"),
            ("o1", "Amount", 3, 5, "2026-01-06T10:00:00Z"),
            ("o1", "StageName", "Qualification", "Closed Won", "2026-01-20T10:00:00Z"),
        )
        [deal] = read(OPPORTUNITY, history=log).deals
        assert visits(deal) == [
            ("Prospecting", None, on(5)),
            ("Qualification", on(5), on(20)),
            ("Closed Won", on(20), None),
        ]
        # Since when it was prospecting is unknown, so its history is not complete.
        assert deal.amount == Money(5, "XXX")

    def test_a_change_that_is_missing_leaves_a_gap(self):
        log = rows(
            FIELDS,
            ("o1", "StageName", "Prospecting", "Qualification", "2026-01-05T10:00:00Z"),
            ("o1", "StageName", "Needs Analysis", "Closed Won", "2026-01-20T10:00:00Z"),
        )
        [deal] = read(OPPORTUNITY, history=log).deals
        assert visits(deal) == [
            ("Prospecting", None, on(5)),
            ("Qualification", on(5), None),
            ("Needs Analysis", None, on(20)),
            ("Closed Won", on(20), None),
        ]

    def test_a_new_value_that_is_no_stage(self):
        log = rows(FIELDS, ("o1", "StageName", "Prospecting", "Old name", "2026-01-05T10:00:00Z"))
        [deal] = read(OPPORTUNITY, history=log).deals
        assert visits(deal) == [("Prospecting", None, on(5))]

    def test_instead_of_a_table_of_deals(self):
        log = rows(
            FIELDS,
            ("o1", "created", None, None, "2026-01-01T10:00:00Z"),
            ("o1", "StageName", "Prospecting", "Closed Won", "2026-01-20T10:00:00Z"),
            ("o1", "Amount", 3, 5, "2026-01-06T10:00:00Z"),
            ("o1", "Amount", 3, 4, "2026-01-02T10:00:00Z"),
            ("o1", "OwnerId", "lee", "kim", "2026-01-06T10:00:00Z"),
        )
        [deal] = read(*log).deals
        assert (deal.stage, deal.outcome, deal.closed_at) == ("Closed Won", "won", on(20))
        # The last change by its time counts, not the last row.
        assert (deal.amount, deal.owner_id) == (Money(5, "XXX"), "kim")
        assert deal.created_at is None


CHANGES = "deal_id change_time changed_field_key new_value"


class TestChangesOfPipedrive:
    def test_they_become_deals(self):
        log = rows(
            CHANGES,
            ("1", "2026-01-01 10:00:00", "add_time", "2026-01-01 10:00:00"),
            ("1", "2026-01-01 10:00:00", "stage_id", "1"),
            ("1", "2026-01-03 10:00:00", "stage_id", "2"),
            ("1", "2026-01-03 11:00:00", "stage_id", "2"),
            ("1", "2026-01-04 10:00:00", "value", "500"),
            ("1", "2026-01-04 10:00:00", "currency", "EUR"),
            ("1", "2026-01-04 10:00:00", "title", "Acme"),
            ("1", "2026-01-05 10:00:00", "status", "won"),
            ("2", "2026-01-05 10:00:00", "stage_id", "2"),
            ("2", "2026-01-07 10:00:00", "lost_reason", "price"),
            ("3", "2026-01-05 10:00:00", "colour", "2"),
        )
        got = read(*log)
        assert (got.system, got.n_rows) == ("pipedrive", 3)
        won, lost, third = got.deals
        assert (won.name, won.stage, won.outcome, won.amount) == (
            "Acme",
            "won",
            "won",
            Money(500, "EUR"),
        )
        assert (won.created_at, won.closed_at) == (on(1), on(5))
        assert visits(won) == [("1", on(1), on(3)), ("2", on(3), on(5))]
        assert (lost.outcome, lost.loss_reason, lost.closed_at) == ("lost", "price", on(7))
        assert lost.lost_at_stage == "2"
        assert (third.stage, third.outcome) == (None, "open")
        assert finding(got, "no-stage").rows == (3,)
        told = [f.column for f in got.findings if f.fact.startswith("times without a zone")]
        assert told == ["change_time", "created"]

    def test_an_id_that_two_deals_had_is_rejected_and_told(self):
        log = rows(
            CHANGES,
            ("1", "2026-01-01 10:00:00", "add_time", "2026-01-01 10:00:00"),
            ("2", "2026-01-01 10:00:00", "add_time", "2026-01-01 10:00:00"),
            ("2", "2026-01-01 10:00:00", "add_time", "2026-01-01 10:00:00"),
            ("1", "2026-03-01 10:00:00", "add_time", "2026-03-01 10:00:00"),
            ("1", "2026-03-02 10:00:00", "add_time", None),
        )
        got = read(*log)
        # A row written twice makes no second deal.
        assert [deal.id for deal in got.deals] == ["2"]
        fact = (
            "its id is used twice: it was created on 2026-01-01 10:00:00 and on 2026-03-01 10:00:00"
        )
        assert faults_of(got) == [(1, [("id", fact)])]
        assert finding(got, "id-used-twice").fact == "ids that two deals had: '1'"

    def test_moves_at_one_time_are_taken_in_the_order_of_the_rows(self):
        when = "2026-01-05 10:00:00"
        got = read(*rows(CHANGES, ("1", when, "stage_id", "5"), ("1", when, "stage_id", "6")))
        assert got.deals[0].stage == "6"

    def test_a_deal_opened_again_is_open(self):
        log = rows(
            CHANGES,
            ("1", "2026-01-01 10:00:00", "stage_id", "1"),
            ("1", "2026-01-02 10:00:00", "status", "lost"),
            ("1", "2026-01-03 10:00:00", "status", "open"),
        )
        [deal] = read(*log).deals
        assert (deal.outcome, deal.closed_at) == ("open", None)

    @pytest.mark.parametrize(("field", "outcome"), [("won_time", "won"), ("lost_time", "lost")])
    def test_the_time_of_an_outcome_tells_it(self, field, outcome):
        log = rows(
            CHANGES,
            ("1", "2026-01-01 10:00:00", "stage_id", "1"),
            ("1", "2026-01-09 11:00:00", field, "2026-01-09 10:00:00"),
        )
        [deal] = read(*log).deals
        assert (deal.outcome, deal.closed_at) == (outcome, on(9))

    def test_changes_without_a_time_are_taken_as_they_come(self):
        log = rows(
            CHANGES,
            ("1", None, "value", "5"),
            ("1", "2026-01-09 10:00:00", "value", "7"),
            ("1", None, "stage_id", "1"),
            ("1", None, None, "x"),
        )
        [deal] = read(*log).deals
        assert (deal.amount, deal.stage) == (Money(7, "XXX"), None)

    def test_another_system_may_be_said(self):
        log = rows(CHANGES, ("1", "2026-01-01 10:00:00", "stage_id", "1"))
        with pytest.raises(NaiveDatetimeError):
            read(*log, system="generic")
        assert read(*log, system="generic", zone="UTC").system == "generic"

    def test_beside_a_table_of_deals(self):
        deal = {"id": 1, "title": "x", "stage_id": 2, "pipeline_id": 1, "add_time": None}
        log = rows(
            CHANGES,
            ("1", "2026-01-01 10:00:00", "stage_id", "1"),
            ("1", "2026-01-03 10:00:00", "stage_id", "2"),
            ("1", "2026-01-03 10:00:00", "value", "999"),
        )
        got = read(deal | {"status": "open", "value": 5}, history=log)
        assert visits(got.deals[0]) == [("1", on(1), on(3)), ("2", on(3), None)]
        # What the row says of itself is not overwritten.
        assert got.deals[0].amount == Money(5, "XXX")


class TestPropertiesOfHubSpot:
    def test_their_history_is_told_by_the_fields_it_names(self):
        log = rows(
            "deal_id name value timestamp source",
            ("1", "dealstage", "appointmentscheduled", "2026-01-01T10:00:00Z", "CRM_UI"),
            ("1", "amount", "500", "2026-01-01T10:00:00Z", "CRM_UI"),
            ("1", "dealstage", "closedwon", "2026-01-05T10:00:00Z", "CRM_UI"),
        )
        [deal] = read(*log, system="hubspot").deals
        assert (deal.stage, deal.amount, deal.closed_at) == ("closedwon", Money(500, "XXX"), on(5))

    def test_names_of_deals_are_no_fields(self):
        row = {"deal_id": 1, "name": "Acme", "value": 5, "timestamp": "2026-01-01T10:00:00Z"}
        [deal] = read(row, {**row, "deal_id": 2, "name": "amount"}).deals[:1]
        assert (deal.name, deal.amount) == ("Acme", Money(5, "XXX"))

    def test_the_table_of_stages_holds_no_amounts(self):
        log = rows(
            "deal_id value date_entered _fivetran_start _fivetran_end source",
            (1, 1001, "2026-01-01 10:00:00", "2026-01-01 10:00:00", "9999-12-31", "API"),
            (1, 1002, "2026-01-03 10:00:00", "2026-01-03 10:00:00", "9999-12-31", "API"),
        )
        got = read(*log, zone="UTC")
        [deal] = got.deals
        assert (deal.stage, deal.amount) == ("1002", None)


class TestMergedDeals:
    DEALS = rows("deal_id stage amount", ("D1", "won", 10_000), ("D2", "won", 10_000))

    def test_by_a_table_of_merges(self):
        got = read(*self.DEALS, history=rows("deal_id merged_deal_id", ("D2", "D1")))
        [deal] = got.deals
        assert (deal.id, deal.aliases) == ("D2", ("D1",))
        assert faults_of(got) == [(1, [("deal_id", "it was merged into deal 'D2'")])]

    def test_by_a_column_of_ids(self):
        names = "hs_object_id dealname dealstage hs_merged_object_ids"
        deals = rows(names, ("1", "A", "closedwon", None), ("2", "B", "closedwon", "1;9;2"))
        got = read(*deals)
        [deal] = got.deals
        assert (deal.id, deal.aliases) == ("2", ("1", "9"))
        assert faults_of(got) == [(1, [("hs_object_id", "it was merged into deal '2'")])]

    def test_one_after_another(self):
        deals = [*self.DEALS, {"deal_id": "D3", "stage": "won", "amount": 1}]
        merges = rows("deal_id merged_deal_id", ("D2", "D1"), ("D3", "D2"), ("D3", "D3"))
        got = read(*deals, history=merges)
        [deal] = got.deals
        assert (deal.id, deal.aliases) == ("D3", ("D1", "D2"))
        assert len(got.rejected) == 2

    def test_in_a_circle_none_is_left_and_all_are_rejected(self):
        merges = rows("deal_id merged_deal_id", ("D2", "D1"), ("D1", "D2"))
        got = read(*self.DEALS, history=merges)
        assert (got.deals, len(got.rejected)) == ((), 2)

    def test_a_column_of_merges_without_ids_of_deals_tells_nothing(self):
        row = {"deal": "A", "stage": "won", "aliases": "9"}
        assert read(row, columns={"merged": "aliases"}).deals[0].aliases == ()
        row = {"deal_id": None, "stage": "won", "aliases": "9"}
        got = read(row, {"deal_id": "9", "stage": "won"}, columns={"merged": "aliases"})
        assert [deal.id for deal in got.deals] == ["9"]


class TestSeveralLogs:
    def test_each_is_read(self):
        stages = rows("deal_id stage entered_at", ("1", "meeting", "2026-01-01"))
        merges = rows("deal_id merged_deal_id", ("1", "2"))
        got = read(*DEALS, history=[stages, merges, None])
        [deal] = got.deals
        assert deal.aliases == ("2",)
        assert [stage for stage, *_ in visits(deal)] == ["meeting"]

    def test_a_table_that_is_no_log(self):
        with pytest.raises(OptionError, match="cannot use <rows> as history: no columns") as caught:
            read(*DEALS, history=[{"a": 1, "b": 2}])
        assert caught.value.hint == "its columns are a, b."
        assert caught.value.parameter == "history"


def test_a_story_without_anything():
    assert story_row("D-1", Story()) == ["D-1", *[None] * 12]
    assert Stories().used_twice() == {}


def test_a_pipeline_drafted_from_a_log():
    log = rows(
        CHANGES,
        ("1", "2026-01-01 10:00:00", "stage_id", "new"),
        ("1", "2026-01-03 10:00:00", "stage_id", "offer"),
        ("1", "2026-01-05 10:00:00", "status", "won"),
    )
    drafted = crm.pipeline_from(log)
    assert isinstance(drafted, Pipeline)
    assert [stage.name for stage in drafted.stages] == ["new", "offer", "won", "lost"]
    assert read(*log, pipeline=drafted).deals[0].stage == "won"
    assert "drafted-pipeline" not in codes(read(*log, pipeline=drafted))
    assert date(2026, 1, 5) == read(*log).deals[0].closed_at.date()  # type: ignore[union-attr]
