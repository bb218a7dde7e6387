"""What pydantic found wrong with a definition's file, in our words, with the path to it."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from salesflow.errors import closest, one_of, shown

TAG = ":"
"""What the tags of a union begin with, so that no path shows them."""

_WANTED = {
    "string_type": "str",
    "int_type": "int",
    "bool_type": "bool",
    "float_type": "int or float",
    "list_type": "list",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
}


def fault_of(table: type[BaseModel], fault: Mapping[str, Any]) -> str:
    """One fault: where, and what is wrong there."""
    loc = fault["loc"]
    path = path_of(loc)
    kind, value = fault["type"], fault["input"]
    if kind == "missing":
        return f"{path} is missing"
    if kind == "extra_forbidden":
        known = sorted(_keys(_table_at(table, loc[:-1])))
        return f"{path} is not known; there is {one_of(closest(loc[-1], known))}"
    where = path or "it"
    if kind in _WANTED:
        return f"{where} is {type(value).__name__}, not {_WANTED[kind]}"
    if kind == "literal_error":
        return f"{where} is {shown(value)}, not {fault['ctx']['expected']}"
    return f"{where}: {fault['msg']}"


def path_of(loc: tuple[str | int, ...]) -> str:
    """The place of a value: ``stages[0].probability``."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith(TAG):
            path += f".{part}" if path else part
    return path


def _keys(table: type[BaseModel]) -> Iterator[str]:
    for name, field in table.model_fields.items():
        yield field.alias or name


def _table_at(table: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel]:
    """The table at a place of the file."""
    tables = [table]
    for part in loc:
        if isinstance(part, int):
            continue  # an item of a list is of the kind that the list holds
        if part.startswith(TAG):
            tables = [found for found in tables if TAG + _first_key(found) == part]
        else:
            fields = tables[0].model_fields
            field = next(f for name, f in fields.items() if (f.alias or name) == part)
            tables = [*_tables_in(field.annotation)]
    return tables[0]


def _first_key(table: type[BaseModel]) -> str:
    return next(_keys(table))


def _tables_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The tables that a field may hold, in lists and unions too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (list, Union, UnionType, Annotated):
        for inner in get_args(annotation):
            yield from _tables_in(inner)
