"""`compare`: a metric now and before, of two groups, or by two definitions."""

from collections.abc import Callable, Mapping
from datetime import date
from inspect import signature
from typing import Any, cast, overload

import attrs

from salesflow.errors import OptionError, shown
from salesflow.metrics._comparing import METRICS, Apart, Beside, each_group, parts_of
from salesflow.metrics._numbers import group_words, metric_words
from salesflow.metrics._spans import Window, checked, equally_far, require_period
from salesflow.metrics.comparison_results import Compared, Comparison, Contrast
from salesflow.metrics.evaluate import reread
from salesflow.metrics.options import By, to_names
from salesflow.metrics.results import Breakdown, R
from salesflow.periods import Period, require_aware

Groups = tuple[Any, Any]
"""The keys of two groups; tuples where there are several columns."""

Against = Mapping[str, Any] | Callable[..., Any]
"""The options that differ, or the other metric."""

_TWO = 2
_PLAIN = (str, int, float, date)


@overload
def compare(
    metric: Callable[..., R],
    data: object,
    *,
    period: Period,
    previous: Period | None = ...,
    by: None = ...,
    **options: Any,
) -> Comparison[R]: ...
@overload
def compare(
    metric: Callable[..., R | Breakdown[R]],
    data: object,
    *,
    period: Period,
    previous: Period | None = ...,
    by: By | None = ...,
    **options: Any,
) -> Breakdown[Comparison[R]]: ...
@overload
def compare(
    metric: Callable[..., R],
    data: object,
    *,
    groups: Groups,
    by: By,
    period: Period | None = ...,
    **options: Any,
) -> Contrast[R]: ...
@overload
def compare(
    metric: Callable[..., R | Breakdown[R]],
    data: object,
    *,
    groups: Groups,
    by: By,
    period: Period | None = ...,
    **options: Any,
) -> Breakdown[Contrast[R]]: ...
@overload
def compare(
    metric: Callable[..., R],
    data: object,
    *,
    against: Against,
    by: None = ...,
    period: Period | None = ...,
    **options: Any,
) -> Contrast[R]: ...
@overload
def compare(
    metric: Callable[..., R | Breakdown[R]],
    data: object,
    *,
    against: Against,
    by: By | None = ...,
    period: Period | None = ...,
    **options: Any,
) -> Breakdown[Contrast[R]]: ...
def compare(
    metric: Callable[..., Any],
    data: object,
    *,
    period: Period | None = None,
    previous: Period | None = None,
    by: By | None = None,
    groups: Groups | None = None,
    against: Against | None = None,
    **options: Any,
) -> Compared:
    """How does a number compare with that before, of another group, or by another definition?

    **Definition**: the metric on both sides, and the difference of each of its numbers.

    *Two periods*, with ``period``: the metric in the period and in the one before. With ``as_of``
    in the period, both count equally far from their start, by the clock of their zone, and the one
    before is taken as of then. With ``as_of`` after the period, the one before is taken as of
    equally long after its end. Periods of one kind are compared though they differ by a few days:
    February with January.

    *Two groups*, with ``groups`` and ``by``: two sources, two owners, two pipelines.

    *Two definitions*, with ``against``: the metric as it is called, and with other options, or
    another metric that gives the same kind of result.

    Args:
        metric: one of the metrics, such as ``metrics.win_rate``; or `measure`, with
            ``definition=``.
        data: the deals.
        period: the period; beside ``groups`` or ``against``, that of both sides.
        previous: another one of its kind, such as that of a year ago; the one before unless given.
        by: the column, or columns, to group by.
        groups: the keys of two groups, the one that the difference is seen from first.
        against: the options that differ, such as ``{"basis": "created"}``; or the other metric.
        **options: those of the metric.

    Returns:
        A `Comparison` of two periods, or a `Contrast`, with its sentence; or one for each group of
        either side. Of rates of counts, with the 95 % interval of the difference. It takes two
        periods, and two groups, as independent. Two definitions may be about the same deals: their
        interval is wide enough however much they share. A group that there is not is None.

    Raises:
        OptionError: where nothing says what to compare with, or two things do; for a previous
            period of another kind, length or zone, or one that does not come before; for an
            ``as_of`` before the period; for groups that are not two, and for ``every``.

    References:
        R. G. Newcombe, "Interval estimation for the difference between independent proportions",
        Statistics in Medicine 17 (1998), method 10.

    Example:
        >>> from datetime import date
        >>> from salesflow import Pipeline, metrics
        >>> deals = [
        ...     Pipeline.standard().restore(id=f"D-{n}", stage=stage, closed_at=date(2026, n, 1))
        ...     for n, stage in ((1, "won"), (2, "lost"), (5, "won"))
        ... ]
        >>> found = compare(metrics.win_rate, deals, period=Period.parse("2026-Q2"))
        >>> found.current.value, found.previous.value, found.change["value"], found.is_significant
        (1.0, 0.5, 0.5, False)
        >>> print(found.sentence)  # doctest: +NORMALIZE_WHITESPACE
        The win rate came to 100.0% (1 of 1) in 2026-Q2 and to 50.0% (1 of 2) in 2026-Q1:
        50.0 points more (95 % interval -39.1 to 90.5), which the data cannot tell from luck.
    """
    _check(metric, options)
    rows = reread(data)
    given = options if by is None else {**options, "by": by}
    if groups is not None or against is not None:
        _check_alone(previous, groups, against)
        call = given if period is None else {**given, "period": period}
        if against is not None:
            return _definitions(metric, rows, against, call)
        return _groups(metric, rows, cast("Groups", groups), call)
    if period is None:
        msg = "cannot compare: nothing says what with"
        hint = "give a period, groups=(…, …) with by, or against={…}."
        raise OptionError(msg, hint=hint, parameter="period", value=None)
    return _periods(metric, rows, (period, previous), given)


