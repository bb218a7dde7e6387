"""Segments: which deals are alike, by their columns or the size of their amounts."""

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from salesflow.errors import MixedCurrencyError, OptionError
from salesflow.facts.columns import check_column, deal_reader
from salesflow.metrics._kinds import json_value
from salesflow.metrics.options import to_names
from salesflow.models import Deal
from salesflow.money import Money

ALL = "[]"
"""The segment of all deals."""

TELLING = frozenset(
    {
        "stage",
        "stage_position",
        "outcome",
        "probability",
        "category",
        "loss_reason",
        "disposition",
        "lost_at_stage",
        "active_days",
        "cycle_days",
        "n_touches",
        "n_touches_to_meeting",
        "n_reopened",
        "closed_precision",
    }
)
"""Columns that tell how far a deal got, or how it ended: closed deals have other values of them."""

SIZE = "size"
"""What deals are told apart by if bounds of their amounts are given."""


def _to_sizes(bounds: object) -> tuple[Any, ...]:
    if isinstance(bounds, Sequence) and not isinstance(bounds, str):
        return tuple(bounds)
    msg = f"cannot tell sizes by {bounds!r}: it is no list of amounts"
    raise OptionError(msg, hint="give a list of Money.", parameter="sizes", value=bounds)


@attrs.frozen
class Segments:
    """What tells segments apart.

    Args:
        by: names of columns, ``custom.x`` and `SIZE` among them.
        sizes: where one size ends and the next begins: amounts of one currency, ascending.

    Raises:
        OptionError: for names that are no texts; for sizes that are no ascending amounts of one
            currency; for sizes that are not grouped by, and the other way round.
    """

    by: tuple[str, ...] = attrs.field(converter=to_names)
    sizes: tuple[Money, ...] = attrs.field(converter=_to_sizes)

    def __attrs_post_init__(self) -> None:
        """Refuse what would be no sizes."""
        are_money = all(isinstance(bound, Money) for bound in self.sizes)
        currencies = {bound.currency for bound in self.sizes} if are_money else set()
        amounts = [bound.amount for bound in self.sizes] if are_money else []
        if len(currencies) > 1 or amounts != sorted({*amounts}) or not are_money:
            msg = f"cannot tell sizes by {self.sizes!r}"
            hint = "give amounts of one currency, each larger than the one before."
            raise OptionError(msg, hint=hint, parameter="sizes", value=self.sizes)
        if (SIZE in self.by) != bool(self.sizes):
            msg = "cannot tell sizes: by='size' and sizes=[…] go together"
            hint = "sizes=[Money(10_000, 'EUR')] tells deals below it from the others."
            raise OptionError(msg, hint=hint, parameter="sizes", value=self.sizes)

    def reader(self, deals: Sequence[Deal]) -> Callable[[Deal], str]:
        """What reads the segment of a deal, as a text of JSON.

        Raises:
            ColumnError: for a column that deals do not have, naming the closest.
        """
        for name in self.by:
            if name in TELLING:
                msg = f"cannot tell segments by {name!r}: it tells how far a deal got, or its end"
                hint = "give what is known from the beginning, such as source or owner_id."
                raise OptionError(msg, hint=hint, parameter="by", value=name)
            if name != SIZE:
                check_column(name, deals)
        return self.segment_of

    def segment_of(self, deal: Deal) -> str:
        """The segment of a deal, as a text of JSON: the list of what it is told apart by."""
        if not self.by:
            return ALL
        parts = [self._size(deal) if name == SIZE else _part(name, deal) for name in self.by]
        return json.dumps(json_value(parts), ensure_ascii=False, sort_keys=True)

    def _size(self, deal: Deal) -> int | None:
        if deal.amount is None:
            return None
        currency = self.sizes[0].currency
        if deal.amount.currency != currency:
            msg = f"cannot tell the size of deal '{deal.id}': it is in {deal.amount.currency}"
            hint = f"sizes are in {currency}: fit deals of one currency."
            raise MixedCurrencyError(msg, hint=hint, currencies=(currency, deal.amount.currency))
        return bisect_right([bound.amount for bound in self.sizes], deal.amount.amount)


def _part(name: str, deal: Deal) -> Any:
    value = deal_reader(name)(deal)
    if isinstance(value, date | Decimal):
        msg = f"cannot tell segments by {name!r}: nearly each deal is one of its own"
        hint = "give a column that many deals share; sizes=[…] tells deals by their amount."
        raise OptionError(msg, hint=hint, parameter="by", value=name)
    return value
