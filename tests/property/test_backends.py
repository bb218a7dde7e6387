"""Every number over every kind of frame is the one over deals: counts and money exactly."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from math import isclose
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from salesflow import Deal, Money, Period, datasets, facts, forecast, metrics
from salesflow.errors import MixedCurrencyError
from salesflow.metrics import Breakdown, Result
from salesflow.metrics.own import at_least, count, is_, known, median, quotient, share, total
from tests.tales import ledgers, moments_of

KINDS = ("pandas", "pandas[pyarrow]", "polars", "polars[lazy]", "pyarrow", "duckdb")
MONTH = Period.month(2026, 2, zone="Asia/Seoul")
YEAR = Period.year(2026)
DEALS: dict[str, Any] = {
    "win_rate": metrics.win_rate,
    "win_rate by value": partial(metrics.win_rate, weight="value"),
    "win_rate of a cohort": partial(metrics.win_rate, basis="created"),
    "win_rate with stale deals": partial(metrics.win_rate, stale_as_lost=10),
    "conversion_rate": metrics.conversion_rate,
    "average_deal_size": metrics.average_deal_size,
    "cycle_time": metrics.cycle_time,
    "cycle_time of all": partial(metrics.cycle_time, outcome="all", basis="created"),
    "cycle_time, active": partial(metrics.cycle_time, clock="active"),
    "cycle_time from the first stage": partial(
        metrics.cycle_time, start="first_stage", outcome="all"
    ),
    "cycle_time from the first stage, censored": partial(
        metrics.cycle_time, start="first_stage", basis="created", censored=True
    ),
    "cycle_time, censored": partial(metrics.cycle_time, basis="created", censored=True),
    "pipeline_velocity": metrics.pipeline_velocity,
    "summary": metrics.summary,
    "new_pipeline": metrics.new_pipeline,
    "weighted_pipeline": metrics.weighted_pipeline,
    "loss_reasons": metrics.loss_reasons,
    "reopen_rate": metrics.reopen_rate,
    "touchpoints": metrics.touchpoints,
    "rollup": partial(forecast.rollup, period=YEAR),
}
ORDER = ["qualification", "meeting", "negotiation"]
VISITS: dict[str, Any] = {
    "time_in_stage": metrics.time_in_stage,
    "stage_conversion": metrics.stage_conversion,
    "stage_conversion, moved": partial(metrics.stage_conversion, basis="moved"),
    "stage_conversion, touched": partial(metrics.stage_conversion, mode="touched"),
    "stage_conversion, strict": partial(metrics.stage_conversion, mode="strict"),
    "stage_conversion, adjacent": partial(metrics.stage_conversion, mode="adjacent"),
    "stage_conversion, of some": partial(metrics.stage_conversion, stages=ORDER),
    "stage_conversion, strictly some": partial(
        metrics.stage_conversion, mode="strict", basis="moved", stages=ORDER
    ),
    "stage_flow": metrics.stage_flow,
    "rework": metrics.rework,
}
LARGE_WINS = share(at_least("amount", 50), of=is_("outcome", "won"), dated_by="closed_at")
LOST = is_("outcome", "lost")
LOST_PER_DAY = quotient(
    total("amount", LOST, dated_by="closed_at"), total("cycle_days", LOST, dated_by="closed_at")
)
MIDDLE = median("cycle_days", is_("source", "web"), known("closed_at"), dated_by="closed_at")
WON_STAYS = count(is_("outcome", "won"), dated_by="entered_at", table="visits")
OWN: dict[str, Any] = {
    "share of large wins": partial(metrics.measure, definition=LARGE_WINS),
    "lost per day": partial(metrics.measure, definition=LOST_PER_DAY),
    "middle cycle of deals of the web": partial(metrics.measure, definition=MIDDLE),
    "visits of won deals": partial(metrics.measure, definition=WON_STAYS),
}
METRICS = DEALS | VISITS | OWN
CUTS: dict[str, dict[str, Any]] = {
    "whole": {},
    "by owner": {"by": "owner_id"},
    "by source and pipeline": {"by": ["source", "pipeline"]},
    "in a month of Seoul": {"period": MONTH},
    "by owner, every month of a year": {"by": "owner_id", "every": "month", "period": YEAR},
    "every quarter": {"every": "quarter"},
}


@st.composite
def looks(draw: st.DrawFn, size: int = 5) -> tuple[list[Deal], datetime]:
    """Deals of two currencies at most, and an instant to take them at."""
    currencies = draw(st.sampled_from([("EUR",), ("EUR",), ("JPY",), ("EUR", "KWD")]))
    book = draw(ledgers(currencies=currencies, max_size=size))
    return book, draw(moments_of(book))


def numbers(result: Result | Breakdown[Any]) -> Iterator[tuple[Any, Any]]:
    """All that a result says, by what it is called; what only a frame says is left out."""
    if isinstance(result, Breakdown):
        yield "order", [*result]
        for key, one in result.items():
            yield from (((key, name), value) for name, value in numbers(one))
    else:
        yield from result.to_dict().items()
    yield "about", (result.as_of, result.currency, dict(result.left_out), dict(result.assumed))


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are one: floats but for their last digits, all else exactly."""
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return type(one) is type(other) and bool(one == other)


