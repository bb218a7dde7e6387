"""Values and errors pickle and copy: they go through queues, caches and worker processes."""

import copy
import pickle
from datetime import date
from pathlib import Path

import pytest

from salesflow import Account, Calendar, Contact, Deal, JsonMap, Lead, Money, Period, Rates
from salesflow.errors import FloatAmountError, MoveNotAllowed, SalesflowError
from tests.builders import jan

HERE = Path(__file__).parent
DEAL = Deal.model_validate_json((HERE / "deal_v1.json").read_text(encoding="utf-8"))
LEAD = Lead.model_validate_json((HERE / "lead_v1.json").read_text(encoding="utf-8"))

FACTS = {
    "amount": 0.5,
    "at": jan(2),
    "last_at": jan(3),
    "currencies": ("EUR", "USD"),
    "faults": ("one", "two"),
    "known": ("a", "b"),
    "legal": ("a",),
    "unmet": (),
}
"""Facts that are no text; any other is the text of its name."""


def family(root: type[SalesflowError]) -> list[type[SalesflowError]]:
    return [root, *(found for child in root.__subclasses__() for found in family(child))]


def pickled(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes


@pytest.mark.parametrize("error", family(SalesflowError), ids=lambda error: error.__name__)
@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("hint", [None, "do it."])
def test_an_error_keeps_its_facts(error, again, hint):
    facts = {name: FACTS.get(name, name) for name in error._declared_facts()}
    made = error("cannot do it", hint=hint, **facts)
    back = again(made)
    assert type(back) is error
    assert vars(back) == vars(made)
    assert (str(back), back.args) == (str(made), made.args)


def test_a_raised_error_pickles():
    with pytest.raises(FloatAmountError, match="a float is not exact") as caught:
        Money(0.5, "EUR")
    assert pickled(caught.value).amount == 0.5


def test_facts_are_found_in_every_error():
    # Where they come from annotations that Python makes late, none would be.
    assert MoveNotAllowed._declared_facts() == {"deal_id", "stage", "to", "legal", "unmet"}


@pytest.mark.parametrize(
    "value",
    [
        Money("12.50", "EUR"),
        Rates("BRL", {"USD": "1.5", "EUR": {date(2026, 1, 1): 2}}, zone="Asia/Seoul"),
        Period.quarter(2026, 1, zone="Asia/Seoul"),
        Calendar("Asia/Tokyo", first_month=4, year_named_by="start").year(2026),
        Calendar("Asia/Tokyo", first_month=4),
        JsonMap({"a": [1, {"b": None}]}),
        Account(id="A", name="Acme", custom={"a": 1}),
        Contact(id="C", name="Kim"),
        DEAL,
        LEAD,
        *DEAL.history,
        *LEAD.history,
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'id', value)}",
)
@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
def test_a_value_stays_equal(value, again):
    back = again(value)
    assert back == value
    assert repr(back) == repr(value)


def test_a_fiscal_period_still_knows_its_calendar():
    quarter = Calendar(first_month=7).quarter(2026, 1)
    assert pickled(quarter).next() == Calendar(first_month=7).quarter(2026, 2)
