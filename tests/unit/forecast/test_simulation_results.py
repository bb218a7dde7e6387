"""What a simulation tells, by group and in tables; its options, and what it refuses."""

import pickle
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest

from salesflow import Money, Period, Rates, datasets
from salesflow.errors import (
    ColumnError,
    DataError,
    DuplicateDealError,
    MissingExtraError,
    MixedCurrencyError,
    OptionError,
)
from salesflow.forecast import StageModel, cash_bands, simulate
from salesflow.forecast._comings import Coming, comings
from salesflow.models.durations import MICROSECONDS_A_DAY as DAY
from salesflow.models.past import Cut
from tests.shorthand import PIPELINE, entered, eur, usd, won

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

FIRST = Period.quarter(2026, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def data():
    return datasets.make_deals(400, seed=1)


@cache
def model():
    return StageModel.fit(data().deals, as_of=NOW)


def run(deals=None, period=FIRST, **options):
    given = data().deals if deals is None else deals
    return simulate(given, model(), period, **{"n": 50, "seed": 7, "shock": 0.2, **options})


def opened(identity, amount=None, stage="negotiation", **fields):
    return entered(identity, stage, NOW - timedelta(days=3), amount, **fields)


def total(found):
    return [Decimal(units).scaleb(-found.places) for units in found.units]


def summed(parts):
    return [sum(row) for row in zip(*map(total, parts), strict=True)]


class TestGroups:
    """One simulation for each group; their draws add up to those of all."""

    @pytest.mark.parametrize("by", ["owner_id", ["source", "owner_id"]])
    def test_groups_add_up_draw_by_draw(self, by):
        whole, parts = run(new_deals=True), run(by=by, new_deals=True)
        assert summed(parts.values()) == total(whole)
        assert parts.left_out == whole.left_out
        assert sum(part.n_open for part in parts.values()) == whole.n_open
        per_day = sum(part.new_per_day for part in parts.values())
        assert per_day == pytest.approx(whole.new_per_day)
        assert {part.shock for part in parts.values()} == {whole.shock}

    def test_keys_are_values_or_tuples_in_their_order(self):
        assert [*run(by="owner_id")] == ["ana", "ben", "chi", "dev", "eva", "fay"]
        assert [*run(by=["owner_id"])][:2] == [("ana",), ("ben",)]
        with pytest.raises(ColumnError, match="owner"):
            run(by="owner")

    def test_currencies_are_apart_or_converted_but_never_added(self):
        deals = [
            opened("E", eur(100)),
            opened("U", usd(100)),
            won("W", 1, date(2026, 1, 1), usd(5)),
        ]
        with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD") as caught:
            run(deals)
        assert caught.value.hint == "give rates=Rates(…), or by='currency'."
        apart = run(deals, by="currency")
        assert [(key, one.currency) for key, one in apart.items()] == [
            ("EUR", "EUR"),
            ("USD", "USD"),
        ]
        assert apart.currency == "XXX"
        rates = Rates("EUR", {"USD": "0.5"})
        together = run(deals, rates=rates)
        assert together.currency == "EUR"
        halves = [
            one + other / 2
            for one, other in zip(total(apart["EUR"]), total(apart["USD"]), strict=True)
        ]
        assert total(together) == halves
        # By a column that keeps them apart, too.
        with pytest.raises(MixedCurrencyError):
            run(deals, by="owner_id")

    def test_a_group_without_amounts_has_the_currency_of_the_others(self):
        deals = [opened("A", eur(3), owner_id="kim"), opened("B", owner_id="lee")]
        found = run(deals, by="owner_id")
        assert (found["lee"].currency, found["lee"].n_open) == ("EUR", 0)
        assert found["lee"].left_out == {"no_amount": 1}

    def test_no_groups_at_all(self):
        found = run([], by="owner_id")
        assert len(found) == 0
        columns = found.to_frame("polars").columns
        assert columns == run(by="owner_id").to_frame("polars").columns
        assert columns[:5] == ["owner_id", "period", "period_start", "period_end", "mean"]


class TestPrices:
    """What deals without an amount are worth, if somebody says so."""

    def book(self):
        return [
            opened("A", custom={"product": "basic"}),
            opened("B", custom={"product": "pro"}),
            opened("C", eur(7), custom={"product": "basic"}),
        ]

    def amounts(self, **options):
        found = run(self.book(), **options)
        amounts = {key: one.amount for key, one in found.influences().items()}
        return dict(sorted(amounts.items())), dict(found.left_out)

    def test_they_are_left_out_unless_asked_for(self):
        assert self.amounts() == ({"C": eur("7.00")}, {"no_amount": 2})

    def test_by_product(self):
        found = self.amounts(prices={"basic": eur(550)})
        assert found == ({"A": eur("550.00"), "C": eur("7.00")}, {"no_amount": 1})

    def test_by_a_function_of_the_deal(self):
        found = self.amounts(prices=lambda deal: eur(ord(deal.id)))
        assert found == ({"A": eur("65.00"), "B": eur("66.00"), "C": eur("7.00")}, {})

    def test_prices_are_converted(self):
        rates = Rates("EUR", {"USD": "0.5"})
        prices = {"basic": usd(9), "pro": Money(1, "GBP")}
        found = self.amounts(prices=prices, rates=rates)
        assert found == ({"A": eur("4.50"), "C": eur("7.00")}, {"no_rate": 1})
        with pytest.raises(MixedCurrencyError):
            self.amounts(prices=prices)

    def test_what_is_no_price_is_refused(self):
        for prices, text in (
            ({"basic": 550}, r"cannot take prices\['basic'\]: 550 is no Money"),
            (lambda _: 550, "cannot take the price of deal 'A': 550 is no Money"),
            (Money, "cannot take prices=.*: it is no mapping, and no function of a deal"),
            (550, "cannot take prices=550: it is no mapping, and no function of a deal"),
            (
                lambda _: 1 / 0,
                "cannot ask for the price of deal 'A': it raised ZeroDivisionError",
            ),
        ):
            with pytest.raises(OptionError, match=text) as caught:
                self.amounts(prices=prices)
            assert caught.value.parameter == "prices"

    def test_an_error_of_ours_passes(self):
        with pytest.raises(ColumnError):
            self.amounts(prices=lambda deal: simulate([deal], model(), FIRST, seed=1, by="x"))


class TestNewDeals:
    """Deals that are not created yet."""

    def test_they_are_counted_by_what_is_unknown_of_those_before(self):
        deals = [
            PIPELINE.restore(
                id="old", stage="won", created_at=date(2024, 1, 1), closed_at=date(2025, 2, 1)
            ),
            PIPELINE.restore(id="undated", stage="won", closed_at=date(2025, 12, 1)),
            opened("unpriced"),
            PIPELINE.restore(id="nowhere", stage="won", created_at=date(2025, 6, 1), amount=eur(3)),
            opened("fine", eur(1)),
        ]
        found = run(deals, new_deals=True)
        assert found.left_out == {
            "new_no_created_at": 1,
            "no_amount": 1,
            "new_no_amount": 1,
            "new_no_stage": 1,
            "no_closed_at": 1,
        }
        # Of the last 365 days, one deal has a price and a stage.
        assert found.new_per_day == pytest.approx(1 / 365)

    def test_a_deal_comes_again_each_time_that_it_came(self):
        # Created 400 days ago, and reopened twice since; where it was reopened, it had been before.
        created = NOW - timedelta(days=400)
        deal = PIPELINE.open("Back", id="back", amount=eur(1), at=created)
        deal = PIPELINE.lose(deal, "price", disposition="nurture", at=NOW - timedelta(days=300))
        deal = PIPELINE.reopen(deal, "prospecting", reason="again", at=NOW - timedelta(days=200))
        deal = PIPELINE.lose(deal, "price", disposition="nurture", at=NOW - timedelta(days=100))
        deal = PIPELINE.reopen(deal, "prospecting", reason="again", at=NOW - timedelta(days=9))
        found = run([deal], new_deals=True)
        assert found.new_per_day == pytest.approx(2 / 365)
        assert [*comings(deal, Cut(NOW))] == [
            Coming("back", deal, "", 400 * DAY, "prospecting", again=False),
            Coming("back\x1f3", deal, "", 200 * DAY, "prospecting", again=True),
            Coming("back\x1f5", deal, "", 9 * DAY, "prospecting", again=True),
        ]

    def test_a_coming_at_a_time_that_nobody_knows(self):
        visits = [("lost", None), ("meeting", None), ("proposal", NOW - timedelta(days=9))]
        deal = PIPELINE.restore(
            id="odd",
            stage="proposal",
            created_at=NOW - timedelta(days=90),
            visits=visits,
            amount=eur(1),
        )
        older = opened("older", created_at=NOW - timedelta(days=99))
        found = run([deal, older], new_deals=True, prices=lambda _: eur(1))
        assert found.left_out == {"new_no_stage": 1, "new_no_entered_at": 1}

    def test_a_stage_that_nobody_has_left_tells_nothing(self):
        fresh = PIPELINE.open("New", id="new", stage="prospecting", amount=eur(1), at=NOW)
        old = PIPELINE.restore(id="old", stage="won", created_at=date(2024, 1, 1))
        alone = StageModel.fit([old, fresh], as_of=NOW, min_closed=0)
        found = simulate([old, fresh], alone, FIRST, n=8, seed=1, shock=0, new_deals=True)
        assert found.left_out["new_unknown_stage"] == 1
        assert found.new_per_day == 0

    def test_it_takes_four_weeks_of_history(self):
        deals = [opened("A", eur(1))]
        text = "cannot learn how many deals come: no deal was created 28 days ago or earlier"
        with pytest.raises(OptionError, match=text) as caught:
            run(deals, new_deals=True)
        assert caught.value.parameter == "new_deals"

    def test_their_closings_add_up_and_lie_in_the_period(self):
        for period in (FIRST, Period.quarter(2026, 2), Period.month(2026, 1)):
            found = run(period=period, new_deals=True, n=40)
            draws = [*found.closings()]
            assert [sum((m.amount for _, m in draw), Decimal(0)) for draw in draws] == total(found)
            days = [day for draw in draws for day, _ in draw]
            assert period.start.date() <= min(days) <= max(days) < period.end.date()

    def test_a_draw_in_which_none_of_a_kind_is_won(self):
        found = run(by="source", new_deals=True, n=1, period=Period.week(2026, 1))
        assert not any(one.units[0] for one in found.values())
        assert [[*one.closings()] for one in found.values()] == [[[]]] * 5


class TestInfluences:
    """Which deals matter most."""

    def test_without_a_shock_it_is_the_variance_of_each(self):
        deals = [opened("A", eur(100)), opened("B", eur(50), "prospecting"), opened("C", eur(10))]
        found = run(deals, shock=0).influences()
        assert [*found] == ["A", "B", "C"]
        chances = {deal.id: model().win_probability(deal, within=90) for deal in deals}
        parts = {
            deal.id: float(deal.amount.amount) ** 2 * chances[deal.id] * (1 - chances[deal.id])
            for deal in deals
        }
        for name, one in found.items():
            assert one.chance == pytest.approx(chances[name])
            assert one.variance_share == pytest.approx(parts[name] / sum(parts.values()))
            expected = Decimal(chances[name]) * one.amount.amount
            assert one.expected.amount == expected.quantize(Decimal("0.01"))
            assert (one.currency, one.as_of) == ("EUR", NOW)

    def test_shares_are_one_together(self):
        for options in ({"shock": 0}, {"shock": 0.7}):
            shares = [one.variance_share for one in run(**options).influences().values()]
            assert sum(shares) == pytest.approx(1)
            assert shares == sorted(shares, reverse=True)
        new = run(new_deals=True).influences()
        assert 0.2 < sum(one.variance_share for one in new.values()) < 0.8

    @pytest.mark.parametrize("options", [{"shock": 0}, {"shock": 0.7}, {"new_deals": True}])
    def test_the_variance_is_that_of_many_draws(self, options):
        found = run(n=40_000, **options)
        variance = np.var(np.array(found.units, float))
        # A variance of n draws that are nearly normal is off by √(2 ÷ n), 0.7 %.
        assert found._futures.weights().variance == pytest.approx(variance, rel=0.035)

    def test_they_are_a_table(self):
        frame = run().influences().to_frame("polars")
        assert frame.columns[:5] == ["deal_id", "amount", "chance", "expected", "variance_share"]
        assert run([]).influences().to_frame("polars").columns == frame.columns

    @pytest.mark.parametrize("amount", ["1000.00000000000001", "1e18", "333.33333333333333333"])
    def test_sums_of_new_deals_are_exact_however_fine_amounts_are(self, amount):
        deal = opened("X", eur(amount), stage="proposal")
        found = run([*data().deals, deal], new_deals=True, n=40)
        assert min(found.units) >= 0
        closings = [
            sum((money.amount for _, money in draw), found.won.amount) for draw in found.closings()
        ]
        assert closings == total(found)


class TestResults:
    """A simulation as a value."""

    def test_it_says_what_it_is_of(self):
        found = run()
        assert (found.period, found.n_draws, found.seed, found.as_of) == (FIRST, 50, 7, NOW)
        (row,) = found.to_dicts()
        assert row["q05"] <= row["q50"] <= row["q95"]
        assert row["q50"] == found.quantile(0.5)
        assert "units" not in row
        assert str(found).splitlines()[0].split()[:5] == ["period", "mean", "q05", "q50", "q95"]
        frame = found.to_frame("polars")
        assert frame["q95"].to_list() == [found.quantile(0.95).amount]

    def test_equal_calls_are_equal_and_others_are_not(self):
        assert run() == run()
        assert run().units != run(seed=8).units
        assert hash(run()) == hash(run())
        # More draws begin with the same ones.
        assert run(n=70).units[:50] == run().units

    def test_it_pickles(self):
        found = run(new_deals=True)
        back = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
        assert back == found
        assert [*back.closings()] == [*found.closings()]
        assert back.influences().to_dicts() == found.influences().to_dicts()

    def test_closings_make_cash(self):
        found = run(new_deals=True, n=20)
        bands = cash_bands(found.closings(), as_of=NOW, quantiles=[0.05, 0.5, 0.95])
        last = bands[Period.month(2026, 3)]
        assert last.cumulated_mean == found.mean
        assert last.cumulated == {q: found.quantile(q) for q in (0.05, 0.5, 0.95)}

    def test_shares_that_are_none(self):
        found = run()
        for q in (0, -1, 1.01, True, "0.5", float("nan")):
            with pytest.raises(OptionError, match="cannot take quantile") as caught:
                found.quantile(q)
            assert caught.value.parameter == "q"
        for coverage in (0, 1, True, None):
            with pytest.raises(OptionError, match="cannot take coverage="):
                found.interval(coverage)
        with pytest.raises(OptionError, match="cannot tell the chance of 5: it is no Money"):
            found.chance_of(5)
        with pytest.raises(MixedCurrencyError, match="the revenue is in EUR") as caught:
            found.chance_of(usd(5))
        assert caught.value.currencies == ("USD", "EUR")


def test_whole_numbers_of_numpy_are_whole_numbers():
    found = run(n=np.int64(60), seed=np.uint8(9))
    assert found == run(n=60, seed=9)
    assert type(found.n_draws) is int


class TestRefusals:
    """Arguments that make no sense, each with a way out."""

    @pytest.mark.parametrize(
        ("parameter", "value", "text"),
        [
            ("n", 0, "cannot take n=0: it is no number of draws"),
            ("n", 10_000_001, "give a whole number, 1 to 10,000,000"),
            ("n", True, "no number of draws"),
            ("seed", 1.5, "cannot take seed=1.5: it is no whole number"),
            ("seed", None, "no whole number"),
            ("shock", -0.1, "cannot take shock=-0.1: it is no number from 0 to 3"),
            ("shock", True, "no number from 0 to 3"),
            ("shock", "strong", "no number from 0 to 3"),
            ("new_deals", 1, "cannot take new_deals=1: it is neither True nor False"),
            ("progress", "yes", "neither True nor False"),
            ("period", "2026-Q1", "cannot take period='2026-Q1': it is no Period"),
            ("model", None, "cannot take model=None: it is no StageModel"),
            ("rates", 3, "cannot take rates=3: it is no Rates"),
            ("shok", 1, "cannot take option 'shok': simulate does not have it"),
        ],
    )
    def test_each_is_named(self, parameter, value, text):
        given = {"model": model(), "period": FIRST, "n": 5, "seed": 1} | {parameter: value}
        with pytest.raises(OptionError, match=text) as caught:
            simulate([], **given)
        assert caught.value.parameter == parameter
        assert caught.value.hint

    @pytest.mark.parametrize("name", ["n", "seed"])
    @pytest.mark.parametrize("value", [np.array([1, 2]), np.bool_(True), np.float64(5)])  # noqa: FBT003
    def test_what_numpy_has_that_is_no_whole_number(self, name, value):
        with pytest.raises(OptionError, match=f"cannot take {name}=") as caught:
            run(**{name: value})
        assert caught.value.parameter == name

    def test_what_raises_when_it_is_asked_for_a_number(self):
        class Odd:
            def __index__(self):
                raise RuntimeError

        with pytest.raises(OptionError, match="it is no number of draws"):
            run(n=Odd())

    def test_periods_that_cannot_be_simulated(self):
        with pytest.raises(OptionError, match="it was over at 2026-01-01") as caught:
            run(period=Period.month(2025, 12))
        assert caught.value.parameter == "period"
        text = "it ends 365 days after the model's as_of, which looks 100 days ahead"
        near = StageModel.fit(data().deals, as_of=NOW, horizon_days=100)
        with pytest.raises(OptionError, match=text) as caught:
            simulate([], near, Period.year(2026), seed=1, shock=0)
        assert caught.value.hint == "fit the model with horizon_days=365."

    def test_a_model_of_too_few_deals(self):
        few = StageModel.fit(data().deals[:20], as_of=NOW)
        with pytest.raises(OptionError, match="closed deals, and asks for 30") as caught:
            simulate([], few, FIRST, seed=1)
        assert caught.value.parameter == "model"

    def test_data_that_is_none(self):
        with pytest.raises(DataError):
            run([1])
        with pytest.raises(DuplicateDealError):
            run([opened("A", eur(1)), opened("A", eur(1))])

    def test_a_bar_counts_deals_on_standard_error(self, capsys):
        found = run(progress=True)
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "simulating 2026-Q1" in shown.err
        assert found == run()
        assert capsys.readouterr() == ("", "")

    def test_without_rich_it_is_an_error_that_says_how(self, monkeypatch):
        for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "rich", None)
        with pytest.raises(MissingExtraError, match="rich is not installed") as caught:
            run(progress=True)
        assert caught.value.library == "rich"

    def test_without_numpy(self, monkeypatch):
        of = model()
        monkeypatch.setitem(sys.modules, "numpy", None)
        with pytest.raises(MissingExtraError, match="cannot simulate: numpy is not installed"):
            simulate([], of, FIRST, seed=1)
