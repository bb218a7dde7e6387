"""What a comparison comes to, as a plain sentence."""

import attrs

from salesflow.metrics._numbers import (
    Amount,
    difference_text,
    headline_of,
    headline_text,
    kind_of_number,
    numbers_of,
)
from salesflow.metrics.results import Result
from salesflow.money import Money

Interval = tuple[float, float]


@attrs.frozen
class Side:
    """One side of a comparison.

    Attributes:
        result: what the metric says of it; None where it says nothing.
        metric: what the metric is called.
        where: what sets this side apart, such as ``in 2026-Q1``; nothing if that is the metric.
    """

    result: Result | None
    metric: str
    where: str = ""


def sentence_of(one: Side, other: Side, interval: Interval | None, of: str) -> str:
    """What it comes to.

    Args:
        one: the side that the difference is seen from.
        other: the other one.
        interval: that of the difference, where there is one.
        of: the group that both are about; nothing where they are about all.
    """
    known = one.result or other.result
    name = None if known is None else headline_of(known)
    told = [_Told(side, name or "") for side in (one, other)]
    text = f"{f'for {of}, ' if of else ''}{_text(told[0], told[1], interval)}."
    return f"{text[0].upper()}{text[1:]}"


@attrs.frozen
class _Told:
    """A side, and the number that speaks for it."""

    side: Side
    name: str

    @property
    def value(self) -> Amount:
        return numbers_of(self.side.result).get(self.name)

    @property
    def subject(self) -> str:
        """What the number is called: where it is of a nested result, that."""
        nested = self.name.rpartition(".")[0].rpartition(".")[2]
        return f"the {nested.replace('_', ' ') or self.side.metric}"

    @property
    def kind(self) -> str:
        return kind_of_number(self.name, self.side.result)

    @property
    def text(self) -> str:
        """The number, and where it is so."""
        result = self.side.result
        shown = "" if result is None else headline_text(self.name, self.value, result)
        return f"{shown} {self.side.where}".rstrip()

    @property
    def unknown(self) -> str:
        """That it is unknown."""
        where = self.side.where
        return f"{where} it is unknown" if where else f"{self.subject} is unknown"


def _text(one: _Told, other: _Told, interval: Interval | None) -> str:
    missing = [told for told in (one, other) if told.value is None]
    if len(missing) > 1:
        alike = one.subject == other.subject
        both = f"{one.side.where} and {other.side.where}" if alike else f"and so is {other.subject}"
        return f"{one.subject} is unknown{' ' if alike else ', '}{both}"
    if missing:
        known = other if missing[0] is one else one
        told = f"{known.subject} came to {known.text}"
        return f"{told}; {missing[0].unknown}, so no difference can be told"
    again = "to" if one.subject == other.subject else f"{other.subject} to"
    told = f"{one.subject} came to {one.text} and {again} {other.text}"
    return f"{told}: {_verdict(one, difference(one.value, other.value), interval)}"


def _verdict(one: _Told, much: Amount, interval: Interval | None) -> str:
    if much is None:
        return "these are two currencies, so no difference can be told"
    more = much.amount if isinstance(much, Money) else much
    is_none, told = not more, "no difference"
    if more:
        size, word = (much, "more") if more > 0 else (-much, "less")
        told = f"{difference_text(one.kind, size)} {word}"
    if interval is None:
        return told if is_none else f"{told}; whether by luck, these numbers do not tell"
    low, high = (f"{100 * end:,.1f}" for end in interval)
    told = f"{told} (95 % interval {low} to {high})"
    if interval[0] > 0 or interval[1] < 0:
        return f"{told}, which luck alone hardly explains"
    return told if is_none else f"{told}, which the data cannot tell from luck"


def difference(one: Amount, other: Amount) -> Amount:
    """How much more the one is; None where either is unknown, or they are of two currencies."""
    if isinstance(one, Money) and isinstance(other, Money):
        return one - other if one.currency == other.currency else None
    if one is None or other is None or isinstance(one, Money) or isinstance(other, Money):
        return None
    return one - other
