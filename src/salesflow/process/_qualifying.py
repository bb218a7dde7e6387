"""The requirement that asks for the score of a qualification: `Qualified`."""

from typing import Any

import attrs

from salesflow.errors import OptionError, UnknownFrameworkError, closest, one_of, shown
from salesflow.process._condition import MET, Condition, Judgement
from salesflow.process._subject import Subject
from salesflow.process.actor import Actor
from salesflow.process.qualification import BUILT_IN, Framework


def _to_framework(value: Framework | str) -> Framework:
    if isinstance(value, Framework):
        return value
    if isinstance(value, str) and str.__str__(value) in BUILT_IN:
        return BUILT_IN[str.__str__(value)]
    msg = f"cannot find framework {shown(value)}: it is not built in"
    hint = f"there is {one_of(closest(value, BUILT_IN))}; give your own as a Framework."
    raise UnknownFrameworkError(msg, hint=hint, framework=value, known=tuple(BUILT_IN))


@attrs.frozen(repr=False)
class Qualified(Condition):
    """The answers to a framework come to a score."""

    framework: Framework = attrs.field(converter=_to_framework)
    threshold: float = attrs.field()

    @threshold.validator
    def _check_threshold(self, _: object, value: Any) -> None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= 1:
            msg = f"cannot require threshold {shown(value)}: a score lies between 0 and 1"
            hint = "a score of three quarters is 0.75."
            raise OptionError(msg, hint=hint, parameter="threshold", value=value)

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        del by
        found = self.framework.of(subject)
        if found.passes(self.threshold):
            return MET
        score = "nothing is answered" if found.score is None else f"it is {found.score:.4g}"
        open_ones = f"; not known: {', '.join(found.unknown)}" if found.unknown else ""
        # What is unknown may yet come to the score, or may not.
        met = None if found.best >= self.threshold else False
        return met, f"{self} is needed, {score}{open_ones}"

    def __str__(self) -> str:
        return f"{self.framework.label} of {self.threshold:g}"

    def __repr__(self) -> str:
        framework = self.framework
        name = framework.name if BUILT_IN.get(framework.name) == framework else framework
        return f"qualified({name!r}, {self.threshold!r})"
