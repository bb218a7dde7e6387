"""How the tables of a user are read, whatever library holds them.

Nothing here is loaded before the first frame. A frame is *eager* if its library keeps the rows in
order (pandas, PyArrow, polars), *lazy* if it promises none (a polars LazyFrame, DuckDB, Spark).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar

import attrs

from salesflow.errors import ColumnError, DataError, closest
from salesflow.facts._narwhals import nw
from salesflow.facts.engines import is_frame

Frame = Any
"""A narwhals frame, eager or lazy: what they share is what is used."""

Holds = Literal["ids", "dates or times", "text", "whole numbers", "values"]
"""What a column must hold."""

F = TypeVar("F")
"""A frame of pandas, polars, PyArrow, DuckDB or PySpark: what goes in comes out."""

CLOSED = ("won", "lost")
MAX_EXAMPLES = 5
KEY = "deal_id"

_NO_ID = (nw.Object, nw.Boolean, nw.Duration, nw.Time, nw.List, nw.Array, nw.Struct)


def _fits(dtype: Any, holds: Holds) -> bool:
    is_moment = isinstance(dtype, nw.Date | nw.Datetime)
    if holds == "ids":
        return not (is_moment or dtype.is_float() or isinstance(dtype, _NO_ID))
    if holds == "dates or times":
        return is_moment
    if holds == "text":
        return isinstance(dtype, nw.String | nw.Categorical | nw.Enum)
    return holds == "values" or bool(dtype.is_integer())


@attrs.frozen
class Table:
    """A table that a call reads: what it is called in errors, and the columns it has.

    Args:
        name: such as ``the log``.
        needed: the columns it must have, and what they hold.
        optional: those it may have.
        has_fixed_names: whether the call takes no other names for them.
    """

    name: str
    needed: Mapping[str, Holds]
    optional: Mapping[str, Holds] = attrs.field(factory=dict)
    has_fixed_names: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All names of ours."""
        return (*self.needed, *self.optional)


def read(
    data: object,
    table: Table,
    columns: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
) -> Frame:
    """The columns of a table, under our names and in our order.

    Args:
        data: the frame of a user.
        table: what is read.
        columns: what the frame calls a column of ours.
        more: further columns of the frame, under the names they get.

    Raises:
        DataError: for what is no frame.
        ColumnError: with all that is wrong of its columns.
    """
    frame = open_frame(data, table.name)
    theirs = dict(frame.collect_schema())
    mapping = {} if columns is None else dict(columns)
    names = {ours: mapping.get(ours, ours) for ours in table.columns}
    faults = [
        (ours, f"no column of ours is called {ours!r}") for ours in mapping if ours not in names
    ]
    for ours, name in names.items():
        holds = table.needed.get(ours) or table.optional[ours]
        if name not in theirs:
            if ours in table.needed or ours in mapping:
                faults.append((name, f"there is no column {name!r}"))
        elif not _fits(theirs[name], holds):
            faults.append((name, f"column {name!r} holds {theirs[name]}, no {holds}"))
    faults += [
        (name, f"there is no column {name!r}")
        for name in (more or {}).values()
        if name not in theirs
    ]
    if faults:
        raise _wrong_columns(table, faults, tuple(theirs))
    wanted = {ours: name for ours, name in names.items() if name in theirs}
    chosen = [*wanted.items(), *(more or {}).items()]
    return _indexed(frame.select(*(_plain(theirs[name], name, ours) for ours, name in chosen)))


def open_frame(data: object, name: str) -> Frame:
    """The frame, if it is one, with columns that have a name each.

    Raises:
        DataError: for what is no frame.
        ColumnError: for two columns of one name.
    """
    if not is_frame(data):
        found = type(data).__name__
        msg = f"cannot read {name}: {found} is no frame"
        hint = "give a frame of pandas, polars, PyArrow, DuckDB or PySpark."
        raise DataError(msg, hint=hint, found=found)
    try:
        frame: Frame = nw.from_native(data)
        frame.collect_schema()
    except nw.exceptions.DuplicateError as error:
        fault = "two columns have the same name"
        msg = f"cannot read {name}: {fault}"
        hint = "give each column a name of its own."
        raise ColumnError(msg, hint=hint, column=None, known=(), faults=(fault,)) from error
    return frame


def is_lazy(frame: Frame) -> bool:
    """Whether the library promises no order of rows, and reads them when it must."""
    return isinstance(frame, nw.LazyFrame)


def _plain(dtype: Any, name: str, ours: str) -> Any:
    """A column under our name; categories as the text they stand for."""
    column = nw.col(name)
    if isinstance(dtype, nw.Categorical | nw.Enum):
        column = column.cast(nw.String)
    return column.alias(ours)


def _indexed(frame: Frame) -> Frame:
    """An eager frame with the number of each row, which breaks ties; without an old index."""
    if is_lazy(frame):
        return frame
    return nw.maybe_reset_index(frame).with_row_index("_row")


