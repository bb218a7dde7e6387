"""Seeded synthetic deals, with the parameters they were made from: for docs, tests and users.

The deals are made by the verbs of a pipeline, so their histories are legal and complete. What has
not happened by ``as_of`` has not happened: such deals are open.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import prod
from random import Random
from typing import Any

import attrs

from salesflow.errors import OptionError, one_of
from salesflow.models import Deal, JsonMap
from salesflow.money import Money
from salesflow.process import Pipeline

_DISPOSITIONS = ("disqualified", "nurture", "follow_up")
_REASONS = ("price", "timing", "competitor", "no decision", "no need")


def _frozen(values: Mapping[str, Any]) -> JsonMap:
    return JsonMap(values)  # the standard truth is everybody's: nobody may change it


@attrs.frozen
class Truth:
    """The parameters that deals were made from.

    Attributes:
        win_chance: the chance that a deal is won at each try, by source, before the owner's part.
        owner_factor: what each owner's skill multiplies that chance by.
        stage_days: the mean stay in each open stage; stays are exponential. [days]
        loss_shares: where lost deals are lost, by stage; shares of 1.
        amount_median: the median amount; amounts are lognormal.
        amount_sigma: the standard deviation of the logarithm of an amount.
        unpriced_share: the share of deals without an amount.
        reopen_chance: the chance that a loss left for nurturing or follow-up is reopened.
        reopen_after_days: the mean time until then; exponential. [days]
        currency_shares: the share of deals in each currency.
        owner_weights: how many deals an owner has, to one of those not named.
        pass_factors: what a weak owner's chance to come through a stage is multiplied by, by owner
            and stage; a deal that does not is lost there.

    Raises:
        OptionError: for an owner or a stage in the last two that the others do not have.
    """

    win_chance: Mapping[str, float] = attrs.field(converter=_frozen)
    owner_factor: Mapping[str, float] = attrs.field(converter=_frozen)
    stage_days: Mapping[str, float] = attrs.field(converter=_frozen)
    loss_shares: Mapping[str, float] = attrs.field(converter=_frozen)
    amount_median: float
    amount_sigma: float
    unpriced_share: float
    reopen_chance: float
    reopen_after_days: float
    currency_shares: Mapping[str, float] = attrs.field(converter=_frozen)
    owner_weights: Mapping[str, float] = attrs.field(factory=dict, converter=_frozen)
    pass_factors: Mapping[str, Mapping[str, float]] = attrs.field(factory=dict, converter=_frozen)

    def __attrs_post_init__(self) -> None:
        """Refuse what would plant nothing."""
        stages = [stage for factors in self.pass_factors.values() for stage in factors]
        for parameter, names, known in (
            ("owner_weights", [*self.owner_weights, *self.pass_factors], self.owner_factor),
            ("pass_factors", stages, self.stage_days),
        ):
            unknown = next((name for name in names if name not in known), None)
            if unknown is not None:
                msg = f"cannot make deals of '{unknown}': the truth has no such owner or stage"
                hint = f"give {one_of(known)}."
                raise OptionError(msg, hint=hint, parameter=parameter, value=unknown)

    def chance(self, source: str, owner_id: str) -> float:
        """The chance that one try at a deal of this source and owner is won.

        Of a try from the first stage on: where the owner is weak at a stage, those that begin later
        may be spared it.
        """
        passed = prod(self.pass_factors.get(owner_id, {}).values())
        return min(1.0, self.win_chance[source] * self.owner_factor[owner_id]) * passed


@attrs.frozen
class Dataset:
    """Synthetic deals, the pipeline they moved through, and the truth behind them.

    Attributes:
        deals: the deals, in the order of their opening.
        pipeline: their definition.
        truth: the parameters they were made from.
        as_of: when they were taken; nothing is dated later.
    """

    deals: tuple[Deal, ...]
    pipeline: Pipeline
    truth: Truth
    as_of: datetime


STANDARD_TRUTH = Truth(
    win_chance={
        "referral": 0.45,
        "inbound": 0.35,
        "event": 0.30,
        "partner": 0.30,
        "outbound": 0.15,
    },
    owner_factor={"ana": 1.25, "ben": 1.1, "chi": 1.0, "dev": 1.0, "eva": 0.9, "fay": 0.75},
    stage_days={
        "prospecting": 9.0,
        "qualification": 7.0,
        "meeting": 11.0,
        "proposal": 14.0,
        "negotiation": 12.0,
    },
    loss_shares={
        "prospecting": 0.30,
        "qualification": 0.25,
        "meeting": 0.20,
        "proposal": 0.15,
        "negotiation": 0.10,
    },
    amount_median=8_000.0,
    amount_sigma=0.9,
    unpriced_share=0.05,
    reopen_chance=0.15,
    reopen_after_days=60.0,
    currency_shares={"EUR": 1.0},
)
"""What `make_deals` uses unless told otherwise."""

_START = datetime(2024, 1, 1, tzinfo=UTC)
_AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


def make_deals(n: int, *, seed: int, currencies: int = 1, truth: Truth | None = None) -> Dataset:
    """Which deals might a sales team have had?

    Args:
        n: how many deals. [0 or more]
        seed: the same seed makes the same deals.
        currencies: 1 for euros alone, 2 for a third of the deals in US dollars.
        truth: the parameters to make them from, ``currency_shares`` among them; `STANDARD_TRUTH`
            unless given.

    Returns:
        A `Dataset` of deals opened in 2024 and 2025, taken on 1 January 2026.

    Raises:
        OptionError: for a negative or broken number of deals, another number of currencies, or 2 of
            them beside a truth, which says itself what the currencies are.

    Example:
        >>> dataset = make_deals(100, seed=7)
        >>> len(dataset.deals), dataset == make_deals(100, seed=7)
        (100, True)
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        msg = f"cannot make {n!r} deals"
        raise OptionError(msg, hint="give a whole number, 0 or more.", parameter="n", value=n)
    parameters = _truth_of(currencies, truth)
    random = Random(seed)
    span = _AS_OF - _START
    starts = sorted(_START + span * random.random() for _ in range(n))
    pipeline = Pipeline.standard()
    deals = [
        _life(pipeline, parameters, random, f"D-{number:05}", at)
        for number, at in enumerate(starts, 1)
    ]
    return Dataset(tuple(deals), pipeline, parameters, _AS_OF)


