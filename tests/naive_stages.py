"""The numbers of stages once more, in the plainest way: see `tests.naive`."""

from collections.abc import Iterable
from typing import Any

import attrs

from salesflow import Period
from tests.naive import Fact, Moment, is_in


@attrs.frozen
class Row:
    """A deal at a step."""

    stage: str
    owner: str | None
    entered: Moment
    has_next: bool
    next_at: Moment
    implied: bool
    counts: bool = True


def order_of(facts: Iterable[Fact]) -> list[str]:
    places = {s.stage: s.position for f in facts for s in f.stays if s.kind == "open"}
    return sorted(places, key=lambda stage: places[stage])


def won_at(fact: Fact) -> int | None:
    """Which stay won the deal: the first won one after it was open for the last time."""
    if fact.outcome != "won":
        return None
    found = None
    for n, stay in enumerate(fact.stays):
        if stay.kind == "open":
            found = None
        elif stay.kind == "won" and found is None:
            found = n
    return found


def which(fact: Fact, names: list[str], step: int, mode: str) -> int | None:
    """Which stay took the deal to a step; None if none did."""
    if mode == "strict" and step == len(names):
        return won_at(fact) if which(fact, names, step - 1, mode) is not None else None
    if step == len(names):
        return won_at(fact)
    there = [n for n, stay in enumerate(fact.stays) if stay.kind == "open"]
    if mode == "reached":
        beyond = [n for n in there if fact.stays[n].stage in names[step:]]
        final = won_at(fact)
        return min([*beyond, *([] if final is None else [final])], default=None)
    here = [n for n in there if fact.stays[n].stage == names[step]]
    if mode == "strict" and step and here:
        before = which(fact, names, step - 1, mode)
        return here[0] if before is not None and before < here[0] else None
    return here[0] if here else None


def rows(facts: list[Fact], names: list[str], mode: str) -> list[Row]:
    return [row for fact in facts for row in _rows(fact, names, mode)]


def _rows(fact: Fact, names: list[str], mode: str) -> list[Row]:
    if mode == "adjacent":
        return [row for step in range(len(names)) for row in _left(fact, names, step)]
    torn = mode == "strict" and not fact.is_complete
    found = []
    for step, name in enumerate(names):
        n = which(fact, names, step, "reached" if torn else mode)
        if n is None:
            continue
        stay, after = fact.stays[n], which(fact, names, step + 1, mode)
        was_here = any(s.stage == name and s.kind == "open" for s in fact.stays)
        entered_next = None if after is None else fact.stays[after].entered
        row = Row(name, stay.owner, stay.entered, after is not None, entered_next, not was_here)
        found.append(attrs.evolve(row, counts=not torn))
    return found


def _left(fact: Fact, names: list[str], step: int) -> list[Row]:
    pairs = [
        (stay, later)
        for stay, later in zip(fact.stays, fact.stays[1:], strict=False)
        if (stay.stage, stay.kind) == (names[step], "open")
    ]
    if not pairs:
        return []
    if step + 1 == len(names):
        onward = [stay for stay, later in pairs if later.kind == "won"]
    else:
        wanted = (names[step + 1], "open")
        onward = [stay for stay, later in pairs if (later.stage, later.kind) == wanted]
    left = onward[0].left if onward else None
    first = pairs[0][0]
    return [Row(names[step], first.owner, first.entered, bool(onward), left, implied=False)]


@attrs.define
class Conversion:
    """What stage_conversion says of one stage."""

    entered: int = 0
    onward: int = 0
    implied: int = 0
    left_out: dict[str, int] = attrs.Factory(dict)

    def miss(self, reason: str) -> None:
        self.left_out[reason] = self.left_out.get(reason, 0) + 1


def conversion(
    found: list[Row], period: Period | None, basis: str = "entered"
) -> dict[str, Conversion]:
    stages: dict[str, Conversion] = {}
    for row in found:
        stage = stages.setdefault(row.stage, Conversion())
        inside = is_in(row.entered, period)
        if period is not None and row.entered is None:
            stage.miss("no_entered_at")
        if not row.counts:
            if inside:
                stage.miss("incomplete_history")
            continue
        stage.entered += inside
        stage.implied += inside and row.implied
        if basis == "moved":
            stage.onward += row.has_next and is_in(row.next_at, period)
            if period is not None and row.has_next and row.next_at is None:
                stage.miss("no_next_at")
        else:
            stage.onward += inside and row.has_next
    return stages


def moves(facts: list[Fact], period: Period | None) -> dict[tuple[str, str], list[Any]]:
    """By stage and next stage: how many, and the directions they went in."""
    found: dict[tuple[str, str], list[Any]] = {}
    for fact in facts:
        for stay, later in zip(fact.stays, fact.stays[1:], strict=False):
            pair = found.setdefault((stay.stage, later.stage), [0, set(), 0])
            pair[0] += is_in(stay.left, period)
            pair[1].add(_direction(stay, later))
            pair[2] += period is not None and stay.left is None
    return found


def _direction(stay: Any, later: Any) -> str | None:
    if later.kind == "lost":
        return "lost"
    if later.kind == "won":
        return "followed_up" if stay.kind == "won" else "won"
    if stay.kind != "open":
        return "reopened"
    names = {1: "forward", 0: None}
    step = later.position - stay.position
    return names.get(step, "skip" if step > 0 else "back")


def rework(facts: list[Fact], period: Period | None) -> dict[str, list[int]]:
    """By stage: who came, who came again, whose path has gaps, who came nobody knows when."""
    found: dict[str, list[int]] = {}
    for fact in facts:
        stays = [stay for stay in fact.stays if stay.kind == "open"]
        for stage in {stay.stage for stay in stays}:
            here = [stay for stay in stays if stay.stage == stage]
            counts = found.setdefault(stage, [0, 0, 0, 0])
            if is_in(here[0].entered, period):
                if fact.is_complete:
                    counts[0] += 1
                    counts[1] += len(here) > 1
                else:
                    counts[2] += 1
            counts[3] += period is not None and here[0].entered is None
    return found
