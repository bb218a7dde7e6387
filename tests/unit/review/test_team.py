"""Who needs help, at which stage?"""

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest

from salesflow import Money, Period, Pipeline, Rates, Stage
from salesflow.datasets import STANDARD_TRUTH, make_deals
from salesflow.errors import (
    DataError,
    DuplicateDealError,
    MixedCurrencyError,
    NaiveDatetimeError,
    OptionError,
)
from salesflow.review._shrinkage import Tally, n_needed
from salesflow.review.team import team
from tests.shorthand import NOW, PIPELINE, at, eur, known, lived, lost, on, usd

ALIKE = attrs.evolve(STANDARD_TRUTH, owner_factor=dict.fromkeys(STANDARD_TRUTH.owner_factor, 1.0))
TALK = Pipeline("talk", [Stage("talk"), Stage("won", kind="won"), Stage("lost", kind="lost")])


def talk(identity: str, owner: str | None, *, is_won: bool | None, amount: Money | None = None):
    """A deal that is won or lost at the one stage there is, or is still there."""
    deal = TALK.open("A", id=identity, owner_id=owner, amount=amount, at=at(1))
    if is_won is None:
        return deal
    return TALK.win(deal, at=at(5)) if is_won else TALK.lose(deal, "price", at=at(5))


def talks(owner: str | None, n_won: int, n_lost: int, **fields):
    return [talk(f"{owner}-{n}", owner, is_won=n < n_won, **fields) for n in range(n_won + n_lost)]


def test_one_deal_each_by_hand():
    deals = [
        *talks("kim", 0, 1, amount=eur(1000)),
        *talks("lee", 1, 0, amount=eur(500)),
        *talks("max", 1, 0, amount=eur(700)),
    ]
    found = team(deals, as_of=NOW)
    gap = found.stages["kim", "talk"]
    assert (gap.n_decided, gap.n_passed, gap.rate) == (1, 0, 0.0)
    assert (gap.n_others, gap.n_others_passed, gap.others_rate) == (2, 2, 1.0)
    # Of one deal each nothing is learned of the spread: the strength is the least, 1 deal. The
    # others' rate is (2 + 1) / (2 + 2) = 3/4, so (0 + 1 * 3/4) / (1 + 1) = 3/8 of kim's.
    assert gap.strength == pytest.approx(1.0)
    assert gap.shrunk_rate == pytest.approx(0.375)
    # Kim's true rate is Beta(3/4, 1/4 + 1), the others' Beta(3, 1), which is below t in t³ of
    # cases: 1 - E[t³] = 1 - (3/4 * 7/4 * 11/4) / (2 * 3 * 4) = 1 - 231/64/24.
    assert gap.below_probability == pytest.approx(1 - 231 / 64 / 24)
    # Two of three are won: the chance that the one deal is the lost one is 1/3; three tests.
    assert gap.adjusted_p_value == pytest.approx(1.0)
    # (3/4 - 3/8) of one deal, and of 1,000 euros; all others that came through are won.
    assert gap.wins_lost == pytest.approx(0.375)
    assert gap.cost == eur(375)
    assert (gap.verdict, gap.n_more, found.n_tests) == ("not enough deals", None, 3)


def test_two_owners_are_one_question():
    found = team([*talks("kim", 0, 5), *talks("lee", 5, 0)], as_of=NOW)
    kim, lee = found.stages.values()
    # 5 of 10 are won; that all of them are one owner's: 2 of the 252 ways to choose.
    assert kim.adjusted_p_value == lee.adjusted_p_value == pytest.approx(2 / 252)
    assert (kim.verdict, lee.verdict, found.n_tests) == ("below", "above", 1)
    assert found.gaps == (("kim", "talk"),)
    assert (found["kim"].loses_most_at, found["kim"].cost) == ("talk", None)
    assert (found["kim"].verdict, found["lee"].verdict) == ("below", "above")
    # No amount is known: wins. Others' rate (5 + 1) / (5 + 2).
    assert kim.wins_lost == pytest.approx(5 * (6 / 7 - kim.shrunk_rate))
    assert found["kim"].why == (
        "kim: below at talk, where 0 of 5 came through, and 100.0% of the others'; the chance that "
        f"this is so is {kim.below_probability:.1%}"
    )
    assert found["lee"].why.startswith("lee: above at talk, where 5 of 5 came through, and 0.0%")


