"""What do we want a number to be?"""

import copy
import pickle
from functools import partial

import attrs
import pytest

from salesflow import Money, Period, metrics
from salesflow.errors import OptionError
from salesflow.metrics.own import count
from salesflow.review import Target
from tests.shorthand import eur

Q1 = Period.quarter(2026, 1)


def test_a_target_is_called_after_its_metric():
    assert Target(metrics.win_rate, 0.4, Q1).called == "win rate"
    assert Target(metrics.win_rate, 0.4, Q1, by=["source", "owner_id"]).called == (
        "win rate by source, owner_id"
    )
    total = Target(metrics.average_deal_size, eur(5), Q1, number="total")
    assert total.called == "average deal size, total"
    by_value = partial(metrics.win_rate, weight="value")
    assert Target(by_value, 0.4, Q1).called == "win rate"
    assert Target(count(), 5, Q1).called == "measure"
    assert Target(count(), 5, Q1, name="deals").called == "deals"


def test_a_target_never_changes():
    quota = {"kim": eur(5), ("a", 1): eur(6)}
    target = Target(metrics.new_pipeline, quota, Q1, by="owner_id")
    quota["kim"] = eur(1)
    assert (dict(target.value), len(target.value)) == ({"kim": eur(5), ("a", 1): eur(6)}, 2)
    assert repr(target.value) == "{'kim': Money('5', 'EUR'), ('a', 1): Money('6', 'EUR')}"
    with pytest.raises(TypeError):
        target.value["kim"] = eur(1)  # type: ignore[index]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        target.value = eur(1)  # type: ignore[misc]
    for again in (pickle.loads(pickle.dumps(target)), copy.deepcopy(target)):  # noqa: S301 - ours
        assert again == target
        assert hash(again) == hash(target)


@pytest.mark.parametrize("value", [0, 1, 0.5, -3, eur(0), Money("-5", "USD")])
def test_what_can_be_aimed_at(value):
    assert Target(metrics.win_rate, value, Q1).value == value
    assert dict(Target(metrics.win_rate, {None: value}, Q1).value) == {None: value}


@pytest.mark.parametrize(
    ("given", "parameter", "fact"),
    [
        ({"metric": "win_rate"}, "metric", "cannot aim at metric='win_rate'"),
        ({"value": "40%"}, "value", "cannot aim at value='40%'"),
        ({"value": None}, "value", "cannot aim at value=None"),
        ({"value": True}, "value", "cannot aim at value=True"),
        ({"value": float("nan")}, "value", "cannot aim at value=nan"),
        ({"value": float("inf")}, "value", "cannot aim at value=inf"),
        ({"value": {}}, "value", "cannot aim at value={}"),
        ({"value": {"kim": eur(5), "lee": None}}, "value", "cannot aim at value=None"),
        ({"value": {"kim": eur(5), "lee": "5"}}, "value", "cannot aim at value='5'"),
        ({"period": "2026-Q1"}, "period", "cannot aim at period='2026-Q1'"),
        ({"number": 5}, "number", "cannot aim at number=5"),
        ({"name": ""}, "name", "cannot aim at name=''"),
        ({"by": 5}, "by", "cannot group by 5"),
        ({"bound": "more"}, "bound", "cannot take bound='more'"),
    ],
)
def test_what_is_no_target(given, parameter, fact):
    with pytest.raises(OptionError, match=fact) as caught:
        Target(**{"metric": metrics.win_rate, "value": 0.4, "period": Q1, **given})
    assert caught.value.parameter == parameter
    assert caught.value.hint
