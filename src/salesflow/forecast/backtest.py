"""`backtest`: how wrong forecasts have been, and which method to trust."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NoReturn, get_args

from salesflow.errors import MixedCurrencyError, OptionError, PeriodError, shown
from salesflow.facts.data import check_deals
from salesflow.forecast._checks import Checked, Setting
from salesflow.forecast._extra import require_numpy
from salesflow.forecast._numbers import is_whole
from salesflow.forecast.backtest_results import Backtest
from salesflow.forecast.methods import BUILT_IN, Method, to_methods
from salesflow.forecast.questions import Target
from salesflow.metrics.options import check_choice
from salesflow.models import Deal
from salesflow.money import XXX, Rates
from salesflow.periods import Calendar, Period, get_zone, require_aware

_METHODS = tuple(BUILT_IN)
_MAX_DAYS = 3_659  # an hour more, where clocks change, is still within what a model looks ahead


def backtest(
    deals: Iterable[Deal],
    days: Iterable[date],
    horizon: int,
    *,
    as_of: datetime,
    methods: Sequence[str | Method] = _METHODS,
    target: Target = "all",
    rates: Rates | None = None,
    zone: str = "UTC",
) -> Backtest:
    """How wrong would our forecasts have been, and which method can be trusted?

    **Definition**: from each day on, a window of ``horizon`` days. Each method forecasts what is
    won in it from the deals as they were just before it began, and sees nothing later. What
    happened is what was won by the end of the window, as the deals were then: the amounts of
    the deals won in it, whenever they were created, or of those that had been open when it began,
    if the target is ``open``. All methods forecast the same target; see
    `salesflow.forecast.methods`.

    The error of a forecast is its amount less what was won. A chance is compared with whether the
    deal was won in the window; of a deal merged into another by then nobody can say, and it is left
    out. Which method to trust: see `Backtest.best` and `Backtest.compare`.

    Args:
        deals: the deals as they stand, closed and open.
        days: the days that forecasts are made on, each once; a date begins at midnight. [dates, or
            aware datetimes]
        horizon: how long each window is. [1 to 3,660 days, by the calendar of the zone]
        as_of: the instant that the deals were taken at. A window that is not over by then is left
            out, and counted as ``horizon_not_over``. [aware datetime]
        methods: names of methods, and methods of your own; all built-in ones unless given.
        target: ``all`` that is won, or what is won of the deals ``open`` at the start.
        rates: exchange rates: of what was won, those of the closing day; of open deals, of the day
            of the forecast.
        zone: where days begin.

    Returns:
        A `Backtest`: a `MethodScore` for each method, with what each left out: windows, by the
        reason. Without any window all is None, and so is ``best``.

    Raises:
        OptionError: for an option with a value that it does not take, a method that is unknown or
            named twice, a day that is there twice; for a method that gives no `Forecast`, one in
            another currency, or the chance of a deal that is not open.
        MixedCurrencyError: if the amounts are in several currencies, and there are no rates.
        NaiveDatetimeError: for an instant without a zone.
        PeriodError: for days at the ends of the calendar.
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice, or beside one of its aliases.
        MissingExtraError: without numpy, which the extra ``forecast`` brings.

    Example:
        >>> from salesflow import datasets
        >>> data = datasets.make_deals(500, seed=5)
        >>> days = [date(2025, month, 1) for month in range(1, 13)]
        >>> methods = ["learned", "stage_weights"]
        >>> found = backtest(data.deals, days, 30, as_of=data.as_of, methods=methods)
        >>> found.best, found["learned"].mae < found["stage_weights"].mae
        ('learned', True)
    """
    require_numpy("backtest forecasts")
    from salesflow.forecast._scores import Scored

    named = to_methods(methods)
    check_choice("target", target, get_args(Target))
    require_aware(as_of, "as_of")
    given: object = rates
    if given is not None and not isinstance(given, Rates):
        msg = f"cannot take rates={shown(rates)}: it is no Rates"
        hint = "give Rates(base, table)."
        raise OptionError(msg, hint=hint, parameter="rates", value=rates)
    windows = _windows(days, _days(horizon), Calendar(zone))
    known = check_deals(deals)
    setting = Setting(deals=known, target=target, currency=_currency(known, rates), rates=rates)
    over = [window for window in windows if window.end <= as_of]
    checked: dict[str, list[Checked]] = {name: [] for name in named}
    for window in over:
        for name, check in setting.checks(window, named):
            checked[name].append(check)
    scored = Scored(checked, as_of, setting.currency, len(windows) - len(over))
    return scored.backtest(target, horizon)


def _days(horizon: object) -> int:
    if not is_whole(horizon) or not 1 <= horizon <= _MAX_DAYS:
        msg = f"cannot forecast {shown(horizon)} days"
        hint = f"give a whole number, 1 to {_MAX_DAYS:,}."
        raise OptionError(msg, hint=hint, parameter="horizon", value=horizon)
    return horizon


def _windows(days: object, horizon: int, calendar: Calendar) -> list[Period]:
    """The windows, in the order of their days."""
    if not isinstance(days, Iterable):
        _refuse_day(days, "it is no list of them")
    windows = sorted((_window(day, horizon, calendar) for day in days), key=lambda one: one.start)
    for one, other in pairwise(windows):
        if one.start == other.start:
            _refuse_day(one.start, "it is there twice")
    return windows


def _window(day: object, horizon: int, calendar: Calendar) -> Period:
    if not isinstance(day, date):
        _refuse_day(day, "it is no date and no datetime")
    try:
        first = day
        if isinstance(day, datetime):
            first = require_aware(day, "days").astimezone(get_zone(calendar.zone))
        return calendar.between(first, first + timedelta(days=horizon))
    except OverflowError:
        msg = f"cannot forecast {horizon} days from {shown(day)}: it would leave years 1 to 9999"
        raise PeriodError(msg, value=day) from None


def _refuse_day(value: object, fact: str) -> NoReturn:
    msg = f"cannot take {shown(value)} for days: {fact}"
    hint = "give dates, or aware datetimes, each once: [date(2025, 1, 1), date(2025, 4, 1)]."
    raise OptionError(msg, hint=hint, parameter="days", value=value)


def _currency(deals: Iterable[Deal], rates: Rates | None) -> str:
    """The currency of all amounts.

    Raises:
        MixedCurrencyError: if there are several.
    """
    if rates is not None:
        return rates.base
    found = sorted({deal.amount.currency for deal in deals if deal.amount is not None})
    if len(found) > 1:
        msg = f"cannot add amounts in {' and '.join(found)}: they are several currencies"
        hint = "give rates=Rates(…), or the deals of one currency."
        raise MixedCurrencyError(msg, hint=hint, currencies=tuple(found))
    return found[0] if found else XXX