def test_as_unlikely_as_the_threshold_is_told():
    deals = [*talks("kim", 1, 3), *talks("lee", 3, 1)]
    p_value = team(deals, as_of=NOW).stages["kim", "talk"].adjusted_p_value
    verdicts = [
        team(deals, as_of=NOW, threshold=share).stages["kim", "talk"].verdict
        for share in (p_value * 0.999, p_value)
    ]
    assert verdicts == ["not enough deals", "below"]


def test_what_a_gap_costs():
    # At the first stage kim loses 8 of 10; the others bring 38 of 40 on, and win half of those.
    deals = []
    for n in range(10):
        steps = [(at(1), "open"), *([(at(2), "to", "meeting")] if n >= 8 else [])]
        fields = {"owner_id": "kim", "amount": eur(100 * (n + 1))}
        deals.append(lived(f"K-{n}", *steps, (at(3), "lose"), **fields))
    for n in range(40):
        steps = [(at(1), "open"), *([(at(2), "to", "meeting")] if n >= 2 else [])]
        end = (at(3), "win") if n % 2 else (at(3), "lose")
        end = end if n >= 2 else (at(3), "lose")
        owner = "lee" if n < 20 else "max"
        deals.append(lived(f"O-{n}", *steps, end, owner_id=owner, amount=eur(100)))
    found = team(deals, as_of=NOW)
    gap = found.stages["kim", "prospecting"]
    assert (gap.n_decided, gap.n_passed, gap.n_others, gap.n_others_passed) == (10, 2, 40, 38)
    assert gap.verdict == "below"
    assert found.gaps == (("kim", "prospecting"),)
    # Of the 38 that came through, those with an odd number are won: 19. Kim's amounts are
    # 100 * (1 + … + 10) = 5,500.
    missing = 39 / 42 - (2 + gap.strength * 39 / 42) / (10 + gap.strength)
    assert gap.shrunk_rate == pytest.approx(39 / 42 - missing)
    assert gap.wins_lost == pytest.approx(missing * 10 * 0.5)
    assert float(gap.cost.amount) == pytest.approx(missing * 5500 * 0.5, abs=0.005)
    assert found["kim"].cost == gap.cost
    assert found["kim"].loses_most_at == "prospecting"
    assert f"it cost {gap.cost}" in found["kim"].why


def test_the_gap_that_costs_most_comes_first():
    truth = attrs.evolve(ALIKE, pass_factors={"eva": {"prospecting": 0.5, "meeting": 0.4}})
    dataset = make_deals(900, seed=2, truth=truth)
    found = team(dataset.deals, as_of=dataset.as_of)
    assert set(found.gaps) == {("eva", "prospecting"), ("eva", "meeting")}
    costs = [found.stages[key].cost.amount for key in found.gaps]
    assert costs == sorted(costs, reverse=True)
    assert found["eva"].loses_most_at == found.gaps[0][1]
    assert found["eva"].cost == found.stages[found.gaps[0]].cost
    assert found["eva"].why.index(found.gaps[0][1]) < found["eva"].why.index(found.gaps[1][1])


@pytest.mark.parametrize("stage", [*STANDARD_TRUTH.stage_days])
@pytest.mark.parametrize("weak", ["ben", "fay"])
def test_a_planted_weak_owner_is_found_at_that_stage(stage, weak):
    truth = attrs.evolve(ALIKE, pass_factors={weak: {stage: 0.5}})
    dataset = make_deals(800, seed=len(stage), truth=truth)
    found = team(dataset.deals, as_of=dataset.as_of)
    assert found.gaps[0] == (weak, stage)
    assert found[weak].loses_most_at == stage
    gap = found.stages[weak, stage]
    assert gap.below_probability > 0.99
    assert gap.cost == found[weak].cost
    # What was planted: every other deal that would have come through did not. Their worth, by the
    # chance of a win once through, is what the estimate speaks of; it is a little less for caution.
    ends = {deal.id: deal for deal in dataset.deals}
    theirs = [d for d in ends.values() if d.owner_id != weak and d.outcome != "open"]
    through = [d for d in theirs if d.outcome == "won" or is_beyond(d, stage)]
    n_won = sum(deal.outcome == "won" for deal in through)
    planted = gap.n_decided * gap.others_rate * 0.5 * n_won / len(through)
    assert gap.wins_lost == pytest.approx(planted, rel=0.4)


