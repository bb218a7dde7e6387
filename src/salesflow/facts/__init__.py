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
    `Facts`: the tables of one call, as objects or as frames.
`touches`, `leads`
    the tables of these names, and `activities`, what was done.
`frames`, `natives`
    the tables as frames of the user's library; one frame from columns of values.
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
    from salesflow.facts.frames import to_frame
    from salesflow.facts.from_visits import deals_from_visits
    from salesflow.facts.leads import lead_columns
    from salesflow.facts.logs import visits_from_log
    from salesflow.facts.touches import touch_columns

__all__ = [
    "Check",
    "Facts",
    "Finding",
    "check",
    "deal_columns",
    "deals_from_visits",
    "lead_columns",
    "snapshot",
    "to_frame",
    "touch_columns",
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
        "lead_columns": "leads",
        "to_frame": "frames",
        "touch_columns": "touches",
        "visits_from_log": "logs",
    },
    globals(),
)
