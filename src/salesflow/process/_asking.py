"""The requirements that ask for an activity, a role, or anything: by a function of a user's own."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import OptionError, shown
from salesflow.models import Activity
from salesflow.models.moments import is_before
from salesflow.process._condition import MET, Condition, Judgement, text_of
from salesflow.process._subject import Subject, done_activities, is_told, logged_since_entry
from salesflow.process._text import is_text
from salesflow.process.actor import Actor
from salesflow.process.stage import answer_of

if TYPE_CHECKING:
    from salesflow.models._base import Precision

Check = Callable[[Any, Actor | None], str | bool | None]
"""What a named requirement asks: it says what is missing, or whether it is met."""


def _to_kind(value: str) -> str:
    return text_of(value, "activity")


def _to_role(value: str) -> str:
    return text_of(value, "role")


def _to_name(value: str) -> str:
    return text_of(value, "name")


def _to_flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    msg = f"cannot require an activity with within_stage={shown(value)}: it is not True or False"
    raise OptionError(msg, parameter="within_stage", value=value)


@attrs.frozen(repr=False)
class Done(Condition):
    """An activity of a kind was done; within the stage: since that was entered."""

    kind: str = attrs.field(converter=_to_kind)
    within_stage: bool = attrs.field(default=False, kw_only=True, converter=_to_flag)

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        del by
        found = [activity for activity in done_activities(subject) if activity.kind == self.kind]
        if self.within_stage and found:
            at, precision = subject.stage_entered_at, subject.stage_entered_precision
            if at is None:
                return None, f"{self} is needed, and when that was entered is not known"
            logged = logged_since_entry(subject)
            found = [done for done in found if done.id in logged and _is_since(done, at, precision)]
        if found:
            return MET
        if is_told(subject, since_entry=self.within_stage):
            return False, f"{self} is needed, there is none"
        return None, f"{self} is needed, none is known"

    def __str__(self) -> str:
        since = " since this stage was entered" if self.within_stage else ""
        return f"a done '{self.kind}'{since}"

    def __repr__(self) -> str:
        within = ", within_stage=True" if self.within_stage else ""
        return f"activity({self.kind!r}{within})"


def _is_since(activity: Activity, at: datetime, precision: "Precision") -> bool:
    done_at = activity.occurred_at
    is_early = done_at is None or is_before(done_at, activity.occurred_precision, at, precision)
    return not is_early


@attrs.frozen(repr=False)
class Role(Condition):
    """Who makes the move has a role: an approval."""

    role: str = attrs.field(converter=_to_role)

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        del subject
        if by is None:
            return None, f"role '{self.role}' is needed, and nobody is named"
        if self.role in by.roles:
            return MET
        return False, f"role '{self.role}' is needed, and '{by}' does not have it"

    def __str__(self) -> str:
        return f"role '{self.role}'"

    def __repr__(self) -> str:
        return f"role({self.role!r})"


@attrs.frozen(repr=False)
class Named(Condition):
    """A function of yours says so; a definition in a file holds its name."""

    name: str = attrs.field(converter=_to_name)
    function: Check = attrs.field()

    @function.validator
    def _check_function(self, _: object, value: object) -> None:
        if not callable(value):
            msg = f"cannot require '{self.name}': {shown(value)} is no function"
            hint = "give a function that takes the deal and who moves it."
            raise OptionError(msg, hint=hint, parameter="function", value=value)

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        said = answer_of(self, self.function, subject, by)
        if said is None or said is True:
            return MET
        if said is False:
            return False, f"'{self.name}' is not met"
        if is_text(said):
            return False, said
        msg = f"cannot use requirement '{self.name}': it says {shown(said)}"
        hint = "say what is missing, or True or None when nothing is."
        raise OptionError(msg, hint=hint, parameter="function", value=said)

    def __str__(self) -> str:
        return f"'{self.name}'"

    def __repr__(self) -> str:
        function = getattr(self.function, "__qualname__", None) or repr(self.function)
        return f"named({self.name!r}, {function})"
