"""The one machine of a definition, fired with a cursor."""

import pytest

from salesflow import Actor, Deal, Pipeline
from salesflow.process._machine import Asked, Cursor, SharedMachine

EDGES = {
    "a": {"b": "move"},
    "b": {"a": "move", "lost": "lose"},
    "lost": {"a": "reopen", "b": "reopen"},
}

RETURNS = {("lost", "a"), ("lost", "b")}


class Never:
    """Met by no deal."""

    def unmet(self, deal: Deal, by: Actor | None) -> str:
        return f"{by and by.id} and {deal.id}"


class Says:
    """Says what it was told to."""

    def __init__(self, what: str) -> None:
        self.what = what

    def unmet(self, deal: Deal, by: Actor | None) -> str:
        del deal, by
        return self.what


def machine(*to_enter_b, to_leave_a=()):
    asked = Asked(to_leave_a, to_enter_b)
    reopening = Asked((), to_enter_b)
    return SharedMachine(
        EDGES, {("a", "b"): asked, ("lost", "b"): reopening}, ["a", "b", "lost"], RETURNS
    )


def cursor(stage="a", **options):
    found = Cursor(Pipeline.standard().open("Acme", id="D-1"), **options)
    found.state = stage
    return found


def test_it_puts_the_cursor_into_the_new_stage():
    moved = cursor()
    assert machine().fire("b", moved)
    assert moved.state == "b"


@pytest.mark.parametrize("to", ["a", "lost", "nowhere"])
def test_it_stays_where_no_transition_leads(to):
    moved = cursor()
    assert not machine().fire(to, moved)
    assert moved.state == "a"


def test_an_unmet_requirement_holds_it_and_is_said():
    moved = cursor(by="kim")
    assert not machine(Never()).fire("b", moved)
    assert (moved.state, moved.unmet) == ("a", ("kim and D-1",))


def test_an_override_lets_it_pass_and_says_it_all_the_same():
    moved = cursor(by="kim", override=True)
    assert machine(Never()).fire("b", moved)
    assert (moved.state, moved.unmet) == ("b", ("kim and D-1",))


def test_what_it_takes_to_leave_comes_first():
    moved = cursor(by=Actor("kim"))
    assert not machine(Says("b"), to_leave_a=(Says("a"), Says("c"))).fire("b", moved)
    assert (moved.unmet, moved.n_leaving) == (("a", "c", "b"), 2)


def test_what_both_ask_is_said_once():
    moved = cursor()
    assert not machine(Says("a"), Says("b"), to_leave_a=(Says("a"),)).fire("b", moved)
    assert (moved.unmet, moved.n_leaving) == (("a", "b"), 1)


@pytest.mark.parametrize(("furthest", "state"), [(None, "b"), (1, "b"), (0, "lost")])
def test_a_reversion_goes_as_far_as_it_may(furthest, state):
    moved = cursor("lost", furthest=furthest)
    assert machine().fire("b", moved) is (state == "b")
    assert (moved.state, moved.too_far) == (state, state == "lost")


def test_it_holds_no_deal_and_puts_nothing_on_one():
    shared, moved = machine(), cursor()
    before = set(vars(moved.subject))
    shared.fire("b", moved)
    assert set(vars(moved.subject)) == before
    assert not hasattr(moved, "__dict__")
