"""From the deals of a call to simulations: what `simulate` and `what_if` share.

This module needs numpy.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, TypeVar

import numpy as np

from salesflow._progress import no_tick
from salesflow.forecast._arrivals import Arrivals
from salesflow.forecast._futures import Futures
from salesflow.forecast._outlooks import ReadyModel
from salesflow.forecast._plan import SimulationPlan
from salesflow.forecast._prospects import Prospects
from salesflow.forecast._revenues import Group, PricedComing, units_of
from salesflow.forecast._risks import Real
from salesflow.forecast._schedules import from_units
from salesflow.forecast.simulation_results import Simulation, mean_money
from salesflow.metrics import Breakdown, Result
from salesflow.metrics.stats import Key
from salesflow.money import Money

_BATCH = 4_096
"""How many deals have whole curves at a time."""


def simulation_of(
    plan: SimulationPlan, model: ReadyModel, group: Group, tick: Callable[[int], None]
) -> Simulation:
    """The simulation of a group."""
    unknown: Counter[str] = Counter()
    futures = Futures(
        _prospects(plan, model, group, unknown),
        _arrivals(plan, model, group, unknown),
        plan.shock,
        plan.window,
        plan.seed,
        plan.n_draws,
    )
    places, currency = group.places, group.currency or plan.revenues.currency
    won = sum(units_of(group.won, places))
    units = tuple(won + total for total in futures.totals(tick))
    per_day = plan.revenues.per_day
    return Simulation(
        period=plan.period,
        mean=mean_money(units, places, currency),
        won=Money(from_units(won, places), currency),
        n_won=len(group.won),
        n_open=len(futures.prospects.names),
        new_per_day=None if per_day is None else per_day * len(futures.arrivals.names),
        inflow_spread=plan.inflow_spread,
        shock=plan.shock.strength,
        n_draws=plan.n_draws,
        seed=plan.seed,
        units=units,
        places=places,
        futures=futures,
        as_of=plan.model.as_of,
        currency=currency,
        left_out=group.left_out + unknown,
    )


R = TypeVar("R", bound=Result)


def broken_down(plan: SimulationPlan, found: Mapping[Key, R]) -> Breakdown[R]:
    """The results of groups as one."""
    call = plan.call
    left_out: Counter[str] = Counter()
    for result in found.values():
        left_out.update(result.left_out)
    return Breakdown(
        call.by,
        {key[0] if call.one_column else key: result for key, result in found.items()},
        as_of=call.as_of,
        currency=plan.revenues.currency,
        left_out=left_out,
        has_tuples=not call.one_column,
        blank=None if found else simulation_of(plan, plan.ready, Group(), no_tick),
    )


def _prospects(
    plan: SimulationPlan, model: ReadyModel, group: Group, left_out: Counter[str]
) -> Prospects:
    """The open deals of a group whose chances are known."""
    names: list[str] = []
    amounts: list[int] = []
    parts: list[tuple[Any, Any, Any]] = []
    for start in range(0, len(group.open), _BATCH):
        some = group.open[start : start + _BATCH]
        outlooks = model.outlooks([deal for deal, _ in some])
        left_out.update(reason for reason in outlooks.unknown if reason is not None)
        known = [place for place, reason in enumerate(outlooks.unknown) if reason is None]
        names += (some[place][0].id for place in known)
        amounts += units_of((some[place] for place in known), group.places)
        curves = outlooks.won[known]
        before, by_end = (_at(curves, days) for days in (plan.window.first, plan.window.last))
        parts.append((before, by_end, curves.astype(np.float32)))
    parts = parts or [(np.empty(0), np.empty(0), np.empty((0, 2)))]
    joined: Any = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    before, by_end, curves = joined
    middles = plan.shock.middle(before), plan.shock.middle(by_end)
    return Prospects(tuple(names), tuple(amounts), *middles, curves)


def _at(curves: Real, days: float) -> Real:
    """Curves of days, read at a moment between two of them."""
    whole = min(int(days), curves.shape[1] - 2)
    part = days - whole
    found: Real = (1 - part) * curves[:, whole] + part * curves[:, whole + 1]
    return found


def _arrivals(
    plan: SimulationPlan, model: ReadyModel, group: Group, left_out: Counter[str]
) -> Arrivals:
    """The deals that may still come to a group, those of one curve together."""
    kinds: dict[tuple[str, int], list[PricedComing]] = {}
    for coming, amount in group.new:
        place = model.place_of(coming.stage, again=coming.again)
        if place is None or not model.has_left(place):
            left_out["new_unknown_stage"] += 1
            continue
        kinds.setdefault((model.segment_of(coming.deal), place), []).append((coming, amount))
    window = plan.window
    whole = range(int(window.first) + 1, ceil(window.last))
    moments = np.array([window.first, *whole, window.last])
    curves = [model.chain(segment).entries[place][0] for segment, place in kinds]
    read = [np.interp(moments, np.arange(len(curve)), curve) for curve in curves]
    priced = [one for some in kinds.values() for one in some]
    return Arrivals(
        tuple(coming.name for coming, _ in priced),
        units_of(priced, group.places),
        tuple(number for number, some in enumerate(kinds.values()) for _ in some),
        moments,
        plan.shock.middle(np.array(read).reshape(len(read), len(moments))),
        plan.revenues.per_day or 0.0,
        plan.inflow_spread or 0.0,
    )
