"""The one machine of a definition, fired with a cursor."""

import pytest

from salesflow import Deal, Pipeline
from salesflow.process._machine import Cursor, SharedMachine

EDGES = {
    "a": {"b": "move"},
    "b": {"a": "move", "lost": "lose"},
    "lost": {"a": "reopen", "b": "reopen"},
}


class Never:
    """Met by no deal."""

    def unmet(self, deal: Deal, by: str | None) -> str:
        return f"{by} and {deal.id}"


def machine(*requires_of_b):
    requires = {"a": (), "b": requires_of_b, "lost": ()}
    return SharedMachine(EDGES, requires, ["a", "b", "lost"], {("lost", "a"), ("lost", "b")})


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
