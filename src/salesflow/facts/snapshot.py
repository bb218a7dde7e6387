"""`snapshot`: every deal as it was at an instant."""

from collections.abc import Iterable
from datetime import datetime

from salesflow.facts.data import check_deals
from salesflow.models import Deal
from salesflow.models.past import Cut, as_of


def snapshot(deals: Iterable[Deal], at: datetime) -> list[Deal]:
    """What did every deal look like at that instant?

    **Definition**: each deal folded from its events up to ``at``, those at ``at`` included. A deal
    not yet opened is absent; one merged later stands on its own. A restored deal is in the stage
    that a visit tells, closed if that is a won or lost one; else, up to its closing, it is open in
    stage None. One whose ``created_at`` is unknown counts as there from the beginning.

    Args:
        deals: the deals as they stand.
        at: the instant. [aware datetime]

    Returns:
        The deals as of then, in the order given.

    Raises:
        NaiveDatetimeError: for an instant without a zone.
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice, or beside one of its aliases.

    Example:
        >>> from datetime import UTC, timedelta
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> then = datetime(2026, 1, 5, tzinfo=UTC)
        >>> deal = pipeline.advance(pipeline.open("Acme", at=then), at=then + timedelta(days=3))
        >>> [old.stage for old in snapshot([deal], at=then)]
        ['prospecting']
    """
    cut = Cut(at)
    return [old for deal in check_deals(deals) for old in as_of(deal, cut)]