def _check(metric: object, options: Mapping[str, object]) -> None:
    if not callable(metric):
        msg = f"cannot compare by {shown(metric)}: it is no metric"
        raise OptionError(msg, hint=METRICS, parameter="metric", value=metric)
    if options.get("every") is not None:
        msg = f"cannot compare by every={options['every']!r}: two sides are compared"
        hint = "leave it out, or give the metric every= itself."
        raise OptionError(msg, hint=hint, parameter="every", value=options["every"])


def _check_alone(previous: object, groups: object, against: object) -> None:
    """Refuse two things to compare with."""
    given = {"groups": groups, "against": against, "previous": previous}
    several = [name for name, value in given.items() if value is not None]
    if len(several) > 1:
        msg = f"cannot compare with {several[0]} and {several[1]} at once"
        hint = (
            "give one of period, groups and against; a period beside the others is of both sides."
        )
        raise OptionError(msg, hint=hint, parameter=several[1], value=given[several[1]])


def _periods(
    metric: Callable[..., Any],
    rows: object,
    asked: tuple[Period, Period | None],
    options: Mapping[str, Any],
) -> Compared:
    period, previous = asked
    require_period("period", period)
    before = period.previous() if previous is None else checked(period, previous)
    as_of = options.get("as_of")
    now, then = Window(period, as_of), Window(before, None)
    if as_of is not None:
        now, then = equally_far(period, before, require_aware(as_of, "as_of"))
    found, old = (metric(rows, **{**options, **window.options()}) for window in (now, then))
    so_far = (" so far", " equally far") if now.period != period else ("", "")
    where = (f"in {period}{so_far[0]}", f"in {before}{so_far[1]}")
    return each_group(found, old, Apart(metric_words(metric), where, (now.period, then.period)))


