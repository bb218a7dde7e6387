"""Which records may be the same, how sure that is, and why."""

import math
import sys
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

import salesflow as sf
from salesflow import Account, Contact, Money, duplicates, errors, process
from salesflow.models import Link

LEADS, SALES = sf.LeadProcess.standard(), sf.Pipeline.standard()
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
EUR = Money(9_000, "EUR")


def lead(identity, name, **custom):
    return LEADS.open(name, id=identity, custom=custom, at=T0)


def nameless(identity, **fields):
    return LEADS.restore(id=identity, stage="new", created_at=T0, **fields)


def deal(identity, name, days=0, **fields):
    return SALES.open(name, id=identity, at=T0 + timedelta(days=days), **fields)


def found(*records, **options):
    return [(pair.one_id, pair.other_id) for pair in duplicates(records, **options)]


def pair(*records, **options):
    """The one pair that is found, whatever its score."""
    options.setdefault("threshold", 0.01)
    [only] = duplicates(records, **options).pairs
    return only


class TestResult:
    """What is given back."""

    def test_pairs_are_scored_with_reasons_the_surest_first(self):
        one = lead("L-1", "Kim Park", email="kim@acme.example")
        two = lead("L-2", "Park, Kim", email=" KIM@acme.example")
        three = lead("L-3", "Kim Park", company="Acme")
        result = duplicates([three, two, one])
        assert [(p.one_id, p.other_id) for p in result] == [
            ("L-1", "L-2"),
            ("L-1", "L-3"),
            ("L-2", "L-3"),
        ]
        assert result.pairs[0].reasons == (
            "same e-mail kim@acme.example",
            "names 1.00 alike: 'Kim Park' / 'Park, Kim'",
        )
        # The odds of one name, 1, times those of one mailbox, e^4.
        assert result.pairs[0].score == round(1 / (1 + math.exp(-4)), 4)
        assert result.pairs[1].reasons == (
            "same name 'Kim Park'",
            "company and domain alike: acme",
        )
        assert (result.threshold, result.n_records, result.n_compared) == (0.85, 3, 3)

    def test_groups_are_what_pairs_connect(self):
        ids = [("D", "E"), ("B", "C"), ("A", "B"), ("E", "C"), ("X", "Y"), ("Z", "X")]
        pairs = tuple(process.DuplicatePair(*sorted(two), 1.0, ("why",)) for two in ids)
        result = process.Duplicates(pairs, 0.9, 9, 9, {})
        assert result.groups == (("A", "B", "C", "D", "E"), ("X", "Y", "Z"))

    def test_it_can_be_counted_shown_and_stored(self):
        two = Account(id="A-1", name="Acme Inc"), Account(id="A-2", name="ACME GmbH")
        result = duplicates(two)
        assert len(result) == 1
        [row] = result.to_dicts()
        assert row == attrs.asdict(result.pairs[0])
        assert str(result) == "0.86 A-1 = A-2: names 1.00 alike: 'ACME GmbH' / 'Acme Inc'"
        assert str(duplicates(two[:1])) == "no duplicates among 1"

    def test_a_long_one_is_shown_in_part_with_what_was_left_out(self):
        same = [lead(f"L-{n:02}", "Kim Park", email="kim@a.example") for n in range(7)]
        shown = str(duplicates([*same, nameless("L-99")])).splitlines()
        assert len(shown) == 22
        assert shown[20:] == ["and 1 more", "left out: 1 (nothing_to_compare)"]

    def test_nothing_gives_nothing(self):
        result = duplicates([])
        assert (result.pairs, result.groups, result.to_dicts()) == ((), (), [])
        assert (result.n_records, dict(result.left_out)) == (0, {})

    def test_it_cannot_be_changed(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            duplicates([]).pairs = ()
        with pytest.raises(TypeError):
            duplicates([]).left_out["x"] = 1

    def test_a_lower_threshold_finds_more(self):
        two = lead("L-1", "Kim Park"), lead("L-2", "Kim Park")
        assert found(*two) == []
        assert pair(*two).score == 0.5


class TestPeople:
    """Leads, and contacts."""

    def test_a_lead_has_what_its_contacts_and_its_account_have(self):
        contacts = [
            Contact(id="C-1", name="Kim Park", email="kim@acme.example", phone="+49 30 1234567"),
            Contact(id="C-2", name="Kim Park", email="k.park@acme.example", account_id="A-2"),
        ]
        accounts = {
            "A-1": Account(id="A-1", name="Acme GmbH", domain="www.acme.example"),
            "A-2": Account(id="A-2", name="Apex", aliases=("A-3",)),
        }
        one = LEADS.open("Kim Park", id="L-1", contact_ids=("C-1",), account_id="A-1", at=T0)
        two = nameless("L-2", contact_ids=("C-2", "C-9"))
        three = lead("L-3", "Kim Park", phone=["030 1234567", 7])
        four = LEADS.open("Kim Park", id="L-4", account_id="A-3", at=T0)
        leads = [one, two, three, four]
        result = duplicates(leads, contacts=contacts, accounts=accounts, threshold=0.6)
        assert {(p.one_id, p.other_id): p.reasons[1:] for p in result} == {
            ("L-1", "L-2"): (
                "same domain acme.example",
                "e-mails of one name: k.park@acme.example / kim@acme.example",
            ),
            ("L-1", "L-3"): ("same phone 49301234567",),
            ("L-2", "L-4"): ("same account A-2",),
        }
        assert dict(result.left_out) == {"no_contact": 1}
        assert dict(duplicates(leads).left_out) == {"no_contact": 2, "no_account": 2}

    def test_two_with_one_contact_are_one(self):
        one, two = (
            LEADS.open(name, id=number, contact_ids=("C-1",), at=T0)
            for number, name in (("L-1", "Kim"), ("L-2", "Kim Park"))
        )
        assert pair(one, two).reasons == (
            "same contact C-1",
            "names 0.77 alike: 'Kim' / 'Kim Park'",
        )

    def test_a_merged_contact_is_found_by_its_alias(self):
        contact = Contact(id="C-1", name="Kim Park", aliases=("C-2",))
        one, two = (nameless(f"L-{n}", contact_ids=(f"C-{n}",)) for n in (1, 2))
        assert found(one, two, contacts=[contact]) == [("L-1", "L-2")]
        assert found(one, two) == []

    def test_contacts_are_compared_as_leads_are(self):
        one = Contact(id="C-1", name="Kim Park", email="kim@acme.example")
        two = Contact(id="C-2", name="KIM PARK", email="kim+x@acme.example")
        assert found(one, two) == [("C-1", "C-2")]
        assert "no_contact" not in duplicates([one, two]).left_out

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            # Namesakes in two firms, and in none.
            (
                {"email": "kim.park@acme.example", "company": "Acme"},
                {"email": "kim.park@apex.example", "company": "Apex"},
            ),
            ({"email": "kim.park@gmail.com"}, {"email": "kim.park@outlook.com"}),
            ({"email": "kim.park@gmail.com"}, {"email": "kim.park77@gmail.com"}),
            # Namesakes whom the firm tells apart by a number.
            ({"email": "kim@acme.example"}, {"email": "kim2@acme.example"}),
        ],
    )
    def test_one_name_is_not_enough(self, one, two):
        assert found(lead("L-1", "Kim Park", **one), lead("L-2", "Kim Park", **two)) == []

    @pytest.mark.parametrize(
        "shared",
        [
            {"email": "info@acme.example"},
            {"phone": "+49 30 1234567"},
            {"company": "Acme GmbH", "domain": "acme.example"},
        ],
    )
    def test_colleagues_are_not_one(self, shared):
        leads = [lead("L-1", "Anna Park", **shared), lead("L-2", "Peter Park", **shared)]
        assert found(*leads, lead("L-3", "Jörg Wolf", **shared), threshold=0.01) == []

    def test_a_shared_mailbox_tells_the_firm(self):
        one, two = (lead(f"L-{n}", "Kim Park", email="info@acme.example") for n in (1, 2))
        assert pair(one, two).reasons == ("same name 'Kim Park'", "same domain acme.example")

    def test_relatives_whose_mails_follow_from_their_names_are_two(self):
        one = lead("L-1", "Anna Schmidt", email="anna.schmidt@acme.example")
        two = lead("L-2", "Hanna Schmidt", email="hanna.schmidt@acme.example")
        assert found(one, two) == []
        assert pair(one, two).reasons[2] == (
            "e-mails of two names: anna.schmidt@acme.example / hanna.schmidt@acme.example"
        )

    def test_two_mails_that_follow_from_one_name_are_of_one(self):
        one = lead("L-1", "Juergen Mueller", email="jmueller@acme.example")
        two = lead("L-2", "Jurgen Müler", email="juergen.mueller@acme.example")
        assert found(one, two) == [("L-1", "L-2")]

    def test_mails_that_follow_from_no_name_say_nothing(self):
        one = lead("L-1", "Kim Park", email="boss@acme.example")
        two = lead("L-2", "Kim Park", email="17@acme.example")
        assert pair(one, two).reasons == ("same name 'Kim Park'", "same domain acme.example")

    def test_one_mailbox_with_two_names_is_a_weaker_suspect(self):
        one = lead("L-1", "Bob Smith", email="rs@acme.example")
        two = lead("L-2", "Robert Smith", email="rs@acme.example")
        assert (found(one, two), pair(one, two).score) == ([], 0.8)
        three = lead("L-3", "Rober Smiht", email="rs@acme.example")
        four = lead("L-4", "orbet Smit", email="rs@acme.example")
        assert pair(three, four).score == 0.9

    def test_one_mailbox_is_enough_where_names_are_cut_short(self):
        one = lead("L-1", "K. Park", email="kim@acme.example")
        two = lead("L-2", "Kim Lara Park", email="kim@acme.example")
        # Names so unlike that the mailbox alone would be less: at least e^2.2.
        assert pair(one, two).score == round(1 / (1 + math.exp(-2.2)), 4)

    def test_without_a_name_a_mailbox_is_enough_and_a_phone_is_not(self):
        mails = (
            nameless("L-1", custom={"email": "kim@a.example"}),
            lead("L-2", "Kim", email="kim@a.example"),
        )
        assert pair(*mails).score == 0.95
        phones = nameless("L-1", custom={"phone": "5551234"}), lead("L-2", "Kim", phone="555-1234")
        assert pair(*phones).reasons == ("same phone 5551234", "no name of one of them")
        assert pair(*phones).score == 0.6
        firms = nameless("L-1", custom={"company": "Acme"}), lead("L-2", "Kim", company="Acme")
        assert found(*firms, threshold=0.01) == []

    def test_a_first_name_alone_is_less_than_a_name(self):
        firm = {"company": "Acme Tools", "domain": "acme.example"}
        assert found(lead("L-1", "Kim", **firm), lead("L-2", "Kim", **firm)) == []
        names = {"L-1": "김민준", "L-2": "김민준"}
        assert len(found(*(lead(number, name, **firm) for number, name in names.items()))) == 1
        # A lead that is called as its firm is, is the firm.
        acme = {"company": "Acme"}
        assert len(found(lead("L-1", "Acme", **acme), lead("L-2", "ACME GmbH", **acme))) == 1

    @pytest.mark.parametrize(
        ("one", "two", "reason"),
        [
            (
                {"company": "Acme Inc"},
                {"company": "ACME"},
                "companies 1.00 alike: 'ACME' / 'Acme Inc'",
            ),
            (
                {"company": "Nordwind Logistik"},
                {"company": "Nordwnid Logistik"},
                "companies 0.94 alike: 'Nordwind Logistik' / 'Nordwnid Logistik'",
            ),
            (
                {"company": "Blue Harbor Ltd"},
                {"domain": "blue-harbor.example"},
                "company and domain alike: blueharbor",
            ),
            (
                {"company": "Nordwind Logistik"},
                {"domain": "nordwind-log.example"},
                "company and domain begin alike: nordwindlog / nordwindlogistik",
            ),
            (
                {"company": "Acme", "domain": "acme.example"},
                {"company": "ACME", "domain": "acme.test"},
                "companies 1.00 alike: 'ACME' / 'Acme'",
            ),
        ],
    )
    def test_firms_are_alike_by_name_and_by_domain(self, one, two, reason):
        pairs = duplicates([lead("L-1", "Kim Park", **one), lead("L-2", "Kim Park", **two)])
        assert [pair.reasons[1] for pair in pairs] == [reason]

    @pytest.mark.parametrize(
        ("one", "two", "names"),
        [
            ({"company": "Acme"}, {"company": "Apex"}, "'Acme' / 'Apex'"),
            (
                {"domain": "acme.example"},
                {"domain": "apex.example"},
                "'acme.example' / 'apex.example'",
            ),
            ({"domain": "ac.example"}, {"company": "Acme"}, "'Acme' / 'ac.example'"),
            (
                {"company": "Acme", "domain": "acme.example"},
                {"company": "Apex", "domain": "apex.example"},
                "'Acme' / 'Apex'",
            ),
        ],
    )
    def test_other_firms_speak_against_it(self, one, two, names):
        leads = [lead("L-1", "Kim Park", **one), lead("L-2", "Kim Park", **two)]
        assert pair(*leads).score < 0.2
        assert pair(*leads).reasons[1] == f"other company: {names}"

    def test_one_phone_in_two_firms_is_one_who_moved(self):
        one = lead("L-1", "Kim Park", company="Acme", phone="+49 30 1234567")
        two = lead("L-2", "Kim Park", company="Apex", phone="030 1234567")
        assert found(one, two) == [("L-1", "L-2")]

    def test_firms_of_one_name_with_two_domains_are_less_sure(self):
        one = lead("L-1", "Kim Park", company="Schmidt GmbH", domain="schmidt-bau.example")
        two = lead("L-2", "Kim Park", company="Schmidt AG", domain="schmidt-it.example")
        assert found(one, two) == []
        assert found(one, two, threshold=0.8) == [("L-1", "L-2")]

    def test_what_became_of_them_is_told(self):
        one, two = (lead(f"L-{n}", "Kim Park", email="kim@acme.example") for n in (1, 2))
        off = LEADS.disqualify(one, "no budget", at=T0)
        won = LEADS.restore(
            id="L-2", name="Kim Park", stage="converted", deal_id="D-2", custom=two.custom
        )
        assert pair(off, won).reasons[-1] == "one is disqualified, the other converted"
        other = LEADS.restore(
            id="L-3", name="Kim Park", stage="converted", deal_id="D-3", custom=two.custom
        )
        assert pair(won, other).reasons[-1] == "they became two deals, D-2 and D-3"
        assert (
            pair(won, two.__class__.model_validate(one.__dict__))
            .reasons[-1]
            .startswith("same name")
        )


