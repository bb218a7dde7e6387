"""Definitions drafted from exports: which stages, in which order, and what each means."""

from collections.abc import Mapping
from typing import Any

import pytest

from salesflow import LeadProcess, Pipeline, Stage, crm
from salesflow.crm import Formats
from salesflow.crm._asked import asked
from salesflow.crm._names import folded, kind_by_name
from salesflow.crm._outcomes import Flags, told_by
from salesflow.crm._survey import PLACE_FIELDS
from salesflow.crm.systems import ODOO, PIPEDRIVE, SALESFORCE
from salesflow.errors import OptionError, UnknownCurrencyError, UnknownZoneError
from tests.crm_reads import codes, finding, read


def deals(*stages: str, **columns: list[Any]) -> list[dict[str, Any]]:
    """Rows of deals in these stages, with these cells of further columns."""
    return [
        {"deal_id": f"D-{i}", "stage": stage, "amount": 1}
        | {name: cells[i] for name, cells in columns.items()}
        for i, stage in enumerate(stages)
    ]


def opened(pipeline: Pipeline) -> list[str]:
    return [stage.name for stage in pipeline.stages if stage.kind == "open"]


def kinds(pipeline: Pipeline) -> dict[str, str]:
    return {stage.name: stage.kind for stage in pipeline.stages}


def drafted_by(rows: list[dict[str, Any]], **options: Any) -> str:
    """What the draft says its order is that of."""
    return finding(read(*rows, **options), "drafted-pipeline").fact


# The order of stages.


def log(*paths: str) -> list[dict[str, Any]]:
    """The stages of each deal, a day apart, by their initials."""
    return [
        {"deal_id": f"D-{i}", "stage": stage, "entered_at": f"2026-01-{day:02}"}
        for i, path in enumerate(paths)
        for day, stage in enumerate(path.split(), 1)
    ]


def test_order_by_history():
    """Two of three deals were in Talk before Pitch, and all in Pitch before Offer."""
    history = log("Talk Pitch Offer", "Pitch Talk Offer", "Talk Pitch Offer")
    rows = deals("Offer", "Offer", "Offer")
    assert opened(crm.pipeline_from(rows, history=history)) == ["Talk", "Pitch", "Offer"]
    assert "the history of its deals" in drafted_by(
        deals("Offer", "Pitch", "Talk"), history=history
    )


def test_history_goes_before_probabilities_and_numbers():
    rows = deals("Offer", "Talk", probability=["10%", "90%"])
    assert opened(crm.pipeline_from(rows, history=log("Talk Offer", "Talk"))) == ["Talk", "Offer"]


def test_stages_that_as_many_deals_entered_in_either_order_stay_as_they_appear():
    history = log("Talk Pitch Offer", "Pitch Talk Offer")
    assert opened(crm.pipeline_from(deals("Pitch", "Talk"), history=history)) == [
        "Pitch",
        "Talk",
        "Offer",
    ]


def test_a_history_that_lacks_a_stage_orders_nothing():
    """Nobody knows where Visit belongs: the probabilities say it."""
    rows = deals("Offer", "Talk", "Visit", probability=["60%", "10%", "30%"])
    made = crm.pipeline_from(rows, history=log("Talk Offer"))
    assert opened(made) == ["Talk", "Visit", "Offer"]


def test_order_by_columns_that_date_stages():
    row = {
        "hs_object_id": "1",
        "dealname": "a",
        "dealstage": "B stage",
        "amount": "1",
        "hs_v2_date_entered_B stage": "2026-01-02T00:00:00Z",
        "hs_v2_date_entered_A stage": "2026-01-01T00:00:00Z",
    }
    rows = [row, {**row, "hs_object_id": "2", "dealstage": "A stage"}]
    assert opened(crm.pipeline_from(rows)) == ["A stage", "B stage"]


def test_order_by_numbers():
    row = {"title": "a", "pipeline_id": 1, "add_time": "2026-01-01 10:00:00", "status": "open"}
    rows = [
        {**row, "id": i, "stage_id": stage, "stage_order_nr": number}
        for i, (stage, number) in enumerate([("Offer", 3), ("Talk", 1), ("Visit", 2), ("Talk", 1)])
    ]
    assert opened(crm.pipeline_from(rows)) == ["Talk", "Visit", "Offer"]
    assert "the numbers of its stages" in drafted_by(rows)