def _truth_of(currencies: int, truth: Truth | None) -> Truth:
    if currencies not in (1, 2):
        msg = f"cannot make deals in {currencies} currencies"
        raise OptionError(msg, hint="give 1 or 2.", parameter="currencies", value=currencies)
    if currencies == 1:
        return STANDARD_TRUTH if truth is None else truth
    if truth is not None:
        msg = "cannot take currencies=2 and a truth: the truth says what the currencies are"
        hint = "give the truth its currency_shares instead."
        raise OptionError(msg, hint=hint, parameter="currencies", value=currencies)
    return attrs.evolve(STANDARD_TRUTH, currency_shares={"EUR": 2 / 3, "USD": 1 / 3})


def _life(pipeline: Pipeline, truth: Truth, random: Random, identity: str, at: datetime) -> Deal:
    """One deal, from its opening to its end or to the day the data is taken."""
    owner, source = _owner(truth, random), random.choice([*truth.win_chance])
    name = f"Deal {identity.removeprefix('D-')}"
    deal = pipeline.open(
        name, id=identity, owner_id=owner, source=source, amount=_amount(truth, random), at=at
    )
    for verb, days, arguments in _steps(truth, random, source, owner):
        at += timedelta(days=days)
        if at >= _AS_OF:
            break
        deal = getattr(pipeline, verb)(deal, **arguments, at=at, by=owner)
    return deal


def _owner(truth: Truth, random: Random) -> str:
    owners = [*truth.owner_factor]
    if not truth.owner_weights:
        return random.choice(owners)
    return random.choices(owners, [truth.owner_weights.get(owner, 1.0) for owner in owners])[0]


def _steps(
    truth: Truth, random: Random, source: str, owner: str
) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """The verbs of one life, each with the days before it."""
    stages = list(truth.stage_days)
    chance = min(1.0, truth.win_chance[source] * truth.owner_factor[owner])
    factors = truth.pass_factors.get(owner, {})
    here = 0
    while True:
        is_won = random.random() < chance
        end = len(stages) - 1 if is_won else _lost_at(truth, random, here)
        passed = stages[here : end + is_won]
        # A stage without a factor draws no number, so that a truth without any makes what it did.
        failed = (s for s in passed if s in factors and random.random() >= factors[s])
        stuck = next(failed, None)
        if stuck is not None:
            is_won, end = False, stages.index(stuck)
        for stage in stages[here:end]:
            yield "advance", random.expovariate(1 / truth.stage_days[stage]), {}
        days = random.expovariate(1 / truth.stage_days[stages[end]])
        if is_won:
            yield "win", days, {}
            return
        left = random.choice(_DISPOSITIONS)
        yield "lose", days, {"reason": random.choice(_REASONS), "disposition": left}
        if left == "disqualified" or random.random() >= truth.reopen_chance:
            return
        here = int(random.random() * (end + 1))
        days = random.expovariate(1 / truth.reopen_after_days)
        yield "reopen", days, {"to": stages[here], "reason": "new interest"}


def _lost_at(truth: Truth, random: Random, here: int) -> int:
    """The place of the stage a deal is lost at, not before the one it is in."""
    shares = list(truth.loss_shares.values())[here:]
    return here + random.choices(range(len(shares)), shares)[0]


def _amount(truth: Truth, random: Random) -> Money | None:
    currency = random.choices(list(truth.currency_shares), list(truth.currency_shares.values()))[0]
    amount = Decimal(round(truth.amount_median * random.lognormvariate(0, truth.amount_sigma)))
    return None if random.random() < truth.unpriced_share else Money(amount, currency)
