"""What a definition of leads allows, written down a second time, to compare with.

Like `oracle`, nothing here asks a lead process: it reads the settings alone, stage by stage.
"""

from typing import Any

from tests.oracle import living, place_of, stage_of

KINDS = ("open", "converted", "disqualified")
SETTINGS = (*("entry_stages", "nurture_stages", "convert_from", "disqualify_from", "requalify_to"),)


def is_aside(definition: Any, name: str) -> bool:
    return name in definition.nurture_stages


def path(definition: Any) -> list[str]:
    """The stages a lead may still enter on its way, in order."""
    return [name for name in living(definition, "open") if not is_aside(definition, name)]


def entries(definition: Any) -> tuple[str, ...]:
    return definition.entry_stages or tuple(path(definition)[:1])


def next_on_path(definition: Any, name: str) -> str | None:
    """The next stage of the path after another one of it."""
    place = place_of(definition, name)
    return next((n for n in path(definition) if place_of(definition, n) > place), None)


def verb(definition: Any, here: str, there: str) -> str | None:
    """The verb that takes a lead from one stage to another, if any does."""
    one, other = stage_of(definition, here), stage_of(definition, there)
    if other.retired or here == there:
        return None
    if (one.kind, other.kind) == ("open", "open"):
        return _among_open(definition, here, there)
    if one.kind == other.kind:
        return "move"
    return _change_of_outcome(definition, one, other)


def _change_of_outcome(definition: Any, one: Any, other: Any) -> str | None:
    here, there = one.name, other.name
    if one.kind == "open":
        wanted = "convert" if other.kind == "converted" else "disqualify"
        allowed = getattr(definition, f"{wanted}_from")
        if allowed is None:
            allowed = path(definition)[-1:] if wanted == "convert" else [here]
        if here in allowed:
            return wanted
        follows = wanted == "convert" and is_aside(definition, here)
    elif (one.kind, other.kind) == ("disqualified", "open"):
        back_to = definition.requalify_to
        return "requalify" if back_to is None or there in back_to else None
    else:
        follows = other.kind != "open" or is_aside(definition, there)
    return "settle" if follows else None


def _among_open(definition: Any, here: str, there: str) -> str | None:
    if is_aside(definition, there):
        return "nurture"
    if is_aside(definition, here):
        return "move"
    if place_of(definition, there) < place_of(definition, here):
        return "move" if definition.allow_back else None
    return "move" if definition.allow_skip or next_on_path(definition, here) == there else None


def may_return(definition: Any, here: str, there: str, been: set[str]) -> bool:
    """Whether a lead that has been in those stages may go there, if the graph has the move."""
    way = verb(definition, here, there)
    is_return = (way == "requalify" and definition.requalify_to is None) or (
        way == "move" and is_aside(definition, here)
    )
    places = [place_of(definition, name) for name in been if _is_on_path(definition, name)]
    if not is_return or is_aside(definition, there) or definition.allow_skip or not places:
        return True
    return place_of(definition, there) <= max(places)


def _is_on_path(definition: Any, name: str) -> bool:
    return stage_of(definition, name).kind == "open" and not is_aside(definition, name)


def reached(definition: Any, start: Any) -> set[str]:
    """Every stage that a chain of moves leads to; what follows a conversion leads nowhere new."""
    names = [stage.name for stage in definition.stages]
    found: set[str] = set(start)
    while True:
        more = {
            n
            for n in names
            for f in found
            if n not in found and verb(definition, f, n) not in (None, "settle")
        }
        if not more:
            return found
        found |= more


def is_legal(definition: Any) -> bool:
    """Whether the list of faults finds none."""
    names = [stage.name for stage in definition.stages]
    kinds = [stage.kind for stage in definition.stages]
    return (
        len(set(names)) == len(names)
        and all(living(definition, kind) for kind in KINDS)
        and "open" not in kinds[kinds.count("open") :]
        and all(_names_well(definition, setting) for setting in SETTINGS)
        and definition.entry_stages != ()
        and bool(path(definition))
        and set(names)
        <= reached(definition, entries(definition))
        | {s.name for s in definition.stages if s.retired}
        and all(_can_end(definition, s.name) for s in definition.stages if s.kind == "open")
    )


def _names_well(definition: Any, setting: str) -> bool:
    given = getattr(definition, setting)
    if given is None:
        return True
    opened = {s.name for s in definition.stages if s.kind == "open"}
    if setting in ("entry_stages", "requalify_to"):
        opened &= set(living(definition, "open"))
    return set(given) <= opened and len(set(given)) == len(given)


def _can_end(definition: Any, name: str) -> bool:
    ends = {stage_of(definition, n).kind for n in reached(definition, [name])}
    return {"converted", "disqualified"} <= ends
