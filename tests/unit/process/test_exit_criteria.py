"""What must be true before an open deal goes on from a stage, beside what the next one asks."""

from datetime import UTC, datetime

import pytest

from salesflow import Actor, Money, Pipeline, Stage, errors
from salesflow import requirements as req
from salesflow.process import Move

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
PIPELINE = Pipeline(
    "p",
    [
        Stage("talk", exit_requires=[req.at_least("n_meetings", 1), req.has("owner_id")]),
        Stage("offer", requires=[req.has("amount")], exit_requires=[req.role("manager")]),
        Stage("trial", requires=[req.has("owner_id")]),
        Stage("won", kind="won"),
        Stage("lost", kind="lost"),
    ],
    allow_skip=True,
    win_from=["offer", "trial"],
)
MEETING = "1 meeting is needed, there is none"
OWNER = "owner_id is not known"
MANAGER = "role 'manager' is needed, and nobody is named"


def opened(**fields):
    return PIPELINE.open("Acme", id="D-1", at=AT, **fields)


def in_stage(stage):
    return PIPELINE.restore(id="D-1", stage=stage, created_at=AT)


def refused(move):
    with pytest.raises(errors.MoveNotAllowed) as caught:
        move()
    return caught.value


def test_what_leaving_asks_is_told_apart_from_what_entering_asks():
    error = refused(lambda: PIPELINE.advance(opened()))
    assert error.message == (
        "cannot move deal 'D-1' from 'talk' to 'offer': "
        "leaving 'talk' requires more: 1 meeting is needed, there is none; owner_id is not known; "
        "'offer' requires more: amount is not known"
    )
    assert error.hint == "meet that, or give override='why' and by='who'."
    assert error.unmet == (MEETING, OWNER, "amount is not known")


def test_leaving_alone_may_be_what_blocks():
    error = refused(lambda: PIPELINE.advance(opened(amount=Money(1, "EUR"), owner_id="kim")))
    assert error.message.endswith(f"to 'offer': leaving 'talk' requires more: {MEETING}")


def test_what_both_stages_ask_is_told_once():
    error = refused(lambda: PIPELINE.move(opened(), to="trial"))
    assert error.unmet == (MEETING, OWNER)
    assert error.message.endswith(f"leaving 'talk' requires more: {MEETING}; {OWNER}")


def test_with_all_met_it_goes_on():
    deal = PIPELINE.log(opened(amount=Money(1, "EUR"), owner_id="kim"), "meeting", at=AT)
    assert PIPELINE.advance(deal, at=AT).stage == "offer"


def test_a_win_from_the_stage_asks_too():
    assert refused(lambda: PIPELINE.win(in_stage("offer"))).unmet == (MANAGER,)
    assert PIPELINE.win(in_stage("offer"), by=Actor("kim", ["manager"])).outcome == "won"
    assert PIPELINE.win(in_stage("trial")).outcome == "won"


def test_a_move_back_a_loss_and_a_reversion_do_not_ask():
    deal = in_stage("offer")
    assert PIPELINE.move(deal, to="talk").stage == "talk"
    lost = PIPELINE.lose(deal, "budget")
    assert lost.outcome == "lost"
    assert PIPELINE.reopen(lost, "talk", reason="new budget").stage == "talk"
    assert PIPELINE.lose(opened(), "budget").outcome == "lost"


def test_opening_restoring_and_migrating_do_not_ask():
    assert opened().stage == "talk"
    assert in_stage("offer").stage == "offer"
    other = Pipeline("other", PIPELINE.stages)
    assert other.migrate(opened()).stage == "talk"


def test_moves_shows_what_blocks_leaving():
    assert PIPELINE.moves(in_stage("offer")) == (
        Move("move", "talk"),
        Move("move", "trial", (MANAGER, OWNER)),
        Move("win", "won", (MANAGER,)),
        Move("lose", "lost"),
    )


def test_an_override_keeps_what_leaving_and_entering_missed():
    deal = opened()
    moved = PIPELINE.advance(deal, by=Actor("lee", ["intern"]), override="the board said so")
    override = moved.history[-1].override
    assert (moved.history[-1].by, override.by, override.reason) == (
        *("lee", "lee"),
        "the board said so",
    )
    assert override.unmet == (MEETING, OWNER, "amount is not known")
    assert moved == type(moved).model_validate_json(moved.model_dump_json())


@pytest.mark.parametrize("options", [{}, {"by": Actor("lee")}])
@pytest.mark.parametrize("reason", ["", " ", 3])
def test_an_override_of_leaving_needs_a_name_and_a_reason(options, reason):
    with pytest.raises(errors.OptionError, match="it needs a name and a reason"):
        PIPELINE.advance(opened(), override=reason, **options)


@pytest.mark.parametrize("kind", ["won", "lost"])
def test_a_closed_stage_takes_none(kind):
    stages = [stage for stage in PIPELINE.stages if stage.kind != kind]
    stages.append(Stage("end", kind=kind, exit_requires=[req.has("amount")]))
    with pytest.raises(errors.DefinitionError) as caught:
        Pipeline("p", stages, win_from=["trial"])
    fault = f"stage 'end' is {kind}, and only an open one takes exit_requires"
    assert fault in caught.value.faults


@pytest.mark.parametrize("given", [3, None])
def test_they_come_in_a_list(given):
    with pytest.raises(errors.OptionError, match="it is no list of requirements") as caught:
        Stage("talk", exit_requires=given)
    assert caught.value.parameter == "exit_requires"
    assert caught.value.hint == "put it in a list: exit_requires=[…]."


def test_each_says_what_is_unmet():
    with pytest.raises(errors.OptionError, match="it has no method 'unmet'") as caught:
        Stage("talk", exit_requires=["budget"])
    assert caught.value.parameter == "exit_requires"


def test_a_table_shows_them_apart_from_what_entering_asks():
    heads, _, talk, offer, *_ = PIPELINE._repr_markdown_().splitlines()
    assert " requires | exit requires | " in heads
    assert " | — | at least 1 meeting; owner_id is known | " in talk
    assert " | amount is known | role 'manager' | " in offer
