"""Competing risks: how visits ended and how many were watched meanwhile, as arrays.

Pure functions over arrays; they know nothing of deals. This module needs numpy.
"""

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@attrs.frozen(eq=False)
class Risks:
    """How many visits ended at each time, by cause, and how many were watched until then.

    Args:
        ends: those that ended, by pair of a cause and a time; weighted ones count as their weight.
        at_risk: at each time, those that had not ended before and were watched up to it.
        n_ended: all that ended.
    """

    ends: Real
    at_risk: Real
    n_ended: float

    def without(self, others: "Risks") -> "Risks":
        """The same without some of the visits."""
        return Risks(
            self.ends - others.ends, self.at_risk - others.at_risk, self.n_ended - others.n_ended
        )

    def shrunk_toward(self, prior: "Risks", n_visits: float) -> "Risks":
        """The same, and as many visits more that ended as those of the prior did.

        It is the mean after a beta process around the prior, Hjort's, whose weight falls as fewer
        are watched; without censoring, Dirichlet's of the shares. Nothing is added by a prior of
        which none ended.
        """
        if not prior.n_ended:
            return self
        weight = n_visits / prior.n_ended
        return Risks(
            self.ends + weight * prior.ends,
            self.at_risk + weight * prior.at_risk,
            self.n_ended + n_visits,
        )


class Axis:
    """The times at which any of some visits ended, and by which cause.

    Few times have more than one cause: only pairs that occur are kept.

    Args:
        spans: how long each visit was watched.
        ends: the cause that ended each; below ``least`` if none did, as far as is known.
        least: the lowest cause.

    Attributes:
        times: the times, ascending, each once.
        causes: the causes, ascending, each once.
        places: of each pair of a cause and a time, ordered so, the number of its time.
        starts: the number of each cause's first pair, and after the last one how many there are.
    """

    def __init__(self, spans: Whole | Real, ends: Whole, least: int) -> None:
        ended = ends >= least
        self.times, self.causes = distinct(spans[ended]), distinct(ends[ended])
        self._least = least
        self._pairs = distinct(self._pairs_of(spans[ended], ends[ended]))
        self.places = self._pairs % max(len(self.times), 1)
        firsts = np.arange(len(self.causes) + 1) * len(self.times)
        self.starts = np.searchsorted(self._pairs, firsts).tolist()

    def _pairs_of(self, spans: Whole | Real, ends: Whole) -> Whole:
        pairs = np.searchsorted(self.causes, ends) * len(self.times)
        found: Whole = pairs + np.searchsorted(self.times, spans)
        return found

    def tally(self, spans: Whole | Real, ends: Whole) -> Risks:
        """The risks that some of the visits make up."""
        ended = ends >= self._least
        # In order, numpy finds places sooner.
        pairs = np.sort(self._pairs_of(spans[ended], ends[ended]))
        counts = np.bincount(np.searchsorted(self._pairs, pairs), minlength=len(self._pairs))
        # At equal times, ends come before censorings: who is censored then was watched.
        last = np.bincount(
            np.searchsorted(self.times, spans, side="right"), minlength=len(self.times) + 1
        )
        at_risk = last[:0:-1].cumsum()[::-1]
        n_ended = float(np.count_nonzero(ended))
        return Risks(counts.astype(np.float64), at_risk.astype(np.float64), n_ended)

    def incidence(self, risks: Risks) -> tuple[Real, Real]:
        """What share is left after each time, and what share is taken by each pair.

        **Definition**: at a time, of n at risk d end by any cause: 1 - d ÷ n of the share are left,
        and a cause that ends k of them takes k ÷ n of it. All that is at one time comes at once.
        """
        ends = np.bincount(self.places, weights=risks.ends, minlength=len(self.times))
        at_risk = np.where(risks.at_risk > 0, risks.at_risk, 1.0)
        left = np.cumprod(np.maximum(at_risk - ends, 0.0) / at_risk, dtype=np.float64)
        before = np.concatenate(([1.0], left))[:-1]
        return left, risks.ends * (before / at_risk)[self.places]


def distinct(values: Any) -> Any:
    """The values, ascending, each once; numpy's own way would hash whole numbers, which is slow."""
    found = np.sort(values)
    return found[np.concatenate((np.ones(len(found[:1]), bool), found[1:] != found[:-1]))]


def sums_from(values: Any) -> Real:
    """The sum from each value to the last, and 0 after it."""
    sums = np.zeros(len(values) + 1)
    sums[:-1] = values[::-1].cumsum()[::-1]
    return sums
