"""Names as they are compared, and how alike two are."""

import pytest

from salesflow.process._alike.names import (
    DIFFERENT,
    alike,
    firm_name,
    loosely_alike,
    near_keys,
    near_words,
    person_name,
)


def person(one, other, **counts):
    return alike(person_name(one), person_name(other), counts)


def firm(one, other):
    return alike(firm_name(one), firm_name(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kim Park", "kim park"),
        ("Kim Park", "Park, Kim"),
        ("Dr. Kim Park", "Kim PARK jr"),
        ("José Álvarez", "Jose Alvarez"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Søren Łukasz", "Soren Lukasz"),
        ("O'Brien", "O\u2019Brien"),
        ("Obrien", "O'Brien"),
        ("Min-jun Kim", "min jun kim"),
        ("ﬁona", "fiona"),
        ("Acme GmbH", "Acme Inc."),
        ("Й", "и\u0306"),
    ],
)
def test_how_a_name_is_written_does_not_matter(one, other):
    assert person(one, other) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Inc", "ACME GmbH"),
        ("Acme S.A.", "Acme, S. p. A."),
        ("Nordwind & Söhne GmbH & Co. KG", "Nordwind und Soehne"),
        ("株式会社トヨタ", "トヨタ"),
        ("㈜삼성", "삼성 주식회사"),
        ("Polska Sp. z o.o.", "POLSKA"),
        ("Norsk A/S", "Norsk AS"),
        ("B.V. Holland", "Holland BV"),
    ],
)
def test_the_legal_form_of_a_firm_does_not_matter(one, other):
    assert firm(one, other) == 1


def test_a_name_that_is_nothing_but_form_or_title_is_kept():
    assert firm_name("AG").words == ("ag",)
    assert firm_name("The Co").words == ("co",)
    assert firm_name("And").words == ("and",)
    assert firm_name("株式会社").words == ("株式会社",)
    assert person_name("Dr").words == ("dr",)
    assert person_name("Inc").words == ("inc",)


def test_without_words_there_is_no_name():
    assert person_name("-- ?") is None
    assert firm_name(" . ") is None


def test_letters_of_other_scripts_are_not_taken_for_accents():
    assert person("김민준", "김민중") <= DIFFERENT
    assert person("कि", "कु") <= DIFFERENT


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # One letter of 5 wrong, 4 right: (0.8 * 5 + 4) / 9.
        ("Laura Park", "Lauro Park", 8 / 9),
        # Two letters swapped are one slip; a short word weighs as 4: (2/3 * 4 + 4) / 8.
        ("Kim Park", "Kmi Park", 5 / 6),
        # An initial: (0.65 * 4 + 4) / 8.
        ("K. Park", "Kim Park", 0.825),
        # A word too many, of 4 letters: 8 / (8 + 0.3 * 4).
        ("Kim Lara Park", "Kim Park", 8 / 9.2),
        # Two words too many on one side, one of them matched by its initial.
        ("K. Park", "Kim Lara Park", 6.6 / 9.2),
    ],
)
def test_likeness_is_the_share_of_letters(one, other, expected):
    assert person(one, other) == pytest.approx(expected)
    assert person(other, one) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kim Park", "Lee Park"),
        ("Al Johnson", "Ed Johnson"),
        ("Kim Park", "Kim Smith"),
        ("North Systems", "South Systems"),
        # The initial stands for Anderson, and then Walker is nobody.
        ("Patricia Anderson", "Patricia A. Walker"),
        ("Patricia A. Walker", "Patricia Anderson"),
    ],
)
def test_names_with_words_of_their_own_are_different(one, other):
    assert person(one, other) <= DIFFERENT


def test_of_names_without_anything_in_common_nothing_is_alike():
    assert person("Kim Park", "Wolfgang Smith") == 0


def test_words_may_be_written_together():
    assert person("Hanspeter Schmidt", "Hans Peter Schmidt") == 1
    # But an initial is no syllable.
    assert person("Erika Park", "Erik A. Park") < 0.95


def test_two_common_words_are_two_names():
    assert person("Paul Park", "Paula Park") == pytest.approx(0.8 * 5 / 9 + 4 / 9)
    assert person("Paul Park", "Paula Park", paul=50, paula=20) <= DIFFERENT
    # A slip is rare beside the word that it spoils.
    assert person("Paul Park", "Paula Park", paul=5000, paula=20) > DIFFERENT
    assert person("K Park", "Kim Park", k=50, kim=50) > DIFFERENT


def test_names_that_are_different_may_share_most_letters():
    one, other = person_name("Jonh Wagner"), person_name("Wagner, oJhn")
    assert alike(one, other) <= DIFFERENT
    assert loosely_alike(one, other) == pytest.approx(1 - 2 / 10)


def test_long_names_are_cut_and_long_words_compared_whole():
    long = person_name(" ".join(f"word{n:02}" for n in range(40)))
    assert len(long.words) == 12
    assert [*near_words("x" * 41)] == ["x" * 41]


def test_names_one_slip_apart_share_a_key():
    for other in ("Kin Park", "Ki Park", "Kimm Park", "Kmi Park", "Park Kim", "Xim Park"):
        keys = {*near_keys(person_name("Kim Park").words)}
        assert not keys.isdisjoint(near_keys(person_name(other).words)), other
    assert {*near_keys(("kim", "park"))}.isdisjoint(near_keys(("lee", "park")))
