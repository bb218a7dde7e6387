"""What a backtest asks of a method, and how a method answers: `Question` and `Forecast`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal, NoReturn, Self, cast, get_args

import attrs

from salesflow.errors import OptionError, shown
from salesflow.forecast._numbers import is_number, is_whole
from salesflow.metrics import average_deal_size
from salesflow.metrics.options import check_choice
from salesflow.models import Deal, JsonMap
from salesflow.models.past import Cut, as_of_itself
from salesflow.money import Money, Rates
from salesflow.periods import Period, get_zone

Target = Literal["all", "open"]
"""What is forecast: all that is won in the window, or what its open deals bring alone."""

Part = Literal["all", "open", "reopened", "new"]
"""All that is won in a span; or of the deals that were open, closed or not there when it began."""

_TICK = timedelta(microseconds=1)
_A_YEAR = timedelta(days=365)
_MILLIONTH = 1_000_000
_MOST_WINS = 1e15


def _refuse(parameter: str, value: object, fact: str) -> NoReturn:
    msg = f"cannot take {parameter}={shown(value)} of a forecast: {fact}"
    hint = "such as Forecast(amount=Money(900, 'EUR')), or Forecast.unknown('few_closed')."
    raise OptionError(msg, hint=hint, parameter=parameter, value=value)


def _is_share(value: object) -> bool:
    return is_number(value) and 0 <= value <= 1


def _to_chances(given: object) -> Mapping[str, float]:
    if not isinstance(given, Mapping):
        _refuse("chances", given, "it is no mapping of deal ids")
    for identity, chance in given.items():
        if not isinstance(identity, str) or not _is_share(chance):
            _refuse("chances", chance, f"that of {shown(identity)} is no number from 0 to 1")
    return cast("Mapping[str, float]", JsonMap({one: float(given[one]) for one in given}))


def _to_counts(given: object) -> Mapping[str, int]:
    are_texts = isinstance(given, Mapping) and all(isinstance(one, str) for one in given)
    if not isinstance(given, Mapping) or not are_texts or not all(map(_is_count, given.values())):
        _refuse("left_out", given, "it is no mapping of reasons to whole numbers")
    return cast("Mapping[str, int]", JsonMap(given))


def _is_count(value: object) -> bool:
    return is_whole(value) and value >= 0


@attrs.frozen(kw_only=True)
class Forecast:
    """What is to be won in the window of a question?

    Args:
        amount: the revenue that is expected; None where nobody can say, and ``reason`` says why.
        low: the low end of a range; given with ``high``, or not at all.
        high: its high end.
        aimed_share: the share of outcomes that the range is meant to hold; given with it, or not
            at all. [above 0, below 1]
        n_won: how many deals are expected to be won.
        chances: for deals that are open, by id, the chance to be won in the window. [0..1]
        left_out: why deals have no part in it, and how many.
        reason: why there is no amount, as a word or two: ``few_closed``.

    Raises:
        OptionError: for half a range or a reversed one, a chance or a share that is none, and
            unless there is either an amount or a reason.

    Example:
        >>> Forecast(amount=Money(900, "EUR"), chances={"D-1": 0.9}).low is None
        True
        >>> Forecast.unknown("few_closed").reason
        'few_closed'
    """

    amount: Money | None
    low: Money | None = None
    high: Money | None = None
    aimed_share: float | None = None
    n_won: float | None = None
    chances: Mapping[str, float] = attrs.field(factory=dict, converter=_to_chances)
    left_out: Mapping[str, int] = attrs.field(factory=dict, converter=_to_counts)
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what forecasts nothing, or two things."""
        reason: object = self.reason
        if reason is not None and not isinstance(reason, str):
            _refuse("reason", reason, "it is no text")
        if (self.amount is None) != bool(self.reason):
            fact = "it has either an amount or a reason why there is none"
            _refuse("amount", self.amount, fact)
        for name in ("amount", "low", "high"):
            value: object = getattr(self, name)
            if value is not None and not isinstance(value, Money):
                _refuse(name, value, "it is no Money")
        n_won: object = self.n_won
        if n_won is not None and not (is_number(n_won) and 0 <= n_won <= _MOST_WINS):
            _refuse("n_won", n_won, "it is no number of 0 or more")
        self._check_range()

    def _check_range(self) -> None:
        if (self.low is None) != (self.high is None) or (
            self.low is not None and self.amount is None
        ):
            _refuse("low", self.low, "a range has two ends, and an amount")
        amounts = [one for one in (self.amount, self.low, self.high) if one is not None]
        if len({one.currency for one in amounts}) > 1:
            _refuse("low", self.low, "it is in another currency than the amount, or the high end")
        if self.low is not None and self.high is not None and self.high < self.low:
            _refuse("high", self.high, "it is below the low end of the range")
        if (self.low is None) != (self.aimed_share is None):
            _refuse("aimed_share", self.aimed_share, "it is the share that a range is to hold")
        if self.low is not None and (not _is_share(self.aimed_share) or self.aimed_share in (0, 1)):
            _refuse("aimed_share", self.aimed_share, "it is no share above 0 and below 1")

    @classmethod
    def unknown(cls, reason: str) -> Self:
        """The answer of a method that cannot tell, and why."""
        return cls(amount=None, reason=reason)


