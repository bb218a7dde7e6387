"""Accounts and contacts that turned out to be one become one."""

from datetime import UTC, date, datetime

import pytest

from salesflow import Account, Contact, Money, Pipeline, errors, merge

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_the_first_keeps_its_own_and_takes_what_it_lacks_from_the_first_that_has_it():
    keep = Account(id="A-1", name="Acme Inc", country="US", custom={"tier": 1, "note": None})
    two = Account(id="A-2", name="ACME", country="DE", city="Bonn", custom={"tier": 2, "x": "two"})
    three = Account(
        id="A-3",
        name="Acme GmbH",
        city="Köln",
        annual_revenue=Money(5, "EUR"),
        custom={"x": "three", "note": "three", "tags": ["a", {"b": 1}]},
    )
    merged = merge(keep, two, three)
    assert merged == Account(
        id="A-1",
        name="Acme Inc",
        country="US",
        city="Bonn",
        annual_revenue=Money(5, "EUR"),
        aliases=("A-2", "A-3"),
        custom={"tier": 1, "note": None, "x": "two", "tags": ["a", {"b": 1}]},
    )
    assert Account.model_validate_json(merged.model_dump_json()) == merged
    assert keep.aliases == ()


def test_a_number_that_is_zero_is_not_lacking():
    keep = Account(id="A-1", name="Acme", n_employees=0)
    assert merge(keep, Account(id="A-2", name="Acme", n_employees=9)).n_employees == 0


def test_aliases_of_the_others_come_along():
    other = merge(*(Account(id=f"A-{n}", name="Acme") for n in (2, 3, 4)))
    keep = Account(id="A-1", name="Acme", aliases=("A-0",))
    assert merge(keep, other).aliases == ("A-0", "A-2", "A-3", "A-4")


def test_contacts_are_merged_in_the_same_way():
    keep = Contact(id="C-1", name="Kim", email="kim@acme.example")
    other = Contact(id="C-2", name="Kim Park", email="kim@gmail.com", phone="5551234")
    assert merge(keep, other) == Contact(
        id="C-1", name="Kim", email="kim@acme.example", phone="5551234", aliases=("C-2",)
    )


def test_nothing_to_merge_is_the_same_account():
    keep = Account(id="A-1", name="Acme")
    assert merge(keep) is keep


def test_an_id_twice_or_beside_its_alias_is_refused():
    keep = merge(Account(id="A-1", name="Acme"), Account(id="A-2", name="Acme"))
    for other in (Account(id="A-1", name="x"), Account(id="A-2", name="x")):
        with pytest.raises(errors.MergeError, match=r"account 'A-.': it is there twice") as caught:
            merge(keep, other)
        assert (caught.value.deal_id, caught.value.other_id) == ("A-1", other.id)


@pytest.mark.parametrize("parent", ["A-1", "A-0"])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_firm_and_its_subsidiary_are_refused(parent, reverse):
    above = Account(id="A-1", name="Acme", aliases=("A-0",))
    below = Account(id="A-2", name="Acme Labs", parent_id=parent)
    third = Account(id="A-3", name="Acme")
    with pytest.raises(errors.MergeError, match="the one belongs to the other") as caught:
        merge(third, *[above, below][:: -1 if reverse else 1])
    assert caught.value.message == (
        "cannot merge account 'A-2' and account 'A-1': the one belongs to the other"
    )


@pytest.mark.parametrize("given", [{"at": T0}, {"at": date(2026, 1, 5)}, {"by": "kim"}])
def test_no_time_and_no_author_is_taken(given):
    [(name, value)] = given.items()
    with pytest.raises(errors.OptionError, match="it has no history") as caught:
        merge(Account(id="A-1", name="Acme"), Account(id="A-2", name="Acme"), **given)
    assert (caught.value.parameter, caught.value.value) == (name, value)


def test_kinds_do_not_mix():
    account, contact = Account(id="A-1", name="Acme"), Contact(id="C-1", name="Kim")
    deal = Pipeline.standard().open("Acme", id="D-1", at=T0)
    for keep, other, what in [
        (account, contact, "contact 'C-1': it is no Account"),
        (account, deal, "deal 'D-1': it is no Account"),
        (contact, account, "account 'A-1': it is no Contact"),
        (account, None, "None: it is no Account"),
        (None, account, "None: it is no Deal, Lead, Account or Contact"),
    ]:
        with pytest.raises(errors.OptionError, match="cannot merge") as caught:
            merge(keep, other)
        assert caught.value.message == f"cannot merge {what}"
    with pytest.raises(errors.OptionError, match="it is no Deal"):
        merge(deal, account)
