"""`Facts`: the tables of one call, where a number needs more than the deals."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from salesflow.errors import DataError, DuplicateDealError, OptionError
from salesflow.facts.engines import is_frame
from salesflow.models import Deal, Lead


def _to_deals(values: object) -> Any:
    if is_frame(values):
        return values
    if isinstance(values, Deal) or not isinstance(values, Iterable):
        raise _unreadable(values)
    return tuple(values)


def _to_leads(values: object) -> tuple[Lead, ...]:
    # A model is iterable too, over its fields.
    if isinstance(values, Lead) or not isinstance(values, Iterable):
        raise _no_leads(values, "no list of leads")
    return tuple(check_leads(values))


def _to_visits(values: object) -> object:
    if values is None or is_frame(values):
        return values
    kind = type(values).__name__
    msg = f"cannot read the visits: {kind} is no frame"
    hint = "give a frame, such as facts.visits_from_log makes; deals bring their own visits."
    raise DataError(msg, hint=hint, found=kind)


@attrs.frozen
class Facts:
    """Deals, together with the leads they came from; or the tables of deals and visits.

    Args:
        deals: a list of deals, or a frame of the table `deals`.
        leads: the leads that they came from.
        visits: a frame of the table `visits`, beside a frame of deals.

    Raises:
        DataError: for anything but a list of deals or a frame, a list of leads, and a frame of
            visits.
        OptionError: for a lead that is there twice, or beside one of its aliases.

    Example:
        >>> from salesflow import Pipeline, metrics
        >>> deal = Pipeline.standard().open("Acme", lead_id="L-1")
        >>> metrics.cycle_time(Facts(deals=[deal], leads=[]), start="lead").n
        0
    """

    deals: Any = attrs.field(kw_only=True, converter=_to_deals)
    leads: tuple[Lead, ...] = attrs.field(default=(), kw_only=True, converter=_to_leads)
    visits: Any = attrs.field(default=None, kw_only=True, converter=_to_visits)

    def __attrs_post_init__(self) -> None:
        if self.visits is not None and not is_frame(self.deals):
            msg = "cannot read the visits: they are beside deals, which bring their own"
            hint = "leave visits= out, or give a frame of deals."
            raise DataError(msg, hint=hint, found=type(self.visits).__name__)


def check_deals(data: object) -> list[Deal]:
    """The deals of a call, as they stand.

    Raises:
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice, or beside one of its aliases.
    """
    if isinstance(data, Deal) or not isinstance(data, Iterable):
        raise _unreadable(data)
    deals = list(data)
    identities: set[str] = set()
    n_aliases = 0
    # One look at each deal: in a large book, fetching it from memory is what costs.
    for deal in deals:
        if not isinstance(deal, Deal):
            raise _unreadable(deal)
        fields = vars(deal)
        identities.add(fields["id"])
        if fields["aliases"]:
            identities.update(fields["aliases"])
            n_aliases += len(fields["aliases"])
    if len(identities) != len(deals) + n_aliases:
        raise _duplicate(deals)
    return deals


def listed(data: object) -> list[Deal]:
    """The deals of a call, with those that are there twice.

    Raises:
        DataError: for anything but deals.
    """
    if isinstance(data, Deal) or not isinstance(data, Iterable):
        raise _unreadable(data)
    deals = [*data]
    for deal in deals:
        if not isinstance(deal, Deal):
            raise _unreadable(deal)
    return deals


def check_leads(leads: Iterable[object]) -> list[Lead]:
    """The leads of a call.

    Raises:
        DataError: for anything but leads.
        OptionError: for an id that is there twice, or beside one of its aliases.
    """
    read = []
    identities: set[str] = set()
    for lead in leads:
        if not isinstance(lead, Lead):
            raise _no_leads(lead, "no lead")
        for identity in (lead.id, *lead.aliases):
            if identity in identities:
                raise _duplicate_lead(identity)
            identities.add(identity)
        read.append(lead)
    return read


def _no_leads(found: object, what: str) -> DataError:
    kind = type(found).__name__
    msg = f"cannot read the leads: {kind} is {what}"
    return DataError(msg, hint="give a list of salesflow.Lead.", found=kind)


def _duplicate_lead(identity: str) -> OptionError:
    msg = f"cannot tell lead '{identity}': it is there twice, or beside an alias"
    hint = "give each lead once; merged leads go under the surviving one."
    return OptionError(msg, hint=hint, parameter="leads", value=identity)


def _unreadable(found: object) -> DataError:
    kind = type(found).__name__
    fact = "a single deal is no list" if kind == "Deal" else f"{kind} is no list of deals"
    msg = f"cannot read the data: {fact}"
    return DataError(
        msg,
        hint="give a list of salesflow.Deal; pipeline.restore makes them from rows.",
        found=kind,
    )


def _duplicate(deals: Sequence[Deal]) -> DuplicateDealError:
    """The id that is there twice."""
    identities = [identity for deal in deals for identity in (deal.id, *deal.aliases)]
    count = Counter(identities)
    twice = next(identity for identity in identities if count[identity] > 1)
    msg = f"cannot count deal '{twice}': it is there twice, or beside an alias"
    hint = "give each deal once; merged deals go under the surviving one."
    return DuplicateDealError(msg, hint=hint, deal_id=twice)
