"""How strongly deals go together: what shocks do, and what the history tells of them."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import log, sqrt
from random import Random
from statistics import mean

import pytest

from salesflow import Period, datasets
from salesflow.errors import OptionError
from salesflow.facts.visits import visits_of
from salesflow.forecast import StageModel, simulate
from tests.naive_simulation import mean_under
from tests.shorthand import PIPELINE

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

from salesflow.forecast._shock import Shock  # noqa: E402 - it needs numpy
from salesflow.forecast._shock_history import learned_strength  # noqa: E402

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MONTH = timedelta(days=30)

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


def plain_strength(deals, as_of, days):
    """The same, by counting each visit in each span, with fractions."""
    visits = defaultdict(list)
    for deal in deals:
        for visit in visits_of(deal):
            if visit.kind == "open":
                end = visit.left_at or as_of
                visits[visit.stage].append((visit.entered_at, end, visit.next_kind == "won"))
    first = min(entered for rows in visits.values() for entered, _, _ in rows)
    n = (as_of - first) // timedelta(days=days)
    edges = [as_of - (n - k) * timedelta(days=days) for k in range(n + 1)]
    wins, expected = [0] * n, [Fraction(0)] * n
    for rows in visits.values():
        spans = [(end - entered, is_won) for entered, end, is_won in rows]
        for age in {span for span, is_won in spans if is_won}:
            at_risk = sum(span >= age for span, _ in spans)
            hazard = Fraction(sum(is_won for span, is_won in spans if span == age), at_risk)
            for entered, end, is_won in rows:
                for k in range(n):
                    is_here = edges[k] < entered + age <= edges[k + 1]
                    expected[k] += hazard * (is_here and end - entered >= age)
                    wins[k] += is_here and is_won and end - entered == age
    parts = [one / sum(expected) for one in expected]
    excess = sum(
        (w - v) ** 2 - v * (1 - part) for w, v, part in zip(wins, expected, parts, strict=True)
    )
    squares = sum(part**2 for part in parts)
    weight = sum(v**2 * (1 - 2 * part + squares) for v, part in zip(expected, parts, strict=True))
    return sqrt(max(float(excess / weight), 0.0))


class TestLearned:
    """The strength that the history tells."""

    @pytest.mark.parametrize(("seed", "days"), [(1, 20), (7, 45), (8, 45)])
    def test_it_is_what_a_plain_count_says(self, seed, days):
        deals = datasets.make_deals(60, seed=seed).deals
        found = learned_strength(deals, NOW, timedelta(days=days))
        assert found == pytest.approx(plain_strength(deals, NOW, days), rel=1e-9)
        assert found > 0

    def test_by_hand(self):
        # Every offer lasts a day, and half of them are won: of two a month, in January both, in
        # February none, in March both, in April none. One was to be expected in each month, and
        # each is a quarter: 4 × ((2 - 1)² - 3/4) over 4 × (1 - 2/4 + 4/16).
        deals = []
        for month, verb in ((1, "win"), (2, "lose"), (3, "win"), (4, "lose")):
            for number in range(2):
                begin = datetime(2026, 1, 1, tzinfo=UTC) + (month - 1) * MONTH + timedelta(days=5)
                deal = PIPELINE.restore(
                    id=f"{month}-{number}",
                    stage={"win": "won", "lose": "lost"}[verb],
                    created_at=begin,
                    closed_at=begin + timedelta(days=1),
                    visits=[("negotiation", begin)],
                )
                deals.append(deal)
        deals.append(
            PIPELINE.restore(
                id="first", stage="prospecting", created_at=NOW, visits=[("prospecting", NOW)]
            )
        )
        found = learned_strength(deals, NOW + 4 * MONTH, MONTH)
        assert found == pytest.approx(sqrt((4 * (1 - 3 / 4)) / (4 * (1 - 2 / 4 + 4 / 16))))

    def test_spans_of_long_periods_have_92_days(self):
        deals = datasets.make_deals(300, seed=1).deals
        long = learned_strength(deals, NOW, timedelta(days=365))
        assert long == learned_strength(deals, NOW, timedelta(days=92))

    def test_deals_that_are_independent_have_hardly_any(self):
        found = [
            learned_strength(datasets.make_deals(800, seed=seed).deals, NOW, timedelta(days=91))
            for seed in range(6)
        ]
        assert mean(found) < 0.1

    def test_a_shock_that_was_planted_is_found(self):
        # Each month multiplies the hazard of a win by a factor of its own, of variance 1/4.
        found = [learned_strength(stormy(seed), NOW, MONTH) for seed in range(5)]
        assert mean(s**2 for s in found) == pytest.approx(0.25, abs=0.08)

    def test_it_takes_four_spans(self):
        deals = datasets.make_deals(300, seed=1).deals
        early = datetime(2024, 5, 1, tzinfo=UTC)
        model = StageModel.fit(deals, as_of=early, min_closed=0)
        text = (
            "cannot learn how deals go together: wins were to be expected in 1 past spans of 91 "
            "days, and it takes 4"
        )
        with pytest.raises(OptionError, match=text) as caught:
            simulate(deals, model, Period.quarter(2024, 2), n=1, seed=1)
        assert caught.value.parameter == "shock"
        assert "shock=0 for deals that are independent" in caught.value.hint

    def test_visits_that_tell_nothing(self):
        known = datasets.make_deals(100, seed=1).deals
        odd = [
            PIPELINE.restore(id="left", stage="won", closed_at=NOW, visits=[("meeting", None)]),
            PIPELINE.restore(id="where", stage="negotiation", created_at=date(2025, 3, 3)),
            PIPELINE.restore(id="when", stage="won", visits=[("meeting", date(2025, 3, 3))]),
        ]
        assert learned_strength([*known, *odd], NOW, MONTH) == learned_strength(known, NOW, MONTH)

    def test_a_day_that_begins_before_the_entry_ends_the_visit_at_once(self):
        known = datasets.make_deals(60, seed=1).deals
        entered = datetime(2025, 3, 3, 10, tzinfo=UTC)
        ends = [date(2025, 3, 3), entered]
        found = [
            learned_strength(
                [
                    *known,
                    PIPELINE.restore(
                        id="new",
                        stage="won",
                        created_at=entered,
                        closed_at=end,
                        visits=[("negotiation", entered)],
                    ),
                ],
                NOW,
                timedelta(days=20),
            )
            for end in ends
        ]
        assert found[0] == found[1] > 0


def stormy(seed):
    """Offers of up to 20 days: 2 in 100 won on each, by the factor of its month; else lost then."""
    random = Random(seed)
    months = 24
    factors = [max(random.gauss(1, 0.5), 0) for _ in range(months)]
    deals = []
    for number in range(1500):
        begin = NOW - months * MONTH * random.random()
        moment, is_won = begin, False
        while not is_won and moment < begin + timedelta(days=20):
            moment += timedelta(days=1)
            month = min(max((NOW - moment) // MONTH, 0), months - 1)
            is_won = random.random() < 0.02 * factors[month]
        if moment < NOW:
            deals.append(
                PIPELINE.restore(
                    id=f"D-{number}",
                    stage="won" if is_won else "lost",
                    created_at=begin,
                    closed_at=moment,
                    visits=[("negotiation", begin)],
                )
            )
    return deals
