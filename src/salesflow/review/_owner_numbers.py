"""The numbers of each owner, and of all deals together: those of the metrics."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from salesflow.facts.columns import deal_reader
from salesflow.metrics import summary, touchpoints
from salesflow.metrics.results import Summary, Touchpoints
from salesflow.models import Deal
from salesflow.models.past import Cut
from salesflow.money import XXX, Rates
from salesflow.periods import Period
from salesflow.review._first_touch import created_in, first_touch_of
from salesflow.review.team_results import FirstTouch, Owner, TeamMember

_opening_owner = deal_reader("opening_owner_id")


@attrs.frozen
class Numbers:
    """The deals of a review, and how they are looked at."""

    deals: Sequence[Deal]
    as_of: datetime
    period: Period | None
    rates: Rates | None

    def whole(self) -> TeamMember:
        """The numbers of all deals."""
        touch = first_touch_of(created_in(self.deals, self.period), Cut(self.as_of))
        return _member(self._summary(self.deals), self._touches(self.deals), touch)

    def by_owner(self, owners: Iterable[Owner]) -> dict[Owner, TeamMember]:
        """The numbers of each owner that the deals have, and of more; by name."""
        cut = Cut(self.as_of)
        numbers = summary(
            self.deals, as_of=self.as_of, by="owner_id", period=self.period, rates=self.rates
        )
        touches = touchpoints(self.deals, as_of=self.as_of, by="owner_id", period=self.period)
        opened: dict[Owner, list[Deal]] = {}
        for deal in created_in(self.deals, self.period):
            opened.setdefault(_opening_owner(deal), []).append(deal)
        nothing = self._summary([], numbers.currency), self._touches([])
        named = {*numbers, *touches, *opened, *owners}
        return {
            owner: _member(
                numbers.get(owner, nothing[0]),
                touches.get(owner, nothing[1]),
                first_touch_of(opened.get(owner, []), cut),
            )
            for owner in sorted(named, key=lambda owner: (owner is None, owner or ""))
        }

    def _summary(self, deals: Sequence[Deal], currency: str = XXX) -> Summary:
        return summary(
            deals, as_of=self.as_of, period=self.period, rates=self.rates, currency=currency
        )

    def _touches(self, deals: Sequence[Deal]) -> Touchpoints:
        return touchpoints(deals, as_of=self.as_of, period=self.period)


def _member(numbers: Summary, touches: Touchpoints, touch: FirstTouch) -> TeamMember:
    return TeamMember(
        numbers.win_rate,
        numbers.average_deal_size,
        numbers.cycle_time,
        numbers.pipeline_velocity,
        touches,
        touch,
        as_of=numbers.as_of,
        currency=numbers.currency,
        left_out={**touch.left_out, **touches.left_out, **numbers.left_out},
        assumed={**touches.assumed, **numbers.assumed},
    )
