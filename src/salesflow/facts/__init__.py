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
`touches`
    the tables `touches` and `leads`.
`frames`, `natives`
    the tables as frames of the user's library; one frame from columns of values.
"""

from typing import TYPE_CHECKING

from salesflow._lazy import lazy_names
from salesflow.facts.columns import deal_columns, visit_columns
from salesflow.facts.data import Facts
from salesflow.facts.snapshot import snapshot

if TYPE_CHECKING:
    from salesflow.facts.frames import to_frame
    from salesflow.facts.touches import lead_columns, touch_columns

__all__ = [
    "Facts",
    "deal_columns",
    "lead_columns",
    "snapshot",
    "to_frame",
    "touch_columns",
    "visit_columns",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {"lead_columns": "touches", "to_frame": "frames", "touch_columns": "touches"},
    globals(),
)
