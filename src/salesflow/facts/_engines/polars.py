"""Frames of polars, eager and lazy."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from salesflow.facts._engines.asked import RISK_BLOCK
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

HAS_WIDE_SUMS = True
"""Sums of 128 bits cost no more than those of 64."""

LARGEST_MIDDLE = LARGEST
"""Quantiles are floats."""

ADDS_RISKS = True
"""Risk sets come with what an estimate multiplies and adds up, block by block."""


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


def middles(
    frame: "pl.LazyFrame", keys: Sequence[str], column: str, *, is_large: bool
) -> "pl.LazyFrame":
    """The two values in the middle of each group, exact; large ones by putting all in order."""
    import polars as pl

    if is_large:
        ordered = pl.col(column).sort()
        low = ordered.get((pl.len() - 1) // 2, null_on_oob=True).alias("low")
        high = ordered.get(pl.len() // 2, null_on_oob=True).alias("high")
    else:
        # These are floats, but no value is put in order by them.
        low = pl.col(column).quantile(0.5, "lower").alias("low")
        high = pl.col(column).quantile(0.5, "higher").alias("high")
    if keys:
        return frame.group_by(keys).agg(low, high)
    return frame.select(low, high).filter(pl.col("low").is_not_null())


def risk_sets(frame: "pl.LazyFrame", keys: Sequence[str], column: str) -> "pl.LazyFrame":
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