def is_beyond(deal, stage):
    stages = [*STANDARD_TRUTH.stage_days]
    return any(
        event.stage in stages[stages.index(stage) + 1 :]
        for event in deal.history
        if event.type == "stage_changed"
    )


def test_an_owner_whose_deals_are_all_young_is_not_below():
    # New owners have deals that are not decided; no share of them has come through yet.
    settled = [d for n, owner in enumerate(("kim", "lee")) for d in talks(owner, 30 + n, 10 - n)]
    young = [talk(f"new-{n}", "max", is_won=None) for n in range(40)]
    found = team([*settled, *young], as_of=NOW)
    gap = found.stages["max", "talk"]
    assert (gap.n_decided, gap.rate, dict(gap.left_out)) == (0, None, {"undecided": 40})
    assert (gap.verdict, gap.wins_lost, gap.cost) == ("not enough deals", 0.0, None)
    assert gap.below_probability == pytest.approx(0.5, abs=0.1)
    # They change nothing for the others but the number of questions.
    assert found.stages["kim", "talk"].n_others == 40
    assert found.gaps == ()


def test_a_deal_is_the_owners_who_had_it_when_it_came_to_the_stage():
    deal = lived(
        "D-1",
        (at(1), "open"),
        (at(3), "to", "qualification"),
        (at(4), "owner", "lee"),
        (at(5), "to", "meeting"),
        (at(6), "owner", "max"),
        (at(7), "lose"),
        owner_id="kim",
    )
    found = team([deal], as_of=NOW)
    decided = {key: (g.n_decided, g.n_passed) for key, g in found.stages.items() if g.n_decided}
    # Kim had it when it was opened and when it came to qualification, lee when it came to meeting,
    # and max when it was lost: the numbers of closed deals are max's.
    assert decided == {
        ("kim", "prospecting"): (1, 1),
        ("kim", "qualification"): (1, 1),
        ("lee", "meeting"): (1, 0),
    }
    assert [*found] == ["kim", "lee", "max"]
    rates = {owner: member.win_rate.denominator for owner, member in found.items()}
    assert rates == {"kim": 0, "lee": 0, "max": 1}
    assert [member.touchpoints.n_deals for member in found.values()] == [1, 0, 0]


def test_as_of_an_instant_nothing_later_is_known():
    deal = lived("D-1", (at(1), "open"), (at(4), "to", "meeting"), (at(9), "lose"), owner_id="kim")
    then = team([deal], as_of=at(5)).stages
    assert (then["kim", "prospecting"].n_passed, then["kim", "meeting"].n_decided) == (1, 0)
    assert dict(then.left_out) == {"undecided": 1, "no_amount": 2}
    assert team([deal], as_of=at(9)).stages["kim", "meeting"].n_decided == 1
    assert not team([deal], as_of=at(1) - timedelta(days=1))


def test_a_reopened_deal_counts_by_its_last_closing():
    steps = [(at(1), "open"), (at(3), "to", "meeting"), (at(5), "lose")]
    deal = lived("D-1", *steps, (at(8), "reopen", "qualification"), owner_id="kim")
    open_again = team([deal], as_of=NOW).stages["kim", "meeting"]
    assert (open_again.n_decided, dict(open_again.left_out)) == (0, {"undecided": 1})
    lost_before = team([deal], as_of=at(6)).stages["kim", "meeting"]
    assert (lost_before.n_decided, lost_before.n_passed) == (1, 0)
    won = lived("D-1", *steps, (at(8), "reopen", "qualification"), (at(12), "win"), owner_id="kim")
    won_after = team([won], as_of=NOW)
    at_meeting = won_after.stages["kim", "meeting"]
    assert (at_meeting.n_decided, at_meeting.n_passed) == (1, 1)
    assert won_after["kim"].win_rate.value == 1.0


