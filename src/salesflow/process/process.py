"""`Process`: what a pipeline and a lead process share, stages and the moves between them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import attrs

from salesflow.errors import DefinitionError, UnknownStageError, closest, one_of

if TYPE_CHECKING:
    from os import PathLike

    from salesflow.models import Deal, Lead
    from salesflow.process._definition import Layout
    from salesflow.process._edges import Graph
    from salesflow.process._machine import Cursor
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
    _model: "ClassVar[type[Deal | Lead]]"
    """What moves through it."""
    _code: ClassVar[str]
    """What it is called in the calls that hints show."""

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

    def _own_faults(self) -> list[str]:
        """What is wrong with the settings that the other kind of process does not have."""
        return []

    def _returns(self, graph: "Graph") -> set[tuple[str, str]]:
        """The moves that go back to where it was, and no further."""
        raise NotImplementedError

    def _furthest(self, subject: Any) -> int | None:
        """The last position that it may return to; None where nothing limits it."""
        raise NotImplementedError

    def _too_far(self, subject: Any) -> str:
        """Why it may not return to a later stage."""
        raise NotImplementedError

    def _offers(self, subject: Any, verb: str) -> bool:
        """Whether its past leaves that verb to it."""
        del subject, verb  # a lead process asks both
        return True

    def _blocks(self, cursor: "Cursor", verb: str) -> list[str]:
        """What the verb still asks for, besides the requirements of the stage it leads to."""
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

    def to_dict(self) -> dict[str, Any]:
        """The definition as plain data that JSON can hold; `from_dict` reads it back."""
        from salesflow.process.files import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        """The definition as a JSON text that `from_json` reads back."""
        from salesflow.process.files import to_json

        return to_json(self)

    def to_toml(self) -> str:
        """The definition as a TOML text that `from_toml` reads back."""
        from salesflow.process.files import to_toml

        return to_toml(self)

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """The definition in plain data, as `to_dict` gives it.

        Raises:
            DefinitionFileError: for data that is no definition, every fault with its path.
        """
        from salesflow.process.files import from_dict

        return from_dict(cls, data)

    @classmethod
    def from_json(cls, source: "str | PathLike[str]") -> Self:
        """The definition in a JSON text, or in the file that a path names.

        Raises:
            DefinitionFileError: for a text that is no definition, every fault with its path.
        """
        from salesflow.process.files import from_json

        return from_json(cls, source)

    @classmethod
    def from_toml(cls, source: "str | PathLike[str]") -> Self:
        """The definition in a TOML text, or in the file that a path names.

        Raises:
            DefinitionFileError: for a text that is no definition, every fault with its path.
        """
        from salesflow.process.files import from_toml

        return from_toml(cls, source)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of a definition's file."""
        from salesflow.process.files import json_schema

        return json_schema(cls)

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
