"""Rows of leads, accounts, contacts and activities."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from salesflow.crm._alike import Spellings, note_alike
from salesflow.crm._custom import CustomColumns
from salesflow.crm._dates import Latest, to_moment
from salesflow.crm._fields import Fields
from salesflow.crm._lead_rows import LeadRows
from salesflow.crm._looks import Looks
from salesflow.crm._money import Amounts
from salesflow.crm._names import folded
from salesflow.crm._notes import note_columns
from salesflow.crm._people import full_name
from salesflow.crm._survey import Tick
from salesflow.crm.results import Fault, Import, Rejected
from salesflow.crm.systems import match
from salesflow.crm.systems._names import without_prefix
from salesflow.crm.systems._system import FIELDS
from salesflow.models import Account, Activity, Contact
from salesflow.process._events import make

if TYPE_CHECKING:
    from salesflow.crm._asked import Asked
    from salesflow.crm._notes import Notes
    from salesflow.crm._table import Table
    from salesflow.crm.systems._system import System

Faults = list[tuple[str | None, str]]
Known = Mapping[str, Any]
Dated = tuple[str | None, Activity]
"""The id of a deal, and what happened with it."""

Maker = Callable[[int, Known, Any, Faults], Any]
"""From the number of a row, its fields, and its other columns, to the record."""


def read_others(
    table: "Table", wanted: "Asked", system: "System", notes: "Notes", tick: Tick
) -> Import:
    """The records of a table that are no deals, its rejected rows and its findings."""
    matched = match(table.columns, system, wanted.record, wanted.columns)
    fields = Fields(table.columns, matched, system, wanted.formats, wanted.zone)
    looks = Looks(table)
    spellings = fields.spellings()
    n_rows = _settle(looks, fields, spellings, tick)
    note_alike(spellings, table.columns, wanted, notes)
    latest = Latest()
    leads = LeadRows(looks, fields, wanted, notes) if wanted.record == "lead" else None
    makers: dict[str, Maker] = {
        "account": _account(Amounts(wanted.currency, fields, notes, "annual_revenue"), fields),
        "contact": _contact,
        "activity": _activity(latest, _kind_by_columns(table, system)),
    }
    maker = makers[wanted.record] if leads is None else leads.make
    made, rejected = _records(looks, wanted, fields, notes, (maker, latest))
    note_columns(fields.readers(), notes)
    given: dict[str, Any] = {_PLURALS[wanted.record]: tuple(made)}
    if wanted.record == "activity":
        given = {"activities": _by_deal(made)}
    return Import(
        source=table.name,
        system=system.name,
        n_rows=n_rows,
        rejected=tuple(rejected),
        findings=notes.findings(),
        columns=fields.columns,
        latest_at=latest.value,
        **given,
    )


_PLURALS = {"lead": "leads", "account": "accounts", "contact": "contacts"} | {
    "activity": "activities"
}


def _settle(looks: Looks, fields: Fields, spellings: Spellings, tick: Tick) -> int:
    n_rows = 0
    for chunk in looks.first():
        fields.observe(n_rows + 1, chunk.columns)
        spellings.see(chunk.columns)
        n_rows += chunk.n_rows
        tick(chunk.n_rows)
    fields.settle()
    return n_rows


def _records(
    looks: Looks,
    wanted: "Asked",
    fields: Fields,
    notes: "Notes",
    how: tuple[Maker, Latest],
) -> tuple[list[Any], list[Rejected]]:
    maker, latest = how
    made: list[Any] = []
    rejected: list[Rejected] = []
    custom = CustomColumns(fields.others, notes)
    names = (*FIELDS[wanted.record], "annual_revenue_currency")
    seen: Counter[str] = Counter()
    row = 1
    for chunk in looks.last():
        values = fields.read(chunk)
        columns = [values[name] for name in names]
        customs = custom.read(row, chunk)
        for index, cells in enumerate(zip(*columns, strict=True)):
            known = dict(zip(names, cells, strict=True))
            faults: Faults = [*values.bad.get(index, ())]
            if index in chunk.faulty:
                faults.append((None, chunk.faulty[index].fact))
            record = None
            if _is_one(known, fields, seen, faults):
                record = maker(row + index, known, customs[index], faults)
            if record is None:
                said = tuple(Fault(column, fact) for column, fact in faults)
                text = looks.table.text_of(chunk.row(index))
                rejected.append(Rejected(row + index, text, said))
            else:
                made.append(record)
                seen[known["id"]] += 1
                for name in ("created", "modified"):
                    latest.see(*to_moment(known.get(name)))
        row += chunk.n_rows
    return made, rejected


def _is_one(known: dict[str, Any], fields: Fields, seen: Counter[str], faults: Faults) -> bool:
    """Whether a row may be a record: not deleted, and with an id of its own."""
    if known.get("is_deleted") is True:
        faults.append((fields.columns["is_deleted"], "it is deleted"))
    if known["id"] is None:
        name = known.get("name")
        if "id" in fields:
            faults.append((fields.columns["id"], "it has no id"))
        elif name is None:
            faults.append((None, "it has no id and no name"))
        known["id"] = name
    if known["id"] is not None and seen[known["id"]]:
        faults.append((fields.columns.get("id"), f"id {known['id']!r} is that of another row too"))
    return not faults


def _account(amounts: Amounts, fields: Fields) -> Maker:
    def one(row: int, known: Known, custom: Any, faults: Faults) -> Account | None:
        if known["name"] is None:
            faults.append((None, "it has no name"))
        n_employees = known["n_employees"]
        if n_employees is not None and (n_employees < 0 or n_employees != int(n_employees)):
            fact = f"{n_employees} is no number of people"
            faults.append((fields.columns["n_employees"], fact))
        written = (known["annual_revenue"], known["annual_revenue_currency"], known["currency"])
        revenue = amounts.read(row, written, faults)
        if faults:
            return None
        return make(
            Account,
            f"read account {known['id']!r}",
            **_plain(known, ("id", "name", "industry", "country", "city")),
            domain=known["domain"],
            n_employees=None if n_employees is None else int(n_employees),
            annual_revenue=revenue,
            owner_id=known["owner"],
            parent_id=known["parent"],
            custom=custom,
        )

    return one


def _plain(known: Known, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: known[name] for name in names}


def _contact(row: int, known: Known, custom: Any, faults: Faults) -> Contact | None:
    del row
    name = full_name(known) or known["email"]
    if name is None:
        faults.append((None, "it has no name and no e-mail"))
        return None
    return make(
        Contact,
        f"read contact {known['id']!r}",
        **_plain(known, ("id", "email", "phone", "title")),
        name=name,
        account_id=known["account"],
        owner_id=known["owner"],
        custom=custom,
    )


def _kind_by_columns(table: "Table", system: "System") -> str:
    """What all activities of a table are where no column says it, by columns one kind has."""
    names = {folded(without_prefix(name, system.prefixes) or name) for name in table.columns}
    kinds = system.activity_kinds.items()
    return next((kind for column, kind in kinds if folded(column) in names), "activity")


def _activity(latest: Latest, usual: str) -> Maker:
    def one(row: int, known: Known, custom: Any, faults: Faults) -> Dated | None:
        del row
        occurred, planned = to_moment(known["occurred"]), to_moment(known["planned"])
        if known["is_done"] is False and planned[0] is None:
            occurred, planned = planned, occurred
        if known["is_done"] is True and occurred[0] is None:
            occurred = planned
        if known["is_done"] is False:
            occurred = to_moment(None)
        if occurred[0] is None and planned[0] is None:
            faults.append((None, "it has no date"))
            return None
        latest.see(*occurred)
        direction = (known["direction"] or "").casefold()
        activity = make(
            Activity,
            f"read activity {known['id']!r}",
            **_plain(known, ("id", "subject", "note")),
            kind=_KINDS.get((known["kind"] or "").casefold(), known["kind"]) or usual,
            occurred_at=occurred[0],
            occurred_precision=occurred[1],
            planned_at=planned[0],
            planned_precision=planned[1],
            direction=_DIRECTIONS.get(direction),
            owner_id=known["owner"],
            contact_id=next(iter(known["contact"] or ()), None),
            custom=custom,
        )
        return known["deal"], activity

    return one


_KINDS = {
    "calls": "call",
    "e-mail": "email",
    "emails": "email",
    "incoming_email": "email",
    "meetings": "meeting",
    "event": "meeting",
    "demos": "demo",
    "sms": "message",
    "notes": "note",
    **{kind: kind for kind in ("call", "email", "meeting", "demo", "message")},
    **{kind: kind for kind in ("visit", "note", "task")},
}
_DIRECTIONS = {
    "inbound": "inbound",
    "incoming": "inbound",
    "outbound": "outbound",
    "outgoing": "outbound",
}


def _by_deal(
    made: list[Dated],
) -> dict[str | None, tuple[Activity, ...]]:
    found: dict[str | None, list[Activity]] = {}
    for deal, activity in made:
        found.setdefault(deal, []).append(activity)
    return {deal: tuple(activities) for deal, activities in found.items()}
