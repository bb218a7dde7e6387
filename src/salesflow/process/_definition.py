"""What a definition allows, what is wrong with it, and its `Layout`, worked out once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from salesflow.errors import closest, one_of, shown
from salesflow.process._edges import living
from salesflow.process._machine import Asked, SharedMachine
from salesflow.process._text import is_text
from salesflow.process.stage import Stage

if TYPE_CHECKING:
    from salesflow.process._edges import Graph
    from salesflow.process.lead_process import LeadProcess
    from salesflow.process.pipeline import Pipeline
    from salesflow.process.process import Process
    from salesflow.process.stage import Requirement


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
        "returns",
        "standings",
    )

    def __init__(self, process: "Process") -> None:
        stages = process.stages
        order = [stage.name for stage in stages]
        self.positions = {name: position for position, name in enumerate(order)}
        self.kinds: dict[str | None, str] = {stage.name: stage.kind for stage in stages}
        self.entries = entry_stages(process)
        """The stages one may be opened in, the usual one first."""
        self.graph = process._edges()
        self.returns = process._returns(self.graph)
        """The moves that go back to where it was, and no further."""
        self.first = {kind: living(process, kind)[0].name for kind in process._kinds()}
        """The first stage of each kind."""
        self.next_open = _following(process)
        """From each open stage, the next one; None after the last."""
        self.standings = {
            stage.name: _standing(stage, position) for position, stage in enumerate(stages)
        }
        """What being in each stage means, unless something was set by hand."""
        self.machine = SharedMachine(self.graph, _asked(process, self.graph), order, self.returns)


def _asked(process: "Process", graph: "Graph") -> dict[tuple[str, str], Asked]:
    """What each move asks: exit criteria only where what is open goes on, or ends well."""
    found = {}
    placed = {stage.name: (position, stage) for position, stage in enumerate(process.stages)}
    path = {stage.name for stage in process._path()}
    for source, targets in graph.items():
        here, left = placed[source]
        for to in targets:
            position, entered = placed[to]
            goes_on = entered.kind == process._ends[0] or (to in path and position > here)
            criteria = left.exit_requires if left.kind == "open" and goes_on else ()
            asked = Asked(criteria, entered.requires)
            if any(asked):
                found[source, to] = asked
    return found


def _following(process: "Process") -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    following = None
    for stage in reversed(process._path()):
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


Fault = tuple[str, str]
"""Where a fault is, as a path (``stages[2]``, ``win_from``, or nothing), and what it is."""


def faults_of(process: "Process") -> list[Fault]:
    """All faults of a definition."""
    places = [*enumerate(process.stages)]
    wrong = [(place, stage) for place, stage in places if not isinstance(stage, Stage)]
    if wrong:
        words = "its stages hold {!r}, which is no Stage"
        return [(f"stages[{place}]", words.format(stage)) for place, stage in wrong]
    found = _name_faults(process)
    found += [(f"stages[{n}]", fault) for n, stage in places for fault in stage.faults()]
    found += _requirement_faults(process)
    found += _setting_faults(process) + process._own_faults() + _framework_faults(process)
    return found + (_graph_faults(process) if _has_graph(process) else [])


def _has_graph(process: "Process") -> bool:
    """Whether there is a graph to walk: stages of every kind, told apart, that settings name."""
    names = [stage.name for stage in process.stages]
    if not all(map(is_text, names)) or len(set(names)) < len(names):
        return False
    known = all(name in names for setting in process._lists for name in _given(process, setting))
    kinds = {stage.kind for stage in process.stages if not stage.retired}
    return known and kinds == {*process._kinds()} and bool(entry_stages(process))


def _given(process: "Process", setting: str) -> tuple[Any, ...]:
    return getattr(process, setting) or ()


def _name_faults(process: "Process") -> list[Fault]:
    found = []
    if not is_text(process.name):
        found.append(("name", f"its name {process.name!r} is no text"))
    if isinstance(process.version, bool) or not isinstance(process.version, int):
        found.append(("version", f"its version {process.version!r} is no whole number"))
    names = [stage.name for stage in process.stages if is_text(stage.name)]
    found += [
        ("stages", f"stage '{name}' is there {names.count(name)} times") for name in _twice(names)
    ]
    kinds = {stage.kind for stage in process.stages if not stage.retired}
    missing = [kind for kind in process._kinds() if kind not in kinds]
    found += [("stages", f"it has no {kind} stage") for kind in missing]
    closed = False
    for place, stage in enumerate(process.stages):
        path = f"stages[{place}]"
        if stage.kind not in process._kinds():
            there = one_of(process._kinds())
            words = f"stage '{stage.name}' is of kind {stage.kind}; here there is {there}"
            found.append((path, words))
        if closed and stage.kind == "open":
            found.append((path, f"open stage '{stage.name}' stands after a closed one"))
        closed = closed or stage.kind != "open"
    return found


def _twice(names: Iterable[str]) -> list[str]:
    seen = list(names)
    return sorted({name for name in seen if seen.count(name) > 1})


def _setting_faults(process: "Process") -> list[Fault]:
    found = []
    for setting in process._flags:
        value = getattr(process, setting)
        if not isinstance(value, bool):
            found.append((setting, f"{setting} is {value!r}, not True or False"))
    for setting in process._lists:
        given = getattr(process, setting)
        if given is not None:
            words = _list_faults(process, given, is_entered=setting in process._entered)
            found += [(setting, f"{setting} {fault}") for fault in words]
        if setting == "entry_stages" and given == ():
            found.append((setting, "entry_stages names no stage"))
    return found


def _list_faults(process: "Process", given: tuple[Any, ...], *, is_entered: bool) -> list[str]:
    """What is wrong with a list of open stages, in words."""
    stages = {stage.name: stage for stage in process.stages if is_text(stage.name)}
    names = [name for name in given if is_text(name)]
    found = [f"names {name!r}, no text" for name in given if not is_text(name)]
    found += [f"names '{name}' twice" for name in _twice(names)]
    for name in names:
        if name not in stages:
            near = one_of(closest(name, stages))
            found.append(f"names '{name}', which is no stage; there is {near}")
        elif stages[name].kind != "open":
            found.append(f"names '{name}', which is {stages[name].kind}, not open")
        elif stages[name].retired and is_entered:
            found.append(f"names '{name}', which is retired")
    return found


def _requirement_faults(process: "Process") -> list[Fault]:
    """Requirements that ask for what a deal, or a lead, does not have: nobody could meet them."""
    asked = [
        (f"stages[{place}].{setting}", stage, getattr(stage, setting))
        for place, stage in enumerate(process.stages)
        for setting in ("requires", "exit_requires")
        if getattr(stage, setting)
    ]
    if not asked:
        return []
    from salesflow.process._combining import leaves

    return [
        (path, f"stage '{stage.name}' asks for {fault}")
        for path, stage, requirements in asked
        for requirement in requirements
        for leaf in leaves(requirement)
        for fault in _asking_faults(process, leaf)
    ]


def _asking_faults(process: "Process", requirement: "Requirement") -> list[str]:
    """Why nobody could meet a requirement, or answer what it asks, in words."""
    from salesflow.process._comparing import Field, Has
    from salesflow.process._qualifying import Qualified
    from salesflow.process._subject import lacks
    from salesflow.process.qualification import BUILT_IN

    if isinstance(requirement, Has | Field) and lacks(process._model, requirement.name):
        return [f"'{requirement.name}', which a {process._model.__name__.lower()} has not"]
    if isinstance(requirement, Qualified):
        framework = requirement.framework
        if framework not in (*process.frameworks, *BUILT_IN.values()):
            return [f"framework '{framework.name}', which its frameworks do not hold"]
    return []


def pipeline_faults(pipeline: "Pipeline") -> list[Fault]:
    """What is wrong with the leads and the profile of a pipeline."""
    from salesflow.process.lead_process import LeadProcess
    from salesflow.process.profile import IdealCustomerProfile

    found = []
    leads: object = pipeline.leads
    profile: object = pipeline.profile
    if not isinstance(leads, LeadProcess | None):
        found.append(("leads", f"leads is {shown(leads)}, no LeadProcess"))
    elif leads is not None:
        if leads.deal_stage not in (None, *entry_stages(pipeline)):
            fault = f"'{leads.deal_stage}', which is no entry stage of the pipeline"
            found.append(("leads.deal_stage", f"deal_stage names {fault}"))
        names = {framework.name: framework for framework in pipeline.frameworks}
        found += [
            ("leads.frameworks", f"framework '{own.name}' is another than that of the pipeline")
            for own in leads.frameworks
            if names.get(own.name, own) != own
        ]
    if not isinstance(profile, IdealCustomerProfile | None):
        found.append(("profile", f"profile is {shown(profile)}, no IdealCustomerProfile"))
    return found


def lead_faults(process: "LeadProcess") -> list[Fault]:
    """What is wrong with what only a lead process has."""
    found = []
    opened = [stage for stage in process.stages if stage.kind == "open"]
    if opened and all(stage.retired for stage in process._path()):
        found.append(("nurture_stages", "nurture_stages leaves no open stage on the path"))
    if process.deal_stage is not None and not is_text(process.deal_stage):
        found.append(("deal_stage", f"deal_stage is {process.deal_stage!r}, no text"))
    return found + [
        (
            f"stages[{place}].{setting}",
            f"stage '{stage.name}' has a {setting}, which a lead has not",
        )
        for place, stage in enumerate(process.stages)
        for setting in ("probability", "category")
        if getattr(stage, setting) is not None
    ]


def _framework_faults(process: "Process") -> list[Fault]:
    if not process.frameworks:
        return []
    from salesflow.process.qualification import framework_faults

    return [("frameworks", fault) for fault in framework_faults(process.frameworks)]


def _graph_faults(process: "Process") -> list[Fault]:
    # What settles a lead by its deal comes after a conversion, so it makes nothing reachable.
    graph = {
        stage: {to: verb for to, verb in targets.items() if verb != "settle"}
        for stage, targets in process._edges().items()
    }
    reached = _reachable(graph, entry_stages(process))
    places = [(f"stages[{place}]", stage) for place, stage in enumerate(process.stages)]
    found = [
        (path, f"stage '{stage.name}' cannot be reached")
        for path, stage in places
        if stage.name not in reached and not stage.retired
    ]
    kinds = {stage.name: stage.kind for stage in process.stages}
    for path, stage in places:
        if stage.kind == "open":
            ends = {kinds[name] for name in _reachable(graph, [stage.name])}
            missing = [kind for kind in process._ends if kind not in ends]
            found += [(path, f"stage '{stage.name}' leads to no {kind} stage") for kind in missing]
    return found


def _reachable(graph: "Graph", start: Iterable[str]) -> set[str]:
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for name in graph[waiting.pop()]:
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def entry_stages(process: "Process") -> tuple[str, ...]:
    """The stages one may be opened in, the usual one first."""
    if process.entry_stages is not None:
        return process.entry_stages
    return tuple([stage.name for stage in process._path() if not stage.retired][:1])
