"""Do we reach our targets?"""

from functools import partial

import attrs
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Period, Rates, facts, metrics
from salesflow.datasets import make_deals
from salesflow.errors import MixedCurrencyError, NaiveDatetimeError, OptionError
from salesflow.metrics.own import count, is_, median, total
from salesflow.metrics.results import Result
from salesflow.review import Target, attainment
from tests.property.test_independent import PERIODS
from tests.shorthand import NOW, PIPELINE, at, eur, lived, lost, on, still_open, usd, won
from tests.tables import FRAMES, framed
from tests.tales import instants, ledgers

Q1, Q2 = Period.quarter(2026, 1), Period.quarter(2026, 2)
WINS = count(is_("outcome", "won"), dated_by="closed_at")


def book():
    """Won and lost: 1 and 3 in the first quarter, 3 and 1 in the second, by kim but for one."""
    return [
        won("A", 1, on(5, 2), 100, "kim"),
        *(lost(f"B{n}", 1, on(6, 2), 10, "kim") for n in range(3)),
        won("C", 1, on(5, 4), 300, "kim"),
        won("D", 1, on(6, 4), 200, "kim"),
        won("E", 1, on(7, 4), 50, "lee"),
        lost("F", 1, on(8, 4), 10, "kim"),
    ]


def only(found):
    """The one row."""
    [row] = found.values()
    return row


def test_a_rate_and_its_target():
    row = only(attainment(book(), Target(metrics.win_rate, 0.5, Q2), as_of=at(15, month=5)))
    # 3 of 4, and 1 of 4 the quarter before; nothing earlier.
    assert (row.target, row.actual, row.gap, row.is_met) == (0.5, 0.75, 0.25, True)
    assert row.previous == (0.25, None, None)
    # Wilson of 3 of 4, z² = 3.8415: (0.75 + 0.4802 ± 1.96 √(0.0469 + 0.0600)) ÷ 1.9604
    assert row.interval == pytest.approx((0.3006, 0.9544), abs=5e-4)
    assert row.is_significant is False
    # 30 + 14 of 91 days.
    assert row.elapsed_share == pytest.approx(44 / 91)
    assert (row.period, row.number, row.by, row.as_of) == (Q2, "value", None, at(15, month=5))


@pytest.mark.parametrize(
    ("target", "is_met", "is_significant"),
    [(0.3, True, True), (0.31, True, False), (0.75, True, False), (0.95, False, False)],
)
def test_the_interval_leaves_the_target_out_or_not(target, is_met, is_significant):
    row = only(attainment(book(), Target(metrics.win_rate, target, Q2), as_of=NOW))
    # The interval is 30.06 % to 95.44 %.
    assert (row.is_met, row.is_significant) == (is_met, is_significant)
    far = only(attainment(book(), Target(metrics.win_rate, 0.96, Q2), as_of=NOW))
    assert (far.is_met, far.is_significant) == (False, True)


def test_less_may_be_better():
    days = partial(Target, metrics.cycle_time, period=Q2, bound="at_most")
    # Opened on 1 January, closed on 5, 6 and 7 April: 94, 95 and 96 days.
    rows = [only(attainment(book(), days(value=n), as_of=NOW)) for n in (94, 95, 96)]
    assert [(row.gap, row.is_met) for row in rows] == [(1.0, False), (0.0, True), (-1.0, True)]
    assert (rows[0].number, rows[0].interval, rows[0].is_significant) == ("mean_days", None, None)
    # 35 days in the first quarter.
    assert rows[0].previous == (35.0, None, None)


