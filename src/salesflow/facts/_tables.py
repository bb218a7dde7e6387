"""Rows of a frame by deal and in order, whatever library holds them.

Nothing here is loaded before the first frame. A frame is *eager* if its library keeps the rows in
order (pandas, PyArrow, polars), *lazy* if it promises none (a polars LazyFrame, DuckDB, Spark).
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import attrs

from salesflow._narwhals import nw
from salesflow.facts._sources import Source

Frame = Any
"""A narwhals frame, eager or lazy: what they share is what is used."""

F = TypeVar("F")
"""A frame of pandas, polars, PyArrow, DuckDB or PySpark: what goes in comes out."""

CLOSED = ("won", "lost")
MAX_EXAMPLES = 5
KEY = "deal_id"
GIVEN = "_entered_at"
"""When a stage was entered, as the user's frame has it."""


def read(source: Source, *, in_order: bool = False) -> Frame:
    """The columns that a source was asked for; texts that are categories as texts.

    Args:
        source: what is read.
        in_order: whether an eager frame of polars stays one: read, it promises no order.
    """
    frame: Frame = source.read()
    if in_order and is_lazy(frame) and not is_lazy(nw.from_native(source.native)):
        frame = frame.collect()
    kinds = frame.collect_schema()
    texts = [n for n, kind in kinds.items() if isinstance(kind, nw.Categorical | nw.Enum)]
    frame = frame.with_columns(nw.col(name).cast(nw.String) for name in texts)
    # The number of each row breaks ties.
    return frame if is_lazy(frame) else frame.with_row_index("_row")


def give_back(source: Source, frame: Frame, columns: Iterable[str], days: str, like: str) -> Any:
    """Those of the columns that there are, as a frame of the user's library.

    Args:
        source: where they came from.
        frame: the frame.
        columns: the columns, in order.
        days: the one that holds durations.
        like: one that holds moments as the user had them.
    """
    known = {*frame.collect_schema()}
    native = nw.to_native(frame.select([name for name in columns if name in known]))
    if hasattr(source.engine, "unmask"):
        native = source.engine.unmask(native, days, like)
    return native


def is_lazy(frame: Frame) -> bool:
    """Whether the library promises no order of rows, and reads them when it must."""
    return isinstance(frame, nw.LazyFrame)


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
