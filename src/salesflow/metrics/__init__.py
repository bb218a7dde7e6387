"""The numbers: what happened, from the facts.

`needs`, `stats`, `evaluate`
    how a metric is defined: what it needs, the answers, and the formula over them.
`rates`, `size`, `cycle`, `velocity`, `stages`, `conversion`, `flow`, `worth`, `targets`, `losses`,
`touches`, `summary`
    the metrics.
`survival`
    the estimator behind `cycle`, pure functions.
`options`
    what all of them take: by, period, every, rates, as_of.
`results`
    what they give.
"""

from salesflow.metrics.conversion import stage_conversion
from salesflow.metrics.cycle import cycle_time
from salesflow.metrics.flow import rework, stage_flow
from salesflow.metrics.losses import loss_reasons, reopen_rate
from salesflow.metrics.options import Options
from salesflow.metrics.rates import conversion_rate, win_rate
from salesflow.metrics.results import (
    Breakdown,
    Coverage,
    CycleTime,
    DealSize,
    LossReason,
    NewPipeline,
    Rate,
    Result,
    StageConversion,
    StageFlow,
    StageTime,
    Summary,
    Touchpoints,
    Velocity,
    WeightedPipeline,
)
from salesflow.metrics.size import average_deal_size
from salesflow.metrics.stages import time_in_stage
from salesflow.metrics.summary import summary
from salesflow.metrics.targets import coverage
from salesflow.metrics.touches import touchpoints
from salesflow.metrics.velocity import pipeline_velocity
from salesflow.metrics.worth import new_pipeline, weighted_pipeline

__all__ = [
    "Breakdown",
    "Coverage",
    "CycleTime",
    "DealSize",
    "LossReason",
    "NewPipeline",
    "Options",
    "Rate",
    "Result",
    "StageConversion",
    "StageFlow",
    "StageTime",
    "Summary",
    "Touchpoints",
    "Velocity",
    "WeightedPipeline",
    "average_deal_size",
    "conversion_rate",
    "coverage",
    "cycle_time",
    "loss_reasons",
    "new_pipeline",
    "pipeline_velocity",
    "reopen_rate",
    "rework",
    "stage_conversion",
    "stage_flow",
    "summary",
    "time_in_stage",
    "touchpoints",
    "weighted_pipeline",
    "win_rate",
]