def test_order_by_probabilities():
    rows = deals(
        *("Visit", "Visit", "Visit", "Chat", "Closed Won"),
        probability=["40%", "40%", "5%", "10%", "100%"],
    )
    made = crm.pipeline_from(rows)
    assert opened(made) == ["Chat", "Visit"]
    # Of each stage the one that most of its rows have.
    assert [made.stage(name).probability for name in ("Chat", "Visit")] == [0.1, 0.4]
    assert "their probabilities" in drafted_by(rows)


def test_probabilities_that_are_none_order_nothing():
    rows = deals("Visit", "Chat", "Chat", probability=["1000%", "10%", "n/a"])
    made = crm.pipeline_from(rows)
    assert opened(made) == ["Visit", "Chat"]
    assert made.stage("Visit").probability is None


def test_the_same_probability_everywhere_orders_nothing():
    rows = deals("Visit", "Chat", probability=["50%", "50%"])
    assert opened(crm.pipeline_from(rows)) == ["Visit", "Chat"]


def test_the_usual_order():
    usual = [stage.name for stage in Pipeline.standard().stages if stage.kind == "open"]
    rows = deals(*reversed(usual), "Gewonnen")
    assert opened(crm.pipeline_from(rows)) == usual
    assert "their usual order" in drafted_by(rows)


def test_the_order_of_first_appearance():
    rows = deals("Visit", "Chat", "Visit", "Offer")
    assert opened(crm.pipeline_from(rows)) == ["Visit", "Chat", "Offer"]
    assert "their first appearance" in drafted_by(rows)


def test_a_log_of_changes_drafts_the_stages_that_it_tells_of():
    rows = [
        {"deal_id": "D", "change_time": f"2026-01-0{day}", "changed_field_key": key, "new_value": v}
        for day, key, v in ((1, "stage_id", "Chat"), (2, "stage_id", "Visit"))
    ]
    assert opened(crm.pipeline_from(rows)) == ["Chat", "Visit"]


# What stages mean.


def test_kinds_by_flags_before_names():
    """Delivered is a win by the flags of two of its three rows, and Winter Sale is open."""
    rows = deals(
        *("Delivered", "Delivered", "Delivered", "Dead", "Winter Sale"),
        is_won=[True, True, False, False, False],
        is_closed=[True, True, False, True, False],
    )
    made = kinds(crm.pipeline_from(rows))
    assert made["Delivered"] == "won"
    assert made["Dead"] == "lost"
    assert made["Winter Sale"] == "open"


def test_kinds_by_names_where_no_flag_tells():
    rows = deals("Chat", "Closed Won", "Closed-Lost", "Perdu")
    assert kinds(crm.pipeline_from(rows)) == {
        "Chat": "open",
        "Closed Won": "won",
        "Closed-Lost": "lost",
        "Perdu": "lost",
    }


def test_a_name_cannot_mean_what_the_flags_exclude():
    """It says won, but is not closed."""
    rows = deals("Won over", is_closed=[False])
    assert kinds(crm.pipeline_from(rows))["Won over"] == "open"
    # It was closed, nobody knows how: its name does.
    rows = deals("Closed Won", is_closed=[True])
    assert kinds(crm.pipeline_from(rows))["Closed Won"] == "won"


def test_stages_of_systems_that_keep_the_stage_of_a_closed_deal():
    """In Pipedrive a won deal stays where it was won."""
    row = {"title": "a", "pipeline_id": 1, "add_time": "2026-01-01 10:00:00"}
    rows = [
        {**row, "id": i, "stage_id": stage, "status": status}
        for i, (stage, status) in enumerate([("Chat", "won"), ("Visit", "lost"), ("Chat", "won")])
    ]
    assert kinds(crm.pipeline_from(rows)) == {
        "Chat": "open",
        "Visit": "open",
        "won": "won",
        "lost": "lost",
    }
    got = read(*rows)
    assert [(deal.outcome, deal.lost_at_stage) for deal in got.deals] == [
        ("won", None),
        ("lost", "Visit"),
        ("won", None),
    ]
    assert "stage-contradicts-flag" not in codes(got)


def test_an_export_without_open_stages_gets_one():
    made = crm.pipeline_from(deals("Closed Won", "Closed Lost"))
    assert kinds(made) == {"open": "open", "Closed Won": "won", "Closed Lost": "lost"}


def test_a_stage_for_what_no_row_was_never_takes_the_name_of_another():
    rows = deals("won", is_won=[False], is_closed=[False])
    assert kinds(crm.pipeline_from(rows)) == {
        "won": "open",
        "won (closed)": "won",
        "lost": "lost",
    }


def test_deals_may_go_anywhere():
    made = crm.pipeline_from(deals("Chat", "Visit"))
    assert made.allow_skip
    assert made.allow_unwin
    assert set(made.entry_stages) == {"Chat", "Visit"}


