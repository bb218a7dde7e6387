"""`Stage`: one step of a pipeline, and `Requirement`: what must be true to enter or leave it."""

from typing import TYPE_CHECKING, Any, Protocol, get_args

import attrs

from salesflow.errors import (
    OptionError,
    ProbabilityError,
    RequirementError,
    SalesflowError,
    one_of,
    shown,
)
from salesflow.models._base import StageKind
from salesflow.process._text import is_text, label_of, plain_if_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from salesflow.process.actor import Actor
    from salesflow.process.playbook import Playbook

_KINDS = get_args(StageKind)
_PLACES = 6
_MOST_DAYS = 10**6
# More is longer than the calendar of dates.
_PERCENT = 100


class Requirement(Protocol):
    """What must be true of a deal before it enters a stage, or leaves one to go on.

    Any object with this method is one; `salesflow.requirements` makes the usual ones. It must be a
    pure function of what it is given. Opening a deal asks no requirement: it is no transition.
    """

    def unmet(self, subject: Any, by: "Actor | None", /) -> str | None:
        """What is missing, in words; None when nothing is.

        Args:
            subject: the deal, or the lead, before the move. [`Deal` or `Lead`]
            by: who makes the move, None if nobody is named; a plain id is an actor without roles.
        """
        ...


def answer_of(
    requirement: Requirement,
    ask: "Callable[[Any, Actor | None], object]",
    subject: Any,
    by: "Actor | None",
) -> object:
    """What a requirement, or the function in it, answers.

    Raises:
        RequirementError: if it raises what is no error of ours.
    """
    try:
        return ask(subject, by)
    except SalesflowError:
        raise
    except Exception as error:
        name, what = in_words(requirement), f"{subject._word} '{subject.id}'"
        msg = f"cannot ask requirement {name} of {what}: it raised {type(error).__name__}: {error}"
        hint = "a requirement answers for every deal or lead, and raises nothing."
        raise RequirementError(msg, hint=hint, requirement=name, deal_id=subject.id) from error


def missing_of(requirement: Requirement, subject: Any, by: "Actor | None") -> str | None:
    """What any requirement says is missing; None when nothing is."""
    found = answer_of(requirement, requirement.unmet, subject, by)
    return None if found is None else said_text(requirement, found)


def said_text(requirement: Requirement, unmet: object) -> str:
    """What a requirement says is missing, refused where that is no text."""
    if is_text(unmet):
        return unmet
    msg = f"cannot use requirement {requirement!r}: it says {shown(unmet)}, which is no text"
    hint = "say what is missing, or None when nothing is."
    raise OptionError(msg, hint=hint, parameter="requires", value=unmet)


def in_words(requirement: Requirement) -> str:
    """What it says of itself; of one that says nothing, what it is called."""
    kind = type(requirement)
    is_told = kind.__str__ is not object.__str__ or kind.__repr__ is not object.__repr__
    return str(requirement) if is_told else kind.__name__


def to_probability(value: object, parameter: str = "probability") -> float | None:
    """A probability from 0 to 1 in steps of 1e-6; None stays unknown.

    Raises:
        ProbabilityError: for anything else; a percentage is told how to be written.
    """
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 0 <= value <= 1:
            return round(float(value), _PLACES)
        hint = f"write {value / _PERCENT:g}." if 1 < value <= _PERCENT else None
    else:
        hint = "give a float from 0 to 1, or None."
    msg = f"cannot take {parameter} {shown(value)}: a probability lies between 0 and 1"
    raise ProbabilityError(msg, hint=hint, parameter=parameter, value=value)


def _to_kind(kind: StageKind) -> StageKind:
    plain: StageKind = plain_if_text(kind)
    if not isinstance(plain, str) or plain not in _KINDS:
        msg = f"cannot make a stage of kind {shown(kind)}"
        raise OptionError(msg, hint=f"give {one_of(_KINDS)}.", parameter="kind", value=kind)
    return plain


def _to_text(value: str) -> str:
    plain: str = plain_if_text(value)
    return plain


def _to_category(value: str | None) -> str | None:
    plain: str | None = plain_if_text(value)
    return plain


def _to_stage_probability(value: float | None) -> float | None:
    return to_probability(value)


