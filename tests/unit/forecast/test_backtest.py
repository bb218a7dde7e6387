"""Backtests: what is asked and refused, what is left out, and which method is named."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from salesflow import Money, Pipeline, Rates, datasets, forecast, merge
from salesflow.errors import (
    DataError,
    DuplicateDealError,
    MixedCurrencyError,
    NaiveDatetimeError,
    OptionError,
    PeriodError,
    UnknownZoneError,
)
from salesflow.forecast import Forecast, Learned, Question
from tests.builders import naive
from tests.shorthand import at, eur, lived, on, still_open, usd, won

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

NOW = at(1, month=6)
DAYS = [on(1), on(1, 2), on(1, 3)]


def backtest(deals, days=DAYS, horizon=28, **options):
    return forecast.backtest(deals, days, horizon, **{"as_of": NOW, "methods": ["flat"], **options})


def flat(amount, name="flat", **fields):
    """A method that says the same each time."""

    def method(question):
        return Forecast(amount=Money(amount, question.currency), **fields)

    method.__name__ = name
    return method


def constant(deals=(), days=DAYS, horizon=28, *, amounts=(10,), **options):
    """A backtest of methods that say the same each time."""
    methods = [flat(amount, f"flat_{amount}") for amount in amounts]
    return backtest(deals, days, horizon, methods=methods, **options)


def monthly(amounts, start=2024):
    """A won deal for each month, opened a day before."""
    for number, amount in enumerate(amounts):
        month = datetime(start + number // 12, number % 12 + 1, 10, tzinfo=UTC)
        yield lived(f"D-{number}", (month, "open"), (month, "win"), amount=eur(amount))


def firsts(n, start=2024):
    return [date(start + number // 12, number % 12 + 1, 1) for number in range(n)]


class TestWindows:
    """From days to windows."""

    def test_days_are_of_the_zone(self):
        seoul = ZoneInfo("Asia/Seoul")
        moment = datetime(2026, 1, 31, 15, tzinfo=UTC)  # midnight of 1 February there
        for days in ([on(1, 2)], [moment], [moment.astimezone(seoul)]):
            ((period, _),) = constant(days=days, zone="Asia/Seoul").forecasts
            assert (period.start, str(period)) == (moment, "2026-02-01/2026-03-01")

    def test_a_window_over_a_change_of_clocks_ends_at_midnight(self):
        ((period, _),) = constant(days=[on(20, 3)], horizon=30, zone="Europe/Paris").forecasts
        assert period.end - period.start == timedelta(days=29, hours=23)
        assert str(period) == "2026-03-20/2026-04-19"

    def test_windows_come_in_the_order_of_their_days(self):
        periods = [period for period, _ in constant(days=[*reversed(DAYS)]).forecasts]
        assert periods == [period for period, _ in constant(days=iter(DAYS)).forecasts]

    def test_what_is_not_over_is_left_out(self):
        # The last window ends at midnight of 29 March.
        assert constant(as_of=at(29, month=3)).left_out == {}
        found = constant(as_of=at(28, 23, month=3))
        assert found.left_out == found["flat_10"].left_out == {"horizon_not_over": 1}
        assert found["flat_10"].n == len(found.forecasts) == 2

    @pytest.mark.parametrize(
        ("days", "fact"),
        [
            (5, "5 for days: it is no list"),
            ([on(1), "2026-02-01"], "'2026-02-01' for days: it is no date and no datetime"),
            ([on(1), on(1)], "it is there twice"),
            ([on(1), at(1)], "it is there twice"),
        ],
    )
    def test_what_are_no_days_is_refused(self, days, fact):
        with pytest.raises(OptionError, match=fact) as caught:
            constant(days=days)
        assert caught.value.parameter == "days"

    @pytest.mark.parametrize("horizon", [0, -1, 30.0, True, "month", 3_660])
    def test_what_is_no_horizon_is_refused(self, horizon):
        with pytest.raises(OptionError, match=r"give a whole number, 1 to 3,659") as caught:
            constant(horizon=horizon)
        assert caught.value.parameter == "horizon"

    def test_the_ends_of_the_calendar_are_refused(self):
        with pytest.raises(PeriodError, match="it would leave years 1 to 9999"):
            constant(days=[date(9999, 12, 30)])
        with pytest.raises(PeriodError, match="cannot make a period in year 1"):
            constant(days=[date(1, 1, 1)])

    def test_instants_say_their_zone(self):
        with pytest.raises(NaiveDatetimeError):
            constant(days=[naive(2026, 1, 1)])
        with pytest.raises(NaiveDatetimeError):
            constant(as_of=naive(2026, 1, 1))
        with pytest.raises(UnknownZoneError):
            constant(zone="Mars")


class TestMethods:
    """Which methods are asked, and what they may answer."""

    @pytest.mark.parametrize(
        ("methods", "fact"),
        [
            ("learned", "'learned' for methods: it is no list"),
            ([], "it is no list of them, or an empty one"),
            (None, "None for methods"),
            ([flat(1), flat(2)], "there are two of the name 'flat'"),
            (["commit", "commit"], "there are two of the name 'commit'"),
            ([5], "5 for methods: it is no method, or has no name"),
            ([partial(flat, 1)], "it is no method, or has no name"),
        ],
    )
    def test_others_are_refused(self, methods, fact):
        with pytest.raises(OptionError, match=fact) as caught:
            backtest([], methods=methods)
        assert caught.value.parameter == "methods"

    def test_an_unknown_name_is_told_the_closest(self):
        with pytest.raises(OptionError, match="by 'runrate': there is no such method") as caught:
            backtest([], methods=["runrate"])
        assert caught.value.hint.startswith("there is 'run_rate'")

    def test_all_built_in_ones_are_asked_unless_others_are_named(self):
        found = forecast.backtest([], DAYS, 28, as_of=NOW)
        assert [*found] == ["learned", "stage_weights", "last_period", "run_rate", "commit"]
        assert all(score.n == 0 for score in found.values())
        assert found.left_out == {"few_closed": 3, "short_history": 3, "no_category": 3}
        assert found["commit"].left_out == {"no_category": 3}

    @pytest.mark.parametrize(
        ("answer", "fact"),
        [
            (None, "None of method 'odd': it is no Forecast"),
            (Forecast(amount=usd(1)), "of method 'odd': the deals are in EUR"),
            (Forecast(amount=eur(1), chances={"D-9": 1}), "chance of a deal that is not open"),
        ],
    )
    def test_an_answer_that_is_none_is_refused(self, answer, fact):
        def odd(question):
            del question
            return answer

        with pytest.raises(OptionError, match=fact):
            backtest([won("D-9", 1, 5, 10)], methods=[odd])

    def test_what_a_method_raises_is_its_own(self):
        def broken(question):
            raise LookupError(question.currency)

        with pytest.raises(LookupError) as caught:
            backtest([], methods=[broken])
        assert caught.value.__notes__ == ["Method 'broken' was asked for 2026-01-01/2026-01-29."]

    def test_a_method_sees_what_was_known_before_the_window_alone(self):
        asked = []

        def spy(question):
            asked.append(question)
            return Forecast.unknown("spying")

        deal = lived(
            "D-1", (at(3), "open"), (at(1, month=2), "to", "meeting"), (at(2, month=2), "win")
        )
        backtest([deal], methods=[spy])
        stages = [[deal.stage for deal in question.deals] for question in asked]
        assert stages == [[], ["prospecting"], ["won"]]
        assert all(isinstance(question, Question) for question in asked)


class TestWhatHappened:
    """The truth that forecasts are compared with."""

    def test_a_deal_reopened_later_was_won_then(self):
        pipeline = Pipeline.standard()
        flexible = Pipeline("flexible", pipeline.stages, allow_unwin=True)
        deal = flexible.open("A", id="D-1", amount=eur(5), at=at(2))
        for stage in ("qualification", "meeting", "proposal", "negotiation"):
            deal = flexible.move(deal, to=stage, at=at(3))
        deal = flexible.win(deal, at=at(5))
        later = flexible.reopen(deal, "negotiation", reason="again", at=at(20, month=2))
        sooner = flexible.reopen(deal, "negotiation", reason="again", at=at(20))
        assert [one.actual for one in constant([later]).forecasts.values()] == [
            eur(5),
            eur(0),
            eur(0),
        ]
        assert [one.actual for one in constant([sooner]).forecasts.values()] == [eur(0)] * 3

    def test_of_a_deal_that_was_merged_nobody_can_say(self):
        keep = lived("D-1", (at(3), "open"), amount=eur(5))
        other = lived("D-2", (at(4), "open"), amount=eur(7))
        both = merge(keep, other, at=at(10, month=2))
        (found,) = backtest(
            [both], [on(1, 2)], methods=[lambda_of({"D-1": 0.5, "D-2": 0.5})]
        ).forecasts.values()
        assert dict(found.left_out) == {"merged": 1}
        score = backtest([both], [on(1, 2)], methods=[lambda_of({"D-1": 0.5, "D-2": 0.5})])
        assert (score["given"].n_chances, score["given"].brier) == (1, 0.25)

    def test_open_deals_alone_are_the_target_if_asked_for(self):
        # D-1 was open on 1 February; D-2 was opened on the 2nd.
        book = [
            lived("D-1", (at(30), "open"), (at(9, month=2), "win"), amount=eur(5)),
            lived("D-2", (at(2, month=2), "open"), (at(9, month=2), "win"), amount=eur(70)),
        ]
        both = {
            target: [
                (one.actual, one.actual_n_won)
                for one in constant(book, target=target).forecasts.values()
            ]
            for target in ("all", "open")
        }
        assert both["all"] == [(eur(0), 0), (eur(75), 2), (eur(0), 0)]
        assert both["open"] == [(eur(0), 0), (eur(5), 1), (eur(0), 0)]
        with pytest.raises(OptionError, match="target"):
            constant(book, target="new")

    def test_a_day_without_a_time_belongs_to_its_window_wherever_that_is(self):
        # Known by its day, 1 February, which begins in New York when it is 5 o'clock in London.
        book = [won("D-1", 3, on(1, 2), 5)]
        for zone in ("America/New_York", "Asia/Seoul", "UTC"):
            found = constant(book, days=[on(4), on(1, 2)], zone=zone).forecasts.values()
            assert [one.actual for one in found] == [eur(0), eur(5)]

    def test_currencies_are_not_added_without_rates(self):
        book = [won("D-1", 1, 5, eur(5)), won("D-2", 1, 6, usd(10))]
        with pytest.raises(MixedCurrencyError, match="EUR and USD") as caught:
            constant(book)
        assert caught.value.currencies == ("EUR", "USD")
        rates = Rates("EUR", {"USD": {on(1): "0.5", on(6): "0.8", on(7): "9"}})
        found = constant(book, rates=rates)
        assert next(iter(found.forecasts.values())).actual == eur(13)
        assert found.currency == "EUR"
        with pytest.raises(OptionError, match="rates=2: it is no Rates"):
            constant(book, rates=2)

    def test_deals_are_told_apart(self):
        with pytest.raises(DataError):
            constant("deals")
        with pytest.raises(DuplicateDealError):
            constant([still_open("D-1"), still_open("D-1")])


def lambda_of(chances):
    def given(question):
        del question
        return Forecast(amount=eur(1), chances=chances)

    return given


class TestTrust:
    """Which method is named, and in which words."""

    def test_one_that_is_always_nearer_is_named(self):
        found = constant(monthly([100] * 8), firsts(8), amounts=(10, 90))
        assert found.best == "flat_90"
        assert found.contenders == ("flat_90",)
        # Eight signs of eight agree by chance in 2 of 256 cases.
        assert found.compare("flat_10", "flat_90").p_value == pytest.approx(2 / 256)
        assert found.compare("flat_10", "flat_90").better == "flat_90"
        assert found.compare("flat_10", "flat_90").difference == eur(80)
        assert found.compare("flat_90", "flat_10").difference == eur(-80)
        assert found.sentence == (
            "Trust flat_90: it was off by EUR 10.00 on average (10% of what was won, 8 windows). "
            "flat_10 erred more, and not by chance."
        )

    def test_five_windows_name_none(self):
        # Five signs of five agree by chance in 2 of 32 cases, more than one in 20.
        found = constant(monthly([100] * 5), firsts(5), amounts=(10, 90))
        assert found.best is None
        assert found.sentence == (
            "The data cannot tell which to trust: flat_90 was off by EUR 10.00 on average (10% of "
            "what was won, 5 windows) and flat_10 was off by EUR 90.00 on average (90% of what was "
            "won, 5 windows), and it takes 6 windows that do not overlap to tell: there are 5."
        )

    def test_one_that_is_worse_is_said_to_be(self):
        won_then = [50, 150] * 6
        found = constant(monthly(won_then), firsts(12), amounts=(99, 101, 900))
        assert found.best is None
        assert found.contenders == ("flat_99", "flat_101")
        assert found.sentence.endswith("difference. flat_900 erred more, and not by chance.")

    def test_equal_methods_are_equal(self):
        found = constant(monthly([100] * 9), firsts(9), amounts=(90, 110))
        told = found.compare("flat_90", "flat_110")
        assert (told.p_value, told.better, told.difference) == (1.0, None, eur(0))

    def test_windows_that_overlap_count_once(self):
        # Every week for 28 days: of 33 windows, those of each fourth week are told apart.
        days = [date(2024, 1, 1) + timedelta(days=7 * n) for n in range(33)]
        found = constant(monthly([100] * 12), days, amounts=(10, 90))
        assert found["flat_90"].n == 33
        assert found.compare("flat_10", "flat_90").n == 9

    def test_only_windows_that_both_forecast_are_compared(self):
        def rarely(question):
            is_late = question.period.start >= datetime(2024, 5, 1, tzinfo=UTC)
            return Forecast(amount=eur(100)) if is_late else Forecast.unknown("too_early")

        methods = [flat(10), rarely]
        found = backtest(monthly([100] * 12), firsts(12), methods=methods)
        assert found.compare("flat", "rarely").n == 8
        assert found["rarely"].left_out == found.left_out == {"too_early": 4}
        assert found.best == "rarely"

    def test_one_that_is_silent_where_it_is_hard_is_not_preferred(self):
        # Deals of 100 in eight months, of 1,000 in four. One forecasts the easy ones alone, off by
        # 40; the other is off by 10 in these, and by 600 in the others.
        won_then = [100] * 8 + [1_000] * 4

        def is_hard(question):
            return question.period.start >= datetime(2024, 9, 1, tzinfo=UTC)

        def skips(question):
            return Forecast.unknown("hard") if is_hard(question) else Forecast(amount=eur(60))

        def tries(question):
            return Forecast(amount=eur(400 if is_hard(question) else 90))

        found = backtest(monthly(won_then), firsts(12), methods=[skips, tries])
        assert found["skips"].mae == eur(40) < found["tries"].mae
        assert found.compare("skips", "tries").better == "tries"
        assert (found.best, found.contenders) == ("tries", ("tries",))
        assert found.sentence.startswith("Trust tries")

    def test_wins_without_an_amount_are_counted(self):
        deals = monthly([100, 100, 100])
        unpriced = [won(f"U-{n}", date(2023, 12, 1), date(2024, 2, 9), None) for n in range(2)]
        found = backtest([*deals, *unpriced], firsts(3), methods=[flat(100)])
        assert found["flat"].left_out == found.left_out == {"won_no_amount": 2}
        rows = [dict(check.left_out) for check in found.forecasts.values()]
        assert rows == [{}, {"won_no_amount": 2}, {}]
        alone = backtest(unpriced, firsts(3), methods=["last_period", "run_rate"])
        assert alone.sentence == "There is nothing to compare: no deal that was won has an amount."
        assert (alone.best, alone.contenders) == (None, ())

    def test_nothing_forecast_is_nothing_to_trust(self):
        for found in (constant(days=[]), backtest([], methods=["last_period"])):
            assert (found.best, found.contenders) == (None, ())
            assert found.sentence == "There is nothing to trust: no method has forecast anything."
        told = backtest([], methods=["last_period", "run_rate"]).compare("last_period", "run_rate")
        assert (told.n, told.difference, told.p_value, told.better) == (0, None, None, None)

    def test_one_method_alone_is_not_the_best(self):
        found = constant(monthly([100]), firsts(1))
        assert found.best is None
        assert found.sentence == (
            "There is nothing to compare flat_10 with: it was off by EUR 90.00 on average (90% of "
            "what was won, 1 window)."
        )

    def test_methods_are_looked_up_by_name(self):
        found = constant(amounts=(10, 90))
        with pytest.raises(OptionError, match="cannot find method 'flat_80'") as caught:
            found.compare("flat_10", "flat_80")
        assert (caught.value.parameter, caught.value.hint) == (
            "other",
            "there is 'flat_10' or 'flat_90'.",
        )
        with pytest.raises(OptionError, match="cannot find method 7"):
            found.calibration(7)
        with pytest.raises(OptionError, match="cannot compare 'flat_10' with itself"):
            found.compare("flat_10", "flat_10")


class TestShown:
    """Tables, frames and JSON."""

    def test_the_table_shows_the_sentence_and_what_was_left_out(self):
        found = constant(
            monthly([100] * 8), firsts(8), amounts=(10, 90), as_of=at(1, month=9).replace(year=2024)
        )
        lines = str(found).splitlines()
        assert lines[0].split()[:4] == ["method", "n", "mae", "error_share"]
        assert lines[1].split()[:5] == ["flat_10", "8", "EUR", "90.00", "90.0%"]
        assert found.sentence in str(found)
        assert found.sentence in found._repr_html_()
        assert repr(found).startswith("<Backtest of flat_10, flat_90: Trust flat_90")
        assert "left out: horizon_not_over 1" in str(constant(as_of=at(2, month=3)))

    def test_rows_are_the_same_with_and_without_windows(self):
        full, empty = (
            forecast.backtest(monthly([5] * 9), days, 28, as_of=NOW, methods=["run_rate"])
            for days in (firsts(9), [])
        )
        for one, other in ((full, empty), (full.forecasts, empty.forecasts)):
            frames = [each.to_frame("polars") for each in (one, other)]
            kinds = [[str(kind).split("(")[0] for kind in frame.dtypes] for frame in frames]
            assert (frames[0].columns, kinds[0]) == (frames[1].columns, kinds[1])
        assert full.to_frame("pandas")["method"].tolist() == ["run_rate"]
        row = full.forecasts.to_frame("polars").row(2, named=True)
        assert row["period"] == "2024-03-01/2024-03-29"
        assert row["method"] == "run_rate"
        assert (row["amount"], row["actual"]) == (5, 5)
        assert full.calibration("run_rate").to_frame("polars").height == 10

    def test_it_can_be_pickled_and_copied(self):
        found = constant(monthly([100] * 8), firsts(8), amounts=(10, 90))
        back = copy.deepcopy(pickle.loads(pickle.dumps(found)))  # noqa: S301 - our own bytes
        assert (back.sentence, back.to_dicts()) == (found.sentence, found.to_dicts())
        assert back.forecasts.to_dicts() == found.forecasts.to_dicts()


def test_the_same_call_gives_the_same_backtest():
    data = datasets.make_deals(300, seed=2)
    one, other = (
        forecast.backtest(
            data.deals,
            [date(2025, 1, 1), date(2025, 6, 1)],
            60,
            as_of=data.as_of,
            methods=[Learned(n=200), "stage_weights"],
        )
        for _ in range(2)
    )
    assert one.to_json() == other.to_json()
    assert one.forecasts.to_json() == other.forecasts.to_json()
