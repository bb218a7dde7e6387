"""The command line: what it prints, and how it ends."""

import importlib
import json
import runpy
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import salesflow as sf
from salesflow.cli import app

EXPORT = """\
id,stage,owner,amount,created_at,close_date,product
D-1,Won,kim,100,2026-01-05,2026-01-15,X
D-2,Lost,kim,50,2026-01-05,2026-02-04,X
D-3,Won,lee,300,2026-02-01,2026-02-21,Y
D-4,Talk,lee,,2026-03-01,,Y
"""


@pytest.fixture
def export(tmp_path: Path) -> str:
    path = tmp_path / "deals.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return str(path)


def run(*arguments: str, stdin: str | bytes | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments), input=stdin)
    return done.exit_code, done.stdout, done.stderr


def page(*arguments: str, stdin: str | None = None) -> dict[str, list[dict[str, object]]]:
    code, out, err = run(*arguments, "--json", stdin=stdin)
    assert (code, err) == (0, "")
    found: dict[str, list[dict[str, object]]] = json.loads(out)
    return found


def test_a_report_has_the_numbers_by_owner_period_and_stage(export: str) -> None:
    found = page("report", export, "--currency", "EUR")

    total = found["all deals"][0]
    # won 2 of 3 closed; (100 + 300) / 2; (10 + 20) / 2 days
    assert total["win_rate.value"] == pytest.approx(2 / 3)
    assert total["average_deal_size.mean"] == {"amount": "200", "currency": "EUR"}
    assert total["cycle_time.mean_days"] == 15.0
    assert [row["owner_id"] for row in found["by owner_id"]] == ["kim", "lee"]
    assert [row["n_won"] for row in found["by owner_id"]] == [1, 1]
    assert [row["quarter"] for row in found["by quarter"]] == ["2026-Q1"]


def test_a_report_says_what_it_assumed(export: str) -> None:
    code, out, err = run("report", export)

    assert (code, err) == (0, "")
    assert "as of 2026-03-01T23:59:59.999999+00:00" in out  # the last day that the file knows
    assert "no currency is given: amounts are in XXX" in out
    assert "drafted: stages in the order of their first appearance: Talk, Won, Lost" in out
    assert "XXX 200" in out


def test_a_report_says_nothing_of_what_it_was_told(export: str, tmp_path: Path) -> None:
    definition = tmp_path / "own.toml"
    stages = [sf.Stage("Won", kind="won"), sf.Stage("Lost", kind="lost")]
    definition.write_text(sf.Pipeline("own", ["Talk", *stages]).to_toml(), encoding="utf-8")

    code, out, _ = run(
        "report",
        export,
        "--currency",
        "EUR",
        "--pipeline",
        str(definition),
        "--as-of",
        "2026-03-31",
    )

    assert code == 0
    assert "as of 2026-03-31T23:59:59.999999+00:00" in out
    assert "drafted" not in out
    assert "XXX" not in out


@pytest.mark.parametrize("by", ["product", "custom.product"])
def test_a_report_by_a_column_of_the_file(export: str, by: str) -> None:
    rows = page("report", export, "--by", by)[f"by {by}"]

    assert [(row["custom.product"], row["n_created"]) for row in rows] == [("X", 2), ("Y", 2)]


