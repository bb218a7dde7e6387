"""How do two groups compare, or two definitions; and what does any comparison come to, in words?"""

import copy
import pickle
from functools import partial
from itertools import permutations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Period, facts, metrics
from salesflow.datasets import make_deals
from salesflow.errors import ColumnError, OptionError
from salesflow.metrics._statistics import at_most_apart
from salesflow.metrics.own import count, is_, share
from salesflow.metrics.results import Result
from tests.shorthand import at, lived, lost, on, still_open, usd, won
from tests.tables import FRAMES
from tests.tales import ledgers

Q1, Q2 = Period.quarter(2026, 1), Period.quarter(2026, 2)
METRICS = {
    "win_rate": metrics.win_rate,
    "average_deal_size": metrics.average_deal_size,
    "cycle_time": metrics.cycle_time,
}


def several(source, n_won, n_lost, day=5, **fields):
    """So many deals of a source, closed on a day."""
    fields = {"source": source, **fields}
    return [
        *(won(f"{source}{day}W{n}", 1, day, **fields) for n in range(n_won)),
        *(lost(f"{source}{day}L{n}", 1, day, **fields) for n in range(n_lost)),
    ]


# Two groups.


def test_two_sources():
    book = [*several("referral", 56, 14), *several("outbound", 48, 32), *several("other", 3, 1)]
    found = metrics.compare(metrics.win_rate, book, by="source", groups=("referral", "outbound"))
    rates = metrics.win_rate(book, by="source")
    assert (found.one, found.other) == (rates["referral"], rates["outbound"])
    # 56 ÷ 70 - 48 ÷ 80; the interval is that of Newcombe's table II (a).
    assert dict(found.change) == pytest.approx({"value": 0.2, "numerator": 8, "denominator": -10})
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.is_significant is True
    assert found.sentence == (
        "The win rate came to 80.0% (56 of 70) for source referral and to 60.0% (48 of 80) for "
        "source outbound: 20.0 points more (95 % interval 5.2 to 33.4), which luck alone hardly "
        "explains."
    )
    assert (found.one_is, found.other_is) == ("for source referral", "for source outbound")
    again = metrics.compare(metrics.win_rate, book, by="source", groups=("outbound", "referral"))
    assert again.change["value"] == pytest.approx(-0.2)
    assert again.sentence.endswith(
        ": 20.0 points less (95 % interval -33.4 to -5.2), which luck alone hardly explains."
    )


def test_a_period_is_that_of_both_groups():
    book = [*several("a", 1, 1), *several("b", 1, 3), *several("a", 5, 0, on(5, 5))]
    asked = {"by": "source", "groups": ("a", "b")}
    found = metrics.compare(metrics.win_rate, book, period=Q1, **asked)
    assert (found.one.denominator, found.other.denominator) == (2, 4)
    early = metrics.compare(metrics.win_rate, book, as_of=at(4), **asked)
    assert (early.one.denominator, early.as_of) == (0, at(4))


def test_groups_of_several_columns():
    book = [*several("a", 1, 1, owner="kim"), *several("a", 1, 0, 6), *several("b", 0, 1, 7)]
    by = ["source", "owner_id"]
    found = metrics.compare(metrics.win_rate, book, by=by, groups=(("a", "kim"), ("a", None)))
    assert (found.one.value, found.other.value) == (0.5, 1.0)
    assert (found.one_is, found.other_is) == (
        *("for source a, owner_id kim", "for source a, no owner_id"),
    )
    one_name = metrics.compare(metrics.win_rate, book, by=["source"], groups=(("a",), ("b",)))
    assert one_name.other.value == 0.0


