"""Requirements made of others: laws of three values, and what they say."""

from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Actor, Deal, Pipeline, Stage, errors
from salesflow import requirements as req

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CLOSED = (Stage("won", kind="won"), Stage("lost", kind="lost"))
PLAIN = Pipeline("p", ["talk", "offer", *CLOSED])
KEYS = "abcd"


@attrs.frozen
class Own:
    """A requirement of a user's own."""

    key: str

    def unmet(self, deal: Deal, by: Actor | None) -> str | None:
        del by
        return None if deal.custom.get(self.key) is True else f"{self.key} must be"


def flag(key):
    return req.field(f"custom.{key}", equals=True)


def deal_of(values):
    return PLAIN.open("Acme", id="D-1", at=AT, custom=values)


# A formula is a key, or an operator and its parts; beside it a reference of three values, where
# false is less than unknown, and that less than true.
formulas = st.recursive(
    st.sampled_from(KEYS),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)
LEVELS = {False: 0, None: 1, True: 2}
worlds = st.fixed_dictionaries({key: st.sampled_from([True, False, None]) for key in KEYS})


def made(formula, leaf=flag):
    if isinstance(formula, str):
        return leaf(formula)
    operator, parts = formula
    if operator == "not":
        return req.not_(made(parts, leaf))
    make = req.all_of if operator == "and" else req.any_of
    return make(*(made(part, leaf) for part in parts))


def level(formula, world):
    if isinstance(formula, str):
        return LEVELS[world[formula]]
    operator, parts = formula
    if operator == "not":
        return 2 - level(parts, world)
    return (min if operator == "and" else max)(level(part, world) for part in parts)


@given(formulas, worlds)
def test_a_move_passes_exactly_where_the_formula_is_surely_true(formula, world):
    offer = Stage("offer", requires=[made(formula)])
    pipeline, deal = Pipeline("p", ["talk", offer, *CLOSED]), deal_of(world)
    passes = level(formula, world) == 2
    assert (pipeline.moves(deal)[0].blocked_by == ()) is passes
    if passes:
        assert pipeline.advance(deal, at=AT).stage == "offer"
    else:
        with pytest.raises(errors.MoveNotAllowed, match="'offer' requires more: "):
            pipeline.advance(deal, at=AT)


@given(formulas, worlds)
def test_with_all_known_they_are_booleans_and_so_are_those_of_ones_own(formula, world):
    known = {key: bool(value) for key, value in world.items()}
    deal, expected = deal_of(known), level(formula, known) == 2
    for leaf in (flag, Own):
        assert (made(formula, leaf).unmet(deal, None) is None) is expected
        assert (req.not_(made(formula, leaf)).unmet(deal, None) is None) is not expected


@given(formulas, worlds)
def test_neither_it_nor_its_negation_passes_while_it_is_not_known(formula, world):
    deal, asked = deal_of(world), made(formula)
    passing = [one.unmet(deal, None) is None for one in (asked, req.not_(asked))]
    assert passing == [level(formula, world) == 2, level(formula, world) == 0]


@given(formulas)
def test_equal_formulas_are_equal_and_show_the_call_that_makes_them(formula):
    one, other = made(formula), made(formula)
    assert one == other
    assert hash(one) == hash(other)
    assert eval(repr(one), vars(req).copy()) == one  # noqa: S307 - our own text


