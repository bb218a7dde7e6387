"""salesflow: sales pipelines as a pure domain library.

It says what a lead and a deal are, how they may move, and what the numbers are, from that history
or from any table. No number is ever silently wrong: every result says what it counted, what it
left out and why, in which currency and as of when.

`errors`
    every error, one tree under `SalesflowError`.
`money`, `periods`
    `Money`, `Rates`, `Period`, `Calendar`: values.
`models`
    `Deal`, `Lead`, `Account`, `Contact`, `Activity` and the events of a history.
`process`
    `Pipeline`, `LeadProcess`, `Stage`, `Actor`, `requirements`, `Playbook`, `tasks`, `merge`,
    `duplicates`: what may happen next.
`facts`
    the tidy tables that every number is computed from; snapshots.
`metrics`
    the numbers.
`forecast`
    what will happen: by category, against quotas, as cash.
`crm`
    exports of CRMs become deals, and deals become tables again.
`review`
    what changed, and which deals need help.
`forecast`
    what will happen, learned from what happened.
`datasets`
    seeded synthetic deals.
"""

from typing import TYPE_CHECKING

from salesflow import errors
from salesflow._lazy import lazy_names
from salesflow.errors import SalesflowError
from salesflow.models import Deal, JsonMap, Link
from salesflow.money import Money, Rates
from salesflow.process import Pipeline

if TYPE_CHECKING:
    from salesflow import crm, datasets, facts, forecast, metrics, review
    from salesflow.models import Account, Activity, Contact, Lead, events_since
    from salesflow.periods import Calendar, Period
    from salesflow.process import (
        Actor,
        Criterion,
        Framework,
        IdealCustomerProfile,
        LeadProcess,
        Playbook,
        Requirement,
        Stage,
        Task,
        TaskTemplate,
        requirements,
    )
    from salesflow.process._duplicates import duplicates
    from salesflow.process._merge import merge
    from salesflow.process._tasks import tasks
    from salesflow.process.changes import diff
    from salesflow.process.scoring import score

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Activity",
    "Actor",
    "Calendar",
    "Contact",
    "Criterion",
    "Deal",
    "Framework",
    "IdealCustomerProfile",
    "JsonMap",
    "Lead",
    "LeadProcess",
    "Link",
    "Money",
    "Period",
    "Pipeline",
    "Playbook",
    "Rates",
    "Requirement",
    "SalesflowError",
    "Stage",
    "Task",
    "TaskTemplate",
    "crm",
    "datasets",
    "diff",
    "duplicates",
    "errors",
    "events_since",
    "facts",
    "forecast",
    "merge",
    "metrics",
    "requirements",
    "review",
    "score",
    "tasks",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Account": "models",
        "Activity": "models",
        "Actor": "process",
        "Calendar": "periods",
        "Contact": "models",
        "Criterion": "process",
        "Framework": "process",
        "IdealCustomerProfile": "process",
        "Lead": "models",
        "LeadProcess": "process",
        "Period": "periods",
        "Playbook": "process",
        "Requirement": "process",
        "Stage": "process",
        "Task": "process",
        "TaskTemplate": "process",
        "crm": "crm",
        "datasets": "datasets",
        "diff": "process",
        "duplicates": "process",
        "events_since": "models",
        "facts": "facts",
        "forecast": "forecast",
        "merge": "process",
        "metrics": "metrics",
        "requirements": "process",
        "review": "review",
        "score": "process",
        "tasks": "process",
    },
    globals(),
)
