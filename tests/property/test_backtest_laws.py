"""Laws of backtests: no forecast sees what came later, and scores are what plain formulas say."""

from collections import Counter
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Money, Pipeline, Rates
from salesflow.facts import snapshot
from salesflow.forecast import Forecast, Learned, backtest
from salesflow.forecast.methods import BUILT_IN
from salesflow.metrics import average_deal_size
from tests.strategies import START, amounts, books, futures

pytest.importorskip("numpy", reason="the extra forecast brings numpy")

END = START + timedelta(days=365)
METHODS = {**BUILT_IN, "learned": Learned(min_closed=0, n=25)}


class Spy:
    """A method, and all it answered."""

    def __init__(self, name):
        self.name, self.answers = name, []

    def __call__(self, question):
        self.answers.append(METHODS[self.name](question))
        return self.answers[-1]


def answers(deals, days, horizon, target):
    spies = [Spy(name) for name in METHODS]
    # With rates, the currency is that of the rates, whatever deals have an amount so far.
    about = {"as_of": END, "target": target, "rates": Rates("EUR", {})}
    backtest(deals, days, horizon, methods=spies, **about)
    return {spy.name: spy.answers for spy in spies}


targets = st.sampled_from(["all", "open"])


@given(books(max_size=5), st.integers(1, 60), st.integers(1, 25), targets, st.data())
def test_nothing_that_happens_from_a_day_on_changes_its_forecasts(book, day, horizon, target, data):
    at = START + timedelta(days=day)
    then = snapshot(book, at=at - timedelta(microseconds=1))
    days = [at - timedelta(days=horizon), at]
    known = answers(then, days, horizon, target)
    retold = [data.draw(futures(deal, at)) for deal in then]
    newer = Pipeline.standard().open("New", id="new", amount=Money(9, "EUR"), at=at)
    assert answers([*retold, newer], days, horizon, target) == known
    # Nor does what was to come in the life that was drawn first.
    assert answers(book, days, horizon, target) == known


@settings(max_examples=20)
@given(books(max_size=5), st.integers(1, 25), targets)
def test_the_order_of_deals_does_not_matter(book, horizon, target):
    days = [START + timedelta(days=number) for number in (20, 45)]
    forth = answers(book, days, horizon, target)
    back = answers(book[::-1], days, horizon, target)
    for name, found in forth.items():
        for one, other in zip(found, back[name], strict=True):
            assert (one.amount, one.low, one.high) == (other.amount, other.low, other.high)
            assert dict(one.chances) == pytest.approx(dict(other.chances), abs=1e-12)


@settings(max_examples=50)
@given(books(), st.integers(1, 25), targets)
def test_what_was_won_is_what_the_metric_says_of_the_deals_as_they_were_then(book, horizon, target):
    def nothing(question):
        return Forecast(amount=Money.zero(question.currency))

    days = [START + timedelta(days=number) for number in (5, 20, 45)]
    found = backtest(book, days, horizon, as_of=END, methods=[nothing], target=target)
    for (period, _), check in found.forecasts.items():
        start, end = (at - timedelta(microseconds=1) for at in (period.start, period.end))
        then = snapshot(book, at=end)
        if target == "open":
            known = {deal.id for deal in snapshot(book, at=start) if deal.outcome == "open"}
            then = [deal for deal in then if deal.id in known]
        size = average_deal_size(then, period=period, currency=found.currency)
        assert check.actual == size.total == -check.error
        assert check.actual_n_won == size.n_priced + size.n_unpriced


@st.composite
def answered(draw):
    """What a method says of a window: an amount, perhaps with a range; or that it cannot tell."""
    amount = draw(st.none() | amounts())
    if amount is None:
        return Forecast.unknown("drawn")
    n_won = draw(st.none() | st.integers(0, 9))
    if not draw(st.booleans()):
        return Forecast(amount=amount, n_won=n_won)
    low, high = sorted(draw(st.tuples(amounts(), amounts())))
    return Forecast(amount=amount, low=low, high=high, aimed_share=0.9, n_won=n_won)


