"""The definition whose stages an export's deals are in: given, ready-made, or drafted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from salesflow.crm._cells import BadCell
from salesflow.crm._drafting import Draft, draft
from salesflow.crm._names import folded
from salesflow.crm._places import Stages
from salesflow.crm._stays import in_order
from salesflow.errors import one_of
from salesflow.process import Pipeline

if TYPE_CHECKING:
    from salesflow.crm._asked import Asked
    from salesflow.crm._changes import Stories
    from salesflow.crm._fields import Fields
    from salesflow.crm._looks import Looks
    from salesflow.crm._notes import Notes
    from salesflow.crm._row_history import RowHistory
    from salesflow.crm._survey import Survey
    from salesflow.crm.systems._system import System

_MOST_PATHS = 20_000


def chosen(wanted: "Asked", system: "System", names: Sequence[str]) -> Pipeline | None:
    """The definition that is given, or the ready-made one that has all stages; else None."""
    if wanted.pipeline is not None:
        given: Pipeline = wanted.pipeline
        return given
    ready: list[Pipeline] = []
    if system.pipeline is not None:
        ready.append(getattr(Pipeline, system.pipeline)())
    standard = Pipeline.standard()
    if wanted.stages is not None:
        targets = set(wanted.stages.values())
        fitting = (p for p in (*ready, standard) if targets <= {s.name for s in p.stages})
        return next(fitting, standard)
    for pipeline in (*ready, standard):
        stages = Stages(pipeline)
        if names and all(stages.find(name) is not None for name in names):
            return pipeline
    return None


def names_of(found: "Survey") -> list[str]:
    """The names of stages that rows have, in the order of first appearance."""
    return list(dict.fromkeys(stage for stage, *_ in found.places if stage is not None))


def drafted(
    found: "Survey",
    system: "System",
    fields: "Fields",
    paths: Iterator[Sequence[str]],
) -> Draft:
    """A definition made of what the export says."""
    name = next(iter(found.pipelines)) if len(found.pipelines) == 1 else system.name
    shares = _typical(found.probabilities, fields, "probability")
    orders = _typical(found.orders, fields, "stage_order")
    usual = {stage: share for stage, share in shares.items() if 0 <= share <= 1}
    return draft(name, found, system, usual, paths, orders)


def _typical(counts: Counter[tuple[Any, Any]], fields: "Fields", field: str) -> Mapping[str, float]:
    """For each stage the number that most of its rows have."""
    if field not in fields:
        return {}
    by_stage: dict[str, Counter[float]] = {}
    for (stage, cell), count in counts.items():
        value = fields.read_cell(field, cell)
        if stage is not None and value is not None and type(value) is not BadCell:
            by_stage.setdefault(stage, Counter())[float(value)] += count
    return {stage: numbers.most_common(1)[0][0] for stage, numbers in by_stage.items()}


class _Names:
    """Finds stages among the names that rows have, as `Stages` does among a pipeline's."""

    def __init__(self, names: Sequence[str]) -> None:
        self._by_fold = {folded(name): name for name in names}

    def find(self, name: str) -> str | None:
        """The name as rows write it."""
        return self._by_fold.get(folded(name))


def paths_of(
    looks: "Looks", history: "RowHistory", stories: "Stories", names: Sequence[str]
) -> Iterator[Sequence[str]]:
    """The stages that deals were in, in the order in which they entered them."""
    find = _Names(names).find
    for story in list(stories.by_deal.values())[:_MOST_PATHS]:
        stays = in_order(story.stays)
        yield [stage for stay in stays if (stage := find(stay.stage)) is not None]
    if not history.taken:
        return
    seen = 0
    for chunk in looks.again():
        for known in history.read(_Names(names), chunk):
            yield [stay.stage for stay in in_order(known)]
        seen += chunk.n_rows
        if seen >= _MOST_PATHS:
            return


def note_unknown(found: "Survey", stages: Stages, pipeline: Pipeline, notes: "Notes") -> None:
    """Say which names of stages the pipeline does not have, how often, and what is near."""
    counts: Counter[str] = Counter()
    for (stage, *_), count in found.places.items():
        if stage is not None and stages.find(stage) is None:
            counts[stage] += count
    for name, count in counts.most_common():
        near = one_of(stages.nearest(name)[:3])
        fact = f"{name!r} is no stage of pipeline '{pipeline.name}': it has {near}"
        notes.add_count("unknown-stage", f"{fact}; say which with stages={{…}}", count)


def note_unknown_statuses(found: "Survey", system: "System", notes: "Notes") -> None:
    """Say which statuses are no word for an outcome, and how often."""
    known = {*map(str.casefold, system.statuses), "deleted"}
    counts: Counter[str] = Counter()
    for (_, status, *_), count in found.places.items():
        if status is not None and status.casefold() not in known:
            counts[status] += count
    for word, count in counts.most_common():
        fact = f"status {word!r} is no word for open, won or lost: it tells nothing"
        notes.add_count("unknown-status", f"{fact}; say columns={{'stage': …}} if it is one", count)
