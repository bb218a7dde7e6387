"""The methods that a backtest compares, each by hand; and forecasts that are none."""

from datetime import timedelta

import pytest

from salesflow import Money, Period, Rates, forecast
from salesflow.errors import OptionError
from salesflow.forecast import Forecast, Learned, Question
from salesflow.forecast.methods import BUILT_IN
from tests.shorthand import at, eur, lived, on, still_open, usd, won

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

FEBRUARY = Period.month(2026, 2)
RANGE = {"low": eur(0), "high": eur(2)}


def asked(deals, period=FEBRUARY, target="open", currency="EUR", rates=None):
    return Question(
        deals=tuple(deals), period=period, target=target, currency=currency, rates=rates
    )


class TestForecast:
    """What a forecast may be."""

    @pytest.mark.parametrize(
        ("fields", "parameter"),
        [
            ({"amount": None}, "amount"),
            ({"amount": eur(1), "reason": "few_closed"}, "amount"),
            ({"amount": 5}, "amount"),
            ({"amount": eur(1), "low": 5, "high": 7}, "low"),
            ({"amount": eur(1), "low": eur(0)}, "low"),
            ({"amount": eur(1), "high": eur(0)}, "low"),
            ({"amount": None, "reason": "no", "low": eur(0), "high": eur(1)}, "low"),
            ({"amount": eur(1), "low": eur(2), "high": eur(1)}, "high"),
            ({"amount": eur(1), "chances": {"D-1": 1.5}}, "chances"),
            ({"amount": eur(1), "chances": {"D-1": None}}, "chances"),
            ({"amount": eur(1), "chances": {"D-1": True}}, "chances"),
            ({"amount": eur(1), "chances": {"D-1": float("nan")}}, "chances"),
            ({"amount": eur(1), **RANGE, "aimed_share": 1}, "aimed_share"),
            ({"amount": eur(1), **RANGE, "aimed_share": "90%"}, "aimed_share"),
            ({"amount": eur(1), **RANGE}, "aimed_share"),
            ({"amount": eur(1), "aimed_share": 0.9}, "aimed_share"),
            ({"amount": usd(1), **RANGE, "aimed_share": 0.9}, "low"),
            ({"amount": None, "reason": 5}, "reason"),
            ({"amount": eur(1), "n_won": True}, "n_won"),
            ({"amount": eur(1), "n_won": 10**400}, "n_won"),
            ({"amount": None, "reason": ["x"]}, "reason"),
            ({"amount": eur(1), "left_out": {5: 1}}, "left_out"),
            ({"amount": eur(1), "chances": {1: 0.5}}, "chances"),
            ({"amount": eur(1), "chances": [0.5]}, "chances"),
            ({"amount": eur(1), "left_out": ["late"]}, "left_out"),
            ({"amount": eur(1), "left_out": {"late": "many"}}, "left_out"),
            ({"amount": eur(1), "n_won": "two"}, "n_won"),
            ({"amount": eur(1), "n_won": -1}, "n_won"),
            ({"amount": eur(1), "n_won": float("inf")}, "n_won"),
        ],
    )
    def test_others_are_refused(self, fields, parameter):
        with pytest.raises(OptionError, match="of a forecast") as caught:
            Forecast(**fields)
        assert caught.value.parameter == parameter

    def test_the_message_names_the_fact(self):
        message = r"cannot take high=Money\('1', 'EUR'\) of a forecast: it is below the low end"
        with pytest.raises(OptionError, match=message):
            Forecast(amount=eur(1), low=eur(2), high=eur(1), aimed_share=0.9)

    def test_a_range_may_be_a_point_and_need_not_hold_the_amount(self):
        # The mean of a few large deals may lie above all but a few of the draws.
        found = Forecast(amount=eur(9), low=eur(0), high=eur(0), aimed_share=0.9)
        assert (found.low, found.high) == (eur(0), eur(0))


