"""`metrics.summary` by owner and `metrics.time_in_stage` over frames of a million deals.

Peers: the same numbers with the same safety, written by hand in the frame's own library. All in
turns in one run; the numbers of both sides are compared first.
"""

from functools import partial
from math import isclose
from typing import Any

from benchmarks._book import AS_OF, LIBRARIES, Book, book
from benchmarks._by_hand import Numbers, numbers
from benchmarks._timing import Row, at_most, side_by_side
from salesflow import metrics

N = 1_000_000
SMALL, LARGE = 250_000, 4_000_000
BOUNDS = {"polars": 1.3, "DuckDB": 1.5, "pandas": 1.5}


def ours(books: Book) -> tuple[Any, Any]:
    """Both results."""
    owners = metrics.summary(books.deals, by="owner_id", as_of=AS_OF)
    return owners, metrics.time_in_stage(books.visits, as_of=AS_OF)


def told(results: tuple[Any, Any]) -> tuple[Numbers, Numbers]:
    """The numbers of our results, by the names that they have by hand."""
    owners = {owner: _of_summary(summary) for owner, summary in results[0].items()}
    names = ("n_visits", "n_open", "total_days", "mean_days", "median_days", "current_days")
    stages = {
        stage: {name: getattr(time, name) for name in names} for stage, time in results[1].items()
    }
    return owners, stages


def _of_summary(summary: Any) -> dict[str, float]:
    counts = {name: getattr(summary, name) for name in ("n_created", "n_open", "n_won", "n_lost")}
    rates = {name: getattr(summary, name).value for name in ("win_rate", "conversion_rate")}
    size, cycle = summary.average_deal_size, summary.cycle_time
    money = {name: float(getattr(size, name).amount) for name in ("mean", "median", "total")}
    return {
        **counts,
        **rates,
        **money,
        "n_priced": size.n_priced,
        "n_unpriced": size.n_unpriced,
        "n_cycles": cycle.n,
        "mean_days": cycle.mean_days,
        "median_days": cycle.median_days,
        "negative_cycle": cycle.left_out.get("negative_cycle", 0),
    }


def check(library: str, books: Book) -> None:
    """Hold both sides to the same numbers."""
    for our, hand in zip(told(ours(books)), numbers(library, books), strict=True):
        assert our.keys() == hand.keys(), (our.keys(), hand.keys())
        for group, found in our.items():
            assert found.keys() == hand[group].keys()
            for name, value in found.items():
                assert isclose(value, hand[group][name], rel_tol=1e-12), (group, name)


def rows() -> list[Row]:
    """The table's lines."""
    return [*against_hands(), *growth()]


def against_hands() -> list[Row]:
    """Each library against its own hand, and polars against the one of pandas."""
    books = {library: book(library, N) for library in LIBRARIES}
    work: dict[str, Any] = {}
    for library, given in books.items():
        check(library, given)
        work[library] = lambda given=given: ours(given)
        work[f"{library} by hand"] = lambda library=library, given=given: numbers(library, given)
    times = {name: seconds * 1e3 for name, seconds in side_by_side(work, rounds=5).items()}
    found = [
        at_most(
            f"summary and time_in_stage on {library}, 1,000,000 deals, against it by hand",
            times[library],
            times[f"{library} by hand"],
            "ms",
            bound,
        )
        for library, bound in BOUNDS.items()
    ]
    what = "the same on polars, against pandas by hand"
    return [*found, at_most(what, times["polars"], times["pandas by hand"], "ms", 1 / 2.5)]


def growth() -> list[Row]:
    """The cost of a deal in a large book against that in a small one."""
    found = []
    for library in ("polars", "DuckDB"):
        small, large = book(library, SMALL), book(library, LARGE)
        times = side_by_side(
            {"small": partial(ours, small), "large": partial(ours, large)},
            rounds=3,
        )
        each = times["large"] * 1e6 / LARGE, times["small"] * 1e6 / SMALL
        what = f"a deal of 4,000,000 on {library}, against one of 250,000"
        found.append(at_most(what, *each, "µs", 1.3))
    return found
