"""Cases about numbers that went wrong in other systems, each with the right answer.

They are those of CASES.md that the metrics of today answer; the number of the case stands above
each, the arithmetic beside it. Below them, the examples of the design.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from salesflow import Money, Period, Pipeline, Rates, Stage, facts, metrics
from salesflow.errors import MixedCurrencyError, OptionError
from tests.shorthand import NOW, PIPELINE, at, eur, known, lived, lost, on, still_open, usd, won

UNWINDABLE = Pipeline(
    "small",
    ["new", "offer", Stage("won", kind="won"), Stage("lost", kind="lost")],
    allow_unwin=True,
)


def chance(identity, amount, probability):
    """An open deal with a chance of its own."""
    price = amount if isinstance(amount, Money) else eur(amount)
    return PIPELINE.open(identity, id=identity, amount=price, probability=probability, at=at(1))


# R3
def test_a_win_that_was_undone_is_no_win_and_stays_in_the_history():
    deals = [UNWINDABLE.open(f"D{n}", id=f"D{n}", at=at(1)) for n in (1, 2, 3, 4)]
    one = UNWINDABLE.win(UNWINDABLE.advance(deals[0], at=at(2)), at=at(3))
    one = UNWINDABLE.reopen(one, "new", reason="cancelled", at=at(4))
    deals[0] = one
    rate = metrics.win_rate(deals)
    # Closed: 0 of 4, so 0 ÷ 0.
    assert (rate.value, rate.numerator, rate.denominator) == (None, 0, 0)
    assert metrics.summary(deals, as_of=NOW).n_open == 4
    assert one.closed_at is None
    visits = facts.visit_columns([one])
    assert visits["stage"] == ["new", "offer", "won", "new"]
    assert visits["days"] == [1.0, 1.0, 1.0, None]


# R7
def test_each_deal_is_weighted_with_its_own_chance():
    book = [chance("D-1", 100, 0.99), chance("D-2", 200, 0.0)]
    # 99 + 0; the sum times the mean chance would be 300 × 0.495 = 148.5.
    found = metrics.weighted_pipeline(book, as_of=NOW)
    assert (found.total, found.unweighted) == (eur(99), eur(300))


# R9
def test_a_win_that_was_undone_is_weighted_with_the_chance_of_its_stage():
    stages = [Stage("new"), Stage("proposal", probability=0.5)]
    pipeline = Pipeline(
        "weighted",
        [*stages, Stage("won", kind="won"), Stage("lost", kind="lost")],
        allow_unwin=True,
    )
    deal = pipeline.advance(pipeline.open("D", amount=eur(1000), at=at(1)), at=at(2))
    deal = pipeline.win(deal, at=at(3))
    assert metrics.weighted_pipeline([deal], as_of=NOW).total == eur(0)
    back = pipeline.reopen(deal, "proposal", reason="cancelled", at=at(4))
    # 1,000 × 0.5; the chance of the win would give 1,000.
    assert metrics.weighted_pipeline([back], as_of=NOW).total == eur(500)


# R14
def test_closed_deals_are_no_part_of_what_is_open():
    millions = [("won", 30), ("lost", "19.5"), ("meeting", 25), ("proposal", 16)]
    book = [
        known(f"D-{n}", stage, 1, 5 if stage in ("won", "lost") else None, eur(f"{amount}e6"))
        for n, (stage, amount) in enumerate(millions)
    ]
    table = facts.deal_columns(book)
    pairs = zip(table["outcome"], table["amount"], strict=True)
    still = sum(amount for outcome, amount in pairs if outcome == "open")
    # 25 + 16 = 41.0 M; all four together would be 90.5 M.
    assert still == Decimal("41.0e6")
    assert sum(table["amount"]) == Decimal("90.5e6")
    summary = metrics.summary(book, as_of=NOW)
    assert (summary.n_open, summary.n_won, summary.n_lost) == (2, 1, 1)


# R25
def test_a_young_book_does_not_pretend_to_be_quick():
    wins = [won("D-1", 1, 31), won("D-2", 1, on(10, 2))]
    book = [*wins, *(still_open(f"O-{n}", 1) for n in range(3))]
    found = metrics.cycle_time(book, censored=True, as_of=at(11, month=4))
    # (30 + 40) ÷ 2 of the two that closed; of all five, 3/5 are still open after 100 days.
    assert (found.mean_days, found.n) == (35.0, 2)
    assert (found.km_median_days, found.n_censored) == (None, 3)


# R17, S6
def test_a_lost_deal_weighs_nothing():
    deal = PIPELINE.lose(chance("D", 1000, 0.6), "price", at=at(9))
    found = metrics.weighted_pipeline([deal], as_of=NOW)
    assert (found.total, found.n_open) == (Money(0, "EUR"), 0)
    assert metrics.weighted_pipeline([deal], as_of=at(8)).total == eur(600)


# R20
def test_a_lead_that_is_in_proposal_now_was_a_lead():
    pipeline = Pipeline(
        "leads", ["lead", "proposal", Stage("won", kind="won"), Stage("lost", kind="lost")]
    )
    deal = pipeline.advance(pipeline.open("A", at=at(1)), at=at(2))
    found = metrics.stage_conversion([deal])
    # Reached Lead 1, reached Proposal 1: by today's stage alone, nobody would be in Lead.
    assert {stage: rate.n_entered for stage, rate in found.items()} == {"lead": 1, "proposal": 1}
    assert found["lead"].value == 1.0


# R21
def test_a_step_that_nobody_reached_has_no_rate():
    steps = [(8, [("demo", on(1)), ("offer", on(2))]), (2, [("demo", on(1))])]
    pipeline = Pipeline(
        "steps", ["demo", "offer", "trial", Stage("won", kind="won"), Stage("lost", kind="lost")]
    )
    book = [
        pipeline.restore(id=f"{visits[-1][0]}-{n}", stage=visits[-1][0], visits=visits)
        for number, visits in steps
        for n in range(number)
    ]
    found = metrics.stage_conversion(book, stages=["demo", "offer", "trial"])
    # Reached: 10, 8, 0 and, won, 0. So 8 ÷ 10, 0 ÷ 8 and 0 ÷ 0, which is no 100 %.
    assert [rate.n_entered for rate in found.values()] == [10, 8, 0]
    assert [rate.value for rate in found.values()] == [0.8, 0.0, None]


# R23
def test_each_step_of_the_funnel_is_part_of_the_one_before():
    skipped = [("prospecting", on(1)), ("proposal", on(3)), ("won", on(4))]
    book = [
        PIPELINE.restore(id="D-1", stage="won", visits=skipped),
        PIPELINE.restore(id="D-2", stage="lost", visits=[("meeting", on(2)), ("lost", on(5))]),
        PIPELINE.restore(id="D-3", stage="meeting", visits=[("meeting", on(2))]),
        PIPELINE.restore(id="D-4", stage="proposal", visits=[("proposal", on(2))]),
    ]
    found = metrics.stage_conversion(book)
    # All four reached meeting; two proposal, D-1 and D-4; nobody visited negotiation.
    assert {stage: (rate.n_entered, rate.n_next) for stage, rate in found.items()} == {
        "prospecting": (4, 4),
        "meeting": (4, 2),
        "proposal": (2, 1),
    }
    assert [rate.n_implied for rate in found.values()] == [3, 2, 0]


# R26
def test_a_negative_cycle_is_left_out_and_counted_never_turned_around():
    found = metrics.cycle_time([won("D-1", 1, 11), won("D-2", 20, 10)])
    # 10 days; the other would be 10 below 0, which abs() would make a second 10.
    assert (found.mean_days, found.median_days, found.n) == (10.0, 10.0, 1)
    assert dict(found.left_out) == {"negative_cycle": 1}


# R27
def test_a_cycle_begins_with_the_entry_into_the_first_stage():
    deal = lived("D", (at(1), "open"), (at(6), "to", "qualification"), (at(11), "win"))
    # 1 to 11 January is 10 days; from the end of the first stay it would be 5.
    for start in ("created", "first_stage"):
        assert metrics.cycle_time([deal], start=start).mean_days == 10.0


# R30
def test_two_currencies_add_up_with_rates_apart_or_not_at_all():
    book = [won("D-1", 1, 5, usd(50)), won("D-2", 1, 5, eur(50))]
    apart = metrics.average_deal_size(book, by="currency")
    assert {code: size.total for code, size in apart.items()} == {"EUR": eur(50), "USD": usd(50)}
    rates = Rates("BRL", {"USD": "1.5", "EUR": "2.0"})
    # 50 × 1.5 + 50 × 2.0
    assert metrics.average_deal_size(book, rates=rates).total == Money(175, "BRL")
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
        metrics.average_deal_size(book)


# R31
def test_a_mixed_total_is_refused_and_never_0():
    book = [won("D-1", 1, 5, usd(50)), won("D-2", 1, 5, eur(50)), still_open("D-3", 1)]
    for metric in (metrics.summary, metrics.pipeline_velocity):
        with pytest.raises(MixedCurrencyError):
            metric(book, as_of=NOW)
    with pytest.raises(MixedCurrencyError):
        metrics.win_rate(book, weight="value")


# R32
def test_the_currency_travels_with_the_number():
    book = [won("D-1", 1, 5, usd(100)), won("D-2", 1, 5, usd(50))]
    found = metrics.average_deal_size(book, rates=Rates("EUR", {"USD": "0.9"}))
    # Line and total alike: 90 and 45.
    assert (found.total, found.mean, found.median) == (eur(135), eur("67.5"), eur("67.5"))
    assert (found.currency, found.to_dict()["currency"]) == ("EUR", "EUR")
    assert "EUR 135.00" in str(found)
    assert "USD" not in str(found)


# R37
def test_a_book_in_another_currency_is_worth_something():
    rates = Rates("EUR", {"USD": {date(2026, 1, 1): "0.8", date(2026, 3, 1): "0.9"}})
    book = [chance("D-1", usd(100), 0.5), chance("D-2", Money(100, "CHF"), 0.5)]
    # At the rate of as_of: 80 × 0.5, and 90 × 0.5; francs have none, and are counted.
    for when, worth in ((at(20), eur(40)), (at(5, month=3), eur(45))):
        found = metrics.weighted_pipeline(book, as_of=when, rates=rates)
        assert (found.total, dict(found.left_out)) == (worth, {"no_rate": 1})


# R37
def test_open_deals_of_another_currency_are_worth_the_rate_of_as_of():
    rates = Rates("EUR", {"USD": {date(2026, 1, 1): "0.8", date(2026, 3, 1): "0.9"}})
    book = [still_open("D-1", 1, usd(100)), still_open("D-2", 1, Money(100, "CHF"))]
    options = {"weight": "value", "stale_as_lost": 10, "rates": rates}
    # Both are stale, so below the line; francs have no rate: counted, not "nothing".
    for when, worth in ((at(20), eur(80)), (at(5, month=3), eur(90))):
        found = metrics.win_rate(book, as_of=when, **options)
        assert (found.denominator, dict(found.left_out)) == (worth, {"stale_no_rate": 1})


# R41
def test_an_instant_belongs_to_the_day_of_the_one_zone_that_is_named():
    zone = "Asia/Ho_Chi_Minh"
    deal = won("D", date(2026, 8, 1), datetime(2026, 8, 23, 22, tzinfo=UTC))
    # 22:00Z is 5:00 on the 24th there.
    counted = {
        day: metrics.win_rate(
            [deal],
            period=Period.between(date(2026, 8, day), date(2026, 8, day + 1), zone=zone),
        ).denominator
        for day in (23, 24)
    }
    assert counted == {23: 0, 24: 1}


# R43
def test_an_evening_in_another_zone_is_of_its_own_day():
    pacific = timezone(timedelta(hours=-7))
    deal = won("D", date(2026, 10, 1), datetime(2026, 10, 12, 17, 27, tzinfo=pacific))
    day = date(2026, 10, 12)
    there, in_utc = (
        Period.between(day, day + timedelta(days=1), zone=zone)
        for zone in ("America/Los_Angeles", "UTC")
    )
    assert metrics.win_rate([deal], period=there).denominator == 1
    assert metrics.win_rate([deal], period=in_utc).denominator == 0  # stored as 00:27Z on the 13th


# R43
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Pacific/Kiritimati"])
def test_a_day_stays_the_day_it_is_in_every_zone(zone):
    day = date(2026, 10, 12)
    deal = won("D", day, day)
    found = metrics.win_rate([deal], period=Period.between(day, date(2026, 10, 13), zone=zone))
    assert found.denominator == 1
    assert metrics.win_rate([deal], period=Period.month(2026, 10, zone=zone)).denominator == 1


# S1
def test_a_rep_without_losses_has_won_everything():
    book = [
        won("D-1", 1, 5, 100, "A"),
        won("D-2", 1, 5, 50, "B"),
        lost("D-3", 1, 5, 50, "B"),
    ]
    by_rep = metrics.win_rate(book, weight="value", by="owner_id")
    # A: 100 ÷ 100; B: 50 ÷ 100; both: 150 ÷ 200
    assert [rate.value for rate in by_rep.values()] == [1.0, 0.5]
    assert metrics.win_rate(book, weight="value").value == 0.75
    assert metrics.win_rate(book[:1], weight="value").value == 1.0


# S2
def test_a_cycle_runs_from_creation_to_closing():
    deal = won("D", date(2026, 1, 1), date(2026, 1, 31))
    assert metrics.cycle_time([deal]).mean_days == 30.0
    assert facts.deal_columns([deal])["cycle_days"] == [30.0]


# S4
def test_an_open_deal_of_any_category_is_open():
    deal = still_open("D", 1, category="MostLikely")
    found = metrics.summary([deal], as_of=NOW)
    assert (found.n_open, found.n_won, found.n_lost) == (1, 0, 0)
    assert facts.deal_columns([deal])["category"] == ["MostLikely"]


# S5
def test_a_rate_says_whether_it_is_of_deals_or_of_their_value():
    book = [won("W", 1, 5, 100_000)] + [lost(f"L-{n}", 1, 5, 1_000) for n in range(9)]
    by_count, by_value = metrics.win_rate(book), metrics.win_rate(book, weight="value")
    # 1 ÷ 10, and 100,000 ÷ 109,000
    assert (by_count.value, by_count.denominator) == (0.1, 10)
    assert by_value.value == pytest.approx(0.917431, abs=5e-7)
    assert (by_value.numerator, by_value.denominator) == (eur(100_000), eur(109_000))


# S6
def test_a_lost_deal_adds_nothing_whatever_it_was_worth():
    found = metrics.summary([lost("D", 1, 5, 1000)], as_of=NOW)
    assert (found.total_won, found.n_open, found.average_deal_size.mean) == (eur(0), 0, None)


# S13
def test_count_and_value_of_wins_have_the_same_date():
    book = [
        won("D-1", on(1), on(5, 2), 100),  # created in January, won in February
        won("D-2", on(1, 2), on(20, 2), 30),
        won("D-3", on(2, 2), on(1, 3), 7),  # created in February, won in March
    ]
    found = metrics.summary(book, as_of=NOW, period=Period.month(2026, 2))
    assert (found.n_won, found.total_won, found.average_deal_size.n_priced) == (2, eur(130), 2)
    assert found.cycle_time.n == 2


# S18
def test_what_depends_on_now_asks_when_that_is():
    book = [still_open("D", 1)]
    for metric in (metrics.summary, metrics.pipeline_velocity, metrics.time_in_stage):
        with pytest.raises(TypeError, match="as_of"):
            metric(book)
    with pytest.raises(OptionError, match="how old they are depends on as_of"):
        metrics.win_rate(book, stale_as_lost=30)


# S19
def test_a_win_that_skipped_a_stage_is_no_visit_to_it():
    path = [("qualification", on(1)), ("proposal", on(3)), ("won", on(4))]
    skipped = PIPELINE.restore(id="D-1", stage="won", visits=path)
    lived_through = lived("D-2", (at(1), "open"), (at(8), "win"))
    book = [skipped, lived_through]
    reached = metrics.stage_conversion(book)["meeting"]
    # Both went beyond meeting; one of them is said to be implied.
    assert (reached.n_entered, reached.n_next, reached.n_implied) == (2, 2, 1)
    for mode in ("touched", "adjacent"):
        visited = metrics.stage_conversion(book, mode=mode)["meeting"]
        assert (visited.n_entered, visited.n_next, visited.n_implied) == (1, 1, 0)


# The design, §5 and §6.

JANUARY, MARCH = Period.month(2026, 1), Period.month(2026, 3)


def january(deals, **options):
    rate = metrics.win_rate(deals, period=JANUARY, **options)
    return rate.numerator, rate.denominator


def test_lost_in_january_reopened_won_in_march_is_no_deal_of_january_today():
    deal = lived(
        "D",
        (at(5), "open"),
        (at(20), "lose"),
        (at(3, month=2), "reopen", "prospecting"),
        (at(10, month=3), "win"),
    )
    # Today: 0 of 0. On 31 January it was 0 of 1. In March it is 1 of 1.
    assert january([deal]) == (0, 0)
    assert january([deal], as_of=at(31)) == (0, 1)
    march = metrics.win_rate([deal], period=MARCH)
    assert (march.numerator, march.denominator) == (1, 1)
    assert facts.deal_columns([deal])["n_reopened"] == [1]


def test_a_new_owner_of_a_closed_deal_moves_no_past_number():
    deal = lived("D", (at(5), "open"), (at(20), "lose"), owner_id="kim")
    before = metrics.win_rate([deal], by="owner_id")
    handed_on = PIPELINE.update(deal, owner_id="lee", at=at(1, month=2))
    assert metrics.win_rate([handed_on], by="owner_id") == before
    assert [*before] == ["kim"]
    present = metrics.win_rate([handed_on], by="owner_now_id")
    assert [*present] == ["lee"]


def test_a_corrected_amount_counts_in_the_period_of_the_closing():
    deal = lived("D", (at(5), "open"), (at(20), "win"), amount=eur(1000))
    mended = PIPELINE.update(deal, amount=eur(100), correction="a zero too many", at=at(9, month=4))
    assert metrics.average_deal_size([mended], period=JANUARY).total == eur(100)
    assert metrics.average_deal_size([mended], period=Period.month(2026, 4)).n_priced == 0
    assert metrics.average_deal_size([mended], period=JANUARY, as_of=at(31)).total == eur(1000)


def test_a_closing_nobody_dated_is_in_no_period_and_is_counted():
    book = [won("D-1", 1, 20, 10), won("D-2", 1, None, 90)]
    assert january(book) == (1, 1)
    size = metrics.average_deal_size(book, period=JANUARY)
    assert (size.total, dict(size.left_out)) == (eur(10), {"no_closed_at": 1})
    assert metrics.average_deal_size(book).total == eur(100)


def test_four_of_ten_may_be_anything_from_17_to_69_percent():
    book = [won(f"W-{n}") for n in range(4)] + [lost(f"L-{n}") for n in range(6)]
    # Wilson, z² = 3.8415: (0.4 + 0.19207 ∓ 1.96 √(0.024 + 0.0096036)) ÷ 1.38415
    assert metrics.win_rate(book).interval == pytest.approx((0.1682, 0.6873), abs=5e-5)


def test_one_snapshot_gives_the_numbers_of_that_day():
    book = [
        lived("D-1", (at(5), "open"), (at(20), "lose")),
        lived("D-2", (at(25), "open")),
        won("D-3", 1, 28, 500),
    ]
    then = facts.snapshot(book, at=at(22))
    found = metrics.summary(then, as_of=at(22))
    # Of three, one was not opened yet, one was lost, one was still open.
    assert (found.n_created, found.n_open, found.n_won, found.n_lost) == (2, 1, 0, 1)
