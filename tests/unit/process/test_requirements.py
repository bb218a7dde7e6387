"""What must be true before a deal enters a stage, and who may let it pass."""

from datetime import UTC, datetime

import attrs
import pytest

from salesflow import Actor, Deal, Money, Pipeline, Requirement, Stage, errors
from salesflow.process import Move

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Priced:
    """Requires an amount."""

    def unmet(self, deal: Deal, by: Actor | None) -> str | None:
        del by
        return "an amount" if deal.amount is None else None


@attrs.frozen
class OnlyBy:
    """Requires a person."""

    who: str

    def unmet(self, deal: Deal, by: Actor | None) -> str | None:
        del deal
        return None if by and by.id == self.who else f"approval by {self.who}"


@attrs.frozen
class Says:
    """Says whatever it was told to."""

    what: object

    def unmet(self, deal: Deal, by: Actor | None) -> object:
        del deal, by
        return self.what


def pipeline_of(*requires: Requirement) -> Pipeline:
    return Pipeline(
        "p",
        [
            "talk",
            Stage("offer", requires=requires),
            Stage("won", kind="won", requires=requires),
            Stage("lost", kind="lost"),
        ],
    )


PIPELINE = pipeline_of(Priced(), OnlyBy("kim"))


def opened(pipeline=PIPELINE, **fields):
    return pipeline.open("Acme", id="D-1", at=T0, **fields)


def refused(deal, **options):
    written = deal.model_dump_json()
    with pytest.raises(errors.MoveNotAllowed, match="'offer' requires more: ") as caught:
        PIPELINE.advance(deal, at=T0, **options)
    assert deal.model_dump_json() == written
    return caught.value


def test_what_is_unmet_blocks_the_move_and_is_told_whole():
    error = refused(opened())
    assert str(error) == (
        "cannot move deal 'D-1' from 'talk' to 'offer': "
        "'offer' requires more: an amount; approval by kim\n\n"
        "Hint: meet that, or give override='why' and by='who'."
    )
    assert error.unmet == ("an amount", "approval by kim")
    assert (error.stage, error.to, error.legal) == ("talk", "offer", ("offer", "lost"))


def test_what_is_met_is_not_told():
    assert refused(opened(), by="kim").unmet == ("an amount",)
    assert refused(opened(amount=Money(1, "EUR")), by="lee").unmet == ("approval by kim",)


def test_with_all_met_it_moves_and_leaves_no_override():
    deal = PIPELINE.advance(opened(amount=Money(1, "EUR")), by="kim", override="not needed")
    assert (deal.stage, deal.history[-1].override) == ("offer", None)


def test_every_verb_asks():
    deal = PIPELINE.advance(opened(amount=Money(1, "EUR")), by="kim")
    with pytest.raises(errors.MoveNotAllowed, match=r"cannot win .* 'won' requires more: approval"):
        PIPELINE.win(deal)
    lost = PIPELINE.lose(deal, "budget")
    with pytest.raises(
        errors.MoveNotAllowed, match=r"cannot reopen .* 'offer' requires more: appro"
    ):
        PIPELINE.reopen(lost, "offer", reason="again")
    assert PIPELINE.reopen(lost, "offer", reason="again", by="kim").stage == "offer"


def test_a_reversion_too_far_is_no_matter_of_requirements():
    lost = PIPELINE.lose(opened(), "budget")
    with pytest.raises(errors.MoveNotAllowed, match="it was lost at 'talk'") as caught:
        PIPELINE.reopen(lost, "offer", reason="again", by="lee", override="I say so")
    assert caught.value.unmet == ()


def test_moves_shows_what_blocks_each():
    assert PIPELINE.moves(opened(), by="kim") == (
        Move("move", "offer", ("an amount",)),
        Move("lose", "lost"),
    )
    assert str(PIPELINE.moves(opened())[0]) == "move to offer (blocked: an amount; approval by kim)"


def test_an_override_passes_and_leaves_who_why_and_what():
    deal = PIPELINE.advance(opened(), at=T0, by="lee", override="the board said so")
    override = deal.history[-1].override
    assert (override.by, override.reason) == ("lee", "the board said so")
    assert override.unmet == ("an amount", "approval by kim")
    assert Deal.model_validate_json(deal.model_dump_json()) == deal


@pytest.mark.parametrize(
    "options",
    [
        {"override": "why"},
        {"override": "", "by": "lee"},
        {"override": " ", "by": "lee"},
        {"override": 3, "by": "lee"},
        {"override": True, "by": "lee"},
        {"override": "\ud800", "by": "lee"},
    ],
)
def test_an_override_needs_a_name_and_a_reason(options):
    with pytest.raises(errors.OptionError, match="it needs a name and a reason") as caught:
        PIPELINE.advance(opened(), **options)
    assert (caught.value.parameter, caught.value.value) == ("override", options["override"])


def test_an_override_does_not_bend_the_graph():
    with pytest.raises(errors.MoveNotAllowed, match="the definition has no such move"):
        PIPELINE.win(opened(), by="lee", override="the board said so")


@pytest.mark.parametrize("answer", [False, True, 3, "", " ", b"no", "\ud800"])
def test_an_answer_that_is_no_text_is_refused_as_such(answer):
    pipeline = pipeline_of(Says(answer))
    deal = opened(pipeline)
    for options in ({}, {"by": "lee", "override": "why"}):
        with pytest.raises(errors.OptionError, match="which is no text") as caught:
            pipeline.advance(deal, **options)
        assert (caught.value.parameter, caught.value.value) == ("requires", answer)
    assert deal.version == 1


def test_an_error_of_a_requirement_is_the_cause_of_ours_and_nothing_moved():
    class Broken:
        def unmet(self, deal, by):
            msg = f"no connection for {deal.id} and {by}"
            raise OSError(msg)

    deal = opened(pipeline_of(Broken()))
    with pytest.raises(errors.RequirementError, match="requirement Broken of deal 'D-1'") as caught:
        pipeline_of(Broken()).advance(deal)
    assert (caught.value.requirement, caught.value.deal_id) == ("Broken", "D-1")
    assert isinstance(caught.value.__cause__, OSError)
    assert (deal.stage, deal.version) == ("talk", 1)


def test_a_deal_may_be_opened_without():
    # Requirements are for entering by a move; there is no deal to ask before the first event.
    pipeline = Pipeline("p", [Stage("talk", requires=[Priced()]), *PIPELINE.stages[-2:]])
    assert pipeline.open("Acme").stage == "talk"
