"""What is wrong with the data, on every library of frames and over deals."""

from datetime import date, datetime
from typing import Any

import attrs
import pyarrow as pa
import pytest

from salesflow import facts
from salesflow.errors import ColumnError, DataError
from salesflow.facts.checks import HINTS
from tests.libraries import BACKENDS, Backend
from tests.shorthand import at, known, lived, still_open, won

DAY = date(2026, 1, 10)
BEFORE = date(2026, 1, 5)

OF_DEALS: dict[str, Any] = {
    "deal_id": pa.string(),
    "outcome": pa.string(),
    "created_at": pa.date32(),
    "closed_at": pa.date32(),
    "amount": pa.decimal128(12, 2),
    "currency": pa.string(),
}
CLEAN = [
    ("D-1", "open", BEFORE, None, None, None),
    ("D-2", "won", BEFORE, DAY, 5, "EUR"),
    ("D-3", "lost", None, DAY, None, None),
]
OF_VISITS: dict[str, Any] = {
    "deal_id": pa.string(),
    "visit": pa.int64(),
    "kind": pa.string(),
    "entered_at": pa.timestamp("us"),
    "left_at": pa.timestamp("us"),
}


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """A library of frames."""
    found: Backend = request.param
    return found


def hour(n: int | None) -> datetime | None:
    return None if n is None else datetime(2026, 1, 5, n)  # noqa: DTZ001 - of no zone


def visit(deal: str | None, number: int, kind: str, entered: int, left: int | None = None) -> Any:
    return (deal, number, kind, hour(entered), hour(left))


STAYS = [
    visit("D-1", 1, "open", 1, 2),
    visit("D-1", 2, "open", 2),
    visit("D-2", 1, "open", 1, 4),
    visit("D-2", 2, "won", 4),
    visit("D-3", 1, "lost", 1),
]


def told(check: facts.Check) -> dict[str, tuple[int, tuple[Any, ...]]]:
    return {finding.what: (finding.n, finding.examples) for finding in check}


def of_deals(backend: Backend, *rows: Any) -> dict[str, Any]:
    return told(facts.check(backend.frame(rows, **OF_DEALS)))


def of_both(backend: Backend, *rows: Any) -> dict[str, Any]:
    deals, visits = backend.frame(CLEAN, **OF_DEALS), backend.frame(rows, **OF_VISITS)
    return told(facts.check(facts.Facts(deals=deals, visits=visits)))


def test_clean_tables_have_no_findings(backend):
    assert of_deals(backend) == of_both(backend) == of_both(backend, *STAYS) == {}
    found = facts.check(backend.frame(CLEAN, **OF_DEALS))
    assert found.is_clean
    assert len(found) == 0
    assert str(found).startswith("nothing found of no_deal_id, repeated_deal_id")


def test_all_that_may_be_wrong_with_deals(backend):
    rows = [
        *CLEAN,
        ("D-1", "open", BEFORE, None, None, None),  # an id that is there twice
        ("D-4", "Won", BEFORE, DAY, None, None),
        ("D-5", None, BEFORE, None, None, None),
        ("D-6", "won", DAY, BEFORE, 1, None),
        ("D-7", "open", BEFORE, DAY, 0, None),
        ("D-8", "lost", BEFORE, None, 1, "EUR"),
        (None, "open", BEFORE, None, None, None),
    ]
    assert of_deals(backend, *rows) == {
        "no_deal_id": (1, ()),
        "unknown_outcome": (2, ("D-4", "D-5")),
        "negative_cycle": (1, ("D-6",)),
        "open_with_closed_at": (1, ("D-7",)),
        "closed_without_closed_at": (1, ("D-8",)),
        "no_currency": (2, ("D-6", "D-7")),
        "repeated_deal_id": (1, ("D-1",)),
    }


