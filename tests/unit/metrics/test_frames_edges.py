"""What is rare over frames: columns of one's own, middles of large numbers, groups of nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import exp, log, sqrt

import pytest

from salesflow import facts, metrics
from salesflow.errors import ColumnError, NotMergeable
from salesflow.metrics.cycle import cycle_time_of
from salesflow.metrics.evaluate import stats_of
from salesflow.metrics.needs import Flag, Need, known
from salesflow.metrics.options import make_call
from salesflow.metrics.own import at_least, count, is_
from salesflow.metrics.stats import Middle, RiskSets
from tests.shorthand import NOW, at, lived
from tests.tables import FRAMES, framed, local

every_frame = pytest.mark.parametrize("kind", FRAMES)


@every_frame
def test_a_measure_looks_at_columns_of_ones_own(kind):
    columns = {"outcome": ["won", "won", "lost"], "region": ["north", "south", "north"]}
    frame = framed(columns, kind)
    north = count(is_("outcome", "won"), is_("custom.region", "north"))
    assert metrics.measure(frame, north, columns={"custom.region": "region"}).value == 1
    with pytest.raises(ColumnError, match=r"no column 'custom\.tier'"):
        metrics.measure(frame, count(is_("custom.tier", "gold")))


@every_frame
def test_a_measure_looks_at_columns_of_ones_own_in_visits(kind):
    frame = framed({"stage": ["a", "a", "b"], "custom.room": ["x", "y", "x"]}, kind)
    in_x = count(is_("custom.room", "x"), table="visits")
    found = metrics.measure(frame, in_x, by="stage")
    assert {stage: one.value for stage, one in found.items()} == {"a": 1, "b": 1}


@every_frame
def test_a_probability_counts_without_an_amount(kind):
    frame = framed({"outcome": ["open", "open"], "probability": [0.2, 0.8]}, kind)
    assert metrics.measure(frame, count(at_least("probability", 0.5))).value == 1


@every_frame
def test_moves_by_direction(kind):
    book = [
        lived("D-1", (at(1), "open"), (at(3), "to", "meeting"), (at(5), "lose")),
        lived("D-2", (at(1), "open"), (at(2), "lose"), (at(4), "reopen", "prospecting")),
    ]
    tables = facts.to_frame(book, backend=kind)
    found = metrics.stage_flow(tables, by="direction")
    assert found.keys() == metrics.stage_flow(book, by="direction").keys()
    # two steps forward, two losses, one reopening
    counts: dict[str, int] = {}
    for (direction, *_), flow in found.items():
        counts[direction] = counts.get(direction, 0) + flow.n_moves
    assert counts == {"forward": 2, "lost": 2, "reopened": 1}


@every_frame
def test_a_stage_may_keep_its_name_in_a_mapping(kind):
    frame = framed(
        {"stage": ["Talk", "offer"], "entered_at": [at(1), at(1)], "left_at": [at(3), None]}, kind
    )
    found = metrics.time_in_stage(frame, as_of=NOW, stages={"Talk": "meeting", "offer": "offer"})
    assert sorted(found) == ["meeting", "offer"]


@every_frame
def test_the_least_of_nothing_is_nothing(kind):
    need = Need("min", "stage_position")
    frame = framed({"stage": ["a", "b"], "stage_position": [None, 2]}, kind)
    stats = stats_of(frame, [need], make_call("stage", None, {}), "visits")
    assert stats.groups == {("a",): {}, ("b",): {need: 2}}


@every_frame
def test_what_no_date_puts_into_a_period_is_in_none(kind):
    frame = framed({"outcome": ["won"]}, kind)
    stats = stats_of(frame, [Need("count")], make_call(None, "month", {}))
    assert stats.groups == {(None,): {Need("count"): 1}}


@every_frame
def test_rows_are_counted_under_no_condition(kind):
    need = Need("count")
    frame = framed({"outcome": ["won", "open", None]}, kind)
    assert stats_of(frame, [need], make_call(None, None, {})).groups == {(): {need: 3}}


LARGE = 2**59


@every_frame
def test_middles_of_large_numbers_are_exact(kind):
    # Units of 2**59 are no exact floats: their mean would be off.
    columns = {
        "outcome": ["won"] * 5,
        "owner_id": ["kim", "kim", "lee", "lee", "lee"],
        "amount": [LARGE + 1, LARGE + 4, 7, LARGE + 3, LARGE + 9],
    }
    found = metrics.average_deal_size(framed(columns, kind), by="owner_id", currency="JPY")
    medians = {owner: size.median.amount * 2 for owner, size in found.items()}
    assert medians == {"kim": 2 * LARGE + 5, "lee": 2 * LARGE + 6}
    whole = metrics.average_deal_size(framed(columns, kind), currency="JPY")
    assert whole.median.amount == LARGE + 3


@every_frame
def test_a_group_without_values_has_no_middle_beside_large_ones(kind):
    columns = {
        "outcome": ["won", "won", "lost"],
        "owner_id": ["kim", "kim", "lee"],
        "amount": [LARGE + 1, LARGE + 3, LARGE],
    }
    found = metrics.average_deal_size(framed(columns, kind), by="owner_id", currency="JPY")
    assert (found["kim"].median.amount, found["lee"].median) == (LARGE + 2, None)


@every_frame
def test_values_of_one_group_in_two_currencies_and_states_have_one_middle(kind):
    # Open or won, with and without a date: the deals of a group are told apart, but not for this.
    need = Need("values", "amount", (known("amount"),))
    columns = {
        "outcome": ["won", "open", "lost", "won", "open"],
        "owner_id": ["kim", "kim", "kim", "lee", "lee"],
        "currency": ["EUR", "USD", "EUR", "USD", "USD"],
        "amount": [5, 1, 3, 2, None],
        "closed_at": [at(2), None, None, None, None],
    }
    needs = [need, Need("count", None, (Flag("outcome", "is", "won"), known("closed_at")))]
    stats = stats_of(framed(columns, kind), needs, make_call("owner_id", None, {}))
    middles = {key: answers[need] for key, answers in stats.groups.items()}
    assert middles == {("kim",): Middle(3, 3), ("lee",): Middle(2, 2)}


def middle_of_stays(lengths, kind, *more):
    """Of stays of so many microseconds after 400 years, the two in the middle."""
    start = datetime(1650, 1, 1, tzinfo=UTC)
    ends = [start + timedelta(microseconds=AGES + length) for length in lengths]
    places = [1 + n % 2 for n in range(len(ends))]
    columns = {"stage": ["a"] * len(ends), "stage_position": places, "left_at": ends}
    frame = framed(columns | {"entered_at": [start] * len(ends)}, kind)
    stays = Need("values", "days_us", (Flag("is_current", "is", value=False), known("days_us")))
    stats = stats_of(frame, [stays, *more], make_call("stage", None, {}), "visits")
    middle = stats.groups["a",][stays]
    return middle.low - AGES, middle.high - AGES


AGES = 400 * 365 * 86_400_000_000  # more than 2**53
SECOND = Need("count", where=(Flag("stage_position", "at_least", 2),))


@every_frame
@pytest.mark.parametrize("more", [(), (SECOND,)], ids=["alone", "beside a count of some"])
def test_middles_of_long_stays_are_exact(kind, more):
    assert middle_of_stays([9, 1, 4], kind, *more) == (4, 4)
    assert middle_of_stays([9, 1, 4, 7], kind, *more) == (4, 7)


@every_frame
@pytest.mark.parametrize("n", [24, 25, 31, 54])
def test_many_conditions_are_counted_at_once(kind, n):
    # Of deals with 0, 1, 2, … touches, n - k have at least k.
    frame = framed({"outcome": ["won"] * n, "n_touches": [*range(n)]}, kind)
    needs = [Need("count", where=(Flag("n_touches", "at_least", k),)) for k in range(n)]
    stats = stats_of(frame, needs, make_call(None, None, {}), "deals")
    assert [stats.groups[()][need] for need in needs] == [n - k for k in range(n)]


def exact_sum(kind: str) -> bool:
    # The last digits are lost where a number this long becomes a float on the way.
    most = 10**18 - 7
    frame = framed({"outcome": ["won"] * 12, "amount": [most] * 12}, kind)
    rate = metrics.win_rate(frame, weight="value", currency="JPY")
    return bool(rate.numerator.amount == 12 * most)


@every_frame
def test_sums_beyond_64_bits_are_exact(kind):
    assert exact_sum(kind)


def test_integers_of_python_objects():
    import pandas as pd

    touches = pd.Series([2, None, 3], dtype=object)
    frame = pd.DataFrame({"outcome": ["won"] * 3, "n_touches": touches})
    frame["n_touches_to_meeting"] = touches
    assert metrics.touchpoints(frame).n_touches == 5


@every_frame
def test_who_is_at_risk_is_counted_in_each_group(kind):
    # kim: won after 2, 2 and 4 days, lost after 2, open for 9; lee waits; nobody's: won after 1.
    took = [2, 2, 4, 2, None, None, 1]
    frame = framed(
        {
            "outcome": ["won", "won", "won", "lost", "open", "open", "won"],
            "owner_id": ["kim", "kim", "kim", "kim", "kim", "lee", None],
            "created_at": [at(1)] * 7,
            "closed_at": [None if days is None else at(1 + days) for days in took],
        },
        kind,
    )
    (need,) = (n for n in cycle_time_of(censored=True).needs if n.op == "risk")
    stats = stats_of(frame, [need], make_call("owner_id", None, {"as_of": at(10)}))
    found = {key: answers[need] for (key,), answers in stats.groups.items()}
    day = 86_400_000_000
    # At equal times the loss comes last: all 5 are at risk at 2, and 2 at 4.
    assert found == {
        "kim": RiskSets([2 * day, 4 * day], [2, 1], [5, 2], 5),
        "lee": RiskSets([], [], [], 1),
        None: RiskSets([day], [1], [1], 1),
    }
    whole = stats_of(frame, [need], make_call(None, None, {"as_of": at(10)}))
    assert whole.groups == {(): {need: RiskSets([day, 2 * day, 4 * day], [1, 2, 1], [7, 6, 3], 7)}}
    with pytest.raises(NotMergeable, match="cannot add who was at risk"):
        whole + whole


@every_frame
def test_of_nobody_nobody_is_at_risk(kind):
    frame = framed({"outcome": ["won"], "created_at": [at(3)], "closed_at": [at(1)]}, kind)
    found = metrics.cycle_time(frame, censored=True, as_of=at(10))
    assert (found.km_median_days, found.km_interval, found.n_censored) == (None, None, 0)


def test_a_long_curve_is_the_one_of_each_step():
    # n deals, won on day 1, 2 … n: after k of them S is (n - k) / n, and Greenwood's sum adds up.
    n, z = 9_000, 1.959963984540054
    columns = {
        "outcome": ["won"] * n,
        "created_at": [at(1)] * n,
        "cycle": list(range(1, n + 1)),
    }
    import polars as pl

    frame = pl.DataFrame(columns).with_columns(
        closed_at=pl.col("created_at") + pl.duration(days="cycle")
    )
    late = frame["closed_at"].max()
    found = metrics.cycle_time(frame, censored=True, as_of=late)
    low = high = median = None
    total = 0.0
    for k in range(1, n):
        total += 1 / ((n - k + 1) * (n - k))
        share = (n - k) / n
        spread = z * sqrt(total) / log(share)
        median = k if median is None and 2 * (n - k) <= n else median
        low = k if low is None and share ** exp(-spread) <= 0.5 else low
        high = k if high is None and share ** exp(spread) <= 0.5 else high
    assert found.km_median_days == median == n // 2
    assert found.km_interval == (low, high)


@pytest.mark.usefixtures("spark")
def test_spark_reads_local_times_and_currencies_and_refuses_inexact_medians():
    columns = {
        "outcome": ["won", "won"],
        "created_at": [local(2026, 1, 1, 8), local(2026, 1, 1, 9)],
        "closed_at": [local(2026, 1, 2, 8), local(2026, 1, 3, 9)],
        "amount": [1000.4, 20.25],
        "currency": ["JPY", "EUR"],
    }
    frame = framed(columns, "pyspark")
    found = metrics.average_deal_size(frame, by="currency")
    assert [size.total.amount for size in found.values()] == [Decimal("20.25"), 1000]
    assert metrics.cycle_time(frame, zone="Asia/Seoul").mean_days == 1.5
    assert exact_sum("pyspark")
    large = framed({"outcome": ["won"], "amount": [LARGE]}, "pyspark")
    with pytest.raises(ColumnError, match="not exact in this engine"):
        metrics.average_deal_size(large, currency="JPY")


WENT_ON = lived("D-1", (at(1), "open"), (at(5), "to", "qualification"), (at(9), "to", "meeting"))


@every_frame
def test_where_a_visit_led_is_not_known_before_it_did(kind):
    tables = facts.to_frame([WENT_ON], backend=kind)
    found = metrics.time_in_stage(tables.visits, by="next_stage", as_of=at(7))
    over = metrics.time_in_stage([WENT_ON], by="next_stage", as_of=at(7))
    assert {*found} == {*over} == {("qualification", "prospecting"), (None, "qualification")}
    to_meeting = count(is_("next_stage", "meeting"), table="visits")
    counted = [
        metrics.measure(given, to_meeting, as_of=at(day)).value
        for given in (tables.visits, [WENT_ON])
        for day in (7, 9)
    ]
    assert counted == [0, 1, 0, 1]


@every_frame
def test_a_visit_that_another_followed_does_not_last(kind):
    visits = {
        "stage": ["a", "b"],
        "entered_at": [at(1), at(3)],
        "left_at": [None, None],
        "next_stage": ["b", None],
    }
    found = metrics.time_in_stage(framed(visits, kind), as_of=at(7))
    # When a was left is not known, but b followed; b lasts, for 4 days so far.
    assert {stage: one.n_open for stage, one in found.items()} == {"a": 0, "b": 1}
    assert found["b"].current_days == 4
