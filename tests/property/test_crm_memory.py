"""A long export takes the memory of its deals, not that of its file."""

import subprocess
import sys
from pathlib import Path

import pytest

N = 150_000
A_DEAL, BESIDE = 4 * 1024, 64 * 1024 * 1024

PROGRAM = """
import resource, sys
from pathlib import Path
from benchmarks.exports import read_ours, write

read_ours(Path(sys.argv[2]))  # loads all that a reader needs
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
got = read_ours(Path(sys.argv[1]))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(len(got.deals), (after - before) * 1024)
"""


@pytest.mark.slow
def test_reading_takes_four_kilobytes_a_deal_at_most(tmp_path: Path) -> None:
    from benchmarks.exports import write

    large, small = tmp_path / "large.csv", tmp_path / "small.csv"
    write(large, N)
    write(small, 10)

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(large), str(small)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        text=True,
        timeout=300,
    )

    n_deals, taken = map(int, done.stdout.split())
    assert n_deals == N
    assert taken <= A_DEAL * N + BESIDE
