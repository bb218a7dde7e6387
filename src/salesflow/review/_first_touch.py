"""How long deals waited for the first touch."""

from collections.abc import Iterable, Sequence

from salesflow.facts.leads import first_touch
from salesflow.metrics._buckets import Buckets
from salesflow.metrics._statistics import median_number
from salesflow.metrics.stats import Middle
from salesflow.models import Deal
from salesflow.models.durations import MICROSECONDS_A_DAY, microseconds
from salesflow.models.past import Cut
from salesflow.periods import Period
from salesflow.review.team_results import FirstTouch


def created_in(deals: Sequence[Deal], period: Period | None) -> Sequence[Deal]:
    """The deals created in a period, and those created nobody knows when."""
    if period is None:
        return deals
    moments = [deal.created_at for deal in deals]
    places = Buckets([period]).find(moments, [deal.created_precision for deal in deals])
    told = zip(deals, moments, places, strict=True)
    return [deal for deal, moment, place in told if moment is None or place is not None]


def first_touch_of(deals: Iterable[Deal], cut: Cut) -> FirstTouch:
    """How long these deals waited."""
    spans: list[int] = []
    n_without = n_before = n_unknown = 0
    for deal in deals:
        if deal.created_at is None:
            n_unknown += 1
            continue
        span = microseconds(deal.created_at, deal.created_precision, *first_touch(deal, cut))
        if span is None:
            n_without += 1
        elif span < 0:
            n_before += 1
        else:
            spans.append(span)
    middle = median_number(Middle.of(sorted(spans)))
    reasons = {"touched_before": n_before, "no_created_at": n_unknown}
    return FirstTouch(
        sum(spans) / len(spans) / MICROSECONDS_A_DAY if spans else None,
        None if middle is None else middle / MICROSECONDS_A_DAY,
        len(spans),
        n_without,
        as_of=cut.at,
        left_out={reason: n for reason, n in reasons.items() if n},
    )
