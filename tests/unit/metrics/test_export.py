"""Results as frames, as JSON, and as what a notebook shows."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from salesflow import Calendar, Money, Period, metrics
from salesflow.errors import ColumnError, OptionError
from salesflow.facts.natives import BACKENDS
from salesflow.metrics._kinds import fitting, json_value, kind_among, kind_of
from salesflow.metrics.results import Breakdown, Result
from tests import strategies
from tests.frames import columns_of, types_of
from tests.shorthand import NOW, PIPELINE, at, eur, lost, still_open, usd, won

BOOK = [
    won("D-1", 1, 11, 100, "kim"),
    lost("D-2", 1, 5, None, "lee"),
    won("D-3", 1, 5, None, "kim"),
    still_open("D-4", 2, 70),
]
EAGER = ["pandas", "pandas[pyarrow]", "polars", "pyarrow"]


# Frames.


def test_one_result_is_one_row(backend):
    size = metrics.average_deal_size(BOOK, as_of=NOW)
    assert columns_of(size.to_frame(backend)) == {
        "mean": [Decimal(100)],
        "median": [Decimal(100)],
        "total": [Decimal(100)],
        "n_priced": [1],
        "n_unpriced": [1],
        "as_of": [NOW],
        "currency": ["EUR"],
        "left_out": ["no_amount 1"],
        "assumed": [""],
    }


def test_a_breakdown_is_a_row_for_each_group(backend):
    frame = metrics.win_rate(BOOK, by="owner_id").to_frame(backend)
    table = columns_of(frame)
    # Wilson, z = 1.959964, n = 2, p = 1: 2 / (2 + z²) = 2 / 5.841459 = 0.342380
    assert table.pop("interval_low") == [pytest.approx(0.342380, abs=1e-6), 0.0, None]
    # n = 1, p = 0: z² / (1 + z²) = 3.841459 / 4.841459 = 0.793451
    assert table.pop("interval_high") == [1.0, pytest.approx(0.793451, abs=1e-6), None]
    assert table == {
        "owner_id": ["kim", "lee", None],
        "value": [1.0, 0.0, None],
        "numerator": [2, 0, 0],
        "denominator": [2, 1, 0],
        "as_of": [None] * 3,
        "currency": ["XXX"] * 3,  # counts are of no currency
        "left_out": [""] * 3,
        "assumed": [""] * 3,
    }


TYPES = {
    "pandas": ["object", "float64", "int64", "datetime64[us, UTC]"],
    "pandas[pyarrow]": [
        "string[pyarrow]",
        "double[pyarrow]",
        "int64[pyarrow]",
        "timestamp[us, tz=UTC][pyarrow]",
    ],
    "polars": ["String", "Float64", "Int64", "Datetime(time_unit='us', time_zone='UTC')"],
    "pyarrow": ["string", "double", "int64", "timestamp[us, tz=UTC]"],
}


@pytest.mark.parametrize("kind", EAGER)
@pytest.mark.parametrize("deals", [BOOK, [], BOOK[1:2]], ids=["all", "none", "one lost"])
def test_types_follow_no_value(kind, deals):
    types = types_of(metrics.win_rate(deals, by="owner_id").to_frame(kind))
    text, number, count, instant = TYPES[kind]
    assert types == {
        "owner_id": text,
        "value": number,
        "numerator": count,
        "denominator": count,
        "interval_low": number,
        "interval_high": number,
        "as_of": instant,
        "currency": text,
        "left_out": text,
        "assumed": text,
    }


@pytest.mark.parametrize("kind", ["pandas[pyarrow]", "polars", "pyarrow"])
def test_an_unknown_mean_is_a_decimal(kind):
    types = types_of(metrics.average_deal_size(BOOK[1:2]).to_frame(kind))
    assert "ecimal" in types["mean"]
    assert types["mean"].removesuffix("[pyarrow]") == types["total"].removesuffix("[pyarrow]")


def test_periods_are_texts_with_their_ends():
    fiscal = Calendar("Asia/Seoul", first_month=4)
    found = metrics.win_rate(BOOK, by="owner_id", every="quarter", calendar=fiscal)
    frame = found.to_frame("polars")
    assert frame.columns[:4] == ["owner_id", "quarter", "quarter_start", "quarter_end"]
    first = frame.row(0, named=True)
    assert first["quarter"] == "FY2026-Q4", "January to March of the year that ends in March"
    assert first["quarter_start"] == datetime(2025, 12, 31, 15, tzinfo=UTC)
    assert first["quarter_end"] == datetime(2026, 3, 31, 15, tzinfo=UTC)


def empties() -> list[Breakdown[Any]]:
    return [
        metrics.win_rate([], by="owner_id"),
        metrics.win_rate([], by="owner_id", every="year"),
        metrics.win_rate([], every="year", weight="value"),
        metrics.conversion_rate([], by="owner_id"),
        metrics.average_deal_size([], by=["owner_id", "source"]),
        metrics.cycle_time([], by="owner_id"),
        metrics.pipeline_velocity([], by="owner_id", as_of=NOW),
        metrics.time_in_stage([], as_of=NOW),
        metrics.summary([], by="owner_id", every="month", as_of=NOW),
    ]


@pytest.mark.parametrize("empty", empties(), ids=range(9))
def test_no_groups_have_all_columns(empty):
    assert not empty
    frame = empty.to_frame("polars")
    assert frame.height == 0
    assert {"as_of", "currency", "left_out", "assumed", *empty.names} <= {*frame.columns}
    assert empty.to_json() == "[]"
    assert "no groups" in empty._repr_html_()


def test_no_groups_have_the_columns_of_some():
    some = metrics.summary(BOOK, by="owner_id", every="month", as_of=NOW).to_frame("polars")
    none = metrics.summary([], by="owner_id", every="month", as_of=NOW).to_frame("polars")
    kinds = [
        {name: kind.base_type() for name, kind in frame.schema.items()} for frame in (some, none)
    ]
    assert [*kinds[0].items()] == [*kinds[1].items()]


def test_a_breakdown_that_knows_no_example_has_its_keys():
    frame = Breakdown(("owner_id",), {}).to_frame("polars")
    assert frame.columns == ["owner_id"]


def test_by_currency_the_key_is_the_currency():
    book = [won("D-1", 1, 5, 100), won("D-2", 1, 5, usd(7)), won("D-3", 1, 5)]
    frame = metrics.average_deal_size(book, by="currency").to_frame("polars")
    assert frame.select("currency", "total").rows() == [
        ("EUR", Decimal(100)),
        ("USD", Decimal(7)),
        (None, Decimal(0)),
    ]
    assert "total_currency" not in frame.columns


@attrs.frozen
class Pair(Result):
    """Money of two currencies, and values of all kinds."""

    mine: Money | None
    theirs: Money | None
    n: int | Money
    size: float
    seen_on: date | None = None
    more: Any = None
    period: Period | None = None


def test_money_of_another_currency_says_so(backend):
    result = Pair(eur("1.50"), usd(2), 3, 0.25, currency="EUR")
    table = columns_of(result.to_frame(backend))
    assert (table["mine"], table["theirs"], table["theirs_currency"]) == (
        [Decimal("1.50")],
        [Decimal(2)],
        ["USD"],
    )
    assert "mine_currency" not in table


def test_what_has_no_column_type_is_json():
    result = Pair(None, None, 3, float("nan"), date(2026, 1, 2), {"a": [1, NOW, eur(5), None]})
    frame = result.to_frame("polars")
    assert str(frame.schema["seen_on"]) == "Date"
    assert frame.row(0, named=True) | {} == {
        "mine": None,
        "theirs": None,
        "n": 3,
        "size": None,
        "seen_on": date(2026, 1, 2),
        "more": (
            '{"a": [1, "2026-06-01T00:00:00+00:00", {"amount": "5", "currency": "EUR"}, null]}'
        ),
        "period": None,
        "period_start": None,
        "period_end": None,
        "as_of": None,
        "currency": "XXX",
        "left_out": "",
        "assumed": "",
    }


@attrs.frozen
class Spread(Result):
    """An interval that may have no end."""

    spread: tuple[float | None, float | None] | None


def test_an_interval_may_have_no_end():
    groups = {"a": Spread((1.5, None)), "b": Spread(None)}
    frame = Breakdown(("k",), groups).to_frame("polars")
    assert frame["spread_low"].to_list() == [1.5, None]
    assert frame["spread_high"].to_list() == [None, None]
    assert str(frame.schema["spread_high"]) == "Float64"
    assert str(Breakdown(("k",), groups)).splitlines()[1:] == ["a  1.50 to —", "b          —"]


@attrs.frozen
class Holder(Result):
    """A result that may hold another one."""

    inner: Pair | None


def test_a_nested_result_that_a_group_lacks_is_unknown_there():
    pair = Pair(eur(1), None, 3, 0.5)
    groups = Breakdown(("k",), {"a": Holder(None), "b": Holder(pair, currency="EUR")})
    frame = groups.to_frame("polars")
    assert frame["inner.n"].to_list() == [None, 3]
    assert frame["inner.mine"].to_list() == [None, Decimal(1)]
    assert str(groups).count("—") > 2


@pytest.mark.parametrize(
    ("sizes", "kind", "expected"),
    [
        ([1.5, 8], "Float64", [1.5, 8.0]),
        ([1, 8], "Int64", [1, 8]),
        ([True, False], "Boolean", [False, True]),
        ([1, "x"], "String", ['"x"', "1"]),
        ([2**63, 1], "String", ["1", str(2**63)]),
        ([[1, 2], {"a": "b"}], "String", ["[1, 2]", '{"a": "b"}']),
    ],
    ids=["numbers", "integers", "flags", "mixed", "large", "nested"],
)
def test_a_key_has_the_type_of_its_values(sizes, kind, expected):
    deals = [PIPELINE.open("A", id=f"D-{n}", custom={"x": x}) for n, x in enumerate(sizes)]
    frame = metrics.conversion_rate(deals, by="custom.x").to_frame("polars")
    assert str(frame.schema["custom.x"]) == kind
    assert sorted(frame["custom.x"].to_list()) == expected


def test_a_key_called_as_a_value_takes_another_name():
    rate = metrics.win_rate(BOOK)
    found = Breakdown(("value",), {"x": rate, None: rate})
    assert [row["by.value"] for row in found.to_dicts()] == ["x", None]
    assert [row["value"] for row in found.to_dicts()] == [rate.value] * 2
    assert found.to_frame("polars").columns[:2] == ["by.value", "value"]
    assert str(found).splitlines()[1].startswith("x ")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([None], "str"),
        ([NOW, None], "instant"),
        ([NOW.replace(tzinfo=None)], "naive"),
        ([date(2026, 1, 1)], "date"),
        ([date(2026, 1, 1), NOW], "json"),
        ([Decimal(1)], "decimal"),
        ([2**53 + 1, 0.5], "json"),
        ([2**53, 0.5], "float"),
        ([10**400, 0.5], "json"),
        ([True, 1], "json"),
        ([object()], "json"),
    ],
    ids=[
        "none",
        "instant",
        "naive",
        "date",
        "date and instant",
        "decimal",
        "large",
        "numbers",
        "beyond floats",
        "flag and number",
        "other",
    ],
)
def test_the_kind_of_values(values, kind):
    assert kind_among(values) == kind


def test_a_time_of_no_zone_is_a_text():
    found = Breakdown(("seen",), {datetime(2026, 1, 1, 9): metrics.win_rate([])})  # noqa: DTZ001
    assert found.to_frame("polars")["seen"].to_list() == ["2026-01-01T09:00:00"]


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (int | None, "int"),
        (Money, "money"),
        (Decimal | None, "decimal"),
        (tuple[float, float] | None, "interval"),
        (tuple[float | None, float | None] | None, "interval"),
        (tuple[float, ...], None),
        (tuple[int, int], None),
        (dict[str, int], "reasons"),
        (int | Money, None),
        (list[int], None),
        (None, None),
        (Any, None),
    ],
    ids=str,
)
def test_the_kind_of_a_field(annotation, kind):
    assert kind_of(annotation) == kind


def test_decimals_that_do_not_fit_are_rounded_half_up():
    third = Decimal("0.3333333333333333333333333333")  # 28 decimals
    large = Decimal(10**12)  # 13 digits: 25 decimals fit
    assert fitting([third, large]) == [Decimal("0.3333333333333333333333333"), large]
    assert fitting([Decimal("0.5555555555555555555555555555"), large])[0] == Decimal(
        "0.5555555555555555555555556"
    )
    assert fitting([third, Decimal(1), None]) == [third, Decimal(1), None]
    assert fitting([]) == []


def test_at_least_ten_decimals_stay():
    values = [Decimal(10**29), Decimal("0.12345678901")]
    assert fitting(values)[1] == Decimal("0.1234567890")
    with pytest.raises(ColumnError, match="does not fit 38 digits"):
        Pair(eur(1), None, 0, 0.0, more=Decimal(10**38)).to_frame("polars")


def test_an_unknown_backend_is_refused():
    with pytest.raises(OptionError, match="cannot make a frame for backend 'excel'"):
        metrics.win_rate(BOOK).to_frame("excel")


# JSON.


def read(text: str) -> list[dict[str, Any]]:
    def refuse(name: str) -> None:
        pytest.fail(f"{name} is no JSON")

    rows: list[dict[str, Any]] = json.loads(text, parse_constant=refuse)
    return rows


def test_json_has_the_names_of_the_rows():
    size = metrics.average_deal_size(BOOK, as_of=NOW)
    assert read(size.to_json()) == [
        {
            "mean": {"amount": "100", "currency": "EUR"},
            "median": {"amount": "100", "currency": "EUR"},
            "total": {"amount": "100", "currency": "EUR"},
            "n_priced": 1,
            "n_unpriced": 1,
            "as_of": "2026-06-01T00:00:00+00:00",
            "currency": "EUR",
            "left_out": {"no_amount": 1},
            "assumed": {},
        }
    ]
    trend = read(metrics.win_rate(BOOK, every="month").to_json())
    assert (trend[0]["month"], trend[0]["value"]) == ("2026-01", pytest.approx(2 / 3))
    assert len(trend[0]["interval"]) == 2


def test_json_has_null_where_a_number_is_none():
    assert json_value([float("nan"), float("inf"), None, 0.5]) == [None, None, None, 0.5]


def test_json_keeps_what_json_has_and_names_the_rest():
    values = (True, 3, "a", Decimal("1E+2"), date(2026, 1, 1), Period.year(2026), {5: (1,)})
    assert json_value(values) == [True, 3, "a", "100", "2026-01-01", "2026", {"5": [1]}]


@settings(max_examples=40)
@given(st.lists(strategies.json_values(), max_size=4))
def test_whatever_the_keys_all_that_leaves_is_well_formed(values):
    deals = [PIPELINE.open("A", id=f"D-{n}", custom={"x": x}) for n, x in enumerate(values)]
    found = metrics.conversion_rate(deals, by="custom.x")
    rows = read(found.to_json())
    assert len(rows) == len(found) == found.to_frame("polars").height
    assert [row["denominator"] for row in rows] == [rate.denominator for rate in found.values()]
    lines = str(found).split("\n")
    assert len(lines) == (len(found) + 1 if found else 1)
    assert found._repr_html_().count("<tr>") == (len(found) + 1 if found else 0)


# Notebooks.


def test_a_notebook_gets_the_table_and_no_json_that_would_hide_it():
    found = metrics.win_rate(BOOK, by="owner_id", as_of=NOW)
    bundle = found._repr_mimebundle_()
    assert bundle == {"text/plain": str(found), "text/html": found._repr_html_()}


def test_a_notebook_may_ask_for_json():
    found = metrics.win_rate(BOOK, by="owner_id", as_of=NOW)
    bundle = found._repr_mimebundle_(include={"application/json", "image/png"})
    assert bundle == {"application/json": read(found.to_json())}


def test_a_notebook_may_leave_html_out():
    found = metrics.win_rate(BOOK)
    assert [*found._repr_mimebundle_(exclude={"text/html"})] == ["text/plain"]
    both = {"text/html", "application/json"}
    assert [*found._repr_mimebundle_(include=both, exclude={"text/html"})] == ["application/json"]


def test_html_has_keys_as_heads_of_rows_and_says_what_was_left_out():
    html = metrics.average_deal_size(BOOK, by="owner_id", as_of=NOW)._repr_html_()
    assert '<th scope="row" style="text-align:left">kim</th>' in html
    assert "<br>left out: no_amount 1</caption>" in html
    assert html.count('<th scope="row"') == 3
    assert '<td style="text-align:right">EUR 100.00</td>' in html


def test_hostile_keys_are_texts():
    deals = [won("D-1", 1, 5, 1, "<img src=x onerror=alert(1)>\n'\""), won("D-2", 1, 5, 1, "日本")]
    found = metrics.summary(deals, by="owner_id", as_of=NOW)
    assert "<img" not in found._repr_html_()
    assert "&lt;img src=x onerror=alert(1)&gt; &#x27;&quot;" in found._repr_html_()
    lines = str(found).splitlines()
    assert len(lines) == 4
    assert [row["owner_id"] for row in read(found.to_json())] == [*found]


def test_a_summary_shows_its_win_rate_beside_its_counts():
    assert "66.7% (2 of 3)" in str(metrics.summary(BOOK, as_of=NOW))
    assert "66.7% (2 of 3)</td>" in metrics.summary(BOOK, as_of=NOW)._repr_html_()


def results() -> list[Any]:
    return [
        metrics.win_rate(BOOK),
        metrics.win_rate([]),
        metrics.win_rate(BOOK, weight="value"),
        metrics.cycle_time([]),
        metrics.pipeline_velocity([], as_of=NOW),
        metrics.summary(BOOK, as_of=NOW),
        metrics.time_in_stage(BOOK, as_of=at(9)),
        metrics.summary(BOOK, by=["owner_id", "stage"], every="month", as_of=NOW),
    ]


@pytest.mark.parametrize("result", results(), ids=range(8))
def test_nan_never_appears(result):
    for text in (str(result), result._repr_html_(), result.to_json()):
        assert "nan" not in text.replace("finance", "").lower()
    rows = result.to_dicts()
    for name in BACKENDS[:6]:
        table = columns_of(result.to_frame(name))
        assert {len(column) for column in table.values()} == {len(rows)}
    frame = result.to_frame("polars")
    for column, kind in frame.schema.items():
        if kind.is_float():
            assert not frame[column].is_nan().any()


@pytest.mark.parametrize("result", results(), ids=range(8))
def test_a_frame_says_what_the_rows_say(result):
    table = columns_of(result.to_frame("polars"))
    for place, row in enumerate(result.to_dicts()):
        for name, value in row.items():
            if name in table and not isinstance(value, dict | Period):
                cell = table[name][place]
                assert cell == (value.amount if isinstance(value, Money) else value)


# Markdown.


def test_a_table_of_markdown_is_read_as_one():
    """A reader of CommonMark with GitHub's tables finds the cells that a terminal shows."""
    found = metrics.win_rate(BOOK, by="owner_id", as_of=NOW)
    tokens = MarkdownIt().enable("table").parse(found.to_markdown())
    cells = [token.content for token in tokens if token.type == "inline"]
    lines = str(found).splitlines()
    assert cells[:5] == lines[0].split()
    assert cells[5:8] == ["kim", "100.0%", "2"]
    assert cells[-1] == lines[-1] == f"as of {NOW.isoformat()}"
    styles = [token.attrs.get("style") for token in tokens if token.type == "th_open"]
    assert styles == [None] + ["text-align:right"] * 4


@given(st.text(max_size=12).filter(str.strip))
@settings(max_examples=100)
def test_what_people_write_is_text_in_markdown(text):
    """Whatever an owner is called, the page shows that, and no markup of it."""
    reader = MarkdownIt().enable("table")
    page = reader.render(
        metrics.win_rate([won("D-1", 1, 5, 100, text)], by="owner_id").to_markdown()
    )
    cell = page.partition("<tbody>")[2].partition("<td>")[2].partition("</td>")[0]
    shown = "".join(char if char.isprintable() else " " for char in text)
    assert unescape(cell).split() == shown.split()


def test_without_rows_markdown_says_so():
    none = metrics.win_rate([], by="owner_id", as_of=NOW).to_markdown()
    assert none == f"no groups\n\n- as of {NOW.isoformat()}"
