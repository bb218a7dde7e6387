"""Cumulative incidence: by hand, against fractions, and against lifelines."""

import warnings
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.errors import OptionError
from salesflow.forecast import cumulative_incidence

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")


def by_fractions(durations, causes):
    """The definition, one time after another: what is left, and what each cause has ended."""
    left, taken, rows = Fraction(1), dict.fromkeys({*causes} - {0}, Fraction(0)), []
    watched = [*zip(durations, causes, strict=True)]
    for time in sorted({duration for duration, cause in watched if cause}):
        n = sum(duration >= time for duration, _ in watched)
        ends = {k: sum(one == (time, k) for one in watched) for k in taken}
        for cause, k in ends.items():
            taken[cause] += left * k / n
        left *= 1 - Fraction(sum(ends.values()), n)
        rows.append((time, left, dict(taken)))
    return rows


def test_a_small_case_by_hand():
    # 5 are watched. At 1: cause 1 ends 1 of 5, 4/5 are left. At 2, 4 are watched: cause 1 and cause
    # 2 end one each, so each takes 4/5 × 1/4 = 1/5, and 2/5 are left. At 3 one is censored. At 4
    # one is watched, and cause 1 ends it: it takes the 2/5 that were left.
    found = cumulative_incidence([1, 2, 2, 3, 4], [1, 1, 2, 0, 1])
    assert found.times == (1.0, 2.0, 4.0)
    assert found.open == pytest.approx((0.8, 0.4, 0.0))
    assert found.causes == (1, 2)
    assert found.ended[0] == pytest.approx((0.2, 0.4, 0.8))
    assert found.ended[1] == pytest.approx((0.0, 0.2, 0.2))
    assert (found.n, found.n_censored) == (5, 1)


def test_an_end_comes_before_a_censoring_at_the_same_time():
    # Both are watched at 3: one of two ends.
    assert cumulative_incidence([3, 3], [1, 0]).ended == ((0.5,),)


def test_a_share_is_read_at_any_time():
    found = cumulative_incidence([1, 2], [1, 7])
    assert [found.by(time, 1) for time in (0, 0.99, 1, 1.5, 99)] == [0.0, 0.0, 0.5, 0.5, 0.5]
    assert [found.by(time, 7) for time in (1, 2)] == [0.0, 0.5]


def test_a_cause_that_ended_none_is_refused():
    with pytest.raises(OptionError, match="share of cause 3: it ended none") as caught:
        cumulative_incidence([1, 2], [1, 2]).by(1, 3)
    assert (caught.value.parameter, caught.value.hint) == ("cause", "there is '1' or '2'.")
    with pytest.raises(OptionError, match="share of cause 1") as caught:
        cumulative_incidence([1], [0]).by(1, 1)
    assert caught.value.hint is None


def test_a_cause_that_is_no_number_ended_none():
    found = cumulative_incidence([1, 2], [1, 2])
    for cause in ("x", None, [1], np.array([1, 2]), np.array("x"), float("nan")):
        with pytest.raises(OptionError, match="it ended none") as caught:
            found.by(1, cause)
        assert (caught.value.parameter, caught.value.hint) == ("cause", "there is '1' or '2'.")


@pytest.mark.parametrize("time", ["x", None, [1], True, float("nan"), np.array([1, 2])])
def test_a_share_by_no_time_is_refused(time):
    with pytest.raises(OptionError, match=r"share by time .*: it is no number") as caught:
        cumulative_incidence([1, 2], [1, 2]).by(time, 1)
    assert caught.value.parameter == "time"
    assert caught.value.hint == "give one, in the unit of the durations."


def test_numbers_of_numpy_and_endless_ones_are_times():
    found = cumulative_incidence([1, 2], [1, 2])
    times = np.int64(1), np.float32(1.5), float("inf"), 10**400
    assert [found.by(time, np.int64(1)) for time in times] == [0.5] * 4
    assert found.by(float("-inf"), 1) == 0.0


def test_what_is_masked_is_not_read_as_if_it_were_known():
    masked = np.ma.array([1, 2, 9], mask=[0, 0, 1])
    for durations, causes, parameter in (
        (masked, [1, 1, 1], "durations"),
        ([1, 2, 9], masked, "causes"),
        (np.ma.array([1, 2]), [1, 1], "durations"),
    ):
        with pytest.raises(OptionError, match=f"the {parameter} are a masked array") as caught:
            cumulative_incidence(durations, causes)
        assert caught.value.parameter == parameter
        assert "give durations[known] and causes[known]" in caught.value.hint


