"""Who does it: an id, or an actor with roles."""

import copy
import pickle
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from salesflow import Actor, Money, Pipeline, Stage, errors, merge
from salesflow import requirements as req

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
SALES = Pipeline.standard()
KIM = Actor("kim", roles=["manager", "legal"])
OPEN = SALES.open("Acme", id="D-1", at=AT)
LOST = SALES.lose(OPEN, "budget", at=AT)


class Name(StrEnum):
    KIM = "kim"
    BOSS = "manager"


VERBS = {
    "open": lambda by: SALES.open("Acme", at=AT, by=by),
    "advance": lambda by: SALES.advance(OPEN, at=AT, by=by),
    "move": lambda by: SALES.move(OPEN, to="qualification", at=AT, by=by),
    "win": lambda by: SALES.win(
        SALES.restore(id="D-2", stage="negotiation", created_at=AT), at=AT, by=by
    ),
    "lose": lambda by: SALES.lose(OPEN, "budget", at=AT, by=by),
    "reopen": lambda by: SALES.reopen(LOST, "prospecting", reason="again", at=AT, by=by),
    "update": lambda by: SALES.update(OPEN, amount=Money(1, "EUR"), at=AT, by=by),
    "log": lambda by: SALES.log(OPEN, "call", at=AT, by=by),
    "answer": lambda by: SALES.answer(OPEN, "bant", "need", "yes", at=AT, by=by),
    "restore": lambda by: SALES.restore(id="D-3", stage="won", by=by),
    "migrate": lambda by: Pipeline.standard("other").migrate(OPEN, at=AT, by=by),
    "merge": lambda by: merge(OPEN, SALES.open("ACME", id="D-4", at=AT), at=AT, by=by),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("by", "recorded"), [(KIM, "kim"), ("kim", "kim"), (None, None)])
def test_every_verb_takes_an_id_an_actor_or_nobody_and_records_the_id(verb, by, recorded):
    assert VERBS[verb](by).history[-1].by == recorded


@pytest.mark.parametrize("verb", sorted(VERBS))
@pytest.mark.parametrize("by", [3, "", ["kim"], Actor])
def test_whoever_is_none_of_these_is_refused(verb, by):
    error = errors.FieldError if verb == "restore" else errors.OptionError
    with pytest.raises(error):
        VERBS[verb](by)


@pytest.mark.parametrize("by", [3, "", ["kim"], Actor])
def test_moves_asks_for_the_same(by):
    with pytest.raises(errors.OptionError, match="cannot record who did it: by=") as caught:
        SALES.moves(OPEN, by=by)
    assert (caught.value.parameter, caught.value.value) == ("by", by)


def test_a_plain_id_reaches_a_requirement_as_an_actor_without_roles():
    asked = []
    seen = req.named("seen", lambda deal, by: asked.append((deal.id, by)))
    closed = (Stage("won", kind="won"), Stage("lost", kind="lost"))
    pipeline = Pipeline("p", ["talk", Stage("offer", requires=[seen]), *closed])
    deal = pipeline.open("Acme", id="D-1", at=AT)
    for by in ("kim", KIM, None):
        pipeline.advance(deal, by=by)
        pipeline.moves(deal, by=by)
    assert asked == [
        *[("D-1", Actor("kim"))] * 2,
        *[("D-1", KIM)] * 2,
        *[("D-1", None)] * 2,
    ]


def test_an_actor_is_a_value():
    assert Actor("kim") == Actor("kim", roles=())
    assert Actor("kim", {"a", "b"}) == Actor("kim", roles=iter(["b", "a", "b"]))
    assert Actor("kim") != Actor("lee")
    assert Actor("kim") != KIM
    assert KIM != "kim"
    assert len({KIM, Actor("kim", ("legal", "manager"))}) == 1
    assert KIM.roles == frozenset({"manager", "legal"})
    for again in (pickle.loads(pickle.dumps(KIM)), copy.deepcopy(KIM)):  # noqa: S301 - our own
        assert again == KIM
    with pytest.raises(AttributeError):
        KIM.id = "lee"


def test_it_shows_the_call_that_makes_it_and_reads_as_its_id():
    assert repr(KIM) == "Actor('kim', roles=['legal', 'manager'])"
    assert repr(Actor("kim")) == "Actor('kim')"
    assert str(KIM) == "kim"


def test_what_an_enumeration_adds_to_a_text_is_no_part_of_it():
    actor = Actor(Name.KIM, roles=[Name.BOSS])
    assert (type(actor.id), {type(role) for role in actor.roles}) == (str, {str})
    assert actor == Actor("kim", roles=["manager"])


@pytest.mark.parametrize("value", [None, 3, "", "  ", b"kim", "\ud800", KIM])
def test_an_id_is_a_text(value):
    with pytest.raises(errors.OptionError, match=r"cannot make an actor: its id .* is no text"):
        Actor(value)


@pytest.mark.parametrize(
    "roles", ["manager", b"legal", 3, None, [3], ["manager", ""], [["manager"]], {"a": 1, 2: 3}]
)
def test_roles_are_texts_in_a_list(roles):
    with pytest.raises(errors.OptionError, match="they are no list of texts") as caught:
        Actor("kim", roles=roles)
    assert caught.value.parameter == "roles"
    assert caught.value.value == roles


def test_an_actor_requalifies_by_the_id():
    pipeline, at = Pipeline.standard(), datetime(2026, 1, 5, tzinfo=UTC)
    lost = pipeline.lose(pipeline.open("Acme", at=at), "spam", disposition="disqualified", at=at)
    back = pipeline.reopen(lost, "prospecting", reason="real", requalified_by=Actor("lee"), at=at)
    assert back.history[-1].requalified_by == "lee"