class TestAccounts:
    """Firms."""

    def test_by_name_alone_where_nothing_speaks_against_it(self):
        assert found(Account(id="1", name="Acme Inc"), Account(id="2", name="ACME GmbH")) == [
            ("1", "2")
        ]

    def test_by_domain_and_nearly_the_name(self):
        one = Account(id="1", name="Acme Robotics", domain="acme.example")
        two = Account(id="2", name="Acme Robotcis", custom={"email": "kim@acme.example"})
        assert pair(one, two).reasons[0] == "same domain acme.example"
        # Names alone are e^1.85, a slip in 15 letters takes a little of it, the domain adds e^1.5.
        assert 0.94 < pair(one, two).score < 0.966

    def test_by_a_phone(self):
        one = Account(id="1", name="Acme Robotics", custom={"phone": "+49 30 1234567"})
        two = Account(id="2", name="Acme Robotic", custom={"phone": ["n/a", "030 1234567"]})
        assert "same phone 49301234567" in pair(one, two).reasons
        assert found(one, two) == [("1", "2")]

    def test_other_names_under_one_domain_are_a_weaker_suspect(self):
        one = Account(id="1", name="Acme", domain="acme.example")
        two = Account(id="2", name="Wolf Holding", domain="shop.acme.example")
        assert (found(one, two), pair(one, two).score) == ([], 0.8)
        long = Account(id="2", name="Acme Germany", domain="acme.example")
        assert pair(one, long).score == 0.8

    def test_a_firm_and_its_subsidiaries_are_two(self):
        parent = Account(id="1", name="Acme", domain="acme.example", aliases=("0",))
        children = [
            Account(id=f"{n}", name="Acme", domain="acme.example", parent_id=above)
            for n, above in ((2, "1"), (3, "0"), (4, "9"), (5, "9"))
        ]
        assert found(parent, *children[:2]) == []
        assert found(*children[2:]) == []

    @pytest.mark.parametrize(
        ("one", "two", "reason", "is_found"),
        [
            ({"country": "DE"}, {"country": "de"}, "same country", True),
            ({"country": "DE"}, {"country": "FR"}, "other country: de / fr", False),
            ({"country": "DE"}, {"country": "Germany"}, None, True),
            ({"city": "Köln"}, {"city": "KOLN"}, "same city", True),
            ({"city": "Köln"}, {"city": "Bonn"}, "other city: bonn / koln", False),
            ({"city": "Köln"}, {"country": "DE"}, None, True),
            (
                {"domain": "acme.example"},
                {"domain": "acme.test"},
                "domains alike: acme.example / acme.test",
                True,
            ),
            (
                {"domain": "acme.example"},
                {"domain": "apex.test"},
                "other domain: acme.example / apex.test",
                False,
            ),
        ],
    )
    def test_places_and_domains_tell_firms_of_one_name_apart(self, one, two, reason, is_found):
        accounts = Account(id="1", name="Acme", **one), Account(id="2", name="ACME", **two)
        assert pair(*accounts).reasons[1:] == ((reason,) if reason else ())
        assert bool(found(*accounts)) == is_found

    def test_other_names_are_others(self):
        one, two = Account(id="1", name="Acme Tools"), Account(id="2", name="Acme Foods")
        assert found(one, two, threshold=0.01) == []
        house = {"phone": "+49 30 1234567"}
        one = Account(id="1", name="Acme Tools", custom=house)
        assert found(one, Account(id="2", name="Wolf Foods", custom=house), threshold=0.01) == []
        bare = (
            Account(id="3", name="?", domain="a.example"),
            Account(id="4", name="!", domain="a.example"),
        )
        assert found(*bare, threshold=0.01) == []


