"""The methods that a backtest compares: the learned one, and the plain ones everyone uses.

``learned``
    what `StageModel` and `simulate` say, with a range.
``stage_weights``
    each open deal's amount × the probability that it has, or that its stage has had.
``last_period``
    what was won in the equally long window before.
``run_rate``
    what was won in such a window of the past year, on average.
``commit``
    the amounts that owners have committed to.

The plain methods that look at open deals alone, asked for all that is won, add what was typical:
what deals that were not open at the start brought in the windows of the past year, on average.
"""

from collections.abc import Callable, Mapping, Sequence
from math import ceil, fsum
from typing import NoReturn, Protocol

import attrs

from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.facts.visits import visits_of
from salesflow.forecast.categories import rollup
from salesflow.forecast.questions import Forecast, Question, Typical
from salesflow.forecast.simulation import simulate
from salesflow.forecast.simulation_results import Simulation
from salesflow.forecast.stage_model import StageModel
from salesflow.metrics.options import By
from salesflow.models import Deal
from salesflow.money import XXX, Money

_COVERAGE = 0.9


class Method(Protocol):
    """A way to forecast: anything that answers a `Question` with a `Forecast`.

    It goes by its attribute ``name``, or else by its name as a function. It is asked for one window
    after another, and sees no more than the question has.

    Example:
        >>> def half_of_last(question: Question) -> Forecast:
        ...     before = question.won_in(question.period.previous())
        ...     return Forecast(amount=before.total / 2)
    """

    def __call__(self, question: Question, /) -> Forecast:
        """What is to be won in the window."""


@attrs.frozen(kw_only=True)
class Learned:
    """The method ``learned``, with options: what past deals tell of those that are open.

    **Definition**: a `StageModel` is fitted to what was known, and the window is simulated with it:
    the amount is the mean of the draws, and the range holds 90 % of them; there is no range where
    the history is too short to learn how deals go together. Deals that are not there yet, or closed
    now and reopened later, are drawn too if they count. All is unknown with too few closed deals
    (``few_closed``), and where no deal tells how new ones come (``short_history``). Deals that
    cannot be drawn are left out, and counted. The number of wins is that of the chances of open
    deals, and what is typical of others.

    Args:
        by: what tells segments apart.
        min_closed: with fewer closed deals than these, nothing is forecast.
        shock: how strong the shock is that deals share; learned unless given.
        n: how many draws.
        seed: what they are drawn with.
        name: what it goes by.
    """

    by: By | None = None
    min_closed: int = 30
    shock: float | None = None
    n: int = 2_000
    seed: int = 0
    name: str = "learned"

    def __call__(self, question: Question, /) -> Forecast:
        """What is to be won in the window."""
        model = StageModel.fit(
            question.deals,
            as_of=question.as_of,
            by=self.by,
            min_closed=self.min_closed,
            horizon_days=ceil(question.horizon_days),
        )
        if model.n_closed < self.min_closed:
            return Forecast.unknown("few_closed")
        found = self._simulated(question, model)
        if found is None:
            return Forecast.unknown("short_history")
        draws, has_range = found
        ends = draws.interval(_COVERAGE) if has_range else ()
        amount, *spread = (_in(question, money) for money in (draws.mean, *ends))
        low, high = spread or (None, None)
        asked = model.win_probabilities(question.open_deals, within=question.horizon_days)
        chances = {name: one.value for name, one in asked.items() if one.value is not None}
        rest = _rest(question)
        return Forecast(
            amount=amount,
            low=low,
            high=high,
            aimed_share=_COVERAGE if has_range else None,
            n_won=None if rest is None else fsum(chances.values()) + rest.n_won,
            chances=chances,
            left_out=draws.left_out,
        )

    def _simulated(self, question: Question, model: StageModel) -> tuple[Simulation, bool] | None:
        """The window in many draws, and whether they tell a range; None if nothing tells it."""
        try:
            return self._drawn(question, model, self.shock), True
        except OptionError as error:
            if error.parameter == "new_deals":
                return None
            if error.parameter != "shock" or self.shock is not None:
                raise
        # The shock changes no mean.
        return self._drawn(question, model, 0.0), False

    def _drawn(self, question: Question, model: StageModel, shock: float | None) -> Simulation:
        return simulate(
            question.deals,
            model,
            question.period,
            n=self.n,
            seed=self.seed,
            shock=shock,
            new_deals=question.target == "all",
            rates=question.rates,
        )


def _in(question: Question, amount: Money) -> Money:
    """An amount; that of draws in which no deal has one has no currency."""
    return amount if amount.currency != XXX else Money(amount.amount, question.currency)


def stage_weights(question: Question) -> Forecast:
    """Each open deal's amount × its probability.

    **Definition**: of the open deals that are expected to close in the window, or of which nobody
    said when, Σ amount × probability: the deal's own, else the share won of the closed deals that
    had been in its stage. A deal expected later has the chance 0; an overdue one has none, and is
    counted.
    """
    rates = _naive_rates(question.deals)
    chances: dict[str, float | None] = {}
    overdue: dict[str, int] = {}
    first_day = question.period.wall_start.date()
    for deal in question.open_deals:
        expected_on = deal.expected_close_on
        if expected_on is not None and expected_on < first_day:
            overdue["overdue"] = overdue.get("overdue", 0) + 1
        elif expected_on is not None and expected_on not in question.period:
            chances[deal.id] = 0.0
        elif deal.probability is not None:
            chances[deal.id] = deal.probability
        else:
            chances[deal.id] = rates.get(str(deal.stage))
    unknown = sum(chance is None for chance in chances.values())
    if unknown and unknown == len(chances):
        return Forecast.unknown("no_probability")
    left_out = {**overdue, **({"no_probability": unknown} if unknown else {})}
    return _by_chances(question, chances, left_out)


