"""The requirements made of others: `AnyOf`, `AllOf`, `Not`."""

from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import OptionError
from salesflow.process._condition import MET, Condition, Judgement, judgement_of
from salesflow.process._subject import Subject
from salesflow.process.actor import Actor
from salesflow.process.stage import Requirement, in_words, requirements_of

if TYPE_CHECKING:
    from collections.abc import Iterator


_MAX_DEPTH = 50
"""How deep requirements may be combined: asking, hashing and writing them goes as deep."""


def _check_depth(requirements: tuple[Requirement, ...]) -> None:
    """Refuse what is combined too deep; what is there more than once at a depth is read once."""
    depth, level = 0, {id(one): one for one in requirements}
    while level:
        depth += 1
        if depth >= _MAX_DEPTH:
            msg = f"cannot combine requirements: they are nested deeper than {_MAX_DEPTH}"
            hint = "any_of and all_of take several: one list does for many levels."
            raise OptionError(msg, hint=hint, parameter="requirements", value=requirements)
        level = {id(part): part for one in level.values() for part in _parts(one)}


def _parts(requirement: Requirement) -> tuple[Requirement, ...]:
    if isinstance(requirement, Not):
        return (requirement.requirement,)
    return requirement.requirements if isinstance(requirement, _Several) else ()


def _to_several(requirements: Any) -> tuple[Requirement, ...]:
    found = requirements_of(requirements, "requirements")
    if found:
        _check_depth(found)
        return found
    msg = "cannot combine requirements: there is none"
    raise OptionError(msg, hint="give one or more.", parameter="requirements", value=found)


def _to_one(requirement: Requirement) -> Requirement:
    found = requirements_of([requirement], "requirement")
    _check_depth(found)
    return found[0]


def _together(requirements: tuple[Requirement, ...], texts: list[str], word: str) -> str:
    """What several miss, in one text; what is combined within is set off."""
    if len(texts) == 1:
        return texts[0]
    pairs = zip(requirements, texts, strict=True)
    parts = [f"({text})" if isinstance(one, _Several) else text for one, text in pairs]
    return f"; {word}: ".join(parts)


def leaves(requirement: Requirement) -> "Iterator[Requirement]":
    """The requirements that one combines, down to those that combine nothing."""
    if isinstance(requirement, Not):
        yield from leaves(requirement.requirement)
    elif isinstance(requirement, _Several):
        for one in requirement.requirements:
            yield from leaves(one)
    else:
        yield requirement


class _Several(Condition):
    __slots__ = ()

    requirements: tuple[Requirement, ...]


@attrs.frozen(repr=False)
class AnyOf(_Several):
    """One of several is met."""

    requirements: tuple[Requirement, ...] = attrs.field(converter=_to_several)

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        texts = []
        known = True
        for requirement in self.requirements:
            met, missing = judgement_of(requirement, subject, by)
            if met:
                return MET
            known = known and met is not None
            texts.append(missing)
        needs = "needs any of: " if len(texts) > 1 else ""
        missing = f"{needs}{_together(self.requirements, texts, 'or')}"
        return (False if known else None), missing

    def __str__(self) -> str:
        return _together(self.requirements, [*map(in_words, self.requirements)], "or")

    def __repr__(self) -> str:
        return f"any_of({', '.join(map(repr, self.requirements))})"


@attrs.frozen(repr=False)
class AllOf(_Several):
    """All of several are met."""

    requirements: tuple[Requirement, ...] = attrs.field(converter=_to_several)

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        judged = [(one, *judgement_of(one, subject, by)) for one in self.requirements]
        unmet = [(one, met, missing) for one, met, missing in judged if not met]
        if not unmet:
            return MET
        # One that is surely not met settles it, whatever is not known of the others.
        met = None if all(met is None for _, met, _ in unmet) else False
        ones = tuple(one for one, *_ in unmet)
        return met, _together(ones, [missing for *_, missing in unmet], "and")

    def __str__(self) -> str:
        return _together(self.requirements, [*map(in_words, self.requirements)], "and")

    def __repr__(self) -> str:
        return f"all_of({', '.join(map(repr, self.requirements))})"


@attrs.frozen(repr=False)
class Not(Condition):
    """Another is surely not met; while that is not known, neither is this."""

    requirement: Requirement = attrs.field(converter=_to_one)

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        met, _ = judgement_of(self.requirement, subject, by)
        if met is None:
            return None, f"this must not be so, and is not known: {in_words(self.requirement)}"
        return (False, f"this must not be so: {in_words(self.requirement)}") if met else MET

    def __str__(self) -> str:
        return f"not ({in_words(self.requirement)})"

    def __repr__(self) -> str:
        return f"not_({self.requirement!r})"
