"""The results of the metrics of leads and of feedback."""

from typing import ClassVar

import attrs

from salesflow.metrics.results import Result
from salesflow.periods import Period


@attrs.frozen
class NewLeads(Result):
    """How many leads came in.

    Attributes:
        n: the leads.
    """

    n: int


@attrs.frozen
class InflowGaps(Result):
    """In which weeks no lead came in.

    Attributes:
        gaps: the periods without a new lead, in order.
        n_gaps: how many they are.
        longest: the most of them in a row.
        n_periods: the periods looked at.
        n: the leads that came in.
    """

    gaps: tuple[Period, ...]
    n_gaps: int
    longest: int
    n_periods: int
    n: int


@attrs.frozen
class LeadTime(Result):
    """How long leads wait.

    Attributes:
        mean_days: the mean; None without one. [days]
        median_days: the median; None without one. [days]
        n: how many were measured.
        n_without: the leads that nothing of the kind is known of, so far.
    """

    mean_days: float | None
    median_days: float | None
    n: int
    n_without: int


@attrs.frozen
class DisqualificationReason(Result):
    """How often leads are disqualified for a reason.

    Attributes:
        n: the leads disqualified for it.
        share: of all that were disqualified, in the same group and period; None where none was.
    """

    headline: ClassVar[str] = "share"

    n: int
    share: float | None


@attrs.frozen
class FunnelStep(Result):
    """How many leads came to a step.

    Attributes:
        n: the leads that came there, or further.
        of_previous: n ÷ the n of the step before; None of the first step, and on 0.
        of_all: n ÷ all that were created; None on 0.
        n_implied: those of n that are only known to have come further.
    """

    n: int
    of_previous: float | None
    of_all: float | None
    n_implied: int


@attrs.frozen
class Feedback(Result):
    """What customers think, from 0 to 10.

    Attributes:
        mean: the mean score; None without one. [0 to 10]
        n: the scores.
        mean_won: of those of deals that are won; None without one. [0 to 10]
        n_won: how many they are; None where nothing tells.
        mean_lost: of those of deals that are lost; None without one. [0 to 10]
        n_lost: how many they are; None where nothing tells.
    """

    mean: float | None
    n: int
    mean_won: float | None
    n_won: int | None
    mean_lost: float | None
    n_lost: int | None
