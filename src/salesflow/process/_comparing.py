"""The requirements that look at a field or a count: `Has` and `Field`."""

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal, get_args

import attrs

from salesflow.errors import OptionError, one_of, shown
from salesflow.models._base import is_long
from salesflow.money import Money
from salesflow.process._condition import MET, Condition, Judgement
from salesflow.process._subject import (
    NOT_THERE,
    THINGS,
    Kind,
    Subject,
    is_empty,
    is_lower_bound,
    kind_of,
    name_of,
    no_field,
    reader,
    told,
)
from salesflow.process._text import is_text, plain_if_text
from salesflow.process.actor import Actor

Operator = Literal["equals", "one_of", "at_least", "at_most"]
"""How a field is compared with a value."""

Operand = str | bool | int | float | Money | date
"""What a field may be compared with."""


_OPERATORS = get_args(Operator)


def _to_name(value: str) -> str:
    return name_of(value)


def _to_operator(value: Operator) -> Operator:
    plain: Operator = plain_if_text(value)
    if isinstance(plain, str) and plain in _OPERATORS:
        return plain
    msg = f"cannot compare by {shown(value)}"
    hint = f"give {one_of(_OPERATORS)}."
    raise OptionError(msg, hint=hint, parameter="operator", value=value)


@attrs.frozen(repr=False)
class Has(Condition):
    """Something is known, and not empty; of a count, there is at least one."""

    name: str = attrs.field(converter=_to_name)

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        del by
        value = reader(self.name)(subject)
        if value is NOT_THERE:
            return None, no_field(subject, self.name)
        if self.name in THINGS:
            known = None if is_lower_bound(subject, self.name) else False
            return MET if value else (known, _too_few(self.name, 1, 0))
        if value is None:
            return False, f"{self.name} is not known"
        return (False, f"{self.name} is empty") if is_empty(value) else MET

    def __str__(self) -> str:
        return _n_things(self.name, 1) if self.name in THINGS else f"{self.name} is known"

    def __repr__(self) -> str:
        return f"has({self.name!r})"


def _n_things(name: str, number: Any) -> str:
    one, several = THINGS[name]
    return f"{number} {one if number == 1 else several}"


def _too_few(name: str, needed: Any, there: int) -> str:
    is_needed = "is" if needed == 1 else "are"
    found = {0: "there is none", 1: "there is 1"}.get(there, f"there are {there}")
    return f"{_n_things(name, needed)} {is_needed} needed, {found}"


def _to_operand(value: Any) -> Any:
    """A plain value: what a subclass of a text or a number adds is no part of it."""
    if isinstance(value, list | tuple):
        return tuple(map(_to_operand, value))
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else value


def _exact(value: Any) -> Any:
    """What tells values apart: for Python, True is 1."""
    return tuple(map(_exact, value)) if isinstance(value, tuple) else (type(value) is bool, value)


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and not is_long(value)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0 and not is_long(value)


def _is_money(value: object) -> bool:
    return isinstance(value, Money)


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_json(value: object) -> bool:
    return is_text(value) or type(value) is bool or _is_number(value)


_FITTING: dict[Kind, tuple[Callable[[object], bool], str]] = {
    "text": (is_text, "a text"),
    "number": (_is_number, "an int or a float"),
    "count": (_is_count, "a whole number from 0"),
    "money": (_is_money, "Money"),
    "date": (_is_date, "a date"),
    "custom": (_is_json, "a text, an int, a float, True or False"),
}
"""What each sort of field may be compared with."""

_ORDERED: dict[Kind, tuple[Callable[[object], bool], str]] = {
    **{kind: _FITTING[kind] for kind in ("number", "count", "money", "date")},
    "custom": (_is_number, "an int or a float"),
}
"""What it may be at least, or at most."""