class TestDeals:
    """Sales."""

    def test_by_account_name_amount_and_date_together(self):
        one = deal(
            "D-1", "Licences 2026", account_id="A", amount=EUR, expected_close_on=date(2026, 3, 1)
        )
        two = deal(
            "D-2",
            "licences - 2026",
            2,
            account_id="A",
            amount=EUR,
            expected_close_on=date(2026, 3, 1),
        )
        assert pair(one, two).reasons == (
            "same account A",
            "names 1.00 alike: 'Licences 2026' / 'licences - 2026'",
            "same amount EUR 9,000.00",
            "expected to close on the same day 2026-03-01",
        )
        assert found(one, two) == [("D-1", "D-2")]

    @pytest.mark.parametrize(
        "names",
        [
            ("Licences", "Training"),
            ("Licences 2025", "Licences 2026"),
            ("Phase I", "Phase II"),
            ("Pilot A", "Pilot B"),
        ],
    )
    def test_never_by_an_account_amount_and_date_alone(self, names):
        one, two = (
            deal(f"D-{n}", name, account_id="A", amount=EUR, expected_close_on=date(2026, 3, 1))
            for n, name in enumerate(names)
        )
        assert found(one, two, threshold=0.01) == []

    def test_not_by_the_name_of_the_account_and_the_account(self):
        accounts = [Account(id="A", name="Acme Inc")]
        one, two = (deal(f"D-{n}", "Acme", n, account_id="A") for n in (1, 2))
        assert found(one, two, accounts=accounts) == []

    def test_a_renewal_is_another_sale(self):
        one = deal("D-1", "Acme", account_id="A", amount=EUR)
        two = deal(
            "D-2",
            "Acme",
            account_id="A",
            amount=EUR,
            links=(Link(kind="renewal_of", target="D-1"),),
        )
        three = deal("D-3", "Acme", account_id="A", amount=EUR)
        assert found(one, two, three) == [("D-1", "D-3"), ("D-2", "D-3")]

    def test_other_accounts_are_others_unless_they_are_one_firm(self):
        one = deal("D-1", "Licences", account_id="A", amount=EUR)
        two = deal("D-2", "Licences", account_id="B", amount=EUR)
        assert found(one, two, threshold=0.01) == []
        accounts = [Account(id="A", name="Acme Inc"), Account(id="B", name="ACME")]
        assert found(one, two, accounts=accounts) == [("D-1", "D-2")]
        accounts = [Account(id="A", name="Acme"), Account(id="B", name="Apex")]
        assert found(one, two, accounts=accounts, threshold=0.01) == []

    def test_without_an_account_amount_and_date_are_needed(self):
        day = {"expected_close_on": date(2026, 3, 1)}
        bare = deal("D-1", "Licences"), deal("D-2", "Licences")
        assert found(*bare) == []
        full = (
            deal("D-1", "Licences", amount=EUR, **day),
            deal("D-2", "Licences", amount=EUR, **day),
        )
        assert found(*full) == [("D-1", "D-2")]

    def test_dates_far_apart_and_other_amounts_speak_against_it(self):
        one = deal(
            "D-1", "Licences", account_id="A", amount=EUR, expected_close_on=date(2026, 3, 1)
        )
        later = deal(
            "D-2", "Licences", 300, account_id="A", amount=EUR, expected_close_on=date(2027, 3, 1)
        )
        assert found(one, later) == []
        assert pair(one, later).reasons[3:] == (
            "expected to close 365 days apart",
            "created 300 days apart",
        )
        dear = deal(
            "D-2",
            "Licences",
            account_id="A",
            amount=Money(1, "EUR"),
            expected_close_on=date(2026, 3, 1),
        )
        assert "amounts EUR 1.00 / EUR 9,000.00" in pair(one, dear).reasons
        assert found(one, dear) == []

    def test_by_the_lead_they_came_of(self):
        one, two = (deal(f"D-{n}", "Licences", 9 * n, lead_id="L-1", amount=EUR) for n in (1, 2))
        assert pair(one, two).reasons[1] == "same lead L-1"
        assert found(one, two) == [("D-1", "D-2")]

    def test_different_outcomes_are_told(self):
        two = deal("D-2", "Licences", account_id="A", amount=EUR)
        won = SALES.restore(
            id="D-1", name="Licences", stage="won", account_id="A", amount=EUR, closed_at=T0
        )
        lost = SALES.lose(two, "budget", at=T0)
        assert pair(won, lost).reasons[-1] == "one is won, the other lost"
        with pytest.raises(errors.MergeError, match="one was won, the other lost"):
            sf.merge(won, lost)

    def test_without_a_name_there_is_nothing_to_tell(self):
        one, two = (
            SALES.restore(id=f"D-{n}", stage="meeting", account_id="A", amount=EUR) for n in (1, 2)
        )
        assert found(one, two, threshold=0.01) == []


