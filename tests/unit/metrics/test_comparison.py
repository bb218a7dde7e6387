"""How does a number compare with that of the period before?"""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from salesflow import Deal, Period, metrics
from salesflow.errors import NaiveDatetimeError, OptionError
from salesflow.metrics.own import count, is_, median, quotient, share
from tests.shorthand import at, eur, lived, lost, on, still_open, usd, won

Q1, Q2 = Period.quarter(2026, 1), Period.quarter(2026, 2)
JANUARY, FEBRUARY, MARCH = (Period.month(2026, n) for n in (1, 2, 3))


def several(n_won: int, n_lost: int, day: Any, prefix: str) -> list[Deal]:
    wins = [won(f"{prefix}W{n}", None, day) for n in range(n_won)]
    return [*wins, *(lost(f"{prefix}L{n}", None, day) for n in range(n_lost))]


def test_the_difference_and_its_interval():
    book = [*several(48, 32, on(5, 2), "a"), *several(56, 14, on(5, 5), "b")]
    found = metrics.compare(metrics.win_rate, book, period=Q2)
    assert (found.period, found.previous_period) == (Q2, Q1)
    assert found.current == metrics.win_rate(book, period=Q2)
    assert found.previous == metrics.win_rate(book, period=Q1)
    # 56 ÷ 70 - 48 ÷ 80; the interval is that of Newcombe's table II (a).
    assert dict(found.change) == pytest.approx({"value": 0.2, "numerator": 8, "denominator": -10})
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.is_significant is True
    fewer = [*several(0, 20, on(5, 2), "a"), *several(0, 10, on(5, 5), "b")]
    assert metrics.compare(metrics.win_rate, fewer, period=Q2).is_significant is False
    worse = [*several(10, 0, on(5, 2), "a"), *several(0, 10, on(5, 5), "b")]
    assert metrics.compare(metrics.win_rate, worse, period=Q2).is_significant is True


def test_what_is_unknown_on_either_side_has_no_difference():
    found = metrics.compare(metrics.win_rate, several(1, 1, on(5, 5), "b"), period=Q2)
    assert dict(found.change) == {"value": None, "numerator": 1, "denominator": 2}
    assert (found.interval, found.is_significant) == (None, None)


def test_money_is_compared_in_one_currency():
    book = [won("D-1", 1, on(5, 2), 100), won("D-2", 1, on(5, 5), 130)]
    found = metrics.compare(metrics.average_deal_size, book, period=Q2)
    assert (found.change["mean"], found.change["n_priced"]) == (eur(30), 0)
    assert (found.currency, found.interval) == ("EUR", None)
    mixed = [won("D-1", 1, on(5, 2), 100), won("D-2", 1, on(5, 5), usd(130))]
    apart = metrics.compare(metrics.average_deal_size, mixed, period=Q2)
    assert (apart.change["mean"], apart.change["n_priced"]) == (None, 0)
    by_value = metrics.compare(metrics.win_rate, book, period=Q2, weight="value")
    assert (by_value.change["value"], by_value.interval) == (0.0, None)
    assert by_value.change["numerator"] == eur(30)


def test_nested_numbers_have_their_names():
    book = [won("D-1", 1, on(5, 2), 100), won("D-2", 1, on(5, 5), 130), lost("D-3", 1, on(6, 5))]
    found = metrics.compare(metrics.summary, book, period=Q2, as_of=at(1, month=8))
    assert (found.change["n_won"], found.change["n_lost"]) == (0, 1)
    assert found.change["win_rate.value"] == -0.5
    assert found.change["total_won"] == eur(30)
    # 124 days, and 35 the quarter before.
    assert found.change["cycle_time.mean_days"] == 89.0
    row = found.to_dict()
    assert (row["current.n_won"], row["previous.n_lost"], row["change.n_lost"]) == (1, 0, 1)
    assert (row["current.win_rate.value"], row["as_of"]) == (0.5, at(1, month=8))


def test_a_summary_is_compared_by_the_rate_that_speaks_for_it():
    """The interval, the verdict and the sentence are those of its win rate."""
    book, now = [*several(48, 32, on(5, 2), "a"), *several(56, 14, on(5, 5), "b")], at(1, month=8)
    rates = metrics.compare(metrics.win_rate, book, period=Q2, as_of=now)
    whole = metrics.compare(metrics.summary, book, period=Q2, as_of=now)
    assert rates.interval is not None
    assert (whole.interval, whole.is_significant) == (rates.interval, rates.is_significant)
    assert whole.sentence == rates.sentence
    options = {"as_of": now, "against": {"currency": "EUR"}}
    same = metrics.compare(metrics.win_rate, book, **options)
    assert metrics.compare(metrics.summary, book, **options).interval == same.interval


# Equally far.


