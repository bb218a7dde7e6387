"""What a frame must have to be counted: one error names all that is wrong with it."""

import re
from datetime import UTC, date, datetime

import pytest

from salesflow import Deal, Period, Pipeline, Rates, facts, metrics
from salesflow.errors import ColumnError, DataError, OptionError
from tests.shorthand import NOW, eur
from tests.tables import FRAMES, framed, local

DAY = date(2026, 1, 5)
BOOK = {
    "outcome": ["won", "lost", "open", "won"],
    "created_at": [date(2026, 1, 1)] * 4,
    "closed_at": [DAY, DAY, None, DAY],
    "amount": [100.0, 50.5, 10.0, 7.25],
    "owner_id": ["kim", "lee", None, "kim"],
}
VISITS = {
    "deal_id": ["D-1", "D-2", "D-2"],
    "stage": ["meeting", "meeting", "proposal"],
    "stage_position": [0, 0, 1],
    "kind": ["open", "open", "open"],
    "entered_at": [DAY] * 3,
    "left_at": [date(2026, 1, 7), date(2026, 1, 9), None],
}
DEALS: list[Deal] = [Pipeline.standard().open("Acme", id="D-1")]

every_frame = pytest.mark.parametrize("kind", FRAMES)


# Columns.


@every_frame
def test_all_that_is_wrong_with_columns_is_named_at_once(kind):
    frame = framed({"outcome": ["won"], "closd_at": [DAY], "amount": ["7"], "x": [1]}, kind)
    with pytest.raises(ColumnError) as caught:
        metrics.summary(frame, as_of=NOW, by="owner_id")
    error = caught.value
    assert {*error.faults} == {
        "no column 'created_at'",
        "no column 'closed_at'",
        "no column 'owner_id'",
        "column 'amount' holds String, no numbers",
    }
    assert error.known == ("outcome", "closd_at", "amount", "x")
    assert error.message == "cannot read the deals: " + "; ".join(error.faults)
    assert error.column in ("created_at", "closed_at", "owner_id")
    assert "'closd_at'" in str(error.hint)


@every_frame
def test_the_closest_column_comes_first(kind):
    frame = framed({"x": [1], "closd_at": [DAY], "outcome": ["won"]}, kind)
    with pytest.raises(ColumnError) as caught:
        metrics.win_rate(frame, period=Period.year(2026))
    assert caught.value.column == "closed_at"
    assert caught.value.hint == (
        "there is 'closd_at', 'outcome' or 'x'; columns={'closed_at': …} says what yours is called."
    )
    found = metrics.win_rate(frame, columns={"closed_at": "closd_at"})
    assert found.denominator == 1
    assert metrics.win_rate(frame) == found  # where no date counts, none is asked for


@every_frame
def test_fractions_are_no_integers(kind):
    columns = {"outcome": ["won", "won"], "n_touches": [2.0, None], "n_touches_to_meeting": [1, 2]}
    found = metrics.touchpoints(framed(columns, kind))
    assert (found.n_touches, found.per_win) == (2, 1.0)
    with pytest.raises(ColumnError, match="'n_touches' holds fractions, no integers, in 1 row"):
        metrics.touchpoints(framed(columns | {"n_touches": [1.5, 2.0]}, kind))


@every_frame
@pytest.mark.parametrize(
    ("name", "values", "fault"),
    [
        ("outcome", [1, 0, 1, 1], "holds Int64, no text"),
        ("outcome", [True, False, True, True], "holds Boolean, no text"),
        ("closed_at", ["2026-01-01"] * 4, "holds String, no dates or times"),
        ("created_at", [1, 2, 3, 4], "holds Int64, no dates or times"),
        ("amount", [True, False, None, None], "no numbers"),
        ("amount", [DAY] * 4, "no numbers"),
    ],
)
def test_a_column_of_another_type_is_refused(kind, name, values, fault):
    if kind == "pandas" and None in values:
        fault = "no numbers"
    with pytest.raises(ColumnError, match=f"column '{name}' holds .*") as caught:
        metrics.summary(framed(BOOK | {name: values}, kind), as_of=NOW)
    assert fault in caught.value.faults[0]
    assert caught.value.column == name
    assert caught.value.hint == (
        f"convert it first, or name another one with columns={{'{name}': …}}."
    )


@every_frame
def test_the_name_that_the_frame_has_is_the_one_in_the_error(kind):
    frame = framed({"status": [1], "closed_at": [DAY]}, kind)
    with pytest.raises(ColumnError, match="column 'status' holds Int64"):
        metrics.win_rate(frame, columns={"outcome": "status"})
    with pytest.raises(ColumnError, match="no column 'state'"):
        metrics.win_rate(frame, columns={"outcome": "state"})