def _wrong_columns(
    table: Table, faults: list[tuple[str, str]], known: tuple[str, ...]
) -> ColumnError:
    texts = tuple(text for _, text in faults)
    near = dict.fromkeys(close for name, _ in faults for close in closest(name, known)[:2])
    msg = f"cannot read {table.name}: {'; '.join(texts)}"
    hint = f"the frame has {and_of([*near][:MAX_EXAMPLES]) or 'no column'}"
    if not table.has_fixed_names:
        hint += f"; say what it calls ours: columns={{'{table.columns[0]}': …}}"
    return ColumnError(msg, hint=f"{hint}.", column=faults[0][0], known=known, faults=texts)


def and_of(names: Iterable[Any]) -> str:
    """The names as words: ``'a', 'b' and 'c'``."""
    quoted = [f"'{name}'" for name in names]
    head = ", ".join(quoted[:-1])
    return f"{head} and {quoted[-1]}" if head else "".join(quoted)


def rows_of(frame: Frame) -> list[dict[str, Any]]:
    """The rows of a small frame, in plain Python."""
    collected = frame.collect() if is_lazy(frame) else frame
    return [*collected.rows(named=True)]


def numbers_of(row: Mapping[str, Any]) -> dict[str, int]:
    """The sums of one row: over no rows they are 0, and Decimal where DuckDB made them."""
    # A pandas sum over no rows may be nan, which is the one number that is not itself.
    return {k: 0 if v is None or v != v else int(v) for k, v in row.items()}  # noqa: PLR0124


def first_ids(frame: Frame) -> tuple[Any, ...]:
    """At most five ids of the rows of a frame, the lowest first."""
    known = frame.select(KEY).filter(~nw.col(KEY).is_null())
    ids = known.unique().sort(KEY).head(MAX_EXAMPLES)
    return tuple(row[KEY] for row in rows_of(ids))


@attrs.frozen
class Ordered:
    """Rows in their order within each deal.

    Sorted where the library keeps an order: PyArrow has no windows, so a row is compared with the
    one beside it. Through windows where it keeps none.
    """

    frame: Frame
    order: tuple[str, ...]

    @staticmethod
    def by(frame: Frame, *order: str) -> "Ordered":
        """The rows of a frame by deal, and in it by these columns."""
        if is_lazy(frame):
            return Ordered(frame, order)
        return Ordered(nw.maybe_reset_index(frame.sort(KEY, *order, "_row")), (*order, "_row"))

    def neighbour(self, name: str, distance: int) -> Any:
        """What a column holds in the row before (1) or after (-1) of the same deal, or nothing."""
        if is_lazy(self.frame):
            return nw.col(name).shift(distance).over(KEY, order_by=self.order)
        same = nw.col(KEY).shift(distance) == nw.col(KEY)
        return nw.when(same).then(nw.col(name).shift(distance))

    def keep(self, condition: Any) -> "Ordered":
        """The rows that are asked for, in the same order."""
        kept = self.frame.filter(condition)
        return Ordered(kept if is_lazy(kept) else nw.maybe_reset_index(kept), self.order)

    def with_columns(self, *columns: Any) -> "Ordered":
        """The rows with more columns."""
        return Ordered(self.frame.with_columns(*columns), self.order)

    def numbered(self, name: str) -> "Ordered":
        """The rows with their number within the deal, from 1."""
        if is_lazy(self.frame):
            one = self.frame.with_columns(nw.lit(1).alias(name))
            running = nw.col(name).cum_sum().over(KEY, order_by=self.order)
            return Ordered(one.with_columns(running.cast(nw.Int64).alias(name)), self.order)
        # PyArrow cannot count within a deal: the number of the deal's first row is carried on.
        frame = self.frame.with_row_index("_at").with_columns(nw.col("_at").cast(nw.Int64))
        same = (nw.col(KEY).shift(1) == nw.col(KEY)).fill_null(False)  # noqa: FBT003
        begin = nw.when(same).then(nw.lit(0)).otherwise(nw.col("_at")).alias("_begin")
        number = nw.col("_at") - nw.col("_begin").cum_max() + 1
        return Ordered(frame.with_columns(begin).with_columns(number.alias(name)), self.order)

    def one_a_deal(self, flag: str, picks: Mapping[str, Mapping[str, str]]) -> Frame:
        """The row of each deal that has a flag, with what other rows of the deal hold.

        Args:
            flag: a column that is true once a deal.
            picks: by other flags, true at most once a deal: the columns read there, by the names
                that they get.
        """
        if is_lazy(self.frame):
            found = [
                nw.when(nw.col(other)).then(nw.col(source)).max().over(KEY).alias(target)
                for other, names in picks.items()
                for target, source in names.items()
            ]
            return self.frame.with_columns(*found).filter(nw.col(flag))
        rows = self.frame.filter(nw.col(flag))
        for other, names in picks.items():
            columns = (nw.col(source).alias(target) for target, source in names.items())
            there = self.frame.filter(nw.col(other)).select(KEY, *columns)
            rows = rows.join(there, on=KEY, how="left")
        return nw.maybe_reset_index(rows.sort(KEY))
