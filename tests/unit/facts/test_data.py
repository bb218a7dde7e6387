"""`Facts` of frames."""

import pytest

from salesflow.errors import DataError
from salesflow.facts import Facts, to_frame
from tests.builders import lead_of, lead_opened
from tests.shorthand import won

DEALS = [won("D-1", 1, 5)]
LEADS = [lead_of(lead_opened())]


def test_frames_are_kept_as_they_are(backend):
    given = to_frame(DEALS, backend=backend)
    found = Facts(deals=given.deals, visits=given.visits, touches=given.touches, leads=given.leads)
    assert found.deals is given.deals
    assert found.visits is given.visits
    assert found.touches is given.touches
    assert found.leads is given.leads
    assert found.is_frames


def test_one_frame_is_enough():
    found = Facts(deals=to_frame(DEALS, backend="polars").deals)
    assert (found.visits, found.touches, found.leads) == (None, None, None)


def test_objects_are_no_frames():
    assert not Facts(deals=DEALS, leads=LEADS).is_frames


def test_frames_beside_objects_are_refused():
    frames = to_frame(DEALS, backend="polars")
    for mixed in (
        {"deals": DEALS, "visits": frames.visits},
        {"deals": [], "touches": frames.touches},
        {"deals": DEALS, "leads": frames.leads},
        {"deals": frames.deals, "leads": LEADS},
        {"deals": frames.deals, "visits": []},
    ):
        with pytest.raises(DataError, match=r"facts: deals are .*objects") as caught:
            Facts(**mixed)
        assert "a polars frame" in caught.value.found
        assert "as frames of one library" in str(caught.value.hint)


def test_frames_of_two_libraries_are_refused():
    polars, arrow = (to_frame(DEALS, backend=name) for name in ("polars", "pyarrow"))
    text = "cannot read the facts: deals are a polars frame, visits are a pyarrow frame"
    with pytest.raises(DataError, match=text) as caught:
        Facts(deals=polars.deals, visits=arrow.visits)
    assert caught.value.found == "a polars frame, a pyarrow frame"


def test_an_eager_and_a_lazy_frame_are_of_one_library():
    eager, lazy = (to_frame(DEALS, backend=name) for name in ("polars", "polars[lazy]"))
    assert Facts(deals=eager.deals, visits=lazy.visits).is_frames


def test_what_is_no_frame_is_refused():
    with pytest.raises(DataError, match="cannot read the visits: list is no frame"):
        Facts(deals=DEALS, visits=[])


def test_it_shows_what_it_holds_and_no_rows():
    frames = to_frame(DEALS, backend="duckdb")
    assert repr(Facts(deals=DEALS, leads=LEADS)) == "Facts(deals=<1>, leads=<1>)"
    shown = "<duckdb DuckDBPyRelation>"
    assert repr(Facts(deals=frames.deals, visits=frames.visits)) == (
        f"Facts(deals={shown}, visits={shown})"
    )


def test_two_are_the_same_only_if_they_are_one():
    # Frames do not compare as wholes.
    frames = to_frame(DEALS, backend="pandas")
    one, other = (Facts(deals=frames.deals) for _ in range(2))
    assert one == one  # noqa: PLR0124 - itself
    assert one != other
