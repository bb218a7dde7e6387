"""Frames of pandas, with columns of numpy or of PyArrow types.

Columns become masked ones, which know what is unknown, and texts categories, which are grouped and
compared many times as fast.
"""

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from salesflow.facts._engines.asked import HALF as WHOLE
from salesflow.facts._engines.columns import HALF, LARGEST_AMOUNT, NOISE, TOLERANCE, Raw
from salesflow.money import EXACT
from salesflow.periods import get_zone

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FETCHES_PARTS = True
"""Lists are Python objects here, which lie below no numbers."""

_LONGEST = 10**18
"""No amount of more than 18 digits is read."""

_MOST_NUMBERS = 2**20
"""So many groups are counted in a list of all of them, those without a row as well."""

_SHORT = 2**16
"""Numbers below are put in order by their two bytes, in a moment."""

_FEW_ROWS = 100
"""A group of fewer is put in order together with the others."""

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
    "boolean": "flag",
    "integer": "integer",
    "floating": "float",
    "mixed-integer-float": "float",
    "empty": "unknown",
}


def kind_of(frame: "pd.DataFrame", column: str) -> str | None:
    """What a column holds whose type narwhals does not tell: objects, and times of some zones."""
    import pandas as pd

    dtype = frame[column].dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        return "time"
    if isinstance(dtype, pd.ArrowDtype):
        from salesflow.facts._engines.pyarrow import kind_of_type

        return kind_of_type(dtype.pyarrow_dtype)
    if not pd.api.types.is_object_dtype(dtype):
        return None
    return _kind_of_objects(frame[column])


def _kind_of_objects(column: Series) -> str:
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("date", "datetime"):
        known = column.dropna()
        are_times = {issubclass(one, datetime) for one in {*map(type, known)}}
        # Days among times, and times without a zone among instants, are not the same kind.
        if len(are_times) > 1 or (True in are_times and len({v.tzinfo is None for v in known}) > 1):
            return "other"
        return "time" if True in are_times else "day"
    if kind == "mixed" and not all(isinstance(value, Hashable) for value in column):
        return "nested"
    return _KINDS.get(kind, "other")


def decimal_of(frame: "pd.DataFrame", column: str) -> tuple[int, int]:
    """How many digits the decimals of a column have, and how many of them after the point."""
    known = [value for value in frame[column].dropna() if value.is_finite()]
    scale = max(0, *(-int(value.as_tuple().exponent) for value in known), 0)
    return max(0, *(value.adjusted() + 1 for value in known if value), 0) + scale, scale


def zone_of(frame: "pd.DataFrame", column: str) -> object:
    """The zone of times whose type narwhals does not tell; None where they have none."""
    known = frame[column].dropna()
    return None if known.empty else known.iloc[0].tzinfo


def _read(frame: "pd.DataFrame", raw: Raw) -> dict[str, Any]:
    import pandas as pd

    column = frame[raw.source]
    kept = {"id": _as_it_is, "any": _category, "text": _category, "blank": _blank, "known": _known}
    if raw.kind in kept:
        return {raw.name: kept[raw.kind](column)}
    if isinstance(column.dtype, pd.ArrowDtype):
        return _of_arrow(frame, raw)
    if raw.kind in ("amount", "exact"):
        return _units(frame, raw) if raw.kind == "amount" else _exact(column, raw)
    reads = {
        "flag": lambda: column.astype("boolean"),
        "integer": lambda: _whole(column),
        "number": lambda: column.astype("Float64"),
        "day": lambda: _day(column),
        "instant": lambda: _instant(column, raw.zone),
    }
    return {raw.name: reads[raw.kind]().array}


def _as_it_is(column: Series) -> Series:
    return column.array


def _known(column: Series) -> Series:
    return column.notna().array


def _blank(column: Series) -> Series:
    import numpy as np

    n = len(column)
    return _masked(np.zeros(n, dtype="int64"), np.ones(n, dtype=bool)).array


def _category(column: Series) -> Series:
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.ArrowDtype) and hasattr(dtype.pyarrow_dtype, "value_type"):
        # Grouped by a dictionary of PyArrow, pandas loses the rows without a value.
        column = column.astype(pd.ArrowDtype(dtype.pyarrow_dtype.value_type))
    if pd.api.types.is_object_dtype(dtype):
        return _category_of_objects(column)
    if not column.notna().any():
        return pd.Categorical.from_codes([-1] * len(column), categories=[])
    return (column.astype("category") if pd.api.types.is_string_dtype(dtype) else column).array


def _category_of_objects(column: Series) -> Series:
    """What `astype("category")` gives, which looks at each object several times."""
    import pandas as pd

    try:
        codes, known = pd.factorize(column, sort=True)
    except TypeError:  # of several types, there is no order
        codes, known = pd.factorize(column)
    return pd.Categorical.from_codes(codes, categories=known)