@every_frame
def test_a_column_to_group_by_must_be_there(kind):
    with pytest.raises(ColumnError, match="no column 'regon'; no column 'x'"):
        metrics.win_rate(framed(BOOK, kind), by=["regon", "x"])


@every_frame
@pytest.mark.parametrize("values", [[[1], [2], [1], None], [{"a": 1}, {"a": 2}, None, None]])
def test_what_makes_no_groups_is_refused(kind, values):
    with pytest.raises(ColumnError, match=r"column 'x' holds .*, which makes no groups"):
        metrics.win_rate(framed(BOOK | {"x": values}, kind), by="x")


@every_frame
def test_a_table_is_not_another(kind):
    with pytest.raises(ColumnError, match="cannot read the visits: no column") as caught:
        metrics.time_in_stage(framed(BOOK, kind), as_of=NOW)
    assert {f"no column '{name}'" for name in ("stage", "entered_at", "left_at")} <= {
        *caught.value.faults
    }
    with pytest.raises(ColumnError, match="cannot read the deals: no column 'outcome'"):
        metrics.win_rate(framed(VISITS, kind))


@pytest.mark.parametrize("kind", ["pandas", "pyarrow", "duckdb"])
def test_two_columns_of_one_name_are_refused(kind):
    import duckdb
    import pandas as pd
    import pyarrow as pa

    frames = {
        "pandas": lambda: pd.DataFrame([["won", 1, 2]], columns=["outcome", "x", "x"]),
        "pyarrow": lambda: pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"]),
        "duckdb": lambda: duckdb.sql("select 1 as x, 2 as x"),
    }
    with pytest.raises(ColumnError, match="two columns are called 'x'") as caught:
        metrics.win_rate(frames[kind]())
    assert caught.value.column == "x"
    assert caught.value.known.count("x") == 2


def test_names_of_columns_that_are_no_texts_do_no_harm():
    import pandas as pd

    frame = pd.DataFrame({"outcome": ["won"], "closed_at": [pd.Timestamp(2026, 1, 5)], 5: [1]})
    assert metrics.win_rate(frame).numerator == 1
    with pytest.raises(ColumnError, match="no column 'x'") as caught:
        metrics.win_rate(frame, by="x")
    assert caught.value.known == ("outcome", "closed_at", "5")


@every_frame
def test_a_frame_without_columns_has_none_of_ours(kind):
    with pytest.raises(ColumnError, match="no column 'outcome'") as caught:
        metrics.win_rate(framed({"x": [1]}, kind))
    assert caught.value.known == ("x",)


def test_nothing_at_all_has_no_column():
    import polars as pl

    with pytest.raises(ColumnError) as caught:
        metrics.win_rate(pl.DataFrame())
    assert caught.value.known == ()
    assert str(caught.value.hint).startswith("there is no column; columns=")


# Times with and without a zone.


@every_frame
def test_times_with_and_without_a_zone_do_not_mix(kind):
    naive, aware = local(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC)
    frame = framed(BOOK | {"created_at": [naive] * 4, "closed_at": [aware] * 4}, kind)
    with pytest.raises(ColumnError, match="times of 'created_at' have no zone, those of 'closed_"):
        metrics.cycle_time(frame)
    # One of them alone is no fault, and neither is one of them beside days.
    assert metrics.win_rate(frame).denominator == 3
    days = framed(BOOK | {"closed_at": [aware] * 4}, kind)
    assert metrics.cycle_time(days).mean_days == 1.0


@every_frame
def test_a_column_of_days_takes_no_instants(kind):
    columns = {
        "probability": [0.5] * 4,
        "expected_close_on": [datetime(2026, 1, 2, tzinfo=UTC)] * 4,
    }
    with pytest.raises(ColumnError, match="'expected_close_on' holds times with a zone, no dates"):
        metrics.weighted_pipeline(framed(BOOK | columns, kind), as_of=NOW, period=Period.year(2026))


# Values.


@every_frame
def test_outcomes_that_mean_nothing_are_named(kind):
    outcome = ["Lost", "Lost", "won", "Kaput"]
    with pytest.raises(ColumnError) as caught:
        metrics.win_rate(framed(BOOK | {"outcome": outcome}, kind))
    error = caught.value
    assert error.faults == (
        "column 'outcome' holds what is no outcome, in 3 rows: 'Lost', 'Kaput'",
    )
    assert error.hint == "outcomes={'Lost': …} says what a value means."
    assert error.column == "outcome"
    assert error.known == tuple(BOOK)


