"""A lead becomes a deal, and follows what becomes of it."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import MoveNotAllowed, OptionError, closest, one_of, shown
from salesflow.models import Deal, Lead
from salesflow.models import events as ev
from salesflow.models.moments import is_before
from salesflow.process import _refusals
from salesflow.process._events import Stamp, When, check_names, next_id, stamp_after, stamped
from salesflow.process._lead_verbs import nurture_stage, was_converted
from salesflow.process._verbs import beginning, change, check_subject, open_deal, require
from salesflow.process.fields import ConversionFields
from salesflow.process.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from salesflow.process.lead_process import LeadProcess

_CARRIED = ("owner_id", "source", "account_id", "contact_ids", "links", "custom")


@attrs.frozen
class Conversion:
    """The lead that was converted, and the deal that it became; unpacks as that pair."""

    lead: Lead
    deal: Deal

    def __iter__(self) -> "Iterator[Any]":
        yield self.lead
        yield self.deal


def convert(
    process: "LeadProcess",
    lead: Lead,
    pipeline: object,
    to: str | None,
    names: tuple[str | None, str | None],
    when: When,
    override: str | None,
    fields: Mapping[str, Any],
) -> Conversion:
    """Close a lead as converted, and open its deal."""
    check_subject(process, lead)
    if not isinstance(pipeline, Pipeline):
        msg = f"cannot convert lead '{lead.id}' into {shown(pipeline)}: it is no Pipeline"
        raise OptionError(msg, parameter="pipeline", value=pipeline)
    if was_converted(lead):
        raise _converted_before(process, lead)
    check_names(f"convert lead '{lead.id}'", fields, ConversionFields.__optional_keys__)
    name = lead.name if names[0] is None else names[0]
    identity, stage = beginning(pipeline, str(name), names[1], process.deal_stage)
    now = stamp_after(lead, when)
    at = now[0].date() if now[1] == "day" else now[0]
    target = process._layout.first["converted"] if to is None else to
    converted = change(
        process, lead, target, "convert", (at, when[1]), override, {"deal_id": identity}
    )
    given: dict[str, Any] = {field: getattr(lead, field) for field in _CARRIED}
    given |= {**fields, "lead_id": lead.id, "lead_created_at": _created(lead)}
    deal = open_deal(pipeline, name, identity, stage, (at, when[1]), given)  # type: ignore[arg-type]  # None is refused there
    for answer in _answers(lead):
        event = {**answer.__dict__, **stamped((now[0], now[1], answer.by)), "id": next_id(deal)}
        deal = deal._with_event(ev.QualificationAnswered._trusted(event))
    return Conversion(converted, deal)


def _created(lead: Lead) -> date | None:
    if lead.created_at is None or lead.created_precision == "instant":
        return lead.created_at
    return lead.created_at.date()


def _answers(lead: Lead) -> list[ev.QualificationAnswered]:
    """The last answer to each question, in the order the questions came up."""
    found: dict[tuple[str, str], ev.QualificationAnswered] = {}
    for event in lead.history:
        if isinstance(event, ev.QualificationAnswered):
            found[event.framework, event.criterion] = event
    return [*found.values()]


def _converted_before(process: "LeadProcess", lead: Lead) -> MoveNotAllowed:
    became = "a deal" if lead.deal_id is None else f"deal '{lead.deal_id}'"
    return _refusals.refusal(
        lead,
        "convert",
        None,
        f"it became {became} before, and a lead converts once",
        f"reopen {became}, and bring the lead after it: process.settle(lead, deal).",
        _refusals.legal(process, lead),
    )


def settle(
    process: "LeadProcess", lead: Lead, deal: Deal, when: When, override: str | None
) -> Lead:
    """Bring a converted lead to where its deal leaves it."""
    check_subject(process, lead)
    require(deal, Deal, "deal")
    _check_pair(process, lead, deal)
    if deal.outcome != "lost":
        return _follow(process, lead, deal, when, override)
    if deal.disposition is None:
        return lead
    left = {
        "reason": deal.loss_reason,
        "disposition": deal.disposition,
        "revisit_on": deal.revisit_on,
    }
    if lead.outcome == "converted":
        now = stamp_after(lead, when)
        _check_after_loss(lead, deal, now)
        when = (now[0].date() if now[1] == "day" else now[0], when[1])
        if deal.disposition == "disqualified":
            to = process._layout.first["disqualified"]
        else:
            to = nurture_stage(process, lead, "settle")
        return change(process, lead, to, "settle", when, override, left)
    if all(getattr(lead, name) == value for name, value in left.items()):
        return lead
    fact = f"deal '{deal.id}' was lost, but it is in '{lead.stage}', no longer converted"
    hint = "it goes on from there; where the deal was reopened in between, settle it then."
    raise _refusals.refusal(lead, "settle", None, fact, hint, _refusals.legal(process, lead))


def _check_after_loss(lead: Lead, deal: Deal, now: Stamp) -> None:
    lost_at = deal.closed_at
    if lost_at is not None and is_before(now[0], now[1], lost_at, deal.closed_precision):
        msg = f"cannot settle lead '{lead.id}' at {now[0]}: deal '{deal.id}' was lost at {lost_at}"
        hint = "settle it when the deal is lost, or later."
        raise OptionError(msg, hint=hint, parameter="at", value=now[0])


def _follow(
    process: "LeadProcess", lead: Lead, deal: Deal, when: When, override: str | None
) -> Lead:
    """Bring the lead of a deal that is open or won back to where it was converted."""
    if lead.outcome == "converted":
        return lead
    to = process._layout.first["converted"]
    verb = process._layout.graph[str(lead.stage)].get(to)
    if verb is None:
        ways = [s for s, targets in process._layout.graph.items() if targets.get(to) == "convert"]
        fact = f"it is worked on in '{lead.stage}', from where no way leads to '{to}'"
        hint = f"bring it to {one_of(closest(lead.stage, ways))}, then settle it."
        raise _refusals.refusal(lead, "settle", to, fact, hint, _refusals.legal(process, lead))
    became = {"deal_id": lead.deal_id or deal.id}
    return change(process, lead, to, verb, when, override, became)


def _check_pair(process: "LeadProcess", lead: Lead, deal: Deal) -> None:
    if not was_converted(lead):
        fact = "it was never converted"
        hint = "process.convert(lead, pipeline) opens its deal."
        raise _refusals.refusal(lead, "settle", None, fact, hint, _refusals.legal(process, lead))
    if lead.deal_id is None:
        is_pair, fact = deal.lead_id in (lead.id, *lead.aliases), "that came of another lead"
    else:
        is_pair, fact = lead.deal_id in (deal.id, *deal.aliases), f"it became '{lead.deal_id}'"
    if not is_pair:
        msg = f"cannot settle lead '{lead.id}' by deal '{deal.id}': {fact}"
        raise OptionError(msg, hint="give the deal it became.", parameter="deal", value=deal.id)
