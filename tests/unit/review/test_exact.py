"""The exact test and its corrections, against plain versions, against scipy, and by luck alone."""

from fractions import Fraction
from itertools import product
from math import comb, isclose
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.review._exact import Exact, could_tell, exact_test, holm


def scipy_stats() -> Any:
    """An independent version; the wheel is tested where it may not be installed."""
    return pytest.importorskip("scipy.stats")


def plain(n_won: int, n: int, all_won: int, all_n: int) -> Fraction:
    """In whole numbers: the ways to draw that are no more frequent than the one seen."""
    ways = {
        x: comb(all_won, x) * comb(all_n - all_won, n - x)
        for x in range(max(0, n - all_n + all_won), min(n, all_won) + 1)
    }
    return Fraction(sum(w for w in ways.values() if w <= ways[n_won]), comb(all_n, n))


def tables(largest: int):
    """All tables of so many deals."""
    for all_n in range(1, largest + 1):
        for all_won, n in product(range(all_n + 1), range(all_n + 1)):
            for n_won in range(max(0, n - all_n + all_won), min(n, all_won) + 1):
                yield n_won, n, all_won, all_n


def test_eight_cups_of_tea():
    # Fisher's lady: of 70 ways to choose 4 of 8, 16 have three right and 1 all; and as many wrong.
    assert exact_test(3, 4, 4, 8).p_value == pytest.approx(34 / 70)
    assert exact_test(4, 4, 4, 8).p_value == pytest.approx(2 / 70)
    assert exact_test(2, 4, 4, 8).p_value == 1.0


def test_each_table_of_up_to_fourteen_deals_is_exact():
    seen = 0
    for table in tables(14):
        found = exact_test(*table)
        assert isclose(found.p_value, plain(*table), rel_tol=1e-12), table
        _, n, all_won, all_n = table
        rows = range(max(0, n - all_n + all_won), min(n, all_won) + 1)
        least = min(plain(x, n, all_won, all_n) for x in rows)
        assert isclose(found.least, least, rel_tol=1e-12), table
        seen += 1
    assert seen > 3_000


COUNTS = st.integers(0, 3_000)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_scipy_says_the_same(won, lost, rest_won, rest_lost):
    n, all_won = won + lost, won + rest_won
    found = exact_test(won, n, all_won, n + rest_won + rest_lost)
    wanted = scipy_stats().fisher_exact([[won, lost], [rest_won, rest_lost]]).pvalue
    assert isclose(found.p_value, wanted, rel_tol=1e-7, abs_tol=1e-290)
    # Asked of the rest, it is the same question.
    other = exact_test(rest_won, rest_won + rest_lost, all_won, n + rest_won + rest_lost)
    assert isclose(found.p_value, other.p_value, rel_tol=1e-9, abs_tol=1e-290)


def test_a_million_deals_neither_overflow_nor_take_long():
    found = exact_test(40_000, 100_000, 390_000, 1_000_000)
    wanted = scipy_stats().fisher_exact([[40_000, 60_000], [350_000, 550_000]]).pvalue
    assert isclose(found.p_value, wanted, rel_tol=1e-7)
    # Beyond what a float can tell from 0.
    assert exact_test(100_000, 100_000, 100_000, 1_000_000).p_value == 0.0


# Corrections.

P_VALUES = st.lists(st.floats(0, 1), max_size=12)


def rejected(p_values: list[float], level: float) -> set[int]:
    """Holm's procedure as he wrote it: from the least on, until one is not below its share."""
    found: set[int] = set()
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[place] > level / (len(p_values) - rank):
            break
        found.add(place)
    return found


def test_three_p_values_by_hand():
    # 3 × 0.01; 2 × 0.03; and no less than that, 1 × 0.04.
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.5]) == [1.0, 1.0]
    assert holm([]) == []


@given(P_VALUES, st.sampled_from([0.01, 0.05, 0.2]))
def test_a_corrected_p_value_names_what_the_procedure_does(p_values, level):
    found = {place for place, p in enumerate(holm(p_values)) if p <= level}
    # Both multiply, or divide, and may differ by rounding where a p-value meets its share.
    edges = {p * k for p in p_values for k in range(1, 13)}
    if not any(isclose(edge, level, rel_tol=1e-9) for edge in edges):
        assert found == rejected(p_values, level)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_it_is_never_more_lenient_than_the_rate_of_false_discoveries(p_values):
    # Benjamini and Hochberg, whose promise is weaker, name all that Holm does.
    weaker = scipy_stats().false_discovery_control(p_values)
    assert all(ours >= theirs - 1e-12 for ours, theirs in zip(holm(p_values), weaker, strict=True))


def test_what_could_never_tell_takes_no_room():
    # Of 0.05: two could come below 0.05 / 2, so that k = 2 is the first that is enough.
    tests = [Exact(1.0, least) for least in (0.001, 0.02, 0.03, 0.2, 1.0)]
    assert could_tell(tests, 0.05) == [True, True, False, False, False]
    # All five could come below 0.05 / 4 if there were four; there are five.
    assert could_tell([Exact(1.0, 0.011)] * 5, 0.05) == [False] * 5
    assert could_tell([Exact(1.0, 0.009)] * 5, 0.05) == [True] * 5
    assert could_tell([], 0.05) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_the_number_that_could_tell_is_the_least_that_is_enough(leasts):
    asked = [Exact(1.0, least) for least in leasts]
    enough = (k for k in range(1, 14) if sum(least <= 0.05 / k for least in leasts) <= k)
    k = next(enough)
    assert could_tell(asked, 0.05) == [least <= 0.05 / k for least in leasts]


SIZES = [1] * 30 + [4] * 8 + [15] * 3 + [60, 90]


def least_p_values(labels: list[int], outcomes: list[bool]) -> tuple[float, float]:
    """The least p-value of any group, corrected and not."""
    n_won = dict.fromkeys(labels, 0)
    for label, is_won in zip(labels, outcomes, strict=True):
        n_won[label] += is_won
    all_won, all_n = sum(outcomes), len(outcomes)
    tests = [exact_test(n_won[g], size, all_won, all_n) for g, size in enumerate(SIZES)]
    able = could_tell(tests, 0.05)
    told = [test.p_value for test, is_able in zip(tests, able, strict=True) if is_able]
    return min(holm(told)), min(told)


def test_luck_alone_seldom_names_any():
    """Over 600 shuffles of the same wins, at most 5 %; without the correction it would be more."""
    random = Random(2026)
    labels = [group for group, size in enumerate(SIZES) for _ in range(size)]
    outcomes = [n % 3 == 0 for n in range(len(labels))]
    found = []
    for _ in range(600):
        random.shuffle(outcomes)
        found.append(least_p_values(labels, outcomes))
    corrected, plainly = (sum(pair[place] <= 0.05 for pair in found) for place in (0, 1))
    # 600 × 0.05 = 30; four standard deviations of √(600 × 0.05 × 0.95) = 5.34 more.
    edge = 30 + 4 * 5.34
    assert corrected <= edge < plainly
