"""For a developer: one deal through the pipeline, then the numbers of 2,000.

Run it with ``make demo``, or ``python examples/quickstart.py``.
"""

from datetime import UTC, datetime, timedelta

import salesflow as sf
from salesflow import datasets, metrics


def move_one_deal() -> sf.Deal:
    """Open, move, lose, revert and win a deal; show a refused move on the way."""
    pipeline = sf.Pipeline.standard()
    day, at = timedelta(days=1), datetime(2026, 1, 5, 9, tzinfo=UTC)

    deal = pipeline.open(
        "Acme renewal",
        id="D-17",
        amount=sf.Money("12000", "EUR"),
        owner_id="kim",
        source="referral",
        at=at,
    )
    deal = pipeline.advance(deal, at=at + 3 * day)
    deal = pipeline.move(deal, to="meeting", at=at + 9 * day)
    deal = pipeline.lose(deal, reason="budget", disposition="nurture", at=at + 20 * day)
    try:
        pipeline.reopen(deal, to="negotiation", reason="new budget", at=at + 60 * day)
    except sf.errors.MoveNotAllowed as refused:
        print(f"{refused}\n")
    deal = pipeline.reopen(deal, to="qualification", reason="new budget", at=at + 60 * day)
    deal = pipeline.update(deal, amount=sf.Money("15000", "EUR"), at=at + 61 * day)
    for weeks in range(9, 12):
        deal = pipeline.advance(deal, at=at + weeks * 7 * day)
    deal = pipeline.win(deal, at=at + 90 * day)

    for event in deal.history:
        print(f"{event.at:%Y-%m-%d}  {event.type:<15} {getattr(event, 'stage', '')}")
    print(f"\n{deal}\n")
    return deal


def show_numbers() -> metrics.Summary:
    """Print the four numbers of 2,000 seeded deals, by owner and by quarter."""
    dataset = datasets.make_deals(2_000, seed=17)
    print(metrics.summary(dataset.deals, as_of=dataset.as_of, by="owner_id"), "\n")
    print(metrics.summary(dataset.deals, as_of=dataset.as_of, every="quarter"), "\n")
    return metrics.summary(dataset.deals, as_of=dataset.as_of)


if __name__ == "__main__":
    won = move_one_deal()
    assert won.outcome == "won"
    assert won.version == 10
    assert metrics.cycle_time([won]).mean_days == 90.0
    # Forty days of those it was lost: from day 20 to day 60.
    assert metrics.cycle_time([won], clock="active").mean_days == 50.0

    numbers = show_numbers()
    assert numbers.n_created == 2_000
    assert numbers.n_open + numbers.n_won + numbers.n_lost == 2_000
    assert numbers.win_rate.numerator == numbers.n_won