@settings(max_examples=50)
@given(books(), st.lists(answered(), min_size=1, max_size=5), targets)
def test_scores_are_what_plain_formulas_say(book, script, target):
    checks, score = scripted(book, script, target)
    answers_and_checks = [*zip(script, checks, strict=True)]
    known = [(a, check) for a, check in answers_and_checks if a.amount is not None]
    errors = [Fraction(a.amount.amount) - Fraction(check.actual.amount) for a, check in known]
    won = sum(Fraction(check.actual.amount) for _, check in known)
    assert score.n == len(errors)
    silent = {"drawn": len(script) - len(errors)} if score.n < len(script) else {}
    wins = {reason: n for reason, n in score.left_out.items() if reason.startswith("won_")}
    assert score.left_out == {**silent, **wins}
    assert [score.bias, score.mae] == [mean_money(errors), mean_money([*map(abs, errors)])]
    off = float(sum(map(abs, errors)) / won) if won else None
    assert score.error_share == (None if off is None else pytest.approx(off))
    held = [a.low.amount <= check.actual.amount <= a.high.amount for a, check in known if a.low]
    assert (score.coverage.numerator, score.coverage.denominator) == (sum(held), len(held))
    wins = [a.n_won - check.actual_n_won for a, check in known if a.n_won is not None]
    assert score.n_won_bias == (pytest.approx(sum(wins) / len(wins)) if wins else None)
    mae = sum(map(abs, wins)) / len(wins) if wins else None
    assert score.n_won_mae == (None if mae is None else pytest.approx(mae))


class Nearly:
    """Money of an amount, give or take the last digits of a quotient."""

    def __init__(self, amount):
        self.amount = amount

    def __eq__(self, other):
        return abs(Fraction(other.amount) - self.amount) <= Fraction(1, 10**15)

    __hash__ = None


def mean_money(values):
    return Nearly(sum(values) / len(values)) if values else None


def scripted(book, script, target):
    """The checks and the score of a method that answers as it was drawn."""
    remaining = iter(script)

    def method(question):
        del question
        return next(remaining)

    days = [START + timedelta(days=15 * number + 3) for number in range(len(script))]
    found = backtest(
        book, days, 15, as_of=END, methods=[method], target=target, rates=Rates("EUR", {})
    )
    return [*found.forecasts.values()], found["method"]


@settings(max_examples=50)
@given(books(), st.lists(st.none() | st.integers(0, 20), min_size=1, max_size=5), targets)
def test_chances_are_scored_as_plain_formulas_say(book, twentieths, target):
    pairs = []

    def method(question):
        n = twentieths[question.period.start.timetuple().tm_yday // 15]
        chances = {} if n is None else {deal.id: n / 20 for deal in question.open_deals}
        end = {d.id: d for d in snapshot(book, at=question.period.end - timedelta(microseconds=1))}
        # What is merged into another by then is nobody's any more.
        pairs.extend((n, end[one].outcome == "won") for one in chances if one in end)
        return Forecast(amount=Money.zero(question.currency), chances=chances)

    days = [START + timedelta(days=15 * number + 3) for number in range(len(twentieths))]
    found = backtest(book, days, 15, as_of=END, methods=[method], target=target)
    score, table = found["method"], found.calibration("method")
    assert score.n_chances == table.whole.n == len(pairs) == sum(one.n for one in table.values())
    # In twentieths, so that each chance is surely on its side of an edge.
    bins, wins = (
        Counter(min(n // 2, 9) for n, won in pairs if won or not only_won)
        for only_won in (False, True)
    )
    assert [one.n for one in table.values()] == [bins[number] for number in range(10)]
    assert [one.n_won for one in table.values()] == [wins[number] for number in range(10)]
    if not pairs:
        assert (score.brier, score.chance_bias, table.brier) == (None, None, None)
        return
    brier = sum((Fraction(n, 20) - won) ** 2 for n, won in pairs) / len(pairs)
    assert score.brier == table.brier == pytest.approx(float(brier))
    bias = sum(Fraction(n, 20) - won for n, won in pairs) / len(pairs)
    assert score.chance_bias == pytest.approx(float(bias), abs=1e-12)