def test_what_else_a_key_holds_is_compared_one_by_one():
    steps = ((at(1), "open"), (at(3), "to", "qualification"), (at(8), "to", "meeting"))
    book = [
        lived("D-1", *steps, source="a"),
        lived("D-2", *steps[:2], (at(5), "to", "meeting"), source="b"),
        lived("D-3", (at(1), "open"), source="b"),
    ]
    asked = {"by": "source", "groups": ("a", "b"), "as_of": at(9)}
    found = metrics.compare(metrics.time_in_stage, book, **asked)
    assert [*found] == ["prospecting", "qualification", "meeting"]
    # Finished visits: 5 days, and 2.
    assert found["qualification"].change["mean_days"] == 3.0
    assert found["qualification"].sentence == (
        "For stage qualification, the time in stage came to 5.0 days for source a and to 2.0 days "
        "for source b: 3.0 days more; whether by luck, these numbers do not tell."
    )
    assert found.names == ("stage",)
    assert found.to_dicts()[1]["one.mean_days"] == 5.0
    # A stage that only one has come to.
    partly = metrics.compare(metrics.time_in_stage, [book[0], book[2]], **asked)
    assert partly["meeting"].other is None
    flows = metrics.compare(metrics.stage_flow, book, **asked)
    assert flows["prospecting", "qualification"].change["n_moves"] == 0
    assert flows.names == ("stage", "next_stage")


def test_a_group_that_there_is_not():
    book = several("a", 1, 1)
    found = metrics.compare(metrics.win_rate, book, by="source", groups=("a", "b"))
    assert (found.other, found.change["value"], found.interval) == (None, None, None)
    assert found.sentence == (
        "The win rate came to 50.0% (1 of 2) for source a; for source b it is unknown, so no "
        "difference can be told."
    )
    turned = metrics.compare(metrics.win_rate, book, by="source", groups=("b", "a"))
    assert turned.sentence == found.sentence
    assert turned.to_dict()["one.value"] is None
    neither = metrics.compare(
        metrics.average_deal_size, book, by="source", groups=("b", None), as_of=at(9)
    )
    assert neither.sentence == ("The average deal size is unknown for source b and for no source.")
    assert (dict(neither.change), neither.as_of) == ({}, at(9))
    assert neither.sentence in str(neither)


def test_what_two_groups_leave_out_adds_up():
    book = [*several("a", 2, 0), *several("b", 1, 0), still_open("O", 1, source="a")]
    book += [won("P", 1, 5, 100, source="b")]
    found = metrics.compare(metrics.average_deal_size, book, by="source", groups=("a", "b"))
    assert dict(found.left_out) == {"no_amount": 3}


# Two definitions.


def test_two_bases():
    # Created in the first quarter: 2, both lost later. Closed in it: 2 older ones, of which 1 won.
    book = [
        *(won("D-1", on(1), on(5)), lost("D-2", on(1), on(9))),
        *(lost("D-3", on(1, 2), on(5, 5)), lost("D-4", on(2, 2), on(6, 5))),
    ]
    found = metrics.compare(metrics.win_rate, book, period=Q1, against={"basis": "created"})
    assert (found.one.value, found.other.value) == (0.5, 0.25)
    assert (found.one_is, found.other_is) == ("with basis='closed'", "with basis='created'")
    assert found.other == metrics.win_rate(book, period=Q1, basis="created")
    # The 97.5 % intervals of 1 of 2 and of 1 of 4, with z = 2.24140, z² = 5.02389:
    #   1 of 2: 0.5 ± z √((0.25 + z² ÷ 8) ÷ 2) ÷ (1 + z² ÷ 2) = 0.5 ± 1.48507 ÷ 3.51194
    #   1 of 4: (0.25 + z² ÷ 8 ± z √((0.1875 + z² ÷ 16) ÷ 4)) ÷ (1 + z² ÷ 4)
    #           = (0.87799 ± 0.79364) ÷ 2.25597
    low, high = 0.5 - 0.42286 - 0.74098, 0.5 + 0.42286 - 0.03739
    assert found.interval == pytest.approx((low, high), abs=1e-4)
    assert found.is_significant is False


