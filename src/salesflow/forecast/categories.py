"""`rollup`: what is expected of a period, by forecast category."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack, overload

import attrs

from salesflow.forecast._category_needs import Asked, Fold, Needs
from salesflow.forecast.category_results import Category, Rollup
from salesflow.metrics import Breakdown
from salesflow.metrics.evaluate import breakdown, stats_of
from salesflow.metrics.options import By, Every, Untimed, make_call
from salesflow.periods import Calendar, Period


class Rolling(Untimed, total=False):
    """What a roll-up takes, besides what its signature names.

    Attributes:
        calendar: the zone and fiscal year that ``every`` cuts by; those of the period unless given.
    """

    calendar: Calendar | None


@overload
def rollup(
    data: object,
    *,
    period: Period,
    as_of: datetime,
    by: None = ...,
    every: None = ...,
    categories: Mapping[str, Category] | None = ...,
    **options: Unpack[Rolling],
) -> Rollup: ...
@overload
def rollup(
    data: object,
    *,
    period: Period,
    as_of: datetime,
    by: By,
    every: Every | None = ...,
    categories: Mapping[str, Category] | None = ...,
    **options: Unpack[Rolling],
) -> Breakdown[Rollup]: ...
@overload
def rollup(
    data: object,
    *,
    period: Period,
    as_of: datetime,
    every: Every,
    by: None = ...,
    categories: Mapping[str, Category] | None = ...,
    **options: Unpack[Rolling],
) -> Breakdown[Rollup]: ...
def rollup(
    data: object,
    *,
    period: Period,
    as_of: datetime,
    by: By | None = None,
    every: Every | None = None,
    categories: Mapping[str, Category] | None = None,
    **options: Unpack[Rolling],
) -> Rollup | Breakdown[Rollup]:
    """What do we expect of the period, from what is closed to what is only hoped for?

    **Definition**: the deals won in the period, all of them under ``closed``, and the open ones
    that are expected to close in it, under their forecast category: that of the stage, or the one
    set by hand. Each deal is in one category, so the categories add up to the total; that an
    amount is missing is counted, and adds nothing. An open deal is never ``closed``: one whose
    category says so is ``uncategorized``, as one without a category is.

    A category is read however it is written: ``Best Case``, ``bestCase`` and ``best_case`` are
    one, and so are the ``Forecast`` of Salesforce's API, ``Committed`` and ``commit``, or ``Not
    forecasted``, ``Omit`` and ``omitted``. Any other is one of your own, after the six, unless
    ``categories`` says what it means.

    Args:
        data: the deals.
        period: the span that is forecast.
        as_of: the instant the data is taken at; today is its day in the period's zone. [aware
            datetime]
        by: the column, or columns, to group by.
        every: what to cut the period into.
        categories: what your own categories mean: ``{"Upside": "best_case"}``.
        **options: see `Options`; ``calendar`` is that of ``every``.

    Returns:
        A `Rollup`, or one for each group. The total of nothing is 0. Counted in ``left_out``:
        ``lost``, lost in the period; ``overdue``, open deals that were expected to close before
        both the period and today, so that they are in no period; ``no_expected_close_on``;
        ``no_closed_at``. Open deals that are overdue, but expected in the period, are in it, and
        ``n_overdue`` counts them.

    Raises:
        MixedCurrencyError: if the amounts of a roll-up are in several currencies.
        OptionError: for a category that ``categories`` gives a meaning that there is not, and for
            ``by="category"``.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC, date
        >>> from salesflow import Money, Pipeline
        >>> pipeline, at = Pipeline.standard(), datetime(2026, 1, 5, tzinfo=UTC)
        >>> may = {"amount": Money(500, "EUR"), "expected_close_on": date(2026, 3, 1), "at": at}
        >>> sure = pipeline.open("Acme", category="Commit", **may)
        >>> found = rollup(
        ...     [sure, pipeline.open("Bolt", **may)], period=Period.quarter(2026, 1), as_of=at
        ... )
        >>> print(found["commit"].total, found["uncategorized"].total, found.total.total)
        EUR 500.00 EUR 500.00 EUR 1,000.00
    """
    given: Any = {**options, "period": period, "as_of": as_of}
    call = make_call(by, every, given, needs_as_of=True)
    asked = Asked(call, categories)
    needs = Needs.of(asked)
    inner = attrs.evolve(call, by=(*call.by, "category"))
    fold = Fold(asked, needs)
    stats = fold.folded(stats_of(data, needs.asked, inner))
    found = breakdown(stats, needs.definition(fold.names), call)
    return found if call.is_grouped else found[()]
