"""From the rows that an engine gives to the answers of a call."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from salesflow._narwhals import nw
from salesflow.errors import ColumnError, shown
from salesflow.facts._engines.asked import HALF
from salesflow.facts._faults import value_error
from salesflow.metrics._buckets import Buckets
from salesflow.metrics._tables import (
    GIVEN,
    Check,
    Condition,
    Table,
    Wanted,
    digits_of,
    holds_all,
    positive,
)
from salesflow.metrics.needs import MONEY, Need, known
from salesflow.metrics.options import Call
from salesflow.metrics.stats import Answer, Key, Middle, RiskSets, Stats, join
from salesflow.money import EXACT, XXX

if TYPE_CHECKING:
    from salesflow.metrics._frames import Part

_MOST_NAMED = 5

Dating = tuple[str, int]
"""What dates a row: a moment, and how many days later."""

_NOTHING = (0, 1)
# No signature and 0 is 1.

Groups = dict[Key, dict[Need, Answer]]


@attrs.frozen
class Bits:
    """What each bit of a signature stands for."""

    places: Mapping[Condition, int]
    inside: Mapping[Dating, int]

    def pattern(self, wanted: Wanted, dating: Dating | None = None) -> tuple[int, int]:
        """The bits that count, and what they must be."""
        mask = value = 0
        for condition, is_set in wanted:
            bit = 1 << self.places[condition]
            if mask & bit and bool(value & bit) is not is_set:
                return _NOTHING  # it must hold and must not
            mask, value = mask | bit, value | (bit if is_set else 0)
        if dating is not None and dating in self.inside:
            bit = 1 << self.inside[dating]
            mask, value = mask | bit, value | bit
        return mask, value


@attrs.frozen
class Row:
    """One row of the answer."""

    part: int
    key: Key
    bucket: int
    signature: int
    text: str | None
    count: int
    values: Sequence[Any]

    @classmethod
    def read(cls, row: Sequence[Any], n_keys: int) -> "Row":
        """The row, from the columns that all parts have."""
        key = tuple(_plain(value) for value in row[1 : 1 + n_keys])
        bucket, signature, text, count = row[1 + n_keys : 5 + n_keys]
        return cls(
            int(row[0]), key, int(bucket), int(signature), text, int(count), row[5 + n_keys :]
        )


def _plain(value: Any) -> Any:
    """A key as Python has it; nan is unknown."""
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - nan


@attrs.frozen
class Reader:
    """What reads the rows of a call."""

    table: Table
    parts: Sequence["Part"]
    bits: Bits
    call: Call
    _patterns: Mapping[Need, tuple[int, int]] = attrs.field(init=False)
    _met: dict[tuple[int, int], Sequence[tuple[Need, int]]] = attrs.field(factory=dict, init=False)
    # The needs that a cell of a part counts for, by signature, which are few, and their values.

    @_patterns.default
    def _find_patterns(self) -> Mapping[Need, tuple[int, int]]:
        needs = [need for part in self.parts if part.is_cells for need in part.needs]
        return {n: self.bits.pattern(wanted(n), dating_of(n)) for n in needs}

    def _find_met(self, part: "Part", signature: int) -> Sequence[tuple[Need, int]]:
        places = {what: 2 * place for place, what in enumerate(part.aggregates())}
        patterns = ((need, *self._patterns[need]) for need in part.needs)
        return [
            (need, places.get((need.op, str(need.column)), 0))
            for need, mask, value in patterns
            if signature & mask == value
        ]

    def read(self, rows: Iterable[Sequence[Any]], buckets: Buckets) -> Stats:
        """The answers of all groups.

        Raises:
            ColumnError: for values that mean nothing.
        """
        read = [*_gathered((Row.read(row, len(self.call.by)) for row in rows), self._of_ends())]
        notes = self._check(read)
        # Without groups there is one, of no rows too.
        groups: Groups = {} if self.call.by else {((None,) if self.call.every else ()): {}}
        for row in read:
            part = self.parts[row.part]
            undated = (*row.key, None) if self.call.every else row.key
            groups.setdefault(undated, {})
            if part.dating is None:
                place = undated
            elif row.bucket:
                place = (*row.key, buckets.periods[row.bucket - 1])
            else:
                continue
            for need, answer in self._answers(part, row):
                group = groups.setdefault(place, {})
                group[need] = join(need, group[need], answer) if need in group else answer
        return Stats(groups, notes)

    def _of_ends(self) -> frozenset[int]:
        """The parts whose rows are ends."""
        parts = (part for part in self.parts if not part.is_cells)
        return frozenset(part.number for part in parts if part.needs[0].op == "risk")

    def _check(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """What the result must say; what is wrong with values is refused."""
        table = self.table
        counting = min(part.number for part in self.parts if part.is_cells)
        cells = [row for row in rows if row.part == counting]
        found: list[tuple[Check, int]] = []
        for check in table.checks:
            mask, value = self.bits.pattern(check.where)
            n = sum(row.count for row in cells if row.signature & mask == value)
            found += [(check, n)] if n else []
        faults = [(check, n) for check, n in found if check.is_fault]
        if faults:
            raise self._refused(faults)
        told = tuple(check.tell(n) for check, n in found if not check.is_fault)
        return (*table.source.notes, *told)

    def _refused(self, faults: Sequence[tuple[Check, int]]) -> ColumnError:
        """The error of values that mean nothing, some of which a query of its own finds."""
        source = self.table.source
        named = [(check, self._named(check)) for check, _ in faults]
        told = [
            f"{check.tell(n)}: {', '.join(map(shown, values))}" if values else check.tell(n)
            for (check, values), (_, n) in zip(named, faults, strict=True)
        ]
        check, values = named[0]
        hint = None
        if check.option is not None:
            example = shown(values[0] if values else None)
            hint = f"{check.option}={{{example}: …}} says what a value means."
        column = (check.column or "amount").removesuffix(GIVEN)
        return value_error(source, column, told, hint)

    def _named(self, check: Check) -> list[Any]:
        """The values at fault that stand in most rows."""
        if check.column is None:
            return []
        table, column = self.table, check.column
        wrong = table.frame.filter(holds_all(table, check.where)).select(column)
        counted = wrong.group_by(column).agg(nw.len().alias("n_rows"))
        most = counted.sort("n_rows", column, descending=[True, False]).head(_MOST_NAMED)
        return [_plain(row[0]) for row in table.source.engine.fetch(nw.to_native(most))]

    def _answers(self, part: "Part", row: Row) -> Iterator[tuple[Need, Answer]]:
        """What one row says of the needs of its part."""
        if not part.is_cells:
            yield part.needs[0], self._of_values(part.needs[0], row)
            return
        cell = part.number, row.signature
        if cell not in self._met:
            self._met[cell] = self._find_met(part, row.signature)
        for need, place in self._met[cell]:
            answer = self._of_cell(need, place, row)
            if answer is not None:
                yield need, answer

    def _of_cell(self, need: Need, place: int, row: Row) -> Answer | None:
        if need.op == "count":
            return row.count
        if need.op == "distinct":
            return frozenset({self._currency(row)})
        column = str(need.column)
        high, low = row.values[place], row.values[place + 1]
        if high is None:
            return None
        if need.op != "sum":
            return int(high)
        total = int(high) * HALF + int(low)
        return {self._currency(row): self._amount(column, total)} if column in MONEY else total

    def _currency(self, row: Row) -> str:
        return row.text if self.table.has_currencies and row.text else self.call.currency or XXX

    def _amount(self, column: str, units: int) -> Decimal:
        return EXACT.scaleb(Decimal(units), -digits_of(self.table, column))

    def _of_values(self, need: Need, row: Row) -> Answer:
        if need.op == "distinct":
            return frozenset({row.text})
        if need.op == "risk":
            lists = (each for each in row.values if isinstance(each, Sequence))
            times, events, at_risk, *sums = lists
            blocks = [*zip(*sums, strict=True)]
            return RiskSets(times, events, at_risk, row.count, blocks)
        low, high = int(row.values[0]), int(row.values[1])
        largest = getattr(self.table.source.engine, "LARGEST_EXACT", None)
        if largest is not None and max(abs(low), abs(high)) >= largest:
            raise _inexact(self.table, str(need.column))
        if need.column in MONEY:
            column = str(need.column)
            return Middle(self._amount(column, low), self._amount(column, high))
        return Middle(low, high)


def _gathered(rows: Iterable[Row], of_ends: Collection[int]) -> Iterator[Row]:
    """The rows, but one a group for those that come as a row for each end, without lists."""
    tallies: dict[tuple[int, Key, int], dict[int, int]] = {}
    for row in rows:
        if row.part not in of_ends or isinstance(row.values[-1], list):
            yield row
            continue
        tally, end = tallies.setdefault((row.part, row.key, row.bucket), {}), int(row.values[0])
        tally[end] = tally.get(end, 0) + row.count
    for (part, key, bucket), tally in tallies.items():
        risk = RiskSets.of(tally)
        yield Row(part, key, bucket, 0, None, risk.n, (risk.times, risk.events, risk.at_risk))


def dating_of(need: Need) -> Dating | None:
    """What dates the rows of a need."""
    return None if need.dated_by is None else (need.dated_by, need.delay_days)


def wanted(need: Need) -> Wanted:
    """The conditions on the rows of a need."""
    flags = need.where
    if need.op == "distinct" and need.column == "currency":
        flags = (*flags, known("amount"))
    if need.op in ("min", "max"):
        # An unknown value is no extreme, with or without a bit that says so.
        flags = tuple(flag for flag in flags if flag != known(str(need.column)))
    return tuple(one for flag in flags for one in positive(flag))


def _inexact(table: Table, column: str) -> ColumnError:
    fault = f"the median of '{column}' is not exact in this engine: its values are too large"
    return value_error(table.source, column, [fault], "give a frame of another library, or deals.")
