"""How many days does it take to close a deal?"""

from statistics import median

import pytest

from salesflow import Period, metrics
from salesflow.errors import OptionError
from salesflow.facts import Facts
from tests.builders import lead_of, lead_opened
from tests.shorthand import at, known, lived, lost, on, still_open, won

BOOK = [
    won("D-1", 1, 11),  # 10 days
    won("D-2", 1, 4),  # 3
    won("D-3", 5, 25),  # 20
    won("D-4", 1, 2),  # 1
    lost("D-5", 1, 31),  # 30
    still_open("D-6", 1),
]


def test_mean_and_median_of_won_deals():
    found = metrics.cycle_time(BOOK)
    assert (found.n, found.mean_days) == (4, (10 + 3 + 20 + 1) / 4)
    assert found.median_days == median([10, 3, 20, 1]) == 6.5


@pytest.mark.parametrize(
    ("outcome", "n", "mean"), [("won", 4, 8.5), ("lost", 1, 30), ("all", 5, 12.8)]
)
def test_of_one_outcome_or_all(outcome, n, mean):
    found = metrics.cycle_time(BOOK, outcome=outcome)
    assert (found.n, found.mean_days) == (n, pytest.approx(mean))


def test_the_middle_one_of_an_odd_number():
    assert metrics.cycle_time(BOOK[:3]).median_days == 10.0


def test_between_instants_it_is_exact():
    deal = lived("D", (at(1, 6), "open"), (at(2, 18), "win"))
    assert metrics.cycle_time([deal]).mean_days == 1.5


def test_a_cycle_of_no_time_is_one():
    assert metrics.cycle_time([won("D", 1, 1)]).mean_days == 0.0


def test_a_negative_one_is_left_out_and_counted():
    found = metrics.cycle_time([*BOOK, won("D-7", 20, 10)])
    assert (found.n, found.mean_days) == (4, 8.5)
    assert dict(found.left_out) == {"negative_cycle": 1}


def test_one_nobody_can_measure_is_left_out_and_counted():
    found = metrics.cycle_time([*BOOK, won("D-7", 20), won("D-8", None, 5), lost("D-9")])
    assert (found.n, dict(found.left_out)) == (4, {"unknown_cycle": 2})


def test_in_a_period_one_without_a_closing_date_has_another_reason():
    book = [won("D-1", 1, 11), won("D-2", 1), won("D-3", None, 12)]
    found = metrics.cycle_time(book, period=Period.month(2026, 1))
    assert (found.n, dict(found.left_out)) == (1, {"no_closed_at": 1, "unknown_cycle": 1})


def test_without_a_cycle_it_is_undefined():
    found = metrics.cycle_time([still_open("D", 1)])
    assert (found.mean_days, found.median_days, found.n) == (None, None, 0)


def test_by_month_of_closing():
    book = [won("D-1", 1, 11), won("D-2", 1, on(1, 3))]
    found = metrics.cycle_time(book, every="month")
    assert [(str(key), of.mean_days) for key, of in found.items()] == [
        ("2026-01", 10.0),
        ("2026-02", None),
        ("2026-03", 59.0),
    ]


def test_from_the_first_stage():
    visits = [("prospecting", on(6)), ("meeting", on(10))]
    deal = known("D", "won", 1, 26, visits=visits)
    assert metrics.cycle_time([deal]).mean_days == 25.0
    assert metrics.cycle_time([deal], start="first_stage").mean_days == 20.0


def test_from_the_first_stage_where_nobody_knows_it():
    found = metrics.cycle_time([won("D", 1, 31)], start="first_stage")
    assert (found.mean_days, dict(found.left_out)) == (None, {"unknown_cycle": 1})


def test_from_the_lead():
    lead = lead_of(lead_opened(id="L:1", at=at(1)))
    deal = lived("D", (at(11), "open"), (at(21), "win"), lead_id="L")
    data = Facts(deals=[deal, won("D-2", 1, 5)], leads=[lead])
    found = metrics.cycle_time(data, start="lead")
    assert (found.mean_days, dict(found.left_out)) == (20.0, {"unknown_cycle": 1})
    assert metrics.cycle_time(data).mean_days == 7.0  # 10 and 4


def test_from_the_lead_without_leads_is_refused():
    with pytest.raises(OptionError, match="cannot measure from the lead") as caught:
        metrics.cycle_time(BOOK, start="lead")
    assert "Facts(deals=…, leads=…)" in str(caught.value.hint)


def test_the_active_clock_stops_while_it_is_closed():
    lead = lead_of(lead_opened(id="L:1", at=at(1)))
    deal = lived(
        "D",
        (at(2), "open"),
        (at(5), "lose"),
        (at(15), "reopen", "prospecting"),
        (at(20), "win"),
        lead_id="L",
    )
    data = Facts(deals=[deal], leads=[lead])
    found = {
        start: [
            metrics.cycle_time(data, start=start, clock=clock).mean_days
            for clock in ("elapsed", "active")
        ]
        for start in ("created", "first_stage", "lead")
    }
    # Ten of the days it was lost.
    assert found == {"created": [18.0, 8.0], "first_stage": [18.0, 8.0], "lead": [19.0, 9.0]}


def test_the_active_clock_needs_the_whole_path():
    found = metrics.cycle_time([won("D", 1, 31)], clock="active")
    assert (found.n, dict(found.left_out)) == (0, {"unknown_cycle": 1})


@pytest.mark.parametrize(
    ("option", "value"), [("outcome", "open"), ("start", "today"), ("clock", "wall")]
)
def test_another_choice_is_refused(option, value):
    with pytest.raises(OptionError, match=f"cannot take {option}='{value}'"):
        metrics.cycle_time(BOOK, **{option: value})


def test_the_first_stage_is_unknown_if_the_visits_begin_in_the_middle():
    deal = known("D", "won", 1, 31, visits=[("meeting", on(6))])
    found = metrics.cycle_time([deal], start="first_stage")
    assert (found.mean_days, dict(found.left_out)) == (None, {"unknown_cycle": 1})