@every_frame
def test_of_many_values_five_are_named_those_of_most_rows_first(kind):
    values = [*"abcdefg", "g", "g", "f", None, None]
    days = [DAY] * len(values)
    frame = framed({"state": values, "closed_at": days}, kind)
    with pytest.raises(ColumnError, match="in 12 rows") as caught:
        metrics.win_rate(frame, columns={"outcome": "state"})
    told = caught.value.faults[0]
    assert told.startswith("column 'state' holds what is no outcome, in 12 rows: 'g', ")
    assert {*told.rpartition(": ")[2].split(", ")} == {"'g'", "'f'", "None", "'a'", "'b'"}


@every_frame
def test_an_unknown_outcome_is_told_what_it_means(kind):
    frame = framed(BOOK | {"outcome": ["won", "Loss", None, "open"]}, kind)
    with pytest.raises(ColumnError, match="in 1 row: None"):
        metrics.win_rate(frame, outcomes={"Loss": "lost"})
    found = metrics.win_rate(frame, outcomes={"Loss": "lost", None: "lost"})
    assert (found.numerator, found.denominator) == (1, 3)


@every_frame
def test_an_outcome_of_ours_may_mean_another(kind):
    # 'open' is won here, and nothing is open.
    found = metrics.win_rate(framed(BOOK, kind), outcomes={"open": "won"})
    assert (found.numerator, found.denominator) == (3, 4)


@every_frame
def test_probabilities_out_of_range_are_named(kind):
    columns = {
        "outcome": ["open"] * 4,
        "probability": [0.5, 1.5, -0.25, float("nan")],
        "expected_close_on": [DAY] * 4,
    }
    with pytest.raises(ColumnError, match="in 2 rows") as caught:
        metrics.weighted_pipeline(framed(BOOK | columns, kind), as_of=NOW)
    fault = "column 'probability' holds probabilities beyond 0 and 1, in 2 rows: -0.25, 1.5"
    assert caught.value.faults == (fault,)
    assert caught.value.column == "probability"
    assert caught.value.hint is None
    fine = framed(BOOK | columns | {"probability": [0.0, 1.0, None, 0.5]}, kind)
    found = metrics.weighted_pipeline(fine, as_of=NOW, currency="EUR")
    # 0 + 50.50 + unknown + 7.25 × 0.5, rounded half up from 3.625
    assert found.total == eur("54.13")
    assert found.left_out["no_probability"] == 1


@every_frame
def test_all_faults_of_values_are_in_one_error(kind):
    columns = {"probability": [2.0] * 4, "expected_close_on": [DAY] * 4, "amount": [1e300] * 4}
    with pytest.raises(ColumnError) as caught:
        metrics.weighted_pipeline(framed(BOOK | columns | {"outcome": ["?"] * 4}, kind), as_of=NOW)
    assert len(caught.value.faults) == 3
    for fault in ("no outcome, in 4 rows: '?'", "too many digits, in 4 rows", "beyond 0 and 1"):
        assert fault in caught.value.message


@every_frame
def test_kinds_that_mean_nothing_are_named(kind):
    frame = framed(VISITS | {"kind": ["open", "Zu", "Zu"]}, kind)
    with pytest.raises(ColumnError, match="'kind' holds what is no outcome, in 2 rows: 'Zu'"):
        metrics.time_in_stage(frame, as_of=NOW)
    found = metrics.time_in_stage(frame, as_of=NOW, outcomes={"Zu": "lost"})
    assert [*found] == ["meeting"]
    assert found["meeting"].n_visits == 1


@every_frame
def test_stages_that_the_mapping_does_not_tell_are_named(kind):
    frame = framed(VISITS, kind)
    with pytest.raises(ColumnError, match="stages= does not tell, in 1 row: 'proposal'") as caught:
        metrics.time_in_stage(frame, as_of=NOW, stages={"meeting": "demo"})
    assert caught.value.hint == "stages={'proposal': …} says what a value means."
    told = {"meeting": "demo", "proposal": "demo"}
    found = metrics.time_in_stage(frame, as_of=NOW, stages=told)
    assert [*found] == ["demo"]
    assert found["demo"].n_visits == 3
    deals = framed(BOOK | {"stage": ["a", "b", "c", None]}, kind)
    with pytest.raises(ColumnError, match=r"'stage' holds stages .* in 1 row: 'c'"):
        metrics.win_rate(deals, by="stage", stages={"a": "x", "b": "x"})
    grouped = metrics.win_rate(deals, by="stage", stages={"a": "x", "b": "x", "c": "z"})
    assert {key: rate.denominator for key, rate in grouped.items()} == {"x": 2, "z": 0, None: 1}


