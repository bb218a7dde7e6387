"""The stage model: by hand, against known truth, what it refuses and what it does not know."""

import copy
import pickle
import sys
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from salesflow import Money, Pipeline, datasets, facts, merge
from salesflow.errors import (
    ColumnError,
    DataError,
    DuplicateDealError,
    MissingExtraError,
    MixedCurrencyError,
    NaiveDatetimeError,
    OptionError,
)
from salesflow.forecast import StageModel
from salesflow.models import events as ev
from tests.builders import deal_of, jan, restored
from tests.naive_forecast import AS_OF, Path

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)


def path(name, *stays, end=None, source=None):
    """A deal of the stages talk, offer and legal, with whole days in each."""
    return Path(name, stays, end, source).deal()


def fit(deals, **options):
    return StageModel.fit(deals, **{"as_of": NOW, "min_closed": 0, "horizon_days": 10, **options})


class TestByHand:
    """Small books, with the arithmetic beside them."""

    def test_a_deal_that_is_one_stage_from_its_end(self):
        # Of three offers that lasted longer than a day, one is won after 2 days, one lost after 3,
        # one won after 3: of those left after day 1, 1/3 is won at 2, then of 2, one each at 3.
        deals = [
            path("A", ("offer", 2), end="won"),
            path("B", ("offer", 3), end="lost"),
            path("C", ("offer", 3), end="won"),
            path("D", ("offer", 1), end="lost"),
            path("E", ("offer", 1)),
        ]
        curve = fit(deals, prior_visits=1).curve(deals[-1])
        assert curve.days == tuple(range(11))
        assert curve.won == pytest.approx((0, 1 / 3, *[2 / 3] * 9))
        assert curve.lost == pytest.approx((0, 0, *[1 / 3] * 9))
        assert curve.open == pytest.approx((1, 2 / 3, *[0] * 9))

    def test_one_that_has_two_stages_to_go(self):
        # Talks: A goes on after 1 day, B after 3. Offers: won after 2 days, lost after 4. From a
        # talk of no day: half goes on at 1, half at 3, each half won 2 days later, lost 4 later.
        deals = [
            path("A", ("talk", 1), ("offer", 2), end="won"),
            path("B", ("talk", 3), ("offer", 4), end="lost"),
            path("C", ("talk", 0)),
        ]
        curve = fit(deals).curve(deals[-1])
        assert curve.won == pytest.approx((0, 0, 0, 1 / 4, 1 / 4, *[1 / 2] * 6))
        assert curve.lost == pytest.approx((0, 0, 0, 0, 0, 1 / 4, 1 / 4, *[1 / 2] * 4))

    def test_open_deals_are_censored(self):
        # 3 offers are watched at 1, when one is won; 1 at 2, when it is lost; one lasts since 1.
        deals = [
            path("A", ("offer", 1), end="won"),
            path("B", ("offer", 2), end="lost"),
            path("C", ("offer", 1)),
        ]
        newcomer = path("D", ("offer", 0))
        curve = fit(deals).curve(newcomer)
        assert curve.won[:3] == pytest.approx((0, 1 / 3, 1 / 3))
        assert curve.lost[:3] == pytest.approx((0, 0, 2 / 3))

    def test_later_visits_are_told_apart(self):
        # Offers end after a day. The five first ones lead back to a talk, but one that is lost; the
        # four later ones are won. Of all nine, 4 are won and 1 is lost: with a prior of one visit
        # of the whole, a later offer is won with (4 + 4/9) / (4 + 1), a first one lost with
        # (1 + 1/9) / (5 + 1).
        deals = [
            path(f"B-{n}", ("offer", 1), ("talk", 1), ("offer", 1), end="won") for n in range(4)
        ]
        deals.append(path("X", ("offer", 1), end="lost"))
        model = fit(deals, prior_visits=1)
        later = path("Y", ("offer", 1), ("talk", 1), ("offer", 0))
        assert model.win_probability(later, within=1) == pytest.approx((4 + 4 / 9) / (4 + 1))
        assert model.curve(path("Z", ("offer", 0))).lost[1] == pytest.approx((1 + 1 / 9) / (5 + 1))

    def test_a_segment_is_shrunk_toward_the_whole(self):
        # The web wins 1 of 2, the fair 3 of 3: 4 of 5. Offers of no segment are won 4/5 of the
        # time; the prior of 5 visits of the whole has 4 wins, so first visits win
        # (4 + 4) / (5 + 5) and the web (1 + 5 × 0.8) / (2 + 5) = 5/7.
        deals = [
            path("A", ("offer", 1), end="won", source="web"),
            path("B", ("offer", 1), end="lost", source="web"),
            *(path(f"C-{n}", ("offer", 1), end="won", source="fair") for n in range(3)),
        ]
        model = fit(deals, by="source", prior_visits=5)
        chances = [
            model.win_probability(path("D", ("offer", 0), source=source))
            for source in ("web", "fair", "unheard of", None)
        ]
        assert chances == pytest.approx([5 / 7, (3 + 4) / 8, 0.8, 0.8])
        assert fit(deals).win_probability(path("D", ("offer", 0))) == pytest.approx(0.8)

    def test_of_a_late_deal_more_is_asked_than_what_outlasted_it(self):
        # One offer outlasted the third day, and was won on the fifth: that makes no win certain.
        # Four are asked for. As many outlasted the first day: of those, 1/4 is won and 1/4 lost a
        # day later, 1/4 is lost after two days, 1/4 won after four. The one has 1/4, these 3/4.
        deals = [
            path("A", ("offer", 1), end="lost"),
            path("B", ("offer", 1), end="lost"),
            path("C", ("offer", 2), end="won"),
            path("D", ("offer", 2), end="lost"),
            path("E", ("offer", 3), end="lost"),
            path("F", ("offer", 5), end="won"),
        ]
        late = path("L", ("offer", 3))
        for book in (deals, [*deals, late]):
            curve = fit(book, prior_visits=4).curve(late)
            won = (0, 3 / 16, 1 / 4 + 3 / 16, 1 / 4 + 3 / 16, 1 / 4 + 3 / 8)
            assert curve.won[:5] == pytest.approx(won)
            assert curve.lost[:5] == pytest.approx((0, 3 / 16, 3 / 8, 3 / 8, 3 / 8))
        assert fit(deals, prior_visits=1).curve(late).won[2] == 1.0

    def test_a_deal_is_no_evidence_for_itself(self):
        # Of the offers that others made, A's was won after a day. D's own first offer led back to a
        # talk: it would halve the chance of its second one.
        deals = [
            path("A", ("offer", 1), end="won"),
            path("B", ("talk", 1), ("offer", 1), end="won"),
            path("D", ("offer", 1), ("talk", 1), ("offer", 0)),
        ]
        assert fit(deals).win_probability(deals[-1]) == pytest.approx(1.0)
        other = path("E", ("offer", 1), ("talk", 1), ("offer", 0))
        assert fit(deals).win_probability(other, within=1) == pytest.approx(2 / 3)

    def test_a_visit_that_others_may_come_back_from_does_not_count_either(self):
        # B's talk led on to the offer it is in, from which A's went back to a talk: B may come
        # back there, and of talks it knows A's second, which was lost, and A's first.
        deals = [
            path("A", ("talk", 1), ("offer", 1), ("talk", 1), end="lost"),
            path("B", ("talk", 1), ("offer", 0)),
        ]
        alone = fit(deals[:1]).curve(deals[1])
        assert fit(deals).curve(deals[1]).lost == pytest.approx(alone.lost, abs=1e-12)
        # Of A's two talks that count here, one as itself and 20 × 1/2 as the whole, 11/21 are lost.
        assert alone.lost[2] == pytest.approx(11 / 21)

    def test_a_chance_within_part_of_a_day_lies_between_both_days(self):
        deals = [path("A", ("offer", 2), end="won"), path("B", ("offer", 4), end="won")]
        model, newcomer = fit(deals), path("C", ("offer", 0))
        found = [model.win_probability(newcomer, within=days) for days in (0, 1, 1.5, 2, 10)]
        assert found == pytest.approx([0, 0, 0.25, 0.5, 1])
        assert model.win_probability(newcomer) == pytest.approx(1)

    def test_between_days_a_curve_is_read_where_the_end_was(self):
        # Both stages last half a day: what enters the second after half a day is won after one.
        # Of the entry, half counts at day 0 and half at day 1; of the win, all at 1, or 2.
        pipeline, start = Pipeline.standard(), NOW - timedelta(days=1)
        won = pipeline.restore(
            id="A",
            stage="won",
            closed_at=start + timedelta(days=1),
            visits=[("proposal", start), ("negotiation", start + timedelta(hours=12))],
        )
        newcomer = pipeline.restore(id="B", stage="proposal", visits=[("proposal", NOW)])
        curve = fit([won]).curve(newcomer)
        assert curve.won[:3] == pytest.approx((0, 0.5, 1.0))


