"""How much revenue may a period bring?"""

import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import comb, exp, log, pi, sqrt

import pytest

from salesflow import Money, Period, Pipeline, Rates, datasets
from salesflow._progress import no_tick
from salesflow.forecast import StageModel, simulate
from salesflow.forecast._window import Window
from tests.naive_forecast import AS_OF, Path
from tests.naive_forecast import PIPELINE as SMALL
from tests.naive_simulation import Draws, middle_logit, numbers, philox
from tests.shorthand import PIPELINE, entered, eur, lost, usd, won

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

from salesflow.forecast._arrivals import Arrivals  # noqa: E402 - these need numpy
from salesflow.forecast._futures import Futures  # noqa: E402
from salesflow.forecast._prospects import Prospects  # noqa: E402
from salesflow.forecast._shock import Shock  # noqa: E402

FIRST = Period.quarter(2026, 1)
SECOND = Period.quarter(2026, 2)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def data():
    return datasets.make_deals(300, seed=1)


@cache
def model(as_of=NOW, **options):
    return StageModel.fit(data().deals, as_of=as_of, **options)


def run(deals, period=FIRST, *, of=None, **options):
    return simulate(deals, of or model(), period, **{"n": 64, "seed": 7, "shock": 0, **options})


def opened(identity, stage="negotiation", days=3, amount=100):
    """An open deal that has been in a stage for some days."""
    return entered(identity, stage, NOW - timedelta(days=days), amount)


def total(found):
    """What each draw brings."""
    return [Decimal(units).scaleb(-found.places) for units in found.units]


BOOK = [
    opened("A", "negotiation", 3, "100.50"),
    opened("B", "proposal", 12, 20),
    opened("C", "prospecting", 1, 3),
]


class TestByHand:
    """A few deals, drawn one by one in plain Python."""

    def test_random_numbers_are_those_of_the_paper(self):
        # The known answer that Philox's authors publish, of zeros alone.
        assert philox(0, (0, 0)) == (
            0x16554D9ECA36314C,
            0xDB20FE9D672D0FDC,
            0xD7E772CEE186176B,
            0x7E68B68AEC7BA23B,
        )

    @pytest.mark.parametrize("strength", [0, 0.4])
    @pytest.mark.parametrize("period", [FIRST, SECOND, Period.month(2026, 1)], ids=str)
    def test_each_draw_is_what_its_numbers_say(self, strength, period):
        found = run(BOOK, period, shock=strength)
        plain = Draws(model(), period, n=64, seed=7, strength=strength)
        amounts = [deal.amount.amount for deal in BOOK]
        columns = zip(*map(plain.is_won, BOOK), strict=True)
        expected = [
            sum((a for a, is_won in zip(amounts, row, strict=True) if is_won), Decimal(0))
            for row in columns
        ]
        assert total(found) == expected
        assert found.mean == Money(sum(expected) / 64, "EUR").round()

    @pytest.mark.parametrize("strength", [0, 0.4])
    def test_wins_come_where_the_curve_reaches_their_numbers(self, strength):
        period = Period.quarter(2026, 1, zone="America/New_York")
        found = run(BOOK, period, shock=strength)
        zone = FIRST.calendar.zone
        assert zone == "UTC"
        plain = Draws(model(), period, n=64, seed=7, strength=strength)
        expected = [[] for _ in range(64)]
        offset = timedelta(hours=-5)  # New York until 8 March
        for deal in BOOK:
            for draw, at in zip(expected, plain.won_at(deal), strict=True):
                if at is not None:
                    is_summer = at >= datetime(2026, 3, 8, 7, tzinfo=UTC)
                    local = at + offset + timedelta(hours=is_summer)
                    draw.append((max(local.date(), date(2026, 1, 1)), deal.amount))
        assert [*found.closings()] == expected
        assert sum(map(len, expected)) > 60

    def test_draws_of_a_seed_that_were_written_down(self):
        # What philox draws for seed 7, with three decimals, beside the chances to be won by April.
        drawn = {
            "A": [0.037, 0.353, 0.873, 0.534, 0.305, 0.638, 0.959, 0.837],
            "B": [0.308, 0.776, 0.277, 0.289, 0.902, 0.912, 0.147, 0.519],
            "C": [0.715, 0.905, 0.989, 0.193, 0.697, 0.725, 0.100, 0.091],
        }
        chances = {"A": 0.763, "B": 0.569, "C": 0.276}
        for name, found in drawn.items():
            known = [u / 2**32 for u in numbers(7, f"deal:{name}", 8)]
            assert known == pytest.approx(found, abs=5.1e-4)
        for deal in BOOK:
            chance = model().win_probability(deal, within=90)
            assert chance == pytest.approx(chances[deal.id], abs=5.1e-4)
        # A is won in draws 1, 2, 4, 5 and 6; B in 1, 3, 4, 7 and 8; C in 4, 7 and 8.
        found = run(BOOK, n=8)
        assert [float(amount) for amount in total(found)] == [
            *(100.5 + 20, 100.5, 20, 100.5 + 20 + 3),
            *(100.5, 100.5, 20 + 3, 20 + 3),
        ]
        # Together 20, 23, 23, 100.5, 100.5, 100.5, 120.5, 123.5: 611.5 ÷ 8 = 76.4375.
        assert found.mean == eur("76.44")
        quantiles = [found.quantile(q) for q in (0.125, 0.126, 0.5, 0.75, 1)]
        assert quantiles == [eur("20.00"), *map(eur, ("23.00", "100.50", "100.50", "123.50"))]
        assert found.interval(0.5) == (eur("23.00"), eur("100.50"))
        assert [found.chance_of(eur(amount)) for amount in ("23", "23.01", "123.50", 124)] == [
            *(7 / 8, 5 / 8, 1 / 8, 0),
        ]