class TestRefused:
    """What is no list of records."""

    @pytest.mark.parametrize(
        "records", [None, 3, "L-1", [None], [{"id": "L-1"}], lead("L-1", "Kim")]
    )
    def test_what_are_no_records(self, records):
        with pytest.raises(errors.DataError, match="cannot find duplicates: "):
            duplicates(records)

    def test_several_kinds_at_once(self):
        with pytest.raises(errors.DataError, match="deals and leads together are of several kinds"):
            duplicates([lead("L-1", "Kim"), deal("D-1", "Acme")])

    def test_an_id_that_is_there_twice_or_beside_an_alias(self):
        accounts = Account(id="A-1", name="x"), Account(id="A-2", name="y", aliases=("A-1",))
        with pytest.raises(errors.OptionError, match="account 'A-1': it is there twice") as caught:
            duplicates(accounts)
        assert (caught.value.parameter, caught.value.value) == ("records", "A-1")
        with pytest.raises(errors.DuplicateDealError, match="deal 'D-1': it is there twice"):
            duplicates([deal("D-1", "x"), deal("D-1", "x")])

    @pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan, "high", None, True])
    def test_a_threshold_that_is_none(self, threshold):
        with pytest.raises(errors.OptionError, match="it is no score") as caught:
            duplicates([], threshold=threshold)
        assert caught.value.parameter == "threshold"

    @pytest.mark.parametrize(
        "contacts", [None, 3, [None], {"C-1": "Kim"}, Contact(id="C-1", name="x"), [lead("L", "x")]]
    )
    def test_contacts_that_are_none(self, contacts):
        with pytest.raises(errors.DataError, match=r"cannot read the contacts: .* is no Contact"):
            duplicates([], contacts=contacts)

    def test_an_account_that_is_there_twice(self):
        account = Account(id="A-1", name="x")
        with pytest.raises(errors.OptionError, match="account 'A-1': it is there twice") as caught:
            duplicates([], accounts=[account, account])
        assert caught.value.parameter == "accounts"


def test_without_rapidfuzz_the_extra_is_named(fresh):
    program = """
import sys
sys.modules["rapidfuzz"] = None
import salesflow as sf
two = [sf.Account(id="A-1", name="Acme"), sf.Account(id="A-2", name="Acme")]
try:
    sf.duplicates(two)
except sf.errors.MissingExtraError as error:
    print(error.message, "|", error.hint, "|", error.library)
"""
    assert fresh(program) == (
        "cannot find duplicates: rapidfuzz is not installed"
        " | pip install 'salesflow[crm]' | rapidfuzz"
    )


def test_without_rapidfuzz_it_is_an_import_error_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    with pytest.raises(ImportError, match="rapidfuzz is not installed"):
        duplicates([])


def test_rapidfuzz_is_loaded_when_it_is_needed(fresh):
    program = """
import sys, salesflow
salesflow.duplicates
print("rapidfuzz" in sys.modules)
salesflow.duplicates([])
print("rapidfuzz" in sys.modules, "numpy" in sys.modules)
"""
    assert fresh(program).split() == ["False", "True", "False"]


def test_it_is_a_function_from_wherever_it_is_imported():
    assert process.duplicates is sf.duplicates is duplicates
