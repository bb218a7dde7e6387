"""Whom to look for: an ideal customer profile, and how well an account fits it.

`IdealCustomerProfile`
    rules with weights; `fit` says how well an account meets them, with the reason for every point.
`one_of`, `between`, `at_least`
    make its rules.
"""

import math
from typing import TYPE_CHECKING, Any, Literal

import attrs

from salesflow.errors import OptionError, closest, shown
from salesflow.errors import one_of as as_words
from salesflow.models import Account
from salesflow.money import Money
from salesflow.process._text import is_text, plain_text
from salesflow.process._weights import in_units, refuse, to_parts, to_weight, weight_faults

if TYPE_CHECKING:
    from collections.abc import Iterable

    Limit = float | Money

_CUSTOM = "custom."
_RANGES = ("n_employees", "annual_revenue")
_TEXTS = tuple(name for name in Account.model_fields if name not in {*_RANGES, "custom"})


def _plain(field: str) -> str:
    return plain_text(field) if isinstance(field, str) else field


def _told_apart(values: Any) -> Any:
    """What tells values apart: for Python, True is 1."""
    return tuple((type(value) is bool, value) for value in values)


Outcome = Literal["met", "not met", "unknown"]
"""What a rule says of an account."""


@attrs.frozen
class OneOf:
    """The field is one of some values; `one_of` makes it."""

    field: str = attrs.field(converter=_plain)
    values: tuple[str | float | bool, ...] = attrs.field(converter=to_parts, eq=_told_apart)
    weight: float = attrs.field(default=1.0, converter=to_weight)

    def __attrs_post_init__(self) -> None:
        wrong = [value for value in self.values if not _takes(self.field, value)]
        faults = [f"{shown(value)} is no value of {shown(self.field)}" for value in wrong]
        if not self.values:
            faults.append("it has no values")
        if self.field == "annual_revenue":
            faults = ["'annual_revenue' is an amount; ask for a range of it, with between"]
        _check(self, faults)

    def _why_unknown(self, value: object) -> str | None:
        if not _is_single(value):
            return "which is no single value"
        kinds = {_kind_of(one) for one in self.values}
        return None if _kind_of(value) in kinds else "which is of another kind"

    def _is_met(self, value: object) -> bool:
        return any(_is_same(value, one) for one in self.values)

    def __str__(self) -> str:
        return f"one of {', '.join(map(_words, self.values))}"


@attrs.frozen
class Between:
    """The field lies between two values, both included; `between` makes it."""

    field: str = attrs.field(converter=_plain)
    low: "Limit"
    high: "Limit"
    weight: float = attrs.field(default=1.0, converter=to_weight)

    def __attrs_post_init__(self) -> None:
        faults = _limit_faults(self.field, self.low, self.high)
        if not faults and self.low > self.high:  # type: ignore[operator]  # of one kind
            faults.append(f"its low {_words(self.low)} is above its high {_words(self.high)}")
        _check(self, faults)

    def _why_unknown(self, value: object) -> str | None:
        return _why_not_comparable(value, self.low)

    def _is_met(self, value: Any) -> bool:
        return bool(self.low <= value <= self.high)

    def __str__(self) -> str:
        return f"between {_words(self.low)} and {_words(self.high)}"


@attrs.frozen
class AtLeast:
    """The field is a value or more; `at_least` makes it."""

    field: str = attrs.field(converter=_plain)
    value: "Limit"
    weight: float = attrs.field(default=1.0, converter=to_weight)

    def __attrs_post_init__(self) -> None:
        _check(self, _limit_faults(self.field, self.value))

    def _why_unknown(self, value: object) -> str | None:
        return _why_not_comparable(value, self.value)

    def _is_met(self, value: Any) -> bool:
        return bool(value >= self.value)

    def __str__(self) -> str:
        return f"at least {_words(self.value)}"


Rule = OneOf | Between | AtLeast
"""What a profile asks of one field of an account."""


def one_of(field: str, values: "Iterable[str | float | bool]", weight: float = 1.0) -> OneOf:
    """A rule: the field is one of these values, spelled just so.

    Args:
        field: a field of `Account`, or ``custom.x`` for a key x of its custom values.
        values: texts; numbers or truth values for fields that hold them.
        weight: how much it counts beside the other rules. [above 0]

    Raises:
        CriteriaError: for a field that an account does not have, values that it cannot hold, or a
            weight that is none.

    Example:
        >>> print(one_of("country", ["AT", "DE"]))
        one of 'AT', 'DE'
    """
    return OneOf(field, values, weight)


