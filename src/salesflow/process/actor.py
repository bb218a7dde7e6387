"""`Actor`: who does something, and in which roles."""

from collections.abc import Iterable
from typing import Any

import attrs

from salesflow.errors import OptionError, shown
from salesflow.process._text import is_text, plain_text

_NO_ROLES: frozenset[str] = frozenset()


def _to_id(value: str) -> str:
    if is_text(value):
        return plain_text(value)
    msg = f"cannot make an actor: its id {shown(value)} is no text"
    raise OptionError(msg, hint="give the id of a person.", parameter="id", value=value)


def _to_roles(values: Iterable[str]) -> frozenset[str]:
    if values is _NO_ROLES:
        return _NO_ROLES
    several = isinstance(values, Iterable) and not isinstance(values, str | bytes)
    found: list[Any] = [*values] if several else []
    if several and all(map(is_text, found)):
        return frozenset(map(plain_text, found))
    msg = f"cannot make an actor with roles {shown(values)}: they are no list of texts"
    hint = "give a list: roles=['manager']."
    raise OptionError(msg, hint=hint, parameter="roles", value=values)


@attrs.frozen(repr=False)
class Actor:
    """Who does it, and what may they approve?

    Every verb takes an actor, or a plain id, as ``by``; an event records the id. A plain id is an
    actor without roles. The requirement ``role`` asks for a role. salesflow checks no identity:
    make actors from what your app knows of its user.

    Args:
        id: the key of the person or the program.
        roles: words of your own; any iterable of texts.

    Raises:
        OptionError: for an id or a role that is no text; for roles in no list.

    Example:
        >>> from salesflow import Pipeline
        >>> deal = Pipeline.standard().open("Acme", by=Actor("kim", roles=["manager"]))
        >>> deal.history[0].by
        'kim'
    """

    id: str = attrs.field(converter=_to_id)
    roles: frozenset[str] = attrs.field(default=_NO_ROLES, converter=_to_roles)

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        roles = f", roles={sorted(self.roles)!r}" if self.roles else ""
        return f"Actor({self.id!r}{roles})"


By = str | Actor | None
"""Who does something: an id, an actor with roles, or nobody named."""


def unwrapped(by: Any) -> Any:
    """An actor's id; anything else as it is, for the event to check beside its other fields."""
    return by.id if isinstance(by, Actor) else by


def id_of(by: object) -> str | None:
    """The id that an event records.

    Raises:
        OptionError: for anything but a text, an actor or None.
    """
    if isinstance(by, Actor):
        return by.id
    if is_text(by):
        return plain_text(by)
    if by is None:
        return None
    msg = f"cannot record who did it: by={shown(by)} is no text and no Actor"
    raise OptionError(msg, hint="give an id, or leave it out.", parameter="by", value=by)


def actor_of(by: By) -> Actor | None:
    """The actor, made of a plain id if need be."""
    return Actor(by) if isinstance(by, str) else by