@pytest.mark.parametrize(("durations", "causes"), [([], []), ([2, 5], [0, 0])])
def test_without_any_end_there_is_no_time(durations, causes):
    found = cumulative_incidence(durations, causes)
    assert (found.times, found.open, found.causes, found.ended) == ((), (), (), ())
    assert (found.n, found.n_censored) == (len(durations), len(durations))
    assert found.to_dicts() == []
    assert found.to_frame("pyarrow").column_names == ["time", "open", "as_of"]
    assert str(found)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=40))
def test_it_is_what_fractions_say(watched):
    durations, causes = [d for d, _ in watched], [c for _, c in watched]
    found = cumulative_incidence(durations, causes)
    expected = by_fractions(durations, causes)
    assert found.times == tuple(time for time, _, _ in expected)
    assert found.open == pytest.approx([float(left) for _, left, _ in expected], abs=1e-12)
    for cause, shares in zip(found.causes, found.ended, strict=True):
        assert shares == pytest.approx([float(row[cause]) for *_, row in expected], abs=1e-12)
    for left, *taken in zip(found.open, *found.ended, strict=True):
        assert left + sum(taken) == pytest.approx(1.0, abs=1e-12)


def test_it_is_what_lifelines_says():
    lifelines = pytest.importorskip("lifelines", reason="the comparison needs lifelines")
    random = np.random.default_rng(5)
    n = 3_000
    durations = random.exponential(10, n)
    causes = random.choice(4, n, p=[0.3, 0.4, 0.2, 0.1])
    assert len({*durations}) == n  # lifelines moves ties apart at random
    found = cumulative_incidence(durations, causes)
    for cause in (1, 2, 3):
        fitter = lifelines.AalenJohansenFitter(calculate_variance=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitter.fit(durations, causes, event_of_interest=cause)
        curve = fitter.cumulative_density_.iloc[:, 0]
        theirs = curve.loc[[*found.times]].to_numpy()
        assert found.ended[cause - 1] == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(
    ("durations", "causes", "parameter"),
    [
        ([1, -1], [1, 1], "durations"),
        ([1, float("nan")], [1, 1], "durations"),
        ([1, float("inf")], [1, 1], "durations"),
        ([1, None], [1, 1], "durations"),
        (["1", "2"], [1, 1], "durations"),
        ("12", [1, 1], "durations"),
        ([True, False], [1, 1], "durations"),
        ([[1, 2], [3, 4]], [1, 1], "durations"),
        ([[1], [3, 4]], [1, 1], "durations"),
        (3, [1], "durations"),
        ([1, 2j], [1, 1], "durations"),
        ([1, 10**400], [1, 1], "durations"),
        ([1, 2], [1, -1], "causes"),
        ([1, 2], [1, 0.5], "causes"),
        ([1, 2], [1, None], "causes"),
        ([1, 2], ["won", "lost"], "causes"),
        ([1, 2], [1, 2**64], "causes"),
        ([1, 2], [1, 2**63 + 1], "causes"),
        ([1, 2], [1], "causes"),
    ],
)
def test_bad_input_is_refused(durations, causes, parameter):
    with pytest.raises(OptionError) as caught:
        cumulative_incidence(durations, causes)
    assert caught.value.parameter == parameter


def test_arrays_and_columns_of_any_library_do():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    plain = cumulative_incidence([1.5, 2.0, 2.5], [1, 0, 2])
    for make in (np.array, pandas.Series, polars.Series, tuple):
        assert cumulative_incidence(make([1.5, 2.0, 2.5]), make([1, 0, 2])) == plain


def test_it_leaves_as_a_row_for_each_time():
    found = cumulative_incidence([1, 2], [1, 2])
    first = {"time": 1.0, "open": 0.5, "cause_1": 0.5, "cause_2": 0.0, "as_of": None}
    assert found.to_dicts()[0] == first
    assert found.to_frame("polars").columns == [*first]
    many = cumulative_incidence(range(1, 101), [1] * 100)
    assert len(str(many).splitlines()) < 20
    assert [row["time"] for row in many._shown_rows()][-1] == 100.0