# Visits and their deals.


def both(kind, visits=VISITS, **columns):
    deals = {"deal_id": ["D-1", "D-2"], "source": ["web", None], **columns}
    return facts.Facts(visits=framed(visits, kind), deals=framed(deals, kind))


@every_frame
def test_visits_are_grouped_by_a_column_of_their_deals(kind):
    found = metrics.time_in_stage(both(kind), by="source", as_of=NOW)
    assert {key: stage.n_visits for key, stage in found.items()} == {
        ("web", "meeting"): 1,
        (None, "meeting"): 1,
        (None, "proposal"): 1,
    }


@every_frame
def test_visits_whose_deal_is_not_there_stand_under_none(kind):
    found = metrics.time_in_stage(both(kind, deal_id=["D-1", "D-9"]), by="source", as_of=NOW)
    assert {key: stage.n_visits for key, stage in found.items()} == {
        ("web", "meeting"): 1,
        (None, "meeting"): 1,
        (None, "proposal"): 1,
    }


@every_frame
def test_a_deal_that_is_there_twice_is_named(kind):
    twice = both(kind, deal_id=["D-2", "D-2"])
    with pytest.raises(ColumnError, match=r"deals are there twice, .*: 'D-2'"):
        metrics.time_in_stage(twice, by="source", as_of=NOW)


@every_frame
def test_ids_are_joined_whatever_kind_of_text_they_are(kind):
    import pyarrow as pa

    visits = VISITS | {"deal_id": pa.array(VISITS["deal_id"]).dictionary_encode()}
    found = metrics.time_in_stage(both(kind, visits), by="source", as_of=NOW)
    assert found["web", "meeting"].n_visits == 1


@every_frame
def test_ids_of_two_kinds_are_not_joined(kind):
    with pytest.raises(ColumnError, match="'deal_id' holds integer in visits, text in deals"):
        metrics.time_in_stage(both(kind, VISITS | {"deal_id": [1, 2, 2]}), by="source", as_of=NOW)


@every_frame
def test_the_faults_of_two_tables_are_one_error(kind):
    visits = {name: values for name, values in VISITS.items() if name != "left_at"}
    with pytest.raises(ColumnError) as caught:
        metrics.time_in_stage(both(kind, visits | {"kind": [1, 2, 3]}), by="x", as_of=NOW)
    assert {*caught.value.faults} == {
        "in visits, no column 'left_at'",
        "in visits, column 'kind' holds Int64, no text",
        "in deals, no column 'x'",
    }
    assert caught.value.message == "cannot read the tables: " + "; ".join(caught.value.faults)
    assert caught.value.column == "left_at"
    assert caught.value.known == tuple(visits)


@every_frame
def test_times_of_two_tables_do_not_mix_with_and_without_a_zone(kind):
    naive, aware = local(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)
    moments = {"created_at": [aware] * 2, "closed_at": [None, aware], "outcome": ["open", "won"]}
    visits = VISITS | {"entered_at": [naive] * 3, "left_at": [naive] * 3}
    fault = r"times of 'entered_at' of visits and 'left_at' of visits have no zone, those of "
    with pytest.raises(ColumnError, match=fault + "'created_at' of deals and 'closed_at' of deals"):
        metrics.time_in_stage(both(kind, visits, **moments), by="outcome", as_of=NOW)
    alike = both(kind, visits, **moments | {"created_at": [naive] * 2, "closed_at": [None, naive]})
    found = metrics.time_in_stage(alike, by="outcome", as_of=NOW)
    (note,) = found["won", "meeting"].notes
    assert note.startswith("times of 'closed_at' of deals, 'created_at' of deals, 'entered_at' of")
    assert note.endswith(" and 'left_at' of visits are read as UTC")


@every_frame
def test_a_column_that_only_deals_would_have_asks_for_them(kind):
    with pytest.raises(DataError, match="source is no column of visits, and there are no deals"):
        metrics.time_in_stage(framed(VISITS, kind), by="source", as_of=NOW)
    with pytest.raises(ColumnError, match="cannot read the deals: no column 'x'"):
        metrics.time_in_stage(both(kind), by="x", as_of=NOW)
    lone = facts.Facts(
        visits=framed({k: v for k, v in VISITS.items() if k != "deal_id"}, kind),
        deals=framed({"deal_id": ["D-1"], "source": ["web"]}, kind),
    )
    with pytest.raises(ColumnError, match="cannot read the visits: no column 'deal_id'"):
        metrics.time_in_stage(lone, by="source", as_of=NOW)


