"""Cases of state and history that went wrong in other systems, each with the right answer.

They are those of CASES.md that concern a deal itself; the number of the case stands above each.
"""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from salesflow import Deal, Money, Pipeline, Stage, errors, merge

ENDS = (
    Stage("won", kind="won"),
    Stage("follow_up", kind="won"),
    Stage("lost", kind="lost"),
)
PIPELINE = Pipeline(
    "sales",
    [
        Stage("new", probability=0.1),
        Stage("proposal", probability=0.5),
        Stage("negotiation", probability=0.7),
        *ENDS,
    ],
    allow_skip=True,
    allow_unwin=True,
)


def on(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def opened(**fields: Any) -> Deal:
    return PIPELINE.open("Acme", id="D-1", at=on(1, 5), **fields)


def weighted(deal: Deal) -> Decimal:
    """The amount times the probability, as a forecast would take it."""
    assert deal.amount is not None
    assert deal.probability is not None
    return deal.amount.amount * Decimal(str(deal.probability))


def closings(deal: Deal) -> list[tuple[str, str, datetime]]:
    """Each event that closed the deal: in which stage, as what, and when."""
    found, before = [], "open"
    for event in deal.history:
        kind = getattr(event, "stage_kind", before)
        if kind not in ("open", before):
            found.append((str(event.stage), kind, event.at))  # type: ignore[union-attr]
        before = kind
    return found


# R1
def test_editing_a_lost_deal_leaves_it_lost_with_probability_0():
    lost = PIPELINE.lose(opened(), "budget", at=on(1, 6))
    edited = PIPELINE.update(lost, custom={"tags": ["vip"]}, source="web", at=on(1, 7))
    assert (edited.outcome, edited.stage, edited.probability) == ("lost", "lost", 0.0)
    assert edited.closed_at == on(1, 6)


# R2
@pytest.mark.parametrize("probability", [0.35, None])
def test_a_closed_deal_refuses_a_probability_manual_or_automatic(probability):
    lost = PIPELINE.lose(opened(probability=0.35), "budget", at=on(1, 6))
    with pytest.raises(errors.ClosedDealError, match="cannot change the probability of deal 'D-1'"):
        PIPELINE.update(lost, probability=probability)
    assert (lost.outcome, lost.probability) == ("lost", 0.0)


# R5
def test_a_second_won_stage_leaves_the_closing_where_it_was():
    won = PIPELINE.win(PIPELINE.move(opened(), to="negotiation", at=on(3, 1)), at=on(3, 30))
    moved = PIPELINE.move(won, to="follow_up", at=on(4, 2))
    # Closed on 30 March, in the first quarter; entered the second stage on 2 April.
    assert (moved.closed_at, moved.stage_entered_at) == (on(3, 30), on(4, 2))
    assert closings(moved) == [("won", "won", on(3, 30))]


# R8
@pytest.mark.parametrize("probability", [0.99997, 0.999999, 1.0, 0.0, 0.000001])
def test_an_open_deal_may_be_certain_and_stays_open(probability):
    deal = PIPELINE.update(opened(), probability=probability)
    assert (deal.outcome, deal.closed_at) == ("open", None)
    assert deal.probability == probability


# R8
def test_a_probability_that_rounds_to_1_wins_nothing():
    deal = PIPELINE.update(opened(), probability=0.99999997)
    assert (deal.probability, deal.outcome) == (1.0, "open")


def _won_back_to_proposal(deal: Deal) -> Deal:
    won = PIPELINE.win(PIPELINE.move(deal, to="negotiation"))
    return PIPELINE.reopen(won, "proposal", reason="signed by mistake")


def _lost_back_to_proposal(deal: Deal) -> Deal:
    lost = PIPELINE.lose(PIPELINE.move(deal, to="negotiation"), "budget")
    return PIPELINE.reopen(lost, "proposal", reason="new budget")


def _followed_up_back_to_proposal(deal: Deal) -> Deal:
    won = PIPELINE.win(PIPELINE.move(deal, to="negotiation"), to="follow_up")
    return PIPELINE.reopen(PIPELINE.move(won, to="won"), "proposal", reason="signed by mistake")


def _migrated_then_back_to_proposal(deal: Deal) -> Deal:
    won = PIPELINE.win(PIPELINE.move(deal, to="negotiation"))
    return PIPELINE.reopen(PIPELINE.migrate(won), "proposal", reason="signed by mistake")


def _restored_then_back_to_proposal(deal: Deal) -> Deal:
    won = PIPELINE.restore(id=deal.id, stage="won", amount=deal.amount)
    return PIPELINE.reopen(won, "proposal", reason="signed by mistake")


# R9
@pytest.mark.parametrize("probability", [None, 0.9])
@pytest.mark.parametrize(
    "path",
    [
        _won_back_to_proposal,
        _lost_back_to_proposal,
        _followed_up_back_to_proposal,
        _migrated_then_back_to_proposal,
        _restored_then_back_to_proposal,
    ],
)
def test_a_reopened_deal_has_the_probability_of_its_stage_by_every_path(path, probability):
    deal = path(opened(amount=Money(1000, "EUR"), probability=probability))
    assert (deal.stage, deal.probability, deal.probability_source) == ("proposal", 0.5, "stage")
    # 1,000 × 0.5, not 1,000 × 1.
    assert weighted(deal) == 500


# R13
def test_a_record_that_is_open_and_won_does_not_load():
    document = json.loads(opened(amount=Money(210_000, "EUR")).model_dump_json())
    document["outcome"] = "won"
    with pytest.raises(ValidationError, match="outcome is 'won', its history says 'open'"):
        Deal.model_validate_json(json.dumps(document))


# R13
def test_a_restored_record_that_is_open_and_closed_is_refused():
    with pytest.raises(errors.FieldError, match="is open, and closed at 2026-03-30"):
        PIPELINE.restore(id="D-1", stage="proposal", closed_at=on(3, 30))


# R15
def test_a_stage_that_changes_its_meaning_rewrites_no_win():
    first = Pipeline(
        "sales",
        ["new", Stage("signed", kind="won", label="Signed"), Stage("lost", kind="lost")],
    )
    won = first.win(first.open("Acme", id="D-1", at=on(3, 1)), at=on(3, 10))
    written = won.model_dump_json()

    # In June the administrator makes "signed" the sign of a lost deal.
    second = Pipeline(
        "sales",
        [
            Stage("new", probability=0.9, label="Fresh"),
            Stage("sold", kind="won"),
            Stage("signed", kind="lost", label="Signed by another"),
        ],
        version=2,
    )
    assert won.model_dump_json() == written
    assert (won.outcome, won.closed_at, won.probability) == ("won", on(3, 10), 1.0)
    assert (won.history[0].probability, won.history[1].stage_kind) == (None, "won")
    # Nor does the new definition move it as a lost deal: it has to be brought over as a won one.
    with pytest.raises(errors.WrongPipelineError, match="won in stage 'signed', which is lost"):
        second.reopen(won, "new", reason="new budget")
    with pytest.raises(errors.MigrationError, match="that stage is lost"):
        second.migrate(won, at=on(6, 1))
    over = second.migrate(won, to="sold", at=on(6, 1))
    assert (over.outcome, over.closed_at) == ("won", on(3, 10))
    assert over.history[:2] == won.history


# R15
def test_a_deal_closed_twice_has_two_closings_in_its_history():
    lost = PIPELINE.lose(opened(), "budget", at=on(1, 20))
    back = PIPELINE.reopen(lost, "new", reason="new budget", at=on(2, 10))
    won = PIPELINE.win(PIPELINE.move(back, to="negotiation", at=on(3, 1)), at=on(3, 10))
    assert closings(won) == [("lost", "lost", on(1, 20)), ("won", "won", on(3, 10))]
    assert (won.outcome, won.closed_at, won.loss_reason) == ("won", on(3, 10), None)


# R17, S8
def test_a_lost_deal_weighs_nothing_whatever_it_was_given():
    deal = PIPELINE.move(opened(amount=Money(1000, "EUR")), to="negotiation")
    assert weighted(deal) == 700
    deal = PIPELINE.update(deal, probability=0.6)
    assert weighted(deal) == 600
    assert weighted(PIPELINE.lose(deal, "budget")) == 0


# S8
def test_moving_forward_takes_the_probability_of_the_new_stage():
    deal = PIPELINE.move(opened(), to="proposal")
    assert deal.probability == 0.5
    assert PIPELINE.advance(deal).probability == 0.7


# S8
def test_a_manual_probability_stays_where_the_stages_would_change():
    deal = PIPELINE.advance(PIPELINE.move(opened(probability=0.25), to="proposal"))
    assert (deal.stage, deal.probability) == ("negotiation", 0.25)


# R34
def test_the_currency_stands_on_the_deal_whoever_looks():
    deal = opened(amount=Money(1000, "CHF"))
    loaded = Deal.model_validate_json(deal.model_dump_json())
    assert loaded.amount == Money(1000, "CHF")
    assert json.loads(deal.model_dump_json())["amount"] == {"amount": "1000", "currency": "CHF"}


# R34
def test_an_amount_without_currency_is_refused():
    with pytest.raises(errors.FieldError, match="exactly amount and currency, is expected"):
        opened(amount=1000)


# R35
def test_a_currency_cannot_be_switched_under_an_amount():
    million = Money(1_000_000, "TZS")
    deal = opened(amount=million)
    # There is no such field, neither on the deal nor on its amount; a new amount says both.
    with pytest.raises(errors.OptionError, match="update deal 'D-1': it does not set 'currency'"):
        PIPELINE.update(deal, currency="USD")  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        million.currency = "USD"  # type: ignore[misc]
    with pytest.raises(errors.ReadOnlyError, match=r"pipeline\.update"):
        deal.model_copy(update={"amount": Money(1_000_000, "USD")})
    priced = PIPELINE.update(deal, amount=Money(400, "USD"))
    assert (priced.amount, priced.history[0].amount) == (Money(400, "USD"), million)


# R38
def test_a_win_reads_the_clock_once():
    won = PIPELINE.win(PIPELINE.move(PIPELINE.open("Acme"), to="negotiation"))
    assert won.closed_at == won.stage_entered_at == won.history[-1].at


# R38
def test_several_changes_of_one_update_happen_at_one_instant():
    changed = PIPELINE.update(PIPELINE.open("Acme"), owner_id="kim", amount=Money(1, "EUR"))
    first, second = changed.history[1:]
    assert first.at == second.at


# R44
def test_a_moment_of_another_zone_is_converted_never_relabelled():
    there = timezone(timedelta(hours=5))
    deal = PIPELINE.open("Acme", at=datetime(2026, 1, 5, 10, tzinfo=there))
    # 10:00+05:00 is 05:00 in UTC.
    assert deal.created_at == datetime(2026, 1, 5, 5, tzinfo=UTC)
    assert '"2026-01-05T05:00:00Z"' in deal.model_dump_json()


# R44
def test_a_moment_without_zone_is_refused():
    with pytest.raises(errors.NaiveDatetimeError, match="2026-01-05T10:00:00: it has no time zone"):
        PIPELINE.open("Acme", at=datetime(2026, 1, 5, 10))  # noqa: DTZ001 - naive on purpose


# R46
def test_two_deals_that_are_one_are_worth_one():
    first = opened(amount=Money(10_000, "EUR"))
    second = PIPELINE.open("ACME", id="D-2", amount=Money(10_000, "EUR"), at=on(1, 6))
    second = PIPELINE.advance(second, at=on(1, 7))
    merged = merge(first, second, at=on(1, 8))
    # 10,000, not 20,000; the history of the other is held whole, and its id leads here.
    assert merged.amount == Money(10_000, "EUR")
    assert merged.aliases == ("D-2",)
    assert merged.history[-1].deals == (second,)
    assert Deal.model_validate_json(merged.model_dump_json()) == merged


# S10
@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_closing_is_dated_for_both_outcomes_and_cleared_on_reopening(outcome):
    deal = PIPELINE.move(opened(), to="negotiation", at=on(2, 1))
    if outcome == "won":
        closed = PIPELINE.win(deal, at=on(2, 14))
    else:
        closed = PIPELINE.lose(deal, "budget", at=on(2, 14))
    assert (closed.outcome, closed.closed_at) == (outcome, on(2, 14))
    assert PIPELINE.reopen(closed, "proposal", reason="again", at=on(3, 1)).closed_at is None


# S11
def test_restoring_a_deal_invents_no_date():
    deal = PIPELINE.restore(id="D-1", stage="negotiation")
    dates = (deal.created_at, deal.stage_entered_at, deal.closed_at, deal.history[0].at)
    assert dates == (None, None, None, None)
    assert deal.history[0].visits == ()


# S11
def test_a_stage_whose_entry_is_unknown_was_not_entered_when_it_was_left():
    restored = PIPELINE.restore(
        id="D-1", stage="proposal", visits=[("new", date(2025, 3, 1)), ("proposal", None)]
    )
    first, second = restored.history[0].visits
    assert first.entered_at == datetime(2025, 3, 1, tzinfo=UTC)
    assert (first.left_at, second.entered_at, second.left_at) == (None, None, None)


# S14
def test_a_stage_without_probability_has_the_outcome_of_its_kind():
    pipeline = Pipeline("blank", ["talk", "offer", *ENDS])
    deal = pipeline.advance(pipeline.open("Acme"))
    assert (deal.probability, deal.outcome) == (None, "open")
    assert (pipeline.win(deal).probability, pipeline.win(deal).outcome) == (1.0, "won")
    lost = pipeline.lose(deal, "budget")
    assert (lost.probability, lost.outcome) == (0.0, "lost")
    assert pipeline.reopen(lost, "talk", reason="again").probability is None