def between(field: str, low: "Limit", high: "Limit", weight: float = 1.0) -> Between:
    """A rule: the field lies between two values, both included.

    Args:
        field: ``n_employees``, ``annual_revenue``, or ``custom.x`` for a number.
        low: the least that is met: a number, or `Money` for ``annual_revenue``.
        high: the most that is met.
        weight: how much it counts beside the other rules. [above 0]

    Raises:
        CriteriaError: for a field that holds no such values, for limits of two currencies or in
            the wrong order, or for a weight that is none.

    Example:
        >>> print(between("n_employees", 50, 500))
        between 50 and 500
    """
    return Between(field, low, high, weight)


def at_least(field: str, value: "Limit", weight: float = 1.0) -> AtLeast:
    """A rule: the field is this value or more.

    Args:
        field: ``n_employees``, ``annual_revenue``, or ``custom.x`` for a number.
        value: the least that is met: a number, or `Money` for ``annual_revenue``.
        weight: how much it counts beside the other rules. [above 0]

    Raises:
        CriteriaError: for a field that holds no such values, or a weight that is none.

    Example:
        >>> print(at_least("annual_revenue", Money(2_000_000, "EUR")))
        at least EUR 2,000,000.00
    """
    return AtLeast(field, value, weight)


@attrs.frozen
class Reason:
    """What one rule says of an account.

    Attributes:
        rule: the rule.
        outcome: ``met``, ``not met`` or ``unknown``.
        points: its weight if it is met, 0 if it is not; None if that is unknown.
        words: the same as a sentence.
    """

    rule: Rule
    outcome: Outcome
    points: float | None
    words: str

    @property
    def of(self) -> float:
        """The points that the rule may give: its weight."""
        return self.rule.weight

    def __str__(self) -> str:
        points = "?" if self.points is None else f"{self.points:g}"
        return f"{points} of {self.of:g}: {self.words}"