def outcome_of(call: Any, data: object, options: Mapping[str, Any]) -> Any:
    """The numbers of a call, or the kind of error that it ends with."""
    try:
        return dict(numbers(call(data, **options)))
    except MixedCurrencyError as error:
        return type(error)


def check(book: list[Deal], now: datetime, backend: str, cut: str) -> None:
    tables = facts.to_frame(book, backend=backend, at=now)
    for name, metric in METRICS.items():
        asked = {**CUTS[cut], "as_of": now}
        wanted = outcome_of(metric, book, asked)
        found = outcome_of(metric, tables, asked)
        assert_same(wanted, found, f"{name}, {cut}, on {backend}")


def assert_same(wanted: Any, found: Any, where: str) -> None:
    if isinstance(wanted, type) or isinstance(found, type):
        assert wanted == found, where
        return
    assert wanted.keys() == found.keys(), where
    for name, value in wanted.items():
        assert is_same(value, found[name]), (
            f"{where}: {name}: {value!r}, over frames {found[name]!r}"
        )


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=3, phases=[Phase.explicit, Phase.generate])
@given(look=looks(), cut=st.sampled_from(sorted(CUTS)))
def test_frames_give_the_numbers_of_deals(kind, look, cut):
    check(*look, kind, cut)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_full_book_has_the_same_numbers(kind):
    """Hypothesis likes small books: in this one, nearly all that can happen happens often."""
    book = [*datasets.make_deals(120, seed=5).deals]
    now = max(event.at for deal in book for event in deal.history if event.at)
    for at, cut in ((now, "by owner"), (now - timedelta(days=200), "every quarter")):
        check(book, at, kind, cut)


@pytest.mark.parametrize("kind", KINDS)
def test_coverage_and_comparisons_are_the_same(kind):
    """What takes a period of its own: quotas, and the period before."""
    dataset = datasets.make_deals(120, seed=5)
    now, book = dataset.as_of, [*dataset.deals]
    tables = facts.to_frame(book, backend=kind, at=now)
    quarter = Period.quarter(now.year, (now.month + 2) // 3)
    asked = {"period": quarter, "as_of": now}
    quota = Money(10_000_000, "EUR")
    wanted, found = (
        dict(numbers(metrics.coverage(d, quota=quota, **asked))) for d in (book, tables)
    )
    assert_same(wanted, found, f"coverage on {kind}")
    for metric in (metrics.win_rate, metrics.average_deal_size):
        one, other = (metrics.compare(metric, data, **asked) for data in (book, tables))
        assert one.change == other.change
        assert (one.interval, one.is_significant) == (other.interval, other.is_significant)


@pytest.mark.usefixtures("spark")
def test_spark_gives_the_numbers_of_deals():
    """One book for all of its calls, of which each takes seconds: the largest of a few."""
    found: list[tuple[list[Deal], datetime]] = []

    @settings(max_examples=12, phases=[Phase.generate])
    @given(look=looks(size=24))
    def gather(look: tuple[list[Deal], datetime]) -> None:
        found.append(look)

    gather()
    book, now = max(found, key=lambda look: len(look[0]))
    assert len(book) >= 5
    tables = facts.to_frame(book, backend="pyspark", at=now)
    cuts = cycle(sorted(CUTS))
    for (name, metric), cut in zip(METRICS.items(), cuts, strict=False):
        asked = {**CUTS[cut], "as_of": now}
        wanted, seen = outcome_of(metric, book, asked), outcome_of(metric, tables, asked)
        assert_same(wanted, seen, f"{name}, {cut}, on Spark")
