"""When does the money come in, of what is won and of what is expected?"""

import json
import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from salesflow import Calendar, Money, Period, Rates, forecast, merge
from salesflow.errors import (
    ColumnError,
    DataError,
    DuplicateDealError,
    MixedCurrencyError,
    NaiveDatetimeError,
    OptionError,
    PeriodError,
    RequirementError,
)
from salesflow.forecast import CashPayment, Payment, PaymentTerms, TermsBy, cash
from tests.builders import naive
from tests.shorthand import NOW, PIPELINE, at, eur, lived, lost, on, still_open, usd, won

TODAY = at(15, month=2)
THIRDS = PaymentTerms(Payment.monthly(3))


def due(identity, amount, close_on, probability=None, **fields):
    fields = {"expected_close_on": close_on, "probability": probability, **fields}
    return still_open(identity, 1, amount, "kim", **fields)


BOOK = [
    won("D-1", 1, on(31), 100, "kim"),
    won("D-2", 1, on(10, 2), "33.34", "lee"),
    due("D-3", 50, on(31, 3), 0.5),
    lost("D-4", 1, on(10, 2), 500, "kim"),
]


def rows(found):
    """Won, expected and cumulated, by the key as text."""
    return {
        str(key): tuple(float(money.amount) for money in (flow.won, flow.expected, flow.cumulated))
        for key, flow in found.items()
    }


def test_a_curve_by_month():
    found = cash(BOOK, as_of=TODAY, terms=THIRDS)
    # D-1: 33.33 on 31 January, 33.34 on 28 February, 33.33 on 31 March.
    # D-2: 33.34 ÷ 3: 11.11 on 10 February, 22.23 by 10 March, the rest, 11.11, on 10 April.
    # D-3: half of 50: 8.33 on 31 March, 16.67 by 30 April, 25 by 31 May.
    assert rows(found) == {
        "2026-01": (33.33, 0, 33.33),
        "2026-02": (44.45, 0, 77.78),
        "2026-03": (44.45, 8.33, 130.56),
        "2026-04": (11.11, 8.34, 150.01),
        "2026-05": (0, 8.33, 158.34),
    }
    assert (found.won, found.expected, found.total) == (eur("133.34"), eur(25), eur("158.34"))
    assert found[Period.month(2026, 3)].n_payments == 3
    assert (found.as_of, found.currency, dict(found.left_out)) == (TODAY, "EUR", {})


def test_at_the_signing_unless_terms_say_otherwise():
    assert rows(cash(BOOK, as_of=TODAY)) == {
        "2026-01": (100, 0, 100),
        "2026-02": (33.34, 0, 133.34),
        "2026-03": (0, 25, 158.34),
    }


def test_the_payments_behind_a_row():
    found = cash(BOOK, as_of=TODAY, terms=THIRDS)
    assert found.behind(Period.month(2026, 3)) == (
        CashPayment("D-1", "won", on(31, 3), eur("33.33")),
        CashPayment("D-2", "won", on(10, 3), eur("11.12")),
        CashPayment("D-3", "open", on(31, 3), eur("8.33")),
    )
    assert len(found.payments) == 9
    assert [one.due_on for one in found.payments[:3]] == [on(31), on(28, 2), on(31, 3)]
    with pytest.raises(OptionError, match="cannot list the payments behind") as caught:
        found.behind("2026-03")
    assert "'2026-03'" in str(caught.value.hint)
    with pytest.raises(OptionError, match="the curve has no such row"):
        cash([], as_of=TODAY).behind(Period.month(2026, 3))
    for key in ([1], {}, ("kim", [1])):
        with pytest.raises(OptionError, match="the curve has no such row") as caught:
            found.behind(key)
        assert caught.value.value == key


@pytest.mark.parametrize(
    ("every", "keys"),
    [
        ("day", ["2026-01-31", "2026-02-10", "2026-03-31"]),
        ("week", [f"2026-W{week:02}" for week in range(5, 15)]),
        ("month", ["2026-01", "2026-02", "2026-03"]),
        ("quarter", ["2026-Q1"]),
        ("half", ["2026-H1"]),
        ("year", ["2026"]),
    ],
)
def test_spans_of_every_kind_add_up_to_the_same(every, keys):
    found = cash(BOOK, as_of=TODAY, every=every)
    assert [str(key) for key in found] == keys
    assert found.total == [*found.values()][-1].cumulated == eur("158.34")


