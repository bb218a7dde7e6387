"""The results of `segments`: how often each segment is won, and whether that tells anything."""

from typing import Any, Literal, cast

import attrs

from salesflow.metrics import DealSize, Rate
from salesflow.metrics._display import cell_text
from salesflow.metrics.results import Result, share_of
from salesflow.review._parted import Parted

THRESHOLD = 0.05
"""The chance, at most, that any segment is named that does not differ from the rest."""

Verdict = Literal["better", "worse"]
"""How a segment is won, against the rest."""

Key = tuple[str, Any]
"""A segment: its dimension, and its key there."""


@attrs.frozen
class Segment(Result):
    """How often the deals of a segment are won, and whether that differs from the rest.

    Attributes:
        win_rate: that of its deals.
        rest: that of all other deals.
        average_deal_size: how large its won deals are.
        p_value: how likely a split at least as unlikely is, if all are won alike; None where it
            has no decided deal, or there are no others.
        adjusted_p_value: the same, corrected for all that were tested; None where the deals are
            too few to tell anything, however they end.
        verdict: ``better`` or ``worse``, where the adjusted p-value is at most the threshold.
        sentence: what that comes to, in words.
    """

    win_rate: Rate
    rest: Rate
    average_deal_size: DealSize
    p_value: float | None
    adjusted_p_value: float | None
    verdict: Verdict | None
    sentence: str

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it."""
        return {
            "win_rate": share_of(self.win_rate),
            "interval": self.win_rate.interval,
            "rest_rate": share_of(self.rest),
            "average_deal_size": self.average_deal_size.mean,
            "adjusted_p_value": self.adjusted_p_value,
            "verdict": self.verdict,
        }


@attrs.frozen(eq=False, repr=False)
class Segments(Parted[Segment]):
    """A `Segment` for each key of each dimension, by ``(dimension, key)``.

    Dimensions stand in the order they were asked for. Within one, the segment comes first that is
    won most for certain: by the lower end of the interval of its win rate; what has no decided deal
    comes last.

    Attributes:
        n_tests: how many questions the p-values are corrected for.
    """

    n_tests: int = attrs.field(default=0, kw_only=True)

    @property
    def better(self) -> tuple[Key, ...]:
        """The segments that are won more often than the rest, the surest first."""
        return self._named("better")

    @property
    def worse(self) -> tuple[Key, ...]:
        """The segments that are won less often than the rest, the surest first."""
        return self._named("worse")

    def _named(self, verdict: Verdict) -> tuple[Key, ...]:
        told = {k: s.p_value for k, s in self.items() if s.verdict == verdict}
        found = {key: p_value for key, p_value in told.items() if p_value is not None}
        return tuple(sorted(found, key=found.__getitem__))

    def _shown_notes(self) -> list[str]:
        named = [self[key].sentence for key in (*self.better, *self.worse)]
        limit = cell_text("share", THRESHOLD)
        tests = f"{self.n_tests} tests; the chance of any false alarm is at most {limit}"
        nothing = [] if named else ["no segment differs from the rest by more than luck explains"]
        return [*super()._shown_notes(), *named, *nothing, tests]


def counts_of(rate: Rate) -> tuple[int, int]:
    """The two counts of a rate of counts."""
    return cast("tuple[int, int]", (rate.numerator, rate.denominator))
