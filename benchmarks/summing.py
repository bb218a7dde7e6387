"""`metrics.summary` over deals.

Peer: a loop written by hand for the same numbers with the same safety: one currency, nothing after
as_of, negative cycles left out and counted.
"""

import gc
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Any

import salesflow as sf
from benchmarks._timing import Row, at_most, side_by_side
from salesflow import datasets, metrics

N = 100_000
SMALL, LARGE = 10_000, 1_000_000
EXACT = Context(prec=60)
Z = 1.959963984540054


def by_hand(deals: tuple[sf.Deal, ...], as_of: datetime) -> dict[str, Any]:  # noqa: C901 - as one writes it
    """The numbers of a summary, in one loop."""
    n_open = n_won = n_lost = negative = 0
    currency = None
    amounts: list[Decimal] = []
    cycles: list[timedelta] = []
    for deal in deals:
        at = deal.history[-1].at
        if at is not None and at > as_of:
            raise ValueError(deal.id)
        if deal.outcome == "open":
            n_open += 1
        elif deal.outcome == "lost":
            n_lost += 1
        else:
            n_won += 1
            if deal.amount is not None:
                if currency is None:
                    currency = deal.amount.currency
                elif currency != deal.amount.currency:
                    raise ValueError(deal.id)
                amounts.append(deal.amount.amount)
            if deal.created_at is not None and deal.closed_at is not None:
                cycle = deal.closed_at - deal.created_at
                if cycle < timedelta(0):
                    negative += 1
                else:
                    cycles.append(cycle)
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    decided = n_won + n_lost
    rate = n_won / decided
    mean_cycle = sum(cycles, timedelta(0)) / len(cycles) / timedelta(days=1)
    mean = total / len(amounts)
    return {
        "n_created": len(deals),
        "n_open": n_open,
        "n_won": n_won,
        "n_lost": n_lost,
        "win_rate": rate,
        "interval": wilson(n_won, decided),
        "conversion": n_won / len(deals),
        "conversion_interval": wilson(n_won, len(deals)),
        "mean": mean,
        "median": median(amounts),
        "total": total,
        "mean_cycle": mean_cycle,
        "median_cycle": median(cycles) / timedelta(days=1),  # type: ignore[type-var]
        "negative": negative,
        "velocity": n_open * rate * float(mean) / mean_cycle,
    }


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share."""
    share, weight = successes / trials, Z * Z / trials
    spread = Z * sqrt((share * (1 - share) + weight / 4) / trials)
    return (share + weight / 2 - spread) / (1 + weight), (share + weight / 2 + spread) / (
        1 + weight
    )


def six_events(n: int) -> tuple[sf.Deal, ...]:
    """Deals of six events each: opened, advanced four times, won."""
    pipeline, day = sf.Pipeline.standard(), timedelta(days=1)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    made = []
    for number in range(n):
        at = start + timedelta(minutes=number % 500_000)
        deal = pipeline.open(
            "Acme", id=f"D-{number}", amount=sf.Money(number % 9973, "EUR"), owner_id="kim", at=at
        )
        for step in range(1, 5):
            deal = pipeline.advance(deal, at=at + step * day)
        made.append(pipeline.win(deal, at=at + 5 * day) if number % 3 else deal)
    return tuple(made)


def resident() -> int:
    """The bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def rows() -> list[Row]:
    """The table's lines."""
    return [against_a_loop(), *growth()]


def against_a_loop() -> Row:
    """The same numbers by both, and what they cost."""
    dataset = datasets.make_deals(N, seed=1)
    deals, as_of = dataset.deals, dataset.as_of
    ours, hand = metrics.summary(deals, as_of=as_of), by_hand(deals, as_of)
    assert (ours.n_won, ours.n_open) == (hand["n_won"], hand["n_open"])
    assert ours.total_won.amount == hand["total"]
    assert abs((ours.cycle_time.median_days or 0) - hand["median_cycle"]) < 1e-9
    per_day = ours.pipeline_velocity.per_day
    assert per_day is not None
    assert abs(float(per_day.amount) - hand["velocity"]) < 1e-6
    times = side_by_side(
        {
            "ours": lambda: metrics.summary(deals, as_of=as_of),
            "hand": lambda: by_hand(deals, as_of),
        }
    )
    micro = 1e6 / N
    what = "summary of 100,000 deals, a deal, against a loop by hand"
    return at_most(what, times["ours"] * micro, times["hand"] * micro, "µs", 4.0)


def growth() -> list[Row]:
    """The cost of a deal in a large book against that in a small one."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    small = six_events(SMALL)
    before = resident()
    gc.disable()
    large = six_events(LARGE)
    gc.enable()
    kilobytes = (resident() - before) / LARGE / 1024
    gc.freeze()
    times = side_by_side(
        {
            "small": lambda: [metrics.summary(small, as_of=now) for _ in range(10)],
            "large": lambda: metrics.summary(large, as_of=now),
        },
        rounds=5,
    )
    each = {"small": times["small"] / 10 / SMALL * 1e6, "large": times["large"] / LARGE * 1e6}
    return [
        at_most(
            "summary, a deal of 1,000,000, against one of 10,000",
            each["large"],
            each["small"],
            "µs",
            1.3,
        ),
        at_most("memory of a deal of six events, against 12 KB", kilobytes, 12.0, "KB", 1.0),
    ]
