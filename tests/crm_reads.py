"""Short ways to read rows in tests: the counts are checked, and findings are told by their code."""

from typing import Any

from salesflow import Deal, crm
from salesflow.crm import Finding, Import

WORDS = ("deals", "leads", "accounts", "contacts")


def read(*rows: dict[str, Any] | str, **options: Any) -> Import:
    """What the rows hold; each of them is a record or is rejected, and each is told once."""
    got = crm.read(list(rows), **options)
    assert_counts(got, options.get("record", "deal"))
    return got


def assert_counts(got: Import, record: str = "deal") -> None:
    """Rows in are records and rejected rows; rows are counted from 1, in order."""
    by_word = {word: len(getattr(got, word)) for word in WORDS}
    by_word["activities"] = sum(map(len, got.activities.values()))
    n_records = by_word["activities" if record == "activity" else f"{record}s"]
    assert got.n_rows == n_records + len(got.rejected)
    numbers = [row.row for row in got.rejected]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= got.n_rows for number in numbers)
    assert all(row.faults for row in got.rejected)


def deal_of(row: dict[str, Any], **options: Any) -> Deal:
    """The deal of one row."""
    got = read(row, **options)
    assert not got.rejected, got
    [deal] = got.deals
    return deal


def faults_of(got: Import) -> list[tuple[int, list[tuple[str | None, str]]]]:
    """The rejected rows and their faults, as column and fact."""
    return [(row.row, [(f.column, f.fact) for f in row.faults]) for row in got.rejected]


def codes(got: Import) -> list[str]:
    """The codes of the findings, in order."""
    return [finding.code for finding in got.findings]


def finding(got: Import, code: str) -> Finding:
    """The one finding of that code."""
    [found] = [one for one in got.findings if one.code == code]
    return found
