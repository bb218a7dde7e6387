"""When is the amount of a deal paid, and in which parts?"""

import pickle
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from salesflow import Money, Pipeline
from salesflow.errors import ColumnError, DataError, OptionError, PeriodError
from salesflow.forecast import Due, Payment, PaymentTerms, TermsBy
from tests.builders import naive
from tests.shorthand import at, eur, on


def schedule(payments, amount, signed_on):
    """What is due, as ISO days and plain numbers."""
    dues = PaymentTerms(payments).schedule(amount, signed_on)
    return [(due.due_on.isoformat(), str(due.amount.amount)) for due in dues]


class TestDays:
    def test_all_at_the_signing_unless_said_otherwise(self):
        assert PaymentTerms().schedule(eur(5), on(9)) == (Due(on(9), eur(5)),)

    def test_after_days(self):
        # 30 days after 30 January: one more in January, 29 in a February of 28 and a March.
        assert schedule(Payment.after(30), eur(5), date(2026, 1, 30)) == [("2026-03-01", "5.00")]
        assert schedule(Payment.after(30), eur(5), date(2028, 1, 30)) == [("2028-02-29", "5.00")]
        assert schedule(Payment.after(0), eur(5), date(2026, 1, 30)) == [("2026-01-30", "5.00")]
        assert schedule(Payment.after(366), eur(5), date(2028, 2, 29)) == [("2029-03-01", "5.00")]

    @pytest.mark.parametrize(
        ("signed_on", "days"),
        [
            # From the last of January: the last of February, and the 31st again where there is one.
            (date(2026, 1, 31), ["01-31", "02-28", "03-31", "04-30"]),
            (date(2028, 1, 31), ["01-31", "02-29", "03-31", "04-30"]),
            (date(2026, 1, 30), ["01-30", "02-28", "03-30", "04-30"]),
            (date(2028, 1, 30), ["01-30", "02-29", "03-30", "04-30"]),
            (date(2026, 3, 31), ["03-31", "04-30", "05-31", "06-30"]),
            # Signed on a leap day or on the last of a short month, it stays the 29th, 28th, 30th.
            (date(2028, 2, 29), ["02-29", "03-29", "04-29", "05-29"]),
            (date(2026, 2, 28), ["02-28", "03-28", "04-28", "05-28"]),
            (date(2026, 4, 30), ["04-30", "05-30", "06-30", "07-30"]),
            # Over the end of a year.
            (date(2025, 10, 31), ["10-31", "11-30", "12-31", "01-31"]),
            # A century without a leap day, and one with it.
            (date(2099, 12, 31), ["12-31", "01-31", "02-28", "03-31"]),
            (date(1999, 12, 31), ["12-31", "01-31", "02-29", "03-31"]),
        ],
    )
    def test_monthly_stays_on_the_day_of_the_signing(self, signed_on, days):
        found = schedule(Payment.monthly(4), eur(100), signed_on)
        assert [day[5:] for day, _ in found] == days
        assert {amount for _, amount in found} == {"25.00"}

    def test_a_leap_day_comes_back_every_fourth_year(self):
        found = schedule(Payment.monthly(49), eur(4900), date(2028, 2, 29))
        of_february = [day for day, _ in found if day[5:7] == "02"]
        assert of_february == [
            *("2028-02-29", "2029-02-28", "2030-02-28"),
            *("2031-02-28", "2032-02-29"),
        ]

    def test_monthly_may_begin_later(self):
        found = schedule(Payment.monthly(2, first_month=13), eur(10), date(2026, 1, 31))
        assert found == [("2027-02-28", "5.00"), ("2027-03-31", "5.00")]

    def test_on_fixed_days(self):
        halves = [Payment.on(date(2026, 3, 1), "0.5"), Payment.on(date(2026, 6, 1), "0.5")]
        assert schedule(halves, eur(10), on(5)) == [("2026-03-01", "5.00"), ("2026-06-01", "5.00")]
        # Nothing is due before the signing.
        assert schedule(halves, eur(10), on(9, 4)) == [
            ("2026-04-09", "5.00"),
            ("2026-06-01", "5.00"),
        ]
        assert schedule(halves, eur(10), on(9, 7)) == [("2026-07-09", "10.00")]

    def test_a_mixture_by_day_those_of_one_day_together(self):
        terms = [
            Payment.after(28, "0.1"),
            Payment.at_signing("0.3"),
            Payment.monthly(3, "0.6"),  # 31 January, 28 February, 31 March
        ]
        # 31 January: 30 % + 20 %; 28 February, which is also 28 days later: 10 % + 20 %; then 20 %.
        assert schedule(terms, eur(1000), date(2026, 1, 31)) == [
            ("2026-01-31", "500.00"),
            ("2026-02-28", "300.00"),
            ("2026-03-31", "200.00"),
        ]

    @pytest.mark.parametrize(
        ("payment", "day"),
        [
            (Payment.after(1), date(9999, 12, 31)),
            (Payment.monthly(2), date(9999, 12, 1)),
            (Payment.after(36_500), date(9950, 1, 1)),
        ],
    )
    def test_after_the_last_year_there_are_no_days(self, payment, day):
        with pytest.raises(PeriodError, match="it would be due after the year 9999"):
            PaymentTerms(payment).schedule(eur(1), day)
        assert PaymentTerms().schedule(eur(1), day) == (Due(day, eur(1)),)


