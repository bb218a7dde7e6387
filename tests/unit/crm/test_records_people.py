"""Rows of leads, accounts, contacts and activities; and who rows of deals name."""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from salesflow import LeadProcess, Money, Stage
from salesflow.errors import MissingExtraError, OptionError
from salesflow.models import Account, Contact
from tests.crm_reads import codes, deal_of, faults_of, finding, read


def one(record, **options):
    """The one account, contact or lead of a row."""

    def of(**row):
        got = read(row, record=record, **options)
        assert got.rejected == (), got
        [made] = getattr(got, f"{record}s")
        return made

    return of


account, contact, lead = one("account"), one("contact"), one("lead")


def activity(**row):
    got = read({"id": "E-1", **row}, record="activity")
    assert got.rejected == (), got
    [[made]] = got.activities.values()
    return made


# Accounts


def test_an_account_has_all_its_fields():
    made = account(
        account_id="A-1",
        name="Acme",
        website="acme.example",
        industry="Tools",
        country="PL",
        city="Łódź",
        employees="1200",
        annual_revenue="1500000.50",
        currency=" eur ",
        owner="kim",
        parent_id="A-0",
        tier="gold",
    )
    assert made == Account(
        id="A-1",
        name="Acme",
        domain="acme.example",
        industry="Tools",
        country="PL",
        city="Łódź",
        n_employees=1200,
        annual_revenue=Money("1500000.50", "EUR"),
        owner_id="kim",
        parent_id="A-0",
        custom={"tier": "gold"},
    )


def test_an_account_without_a_column_of_ids_is_called_by_its_name():
    assert account(name="Acme") == Account(id="Acme", name="Acme")


@pytest.mark.parametrize(
    ("row", "options", "currency"),
    [
        ({"annual_revenue": "$5", "currency": "EUR"}, {"currency": "PLN"}, "EUR"),
        ({"annual_revenue": "€5"}, {"currency": "PLN"}, "EUR"),
        ({"annual_revenue": "5"}, {"currency": "PLN"}, "PLN"),
        ({"annual_revenue": "5"}, {}, "XXX"),
    ],
)
def test_the_currency_of_a_revenue(row, options, currency):
    made = one("account", **options)(id="A-1", name="Acme", **row)
    assert made.annual_revenue == Money(5, currency)


def test_what_is_no_currency_is_a_fault_of_its_row():
    rows = [
        {"id": key, "name": "x", "annual_revenue": "5", "currency": c} for key, c in _CURRENCIES
    ]
    got = read(*rows, record="account")
    assert [made.id for made in got.accounts] == ["A-1"]
    assert faults_of(got) == [(2, [("currency", "'??' is no currency")])]


_CURRENCIES = (("A-1", "EUR"), ("A-2", "??"))


def test_a_currency_without_an_amount_says_nothing():
    assert account(id="A-1", name="x", annual_revenue="", currency="??").annual_revenue is None


def test_an_amount_that_money_does_not_hold_is_a_fault():
    got = read(
        {"id": "A-1", "name": "x", "annual_revenue": Decimal("1E+60")},
        {"id": "A-2", "name": "y", "annual_revenue": Decimal(1)},
        record="account",
    )
    assert [made.id for made in got.accounts] == ["A-2"]
    assert [row for row, _ in faults_of(got)] == [1]


def test_rows_that_are_no_accounts():
    rows = [
        {"id": "A-1", "name": "Acme", "employees": "5", "deleted": "no"},
        {"id": "A-1", "name": "Acme again", "employees": "5", "deleted": "no"},
        {"id": "", "name": "Bolt", "employees": "5", "deleted": "no"},
        {"id": "A-4", "name": "", "employees": "5", "deleted": "no"},
        {"id": "A-5", "name": "Cog", "employees": "5", "deleted": "yes"},
        {"id": "A-6", "name": "Dye", "employees": "many", "deleted": "yes"},
    ]
    got = read(*rows, record="account")
    assert [made.id for made in got.accounts] == ["A-1"]
    faults = dict(faults_of(got))
    assert faults[2] == [("id", "id 'A-1' is that of another row too")]
    assert faults[3] == [("id", "it has no id")]
    assert faults[4] == [(None, "it has no name")]
    assert faults[5] == [("deleted", "it is deleted")]
    assert {column for column, _ in faults[6]} == {"employees", "deleted"}