def test_money_is_aimed_at_by_owner():
    quota = {"kim": eur(600), "max": eur(40)}
    target = Target(metrics.average_deal_size, quota, Q2, by="owner_id", number="total")
    found = attainment(book(), target, as_of=NOW, n_previous=1)
    rows = {group: row for (_, group), row in found.items()}
    kim, lee, nobody = rows["kim"], rows["lee"], rows["max"]
    assert (kim.target, kim.actual, kim.gap, kim.is_met) == (eur(600), eur(500), eur(-100), False)
    assert (kim.previous, kim.by, kim.number) == ((eur(100),), "owner_id", "total")
    # Nobody said what lee was to win; max has won nothing, which is known.
    assert (lee.target, lee.actual, lee.gap, lee.is_met) == (None, eur(50), None, None)
    assert (nobody.actual, nobody.gap, nobody.previous) == (eur(0), eur(-40), (eur(0),))
    # In the first quarter lee had no deal.
    assert lee.previous == (eur(0),)
    assert found.missed == (
        ("average deal size, total by owner_id", "kim"),
        ("average deal size, total by owner_id", "max"),
    )
    assert found.currency == "EUR"


def test_one_value_for_each_group():
    target = Target(metrics.win_rate, 0.6, Q2, by="owner_id")
    found = attainment(book(), target, as_of=NOW)
    assert {key: row.is_met for (_, key), row in found.items()} == {"kim": True, "lee": True}
    assert {row.target for row in found.values()} == {0.6}


def test_a_rate_of_a_group_without_deals_is_unknown():
    target = Target(metrics.win_rate, {"max": 0.5}, Q2, by="owner_id")
    row = attainment(book(), target, as_of=NOW)["win rate by owner_id", "max"]
    assert (row.target, row.actual, row.gap, row.is_met) == (0.5, None, None, None)
    assert (row.number, row.interval, row.previous) == ("value", None, (None, None, None))


def test_keys_of_several_columns():
    goals = {("kim", None): 2, ("max", "web"): 1}
    target = Target(WINS, goals, Q2, by=["owner_id", "source"], name="wins")
    found = attainment(book(), target, as_of=NOW, n_previous=0)
    assert {key: row.gap for key, row in found.items()} == {
        ("wins", ("kim", None)): 0,
        ("wins", ("lee", None)): None,
        ("wins", ("max", "web")): -1,
    }
    assert "max, web" in str(found)


def test_stages_have_targets_too():
    steps = ((at(1), "open"), (at(5), "to", "qualification"), (at(8), "to", "meeting"))
    target = Target(metrics.time_in_stage, {"qualification": 2, "proposal": 4}, Q1, bound="at_most")
    found = attainment([lived("D", *steps)], target, as_of=at(9), n_previous=1)
    assert {key: (row.actual, row.is_met) for (_, key), row in found.items()} == {
        "prospecting": (4.0, None),
        "qualification": (3.0, False),
        "meeting": (None, None),
        "proposal": (None, None),
    }
    assert found["time in stage", "proposal"].number == "mean_days"
    assert found["time in stage", "proposal"].by == "stage"
    nothing = attainment([], target, as_of=at(9), n_previous=0)
    assert [row.number for row in nothing.values()] == ["", ""]


def test_measures_of_ones_own():
    revenue = total("amount", is_("outcome", "won"), dated_by="closed_at")
    wait = median("cycle_days", is_("outcome", "won"), dated_by="closed_at")
    targets = [
        Target(WINS, 3, Q2, name="wins"),
        Target(revenue, eur(500), Q2, name="revenue"),
        Target(wait, 90, Q2, name="wait", bound="at_most"),
    ]
    found = attainment(book(), targets, as_of=NOW, n_previous=1)
    told = {name: (row.actual, row.is_met, row.previous) for (name, _), row in found.items()}
    assert told == {
        "wins": (3, True, (1,)),
        "revenue": (eur(550), True, (eur(100),)),
        "wait": (95.0, False, (35.0,)),
    }
    assert [row.number for row in found.values()] == ["number", "number", "days"]


def test_a_period_that_has_yet_to_begin_or_is_over():
    target = Target(metrics.average_deal_size, eur(5), Q2, number="total")
    early = only(attainment(book(), target, as_of=at(9, month=2)))
    assert (early.elapsed_share, early.actual, early.is_met) == (0.0, eur(0), False)
    assert early.previous[0] == eur(100)
    assert only(attainment(book(), target, as_of=at(9, month=9))).elapsed_share == 1.0


