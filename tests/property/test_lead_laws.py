"""Laws of the numbers of leads, and what a plain look at the histories gives."""

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Calendar, Lead, Period, metrics
from salesflow.facts import Facts
from salesflow.facts.leads import read_leads
from salesflow.metrics.evaluate import stats_of
from salesflow.metrics.funnel import lead_funnel_of
from salesflow.metrics.leads import first_touch_of, lead_conversion_of
from salesflow.metrics.options import Call
from salesflow.models import TOUCH_KINDS
from tests.lead_tales import Book, lead_books, lead_looks

COLUMNS = st.sampled_from(["source", "channel", "owner_id", "outcome", "custom.size"])
EVERY = st.sampled_from(["week", "month", "quarter"])


def entries(lead: Lead) -> list[tuple[str, str, datetime | None]]:
    """The stages it came to, read off its events one by one."""
    found: list[tuple[str, str, Any]] = []
    for event in lead.history:
        if event.type == "restored":
            found += [(v.stage, v.stage_kind, v.entered_at) for v in event.visits]
            last = event.visits[-1] if event.visits else None
            if last is None or last.stage != event.stage:
                found.append((event.stage, event.stage_kind, event.closed_at))
        elif event.type in ("opened", "stage_changed"):
            found.append((event.stage, event.stage_kind, event.at))
    return found


def was_converted(lead: Lead) -> bool:
    return lead.deal_id is not None or any(kind == "converted" for _, kind, _ in entries(lead))


def touches(lead: Lead) -> list[tuple[datetime, str]]:
    done = [event.activity for event in lead.history if event.type == "activity_logged"]
    return [(a.occurred_at, a.occurred_precision) for a in done if a.kind in TOUCH_KINDS]


@given(lead_looks(size=6))
def test_counts_are_what_the_histories_say(look):
    (leads, _), now = look
    known = read_leads(leads, now)
    assert metrics.new_leads(leads, as_of=now).n == len(known)
    rate = metrics.lead_conversion(leads, as_of=now)
    assert (rate.numerator, rate.denominator) == (sum(map(was_converted, known)), len(known))
    out = metrics.disqualification_reasons(leads, as_of=now)
    assert {reason: row.n for reason, row in out.items()} == {
        reason: sum(lead.reason == reason for lead in known if lead.outcome == "disqualified")
        for reason in {lead.reason for lead in known if lead.outcome == "disqualified"}
    }


@given(lead_books(max_size=6))
def test_waits_are_what_a_calculator_gives(book):
    leads, _ = book
    waits, before, undated, untouched = [], 0, 0, 0
    for lead in leads:
        first = min(touches(lead), default=None)
        if first is None:
            untouched += 1
        elif lead.created_at is None:
            undated += 1
        else:
            wait = first[0] - lead.created_at
            if "day" in (first[1], lead.created_precision):
                wait = timedelta(days=first[0].toordinal() - lead.created_at.toordinal())
            before += wait < timedelta()
            waits += [wait / timedelta(days=1)] if wait >= timedelta() else []
    found = metrics.time_to_first_touch(leads)
    assert (found.n, found.n_without) == (len(waits), untouched)
    left_out = {"touched_before": before, "no_created_at": undated}
    assert found.left_out == {reason: n for reason, n in left_out.items() if n}
    if waits:
        assert found.mean_days == pytest.approx(mean(waits))
        assert found.median_days == pytest.approx(median(waits))


@given(lead_looks(size=6))
def test_each_step_of_the_funnel_is_a_part_of_the_one_before(look):
    (leads, deals), now = look
    found = metrics.lead_funnel(Facts(deals=deals, leads=leads), as_of=now)
    counts = [row.n for row in found.values()]
    assert all(one >= other for one, other in pairwise(counts))
    assert all(0 <= row.n_implied <= row.n for row in found.values())
    assert counts[0] == metrics.new_leads(leads, as_of=now).n
    own = metrics.lead_conversion(leads, as_of=now).numerator
    assert found["converted"].n - found["converted"].n_implied == own
    assert found["won"].n_implied == 0


