"""`Formats`: how a file's values are written, where the file does not tell."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

import attrs

from salesflow.errors import OptionError, one_of, shown
from salesflow.models import JsonMap

DateFormat = Literal["dmy", "mdy", "ymd", "seconds", "milliseconds"]
"""The order of day, month and year, or the unit of a number since 1970."""

NumberFormat = Literal["1,234.56", "1.234,56"]
"""Which mark stands before the decimals, and which makes groups."""

Scale = Literal["percent", "share"]
"""Whether 60 or 0.6 is written."""

Choice: TypeAlias = str | Mapping[str, str] | None


def _to_choice(parameter: str, value: object, choices: tuple[str, ...]) -> Any:
    """One of some choices, or for each of some columns one of them."""
    if value is None or (isinstance(value, str) and value in choices):
        return value
    if not isinstance(value, Mapping):
        hint = f"give {one_of(choices)}, or a mapping of columns to one of them."
        raise _refused(parameter, value, hint)
    for column, choice in value.items():
        if not isinstance(column, str):
            raise _refused(parameter, value, f"{shown(column)} is no name of a column.")
        if not (isinstance(choice, str) and choice in choices):
            raise _refused(parameter, value, f"give {one_of(choices)} for {column!r}.")
    return JsonMap(value)


def _to_dates(value: object) -> Any:
    return _to_choice("dates", value, get_args(DateFormat))


def _to_numbers(value: object) -> Any:
    return _to_choice("numbers", value, get_args(NumberFormat))


def _to_percentages(value: object) -> Any:
    return _to_choice("percentages", value, get_args(Scale))


def _to_encoding(value: object) -> str | None:
    parameter = "encoding"
    if value is None:
        return None
    try:
        "".encode(value)  # type: ignore[arg-type]
    except (LookupError, ValueError, TypeError):
        hint = "give an encoding that Python knows, as 'utf-8', 'utf-16' or 'cp1252'."
        raise _refused(parameter, value, hint) from None
    return value  # type: ignore[return-value]


def _to_delimiter(value: object) -> str | None:
    parameter = "delimiter"
    if value is None:
        return None
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n\0' or value.isalnum():
        hint = "give one character, as ',' or ';' or '\\t'."
        raise _refused(parameter, value, hint)
    return value


def _to_blanks(value: object) -> tuple[str, ...]:
    parameter = "blanks"
    if isinstance(value, tuple | list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise _refused(parameter, value, "give a tuple of texts, as ('unknown', '?').")


def _refused(parameter: str, value: object, hint: str) -> OptionError:
    msg = f"cannot take {parameter}={shown(value)}"
    return OptionError(msg, hint=hint, parameter=parameter, value=value)


@attrs.frozen(kw_only=True)
class Formats:
    """How are the values of a file written, where the file itself does not tell?

    Formats are settled per column, from all its values; nothing here need be given. It answers
    what an `AmbiguousColumnError` asks.

    Args:
        dates: the order of day and month: ``"dmy"``, ``"mdy"`` or ``"ymd"``; of numbers since
            1970 ``"seconds"`` or ``"milliseconds"``. For all columns, or for each of some by name.
        numbers: ``"1,234.56"`` or ``"1.234,56"``, for all columns or for each of some.
        percentages: whether ``"percent"``, as 60, or a ``"share"``, as 0.6, is written; for all
            columns of percentages, or for each of some.
        encoding: how a file's bytes are texts, as Python names it.
        delimiter: what stands between the cells of a line. [one character]
        blanks: further texts that mean that nothing is known.

    Raises:
        OptionError: for anything else, naming the parameter.

    Example:
        >>> Formats(dates={"Close Date": "mdy"}, numbers="1.234,56", delimiter=";").dates
        {'Close Date': 'mdy'}
        >>> Formats(dates="d/m/y")
        Traceback (most recent call last):
            ...
        salesflow.errors.OptionError: cannot take dates='d/m/y'
        ...
    """

    dates: DateFormat | Mapping[str, DateFormat] | None = attrs.field(
        default=None, converter=_to_dates
    )
    numbers: NumberFormat | Mapping[str, NumberFormat] | None = attrs.field(
        default=None, converter=_to_numbers
    )
    percentages: Scale | Mapping[str, Scale] | None = attrs.field(
        default=None, converter=_to_percentages
    )
    encoding: str | None = attrs.field(default=None, converter=_to_encoding)
    delimiter: str | None = attrs.field(default=None, converter=_to_delimiter)
    blanks: tuple[str, ...] = attrs.field(default=(), converter=_to_blanks)


def of_column(choice: Choice, column: str) -> str | None:
    """What was said of one column."""
    return choice.get(column) if isinstance(choice, Mapping) else choice
