"""What is told of an owner: the gap that costs most, or how many deals are lacking."""

from collections.abc import Mapping

import attrs

from salesflow.review.team_results import (
    ABOVE,
    ALIKE,
    BELOW,
    NOT_ENOUGH,
    StageGap,
    TeamMember,
    rank,
)

_SURE = 0.999


def judged(
    member: TeamMember, owner: str | None, gaps: Mapping[str, StageGap], least: float
) -> TeamMember:
    """The owner with a verdict, from how the owner does at each stage."""
    by_verdict: dict[str, dict[str, StageGap]] = {}
    for stage, gap in gaps.items():
        if gap.verdict is not None:
            by_verdict.setdefault(gap.verdict, {})[stage] = gap
    if not by_verdict:
        return member
    verdict = next(one for one in (BELOW, ABOVE, NOT_ENOUGH, ALIKE) if one in by_verdict)
    found = by_verdict[verdict]
    member = attrs.evolve(member, verdict=verdict, n_more=0)
    if verdict == BELOW:
        stages = sorted(found, key=lambda stage: rank(found[stage]), reverse=True)
        told = "; ".join(_gap(found[stage], stage) for stage in stages)
        most = found[stages[0]]
        return attrs.evolve(
            member, loses_most_at=stages[0], cost=most.cost, why=f"{owner}: below {told}"
        )
    if verdict == ABOVE:
        told = "; ".join(_gap(gap, stage) for stage, gap in found.items())
        return attrs.evolve(member, why=f"{owner}: above {told}")
    if verdict == ALIKE:
        return attrs.evolve(member, why=f"{owner}: no gap of {_points(least)} at any stage")
    n_more, at = _fewest(found)
    why = f"{owner}: not enough deals to tell a gap of {_points(least)}: {at}"
    return attrs.evolve(member, n_more=n_more, why=why)


def _gap(gap: StageGap, stage: str) -> str:
    """A gap in words."""
    below = gap.below_probability or 0.0
    chance = _chance(below if gap.verdict == BELOW else 1 - below)
    told = (
        f"at {stage}, where {gap.n_passed} of {gap.n_decided} came through, and "
        f"{gap.others_rate:.1%} of the others'; the chance that this is so is {chance}"
    )
    if gap.cost is None:
        return told
    return f"{told}, and it {'cost' if gap.verdict == BELOW else 'brought'} {abs(gap.cost)}"


def _points(gap: float) -> str:
    return f"{100 * gap:g} points"


def _chance(chance: float) -> str:
    # Nothing is certain that a table of counts says.
    return "over 99.9%" if chance > _SURE else f"{chance:.1%}"


def _fewest(gaps: Mapping[str, StageGap]) -> tuple[int | None, str]:
    """How many more deals are needed where it takes the fewest, and that in words."""
    known = {stage: gap.n_more for stage, gap in gaps.items() if gap.n_more is not None}
    if not known:
        return None, "the others have too few to compare with"
    stage = min(known, key=known.__getitem__)
    return known[stage], f"it takes {known[stage]} more at {stage}"