def test_an_id_is_free_again_when_its_row_was_rejected():
    rows = [{"id": "A-1", "name": ""}, {"id": "A-1", "name": "Acme"}]
    got = read(*rows, record="account")
    assert [made.name for made in got.accounts] == ["Acme"]
    assert [row for row, _ in faults_of(got)] == [1]


def test_a_row_that_is_no_object_is_rejected_with_that_fact():
    got = read({"id": "A-1", "name": "Acme"}, "nothing", record="account")
    assert [made.id for made in got.accounts] == ["A-1"]
    [(row, faults)] = faults_of(got)
    assert row == 2
    assert len(faults) > 1


def test_without_an_id_and_a_name_there_is_nobody():
    got = read({"country": "PL", "name": ""}, record="account")
    assert faults_of(got) == [(1, [(None, "it has no id and no name")])]


def test_how_new_accounts_are_is_not_known():
    assert read({"id": "A-1", "name": "Acme"}, record="account").latest_at is None


# Contacts


def test_a_contact_has_all_its_fields():
    row = {"id": "C-1", "name": "Kim Lee", "email": "kim@acme.example", "phone": "+48 1"}
    row |= {"title": "CFO", "account_id": "A-1", "owner": "lee", "room": "4"}
    assert contact(**row) == Contact(
        id="C-1",
        name="Kim Lee",
        email="kim@acme.example",
        phone="+48 1",
        title="CFO",
        account_id="A-1",
        owner_id="lee",
        custom={"room": "4"},
    )


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"name": "K. Lee", "first_name": "Kim", "last_name": "Lee"}, "K. Lee"),
        ({"first_name": "Kim", "last_name": "Lee"}, "Kim Lee"),
        ({"first_name": "", "last_name": "Lee"}, "Lee"),
        ({"first_name": "", "email": "kim@acme.example"}, "kim@acme.example"),
    ],
)
def test_the_name_of_a_contact(row, name):
    assert contact(id="C-1", **row).name == name


def test_a_contact_without_a_name_and_an_address_is_rejected():
    got = read({"id": "C-1", "email": ""}, record="contact")
    assert faults_of(got) == [(1, [(None, "it has no name and no e-mail")])]


# Activities

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARCH_2 = datetime(2026, 3, 2, tzinfo=UTC)


def test_an_activity_has_all_its_fields():
    row = {"type": "Calls", "date": "2026-03-02T09:00:00Z", "due_date": "2026-03-01"}
    row |= {"direction": "Incoming", "owner": "kim", "contact_id": "C-1;C-2", "deal_id": "D-1"}
    row |= {"subject": "Price", "notes": "-", "mood": "good"}
    got = read({"id": "E-1", **row}, record="activity")
    [made] = got.activities["D-1"]
    assert list(got.activities) == ["D-1"]
    assert (made.id, made.kind, made.direction, made.owner_id) == ("E-1", "call", "inbound", "kim")
    assert (made.occurred_at, made.occurred_precision) == (NINE, "instant")
    assert (made.planned_at, made.planned_precision) == (datetime(2026, 3, 1, tzinfo=UTC), "day")
    assert (made.contact_id, made.subject, made.note) == ("C-1", "Price", "-")
    assert dict(made.custom) == {"mood": "good"}
    assert got.latest_at == NINE


def test_activities_are_told_apart_by_their_deal():
    days = [{"id": key, "date": "2026-03-02", "deal": deal} for key, deal in _OF_DEALS]
    got = read(*days, record="activity")
    assert {deal: [made.id for made in some] for deal, some in got.activities.items()} == {
        "D-1": ["1", "3"],
        None: ["2"],
        "D-2": ["4"],
    }


