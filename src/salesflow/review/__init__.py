"""What to do about it: what changed since last time, and which deals need help.

`snapshot`
    every deal as it was at an instant.
`waterfall`
    what became of the open pipeline between two instants.
`risks`
    the deals that are stalled, overdue, slipped, quiet, without a next step, or due for another
    look, each with what to do.
`risk_results`
    what that gives.
"""

from salesflow.facts import snapshot
from salesflow.review._walk import Step
from salesflow.review.risk_results import (
    DueForRevisit,
    NoNextStep,
    Overdue,
    Quiet,
    Risk,
    Risks,
    Slipped,
    Stalled,
)
from salesflow.review.risks import (
    due_for_revisit,
    no_next_step,
    overdue,
    quiet,
    slipped,
    stalled,
)
from salesflow.review.waterfall import Waterfall, waterfall

__all__ = [
    "DueForRevisit",
    "NoNextStep",
    "Overdue",
    "Quiet",
    "Risk",
    "Risks",
    "Slipped",
    "Stalled",
    "Step",
    "Waterfall",
    "due_for_revisit",
    "no_next_step",
    "overdue",
    "quiet",
    "slipped",
    "snapshot",
    "stalled",
    "waterfall",
]
