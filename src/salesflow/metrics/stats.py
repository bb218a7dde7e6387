"""`Stats`: the answers to the needs of a call, by group; they add up.

The stats of two parts of the data, added, are the stats of the whole, exactly: counts and
durations are integers, money is summed by currency in exact decimals, values are kept.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from salesflow.metrics.needs import CURRENCIES, Need
from salesflow.money import EXACT

Key = tuple[Any, ...]
"""A group: its value for each thing that was grouped by."""

Amounts = Mapping[str, Decimal]
"""Sums of money by currency."""

Answer = int | Amounts | tuple[Any, ...] | frozenset[Any]
"""A count or a sum, amounts by currency, values in ascending order, or distinct values."""


def join(need: Need, one: Any, other: Any) -> Any:
    """The answer to a need over two parts together."""
    if need.op in ("min", "max"):
        return min(one, other) if need.op == "min" else max(one, other)
    return add_answers(one, other)


def add_answers(one: Any, other: Any) -> Any:
    """Two counts, sums of money by currency, or values, together."""
    if isinstance(one, tuple):
        return tuple(sorted((*one, *other)))
    if isinstance(one, frozenset):
        return one | other
    if isinstance(one, Mapping):
        total = dict(one)
        for currency, amount in other.items():
            total[currency] = EXACT.add(total.get(currency, Decimal(0)), amount)
        return total
    return one + other


@attrs.frozen
class Stats:
    """The answers of a call: for each group, for each need.

    A need that no row of a group met may be missing there.
    """

    groups: Mapping[Key, Mapping[Need, Answer]]

    def __add__(self, other: "Stats") -> "Stats":
        groups: dict[Key, dict[Need, Answer]] = {k: dict(v) for k, v in self.groups.items()}
        for key, answers in other.groups.items():
            group = groups.setdefault(key, {})
            for need, answer in answers.items():
                group[need] = join(need, group[need], answer) if need in group else answer
        return Stats(groups)

    def currencies(self) -> frozenset[str]:
        """The currencies of all amounts in the data, where the call looked at amounts."""
        answers = (group.get(CURRENCIES, frozenset()) for group in self.groups.values())
        return frozenset().union(*(found for found in answers if isinstance(found, frozenset)))
