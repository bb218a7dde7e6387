"""What `simulate` and `what_if` are asked for, checked."""

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any, NoReturn

import attrs

from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.forecast._extra import require_numpy
from salesflow.forecast._numbers import is_number, is_whole
from salesflow.forecast._prices import to_pricer
from salesflow.forecast._revenues import Group, Revenues
from salesflow.forecast._window import Window
from salesflow.forecast.simulation_options import SimulationOptions
from salesflow.forecast.stage_model import StageModel
from salesflow.metrics.options import By, Call, make_call
from salesflow.metrics.stats import Key
from salesflow.periods import Period

if TYPE_CHECKING:
    from salesflow.forecast._outlooks import ReadyModel
    from salesflow.forecast._shock import Shock

_MOST_DRAWS = 10_000_000
_STRONGEST = 3


@attrs.frozen(eq=False)
class SimulationPlan:
    """What is simulated.

    Attributes:
        near: the model, looking no further ahead than the period asks for.
        ready: the same, made ready to forecast.
        inflow_spread: by what share the number of deals that come varies; None if none is to come.
    """

    model: StageModel
    near: StageModel
    ready: "ReadyModel"
    period: Period
    window: Window
    call: Call
    revenues: Revenues
    shock: "Shock"
    inflow_spread: float | None
    n_draws: int
    seed: int

    @property
    def groups(self) -> Mapping[Key, Group]:
        """The deals by group; without ``by`` there is one, of no deals too."""
        found = self.revenues.groups
        return found if self.call.by else {(): found.get((), Group())}

    @property
    def n_deals(self) -> int:
        """How many deals are drawn."""
        return sum(len(group.open) + len(group.new) for group in self.groups.values())


def plan_of(
    deals: object,
    model: StageModel,
    period: Period,
    n: int,
    seed: int,
    by: By | None,
    options: SimulationOptions,
    verb: str,
) -> SimulationPlan:
    """What the arguments of a call ask for.

    Raises:
        OptionError: for an argument with a value that it does not take.
    """
    require_numpy("simulate")
    from salesflow.forecast._inflow import inflow_spread
    from salesflow.forecast._outlooks import ReadyModel
    from salesflow.forecast._shock import Shock
    from salesflow.forecast._shock_history import learned_strength

    _check_names(verb, options)
    _check(model, period, n, seed, options)
    window = _window(model, period)
    given: Any = {"as_of": model.as_of, "rates": options.get("rates")}
    call = make_call(by, None, given, needs_as_of=True)
    pricer = to_pricer(options.get("prices"))
    has_new = options.get("new_deals", False)
    revenues = Revenues(deals, call, period, pricer, has_new=has_new)
    near = attrs.evolve(model, horizon_days=max(1, ceil(window.last)))
    ready = ReadyModel(near)
    strength = options.get("shock")
    if strength is None:
        strength = learned_strength(ready, revenues.deals, model.as_of)
    shock = Shock(min(strength, _STRONGEST))
    spread = None
    if revenues.look_back is not None:
        spread = inflow_spread(revenues.coming_ages, revenues.look_back, near.horizon_days)
    return SimulationPlan(
        model, near, ready, period, window, call, revenues, shock, spread, n, seed
    )


def _window(model: StageModel, period: Period) -> Window:
    window = Window.of(period, model.as_of)
    if window.last > model.horizon_days:
        msg = f"cannot simulate {period}: it ends {window.last:.0f} days after the model's as_of, "
        msg += f"which looks {model.horizon_days} days ahead"
        hint = f"fit the model with horizon_days={ceil(window.last)}."
        raise OptionError(msg, hint=hint, parameter="period", value=period)
    return window


def _check_names(verb: str, options: SimulationOptions) -> None:
    names = sorted(SimulationOptions.__annotations__)
    unknown = next((name for name in options if name not in names), None)
    if unknown is not None:
        msg = f"cannot take option '{unknown}': {verb} does not have it"
        hint = f"did you mean {one_of(closest(unknown, names))}?"
        if unknown == "by":
            hint = "give the deals of one group."
        raise OptionError(msg, hint=hint, parameter=unknown, value=None)


def _check(
    model: object, period: object, n: object, seed: object, options: SimulationOptions
) -> None:
    if not isinstance(model, StageModel):
        _refuse("model", model, "it is no StageModel", "give StageModel.fit(deals, as_of=…).")
    if model.n_closed < model.min_closed:
        fact = f"it was learned from {model.n_closed} closed deals, and asks for {model.min_closed}"
        _refuse("model", model, fact, "fit it to more deals, or with a lower min_closed.")
    if not isinstance(period, Period):
        _refuse("period", period, "it is no Period", "give Period.quarter(2026, 1) or so.")
    if not is_whole(n) or not 1 <= n <= _MOST_DRAWS:
        hint = f"give a whole number, 1 to {_MOST_DRAWS:,}."
        _refuse("n", n, "it is no number of draws", hint)
    if not is_whole(seed):
        _refuse("seed", seed, "it is no whole number", "the same seed gives the same draws.")
    for name in ("new_deals", "progress"):
        flag = options.get(name, False)
        if not isinstance(flag, bool):
            _refuse(name, flag, "it is neither True nor False", "give True, or leave it out.")
    shock: object = options.get("shock")
    if shock is not None and not (is_number(shock) and 0 <= shock <= _STRONGEST):
        hint = "0.3 moves odds by a third, 0 leaves deals independent."
        _refuse("shock", shock, f"it is no number from 0 to {_STRONGEST}", hint)


def _refuse(parameter: str, value: object, fact: str, hint: str) -> NoReturn:
    msg = f"cannot take {parameter}={shown(value)}: {fact}"
    raise OptionError(msg, hint=hint, parameter=parameter, value=value)
