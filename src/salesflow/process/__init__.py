"""What may happen next: definitions, the moves they allow, and the machine that makes them.

`pipeline`
    `Pipeline`: the definition and the verbs (``open``, ``advance``, ``lose`` …).
`stage`
    `Stage` and `Requirement`.
`fields`
    what the verbs take by keyword.
`restore`
    deals taken over from elsewhere.
`_verbs`, `_merge`
    what the verbs do; several deals become one.
`files`, `mermaid`
    a definition as TOML, JSON or plain data, and as a diagram.
`ready_made`, `changes`
    the usual definitions; what changed from one to another.
"""

from typing import TYPE_CHECKING

from salesflow._lazy import lazy_names
from salesflow.process.pipeline import Pipeline

if TYPE_CHECKING:
    from salesflow.process._merge import merge
    from salesflow.process._verbs import Move
    from salesflow.process.changes import Change, diff
    from salesflow.process.fields import ChangedFields, DealFields, RestoredFields
    from salesflow.process.stage import Requirement, Stage

__all__ = [
    "Change",
    "ChangedFields",
    "DealFields",
    "Move",
    "Pipeline",
    "Requirement",
    "RestoredFields",
    "Stage",
    "diff",
    "merge",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Change": "changes",
        "ChangedFields": "fields",
        "DealFields": "fields",
        "Move": "_verbs",
        "Requirement": "stage",
        "RestoredFields": "fields",
        "Stage": "stage",
        "diff": "changes",
        "merge": "_merge",
    },
    globals(),
)