def test_what_passed_a_stage_over_is_no_evidence_there():
    skips = Pipeline(
        "skips",
        [Stage("talk"), Stage("demo"), Stage("won", kind="won"), Stage("lost", kind="lost")],
        allow_skip=True,
        win_from=["talk", "demo"],
    )
    deal = skips.win(skips.open("A", id="D-1", owner_id="kim", at=at(1)), at=at(2))
    other = skips.advance(skips.open("B", id="D-2", owner_id="kim", at=at(1)), at=at(2))
    found = team([deal, skips.lose(other, "price", at=at(3))], as_of=NOW).stages
    demo = found["kim", "demo"]
    assert (demo.n_decided, demo.n_passed, demo.left_out["implied"]) == (1, 0, 1)


def test_a_period_holds_what_began_closed_or_was_created_in_it():
    deals = [
        lived("D-1", (at(1), "open"), (at(2, month=2), "to", "meeting"), (at(3, month=2), "lose")),
        lived("D-2", (at(2, month=2), "open"), (at(5, month=2), "lose")),
        known("D-3", "proposal", None, None, visits=[("meeting", None), ("proposal", on(9, 2))]),
    ]
    deals = [PIPELINE.log(deal, "call", at=at(1, month=3)) for deal in deals]
    found = team(deals, as_of=NOW, period=Period.month(2026, 2))
    decided = {stage: gap.n_decided for (_, stage), gap in found.stages.items()}
    assert decided == {"prospecting": 1, "qualification": 1, "meeting": 1, "proposal": 0}
    # D-3 came to the third stage nobody knows when, and so to those before.
    assert found.stages.left_out["no_entered_at"] == 3
    member = found[None]
    assert member.win_rate.denominator == 2
    # Created in February: D-2, 27 days before; of D-3 nobody knows.
    assert (member.first_touch.n, member.first_touch.median_days) == (1, 27.0)
    assert dict(member.first_touch.left_out) == {"no_created_at": 1}
    assert found.whole.first_touch == attrs.evolve(member.first_touch)


def test_how_soon_a_deal_is_touched():
    waited = [(1, 2.0), (2, 4.0), (3, 12.0)]
    deals = []
    for n, days in waited:
        deal = lived(f"D-{n}", (at(1), "open"), (at(1), "owner", "lee"), owner_id="kim")
        deal = PIPELINE.log(deal, "note", at=at(2))
        late = at(1) + timedelta(days=days + 1)
        deal = PIPELINE.log(deal, "call", at=late, occurred_at=late)
        earlier = at(1) + timedelta(days=days)
        deals.append(PIPELINE.log(deal, "email", at=late, occurred_at=earlier))
    before = lived("D-4", (at(5), "open"), owner_id="kim")
    deals.append(PIPELINE.log(before, "call", at=at(6), occurred_at=at(4)))
    deals.append(lived("D-5", (at(1), "open"), owner_id="kim"))
    found = team(deals, as_of=NOW)["kim"].first_touch
    assert (found.mean_days, found.median_days, found.n, found.n_without) == (6.0, 4.0, 3, 1)
    assert dict(found.left_out) == {"touched_before": 1}
    # As of the tenth the third has waited without a touch.
    early = team(deals, as_of=at(10))["kim"].first_touch
    assert (early.median_days, early.n, early.n_without) == (3.0, 2, 2)


def test_a_deal_touched_at_once_has_not_waited():
    deal = PIPELINE.log(lived("D-1", (at(1), "open"), owner_id="kim"), "call", at=at(1))
    touch = team([deal], as_of=NOW)["kim"].first_touch
    assert (touch.mean_days, touch.n, dict(touch.left_out)) == (0.0, 1, {})
    # What is recorded of a day may have happened later that day.
    late = lived("D-2", (at(1), "open"), owner_id="kim")
    late = PIPELINE.log(late, "call", at=on(9), occurred_at=at(9, 20))
    waits = [team([late], as_of=at(9, hour))["kim"].first_touch for hour in (12, 20)]
    assert [(wait.n, wait.n_without) for wait in waits] == [(0, 1), (1, 0)]