def test_a_draft_is_called_by_the_pipeline_or_the_system():
    assert crm.pipeline_from(deals("Chat", pipeline=["Renewals"])).name == "Renewals"
    assert crm.pipeline_from(deals("Chat", "Visit", pipeline=["A", "B"])).name == "generic"
    assert crm.pipeline_from(deals("Chat")).name == "generic"


def test_a_draft_reads_its_export():
    rows = deals("Chat", "Visit", "Closed Won", "Closed Lost")
    got = read(*rows, pipeline=crm.pipeline_from(rows))
    assert [deal.stage for deal in got.deals] == ["Chat", "Visit", "Closed Won", "Closed Lost"]
    assert "drafted-pipeline" not in codes(got)


def test_a_draft_survives_its_text():
    made = crm.pipeline_from(deals("Chat", "Visit", probability=["10%", "20%"]))
    assert Pipeline.from_toml(made.to_toml()) == made


def test_stages_without_names_make_no_stage():
    rows = [{"deal_id": "1", "stage": None, "amount": 1}, {"deal_id": "2", "stage": "Chat"}]
    assert opened(crm.pipeline_from(rows)) == ["Chat"]


# Which definition is taken.


def test_a_ready_made_definition_that_has_all_stages():
    row = {"hs_object_id": "1", "dealname": "a", "dealstage": "qualifiedtobuy", "amount": "1"}
    got = read(row)
    assert got.pipeline == Pipeline.hubspot()
    assert "drafted-pipeline" not in codes(got)


def test_the_definition_that_the_names_given_belong_to():
    row = {"hs_object_id": "1", "dealname": "a", "dealstage": "x", "amount": "1"}
    own = Pipeline.hubspot().stages[0].name
    assert read(row, stages={"x": own}).pipeline == Pipeline.hubspot()
    assert read(row, stages={"x": "proposal"}).pipeline == Pipeline.standard()
    with pytest.raises(OptionError, match="no such"):
        read(row, stages={"x": "no stage of any"})


def test_unknown_stages_are_told_with_what_is_near():
    pipeline = Pipeline("p", ["Chat", "Visit", Stage("W", kind="won"), Stage("L", kind="lost")])
    got = read(*deals("Vissit", "Chat", "Vissit", "Other"), pipeline=pipeline)
    told = [(found.n_rows, found.fact) for found in got.findings if found.code == "unknown-stage"]
    assert [n for n, _ in told] == [2, 1]
    assert "'Vissit'" in told[0][1]
    assert "Visit" in told[0][1]
    assert len(got.rejected) == 3


def test_unknown_statuses_are_told():
    rows = deals("Chat", "Chat", "Chat", status=["Zombie", "open", "Zombie"])
    found = finding(read(*rows), "unknown-status")
    assert found.n_rows == 2
    assert "'Zombie'" in found.fact


# The first look at long files.


def test_order_by_history_of_a_long_file():
    """More rows than the draft looks at; the first of them suffice."""
    row = {
        "hs_object_id": "1",
        "dealname": "a",
        "dealstage": "B stage",
        "hs_v2_date_entered_B stage": "2026-01-02",
        "hs_v2_date_entered_A stage": "2026-01-01",
    }
    rows = [{**row, "hs_object_id": str(i)} for i in range(20_500)]
    rows[0]["dealstage"] = "A stage"
    assert opened(crm.pipeline_from(rows)) == ["A stage", "B stage"]


def test_what_cannot_be_read_says_nothing_at_first_look():
    rows = deals("Chat", "Chat", is_won=["perhaps", False], is_closed=["perhaps", False])
    assert kinds(crm.pipeline_from(rows))["Chat"] == "open"


def test_merged_ids_without_ids_of_rows():
    rows = [{"dealname": "a", "dealstage": "qualifiedtobuy", "hs_merged_object_ids": "7;8"}]
    assert read(*rows, system="hubspot").deals[0].id == "row-1"


# Names and their words.


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Closed Won", "closedwon"),
        ("closed_won", "closedwon"),
        ("Gagné", "gagne"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT ZERO}", "10"),
        ("--", "--"),
        ("", ""),
    ],
)
def test_folded(name, plain):
    assert folded(name) == plain


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Closed Won", "won"),
        ("closedwon", "won"),
        ("Won - paid", "won"),
        ("Closed Lost", "lost"),
        ("Won, then lost", "lost"),
        ("Disqualified", "lost"),
        ("Ganado", "won"),
        ("Verloren", "lost"),
        ("Winter", "open"),
        ("Wonder", "open"),
        ("Lost-and-found", "lost"),
        ("Closing", "open"),
        ("", "open"),
        ("…", "open"),
    ],
)
def test_kind_by_name(name, kind):
    assert kind_by_name(name) == kind