class TestQuestion:
    """What a method is told."""

    def test_the_past_is_of_a_year_and_of_the_history(self):
        period = Period.between(on(10), on(20))
        book = [won("D-1", on(10, 1).replace(year=2024), on(1), 5)]
        past = asked(book, period).past
        assert len(past) == 36  # whole windows of ten days in 365
        assert past[0].end == period.start
        assert asked([won("D-1", 1, 5, 5)], period).past == ()
        assert len(asked([won("D-1", None, on(21, 12).replace(year=2025), 5)], period).past) == 2
        assert asked([still_open("D-1")], period).past == ()

    def test_one_window_longer_than_a_year_is_past_enough(self):
        period = Period.between(on(1), on(1).replace(year=2028))
        book = [won("D-1", on(1).replace(year=2020), on(1).replace(year=2025), 7)]
        assert len(asked(book, period).past) == 1
        assert asked(book, period, "all").typical().amount == eur(7)

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
    def test_a_history_that_begins_on_a_day_begins_with_it_in_any_zone(self, zone):
        period = Period.between(on(20), on(30), zone=zone)
        assert len(asked([still_open("D-1", on(10))], period).past) == 1
        assert len(asked([still_open("D-1", on(11))], period).past) == 0
        # An instant is one: midnight of the 10th in Greenwich is later than that of Seoul.
        begun = lived("D-1", (at(10), "open"))
        assert len(asked([begun], period).past) == (zone != "Asia/Seoul")

    def test_what_is_not_over_was_not_known(self):
        with pytest.raises(OptionError, match="what was won in 2026-02: it was not over") as caught:
            asked([]).won_in(FEBRUARY)
        assert caught.value.parameter == "period"
        with pytest.raises(OptionError, match="part"):
            asked([]).won_in(FEBRUARY.previous(), "opened")

    def test_what_was_won_is_told_by_part(self):
        book = [
            won("D-1", 5, 20, 100),  # not there when January began
            won("D-2", on(1, 12).replace(year=2025), 25, 30),
            won("D-3", 2, on(3, 2), 500),  # later
            won("D-4", 2, 9),  # no amount
            lived(
                "D-5",
                (at(1) - timedelta(days=9), "open"),
                (at(1) - timedelta(days=7), "lose"),
                (at(7), "reopen", "prospecting"),
                (at(9), "win"),
                amount=eur(7),
            ),
            lived("D-6", (at(1), "open"), (at(4), "lose"), amount=eur(900)),
        ]
        question, january = asked(book), Period.month(2026, 1)
        names = ("all", "open", "reopened", "new")
        parts = {part: question.won_in(january, part) for part in names}
        assert {part: one.total for part, one in parts.items()} == {
            "all": eur(137),
            "open": eur(30),
            "reopened": eur(7),
            "new": eur(100),
        }
        assert [one.n_won for one in parts.values()] == [4, 1, 1, 2]
        assert dict(parts["all"].left_out) == {"no_amount": 1}
        assert question.won_in(january) == parts["open"]

    def test_a_win_without_a_date_is_in_no_period_and_counted(self):
        found = asked([won("D-1", 1, None, 50)]).won_in(Period.month(2026, 1), "all")
        assert (found.total, found.n_won) == (eur(0), 0)
        assert dict(found.left_out) == {"no_closed_at": 1}

    def test_open_deals_are_worth_what_the_rate_of_the_day_says(self):
        rates = Rates("EUR", {"USD": {on(1): "0.5", on(1, 2): "0.8", on(2, 2): "9"}})
        question = asked([still_open("D-1", 1, usd(100))], rates=rates)
        (deal,) = question.open_deals
        assert question.amount_of(deal) == eur(80)
        assert question.expected({"D-1": 0.25, "D-2": 1.0}) == eur(20)

    def test_it_says_what_it_is(self):
        assert repr(asked([])) == "<Question of 2026-02: 0 deals>"
        assert asked([]).as_of == at(1, month=2)
        assert asked([]).horizon_days == 28