_OF_DEALS = (("1", "D-1"), ("2", ""), ("3", "D-1"), ("4", "D-2"))


@pytest.mark.parametrize(
    ("row", "occurred", "planned"),
    [
        ({"date": "2026-03-02"}, MARCH_2, None),
        ({"due_date": "2026-03-02"}, None, MARCH_2),
        ({"due_date": "2026-03-02", "done": "yes"}, MARCH_2, MARCH_2),
        ({"due_date": "2026-03-02", "done": "no"}, None, MARCH_2),
        ({"date": "2026-03-02", "done": "no"}, None, MARCH_2),
        ({"date": "2026-03-02", "done": "yes"}, MARCH_2, None),
        ({"date": "2026-03-01", "due_date": "2026-03-02", "done": "no"}, None, MARCH_2),
    ],
)
def test_whether_it_happened_or_is_planned(row, occurred, planned):
    made = activity(**row)
    assert (made.occurred_at, made.planned_at, made.is_done) == (occurred, planned, bool(occurred))


def test_a_plan_does_not_tell_how_new_the_file_is():
    got = read({"id": "1", "due_date": "2099-03-02"}, record="activity")
    assert got.latest_at is None


def test_an_activity_without_a_date_is_rejected():
    got = read({"id": "E-1", "date": ""}, record="activity")
    assert faults_of(got) == [(1, [(None, "it has no date")])]
    assert got.activities == {}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Call", "call"),
        ("EMAILS", "email"),
        ("e-mail", "email"),
        ("Event", "meeting"),
        ("SMS", "message"),
        ("Fax", "Fax"),
        ("", "activity"),
    ],
)
def test_the_kind_of_an_activity(word, kind):
    assert activity(date="2026-03-02", type=word).kind == kind


@pytest.mark.parametrize("word", ["", "sideways"])
def test_a_direction_that_is_none_is_unknown(word):
    assert activity(date="2026-03-02", direction=word).direction is None


def test_outgoing_is_outbound():
    assert activity(date="2026-03-02", direction="Outgoing").direction == "outbound"


@pytest.mark.parametrize(
    ("system", "row", "kind"),
    [
        ("salesforce", {"Id": "E", "StartDateTime": "2026-03-02T09:00:00Z"}, "meeting"),
        (
            "hubspot",
            {
                "hs_object_id": "E",
                "properties.hs_call_title": "x",
                "hs_timestamp": "2026-03-02T09:00:00Z",
            },
            "call",
        ),
        ("zoho", {"id": "E", "Call_Start_Time": "2026-03-02T09:00:00Z"}, "call"),
    ],
)
def test_a_column_that_one_kind_has_tells_the_kind(system, row, kind):
    got = read(row, record="activity", system=system)
    assert [[made.kind for made in some] for some in got.activities.values()] == [[kind]]


# Leads


def test_a_lead_has_all_its_fields():
    made = lead(
        lead_id="L-1",
        first_name="Kim",
        last_name="Lee",
        company="Acme",
        email="kim@acme.example",
        phone="1",
        status="New",
        owner="lee",
        account_id="A-1",
        contact_id="C-1",
        source="fair",
        channel="inbound",
        created="2026-01-05",
        size="big",
    )
    assert (made.id, made.name, made.stage, made.outcome) == ("L-1", "Kim Lee", "new", "open")
    assert (made.owner_id, made.account_id, made.contact_ids) == ("lee", "A-1", ("C-1",))
    assert (made.source, made.channel) == ("fair", "inbound")
    assert (made.created_at, made.created_precision) == (datetime(2026, 1, 5, tzinfo=UTC), "day")
    people = {"email": "kim@acme.example", "phone": "1", "company": "Acme"}
    assert dict(made.custom) == {**people, "size": "big"}


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"name": "K. Lee", "first_name": "Kim"}, "K. Lee"),
        ({"first_name": "", "company": "Acme"}, "Acme"),
        ({"company": "", "email": "kim@acme.example"}, "kim@acme.example"),
        ({"email": ""}, None),
    ],
)
def test_the_name_of_a_lead(row, name):
    assert lead(id="L-1", **row).name == name


