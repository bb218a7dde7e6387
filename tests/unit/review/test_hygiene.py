"""How clean are these records?"""

from datetime import timedelta

import pytest

from salesflow import Lead, LeadProcess, Pipeline
from salesflow.errors import DataError, DuplicateDealError, OptionError
from salesflow.models import Account, Contact
from salesflow.review.hygiene import DEAL_RULES, Rule, hygiene
from tests.shorthand import PIPELINE, at, eur, lived, lost, on, still_open, won

CLEAN = {"source": "referral", "expected_close_on": on(20)}


def clean(identity: str, owner: str | None = "kim"):
    return still_open(identity, 1, 100, owner, **CLEAN)


def broken_by(deal) -> set[str]:
    return {code for code, found in hygiene([deal]).items() if found.n_broken}


def test_a_clean_deal_breaks_nothing():
    found = hygiene([clean("D")])
    assert broken_by(clean("D")) == set()
    assert (found.score, found.n_records) == (1.0, 1)


@pytest.mark.parametrize(
    ("deal", "code"),
    [
        (still_open("D", 1, None, "kim", **CLEAN), "missing_amount"),
        (still_open("D", 1, 100, None, **CLEAN), "missing_owner"),
        (still_open("D", 1, 100, "kim", expected_close_on=on(20)), "missing_source"),
        (still_open("D", 1, 100, "kim", source="event"), "missing_expected_close"),
        (won("D", 9, 5, 100, "kim", source="event"), "negative_cycle"),
        (won("D", 1, None, 100, "kim", source="event"), "closed_without_closed_at"),
        (lost("D", 1, 5, 100, "kim", source="event"), "closed_without_reason"),
        (
            still_open("D", 9, 100, "kim", source="event", expected_close_on=on(7)),
            "expected_before_creation",
        ),
    ],
)
def test_what_breaks_a_rule(deal, code):
    assert broken_by(deal) == {code}


def test_what_is_open_lacks_no_closing_and_no_reason():
    found = hygiene([clean("D")])
    for code in ("negative_cycle", "closed_without_closed_at", "closed_without_reason"):
        assert (found[code].n_checked, found[code].clean_share) == (0, None)


def test_a_day_before_the_creation_may_be_the_same_day_elsewhere():
    deal = still_open("D", 9, 100, "kim", source="event", expected_close_on=on(8))
    assert broken_by(deal) == set()


def probable(reason: str | None, **more):
    deal = lived("D", (at(1), "open"), amount=eur(5), owner_id="kim", **CLEAN)
    return PIPELINE.update(deal, probability=0.9, reason=reason, at=at(2), **more)


def test_a_probability_off_its_stage_has_a_reason():
    code = "probability_without_reason"
    assert broken_by(probable("they asked for the contract")) == set()
    assert broken_by(probable(None)) == {code}
    assert broken_by(still_open("D", 1, 5, "kim", **CLEAN, probability=0.4)) == {code}
    by_stage = Pipeline.standard().open("A", amount=eur(5), owner_id="kim", **CLEAN, at=at(1))
    assert hygiene([by_stage])[code].n_checked == 0


def test_a_probability_of_the_stage_needs_none():
    from salesflow import Stage

    names = [Stage("talk", probability=0.2), Stage("won", kind="won"), Stage("lost", kind="lost")]
    deal = Pipeline("small", names).open("A", at=at(1))
    found = hygiene([deal])["probability_without_reason"]
    assert (found.n_checked, found.n_broken) == (1, 0)


def test_the_share_clean_is_of_what_the_rule_applies_to():
    # Of three lost deals two have a reason; the open one is not asked.
    deals = [
        lost("D-1", 1, 5, 1, "kim"),
        lost("D-2", 1, 5, 1, "kim", loss_reason="price"),
        lost("D-3", 1, 5, 1, "kim", loss_reason="price"),
        clean("D-4"),
    ]
    found = hygiene(deals)["closed_without_reason"]
    assert (found.n_checked, found.n_broken, found.broken) == (3, 1, ("D-1",))
    assert found.clean_share == 2 / 3


