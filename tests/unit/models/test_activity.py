"""Activities: done or planned, a touch or not."""

import pytest
from pydantic import ValidationError

from salesflow import Activity
from salesflow.models import TOUCH_KINDS
from tests.builders import jan


def test_a_done_one_happened():
    done = Activity(id="x", kind="call", occurred_at=jan(1))
    assert done.is_done
    assert done.is_touch


def test_a_planned_one_is_no_touch_yet():
    planned = Activity(id="x", kind="call", planned_at=jan(9))
    assert not planned.is_done
    assert not planned.is_touch


@pytest.mark.parametrize("kind", ["note", "task", "Call"])
def test_other_kinds_are_no_touch(kind):
    assert not Activity(id="x", kind=kind, occurred_at=jan(1)).is_touch


def test_the_kinds_that_count():
    assert {"call", "email", "meeting", "demo", "message", "visit"} == TOUCH_KINDS


def test_one_without_a_date_is_refused():
    with pytest.raises(ValidationError, match=r"occurred_at \(done\) or planned_at \(planned\)"):
        Activity(id="x", kind="call")


@pytest.mark.parametrize("which", ["occurred", "planned"])
def test_a_day_has_no_time(which):
    on_the_day = {f"{which}_at": jan(5), f"{which}_precision": "day"}
    assert Activity(id="x", kind="call", **on_the_day)
    at_nine = {f"{which}_at": jan(5, 9), f"{which}_precision": "day"}
    with pytest.raises(ValidationError, match=r"2026-01-05T09.* has precision 'day' and a time"):
        Activity(id="x", kind="call", **at_nine)


@pytest.mark.parametrize("score", [-0.1, 10.1, float("nan")])
def test_a_score_lies_between_0_and_10(score):
    with pytest.raises(ValidationError, match="Input should be"):
        Activity(id="x", kind="call", occurred_at=jan(1), score=score)


def test_json_and_back():
    call = Activity(
        id="x", kind="demo", occurred_at=jan(1, 9), direction="inbound", score=7.5, theme="price"
    )
    assert Activity.model_validate_json(call.model_dump_json()) == call
