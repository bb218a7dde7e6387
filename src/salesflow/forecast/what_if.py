"""`what_if`: what a change of the process would bring."""

from collections.abc import Iterable, Mapping
from typing import Unpack

from salesflow._progress import ticking
from salesflow.forecast._numbers import to_whole
from salesflow.forecast._plan import plan_of
from salesflow.forecast.simulation_options import SimulationOptions
from salesflow.forecast.simulation_results import WhatIf
from salesflow.forecast.stage_model import StageModel
from salesflow.models import Deal
from salesflow.periods import Period

_N = 10_000


def what_if(
    deals: Iterable[Deal],
    model: StageModel,
    period: Period,
    *,
    win_rate: Mapping[str, float] | None = None,
    days: Mapping[str, float] | None = None,
    n: int = _N,
    seed: int,
    **options: Unpack[SimulationOptions],
) -> WhatIf:
    """What would the period bring if deals were won more often, or went on faster?

    **Definition**: the revenue of `simulate` with a changed process less that without the change,
    draw by draw: both by the same random numbers, so that what differs is the change alone. From
    the model's ``as_of`` on,

    - ``win_rate={"negotiation": 0.05}``: of all visits to that stage, 5 in 100 fewer are lost. Of
      those that would be, a share goes on instead, at the time it would be lost, to where the
      others go: 0.05 ÷ the share of first visits that is lost now. Below 0, as many of those that
      would go on are lost, alike.
    - ``days={"proposal": -5}``: the rest of each visit is 5 days shorter, or ends at once; above 0
      it lasts longer by so much. It leads where it would have.

    What both mean for a deal follows from its way through the stages; what is won already stays.

    Args:
        deals: all deals, closed and open; looked at as they were at the model's ``as_of``.
        model: what tells their chances.
        period: the period, up to as far ahead as the model looks.
        win_rate: by stage, how much more of the visits is not lost; it is no `metrics.win_rate`,
            unless the stage is the last one. [-1 to 1]
        days: by stage, how much longer visits last. [days, -3,660 to 3,660]
        n: how many draws. [1 to 10,000,000]
        seed: any whole number.
        **options: see `SimulationOptions`.

    Returns:
        A `WhatIf`: the change, as a mean and quantiles, and the revenue before and after it. What
        is left out is what `simulate` leaves out.

    Raises:
        OptionError: if nothing is changed; for a stage that the model was not learned with; for
            more than there is to win or to lose at a stage; and as for `simulate`.
        MixedCurrencyError: if the amounts are in several currencies.
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice, or beside one of its aliases.
        MissingExtraError: without numpy, or without rich for a bar.

    Example:
        >>> from salesflow import datasets
        >>> data = datasets.make_deals(400, seed=1)
        >>> model = StageModel.fit(data.deals, as_of=data.as_of)
        >>> first = Period.quarter(2026, 1)
        >>> change = {"negotiation": 0.05}
        >>> found = what_if(data.deals, model, first, win_rate=change, n=500, seed=7)
        >>> found.mean.amount > 0, found.after.mean > found.before.mean
        (True, True)
    """
    plan = plan_of(deals, model, period, to_whole(n), to_whole(seed), None, options, "what_if")
    from salesflow.forecast._changes import ChangedModel, changes_of
    from salesflow.forecast._simulating import simulation_of

    changes = changes_of(model, win_rate, days)
    group = plan.groups[()]
    shows = options.get("progress", False)
    with ticking(f"simulating {period}", "deals", 2 * plan.n_deals, shows=shows) as tick:
        before = simulation_of(plan, plan.ready, group, tick)
        after = simulation_of(plan, ChangedModel(plan.near, changes), group, tick)
    return WhatIf.between(before, after)