def _of_arrow(frame: "pd.DataFrame", raw: Raw) -> dict[str, Any]:
    """Columns of PyArrow types, read as PyArrow's own tables are."""
    import pandas as pd
    import pyarrow as pa

    from salesflow.facts._engines.pyarrow import read

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
        column = _times(column, has_zone=zone is None)
        zone = zone or "UTC"
    if zone not in (None, "UTC"):
        return _in_zone(column, str(zone))
    if zone is None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    times = column.to_numpy().astype("datetime64[us]")
    return _masked(times.view("i8").copy(), column.isna().to_numpy())


def _day(column: Series) -> Series:
    """The midnight of each date; of a time without a zone, that of its day."""
    if column.dtype == object:
        column = _times(column, has_zone=False)
    days = column.to_numpy().astype("datetime64[D]").astype("datetime64[us]")
    return _masked(days.view("i8").copy(), column.isna().to_numpy())


def _times(column: Series, *, has_zone: bool) -> Series:
    """Dates and times that are Python objects, of any year; instants in UTC, without a zone."""
    import numpy as np
    import pandas as pd

    values = column.where(column.notna(), None)
    if has_zone:
        values = [v if v is None else v.astimezone(UTC).replace(tzinfo=None) for v in values]
    return pd.Series(np.array([*values], dtype="datetime64[us]"))


def _in_zone(times: Series, zone: str) -> Series:
    """Local times as instants: the earlier one of a time that the clock showed twice."""
    import numpy as np

    told = times.dt.tz_localize(zone, ambiguous=[True] * len(times), nonexistent="NaT")
    known = times.notna().to_numpy()
    clocks = times.to_numpy().astype("datetime64[us]").view("i8")
    found = told.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    instants = found.view("i8").copy()
    # A time that a change of the clock left out is read as if it had not changed yet; and there is
    # no zone for pandas before 1677.
    for place in np.flatnonzero(np.isnat(found) & known):
        clock = times.iloc[place].to_pydatetime().replace(tzinfo=get_zone(zone), fold=0)
        instants[place] = clocks[place] - clock.utcoffset() // timedelta(microseconds=1)
    return _masked(instants, ~known)


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
            if digits == raw.unsaid:
                is_one = is_one | code.isna().to_numpy()
            if is_one.any():
                factor[is_one], widened[is_one] = 10.0**digits, 10 ** (raw.digits - digits)
    scaled = amount * factor
    unknown = np.isnan(scaled)
    is_small = np.abs(scaled) < LARGEST_AMOUNT
    whole = np.floor(np.abs(scaled) + HALF) * np.sign(scaled)
    with np.errstate(invalid="ignore"):
        off = np.abs(scaled - whole) > TOLERANCE + np.abs(scaled) * NOISE
    units = np.where(is_small, whole, 0).astype("int64") * widened
    return {
        raw.name: _masked(units, ~is_small).array,
        raw.lost: (~is_small | off) & ~unknown,
    }


def _exact(column: Series, raw: Raw) -> dict[str, Any]:
    import numpy as np

    unknown = column.isna().to_numpy()
    if column.dtype != object:
        given = column.to_numpy(dtype=column.dtype.name.lower(), na_value=0)
        lost = (given >= _LONGEST) | (given <= -_LONGEST)
        units = np.where(lost, 0, given).astype("int64")
        return {raw.name: _masked(units, unknown | lost).array, raw.lost: lost}
    units, lost = np.zeros(len(column), dtype="int64"), np.zeros(len(column), dtype=bool)
    for place in np.flatnonzero(~unknown):
        number = EXACT.scaleb(Decimal(column.iloc[place]), raw.digits)
        if number == number.to_integral_value(context=EXACT) and abs(number) < _LONGEST:
            units[place] = int(number)
        else:
            lost[place] = True
    return {raw.name: _masked(units, unknown | lost).array, raw.lost: lost}


