"""Subclasses of datetime, date and str, as other libraries make them, are stored as plain ones."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

import pytest

from salesflow import Deal, Money, Period, Pipeline, errors

PIPELINE = Pipeline.standard()
AT = datetime(2026, 1, 5, 9, 30, 1, 5, tzinfo=UTC)


class Stamp(datetime):
    """Like a pandas Timestamp: it shows more than it is."""

    def isoformat(self, *args, **kwargs):
        return super().isoformat(*args, **kwargs) + "007"


class Day(date):
    """Like another library's date."""


class NaT(datetime):
    """Like pandas' NaT: a datetime that is no moment."""

    def utcoffset(self):
        msg = "NaT does not support utcoffset"
        raise ValueError(msg)


class Name(str, Enum):  # noqa: UP042 - its members hash by name, unlike those of StrEnum
    """Members whose texts are not their names."""

    DEAL = "D-1"
    KIM = "kim"
    EURO = "EUR"


STAMP = Stamp(2026, 1, 5, 9, 30, 1, 5, tzinfo=UTC)
NOTHING = NaT(2026, 1, 5, tzinfo=UTC)


def test_a_datetime_of_another_library_is_stored_as_a_plain_one():
    opened = PIPELINE.open("Acme", id="D-1", at=STAMP)
    restored = PIPELINE.restore(id="D-2", name="Acme", stage="won", closed_at=STAMP)
    for moment in (opened.created_at, restored.closed_at):
        assert (type(moment), moment) == (datetime, AT)
    assert Deal.model_validate_json(opened.model_dump_json()) == opened


def test_a_model_stores_plain_datetimes_and_dates():
    deal = PIPELINE.open("Acme", expected_close_on=Day(2026, 2, 1), at=Day(2026, 1, 5))
    assert type(deal.expected_close_on) is date
    loaded = Deal.model_validate({**deal.__dict__, "created_at": Stamp(2026, 1, 5, tzinfo=UTC)})
    assert type(loaded.created_at) is datetime


def test_a_period_is_made_of_plain_datetimes():
    period = Period.between(STAMP, Day(2026, 2, 1))
    assert (type(period.start), type(period.end)) == (datetime, datetime)
    assert Stamp(2026, 1, 6, tzinfo=UTC) in period


def test_what_is_no_moment_is_refused():
    with pytest.raises(errors.OptionError, match=r"cannot use at .*: it is no moment in time"):
        PIPELINE.open("Acme", at=NOTHING)
    with pytest.raises(errors.OptionError, match=r"cannot use closed_at .*: it is no moment"):
        PIPELINE.restore(id="D-1", name="Acme", stage="won", closed_at=NOTHING)
    with pytest.raises(errors.FieldError, match=r"expected_close_on: .* is no moment in time"):
        PIPELINE.open("Acme", expected_close_on=NOTHING)
    with pytest.raises(errors.OptionError, match="cannot use start"):
        Period.between(NOTHING, date(2026, 2, 1))


def test_a_text_of_an_enumeration_is_stored_as_plain_text():
    deal = PIPELINE.open("Acme", id=Name.DEAL, at=AT, by=Name.KIM)
    told = PIPELINE.restore(id=Name.DEAL, name="Acme", stage="meeting", by=Name.KIM)
    money = Money(1, Name.EURO)
    custom = PIPELINE.update(deal, custom={Name.KIM: Name.EURO}, at=AT).custom
    texts = [deal.id, told.id, deal.history[0].by, told.history[0].by, money.currency]
    assert texts == ["D-1", "D-1", "kim", "kim", "EUR"]
    assert {type(text) for text in [*texts, *custom, *custom.values()]} == {str}
    assert (deal.history[0].id, told.history[0].id) == ("D-1:1", "D-1:1")
    assert money == Money(1, "EUR")


def test_an_amount_of_a_subclass_of_decimal_is_a_plain_one():
    class Exact(Decimal):
        """Like another library's decimal."""

    amount = Money(Exact("1.50"), "EUR").amount
    assert (type(amount), str(amount)) == (Decimal, "1.50")


HUGE = 10**5000


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (errors.ProbabilityError, lambda: PIPELINE.open("Acme", probability=HUGE)),
        (errors.OptionError, lambda: PIPELINE.open("Acme", id=HUGE)),
        (errors.OptionError, lambda: PIPELINE.open("Acme", at=HUGE)),
        (errors.OptionError, lambda: PIPELINE.open("Acme", at=AT, by=HUGE)),
        (errors.FieldError, lambda: PIPELINE.open("Acme", expected_close_on=HUGE)),
        (errors.OptionError, lambda: PIPELINE.restore(id="D", name="A", stage="won", visits=HUGE)),
        (errors.UnknownCurrencyError, lambda: Money(1, HUGE)),
        (errors.AmountError, lambda: Money(HUGE, "EUR")),
        (errors.PeriodError, lambda: Period.month(HUGE, 1)),
        (errors.PeriodError, lambda: Period.month(2026, HUGE)),
        (errors.PeriodError, lambda: Period.year(HUGE)),
        (errors.UnknownZoneError, lambda: Period.year(2026, zone=HUGE)),
    ],
    ids=[
        "probability",
        "id",
        "at",
        "by",
        "day",
        "visits",
        "currency",
        "amount",
        "year",
        "month",
        "of-year",
        "zone",
    ],
)
def test_a_number_of_thousands_of_digits_is_refused_as_any_other(error, call):
    with pytest.raises(error, match="cannot"):
        call()
