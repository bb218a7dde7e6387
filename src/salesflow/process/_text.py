"""Whether something is a text that can be stored."""

from typing import TypeGuard


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is a text that is not blank, and that JSON can hold."""
    if not isinstance(value, str) or not value.strip():
        return False
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)


def plain_text(text: str) -> str:
    """The text itself, of a `str` enumeration or another subclass too."""
    return str.__str__(text)
