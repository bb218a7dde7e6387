"""`Import`: what reading gave, on one screen and as JSON takes it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import attrs
import pytest

from salesflow import Pipeline
from salesflow.crm import Fault, Finding, Import, Rejected
from salesflow.crm._notes import Notes, RowNotes
from salesflow.crm.results import finding_line, rejected_line, summary_lines
from tests.crm_reads import read


def test_a_file_without_faults_is_two_lines():
    got = Import(source="deals.csv", system="generic", n_rows=1200)
    assert got.summary() == "deals.csv: 1,200 rows, read as generic\n0 rejected"
    assert str(got) == got.summary()
    assert repr(got) == "<Import deals.csv: 1200 rows, 0 deals, 0 rejected, 0 findings>"
    assert not got.has_faults


def test_what_there_is_of_each_kind_is_counted():
    lines = read(
        {"id": 1, "stage": "won", "company": "A", "contact_name": "B"}, {"id": None, "stage": "won"}
    ).summary()
    assert "1 deals, 1 accounts, 1 contacts, 1 rejected, " in lines
    assert (
        "columns: id: id, stage: stage, account_name: company, contact_name: contact_name" in lines
    )
    assert "  rejected: id: it has no id (row 2)" in lines


def test_rejected_rows_that_are_alike_are_one_line_the_most_frequent_first():
    def row(number: int, *facts: str) -> Rejected:
        return Rejected(
            number, "", tuple(Fault("a" if "x" in fact else None, fact) for fact in facts)
        )

    rejected = (row(1, "x is odd", "it is old"), *(row(n, "it is old") for n in range(2, 9)))
    got = Import(source="s", system="generic", n_rows=8, rejected=rejected)
    assert got.summary().splitlines()[2:] == [
        "  rejected: it is old (7 rows: 2, 3, 4, 5, 6 …)",
        "  rejected: a: x is odd; it is old (row 1)",
    ]
    assert got.has_faults
    assert rejected_line(rejected[0]) == "row 1 rejected: a: x is odd; it is old"


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (Finding("odd", "it is so"), "odd: it is so"),
        (Finding("odd", "it is so", "a"), "odd: a: it is so"),
        (Finding("odd", "it is so", "a", 2, (3, 5)), "odd: a: it is so (2 rows: 3, 5)"),
        (Finding("odd", "it is so", None, 1, (3,)), "odd: it is so (row 3)"),
        (Finding("odd", "it is so", None, 1200, (3, 5)), "odd: it is so (1,200 rows: 3, 5 …)"),
        (Finding("odd", "it is so", None, 1200), "odd: it is so (1,200 rows)"),
        (Finding("odd", "it is so", None, 1), "odd: it is so (1 row)"),
    ],
)
def test_a_finding_is_a_line(finding, line):
    assert finding_line(finding) == line


def test_what_several_columns_share_is_one_line():
    findings = (
        *(Finding("format", "read as dates", column) for column in ("a", "b", "c")),
        Finding("format", "read as 1,234.56", "d"),
        # What is about rows stands for itself.
        *(Finding("odd", "it is so", column, 1, (7,)) for column in ("a", "b")),
    )
    lines = summary_lines(Import(source="s", system="generic", n_rows=0, findings=findings))
    assert lines[2:] == [
        "  format: a and 2 more: read as dates",
        "  format: d: read as 1,234.56",
        "  odd: a: it is so (row 7)",
        "  odd: b: it is so (row 7)",
    ]


def test_it_fits_on_a_screen():
    findings = tuple(Finding(f"code-{n}", "x" * 200) for n in range(30))
    rejected = tuple(Rejected(n, "", (Fault(None, f"fact {n}"),)) for n in range(30))
    columns = {f"field_{n}": f"column {n}" for n in range(40)}
    lines = summary_lines(
        Import(
            source="s",
            system="generic",
            n_rows=30,
            rejected=rejected,
            findings=findings,
            columns=columns,
        )
    )
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 100
    assert "  … and 18 more findings" in lines
    assert "  … and 18 more kinds of faults" in lines


def test_as_json_takes_it():
    at = datetime(2026, 1, 5, 10, tzinfo=UTC)
    row = {"id": 1, "stage": "won", "closed_at": at.isoformat(), "contact_name": "Ann"}
    got = read(row, {"id": 1, "stage": "won"})
    told = json.loads(json.dumps(got.to_dict()))
    assert told["n_rows"] == 2
    assert (told["n_deals"], told["n_rejected"], told["n_contacts"]) == (1, 1, 1)
    assert (told["n_leads"], told["n_accounts"], told["n_activities"]) == (0, 0, 0)
    assert told["latest_at"] == "2026-01-05T10:00:00+00:00"
    assert told["columns"]["closed"] == "closed_at"
    [rejected] = told["rejected"]
    assert rejected["faults"] == [{"column": "id", "fact": "id '1' is that of row 1 too"}]
    assert {"code", "fact", "column", "n_rows", "rows"} == {*told["findings"][0]}
    assert read().to_dict()["latest_at"] is None


def test_activities_are_counted():
    got = read({"id": 1, "occurred_at": "2026-01-05"}, record="activity")
    assert got.to_dict()["n_activities"] == 1
    assert "1 activities, 0 rejected" in got.summary()


def test_it_cannot_be_changed():
    got = read({"id": 1, "stage": "won"})
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        got.n_rows = 5  # type: ignore[misc]
    assert isinstance(got.pipeline, Pipeline)


class TestNotes:
    def test_rows_of_one_kind_are_counted_and_the_first_named(self):
        notes = Notes()
        for row in range(1, 9):
            notes.add("odd", "it is so", row, "a")
        notes.add("odd", "it is so", 9, "b")
        notes.add("whole", "of the source")
        notes.add("whole", "of the source")
        notes.add_count("many", "only counted", 7)
        assert notes.findings() == (
            Finding("odd", "it is so", "a", 8, (1, 2, 3, 4, 5)),
            Finding("odd", "it is so", "b", 1, (9,)),
            Finding("whole", "of the source"),
            Finding("many", "only counted", None, 7),
        )

    def test_none(self):
        assert Notes().findings() == ()

    def test_what_is_found_column_by_column_is_told_row_by_row(self):
        notes = Notes()
        odd = RowNotes(notes)
        odd.add("of column a", "it is so", 2, "a")
        odd.add("of column b", "it is so", 1, "b")
        odd.add("of column b", "it is so", 2, "b")
        assert notes.findings() == ()
        odd.tell()
        odd.tell()
        assert notes.findings() == (
            Finding("of column b", "it is so", "b", 2, (1, 2)),
            Finding("of column a", "it is so", "a", 1, (2,)),
        )


@pytest.fixture(autouse=True)
def _no_output(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing is printed by any of these."""
    yield
    assert capsys.readouterr() == ("", "")
