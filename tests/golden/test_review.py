"""Cases about reviews that went wrong in other systems, each with the right answer.

They are those of CASES.md that a review answers; the number of the case stands above each, the
arithmetic beside it. Below them, a small book with every bar of the waterfall.
"""

from datetime import UTC, date, datetime, timedelta, timezone

from salesflow import Calendar, Pipeline, Stage, merge, review
from tests.shorthand import PIPELINE, at, eur, lived, lost, on, still_open, won

AUGUST_23 = date(2026, 8, 23)


def due(identity, day, **fields):
    """An open deal that is expected to close on a day."""
    return still_open(identity, 1, 100, expected_close_on=day, **fields)


# R11
def test_a_won_deal_is_not_overdue():
    open_one = due("D-1", on(5))
    won_one = PIPELINE.win(due("D-2", on(5)), at=at(4))
    found = review.overdue([open_one, won_one], as_of=at(10))
    assert [risk.deal_id for risk in found] == ["D-1"]


# R18
def test_five_days_after_its_day_it_is_five_days_overdue():
    deals = [due("D-1", on(5)), won("D-2", 1, 4, 100, expected_close_on=on(5))]
    # 10 - 5 = 5; and a closed deal counts down to nothing.
    assert [(risk.deal_id, risk.days) for risk in review.overdue(deals, as_of=at(10))] == [
        ("D-1", 5.0)
    ]
    assert len(review.overdue(deals, as_of=at(1))) == 0


ROTTING = Pipeline(
    "rotting",
    [
        Stage("new", stale_after=30),
        Stage("offer", stale_after=7),
        Stage("won", kind="won"),
        Stage("lost", kind="lost"),
    ],
)


# R28
def test_each_stage_has_a_threshold_of_its_own_and_the_clock_begins_with_the_entry():
    slow = ROTTING.open("A", id="D-1", at=at(1))
    # D-2 is 20 days old and has been in its stage for 10 of them: 10 > 7.
    moved = ROTTING.advance(ROTTING.open("B", id="D-2", at=at(1)), at=at(11))
    # D-3 is as old, and has been there for 5.
    fresh = ROTTING.advance(ROTTING.open("C", id="D-3", at=at(1)), at=at(16))
    found = review.stalled([slow, moved, fresh], ROTTING, as_of=at(21))
    assert [(risk.deal_id, risk.days, risk.threshold_days) for risk in found] == [
        ("D-2", 10.0, 7.0)
    ]


# R41
def test_the_zone_says_which_day_it_is():
    now = datetime(2026, 8, 23, 22, tzinfo=UTC)  # 24 August, 05:00 in Ho Chi Minh City
    deals = [due("D-1", AUGUST_23)]
    there = Calendar("Asia/Ho_Chi_Minh")
    assert [risk.days for risk in review.overdue(deals, as_of=now, calendar=there)] == [1.0]
    # The zone is that of the calendar, whatever clock the instant was read from.
    shown = now.astimezone(timezone(timedelta(hours=-8)))
    assert len(review.overdue(deals, as_of=shown, calendar=there)) == 1
    assert len(review.overdue(deals, as_of=now)) == 0


# R43
def test_a_day_stays_a_day():
    deal = lost("D-1", on(1, 10), on(12, 10), 100)
    west = timezone(timedelta(hours=-7))
    noon = datetime(2026, 10, 12, tzinfo=west)
    found = review.waterfall([deal], noon, noon + timedelta(days=1))
    [step] = found.behind("lost")
    assert (step.precision, step.at.date()) == ("day", on(12, 10))
    # The day after holds it no more.
    later = review.waterfall([deal], noon + timedelta(days=1), noon + timedelta(days=2))
    assert later.behind("lost") == ()


# R46
def test_a_merged_deal_counts_once():
    one = lived("D-1", (at(1), "open"), amount=eur(10_000))
    two = lived("D-2", (at(1), "open"), amount=eur(10_000))
    found = review.waterfall([merge(two, one, at=at(12))], at(10), at(20))
    # Two deals before, one after: 20,000 - 10,000.
    assert (found.start, found.changes["merged"], found.end) == (
        eur(20_000),
        eur(-10_000),
        eur(10_000),
    )
    assert [deal.id for deal in review.snapshot([merge(two, one, at=at(12))], at=at(11))] == [
        "D-2",
        "D-1",
    ]


# R50
def test_another_price_or_date_is_no_work_on_a_deal():
    deal = ROTTING.advance(ROTTING.open("A", id="D-1", at=at(1)), at=at(2))
    edited = ROTTING.update(deal, amount=eur(5), expected_close_on=on(1, 3), at=at(9))
    called = ROTTING.log(deal, "call", at=at(9))
    for clock, stalled in (("stage", ["edited", "called"]), ("activity", ["edited"])):
        told = {"edited": edited, "called": called}
        found = [
            name
            for name, one in told.items()
            if review.stalled([one], ROTTING, as_of=at(10), clock=clock)
        ]
        assert found == stalled


# S12
def test_days_have_one_sign_and_one_clock():
    deal = ROTTING.advance(ROTTING.open("A", id="D-1", at=at(1)), at=at(2))
    [risk] = review.stalled([deal], ROTTING, as_of=at(12))
    # 12 - 2 = 10 days in the stage, of which 10 - 7 = 3 too many.
    assert (risk.days, risk.days - risk.threshold_days) == (10.0, 3.0)


def test_every_bar_of_a_small_book():
    stays = lived("D-1", (at(1), "open"), amount=eur(100))
    raised = PIPELINE.update(
        lived("D-2", (at(1), "open"), amount=eur(200)), amount=eur(250), at=at(11)
    )
    cut = PIPELINE.update(lived("D-3", (at(1), "open"), amount=eur(50)), amount=eur(20), at=at(12))
    gone = lived("D-4", (at(1), "open"), (at(13), "lose"), amount=eur(40))
    sold = lived("D-5", (at(1), "open"), (at(14), "win"), amount=eur(300))
    back = lived(
        "D-6", (at(1), "open"), (at(2), "lose"), (at(15), "reopen", "prospecting"), amount=eur(70)
    )
    new = lived("D-7", (at(16), "open"), amount=eur(60))
    twin = merge(
        lived("D-8", (at(1), "open"), amount=eur(5)),
        lived("D-9", (at(1), "open"), amount=eur(3)),
        at=at(17),
    )
    book = [stays, raised, cut, gone, sold, back, new, twin]
    found = review.waterfall(book, at(10), at(20))
    # Start: 100 + 200 + 50 + 40 + 300 + 5 + 3 = 698. End: 100 + 250 + 20 + 70 + 60 + 5 = 505.
    assert found.bars == {
        "start": eur(698),
        "created": eur(60),
        "reopened": eur(70),
        "amount_up": eur(50),
        "amount_down": eur(-30),
        "won": eur(-300),
        "lost": eur(-40),
        "merged": eur(-3),
        "end": eur(505),
    }
