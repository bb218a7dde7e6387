"""The error tree: facts, messages, hints."""

import pickle

import pytest

from salesflow import errors
from salesflow.errors import (
    AmountError,
    FieldError,
    FloatAmountError,
    MixedCurrencyError,
    OptionError,
    ProbabilityError,
    SalesflowError,
    UnknownStageError,
    closest,
    one_of,
)


def test_the_text_is_the_message_alone_where_there_is_no_hint():
    error = FieldError("cannot open deal 'x': name is empty", faults=("name is empty",))
    assert str(error) == "cannot open deal 'x': name is empty"
    assert error.hint is None


def test_the_text_is_the_message_and_then_the_hint():
    error = FieldError("cannot open it", hint="name it.", faults=())
    assert str(error) == "cannot open it\n\nHint: name it."
    assert (error.message, error.hint) == ("cannot open it", "name it.")


def test_facts_are_attributes():
    error = MixedCurrencyError("cannot add", currencies=("EUR", "USD"))
    assert error.currencies == ("EUR", "USD")


@pytest.mark.parametrize(
    ("error", "facts", "wrong"),
    [
        (FieldError, {}, "faults"),
        (FieldError, {"faults": (), "colour": "red"}, "colour"),
        (SalesflowError, {"colour": "red"}, "colour"),
        (OptionError, {"parameters": "by"}, "parameter, parameters, value"),
    ],
)
def test_facts_are_exactly_the_declared_ones(error, facts, wrong):
    with pytest.raises(TypeError, match=f"{error.__name__} takes .* wrong or missing: {wrong}$"):
        error("cannot", **facts)


def test_facts_are_inherited():
    assert FloatAmountError("cannot", amount=0.5).amount == 0.5
    assert ProbabilityError("cannot", parameter="probability", value=65).value == 65


@pytest.mark.parametrize(
    ("error", "caught_as"),
    [
        ("AmountError", ValueError),
        ("FloatAmountError", TypeError),
        ("FloatAmountError", AmountError),
        ("UnknownStageError", LookupError),
        ("UnknownZoneError", LookupError),
        ("ColumnError", LookupError),
        ("ReadOnlyError", TypeError),
        ("DataError", TypeError),
        ("MoveNotAllowed", ValueError),
        ("ProbabilityError", OptionError),
        ("NaiveDatetimeError", ValueError),
    ],
)
def test_callers_catch_the_builtin_they_expect(error, caught_as):
    assert issubclass(getattr(errors, error), (caught_as, SalesflowError))
    assert issubclass(getattr(errors, error), caught_as)


def test_an_unknown_stage_shows_its_message_whole():
    error = UnknownStageError("cannot find 'x'", pipeline="p", stage="x", known=("a",))
    assert str(error) == "cannot find 'x'", "a KeyError would show it quoted"


def test_the_closest_names_come_first_and_are_at_most_five():
    known = ["lost", "won", "proposal", "prospecting", "qualification", "meeting", "negotiation"]
    near = closest("Propsal", known)
    assert near[0] == "proposal"
    assert len(near) == 5


def test_closest_takes_anything_for_a_name():
    assert closest(None, ["a"]) == ("a",)
    assert closest("a", []) == ()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["a"], "'a'"),
        (["a", "b"], "'a' or 'b'"),
        (["a", "b", "c"], "'a', 'b' or 'c'"),
    ],
)
def test_names_as_words(names, words):
    assert one_of(names) == words


def test_a_fact_that_does_not_pickle_becomes_the_text_that_shows_it():
    error = OptionError("cannot", parameter="visits", value=(n for n in (1,)))
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (copied.parameter, copied.message) == ("visits", "cannot")
    assert copied.value.startswith("<generator object")
    assert copied.value == repr(error.value)


def test_a_number_too_long_to_write_is_shown_by_its_type():
    assert errors.shown(10**5000) == "<int too long to show>"
    assert errors.shown("a") == "'a'"