def test_nothing_has_no_currency_of_its_own():
    target = Target(metrics.average_deal_size, eur(5), Q2, number="total")
    assert only(attainment([], target, as_of=NOW)).gap == eur(-5)
    unpriced = [won("D", 1, on(5, 4))]
    row = only(attainment(unpriced, target, as_of=NOW))
    assert (row.actual, row.currency, dict(row.left_out)) == (eur(0), "EUR", {"no_amount": 1})


def test_rates_bring_amounts_into_the_currency_of_the_target():
    deals = [won("D", 1, on(5, 4), usd(100)), won("E", 1, on(6, 4), eur(10), "kim")]
    target = Target(
        metrics.average_deal_size,
        {None: eur(100), "max": eur(5)},
        Q2,
        number="total",
        by="owner_id",
    )
    rates = Rates("EUR", {"USD": "0.5"})
    found = attainment(deals, target, as_of=NOW, rates=rates)
    assert {key: row.actual for (_, key), row in found.items()} == {
        "kim": eur(10),
        None: eur(50),
        "max": eur(0),
    }
    by_currency = Target(
        metrics.average_deal_size,
        {"EUR": eur(5), "USD": usd(200), "CHF": eur(0)},
        Q2,
        by="currency",
        name="x",
    )
    rows = attainment(deals, by_currency, as_of=NOW)
    assert (rows["x", "USD"].gap, rows["x", "EUR"].gap) == (usd(-100), eur(5))
    assert rows.currency == "XXX"


# Displays.


def test_a_table_of_all_kinds():
    targets = [
        Target(metrics.win_rate, 0.8, Q2),
        Target(metrics.average_deal_size, eur(500), Q2, number="total"),
        Target(metrics.cycle_time, 95, Q2, bound="at_most"),
        Target(metrics.win_rate, {"max": 0.1}, Q2, by="owner_id"),
    ]
    found = attainment(book(), targets, as_of=at(1, month=7), n_previous=2)
    rows = [line.split("  ") for line in str(found).splitlines()]
    cells = [[cell.strip() for cell in row if cell] for row in rows]
    assert cells[0] == [
        *("name", "group", "period", "target", "actual", "gap", "is_met", "interval"),
        *("is_significant", "elapsed_share", "previous"),
    ]
    assert cells[1] == [
        *("win rate", "—", "2026-Q2", "80.0%", "75.0%", "-5.0 points", "False", "30.1% to 95.4%"),
        *("False", "100.0%", "—, 25.0%"),
    ]
    assert cells[2][3:7] == ["EUR 500.00", "EUR 550.00", "+EUR 50.00", "True"]
    assert cells[3][3:6] == ["95 days", "95.0 days", "+0.0 days"]
    assert cells[6][1:6] == ["max", "2026-Q2", "10.0%", "—", "—"]


def test_frames_and_json():
    target = Target(metrics.average_deal_size, eur(500), Q2, number="total")
    found = attainment(book(), target, as_of=NOW, n_previous=2)
    frame = found.to_frame("polars")
    row = frame.row(0, named=True)
    assert (row["target"], row["actual"], row["currency"]) == (500, 550, "EUR")
    assert (row["previous_1"], row["previous_2"], row["period"]) == (100, 0, "2026-Q2")
    assert '"target": {"amount": "500", "currency": "EUR"}' in found.to_json()
    assert found.to_dicts()[0]["name"] == "average deal size, total"
    assert attainment(book(), [], as_of=NOW).to_frame("polars").is_empty()


def test_what_is_left_out_is_counted_for_each_target():
    deals = [*book(), won("U", 1, on(9, 4)), won("V")]
    targets = [
        Target(metrics.average_deal_size, eur(500), Q2),
        Target(metrics.win_rate, 0.5, Q2),
    ]
    found = attainment(deals, targets, as_of=NOW)
    assert dict(found.left_out) == {
        "average deal size: no_amount": 1,
        "average deal size: no_closed_at": 1,
        "win rate: no_closed_at": 1,
    }
    assert dict(found["win rate", None].left_out) == {"no_closed_at": 1}


