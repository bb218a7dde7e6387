"""`inflow_gaps`."""

from collections.abc import Iterable
from itertools import dropwhile, groupby
from typing import Any, Unpack, overload

import attrs

from salesflow.metrics.evaluate import by_group
from salesflow.metrics.lead_results import InflowGaps, NewLeads
from salesflow.metrics.leads import new_leads_of
from salesflow.metrics.options import By, Call, Every, Options, make_call
from salesflow.metrics.results import Breakdown
from salesflow.periods import Period


@overload
def inflow_gaps(
    data: object, *, by: None = ..., every: Every = ..., **options: Unpack[Options]
) -> InflowGaps: ...
@overload
def inflow_gaps(
    data: object, *, by: By, every: Every = ..., **options: Unpack[Options]
) -> Breakdown[InflowGaps]: ...
def inflow_gaps(
    data: object,
    *,
    by: By | None = None,
    every: Every = "week",
    **options: Unpack[Options],
) -> InflowGaps | Breakdown[InflowGaps]:
    """In which weeks did no lead come in?

    **Definition**: the weeks without a new lead, from the first one that had any, in that group, to
    the last one that had any, in all of the data. With ``as_of``, to the last one that had ended by
    then: a week that lasts is no gap. With ``period``, from its beginning to its end.

    Args:
        data: the leads, a frame of the table `leads`, or `Facts` with either.
        by: the column, or columns, of leads to group by, such as ``channel``.
        every: what to look at; weeks of ISO 8601 unless named.
        **options: see `Options`; ``calendar`` says in which zone a week begins.

    Returns:
        An `InflowGaps`, or one for each group.

    Raises:
        OptionError: for a period that does not begin and end with a week.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC, datetime
        >>> from salesflow import LeadProcess
        >>> process = LeadProcess.standard()
        >>> leads = [
        ...     process.open("Kim", channel=channel, at=datetime(2026, 1, day, tzinfo=UTC))
        ...     for channel, day in (("web", 5), ("fair", 6), ("web", 26))
        ... ]
        >>> for channel, inflow in inflow_gaps(leads, by="channel").items():
        ...     print(channel, *inflow.gaps)
        fair 2026-W03 2026-W04 2026-W05
        web 2026-W03 2026-W04
    """
    call = make_call(by, every, options)
    cut = by_group(data, new_leads_of(dated=True), call)
    series: dict[Any, list[tuple[Period, NewLeads]]] = {}
    for key, found in cut.items():
        *group, period = key if call.by else (key,)
        one = group[0] if group and call.one_column else tuple(group)
        series.setdefault(one, []).append((period, found))
    results = {key: _gaps(counted, call) for key, counted in series.items()}
    if call.by:
        blank = _gaps([], call)
        has_tuples = not call.one_column
        changed = {"names": call.by, "results": results, "has_tuples": has_tuples, "blank": blank}
        return attrs.evolve(cut, **changed, calendar=None)  # type: ignore[arg-type, return-value]
    whole = results.get((), _gaps([], call))
    return attrs.evolve(whole, left_out=cut.left_out, notes=cut.notes)


def _gaps(counted: Iterable[tuple[Period, NewLeads]], call: Call) -> InflowGaps:
    """The gaps of one group, from the counts of all periods in order."""
    told = [(period, found.n) for period, found in counted]
    n = sum(count for _, count in told)
    if call.period is None:
        told = [*dropwhile(lambda each: not each[1], told)]
        told += _later(told, call)
    ended = [each for each in told if call.as_of is None or each[0].end <= call.as_of]
    runs = [[*run] for is_empty, run in groupby(ended, lambda each: not each[1]) if is_empty]
    gaps = tuple(period for run in runs for period, _ in run)
    return InflowGaps(
        gaps,
        len(gaps),
        max(map(len, runs), default=0),
        len(ended),
        n,
        as_of=call.as_of,
    )


def _later(told: list[tuple[Period, int]], call: Call) -> list[tuple[Period, int]]:
    """The periods from the last lead of all up to the instant of the call."""
    found: list[tuple[Period, int]] = []
    if told and call.as_of is not None:
        period = told[-1][0].next()
        while period.end <= call.as_of:
            found.append((period, 0))
            period = period.next()
    return found
