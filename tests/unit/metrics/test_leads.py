"""What leads bring: how many, how many became deals, how long they wait, and why they end."""

from datetime import date

import pytest

from salesflow import Calendar, LeadProcess, Period, Pipeline, metrics
from salesflow.errors import ColumnError, DataError, OptionError
from salesflow.facts import Facts, to_frame
from tests.builders import jan
from tests.shorthand import NOW
from tests.tables import FRAMES, framed

PROCESS, PIPELINE = LeadProcess.standard(), Pipeline.standard()


def came(identity, day, channel=None, source=None, owner=None, *, process=PROCESS, **custom):
    """A lead that came in on a day of January; to count days by, from 1 to 59 (28 February)."""
    when = date.fromordinal(date(2025, 12, 31).toordinal() + day)
    fields = {"channel": channel, "source": source, "owner_id": owner, "custom": custom}
    return process.open("Kim", id=identity, at=when, **fields)


def qualified(lead, *days):
    """The lead, on its way to qualified on these days."""
    for day in days:
        lead = PROCESS.advance(lead, at=jan(day))
    return lead


class TestNewLeads:
    def test_are_those_created_in_the_period(self):
        leads = [came("L-1", 1), came("L-2", 31), came("L-3", 32)]
        assert metrics.new_leads(leads).n == 3
        assert metrics.new_leads(leads, period=Period.month(2026, 1)).n == 2
        assert metrics.new_leads(leads, as_of=jan(5)).n == 1

    def test_are_counted_by_what_they_have(self):
        leads = [came("L-1", 1, "ads", size=3), came("L-2", 2, "ads"), came("L-3", 3)]
        found = metrics.new_leads(leads, by="channel")
        assert {key: new.n for key, new in found.items()} == {"ads": 2, None: 1}
        sizes = metrics.new_leads(leads, by="custom.size")
        assert {key: new.n for key, new in sizes.items()} == {3: 1, None: 2}

    def test_a_period_between_without_one_is_there(self):
        # 5 January 2026 is the Monday of week 2; 21 January is in week 4.
        found = metrics.new_leads([came("L-1", 5), came("L-2", 21)], every="week")
        assert {str(week): new.n for week, new in found.items()} == {
            "2026-W02": 1,
            "2026-W03": 0,
            "2026-W04": 1,
        }

    def test_without_a_date_they_have_no_place(self):
        leads = [PROCESS.restore(id="L-1", stage="new"), came("L-2", 1)]
        found = metrics.new_leads(leads, period=Period.year(2026))
        assert (found.n, found.left_out) == (1, {"no_created_at": 1})
        assert metrics.new_leads(leads).n == 2

    def test_of_none_are_none(self):
        assert metrics.new_leads([]).n == 0
        assert len(metrics.new_leads([], by="channel")) == 0

    @pytest.mark.parametrize("data", [3, came("L-1", 1), [PIPELINE.open("Acme")], ["L-1"]])
    def test_take_leads(self, data):
        with pytest.raises(DataError, match=r"cannot read the leads: .*is no l"):
            metrics.new_leads(data)

    def test_are_not_in_facts_of_deals_alone(self):
        with pytest.raises(DataError, match="this number needs the table leads") as caught:
            metrics.new_leads(Facts(deals=[]))
        assert caught.value.hint == "give Facts(leads=…)."
        with pytest.raises(DataError, match="this number needs the table deals"):
            metrics.win_rate(Facts(leads=[]))

    def test_have_the_columns_that_they_have(self):
        with pytest.raises(
            ColumnError, match="cannot find column 'chanel': leads do not"
        ) as caught:
            metrics.new_leads([came("L-1", 1)], by="chanel")
        assert "'channel'" in str(caught.value.hint)
        with pytest.raises(ColumnError, match=r"cannot find column 'custom\.sise'"):
            metrics.new_leads([came("L-1", 1, size=3)], by="custom.sise")
        assert [*metrics.new_leads([came("L-1", 1, size=3)], by="custom.other")] == [None]