class TestWhatCounts:
    """What is won already, what is open, and what is left out."""

    def test_what_is_won_in_the_period_is_in_every_draw(self):
        as_of = datetime(2026, 2, 1, tzinfo=UTC)
        deals = [
            won("before", 1, date(2025, 12, 31), 1000),
            won("first day", 1, date(2026, 1, 1), "7.25"),
            won("today", 1, date(2026, 1, 31), 30),
            won("later", 1, date(2026, 3, 1), 1000),
            won("when", 1, None, 5),
            won("unpriced", 1, date(2026, 1, 5)),
            lost("lost", 1, date(2026, 1, 5), 1000),
        ]
        found = run(deals, of=model(as_of))
        assert found.won == eur("37.25")
        # What was won later was open then, in a stage that nobody knows.
        assert (found.n_won, found.n_open) == (2, 0)
        assert {*total(found)} == {Decimal("37.25")}
        assert found.left_out == {"no_closed_at": 1, "won_no_amount": 1, "no_stage": 1}

    def test_a_period_to_come_has_only_wins_in_it(self):
        # By the chances at its beginning and at its end.
        deal = opened("A", amount=1)
        before, by_end = (model().win_probability(deal, within=days) for days in (90, 181))
        found = run([deal], SECOND, n=20_000)
        share = float(found.mean.amount)
        assert share == pytest.approx(by_end - before, abs=4 * sqrt(0.25 / 20_000))
        assert {day for draw in found.closings() for day, _ in draw} <= {
            date(2026, 4, 1) + timedelta(days=n) for n in range(91)
        }

    def test_deals_are_left_out_by_the_first_reason(self):
        deals = [
            opened("unpriced", amount=None),
            opened("elsewhere", "negotiation", 3, usd(5)),
            PIPELINE.restore(id="entry", stage="proposal", amount=eur(1)),
            opened("long", "negotiation", 3000),
            Pipeline("other", ["demo", *PIPELINE.stages[-3:]]).open(
                "Other", id="stage", amount=eur(1), at=NOW
            ),
            opened("fine"),
        ]
        found = run(deals, rates=Rates("EUR", {"GBP": 1}))
        assert found.left_out == {
            "no_amount": 1,
            "no_rate": 1,
            "no_entered_at": 1,
            "no_longer_visit": 1,
            "unknown_stage": 1,
        }
        assert (found.n_open, found.currency) == (1, "EUR")

    def test_nothing_brings_nothing(self):
        found = run([])
        assert (found.mean, found.won, found.currency) == (
            Money.zero("XXX"),
            Money.zero("XXX"),
            "XXX",
        )
        assert (found.quantile(1), found.interval()) == (
            Money.zero("XXX"),
            (Money.zero("XXX"),) * 2,
        )
        assert [*found.closings()] == [[]] * 64
        assert len(found.influences()) == 0
        assert found.new_per_day is None

    def test_deals_that_are_sure_and_deals_that_cannot_be(self):
        small = [*coins("offer", 4, 4), *coins("talk", 4, 0)]
        book = [waiting("yes", "offer", 10), waiting("no", "talk", 1000)]
        of = fitted(small)
        assert [of.win_probability(deal) for deal in book] == [1, 0]
        for strength in (0, 2):
            found = run(book, MARCH, of=of, shock=strength)
            assert {*total(found)} == {10}
            assert [one.chance for one in found.influences().values()] == [1, 0]
            assert [one.variance_share for one in found.influences().values()] == [None, None]

    def test_amounts_as_large_and_as_fine_as_money_holds(self):
        # Beyond 64 bits, sums are of Python's own integers: exact all the same.
        book = [
            waiting("large", "offer", "123456789012345678901234.5"),
            waiting("fine", "offer", "0.0000000000000000000000000000000000000001"),
        ]
        found = run(book, MARCH, of=fitted(coins("offer", 4, 4)))
        assert {*total(found)} == {Decimal("123456789012345678901234.5") + Decimal("1e-40")}
        assert found.mean.amount == Decimal("123456789012345678901234.50")
        one, other = found.influences().values()
        assert (one.expected, other.expected) == (eur("123456789012345678901234.50"), eur(0))

    def test_the_mean_of_credit_notes_is_rounded_as_money_is(self):
        found = run([waiting("A", "offer", "-0.125")], MARCH, of=fitted(coins("offer", 4, 4)))
        assert found.mean == eur("-0.13")


