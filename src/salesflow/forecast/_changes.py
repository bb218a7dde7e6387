"""Changes of a process, and the chain of stages that they make of the one that was learned.

This module needs numpy.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
import numpy as np

from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.forecast._chain import Chain
from salesflow.forecast._fates import Fate
from salesflow.forecast._numbers import is_number, to_whole
from salesflow.forecast._outlooks import ReadyModel
from salesflow.forecast._risks import Axis, Real, Risks, Whole

if TYPE_CHECKING:
    from salesflow.forecast.stage_model import StageModel

_MOST_DAYS = 3_660
_NEARLY = 1e-9  # shares are sums, which are rounded


@attrs.frozen(eq=False)
class Change:
    """What changes at a stage.

    Attributes:
        mixing: what becomes of each end of a visit: the share of it that each other one takes, by
            end as it would be and as it is; None where ends stay what they are.
        days: how much longer the rest of a visit lasts; below 0 if it is shorter.
    """

    mixing: Real | None
    days: float


class ChangedFate(Fate):
    """How a visit to a stage that is changed goes on."""

    def __init__(self, axis: Axis, risks: Risks, n_days: int, change: Change) -> None:
        super().__init__(axis, risks, n_days + max(0, ceil(-change.days)))
        self._change, self._n_shown = change, n_days

    def _ahead(self, ages: Whole, *, is_entry: bool) -> tuple[Real, Real]:
        by_then, parts = super()._ahead(ages, is_entry=is_entry)
        if self._change.mixing is not None:
            by_then = np.tensordot(self._change.mixing, by_then, axes=1)
            parts = np.tensordot(self._change.mixing, parts, axes=1)
        earlier = -self._change.days
        whole = floor(earlier)
        found = _moved(by_then, parts, whole, self._n_shown)
        if whole == earlier:
            return found
        sooner = _moved(by_then, parts, whole + 1, self._n_shown)
        share = earlier - whole
        by_then, parts = (
            (1 - share) * one + share * other for one, other in zip(found, sooner, strict=True)
        )
        return by_then, parts


def _moved(by_then: Real, parts: Real, earlier: int, n_days: int) -> tuple[Real, Real]:
    """Curves of days, so many days earlier; what would come before the first day comes then."""
    if earlier < 0:
        none = np.zeros((*by_then.shape[:2], min(-earlier, n_days + 1)))
        moved = [np.concatenate((none, one), axis=2) for one in (by_then, parts)]
        return moved[0][:, :, : n_days + 1], moved[1][:, :, : n_days + 1]
    kept = slice(earlier, earlier + n_days + 1)
    moved_parts = parts[:, :, kept].copy()
    moved_parts[:, :, 0] = parts[:, :, : earlier + 1].sum(axis=2)
    return by_then[:, :, kept], moved_parts


class ChangedChain(Chain):
    """What becomes of deals if stages are changed."""

    def __init__(self, changes: Mapping[int, Change], *about: Any) -> None:
        super().__init__(*about)
        self._changes = changes

    def without(self, own: Whole, places: Sequence[int]) -> "ChangedChain":
        """The same without some of the deals, for what may be entered from where they are."""
        settings = self._segment, self._prior_visits, self._n_days
        return ChangedChain(self._changes, self._stages, *settings, places, own, self)

    def fate(self, place: int) -> Fate:
        """How a visit to a place goes on."""
        change, stage = self._changes.get(place // 2), self._stages[place // 2]
        is_known = place in self._fates or (self._whole is not None and not stage.has(self._own))
        if change is None or is_known:
            return super().fate(place)
        risks = stage.risks(self._segment, place % 2, self._prior_visits, self._own)
        self._fates[place] = ChangedFate(stage.axis, risks, self._n_days, change)
        return self._fates[place]


class ChangedModel(ReadyModel):
    """A model made ready to forecast what becomes of deals if stages are changed."""

    def __init__(self, model: "StageModel", changes: Mapping[int, Change]) -> None:
        super().__init__(model)
        self._changes = changes

    def ends(self, number: int) -> tuple[Whole, Real]:
        """What ends first visits to a stage, of all segments, and the share that each does."""
        by_then, _ = self.chain().fate(2 * number).since_entry
        return self._stages[number].axis.causes, by_then[:, 0, -1]

    def _made(self, segment: int | None) -> Chain:
        model = self._model
        settings = model.prior_visits, model.horizon_days, self._places
        return ChangedChain(self._changes, self._stages, segment, *settings)


def changes_of(
    model: "StageModel", win_rate: Mapping[str, float] | None, days: Mapping[str, float] | None
) -> dict[int, Change]:
    """What changes, by the number of the stage.

    Raises:
        OptionError: if nothing does, or nobody can tell what that would mean.
    """
    rates, stays = (
        _checked("win_rate", win_rate, model, 1),
        _checked("days", days, model, _MOST_DAYS),
    )
    if not rates and not stays:
        msg = "cannot tell what would be: nothing changes"
        hint = "give win_rate={'negotiation': 0.05}, say, or days={'proposal': -5}."
        raise OptionError(msg, hint=hint, parameter="win_rate", value=win_rate)
    learned, found = ChangedModel(model, {}), {}
    for name in dict.fromkeys([*rates, *stays]):
        number = model.visits.stages.index(name)
        causes, shares = learned.ends(number)
        more = rates.get(name, 0.0)
        mixing = (
            _mixing(name, causes, shares, 2 * len(model.visits.stages) + 1, more) if more else None
        )
        found[number] = Change(mixing, stays.get(name, 0.0))
    return found


def _checked(
    parameter: str, given: object, model: "StageModel", most: float
) -> Mapping[str, float]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        _refuse(parameter, given, "it is no mapping from stages to numbers")
    found = {}
    for name, change in ((name, to_whole(change)) for name, change in given.items()):
        if not is_number(change) or not -most <= change <= most:
            _refuse(parameter, given, f"{shown(change)} is no number from -{most:,} to {most:,}")
        if name not in model.visits.stages:
            msg = f"cannot change stage {shown(name)}: the model was learned without it"
            hint = f"did you mean {one_of(closest(name, model.visits.stages))}?"
            raise OptionError(msg, hint=hint, parameter=parameter, value=name)
        found[name] = float(change)
    return found


def _refuse(parameter: str, value: object, fact: str) -> NoReturn:
    msg = f"cannot take {parameter}={shown(value)}: {fact}"
    hint = "win_rate={'negotiation': 0.05} is 5 points more, days={'proposal': -5} 5 days less."
    raise OptionError(msg, hint=hint, parameter=parameter, value=value)


def _mixing(stage: str, causes: Whole, shares: Real, lost: int, more: float) -> Real:
    """Which ends of visits become which others, if a share more of them is not lost.

    Args:
        stage: the stage.
        causes: what ends visits to it.
        shares: the share of all visits that each of them ends.
        lost: the number of a loss.
        more: how many more; below 0 if more are lost.
    """
    mixing = np.eye(len(causes))
    is_lost = causes == lost
    among, others = float(shares[is_lost].sum()), float(shares[~is_lost].sum())
    is_possible = -others - _NEARLY <= more <= among + _NEARLY
    if not is_lost.any() or not others or not is_possible:
        known = f"of visits to it, {among:.1%} are lost and {others:.1%} go on"
        msg = f"cannot change the win rate of stage '{stage}' by {more:+g}: {known}"
        least, most = (floor((end + _NEARLY) * 1000) / 1000 for end in (others, among))
        hint = f"give a number from {-least:.3f} to {most:.3f}."
        raise OptionError(msg, hint=hint, parameter="win_rate", value=more)
    if more > 0:
        part = min(more / among, 1.0)
        mixing[:, is_lost] *= 1 - part
        mixing[~is_lost, is_lost] = part * shares[~is_lost] / others
    else:
        part = min(-more / others, 1.0)
        mixing[:, ~is_lost] *= 1 - part
        mixing[is_lost, ~is_lost] = part
    return mixing
