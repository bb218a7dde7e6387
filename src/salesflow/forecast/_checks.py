"""Methods are asked for each window, and their answers compared with what happened."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NoReturn

import attrs

from salesflow.errors import OptionError, shown
from salesflow.facts.columns import read_deals
from salesflow.forecast.methods import Method
from salesflow.forecast.questions import Forecast, Question, Target, Won, just_before, won_in
from salesflow.models import Deal
from salesflow.money import Money, Rates
from salesflow.periods import Period


@attrs.frozen
class Checked:
    """One forecast, what happened, and what became of each deal with a chance."""

    period: Period
    forecast: Forecast
    actual: Won
    chances: tuple[tuple[float, bool], ...]
    """Of each, the chance, and whether the deal was won."""
    left_out: Mapping[str, int]

    @property
    def error(self) -> Money | None:
        """The amount less what was won; None without an amount."""
        amount = self.forecast.amount
        return None if amount is None else amount - self.actual.total

    @property
    def is_covered(self) -> bool | None:
        """Whether the range held what was won; None without one."""
        low, high = self.forecast.low, self.forecast.high
        return None if low is None or high is None else low <= self.actual.total <= high


@attrs.frozen(kw_only=True)
class Setting:
    """What all windows of a backtest share."""

    deals: Sequence[Deal]
    target: Target
    currency: str
    rates: Rates | None

    def checks(
        self, window: Period, methods: Mapping[str, Method]
    ) -> Iterator[tuple[str, Checked]]:
        """What each method says of a window, and what happened in it."""
        before = self._known_at(window.start, window)
        after = self._known_at(window.end, window)
        actual = won_in(after, window, self.target)
        ends = {deal.id: deal.outcome == "won" for deal in after.deals}
        for name, method in methods.items():
            forecast: object = _asked(name, method, before)
            if not isinstance(forecast, Forecast):
                _refuse(name, forecast, "it is no Forecast")
            self._check(name, forecast, before)
            yield name, _checked(window, forecast, actual, ends)

    def _known_at(self, instant: datetime, window: Period) -> Question:
        deals = read_deals(self.deals, just_before(instant, window.zone))
        return Question(
            deals=tuple(deals),
            period=window,
            target=self.target,
            currency=self.currency,
            rates=self.rates,
        )

    def _check(self, name: str, forecast: Forecast, question: Question) -> None:
        for amount in (forecast.amount, forecast.low, forecast.high):
            if amount is not None and amount.currency != self.currency:
                _refuse(name, amount, f"the deals are in {self.currency}")
        are_open = {deal.id for deal in question.open_deals}
        stranger = next((one for one in forecast.chances if one not in are_open), None)
        if stranger is not None:
            _refuse(name, stranger, "it has the chance of a deal that is not open")


def _asked(name: str, method: Method, question: Question) -> object:
    try:
        return method(question)
    except Exception as error:
        error.add_note(f"Method '{name}' was asked for {question.period}.")
        raise


def _checked(window: Period, forecast: Forecast, actual: Won, ends: Mapping[str, bool]) -> Checked:
    pairs = [
        (chance, ends[identity])
        for identity, chance in forecast.chances.items()
        if identity in ends
    ]
    n_merged = len(forecast.chances) - len(pairs)
    left_out = {
        **forecast.left_out,
        **({"merged": n_merged} if n_merged else {}),
        **won_left_out(actual),
    }
    return Checked(window, forecast, actual, tuple(pairs), left_out)


def won_left_out(won: Won) -> dict[str, int]:
    """Why wins are in no amount, and how many."""
    return {f"won_{reason}": n for reason, n in won.left_out.items()}


def _refuse(name: str, value: object, fact: str) -> NoReturn:
    msg = f"cannot take {shown(value)} of method '{name}': {fact}"
    hint = "a method gives a Forecast, with chances of question.open_deals, by their ids."
    raise OptionError(msg, hint=hint, parameter="methods", value=value)
