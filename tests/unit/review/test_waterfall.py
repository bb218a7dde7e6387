"""The waterfall of the open pipeline, bar by bar, the arithmetic beside it."""

import json
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from salesflow import Money, Period, Pipeline, Rates, Stage, facts, merge, metrics, review
from salesflow.errors import (
    ColumnError,
    DataError,
    DuplicateDealError,
    MixedCurrencyError,
    NaiveDatetimeError,
    OptionError,
    PeriodError,
)
from tests.builders import deal_of, jan, moved, opened
from tests.shorthand import PIPELINE, at, eur, known, lived, on, usd

START, END = at(10), at(20)
UNWINDABLE = Pipeline(
    "small",
    ["new", "offer", Stage("won", kind="won"), Stage("lost", kind="lost")],
    allow_unwin=True,
)


def fall(*deals, start=START, end=END, **options):
    return review.waterfall(deals, start, end, **options)


def told(waterfall):
    """The start, the bars that are not 0, and the end."""
    changes = {bar: money.amount for bar, money in waterfall.changes.items() if money.amount}
    total = waterfall.start
    for change in waterfall.changes.values():
        total += change
    assert total == waterfall.end
    return int(waterfall.start.amount), changes, int(waterfall.end.amount)


def behind(waterfall, bar):
    return [(step.deal_id, step.amount) for step in waterfall.behind(bar)]


def price(deal, amount, when, **options):
    return PIPELINE.update(deal, amount=eur(amount), at=when, **options)