class TestStageWeights:
    """Amount × probability."""

    def test_the_deal_s_own_probability_comes_first(self):
        deal = still_open("D-1", 1, 100, probability=0.3)
        found = BUILT_IN["stage_weights"](asked([deal, won("D-2", 1, 9, 5)]))
        assert (found.amount, found.n_won, dict(found.chances)) == (eur(30), 0.3, {"D-1": 0.3})

    def test_dates_decide_what_counts(self):
        sure = {"probability": 0.5}
        deals = [
            still_open("D-1", 1, 10, expected_close_on=on(28, 2), **sure),
            still_open("D-2", 1, 20, expected_close_on=on(1, 3), **sure),
            still_open("D-3", 1, 40, expected_close_on=on(31, 1), **sure),
            still_open("D-4", 1, 80, **sure),
        ]
        found = BUILT_IN["stage_weights"](asked(deals))
        assert found.amount == eur(45)
        assert dict(found.chances) == {"D-1": 0.5, "D-2": 0.0, "D-4": 0.5}
        assert dict(found.left_out) == {"overdue": 1}

    def test_a_stage_that_no_closed_deal_had_been_in_has_no_weight(self):
        seen = lived("D-1", (at(1), "open"), (at(3), "lose"))
        deals = [
            seen,
            lived("D-2", (at(4), "open"), amount=eur(7)),
            lived("D-3", (at(4), "open"), (at(5), "to", "meeting"), amount=eur(9)),
        ]
        found = BUILT_IN["stage_weights"](asked(deals))
        assert dict(found.chances) == {"D-2": 0.0}
        assert dict(found.left_out) == {"no_probability": 1}
        assert BUILT_IN["stage_weights"](asked([deals[2]])).reason == "no_probability"

    def test_without_open_deals_it_is_nothing(self):
        assert BUILT_IN["stage_weights"](asked([])).amount == eur(0)

    def test_deals_without_an_amount_or_a_rate_are_counted(self):
        rates = Rates("EUR", {})
        deals = [
            still_open("D-1", 1, None, probability=0.5),
            still_open("D-2", 1, usd(5), probability=0.5),
            still_open("D-3", 1, None, probability=0),
        ]
        found = BUILT_IN["stage_weights"](asked(deals, rates=rates))
        assert dict(found.left_out) == {"no_amount": 1, "no_rate": 1}
        assert (found.amount, found.n_won) == (eur(0), 1.0)


class TestHistory:
    """Last period and run rate."""

    def test_a_history_without_a_whole_window_is_too_short(self):
        deals = [won("D-1", 2, 9, 5)]
        for name in ("last_period", "run_rate"):
            assert BUILT_IN[name](asked(deals)).reason == "short_history"
        # Asked for all, what new deals bring is unknown too.
        open_one = still_open("D-2", 3, 5, probability=0.5, category="commit")
        for name in ("stage_weights", "commit"):
            assert BUILT_IN[name](asked([*deals, open_one], target="all")).reason == "short_history"

    def test_the_last_period_counts_what_it_leaves_out(self):
        opened = on(1, 12).replace(year=2025)
        deals = [won("D-1", opened, 9, 5), won("D-2", opened, 10)]
        period = Period.between(on(20), on(30))
        found = BUILT_IN["last_period"](asked(deals, period))
        assert (found.amount, found.n_won, dict(found.left_out)) == (eur(0), 1, {"no_amount": 1})


class TestCommit:
    """What owners promised."""

    def test_it_is_the_commit_of_the_roll_up(self):
        deals = [
            still_open("D-1", 1, 10, expected_close_on=on(3, 2), category="Commit"),
            still_open("D-2", 1, 20, expected_close_on=on(4, 2), category="best_case"),
            still_open("D-3", 1, 40, expected_close_on=on(5, 3), category="Commit"),
            still_open("D-4", 1, None, expected_close_on=on(5, 2), category="committed"),
        ]
        found = BUILT_IN["commit"](asked(deals))
        assert (found.amount, found.n_won, dict(found.left_out)) == (eur(10), 2, {"unpriced": 1})
        assert dict(found.chances) == {}
        assert BUILT_IN["commit"](asked(deals[1:3])).amount == eur(0)

    def test_without_any_category_nobody_committed_to_anything(self):
        assert BUILT_IN["commit"](asked([still_open("D-1", 1, 10)])).reason == "no_category"
        assert BUILT_IN["commit"](asked([])).reason == "no_category"


def short_lives(n, first, *, every=2, amount=100):
    """Deals that are opened one after another, and won or lost by turns a day later."""
    for number in range(n):
        start = first + timedelta(days=every * number)
        end = (start + timedelta(days=1), "win" if number % 2 else "lose")
        yield lived(f"D-{number}", (start, "open"), end, amount=eur(amount))


