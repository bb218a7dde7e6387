"""The review of a Pipedrive change log, against plain pandas: the slowest stage, the queue by week.

The 5 ids that are used twice are left out; each deal is left with its loss.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from salesflow import facts
from salesflow.review.bottlenecks import bottlenecks
from tests.real.files import figures, real_file

NAME = "pipedrive_history"
STAGES = [str(number) for number in range(1, 10)]
WEEK = timedelta(weeks=1)


@cache
def entries() -> Any:
    """One row an entry: the deal, when, the stage or the loss; times are UTC without saying so."""
    pandas = pytest.importorskip("pandas")
    kinds = {"deal_id": str, "new_value": str}
    path = real_file(f"{NAME}/deal_changes.csv")
    log = pandas.read_csv(path, dtype=kinds, parse_dates=["change_time"])
    log = log[~log["deal_id"].isin(figures(NAME)["ids_used_twice"])]
    is_loss = log["changed_field_key"] == "lost_reason"
    log = log.assign(new_value=log["new_value"].mask(is_loss, "lost"))
    log = log[is_loss | (log["changed_field_key"] == "stage_id")]
    return log.sort_values(["deal_id", "change_time"], kind="stable").reset_index(drop=True)


@cache
def stays() -> Any:
    """By plain pandas: each stay in a stage, with its end: the next entry of the deal."""
    log = entries()
    left = log.groupby("deal_id")["change_time"].shift(-1)
    found = log.assign(left=left)[log["new_value"] != "lost"]
    return found.rename(columns={"new_value": "stage", "change_time": "entered"})


@cache
def visits() -> Any:
    columns = {"entered_at": "change_time", "stage": "new_value"}
    return facts.visits_from_log(entries(), columns=columns, kinds={"lost": "lost"}, stages=STAGES)


def mondays() -> list[datetime]:
    """Each Monday from the second one of the log to the last."""
    first, last = entries()["change_time"].min(), entries()["change_time"].max()
    monday = (first - timedelta(days=first.weekday())).normalize().to_pydatetime() + 2 * WEEK
    n_weeks = (last.to_pydatetime() - monday) // WEEK
    return [(monday + n * WEEK).replace(tzinfo=UTC) for n in range(n_weeks + 1)]


def test_the_queue_of_each_stage_week_by_week():
    table = stays()
    checked = 0
    # Every tenth week: a call reads the whole log.
    for monday in mondays()[::10]:
        at = monday.replace(tzinfo=None)
        came = table[table["entered"] <= at]
        waits = came[~(came["left"] <= at)].groupby("stage").size()
        since = at - WEEK
        arrivals = came[came["entered"] >= since]
        arrivals = arrivals[arrivals["entered"] < at].groupby("stage").size()
        gone = table[(table["left"] >= since) & (table["left"] < at)].groupby("stage").size()
        found = bottlenecks(visits(), as_of=monday, since=monday - WEEK)
        assert {s: load.n_queue for s, load in found.items() if load.n_queue} == waits.to_dict()
        assert {s: load.n_arrivals for s, load in found.items() if load.n_arrivals} == (
            arrivals.to_dict()
        )
        assert {s: load.n_departures for s, load in found.items() if load.n_departures} == (
            gone.to_dict()
        )
        checked += 1
    assert checked > 5


def test_the_slowest_stage():
    table = stays()
    end = entries()["change_time"].max()
    days = (table["left"] - table["entered"]) / timedelta(days=1)
    by_stage = days.groupby(table["stage"])
    found = bottlenecks(visits(), as_of=end.to_pydatetime().replace(tzinfo=UTC))
    assert {s: load.n_arrivals for s, load in found.items()} == by_stage.size().to_dict()
    for stage, mean in by_stage.mean().items():
        # Every stay ended: no stay is censored, so that L ÷ λ is the mean, too.
        assert found[stage].mean_days == pytest.approx(mean, rel=1e-9)
        assert found[stage].stay_days == pytest.approx(mean, rel=1e-9)
    slowest = by_stage.mean().idxmax()
    assert max(found, key=lambda stage: found[stage].mean_days) == slowest


def test_the_stage_that_would_free_most():
    table = stays()
    start, end = entries()["change_time"].min(), entries()["change_time"].max()
    days = (table["left"] - table["entered"]) / timedelta(days=1)
    window = (end - table["entered"].min()) / timedelta(days=1)
    assert start == table["entered"].min()
    freed = {}
    for stage, of_stage in days.groupby(table["stage"]):
        ordered = of_stage.sort_values().tolist()
        # The least time by which a quarter have left.
        best = ordered[-(-len(ordered) // 4) - 1]
        freed[stage] = len(ordered) / window * max(0.0, of_stage.mean() - best)
    found = bottlenecks(visits(), as_of=end.to_pydatetime().replace(tzinfo=UTC))
    assert found.ranked_by == "visits"
    for stage, n in freed.items():
        assert found[stage].frees_visits == pytest.approx(n, rel=1e-9)
    assert found.ranking[0] == max(freed, key=freed.__getitem__)
