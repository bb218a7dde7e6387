"""What a definition allows, written down a second time from the design (§4), to compare with.

Nothing here asks a pipeline: it reads the settings alone, whether of a `Pipeline` or of a draft of
one that is not legal, and answers stage by stage where the library works out a whole graph.
"""

from typing import Any

KINDS = ("open", "won", "lost")


def stage_of(definition: Any, name: str) -> Any:
    return next(stage for stage in definition.stages if stage.name == name)


def place_of(definition: Any, name: str) -> int:
    return [stage.name for stage in definition.stages].index(name)


def living(definition: Any, kind: str) -> list[str]:
    return [s.name for s in definition.stages if s.kind == kind and not s.retired]


def entries(definition: Any) -> tuple[str, ...]:
    return definition.entry_stages or tuple(living(definition, "open")[:1])


def next_open(definition: Any, name: str) -> str | None:
    """The next open stage after an open one, where there is one."""
    later = definition.stages[place_of(definition, name) + 1 :]
    return next((s.name for s in later if s.kind == "open" and not s.retired), None)


def verb(definition: Any, here: str, there: str) -> str | None:
    """The verb that takes a deal from one stage to another, if any does."""
    one, other = stage_of(definition, here), stage_of(definition, there)
    if other.retired or here == there:
        return None
    if one.kind != other.kind:
        return _change_of_outcome(definition, one, other)
    if one.kind != "open":
        return "move"
    if place_of(definition, there) < place_of(definition, here):
        return "move" if definition.allow_back else None
    return "move" if definition.allow_skip or next_open(definition, here) == there else None


def _change_of_outcome(definition: Any, one: Any, other: Any) -> str | None:
    if other.kind == "won" and one.kind == "open":
        won_from = definition.win_from
        allowed = living(definition, "open")[-1:] if won_from is None else won_from
        return "win" if one.name in allowed else None
    if other.kind == "lost" and one.kind == "open":
        lost_from = definition.lose_from
        return "lose" if lost_from is None or one.name in lost_from else None
    if other.kind == "open" and (one.kind == "lost" or definition.allow_unwin):
        back_to = definition.revert_to
        return "reopen" if back_to is None or other.name in back_to else None
    return None


def may_reopen(definition: Any, here: str, there: str, lost_at: int | None) -> bool:
    """Whether a closed deal may go back there, given the place of the stage it was lost at."""
    if verb(definition, here, there) != "reopen":
        return False
    is_loss = stage_of(definition, here).kind == "lost"
    if not is_loss or definition.revert_to is not None or lost_at is None:
        return True
    return place_of(definition, there) <= lost_at


def reached(definition: Any, start: Any) -> set[str]:
    """Every stage that a chain of moves leads to, the starting ones included."""
    names = [stage.name for stage in definition.stages]
    found: set[str] = set(start)
    while True:
        more = {n for n in names for f in found if n not in found and verb(definition, f, n)}
        if not more:
            return found
        found |= more


def is_legal(definition: Any) -> bool:
    """Whether the design's list of faults finds none."""
    names = [stage.name for stage in definition.stages]
    kinds = [stage.kind for stage in definition.stages]
    return (
        len(set(names)) == len(names)
        and all(living(definition, kind) for kind in KINDS)
        and "open" not in kinds[kinds.count("open") :]
        and all(_names_well(definition, setting) for setting in SETTINGS)
        and definition.entry_stages != ()
        and set(names)
        <= reached(definition, entries(definition))
        | {s.name for s in definition.stages if s.retired}
        and all(_can_end(definition, s.name) for s in definition.stages if s.kind == "open")
    )


SETTINGS = ("entry_stages", "win_from", "lose_from", "revert_to")


def _names_well(definition: Any, setting: str) -> bool:
    given = getattr(definition, setting)
    if given is None:
        return True
    opened = {s.name for s in definition.stages if s.kind == "open"}
    if setting in ("entry_stages", "revert_to"):
        opened &= set(living(definition, "open"))
    return set(given) <= opened and len(set(given)) == len(given)


def _can_end(definition: Any, name: str) -> bool:
    ends = {stage_of(definition, n).kind for n in reached(definition, [name])}
    return {"won", "lost"} <= ends