class TestExpectedClose:
    """When it is won, if it is."""

    def test_the_range_has_its_share_of_wins(self):
        # Ten wins, on the days 1 to 10: 10 % have come by day 1, half by day 5, 90 % by day 9.
        deals = [path(f"A-{n}", ("offer", n), end="won") for n in range(1, 11)]
        found = fit(deals).expected_close(path("B", ("offer", 0)))
        assert (found.low_days, found.days, found.high_days) == (1, 5, 9)
        assert (found.low_on, found.on, found.high_on) == (
            AS_OF + timedelta(days=1),
            AS_OF + timedelta(days=5),
            AS_OF + timedelta(days=9),
        )
        assert (found.deal_id, found.coverage, found.as_of) == ("B", 0.8, NOW)

    def test_losses_do_not_move_it(self):
        deals = [path(f"A-{n}", ("offer", n), end="won") for n in range(1, 11)]
        losses = [path(f"L-{n}", ("talk", 1), end="lost") for n in range(20)]
        goes_on = [path(f"G-{n}", ("talk", 1), ("offer", n), end="won") for n in range(1, 11)]
        found = fit([*deals, *losses, *goes_on], horizon_days=20).expected_close(
            path("B", ("talk", 0))
        )
        # One day in the talk, then the same ten days.
        assert (found.low_days, found.days, found.high_days) == (2, 6, 10)

    def test_what_is_later_than_the_curve_is_none(self):
        # Of ten wins, seven come within the ten days, three later. A half of all is reached; nine
        # tenths are not.
        deals = [path(f"A-{n}", ("offer", 2 * n), end="won") for n in range(1, 8)]
        deals += [path(f"B-{n}", ("offer", 40), end="won") for n in range(3)]
        found = fit(deals, horizon_days=14).expected_close(path("C", ("offer", 0)))
        assert (found.low_days, found.days, found.high_days) == (2, 10, None)
        assert found.high_on is None

    def test_a_deal_that_is_never_won_has_none(self):
        deals = [path("A", ("offer", 2), end="lost"), path("B", ("offer", 3), end="lost")]
        model = fit(deals)
        assert model.expected_close(path("C", ("offer", 0))) is None
        assert model.expected_close(deals[0]) is None
        assert model.expected_close(path("D", ("legal", 0))) is None

    def test_a_day_is_that_of_the_zone_of_as_of(self):
        from zoneinfo import ZoneInfo

        deals = [path(f"A-{n}", ("offer", 1), end="won") for n in range(2)]
        seoul = datetime(2026, 3, 1, 23, tzinfo=ZoneInfo("Asia/Seoul"))  # 14:00 UTC
        found = fit(deals, as_of=seoul).expected_close(path("C", ("offer", 0)))
        assert found.on == date(2026, 3, 2)

    @pytest.mark.parametrize("coverage", [0, 1, -0.5, 1.5, float("nan"), None, True, "0.8"])
    def test_a_coverage_that_is_no_share_is_refused(self, coverage):
        model = fit([])
        with pytest.raises(OptionError, match="it is no share above 0 and below 1") as caught:
            model.expected_close(path("A", ("offer", 0)), coverage=coverage)
        assert caught.value.parameter == "coverage"


