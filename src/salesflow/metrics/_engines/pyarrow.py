"""Tables of PyArrow."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from salesflow.metrics._engines.columns import DAY_US, HOUR_US, LARGEST, TOLERANCE, Raw

if TYPE_CHECKING:
    import pyarrow as pa

Array = Any
"""A chunked array: the stubs of PyArrow know less of arithmetic than it can."""


def prepare(frame: "pa.Table", columns: Sequence[Raw]) -> "pa.Table":
    """The columns, read."""
    import pyarrow as pa

    return pa.table({n: array for raw in columns for n, array in read(frame, raw).items()})


def read(frame: "pa.Table", raw: Raw) -> dict[str, Array]:
    """What is read off one column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column: Array = frame.column(raw.source)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if raw.kind == "amount":
        return _units(frame, raw)
    if raw.kind == "exact":
        return _exact(column, raw)
    reads: dict[str, Callable[[], Array]] = {
        "any": lambda: column,
        "id": lambda: column,
        "text": lambda: column.cast(pa.string()),
        "flag": lambda: column.cast(pa.bool_()),
        "integer": lambda: column.cast(pa.int64()),
        "blank": lambda: pa.chunked_array([pa.nulls(len(column), pa.int64())]),
        "number": lambda: _known(column.cast(pa.float64())),
        "day": lambda: pc.multiply(
            column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()), DAY_US
        ),
        "instant": lambda: _instant(column, raw.zone),
    }
    return {raw.name: reads[raw.kind]()}


def _known(numbers: Array) -> Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)


def _instant(column: Array, zone: str | None) -> Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    times = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if zone not in (None, "UTC"):
        told = _in_zone(times, zone)
        pushed = _in_zone(pc.add(times, pa.scalar(HOUR_US, pa.duration("us"))), zone)
        # A time that a change of the clock left out is read as if it had not changed yet.
        is_real = pc.equal(pc.local_timestamp(told), times)
        times = pc.if_else(is_real, told, pushed)
    return times.cast(pa.int64())


def _in_zone(times: Array, zone: str | None) -> Array:
    import pyarrow.compute as pc

    return pc.assume_timezone(times, zone, ambiguous="earliest", nonexistent="earliest")


def _units(frame: "pa.Table", raw: Raw) -> dict[str, Array]:
    import pyarrow as pa
    import pyarrow.compute as pc

    amount = _known(frame.column(raw.source).cast(pa.float64()))
    factor: Array = pa.scalar(10.0**raw.digits)
    widened: Array = pa.scalar(1, pa.int64())
    if raw.currency is not None:
        code = frame.column(raw.currency)
        if pa.types.is_dictionary(code.type):
            code = code.cast(code.type.value_type)
        factor, widened = pa.scalar(100.0), pa.scalar(10 ** (raw.digits - 2), pa.int64())
        for digits, codes in raw.minor:
            is_one = pc.is_in(code, pa.array(codes, code.type))
            factor = pc.if_else(is_one, 10.0**digits, factor)
            widened = pc.if_else(
                is_one, pa.scalar(10 ** (raw.digits - digits), pa.int64()), widened
            )
    scaled = pc.multiply(amount, factor)
    is_small = pc.less(pc.abs(scaled), float(LARGEST))
    whole = pc.multiply(pc.floor(pc.add(pc.abs(scaled), 0.5)), pc.sign(scaled))
    kept = pc.if_else(is_small, whole, pa.scalar(None, pa.float64()))
    off = pc.greater(pc.abs(pc.subtract(scaled, whole)), TOLERANCE)
    lost = pc.fill_null(pc.or_(pc.invert(is_small), off), False)
    return {raw.name: pc.multiply(kept.cast(pa.int64()), widened), raw.lost: lost}


def _exact(column: Array, raw: Raw) -> dict[str, Array]:
    """Whole units: the same bytes, read as if they had no decimals."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_decimal(column.type):
        column = column.cast(pa.decimal128(20, 0))
    column = column.cast(pa.decimal128(38, column.type.scale))
    limit = pa.scalar(10 ** (18 - raw.digits), pa.int64()).cast(
        pa.decimal128(38, column.type.scale)
    )
    fits = pc.less(pc.abs(column), limit)
    kept = pc.if_else(fits, column, pa.scalar(None, column.type))
    short = pc.round(kept, raw.digits).cast(pa.decimal128(38, raw.digits))
    same = pc.equal(short.cast(column.type), column)
    chunks = [_unscaled(chunk) for chunk in short.chunks]
    units = pa.chunked_array(chunks, pa.decimal128(38, 0)).cast(pa.int64())
    lost = pc.and_(pc.is_valid(column), pc.invert(pc.fill_null(same, False)))
    return {raw.name: units, raw.lost: lost}


def _unscaled(chunk: Array) -> Array:
    import pyarrow as pa

    return pa.Array.from_buffers(
        pa.decimal128(38, 0), len(chunk), chunk.buffers(), chunk.null_count, chunk.offset
    )


def share(frame: "pa.Table") -> "pa.Table":
    """The rows, which are there already."""
    return frame


def middles(frame: "pa.Table", keys: Sequence[str], column: str, *, is_large: bool) -> "pa.Table":
    """The two values in the middle of each group: sorted, and taken at their places."""
    del is_large
    import pyarrow as pa

    ordered = frame.sort_by([(name, "ascending") for name in (*keys, column)])
    places: list[tuple[int, int]] = []
    start = 0
    for count in _runs(ordered, keys):
        places.append((start + (count - 1) // 2, start + count // 2))
        start += count
    lows = pa.array([low for low, _ in places], pa.int64())
    highs = pa.array([high for _, high in places], pa.int64())
    values = ordered.column(column)
    found = {key: ordered.column(key).take(lows) for key in keys}
    found |= {"low": values.take(lows), "high": values.take(highs)}
    return pa.table(found)


def _runs(ordered: "pa.Table", keys: Sequence[str]) -> list[int]:
    """How many rows each group has, in the order of the sorted table."""
    if not keys:
        return [ordered.num_rows] if ordered.num_rows else []
    counted = (
        ordered.select(list(keys))
        .group_by(list(keys), use_threads=False)
        .aggregate([([], "count_all")])
    )
    return counted.column("count_all").to_pylist()  # type: ignore[no-any-return]  # integers


def fetch(frame: "pa.Table") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    return [*zip(*(column.to_pylist() for column in frame.columns), strict=True)]
