"""The columns of a frame of results, from their rows.

A column has one kind: a word of the schema of facts, or ``money``, ``interval``, ``period`` and
``reasons``, which become several columns or texts, or ``json``.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin

from salesflow.metrics._display import Row
from salesflow.money import XXX, Money
from salesflow.periods import Period

_DIGITS = 38
_LEAST_PLACES = 10
_ROUND = Context(prec=100, rounding=ROUND_HALF_UP)
_EXACT_FLOATS = 2**53
_INTEGERS = range(-(2**63), 2**63)


def json_value(value: Any) -> Any:
    """A value as JSON has it; what is no finite number is null."""
    if isinstance(value, Mapping):
        return {str(name): json_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(inner) for inner in value]
    for kind, converted in _AS_JSON:
        if isinstance(value, kind):
            return converted(value)
    return value if value is None or isinstance(value, str | int) else str(value)


_AS_JSON: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Money, lambda money: {"amount": f"{money.amount:f}", "currency": money.currency}),
    (float, lambda number: number if math.isfinite(number) else None),
    (date, lambda moment: moment.isoformat()),
    (Decimal, lambda number: f"{number:f}"),
)

# A flag is an integer to Python, and an instant is a date: the narrower come first.
_PLAIN: dict[Any, str] = {
    str: "str",
    bool: "bool",
    int: "int",
    float: "float",
    Decimal: "decimal",
    datetime: "instant",
    date: "date",
    Money: "money",
    Period: "period",
}


def kind_of(annotation: Any) -> str | None:
    """What a field of this type holds; None where only its values tell."""
    known = _but_none(annotation)
    if len(known) != 1:
        return None
    origin = get_origin(known[0])
    if origin is tuple:
        ends = [_but_none(end) for end in get_args(known[0])]
        return "interval" if ends == [[float], [float]] else None
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "reasons"
    return _PLAIN.get(known[0])


def _but_none(annotation: Any) -> list[Any]:
    """What a value may be, where it is known."""
    is_union = get_origin(annotation) in (Union, UnionType)
    members = get_args(annotation) if is_union else (annotation,)
    return [member for member in members if member is not type(None)]


def kind_among(values: Sequence[Any]) -> str:
    """The kind that all known values are of; JSON text for others, text for none."""
    known = [value for value in values if value is not None]
    kinds = {_kind(value) for value in known}
    if kinds == {"int", "float"} and all(map(_is_exact, known)):
        return "float"
    if len(kinds) > 1 or (kinds == {"int"} and any(value not in _INTEGERS for value in known)):
        return "json"
    return kinds.pop() if kinds else "str"


def _is_exact(number: Any) -> bool:
    # An integer that no float equals would be another number.
    return isinstance(number, float) or abs(number) <= _EXACT_FLOATS


def _kind(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        return "naive"  # the time of an unknown zone is no instant
    return next((kind for known, kind in _PLAIN.items() if isinstance(value, known)), "json")


def frame_columns(
    rows: Sequence[Row], template: Row, kinds: Mapping[str, str]
) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """The columns of a frame, and their types.

    Args:
        rows: the rows.
        template: a row with all names in order; where there are no rows, it tells the kinds.
        kinds: those that are known without looking at values.
    """
    currencies = [row.get("currency") for row in rows]
    columns: dict[str, list[Any]] = {}
    types: dict[str, str] = {}
    for name in dict.fromkeys([*template, *(name for row in rows for name in row)]):
        values = [row.get(name) for row in rows]
        kind = kinds.get(name) or kind_among(values or [template[name]])
        for made, (type_, cells) in _expanded(name, kind, values, currencies).items():
            columns[made], types[made] = cells, type_
    return columns, types


_Cells = dict[str, tuple[str, list[Any]]]


def _expanded(name: str, kind: str, values: list[Any], currencies: list[Any]) -> _Cells:
    """The columns that one becomes."""
    if kind == "money":
        return _money_columns(name, values, currencies)
    parts = _SEVERAL.get(kind)
    if parts is not None:
        return {f"{name}{end}": (made, _each(values, of)) for end, (made, of) in parts.items()}
    return {name: (kind, fitting(values) if kind == "decimal" else values)}


def _each(values: list[Any], function: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else function(value) for value in values]


def reasons_text(reasons: Mapping[str, int]) -> str:
    """Reasons as words: ``no_amount 2, no_rate 1``."""
    return ", ".join(f"{reason} {count}" for reason, count in reasons.items())


def _json_text(value: object) -> str:
    return json.dumps(json_value(value), ensure_ascii=False)


_SEVERAL: dict[str, dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "float": {"": ("float", json_value)},
    "interval": {
        "_low": ("float", lambda interval: interval[0]),
        "_high": ("float", lambda interval: interval[1]),
    },
    "period": {
        "": ("str", str),
        "_start": ("instant", lambda period: period.start),
        "_end": ("instant", lambda period: period.end),
    },
    "reasons": {"": ("str", reasons_text)},
    "naive": {"": ("str", json_value)},
    "json": {"": ("str", _json_text)},
}
"""The columns that a kind becomes: their type, and what is read off a value."""


def _money_columns(name: str, values: list[Any], currencies: list[Any]) -> _Cells:
    amounts = _each(values, lambda money: money.amount)
    made: _Cells = {name: ("decimal", fitting(amounts))}
    own = _each(values, lambda money: money.currency)
    pairs = zip(own, currencies, strict=True)
    # Grouped by currency, None is the key of what has no currency.
    if any(mine not in (None, theirs or XXX) for mine, theirs in pairs):
        made[f"{name}_currency"] = ("str", own)
    return made


def fitting(values: Sequence[Decimal | None]) -> list[Decimal | None]:
    """The values with no more decimals than fit 38 digits beside the largest; at least 10."""
    before = max([1, *(value.adjusted() + 1 for value in values if value)])
    places = max(_DIGITS - before, _LEAST_PLACES)
    unit = Decimal((0, (1,), -places))
    return [
        _ROUND.quantize(value, unit)
        if value is not None and -int(value.as_tuple().exponent) > places
        else value
        for value in values
    ]