@attrs.frozen(repr=False)
class Field(Condition):
    """A field compares with a value as the operator says."""

    name: str = attrs.field(converter=_to_name)
    operator: Operator = attrs.field(converter=_to_operator)
    value: Any = attrs.field(converter=_to_operand, eq=_exact)
    """Of ``one_of`` a tuple."""

    def __attrs_post_init__(self) -> None:
        is_ordered = self.operator in ("at_least", "at_most")
        fitting = (_ORDERED if is_ordered else _FITTING).get(kind_of(self.name))
        if fitting is None:
            msg = f"cannot require '{self.name}' with {self.operator}=: it is not compared so"
            hint = f"ask whether it is known: has({self.name!r})."
            raise OptionError(msg, hint=hint, parameter=self.operator, value=self.value)
        fits, wanted = fitting
        values = (self.value,)
        if self.operator == "one_of":
            wanted = f"a list, each {wanted}"
            values = self.value if isinstance(self.value, tuple) else ()
        if not values or not all(map(fits, values)):
            msg = f"cannot require '{self.name}' with {self.operator}={shown(self.value)}"
            raise OptionError(
                msg, hint=f"give {wanted}.", parameter=self.operator, value=self.value
            )

    def judge(self, subject: Subject, by: Actor | None) -> Judgement:
        """Whether it is met, and what is missing if not."""
        del by
        value = reader(self.name)(subject)
        if value is None:
            return None, f"{self.name} is not known"
        if value is NOT_THERE:
            return None, no_field(subject, self.name)
        met = _COMPARE[self.operator](value, self.value)
        if is_lower_bound(subject, self.name) and not self._holds_for_more(value, met=met):
            return None, f"{self.name} is {value} or more, and must be {self._wanted()}"
        return MET if met else (met, self._missing(value, met=met))

    def _missing(self, value: Any, *, met: bool | None) -> str:
        """What is wrong with a known value."""
        if met is None:
            compared = f"{told(value)}, which does not compare with {told(self.value)}"
            return f"{self.name} is {compared}"
        if self.operator == "at_least" and self.name in THINGS:
            return _too_few(self.name, self.value, value)
        return f"{self.name} is {told(value)}, and must be {self._wanted()}"

    def _holds_for_more(self, count: int, *, met: bool | None) -> bool:
        """Whether it would be judged alike if there were more than were counted."""
        if self.operator == "at_least":
            return bool(met)
        most = max(self.value) if self.operator == "one_of" else self.value
        return bool(count > most)

    def _wanted(self) -> str:
        if self.operator == "one_of":
            *head, last = map(told, self.value)
            return f"{', '.join(head)} or {last}" if head else last
        words = {"equals": "", "at_least": "at least ", "at_most": "at most "}[self.operator]
        return f"{words}{told(self.value)}"

    def __str__(self) -> str:
        if self.operator == "at_least" and self.name in THINGS:
            return f"at least {_n_things(self.name, self.value)}"
        return f"{self.name} is {self._wanted()}"

    def __repr__(self) -> str:
        if self.operator == "at_least":
            return f"at_least({self.name!r}, {shown(self.value)})"
        value = list(self.value) if self.operator == "one_of" else self.value
        return f"field({self.name!r}, {self.operator}={shown(value)})"


def _is_same(value: Any, wanted: Any) -> bool:
    return (type(value) is bool) is (type(wanted) is bool) and bool(value == wanted)


def _is_among(value: Any, wanted: tuple[Any, ...]) -> bool:
    return any(_is_same(value, one) for one in wanted)


def _is_at_least(value: Any, wanted: Any) -> bool | None:
    return wanted <= value if _are_comparable(value, wanted) else None


def _is_at_most(value: Any, wanted: Any) -> bool | None:
    return value <= wanted if _are_comparable(value, wanted) else None


def _are_comparable(value: Any, wanted: Any) -> bool:
    """Whether one may be said to be less than the other; amounts need one currency."""
    if _is_number(wanted):
        return _is_number(value)
    if isinstance(wanted, Money):
        return isinstance(value, Money) and value.currency == wanted.currency
    return _is_date(value)


_COMPARE: dict[Operator, Callable[[Any, Any], bool | None]] = {
    "equals": _is_same,
    "one_of": _is_among,
    "at_least": _is_at_least,
    "at_most": _is_at_most,
}
