"""Whole numbers, of numpy too, as those of Python."""

from operator import index
from typing import Any


def to_whole(value: Any) -> Any:
    """A whole number as an int; whatever is none, or a truth value, as it is."""
    if isinstance(value, bool):
        return value
    try:
        return index(value)
    except Exception:  # noqa: BLE001 - an object of a caller's may raise anything
        return value
