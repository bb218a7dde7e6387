"""Prints the benchmark table."""

import sys

from benchmarks import (
    bottlenecks,
    duplicates,
    exports,
    frames,
    importing,
    incidence,
    life,
    loading,
    playbooks,
    requiring,
    reviewing,
    simulation,
    summing,
    survival,
)
from benchmarks._timing import HEADING

PARTS = {
    "life": life,
    "requiring": requiring,
    "importing": importing,
    "summing": summing,
    "loading": loading,
    "frames": frames,
    "survival": survival,
    "incidence": incidence,
    "simulation": simulation,
    "playbooks": playbooks,
    "exports": exports,
    "duplicates": duplicates,
    "reviewing": reviewing,
    "bottlenecks": bottlenecks,
}


def main(names: list[str]) -> None:
    """Run the parts that are named, or all."""
    print(HEADING)
    missed = 0
    for name in names or PARTS:
        for row in PARTS[name].rows():
            print(row, flush=True)
            missed += not row.holds
    if missed:
        sys.exit(f"{missed} bound(s) missed")


if __name__ == "__main__":
    main(sys.argv[1:])
