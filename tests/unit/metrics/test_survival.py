"""The estimator of Kaplan and Meier: against fractions, against lifelines, and by hand."""

import math
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesflow.metrics.stats import RiskSets, end_of
from salesflow.metrics.survival import MedianTime, _product, median_time

Z = 1.959963984540054
TALLIES = st.dictionaries(st.integers(0, 12), st.integers(1, 4), max_size=8)


def risk_sets(events: dict[int, int], censored: dict[int, int]) -> RiskSets:
    ends = {end_of(time, is_event=True): n for time, n in events.items()}
    return RiskSets.of(ends | {end_of(time, is_event=False): n for time, n in censored.items()})


def median(events: dict[int, int], censored: dict[int, int]) -> MedianTime:
    return median_time(risk_sets(events, censored))


def slow(events: dict[int, int], censored: dict[int, int]) -> list[tuple[int, Fraction, Fraction]]:
    """Time, S and the sum of Greenwood at each event, from the whole population each time."""
    steps, share, variance = [], Fraction(1), Fraction(0)
    for time in sorted(events):
        at_risk = sum(n for tally in (events, censored) for t, n in tally.items() if t >= time)
        share *= 1 - Fraction(events[time], at_risk)
        if at_risk > events[time]:
            variance += Fraction(events[time], at_risk * (at_risk - events[time]))
        steps.append((time, share, variance))
    return steps


def band(share: Fraction, variance: Fraction, side: int) -> float:
    if share == 0:
        return 0.0 if side > 0 else 1.0
    hazard = -math.log(share)
    return math.exp(-math.exp(math.log(hazard) + side * Z * math.sqrt(variance) / hazard))


def expected(events: dict[int, int], censored: dict[int, int]) -> MedianTime:
    steps = slow(events, censored)
    medians = [time for time, share, _ in steps if share <= Fraction(1, 2)]
    lows, highs = (
        [time for time, share, variance in steps if band(share, variance, side) <= 0.5]
        for side in (1, -1)
    )
    return MedianTime(*(min(times, default=None) for times in (medians, lows, highs)))


@given(TALLIES, TALLIES)
@example({1: 2, 3: 2}, {})
@example({1: 1, 2: 1}, {1: 1, 2: 1})
def test_it_is_what_fractions_say(events, censored):
    assert median(events, censored) == expected(events, censored)


@given(TALLIES, TALLIES)
def test_at_risk_is_who_was_watched_for_as_long(events, censored):
    found = risk_sets(events, censored)
    every = [*Counter(events).elements(), *Counter(censored).elements()]
    assert found.n == len(every)
    assert dict(zip(found.times, found.events, strict=True)) == events
    assert found.times == sorted(events)
    assert found.at_risk == [sum(one >= time for one in every) for time in found.times]


def test_a_curve_of_many_blocks_is_the_one_of_each_step():
    # Thousands of times, so that most are passed by many at once; every third has a tie.
    rnd = random.Random(3)
    times = sorted(rnd.sample(range(10**6), 6000))
    events = {time: 1 + (place % 3 == 0) for place, time in enumerate(times) if place % 4}
    censored = {time: 1 for place, time in enumerate(times) if place % 4 == 0}
    at_risk, share, variance = sum(events.values()) + len(censored), 1.0, 0.0
    found: dict[str, int] = {}
    for time in times:
        fell = events.get(time, 0)
        if fell and at_risk > fell:
            share *= 1 - fell / at_risk
            variance += fell / (at_risk * (at_risk - fell))
            # Reached, or not, by far more than floats may be off.
            for name, curve in (
                ("median", share),
                ("low", band(share, variance, 1)),
                ("high", band(share, variance, -1)),
            ):
                assert abs(curve - 0.5) > 1e-9
                if curve <= 0.5:
                    found.setdefault(name, time)
        at_risk -= fell + censored.get(time, 0)
    assert median(events, censored) == MedianTime(**found)


@given(st.integers(1, 40))
def test_without_censorings_the_median_is_the_time_of_the_lower_middle(n):
    # S after k of n is (n - k) ÷ n: 0.5 or less from the k on that is at least n ÷ 2.
    assert median(dict.fromkeys(range(1, n + 1), 1), {}).median == math.ceil(n / 2)


def test_nothing_and_nothing_but_censorings_reach_no_median():
    assert median({}, {}) == median({}, {5: 3}) == MedianTime(None, None, None)


def test_at_equal_times_events_come_first():
    # 2 at risk at 10, so S = 1/2; were the other gone by then, 0.
    assert median({10: 1}, {10: 1}).median == 10
    assert median({10: 1, 20: 1}, {10: 2}).median == 20  # 3/4, then 0
    assert median({10: 1, 20: 1}, {9: 2}).median == 10  # 1/2