def test_a_trend_of_what_is_open_now_says_so():
    target = Target(metrics.pipeline_velocity, eur(5), Q2)
    row = only(attainment(book(), target, as_of=NOW, n_previous=1))
    assert row.notes == (metrics.Velocity.trend_note,)
    assert only(attainment(book(), target, as_of=NOW, n_previous=0)).notes == ()


def test_a_stream_of_deals_is_read_once():
    row = only(attainment(iter(book()), Target(metrics.win_rate, 0.5, Q2), as_of=NOW))
    assert row.previous[0] == 0.25


# What is refused.


@attrs.frozen
class Wordy(Result):
    """No number at all."""

    word: str


@pytest.mark.parametrize(
    ("target", "parameter", "fact"),
    [
        (Target(metrics.win_rate, 40, Q2), "value", "it is a share, and 40 is none"),
        (Target(metrics.win_rate, eur(1), Q2), "value", "it is a share"),
        (Target(metrics.cycle_time, eur(9), Q2), "value", r"its number is 95\.0, and"),
        (
            Target(metrics.average_deal_size, 500, Q2),
            "value",
            "is of another kind",
        ),
        (
            Target(metrics.average_deal_size, 500, Q2, number="totel"),
            "number",
            "its metric has no number 'totel'",
        ),
        (Target(metrics.win_rate, {"kim": 0.5}, Q2), "value", "its metric has no groups"),
        (
            Target(metrics.win_rate, {"kim": 0.5}, Q2, by=["owner_id"]),
            "value",
            "groups by owner_id have other keys than 'kim'",
        ),
        (Target(lambda _, **__: 5, 5, Q2), "metric", "5 is no result"),
        (Target(lambda _, **__: Wordy("a"), 5, Q2), "metric", "its metric has no number"),
    ],
)
def test_what_cannot_be_measured(target, parameter, fact):
    with pytest.raises(OptionError, match=fact) as caught:
        attainment(book(), target, as_of=NOW)
    assert caught.value.parameter == parameter
    assert str(caught.value).startswith(f"cannot measure target '{target.called}': ")


def test_the_hint_names_the_closest_number():
    target = Target(metrics.average_deal_size, eur(1), Q2, number="totel")
    with pytest.raises(OptionError, match="give 'total', "):
        attainment(book(), target, as_of=NOW)


def test_a_target_in_another_currency():
    target = Target(metrics.average_deal_size, usd(500), Q2)
    with pytest.raises(MixedCurrencyError, match="in USD on amounts in EUR") as caught:
        attainment(book(), target, as_of=NOW)
    assert caught.value.currencies == ("EUR", "USD")
    # Though nothing was won, the amounts are known to be of another one.
    nothing = Target(metrics.average_deal_size, usd(500), Period.quarter(2025, 1), number="total")
    with pytest.raises(MixedCurrencyError, match="in USD on amounts in EUR"):
        attainment(book(), nothing, as_of=NOW)


@pytest.mark.parametrize(
    ("options", "parameter", "fact"),
    [
        ({"n_previous": -1}, "n_previous", "cannot look at -1 periods before"),
        ({"n_previous": True}, "n_previous", "cannot look at True periods before"),
        ({"n_previous": 1.5}, "n_previous", "cannot look at 1.5 periods before"),
        ({"period": Q1}, "period", "each target says that itself"),
        ({"by": "source"}, "by", "each target says that itself"),
        ({"every": "month"}, "every", "each target says that itself"),
        ({"wieght": 1}, "wieght", "cannot take option 'wieght'"),
    ],
)
def test_options_that_make_no_sense(options, parameter, fact):
    with pytest.raises(OptionError, match=fact) as caught:
        attainment(book(), Target(metrics.win_rate, 0.5, Q2), as_of=NOW, **options)
    assert caught.value.parameter == parameter


