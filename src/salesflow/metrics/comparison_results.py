"""What `compare` gives: two results, how much they differ, and whether that may be luck."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic

import attrs

from salesflow.metrics._numbers import Amount, kind_of_number
from salesflow.metrics.results import Breakdown, R, Result
from salesflow.periods import Period

Change = Amount
"""How much more it is; None where either side is unknown, or they are of two currencies."""


@attrs.frozen(eq=False, repr=False)
class Changes(Mapping[str, Change]):
    """How much each number changed, by its name; those of nested results are ``outer.inner``."""

    _values: Mapping[str, Change]

    def __getitem__(self, key: str) -> Change:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(dict(self._values))


@attrs.frozen
class TwoSides(Result):
    """What all comparisons say of their two sides."""

    side_names: ClassVar[tuple[str, str]]

    change: Changes
    interval: tuple[float, float] | None
    is_significant: bool | None
    sentence: str

    def _sides(self) -> tuple[Result | None, Result | None]:
        one, other = (getattr(self, name) for name in self.side_names)
        return one, other

    def to_dict(self) -> dict[str, Any]:
        """Its values by name: those of the results begin with the name of their side."""
        shown = super().to_dict()
        del shown["change"]
        for side, other in (self.side_names, self.side_names[::-1]):
            if shown.pop(side, self) is None:
                prefix = f"{other}."
                names = [name for name in shown if name.startswith(prefix)]
                shown |= {f"{side}.{name.removeprefix(prefix)}": None for name in names}
        ordered = sorted(shown, key=self._place)
        return {name: shown[name] for name in ordered} | {
            f"change.{name}": value for name, value in self.change.items()
        }

    def _place(self, name: str) -> bool:
        # Those of the results come first, though what all comparisons say is of the base class.
        return name.partition(".")[0] not in self.side_names

    def summary_row(self) -> dict[str, Any]:
        """What a table shows of it: its value, or the numbers that are not nested."""
        names = ["value"] if "value" in self.change else [n for n in self.change if "." not in n]
        one, other = self._sides()
        known = one or other
        row: dict[str, Any] = {}
        for name in names:
            label = kind_of_number(name, known)
            for side in self.side_names:
                row[f"{side}.{label}"] = getattr(getattr(self, side), name, None)
            row[f"change.{label}"] = self.change[name]
        return {**row, "interval": self.interval} if hasattr(known, "interval") else row

    def _shown_notes(self) -> list[str]:
        return [self.sentence, *super()._shown_notes()]


@attrs.frozen
class Comparison(TwoSides, Generic[R]):
    """A result, that of the period before, and what changed.

    Attributes:
        current: the result in the period; None of a group that is not there.
        previous: the result in the period before; None of a group that was not there.
        change: current - previous, of each number; None where either is unknown.
        interval: of a rate of counts, the result itself or what speaks for it, the 95 % interval of
            the difference; else None.
        is_significant: whether that interval leaves out 0; None without one.
        sentence: what that comes to, in words, of the number that speaks for the result.
        period: the period, up to ``as_of``.
        previous_period: the one before, equally far.
    """

    side_names: ClassVar[tuple[str, str]] = ("current", "previous")

    current: R | None
    previous: R | None
    period: Period
    previous_period: Period


@attrs.frozen
class Contrast(TwoSides, Generic[R]):
    """The results of two groups, or by two definitions, and how they differ.

    Attributes:
        one: the result of the one.
        other: that of the other; either is None where there is no such group.
        change: one - other, of each number; None where either is unknown.
        interval: of rates of counts, the results themselves or what speaks for them, the 95 %
            interval of the difference; else None.
        is_significant: whether that interval leaves out 0; None without one.
        sentence: what that comes to, in words, of the number that speaks for the result.
        one_is: what sets the one apart, in words.
        other_is: what sets the other apart.
    """

    side_names: ClassVar[tuple[str, str]] = ("one", "other")

    one: R | None
    other: R | None
    one_is: str
    other_is: str


Compared = Comparison[Any] | Contrast[Any] | Breakdown[Any]
"""What a comparison gives: one, or one for each group."""