def requirements_of(
    requirements: "Iterable[Requirement]", parameter: str
) -> "tuple[Requirement, ...]":
    """The requirements given to a parameter, refused if one of them is none."""
    try:
        found = tuple(requirements)
    except TypeError:
        msg = f"cannot require {shown(requirements)}: it is no list of requirements"
        hint = f"put it in a list: {parameter}=[…]."
        raise OptionError(msg, hint=hint, parameter=parameter, value=requirements) from None
    for requirement in found:
        if not callable(getattr(requirement, "unmet", None)):
            msg = f"cannot require {requirement!r}: it has no method 'unmet'"
            raise OptionError(msg, parameter=parameter, value=requirement)
        if isinstance(requirement, type):
            msg = f"cannot require {requirement!r}: it is a class"
            hint = f"give one of it: {requirement.__name__}(…)."
            raise OptionError(msg, hint=hint, parameter=parameter, value=requirement)
    return found


def _to_entry_criteria(requirements: "Iterable[Requirement]") -> "tuple[Requirement, ...]":
    return requirements_of(requirements, "requires")


def _to_exit_criteria(requirements: "Iterable[Requirement]") -> "tuple[Requirement, ...]":
    return requirements_of(requirements, "exit_requires")


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_above_zero(days: object) -> bool:
    if isinstance(days, bool) or not isinstance(days, int | float):
        return False
    return 0 < days <= _MOST_DAYS


@attrs.frozen
class Stage:
    """One step of a pipeline.

    Args:
        name: its key, which never changes once deals are in it.
        kind: whether a deal there is open, won or lost; of a lead, open, converted or
            disqualified.
        label: what people see; the name in words unless given.
        probability: the chance that a deal in it is won, or None if unknown. [0 to 1]
        category: the forecast category of deals in it.
        stale_after: how long a deal may stay before it counts as stalled. [days]
        requires: entry criteria: what must be true of a deal before it enters by a move.
        exit_requires: exit criteria: what must be true before an open deal goes on from here to a
            later open stage, or is won. A move back, a loss and a reversion do not ask them.
        playbook: what to do while a deal is in it; `tasks` derives the tasks.
        retired: whether deals may no longer enter it; those in it may leave.

    Example:
        >>> Stage("first_call", probability=0.2).label
        'First call'
    """

    name: str = attrs.field(converter=_to_text)
    kind: StageKind = attrs.field(default="open", kw_only=True, converter=_to_kind)
    label: str = attrs.field(kw_only=True, converter=_to_text)
    probability: float | None = attrs.field(
        default=None, kw_only=True, converter=_to_stage_probability
    )
    category: str | None = attrs.field(default=None, kw_only=True, converter=_to_category)
    stale_after: float | None = attrs.field(default=None, kw_only=True)
    requires: tuple[Requirement, ...] = attrs.field(
        default=(), kw_only=True, converter=_to_entry_criteria
    )
    exit_requires: tuple[Requirement, ...] = attrs.field(
        default=(), kw_only=True, converter=_to_exit_criteria
    )
    playbook: "Playbook | None" = attrs.field(default=None, kw_only=True)
    retired: bool = attrs.field(default=False, kw_only=True)

    @label.default
    def _label_of_name(self) -> str:
        return label_of(self.name)

    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        found = []
        given: object = self.name
        what = f"stage '{given}'" if isinstance(given, str) else f"stage {shown(given)}"
        if not is_text(given):
            found.append(f"stage name {shown(given)} is no text")
        if not is_text(self.label):
            found.append(f"{what} has label {shown(self.label)}, which is no text")
        if self.category is not None and not is_text(self.category):
            found.append(f"{what} has category {shown(self.category)}, which is no text")
        if not _is_flag(self.retired):
            found.append(f"{what} has retired {shown(self.retired)}, not True or False")
        if self.exit_requires and self.kind != "open":
            found.append(f"{what} is {self.kind}, and only an open one takes exit_requires")
        certain = {"won": 1.0, "lost": 0.0}.get(self.kind)
        if certain is not None and self.probability not in (None, certain):
            found.append(
                f"{what} is {self.kind}, so its probability is {certain:.0f}, "
                f"not {self.probability}"
            )
        if self.stale_after is not None and not _is_above_zero(self.stale_after):
            days = shown(self.stale_after)
            found.append(f"{what} is stale after {days} days, not above 0 and up to {_MOST_DAYS}")
        if self.playbook is not None:
            from salesflow.process.playbook import playbook_faults

            found += [f"{what} {fault}" for fault in playbook_faults(self.playbook)]
        return found
