"""How many days does it take to close a deal?"""

from statistics import median

import pytest

from salesflow import Period, metrics
from salesflow.errors import OptionError
from salesflow.facts import Facts
from tests.builders import lead_of, lead_opened
from tests.shorthand import NOW, at, known, lived, lost, on, still_open, won

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
    with pytest.raises(OptionError, match="the data has no leads"):
        metrics.cycle_time(Facts(deals=BOOK), start="lead")
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
    ("option", "value"),
    [("outcome", "open"), ("start", "today"), ("clock", "wall"), ("basis", "moved")],
)
def test_another_choice_is_refused(option, value):
    with pytest.raises(OptionError, match=f"cannot take {option}='{value}'"):
        metrics.cycle_time(BOOK, **{option: value})


def test_the_first_stage_is_unknown_if_the_visits_begin_in_the_middle():
    deal = known("D", "won", 1, 31, visits=[("meeting", on(6))])
    found = metrics.cycle_time([deal], start="first_stage")
    assert (found.mean_days, dict(found.left_out)) == (None, {"unknown_cycle": 1})


# With the open deals: the estimator of Kaplan and Meier.

YOUNG = [won("D-1", 1, 31), won("D-2", 1, on(10, 2)), *(still_open(f"O-{n}", 1) for n in range(3))]
"""Won after 30 and 40 days, and three still open."""
LATE = at(11, month=4)  # 100 days after 1 January


def test_open_deals_count_with_their_age():
    found = metrics.cycle_time(YOUNG, censored=True, as_of=LATE)
    # S is 4/5 after 30 days and 3/5 after 40: half of them did not close yet.
    assert (found.mean_days, found.n, found.km_median_days, found.n_censored) == (35, 2, None, 3)
    # Greenwood at 40: 1/3 - 1/5 = 0.1333, so the band is 0.6 ^ exp(±1.96 × 0.3651 ÷ 0.5108):
    # 0.6 ^ 4.06 = 0.126 and 0.6 ^ 0.246 = 0.88; at 30, 0.8 ^ exp(1.96) = 0.8 ^ 7.1 = 0.2.
    assert found.km_interval == (30.0, None)


def test_once_half_have_closed_there_is_a_median():
    book = [*YOUNG, won("D-3", 1, on(20, 2))]  # 50 days
    found = metrics.cycle_time(book, censored=True, as_of=LATE)
    # S is 5/6, 4/6, 3/6.
    assert (found.km_median_days, found.n_censored) == (50.0, 3)


def test_unless_asked_for_there_is_no_estimate():
    found = metrics.cycle_time(YOUNG, as_of=LATE)
    assert (found.km_median_days, found.km_interval, found.n_censored) == (None, None, None)
    assert "km" not in str(found)


def test_a_table_shows_the_estimate_in_days():
    found = metrics.cycle_time(YOUNG, censored=True, as_of=LATE)
    header, row, *_ = str(found).splitlines()
    assert header.split() == [
        *("mean_days", "median_days", "n"),
        *("km_median_days", "km_interval_days", "n_censored"),
    ]
    assert row.split() == ["35.0", "35.0", "2", "—", "30.0", "to", "—", "3"]


def test_of_nothing_there_is_no_estimate():
    found = metrics.cycle_time([], censored=True, as_of=NOW)
    assert (found.km_median_days, found.km_interval, found.n_censored) == (None, None, 0)
    waiting = metrics.cycle_time([still_open("D", 1)], censored=True, as_of=NOW)
    assert (waiting.km_interval, waiting.n_censored) == ((None, None), 1)


@pytest.mark.parametrize(
    ("outcome", "days", "n_censored"), [("won", 20.0, 3), ("lost", 30.0, 3), ("all", 20.0, 1)]
)
def test_another_outcome_ends_the_watch_at_its_closing(outcome, days, n_censored):
    # Won after 10 and 20 days, lost after 5 and 30, open for 25.
    closed = [won("D-1", 1, 11), won("D-2", 1, 21), lost("D-3", 1, 6), lost("D-4", 1, 31)]
    book = [*closed, still_open("D-5", 6)]
    found = metrics.cycle_time(book, outcome=outcome, censored=True, as_of=at(31))
    # Won: 4 are at risk at 10, 3 at 20: 3/4, 2/4. Lost: 5 at 5, and 1 at 30: 4/5, 0.
    # All: 4/5 at 5, 3/5 at 10, 2/5 at 20.
    assert (found.km_median_days, found.n_censored) == (days, n_censored)


