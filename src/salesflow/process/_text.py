"""Whether something is a text that can be stored."""

from typing import Any, TypeGuard

from salesflow.errors import shown


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is a text that is not blank, and that JSON can hold."""
    if not isinstance(value, str) or not value.strip():
        return False
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)


def plain_text(text: str) -> str:
    """The text itself, of a `str` enumeration or another subclass too."""
    return str.__str__(text)


def label_of(name: object) -> str:
    """What people see of a name, unless something else is given: the name in words."""
    text = plain_text(name) if isinstance(name, str) else shown(name)
    return text.replace("_", " ").strip().capitalize() or text


def plain_if_text(value: Any) -> Any:
    """What was given, a text as a plain one; what is none is kept, for the check to name it."""
    return plain_text(value) if isinstance(value, str) else value
