"""What the parts of a comparison share: the records given, their texts, and how evidence adds up.

Evidence is added as logarithms of odds: 0 is as likely as not, what speaks for it is above 0, what
speaks against it below. Sums become a score from 0 to 1 in the end.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, product
from math import exp
from typing import Generic, Protocol, TypeAlias, TypeVar

from salesflow.models import Account, Contact
from salesflow.process._alike.names import Name
from salesflow.process._alike.written import Phone, is_same_phone

Key: TypeAlias = tuple[str, str]
"""What records are compared for having in common: what it is, and its value."""

Found: TypeAlias = tuple[float, list[str]]
"""How sure it is that two records are one, from 0 to 1, and the reasons in words."""

NOTHING: Found = (0.0, [])
"""Of two records that are two."""

Line: TypeAlias = Sequence[tuple[float, float]]
"""Points of a line, from left to right."""

R = TypeVar("R", Account, Contact)


class Traits(Protocol):
    """What is compared of a record."""

    @property
    def id(self) -> str:
        """The id of the record."""

    @property
    def name(self) -> Name | None:
        """Its name, if it has one."""

    def marks(self) -> Iterable[Key]:
        """What to look for in other records."""


class Directory(Generic[R]):
    """Accounts or contacts by their ids and aliases."""

    def __init__(self, records: Mapping[str, R]) -> None:
        self._records: dict[str | None, R] = {
            alias: one for one in records.values() for alias in one.aliases
        }
        self._records.update(records)

    def find(self, identities: Iterable[str | None]) -> list[R]:
        """Those of the ids that are there."""
        return [self._records[one] for one in identities if one in self._records]

    def id_of(self, identity: str | None) -> str | None:
        """The id that a record goes by, if it was merged into another."""
        found = self._records.get(identity)
        return identity if found is None else found.id

    def lacks(self, identities: Iterable[str | None]) -> bool:
        """Whether one of the ids is not there."""
        return any(one is not None and one not in self._records for one in identities)


def texts(value: object) -> tuple[str, ...]:
    """The texts of a value of ``custom``: it may be one, or a list."""
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


def on_line(line: Line, x: float) -> float:
    """The height of a line over a place; beyond its ends, that of the end."""
    place = min(max(x, line[0][0]), line[-1][0])
    (left, low), (right, high) = next(part for part in pairwise(line) if place <= part[1][0])
    return low + (high - low) * (place - left) / (right - left)


def chance(evidence: float) -> float:
    """The logarithm of odds as a chance from 0 to 1."""
    return 1 / (1 + exp(-evidence))


def told_names(what: str, one: Name, other: Name, likeness: float) -> str:
    """How alike two names are, in words."""
    if one.text == other.text:
        return f"same {what} '{one.text}'"
    texts = sorted((one.text, other.text))
    return f"{what}s {likeness:.2f} alike: '{texts[0]}' / '{texts[1]}'"


def same_phone(one: Sequence[Phone], other: Sequence[Phone]) -> list[str]:
    """That two records have a number in common, which the longer writing of it tells."""
    if not one or not other:
        return []
    same = [max(a.digits, b.digits, key=len) for a, b in product(one, other) if is_same_phone(a, b)]
    return [f"same phone {min(same)}"] if same else []
