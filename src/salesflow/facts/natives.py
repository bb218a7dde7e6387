"""One frame of a library of the user's, made from columns of plain values.

`frame_of` is what all tables and results leave through. It asks the library itself, not narwhals:
what a column becomes is then written down here, and no value passes through another's guess.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from importlib import import_module
from typing import Any, Literal, get_args

from salesflow.errors import ColumnError, MissingExtraError, OptionError, closest, one_of, shown

Backend = Literal[
    "pandas", "pandas[pyarrow]", "polars", "polars[lazy]", "pyarrow", "duckdb", "pyspark"
]
"""A library, and the kind of its frames, that tables are made for."""

BACKENDS: tuple[Backend, ...] = get_args(Backend)

Columns = Mapping[str, Sequence[Any]]
Types = Mapping[str, str]
"""The type of each column, by a word of `schema`: str, int, float, bool, instant, date, decimal."""

_MAX_DIGITS = 38
_INTEGERS = range(-(2**63), 2**63)
_CASELESS = ("duckdb", "pyspark")


def check_backend(backend: object) -> Backend:
    """The backend.

    Raises:
        OptionError: for an unknown one, naming those that there are.
    """
    for known in BACKENDS:
        if backend == known:
            return known
    msg = f"cannot make a frame for backend {shown(backend)}: it is not known"
    hint = f"give {one_of(closest(backend, BACKENDS))}."
    raise OptionError(msg, hint=hint, parameter="backend", value=backend)


def frame_of(columns: Columns, types: Types, backend: Backend) -> Any:
    """One frame of the library that is asked for.

    **Definition**: a column for each name, in order. ``str``, ``int`` (64 bits), ``float``
    (64 bits) and ``bool`` are the library's own; ``instant`` is a datetime in microseconds, UTC;
    ``date`` is a date; ``decimal`` has 38 digits, and as many decimals as the value with the most.
    A column of None keeps its type, and so does an empty one. In ``"pandas"``, texts, dates and
    decimals are objects, and numbers and flags with a None among them ``Int64`` and ``boolean``;
    an unknown float is NaN there, as pandas has it. A DuckDB relation is one of the default
    connection, made through pyarrow; a frame of Spark is one of the active session.

    Args:
        columns: the values by name, all of one length, None where unknown.
        types: the type of each column.
        backend: the library. [one of `BACKENDS`]

    Returns:
        The frame.

    Raises:
        OptionError: for an unknown backend, and for Spark without a session.
        MissingExtraError: if the library is not installed.
        ColumnError: for values that the column's type cannot hold exactly, for text that is no
            Unicode, and for two names that DuckDB or Spark would take for one.

    Example:
        >>> frame = frame_of({"n": [1, None]}, {"n": "int"}, "polars")
        >>> frame["n"].dtype, frame["n"].to_list()
        (Int64, [1, None])
    """
    known = check_backend(backend)
    _check_names([*columns], known)
    table = {name: _READ[types[name]](name, values) for name, values in columns.items()}
    kinds = {name: _Kind(types[name], table[name]) for name in table}
    return _MAKERS[known](table, kinds)


class _Kind:
    """The type of a column, with the decimals of a decimal one."""

    __slots__ = ("scale", "type")

    def __init__(self, kind: str, values: Sequence[Any]) -> None:
        self.type = kind
        self.scale = decimals_of(values) if kind == "decimal" else 0


def decimals_of(values: Sequence[Decimal | None]) -> int:
    """The largest number of decimals among the values, at least 0."""
    return max([0, *(-int(v.as_tuple().exponent) for v in values if v is not None)])


def _check_names(names: list[str], backend: Backend) -> None:
    if backend not in _CASELESS:
        return
    seen: dict[str, str] = {}
    for name in names:
        twin = seen.setdefault(name.casefold(), name)
        if twin != name:
            fact = f"{backend} takes it for column {twin!r}"
            hint = "rename one of them, or ask for another backend."
            raise _no_column(name, fact, names=names, hint=hint)


def _no_column(
    name: str, fact: str, *, names: Sequence[str] = (), hint: str | None = None
) -> ColumnError:
    msg = f"cannot make column {name!r}: {fact}"
    return ColumnError(msg, hint=hint, column=name, known=tuple(names), faults=(fact,))


def _plain(_: str, values: Sequence[Any]) -> Sequence[Any]:
    return values


def _texts(name: str, values: Sequence[Any]) -> Sequence[Any]:
    for value in values:
        if value is not None and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise _no_column(name, f"{value!r} is no Unicode text") from None
    return values


def _integers(name: str, values: Sequence[Any]) -> Sequence[Any]:
    for value in values:
        if value is not None and value not in _INTEGERS:
            raise _no_column(name, f"{shown(value)} does not fit 64 bits")
    return values


def _floats(_: str, values: Sequence[Any]) -> Sequence[Any]:
    # Spark takes no integer for a float.
    return [None if value is None else float(value) for value in values]


def _instants(_: str, values: Sequence[Any]) -> Sequence[Any]:
    return [None if value is None else value.astimezone(UTC) for value in values]


def _decimals(name: str, values: Sequence[Any]) -> Sequence[Any]:
    scale = decimals_of(values)
    for value in values:
        if value and value.adjusted() + 1 + scale > _MAX_DIGITS:
            after = f", with {scale} decimals as others have," if scale else ""
            raise _no_column(name, f"{value}{after} does not fit {_MAX_DIGITS} digits")
    if scale > _MAX_DIGITS:
        raise _no_column(name, f"{scale} decimals do not fit {_MAX_DIGITS} digits")
    return values


_READ: dict[str, Callable[[str, Sequence[Any]], Sequence[Any]]] = {
    "str": _texts,
    "int": _integers,
    "float": _floats,
    "bool": _plain,
    "instant": _instants,
    "date": _plain,
    "decimal": _decimals,
}

Table = dict[str, Sequence[Any]]
Kinds = dict[str, _Kind]


def _library(name: str, *packages: str) -> Any:
    """A library of the user's, imported when a frame of it is asked for."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        library = name.partition(".")[0]
        msg = f"cannot make a frame: {library} is not installed"
        hint = f"pip install {' '.join(packages or (library,))}"
        raise MissingExtraError(msg, hint=hint, library=library) from None


