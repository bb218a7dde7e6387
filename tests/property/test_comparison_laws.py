"""A comparison says what the metric says of each of its periods."""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from salesflow import Period, metrics
from tests.property.test_independent import PERIODS
from tests.tales import instants, ledgers

METRICS: dict[str, Any] = {
    "win_rate": metrics.win_rate,
    "conversion_rate": metrics.conversion_rate,
    "average_deal_size": metrics.average_deal_size,
    "cycle_time": metrics.cycle_time,
    "stage_flow": metrics.stage_flow,
}
QUARTERS = st.builds(Period.quarter, st.just(2026), st.integers(1, 2))


@given(
    ledgers(),
    instants(),
    PERIODS | QUARTERS,
    st.sampled_from(sorted(METRICS)),
    st.sampled_from([None, "owner_id"]),
)
def test_each_side_is_the_metric(book, now, period, name, by):
    assume(now >= period.start)
    metric = METRICS[name]
    found = metrics.compare(metric, book, period=period, as_of=now, by=by)
    expected = metric(book, period=period, as_of=now, by=by)
    if not isinstance(expected, metrics.Breakdown):
        found, expected = {None: found}, {None: expected}
    assert {key: c.current for key, c in found.items() if c.current is not None} == dict(expected)
    for key, comparison in found.items():
        if comparison.previous is not None:
            then = comparison.previous.as_of
            again = metric(book, period=period.previous(), as_of=then, by=by)
            old = again[key] if isinstance(again, metrics.Breakdown) else again
            assert comparison.previous == old


@given(ledgers(), PERIODS, st.sampled_from(sorted(METRICS)))
def test_as_it_stands_nothing_is_cut(book, period, name):
    found = metrics.compare(METRICS[name], book, period=period, by="source")
    old = METRICS[name](book, period=period.previous(), by="source")
    assert {key: comparison.previous for key, comparison in found.items()} == dict(old)
