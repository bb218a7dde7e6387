"""What a review of a team gives."""

from typing import Any, Final, Literal

import attrs

from salesflow.metrics._display import Share
from salesflow.metrics.results import (
    Breakdown,
    CycleTime,
    DealSize,
    Rate,
    Result,
    Touchpoints,
    Velocity,
)
from salesflow.money import Money

Owner = str | None
"""Who owns a deal; None where nobody does."""

GapVerdict = Literal["below", "above", "not enough deals", "like the others"]
"""What is told of a gap."""

BELOW: Final = "below"
ABOVE: Final = "above"
NOT_ENOUGH: Final = "not enough deals"
ALIKE: Final = "like the others"


@attrs.frozen
class FirstTouch(Result):
    """How long deals wait for the first touch.

    Attributes:
        mean_days: the mean; None without one. [days]
        median_days: the median; None without one. [days]
        n: how many were measured.
        n_without: the deals without a touch, so far.
    """

    mean_days: float | None
    median_days: float | None
    n: int
    n_without: int


@attrs.frozen
class StageGap(Result):
    """How an owner does at a stage, against the others.

    Attributes:
        n_decided: the owner's deals that visited the stage and came through it or were lost there.
        n_passed: of these, those that came through: to a later stage, or to a win.
        rate: n_passed ÷ n_decided; None without one.
        n_others: the decided deals of the other owners.
        n_others_passed: of these, those that came through.
        others_rate: n_others_passed ÷ n_others; None without one.
        shrunk_rate: the owner's rate, as if ``strength`` deals more had come through as the others'
            do; None where there is nobody to compare with.
        strength: how many deals at the others' rate the owner's are set against; the same for all
            owners at a stage. None where there is nobody to compare with.
        below_probability: the chance that the owner's true rate is below the others'; above it, the
            rest. None where there is nobody to compare with.
        adjusted_p_value: how likely so unequal a split is by luck, corrected for all comparisons of
            the review; None where there is nobody to compare with.
        verdict: ``below`` or ``above`` where that is at most the threshold; else ``not enough
            deals``, or ``like the others`` where a gap of the size looked for would have been
            told. None where there is nobody to compare with.
        n_more: how many more decided deals the owner needs for such a gap to be told, four times in
            five; 0 where a gap is told, or would have been. None where no number would do.
        wins_lost: the wins that it cost; below 0 where it brought some. None where that is unknown.
        cost: the same in money; None where no amount is known.
    """

    n_decided: int
    n_passed: int
    rate: float | None
    n_others: int
    n_others_passed: int
    others_rate: float | None
    shrunk_rate: float | None = None
    strength: float | None = None
    below_probability: float | None = None
    adjusted_p_value: float | None = None
    verdict: GapVerdict | None = None
    n_more: int | None = None
    wins_lost: float | None = None
    cost: Money | None = None

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it: the cost of a gap that is told."""
        return {
            "owner_rate": Share(self.rate, self.n_passed, self.n_decided),
            "others_rate": Share(self.others_rate, self.n_others_passed, self.n_others),
            "shrunk_rate": self.shrunk_rate,
            "below_probability": self.below_probability,
            "verdict": self.verdict,
            "n_more": self.n_more,
            # What may be luck is no loss to show anyone.
            "cost": self.cost if self.verdict in (BELOW, ABOVE) else None,
        }


@attrs.frozen
class TeamMember(Result):
    """The numbers of an owner, and where the owner loses most against the others.

    Attributes:
        win_rate: as `metrics.win_rate` has it.
        average_deal_size: as `metrics.average_deal_size` has it.
        cycle_time: as `metrics.cycle_time` has it.
        pipeline_velocity: as `metrics.pipeline_velocity` has it.
        touchpoints: as `metrics.touchpoints` has it: ``per_win`` are the touches of a won deal.
        first_touch: how long the deals that the owner opened waited for their first touch.
        verdict: ``below`` where the owner is at any stage, else ``above``; else ``not enough
            deals`` where that holds at any stage, else ``like the others``. None where there is
            nobody to compare with.
        loses_most_at: of the stages where the owner is below the others, the one that cost most;
            None where no gap is told.
        cost: what the gap there cost; None where none is told, or no amount is known.
        n_more: of the stages without enough deals, how many more the one needs that needs the
            fewest; 0 where a gap is told, or would have been. None where no number would do.
        why: the reasoning, in words.
    """

    win_rate: Rate
    average_deal_size: DealSize
    cycle_time: CycleTime
    pipeline_velocity: Velocity
    touchpoints: Touchpoints
    first_touch: FirstTouch
    verdict: GapVerdict | None = None
    loses_most_at: str | None = None
    cost: Money | None = None
    n_more: int | None = None
    why: str = ""

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it."""
        rate = self.win_rate
        return {
            "win_rate": Share(rate.value, rate.numerator, rate.denominator),
            "average_deal_size": self.average_deal_size.mean,
            "cycle_days": self.cycle_time.mean_days,
            "per_day": self.pipeline_velocity.per_day,
            "touches_per_win": self.touchpoints.per_win,
            "first_touch_days": self.first_touch.median_days,
            "verdict": self.verdict,
            "loses_most_at": self.loses_most_at,
            "cost": self.cost,
        }


@attrs.frozen(eq=False, repr=False)
class Team(Breakdown[TeamMember]):
    """A `TeamMember` for each owner, by name; what nobody owns is under None, last.

    Attributes:
        whole: the numbers of all deals together.
        stages: a `StageGap` for each owner and stage, by both, in the order of the stages.
        threshold: of reviews without a true gap, the share in which any is told, at most.
        gap: the smallest gap that is looked for, as a difference of rates.
        n_tests: the comparisons that the review is corrected for.
    """

    whole: TeamMember = attrs.field(kw_only=True)
    stages: Breakdown[StageGap] = attrs.field(kw_only=True)
    threshold: float = attrs.field(kw_only=True)
    gap: float = attrs.field(kw_only=True)
    n_tests: int = attrs.field(kw_only=True)

    @property
    def gaps(self) -> tuple[tuple[str, str], ...]:
        """Who is below the others at which stage, as told, the one that cost most first."""
        found = [key for key, one in self.stages.items() if one.verdict == BELOW]
        return tuple(sorted(found, key=lambda key: rank(self.stages[key]), reverse=True))

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is told of each owner, in words."""
        return tuple(member.why for member in self.values() if member.why)

    def _shown_notes(self) -> list[str]:
        promise = (
            f"comparisons: {self.n_tests}; where nobody truly differs, the chance that any gap is "
            f"told is at most {self.threshold:.1%}"
        )
        return [*super()._shown_notes(), *self.reasons, *([promise] if self.n_tests else [])]


def rank(gap: StageGap) -> tuple[float, float]:
    """What orders gaps by what they cost; where no amount is known, by wins."""
    return float(gap.cost.amount) if gap.cost is not None else 0.0, gap.wins_lost or 0.0
