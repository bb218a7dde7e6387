"""In which stage do deals wait?"""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from statistics import mean, median

import attrs
import pytest

from salesflow import Rates, facts
from salesflow.datasets import STANDARD_TRUTH, make_deals
from salesflow.errors import MixedCurrencyError, NaiveDatetimeError, OptionError
from salesflow.facts import Facts
from salesflow.metrics.stats import RiskSets, end_of
from salesflow.review._stage_flows import quartile_time
from salesflow.review.bottlenecks import bottlenecks
from tests.shorthand import NOW, at, eur, known, lived, on, usd
from tests.tables import framed


def book():
    """Four deals in the first stage from 1 January on; half of them go on to the second."""
    return [
        lived("D-1", (at(1), "open"), (at(3), "to", "qualification"), (at(4), "lose"), **worth(10)),
        lived("D-2", (at(1), "open"), (at(5), "to", "qualification"), **worth(20)),
        lived("D-3", (at(1), "open"), (at(9), "lose"), **worth(30)),
        lived("D-4", (at(1), "open"), **worth(40)),
    ]


def worth(amount: int) -> dict:
    return {"amount": eur(amount)}


def test_what_comes_goes_and_waits():
    found = bottlenecks(book(), as_of=at(11))
    assert [*found] == ["prospecting", "qualification"]
    first, second = found.values()
    assert (first.n_arrivals, first.n_departures, first.growth, first.n_queue) == (4, 3, 1, 1)
    assert (second.n_arrivals, second.n_departures, second.growth, second.n_queue) == (2, 1, 1, 1)
    # Two of three that left were not lost there.
    assert (first.conversion_rate, second.conversion_rate) == (2 / 3, 0.0)
    assert (first.waiting, second.waiting) == (eur(40), eur(20))
    assert found.days == 10.0


def test_days_of_visits_with_those_that_last_censored():
    found = bottlenecks(book(), as_of=at(11))
    # 2, 4 and 8 days, and 10 so far: a quarter have left after 2, half after 4.
    assert (found["prospecting"].best_days, found["prospecting"].median_days) == (2.0, 4.0)
    # 1 day, and 6 so far.
    assert (found["qualification"].best_days, found["qualification"].median_days) == (1.0, 1.0)


def test_littles_law_is_shown():
    first = bottlenecks(book(), as_of=at(11))["prospecting"]
    # 2 + 4 + 8 + 10 = 24 days in 10 days; 4 arrivals in 10 days; those that left took 14 / 3.
    assert first.mean_queue == pytest.approx(2.4)
    assert first.stay_days == 6.0
    assert first.arrivals_per_day == 0.4
    assert first.mean_days == pytest.approx(14 / 3)
    assert first.expected_queue == pytest.approx(0.4 * 14 / 3)


def test_what_a_stage_frees():
    found = bottlenecks(book(), as_of=at(11))
    first, second = found.values()
    # First: 24 / 4 = 6 days instead of 2, and 100 euros in 10 days: 4 * 10. Second: 7 / 2 = 3.5
    # days instead of 1, and 30 euros in 10 days: 2.5 * 3.
    assert (first.arriving_per_day, second.arriving_per_day) == (eur(10), eur(3))
    assert (first.frees, second.frees) == (eur(40), eur("7.5"))
    assert first.frees_visits == pytest.approx(0.4 * 4)
    assert (found.ranking, found.ranked_by) == (("prospecting", "qualification"), "money")
    # Nothing was won: nothing more would be.
    assert (first.frees_per_day, first.won_per_day) == (None, eur(0))
    assert first.why == (
        "prospecting: a visit takes 6.0 days, and 2.0 in the best quarter; that is 4.0 less, and "
        "EUR 10.00 arrive a day: EUR 40.00 would wait no longer"
    )


def test_what_would_be_won_more():
    won = lived("D-5", (at(1), "open"), (at(1), "win"), **worth(50))
    found = bottlenecks([*book(), won], as_of=at(11))
    first = found["prospecting"]
    # 50 euros in 10 days: 5 a day. The first stage: 24 / 5 = 4.8 days instead of 2 (0, 2, 4, 8 and
    # 10 so far: a fifth after 0, two after 2), 15 euros a day: 42 of 72. The second: 7 / 3 days,
    # 8 euros a day: 56 / 3. The others hold nothing for any time.
    waits = Decimal(72) + Decimal(56) / 3
    assert first.frees == eur(42)
    assert float(first.frees_per_day.amount) == pytest.approx(float(5 * 42 / (waits - 42)))
    assert first.frees_per_day.round() == eur("4.32")
    assert "and EUR 4.32 a day be won more" in first.why
    # A stage that takes no time frees nothing.
    assert found["negotiation"].frees_per_day == eur(0)
    assert found["negotiation"].won_per_day == eur(5)


