"""The first look at an export: its formats, its stages and how often each occurs."""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.crm._alike import Spellings
from salesflow.crm._cells import BadCell

if TYPE_CHECKING:
    from salesflow.crm._fields import Fields
    from salesflow.crm._looks import Looks
    from salesflow.crm._row_history import RowHistory
    from salesflow.crm._table import Chunk

PLACE_FIELDS = ("stage", "status", "is_won", "is_lost", "is_closed", "is_active")
"""What tells where a deal stands: the name of its stage and the flags, in the order of `Flags`."""

_MOST_PATHS = 20_000

Tick = Callable[[int], None]
"""Told how many rows were read."""


@attrs.define
class Survey:
    """What the rows of an export have in common."""

    n_rows: int = 0
    places: Counter[tuple[Any, ...]] = attrs.field(factory=Counter)
    """How often each stage occurs with which flags."""
    pipelines: Counter[str] = attrs.field(factory=Counter)
    probabilities: Counter[tuple[Any, Any]] = attrs.field(factory=Counter)
    """How often each stage occurs with which probability, by the cells."""
    orders: Counter[tuple[Any, Any]] = attrs.field(factory=Counter)
    """The same of its number in the order of stages."""
    merged: dict[str, str] = attrs.field(factory=dict)
    """Ids of deals that went into another, with the id of that one."""
    spellings: Spellings = attrs.field(factory=lambda: Spellings(()))
    """How often the values of columns of texts occur."""


def survey(looks: "Looks", fields: "Fields", history: "RowHistory", tick: Tick) -> Survey:
    """Look at all rows once, and settle the formats of their columns.

    Raises:
        AmbiguousColumnError: for a column that two formats fit.
    """
    found = Survey(spellings=fields.spellings())
    for chunk in looks.first():
        fields.observe(found.n_rows + 1, chunk.columns)
        history.observe(found.n_rows + 1, chunk.columns)
        found.spellings.see(chunk.columns)
        _count(found, fields, chunk)
        found.n_rows += chunk.n_rows
        tick(chunk.n_rows)
    fields.settle()
    history.settle()
    return found


def _count(found: Survey, fields: "Fields", chunk: "Chunk") -> None:
    columns = chunk.columns
    places = [
        _known(fields.read_one(field, columns)) if field in fields else repeat(None, chunk.n_rows)
        for field in PLACE_FIELDS
    ]
    found.places.update(zip(*places, strict=True))
    if "pipeline" in fields:
        found.pipelines.update(filter(None, fields.read_one("pipeline", columns)))
    stages = places[0]
    for field, counter in (("probability", found.probabilities), ("stage_order", found.orders)):
        if field in fields:
            cells = fields.cells(field, columns)
            counter.update((s, c) for s, c in zip(stages, cells, strict=False) if _is_plain(c))
    if "merged" in fields and "id" in fields:
        ids = fields.read_one("id", columns)
        for identity, others in zip(ids, fields.read_one("merged", columns), strict=True):
            if identity is not None:
                found.merged |= {other: identity for other in others if other != identity}


def _known(values: Iterable[Any]) -> Iterable[Any]:
    """The values, unknown where a cell cannot be read."""
    return [None if value.__class__ is BadCell else value for value in values]


def _is_plain(cell: Any) -> bool:
    return isinstance(cell, str | int | float) or hasattr(cell, "as_tuple")
