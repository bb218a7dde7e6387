"""From lead to won in one table, and what the leads of each source brought."""

from datetime import date

import pytest

from salesflow import Lead, LeadProcess, Money, Period, Pipeline, metrics
from salesflow.errors import ColumnError, DataError, MixedCurrencyError, OptionError
from salesflow.facts import Facts, to_frame
from salesflow.models import events as ev
from tests.builders import jan
from tests.shorthand import eur, on, usd
from tests.tables import FRAMES, framed

PROCESS, PIPELINE = LeadProcess.standard(), Pipeline.standard()


def lead(identity, stage="new", source="web", *, touched=None, **fields):
    """A restored lead, created on 1 January unless said."""
    made = PROCESS.restore(
        id=identity, stage=stage, source=source, **{"created_at": jan(1), **fields}
    )
    return made if touched is None else PROCESS.log(made, "call", at=jan(20), occurred_at=touched)


NINTH = on(9)


def deal(identity, stage, lead_id, amount=None, closed=NINTH, **fields):
    is_open = PIPELINE.stage(stage).kind == "open"
    return PIPELINE.restore(
        id=identity,
        stage=stage,
        lead_id=lead_id,
        amount=amount,
        created_at=on(2),
        closed_at=None if is_open else closed,
        **fields,
    )


def entered(*stages):
    """Visits of the stages, one a day from the 2nd."""
    return [(stage, jan(day)) for day, stage in enumerate(stages, 2)]


LEADS = (
    lead("L-1", "converted", visits=entered("qualified", "converted"), touched=jan(2)),
    lead(
        "L-2", "converted", visits=entered("working", "converted")
    ),  # never touched, nor qualified
    lead("L-3", "qualified", "fair", visits=entered("qualified"), touched=jan(3)),
    lead("L-4", "working", "fair", touched=jan(3)),
    lead("L-5", "new", "fair"),
    lead("L-6", "new", created_at=None),
)
DEALS = (
    deal("D-1", "won", "L-1", eur(100)),
    deal("D-2", "negotiation", "L-2", eur(70)),
    deal("D-3", "won", None, eur(1000)),
    deal("D-4", "won", "L-99", None),
    deal("D-5", "lost", "L-4", eur(5)),
)
BOTH = Facts(deals=DEALS, leads=LEADS)