def test_touches_of_a_won_deal_are_the_owners_at_closing():
    deal = lived("D-1", (at(1), "open"), owner_id="kim")
    for _ in range(3):
        deal = PIPELINE.log(deal, "call", at=at(2))
    deal = PIPELINE.update(deal, owner_id="lee", at=at(3))
    for stage in ("qualification", "meeting", "proposal", "negotiation"):
        deal = PIPELINE.move(deal, to=stage, at=at(4))
    found = team([PIPELINE.win(deal, at=at(5))], as_of=NOW)
    assert (found["lee"].touchpoints.per_win, found["kim"].touchpoints.per_win) == (3.0, None)


def test_what_nobody_owns_stands_last_and_is_compared_with_nobody():
    deals = [*talks("kim", 9, 1), *talks("lee", 8, 2), *talks(None, 0, 30)]
    found = team(deals, as_of=NOW)
    assert [*found] == ["kim", "lee", None]
    assert [owner for owner, _ in found.stages] == ["kim", "lee", None]
    nobody = found.stages[None, "talk"]
    assert (nobody.n_decided, nobody.rate, nobody.n_others) == (30, 0.0, 20)
    assert (nobody.verdict, nobody.shrunk_rate, found[None].verdict) == (None, None, None)
    # Nor is it part of the others.
    assert (found.stages["kim", "talk"].n_others, found.n_tests) == (10, 1)
    assert found[None].why == ""
    assert len(found.reasons) == 2


def test_no_deal_has_no_owner():
    found = team([], as_of=NOW)
    assert (dict(found), dict(found.stages), found.gaps, found.n_tests) == ({}, {}, (), 0)
    assert found.whole.win_rate.value is None
    assert str(found).splitlines() == ["no groups", "as of 2026-06-01T00:00:00+00:00"]
    for table in (found, found.stages):
        full = team(talks("kim", 1, 1), as_of=NOW)
        full = full if table is found else full.stages
        assert table.to_frame("polars").columns == full.to_frame("polars").columns


def test_one_owner_is_compared_with_nobody():
    found = team(talks("kim", 0, 30), as_of=NOW)
    [gap] = found.stages.values()
    assert (gap.n_decided, gap.n_others, gap.others_rate, gap.verdict) == (30, 0, None, None)
    assert (gap.adjusted_p_value, gap.cost, found["kim"].verdict, found.n_tests) == (
        *(None, None, None),
        0,
    )
    assert "comparisons" not in str(found)


def test_with_many_deals_no_gap_is_a_finding_too():
    deals = [deal for owner in ("kim", "lee", "max") for deal in talks(owner, 300, 100)]
    found = team(deals, as_of=NOW, gap=0.2)
    assert {gap.verdict for gap in found.stages.values()} == {"like the others"}
    assert {gap.n_more for gap in found.stages.values()} == {0}
    assert (found["kim"].verdict, found["kim"].n_more) == ("like the others", 0)
    assert found["kim"].why == "kim: no gap of 20 points at any stage"


def test_how_many_more_are_needed():
    deals = [*talks("kim", 9, 3), *talks("lee", 300, 100), *talks("max", 310, 90)]
    found = team(deals, as_of=NOW, gap=0.2)
    gap = found.stages["kim", "talk"]
    assert gap.verdict == "not enough deals"
    assert found["kim"].n_more == gap.n_more
    assert found["kim"].why == (
        f"kim: not enough deals to tell a gap of 20 points: it takes {gap.n_more} more at talk"
    )
    # With as many more, as good as the ones so far, it says that there is no such gap; with one
    # fewer it does not.
    more = [talk(f"more-{n}", "kim", is_won=n % 4 != 0) for n in range(gap.n_more)]
    enough = team([*deals, *more], as_of=NOW, gap=0.2).stages["kim", "talk"]
    assert (enough.verdict, enough.n_more) == ("like the others", 0)
    lacking = team([*deals, *more[1:]], as_of=NOW, gap=0.2).stages["kim", "talk"]
    assert (lacking.verdict, lacking.n_more) == ("not enough deals", 1)