@attrs.frozen
class Fit:
    """How well an account fits a profile, with the reason for every point.

    Attributes:
        profile: the name of the profile.
        value: points ÷ weight of the rules whose outcome is known; None if none is. [0 to 1]
        low: the fit if all that is unknown were not met: points ÷ weight of all rules. [0 to 1]
        high: the fit if all that is unknown were met. [0 to 1]
        reasons: one for each rule, in their order.
    """

    profile: str
    value: float | None
    low: float
    high: float
    reasons: tuple[Reason, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The fields that a rule could not be held to, each once."""
        fields = [reason.rule.field for reason in self.reasons if reason.outcome == "unknown"]
        return tuple(dict.fromkeys(fields))

    def __str__(self) -> str:
        value = "unknown" if self.value is None else f"{self.value:.2f}"
        head = f"fit to '{self.profile}': {value}, from {self.low:.2f} to {self.high:.2f}"
        return "\n".join([head, *(f"  {reason}" for reason in self.reasons)])


@attrs.frozen
class IdealCustomerProfile:
    """Which firms are worth looking for? Rules over the fields of an account, with weights.

    Args:
        name: what it is called.
        rules: made with `one_of`, `between` and `at_least`.

    Raises:
        CriteriaError: for a profile with faults, all of them listed.

    Example:
        >>> profile = IdealCustomerProfile(
        ...     "mid-market",
        ...     [
        ...         one_of("industry", ["software", "media"], weight=2),
        ...         between("n_employees", 50, 500),
        ...         at_least("annual_revenue", Money(2_000_000, "EUR")),
        ...     ],
        ... )
        >>> account = Account(id="A-1", name="Acme", industry="software", n_employees=40)
        >>> print(profile.fit(account))
        fit to 'mid-market': 0.67, from 0.50 to 0.75
          2 of 2: industry is 'software', one of 'software', 'media'
          0 of 1: n_employees is 40, not between 50 and 500
          ? of 1: annual_revenue is not known
    """

    name: str
    rules: tuple[Rule, ...] = attrs.field(converter=to_parts)
    _units: tuple[int, ...] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        faults = [] if is_text(self.name) else [f"its name {shown(self.name)} is no text"]
        if not self.rules:
            faults.append("it has no rules")
        given: tuple[object, ...] = self.rules
        wrong = [rule for rule in given if not isinstance(rule, Rule)]
        faults += [f"its rules hold {shown(rule)}, which is no rule" for rule in wrong]
        twice = [rule for place, rule in enumerate(given) if rule in given[:place]]
        faults += [f"it has {shown(rule)} more than once" for rule in twice]
        if faults:
            refuse("profile", self.name, faults)
        object.__setattr__(self, "_units", in_units(rule.weight for rule in self.rules))

    def fit(self, account: Account) -> Fit:
        """How well does an account fit?

        **Definition**: points ÷ weight of the rules whose outcome is known. A rule that is met
        gives its weight in points. A field that is not known is no no: its rule is left out, and
        says so; ``low`` and ``high`` are what the fit may come to once it is known. An amount in
        another currency, and a custom value of another kind, is unknown to a rule. Weights are
        taken as the decimals they are written as, so the quotients are exact.

        Args:
            account: the firm, as it is known.

        Returns:
            A `Fit`; its value is None if no rule's outcome is known.

        Raises:
            OptionError: for anything but an account.
        """
        _require_account(account, self.name)
        reasons = tuple(_reason(rule, account) for rule in self.rules)
        worth = dict.fromkeys(("met", "not met", "unknown"), 0)
        for reason, unit in zip(reasons, self._units, strict=True):
            worth[reason.outcome] += unit
        known = worth["met"] + worth["not met"]
        return Fit(
            profile=self.name,
            value=worth["met"] / known if known else None,
            low=worth["met"] / sum(self._units),
            high=(worth["met"] + worth["unknown"]) / sum(self._units),
            reasons=reasons,
        )


def _require_account(account: object, profile: str) -> None:
    if not isinstance(account, Account):
        msg = f"cannot fit {shown(account)} to profile '{profile}': it is no Account"
        raise OptionError(msg, parameter="account", value=account)


def _reason(rule: Rule, account: Account) -> Reason:
    value = _value(account, rule.field)
    if value is None:
        return Reason(rule, "unknown", None, f"{rule.field} is not known")
    is_value = f"{rule.field} is {_words(value)}"
    why = rule._why_unknown(value)
    if why is not None:
        return Reason(rule, "unknown", None, f"{is_value}, {why}")
    if rule._is_met(value):
        return Reason(rule, "met", rule.weight, f"{is_value}, {rule}")
    return Reason(rule, "not met", 0.0, f"{is_value}, not {rule}")


def _value(account: Account, field: str) -> object:
    if field.startswith(_CUSTOM):
        return account.custom.get(field.removeprefix(_CUSTOM))
    found: object = getattr(account, field)
    return found


def _check(rule: Rule, faults: list[str]) -> None:
    """Refuse a rule with its own faults, and those that any rule may have."""
    field = rule.field
    if not _is_field(field):
        near = as_words(closest(field, (*_TEXTS, *_RANGES)))
        faults = [f"an account has no field {shown(field)}; there is {near}, or custom.x"]
    faults = faults + weight_faults("it", rule.weight)
    if faults:
        refuse("rule for", field, faults)


def _is_field(field: object) -> bool:
    if not is_text(field):
        return False
    return field in _TEXTS or field in _RANGES or (field.startswith(_CUSTOM) and field != _CUSTOM)


def _limit_faults(field: str, *limits: object) -> list[str]:
    """What is wrong with the ends of a range of a field."""
    if field in _TEXTS:
        return [f"{shown(field)} is a text, which has no range; ask for values, with one_of"]
    wanted = "an amount of money" if field == "annual_revenue" else "a finite number"
    fits = _is_money if field == "annual_revenue" else _is_number
    faults = [f"its limit {shown(limit)} is not {wanted}" for limit in limits if not fits(limit)]
    currencies = {limit.currency for limit in limits if isinstance(limit, Money)}
    if not faults and len(currencies) > 1:
        faults.append(f"its limits are in {' and '.join(sorted(currencies))}")
    return faults


def _takes(field: object, value: object) -> bool:
    """Whether a field may hold the value."""
    if field in _TEXTS:
        return is_text(value)
    return _is_number(value) if field == "n_employees" else _is_single(value)


def _is_single(value: object) -> bool:
    return isinstance(value, str | bool) or _is_number(value)


def _kind_of(value: object) -> str:
    """Which kind a single value is: a text, a truth value or a number."""
    if isinstance(value, str):
        return "text"
    return "flag" if isinstance(value, bool) else "number"


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _is_money(value: object) -> bool:
    return isinstance(value, Money)


def _is_same(one: object, other: object) -> bool:
    """Whether two values are the same: 1 and 1.0 are, 1 and True are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _why_not_comparable(value: object, limit: object) -> str | None:
    """Why a known value is neither inside nor outside a range; None if it is."""
    if isinstance(value, Money) and isinstance(limit, Money):
        if value.currency == limit.currency:
            return None
        return f"and the rule is in {limit.currency}"
    return None if _is_number(value) else "which is no number"


def _words(value: object) -> str:
    return str(value) if isinstance(value, Money) else repr(value)
