"""`waterfall`: what became of the open pipeline between two instants."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import localcontext
from typing import Any, overload

import attrs

from salesflow.errors import MixedCurrencyError, OptionError, closest, one_of, shown
from salesflow.facts.columns import check_column
from salesflow.facts.data import check_deals, given
from salesflow.metrics import Breakdown, Result
from salesflow.metrics.options import By, to_names
from salesflow.models import Deal
from salesflow.money import EXACT, XXX, Money, Rates
from salesflow.periods import Period
from salesflow.review._walk import CUSTOM, TOLD, Key, Step, Walk
from salesflow.review._window import Window

_ORDER = (
    *("created", "reopened", "pulled_in", "amount_up", "amount_down", "pushed_out"),
    *("owner_in", "owner_out", "moved_in", "moved_out", "won", "lost", "merged", "rate_effect"),
)
_OF_PERIOD = ("pulled_in", "pushed_out")
_OF_OWNERS = ("owner_in", "owner_out")
_OF_GROUPS = ("moved_in", "moved_out")
_OF_RATES = ("rate_effect",)


@attrs.frozen
class Waterfall(Result):
    """What became of the open pipeline: start + all changes = end, to the last decimal.

    Attributes:
        start: the open pipeline just before the start.
        end: the open pipeline just before the end.
        since: the start. [aware datetime]
    """

    start: Money
    end: Money
    since: datetime
    _changes: tuple[tuple[str, Money], ...]
    _steps: Mapping[str, tuple[Step, ...]] = attrs.field(repr=False)

    @property
    def changes(self) -> dict[str, Money]:
        """What each bar between start and end added, signed, by its name, in order."""
        return dict(self._changes)

    @property
    def bars(self) -> dict[str, Money]:
        """All bars in order: the start, the changes, the end."""
        return {"start": self.start, **self.changes, "end": self.end}

    def behind(self, bar: str) -> tuple[Step, ...]:
        """Which deals are behind a bar, and with how much?

        Args:
            bar: ``start``, ``end``, or one of `changes`.

        Returns:
            A step for each time that a deal passed it, in the order of the deals. Their amounts
            add up to the bar.

        Raises:
            OptionError: for a bar that it does not have.
        """
        if not isinstance(bar, str) or bar not in self.bars:
            msg = f"cannot list the deals behind {shown(bar)}: the waterfall has no such bar"
            hint = f"there is {one_of(closest(bar, self.bars))}."
            raise OptionError(msg, hint=hint, parameter="bar", value=bar)
        return self._steps.get(bar, ())

    def to_dict(self) -> dict[str, Any]:
        """All bars in one row, as a `Breakdown` has one for each group."""
        return {**self.bars, **self._about()}

    def to_dicts(self) -> list[dict[str, Any]]:
        """A row for each bar: its amount, how many deals are behind it, how many without one."""
        return [{**row, **self._about()} for row in self._shown_rows()]

    def _about(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "as_of": self.as_of,
            "currency": self.currency,
            "left_out": dict(self.left_out),
            "assumed": dict(self.assumed),
        }

    def summary_row(self) -> dict[str, Any]:
        """What a table of groups shows of it."""
        return self.bars

    def _shown_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "bar": bar,
                "amount": amount,
                "n_deals": len({step.deal_id for step in self.behind(bar)}),
                "n_unpriced": len({s.deal_id for s in self.behind(bar) if s.amount is None}),
            }
            for bar, amount in self.bars.items()
        ]

    def _shown_notes(self) -> list[str]:
        return [f"since {self.since.isoformat()}", *super()._shown_notes()]

    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        return self.to_dicts()[0], {"left_out": "reasons", "assumed": "reasons"}


@overload
def waterfall(
    deals: Iterable[Deal],
    start: datetime,
    end: datetime,
    *,
    period: Period | None = ...,
    by: None = ...,
    rates: Rates | None = ...,
) -> Waterfall: ...
@overload
def waterfall(
    deals: Iterable[Deal],
    start: datetime,
    end: datetime,
    *,
    period: Period | None = ...,
    by: By,
    rates: Rates | None = ...,
) -> Breakdown[Waterfall]: ...
def waterfall(
    deals: Iterable[Deal],
    start: datetime,
    end: datetime,
    *,
    period: Period | None = None,
    by: By | None = None,
    rates: Rates | None = None,
) -> Waterfall | Breakdown[Waterfall]:
    """What became of the open pipeline, from one instant to another?

    **Definition**: the amounts of the deals open just before ``start``, what each event from then
    on changed, and those open just before ``end``: an event at ``start`` is in, one at ``end`` is
    not, as in a period. start + Σ changes = end, always. The bars, in their order:

    - ``created``, ``reopened``: it was opened; it came back from won or lost.
    - ``pulled_in``, ``pushed_out``: its expected close moved into the period, or out of it, be it
      to a later day, to an earlier one or to none. Only with ``period``.
    - ``amount_up``, ``amount_down``: the amount of an open deal changed; before it had one, it
      added 0.
    - ``owner_in``, ``owner_out``: it was handed on. Only by ``owner_id``. By what else may change,
      ``moved_in`` and ``moved_out``.
    - ``won``, ``lost``: it was closed, with the amount it had then.
    - ``merged``: it went into another deal, which keeps its own amount.
    - ``rate_effect``: the same amounts at other rates. Only with ``rates``.

    A deal that changed in several ways is in every bar it passed, in the order of its history: one
    that was raised from 100 to 150 and then won adds 50 to ``amount_up`` and -150 to ``won``; one
    that was created and won adds 100 and -100. An amount that is corrected after the closing
    changes no bar. Of a restored deal the dates that are known are taken as its history.

    Args:
        deals: the deals, as they stand now.
        start: the instant that the window begins at. [aware datetime]
        end: the instant before which it ends. [aware datetime] Days without a time are compared
            with the date that the clocks of both show.
        period: count a deal only while its expected close lies in it.
        by: what to group by, as it was at each moment: ``owner_id``, ``currency``, ``source``,
            ``account_id``, ``stage``, ``pipeline`` or ``custom.x``; or several of them.
        rates: exchange rates. The start, each event and the end are priced by their own day.

    Returns:
        A `Waterfall`, or one for each group. The bars of nothing are 0. A deal without amount, or
        without a rate, adds 0 and is counted in ``left_out``, and so is an open one without an
        expected close where there is a period.

    Raises:
        MixedCurrencyError: if the amounts of a waterfall are in several currencies.
        PeriodError: if the end comes first.
        NaiveDatetimeError: for an instant without a zone.
        OptionError: for what no history tells, to group by.
        ColumnError: for a column that deals do not have.
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice.

    Example:
        >>> from datetime import UTC
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 5, 8, 12)]
        >>> deal = pipeline.open("Acme", id="D-1", amount=Money(100, "EUR"), at=days[0])
        >>> deal = pipeline.update(deal, amount=Money(150, "EUR"), at=days[2])
        >>> week = waterfall([deal], days[1], days[3])
        >>> print(week.start, week.changes["amount_up"], week.end)
        EUR 100.00 EUR 50.00 EUR 150.00
    """
    window = Window(start, end)
    names = to_names(by)
    known = check_deals(given(deals, "deals"))
    _check(names, known, period, rates)
    walk = Walk(window, period, names, rates)
    for deal in known:
        walk.lead(deal)
    made = _Maker(walk, known, names, (start, end))
    if by is None:
        return made.waterfall(())
    return made.breakdown(has_tuples=not isinstance(by, str))


def _check(names: tuple[str, ...], deals: list[Deal], period: object, rates: object) -> None:
    for parameter, value, kind in (("period", period, Period), ("rates", rates, Rates)):
        if value is not None and not isinstance(value, kind):
            msg = f"cannot take {parameter}={shown(value)}: it is no {kind.__name__}"
            raise OptionError(msg, parameter=parameter, value=value)
    for name in names:
        check_column(name, deals)
        if name not in TOLD and not name.startswith(CUSTOM):
            msg = f"cannot cut a waterfall by '{name}': a history does not tell it of each moment"
            hint = f"give {one_of(closest(name, TOLD))}, or custom.x."
            raise OptionError(msg, hint=hint, parameter="by", value=name)


class _Maker:
    """Makes the waterfalls of the books."""

    def __init__(
        self, walk: Walk, deals: list[Deal], names: tuple[str, ...], ends: tuple[datetime, datetime]
    ) -> None:
        self._walk, self._deals, self._names = walk, deals, names
        self._since, self._as_of = ends
        told = {
            **dict.fromkeys(_OF_PERIOD, walk.period is not None),
            **dict.fromkeys(_OF_OWNERS, "owner_id" in names),
            **dict.fromkeys(_OF_GROUPS, bool({*names} - {"owner_id", "currency"})),
            **dict.fromkeys(_OF_RATES, walk.rates is not None),
        }
        self._bars = [bar for bar in _ORDER if told.get(bar, True)]
        self._sums = {key: _sums(bars) for key, bars in walk.books.items()}
        self._currency = self._usual_currency()

    def _usual_currency(self) -> str:
        """The currency of a waterfall without amounts: the one of all the deals."""
        if self._walk.rates is not None:
            return self._walk.rates.base
        found = {name for sums in self._sums.values() for name in _currencies(sums)}
        if not found:
            found = {deal.amount.currency for deal in self._deals if deal.amount is not None}
        return found.pop() if len(found) == 1 else XXX

    def waterfall(self, key: Key) -> Waterfall:
        """That of one group."""
        bars = self._walk.books.get(key, {})
        sums = self._sums.get(key, {})
        currency = self._currency_of(key, sums)
        zero = Money.zero(currency)
        unpriced = {why: len(ids.get(key, ())) for why, ids in self._walk.unpriced.items()}
        return Waterfall(
            sums.get("start", {}).get(currency, zero),
            sums.get("end", {}).get(currency, zero),
            self._since,
            tuple((bar, sums.get(bar, {}).get(currency, zero)) for bar in self._bars),
            {bar: tuple(steps) for bar, steps in bars.items()},
            as_of=self._as_of,
            currency=currency,
            left_out=_known(unpriced | ({} if key else self._undated())),
        )

    def _currency_of(self, key: Key, sums: "_Sums") -> str:
        found = sorted(_currencies(sums))
        if len(found) > 1:
            msg = f"cannot add amounts in {' and '.join(found)}: they are several currencies"
            hint = "give rates=Rates(…), or by='currency'."
            raise MixedCurrencyError(msg, hint=hint, currencies=tuple(found))
        if found:
            return found[0]
        if key and "currency" in self._names and self._walk.rates is None:
            return key[self._names.index("currency")] or self._currency
        return self._currency

    def breakdown(self, *, has_tuples: bool) -> Breakdown[Waterfall]:
        """That of each group."""
        keys = sorted(self._walk.books, key=lambda key: [*map(_rank, key)])
        made = {key if has_tuples else key[0]: self.waterfall(key) for key in keys}
        unpriced = {
            why: len(set().union(*ids.values())) for why, ids in self._walk.unpriced.items()
        }
        return Breakdown(
            self._names,
            made,
            as_of=self._as_of,
            currency=self._currency,
            left_out=_known(unpriced | self._undated()),
            has_tuples=has_tuples,
            blank=None if made else self.waterfall(()),
        )

    def _undated(self) -> dict[str, int]:
        return {"no_expected_close_on": len(self._walk.undated)}


_Sums = Mapping[str, Mapping[str, Money]]
"""The sum of each bar, by currency."""


def _sums(bars: Mapping[str, list[Step]]) -> _Sums:
    return {bar: _sum(steps) for bar, steps in bars.items()}


def _sum(steps: list[Step]) -> dict[str, Money]:
    found: dict[str, list[Any]] = {}
    for step in steps:
        if step.amount is not None:
            found.setdefault(step.amount.currency, []).append(step.amount.amount)
    with localcontext(EXACT):
        return {currency: Money(sum(amounts), currency) for currency, amounts in found.items()}


def _currencies(sums: _Sums) -> set[str]:
    return {currency for by_currency in sums.values() for currency in by_currency}


def _known(counts: Mapping[str, int]) -> dict[str, int]:
    return {why: count for why, count in counts.items() if count}


def _rank(part: object) -> tuple[int, str]:
    """An order for keys of any kind: by their text, None last."""
    return (part is None, "" if part is None else str(part))