def test_all_that_may_be_wrong_with_visits(backend):
    rows = [
        *STAYS[:3],
        visit("D-1", 2, "open", 2),  # a number that is there twice
        visit("D-2", 2, "Won", 3, 2),  # begins before hour 4, ends before it begins
        visit("D-3", 1, "won", 1),  # of a lost deal
        visit("D-9", 1, "open", 1),
        visit(None, 1, "open", 1),
    ]
    assert of_both(backend, *rows) == {
        "unknown_kind": (1, ("D-2",)),
        "ends_before_it_begins": (1, ("D-2",)),
        "overlapping_visits": (1, ("D-2",)),
        "repeated_visit": (1, ("D-1",)),
        "visit_of_unknown_deal": (1, ("D-9",)),
        "outcome_against_visits": (2, ("D-2", "D-3")),
    }


def test_five_ids_are_enough(backend):
    rows = [(f"D-{n}", "?", None, None, None, None) for n in range(9, 0, -1)]
    found = of_deals(backend, *rows)
    assert found == {"unknown_outcome": (9, ("D-1", "D-2", "D-3", "D-4", "D-5"))}


def test_what_needs_an_absent_column_is_not_looked_for(backend):
    deals = backend.frame([("D-1",)], deal_id=pa.string())
    visits = backend.frame([("D-1", 1)], deal_id=pa.string(), visit=pa.int64())
    assert facts.check(deals).checked == ("no_deal_id", "repeated_deal_id")
    assert facts.check(facts.Facts(deals=deals, visits=visits)).checked == (
        *("no_deal_id", "repeated_deal_id", "repeated_visit", "visit_of_unknown_deal"),
    )


def test_a_day_and_an_instant_of_it_are_one_day(backend):
    kinds = {"deal_id": pa.string(), "created_at": pa.timestamp("us"), "closed_at": pa.date32()}
    rows = [("D-1", hour(9), BEFORE), ("D-2", hour(9), date(2026, 1, 4))]
    assert told(facts.check(backend.frame(rows, **kinds))) == {"negative_cycle": (1, ("D-2",))}


def test_moments_that_a_column_knows_by_their_day(backend):
    kinds: dict[str, Any] = {
        "deal_id": pa.string(),
        "created_at": pa.timestamp("us"),
        "closed_at": pa.timestamp("us"),
        "closed_precision": pa.string(),
    }
    rows = [
        ("D-1", hour(9), hour(0), "day"),  # closed on the day that it was created
        ("D-2", hour(9), hour(8), "instant"),
        ("D-3", hour(9), datetime(2026, 1, 4), "day"),  # noqa: DTZ001 - of no zone
    ]
    found = facts.check(backend.frame(rows, **kinds))
    assert told(found) == {"negative_cycle": (2, ("D-2", "D-3"))}


def test_visits_that_a_column_knows_by_their_day(backend):
    kinds = {
        **OF_VISITS,
        "entered_precision": pa.string(),
        "left_precision": pa.string(),
    }
    rows = [
        (*visit("D-1", 1, "open", 9, 0), "instant", "day"),  # left on the day of its entry
        (*visit("D-1", 2, "open", 0), "day", "instant"),
        (*visit("D-2", 1, "open", 1, 9), "instant", "instant"),
        (*visit("D-2", 2, "won", 8), "instant", "instant"),
    ]
    deals = backend.frame(CLEAN, **OF_DEALS)
    found = facts.check(facts.Facts(deals=deals, visits=backend.frame(rows, **kinds)))
    assert told(found) == {"overlapping_visits": (1, ("D-2",))}


def test_the_faults_of_both_tables_are_one_error(backend):
    deals = backend.frame([("D-1", 5)], deal_id=pa.string(), outcome=pa.int64())
    visits = backend.frame([("D-1", hour(1))], deal_id=pa.string(), left_at=pa.timestamp("us"))
    with pytest.raises(ColumnError) as caught:
        facts.check(facts.Facts(deals=deals, visits=visits))
    assert caught.value.faults == (
        "in deals, column 'outcome' holds Int64, no text",
        "in visits, no column 'visit'",
    )
    assert caught.value.column == "visit"
    assert caught.value.known == ("deal_id", "left_at")
    assert str(caught.value.hint).startswith("there is ")
    assert "columns=" not in str(caught.value.hint)  # visits have no other names here


