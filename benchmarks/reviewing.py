"""What a review reads: the waterfall of a month, and a snapshot.

Peer: a bare pass over the same histories, which looks at each event: when it was, which kind it
is, and where it left the deal.
"""

import gc
from collections.abc import Sequence
from datetime import timedelta

import salesflow as sf
from benchmarks._timing import Row, at_most, side_by_side
from salesflow import datasets, review

N = 100_000
LARGE = 1_000_000
MONTH = timedelta(days=31)


def bare_pass(deals: Sequence[sf.Deal]) -> int:
    """Look at every event of every deal, and keep nothing but the outcome."""
    n_open = 0
    for deal in deals:
        outcome = "open"
        for event in deal.history:
            fields = vars(event)
            if fields["at"] is not None and fields["type"] == "stage_changed":
                outcome = fields["stage_kind"]
        n_open += outcome == "open"
    return n_open


def rows() -> list[Row]:
    """The table's lines."""
    made = datasets.make_deals(N, seed=1)
    deals, end = made.deals, made.as_of + timedelta(microseconds=1)
    start, back = end - MONTH, made.as_of - MONTH
    found = review.waterfall(deals, start, end)
    assert sum(found.changes.values(), found.start) == found.end
    assert len(found.behind("end")) == bare_pass(deals)
    gc.freeze()
    took = side_by_side(
        {
            "waterfall": lambda: review.waterfall(deals, start, end),
            "snapshot": lambda: review.snapshot(deals, at=back),
            "bare": lambda: bare_pass(deals),
        },
        rounds=5,
    )
    gc.unfreeze()
    micro = {name: seconds / N * 1e6 for name, seconds in took.items()}
    what = "of 100,000 deals, a deal, against a bare pass over the histories"
    return [
        at_most(f"waterfall {what}", micro["waterfall"], micro["bare"], "µs", 3.0),
        at_most(f"snapshot {what}", micro["snapshot"], micro["bare"], "µs", 3.0),
        growth(),
    ]


def growth() -> Row:
    """The cost of a deal in a large book against that in a small one, taken in turns."""
    gc.disable()
    books = {n: datasets.make_deals(n, seed=2) for n in (N, LARGE)}
    gc.enable()
    gc.freeze()

    def both(n: int) -> None:
        deals, end = books[n].deals, books[n].as_of
        review.waterfall(deals, end - MONTH, end)
        review.snapshot(deals, at=end - MONTH)

    took = side_by_side({"small": lambda: both(N), "large": lambda: both(LARGE)}, rounds=5)
    gc.unfreeze()
    what = "both, a deal of 1,000,000, against one of 100,000"
    return at_most(what, took["large"] / LARGE * 1e6, took["small"] / N * 1e6, "µs", 1.3)
