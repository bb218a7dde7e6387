"""What requirements add to a move: four of them, all met, against the same move without any.

The deal has a history of an open quarter: fields changed, a plan carried out, calls and meetings.
"""

from datetime import UTC, datetime, timedelta

import salesflow as sf
from benchmarks._timing import Row, at_most, side_by_side
from salesflow import requirements as req

DEALS = 500
START = datetime(2026, 1, 1, tzinfo=UTC)
CLOSED = (sf.Stage("won", kind="won"), sf.Stage("lost", kind="lost"))
FOUR = (
    req.has("amount"),
    req.at_least("n_meetings", 1),
    req.activity("demo"),
    req.field("custom.legal_ok", equals=True),
)
PLAIN = sf.Pipeline("sales", ["meeting", "proposal", *CLOSED])
STRICT = sf.Pipeline("sales", ["meeting", sf.Stage("proposal", requires=FOUR), *CLOSED])


def busy_deal() -> sf.Deal:
    """A deal with twelve events, the activities among them."""
    deal = PLAIN.open(
        "Acme",
        amount=sf.Money("12000", "EUR"),
        owner_id="kim",
        custom={"legal_ok": True, "discount": 0.05},
        at=START,
    )
    for day, kind in enumerate(("call", "email", "call", "meeting", "email", "demo", "note"), 1):
        deal = PLAIN.log(deal, kind, at=START + timedelta(days=day))
    for day, amount in enumerate((13_000, 12_500), 10):
        deal = PLAIN.update(deal, amount=sf.Money(amount, "EUR"), at=START + timedelta(days=day))
    deal = PLAIN.update(deal, owner_id="lee", source="referral", at=START + timedelta(days=12))
    assert deal.version == 12
    return deal


def rows() -> list[Row]:
    """The table's lines."""
    deals, at = [busy_deal() for _ in range(DEALS)], START + timedelta(days=20)

    def moved(pipeline: sf.Pipeline) -> list[sf.Deal]:
        return [pipeline.advance(deal, at=at, by="kim") for deal in deals]

    assert moved(STRICT) == moved(PLAIN)
    work = {"strict": lambda: moved(STRICT), "plain": lambda: moved(PLAIN)}
    took = side_by_side(work, rounds=15)
    strict, plain = (took[name] / DEALS * 1e6 for name in ("strict", "plain"))
    return [at_most("a move with four requirements, against one without", strict, plain, "µs", 2.0)]