class TestGaps:
    LEADS = (
        *(came(f"W-{day}", day, "web") for day in (5, 12, 33)),  # weeks 2, 3 and 6
        *(came(f"F-{day}", day, "fair") for day in (13, 14)),  # week 3, twice
    )

    def test_are_the_weeks_without_a_lead_by_channel(self):
        found = metrics.inflow_gaps(self.LEADS, by="channel")
        # fair: from week 3 to 6, one with leads, three without. web: from 2 to 6, two without.
        assert {key: [str(week) for week in gaps.gaps] for key, gaps in found.items()} == {
            "fair": ["2026-W04", "2026-W05", "2026-W06"],
            "web": ["2026-W04", "2026-W05"],
        }
        fair, web = found["fair"], found["web"]
        assert (fair.n_gaps, fair.longest, fair.n_periods, fair.n) == (3, 3, 4, 2)
        assert (web.n_gaps, web.longest, web.n_periods, web.n) == (2, 2, 5, 3)

    def test_of_all_channels_together(self):
        found = metrics.inflow_gaps(self.LEADS)
        assert [str(week) for week in found.gaps] == ["2026-W04", "2026-W05"]

    def test_the_longest_is_in_a_row(self):
        leads = [came(f"L-{week}", 5 + 7 * week) for week in (0, 2, 3, 6)]
        found = metrics.inflow_gaps(leads)
        assert (found.n_gaps, found.longest) == (3, 2)

    def test_reach_to_the_last_week_that_has_ended(self):
        # Week 8 ends on Sunday, 22 February: on Monday it has ended, on Sunday it has not.
        for when, weeks in ((date(2026, 2, 22), [4, 5, 7]), (date(2026, 2, 23), [4, 5, 7, 8])):
            found = metrics.inflow_gaps(
                self.LEADS, as_of=jan(1).replace(month=when.month, day=when.day)
            )
            assert [str(week) for week in found.gaps] == [f"2026-W0{week}" for week in weeks]

    def test_a_week_that_lasts_is_no_gap(self):
        found = metrics.inflow_gaps([came("L-1", 5), came("L-2", 33)], by="lead_id", as_of=jan(14))
        assert {key: gaps.gaps for key, gaps in found.items()} == {"L-1": ()}

    def test_in_a_period_they_begin_with_it(self):
        weeks = Period.between(date(2025, 12, 29), date(2026, 1, 19))
        found = metrics.inflow_gaps(self.LEADS, by="channel", period=weeks)
        assert {key: [str(week) for week in gaps.gaps] for key, gaps in found.items()} == {
            "fair": ["2026-W01", "2026-W02"],
            "web": ["2026-W01"],
        }
        with pytest.raises(OptionError, match="it is no row of whole ones"):
            metrics.inflow_gaps(self.LEADS, period=Period.month(2026, 1))

    def test_a_week_begins_where_the_calendar_is(self):
        # Sunday, 15:30 UTC, is Monday in Seoul.
        leads = [PROCESS.open("Kim", at=jan(day, 15).replace(minute=30)) for day in (4, 18)]
        assert [str(week) for week in metrics.inflow_gaps(leads).gaps] == ["2026-W02"]
        found = metrics.inflow_gaps(leads, calendar=Calendar("Asia/Seoul"))
        assert [str(week) for week in found.gaps] == ["2026-W03"]

    def test_may_be_of_months(self):
        leads = [came("L-1", 5), PROCESS.open("Kim", at=date(2026, 4, 1))]
        found = metrics.inflow_gaps(leads, every="month", by=["channel"])
        assert [str(month) for month in found[None,].gaps] == ["2026-02", "2026-03"]

    def test_of_nothing_there_are_none(self):
        assert metrics.inflow_gaps([]) == metrics.InflowGaps((), 0, 0, 0, 0)
        assert metrics.inflow_gaps([], by="channel").to_frame("polars").columns[0] == "channel"

    def test_what_has_no_date_is_counted(self):
        leads = [PROCESS.restore(id="L-1", stage="new"), came("L-2", 5)]
        assert metrics.inflow_gaps(leads).left_out == {"no_created_at": 1}
        assert metrics.inflow_gaps(leads, by="channel").left_out == {"no_created_at": 1}

    def test_are_rows_to_take_along(self):
        found = metrics.inflow_gaps(self.LEADS, by="channel")
        assert found.to_dicts()[1]["n_gaps"] == 2
        frame = found.to_frame("polars")
        assert frame["gaps"].to_list() == [
            '["2026-W04", "2026-W05", "2026-W06"]',
            '["2026-W04", "2026-W05"]',
        ]
        assert "2026-W04" in str(found)