# Flags.


@pytest.mark.parametrize(
    ("flags", "outcomes"),
    [
        ({}, {"open", "won", "lost"}),
        ({"is_won": True}, {"won"}),
        ({"is_won": False}, {"open", "lost"}),
        ({"is_closed": True}, {"won", "lost"}),
        ({"is_closed": False}, {"open"}),
        ({"is_lost": True}, {"lost"}),
        ({"is_lost": False, "is_closed": True}, {"won"}),
        ({"is_won": False, "is_closed": True}, {"lost"}),
        ({"is_won": False, "is_lost": False}, {"open"}),
        ({"is_active": False}, {"open", "won", "lost"}),
        ({"is_won": "perhaps"}, {"open", "won", "lost"}),
    ],
)
def test_what_flags_leave_possible(flags: Mapping[str, Any], outcomes):
    told = told_by(Flags(**flags), SALESFORCE)
    assert told.outcomes == outcomes
    assert told.oddity is None


def test_statuses_are_read_in_any_case():
    assert told_by(Flags(status="WON"), PIPEDRIVE).outcomes == {"won"}
    assert told_by(Flags(status="zombie"), PIPEDRIVE).outcomes == {"open", "won", "lost"}


def test_an_archived_deal_of_odoo_is_not_open():
    assert told_by(Flags(is_active=False), ODOO).outcomes == {"won", "lost"}
    assert told_by(Flags(is_active=True), ODOO).outcomes == {"open", "won", "lost"}


def test_the_flag_that_says_more_wins_where_two_exclude_each_other():
    told = told_by(Flags(status="won", is_won=False, is_closed=False), PIPEDRIVE)
    assert told.outcomes == {"won"}
    assert told.oddity == "is won: no contradicts status 'won'"
    told = told_by(Flags(is_won=True, is_lost=True), SALESFORCE)
    assert told.outcomes == {"won"}
    assert told.oddity == "is lost: yes contradicts is won: yes"


def test_flags_stand_in_the_order_in_which_they_are_read():
    assert PLACE_FIELDS[1:] == Flags._fields


# Options.


def test_options_left_out():
    wanted = asked()
    assert (wanted.system, wanted.record, wanted.pipeline) == (None, "deal", None)
    assert (wanted.currency, wanted.zone, wanted.history) == (None, None, ())
    assert wanted.columns == {}
    assert wanted.formats == Formats()


def test_options_given():
    wanted = asked(system="pipedrive", currency="EUR", zone="Asia/Seoul", record="lead")
    assert wanted.system is PIPEDRIVE
    assert (wanted.currency, wanted.zone, wanted.record) == ("EUR", "Asia/Seoul", "lead")
    assert asked(pipeline=Pipeline.standard()).pipeline == Pipeline.standard()
    assert asked(pipeline=LeadProcess.standard(), record="lead").pipeline == LeadProcess.standard()


def test_history_is_one_source_or_a_list_of_them():
    rows = [{"deal_id": "1"}]
    assert asked(history=rows).history == (rows,)
    assert asked(history=[rows, "log.csv"]).history == (rows, "log.csv")
    assert asked(history=("a.csv", None)).history == ("a.csv",)
    assert asked(history="a.csv").history == ("a.csv",)
    assert asked(history=[]).history == ()


@pytest.mark.parametrize(
    ("options", "parameter", "words"),
    [
        ({"system": "salesfroce"}, "system", "salesforce"),
        ({"system": 5}, "system", "hubspot"),
        ({"record": "deals"}, "record", "deal"),
        ({"columns": ["stage"]}, "columns", "no mapping"),
        ({"formats": "dmy"}, "formats", "crm.Formats"),
        ({"pipeline": "sales"}, "pipeline", "Pipeline"),
        ({"pipeline": LeadProcess.standard()}, "pipeline", "Pipeline"),
        ({"pipeline": Pipeline.standard(), "record": "lead"}, "pipeline", "LeadProcess"),
        ({"pipeline": Pipeline.standard(), "record": "account"}, "pipeline", "none is needed"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], parameter, words):
    with pytest.raises(OptionError) as error:
        asked(**options)
    assert error.value.parameter == parameter
    assert words in f"{error.value} {error.value.hint}"


def test_currencies_and_zones_that_do_not_exist():
    with pytest.raises(UnknownCurrencyError):
        asked(currency="EURO")
    with pytest.raises(UnknownZoneError):
        asked(zone="Europe/Atlantis")