class TestParts:
    def test_thirds_of_100(self):
        # By the shares paid so far: 33.333 → 33.33, 66.667 → 66.67, 100.
        parts = [amount for _, amount in schedule(Payment.monthly(3), eur(100), on(1))]
        assert parts == ["33.33", "33.34", "33.33"]

    def test_a_cent_in_three_parts_is_one_payment(self):
        # 0.333 → 0.00, 0.667 → 0.01, 0.01
        assert schedule(Payment.monthly(3), eur("0.01"), on(1)) == [("2026-02-01", "0.01")]

    def test_halves_go_up_and_the_last_part_takes_what_is_left(self):
        halves = [Payment.at_signing("0.5"), Payment.after(30, "0.5")]
        assert schedule(halves, eur("0.05"), on(1)) == [
            ("2026-01-01", "0.03"),
            ("2026-01-31", "0.02"),
        ]
        assert schedule(halves, eur("-0.05"), on(1)) == [
            ("2026-01-01", "-0.03"),
            ("2026-01-31", "-0.02"),
        ]

    def test_rounding_does_not_add_up(self):
        # 24 parts of 10 ÷ 24 = 0.41666…: rounded each they would be 10.08.
        parts = [Decimal(part) for _, part in schedule(Payment.monthly(24), eur(10), on(1))]
        assert sum(parts) == 10
        assert {*parts} == {Decimal("0.41"), Decimal("0.42")}
        assert parts.count(Decimal("0.42")) == 16  # 8 × 0.41 + 16 × 0.42 = 10

    def test_what_is_finer_than_a_cent_is_paid_last(self):
        halves = [Payment.at_signing("0.5"), Payment.after(30, "0.5")]
        # Half of 0.125 is 0.0625: 0.06.
        assert schedule(halves, eur("0.125"), on(1)) == [
            ("2026-01-01", "0.060"),
            ("2026-01-31", "0.065"),
        ]

    @pytest.mark.parametrize(
        ("currency", "amount", "parts"),
        [
            ("JPY", "100", ["33", "34", "33"]),
            ("KWD", "1", ["0.333", "0.334", "0.333"]),
            ("XXX", "1", ["0.33", "0.34", "0.33"]),
            ("XXX", "0.0001", ["0.0001"]),  # 0.000033 → 0, 0.000067 → 0.0001
            ("EUR", "1E+3", ["333.33", "333.34", "333.33"]),
        ],
    )
    def test_by_the_minor_unit_of_the_currency(self, currency, amount, parts):
        found = schedule(Payment.monthly(3), Money(amount, currency), on(1))
        assert [part for _, part in found] == parts

    def test_nothing_is_never_due(self):
        assert PaymentTerms(Payment.monthly(3)).schedule(eur(0), on(1)) == ()

    @pytest.mark.usefixtures("hostile_context")
    def test_the_callers_decimal_context_changes_nothing(self):
        amount = eur("12345678901234567890.11")
        dues = PaymentTerms(Payment.monthly(7)).schedule(amount, on(1))
        assert sum((due.amount for due in dues), eur(0)) == amount