def share(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The rows, which are there already."""
    return frame


def numbers(frame: "pd.DataFrame", n: int) -> "pd.DataFrame":
    """The numbers from 0 on, as a frame of one column."""
    del frame  # other engines need it to find their connection
    import pandas as pd

    return pd.DataFrame({"number": pd.array(range(n), dtype="Int64")})


def cells(
    frame: "pd.DataFrame", by: Sequence[str], aggregates: Sequence[tuple[str, str]]
) -> "pd.DataFrame":
    """Counts by group, and both halves of each sum; exact, as whole numbers are added one by one.

    An extreme is put beside zeros.
    """
    import numpy as np

    codes, rows = _groups(frame, by)
    found = frame[list(by)].iloc[rows].reset_index(drop=True)
    found["n"] = np.bincount(codes, minlength=len(rows))
    for place, (op, name) in enumerate(aggregates):
        if op == "sum":
            whole = frame[name].to_numpy(dtype="int64", na_value=0)
            high = whole // WHOLE
            halves = [high, whole - high * WHOLE]
            columns: list[Any] = [np.zeros(len(rows), dtype="int64") for _ in halves]
            for column, half in zip(columns, halves, strict=True):
                np.add.at(column, codes, half)
        else:
            columns = [_extreme(frame[name], op, codes, len(rows)), 0]
        found[f"h{place}"], found[f"l{place}"] = columns
    return found


def _extreme(column: Series, op: str, codes: "np.ndarray[Any, Any]", n: int) -> Series:
    """The least or largest value of each group; unknown where all of its values are."""
    import numpy as np

    known = column.notna().to_numpy(dtype=bool)
    far = np.iinfo("int64")
    found = np.full(n, far.max if op == "min" else far.min)
    at = np.minimum.at if op == "min" else np.maximum.at
    at(found, codes[known], column[known].to_numpy(dtype="int64"))
    empty = np.ones(n, dtype=bool)
    empty[codes[known]] = False
    return _masked(found, empty)


def _groups(
    frame: "pd.DataFrame", by: Sequence[str]
) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """The number of the group of each row, and one row of each group."""
    import numpy as np
    import pandas as pd

    codes, size = np.zeros(len(frame), dtype="int64"), 1
    for name in by:
        one, n = _numbered(frame[name])
        codes, size = codes * n + one, size * n
        if size > _MOST_NUMBERS:
            codes, known = pd.factorize(codes)
            size = len(known)
    is_there = np.bincount(codes, minlength=size) > 0
    codes = (np.cumsum(is_there) - 1)[codes]
    rows = np.zeros(int(is_there.sum()), dtype="int64")
    rows[codes] = np.arange(len(codes))
    return codes, rows


def _numbered(column: Series) -> "tuple[np.ndarray[Any, Any], int]":
    """The number of each value, 0 where it is unknown, and how many numbers there are."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(dtype="int64") + 1, len(column.cat.categories) + 1
    codes, known = pd.factorize(column)
    return codes + 1, len(known) + 1


def middles(
    frame: "pd.DataFrame", keys: Sequence[str], column: str, *, is_large: bool
) -> "pd.DataFrame":
    """The two values in the middle of each group, exact."""
    del is_large
    import numpy as np

    codes, rows = _groups(frame, keys)
    n = len(rows)
    counts = np.bincount(codes, minlength=n)
    ends = np.cumsum(counts)
    starts = ends - counts
    values = frame[column].to_numpy(dtype="int64")
    if n * _FEW_ROWS > len(values):
        values = values[np.lexsort((values, codes))]
    else:
        # Where groups are large, finding their middles takes a third of putting them in order.
        values = values[
            np.argsort(codes.astype("uint16" if n < _SHORT else "int64"), kind="stable")
        ]
        for start, end in zip(starts, ends, strict=True):
            values[start:end].partition([(end - start - 1) // 2, (end - start) // 2])
    found = frame[list(keys)].iloc[rows].reset_index(drop=True)
    return found.assign(low=values[starts + (counts - 1) // 2], high=values[starts + counts // 2])


def risk_sets(frame: "pd.DataFrame", keys: Sequence[str], column: str) -> "pd.DataFrame":
    """Of each group how many there are; and for each time of events, how many, and at risk."""
    import numpy as np

    if frame.empty:
        return frame[list(keys)].assign(n=0, times=None, events=None, at_risk=None)
    numbers = np.zeros(len(frame), dtype="int64")
    if keys:
        grouped = frame.groupby(list(keys), observed=True, dropna=False, sort=False)
        numbers = grouped.ngroup().to_numpy()
    values = frame[column].to_numpy(dtype="int64")[np.argsort(numbers, kind="stable")]
    parts = np.split(values, np.cumsum(np.bincount(numbers))[:-1])
    _, first = np.unique(numbers, return_index=True)
    rows = [[len(part), *_risk_of(part)] for part in parts]
    found = zip(("n", "times", "events", "at_risk"), zip(*rows, strict=True), strict=True)
    return frame[list(keys)].iloc[first].assign(**{name: [*told] for name, told in found})


def _risk_of(values: "np.ndarray[Any, Any]") -> list[list[int]]:
    import numpy as np

    ends, counts = np.unique(values, return_counts=True)
    at_risk = len(values) - np.cumsum(counts) + counts
    are_events = ends % 2 == 0
    return [each[are_events].tolist() for each in (ends // 2, counts, at_risk)]


def fetch(frame: "pd.DataFrame") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    columns = [frame[name] for name in frame.columns]
    known = [column.astype(object).where(column.notna(), None).tolist() for column in columns]
    return [*zip(*known, strict=True)]


def unmask(frame: "pd.DataFrame", column: str, like: str) -> "pd.DataFrame":
    """The frame with a column of floats of numpy or of PyArrow, as another column is."""
    import pandas as pd

    is_arrow = isinstance(frame[like].dtype, pd.ArrowDtype)
    return frame.assign(
        **{column: frame[column].astype("double[pyarrow]" if is_arrow else "float64")}
    )