class TestConversion:
    def book(self):
        """Of web: one converted, one open, one out. Of the fair: one converted, its deal lost."""
        lead = qualified(came("L-1", 1, source="web"), 2, 3)
        one, _ = PROCESS.convert(lead, PIPELINE, id="D-1", at=jan(4))
        out = PROCESS.disqualify(came("L-3", 1, source="web"), "spam", at=jan(2))
        lead = qualified(came("L-4", 32, source="fair"))
        lead = PROCESS.advance(PROCESS.advance(lead, at=date(2026, 2, 2)), at=date(2026, 2, 3))
        four, deal = PROCESS.convert(lead, PIPELINE, id="D-4", at=date(2026, 2, 4))
        lost = PIPELINE.lose(deal, "budget", disposition="nurture", at=date(2026, 2, 5))
        four = PROCESS.settle(four, lost, at=date(2026, 2, 6))
        return [one, came("L-2", 1, source="web"), out, four]

    def test_is_converted_by_created(self):
        found = metrics.lead_conversion(self.book())
        assert (found.value, found.numerator, found.denominator) == (2 / 4, 2, 4)

    def test_by_source_and_cohort(self):
        found = metrics.lead_conversion(self.book(), by="source", every="month")
        assert {(source, str(month)): rate.value for (source, month), rate in found.items()} == {
            ("fair", "2026-01"): None,
            ("fair", "2026-02"): 1.0,
            ("web", "2026-01"): 1 / 3,
            ("web", "2026-02"): None,
        }

    def test_a_lost_deal_does_not_undo_it(self):
        book = self.book()
        assert book[-1].outcome == "open"
        assert metrics.lead_conversion(book[-1:]).value == 1.0

    def test_is_as_of_an_instant(self):
        assert metrics.lead_conversion(self.book(), as_of=jan(3)).numerator == 0
        assert metrics.lead_conversion(self.book(), as_of=jan(4)).numerator == 1

    def test_a_conversion_that_nobody_dated_counts_and_is_said(self):
        told = PROCESS.restore(id="L-1", stage="converted", created_at=jan(1))
        left = PROCESS.restore(id="L-2", stage="nurturing", created_at=jan(1), deal_id="D-2")
        assert metrics.lead_conversion([told, left]).value == 1.0
        found = metrics.lead_conversion([told, left], as_of=NOW)
        assert (found.value, found.assumed) == (1.0, {"no_converted_at": 2})

    def test_of_nothing_is_unknown(self):
        assert metrics.lead_conversion([]).value is None
        undated = [PROCESS.restore(id="L-1", stage="new")]
        found = metrics.lead_conversion(undated, period=Period.year(2026))
        assert (found.value, found.left_out) == (None, {"no_created_at": 1})


class TestWaiting:
    def touched(self, identity, created, *hours):
        lead = PROCESS.open("Kim", id=identity, at=created, source="web")
        for hour in hours:
            lead = PROCESS.log(lead, "call", at=jan(20), occurred_at=jan(5, hour))
        return lead

    def test_is_from_the_creation_to_the_first_touch(self):
        # 6 hours, 12 hours and a day: mean 14 hours, median 12.
        leads = [
            self.touched("L-1", jan(5, 0), 9, 6),
            self.touched("L-2", jan(5, 0), 12),
            self.touched("L-3", jan(4, 1), 1),
            self.touched("L-4", jan(5)),
        ]
        found = metrics.time_to_first_touch(leads)
        assert found.mean_days == pytest.approx(14 / 24)
        assert (found.median_days, found.n, found.n_without) == (12 / 24, 3, 1)

    def test_a_touch_before_the_lead_is_no_wait(self):
        found = metrics.time_to_first_touch([self.touched("L-1", jan(6), 3)])
        assert (found.mean_days, found.n, found.left_out) == (None, 0, {"touched_before": 1})

    def test_between_days_it_is_whole_days(self):
        lead = PROCESS.open("Kim", at=date(2026, 1, 3))
        lead = PROCESS.log(lead, "call", at=jan(20), occurred_at=jan(5, 23))
        assert metrics.time_to_first_touch([lead]).mean_days == 2.0

    def test_to_qualify_is_to_the_first_entry(self):
        lead = qualified(PROCESS.open("Kim", at=jan(1)), 2, 4)
        lead = PROCESS.advance(PROCESS.move(lead, to="working", at=jan(5)), at=jan(9))
        found = metrics.time_to_qualify([lead, PROCESS.open("Lee", at=jan(1))])
        assert (found.mean_days, found.n, found.n_without) == (3.0, 1, 1)
        assert metrics.time_to_qualify([lead], qualified_stage="working").mean_days == 1.0

    def test_a_negative_time_is_left_out(self):
        visits = [("qualified", jan(2))]
        lead = PROCESS.restore(id="L", stage="qualified", created_at=jan(1), visits=visits)
        early = PROCESS.restore(id="M", stage="qualified", created_at=jan(3), visits=visits)
        found = metrics.time_to_qualify([lead, early])
        assert (found.mean_days, found.left_out) == (1.0, {"negative_time": 1})

    def test_a_wait_from_an_unknown_creation_is_left_out(self):
        visits = [("qualified", jan(2))]
        lead = PROCESS.restore(id="L", stage="qualified", visits=visits)
        new = PROCESS.restore(id="M", stage="new")
        assert metrics.time_to_qualify([lead, new]).left_out == {"no_created_at": 1}
        found = metrics.time_to_qualify([lead, new], every="month")
        assert found.left_out == {"no_created_at": 2}

    def test_another_stage_is_none_of_a_frame(self):
        frame = to_frame([], leads=[came("L-1", 1)], backend="polars").leads
        with pytest.raises(OptionError, match="cannot name the stage of qualified leads") as caught:
            metrics.time_to_qualify(frame, qualified_stage="working")
        assert caught.value.parameter == "qualified_stage"


