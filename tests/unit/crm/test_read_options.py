"""The options of `crm.read`: what each refuses, `strict`, and the bar of `progress`."""

import sys
from typing import Any

import pytest

from salesflow import LeadProcess, Pipeline, crm
from salesflow.crm import Formats, Options
from salesflow.crm._asked import asked
from salesflow.errors import (
    ColumnError,
    MissingExtraError,
    OptionError,
    RejectedRowsError,
    UnknownCurrencyError,
    UnknownZoneError,
)
from tests.crm_reads import read

ROW = {"id": 1, "stage": "won"}


@pytest.mark.parametrize(
    ("options", "message", "parameter"),
    [
        ({"system": "hubspott"}, "cannot read system 'hubspott': it is not known", "system"),
        ({"system": 5}, "cannot read system 5: it is not known", "system"),
        ({"record": "deals"}, "cannot read record 'deals': it is not known", "record"),
        ({"record": None}, "cannot read record None: it is not known", "record"),
        ({"pipeline": "sales"}, "cannot read a deal with pipeline 'sales'", "pipeline"),
        (
            {"pipeline": LeadProcess.standard()},
            "cannot read a deal with pipeline",
            "pipeline",
        ),
        (
            {"pipeline": Pipeline.standard(), "record": "lead"},
            "cannot read a lead with pipeline",
            "pipeline",
        ),
        (
            {"pipeline": Pipeline.standard(), "record": "account"},
            "cannot read a account with pipeline",
            "pipeline",
        ),
        ({"columns": ["id"]}, "cannot use columns", "columns"),
        ({"stages": "won"}, "cannot use stages 'won'", "stages"),
        ({"formats": "dmy"}, "cannot use formats 'dmy'", "formats"),
        ({"formats": {"dates": "dmy"}}, "cannot use formats", "formats"),
        ({"formats": 0}, "cannot use formats 0", "formats"),
    ],
)
def test_what_an_option_does_not_take(options, message, parameter):
    with pytest.raises(OptionError) as caught:
        read(ROW, **options)
    assert caught.value.message.startswith(message)
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"system": "hubspott"}, "give 'hubspot', "),
        ({"record": "deals"}, "give 'deal', "),
        ({"formats": "dmy"}, "give a crm.Formats."),
        ({"pipeline": "sales"}, "give a Pipeline."),
        ({"pipeline": "sales", "record": "lead"}, "give a LeadProcess."),
        ({"pipeline": "sales", "record": "contact"}, "none is needed."),
    ],
)
def test_what_it_takes_is_said(options, hint):
    with pytest.raises(OptionError) as caught:
        read(ROW, **options)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"zone": "Mars/Olympus"}, UnknownZoneError),
        ({"currency": "XQX"}, UnknownCurrencyError),
        ({"columns": {"amount": "worth"}}, ColumnError),
        ({"columns": {"amuont": "stage"}}, ColumnError),
    ],
)
def test_other_errors_of_ours(options, error):
    with pytest.raises(error):
        read(ROW, **options)


def test_an_option_that_there_is_not_is_the_usual_error():
    with pytest.raises(TypeError, match="colums"):
        read(ROW, colums={})


def test_options_are_refused_before_anything_is_read():
    class Unread:
        def read(self) -> str:
            raise AssertionError

    with pytest.raises(OptionError):
        crm.read(Unread(), system="x")


def test_every_option_that_is_listed_is_taken():
    given: Any = dict.fromkeys(Options.__annotations__)
    checked = asked(**{**given, "record": "deal", "formats": None})
    assert {*given} == {name for name in dir(checked) if not name.startswith("_")}
    assert checked.formats == Formats()
    assert checked.columns == {}


def test_columns_of_the_caller_go_before_names():
    row = {"nr": 7, "phase": "won", "worth": 5, "amount": 9, "agent": "kim"}
    given = {"id": "nr", "stage": "phase", "amount": "worth", "owner_id": "agent"}
    [deal] = read(row, columns=given).deals
    assert (deal.id, deal.stage, deal.owner_id) == ("7", "won", "kim")
    assert deal.amount is not None
    assert deal.amount.amount == 5
    assert deal.custom == {"amount": 9}


def test_a_system_of_the_caller_goes_before_the_columns():
    row = {"Id": 1, "StageName": "Closed Won", "CloseDate": None}
    assert read(row).system == "salesforce"
    got = read({"id": 1, "stage": "won"}, system="pipedrive")
    assert got.system == "pipedrive"


class TestHistory:
    @pytest.mark.parametrize("history", [None, [], (), [None]])
    def test_none(self, history):
        assert asked(history=history).history == ()

    def test_rows_are_one_log_and_a_list_of_sources_several(self):
        log = [{"deal_id": 1, "stage": "won", "at": "2026-01-01"}]
        assert asked(history=log).history == (log,)
        assert asked(history=tuple(log)).history == (tuple(log),)
        assert asked(history=[log, "a.csv"]).history == (log, "a.csv")
        assert asked(history="a.csv").history == ("a.csv",)


class TestStrict:
    def test_one_error_has_all_faults(self):
        rows = [{**ROW, "id": n, "amount": "x" if n % 2 else 5} for n in range(60)]
        with pytest.raises(RejectedRowsError) as caught:
            crm.read(rows, strict=True)
        assert len(caught.value.faults) == 30
        assert caught.value.faults[1] == "row 4 rejected: amount: 'x' is no number"
        lines = caught.value.message.splitlines()
        assert lines[0] == "cannot read <rows>: 30 of 60 rows are rejected"
        # No more of them than a person reads.
        assert len(lines) == 21

    def test_findings_are_no_faults(self):
        assert crm.read([ROW], strict=True).findings

    @pytest.mark.parametrize("record", ["lead", "account", "contact", "activity"])
    def test_of_every_record(self, record):
        with pytest.raises(RejectedRowsError, match="row 1 rejected: it has no id"):
            crm.read([{"a": 1}], record=record, strict=True)


class TestProgress:
    def test_no_bar_unless_asked_for(self, capsys):
        crm.read([ROW])
        assert capsys.readouterr() == ("", "")

    @pytest.mark.parametrize("record", ["deal", "account"])
    def test_a_bar_counts_rows_on_standard_error(self, capsys, record):
        crm.read([{**ROW, "name": "A"}] * 3, progress=True, record=record)
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "reading <rows>" in shown.err
        assert "3 rows" in shown.err

    def test_without_rich_it_is_an_error_that_says_how(self, monkeypatch):
        for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "rich", None)
        with pytest.raises(MissingExtraError, match="rich is not installed") as caught:
            crm.read([ROW], progress=True)
        assert caught.value.hint is not None
        assert "pip install 'salesflow[cli]'" in caught.value.hint
