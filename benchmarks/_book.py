"""A large book of deals and visits as arrays, and as frames of each library.

Seeded; times in microseconds, amounts with two decimals. About a fifth of the deals is open, some
cycles are negative, some amounts unknown, and some rows lie after `AS_OF`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import duckdb
import numpy as np
import pandas as pd
import polars as pl

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
STAGES = ("prospecting", "qualification", "meeting", "proposal", "negotiation")

N_OWNERS = 50
VISITS_A_DEAL = 3.5
DAY_US = 86_400_000_000

Columns = dict[str, Any]
"""Arrays by the name of the column."""


@attrs.frozen
class Book:
    """Both tables, as one library has them."""

    deals: Any
    visits: Any


def columns(n: int, *, seed: int = 1) -> tuple[Columns, Columns]:
    """The columns of deals and of their visits."""
    random = np.random.default_rng(seed)
    now = np.datetime64(AS_OF.replace(tzinfo=None), "us")
    n_stages = random.choice([1, 2, 3, 4, 5], n, p=[0.2, 0.2, 0.25, 0.2, 0.15])
    fate = random.choice(3, n, p=[0.2, 0.35, 0.45])
    created = now + random.integers(-730 * DAY_US, 20 * DAY_US, n)
    # The first stage of each deal, and after the last one its end.
    first = np.concatenate([[0], np.cumsum(n_stages + (fate > 0))])
    total, owns = int(first[-1]), np.repeat(np.arange(n), np.diff(first))
    visit = np.arange(total) - first[owns]
    is_end = visit == n_stages[owns]
    stays = (random.exponential(18 * DAY_US, total) + 1).astype("i8")
    left = np.cumsum(stays)
    entered = left - stays
    start = entered[first[:-1]]
    entered, left = (created[owns] + (ends - start[owns]) for ends in (entered, left))
    closed = entered[np.maximum(first[1:] - 1, 0)]
    is_wrong = random.random(n) < 0.004
    closed[is_wrong] = created[is_wrong] - random.integers(1, 9 * DAY_US, int(is_wrong.sum()))
    closed[fate == 0] = np.datetime64("NaT")
    last = np.zeros(total, dtype=bool)
    last[first[1:] - 1] = True
    left[last] = np.datetime64("NaT")
    amount = np.round(random.lognormal(8.5, 1.1, n), 2)
    amount[random.random(n) < 0.01] = np.nan
    owner = random.integers(0, N_OWNERS, n)
    place = np.where(is_end, 4 + fate[owns], visit)
    names = np.array([*STAGES, "won", "lost"], dtype=object)
    kinds = np.array(["open"] * 5 + ["won", "lost"], dtype=object)
    after = np.append(place[1:], 0)
    deals = {
        "deal_id": np.arange(n),
        "owner_id": np.array([f"rep-{n:02}" for n in range(N_OWNERS)], dtype=object)[owner],
        "outcome": np.array(["open", "won", "lost"], dtype=object)[fate],
        "amount": amount,
        "currency": np.full(n, "EUR", dtype=object),
        "created_at": created,
        "closed_at": closed,
    }
    visits = {
        "deal_id": owns,
        "visit": visit + 1,
        "stage": names[place],
        "stage_position": place + 1,
        "kind": kinds[place],
        "entered_at": entered,
        "left_at": left,
        "next_stage": np.where(last, None, names[after]),
    }
    kept = min(total, int(n * VISITS_A_DEAL))
    return deals, {name: column[:kept] for name, column in visits.items()}


def of_pandas(table: Columns) -> pd.DataFrame:
    """As pandas reads a file: texts are Python objects, times have a zone."""
    frame = pd.DataFrame(table)
    times = [name for name in table if name.endswith("_at")]
    return frame.assign(**{name: frame[name].dt.tz_localize("UTC") for name in times})


def of_polars(table: Columns) -> pl.DataFrame:
    """In memory; an unknown amount is null."""
    return pl.from_pandas(of_pandas(table))


def of_duckdb(table: Columns) -> duckdb.DuckDBPyRelation:
    """A table of a database in memory of its own."""
    database = duckdb.connect()
    database.execute("set timezone = 'UTC'")
    given = of_polars(table).to_arrow()
    database.register("given", given)
    database.execute("create table book as select * from given")
    database.unregister("given")
    return database.table("book")


LIBRARIES: dict[str, Callable[[Columns], Any]] = {
    "polars": of_polars,
    "DuckDB": of_duckdb,
    "pandas": of_pandas,
}


def book(library: str, n: int) -> Book:
    """A book of so many deals."""
    deals, visits = columns(n)
    make = LIBRARIES[library]
    return Book(make(deals), make(visits))
