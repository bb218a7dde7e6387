"""From forecasts and what happened to how wrong each method has been. It needs numpy."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import permutations
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.forecast._checks import Checked, won_left_out
from salesflow.forecast._paired import sign_flip_p
from salesflow.forecast.backtest_results import (
    Backtest,
    Calibration,
    CalibrationBin,
    CheckedForecast,
    Forecasts,
    MethodScore,
    PairedTest,
)
from salesflow.forecast.questions import Target
from salesflow.metrics import Rate
from salesflow.metrics._statistics import ratio, wilson
from salesflow.money import Money

if TYPE_CHECKING:
    from salesflow.periods import Period

_LEVEL = 0.05
"""How often chance alone may name a method the better one."""
Pair = tuple[float, bool]
"""A chance, and whether the deal was won."""

_UNDATED = "won_no_closed_at"
_EDGES = tuple(n / 10 for n in range(11))


@attrs.frozen
class Scored:
    """What all methods said of the same windows, in one order."""

    checked: Mapping[str, Sequence[Checked]]
    as_of: datetime
    currency: str
    n_not_over: int
    """The windows that were not over."""

    def backtest(self, target: Target, horizon_days: int) -> Backtest:
        """How wrong each method has been."""
        names = [*self.checked]
        return Backtest(
            ("method",),
            {name: self.score(name) for name in names},
            target=target,
            horizon_days=horizon_days,
            forecasts=self.forecasts(),
            tests={pair: self.test(*pair) for pair in permutations(names, 2)},
            calibrations={name: self.calibration(name) for name in names},
            left_out=self._left_out(names),
            **self._about,
        )

    def score(self, name: str) -> MethodScore:
        """How wrong a method has been."""
        checks = self.checked[name]
        known = [(check, check.error) for check in checks if check.error is not None]
        errors = [error for _, error in known if error is not None]
        n = len(errors)
        absolute = self._total(map(abs, errors))
        won = self._total(check.actual.total for check, _ in known)
        wins = [
            check.forecast.n_won - check.actual.n_won
            for check in checks
            if check.forecast.n_won is not None
        ]
        held = [check.is_covered for check in checks if check.is_covered is not None]
        aims = {check.forecast.aimed_share for check in checks if check.is_covered is not None}
        pairs = _pairs(checks)
        return MethodScore(
            n=n,
            bias=self._total(errors) / n if n else None,
            mae=absolute / n if n else None,
            error_share=float(absolute / won) if won.amount else None,
            coverage=Rate(
                ratio(sum(held), len(held)),
                sum(held),
                len(held),
                wilson(sum(held), len(held)),
                **self._about,
            ),
            aimed_share=aims.pop() if len(aims) == 1 else None,
            n_won_bias=_mean(wins),
            n_won_mae=_mean([abs(error) for error in wins]),
            n_chances=len(pairs),
            brier=brier(pairs),
            chance_bias=_mean([chance - won for chance, won in pairs]),
            left_out=self._left_out([name]),
            **self._about,
        )

    def calibration(self, name: str) -> Calibration:
        """What became of deals, by the chance that a method gave them."""
        pairs = _pairs(self.checked[name])
        bins: list[list[Pair]] = [[] for _ in _EDGES[1:]]
        for pair in pairs:
            bins[min(bisect_right(_EDGES, pair[0]), len(bins)) - 1].append(pair)
        return Calibration(
            ("from_probability",),
            {low: self._bin(found) for low, found in zip(_EDGES[:-1], bins, strict=True)},
            method=name,
            whole=self._bin(pairs),
            brier=brier(pairs),
            **self._about,
        )

    def test(self, one: str, other: str) -> PairedTest:
        """Whether one method errs less than another."""
        differences: list[Money] = []
        over: datetime | None = None
        for mine, theirs in zip(self.checked[one], self.checked[other], strict=True):
            is_apart = over is None or over <= mine.period.start
            if is_apart and mine.error is not None and theirs.error is not None:
                differences.append(abs(mine.error) - abs(theirs.error))
                over = mine.period.end
        p_value = sign_flip_p([float(difference.amount) for difference in differences])
        if p_value is None:
            return PairedTest(one, other, 0, None, None, None, **self._about)
        mean = self._total(differences) / len(differences)
        first = one if mean.amount < 0 else other
        better = first if mean.amount and p_value <= _LEVEL else None
        return PairedTest(one, other, len(differences), mean, p_value, better, **self._about)

    def forecasts(self) -> Forecasts:
        """Every forecast with what happened."""
        found = {
            (check.period, name): self._result(check)
            for checks in zip(*self.checked.values(), strict=True)
            for name, check in zip(self.checked, checks, strict=True)
        }
        blank = CheckedForecast(
            None, None, None, Money.zero(self.currency), None, None, None, 0, None, **self._about
        )
        return Forecasts(("period", "method"), found, has_tuples=True, blank=blank, **self._about)

    @property
    def _about(self) -> dict[str, Any]:
        return {"as_of": self.as_of, "currency": self.currency}

    def _left_out(self, names: Sequence[str]) -> dict[str, int]:
        """How many windows any of some methods could not forecast, by the reason.

        And how many wins of all windows have no amount.
        """
        windows: dict[str, set[Period]] = {}
        for name in names:
            for check in self.checked[name]:
                if check.forecast.reason is not None:
                    windows.setdefault(check.forecast.reason, set()).add(check.period)
        not_over = {"horizon_not_over": self.n_not_over} if self.n_not_over else {}
        wins: Counter[str] = Counter()
        for check in self.checked[names[0]]:
            found = won_left_out(check.actual)
            # A win that nobody knows the day of is in no window, and missing from each.
            undated = found.pop(_UNDATED, 0)
            wins.update(found)
            wins |= Counter({_UNDATED: undated})
        return {**not_over, **{reason: len(found) for reason, found in windows.items()}, **wins}

    def _result(self, check: Checked) -> CheckedForecast:
        forecast = check.forecast
        return CheckedForecast(
            forecast.amount,
            forecast.low,
            forecast.high,
            check.actual.total,
            check.error,
            check.is_covered,
            forecast.n_won,
            check.actual.n_won,
            forecast.reason,
            left_out=check.left_out,
            **self._about,
        )

    def _bin(self, pairs: Sequence[Pair]) -> CalibrationBin:
        n, n_won = len(pairs), sum(won for _, won in pairs)
        mean = _mean([chance for chance, _ in pairs])
        return CalibrationBin(n, n_won, mean, ratio(n_won, n), wilson(n_won, n), **self._about)

    def _total(self, amounts: Iterable[Money]) -> Money:
        return sum(amounts, Money.zero(self.currency))


def brier(pairs: Sequence[Pair]) -> float | None:
    """The mean squared difference of a chance and what happened; None without one.

    References:
        G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather
        Review 78 (1950); here half of his, of one outcome instead of two.
    """
    return _mean([(chance - won) ** 2 for chance, won in pairs])


def _pairs(checks: Iterable[Checked]) -> list[Pair]:
    return [pair for check in checks for pair in check.chances]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
