"""The CRM Sales Opportunities set: every figure of the reference that is a number of ours.

8,800 deals without stage history. The reference was computed with pandas alone; it prints ten
decimals, so a figure is held to half of the last one.
"""

import csv
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from salesflow import Deal, Money, Period, Pipeline, Stage, metrics
from tests.real.files import figures, real_file

STAGES = [
    "Prospecting",
    "Engaging",
    Stage("Won", kind="won"),
    Stage("Lost", kind="lost"),
]
PIPELINE = Pipeline("maven", STAGES)
NOW = datetime(2018, 1, 1, tzinfo=UTC)

FORMATS = {
    "sales_pipeline.csv": "%Y-%m-%d",
    "sales_pipeline__iso_lf.csv": "%Y-%m-%d",
    "sales_pipeline__us_mdy_lf.csv": "%m/%d/%Y",
    "sales_pipeline__eu_dmy_dash_crlf.csv": "%d-%m-%Y",
}
"""The style of dates in each copy of the file, settled for the whole column."""


def day_of(text: str, style: str) -> date | None:
    return datetime.strptime(text, style).replace(tzinfo=UTC).date() if text else None


@cache
def offices() -> dict[str, str]:
    with real_file("maven/sales_teams.csv").open(newline="", encoding="utf-8") as lines:
        return {row["sales_agent"]: row["regional_office"] for row in csv.DictReader(lines)}


def deal_of(row: Mapping[str, str], style: str) -> Deal:
    return PIPELINE.restore(
        id=row["opportunity_id"],
        stage=row["deal_stage"],
        created_at=day_of(row["engage_date"], style),
        closed_at=day_of(row["close_date"], style),
        amount=Money(row["close_value"], "USD") if row["close_value"] else None,
        owner_id=row["sales_agent"],
        custom={
            "product": row["product"].replace("GTX Pro", "GTXPro"),
            "regional_office": offices()[row["sales_agent"]],
        },
    )


@cache
def read(name: str) -> tuple[Deal, ...]:
    with real_file(f"maven/{name}").open(newline="", encoding="utf-8") as lines:
        return tuple(deal_of(row, FORMATS[name]) for row in csv.DictReader(lines))


@pytest.fixture
def deals() -> tuple[Deal, ...]:
    return read("sales_pipeline.csv")


@pytest.fixture
def reference() -> dict[str, Any]:
    return figures("maven_crm_sales_opportunities")


def figure(value: float) -> Any:
    """A figure as the reference prints it: ten decimals."""
    return pytest.approx(value, rel=1e-12, abs=5.1e-11)


Numbers = tuple[metrics.Summary, metrics.CycleTime, metrics.CycleTime]


def assert_figures(numbers: Numbers, expected: Mapping[str, float], *, with_open: bool) -> None:
    summary, of_closed, of_lost = numbers
    size, cycle = summary.average_deal_size, summary.cycle_time
    assert summary.n_won == expected["won"]
    assert summary.n_lost == expected["lost"]
    assert summary.win_rate.denominator == expected["closed"]
    assert summary.win_rate.value == figure(expected["win_rate"])
    assert size.mean is not None
    assert size.median is not None
    assert float(size.total.amount) == expected["won_value_sum"]
    assert float(size.mean.amount) == figure(expected["avg_won_value"])
    assert float(size.median.amount) == expected["median_won_value"]
    assert {money.currency for money in (size.mean, size.median, size.total)} == {"USD"}
    assert (size.n_priced, size.n_unpriced) == (expected["won"], 0)
    assert cycle.mean_days == figure(expected["won_cycle_days_mean"])
    assert cycle.median_days == expected["won_cycle_days_median"]
    assert of_closed.mean_days == figure(expected["closed_cycle_days_mean"])
    assert of_lost.mean_days == figure(expected["lost_cycle_days_mean"])
    assert (cycle.n, of_closed.n, of_lost.n) == (
        expected["won"],
        expected["closed"],
        expected["lost"],
    )
    if with_open:
        assert summary.n_open == expected["engaging"] + expected["prospecting"]
        assert summary.n_created == expected["opportunities_total"]
        assert summary.conversion_rate.denominator == expected["opportunities_total"]
        velocity = summary.pipeline_velocity
        assert velocity.per_day is not None
        assert float(velocity.per_day.amount) == figure(expected["velocity_per_day_N_open"])


def numbers_of(deals: tuple[Deal, ...], **options: Any) -> Any:
    """The summary and both other cycles, whole or by group."""
    summary = metrics.summary(deals, as_of=NOW, **options)
    cycles: Callable[..., Any] = metrics.cycle_time
    of_closed, of_lost = (cycles(deals, outcome=kind, **options) for kind in ("all", "lost"))
    return summary, of_closed, of_lost


@pytest.mark.parametrize("name", FORMATS)
def test_overall_in_every_copy_of_the_file(name, reference):
    assert_figures(numbers_of(read(name)), reference["overall"], with_open=True)


def test_the_figures_the_issue_names(deals):
    summary = metrics.summary(deals, as_of=NOW)
    assert summary.win_rate.value == pytest.approx(0.6315005215, abs=5e-11)
    assert str(summary.average_deal_size.mean.round()) == "USD 2,360.91"
    assert summary.cycle_time.median_days == 57
    assert float(summary.pipeline_velocity.per_day.amount) == pytest.approx(60146.8493, abs=5e-5)


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("owner_id", "by_sales_agent"),
        ("custom.product", "by_product"),
        ("custom.regional_office", "by_regional_office"),
    ],
)
def test_by_group(deals, reference, column, name):
    found = numbers_of(deals, by=column)
    assert {*found[0]} == {*reference[name]}
    for key, expected in reference[name].items():
        assert_figures(tuple(part[key] for part in found), expected, with_open=True)


def test_by_quarter_of_close(deals, reference):
    expected = reference["by_close_quarter"]
    summary, of_closed, of_lost = numbers_of(deals, every="quarter")
    # The last quarter of 2016 has creations and no closing; a rate of nothing is None.
    assert [str(key) for key in summary] == ["2016-Q4", "2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]
    assert summary[Period.quarter(2016, 4)].win_rate.value is None
    for key, of_quarter in expected.items():
        quarter = Period.parse(key.replace("Q", "-Q"))
        parts = summary[quarter], of_closed[quarter], of_lost[quarter]
        assert_figures(parts, of_quarter, with_open=False)


def test_mean_of_all_closed_amounts_counts_the_zeros_of_lost_deals(deals, reference):
    rate = metrics.win_rate(deals, weight="value")
    closed = metrics.win_rate(deals).denominator
    mean = float(rate.denominator.amount) / closed
    assert mean == pytest.approx(
        reference["extra"]["mean_close_value_over_all_closed_incl_zero_for_lost"], rel=1e-12
    )
    # Lost deals are worth 0 in the file, so by value everything was won.
    assert rate.value == 1.0


def test_deals_nobody_dated_are_said_to_be_left_out(deals):
    found = metrics.conversion_rate(deals, every="year")
    assert found.left_out == {"no_created_at": 500}
    assert sum(row.denominator for row in found.values()) == 8300
