"""A definition as TOML, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import (
    DefinitionFileError,
    OptionError,
    ProbabilityError,
    closest,
    one_of,
)
from salesflow.process.pipeline import Pipeline
from salesflow.process.stage import Stage

if TYPE_CHECKING:
    from os import PathLike

_NUMBER = (int, float)
_STAGE_KEYS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "kind": str,
    "label": str,
    "probability": _NUMBER,
    "category": str,
    "stale_after": _NUMBER,
    "retired": bool,
}
_KEYS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "version": int,
    "entry_stages": list,
    "allow_skip": bool,
    "allow_back": bool,
    "win_from": list,
    "lose_from": list,
    "revert_to": list,
    "allow_unwin": bool,
    "stages": list,
}


def to_toml(pipeline: Pipeline) -> str:
    """The settings that are not defaults, then the stages."""
    import tomli_w

    named = [stage.name for stage in pipeline.stages if _is_asking(stage)]
    if named:
        msg = f"cannot write pipeline '{pipeline.name}' as TOML: {one_of(named)} has requirements"
        hint = "requirements of your own cannot be written to a file."
        raise OptionError(msg, hint=hint, parameter="requires", value=tuple(named))
    if pipeline.frameworks:
        msg = f"cannot write pipeline '{pipeline.name}' as TOML: it has frameworks of its own"
        hint = "those cannot be written to a file yet."
        raise OptionError(msg, hint=hint, parameter="frameworks", value=pipeline.frameworks)
    document = _given(pipeline, _KEYS)
    document["stages"] = [_given(stage, _STAGE_KEYS) for stage in pipeline.stages]
    return tomli_w.dumps(document)


def _is_asking(stage: Stage) -> bool:
    return bool(stage.requires or stage.exit_requires)


def _given(value: Any, keys: dict[str, Any]) -> dict[str, Any]:
    """The attributes that do not have their default, as TOML holds them."""
    plain = Stage(value.name, kind=value.kind) if isinstance(value, Stage) else None
    found = {}
    for field in attrs.fields(type(value)):
        if field.name not in keys or field.name == "stages":
            continue
        given = getattr(value, field.name)
        default = getattr(plain, field.name) if field.name == "label" else field.default
        if field.name == "name" or given != default:
            found[field.name] = list(given) if isinstance(given, tuple) else given
    return found


def from_toml(source: "str | PathLike[str]") -> Pipeline:
    """The definition in a text, or in the file that a path names.

    A text without ``=`` is taken as a path, and so is one line that ends in ``.toml``.
    """
    import tomllib

    text = _read(source)
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # an integer may have too many digits
        raise _refused([f"it is no TOML: {error}"]) from error
    faults = _faults(document, _KEYS, "")
    stages = document.get("stages", [])
    for number, table in enumerate(stages if isinstance(stages, list) else []):
        path = f"stages[{number}]"
        if isinstance(table, dict):
            faults += _faults(table, _STAGE_KEYS, f"{path}.") + _value_faults(table, path)
        else:
            faults.append(f"{path} is {_kind(table)}, not a table")
    for key in ("entry_stages", "win_from", "lose_from", "revert_to"):
        names = document.get(key, [])
        wrong = [n for n in names if not isinstance(n, str)] if isinstance(names, list) else []
        faults += [f"{key} holds {name!r}, not a name" for name in wrong]
    if faults:
        raise _refused(faults)
    made = [_stage(table) for table in document.pop("stages")]
    return Pipeline(stages=made, **document)


def _stage(table: dict[str, Any]) -> Stage:
    return Stage(**table)


def _read(source: "str | PathLike[str]") -> str:
    is_path = isinstance(source, str) and "\n" not in source and source.endswith(".toml")
    if isinstance(source, str) and not is_path and ("=" in source or not source.strip()):
        return source
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, ValueError, TypeError) as error:
        raise _refused([f"it cannot be read: {error}"]) from error


def _refused(faults: list[str]) -> DefinitionFileError:
    listed = "\n".join(f"- {fault}" for fault in faults)
    msg = f"cannot read a pipeline definition: {len(faults)} fault(s)\n{listed}"
    return DefinitionFileError(msg, faults=tuple(faults))


def _kind(value: object) -> str:
    return type(value).__name__


def _faults(
    table: dict[str, Any], keys: dict[str, type | tuple[type, ...]], path: str
) -> list[str]:
    found = []
    for key, value in table.items():
        expected = keys.get(key)
        if expected is None:
            near = one_of(closest(key, keys))
            found.append(f"{path}{key} is not known; there is {near}")
        elif not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            names = expected if isinstance(expected, tuple) else (expected,)
            wanted = " or ".join(kind.__name__ for kind in names)
            found.append(f"{path}{key} is {_kind(value)}, not {wanted}")
    needed = ("name", "stages") if keys is _KEYS else ("name",)
    return found + [f"{path}{key} is missing" for key in needed if key not in table]


def _value_faults(table: dict[str, Any], path: str) -> list[str]:
    """The values of right type that a stage still does not take."""
    found = []
    for key in ("kind", "probability"):
        value: Any = table.get(key)
        if isinstance(value, str if key == "kind" else _NUMBER):
            try:
                _stage({"name": "any", key: value})
            except (OptionError, ProbabilityError) as error:
                hint = f" ({error.hint})" if error.hint else ""
                found.append(f"{path}.{key}: {error.message}{hint}")
    return found