MARCH = Period.month(2026, 3)


def coins(stage, n, n_won):
    """Deals that were in a stage for a day, some of which were won then."""
    ends = ["won"] * n_won + ["lost"] * (n - n_won)
    return [Path(f"{stage}-{k}", ((stage, 1),), end).deal() for k, end in enumerate(ends)]


def waiting(identity, stage, amount=1):
    """An open deal that enters a stage on 1 March."""
    deal = Path(identity, ((stage, 0),), None).deal()
    return SMALL.update(deal, amount=eur(amount), at=deal.created_at)


def fitted(deals, **options):
    as_of = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)
    return StageModel.fit(deals, as_of=as_of, **{"min_closed": 0, **options})


def is_near(found, exact):
    """Whether draws are of a distribution, given as chances of whole numbers.

    The largest distance between both distribution functions passes 1.95 ÷ √n once in a thousand
    times (Dvoretzky, Kiefer, Wolfowitz; Massart); the seed is fixed.
    """
    counted, n = Counter(map(int, total(found))), found.n_draws
    drawn = expected = worst = 0.0
    for number in range(max([*counted, len(exact)]) + 1):
        drawn += counted[number] / n
        expected += exact[number] if number < len(exact) else 0.0
        worst = max(worst, abs(drawn - expected))
    return worst < 1.95 / sqrt(n)


def convolved(chances):
    """How likely each number of wins is."""
    exact = [1.0]
    for chance in chances:
        exact = [
            one * (1 - chance) + other * chance
            for one, other in zip([*exact, 0.0], [0.0, *exact], strict=True)
        ]
    return exact


def test_memory_is_bounded_by_portions():
    # A matrix of all 30 million outcomes would take 240 megabytes, or 30 as flags.
    n_deals = 3_000
    chances = np.full(n_deals, 0.5)
    names = tuple(map(str, range(n_deals)))
    prospects = Prospects(names, (1,) * n_deals, 0 * chances, chances, np.zeros((n_deals, 2)))
    none = Arrivals((), (), (), np.arange(2.0), np.empty((0, 2)), 0.0, 0.0)
    window = Window.of(FIRST, NOW)
    futures = Futures(prospects, none, Shock(0.4), window, seed=1, n_draws=10_000)
    tracemalloc.start()
    try:
        assert len(futures.totals(no_tick)) == 10_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12e6


