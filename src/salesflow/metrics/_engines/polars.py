"""Frames of polars, eager and lazy."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from salesflow.metrics._engines.columns import DAY_US, HOUR_US, LARGEST, TOLERANCE, Raw

if TYPE_CHECKING:
    import polars as pl


def prepare(frame: "pl.DataFrame | pl.LazyFrame", columns: Sequence[Raw]) -> "pl.LazyFrame":
    """The columns, read."""
    return frame.lazy().select(expr for raw in columns for expr in _read(raw))


def _read(raw: Raw) -> "list[pl.Expr]":
    import polars as pl

    column = pl.col(raw.source)
    if raw.kind == "amount":
        return _units(raw)
    if raw.kind == "exact":
        return _exact(raw)
    read = {
        "any": lambda: column,
        "id": lambda: column,
        "text": lambda: column.cast(pl.String),
        "flag": lambda: column.cast(pl.Boolean),
        "integer": lambda: column.cast(pl.Int64),
        "number": lambda: column.cast(pl.Float64).fill_nan(None),
        "day": lambda: column.cast(pl.Date).cast(pl.Int64) * DAY_US,
        "instant": lambda: _instant(column, raw.zone),
    }[raw.kind]
    return [read().alias(raw.name)]


def _instant(column: "pl.Expr", zone: str | None) -> "pl.Expr":
    if zone not in (None, "UTC"):
        # A time that a change of the clock left out is read as if the clock had not changed yet.
        told = column.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        later = column.dt.offset_by("1h")
        pushed = later.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        # One hour later on the clock is the same instant, as the gap is one hour wide.
        column = told.fill_null(pushed)
    return column.dt.epoch("us")


def _units(raw: Raw) -> "list[pl.Expr]":
    import polars as pl

    amount = pl.col(raw.source).cast(pl.Float64).fill_nan(None)
    factor: pl.Expr = pl.lit(10.0**raw.digits)
    widened: pl.Expr = pl.lit(1, dtype=pl.Int64)
    if raw.currency is not None:
        code = pl.col(raw.currency)
        factor, widened = pl.lit(100.0), pl.lit(10 ** (raw.digits - 2), dtype=pl.Int64)
        for digits, codes in raw.minor:
            factor = pl.when(code.is_in(codes)).then(10.0**digits).otherwise(factor)
            wide = pl.lit(10 ** (raw.digits - digits), dtype=pl.Int64)
            widened = pl.when(code.is_in(codes)).then(wide).otherwise(widened)
    scaled = amount * factor
    is_small = scaled.abs() < LARGEST
    whole = (scaled.abs() + 0.5).floor() * scaled.sign()
    units = pl.when(is_small).then(whole).cast(pl.Int64) * widened
    lost = ~is_small | ((scaled - whole).abs() > TOLERANCE)
    return [units.alias(raw.name), lost.fill_null(value=False).alias(raw.lost)]


def _exact(raw: Raw) -> "list[pl.Expr]":
    import polars as pl

    column = pl.col(raw.source)
    short = column.cast(pl.Decimal(18, raw.digits), strict=False)
    units = short.to_physical().cast(pl.Int64)
    lost = column.is_not_null() & (short.is_null() | (short != column))
    return [units.alias(raw.name), lost.fill_null(value=True).alias(raw.lost)]


def middles(frame: "pl.LazyFrame", keys: Sequence[str], column: str) -> "pl.LazyFrame":
    """The two values in the middle of each group, exact."""
    import polars as pl

    ordered = pl.col(column).sort()
    low, high = ordered.get((pl.len() - 1) // 2), ordered.get(pl.len() // 2)
    named = [low.alias("low"), high.alias("high")]
    return frame.group_by(keys).agg(named) if keys else frame.select(named)


def fetch(frame: "pl.LazyFrame") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    return frame.collect().rows()
