"""`Process`: what a pipeline and a lead process share, stages and the moves between them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from salesflow.errors import DefinitionError, UnknownStageError, closest, one_of

if TYPE_CHECKING:
    from salesflow.process._definition import Layout
    from salesflow.process._edges import Graph
    from salesflow.process.qualification import Framework
    from salesflow.process.stage import Stage


def names(given: Iterable[str] | None) -> tuple[str, ...] | None:
    """The names of a setting; None is the default."""
    return None if given is None else _tuple(given)


def _stages(stages: "Iterable[Stage | str]") -> "tuple[Stage, ...]":
    from salesflow.process.stage import Stage

    return tuple(Stage(stage) if isinstance(stage, str) else stage for stage in _tuple(stages))


def _tuple(values: Any) -> tuple[Any, ...]:
    # What is no list is kept, for the check of the definition to name it with the other faults.
    several = isinstance(values, Iterable) and not isinstance(values, str)
    return tuple(values) if several else (values,)


@attrs.frozen(repr=False, slots=False)
class Process:
    """Stages in their order, and the moves that settings allow among them.

    The base of `Pipeline` and `LeadProcess`. A definition is checked when it is made.

    Raises:
        DefinitionError: for a definition with faults, all of them listed.
    """

    name: str
    stages: "tuple[Stage, ...]" = attrs.field(converter=_stages)
    entry_stages: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=names)
    allow_skip: bool = attrs.field(default=False, kw_only=True)
    allow_back: bool = attrs.field(default=True, kw_only=True)
    version: int = attrs.field(default=1, kw_only=True)
    frameworks: "tuple[Framework, ...]" = attrs.field(default=(), kw_only=True, converter=_tuple)
    _layout: "Layout" = attrs.field(init=False, eq=False)

    _noun: ClassVar[str]
    """What people call it."""
    _ends: ClassVar[tuple[str, str]]
    """The kinds of stage that end it, the good one first."""
    _flags: ClassVar[tuple[str, ...]]
    """The settings that are True or False."""
    _lists: ClassVar[tuple[str, ...]]
    """The settings that name open stages."""
    _entered: ClassVar[tuple[str, ...]]
    """Those of them that name stages which are entered, so that none may be retired."""

    def __attrs_post_init__(self) -> None:
        from salesflow.process._definition import Layout, faults_of

        faults = faults_of(self)
        if faults:
            listed = "\n".join(f"- {fault}" for fault in faults)
            what = f"{self._noun} {self.name!r}"
            msg = f"cannot define {what}: it has {len(faults)} fault(s)\n{listed}"
            raise DefinitionError(msg, pipeline=str(self.name), faults=tuple(faults))
        object.__setattr__(self, "_layout", Layout(self))

    def _edges(self) -> "Graph":
        """Every move that the settings allow."""
        raise NotImplementedError

    def _kinds(self) -> tuple[str, str, str]:
        return ("open", *self._ends)

    def _path(self) -> "list[Stage]":
        """The open stages that follow each other."""
        return [stage for stage in self.stages if stage.kind == "open"]

    def stage(self, name: str) -> "Stage":
        """The stage of a name.

        Raises:
            UnknownStageError: for a name it does not have.
        """
        return self.stages[self.position(name)]

    def position(self, name: str) -> int:
        """The place of a stage in the definition, from 0.

        Raises:
            UnknownStageError: for a name it does not have.
        """
        try:
            return self._layout.positions[name]
        except (KeyError, TypeError):
            near = closest(name, self._layout.positions)
            msg = f"cannot find stage {name!r}: {self._noun} '{self.name}' does not have it"
            raise UnknownStageError(
                msg,
                hint=f"did you mean {one_of(near)}?",
                pipeline=self.name,
                stage=name,
                known=tuple(self._layout.positions),
            ) from None

    def entries(self) -> tuple[str, ...]:
        """The stages that one may be opened in, the usual one first."""
        return self._layout.entries

    def allows(self, stage: str, to: str) -> bool:
        """Whether the graph has a move from one stage to another, whoever stands there.

        Example:
            >>> from salesflow import Pipeline
            >>> Pipeline.standard().allows("proposal", "negotiation")
            True
        """
        self.position(to)
        return to in self._layout.graph[self.stage(stage).name]

    def targets(self, stage: str) -> Mapping[str, str]:
        """The stages that a stage may go to, each with the verb that takes it there."""
        return dict(self._layout.graph[self.stage(stage).name])

    def to_mermaid(self) -> str:
        """The definition as a Mermaid ``stateDiagram-v2``."""
        from salesflow.process.mermaid import to_mermaid

        return to_mermaid(self)

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"<{kind} '{self.name}' version {self.version}, {len(self.stages)} stages>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), _init_args(self)))


def _init_args(process: Process) -> dict[str, Any]:
    fields = attrs.fields(type(process))
    return {field.name: getattr(process, field.name) for field in fields if field.init}


def _rebuild(kind: type[Process], arguments: dict[str, Any]) -> Process:
    return kind(**arguments)
