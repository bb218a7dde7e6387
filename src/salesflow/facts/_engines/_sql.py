"""What DuckDB and Spark share: columns read by expressions of SQL."""

from collections.abc import Callable, Mapping, Sequence

import attrs

from salesflow.facts._engines.columns import DAY_US, HALF, LARGEST_AMOUNT, NOISE, TOLERANCE, Raw

Projection = list[tuple[str, str]]
"""Names, and the expressions that they stand for."""


@attrs.frozen
class Dialect:
    """What the two say differently."""

    quote: Callable[[str], str]
    """A name of a column."""
    instant: Callable[[str, str | None], str]
    """The microseconds of a column of times, read in a zone."""
    day: Callable[[str], str]
    """The days from 1970 to a column of days."""
    places: Callable[[str, Mapping[str, int]], str]
    """The decimals of a column of currencies, of those that have not two."""


def read(columns: Sequence[Raw], dialect: Dialect) -> list[Projection]:
    """The projections that read columns, one over the other.

    None says an expression twice, as an engine may compute it as often as it stands there.
    """
    first = [part for raw in columns for part in _first(raw, dialect)]
    amounts = [raw for raw in columns if raw.kind == "amount"]
    if not amounts:
        return [first]
    names = {raw.name: dialect.quote(raw.name) for raw in amounts}
    kept = [(name, dialect.quote(name)) for name, _ in first if name not in names]
    scaled = [(raw.name, f"{names[raw.name]} * {_factor(raw, dialect)}") for raw in amounts]
    units = [part for raw in amounts for part in _units(raw, dialect)]
    gone = {_places(raw) for raw in amounts}
    return [first, [*kept, *scaled], [*(one for one in kept if one[0] not in gone), *units]]


def _first(raw: Raw, dialect: Dialect) -> Projection:
    column = dialect.quote(raw.source)
    if raw.kind == "exact":
        return _exact(raw, column)
    number = f"nullif(cast({column} as double), cast('nan' as double))"
    if raw.kind == "amount" and raw.currency is not None:
        few = {code: digits for digits, codes in raw.minor for code in codes}
        places = dialect.places(dialect.quote(raw.currency), few)
        code = dialect.quote(raw.currency)
        told = f"case when {code} is null then {raw.unsaid} else coalesce({places}, 2) end"
        return [(raw.name, number), (_places(raw), told)]
    reads: dict[str, Callable[[], str]] = {
        "any": lambda: column,
        "id": lambda: column,
        "text": lambda: f"cast({column} as string)",
        "flag": lambda: f"cast({column} as boolean)",
        "integer": lambda: f"cast({column} as bigint)",
        "blank": lambda: "cast(null as bigint)",
        "known": lambda: f"{column} is not null",
        "number": lambda: number,
        "amount": lambda: number,
        "day": lambda: f"cast({dialect.day(column)} as bigint) * {DAY_US}",
        "instant": lambda: dialect.instant(column, raw.zone),
    }
    return [(raw.name, reads[raw.kind]())]


def _places(raw: Raw) -> str:
    return f"{raw.name}_places"


def _factor(raw: Raw, dialect: Dialect) -> str:
    if raw.currency is None:
        return str(10**raw.digits)
    cases = (f"when {digits} then {10**digits}" for digits, _ in raw.minor)
    return f"case {dialect.quote(_places(raw))} {' '.join(cases)} else 100 end"


def _units(raw: Raw, dialect: Dialect) -> Projection:
    """Amounts that are scaled already in minor units, and which of them lost digits by that."""
    scaled, widened = dialect.quote(raw.name), "1"
    if raw.currency is not None:
        sizes = (f"when {digits} then {10 ** (raw.digits - digits)}" for digits, _ in raw.minor)
        places = dialect.quote(_places(raw))
        widened = f"case {places} {' '.join(sizes)} else {10 ** (raw.digits - 2)} end"
    is_small = f"(abs({scaled}) < {LARGEST_AMOUNT})"
    whole = f"(floor(abs({scaled}) + {HALF}) * sign({scaled}))"
    units = f"case when {is_small} then cast({whole} as bigint) * cast({widened} as bigint) end"
    lost = f"not {is_small} or abs({scaled} - {whole}) > {TOLERANCE} + abs({scaled}) * {NOISE}"
    return [(raw.name, units), (raw.lost, f"coalesce({lost}, false)")]


def _exact(raw: Raw, column: str) -> list[tuple[str, str]]:
    short = f"try_cast({column} as decimal(18, {raw.digits}))"
    units = f"cast(cast({short} as decimal(38, {raw.digits})) * {10**raw.digits} as bigint)"
    lost = f"{column} is not null and ({short} is null or {short} <> {column})"
    return [(raw.name, units), (raw.lost, f"coalesce({lost}, true)")]
