"""Laws of duplicates: the order does not matter, and less is asked for, more is found."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import (
    Account,
    Contact,
    LeadProcess,
    Money,
    Pipeline,
    duplicates,
    errors,
    merge,
)
from salesflow.process._alike.accounts import account_traits, accounts_alike
from salesflow.process._alike.given import Directory
from salesflow.process._alike.names import alike, firm_name, person_name
from salesflow.process._alike.people import PersonReader, people_alike
from salesflow.process._alike.sales import SaleReader, sales_alike
from salesflow.process._alike.written import domain_of, is_same_phone, mail_of, phone_of

LEADS, SALES = LeadProcess.standard(), Pipeline.standard()
T0 = datetime(2026, 1, 5, tzinfo=UTC)

# Few words, so that many have something in common; and now and then anything.
NAMES = st.one_of(
    st.lists(
        st.sampled_from(["Kim", "Kmi", "K.", "Park", "Parc", "Anna", "Hanna", "Müller", "Acme"]),
        min_size=1,
        max_size=4,
    ).map(" ".join),
    st.text(min_size=1, max_size=12),
)
FIRMS = st.sampled_from(["Acme Inc", "ACME GmbH", "Acme Tools", "Akme", "Apex AG", "?", "株式会社"])
HOSTS = st.sampled_from(
    ["acme.example", "www.acme.example", "acme.test", "apex.example", "gmail.com"]
)
MAILS = st.builds(
    "{}@{}".format,
    st.sampled_from(["kim", "kim2", "kim.park", "k.park", "info", "anna", "hanna"]),
    HOSTS,
)
PHONES = st.sampled_from(["+49 30 1234567", "030 1234567", "30 1234567", "+43 30 1234567", "n/a"])


def maybe(strategy):
    return st.one_of(st.none(), strategy)


CUSTOM = st.fixed_dictionaries(
    {},
    optional={"email": MAILS, "phone": PHONES, "company": FIRMS, "domain": HOSTS},
)


@st.composite
def leads(draw):
    n = draw(st.integers(0, 8))
    return [
        LEADS.restore(
            id=f"L-{number}",
            stage="new",
            name=draw(maybe(NAMES)),
            account_id=draw(maybe(st.sampled_from(["A-1", "A-2"]))),
            contact_ids=draw(st.sampled_from([(), ("C-1",), ("C-1", "C-2"), ("C-3",)])),
            custom=draw(CUSTOM),
        )
        for number in range(n)
    ]


@st.composite
def accounts(draw):
    return [
        Account(
            id=f"A-{number}",
            name=draw(st.one_of(FIRMS, NAMES)),
            domain=draw(maybe(HOSTS)),
            country=draw(maybe(st.sampled_from(["DE", "FR", "Germany"]))),
            parent_id=draw(maybe(st.sampled_from(["A-1", "A-9"]))),
            custom=draw(CUSTOM),
        )
        for number in range(draw(st.integers(0, 8)))
    ]


@st.composite
def deals(draw):
    return [
        SALES.open(
            draw(st.sampled_from(["Acme", "Acme 2026", "Acme 2025", "Licences", "Licence"])),
            id=f"D-{number}",
            account_id=draw(maybe(st.sampled_from(["A-1", "A-2"]))),
            amount=draw(maybe(st.sampled_from([Money(1, "EUR"), Money(2, "EUR")]))),
            expected_close_on=draw(maybe(st.dates(date(2026, 1, 1), date(2026, 6, 1)))),
            at=T0,
        )
        for number in range(draw(st.integers(0, 8)))
    ]


CONTACTS = [
    Contact(id="C-1", name="Kim Park", email="kim@acme.example", account_id="A-2"),
    Contact(id="C-2", name="Anna", phone="030 1234567"),
]
KNOWN = [Account(id="A-1", name="Acme Inc", domain="acme.example")]
ANY = st.one_of(leads(), accounts(), deals())


def found(records, **options):
    return duplicates(records, contacts=CONTACTS, accounts=KNOWN, **options)


@given(ANY, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(records, random):
    shuffled = [*records]
    random.shuffle(shuffled)
    assert found(shuffled, threshold=0.1) == found(records, threshold=0.1)


@given(ANY, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_leaves_out_the_less_sure(records, one, other):
    low, high = sorted((one, other))
    assert found(records, threshold=high).pairs == tuple(
        pair for pair in found(records, threshold=low) if pair.score >= high
    )


@given(ANY)
def test_what_a_pair_is(records):
    result = found(records, threshold=0)
    ids = {record.id for record in records}
    assert len({(pair.one_id, pair.other_id) for pair in result}) == len(result)
    assert len(result) <= result.n_compared <= len(records) * (len(records) - 1) // 2
    for pair in result:
        assert pair.one_id < pair.other_id
        assert {pair.one_id, pair.other_id} <= ids
        assert 0 <= pair.score <= 1
        assert pair.reasons
    order = [(-pair.score, pair.one_id, pair.other_id) for pair in result]
    assert order == sorted(order)


@given(ANY, st.sampled_from([0.0, 0.5, 0.85]))
def test_groups_are_the_ids_that_pairs_connect(records, threshold):
    result = found(records, threshold=threshold)
    groups = [{*group} for group in result.groups]
    ends = {end for pair in result for end in (pair.one_id, pair.other_id)}
    assert sum(map(len, groups)) == len(ends)
    assert set().union(*groups) == ends
    for pair in result:
        assert sum({pair.one_id, pair.other_id} <= group for group in groups) == 1
    assert all(len(group) > 1 for group in groups)


@given(st.lists(leads(), min_size=2, max_size=2), st.integers(0, 9))
def test_two_leads_are_as_alike_as_the_other_way_round(lists, count):
    reader = PersonReader(Directory({c.id: c for c in CONTACTS}), Directory({}))
    counts = {"anna": count, "hanna": count}
    for one in map(reader.lead, lists[0]):
        for other in map(reader.lead, lists[1]):
            assert people_alike(one, other, counts) == people_alike(other, one, counts)


@given(accounts(), deals())
def test_accounts_and_deals_too(firms, sales):
    reader = SaleReader(Directory({a.id: a for a in KNOWN}))
    for read, compare in (
        ([account_traits(one, {}) for one in firms], accounts_alike),
        ([reader.deal(one) for one in sales], sales_alike),
    ):
        for one in read:
            for other in read:
                assert compare(one, other, {}) == compare(other, one, {})


@given(NAMES, NAMES, st.sampled_from([person_name, firm_name]))
def test_names_are_alike_from_0_to_1(one, other, read):
    first, second = read(one), read(other)
    if first is None or second is None:
        return
    likeness = alike(first, second)
    assert 0 <= likeness <= 1
    assert likeness == alike(second, first)
    assert alike(first, first) == 1


@given(st.text())
def test_any_text_is_read_or_none(text):
    for read in (mail_of, domain_of, phone_of, person_name, firm_name):
        read(text)
    mail = mail_of(text)
    if mail is not None:
        assert mail_of(mail.address) == mail
    domain = domain_of(text)
    if domain is not None:
        assert domain_of(domain) == domain
    phone = phone_of(text)
    if phone is not None:
        assert is_same_phone(phone, phone_of(phone.digits))


@given(leads(), accounts())
def test_what_is_merged_once_is_not_merged_again(people, firms):
    for records in (people, firms):
        for one in records:
            with pytest.raises(errors.MergeError, match="it is there twice"):
                merge(one, one)
        if len(records) > 1 and not any(getattr(one, "parent_id", None) for one in records):
            merged = merge(*records)
            assert merged.aliases == tuple(one.id for one in records[1:])
            assert type(merged).model_validate_json(merged.model_dump_json()) == merged
            for other in records[1:]:
                with pytest.raises(errors.MergeError, match="it is there twice"):
                    merge(merged, other)
