"""`lead_funnel`."""

from typing import Any, Unpack

import attrs

from salesflow.errors import DataError
from salesflow.facts.data import Facts
from salesflow.facts.leads import QUALIFIED
from salesflow.metrics._statistics import ratio
from salesflow.metrics.evaluate import Cell, Definition, by_group, one
from salesflow.metrics.lead_results import FunnelStep
from salesflow.metrics.leads import IS_CONVERTED, cohort, undated
from salesflow.metrics.needs import Flag, Leads, Need, known, unknown
from salesflow.metrics.options import By, Call, Every, Options, make_call
from salesflow.metrics.results import Breakdown, Result

STEPS = ("created", "touched", "qualified", "converted", "won")
"""The steps from lead to won, in order."""

_THERE: dict[str, Flag] = {
    "touched": known("first_touch_at"),
    "qualified": known("qualified_at"),
    "converted": IS_CONVERTED,
    "won": Flag("is_won", "is", value=True),
}
_NOT_THERE: dict[str, Flag] = {
    "touched": unknown("first_touch_at"),
    "qualified": unknown("qualified_at"),
    "converted": Flag("is_converted", "is", value=False),
    "won": Flag("is_won", "is", value=False),
}


@attrs.frozen
class _Counts(Result):
    """How many leads came to each step, and how many of them are known to have come further."""

    reached: tuple[int, ...]
    implied: tuple[int, ...]

    def step(self, place: int) -> FunnelStep:
        """One row of the funnel."""
        n = self.reached[place]
        return FunnelStep(
            n,
            ratio(n, self.reached[place - 1]) if place else None,
            ratio(n, self.reached[0]),
            self.implied[place],
            as_of=self.as_of,
            currency=self.currency,
            left_out=self.left_out,
            assumed=self.assumed,
            notes=self.notes,
        )


def lead_funnel(
    data: object,
    *,
    qualified_stage: str = QUALIFIED,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> Breakdown[FunnelStep]:
    """How many leads come from the first contact to a won deal?

    **Definition**: of the leads created, those that were touched, qualified, converted, and won. A
    lead is won if a deal that names it (``lead_id``) is. Each step is a part of the one before: a
    lead that came further counts at all earlier steps, and ``n_implied`` says how many of a step
    are known by that alone. A period holds the leads created in it, a cohort, whatever happened
    when.

    Args:
        data: `Facts` with deals and leads.
        qualified_stage: what the stage of qualified leads is called. A frame has ``qualified_at``.
        by: a column, or columns, of leads to group by besides the step.
        every: what to cut time into; by creation.
        **options: see `Options`.

    Returns:
        A `FunnelStep` for each step: ``created``, ``touched``, ``qualified``, ``converted``,
        ``won``; keys are ``(*by, step)`` with ``by``.

    Raises:
        DataError: for anything but deals and leads.
        OptionError: for another stage of qualified leads over a frame.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from salesflow import LeadProcess, Pipeline
        >>> from salesflow.facts import Facts
        >>> process, pipeline = LeadProcess.standard(), Pipeline.standard()
        >>> lead = process.advance(process.advance(process.open("Kim")))
        >>> lead, deal = process.convert(lead, pipeline)
        >>> facts = Facts(deals=[deal], leads=[lead, process.open("Lee")])
        >>> for step, row in lead_funnel(facts).items():
        ...     print(step, row.n, row.of_previous)
        created 2 None
        touched 1 0.5
        qualified 1 1.0
        converted 1 1.0
        won 0 0.0
    """
    call = make_call(by, every, options)
    check_both(data)
    definition = lead_funnel_of(qualified_stage, dated=call.is_dated)
    if not call.is_grouped:
        return _steps({(): one(data, definition, call)}, call)
    found = by_group(data, definition, call)
    is_one = len(found.names) == 1 and (call.one_column or not call.by)
    counts = {(key,) if is_one else key: counted for key, counted in found.items()}
    about = {name: getattr(found, name) for name in ("left_out", "notes", "calendar")}
    return attrs.evolve(_steps(counts, call), **about)


def check_both(data: object) -> None:
    """Refuse anything but deals and leads.

    Raises:
        DataError: naming what it is.
    """
    if not isinstance(data, Facts) or data.deals is None or data.leads is None:
        msg = "cannot read the data: this number needs deals and leads"
        raise DataError(msg, hint="give Facts(deals=…, leads=…).", found=type(data).__name__)


def _steps(counts: dict[tuple[Any, ...], _Counts], call: Call) -> Breakdown[FunnelStep]:
    """A row for each step of each group; the period stands last in a key."""
    results: dict[Any, FunnelStep] = {}
    for key, counted in counts.items():
        group, period = (key, ()) if call.every is None else (key[:-1], key[-1:])
        for place, name in enumerate(STEPS):
            whole = (*group, name, *period)
            results[whole if len(whole) > 1 else name] = counted.step(place)
    cut = () if call.every is None else (call.every,)
    first = next(iter(counts.values()), _Counts((0,) * 5, (0,) * 5, as_of=call.as_of))
    return Breakdown(
        (*call.by, "step", *cut),
        results,
        as_of=call.as_of,
        currency=first.currency,
        left_out=first.left_out,
        notes=first.notes,
        has_tuples=call.is_grouped,
        blank=first.step(0),
    )


def lead_funnel_of(stage: str = QUALIFIED, *, dated: bool = False) -> Definition[_Counts]:
    """The definition of the funnel: the leads by the furthest step that they are known to reach."""
    named = STEPS[1:]
    furthest = {
        step: (_THERE[step], *(_NOT_THERE[later] for later in named[place + 1 :]))
        for place, step in enumerate(named)
    }
    reached = {step: cohort("count", None, *flags) for step, flags in furthest.items()}
    created = cohort("count", None)
    implied: dict[str, tuple[Need, ...]] = {
        step: tuple(
            cohort("count", None, *furthest[later], _NOT_THERE[step])
            for later in named[place + 1 :]
        )
        for place, step in enumerate(named)
    }
    reasons = undated() if dated else {}

    def formula(cell: Cell) -> _Counts:
        here = [cell.number(reached[step]) for step in named]
        found = (sum(here[place:]) for place in range(len(named)))
        passed = (sum(map(cell.number, implied[step])) for step in named)
        return _Counts(
            (cell.number(created), *found),
            (0, *passed),
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    several = (need for needs in implied.values() for need in needs)
    needs = (created, *reached.values(), *several, *reasons.values())
    return Definition(needs, formula, Leads(stage), reasons=reasons)
