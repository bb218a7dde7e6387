"""Names of columns, each once."""

from collections.abc import Iterable

from salesflow.crm._faults import unreadable
from salesflow.crm._limits import MAX_COLUMNS, MAX_RECORD

_SHOWN = 5


def unique_names(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names with those that are twice told apart, and what to tell of it.

    Example:
        >>> unique_names(["Amount", "", "Amount"])[0]
        ('Amount', 'column 2', 'Amount (2)')
    """
    given = [*names]
    taken, last = set(given), dict.fromkeys(given, 1)
    found: dict[str, None] = {}
    unnamed, doubled = [], []
    for number, name in enumerate(given, 1):
        called = name
        if not name.strip():
            called = f"column {number}"
            unnamed.append(called)
        if called in found:
            called = _next(called, taken, last)
            doubled.append(called)
        found[called] = None
    told = ((unnamed, "columns without a name"), (doubled, "columns whose name was taken"))
    return (*found,), tuple(f"{what} are called {_some(called)}" for called, what in told if called)


def _next(name: str, taken: set[str], last: dict[str, int]) -> str:
    number = last.get(name, 1) + 1
    while f"{name} ({number})" in taken:
        number += 1
    last[name] = number
    taken.add(f"{name} ({number})")
    return f"{name} ({number})"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(f"'{name}'" for name in names[:_SHOWN]) + more


def refuse_many(name: str, n_columns: int, n_chars: int) -> None:
    """Refuse what has more columns, or longer names, than any export has.

    Raises:
        SourceError: if it has.
    """
    if n_columns > MAX_COLUMNS:
        fact = f"it has more than {MAX_COLUMNS:,} columns"
        raise unreadable(name, fact, hint="leave out the columns that no record needs.")
    if n_chars > MAX_RECORD:
        raise unreadable(name, f"the names of its columns have more than {MAX_RECORD:,} characters")