class TestDistributions:
    """Many draws against what they are draws of."""

    HISTORY = (*coins("offer", 8, 6), *coins("legal", 10, 4))
    CHANCES = (0.75,) * 6 + (0.4,) * 7

    def book(self):
        return [
            waiting(f"D-{n}", "offer" if chance == 0.75 else "legal")
            for n, chance in enumerate(self.CHANCES)
        ]

    def test_without_a_shock_wins_are_those_of_independent_coins(self):
        found = run(self.book(), MARCH, of=fitted(self.HISTORY), n=20_000)
        assert is_near(found, convolved(self.CHANCES))
        # A seed more, and other chances, are seen.
        assert not is_near(found, convolved([0.75] * 7 + [0.4] * 6))

    @pytest.mark.parametrize("strength", [0.3, 1.5])
    def test_a_shock_makes_them_go_together(self, strength):
        found = run(self.book(), MARCH, of=fitted(self.HISTORY), n=20_000, shock=strength)
        exact = [0.0] * 14
        for step in range(-160, 161):
            z = step / 20
            density = exp(-z * z / 2) / 20 / sqrt(2 * pi)
            chances = [
                1 / (1 + exp(-middle_logit(chance, strength) - strength * z))
                for chance in self.CHANCES
            ]
            for number, chance in enumerate(convolved(chances)):
                exact[number] += density * chance
        assert sum(exact) == pytest.approx(1)
        assert is_near(found, exact)
        assert not is_near(found, convolved(self.CHANCES))

    def test_a_shock_changes_no_chance(self):
        for strength in (0, 0.5, 3):
            found = run(self.book(), MARCH, of=fitted(self.HISTORY), shock=strength)
            chances = [one.chance for one in found.influences().values()]
            assert sorted(chances) == pytest.approx(sorted(self.CHANCES), abs=1e-9)

    @pytest.mark.parametrize("strength", [0, 0.8])
    def test_new_deals_come_as_often_as_before(self, strength):
        # The first was created 60 days ago; each of the 20 since then comes again once in 60 days
        # on the mean. They are won a day after they came with 1/2: those that come within 30 days,
        # and of the days up to the first win one half more. Rates are exponential, each around
        # what was seen once, so all 20 together are of Erlang's distribution, and the wins of
        # Pascal's: as many as there are before 20 others.
        begin = datetime(2025, 12, 31, tzinfo=UTC)
        first = SMALL.open("First", id="first", stage="legal", amount=eur(1), at=begin)
        deals = [first, *young([3 * number for number in range(20)])]
        found = run(deals, MARCH, of=fitted(deals), new_deals=True, n=20_000)
        assert found.new_per_day == pytest.approx(20 / 60)
        assert found.inflow_spread == 0
        mean = 20 / 60 * 0.5 * (30 + 1 / 2)
        assert is_near(found, pascal(mean, 20))
        assert not is_near(found, pascal(mean * 1.03, 20))
        assert not is_near(found, poisson(mean))
        shocked = run(deals, MARCH, of=fitted(deals), new_deals=True, n=20_000, shock=strength)
        drawn = float(shocked.mean.amount)
        spread = sqrt((2 * mean + (strength * mean) ** 2) / 20_000)
        assert drawn == pytest.approx(mean, abs=4 * spread)

    def test_they_come_in_gusts_if_they_did(self):
        # In four times 15 days came 8, 2, 8 and 2, of which the mean is 5: u = 4 × (3² - 5 × 3/4)
        # over 4 × 5² × (1 - 2/4 + 1/4) is 7/25, its noise 4 × (2 × (15/4)² + 15/4) over 75², and a
        # quarter more, as the mean is uncertain. All rates are multiplied by one number.
        begin = datetime(2025, 12, 31, tzinfo=UTC)
        first = SMALL.open("First", id="first", stage="legal", amount=eur(1), at=begin)
        busy = [start + number for start in (0, 30) for number in range(8)]
        deals = [first, *young([*busy, 17, 22, 47, 52])]
        found = run(deals, MARCH, of=fitted(deals), new_deals=True, n=20_000)
        noise = 4 * (2 * (15 / 4) ** 2 + 15 / 4) / 75**2
        spread = sqrt((7 / 25) ** 3 / ((7 / 25) ** 2 + noise) * 5 / 4)
        assert found.inflow_spread == pytest.approx(spread)
        mean, sigma = 20 / 60 * 0.5 * (30 + 1 / 2), sqrt(log(1 + spread**2))
        exact = [0.0] * 60
        for step in range(-160, 161):
            z = step / 20
            density = exp(-z * z / 2) / 20 / sqrt(2 * pi)
            for number, chance in enumerate(pascal(mean * exp(sigma * z - sigma**2 / 2), 20)):
                exact[number] += density * chance
        assert is_near(found, exact)
        assert not is_near(found, pascal(mean, 20))
        variance = np.var(np.array(found.units, float))
        assert found._futures.weights().variance == pytest.approx(variance, rel=0.05)


def young(days):
    """Deals won or lost a day after they were opened: on these days after the beginning of 2026."""
    found = []
    for number, day in enumerate(days):
        at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
        deal = SMALL.open("New", id=f"N-{number}", stage="offer", amount=eur(1), at=at)
        later = at + timedelta(days=1)
        is_won = number % 2
        found.append(SMALL.win(deal, at=later) if is_won else SMALL.lose(deal, "price", at=later))
    return found


def pascal(mean, n):
    """How likely each number of wins is before n of the others."""
    share = mean / (mean + n)
    return [comb(k + n - 1, k) * share**k * (1 - share) ** n for k in range(60)]


def poisson(mean):
    """How likely each number is, by Poisson."""
    found = [exp(-mean)]
    for number in range(1, 60):
        found.append(found[-1] * mean / number)
    return found
