"""The tables of definitions: stages with their playbooks, frameworks, profiles, processes."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from salesflow.errors import DefinitionError, OptionError, ProbabilityError
from salesflow.models._base import StageKind
from salesflow.process import profile as icp
from salesflow.process._requirement_tables import (
    Operand,
    RequirementTable,
    operand_of,
    requirement_tables,
)
from salesflow.process._table import Reading, Table, built, several, unless
from salesflow.process.lead_process import LeadProcess
from salesflow.process.pipeline import Pipeline
from salesflow.process.playbook import Playbook, TaskTemplate
from salesflow.process.process import Process
from salesflow.process.qualification import Criterion, Framework
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


class TaskTable(Table):
    """A task that each visit to the stage gives."""

    stands_for = TaskTemplate

    title: str
    """What to do."""
    due_in_days: int | None = None
    """Days from entering the stage; no due date unless given."""
    done_by: str | None = None
    """The kind of activity that does it; leaving the stage unless given."""
    key: str | None = None
    """What tells it from the others; the title with underscores unless given."""
    guidance: str | None = None
    """How to do it."""

    @classmethod
    def fields_of(cls, value: TaskTemplate) -> dict[str, Any]:
        """The keys of a task."""
        return super().fields_of(value) | {"key": unless(TaskTemplate(value.title).key, value.key)}


class PlaybookTable(Table):
    """What to do while a deal is in the stage."""

    stands_for = Playbook

    goal: str | None = None
    """What the stage is for, in a sentence."""
    guidance: str | None = None
    """How to go about it."""
    tasks: list[TaskTable] | None = None
    """The tasks that each visit gives, in their order."""

    @classmethod
    def fields_of(cls, value: Playbook) -> dict[str, Any]:
        """The keys of a playbook."""
        return super().fields_of(value) | {"tasks": several(TaskTable, value.tasks or None)}


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
    requires: list[RequirementTable] | None = None
    """What must be true before it is entered."""
    exit_requires: list[RequirementTable] | None = None
    """What must be true before one goes on from it, or wins."""
    playbook: PlaybookTable | None = None
    """What to do while a deal is in it."""

    @classmethod
    def fields_of(cls, value: Stage) -> dict[str, Any]:
        """The keys of a stage."""
        return super().fields_of(value) | {
            "label": unless(Stage(value.name).label, value.label),
            "requires": requirement_tables(value.requires),
            "exit_requires": requirement_tables(value.exit_requires),
            "playbook": None if value.playbook is None else PlaybookTable.of(value.playbook),
        }


class CriterionTable(Table):
    """One thing to find out."""

    stands_for = Criterion

    name: str
    """Its key."""
    question: str
    """What to ask, to be answered with yes or no."""
    weight: float = 1.0
    """How much it counts beside the others."""
    label: str | None = None
    """What people see; the name in words unless given."""

    @classmethod
    def fields_of(cls, value: Criterion) -> dict[str, Any]:
        """The keys of a criterion."""
        usual = Criterion(value.name, value.question).label
        return super().fields_of(value) | {"label": unless(usual, value.label)}


class FrameworkTable(Table):
    """A framework of the definition's own, by which its subjects are qualified."""

    stands_for = Framework

    name: str
    """Its key."""
    label: str | None = None
    """What people see; the name in words unless given."""
    criteria: list[CriterionTable]
    """What to find out, in the order to ask."""

    @classmethod
    def fields_of(cls, value: Framework) -> dict[str, Any]:
        """The keys of a framework."""
        return {
            "name": value.name,
            "label": unless(Framework(value.name, value.criteria).label, value.label),
            "criteria": several(CriterionTable, value.criteria),
        }

    @model_validator(mode="before")
    @classmethod
    def _announce(cls, data: Any, info: ValidationInfo) -> Any:
        """Let the requirements of the file name it, whatever is wrong with it."""
        if isinstance(info.context, Reading) and isinstance(data, dict):
            name = data.get("name")
            if isinstance(name, str):
                info.context.frameworks.setdefault(name, None)
        return data

    def check(self, reading: Reading) -> None:
        """Let requirements be made of it, if it can be."""
        reading.frameworks[self.name] = self.build(reading)


