"""The cases of CASES.md that an import may get wrong, one test or more a case.

Above each test stands the number of its case.
"""

from datetime import UTC, date, datetime

import pytest

from salesflow import Money, Period, Pipeline, Stage, metrics
from salesflow.errors import MixedCurrencyError, NaiveDatetimeError
from tests.crm_reads import deal_of, finding, read

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PIPELINE = Pipeline(
    "p", ["Proposal", Stage("Closed Won", kind="won"), Stage("Closed Lost", kind="lost")]
)


# R8
@pytest.mark.parametrize(("probability", "outcome"), [("100%", "open"), ("0%", "open")])
def test_a_probability_wins_and_loses_nothing(probability, outcome):
    deal = deal_of({"id": 1, "stage": "Proposal", "probability": probability})
    assert (deal.outcome, deal.closed_at) == (outcome, None)
    assert deal.probability == {"100%": 1.0, "0%": 0.0}[probability]


# R8
def test_a_drafted_stage_of_100_percent_is_open_unless_it_is_said_to_be_won():
    rows = [{"id": n, "stage": "Contract", "probability": 99.997} for n in range(3)]
    got = read(*rows, {"id": 3, "stage": "Closed Won", "probability": 100})
    assert [deal.outcome for deal in got.deals] == ["open"] * 3 + ["won"]
    assert got.deals[0].probability == 0.99997


# R13
def test_a_deal_that_is_open_and_won_counts_once_and_is_told():
    rows = [
        {"id": 1, "status": "open", "stage": "Closed Won", "amount": 210_000},
        {"id": 2, "status": "won", "stage": "Closed Won", "amount": 96_000},
        {"id": 3, "status": "open", "stage": "Proposal", "amount": 412_000},
    ]
    got = read(*rows, currency="EUR", pipeline=PIPELINE)
    assert finding(got, "stage-contradicts-flag").rows == (1,)
    # The system's own word goes before the name of the stage: 210,000 is open, and not won too.
    won = sum((d.amount for d in got.deals if d.outcome == "won"), Money.zero("EUR"))  # type: ignore[misc]
    opened = sum((d.amount for d in got.deals if d.outcome == "open"), Money.zero("EUR"))  # type: ignore[misc]
    assert (won, opened) == (Money(96_000, "EUR"), Money(622_000, "EUR"))
    assert won + opened == Money(210_000 + 96_000 + 412_000, "EUR")


# R15
def test_what_a_stage_meant_is_frozen_when_it_is_read():
    def meaning(kind: str) -> Pipeline:
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        return Pipeline("sales", ["talk", Stage("signed", kind=kind), *ends])  # type: ignore[arg-type]

    row = {"id": 1, "stage": "Signed", "close_date": "2026-03-10"}
    [won] = read(row, pipeline=meaning("won")).deals
    written = won.model_dump_json()
    [lost] = read(row, pipeline=meaning("lost")).deals
    assert (won.outcome, lost.outcome) == ("won", "lost")
    assert won.model_dump_json() == written
    assert won.history[0].stage_kind == "won"  # type: ignore[union-attr]


# R15
def test_a_deal_closed_twice_has_both_closings_and_is_closed_by_the_last():
    log = [
        {"deal_id": 1, "stage": stage, "entered_at": day}
        for stage, day in [
            ("meeting", "2026-01-05"),
            ("lost", "2026-01-20"),
            ("meeting", "2026-02-10"),
            ("won", "2026-03-10"),
        ]
    ]
    [deal] = read({"id": 1, "stage": "won"}, history=log).deals
    visits = deal.history[0].visits  # type: ignore[union-attr]
    assert [visit.stage for visit in visits] == ["meeting", "lost", "meeting", "won"]
    assert deal.closed_at == datetime(2026, 3, 10, tzinfo=UTC)
    january, march = Period.month(2026, 1), Period.month(2026, 3)
    # A closing that was reopened belongs to no period.
    assert metrics.win_rate([deal], period=january).denominator == 0
    assert metrics.win_rate([deal], period=march).value == 1.0


# R34
def test_the_currency_is_that_of_the_deal_whoever_reads():
    row = {"id": 1, "stage": "won", "amount": 1000, "currency": "CHF"}
    assert deal_of(row, currency="EUR").amount == deal_of(row).amount == Money(1000, "CHF")


# R34
def test_a_currency_that_nobody_says_is_none_and_adds_to_no_other():
    rows = [
        {"id": n, "stage": "won", "amount": 1000, "currency": c} for n, c in ((1, "CHF"), (2, ""))
    ]
    got = read(*rows)
    assert [deal.amount for deal in got.deals] == [Money(1000, "CHF"), Money(1000, "XXX")]
    with pytest.raises(MixedCurrencyError):
        metrics.average_deal_size(got.deals)


