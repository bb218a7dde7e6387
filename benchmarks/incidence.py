"""Cumulative incidence of 100,000 visits, and a stage model over 100,000 deals.

Peers: the fitter of lifelines, given the same arrays, for one of the causes (ours finds all), as it
comes, and told to leave out the variance, which ours does not tell; and a bare pass over the same
histories, which looks at each event.
"""

import gc
import warnings
from typing import Any

import numpy as np
from lifelines import AalenJohansenFitter

from benchmarks._timing import Row, at_most, side_by_side
from benchmarks.reviewing import bare_pass
from salesflow import datasets
from salesflow.forecast import StageModel, cumulative_incidence

N = 100_000
NEAR = 1e-9


def rows() -> list[Row]:
    """The table's lines."""
    return [*estimating(), fitting()]


def estimating() -> list[Row]:
    """Both estimates of the same visits, compared first."""
    random = np.random.default_rng(1)
    durations = random.exponential(18.0, N)
    causes = random.choice(4, N, p=[0.2, 0.4, 0.3, 0.1])

    def fitted(**options: bool) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitter = AalenJohansenFitter(**options)
            return fitter.fit(durations, causes, event_of_interest=1).cumulative_density_

    def bare() -> Any:
        return fitted(calculate_variance=False)

    found, theirs = cumulative_incidence(durations, causes), bare().iloc[:, 0]
    gaps = np.abs(np.array(found.ended[0]) - theirs.loc[[*found.times]].to_numpy())
    assert gaps.max() <= NEAR
    work = {"ours": lambda: cumulative_incidence(durations, causes), "bare": bare}
    took = side_by_side(work, rounds=5)
    milli = {name: seconds * 1e3 for name, seconds in took.items()}
    whole = side_by_side({"peer": fitted}, rounds=1)["peer"] * 1e3
    what = "cumulative incidence, 100,000 visits, against lifelines"
    return [
        at_most(what, milli["ours"], whole, "ms", 1 / 20),
        at_most("the same, without its variance", milli["ours"], milli["bare"], "ms", 1 / 2),
    ]


def fitting() -> Row:
    """A model of the deals of a book."""
    made = datasets.make_deals(N, seed=1)
    gc.freeze()
    took = side_by_side(
        {
            "ours": lambda: StageModel.fit(made.deals, as_of=made.as_of),
            "bare": lambda: bare_pass(made.deals),
        },
        rounds=5,
    )
    gc.unfreeze()
    micro = {name: seconds / N * 1e6 for name, seconds in took.items()}
    what = "stage model of 100,000 deals, a deal, against a bare pass"
    return at_most(what, micro["ours"], micro["bare"], "µs", 12.0)
