"""For an analyst: a CSV of deals, its four numbers by agent and by quarter of close.

    python examples/from_csv.py sales_pipeline.csv

The columns are those of the CRM Sales Opportunities teaching set: opportunity_id, sales_agent,
product, account, deal_stage, engage_date, close_date, close_value; dates as YYYY-MM-DD. Nothing
is made up: an empty cell is unknown.
"""

import csv
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import salesflow as sf
from salesflow import metrics

PIPELINE = sf.Pipeline(
    "opportunities",
    ["Prospecting", "Engaging", sf.Stage("Won", kind="won"), sf.Stage("Lost", kind="lost")],
)


def read_deals(path: Path) -> list[sf.Deal]:
    """One restored deal for each row."""
    with path.open(newline="", encoding="utf-8") as file:
        return [read_deal(row) for row in csv.DictReader(file)]


def read_deal(row: dict[str, str]) -> sf.Deal:
    """The deal of a row, with what the row knows."""
    value = row["close_value"]
    return PIPELINE.restore(
        id=row["opportunity_id"],
        stage=row["deal_stage"],
        owner_id=row["sales_agent"] or None,
        account_id=row["account"] or None,
        amount=sf.Money(value, "USD") if value else None,
        created_at=read_day(row["engage_date"]),
        closed_at=read_day(row["close_date"]),
        custom={"product": row["product"]},
    )


def read_day(text: str) -> date | None:
    """A date, or None for an empty cell."""
    return date.fromisoformat(text) if text else None


def main(arguments: list[str]) -> None:
    """Print the numbers, as of now."""
    if len(arguments) != 1:
        sys.exit(str(__doc__))
    deals = read_deals(Path(arguments[0]))
    now = datetime.now(UTC)
    print(metrics.summary(deals, as_of=now), "\n")
    print(metrics.summary(deals, as_of=now, by="owner_id"), "\n")
    print(metrics.summary(deals, as_of=now, every="quarter"))


if __name__ == "__main__":
    main(sys.argv[1:])
