"""`new_leads`, `lead_conversion`, `time_to_first_touch`, `time_to_qualify`, and why leads end."""

from typing import Unpack, overload

import attrs

from salesflow.facts.leads import QUALIFIED
from salesflow.metrics._statistics import median_number, ratio
from salesflow.metrics.evaluate import Cell, Definition, breakdown, result_of, stats_of
from salesflow.metrics.lead_results import DisqualificationReason, LeadTime, NewLeads
from salesflow.metrics.needs import Flag, Leads, Need, Op, known, unknown
from salesflow.metrics.options import By, Every, Options, make_call, to_names
from salesflow.metrics.rates import count_rate
from salesflow.metrics.results import Breakdown, Rate
from salesflow.metrics.stats import Stats
from salesflow.models.durations import MICROSECONDS_A_DAY

LEADS = Leads()
IS_CONVERTED = Flag("is_converted", "is", value=True)
_IS_OUT = Flag("is_disqualified", "is", value=True)
_ANY_OUT = Need("count", None, (_IS_OUT,))


def cohort(op: Op, column: str | None, *flags: Flag) -> Need:
    """A need of the leads created in a period."""
    return Need(op, column, flags, "created_at")


def undated(*flags: Flag) -> dict[str, Need]:
    """The leads without a creation: they have no place in a period."""
    return {"no_created_at": Need("count", None, (*flags, unknown("created_at")))}


