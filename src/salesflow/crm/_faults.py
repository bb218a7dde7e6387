"""The errors that all kinds of sources share."""

from typing import Literal

from salesflow.errors import SourceError


def unreadable(
    name: str,
    fact: str,
    *,
    hint: str | None = None,
    at: int | None = None,
    unit: Literal["line", "item", "row"] = "line",
) -> SourceError:
    """The error of a source that cannot be read, and where that showed, counted from 1."""
    what = name if name.startswith("<") else f"'{name}'"
    where = "" if at is None else f" at {unit} {at:,}"
    return SourceError(f"cannot read {what}{where}: {fact}", hint=hint, source=name, line=at)


def changed(name: str) -> SourceError:
    """The error of a source that is not the same when it is read again."""
    hint = "read it again when nothing writes it."
    return unreadable(name, "it changed while it was read", hint=hint)
