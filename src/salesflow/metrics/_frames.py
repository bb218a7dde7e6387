"""The evaluator over frames: one lazy query and one collect a call, whatever the library.

Every flag of every need is one bit of a row's signature. Rows are grouped by key and signature, and
counted and added up there; what a need asks for is then the sum over the few signatures that have
its bits. So no condition stands inside of an aggregation, which some engines get wrong and others
do slowly. Values in order, risk sets and distinct values take a part of the query each; all parts
are put below each other and collected at once. Only what the query itself depends on is asked for
before: the first and last date where time is cut without bounds, and the order of stages.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from salesflow._narwhals import nw
from salesflow.facts._engines.asked import HALF, Asked
from salesflow.facts._engines.columns import DAY_US
from salesflow.metrics._answers import Bits, Dating, Reader, dating_of, wanted
from salesflow.metrics._buckets import Buckets, found_buckets, named_buckets
from salesflow.metrics._tables import Expr, Table, holds, holds_all, open_table
from salesflow.metrics.needs import MONEY, Need
from salesflow.metrics.needs import Table as WhichTable
from salesflow.metrics.options import Call
from salesflow.metrics.stats import Stats
from salesflow.models.durations import from_us, to_us

_CELLS = frozenset({"count", "sum", "min", "max"})
_SHORT = 31
# So many bits fit 32, which are faster to add up than 64.

_SHORT_MANTISSA, _MANTISSA = 24, 53
# So many bits fit a float of 32 and of 64.

_LISTS = ("times", "events", "at_risk")


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
        self._bits = Bits(self._places, self._inside)
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
        rows = self._rows(frame, is_large=False)
        if self._is_large(rows):
            rows = self._rows(frame, is_large=True)
        reader = Reader(self._table, self._parts, self._bits, self._call)
        return reader.read(rows, self._buckets)

    def _rows(self, frame: Any, *, is_large: bool) -> list[tuple[Any, ...]]:
        """The rows of all parts, collected at once."""
        width = max((len(part.aggregates()) for part in self._parts if part.is_cells), default=0)
        width = max(2 * width, 2)
        asked = [self._ask(part) for part in self._parts]
        engine = self._table.source.engine
        if hasattr(engine, "gather"):
            found: list[tuple[Any, ...]] = engine.gather(
                nw.to_native(frame), asked, width, is_large=is_large
            )
            return found
        queries = [self._query(frame, part, width, is_large=is_large) for part in asked]
        if getattr(engine, "FETCHES_PARTS", False):
            return [row for query in queries for row in self._fetch(query)]
        return self._fetch(nw.concat(queries, how="vertical") if len(queries) > 1 else queries[0])

    def _is_large(self, rows: Sequence[Sequence[Any]]) -> bool:
        """Whether values in the middle are too large for the quick way of an engine to find."""
        largest = getattr(self._table.source.engine, "LARGEST_MIDDLE", None)
        numbers = {p.number for p in self._parts if not p.is_cells and p.needs[0].op == "values"}
        if largest is None or not numbers:
            return False
        place = 5 + len(self._call.by)
        middles = (row[place : place + 2] for row in rows if row[0] in numbers)
        return any(abs(value) >= largest for middle in middles for value in middle)

    def _ask(self, part: Part) -> Asked:
        """What is asked of the engine for one part."""
        keys = self._keys(part)
        bucket = None if part.dating is None else _bucket_name(part.dating)
        if part.is_cells:
            is_money = any(n.column == "currency" or n.column in MONEY for n in part.needs)
            text = "currency" if is_money and self._table.has_currencies else None
            return Asked(part.number, keys, bucket, "cells", text, tuple(part.aggregates()))
        need = part.needs[0]
        assert need.op in ("values", "risk", "distinct")  # noqa: S101 - all others are of cells
        pattern = self._bits.pattern(wanted(need), dating_of(need))
        is_one = self._is_one_cell(pattern[0])
        column = str(need.column)
        return Asked(part.number, keys, bucket, need.op, column, (), pattern, is_one_cell=is_one)

    def _is_one_cell(self, mask: int) -> bool:
        """Whether bits leave no other open but those of faults, which no answer has."""
        ends = (check.where[0] for check in self._table.checks if check.is_one_fault)
        for condition, _ in ends:
            mask |= 1 << self._places[condition]
        return mask + 1 == 1 << len(self._places) + len(self._inside)

    def _fetch(self, frame: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._table.source.engine.fetch(nw.to_native(frame))
        return found

    def _signed(self) -> Any:
        """The table with the signature of each row, its periods, and what is told apart alone."""
        table = self._table
        bits = [(place, holds(table, one)) for one, place in self._places.items()]
        bits += [(place, self._bucket(dating) > 0) for dating, place in self._inside.items()]
        made = {"signature": self._signature(bits)}
        for part in self._parts:
            if part.dating is not None:
                made[_bucket_name(part.dating)] = self._bucket(part.dating)
            # Where the engine gathers, a pattern of the signature says the same.
            if not (part.is_cells or hasattr(table.source.engine, "gather")):
                made[f"in_{part.number}"] = self._chosen(part.needs[0])
        signed = table.frame.select(*self._used(table.frame), **made)
        return nw.from_native(table.source.engine.share(nw.to_native(signed)))

    def _signature(self, bits: Sequence[tuple[int, Expr]]) -> Expr:
        """All bits in one integer."""
        kind = nw.Int32 if len(bits) < _SHORT else nw.Int64
        adds_floats = getattr(self._table.source.engine, "ADDS_FLOATS", False)
        # Few bits fit a float of 32, of which twice as many are added up at once.
        floats = nw.Float32 if len(bits) <= _SHORT_MANTISSA else nw.Float64
        added = floats if adds_floats and len(bits) < _MANTISSA else kind
        signature: Expr = nw.lit(0).cast(added)
        for place, condition in bits:
            bit = condition.cast(added) * 2**place
            signature = signature + bit if place else bit
        return signature if added is kind else signature.cast(kind)

    def _used(self, frame: Any) -> list[str]:
        """The columns that parts of the query look at; the fewer, the less is kept for them."""
        names = {f"{key}{n}" for key in "ko" for n in range(len(self._call.by))}
        names |= {str(need.column) for need in self._needs}
        if self._table.has_currencies:
            names.add("currency")
        # Without any column, a signature that is the same for all rows would be a single row.
        return [name for name in frame.columns if name in names] or frame.columns[:1]

    def _bucket(self, dating: Dating) -> Expr:
        """The number of the period that a row is dated in, from 1; 0 for none."""
        moment, is_day = later(*dating), self._table.is_day(dating[0])
        by_day = _place_in(moment, self._buckets.days)
        by_instant = _place_in(moment, self._buckets.instants)
        if isinstance(is_day, bool):
            return by_day if is_day else by_instant
        return nw.when(is_day).then(by_day).otherwise(by_instant)

    def _query(self, frame: Any, asked: Asked, width: int, *, is_large: bool) -> Any:
        """The rows of one part, with the columns that all parts have."""
        if asked.op == "cells":
            found, values, others = self._cells(frame, asked)
        else:
            found, values, others = self._values(frame, asked, is_large=is_large)
        zero = nw.lit(0).cast(nw.Int64)
        texts, bucket = others.get("text"), asked.bucket
        columns = [
            nw.lit(asked.number).cast(nw.Int64).alias("part"),
            *(nw.col(column).alias(f"k{place}") for place, column in asked.keys.items()),
            (nw.col(bucket).cast(nw.Int64) if bucket else zero).alias("bucket"),
            (nw.col("signature").cast(nw.Int64) if asked.op == "cells" else zero).alias("cell"),
            (nw.lit("") if texts is None else nw.col(texts)).alias("text"),
            (nw.col("n").cast(nw.Int64) if "n" in others else zero).alias("count"),
        ]
        filled = [value.cast(nw.Int64) for value in values] + [zero] * (width - len(values))
        columns += [value.alias(f"v{place}") for place, value in enumerate(filled)]
        return found.select(*columns, *others.get("lists", ()))

    def _keys(self, part: Part) -> dict[int, str]:
        """The columns that a part groups by, by the place of the key."""
        columns = self._table.source.columns
        opening = {n: f"o{n}" for n in range(len(self._call.by)) if part.at_opening}
        return {
            n: opening[n] if opening.get(n) in columns else f"k{n}"
            for n in range(len(self._call.by))
        }

    def _cells(self, frame: Any, asked: Asked) -> tuple[Any, list[Expr], dict[str, Any]]:
        """Counts and sums by key and signature; by currency too where amounts are added."""
        texts = {} if asked.column is None else {"text": asked.column}
        by = [*asked.grouped_by, "signature", *texts.values()]
        engine = self._table.source.engine
        if hasattr(engine, "cells"):
            counted = engine.cells(nw.to_native(frame), by, asked.aggregates)
            names = (f"{half}{n}" for n in range(len(asked.aggregates)) for half in "hl")
            return nw.from_native(counted), [nw.col(name) for name in names], {"n": "n", **texts}
        made, aggregated, values = self._sums(asked.aggregates)
        grouped = frame.with_columns(**made) if made else frame
        found = grouped.group_by(*by).agg(nw.len().alias("n"), *aggregated)
        return found, values, {"n": "n", **texts}

    def _sums(
        self, asked: Sequence[tuple[str, str]]
    ) -> tuple[dict[str, Expr], list[Expr], list[Expr]]:
        """The two halves of each sum, split before it is added up."""
        made: dict[str, Expr] = {}
        aggregated: list[Expr] = []
        values: list[Expr] = []
        for place, (op, column) in enumerate(asked):
            high, low = f"h{place}", f"l{place}"
            if op != "sum":
                extreme = nw.col(column).min() if op == "min" else nw.col(column).max()
                aggregated += [extreme.alias(high), nw.len().alias(low)]
            else:
                rest = nw.col(column) % HALF
                made |= {high: _halved(nw.col(column), rest), low: rest}
                aggregated += [nw.col(name).sum().alias(name) for name in (high, low)]
            values += [nw.col(high), nw.col(low)]
        return made, aggregated, values

    def _values(
        self, frame: Any, asked: Asked, *, is_large: bool
    ) -> tuple[Any, list[Expr], dict[str, Any]]:
        """What one need of values asks for: those in the middle, ends, or distinct ones."""
        keys, column = asked.grouped_by, str(asked.column)
        names = dict.fromkeys([*keys, column, asked.chosen])
        chosen = frame.select(*names).filter(nw.col(asked.chosen))
        if asked.op == "values":
            native = nw.to_native(chosen.select(*keys, column))
            middles = self._table.source.engine.middles(native, keys, column, is_large=is_large)
            return nw.from_native(middles), [nw.col("low"), nw.col("high")], {}
        chosen = chosen.filter(~nw.col(column).is_null())
        if asked.op == "risk" and hasattr(self._table.source.engine, "risk_sets"):
            native = nw.to_native(chosen.select(*keys, column))
            lists = nw.from_native(self._table.source.engine.risk_sets(native, keys, column))
            return lists, [], {"n": "n", "lists": map(nw.col, _LISTS)}
        found = chosen.group_by(*keys, column).agg(nw.len().alias("n"))
        if asked.op == "risk":
            return found, [nw.col(column)], {"n": "n"}
        return found, [], {"n": "n", "text": column}

    def _chosen(self, need: Need) -> Expr:
        """Whether a row counts for a need."""
        chosen, dating = holds_all(self._table, wanted(need)), dating_of(need)
        return chosen & (self._bucket(dating) > 0) if dating in self._inside else chosen


def _halved(number: Expr, rest: Expr) -> Expr:
    """The upper half of a number: it divides without a rest, but Spark divides as floats do."""
    return (number - rest + HALF // 2) // HALF


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
    inside = (moment < edges[-1]).fill_null(value=False)
    passed = _total([(moment >= edge).cast(nw.Int64) for edge in edges[:-1]])
    return nw.when(inside).then(passed).fill_null(0)


def _total(parts: Sequence[Expr]) -> Expr:
    """The sum of many parts, half by half: libraries follow a sum as deep as it is nested."""
    half = len(parts) // 2
    return _total(parts[:half]) + _total(parts[half:]) if half else parts[0]
