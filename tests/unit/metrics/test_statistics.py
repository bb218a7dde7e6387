"""Ratios, medians and intervals, against numbers known by hand."""

from decimal import Decimal
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.metrics._statistics import (
    at_most_apart,
    median_amount,
    median_number,
    newcombe,
    ratio,
    wilson,
)
from salesflow.metrics.stats import Middle


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: Wilson without continuity.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # By hand, with z² = 3.8415: (0.4 + 0.19207 ∓ 1.96 √(0.024 + 0.0096)) ÷ 1.38415
        (4, 10, 0.1682, 0.6873),
        (29, 29, 0.8830, 1.0),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_the_interval_of_wilson(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_newcombe(one, other, low, high):
    sides = [(n / of, wilson(n, of)) for n, of in (one, other)]
    assert newcombe(*sides) == pytest.approx((low, high), abs=5.1e-5)
    assert newcombe(*sides[::-1]) == pytest.approx((-high, -low), abs=5.1e-5)


SHARES = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(SHARES, SHARES)
def test_the_interval_of_the_same_deals_holds_the_difference(one, other):
    low, high = at_most_apart(one, other)
    assert -1 <= low <= one[0] / one[1] - other[0] / other[1] <= high <= 1
    turned = at_most_apart(other, one)
    assert turned == pytest.approx((-high, -low))


@pytest.mark.parametrize("n_shared", [0, 50, 100])
def test_the_interval_of_the_same_deals_seldom_misses(n_shared):
    """Two samples of 100 that share some: their shares are the same, and 0 is to be inside."""
    random, missed = Random(7), 0
    for _ in range(1_000):
        common = sum(random.random() < 0.3 for _ in range(n_shared))
        one, other = (
            common + sum(random.random() < 0.3 for _ in range(100 - n_shared)) for _ in range(2)
        )
        low, high = at_most_apart((one, 100), (other, 100))
        missed += not low <= 0 <= high
    # 1,000 × 5 % = 50 at most.
    assert missed <= 50


def test_without_trials_there_is_no_interval():
    assert wilson(0, 0) is None


@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_stays_within_0_and_1(counts):
    successes, trials = counts
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert (low == 0) == (successes == 0)
    assert (high == 1) == (successes == trials)
    mirrored = wilson(trials - successes, trials)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-12)


def test_a_ratio_of_nothing_is_undefined():
    assert (ratio(1, 4), ratio(0, 4), ratio(0, 0)) == (0.25, 0.0, None)


@given(st.lists(st.integers(-(10**15), 10**15)))
def test_the_median_of_numbers(numbers):
    found = median_number(Middle.of(sorted(numbers)))
    assert found == (median(numbers) if numbers else None)


@given(st.lists(st.decimals(-(10**9), 10**9, places=2)))
def test_the_median_of_amounts(amounts):
    found = median_amount(Middle.of(sorted(amounts)))
    assert found == (median(amounts) if amounts else None)


def test_the_median_of_two_large_amounts_is_exact():
    one, other = Decimal("100000000000000000000000.01"), Decimal("100000000000000000000000.03")
    assert median_amount(Middle(one, other)) == Decimal("100000000000000000000000.02")
