"""Records leave as tables, and come back as what they were."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Lead, LeadProcess, Money, Pipeline, crm
from salesflow.errors import DataError, OptionError, SourceError
from salesflow.models import Account, Contact
from tests import strategies as some
from tests.crm_reads import codes, faults_of, finding

SALES = Pipeline.standard()
LEADS = LeadProcess.standard()
FORMULA = '=HYPERLINK("http://x.example";"click")'
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def as_csv(*records):
    crm.write_csv(records, file := io.StringIO(newline=""))
    return file.getvalue()


def as_json(*records):
    crm.write_json(records, file := io.StringIO())
    return file.getvalue()


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def harmful(text):
    """The cells that a spreadsheet might run."""
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    return [cell for cell in cells if cell.startswith(STARTS) and not NUMBER.fullmatch(cell)]


def assert_comes_back(records, record, plural):
    """Each of them, equal, and with nothing odd, from CSV and from JSON."""
    for text in (as_csv(*records), as_json(*records)):
        got = crm.read(io.StringIO(text, newline=""), record=record)
        assert getattr(got, plural) == tuple(records)
        assert got.rejected == ()
        assert set(codes(got)) <= {"source"}
        assert got.n_rows == len(records)
        assert got.system == "salesflow" or not records
    assert harmful(as_csv(*records)) == []


# Round trips

_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
    st.sampled_from(
        [FORMULA, "'=1", "-5", "-5+3", "+48 1", "@x", "\t=1", "\r\n=1", "'", "0", "é;,"]
    ),
)
_CUSTOM = st.dictionaries(_TEXTS, some.json_values(4), max_size=2)
_KNOWN = st.none() | _TEXTS


@st.composite
def accounts(draw, identity):
    names = ("domain", "industry", "country", "city", "owner_id", "parent_id")
    return Account(
        id=identity,
        name=draw(_TEXTS),
        **{name: draw(_KNOWN) for name in names},
        n_employees=draw(st.none() | st.integers(0, 10**7)),
        annual_revenue=draw(st.none() | some.amounts("EUR", "JPY")),
        custom=draw(_CUSTOM),
    )


@st.composite
def contacts(draw, identity):
    names = ("email", "phone", "title", "account_id", "owner_id")
    known = {name: draw(_KNOWN) for name in names}
    return Contact(id=identity, name=draw(_TEXTS), **known, custom=draw(_CUSTOM))


@st.composite
def leads(draw, identity):
    """A lead that was opened, or taken over, and then moved or given away."""
    process = draw(st.just(LEADS) | some.lead_processes())
    known = {name: draw(_TEXTS) for name in ("name", "owner_id", "source", "channel")}
    at = some.START
    if draw(st.booleans()):
        lead = process.open(id=identity, at=at, **known)
        if process is LEADS and draw(st.booleans()):
            lead = process.disqualify(
                lead, reason=f"why {draw(_TEXTS)}", at=datetime(2026, 2, 1, tzinfo=UTC)
            )
        return lead
    stage = draw(st.sampled_from([None, *(stage.name for stage in process.stages)]))
    created = draw(st.sampled_from([None, at, date(2025, 12, 1)]))
    return process.restore(id=identity, stage=stage, created_at=created, **known)


def _several(kind):
    ids = st.lists(_TEXTS, min_size=1, max_size=2, unique=True)
    return ids.flatmap(lambda found: st.tuples(*map(kind, found)))


@given(some.books())
def test_deals_come_back(book):
    assert_comes_back(book, "deal", "deals")


@given(some.pipelines().flatmap(some.deals))
def test_a_deal_of_any_pipeline_comes_back(deal):
    assert_comes_back([deal], "deal", "deals")


@given(_several(leads))
def test_leads_come_back(records):
    assert_comes_back(records, "lead", "leads")


@given(_several(accounts))
def test_accounts_come_back(records):
    assert_comes_back(records, "account", "accounts")


@given(_several(contacts))
def test_contacts_come_back(records):
    assert_comes_back(records, "contact", "contacts")


# What the table shows


def test_the_cells_are_what_people_look_for():
    amount = Money("1200.50", "EUR")
    deal = SALES.open("Acme", id="D-1", amount=amount, owner_id="kim", at=date(2026, 1, 5))
    [row] = table(as_csv(deal))
    shown = {name: row[name] for name in ("id", "name", "stage", "outcome", "amount", "currency")}
    first = SALES.stages[0].name
    assert shown == {
        "id": "D-1",
        "name": "Acme",
        "stage": first,
        "outcome": "open",
        "amount": "1200.50",
        "currency": "EUR",
    }
    assert (row["owner_id"], row["created_at"], row["closed_at"]) == ("kim", "2026-01-05", "")
    assert list(row)[-1] == "salesflow"
    assert json.loads(row["salesflow"])["id"] == "D-1"


def test_a_time_is_shown_with_its_zone():
    at = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    [row] = table(as_csv(SALES.open("Acme", id="D-1", at=at)))
    assert datetime.fromisoformat(row["created_at"]) == at


def test_an_expected_close_is_a_day():
    deal = SALES.open("Acme", id="D-1", expected_close_on=date(2026, 3, 31))
    assert table(as_csv(deal))[0]["expected_close_on"] == "2026-03-31"


def test_without_money_there_is_no_currency():
    [row] = table(as_csv(Account(id="A-1", name="Acme")))
    assert (row["annual_revenue"], row["currency"]) == ("", "")


@pytest.mark.parametrize("text", [FORMULA, "+48 1", "-5+3", "-", "@x", "\t=1", "\r=1", "\n=1"])
def test_a_formula_is_inert_and_comes_back(text):
    records = [Contact(id="C-1", name=text, email=text, phone=text)]
    written = as_csv(*records)
    [row] = table(written)
    assert [row[name] for name in ("name", "email", "phone")] == [f"'{text}"] * 3
    assert harmful(written) == []
    assert_comes_back(records, "contact", "contacts")


@pytest.mark.parametrize("text", ["-5", "-5.25", "5"])
def test_a_plain_number_is_left_as_it_is(text):
    assert table(as_csv(Contact(id="C-1", name=text)))[0]["name"] == text


def test_a_text_that_begins_with_an_apostrophe_is_told_from_one_we_wrote():
    names = ["'=1", "=1"]
    written = [table(as_csv(Contact(id="C-1", name=name)))[0]["name"] for name in names]
    assert written == ["''=1", "'=1"]


def test_a_nul_is_in_no_cell_and_comes_back():
    contact = Contact(id="C-1", name="a\0b")
    assert "\0" not in as_csv(contact)
    assert_comes_back([contact], "contact", "contacts")


def test_json_shows_the_texts_as_they_are():
    [item] = json.loads(as_json(Contact(id="C-1", name=FORMULA)))
    assert (item["name"], item["salesflow"]["name"]) == (FORMULA, FORMULA)


def test_no_records_are_a_table_without_rows():
    assert as_csv().splitlines() == [",".join(crm._own.CELLS["deal"]) + ",salesflow"]
    assert json.loads(as_json()) == []
    got = crm.read(io.StringIO(as_csv()))
    assert (got.n_rows, got.deals, got.rejected) == (0, (), ())


# Reading the table again


def test_a_table_of_one_kind_asked_for_as_another_is_rejected():
    got = crm.read(io.StringIO(as_csv(Account(id="A-1", name="Acme"))), record="lead")
    assert got.leads == ()
    [(row, faults)] = faults_of(got)
    assert (row, {column for column, _ in faults}) == (1, {"salesflow"})


def test_the_latest_is_the_last_that_happened():
    deal = SALES.open("Acme", id="D-1", at=date(2026, 1, 5))
    later = SALES.open("Bolt", id="D-2", at=date(2026, 2, 7))
    assert crm.read(io.StringIO(as_csv(later, deal))).latest_at == date(2026, 2, 7)
    account = Account(id="A-1", name="Acme")
    assert crm.read(io.StringIO(as_csv(account)), record="account").latest_at is None


def edited(record, word, **cells):
    """What reading says of a row whose cells were changed."""
    text = as_csv(record)
    rows = table(text)
    rows[0].update(cells)
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return crm.read(io.StringIO(file.getvalue(), newline=""), record=word)


@pytest.mark.parametrize(
    ("name", "cell"),
    [("name", "Bolt"), ("industry", ""), ("country", "PL"), ("n_employees", ""), ("currency", "")],
)
def test_an_edited_cell_is_a_finding_and_the_record_is_kept(name, cell):
    revenue = Money(5, "EUR")
    account = Account(id="A-1", name="Acme", industry="x", n_employees=0, annual_revenue=revenue)
    got = edited(account, "account", **{name: cell})
    assert got.accounts == (account,)
    found = finding(got, "edited-cell")
    assert (found.column, found.rows) == (name, (1,))
    assert "leave out column 'salesflow'" in found.fact


def test_an_apostrophe_that_a_program_took_away_is_no_edit():
    contact = Contact(id="C-1", name=FORMULA)
    got = edited(contact, "contact", name=FORMULA)
    assert got.contacts == (contact,)
    assert codes(got) == []


def test_a_column_that_was_removed_is_no_edit():
    contact = Contact(id="C-1", name="Kim")
    cell = table(as_csv(contact))[0]["salesflow"]
    got = crm.read([{"id": "C-1", "salesflow": cell}], record="contact")
    assert got.contacts == (contact,)
    assert codes(got) == []


@pytest.mark.parametrize("cell", ["", "{", "[]", None, '{"id": "C-1"}', '{"id": "", "name": "x"}'])
def test_a_row_without_its_record_is_rejected(cell):
    got = crm.read([{"id": "C-1", "name": "Kim", "salesflow": cell}], record="contact")
    assert (got.n_rows, got.contacts) == (1, ())
    [(_, faults)] = faults_of(got)
    assert {column for column, _ in faults} == {"salesflow"}


def test_a_row_that_was_copied_is_rejected():
    kim, lee = Contact(id="C-1", name="Kim"), Contact(id="C-2", name="Lee")
    got = crm.read(io.StringIO(as_csv(kim, lee, kim)), record="contact")
    assert got.contacts == (kim, lee)
    assert faults_of(got) == [(3, [("salesflow", "id 'C-1' is that of another row too")])]


def test_a_row_with_cells_too_many_is_rejected():
    text = as_csv(Contact(id="C-1", name="Kim")).rstrip() + ",more\r\n"
    got = crm.read(io.StringIO(text, newline=""), record="contact")
    assert (got.n_rows, got.contacts, [row.row for row in got.rejected]) == (1, (), [1])


# Where to, and what


@pytest.mark.parametrize("write", [crm.write_csv, crm.write_json])
def test_to_a_path(write, tmp_path):
    deal = SALES.open("Zażółć", id="D-1")
    for path in (tmp_path / "deals.txt", str(tmp_path / "again.txt")):
        write([deal], path)
        assert crm.read(path).deals == (deal,)


@pytest.mark.parametrize("write", [crm.write_csv, crm.write_json])
def test_a_file_is_left_open(write):
    file = io.StringIO(newline="")
    write(iter([SALES.open("Acme", id="D-1")]), file)
    assert not file.closed
    assert [deal.id for deal in crm.read(io.StringIO(file.getvalue())).deals] == ["D-1"]


@pytest.mark.parametrize("write", [crm.write_csv, crm.write_json])
def test_where_nothing_can_be_written(write, tmp_path):
    for path in (tmp_path, tmp_path / "none" / "deals.csv"):
        with pytest.raises(SourceError, match="cannot write ") as caught:
            write([], path)
        assert (caught.value.source, caught.value.line) == (str(path), None)


@pytest.mark.parametrize("write", [crm.write_csv, crm.write_json])
def test_several_kinds_are_refused(write):
    deal, lead = SALES.open("Acme", id="D-1"), LEADS.open("Kim", id="L-1", source="web")
    with pytest.raises(DataError, match="cannot write a lead beside a deal") as caught:
        write([deal, lead], io.StringIO())
    assert caught.value.found == "Lead"


@pytest.mark.parametrize("write", [crm.write_csv, crm.write_json])
@pytest.mark.parametrize(("given_", "found"), [(5, "int"), (["x"], "str"), ([None], "NoneType")])
def test_what_is_no_record_is_refused(write, given_, found):
    with pytest.raises(DataError, match="cannot write ") as caught:
        write(given_, io.StringIO())
    assert caught.value.found == found


def test_what_comes_after_a_record_is_checked_too():
    lead: Lead = LEADS.open("Kim", id="L-1", source="web")
    with pytest.raises(DataError, match="it is no deal, lead, account or contact"):
        crm.write_csv([lead, "x"], io.StringIO())


@pytest.mark.parametrize("write", [crm.write_csv, crm.write_json])
def test_where_one_record_is_refused_nothing_is_written(write, tmp_path):
    path, lead = tmp_path / "leads", LEADS.open("Kim", id="L-1", source="web")
    path.write_text("as it was", encoding="utf-8")
    with pytest.raises(DataError, match="cannot write"):
        write(iter([lead, SALES.open("Acme", id="D-1")]), path)
    assert path.read_text(encoding="utf-8") == "as it was"


@pytest.mark.parametrize("write", [crm.write_csv, crm.write_json])
@pytest.mark.parametrize("target", [5, None, io.BytesIO(), ["a"]])
def test_a_target_that_takes_no_text_is_refused(write, target):
    with pytest.raises(OptionError, match="no path, and no file open for text") as caught:
        write([SALES.open("Acme", id="D-1")], target)
    assert (caught.value.parameter, caught.value.value) == ("target", target)
