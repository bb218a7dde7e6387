"""`Target`: what a number is to be."""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any, Literal

import attrs

from salesflow.errors import OptionError, shown
from salesflow.metrics import Definition, measure
from salesflow.metrics._numbers import metric_words
from salesflow.metrics.options import By, check_choice, to_names
from salesflow.money import Money
from salesflow.periods import Period

Goal = Money | float | int
"""What is aimed at: money, a share of 1, or any number."""

Bound = Literal["at_least", "at_most"]
"""Whether more is better, or less."""


@attrs.frozen(repr=False)
class _Goals(Mapping[Any, Goal]):
    """A goal for each group, which never changes."""

    _pairs: tuple[tuple[Any, Goal], ...]

    def __getitem__(self, key: Any) -> Goal:
        found: Goal = dict(self._pairs)[key]
        return found

    def __iter__(self) -> Iterator[Any]:
        return iter(dict(self._pairs))

    def __len__(self) -> int:
        return len(self._pairs)

    def __repr__(self) -> str:
        return repr(dict(self._pairs))


def _frozen(value: Goal | Mapping[Any, Goal]) -> Goal | Mapping[Any, Goal]:
    return _Goals(tuple(value.items())) if isinstance(value, Mapping) else value


@attrs.frozen
class Target:
    """What do we want a number to be?

    Args:
        metric: a metric, such as ``metrics.win_rate``, with its own options as
            ``partial(metrics.win_rate, weight="value")``; or a measure of your own.
        value: what is aimed at; a mapping from the key of each group where they differ.
        period: the span it is for.
        by: the column, or columns, to group by.
        number: the number of the result, such as ``total``; the one that speaks for it unless
            given: its value, or its mean.
        name: what the target is called; after the metric unless given.
        bound: ``at_least``, or ``at_most`` where less is better.

    Raises:
        OptionError: for a metric, value, period, bound or name that is none, and for values by
            group without a group.

    Example:
        >>> from salesflow import metrics
        >>> first = Period.quarter(2026, 1)
        >>> Target(metrics.win_rate, 0.4, first).called
        'win rate'
        >>> quota = {"kim": Money(50_000, "EUR"), "lee": Money(30_000, "EUR")}
        >>> Target(metrics.average_deal_size, quota, first, by="owner_id", number="total").called
        'average deal size, total by owner_id'
    """

    metric: Callable[..., Any] | Definition[Any]
    value: Goal | Mapping[Any, Goal] = attrs.field(converter=_frozen)
    period: Period
    by: By | None = attrs.field(default=None, kw_only=True)
    number: str | None = attrs.field(default=None, kw_only=True)
    name: str | None = attrs.field(default=None, kw_only=True)
    bound: Bound = attrs.field(default="at_least", kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no target."""
        is_metric = callable(self.metric) or isinstance(self.metric, Definition)
        goals = [*self.value.values()] if isinstance(self.value, Mapping) else [self.value]
        goal = next((goal for goal in goals if not _is_goal(goal)), None if goals else self.value)
        for parameter, value, is_right, wanted in (
            ("metric", self.metric, is_metric, "a metric, such as metrics.win_rate"),
            ("value", goal, goal is None and None not in goals, "Money, or a number: 0.4 for 40 %"),
            (
                "period",
                self.period,
                isinstance(self.period, Period),
                "one, such as Period.parse('2026-Q1')",
            ),
            ("number", self.number, _is_text(self.number), "the name of one of its numbers"),
            ("name", self.name, _is_text(self.name), "a text"),
        ):
            if not is_right:
                msg = f"cannot aim at {parameter}={shown(value)}"
                raise OptionError(msg, hint=f"give {wanted}.", parameter=parameter, value=value)
        to_names(self.by)
        check_choice("bound", self.bound, ("at_least", "at_most"))

    @property
    def called(self) -> str:
        """Its name, or what it is of."""
        if self.name is not None:
            return self.name
        metric = measure if isinstance(self.metric, Definition) else self.metric
        number = f", {self.number}" if self.number else ""
        by = f" by {', '.join(to_names(self.by))}" if self.by is not None else ""
        return f"{metric_words(metric)}{number}{by}"


def _is_goal(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, Money | int | float):
        return False
    return isinstance(value, Money) or isfinite(value)


def _is_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and bool(value))
