"""Which customers, sources or products do we win most?"""

from collections import Counter
from decimal import Decimal
from math import comb

import attrs
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Period, facts, metrics
from salesflow.datasets import STANDARD_TRUTH, make_deals
from salesflow.errors import ColumnError, MixedCurrencyError, OptionError
from salesflow.review import Segments, segments
from tests.shorthand import NOW, at, eur, lost, on, still_open, usd, won
from tests.tables import FRAMES, framed

EQUAL = attrs.evolve(
    STANDARD_TRUTH,
    win_chance=dict.fromkeys(STANDARD_TRUTH.win_chance, 0.3),
    owner_factor=dict.fromkeys(STANDARD_TRUTH.owner_factor, 1.0),
)
"""All deals are won alike, whatever their source and owner."""


def several(source, n_won, n_lost, amount=100, **fields):
    """So many deals of a source."""
    fields = {"source": source, **fields}
    return [
        *(won(f"{source}-W{n}", 1, 5, amount, **fields) for n in range(n_won)),
        *(lost(f"{source}-L{n}", 1, 5, amount, **fields) for n in range(n_lost)),
    ]


def three():
    """Of 30 deals 15 are won: all of `web`, none of `fair`, half of `phone`."""
    return [*several("web", 10, 0), *several("fair", 0, 10), *several("phone", 5, 5, 300)]


def test_what_is_won_more_and_less_often():
    found = segments(three(), by=["source"])
    # 10 of 10 from 15 wins in 30: one way in C(30, 10) / C(15, 10), and as likely is 0 of 10.
    p_value = 2 * comb(15, 10) / comb(30, 10)
    web, phone, fair = (found["source", key] for key in ("web", "phone", "fair"))
    assert web.p_value == fair.p_value == pytest.approx(p_value)
    # The least of three is multiplied by 3, the next by 2, but is no less.
    assert web.adjusted_p_value == fair.adjusted_p_value == pytest.approx(3 * p_value)
    # 5 of 10 is the likeliest of all.
    assert (phone.p_value, phone.adjusted_p_value, phone.verdict) == (1.0, 1.0, None)
    assert (web.verdict, fair.verdict) == ("better", "worse")
    assert (found.better, found.worse) == ((("source", "web"),), (("source", "fair"),))
    assert found.n_tests == 3


def test_its_numbers_are_those_of_the_metrics():
    found = segments(three(), by=["source"])
    rates = metrics.win_rate(three(), by="source")
    sizes = metrics.average_deal_size(three(), by="source")
    assert {key: one.win_rate for (_, key), one in found.items()} == dict(rates)
    assert {key: one.average_deal_size for (_, key), one in found.items()} == dict(sizes)
    phone = found["source", "phone"]
    assert (phone.average_deal_size.mean, phone.win_rate.denominator) == (eur(300), 10)
    # The others: 10 of 20. Their interval is that of a win rate of as many.
    others = [deal for deal in three() if deal.source != "phone"]
    assert phone.rest == metrics.win_rate(others)


def test_the_surest_come_first():
    book = [*several("one", 1, 0), *several("many", 90, 10), *several("none", 0, 0)]
    book += [*several("bad", 10, 90), still_open("O", 1, 5, source="open")]
    # The lower ends of 1 of 1, 90 of 100 and 10 of 100 are 21 %, 83 % and 6 %.
    assert [key for _, key in segments(book, by="source")] == ["many", "one", "bad", "open"]


def test_what_it_says():
    book = [*three(), *several("one", 1, 0), still_open("O", 1, 5, source="open")]
    found = segments(book, by=["source"])
    sentences = {key: segment.sentence for (_, key), segment in found.items()}
    assert sentences == {
        "web": "source web: 100.0% (10 of 10) won, 28.6% (6 of 21) of the rest; "
        "it is won more often",
        "phone": "source phone: 50.0% (5 of 10) won, 52.4% (11 of 21) of the rest; "
        "the data cannot tell that from luck",
        "one": "source one: 100.0% (1 of 1) won, 50.0% (15 of 30) of the rest; "
        "too few deals to tell a difference, however they end",
        "fair": "source fair: 0.0% (0 of 10) won, 76.2% (16 of 21) of the rest; "
        "it is won less often",
        "open": "source open: none of its deals is decided",
    }
    assert (found["source", "one"].adjusted_p_value, found.n_tests) == (None, 3)
    shown = str(found).splitlines()
    assert shown[-3:] == [
        sentences["web"],
        sentences["fair"],
        "3 tests; the chance of any false alarm is at most 5.0%",
    ]
    calm = str(segments(several("web", 5, 5), by="source")).splitlines()
    assert calm[-2] == "no segment differs from the rest by more than luck explains"


