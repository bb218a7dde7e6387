"""What may happen next: definitions, the moves they allow, and the machine that makes them.

`pipeline`
    `Pipeline`: the definition and the verbs (``open``, ``advance``, ``lose`` …).
`lead_process`
    `LeadProcess`: the same for leads (``nurture``, ``disqualify``, ``convert`` …).
`stage`
    `Stage` and `Requirement`.
`fields`
    what the verbs take by keyword.
`restore`
    deals and leads taken over from elsewhere.
`_verbs`, `_lead_verbs`, `_conversion`, `_merge`
    what the verbs do; a lead becomes a deal; several deals become one.
`files`, `mermaid`
    a definition as TOML, JSON or plain data, and as a diagram.
`ready_made`, `changes`
    the usual definitions; what changed from one to another.
"""

from typing import TYPE_CHECKING

from salesflow._lazy import lazy_names
from salesflow.process.pipeline import Pipeline

if TYPE_CHECKING:
    from salesflow.process._conversion import Conversion
    from salesflow.process._merge import merge
    from salesflow.process._verbs import Move
    from salesflow.process.changes import Change, diff
    from salesflow.process.fields import (
        ChangedFields,
        ChangedLeadFields,
        ConversionFields,
        DealFields,
        LeadFields,
        OpenedFields,
        RestoredFields,
        RestoredLeadFields,
    )
    from salesflow.process.lead_process import LeadProcess
    from salesflow.process.stage import Requirement, Stage

__all__ = [
    "Change",
    "ChangedFields",
    "ChangedLeadFields",
    "Conversion",
    "ConversionFields",
    "DealFields",
    "LeadFields",
    "LeadProcess",
    "Move",
    "OpenedFields",
    "Pipeline",
    "Requirement",
    "RestoredFields",
    "RestoredLeadFields",
    "Stage",
    "diff",
    "merge",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Change": "changes",
        "ChangedFields": "fields",
        "ChangedLeadFields": "fields",
        "Conversion": "_conversion",
        "ConversionFields": "fields",
        "DealFields": "fields",
        "LeadFields": "fields",
        "LeadProcess": "lead_process",
        "Move": "_verbs",
        "OpenedFields": "fields",
        "Requirement": "stage",
        "RestoredFields": "fields",
        "RestoredLeadFields": "fields",
        "Stage": "stage",
        "diff": "changes",
        "merge": "_merge",
    },
    globals(),
)
