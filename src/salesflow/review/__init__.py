"""What to do about it: what changed since last time, and which deals need help.

`snapshot`
    every deal as it was at an instant.
`waterfall`
    what became of the open pipeline between two instants; `_walk` leads each deal through them, in
    the span that `_window` settles.
`risks`
    the deals that are stalled, overdue, slipped, quiet, without a next step, or due for another
    look, each with what to do: `_look` has the deals, `_thresholds` how long is too long, `_unmet`
    what is missing.
`hygiene`
    how clean records are, rule by rule (`_rules`) and owner by owner.
`bottlenecks`
    what goes through each stage (`_stage_flows`, `_stage_load`), and what it would free at its best
    quartile (`_stage_ranking`).
`workload`
    what each owner has to do, now and in the next weeks, as `_stays` foresees.
`team`
    who is below the others at which stage, as far as the data can tell it from luck:
    `_owner_numbers` and `_first_touch` have the numbers, `_stage_tallies` the deals at each stage,
    `_gaps` compares them by `_exact` and `_shrinkage`, `_verdicts` says what that comes to.
`segments`
    which customers, sources or products are won most, and which only seem to be: `_dimensions`
    tests them, by `_exact`.
`targets`, `attainment`
    what a number is to be; whether it is, and what it was before.
`report`
    all of it in one call: `_report_parts` says what stands on the page, `_pages` shows it.
`risk_results`, `team_results`, `segment_results`, `target_results`
    what these give; `_parted` is what the last two share.
"""

from salesflow.facts import snapshot
from salesflow.review._rules import Rule
from salesflow.review._stage_load import StageLoad
from salesflow.review._stays import StageEffort
from salesflow.review._walk import Step
from salesflow.review.attainment import attainment
from salesflow.review.bottlenecks import Bottlenecks, bottlenecks
from salesflow.review.hygiene import (
    ACCOUNT_RULES,
    CONTACT_RULES,
    DEAL_RULES,
    LEAD_RULES,
    Hygiene,
    OwnerScore,
    RuleResult,
    Severity,
    hygiene,
)
from salesflow.review.report import AtRisk, Report, ReportSettings, report
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
from salesflow.review.segment_results import Segment, Segments
from salesflow.review.segments import segments
from salesflow.review.target_results import Attainment, Attainments
from salesflow.review.targets import Target
from salesflow.review.team import FirstTouch, StageGap, Team, TeamMember, team
from salesflow.review.waterfall import Waterfall, waterfall
from salesflow.review.workload import OwnerLoad, Workload, workload

__all__ = [
    "ACCOUNT_RULES",
    "CONTACT_RULES",
    "DEAL_RULES",
    "LEAD_RULES",
    "AtRisk",
    "Attainment",
    "Attainments",
    "Bottlenecks",
    "DueForRevisit",
    "FirstTouch",
    "Hygiene",
    "NoNextStep",
    "Overdue",
    "OwnerLoad",
    "OwnerScore",
    "Quiet",
    "Report",
    "ReportSettings",
    "Risk",
    "Risks",
    "Rule",
    "RuleResult",
    "Segment",
    "Segments",
    "Severity",
    "Slipped",
    "StageEffort",
    "StageGap",
    "StageLoad",
    "Stalled",
    "Step",
    "Target",
    "Team",
    "TeamMember",
    "Waterfall",
    "Workload",
    "attainment",
    "bottlenecks",
    "due_for_revisit",
    "hygiene",
    "no_next_step",
    "overdue",
    "quiet",
    "report",
    "segments",
    "slipped",
    "snapshot",
    "stalled",
    "team",
    "waterfall",
    "workload",
]
