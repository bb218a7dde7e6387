"""Which moves the settings of a definition allow."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesflow.process.lead_process import LeadProcess
    from salesflow.process.pipeline import Pipeline
    from salesflow.process.process import Process
    from salesflow.process.stage import Stage

Graph = dict[str, dict[str, str]]
"""From each stage, the stages it may go to, each with the verb that takes it there."""


def living(process: "Process", kind: str) -> "list[Stage]":
    """The stages of a kind that may still be entered, in order."""
    return [stage for stage in process.stages if stage.kind == kind and not stage.retired]


def pipeline_edges(pipeline: "Pipeline") -> Graph:
    """Every move of deals that the settings allow, whatever the deal."""
    return {stage.name: _edges_from(pipeline, stage) for stage in pipeline.stages}


def _edges_from(pipeline: "Pipeline", stage: "Stage") -> dict[str, str]:
    if stage.kind == "open":
        return _edges_from_open(pipeline, stage)
    moves = {s.name: "move" for s in living(pipeline, stage.kind) if s.name != stage.name}
    if stage.kind == "won" and not pipeline.allow_unwin:
        return moves
    back = pipeline.revert_to
    reverted = [s.name for s in living(pipeline, "open") if back is None or s.name in back]
    return moves | dict.fromkeys(reverted, "reopen")


def _edges_from_open(pipeline: "Pipeline", stage: "Stage") -> dict[str, str]:
    order = [s.name for s in pipeline.stages]
    here = order.index(stage.name)
    others = living(pipeline, "open")
    later = [s.name for s in others if order.index(s.name) > here]
    earlier = [s.name for s in others if order.index(s.name) < here]
    found = dict.fromkeys(later if pipeline.allow_skip else later[:1], "move")
    if pipeline.allow_back:
        found |= dict.fromkeys(earlier, "move")
    last = [s.name for s in others[-1:]]
    if stage.name in (last if pipeline.win_from is None else pipeline.win_from):
        found |= {s.name: "win" for s in living(pipeline, "won")}
    if pipeline.lose_from is None or stage.name in pipeline.lose_from:
        found |= {s.name: "lose" for s in living(pipeline, "lost")}
    return found


def lead_edges(process: "LeadProcess") -> Graph:
    """Every move of leads that the settings allow, whatever the lead."""
    return {stage.name: _lead_edges_from(process, stage) for stage in process.stages}


def _lead_edges_from(process: "LeadProcess", stage: "Stage") -> dict[str, str]:
    others = [s.name for s in living(process, "open") if s.name != stage.name]
    path = [name for name in others if name not in process.nurture_stages]
    aside = [name for name in others if name in process.nurture_stages]
    converted = [s.name for s in living(process, "converted")]
    disqualified = [s.name for s in living(process, "disqualified")]
    if stage.kind == "open":
        return _lead_edges_from_open(process, stage, (path, aside), (converted, disqualified))
    # Where a lead goes once its deal was lost, and back once the deal is open again.
    if stage.kind == "converted":
        found = dict.fromkeys(aside + disqualified, "settle") | dict.fromkeys(converted, "move")
    else:
        back = process.requalify_to
        found = dict.fromkeys([n for n in others if back is None or n in back], "requalify")
        found |= dict.fromkeys(converted, "settle") | dict.fromkeys(disqualified, "move")
    found.pop(stage.name, None)
    return found


def _lead_edges_from_open(
    process: "LeadProcess",
    stage: "Stage",
    opened: tuple[list[str], list[str]],
    closed: tuple[list[str], list[str]],
) -> dict[str, str]:
    (path, aside), (converted, disqualified) = opened, closed
    order = [s.name for s in process.stages]
    later = [name for name in path if order.index(name) > order.index(stage.name)]
    if stage.name in process.nurture_stages:
        found = dict.fromkeys(path, "move") | dict.fromkeys(converted, "settle")
    else:
        found = dict.fromkeys(later if process.allow_skip else later[:1], "move")
        if process.allow_back:
            found |= {name: "move" for name in path if name not in later}
    found |= dict.fromkeys(aside, "nurture")
    last = [s.name for s in process._path() if not s.retired][-1:]
    if stage.name in (last if process.convert_from is None else process.convert_from):
        found |= dict.fromkeys(converted, "convert")
    if process.disqualify_from is None or stage.name in process.disqualify_from:
        found |= dict.fromkeys(disqualified, "disqualify")
    return found


def lead_returns(process: "LeadProcess", graph: Graph) -> set[tuple[str, str]]:
    """The moves of leads that go back as far as the lead has been, and no further."""
    if process.allow_skip:
        return set()
    aside = process.nurture_stages
    return {
        (stage, to)
        for stage, targets in graph.items()
        for to, verb in targets.items()
        if to not in aside
        and (
            (verb == "move" and stage in aside)
            or (verb == "requalify" and process.requalify_to is None)
        )
    }
