"""From a metric's definition and some data to its result: needs, stats, formula."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic

import attrs

from salesflow.errors import MixedCurrencyError
from salesflow.facts.data import Facts
from salesflow.facts.engines import is_frame
from salesflow.metrics._buckets import fill, named_buckets
from salesflow.metrics._objects import collect
from salesflow.metrics._stage_rows import table_of
from salesflow.metrics.needs import CURRENCIES, MONEY, OPENING_CURRENCIES, Need, Table
from salesflow.metrics.options import Call, check_no_frame
from salesflow.metrics.results import Breakdown, R
from salesflow.metrics.stats import Answer, Key, Middle, RiskSets, Stats, add_answers
from salesflow.money import XXX, Money
from salesflow.periods import Period

if TYPE_CHECKING:
    from datetime import datetime


@attrs.frozen
class Cell:
    """The answers that a formula sees: those of one group."""

    answers: Mapping[Need, Answer]
    call: Call
    default_currency: str
    key: Key = ()
    stats: Stats | None = None
    """The answers of all groups, for a formula that speaks of the whole."""

    def number(self, need: Need) -> int:
        """The answer to a count, or to a sum of durations."""
        answer = self.answers.get(need, 0)
        assert isinstance(answer, int)  # noqa: S101 - a need's op says which answer it has
        return answer

    def whole(self, need: Need) -> int:
        """The count over all groups that differ from this one in the last column of ``by`` only."""
        place = len(self.call.by) - 1
        return 0 if self.stats is None else self.stats.whole(need, self.key, place)

    def only(self, need: Need) -> Any:
        """The one value of an answer to distinct values; None if there are several, or none."""
        found = self.answers.get(need, frozenset())
        assert isinstance(found, frozenset)  # noqa: S101 - a need's op says which answer it has
        return next(iter(found)) if len(found) == 1 else None

    def middle(self, need: Need) -> Middle | None:
        """The two values in the middle of an answer to values; None without any."""
        answer = self.answers.get(need, ())
        if isinstance(answer, Middle):
            return answer
        assert isinstance(answer, tuple)  # noqa: S101 - a need's op says which answer it has
        return Middle.of(answer)

    def risk_sets(self, need: Need) -> RiskSets:
        """Who was at risk at each event; of nobody, none."""
        answer = self.answers.get(need, ())
        if isinstance(answer, RiskSets):
            return answer
        assert isinstance(answer, tuple)  # noqa: S101 - a need's op says which answer it has
        return RiskSets.of(Counter(answer))

    def money(self, *needs: Need) -> Money:
        """The answers to sums of money, together; nothing is 0 in the call's currency.

        Raises:
            MixedCurrencyError: if they are of several currencies.
        """
        total: Mapping[str, Decimal] = {}
        for need in needs:
            total = add_answers(total, self.answers.get(need, {}))
        if len(total) > 1:
            currencies = tuple(sorted(total))
            msg = f"cannot add amounts in {' and '.join(currencies)}: they are several currencies"
            hint = "give rates=Rates(…), or by='currency'."
            raise MixedCurrencyError(msg, hint=hint, currencies=currencies)
        currency, amount = next(iter(total.items()), (self.default_currency, Decimal(0)))
        return Money(amount, currency)

    def counted(self, **reasons: Need | tuple[Need, ...]) -> dict[str, int]:
        """How many rows there are for each reason, where there are any."""
        counts = {reason: sum(map(self.number, needs_of(need))) for reason, need in reasons.items()}
        return {reason: count for reason, count in counts.items() if count}

    @property
    def stated_currency(self) -> str:
        """The currency of a result that holds no amount: the one the call names, or none."""
        rates = self.call.rates
        return (self.call.currency or XXX) if rates is None else rates.base

    @property
    def as_of(self) -> "datetime | None":
        """The instant the data was taken at."""
        return self.call.as_of


@attrs.frozen
class Definition(Generic[R]):
    """A metric: what it needs, and how the answers make its result.

    Args:
        needs: the numbers it is made of.
        formula: the result of one group, from its answers.
        table: the table that the needs speak of.
        order_by: the answer that orders groups by the last column, or the answers that order them
            by the last ones; by their values unless given.
        descending: whether the most come first; the missing value still stands last.
        reasons: why rows are left out, with the need, or needs, that count them.
        assumptions: what is unknown of rows that count, with the need that counts them.
        undated: of a measure of one's own, more reasons where a period asks for a date.
    """

    needs: tuple[Need, ...]
    formula: Callable[[Cell], R]
    table: Table = "deals"
    order_by: Need | tuple[Need, ...] = ()
    descending: bool = False
    reasons: Mapping[str, Need | tuple[Need, ...]] = attrs.field(factory=dict)
    assumptions: Mapping[str, Need] = attrs.field(factory=dict)
    undated: Mapping[str, Need | tuple[Need, ...]] = attrs.field(factory=dict)


def needs_of(needs: Need | tuple[Need, ...]) -> tuple[Need, ...]:
    """One need, or several, as several."""
    return needs if isinstance(needs, tuple) else (needs,)


def reread(data: object) -> object:
    """The data, so that it can be read more than once."""
    return list(data) if isinstance(data, Iterator) else data


def stats_of(data: object, needs: Iterable[Need], call: Call, table: Table = "deals") -> Stats:
    """The answers to the needs, over any part of the data."""
    wanted = dict.fromkeys(needs)
    if any(need.column in MONEY for need in wanted):
        at_opening = all(need.at_opening for need in wanted)
        wanted[OPENING_CURRENCIES if at_opening else CURRENCIES] = None
    if is_frame(data) or (isinstance(data, Facts) and data.is_frames):
        from salesflow.metrics import _frames

        return _frames.collect(data, tuple(wanted), call, table)
    check_no_frame(call)
    return collect(table_of(table, data, call), tuple(wanted), call)


def one(data: object, definition: Definition[R], call: Call) -> R:
    """The result over all of the data."""
    stats = stats_of(data, definition.needs, call, definition.table)
    answers = stats.groups.get((), {})
    cell = Cell(answers, call, _default_currency(stats, call), (), stats)
    return _noted(definition.formula(cell), stats)


def _noted(result: R, stats: Stats) -> R:
    return attrs.evolve(result, notes=stats.notes) if stats.notes else result


def by_group(data: object, definition: Definition[R], call: Call) -> Breakdown[R]:
    """The result of each group, and of each period that the call cuts time into."""
    return breakdown(stats_of(data, definition.needs, call, definition.table), definition, call)


def result_of(data: object, definition: Definition[R], call: Call) -> R | Breakdown[R]:
    """The one result, or that of each group where the call asks for groups."""
    return by_group(data, definition, call) if call.is_grouped else one(data, definition, call)


def breakdown(stats: Stats, definition: Definition[R], call: Call) -> Breakdown[R]:
    """The results that stats give."""
    currency = _default_currency(stats, call)
    names = call.by if call.every is None else (*call.by, call.every)
    one_part = len(names) == 1 and (call.one_column or not call.by)
    results: dict[Any, R] = {}
    for key, answers in _cells(stats, definition, call):
        cell = Cell(answers, call, _currency_of(key, call) or currency, key, stats)
        results[key[0] if one_part else key] = _noted(definition.formula(cell), stats)
    missed = _counted(stats, definition.reasons, call)
    assumed = _counted(stats, definition.assumptions, call)
    return Breakdown(
        names,
        results,
        as_of=call.as_of,
        currency=currency,
        left_out=missed,
        assumed=assumed,
        notes=stats.notes,
        has_tuples=not one_part,
        calendar=call.cut_by if call.every else None,
        blank=None if results else definition.formula(Cell({}, call, currency, (), stats)),
    )


def _currency_of(key: Key, call: Call) -> str | None:
    """The currency of a group by currency, whether it has amounts or not."""
    if call.rates is not None or "currency" not in call.by:
        return None
    currency: str | None = key[call.by.index("currency")]
    return currency


def _counted(
    stats: Stats, reasons: Mapping[str, Need | tuple[Need, ...]], call: Call
) -> dict[str, int]:
    """The counts of all groups together; what has no date once, not once a period."""
    counts: dict[str, int] = {}
    for key, answers in stats.groups.items():
        for reason, need in ((r, n) for r, several in reasons.items() for n in needs_of(several)):
            if call.every is None or (key[-1] is None) == (need.dated_by is None):
                found = answers.get(need, 0)
                counts[reason] = counts.get(reason, 0) + (found if isinstance(found, int) else 0)
    return {reason: count for reason, count in counts.items() if count}


def _cells(
    stats: Stats, definition: Definition[R], call: Call
) -> Iterable[tuple[Key, Mapping[Need, Answer]]]:
    """The groups in order; with periods, each group in each period, empty ones included.

    What has no date belongs to every period of its group.
    """
    groups = stats.groups
    if call.every is None:
        ordered = sorted(groups, key=lambda key: _rank(key, groups[key], definition))
        return [(key, groups[key]) for key in ordered]
    undated = {key[:-1]: groups.get((*key[:-1], None), {}) for key in groups}
    ordered = sorted(undated, key=lambda key: _rank(key, undated[key], definition))
    periods = _periods(stats, call)
    return [
        ((*key, period), {**undated[key], **groups.get((*key, period), {})})
        for key in ordered
        for period in periods
    ]


def _periods(stats: Stats, call: Call) -> list[Period]:
    found = {key[-1] for key in stats.groups if key[-1] is not None}
    if call.period is None or call.every is None:
        return fill(found)
    return [*named_buckets(call).periods]


def _rank(
    key: Key, answers: Mapping[Need, Answer], definition: Definition[R]
) -> tuple[tuple[int, float, str], ...]:
    """An order for keys of any kind: None last, numbers by size, all else by its text."""
    ranks = tuple(rank_part(part) for part in key)
    needs = needs_of(definition.order_by)[: len(key)]
    named = len(ranks) - len(needs)
    places = (
        rank_part(_place(answers.get(need), part, definition))
        for need, part in zip(needs, key[named:], strict=True)
    )
    by_place = zip(places, ranks[named:], strict=True)
    return (*ranks[:named], *(rank for pair in by_place for rank in pair))


def _place(answer: Any, part: object, definition: Definition[R]) -> object:
    """Where the answer puts a group; of the most first, the missing value still stands last."""
    if not definition.descending:
        return answer
    return None if part is None else -(answer or 0)


def rank_part(part: object) -> tuple[int, float, str]:
    """The order of a part of a key."""
    if part is None:
        return (2, 0.0, "")
    if isinstance(part, int | float):
        return (0, part, "")  # an integer as it is: it may be too large for a float
    return (0, float(part), "") if isinstance(part, Decimal) else (1, 0.0, str(part))


def _default_currency(stats: Stats, call: Call) -> str:
    """The currency of a result without amounts: the one of all amounts in the data."""
    if call.rates is not None:
        return call.rates.base
    if call.currency is not None:
        return call.currency
    found = stats.currencies()
    return next(iter(found)) if len(found) == 1 else XXX
