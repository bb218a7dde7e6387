"""Values that are one but for blanks, case or marks are named, in a column or in a table beside."""

import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesflow import crm
from salesflow.crm import Finding, Import, _alike
from salesflow.crm._alike import bare
from salesflow.errors import OptionError, SourceError
from tests.crm_reads import read


def alike(got: Import) -> list[Finding]:
    return [finding for finding in got.findings if finding.code == "alike-values"]


def facts(got: Import) -> list[tuple[str | None, str, int]]:
    return [(one.column, one.fact, one.n_rows) for one in alike(got)]


def deals(column: str, *values: Any) -> list[dict[str, Any]]:
    return [{"id": n, "stage": "won", column: value} for n, value in enumerate(values)]


KEPT = "differ in blanks, case or marks alone"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GTXPro", "GTX Pro"),
        ("GTX Pro", "gtx-pro"),
        ("Acme Inc.", "Acme, Inc"),
        ("North", "North "),
        ("North", "north\u200b"),
        ("São Paulo", "Sao Paulo"),
        ("10 - 50 people", "10-50 People"),
        ("Straße", "STRASSE"),
        ("GTX10", "gtx 10"),
        ("MG\u00a0Special", "MG Special"),
    ],
)
def test_what_people_vary(one, other):
    assert bare(one) == bare(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GTX Pro", "GTX Plus Pro"),
        ("A-", "A"),  # grades
        ("Q1", "q1"),  # too few letters to tell
        ("2026-01-05", "20260105"),
        ("1-5 people", "15 people"),
        ("Version 1.5", "Version 15"),
        ("<10 people", "10 people"),
        ("C++ code", "C code"),
        ("Deal #2", "Deal 2"),
        ("0050X000001aBcD", "0050X000001abCd"),  # ids of Salesforce, which differ in case
        ("x" * 65, "X" * 65),
        ("कि कमल", "का कमल"),  # vowels that Unicode counts among the marks
    ],
)
def test_what_may_mean_something(one, other):
    assert bare(one) != bare(other)


@given(st.text(max_size=80))
@example("AA\N{MATHEMATICAL ITALIC CAPITAL A}")
def test_what_is_left_has_nothing_more_to_lose(text):
    assert bare(bare(text)) == bare(text)


def test_spellings_of_a_column_are_one_finding_the_most_frequent_first():
    got = read(*deals("source", "web", "Web", "Web", "WEB!", "Referral", None))
    assert facts(got) == [("source", f"'Web' (2), 'web' (1), 'WEB!' (1) {KEPT}", 4)]
    assert [deal.source for deal in got.deals] == ["web", "Web", "Web", "WEB!", "Referral", None]


def test_columns_that_no_field_takes_are_looked_at_with_the_blanks_that_they_keep():
    got = read(*deals("region", "North", "North ", "None", "none", ""))
    assert facts(got) == [("region", f"'North' (1), 'North ' (1) {KEPT}", 2)]
    got = read(*deals("region", "North", "North ", None, 5, "None", "none", ["x"]))
    assert facts(got) == [("region", f"'North' (1), 'North ' (1) {KEPT}", 2)]
    # Of a field, blanks around a value are no part of it.
    assert facts(read(*deals("source", "North", "North "))) == []


def test_stages_and_owners():
    rows = [{"id": 1, "stage": "In Talks", "owner": "Kim"}, {"id": 2, "stage": "in talks"}]
    assert facts(read(*rows, {"id": 3, "owner": "KIM", "stage": "won"})) == [
        ("stage", f"'In Talks' (1), 'in talks' (1) {KEPT}", 2),
        ("owner", f"'Kim' (1), 'KIM' (1) {KEPT}", 2),
    ]


def test_values_of_pairs_and_lists():
    rows = deals("stage", [4, "In Talks"], [5, "in talks"])
    assert facts(read(*rows)) == [("stage", f"'In Talks' (1), 'in talks' (1) {KEPT}", 2)]
    assert facts(read(*deals("tags", ["Big"], ["big"], "Big", "big"))) == [
        ("tags", f"'Big' (1), 'big' (1) {KEPT}", 2)
    ]


def test_no_more_than_some_spellings_are_shown():
    got = read(*deals("source", *(f"W{'.' * n}eb" for n in range(7))))
    [(_, fact, n_rows)] = facts(got)
    assert fact.count("(1)") == 5
    assert n_rows == 7


def test_names_and_currencies_are_not_looked_at():
    """The one is what people like; the other is the same however it is written."""
    assert facts(read(*deals("name", "Acme", "ACME"))) == []
    rows = [
        {"id": n, "stage": "won", "amount": 5, "currency": c} for n, c in ((1, "EUR"), (2, "eur"))
    ]
    assert facts(read(*rows)) == []


def test_columns_of_many_values_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(_alike, "MOST_VALUES", 3)
    few = deals("source", "web", "Web", "other")
    assert len(facts(read(*few))) == 1
    assert facts(read(*few, {"id": 9, "stage": "won", "source": "one more"})) == []
    assert facts(read(*deals("source", "WEB"), beside=deals("source", *"abcd", "web"))) == []


def test_other_records_are_looked_at_too():
    rows = [
        {"id": n, "name": f"N{n}", "industry": word} for n, word in enumerate(("IT hub", "IT-Hub"))
    ]
    assert facts(read(*rows, record="account")) == [
        ("industry", f"'IT hub' (1), 'IT-Hub' (1) {KEPT}", 2)
    ]


class TestBeside:
    def test_a_value_that_is_written_otherwise_there(self):
        rows = deals("product", "GTXPro", "GTXPro", "MG Special", "Other")
        file = io.StringIO("Product;Price\nGTX Pro;5\nMG Special;7\n")
        file.name = "products.csv"
        got = read(*rows, beside=file)
        fact = "'GTXPro' is 'GTX Pro' in products.csv"
        assert facts(got) == [("product", fact, 2)]
        assert got.deals[0].custom == {"product": "GTXPro"}

    def test_what_is_there_in_both_ways_is_right(self):
        products = [{"product": "GTX Pro"}, {"product": "GTXPro"}]
        assert facts(read(*deals("product", "GTXPro"), beside=products)) == []

    def test_several_tables_each_with_columns_of_its_own(self):
        rows = [{"id": 1, "stage": "won", "product": "MG-Special", "account": "ACME"}]
        tables = [[{"product": "MG Special"}], [{"account": "Acme", "stage": "Won"}]]
        got = read(*rows, beside=tables)
        assert facts(got) == [
            ("stage", "'won' is 'Won' in <rows>", 1),
            ("account", "'ACME' is 'Acme' in <rows>", 1),
            ("product", "'MG-Special' is 'MG Special' in <rows>", 1),
        ]

    def test_none(self):
        for none in (None, [], [None]):
            assert facts(read(*deals("product", "GTXPro"), beside=none)) == []

    def test_a_table_that_has_no_column_of_the_export(self):
        with pytest.raises(OptionError, match="cannot compare with <rows>: no column") as caught:
            read(*deals("product", "GTXPro"), beside=[{"price": 5}])
        assert (caught.value.parameter, caught.value.value) == ("beside", "<rows>")
        assert caught.value.hint == "the export has id, stage, product."

    def test_a_file_that_is_not_there(self):
        with pytest.raises(SourceError, match="there is no such file"):
            crm.read(deals("product", "GTXPro"), beside="nowhere.csv")