class TestBars:
    def test_of_nothing_all_are_money(self):
        found = fall()
        assert (found.start, found.end) == (Money(0, "XXX"), Money(0, "XXX"))
        bars = ["created", "reopened", "amount_up", "amount_down", "won", "lost", "merged"]
        assert found.changes == dict.fromkeys(bars, Money(0, "XXX"))

    def test_a_deal_that_stays_open_is_at_both_ends(self):
        found = fall(lived("D-1", (at(1), "open"), amount=eur(100)))
        assert told(found) == (100, {}, 100)
        assert behind(found, "start") == behind(found, "end") == [("D-1", eur(100))]

    def test_one_that_is_opened_in_the_window_is_created(self):
        found = fall(lived("D-1", (at(12), "open"), amount=eur(100)))
        assert told(found) == (0, {"created": 100}, 100)
        [step] = found.behind("created")
        assert (step.deal_id, step.at, step.precision) == ("D-1", at(12), "instant")

    def test_one_that_is_opened_later_is_not_there(self):
        assert told(fall(lived("D-1", (at(25), "open"), amount=eur(100)))) == (0, {}, 0)

    def test_won_and_lost_leave_with_what_they_were_worth(self):
        won = lived("D-1", (at(1), "open"), (at(12), "win"), amount=eur(100))
        lost = lived("D-2", (at(1), "open"), (at(13), "lose"), amount=eur(30))
        assert told(fall(won, lost)) == (130, {"won": -100, "lost": -30}, 0)

    def test_created_and_won_in_the_window_is_both(self):
        deal = lived("D-1", (at(11), "open"), (at(12), "win"), amount=eur(100))
        assert told(fall(deal)) == (0, {"created": 100, "won": -100}, 0)

    def test_raised_twice_lowered_and_won_is_in_every_bar_it_passed(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        for day, amount in ((11, 150), (12, 170), (13, 160)):
            deal = price(deal, amount, at(day))
        while deal.stage != "negotiation":
            deal = PIPELINE.advance(deal, at=at(14))
        found = fall(PIPELINE.win(deal, at=at(15)))
        # 100 + 50 + 20 - 10 - 160 = 0
        assert told(found) == (100, {"amount_up": 70, "amount_down": -10, "won": -160}, 0)
        assert behind(found, "amount_up") == [("D-1", eur(50)), ("D-1", eur(20))]

    def test_what_happened_before_or_after_the_window_is_in_no_bar(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        deal = price(price(deal, 120, at(5)), 500, at(25))
        assert told(fall(PIPELINE.lose(deal, "price", at=at(26)))) == (120, {}, 120)

    def test_closed_before_it_stays_out(self):
        deal = lived("D-1", (at(1), "open"), (at(5), "lose"), (at(12), "owner", "lee"))
        assert told(fall(deal)) == (0, {}, 0)

    def test_lost_and_reopened_in_the_window_is_both(self):
        steps = [(at(1), "open"), (at(12), "lose"), (at(14), "reopen", "prospecting")]
        found = fall(lived("D-1", *steps, amount=eur(100)))
        assert told(found) == (100, {"reopened": 100, "lost": -100}, 100)

    def test_a_win_that_is_undone_is_reopened(self):
        deal = UNWINDABLE.open("Acme", id="D-1", amount=eur(100), at=at(1))
        deal = UNWINDABLE.win(UNWINDABLE.advance(deal, at=at(2)), at=at(3))
        deal = UNWINDABLE.reopen(deal, "new", reason="cancelled", at=at(12))
        assert told(fall(deal)) == (0, {"reopened": 100}, 100)

    def test_a_correction_after_the_closing_moves_no_bar_and_counts_when_it_is_reopened(self):
        deal = lived("D-1", (at(1), "open"), (at(12), "lose"), amount=eur(100))
        deal = price(deal, 80, at(13), correction="misread")
        assert told(fall(deal)) == (100, {"lost": -100}, 0)
        again = PIPELINE.reopen(deal, "prospecting", reason="again", at=at(14))
        assert told(fall(again)) == (100, {"lost": -100, "reopened": 80}, 80)

    def test_a_new_amount_at_the_instant_of_the_closing_comes_first(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        deal = PIPELINE.lose(price(deal, 150, at(12)), "price", at=at(12))
        assert told(fall(deal)) == (100, {"amount_up": 50, "lost": -150}, 0)

    def test_going_over_to_another_pipeline_changes_nothing(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        assert told(fall(UNWINDABLE.migrate(deal, to="new", at=at(12)))) == (100, {}, 100)

    def test_what_changes_no_amount_is_in_no_bar(self):
        deal = lived("D-1", (at(1), "open"), (at(12), "to", "meeting"), amount=eur(100))
        deal = PIPELINE.log(deal, "call", at=at(13))
        deal = PIPELINE.update(deal, name="Acme 2", probability=0.5, at=at(14))
        found = fall(PIPELINE.update(deal, amount=eur("100.0"), at=at(15)))
        assert told(found) == (100, {}, 100)

    def test_a_bar_that_it_does_not_have_is_refused(self):
        with pytest.raises(OptionError, match=r"behind 'wonn'[^\n]*\n\nHint: there is 'won'"):
            fall().behind("wonn")
        with pytest.raises(OptionError, match=r"behind \[\]"):
            fall().behind([])


class TestTheWindow:
    """[start, end): what happens at the start is in, what happens at the end is not."""

    def test_an_event_at_the_start_is_in(self):
        deal = lived("D-1", (START, "open"), amount=eur(100))
        assert told(fall(deal)) == (0, {"created": 100}, 100)

    def test_an_event_at_the_end_is_not(self):
        deal = lived("D-1", (at(1), "open"), (END, "lose"), amount=eur(100))
        assert told(fall(deal)) == (100, {}, 100)
        later = END + timedelta(microseconds=1)
        assert told(fall(deal, end=later)) == (100, {"lost": -100}, 0)

    def test_it_holds_what_a_period_holds(self):
        month = Period.month(2026, 1)
        deals = [
            lived("D-1", (at(1), "open"), (at(31, 23), "win"), amount=eur(100)),
            lived("D-2", (at(1), "open"), (at(1, month=2), "win"), amount=eur(30)),
        ]
        found = fall(*deals, start=month.start, end=month.end)
        won = metrics.average_deal_size(deals, period=month).total
        assert -found.changes["won"] == won == eur(100)

    def test_days_are_read_by_the_clock_of_the_start_and_of_the_end(self):
        seoul = timezone(timedelta(hours=9))
        deal = known("D-1", "negotiation", 10, None, 100)
        start = datetime(2026, 1, 10, tzinfo=seoul)  # 9 January, 15:00 UTC
        assert told(fall(deal, start=start)) == (0, {"created": 100}, 100)
        assert told(fall(deal, start=start + timedelta(microseconds=1))) == (100, {}, 100)

    def test_a_clock_that_shows_an_earlier_day_at_the_end_takes_nothing_back(self):
        deal = known("D-1", "negotiation", 10, None, 100)
        start = datetime(2026, 1, 10, 1, tzinfo=timezone(timedelta(hours=9)))
        end = datetime(2026, 1, 9, 12, tzinfo=timezone(timedelta(hours=-5)))
        assert start < end
        assert told(fall(deal, start=start, end=end)) == (100, {}, 100)

    def test_an_empty_one_shows_what_stands(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        assert told(fall(deal, end=START)) == (100, {}, 100)

    def test_a_reversed_one_is_refused(self):
        with pytest.raises(PeriodError, match="the end comes first"):
            fall(start=END, end=START)

    def test_naive_instants_are_refused_by_name(self):
        with pytest.raises(NaiveDatetimeError, match="cannot use start"):
            fall(start=START.replace(tzinfo=None))
        with pytest.raises(NaiveDatetimeError, match="cannot use end"):
            fall(end=END.replace(tzinfo=None))

    def test_before_the_first_instant_there_is_nothing_to_start_from(self):
        with pytest.raises(OptionError, match=r"cannot use start 0001.*nothing lies before it"):
            fall(start=datetime(1, 1, 1, tzinfo=UTC))


class TestUnpriced:
    def test_it_adds_0_and_is_counted_once(self):
        deal = lived("D-1", (at(11), "open"), (at(12), "lose"))
        found = fall(deal, lived("D-2", (at(1), "open"), amount=eur(5)))
        assert told(found) == (5, {}, 5)
        assert dict(found.left_out) == {"no_amount": 1}
        assert behind(found, "created") == behind(found, "lost") == [("D-1", None)]

    def test_its_first_amount_is_a_rise(self):
        deal = price(lived("D-1", (at(1), "open")), 100, at(12))
        assert told(fall(deal)) == (0, {"amount_up": 100}, 100)

    def test_a_first_amount_of_0_is_no_change(self):
        deal = price(lived("D-1", (at(1), "open")), 0, at(12))
        found = fall(deal)
        assert told(found) == (0, {}, 0)
        assert (behind(found, "start"), behind(found, "end")) == (
            [("D-1", None)],
            [("D-1", eur(0))],
        )

    def test_an_amount_that_is_no_longer_known_is_a_fall(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        deal = PIPELINE.update(deal, amount=None, at=at(12))
        assert told(fall(deal)) == (100, {"amount_down": -100}, 0)

    def test_the_currency_of_a_waterfall_without_amounts_is_that_of_the_deals(self):
        deal = lived("D-1", (at(1), "open"), (at(5), "win"), amount=eur(100))
        assert fall(deal).start == eur(0)


class TestMerged:
    def test_before_two_after_one(self):
        deals = [lived(f"D-{n}", (at(1), "open"), amount=eur(100 * n)) for n in (1, 2)]
        found = fall(merge(*deals, at=at(12)))
        # 100 + 200 - 200: the survivor keeps its own amount.
        assert told(found) == (300, {"merged": -200}, 100)
        assert behind(found, "merged") == [("D-2", eur(-200))]

    def test_what_the_other_did_before_counts(self):
        keep = lived("D-1", (at(1), "open"), amount=eur(100))
        other = price(lived("D-2", (at(11), "open"), amount=eur(30)), 50, at(12))
        found = fall(merge(keep, other, at=at(13)))
        assert told(found) == (100, {"created": 30, "amount_up": 20, "merged": -50}, 100)

    def test_merged_before_it_is_one_and_merged_later_two(self):
        deals = [lived(f"D-{n}", (at(1), "open"), amount=eur(100 * n)) for n in (1, 2)]
        assert told(fall(merge(*deals, at=at(5)))) == (100, {}, 100)
        assert told(fall(merge(*deals, at=at(25)))) == (300, {}, 300)

    def test_a_lost_one_that_goes_into_an_open_one_adds_nothing(self):
        keep = lived("D-1", (at(1), "open"), amount=eur(100))
        other = lived("D-2", (at(1), "open"), (at(5), "lose"), amount=eur(30))
        assert told(fall(merge(keep, other, at=at(12)))) == (100, {}, 100)

    def test_merges_within_merges(self):
        one, two, three = (lived(f"D-{n}", (at(1), "open"), amount=eur(10**n)) for n in (0, 1, 2))
        deal = merge(one, merge(two, three, at=at(12)), at=at(14))
        # 1 + 10 + 100; 100 goes into 10 on the 12th, 10 into 1 on the 14th.
        assert told(fall(deal)) == (111, {"merged": -110}, 1)
        assert told(fall(deal, end=at(13))) == (111, {"merged": -100}, 11)

    def test_one_merged_before_the_survivor_was_known(self):
        keep = known("D-1", "negotiation", 25, None, 100)
        deal = merge(keep, lived("D-2", (at(1), "open"), amount=eur(7)), at=at(28))
        assert told(fall(deal)) == (7, {}, 7)

    def test_a_restored_one_that_is_merged(self):
        keep = lived("D-1", (at(1), "open"), amount=eur(100))
        other = known("D-2", "negotiation", 12, None, 7)
        assert told(fall(merge(keep, other, at=at(14)))) == (
            100,
            {"created": 7, "merged": -7},
            100,
        )


class TestRestored:
    def test_its_dates_are_its_history(self):
        deal = known("D-1", "won", 12, 15, 100)
        found = fall(deal)
        assert told(found) == (0, {"created": 100, "won": -100}, 0)
        assert [step.precision for step in found.behind("won")] == ["day"]
        assert told(fall(deal, end=at(14))) == (0, {"created": 100}, 100)
        assert told(fall(deal, start=at(13))) == (100, {"won": -100}, 0)

    def test_created_and_won_on_one_day_is_both(self):
        assert told(fall(known("D-1", "won", 12, 12, 100))) == (
            0,
            {"created": 100, "won": -100},
            0,
        )

    def test_one_whose_creation_is_unknown_was_there_from_the_beginning(self):
        deal = known("D-1", "lost", None, 15, 100)
        assert told(fall(deal)) == (100, {"lost": -100}, 0)

    def test_one_without_any_date_stands_as_it_is(self):
        assert told(fall(known("D-1", "negotiation", None, None, 100))) == (100, {}, 100)
        assert told(fall(known("D-1", "won", None, None, 100))) == (0, {}, 0)

    def test_visits_tell_of_a_closing_that_was_undone(self):
        visits = [("meeting", on(1)), ("lost", on(12)), ("meeting", on(14))]
        deal = PIPELINE.restore(id="D-1", created_at=on(1), visits=visits, amount=eur(100))
        assert told(fall(deal)) == (100, {"lost": -100, "reopened": 100}, 100)

    def test_what_happened_to_it_since(self):
        deal = price(known("D-1", "negotiation", 12, None, 100), 120, at(13))
        deal = PIPELINE.win(deal, at=at(25))
        assert told(fall(deal)) == (0, {"created": 100, "amount_up": 20}, 120)

    def test_closed_all_the_time_it_is_in_no_bar(self):
        deal = PIPELINE.update(known("D-1", "won", 1, 5, 100), owner_id="lee", at=at(12))
        assert told(fall(deal)) == (0, {}, 0)

    def test_not_yet_created_it_is_not_there(self):
        assert told(fall(known("D-1", "won", 25, 27, 100))) == (0, {}, 0)


class TestPeriod:
    QUARTER = Period.quarter(2026, 1)

    def expected(self, *days):
        """A deal whose expected close is moved on the 12th, 13th and so on."""
        first, *others = days
        deal = lived("D-1", (at(1), "open"), amount=eur(100), expected_close_on=first)
        for number, day in enumerate(others):
            deal = PIPELINE.update(deal, expected_close_on=day, at=at(12 + number))
        return deal

    @pytest.mark.parametrize(
        ("days", "bars"),
        [
            ([on(1, 3), on(1, 5)], (100, {"pushed_out": -100}, 0)),
            ([on(1, 5), on(1, 3)], (0, {"pulled_in": 100}, 100)),
            ([on(1, 3), on(5, 3)], (100, {}, 100)),
            ([on(1, 5), on(1, 6)], (0, {}, 0)),
            ([on(1, 3), None], (100, {"pushed_out": -100}, 0)),
            ([None, on(31, 3)], (0, {"pulled_in": 100}, 100)),
            ([on(1, 3), date(2025, 12, 31)], (100, {"pushed_out": -100}, 0)),
            ([on(1, 3), on(1, 5), on(2, 3)], (100, {"pushed_out": -100, "pulled_in": 100}, 100)),
        ],
    )
    def test_it_counts_while_its_expected_close_lies_in_it(self, days, bars):
        assert told(fall(self.expected(*days), period=self.QUARTER)) == bars

    def test_bars_of_a_period_are_there_only_with_one(self):
        assert "pulled_in" not in fall().changes
        assert [*fall(period=self.QUARTER).changes] == [
            *("created", "reopened", "pulled_in", "amount_up", "amount_down", "pushed_out"),
            *("won", "lost", "merged"),
        ]

    def test_a_deal_due_elsewhere_is_in_no_bar(self):
        deal = PIPELINE.lose(price(self.expected(on(1, 5)), 5, at(13)), "price", at=at(14))
        assert told(fall(deal, period=self.QUARTER)) == (0, {}, 0)

    def test_an_open_deal_without_an_expected_close_is_left_out_and_counted(self):
        found = fall(lived("D-1", (at(1), "open"), amount=eur(100)), period=self.QUARTER)
        assert told(found) == (0, {}, 0)
        assert dict(found.left_out) == {"no_expected_close_on": 1}

    def test_what_is_no_period_is_refused(self):
        with pytest.raises(OptionError, match=r"period='2026-Q1': it is no Period"):
            fall(period="2026-Q1")


class TestGroups:
    def test_by_owner_it_is_handed_on(self):
        steps = [(at(1), "open"), (at(12), "owner", "lee"), (at(13), "win")]
        found = fall(lived("D-1", *steps, amount=eur(100), owner_id="kim"), by="owner_id")
        assert told(found["kim"]) == (100, {"owner_out": -100}, 0)
        assert told(found["lee"]) == (0, {"owner_in": 100, "won": -100}, 0)

    def test_without_owners_a_new_owner_is_no_change(self):
        steps = [(at(1), "open"), (at(12), "owner", "lee")]
        found = fall(lived("D-1", *steps, amount=eur(100), owner_id="kim"))
        assert told(found) == (100, {}, 100)
        assert "owner_in" not in found.changes

    def test_the_owner_of_a_closed_deal_moves_no_bar(self):
        steps = [(at(1), "open"), (at(12), "win"), (at(13), "owner", "lee")]
        found = fall(lived("D-1", *steps, amount=eur(100), owner_id="kim"), by="owner_id")
        assert [*found] == ["kim"]

    def test_by_currency_a_new_one_is_a_fall_and_a_rise(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        deal = PIPELINE.update(deal, amount=usd(120), at=at(12))
        found = fall(deal, lived("D-2", (at(1), "open")), by="currency")
        assert told(found["EUR"]) == (100, {"amount_down": -100}, 0)
        assert told(found["USD"]) == (0, {"amount_up": 120}, 120)
        assert [*found] == ["EUR", "USD", None]
        assert dict(found.left_out) == {"no_amount": 1}
        assert found[None].currency == "XXX"

    def test_by_stage_moves_are_seen(self):
        deal = lived("D-1", (at(1), "open"), (at(12), "to", "qualification"), amount=eur(100))
        found = fall(deal, by="stage")
        assert told(found["prospecting"]) == (100, {"moved_out": -100}, 0)
        assert told(found["qualification"]) == (0, {"moved_in": 100}, 100)

    def test_by_a_custom_key_and_by_details(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100), custom={"size": "S"}, source="web")
        deal = PIPELINE.update(deal, custom={"size": "L"}, at=at(12))
        deal = PIPELINE.update(deal, name="Acme 2", at=at(13))
        found = fall(deal, by=["custom.size", "source"])
        assert told(found["S", "web"]) == (100, {"moved_out": -100}, 0)
        assert told(found["L", "web"]) == (0, {"moved_in": 100}, 100)

    def test_by_pipeline(self):
        deal = UNWINDABLE.migrate(lived("D-1", (at(1), "open"), amount=eur(5)), to="new", at=at(12))
        assert [*fall(deal, by="pipeline")] == ["sales", "small"]

    def test_a_group_without_amounts_has_the_currency_of_the_others(self):
        deals = [
            lived("D-1", (at(1), "open"), amount=eur(100), owner_id="kim"),
            lived("D-2", (at(1), "open"), owner_id="lee"),
        ]
        found = fall(*deals, by="owner_id")
        assert found["lee"].start == eur(0)
        assert dict(found["lee"].left_out) == {"no_amount": 1}
        assert not found["kim"].left_out

    def test_a_deal_of_several_groups_is_left_out_once_of_all(self):
        deal = lived("D-1", (at(1), "open"), (at(12), "owner", "lee"), owner_id="kim")
        assert dict(fall(deal, by="owner_id").left_out) == {"no_amount": 1}

    def test_what_a_history_does_not_tell_is_refused(self):
        with pytest.raises(OptionError, match="cannot cut a waterfall by 'created_at'"):
            fall(by="created_at")

    def test_a_column_that_there_is_not_is_refused(self):
        with pytest.raises(ColumnError, match="cannot find column 'ownr_id'"):
            fall(by="ownr_id")

    def test_two_currencies_do_not_add(self):
        deals = [lived("D-1", (at(1), "open"), amount=m) for m in (eur(1),)]
        deals.append(lived("D-2", (at(1), "open"), amount=usd(1)))
        with pytest.raises(MixedCurrencyError, match="EUR and USD") as caught:
            fall(*deals)
        assert caught.value.currencies == ("EUR", "USD")

    def test_a_deal_that_changes_its_currency_does_not_add_either(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        with pytest.raises(MixedCurrencyError, match="EUR and USD"):
            fall(PIPELINE.update(deal, amount=usd(120), at=at(12)))


class TestRates:
    RATES = Rates("EUR", {"USD": {on(1): "0.5", on(12): "0.6", on(15): "0.8"}})

    def test_a_deal_that_only_waits_moves_with_its_rate(self):
        found = fall(lived("D-1", (at(1), "open"), amount=usd(100)), rates=self.RATES)
        # 100 × 0.5 on the 9th, 100 × 0.8 on the 19th.
        assert told(found) == (50, {"rate_effect": 30}, 80)

    def test_each_event_has_the_rate_of_its_day(self):
        deal = lived("D-1", (at(1), "open"), amount=usd(100))
        deal = PIPELINE.update(deal, amount=usd(200), at=at(13))
        found = fall(PIPELINE.lose(deal, "price", at=at(16)), rates=self.RATES)
        # 50; on the 13th 100 × (0.6 - 0.5) = 10, then 100 × 0.6 = 60 more; on the 16th
        # 200 × (0.8 - 0.6) = 40, and 200 × 0.8 = 160 are lost.
        assert told(found) == (50, {"amount_up": 60, "rate_effect": 50, "lost": -160}, 0)

    def test_days_are_priced_as_days(self):
        deal = known("D-1", "won", 12, 15, usd(100))
        # Created on the 12th at 0.6, won on the 15th at 0.8.
        assert told(fall(deal, rates=self.RATES)) == (
            0,
            {"created": 60, "rate_effect": 20, "won": -80},
            0,
        )

    def test_without_a_rate_it_adds_0_and_is_counted(self):
        rates = Rates("EUR", {"USD": {on(15): "0.8"}})
        deals = [lived("D-1", (at(1), "open"), amount=usd(100)), lived("D-2", (at(1), "open"))]
        found = fall(*deals, rates=rates)
        assert told(found) == (0, {"rate_effect": 80}, 80)
        assert dict(found.left_out) == {"no_rate": 1, "no_amount": 1}

    def test_a_rate_that_ends_nowhere_leaves_the_base_alone(self):
        found = fall(lived("D-1", (at(1), "open"), amount=eur(100)), rates=self.RATES)
        assert told(found) == (100, {}, 100)

    def test_of_nothing_it_is_in_the_base(self):
        assert fall(rates=self.RATES).end == eur(0)

    def test_by_currency_each_group_is_in_the_base(self):
        deals = [
            lived("D-1", (at(1), "open"), amount=usd(100)),
            lived("D-2", (at(1), "open"), amount=Money(100, "BRL")),
        ]
        found = fall(*deals, by="currency", rates=self.RATES)
        assert {key: one.end for key, one in found.items()} == {"USD": eur(80), "BRL": eur(0)}

    def test_what_are_no_rates_is_refused(self):
        with pytest.raises(OptionError, match=r"rates=\{\}: it is no Rates"):
            fall(rates={})


class TestData:
    def test_anything_but_deals_is_refused(self):
        with pytest.raises(DataError, match="cannot read the data"):
            review.waterfall("deals", START, END)

    def test_a_deal_that_is_there_twice_is_refused(self):
        deal = lived("D-1", (at(1), "open"))
        with pytest.raises(DuplicateDealError):
            fall(deal, deal)

    def test_facts_are_taken_too(self):
        deal = lived("D-1", (at(1), "open"), amount=eur(100))
        assert review.waterfall(facts.Facts(deals=[deal]), START, END).end == eur(100)

    def test_histories_that_were_loaded_are_read_alike(self):
        closing = moved(2, "talk", "won", jan(12), amount=eur(5))
        assert told(fall(deal_of(opened(amount=eur(5)), closing))) == (5, {"won": -5}, 0)


class TestShown:
    DEALS = (
        lived("D-1", (at(1), "open"), (at(12), "win"), amount=eur(100), owner_id="kim"),
        lived("D-2", (at(11), "open"), owner_id="lee"),
    )

    def test_a_row_for_each_bar(self):
        rows = fall(*self.DEALS).to_dicts()
        assert [(row["bar"], row["amount"], row["n_deals"], row["n_unpriced"]) for row in rows] == [
            ("start", eur(100), 1, 0),
            ("created", eur(0), 1, 1),
            ("reopened", eur(0), 0, 0),
            ("amount_up", eur(0), 0, 0),
            ("amount_down", eur(0), 0, 0),
            ("won", eur(-100), 1, 0),
            ("lost", eur(0), 0, 0),
            ("merged", eur(0), 0, 0),
            ("end", eur(0), 1, 1),
        ]
        assert rows[0]["since"] == START
        assert rows[0]["as_of"] == END
        assert rows[0]["left_out"] == {"no_amount": 1}

    def test_as_a_table_of_text_and_of_html(self):
        found = fall(*self.DEALS)
        lines = str(found).splitlines()
        assert lines[0].split() == ["bar", "amount", "n_deals", "n_unpriced"]
        assert lines[1].split() == ["start", "EUR", "100.00", "1", "0"]
        assert lines[-3:] == [
            "since 2026-01-10T00:00:00+00:00",
            "as of 2026-01-20T00:00:00+00:00",
            "left out: no_amount 1",
        ]
        assert "<td" in found._repr_html_()

    def test_as_a_frame_and_as_json(self):
        found = fall(*self.DEALS)
        frame = found.to_frame("polars")
        assert frame.select("bar", "amount").rows()[5] == ("won", Decimal(-100))
        assert frame.select("left_out").rows()[0] == ("no_amount 1",)
        assert json.loads(found.to_json())[0]["amount"] == {"amount": "100", "currency": "EUR"}

    def test_by_group_a_row_for_each(self):
        found = fall(*self.DEALS, by="owner_id")
        rows = found.to_dicts()
        assert [(row["owner_id"], row["start"], row["won"]) for row in rows] == [
            ("kim", eur(100), eur(-100)),
            ("lee", eur(0), eur(0)),
        ]
        assert "owner_in" in str(found).splitlines()[0]
        assert found.to_frame("polars").select("won").rows() == [(Decimal(-100),), (Decimal(0),)]
        assert found.to_frame("polars").columns[:2] == ["owner_id", "start"]

    def test_groups_of_nothing_have_the_same_columns(self):
        names = ("owner_id", "start", "created", "end")
        assert {*names} <= {*fall(by="owner_id").to_frame("polars").columns}

    def test_it_pickles_and_compares(self):
        found = fall(*self.DEALS)
        assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own
        assert found == fall(*self.DEALS)
        assert "_steps" not in repr(found)

    def test_its_changes_are_a_copy(self):
        found = fall(*self.DEALS)
        found.changes.clear()
        assert found.changes["won"] == eur(-100)
