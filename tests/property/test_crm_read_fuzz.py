"""Whatever the bytes are, reading them gives an `Import`, or one of our errors."""

import io
import random

from hypothesis import given
from hypothesis import strategies as st

from salesflow import crm
from salesflow.errors import SalesflowError
from tests.export_samples import samples
from tests.exports import DATES, NUMBERS, SHAPES, SYSTEMS, Mess, write_export

SEEDS = [
    write_export(system, samples(3, seed=1), shape=shape, mess=Mess(dates=dates, numbers=numbers))
    for system in SYSTEMS
    for shape in SHAPES
    for dates, numbers in zip(sorted(DATES)[::5], sorted(NUMBERS)[::2], strict=False)
]
ODD = (
    *(b"\0", b"\xff", b'"', b"\n", b",", b";", b"{", b"}", b"[", b"]", b":", b"null", b"true"),
    *(b"9999-12-31", b"1e999", b"-", b"NaN", b"\\ud800", "\u200b".encode(), b"12/13/2024"),
)


def spoilt(data: bytes, seed: int, n_changes: int) -> bytes:
    """The bytes with some cut, doubled, swapped, or replaced by odd ones."""
    rng, parts = random.Random(seed), bytearray(data)
    for _ in range(n_changes):
        start = rng.randrange(len(parts) + 1)
        end = min(len(parts), start + rng.randrange(12))
        kind = rng.randrange(4)
        if kind == 0:
            del parts[start:end]
        elif kind == 1:
            parts[start:start] = parts[start:end]
        elif kind == 2:
            parts[start:end] = rng.choice(ODD)
        else:
            parts[start:end] = bytes(rng.randrange(256) for _ in range(end - start))
    return bytes(parts)


def check(data: bytes, system: str | None) -> None:
    try:
        got = crm.read(io.BytesIO(data), system=system, zone="UTC")
    except SalesflowError:
        return
    assert got.n_rows == len(got.deals) + len(got.rejected)
    assert all(row.faults for row in got.rejected)
    assert got.summary()
    assert len({deal.id for deal in got.deals}) == len(got.deals)


@given(st.binary(max_size=200), st.sampled_from([None, *SYSTEMS]))
def test_any_bytes(data: bytes, system: str | None) -> None:
    check(data, system)


@given(
    st.sampled_from(SEEDS),
    st.integers(0, 2**32),
    st.integers(1, 12),
    st.sampled_from([None, *SYSTEMS]),
)
def test_spoilt_exports(data: bytes, seed: int, n_changes: int, system: str | None) -> None:
    check(spoilt(data, seed, n_changes), system)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "stage", "amount", "close_date", "owner", "probability", "x"]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
                lambda parts: (
                    st.lists(parts, max_size=3)
                    | st.dictionaries(st.text(max_size=4), parts, max_size=3)
                ),
                max_leaves=4,
            ),
        ),
        max_size=5,
    )
)
def test_any_rows(rows: list[dict[str, object]]) -> None:
    try:
        got = crm.read(rows, zone="UTC")
    except SalesflowError:
        return
    assert got.n_rows == len(rows) == len(got.deals) + len(got.rejected)
