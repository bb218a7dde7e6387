"""`Process`: what a pipeline and a lead process share, stages and the moves between them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import attrs

from salesflow.errors import DefinitionError, UnknownStageError, closest, one_of, shown
from salesflow.process._text import plain_if_text

if TYPE_CHECKING:
    from os import PathLike

    from salesflow.models import Deal, Lead
    from salesflow.process._definition import Fault, Layout
    from salesflow.process._edges import Graph
    from salesflow.process._machine import Cursor
    from salesflow.process._verbs import Move
    from salesflow.process.actor import Actor
    from salesflow.process.files import Callables
    from salesflow.process.qualification import Framework
    from salesflow.process.stage import Stage

R = TypeVar("R", "Deal", "Lead")


def names(given: Iterable[str] | None) -> tuple[str, ...] | None:
    """The names of a setting; None is the default."""
    return None if given is None else tuple(map(plain_if_text, _tuple(given)))


def to_text(given: Any) -> Any:
    """A name, plain where it is a text."""
    return plain_if_text(given)


def _stages(stages: "Iterable[Stage | str]") -> "tuple[Stage, ...]":
    from salesflow.process.stage import Stage

    return tuple(Stage(stage) if isinstance(stage, str) else stage for stage in _tuple(stages))


def _tuple(values: Any) -> tuple[Any, ...]:
    # What is no list is kept, for the check of the definition to name it with the other faults.
    several = isinstance(values, Iterable) and not isinstance(values, str)
    return tuple(values) if several else (values,)


@attrs.frozen(repr=False, slots=False)
class Process(ABC):
    """Stages in their order, and the moves that settings allow among them.

    The base of `Pipeline` and `LeadProcess`. A definition is checked when it is made.

    Raises:
        DefinitionError: for a definition with faults, all of them listed.
    """

    name: str = attrs.field(converter=to_text)
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
    _model: "ClassVar[type[Deal | Lead]]"
    """What moves through it."""
    _code: ClassVar[str]
    """What it is called in the calls that hints show."""

    def __attrs_post_init__(self) -> None:
        from salesflow.process._definition import Layout, faults_of

        faults = self._long_numbers() or faults_of(self)
        if faults:
            listed = "\n".join(f"- {words}" for _, words in faults)
            given: object = self.name
            named = given if isinstance(given, str) else shown(given)
            what = f"{self._noun} {shown(given)}"
            msg = f"cannot define {what}: it has {len(faults)} fault(s)\n{listed}"
            paths, found = zip(*faults, strict=True)
            raise DefinitionError(msg, pipeline=named, faults=found, paths=paths)
        object.__setattr__(self, "_layout", Layout(self))

    def _long_numbers(self) -> "list[Fault]":
        """The settings that are, or hold, or are named by a number that Python does not write."""
        from salesflow.models._base import is_long

        given = [
            (name, value)
            for name, setting in _init_args(self).items()
            for value in (setting if isinstance(setting, tuple) else (setting,))
        ]
        return [
            (name, f"{name} has a number of too many digits")
            for name, value in given
            if is_long(value) or is_long(getattr(value, "name", None))
        ]

    @abstractmethod
    def _edges(self) -> "Graph":
        """Every move that the settings allow."""

    @abstractmethod
    def _own_faults(self) -> "list[Fault]":
        """What is wrong with the settings that the other kind of process does not have."""

    @abstractmethod
    def _returns(self, graph: "Graph") -> set[tuple[str, str]]:
        """The moves that go back to where it was, and no further."""

    @abstractmethod
    def _furthest(self, subject: Any) -> int | None:
        """The last position that it may return to; None where nothing limits it."""

    @abstractmethod
    def _too_far(self, subject: Any) -> str:
        """Why it may not return to a later stage."""

    def _offers(self, subject: Any, verb: str) -> bool:
        """Whether its past leaves that verb to it."""
        del subject, verb  # a lead process asks both
        return True

    @abstractmethod
    def _blocks(self, cursor: "Cursor", verb: str) -> list[str]:
        """What the verb still asks for, besides the requirements of the stage it leads to."""

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
            return self._layout.positions[plain_if_text(name)]
        except (KeyError, TypeError):
            near = closest(name, self._layout.positions)
            msg = f"cannot find stage {shown(name)}: {self._noun} '{self.name}' does not have it"
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
        verb = self._layout.graph[self.stage(stage).name].get(self.stage(to).name)
        return verb not in (None, "settle")  # where a lead settles, its deal says

    def why_not(self, stage: str, to: str) -> str | None:
        """Why is there no move from one stage to another? None if there is one.

        It asks the graph alone, as `allows` does: no requirement, and not where a deal was lost.

        Example:
            >>> from salesflow import Pipeline
            >>> print(Pipeline.standard().why_not("meeting", "won"))
            no move leads from 'meeting' to 'won': win it from 'negotiation'
        """
        from salesflow.process._plain import why_not

        return why_not(self, stage, to)

    def next_stage(self, stage: str, verb: str) -> str:
        """Where does a verb lead from a stage: ``advance``, or one that closes, like ``win``?

        A closing verb leads to the first stage that it may, as it does without ``to=``.

        Raises:
            MoveNotAllowed: if the verb leads nowhere from there.
            OptionError: for another verb; ``move`` and ``reopen`` go where they are told.

        Example:
            >>> from salesflow import Pipeline
            >>> Pipeline.standard().next_stage("meeting", "advance")
            'proposal'
        """
        from salesflow.process._plain import next_stage

        return next_stage(self, stage, verb)

    def targets(self, stage: str) -> Mapping[str, str]:
        """The stages that a stage may go to, each with the verb that takes it there.

        Where `LeadProcess.settle` would take a converted lead is among them; its deal says when.
        """
        return dict(self._layout.graph[self.stage(stage).name])

    def moves(self, subject: "R", *, by: "str | Actor | None" = None) -> "tuple[Move, ...]":
        """Every move of a deal or lead that the graph has, each with what still blocks it.

        Example:
            >>> from salesflow import Pipeline
            >>> pipeline = Pipeline.standard()
            >>> for move in pipeline.moves(pipeline.open("Acme")):
            ...     print(move)
            move to qualification
            lose to lost
        """
        from salesflow.process import _verbs

        return _verbs.moves(self, subject, by)

    def log(
        self,
        subject: "R",
        /,
        kind: str,
        *,
        occurred_at: date | None = None,
        planned_at: date | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        **details: Any,
    ) -> "R":
        """Record an activity: one that happened, or one that is planned.

        Args:
            subject: a deal of this pipeline, or a lead of this process.
            kind: what sort: ``call``, ``email``, ``meeting``, ``demo``, ``note`` …
            occurred_at: when it happened, any earlier time; the same as ``at`` unless given.
            planned_at: when it is planned for; then it has not happened.
            at: when it is recorded. [aware datetime or date]
            by: who records it.
            **details: the other fields of `Activity`. Its id is that of the event unless given.

        Raises:
            FieldError: for values that an activity does not take.
        """
        from salesflow.process import _verbs

        return _verbs.log(self, subject, kind, (occurred_at, planned_at), details, (at, by))

    def answer(
        self,
        subject: "R",
        framework: str,
        criterion: str,
        answer: str,
        *,
        note: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
    ) -> "R":
        """Record the answer to a criterion of a qualification framework.

        The present answer with the same note adds no event. A closed one may be answered too.

        Args:
            subject: a deal of this pipeline, or a lead of this process.
            framework: the name of a built-in framework, or of one of the definition.
            criterion: the name of one of its criteria.
            answer: ``yes``, ``no`` or ``unknown``.
            note: what was said.
            at: when. [aware datetime or date]
            by: who found out.

        Raises:
            UnknownFrameworkError: for a framework that the definition does not know.
            UnknownCriterionError: for a criterion that the framework does not have.
            FieldError: for another answer, or a note that is no text.

        Example:
            >>> from salesflow import Pipeline
            >>> from salesflow.process import BANT
            >>> pipeline = Pipeline.standard()
            >>> deal = pipeline.answer(pipeline.open("Acme"), "bant", "need", "yes")
            >>> BANT.of(deal).score
            0.25
        """
        from salesflow.process._answers import answer_of

        return answer_of(self, subject, (framework, criterion), (answer, note), (at, by))

    def framework(self, name: str) -> "Framework":
        """The framework of a name: a built-in one, or one of the definition's own.

        Raises:
            UnknownFrameworkError: for a name it does not know.

        Example:
            >>> from salesflow import Pipeline
            >>> Pipeline.standard().framework("bant").label
            'BANT'
        """
        from salesflow.process.qualification import find_framework

        return find_framework(self, name)

    def to_mermaid(self) -> str:
        """The definition as a Mermaid ``stateDiagram-v2``."""
        from salesflow.process.mermaid import to_mermaid

        return to_mermaid(self)

    def to_markdown(self) -> str:
        """The stages as a table of Markdown: what each means, asks for, and leads to."""
        from salesflow.process.pictures import to_markdown

        return to_markdown(self)

    _repr_markdown_ = to_markdown

    def _repr_html_(self) -> str:
        from salesflow.process.pictures import to_html

        return to_html(self)

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
    def from_dict(cls, data: object, *, callables: "Callables | None" = None) -> Self:
        """The definition in plain data, as `to_dict` gives it.

        Raises:
            DefinitionFileError: for data that is no definition, every fault with its path.
        """
        from salesflow.process.files import from_dict

        return from_dict(cls, data, callables)

    @classmethod
    def from_json(
        cls, source: "str | PathLike[str]", *, callables: "Callables | None" = None
    ) -> Self:
        """The definition in a JSON text, or in the file that a path names.

        Raises:
            DefinitionFileError: for a text that is no definition, every fault with its path.
        """
        from salesflow.process.files import from_json

        return from_json(cls, source, callables)

    @classmethod
    def from_toml(
        cls, source: "str | PathLike[str]", *, callables: "Callables | None" = None
    ) -> Self:
        """The definition in a TOML text, or in the file that a path names.

        Raises:
            DefinitionFileError: for a text that is no definition, every fault with its path.
        """
        from salesflow.process.files import from_toml

        return from_toml(cls, source, callables)

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