A_FALSE = "custom.a is False, and must be True"
B_UNKNOWN = "custom.b is not known"


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        (req.any_of(flag("a"), flag("b")), f"needs any of: {A_FALSE}; or: {B_UNKNOWN}"),
        (req.all_of(flag("a"), flag("b")), f"{A_FALSE}; and: {B_UNKNOWN}"),
        (req.all_of(flag("a"), flag("t")), A_FALSE),
        (req.any_of(flag("a")), A_FALSE),
        (req.not_(flag("t")), "this must not be so: custom.t is True"),
        (req.not_(flag("b")), "this must not be so, and is not known: custom.b is True"),
        (
            req.any_of(req.all_of(flag("a"), flag("b")), Own("c")),
            f"needs any of: ({A_FALSE}; and: {B_UNKNOWN}); or: c must be",
        ),
        (
            req.all_of(req.any_of(flag("a"), flag("b")), Own("c")),
            f"(needs any of: {A_FALSE}; or: {B_UNKNOWN}); and: c must be",
        ),
        (req.not_(Own("t")), "this must not be so: Own(key='t')"),
        (
            req.not_(req.any_of(flag("t"), flag("a"))),
            "this must not be so: custom.t is True; or: custom.a is True",
        ),
    ],
    ids=repr,
)
def test_what_is_missing_is_said_whole(asked, missing):
    assert asked.unmet(deal_of({"a": False, "t": True}), None) == missing


def test_the_one_who_moves_it_reaches_the_parts():
    asked = req.not_(req.all_of(req.role("intern"), req.role("rep")))
    assert asked.unmet(deal_of({}), Actor("kim", ["intern", "rep"])) is not None
    assert asked.unmet(deal_of({}), Actor("kim", ["rep"])) is None


def test_one_of_ones_own_that_has_no_words_goes_by_its_name():
    class LegalAgreed:
        def unmet(self, _deal, _by):
            return None

    assert req.not_(LegalAgreed()).unmet(deal_of({}), None) == "this must not be so: LegalAgreed"
    assert str(req.any_of(LegalAgreed(), flag("a"))) == "LegalAgreed; or: custom.a is True"


@pytest.mark.parametrize("make", [req.any_of, req.all_of])
def test_of_nothing_none_is_made(make):
    with pytest.raises(errors.OptionError, match="cannot combine requirements: there is none"):
        make()


@pytest.mark.parametrize("make", [req.any_of, req.all_of, req.not_])
@pytest.mark.parametrize("part", ["amount", None, 3, req.has])
def test_a_part_is_a_requirement(make, part):
    with pytest.raises(errors.OptionError, match="it has no method 'unmet'") as caught:
        make(part)
    assert caught.value.value == part


@pytest.mark.parametrize("make", [req.any_of, req.all_of, req.not_])
def test_a_part_that_says_no_text_is_refused_when_it_is_asked(make):
    class Odd:
        def unmet(self, _deal, _by):
            return 3

    with pytest.raises(errors.OptionError, match="it says 3, which is no text"):
        make(Odd()).unmet(deal_of({}), None)


def nested(combine, levels):
    made = req.has("amount")
    for _ in range(levels):
        made = combine(made)
    return made


class TestDepth:
    @pytest.mark.parametrize("combine", [req.not_, req.any_of, req.all_of])
    def test_what_is_nested_too_deep_is_refused(self, combine):
        deep = nested(combine, 49)
        assert repr(deep).count("(") == 50
        assert hash(deep) == hash(nested(combine, 49))
        with pytest.raises(errors.OptionError, match="nested deeper than 50") as caught:
            combine(deep)
        assert caught.value.parameter == "requirements"

    def test_what_is_there_twice_is_read_once(self):
        # Of 2⁴⁵ paths through it, none is walked alone.
        assert nested(lambda one: req.any_of(one, one), 45)

    def test_the_deepest_goes_into_a_file_and_back(self):
        deep = nested(req.not_, 49)
        stages = ["talk", Stage("offer", requires=[deep])]
        ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        pipeline = Pipeline("p", [*stages, *ends])
        assert Pipeline.from_json(pipeline.to_json()) == pipeline
        assert Pipeline.from_toml(pipeline.to_toml()) == pipeline

    @pytest.mark.parametrize("levels", [50, 254, 400])
    def test_a_file_that_is_nested_too_deep_is_refused(self, levels):
        data = Pipeline.standard().to_dict()
        asked = {"has": "amount"}
        for _ in range(levels):
            asked = {"not": asked}
        data["stages"][1]["requires"] = [asked]
        with pytest.raises(errors.DefinitionFileError):
            Pipeline.from_dict(data)
