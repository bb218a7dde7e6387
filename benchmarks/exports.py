"""Reading an export of HubSpot.

Peer: `csv.DictReader` and a bare pydantic model of what a row holds, without any look at formats,
stages, flags, currencies, duplicates or history.
"""

import csv
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel

from benchmarks._timing import Row, at_most, side_by_side
from salesflow import crm

N, MANY = 100_000, 1_000_000
STAGES = (
    "Appointment Scheduled",
    "Qualified To Buy",
    "Presentation Scheduled",
    "Contract Sent",
    "Closed Won",
    "Closed Lost",
)
HEADER = (
    "Record ID",
    "Deal Name",
    "Deal Stage",
    "Pipeline",
    "Amount",
    "Close Date",
    "Create Date",
    "Deal owner",
    "Associated Company",
    "Associated Contact",
    "Last Activity Date",
    "Deal Type",
    "Priority",
)
FIELDS = {
    "id": "Record ID",
    "name": "Deal Name",
    "stage": "Deal Stage",
    "pipeline": "Pipeline",
    "amount": "Amount",
    "closed": "Close Date",
    "created": "Create Date",
    "owner": "Deal owner",
    "company": "Associated Company",
    "contact": "Associated Contact",
    "last_activity": "Last Activity Date",
    "type": "Deal Type",
    "priority": "Priority",
}


class Bare(BaseModel):
    """A row, with the types of its cells."""

    id: str
    name: str | None
    stage: str
    pipeline: str | None
    amount: Decimal | None
    closed: datetime | None
    created: datetime | None
    owner: str | None
    company: str | None
    contact: str | None
    last_activity: datetime | None
    type: str | None
    priority: str | None


def write(path: Path, n: int) -> None:
    """An export of n deals, always the same."""
    rng = random.Random(6)
    start = datetime(2023, 1, 1)  # noqa: DTZ001 - HubSpot writes the times of the account's zone
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for number in range(n):
            created = start + timedelta(minutes=rng.randrange(1_500_000))
            closed = created + timedelta(days=rng.randrange(120), minutes=rng.randrange(600))
            amount = f"{rng.randrange(10**7) / 100:.2f}" if rng.random() < 0.9 else ""
            active = f"{closed:%Y-%m-%d %H:%M}" if rng.random() < 0.5 else ""
            out.writerow(
                (
                    10**10 + number,
                    f"Deal {number} of the year",
                    rng.choice(STAGES),
                    "Sales Pipeline",
                    amount,
                    f"{closed:%Y-%m-%d %H:%M}",
                    f"{created:%Y-%m-%d %H:%M}",
                    f"Owner {rng.randrange(40)}",
                    f"Company {rng.randrange(n // 5 + 1)}",
                    f"Person {rng.randrange(n // 3 + 1)}",
                    active,
                    rng.choice(("New Business", "Existing Business")),
                    rng.choice(("Low", "Medium", "High", "")),
                )
            )


def read_bare(path: Path) -> list[Bare]:
    """The peer."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Bare.model_validate({name: row[column] or None for name, column in FIELDS.items()})
            for row in csv.DictReader(file)
        ]


def read_ours(path: Path) -> crm.Import:
    """Ours."""
    return crm.read(path, system="hubspot", zone="UTC", currency="EUR")


@contextmanager
def exports() -> Iterator[tuple[Path, Path]]:
    """A small file and a large one."""
    with TemporaryDirectory() as folder:
        small, large = Path(folder, "small.csv"), Path(folder, "large.csv")
        write(small, N)
        write(large, MANY)
        yield small, large


def rows() -> list[Row]:
    """The table's lines."""
    with exports() as (small, large):
        got = read_ours(small)
        assert len(got.deals) == len(read_bare(small)) == N
        times = side_by_side(
            {"ours": lambda: read_ours(small), "bare": lambda: read_bare(small)}, rounds=5
        )
        growth = side_by_side(
            {"large": lambda: read_ours(large), "small": lambda: read_ours(small)}, rounds=1
        )
    micro = 1e6 / N
    ours, bare = times["ours"] * micro, times["bare"] * micro
    each = (growth["large"] * 1e6 / MANY, growth["small"] * micro)
    return [
        at_most("read a row of HubSpot, against DictReader and pydantic", ours, bare, "µs", 2.5),
        at_most("a row of 1,000,000, against one of 100,000", *each, "µs", 1.3),
    ]
