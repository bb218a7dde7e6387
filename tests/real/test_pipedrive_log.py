"""The same change log as a stage log in a frame: no deal is made of it, and the figures are equal.

A deal is left with its loss, which is a change of another field: it becomes one more entry.
"""

from statistics import median
from typing import Any

import pytest

from salesflow import facts
from tests.libraries import BACKENDS, Backend, rows_of
from tests.real.files import figures, real_file

NAME = "pipedrive_history"
LIBRARIES = [b for b in BACKENDS if b.name in ("pandas", "polars", "duckdb")]
COLUMNS = {"entered_at": "change_time", "stage": "new_value"}


@pytest.fixture(params=LIBRARIES, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """A library of frames."""
    found: Backend = request.param
    return found


@pytest.fixture
def reference() -> dict[str, Any]:
    return figures(NAME)


def changes() -> Any:
    """The file, with text in all columns but the times, which are UTC without saying so."""
    csv = pytest.importorskip("pyarrow.csv")
    import pyarrow as pa

    types = dict.fromkeys(("deal_id", "changed_field_key", "new_value"), pa.string())
    options = csv.ConvertOptions(column_types={**types, "change_time": pa.timestamp("us")})
    path = real_file(f"{NAME}/deal_changes.csv")
    return csv.read_csv(path, convert_options=options)


def used_once(reference: dict[str, Any]) -> Any:
    """The entries into stages, and the losses, of the ids that are used once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = changes()
    is_loss = pc.equal(table["changed_field_key"], "lost_reason")
    stage = pc.if_else(is_loss, "lost", table["new_value"])
    log = table.set_column(table.schema.get_field_index("new_value"), "new_value", stage)
    twice = pc.is_in(table["deal_id"], value_set=pa.array(reference["ids_used_twice"]))
    is_entry = pc.or_(is_loss, pc.equal(table["changed_field_key"], "stage_id"))
    return log.filter(pc.and_not(is_entry, twice))


def test_visits_and_days_of_each_stage(backend, reference):
    log = backend.make(used_once(reference))
    stages = [str(number) for number in range(1, 10)]
    visits = rows_of(
        facts.visits_from_log(log, columns=COLUMNS, kinds={"lost": "lost"}, stages=stages)
    )
    in_stages = [row for row in visits if row["kind"] == "open"]
    assert len(in_stages) == reference["stage_visits"]
    for name in stages:
        days = [row["days"] for row in in_stages if row["stage"] == name]
        assert len(days) == reference["deals_entered_stage_id"][name]
        assert sum(days) / len(days) == pytest.approx(
            reference["mean_days_in_stage"][name], rel=1e-12, abs=5.1e-11
        )
        assert median(days) == reference["median_days_in_stage"][name]
    moves = [
        (row["stage_position"], stages.index(row["next_stage"]))
        for row in in_stages
        if row["next_stage"] != "lost"
    ]
    assert sum(after > before + 1 for before, after in moves) == reference["forward_skips"]
    assert sum(after < before for before, after in moves) == reference["backward_moves"]


def test_the_deals_are_lost_from_the_stage_they_were_in(backend, reference):
    log = backend.make(used_once(reference))
    visits = facts.visits_from_log(log, columns=COLUMNS, kinds={"lost": "lost"})
    deals = facts.deals_from_visits(visits)
    found = rows_of(deals)
    assert len(found) == reference["deals"]
    assert {(row["outcome"], row["n_reopened"]) for row in found} == {("lost", 0)}
    lost_at = [row["lost_at_stage"] for row in found]
    assert lost_at.count("9") == reference["deals_entered_stage_id"]["9"]
    assert facts.check(facts.Facts(deals=deals, visits=visits)).is_clean


def test_the_ids_used_twice_are_a_finding(backend, reference):
    import pyarrow.compute as pc

    table = changes()
    created = table.filter(pc.equal(table["changed_field_key"], "add_time"))
    [finding] = facts.check(backend.make(created))
    assert (finding.what, finding.n) == ("repeated_deal_id", len(reference["ids_used_twice"]))
    assert finding.examples == tuple(sorted(reference["ids_used_twice"]))
