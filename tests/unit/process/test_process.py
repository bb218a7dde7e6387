"""What `salesflow.process` offers, part of it loaded when first asked for."""

import pytest

from salesflow import process


@pytest.mark.parametrize("name", process.__all__)
def test_every_name_is_there(name):
    assert hasattr(process, name)


def test_no_other_name_is():
    with pytest.raises(AttributeError, match=r"'salesflow\.process' has no attribute 'split'"):
        process.split  # noqa: B018 - asking is what is tested
