"""How long a deal may stay in a stage: as the stage says, or as won deals stayed there."""

from collections.abc import Iterable
from typing import NamedTuple

from salesflow.facts.columns import visit_us
from salesflow.facts.visits import visits_of
from salesflow.models import Deal
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.process import Pipeline
from salesflow.review.risk_results import ThresholdFrom

LEAST_VISITS = 20
"""With fewer visits, it is likely that none of them lasted as long as one in ten does."""
_TENTHS = 9


class Threshold(NamedTuple):
    """How long is long enough; None where nobody can say."""

    microseconds: int | None
    came_from: ThresholdFrom
    n_visits: int | None

    def is_exceeded(self, microseconds: int) -> bool:
        """Whether so long is too long: longer than the threshold, not as long.

        The one predicate of all risks that have a threshold.
        """
        return self.microseconds is not None and microseconds > self.microseconds

    @property
    def days(self) -> float:
        """The threshold, in days."""
        return (self.microseconds or 0) / MICROSECONDS_A_DAY


def from_days(days: float, came_from: ThresholdFrom) -> Threshold:
    """A threshold that somebody set."""
    return Threshold(round(days * MICROSECONDS_A_DAY), came_from, None)


def thresholds(pipeline: Pipeline, deals: Iterable[Deal]) -> dict[str, Threshold]:
    """The threshold of each open stage."""
    stayed = _won_visits(pipeline, deals)
    return {
        stage.name: _learned(sorted(stayed.get(stage.name, ())))
        if stage.stale_after is None
        else from_days(stage.stale_after, "stale_after")
        for stage in pipeline.stages
        if stage.kind == "open"
    }


def _won_visits(pipeline: Pipeline, deals: Iterable[Deal]) -> dict[str, list[int]]:
    """How long each finished visit of a won deal lasted, by stage."""
    found: dict[str, list[int]] = {}
    for deal in deals:
        if deal.outcome == "won" and deal.pipeline == pipeline.name:
            for visit in visits_of(deal):
                lasted = visit_us(visit)
                if lasted is not None and lasted >= 0:
                    found.setdefault(visit.stage, []).append(lasted)
    return found


def _learned(stays: list[int]) -> Threshold:
    """The shortest stay that nine visits in ten did not exceed."""
    count = len(stays)
    if count < LEAST_VISITS:
        return Threshold(None, "won_visits", count)
    return Threshold(stays[-(-count * _TENTHS // 10) - 1], "won_visits", count)
