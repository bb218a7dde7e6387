"""Leads, accounts, contacts and activities: `crm.read(record=…)`."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from salesflow import Account, Contact, LeadProcess, Money, Stage, crm
from salesflow.crm import Formats
from salesflow.errors import AmbiguousColumnError, OptionError
from tests.crm_reads import codes, faults_of, finding, read

LEAD = {
    "lead_id": 1,
    "name": "Ann",
    "company": "Acme",
    "email": "ann@acme.example",
    "phone": "1",
    "status": "new",
    "owner": "kim",
    "source": "web",
    "channel": "ads",
    "account_id": "A-1",
    "contact_id": "C-1",
    "created_at": "2026-01-05",
    "Region": "north",
}


def leads(*rows: dict[str, Any], **options: Any) -> Any:
    return read(*rows, record="lead", **options)


class TestLeads:
    def test_every_field_of_a_row(self):
        [lead] = leads(LEAD).leads
        assert (lead.id, lead.name, lead.stage, lead.outcome) == ("1", "Ann", "new", "open")
        assert (lead.owner_id, lead.source, lead.channel) == ("kim", "web", "ads")
        assert (lead.account_id, lead.contact_ids) == ("A-1", ("C-1",))
        assert (lead.created_at, lead.created_precision) == (
            datetime(2026, 1, 5, tzinfo=UTC),
            "day",
        )
        people = {"email": "ann@acme.example", "phone": "1", "company": "Acme"}
        assert lead.custom == {**people, "Region": "north"}

    def test_the_standard_process_is_taken_where_it_has_all_words(self):
        got = leads(LEAD, {**LEAD, "lead_id": 2, "status": "Qualified"})
        assert [lead.pipeline for lead in got.leads] == [LeadProcess.standard().name] * 2
        assert got.findings == ()

    def test_a_converted_lead(self):
        row = {**LEAD, "status": "converted", "converted_at": "2026-02-01", "deal_id": "D-1"}
        got = leads(row)
        [lead] = got.leads
        assert (lead.outcome, lead.deal_id) == ("converted", "D-1")
        assert (lead.closed_at, lead.closed_precision) == (datetime(2026, 2, 1, tzinfo=UTC), "day")

    def test_a_disqualified_lead(self):
        [lead] = leads({**LEAD, "status": "disqualified", "reason": "no fit"}).leads
        assert (lead.outcome, lead.reason, lead.closed_at) == ("disqualified", "no fit", None)

    def test_a_date_of_a_conversion_that_did_not_happen(self):
        got = leads({**LEAD, "converted_at": "2026-02-01", "deal_id": "D-1"})
        assert (got.leads[0].closed_at, got.leads[0].deal_id) == (None, None)
        assert finding(got, "odd-closing").rows == (1,)

    def test_merged_leads_are_aliases(self):
        row = {**LEAD, "aliases": "2;1;3"}
        assert leads(row, columns={"merged": "aliases"}).leads[0].aliases == ("2", "3")

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            ({"first_name": "Ann", "last_name": "Lee", "company": "Acme"}, "Ann Lee"),
            ({"last_name": "Lee", "company": "Acme"}, "Lee"),
            ({"company": "Acme", "email": "a@x.example"}, "Acme"),
            ({"email": "a@x.example"}, "a@x.example"),
            ({"status": "new"}, None),
        ],
    )
    def test_a_name_is_made_of_what_there_is(self, names, expected):
        assert leads({"lead_id": 1, **names}).leads[0].name == expected


def flagged(status: str | None, flag: str, **options: Any) -> Any:
    """A lead with that status, and a flag whether it was converted."""
    row = {"Id": 1, "LastName": "Lee", "Status": status, "IsConverted": flag}
    return leads(row, system="salesforce", **options)


class TestStatusOfLeads:
    def test_none_is_open_in_no_known_stage(self):
        [lead] = flagged(None, "no").leads
        assert (lead.outcome, lead.stage) == ("open", None)

    def test_the_flag_goes_before_the_word(self):
        got = flagged("working", "yes")
        assert got.leads[0].outcome == "converted"
        assert codes(got) == []

    def test_two_closed_ends_contradict_each_other(self):
        got = flagged("disqualified", "yes")
        assert got.leads[0].outcome == "converted"
        found = finding(got, "stage-contradicts-flag")
        assert (found.column, found.rows) == ("Status", (1,))

    def test_converted_by_word_and_not_by_flag(self):
        got = flagged("Converted", "no")
        assert (got.leads[0].outcome, got.leads[0].stage) == ("open", None)
        assert "kept open" in finding(got, "stage-contradicts-flag").fact

    def test_of_several_converted_stages_the_one_that_its_word_names(self):
        stages = ["new", Stage("sold", kind="converted"), Stage("given", kind="converted")]
        process = LeadProcess("p", [*stages, Stage("junk", kind="disqualified")])
        assert flagged("given", "yes", pipeline=process).leads[0].stage == "given"
        assert flagged("new", "yes", pipeline=process).leads[0].stage == "sold"

    def test_words_that_the_standard_process_lacks_draft_one(self):
        words = ["Open - Not Contacted", "Closed - Converted", "Closed - Not Converted", "Working"]
        got = leads(*({**LEAD, "lead_id": n, "status": word} for n, word in enumerate(words)))
        assert [lead.outcome for lead in got.leads] == ["open", "converted", "disqualified", "open"]
        fact = finding(got, "drafted-pipeline").fact
        order = "Open - Not Contacted, Working, Closed - Converted, Closed - Not Converted"
        assert fact == f"stages of leads in the order of appearance: {order}"

    def test_a_draft_has_the_ends_that_no_row_is_in(self):
        got = leads({**LEAD, "status": "Junk Lead"}, {**LEAD, "lead_id": 2, "status": "Lead: junk"})
        assert finding(got, "drafted-pipeline").fact.endswith("Junk Lead, converted, Lead: junk")
        got = leads({**LEAD, "status": "Pre-Qualified: converted"}, {**LEAD, "status": "Dead"})
        order = "new, Pre-Qualified: converted, Dead"
        assert finding(got, "drafted-pipeline").fact.endswith(order)

    def test_a_process_of_the_caller(self):
        process = LeadProcess.standard()
        got = leads(LEAD, {**LEAD, "lead_id": 2, "status": "Neww"}, pipeline=process)
        assert faults_of(got) == [(2, [("status", "'Neww' is no stage of the process")])]
        found = finding(got, "unknown-stage")
        assert found.n_rows == 1
        assert found.fact.startswith("'Neww' is no stage of '")
        assert "it has 'new'" in found.fact

    def test_words_of_the_caller(self):
        got = leads({**LEAD, "status": "Hot"}, stages={"Hot": "qualified"})
        assert got.leads[0].stage == "qualified"
        with pytest.raises(
            OptionError, match="cannot read stage 'Hot' as 'hotter': 'leads' has no such"
        ):
            leads({**LEAD, "status": "Hot"}, stages={"Hot": "hotter"})


ACCOUNT = {
    "account_id": "A-1",
    "name": "Acme",
    "domain": "acme.example",
    "industry": "steel",
    "country": "NO",
    "city": "Oslo",
    "n_employees": "1200",
    "annual_revenue": "€5,000,000.00",
    "owner": "kim",
    "parent_id": "A-0",
    "Region": "north",
}


class TestAccounts:
    def test_every_field_of_a_row(self):
        assert read(ACCOUNT, record="account").accounts == (
            Account(
                id="A-1",
                name="Acme",
                domain="acme.example",
                industry="steel",
                country="NO",
                city="Oslo",
                n_employees=1200,
                annual_revenue=Money("5000000.00", "EUR"),
                owner_id="kim",
                parent_id="A-0",
                custom={"Region": "north"},
            ),
        )

    def test_what_is_not_known_is_none(self):
        assert read({"account_id": 1, "name": "A"}, record="account").accounts == (
            Account(id="1", name="A"),
        )

    def test_without_a_column_of_ids_the_name_is_the_id(self):
        got = read({"account": "Acme"}, {"account": "Acme"}, {"account": ""}, record="account")
        assert [account.id for account in got.accounts] == ["Acme"]
        twice = "id 'Acme' is that of another row too"
        assert faults_of(got) == [(2, [(None, twice)]), (3, [(None, "it has no id and no name")])]

    def test_rows_that_are_none(self):
        rows = [
            {**ACCOUNT, "name": None},
            {**ACCOUNT, "account_id": None},
            {**ACCOUNT, "n_employees": "2.5"},
            {**ACCOUNT, "n_employees": "-2"},
            {**ACCOUNT, "n_employees": "many"},
            {**ACCOUNT, "annual_revenue": "some"},
            {**ACCOUNT, "currency": "XQX"},
            {**ACCOUNT, "is_deleted": "yes"},
        ]
        assert faults_of(read(*rows, record="account")) == [
            (1, [(None, "it has no name")]),
            (2, [("account_id", "it has no id")]),
            (3, [("n_employees", "2.5 is no number of people")]),
            (4, [("n_employees", "-2 is no number of people")]),
            (5, [("n_employees", "'many' is no number")]),
            (6, [("annual_revenue", "'some' is no number")]),
            (7, [("currency", "'XQX' is no currency")]),
            (8, [("is_deleted", "it is deleted")]),
        ]

    def test_the_currency_of_a_row_goes_before_the_others(self):
        rows = [
            {**ACCOUNT, "account_id": n, "annual_revenue": money, "currency": code}
            for n, money, code in [(1, "€5.00", "usd"), (2, "5.00", None), (3, "€5.00", None)]
        ]
        got = read(*rows, record="account", currency="NOK")
        assert [account.annual_revenue for account in got.accounts] == [
            Money("5.00", "USD"),
            Money("5.00", "NOK"),
            Money("5.00", "EUR"),
        ]
        assert finding(got, "two-currencies").column == "annual_revenue"

    def test_formats_are_settled_and_told(self):
        with pytest.raises(AmbiguousColumnError, match="'annual_revenue'"):
            read({**ACCOUNT, "annual_revenue": "1.234"}, record="account")
        formats = Formats(numbers={"annual_revenue": "1.234,56"})
        row = {**ACCOUNT, "annual_revenue": "1.234"}
        got = read(row, record="account", formats=formats)
        assert got.accounts[0].annual_revenue == Money(1234, "XXX")
        assert finding(got, "format").column == "annual_revenue"


class TestContacts:
    def test_every_field_of_a_row(self):
        row = {
            "contact_id": "C-1",
            "name": "Ann Lee",
            "email": "ann@acme.example",
            "phone": "+47 1",
            "job_title": "CFO",
            "account_id": "A-1",
            "owner": "kim",
            "shoe": 41,
        }
        assert read(row, record="contact").contacts == (
            Contact(
                id="C-1",
                name="Ann Lee",
                email="ann@acme.example",
                phone="+47 1",
                title="CFO",
                account_id="A-1",
                owner_id="kim",
                custom={"shoe": 41},
            ),
        )

    def test_a_name_is_made_of_what_there_is(self):
        rows = [
            {"contact_id": 1, "first_name": "Ann", "last_name": "Lee", "email": None},
            {"contact_id": 2, "first_name": None, "last_name": None, "email": "a@x.example"},
            {"contact_id": 3, "first_name": None, "last_name": None, "email": None},
        ]
        got = read(*rows, record="contact")
        assert [contact.name for contact in got.contacts] == ["Ann Lee", "a@x.example"]
        assert faults_of(got) == [(3, [(None, "it has no name and no e-mail")])]

    @pytest.mark.parametrize(
        ("system", "cells", "email", "phone"),
        [
            (
                "pipedrive",
                {
                    "email": [
                        {"value": "b@x.example", "primary": False},
                        {"value": "a@x.example", "primary": True},
                    ],
                    "phone": [{"value": "", "primary": True}],
                },
                "a@x.example",
                None,
            ),
            (
                "close",
                {
                    "emails": [{"type": "office", "email": "a@x.example"}],
                    "phones": [{"type": "office", "phone": "+47 1"}],
                },
                "a@x.example",
                "+47 1",
            ),
        ],
    )
    def test_lists_of_addresses_give_the_first_or_the_primary_one(
        self, system, cells, email, phone
    ):
        got = read({"id": 1, "name": "Ann", **cells}, record="contact", system=system)
        [contact] = got.contacts
        assert (contact.email, contact.phone) == (email, phone)

    def test_a_list_of_something_else_is_kept_as_a_text(self):
        row = {"contact_id": 1, "name": "Ann", "email": [{"a": 1}], "phone": [1, 2, 3]}
        [contact] = read(row, record="contact").contacts
        assert (contact.email, contact.phone) == ('[{"a": 1}]', "[1, 2, 3]")

    def test_ids_that_come_twice(self):
        rows = [{"contact_id": 1, "name": "Ann"}, {"contact_id": 1, "name": "Bob"}]
        fact = "id '1' is that of another row too"
        assert faults_of(read(*rows, record="contact")) == [(2, [("contact_id", fact)])]


class TestActivities:
    def one(self, system: str | None = None, **row: Any) -> Any:
        got = read({"activity_id": 1, **row}, record="activity", system=system)
        assert not got.rejected, got
        [[activity]] = got.activities.values()
        return activity

    def test_every_field_of_a_row(self):
        row = {
            "activity_id": 1,
            "kind": "Call",
            "occurred_at": "2026-01-05T10:00:00Z",
            "due_date": "2026-01-04",
            "direction": "Inbound",
            "owner": "kim",
            "contact_id": "C-1",
            "deal_id": "D-1",
            "subject": "Price",
            "note": "=too high",
            "mood": "good",
        }
        got = read(row, {**row, "activity_id": 2, "deal_id": None}, record="activity")
        [one] = got.activities["D-1"]
        assert (one.id, one.kind, one.direction) == ("1", "call", "inbound")
        assert (one.owner_id, one.contact_id) == ("kim", "C-1")
        assert (one.subject, one.note, one.custom) == ("Price", "=too high", {"mood": "good"})
        assert one.occurred_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
        assert (one.planned_at, one.planned_precision) == (datetime(2026, 1, 4, tzinfo=UTC), "day")
        assert [activity.id for activity in got.activities[None]] == ["2"]
        assert got.latest_at == one.occurred_at

    @pytest.mark.parametrize(
        ("row", "occurred", "planned"),
        [
            ({"occurred_at": "2026-01-05"}, 5, None),
            ({"due_date": "2026-01-04"}, None, 4),
            ({"due_date": "2026-01-04", "done": True}, 4, 4),
            ({"due_date": "2026-01-04", "done": False}, None, 4),
            ({"occurred_at": "2026-01-05", "due_date": "2026-01-04", "done": True}, 5, 4),
            ({"occurred_at": "2026-01-05", "due_date": "2026-01-04", "done": False}, None, 4),
            # What is not done has not occurred: its time is the one it is planned for.
            ({"occurred_at": "2026-01-05", "done": False}, None, 5),
        ],
    )
    def test_what_occurred_and_what_is_planned(self, row, occurred, planned):
        one = self.one(**row)
        days = [None if at is None else at.day for at in (one.occurred_at, one.planned_at)]
        assert days == [occurred, planned]

    def test_one_without_a_date_is_rejected(self):
        got = read({"activity_id": 1, "done": True}, record="activity")
        assert faults_of(got) == [(1, [(None, "it has no date")])]

    def test_plans_do_not_tell_how_new_a_file_is(self):
        row = {"activity_id": 1, "due_date": "2030-01-01"}
        assert read(row, record="activity").latest_at is None

    @pytest.mark.parametrize(
        ("word", "kind"),
        [
            ("CALLS", "call"),
            ("E-Mail", "email"),
            ("event", "meeting"),
            ("Demo", "demo"),
            ("SMS", "message"),
            ("Lunch", "Lunch"),
            (None, "activity"),
        ],
    )
    def test_kinds(self, word, kind):
        assert self.one(kind=word, occurred_at="2026-01-05").kind == kind

    @pytest.mark.parametrize(("word", "direction"), [("Outgoing", "outbound"), ("?", None)])
    def test_directions(self, word, direction):
        assert self.one(direction=word, occurred_at="2026-01-05").direction == direction

    def test_a_table_of_one_kind(self):
        row = {
            "id": "1",
            "properties": {"hs_call_title": "Hi", "hs_timestamp": "2026-01-05T10:00Z"},
        }
        row["associations"] = {"deals": {"results": [{"id": "77", "type": "call_to_deal"}]}}
        got = read(row, record="activity", system="hubspot")
        [call] = got.activities["77"]
        assert (call.kind, call.subject) == ("call", "Hi")


class TestAllOfThem:
    @pytest.mark.parametrize("record", ["lead", "account", "contact", "activity"])
    def test_a_table_of_something_else(self, record):
        got = read({"a": 1}, record=record)
        assert faults_of(got) == [(1, [(None, "it has no id and no name")])]

    @pytest.mark.parametrize("record", ["lead", "account", "contact", "activity"])
    def test_no_rows(self, record):
        got = read(record=record)
        assert (got.n_rows, got.rejected, got.findings) == (0, (), ())

    def test_items_that_are_no_rows(self):
        got = crm.read([{"id": 1, "name": "A"}, None], record="account")
        assert (len(got.accounts), len(got.rejected)) == (1, 1)

    def test_dates_that_cannot_be_are_told(self):
        got = leads({**LEAD, "created_at": "9999-12-31"})
        assert got.leads[0].created_at is None
        assert finding(got, "impossible-date").column == "created_at"

    def test_how_new_a_file_is(self):
        got = leads({**LEAD, "updated_at": "2026-03-01"}, {**LEAD, "lead_id": 2})
        assert got.latest_at == date(2026, 3, 1)
