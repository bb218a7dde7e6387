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
    `Facts`: deals together with the leads they came from.
"""

from salesflow.facts.columns import deal_columns, visit_columns
from salesflow.facts.data import Facts
from salesflow.facts.snapshot import snapshot

__all__ = ["Facts", "deal_columns", "snapshot", "visit_columns"]