def test_of_several_stages_the_one_that_needs_the_fewest_is_named():
    dataset = make_deals(500, seed=1, truth=ALIKE)
    found = team(dataset.deals, as_of=dataset.as_of)
    more = {s: g.n_more for (o, s), g in found.stages.items() if o == "ana" and g.n_more}
    fewest = min(more.values())
    assert found["ana"].n_more == fewest
    at_stage = next(stage for stage, n in more.items() if n == fewest)
    assert found["ana"].why.endswith(f"it takes {fewest} more at {at_stage}")
    assert [stage for owner, stage in found.stages if owner == "ana"] == [*ALIKE.stage_days]


def test_the_more_is_compared_the_more_deals_it_takes():
    deals = [deal for owner in ("kim", "lee", "max") for deal in talks(owner, 30, 30)]
    others = Tally(60, 120)
    found = team(deals, as_of=NOW, gap=0.2)
    needed = [gap.n_more + gap.n_decided for gap in found.stages.values()]
    assert needed == [n_needed(others, 0.2, 0.05 / 3)] * 3
    assert needed[0] > n_needed(others, 0.2, 0.05)


def test_below_at_one_stage_is_below_though_above_at_another():
    # Kim loses most at the first stage, and wins all that come further; lee the other way round.
    deals = [
        *(lived(f"K-{n}", (at(1), "open"), (at(2), "lose"), owner_id="kim") for n in range(20)),
        *(lived(f"KW-{n}", (at(1), "open"), (at(2), "win"), owner_id="kim") for n in range(20)),
        *(
            lived(
                f"L-{n}",
                *[(at(1), "open"), (at(2), "to", "negotiation"), (at(3), "lose")],
                owner_id="lee",
            )
            for n in range(40)
        ),
    ]
    found = team(deals, as_of=NOW)
    verdicts = {key: gap.verdict for key, gap in found.stages.items()}
    assert verdicts["kim", "prospecting"] == verdicts["lee", "negotiation"] == "below"
    assert verdicts["kim", "negotiation"] == verdicts["lee", "prospecting"] == "above"
    assert (found["kim"].verdict, found["kim"].loses_most_at) == ("below", "prospecting")
    assert (found["lee"].verdict, found["lee"].loses_most_at) == ("below", "negotiation")


def test_the_others_may_have_too_few():
    found = team([*talks("kim", 2, 1), *talks("lee", 1, 1)], as_of=NOW)
    assert (found["kim"].verdict, found["kim"].n_more) == ("not enough deals", None)
    assert found["kim"].why.endswith("the others have too few to compare with")


def test_a_stage_that_no_other_owner_has_is_not_compared():
    deals = [
        lived("D-1", (at(1), "open"), (at(2), "to", "meeting"), (at(3), "lose"), owner_id="kim"),
        *(lived(f"L-{n}", (at(1), "open"), (at(3), "lose"), owner_id="lee") for n in range(3)),
    ]
    found = team(deals, as_of=NOW)
    gap = found.stages["kim", "meeting"]
    assert (gap.n_decided, gap.n_others, gap.verdict, gap.n_more) == (1, 0, None, None)
    # Of the others' deals none came through the first stage: what one is worth then is unknown.
    assert found.stages["kim", "prospecting"].wins_lost is None
    assert found.stages["kim", "prospecting"].cost is None
    nothing = found.stages["lee", "meeting"]
    assert (nothing.n_decided, nothing.rate, nothing.as_of) == (0, None, NOW)


def test_currencies_are_never_added():
    deals = [*talks("kim", 1, 1, amount=eur(10)), *talks("lee", 1, 1, amount=usd(10))]
    with pytest.raises(MixedCurrencyError, match="cannot compare owners in EUR and USD") as caught:
        team(deals, as_of=NOW)
    assert "the deals of one currency at a time" in str(caught.value)
    rates = Rates("EUR", {"USD": {date(2026, 1, 1): "0.5"}})
    found = team(deals, as_of=NOW, rates=rates)
    assert found.currency == found.stages.currency == "EUR"
    assert found["lee"].average_deal_size.mean == eur(5)
    # Lee has 2 deals of 5 euros: nothing is missing of an even share.
    gap = found.stages["lee", "talk"]
    assert (gap.cost, gap.shrunk_rate) == (eur(0), 0.5)
    late = Rates("EUR", {"USD": {date(2026, 3, 1): "0.5"}})
    unpriced = team(deals, as_of=NOW, rates=late).stages["lee", "talk"]
    assert (unpriced.cost, dict(unpriced.left_out)) == (None, {"no_rate": 2})
    assert team(deals[:2], as_of=NOW).currency == "EUR"