def _pandas(table: Table, kinds: Kinds) -> Any:
    pd = _library("pandas")
    columns = {
        name: pd.Series(values, dtype=_numpy_type(kinds[name], values))
        for name, values in table.items()
    }
    return pd.DataFrame(columns)


def _numpy_type(kind: _Kind, values: Sequence[Any]) -> str:
    plain, nullable = {
        "int": ("int64", "Int64"),
        "bool": ("bool", "boolean"),
        "float": ("float64", "float64"),
        "instant": ("datetime64[us, UTC]", "datetime64[us, UTC]"),
    }.get(kind.type, ("object", "object"))
    return nullable if None in values else plain


def _pandas_pyarrow(table: Table, kinds: Kinds) -> Any:
    pd = _library("pandas", "pandas", "pyarrow")
    arrays = _arrow_arrays(table, kinds, "pandas", "pyarrow")
    return pd.DataFrame(
        {name: pd.Series(pd.arrays.ArrowExtensionArray(array)) for name, array in arrays.items()}
    )


def _pyarrow(table: Table, kinds: Kinds) -> Any:
    return _library("pyarrow").table(_arrow_arrays(table, kinds, "pyarrow"))


def _arrow_arrays(table: Table, kinds: Kinds, *packages: str) -> dict[str, Any]:
    pa = _library("pyarrow", *packages)
    made: dict[str, Callable[[int], Any]] = {
        "str": lambda _: pa.string(),
        "int": lambda _: pa.int64(),
        "float": lambda _: pa.float64(),
        "bool": lambda _: pa.bool_(),
        "instant": lambda _: pa.timestamp("us", tz="UTC"),
        "date": lambda _: pa.date32(),
        "decimal": lambda scale: pa.decimal128(_MAX_DIGITS, scale),
    }
    types = {name: made[kind.type](kind.scale) for name, kind in kinds.items()}
    return {name: pa.array(values, type=types[name]) for name, values in table.items()}


def _polars(table: Table, kinds: Kinds) -> Any:
    pl = _library("polars")
    made: dict[str, Any] = {
        "str": pl.String(),
        "int": pl.Int64(),
        "float": pl.Float64(),
        "bool": pl.Boolean(),
        "instant": pl.Datetime("us", "UTC"),
        "date": pl.Date(),
    }
    types = {
        name: pl.Decimal(_MAX_DIGITS, kind.scale) if kind.type == "decimal" else made[kind.type]
        for name, kind in kinds.items()
    }
    return pl.DataFrame([pl.Series(name, table[name], dtype=types[name]) for name in table])


def _polars_lazy(table: Table, kinds: Kinds) -> Any:
    return _polars(table, kinds).lazy()


def _duckdb(table: Table, kinds: Kinds) -> Any:
    duckdb = _library("duckdb", "duckdb", "pyarrow")
    pa = _library("pyarrow", "duckdb", "pyarrow")
    return duckdb.from_arrow(pa.table(_arrow_arrays(table, kinds)))


def _pyspark(table: Table, kinds: Kinds) -> Any:
    sql = _library("pyspark.sql")
    session = sql.SparkSession.getActiveSession()
    if session is None:
        msg = "cannot make a frame for backend 'pyspark': no Spark session is active"
        hint = "start one with SparkSession.builder.getOrCreate()."
        raise OptionError(msg, hint=hint, parameter="backend", value="pyspark")
    t = sql.types
    made: dict[str, Any] = {
        "str": t.StringType(),
        "int": t.LongType(),
        "float": t.DoubleType(),
        "bool": t.BooleanType(),
        "instant": t.TimestampType(),
        "date": t.DateType(),
    }
    types = {
        name: t.DecimalType(_MAX_DIGITS, kind.scale) if kind.type == "decimal" else made[kind.type]
        for name, kind in kinds.items()
    }
    schema = t.StructType([t.StructField(name, types[name]) for name in table])
    return session.createDataFrame([*zip(*table.values(), strict=True)], schema)


_MAKERS: dict[Backend, Callable[[Table, Kinds], Any]] = {
    "pandas": _pandas,
    "pandas[pyarrow]": _pandas_pyarrow,
    "polars": _polars,
    "polars[lazy]": _polars_lazy,
    "pyarrow": _pyarrow,
    "duckdb": _duckdb,
    "pyspark": _pyspark,
}