class TestFunnel:
    def test_each_step_is_a_part_of_the_one_before(self):
        found = metrics.lead_funnel(BOTH)
        # Touched: L-1, L-3 and L-4; L-2 was converted, so it counts there, and as qualified.
        assert {step: (row.n, row.n_implied) for step, row in found.items()} == {
            "created": (6, 0),
            "touched": (4, 1),
            "qualified": (3, 1),
            "converted": (2, 0),
            "won": (1, 0),
        }
        assert [row.of_previous for row in found.values()] == [None, 4 / 6, 3 / 4, 2 / 3, 1 / 2]
        assert [row.of_all for row in found.values()] == [1, 4 / 6, 3 / 6, 2 / 6, 1 / 6]
        assert found.names == ("step",)

    def test_unrelated_populations_do_not_mix(self):
        """CASES.md R23: deals won from no lead are in no step."""
        strangers = [deal(f"X-{n}", "won", None, eur(1)) for n in range(5)]
        found = metrics.lead_funnel(Facts(deals=strangers, leads=LEADS[3:5]))
        counts = [row.n for row in found.values()]
        assert counts == [2, 1, 0, 0, 0]

    def test_a_win_alone_implies_all_before(self):
        found = metrics.lead_funnel(Facts(deals=[deal("D-1", "won", "L-1")], leads=[lead("L-1")]))
        assert [(row.n, row.n_implied) for row in found.values()] == [(1, 0), *[(1, 1)] * 3, (1, 0)]

    def test_by_source(self):
        found = metrics.lead_funnel(BOTH, by="source")
        assert found.names == ("source", "step")
        assert {key: row.n for key, row in found.items() if key[0] == "fair"} == {
            ("fair", "created"): 3,
            ("fair", "touched"): 2,
            ("fair", "qualified"): 1,
            ("fair", "converted"): 0,
            ("fair", "won"): 0,
        }
        assert found["fair", "won"].of_previous is None

    def test_of_a_cohort(self):
        found = metrics.lead_funnel(BOTH, period=Period.month(2026, 1))
        assert (found["created"].n, found.left_out) == (5, {"no_created_at": 1})
        cut = metrics.lead_funnel(BOTH, by=["source"], every="month")
        month = Period.month(2026, 1)
        assert (cut["web", "created", month].n, cut["web", "won", month].n) == (2, 1)
        assert (cut.names, cut.left_out) == (("source", "step", "month"), {"no_created_at": 1})
        assert metrics.lead_funnel(BOTH, every="month")["created", month].n == 5
        assert "UTC" in str(cut)

    def test_as_of_an_instant(self):
        found = metrics.lead_funnel(BOTH, as_of=jan(3))
        # On the 3rd, L-1 and L-2 entered 'converted'. L-1 had been qualified on the 2nd, L-3 too;
        # the touches were logged later. Nothing was won before the 9th.
        counts = {step: row.n for step, row in found.items()}
        assert counts == {"created": 6, "touched": 3, "qualified": 3, "converted": 2, "won": 0}

    def test_of_another_stage(self):
        found = metrics.lead_funnel(BOTH, qualified_stage="working")
        assert found["qualified"].n_implied == 1  # L-1, which was never in it
        with pytest.raises(OptionError, match="cannot name the stage of qualified leads"):
            metrics.lead_funnel(
                to_frame(DEALS, leads=LEADS, backend="polars"), qualified_stage="working"
            )

    def test_a_merged_lead_has_the_deals_of_both(self):
        other = Lead._from_history("L-2", LEADS[1].history)
        identity = f"L-5:{LEADS[4].version + 1}"
        kept = LEADS[4]._with_event(ev.Merged(id=identity, at=jan(25), leads=(other,)))
        won = deal("D-2", "won", "L-2")
        assert metrics.lead_funnel(Facts(deals=[won], leads=[kept]))["won"].n == 1

    def test_of_nothing(self):
        found = metrics.lead_funnel(Facts(deals=[], leads=[]))
        assert [(row.n, row.of_all) for row in found.values()] == [(0, None)] * 5
        groups = metrics.lead_funnel(Facts(deals=[], leads=[]), by="source")
        assert groups.to_frame("polars").columns[:2] == ["source", "step"]

    @pytest.mark.parametrize("data", [LEADS, DEALS, Facts(leads=LEADS), Facts(deals=DEALS)])
    @pytest.mark.parametrize("metric", [metrics.lead_funnel, metrics.lead_revenue])
    def test_takes_both(self, metric, data):
        with pytest.raises(DataError, match="this number needs deals and leads"):
            metric(data)


class TestRevenue:
    def test_is_what_the_leads_of_each_source_brought(self):
        found = metrics.lead_revenue(BOTH)
        assert {source: (size.total, size.n_priced) for source, size in found.items()} == {
            "fair": (eur(0), 0),
            "web": (eur(100), 1),
        }
        assert found.left_out == {"no_lead": 2}
        assert found["web"].mean == eur(100)

    def test_of_a_source_that_nobody_knows_is_a_group_of_its_own(self):
        leads = [*LEADS, lead("L-7", "converted", None)]
        deals = [*DEALS, deal("D-7", "won", "L-7", eur(9)), deal("D-8", "won", "L-7")]
        found = metrics.lead_revenue(Facts(deals=deals, leads=leads))
        assert (found[None].total, found[None].n_unpriced) == (eur(9), 1)
        assert found.left_out == {"no_lead": 2, "no_amount": 1}
        assert dict(found[None].left_out) == {"no_amount": 1}

    def test_is_dated_by_the_win(self):
        deals = [*DEALS, deal("D-6", "won", "L-3", eur(50), on(3, 2))]
        data = Facts(deals=deals, leads=LEADS)
        found = metrics.lead_revenue(data, by="channel", period=Period.month(2026, 2))
        assert found[None].total == eur(50)
        assert found.left_out == {}
        cut = metrics.lead_revenue(data, every="month")
        assert cut["fair", Period.month(2026, 2)].total == eur(50)
        assert cut.left_out == {"no_lead": 2}

    def test_is_by_more_than_one_column(self):
        found = metrics.lead_revenue(BOTH, by=["source", "outcome"])
        assert found["web", "converted"].total == eur(100)
        with pytest.raises(ColumnError, match="cannot find column 'stage': leads do not have it"):
            metrics.lead_revenue(BOTH, by="stage")

    def test_adds_no_two_currencies(self):
        deals = [*DEALS, deal("D-6", "won", "L-2", usd(50))]
        with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
            metrics.lead_revenue(Facts(deals=deals, leads=LEADS))

    def test_leads_that_came_later_are_not_known_yet(self):
        later = lead("L-1", created_at=jan(11))
        found = metrics.lead_revenue(Facts(deals=DEALS, leads=[later]), as_of=jan(10))
        assert (dict(found), found.left_out) == ({}, {"no_lead": 3})


