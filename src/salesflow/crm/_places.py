"""Where a deal stands: its stage among those of the pipeline, by name and by the flags."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from salesflow.crm._names import folded
from salesflow.crm._outcomes import Flags, told_by
from salesflow.errors import OptionError, UnknownStageError, closest, one_of, shown

if TYPE_CHECKING:
    from salesflow.crm.systems._system import System
    from salesflow.process.process import Process


@attrs.frozen
class Place:
    """The stage that a deal is in, and where it was lost."""

    stage: str | None
    outcome: str
    lost_at_stage: str | None = None


@attrs.frozen
class Verdict:
    """What a row's stage and flags come to."""

    place: Place | None
    """None if the row is rejected for them."""
    fault: str | None = None
    """Why it is rejected."""
    oddity: tuple[str, str] | None = None
    """A finding's code and words, of a row that is kept."""


class Stages:
    """The stages of a pipeline, or of a lead process, by the names that an export gives them.

    Args:
        process: the definition.
        given: what the caller says: names of the export to stages of the definition.

    Raises:
        OptionError: where ``given`` names a stage that the definition does not have.
    """

    def __init__(self, process: "Process", given: Mapping[str, str] | None = None) -> None:
        """Know every stage by its name and its label."""
        self._process = process
        self._by_name = {stage.name: stage.name for stage in process.stages}
        self._by_fold: dict[str, str] = {}
        for stage in process.stages:
            for text in (stage.name, stage.label):
                self._by_fold.setdefault(folded(text or stage.name), stage.name)
        for name, stage_name in _checked(given or {}, process).items():
            self._by_name[name] = stage_name
            self._by_fold[folded(name)] = stage_name

    def find(self, name: str) -> str | None:
        """The stage of that name; None if there is none."""
        return self._by_name.get(name) or self._by_fold.get(folded(name))

    def kind(self, stage: str) -> str:
        """What being in the stage means: open, won or lost; of a lead open or another."""
        return self._process.stage(stage).kind

    def first(self, kind: str) -> str:
        """The first stage of that kind."""
        return next(stage.name for stage in self._process.stages if stage.kind == kind)

    def nearest(self, name: str) -> tuple[str, ...]:
        """The stages whose names are most like it."""
        return closest(name, [stage.name for stage in self._process.stages])


def _checked(given: Mapping[str, str], process: "Process") -> Mapping[str, str]:
    for name, stage in given.items():
        try:
            process.stage(stage)
        except UnknownStageError as error:
            near = one_of(closest(stage, error.known))
            fact = f"'{process.name}' has no such"
            msg = f"cannot read stage {shown(name)} as {shown(stage)}: {fact}"
            raise OptionError(msg, hint=f"give {near}.", parameter="stages", value=stage) from error
    return given


def judge(name: str | None, flags: Flags, system: "System", stages: Stages) -> Verdict:
    """Where a deal stands, by the name of its stage and its flags.

    The flags win: they are the system's own word. Of a stage that contradicts them, an open one
    stays as where the deal was lost; a closed one is no stage of an open deal, so that is unknown.
    """
    told = told_by(flags, system)
    oddity = None if told.oddity is None else ("contradictory-flags", told.oddity)
    if name is None:
        return _without_stage(told.outcomes, stages, oddity)
    stage = stages.find(name)
    if stage is None:
        return Verdict(None, f"{name!r} is no stage of the pipeline")
    kind = stages.kind(stage)
    if kind in told.outcomes:
        return Verdict(Place(stage, kind), None, oddity)
    outcomes = told.outcomes
    if flags.is_active is False and system.is_lost_if_inactive:
        outcomes = outcomes & {"lost"} or outcomes  # archived, and in no stage that is won
    if len(outcomes) > 1:
        likely = one_of(sorted(outcomes))
        return Verdict(None, f"stage {name!r} is {kind}, but the flags say {likely}")
    outcome = next(iter(outcomes))
    if outcome == "open":
        place = Place(None, "open")
        words = f"stage {name!r} is {kind}, but the flags say open: kept open, in no known stage"
    else:
        lost_at = stage if outcome == "lost" and kind == "open" else None
        place = Place(stages.first(outcome), outcome, lost_at)
        words = f"stage {name!r} is {kind}, but the flags say {outcome}: kept as {outcome}"
    is_usual = system.keeps_stage and kind == "open"
    return Verdict(place, None, oddity if is_usual else ("stage-contradicts-flag", words))


def _without_stage(
    outcomes: frozenset[str], stages: Stages, oddity: tuple[str, str] | None
) -> Verdict:
    if len(outcomes) == 1 and "open" not in outcomes:
        outcome = next(iter(outcomes))
        return Verdict(Place(stages.first(outcome), outcome), None, oddity)
    if "open" not in outcomes:
        return Verdict(None, "it has no stage, and nothing says whether it was won or lost")
    return Verdict(Place(None, "open"), None, oddity or ("no-stage", "it has no stage: kept open"))