def test_within_a_period_both_count_equally_far():
    # Lost on the 20th of each month, won on the 5th: on the 10th, only the wins have happened.
    book = [
        *(won("W-1", None, at(5)), lost("L-1", None, at(20))),
        *(won("W-2", None, at(5, month=2)), lost("L-2", None, at(20, month=2))),
    ]
    found = metrics.compare(metrics.win_rate, book, period=FEBRUARY, as_of=at(10, month=2))
    assert (found.current.denominator, found.previous.denominator) == (1, 1)
    assert (found.current.as_of, found.previous.as_of) == (at(10, month=2), at(10))
    assert (found.period.start, found.previous_period.start) == (FEBRUARY.start, JANUARY.start)
    later = metrics.compare(metrics.win_rate, book, period=FEBRUARY, as_of=at(20, month=2))
    # What happens at as_of has happened, in both.
    assert (later.current.denominator, later.previous.denominator) == (2, 2)
    assert later.current == metrics.win_rate(book, period=FEBRUARY, as_of=at(20, month=2))
    day = [won("W-1", None, on(10)), won("W-2", None, on(10, 2))]
    whole_days = metrics.compare(metrics.win_rate, day, period=FEBRUARY, as_of=at(10, month=2))
    assert (whole_days.current.denominator, whole_days.previous.denominator) == (1, 1)


def test_after_a_period_both_are_seen_equally_late():
    # Reopened ten days after its month; seen five days after it, it was lost.
    deal = lived("D", (at(5), "open"), (at(20), "lose"), (at(10, month=2), "reopen", "prospecting"))
    book = [deal, lost("L", None, at(20, month=2))]
    found = metrics.compare(metrics.win_rate, book, period=FEBRUARY, as_of=at(5, month=3))
    assert found.previous.as_of == at(5, month=2)
    assert (found.current.denominator, found.previous.denominator) == (1, 1)
    late = metrics.compare(metrics.win_rate, book, period=FEBRUARY, as_of=at(10, month=3))
    assert late.previous.denominator == 0
    assert (late.period, late.previous_period) == (FEBRUARY, JANUARY)
    # At the very end of February, all of January has happened.
    end = metrics.compare(metrics.win_rate, book, period=FEBRUARY, as_of=FEBRUARY.end)
    assert end.previous.as_of == JANUARY.end


def test_a_longer_month_ends_when_the_shorter_one_does():
    book = [lost("L-1", None, at(28, 12, month=2)), lost("L-2", None, at(30, month=3))]
    found = metrics.compare(metrics.win_rate, book, period=MARCH, as_of=at(30, 12, month=3))
    assert found.previous_period == FEBRUARY
    assert found.previous.as_of == at(2, 12, month=3)
    assert (found.current.denominator, found.previous.denominator) == (1, 1)


def test_far_is_counted_by_the_clock_of_the_zone():
    zone = "America/New_York"
    april, march = (Period.month(2026, month, zone=zone) for month in (4, 3))
    # The clocks went forward on 8 March: noon of the 15th there is 16:00Z in both months, and
    # what was shown in Seoul is shown in Seoul.
    seoul = timezone(timedelta(hours=9))
    now = datetime(2026, 4, 15, 16, tzinfo=UTC).astimezone(seoul)
    found = metrics.compare(metrics.win_rate, [], period=april, as_of=now)
    assert found.previous.as_of == datetime(2026, 3, 15, 16, tzinfo=UTC)
    assert found.previous.as_of.utcoffset() == timedelta(hours=9)
    early = datetime(2026, 4, 5, 16, tzinfo=UTC)
    found = metrics.compare(metrics.win_rate, [], period=april, as_of=early)
    assert found.previous.as_of == datetime(2026, 3, 5, 17, tzinfo=UTC)
    assert found.previous_period.start == march.start


def test_without_as_of_the_data_is_as_it_stands():
    found = metrics.compare(metrics.win_rate, [], period=Q2)
    assert (found.as_of, found.current.as_of, found.previous.as_of) == (None, None, None)


# By group.


def test_a_group_of_either_period_is_compared():
    book = [
        won("D-1", at(1), at(5), 10, "kim"),
        won("D-2", at(1, month=2), at(5, month=2), 30, "kim"),
        won("D-3", at(1, month=2), at(6, month=2), 7, "lee"),
    ]
    found = metrics.compare(
        metrics.average_deal_size, book, period=FEBRUARY, by="owner_id", as_of=at(10, month=2)
    )
    assert [*found] == ["kim", "lee"]
    assert found["kim"].change["total"] == eur(20)
    # On 10 January nobody knew of a deal of lee's.
    assert (found["lee"].previous, found["lee"].change["total"]) == (None, None)
    rows = found.to_dicts()
    assert rows[0].keys() == rows[1].keys()
    assert (rows[1]["owner_id"], rows[1]["previous.total"]) == ("lee", None)


def test_a_group_that_is_gone_is_compared():
    deal = lived("D", (at(1), "open"), (at(5), "lose"), owner_id="kim")
    again = lived("E", (at(1), "open"), owner_id="lee")
    handed = metrics.compare(
        metrics.time_in_stage, [deal, again], period=FEBRUARY, by="outcome", as_of=at(5, month=2)
    )
    assert [*handed] == [("lost", "prospecting"), ("open", "prospecting")]
    gone = metrics.compare(
        metrics.win_rate, [deal], by="outcome", period=FEBRUARY, as_of=at(4, month=2)
    )
    # As of 4 January it was open still.
    assert [*gone] == ["lost", "open"]
    assert (gone["open"].current, gone["open"].as_of) == (None, at(4))
    rows = gone.to_dicts()
    assert (rows[1]["current.value"], rows[0]["previous.value"]) == (None, None)
    assert str(gone).splitlines()[0].split() == [
        *("outcome", "current.value", "previous.value", "change.value", "interval")
    ]


