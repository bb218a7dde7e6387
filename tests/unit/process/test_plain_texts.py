"""A member of a text enumeration is the text that it holds, wherever a name is taken."""

from enum import Enum

import pytest

from salesflow import Criterion, Framework, LeadProcess, Pipeline, Playbook, Stage, TaskTemplate
from salesflow import requirements as req


class S(str, Enum):  # noqa: UP042 - a StrEnum says its value; this one says S.X
    """Names whose `str` is not their value."""

    X = "x"
    Y = "y"
    WON = "won"
    LOST = "lost"
    OPEN = "open"
    WHY = "why"


CLOSED = (Stage(S.WON, kind=S.WON), Stage(S.LOST, kind=S.LOST))


def pipeline_of(**settings):
    return Pipeline(S.X, [S.X, Stage(S.Y, label=S.WHY, category=S.X), *CLOSED], **settings)


@pytest.mark.parametrize(
    ("made", "names"),
    [
        (Stage(S.X, label=S.Y, category=S.WHY), ("name", "label", "category")),
        (Stage(S.X, kind=S.OPEN), ("name", "label", "kind")),
        (TaskTemplate(S.X, done_by=S.Y, key=S.X, guidance=S.WHY), ("title", "key", "done_by")),
        (TaskTemplate(S.X), ("title", "key")),
        (Playbook(S.X, S.WHY), ("goal", "guidance")),
        (Criterion(S.X, S.WHY, label=S.Y), ("name", "question", "label")),
        (Framework(S.X, [Criterion("a", "b")], label=S.Y), ("name", "label")),
        (pipeline_of(), ("name",)),
        (LeadProcess.standard(), ("name",)),
        (req.field("source", one_of=["x"]), ("name", "operator")),
    ],
)
def test_values_hold_plain_texts(made, names):
    values = [getattr(made, name) for name in names]
    assert [type(value) for value in values] == [str] * len(names)
    assert "S." not in repr(made)


def test_a_pipeline_of_members_is_that_of_their_texts():
    settings = {"entry_stages": [S.X], "win_from": [S.Y], "lose_from": [S.X], "revert_to": [S.X]}
    texts = {name: [str.__str__(one) for one in names] for name, names in settings.items()}
    plain = Pipeline("x", ["x", Stage("y", label="why", category="x"), *CLOSED], **texts)
    made = pipeline_of(**settings)
    assert made == plain
    assert made.to_toml() == plain.to_toml()
    assert made.advance(made.open("Acme", stage=S.X)).stage == "y"


def test_a_stage_may_be_named_by_a_member_in_every_call():
    pipeline = pipeline_of()
    deal = pipeline.open("Acme")
    for moved in (
        pipeline.move(deal, to=S.Y),
        pipeline.move(deal, to=S.Y, by="kim", override=S.WHY),
        pipeline.migrate(deal, stages={S.X: S.Y}),
        pipeline.migrate(deal, to=S.Y),
        pipeline.restore(id="D-1", stage=S.Y),
    ):
        assert type(moved.stage) is str
        assert moved.stage == "y"
    assert pipeline.allows(S.X, S.Y)
    assert pipeline.why_not(S.X, S.Y) is None
    assert pipeline.next_stage(S.X, "advance") == "y"
    assert (pipeline.stage(S.Y).name, pipeline.position(S.Y)) == ("y", 1)
    assert pipeline.lose(deal, "budget", to=S.LOST).stage == "lost"


def test_the_reason_of_an_override_is_the_text():
    y = Stage("y", requires=[req.has("amount")])
    pipeline = Pipeline("p", ["x", y, *CLOSED])
    moved = pipeline.advance(pipeline.open("Acme"), by="kim", override=S.WHY)
    assert type(moved.history[-1].override.reason) is str
    assert moved.history[-1].override.reason == "why"


def test_a_lead_process_names_stages_by_members():
    ends = [Stage("converted", kind="converted"), Stage("gone", kind="disqualified")]
    made = LeadProcess("p", [S.X, S.Y, *ends], nurture_stages=[S.Y], deal_stage=S.X)
    assert (made.nurture_stages, made.deal_stage) == (("y",), "x")
    assert {type(name) for name in (*made.nurture_stages, made.deal_stage)} == {str}
    assert made.nurture(made.open("Kim"), "later", to=S.Y).stage == "y"