def test_two_definitions_that_differ_beyond_doubt():
    # Open deals count below the line of the one: 90 of 90 won, and 90 of 300.
    book = [*several("a", 90, 0), *(still_open(f"O{n}", 1) for n in range(210))]
    found = metrics.compare(metrics.win_rate, book, against=metrics.conversion_rate)
    assert (found.one.value, found.other.value) == (1.0, 0.3)
    assert found.is_significant is True
    assert found.sentence.startswith(
        "The win rate came to 100.0% (90 of 90) and the conversion rate to 30.0% (90 of 300): "
        "70.0 points more"
    )
    assert (found.one_is, found.other_is) == ("win rate", "conversion rate")
    nothing = metrics.compare(metrics.win_rate, [], against=metrics.conversion_rate)
    assert nothing.sentence == "The win rate is unknown, and so is the conversion rate."
    only_open = metrics.compare(
        metrics.win_rate, [still_open("O", 1)], against=metrics.conversion_rate
    )
    assert only_open.sentence == (
        "The conversion rate came to 0.0% (0 of 1); the win rate is unknown, so no difference can "
        "be told."
    )


def test_options_are_named_as_they_differ():
    book = several("a", 3, 1, amount=100)
    compare = partial(metrics.compare, metrics.win_rate, book, as_of=at(9))
    stale = compare(against={"stale_as_lost": 90})
    assert (stale.one_is, stale.other_is) == ("without stale_as_lost", "with stale_as_lost=90")
    back = compare(stale_as_lost=90, against={"stale_as_lost": None, "basis": "created"})
    assert (back.one_is, back.other_is) == (
        "with stale_as_lost=90, with basis='closed'",
        "without stale_as_lost, with basis='created'",
    )
    by_value = compare(against={"weight": "value"})
    # 300 of 400, as 3 of 4; a rate of money has no interval.
    assert (by_value.change["value"], by_value.interval) == (0.0, None)
    assert by_value.sentence == (
        "The win rate came to 75.0% (3 of 4) with weight='count' and to 75.0% (EUR 300.00 of EUR "
        "400.00) with weight='value': no difference."
    )
    mine = metrics.compare(
        metrics.measure,
        book,
        definition=count(),
        against={"definition": count(is_("outcome", "won"))},
    )
    assert mine.change["value"] == 1
    assert mine.sentence == (
        "The measure came to 4 with the one definition and to 3 with the other definition: 1 more; "
        "whether by luck, these numbers do not tell."
    )


def test_what_two_definitions_leave_out_is_counted_once():
    book = [*several("a", 2, 0), won("U", source="a")]
    found = metrics.compare(
        metrics.average_deal_size, book, period=Q1, against=metrics.average_deal_size
    )
    assert dict(found.left_out) == {"no_amount": 2, "no_closed_at": 1}
    other = metrics.compare(metrics.win_rate, book, period=Q1, against={"weight": "value"})
    assert dict(other.left_out) == {"no_closed_at": 1, "no_amount": 2}


def test_definitions_by_group_and_stage():
    book = [*several("a", 1, 1), *several("b", 1, 0)]
    found = metrics.compare(metrics.win_rate, book, by="source", against={"basis": "created"})
    assert [*found] == ["a", "b"]
    assert found["a"].sentence.startswith("For source a, the win rate came to 50.0% (1 of 2) with")
    lives = [lived("D", (at(1), "open"), (at(3), "to", "meeting"))]
    modes = metrics.compare(metrics.stage_conversion, lives, against={"mode": "adjacent"})
    stage = modes["meeting"]
    # Reached by 1; nothing has left it.
    assert (stage.one.n_entered, stage.other, stage.interval) == (1, None, None)
    first = modes["prospecting"]
    assert first.interval == at_most_apart((1, 1), (1, 1))


# Sentences.


