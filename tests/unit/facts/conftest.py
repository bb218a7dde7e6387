"""The tests of tables run on every library of frames."""

import pytest

from tests.tables import BACKENDS, Backend


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """A library of frames."""
    found: Backend = request.param
    return found
