"""The evaluator over deals: plain Python, exact, the reference for all others."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, localcontext
from functools import partial
from itertools import compress
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from salesflow.facts.columns import (
    Ends,
    active_us,
    check_column,
    cycle_ends,
    deal_reader,
    elapsed_us,
    first_stage_ends,
    lead_ends,
    read_deals,
    visit_us,
)
from salesflow.facts.data import Facts, given
from salesflow.facts.schema import VISITS
from salesflow.facts.visits import Visit, visits_of
from salesflow.metrics._buckets import Buckets, found_buckets, later, named_buckets
from salesflow.metrics.needs import ENDS, MONEY, End, Flag, Need, precision_of
from salesflow.metrics.options import Call
from salesflow.metrics.stats import Answer, Key, Stats, end_of
from salesflow.models import Deal
from salesflow.models.durations import to_days
from salesflow.models.past import Cut
from salesflow.money import EXACT, Rates, round_amount
from salesflow.periods import Period, midnight

if TYPE_CHECKING:
    from datetime import datetime

    from salesflow.models._base import Precision

_MILLIONTH = Decimal("1e-6")

Reader = Callable[[Any], Any]
"""What reads one column off one row."""

ReadColumn = Callable[[str, "Rows"], list[Any]]
"""What reads a column off rows."""

_TESTS: dict[str, Callable[[Sequence[Any], Any], Iterable[bool]]] = {
    "is": lambda values, wanted: [value == wanted for value in values],
    "is_not": lambda values, wanted: [value != wanted for value in values],
    "known": lambda values, _: [value is not None for value in values],
    "unknown": lambda values, _: [value is None for value in values],
    "negative": lambda values, _: [value is not None and value < 0 for value in values],
    "at_least": lambda values, least: [value is not None and value >= least for value in values],
    "not_negative": lambda values, _: [value is not None and value >= 0 for value in values],
}


class Rows:
    """Some rows of a table, with the columns that were read off them so far.

    Rows chosen from others take over the columns that those have read: in a large book, fetching a
    deal from memory once more is what costs.
    """

    __slots__ = ("_chosen", "_columns", "_from", "_holds", "_placed", "_read", "rows")

    def __init__(
        self,
        rows: Sequence[Any],
        read: "ReadColumn",
        chosen_from: "Rows | None" = None,
        holds: Sequence[bool] = (),
    ) -> None:
        self.rows = rows
        self._read = read
        self._from = chosen_from
        self._holds = holds
        self._columns: dict[str, list[Any]] = {}
        self._chosen: dict[Flag, Rows] = {}
        self._placed: dict[tuple[str, int], dict[Period | None, Rows]] = {}

    def column(self, name: str) -> list[Any]:
        """The values of a column, in the order of the rows."""
        if name not in self._columns:
            if self._from is not None and self._from.has(name):
                values = [*compress(self._from.column(name), self._holds)]
            else:
                values = self._read(name, self)
            self._columns[name] = values
        return self._columns[name]

    def has(self, name: str) -> bool:
        """Whether a column was read, off these rows or those they were chosen from."""
        return name in self._columns or (self._from is not None and self._from.has(name))

    def where(self, flags: Iterable[Flag]) -> "Rows":
        """The rows that all the flags hold for."""
        found = self
        for flag in flags:
            found = found._where(flag)
        return found

    def _where(self, flag: Flag) -> "Rows":
        if flag not in self._chosen:
            holds = [*_TESTS[flag.test](self.column(flag.column), flag.value)]
            rows = [*compress(self.rows, holds)]
            self._chosen[flag] = Rows(rows, self._read, self, holds)
        return self._chosen[flag]

    def placed(self, buckets: Buckets, dated_by: str, delay: int) -> "dict[Period | None, Rows]":
        """The rows by the period they are dated in; without a date, or outside, under None."""
        if (dated_by, delay) not in self._placed:
            moments = self.column(dated_by)
            if delay:
                moments = [later(moment, delay) for moment in moments]
            precisions = precisions_in(self, dated_by)
            self._placed[dated_by, delay] = self.split(buckets.find(moments, precisions))
        return self._placed[dated_by, delay]

    def split(self, keys: Iterable[Any]) -> dict[Any, "Rows"]:
        """The rows by their key."""
        parts: dict[Any, list[Any]] = {}
        for key, row in zip(keys, self.rows, strict=True):
            parts.setdefault(key, []).append(row)
        return {key: Rows(rows, self._read) for key, rows in parts.items()}


def precisions_in(rows: Rows, dated_by: str) -> "Sequence[Precision]":
    """How precise the moments of a column are, row by row."""
    name = precision_of(dated_by)
    return ["day"] * len(rows.rows) if name is None else rows.column(name)


class DealRows:
    """The table `deals` of one call."""

    def __init__(self, data: object, call: Call) -> None:
        deals = read_deals(given(data, "deals"), call.as_of)
        self._rates = call.rates
        self._cut = None if call.as_of is None else Cut(call.as_of)
        self._leads = data.leads or () if isinstance(data, Facts) else None
        self.root = Rows(deals, self.read)

    def read(self, name: str, rows: Rows) -> list[Any]:
        """A column of deals, amounts converted where rates are given."""
        if name in _DERIVED:
            return _DERIVED[name](rows)
        if self._rates is not None:
            if name == "amount":
                return [*map(self._converted(self._rates), rows.rows)]
            if name == "currency":
                return [self._rates.base] * len(rows.rows)
        if name == "expected_close_on":
            days = (vars(deal)["expected_close_on"] for deal in rows.rows)
            return [None if day is None else midnight(day) for day in days]
        if name in _OF_MONEY:
            part = _OF_MONEY[name]
            return [None if money is None else part(money) for money in rows.column("money")]
        return [*map(self._reader(name), rows.rows)]

    def reader(self, name: str) -> Reader:
        """What reads a column off one deal, amounts converted where rates are given."""
        rates = self._rates
        if rates is not None and name == "amount":
            return self._converted(rates)
        if rates is not None and name == "currency":
            return lambda _: rates.base
        if name == "expected_close_on":
            return lambda deal: (
                None if deal.expected_close_on is None else midnight(deal.expected_close_on)
            )
        return deal_reader("amount") if name == "given_amount" else self._reader(name)

    def _reader(self, name: str) -> Reader:
        if name == "money":
            return attrgetter("amount")
        if name in _AGES and self._cut is not None:
            return _age(_AGES[name], self._cut)
        if self._leads is not None:
            if name == "lead_age_us" and self._cut is not None:
                return _age(lead_ends(self._leads), self._cut)
            if name in _OF_LEADS:
                return _OF_LEADS[name](lead_ends(self._leads))
        return deal_reader(name)

    def key_reader(self, name: str, *, at_opening: bool) -> Reader:
        """What reads a group's key off a deal."""
        check_column(name, self.root.rows)
        return deal_reader("opening_owner_id" if at_opening and name == "owner_id" else name)

    def _converted(self, rates: Rates) -> Reader:
        """An amount at the rate of the closing day, or of as_of while the deal is open."""
        today = None
        if self._cut is not None:
            today = rates.day_of(self._cut.at)

        def amount(deal: Deal) -> Decimal | None:
            if deal.amount is None:
                return None
            day = today
            if deal.closed_at is not None:
                is_day = deal.closed_precision == "day"
                day = deal.closed_at.date() if is_day else rates.day_of(deal.closed_at)
            elif deal.outcome != "open":
                day = None
            if day is None:
                # The base is worth 1 on every day, one that nobody knows too.
                return deal.amount.amount if deal.amount.currency == rates.base else None
            return rates.convert_amount(deal.amount.amount, deal.amount.currency, day)

        return amount


