"""`review.bottlenecks` over a frame of 3,500,000 visits.

Peer: the same counts, sums and quantiles with the same safety, written by hand in polars, ends in
order taken for Kaplan and Meier. Both in turns in one run; the numbers of both are compared first.
"""

from math import isclose
from typing import Any

import polars as pl

from benchmarks._book import AS_OF, DAY_US, book
from benchmarks._timing import Row, at_most, side_by_side
from salesflow.review.bottlenecks import Bottlenecks, bottlenecks

N = 1_000_000
NOW = pl.lit(AS_OF, pl.Datetime("us", "UTC"))
HALF, QUARTER = 0.5 + 1e-9, 0.75 + 1e-9


def visits() -> pl.DataFrame:
    """The visits of a million deals, and what kind the next one is."""
    following = pl.col("next_stage")
    is_end = following.is_in(["won", "lost"])
    kind = pl.when(is_end).then(following).when(following.is_not_null()).then(pl.lit("open"))
    frame: pl.DataFrame = book("polars", N).visits.with_columns(next_kind=kind)
    return frame


def by_hand(frame: pl.DataFrame) -> dict[str, dict[str, float]]:
    """The figures of each stage."""
    left, entered = pl.col("left_at"), pl.col("entered_at")
    late = (left > NOW).fill_null(value=False)
    lasts, span = pl.col("lasts"), pl.col("span")
    watched = pl.when(lasts).then(NOW - entered).otherwise(left - entered)
    rows = (
        frame.lazy()
        .filter((pl.col("kind") == "open") & (entered <= NOW))
        .with_columns(lasts=(left.is_null() & pl.col("next_stage").is_null()) | late)
        .with_columns(
            span=watched.dt.total_microseconds(),
            since=(NOW - entered).dt.total_microseconds(),
            led=~lasts & pl.col("next_kind").is_not_null(),
            lost=~lasts & (pl.col("next_kind") == "lost"),
            endless=~lasts & left.is_null(),
        )
        .select("stage", "stage_position", "lasts", "span", "since", "led", "lost", "endless")
        .collect()
    )
    counted = rows.group_by("stage").agg(
        pl.len().alias("n"),
        lasts.sum().alias("n_queue"),
        span.sum().alias("held"),
        span.filter(~lasts).sum().alias("ended"),
        pl.col("since").max(),
        *(pl.col(name).sum() for name in ("led", "lost", "endless")),
        (span < 0).sum().alias("n_negative"),
        pl.col("stage_position").min(),
    )
    end = pl.col("end").sort()
    at_risk = pl.len() - pl.int_range(pl.len())
    share = pl.when(end % 2 == 0).then(1 - 1 / at_risk).otherwise(1.0).cum_prod()
    ends = rows.filter(span >= 0).select("stage", end=span * 2 + lasts.cast(pl.Int64))
    times = ends.group_by("stage").agg(
        (end.filter(share <= HALF).first() // 2).alias("median"),
        (end.filter(share <= QUARTER).first() // 2).alias("best"),
    )
    found = counted.join(times, on="stage").sort("stage_position")
    return {row["stage"]: row for row in found.iter_rows(named=True)}


def check(ours: Bottlenecks, hand: dict[str, dict[str, Any]]) -> None:
    """Hold both sides to the same numbers."""
    assert [*ours] == [*hand]
    for stage, row in hand.items():
        load = ours[stage]
        assert (load.n_arrivals, load.n_queue) == (row["n"], row["n_queue"])
        rate, days = load.conversion_rate, (load.median_days, load.best_days, load.stay_days)
        assert rate is not None
        assert isclose(rate, 1 - row["lost"] / row["led"], rel_tol=1e-12)
        expected = (row["median"], row["best"], row["held"] / row["n"])
        for day, span in zip(days, expected, strict=True):
            assert day is not None
            assert isclose(day, span / DAY_US, rel_tol=1e-12)


def rows() -> list[Row]:
    """The table's line."""
    frame = visits()
    check(bottlenecks(frame, as_of=AS_OF), by_hand(frame))
    work = {"ours": lambda: bottlenecks(frame, as_of=AS_OF), "hand": lambda: by_hand(frame)}
    times = {name: seconds * 1e3 for name, seconds in side_by_side(work, rounds=3).items()}
    what = "bottlenecks on polars, 3,500,000 visits, against it by hand"
    return [at_most(what, times["ours"], times["hand"], "ms", 1.5)]
