"""What the graph says of plain stages, for apps whose deals are rows of their own."""

from typing import TYPE_CHECKING

from salesflow.errors import MoveNotAllowed, OptionError, closest, one_of, shown

if TYPE_CHECKING:
    from salesflow.process.process import Process

_MAX_NAMES = 5


def next_stage(process: "Process", stage: str, verb: str) -> str:
    """Where the verb leads from the stage, unless told otherwise."""
    targets = process.targets(stage)
    closing = _closing_verbs(process)
    if verb == "advance":
        found = process._layout.next_open.get(stage)
    elif verb in closing:
        found = next((to for to, way in targets.items() if way == verb), None)
    else:
        msg = f"cannot tell the next stage for verb {shown(verb)}"
        hint = f"give {one_of(closest(verb, ('advance', *closing)))}."
        if verb in _verbs(process):
            msg = f"{msg}: it goes where it is told"
            hint = "targets(stage) says where it may go."
        raise OptionError(msg, hint=hint, parameter="verb", value=verb)
    if found is None:
        raise _nowhere(process, stage, verb)
    return found


def _verbs(process: "Process") -> list[str]:
    graph = process._layout.graph
    return list(dict.fromkeys(verb for edges in graph.values() for verb in edges.values()))


def _closing_verbs(process: "Process") -> list[str]:
    """The verbs that lead to closed stages alone, and from open ones."""
    layout = process._layout
    others = {
        verb
        for stage, edges in layout.graph.items()
        for to, verb in edges.items()
        if layout.kinds[to] == "open" or layout.kinds[stage] != "open"
    }
    return [verb for verb in _verbs(process) if verb not in others]


def _nowhere(process: "Process", stage: str, verb: str) -> MoveNotAllowed:
    kind = process.stage(stage).kind
    legal = _legal(process, stage)
    if kind != "open":
        fact = f"that stage is {kind}"
    elif verb == "advance":
        fact = "it has no next open stage"
    else:
        fact = f"{verb} leads nowhere from there"
    return MoveNotAllowed(
        f"cannot {verb} from '{stage}': {fact}",
        hint=f"legal from there: {one_of(legal[:_MAX_NAMES])}." if legal else None,
        deal_id="",
        stage=stage,
        to=None,
        legal=legal,
        unmet=(),
    )


def _legal(process: "Process", stage: str) -> tuple[str, ...]:
    """The stages that it may go to, the nearest first."""
    here = process.position(stage)
    legal = [to for to in process.targets(stage) if process.allows(stage, to)]
    return tuple(sorted(legal, key=lambda name: abs(process.position(name) - here)))


def why_not(process: "Process", stage: str, to: str) -> str | None:
    """Why the graph has no move between two stages, in words; None if it has one."""
    if process.allows(stage, to):
        return None
    return f"no move leads from '{stage}' to '{to}': {_reason(process, stage, to)}"


def _reason(process: "Process", stage: str, to: str) -> str:
    kind = process.stage(to).kind
    if stage == to:
        return "they are one stage"
    if process.stage(to).retired:
        return "that stage is retired"
    graph, kinds = process._layout.graph, process._layout.kinds
    ways = {
        s: graph[s][to]
        for s in graph
        if kinds[s] == "open" and graph[s].get(to) not in (None, "settle")
    }
    if kinds[stage] == "open" and kind != "open" and ways:
        return f"{next(iter(ways.values()))} it from {one_of(closest(stage, ways))}"
    legal = _legal(process, stage)
    if not legal:
        return "nothing leads on from there"
    return f"from there it may go to {one_of(legal[:_MAX_NAMES])}"
