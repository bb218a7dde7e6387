"""`Stage`: one step of a pipeline, and `Requirement`: what must be true to enter it."""

from typing import TYPE_CHECKING, Any, Protocol, get_args

import attrs

from salesflow.errors import OptionError, ProbabilityError, one_of, shown
from salesflow.models._base import StageKind
from salesflow.process._text import is_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from salesflow.process.playbook import Playbook

_KINDS = get_args(StageKind)
_PLACES = 6
_PERCENT = 100


class Requirement(Protocol):
    """What must be true of a deal before it enters a stage.

    Any object with this method is one. It must be a pure function of what it is given. Opening a
    deal asks no requirement: it is no transition.
    """

    def unmet(self, deal: Any, by: str | None) -> str | None:
        """What is missing, in words; None when nothing is."""
        ...


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
    if str(kind) not in _KINDS:
        msg = f"cannot make a stage of kind {shown(kind)}"
        raise OptionError(msg, hint=f"give {one_of(_KINDS)}.", parameter="kind", value=kind)
    return kind


def _to_stage_probability(value: float | None) -> float | None:
    return to_probability(value)


def _to_requirements(requirements: "Iterable[Requirement]") -> "tuple[Requirement, ...]":
    try:
        found = tuple(requirements)
    except TypeError:
        msg = f"cannot require {requirements!r}: it is no list of requirements"
        hint = "put it in a list: requires=[…]."
        raise OptionError(msg, hint=hint, parameter="requires", value=requirements) from None
    for requirement in found:
        if not callable(getattr(requirement, "unmet", None)):
            msg = f"cannot require {requirement!r}: it has no method 'unmet'"
            raise OptionError(msg, parameter="requires", value=requirement)
    return found


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_above_zero(days: object) -> bool:
    return isinstance(days, int | float) and not isinstance(days, bool) and days > 0


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
        requires: what must be true of a deal before it enters.
        playbook: what to do while a deal is in it; `tasks` derives the tasks.
        retired: whether deals may no longer enter it; those in it may leave.

    Example:
        >>> Stage("first_call", probability=0.2).label
        'First call'
    """

    name: str
    kind: StageKind = attrs.field(default="open", kw_only=True, converter=_to_kind)
    label: str = attrs.field(kw_only=True)
    probability: float | None = attrs.field(
        default=None, kw_only=True, converter=_to_stage_probability
    )
    category: str | None = attrs.field(default=None, kw_only=True)
    stale_after: float | None = attrs.field(default=None, kw_only=True)
    requires: tuple[Requirement, ...] = attrs.field(
        default=(), kw_only=True, converter=_to_requirements
    )
    playbook: "Playbook | None" = attrs.field(default=None, kw_only=True)
    retired: bool = attrs.field(default=False, kw_only=True)

    @label.default
    def _label_of_name(self) -> str:
        name = str(self.name)
        return name.replace("_", " ").strip().capitalize() or name

    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        found = []
        if not is_text(self.name):
            found.append(f"stage name {self.name!r} is no text")
        if not is_text(self.label):
            found.append(f"stage '{self.name}' has label {self.label!r}, which is no text")
        if self.category is not None and not is_text(self.category):
            found.append(f"stage '{self.name}' has category {self.category!r}, which is no text")
        if not _is_flag(self.retired):
            found.append(f"stage '{self.name}' has retired {self.retired!r}, not True or False")
        certain = {"won": 1.0, "lost": 0.0}.get(self.kind)
        if certain is not None and self.probability not in (None, certain):
            found.append(
                f"stage '{self.name}' is {self.kind}, so its probability is {certain:.0f}, "
                f"not {self.probability}"
            )
        if self.stale_after is not None and not _is_above_zero(self.stale_after):
            found.append(
                f"stage '{self.name}' is stale after {shown(self.stale_after)} days, not above 0"
            )
        if self.playbook is not None:
            from salesflow.process.playbook import playbook_faults

            found += [f"stage '{self.name}' {fault}" for fault in playbook_faults(self.playbook)]
        return found
