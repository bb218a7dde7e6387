"""`simulate`: the revenue of a period, in many draws."""

from collections.abc import Iterable
from typing import Unpack, overload

from salesflow._progress import ticking
from salesflow.forecast._numbers import to_whole
from salesflow.forecast._plan import plan_of
from salesflow.forecast.simulation_options import SimulationOptions
from salesflow.forecast.simulation_results import Simulation
from salesflow.forecast.stage_model import StageModel
from salesflow.metrics import Breakdown
from salesflow.metrics.options import By
from salesflow.models import Deal
from salesflow.periods import Period

_N = 10_000


@overload
def simulate(
    deals: Iterable[Deal],
    model: StageModel,
    period: Period,
    *,
    n: int = ...,
    seed: int,
    by: None = ...,
    **options: Unpack[SimulationOptions],
) -> Simulation: ...
@overload
def simulate(
    deals: Iterable[Deal],
    model: StageModel,
    period: Period,
    *,
    n: int = ...,
    seed: int,
    by: By,
    **options: Unpack[SimulationOptions],
) -> Breakdown[Simulation]: ...
def simulate(
    deals: Iterable[Deal],
    model: StageModel,
    period: Period,
    *,
    n: int = _N,
    seed: int,
    by: By | None = None,
    **options: Unpack[SimulationOptions],
) -> Simulation | Breakdown[Simulation]:
    """How much revenue may the period bring?

    **Definition**: in each draw, a deal that is open at the model's ``as_of`` is won or not, by its
    own chance to be won in what is left of the period; what is won in the period already is in all
    of them. The odds of all deals of a draw are multiplied by one and the same number, the shock;
    over all draws, the chance of none is changed by it. With ``new_deals``, deals come as they came
    within the last 365 days (or since the first was created): each that was created or reopened
    then comes again, once in as many days on the mean, is won as a deal that enters its stage is,
    and brings its amount. Nothing after ``as_of`` is seen.

    The same deals, model and seed give the same draws on any machine: each deal has random numbers
    of its own, by the seed and its id, and amounts are added up as whole numbers. See
    docs/concepts/simulation.md for what that rests on, and for memory.

    Args:
        deals: all deals, closed and open; looked at as they were at the model's ``as_of``.
        model: what tells their chances.
        period: the period, up to as far ahead as the model looks.
        n: how many draws. [1 to 10,000,000]
        seed: any whole number.
        by: the column, or columns, to group by; the draws of all groups share their shocks.
        **options: see `SimulationOptions`.

    Returns:
        A `Simulation`, or one for each group. Without any deal it brings 0 in every draw. Deals
        are left out, and counted, by the first that holds: ``no_amount`` and ``no_rate``, and then
        why `StageModel.win_probability` is unknown; ``no_closed_at``, ``won_no_amount`` and
        ``won_no_rate`` of won ones; ``new_no_created_at``, ``new_no_entered_at``, ``new_no_stage``,
        ``new_no_amount``, ``new_no_rate`` and ``new_unknown_stage`` of those that would come again.

    Raises:
        MixedCurrencyError: if the amounts of a group are in several currencies.
        OptionError: for an option with a value that it does not take; for a period that is over, or
            that ends beyond what the model looks ahead; for a model of too few closed deals; if
            the shock is to be learned from fewer than four past periods; if new deals are asked for
            and none was created 28 days ago or earlier.
        ColumnError: for a column that deals do not have.
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice, or beside one of its aliases.
        MissingExtraError: without numpy, or without rich for a bar.

    Example:
        >>> from salesflow import Money, datasets
        >>> data = datasets.make_deals(400, seed=1)
        >>> model = StageModel.fit(data.deals, as_of=data.as_of)
        >>> found = simulate(data.deals, model, Period.quarter(2026, 1), n=1_000, seed=7)
        >>> found.quantile(0.05) < found.mean < found.quantile(0.95)
        True
        >>> 0 < found.chance_of(Money(50_000, "EUR")) < 1
        True
    """
    plan = plan_of(deals, model, period, to_whole(n), to_whole(seed), by, options, "simulate")
    from salesflow.forecast._simulating import broken_down, simulation_of

    shows = options.get("progress", False)
    with ticking(f"simulating {period}", "deals", plan.n_deals, shows=shows) as tick:
        found = {
            key: simulation_of(plan, plan.ready, group, tick) for key, group in plan.groups.items()
        }
    return found[()] if by is None else broken_down(plan, found)