def test_sentences_of_all_kinds_of_numbers():
    book = [
        won("D-1", on(1), on(11), 100, source="a"),
        won("D-2", on(1, 4), on(21, 4), usd(50), source="b"),
        *several("b", 1, 1, on(20, 5), amount=50),
    ]
    compare = partial(metrics.compare, by="source", groups=("a", "b"))
    euros = [deal for deal in book if deal.id != "D-2"]
    sizes = compare(metrics.average_deal_size, euros)
    assert sizes.sentence == (
        "The average deal size came to EUR 100.00 for source a and to EUR 50.00 for source b: "
        "EUR 50.00 more; whether by luck, these numbers do not tell."
    )
    apart = compare(metrics.average_deal_size, book[:2])
    assert apart.sentence.endswith(
        "and to USD 50.00 for source b: these are two currencies, so no difference can be told."
    )
    cycles = compare(metrics.cycle_time, book[:2])
    assert cycles.sentence == (
        "The cycle time came to 10.0 days for source a and to 20.0 days for source b: 10.0 days "
        "less; whether by luck, these numbers do not tell."
    )
    news = compare(metrics.new_pipeline, euros)
    assert news.sentence.startswith("The new pipeline came to EUR 100.00 for source a and to EUR")
    numbers = compare(metrics.summary, euros, as_of=at(1, month=8))
    # The summary's own: a win rate, of 1 of 1 and of 1 of 2.
    assert numbers.sentence.startswith(
        "The win rate came to 100.0% (1 of 1) for source a and to 50.0% (1 of 2) for source b: "
        "50.0 points more (95 % interval "
    )
    speeds = compare(metrics.pipeline_velocity, euros, as_of=at(1, month=8))
    assert speeds.sentence.startswith("The pipeline velocity came to EUR 0.00 a day for source a")
    same = compare(metrics.touchpoints, euros)
    assert same.sentence == (
        "The touchpoints came to 0.00 for source a and to 0.00 for source b: no difference."
    )


def test_sentences_of_periods():
    book = [*several("a", 1, 1), *several("a", 2, 0, on(20, 4))]
    found = metrics.compare(metrics.win_rate, book, period=Q2, as_of=at(5, month=5))
    assert found.sentence == (
        "The win rate came to 100.0% (2 of 2) in 2026-Q2 so far and to 50.0% (1 of 2) in 2026-Q1 "
        "equally far: 50.0 points more (95 % interval -27.3 to 90.5), which the data cannot tell "
        "from luck."
    )
    assert found.to_dict()["sentence"] == found.sentence
    whole = metrics.compare(metrics.win_rate, book, period=Q2, by="source")["a"]
    assert whole.sentence.startswith(
        "For source a, the win rate came to 100.0% (2 of 2) in 2026-Q2 and to 50.0%"
    )


@attrs.frozen
class Plain(Result):
    """No number is called value."""

    word: str
    n_deals: int


@attrs.frozen
class Wordy(Result):
    """No number at all."""

    word: str


def test_sentences_of_results_of_ones_own():
    def deals(data, **_options):
        return Plain("deals", len(data))

    found = metrics.compare(deals, [1, 2], against=lambda _, **__: Plain("none", 0))
    assert found.sentence == (
        "The deals came to 2 and the number to 0: 2 more; whether by luck, these numbers do not "
        "tell."
    )
    wordy = metrics.compare(lambda _, **__: Wordy("a"), [], period=Q1)
    assert wordy.sentence == "The number is unknown in 2026-Q1 and in 2025-Q4."


# What is refused.


