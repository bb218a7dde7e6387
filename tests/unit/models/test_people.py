"""Accounts and contacts."""

import pytest
from pydantic import ValidationError

from salesflow import Account, Contact, Money


def test_an_account_goes_to_json_and_back():
    account = Account(
        id="A-1", name="Acme", n_employees=40, annual_revenue=Money("1e6", "EUR"), parent_id="A-0"
    )
    assert Account.model_validate_json(account.model_dump_json()) == account


def test_a_contact_goes_to_json_and_back():
    contact = Contact(id="C-1", name="Kim", email="kim@acme.example", custom={"vip": True})
    assert Contact.model_validate_json(contact.model_dump_json()) == contact


@pytest.mark.parametrize("model", [Account, Contact])
def test_an_id_and_a_name_are_needed(model):
    with pytest.raises(ValidationError, match="Field required") as caught:
        model()
    assert [error["loc"] for error in caught.value.errors()] == [("id",), ("name",)]


def test_what_is_unknown_is_none():
    assert Account(id="A", name="Acme").annual_revenue is None
    assert Contact(id="C", name="Kim").email is None
