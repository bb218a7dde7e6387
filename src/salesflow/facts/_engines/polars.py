"""Frames of polars, eager and lazy."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, floor
from typing import TYPE_CHECKING, Any, overload

from salesflow.facts._engines.asked import HALF as MILLION
from salesflow.facts._engines.asked import RISK_BLOCK, Asked
from salesflow.facts._engines.columns import (
    DAY_US,
    HALF,
    LARGEST,
    LARGEST_AMOUNT,
    NOISE,
    TOLERANCE,
    Raw,
)

if TYPE_CHECKING:
    import polars as pl

LARGEST_MIDDLE = LARGEST // 4
"""Medians are floats; the sum of two such whole numbers is one exactly."""


def kind_of(frame: "pl.DataFrame | pl.LazyFrame", column: str) -> str | None:
    """What a column holds whose type narwhals does not tell."""
    import polars as pl

    return "unknown" if frame.lazy().collect_schema()[column] == pl.Null else None


def prepare(frame: "pl.DataFrame | pl.LazyFrame", columns: Sequence[Raw]) -> "pl.LazyFrame":
    """The columns, read."""
    import polars as pl

    amounts = [raw for raw in columns if raw.kind == "amount"]
    read = frame.lazy().select(expr for raw in columns for expr in _read(raw))
    for raw in amounts:
        places = pl.col(f"{raw.name}_places")
        factor: pl.Expr = pl.lit(10.0**raw.digits)
        wide: pl.Expr = pl.lit(1, dtype=pl.Int64)
        if raw.currency is not None:
            factor, wide = pl.lit(100.0), pl.lit(10 ** (raw.digits - 2), dtype=pl.Int64)
            for digits, _ in raw.minor:
                factor = pl.when(places == digits).then(10.0**digits).otherwise(factor)
                size = pl.lit(10 ** (raw.digits - digits), dtype=pl.Int64)
                wide = pl.when(places == digits).then(size).otherwise(wide)
        read = read.with_columns((pl.col(raw.name) * factor).alias(raw.name))
        read = read.with_columns(*_units(raw, wide))
    return read


def _read(raw: Raw) -> "list[pl.Expr]":
    import polars as pl

    column = pl.col(raw.source)
    if raw.kind == "amount":
        return _floats(raw)
    if raw.kind == "exact":
        return _exact(raw)
    reads: dict[str, Callable[[], pl.Expr]] = {
        "any": lambda: column,
        "id": lambda: column,
        "text": lambda: column.cast(pl.String),
        "flag": lambda: column.cast(pl.Boolean),
        "integer": lambda: column.cast(pl.Int64),
        "blank": lambda: pl.when(pl.lit(value=False)).then(column.is_null().cast(pl.Int64)),
        "known": column.is_not_null,
        "number": lambda: column.cast(pl.Float64).fill_nan(None),
        "day": lambda: column.cast(pl.Date).cast(pl.Int64) * DAY_US,
        "instant": lambda: _instant(column, raw.zone),
    }
    return [reads[raw.kind]().alias(raw.name)]


def _instant(column: "pl.Expr", zone: str | None) -> "pl.Expr":
    if zone not in (None, "UTC"):
        # A time that a change of the clock left out is read as if it had not changed yet: a day
        # later than the same time of the day before.
        told, before = (
            time.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
            for time in (column, column.dt.offset_by("-1d"))
        )
        return told.dt.epoch("us").fill_null(before.dt.epoch("us") + DAY_US)
    return column.dt.epoch("us")


def _floats(raw: Raw) -> "list[pl.Expr]":
    """Amounts as they are, and how many decimals the currency of each has."""
    import polars as pl

    amount = pl.col(raw.source).cast(pl.Float64).fill_nan(None).alias(raw.name)
    if raw.currency is None:
        return [amount]
    places: pl.Expr = pl.lit(2, dtype=pl.Int8)
    for digits, codes in raw.minor:
        is_one = pl.col(raw.currency).is_in(codes)
        places = pl.when(is_one).then(pl.lit(digits, dtype=pl.Int8)).otherwise(places)
    unsaid = pl.lit(raw.unsaid, dtype=pl.Int8)
    places = pl.when(pl.col(raw.currency).is_null()).then(unsaid).otherwise(places)
    return [amount, places.alias(f"{raw.name}_places")]


def _units(raw: Raw, wide: "pl.Expr") -> "list[pl.Expr]":
    """Amounts in minor units, rounded half up, and which of them lost digits by that."""
    import polars as pl

    scaled = pl.col(raw.name)
    is_small = scaled.abs() < LARGEST_AMOUNT
    whole = (scaled.abs() + HALF).floor() * scaled.sign()
    units = pl.when(is_small).then(whole).cast(pl.Int64) * wide
    lost = ~is_small | ((scaled - whole).abs() > TOLERANCE + scaled.abs() * NOISE)
    return [units.alias(raw.name), lost.fill_null(value=False).alias(raw.lost)]


def _exact(raw: Raw) -> "list[pl.Expr]":
    import polars as pl

    column = pl.col(raw.source)
    short = column.cast(pl.Decimal(18, raw.digits), strict=False)
    units = short.to_physical().cast(pl.Int64)
    lost = column.is_not_null() & (short.is_null() | (short != column))
    return [units.alias(raw.name), lost.fill_null(value=True).alias(raw.lost)]


def share(frame: "pl.LazyFrame") -> "pl.LazyFrame":
    """The rows, computed once for all parts of the query."""
    return frame.cache()


def numbers(frame: "pl.DataFrame | pl.LazyFrame", n: int) -> "pl.LazyFrame":
    """The numbers from 0 on, as a frame of one column."""
    del frame  # other engines need it to find their connection
    import polars as pl

    return pl.LazyFrame({"number": range(n)})


def gather(
    frame: "pl.LazyFrame", asked: Sequence[Asked], width: int, *, is_large: bool
) -> list[tuple[Any, ...]]:
    """The rows of all parts, collected at once."""
    import polars as pl

    # Medians beside the sums of the cells would take longer.
    found = pl.collect_all([_part(frame, one, is_large=is_large) for one in asked])
    return [row for one, part in zip(asked, found, strict=True) for row in _rows(one, part, width)]


def _rows(asked: Asked, found: "pl.DataFrame", width: int) -> Iterator[tuple[Any, ...]]:
    """The rows of one part, with the columns that all parts have; those of risks end with lists."""
    n_grouped, zeros = len(asked.grouped_by), (0,) * width
    undated = (0,) if asked.bucket is None else ()
    if asked.op == "risk":
        yield from _risk_rows(asked, found, zeros)
        return
    for row in found.iter_rows():
        key, told = (*row[:n_grouped], *undated), row[n_grouped:]
        if asked.op == "cells":
            yield (asked.number, *key, *told, *zeros[len(told) - 3 :])
        elif asked.op == "distinct":
            yield (asked.number, *key, 0, *told, 0, *zeros)
        else:
            two = told if len(told) > 1 else _two_of(*told)
            yield (asked.number, *key, 0, "", 0, *two, *zeros[2:])


def _risk_rows(
    asked: Asked, found: "pl.DataFrame", zeros: tuple[int, ...]
) -> Iterator[tuple[Any, ...]]:
    """The rows of risks: the times, of which few are looked at, stay as polars has them."""
    undated = (0,) if asked.bucket is None else ()
    few = found.drop(_LISTED)
    n_grouped = len(asked.grouped_by)
    for place, row in enumerate(few.iter_rows()):
        key, (n, *blocks) = (*row[:n_grouped], *undated), row[n_grouped:]
        lists = (Listed(found[name][place]) for name in _LISTED)
        yield (asked.number, *key, 0, "", n, *zeros, *lists, *blocks)


_LISTED = ("times", "events", "at_risk")


class Listed(Sequence[int]):
    """Integers of polars, made ones of Python when they are looked at."""

    __slots__ = ("_series",)

    def __init__(self, series: "pl.Series") -> None:
        self._series = series

    def __len__(self) -> int:
        return len(self._series)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return self._series[index].to_list()
        found: int = self._series[index]
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(self._series.to_list())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # as of a list


def _two_of(middle: float) -> tuple[int, int]:
    """The two values in the middle, or the two next to their mean."""
    return floor(middle), ceil(middle)


def _part(frame: "pl.LazyFrame", asked: Asked, *, is_large: bool) -> "pl.LazyFrame":
    """What one part asks for, by its groups."""
    import polars as pl

    if asked.op == "cells":
        return _cells(frame, asked)
    (mask, value), keys, column = asked.pattern, asked.grouped_by, str(asked.column)
    chosen = frame.filter((pl.col("signature") & mask) == value).select(*keys, column)
    if asked.op == "values":
        return _middles(chosen, keys, column, is_large=is_large)
    chosen = chosen.filter(pl.col(column).is_not_null())
    return _risks(chosen, keys, column) if asked.op == "risk" else chosen.unique()


def _cells(frame: "pl.LazyFrame", asked: Asked) -> "pl.LazyFrame":
    """Counts, and both halves of sums, by key and signature; by currency too where asked."""
    import polars as pl

    texts = [] if asked.column is None else [asked.column]
    made = [pl.len().alias("n_rows")]
    told: list[pl.Expr] = []
    for place, (op, column) in enumerate(asked.aggregates):
        one, name = pl.col(column), f"h{place}"
        if op == "sum":
            # Of 128 bits, which cost no more than those of 64.
            made.append(one.cast(pl.Int128).sum().alias(name))
            rest = (pl.col(name) % MILLION).cast(pl.Int64).alias(f"l{place}")
            told += [(pl.col(name) // MILLION).cast(pl.Int64), rest]
        else:
            made.append((one.min() if op == "min" else one.max()).alias(name))
            told += [pl.col(name), pl.lit(0).alias(f"l{place}")]
    keys = [*asked.grouped_by, "signature"]
    text = pl.col(asked.column) if asked.column else pl.lit("").alias("text")
    return frame.group_by(*keys, *texts).agg(made).select(*keys, text, "n_rows", *told)


def _middles(
    frame: "pl.LazyFrame", keys: Sequence[str], column: str, *, is_large: bool
) -> "pl.LazyFrame":
    """The two values in the middle of each group, exact; large ones by putting all in order."""
    import polars as pl

    middle = [pl.col(column).median()]
    if is_large:
        ordered = pl.col(column).sort()
        places = ((pl.len() - 1) // 2, pl.len() // 2)
        middle = [
            ordered.get(place, null_on_oob=True).alias(f"m{n}") for n, place in enumerate(places)
        ]
    if keys:
        return frame.group_by(keys).agg(middle)
    return frame.select(middle).drop_nulls()


def _risks(frame: "pl.LazyFrame", keys: Sequence[str], column: str) -> "pl.LazyFrame":
    """Of each group how many there are; for each time of events, how many, and at risk; blocks."""
    import polars as pl

    # Runs of ordered values are counted in a third of the time that a group for each takes; and a
    # query of steps sorts once, while each of several expressions would sort again.
    ordered = pl.col(column).sort().rle().alias("runs")
    counts = pl.col("len").cast(pl.Int64)
    is_event = (pl.col("value") & 1) == 0
    later, block = counts.cum_sum(reverse=True), (is_event.cum_sum() - is_event) // RISK_BLOCK
    if keys:
        frame = frame.group_by(keys).agg(ordered).explode("runs")
        later, block = later.over(keys), block.over(keys)
    else:
        frame = frame.select(ordered)
    runs = frame.unnest("runs").with_columns(at_risk=later, block=block, is_event=is_event)
    at_risk, left = pl.col("at_risk"), (pl.col("at_risk") - counts).cast(pl.Float64)
    lists = {"times": pl.col("value") // 2, "events": counts, "at_risk": at_risk}
    made = {name: each.filter(pl.col("is_event")) for name, each in lists.items()}
    sums = {
        "shares": (left / at_risk).filter(pl.col("is_event")).product(),
        "variances": (counts / (left * at_risk)).filter(pl.col("is_event")).sum(),
    }
    blocks = runs.group_by(*keys, "block", maintain_order=True).agg(
        counts.sum().alias("n"), **made, **sums
    )
    found = {name: pl.col(name).explode().drop_nulls() for name in made}
    found |= {name: pl.col(name) for name in sums}
    if keys:
        return blocks.group_by(keys).agg(pl.col("n").sum(), **found)
    listed = {name: each.implode() for name, each in found.items()}
    return blocks.select(pl.col("n").sum(), **listed).filter(pl.col("n") > 0)


def fetch(frame: "pl.LazyFrame") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    return frame.collect().rows()
