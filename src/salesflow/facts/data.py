"""`Facts`: the tables of one call, where a number needs more than the deals."""

from collections import Counter
from collections.abc import Iterable, Sequence

import attrs

from salesflow.errors import DataError, DuplicateDealError
from salesflow.models import Deal, Lead


def _as_tuple(values: Iterable[object]) -> tuple[object, ...]:
    return tuple(values)


@attrs.frozen
class Facts:
    """Deals, together with the leads they came from.

    Example:
        >>> from salesflow import Pipeline, metrics
        >>> deal = Pipeline.standard().open("Acme", lead_id="L-1")
        >>> metrics.cycle_time(Facts(deals=[deal], leads=[]), start="lead").n
        0
    """

    deals: tuple[Deal, ...] = attrs.field(kw_only=True, converter=_as_tuple)
    leads: tuple[Lead, ...] = attrs.field(default=(), kw_only=True, converter=_as_tuple)


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


def check_leads(leads: Iterable[object]) -> list[Lead]:
    """The leads of a call.

    Raises:
        DataError: for anything but leads.
    """
    read = []
    for lead in leads:
        if not isinstance(lead, Lead):
            kind = type(lead).__name__
            msg = f"cannot read the leads: {kind} is no lead"
            raise DataError(msg, hint="give a list of salesflow.Lead.", found=kind)
        read.append(lead)
    return read


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