class TestLearned:
    """The model and its draws."""

    def test_it_is_the_simulation_s_mean_and_range(self):
        first = at(1) - timedelta(days=200)
        deals = [*short_lives(100, first), lived("X", (at(31, 23), "open"), amount=eur(100))]
        question = asked(deals)
        model = forecast.StageModel.fit(deals, as_of=question.as_of, horizon_days=28)
        draws = forecast.simulate(deals, model, FEBRUARY, n=500, seed=3)
        found = Learned(n=500, seed=3)(question)
        assert (found.amount, found.aimed_share) == (draws.mean, 0.9)
        assert (found.low, found.high) == (draws.quantile(0.05), draws.quantile(0.95))
        chance = model.win_probability(deals[-1], within=28)
        assert dict(found.chances) == {"X": chance}
        assert found.n_won == chance
        # Half of the deals are won.
        assert chance == pytest.approx(0.5, abs=0.1)

    def test_asked_for_all_new_deals_are_drawn_too(self):
        deals = [*short_lives(150, at(1) - timedelta(days=300))]
        found = Learned(n=500)(asked(deals, target="all"))
        # One deal each second day, of 100, half of them won: 28 days bring about 700.
        assert float(found.amount.amount) == pytest.approx(700, rel=0.25)
        assert found.n_won == pytest.approx(7, rel=0.25)
        assert found.low < found.amount < found.high
        assert Learned(n=500)(asked(deals, target="open")).amount == eur(0)

    def test_few_closed_deals_tell_nothing(self):
        deals = [*short_lives(29, at(1) - timedelta(days=200))]
        assert Learned()(asked(deals)).reason == "few_closed"
        assert Learned(min_closed=29)(asked(deals)).reason is None

    def test_a_short_history_does_not_tell_how_deals_go_together(self):
        deals = [*short_lives(60, at(1) - timedelta(days=31), every=1)]
        deals.append(lived("X", (at(31, 23), "open"), amount=eur(100)))
        found, independent = Learned()(asked(deals)), Learned(shock=0)(asked(deals))
        assert (found.low, found.high) == (None, None)
        assert found.amount == independent.amount
        assert (independent.low, independent.high) == (eur(0), eur(100))

    def test_a_history_without_a_whole_window_does_not_tell_how_many_new_deals_are_won(self):
        deals = [*short_lives(31, at(1), every=1)]
        assert Learned()(asked(deals, target="all")).n_won == 15
        quarter = Period.between(on(1, 2), on(1, 4))
        found = Learned()(asked(deals, quarter, "all"))
        assert (found.n_won, found.reason) == (None, None)
        # One deal a day, of 100, half of them won: 59 days bring about 2,950.
        assert float(found.amount.amount) == pytest.approx(2_950, rel=0.2)

    def test_a_week_tells_of_new_deals_from_28_days_on(self):
        deals = [*short_lives(31, at(5), every=0.8)]
        week = Period.between(on(1, 2), on(8, 2))
        assert BUILT_IN["run_rate"](asked(deals, week, "all")).reason is None
        assert Learned()(asked(deals, week, "all")).reason == "short_history"

    def test_an_option_that_simulate_refuses_is_refused(self):
        deals = [*short_lives(60, at(1) - timedelta(days=200))]
        for options in ({"shock": -1}, {"n": 0}):
            with pytest.raises(OptionError):
                Learned(**options)(asked(deals))

    def test_deals_without_any_amount_bring_nothing_in_the_currency_asked_for(self):
        deals = [
            lived(f"D-{n}", (at(1) - timedelta(days=200 - n), "open"), (at(1), "lose"))
            for n in range(40)
        ]
        found = Learned(shock=0)(asked(deals))
        assert (found.amount, found.low, found.high) == (eur(0), eur(0), eur(0))

    def test_it_can_be_told_apart_by_its_name(self):
        ones = [Learned(), Learned(by="source", name="by source")]
        found = forecast.backtest([], [], 30, as_of=at(1), methods=ones)
        assert [*found] == ["learned", "by source"]


def test_money_in_an_unsaid_currency_stays_so():
    assert asked([], currency="XXX").expected({}) == Money(0, "XXX")
