"""The open deals of the CRM Sales Opportunities set have no amounts: a simulation says so.

They are priced by product only when that is asked for, at the list's prices. 500 of them are in
Prospecting, of which nobody knows since when.
"""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import pytest

from salesflow import Deal, Money, Period
from salesflow.forecast import StageModel, simulate
from tests.real.files import real_file
from tests.real.test_maven import PIPELINE

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

NOW = datetime(2018, 1, 1, tzinfo=UTC)
FIRST = Period.quarter(2018, 1)


@cache
def rows() -> tuple[dict[str, str], ...]:
    with real_file("maven/sales_pipeline.csv").open(newline="", encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


def deal_of(row: dict[str, str]) -> Deal:
    """The deal; what the set calls its date of engaging is the entry into that stage."""
    engaged = date.fromisoformat(row["engage_date"]) if row["engage_date"] else None
    closed = date.fromisoformat(row["close_date"]) if row["close_date"] else None
    return PIPELINE.restore(
        id=row["opportunity_id"],
        stage=row["deal_stage"],
        created_at=engaged,
        closed_at=closed,
        amount=Money(row["close_value"], "USD") if row["close_value"] else None,
        visits=[("Engaging", engaged)] if engaged else [],
        custom={"product": row["product"]},
    )


@cache
def deals() -> tuple[Deal, ...]:
    return tuple(map(deal_of, rows()))


@cache
def model() -> StageModel:
    return StageModel.fit(deals(), as_of=NOW)


@cache
def prices() -> dict[str, Money]:
    with real_file("maven/products.csv").open(newline="", encoding="utf-8") as lines:
        found = {row["product"]: Money(row["sales_price"], "USD") for row in csv.DictReader(lines)}
    return {**found, "GTXPro": found["GTX Pro"]}  # deals spell it so


def ages(outcomes):
    """For how many days deals have been in Engaging, or were."""
    found = []
    for row in rows():
        if row["deal_stage"] in outcomes and row["engage_date"]:
            end = date.fromisoformat(row["close_date"] or "2018-01-01")
            found.append((end - date.fromisoformat(row["engage_date"])).days)
    return found


def test_no_open_deal_can_be_priced():
    found = simulate(deals(), model(), FIRST, n=100, seed=1)
    assert found.left_out == {"no_amount": 2089}
    assert (found.n_open, found.won, {*found.units}) == (0, Money(0, "USD"), {0})


def test_they_are_priced_by_product_when_asked():
    found = simulate(deals(), model(), FIRST, n=2_000, seed=1, prices=prices())
    longest = max(ages(["Won", "Lost", "Engaging"]))
    too_long = sum(age >= longest for age in ages(["Engaging"]))
    expected = {"no_entered_at": 500, "no_longer_visit": too_long}
    assert dict(found.left_out) == {name: n for name, n in expected.items() if n}
    assert found.n_open == 1589 - too_long
    amounts = sum(
        (prices()[row["product"]].amount for row in rows() if row["deal_stage"] == "Engaging"),
        Decimal(0),
    )
    assert 0 < found.quantile(0.05).amount < found.mean.amount < found.quantile(0.95).amount
    assert found.quantile(1).amount < amounts


def test_a_chance_is_what_shares_of_longer_visits_say():
    # No deal goes back, and all dates are days: of the visits that lasted longer, the estimator of
    # Aalen and Johansen, day by day.
    since = datetime(2017, 10, 1, tzinfo=UTC)
    deal = next(d for d in deals() if d.stage == "Engaging" and d.created_at >= since)
    age = (NOW.date() - deal.created_at.date()).days
    lasted, won = ages(["Won", "Lost", "Engaging"]), ages(["Won"])
    ended = ages(["Won", "Lost"])
    lasted.remove(age)  # its own
    left, chance = 1.0, 0.0
    for day in range(age + 1, age + 91):
        at_risk = sum(one >= day for one in lasted)
        if at_risk:
            chance += left * sum(one == day for one in won) / at_risk
            left *= 1 - sum(one == day for one in ended) / at_risk
    found = simulate([deal], model(), FIRST, n=1, seed=1, shock=0, prices=prices())
    assert found.influences()[deal.id].chance == pytest.approx(chance, abs=1e-9)
    assert 0.3 < chance < 0.7