class TestUnknown:
    """What the history does not tell is None, and says why."""

    deals = (
        path("A", ("talk", 2), ("offer", 3), end="won"),
        path("B", ("talk", 4), end="lost"),
        path("C", ("talk", 9)),
    )

    def reason(self, deal, **options):
        model = fit(self.deals, **options)
        assert model.curve(deal) is None
        assert model.win_probability(deal) is None
        assert model.expected_close(deal) is None
        found = model.win_probabilities([deal])
        assert found[deal.id].value is None
        assert found[deal.id].left_out == found.left_out
        (reason,) = found.left_out
        return reason

    def test_too_few_closed_deals(self):
        newcomer = path("N", ("talk", 1))
        assert self.reason(newcomer, min_closed=3) == "few_closed"
        assert fit(self.deals, min_closed=2).win_probability(newcomer) is not None

    def test_thirty_closed_deals_are_asked_for(self):
        deals = [path(f"D-{n}", ("offer", 2), end="won") for n in range(30)]
        newcomer = path("N", ("offer", 1))
        assert StageModel.fit(deals, as_of=NOW).win_probability(newcomer) == 1.0
        assert StageModel.fit(deals[1:], as_of=NOW).win_probability(newcomer) is None

    def test_a_stage_that_no_deal_was_in(self):
        assert self.reason(path("N", ("legal", 1))) == "unknown_stage"

    def test_a_deal_that_has_been_there_for_longer_than_any_other(self):
        assert self.reason(path("N", ("talk", 9))) == "no_longer_visit"
        model = fit(self.deals, prior_visits=1)
        assert model.win_probability(path("N", ("talk", 8))) == 0.0

    def test_a_deal_that_only_itself_has_outlasted(self):
        assert self.reason(self.deals[2]) == "no_longer_visit"

    def test_a_stage_that_no_deal_has_left(self):
        lasting = [path("L", ("legal", 9)), path("M", ("legal", 3))]
        model = fit([*self.deals, *lasting])
        assert model.win_probability(path("N", ("legal", 1))) is None
        assert model.win_probabilities([lasting[1]]).left_out == {"no_longer_visit": 1}

    def test_a_stage_or_an_entry_that_nobody_knows(self):
        pipeline = Pipeline.standard()
        nowhere = pipeline.restore(id="N", stage=None)
        undated = pipeline.restore(id="U", stage="meeting")
        model = fit([pipeline.restore(id="M", stage="meeting", visits=[("meeting", jan(2))])])
        assert model.win_probabilities([nowhere, undated]).left_out == {
            "no_stage": 1,
            "no_entered_at": 1,
        }

    def test_a_deal_that_had_not_begun(self):
        deal = Pipeline.standard().open("N", id="N", at=NOW + timedelta(days=1))
        assert self.reason(deal) == "not_begun"

    def test_an_open_stage_without_a_way_out_keeps_its_deals(self):
        # Nobody has left the legal stage: deals that go there are open to the end.
        deals = [
            *self.deals,
            path("D", ("offer", 3), ("legal", 4)),
        ]
        curve = fit(deals).curve(path("N", ("offer", 0)))
        assert (curve.won[-1], curve.lost[-1], curve.open[-1]) == pytest.approx((0.5, 0, 0.5))


