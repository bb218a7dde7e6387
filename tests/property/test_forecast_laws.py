"""Laws of forecasts: what a plain walk finds, without the deal itself and without the future."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Pipeline
from salesflow.facts import snapshot
from salesflow.forecast import StageModel
from tests.naive_forecast import AS_OF, ENDS, STAGES, Forecast, Path
from tests.strategies import START, books, futures

NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)


@st.composite
def paths(draw):
    """Lives of a few deals, some of them open: back and forth, for days or for none."""
    n = draw(st.integers(1, 9))
    stay = st.tuples(st.sampled_from(STAGES), st.sampled_from([0, 0, 1, 1, 2, 3, 5, 8]))
    made = []
    for number in range(n):
        stays = draw(st.lists(stay, min_size=1, max_size=5))
        kept = [
            one for place, one in enumerate(stays) if place == 0 or one[0] != stays[place - 1][0]
        ]
        end = draw(st.sampled_from([*ENDS, None, None]))
        made.append(Path(f"D-{number}", tuple(kept), end, draw(st.sampled_from(["web", "fair"]))))
    return made


@given(paths(), st.sampled_from([0.5, 3.0, 20.0]), st.booleans())
def test_a_curve_is_what_a_plain_walk_finds_from_the_other_deals(lives, weight, by_source):
    model = StageModel.fit(
        [path.deal() for path in lives],
        as_of=NOW,
        by="source" if by_source else None,
        prior_visits=weight,
        min_closed=0,
        horizon_days=14,
    )
    for path in lives:
        others = [other for other in lives if other is not path]
        found = model.curve(path.deal())
        if path.end is not None:
            assert found.won == (float(path.end == "won"),) * 15
            continue
        naive = Forecast(others, path.source, weight=weight, by_source=by_source)
        expected = naive.curve(path, 14)
        if expected is None:
            assert found is None
            continue
        assert found.won == pytest.approx([won for won, _ in expected], abs=1e-9)
        assert found.lost == pytest.approx([lost for _, lost in expected], abs=1e-9)
        assert [sum(parts) for parts in zip(found.won, found.lost, found.open, strict=True)] == (
            pytest.approx([1.0] * 15, abs=1e-12)
        )


def fitted(deals, as_of):
    return StageModel.fit(deals, as_of=as_of, by="owner_id", min_closed=0, horizon_days=40)


@st.composite
def moments(draw):
    return START + timedelta(hours=draw(st.integers(0, 24 * 60)))


@given(books(), moments())
def test_a_deal_is_no_evidence_for_itself(book, as_of):
    model, then = fitted(book, as_of), snapshot(book, at=as_of)
    for deal in book:
        # What was merged into it later was a deal of its own, and stays.
        others = [other for other in then if other.id != deal.id]
        found, alone = model.curve(deal), fitted(others, as_of).curve(deal)
        assert (found is None) == (alone is None)
        if found is not None:
            assert found.won == pytest.approx(alone.won, abs=1e-9)
            assert found.lost == pytest.approx(alone.lost, abs=1e-9)


@given(books(), moments(), st.data())
def test_nothing_after_as_of_changes_a_forecast(book, as_of, data):
    model = fitted(book, as_of)
    then = snapshot(book, at=as_of)
    later = as_of + timedelta(days=2)
    retold = [data.draw(futures(deal, later)) for deal in then]
    newer = Pipeline.standard().open("New", id="new", at=later)
    again = fitted([*retold, newer], as_of)
    assert again == model
    assert again.to_json() == model.to_json()
    for known, other in zip(then, retold, strict=True):
        assert model.curve(known) == again.curve(other)
    assert again.win_probability(newer) is None


@settings(max_examples=25)
@given(books(), moments())
def test_a_model_comes_back_from_json_as_it_was(book, as_of):
    model = fitted(book, as_of)
    back = StageModel.from_json(model.to_json())
    assert back == model
    assert back.to_json() == model.to_json()
    assert [back.curve(deal) for deal in book] == [model.curve(deal) for deal in book]


@settings(max_examples=25)
@given(books(), moments())
def test_the_order_of_deals_does_not_matter(book, as_of):
    forth, back = fitted(book, as_of), fitted(book[::-1], as_of)
    for deal in book:
        one, other = forth.curve(deal), back.curve(deal)
        assert (one is None) == (other is None)
        if one is not None:
            assert one.won == pytest.approx(other.won, abs=1e-12)


@settings(max_examples=25)
@given(books(), moments())
def test_many_deals_are_forecast_as_each_alone_is(book, as_of):
    model = fitted(book, as_of)
    found = model.win_probabilities(book, within=20)
    assert [*found] == [deal.id for deal in book]
    for deal in book:
        assert found[deal.id].value == pytest.approx(model.win_probability(deal, within=20))
        assert sum(found[deal.id].left_out.values()) == (found[deal.id].value is None)
    assert sum(found.left_out.values()) == sum(one.value is None for one in found.values())
