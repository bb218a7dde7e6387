"""The next deal for one that was won."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from salesflow.errors import EventOrderError, FieldError, OptionError, RenewalError, shown
from salesflow.models import Deal, Link
from salesflow.models.moments import is_before
from salesflow.process._events import When, check_names, check_order, stamp
from salesflow.process._verbs import open_deal, require
from salesflow.process.fields import DealFields

if TYPE_CHECKING:
    from salesflow.process.pipeline import Pipeline

_CARRIED = ("amount", "owner_id", "account_id", "contact_ids")


def renew(
    pipeline: "Pipeline",
    deal: Deal,
    names: tuple[str | None, str | None],
    when: When,
    fields: Mapping[str, Any],
) -> Deal:
    """Open it, linked to the won one; ``names`` are its name and its id."""
    require(deal, Deal, verb="renew")
    if deal.outcome != "won":
        msg = f"cannot renew deal '{deal.id}': it is {deal.outcome}"
        hint = "win it first." if deal.is_open else "only a won deal is renewed."
        raise RenewalError(msg, hint=hint, deal_id=deal.id, outcome=deal.outcome)
    check_names(f"renew deal '{deal.id}'", fields, DealFields.__optional_keys__)
    name, identity = names
    if identity in (deal.id, *deal.aliases):
        msg = f"cannot renew deal '{deal.id}' as '{identity}': that is the won deal itself"
        hint = "a renewal is another deal; leave id out for a new one."
        raise OptionError(msg, hint=hint, parameter="id", value=identity)
    at, precision, by = now = stamp(when)
    won_at = deal.closed_at
    if won_at is not None and is_before(at, precision, won_at, deal.closed_precision):
        msg = f"cannot renew deal '{deal.id}' at {at}: it was won at {won_at}"
        hint = "a renewal begins when the deal is won, or later."
        raise EventOrderError(msg, hint=hint, deal_id=deal.id, at=at, last_at=won_at)
    if won_at is None:  # then it was won by its last event, if not before
        check_order(deal, now)
    given = {key: getattr(deal, key) for key in _CARRIED} | dict(fields)
    given["links"] = (Link(kind="renewal_of", target=deal.id), *_links(deal, fields))
    moment = at if precision == "instant" else at.date()
    # A restored deal may have no name: then opening says that one is needed.
    called: Any = deal.name if name is None else name
    return open_deal(pipeline, called, identity, None, (moment, by), given)


def _links(deal: Deal, fields: Mapping[str, Any]) -> tuple[Any, ...]:
    links = fields.get("links", ())
    try:
        return tuple(links)
    except TypeError:
        fact = f"links: {shown(links)} is no list of links"
        msg = f"cannot renew deal '{deal.id}': {fact}"
        raise FieldError(msg, faults=(fact,)) from None