def test_a_lead_without_a_status_is_in_no_known_stage():
    assert (lead(id="L-1", name="x").stage, lead(id="L-1", status="").outcome) == (None, "open")


def test_a_converted_lead_has_its_deal_and_its_day():
    row = {"status": "New", "is_converted": "yes", "deal_id": "D-1", "converted_at": "2026-02-03"}
    made = lead(id="L-1", **row)
    assert (made.outcome, made.deal_id) == ("converted", "D-1")
    assert made.closed_at == datetime(2026, 2, 3, tzinfo=UTC)


def test_a_lead_that_is_not_converted_has_no_deal():
    made = lead(id="L-1", status="New", deal_id="D-1", converted_at="2026-02-03")
    assert (made.outcome, made.deal_id, made.closed_at) == ("open", None, None)


def test_the_leads_that_went_into_it_are_its_aliases():
    rows = [
        {"id": "L-1", "status": "converted", "aliases": "L-2;L-1"},
        {"id": "L-2", "aliases": ""},
    ]
    got = read(*rows, record="lead", columns={"merged": "aliases"})
    # As with deals: what went into another is no lead of its own.
    assert [(made.id, made.aliases) for made in got.leads] == [("L-1", ("L-2",))]
    assert [row.faults[0].fact for row in got.rejected] == ["it was merged into lead 'L-1'"]


def test_a_process_is_drafted_of_statuses_that_the_standard_one_lacks():
    words = ["Working", "Junk Lead", "Closed - Converted", "Working", "Unqualified"]
    rows = [{"id": f"L-{n}", "status": word} for n, word in enumerate(words)]
    got = read(*rows, record="lead")
    assert [(made.stage, made.outcome) for made in got.leads] == [
        ("Working", "open"),
        ("Junk Lead", "open"),
        ("Closed - Converted", "converted"),
        ("Working", "open"),
        ("Unqualified", "disqualified"),
    ]
    assert "Working, Junk Lead" in finding(got, "drafted-pipeline").fact


def test_a_draft_has_a_stage_of_each_kind():
    rows = [{"id": "L-1", "status": "Junk"}, {"id": "L-2", "is_converted": "yes"}]
    got = read(*rows, record="lead")
    assert [made.outcome for made in got.leads] == ["disqualified", "converted"]
    assert "new" in finding(got, "drafted-pipeline").fact


PROCESS = LeadProcess(
    "inbox",
    [
        Stage("first", label="First Call"),
        Stage("sold", kind="converted"),
        Stage("out", kind="disqualified"),
    ],
)


def test_a_status_is_the_name_or_the_label_of_a_stage():
    rows = [
        {"id": str(n), "status": word} for n, word in enumerate(["FIRST", "first call", "Sold"])
    ]
    got = read(*rows, record="lead", pipeline=PROCESS)
    assert [made.stage for made in got.leads] == ["first", "first", "sold"]
    assert {made.pipeline for made in got.leads} == {"inbox"}
    assert codes(got) == []


def test_a_status_that_the_process_lacks_is_a_fault():
    rows = [{"id": str(n), "status": word} for n, word in enumerate(["first", "Fisrt", "Fisrt"])]
    got = read(*rows, record="lead", pipeline=PROCESS)
    fault = ("status", "'Fisrt' is no stage of the process")
    assert faults_of(got) == [(2, [fault]), (3, [fault])]
    found = finding(got, "unknown-stage")
    assert found.n_rows == 2
    assert "'first'" in found.fact


def test_statuses_may_be_named():
    row = {"id": "L-1", "status": "Hot"}
    got = read(row, record="lead", pipeline=PROCESS, stages={"hot": "first"})
    assert [made.stage for made in got.leads] == ["first"]
    standard = LeadProcess.standard().stages[1].name
    got = read(row, record="lead", stages={"Hot": standard})
    assert [made.stage for made in got.leads] == [standard]