# Other periods and metrics.


def test_with_the_same_quarter_of_another_year():
    book = [won("D-1", None, date(2025, 5, 1)), won("D-2", None, on(1, 5))]
    found = metrics.compare(metrics.win_rate, book, period=Q2, previous=Period.quarter(2025, 2))
    assert found.change["denominator"] == 0
    ten = Period.between(on(11), on(21))
    other = metrics.compare(
        metrics.win_rate, [], period=ten, previous=Period.between(on(1), on(11))
    )
    assert str(other.previous_period) == "2026-01-01/2026-01-11"


def test_a_measure_of_ones_own_is_compared():
    book = [*several(1, 1, on(5, 2), "a"), *several(3, 1, on(5, 5), "b")]
    closed = (is_("outcome", "won"),)
    rate = share(*closed, dated_by="closed_at")
    found = metrics.compare(metrics.measure, book, definition=rate, period=Q2)
    assert (found.change["value"], found.interval is None) == (0.25, False)
    each = quotient(count(*closed, dated_by="closed_at"), count(dated_by="closed_at"))
    table = str(metrics.compare(metrics.measure, book, definition=each, period=Q2)).splitlines()
    assert table == [
        "current.number  previous.number  change.number",
        "          0.75             0.50           0.25",
        (
            "The measure came to 0.75 in 2026-Q2 and to 0.50 in 2026-Q1: 0.25 more; whether by "
            "luck, these numbers do not tell."
        ),
    ]
    book = [won("D-1", 1, on(10, 2)), won("D-2", 1, on(10, 5))]
    days = median("cycle_days", *closed, dated_by="closed_at")
    table = str(metrics.compare(metrics.measure, book, definition=days, period=Q2)).splitlines()
    assert table[0].split() == ["current.days", "previous.days", "change.days"]


def test_a_table_shows_the_numbers_of_both():
    book = [still_open("D-1", 1), *several(1, 0, on(5, 5), "b")]
    shown = str(metrics.compare(metrics.cycle_time, book, period=Q2)).splitlines()
    assert shown[0].split()[:3] == ["current.mean_days", "previous.mean_days", "change.mean_days"]
    assert shown[1].split().count("0") == 3


def test_data_that_can_be_read_once_is_read_once():
    book = several(2, 1, on(5, 2), "a")
    found = metrics.compare(metrics.win_rate, iter(book), period=Q2)
    assert found.previous.denominator == 3


def test_it_pickles_and_copies():
    found = metrics.compare(metrics.win_rate, several(2, 1, on(5, 5), "a"), period=Q2)
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):  # noqa: S301 - our own
        assert again == found
    assert repr(found.change) == "{'value': None, 'numerator': 2, 'denominator': 3}"
    assert len(found.change) == 3


# What is refused.


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        ({"previous": Period.month(2026, 1)}, "they differ in kind, length or zone"),
        ({"previous": Period.quarter(2026, 1, zone="Asia/Seoul")}, "they differ in kind"),
        ({"previous": Period.quarter(2026, 3)}, "it does not come before"),
        ({"previous": Q2}, "it does not come before"),
        ({"previous": "2026-Q1"}, "cannot take previous='2026-Q1': it is no Period"),
        ({"period": "2026-Q2"}, "cannot take period='2026-Q2': it is no Period"),
        ({"as_of": at(31, month=3)}, "it had not begun"),
        ({"every": "month"}, "cannot compare by every='month'"),
        (
            {
                "period": Period.between(on(11), on(21)),
                "previous": Period.between(on(1), on(10)),
            },
            "they differ in kind, length or zone",
        ),
        ({"wieght": "value"}, "cannot take option 'wieght'"),
        ({"period": None}, "cannot compare: nothing says what with"),
    ],
    ids=[
        *("kind", "zone", "later", "same", "text", "no period", "early", "every", "length", "slip"),
        "nothing",
    ],
)
def test_what_cannot_be_compared_is_refused(options, fact):
    with pytest.raises(OptionError, match=fact):
        metrics.compare(metrics.win_rate, [], **{"period": Q2, **options})


def test_only_metrics_compare():
    with pytest.raises(OptionError, match="cannot compare by 'win_rate': it is no metric"):
        metrics.compare("win_rate", [], period=Q2)  # type: ignore[call-overload]
    with pytest.raises(OptionError, match="cannot compare 5: it is no result of a metric"):
        metrics.compare(lambda _, **__: 5, [], period=Q2)
    with pytest.raises(NaiveDatetimeError):
        metrics.compare(metrics.win_rate, [], period=Q2, as_of=datetime(2026, 5, 1))  # noqa: DTZ001
