"""A JSON Schema validator of the keywords that pydantic writes for our models.

It is small, and raises on a keyword it does not know, so nothing passes unchecked.
"""

import re
from collections.abc import Iterator
from typing import Any

_IGNORED = {"$defs", "title", "description", "default", "format", "discriminator"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    """What the schema has against the value."""
    return [*_check(schema, schema, value, "$")]


def _check(root: Any, schema: Any, value: Any, at: str) -> Iterator[str]:
    for keyword, rule in schema.items():
        if keyword not in _IGNORED:
            yield from _KEYWORDS[keyword](root, schema, rule, value, at)


def _ref(root: Any, _: Any, rule: str, value: Any, at: str) -> Iterator[str]:
    yield from _check(root, root["$defs"][rule.removeprefix("#/$defs/")], value, at)


def _type(_: Any, __: Any, rule: str, value: Any, at: str) -> Iterator[str]:
    is_number = rule in ("integer", "number")
    if not isinstance(value, _TYPES[rule]) or (is_number and isinstance(value, bool)):
        yield f"{at} is no {rule}"


def _choice(root: Any, schema: Any, rule: list[Any], value: Any, at: str) -> Iterator[str]:
    fits = [option for option in rule if not [*_check(root, option, value, at)]]
    if not fits or ("oneOf" in schema and len(fits) > 1):
        yield f"{at} fits {len(fits)} of {len(rule)}"


def _properties(root: Any, _: Any, rule: Any, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name in rule.keys() & value.keys():
            yield from _check(root, rule[name], value[name], f"{at}.{name}")


def _additional(_: Any, schema: Any, rule: bool, value: Any, at: str) -> Iterator[str]:  # noqa: FBT001 - a keyword's value
    if not rule and isinstance(value, dict):
        yield from (f"{at}.{name} is unknown" for name in value.keys() - schema["properties"])


def _required(_: Any, __: Any, rule: list[str], value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{at}.{name} is missing" for name in rule if name not in value)


def _items(root: Any, _: Any, rule: Any, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _check(root, rule, item, f"{at}[{number}]")


def _one_of(_: Any, __: Any, rule: Any, value: Any, at: str) -> Iterator[str]:
    if value not in (rule if isinstance(rule, list) else [rule]):
        yield f"{at} is none of {rule}"


def _bound(_: Any, schema: Any, __: Any, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, int | float) and not schema["minimum"] <= value <= schema["maximum"]:
        yield f"{at} is out of bounds"


def _text(_: Any, schema: Any, __: Any, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        yield f"{at} is too short"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at} does not match"


_KEYWORDS = {
    "$ref": _ref,
    "type": _type,
    "anyOf": _choice,
    "oneOf": _choice,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "enum": _one_of,
    "const": _one_of,
    "minimum": _bound,
    "maximum": _bound,
    "minLength": _text,
    "pattern": _text,
}