def test_where_all_would_be_freed_no_pipeline_is_left_to_compare():
    one = lived("D-1", (at(1), "open"), (at(1), "lose"), **worth(10))
    deals = [one, lived("D-2", (at(1), "open"), (at(5), "win"), **worth(10))]
    found = bottlenecks(deals, as_of=at(11))
    assert found["prospecting"].best_days == 0.0
    assert found["prospecting"].frees == eur(4)
    assert found["prospecting"].frees_per_day is None


def test_flows_of_a_window():
    found = bottlenecks(book(), as_of=at(11), since=at(3))
    first = found["prospecting"]
    # From 3 January on: nothing came; one left on the 3rd, the 5th and the 9th.
    assert (found.days, first.n_arrivals, first.n_departures, first.growth) == (8.0, 0, 3, -3)
    # Of 24 days, 8 had been waited by then.
    assert first.mean_queue == pytest.approx((24 - 8) / 8)
    assert (first.rank, first.frees, first.why) == (
        None,
        None,
        "prospecting: no rank, as no visit began",
    )
    assert found.ranking == ("qualification",)
    assert found.reasons[-1] == first.why
    second = found["qualification"]
    # 7 days in 8, 2 arrivals: 3.5 days instead of 1.
    assert second.frees == eur(30) / 8 * Decimal("2.5")


def test_a_stage_that_fewer_than_a_quarter_left_has_no_rank():
    deals = [lived(f"D-{n}", (at(1), "open"), **worth(10)) for n in range(4)]
    deals.append(lived("D-5", (at(1), "open"), (at(2), "lose"), **worth(10)))
    found = bottlenecks(deals, as_of=at(11))["prospecting"]
    assert (found.best_days, found.median_days, found.rank) == (None, None, None)
    assert found.why == "prospecting: no rank, as fewer than a quarter of its visits have ended"


def test_without_amounts_visits_are_compared():
    deals = [lived("D-1", (at(1), "open"), (at(3), "lose")), lived("D-2", (at(1), "open"))]
    found = bottlenecks(deals, as_of=at(11))
    first = found["prospecting"]
    # 2 days and 10 so far: 6 instead of 2, and 0.2 a day.
    assert (found.ranked_by, first.rank) == ("visits", 1)
    assert first.frees_visits == pytest.approx(0.8)
    assert first.why.endswith("and 0.20 visits begin a day: 0.8 fewer would wait")
    assert dict(first.left_out) == {"no_amount": 2, "no_amount_waiting": 1}


def test_what_is_unknown_is_left_out_and_counted():
    visits = [("prospecting", None), ("qualification", on(3), None), ("meeting", on(5), on(8))]
    deal = known("D", "proposal", 1, None, 5, visits=[*visits, ("proposal", on(8))])
    found = bottlenecks([deal], as_of=at(11))
    assert {stage: dict(load.left_out) for stage, load in found.items() if load.left_out} == {
        "prospecting": {"no_entered_at": 1},
        "qualification": {"no_left_at": 1},
    }
    assert found["qualification"].n_departures == 1
    assert found["meeting"].mean_days == 3.0


def test_no_deal_has_no_stage():
    found = bottlenecks([], as_of=NOW)
    assert (dict(found), found.ranking, found.days, found.currency) == ({}, (), None, "XXX")
    assert "why" in found.to_frame("polars").columns


def test_nothing_is_said_per_day_of_no_day():
    deals = [lived("D-1", (at(1), "open"), (at(1), "lose"), **worth(10))]
    found = bottlenecks(deals, as_of=at(1))["prospecting"]
    assert (found.mean_queue, found.arrivals_per_day, found.arriving_per_day) == (None, None, None)
    assert found.rank is None


