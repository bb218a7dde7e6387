"""Which values are numbers, and whole ones: a truth value is none, one of numpy may be."""

from operator import index
from typing import Any, TypeGuard


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is an int or a float."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether it is an int."""
    return isinstance(value, int) and not isinstance(value, bool)


def to_whole(value: Any) -> Any:
    """A whole number as an int; whatever is none, or a truth value, as it is."""
    if isinstance(value, bool):
        return value
    try:
        return index(value)
    except Exception:  # noqa: BLE001 - an object of a caller's may raise anything
        return value