HEAVY = Rule("heavy", "high", "not even", lambda deal: int(deal.id[2:]) % 2 == 1)
SOME = Rule("some", "medium", "small", lambda deal: None if deal.id == "D-4" else deal.id < "D-2")
LIGHT = Rule("light", "low", "always", lambda deal: bool(deal.id))


def test_a_score_weighs_checks_by_severity():
    deals = [clean("D-1"), clean("D-2"), clean("D-3", "lee"), clean("D-4", None)]
    found = hygiene(deals, rules=[HEAVY, SOME, LIGHT])
    # kim has D-1, which breaks all three (3 + 2 + 1), and D-2, which breaks the last (1).
    kim = found.owners["kim"]
    assert (kim.score, kim.n_records, kim.n_checked, kim.n_broken) == (5 / 12, 2, 6, 4)
    assert kim.most_broken == "heavy"
    # lee has D-3: 3 + 1 of 6 are broken. Nobody has D-4: 1 of 4, as one rule does not apply.
    assert found.owners["lee"].score == 2 / 6
    assert found.owners[None].score == 3 / 4
    assert [*found.owners] == ["kim", "lee", None]
    # All four: 5 + 2 + 3 of 12 + 6 + 4.
    assert found.score == 10 / 22


def test_a_user_adds_a_rule_in_three_lines():
    mine = Rule("no_account", "low", "nobody knows the firm", lambda deal: deal.account_id is None)
    found = hygiene([clean("D")], rules=(*DEAL_RULES, mine))
    assert found["no_account"].n_broken == 1
    assert found.owners["kim"].most_broken == "no_account"


def test_suspects_of_being_the_same_are_given_as_pairs():
    deals = [clean("D-1"), clean("D-2"), clean("D-3")]
    assert "duplicate_suspect" not in hygiene(deals)
    found = hygiene(deals, suspects=[("D-1", "D-3")])["duplicate_suspect"]
    assert (found.n_checked, found.broken) == (3, ("D-1", "D-3"))
    assert hygiene(deals, suspects=[])["duplicate_suspect"].clean_share == 1.0


def test_deals_as_of_an_instant():
    deal = lived("D", (at(1), "open"), owner_id="kim")
    deal = PIPELINE.update(deal, amount=eur(5), at=at(9))
    assert hygiene([deal])["missing_amount"].n_broken == 0
    assert hygiene([deal], as_of=at(8))["missing_amount"].n_broken == 1
    assert hygiene([deal], as_of=at(1) - timedelta(days=1)).n_records == 0


def leads() -> list[Lead]:
    process = LeadProcess.standard()
    terms = {"owner_id": "kim", "source": "web", "at": at(1)}
    return [
        process.open("A", id="L-1", **terms, custom={"email": "kim@acme.example"}),
        process.open("B", id="L-2", **terms, custom={"email": "kim at acme"}),
        process.open("C", id="L-3", **terms, custom={"email": 7}),
        process.open("D", id="L-4", at=at(1)),
    ]


def test_leads():
    found = hygiene(leads())
    assert found["malformed_email"].broken == ("L-2", "L-3")
    assert found["malformed_email"].n_checked == 3
    assert found["missing_owner"].broken == found["missing_source"].broken == ("L-4",)
    assert found["negative_cycle"].n_checked == found["converted_without_deal"].n_checked == 0
    assert hygiene(leads(), as_of=at(1) - timedelta(days=1)).n_records == 0


def test_leads_that_are_closed():
    process = LeadProcess.standard()
    terms = {"owner_id": "kim", "source": "web"}
    records = [
        process.restore(id="L-1", stage="converted", created_at=on(9), closed_at=on(5), **terms),
        process.restore(id="L-2", stage="disqualified", created_at=on(1), **terms),
    ]
    found = hygiene(records)
    assert {code: one.broken for code, one in found.items() if one.n_broken} == {
        "negative_cycle": ("L-1",),
        "closed_without_closed_at": ("L-2",),
        "converted_without_deal": ("L-1",),
        "closed_without_reason": ("L-2",),
    }


