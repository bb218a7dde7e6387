"""The moments of a table: microseconds since 1970 in UTC, those of days that of their midnight.

Whether a moment is known by its day alone is told for all of its column, True or False, or by a
column of precisions, None. Days are compared with days.
"""

from collections.abc import Mapping
from typing import Any

from salesflow._narwhals import nw
from salesflow.facts._engines.columns import DAY_US
from salesflow.models.durations import to_us
from salesflow.models.past import Cut

Expr = nw.Expr

Days = Mapping[str, bool | None]
"""Of each moment, whether it is known by its day: all, none, or as a column says."""

_SHIFT_US = DAY_US * 800_000
# Moments of all years are positive when shifted by so much: engines differ below 0.


def told_by(cut: Cut) -> tuple[int, int]:
    """The instant of a cut, and the midnight of the day that its clock shows."""
    today = cut.wall.replace(hour=0, minute=0, second=0, microsecond=0)
    return to_us(cut.at), to_us(today)


def precision_of(name: str) -> str:
    """The column that says how precise each of the moments of a column is."""
    return f"{name.removesuffix('_at')}_precision"


def is_day(days: Days, name: str) -> Expr | bool:
    """Whether a moment is known by its day, row by row or for all."""
    known = days[name]
    return nw.col(precision_of(name)) == "day" if known is None else known


def is_later(days: Days, name: str, now: int | None, today: int | None) -> Expr:
    """Whether a moment lies after an instant, or after its day; an unknown one does not."""
    by_instant, by_day = (nw.col(name) > nw.lit(end) for end in (now, today))
    return surely(choose(is_day(days, name), by_day, by_instant), nw.col(name))


def span(days: Days, start: str, end: str) -> Expr:
    """Microseconds from one moment to another; whole days where a day is involved."""
    exact = nw.col(end) - nw.col(start)
    known = [days[start], days[end]]
    if known in ([True, True], [False, False]):
        return exact
    whole = day_of(nw.col(end)) - day_of(nw.col(start))
    if True in known:
        return whole
    told = [is_day(days, name) for name in (start, end) if days[name] is None]
    is_whole = told[0] if len(told) == 1 else told[0] | told[1]
    return choose(is_whole, whole, exact)


def choose(
    condition: Expr | bool,  # noqa: FBT001 - of a row, or of all
    one: Expr,
    other: Expr,
) -> Expr:
    """One where the condition holds, else the other."""
    if isinstance(condition, bool):
        return one if condition else other
    return nw.when(condition).then(one).otherwise(other)


def surely(condition: Expr, column: Expr) -> Expr:
    """A condition on a column, which does not hold where that is unknown.

    Engines ask what is unknown in less time than they fill it: DuckDB in a fifth.
    """
    return condition & ~column.is_null()


def day_of(moment: Expr) -> Expr:
    """The midnight that begins the day of a moment, in UTC."""
    return moment - (moment + _SHIFT_US) % DAY_US


def in_days(duration: Any) -> Any:
    """Microseconds as days."""
    # polars multiplies by 1/x where it should divide by a number x, which is off by a last bit.
    duration = duration.cast(nw.Float64)
    return duration / (duration - duration + DAY_US)
