"""The numbers of a result, of whatever kind, and what people call them."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from salesflow.metrics._display import cell_text, is_share
from salesflow.metrics.results import Number, Rate, Result, share_of
from salesflow.money import Money

Amount = float | int | Money | None
"""A number of a result; None where it is unknown."""

_KINDS = frozenset({int, float, Money})


def numbers_of(result: Result | None, prefix: str = "") -> dict[str, Amount]:
    """The numbers of a result, unknown ones too, by name; of a nested one ``outer.inner``."""
    found: dict[str, Amount] = {}
    if result is None:
        return found
    hints = _hints(type(result))
    for field in attrs.fields(type(result)):
        value, name = getattr(result, field.name), f"{prefix}{field.name}"
        if isinstance(value, Result):
            found |= numbers_of(value, f"{name}.")
        elif _KINDS & _members(hints[field.name]):
            found[name] = value
    return found


@cache
def _hints(kind: type[Result]) -> dict[str, Any]:
    return get_type_hints(kind)


def _members(hint: Any) -> set[Any]:
    return {*get_args(hint)} if get_origin(hint) in (Union, UnionType) else {hint}


def headline_of(result: Result) -> str | None:
    """The name of the number that speaks for a result; None of a result without any."""
    names = numbers_of(result)
    return result.headline if result.headline in names else next(iter(names), None)


def kind_of_number(name: str, result: Result | None) -> str:
    """What a number is called where it is shown: a measure of one's own is no share."""
    if isinstance(result, Number) and name == "value":
        return result.unit or "number"
    return name.rpartition(".")[2]


def number_text(name: str, value: Amount) -> str:
    """A number as a table shows it, with its unit; the name is that of `kind_of_number`."""
    unit = " days" if name.endswith("days") else " a day" if name == "per_day" else ""
    return f"{cell_text(name, value)}{'' if value is None else unit}"


def speaker_of(result: Result | None) -> Result | None:
    """What holds the number that speaks for a result: a result nested in it, or itself."""
    outer, dot, _ = ("" if result is None else result.headline).partition(".")
    return getattr(result, outer) if dot else result


def headline_text(name: str, value: Amount, result: Result) -> str:
    """A number of a result; a rate with what it is of."""
    rate = speaker_of(result)
    if name == headline_of(result) and name.endswith("value") and isinstance(rate, Rate):
        return cell_text("value", share_of(rate))
    return number_text(kind_of_number(name, result), value)


def difference_text(name: str, size: Amount) -> str:
    """How far apart two numbers are; shares are so many points apart."""
    if isinstance(size, float) and is_share(name):
        return f"{100 * size:,.1f} points"
    return number_text(name, size)


def metric_words(metric: Callable[..., Any]) -> str:
    """What a metric is called: ``win rate``."""
    function = metric.func if isinstance(metric, partial) else metric
    name = getattr(function, "__name__", "")
    return name.replace("_", " ") if name.isidentifier() else "number"


def group_words(columns: Sequence[str], parts: Sequence[Any]) -> str:
    """What a group is called: ``source referral, no owner_id``."""
    pairs = zip(columns, parts, strict=True)
    return ", ".join(f"no {name}" if part is None else f"{name} {part}" for name, part in pairs)
