"""`Facts`: the tables of one call, where a number needs more than the deals."""

from collections.abc import Iterable

import attrs

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
