"""The numbers: what happened, from the facts.

`needs`, `stats`, `evaluate`
    how a metric is defined: what it needs, the answers, and the formula over them.
`rates`, `size`, `cycle`, `velocity`, `worth`, `targets`, `losses`, `touches`, `summary`
    the metrics over deals.
`stages`, `conversion`, `flow`
    those over visits.
`leads`, `inflow`, `funnel`, `lead_revenue`
    those over leads, and over leads with their deals.
`feedback`
    that over touches.
`survival`
    the estimator behind `cycle`, pure functions.
`comparison`
    a metric, and that of the period before, of another group, or by another definition.
`own`
    your own measures, in the words of the metrics.
`options`
    what all of them take: by, period, every, rates, as_of.
`results`, `stage_results`, `lead_results`, `comparison_results`
    what they give.
"""

from salesflow.metrics import own
from salesflow.metrics.comparison import compare
from salesflow.metrics.comparison_results import Comparison, Contrast
from salesflow.metrics.conversion import stage_conversion
from salesflow.metrics.cycle import cycle_time
from salesflow.metrics.evaluate import Cell, Definition
from salesflow.metrics.feedback import feedback
from salesflow.metrics.flow import rework, stage_flow
from salesflow.metrics.funnel import lead_funnel
from salesflow.metrics.inflow import inflow_gaps
from salesflow.metrics.lead_results import (
    DisqualificationReason,
    Feedback,
    FunnelStep,
    InflowGaps,
    LeadTime,
    NewLeads,
)
from salesflow.metrics.lead_revenue import lead_revenue
from salesflow.metrics.leads import (
    disqualification_reasons,
    lead_conversion,
    new_leads,
    time_to_first_touch,
    time_to_qualify,
)
from salesflow.metrics.losses import loss_reasons, reopen_rate
from salesflow.metrics.needs import Flag, Need
from salesflow.metrics.options import Options
from salesflow.metrics.own import measure
from salesflow.metrics.rates import conversion_rate, win_rate
from salesflow.metrics.results import (
    Breakdown,
    Coverage,
    CycleTime,
    DealSize,
    LossReason,
    NewPipeline,
    Number,
    Rate,
    Result,
    Summary,
    Touchpoints,
    Velocity,
    WeightedPipeline,
)
from salesflow.metrics.size import average_deal_size
from salesflow.metrics.stage_results import StageConversion, StageFlow, StageTime
from salesflow.metrics.stages import time_in_stage
from salesflow.metrics.summary import summary
from salesflow.metrics.targets import coverage
from salesflow.metrics.touches import touchpoints
from salesflow.metrics.velocity import pipeline_velocity
from salesflow.metrics.worth import new_pipeline, weighted_pipeline

__all__ = [
    "Breakdown",
    "Cell",
    "Comparison",
    "Contrast",
    "Coverage",
    "CycleTime",
    "DealSize",
    "Definition",
    "DisqualificationReason",
    "Feedback",
    "Flag",
    "FunnelStep",
    "InflowGaps",
    "LeadTime",
    "LossReason",
    "Need",
    "NewLeads",
    "NewPipeline",
    "Number",
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
    "compare",
    "conversion_rate",
    "coverage",
    "cycle_time",
    "disqualification_reasons",
    "feedback",
    "inflow_gaps",
    "lead_conversion",
    "lead_funnel",
    "lead_revenue",
    "loss_reasons",
    "measure",
    "new_leads",
    "new_pipeline",
    "own",
    "pipeline_velocity",
    "reopen_rate",
    "rework",
    "stage_conversion",
    "stage_flow",
    "summary",
    "time_in_stage",
    "time_to_first_touch",
    "time_to_qualify",
    "touchpoints",
    "weighted_pipeline",
    "win_rate",
]
