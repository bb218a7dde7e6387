"""What reading an export gives: the records, the rows rejected, and what was odd but kept."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from salesflow.models import Account, Activity, Contact, Deal, Lead
    from salesflow.process import Pipeline


@attrs.frozen
class Fault:
    """What is wrong with one cell, or with a whole row."""

    column: str | None
    """The column as the source names it; None for a fault of the whole row."""
    fact: str


@attrs.frozen
class Rejected:
    """A row that is none of the records asked for, as its text, with all its faults."""

    row: int
    """Counted from 1, without the header."""
    text: str
    faults: tuple[Fault, ...]


@attrs.frozen
class Finding:
    """Something odd that was kept, or decided by a rule."""

    code: str
    """What kind it is, in kebab-case."""
    fact: str
    """What was found and what became of it, in words."""
    column: str | None = None
    n_rows: int = 0
    """How many rows it is about. [count]"""
    rows: tuple[int, ...] = ()
    """The first of them, counted from 1."""


@attrs.frozen(repr=False, kw_only=True)
class Import:
    """What reading an export gave.

    ``n_rows`` is always the number of records asked for plus the number of rows rejected: with
    ``record="deal"``, ``len(deals) + len(rejected)``. Of a log of changes it counts the deals that
    the log tells of.

    Example:
        >>> from salesflow import crm
        >>> got = crm.read([{"id": "D-1", "stage": "proposal", "amount": "1,200.50"}])
        >>> got.deals[0].amount.amount, got.rejected
        (Decimal('1200.50'), ())
    """

    source: str
    """What was read: a file's name, or ``<rows>``."""
    system: str
    """Whose export it is, as given or as its columns say."""
    n_rows: int
    """How many rows there were. [count]"""
    deals: "tuple[Deal, ...]" = ()
    leads: "tuple[Lead, ...]" = ()
    accounts: "tuple[Account, ...]" = ()
    contacts: "tuple[Contact, ...]" = ()
    activities: "Mapping[str | None, tuple[Activity, ...]]" = attrs.field(factory=dict)
    """By the id of the deal they belong to; None for those that name none."""
    rejected: tuple[Rejected, ...] = ()
    findings: tuple[Finding, ...] = ()
    pipeline: "Pipeline | None" = None
    """The definition whose stages the deals are in: the one given, or the one drafted."""
    columns: Mapping[str, str] = attrs.field(factory=dict)
    """For each field the column it was read from."""
    latest_at: datetime | date | None = None
    """The latest moment that the rows know, but for days still to come: how new the file is."""

    @property
    def has_faults(self) -> bool:
        """Whether any row was rejected, or anything was odd."""
        return bool(self.rejected or self.findings)

    def summary(self) -> str:
        """What was read, on one screen."""
        return "\n".join(summary_lines(self))

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        read = f"{len(self.deals)} deals, {len(self.rejected)} rejected"
        return f"<Import {self.source}: {self.n_rows} rows, {read}, {len(self.findings)} findings>"

    def to_dict(self) -> dict[str, Any]:
        """The counts, the rows rejected and the findings, as JSON takes them."""
        return {
            "source": self.source,
            "system": self.system,
            "n_rows": self.n_rows,
            "n_deals": len(self.deals),
            "n_leads": len(self.leads),
            "n_accounts": len(self.accounts),
            "n_contacts": len(self.contacts),
            "n_activities": sum(map(len, self.activities.values())),
            "n_rejected": len(self.rejected),
            "latest_at": None if self.latest_at is None else self.latest_at.isoformat(),
            "columns": dict(self.columns),
            "rejected": [attrs.asdict(row) for row in self.rejected],
            "findings": [attrs.asdict(finding) for finding in self.findings],
        }


_MOST_LINES = 12
_WIDTH = 100
_MOST_ROWS = 5


def summary_lines(found: Import) -> list[str]:
    """What was read, line by line; rejected rows and findings cut to what a screen holds."""
    lines = [f"{found.source}: {found.n_rows:,} rows, read as {found.system}"]
    counts = (
        ("deals", len(found.deals)),
        ("leads", len(found.leads)),
        ("accounts", len(found.accounts)),
        ("contacts", len(found.contacts)),
        ("activities", sum(map(len, found.activities.values()))),
        ("rejected", len(found.rejected)),
        ("findings", len(found.findings)),
    )
    lines.append(", ".join(f"{n:,} {word}" for word, n in counts if n or word == "rejected"))
    read = ", ".join(f"{field}: {column}" for field, column in found.columns.items())
    if read:
        lines.append(_cut(f"columns: {read}"))
    lines += _some(_finding_lines(found.findings), "findings")
    lines += _some(_rejected_lines(found.rejected), "kinds of faults")
    return lines


def finding_line(finding: Finding) -> str:
    """A finding in one line."""
    where = "" if finding.column is None else f"{finding.column}: "
    rows = f" ({_rows(finding.rows, finding.n_rows)})" if finding.n_rows else ""
    return f"{finding.code}: {where}{finding.fact}{rows}"


def rejected_line(row: Rejected) -> str:
    """A rejected row and its faults in one line."""
    return f"row {row.row} rejected: {_faults_of(row)}"


def _finding_lines(findings: tuple[Finding, ...]) -> list[str]:
    """The findings, those of whole columns that say the same in one line."""
    alike: dict[object, list[Finding]] = {}
    for finding in findings:
        of_column = finding.column is not None and not finding.n_rows
        key = (finding.code, finding.fact) if of_column else finding
        alike.setdefault(key, []).append(finding)
    lines = []
    for first, *others in alike.values():
        more = f" and {len(others)} more" if others else ""
        column = None if first.column is None else f"{first.column}{more}"
        lines.append(finding_line(attrs.evolve(first, column=column)))
    return lines


def _rejected_lines(rejected: tuple[Rejected, ...]) -> list[str]:
    """The faults of rejected rows, those alike in one line, the most frequent first."""
    rows: dict[str, list[int]] = {}
    for row in rejected:
        rows.setdefault(_faults_of(row), []).append(row.row)
    often = sorted(rows.items(), key=lambda item: -len(item[1]))
    return [f"rejected: {faults} ({_rows(rows, len(rows))})" for faults, rows in often]


def _rows(known: Sequence[int], n_rows: int) -> str:
    """So many rows, and the numbers of the first of them, where they are known."""
    count = f"{n_rows:,} row{'' if n_rows == 1 else 's'}"
    if not known:
        return count
    if n_rows == 1:
        return f"row {known[0]}"
    some = ", ".join(map(str, known[:_MOST_ROWS]))
    return f"{count}: {some}{' …' if n_rows > len(known[:_MOST_ROWS]) else ''}"


def _faults_of(row: Rejected) -> str:
    return "; ".join(
        fault.fact if fault.column is None else f"{fault.column}: {fault.fact}"
        for fault in row.faults
    )


def _some(lines: list[str], word: str) -> list[str]:
    shown = [_cut(f"  {line}") for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"  … and {len(lines) - _MOST_LINES:,} more {word}")
    return shown


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