@overload
def new_leads(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> NewLeads: ...
@overload
def new_leads(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[NewLeads]: ...
@overload
def new_leads(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[NewLeads]: ...
def new_leads(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> NewLeads | Breakdown[NewLeads]:
    """How many leads came in?

    **Definition**: the leads created in the period, whatever became of them.

    Args:
        data: the leads, a frame of the table `leads`, or `Facts` with either.
        by: the column, or columns, of leads to group by.
        every: what to cut time into; a period between without a lead is there with 0.
        **options: see `Options`.

    Returns:
        A `NewLeads`, or one for each group.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import LeadProcess
        >>> process = LeadProcess.standard()
        >>> leads = [process.open(name, channel="fair") for name in ("Kim", "Lee")]
        >>> new_leads([*leads, process.open("Ana")], by="channel")["fair"].n
        2
    """
    call = make_call(by, every, options)
    return result_of(data, new_leads_of(dated=call.is_dated), call)


def new_leads_of(*, dated: bool = False) -> Definition[NewLeads]:
    """The definition of new leads; ``dated`` where a lead without a date has no place."""
    created = cohort("count", None)
    reasons = undated() if dated else {}

    def formula(cell: Cell) -> NewLeads:
        return NewLeads(
            cell.number(created),
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    return Definition((created, *reasons.values()), formula, LEADS, reasons=reasons)


@overload
def lead_conversion(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> Rate: ...
@overload
def lead_conversion(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[Rate]: ...
@overload
def lead_conversion(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[Rate]: ...
def lead_conversion(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Rate | Breakdown[Rate]:
    """Of the leads that came in, what share became a deal so far?

    **Definition**: leads that were converted ÷ all created, open and disqualified ones below the
    line too. A lead converts once, and counts whatever became of its deal since. A period holds the
    leads created in it, a cohort, whenever they were converted.

    Args:
        data: the leads, a frame of the table `leads`, or `Facts` with either.
        by: the column, or columns, of leads to group by.
        every: what to cut time into; by creation.
        **options: see `Options`.

    Returns:
        A `Rate`, or one for each group. Its value is None where no lead came in.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import LeadProcess
        >>> process = LeadProcess.standard()
        >>> became = process.restore(id="L-1", stage="converted", source="web")
        >>> lead_conversion([became, process.open("Kim", source="web")], by="source")["web"].value
        0.5
    """
    call = make_call(by, every, options)
    definition = lead_conversion_of(dated=call.is_dated, has_as_of=call.as_of is not None)
    return result_of(data, definition, call)


def lead_conversion_of(*, dated: bool = False, has_as_of: bool = False) -> Definition[Rate]:
    """The definition of a lead conversion."""
    became, created = cohort("count", None, IS_CONVERTED), cohort("count", None)
    reasons = undated() if dated else {}
    # Nobody knows when: as of any instant they count as converted.
    whenever = {"no_converted_at": cohort("count", None, IS_CONVERTED, unknown("converted_at"))}
    assumptions = whenever if has_as_of else {}

    def formula(cell: Cell) -> Rate:
        notes = (cell.counted(**reasons), cell.counted(**assumptions))
        return count_rate(cell, cell.number(became), cell.number(created), notes)

    needs = (became, created, *reasons.values(), *assumptions.values())
    return Definition(needs, formula, LEADS, reasons=reasons, assumptions=assumptions)


@overload
def time_to_first_touch(
    data: object, *, by: None = ..., every: None = ..., **options: Unpack[Options]
) -> LeadTime: ...
@overload
def time_to_first_touch(
    data: object, *, by: By, every: Every | None = ..., **options: Unpack[Options]
) -> Breakdown[LeadTime]: ...
@overload
def time_to_first_touch(
    data: object, *, every: Every, by: None = ..., **options: Unpack[Options]
) -> Breakdown[LeadTime]: ...
def time_to_first_touch(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> LeadTime | Breakdown[LeadTime]:
    """How long do leads wait for the first touch?

    **Definition**: from the creation of a lead to its earliest touch, mean and median. Touches are
    those logged on the lead itself. A lead touched before it was created, as in outbound work, did
    not wait: it is left out and counted. One that was never touched is in no mean, and counted. A
    period holds the leads created in it.

    Args:
        data: the leads, a frame of the table `leads`, or `Facts` with either.
        by: the column, or columns, of leads to group by.
        every: what to cut time into; by creation.
        **options: see `Options`.

    Returns:
        A `LeadTime`, or one for each group. Mean and median are None where no lead was touched.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import UTC, datetime
        >>> from salesflow import LeadProcess
        >>> process = LeadProcess.standard()
        >>> lead = process.open("Kim", at=datetime(2026, 1, 5, 9, tzinfo=UTC))
        >>> lead = process.log(lead, "call", at=datetime(2026, 1, 5, 15, tzinfo=UTC))
        >>> waited = time_to_first_touch([lead, process.open("Lee")])
        >>> waited.mean_days, waited.n, waited.n_without
        (0.25, 1, 1)
    """
    call = make_call(by, every, options)
    return result_of(data, first_touch_of(dated=call.is_dated), call)


def first_touch_of(*, dated: bool = False) -> Definition[LeadTime]:
    """The definition of the time to the first touch."""
    return _lead_time("touch_us", "first_touch_at", "touched_before", LEADS, dated=dated)


@overload
def time_to_qualify(
    data: object,
    *,
    qualified_stage: str = ...,
    by: None = ...,
    every: None = ...,
    **options: Unpack[Options],
) -> LeadTime: ...
@overload
def time_to_qualify(
    data: object,
    *,
    by: By,
    qualified_stage: str = ...,
    every: Every | None = ...,
    **options: Unpack[Options],
) -> Breakdown[LeadTime]: ...
@overload
def time_to_qualify(
    data: object,
    *,
    every: Every,
    qualified_stage: str = ...,
    by: None = ...,
    **options: Unpack[Options],
) -> Breakdown[LeadTime]: ...
def time_to_qualify(
    data: object,
    *,
    qualified_stage: str = QUALIFIED,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> LeadTime | Breakdown[LeadTime]:
    """How long does it take to qualify a lead?

    **Definition**: from the creation of a lead to its first entry into the stage of qualified
    leads, mean and median; what became of it since does not matter. A negative time is an error in
    the data, left out and counted. A lead that is not known to have come there is in no mean, and
    counted. A period holds the leads created in it.

    Args:
        data: the leads, a frame of the table `leads`, or `Facts` with either.
        qualified_stage: what that stage is called. A frame has the column ``qualified_at``.
        by: the column, or columns, of leads to group by.
        every: what to cut time into; by creation.
        **options: see `Options`.

    Returns:
        A `LeadTime`, or one for each group. Mean and median are None where no lead was qualified.

    Raises:
        OptionError: for another stage over a frame.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import date
        >>> from salesflow import LeadProcess
        >>> visits = [("new", date(2026, 1, 5)), ("qualified", date(2026, 1, 9))]
        >>> process = LeadProcess.standard()
        >>> lead = process.restore(
        ...     id="L-1", stage="qualified", created_at=date(2026, 1, 5), visits=visits
        ... )
        >>> time_to_qualify([lead]).mean_days
        4.0
    """
    call = make_call(by, every, options)
    return result_of(data, time_to_qualify_of(qualified_stage, dated=call.is_dated), call)


def time_to_qualify_of(stage: str = QUALIFIED, *, dated: bool = False) -> Definition[LeadTime]:
    """The definition of the time to qualify."""
    return _lead_time("qualify_us", "qualified_at", "negative_time", Leads(stage), dated=dated)


def _lead_time(
    column: str, moment: str, negative: str, table: Leads, *, dated: bool
) -> Definition[LeadTime]:
    """From the creation to a moment of each lead."""
    measured = Flag(column, "not_negative")
    total, spans = cohort("sum", column, measured), cohort("values", column, measured)
    n_measured, n_without = cohort("count", None, measured), cohort("count", None, unknown(moment))
    reasons = {negative: cohort("count", None, Flag(column, "negative"))}
    reasons |= undated() if dated else undated(known(moment))

    def formula(cell: Cell) -> LeadTime:
        n, middle = cell.number(n_measured), median_number(cell.middle(spans))
        return LeadTime(
            cell.number(total) / n / MICROSECONDS_A_DAY if n else None,
            None if middle is None else middle / MICROSECONDS_A_DAY,
            n,
            cell.number(n_without),
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    needs = (total, spans, n_measured, n_without, *reasons.values())
    return Definition(needs, formula, table, reasons=reasons)


def disqualification_reasons(
    data: object,
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Breakdown[DisqualificationReason]:
    """Why do we disqualify leads?

    **Definition**: the disqualified leads by their reason, and each reason's share of all of them.
    A lead that came back since is not disqualified. A period holds the leads disqualified in it,
    under the owner at that time.

    Args:
        data: the leads, a frame of the table `leads`, or `Facts` with either.
        by: a column, or columns, to group by besides the reason; shares are then of the group.
        every: what to cut time into; by disqualification. Shares are then of the period.
        **options: see `Options`.

    Returns:
        A `DisqualificationReason` for each reason, the most frequent first, None for leads without
        a reason last; keys are ``(*by, reason)`` with ``by``. The share is None where no lead was
        disqualified.

    Raises:
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import LeadProcess
        >>> process = LeadProcess.standard()
        >>> leads = [process.disqualify(process.open(name), "spam") for name in ("Kim", "Lee")]
        >>> leads += [process.disqualify(process.open("Ana"), "too small"), process.open("Bo")]
        >>> [(reason, out.n) for reason, out in disqualification_reasons(leads).items()]
        [('spam', 2), ('too small', 1)]
    """
    names = to_names(by)
    call = make_call((*names, "reason") if names else "reason", every, options)
    definition = disqualification_reasons_of(
        dated=call.is_dated, cut=every is not None, has_as_of=call.as_of is not None
    )
    stats = stats_of(data, definition.needs, call, definition.table)
    return breakdown(_only_out(stats, every), definition, call)


def _only_out(stats: Stats, every: Every | None) -> Stats:
    """The groups in which any lead is disqualified, at whatever time: others have no reason."""
    n = None if every is None else -1
    out = {key[:n] for key, answers in stats.groups.items() if answers.get(_ANY_OUT)}
    kept = {key: answers for key, answers in stats.groups.items() if key[:n] in out}
    return attrs.evolve(stats, groups=kept)


def disqualification_reasons_of(
    *, dated: bool = False, cut: bool = False, has_as_of: bool = False
) -> Definition[DisqualificationReason]:
    """The definition of disqualification reasons; ``cut`` where there is a row for each period."""
    n_out = Need("count", None, (_IS_OUT,), "disqualified_at")
    whenever = Need("count", None, (_IS_OUT, unknown("disqualified_at")))
    reasons = {"no_disqualified_at": whenever} if dated else {}
    assumptions = {"no_disqualified_at": whenever} if has_as_of and not dated else {}

    def formula(cell: Cell) -> DisqualificationReason:
        n = cell.number(n_out)
        return DisqualificationReason(
            n,
            ratio(n, cell.whole(n_out)),
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
            assumed=cell.counted(**assumptions),
        )

    needs = (_ANY_OUT, n_out, *reasons.values(), *assumptions.values())
    # A row for each period needs one order of the reasons for all of them.
    return Definition(
        needs,
        formula,
        LEADS,
        order_by=_ANY_OUT if cut else n_out,
        descending=True,
        reasons=reasons,
        assumptions=assumptions,
    )
