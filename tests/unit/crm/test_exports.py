"""The synthetic exports are what they say: the reader is tested with them."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest

from tests.export_samples import OPEN_STAGES, Sample, samples
from tests.exports import (
    DATES,
    NAIVE,
    NUMBERS,
    OWN_DATES,
    SHAPES,
    SYSTEMS,
    UNKNOWN_STAGE,
    Mess,
    readable,
    stages_of,
    write_export,
    write_rows,
)

EVERY_ODD = ("duplicate", "deleted", "unknown stage", "contradiction")
FORMULAS = Mess(formulas=True)
AT = datetime(2026, 2, 13, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("style", "instant", "day"),
    [
        ("iso", "2026-02-13T14:05:00Z", "2026-02-13"),
        ("iso-ms", "2026-02-13T14:05:00.000Z", "2026-02-13"),
        ("offset", "2026-02-13T16:05:00+02:00", "2026-02-13"),
        ("offset-plain", "2026-02-13T16:05:00+0200", "2026-02-13"),
        ("utc-plain", "2026-02-13T14:05:00.000+0000", "2026-02-13"),
        ("utc-colon", "2026-02-13T14:05:00.000000+00:00", "2026-02-13"),
        ("iso-space", "2026-02-13 14:05", "2026-02-13"),
        ("iso-seconds", "2026-02-13 14:05:00", "2026-02-13"),
        ("dmy", "13/02/2026 14:05", "13/02/2026"),
        ("dmy-dash", "13-02-2026 14:05", "13-02-2026"),
        ("dmy-dot", "13.2.2026 14:05", "13.2.2026"),
        ("mdy", "2/13/2026 2:05 PM", "2/13/2026"),
        ("month-dmy", "13 Feb 2026 14:05", "13 Feb 2026"),
        ("month-mdy", "Feb 13, 2026 2:05 PM", "Feb 13, 2026"),
        # 20,497 days after 1970-01-01, and 50,700 seconds.
        ("epoch-s", "1770991500", "1770940800"),
        ("epoch-ms", "1770991500000", "1770940800000"),
    ],
)
def test_dates_are_written_in_each_style(style, instant, day):
    assert DATES[style](AT) == instant
    assert DATES[style](date(2026, 2, 13)) == day


def test_each_style_is_tested():
    assert len(DATES) == 16
    assert {*OWN_DATES.values()} | NAIVE <= {*DATES}


@pytest.mark.parametrize(
    ("style", "written", "owed"),
    [
        ("plain", "22700.50", "-22700.50"),
        ("us", "$22,700.50", "-$22,700.50"),
        ("eu", "22.700,50 €", "-22.700,50 €"),
        ("space", "22\u00a0700,50", "-22\u00a0700,50"),
        ("thin-space", "22\u202f700,50", "-22\u202f700,50"),
        ("swiss", "CHF 22'700.50", "-CHF 22'700.50"),
        ("accounting", "22,700.50", "(22,700.50)"),
    ],
)
def test_amounts_are_written_in_each_style(style, written, owed):
    assert NUMBERS[style](Decimal("22700.50")) == written
    assert NUMBERS[style](Decimal("-22700.50")) == owed


def test_samples_are_the_same_for_a_seed_and_consistent():
    deals = samples(30, seed=4)
    assert deals == samples(30, seed=4) != samples(30, seed=5)
    assert len({deal.id for deal in deals}) == 30
    for deal in deals:
        assert (deal.closed is None) == (deal.outcome == "open")
        times = [at for _, at in deal.entries]
        assert times == sorted(times)
        assert times[0] == deal.created
        assert deal.entries[-1][0] == deal.now
        assert deal.stage in OPEN_STAGES
        assert deal.closed in (None, times[-1])
    assert {deal.currency for deal in samples(9, currency="CHF")} == {"CHF"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_shape_parses_and_has_a_row_for_each_deal(system, shape):
    deals = samples(7)
    data = write_export(system, deals, shape=shape).decode()
    rows = write_rows(system, deals, shape=shape)
    assert len(rows) == 7
    if shape == "csv":
        assert list(csv.DictReader(io.StringIO(data, newline=""))) == rows
        return
    answer = json.loads(data)
    names = {"hubspot": "results", "salesforce": "records", "odoo": "records"}
    assert (answer if system == "generic" else answer[names.get(system, "data")]) == rows


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_written_can_be_read_back_by_hand(system, shape):
    deals = samples(9)
    text = write_export(system, deals, shape=shape).decode()
    words = stages_of(system, shape)
    for deal in deals:
        told = readable(deal, system, shape)
        assert told["id"] in text
        assert told["outcome"] == deal.outcome
        assert told["name"] in (None, deal.name)
        stages = {word for word, ours in words.items() if ours in (deal.now, deal.stage)}
        assert any(word in text for word in stages)
        assert (told["closed"] is None) == (deal.closed is None)


def test_readable_leaves_out_what_a_shape_does_not_tell():
    won = samples(2)[1]
    assert readable(won, "salesforce", "csv") == {
        "id": won.id,
        "name": won.name,
        "stage": "won",
        "closed_from": None,
        "outcome": "won",
        "amount": won.amount,
        "currency": won.currency,
        "owner": won.owner,
        "account": won.account,
        "created": won.created,
        "closed": won.closed.date(),
        "expected": None,
        "reason": None,
        "probability": 1.0,
    }
    kept = readable(won, "pipedrive", "json")
    assert (kept["closed_from"], kept["closed"], kept["expected"]) == (
        "negotiation",
        won.closed,
        won.expected,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_file_is_written_with_its_encoding_and_marks(encoding, delimiter):
    mess = Mess(encoding=encoding, delimiter=delimiter, quote_all=True, newline="\n")
    data = write_export("hubspot", samples(4), mess=mess)
    text = data.decode(encoding)
    assert text.startswith(f'"Record ID"{delimiter}"Deal Name"')
    assert "\r" not in text
    assert len(list(csv.reader(io.StringIO(text), delimiter=delimiter))) == 5


def test_a_mark_of_the_byte_order_comes_first():
    assert write_export("zoho", samples(1), mess=Mess(bom=True)).startswith(b"\xef\xbb\xbf")
    utf_16 = write_export("zoho", samples(1), mess=Mess(bom=True, encoding="utf-16"))
    assert utf_16.decode("utf-16").startswith("Record Id")


def test_texts_of_json_and_other_wrappers():
    deals = samples(3)
    mess = Mess(as_texts=True, numbers="us", booleans=("Yes", "No"), blanks=("n/a", "-"))
    row = write_rows("salesforce", deals, mess=mess)[0]
    assert row["Amount"].startswith("$")
    assert row["IsWon"] == "No"
    assert write_rows("zoho", deals, mess=mess)[0]["Reason_For_Loss__s"] in ("n/a", "-")
    lines = write_export("close", deals, shape="json", mess=Mess(wrapper="lines")).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["1001", "1002", "1003"]
    bare = json.loads(write_export("odoo", deals, shape="json", mess=Mess(wrapper="list")))
    assert [row["stage_id"][1] for row in bare][1] == "Won"
    ticks = write_rows("salesforce", deals, mess=Mess(dates="epoch-ms"))[0]["CreatedDate"]
    assert ticks == int(deals[0].created.timestamp() * 1000)


def test_the_values_of_hubspot_may_be_objects():
    row = write_rows("hubspot", samples(1), mess=Mess(value_objects=True))[0]
    assert row["properties"]["dealname"] == {"value": samples(1)[0].name}
    assert row["archived"] is False


@pytest.mark.parametrize(
    ("history", "shape", "column"),
    [
        ("v2", "csv", "hs_v2_date_entered_closedwon"),
        ("v1", "csv", "hs_date_entered_closedwon"),
        ("labels", "csv", 'Date entered "Closed Won (Sales Pipeline)"'),
        ("v2", "json", "hs_v2_date_entered_closedwon"),
    ],
)
def test_hubspot_tells_when_stages_were_entered(history, shape, column):
    won = samples(2)[1]
    row = write_rows("hubspot", [won], shape=shape, mess=Mess(history=history, dates="iso"))[0]
    cells = row if shape == "csv" else row["properties"]
    assert cells[column] == DATES["iso"](won.closed)


def test_hubspot_tells_the_values_that_a_stage_had():
    won = samples(2)[1]
    row = write_rows("hubspot", [won], mess=Mess(history="versions"))[0]
    values = [one["value"] for one in row["propertiesWithHistory"]["dealstage"]]
    assert values[0] == "closedwon"
    assert values[-1] == "appointmentscheduled"


def test_impossible_ends_stand_where_a_date_is_unknown():
    open_deal = samples(1)
    row = write_rows("pipedrive", samples(2), mess=Mess(impossible_ends=True, dates="iso"))[0]
    assert open_deal[0].closed is None
    ends = {"9999-12-31T00:00:00Z", "1970-01-01T00:00:00Z"}
    assert {row["won_time"], row["close_time"]} <= ends
    assert row["lost_reason"] is None
    deals = [attrs.evolve(one, expected=None) for one in samples(2)]
    nested = write_rows("hubspot", [*deals, *samples(1)], mess=Mess(impossible_ends=True))[0]
    assert nested["properties"]["closedate"][:4] in ("9999", "1970")
    days = write_rows("salesforce", [*deals, *samples(1)], mess=Mess(impossible_ends=True))[0]
    assert days["CloseDate"] in ("9999-12-31", "1970-01-01")


def test_names_may_be_formulas():
    names = [r["Deal Name"] for r in write_rows("zoho", samples(5), shape="csv", mess=FORMULAS)]
    assert [name[0] for name in names] == ["=", "+", "-", "@", "="]


@pytest.mark.parametrize("system", SYSTEMS)
def test_odd_rows_come_last(system):
    rows = write_rows(system, samples(3), mess=Mess(odd=EVERY_ODD))
    assert len(rows) == 7
    texts = [json.dumps(row) for row in rows]
    assert UNKNOWN_STAGE in texts[5]
    assert [UNKNOWN_STAGE in text for text in texts].count(True) == 1
    assert '"1001"' in texts[3] or "1001," in texts[3]


def test_a_shape_without_deleted_rows_leaves_them_out():
    rows = write_rows("hubspot", samples(3), shape="csv", mess=Mess(odd=EVERY_ODD))
    assert [row["Record ID"] for row in rows[3:]] == ["1001", "5002", "5003"]


def test_a_contradiction_has_a_flag_against_its_stage():
    mess = Mess(odd=("contradiction",))
    odd = write_rows("hubspot", samples(3), mess=mess)[3]["properties"]
    assert (odd["hs_is_closed_won"], odd["dealstage"]) != ("true", "closedwon")
    assert odd["hs_is_closed_won"] == "true"
    assert write_rows("pipedrive", samples(3), mess=mess)[3]["status"] == "won"


def test_a_sample_knows_what_it_shows():
    deal = Sample(id="1", name="x", stage="meeting", created=AT, probability=10)
    assert (deal.now, deal.percent, deal.flag) == ("meeting", 10, "open")
    lost = attrs.evolve(deal, outcome="lost")
    assert (lost.now, lost.percent, lost.flag) == ("lost", 0, "lost")
