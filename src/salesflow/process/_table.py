"""`Table`: a table of a definition's file, as a pydantic model that stands for one of our values.

The models give the checks of a file, the paths of its faults and its JSON Schema. A value becomes
a table with the same names and back; what has its default is left out of what is written.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Self

import attrs
from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from salesflow.errors import OptionError, SalesflowError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from salesflow.process._asking import Check
    from salesflow.process.qualification import Framework


@attrs.frozen
class Reading:
    """What is known while one file is read: the caller's functions, and the file's frameworks."""

    callables: "Mapping[str, Check]" = attrs.field(factory=dict)
    frameworks: "dict[str, Framework | None]" = attrs.field(factory=dict)
    """By name; None for one with faults, which are told at its own place."""
    faults: list[tuple[str, str]] = attrs.field(factory=list)
    """What is wrong with definitions within the one that is read, by path."""


class Table(BaseModel):
    """A table of the file: no key but its own, each value of its own kind."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        defer_build=True,
        allow_inf_nan=False,
        protected_namespaces=(),
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    stands_for: ClassVar[type]
    """What `build` makes."""

    @classmethod
    def of(cls, value: Any) -> Self:
        """The table of a value.

        Raises:
            OptionError: for one of a user's own class, which could not be read back.
        """
        if type(value) not in cls.kinds():
            msg = f"cannot write {value!r} to a file: it is of a class of your own"
            hint = "a file holds what salesflow defines."
            raise OptionError(msg, hint=hint, parameter="value", value=value)
        return cls(**cls.fields_of(value))

    @classmethod
    def kinds(cls) -> tuple[type, ...]:
        """The classes that it stands for."""
        return (cls.stands_for,)

    @classmethod
    def fields_of(cls, value: Any) -> dict[str, Any]:
        """The keys of a value."""
        return {name: getattr(value, name) for name in cls.model_fields}

    def build(self, reading: Reading) -> Any:
        """The value.

        Raises:
            SalesflowError: for one that cannot be.
        """
        return self.stands_for(**self.given(reading))

    def given(self, reading: Reading) -> dict[str, Any]:
        """What it is made of: the keys that the file has; None is none."""
        return {name: built(part, reading) for name, part in self.parts()}

    def parts(self) -> "Iterator[tuple[str, Any]]":
        """The keys that the file has, each with what stands there; None is none."""
        found = ((name, getattr(self, name)) for name in self.model_fields_set)
        return ((name, part) for name, part in found if part is not None)

    @model_validator(mode="after")
    def _can_be(self, info: ValidationInfo) -> Self:
        """Refuse what the value itself refuses, at its place in the file."""
        if isinstance(info.context, Reading):
            try:
                self.check(info.context)
            except SalesflowError as error:
                code, text = "refused", "{fact}"
                raise PydanticCustomError(code, text, {"fact": _words(error)}) from error
        return self

    def check(self, reading: Reading) -> None:
        """Refuse what it stands for, if that cannot be."""
        self.build(reading)


def several(table: type[Table], values: "Iterable[Any] | None") -> list[Table] | None:
    """The tables of several values; None is left out."""
    return None if values is None else [table.of(value) for value in values]


def unless(usual: str, value: str) -> str | None:
    """A text, unless it is the usual one, which need not be written."""
    return None if value == usual else value


def built(value: object, reading: Reading) -> object:
    """The value that stands in a file, or the values of a list."""
    if isinstance(value, list):
        return [built(item, reading) for item in value]
    return value.build(reading) if isinstance(value, Table) else value


def _words(error: SalesflowError) -> str:
    faults: tuple[str, ...] = getattr(error, "faults", ())
    text = "; ".join(faults) or error.message
    return f"{text} ({error.hint})" if error.hint else text
