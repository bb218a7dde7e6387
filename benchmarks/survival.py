"""The median of Kaplan and Meier over a million deals.

Peer: the fitter of lifelines, given arrays of times and outcomes that are made already. Ours alone
is given how often each end occurs, and counts itself who was at risk; over a frame of polars it
finds the times too, and mean and median beside it.
"""

from typing import Any

import polars as pl
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from benchmarks._book import AS_OF, DAY_US, book
from benchmarks._timing import Row, at_most, side_by_side
from salesflow import metrics
from salesflow.metrics.stats import RiskSets
from salesflow.metrics.survival import MedianTime, median_time

N = 1_000_000
NEAR = 1e-9


def watched(deals: pl.DataFrame) -> pl.DataFrame:
    """How long each deal took or has waited, and whether it was won."""
    now, closed = pl.lit(AS_OF, pl.Datetime("us", "UTC")), pl.col("closed_at")
    late = (closed > now).fill_null(value=False)
    end = pl.when(late | closed.is_null()).then(now).otherwise(closed)
    return (
        deals.filter(pl.col("created_at") <= now)
        .select(
            won=(pl.col("outcome") == "won") & ~late,
            time=(end - pl.col("created_at")).dt.total_microseconds(),
        )
        .filter(pl.col("time") >= 0)
    )


def tally(times: pl.DataFrame) -> dict[int, int]:
    """How often each end occurs, in order."""
    ends = times.select(end=pl.col("time") * 2 + (~pl.col("won")).cast(pl.Int64))
    counted = ends["end"].value_counts().sort("end")
    return dict(zip(*(column.to_list() for column in counted), strict=True))


def rows() -> list[Row]:
    """The table's lines."""
    deals: pl.DataFrame = book("polars", N).deals
    times = watched(deals)
    days, won = times["time"].to_numpy() / DAY_US, times["won"].to_numpy()
    watches = tally(times)

    def fitted() -> tuple[float, float, float]:
        fitter = KaplanMeierFitter().fit(days, won)
        low, high = median_survival_times(fitter.confidence_interval_).to_numpy()[0]
        return fitter.median_survival_time_, low, high

    def estimated() -> MedianTime:
        return median_time(RiskSets.of(watches))

    def framed() -> Any:
        return metrics.cycle_time(deals, censored=True, as_of=AS_OF)

    cycle, alone = framed(), estimated()
    ends = cycle.km_interval
    told = [
        (cycle.km_median_days, ends[0], ends[1]),
        [time / DAY_US for time in (alone.median, alone.low, alone.high) if time is not None],
    ]
    for ours in told:
        pairs = zip(ours, fitted(), strict=True)
        assert all(abs(one - other) <= NEAR * other for one, other in pairs), told
    took = side_by_side(
        {"frame": framed, "alone": estimated, "peer": fitted},
        rounds=5,
    )
    peer = took["peer"] * 1e3
    return [
        at_most("Kaplan–Meier, 1,000,000 times", took["alone"] * 1e3, peer, "ms", 1 / 4),
        at_most("the same by cycle_time on polars", took["frame"] * 1e3, peer, "ms", 1 / 4),
    ]
