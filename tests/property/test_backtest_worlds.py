"""Backtests over whole worlds of the truth that the model assumes.

The few worlds of a quick run show that it works; hundreds, beside the fuzzing, how often.
"""

from datetime import date
from functools import cache
from statistics import mean

import pytest

from salesflow import datasets
from salesflow.forecast import Learned, backtest

pytest.importorskip("numpy", reason="the extra forecast brings numpy")

LEARNED = Learned(n=200)
MONTHS = [date(2025, month, 1) for month in range(1, 12)]  # the last window ends in the data


def made(seed, n=500, **options):
    """A backtest of the truth of `datasets`, of windows of 30 days in its second year."""
    data = datasets.make_deals(n, seed=seed)
    methods = [LEARNED, "stage_weights"]
    return backtest(data.deals, MONTHS, 30, as_of=data.as_of, methods=methods, **options)


def is_nearer(found):
    return found["learned"].mae < found["stage_weights"].mae


def test_in_some_worlds_the_learned_method_is_nearer_than_stage_weights():
    assert all(is_nearer(made(seed)) for seed in range(2))


@pytest.mark.fuzz
class TestKnownTruth:
    """200 worlds of `datasets.make_deals`."""

    N = 200

    @staticmethod
    @cache
    def backtests(n):
        return [made(seed) for seed in range(n)]

    def test_the_learned_method_is_nearer_than_stage_weights(self):
        assert mean(map(is_nearer, self.backtests(self.N))) >= 0.9

    def test_where_one_is_named_it_is_the_learned_one(self):
        named = [found.best for found in self.backtests(self.N)]
        assert "stage_weights" not in named
        assert named.count("learned") / self.N >= 0.5

    def test_chances_are_what_happens_on_the_whole(self):
        gap, error = gap_of([f.calibration("learned").whole for f in self.backtests(self.N)])
        assert abs(gap) <= 3 * error
        assert error < 0.005

    def test_chances_are_what_happens_within_the_sampling_error_of_each_bin(self):
        # Not pooled: chances are estimates too, and the highest of many are mostly too high.
        shares = {name: self.held(name) for name in ("learned", "stage_weights")}
        assert shares["learned"] >= 0.9
        assert shares["stage_weights"] <= 0.4

    def held(self, method):
        """The share of bins, of all worlds, whose 95 % interval holds the mean chance."""
        tables = [found.calibration(method) for found in self.backtests(self.N)]
        bins = [one for table in tables for one in table.values() if one.n >= 10]
        assert len(bins) > 500
        return mean(one.interval[0] <= one.mean_probability <= one.interval[1] for one in bins)

    def test_its_chances_tell_more_than_stage_weights_do(self):
        briers = [(f["learned"].brier, f["stage_weights"].brier) for f in self.backtests(self.N)]
        assert mean(learned < weights for learned, weights in briers) >= 0.95


def gap_of(parts):
    """Chance less share won, of all worlds together; and its standard error.

    The deals of a world share a model and may be open in several windows, so worlds are what is
    independent: the error is that of a ratio of sums over them.
    """
    n = sum(part.n for part in parts)
    gaps = [part.n * (part.mean_probability - part.won_share) for part in parts]
    gap = sum(gaps) / n
    left = [own - gap * part.n for own, part in zip(gaps, parts, strict=True)]
    return gap, sum(one**2 for one in left) ** 0.5 / n
