"""`lead_revenue`."""

from typing import Unpack

import attrs

from salesflow.metrics.evaluate import Definition, breakdown, stats_of
from salesflow.metrics.funnel import check_both
from salesflow.metrics.needs import IS_WON, Flag, Need
from salesflow.metrics.options import By, Every, Options, make_call
from salesflow.metrics.results import Breakdown, DealSize
from salesflow.metrics.size import deal_size_of

_HAS_LEAD = Flag("has_lead", "is", value=True)
_ANY_LEAD = Need("count", None, (_HAS_LEAD,))
_NO_LEAD = Need("count", None, (IS_WON, Flag("has_lead", "is", value=False)), "closed_at")


def lead_revenue(
    data: object,
    *,
    by: By = "source",
    every: Every | None = None,
    **options: Unpack[Options],
) -> Breakdown[DealSize]:
    """How much did we win from the leads of each source?

    **Definition**: the amounts of won deals by what their lead (``lead_id``) has: total, mean and
    median. A won deal that names no lead, or one that is not among the leads, is left out and
    counted (``no_lead``). A missing amount is left out and counted. A period holds the deals closed
    in it.

    Args:
        data: `Facts` with deals and leads.
        by: the column, or columns, of leads to group by.
        every: what to cut time into; by closing.
        **options: see `Options`.

    Returns:
        A `DealSize` for each group of leads that became any deal, won or not.

    Raises:
        DataError: for anything but deals and leads.
        MixedCurrencyError: if the amounts of a group are in several currencies.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import LeadProcess, Money, Pipeline
        >>> from salesflow.facts import Facts
        >>> lead = LeadProcess.standard().open("Kim", id="L-1", source="fair")
        >>> deals = [
        ...     Pipeline.standard().restore(
        ...         id=f"D-{lead_id}", stage="won", amount=Money(500, "EUR"), lead_id=lead_id
        ...     )
        ...     for lead_id in ("L-1", "L-2")
        ... ]
        >>> revenue = lead_revenue(Facts(deals=deals, leads=[lead]))
        >>> print(revenue["fair"].total, dict(revenue.left_out))
        EUR 500.00 {'no_lead': 1}
    """
    call = make_call(by, every, options)
    check_both(data)
    definition = lead_revenue_of(dated=call.is_dated, has_as_of=call.as_of is not None)
    stats = stats_of(data, definition.needs, call, definition.table)
    found = breakdown(stats, definition, call)
    # Deals without a lead have no group, though all their keys are None.
    n = None if every is None else -1
    known = {key[:n] for key, answers in stats.groups.items() if answers.get(_ANY_LEAD)}
    kept = {key: answers for key, answers in stats.groups.items() if key[:n] in known}
    own = breakdown(attrs.evolve(stats, groups=kept), definition, call)
    about = {name: getattr(found, name) for name in ("currency", "left_out", "assumed")}
    return attrs.evolve(own, **about)


def lead_revenue_of(*, dated: bool = False, has_as_of: bool = False) -> Definition[DealSize]:
    """The definition of the revenue from leads."""
    found = deal_size_of(_HAS_LEAD, dated=dated, has_as_of=has_as_of)
    return attrs.evolve(
        found,
        needs=(*found.needs, _ANY_LEAD, _NO_LEAD),
        table="deals by lead",
        reasons={**found.reasons, "no_lead": _NO_LEAD},
    )