def test_deals_without_an_amount_are_counted():
    deals = [*talks("kim", 0, 1, amount=eur(100)), talk("K", "kim", is_won=False)]
    found = team([*deals, *talks("lee", 3, 0, amount=eur(100))], as_of=NOW)
    gap = found.stages["kim", "talk"]
    assert dict(gap.left_out) == {"no_amount": 1}
    share = Decimal(repr(gap.wins_lost)) / 2  # of two deals, one has an amount
    assert gap.cost == (eur(100) * share).round()


def test_deals_of_two_pipelines_have_no_order():
    deals = [*talks("kim", 1, 0), lived("D-1", (at(1), "open"), (at(2), "lose"), owner_id="kim")]
    with pytest.raises(OptionError, match="both stood at position 0") as caught:
        team(deals, as_of=NOW)
    assert caught.value.hint.endswith("or the deals of one pipeline at a time.")
    found = team(deals, as_of=NOW, stages=["talk"])
    assert {stage for _, stage in found.stages} == {"talk"}
    with pytest.raises(OptionError, match="'talk' is named twice"):
        team(deals, as_of=NOW, stages=["talk", "talk"])


@pytest.mark.parametrize("name", ["threshold", "gap"])
@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan"), True, "much", None])
def test_a_threshold_and_a_gap_are_shares(name, share):
    with pytest.raises(OptionError, match=f"cannot take {name}=.*: it is no share between 0 and 1"):
        team([], as_of=NOW, **{name: share})


def test_what_is_refused():
    with pytest.raises(DataError, match="no list of deals"):
        team(7, as_of=NOW)
    with pytest.raises(NaiveDatetimeError, match="as_of"):
        team([], as_of=NOW.replace(tzinfo=None))
    deal = lost("D-1", 1, 2)
    with pytest.raises(DuplicateDealError):
        team([deal, deal], as_of=NOW)
    with pytest.raises(OptionError, match="cannot take period="):
        team([], as_of=NOW, period="2026-01")


def test_deals_may_come_once():
    deals = [*talks("kim", 1, 1), *talks("lee", 1, 2)]
    assert team(iter(deals), as_of=NOW).to_dicts() == team(deals, as_of=NOW).to_dicts()


def test_it_shows_what_it_can_tell():
    found = team([*talks("kim", 1, 19), *talks("lee", 20, 0, amount=eur(10))], as_of=NOW)
    text = str(found)
    assert text.splitlines()[0].split()[:2] == ["owner_id", "win_rate"]
    assert all(reason in text for reason in found.reasons)
    assert "the chance that this is so is over 99.9%" in found["kim"].why
    assert "it brought EUR" in found["lee"].why
    assert "comparisons: 1; where nobody truly differs" in text
    assert "at most 5.0%" in text
    assert "<table>" in found._repr_html_()
    row = found.to_dicts()[0]
    assert (row["owner_id"], row["win_rate.value"], row["loses_most_at"]) == ("kim", 0.05, "talk")
    assert found.stages.to_frame("polars").shape[0] == 2


def test_a_table_shows_no_loss_that_may_be_luck():
    found = team(
        [*talks("kim", 1, 2, amount=eur(10)), *talks("lee", 2, 1, amount=eur(10))], as_of=NOW
    )
    gap = found.stages["kim", "talk"]
    assert gap.cost.amount > 0
    assert gap.summary_row()["cost"] is None
    assert found["kim"].cost is None
    told = team([*talks("kim", 0, 9, amount=eur(10)), *talks("lee", 9, 0)], as_of=NOW)
    assert told.stages["kim", "talk"].summary_row()["cost"] == told["kim"].cost