_OF_MONEY = {
    "amount": attrgetter("amount"),
    "given_amount": attrgetter("amount"),
    "currency": attrgetter("currency"),
}


def _weighted_amounts(rows: Rows) -> list[Decimal | None]:
    return [*map(_weighted, *map(rows.column, ("amount", "currency", "probability")))]


def _ends(end: End, rows: Rows) -> list[int | None]:
    """How long each deal was watched and what ended it; None where that is unknown."""
    outcomes, flag = rows.column("outcome"), end.event
    are_events = _TESTS[flag.test](outcomes, flag.value)
    told = zip(outcomes, rows.column(end.waiting), rows.column(end.closed), are_events, strict=True)
    times = ((age if what == "open" else cycle, is_event) for what, age, cycle, is_event in told)
    return [None if time is None else end_of(time, is_event=event) for time, event in times]


def _weighted(amount: Decimal | None, currency: str, probability: float | None) -> Decimal | None:
    """Amount × probability, rounded half up to the minor unit; None if either is unknown."""
    if amount is None or probability is None:
        return None
    # Probabilities come in steps of a millionth: as a whole number of them they are exact.
    millionths = Decimal(round(probability * 1_000_000))
    return round_amount(EXACT.multiply(amount, EXACT.multiply(millionths, _MILLIONTH)), currency)


