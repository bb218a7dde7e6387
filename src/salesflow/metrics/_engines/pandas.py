"""Frames of pandas, with columns of numpy or of PyArrow types.

Columns become masked ones, which know what is unknown, and texts categories, which are grouped and
compared many times as fast.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from salesflow.metrics._engines.columns import LARGEST, TOLERANCE, Raw
from salesflow.money import EXACT

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Series = Any
"""A series: pandas' own annotations are not published with it."""


def prepare(frame: "pd.DataFrame", columns: Sequence[Raw]) -> "pd.DataFrame":
    """The columns, read."""
    import pandas as pd

    parts: dict[str, Any] = {}
    for raw in columns:
        parts |= _read(frame, raw)
    return pd.DataFrame(parts, index=frame.index, copy=False).reset_index(drop=True)


_KINDS = {
    "string": "text",
    "decimal": "decimal",
    "date": "day",
    "datetime": "time",
    "boolean": "flag",
    "integer": "integer",
    "floating": "float",
    "mixed-integer-float": "float",
    "empty": "unknown",
}


def kind_of(frame: "pd.DataFrame", column: str) -> str | None:
    """What a column of Python objects holds; None for one of another type."""
    import pandas as pd

    if frame[column].dtype != object:
        return None
    return _KINDS.get(pd.api.types.infer_dtype(frame[column], skipna=True), "other")


def decimal_of(frame: "pd.DataFrame", column: str) -> tuple[int, int]:
    """How many digits the decimals of a column may have, and how many of them after the point."""
    exponents = (int(value.as_tuple().exponent) for value in frame[column].dropna())
    return 38, max(0, -min(exponents, default=0))


def zone_of(frame: "pd.DataFrame", column: str) -> object:
    """The zone of times that are Python objects; None where they have none."""
    known = frame[column].dropna()
    return None if known.empty else known.iloc[0].tzinfo


def _read(frame: "pd.DataFrame", raw: Raw) -> dict[str, Any]:
    import numpy as np
    import pandas as pd

    column = frame[raw.source]
    if raw.kind == "id":
        return {raw.name: column.array}
    if raw.kind == "blank":
        n = len(column)
        return {raw.name: _masked(np.zeros(n, dtype="int64"), np.ones(n, dtype=bool)).array}
    if raw.kind in ("any", "text"):
        return {raw.name: _category(column)}
    if isinstance(column.dtype, pd.ArrowDtype):
        return _of_arrow(frame, raw)
    if raw.kind == "amount":
        return _units(frame, raw)
    if raw.kind == "exact":
        return _exact(column, raw)
    reads = {
        "flag": lambda: column.astype("boolean"),
        "integer": lambda: _whole(column),
        "number": lambda: column.astype("Float64"),
        "day": lambda: _instant(pd.to_datetime(column), "UTC"),
        "instant": lambda: _instant(column, raw.zone),
    }
    return {raw.name: reads[raw.kind]().array}


def _category(column: Series) -> Series:
    import pandas as pd

    is_text = column.dtype == object or pd.api.types.is_string_dtype(column.dtype)
    return (column.astype("category") if is_text else column).array