def test_currencies():
    one = lived("D-1", (at(1), "open"), amount=eur(10))
    two = lived("D-2", (at(1), "open"), (at(4), "to", "meeting"), amount=usd(10))
    with pytest.raises(MixedCurrencyError):
        bottlenecks([one, two], as_of=at(11))
    rates = Rates("EUR", {"USD": {date(2026, 1, 1): "0.5"}})
    found = bottlenecks([one, two], as_of=at(11), rates=rates)
    assert (found["meeting"].waiting, found.currency) == (eur(5), "EUR")
    # In different stages too.
    apart = [lived("D-1", (at(1), "open"), (at(1), "win"), amount=eur(10)), two]
    with pytest.raises(MixedCurrencyError):
        bottlenecks(apart, as_of=at(11))


def test_a_window_begins_before_it_ends():
    with pytest.raises(OptionError, match=r"cannot look since .*: that is not before as_of"):
        bottlenecks([], as_of=at(3), since=at(3))
    with pytest.raises(NaiveDatetimeError, match="since"):
        bottlenecks([], as_of=at(3), since=at(1).replace(tzinfo=None))
    with pytest.raises(OptionError, match="cannot take option"):
        bottlenecks([], as_of=at(3), period=None)


def test_it_shows_the_ranking_with_its_reasons():
    found = bottlenecks(book(), as_of=at(11))
    text = str(found)
    assert text.splitlines()[0].split()[:3] == ["stage", "rank", "n_arrivals"]
    assert all(reason in text for reason in found.reasons)
    assert found.reasons[0].startswith("prospecting")
    row = found.to_dicts()[0]
    assert (row["stage"], row["rank"], row["waiting"]) == ("prospecting", 1, eur(40))
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize("n_before", [0, 5_000])
def test_the_quartile_of_many(n_before):
    # Of n visits that end one after the other, the quartile is the end of the first that makes a
    # quarter; those that are censored before it take it on.
    ends = Counter(end_of(time, is_event=True) for time in range(1, 40_001))
    ends.update(Counter({end_of(0, is_event=False): n_before}))
    assert quartile_time(RiskSets.of(ends)) == 10_000


@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_the_quartile_of_many_over_a_frame(kind):
    """Over polars thousands of times are passed by at once; the 10,000th of 40,000 ends it."""
    begin = at(1)
    ends = [begin + timedelta(seconds=second) for second in range(1, 40_001)]
    frame = framed(
        {
            "deal_id": [f"D-{n}" for n in range(40_000)],
            "visit": [1] * 40_000,
            "stage": ["talk"] * 40_000,
            "entered_at": [begin] * 40_000,
            "left_at": ends,
        },
        kind,
    )
    (load,) = bottlenecks(frame, as_of=at(11)).values()
    assert load.best_days == pytest.approx(10_000 / 86_400, rel=1e-12)
    assert load.median_days == pytest.approx(20_000 / 86_400, rel=1e-12)


def test_the_quartile_with_censoring():
    # 4 at risk, one censored at 1: of 3 at risk one ends at 2, so that two thirds are left.
    ends = Counter([end_of(1, is_event=False), *(end_of(t, is_event=True) for t in (2, 3, 4))])
    assert quartile_time(RiskSets.of(ends)) == 2
    late = Counter([end_of(5, is_event=False)] * 5 + [end_of(2, is_event=True)])
    assert quartile_time(RiskSets.of(late)) is None


FIGURES = [a.name for a in attrs.fields(type(bottlenecks(book(), as_of=NOW)["prospecting"]))]


@pytest.mark.parametrize("since", [None, at(1, month=6) - timedelta(days=200)])
@pytest.mark.parametrize("backend", ["polars", "polars[lazy]", "pandas", "duckdb", "pyarrow"])
def test_frames_say_the_same(backend, since):
    dataset = make_deals(150, seed=11)
    given = facts.to_frame(dataset.deals, backend=backend, at=dataset.as_of)
    ours = bottlenecks(dataset.deals, as_of=dataset.as_of, since=since)
    theirs = bottlenecks(given, as_of=dataset.as_of, since=since)
    assert [*ours] == [*theirs]
    for stage, load in ours.items():
        for name in set(FIGURES) - {"notes"}:
            assert getattr(theirs[stage], name) == getattr(load, name), (stage, name)


@pytest.mark.usefixtures("spark")
def test_spark_says_the_same():
    given = facts.to_frame(book(), backend="pyspark", at=at(11))
    theirs, ours = (bottlenecks(data, as_of=at(11)) for data in (given, book()))
    for stage, load in ours.items():
        for name in set(FIGURES) - {"notes"}:
            assert getattr(theirs[stage], name) == getattr(load, name), (stage, name)


