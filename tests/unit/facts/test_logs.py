"""From a log of stages to visits and deals, on every library of frames."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from salesflow import facts
from salesflow.errors import (
    ColumnError,
    DataError,
    NaiveDatetimeError,
    OptionError,
    UnknownZoneError,
)
from tests import naive_log
from tests.libraries import BACKENDS, Backend, in_order, moments, rows_of

KINDS = {"signed": "won", "live": "won", "gone": "lost"}
STAGES = ["talk", "offer", "trial", "signed"]
ALL = [*STAGES, "live", "gone"]
ZONES = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"]
TYPES = moments()
# Frames are slow to make: to find the smallest of the logs that fail would take minutes.
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """A library of frames."""
    found: Backend = request.param
    return found


def local(*parts: int) -> datetime:
    """A time without a zone."""
    return datetime(*parts)  # type: ignore[arg-type,misc]  # noqa: DTZ001


def make(backend: Backend, log: Sequence[naive_log.Row], moment: str) -> Any:
    kinds = {
        "deal_id": pa.string(),
        "stage": pa.string(),
        "entered_at": TYPES[moment][0],
        "owner_id": pa.string(),
        "seq": pa.int64(),
    }
    return backend.frame([[row[name] for name in kinds] for row in log], **kinds)


@st.composite
def logs(draw: st.DrawFn, moment: str) -> list[naive_log.Row]:
    """Entries of a few deals, around clock changes and often at one instant, in any order."""
    start = TYPES[moment][1]
    step = timedelta(days=1) if moment == "date" else timedelta(minutes=20)
    entry = st.tuples(
        st.sampled_from("ABCD"),
        st.sampled_from(ALL),
        st.one_of(st.integers(0, 6), st.integers(0, 60)),
        st.sampled_from(["kim", "lee", None]),
    )
    rows = [
        {"deal_id": deal, "stage": stage, "entered_at": start + n * step, "owner_id": owner}
        for deal, stage, n, owner in draw(st.lists(entry, max_size=40))
    ]
    numbers = draw(st.permutations(range(len(rows))))
    return [{**row, "seq": seq} for row, seq in zip(rows, numbers, strict=True)]


CASES = st.tuples(
    st.sampled_from([*TYPES]),
    st.sampled_from(ZONES),
    st.one_of(st.none(), st.datetimes(local(2026, 3, 28), local(2026, 4, 3))),
)


def test_any_log_gives_the_visits_and_deals_of_the_naive_reading(backend):
    @settings(max_examples=backend.n_examples, phases=NO_SHRINKING)
    @given(CASES, st.data())
    def holds(case: Any, data: st.DataObject) -> None:
        moment, zone, cut = case
        as_of = cut and cut.replace(tzinfo=UTC)
        log = data.draw(logs(moment))
        found = facts.visits_from_log(
            make(backend, log, moment),
            kinds=KINDS,
            stages=STAGES,
            as_of=as_of,
            order="seq",
            zone=zone,
        )
        expected = naive_log.visits(log, KINDS, STAGES, as_of, zone)
        assert in_order(rows_of(found), "deal_id", "visit") == in_order(
            expected, "deal_id", "visit"
        )
        deals = facts.deals_from_visits(found, zone=zone)
        assert in_order(rows_of(deals), "deal_id") == in_order(
            naive_log.deals(expected, zone=zone), "deal_id"
        )

    holds()


def test_an_instant_of_deals_is_that_of_their_log(backend):
    @settings(max_examples=backend.n_examples // 2, phases=NO_SHRINKING)
    @given(CASES, st.data())
    def holds(case: Any, data: st.DataObject) -> None:
        moment, zone, cut = case
        as_of = (cut or local(2026, 3, 29)).replace(tzinfo=UTC)
        log = data.draw(logs(moment))
        frame = make(backend, log, moment)
        options: Any = {"kinds": KINDS, "stages": STAGES, "order": "seq", "zone": zone}
        late = facts.deals_from_visits(
            facts.visits_from_log(frame, **options), as_of=as_of, zone=zone
        )
        early = facts.deals_from_visits(
            facts.visits_from_log(frame, as_of=as_of, **options), zone=zone
        )
        assert in_order(rows_of(late), "deal_id") == in_order(rows_of(early), "deal_id")

    holds()


def differ(log: Sequence[naive_log.Row]) -> set[str]:
    """The deals that enter two stages, or one with two owners, at one instant."""
    told: dict[Any, set[Any]] = {}
    for row in log:
        moment = (row["deal_id"], row["entered_at"])
        told.setdefault(moment, set()).add((row["stage"], row["owner_id"]))
    return {deal for (deal, _), said in told.items() if len(said) > 1}


def test_ties_are_in_the_order_of_rows_or_refused(backend):
    @settings(max_examples=backend.n_examples, phases=NO_SHRINKING)
    @given(logs("aware"))
    def holds(log: list[naive_log.Row]) -> None:
        frame = make(backend, log, "aware")
        tied = differ(log)
        if backend.is_lazy and tied:
            with pytest.raises(ColumnError, match="say different things") as caught:
                facts.visits_from_log(frame)
            assert all(f"'{deal}'" in caught.value.faults[0] for deal in tied)
            return
        log = [{**row, "seq": seq} for seq, row in enumerate(log)]
        expected = naive_log.visits(log, {}, [])
        for row in expected:
            del row["stage_position"], row["next_position"]
        found = rows_of(facts.visits_from_log(frame))
        assert in_order(found, "deal_id", "visit") == in_order(expected, "deal_id", "visit")

    holds()


LOG = [
    ("D-1", "talk", datetime(2026, 1, 1, tzinfo=UTC)),
    ("D-1", "talk", datetime(2026, 1, 3, tzinfo=UTC)),  # again: still the first visit
    ("D-1", "offer", datetime(2026, 1, 5, 12, tzinfo=UTC)),  # after 4.5 days
    ("D-1", "gone", datetime(2026, 1, 6, tzinfo=UTC)),
    ("D-1", "talk", datetime(2026, 1, 10, tzinfo=UTC)),  # reopened
    ("D-1", "signed", datetime(2026, 1, 20, tzinfo=UTC)),  # 19 days after its creation
    ("D-1", "live", datetime(2026, 2, 1, tzinfo=UTC)),  # closes nothing anew
    ("D-2", "talk", datetime(2026, 1, 2, tzinfo=UTC)),
    ("D-2", "gone", datetime(2026, 1, 4, tzinfo=UTC)),
]


def theirs(backend: Backend, rows: Sequence[Any] = LOG, **types: Any) -> Any:
    kinds = {"id": pa.string(), "to": pa.string(), "at": pa.timestamp("us", tz="UTC"), **types}
    return backend.frame(rows, **kinds)


NAMES = {"deal_id": "id", "stage": "to", "entered_at": "at"}


def test_a_small_log_by_hand(backend):
    visits = facts.visits_from_log(theirs(backend), columns=NAMES, kinds=KINDS)
    found = in_order(rows_of(visits), "deal_id", "visit")
    assert [(r["visit"], r["stage"], r["kind"], r["days"], r["next_stage"]) for r in found] == [
        (1, "talk", "open", 4.5, "offer"),
        (2, "offer", "open", 0.5, "gone"),
        (3, "gone", "lost", 4.0, "talk"),
        (4, "talk", "open", 10.0, "signed"),
        (5, "signed", "won", 12.0, "live"),
        (6, "live", "won", None, None),
        (1, "talk", "open", 2.0, "gone"),
        (2, "gone", "lost", None, None),
    ]
    assert [r["is_current"] for r in found] == [False] * 5 + [True, False, True]
    first, second = in_order(rows_of(facts.deals_from_visits(visits)), "deal_id")
    assert (first["outcome"], first["stage"], first["cycle_days"]) == ("won", "live", 19.0)
    assert (first["closed_at"], first["n_reopened"]) == (LOG[5][2], 1)
    assert (first["lost_at_stage"], second["lost_at_stage"]) == (None, "talk")
    assert second["cycle_days"] == 2.0


def test_the_frame_that_comes_out_is_of_the_library_that_went_in(backend):
    log = theirs(backend)
    visits = facts.visits_from_log(log, columns=NAMES)
    deals = facts.deals_from_visits(visits)
    assert type(log) is type(visits) is type(deals)


def test_eager_frames_are_sorted_and_pandas_gets_a_new_index():
    for backend in BACKENDS:
        if not backend.is_lazy:
            visits = facts.visits_from_log(theirs(backend, LOG[::-1]), columns=NAMES)
            keys = [(row["deal_id"], row["visit"]) for row in rows_of(visits)]
            assert keys == sorted(keys)
    pandas = facts.visits_from_log(theirs(BACKENDS[0]), columns=NAMES)
    assert [*pandas.index] == [*range(8)]
    assert [*facts.deals_from_visits(pandas).index] == [0, 1]


@pytest.mark.parametrize(("place", "kind"), [(0, "float64"), (1, "double[pyarrow]")])
def test_pandas_gets_numbers_of_the_types_that_it_gave(place, kind):
    visits = facts.visits_from_log(theirs(BACKENDS[place]), columns=NAMES, kinds=KINDS)
    deals = facts.deals_from_visits(visits)
    assert str(visits["days"].dtype) == str(deals["cycle_days"].dtype) == kind


def test_pandas_reads_dates_that_are_objects_of_python():
    pandas = pytest.importorskip("pandas")
    days = [date(2026, 1, 5), date(2026, 1, 9)]
    log = pandas.DataFrame({"deal_id": ["A", "A"], "stage": ["talk", "won"], "entered_at": days})
    visits = facts.visits_from_log(log, kinds={"won": "won"})
    assert [*visits["days"].iloc[:1]] == [4.0]
    assert [*facts.deals_from_visits(visits)["closed_at"]] == days[1:]


@pytest.mark.parametrize("moment", [*TYPES])
def test_the_type_of_moments_is_kept(backend, moment):
    log = make(backend, [], moment)
    visits = facts.visits_from_log(log)
    deals = facts.deals_from_visits(visits)
    assert rows_of(visits) == rows_of(deals) == []
    kinds = [dict(zip(*schema_of(frame), strict=True)) for frame in (log, visits, deals)]
    assert {
        str(kind)
        for kind in (
            kinds[0]["entered_at"],
            kinds[1]["entered_at"],
            kinds[1]["left_at"],
            kinds[2]["created_at"],
            kinds[2]["closed_at"],
        )
    } == {str(kinds[0]["entered_at"])}


def schema_of(native: Any) -> tuple[list[str], list[Any]]:
    from salesflow._narwhals import nw

    schema = nw.from_native(native).collect_schema()
    return schema.names(), schema.dtypes()


def test_the_columns_are_the_ones_named(backend):
    visits = facts.visits_from_log(theirs(backend), columns=NAMES)
    assert schema_of(visits)[0] == [
        *("deal_id", "visit", "stage", "kind", "entered_at"),
        *("left_at", "days", "is_current", "next_stage", "next_kind"),
    ]
    assert schema_of(facts.deals_from_visits(visits))[0] == [
        *("deal_id", "stage", "outcome", "created_at", "closed_at"),
        *("cycle_days", "lost_at_stage", "n_reopened", "history_complete"),
    ]


def test_a_position_that_the_log_has_is_carried_on(backend):
    rows = [(*LOG[0], 3), (*LOG[2], 7)]
    visits = facts.visits_from_log(
        theirs(backend, rows, nth=pa.int64()), columns={**NAMES, "stage_position": "nth"}
    )
    assert [r["stage_position"] for r in in_order(rows_of(visits), "visit")] == [3, 7]
    assert [r["stage_position"] for r in rows_of(facts.deals_from_visits(visits))] == [7]


def test_numbers_and_categories_name_deals_and_stages(backend):
    kinds = {"deal_id": pa.int64(), "stage": pa.int64(), "entered_at": pa.date32()}
    rows = [(7, 1, date(2026, 1, 1)), (7, 2, date(2026, 1, 4)), (7, 9, date(2026, 1, 5))]
    visits = facts.visits_from_log(backend.frame(rows, **kinds), kinds={9: "won"}, stages=[1, 2])
    found = in_order(rows_of(visits), "visit")
    assert [(r["deal_id"], r["stage"], r["stage_position"], r["kind"]) for r in found] == [
        (7, 1, 0, "open"),
        (7, 2, 1, "open"),
        (7, 9, None, "won"),
    ]
    if backend.name not in ("pandas-pyarrow", "duckdb", "pyspark"):
        kinds["stage"] = pa.dictionary(pa.int32(), pa.string())
        log = backend.frame([(7, "b", rows[0][2]), (7, "a", rows[1][2])], **kinds)
        visits = facts.visits_from_log(log, kinds={"a": "lost"}, stages=["b"])
        found = in_order(rows_of(visits), "visit")
        assert [(r["stage"], r["kind"]) for r in found] == [("b", "open"), ("a", "lost")]


def test_a_night_with_a_clock_change_has_23_hours(backend):
    kinds = {"deal_id": pa.string(), "stage": pa.string(), "entered_at": pa.timestamp("us")}
    rows = [("A", "talk", local(2026, 3, 28, 12)), ("A", "offer", local(2026, 3, 29, 12))]
    log = backend.frame(rows, **kinds)
    days = [
        in_order(rows_of(facts.visits_from_log(log, zone=zone)), "visit")[0]["days"]
        for zone in (None, "Europe/Berlin")
    ]
    assert days == [1.0, 23 / 24]


def test_dates_are_cut_by_the_date_of_the_clock(backend):
    kinds = {"deal_id": pa.string(), "stage": pa.string(), "entered_at": pa.date32()}
    log = backend.frame([("A", "talk", date(2026, 1, 2))], **kinds)
    seoul = datetime.fromisoformat("2026-01-02T00:30:00+09:00")  # 1 January in UTC
    assert len(rows_of(facts.visits_from_log(log, as_of=seoul))) == 1
    assert rows_of(facts.visits_from_log(log, as_of=seoul.astimezone(UTC))) == []


class TestWhatIsRefused:
    def test_columns_all_at_once(self, backend):
        log = theirs(backend, [(*LOG[0], 1.5)], deal_id=pa.float64())
        with pytest.raises(ColumnError) as caught:
            facts.visits_from_log(log, columns={"entered_at": "to", "owner_id": "y"}, order="z")
        assert [fault.split(" holds ")[0] for fault in caught.value.faults] == [
            "column 'deal_id'",
            "no column 'stage'",
            "column 'to'",
            "no column 'y'",
            "no column 'z'",
        ]
        assert caught.value.known == ("id", "to", "at", "deal_id")
        assert "columns={'stage': …}" in str(caught.value)

    def test_the_closest_name_is_said(self, backend):
        columns = {**NAMES, "entered_at": "att"}
        with pytest.raises(ColumnError, match="Hint: there is 'at'") as caught:
            facts.visits_from_log(theirs(backend), columns=columns)
        assert "columns={'entered_at': …} says what yours is called" in str(caught.value)
        with pytest.raises(OptionError, match="no column of ours is called so") as wrong:
            facts.visits_from_log(theirs(backend), columns={**NAMES, "owner": "to"})
        assert "did you mean 'owner_id'" in str(wrong.value)

    def test_rows_that_lack_what_they_need(self, backend):
        rows = [(None, "talk", None), ("A", None, LOG[0][2]), ("A", "talk", None)]
        with pytest.raises(ColumnError) as caught:
            facts.visits_from_log(theirs(backend, rows), columns=NAMES)
        assert caught.value.faults == (
            "1 row has no deal_id",
            "1 row has no stage",
            "2 rows have no entered_at",
        )

    def test_an_order_that_is_not_there(self, backend):
        log = theirs(backend, [(*LOG[0], None), (*LOG[1], 1)], seq=pa.int64())
        with pytest.raises(ColumnError, match="1 row has no order"):
            facts.visits_from_log(log, columns=NAMES, order="seq")

    def test_a_stage_that_nobody_named(self, backend):
        with pytest.raises(ColumnError, match="stages= has no 'gone' and 'live'"):
            facts.visits_from_log(
                theirs(backend), columns=NAMES, stages=["talk", "offer"], kinds={"signed": "won"}
            )

    def test_a_stage_that_the_log_writes_otherwise(self, backend):
        with pytest.raises(OptionError, match="the log writes it 'signed'"):
            facts.visits_from_log(theirs(backend), columns=NAMES, kinds={"Signed ": "won"})

    def test_an_order_that_leaves_ties(self, backend):
        rows = [("A", "talk", LOG[0][2], 1), ("A", "offer", LOG[0][2], 1)]
        log = theirs(backend, rows, seq=pa.int64())
        if not backend.is_lazy:
            found = rows_of(facts.visits_from_log(log, columns=NAMES, order="seq"))
            assert [row["stage"] for row in found] == ["talk", "offer"]
            return
        with pytest.raises(ColumnError, match="'seq' does not tell them apart"):
            facts.visits_from_log(log, columns=NAMES, order="seq")

    def test_visits_that_are_none(self, backend):
        kinds = {
            "deal_id": pa.string(),
            "visit": pa.int64(),
            "stage": pa.string(),
            "kind": pa.string(),
            "entered_at": pa.date32(),
        }
        day = date(2026, 1, 1)
        rows = [("A", 1, "x", "open", day), ("A", 1, "x", "Won", day), (None, 0, "x", None, None)]
        with pytest.raises(ColumnError) as caught:
            facts.deals_from_visits(backend.frame(rows, **kinds))
        assert caught.value.faults == (
            "1 of them have no deal_id",
            "1 of them have no visit from 1 on",
            "2 of them have a kind that is not open, won or lost",
            "1 of them have a number that another visit of the deal has",
        )
        with pytest.raises(ColumnError, match="no column 'visit'") as missing:
            facts.deals_from_visits(theirs(backend))
        assert "columns=" not in str(missing.value)  # there is no such option


def test_options_are_checked_before_the_frame():
    with pytest.raises(OptionError, match="there is no such kind"):
        facts.visits_from_log(None, kinds={"a": "Won"})
    for stages in ("talk", [], ["a", "a"]):
        with pytest.raises(OptionError, match="no list of different stages"):
            facts.visits_from_log(None, stages=stages)
    for call in (facts.visits_from_log, facts.deals_from_visits):
        with pytest.raises(UnknownZoneError):
            call(None, zone="Berlin")
        with pytest.raises(NaiveDatetimeError):
            call(None, as_of=local(2026, 1, 1))
        with pytest.raises(DataError, match="list is no frame"):
            call([])


@pytest.mark.parametrize("backend", [BACKENDS[0], BACKENDS[3]], ids=lambda b: b.name)
def test_two_columns_of_one_name(backend):
    table = pa.table([[1], [2]], names=["a", "b"])
    frame = backend.make(table)
    if backend.name == "pandas":
        frame.columns = ["a", "a"]
    else:
        frame = pa.table([[1], [2]], names=["a", "a"])
    with pytest.raises(ColumnError, match="two columns are called 'a'"):
        facts.visits_from_log(frame)


def test_mixed_ids_of_pandas_are_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"deal_id": [1, "a"], "stage": ["x", "y"], "entered_at": ["1", "2"]})
    with pytest.raises(ColumnError, match="'deal_id' holds Object, no ids; column 'entered_at'"):
        facts.visits_from_log(frame)


def test_nanoseconds_order_what_microseconds_do_not():
    pandas = pytest.importorskip("pandas")
    log = pandas.DataFrame(
        {
            "deal_id": ["A", "A"],
            "stage": ["offer", "talk"],
            "entered_at": pandas.to_datetime([2, 1], unit="ns"),
        }
    )
    assert [*facts.visits_from_log(log)["stage"]] == ["talk", "offer"]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_spark_tells_times_whatever_the_zone_of_its_session(zone):
    backend = BACKENDS[-1]
    from tests.libraries import spark

    for moment in TYPES:
        log = [
            {"deal_id": "A", "stage": stage, "entered_at": at, "owner_id": None, "seq": 1}
            for stage, at in (("talk", TYPES[moment][1]), ("offer", TYPES[moment][1]))
        ]
        step = timedelta(days=1, hours=0 if moment == "date" else 7)
        log[1]["entered_at"] += step
        frame = make(backend, log, moment)
        spark().conf.set("spark.sql.session.timeZone", zone)
        try:
            found = in_order(rows_of(facts.visits_from_log(frame)), "visit")
        finally:
            spark().conf.set("spark.sql.session.timeZone", "UTC")
        assert found[0]["days"] == step / timedelta(days=1)
