"""The tables that `write_csv` and `write_json` write: cells for people, and each record whole.

A row has the fields that a spreadsheet is read for, and in its last cell the record as JSON, with
its history. Reading takes that cell, so that nothing is lost; the others are compared with it.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from salesflow.crm._dates import Latest
from salesflow.crm._table import FaultyRow
from salesflow.crm.results import Fault, Import, Rejected
from salesflow.models import Account, Contact, Deal, Lead
from salesflow.money import Money
from salesflow.process._events import faults_of

if TYPE_CHECKING:
    from salesflow.crm._asked import Asked
    from salesflow.crm._notes import Notes
    from salesflow.crm._survey import Tick
    from salesflow.crm._table import Table

OWN = "salesflow"
"""The column that holds the record whole."""

MODELS: Mapping[str, Any] = {"deal": Deal, "lead": Lead, "account": Account, "contact": Contact}
"""What can be written, by the word for it."""

_HISTORY = ("created_at", "closed_at")
CELLS: Mapping[str, tuple[str, ...]] = {
    "deal": (
        *("id", "name", "pipeline", "stage", "outcome", "amount", "currency", "probability"),
        *("category", "owner_id", "source", "account_id", *_HISTORY, "expected_close_on"),
        "loss_reason",
    ),
    "lead": (
        *("id", "name", "pipeline", "stage", "outcome", "owner_id", "source", "channel"),
        *("account_id", *_HISTORY, "reason", "deal_id"),
    ),
    "account": (
        *("id", "name", "domain", "industry", "country", "city", "n_employees"),
        *("annual_revenue", "currency", "owner_id", "parent_id"),
    ),
    "contact": ("id", "name", "email", "phone", "title", "account_id", "owner_id"),
}
"""The fields that a row shows."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def cells_of(record: Any, word: str) -> dict[str, Any]:
    """The fields of a record as a table shows them: texts, numbers, ISO dates."""
    return {name: _cell(record, name) for name in CELLS[word]}


def _cell(record: Any, name: str) -> Any:
    if name == "currency":
        money = record.amount if isinstance(record, Deal) else record.annual_revenue
        return None if money is None else money.currency
    value = getattr(record, name)
    if isinstance(value, Money):
        return f"{value.amount:f}"
    if isinstance(value, date):
        is_day = getattr(record, name.replace("_at", "_precision"), "instant") == "day"
        return (value.date() if is_day and hasattr(value, "date") else value).isoformat()
    return value


def harmless(cell: Any) -> str:
    """A cell as a text that no spreadsheet runs as a formula, and without NUL: it is no text."""
    text = _text(cell).replace("\0", "\ufffd")
    is_number = not isinstance(cell, str) or text.removeprefix("-").replace(".", "", 1).isdigit()
    return text if is_number or not text.startswith(_FORMULA) else f"'{text}"


def read_own(table: "Table", wanted: "Asked", notes: "Notes", tick: "Tick") -> Import:
    """The records of a table that we wrote."""
    model = MODELS[wanted.record]
    made: dict[str, Any] = {}
    rejected: list[Rejected] = []
    place = table.columns.index(OWN)
    latest, row = Latest(), 0
    for rows in table.read():
        for cells in rows:
            row += 1
            record, faults = _record(model, cells[place])
            if isinstance(cells, FaultyRow):
                faults = [cells.fact]
            if record is not None and record.id in made:
                faults = [f"id {record.id!r} is that of another row too"]
            if record is None or faults:
                said = tuple(Fault(OWN, fact) for fact in faults)
                rejected.append(Rejected(row, table.text_of(cells), said))
                continue
            made[record.id] = record
            shown = dict(zip(table.columns, cells, strict=True))
            _compare(record, wanted.record, shown, row, notes)
            if isinstance(record, Deal | Lead):
                latest.see(record.history[-1].at, record.history[-1].precision)
        tick(len(rows))
    given: dict[str, Any] = {f"{wanted.record}s": tuple(made.values())}
    return Import(
        source=table.name,
        system=OWN,
        n_rows=row,
        rejected=tuple(rejected),
        findings=notes.findings(),
        pipeline=wanted.pipeline,
        latest_at=latest.value,
        **given,
    )


def _record(model: Any, cell: Any) -> tuple[Any, list[str]]:
    try:
        if isinstance(cell, str):
            return model.model_validate_json(cell), []
        if isinstance(cell, Mapping):
            # Its numbers may be Decimals, which the fields that hold any JSON do not take.
            return model.model_validate_json(json.dumps(cell, default=float)), []
        return model.model_validate(cell), []
    except ValidationError as error:
        return None, list(faults_of(error))


def _compare(record: Any, word: str, cells: Mapping[str, Any], row: int, notes: "Notes") -> None:
    for name, value in cells_of(record, word).items():
        if name in cells and _text(cells[name]) not in (harmless(value), _text(value)):
            kept = "it was edited, and the record in its row is kept"
            fact = f"{kept}: leave out column '{OWN}' to read the cells"
            notes.add("edited-cell", fact, row, name)


def _text(cell: Any) -> str:
    if isinstance(cell, Decimal):  # a number of JSON: 1e-05 is 0.00001
        cell = float(cell)
    return "" if cell is None else str(cell)