def test_spans_in_which_nothing_is_due_are_rows_but_days_are_not():
    book = [won("D-1", 1, on(5), 1), won("D-2", 1, on(5, 4), 2)]
    months = rows(cash(book, as_of=NOW))
    assert months["2026-02"] == months["2026-03"] == (0, 0, 1)
    assert [*cash(book, as_of=NOW, every="day")] == [on(5), on(5, 4)]


def test_of_nothing_there_are_no_rows():
    found = cash([], as_of=TODAY)
    assert (len(found), found.total, found.payments) == (0, Money(0, "XXX"), ())
    full = cash(BOOK, as_of=TODAY)
    assert found.to_frame("polars").columns == full.to_frame("polars").columns
    # Only lost deals, or only what comes to nothing: in the currency of the deals.
    assert cash([lost("D-1", 1, on(2), 5)], as_of=TODAY).total == eur(0)
    assert cash([due("D-1", 5, on(1, 3), 0)], as_of=TODAY).total == eur(0)
    assert cash([], as_of=TODAY, rates=Rates("BRL", {})).total == Money(0, "BRL")


def test_a_closing_is_on_the_day_of_the_zone():
    # 23:30 UTC on the 31st is 8:30 on the 1st in Seoul, and 15:30 on the 31st in Los Angeles.
    closed = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    deal = lived("D-1", (at(1), "open"), (closed, "win"), amount=eur(9))
    days = {
        zone: [*cash([deal], as_of=TODAY, calendar=Calendar(zone), every="day")]
        for zone in ("UTC", "Asia/Seoul", "America/Los_Angeles")
    }
    assert days == {
        "UTC": [on(31)],
        "Asia/Seoul": [on(1, 2)],
        "America/Los_Angeles": [on(31)],
    }
    # A day that is known without its time is the same everywhere.
    told = won("D-2", 1, on(31), 9)
    for zone in days:
        assert [*cash([told], as_of=TODAY, calendar=Calendar(zone), every="day")] == [on(31)]


def test_years_that_begin_when_the_calendar_says():
    fiscal = Calendar("Australia/Sydney", first_month=7)
    found = cash(BOOK, as_of=TODAY, every="quarter", calendar=fiscal)
    assert [str(key) for key in found] == ["FY2026-Q3"]
    assert found.calendar == fiscal


class TestWhatIsLeftOut:
    def test_each_deal_for_one_reason(self):
        book = [
            won("D-1", 1, None, 5),
            won("D-2", 1, on(3)),
            won("D-3", 1, on(3), usd(5)),
            due("D-4", 5, None, 0.5),
            due("D-5", 5, on(14, 2), 0.5),
            due("D-6", None, on(1, 3), 0.5),
            due("D-7", usd(5), on(1, 3), 0.5),
            due("D-8", 5, on(1, 3)),
            due("D-9", 8, on(15, 2), 0.5),  # today is not overdue
            lost("D-10", 1, on(3), 5),
        ]
        found = cash(book, as_of=TODAY, rates=Rates("EUR", {"CHF": 1}))
        assert dict(found.left_out) == dict.fromkeys(
            [
                *("no_closed_at", "won_no_amount", "won_no_rate", "no_expected_close_on"),
                *("overdue", "no_amount", "no_rate", "no_probability"),
            ],
            1,
        )
        assert found.total == eur(4)

    def test_today_is_the_day_of_the_zone(self):
        now = datetime(2026, 2, 15, 22, tzinfo=UTC)  # the 16th in Ho Chi Minh City
        deal = due("D-1", 8, on(15, 2), 0.5)
        assert cash([deal], as_of=now).total == eur(4)
        there = cash([deal], as_of=now, calendar=Calendar("Asia/Ho_Chi_Minh"))
        assert (len(there), dict(there.left_out)) == (0, {"overdue": 1})

    def test_deals_without_terms(self):
        found = cash(BOOK, as_of=TODAY, terms=TermsBy("owner_id", {"kim": THIRDS}))
        assert (found.won, found.expected) == (eur(100), eur(25))
        assert dict(found.left_out) == {"no_terms": 1}


