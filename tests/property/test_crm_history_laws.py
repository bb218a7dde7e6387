"""Laws of histories that are read: no date is invented, and what fits can always be restored."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Deal, Pipeline
from salesflow.crm._places import Place, Stages
from salesflow.crm._stays import NOWHERE, Fitted, fitted, in_order
from salesflow.errors import FieldError
from salesflow.models.fold import Moment
from salesflow.process._restoring import UNKNOWN, Known, Restorer, Stay

PIPELINE = Pipeline.standard()
STAGES = Stages(PIPELINE)
RESTORER = Restorer(PIPELINE)
NAMES = [stage.name for stage in PIPELINE.stages]
START = datetime(2026, 1, 1, tzinfo=UTC)

DAYS: st.SearchStrategy[Moment] = st.integers(0, 9).map(
    lambda n: (START + timedelta(days=n), "day")
)
INSTANTS: st.SearchStrategy[Moment] = st.integers(0, 9 * 4).map(
    lambda n: (START + timedelta(hours=6 * n), "instant")
)
MOMENTS = DAYS | INSTANTS


@st.composite
def stays(draw: st.DrawFn) -> Stay:
    """In any stage, also one that the pipeline lacks; left, if that is known, after it began."""
    entered = draw(st.just(UNKNOWN) | MOMENTS)
    left = draw(st.just(UNKNOWN) | st.just(UNKNOWN) | MOMENTS)
    if entered[0] is not None and left[0] is not None and left[0] < entered[0]:
        entered, left = left, entered
    return Stay(draw(st.sampled_from([NOWHERE, *NAMES])), entered, left)


HISTORIES = st.lists(stays(), max_size=6)


@st.composite
def places(draw: st.DrawFn) -> Place:
    stage = draw(st.none() | st.sampled_from(NAMES))
    return Place(stage, "open" if stage is None else STAGES.kind(stage))


def moments(known: Any) -> set[Moment]:
    return {moment for stay in known for moment in (stay.entered, stay.left)} - {UNKNOWN}


def closings(place: Place) -> st.SearchStrategy[Moment]:
    return st.just(UNKNOWN) if place.outcome == "open" else st.just(UNKNOWN) | MOMENTS


@given(HISTORIES, places(), st.data())
def test_no_date_is_invented(known, place, data):
    closed = data.draw(closings(place))
    fit = fitted(known, place, closed, STAGES)
    assert moments(fit.stays) <= moments(known) | {closed}
    assert fit.closed in {UNKNOWN, closed, *moments(known)}
    assert {stay.stage for stay in fit.stays} <= {stay.stage for stay in known} - {NOWHERE}
    # The row's own day of closing is kept, whatever its history says.
    assert closed in (UNKNOWN, fit.closed)


def restored(fit: Fitted, place: Place, *, with_history: bool = True) -> Deal:
    known = Known(closed_at=fit.closed[0], closed_precision=fit.closed[1])
    stays = fit.stays if with_history else ()
    return RESTORER.restore("D-1", place.stage, known, stays=stays)


def assert_stands(deal: Deal, place: Place) -> None:
    assert (deal.stage, deal.outcome) == (place.stage, place.outcome)
    assert Deal.model_validate_json(deal.model_dump_json()) == deal


@given(HISTORIES, places(), st.data())
def test_what_fits_is_restored_or_refused_as_a_contradiction(known, place, data):
    fit = fitted(known, place, data.draw(closings(place)), STAGES)
    try:
        deal = restored(fit, place)
    except FieldError:
        deal = restored(fit, place, with_history=False)
    assert_stands(deal, place)


@given(HISTORIES, places(), st.data())
def test_entries_into_stages_contradict_nothing(known, place, data):
    entries = [attrs.evolve(stay, left=UNKNOWN) for stay in known]
    fit = fitted(entries, place, data.draw(closings(place)), STAGES)
    assert_stands(restored(fit, place), place)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_where_times_differ(known, random):
    times = [stay.entered[0] or stay.left[0] for stay in known]
    if len(set(times)) == len(times):
        shuffled = known.copy()
        random.shuffle(shuffled)
        assert in_order(shuffled) == in_order(known)


@given(HISTORIES)
def test_stays_in_a_row_are_of_different_stages_unless_one_was_left_between(known):
    stays = in_order(known)
    assert moments(stays) <= moments(known)
    for one, following in pairwise(stays):
        is_left = one.left[0] is not None and following.entered[0] is not None
        assert one.stage != following.stage or (is_left and one.left[0] < following.entered[0])


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 5)), min_size=1, max_size=6))
def test_a_plain_log_is_always_restored_whole(path):
    """Each stage entered some days after the one before: every visit is kept, and none is a gap."""
    known, at = [], START
    for stage, days in path:
        known.append(Stay(stage, (at, "instant")))
        at += timedelta(days=days)
    place = Place(path[-1][0], STAGES.kind(path[-1][0]))
    fit = fitted(known, place, UNKNOWN, STAGES)
    deal = restored(fit, place)
    visits = deal.history[0].visits  # type: ignore[union-attr]
    assert fit.oddity is None
    assert sum(v.left_at is None for v in visits) == 1
    assert [v.entered_at for v in visits[1:]] == [v.left_at for v in visits[:-1]]
    moved = [stage for i, (stage, _) in enumerate(path) if i == 0 or stage != path[i - 1][0]]
    assert [v.stage for v in visits] == moved
