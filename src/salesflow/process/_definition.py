"""What a definition allows, what is wrong with it, and its `Layout`, worked out once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from salesflow.errors import closest, one_of
from salesflow.process._machine import SharedMachine
from salesflow.process._text import is_text
from salesflow.process.stage import Stage

if TYPE_CHECKING:
    from salesflow.process.pipeline import Pipeline

Graph = dict[str, dict[str, str]]
"""From each stage, the stages it may go to, each with the verb that takes it there."""


class Layout:
    """What the verbs look up at every move."""

    __slots__ = (
        "entries",
        "first",
        "graph",
        "kinds",
        "machine",
        "next_open",
        "positions",
        "standings",
    )

    def __init__(self, pipeline: "Pipeline") -> None:
        stages = pipeline.stages
        order = [stage.name for stage in stages]
        self.positions = {name: position for position, name in enumerate(order)}
        self.kinds: dict[str | None, str] = {stage.name: stage.kind for stage in stages}
        self.entries = entry_stages(pipeline)
        """The stages a deal may be opened in, the usual one first."""
        self.graph = edges_of(pipeline)
        self.first = {kind: _living(pipeline, kind)[0].name for kind in ("open", "won", "lost")}
        """The first stage of each kind."""
        self.next_open = _following(pipeline)
        """From each open stage, the next one; None after the last."""
        self.standings = {
            stage.name: _standing(stage, position) for position, stage in enumerate(stages)
        }
        """What being in each stage means, unless something was set by hand."""
        requires = {stage.name: stage.requires for stage in stages}
        self.machine = SharedMachine(self.graph, requires, order)


def _following(pipeline: "Pipeline") -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    following = None
    for stage in reversed([s for s in pipeline.stages if s.kind == "open"]):
        found[stage.name] = following
        following = following if stage.retired else stage.name
    return found


def _standing(stage: "Stage", position: int) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "stage_kind": stage.kind,
        "stage_position": position,
        "probability": {"won": 1.0, "lost": 0.0}.get(stage.kind, stage.probability),
        "probability_source": "stage",
        "category": stage.category,
        "category_source": "stage",
    }


def faults_of(pipeline: "Pipeline") -> list[str]:
    """All faults of a definition, in words."""
    wrong = [stage for stage in pipeline.stages if not isinstance(stage, Stage)]
    if wrong:
        return [f"its stages hold {stage!r}, which is no Stage" for stage in wrong]
    found = _name_faults(pipeline) + [f for stage in pipeline.stages for f in stage.faults()]
    found += _setting_faults(pipeline) + _framework_faults(pipeline)
    return found + (_graph_faults(pipeline) if _has_graph(pipeline) else [])


def _has_graph(pipeline: "Pipeline") -> bool:
    """Whether there is a graph to walk: stages of every kind, told apart, that settings name."""
    names = [stage.name for stage in pipeline.stages]
    if not all(map(is_text, names)) or len(set(names)) < len(names):
        return False
    settings = (pipeline.entry_stages, pipeline.win_from, pipeline.lose_from, pipeline.revert_to)
    known = all(name in names for given in settings for name in given or ())
    kinds = {stage.kind for stage in pipeline.stages if not stage.retired}
    return known and len(kinds) == len(("open", "won", "lost")) and bool(entry_stages(pipeline))


def _name_faults(pipeline: "Pipeline") -> list[str]:
    found = []
    if not is_text(pipeline.name):
        found.append(f"its name {pipeline.name!r} is no text")
    if isinstance(pipeline.version, bool) or not isinstance(pipeline.version, int):
        found.append(f"its version {pipeline.version!r} is no whole number")
    names = [stage.name for stage in pipeline.stages if is_text(stage.name)]
    found += [f"stage '{name}' is there {names.count(name)} times" for name in _twice(names)]
    kinds = {stage.kind for stage in pipeline.stages if not stage.retired}
    found += [f"it has no {kind} stage" for kind in ("open", "won", "lost") if kind not in kinds]
    closed = False
    for stage in pipeline.stages:
        if closed and stage.kind == "open":
            found.append(f"open stage '{stage.name}' stands after a closed one")
        closed = closed or stage.kind != "open"
    return found


def _twice(names: Iterable[str]) -> list[str]:
    seen = list(names)
    return sorted({name for name in seen if seen.count(name) > 1})


def _setting_faults(pipeline: "Pipeline") -> list[str]:
    found = []
    for setting in ("allow_skip", "allow_back", "allow_unwin"):
        value = getattr(pipeline, setting)
        if not isinstance(value, bool):
            found.append(f"{setting} is {value!r}, not True or False")
    stages = [stage for stage in pipeline.stages if is_text(stage.name)]
    kinds = {stage.name: stage.kind for stage in stages}
    retired = {stage.name for stage in stages if stage.retired}
    for setting in ("entry_stages", "win_from", "lose_from", "revert_to"):
        given = getattr(pipeline, setting)
        if given is None:
            continue
        names = [name for name in given if is_text(name)]
        found += [f"{setting} names {name!r}, no text" for name in given if not is_text(name)]
        found += [f"{setting} names '{name}' twice" for name in _twice(names)]
        for name in names:
            if name not in kinds:
                near = one_of(closest(name, kinds))
                found.append(f"{setting} names '{name}', which is no stage; there is {near}")
            elif kinds[name] != "open":
                found.append(f"{setting} names '{name}', which is {kinds[name]}, not open")
            elif name in retired and setting in ("entry_stages", "revert_to"):
                found.append(f"{setting} names '{name}', which is retired")
        if setting == "entry_stages" and not given:
            found.append("entry_stages names no stage")
    return found


def _framework_faults(pipeline: "Pipeline") -> list[str]:
    if not pipeline.frameworks:
        return []
    from salesflow.process.qualification import framework_faults

    return framework_faults(pipeline.frameworks)


def _graph_faults(pipeline: "Pipeline") -> list[str]:
    graph = edges_of(pipeline)
    reached = _reachable(graph, entry_stages(pipeline))
    found = [
        f"stage '{stage.name}' cannot be reached"
        for stage in pipeline.stages
        if stage.name not in reached and not stage.retired
    ]
    kinds = {stage.name: stage.kind for stage in pipeline.stages}
    for stage in pipeline.stages:
        if stage.kind == "open":
            ends = {kinds[name] for name in _reachable(graph, [stage.name])}
            missing = [kind for kind in ("won", "lost") if kind not in ends]
            found += [f"stage '{stage.name}' leads to no {kind} stage" for kind in missing]
    return found


def _reachable(graph: Graph, start: Iterable[str]) -> set[str]:
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for name in graph[waiting.pop()]:
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def entry_stages(pipeline: "Pipeline") -> tuple[str, ...]:
    """The stages a deal may be opened in, the usual one first."""
    if pipeline.entry_stages is not None:
        return pipeline.entry_stages
    return tuple(stage.name for stage in _living(pipeline, "open")[:1])


def _living(pipeline: "Pipeline", kind: str) -> "list[Stage]":
    return [stage for stage in pipeline.stages if stage.kind == kind and not stage.retired]


def edges_of(pipeline: "Pipeline") -> Graph:
    """Every move that the settings allow, whatever the deal."""
    return {stage.name: _edges_from(pipeline, stage) for stage in pipeline.stages}


def _edges_from(pipeline: "Pipeline", stage: "Stage") -> dict[str, str]:
    if stage.kind == "open":
        return _edges_from_open(pipeline, stage)
    moves = {s.name: "move" for s in _living(pipeline, stage.kind) if s.name != stage.name}
    if stage.kind == "won" and not pipeline.allow_unwin:
        return moves
    back = pipeline.revert_to
    reverted = [s.name for s in _living(pipeline, "open") if back is None or s.name in back]
    return moves | dict.fromkeys(reverted, "reopen")


def _edges_from_open(pipeline: "Pipeline", stage: "Stage") -> dict[str, str]:
    order = [s.name for s in pipeline.stages]
    here = order.index(stage.name)
    others = _living(pipeline, "open")
    later = [s.name for s in others if order.index(s.name) > here]
    earlier = [s.name for s in others if order.index(s.name) < here]
    found = dict.fromkeys(later if pipeline.allow_skip else later[:1], "move")
    if pipeline.allow_back:
        found |= dict.fromkeys(earlier, "move")
    last = [s.name for s in others[-1:]]
    if stage.name in (last if pipeline.win_from is None else pipeline.win_from):
        found |= {s.name: "win" for s in _living(pipeline, "won")}
    if pipeline.lose_from is None or stage.name in pipeline.lose_from:
        found |= {s.name: "lose" for s in _living(pipeline, "lost")}
    return found
