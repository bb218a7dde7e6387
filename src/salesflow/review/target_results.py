"""The results of `attainment`: how far each target is met."""

from typing import Any

import attrs

from salesflow.metrics._numbers import Amount, difference_text, number_text
from salesflow.metrics.results import Result
from salesflow.money import Money
from salesflow.periods import Period
from salesflow.review._parted import Parted


@attrs.frozen
class Attainment(Result):
    """A target, what it came to, and what it came to before.

    Attributes:
        target: what is aimed at; None of a group that was given none.
        actual: what it came to, up to ``as_of``; None where it is undefined.
        gap: actual - target; None where either is unknown.
        is_met: whether the actual is the target or beyond it; None where either is unknown.
        interval: of a rate of counts, its 95 % Wilson score interval; else None.
        is_significant: whether that interval leaves the target out, so that luck alone hardly
            explains the gap; None without an interval or a target.
        elapsed_share: how much of the period has passed at ``as_of``, by time. [0 to 1]
        previous: what it came to in the periods before, each as a whole; the last one first.
        period: the period of the target.
        number: what the number is called: ``value`` of a rate, ``mean``, ``days`` …
        by: what it is grouped by; None of all.
    """

    target: Amount
    actual: Amount
    gap: Amount
    is_met: bool | None
    interval: tuple[float, float] | None
    is_significant: bool | None
    elapsed_share: float
    previous: tuple[Amount, ...]
    period: Period
    number: str
    by: str | None

    def to_dict(self) -> dict[str, Any]:
        """Its values by name; each period before is one of its own: previous_1, previous_2 …."""
        found: dict[str, Any] = {}
        for name, value in super().to_dict().items():
            if name == "previous":
                found |= {f"previous_{n}": amount for n, amount in enumerate(value, 1)}
            else:
                found[name] = value
        return found

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it, as text: its rows hold numbers of several kinds."""
        trend = [number_text(self.number, amount) for amount in reversed(self.previous)]
        return {
            "period": str(self.period),
            "target": self._text(self.target),
            "actual": self._text(self.actual),
            "gap": self._gap_text(),
            "is_met": self.is_met,
            "interval": self.interval,
            "is_significant": self.is_significant,
            "elapsed_share": self.elapsed_share,
            "previous": ", ".join(trend) or None,
        }

    def _text(self, amount: Amount) -> str | None:
        return None if amount is None else number_text(self.number, amount)

    def _gap_text(self) -> str | None:
        if self.gap is None:
            return None
        is_below = (self.gap.amount if isinstance(self.gap, Money) else self.gap) < 0
        text = difference_text(self.number, -self.gap if is_below else self.gap)
        return f"{'-' if is_below else '+'}{text}"


@attrs.frozen(eq=False, repr=False)
class Attainments(Parted[Attainment]):
    """An `Attainment` for each target, by ``(name, group)``; the group is None of a whole."""

    @property
    def missed(self) -> tuple[tuple[str, Any], ...]:
        """The targets that are not met."""
        return tuple(key for key, found in self.items() if found.is_met is False)