def test_deals_of_no_key_are_a_segment_and_among_the_rest_of_others():
    book = [*several("web", 4, 0), *several(None, 0, 4)]
    found = segments(book, by=["source"])
    assert found["source", None].sentence.startswith("no source: 0.0% (0 of 4) won")
    assert found["source", "web"].rest.denominator == 4


def test_two_that_are_each_others_rest_are_one_test():
    found = segments([*several("a", 4, 0), *several("b", 0, 4)], by=["source"])
    # 4 of 8, all right or all wrong: 2 of 70 ways.
    for key in ("a", "b"):
        assert found["source", key].adjusted_p_value == pytest.approx(2 / 70)
    assert found.n_tests == 1
    assert (found["source", "a"].verdict, found["source", "b"].verdict) == ("better", "worse")


def test_where_there_is_nothing_else_nothing_is_compared():
    found = segments(several("web", 3, 1), by=["source"])["source", "web"]
    assert (found.p_value, found.verdict, found.rest.value) == (None, None, None)
    assert found.sentence == (
        "source web: 75.0% (3 of 4) won, and no other deals to compare it with"
    )


def test_dimensions_are_corrected_together_and_combined_where_asked():
    book = [*three(), *several("post", 5, 5, owner="kim")]
    apart = segments(book, by=["source", "owner_id", ("source", "owner_id")])
    # Four sources, one question of owners, four combinations.
    assert apart.n_tests == 4 + 1 + 4
    web = apart["source", "web"]
    # 10 of 10, of 20 wins in 40: one way in C(40, 10) / C(20, 10), and as likely is 0 of 10.
    assert web.p_value == pytest.approx(2 * comb(20, 10) / comb(40, 10))
    assert web.adjusted_p_value == pytest.approx(9 * web.p_value)
    both = apart["source, owner_id", ("post", "kim")]
    assert both.sentence.startswith("source post, owner_id kim: 50.0% (5 of 10)")
    assert "post, kim" in str(apart)
    assert [*segments(book, by=[("source",)])] == [*segments(book, by="source")]


def test_many_small_customers_take_no_room():
    # 40 customers of one deal each could never pass, whatever becomes of it.
    small = [deal for n in range(20) for deal in several(f"s{n}", 1, 0)]
    small += [deal for n in range(20, 40) for deal in several(f"s{n}", 0, 1)]
    found = segments([*small, *several("big", 14, 1)], by=["source"])
    assert (found.n_tests, found.better) == (1, (("source", "big"),))
    assert found["source", "big"].adjusted_p_value == found["source", "big"].p_value


def test_options_are_those_of_metrics():
    book = [*three(), won("late", 1, on(5, 5), 100, source="fair")]
    first = Period.quarter(2026, 1)
    assert segments(book, by=["source"], period=first)["source", "fair"].win_rate.denominator == 10
    early = segments(book, by=["source"], as_of=at(4))
    assert {segment.win_rate.denominator for segment in early.values()} == {0}
    assert early.as_of == at(4)
    undated = [*book, won("D", source="web")]
    assert dict(segments(undated, by="source", period=first).left_out) == {"no_closed_at": 1}
    unpriced = segments([won("D", 1, 5, source="web")], by=["source"])
    assert dict(unpriced.left_out) == {"no_amount": 1}
    assert unpriced["source", "web"].left_out == unpriced.left_out


def test_a_stream_of_deals_is_read_once():
    found = segments(iter(three()), by=["source", "owner_id"])
    assert {dimension for dimension, _ in found} == {"source", "owner_id"}
    assert found["owner_id", None].win_rate.denominator == 30


def test_without_deals_there_are_no_segments():
    found = segments([], by=["source"], as_of=NOW)
    assert (len(found), found.n_tests, found.better) == (0, 0, ())
    full = segments(three(), by=["source"], as_of=NOW)
    assert found.to_frame("polars").schema == full.to_frame("polars").schema
    assert str(found).startswith("no groups")


# What is refused.


@pytest.mark.parametrize(
    ("by", "fact"),
    [
        ([], "it is no list of dimensions"),
        (5, "it is no list of dimensions"),
        (["source", "source"], "'source' is there twice"),
        (["source", ("source",)], "'source' is there twice"),
        (["source", ()], r"\(\) names no column"),
        (["source", 5], "5 is no name of a column"),
    ],
)
def test_dimensions_that_make_no_sense(by, fact):
    with pytest.raises(OptionError, match=fact) as caught:
        segments([], by=by)
    assert caught.value.parameter == "by"


def test_what_the_metrics_refuse():
    with pytest.raises(OptionError, match="cannot take option 'every'"):
        segments([], by="source", every="month")  # type: ignore[call-arg]
    with pytest.raises(ColumnError, match="colour"):
        segments(three(), by=["source", "colour"])
    with pytest.raises(MixedCurrencyError):
        segments([*three(), won("U", 1, 5, usd(5), source="web")], by=["source"])


