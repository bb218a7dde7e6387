"""`score`: how promising a lead is, from its fit and its qualification."""

from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import attrs

from salesflow.errors import OptionError, shown
from salesflow.models import Account
from salesflow.models._history import Recorded
from salesflow.periods import require_aware
from salesflow.process._weights import to_weight, weight_faults
from salesflow.process.profile import Fit, IdealCustomerProfile, Outcome
from salesflow.process.qualification import BANT, Framework, Qualification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from salesflow.models import Deal, Lead

_OUTCOMES: dict[str, Outcome] = {"yes": "met", "no": "not met"}


@attrs.frozen
class Point:
    """What one rule or one criterion adds to a score.

    Attributes:
        part: ``fit`` or ``qualification``.
        name: the field of the rule, or the name of the criterion.
        outcome: ``met``, ``not met`` or ``unknown``.
        of: what it is worth, of the 1 that all are worth together. [0 to 1]
        words: why.
    """

    part: Literal["fit", "qualification"]
    name: str
    outcome: Outcome
    of: float
    words: str

    @property
    def points(self) -> float | None:
        """What it adds: all it is worth if met, 0 if not; None if that is unknown."""
        return {"met": self.of, "not met": 0.0, "unknown": None}[self.outcome]

    def __str__(self) -> str:
        points = "?" if self.points is None else f"{self.points:.3g}"
        return f"{points} of {self.of:.3g}  {self.part}: {self.words}"


@attrs.frozen
class LeadScore:
    """How promising a lead is, and how that came about; `score` makes it.

    Attributes:
        value: what is met ÷ what is known; None if nothing is known. [0 to 1]
        low: the score if all that is unknown were not met. [0 to 1]
        high: the score if all that is unknown were met. [0 to 1]
        fit: how well the account fits; None if that was not asked, or there is no account.
        qualification: what the lead answered; None if that was not asked.
        reasons: what each rule and each criterion adds.
        as_of: the instant the answers were read at; None for as they stand.
        notes: what else must be said of the score.
    """

    value: float | None
    low: float
    high: float
    fit: Fit | None
    qualification: Qualification | None
    reasons: tuple[Point, ...]
    as_of: datetime | None = None
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        value = "unknown" if self.value is None else f"{self.value:.2f}"
        head = f"score {value}, from {self.low:.2f} to {self.high:.2f}"
        return "\n".join([head, *(f"  {point}" for point in self.reasons), *self.notes])


def score(
    lead: "Lead | Deal",
    account: Account | None = None,
    *,
    profile: IdealCustomerProfile | None = None,
    framework: Framework | None = BANT,
    fit_weight: float = 1.0,
    qualification_weight: float = 1.0,
    as_of: datetime | None = None,
) -> LeadScore:
    """How promising is a lead?

    **Definition**: all rules of the profile and all criteria of the framework in one list, each
    worth its share of its part's weight. The score is the worth of those that are met (or answered
    with yes) ÷ the worth of those whose outcome is known. So a part counts by as much as is known
    of it, a rule or answer that becomes met never lowers the score, and what is unknown is left
    out, not counted as a no. ``low`` and ``high`` are what the score may come to once all is known.

    Args:
        lead: a lead, or a deal.
        account: its firm. Without one, every rule of the profile is unknown.
        profile: what to fit the account to; None leaves fit out.
        framework: what to qualify the lead by; None leaves qualification out.
        fit_weight: how much fit counts. [above 0]
        qualification_weight: how much qualification counts. [above 0]
        as_of: the instant to look back to; an account has no history, and stays as it is, which
            the notes say. [aware datetime]

    Returns:
        A `LeadScore`; print it to see where every point comes from.

    Raises:
        NaiveDatetimeError: for an as_of without a zone.
        OptionError: with neither a profile nor a framework, for an account without a profile or of
            another id than the lead's, or for a weight that is none.

    Example:
        >>> from salesflow import Account, Pipeline
        >>> from salesflow.process.profile import between, one_of
        >>> profile = IdealCustomerProfile(
        ...     "mid", [one_of("country", ["AT", "DE"]), between("n_employees", 50, 500)]
        ... )
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.open("Acme", account_id="A-1")
        >>> deal = pipeline.answer(deal, "bant", "need", "yes", note="double entries")
        >>> print(score(deal, Account(id="A-1", name="Acme", country="AT"), profile=profile))
        score 1.00, from 0.38 to 1.00
          0.25 of 0.25  fit: country is 'AT', one of 'AT', 'DE'
          ? of 0.25  fit: n_employees is not known
          0.125 of 0.125  qualification: need: yes (double entries)
          ? of 0.125  qualification: budget: not answered
          ? of 0.125  qualification: authority: not answered
          ? of 0.125  qualification: timeline: not answered
    """
    weights = (fit_weight, qualification_weight)
    _check(lead, account, profile, framework, weights)
    as_of = None if as_of is None else require_aware(as_of, "as_of")
    found = None if framework is None else framework.of(lead, as_of)
    fit = None if profile is None or account is None else profile.fit(account)
    parts: list[tuple[float, Sequence[_Item]]] = []
    if profile is not None:
        parts.append((fit_weight, tuple(_rules(profile, fit))))
    if found is not None:
        parts.append((qualification_weight, tuple(_criteria(found))))
    reasons, worths = _points(parts)
    met = _total(reasons, worths, "met")
    known = met + _total(reasons, worths, "not met")
    notes: tuple[str, ...] = ()
    if as_of is not None and fit is not None:
        notes = ("The account has no history: its fit is as of now, not as_of.",)
    return LeadScore(
        value=float(met / known) if known else None,
        low=float(met),
        high=float(1 - known + met),
        fit=fit,
        qualification=found,
        reasons=reasons,
        as_of=as_of,
        notes=notes,
    )


