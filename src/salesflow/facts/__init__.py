"""The tidy tables that every number is computed from.

`schema`
    the reference: name, type, unit and meaning of each column.
`columns`
    the columns over objects, made on demand.
`visits`
    the stays of a deal in its stages.
`snapshot`
    every deal as it was at an instant.
`data`
    `Facts`: deals together with the leads they came from, or the tables in frames.
`logs`, `from_visits`
    from a log of stages in a frame to `visits`, and from there to `deals`.
`checks`
    what is wrong with the data of a call.
"""

from typing import TYPE_CHECKING

from salesflow._lazy import lazy_names
from salesflow.facts.columns import deal_columns, visit_columns
from salesflow.facts.data import Facts
from salesflow.facts.snapshot import snapshot

if TYPE_CHECKING:
    from salesflow.facts.checks import Check, Finding, check
    from salesflow.facts.from_visits import deals_from_visits
    from salesflow.facts.logs import visits_from_log

__all__ = [
    "Check",
    "Facts",
    "Finding",
    "check",
    "deal_columns",
    "deals_from_visits",
    "snapshot",
    "visit_columns",
    "visits_from_log",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Check": "checks",
        "Finding": "checks",
        "check": "checks",
        "deals_from_visits": "from_visits",
        "visits_from_log": "logs",
    },
    globals(),
)
