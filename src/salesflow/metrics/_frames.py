"""The evaluator over frames: one lazy query and one collect a call, whatever the library.

Every flag of every need is one bit of a row's signature. Rows are grouped by key and signature, and
counted and added up there; what a need asks for is then the sum over the few signatures that have
its bits. So no condition stands inside of an aggregation, which some engines get wrong and others
do slowly. Values in order, tallies and distinct values take a part of the query each; all parts are
put below each other and collected at once.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from salesflow.facts._narwhals import nw
from salesflow.metrics._answers import Bits, Dating, Reader, dating_of, wanted
from salesflow.metrics._buckets import Buckets, found_buckets, named_buckets
from salesflow.metrics._engines.columns import DAY_US
from salesflow.metrics._tables import Expr, Table, from_us, holds, holds_all, open_table, to_us
from salesflow.metrics.needs import MONEY, Need
from salesflow.metrics.needs import Table as WhichTable
from salesflow.metrics.options import Call
from salesflow.metrics.stats import Stats

_CELLS = frozenset({"count", "sum", "min", "max"})
_HALF = 10**6
# Sums are taken of the two halves of each number, so that no sum leaves 64 bits.

_SHORT = 31
# So many bits fit 32, which are faster to add up than 64.


@attrs.frozen
class Part:
    """One part of the query: the needs that it answers, and how its rows are keyed."""

    number: int
    needs: tuple[Need, ...]
    at_opening: bool = False
    dating: Dating | None = None
    """What puts its rows into periods; None where rows of all dates belong together."""
    is_cells: bool = True

    def aggregates(self) -> list[tuple[str, str]]:
        """What is aggregated in each cell: operations and columns, each once."""
        asked = [(n.op, str(n.column)) for n in self.needs if n.op in ("sum", "min", "max")]
        return list(dict.fromkeys(asked))


def collect(data: object, needs: Sequence[Need], call: Call, which: WhichTable) -> Stats:
    """The answers to all needs, by group; periods stand last in a group's key.

    Raises:
        ColumnError: for columns that are missing or of another type, and for values that mean
            nothing, all of them at once.
    """
    return _Evaluation(open_table(data, needs, call, which), needs, call).stats()


class _Evaluation:
    """The needs of one call over one table."""

    def __init__(self, table: Table, needs: Sequence[Need], call: Call) -> None:
        self._table, self._call = table, call
        self._needs = list(needs)
        conditions = [condition for need in self._needs for condition, _ in wanted(need)]
        conditions += [condition for check in table.checks for condition, _ in check.where]
        self._places = {one: place for place, one in enumerate(dict.fromkeys(conditions))}
        is_whole = call.period is not None and call.every is None
        dated = [dating_of(need) for need in self._needs] if is_whole else []
        datings = [dating for dating in dict.fromkeys(dated) if dating is not None]
        self._inside = {dating: len(self._places) + n for n, dating in enumerate(datings)}
        self._parts = [*self._split()]
        self._buckets = self._find_buckets()

    def _split(self) -> Iterator[Part]:
        """The needs by part: those of cells together, all others alone."""
        cells: dict[tuple[bool, Dating | None], list[Need]] = {(False, None): []}
        others: list[Need] = []
        for need in self._needs:
            if need.op in _CELLS or need.column == "currency":
                cells.setdefault(self._place(need), []).append(need)
            else:
                others.append(need)
        if self._needs and all(need.at_opening for need in self._needs):
            opening = self._table.has_opening_keys
            if opening and not cells[False, None]:
                del cells[False, None]
                cells.setdefault((True, None), [])
        number = 0
        for (at_opening, dating), chosen in cells.items():
            yield Part(number, tuple(chosen), at_opening, dating)
            number += 1
        for need in others:
            yield Part(number, (need,), *self._place(need), is_cells=False)
            number += 1

    def _place(self, need: Need) -> tuple[bool, Dating | None]:
        at_opening = need.at_opening and self._table.has_opening_keys
        return at_opening, dating_of(need) if self._call.every is not None else None

    def _find_buckets(self) -> Buckets:
        """The periods of the call; cut without bounds, those between the first and last date."""
        call = self._call
        if call.period is not None or call.every is None:
            return named_buckets(call)
        datings = {part.dating for part in self._parts if part.dating is not None}
        ends: list[Expr] = []
        kinds: list[bool] = []
        for name, delay in sorted(datings):
            moment, is_day = later(name, delay), self._table.is_day(name)
            for by_day in (False, True):
                if isinstance(is_day, bool):
                    if is_day is not by_day:
                        continue
                    dated = moment
                else:
                    dated = nw.when(is_day if by_day else ~is_day).then(moment)
                ends += [dated.min().alias(f"e{len(ends)}"), dated.max().alias(f"e{len(ends) + 1}")]
                kinds += [by_day, by_day]
        if not ends:
            return Buckets([])
        (row,) = self._fetch(self._table.frame.select(*ends))
        found = [
            (by_day, from_us(int(end)))
            for by_day, end in zip(kinds, row, strict=True)
            if end is not None
        ]
        instants = [end for by_day, end in found if not by_day]
        return found_buckets(call, instants, [end for by_day, end in found if by_day])

    def stats(self) -> Stats:
        """The answers."""
        frame = self._signed()
        width = max((len(part.aggregates()) for part in self._parts if part.is_cells), default=0)
        queries = [self._query(frame, part, max(2 * width, 2)) for part in self._parts]
        rows = self._fetch(nw.concat(queries, how="vertical") if len(queries) > 1 else queries[0])
        bits = Bits(self._places, self._inside)
        reader = Reader(self._table, self._parts, bits, self._call)
        return reader.read(rows, self._buckets)

    def _fetch(self, frame: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._table.source.engine.fetch(nw.to_native(frame))
        return found

    def _signed(self) -> Any:
        """The table with the signature of each row, its periods, and what is told apart alone."""
        table = self._table
        bits = [(place, holds(table, one)) for one, place in self._places.items()]
        bits += [(place, self._bucket(dating) > 0) for dating, place in self._inside.items()]
        kind = nw.Int32 if len(bits) < _SHORT else nw.Int64
        signature: Any = nw.lit(0).cast(kind)
        for place, condition in bits:
            bit = condition.cast(kind) * 2**place
            signature = signature + bit if place else bit
        made = {"signature": signature}
        for part in self._parts:
            if part.dating is not None:
                made[_bucket_name(part.dating)] = self._bucket(part.dating)
            if not part.is_cells:
                made[f"in_{part.number}"] = self._chosen(part.needs[0])
        signed = table.frame.with_columns(**made)
        native = table.source.engine.share(nw.to_native(signed.select(*self._used(signed))))
        return nw.from_native(native)

    def _used(self, frame: Any) -> list[str]:
        """The columns that parts of the query look at; the fewer, the less is kept for them."""
        names = {"signature", *(f"k{n}" for n in range(len(self._call.by)))}
        names |= {f"o{n}" for n in range(len(self._call.by))}
        names |= {str(need.column) for need in self._needs}
        names |= {f"in_{part.number}" for part in self._parts if not part.is_cells}
        names |= {_bucket_name(part.dating) for part in self._parts if part.dating is not None}
        if self._table.has_currencies:
            names.add("currency")
        return [name for name in frame.columns if name in names]

    def _bucket(self, dating: Dating) -> Expr:
        """The number of the period that a row is dated in, from 1; 0 for none."""
        moment, is_day = later(*dating), self._table.is_day(dating[0])
        by_day = _place_in(moment, self._buckets.days)
        by_instant = _place_in(moment, self._buckets.instants)
        if isinstance(is_day, bool):
            return by_day if is_day else by_instant
        return nw.when(is_day).then(by_day).otherwise(by_instant)

    def _query(self, frame: Any, part: Part, width: int) -> Any:
        """The rows of one part, with the columns that all parts have."""
        keys = self._keys(part)
        bucket = [] if part.dating is None else [_bucket_name(part.dating)]
        if part.is_cells:
            found, values, others = self._cells(frame, part, [*keys.values(), *bucket])
        else:
            found, values, others = self._values(frame, part, [*keys.values(), *bucket])
        zero = nw.lit(0).cast(nw.Int64)
        texts = others.get("text")
        columns = [
            nw.lit(part.number).cast(nw.Int64).alias("part"),
            *(nw.col(column).alias(f"k{place}") for place, column in keys.items()),
            (nw.col(bucket[0]).cast(nw.Int64) if bucket else zero).alias("bucket"),
            (nw.col("signature").cast(nw.Int64) if part.is_cells else zero).alias("cell"),
            (nw.lit("") if texts is None else nw.col(texts)).alias("text"),
            (nw.col("n").cast(nw.Int64) if "n" in others else zero).alias("count"),
        ]
        filled = [nw.col(name).cast(nw.Int64) for name in values] + [zero] * (width - len(values))
        columns += [value.alias(f"v{place}") for place, value in enumerate(filled)]
        return found.select(*columns)

    def _keys(self, part: Part) -> dict[int, str]:
        """The columns that a part groups by, by the place of the key."""
        columns = self._table.source.columns
        opening = {n: f"o{n}" for n in range(len(self._call.by)) if part.at_opening}
        return {
            n: opening[n] if opening.get(n) in columns else f"k{n}"
            for n in range(len(self._call.by))
        }

    def _cells(
        self, frame: Any, part: Part, keys: list[str]
    ) -> tuple[Any, list[str], dict[str, str]]:
        """Counts and sums by key and signature; by currency too where amounts are added."""
        asked = part.aggregates()
        is_money = any(need.column == "currency" or need.column in MONEY for need in part.needs)
        texts = {"text": "currency"} if is_money and self._table.has_currencies else {}
        made, aggregated, names = self._halves(asked)
        grouped = frame.with_columns(**made) if made else frame
        by = [*keys, "signature", *texts.values()]
        found = grouped.group_by(*by).agg(nw.len().alias("n"), *aggregated)
        return found, names, {"n": "n", **texts}

    def _halves(
        self, asked: list[tuple[str, str]]
    ) -> tuple[dict[str, Expr], list[Expr], list[str]]:
        made: dict[str, Expr] = {}
        aggregated: list[Expr] = []
        names: list[str] = []
        for place, (op, column) in enumerate(asked):
            high, low = f"h{place}", f"l{place}"
            names += [high, low]
            if op == "sum":
                rest = nw.col(column) % _HALF
                made |= {high: (nw.col(column) - rest) // _HALF, low: rest}
                aggregated += [nw.col(name).sum().alias(name) for name in (high, low)]
            else:
                extreme = nw.col(column).min() if op == "min" else nw.col(column).max()
                aggregated += [extreme.alias(high), nw.len().alias(low)]
        return made, aggregated, names

    def _values(
        self, frame: Any, part: Part, keys: list[str]
    ) -> tuple[Any, list[str], dict[str, str]]:
        """What one need of values asks for: those in the middle, a tally, or distinct ones."""
        need = part.needs[0]
        column = str(need.column)
        chosen = frame.filter(nw.col(f"in_{part.number}"))
        if need.op == "values":
            native = nw.to_native(chosen.select(*keys, column))
            middles = self._table.source.engine.middles(native, keys, column)
            return nw.from_native(middles), ["low", "high"], {}
        chosen = chosen.filter(~nw.col(column).is_null())
        found = chosen.group_by(*keys, column).agg(nw.len().alias("n"))
        if need.op == "tally":
            return found, [column], {"n": "n"}
        return found, [], {"n": "n", "text": column}

    def _chosen(self, need: Need) -> Expr:
        """Whether a row counts for a need."""
        chosen, dating = holds_all(self._table, wanted(need)), dating_of(need)
        return chosen & (self._bucket(dating) > 0) if dating in self._inside else chosen


def _bucket_name(dating: Dating) -> str:
    return f"in_{dating[0]}_{dating[1]}"


def later(name: str, days: int) -> Expr:
    """A moment, some days later."""
    return nw.col(name) + days * DAY_US if days else nw.col(name)


def _place_in(moment: Expr, bounds: Sequence[Any]) -> Expr:
    """How many of the bounds lie at or before a moment; 0 if it is unknown or past the last."""
    if not bounds:
        return nw.lit(0).cast(nw.Int64) * moment.fill_null(0)
    edges = [to_us(bound) for bound in bounds]
    passed: Any = None
    for edge in edges[:-1]:
        one = (moment >= edge).cast(nw.Int64)
        passed = one if passed is None else passed + one
    inside = (moment < edges[-1]).fill_null(value=False)
    return nw.when(inside).then(passed).fill_null(0)
