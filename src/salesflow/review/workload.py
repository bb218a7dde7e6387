"""`workload`: what the open deals of each owner take, against what the owner has."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import fsum, isfinite
from typing import Any

import attrs

from salesflow.errors import OptionError, shown
from salesflow.facts.data import check_deals
from salesflow.facts.snapshot import snapshot
from salesflow.metrics import Breakdown
from salesflow.metrics.results import Result
from salesflow.models import Deal
from salesflow.models.past import Cut
from salesflow.review._stays import (
    NO_STAYS,
    WEEK_US,
    StageEffort,
    Stays,
    learned_effort,
    stays_by_stage,
)

__all__ = ["OwnerLoad", "StageEffort", "Workload", "workload"]


@attrs.frozen
class OwnerLoad(Result):
    """What the open deals of an owner take.

    Attributes:
        n_open: the open deals.
        effort: what they take a week, as they stand now.
        capacity: what the owner has a week; None where nobody says.
        gap: capacity - effort; below 0 where the owner has too much. None without a capacity.
        is_over: whether the effort is more than the capacity; None without one.
        weeks: what the same deals are expected to take in each of the coming weeks.
        over_weeks: in how many of these that is more than the capacity; None without one.
    """

    n_open: int
    effort: float
    capacity: float | None
    gap: float | None
    is_over: bool | None
    weeks: tuple[float, ...]
    over_weeks: int | None

    def to_dict(self) -> dict[str, Any]:
        """Its values by name; each coming week is one of its own: week_1, week_2 …."""
        found: dict[str, Any] = {}
        for name, value in super().to_dict().items():
            if name == "weeks":
                found |= {f"week_{number}": effort for number, effort in enumerate(value, 1)}
            else:
                found[name] = value
        return found


@attrs.frozen(eq=False, repr=False)
class Workload(Breakdown[OwnerLoad]):
    """An `OwnerLoad` for each owner, by name; what nobody owns is under None, last.

    Attributes:
        effort: a `StageEffort` for each stage.
        unowned: the ids of the open deals that nobody owns, in the order given.
    """

    effort: Breakdown[StageEffort] = attrs.field(kw_only=True)
    unowned: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def overloaded(self) -> tuple[str, ...]:
        """The owners whose deals take more than they have, the one most beyond it first."""
        gaps = {o: load.gap for o, load in self.items() if load.is_over and load.gap is not None}
        return tuple(sorted(gaps, key=gaps.__getitem__))

    def _shown_notes(self) -> list[str]:
        owned = f"open deals that nobody owns: {len(self.unowned)}"
        return [*super()._shown_notes(), *([owned] if self.unowned else [])]


def workload(
    deals: Iterable[Deal],
    *,
    as_of: datetime,
    capacity: Mapping[str, float] | None = None,
    effort: Mapping[str, float] | None = None,
    weeks: int = 4,
) -> Workload:
    """Who has too many deals, now and in the coming weeks?

    **Definition**: the effort of an owner is the sum over the open deals of what a deal takes a
    week in its stage. Where no effort is given it is learned: the activities done in visits to a
    stage, by the weeks that these have lasted, those that last too; then the unit is activities.
    Where none is logged at all, it is unknown.

    Coming weeks hold the deals that are open now; new ones are not foreseen. A deal stays in its
    stage as finished visits did: of those that were longer than it has been there, the share that
    lasted to then. It goes on to other open stages as often as finished visits were followed by
    them, and stays there at their mean. A week takes the mean of its beginning and its end.

    Args:
        deals: the deals.
        as_of: the instant they are looked at. [aware datetime]
        capacity: what each owner has a week, in the unit of the effort. An owner without deals is
            listed too.
        effort: what a deal takes a week in each stage, in any unit: hours, say.
        weeks: how many weeks to look ahead. [0 or more]

    Returns:
        A `Workload`: an `OwnerLoad` for each owner, by name. Deals whose stage has no effort are
        left out of it, and counted; those that have been in their stage for longer than all that
        left it, or since nobody knows when, are counted as ``assumed``: the first are expected to
        stay, the others to have just come.

    Raises:
        DataError: for anything but deals.
        DuplicateDealError: for a deal that is there twice.
        OptionError: for an effort or a capacity that is no number from 0 on, and for weeks that
            are no whole number from 0 on.

    Example:
        >>> from datetime import UTC
        >>> from salesflow import Pipeline
        >>> pipeline, at = Pipeline.standard(), datetime(2026, 1, 5, tzinfo=UTC)
        >>> deals = [pipeline.open("Acme", owner_id="kim", at=at) for _ in range(3)]
        >>> found = workload(deals, as_of=at, capacity={"kim": 5}, effort={"prospecting": 2})
        >>> found["kim"].effort, found["kim"].gap, found.overloaded
        (6.0, -1.0, ('kim',))
    """
    _check_amounts("capacity", capacity)
    _check_amounts("effort", effort)
    if isinstance(weeks, bool) or not isinstance(weeks, int) or weeks < 0:
        msg = f"cannot look ahead for {shown(weeks)} weeks"
        raise OptionError(
            msg, hint="give a whole number, 0 or more.", parameter="weeks", value=weeks
        )
    cut = Cut(as_of)
    known = snapshot(check_deals(deals), as_of)
    efforts = _efforts(known, effort, cut)
    team = _Team(efforts, stays_by_stage(known), cut, weeks)
    loads = team.loads([deal for deal in known if deal.outcome == "open"], capacity or {})
    totals: dict[str, dict[str, int]] = {"left_out": {}, "assumed": {}}
    for load in loads.values():
        for what, sums in totals.items():
            for reason, n in getattr(load, what).items():
                sums[reason] = sums.get(reason, 0) + n
    unowned = (d.id for d in known if d.outcome == "open" and d.owner_id is None)
    blank = team.load([], None)
    return Workload(
        ("owner_id",),
        loads,
        as_of=as_of,
        left_out=totals["left_out"],
        assumed=totals["assumed"],
        blank=blank,
        effort=Breakdown(("stage",), efforts, as_of=as_of, blank=StageEffort(None, as_of=as_of)),
        unowned=tuple(unowned),
    )


def _check_amounts(parameter: str, amounts: Mapping[str, float] | None) -> None:
    for name, amount in (amounts or {}).items():
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if not is_number or not isfinite(amount) or amount < 0:
            msg = f"cannot take {parameter} {shown(amount)} of '{name}'"
            hint = "give a number, 0 or more."
            raise OptionError(msg, hint=hint, parameter=parameter, value=amount)


def _efforts(
    deals: Sequence[Deal], given: Mapping[str, float] | None, cut: Cut
) -> dict[str, StageEffort]:
    """The effort of each stage, given or learned."""
    if given is None:
        return learned_effort(deals, cut)
    return {stage: StageEffort(float(n), as_of=cut.at) for stage, n in given.items()}


@attrs.frozen
class _Team:
    """What the loads of all owners are made from."""

    efforts: Mapping[str, StageEffort]
    stays: Mapping[str, Stays]
    cut: Cut
    n_weeks: int

    def loads(
        self, deals: Iterable[Deal], capacity: Mapping[str, float]
    ) -> dict[str | None, OwnerLoad]:
        """The load of each owner, and of each that has a capacity."""
        owned: dict[str | None, list[Deal]] = {owner: [] for owner in capacity}
        for deal in deals:
            owned.setdefault(deal.owner_id, []).append(deal)
        owners = sorted(owned, key=lambda owner: (owner is None, owner or ""))
        return {
            owner: self.load(owned[owner], None if owner is None else capacity.get(owner))
            for owner in owners
        }

    def load(self, deals: Sequence[Deal], capacity: float | None) -> OwnerLoad:
        """The load of one owner."""
        counted = [deal for deal in deals if self._per_week(deal.stage) is not None]
        ends = self._ends(counted)
        weeks = tuple((begin + end) / 2 for begin, end in pairwise(ends))
        effort = ends[0]
        n_lacking = len(deals) - len(counted)
        has = None if capacity is None else float(capacity)
        return OwnerLoad(
            len(deals),
            effort,
            has,
            None if has is None else has - effort,
            None if has is None else effort > has,
            weeks,
            None if has is None else sum(week > has for week in weeks),
            as_of=self.cut.at,
            left_out={"no_effort": n_lacking} if n_lacking else {},
            assumed=self._assumed(counted),
        )

    def _per_week(self, stage: str | None) -> float | None:
        found = None if stage is None else self.efforts.get(stage)
        return None if found is None else found.per_week

    def _age(self, deal: Deal) -> int | None:
        return self.cut.microseconds_since(deal.stage_entered_at, deal.stage_entered_precision)

    def _of_stage(self, stage: str) -> Stays:
        return self.stays.get(stage, NO_STAYS)

    def _assumed(self, deals: Iterable[Deal]) -> dict[str, int]:
        ages = [(str(deal.stage), self._age(deal)) for deal in deals]
        counts = {
            "longer_than_any": sum(
                age is not None and self._of_stage(stage).is_older(age) for stage, age in ages
            ),
            "no_entered_at": sum(age is None for _, age in ages),
        }
        return {reason: n for reason, n in counts.items() if n}

    def _ends(self, deals: Sequence[Deal]) -> list[float]:
        """The effort now, and at the end of each coming week."""
        here = [self._expected(deals, week) for week in range(self.n_weeks + 1)]
        moved: dict[str, float] = {}
        found = [self._effort_of(here[0], moved)]
        for before, after in pairwise(here):
            gone = {stage: n - after[stage] for stage, n in before.items()}
            moved = self._a_week_on(moved, gone)
            found.append(self._effort_of(after, moved))
        return found

    def _expected(self, deals: Iterable[Deal], week: int) -> dict[str, float]:
        """How many deals are expected to be in the stage they are in now, some weeks on."""
        shares: dict[str, list[float]] = {}
        for deal in deals:
            stage = str(deal.stage)
            left = self._of_stage(stage).share_left(self._age(deal) or 0, week * WEEK_US)
            shares.setdefault(stage, []).append(left)
        return {stage: fsum(parts) for stage, parts in shares.items()}

    def _a_week_on(self, moved: Mapping[str, float], gone: Mapping[str, float]) -> dict[str, float]:
        """How many are in another stage than now, after those who went there and went on."""
        parts: dict[str, list[float]] = {}
        for stage, n in moved.items():
            staying = n * self._of_stage(stage).weekly_share
            parts.setdefault(stage, []).append(staying)
            self._send_on(parts, stage, n - staying)
        for stage, n in gone.items():
            self._send_on(parts, stage, n)
        return {stage: fsum(found) for stage, found in parts.items()}

    def _send_on(self, parts: dict[str, list[float]], stage: str, n: float) -> None:
        for following, share in self._of_stage(stage).next_stages.items():
            parts.setdefault(following, []).append(n * share)

    def _effort_of(self, *counts: Mapping[str, float]) -> float:
        return fsum(
            n * (self._per_week(stage) or 0.0) for found in counts for stage, n in found.items()
        )
