"""What DuckDB and Spark share: columns read by expressions of SQL."""

from collections.abc import Callable, Sequence

from salesflow.metrics._engines.columns import DAY_US, HALF, LARGEST_AMOUNT, NOISE, TOLERANCE, Raw

Instant = Callable[[str, str | None], str]
"""The microseconds of a column of times, read in a zone."""

Day = Callable[[str], str]
"""The days from 1970 to a column of dates."""

Quote = Callable[[str], str]
"""A name of a column, as the dialect writes it."""


def read(raw: Raw, quote: Quote, instant: Instant, day: Day) -> list[tuple[str, str]]:
    """The names and expressions of what is read off one column."""
    column = quote(raw.source)
    if raw.kind == "amount":
        return _units(raw, quote)
    if raw.kind == "exact":
        return _exact(raw, column)
    reads: dict[str, Callable[[], str]] = {
        "any": lambda: column,
        "id": lambda: column,
        "text": lambda: f"cast({column} as string)",
        "flag": lambda: f"cast({column} as boolean)",
        "integer": lambda: f"cast({column} as bigint)",
        "blank": lambda: "cast(null as bigint)",
        "number": lambda: f"nullif(cast({column} as double), cast('nan' as double))",
        "day": lambda: f"cast({day(column)} as bigint) * {DAY_US}",
        "instant": lambda: instant(column, raw.zone),
    }
    return [(raw.name, reads[raw.kind]())]


def _units(raw: Raw, quote: Quote) -> list[tuple[str, str]]:
    amount = f"nullif(cast({quote(raw.source)} as double), cast('nan' as double))"
    factor, widened = str(10**raw.digits), "1"
    if raw.currency is not None:
        code = quote(raw.currency)
        cases = [(f"when {code} in ({_texts(codes)}) then", digits) for digits, codes in raw.minor]
        cases.append((f"when {code} is null then", raw.unsaid))
        factor = "case " + " ".join(f"{when} {10**digits}" for when, digits in cases)
        factor += " else 100 end"
        widened = "case " + " ".join(f"{w} {10 ** (raw.digits - n)}" for w, n in cases)
        widened += f" else {10 ** (raw.digits - 2)} end"
    scaled = f"({amount} * {factor})"
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


def _texts(codes: Sequence[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)
