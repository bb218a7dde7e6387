"""What a backtest gives: scores by method, which to trust, and what became of each forecast."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.forecast.questions import Target
from salesflow.metrics import Breakdown, Rate, Result
from salesflow.metrics._display import Share
from salesflow.money import Money

LEAST_WINDOWS = 6
"""With fewer, all signs agree by chance too often: in 2 of 32 cases with five."""


@attrs.frozen
class MethodScore(Result):
    """How wrong a method has been.

    Attributes:
        n: the windows that it forecast.
        bias: the mean of forecast - actual; above 0, it promised too much. None without a forecast.
        mae: the mean absolute error, the mean of the same without its sign.
        error_share: the absolute errors ÷ what was won, together; None where nothing was.
        coverage: the share of its ranges that held what was won; their aim is ``aimed_share``. Its
            interval is too narrow if windows overlap.
        aimed_share: the share that the ranges were meant to hold; None without ranges, and where
            they differ.
        n_won_bias: the mean of forecast - actual number of wins; None without one.
        n_won_mae: its mean absolute error.
        n_chances: the chances that it gave to open deals, in all windows.
        brier: the mean squared difference of a chance and 1 if the deal was won, 0 if not: 0 is
            best. None without chances.
        chance_bias: the mean chance less the share that was won; above 0, it was too hopeful.
    """

    n: int
    bias: Money | None
    mae: Money | None
    error_share: float | None
    coverage: Rate
    aimed_share: float | None
    n_won_bias: float | None
    n_won_mae: float | None
    n_chances: int
    brier: float | None
    chance_bias: float | None

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it."""
        names = ("n", "mae", "error_share", "bias")
        ranges = self.coverage
        return {
            **{name: getattr(self, name) for name in names},
            "coverage": Share(ranges.value, ranges.numerator, ranges.denominator),
            "brier": self.brier,
            "chance_bias": self.chance_bias,
        }


@attrs.frozen
class CheckedForecast(Result):
    """One forecast, and what happened.

    Attributes:
        amount: the revenue that was expected; None where the method could not tell.
        low: the low end of its range; None without one.
        high: the high end.
        actual: what was won.
        error: amount - actual.
        is_covered: whether the range held it; None without one.
        n_won: how many wins were expected; None where the method did not say.
        actual_n_won: how many there were.
        reason: why there is no forecast; None if there is one.
    """

    amount: Money | None
    low: Money | None
    high: Money | None
    actual: Money
    error: Money | None
    is_covered: bool | None
    n_won: float | None
    actual_n_won: int
    reason: str | None


@attrs.frozen
class CalibrationBin(Result):
    """What became of the deals that were given about the same chance.

    Attributes:
        n: the chances in it.
        n_won: the deals of them that were won.
        mean_probability: the mean of the chances; None without one.
        won_share: n_won ÷ n; None without one.
        interval: the 95 % Wilson score interval of won_share, as if chances were of different
            deals; None without one.
    """

    n: int
    n_won: int
    mean_probability: float | None
    won_share: float | None
    interval: tuple[float, float] | None


@attrs.frozen(eq=False, repr=False)
class Calibration(Breakdown[CalibrationBin]):
    """What became of deals, by the chance they were given: a bin from each key to the next.

    Attributes:
        method: what gave the chances.
        whole: all of them together: calibration in the large.
        brier: their Brier score; None without a chance.
    """

    method: str = attrs.field(kw_only=True)
    whole: CalibrationBin = attrs.field(kw_only=True)
    brier: float | None = attrs.field(kw_only=True)


@attrs.frozen
class PairedTest(Result):
    """Whether one method errs less than another.

    Attributes:
        one: a method.
        other: another one.
        n: the windows that both forecast and that do not overlap: those that are compared.
        difference: the mean absolute error of the one less that of the other, over these; None
            without any.
        p_value: how often chance alone makes a difference as large; None without a window.
        better: the one that errs less, by more than chance explains; None if none can be told.
    """

    one: str
    other: str
    n: int
    difference: Money | None
    p_value: float | None
    better: str | None


