"""Each owner at each stage against the others: which gaps are told, and what they cost."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from salesflow.metrics._statistics import ratio
from salesflow.money import Money
from salesflow.review._exact import exact_test, holm
from salesflow.review._shrinkage import (
    Tally,
    below_probability,
    n_needed,
    shortfall,
    shrunk,
    strength_of,
    whole,
)
from salesflow.review._stage_tallies import StageTally
from salesflow.review.team_results import ABOVE, ALIKE, BELOW, NOT_ENOUGH, Owner, StageGap

Key = tuple[Owner, str]
"""An owner and a stage."""

_PAIR = 2


@attrs.frozen
class Comparisons:
    """The owners of a review at its stages.

    Args:
        tallies: what became of the deals of each owner at each stage.
        stages: the stages in order.
        threshold: the chance that any gap is told where there is none, at most.
        least: the smallest gap that is looked for.
        nothing: the tally of an owner without a deal at a stage.
    """

    tallies: Mapping[Key, StageTally]
    stages: Sequence[str]
    threshold: float
    least: float
    nothing: StageTally

    owners: Sequence[str] = attrs.field(init=False)
    """Those who are compared: what nobody owns is no part of the others."""
    n_tests: int = attrs.field(init=False)
    """How many comparisons there are; two owners are each the other's, which is one."""

    @owners.default
    def _owners(self) -> Sequence[str]:
        return sorted({owner for owner, _ in self.tallies if owner is not None})

    @n_tests.default
    def _n_tests(self) -> int:
        n = len(self.owners)
        return (n if n > _PAIR else n // _PAIR) * len(self.stages)

    def gaps(self) -> dict[Key, StageGap]:
        """How each owner does at each stage; what nobody owns comes last."""
        at_stages = [self._at_stage(stage) for stage in self.stages]
        tests = self._adjusted(at_stages)
        owners: list[Owner] = [*self.owners]
        if any(owner is None for owner, _ in self.tallies):
            owners.append(None)
        return {
            (owner, stage): self._gap((owner, stage), at, tests)
            for owner in owners
            for stage, at in zip(self.stages, at_stages, strict=True)
        }

    def _at_stage(self, stage: str) -> "_AtStage":
        return _AtStage({owner: self._tally((owner, stage)) for owner in self.owners})

    def _tally(self, key: Key) -> StageTally:
        return self.tallies.get(key, self.nothing)

    def _adjusted(self, at_stages: Sequence["_AtStage"]) -> dict[Key, float]:
        """The p-value of each comparison, corrected for all of them.

        Their number is that of owners and stages, whether a deal came there or not: it must not
        depend on how deals ended.
        """
        is_pair = len(self.owners) == _PAIR
        tested = {owner: self.owners[0] if is_pair else owner for owner in self.owners}
        values = {
            (owner, stage): at.p_value(owner)
            for owner in dict.fromkeys(tested.values())
            for stage, at in zip(self.stages, at_stages, strict=True)
        }
        adjusted = dict(zip(values, holm([*values.values()]), strict=True))
        return {
            (owner, stage): adjusted[test, stage]
            for owner, test in tested.items()
            for stage in self.stages
        }

    def _gap(self, key: Key, at: "_AtStage", tests: Mapping[Key, float]) -> StageGap:
        owner = key[0]
        tally = self._tally(key)
        own, others = tally.passed, at.others(owner)
        about: dict[str, Any] = {}
        if owner is not None and others.n:
            about = at.compared(owner) | self._told(own, others, tests[key])
        return StageGap(
            own.n,
            own.n_passed,
            ratio(own.n_passed, own.n),
            others.n,
            others.n_passed,
            ratio(others.n_passed, others.n),
            **about,
            as_of=tally.as_of,
            currency=tally.currency,
            left_out=tally.left_out,
        )

    def _told(self, own: Tally, others: Tally, p_value: float) -> dict[str, Any]:
        """What the data can tell of a gap."""
        if p_value <= self.threshold:
            is_below = own.n_passed * others.n < others.n_passed * own.n
            return {
                "adjusted_p_value": p_value,
                "verdict": BELOW if is_below else ABOVE,
                "n_more": 0,
            }
        needed = n_needed(others, self.least, self.threshold / self.n_tests)
        n_more = None if needed is None else max(0, needed - own.n)
        return {
            "adjusted_p_value": p_value,
            "verdict": ALIKE if n_more == 0 else NOT_ENOUGH,
            "n_more": n_more,
        }


@attrs.frozen
class _AtStage:
    """The owners who are compared, at one stage."""

    tallies: Mapping[str, StageTally]
    strength: float = attrs.field(init=False)
    _passed: Tally = attrs.field(init=False)
    _won: Tally = attrs.field(init=False)

    @strength.default
    def _strength(self) -> float:
        return strength_of([tally.passed for tally in self.tallies.values()])

    @_passed.default
    def _all_passed(self) -> Tally:
        return whole([tally.passed for tally in self.tallies.values()])

    @_won.default
    def _all_won(self) -> Tally:
        return whole([tally.won for tally in self.tallies.values()])

    def others(self, owner: Owner) -> Tally:
        """The deals of all others."""
        return self._passed if owner is None else self._passed.less(self.tallies[owner].passed)

    def p_value(self, owner: str) -> float:
        """How likely so unequal a split is by luck."""
        own = self.tallies[owner].passed
        return exact_test(own.n_passed, own.n, self._passed.n_passed, self._passed.n).p_value

    def compared(self, owner: str) -> dict[str, Any]:
        """The owner's rate beside the others', and what the difference costs."""
        tally, others = self.tallies[owner], self.others(owner)
        own, missing = tally.passed, shortfall(tally.passed, others, self.strength)
        goes_on = self._won.less(tally.won)
        won_share = ratio(goes_on.n_passed, goes_on.n)
        wins = None if won_share is None else missing * own.n * won_share
        return {
            "shrunk_rate": shrunk(own, others, self.strength),
            "strength": self.strength,
            "below_probability": below_probability(own, others, self.strength),
            "wins_lost": wins,
            "cost": None if won_share is None else _part_of(tally.stake, missing * won_share),
        }


def _part_of(stake: Money | None, share: float) -> Money | None:
    return None if stake is None else (stake * Decimal(repr(share))).round()
