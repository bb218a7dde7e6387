"""Groups, periods and `as_of` over frames, beside a plain version of the same."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from salesflow import Period, metrics
from tests.shorthand import NOW, at
from tests.tables import FRAMES, framed, local

every_frame = pytest.mark.parametrize("kind", FRAMES)

DAY = date(2026, 1, 5)
BOOK = {
    "outcome": ["won", "lost", "won", "won"],
    "created_at": [date(2026, 1, 1)] * 4,
    "closed_at": [DAY, DAY, DAY, date(2026, 2, 5)],
    "amount": [1, 2, 3, 4],
}
INNER = (
    *("k0", "k1", "o0", "part", "bucket", "cell", "text", "count", "v0", "signature", "n", "low"),
    *("high", "h0", "l0", "in_0", "in_1", "in_closed_at_0", "is_won", "is_undone", "amount_lost"),
    *("cycle_us", "probability_steps", "index", "level_0", "e0", "lost", "n_rows"),
)
ODD = ('a "b"', "a b", "a.b", "größe 漢", "a`b", "a'b", "x; --", "custom.x")
ALL = [*INNER, *ODD]


def look(kind, by, column, **options):
    rates = metrics.win_rate(framed(BOOK | column, kind), by=by, **options)
    return {key: (rate.numerator, rate.denominator) for key, rate in rates.items()}


@every_frame
@pytest.mark.parametrize("names", [ALL[n : n + 4] for n in range(0, len(ALL), 4)])
def test_columns_of_any_name_make_groups(kind, names):
    # Each with values of its own, so that none is taken for another.
    columns = {name: [f"x{n}", f"y{n}", None, f"x{n}"] for n, name in enumerate(names)}
    x, y, unknown = (tuple(keys) for keys in list(zip(*columns.values(), strict=True))[:3])
    assert look(kind, names, columns) == {x: (2, 2), y: (0, 1), unknown: (1, 1)}
    january, february = (Period.month(2026, month) for month in (1, 2))
    assert look(kind, names, columns, every="month") == {
        (*x, january): (1, 1),
        (*x, february): (1, 1),
        (*y, january): (0, 1),
        (*y, february): (0, 0),
        (*unknown, january): (1, 1),
        (*unknown, february): (0, 0),
    }
    sizes = metrics.average_deal_size(framed(BOOK | columns, kind), by=names)
    assert {key: one.median and one.median.amount for key, one in sizes.items()} == {
        x: Decimal("2.5"),
        y: None,
        unknown: 3,
    }


@every_frame
@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ([1, 2, None, 1], [1, 2, None]),
        ([True, False, None, True], [True, False, None]),
        ([1.5, 2.5, float("nan"), 1.5], [1.5, 2.5, None]),
        ([date(2026, 1, 1), date(2026, 1, 2), None, date(2026, 1, 1)], None),
        ([local(2026, 1, 1), local(2026, 1, 2), None, local(2026, 1, 1)], None),
        ([Decimal("1.5"), Decimal("2.5"), None, Decimal("1.50")], None),
    ],
    ids=["integers", "flags", "floats", "days", "times", "decimals"],
)
def test_keys_of_every_type(kind, values, keys):
    first, second, missing = keys or [values[0], values[1], None]
    found = look(kind, "x", {"x": values})
    assert found == {first: (2, 2), second: (0, 1), missing: (1, 1)}


@every_frame
def test_nan_and_none_and_both_zeros_are_one_key(kind):
    column = {"x": [float("nan"), None, 0.0, -0.0]}
    assert look(kind, "x", column) == {0.0: (2, 2), None: (1, 2)}
    sizes = metrics.average_deal_size(framed(BOOK | column, kind), by="x")
    assert [one.median.amount for one in sizes.values()] == [Decimal("3.5"), 1]


@every_frame
def test_groups_by_two_columns(kind):
    columns = {"x": ["a", None, "a", "b"], "y": [1, 1, 2, None]}
    assert look(kind, ["x", "y"], columns) == {
        ("a", 1): (1, 1),
        ("a", 2): (1, 1),
        ("b", None): (1, 1),
        (None, 1): (0, 1),
    }


@every_frame
def test_texts_of_every_type_make_groups(kind):
    import pyarrow as pa

    texts = pa.array(["a", None, "a", "b"])
    wanted = {"a": (2, 2), "b": (1, 1), None: (0, 1)}
    types = [pa.large_string()] + ([pa.string_view()] if kind != "pandas[pyarrow]" else [])
    for held in (texts.dictionary_encode(), *(texts.cast(one) for one in types)):
        assert look(kind, "x", {"x": held}) == wanted
        assert look(kind, "x", {"x": held, "outcome": held}, outcomes=OUTCOMES) == wanted


OUTCOMES = {"a": "won", "b": "won", None: "lost"}


@every_frame
def test_empty_frames_and_frames_of_one_row(kind):
    import pyarrow as pa

    full = pa.table(BOOK | {"x": ["a"] * 4})
    for n in (0, 1):
        part = {name: full.column(name).slice(0, n) for name in full.column_names}
        frame = framed(part, kind)
        assert metrics.win_rate(frame).denominator == n
        assert metrics.summary(frame, as_of=NOW).cycle_time.n == n
        assert len(metrics.summary(frame, as_of=NOW, by="x", every="month")) == n


def test_relations_of_duckdb_of_any_origin():
    import duckdb

    with duckdb.connect() as own:
        own.sql("create table t as select 'won' as outcome, date '2026-01-05' as closed_at")
        own.sql("create view v as select * from t")
        for relation in (own.table("t"), own.view("v"), own.sql("select * from v where true")):
            assert metrics.win_rate(relation, every="year")[Period.year(2026)].numerator == 1


def test_a_scan_of_a_file_is_read(tmp_path):
    import polars as pl

    path = tmp_path / "deals.parquet"
    framed(BOOK, "polars").write_parquet(path)
    assert metrics.win_rate(pl.scan_parquet(path)).denominator == 4


def test_the_index_of_pandas_says_nothing():
    frame = framed(BOOK, "pandas").set_axis([7, 7, 0, 0])
    assert metrics.average_deal_size(frame).total.amount == 8


# As of an instant.

days = st.integers(0, 6).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
rows = st.lists(
    st.tuples(
        st.sampled_from(["open", "won", "lost"]),
        st.none() | days,
        st.none() | days,
        st.sampled_from(["kim", "lee", None]),
    ),
    max_size=8,
)


def plain(book, day):
    """By owner: won, closed and all, of the deals that were there on a day."""
    found = {}
    for outcome, created, closed, owner in book:
        if created is not None and created > day:
            continue
        is_closed = outcome != "open" and (closed is None or closed <= day)
        won, shut, seen = found.get(owner, (0, 0, 0))
        found[owner] = (won + (is_closed and outcome == "won"), shut + is_closed, seen + 1)
    return found


@every_frame
@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(book=rows, n=st.integers(0, 7))
def test_as_of_is_as_if_the_data_had_been_taken_then(kind, book, n):
    import pyarrow as pa

    columns = [[row[place] for row in book] for place in range(4)]
    book = [(o, c, None if o == "open" else e, w) for o, c, e, w in book]
    columns[2] = [row[2] for row in book]
    types = [pa.string(), pa.date32(), pa.date32(), pa.string()]
    names = ["outcome", "created_at", "closed_at", "owner_id"]
    frame = framed({m: pa.array(v, t) for m, v, t in zip(names, columns, types, strict=True)}, kind)
    moment = at(1, 12) + timedelta(days=n)
    wanted = plain(book, moment.date())
    rates = metrics.win_rate(frame, by="owner_id", as_of=moment)
    assert {k: (r.numerator, r.denominator) for k, r in rates.items()} == {
        owner: (won, closed) for owner, (won, closed, _) in wanted.items()
    }
    undone = sum(
        (created is None or created <= moment.date())
        and closed is not None
        and closed > moment.date()
        for _, created, closed, _ in book
    )
    told = [note for note in rates.notes if "closed after as_of" in note]
    assert bool(told) == bool(undone)
    if undone:
        start = "1 deal closed after as_of reads as open, "
        if undone > 1:
            start = f"{undone} deals closed after as_of read as open, "
        assert told[0].startswith(start)


@every_frame
def test_visits_are_cut(kind):
    visits = {
        "deal_id": ["D-1", "D-1", "D-2"],
        "stage": ["meeting", "proposal", "meeting"],
        "stage_position": [0, 1, 0],
        "kind": ["open"] * 3,
        "entered_at": [date(2026, 1, 1), date(2026, 1, 9), date(2026, 1, 20)],
        "left_at": [date(2026, 1, 9), date(2026, 1, 15), None],
    }
    found = metrics.time_in_stage(framed(visits, kind), as_of=at(12, 6))
    assert [*found] == ["meeting", "proposal"]
    assert (found["meeting"].n_visits, found["meeting"].mean_days) == (1, 8.0)
    # Entered on the 9th, and on the 12th still there.
    assert (found["proposal"].n_open, found["proposal"].current_days) == (1, 3.0)


@every_frame
def test_large_groups_have_their_medians(kind):
    # 0 … 300 in a scrambled order has 150 in the middle; 0 … 201 has 100 and 101.
    odd, even = [n * 11 % 301 for n in range(301)], [n * 5 % 202 for n in range(202)]
    n = len(odd) + len(even)
    columns = {
        "outcome": ["won"] * n,
        "closed_at": [DAY] * n,
        "amount": [*odd, *even],
        "team": ["odd"] * len(odd) + ["even"] * len(even),
    }
    sizes = metrics.average_deal_size(framed(columns, kind), by="team")
    found = {key: (one.median.amount, one.total.amount) for key, one in sizes.items()}
    assert found == {"odd": (150, 301 * 150), "even": (Decimal("100.5"), 101 * 201)}


def test_keys_whose_values_could_make_a_million_groups():
    # 110 values each of three columns: as many groups as rows, of 111 ** 3 that could be.
    names = [f"{n:03}" for n in range(110)]
    columns = {"outcome": ["won"] * 110, "a": names, "b": names[::-1], "c": names}
    rates = metrics.win_rate(framed(columns, "pandas"), by=["a", "b", "c"])
    assert set(rates) == {*zip(names, names[::-1], names, strict=True)}
    assert {rate.denominator for rate in rates.values()} == {1}


def test_keys_of_types_without_an_order():
    keys = [DAY, 7, None, DAY]
    frame = framed(BOOK, "pandas").assign(key=keys)
    frame["key"] = frame["key"].astype(object).where([True, True, False, True], None)
    rates = metrics.win_rate(frame, by="key")
    assert {key: rate.denominator for key, rate in rates.items()} == {DAY: 2, 7: 1, None: 1}
