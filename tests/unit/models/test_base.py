"""What all models share: frozen, exact, and values that cannot change underneath."""

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum

import pytest
from pydantic import BaseModel, ValidationError

from salesflow import Account, Activity, Contact, Deal, JsonMap, Lead, LeadProcess, Link
from salesflow.errors import FieldError, ReadOnlyError
from salesflow.models import Override
from salesflow.models._base import Instant, Probability, Value
from tests.builders import deal_of, jan, lead_of, lead_opened, naive, opened

ACCOUNT = Account(id="A-1", name="Acme")


class At(BaseModel):
    """One instant."""

    at: Instant


class Chance(Value):
    """One probability."""

    probability: Probability


def fault(caught: pytest.ExceptionInfo[ValidationError]) -> str:
    """The code of the only error."""
    (only,) = caught.value.errors()
    return only["type"]


class TestEveryModel:
    """Frozen, closed, copied by being the same."""

    @pytest.mark.parametrize(
        "value",
        [
            ACCOUNT,
            Contact(id="C-1", name="Kim"),
            Activity(id="x", kind="call", occurred_at=jan(1)),
            Link(kind="renewal_of", target="D-7"),
            Override(by="kim", reason="urgent"),
            opened(),
            deal_of(opened()),
            lead_of(lead_opened()),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_is_frozen_hashable_and_its_own_copy(self, value):
        field = next(iter(type(value).model_fields))
        with pytest.raises(ValidationError, match="Instance is frozen"):
            setattr(value, field, "other")
        assert value.model_copy() is value
        assert value.model_copy(deep=True) is value
        assert hash(value) == hash(type(value).model_validate(value.model_dump()))

    @pytest.mark.parametrize("model", [Account, Contact, Activity, Link, Deal, Lead])
    def test_refuses_unknown_fields(self, model):
        with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
            model.model_validate({"colour": "red"})

    def test_is_not_changed_by_model_copy(self):
        with pytest.raises(ReadOnlyError, match="cannot change Account with model_copy") as caught:
            ACCOUNT.model_copy(update={"name": "Other"})
        assert caught.value.hint == "build a new value instead."
        assert caught.value.what == "Account"

    def test_of_a_deal_names_the_way_to_change_it(self):
        with pytest.raises(ReadOnlyError, match="cannot change Deal") as caught:
            deal_of(opened()).model_copy(update={"stage": "won"})
        assert caught.value.hint.startswith("pipeline.update(deal, …)")

    def test_of_a_lead_too(self):
        with pytest.raises(ReadOnlyError, match="cannot change Lead") as caught:
            LeadProcess.standard().open("Kim").model_copy(update={"stage": "working"})
        assert caught.value.hint.startswith("process.update(lead, …)")

    @pytest.mark.parametrize("text", ["", "\ud800", None, 5, ["x"]])
    def test_takes_no_name_that_is_no_text(self, text):
        with pytest.raises(ValidationError, match="name"):
            Account(id="A", name=text)


class TestInstants:
    """Aware, and kept in UTC."""

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("2026-01-05T10:00:00+05:00", datetime(2026, 1, 5, 5, tzinfo=UTC)),
            ("2026-01-05T10:00:00Z", datetime(2026, 1, 5, 10, tzinfo=UTC)),
            (jan(5, 10), jan(5, 10)),
            ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
            ("9999-12-31T23:59:59.999999Z", datetime.max.replace(tzinfo=UTC)),
        ],
    )
    def test_are_kept_in_utc(self, given, kept):
        at = At(at=given).at
        assert at == kept
        assert at.tzinfo is UTC

    @pytest.mark.parametrize("given", ["2026-01-05T10:00:00", "2026-01-05", naive(2026, 1, 5)])
    def test_without_a_zone_are_refused(self, given):
        with pytest.raises(ValidationError, match="an instant needs a time zone, as in 2026-01-05"):
            At(at=given)

    def test_with_a_zone_that_knows_no_offset_are_naive(self):
        class Nowhere(tzinfo):
            def utcoffset(self, _: datetime | None) -> None:
                return None

        with pytest.raises(ValidationError, match="an instant needs a time zone") as caught:
            At(at=datetime(2026, 1, 5, tzinfo=Nowhere()))
        assert fault(caught) == "naive-datetime"

    @pytest.mark.parametrize("given", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"])
    def test_before_year_1_and_after_9999_are_refused(self, given):
        with pytest.raises(ValidationError, match="lies outside years 1 to 9999 in UTC") as caught:
            At(at=given)
        assert fault(caught) == "instant-range"

    def test_of_equal_moments_are_equal(self):
        seoul = timezone(timedelta(hours=9))
        assert At(at=datetime(2026, 1, 5, 9, tzinfo=seoul)) == At(at=jan(5))


class TestProbabilities:
    """Floats from 0 to 1 in steps of a millionth."""

    @pytest.mark.parametrize(
        ("given", "kept"), [(0, 0.0), (1, 1.0), (0.65, 0.65), (0.12345678, 0.123457), (1e-9, 0.0)]
    )
    def test_are_kept_to_six_places(self, given, kept):
        assert Chance(probability=given).probability == kept

    @pytest.mark.parametrize("given", [65, -0.1, 1.0000001, 1e308])
    def test_outside_are_refused(self, given):
        with pytest.raises(ValidationError, match="a probability lies between 0 and 1") as caught:
            Chance(probability=given)
        assert fault(caught) == "invalid-probability"

    @pytest.mark.parametrize("given", [float("nan"), float("inf")])
    def test_that_are_no_numbers_are_refused(self, given):
        with pytest.raises(ValidationError, match="finite number"):
            Chance(probability=given)


class Colour(IntEnum):
    """A user's own kind of number."""

    RED = 1


class TestCustom:
    """A user's own JSON values, frozen all the way down."""

    VALUES = {"a": [1, {"b": [None, True]}], "c": "é", "d": 0.5}  # noqa: RUF012 - read only

    def test_reads_as_a_mapping(self):
        custom = JsonMap(self.VALUES)
        assert custom["c"] == "é"
        assert list(custom) == ["a", "c", "d"]
        assert len(custom) == 3
        assert "e" not in custom
        assert len(JsonMap()) == 0

    def test_is_deeply_frozen(self):
        custom = JsonMap(self.VALUES)
        assert custom["a"] == (1, JsonMap({"b": (None, True)}))
        with pytest.raises(TypeError, match="custom values are read-only"):
            custom["c"] = 1
        with pytest.raises(TypeError, match="custom values are read-only"):
            custom["a"][1]["b"] = 1

    def test_does_not_follow_the_values_it_was_made_of(self):
        values = {"a": [1]}
        custom = JsonMap(values)
        values["a"].append(2)
        assert custom == {"a": (1,)}

    def test_has_no_attributes_to_set(self):
        with pytest.raises(ReadOnlyError, match="custom values are read-only") as caught:
            JsonMap()._data = {}
        assert caught.value.what == "custom"

    def test_is_equal_and_hashes_whatever_the_order(self):
        one, other = JsonMap({"a": 1, "b": [2]}), JsonMap({"b": (2,), "a": 1})
        assert one == other
        assert hash(one) == hash(other)
        assert one != JsonMap({"a": 1})
        assert one == {"a": 1, "b": (2,)}
        assert one != 1

    def test_copies_and_pickles(self):
        custom = JsonMap(self.VALUES)
        assert copy.deepcopy(custom) == custom
        assert pickle.loads(pickle.dumps(custom)) == custom  # noqa: S301 - our own bytes

    def test_thaws_to_what_json_writes(self):
        assert JsonMap(self.VALUES).thaw() == self.VALUES

    def test_shows_its_values(self):
        assert repr(JsonMap({"a": [1]})) == "{'a': (1,)}"

    @pytest.mark.parametrize(
        ("values", "fact"),
        [
            ({"a": float("nan")}, "nan is no JSON value"),
            ({"a": [float("-inf")]}, "-inf is no JSON value"),
            ({"a": {"b": {1, 2}}}, "is no JSON value"),
            ({"a": b"x"}, "b'x' is no JSON value"),
            ({"a": jan(1)}, "is no JSON value"),
            ({"a": 10**4300}, "an integer of that many digits is no JSON value"),
            ({"a": -(10**9999)}, "an integer of that many digits is no JSON value"),
            ({1: "a"}, "key 1 is no string"),
            ({"a": {None: 1}}, "key None is no string"),
            ({"\udfff": 1}, "holds a lone surrogate"),
            ({"a": ["\ud800"]}, "holds a lone surrogate"),
        ],
    )
    def test_refuses_what_json_cannot_hold(self, values, fact):
        with pytest.raises(ValueError, match=fact):
            JsonMap(values)
        with pytest.raises(ValidationError, match=fact) as caught:
            Account(id="A", name="Acme", custom=values)
        assert fault(caught) == "custom-value"

    def test_refuses_values_nested_without_end(self):
        values: dict[str, object] = {}
        values["self"] = values
        with pytest.raises(ValueError, match="nested deeper than 50"):
            JsonMap(values)

    def test_takes_fifty_levels(self):
        values: object = 1
        for _ in range(49):
            values = [values]
        assert json.loads(json.dumps(JsonMap({"a": values}).thaw())) == {"a": values}

    @pytest.mark.parametrize("values", [None, [], "a", 1])
    def test_is_a_mapping_in_a_model(self, values):
        with pytest.raises(ValidationError, match="a mapping of names to JSON values") as caught:
            Account(id="A", name="Acme", custom=values)
        assert fault(caught) == "custom-type"

    def test_keeps_a_json_map_as_it_is(self):
        custom = JsonMap({"a": 1})
        assert Account(id="A", name="Acme", custom=custom).custom is custom
        assert Account(id="A", name="Acme", custom={}).custom == {}

    def test_goes_to_json_and_back(self):
        account = Account(id="A", name="Acme", custom=self.VALUES)
        assert json.loads(account.model_dump_json())["custom"] == self.VALUES
        assert Account.model_validate_json(account.model_dump_json()) == account

    @pytest.mark.parametrize("number", [2**64, 10**4298, -(10**4298)], ids=["64 bits", "long", "-"])
    def test_long_integers_come_back(self, number):
        account = Account(id="A", name="Acme", custom={"a": number})
        assert Account.model_validate_json(account.model_dump_json()).custom["a"] == number

    def test_writes_numbers_of_a_users_own_kind_as_numbers(self):
        account = Account(id="A", name="Acme", custom={"a": Colour.RED})
        assert json.loads(account.model_dump_json())["custom"] == {"a": 1}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 0.0}, {"a": False}),
        ({"a": [{"b": (1,)}]}, {"a": [{"b": (1.0,)}]}),
    ],
)
def test_custom_values_are_equal_only_as_the_same_json(one, other):
    assert JsonMap(one) != JsonMap(other)
    assert JsonMap(one) == JsonMap(one)
    assert JsonMap({"a": one["a"]}) != dict(JsonMap(other))
    assert JsonMap(one) == dict(JsonMap(one))
    assert hash(JsonMap(one)) == hash(JsonMap(one))


