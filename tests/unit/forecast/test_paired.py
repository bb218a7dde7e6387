"""The randomization test: by hand, against scipy, and as rarely wrong as it says."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

from salesflow.forecast._paired import sign_flip_p  # noqa: E402 - it needs numpy


def test_by_hand():
    # The sums of ±1 ±2 ±4 are ±1, ±3, ±5, ±7: as far from 0 as 5 are 4 of 8.
    assert sign_flip_p([-1, 2, 4]) == 0.5
    assert sign_flip_p([1, 2, 4]) == 0.25
    assert sign_flip_p([3.5]) == 1.0
    assert sign_flip_p([]) is None
    assert sign_flip_p([0.0, 0.0, 0.0]) == 1.0


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=9))
def test_few_are_counted_exactly(values):
    sums = [sum(s * v for s, v in zip(signs, values, strict=True)) for signs in _signs(values)]
    expected = sum(abs(one) >= abs(sum(values)) for one in sums) / len(sums)
    assert sign_flip_p([value / 8 for value in values]) == expected
    assert sign_flip_p([-value / 8 for value in values]) == expected


def _signs(values):
    return product((-1, 1), repeat=len(values))


def test_tenths_that_add_up_to_the_same_are_as_far():
    # 0.1 + 0.2 is not 0.3 in floats: 0.1 + 0.2 - 0.3 and its like must not pass for less than 0.
    assert sign_flip_p([0.1, 0.2, -0.3]) == 1.0
    assert sign_flip_p([0.1, 0.2, 0.3]) == 0.25


@pytest.mark.parametrize("n", [8, 40])
def test_it_is_what_scipy_says(n):
    stats = pytest.importorskip("scipy.stats", reason="the comparison needs scipy")
    random = np.random.default_rng(3)
    for shift in (0.0, 0.2, 0.4):
        values = random.exponential(1.0, n) - 1.0 + shift
        draws = np.inf if n == 8 else 20_000
        theirs = stats.permutation_test(
            (values,), np.mean, permutation_type="samples", n_resamples=draws, rng=1
        )
        # 5 standard errors of both sides' draws.
        assert sign_flip_p([*values]) == pytest.approx(
            theirs.pvalue, abs=1e-12 if n == 8 else 5 * (2 * 0.25 / 20_000) ** 0.5
        )


def test_the_same_numbers_give_the_same_answer_each_time():
    random = Random(4)
    values = [random.gauss(0.2, 1) for _ in range(30)]
    assert sign_flip_p(values) == sign_flip_p(values)


@pytest.mark.parametrize(("n", "n_runs"), [(12, 1_000), (20, 150)])
def test_it_is_rarely_wrong_where_there_is_nothing_to_find(n, n_runs):
    # Differences of the absolute errors of two equally good methods, skewed as such errors are.
    random = Random(n)
    n_told = 0
    for _ in range(n_runs):
        values = [abs(random.lognormvariate(0, 1) - 1) for _ in range(n)]
        others = [abs(random.lognormvariate(0, 1) - 1) for _ in range(n)]
        p_value = sign_flip_p([one - other for one, other in zip(values, others, strict=True)])
        n_told += p_value <= 0.05
    # At most 5 % and three standard errors of the runs.
    assert n_told / n_runs <= 0.05 + 3 * (0.05 * 0.95 / n_runs) ** 0.5
    # And not idle: it says so about as often as it may.
    assert n_told / n_runs >= 0.02