@attrs.frozen(eq=False, repr=False)
class Backtest(Breakdown[MethodScore]):
    """How wrong each method has been, by its name.

    Attributes:
        target: what was forecast.
        horizon_days: how long each window is. [days]
        forecasts: every forecast with what happened, by window and method.
    """

    target: Target = attrs.field(kw_only=True)
    horizon_days: int = attrs.field(kw_only=True)
    forecasts: Breakdown[CheckedForecast] = attrs.field(kw_only=True)
    _tests: Mapping[tuple[str, str], PairedTest] = attrs.field(kw_only=True)
    _calibrations: Mapping[str, Calibration] = attrs.field(kw_only=True)

    @property
    def best(self) -> str | None:
        """The method to trust; None if none can be told.

        **Definition**: the first of `contenders`, if it is better than each other one that has
        forecast anything, and there is one; see `compare`.
        """
        found = self.contenders
        return found[0] if len(found) == 1 and len(self._ranked) > 1 else None

    @property
    def contenders(self) -> tuple[str, ...]:
        """The method that erred least, and those of which it cannot be told to be better.

        The first is, of those that no other one is better than, the one with the least mean
        absolute error; as methods that are silent where it is hard err less. Those that erred less
        stand first. Methods that have forecast nothing are not among them.
        """
        ranked = self._ranked
        if not ranked:
            return ()
        first = next((one for one in ranked if not self._is_beaten(one, ranked)), ranked[0])
        others = (one for one in ranked if one != first)
        return first, *(one for one in others if self.compare(first, one).better != first)

    def _is_beaten(self, one: str, others: Sequence[str]) -> bool:
        return any(self.compare(one, other).better == other for other in others if other != one)

    @property
    def sentence(self) -> str:
        """Which method to trust, in words."""
        if self._lacks_amounts:
            return "There is nothing to compare: no deal that was won has an amount."
        if not self._ranked:
            return "There is nothing to trust: no method has forecast anything."
        first, *rivals = self.contenders
        if len(self._ranked) == 1:
            return f"There is nothing to compare {first} with: it was {self._errs(first)}."
        worse = [name for name in self._ranked if name not in (first, *rivals)]
        others = f" {_and(worse)} erred more, and not by chance." if worse else ""
        if not rivals:
            return f"Trust {first}: it was {self._errs(first)}.{others}"
        listed = _and([f"{name} was {self._errs(name)}" for name in (first, *rivals)])
        why = self._why(first, rivals)
        return f"The data cannot tell which to trust: {listed}, and {why}.{others}"

    def _why(self, first: str, rivals: Sequence[str]) -> str:
        """Why nobody can tell some methods apart."""
        n = max(self.compare(first, one).n for one in rivals)
        if n >= LEAST_WINDOWS:
            return "chance may explain the difference"
        return f"it takes {LEAST_WINDOWS} windows that do not overlap to tell: there are {n}"

    @property
    def _lacks_amounts(self) -> bool:
        """Whether deals were won, but none with an amount."""
        checks = self.forecasts.values()
        return any(check.actual_n_won for check in checks) and not any(
            check.actual.amount for check in checks
        )

    @property
    def _ranked(self) -> list[str]:
        """The methods that have forecast anything, those that erred less first."""
        if self._lacks_amounts:
            return []
        return sorted((name for name in self if self[name].n), key=self._mae)

    def compare(self, one: str, other: str) -> PairedTest:
        """Does one method err less than another?

        **Definition**: over the windows that both forecast, of which those are left out that begin
        before the last one counted is over, the mean difference of their absolute errors; and
        Fisher's randomization test, which takes the sign of each difference as given by chance.
        The better one is named if chance alone made so large a difference in at most 5 % of cases.

        Args:
            one: a method.
            other: another one.

        Raises:
            OptionError: for a method that the backtest does not have, and for one beside itself.
        """
        for parameter, name in (("one", one), ("other", other)):
            self._check(parameter, name)
        if one == other:
            msg = f"cannot compare {shown(one)} with itself"
            raise OptionError(msg, hint="give another method.", parameter="other", value=other)
        return self._tests[one, other]

    def calibration(self, method: str) -> Calibration:
        """How often were deals won that the method gave about the same chance?

        **Definition**: the chances of all windows, in ten bins of equal width, each from its key
        up to the next (the last up to 1): their mean, and the share that was won in the window. A
        deal that is open in several windows counts in each.

        Raises:
            OptionError: for a method that the backtest does not have.
        """
        self._check("method", method)
        return self._calibrations[method]

    def _check(self, parameter: str, name: str) -> None:
        if not isinstance(name, str) or name not in self:
            msg = f"cannot find method {shown(name)}: the backtest does not have it"
            hint = f"there is {one_of(closest(shown(name), [*self]))}."
            raise OptionError(msg, hint=hint, parameter=parameter, value=name)

    def _errs(self, name: str) -> str:
        n, share = self[name].n, self[name].error_share
        windows = f"{n} window{'' if n == 1 else 's'}"
        of_all = "" if share is None else f"{share:.0%} of what was won, "
        return f"off by {self._mae(name).round()} on average ({of_all}{windows})"

    def _mae(self, name: str) -> Money:
        mae = self[name].mae
        assert mae is not None  # noqa: S101 - it is asked of methods that have one
        return mae

    def _shown_notes(self) -> list[str]:
        return [self.sentence, *super()._shown_notes()]

    def __repr__(self) -> str:
        return f"<Backtest of {', '.join(self)}: {self.sentence}>"


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


@attrs.frozen(eq=False, repr=False)
class Forecasts(Breakdown[CheckedForecast]):
    """Forecasts by window and method; the columns are the same without any."""

    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        row, kinds = super()._template()
        return row, {**kinds, "period": "period"}