def test_a_status_named_as_a_stage_that_there_is_not():
    with pytest.raises(OptionError, match="cannot read stage 'Hot' as 'frist'") as caught:
        read({"id": "1", "status": "Hot"}, record="lead", pipeline=PROCESS, stages={"Hot": "frist"})
    assert (caught.value.parameter, caught.value.value) == ("stages", "frist")
    assert "'first'" in (caught.value.hint or "")


def test_the_latest_of_leads_is_when_one_changed():
    row = {"id": "L-1", "created": "2026-01-05", "updated_at": "2026-02-07"}
    assert read(row, record="lead").latest_at == date(2026, 2, 7)


# Who the deals are made with


def test_people_of_deals():
    rows = [
        {"account_id": "A-1", "account_name": "", "contact_id": "", "contact_name": "Kim"},
        {"account_id": "A-1", "account_name": "Acme", "contact_id": "C-1", "contact_name": "Lee"},
        {"account_id": "A-1", "account_name": "Other", "contact_id": "C-1", "contact_name": "Ann"},
        {"account_id": "", "account_name": "Bolt", "contact_id": "C-2;C-3", "contact_name": "Jo"},
        {"account_id": "", "account_name": "", "contact_id": "", "contact_name": ""},
    ]
    got = read(*[{"id": f"D-{n}", "stage": "won", **row} for n, row in enumerate(rows)])
    assert [(who.id, who.name) for who in got.accounts] == [("A-1", "Acme"), ("Bolt", "Bolt")]
    assert [(who.id, who.name, who.account_id) for who in got.contacts] == [
        ("Kim", "Kim", "A-1"),
        ("C-1", "Lee", "A-1"),
        ("C-2", "C-2", "Bolt"),
        ("C-3", "C-3", "Bolt"),
    ]
    assert [(deal.account_id, deal.contact_ids) for deal in got.deals] == [
        ("A-1", ("Kim",)),
        ("A-1", ("C-1",)),
        ("A-1", ("C-1",)),
        ("Bolt", ("C-2", "C-3")),
        (None, ()),
    ]


# Amounts of deals


def amount(usual=None, **row):
    return deal_of({"id": "D-1", "stage": "won", **row}, currency=usual).amount


def test_the_currency_of_an_amount():
    assert amount("PLN", amount="€5", currency="") == Money(5, "EUR")
    assert amount("PLN", amount="5", currency=" eur") == Money(5, "EUR")
    assert amount("PLN", amount="5") == Money(5, "PLN")
    assert amount(amount="5") == Money(5, "XXX")
    assert amount(amount="", currency="EUR") is None


def test_two_currencies_of_an_amount():
    got = read({"id": "D-1", "stage": "won", "amount": "€5", "currency": "PLN"})
    assert [deal.amount for deal in got.deals] == [Money(5, "PLN")]
    assert finding(got, "two-currencies").column == "amount"


def test_a_word_that_is_no_currency_rejects_its_rows():
    rows = [{"id": n, "stage": "won", "amount": "5", "currency": "Q!"} for n in (1, 2)]
    fault = ("currency", "'Q!' is no currency")
    assert faults_of(read(*rows)) == [(1, [fault]), (2, [fault])]


def test_an_amount_that_is_none_rejects_its_row():
    rows = [{"id": n, "stage": "won", "amount": value} for n, value in ((1, "5"), (2, "much"))]
    got = read(*rows)
    assert [(row, column) for row, [(column, _)] in faults_of(got)] == [(2, "amount")]


# A bar


def test_a_bar_shows_the_number_of_rows(capsys):
    got = read({"id": "A-1", "name": "Acme"}, record="account", progress=True)
    assert len(got.accounts) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "1 rows" in err


def test_no_bar_unless_asked_for(capsys):
    read({"id": "A-1", "name": "Acme"}, record="account")
    assert capsys.readouterr() == ("", "")


def test_a_bar_needs_rich(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with pytest.raises(MissingExtraError, match="rich is not installed") as caught:
        read({"id": "A-1", "name": "Acme"}, record="account", progress=True)
    assert caught.value.library == "rich"