def test_a_report_by_a_column_that_a_field_took(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("id,stage,sales_agent\nD-1,Won,kim\n", encoding="utf-8")

    rows = page("report", str(path), "--by", "sales_agent", "--as-of", "2026-01-01T00:00:00Z")

    assert [row["owner_id"] for row in rows["by sales_agent"]] == ["kim"]


def test_stages_and_columns_are_pairs(export: str) -> None:
    found = page("report", export, "--stage", "Talk=meeting", "--column", "owner=product")

    assert [row["owner_id"] for row in found["by owner_id"]] == ["X", "Y"]
    assert [row["stage"] for row in found["time in stage"]] == ["meeting"]


def test_an_instant_is_read_in_the_zone(export: str) -> None:
    found = page("report", export, "--as-of", "2026-03-31T12:00", "--zone", "Asia/Seoul")

    assert "as of 2026-03-31T12:00:00+09:00" in found["header"]


def test_a_long_table_is_cut_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    rows = "".join(f"D-{n},Won,owner {n:02},2026-01-01\n" for n in range(50))
    path.write_text(f"id,stage,owner,close_date\n{rows}", encoding="utf-8")

    code, out, _ = run("report", str(path))

    assert code == 0
    assert "… and 10 more: --json has them all" in out
    assert "owner 39" in out
    assert "owner 40" not in out


def test_a_check_of_a_sound_file_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    deal = sf.Pipeline.standard().restore(id="D-1", stage="meeting")
    sf.crm.write_csv([deal], str(path))

    code, out, _ = run("check", str(path))

    assert code == 0
    assert "1 deals, 0 rejected" in out


def test_a_check_of_a_faulty_file_ends_with_1(export: str) -> None:
    code, out, err = run("check", export)

    assert (code, err) == (1, "")
    assert "no-amount: it is open, and has no amount (row 4)" in out


def test_a_check_as_json(export: str) -> None:
    code, out, _ = run("check", export, "--json")

    assert code == 1
    assert json.loads(out)["n_deals"] == 4


def test_a_check_against_the_tables_that_values_come_from(export: str, tmp_path: Path) -> None:
    owners, products = tmp_path / "owners.csv", tmp_path / "products.csv"
    owners.write_text("owner,team\nKim,A\nlee,B\n", encoding="utf-8")
    products.write_text("product,price\nX,5\nY,7\n", encoding="utf-8")

    code, out, _ = run("check", export, "--beside", str(owners), "--beside", str(products))

    assert code == 1
    lines = [line.strip() for line in out.splitlines() if "alike-values" in line]
    assert lines == ["alike-values: owner: 'kim' is 'Kim' in owners.csv (2 rows)"]


def test_a_funnel(export: str) -> None:
    found = page("funnel", export)

    # Two were won and one is there still; where the lost one was, nothing tells.
    assert [(row["stage"], row["n_entered"], row["n_next"]) for row in found["stages"]] == [
        ("Talk", 3, 2)
    ]


@pytest.mark.parametrize("command", ["report", "check", "funnel"])
def test_standard_input(command: str) -> None:
    code, out, err = run(command, "-", stdin=EXPORT)

    assert code in {0, 1}
    assert (err, "4 deals" in out) == ("", True)


def test_a_definition_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "sales.toml"
    path.write_text(sf.Pipeline.standard().to_toml(), encoding="utf-8")

    code, out, _ = run("pipeline", str(path))

    assert code == 0
    assert out.startswith("stateDiagram-v2")


def test_a_definition_from_standard_input_as_json() -> None:
    code, out, _ = run("pipeline", "-", "--json", stdin=sf.Pipeline.standard().to_toml())

    assert code == 0
    assert sf.Pipeline.from_json(out) == sf.Pipeline.standard()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("report", "nowhere.csv"), "salesflow: cannot read"),
        (("report", "-", "--stage", "Talk"), "salesflow: cannot take --stage 'Talk' Hint: write"),
        (("report", "-", "--as-of", "soon"), "salesflow: cannot take --as-of 'soon'"),
        (("report", "-", "--zone", "Mars"), "salesflow: cannot use time zone 'Mars'"),
        (("report", "-", "--by", "planet"), "salesflow: cannot group"),
        (("report", "-", "--every", "day"), "salesflow: cannot"),
        (("report", "-", "--system", "sap"), "salesflow: cannot read system 'sap'"),
        (("pipeline", "nowhere.toml"), "salesflow: cannot read 'nowhere.toml': No such file"),
    ],
)
def test_an_error_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run(*arguments, stdin=EXPORT)

    assert (code, out) == (3, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_a_definition_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "sales.toml"
    path.write_bytes(b"\xff\xfe\xff")

    assert run("pipeline", str(path))[0] == 3


def test_a_file_without_a_date_asks_for_one(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("id,stage\nD-1,Talk\n", encoding="utf-8")

    code, _, err = run("report", str(path))

    assert code == 3
    assert "it knows no date to look from Hint: give --as-of." in err


def test_an_option_that_there_is_not_is_told_by_typer(export: str) -> None:
    assert run("report", export, "--colour")[0] == 2


def test_a_pipe_that_closes_meanwhile_ends_the_command(
    export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("salesflow.cli._write", closed)

    assert run("report", export)[0] == 3


def test_a_file_without_findings_names_none(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    opened = sf.Pipeline.standard().open("Acme", id="D-1", at=date(2026, 1, 5))
    sf.crm.write_csv([opened], str(path))

    code, out, _ = run("report", str(path))

    assert code == 0
    assert "findings" not in out


def test_a_closed_pipe_ends_quietly(export: str) -> None:
    command = f"{sys.executable} -m salesflow report {export} | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],  # noqa: S607 - bash is where it is
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert done.stderr == b""


def test_the_module_runs_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "salesflow", "--help"], capture_output=True, check=True, timeout=60
    )

    assert b"report" in done.stdout


def test_the_script_runs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["salesflow", "--help"])
    monkeypatch.delitem(sys.modules, "salesflow.__main__", raising=False)

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("salesflow", run_name="__main__")

    assert ended.value.code == 0
    assert "funnel" in capsys.readouterr().out


def test_the_script_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typer", None)
    monkeypatch.delitem(sys.modules, "salesflow.cli")
    script = importlib.import_module("salesflow.__main__")

    with pytest.raises(SystemExit, match="typer and rich are not installed"):
        script.main()


def test_without_typer_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['typer'] = None; sys.argv = ['salesflow', 'report', '-'];"
        "from salesflow.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, timeout=60, text=True
    )

    assert done.returncode == 1
    fact = "cannot run the command line: typer and rich are not installed"
    assert done.stderr.splitlines() == [f"salesflow: {fact} Hint: pip install 'salesflow[cli]'."]