def test_custom_values_equal_no_other_thing_and_no_other_keys():
    assert JsonMap({"a": "b", "c": None}) == {"c": None, "a": "b"}
    assert JsonMap({"a": 1}) != {"b": 1}
    assert JsonMap({"a": 1}) != [("a", 1)]


def test_a_deal_that_holds_other_json_than_its_history_does_not_load():
    deal = deal_of(opened(custom={"vip": 1}), custom={"vip": 1})
    with pytest.raises(ValidationError, match="custom is"):
        Deal.model_validate({**deal.__dict__, "custom": {"vip": True}})


def _set_item(custom):
    custom["a"] = 2


def _delete_item(custom):
    del custom["a"]


def _delete_data(custom):
    del custom._data


@pytest.mark.parametrize("change", [_set_item, _delete_item, _delete_data])
def test_custom_values_refuse_every_change(change):
    custom = JsonMap({"a": 1})
    with pytest.raises(ReadOnlyError, match="custom values are read-only"):
        change(custom)
    assert custom == {"a": 1}


def test_custom_values_are_not_made_anew_by_a_second_init():
    custom = JsonMap({"a": 1})
    custom.__init__({"a": 2})
    assert custom == {"a": 1}


@pytest.mark.parametrize(
    "value",
    ["1728000000", "86400", "-86400", " 86400 ", b"86401", Decimal(86402), 86403, 1.5],
    ids=repr,
)
@pytest.mark.parametrize("field", ["at", "expected_close_on"])
def test_a_number_is_no_date_even_as_a_text(field, value):
    with pytest.raises(ValidationError, match="a date or a datetime is expected, not the"):
        opened(**{field: value})


def test_what_holds_no_date_at_all_is_no_date():
    with pytest.raises(ValidationError, match="expected_close_on"):
        opened(expected_close_on=[])


def test_the_names_of_the_fields_are_a_copy():
    deal = deal_of(opened())
    deal.model_fields_set.clear()
    assert deal_of(opened()).model_fields_set == set(Deal.model_fields)


@pytest.mark.parametrize("values", [5, [("a", 1)]])
def test_custom_values_are_a_mapping(values):
    with pytest.raises(FieldError, match="is no mapping"):
        JsonMap(values)
