"""The numbers: what happened, from the facts.

`needs`, `stats`, `evaluate`
    how a metric is defined: what it needs, the answers, and the formula over them.
`rates`, `size`, `cycle`, `velocity`, `stages`, `conversion`, `flow`, `summary`
    the metrics.
`comparison`
    a metric, and that of the period before.
`own`
    your own measures, in the words of the metrics.
`options`
    what all of them take: by, period, every, rates, as_of.
`results`
    what they give.
"""

from salesflow.metrics import own
from salesflow.metrics.comparison import Comparison, compare
from salesflow.metrics.conversion import stage_conversion
from salesflow.metrics.cycle import cycle_time
from salesflow.metrics.evaluate import Cell, Definition
from salesflow.metrics.flow import rework, stage_flow
from salesflow.metrics.needs import Flag, Need
from salesflow.metrics.options import Options
from salesflow.metrics.own import measure
from salesflow.metrics.rates import conversion_rate, win_rate
from salesflow.metrics.results import (
    Breakdown,
    CycleTime,
    DealSize,
    Number,
    Rate,
    Result,
    StageConversion,
    StageFlow,
    StageTime,
    Summary,
    Velocity,
)
from salesflow.metrics.size import average_deal_size
from salesflow.metrics.stages import time_in_stage
from salesflow.metrics.summary import summary
from salesflow.metrics.velocity import pipeline_velocity

__all__ = [
    "Breakdown",
    "Cell",
    "Comparison",
    "CycleTime",
    "DealSize",
    "Definition",
    "Flag",
    "Need",
    "Number",
    "Options",
    "Rate",
    "Result",
    "StageConversion",
    "StageFlow",
    "StageTime",
    "Summary",
    "Velocity",
    "average_deal_size",
    "compare",
    "conversion_rate",
    "cycle_time",
    "measure",
    "own",
    "pipeline_velocity",
    "rework",
    "stage_conversion",
    "stage_flow",
    "summary",
    "time_in_stage",
    "win_rate",
]