class TestTermsOfEachDeal:
    def test_by_a_custom_field(self):
        net = TermsBy("custom.pays", {"net 30": PaymentTerms(Payment.after(30))}, PaymentTerms())
        book = [
            won("D-1", 1, on(1), 7, custom={"pays": "net 30"}),
            won("D-2", 1, on(1), 9, custom={"pays": "at once"}),
        ]
        found = cash(book, as_of=TODAY, terms=net, every="day")
        assert {day: flow.total for day, flow in found.items()} == {on(1): eur(9), on(31): eur(7)}

    def test_by_a_function(self):
        found = cash(
            BOOK,
            as_of=TODAY,
            terms=lambda deal: THIRDS if deal.outcome == "open" else PaymentTerms(),
        )
        assert len(found.payments) == 5

    def test_a_function_that_raises_is_named_with_its_deal(self):
        with pytest.raises(OptionError, match="terms of deal 'D-1': it raised KeyError: 'x'") as e:
            cash(BOOK, as_of=TODAY, terms=lambda _: {}["x"])
        assert isinstance(e.value.__cause__, KeyError)

    def test_our_own_errors_go_through(self):
        def refuse(deal):
            msg = "cannot say"
            raise RequirementError(msg, requirement="terms", deal_id=deal.id)

        with pytest.raises(RequirementError, match="cannot say"):
            cash(BOOK, as_of=TODAY, terms=refuse)

    @pytest.mark.parametrize("terms", [30, "net 30", [Payment.at_signing()], PaymentTerms, {}])
    def test_what_is_no_terms(self, terms):
        with pytest.raises(OptionError, match=r"cannot take terms=.* it is no PaymentTerms"):
            cash(BOOK, as_of=TODAY, terms=terms)
        with pytest.raises(OptionError, match="cannot take terms of deal 'D-1'="):
            cash(BOOK, as_of=TODAY, terms=lambda _: terms)


class TestCurrencies:
    BOTH = (won("D-1", 1, on(3), usd(10), "kim"), won("D-2", 1, on(4), 7, "lee"))

    def test_are_not_added(self):
        with pytest.raises(MixedCurrencyError, match="amounts in EUR and USD") as caught:
            cash(self.BOTH, as_of=TODAY)
        assert caught.value.currencies == ("EUR", "USD")

    def test_each_has_a_curve(self):
        found = cash(self.BOTH, as_of=TODAY, by="currency", terms=PaymentTerms(Payment.monthly(2)))
        january, february = Period.month(2026, 1), Period.month(2026, 2)
        assert {key: flow.cumulated for key, flow in found.items()} == {
            ("EUR", january): eur("3.50"),
            ("EUR", february): eur(7),
            ("USD", january): usd(5),
            ("USD", february): usd(10),
        }
        assert found.names == ("currency", "month")
        assert found.behind(("USD", february)) == (CashPayment("D-1", "won", on(3, 2), usd(5)),)
        with pytest.raises(MixedCurrencyError):
            assert found.total
        assert found.currency == "XXX"

    def test_or_are_converted_by_the_day_of_the_closing_and_by_today(self):
        rates = Rates("EUR", {"USD": {on(1): "0.5", on(4): "0.8", on(1, 2): "0.9"}})
        book = [*self.BOTH, due("D-3", usd(10), on(1, 3), 0.1)]
        found = cash(book, as_of=TODAY, rates=rates)
        assert (found.won, found.expected) == (eur(12), eur("0.90"))  # 10 × 0.5 + 7; 10 × 0.9 × 0.1
        assert found.currency == "EUR"


def test_groups_of_any_column():
    found = cash([*BOOK, won("D-9", 1, on(1), 5)], as_of=TODAY, by="owner_id")
    assert [key[0] for key in found][::3] == ["kim", "lee", None]
    last = Period.month(2026, 3)
    assert [found[owner, last].cumulated for owner in ("kim", "lee", None)] == [
        *(eur(125), eur("33.34"), eur(5))
    ]
    assert found.total == eur("163.34")
    both = cash(BOOK, as_of=TODAY, by=["owner_id", "outcome"], every="year")
    assert [*both] == [
        ("kim", "open", Period.year(2026)),
        ("kim", "won", Period.year(2026)),
        ("lee", "won", Period.year(2026)),
    ]


