"""`Condition`: a requirement that also tells whether it knows.

It judges in three values: met, not met, and not known. What is not known is unmet, and stays so
when it is negated: a gap in the data opens no gate.
"""

from abc import ABC, abstractmethod
from typing import Any

from salesflow.errors import OptionError, shown
from salesflow.models import Deal, Lead
from salesflow.process._subject import Subject
from salesflow.process._text import is_text, plain_text
from salesflow.process.actor import Actor, By, actor_of, id_of
from salesflow.process.stage import Requirement, missing_of

Judgement = tuple[bool | None, str]
"""Whether it is met, None if that is not known; and what is missing."""

MET: Judgement = (True, "")


class Condition(ABC):
    """A requirement of ours."""

    __slots__ = ()

    @abstractmethod
    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""

    def unmet(self, subject: Subject, by: By) -> str | None:
        """What is missing, in words; None when nothing is."""
        given: object = subject
        if not isinstance(given, Deal | Lead):
            msg = f"cannot ask requirement {self} of {shown(given)}: it is no Deal and no Lead"
            raise OptionError(msg, parameter="subject", value=given)
        if not isinstance(by, Actor):
            id_of(by)  # refuses what is no text
            by = actor_of(by)
        met, missing = self.judge(subject, by)
        return None if met else missing


def judgement_of(requirement: Requirement, subject: Subject, by: Actor | None) -> Judgement:
    """That of any requirement; one of a user's own always knows."""
    if isinstance(requirement, Condition):
        return requirement.judge(subject, by)
    missing = missing_of(requirement, subject, by)
    return MET if missing is None else (False, missing)


def text_of(value: Any, parameter: str) -> str:
    """The text given for a parameter."""
    if is_text(value):
        return plain_text(value)
    msg = f"cannot require {parameter} {shown(value)}: it is no text"
    raise OptionError(msg, parameter=parameter, value=value)
