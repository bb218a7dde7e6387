"""Ready-made definitions: the usual stages, and the default pipelines of three systems.

The stages of a system are named as its exports and its API name them. All three let people drag
deals anywhere, close them from anywhere and reopen them; so do these definitions. Sources: the
deal pipeline that a HubSpot account begins with, the standard values of Salesforce's
Opportunity.StageName, and the pipeline that a Pipedrive account begins with.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from salesflow.process.lead_process import LeadProcess
from salesflow.process.pipeline import Pipeline
from salesflow.process.playbook import Playbook, TaskTemplate
from salesflow.process.stage import Stage

P = TypeVar("P", bound=Pipeline)
L = TypeVar("L", bound=LeadProcess)


FOLLOW_UP = Playbook(
    "They use it, are content, and would buy again.",
    tasks=[
        TaskTemplate("Say thank you", due_in_days=1, done_by="email"),
        TaskTemplate("Check the onboarding", due_in_days=30, done_by="call"),
        TaskTemplate("Ask how content they are", due_in_days=90, done_by="survey"),
        TaskTemplate("Talk about the renewal", due_in_days=300, done_by="meeting"),
    ],
)
"""What to do after a win: thanks, onboarding, satisfaction, renewal."""


def standard(kind: type[P], name: str) -> P:
    """Prospecting to negotiation, won with a follow-up, or lost."""
    opened = ["prospecting", "qualification", "meeting", "proposal", "negotiation"]
    after = Stage("follow_up", kind="won", label="Follow-up", playbook=FOLLOW_UP)
    won = [Stage("won", kind="won"), after]
    return kind(name, [*opened, *won, Stage("lost", kind="lost")])


def standard_leads(kind: type[L], name: str) -> L:
    """New to qualified, nurturing beside them, converted or disqualified."""
    opened = ["new", "working", "qualified", "nurturing"]
    closed = [Stage("converted", kind="converted"), Stage("disqualified", kind="disqualified")]
    return kind(name, [*opened, *closed], nurture_stages=["nurturing"])


def hubspot(kind: type[P], name: str) -> P:
    """The deal pipeline that an account of HubSpot begins with, by the stages' internal names."""
    opened = [
        Stage("appointmentscheduled", label="Appointment Scheduled", probability=0.2),
        Stage("qualifiedtobuy", label="Qualified To Buy", probability=0.4),
        Stage("presentationscheduled", label="Presentation Scheduled", probability=0.6),
        Stage("decisionmakerboughtin", label="Decision Maker Bought-In", probability=0.8),
        Stage("contractsent", label="Contract Sent", probability=0.9),
    ]
    won = Stage("closedwon", kind="won", label="Closed Won")
    return _free(kind, name, opened, won, Stage("closedlost", kind="lost", label="Closed Lost"))


def salesforce(kind: type[P], name: str) -> P:
    """The standard opportunity stages of Salesforce."""
    chances = {
        "Prospecting": 0.1,
        "Qualification": 0.1,
        "Needs Analysis": 0.2,
        "Value Proposition": 0.5,
        "Id. Decision Makers": 0.6,
        "Perception Analysis": 0.7,
        "Proposal/Price Quote": 0.75,
        "Negotiation/Review": 0.9,
    }
    opened = [
        Stage(stage, label=stage, probability=chance, category="Pipeline")
        for stage, chance in chances.items()
    ]
    won = Stage("Closed Won", kind="won", label="Closed Won", category="Closed")
    lost = Stage("Closed Lost", kind="lost", label="Closed Lost", category="Omitted")
    return _free(kind, name, opened, won, lost)


def pipedrive(kind: type[P], name: str) -> P:
    """The pipeline that an account of Pipedrive begins with; won and lost are a deal's status."""
    names = ("Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started")
    opened = [Stage(stage, label=stage) for stage in names]
    return _free(kind, name, opened, Stage("won", kind="won"), Stage("lost", kind="lost"))


def _free(kind: type[P], name: str, opened: Iterable[Stage], won: Stage, lost: Stage) -> P:
    """A definition that lets a deal go from any stage to any other."""
    stages = [*opened]
    names = [stage.name for stage in stages]
    settings: dict[str, Any] = {"allow_skip": True, "allow_unwin": True}
    settings |= dict.fromkeys(("entry_stages", "win_from", "revert_to"), names)
    return kind(name, [*stages, won, lost], **settings)