_DERIVED: dict[str, Callable[[Rows], list[Any]]] = {
    "weighted_amount": _weighted_amounts,
    **{name: partial(_ends, end) for name, end in ENDS.items()},
}
"""The columns that are made of others."""


def _age(ends: Callable[[Deal], Ends], cut: Cut) -> Reader:
    """How long ago the first of two moments of a deal was."""
    return lambda deal: cut.microseconds_since(*ends(deal)[0])


_AGES: dict[str, Callable[[Deal], Ends]] = {
    "age_us": cycle_ends,
    "first_stage_age_us": first_stage_ends,
}
_OF_LEADS: dict[str, Callable[[Callable[[Deal], Ends]], Reader]] = {
    "lead_us": elapsed_us,
    "active_lead_us": active_us,
}


class VisitRows:
    """The table `visits` of one call, each visit joined to its deal; those to open stages."""

    fields: ClassVar[frozenset[str]] = frozenset(Visit._fields)
    """What is read off a row itself; all else is of its deal."""
    names: ClassVar[tuple[str, ...]] = tuple(column.name for column in VISITS)
    """What groups may be made by, besides the columns of deals."""

    def __init__(self, data: object, call: Call) -> None:
        self._table = DealRows(data, call)
        self._deals: Sequence[Deal] = self._table.root.rows
        self._cut = None if call.as_of is None else Cut(call.as_of)
        self.root = Rows([*self.joined(self._deals)], self.read)

    def joined(self, deals: Sequence[Deal]) -> Iterable[tuple[Any, Deal]]:
        """The rows of all deals, each with its deal."""
        return [(row, deal) for deal in deals for row in self.rows_of(visits_of(deal))]

    def rows_of(self, visits: list[Visit]) -> Iterable[Any]:
        """The rows of one deal."""
        return [visit for visit in visits if visit.kind == "open"]

    def read(self, name: str, rows: Rows) -> list[Any]:
        """A column of visits, or of their deals where visits do not have it."""
        return [*map(self.reader(name), rows.rows)]

    def reader(self, name: str) -> Reader:
        """What reads a column off a visit, or off its deal where visits do not have it."""
        if name == "days_us":
            return lambda row: visit_us(row[0])
        if name == "days":
            return lambda row: to_days(visit_us(row[0]))
        if name in _OF_WATCH:
            return _OF_WATCH[name](self)
        if name in self.fields:
            read = attrgetter(name)
            return lambda row: read(row[0])
        of_deal = self._table.reader(name)
        return lambda row: of_deal(row[1])

    def key_reader(self, name: str, *, at_opening: bool) -> Reader:
        """What reads a group's key; the owner of a visit is the one at entry."""
        del at_opening
        check_column(name, self._deals, self.names)
        if name in self.names:
            return self.reader(name)
        of_deal = deal_reader(name)
        return lambda row: of_deal(row[1])

    def current(self, row: tuple[Visit, Deal]) -> int | None:
        """How long a visit lasts so far; None of one that ended, or without an instant."""
        return self.since_entry(row) if row[0].is_current else None

    def since_entry(self, row: tuple[Visit, Deal]) -> int | None:
        """How long ago a visit began, whether it ended or not."""
        visit, cut = row[0], self._cut
        if cut is None:
            return None
        return cut.microseconds_since(visit.entered_at, visit.entered_precision)

    def end(self, row: tuple[Visit, Deal]) -> int | None:
        """How long a visit was watched, and whether it ended."""
        visit = row[0]
        time = self.current(row) if visit.is_current else visit_us(visit)
        return None if time is None else end_of(time, is_event=not visit.is_current)


