"""What each stage would free at its own best quartile, and in which order that puts them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import reduce
from operator import add

import attrs

from salesflow.metrics import Breakdown
from salesflow.money import EXACT, Money, divide
from salesflow.review._stage_load import StageLoad

_FEW = "fewer than a quarter of its visits have ended"


@attrs.frozen
class Ranks:
    """The stages with their ranks, and what the ranks compare."""

    loads: Mapping[str, StageLoad]
    by: str


@attrs.frozen
class _Freed:
    """A stage, and how many days fewer a visit would occupy it; None where that is unknown."""

    load: StageLoad
    saved: float | None

    @classmethod
    def of(cls, load: StageLoad) -> "_Freed":
        """What it would free at its best quartile."""
        if load.stay_days is None or load.best_days is None or load.arrivals_per_day is None:
            return cls(load, None)
        saved = max(0.0, load.stay_days - load.best_days)
        visits, money = load.arrivals_per_day * saved, load.arriving_per_day
        freed = None if money is None else _times(money, saved)
        return cls(attrs.evolve(load, frees=freed, frees_visits=visits), saved)

    @property
    def waits(self) -> Money | None:
        """The money that waits there on average."""
        money, stay = self.load.arriving_per_day, self.load.stay_days
        return None if money is None or stay is None else _times(money, stay)

    def per_day(self, waits: Money, won: Money) -> "_Freed":
        """With what would be won more a day, if as much money waited in all as before."""
        freed = self.load.frees
        if freed is None or freed.amount >= waits.amount:
            return self
        more = _times(won, freed / (waits - freed)) if freed.amount else Money.zero(won.currency)
        return attrs.evolve(self, load=attrs.evolve(self.load, frees_per_day=more))

    def size(self, by: str) -> float | Decimal | None:
        """What the rank compares."""
        if by == "visits":
            return self.load.frees_visits
        return None if self.load.frees is None else self.load.frees.amount

    def words(self, stage: str, by: str) -> str:
        """Why it stands where it does."""
        load = self.load
        if self.saved is None:
            lacks = "no visit began" if load.stay_days is None else _FEW
            return f"{stage}: no rank, as {lacks}"
        told = (
            f"{stage}: a visit takes {load.stay_days:,.1f} days, and {load.best_days:,.1f} in the "
            f"best quarter; that is {self.saved:,.1f} less"
        )
        if by == "visits":
            arriving = f"{load.arrivals_per_day:,.2f} visits begin a day"
            return f"{told}, and {arriving}: {load.frees_visits:,.1f} fewer would wait"
        told += f", and {_shown(load.arriving_per_day)} arrive a day"
        told += f": {_shown(load.frees)} would wait no longer"
        more = load.frees_per_day
        return told if more is None else f"{told}, and {_shown(more)} a day be won more"


def ranked(found: Breakdown[StageLoad]) -> Ranks:
    """The stages, each with what it would free, its rank and why."""
    freed = {stage: _Freed.of(load) for stage, load in found.items()}
    arriving = _total(load.arriving_per_day for load in found.values())
    by = "visits" if arriving is None else "money"
    waits = _total(one.waits for one in freed.values())
    won = _total(load.won_per_day for load in found.values())
    if waits is not None and won is not None:
        freed = {stage: one.per_day(waits, won) for stage, one in freed.items()}
    sizes = {stage: one.size(by) for stage, one in freed.items()}
    known = {stage: size for stage, size in sizes.items() if size is not None}
    # Of equals the earlier stage comes first: sorting keeps their order.
    order = sorted(known, key=known.__getitem__, reverse=True)
    places = {stage: place for place, stage in enumerate(order, 1)}
    loads = {
        stage: attrs.evolve(one.load, rank=places.get(stage), why=one.words(stage, by))
        for stage, one in freed.items()
    }
    return Ranks(loads, by)


def _total(amounts: Iterable[Money | None]) -> Money | None:
    """All of them; None where nothing is known, or all of it is 0.

    Raises:
        MixedCurrencyError: if they are of several currencies.
    """
    # Nothing has no currency of its own.
    known = [amount for amount in amounts if amount is not None and amount.amount]
    return reduce(add, known) if known else None


def _times(money: Money, number: float | Decimal) -> Money:
    """Money so many times, to 28 digits."""
    exact = EXACT.multiply(money.amount, Decimal(str(number)))
    return Money(divide(exact, Decimal(1)), money.currency)


def _shown(money: Money | None) -> str:
    return "nothing" if money is None else str(money.round())
