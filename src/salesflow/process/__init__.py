"""What may happen next: definitions, the moves they allow, and the machine that makes them.

`pipeline`
    `Pipeline`: the definition and the verbs (``open``, ``advance``, ``lose`` …).
`lead_process`
    `LeadProcess`: the same for leads (``nurture``, ``disqualify``, ``convert`` …).
`stage`
    `Stage` and `Requirement`.
`requirements`
    what must be true before a move: ``has``, ``at_least``, ``role``, ``any_of`` …
`actor`
    `Actor`: who makes a move, and in which roles.
`playbook`, `_tasks`
    what to do in a stage; the tasks that follow for a deal, read off its history.
`fields`
    what the verbs take by keyword.
`qualification`
    `Framework`, `Criterion`, `Qualification`, and the frameworks built in.
`profile`, `scoring`
    `IdealCustomerProfile` and its rules; `score`, of fit and qualification.
`restore`
    deals and leads taken over from elsewhere.
`_verbs`, `_answers`, `_lead_verbs`, `_conversion`, `_renewal`
    what the verbs do; a lead becomes a deal; the next deal for a won one.
`_duplicates`, `_alike`, `_merge`
    which records may be the same, and how alike they are; several become one.
`_plain`
    the same questions for apps whose deals are rows of their own.
`files`, `mermaid`, `pictures`
    a definition as TOML, JSON or plain data, as a diagram, and as a table.
`ready_made`, `changes`
    the usual definitions; what changed from one to another.
"""

from typing import TYPE_CHECKING

from salesflow._lazy import lazy_names
from salesflow.process.pipeline import Pipeline

if TYPE_CHECKING:
    from salesflow.process import requirements
    from salesflow.process._conversion import Conversion
    from salesflow.process._duplicates import DuplicatePair, Duplicates, duplicates
    from salesflow.process._merge import merge
    from salesflow.process._tasks import Task, tasks
    from salesflow.process._verbs import Move
    from salesflow.process.actor import Actor
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
    from salesflow.process.playbook import Playbook, TaskTemplate
    from salesflow.process.profile import Fit, IdealCustomerProfile
    from salesflow.process.qualification import (
        BANT,
        BUILT_IN,
        CHAMP,
        MEDDICC,
        Criterion,
        Framework,
        Qualification,
    )
    from salesflow.process.scoring import LeadScore, score
    from salesflow.process.stage import Requirement, Stage

__all__ = [
    "BANT",
    "BUILT_IN",
    "CHAMP",
    "MEDDICC",
    "Actor",
    "Change",
    "ChangedFields",
    "ChangedLeadFields",
    "Conversion",
    "ConversionFields",
    "Criterion",
    "DealFields",
    "DuplicatePair",
    "Duplicates",
    "Fit",
    "Framework",
    "IdealCustomerProfile",
    "LeadFields",
    "LeadProcess",
    "LeadScore",
    "Move",
    "OpenedFields",
    "Pipeline",
    "Playbook",
    "Qualification",
    "Requirement",
    "RestoredFields",
    "RestoredLeadFields",
    "Stage",
    "Task",
    "TaskTemplate",
    "diff",
    "duplicates",
    "merge",
    "requirements",
    "score",
    "tasks",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Actor": "actor",
        "BANT": "qualification",
        "BUILT_IN": "qualification",
        "CHAMP": "qualification",
        "MEDDICC": "qualification",
        "Change": "changes",
        "ChangedFields": "fields",
        "ChangedLeadFields": "fields",
        "Conversion": "_conversion",
        "ConversionFields": "fields",
        "Criterion": "qualification",
        "DealFields": "fields",
        "DuplicatePair": "_duplicates",
        "Duplicates": "_duplicates",
        "Fit": "profile",
        "Framework": "qualification",
        "IdealCustomerProfile": "profile",
        "LeadFields": "fields",
        "LeadProcess": "lead_process",
        "LeadScore": "scoring",
        "Move": "_verbs",
        "OpenedFields": "fields",
        "Playbook": "playbook",
        "Qualification": "qualification",
        "Requirement": "stage",
        "RestoredFields": "fields",
        "RestoredLeadFields": "fields",
        "Stage": "stage",
        "Task": "_tasks",
        "TaskTemplate": "playbook",
        "diff": "changes",
        "duplicates": "_duplicates",
        "merge": "_merge",
        "requirements": "requirements",
        "score": "scoring",
        "tasks": "_tasks",
    },
    globals(),
)