def test_columns_under_other_names(backend):
    kinds = {"id": pa.string(), "status": pa.string()}
    deals = backend.frame([("D-1", "Won")], **kinds)
    found = facts.check(deals, columns={"deal_id": "id", "outcome": "status"})
    assert told(found) == {"unknown_outcome": (1, ("D-1",))}
    with pytest.raises(ColumnError, match="cannot read the deals: no column 'deal_id'"):
        facts.check(deals)


def test_moments_that_do_not_compare(backend):
    kinds: dict[str, Any] = {
        "deal_id": pa.string(),
        "created_at": pa.timestamp("us"),
        "closed_at": pa.timestamp("us", tz="UTC"),
    }
    with pytest.raises(ColumnError, match="times of 'created_at' have no zone, those of 'clos"):
        facts.check(backend.frame([("D-1", None, None)], **kinds))


def test_ids_of_two_types(backend):
    deals = backend.frame([("1",)], deal_id=pa.string())
    visits = backend.frame([(1, 1)], deal_id=pa.int64(), visit=pa.int64())
    with pytest.raises(ColumnError, match="'deal_id' holds text in deals, integer in visits"):
        facts.check(facts.Facts(deals=deals, visits=visits))


def test_an_eager_and_a_lazy_frame():
    eager, lazy = BACKENDS[2], BACKENDS[4]
    for one, other in ((eager, lazy), (lazy, eager)):
        deals, visits = one.frame(CLEAN, **OF_DEALS), other.frame(STAYS[1:], **OF_VISITS)
        assert facts.check(facts.Facts(deals=deals, visits=visits)).is_clean
        other_deal = other.frame([visit("D-9", 1, "open", 1)], **OF_VISITS)
        found = facts.check(facts.Facts(deals=deals, visits=other_deal))
        assert told(found) == {"visit_of_unknown_deal": (1, ("D-9",))}


def test_the_deals_of_a_log_are_clean(backend):
    kinds = {"deal_id": pa.string(), "stage": pa.string(), "entered_at": pa.date32()}
    rows = [("A", "talk", BEFORE), ("A", "gone", DAY), ("B", "talk", DAY)]
    visits = facts.visits_from_log(backend.frame(rows, **kinds), kinds={"gone": "lost"})
    found = facts.check(facts.Facts(deals=facts.deals_from_visits(visits), visits=visits))
    assert found.is_clean
    assert {*found.checked} == {*HINTS} - {"no_currency"}


class TestDeals:
    def test_clean(self):
        deals = [lived("D-1", (at(1), "open"), (at(5), "win")), still_open("D-2", 1)]
        found = facts.check(deals)
        assert found.is_clean
        assert {*found.checked} <= {*HINTS}
        assert facts.check(facts.Facts(deals=deals)) == found

    def test_what_is_wrong(self):
        deals = [won("D-1", 1, 5), won("D-1", 9, 5), known("D-2", "lost", 1)]
        assert told(facts.check(iter(deals))) == {
            "repeated_deal_id": (1, ("D-1",)),
            "negative_cycle": (1, ("D-1",)),
            "closed_without_closed_at": (1, ("D-2",)),
        }

    @pytest.mark.parametrize("data", [3, still_open("D-1"), ["D-1"]], ids=["int", "deal", "str"])
    def test_no_deals(self, data):
        with pytest.raises(DataError, match="cannot read the data"):
            facts.check(data)


class TestCheck:
    def test_reads_well(self):
        deals = [known("D-2", "lost", 1), known("D-1", "lost", 1)]
        [finding] = found = facts.check(deals)
        assert str(found) == (
            "closed_without_closed_at: 2 (D-1, D-2): closed deals without the time of it: "
            "no period counts them."
        )
        assert found.to_dicts() == [attrs.asdict(finding)]
        assert not found.is_clean

    def test_without_ids(self):
        finding = facts.Finding("no_deal_id", 1, (), "give ids.")
        assert str(finding) == "no_deal_id: 1 (without an id): give ids."

    def test_cannot_be_changed(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            facts.check([]).findings = ()
