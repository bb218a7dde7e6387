"""The tables of requirements: ``{has = "amount"}``, ``{any_of = [{…}, {…}]}``.

A requirement is told by the key that only its kind has.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from salesflow.errors import OptionError
from salesflow.money import Money
from salesflow.process import requirements as req
from salesflow.process._paths import TAG
from salesflow.process._table import Reading, Table


class MoneyTable(Table):
    """An amount of money."""

    stands_for = Money

    amount: str
    """A decimal number: ``"1500.00"``."""
    currency: str
    """Its ISO code."""

    @classmethod
    def fields_of(cls, value: Money) -> dict[str, Any]:
        """The keys of an amount."""
        return {"amount": str(value.amount), "currency": value.currency}


class DateTable(Table):
    """A calendar date."""

    stands_for = date

    day: str = Field(alias="date")
    """As ISO 8601 writes it: ``"2026-03-31"``."""

    @classmethod
    def fields_of(cls, value: date) -> dict[str, Any]:
        """The key of a date."""
        return {"date": value.isoformat()}

    def build(self, reading: Reading) -> Any:
        """The date."""
        del reading
        try:
            return date.fromisoformat(self.day)
        except ValueError as error:
            msg = f"cannot read date {self.day!r}: it is no calendar date"
            hint = "write it as '2026-03-31'."
            raise OptionError(msg, hint=hint, parameter="date", value=self.day) from error


def _operand_kind(value: object) -> str | None:
    """Which kind of operand a value is, as the tag of its type; None for none."""
    if isinstance(value, MoneyTable | DateTable):
        return ":amount" if isinstance(value, MoneyTable) else ":date"
    if isinstance(value, Mapping):
        return next((TAG + key for key in ("date", "amount") if key in value), None)
    return next((tag for kind, tag in _SCALARS.items() if isinstance(value, kind)), None)


# A truth value is a whole number too, so it is looked for first.
_SCALARS = {str: ":str", bool: ":bool", int: ":int", float: ":float"}

Operand = Annotated[
    Annotated[str, Tag(":str")]
    | Annotated[bool, Tag(":bool")]
    | Annotated[int, Tag(":int")]
    | Annotated[float, Tag(":float")]
    | Annotated[MoneyTable, Tag(":amount")]
    | Annotated[DateTable, Tag(":date")],
    Discriminator(
        _operand_kind,
        custom_error_type="operand",
        custom_error_message=(
            "it is no text, number, true or false, {amount = …, currency = …} or {date = …}"
        ),
    ),
]
"""What something is compared with."""


def operand_of(value: Any) -> Any:
    """A value that something is compared with, as a file holds it."""
    if isinstance(value, tuple):
        return [operand_of(item) for item in value]
    if isinstance(value, Money):
        return MoneyTable.of(value)
    return DateTable.of(value) if isinstance(value, date) else value


class HasTable(Table):
    """Something is known, and not empty."""

    stands_for = req.Has

    has: str
    """A field, ``custom.x``, or a count."""

    @classmethod
    def fields_of(cls, value: req.Has) -> dict[str, Any]:
        """The key of the requirement."""
        return {"has": value.name}

    def build(self, reading: Reading) -> req.Has:
        """The requirement."""
        del reading
        return req.has(self.has)


class FieldTable(Table):
    """Something compares with a value, by exactly one of the comparisons."""

    stands_for = req.Field

    field: str
    """A field, ``custom.x``, or a count."""
    equals: Operand | None = None
    """The one value that it must be."""
    one_of: list[Operand] | None = None
    """The values that it may be."""
    at_least: Operand | None = None
    """The least that it may be."""
    at_most: Operand | None = None
    """The most that it may be."""

    @classmethod
    def fields_of(cls, value: req.Field) -> dict[str, Any]:
        """The keys of the requirement."""
        return {"field": value.name, value.operator: operand_of(value.value)}

    def build(self, reading: Reading) -> req.Field:
        """The requirement."""
        given = self.given(reading)
        return req.field(given.pop("field"), **given)


class ActivityTable(Table):
    """An activity of a kind was done."""

    stands_for = req.Done

    activity: str
    """The kind: ``demo``."""
    within_stage: bool = False
    """Whether only what happened since the present stage was entered counts."""

    @classmethod
    def fields_of(cls, value: req.Done) -> dict[str, Any]:
        """The keys of the requirement."""
        return {"activity": value.kind, "within_stage": value.within_stage}

    def build(self, reading: Reading) -> req.Done:
        """The requirement."""
        del reading
        return req.activity(self.activity, within_stage=self.within_stage)


class QualifiedTable(Table):
    """The answers to a framework come to a score."""

    stands_for = req.Qualified

    qualified: str
    """The name of the framework: a built-in one, or one of this definition."""
    threshold: float
    """The least score that is enough."""

    @classmethod
    def fields_of(cls, value: req.Qualified) -> dict[str, Any]:
        """The keys of the requirement."""
        return {"qualified": value.framework.name, "threshold": value.threshold}

    def build(self, reading: Reading) -> req.Qualified:
        """The requirement."""
        # A framework with faults is refused at its own place; any other will do to go on.
        framework = reading.frameworks.get(self.qualified, self.qualified)
        return req.qualified("bant" if framework is None else framework, self.threshold)


class RoleTable(Table):
    """Who makes the move has a role."""

    stands_for = req.Role

    role: str
    """The role."""

    def build(self, reading: Reading) -> req.Role:
        """The requirement."""
        del reading
        return req.role(self.role)


class NamedTable(Table):
    """A function, which whoever reads the file gives by this name."""

    stands_for = req.Named

    named: str
    """What the function is called."""

    @classmethod
    def fields_of(cls, value: req.Named) -> dict[str, Any]:
        """The key of the requirement."""
        return {"named": value.name}

    def build(self, reading: Reading) -> req.Named:
        """The requirement."""
        if self.named in reading.callables:
            return req.named(self.named, reading.callables[self.named])
        msg = f"cannot find function {self.named!r}: it was not given"
        hint = f"read the file with callables={{{self.named!r}: …}}."
        raise OptionError(msg, hint=hint, parameter="callables", value=self.named)


class AnyOfTable(Table):
    """One of several is met."""

    stands_for = req.AnyOf

    any_of: "list[RequirementTable]"
    """The requirements."""

    @classmethod
    def fields_of(cls, value: req.AnyOf) -> dict[str, Any]:
        """The key of the requirement."""
        return {"any_of": requirement_tables(value.requirements)}

    def build(self, reading: Reading) -> req.AnyOf:
        """The requirement."""
        return req.any_of(*self.given(reading)["any_of"])


class AllOfTable(Table):
    """All of several are met."""

    stands_for = req.AllOf

    all_of: "list[RequirementTable]"
    """The requirements."""

    @classmethod
    def fields_of(cls, value: req.AllOf) -> dict[str, Any]:
        """The key of the requirement."""
        return {"all_of": requirement_tables(value.requirements)}

    def build(self, reading: Reading) -> req.AllOf:
        """The requirement."""
        return req.all_of(*self.given(reading)["all_of"])


class NotTable(Table):
    """Another is surely not met."""

    stands_for = req.Not

    not_: "RequirementTable" = Field(alias="not")
    """The other."""

    @classmethod
    def fields_of(cls, value: req.Not) -> dict[str, Any]:
        """The key of the requirement."""
        return {"not": requirement_table(value.requirement)}

    def build(self, reading: Reading) -> req.Not:
        """The requirement."""
        return req.not_(self.not_.build(reading))


_KINDS: Mapping[str, type[Table]] = {
    "has": HasTable,
    "field": FieldTable,
    "activity": ActivityTable,
    "qualified": QualifiedTable,
    "role": RoleTable,
    "named": NamedTable,
    "any_of": AnyOfTable,
    "all_of": AllOfTable,
    "not": NotTable,
}


def _kind_of(value: object) -> str | None:
    """Which kind a requirement is, as the tag of its table; None for none."""
    if isinstance(value, Table):
        return next(TAG + key for key, table in _KINDS.items() if isinstance(value, table))
    if not isinstance(value, Mapping):
        return None
    return next((TAG + key for key in _KINDS if key in value), None)


RequirementTable = Annotated[
    Annotated[HasTable, Tag(":has")]
    | Annotated[FieldTable, Tag(":field")]
    | Annotated[ActivityTable, Tag(":activity")]
    | Annotated[QualifiedTable, Tag(":qualified")]
    | Annotated[RoleTable, Tag(":role")]
    | Annotated[NamedTable, Tag(":named")]
    | Annotated[AnyOfTable, Tag(":any_of")]
    | Annotated[AllOfTable, Tag(":all_of")]
    | Annotated[NotTable, Tag(":not")],
    Discriminator(
        _kind_of,
        custom_error_type="requirement",
        custom_error_message=f"it is no requirement; each has one key of {', '.join(_KINDS)}",
    ),
]
"""Any requirement."""


def requirement_table(requirement: Any) -> Table:
    """The table of a requirement.

    Raises:
        OptionError: for one of a user's own class, which a file cannot hold.
    """
    table = next((t for t in _KINDS.values() if t.stands_for is type(requirement)), None)
    if table is not None:
        return table.of(requirement)
    msg = f"cannot write requirement {requirement!r} to a file: it is of a class of your own"
    hint = "use requirements.named('…', function), which a file holds by its name."
    raise OptionError(msg, hint=hint, parameter="requires", value=requirement)


def requirement_tables(requirements: Any) -> list[Table] | None:
    """The tables of several; None for none."""
    return [requirement_table(requirement) for requirement in requirements] or None