# review


def test_a_review_of_an_export(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(
        "id,stage,owner,amount,created,close_date\n"
        "D-1,Won,kim,100,2026-02-01,2026-03-05\n"
        "D-2,Won,kim,200,2026-02-02,2026-02-20\n"
        "D-3,Talk,lee,300,2026-03-02,2026-03-20\n"
        "D-4,Lost,lee,400,2026-02-03,2026-03-09\n",
        encoding="utf-8",
    )
    given = [str(path), "--currency", "EUR", "--as-of", "2026-03-31"]

    code, out, err = run("review", *given, "--since", "2026-03-01")
    assert (code, err) == (0, "")
    assert "2026-03-01T00:00:00+00:00 to 2026-04-01T00:00:00+00:00" in out
    assert "1 of 1 open deal: " in out

    found = page("review", *given, "--since", "2026-03-01")
    bars = {row["bar"]: row["amount"]["amount"] for row in found["waterfall"]}
    # Open on 1 March: D-1 and D-4. D-3 came, D-1 was won, D-4 lost.
    assert (bars["start"], bars["created"], bars["won"], bars["lost"], bars["end"]) == (
        "500",
        "300",
        "-100",
        "-400",
        "300",
    )
    assert [(row["deal_id"], row["days"]) for row in found["overdue"]] == [("D-3", 11)]
    assert found["numbers"][0]["current.n_won"] == 1

    code, out, _ = run("review", *given, "--since", "2026-03-01", "--markdown")
    assert code == 0
    assert "## What changed" in out


def test_a_review_looks_back_from_the_start_of_a_day_in_the_zone(export: str) -> None:
    options = ["--zone", "Asia/Seoul", "--as-of", "2026-03-31"]
    code, out, _ = run("review", export, *options, "--since", "2026-01-01")
    assert code == 0
    assert "2026-01-01T00:00:00+09:00 to 2026-04-01T00:00:00+09:00" in out


@pytest.mark.parametrize(
    ("since", "fact"),
    [
        ("soon", "cannot take --since 'soon': it is no date and no time"),
        ("2027-01-01", "cannot make a period from 2027-01-01"),
    ],
)
def test_a_review_since_no_day_before_is_refused(export: str, since: str, fact: str) -> None:
    code, out, err = run("review", export, "--since", since, "--as-of", "2026-03-31")
    assert (code, out) == (3, "")
    assert fact in err


def test_a_review_needs_to_know_since_when(export: str) -> None:
    assert run("review", export)[0] == 2


def test_a_review_without_a_definition_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    opened = sf.Pipeline.standard().open("Acme", id="D-1", at=datetime(2026, 3, 1, tzinfo=UTC))
    sf.crm.write_csv([opened], str(path))
    given = ["review", str(path), "--since", "2026-02-01", "--as-of", "2026-03-31"]

    code, out, err = run(*given)
    assert (code, out) == (3, "")
    assert "it tells no pipeline Hint: give --pipeline." in err

    definition = tmp_path / "standard.toml"
    definition.write_text(sf.Pipeline.standard().to_toml(), encoding="utf-8")
    assert run(*given, "--pipeline", str(definition))[0] == 0
