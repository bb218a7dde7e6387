"""`Stats`: the answers to the needs of a call, by group; they add up.

The stats of two parts of the data, added, are the stats of the whole, exactly: counts and
durations are integers, money is summed by currency in exact decimals, values are kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate, compress
from operator import sub
from typing import Any

import attrs

from salesflow.errors import NotMergeable
from salesflow.metrics.needs import CURRENCIES, OPENING_CURRENCIES, Need
from salesflow.money import EXACT

Key = tuple[Any, ...]
"""A group: its value for each thing that was grouped by."""

Amounts = Mapping[str, Decimal]
"""Sums of money by currency."""


@attrs.frozen
class Middle:
    """What is left of values that an engine has put in order: the two in the middle.

    Of an odd number of values, both are the same one. They cannot be added: the middle of two
    parts is not the middle of the whole.
    """

    low: Any
    high: Any

    @classmethod
    def of(cls, ordered: Sequence[Any]) -> "Middle | None":
        """The middle of values in ascending order; None of none."""
        if not ordered:
            return None
        return cls(ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2])


def end_of(time: int, *, is_event: bool) -> int:
    """The end of a watch as one integer, so that order puts events before all else at a time."""
    return 2 * time + (not is_event)


@attrs.frozen
class RiskSets:
    """What is left of ends once who was at risk is counted: those who were watched for as long.

    They cannot be added: between two events of one part there may be one of the other.

    Args:
        times: the times of events, ascending.
        events: how many events there were at each.
        at_risk: how many were watched up to it, those with the event included.
        n: how many were watched, whatever became of them.
        blocks: of each `RISK_BLOCK` times the product of the shares left and the sum of their
            variances, where an engine has found them; nothing where they follow from the rest.
    """

    times: Sequence[int]
    events: Sequence[int]
    at_risk: Sequence[int]
    n: int
    blocks: Sequence[tuple[float, float]] = attrs.field(default=(), eq=False, repr=False)

    @classmethod
    def of(cls, tally: Mapping[int, int]) -> "RiskSets":
        """From how often each end occurs."""
        ends, n = sorted(tally), sum(tally.values())
        counts: list[int] = [1] * len(ends)
        at_risk: Iterable[int] = range(n, 0, -1)
        if len(ends) < n:
            counts = [*map(tally.__getitem__, ends)]
            at_risk = accumulate(counts, sub, initial=n)
        are_events = [not end & 1 for end in ends]
        times = [end >> 1 for end in compress(ends, are_events)]
        told = (compress(each, are_events) for each in (counts, at_risk))
        events, watched = map(list, told)
        return cls(times, events, watched, n)


Answer = int | Amounts | tuple[Any, ...] | frozenset[Any] | Middle | RiskSets
"""A count or a sum, amounts by currency, values or ends in ascending order (or what is left of
them), or distinct values."""


_LEFT_OF: Mapping[type, str] = {
    Middle: "cannot add two medians: that of the whole does not follow from them",
    RiskSets: "cannot add who was at risk in two parts: one's events fall among the other's",
}


def join(need: Need, one: Any, other: Any) -> Any:
    """The answer to a need over two parts together."""
    if need.op in ("min", "max"):
        return min(one, other) if need.op == "min" else max(one, other)
    return add_answers(one, other)


def add_answers(one: Any, other: Any) -> Any:
    """Two counts, sums of money by currency, or values, together.

    Raises:
        NotMergeable: for values that an engine has put in order.
    """
    msg = _LEFT_OF.get(type(one)) or _LEFT_OF.get(type(other))
    if msg is not None:
        raise NotMergeable(msg, hint="compute it over the whole data at once.")
    if isinstance(one, tuple):
        return tuple(sorted((*one, *other)))
    if isinstance(one, frozenset):
        return one | other
    if isinstance(one, Mapping):
        total = dict(one)
        for key, amount in other.items():
            total[key] = EXACT.add(total.get(key, Decimal(0)), amount)
        return total
    return one + other


@attrs.frozen
class Stats:
    """The answers of a call: for each group, for each need.

    A need that no row of a group met may be missing there.
    """

    groups: Mapping[Key, Mapping[Need, Answer]]
    notes: tuple[str, ...] = ()
    """What the data could not tell, and how it was read."""
    _wholes: dict[tuple[Need, int], dict[Key, int]] = attrs.field(
        factory=dict, init=False, eq=False, repr=False
    )
    # Counts by all parts of a key but one, once a formula has asked for them.

    def whole(self, need: Need, key: Key, place: int) -> int:
        """The count over all groups whose keys differ from this one at that place only."""
        if (need, place) not in self._wholes:
            counts: dict[Key, int] = {}
            for other, answers in self.groups.items():
                answer = answers.get(need, 0)
                rest = (*other[:place], *other[place + 1 :])
                counts[rest] = counts.get(rest, 0) + (answer if isinstance(answer, int) else 0)
            self._wholes[need, place] = counts
        return self._wholes[need, place].get((*key[:place], *key[place + 1 :]), 0)

    def __add__(self, other: "Stats") -> "Stats":
        groups: dict[Key, dict[Need, Answer]] = {k: dict(v) for k, v in self.groups.items()}
        for key, answers in other.groups.items():
            group = groups.setdefault(key, {})
            for need, answer in answers.items():
                group[need] = join(need, group[need], answer) if need in group else answer
        return Stats(groups, (*dict.fromkeys((*self.notes, *other.notes)),))

    def currencies(self) -> frozenset[str]:
        """The currencies of all amounts in the data, where the call looked at amounts."""
        needs = (CURRENCIES, OPENING_CURRENCIES)
        answers = (group.get(need) for group in self.groups.values() for need in needs)
        return frozenset().union(*(found for found in answers if isinstance(found, frozenset)))
