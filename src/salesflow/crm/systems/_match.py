"""`match`: which column of a table holds which field of ours."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from salesflow.crm._names import folded
from salesflow.crm.systems._names import without_prefix
from salesflow.crm.systems._system import FIELDS, Record, System
from salesflow.errors import ColumnError, closest, one_of, shown

MODEL_NAMES: Mapping[Record, Mapping[str, str]] = {
    "deal": {
        "deal_id": "id",
        "outcome": "status",
        "owner_id": "owner",
        "account_id": "account",
        "contact_id": "contact",
        "contact_ids": "contact",
        "lead_id": "lead",
        "created_at": "created",
        "closed_at": "closed",
        "won_at": "won",
        "lost_at": "lost",
        "close_date": "close",
        "expected_close_on": "expected_close",
        "stage_position": "stage_order",
        "aliases": "merged",
    },
    "lead": {
        "lead_id": "id",
        "outcome": "status",
        "owner_id": "owner",
        "account_id": "account",
        "contact_id": "contact",
        "contact_ids": "contact",
        "created_at": "created",
        "converted_at": "converted",
        "deal_id": "deal",
        "aliases": "merged",
    },
    "account": {"account_id": "id", "owner_id": "owner", "parent_id": "parent"},
    "contact": {"contact_id": "id", "account_id": "account", "owner_id": "owner"},
    "activity": {
        "activity_id": "id",
        "occurred_at": "occurred",
        "planned_at": "planned",
        "owner_id": "owner",
        "contact_id": "contact",
        "deal_id": "deal",
    },
}
"""What a model of ours calls a field, where it is not the field's own word."""

_WHERE_SEVERAL = 2


def match(
    columns: Sequence[str],
    system: System,
    record: Record,
    given: Mapping[str, str],
) -> dict[str, str]:
    """Which column of a table holds which field?

    **Definition.** What is ``given`` is taken as it is. For any other field it is the first of the
    system's names that a column has, compared without case, blanks and marks; one without a prefix
    of the system goes before one with it. A column holds one field, unless it is given for several
    or the system says that several read it.

    Args:
        columns: the names at the top of the table.
        system: whose names they are.
        record: what a row is.
        given: for a field the column that holds it. A field is called as in ``FIELDS``, or as the
            model has it: ``owner`` or ``owner_id``. A column may be written in other case.

    Returns:
        For each field that has one, its column as it stands in the table, in the order of
        ``FIELDS``.

    Raises:
        ColumnError: for fields and columns in ``given`` that there are not, and for a field that is
            given twice; all of them at once, with the closest there are.

    Example:
        >>> from salesflow.crm.systems import GENERIC
        >>> match(["opportunity_id", "Sales Agent", "worth"], GENERIC, "deal", {"amount": "worth"})
        {'id': 'opportunity_id', 'amount': 'worth', 'owner': 'Sales Agent'}
    """
    found = _given(columns, record, given)
    taken = set(found.values())
    shared = {folded(name) for name in system.shared}
    whole = _by_name(columns, columns)
    bare = _by_name(columns, [without_prefix(name, system.prefixes) for name in columns])
    inner = _by_name(columns, [_inner(name, system.prefixes) for name in columns])
    headers = system.headers.get(record, {})
    for field in FIELDS[record]:
        if field in found:
            continue
        for name in headers.get(field, ()):
            theirs = _column(name, whole) or _column(name, bare) or _column(name, inner)
            if theirs is not None and (theirs not in taken or folded(name) in shared):
                found[field] = theirs
                taken.add(theirs)
                break
    return {field: found[field] for field in FIELDS[record] if field in found}


def _inner(name: str, prefixes: tuple[str, ...]) -> str | None:
    """What a property is called that is an object: ``properties.amount.value``."""
    bare = without_prefix(name, prefixes)
    if bare is None or not bare.endswith(".value"):
        return None
    return bare.removesuffix(".value")


def _by_name(columns: Sequence[str], names: Sequence[str | None]) -> dict[str, list[str]]:
    """The columns that are called so, by the plain name."""
    found: dict[str, list[str]] = {}
    for column, name in zip(columns, names, strict=True):
        if name is not None:
            found.setdefault(folded(name), []).append(column)
    return found


def _column(name: str, by_name: Mapping[str, list[str]]) -> str | None:
    """The column of that name: of several the one written like it, else the first."""
    columns = by_name.get(folded(name), [])
    return name if name in columns else next(iter(columns), None)


# What the user gives.


@attrs.frozen
class _Fault:
    """Something given that there is not, or twice."""

    fact: str
    about: Any
    known: tuple[str, ...] = ()
    """What there is instead."""


def _given(columns: Sequence[str], record: Record, given: Mapping[str, str]) -> dict[str, str]:
    """The columns given, by field."""
    ours = MODEL_NAMES[record]
    known = (*FIELDS[record], *ours)
    by_name = _by_name(columns, columns)
    faults: list[_Fault] = []
    found: dict[str, str] = {}
    for name, column in given.items():
        if name not in known:
            faults.append(_Fault(f"no field {shown(name)}", name, known))
            continue
        field = ours.get(name, name)
        theirs = _column(column, by_name) if isinstance(column, str) else None
        if theirs is None:
            faults.append(_Fault(f"no column {shown(column)}", column, tuple(columns)))
        elif field in found:
            faults.append(_Fault(f"'{name}' is the field '{field}', which is given twice", name))
        else:
            found[field] = theirs
    if faults:
        raise _error(faults, given, columns)
    return found


def _error(
    faults: Sequence[_Fault], given: Mapping[str, str], columns: Sequence[str]
) -> ColumnError:
    facts = tuple(fault.fact for fault in faults)
    many = _WHERE_SEVERAL if len(faults) > 1 else None
    hints = [
        f"for {shown(fault.about)} there is {one_of(closest(fault.about, fault.known)[:many])}"
        for fault in faults
        if fault.known
    ]
    msg = f"cannot take columns={shown(dict(given))}: {'; '.join(facts)}"
    hint = f"{'; '.join(hints)}." if hints else None
    first = faults[0].about
    return ColumnError(msg, hint=hint, column=first, known=tuple(columns), faults=facts)
