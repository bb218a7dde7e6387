"""How strongly deals go together: what shocks do, and what the history tells of them."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from math import exp, log, sqrt
from random import Random
from statistics import mean, median

import pytest

from salesflow import Period, Pipeline, Stage, datasets
from salesflow.errors import OptionError
from salesflow.facts import snapshot
from salesflow.facts.visits import visits_of
from salesflow.forecast import StageModel, simulate
from tests.naive_forecast import PIPELINE as FREE
from tests.naive_simulation import mean_under
from tests.shorthand import PIPELINE, won

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

from salesflow.forecast._excess import excess_variance  # noqa: E402 - it needs numpy
from salesflow.forecast._outlooks import ReadyModel  # noqa: E402 - it needs numpy
from salesflow.forecast._shock import Shock  # noqa: E402 - it needs numpy
from salesflow.forecast._shock_history import learned_strength  # noqa: E402

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY, MONTH = timedelta(days=1), timedelta(days=30)
OTHER = Pipeline("other", ["elsewhere", Stage("won", kind="won"), Stage("lost", kind="lost")])

CHANCES = [0.0, 1e-12, 1e-4, 0.03, 0.3, 0.5, 0.75, 0.98, 1 - 1e-9, 1.0]


@pytest.mark.parametrize("strength", [0.05, 0.3, 1.0, 3.0])
def test_the_mean_over_all_shocks_is_the_chance(strength):
    middles = Shock(strength).middle(np.array(CHANCES)).tolist()
    assert (middles[0], middles[-1]) == (0, 1)
    for chance, middle in zip(CHANCES[1:-1], middles[1:-1], strict=True):
        logit = log(middle) - log(1 - middle)
        assert mean_under(logit, strength) == pytest.approx(chance, rel=1e-7)


def test_a_shock_multiplies_odds():
    # Of a chance of 1/4 where odds are multiplied by 1, odds of 1/3: 3 of them are 1/2.
    found = Shock(1.0).shifted(np.array([[0.25]]), np.array([1.0, 1 / 3, 3.0]))
    assert found[0].tolist() == pytest.approx([1 / 4, 1 / 2, 1 / 10])


@pytest.mark.parametrize("strength", [0, 0.4, 2.0])
def test_what_a_shock_did_can_be_undone(strength):
    shock, chances = Shock(strength), np.array(CHANCES[2:-2])
    for divisor in (0.2, 1.0, 7.0):
        under = shock.shifted(shock.middle(chances), divisor)
        back = shock.undone(under, np.full(len(chances), divisor))
        assert back.tolist() == pytest.approx(chances.tolist(), rel=1e-6)


def test_shocks_of_draws_are_lognormal():
    drawn = np.arange(0, 2**32, 2**20, dtype=np.uint32)
    logs = np.log(Shock(0.4).divisors(drawn))
    assert logs.mean() == pytest.approx(0, abs=1e-3)
    assert logs.std() == pytest.approx(0.4, rel=1e-2)
    assert Shock(0).divisors(drawn).tolist() == [1.0] * len(drawn)


def strength(deals, as_of, days, **options):
    """What a model of some deals learns of the spans before it."""
    options = {"min_closed": 0, "horizon_days": days, **options}
    model = StageModel.fit(deals, as_of=as_of, **options)
    return learned_strength(ReadyModel(model), snapshot(deals, at=as_of), as_of)


def like(deal, visits, number, as_of, age):
    """A deal that is in the stage of a visit, for the first time or not, for as long as it was."""
    stage, moment = visits[number].stage, as_of - age
    steps = [(stage, moment)]
    if stage in [earlier.stage for earlier in visits[:number]]:
        other = "meeting" if stage != "meeting" else "proposal"
        steps = [(stage, moment - 2 * MONTH), (other, moment - MONTH), *steps]
    return PIPELINE.restore(id="like", stage=stage, visits=steps, source=deal.source)


def plain_strength(deals, as_of, days, **options):
    """The same, deal by deal and span by span."""
    model = StageModel.fit(deals, as_of=as_of, min_closed=0, horizon_days=days, **options)
    spans = [as_of - k * timedelta(days=days) for k in range(24, 0, -1)]
    won, expected, own = defaultdict(int), defaultdict(float), defaultdict(float)
    for deal in deals:
        visits = visits_of(deal)
        for number, visit in enumerate(visits):
            if visit.kind != "open":
                continue
            closing = next((later for later in visits[number:] if later.kind != "open"), None)
            has_come = number == 0 or visits[number - 1].kind != "open"
            for begin in spans:
                end = begin + timedelta(days=days)
                if visit.entered_at <= begin < (visit.left_at or as_of):
                    moment = begin
                elif has_come and begin < visit.entered_at < end:
                    moment = visit.entered_at
                else:
                    continue
                newcomer = like(deal, visits, number, as_of, moment - visit.entered_at)
                chance = model.win_probability(newcomer, within=(end - moment) / DAY)
                if chance is None:
                    continue
                is_won = closing is not None and closing.kind == "won"
                won[begin] += is_won and closing.entered_at <= end
                expected[begin] += chance
                own[begin] += chance * (1 - chance)
    whole = sum(own.values())
    shares = {begin: own[begin] / whole for begin in own}
    squares = sum(share**2 for share in shares.values())
    left = {begin: own[begin] * (1 - shares[begin]) for begin in own}
    weight = sum(own[b] ** 2 * (1 - 2 * shares[b] + squares) for b in own)
    found = sum((won[b] - expected[b]) ** 2 - left[b] for b in own) / weight
    noise = sum(2 * one**2 + one for one in left.values()) / weight**2
    variance = found**3 / (found**2 + noise) if found > 0 else 0
    return sqrt(variance * (1 + squares) + 1 / whole)


BY_HAND = sqrt((10 / 3) ** 3 / ((10 / 3) ** 2 + 14 / 3) * (1 + 4 / 16) + 1 / 2)
"""What is learned of four months, in which both of two even deals are won, or none, in turn."""


def won_in_every_other(lives):
    """Two deals of each life, of its visits and its closing: won, then lost, and so on."""
    return [
        PIPELINE.restore(
            id=f"{month}-{number}",
            stage=("won", "lost")[month % 2],
            created_at=visits[0][1],
            closed_at=closing,
            visits=visits,
        )
        for month, (visits, closing) in enumerate(lives)
        for number in range(2)
    ]


class TestExcess:
    """What counts vary by beyond chance, over many histories that are drawn."""

    SHARE, N = 0.3, 40

    def found(self, strength, n_spans):
        """The excess of 4,000 histories of some spans, each with 40 deals whose odds are shocked.

        What is expected is learned from the same wins, as the model does.
        """
        random = np.random.default_rng(5)
        odds = (
            self.SHARE / (1 - self.SHARE) * np.exp(strength * random.normal(size=(4000, n_spans)))
        )
        won = random.binomial(self.N, odds / (1 + odds))
        shares = won.mean(axis=1, keepdims=True) / self.N
        equal = np.full(n_spans, 1 / n_spans)
        own = np.ones(n_spans)
        return [
            excess_variance(differences, own * spread, equal)
            for differences, (spread,) in zip(
                won - self.N * shares, self.N * shares * (1 - shares), strict=True
            )
        ]

    @pytest.mark.parametrize("n_spans", [4, 8, 24])
    def test_chance_alone_leaves_hardly_any(self, n_spans):
        # Half of the time none; else less than the noise, √(2 ÷ spans) ÷ 8.4 wins.
        found = self.found(0, n_spans)
        assert 0.45 < mean(one == 0 for one in found) < 0.7
        assert mean(found) < 0.4 * sqrt(2 / n_spans) / 8.4

    @pytest.mark.parametrize("strength", [0.5, 0.8])
    def test_a_shock_is_found_whole_where_many_spans_tell(self, strength):
        # A logarithm that varies much moves chances less than it does at first.
        found = mean(self.found(strength, 24))
        assert 0.7 * strength**2 < found < strength**2


class TestLearned:
    """The strength that the history tells."""

    @pytest.mark.parametrize(("seed", "days"), [(1, 20), (7, 45), (8, 45)])
    def test_it_is_what_a_plain_count_says(self, seed, days):
        deals = datasets.make_deals(60, seed=seed).deals
        assert strength(deals, NOW, days) == pytest.approx(
            plain_strength(deals, NOW, days), rel=1e-9
        )

    def test_by_hand(self):
        # Every offer lasts ten days, and half of them are won. Two are five days old when each of
        # four months begins: V = 2/2, B = 2/4, w = 1/4. Of the first and the third month both are
        # won, of the others none: u = 4 × ((2 - 1)² - 3/4 × 1/2) over 4 × 1/4 × (1 - 2/4 + 4/16),
        # that is 10/3, and its noise 4 × (2 × (3/8)² + 3/8) over (3/4)² is 14/3.
        begins = [NOW + month * MONTH - 5 * DAY for month in range(4)]
        deals = won_in_every_other([([("negotiation", at)], at + 10 * DAY) for at in begins])
        assert strength(deals, NOW + 4 * MONTH, 30, prior_visits=1) == pytest.approx(BY_HAND)

    def test_by_hand_of_deals_that_came_within_a_span(self):
        # As above, but they come ten days after each month began, and none is ever open then.
        come = [NOW + month * MONTH + 10 * DAY for month in range(4)]
        deals = won_in_every_other([([("negotiation", at)], at + 10 * DAY) for at in come])
        assert strength(deals, NOW + 4 * MONTH, 30, prior_visits=1) == pytest.approx(BY_HAND)

    def test_spans_of_long_periods_have_92_days(self):
        deals = datasets.make_deals(300, seed=1).deals
        assert strength(deals, NOW, 365) == pytest.approx(strength(deals, NOW, 92), rel=1e-9)

    def test_segments_have_chances_of_their_own(self):
        deals = datasets.make_deals(60, seed=1).deals
        found = strength(deals, NOW, 45, by="source")
        assert found == pytest.approx(plain_strength(deals, NOW, 45, by="source"), rel=1e-9)
        assert found != pytest.approx(strength(deals, NOW, 45), rel=1e-3)

    def test_deals_that_are_independent_have_hardly_any(self):
        # What is left is how little is known: about 1 ÷ the wins of the two years, some 150.
        found = [strength(datasets.make_deals(800, seed=n).deals, NOW, 30) for n in range(6)]
        assert median(s**2 for s in found) < 0.02

    def test_a_shock_that_was_planted_is_found(self):
        found = [strength(stormy(seed), NOW, 30) for seed in range(8)]
        assert mean(s**2 for s in found) == pytest.approx(0.25, abs=0.06)

    def test_it_takes_four_spans(self):
        deals = datasets.make_deals(300, seed=1).deals
        early = datetime(2024, 5, 1, tzinfo=UTC)
        model = StageModel.fit(deals, as_of=early, min_closed=0)
        text = (
            "cannot learn how deals go together: in 2 past spans of 61 days any deal might as "
            "well have been lost as won, and it takes 4"
        )
        with pytest.raises(OptionError, match=text) as caught:
            simulate(deals, model, Period.quarter(2024, 2), n=1, seed=1)
        assert caught.value.parameter == "shock"
        assert "shock=0 for deals that are independent" in caught.value.hint

    def test_of_deals_that_were_all_won_nothing_can_be_learned(self):
        deals = [
            won(f"D-{n}", NOW - (40 - n) * 10 * DAY, NOW - (38 - n) * 10 * DAY, 1)
            for n in range(38)
        ]
        with pytest.raises(OptionError, match="in 0 past spans of 30 days any deal might as well"):
            strength(deals, NOW, 30)

    def test_what_closes_at_once_as_a_span_begins_counts_in_it(self):
        # By the day alone: opened, moved on and closed on the first day of each of four months.
        days = [(NOW + month * MONTH).date() for month in range(4)]
        deals = won_in_every_other(
            [([("proposal", day), ("negotiation", day)], day) for day in days]
        )
        assert strength(deals, NOW + 4 * MONTH, 30, prior_visits=1) == pytest.approx(BY_HAND)

    def test_visits_that_tell_nothing(self):
        known = datasets.make_deals(100, seed=1).deals
        odd = [
            PIPELINE.restore(id="left", stage="won", closed_at=NOW, visits=[("meeting", None)]),
            PIPELINE.restore(id="where", stage="negotiation", created_at=date(2025, 3, 3)),
            PIPELINE.restore(id="when", stage="won", visits=[("meeting", date(2025, 3, 3))]),
            OTHER.open("elsewhere", id="elsewhere", at=NOW - 9 * MONTH),
        ]
        learned = ReadyModel(StageModel.fit(known, as_of=NOW, min_closed=0, horizon_days=30))
        assert learned_strength(learned, [*known, *odd], NOW) == learned_strength(
            learned, known, NOW
        )

    def test_a_win_counts_for_the_try_that_it_ended(self):
        # In each of four months, two deals are lost; one of them is reopened, and won at once.
        def tried(month, number, *, again):
            begin = NOW + month * MONTH + DAY
            deal = FREE.open("A", id=f"{month}-{number}", stage="talk", at=begin)
            deal = FREE.lose(deal, "price", at=begin + 2 * DAY)
            if again:
                deal = FREE.reopen(deal, to="talk", reason="budget", at=begin + 4 * DAY)
                deal = FREE.win(deal, at=begin + 6 * DAY)
            return deal

        deals = [tried(month, n, again=n == 1) for month in range(4) for n in range(2)]
        # Of twelve tries 1/3 is won; of the 8 first ones (0 + 1/3) / (8 + 1) with one of the whole,
        # of the 4 later ones (4 + 1/3) / (4 + 1). W is one a month, V nearly so.
        first, later = 1 / 27, 13 / 15
        expected = (8 * first + 4 * later) / 4
        own = 8 * first * (1 - first) + 4 * later * (1 - later)
        assert (1 - expected) ** 2 < own / 4 * 3 / 4
        found = strength(deals, NOW + 4 * MONTH, 30, prior_visits=1)
        assert found == pytest.approx(sqrt(1 / own))


def stormy(seed):
    """Offers of some days, each within a month; 4 in 10 are won, by odds that its month multiplies.

    The logarithm of the factor has the variance 1/4.
    """
    random, deals = Random(seed), []
    for month in range(24):
        begin = NOW - (month + 1) * MONTH
        odds = 4 / 6 * exp(random.gauss(0, 0.5))
        for number in range(30):
            come = begin + 15 * DAY * random.random()
            deals.append(
                PIPELINE.restore(
                    id=f"{month}-{number}",
                    stage="won" if random.random() < odds / (1 + odds) else "lost",
                    created_at=come,
                    closed_at=come + 10 * DAY * random.random(),
                    visits=[("negotiation", come)],
                )
            )
    return deals
