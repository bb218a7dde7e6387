"""Results as a table of text."""

from collections.abc import Mapping, Sequence
from typing import Any

from salesflow.money import XXX, Money

_NOTHING = "—"


def table(rows: Sequence[Mapping[str, Any]], notes: Sequence[str] = ()) -> str:
    """Rows as aligned columns, numbers to the right; notes below."""
    if not rows:
        return "\n".join(["no groups", *notes])
    names = list(rows[0])
    cells = [names, *([_shown(name, row[name]) for name in names] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(names))]
    to_left = [_is_text([row[name] for row in rows]) for name in names]
    lines = [
        "  ".join(_padded(*cell) for cell in zip(row, widths, to_left, strict=True))
        for row in cells
    ]
    return "\n".join([*(line.rstrip() for line in lines), *notes])


def _is_text(values: Sequence[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, str) for value in known)


def _padded(text: str, width: int, to_left: bool) -> str:  # noqa: FBT001 - one cell's parts
    return text.ljust(width) if to_left else text.rjust(width)


def _shown(name: str, value: object) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, Money):
        rounded = value.round()
        places = 2 if value.currency == XXX else max(0, -int(rounded.amount.as_tuple().exponent))
        return f"{value.currency} {rounded.amount:,.{places}f}"
    if isinstance(value, tuple):
        return " to ".join(_shown(name, part) for part in value)
    if isinstance(value, float):
        if name.rpartition(".")[2] == "number":
            return f"{value:,.2f}"
        return f"{value:,.1f}" if name.endswith("days") else f"{value:.1%}"
    return "".join(char if char.isprintable() else " " for char in str(value))