# Frames.


@pytest.mark.parametrize("backend", FRAMES)
def test_frames_say_the_same(backend):
    dataset = make_deals(150, seed=11)
    given = facts.to_frame(dataset.deals, backend=backend, at=dataset.as_of)
    by = ["source", ("source", "owner_id")]
    asked = {"by": by, "as_of": dataset.as_of, "period": Period.year(2025)}
    ours, theirs = (segments(data, **asked) for data in (dataset.deals, given))
    assert theirs.to_dicts() == ours.to_dicts()
    assert (theirs.left_out, theirs.n_tests) == (ours.left_out, ours.n_tests)


@pytest.mark.usefixtures("spark")
def test_spark_says_the_same():
    given = facts.to_frame(three(), backend="pyspark", at=NOW)
    ours, theirs = (segments(data, by=["source"], as_of=NOW) for data in (three(), given))
    assert theirs.to_dicts() == ours.to_dicts()


@pytest.mark.parametrize("backend", FRAMES)
def test_a_frame_in_its_own_words(backend):
    columns = {
        "result": ["Won"] * 10 + ["Lost"] * 10,
        "product": ["basic"] * 10 + ["plus"] * 10,
        "close_value": [Decimal(5)] * 20,
    }
    found = segments(
        framed(columns, backend),
        by=["product"],
        columns={"outcome": "result", "amount": "close_value"},
        outcomes={"Won": "won", "Lost": "lost"},
        currency="USD",
    )
    assert found.better == (("product", "basic"),)
    assert found["product", "basic"].average_deal_size.mean == usd(5)


# Laws.

BOOKS = st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60)


@given(BOOKS)
def test_plain_polars_and_scipy_say_the_same(rows):
    exact = pytest.importorskip("scipy.stats").fisher_exact
    book = [(won if w else lost)(f"D-{n}", 1, 5, source=s) for n, (s, w) in enumerate(rows)]
    found = segments(book, by=["source"])
    table = pl.DataFrame(rows, schema=["source", "is_won"], orient="row")
    all_won, all_n = table["is_won"].sum() if rows else 0, len(rows)
    for source, group in table.group_by("source"):
        n_won, n = group["is_won"].sum(), len(group)
        segment = found["source", source[0]]
        assert (segment.win_rate.numerator, segment.win_rate.denominator) == (n_won, n)
        rest = [all_won - n_won, all_n - n - all_won + n_won]
        wanted = exact([[n_won, n - n_won], rest]).pvalue if n < all_n else None
        assert segment.p_value == (None if wanted is None else pytest.approx(wanted))
    named = [segment for segment in found.values() if segment.verdict is not None]
    assert all(s.adjusted_p_value <= 0.05 and s.p_value <= s.adjusted_p_value for s in named)
    assert {(s.verdict == "better") == (s.win_rate.value > s.rest.value) for s in named} <= {True}


@given(BOOKS, st.randoms())
def test_order_does_not_matter(rows, random):
    book = [(won if w else lost)(f"D-{n}", 1, 5, source=s) for n, (s, w) in enumerate(rows)]
    mixed = random.sample(book, len(book))
    assert segments(mixed, by="source").to_dicts() == segments(book, by="source").to_dicts()


# What is planted is found, and nothing else.

DIMENSIONS = ["source", "owner_id", ("source", "owner_id")]


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_bad_source_is_found(seed):
    truth = attrs.evolve(EQUAL, win_chance={**EQUAL.win_chance, "outbound": 0.08})
    found = segments(make_deals(600, seed=seed, truth=truth).deals, by=DIMENSIONS)
    assert found.worse[0] == ("source", "outbound")
    # Whatever else is named is of it: its combinations.
    assert all("outbound" in str(key) for key in found.worse)


def n_alarms(n_runs: int, n_deals: int) -> int:
    books = (make_deals(n_deals, seed=seed, truth=EQUAL).deals for seed in range(n_runs))
    looks: list[Segments] = [segments(book, by=DIMENSIONS) for book in books]
    return sum(bool(look.better or look.worse) for look in looks)


def test_in_forty_books_without_a_bad_source_hardly_any_alarm():
    # 40 × 5 % = 2; more than 7 have a chance of 0.07 % at 5 %.
    assert n_alarms(40, 120) <= 7


@pytest.mark.fuzz
def test_in_200_books_without_a_bad_source_few_alarms():
    # 200 × 5 % = 10; more than 20 have a chance of 0.12 % at 5 %.
    assert n_alarms(200, 400) <= 20


def test_each_segment_has_its_place():
    counts = Counter(dimension for dimension, _ in segments(three(), by=["source", "owner_id"]))
    assert counts == {"source": 3, "owner_id": 1}