def _lost_after(pipeline, days):
    deal = pipeline.open("O", at=NOW - timedelta(days=days))
    return pipeline.lose(deal, "price", at=NOW)


class TestClosed:
    """What is closed at the model's instant is known."""

    def test_a_closed_deal_is_certain(self):
        model = fit([], min_closed=99)
        won, lost = path("A", ("offer", 1), end="won"), path("B", ("offer", 1), end="lost")
        assert [model.win_probability(deal, within=0) for deal in (won, lost)] == [1.0, 0.0]
        assert model.curve(won).won == (1.0,) * 11
        assert model.curve(lost).lost == (1.0,) * 11

    def test_a_deal_is_looked_at_as_it_was(self):
        pipeline = Pipeline.standard()
        deal = pipeline.open("A", id="A", stage="prospecting", at=NOW - timedelta(days=1))
        known = [
            pipeline.lose(pipeline.open(f"K-{n}", at=NOW - timedelta(days=5)), "price", at=NOW)
            for n in range(3)
        ]
        model = fit([*known, deal], prior_visits=1)
        before = model.curve(deal)
        assert model.curve(pipeline.lose(deal, "price", at=NOW + timedelta(days=1))) == before
        assert before.lost[4] == 1.0
        assert before.open[0] == 1.0

    def test_a_loss_is_final_and_a_return_begins_anew(self):
        # A deal that was lost and reopened is learned from twice: its first talk ends with the
        # loss, its second one, a later visit, with the win.
        pipeline = Pipeline.standard()
        deal = pipeline.open("A", id="A", at=NOW - timedelta(days=9))
        deal = pipeline.lose(deal, "price", at=NOW - timedelta(days=7))
        deal = pipeline.reopen(deal, "prospecting", reason="again", at=NOW - timedelta(days=3))
        others = [_lost_after(pipeline, n) for n in (5, 6)]
        alone, among = fit(others).curve(deal), fit([*others, deal]).curve(deal)
        assert among.lost == pytest.approx(alone.lost, abs=1e-12)
        model = fit([pipeline.lose(deal, "price", at=NOW)])
        assert model.visits.us == tuple(days * 86_400_000_000 for days in (2, 3))
        assert model.visits.place == (0, 1)
        assert model.visits.next == (3, 3)

    def test_what_was_merged_later_was_a_deal_of_its_own(self):
        pipeline = Pipeline.standard()
        one, other = (
            pipeline.open(name, id=name, at=NOW - timedelta(days=2)) for name in ("A", "B")
        )
        merged = merge(one, other, at=NOW + timedelta(days=1))
        assert fit([merged]).visits.deal_ids == ("A", "B")
        assert fit([merged], as_of=NOW + timedelta(days=2)).visits.deal_ids == ("A",)