@pytest.mark.parametrize(
    ("options", "parameter", "fact"),
    [
        ({"groups": ("a", "b")}, "groups", "nothing says what they are groups of"),
        ({"groups": ("a", "a"), "by": "source"}, "groups", "they are no two groups"),
        ({"groups": ("a", "b", "c"), "by": "source"}, "groups", "they are no two groups"),
        ({"groups": "ab", "by": "source"}, "groups", "they are no two groups"),
        ({"groups": ("a", "b"), "by": ["source"]}, "groups", "have keys of 1"),
        (
            {"groups": (("a", 1), ("b",)), "by": ["source", "owner_id"]},
            "groups",
            "groups by source, owner_id have keys of 2",
        ),
        (
            {"groups": ("a", "b"), "by": "source", "against": {"basis": "created"}},
            "against",
            "cannot compare with groups and against at once",
        ),
        (
            {"against": {"basis": "created"}, "period": Q2, "previous": Q1},
            "previous",
            "cannot compare with against and previous at once",
        ),
        ({"against": {}}, "against", "no option differs"),
        ({"against": {"period": Q1}}, "against", "period is of both sides"),
        ({"against": {"by": "source"}}, "against", "by is of both sides"),
        ({"against": "created"}, "against", "it is no metric, and no options"),
        ({"against": {"wieght": "value"}}, "wieght", "cannot take option 'wieght'"),
        ({"against": metrics.average_deal_size}, "against", "cannot compare Rate with DealSize"),
        ({"against": metrics.time_in_stage, "as_of": at(1)}, "against", "Rate with Breakdown"),
        ({"against": lambda _, **__: 5}, "metric", "cannot compare 5: it is no result"),
        ({"groups": ("a", "b"), "by": "source", "every": "month"}, "every", "two sides"),
        ({"groups": ("a", "b"), "by": "source", "period": "2026"}, "period", "it is no Period"),
    ],
)
def test_what_cannot_be_compared_is_refused(options, parameter, fact):
    with pytest.raises(OptionError, match=fact) as caught:
        metrics.compare(metrics.win_rate, [], **options)
    assert caught.value.parameter == parameter


def test_groups_of_what_has_none():
    with pytest.raises(OptionError, match="cannot compare groups of 5: it is no result"):
        metrics.compare(lambda _, **__: 5, [], by="source", groups=("a", "b"))
    with pytest.raises(ColumnError, match="colour"):
        metrics.compare(metrics.win_rate, several("a", 1, 0), by="colour", groups=("a", "b"))


def test_it_pickles_and_copies():
    found = metrics.compare(metrics.win_rate, several("a", 2, 1), against={"basis": "created"})
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):  # noqa: S301 - our own
        assert again == found


def test_data_that_can_be_read_once_is_read_once():
    found = metrics.compare(
        metrics.win_rate, iter(several("a", 2, 1)), against={"basis": "created"}
    )
    assert found.one == found.other


# Frames, laws.


@pytest.mark.parametrize("backend", FRAMES)
def test_frames_say_the_same(backend):
    dataset = make_deals(150, seed=5)
    tables = facts.to_frame(dataset.deals, backend=backend, at=dataset.as_of)
    asked = [
        {"by": "source", "groups": ("referral", "outbound")},
        {"against": {"basis": "created"}, "period": Period.year(2025)},
        {"against": metrics.conversion_rate, "by": "owner_id"},
    ]
    for options in asked:
        ours, theirs = (
            metrics.compare(metrics.win_rate, data, as_of=dataset.as_of, **options)
            for data in (dataset.deals, tables)
        )
        assert theirs.to_dicts() == ours.to_dicts()


@given(ledgers(), st.sampled_from(["owner_id", "source"]), st.sampled_from(sorted(METRICS)))
def test_each_side_is_the_metric_of_the_group(book, by, name):
    known = METRICS[name](book, by=by)
    for groups in permutations([*known, "nobody"], 2):
        found = metrics.compare(METRICS[name], book, by=by, groups=groups)
        assert (found.one, found.other) == tuple(map(known.get, groups))


def test_a_share_of_ones_own_has_the_interval_too():
    book = [*several("a", 3, 1), *several("b", 1, 3)]
    rate = share(is_("outcome", "won"))
    found = metrics.compare(metrics.measure, book, definition=rate, by="source", groups=("a", "b"))
    expected = metrics.compare(metrics.win_rate, book, by="source", groups=("a", "b"))
    assert (found.change["value"], found.interval) == (0.5, expected.interval)
