"""A stage model as JSON: what does not hold together is refused, by no error but ours."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Money
from salesflow.errors import ModelFileError
from salesflow.forecast import StageModel
from tests.naive_forecast import AS_OF, Path
from tests.strategies import json_values

pytest.importorskip("numpy", reason="the extra forecast brings numpy")

NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)
NEWCOMER = Path("N", (("talk", 0),), None).deal()


def model():
    paths = [
        Path("A", (("talk", 2), ("offer", 3)), "won", "web"),
        Path("B", (("talk", 4), ("offer", 1), ("talk", 1)), "lost", "fair"),
        Path("C", (("talk", 1),), None),
    ]
    return StageModel.fit(
        [path.deal() for path in paths],
        as_of=NOW,
        by=["source", "size"],
        sizes=[Money("1000.50", "EUR")],
        min_closed=0,
        horizon_days=10,
    )


STORED = json.loads(model().to_json())


def test_it_is_written_so():
    day = 86_400_000_000
    expected = {
        "kind": "salesflow.StageModel",
        "version": 1,
        "as_of": "2026-03-01T00:00:00+00:00",
        "by": ["source", "size"],
        "sizes": [{"amount": "1000.50", "currency": "EUR"}],
        "prior_visits": 20.0,
        "min_closed": 0,
        "horizon_days": 10,
        "n_closed": 2,
        "left_out": {},
        "stages": ["talk", "offer"],
        "deal_ids": ["A", "B", "C"],
        "segments": ['["web", null]', '["fair", null]', "[null, null]"],
        "segment": [0, 1, 2],
        "visits": {
            "deal": [0, 0, 1, 1, 1, 2],
            "place": [0, 2, 0, 2, 1, 0],
            "next": [2, 4, 2, 1, 5, -1],
            "us": [2 * day, 3 * day, 4 * day, day, day, day],
        },
    }
    assert expected == STORED


def test_it_comes_back_exactly():
    back = StageModel.from_json(model().to_json())
    assert back == model()
    assert back.win_probability(NEWCOMER) == model().win_probability(NEWCOMER)


def spoilt(**changes):
    data = json.loads(json.dumps(STORED))
    for path, value in changes.items():
        target = data["visits"] if path.startswith("visits_") else data
        target[path.removeprefix("visits_")] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "it is NoneType, not a text"),
        (b"{}", "it is bytes, not a text"),
        ("", "Invalid JSON"),
        ("[" * 100_000, "Invalid JSON"),
        ("\ud800", "unable to parse raw data as a unicode string"),
        ("[]", "should be an object"),
        ("{}", "kind: Field required"),
        (spoilt(kind="salesflow.Deal"), "kind: Input should be 'salesflow.StageModel'"),
        (spoilt(version=2), "version: this salesflow reads version 1"),
        (spoilt(as_of="2026-03-01T00:00:00"), "it has no time zone"),
        (spoilt(as_of="9999-12-31T00:00:00Z"), "cannot look 10 days ahead"),
        (spoilt(as_of="yesterday"), "as_of: Input should be a valid datetime"),
        (spoilt(prior_visits=0), "cannot take prior_visits=0"),
        (spoilt(min_closed=-1), "cannot take min_closed=-1"),
        (spoilt(horizon_days=10**9), "cannot take horizon_days=1000000000"),
        (spoilt(horizon_days=1.0), "horizon_days: Input should be a valid integer"),
        (spoilt(by=["zzz", "size"]), "by: cannot find column 'zzz'"),
        (spoilt(by=["size", "custom"]), "by: cannot find column 'custom'"),
        (spoilt(by=["closed_at", "size"]), "by: 'closed_at' tells no segments: nearly each"),
        (spoilt(by=["outcome", "size"]), "by: 'outcome' tells no segments: it tells how far"),
        (spoilt(by=["size", "amount"]), "by: 'amount' tells no segments"),
        (spoilt(by=["expected_close_on", "size"]), "by: 'expected_close_on' tells no segments"),
        (spoilt(sizes=[]), "by='size' and sizes=[…] go together"),
        (spoilt(sizes=[{"amount": "x", "currency": "EUR"}]), "sizes.0"),
        (spoilt(left_out={"": -1}), "left_out.: Input should be greater"),
        (spoilt(colour="red"), "colour: Extra inputs"),
        (spoilt(stages=["talk", "talk"]), "stages: one is there twice"),
        (spoilt(deal_ids=["A", "B", "A"]), "deal_ids: one is there twice"),
        (spoilt(segments=["a", "a", "b"]), "segments: one is there twice"),
        (spoilt(segment=[0, 1]), "segment: there is not one for each deal"),
        (spoilt(segment=[0, 1, 3]), "segment: 3 is beyond the 3 that there are"),
        (spoilt(visits_us=[1, 2]), "visits: its columns are not of one length"),
        (spoilt(visits_us=[-1] * 6), "visits.us.0"),
        (spoilt(visits_us=[2**60] * 6), "visits.us.0"),
        (spoilt(visits_us=[10**400] * 6), "visits.us.0"),
        (spoilt(visits_deal=[0, 0, 1, 1, 1, 3]), "visits.deal: 3 is beyond the 3"),
        (spoilt(visits_deal=[0, 0, 1, 2, 1, 2]), "visits.deal: it is not in order"),
        (spoilt(visits_place=[0, 2, 0, 2, 1, 4]), "visits.place: 4 is beyond the 4"),
        (spoilt(visits_next=[2, 4, 2, 1, 6, -1]), "visits.next: 6 is beyond the 6"),
        (spoilt(visits_next=[2, 4, 2, 1, 5, -2]), "visits.next.5"),
    ],
)
def test_what_is_no_model_is_refused(text, fault):
    with pytest.raises(ModelFileError, match="cannot read a stage model") as caught:
        StageModel.from_json(text)
    assert any(fault in one for one in caught.value.faults), caught.value.faults


@pytest.mark.parametrize("name", ["custom.region", "source", "history_complete", "lead_id"])
def test_what_many_deals_share_is_read(name):
    assert StageModel.from_json(spoilt(by=[name, "size"])).by == (name, "size")


def test_all_faults_are_said_at_once():
    with pytest.raises(ModelFileError) as caught:
        StageModel.from_json(spoilt(visits_us=["x"] * 6, n_closed=None))
    assert len(caught.value.faults) == 7


PATHS = [(name,) for name in STORED] + [("visits", name) for name in STORED["visits"]]


@given(st.sampled_from(PATHS), json_values() | st.lists(st.integers(-2, 6), min_size=6, max_size=6))
def test_whatever_stands_there_it_is_read_or_refused(path, value):
    data = json.loads(json.dumps(STORED))
    *outer, name = path
    (data[outer[0]] if outer else data)[name] = value
    try:
        read = StageModel.from_json(json.dumps(data))
    except ModelFileError:
        return
    chance = read.win_probability(NEWCOMER)
    assert chance is None or 0 <= chance <= 1
    assert StageModel.from_json(read.to_json()) == read
