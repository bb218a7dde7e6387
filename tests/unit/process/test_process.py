"""What `salesflow.process` offers, part of it loaded when first asked for."""

import pytest

from salesflow import process
from salesflow.process import qualification

CONSTANTS = {"BANT", "BUILT_IN", "CHAMP", "MEDDICC"}


@pytest.mark.parametrize("name", sorted({*process.__all__} - CONSTANTS))
def test_every_name_is_there(name):
    assert hasattr(process, name)


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_every_constant_is_there(name):
    assert getattr(process, name) is getattr(qualification, name)


def test_no_other_name_is():
    with pytest.raises(AttributeError, match=r"'salesflow\.process' has no attribute 'split'"):
        process.split  # noqa: B018 - asking is what is tested
