"""Logs of stages, of changes and of merged deals, in the shapes that systems give them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salesflow import Deal, Pipeline, Stage, crm
from salesflow.crm._logs import Shape, is_change_log, log_of
from salesflow.errors import OptionError
from tests.crm_reads import assert_counts, codes, faults_of, finding, read

PIPELINE = Pipeline(
    "sales",
    ["Talk", "Pitch", "Offer", Stage("Won", kind="won"), Stage("Lost", kind="lost")],
    allow_skip=True,
    entry_stages=["Talk", "Pitch", "Offer"],
)
Visit = tuple[str, datetime | None, datetime | None]


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def text(day: int, hour: int = 10) -> str:
    """The same as logs write it."""
    return f"2026-01-{day:02}T{hour:02}:00:00Z"


def visits_of(deal: Deal) -> list[Visit]:
    """The stages it was in, when it entered and when it left them."""
    return [(v.stage, v.entered_at, v.left_at) for v in deal.history[0].visits]  # type: ignore[union-attr]


def visits(stage: str, *logs: list[dict[str, Any]], **cells: Any) -> list[Visit]:
    """The visits of the one deal ``D-1`` that is in that stage, by logs."""
    got = read(
        {"deal_id": "D-1", "stage": stage, "amount": 1, **cells},
        history=list(logs),
        pipeline=PIPELINE,
        zone="UTC",
    )
    [deal] = got.deals
    return visits_of(deal)


# Which columns make which log.


@pytest.mark.parametrize(
    ("columns", "shape"),
    [
        ("deal_id stage entered_at", "stages"),
        ("deal stage entered_at left_at", "stages"),
        ("OpportunityId StageName CreatedDate", "stages"),
        ("deal_id value date_entered _fivetran_start _fivetran_end", "stages"),
        ("deal_id merged_deal_id", "merges"),
        ("deal_id changed_field_key new_value change_time", "changes"),
        ("OpportunityId Field OldValue NewValue CreatedDate", "changes"),
        ("data.item_id data.field_key data.new_value data.log_time", "changes"),
        ("deal_id name value timestamp", "changes"),
    ],
)
def test_the_shape_of_a_log(columns: str, shape: Shape):
    log = log_of(columns.split())
    assert log is not None
    assert log.shape == shape
    assert set(log.matched.values()) <= set(columns.split())


@pytest.mark.parametrize("columns", ["", "deal_id stage", "stage entered_at", "deal_id merged"])
def test_what_is_no_log(columns):
    assert log_of(columns.split()) is None
    assert not is_change_log(columns.split())


def test_one_column_cannot_be_two_things():
    """``value`` may be the stage or the new value, but ``deal`` is not the time as well."""
    assert log_of(["id", "stage"]) is None
    log = log_of(["id", "field", "value", "at"])
    assert log is not None
    assert log.matched == {"deal": "id", "field": "field", "value": "value", "changed": "at"}


@pytest.mark.parametrize(
    ("columns", "is_sure"),
    [
        ("deal_id changed_field_key new_value change_time", True),
        ("OpportunityId Field NewValue CreatedDate", True),
        # These may as well be deals: a name, a value and a date.
        ("id name value date", False),
        ("deal_id stage entered_at", False),
    ],
)
def test_only_what_can_be_nothing_else_is_told_to_be_a_log(columns, is_sure):
    assert is_change_log(columns.split()) is is_sure


def test_history_that_is_no_log():
    with pytest.raises(OptionError, match="no columns for a deal, a stage and a time") as error:
        read({"deal_id": "D-1", "stage": "Talk"}, history=[{"a": 1, "b": 2}])
    assert error.value.parameter == "history"
    assert "a, b" in str(error.value.hint)


# Logs of stages.


def test_a_log_of_stages():
    log = [
        {"deal_id": "D-1", "stage": "Pitch", "entered_at": text(3)},
        {"deal_id": "D-1", "stage": "Talk", "entered_at": text(1)},
        {"deal_id": "D-2", "stage": "Offer", "entered_at": text(2)},
    ]
    assert visits("Pitch", log) == [("Talk", at(1), at(3)), ("Pitch", at(3), None)]


def test_a_stay_that_ended_before_the_next_began_leaves_a_gap():
    log = [
        {"deal_id": "D-1", "stage": "Talk", "entered_at": text(1), "left_at": text(2)},
        {"deal_id": "D-1", "stage": "Pitch", "entered_at": text(5), "left_at": None},
    ]
    assert visits("Pitch", log) == [("Talk", at(1), at(2)), ("Pitch", at(5), None)]


def test_a_stay_cannot_end_after_the_next_began():
    log = [
        {"deal_id": "D-1", "stage": "Talk", "entered_at": text(1), "left_at": text(9)},
        {"deal_id": "D-1", "stage": "Pitch", "entered_at": text(5), "left_at": None},
    ]
    assert visits("Pitch", log)[0] == ("Talk", at(1), at(5))


def test_rows_that_say_the_stage_again_are_one_stay():
    log = [{"deal_id": "D-1", "stage": "Talk", "entered_at": text(day)} for day in (1, 2, 3)]
    assert visits("Talk", log) == [("Talk", at(1), None)]


def test_a_return_to_a_stage_is_another_stay():
    log = [
        {"deal_id": "D-1", "stage": stage, "entered_at": text(day)}
        for day, stage in ((1, "Talk"), (2, "Pitch"), (3, "Talk"))
    ]
    expected = [("Talk", at(1), at(2)), ("Pitch", at(2), at(3)), ("Talk", at(3), None)]
    assert visits("Talk", log) == expected


def test_rows_without_a_stage_or_a_time_tell_of_no_stay():
    log = [
        {"deal_id": "D-1", "stage": "Talk", "entered_at": text(1)},
        {"deal_id": "D-1", "stage": None, "entered_at": text(2)},
        {"deal_id": "D-1", "stage": "Offer", "entered_at": None},
    ]
    assert visits("Talk", log) == [("Talk", at(1), None)]


def test_several_logs_are_one_history():
    first = [{"deal_id": "D-1", "stage": "Talk", "entered_at": text(1)}]
    second = [{"deal_id": "D-1", "stage": "Pitch", "entered_at": text(4)}]
    assert visits("Pitch", second, first) == [("Talk", at(1), at(4)), ("Pitch", at(4), None)]


def test_an_unknown_stage_ends_the_one_before_and_leaves_a_gap():
    log = [
        {"deal_id": "D-1", "stage": stage, "entered_at": text(day)}
        for day, stage in ((1, "Talk"), (2, "Stage of 2019"), (5, "Pitch"))
    ]
    got = read({"deal_id": "D-1", "stage": "Pitch", "amount": 1}, history=log, pipeline=PIPELINE)
    assert visits_of(got.deals[0]) == [("Talk", at(1), at(2)), ("Pitch", at(5), None)]
    assert "'Stage of 2019'" in finding(got, "unknown-stage-in-history").fact


def test_a_history_that_ends_elsewhere_is_a_gap():
    log = [{"deal_id": "D-1", "stage": "Talk", "entered_at": text(1)}]
    got = read({"deal_id": "D-1", "stage": "Offer", "amount": 1}, history=log, pipeline=PIPELINE)
    [deal] = got.deals
    assert (deal.stage, deal.stage_entered_at) == ("Offer", None)
    assert ("Talk", at(1)) in [visit[:2] for visit in visits_of(deal)]
    assert finding(got, "history-gap").rows == (1,)


# Closed deals.


def closed(log: list[tuple[int, str]], **cells: Any) -> crm.Import:
    rows = [
        {"deal_id": "D-1", "stage": stage, "entered_at": text(day), "left_at": None}
        for day, stage in log
    ]
    row = {"deal_id": "D-1", "stage": "Won", "amount": 1, **cells}
    return read(row, history=rows, pipeline=PIPELINE, zone="UTC")


def test_the_closing_is_that_of_the_history_where_the_row_has_none():
    got = closed([(1, "Talk"), (4, "Won")])
    [deal] = got.deals
    assert deal.closed_at == at(4)
    assert visits_of(deal) == [("Talk", at(1), at(4)), ("Won", at(4), None)]


def test_a_history_without_the_closing_ends_at_that_of_the_row():
    [deal] = closed([(1, "Talk"), (2, "Pitch")], closed_at=text(6)).deals
    assert deal.closed_at == at(6)
    assert visits_of(deal)[:2] == [("Talk", at(1), at(2)), ("Pitch", at(2), at(6))]


def test_a_last_stay_that_a_log_ends_in_2050_ends_at_the_closing():
    end = "2050-01-01T00:00:00Z"
    log = [{"deal_id": "D-1", "value": "Talk", "date_entered": text(1), "_fivetran_end": end}]
    assert visits("Won", log, closed_at=text(6))[0] == ("Talk", at(1), at(6))


def test_a_closing_that_nobody_dates_is_unknown():
    got = closed([(1, "Talk")])
    [deal] = got.deals
    assert deal.closed_at is None
    assert visits_of(deal)[0] == ("Talk", at(1), None)
    assert finding(got, "no-closing-date").rows == (1,)


def test_the_closing_of_the_row_goes_before_another_day_of_the_history():
    got = closed([(1, "Talk"), (4, "Won")], closed_at=text(7))
    [deal] = got.deals
    assert deal.closed_at == at(7)
    assert "another day" in finding(got, "history-differs").fact


def test_another_hour_of_the_same_day_is_no_finding():
    got = closed([(1, "Talk"), (4, "Won")], closed_at=text(4, 18))
    assert got.deals[0].closed_at == at(4, 18)
    assert "history-differs" not in codes(got)


def test_what_lies_after_the_closing_is_unknown():
    got = closed([(1, "Talk"), (9, "Pitch"), (12, "Won")], closed_at=text(5))
    [deal] = got.deals
    moments = [moment for _, *both in visits_of(deal) for moment in both if moment is not None]
    assert deal.closed_at == at(5)
    assert all(moment <= at(5) for moment in moments)


def test_a_closed_deal_that_moved_from_one_closed_stage_to_another():
    pipeline = Pipeline(
        "sales",
        [
            "Talk",
            Stage("Signed", kind="won"),
            Stage("Paid", kind="won"),
            Stage("Lost", kind="lost"),
        ],
        allow_skip=True,
    )
    log = [
        {"deal_id": "D-1", "stage": stage, "entered_at": text(day)}
        for day, stage in ((1, "Talk"), (4, "Signed"), (8, "Paid"))
    ]
    for stage in ("Paid", "Signed"):
        got = read({"deal_id": "D-1", "stage": stage, "amount": 1}, history=log, pipeline=pipeline)
        assert got.deals[0].outcome == "won"
        assert got.deals[0].closed_at == at(4)


# Logs of changes.

PIPEDRIVE = [
    ("D-1", text(1), "add_time", "2026-01-01 10:00:00"),
    ("D-1", text(1), "stage_id", "Talk"),
    ("D-1", text(2), "value", "500"),
    ("D-1", text(3), "stage_id", "Pitch"),
    ("D-1", text(4), "value", "700"),
    ("D-1", text(4), "user_id", "7"),
    ("D-1", text(4), "visible_to", "3"),
    ("D-1", text(9), "lost_reason", "Price"),
    ("D-2", text(2), "add_time", "2026-01-02 10:00:00"),
    ("D-2", text(2), "stage_id", "Talk"),
    ("D-3", text(2), "stage_id", "Talk"),
    ("D-3", text(6), "status", "won"),
]


def changes(rows: list[tuple[str, Any, Any, Any]]) -> list[dict[str, Any]]:
    names = ("deal_id", "change_time", "changed_field_key", "new_value")
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_a_log_of_changes_alone_gives_the_deals():
    got = crm.read(changes(PIPEDRIVE), currency="EUR")
    assert_counts(got)
    assert got.system == "pipedrive"
    assert got.n_rows == 3
    by_id = {deal.id: deal for deal in got.deals}
    lost = by_id["D-1"]
    assert (lost.outcome, lost.loss_reason, lost.closed_at) == ("lost", "Price", at(9))
    assert (lost.created_at, lost.owner_id, lost.lost_at_stage) == (at(1), "7", "Pitch")
    assert lost.amount is not None
    assert lost.amount.amount == 700
    assert visits_of(lost)[:2] == [("Talk", at(1), at(3)), ("Pitch", at(3), at(9))]
    assert (by_id["D-2"].outcome, by_id["D-2"].stage) == ("open", "Talk")
    assert (by_id["D-3"].outcome, by_id["D-3"].closed_at) == ("won", at(6))


def test_the_last_value_is_told_by_the_time_not_by_the_row():
    later, earlier = ("D-1", text(4), "value", "700"), ("D-1", text(2), "value", "500")
    rows = [("D-1", text(1), "stage_id", "Talk"), later, earlier]
    [deal] = crm.read(changes(rows)).deals
    assert deal.amount is not None
    assert deal.amount.amount == 700


def test_a_change_without_a_time_is_taken_where_it_stands():
    rows = [
        ("D-1", text(1), "stage_id", "Talk"),
        ("D-1", text(2), "value", "500"),
        ("D-1", None, "value", "900"),
        ("D-1", None, "stage_id", "Pitch"),
    ]
    [deal] = crm.read(changes(rows)).deals
    assert deal.amount is not None
    assert deal.amount.amount == 900
    assert (deal.stage, visits_of(deal)) == ("Talk", [("Talk", at(1), None)])


def test_an_id_used_twice_is_no_deal():
    rows = [*PIPEDRIVE, ("D-2", text(8), "add_time", "2026-01-08 10:00:00")]
    got = crm.read(changes(rows))
    assert_counts(got)
    assert [deal.id for deal in got.deals] == ["D-1", "D-3"]
    [(row, [(column, fact)])] = faults_of(got)
    assert (row, column) == (2, "id")
    assert "used twice" in fact
    assert "2026-01-02" in fact
    assert "2026-01-08" in fact
    twice = finding(got, "id-used-twice")
    assert twice.n_rows == 1
    assert "'D-2'" in twice.fact


def test_changes_that_cannot_be_read_are_left_out_and_told():
    rows = [
        *PIPEDRIVE,
        ("D-3", "once upon a time", "value", "9"),
        (None, text(7), "value", "9"),
    ]
    got = crm.read(changes(rows))
    assert_counts(got)
    assert len(got.deals) == 3
    unreadable = finding(got, "unreadable-change")
    assert (unreadable.rows, unreadable.column) == ((13,), "change_time")
    assert finding(got, "change-of-no-deal").rows == (14,)


def test_pipedrives_flow_of_deals():
    """Items whose ``data`` is the change: `data.field_key` and the like."""
    flow = [
        {
            "object": "dealChange",
            "data": {
                "item_id": "D-1",
                "field_key": "stage_id",
                "old_value": old,
                "new_value": new,
                "log_time": text(day),
            },
        }
        for day, old, new in ((3, "Talk", "Pitch"), (5, "Pitch", "Offer"))
    ]
    stays = visits("Offer", flow)
    assert stays[-2:] == [("Pitch", at(3), at(5)), ("Offer", at(5), None)]
    # It was in Talk until then; since when, the flow does not say.
    assert stays[0] == ("Talk", None, at(3))
    [deal] = crm.read(flow).deals
    assert (deal.id, deal.stage) == ("D-1", "Offer")


def test_the_history_of_opportunities():
    history = [
        {"OpportunityId": "D-1", "StageName": stage, "CreatedDate": text(day), "Amount": 5}
        for day, stage in ((1, "Talk"), (2, "Talk"), (3, "Pitch"))
    ]
    assert visits("Pitch", history) == [("Talk", at(1), at(3)), ("Pitch", at(3), None)]


def test_the_history_of_fields_of_opportunities():
    names = ("OpportunityId", "Field", "OldValue", "NewValue", "CreatedDate")
    rows = [
        ("D-1", "created", None, None, text(1)),
        ("D-1", "StageName", "Talk", "Pitch", text(2)),
        ("D-1", "Amount", "5", "6", text(3)),
        ("D-1", "StageName", "Pitch", "Offer", text(4)),
    ]
    history = [dict(zip(names, row, strict=True)) for row in rows]
    assert visits("Offer", history) == [
        ("Talk", None, at(2)),
        ("Pitch", at(2), at(4)),
        ("Offer", at(4), None),
    ]


def test_the_history_of_properties_of_hubspot():
    log = [
        {"deal_id": "D-1", "timestamp": text(day), "name": name, "value": value, "source": "CRM"}
        for day, name, value in (
            (5, "dealstage", "Pitch"),
            (3, "amount", "200"),
            (1, "dealstage", "Talk"),
        )
    ]
    assert visits("Pitch", log) == [("Talk", at(1), at(5)), ("Pitch", at(5), None)]


def test_the_stages_of_deals_of_fivetran():
    """Its open ends are in 2050 or 9999: a stay that has not ended."""
    log = [
        {"deal_id": "D-1", "date_entered": text(1), "_fivetran_end": text(4), "value": "Talk"},
        {
            "deal_id": "D-1",
            "date_entered": text(4),
            "_fivetran_end": "9999-12-31T23:59:59Z",
            "value": "Pitch",
        },
    ]
    assert visits("Pitch", log) == [("Talk", at(1), at(4)), ("Pitch", at(4), None)]


# Merged deals: 10k merged into 10k is one deal of 10k.


def hubspot(identity: str, **cells: Any) -> dict[str, Any]:
    return {
        "hs_object_id": identity,
        "dealname": identity,
        "dealstage": "qualifiedtobuy",
        "pipeline": "default",
        "amount": "10000",
        **cells,
    }


def test_merged_deals_by_a_column():
    rows = [hubspot("D2", hs_merged_object_ids="D1"), hubspot("D1", hs_merged_object_ids="")]
    got = read(*rows, currency="USD")
    [deal] = got.deals
    assert (deal.id, deal.aliases) == ("D2", ("D1",))
    assert deal.amount is not None
    assert (deal.amount.amount, deal.amount.currency) == (10_000, "USD")
    assert faults_of(got) == [(2, [("hs_object_id", "it was merged into deal 'D2'")])]


def test_merged_deals_by_a_log():
    merges = [
        {"deal_id": "D2", "merged_deal_id": "D1"},
        {"deal_id": "D2", "merged_deal_id": "D2"},  # into itself: nothing
        {"deal_id": "D2", "merged_deal_id": None},
    ]
    got = read(hubspot("D1"), hubspot("D2"), currency="USD", history=merges)
    [deal] = got.deals
    assert (deal.id, deal.aliases) == ("D2", ("D1",))
    assert deal.amount is not None
    assert deal.amount.amount == 10_000
    assert faults_of(got) == [(1, [("hs_object_id", "it was merged into deal 'D2'")])]


# What rows tell of themselves.


def test_columns_that_date_stages():
    row = hubspot(
        "D1",
        hs_v2_date_entered_appointmentscheduled=text(1),
        hs_v2_date_exited_appointmentscheduled=text(3),
        hs_v2_date_entered_qualifiedtobuy=text(3),
        # The same stages in the older columns are not read twice.
        hs_date_entered_qualifiedtobuy=text(2),
        hs_v2_date_entered_presentationscheduled="no date",
        hs_v2_date_entered_=text(2),
    )
    got = read(row, hubspot("D3"))
    assert [visit[1:] for visit in visits_of(got.deals[0])] == [(at(1), at(3)), (at(3), None)]
    assert visits_of(got.deals[1]) == []


def test_an_end_that_cannot_be_read_leaves_the_beginning():
    row = hubspot(
        "D1",
        hs_v2_date_entered_qualifiedtobuy=text(3),
        hs_v2_date_exited_qualifiedtobuy="no date",
    )
    [deal] = read(row).deals
    assert deal.stage_entered_at == at(3)


def test_the_pipeline_in_brackets_is_no_part_of_a_stages_name():
    row = {
        "Record ID": "1",
        "Deal Name": "a",
        "Deal Stage": "Talk",
        "Amount": "5",
        'Date entered "Talk (Sales Pipeline)"': text(2),
    }
    [deal] = read(row, system="hubspot", pipeline=PIPELINE).deals
    assert deal.stage_entered_at == at(2)


def test_columns_that_date_a_stage_that_is_none_are_told():
    row = hubspot("D1", hs_v2_date_entered_987654=text(1))
    got = read(row)
    assert "'987654'" in finding(got, "unknown-stage-in-history").fact
    assert visits_of(got.deals[0]) == []


def test_a_list_of_versions():
    versions = [
        {"value": "qualifiedtobuy", "timestamp": text(4)},
        {"value": "appointmentscheduled", "timestamp": text(1)},
        {"value": "no such stage", "timestamp": text(2)},
        {"value": None, "timestamp": text(2)},
        {"value": "presentationscheduled", "timestamp": None},
        {"value": "presentationscheduled", "timestamp": "no date"},
        "no version",
    ]
    row = hubspot("D1", propertiesWithHistory={"dealstage": versions})
    other = hubspot("D3", propertiesWithHistory={"dealstage": None})
    got = read(row, other)
    stays = visits_of(got.deals[0])
    assert stays[0][1] == at(1)
    assert stays[-1][1:] == (at(4), None)
    assert len(stays) == 2
    assert visits_of(got.deals[1]) == []


def test_moves_are_counted_over_all_deals():
    """Two of three moves: one over Pitch, one back."""
    log = [
        {"deal_id": "D-1", "stage": stage, "entered_at": text(day)}
        for day, stage in ((1, "Talk"), (2, "Offer"), (3, "Pitch"), (4, "Offer"))
    ]
    got = read({"deal_id": "D-1", "stage": "Offer", "amount": 1}, history=log, pipeline=PIPELINE)
    assert finding(got, "skipped-stages").fact.startswith("1 of 3 moves")
    assert finding(got, "backward-moves").fact.startswith("1 of 3 moves")


def test_what_deals_lack_is_told_once_each():
    got = read(
        {"deal_id": "1", "stage": "Won", "amount": 0, "created_at": None},
        {"deal_id": "2", "stage": "Won", "amount": None, "created_at": text(1)},
        {"deal_id": "3", "stage": "Talk", "amount": 0, "created_at": text(1)},
        pipeline=PIPELINE,
    )
    rows = {code: finding(got, code).rows for code in ("zero-amount", "no-amount")}
    assert rows == {"zero-amount": (1,), "no-amount": (2,)}
    assert finding(got, "no-created-date").rows == (1,)
    assert finding(got, "no-closing-date").rows == (1, 2)
    assert {"no-history", "one-outcome"} <= set(codes(got))


def test_a_span_of_days_is_what_the_log_says():
    """Talk from the 1st at 10 to the 3rd at 22: two days and a half."""
    log = [
        {"deal_id": "D-1", "stage": "Talk", "entered_at": text(1)},
        {"deal_id": "D-1", "stage": "Pitch", "entered_at": text(3, 22)},
    ]
    _, entered, left = visits("Pitch", log)[0]
    assert entered is not None
    assert left is not None
    assert left - entered == timedelta(days=2.5)