def _groups(
    metric: Callable[..., Any], rows: object, groups: Groups, options: Mapping[str, Any]
) -> Compared:
    columns = to_names(options.get("by"))
    is_one = isinstance(options.get("by"), str)
    heads = _heads(groups, columns, is_one=is_one)
    found = metric(rows, **options)
    if not isinstance(found, Breakdown):
        msg = f"cannot compare groups of {shown(found)}: it is no result of a metric"
        raise OptionError(msg, hint=METRICS, parameter="metric", value=metric)
    name = metric_words(metric)
    one, other = (f"for {group_words(columns, head)}" for head in heads)
    compared = Beside((name, name), (one, other), found, share_deals=False)
    parts = [_part(found, head) for head in heads]
    if len(found.names) > len(columns):
        return each_group(parts[0], parts[1], compared)
    return compared(parts[0].get(()), parts[1].get(()), "")


def _heads(groups: Groups, columns: tuple[str, ...], *, is_one: bool) -> list[tuple[Any, ...]]:
    """The two keys, each as the value of every column."""
    pair = list(groups) if isinstance(groups, tuple | list) else []
    heads = [(key,) if is_one else key for key in pair]
    fact = None
    if not columns:
        fact = "nothing says what they are groups of"
    elif len(pair) != _TWO or pair[0] == pair[1]:
        fact = "they are no two groups"
    elif any(not isinstance(head, tuple) or len(head) != len(columns) for head in heads):
        fact = f"groups by {', '.join(columns)} have keys of {len(columns)}"
    if fact is not None:
        msg = f"cannot compare groups={shown(groups)}: {fact}"
        hint = "give two keys, such as groups=('referral', 'outbound') with by='source'."
        raise OptionError(msg, hint=hint, parameter="groups", value=groups)
    return heads


def _part(found: Breakdown[Any], head: tuple[Any, ...]) -> Breakdown[Any]:
    """The results of one group, by what else their keys hold."""
    n, results = len(head), {}
    for key, result in found.items():
        parts = parts_of(found, key)
        if parts[:n] == head:
            results[parts[n:]] = result
    names = found.names[n:]
    if len(names) == 1:
        results = {rest: result for (rest,), result in results.items()}
    return attrs.evolve(found, names=names, results=results, has_tuples=len(names) != 1)


def _definitions(
    metric: Callable[..., Any], rows: object, against: object, options: Mapping[str, Any]
) -> Compared:
    found = metric(rows, **options)
    if isinstance(against, Mapping):
        _check_against(against)
        old = metric(rows, **{**options, **against})
        names, where = (metric_words(metric),) * 2, _differing(metric, against, options)
    elif callable(against):
        old = against(rows, **options)
        names, where = (metric_words(metric), metric_words(against)), ("", "")
    else:
        msg = f"cannot compare against {shown(against)}: it is no metric, and no options"
        hint = "give the options that differ, such as {'basis': 'created'}, or a metric."
        raise OptionError(msg, hint=hint, parameter="against", value=against)
    return each_group(found, old, Beside(names, where, found, share_deals=True))


def _check_against(against: Mapping[str, Any]) -> None:
    wrong = [name for name in against if name in ("period", "by", "every")]
    if wrong or not against:
        fact = f"{wrong[0]} is of both sides" if wrong else "no option differs"
        msg = f"cannot compare against {shown(dict(against))}: {fact}"
        hint = "give options that differ, such as {'basis': 'created'}; periods with period=."
        raise OptionError(msg, hint=hint, parameter="against", value=dict(against))


def _differing(
    metric: Callable[..., Any], against: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[str, str]:
    """What sets two calls of a metric apart: the options of each that the other has otherwise."""
    known = signature(metric).parameters
    defaults = {name: known[name].default for name in against if name in known}
    pairs = [(name, options.get(name, defaults.get(name)), against[name]) for name in against]
    one = ", ".join(_option(name, value, "one") for name, value, _ in pairs)
    other = ", ".join(_option(name, value, "other") for name, _, value in pairs)
    return one, other


def _option(name: str, value: object, side: str) -> str:
    if value is None:
        return f"without {name}"
    return f"with {name}={value!r}" if isinstance(value, _PLAIN) else f"with the {side} {name}"
