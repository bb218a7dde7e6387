"""A Pipedrive change log: its stays in stages, through `restore` and `time_in_stage`.

Every deal ends lost, and moves skip stages. The 5 ids that are used twice are left out.
"""

import csv
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from salesflow import Deal, Pipeline, Stage, metrics
from tests.real.files import figures, real_file

PIPELINE = Pipeline(
    "pipedrive",
    [
        *(str(number) for number in range(1, 10)),
        Stage("won", kind="won"),
        Stage("lost", kind="lost"),
    ],
    allow_skip=True,
)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
NAME = "pipedrive_history"


@cache
def changes() -> dict[str, dict[str, list[tuple[datetime, str]]]]:
    """By deal and field: the changes in order of time; times are UTC without saying so."""
    found: dict[str, Any] = defaultdict(lambda: defaultdict(list))
    with real_file(f"{NAME}/deal_changes.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at = datetime.fromisoformat(row["change_time"]).replace(tzinfo=UTC)
            found[row["deal_id"]][row["changed_field_key"]].append((at, row["new_value"]))
    return {key: {f: sorted(rows) for f, rows in fields.items()} for key, fields in found.items()}


@cache
def deals() -> tuple[Deal, ...]:
    used_once = {key: of for key, of in changes().items() if len(of["add_time"]) == 1}
    return tuple(
        PIPELINE.restore(
            id=key,
            stage="lost",
            created_at=of["add_time"][0][0],
            closed_at=of["lost_reason"][0][0],
            loss_reason=of["lost_reason"][0][1],
            owner_id=of["user_id"][-1][1] if "user_id" in of else None,
            visits=[(stage, at) for at, stage in of["stage_id"]],
        )
        for key, of in used_once.items()
    )


@pytest.fixture
def reference() -> dict[str, Any]:
    return figures(NAME)


def test_the_ids_used_twice_are_the_ones_named(reference):
    twice = {key for key, of in changes().items() if len(of["add_time"]) > 1}
    assert twice == set(reference["ids_used_twice"])
    assert len(deals()) == reference["deals"]


def test_time_in_each_stage(reference):
    found = metrics.time_in_stage(deals(), as_of=NOW)
    assert [*found] == [str(number) for number in range(1, 10)]
    assert sum(stage.n_visits for stage in found.values()) == reference["stage_visits"]
    for name, stage in found.items():
        assert stage.n_visits == reference["deals_entered_stage_id"][name]
        assert (stage.n_open, stage.current_days, dict(stage.left_out)) == (0, 0.0, {})
        assert stage.mean_days == pytest.approx(
            reference["mean_days_in_stage"][name], rel=1e-12, abs=5.1e-11
        )
        assert stage.median_days == reference["median_days_in_stage"][name]


def test_days_from_creation_to_loss(reference):
    found = metrics.cycle_time(deals(), outcome="lost")
    assert found.n == reference["deals"]
    assert found.mean_days == pytest.approx(reference["mean_days_add_to_lost"], abs=5.1e-11)
    assert found.median_days == reference["median_days_add_to_lost"]


def test_no_deal_was_won(reference):
    rate = metrics.win_rate(deals())
    assert (rate.value, rate.numerator, rate.denominator) == (0.0, 0, reference["deals"])