class TestRefusals:
    @pytest.mark.parametrize(
        "share", [0.3, True, None, "a third", "1/0", "1e-500", [1], Decimal("nan"), "1 /3"]
    )
    def test_a_share_that_is_no_exact_number(self, share):
        with pytest.raises(OptionError, match="of a payment: it is no exact number"):
            Payment.at_signing(share)

    @pytest.mark.parametrize("share", [0, -1, "1.01", "0.0", Fraction(-1, 3), "4/3", 30])
    def test_a_share_that_is_no_part(self, share):
        with pytest.raises(OptionError, match="it is not above 0 and up to 1"):
            Payment.after(5, share)

    @pytest.mark.parametrize("days", [-1, 1.5, "30", True, 36_501])
    def test_days_that_are_none(self, days):
        with pytest.raises(OptionError, match="no whole number from 0 to 36500"):
            Payment.after(days)

    @pytest.mark.parametrize("months", [0, -1, 1.5, True, 1_201])
    def test_months_that_are_none(self, months):
        with pytest.raises(OptionError, match=r"cannot take months=.* no whole number from 1"):
            Payment.monthly(months)
        with pytest.raises(OptionError, match="cannot take first_month="):
            Payment.monthly(3, first_month=-1)

    @pytest.mark.parametrize("day", [at(1), "2026-01-01", 5])
    def test_a_day_that_is_none(self, day):
        with pytest.raises(OptionError, match=r"cannot take due_on=.* it is no date"):
            Payment.on(day)

    @pytest.mark.parametrize(
        "parts", [{}, {"after_days": 1, "months": 2}, {"months": 2, "due_on": on(1)}]
    )
    def test_a_payment_is_due_in_one_way(self, parts):
        with pytest.raises(OptionError, match="it is due after days, monthly or on a day"):
            Payment(1, **parts)
        with pytest.raises(OptionError, match="it is due after days"):
            Payment.on(None)

    @pytest.mark.parametrize("parts", [{"after_days": 1}, {"due_on": on(1)}])
    def test_a_first_month_of_what_is_not_monthly(self, parts):
        with pytest.raises(OptionError, match="cannot take first_month=3 of a payment") as caught:
            Payment("0.5", first_month=3, **parts)
        assert caught.value.parameter == "first_month"
        assert caught.value.hint == "use Payment.monthly, or leave it out."
        assert Payment(1, first_month=0, **parts) == Payment(1, **parts)

    @pytest.mark.parametrize(
        ("shares", "total"),
        [(["0.3", "0.6"], "9/10"), (["0.5", "0.5", "0.001"], "1001/1000"), (["0.333"] * 3, "999")],
    )
    def test_shares_that_do_not_add_up_to_1(self, shares, total):
        with pytest.raises(OptionError, match=f"their shares add up to {total}"):
            PaymentTerms([Payment.at_signing(share) for share in shares])

    def test_of_thirds_three_are_the_whole_exactly(self):
        assert PaymentTerms([Payment.at_signing("1/3")] * 3).payments[0].share == Fraction(1, 3)

    @pytest.mark.parametrize(
        ("payments", "said"),
        [
            ([], "their shares add up to 0, not to 1"),
            (None, "None is no list of payments"),
            ("net 30", "'net 30' is no list of payments"),
            ([30], "30 is no payment"),
        ],
    )
    def test_what_are_no_payments(self, payments, said):
        with pytest.raises(OptionError, match=said):
            PaymentTerms(payments)

    def test_what_is_no_amount_and_no_day(self):
        with pytest.raises(OptionError, match="cannot take amount=5"):
            PaymentTerms().schedule(5, on(1))
        for day in (at(1), naive(2026, 1, 1), "2026-01-01"):
            with pytest.raises(OptionError, match="cannot take signed_on="):
                PaymentTerms().schedule(eur(5), day)


def test_terms_are_values():
    terms = PaymentTerms([Payment.at_signing("0.5"), Payment.monthly(12, "1/2")])
    same = PaymentTerms((Payment.at_signing(Decimal("0.5")), Payment.monthly(12, Fraction(1, 2))))
    assert terms == same
    assert len({terms, same}) == 1
    assert hash(pickle.loads(pickle.dumps(terms))) == hash(terms)  # noqa: S301 - our own
    with pytest.raises(AttributeError):
        terms.payments = ()


class TestTermsBy:
    NET_30, MONTHLY = PaymentTerms(Payment.after(30)), PaymentTerms(Payment.monthly(12))

    def deal(self, **fields):
        return Pipeline.standard().open("Acme", at=at(1), **fields)

    def test_a_value_of_a_column_tells_the_terms(self):
        terms = TermsBy("custom.pays", {"net": self.NET_30, 12: self.MONTHLY})
        assert terms(self.deal(custom={"pays": "net"})) is self.NET_30
        assert terms(self.deal(custom={"pays": 12})) is self.MONTHLY
        assert TermsBy("source", {"web": self.NET_30})(self.deal(source="web")) is self.NET_30

    @pytest.mark.parametrize("custom", [{}, {"pays": None}, {"pays": "?"}, {"pays": ["net"]}])
    def test_another_value_has_the_other_terms_or_none(self, custom):
        deal = self.deal(custom=custom)
        assert TermsBy("custom.pays", {"net": self.NET_30})(deal) is None
        otherwise = TermsBy("custom.pays", {"net": self.NET_30}, self.MONTHLY)
        assert otherwise(deal) is self.MONTHLY

    def test_refusals(self):
        with pytest.raises(ColumnError, match="'pays'"):
            TermsBy("pays", {})
        with pytest.raises(OptionError, match="cannot take column=5: it is no text"):
            TermsBy(5, {})
        with pytest.raises(OptionError, match="cannot take table="):
            TermsBy("source", [self.NET_30])
        with pytest.raises(OptionError, match=r"cannot take table\['web'\]=30"):
            TermsBy("source", {"web": 30})
        with pytest.raises(OptionError, match="cannot take otherwise='net'"):
            TermsBy("source", {}, "net")

    @pytest.mark.parametrize("deal", [5, None, "D-1", {"source": "web"}])
    def test_what_is_no_deal_has_no_terms(self, deal):
        with pytest.raises(DataError, match=r"terms of the deal: \w+ is none") as caught:
            TermsBy("source", {})(deal)
        assert caught.value.found == type(deal).__name__
        assert caught.value.hint == "give a salesflow.Deal."
