"""Which moves the settings of a definition allow."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
