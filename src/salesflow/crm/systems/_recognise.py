"""`recognise`: which system wrote a table, by the names of its columns."""

from collections.abc import Iterator, Sequence

from salesflow.crm._names import folded
from salesflow.crm.systems._known import SYSTEMS
from salesflow.crm.systems._names import without_prefix
from salesflow.crm.systems._system import System
from salesflow.crm.systems.generic import GENERIC


def recognise(columns: Sequence[str]) -> tuple[System, tuple[str, ...]]:
    """Which system wrote this, and which columns tell?

    **Definition.** A system is recognised by one of its sets of columns, all of which are there; by
    the largest set, where several systems have one. Names are compared without case, blanks and
    marks, and with or without the prefixes of the system.

    Args:
        columns: the names at the top of the table.

    Returns:
        The system and the columns that told, as they stand there; ``GENERIC`` and none if nothing
        tells.

    Example:
        >>> system, told = recognise(["Record ID", "Deal Name", "Deal Stage", "Region"])
        >>> system.name, told
        ('hubspot', ('Record ID', 'Deal Name', 'Deal Stage'))
        >>> recognise(["deal", "worth"])[0].name
        'generic'
    """
    found = list(_found(columns))
    # The first of several that are as large: the order of SYSTEMS decides.
    return max(found, key=lambda one: len(one[1])) if found else (GENERIC, ())


def _found(columns: Sequence[str]) -> Iterator[tuple[System, tuple[str, ...]]]:
    """The systems that have a set of columns there, once for each set."""
    for system in SYSTEMS.values():
        there = _first_of_each(columns, system)
        for mark in system.marks:
            told = {there.get(folded(name)) for name in mark}
            if None not in told:
                yield system, tuple(name for name in columns if name in told)


def _first_of_each(columns: Sequence[str], system: System) -> dict[str, str]:
    """The first column of each name, with and without a prefix of the system."""
    found: dict[str, str] = {}
    for column in columns:
        found.setdefault(folded(column), column)
        bare = without_prefix(column, system.prefixes)
        if bare is not None:
            found.setdefault(folded(bare), column)
    return found
