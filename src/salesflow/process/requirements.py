"""What must be true before a deal or a lead moves: requirements to put into stages.

Use it as ``sf.requirements``. `has`, `at_least`, `field`, `activity`, `qualified`, `role` and
`named` ask one thing; `any_of`, `all_of` and `not_` combine. Each returns a value: frozen, equal by
what it asks, hashable, picklable, and safe to share. Its ``unmet(subject, by)`` says in words what
is missing, or is None; ``str`` of it says in words what it asks.

What is not known is unmet, and says so. It stays unmet under `not_`: while it is not known whether
the customer's legal team agreed, neither ``field("custom.legal_ok", equals=True)`` nor its negation
lets a deal pass.

A name is a field of `Deal` or `Lead`; ``custom.x`` for a key x of ``custom``; or a count of done
activities (``n_activities``, ``n_touches``, ``n_calls``, ``n_emails``, ``n_meetings``, ``n_demos``,
``n_messages``, ``n_notes``) or of contacts (``n_contacts``). Any other is refused when the
requirement is made.
"""

from collections.abc import Iterable
from typing import Any

from salesflow.errors import OptionError, shown
from salesflow.process._asking import Check, Done, Named, Role
from salesflow.process._combining import AllOf, AnyOf, Not
from salesflow.process._comparing import Field, Has, Operand
from salesflow.process._qualifying import Qualified
from salesflow.process.qualification import Framework
from salesflow.process.stage import Requirement

__all__ = [
    "AllOf",
    "AnyOf",
    "Done",
    "Field",
    "Has",
    "Named",
    "Not",
    "Qualified",
    "Role",
    "activity",
    "all_of",
    "any_of",
    "at_least",
    "field",
    "has",
    "named",
    "not_",
    "qualified",
    "role",
]


def has(name: str) -> Has:
    """Is it known, and not empty? Of a count: is there at least one?

    Zero and False are known. An empty text, list or mapping is as good as none.

    Raises:
        OptionError: for a name that neither a deal nor a lead has.

    Example:
        >>> from salesflow import Pipeline
        >>> deal = Pipeline.standard().open("Acme", owner_id="kim")
        >>> has("owner_id").unmet(deal, None) is None
        True
        >>> has("amount").unmet(deal, None)
        'amount is not known'
    """
    return Has(name)


def at_least(name: str, value: Operand) -> Field:
    """Is it a value or more? The same as ``field(name, at_least=value)``.

    Amounts of two currencies do not compare: that is unmet, and says so.

    Args:
        name: an amount, a number, a date, a count or ``custom.x``.
        value: Money for an amount, a number, a date; a whole number for a count.

    Raises:
        OptionError: for a name that is not known; for a value of another type.

    Example:
        >>> from salesflow import Money, Pipeline
        >>> deal = Pipeline.standard().open("Acme", amount=Money(500, "USD"))
        >>> at_least("n_meetings", 1).unmet(deal, None)
        '1 meeting is needed, there is none'
        >>> at_least("amount", Money(100, "EUR")).unmet(deal, None)
        'amount is USD 500.00, which does not compare with EUR 100.00'
    """
    return field(name, at_least=value)


def field(
    name: str,
    *,
    equals: Operand | None = None,
    one_of: Iterable[Operand] | None = None,
    at_least: Operand | None = None,
    at_most: Operand | None = None,
) -> Field:
    """How does it compare? Exactly one of the options says with what.

    ``True`` is not 1 here. Instants, such as ``created_at``, and lists are not compared; ask `has`.

    Args:
        name: what is looked at.
        equals: the one value that it must be.
        one_of: the values that it may be. [list or tuple]
        at_least: the least that it may be.
        at_most: the most that it may be.

    Raises:
        OptionError: for a name that is not known; for none or two options; for a value of a type
            that it does not compare with.

    Example:
        >>> from salesflow import Pipeline
        >>> deal = Pipeline.standard().open("Acme", custom={"discount": 0.2})
        >>> field("custom.discount", at_most=0.1).unmet(deal, None)
        'custom.discount is 0.2, and must be at most 0.1'
        >>> field("custom.legal_ok", equals=True).unmet(deal, None)
        'custom.legal_ok is not known'
    """
    options: dict[str, Any] = {
        "equals": equals,
        "one_of": one_of,
        "at_least": at_least,
        "at_most": at_most,
    }
    given = [(operator, value) for operator, value in options.items() if value is not None]
    if len(given) != 1:
        what = " and ".join(f"{operator}=" for operator, _ in given) or "nothing"
        msg = f"cannot require {shown(name)} with {what}: exactly one comparison is needed"
        hint = "give one of equals=, one_of=, at_least=, at_most=; has(…) asks what is known."
        raise OptionError(msg, hint=hint, parameter="equals", value=tuple(dict(given)))
    ((operator, value),) = given
    return Field(name, operator, value)  # type: ignore[arg-type]  # the keys are the operators