class TestLeftOut:
    """Visits of which an end is unknown are counted, not guessed."""

    def test_reasons(self):
        pipeline = Pipeline.standard()
        deals = [
            pipeline.restore(id="A", stage="meeting"),
            pipeline.restore(id="B", stage="won", visits=[("meeting", jan(2))]),
            pipeline.restore(id="C", stage="won", closed_at=jan(9), visits=[("meeting", jan(2))]),
        ]
        model = fit(deals)
        assert model.left_out == {"no_entered_at": 1, "no_left_at": 1}
        assert model.visits.us == (7 * 86_400_000_000,)
        assert model.n_closed == 2

    def test_a_visit_that_led_nobody_knows_where_is_watched_until_it_ended(self):
        stay = ev.RestoredVisit(
            stage="talk", stage_kind="open", stage_position=0, entered_at=jan(1), left_at=jan(4)
        )
        nowhere = {"stage": None, "stage_position": None, "probability": None}
        model = fit([deal_of(restored(at=jan(4), visits=(stay,), **nowhere))])
        assert model.visits.us == (3 * 86_400_000_000,)
        assert model.visits.next == (-1,)


@pytest.fixture(scope="module")
def world():
    return datasets.make_deals(600, seed=3)


class TestSegments:
    """What may tell deals apart."""

    def test_several_columns_and_custom_keys(self):
        deals = [
            Pipeline.standard().open("A", id="A", owner_id="kim", custom={"region": [1, None]}),
            Pipeline.standard().open("B", id="B", owner_id="kim", custom={"region": {"a": True}}),
            Pipeline.standard().open("C", id="C"),
        ]
        model = fit(deals, by=["owner_id", "custom.region"], as_of=datetime(2126, 1, 1, tzinfo=UTC))
        assert model.by == ("owner_id", "custom.region")
        assert model.visits.segments == (
            '["kim", [1, null]]',
            '["kim", {"a": true}]',
            "[null, null]",
        )

    def test_a_deal_is_in_the_segment_it_was_in(self):
        # The owner changed after the instant.
        pipeline = Pipeline.standard()
        deal = pipeline.open("A", id="A", owner_id="kim", at=NOW - timedelta(days=1))
        later = pipeline.update(deal, owner_id="lee", at=NOW + timedelta(days=1))
        assert fit([later], by="owner_id").visits.segments == ('["kim"]',)

    def test_sizes(self):
        bounds = [Money(100, "EUR"), Money(1_000, "EUR")]
        amounts = [None, "99.99", "100", "5000"]
        deals = [
            Pipeline.standard().open(
                "A", id=f"A-{amount}", amount=amount and Money(amount, "EUR"), at=jan(1)
            )
            for amount in amounts
        ]
        model = fit(deals, by=["size", "source"], sizes=bounds)
        assert model.visits.segments == ("[null, null]", "[0, null]", "[1, null]", "[2, null]")

    def test_a_size_in_another_currency_is_refused(self):
        deal = Pipeline.standard().open("A", id="A", amount=Money(5, "USD"), at=jan(1))
        with pytest.raises(MixedCurrencyError, match="size of deal 'A': it is in USD") as caught:
            fit([deal], by="size", sizes=[Money(1, "EUR")])
        assert caught.value.currencies == ("EUR", "USD")

    @pytest.mark.parametrize(
        ("by", "sizes"),
        [
            ("size", ()),
            (None, [Money(1, "EUR")]),
            ("size", [Money(1, "EUR"), Money(1, "EUR")]),
            ("size", [Money(2, "EUR"), Money(1, "EUR")]),
            ("size", [Money(1, "EUR"), Money(2, "USD")]),
            ("size", [1, 2]),
            ("size", 5),
            ("size", "EUR 5"),
        ],
    )
    def test_sizes_that_are_none_are_refused(self, by, sizes):
        with pytest.raises(OptionError, match="cannot tell sizes") as caught:
            fit([], by=by, sizes=sizes)
        assert caught.value.parameter == "sizes"

    @pytest.mark.parametrize("name", ["outcome", "stage", "loss_reason", "probability"])
    def test_what_tells_the_end_is_no_segment(self, name):
        # Closed deals would tell by it how they ended.
        with pytest.raises(OptionError, match="how far a deal got, or its end") as caught:
            fit([], by=["source", name])
        assert caught.value.parameter == "by"

    def test_a_column_that_deals_do_not_have_is_refused(self):
        with pytest.raises(ColumnError, match="'ownr_id'"):
            fit([], by="ownr_id")

    @pytest.mark.parametrize("by", ["created_at", "amount", "expected_close_on"])
    def test_what_each_deal_has_of_its_own_is_no_segment(self, by):
        deal = Pipeline.standard().open(
            "A", amount=Money(1, "EUR"), expected_close_on=date(2026, 3, 1), at=jan(1)
        )
        with pytest.raises(OptionError, match="nearly each deal is one of its own") as caught:
            fit([deal], by=by)
        assert caught.value.parameter == "by"


