"""The whole review in one call: each part is what its own function says."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from salesflow import Calendar, Money, Period, Pipeline, Rates, datasets, metrics, review
from salesflow.errors import (
    DuplicateDealError,
    MixedCurrencyError,
    NaiveDatetimeError,
    OptionError,
    PeriodError,
)

MADE = datasets.make_deals(300, seed=5)
START, END = datetime(2025, 10, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
LAST = END - timedelta(microseconds=1)
QUARTER = Period.between(START, END)
TARGET = review.Target(metrics.win_rate, 0.5, Period.quarter(2025, 4))
PIPELINE = Pipeline.standard()


@pytest.fixture(scope="module")
def found() -> review.Report:
    """A review of the last quarter of 2025."""
    settings = review.ReportSettings(capacity={"ana": 3.0}, quiet_days=30, segments=["owner_id"])
    return review.report(MADE.deals, MADE.pipeline, START, END, targets=[TARGET], settings=settings)


def test_each_part_is_that_of_its_own_function(found):
    deals, pipeline = MADE.deals, MADE.pipeline
    assert (found.start, found.end, found.as_of) == (START, END, LAST)
    expected = {
        "numbers": metrics.compare(metrics.summary, deals, period=QUARTER, as_of=LAST),
        "targets": review.attainment(deals, TARGET, as_of=LAST),
        "waterfall": review.waterfall(deals, START, END),
        "stalled": review.stalled(deals, pipeline, as_of=LAST),
        "overdue": review.overdue(deals, pipeline, as_of=LAST),
        "slipped": review.slipped(deals, pipeline, as_of=LAST),
        "quiet": review.quiet(deals, pipeline, as_of=LAST, days=30),
        "no_next_step": review.no_next_step(deals, pipeline, as_of=LAST),
        "due_for_revisit": review.due_for_revisit(deals, pipeline, as_of=LAST),
        "bottlenecks": review.bottlenecks(deals, as_of=LAST),
        "workload": review.workload(deals, as_of=LAST, capacity={"ana": 3.0}),
        "team": review.team(deals, as_of=LAST),
        "segments": review.segments(deals, by=["owner_id"], as_of=LAST),
        "hygiene": review.hygiene(deals, as_of=LAST),
    }
    rows = found.to_dicts()
    assert set(rows) == {*expected, "at_risk"}
    for name, part in expected.items():
        assert getattr(found, name).to_dicts() == part.to_dicts(), name
        assert rows[name] == part.to_dicts(), name


def test_the_window_and_the_look_agree_on_what_is_open(found):
    """What happens at the end is in neither: an event there would be of the next window."""
    n_open = len({step.deal_id for step in found.waterfall.behind("end")})
    assert found.numbers.current.n_open == n_open
    assert sum(load.n_open for load in found.workload.values()) == n_open


def deals_at_risk():
    """D-1 is overdue by 3 days and quiet for 19, D-2 is quiet for 40 days, D-3 has a call ahead."""
    late = PIPELINE.open(
        "Acme", id="D-1", owner_id="kim", at=on(1), expected_close_on=date(2026, 3, 17)
    )
    old = PIPELINE.open("Bolt", id="D-2", owner_id="lee", at=on(1) - timedelta(days=21))
    fine = PIPELINE.open("Core", id="D-3", owner_id="kim", at=on(19))
    fine = PIPELINE.log(fine, kind="call", planned_at=on(25), at=on(19, 12))
    return [late, old, fine]


def on(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_the_deals_at_risk_are_listed_once_those_at_most_risks_first():
    found = review.report(deals_at_risk(), PIPELINE, on(10), on(20), as_of=on(20))
    assert [*found.at_risk] == ["D-1", "D-2"]
    assert found.at_risk["D-1"].risks == ("overdue 3 days", "quiet 19 days", "no next step 19 days")
    assert found.at_risk["D-2"].risks == ("quiet 40 days", "no next step 40 days")
    assert found.at_risk["D-1"].action == found.overdue.of("D-1").action
    assert "2 of 3 open deals: 0 stalled, 1 overdue, 0 slipped, 2 quiet, 2 without" in str(found)


def test_what_an_owner_works_on():
    found = review.report(deals_at_risk(), PIPELINE, on(10), on(20))
    assert [work.name for work in found.work_of("kim")] == ["Acme"]
    assert [work.name for work in found.work_of("lee")] == ["Bolt"]
    assert (found.work_of(None), found.work_of("nobody")) == ((), ())


def test_who_has_too_much_is_said():
    """One call in a visit of 19 days is 7 ÷ 19 calls a week."""
    deal = PIPELINE.open("Acme", id="D-1", owner_id="kim", at=on(1))
    deal = PIPELINE.log(deal, kind="call", occurred_at=on(2), at=on(2))
    for capacity, is_told in ((0.3, True), (0.4, False)):
        settings = review.ReportSettings(capacity={"kim": capacity})
        found = review.report([deal], PIPELINE, on(10), on(20), settings=settings)
        assert found.workload["kim"].effort == pytest.approx(7 / 19)
        assert ("Too much: kim." in str(found)) is is_told


def test_the_calendar_says_which_day_it_is():
    """Expected on 17 March, looked at when it is the 18th in Seoul, and still the 17th in UTC."""
    deals, seoul = deals_at_risk(), review.ReportSettings(calendar=Calendar("Asia/Seoul"))
    assert not review.report(deals, PIPELINE, on(10), on(17, 20)).overdue
    assert len(review.report(deals, PIPELINE, on(10), on(17, 20), settings=seoul).overdue) == 1


def test_without_deals_all_parts_say_so():
    found = review.report([], PIPELINE, START, END)
    assert (len(found.at_risk), len(found.team), len(found.segments)) == (0, 0, 0)
    assert found.numbers.current.win_rate.value is None
    assert found.waterfall.end == Money.zero("XXX")
    assert "0 of 0 open deals" in str(found)
    for page in (found.to_markdown(), found._repr_html_()):
        assert "nan" not in page.lower()


def test_several_currencies_need_rates():
    deals = [
        PIPELINE.open("A", id="D-1", amount=Money(100, "EUR"), at=START),
        PIPELINE.open("B", id="D-2", amount=Money(110, "USD"), at=START),
    ]
    with pytest.raises(MixedCurrencyError):
        review.report(deals, PIPELINE, START, END)
    rates = Rates("EUR", {"USD": "0.5"})
    found = review.report(deals, PIPELINE, START, END, settings=review.ReportSettings(rates=rates))
    assert found.waterfall.end == Money("155", "EUR")  # 100 + 110 × 0.5


# What it looks like


def test_the_page_of_a_terminal(found):
    lines = str(found).splitlines()
    window = "2025-10-01T00:00:00+00:00 to 2026-01-01T00:00:00+00:00"
    at = "as of 2025-12-31T23:59:59.999999+00:00"
    assert lines[:3] == ["Review of sales", "===============", f"{window}, {at}"]
    titles = [above for above, below in pairwise(lines) if set(below) == {"-"}]
    assert titles == [
        "The numbers",
        "The targets",
        "What changed",
        "Deals at risk",
        "Lost deals to look at again",
        "Where deals wait",
        "Who has what to do",
        "Who needs help",
        "What is won",
        "How clean the deals are",
    ]
    assert sum("as of " in line for line in lines) == 1


def test_the_numbers_stand_below_each_other(found):
    now, before = found.numbers.current, found.numbers.previous
    block = str(found).partition("The targets")[0]
    rows = {line.split("  ")[0]: line.split() for line in block.splitlines()}
    assert rows["n won"][2:] == [str(now.n_won), str(before.n_won), str(now.n_won - before.n_won)]
    assert rows["win rate"][2] == f"{now.win_rate.value:.1%}"
    told = found.numbers.sentence.replace(str(QUARTER), "the window")
    assert told.replace(str(QUARTER.previous()), "the one before") in block
    assert found.numbers.sentence not in block


def test_a_long_table_is_cut_and_says_so(found):
    n_more = len(found.at_risk) - 15
    assert n_more > 0
    assert f"… and {n_more} more in at_risk" in str(found)
    assert len(found.to_dicts()["at_risk"]) == len(found.at_risk)


def test_every_page_shows_the_same_cells(found):
    text, markdown, html = str(found), found.to_markdown(), found._repr_html_()
    for deal_id in [*found.at_risk][:15]:
        assert all(deal_id in page for page in (text, markdown, html))
    assert markdown.startswith("# Review of sales\n\n2025-10-01")
    assert markdown.count("\n## ") == html.count("<h3>") == 10


def test_what_people_write_stays_text_on_every_page():
    name = "<b>*A*|B</b>\n# _x_"
    deal = PIPELINE.open(name, id="D-1", at=on(1))
    found = review.report([deal], PIPELINE, on(10), on(20))
    assert "&lt;b&gt;*A*|B&lt;/b&gt; # _x_" in found._repr_html_()
    assert r"| \<b\>\*A\*\|B\</b\> # \_x\_ |" in found.to_markdown()
    assert "<b>*A*|B</b> # _x_" in str(found)


def test_json_holds_all_rows(found):
    page = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert {name: len(rows) for name, rows in page.items()} == {
        name: len(rows) for name, rows in found.to_dicts().items()
    }
    assert page["waterfall"][0]["amount"]["currency"] == "EUR"


def test_what_a_console_shows_of_it(found):
    assert repr(found) == (
        "<Report of sales: 2025-10-01T00:00:00+00:00 to 2026-01-01T00:00:00+00:00>"
    )


# What is refused


def test_a_look_from_before_the_end_is_refused():
    with pytest.raises(OptionError, match="it had not ended") as caught:
        review.report([], PIPELINE, START, END, as_of=START)
    assert caught.value.parameter == "as_of"


def test_a_window_that_does_not_begin_before_it_ends_is_refused():
    with pytest.raises(PeriodError):
        review.report([], PIPELINE, END, START)


@pytest.mark.parametrize("field", ["start", "end", "as_of"])
def test_instants_need_a_zone(field):
    given = {"start": START, "end": END, "as_of": END}
    given[field] = given[field].replace(tzinfo=None)
    with pytest.raises(NaiveDatetimeError):
        review.report([], PIPELINE, **given)


def test_another_thing_than_a_pipeline_is_refused():
    with pytest.raises(OptionError, match="it is no Pipeline") as caught:
        review.report([], "sales", START, END)  # type: ignore[arg-type]
    assert caught.value.parameter == "pipeline"


def test_a_deal_twice_is_refused():
    deal = PIPELINE.open("Acme", id="D-1", at=START)
    with pytest.raises(DuplicateDealError):
        review.report([deal, deal], PIPELINE, START, END)


def test_deals_may_come_once_from_an_iterator(found):
    settings = review.ReportSettings(capacity={"ana": 3.0}, quiet_days=30, segments=["owner_id"])
    again = review.report(
        iter(MADE.deals), MADE.pipeline, START, END, targets=iter([TARGET]), settings=settings
    )
    assert again.to_json() == found.to_json()