@pytest.mark.parametrize("kind", FRAMES)
class TestFrames:
    def test_a_lead_that_is_there_twice_is_refused(self, kind):
        leads = framed({"lead_id": ["a", "a"], "source": ["web", "fair"]}, kind)
        rows = {"deal_id": ["x"], "lead_id": ["a"], "outcome": ["won"], "amount": [5]}
        tables = Facts(deals=framed(rows, kind), leads=leads)
        with pytest.raises(ColumnError, match="leads are there twice, which deals came from, in 2"):
            metrics.lead_revenue(tables)

    def test_outcomes_that_mean_nothing_are_refused(self, kind):
        leads = framed({"lead_id": ["a"], "outcome": ["gone"], "source": ["web"]}, kind)
        rows = {"deal_id": ["x"], "lead_id": ["a"], "outcome": ["won"], "amount": [5]}
        tables = Facts(deals=framed(rows, kind), leads=leads)
        with pytest.raises(ColumnError, match="no outcome of a lead, in 1 row"):
            metrics.lead_revenue(tables, by="outcome")
        assert metrics.lead_revenue(tables)["web"].total == Money(5, "XXX")

    def test_those_of_the_deals_of_leads_too(self, kind):
        known = {"first_touch_at": [date(2026, 1, 2)], "qualified_at": [date(2026, 1, 3)]}
        leads = framed({"lead_id": ["a"], "outcome": ["converted"], **known}, kind)
        deals = {"deal_id": ["x", "y"], "lead_id": ["a", None], "outcome": ["wno", "won"]}
        tables = Facts(deals=framed(deals, kind), leads=leads)
        with pytest.raises(ColumnError, match="of deals holds what is no outcome, of 1 lead"):
            metrics.lead_funnel(tables)
        found = metrics.lead_funnel(tables, outcomes={"wno": "lost"})
        assert [row.n for row in found.values()] == [1, 1, 1, 1, 0]

    def test_deals_closed_later_are_open_and_it_says_so(self, kind):
        known = {"first_touch_at": [date(2026, 1, 2)], "qualified_at": [date(2026, 1, 3)]}
        known |= {"created_at": [date(2026, 1, 1)], "disqualified_at": [None]}
        known |= {"converted_at": [date(2026, 1, 4)]}
        leads = framed({"lead_id": ["a"], "outcome": ["converted"], **known}, kind)
        deals = {"deal_id": ["x"], "lead_id": ["a"], "outcome": ["won"]}
        deals |= {"created_at": [date(2026, 1, 4)], "closed_at": [date(2026, 1, 9)]}
        tables = Facts(deals=framed(deals, kind), leads=leads)
        found = metrics.lead_funnel(tables, as_of=jan(8))
        assert [row.n for row in found.values()] == [1, 1, 1, 1, 0]
        assert found.notes == ("deals of 1 lead closed after as_of read as open",)
        assert metrics.lead_funnel(tables, as_of=jan(9))["won"].n == 1
        assert metrics.lead_funnel(tables, as_of=jan(3))["converted"].n == 0
