"""A definition drafted from what an export says of its stages."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.crm._names import folded, kind_by_name
from salesflow.crm._outcomes import Flags, told_by
from salesflow.process import Pipeline, Stage

if TYPE_CHECKING:
    from salesflow.crm._survey import Survey
    from salesflow.crm.systems._system import System

_HALF = 0.5


@attrs.frozen
class Draft:
    """A definition, and what its stages are ordered by."""

    pipeline: Pipeline
    ordered_by: str


def draft(
    name: str,
    found: "Survey",
    system: "System",
    shares: Mapping[str, float],
    paths: Iterable[Sequence[str]],
    orders: Mapping[str, float],
) -> Draft:
    """The stages that an export names, with what each means and in their likely order.

    Args:
        name: what to call the definition.
        found: how often each stage occurs with which flags.
        system: whose export it is.
        shares: the probability of each open stage that has one.
        paths: the stages that each deal was in, in order, where that is known.
        orders: the place of each stage, where the export numbers them.
    """
    kinds = _kinds(found, system)
    opened = [stage for stage, kind in kinds.items() if kind == "open"]
    ranked, by = _ranked(opened, list(paths), shares, orders)
    stages = [Stage(stage, probability=shares.get(stage)) for stage in ranked or ["open"]]
    names = [stage.name for stage in stages]
    for kind in ("won", "lost"):
        closed = [stage for stage, its in kinds.items() if its == kind]
        free = kind if kind not in names else f"{kind} (closed)"
        stages += [Stage(stage, kind=kind) for stage in closed or [free]]
    settings: dict[str, Any] = {"allow_skip": True, "allow_unwin": True}
    settings |= dict.fromkeys(("entry_stages", "win_from", "revert_to"), names)
    return Draft(Pipeline(name, stages, **settings), by)


def _kinds(found: "Survey", system: "System") -> dict[str, str]:
    """What each stage means, in the order of first appearance: flags first, then its name.

    Where a closed deal stays in the stage it was closed from, flags tell nothing of its stage.
    """
    told: dict[str, Counter[str]] = {}
    for (stage, *flags), count in found.places.items():
        if stage is None:
            continue
        outcomes = told_by(Flags(*flags), system).outcomes
        kinds = told.setdefault(stage, Counter())
        if len(outcomes) == 1 and not system.keeps_stage:
            kinds[next(iter(outcomes))] += count
        else:
            kind = kind_by_name(stage)
            kinds[kind if kind in outcomes else "open"] += count
    return {stage: kinds.most_common(1)[0][0] for stage, kinds in told.items()}


def _ranked(
    stages: list[str],
    paths: list[Sequence[str]],
    shares: Mapping[str, float],
    orders: Mapping[str, float],
) -> tuple[list[str], str]:
    """The stages in order, and what that was taken from."""
    known = set(stages)
    pairs = Counter(pair for path in paths for pair in _pairs(path, known))
    if {stage for pair in pairs for stage in pair} >= known and pairs:
        return _by_pairs(stages, pairs), "the history of its deals"
    if known and known <= orders.keys():
        return sorted(stages, key=orders.__getitem__), "the numbers of its stages"
    if known and known <= shares.keys() and len(set(shares.values())) > 1:
        return sorted(stages, key=shares.__getitem__), "their probabilities"
    usual = {folded(stage.name): i for i, stage in enumerate(Pipeline.standard().stages)}
    if known and all(folded(stage) in usual for stage in stages):
        return sorted(stages, key=lambda stage: usual[folded(stage)]), "their usual order"
    return stages, "their first appearance"


def _pairs(path: Sequence[str], known: set[str]) -> Iterable[tuple[str, str]]:
    """Each two stages of a path, the one that was entered first before the other."""
    entered = [stage for stage in dict.fromkeys(path) if stage in known]
    return ((one, later) for i, one in enumerate(entered) for later in entered[i + 1 :])


def _by_pairs(stages: list[str], pairs: Counter[tuple[str, str]]) -> list[str]:
    """The stages by how many of the others most deals entered later."""

    def is_earlier(one: str, other: str) -> float:
        before, after = pairs[one, other], pairs[other, one]
        return _HALF if before == after else float(before > after)

    score = {one: sum(is_earlier(one, other) for other in stages if other != one) for one in stages}
    return sorted(stages, key=lambda stage: -score[stage])
