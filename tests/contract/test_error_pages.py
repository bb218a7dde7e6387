"""Each error has its own code, is what a caller would catch, and is described in the docs."""

import re
from pathlib import Path

import pytest

from salesflow import errors
from salesflow.errors import SalesflowError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def family(root: type[SalesflowError]) -> list[type[SalesflowError]]:
    return [root, *(found for child in root.__subclasses__() for found in family(child))]


ERRORS = family(SalesflowError)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
class TestEveryError:
    """What all of them promise."""

    def test_has_a_kebab_case_code_of_its_own(self, error):
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", vars(error)["code"])

    def test_is_what_a_caller_would_catch(self, error):
        builtin = [c for c in error.__mro__ if c.__module__ == "builtins"]
        assert bool({*builtin} - {Exception, BaseException, object}) == (
            error is not SalesflowError
        )

    def test_is_in_the_module_of_errors(self, error):
        assert getattr(errors, error.__name__) is error

    def test_says_what_it_is(self, error):
        assert error.__doc__
        assert error.__doc__.splitlines()[0].endswith(".")


def test_codes_are_unique():
    codes = [error.code for error in ERRORS]
    assert len(codes) == len(set(codes))


def test_the_page_describes_exactly_the_errors_that_exist():
    headings = re.findall(r"^## `(.+)`\s*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(error.code for error in ERRORS)
