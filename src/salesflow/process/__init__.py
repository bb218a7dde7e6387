"""What may happen next: definitions, the moves they allow, and the machine that makes them.

`pipeline`
    `Pipeline`: the definition and the verbs (``open``, ``advance``, ``lose`` …).
`stage`
    `Stage` and `Requirement`.
`requirements`
    what must be true before a move: ``has``, ``at_least``, ``role``, ``any_of`` …
`actor`
    `Actor`: who makes a move, and in which roles.
`fields`
    what the verbs take by keyword.
`qualification`
    `Framework`, `Criterion`, `Qualification`, and the frameworks built in.
`restore`
    deals taken over from elsewhere.
`_verbs`, `_answers`, `_merge`
    what the verbs do; several deals become one.
`toml`, `mermaid`
    a definition as text, and as a diagram.
"""

from typing import TYPE_CHECKING

from salesflow._lazy import lazy_names
from salesflow.process.pipeline import Pipeline

if TYPE_CHECKING:
    from salesflow.process import requirements
    from salesflow.process._merge import merge
    from salesflow.process._verbs import Move
    from salesflow.process.actor import Actor
    from salesflow.process.fields import ChangedFields, DealFields, RestoredFields
    from salesflow.process.qualification import (
        BANT,
        BUILT_IN,
        CHAMP,
        MEDDICC,
        Criterion,
        Framework,
        Qualification,
    )
    from salesflow.process.stage import Requirement, Stage

__all__ = [
    "BANT",
    "BUILT_IN",
    "CHAMP",
    "MEDDICC",
    "Actor",
    "ChangedFields",
    "Criterion",
    "DealFields",
    "Framework",
    "Move",
    "Pipeline",
    "Qualification",
    "Requirement",
    "RestoredFields",
    "Stage",
    "merge",
    "requirements",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Actor": "actor",
        "BANT": "qualification",
        "BUILT_IN": "qualification",
        "CHAMP": "qualification",
        "MEDDICC": "qualification",
        "ChangedFields": "fields",
        "Criterion": "qualification",
        "DealFields": "fields",
        "Framework": "qualification",
        "Move": "_verbs",
        "Qualification": "qualification",
        "Requirement": "stage",
        "RestoredFields": "fields",
        "Stage": "stage",
        "merge": "_merge",
        "requirements": "requirements",
    },
    globals(),
)