def test_a_table_that_was_not_given_is_asked_for():
    with pytest.raises(DataError, match="this number needs the table visits"):
        metrics.time_in_stage(facts.Facts(deals=framed(BOOK, "polars")), as_of=NOW)


# Options.


@every_frame
def test_a_key_that_is_no_name_of_ours_is_refused(kind):
    frame = framed(BOOK, kind)
    with pytest.raises(OptionError, match=re.escape("columns={'ownerid': …}")) as caught:
        metrics.win_rate(frame, columns={"ownerid": "owner_id"}, by="owner_id")
    assert str(caught.value.hint).startswith("did you mean 'owner_id'")
    assert (caught.value.parameter, caught.value.value) == ("columns", "ownerid")


@every_frame
def test_a_key_may_be_one_to_group_by_or_of_another_table(kind):
    frame = framed(BOOK, kind)
    names = {"agent": "owner_id", "entered_at": "since", "custom.x": "y"}
    assert [*metrics.win_rate(frame, columns=names, by="agent")] == ["kim", "lee", None]


@pytest.mark.parametrize("frame", [None, "polars"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcomes": {"Loss": "loss"}}, "outcomes={'Loss': 'loss'}: it is no outcome of ours"),
        ({"outcomes": {"Loss": None}}, "outcomes={'Loss': None}: None is no text"),
        ({"columns": {"owner_id": 5}}, "columns={'owner_id': 5}: 5 is no text"),
        ({"stages": {"a": ("b",)}}, "stages={'a': ('b',)}: ('b',) is no text"),
    ],
)
def test_what_a_mapping_maps_to_is_checked(frame, options, message):
    data = DEALS if frame is None else framed(BOOK, frame)
    with pytest.raises(OptionError, match=re.escape(message)) as caught:
        metrics.win_rate(data, **options)
    assert caught.value.parameter == next(iter(options))


@pytest.mark.parametrize(
    "options",
    [
        {"columns": {"owner_id": "agent"}},
        {"outcomes": {"Loss": "lost"}},
        {"stages": {"a": "b"}},
        {"zone": "Asia/Seoul"},
        {"columns": {}},
    ],
    ids=["columns", "outcomes", "stages", "zone", "no columns"],
)
def test_how_to_read_a_frame_is_no_option_for_deals(options):
    (name,) = options
    for data in (DEALS, [], facts.Facts(deals=DEALS)):
        with pytest.raises(OptionError, match=f"cannot take {name} for deals") as caught:
            metrics.summary(data, as_of=NOW, **options)
        assert (caught.value.parameter, caught.value.value) == (name, options[name])
        with pytest.raises(OptionError, match=f"cannot take {name} for deals"):
            metrics.win_rate(data, by="owner_id", every="month", **options)


@every_frame
def test_frames_are_not_converted(kind):
    with pytest.raises(OptionError, match="cannot convert the amounts of a frame"):
        metrics.win_rate(framed(BOOK, kind), rates=Rates("EUR", {}))


# Nothing runs before it must.


def test_nothing_of_a_lazy_frame_runs_before_its_columns_are_known_to_fit():
    import duckdb
    import polars as pl

    ran = []
    schema = {"outcome": pl.String, "closed_at": pl.Date}
    rows = pl.DataFrame({"outcome": ["won"], "closed_at": [DAY]}, schema=schema)

    def run(frame):
        ran.append(frame)
        return frame

    lazy = rows.lazy().map_batches(run, schema=schema)
    failing = duckdb.sql("select error('it ran')::varchar as outcome, date '2026-01-05' closed_at")
    for frame in (lazy, failing):
        with pytest.raises(ColumnError, match="no column 'nope'"):
            metrics.win_rate(frame, by="nope")
    assert ran == []
    assert metrics.win_rate(lazy).numerator == 1
    assert len(ran) == 1
    with pytest.raises(duckdb.Error, match="it ran"):
        metrics.win_rate(failing)


def test_values_are_judged_after_the_one_collect():
    import polars as pl

    ran = []
    schema = {"outcome": pl.String, "closed_at": pl.Date}
    rows = pl.DataFrame({"outcome": ["?"], "closed_at": [DAY]}, schema=schema)

    def run(frame):
        ran.append(frame)
        return frame

    lazy = rows.lazy().map_batches(run, schema=schema)
    with pytest.raises(ColumnError, match="in 1 row: '\\?'"):
        metrics.win_rate(lazy, period=Period.month(2026, 1))
    # Once for the numbers, once for the names of what is at fault.
    assert len(ran) == 2