def _of_arrow(frame: "pd.DataFrame", raw: Raw) -> dict[str, Any]:
    """Columns of PyArrow types, read as PyArrow's own tables are."""
    import pandas as pd
    import pyarrow as pa

    from salesflow.metrics._engines.pyarrow import read

    names = dict.fromkeys([raw.source] if raw.currency is None else [raw.source, raw.currency])
    table = pa.table({name: pa.chunked_array(_chunks(frame[name])) for name in names})
    masked = {
        pa.int64(): pd.Int64Dtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    found = read(table, raw)
    return {name: array.to_pandas(types_mapper=masked.get).array for name, array in found.items()}


def _chunks(column: Series) -> list[Any]:
    import pyarrow as pa

    array = column.array.__arrow_array__()
    return list(array.chunks) if isinstance(array, pa.ChunkedArray) else [array]


def _masked(values: "np.ndarray[Any, Any]", mask: "np.ndarray[Any, Any]") -> Series:
    import pandas as pd

    return pd.Series(pd.arrays.IntegerArray(values, mask))


def _whole(column: Series) -> Series:
    """Integers; pandas keeps those among which one is unknown as floats."""
    if column.dtype == object:
        column = column.where(column.notna(), None)
    return column.astype("Int64")


def _instant(column: Series, zone: str | None) -> Series:
    if column.dtype == object:
        import pandas as pd

        column = pd.to_datetime(column, utc=zone is None)
    if zone not in (None, "UTC"):
        # A time that a change of the clock left out is read as if it had not changed yet, and one
        # that the clock showed twice as the earlier one.
        is_first = [True] * len(column)
        column = column.dt.tz_localize(zone, ambiguous=is_first, nonexistent=timedelta(hours=1))
        zone = None
    if zone is None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    times = column.to_numpy().astype("datetime64[us]")
    return _masked(times.view("i8").copy(), column.isna().to_numpy())


def _units(frame: "pd.DataFrame", raw: Raw) -> dict[str, Any]:
    import numpy as np

    amount = frame[raw.source].to_numpy(dtype="float64", na_value=np.nan)
    factor: Any = 10.0**raw.digits
    widened: Any = 1
    if raw.currency is not None:
        code = frame[raw.currency].astype("category")
        factor, widened = np.full(len(code), 100.0), np.full(len(code), 10 ** (raw.digits - 2))
        for digits, codes in raw.minor:
            is_one = code.isin(codes).to_numpy()
            if is_one.any():
                factor[is_one], widened[is_one] = 10.0**digits, 10 ** (raw.digits - digits)
    scaled = amount * factor
    unknown = np.isnan(scaled)
    is_small = np.abs(scaled) < LARGEST
    whole = np.floor(np.abs(scaled) + 0.5) * np.sign(scaled)
    with np.errstate(invalid="ignore"):
        off = np.abs(scaled - whole) > TOLERANCE
    units = np.where(is_small, whole, 0).astype("int64") * widened
    return {
        raw.name: _masked(units, ~is_small).array,
        raw.lost: (~is_small | off) & ~unknown,
    }


def _exact(column: Series, raw: Raw) -> dict[str, Any]:
    import numpy as np

    if column.dtype != object:
        whole = _whole(column).array
        return {raw.name: whole, raw.lost: np.zeros(len(column), dtype=bool)}
    unknown = column.isna().to_numpy()
    units, lost = np.zeros(len(column), dtype="int64"), np.zeros(len(column), dtype=bool)
    for place in np.flatnonzero(~unknown):
        number = EXACT.scaleb(Decimal(column.iloc[place]), raw.digits)
        if number == number.to_integral_value(context=EXACT) and abs(number) < 10**18:
            units[place] = int(number)
        else:
            lost[place] = True
    return {raw.name: _masked(units, unknown | lost).array, raw.lost: lost}


def share(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The rows, which are there already."""
    return frame


def middles(
    frame: "pd.DataFrame", keys: Sequence[str], column: str, *, is_large: bool
) -> "pd.DataFrame":
    """The two values in the middle of each group, exact; or the two next to their mean.

    Of small integers a float holds the mean exactly, and the two next to it have the same mean.
    """
    del is_large
    import numpy as np
    import pandas as pd

    if frame.empty:
        return frame[list(keys)].assign(low=frame[column], high=frame[column])
    if not keys:
        ordered = frame[column].sort_values(ignore_index=True)
        n = len(ordered)
        low, high = ordered.iloc[[(n - 1) // 2]], ordered.iloc[[n // 2]]
        return pd.DataFrame({"low": low.array, "high": high.array})
    grouped = frame.groupby(list(keys), observed=True, dropna=False, sort=False)[column]
    if (frame[column].abs() < LARGEST // 4).all():
        mean = grouped.median().to_numpy(dtype="float64")
        low, high = np.floor(mean).astype("int64"), np.ceil(mean).astype("int64")
    else:
        low = grouped.agg(lambda values: sorted(values)[(len(values) - 1) // 2]).to_numpy()
        high = grouped.agg(lambda values: sorted(values)[len(values) // 2]).to_numpy()
    found = grouped.size().reset_index()[list(keys)]
    return found.assign(low=low, high=high)


def fetch(frame: "pd.DataFrame") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    columns = [frame[name] for name in frame.columns]
    known = [column.astype(object).where(column.notna(), None).tolist() for column in columns]
    return [*zip(*known, strict=True)]
