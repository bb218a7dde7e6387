"""The verbs of a lead process alone: each takes a lead and returns a new one, or refuses."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from salesflow.errors import OptionError, shown
from salesflow.models import Lead
from salesflow.models import events as ev
from salesflow.process import _refusals
from salesflow.process._events import When, make, stamp, stamped
from salesflow.process._verbs import (
    beginning,
    change,
    check_given,
    check_subject,
    require_reason,
    standing,
)
from salesflow.process.actor import id_of
from salesflow.process.fields import LeadFields

if TYPE_CHECKING:
    from datetime import date

    from salesflow.process.lead_process import LeadProcess


def open_lead(
    process: "LeadProcess",
    name: str,
    identity: str | None,
    stage: str | None,
    when: When,
    fields: Mapping[str, Any],
) -> Lead:
    """Begin a lead."""
    identity, entry = beginning(process, name, identity, stage)
    now = stamp(when)
    check_given("lead", name, fields, LeadFields.__optional_keys__)
    event = make(
        ev.Opened,
        f"open lead {shown(name)}",
        **fields,
        **standing(process, entry, {}),
        **stamped(now),
        name=name,
        id=f"{identity}:1",
        pipeline=process.name,
        pipeline_version=process.version,
    )
    return Lead._from_history(identity, (event,))


def nurture(
    process: "LeadProcess",
    lead: Lead,
    to: str | None,
    why: "tuple[str, date | None]",
    when: When,
    override: str | None,
) -> Lead:
    """Put aside, off the path."""
    check_subject(process, lead)
    require_reason(why[0], "nurture", lead)
    target = nurture_stage(process, lead, "nurture") if to is None else to
    reasons = {"reason": why[0], "revisit_on": why[1]}
    return change(process, lead, target, "nurture", when, override, reasons)


def nurture_stage(process: "LeadProcess", lead: Lead, verb: str) -> str:
    """The first stage that nurtures leads.

    Raises:
        MoveNotAllowed: if there is none.
    """
    for stage in process.stages:
        if stage.name in process.nurture_stages and not stage.retired:
            return stage.name
    fact = f"lead process '{process.name}' has no stage for it"
    hint = "name one in nurture_stages."
    raise _refusals.refusal(lead, verb, None, fact, hint, _refusals.legal(process, lead))


def disqualify(
    process: "LeadProcess",
    lead: Lead,
    to: str | None,
    reason: str,
    when: When,
    override: str | None,
) -> Lead:
    """Close as disqualified."""
    check_subject(process, lead)
    require_reason(reason, "disqualify", lead)
    target = process._layout.first["disqualified"] if to is None else to
    return change(process, lead, target, "disqualify", when, override, {"reason": reason})


def requalify(
    process: "LeadProcess",
    lead: Lead,
    to: str,
    reason: str,
    when: When,
    override: str | None,
) -> Lead:
    """Bring a disqualified lead back to an open stage."""
    check_subject(process, lead)
    require_reason(reason, "requalify", lead)
    by = id_of(when[1])
    if by is None:
        msg = f"cannot requalify lead '{lead.id}': nobody found it worth pursuing"
        raise OptionError(msg, hint="say who did: by='…'.", parameter="by", value=None)
    why = {"reason": reason, "requalified_by": by}
    return change(process, lead, to, "requalify", when, override, why)


def furthest(process: "LeadProcess", lead: Lead) -> int | None:
    """The last position of the path that a lead is known to have been at."""
    path = {stage.name for stage in process._path()}
    positions = [process.position(name) for name in _stages_of(lead) if name in path]
    return max(positions, default=None)


def _stages_of(lead: Lead) -> Iterator[str]:
    for event in lead.history:
        if event.type == "restored":
            yield from (visit.stage for visit in event.visits)
        stage = getattr(event, "stage", None)
        if stage is not None:
            yield stage


def was_converted(lead: Lead) -> bool:
    """Whether it ever became a deal."""
    kinds = (getattr(event, "stage_kind", None) for event in lead.history)
    return lead.deal_id is not None or "converted" in kinds
