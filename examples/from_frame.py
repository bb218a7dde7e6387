"""For an analyst: the numbers of a data frame, as it is, from polars and from pandas.

Run it with ``python examples/from_frame.py``. It needs pandas, polars and pyarrow.
"""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

import salesflow as sf
from salesflow import metrics

NOW = datetime(2026, 4, 1, tzinfo=UTC)

MEANING: dict[str, Any] = {
    "columns": {
        "owner_id": "agent",
        "outcome": "state",
        "created_at": "opened",
        "closed_at": "closed",
        "amount": "value",
    },
    "outcomes": {"Won": "won", "Lost": "lost", "Working": "open"},
    "currency": "USD",
}
"""What the table calls things, and what its values mean."""


def orders() -> pl.DataFrame:
    """Six deals, in the words of the system that they came from."""
    columns = ("agent", "region", "state", "opened", "closed", "value")
    rows = [
        ("kim", "north", "Won", date(2026, 1, 1), date(2026, 1, 11), 100.10),
        ("kim", "north", "Lost", date(2026, 1, 5), date(2026, 2, 2), 80.00),
        ("kim", "south", "Won", date(2026, 1, 20), date(2026, 3, 1), 200.20),
        ("lee", "south", "Won", date(2026, 2, 1), date(2026, 2, 21), 300.30),
        ("lee", "south", "Working", date(2026, 3, 1), None, 50.00),
        ("lee", None, "Working", date(2026, 3, 9), None, None),
    ]
    return pl.DataFrame(rows, schema=columns, orient="row")


if __name__ == "__main__":
    table = orders()

    print("By agent")
    print(metrics.summary(table, as_of=NOW, by="owner_id", **MEANING), "\n")
    print("By region, a column that salesflow does not know")
    regions = metrics.win_rate(table, by="region", **MEANING)
    print(regions, "\n")
    print("Won by the month of closing, as it was on 15 February")
    then = datetime(2026, 2, 15, tzinfo=UTC)
    sizes = metrics.average_deal_size(table, every="month", as_of=then, **MEANING)
    print(sizes)

    whole = metrics.summary(table, as_of=NOW, **MEANING)
    # Floats are taken in cents: 100.10 + 200.20 + 300.30 is 600.60, not 600.5999…
    assert whole.total_won == sf.Money("600.60", "USD")
    assert (whole.n_won, whole.n_lost, whole.n_open) == (3, 1, 2)
    assert whole.cycle_time.mean_days == (10 + 40 + 20) / 3
    assert [*regions] == ["north", "south", None]
    assert (regions["north"].value, regions["south"].value, regions[None].value) == (0.5, 1, None)
    assert [str(month) for month in sizes] == ["2026-01"]  # nothing else was won by then

    # pandas gives the same; with PyArrow's types, a date stays a date.
    frame = table.to_pandas(use_pyarrow_extension_array=True)
    assert metrics.summary(frame, as_of=NOW, **MEANING) == whole