class RuleTable(Table):
    """A rule over a field of an account, by exactly one of the comparisons."""

    stands_for = icp.OneOf

    field: str
    """A field of an account, or ``custom.x``."""
    one_of: list[Operand] | None = None
    """The values that meet it."""
    between: Annotated[list[Operand], Field(min_length=2, max_length=2)] | None = None
    """The least and the most that meet it."""
    at_least: Operand | None = None
    """The least that meets it."""
    weight: float = 1.0
    """How much it counts beside the other rules."""

    @classmethod
    def kinds(cls) -> tuple[type, ...]:
        """Each of the three kinds of rule."""
        return (icp.OneOf, icp.Between, icp.AtLeast)

    @classmethod
    def fields_of(cls, value: icp.Rule) -> dict[str, Any]:
        """The keys of a rule."""
        found = {"field": value.field, "weight": value.weight}
        if isinstance(value, icp.OneOf):
            return found | {"one_of": [*value.values]}
        if isinstance(value, icp.Between):
            return found | {"between": [operand_of(value.low), operand_of(value.high)]}
        return found | {"at_least": operand_of(value.value)}

    def build(self, reading: Reading) -> icp.Rule:
        """The rule."""
        given = self.given(reading)
        field, weight = given.pop("field"), given.pop("weight", 1.0)
        if len(given) != 1:
            msg = f"cannot make a rule for {field!r}: exactly one comparison is needed"
            hint = "give one of one_of, between, at_least."
            raise OptionError(msg, hint=hint, parameter="rules", value=tuple(given))
        ((comparison, value),) = given.items()
        if comparison == "between":
            low, high = value
            return icp.between(field, low, high, weight)
        make = icp.one_of if comparison == "one_of" else icp.at_least
        return make(field, value, weight)


class ProfileTable(Table):
    """Which firms are worth looking for."""

    stands_for = icp.IdealCustomerProfile

    name: str
    """What it is called."""
    rules: list[RuleTable]
    """Rules over the fields of an account."""

    @classmethod
    def fields_of(cls, value: icp.IdealCustomerProfile) -> dict[str, Any]:
        """The keys of a profile."""
        return {"name": value.name, "rules": several(RuleTable, value.rules)}


class ProcessTable(Table):
    """What the files of pipelines and of lead processes share."""

    name: str
    """What the definition is called."""
    version: int = 1
    """Counted up when the definition changes."""
    frameworks: list[FrameworkTable] | None = None
    """The frameworks of its own, beside the built-in ones."""
    entry_stages: Names = None
    """Where one may be opened; the first open stage unless given."""
    allow_skip: bool = False
    """Whether a move forward may leave out stages."""
    allow_back: bool = True
    """Whether one may go back to an earlier open stage."""
    stages: list[StageTable]
    """Open stages in their order, then closed ones."""

    @classmethod
    def fields_of(cls, value: Process) -> dict[str, Any]:
        """The keys of a process."""
        found = super().fields_of(value)
        lists = {name: [*names] for name, names in found.items() if isinstance(names, tuple)}
        return {
            **found,
            **lists,
            "frameworks": several(FrameworkTable, value.frameworks or None),
            "stages": several(StageTable, value.stages),
        }

    def check(self, reading: Reading) -> None:
        """Refuse nothing: a definition tells all its faults when it is made."""


class LeadProcessTable(ProcessTable):
    """A lead process: its settings, and its stages in their order."""

    stands_for = LeadProcess

    nurture_stages: Names = None
    """The open stages that are off the path."""
    convert_from: Names = None
    """The stages a lead may be converted from; the last one of the path unless given."""
    disqualify_from: Names = None
    """The stages a lead may be disqualified from; all open ones unless given."""
    requalify_to: Names = None
    """The stages a disqualified lead may come back to."""
    deal_stage: str | None = None
    """The stage of the pipeline that the deal of a converted lead is opened in."""

    @classmethod
    def fields_of(cls, value: Process) -> dict[str, Any]:
        """The keys of a lead process."""
        found = super().fields_of(value)
        return found | {"nurture_stages": found["nurture_stages"] or None}


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
    leads: LeadProcessTable | None = None
    """The process of the leads that become its deals; it has the frameworks of the pipeline."""
    profile: ProfileTable | None = None
    """Whom to look for."""

    @classmethod
    def fields_of(cls, value: Process) -> dict[str, Any]:
        """The keys of a pipeline."""
        found = super().fields_of(value)
        leads, profile = found["leads"], found["profile"]
        if leads is not None:
            # Left out, they are those of the pipeline.
            own = None if leads.frameworks == value.frameworks else leads.frameworks
            table = LeadProcessTable.of(leads)
            leads = table.model_copy(update={"frameworks": several(FrameworkTable, own)})
        profile = None if profile is None else ProfileTable.of(profile)
        return found | {"leads": leads, "profile": profile}

    def given(self, reading: Reading) -> dict[str, Any]:
        """What a pipeline is made of."""
        found = {name: built(part, reading) for name, part in self.parts() if name != "leads"}
        if self.leads is not None:
            given: dict[str, Any] = {"frameworks": found.get("frameworks", ())}
            given |= self.leads.given(reading)
            try:
                found["leads"] = LeadProcess(**given)
            except DefinitionError as error:
                paths = (f"leads.{path}" for path in error.paths)
                reading.faults.extend(zip(paths, error.faults, strict=True))
        return found


def table_for(kind: type[Process]) -> type[ProcessTable]:
    """The table of a kind of definition, a subclass of ours too."""
    tables: tuple[type[ProcessTable], ...] = (PipelineTable, LeadProcessTable)
    return next(table for table in tables if issubclass(kind, table.stands_for))