def test_a_frame_of_visits_alone_has_no_money():
    dataset = make_deals(150, seed=11)
    given = facts.to_frame(dataset.deals, backend="polars", at=dataset.as_of)
    found = bottlenecks(given.visits, as_of=dataset.as_of)
    assert found.ranked_by == "visits"
    assert {load.waiting for load in found.values()} == {None}
    ours = bottlenecks(dataset.deals, as_of=dataset.as_of)
    assert {stage: load.frees_visits for stage, load in found.items()} == {
        stage: load.frees_visits for stage, load in ours.items()
    }


def test_a_frame_that_does_not_tell_what_comes_next():
    dataset = make_deals(150, seed=11)
    given = facts.to_frame(dataset.deals, backend="polars", at=dataset.as_of)
    visits = given.visits.drop("next_kind")
    found = bottlenecks(Facts(deals=given.deals, visits=visits), as_of=dataset.as_of)
    ours = bottlenecks(dataset.deals, as_of=dataset.as_of)
    for stage, load in found.items():
        assert (load.conversion_rate, load.won_per_day, load.frees_per_day) == (None, None, None)
        assert load.frees == ours[stage].frees


def test_kinds_of_a_frame_in_its_own_words():
    dataset = make_deals(150, seed=11)
    given = facts.to_frame(dataset.deals, backend="pandas", at=dataset.as_of)
    words = {"open": "O", "won": "W", "lost": "L"}
    visits = given.visits.assign(
        kind=given.visits["kind"].map(words), next_kind=given.visits["next_kind"].map(words)
    )
    meant = {theirs: what for what, theirs in words.items()}
    found = bottlenecks(visits, as_of=dataset.as_of, outcomes=meant)
    ours = bottlenecks(dataset.deals, as_of=dataset.as_of)
    assert {stage: load.conversion_rate for stage, load in found.items()} == {
        stage: load.conversion_rate for stage, load in ours.items()
    }


def test_amounts_of_a_frame_with_more_digits_than_cents():
    import polars as pl

    given = facts.to_frame(book(), backend="polars", at=at(11))
    third = given.deals.with_columns(amount=pl.lit(0.125))
    found = bottlenecks(Facts(deals=third, visits=given.visits), as_of=at(11))
    assert found["prospecting"].waiting == eur("0.13")
    assert any("digits beyond the minor unit" in note for note in found.notes)


def test_amounts_without_a_currency():
    import polars as pl

    given = facts.to_frame(book(), backend="polars", at=at(11))
    deals = given.deals.drop("currency")
    found = bottlenecks(Facts(deals=deals, visits=given.visits), as_of=at(11), currency="EUR")
    assert found["prospecting"].waiting == eur(40)
    unsaid = given.deals.with_columns(currency=pl.lit(None, dtype=pl.String))
    found = bottlenecks(Facts(deals=unsaid, visits=given.visits), as_of=at(11), currency="EUR")
    assert found["prospecting"].waiting == eur(40)


@pytest.mark.parametrize("slow", [*STANDARD_TRUTH.stage_days])
def test_a_planted_slow_stage_is_found(slow):
    days = {**STANDARD_TRUTH.stage_days, slow: 4 * STANDARD_TRUTH.stage_days[slow]}
    truth = attrs.evolve(STANDARD_TRUTH, stage_days=days)
    for seed in range(4):
        dataset = make_deals(600, seed=seed, truth=truth)
        assert bottlenecks(dataset.deals, as_of=dataset.as_of).ranking[0] == slow


def test_days_are_those_of_the_visits():
    dataset = make_deals(300, seed=5)
    done = [deal for deal in dataset.deals if deal.outcome != "open"]
    table = facts.visit_columns(done)
    rows = zip(table["stage"], table["days"], table["kind"], strict=True)
    days = [n for stage, n, kind in rows if kind == "open" and stage == "meeting"]
    found = bottlenecks(done, as_of=dataset.as_of)["meeting"]
    assert found.mean_days == pytest.approx(mean(days))
    # Without censoring the median is that of the visits, or the lower of two in the middle.
    assert found.median_days == pytest.approx(sorted(days)[(len(days) - 1) // 2])
    assert found.median_days <= median(days)