def last_period(question: Question) -> Forecast:
    """What was won in the equally long window before: unknown if the history begins later."""
    if not question.past:
        return Forecast.unknown("short_history")
    won = question.won_in(question.past[0])
    return Forecast(amount=won.total, n_won=won.n_won, left_out=won.left_out)


def run_rate(question: Question) -> Forecast:
    """What was won in the windows of the past year, on average; unknown without one."""
    typical = question.typical()
    if typical is None:
        return Forecast.unknown("short_history")
    return Forecast(amount=typical.amount, n_won=typical.n_won, left_out=typical.left_out)


def commit(question: Question) -> Forecast:
    """What owners have committed to.

    **Definition**: the open deals in category ``commit`` that are expected to close in the window,
    as `rollup` counts them. Unknown if no open deal has a category (``no_category``).
    """
    if all(deal.category is None for deal in question.open_deals):
        return Forecast.unknown("no_category")
    found = rollup(
        question.open_deals,
        period=question.period,
        as_of=question.as_of,
        rates=question.rates,
        currency=question.currency,
    )["commit"]
    left_out = {"unpriced": found.n_unpriced} if found.n_unpriced else {}
    forecast = Forecast(amount=found.total, n_won=found.n_deals, left_out=left_out)
    return _with_rest(question, forecast)


BUILT_IN: Mapping[str, Callable[[Question], Forecast]] = {
    "learned": Learned(),
    "stage_weights": stage_weights,
    "last_period": last_period,
    "run_rate": run_rate,
    "commit": commit,
}
"""The methods that go by their name alone."""


def to_methods(given: object) -> dict[str, Method]:
    """The methods of a call by their names.

    Raises:
        OptionError: for what is no list of methods, and for a name that is unknown or there twice.
    """
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        _refuse(given, "it is no list of them, or an empty one")
    found: dict[str, Method] = {}
    for one in given:
        method, name = BUILT_IN.get(one) if isinstance(one, str) else one, _name_of(one)
        if method is None:
            hint = f"there is {one_of(closest(one, BUILT_IN))}."
            msg = f"cannot forecast by {shown(one)}: there is no such method"
            raise OptionError(msg, hint=hint, parameter="methods", value=one)
        if name is None or not callable(method):
            _refuse(one, "it is no method, or has no name")
        if name in found:
            _refuse(one, f"there are two of the name '{name}'")
        found[name] = method
    return found


def _name_of(method: object) -> str | None:
    if isinstance(method, str):
        return method
    name = getattr(method, "name", None) or getattr(method, "__name__", None)
    return name if isinstance(name, str) else None


def _refuse(value: object, fact: str) -> NoReturn:
    msg = f"cannot take {shown(value)} for methods: {fact}"
    hint = f"give a list of names, such as {one_of([*BUILT_IN][:2])}, and of functions of your own."
    raise OptionError(msg, hint=hint, parameter="methods", value=value)


def _by_chances(
    question: Question, chances: Mapping[str, float | None], left_out: Mapping[str, int]
) -> Forecast:
    """The forecast that the chances of open deals make."""
    known = {identity: chance for identity, chance in chances.items() if chance is not None}
    counts = dict(left_out)
    for deal in question.open_deals:
        if known.get(deal.id) and question.amount_of(deal) is None:
            reason = "no_amount" if deal.amount is None else "no_rate"
            counts[reason] = counts.get(reason, 0) + 1
    amount, n_won = question.expected(known), fsum(known.values())
    forecast = Forecast(amount=amount, n_won=n_won, chances=known, left_out=counts)
    return _with_rest(question, forecast)


def _with_rest(question: Question, forecast: Forecast) -> Forecast:
    """The forecast of open deals, and what is typical of others if those count."""
    rest = _rest(question)
    if rest is None or forecast.amount is None or forecast.n_won is None:
        return Forecast.unknown("short_history")
    amount, n_won = forecast.amount + rest.amount, forecast.n_won + rest.n_won
    left_out = {**forecast.left_out, **rest.left_out}
    return attrs.evolve(forecast, amount=amount, n_won=n_won, left_out=left_out)


def _rest(question: Question) -> Typical | None:
    """What is typical of deals that are not open, if they count; None without a whole window."""
    if question.target == "open":
        return Typical(Money.zero(question.currency), 0.0, {})
    return question.typical("reopened", "new")


def _naive_rates(deals: Sequence[Deal]) -> dict[str, float]:
    """For each stage, the share won of the closed deals that had been there."""
    won: dict[str, int] = {}
    closed: dict[str, int] = {}
    for deal in deals:
        if deal.outcome == "open":
            continue
        for stage in {visit.stage for visit in visits_of(deal) if visit.kind == "open"}:
            closed[stage] = closed.get(stage, 0) + 1
            won[stage] = won.get(stage, 0) + (deal.outcome == "won")
    return {stage: won[stage] / n for stage, n in closed.items()}
