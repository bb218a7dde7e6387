"""Which records are compared at all."""

from itertools import combinations

import attrs
import pytest

from salesflow.process._alike import blocks
from salesflow.process._alike.blocks import Blocks
from salesflow.process._alike.names import person_name


@attrs.frozen
class Thing:
    """A record with marks of our choice."""

    id: str
    text: str | None = None
    shared: tuple[str, ...] = ()

    @property
    def name(self):
        return person_name(self.text) if self.text else None

    def marks(self):
        return [("mark", mark) for mark in self.shared]


def pairs(*things):
    found = [*Blocks(things).pairs()]
    assert len(found) == len({*found}), "each pair once"
    assert all(first < second for first, second in found)
    return {(things[first].id, things[second].id) for first, second in found}


@pytest.fixture
def small(monkeypatch):
    """Limits that a test can pass."""
    for name, limit in {"_ALL": 2, "_BY_WORD": 3, "_BY_NAME": 4}.items():
        monkeypatch.setattr(blocks, name, limit)


def test_what_has_a_mark_in_common_is_compared():
    things = Thing("a", None, ("x", "y")), Thing("b", None, ("y", "x")), Thing("c", None, ("z",))
    assert pairs(*things) == {("a", "b")}


def test_what_is_nearly_called_the_same_is_compared():
    things = Thing("a", "Kim Park"), Thing("b", "Park Kmi"), Thing("c", "Lee Park")
    assert pairs(*things, Thing("d", "Kim Park")) == {("a", "b"), ("a", "d"), ("b", "d")}


@pytest.mark.usefixtures("small")
def test_of_a_large_block_those_with_nearly_a_word_in_common():
    names = {"a": "Kim Park", "b": "Lee Park", "c": "Lee Wolf", "d": "Ana Silva", "e": None}
    things = [Thing(one, name, ("x",)) for one, name in names.items()]
    # Those without a name are compared by other marks alone.
    assert pairs(*things[:4]) == {("a", "b"), ("b", "c")}


@pytest.mark.usefixtures("small")
def test_of_a_larger_part_those_whose_names_nearly_are_the_same():
    first = ("Kim", "Kin", "Lee", "Ana")
    things = [Thing(one, f"{one} Park", ("x",)) for one in first]
    assert pairs(*things) == {("Kim", "Kin")}


@pytest.mark.usefixtures("small")
def test_of_the_largest_block_too():
    things = [Thing(one, f"{one} Park", ("x",)) for one in ("Kim", "Kin", "Lee", "Ana", "Eva")]
    assert pairs(*things) == {("Kim", "Kin")}


@pytest.mark.usefixtures("small")
def test_what_so_many_have_in_common_is_said():
    things = [Thing(f"{n}", "Test Lead", ("x",)) for n in range(5)]
    found = Blocks(things)
    assert [*found.pairs()] == []
    assert found.left_out == {
        "same mark x, and nearly one name": 5,
        "same name 'lead test'": 5,
    }


def test_how_many_names_have_a_word():
    things = [Thing("a", "Kim Park"), Thing("b", "kim PARK"), Thing("c", "Lee Park"), Thing("d")]
    assert Blocks(things).counts == {"kim": 1, "lee": 1, "park": 2}


def test_all_pairs_of_a_block_of_forty():
    things = [Thing(f"{n:02}", None, ("x",)) for n in range(40)]
    assert pairs(*things) == {*combinations([thing.id for thing in things], 2)}


def test_a_mark_that_one_has_twice_counts_once():
    assert pairs(Thing("a", None, ("x", "x")), Thing("b", None, ("x",))) == {("a", "b")}
