"""`to_frame`: the tidy tables of a book of deals, as frames of the user's library."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from salesflow.facts.columns import deal_columns, read_deals, visit_columns
from salesflow.facts.data import Facts, check_leads
from salesflow.facts.leads import QUALIFIED, lead_columns, read_leads
from salesflow.facts.natives import Backend, check_backend, frame_of
from salesflow.facts.schema import DEALS, LEADS, TOUCHES, VISITS, Column
from salesflow.facts.touches import touch_columns
from salesflow.models import Deal, JsonMap, Lead

_EXACT_FLOATS = 2**53
_INTEGERS = range(-(2**63), 2**63)


def to_frame(
    deals: Iterable[Deal],
    *,
    backend: Backend,
    leads: Iterable[Lead] = (),
    at: datetime | None = None,
    qualified_stage: str = QUALIFIED,
) -> Facts:
    """What do the tidy tables look like, as frames?

    **Definition**: the tables of `schema`, with their columns in that order. Each key of the
    ``custom`` of deals is one more column of ``deals``, ``custom.x``, in order of the keys: of
    texts, flags, integers or numbers where all its values are of that type, else of JSON text; so
    it is with leads. A ``lead_id`` is the one that the lead goes by in ``leads``.

    Args:
        deals: the deals.
        backend: the library: ``"pandas"``, ``"pandas[pyarrow]"``, ``"polars"``,
            ``"polars[lazy]"``, ``"pyarrow"``, ``"duckdb"`` or ``"pyspark"``.
        leads: the leads that they came from.
        at: as of when; the data as it stands unless given. [aware datetime]
        qualified_stage: what the stage of qualified leads is called.

    Returns:
        Four frames; a table without rows has its columns and their types all the same.

    Raises:
        DataError: for anything but deals and leads.
        DuplicateDealError: for a deal that is there twice.
        OptionError: for an unknown backend, for Spark without a session, and for a lead that is
            there twice.
        MissingExtraError: if the library is not installed.
        ColumnError: for values that a column cannot hold exactly.

    Example:
        >>> from salesflow import Pipeline
        >>> deal = Pipeline.standard().open("Acme", id="D-1", custom={"region": "north"})
        >>> tables = to_frame([deal], backend="polars")
        >>> tables.deals.select("deal_id", "outcome", "custom.region").rows()
        [('D-1', 'open', 'north')]
    """
    check_backend(backend)
    read = read_deals(deals, at)
    known = read_leads(check_leads(leads), at)
    names = {alias: lead.id for lead in known for alias in lead.aliases}
    tables = {
        "deals": (deal_columns(read), DEALS, [deal.custom for deal in read]),
        "visits": (visit_columns(read), VISITS, []),
        "touches": (touch_columns(read, known, at=at), TOUCHES, []),
        "leads": (
            lead_columns(known, at=at, qualified_stage=qualified_stage),
            LEADS,
            [lead.custom for lead in known],
        ),
    }
    return Facts(**{name: _framed(*table, names, backend) for name, table in tables.items()})


def _framed(
    columns: dict[str, list[Any]],
    schema: Sequence[Column],
    maps: Sequence[JsonMap],
    names: Mapping[str, str],
    backend: Backend,
) -> Any:
    """A table, with a column for each custom key, and with the names that leads go by."""
    custom, types = custom_columns(maps)
    ids = {"lead_id": [names.get(i, i) for i in columns["lead_id"]]} if "lead_id" in columns else {}
    return frame_of(columns | ids | custom, _types(schema) | types, backend)


def _types(schema: Sequence[Column]) -> dict[str, str]:
    return {column.name: column.type for column in schema}


def custom_columns(maps: Sequence[JsonMap]) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """A column for each key, ``custom.x``, and the type of each."""
    columns: dict[str, list[Any]] = {}
    types: dict[str, str] = {}
    for key in sorted({key for values in maps for key in values}):
        name = f"custom.{key}"
        values = [given.get(key) for given in maps]
        known = [value for value in values if value is not None]
        kind = next((kind for kind, fits in _FITS.items() if all(map(fits, known))), None)
        types[name] = kind or "str"
        columns[name] = values if kind else [*map(_json, values)]
    return columns, types


def _is_integer(value: object) -> bool:
    return type(value) is int and value in _INTEGERS


def _is_number(value: object) -> bool:
    # An integer that no float equals would be another number.
    return type(value) is float or (type(value) is int and abs(value) <= _EXACT_FLOATS)


_FITS: dict[str, Callable[[object], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_integer,
    "float": _is_number,
}


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, default=_thawed, ensure_ascii=False)


def _thawed(value: Mapping[str, object]) -> dict[str, object]:
    return dict(value)