class TestReasons:
    def book(self):
        lead = came("L-1", 1, source="web", owner="kim")
        one = PROCESS.update(PROCESS.disqualify(lead, "spam", at=jan(5)), owner_id="lee", at=jan(6))
        two = PROCESS.disqualify(came("L-2", 1, source="web"), "too small", at=jan(6))
        three = PROCESS.disqualify(came("L-3", 1), "spam", at=date(2026, 2, 3))
        back = PROCESS.disqualify(came("L-4", 1), "rude", at=jan(3))
        back = PROCESS.requalify(back, "new", reason="sorry", by="lee", at=jan(9))
        return [one, two, three, back, PROCESS.restore(id="L-5", stage="disqualified")]

    def test_are_counted_the_most_frequent_first(self):
        found = metrics.disqualification_reasons(self.book())
        assert [(reason, out.n, out.share) for reason, out in found.items()] == [
            ("spam", 2, 2 / 4),
            ("too small", 1, 1 / 4),
            (None, 1, 1 / 4),
        ]

    def test_by_source_and_by_month(self):
        found = metrics.disqualification_reasons(self.book(), by="source", every="month")
        assert {
            (source, reason, str(month)): (out.n, out.share)
            for (source, reason, month), out in found.items()
            if out.n
        } == {
            ("web", "spam", "2026-01"): (1, 1 / 2),
            ("web", "too small", "2026-01"): (1, 1 / 2),
            (None, "spam", "2026-02"): (1, 1.0),
        }
        assert found.left_out == {"no_disqualified_at": 1}

    def test_the_owner_is_the_one_at_that_time(self):
        found = metrics.disqualification_reasons(self.book(), by="owner_id")
        assert ("kim", "spam") in found
        assert ("lee", "spam") not in found

    def test_as_of_an_instant(self):
        found = metrics.disqualification_reasons(self.book(), as_of=jan(5))
        assert {reason: out.n for reason, out in found.items()} == {"rude": 1, "spam": 1, None: 1}
        assert found.assumed == {"no_disqualified_at": 1}


ROWS = {
    "lead_id": ["a", "b", "c", "d"],
    "source": ["web", "web", "fair", None],
    "status": ["Converted", "Open", "Closed - Not Converted", "Open"],
    "created_at": [jan(1), jan(2), jan(3), jan(9)],
    "converted_at": [jan(6), None, None, None],
    "disqualified_at": [None, None, jan(7), None],
    "reason": [None, None, "spam", None],
}
READ = {
    "columns": {"outcome": "status"},
    "outcomes": {
        "Converted": "converted",
        "Open": "open",
        "Closed - Not Converted": "disqualified",
    },
}


