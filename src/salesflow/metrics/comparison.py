"""`compare`: a metric now, and in the period before."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from types import UnionType
from typing import Any, Generic, Union, cast, get_args, get_origin, overload

import attrs

from salesflow.errors import OptionError, shown
from salesflow.metrics._statistics import newcombe
from salesflow.metrics.options import By
from salesflow.metrics.results import Breakdown, Number, R, Result
from salesflow.money import Money
from salesflow.periods import Period, get_zone, require_aware, wall_time

Change = float | int | Money | None
"""How much more it is; None where either side is unknown, or they are of two currencies."""

_TICK = timedelta(microseconds=1)


@attrs.frozen(eq=False, repr=False)
class Changes(Mapping[str, Change]):
    """How much each number changed, by its name; those of nested results are ``outer.inner``."""

    _values: Mapping[str, Change]

    def __getitem__(self, key: str) -> Change:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(dict(self._values))


@attrs.frozen
class Comparison(Result, Generic[R]):
    """A result, that of the period before, and what changed.

    Attributes:
        current: the result in the period; None of a group that is not there.
        previous: the result in the period before; None of a group that was not there.
        change: current - previous, of each number; None where either is unknown.
        interval: of a rate of counts, the 95 % interval of the difference; else None.
        is_significant: whether that interval leaves out 0; None without one.
        period: the period, up to ``as_of``.
        previous_period: the one before, equally far.
    """

    current: R | None
    previous: R | None
    change: Changes
    interval: tuple[float, float] | None
    is_significant: bool | None
    period: Period
    previous_period: Period

    def to_dict(self) -> dict[str, Any]:
        """Its values by name: those of the results are ``current.value`` and ``previous.value``."""
        shown = super().to_dict()
        del shown["change"]
        for side, other in (("current", "previous"), ("previous", "current")):
            if shown.pop(side, self) is None:
                prefix = f"{other}."
                names = [name for name in shown if name.startswith(prefix)]
                shown |= {f"{side}.{name.removeprefix(prefix)}": None for name in names}
        return shown | {f"change.{name}": value for name, value in self.change.items()}

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it: its value, or the numbers that are not nested."""
        names = ["value"] if "value" in self.change else [n for n in self.change if "." not in n]
        row: dict[str, Any] = {}
        for name in names:
            label = _label(name, self.current or self.previous)
            for side in ("current", "previous"):
                row[f"{side}.{label}"] = getattr(getattr(self, side), name, None)
            row[f"change.{label}"] = self.change[name]
        has_interval = hasattr(self.current or self.previous, "interval")
        return {**row, "interval": self.interval} if has_interval else row


def _label(name: str, result: Result | None) -> str:
    """What a table calls a number, so that it shows it as what it is."""
    if isinstance(result, Number) and name == "value":
        return result.unit or "number"
    return name


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
def compare(
    metric: Callable[..., Any],
    data: object,
    *,
    period: Period,
    previous: Period | None = None,
    by: By | None = None,
    **options: Any,
) -> Comparison[Any] | Breakdown[Comparison[Any]]:
    """How does a number compare with that of the period before?

    **Definition**: the metric in the period and in the one before, and the difference of each of
    its numbers. With ``as_of`` in the period, both count equally far from their start, by the
    clock of their zone, and the one before is taken as of then. With ``as_of`` after the period,
    the one before is taken as of equally long after its end. Periods of one kind are compared
    though they differ by a few days: February with January.

    Args:
        metric: one of the metrics, such as ``metrics.win_rate``; or `measure`, with
            ``definition=``.
        data: the deals.
        period: the period.
        previous: another one of its kind, such as that of a year ago; the one before unless given.
        by: the column, or columns, to group by.
        **options: those of the metric.

    Returns:
        A `Comparison`, or one for each group of either period. Of a rate of counts, with the 95 %
        interval of the difference, which takes the two periods as independent.

    Raises:
        OptionError: for a previous period of another kind, length or zone, or one that does not
            come before; for an ``as_of`` before the period; for ``every``.

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
    """
    _check(metric, period, options)
    before = period.previous() if previous is None else _checked(period, previous)
    as_of = options.get("as_of")
    now, then = _Window(period, as_of), _Window(before, None)
    if as_of is not None:
        now, then = _equal(period, before, require_aware(as_of, "as_of"))
    rows = list(data) if isinstance(data, Iterator) else data
    found, old = (
        metric(rows, period=window.period, **window.options(by, options)) for window in (now, then)
    )
    if isinstance(found, Breakdown) and isinstance(old, Breakdown):
        return _by_group(found, old, now.period, then.period)
    if not isinstance(found, Result) or not isinstance(old, Result):
        msg = f"cannot compare {shown(found)}: it is no result of a metric"
        raise OptionError(msg, hint=_METRICS, parameter="metric", value=metric)
    return _compared(found, old, now.period, then.period)


_METRICS = "give one of the metrics, such as metrics.win_rate."


def _check(metric: object, period: object, options: Mapping[str, object]) -> None:
    if not callable(metric):
        msg = f"cannot compare by {shown(metric)}: it is no metric"
        raise OptionError(msg, hint=_METRICS, parameter="metric", value=metric)
    _require_period("period", period)
    if options.get("every") is not None:
        msg = f"cannot compare by every={options['every']!r}: two periods are compared"
        hint = "leave it out, or give the metric every= itself."
        raise OptionError(msg, hint=hint, parameter="every", value=options["every"])