class TestRefused:
    """Options and data that are none."""

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            *(("prior_visits", value) for value in (0, -1, float("nan"), 10**400, None, "5", True)),
            *(("min_closed", value) for value in (-1, 1.5, None, True)),
            *(("horizon_days", value) for value in (0, 3_661, 2.0, None, True)),
        ],
    )
    def test_options(self, option, value):
        with pytest.raises(OptionError, match=f"cannot take {option}=") as caught:
            fit([], **{option: value})
        assert caught.value.parameter == option

    def test_an_instant_without_a_zone(self):
        with pytest.raises(NaiveDatetimeError, match="as_of"):
            fit([], as_of=NOW.replace(tzinfo=None))

    def test_an_instant_with_no_days_ahead(self):
        with pytest.raises(OptionError, match="cannot look 10 days ahead of 9999-12-25") as caught:
            fit([], as_of=datetime(9999, 12, 25, tzinfo=UTC))
        assert caught.value.parameter == "as_of"

    @pytest.mark.parametrize("within", [-1, 10.5, float("nan"), "5", True])
    def test_days_beyond_what_the_model_sees(self, within):
        with pytest.raises(OptionError, match="days ahead: it is no number from 0") as caught:
            fit([]).win_probability(path("A", ("offer", 1)), within=within)
        assert caught.value.parameter == "within"
        assert "10 days ahead" in caught.value.hint

    @pytest.mark.parametrize("within", [np.array([1, 2]), np.bool_(True), np.int64(11)])  # noqa: FBT003
    def test_what_numpy_has_that_is_no_number_of_days(self, within):
        with pytest.raises(OptionError, match="days ahead: it is no number from 0"):
            fit([]).win_probability(path("A", ("offer", 1)), within=within)

    @pytest.mark.parametrize("library", ["pandas", "polars", "polars[lazy]", "pyarrow", "duckdb"])
    def test_a_frame_is_no_list_of_deals(self, library):
        frame = facts.to_frame([path("A", ("offer", 1))], backend=library).deals
        model = fit([])
        for ask in (fit, model.win_probabilities):
            with pytest.raises(DataError, match="takes Deal objects, not a") as caught:
                ask(frame)
            assert library.partition("[")[0] in caught.value.message
            assert "crm.read(frame).deals" in caught.value.hint

    @pytest.mark.parametrize("deal", [None, "D-1", [path("A", ("offer", 1))]])
    def test_what_is_no_deal(self, deal):
        model = fit([])
        for ask in (model.win_probability, model.curve, model.expected_close):
            with pytest.raises(DataError, match="cannot forecast the deal"):
                ask(deal)
        with pytest.raises(DataError):
            model.win_probabilities("D-1")

    def test_a_deal_that_is_there_twice(self):
        deal = path("A", ("offer", 1))
        with pytest.raises(DuplicateDealError):
            fit([deal, deal])
        with pytest.raises(DuplicateDealError):
            fit([]).win_probabilities([deal, deal])