def test_what_nobody_can_measure_is_not_in_the_estimate():
    strange = [won("W", 20, 10), lost("L-1", 20, 10), lost("L-2", 20), still_open("O"), won("U", 1)]
    found = metrics.cycle_time([*YOUNG, *strange], censored=True, as_of=LATE)
    assert (found.n, found.n_censored, found.km_interval) == (2, 3, (30.0, None))
    assert dict(found.left_out) == {
        "negative_cycle": 1,
        "unknown_cycle": 1,
        "censored_negative_cycle": 1,
        "censored_unknown_cycle": 1,
        "censored_unknown_age": 1,
    }


def test_a_cycle_of_no_time_is_in_the_estimate():
    found = metrics.cycle_time([won("D", 1, 1)], censored=True, as_of=NOW)
    assert (found.km_median_days, found.km_interval) == (0.0, (0.0, None))


def test_the_age_begins_where_the_cycle_does():
    lead = lead_of(lead_opened(id="L:1", at=at(1)))
    lived_on = lived("D-1", (at(11), "open"), (at(21), "win"), lead_id="L")
    waits = known("D-2", "meeting", 11, visits=[("prospecting", on(16))], lead_id="L")
    unknown = known("D-3", "meeting", 11, visits=[("meeting", on(16))])
    data = Facts(deals=[lived_on, waits, unknown], leads=[lead])
    found = {
        start: metrics.cycle_time(data, start=start, censored=True, as_of=at(27))
        for start in ("created", "first_stage", "lead")
    }
    # The open ones are 16 days old, and one is 11 in its first stage and 26 of its lead, each
    # longer than the cycle: 2/3, 1/2 and 1/2 are left after it.
    assert {start: of.km_median_days for start, of in found.items()} == {
        "created": None,
        "first_stage": 10.0,
        "lead": 20.0,
    }
    assert [of.n_censored for of in found.values()] == [2, 1, 1]
    assert dict(found["first_stage"].left_out) == {"censored_unknown_age": 1}
    assert dict(found["lead"].left_out) == {"censored_unknown_age": 1}


def test_the_estimate_needs_a_now_and_an_age():
    with pytest.raises(OptionError, match="depends on as_of") as caught:
        metrics.cycle_time(YOUNG, censored=True)
    assert caught.value.parameter == "as_of"
    with pytest.raises(OptionError, match="open deals have no active age") as caught:
        metrics.cycle_time(YOUNG, censored=True, clock="active", as_of=NOW)
    assert "clock='elapsed'" in str(caught.value.hint)


@pytest.mark.parametrize("dated", [{"period": Period.month(2026, 1)}, {"every": "month"}])
def test_no_open_deal_is_in_a_period_of_closings(dated):
    with pytest.raises(OptionError, match="no open deal is in it") as caught:
        metrics.cycle_time(YOUNG, censored=True, as_of=NOW, **dated)
    assert "basis='created'" in str(caught.value.hint)


def test_a_cohort_is_what_was_created_in_a_period():
    book = [
        *YOUNG,
        won("D-3", on(1, 2), on(11, 2)),
        won("D-4", None, on(11, 2)),
        still_open("O-4"),
    ]
    found = metrics.cycle_time(book, basis="created", censored=True, every="month", as_of=LATE)
    assert [(str(key), of.n, of.mean_days, of.n_censored) for key, of in found.items()] == [
        ("2026-01", 2, 35.0, 3),
        ("2026-02", 1, 10.0, 0),
    ]
    assert found.left_out == {"no_created_at": 2}
    plain = metrics.cycle_time(book, basis="created", period=Period.month(2026, 2))
    assert (plain.n, plain.mean_days, dict(plain.left_out)) == (1, 10.0, {"no_created_at": 1})


def test_a_cohort_belongs_to_the_owner_who_opened_it():
    deal = lived("D", (at(1), "open"), (at(5), "owner", "lee"), (at(11), "win"), owner_id="kim")
    assert [*metrics.cycle_time([deal], by="owner_id")] == ["lee"]
    cohort = metrics.cycle_time([deal], by="owner_id", basis="created", censored=True, as_of=NOW)
    assert {owner: of.km_median_days for owner, of in cohort.items()} == {"kim": 10.0}