# R43
def test_a_closing_at_the_end_of_a_day_belongs_to_that_day_where_it_was():
    row = {"id": 1, "stage": "won", "closed_at": "2026-10-12 17:27"}
    [deal] = read(row, zone="America/Los_Angeles").deals
    # 17:27 in Los Angeles is 00:27 on the 13th in UTC.
    assert deal.closed_at == datetime(2026, 10, 13, 0, 27, tzinfo=UTC)
    for zone, day in (("America/Los_Angeles", 12), ("UTC", 13)):
        on = Period.between(date(2026, 10, day), date(2026, 10, day + 1), zone=zone)
        assert metrics.win_rate([deal], period=on).denominator == 1


# R43
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Seoul", None])
def test_a_date_stays_a_date_in_every_zone(zone):
    [deal] = read({"id": 1, "stage": "won", "closed_at": "2026-10-12"}, zone=zone).deals
    assert (deal.closed_at, deal.closed_precision) == (datetime(2026, 10, 12, tzinfo=UTC), "day")
    for where in ("America/Los_Angeles", "Asia/Seoul", "UTC"):
        on = Period.between(date(2026, 10, 12), date(2026, 10, 13), zone=where)
        assert metrics.win_rate([deal], period=on).denominator == 1


# R44
def test_an_offset_is_converted_never_relabelled():
    [deal] = read({"id": 1, "stage": "won", "closed_at": "2026-01-05T10:00:00+05:00"}).deals
    assert deal.closed_at == datetime(2026, 1, 5, 5, tzinfo=UTC)


# R44
def test_times_without_a_zone_are_refused_unless_it_is_said():
    row = {"id": 1, "stage": "won", "closed_at": "2026-01-05 10:00:00"}
    with pytest.raises(NaiveDatetimeError, match="does not say its time zone"):
        read(row)
    [deal] = read(row, zone="Asia/Karachi").deals
    assert deal.closed_at == datetime(2026, 1, 5, 5, tzinfo=UTC)


# R46
def test_two_deals_that_were_merged_are_one():
    deals = [{"deal_id": f"D{n}", "stage": "won", "amount": 10_000} for n in (1, 2)]
    got = read(*deals, history=[{"deal_id": "D2", "merged_deal_id": "D1"}], currency="EUR")
    # 10,000, not 20,000; the other id leads to the deal that is left, and its row is not lost.
    assert metrics.average_deal_size(got.deals).total == Money(10_000, "EUR")
    assert [(deal.id, deal.aliases) for deal in got.deals] == [("D2", ("D1",))]
    assert [(row.row, row.faults[0].fact) for row in got.rejected] == [
        (1, "it was merged into deal 'D2'")
    ]


# S8
def test_a_lost_deal_has_no_chance_whatever_its_row_says():
    rows = [{"id": 1, "stage": "lost", "probability": "70%", "amount": 1000}]
    got = read(*rows, {"id": 2, "stage": "proposal", "probability": "70%", "amount": 1000})
    assert [deal.probability for deal in got.deals] == [0.0, 0.7]
    weighted = metrics.weighted_pipeline(got.deals, as_of=NOW)
    # 0 of the first, 700 of the second.
    assert weighted.total == Money("700.00", "XXX")


# S8
def test_the_chance_of_a_stage_is_used_where_a_row_has_none():
    stages = [Stage("talk", probability=0.2), Stage("won", kind="won"), Stage("lost", kind="lost")]
    pipeline = Pipeline("p", stages)
    rows = [{"id": n, "stage": "talk", "probability": p} for n, p in ((1, "70%"), (2, ""))]
    deals = read(*rows, pipeline=pipeline).deals
    assert [(d.probability, d.probability_source) for d in deals] == [
        (0.7, "manual"),
        (0.2, "stage"),
    ]


# S11
def test_reading_invents_no_date():
    deal = deal_of({"id": 1, "stage": "negotiation", "created_at": ""})
    assert (deal.created_at, deal.stage_entered_at, deal.closed_at) == (None, None, None)
    assert deal.history[0].at is None


# S11
def test_a_stage_that_was_entered_nobody_knows_when_has_no_duration():
    names = ("OpportunityId", "Field", "OldValue", "NewValue", "CreatedDate")
    change = ("o1", "StageName", "Prospecting", "Qualification", "2026-01-05T10:00:00Z")
    row = {"Id": "o1", "StageName": "Qualification", "CloseDate": None}
    [deal] = read(row, history=[dict(zip(names, change, strict=True))]).deals
    times = metrics.time_in_stage([deal], as_of=datetime(2026, 1, 8, 10, tzinfo=UTC))
    # It was prospecting until the 5th, since an unknown day; then three days of qualification.
    assert times["Prospecting"].mean_days is None
    assert times["Qualification"].current_days == 3.0


# S14
def test_a_stage_without_a_probability_has_the_outcome_of_its_kind():
    rows = [
        {"id": 1, "stage": "Talk", "probability": "", "is_won": "no", "is_closed": "no"},
        {"id": 2, "stage": "Signed", "probability": "", "is_won": "yes", "is_closed": "yes"},
        {"id": 3, "stage": "Gone", "probability": "", "is_won": "no", "is_closed": "yes"},
    ]
    deals = read(*rows).deals
    assert [deal.outcome for deal in deals] == ["open", "won", "lost"]
    assert [deal.probability for deal in deals] == [None, 1.0, 0.0]
