"""What to do about it: what changed since last time, and which deals are at risk.

`snapshot`
    every deal as it was at an instant.
`waterfall`
    what became of the open pipeline between two instants.
"""

from salesflow.facts import snapshot
from salesflow.review._walk import Step
from salesflow.review.waterfall import Waterfall, waterfall

__all__ = ["Step", "Waterfall", "snapshot", "waterfall"]