def test_results_leave_in_every_form(world):
    model = StageModel.fit(world.deals, as_of=world.as_of)
    deal = next(deal for deal in world.deals if deal.is_open)
    curve, close = model.curve(deal), model.expected_close(deal)
    assert curve.to_frame("polars").columns == ["day", "won", "lost", "open", "as_of"]
    assert len(curve.to_dicts()) == 366
    assert len(str(curve).splitlines()) < 20
    assert close.to_frame("polars").height == 1
    chances = model.win_probabilities([deal], within=30)
    assert chances.to_frame("polars")["value"].to_list() == [chances[deal.id].value]
    assert model.win_probabilities([]).to_frame("polars").height == 0
    assert repr(model) == (
        f"<StageModel as of 2026-01-01T00:00:00+00:00: 600 deals, {len(model.visits.us)} visits>"
    )


def test_a_model_is_a_value(world):
    model = StageModel.fit(world.deals, as_of=world.as_of, by="source")
    deal = next(deal for deal in world.deals if deal.is_open)
    chance = model.win_probability(deal, within=30)
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):  # noqa: S301 - ours
        assert again == model
        assert again.win_probability(deal, within=30) == chance
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        model.min_closed = 0


def test_stage_chances_by_hand():
    # Three talks end: two go on after 1 and 2 days, one is lost after 5; one offer goes back to a
    # talk after 1 day, which lasts; one is won after 3 days.
    deals = [
        path("A", ("talk", 1), ("offer", 1), ("talk", 0)),
        path("B", ("talk", 2), ("offer", 3), end="won"),
        path("C", ("talk", 5), end="lost"),
    ]
    found = fit(deals).stage_chances()
    assert [*found] == ["talk", "offer"]
    talk, offer = found["talk"], found["offer"]
    assert (talk.n_visits, talk.n_ended, offer.n_visits, offer.n_ended) == (4, 3, 2, 2)
    shares = (talk.won, talk.lost, talk.onward, talk.back)
    assert shares == pytest.approx((0, 1 / 3, 2 / 3, 0))
    assert (offer.won, offer.lost, offer.onward, offer.back) == pytest.approx((0.5, 0, 0, 0.5))
    assert (talk.median_days, offer.median_days) == (2, 1)
    assert found.to_frame("polars")["stage"].to_list() == ["talk", "offer"]
    assert [*fit([path("A", ("talk", 1))]).stage_chances()] == []


def test_whole_numbers_of_numpy_are_whole_numbers():
    days, least, visits = np.int64(10), np.uint8(0), np.int32(20)
    deals = [path("A", ("offer", 2), end="won"), path("B", ("offer", 1))]
    plain = fit(deals, prior_visits=20)
    model = fit(deals, horizon_days=days, min_closed=least, prior_visits=visits)
    assert model.to_json() == plain.to_json()
    assert {type(one) for one in (model.horizon_days, model.min_closed, model.prior_visits)} == {
        int
    }
    assert model.win_probability(deals[1], within=np.int64(2)) == plain.win_probability(
        deals[1], within=2
    )
    assert type(model.win_probability(deals[1], within=days)) is float
    assert model.win_probabilities(deals, within=days) == plain.win_probabilities(deals, within=10)


def test_half_of_the_visits_may_last_longer_than_the_model_sees():
    deals = [path(f"A-{n}", ("talk", 50), end="lost") for n in range(3)]
    assert fit(deals).stage_chances()["talk"].median_days is None


def test_without_numpy_the_extra_is_named(monkeypatch):
    model = fit([])
    monkeypatch.setitem(sys.modules, "numpy", None)
    for call in (
        lambda: fit([]),
        lambda: StageModel.from_json(model.to_json()).win_probability(path("A", ("offer", 1))),
    ):
        with pytest.raises(MissingExtraError, match="numpy is not installed") as caught:
            call()
        assert caught.value.library == "numpy"
