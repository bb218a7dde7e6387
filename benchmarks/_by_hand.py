"""The numbers of `summary` by owner and of `time_in_stage`, written by hand in each library.

With the same safety: rows created after as_of are out, what was closed after it is open, negative
cycles are left out and counted, all amounts of a group are of one currency, and they are added up
in whole cents. Each gives a row for each group, of whole numbers and medians; `numbers` makes of
them what the results hold.
"""

from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import pandas as pd
import polars as pl

from benchmarks._book import AS_OF, DAY_US, Book

Numbers = dict[Any, dict[str, float]]
"""What was found, by group."""

Rows = Iterable[tuple[Any, ...]]

NOW = pl.lit(AS_OF, pl.Datetime("us", "UTC"))


def polars_owners(deals: pl.DataFrame) -> Rows:
    """One lazy query."""
    closed, outcome = pl.col("closed_at"), pl.col("outcome")
    late = (closed > NOW).fill_null(value=False)
    cycle = (closed - pl.col("created_at")).dt.total_microseconds()
    cents = (pl.col("amount") * 100).round().cast(pl.Int64)
    won, days, sizes = pl.col("won"), pl.col("days"), pl.col("sizes")
    currency = pl.col("currency")
    return (
        deals.lazy()
        .filter(pl.col("created_at") <= NOW)
        .with_columns(won=(outcome == "won") & ~late, lost=(outcome == "lost") & ~late)
        .with_columns(days=pl.when(won).then(cycle), sizes=pl.when(won).then(cents))
        .group_by("owner_id")
        .agg(
            pl.len().alias("n"),
            won.sum(),
            pl.col("lost").sum(),
            sizes.count().alias("n_priced"),
            sizes.sum().alias("total"),
            sizes.median().alias("middle"),
            (days >= 0).sum().alias("n_days"),
            days.filter(days >= 0).sum().alias("all_days"),
            days.filter(days >= 0).median().alias("half_days"),
            (days < 0).sum().alias("n_negative"),
            currency.min().alias("first"),
            currency.max().alias("last"),
        )
        .collect()
        .rows()
    )


def polars_stages(visits: pl.DataFrame) -> Rows:
    """One lazy query."""
    entered, left = pl.col("entered_at"), pl.col("left_at")
    late = (left > NOW).fill_null(value=False)
    lasts = (left.is_null() & pl.col("next_stage").is_null()) | late
    days, lasting = pl.col("days"), pl.col("lasting")
    return (
        visits.lazy()
        .filter((pl.col("kind") == "open") & (entered <= NOW))
        .with_columns(lasts=lasts)
        .select(
            "stage",
            days=pl.when(~pl.col("lasts")).then((left - entered).dt.total_microseconds()),
            lasting=pl.when("lasts").then((NOW - entered).dt.total_microseconds()),
        )
        .group_by("stage")
        .agg(
            days.count().alias("n"),
            days.sum().alias("total"),
            days.median().alias("middle"),
            lasting.count().alias("n_open"),
            lasting.sum().alias("current"),
        )
        .collect()
        .rows()
    )


SQL_OWNERS = """
with known as (
    select
        owner_id,
        currency,
        outcome = 'won' and not coalesce(closed_at > $now, false) as won,
        outcome = 'lost' and not coalesce(closed_at > $now, false) as lost,
        case when won then cast(round(amount * 100) as bigint) end as cents,
        case when won then epoch_us(closed_at) - epoch_us(created_at) end as days
    from deals
    where created_at <= $now
)
select
    owner_id,
    count(*),
    count(*) filter (won),
    count(*) filter (lost),
    count(cents),
    sum(cents),
    median(cents),
    count(*) filter (days >= 0),
    sum(days) filter (days >= 0),
    median(days) filter (days >= 0),
    count(*) filter (days < 0),
    min(currency),
    max(currency)
from known
group by owner_id
"""
SQL_STAGES = """
with known as (
    select
        stage,
        (left_at is null and next_stage is null) or coalesce(left_at > $now, false) as lasts,
        case when not lasts then epoch_us(left_at) - epoch_us(entered_at) end as days,
        case when lasts then epoch_us($now) - epoch_us(entered_at) end as lasting
    from visits
    where kind = 'open' and entered_at <= $now
)
select stage, count(days), sum(days), median(days), count(lasting), sum(lasting)
from known
group by stage
"""


def duckdb_owners(deals: duckdb.DuckDBPyRelation) -> Rows:
    """One statement of SQL."""
    return _rows(deals, "deals", SQL_OWNERS)