@attrs.frozen
class Won:
    """What was won in a span.

    Attributes:
        total: the amounts together.
        n_won: how many deals.
        left_out: why some of them are not in the total, or in no period, and how many.
    """

    total: Money
    n_won: int
    left_out: Mapping[str, int]


@attrs.frozen
class Typical:
    """What was won in the spans before, on average.

    Attributes:
        amount: the mean of the totals.
        n_won: the mean number of deals.
        left_out: why wins of all these windows are not in it, and how many.
    """

    amount: Money
    n_won: float
    left_out: Mapping[str, int]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Question:
    """What is to be won in a window, told by what was known when it began?

    Attributes:
        deals: the deals as they stood just before the window, closed ones too.
        period: the window.
        target: what is forecast of it.
        currency: that of all amounts.
        rates: what converts amounts, if the deals are in several currencies.
    """

    deals: tuple[Deal, ...]
    period: Period
    target: Target
    currency: str
    rates: Rates | None
    _found: dict[tuple[Period, Part], Won] = attrs.field(factory=dict, init=False)
    # Several methods ask for the same past.

    @property
    def as_of(self) -> datetime:
        """The instant of the question: the start of the window, in its zone."""
        return self.period.start.astimezone(get_zone(self.period.zone))

    @property
    def horizon_days(self) -> float:
        """How long the window is, in days."""
        return (self.period.end - self.period.start) / timedelta(days=1)

    @cached_property
    def open_deals(self) -> tuple[Deal, ...]:
        """The deals that are open."""
        return tuple(deal for deal in self.deals if deal.outcome == "open")

    def amount_of(self, deal: Deal) -> Money | None:
        """What an open deal is worth, in the currency of the question; None if that is unknown."""
        if deal.amount is None or self.rates is None:
            return deal.amount
        return self.rates.convert(deal.amount, on=self.rates.day_of(self.as_of))

    def expected(self, chances: Mapping[str, float]) -> Money:
        """Σ amount × chance of open deals, each rounded to the minor unit; others add nothing."""
        total = Money.zero(self.currency)
        for deal in self.open_deals:
            amount, chance = self.amount_of(deal), chances.get(deal.id)
            if amount is not None and chance is not None:
                total += weighted(amount, chance)
        return total

    def won_in(self, period: Period, part: Part | None = None) -> Won:
        """What was won in an earlier period, as far as it was known?

        Args:
            period: the period; over when the window begins.
            part: of which deals; those of the target unless given.

        Raises:
            OptionError: for a later period, and for a part that there is not.
        """
        key = period, part or self.target
        check_choice("part", key[1], get_args(Part))
        if period.end > self.period.start:
            msg = f"cannot tell what was won in {period}: it was not over at {self.as_of}"
            hint = "ask for an earlier one, such as question.period.previous()."
            raise OptionError(msg, hint=hint, parameter="period", value=period)
        if key not in self._found:
            self._found[key] = won_in(self, *key)
        return self._found[key]

    @cached_property
    def past(self) -> tuple[Period, ...]:
        """The windows before: equally long, the last first, of a year at most, all in the history.

        There is one at least, if the history reaches back that far.
        """
        found: list[Period] = []
        window = self.period.previous()
        year = self.period.start - _A_YEAR
        while self._reaches(window) and (not found or year <= window.start):
            found.append(window)
            window = window.previous()
        return tuple(found)

    def _reaches(self, window: Period) -> bool:
        """Whether any deal is known to have begun, or closed, by the start of a window."""
        return any(
            first is not None and first <= start
            for first, start in zip(self._firsts, (window.start, window.wall_start), strict=True)
        )

    @cached_property
    def _firsts(self) -> tuple[datetime | None, datetime | None]:
        """The first instant that is known of any deal, and the first day."""
        moments = [
            *((deal.created_at, deal.created_precision) for deal in self.deals),
            *((deal.closed_at, deal.closed_precision) for deal in self.deals),
        ]
        instants, days = (
            [at for at, precision in moments if at is not None and precision == kind]
            for kind in ("instant", "day")
        )
        return min(instants, default=None), min(days, default=None)

    def typical(self, *parts: Part) -> Typical | None:
        """What was won in the windows before, on average? None if the history holds none.

        Args:
            *parts: of which deals; those of the target unless given.
        """
        if not self.past:
            return None
        asked = parts or (self.target,)
        found = [self.won_in(period, part) for period in self.past for part in asked]
        total, n = sum((one.total for one in found), Money.zero(self.currency)), len(self.past)
        left_out: Counter[str] = Counter()
        for one in found:
            left_out.update({f"past_{reason}": count for reason, count in one.left_out.items()})
        return Typical((total / n).round(), sum(one.n_won for one in found) / n, left_out)

    def __repr__(self) -> str:
        return f"<Question of {self.period}: {len(self.deals)} deals>"


