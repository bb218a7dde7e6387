"""The shape of a definition's file, of which its JSON Schema is made too.

Each table of a file is a pydantic model that stands for one of our values, with the same names:
`table_of` makes it from the value, `Table.build` gives the value back. What has its default is left
out of what is written.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from salesflow.errors import OptionError, ProbabilityError
from salesflow.models._base import StageKind
from salesflow.process.lead_process import LeadProcess
from salesflow.process.pipeline import Pipeline
from salesflow.process.stage import Stage, to_probability


def _check_probability(value: float) -> float:
    try:
        to_probability(value)
    except ProbabilityError as error:
        hint = f" ({error.hint})" if error.hint else ""
        code, text = "probability", "{fact}"
        raise PydanticCustomError(code, text, {"fact": error.message + hint}) from None
    return value


Chance = Annotated[
    float,
    AfterValidator(_check_probability),
    Field(json_schema_extra={"minimum": 0, "maximum": 1}),
]
Names = list[str] | None


class Table(BaseModel):
    """A table of the file: no key but its own, each value of its own kind."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        defer_build=True,
        protected_namespaces=(),
        use_attribute_docstrings=True,
    )

    stands_for: ClassVar[type]
    """What `build` makes."""

    @classmethod
    def fields_of(cls, value: Any) -> dict[str, Any]:
        """The keys of a value."""
        return {name: _tabled(getattr(value, name)) for name in cls.model_fields}

    def build(self) -> Any:
        """The value."""
        return self.stands_for(**self.given())

    def given(self) -> dict[str, Any]:
        """What it is made of: the keys that the file has."""
        return {name: _built(getattr(self, name)) for name in self.model_fields_set}


def table_of(value: object) -> Table:
    """The table that stands for a value."""
    table = table_for(type(value))
    return table(**table.fields_of(value))


def table_for(kind: type) -> type[Table]:
    """The table of a kind of definition, a subclass of ours too."""
    return next(_TABLES[base] for base in kind.__mro__ if base in _TABLES)


def _tabled(value: object) -> object:
    if isinstance(value, tuple):
        return [_tabled(item) for item in value]
    return table_of(value) if type(value) in _TABLES else value


def _built(value: object) -> object:
    if isinstance(value, list):
        return [_built(item) for item in value]
    return value.build() if isinstance(value, Table) else value


class StageTable(Table):
    """One stage."""

    stands_for = Stage

    name: str
    """Its key."""
    kind: StageKind = "open"
    """What being in it means."""
    label: str | None = None
    """What people see; the name in words unless given."""
    probability: Chance | None = None
    """The chance that a deal in it is won."""
    category: str | None = None
    """The forecast category of deals in it."""
    stale_after: float | None = None
    """How many days a deal may stay before it counts as stalled."""
    retired: bool = False
    """Whether it may no longer be entered."""

    @classmethod
    def fields_of(cls, value: Stage) -> dict[str, Any]:
        """The keys of a stage."""
        if value.requires:
            msg = f"cannot write stage '{value.name}' to a file: it has requirements"
            hint = "requirements of your own cannot be written to a file."
            raise OptionError(msg, hint=hint, parameter="requires", value=value.requires)
        usual = Stage(value.name).label
        found = super().fields_of(value)
        return found | {"label": None if value.label == usual else value.label}

    def given(self) -> dict[str, Any]:
        """What a stage is made of; without a label, the one that follows from its name."""
        return {name: value for name, value in super().given().items() if value is not None}


class ProcessTable(Table):
    """What the files of pipelines and of lead processes share."""

    name: str
    """What the definition is called."""
    version: int = 1
    """Counted up when the definition changes."""
    entry_stages: Names = None
    """Where one may be opened; the first open stage unless given."""
    allow_skip: bool = False
    """Whether a move forward may leave out stages."""
    allow_back: bool = True
    """Whether one may go back to an earlier open stage."""
    stages: list[StageTable]
    """Open stages in their order, then closed ones."""


class PipelineTable(ProcessTable):
    """A pipeline: its settings, and its stages in their order."""

    stands_for = Pipeline

    win_from: Names = None
    """The stages a deal may be won from; the last open one unless given."""
    lose_from: Names = None
    """The stages a deal may be lost from; all open ones unless given."""
    revert_to: Names = None
    """The stages a lost deal may be reopened to."""
    allow_unwin: bool = False
    """Whether a win may be undone."""


class LeadProcessTable(ProcessTable):
    """A lead process: its settings, and its stages in their order."""

    stands_for = LeadProcess

    nurture_stages: list[str] = []
    """The open stages that are off the path."""
    convert_from: Names = None
    """The stages a lead may be converted from; the last one of the path unless given."""
    disqualify_from: Names = None
    """The stages a lead may be disqualified from; all open ones unless given."""
    requalify_to: Names = None
    """The stages a disqualified lead may come back to."""
    deal_stage: str | None = None
    """The stage of the pipeline that a converted lead's deal is opened in."""


_TABLES: Mapping[type, type[Table]] = {
    table.stands_for: table for table in (StageTable, PipelineTable, LeadProcessTable)
}