@given(lead_looks(size=6), COLUMNS)
def test_groups_add_up_to_the_whole(look, by):
    (leads, deals), now = look
    both, asked = Facts(deals=deals, leads=leads), {"as_of": now}
    parts = metrics.lead_funnel(both, by=by, **asked)
    for step, row in metrics.lead_funnel(both, **asked).items():
        named = [part for key, part in parts.items() if key[-1] == step]
        assert sum(part.n for part in named) == row.n
        assert sum(part.n_implied for part in named) == row.n_implied
    waits = metrics.time_to_first_touch(leads, by=by, **asked)
    whole = metrics.time_to_first_touch(leads, **asked)
    assert sum(part.n for part in waits.values()) == whole.n
    assert waits.left_out == whole.left_out


@given(lead_books(max_size=6), EVERY)
def test_periods_hold_every_lead_that_has_a_date(book, every):
    leads, _ = book
    rows = metrics.new_leads(leads, every=every)
    assert all(one.next() == other for one, other in pairwise(rows))
    dated = [lead for lead in leads if lead.created_at is not None]
    assert sum(row.n for row in rows.values()) == len(dated)
    assert rows.left_out.get("no_created_at", 0) == len(leads) - len(dated)
    for period, row in rows.items():
        assert row == metrics.new_leads(leads, period=period)


@given(lead_books(max_size=6), EVERY)
def test_a_gap_is_a_period_without_a_lead(book, every):
    leads, _ = book

    def place(lead: Lead) -> Period:
        is_day = lead.created_precision == "day"
        return Calendar().containing(every, lead.created_at.date() if is_day else lead.created_at)

    came = [(lead.channel, place(lead)) for lead in leads if lead.created_at is not None]
    found = metrics.inflow_gaps(leads, every=every, by="channel")
    assert {key for key, inflow in found.items() if inflow.n} == {channel for channel, _ in came}
    for channel in {channel for channel, _ in came}:
        own = {period for at, period in came if at == channel}
        end = max(period.end for _, period in came)
        gaps, here = [], min(own, key=lambda period: period.start)
        while here.end <= end:
            gaps += [] if here in own else [here]
            here = here.next()
        assert [*found[channel].gaps] == gaps
        assert found[channel].n_periods == len(gaps) + len(own)


@given(lead_books(max_size=6))
def test_revenue_of_leads_and_of_all_others_is_all_revenue(book):
    leads, deals = book
    found = metrics.lead_revenue(Facts(deals=deals, leads=leads))
    known = {name for lead in leads for name in (lead.id, *lead.aliases)}
    others = [deal for deal in deals if deal.lead_id not in known]
    whole, rest = (metrics.average_deal_size(some) for some in (deals, others))
    total = sum((size.total.amount for size in found.values()), start=rest.total.amount)
    assert total == whole.total.amount
    assert found.left_out.get("no_lead", 0) == rest.n_priced + rest.n_unpriced


@given(lead_looks(size=6))
def test_feedback_is_of_won_of_lost_and_of_others(look):
    (leads, deals), now = look
    both = Facts(deals=deals, leads=leads)
    found = metrics.feedback(both, as_of=now)
    parts = metrics.feedback(both, by="outcome", as_of=now)
    counted = {key: part.n for key, part in parts.items() if part.n}
    assert found.n == sum(counted.values())
    assert (found.n_won, found.n_lost) == (counted.get("won", 0), counted.get("lost", 0))
    themes = metrics.feedback(both, by="theme", as_of=now)
    assert sum(part.n for part in themes.values()) == found.n
    scores = [
        event.activity.score
        for record in (*deals, *leads)
        for event in record.history
        if event.type == "activity_logged" and event.activity.score is not None
    ]
    if metrics.feedback(both).n:
        assert metrics.feedback(both).mean == pytest.approx(mean(scores))


@given(lead_looks(size=6), st.data())
def test_order_does_not_matter_and_parts_add_up(look, data):
    (leads, deals), now = look
    shuffled: Book = (data.draw(st.permutations(leads)), data.draw(st.permutations(deals)))
    one, other = (
        metrics.lead_funnel(Facts(deals=of[1], leads=of[0]), by="source", as_of=now)
        for of in ((leads, deals), shuffled)
    )
    assert dict(one) == dict(other)
    cut = data.draw(st.integers(0, len(leads)))
    call = Call(by=("source",), as_of=now)
    for definition in (lead_funnel_of(), lead_conversion_of(), first_touch_of()):
        whole, first, second = (
            stats_of(Facts(deals=deals, leads=some), definition.needs, call, definition.table)
            for some in (leads, leads[:cut], leads[cut:])
        )
        assert first + second == whole
