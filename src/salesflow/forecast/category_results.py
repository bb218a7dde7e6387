"""What a roll-up gives: a total for each forecast category."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import attrs

from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.metrics import Result
from salesflow.money import Money

Category = Literal["pipeline", "best_case", "most_likely", "commit", "closed", "omitted"]
"""How sure a deal is to be won in its period: the words of a roll-up."""

CATEGORIES: tuple[Category, ...] = get_args(Category)
"""The categories in their order."""

UNCATEGORIZED = "uncategorized"
"""Where open deals are counted that have no category."""

_CUMULATED: tuple[Category, ...] = ("closed", "commit", "most_likely", "best_case", "pipeline")


@attrs.frozen
class CategoryTotal:
    """What the deals of a category add up to.

    Attributes:
        total: their amounts together.
        n_deals: how many there are.
        n_unpriced: how many of them have no amount, or no rate to convert it; total lacks them.
        n_overdue: how many of them are open, and were expected to close before today.
    """

    total: Money
    n_deals: int
    n_unpriced: int
    n_overdue: int


@attrs.frozen
class Rollup(Result):
    """What is expected of a period, by category.

    Attributes:
        total: all categories together.
        categories: each one's `CategoryTotal` by its name: the six, in their order, then those that
            only this data has, then ``uncategorized``.
    """

    total: CategoryTotal
    categories: Mapping[str, CategoryTotal]

    def __getitem__(self, category: str) -> CategoryTotal:
        """What a category adds up to.

        Raises:
            OptionError: for one that it does not have.
        """
        if not isinstance(category, str) or category not in self.categories:
            msg = f"cannot find category {shown(category)}: the roll-up does not have it"
            hint = f"there is {one_of(closest(category, self.categories))}."
            raise OptionError(msg, hint=hint, parameter="category", value=category)
        return self.categories[category]

    @property
    def cumulated(self) -> dict[str, Money]:
        """What each category would make of the period, with all that are surer: from closed on.

        ``commit`` is closed + commit, ``most_likely`` adds most likely to that, then come
        ``best_case`` and ``pipeline``. Omitted deals, those without a category and those of a
        category of your own are in none of them.
        """
        found: dict[str, Money] = {}
        so_far = Money.zero(self.currency)
        for name in _CUMULATED:
            so_far += self.categories[name].total
            found[name] = so_far
        return found

    def to_dict(self) -> dict[str, Any]:
        """All categories in one row, as a `Breakdown` has one for each group."""
        counts = attrs.asdict(self.total, recurse=False)
        about = self._about()
        taken = counts.keys() | about.keys()
        amounts = {
            f"category.{name}" if name in taken else name: one.total
            for name, one in self.categories.items()
        }
        return {**amounts, **counts, **about}

    def to_dicts(self) -> list[dict[str, Any]]:
        """A row for each category."""
        return [{**row, **self._about()} for row in _rows(self.categories)]

    def _about(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of,
            "currency": self.currency,
            "left_out": dict(self.left_out),
            "assumed": dict(self.assumed),
        }

    def _shown_rows(self) -> list[dict[str, Any]]:
        return _rows({**self.categories, "all": self.total})

    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        return self.to_dicts()[0], {"left_out": "reasons", "assumed": "reasons"}


def _rows(totals: Mapping[str, CategoryTotal]) -> list[dict[str, Any]]:
    return [{"category": name, **attrs.asdict(one, recurse=False)} for name, one in totals.items()]
