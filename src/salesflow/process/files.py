"""A definition as TOML, JSON or plain data, and back. Nothing in a file is ever run."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never, TypeVar

import attrs
from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import TaggedUnionSchema

from salesflow.errors import DefinitionError, DefinitionFileError, OptionError, shown
from salesflow.process._definition_tables import table_for
from salesflow.process._paths import fault_of
from salesflow.process._table import Reading

if TYPE_CHECKING:
    from os import PathLike

    from salesflow.process._asking import Check
    from salesflow.process.process import Process

P = TypeVar("P", bound="Process")

Callables = Mapping[str, "Check"]
"""The functions that a file's named requirements ask, by name."""


def to_dict(process: "Process") -> dict[str, Any]:
    """The settings that are not defaults, then the stages: what JSON and TOML can hold.

    Raises:
        OptionError: for what is of a class of a user's own, and could not be read back.
    """
    table = table_for(type(process))
    if {*attrs.fields_dict(type(process))} != {*attrs.fields_dict(table.stands_for)}:
        msg = f"cannot write {process!r} to a file: its class has settings of its own"
        hint = "a file holds what salesflow defines."
        raise OptionError(msg, hint=hint, parameter="process", value=process)
    data = table(**table.fields_of(process)).model_dump(
        mode="json", by_alias=True, exclude_defaults=True
    )
    return data | {"stages": data.pop("stages")}


def to_json(process: "Process") -> str:
    """A JSON text."""
    return json.dumps(to_dict(process), indent=2, ensure_ascii=False) + "\n"


def to_toml(process: "Process") -> str:
    """A TOML text."""
    import tomli_w

    return tomli_w.dumps(to_dict(process))


def from_dict(kind: type[P], data: object, callables: Callables | None = None) -> P:
    """The definition that plain data says.

    Raises:
        DefinitionFileError: with every fault of it.
    """
    reading = Reading(_functions(kind, callables))
    try:
        table = table_for(kind).model_validate(data, context=reading)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise _refused(kind, [fault_of(table_for(kind), fault) for fault in found]) from error
    given = table.given(reading)
    made, faults = _made(kind, given)
    faults += reading.faults
    if made is None or faults:
        raise _refused(kind, [f"{path}: {fault}" for path, fault in faults])
    return made


def _functions(kind: type["Process"], callables: Any) -> Callables:
    if isinstance(callables, Mapping | None):
        return callables or {}
    msg = f"cannot read a {kind._noun} definition with callables={shown(callables)}"
    hint = "give the functions by their names: callables={…}."
    raise OptionError(msg, hint=hint, parameter="callables", value=callables)


def _made(kind: type[P], given: dict[str, Any]) -> tuple[P | None, list[tuple[str, str]]]:
    """The definition, or what is wrong with it, by path."""
    try:
        return kind(**given), []
    except DefinitionError as error:
        return None, [*zip(error.paths, error.faults, strict=True)]


def from_json(
    kind: type[P], source: "str | PathLike[str]", callables: Callables | None = None
) -> P:
    """The definition in a JSON text, or in the file that a path names."""
    return from_dict(kind, _parsed(kind, source, "JSON", _from_json_text), callables)


def from_toml(
    kind: type[P], source: "str | PathLike[str]", callables: Callables | None = None
) -> P:
    """The definition in a TOML text, or in the file that a path names."""
    import tomllib

    return from_dict(kind, _parsed(kind, source, "TOML", tomllib.loads), callables)


def json_schema(kind: type["Process"]) -> dict[str, Any]:
    """The JSON Schema of a definition's file."""
    return table_for(kind).model_json_schema(schema_generator=_Schema)


class _Schema(GenerateJsonSchema):
    def tagged_union_schema(self, schema: TaggedUnionSchema) -> JsonSchemaValue:
        """Any of the kinds, not exactly one: in JSON a whole number is a number too."""
        found = super().tagged_union_schema(schema)
        return {"anyOf" if key == "oneOf" else key: value for key, value in found.items()}


def _from_json_text(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        msg = f"key {twice!r} is there twice"
        raise ValueError(msg)
    return found


def _no_number(text: str) -> Never:
    msg = f"{text} is no number of JSON"
    raise ValueError(msg)


def _parsed(
    kind: type["Process"],
    source: "str | PathLike[str]",
    language: str,
    parse: Callable[[str], Any],
) -> Any:
    text = _read(kind, source, language)
    try:
        return parse(text)
    except (ValueError, RecursionError) as error:  # an integer may have too many digits
        raise _refused(kind, [f"it is no {language}: {error}"]) from error


def _read(kind: type["Process"], source: "str | PathLike[str]", language: str) -> str:
    """The text itself, or that of the file a path names.

    A text without ``=`` is no TOML, and one without a brace no JSON: it is a path then. So is one
    line that ends in ``.toml`` or ``.json``.
    """
    ending, marks = f".{language.lower()}", "=" if language == "TOML" else "{["
    is_path = isinstance(source, str) and "\n" not in source and source.endswith(ending)
    is_text = isinstance(source, str) and (any(map(source.__contains__, marks)) or source.isspace())
    if isinstance(source, str) and not is_path and (is_text or not source):
        return source
    try:
        return Path(source).read_text(encoding="utf-8-sig")
    except (OSError, ValueError, TypeError) as error:
        raise _refused(kind, [f"it cannot be read: {error}"]) from error


def _refused(kind: type["Process"], faults: Iterable[str]) -> DefinitionFileError:
    found = tuple(faults)
    listed = "\n".join(f"- {fault}" for fault in found)
    msg = f"cannot read a {kind._noun} definition: {len(found)} fault(s)\n{listed}"
    return DefinitionFileError(msg, faults=found)