def weighted(amount: Money, chance: float) -> Money:
    """Amount × chance, which counts in steps of a millionth, rounded to the minor unit."""
    return (amount * round(chance * _MILLIONTH) / _MILLIONTH).round()


def just_before(instant: datetime, zone: str) -> datetime:
    """The last moment before an instant, in a zone."""
    return (instant - _TICK).astimezone(get_zone(zone))


def won_in(known: Question, period: Period, part: Part) -> Won:
    """What was won in a period, by deals as they are known."""
    size = average_deal_size(
        _won(known.deals, period, part),
        period=period,
        rates=known.rates,
        currency=known.currency,
    )
    return Won(size.total, size.n_priced + size.n_unpriced, size.left_out)


def _won(deals: Sequence[Deal], period: Period, part: Part) -> list[Deal]:
    """The won deals of a part."""
    won = [deal for deal in deals if deal.outcome == "won" and _is_closed_in(deal, period)]
    if part == "all":
        return won
    cut = Cut(just_before(period.start, period.zone))
    return [deal for deal in won if _part_of(as_of_itself(deal, cut)) == part]


def _part_of(old: Deal | None) -> Part:
    """The part of a deal that was this when the period began."""
    if old is None:
        return "new"
    return "open" if old.outcome == "open" else "reopened"


def _is_closed_in(deal: Deal, period: Period) -> bool:
    """Whether it was closed in a period, or nobody knows when: the metric counts those."""
    at = deal.closed_at
    return at is None or (at if deal.closed_precision == "instant" else at.date()) in period
