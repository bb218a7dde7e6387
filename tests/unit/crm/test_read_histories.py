"""The stages that deals were in, by columns and lists of their rows, made to agree with them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from salesflow import Deal, Pipeline, crm, metrics
from salesflow.crm._places import Place, Stages
from salesflow.crm._stays import NOWHERE, Fitted, fitted, in_order
from salesflow.models.fold import Moment
from salesflow.process._restoring import UNKNOWN, Stay
from tests.crm_reads import codes, finding, read

STAGES = Stages(Pipeline.standard())


def day(number: int, month: int = 1) -> Moment:
    return datetime(2026, month, number, tzinfo=UTC), "day"


def at(number: int, hour: int) -> Moment:
    return datetime(2026, 1, number, hour, tzinfo=UTC), "instant"


def visits(deal: Deal) -> list[tuple[str, Any, Any]]:
    """The stage, and the days it was entered and left; instants where they are known."""

    def shown(moment: datetime | None, precision: str) -> date | None:
        return moment.date() if moment is not None and precision == "day" else moment

    return [
        (v.stage, shown(v.entered_at, v.entered_precision), shown(v.left_at, v.left_precision))
        for v in deal.history[0].visits  # type: ignore[union-attr]
    ]


class TestInOrder:
    def test_by_when_they_began(self):
        two, one = Stay("b", day(2)), Stay("a", day(1))
        assert in_order([two, one]) == [one, two]

    def test_a_day_comes_before_instants_of_it(self):
        late, whole = Stay("b", at(1, 9)), Stay("a", day(1))
        assert in_order([late, whole]) == [whole, late]

    def test_those_at_one_time_keep_their_order(self):
        stays = [Stay("b", at(1, 9)), Stay("a", at(1, 9))]
        assert in_order(stays) == stays

    def test_rows_that_change_no_stage_are_one(self):
        stays = [Stay("a", day(1)), Stay("a", day(2)), Stay("a", day(3), day(4)), Stay("b", day(4))]
        assert in_order(stays) == [Stay("a", day(1), day(4)), Stay("b", day(4))]

    def test_one_that_was_left_and_entered_again_is_two(self):
        stays = [Stay("a", day(1), day(2)), Stay("a", day(5))]
        assert in_order(stays) == stays

    def test_one_with_no_time_at_all_tells_nothing(self):
        assert in_order([Stay("a", UNKNOWN)]) == []

    def test_one_whose_beginning_is_unknown_stands_where_it_ended(self):
        stays = [Stay("b", day(5)), Stay("a", UNKNOWN, day(5)), Stay("z", day(1))]
        assert [stay.stage for stay in in_order(stays)] == ["z", "a", "b"]

    def test_what_ended_is_the_stay_before_it(self):
        stays = [Stay("a", day(1)), Stay("a", UNKNOWN, day(5)), Stay("b", day(5))]
        assert in_order(stays) == [Stay("a", day(1), day(5)), Stay("b", day(5))]


class TestFittedOpen:
    def test_each_is_left_when_the_next_begins(self):
        known = [Stay("meeting", day(1)), Stay("proposal", day(5), day(9))]
        fit = fitted(known, Place("proposal", "open"), UNKNOWN, STAGES)
        assert fit == Fitted((Stay("meeting", day(1), day(5)), Stay("proposal", day(5))), UNKNOWN)

    def test_one_known_to_have_been_left_before_keeps_that(self):
        known = [Stay("meeting", day(1), day(3)), Stay("proposal", day(5))]
        fit = fitted(known, Place("proposal", "open"), UNKNOWN, STAGES)
        assert fit.stays[0].left == day(3)

    def test_one_said_to_be_left_after_the_next_began(self):
        known = [Stay("meeting", day(1), day(7)), Stay("proposal", day(5))]
        fit = fitted(known, Place("proposal", "open"), UNKNOWN, STAGES)
        assert fit.stays[0].left == day(5)

    @pytest.mark.parametrize("stage", ["negotiation", None])
    def test_a_history_that_ends_elsewhere_is_a_gap(self, stage):
        known = [Stay("meeting", day(1)), Stay("proposal", day(5))]
        fit = fitted(known, Place(stage, "open"), UNKNOWN, STAGES)
        assert fit.oddity is not None
        assert fit.oddity[0] == "history-gap"
        assert fit.stays[-1] == Stay("proposal", day(5))

    def test_an_unknown_stage_ends_the_one_before_it(self):
        known = [Stay("meeting", day(1)), Stay(NOWHERE, day(3)), Stay("proposal", day(5))]
        fit = fitted(known, Place("proposal", "open"), UNKNOWN, STAGES)
        # From the 3rd to the 5th it was somewhere else: no two days more of meeting.
        assert fit.stays == (Stay("meeting", day(1), day(3)), Stay("proposal", day(5)))

    def test_an_unknown_stage_at_the_end_is_a_gap(self):
        known = [Stay("meeting", day(1)), Stay(NOWHERE, day(3))]
        fit = fitted(known, Place("meeting", "open"), UNKNOWN, STAGES)
        assert fit.stays == (Stay("meeting", day(1), day(3)),)
        assert fit.oddity is not None

    def test_nothing_but_unknown_stages(self):
        fit = fitted([Stay(NOWHERE, day(3))], Place("meeting", "open"), UNKNOWN, STAGES)
        assert fit.stays == ()


class TestFittedClosed:
    WON = Place("won", "won")

    def test_the_row_and_its_history_agree(self):
        known = [Stay("meeting", day(1)), Stay("won", day(5))]
        fit = fitted(known, self.WON, day(5), STAGES)
        assert fit == Fitted((Stay("meeting", day(1), day(5)), Stay("won", day(5))), day(5))

    def test_an_instant_of_the_day_is_more_exact_and_no_contradiction(self):
        known = [Stay("meeting", day(1)), Stay("won", at(5, 9))]
        fit = fitted(known, self.WON, day(5), STAGES)
        assert (fit.closed, fit.oddity) == (day(5), None)
        assert fit.stays[-1] == Stay("won", at(5, 9))

    def test_another_time_of_the_same_day_is_the_rows(self):
        fit = fitted([Stay("won", at(5, 9))], self.WON, at(5, 10), STAGES)
        assert (fit.stays, fit.oddity) == ((Stay("won", at(5, 10)),), None)

    def test_the_rows_day_is_kept_and_what_lies_after_it_unknown(self):
        known = [Stay("meeting", day(1)), Stay("proposal", day(6)), Stay("won", day(8))]
        fit = fitted(known, self.WON, day(5), STAGES)
        assert fit.closed == day(5)
        assert fit.stays == (
            Stay("meeting", day(1), UNKNOWN),
            Stay("proposal", UNKNOWN, UNKNOWN),
            Stay("won", day(5)),
        )
        assert fit.oddity is not None
        assert fit.oddity[0] == "history-differs"

    def test_without_a_day_in_the_row_it_is_that_of_the_history(self):
        known = [Stay("meeting", day(1)), Stay("won", day(5)), Stay("follow_up", day(9))]
        fit = fitted(known, Place("follow_up", "won"), UNKNOWN, STAGES)
        # It was won on the 5th; the 9th moved no closing.
        assert fit.closed == day(5)
        assert fit.stays[1:] == (Stay("won", day(5), day(9)), Stay("follow_up", day(9)))

    def test_a_closing_before_the_last_one_was_undone(self):
        known = [Stay("lost", day(1)), Stay("meeting", day(3)), Stay("lost", day(9))]
        fit = fitted(known, Place("lost", "lost"), UNKNOWN, STAGES)
        assert fit.closed == day(9)
        assert fit.stays[0] == Stay("lost", day(1), day(3))

    def test_a_history_of_open_stages_ends_with_the_closing(self):
        fit = fitted([Stay("meeting", day(1))], self.WON, day(5), STAGES)
        assert fit == Fitted((Stay("meeting", day(1), day(5)),), day(5))

    def test_one_left_before_the_closing_stays_so(self):
        fit = fitted([Stay("meeting", day(1), day(3))], self.WON, day(5), STAGES)
        assert fit.stays == (Stay("meeting", day(1), day(3)),)

    def test_a_closed_stage_that_was_left_for_something_unknown_closed_nothing(self):
        known = [Stay("won", day(1), day(2)), Stay("won", day(5))]
        fit = fitted(known, self.WON, UNKNOWN, STAGES)
        # It was opened again on the 2nd, whatever for: it is won since the 5th.
        assert fit == Fitted(tuple(known), day(5))

    def test_a_closed_stage_that_was_entered_nobody_knows_when(self):
        known = [Stay("won", UNKNOWN, day(7)), Stay("follow_up", day(7))]
        fit = fitted(known, Place("follow_up", "won"), day(5), STAGES)
        assert fit == Fitted((Stay("won", day(5), day(7)), Stay("follow_up", day(7))), day(5))
        fit = fitted(known, Place("follow_up", "won"), UNKNOWN, STAGES)
        assert fit == Fitted(tuple(known), UNKNOWN)

    def test_closed_stages_before_the_rows_closing_keep_no_moment(self):
        known = [Stay("meeting", day(1)), Stay("won", day(5)), Stay("follow_up", day(7))]
        fit = fitted(known, Place("follow_up", "won"), day(8), STAGES)
        assert fit.stays == (
            Stay("meeting", day(1), day(5)),
            Stay("won", day(8), UNKNOWN),
            Stay("follow_up", UNKNOWN, UNKNOWN),
        )

    def test_a_closing_that_was_undone_after_the_rows_closing(self):
        known = [Stay("lost", day(6)), Stay("meeting", day(7)), Stay("lost", day(9))]
        fit = fitted(known, Place("lost", "lost"), day(5), STAGES)
        assert fit.stays == (
            Stay("lost", UNKNOWN, UNKNOWN),
            Stay("meeting", UNKNOWN, UNKNOWN),
            Stay("lost", day(5)),
        )

    def test_no_day_anywhere(self):
        fit = fitted([Stay("meeting", day(1))], self.WON, UNKNOWN, STAGES)
        assert fit == Fitted((Stay("meeting", day(1)),), UNKNOWN)

    def test_in_another_stage_of_the_outcome_than_its_history_says(self):
        fit = fitted([Stay("won", day(5), day(7))], Place("follow_up", "won"), day(5), STAGES)
        assert fit.stays == (Stay("won", day(5), day(7)),)

    def test_nothing_but_unknown_stages(self):
        assert fitted([Stay(NOWHERE, day(3))], self.WON, day(5), STAGES) == Fitted((), day(5))


HUBSPOT = {
    "hs_object_id": "1",
    "dealname": "A",
    "dealstage": "closedwon",
    "createdate": "2026-01-01T10:00:00Z",
    "closedate": "2026-02-01T10:00:00Z",
}
ENTERED, LEFT = "hs_v2_date_entered_", "hs_v2_date_exited_"


def on(number: int, month: int = 1, hour: int = 10) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


class TestColumnsOfHubSpot:
    def test_they_date_the_stages(self):
        row = HUBSPOT | {
            f"{ENTERED}qualifiedtobuy": "2026-01-10T10:00:00Z",
            f"{ENTERED}appointmentscheduled": "2026-01-01T10:00:00Z",
            f"{LEFT}appointmentscheduled": "2026-01-05T10:00:00Z",
            f"{ENTERED}closedwon": "2026-02-01T10:00:00Z",
            f"{ENTERED}contractsent": "",
        }
        got = read(row)
        assert visits(got.deals[0]) == [
            ("appointmentscheduled", on(1), on(5)),
            ("qualifiedtobuy", on(10), on(1, 2)),
            ("closedwon", on(1, 2), None),
        ]
        assert got.deals[0].custom == {}
        assert "no-history" not in codes(got)

    def test_the_later_columns_go_before_those_kept_for_old_programs(self):
        row = HUBSPOT | {
            "hs_date_entered_contractsent": "2026-01-09T10:00:00Z",
            f"{ENTERED}contractsent": "2026-01-08T10:00:00Z",
        }
        assert visits(read(row).deals[0]) == [("contractsent", on(8), on(1, 2))]

    def test_labels_of_an_export(self):
        row = {"Record ID": 1, "Deal Name": "A", "Deal Stage": "Contract Sent", "Create Date": None}
        row |= {
            'Date entered "Appointment Scheduled (Sales Pipeline)"': "2026-01-02",
            'Date exited "Appointment Scheduled (Sales Pipeline)"': "2026-01-03",
            'Date entered "Contract Sent (Sales Pipeline)"': "2026-01-03",
        }
        assert visits(read(row).deals[0]) == [
            ("appointmentscheduled", date(2026, 1, 2), date(2026, 1, 3)),
            ("contractsent", date(2026, 1, 3), None),
        ]

    def test_a_stage_that_the_pipeline_does_not_have(self):
        row = HUBSPOT | {
            f"{ENTERED}appointmentscheduled": "2026-01-01T10:00:00Z",
            f"{ENTERED}1234": "2026-01-03T10:00:00Z",
        }
        got = read(row)
        # It was left for another stage on the 3rd, whichever that is.
        assert visits(got.deals[0]) == [("appointmentscheduled", on(1), on(3))]
        fact = "columns date '1234', which is no stage of the pipeline: left out"
        assert finding(got, "unknown-stage-in-history").fact == fact

    def test_dates_that_cannot_be_read_are_left_out_and_told(self):
        row = HUBSPOT | {
            f"{ENTERED}appointmentscheduled": "soon",
            f"{ENTERED}contractsent": "2026-01-08T10:00:00Z",
            f"{LEFT}contractsent": "later",
        }
        got = read(row)
        assert visits(got.deals[0]) == [("contractsent", on(8), on(1, 2))]
        told = [(f.column, f.n_rows) for f in got.findings if f.code == "unreadable-history"]
        assert told == [(f"{ENTERED}appointmentscheduled", 1), (f"{LEFT}contractsent", 1)]

    def test_ends_that_cannot_be_are_unknown_and_told(self):
        row = HUBSPOT | {f"{ENTERED}contractsent": "9999-12-31T00:00:00Z"}
        got = read(row)
        assert visits(got.deals[0]) == []
        assert finding(got, "impossible-date").column == f"{ENTERED}contractsent"

    def test_a_reversed_pair_of_dates_is_left_out_and_told(self):
        row = HUBSPOT | {
            "dealstage": "contractsent",
            "closedate": None,
            f"{ENTERED}appointmentscheduled": "2026-01-09T10:00:00Z",
            f"{LEFT}appointmentscheduled": "2026-01-05T10:00:00Z",
            f"{ENTERED}contractsent": "2026-01-12T10:00:00Z",
        }
        got = read(row)
        assert visits(got.deals[0]) == []
        assert finding(got, "history-contradicts").rows == (1,)
        assert got.deals[0].stage == "contractsent"

    def test_time_in_stage_is_that_of_the_columns(self):
        row = HUBSPOT | {
            f"{ENTERED}appointmentscheduled": "2026-01-01T10:00:00Z",
            f"{ENTERED}contractsent": "2026-01-08T10:00:00Z",
            f"{ENTERED}closedwon": "2026-02-01T10:00:00Z",
        }
        times = metrics.time_in_stage(read(row).deals, as_of=on(1, 3))
        assert times["appointmentscheduled"].mean_days == 7.0
        assert times["contractsent"].mean_days == 24.0


class TestListsOfVersions:
    def row(self, *versions: Any, stage: str = "closedwon") -> dict[str, Any]:
        properties = {"hs_object_id": "1", "dealname": "A", "dealstage": stage}
        return {"properties": properties, "propertiesWithHistory": {"dealstage": [*versions]}}

    def version(self, stage: Any, number: Any) -> dict[str, Any]:
        when = f"2026-01-{number:02}T10:00:00Z" if isinstance(number, int) else number
        return {"value": stage, "timestamp": when, "sourceType": "CRM_UI"}

    def test_the_newest_comes_first(self):
        got = read(
            self.row(
                self.version("closedwon", 20),
                self.version("contractsent", 9),
                self.version("contractsent", 8),
                self.version("appointmentscheduled", 1),
            )
        )
        [deal] = got.deals
        assert visits(deal) == [
            ("appointmentscheduled", on(1), on(8)),
            ("contractsent", on(8), on(20)),
            ("closedwon", on(20), None),
        ]
        assert deal.closed_at == on(20)

    def test_what_is_no_version_of_a_known_stage(self):
        got = read(
            self.row(
                self.version("contractsent", 8),
                self.version("9999", 5),
                self.version(None, 3),
                self.version("appointmentscheduled", 1),
                self.version("appointmentscheduled", "soon"),
                self.version("appointmentscheduled", None),
                "no version",
                stage="contractsent",
            )
        )
        assert visits(got.deals[0]) == [
            ("appointmentscheduled", on(1), on(3)),
            ("contractsent", on(8), None),
        ]
        assert finding(got, "unreadable-history").n_rows == 1

    def test_none_at_all(self):
        row = self.row()
        row["propertiesWithHistory"]["dealstage"] = None
        assert visits(read(row).deals[0]) == []


def test_moves_are_told_of_all_deals_together():
    rows = [{"deal_id": n, "stage": "negotiation"} for n in (1, 2)]
    history = [
        {"deal_id": deal, "stage": stage, "entered_at": f"2026-01-{number:02}"}
        for deal, stage, number in [
            (1, "prospecting", 1),
            (1, "meeting", 2),  # leaves out qualification
            (1, "qualification", 3),  # goes back
            (1, "negotiation", 4),  # leaves out meeting and proposal
            (2, "negotiation", 4),
        ]
    ]
    got = read(*rows, history=history)
    assert (
        finding(got, "skipped-stages").fact == "2 of 3 moves between open stages leave out stages"
    )
    assert finding(got, "backward-moves").fact == "1 of 3 moves between open stages go back"


def test_dates_that_cannot_be_read_are_counted_once_where_a_pipeline_is_drafted():
    row = HUBSPOT | {"dealstage": "mine", f"{ENTERED}mine": "soon"}
    got = read(row)
    assert "drafted-pipeline" in codes(got)
    assert finding(got, "unreadable-history").n_rows == 1


def test_a_pipeline_is_drafted_in_the_order_of_the_columns_dates():
    rows = [
        HUBSPOT | {"hs_object_id": n, "dealstage": stage, f"{ENTERED}b": first, f"{ENTERED}a": then}
        for n, stage, first, then in [
            (1, "a", "2026-01-02T10:00:00Z", "2026-01-03T10:00:00Z"),
            (2, "b", "2026-01-02T10:00:00Z", None),
        ]
    ]
    assert [stage.name for stage in crm.pipeline_from(rows).stages] == ["b", "a", "won", "lost"]