def test_what_is_no_target_and_no_instant():
    target = Target(metrics.win_rate, 0.5, Q2)
    with pytest.raises(OptionError, match="cannot measure 5: it is no target"):
        attainment(book(), 5, as_of=NOW)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"cannot measure 0\.5: it is no target"):
        attainment(book(), [target, 0.5], as_of=NOW)  # type: ignore[list-item]
    with pytest.raises(OptionError, match="two targets called 'win rate'"):
        attainment(book(), [target, Target(metrics.win_rate, 0.5, Q1)], as_of=NOW)
    with pytest.raises(NaiveDatetimeError):
        attainment(book(), target, as_of=NOW.replace(tzinfo=None))


# Frames, laws.


@pytest.mark.parametrize("backend", FRAMES)
def test_frames_say_the_same(backend):
    dataset = make_deals(150, seed=5)
    tables = facts.to_frame(dataset.deals, backend=backend, at=dataset.as_of)
    year = Period.year(2025)
    targets = [
        Target(metrics.win_rate, {"ana": 0.4, "zoe": 0.4}, year, by="owner_id"),
        Target(metrics.average_deal_size, eur(90_000), year, number="total"),
        Target(WINS, 9, year, by="source", name="wins"),
    ]
    ours, theirs = (
        attainment(data, targets, as_of=dataset.as_of, n_previous=1)
        for data in (dataset.deals, tables)
    )
    assert theirs.to_dicts() == ours.to_dicts()


def test_a_frame_in_its_own_words():
    frame = framed(
        {
            "result": ["Won", "Lost"],
            "created_at": [on(1)] * 2,
            "closed_at": [on(5, 4)] * 2,
            "value": [100, 5],
            "rep": ["a"] * 2,
        },
        "polars",
    )
    target = Target(
        metrics.average_deal_size,
        {"a": eur(50), "b": eur(5)},
        Q2,
        by="owner_id",
        number="total",
    )
    reading = {
        "columns": {"outcome": "result", "amount": "value", "owner_id": "rep"},
        "outcomes": {"Won": "won", "Lost": "lost"},
    }
    found = attainment(frame, target, as_of=NOW, currency="EUR", n_previous=1, **reading)
    assert [row.gap for row in found.values()] == [eur(50), eur(-5)]
    # Where nobody says what the amounts are in, they are not those of the target.
    with pytest.raises(MixedCurrencyError, match="in EUR on amounts in XXX"):
        attainment(frame, target, as_of=NOW, **reading)
    assert frame.select(pl.len()).item() == 2


@given(ledgers(), instants(), PERIODS, st.floats(0, 1), st.sampled_from([None, "owner_id"]))
def test_each_number_is_that_of_the_metric(ledger, now, period, goal, by):
    target = Target(metrics.win_rate, goal, period, by=by)
    found = attainment(ledger, target, as_of=now, n_previous=1)
    rates = metrics.win_rate(ledger, period=period, as_of=now, by=by)
    before = metrics.win_rate(ledger, period=period.previous(), as_of=now, by=by)
    if not isinstance(rates, metrics.Breakdown) or not isinstance(before, metrics.Breakdown):
        rates, before = {None: rates}, {None: before}
    assert {key: row.actual for (_, key), row in found.items()} == {
        key: rate.value for key, rate in rates.items()
    }
    for (_, key), row in found.items():
        assert row.previous == (before[key].value if key in before else None,)
        assert row.interval == rates[key].interval
        if row.actual is None:
            assert (row.gap, row.is_met, row.is_significant) == (None, None, None)
        else:
            assert row.gap == row.actual - goal
            assert row.is_met is (row.actual >= goal)
            low, high = row.interval
            # What luck explains is near the actual on either side.
            assert row.is_significant is (goal < low or high < goal)


def test_a_win_made_up_of_moves_counts():
    deal = PIPELINE.open("Acme", id="A", amount=eur(7), at=at(1))
    for day in range(2, 6):
        deal = PIPELINE.advance(deal, at=at(day))
    deal = PIPELINE.win(deal, at=at(9))
    target = Target(metrics.average_deal_size, eur(7), Q1, number="total")
    found = attainment([deal, still_open("O", 1)], target, as_of=at(10), n_previous=0)
    assert only(found).is_met is True
    assert only(attainment([deal], target, as_of=at(8), n_previous=0)).actual == eur(0)
