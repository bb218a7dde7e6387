"""Two results made one: a `Comparison` of two periods, or a `Contrast` of anything else."""

from collections.abc import Callable, Mapping
from operator import add
from typing import Any, cast

import attrs

from salesflow.errors import OptionError, shown
from salesflow.metrics._numbers import Amount, group_words, numbers_of, speaker_of
from salesflow.metrics._sentences import Interval, Side, difference, sentence_of
from salesflow.metrics._statistics import at_most_apart, newcombe
from salesflow.metrics.comparison_results import Changes, Compared, Comparison, Contrast
from salesflow.metrics.results import Breakdown, Rate, Reasons, Result
from salesflow.metrics.stage_results import StageConversion
from salesflow.periods import Period

METRICS = "give one of the metrics, such as metrics.win_rate."


@attrs.frozen
class Apart:
    """How two periods are compared.

    Attributes:
        metric: what the metric is called.
        where: what sets each apart.
        periods: the period, and the one before.
    """

    metric: str
    where: tuple[str, str]
    periods: tuple[Period, Period]

    def __call__(self, found: Result | None, old: Result | None, of: str) -> Comparison[Any]:
        """A result beside that of the period before; the group they are about."""
        known = cast("Result", found or old)
        interval = _of_others(found, old)
        one, other = (
            Side(result, self.metric, where)
            for result, where in zip((found, old), self.where, strict=True)
        )
        return Comparison(
            *_told(one, other, interval, of),
            found,
            old,
            *self.periods,
            as_of=known.as_of if found is None else found.as_of,
            currency=known.currency,
            left_out={} if found is None else found.left_out,
            assumed={} if found is None else found.assumed,
            notes=known.notes,
        )


@attrs.frozen
class Beside:
    """How two groups, or two definitions, are compared.

    Attributes:
        metrics: what the metric is called on each side.
        where: what sets each apart; nothing where that is the metric.
        about: what is said where neither side says anything.
        share_deals: whether both may be about the same deals.
    """

    metrics: tuple[str, str]
    where: tuple[str, str]
    about: Result | Breakdown[Any]
    share_deals: bool

    def __call__(self, found: Result | None, old: Result | None, of: str) -> Contrast[Any]:
        """Two results beside each other; the group they are about."""
        one, other = (
            Side(result, metric, where)
            for result, metric, where in zip((found, old), self.metrics, self.where, strict=True)
        )
        interval = _of_the_same(found, old) if self.share_deals else _of_others(found, old)
        known = found or old or self.about
        return Contrast(
            *_told(one, other, interval, of),
            found,
            old,
            *(where or metric for where, metric in zip(self.where, self.metrics, strict=True)),
            as_of=known.as_of,
            currency=known.currency,
            left_out=self._reasons("left_out", found, old),
            assumed=self._reasons("assumed", found, old),
            notes=known.notes,
        )

    def _reasons(self, name: str, *sides: Result | None) -> Reasons:
        """Those of both: of two groups together, of the same deals once."""
        join: Callable[[int, int], int] = max if self.share_deals else add
        counts: dict[str, int] = {}
        for side in sides:
            for reason, n in ({} if side is None else getattr(side, name)).items():
                counts[reason] = join(counts.get(reason, 0), n)
        return counts


def each_group(
    found: object, old: object, compared: Callable[[Any, Any, str], Compared]
) -> Compared:
    """Two results compared, or those of each group that either side has.

    Raises:
        OptionError: for anything but results, and for two kinds of them.
    """
    if isinstance(found, Breakdown) and isinstance(old, Breakdown):
        keys = dict.fromkeys((*found, *old))
        require_one_kind([*found.values(), *old.values()])
        results = {
            key: compared(
                found.get(key), old.get(key), group_words(found.names, parts_of(found, key))
            )
            for key in keys
        }
        return attrs.evolve(found, results=results)
    require_one_kind([found, old])
    return compared(found, old, "")


def parts_of(found: Breakdown[Any], key: Any) -> tuple[Any, ...]:
    """The parts of a key of a breakdown."""
    return tuple(found._key(key).values())  # noqa: SLF001 - it knows whether a tuple is one part


def require_one_kind(results: list[Any]) -> None:
    """Refuse what is no result, and results of two kinds."""
    kinds = {type(result): None for result in results}
    known = (Result, Breakdown)
    wrong = next((result for result in results if not isinstance(result, known)), None)
    if wrong is not None:
        msg = f"cannot compare {shown(wrong)}: it is no result of a metric"
        raise OptionError(msg, hint=METRICS, parameter="metric", value=wrong)
    if len(kinds) > 1:
        one, other = [kind.__name__ for kind in kinds][:2]
        msg = f"cannot compare {one} with {other}: they hold other numbers"
        hint = "give two that give one kind of result."
        raise OptionError(msg, hint=hint, parameter="against", value=other)


def _told(
    one: Side, other: Side, interval: Interval | None, of: str
) -> tuple[Changes, Interval | None, bool | None, str]:
    """What all comparisons say: the changes, the interval, whether it leaves out 0, in words."""
    now, then = numbers_of(one.result), numbers_of(other.result)
    changes: Mapping[str, Amount] = {
        name: difference(now.get(name), then.get(name)) for name in dict.fromkeys((*now, *then))
    }
    is_significant = None if interval is None else interval[0] > 0 or interval[1] < 0
    sentence = sentence_of(one, other, interval, of)
    return Changes(changes), interval, is_significant, sentence


def _of_others(found: Result | None, old: Result | None) -> Interval | None:
    """The interval of the difference of two rates of counts of other deals."""
    rates = map(speaker_of, (found, old))
    sides = [(getattr(rate, "value", None), getattr(rate, "interval", None)) for rate in rates]
    if any(value is None or interval is None for value, interval in sides):
        return None
    return newcombe(*cast("list[tuple[float, tuple[float, float]]]", sides))


def _of_the_same(found: Result | None, old: Result | None) -> Interval | None:
    """The interval of the difference of two rates of counts that may be of the same deals."""
    counts = [_counts(speaker_of(result)) for result in (found, old)]
    if counts[0] is None or counts[1] is None:
        return None
    return at_most_apart(counts[0], counts[1])


def _counts(result: Result | None) -> tuple[int, int] | None:
    """The counts of a rate that has an interval."""
    if isinstance(result, StageConversion) and result.interval is not None:
        return result.n_next, result.n_entered
    if isinstance(result, Rate) and result.interval is not None:
        return cast("tuple[int, int]", (result.numerator, result.denominator))
    return None
