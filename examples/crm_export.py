"""For a developer: an export as HubSpot writes it, read back to the deals it was written from.

`make demo` runs this, and then `salesflow report` on the file that it writes.
"""

import csv
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from salesflow import Deal, crm, datasets

ZONE = ZoneInfo("Europe/Berlin")  # HubSpot writes times of the account's zone, without saying so
STAGES = {
    "prospecting": "Appointment Scheduled",
    "qualification": "Qualified To Buy",
    "meeting": "Presentation Scheduled",
    "proposal": "Decision Maker Bought-In",
    "negotiation": "Contract Sent",
    "won": "Closed Won",
    "lost": "Closed Lost",
}
HEADER = (
    *("Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Close Date", "Create Date"),
    *("Deal owner", "Closed Lost Reason", "Original Traffic Source"),
    *(f'Date entered "{label} (Sales Pipeline)"' for label in STAGES.values()),
)


def written(moment: datetime | None) -> str:
    """A time as HubSpot writes it."""
    return "" if moment is None else f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def row(number: int, deal: Deal) -> tuple[object, ...]:
    """A deal as a row of the export."""
    entered: dict[str | None, datetime] = {}
    for event in deal.history:
        if event.type in {"opened", "stage_changed"}:
            entered[event.stage] = event.at  # HubSpot keeps the last entry alone
    return (
        9_000_000_000 + number,
        f"{deal.name} – renewal" if number % 7 == 0 else deal.name,
        STAGES[str(deal.stage)],
        "Sales Pipeline",
        "" if deal.amount is None else f"{deal.amount.amount:,.2f}",
        written(deal.closed_at) or (deal.expected_close_on or ""),
        written(deal.created_at),
        deal.owner_id,
        deal.loss_reason or "",
        deal.source,
        *(written(entered.get(stage)) for stage in STAGES),
    )


def main(path: Path) -> None:
    """Write the export, read it, and compare."""
    deals = datasets.make_deals(400, seed=7).deals
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([HEADER, *(row(n, deal) for n, deal in enumerate(deals))])

    got = crm.read(path, zone=ZONE.key, currency="EUR")
    assert got.system == "hubspot"
    assert (len(got.deals), len(got.rejected)) == (400, 0)
    for deal, back in zip(deals, got.deals, strict=True):
        assert back.outcome == deal.outcome
        assert back.amount == deal.amount
        assert back.owner_id == deal.owner_id
    print(f"wrote {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/demo/hubspot-export.csv"))
