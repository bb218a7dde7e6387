"""Side by side: the same work by several peers, taken in turns, medians of several rounds."""

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

import attrs


@attrs.frozen
class Row:
    """One line of the table: what was measured, the ratio, and the bound it should keep."""

    what: str
    ours: float
    peer: float
    unit: str
    bound: str
    holds: bool

    def __str__(self) -> str:
        ratio = self.ours / self.peer
        numbers = f"{self.ours:>10.2f} {self.peer:>10.2f} {self.unit:<8}"
        mark = "ok" if self.holds else "MISSED"
        return f"{self.what:<58} {numbers} {ratio:>6.2f}  {self.bound:<8} {mark}"


HEADING = f"{'':<58} {'salesflow':>10} {'peer':>10} {'':<8} {'ratio':>6}  {'bound':<8}"


def at_most(what: str, ours: float, peer: float, unit: str, bound: float) -> Row:
    """A ratio that should not pass a bound."""
    return Row(what, ours, peer, unit, f"<= {bound:g}", ours / peer <= bound)


def side_by_side(work: Mapping[str, Callable[[], object]], *, rounds: int = 7) -> dict[str, float]:
    """The median seconds of each piece of work; the rounds take turns, the collector rests."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for call in work.values():
        call()
    was_on = gc.isenabled()
    for _ in range(rounds):
        for name, call in work.items():
            gc.collect()
            gc.disable()
            start = perf_counter()
            call()
            times[name].append(perf_counter() - start)
            if was_on:
                gc.enable()
    return {name: median(found) for name, found in times.items()}
