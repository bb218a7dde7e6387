"""Whether a lead or a deal is qualified: frameworks of criteria, and what was answered.

`Framework` and `Criterion` are the questions, `Qualification` what a history answers to them.
`BANT`, `MEDDICC` and `CHAMP` are built in.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from salesflow.errors import OptionError, UnknownFrameworkError, closest, one_of, shown
from salesflow.process._text import is_text, label_of, plain_if_text
from salesflow.process._weights import in_units, refuse, to_parts, to_weight, weight_faults

if TYPE_CHECKING:
    from salesflow.models import Deal, Lead
    from salesflow.models.events import QualificationAnswered


def _text(value: Any) -> Any:
    return plain_if_text(value)


@attrs.frozen
class Criterion:
    """One thing to find out.

    Args:
        name: its key, which never changes once it was answered.
        question: what to ask, to be answered with yes or no.
        weight: how much it counts beside the others. [above 0]
        label: what people see; the name in words unless given.

    Example:
        >>> Criterion("legal_ok", "Has their legal team agreed to the terms?").label
        'Legal ok'
    """

    name: str = attrs.field(converter=_text)
    question: str = attrs.field(converter=_text)
    weight: float = attrs.field(default=1.0, converter=to_weight)
    label: str = attrs.field(kw_only=True, converter=_text)

    @label.default
    def _label_of_name(self) -> str:
        return label_of(self.name)

    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        found = []
        if not is_text(self.name):
            found.append(f"criterion name {shown(self.name)} is no text")
        for part in ("question", "label"):
            value = getattr(self, part)
            if not is_text(value):
                found.append(f"criterion {shown(self.name)} has {part} {shown(value)}, no text")
        return found + weight_faults(f"criterion {shown(self.name)}", self.weight)


@attrs.frozen
class Framework:
    """Which questions tell whether somebody is qualified? Criteria, each with its weight.

    Answers are recorded with ``pipeline.answer``, and read back with `of`.

    Args:
        name: its key; the answers in a history carry it.
        criteria: what to find out, in the order to ask.
        label: what people see; the name in words unless given.

    Raises:
        CriteriaError: for a framework with faults, all of them listed.

    Example:
        >>> framework = Framework(
        ...     "trial",
        ...     [
        ...         Criterion("data", "Have they loaded data of their own?", weight=2),
        ...         Criterion("users", "Do three people or more use it?"),
        ...     ],
        ... )
        >>> [criterion.name for criterion in framework.criteria]
        ['data', 'users']
    """

    name: str = attrs.field(converter=_text)
    criteria: tuple[Criterion, ...] = attrs.field(converter=to_parts)
    label: str = attrs.field(kw_only=True, converter=_text)
    _units: Mapping[str, int] = attrs.field(init=False, eq=False, repr=False)

    @label.default
    def _label_of_name(self) -> str:
        return label_of(self.name)

    def __attrs_post_init__(self) -> None:
        faults = self._faults()
        if faults:
            refuse("framework", self.name, faults)
        names = [criterion.name for criterion in self.criteria]
        units = in_units(criterion.weight for criterion in self.criteria)
        object.__setattr__(self, "_units", dict(zip(names, units, strict=True)))

    def _faults(self) -> list[str]:
        found = [] if is_text(self.name) else [f"its name {shown(self.name)} is no text"]
        if not is_text(self.label):
            found.append(f"its label {shown(self.label)} is no text")
        if not self.criteria:
            found.append("it has no criteria")
        names = []
        given: tuple[object, ...] = self.criteria
        for criterion in given:
            if isinstance(criterion, Criterion):
                found += criterion.faults()
                names.append(criterion.name)
            else:
                found.append(f"its criteria hold {shown(criterion)}, which is no Criterion")
        twice = [name for place, name in enumerate(names) if name in names[:place]]
        return found + [f"criterion {shown(name)} is there more than once" for name in twice]

    def of(self, subject: "Deal | Lead", as_of: datetime | None = None) -> "Qualification":
        """How far is a deal or a lead qualified?

        **Definition**: of each criterion the last answer in its own history counts. What was
        answered for others that were merged into it stays in their histories, and counts no more:
        a survivor keeps its own answers, as it keeps its own amount.

        Args:
            subject: a deal or a lead.
            as_of: the instant to look back to, answers at it included; as it stands unless given.
                [aware datetime]

        Raises:
            NaiveDatetimeError: for an instant without a zone.
            OptionError: for anything but a deal or a lead.

        Example:
            >>> from salesflow import Pipeline
            >>> pipeline = Pipeline.standard()
            >>> BANT.of(pipeline.open("Acme")).unknown
            ('need', 'budget', 'authority', 'timeline')
        """
        from salesflow.models.past import Cut, n_known

        last: dict[str, QualificationAnswered] = {}
        _require_recorded(subject)
        events = subject.history
        for event in events if as_of is None else events[: n_known(subject, Cut(as_of))]:
            if event.type == "qualification_answered" and event.framework == self.name:
                last[event.criterion] = event
        asked = tuple([last.pop(name) for name in self._units if name in last])
        return Qualification(self, asked, tuple(last.values()))


def _require_recorded(subject: object) -> None:
    from salesflow.models._history import Recorded

    if not isinstance(subject, Recorded):
        msg = f"cannot read the history of {shown(subject)}: it is no Deal and no Lead"
        raise OptionError(msg, parameter="subject", value=subject)


@attrs.frozen(repr=False)
class Qualification:
    """What is known of a deal or a lead by a framework; `Framework.of` makes it.

    Attributes:
        framework: the questions.
        given: the last answer to each criterion that was answered, in the order of the criteria.
            Each is the event that recorded it, with ``answer`` (``yes``, ``no`` or ``unknown``),
            ``note``, ``by``, ``at`` and ``precision``.
        left_out: answers to criteria that the framework does not have, or no longer has. They
            count for nothing.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.answer(pipeline.open("Acme"), "bant", "need", "yes")
        >>> deal = pipeline.answer(deal, "bant", "budget", "no", note="next year")
        >>> found = BANT.of(deal)
        >>> found
        <Qualification bant: score 0.25, best 0.75; unknown: authority, timeline>
        >>> found.answers["budget"].note
        'next year'
    """

    framework: Framework
    given: "tuple[QualificationAnswered, ...]"
    left_out: "tuple[QualificationAnswered, ...]" = ()

    @property
    def answers(self) -> "Mapping[str, QualificationAnswered]":
        """The last answer to each criterion that was answered, by its name. Read-only."""
        return MappingProxyType({event.criterion: event for event in self.given})

    @property
    def yes(self) -> tuple[str, ...]:
        """The criteria answered with yes."""
        return tuple(event.criterion for event in self.given if event.answer == "yes")

    @property
    def no(self) -> tuple[str, ...]:
        """The criteria answered with no."""
        return tuple(event.criterion for event in self.given if event.answer == "no")

    @property
    def unknown(self) -> tuple[str, ...]:
        """The criteria that nobody answered, or that were answered with unknown."""
        known = {event.criterion for event in self.given if event.answer != "unknown"}
        return tuple(name for name in self.framework._units if name not in known)

    @property
    def score(self) -> float | None:
        """How much of the framework is confirmed? None while nothing is known.

        **Definition**: weight of the criteria answered with yes ÷ weight of all. What is unknown is
        not confirmed, so this is the least that it may come to; `best` is the most. With neither a
        yes nor a no it is None: nobody asked, which is not 0. [0 to 1, exact: weights are taken
        as the decimals they are written as]
        """
        known = [event for event in self.given if event.answer != "unknown"]
        if not known:
            return None
        return self._share([event.criterion for event in known if event.answer == "yes"])

    @property
    def best(self) -> float:
        """The score [0 to 1] if all that is unknown became yes."""
        return self._share((*self.yes, *self.unknown))

    def _share(self, names: Iterable[str]) -> float:
        units = self.framework._units
        return sum(map(units.__getitem__, names)) / sum(units.values())

    def passes(self, threshold: float) -> bool:
        """Whether the score is known, and at least the threshold.

        Args:
            threshold: the least score that is enough. [0 to 1]

        Raises:
            OptionError: for a threshold outside 0 to 1.
        """
        is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        if not is_number or not 0 <= threshold <= 1:
            msg = f"cannot compare a score with threshold {shown(threshold)}: it is not in 0 to 1"
            hint = "a score of three quarters is 0.75."
            raise OptionError(msg, hint=hint, parameter="threshold", value=threshold)
        score = self.score
        return score is not None and score >= threshold

    def __repr__(self) -> str:
        score = "unknown" if self.score is None else f"{self.score:.4g}"
        unknown = f"; unknown: {', '.join(self.unknown)}" if self.unknown else ""
        name = self.framework.name
        return f"<Qualification {name}: score {score}, best {self.best:.4g}{unknown}>"


BANT = Framework(
    "bant",
    [
        Criterion("need", "Do they have a problem that we solve, and want it solved?"),
        Criterion("budget", "Is there money for it, or value enough that money will be found?"),
        Criterion("authority", "Are we talking with those who decide?"),
        Criterion("timeline", "Do they want it by a date, and is there a reason for that date?"),
    ],
    label="BANT",
)
"""Budget, authority, need and timeline; need first, since without one the rest is idle."""

MEDDICC = Framework(
    "meddicc",
    [
        Criterion("metrics", "Can they say in numbers what it must bring them?"),
        Criterion("economic_buyer", "Have we met the person who can release the money?"),
        Criterion("decision_criteria", "Do we know what they will judge the offers by?"),
        Criterion("decision_process", "Do we know the steps, people and dates up to a signature?"),
        Criterion("identify_pain", "Is it clear what hurts them, and what waiting would cost?"),
        Criterion("champion", "Does somebody with influence there speak for us?"),
        Criterion("competition", "Do we know what else they consider, doing nothing included?"),
    ],
    label="MEDDICC",
)
"""For long sales to large firms with many people involved."""

CHAMP = Framework(
    "champ",
    [
        Criterion("challenges", "Do they have a challenge that we can help with?"),
        Criterion("authority", "Do we know who takes part in the decision, and talk with them?"),
        Criterion("money", "Can they pay what it costs, from a budget there is or will be?"),
        Criterion("prioritization", "Is it among the things that they will do first?"),
    ],
    label="CHAMP",
)
"""Challenges first, money after them."""

BUILT_IN: Mapping[str, Framework] = MappingProxyType(
    {framework.name: framework for framework in (BANT, MEDDICC, CHAMP)}
)
"""The frameworks that every process knows, by name."""


class HasFrameworks(Protocol):
    """A definition with frameworks of its own."""

    @property
    def frameworks(self) -> tuple[Framework, ...]:
        """Those beside the built-in ones."""
        ...


def frameworks_of(process: HasFrameworks) -> dict[str, Framework]:
    """The frameworks that a process knows by name: the built-in ones and its own."""
    return {**BUILT_IN, **{framework.name: framework for framework in process.frameworks}}


def find_framework(process: HasFrameworks, name: object) -> Framework:
    """The framework of a name.

    Raises:
        UnknownFrameworkError: for a name that the process does not know.
    """
    known = frameworks_of(process)
    if isinstance(name, str) and str.__str__(name) in known:
        return known[str.__str__(name)]
    msg = f"cannot find framework {shown(name)}: it is not built in, nor one of the definition"
    hint = f"there is {one_of(closest(name, known))}; add your own: frameworks=(…)."
    raise UnknownFrameworkError(msg, hint=hint, framework=name, known=tuple(known))


def framework_faults(frameworks: tuple[object, ...]) -> list[str]:
    """What is wrong with the frameworks of a definition, in words."""
    found = []
    names = dict(BUILT_IN)
    own: set[str] = set()
    for framework in frameworks:
        if not isinstance(framework, Framework):
            found.append(f"frameworks holds {shown(framework)}, which is no Framework")
        elif framework.name in own:
            found.append(f"framework '{framework.name}' is there more than once")
        elif names.get(framework.name, framework) != framework:
            found.append(f"framework '{framework.name}' is not the built-in one of that name")
        if isinstance(framework, Framework):
            own.add(framework.name)
    return found
