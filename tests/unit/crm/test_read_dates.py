"""When a deal was created, closed, and is expected to close, by all the columns that say so."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesflow.crm import Formats
from salesflow.crm._dates import (
    Closing,
    Latest,
    closing_of,
    closings_of,
    to_day,
    to_moment,
    to_moments,
)
from salesflow.crm._fields import Values
from salesflow.errors import AmbiguousColumnError, NaiveDatetimeError, UnknownZoneError
from tests.crm_reads import codes, deal_of, faults_of, finding, read

ONE, TWO = date(2026, 1, 1), date(2026, 1, 2)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY_ONE = (datetime(2026, 1, 1, tzinfo=UTC), "day")
DAY_TWO = (datetime(2026, 1, 2, tzinfo=UTC), "day")
UNKNOWN = (None, "instant")


def known(**fields: Any) -> Any:
    blank = dict.fromkeys(("closed", "won", "lost", "close", "expected_close"))
    return SimpleNamespace(**{**blank, **fields})


def test_moments_are_kept_as_days_or_instants():
    assert to_moment(None) == UNKNOWN
    assert to_moment(ONE) == DAY_ONE
    assert to_moment(NOON) == (NOON, "instant")
    assert [to_day(None), to_day(ONE), to_day(NOON)] == [None, ONE, ONE]


DIFFERENT = "its columns say different days of its closing"
LEFT_OUT = "it is open, and says when it was closed: that is left out"


@pytest.mark.parametrize(
    ("fields", "outcome", "expected"),
    [
        # Of a closed deal, its own outcome's column, then that of closing, then the shared one.
        ({}, "won", Closing(UNKNOWN, None)),
        ({"close": ONE}, "won", Closing(DAY_ONE, None)),
        ({"closed": ONE}, "lost", Closing(DAY_ONE, None)),
        ({"won": ONE}, "won", Closing(DAY_ONE, None)),
        ({"won": ONE}, "lost", Closing(UNKNOWN, None)),
        ({"lost": ONE}, "lost", Closing(DAY_ONE, None)),
        ({"won": NOON, "closed": ONE}, "won", Closing((NOON, "instant"), None)),
        ({"won": ONE, "closed": TWO}, "won", Closing(DAY_ONE, None, DIFFERENT)),
        ({"closed": ONE, "close": TWO}, "won", Closing(DAY_ONE, None, DIFFERENT)),
        ({"lost": TWO, "won": ONE, "closed": TWO}, "lost", Closing(DAY_TWO, None)),
        ({"close": ONE, "expected_close": TWO}, "lost", Closing(DAY_ONE, TWO)),
        # Of an open one the shared column is when it is expected to close.
        ({}, "open", Closing(UNKNOWN, None)),
        ({"close": ONE}, "open", Closing(UNKNOWN, ONE)),
        ({"close": NOON}, "open", Closing(UNKNOWN, ONE)),
        ({"close": ONE, "expected_close": TWO}, "open", Closing(UNKNOWN, TWO)),
        ({"closed": ONE}, "open", Closing(UNKNOWN, None, LEFT_OUT)),
        ({"won": ONE, "close": TWO}, "open", Closing(UNKNOWN, TWO, LEFT_OUT)),
        ({"lost": ONE}, "open", Closing(UNKNOWN, None, LEFT_OUT)),
    ],
)
def test_which_column_goes_before_which(fields, outcome, expected):
    assert closing_of(known(**fields), outcome) == expected


def test_several_moments_are_kept_as_each_of_them_is():
    assert to_moments([]) == ([], [])
    assert to_moments([NOON, None]) == ([NOON, None], ["instant", "instant"])
    assert to_moments([ONE, NOON, None]) == (
        [DAY_ONE[0], NOON, None],
        ["day", "instant", "instant"],
    )


ENDS = ("closed", "won", "lost", "close", "expected_close")
CELLS = st.sampled_from([None, ONE, TWO, NOON])


ROWS = [("open", *[NOON] * 5), ("won", *[ONE] * 5), ("lost", *[None] * 5)]


@given(
    columns=st.sets(st.sampled_from(ENDS)),
    rows=st.lists(st.tuples(st.sampled_from(["open", "won", "lost"]), *(CELLS for _ in ENDS))),
    is_won_expected=st.booleans(),
)
@example(columns={"close"}, rows=ROWS, is_won_expected=False)
def test_several_closings_are_told_as_each_of_them_is(columns, rows, is_won_expected):
    outcomes = [outcome for outcome, *_ in rows]
    held = [
        {name: cell for name, cell in zip(ENDS, cells, strict=True) if name in columns}
        for _, *cells in rows
    ]
    values = Values(len(rows), {name: [row[name] for row in held] for name in columns}, {})
    found = closings_of(values, outcomes, is_won_expected=is_won_expected)
    expected = [
        closing_of(known(**row), outcome, is_won_expected=is_won_expected)
        for row, outcome in zip(held, outcomes, strict=True)
    ]
    assert [*zip(found.closed, found.precisions, strict=True)] == [one.closed for one in expected]
    assert found.expected == [one.expected for one in expected]
    assert found.oddities == [one.oddity for one in expected]


def test_the_latest_of_days_and_instants():
    latest = Latest()
    assert latest.value is None
    latest.see(None, "instant")
    assert latest.value is None
    latest.see(*DAY_ONE)
    assert latest.value == ONE
    assert not isinstance(latest.value, datetime)
    latest.see(NOON, "instant")
    latest.see(*DAY_ONE)
    assert latest.value == NOON
    latest.see(*DAY_TWO)
    assert latest.value == TWO


def test_how_new_a_file_is_and_days_to_come_do_not_count():
    row = {"id": 1, "stage": "meeting", "created_at": "2026-01-05", "close_date": "2027-01-01"}
    assert read(row).latest_at == date(2026, 1, 5)
    closed = {"id": 2, "stage": "won", "created_at": "2026-01-05", "close_date": "2026-02-01"}
    assert read(row, closed).latest_at == date(2026, 2, 1)
    assert read(row, {**closed, "updated_at": "2026-03-01T10:00:00Z"}).latest_at == datetime(
        2026, 3, 1, 10, tzinfo=UTC
    )
    assert read({"id": 1, "stage": "won"}).latest_at is None


def test_a_date_stays_a_date_and_an_instant_is_of_utc():
    row = {
        "id": 1,
        "stage": "won",
        "created_at": "2026-01-05",
        "closed_at": "2026-01-06T01:00+09:00",
    }
    deal = deal_of(row)
    assert (deal.created_at, deal.created_precision) == (datetime(2026, 1, 5, tzinfo=UTC), "day")
    assert deal.closed_at == datetime(2026, 1, 5, 16, tzinfo=UTC)
    assert deal.closed_precision == "instant"


def test_times_without_a_zone_need_one():
    row = {"id": 1, "stage": "won", "closed_at": "2026-01-06 10:00"}
    with pytest.raises(NaiveDatetimeError, match="column 'closed_at'"):
        read(row)
    got = read(row, zone="Asia/Seoul")
    assert got.deals[0].closed_at == datetime(2026, 1, 6, 1, tzinfo=UTC)
    fact = "times without a zone are taken to be of Asia/Seoul"
    assert (finding(got, "format").column, finding(got, "format").fact) == ("closed_at", fact)


def test_a_zone_that_does_not_exist():
    with pytest.raises(UnknownZoneError):
        read({"id": 1, "stage": "won"}, zone="Europe/Nowhere")


def test_a_format_is_that_of_the_whole_column():
    days = ["03/04/2026", "13/04/2026"]
    got = read(*({"id": n, "stage": "won", "close_date": d} for n, d in enumerate(days)))
    assert [deal.closed_at.date() for deal in got.deals] == [date(2026, 4, 3), date(2026, 4, 13)]  # type: ignore[union-attr]
    assert finding(got, "format").fact == "read as day/month/year"


def test_what_does_not_fit_the_format_is_rejected():
    days = ["13/04/2026", "14/04/2026", "04/15/2026"]
    got = read(*({"id": n, "stage": "won", "close_date": d} for n, d in enumerate(days)))
    fact = "'04/15/2026' is no date as day/month/year"
    [(row, [(column, told)])] = faults_of(got)
    assert (row, column) == (3, "close_date")
    assert told.startswith("'04/15/2026' ")
    assert finding(got, "format").fact.endswith("which 2 of 3 cells fit"), fact


AMBIGUOUS = {"id": 1, "stage": "won", "close_date": "03/04/2026", "created_at": "01/02/2026"}


class TestAmbiguousColumns:
    def test_all_are_asked_about_at_once(self):
        with pytest.raises(AmbiguousColumnError) as caught:
            read(AMBIGUOUS)
        message = caught.value.message
        assert "cannot read column 'created_at'" in message
        assert "cannot read column 'close_date'" in message
        assert caught.value.formats == ("dmy", "mdy")

    def test_one_is_asked_about_alone(self):
        with pytest.raises(AmbiguousColumnError) as caught:
            read({**AMBIGUOUS, "created_at": "2026-01-02"})
        assert caught.value.column == "close_date"
        assert caught.value.rows == (1,)
        assert caught.value.values == ("03/04/2026",)

    def test_the_answer_is_an_option(self):
        got = read(AMBIGUOUS, formats=Formats(dates={"close_date": "mdy", "created_at": "dmy"}))
        [deal] = got.deals
        assert deal.closed_at == datetime(2026, 3, 4, tzinfo=UTC)
        assert deal.created_at == datetime(2026, 2, 1, tzinfo=UTC)

    def test_numbers_and_percentages_are_asked_about_too(self):
        row = {"id": 1, "stage": "meeting", "amount": "1.234", "probability": 1}
        with pytest.raises(AmbiguousColumnError, match="'amount'"):
            read(row)
        deal = deal_of(row, formats=Formats(numbers="1.234,56", percentages="percent"))
        assert deal.amount is not None
        assert (deal.amount.amount, deal.probability) == (1234, 0.01)


def test_a_deal_that_is_open_and_closed():
    got = read({"id": 1, "stage": "meeting", "closed_at": "2026-01-01"})
    assert got.deals[0].closed_at is None
    assert finding(got, "odd-closing").rows == (1,)


def test_closings_on_two_days():
    row = {"id": 1, "stage": "lost", "closed_at": "2026-01-05", "lost_at": "2026-01-03"}
    got = read(row, {**row, "id": 2, "closed_at": "2026-01-03"})
    assert finding(got, "odd-closing").rows == (1,)
    assert {deal.closed_at for deal in got.deals} == {datetime(2026, 1, 3, tzinfo=UTC)}


def test_a_column_shared_by_the_closing_and_the_expected_one():
    row = {"id": 1, "status_label": "Won", "status_type": "won", "date_won": "2026-01-05"}
    got = read(row, {**row, "id": 2, "status_label": "Talk", "status_type": "active"})
    won, opened = got.deals
    assert (won.closed_at, won.expected_close_on) == (datetime(2026, 1, 5, tzinfo=UTC), None)
    assert (opened.closed_at, opened.expected_close_on) == (None, date(2026, 1, 5))
    assert "odd-closing" not in codes(got)