_OF_WATCH: dict[str, Callable[[VisitRows], Reader]] = {
    "current_us": lambda rows: rows.current,
    "since_entry_us": lambda rows: rows.since_entry,
    "visit_end": lambda rows: rows.end,
}
"""The columns that the instant of the call makes of a visit."""


class RowTable(Protocol):
    """The rows of a table over objects, and what reads their keys."""

    root: Rows

    def key_reader(self, name: str, *, at_opening: bool) -> Reader:
        """What reads a group's key off a row."""


def collect(table: RowTable, needs: Sequence[Need], call: Call) -> Stats:
    """The answers to all needs, by group; periods stand last in a group's key."""
    buckets = _buckets(table.root, needs, call)
    groups: dict[Key, dict[Need, Answer]] = {}
    for at_opening in (False, True):
        chosen = [need for need in needs if need.at_opening is at_opening]
        parts = _parts(table, call, at_opening=at_opening) if chosen else {}
        for key, rows in parts.items():
            undated = (*key, None) if call.every else key
            groups.setdefault(undated, {})
            for need in chosen:
                for period, found in _places(rows.where(need.where), need, call, buckets):
                    if need.op in ("min", "max") and not found.rows:
                        continue  # nothing is the least of no values
                    place = undated if period is None else (*key, period)
                    groups.setdefault(place, {})[need] = _answer(found, need)
    return Stats(groups)


def _parts(table: RowTable, call: Call, *, at_opening: bool) -> dict[Key, Rows]:
    if not call.by:
        return {(): table.root}
    readers = [table.key_reader(name, at_opening=at_opening) for name in call.by]
    rows = table.root.rows
    return table.root.split(zip(*(map(reader, rows) for reader in readers), strict=True))


def _buckets(root: Rows, needs: Sequence[Need], call: Call) -> Buckets:
    if call.period is not None or call.every is None:
        return named_buckets(call)
    instants: list[datetime] = []
    days: list[datetime] = []
    for name, delay in {(n.dated_by, n.delay_days) for n in needs if n.dated_by is not None}:
        precisions = precisions_in(root, name)
        for known, precision in zip(root.column(name), precisions, strict=True):
            moment = later(known, delay)
            if moment is not None:
                (instants if precision == "instant" else days).append(moment)
    return found_buckets(call, instants, days)


def _places(
    rows: Rows, need: Need, call: Call, buckets: Buckets
) -> list[tuple[Period | None, Rows]]:
    if need.dated_by is None or not call.is_dated:
        return [(None, rows)]
    placed = rows.placed(buckets, need.dated_by, need.delay_days)
    if call.every is not None:
        return [(period, found) for period, found in placed.items() if period is not None]
    inside = [found for period, found in placed.items() if period is not None]
    return [(None, found) for found in inside]


def _answer(rows: Rows, need: Need) -> Answer:
    if need.op == "count":
        return len(rows.rows)
    values = rows.column(str(need.column))
    if need.op in ("values", "risk"):
        return tuple(sorted(values))
    if need.op == "distinct":
        return frozenset(values) - {None}
    if need.op in ("min", "max"):
        return int(min(values) if need.op == "min" else max(values))
    return _amounts(rows, values) if need.column in MONEY else sum(values)


def _amounts(rows: Rows, amounts: Sequence[Decimal]) -> dict[str, Decimal]:
    """The amounts added up by currency."""
    found: dict[str, list[Decimal]] = {}
    for currency, amount in zip(rows.column("currency"), amounts, strict=True):
        found.setdefault(currency, []).append(amount)
    with localcontext(EXACT):
        return {currency: sum(parts, Decimal(0)) for currency, parts in found.items()}