_Item = tuple[Literal["fit", "qualification"], str, float, Outcome, str]
"""A rule or criterion: its part, name, weight within the part, outcome, and why."""


def _check(
    lead: object, account: object, profile: object, framework: object, weights: tuple[float, float]
) -> None:
    """Refuse what cannot be scored, with all that is wrong."""
    faults: list[tuple[str, object, str]] = []
    if not isinstance(lead, Recorded):
        faults.append(("lead", lead, "it is no Lead and no Deal"))
    if not isinstance(profile, IdealCustomerProfile | None):
        faults.append(("profile", profile, f"profile {shown(profile)} is no profile"))
    if not isinstance(framework, Framework | None):
        words = f"framework {shown(framework)} is no Framework, pipeline.framework(…) finds one"
        faults.append(("framework", framework, words))
    if profile is None and framework is None:
        faults.append(("profile", None, "there is neither a profile nor a framework"))
    theirs = getattr(lead, "account_id", None)
    if not isinstance(account, Account | None):
        faults.append(("account", account, f"account {shown(account)} is no Account"))
    elif account is not None and profile is None:
        faults.append(("account", account, "there is no profile to fit the account to"))
    elif account is not None and theirs not in (None, account.id):
        faults.append(("account", account, f"its account is '{theirs}', not '{account.id}'"))
    for name, weight in zip(("fit_weight", "qualification_weight"), weights, strict=True):
        faults += [(name, weight, fault) for fault in weight_faults(name, to_weight(weight))]
    if faults:
        parameter, value, _ = faults[0]
        what = shown(getattr(lead, "id", lead))
        msg = f"cannot score {what}: {'; '.join(fault for *_, fault in faults)}"
        raise OptionError(msg, parameter=parameter, value=value)


def _rules(profile: IdealCustomerProfile, fit: Fit | None) -> "Iterator[_Item]":
    if fit is None:
        for rule in profile.rules:
            yield "fit", rule.field, rule.weight, "unknown", f"{rule.field}: there is no account"
    else:
        for reason in fit.reasons:
            yield "fit", reason.rule.field, reason.of, reason.outcome, reason.words


def _criteria(found: Qualification) -> "Iterator[_Item]":
    answers = found.answers
    for criterion in found.framework.criteria:
        event = answers.get(criterion.name)
        said = "not answered" if event is None else event.answer
        note = "" if event is None or event.note is None else f" ({event.note})"
        outcome = _OUTCOMES.get(said, "unknown")
        words = f"{criterion.name}: {said}{note}"
        yield "qualification", criterion.name, criterion.weight, outcome, words


def _points(
    parts: "list[tuple[float, Sequence[_Item]]]",
) -> tuple[tuple[Point, ...], list[Fraction]]:
    """All rules and criteria in one list, and what each is worth, exactly."""
    whole = sum(_exact(weight) for weight, _ in parts)
    points = []
    worths = []
    for weight, items in parts:
        unit = _exact(weight) / whole / sum(_exact(item[2]) for item in items)
        for part, name, own, outcome, words in items:
            worths.append(_exact(own) * unit)
            points.append(Point(part, name, outcome, float(worths[-1]), words))
    return tuple(points), worths


def _exact(weight: float) -> Fraction:
    return Fraction(str(weight))


def _total(points: "Iterable[Point]", worths: "Iterable[Fraction]", outcome: Outcome) -> Fraction:
    pairs = zip(points, worths, strict=True)
    return sum((worth for point, worth in pairs if point.outcome == outcome), Fraction(0))
