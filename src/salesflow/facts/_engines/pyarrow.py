"""Tables of PyArrow."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from salesflow.facts._engines.columns import DAY_US, HALF, LARGEST_AMOUNT, NOISE, TOLERANCE, Raw

if TYPE_CHECKING:
    import pyarrow as pa

Array = Any
"""A chunked array: the stubs of PyArrow know less of arithmetic than it can."""


def kind_of(frame: "pa.Table", column: str) -> str | None:
    """What a column holds whose type narwhals does not tell."""
    return kind_of_type(frame.schema.field(column).type)


def kind_of_type(kind: Any) -> str | None:
    """The same, of a type of PyArrow."""
    import pyarrow as pa

    if pa.types.is_null(kind):
        return "unknown"
    return "day" if pa.types.is_date64(kind) else None


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
        "known": column.is_valid,
        # 0.0 and -0.0 would be two groups.
        "number": lambda: pc.add(_known(column.cast(pa.float64())), 0.0),
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

    if column.type.unit == "ns":
        column = pc.floor_temporal(column, unit="microsecond")  # a cast goes towards 1970
    times = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if zone not in (None, "UTC"):
        day = pa.scalar(DAY_US, pa.duration("us"))
        told = _in_zone(times, zone)
        # A time that a change of the clock left out is read as if it had not changed yet: a day
        # later than the same time of the day before.
        pushed = pc.add(_in_zone(pc.subtract(times, day), zone), day)
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
        code = frame.column(raw.currency).cast(pa.string())
        factor, widened = pa.scalar(100.0), pa.scalar(10 ** (raw.digits - 2), pa.int64())
        for digits, codes in raw.minor:
            unsaid = [None] if digits == raw.unsaid else []
            is_one = pc.is_in(code, pa.array([*codes, *unsaid], code.type))
            factor = pc.if_else(is_one, 10.0**digits, factor)
            widened = pc.if_else(
                is_one, pa.scalar(10 ** (raw.digits - digits), pa.int64()), widened
            )
    scaled = pc.multiply(amount, factor)
    is_small = pc.less(pc.abs(scaled), float(LARGEST_AMOUNT))
    whole = pc.multiply(pc.floor(pc.add(pc.abs(scaled), HALF)), pc.sign(scaled))
    kept = pc.if_else(is_small, whole, pa.scalar(None, pa.float64()))
    noise = pc.add(pc.multiply(pc.abs(scaled), NOISE), TOLERANCE)
    off = pc.greater(pc.abs(pc.subtract(scaled, whole)), noise)
    lost = pc.fill_null(pc.or_(pc.invert(is_small), off), fill_value=False)
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
    lost = pc.and_(pc.is_valid(column), pc.invert(pc.fill_null(same, fill_value=False)))
    return {raw.name: units, raw.lost: lost}


def _unscaled(chunk: Array) -> Array:
    import pyarrow as pa

    return pa.Array.from_buffers(
        pa.decimal128(38, 0), len(chunk), chunk.buffers(), chunk.null_count, chunk.offset
    )


def share(frame: "pa.Table") -> "pa.Table":
    """The rows, which are there already."""
    return frame


def numbers(frame: "pa.Table", n: int) -> "pa.Table":
    """The numbers from 0 on, as a frame of one column."""
    del frame  # other engines need it to find their connection
    import pyarrow as pa

    return pa.table({"number": pa.array(range(n), pa.int64())})


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
    counted = ordered.select(list(keys)).group_by(list(keys)).aggregate([([], "count_all")])
    # PyArrow promises no order of groups: put in the same order, they are those of the rows.
    counts = counted.sort_by([(key, "ascending") for key in keys]).column("count_all")
    return cast("list[int]", counts.to_pylist())


def fetch(frame: "pa.Table") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    return [*zip(*(column.to_pylist() for column in frame.columns), strict=True)]
