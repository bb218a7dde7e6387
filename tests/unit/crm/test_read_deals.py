"""`crm.read`: what a row says becomes a deal; nothing is lost, and what cannot be read is told."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from salesflow import Account, Contact, JsonMap, Money, crm
from salesflow.crm import Formats
from salesflow.errors import UnknownCurrencyError
from tests.crm_reads import codes, deal_of, faults_of, finding, read

WHOLE = {
    "deal_id": 7,
    "name": " Acme ",
    "stage": "Proposal",
    "amount": "$1,200.50",
    "currency": "usd",
    "probability": "40%",
    "category": "Commit",
    "owner": "kim",
    "account_id": "A-1",
    "account_name": "Acme Inc",
    "contact_id": "C-1",
    "contact_name": "Ann",
    "source": "web",
    "lead_id": "L-1",
    "created_at": "2026-01-05",
    "expected_close_date": "2026-05-01",
    "Region": "north",
    "floors": 3,
    "note": "",
    "modified_at": "2026-02-01",
}


def test_every_field_of_a_row():
    got = read(WHOLE)
    [deal] = got.deals
    assert (deal.id, deal.name, deal.stage, deal.outcome) == ("7", "Acme", "proposal", "open")
    assert deal.amount == Money("1200.50", "USD")
    assert (deal.probability, deal.probability_source) == (0.4, "manual")
    assert (deal.category, deal.category_source) == ("Commit", "manual")
    assert (deal.owner_id, deal.source, deal.lead_id) == ("kim", "web", "L-1")
    assert (deal.account_id, deal.contact_ids) == ("A-1", ("C-1",))
    assert (deal.created_at, deal.created_precision) == (datetime(2026, 1, 5, tzinfo=UTC), "day")
    assert deal.expected_close_on == date(2026, 5, 1)
    assert deal.custom == {"Region": "north", "floors": 3}
    assert got.accounts == (Account(id="A-1", name="Acme Inc"),)
    assert got.contacts == (Contact(id="C-1", name="Ann", account_id="A-1"),)
    assert got.latest_at == date(2026, 2, 1)
    assert got.columns["amount"] == "amount"
    assert "modified" in got.columns
    assert (got.source, got.system) == ("<rows>", "generic")
    assert got.pipeline is not None
    assert got.pipeline.name == deal.pipeline == "sales"


def test_a_deal_that_was_read_loads_and_moves_as_any_other():
    deal = deal_of(WHOLE)
    assert type(deal).model_validate_json(deal.model_dump_json()) == deal
    pipeline = crm.pipeline_from([WHOLE])
    assert pipeline.name == "generic"
    assert read(WHOLE, pipeline=pipeline).deals[0].pipeline == "generic"


def test_what_a_row_does_not_say_stays_unknown():
    deal = deal_of({"id": 1, "stage": "meeting"})
    for name in ("amount", "probability", "created_at", "closed_at", "owner_id", "name"):
        assert getattr(deal, name) is None
    assert deal.history[0].at is None


@pytest.mark.parametrize("blank", [None, "", "  ", "n/a", "-", "None", "Select"], ids=repr)
def test_hidden_blanks_are_unknown(blank):
    row = {"id": 1, "stage": "won", "amount": blank, "owner": blank, "close_date": blank}
    got = read(row, {**row, "id": 2, "amount": 5, "owner": "kim", "close_date": "2026-01-02"})
    assert (got.deals[0].amount, got.deals[0].owner_id, got.deals[0].closed_at) == (None,) * 3


def test_blanks_of_the_caller_are_unknown_too():
    row = {"id": 1, "stage": "?", "owner": "tba", "amount": "TBA", "lost_reason": "tba"}
    deal = deal_of(row, formats=Formats(blanks=("tba", "TBA", "?")))
    assert (deal.stage, deal.owner_id, deal.amount) == (None, None, None)


@pytest.mark.usefixtures("hostile_context")
def test_the_callers_decimal_context_does_not_matter():
    row = {"id": Decimal("12345.0"), "stage": "meeting", "amount": Decimal("12345.67")}
    deal = deal_of({**row, "probability": Decimal("0.4321"), "floors": Decimal("12345.5")})
    assert (deal.id, deal.probability, deal.custom) == ("12345", 0.4321, {"floors": 12345.5})
    assert deal.amount is not None
    assert str(deal.amount.amount) == "12345.67"
    row = {"account_id": 1, "name": "A", "n_employees": Decimal(12345)}
    assert read(row, record="account").accounts[0].n_employees == 12345


class TestIds:
    def test_numbers_are_the_texts_that_people_write(self):
        got = read(*({"id": key, "stage": "won"} for key in (12, 13.0, Decimal("14.0"), " 15 ")))
        assert [deal.id for deal in got.deals] == ["12", "13", "14", "15"]

    def test_of_a_pair_the_first_is_the_key(self):
        row = {"id": 1, "stage_id": [4, "Won"], "partner_id": [9, "Acme"], "user_id": [3, "Kim"]}
        deal = deal_of({**row, "expected_revenue": 5})
        assert (deal.stage, deal.account_id, deal.owner_id) == ("won", "9", "3")

    def test_without_a_column_of_ids_rows_name_them(self):
        got = read({"deal": "Acme", "stage": "won"}, {"deal": "Bolt", "stage": "won"})
        assert [(deal.id, deal.name) for deal in got.deals] == [
            ("row-1", "Acme"),
            ("row-2", "Bolt"),
        ]
        assert finding(got, "no-id").n_rows == 0

    def test_a_row_without_an_id_is_rejected_where_others_have_one(self):
        got = read({"id": 1, "stage": "won"}, {"id": " ", "stage": "won"})
        assert faults_of(got) == [(2, [("id", "it has no id")])]
        assert "no-id" not in codes(got)

    def test_an_id_that_was_there_is_rejected_and_the_first_row_kept(self):
        rows = [{"id": key, "stage": "won", "amount": key} for key in (1, 2, 1, 1)]
        got = read(*rows)
        assert [deal.id for deal in got.deals] == ["1", "2"]
        assert faults_of(got) == [(n, [("id", "id '1' is that of row 1 too")]) for n in (3, 4)]

    def test_an_id_of_a_rejected_row_is_free(self):
        got = read({"id": 1, "stage": "won", "amount": "x"}, {"id": 1, "stage": "won", "amount": 5})
        assert [deal.amount for deal in got.deals] == [Money(5, "XXX")]
        assert faults_of(got) == [(1, [("amount", "'x' is no number")])]


class TestRejectedRows:
    def test_all_faults_of_a_row_are_told_with_their_columns_and_its_text(self):
        row = {"id": 9, "stage": "Nowhere", "amount": "much", "created_at": "soon", "is_won": "hm"}
        got = read({"id": 1, "stage": "won"}, row, pipeline=crm.pipeline_from([{"stage": "won"}]))
        [rejected] = got.rejected
        assert rejected.row == 2
        assert rejected.text.startswith('{"id": 9, "stage": "Nowhere"')
        assert {(fault.column, fault.fact) for fault in rejected.faults} == {
            ("amount", "'much' is no number"),
            ("created_at", "'soon' is no date"),
            ("is_won", "'hm' is neither yes nor no"),
            ("stage", "'Nowhere' is no stage of the pipeline"),
        }

    def test_a_flag_that_cannot_be_read_is_one_fault_and_says_nothing(self):
        got = read({"id": 1, "stage": "meeting", "is_closed": "perhaps"})
        assert faults_of(got) == [(1, [("is_closed", "'perhaps' is neither yes nor no")])]

    def test_a_probability_that_cannot_be_read(self):
        got = read({"id": 1, "stage": "meeting", "probability": "high"})
        assert faults_of(got) == [(1, [("probability", "'high' is no number")])]

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ({"is_deleted": True}, "is_deleted"),
            ({"is_deleted": "yes"}, "is_deleted"),
            ({"status": "Deleted"}, "status"),
        ],
    )
    def test_deleted_rows(self, row, column):
        got = read({"id": 1, "stage": "won", **row})
        assert faults_of(got) == [(1, [(column, "it is deleted")])]

    def test_rows_of_another_kind_say_how_they_are_read(self):
        kinds = ("lead", "opportunity", "")
        rows = [{"id": n, "type": k, "stage_id": [1, "New"]} for n, k in enumerate(kinds, 1)]
        got = read(*rows, system="odoo")
        assert [deal.id for deal in got.deals] == ["2", "3"]
        fact = "it is a lead: read those with record='lead'"
        assert faults_of(got) == [(1, [("type", fact)])]

    def test_recent_changes_of_pipedrive_are_of_several_kinds(self):
        data = {"title": "A", "stage_id": 1, "pipeline_id": 1, "add_time": None, "value": 5}
        items = [
            {"item": "deal", "id": 1, "data": {"id": 1, **data}},
            {"item": "person", "id": 2, "data": {"id": 2, "name": "Ann"}},
            {"item": "deal", "id": 3, "data": None},
        ]
        got = read(*items)
        assert got.system == "pipedrive"
        assert [(deal.id, deal.name, deal.stage) for deal in got.deals] == [
            ("1", "A", "1"),
            ("3", None, None),
        ]
        fact = "it is a contact: read those with record='contact'"
        assert faults_of(got) == [(2, [("item", fact)])]

    def test_items_that_are_no_rows(self):
        got = crm.read([{"id": 1, "stage": "won"}, None, 5])
        assert (got.n_rows, len(got.deals), len(got.rejected)) == (3, 1, 2)

    @pytest.mark.parametrize(
        "row", [{"a": 1}, {"id": 1}, {"name": "Acme"}, {"owner": "kim", "source": "web"}]
    )
    def test_a_table_of_something_else_is_rejected_as_a_whole(self, row):
        got = read(row, row)
        assert (got.n_rows, got.deals, got.columns, got.pipeline) == (2, (), {}, None)
        fact = (
            "no columns of the table are those of deals: an id or a name, and a stage or an amount"
        )
        assert [row.faults[0].fact for row in got.rejected] == [fact, fact]

    def test_no_rows_at_all(self):
        got = read()
        assert (got.n_rows, got.deals, got.rejected, got.findings) == (0, (), (), ())
        assert not got.has_faults


class TestAmounts:
    def test_the_currency_of_the_row_goes_before_all(self):
        rows = [
            {"id": 1, "stage": "won", "amount": "€5", "currency": "usd"},
            {"id": 2, "stage": "won", "amount": "€5", "currency": ""},
            {"id": 3, "stage": "won", "amount": "5"},
        ]
        got = read(*rows, currency="GBP")
        money = [Money(5, "USD"), Money(5, "EUR"), Money(5, "GBP")]
        assert [deal.amount for deal in got.deals] == money
        found = finding(got, "two-currencies")
        assert (found.column, found.rows) == ("amount", (1,))
        assert found.fact == "the amount is in EUR, its row says USD: USD is kept"

    def test_the_same_currency_twice_is_nothing_to_tell(self):
        got = read({"id": 1, "stage": "won", "amount": "€5", "currency": "EUR"})
        assert "two-currencies" not in codes(got)

    def test_a_code_that_is_no_currency_rejects_the_row(self):
        rows = [{"id": n, "stage": "won", "amount": 5, "currency": "XQX"} for n in (1, 2)]
        assert faults_of(read(*rows)) == [
            (n, [("currency", "'XQX' is no currency")]) for n in (1, 2)
        ]

    def test_a_code_beside_no_amount_does_not_matter(self):
        assert deal_of({"id": 1, "stage": "won", "amount": "", "currency": "XQX"}).amount is None

    def test_a_code_that_iso_does_not_list_is_refused(self):
        with pytest.raises(UnknownCurrencyError, match="cannot use currency 'eur'"):
            read({"id": 1, "stage": "won"}, currency="eur")

    def test_cents_are_cents_where_the_system_says_so(self):
        row = {"id": 1, "status_label": "Talk", "status_type": "won", "value": 150050}
        deal = deal_of({**row, "value_currency": "USD"})
        assert deal.amount == Money("1500.50", "USD")

    def test_negative_amounts_are_kept(self):
        assert deal_of({"id": 1, "stage": "won", "amount": "(5.00)"}).amount == Money(
            "-5.00", "XXX"
        )


class TestProbabilities:
    def test_one_out_of_range_is_unknown_and_a_finding(self):
        rows = [
            {"Id": n, "StageName": "Prospecting", "CloseDate": None, "Probability": share}
            for n, share in ((1, 1000), (2, 35), (3, -1))
        ]
        got = read(*rows)
        assert [deal.probability for deal in got.deals] == [0.1, 0.35, 0.1]
        assert [deal.probability_source for deal in got.deals] == ["stage", "manual", "stage"]
        found = finding(got, "odd-probability")
        assert (found.column, found.rows, found.n_rows) == ("Probability", (1, 3), 2)

    def test_the_usual_one_of_its_stage_is_not_set_by_hand(self):
        row = {"Id": 1, "StageName": "Prospecting", "CloseDate": None, "Probability": 10}
        assert deal_of(row).probability_source == "stage"

    def test_of_a_closed_deal_it_does_not_matter(self):
        got = read({"id": 1, "stage": "won", "probability": "70%", "category": "Commit"})
        assert (got.deals[0].probability, got.deals[0].category) == (1.0, None)


class TestPeople:
    def test_one_known_by_name_alone_has_its_name_as_its_id(self):
        row = {"id": 1, "stage": "won", "company": "Acme", "contact_name": "Ann"}
        got = read(row, {**row, "id": 2}, {**row, "id": 3, "contact_name": None})
        assert [deal.account_id for deal in got.deals] == ["Acme"] * 3
        assert got.accounts == (Account(id="Acme", name="Acme"),)
        assert got.contacts == (Contact(id="Ann", name="Ann", account_id="Acme"),)

    def test_a_name_that_comes_later_is_taken(self):
        row = {"id": 1, "stage": "won", "account_id": "A-1", "account_name": None}
        got = read(row, {**row, "id": 2, "account_name": "Acme"}, {**row, "id": 3})
        assert got.accounts == (Account(id="A-1", name="Acme"),)

    def test_several_contacts_in_one_cell(self):
        got = read(
            {"Record ID": 1, "Deal Name": "x", "Deal Stage": "won", "Create Date": None}
            | {"Associated Contact IDs": "7;8", "Associated Contact": "Ann"}
        )
        assert got.deals[0].contact_ids == ("7", "8")
        assert [contact.name for contact in got.contacts] == ["7", "8"]


class TestWhatIsOdd:
    def test_what_deals_lack(self):
        got = read(
            {"id": 1, "stage": "won", "amount": None, "close_date": None},
            {"id": 2, "stage": "lost", "amount": 0, "close_date": "2026-01-03"},
            {"id": 3, "stage": "meeting", "amount": None, "close_date": None},
            {"id": 4, "stage": "meeting", "amount": 0, "close_date": None},
            {"id": 5, "stage": "won", "amount": 0, "close_date": "2026-01-03"},
        )
        told = [(f.code, f.fact, f.rows) for f in got.findings if f.rows]
        assert told == [
            ("no-amount", "it was won, and has no amount", (1,)),
            ("no-created-date", "when it was created is unknown", (1, 2, 3, 4, 5)),
            ("no-closing-date", "it was won, when is unknown", (1,)),
            ("zero-amount", "it was lost, and its amount is 0", (2,)),
            ("no-amount", "it is open, and has no amount", (3,)),
            ("zero-amount", "it was won, and its amount is 0", (5,)),
        ]
        assert codes(got)[-1] == "no-history"

    def test_more_rows_than_are_shown_are_counted(self):
        got = read(*({"id": n, "stage": "meeting"} for n in range(1, 9)))
        assert finding(got, "no-amount").rows == (1, 2, 3, 4, 5)
        assert finding(got, "no-amount").n_rows == 8

    @pytest.mark.parametrize("word", ["won", "lost"])
    def test_every_closed_deal_ended_alike(self, word):
        got = read(
            {"id": 1, "stage": word}, {"id": 2, "stage": word}, {"id": 3, "stage": "meeting"}
        )
        assert finding(got, "one-outcome").fact == f"every closed deal was {word}"

    @pytest.mark.parametrize("words", [("won", "lost"), ("meeting",)])
    def test_nothing_is_told_of_both_outcomes_or_none(self, words):
        got = read(*({"id": n, "stage": word} for n, word in enumerate(words)))
        assert "one-outcome" not in codes(got)

    def test_a_deal_closed_before_it_was_created(self):
        got = read({"id": 1, "stage": "won", "created_at": "2026-02-01", "closed_at": "2026-01-01"})
        assert finding(got, "negative-cycle").rows == (1,)
        [deal] = got.deals
        assert deal.created_at is not None
        assert deal.closed_at is not None
        assert deal.closed_at < deal.created_at

    def test_a_reason_of_a_deal_that_was_not_lost(self):
        rows = [
            {"id": n, "stage": s, "lost_reason": "price"} for n, s in enumerate(("won", "lost"))
        ]
        got = read(*rows)
        assert [deal.loss_reason for deal in got.deals] == [None, "price"]
        found = finding(got, "reason-without-loss")
        assert (found.column, found.rows) == ("lost_reason", (1,))

    def test_dates_that_cannot_be(self):
        got = read(
            {"id": 1, "stage": "won", "close_date": "9999-12-31"},
            {"id": 2, "stage": "won", "close_date": "1970-01-01"},
            {"id": 3, "stage": "won", "close_date": "2026-01-05"},
        )
        assert [deal.closed_at is None for deal in got.deals] == [True, True, False]
        found = finding(got, "impossible-date")
        assert (found.column, found.n_rows) == ("close_date", 2)

    def test_several_pipelines(self):
        rows = [
            {"id": n, "stage": "won", "pipeline": p} for n, p in enumerate(("Old", "New", None))
        ]
        got = read(*rows)
        assert "'Old' (1), 'New' (1)" in finding(got, "several-pipelines").fact
        # No definition is invented for each: the name is kept beside the deal.
        assert [deal.custom for deal in got.deals] == [{"pipeline": "Old"}, {"pipeline": "New"}, {}]

    def test_one_pipeline_names_the_draft(self):
        row = {"id": 1, "stage": "Talk", "pipeline": "Sales EU"}
        assert read(row).deals[0].pipeline == "Sales EU"
        assert read(row).deals[0].custom == {}

    def test_what_json_cannot_hold_is_kept_as_a_text(self):
        got = read({"id": 1, "stage": "won", "odd": float("inf"), "fine": 1})
        assert got.deals[0].custom == {"odd": "inf", "fine": "1"}
        assert finding(got, "odd-value").rows == (1,)

    def test_columns_that_no_field_takes_keep_their_values(self):
        row = {
            "id": 1,
            "stage": "won",
            "text": " as it is ",
            "number": 1.5,
            "price": Decimal("2.50"),
            "exact": Decimal("0.1000000000000000000001"),
            "when": date(2026, 1, 2),
            "list": ["a", Decimal(1), None],
            "flag": False,
            "nan": float("nan"),
            "nothing": None,
            "blank": "  ",
            "no list": [],
        }
        custom = deal_of(row).custom
        assert isinstance(custom, JsonMap)
        assert custom == {
            "text": " as it is ",
            "number": 1.5,
            "price": 2.5,
            "exact": "0.1000000000000000000001",
            "when": "2026-01-02",
            "list": ("a", 1.0, None),
            "flag": False,
        }