@pytest.mark.parametrize("kind", FRAMES)
class TestFrames:
    """A table of one's own, in one's own words."""

    def test_is_read_in_its_own_words(self, kind):
        frame = framed(ROWS, kind)
        found = metrics.lead_conversion(frame, by="source", **READ)
        assert {key: rate.value for key, rate in found.items()} == {"web": 0.5, "fair": 0, None: 0}
        out = metrics.disqualification_reasons(frame, **READ)
        assert {reason: row.n for reason, row in out.items()} == {"spam": 1}
        by = metrics.new_leads(frame, by="outcome", **READ)
        assert {key: row.n for key, row in by.items()} == {
            "converted": 1,
            "disqualified": 1,
            "open": 2,
        }

    def test_is_cut_at_the_instant(self, kind):
        frame = framed(ROWS, kind)
        found = metrics.lead_conversion(frame, as_of=jan(5), **READ)
        assert (found.numerator, found.denominator) == (0, 3)
        assert found.notes == ("2 leads closed after as_of read as not closed yet",)
        assert metrics.lead_conversion(frame, as_of=jan(6), **READ).numerator == 1
        by = metrics.new_leads(frame, by="outcome", as_of=jan(6), **READ)
        assert {key: row.n for key, row in by.items()} == {"converted": 1, "open": 2}
        assert len(metrics.disqualification_reasons(frame, as_of=jan(6), **READ)) == 0

    def test_what_was_disqualified_later_may_have_been_converted_before(self, kind):
        rows = ROWS | {"status": ["Closed - Not Converted"] * 4}
        rows |= {"disqualified_at": [jan(8), jan(8), jan(7), jan(9)]}
        frame = framed(rows, kind)
        by = metrics.new_leads(frame, by="outcome", as_of=jan(7), **READ)
        assert {key: row.n for key, row in by.items()} == {
            "converted": 1,
            "disqualified": 1,
            "open": 1,
        }

    def test_values_that_mean_nothing_are_refused(self, kind):
        frame = framed(ROWS, kind)
        with pytest.raises(ColumnError, match="no outcome of a lead, in 1 row: 'Closed") as caught:
            metrics.lead_conversion(
                frame,
                columns={"outcome": "status"},
                outcomes={"Converted": "converted", "Open": "open"},
            )
        assert "outcomes=" in str(caught.value.hint)

    def test_waits_are_exact(self, kind):
        rows = ROWS | {"first_touch_at": [jan(1, 6), jan(2, 18), None, jan(8)]}
        rows |= {"qualified_at": [jan(5), None, None, None]}
        found = metrics.time_to_first_touch(framed(rows, kind))
        # A quarter of a day, and three of them; one was touched a day before it came.
        assert (found.mean_days, found.median_days, found.n, found.n_without) == (0.5, 0.5, 2, 1)
        assert found.left_out == {"touched_before": 1}
        found = metrics.time_to_qualify(framed(rows, kind), as_of=jan(4))
        assert (found.n, found.n_without) == (0, 3)
        assert metrics.time_to_qualify(framed(rows, kind), as_of=jan(5)).mean_days == 4.0

    def test_columns_that_are_missing_are_named(self, kind):
        frame = framed({"lead_id": ["a"], "source": ["web"]}, kind)
        assert metrics.new_leads(frame, by="source")["web"].n == 1
        with pytest.raises(ColumnError, match="cannot read the leads: no column 'outcome'"):
            metrics.lead_conversion(frame)
        with pytest.raises(ColumnError, match="no column 'created_at'; no column 'first_touch_at'"):
            metrics.time_to_first_touch(frame)
        with pytest.raises(ColumnError, match="no column 'created_at'"):
            metrics.new_leads(frame, as_of=NOW)

    def test_a_frame_without_rows_has_weeks_all_the_same(self, kind):
        leads = to_frame([], leads=[], backend=kind).leads
        weeks = Period.between(date(2025, 12, 29), date(2026, 1, 12))
        found = metrics.new_leads(leads, every="week", period=weeks)
        assert {str(week): new.n for week, new in found.items()} == {"2026-W01": 0, "2026-W02": 0}

    def test_ten_years_of_weeks_are_cut(self, kind):
        days = [date(2016, 1, 4), date(2025, 12, 29)]
        frame = framed({"created_at": days}, kind)
        # 3,647 days apart: 521 weeks from the first to the last.
        found = metrics.new_leads(frame, every="week")
        assert len(found) == 522
        assert [str(week) for week, new in found.items() if new.n] == ["2016-W01", "2026-W01"]