@pytest.mark.parametrize(
    ("events", "censored"),
    [
        # 5/6 × 3/4 × 4/5 = 1/2, which floats multiply to 0.5000000000000001 in one order or other.
        ({1: 1, 3: 1, 5: 1}, {0: 4, 2: 1, 4: 1, 9: 2}),
        ({1: 3, 3: 1, 5: 2}, {2: 2, 4: 7, 9: 7}),
    ],
    ids=["one", "other"],
)
def test_exactly_half_is_half(events, censored):
    assert median(events, censored) == expected(events, censored)


@given(st.lists(st.integers(2, 60), min_size=1, max_size=5), st.integers(1, 4))
def test_no_noise_tips_a_curve_that_comes_to_exactly_half(sizes, spread):
    # A fall from n to n - 1 and then a censoring up to the next size; the last step makes it half.
    events, censored, at_risk, share, time = {}, {}, 0, Fraction(1), 0
    sizes = sorted(sizes, reverse=True)
    for size in sizes:
        if at_risk > size:
            censored[time] = at_risk - size
        if at_risk and at_risk < size:
            break
        time += spread
        events[time] = 1
        share *= Fraction(size - 1, size)
        at_risk = size - 1
        time += spread
    # Everything left is censored at the end, so what stands is share.
    if at_risk:
        censored[time] = at_risk
    assert median(events, censored) == expected(events, censored)


def test_many_censorings_and_exactly_half():
    # (n-1)/n × (n-2)/(n-1) × ... in pairs: between two events one is censored, so nothing cancels
    # beside its neighbour: ∏ (n-2k-1)/(n-2k). A last event of the right size makes it 1/2.
    n, events, censored, share = 400, {}, {}, Fraction(1)
    for k in range(60):
        events[2 * k], censored[2 * k + 1] = 1, 1
        share *= Fraction(n - 2 * k - 1, n - 2 * k)
    left = n - 120
    # Scale all counts, so that the rest falls by a whole number to exactly 1/2.
    need = 1 - Fraction(1, 2) / share
    scale = (need * left).denominator
    events = {time: count * scale for time, count in events.items()}
    censored = {time: count * scale for time, count in censored.items()}
    fall = int(need * left * scale)
    last = 1000
    half = median({**events, last: fall}, {**censored, 2000: left * scale - fall})
    assert half.median == last
    one_less = median({**events, last: fall - 1}, {**censored, 2000: left * scale - fall + 1})
    assert one_less.median is None


@given(st.lists(st.integers(1, 10**6), max_size=200))
def test_a_product_by_halves_is_the_product(numbers):
    assert _product(numbers) == math.prod(numbers)


def test_where_nobody_is_left_there_is_no_upper_band():
    # One event: S is 0, and the median may be any later time for all that is known.
    assert median({7: 1}, {}) == MedianTime(7, 7, None)


@given(TALLIES, TALLIES, st.integers(1, 10**12))
def test_it_does_not_depend_on_the_unit(events, censored, factor):
    found = median(events, censored)
    scaled = median(*({t * factor: n for t, n in x.items()} for x in (events, censored)))
    ends = (found.median, found.low, found.high)
    assert (scaled.median, scaled.low, scaled.high) == tuple(
        None if end is None else end * factor for end in ends
    )


def test_it_is_what_lifelines_says():
    lifelines = pytest.importorskip("lifelines", reason="the comparison needs lifelines")
    rnd = random.Random(7)
    for n in (3, 10, 11, 60, 400):
        for _ in range(6):
            rows = [(rnd.randint(0, 90), rnd.random() < 0.7) for _ in range(n)]
            events, censored = (
                Counter(time for time, closed in rows if closed is wanted)
                for wanted in (True, False)
            )
            fitter = lifelines.KaplanMeierFitter()
            fitter.fit([time for time, _ in rows], [closed for _, closed in rows])
            found, shares = median(events, censored), fitter.survival_function_.iloc[:, 0]
            # lifelines gives both bands as 0 where nobody is left; we say that there is no upper.
            lower, upper = (fitter.confidence_interval_.iloc[:, side] for side in (0, 1))
            upper = upper.where(shares > 0, 1.0)
            for ours, curve in ((found.median, shares), (found.low, lower), (found.high, upper)):
                times = curve.index[curve <= 0.5 + 1e-12]
                assert (ours is None) == (not len(times))
                assert ours is None or abs(ours - times[0]) < 1e-9