@pytest.mark.parametrize(
    ("domain", "is_right"),
    [
        ("acme.example", True),
        ("shop.acme-2.example", True),
        ("bücher.example", True),
        ("https://acme.example", False),
        ("acme.example/shop", False),
        ("acme", False),
        ("acme..example", False),
        ("-acme.example", False),
        ("acme.example ", False),
        ("10.0.0.1", False),
        (f"{'a' * 64}.example", False),
        (f"{'a.' * 130}example", False),
    ],
)
def test_domains_of_accounts(domain, is_right):
    found = hygiene([Account(id="A", name="Acme", domain=domain, owner_id="kim")])
    assert found["malformed_domain"].n_broken == (not is_right)


@pytest.mark.parametrize(
    ("email", "is_right"),
    [
        ("kim@acme.example", True),
        ("kim.lee+news@mail.acme.example", True),
        ("o'hara@acme.example", True),
        ("kim", False),
        ("kim@acme", False),
        ("@acme.example", False),
        ("kim@@acme.example", False),
        ("kim lee@acme.example", False),
        (".kim@acme.example", False),
        ("kim.@acme.example", False),
        ("kim..lee@acme.example", False),
        (f"{'k' * 65}@acme.example", False),
        ("Kim <kim@acme.example>", False),
    ],
)
def test_addresses_of_contacts(email, is_right):
    found = hygiene([Contact(id="C", name="Kim", email=email)])
    assert found["malformed_email"].n_broken == (not is_right)
    assert found["missing_owner"].n_broken == 1


def test_accounts_without_a_domain():
    found = hygiene([Account(id="A", name="Acme")])
    assert found["missing_domain"].n_broken == 1
    assert found["malformed_domain"].clean_share is None


def test_nothing_is_neither_clean_nor_not():
    found = hygiene([])
    assert (dict(found), dict(found.owners), found.score) == ({}, {}, None)
    assert str(found).startswith("no groups\nno check applies, of 0 records")
    assert hygiene([], as_of=at(1)).as_of == at(1)


def test_a_result_shows_rules_and_score_and_leaves_as_rows():
    found = hygiene([clean("D-1"), still_open("D-2", 1, 5, None, **CLEAN)])
    text = str(found)
    assert "missing_owner" in text
    # To each deal 5 rules apply, of weights 3, 3, 2, 2 and 2: of 24, the 3 of an owner are broken.
    assert "score 87.5%, of 2 records" in text
    row = next(row for row in found.to_dicts() if row["rule"] == "missing_owner")
    assert (row["severity"], row["n_broken"], row["broken"]) == ("high", 1, ("D-2",))
    assert "<table>" in found._repr_html_()
    assert "score_share" in str(found.owners)
    assert found.owners.to_dicts()[0]["score"] == 1.0
    assert found.to_json().startswith('[{"rule": "missing_amount"')


@pytest.mark.parametrize(
    "records", [7, clean("D"), ["D"], [clean("D"), 7], [Account(id="A", name="A"), clean("D")]]
)
def test_what_are_no_records_of_one_kind(records):
    with pytest.raises(DataError, match="cannot"):
        hygiene(records)


def test_records_that_are_there_twice():
    with pytest.raises(DuplicateDealError, match="'D'"):
        hygiene([clean("D"), clean("D")])
    with pytest.raises(OptionError, match="cannot check account 'A': it is there twice"):
        hygiene([Account(id="A", name="Acme")] * 2)


def test_accounts_have_no_past():
    with pytest.raises(OptionError, match="they have no history"):
        hygiene([Account(id="A", name="Acme")], as_of=at(1))


def test_two_rules_of_one_code():
    with pytest.raises(OptionError, match="cannot ask rule 'light': there are two"):
        hygiene([clean("D")], rules=[LIGHT, LIGHT])


@pytest.mark.parametrize(
    ("parts", "fact"),
    [
        (("", "low", "w", bool), "it names no rule"),
        (("a", "worst", "w", bool), "no severity 'worst'"),
        (("a", "low", "w", 7), "7 cannot be called"),
    ],
)
def test_what_makes_no_rule(parts, fact):
    with pytest.raises(OptionError, match=fact):
        Rule(*parts)
