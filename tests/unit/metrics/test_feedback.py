"""What do customers think of us?"""

from datetime import date
from functools import reduce
from operator import add

import pytest

from salesflow import LeadProcess, Period, Pipeline, metrics
from salesflow.errors import ColumnError, DataError
from salesflow.facts import Facts, to_frame
from tests.builders import jan
from tests.tables import FRAMES, framed

PROCESS, PIPELINE = LeadProcess.standard(), Pipeline.standard()


def said(identity, outcome, *scores, **fields):
    """A deal with scores, each with its theme; they were given on the 5th."""
    stage = {"open": "meeting"}.get(outcome, outcome)
    deal = PIPELINE.restore(id=identity, stage=stage, created_at=jan(1), **fields)
    for score, theme in scores:
        deal = PIPELINE.log(deal, "survey", at=jan(5), score=score, theme=theme)
    return deal


DEALS = (
    said("D-1", "won", (9, "service"), (10, "price"), closed_at=jan(4), owner_id="kim"),
    said("D-2", "lost", (2, "price"), (None, "price"), closed_at=jan(4)),
    said("D-3", "open", (7, None)),
)


def test_is_the_mean_of_the_scores_won_and_lost_apart():
    found = metrics.feedback(DEALS)
    # (9 + 10 + 2 + 7) / 4; won (9 + 10) / 2; lost 2. One survey has no score: it is no row.
    assert (found.mean, found.n) == (28 / 4, 4)
    assert (found.mean_won, found.n_won, found.mean_lost, found.n_lost) == (9.5, 2, 2.0, 1)
    assert found.left_out == {}


def test_a_touch_without_a_score_is_left_out():
    deal = PIPELINE.log(DEALS[0], "call", at=jan(6))
    assert metrics.feedback([deal]).left_out == {"no_score": 1}


def test_by_theme():
    found = metrics.feedback(DEALS, by="theme")
    assert {theme: (one.mean, one.n, one.n_won, one.n_lost) for theme, one in found.items()} == {
        "price": (6.0, 2, 1, 1),
        "service": (9.0, 1, 1, 0),
        None: (7.0, 1, 0, 0),
    }


def test_by_what_the_deal_has():
    found = metrics.feedback(DEALS, by="outcome")
    assert {outcome: one.n for outcome, one in found.items()} == {"won": 2, "lost": 1, "open": 1}
    assert metrics.feedback(DEALS, by="owner_id")[None].n == 4  # nobody is named of the surveys
    assert metrics.feedback(DEALS, by="deal_id")["D-1"].n == 2
    with pytest.raises(ColumnError, match="cannot find column 'thema'"):
        metrics.feedback(DEALS, by="thema")


def test_in_a_period_it_is_dated_by_when_it_happened():
    deal = PIPELINE.log(DEALS[2], "survey", at=jan(20), occurred_at=date(2025, 12, 31), score=1)
    assert metrics.feedback([deal], period=Period.year(2026)).mean == 7.0
    found = metrics.feedback([deal], every="year")
    assert {str(year): one.mean for year, one in found.items()} == {"2025": 1.0, "2026": 7.0}


def test_as_of_an_instant():
    assert metrics.feedback(DEALS, as_of=jan(4)).n == 0
    assert metrics.feedback(DEALS, as_of=jan(5)).n_won == 2


def test_leads_have_a_say_too():
    lead = PROCESS.log(PROCESS.open("Kim", id="L-1", at=jan(1)), "survey", at=jan(2), score=4)
    both = metrics.feedback(Facts(deals=DEALS[:1], leads=[lead]))
    assert (both.mean, both.n, both.n_won, both.n_lost) == (23 / 3, 3, 2, 0)
    assert metrics.feedback(Facts(deals=DEALS[:1], leads=[lead]), by="lead_id")["L-1"].n == 1
    alone = metrics.feedback(Facts(leads=[lead]))
    assert (alone.mean, alone.n_won, alone.mean_won) == (4.0, None, None)
    with pytest.raises(DataError, match="needs the table deals"):
        metrics.feedback(Facts())


def test_of_nothing_is_unknown():
    found = metrics.feedback([])
    assert (found.mean, found.n, found.mean_won, found.n_won) == (None, 0, None, 0)


def test_sums_are_exact():
    """Ten tenths are 1: floats added one by one would make 0.9999999999999999."""
    deal = said("D-1", "open", *[(0.1, None)] * 10)
    assert reduce(add, [0.1] * 10) != 1
    assert metrics.feedback([deal]).mean == 0.1


@pytest.mark.parametrize("kind", FRAMES)
class TestFrames:
    def test_touches_alone_do_not_tell_won_and_lost_apart(self, kind):
        found = metrics.feedback(framed({"score": [9.0, 4.5, None]}, kind))
        assert (found.mean, found.n, found.left_out) == (6.75, 2, {"no_score": 1})
        assert (found.n_won, found.mean_won, found.n_lost, found.mean_lost) == (None,) * 4
        assert found.notes == ("won and lost are not told apart: there are no deals",)

    def test_deals_tell_them_apart(self, kind):
        rows = {"deal_id": ["a", "b", None], "score": [9, 4, 1], "outcome": ["lost"] * 3}
        deals = framed({"deal_id": ["a", "b"], "outcome": ["Won", "lost"]}, kind)
        tables = Facts(deals=deals, touches=framed(rows, kind))
        found = metrics.feedback(tables, outcomes={"Won": "won"})
        assert (found.n, found.mean_won, found.mean_lost, found.notes) == (3, 9.0, 4.0, ())

    def test_scores_beyond_the_scale_are_refused(self, kind):
        touches = framed({"score": [9.0, 11.0, -0.5]}, kind)
        with pytest.raises(ColumnError, match="scores beyond 0 and 10, in 2 rows"):
            metrics.feedback(touches)

    def test_what_is_missing_is_named(self, kind):
        touches = framed({"theme": ["price"]}, kind)
        with pytest.raises(ColumnError, match="cannot read the touches: no column 'score'"):
            metrics.feedback(touches)
        touches = framed({"score": [9.0]}, kind)
        with pytest.raises(DataError, match="pipeline is no column of touches, and there are no"):
            metrics.feedback(touches, by="pipeline")
        with pytest.raises(ColumnError, match="no column 'occurred_at'"):
            metrics.feedback(touches, as_of=jan(5))

    def test_a_deal_that_is_there_twice_is_refused(self, kind):
        deals = framed({"deal_id": ["a", "a"], "outcome": ["won", "lost"]}, kind)
        touches = framed({"deal_id": ["a"], "score": [9]}, kind)
        with pytest.raises(ColumnError, match="deals are there twice, which touches are of"):
            metrics.feedback(Facts(deals=deals, touches=touches))

    def test_a_period_holds_what_happened_in_it(self, kind):
        tables = to_frame(DEALS, backend=kind)
        assert metrics.feedback(tables, period=Period.month(2026, 1)).n == 4
        assert metrics.feedback(tables.touches, period=Period.month(2026, 2)).n == 0

    def test_as_of_an_instant(self, kind):
        tables = to_frame(DEALS, backend=kind)
        assert metrics.feedback(tables, as_of=jan(4)).n == 0
        assert metrics.feedback(tables, as_of=jan(5)).n_won == 2
