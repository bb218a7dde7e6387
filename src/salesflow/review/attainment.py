"""`attainment`: what was aimed at, what it came to, and what it came to before."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Unpack, cast

import attrs

from salesflow.errors import MixedCurrencyError, OptionError, closest, one_of, shown
from salesflow.metrics import Breakdown, Definition, measure
from salesflow.metrics._numbers import Amount, headline_of, kind_of_number, numbers_of
from salesflow.metrics._sentences import difference
from salesflow.metrics.evaluate import reread
from salesflow.metrics.options import OF_FRAMES, Untimed
from salesflow.metrics.results import Reasons, Result
from salesflow.money import XXX, Money
from salesflow.periods import Period, require_aware
from salesflow.review.target_results import Attainment, Attainments
from salesflow.review.targets import Goal, Target

__all__ = ["Attainment", "Attainments", "attainment"]


def attainment(
    data: object,
    targets: Target | Iterable[Target],
    *,
    as_of: datetime,
    n_previous: int = 3,
    **options: Unpack[Untimed],
) -> Attainments:
    """Do we reach our targets?

    **Definition**: of each target the number of its metric in its period, as of the instant, and
    gap = actual - target. It is met where the actual is the target or beyond it: above, or below
    where it is an ``at_most``. While the period lasts that is where it stands; ``elapsed_share``
    says how much of it has passed, and no pace is drawn from it, as deals do not close evenly.

    Of a rate of counts, ``is_significant`` says whether its 95 % interval leaves the target out.
    The trend is the same number in the periods before, each as a whole, as of the same instant.

    Args:
        data: the deals; for targets on leads, `Facts`.
        targets: the targets, or one.
        as_of: the instant the data is taken at. [aware datetime]
        n_previous: how many periods before to look at. [0 or more]
        **options: see `Untimed`; for all metrics.

    Returns:
        `Attainments`, a mapping from ``(name, group)``; the group is None where a target is of all.
        A group that has a target and no deals has its row, and so has one without a target.

    Raises:
        MixedCurrencyError: for a target in another currency than its number.
        OptionError: for two targets of one name, a number that the metric does not have, a target
            that is no number of its kind, and values by group where there are none.
        NaiveDatetimeError: for an ``as_of`` without a zone.

    Example:
        >>> from datetime import UTC, date
        >>> from salesflow import Pipeline, metrics
        >>> deals = [
        ...     Pipeline.standard().restore(id=f"D-{n}", stage=stage, closed_at=date(2026, n, 1))
        ...     for n, stage in ((1, "won"), (2, "lost"), (5, "won"))
        ... ]
        >>> target = Target(metrics.win_rate, 0.4, Period.quarter(2026, 2))
        >>> found = attainment(deals, target, as_of=datetime(2026, 5, 20, tzinfo=UTC), n_previous=1)
        >>> rate = found["win rate", None]
        >>> rate.actual, rate.gap, rate.is_met, rate.is_significant, rate.previous
        (1.0, 0.6, True, False, (0.5,))
    """
    require_aware(as_of, "as_of")
    if isinstance(n_previous, bool) or not isinstance(n_previous, int) or n_previous < 0:
        msg = f"cannot look at {shown(n_previous)} periods before"
        hint = "give a whole number, 0 or more."
        raise OptionError(msg, hint=hint, parameter="n_previous", value=n_previous)
    rows = reread(data)
    looks = {
        name: _Aim(rows, target, as_of, n_previous, options).look()
        for name, target in _listed(targets, options).items()
    }
    return Attainments(
        ("name", "group"),
        {(name, key): found for name, look in looks.items() for key, found in look.found.items()},
        as_of=as_of,
        currency=_common(found for look in looks.values() for found in look.found.values()),
        left_out=_named({name: look.about.left_out for name, look in looks.items()}),
        assumed=_named({name: look.about.assumed for name, look in looks.items()}),
        notes=(*dict.fromkeys(note for look in looks.values() for note in look.about.notes),),
        has_tuples=True,
    )


def _listed(targets: object, options: Untimed) -> dict[str, Target]:
    """The targets by name."""
    wrong = sorted({"period", "by", "every"} & options.keys())
    if wrong:
        msg = f"cannot take option '{wrong[0]}': each target says that itself"
        hint = "give it to the targets."
        raise OptionError(msg, hint=hint, parameter=wrong[0], value=None)
    listed = [*targets] if isinstance(targets, Iterable) else [targets]
    found: dict[str, Target] = {}
    for target in listed:
        if not isinstance(target, Target):
            msg = f"cannot measure {shown(target)}: it is no target"
            hint = "give Target(metrics.win_rate, 0.4, period) or so."
            raise OptionError(msg, hint=hint, parameter="targets", value=target)
        if target.called in found:
            msg = f"cannot measure two targets called '{target.called}'"
            raise OptionError(msg, hint="give one a name=.", parameter="targets", value=target)
        found[target.called] = target
    return found


def _named(reasons: Mapping[str, Reasons]) -> dict[str, int]:
    """The reasons of all targets, each with the name of its target."""
    return {f"{name}: {why}": n for name, counts in reasons.items() for why, n in counts.items()}


def _common(found: Iterable[Attainment]) -> str:
    """The currency of all money; none where there are several."""
    currencies = {one.currency for one in found} - {XXX}
    return currencies.pop() if len(currencies) == 1 else XXX


@attrs.frozen(eq=False)
class _Look:
    """What a target came to, by group, and what its metric says of all."""

    found: Mapping[Any, Attainment]
    about: Result | Breakdown[Any]


@attrs.frozen(eq=False)
class _Aim:
    """A target, and the data to measure it on."""

    data: object
    target: Target
    as_of: datetime
    n_previous: int
    options: Untimed

    def look(self) -> _Look:
        """What it came to, by group."""
        period = self.target.period
        now, before = self._measured(period), []
        for _ in range(self.n_previous):
            period = period.previous()
            before.append(self._by_key(self._measured(period)))
        goals, by = self._goals(now)
        results = self._by_key(now)
        found = {
            key: self._attained(key, [results, *before], goals.get(key), by)
            for key in dict.fromkeys((*results, *goals))
        }
        return _Look(found, now)

    def _measured(self, period: Period) -> Result | Breakdown[Any]:
        by = {} if self.target.by is None else {"by": self.target.by}
        return self._call(self.data, {**self.options, **by, "period": period})

    def _call(self, data: object, options: Mapping[str, Any]) -> Result | Breakdown[Any]:
        metric, asked = self.target.metric, {**options, "as_of": self.as_of}
        found = (
            measure(data, metric, **asked)
            if isinstance(metric, Definition)
            else metric(data, **asked)
        )
        if not isinstance(found, Result | Breakdown):
            msg = f"cannot measure target '{self.target.called}': {shown(found)} is no result"
            hint = "give one of the metrics, such as metrics.win_rate."
            raise OptionError(msg, hint=hint, parameter="metric", value=metric)
        return found

    @staticmethod
    def _by_key(found: Result | Breakdown[Any]) -> Mapping[Any, Result]:
        return found if isinstance(found, Breakdown) else {None: found}

    def _goals(self, found: Result | Breakdown[Any]) -> tuple[Mapping[Any, Goal], str | None]:
        """The goal of each group, and what they are groups of."""
        value = self.target.value
        if not isinstance(found, Breakdown):
            if isinstance(value, Mapping):
                fact = "its metric has no groups"
                raise self._refused(fact, "value", value, "give by=, or one value.")
            return {None: value}, None
        by = ", ".join(found.names)
        if not isinstance(value, Mapping):
            return dict.fromkeys(found, value), by
        n = len(found.names)
        for key in value:
            if found._has_tuples and not (  # noqa: SLF001 - one column may be asked as several
                isinstance(key, tuple) and len(key) == n
            ):
                fact = f"groups by {by} have other keys than {shown(key)}"
                raise self._refused(fact, "value", value, f"give tuples of {n} as keys.")
        return value, by

    def _refused(self, fact: str, parameter: str, value: object, hint: str) -> OptionError:
        msg = f"cannot measure target '{self.target.called}': {fact}"
        return OptionError(msg, hint=hint, parameter=parameter, value=value)

    def _attained(
        self, key: Any, looks: list[Mapping[Any, Result]], goal: Goal | None, by: str | None
    ) -> Attainment:
        """What one group came to, now and before."""
        blank = None if all(key in look for look in looks) else self._blank(goal)
        results = [look.get(key, blank) for look in looks]
        # Where nothing is known of this group, another one tells what the number is called.
        known = [result for result in (*results, *looks[0].values()) if result is not None]
        name = self._number(known[0] if known else None)
        now, *before = (self._amount(result, name, goal) for result in results)
        result, gap = results[0], difference(now, goal)
        interval: tuple[float, float] | None = None
        if name == "value":
            interval = getattr(result, "interval", None)
        return Attainment(
            goal,
            now,
            gap,
            None if gap is None else self._is_met(gap),
            interval,
            None if interval is None or goal is None else _leaves_out(interval, goal),
            self._elapsed_share(),
            tuple(before),
            self.target.period,
            kind_of_number(name, known[0] if known else None),
            by,
            as_of=self.as_of,
            currency=_currency_of(now, goal),
            left_out={} if result is None else result.left_out,
            assumed={} if result is None else result.assumed,
            notes=self._notes(result),
        )

    def _blank(self, goal: Goal | None) -> Result | None:
        """What the metric says of a group without any deal; None where it says nothing."""
        if self.target.by is None:
            return None
        options = {name: value for name, value in self.options.items() if name not in OF_FRAMES}
        if isinstance(goal, Money) and self.options.get("rates") is None:
            options["currency"] = goal.currency
        found = self._call([], {**options, "period": self.target.period})
        return None if isinstance(found, Breakdown) else found

    def _number(self, result: Result | None) -> str:
        """The name of the number that is aimed at."""
        asked = self.target.number
        if result is None:
            return asked or ""
        known = numbers_of(result)
        if asked is not None and asked not in known:
            fact = f"its metric has no number '{asked}'"
            raise self._refused(fact, "number", asked, f"give {one_of(closest(asked, known))}.")
        name = asked or headline_of(result)
        if name is None:
            fact = "its metric has no number"
            raise self._refused(fact, "metric", self.target.metric, "give another metric.")
        return name

    def _amount(self, result: Result | None, name: str, goal: Goal | None) -> Amount:
        """The number of a result, of the kind of the goal."""
        amount = numbers_of(result).get(name)
        if goal is None:
            return amount
        if name == "value" and hasattr(result, "interval") and not _is_share(goal):
            fact = f"it is a share, and {shown(goal)} is none"
            raise self._refused(fact, "value", goal, "give 0.4 for 40 %.")
        if amount is None:
            return None
        if isinstance(amount, Money) != isinstance(goal, Money):
            fact = f"its number is {shown(amount)}, and {shown(goal)} is of another kind"
            hint = "give Money for amounts, and numbers for all else; or another number=."
            raise self._refused(fact, "value", goal, hint)
        if isinstance(amount, Money) and isinstance(goal, Money):
            return self._in_currency_of(goal, amount)
        return amount

    def _in_currency_of(self, goal: Money, amount: Money) -> Money:
        if amount.currency == XXX and not amount.amount:
            # Nothing has no currency of its own.
            return Money(amount.amount, goal.currency)
        if amount.currency != goal.currency:
            name, found = self.target.called, amount.currency
            msg = f"cannot measure target '{name}' in {goal.currency} on amounts in {found}"
            hint = f"give a target in {found}, or rates=Rates('{goal.currency}', …)."
            raise MixedCurrencyError(msg, hint=hint, currencies=(found, goal.currency))
        return amount

    def _is_met(self, gap: Amount) -> bool:
        beyond = cast("float", gap.amount if isinstance(gap, Money) else gap)
        return beyond >= 0 if self.target.bound == "at_least" else beyond <= 0

    def _elapsed_share(self) -> float:
        period = self.target.period
        passed = max(timedelta(0), min(self.as_of, period.end) - period.start)
        return passed / (period.end - period.start)

    def _notes(self, result: Result | None) -> tuple[str, ...]:
        if result is None:
            return ()
        trend = (result.trend_note,) if result.trend_note and self.n_previous else ()
        return (*result.notes, *trend)


def _is_share(goal: Goal) -> bool:
    return not isinstance(goal, Money) and 0 <= goal <= 1


def _leaves_out(interval: tuple[float, float], goal: Goal) -> bool:
    low, high = interval
    return not isinstance(goal, Money) and not low <= goal <= high


def _currency_of(*amounts: Amount) -> str:
    return next((amount.currency for amount in amounts if isinstance(amount, Money)), XXX)
