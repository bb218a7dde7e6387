"""A measure of one's own says what the metric says that asks the same."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from salesflow import metrics
from salesflow.metrics.own import count, is_, is_not, mean, measure, median, share, total
from tests.property.test_independent import MAYBE_PERIOD, views

WON = is_("outcome", "won")
DATED: dict[str, Any] = {"dated_by": "closed_at"}
BY = st.sampled_from([None, "source", ["owner_id", "outcome"]])


def each(found: Any) -> dict[Any, Any]:
    return dict(found) if isinstance(found, metrics.Breakdown) else {None: found}


@given(views(), MAYBE_PERIOD, BY)
def test_each_metric_said_once_more(view, period, by):
    book, now = view
    options = {"period": period, "by": by, "as_of": now}
    rates = each(metrics.win_rate(book, **options))
    shares = each(measure(book, share(WON, of=is_not("outcome", "open"), **DATED), **options))
    sizes = each(metrics.average_deal_size(book, **options))
    totals, means, medians = (
        each(measure(book, made("amount", WON, **DATED), **options))
        for made in (total, mean, median)
    )
    cycles = each(metrics.cycle_time(book, **options))
    days, middles = (
        each(measure(book, made("cycle_days", WON, **DATED), **options)) for made in (mean, median)
    )
    assert [*rates] == [*shares] == [*totals]
    for key, rate in rates.items():
        own = shares[key]
        assert (own.value, own.numerator, own.denominator, own.interval) == (
            *(rate.value, rate.numerator, rate.denominator, rate.interval),
        )
        assert own.left_out == rate.left_out
        size = sizes[key]
        assert (totals[key].value, means[key].value) == (size.total, size.mean)
        assert (medians[key].value, medians[key].left_out) == (size.median, size.left_out)
        assert days[key].value == cycles[key].mean_days
        assert middles[key].value == cycles[key].median_days


@given(views(), st.sampled_from(["month", "quarter"]))
def test_periods_hold_all_that_is_dated(view, every):
    book, now = view
    closed = is_not("outcome", "open")
    rows = measure(book, count(closed, **DATED), every=every, as_of=now)
    whole = measure(book, count(closed), as_of=now).value
    assert sum(row.value for row in rows.values()) + rows.left_out.get("no_closed_at", 0) == whole