def activity(kind: str, *, within_stage: bool = False) -> Done:
    """Was an activity of a kind done?

    A planned one does not count until it is logged as done.

    Args:
        kind: ``demo``, ``meeting``, or a word of your own, as it is logged.
        within_stage: whether only what happened since the present stage was entered counts.

    Raises:
        OptionError: for a kind that is no text.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.open("Acme")
        >>> activity("demo").unmet(deal, None)
        "a done 'demo' is needed, there is none"
        >>> activity("demo").unmet(pipeline.log(deal, "demo"), None) is None
        True
    """
    return Done(kind, within_stage=within_stage)


def qualified(framework: Framework | str, threshold: float) -> Qualified:
    """Do the answers to a framework come to a score?

    Args:
        framework: ``bant``, ``meddicc``, ``champ``, or a `Framework` of your own.
        threshold: the least score that is enough. [0 to 1]

    Raises:
        UnknownFrameworkError: for a name that is not built in.
        OptionError: for a threshold outside 0 to 1.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.answer(pipeline.open("Acme"), "bant", "need", "yes")
        >>> qualified("bant", 0.5).unmet(deal, None)
        'BANT of 0.5 is needed, it is 0.25; not known: budget, authority, timeline'
    """
    return Qualified(framework, threshold)


def role(role: str) -> Role:
    """Does the one who makes the move have a role? That makes it an approval.

    Roles come with ``by=Actor(id, roles=…)``; a plain id has none.

    Raises:
        OptionError: for a role that is no text.

    Example:
        >>> from salesflow import Actor, Pipeline
        >>> deal = Pipeline.standard().open("Acme")
        >>> role("manager").unmet(deal, Actor("kim"))
        "role 'manager' is needed, and 'kim' does not have it"
    """
    return Role(role)


def named(name: str, function: Check) -> Named:
    """Does a function of yours say so?

    Args:
        name: what a definition in a file calls it.
        function: takes the deal or lead, and the `Actor` or None. It returns what is missing in
            words, or None; or True if it is met, False if not. It must be a pure function.

    Raises:
        OptionError: for a name that is no text, or what is no function; when it is asked, for an
            answer of another type.

    Example:
        >>> from salesflow import Pipeline
        >>> def in_europe(deal, by):
        ...     return deal.custom.get("region") == "europe"
        >>> named("in_europe", in_europe).unmet(Pipeline.standard().open("Acme"), None)
        "'in_europe' is not met"
    """
    return Named(name, function)


def any_of(*requirements: Requirement) -> AnyOf:
    """Is one of several met?

    Raises:
        OptionError: for none at all; for what is no requirement.

    Example:
        >>> from salesflow import Pipeline
        >>> deal = Pipeline.standard().open("Acme")
        >>> any_of(has("amount"), at_least("n_meetings", 2)).unmet(deal, None)
        'needs any of: amount is not known; or: 2 meetings are needed, there is none'
    """
    return AnyOf(requirements)


def all_of(*requirements: Requirement) -> AllOf:
    """Are all of several met? For use within `any_of` and `not_`: a stage asks all of its list.

    Raises:
        OptionError: for none at all; for what is no requirement.

    Example:
        >>> from salesflow import Pipeline
        >>> deal = Pipeline.standard().open("Acme")
        >>> all_of(has("amount"), has("source")).unmet(deal, None)
        'amount is not known; and: source is not known'
    """
    return AllOf(requirements)


def not_(requirement: Requirement) -> Not:
    """Is another surely not met?

    While the other is not known, this is unmet too. To ask that a field is unknown, use
    ``not_(has(name))``: whether it is known, is always known.

    Raises:
        OptionError: for what is no requirement.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> asked = not_(field("custom.blocked", equals=True))
        >>> asked.unmet(pipeline.open("Acme", custom={"blocked": True}), None)
        'this must not be so: custom.blocked is True'
        >>> asked.unmet(pipeline.open("Acme"), None)
        'this must not be so, and is not known: custom.blocked is True'
    """
    return Not(requirement)