def duckdb_stages(visits: duckdb.DuckDBPyRelation) -> Rows:
    """One statement of SQL."""
    return _rows(visits, "visits", SQL_STAGES)


def _rows(relation: duckdb.DuckDBPyRelation, name: str, statement: str) -> Rows:
    found: Any = relation.query(name, statement.replace("$now", f"timestamptz '{AS_OF}'"))
    rows: Rows = found.fetchall()
    return rows


def pandas_owners(deals: pd.DataFrame) -> Rows:
    """Flags made first, groups by a category, and medians of the won deals alone."""
    frame = deals[deals["created_at"] <= AS_OF]
    owner, outcome = frame["owner_id"].astype("category"), frame["outcome"]
    late = frame["closed_at"] > AS_OF
    won, lost = (outcome == "won") & ~late, (outcome == "lost") & ~late
    flags = pd.DataFrame({"won": won, "lost": lost})
    counts = flags.groupby(owner, observed=True).sum()
    counts.insert(0, "n", owner.value_counts())
    codes = frame["currency"].groupby(owner, observed=True).unique()
    sold, who = frame[won], owner[won]
    cents = (sold["amount"] * 100).round()
    sizes = cents.groupby(who, observed=True).agg(["count", "sum", "median"])
    days = (sold["closed_at"] - sold["created_at"]).dt.as_unit("us").astype("int64")
    is_right = days >= 0
    spans = days[is_right].groupby(who[is_right], observed=True).agg(["count", "sum", "median"])
    negative = (~is_right).groupby(who, observed=True).sum()
    first, last = codes.map(min), codes.map(max)
    found = pd.concat([counts, sizes, spans, negative, first, last], axis=1)
    rows: Rows = found.itertuples(name=None)
    return rows


def pandas_stages(visits: pd.DataFrame) -> Rows:
    """The finished visits and the lasting ones apart, groups by a category."""
    frame = visits[(visits["kind"] == "open") & (visits["entered_at"] <= AS_OF)]
    stage, left = frame["stage"].astype("category"), frame["left_at"]
    lasts = (left.isna() & frame["next_stage"].isna()) | (left > AS_OF)
    is_done = ~lasts & left.notna()
    done, open_ones = frame[is_done], frame[lasts]
    days = (done["left_at"] - done["entered_at"]).dt.as_unit("us").astype("int64")
    lasting = (AS_OF - open_ones["entered_at"]).dt.as_unit("us").astype("int64")
    spans = days.groupby(stage[is_done], observed=True).agg(["count", "sum", "median"])
    ages = lasting.groupby(stage[lasts], observed=True).agg(["count", "sum"])
    rows: Rows = pd.concat([spans, ages], axis=1).itertuples(name=None)
    return rows


Ask = Callable[[Any], Rows]
BY_HAND: dict[str, tuple[Ask, Ask]] = {
    "polars": (polars_owners, polars_stages),
    "DuckDB": (duckdb_owners, duckdb_stages),
    "pandas": (pandas_owners, pandas_stages),
}


def numbers(library: str, book: Book) -> tuple[Numbers, Numbers]:
    """The numbers of each owner and of each stage."""
    owners, stages = BY_HAND[library]
    return of_owners(owners(book.deals)), of_stages(stages(book.visits))


def of_owners(rows: Rows) -> Numbers:
    """What a summary holds, of the rows by owner."""
    found: Numbers = {}
    for owner, n, won, lost, n_priced, total, middle, n_days, days, half, negative, *codes in rows:
        if codes[0] != codes[1]:
            raise ValueError(codes)
        found[owner] = {
            "n_created": n,
            "n_open": n - won - lost,
            "n_won": won,
            "n_lost": lost,
            "win_rate": won / (won + lost),
            "conversion_rate": won / n,
            "n_priced": n_priced,
            "n_unpriced": won - n_priced,
            "mean": float(total) / 100 / n_priced,
            "median": middle / 100,
            "total": float(total) / 100,
            "n_cycles": n_days,
            "mean_days": float(days) / DAY_US / n_days,
            "median_days": half / DAY_US,
            "negative_cycle": negative,
        }
    return found


def of_stages(rows: Rows) -> Numbers:
    """What a `StageTime` holds, of the rows by stage."""
    return {
        stage: {
            "n_visits": n + n_open,
            "n_open": n_open,
            "total_days": (float(days) + float(lasting)) / DAY_US,
            "mean_days": float(days) / DAY_US / n,
            "median_days": middle / DAY_US,
            "current_days": float(lasting) / DAY_US,
        }
        for stage, n, days, middle, n_open, lasting in rows
    }