def _require_period(parameter: str, value: object) -> None:
    if not isinstance(value, Period):
        msg = f"cannot take {parameter}={shown(value)}: it is no Period"
        hint = "give one, such as Period.parse('2026-Q1')."
        raise OptionError(msg, hint=hint, parameter=parameter, value=value)


def _checked(period: Period, previous: Period) -> Period:
    """The previous period, if it is one to compare with."""
    _require_period("previous", previous)
    lengths = [span.wall_end - span.wall_start for span in (period, previous)]
    alike = period.kind == previous.kind and period.zone == previous.zone
    fault = None
    if not alike or (period.kind == "custom" and lengths[0] != lengths[1]):
        fault = "they differ in kind, length or zone"
    elif previous.start >= period.start:
        fault = "it does not come before"
    if fault is not None:
        msg = f"cannot compare period {period} with {previous}: {fault}"
        hint = f"give an earlier one like it, such as {period.previous()}."
        raise OptionError(msg, hint=hint, parameter="previous", value=previous)
    return previous


@attrs.frozen
class _Window:
    """A period, and the instant that the data is taken at."""

    period: Period
    as_of: datetime | None

    def options(self, by: By | None, others: Mapping[str, Any]) -> dict[str, Any]:
        given = dict(others) if by is None else {**others, "by": by}
        return given if self.as_of is None else {**given, "as_of": self.as_of}


def _equal(period: Period, before: Period, as_of: datetime) -> tuple[_Window, _Window]:
    """Both periods, equally far; each as of equally long after its start, or after its end."""
    if as_of < period.start:
        msg = f"cannot compare period {period} as of {as_of.isoformat()}: it had not begun"
        hint = f"give a later as_of, or {period.previous()}."
        raise OptionError(msg, hint=hint, parameter="as_of", value=as_of)
    wall = wall_time(as_of.astimezone(get_zone(period.zone)))
    if as_of >= period.end:
        return _Window(period, as_of), _Window(before, _at(wall, period.wall_end, before, as_of))
    then = _at(wall, period.wall_start, before, as_of, from_start=True)
    return _Window(_cut(period, as_of), as_of), _Window(_cut(before, then), then)


def _at(
    wall: datetime, since: datetime, before: Period, as_of: datetime, *, from_start: bool = False
) -> datetime:
    """As long after the start or end of the other period, in the zone that as_of was given in."""
    begin = before.wall_start if from_start else before.wall_end
    moved = (begin + (wall - since)).replace(tzinfo=get_zone(before.zone))
    return moved.astimezone(UTC).astimezone(as_of.tzinfo)


def _cut(period: Period, as_of: datetime) -> Period:
    """The period up to an instant, which is still in it, as it is in the data as of then."""
    # So is the day that the calendar shows there, even where that day is yet to begin here.
    today = datetime.combine(as_of.date(), time(), get_zone(period.zone)).astimezone(UTC)
    end = max(as_of.astimezone(UTC), today) + _TICK
    return period if end >= period.end else period.calendar.between(period.start, end)


def _by_group(
    found: Breakdown[Any], old: Breakdown[Any], period: Period, before: Period
) -> Breakdown[Comparison[Any]]:
    keys = dict.fromkeys((*found, *old))
    results = {key: _compared(found.get(key), old.get(key), period, before) for key in keys}
    return attrs.evolve(found, results=results)


def _compared(
    found: Result | None, old: Result | None, period: Period, before: Period
) -> Comparison[Any]:
    known = cast("Result", found or old)
    now, then = _numbers(found), _numbers(old)
    change = {n: _difference(now.get(n), then.get(n)) for n in dict.fromkeys((*now, *then))}
    interval = _interval(found, old)
    return Comparison(
        found,
        old,
        Changes(change),
        interval,
        None if interval is None else interval[0] > 0 or interval[1] < 0,
        period,
        before,
        as_of=known.as_of if found is None else found.as_of,
        currency=known.currency,
        left_out={} if found is None else found.left_out,
        assumed={} if found is None else found.assumed,
        notes=known.notes,
    )


_NUMBERS = frozenset({int, float, Money})


def _numbers(result: Result | None, prefix: str = "") -> dict[str, Change]:
    """The numbers of a result, unknown ones too, by name."""
    found: dict[str, Change] = {}
    if result is None:
        return found
    for field in attrs.fields(type(result)):
        value, name = getattr(result, field.name), f"{prefix}{field.name}"
        if isinstance(value, Result):
            found |= _numbers(value, f"{name}.")
        elif _NUMBERS & {*(get_args(field.type) if _is_union(field.type) else (field.type,))}:
            found[name] = value
    return found


def _is_union(kind: object) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _difference(now: Change, then: Change) -> Change:
    if isinstance(now, Money) and isinstance(then, Money):
        return now - then if now.currency == then.currency else None
    if now is None or then is None or isinstance(now, Money) or isinstance(then, Money):
        return None
    return now - then


def _interval(found: Result | None, old: Result | None) -> tuple[float, float] | None:
    """The interval of the difference of two rates of counts."""
    sides = [(getattr(r, "value", None), getattr(r, "interval", None)) for r in (found, old)]
    if any(value is None or interval is None for value, interval in sides):
        return None
    return newcombe(*cast("list[tuple[float, tuple[float, float]]]", sides))
