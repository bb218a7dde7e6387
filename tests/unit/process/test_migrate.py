"""Bringing deals into another pipeline, or another version of their own."""

from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Deal, Pipeline, Stage, errors

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = T0 + timedelta(days=1)
ENDS = (Stage("won", kind="won"), Stage("lost", kind="lost"))
OLD = Pipeline("old", ["talk", Stage("offer", probability=0.4), *ENDS])
NEW = Pipeline(
    "new",
    ["lead", Stage("offer", probability=0.6), Stage("gone", retired=True), *ENDS],
    version=3,
)


def offered(**fields):
    return OLD.advance(OLD.open("Acme", id="D-1", at=T0, **fields), at=T0)


def refused(deal, match, **options):
    written = deal.model_dump_json()
    with pytest.raises(errors.MigrationError, match=match) as caught:
        NEW.migrate(deal, **options)
    assert deal.model_dump_json() == written
    return caught.value


def test_it_takes_the_stage_of_the_same_name():
    deal = NEW.migrate(offered(), at=LATER, by="kim")
    assert (deal.pipeline, deal.pipeline_version, deal.stage) == ("new", 3, "offer")
    event = deal.history[-1]
    assert (event.type, event.from_pipeline, event.from_stage) == ("migrated", "old", "offer")
    assert (event.at, event.by) == (LATER, "kim")
    assert Deal.model_validate_json(deal.model_dump_json()) == deal


def test_a_stage_of_the_same_name_was_entered_when_it_was():
    assert NEW.migrate(offered(), at=LATER).stage_entered_at == T0


def test_another_stage_is_entered_at_the_migration():
    deal = NEW.migrate(offered(), to="lead", at=LATER)
    assert (deal.stage, deal.stage_entered_at) == ("lead", LATER)


def test_it_means_what_the_new_stage_means():
    assert NEW.migrate(offered()).probability == 0.6
    assert NEW.migrate(offered(), to="lead").probability is None


def test_a_manual_probability_survives():
    deal = NEW.migrate(offered(probability=0.9))
    assert (deal.probability, deal.probability_source) == (0.9, "manual")


def test_the_new_pipeline_moves_it_and_the_old_one_no_longer():
    deal = NEW.migrate(offered())
    assert NEW.win(deal).outcome == "won"
    with pytest.raises(errors.WrongPipelineError, match="through pipeline 'old'"):
        OLD.win(deal)


def test_a_closing_stays_what_it_was():
    lost = OLD.lose(offered(), "budget", at=T0)
    deal = NEW.migrate(lost, at=LATER)
    assert (deal.outcome, deal.closed_at, deal.loss_reason) == ("lost", T0, "budget")
    assert deal.probability == 0.0


def test_a_stage_that_is_missing_is_refused():
    deal = OLD.open("Acme", id="D-1", at=T0)
    error = refused(deal, "to 'talk' of pipeline 'new': it has no such stage")
    assert str(error) == (
        "cannot migrate deal 'D-1' to 'talk' of pipeline 'new': it has no such stage\n\n"
        "Hint: the deal is open: to='lead' or 'offer'."
    )
    assert (error.deal_id, error.stage, error.pipeline) == ("D-1", "talk", "new")


def test_another_outcome_is_refused():
    error = refused(offered(), "that stage is won", to="won")
    assert error.hint == "the deal is open: to='lead' or 'offer'."


def test_a_retired_stage_is_refused():
    refused(offered(), "to 'gone' of pipeline 'new': that stage is retired", to="gone")


@pytest.mark.parametrize("to", [3, "", []])
def test_what_is_no_stage_is_refused(to):
    assert refused(offered(), "it has no such stage", to=to).stage == to


def test_before_the_last_event_is_refused():
    with pytest.raises(errors.EventOrderError, match="cannot date an event of deal 'D-1'"):
        NEW.migrate(offered(), at=T0 - timedelta(days=1))


def test_a_deal_that_knows_no_stage_is_given_one():
    deal = NEW.migrate(OLD.restore(id="D-1"), to="lead", at=LATER)
    assert (deal.stage, deal.stage_entered_at) == ("lead", LATER)
    refused(OLD.restore(id="D-1"), "to 'None' of pipeline 'new'")


def test_a_loss_at_a_stage_that_the_new_definition_lacks_reverts_anywhere():
    ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
    old = Pipeline("old", [Stage("a"), *ends])
    new = Pipeline("new", [Stage("b"), Stage("c"), *ends])
    deal = old.lose(old.open("Acme", id="D-1", at=date(2026, 1, 5)), "price", at=date(2026, 1, 6))
    deal = new.migrate(deal, at=date(2026, 1, 7))
    assert deal.lost_at_position == 0
    assert new.reopen(deal, to="c", reason="again", at=date(2026, 1, 8)).stage == "c"


STAGES = {"offer": "lead", "talk": "offer"}


def test_many_deals_by_the_names_their_stages_have_now():
    deal = NEW.migrate(offered(), stages=STAGES, at=LATER)
    assert (deal.stage, deal.history[-1].from_stage) == ("lead", "offer")
    assert deal.history[:-1] == offered().history


def test_a_stage_that_the_names_leave_out_keeps_its_own():
    assert NEW.migrate(offered(), stages={"talk": "lead"}).stage == "offer"


def test_a_name_for_a_stage_that_is_not_there():
    error = refused(
        offered(),
        "stages names 'nowhere', which pipeline 'new' does not",
        stages={"offer": "nowhere"},
    )
    assert error.stage == "nowhere"


def test_one_stage_beside_names_for_all():
    with pytest.raises(errors.OptionError, match="deal 'D-1': to and stages both say where"):
        NEW.migrate(offered(), to="lead", stages=STAGES)