def test_as_of_decides_what_is_won():
    deal = lived(
        *("D-1", (at(1), "open"), (at(9), "win")),
        amount=eur(40),
        probability=0.25,
        expected_close_on=on(1, 2),
    )
    before, after = (cash([deal], as_of=at(day), every="day") for day in (8, 9))
    assert rows(before) == {"2026-02-01": (0, 10, 10)}
    assert rows(after) == {"2026-01-09": (40, 0, 40)}


def test_expected_revenue_is_rounded_half_up_a_deal():
    # A third of a chance in millionths: 10 × 0.333333 = 3.33333; 0.03 × 0.5 = 0.015.
    book = [due("D-1", 10, on(1, 3), 0.333333), due("D-2", "0.03", on(1, 3), 0.5)]
    assert cash(book, as_of=TODAY).expected == eur("3.35")  # 3.33 + 0.02


def test_merged_deals_are_paid_once():
    keep = lived("D-1", (at(1), "open"), (at(9), "win"), amount=eur(40))
    other = lived("D-2", (at(1), "open"), amount=eur(40), expected_close_on=on(1, 3))
    found = cash([merge(keep, other, at=at(10))], as_of=TODAY)
    assert found.total == eur(40)


def test_rows_for_people_and_for_programs():
    found = cash(BOOK, as_of=TODAY)
    text = str(found)
    assert "cumulated" in text
    assert "cut in UTC" in text
    assert "days are those of Asia/Seoul" in str(
        cash(BOOK, as_of=TODAY, every="day", calendar=Calendar("Asia/Seoul"))
    )
    assert json.loads(found.to_json())[0]["won"] == {"amount": "100.00", "currency": "EUR"}
    frame = cash(BOOK, as_of=TODAY, every="day").to_frame("polars")
    assert frame["day"].to_list() == [on(31), on(10, 2), on(31, 3)]
    assert cash(BOOK, as_of=TODAY, by="owner_id").to_frame("pandas").shape[0] == 6
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
    assert dict(again) == dict(found)
    assert again.payments == found.payments


class TestRefusals:
    @pytest.mark.parametrize("data", [5, None, [1], "deals", BOOK[0]])
    def test_what_is_no_data(self, data):
        with pytest.raises(DataError):
            cash(data, as_of=TODAY)

    def test_options(self):
        with pytest.raises(OptionError, match="cannot take every='fortnight'"):
            cash(BOOK, as_of=TODAY, every="fortnight")
        with pytest.raises(OptionError, match="cannot take calendar='UTC': it is no Calendar"):
            cash(BOOK, as_of=TODAY, calendar="UTC")
        with pytest.raises(OptionError, match="cannot take rates=5"):
            cash(BOOK, as_of=TODAY, rates=5)
        with pytest.raises(NaiveDatetimeError):
            cash(BOOK, as_of=naive(2026, 1, 1))
        with pytest.raises(ColumnError, match="'owner'"):
            cash(BOOK, as_of=TODAY, by="owner")
        with pytest.raises(DuplicateDealError):
            cash([*BOOK, BOOK[0]], as_of=TODAY)

    def test_the_ends_of_the_calendar(self):
        last = datetime(9999, 12, 31, 23, tzinfo=UTC)
        with pytest.raises(PeriodError, match="it is beyond the calendar"):
            cash([], as_of=last, calendar=Calendar("Pacific/Kiritimati"))
        late = won("D-1", 1, date(9999, 12, 1), 5)
        with pytest.raises(PeriodError, match="due after the year 9999"):
            cash([late], as_of=last, terms=PaymentTerms(Payment.after(31)), every="day")
        with pytest.raises(PeriodError, match="year"):
            cash([late], as_of=last)


def test_it_is_of_the_package():
    assert forecast.cash is cash
    offset = timezone(timedelta(hours=9))
    assert cash(iter(BOOK), as_of=TODAY.astimezone(offset)).total == eur("158.34")
    assert PIPELINE.name == BOOK[0].pipeline
