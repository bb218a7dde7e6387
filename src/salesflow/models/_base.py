"""What all models share: frozen pydantic values, and the types of their fields."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, Never, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from pydantic_core import core_schema as cs

from salesflow.errors import FieldError, ReadOnlyError, shown
from salesflow.periods import plain

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

Json: TypeAlias = "bool | int | float | str | tuple[Json, ...] | JsonMap | None"
"""A JSON value that cannot change: lists are tuples, objects are `JsonMap`."""

_MAX_DEPTH = 50
# An integer of up to 4,299 digits: readers of JSON refuse one of more than 4,300.
_MAX_BITS = 14_280


class Value(BaseModel):
    """A frozen model that refuses unknown fields."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_default=False,
        protected_namespaces=(),
    )

    @property
    def model_fields_set(self) -> set[str]:
        """The names of its fields; a copy, since all instances share one set."""
        return set(self.__pydantic_fields_set__)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The value itself; ``update`` is refused, since it would bypass every check."""
        del deep  # nothing in a frozen value can change, so a copy needs no depth
        if not update:
            return self
        what = type(self).__name__
        msg = f"cannot change {what} with model_copy(update=…): it would bypass every check"
        raise ReadOnlyError(msg, hint=self._how_to_change(), what=what)

    def copy(self, **options: Any) -> Self:  # pydantic's old way
        """The value itself; changes are refused, as by `model_copy`."""
        options.pop("deep", None)
        return self.model_copy(update=options)

    @staticmethod
    def _how_to_change() -> str:
        return "build a new value instead."

    @classmethod
    def _trusted(cls, fields: dict[str, Any]) -> Self:
        """An instance of fields known to be valid and complete; the dict becomes its own."""
        new = _new(cls)
        _put_fields(new, fields)
        _put_set(new, _FIELDS[cls])
        _put_extra(new, None)
        _put_private(new, None)
        return new

    def _share_fields_set(self) -> None:
        """Point to one shared set of field names: a set for each instance takes 0.7 KB and more.

        A default says as much as a given value here, so nothing is lost.
        """
        _put_set(self, _FIELDS[type(self)])


class _FieldSets(dict[type[Value], set[str]]):
    """The names of all fields of each model."""

    def __missing__(self, model: type[Value]) -> set[str]:
        return self.setdefault(model, set(model.model_fields))


_FIELDS = _FieldSets()
_new = object.__new__
# The slots of a model, filled without a look at its class for each: in half of the time.
_put_fields, _put_set, _put_extra, _put_private = (
    vars(BaseModel)[slot].__set__
    for slot in (
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_extra__",
        "__pydantic_private__",
    )
)


def _to_utc(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        code, text = "naive-datetime", "an instant needs a time zone, as in {value}+00:00 for UTC"
        raise PydanticCustomError(code, text, {"value": value.isoformat()})
    try:
        return value.astimezone(UTC)
    except OverflowError:
        code, text = "instant-range", "{value} lies outside years 1 to 9999 in UTC"
        raise PydanticCustomError(code, text, {"value": value.isoformat()}) from None


def _plain_moment(value: object) -> object:
    """The value, without what a subclass of datetime or date adds, and refused if a number."""
    if isinstance(value, date):
        try:
            return plain(value)
        except (ValueError, TypeError):
            code, text = "no-moment", "{value} is no moment in time"
            raise PydanticCustomError(code, text, {"value": shown(value)}) from None
    # pydantic would take it for seconds, or milliseconds, since 1970; a text of digits too.
    is_number = isinstance(value, int | float | Decimal)
    if is_number or isinstance(value, bytes) or (isinstance(value, str) and not _DATE.match(value)):
        code, text = "date-number", "a date or a datetime is expected, not the {kind} {value}"
        kind = "number" if is_number else "text"
        raise PydanticCustomError(code, text, {"kind": kind, "value": shown(value)})
    return value


_DATE = re.compile(r"\s*\d+-", re.ASCII)


def _to_probability(value: float) -> float:
    if not 0 <= value <= 1:
        code, text = "invalid-probability", "a probability lies between 0 and 1, not {value}"
        raise PydanticCustomError(code, text, {"value": value})
    return round(value, PROBABILITY_PLACES)


PROBABILITY_PLACES = 6

Instant = Annotated[datetime, BeforeValidator(_plain_moment), AfterValidator(_to_utc)]
"""An aware datetime, kept in UTC."""

Day = Annotated[date, BeforeValidator(_plain_moment)]
"""A calendar date."""

Precision = Literal["instant", "day"]
"""Whether a moment is exact, or a date without a time (then stored as midnight UTC)."""

Probability = Annotated[
    float,
    AfterValidator(_to_probability),
    Field(json_schema_extra={"minimum": 0, "maximum": 1}),
]
"""A float from 0 to 1 in steps of 1e-6."""

Text = Annotated[str, Field(min_length=1, strict=True)]
"""A text that is not empty."""

StageKind = Literal["open", "won", "lost", "converted", "disqualified"]
"""What being in a stage means. Deals are open, won or lost; leads open, converted, disqualified."""

Disposition = Literal["disqualified", "nurture", "follow_up"]
"""What a loss leaves behind."""

SetBy = Literal["stage", "manual"]
"""Whether a value follows the stage or was set by hand."""


class Link(Value):
    """A relation to something else: ``Link(kind="renewal_of", target="D-7")``."""

    kind: Text
    target: Text


class JsonMap(Mapping[str, Json]):
    """A read-only mapping of a user's own JSON values, deeply frozen and hashable.

    Example:
        >>> custom = JsonMap({"region": "north", "tags": ["a", "b"]})
        >>> custom["tags"], custom == {"region": "north", "tags": ("a", "b")}
        (('a', 'b'), True)
    """

    __slots__ = ("_data",)

    _data: dict[str, Json]

    def __new__(cls, values: Mapping[str, object] | None = None) -> Self:
        """Freeze the values; not in ``__init__``, which anybody may call once more.

        Raises:
            FieldError: for anything that JSON cannot hold.
        """
        if not isinstance(values, Mapping | None):
            _refuse(f"{shown(values)} is no mapping")
        data = {_key(key): _freeze(value, 1) for key, value in (values or {}).items()}
        new = super().__new__(cls)
        _put_data(new, data)
        return new

    @classmethod
    def _of_texts(cls, texts: "dict[str, Json]") -> Self:
        """Texts by name that are known to be fit for JSON; the dict becomes its own."""
        new = _new(cls)
        _put_data(new, texts)
        return new

    def __getitem__(self, key: str) -> Json:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same JSON: 1, 1.0 and true are three different values."""
        if not isinstance(other, Mapping):
            return False
        theirs = other._data if isinstance(other, JsonMap) else dict(other)
        # The plain comparison is quick, and never unequal where the exact one is equal.
        return self._data == theirs and _is_same_map(self._data, theirs)

    def __hash__(self) -> int:
        return hash(frozenset(self._data.items()))

    def __repr__(self) -> str:
        return repr(self._data)

    def __setattr__(self, name: str, value: object) -> Never:
        _refuse_change("set", name)

    def __delattr__(self, name: str) -> Never:
        _refuse_change("delete", name)

    def __setitem__(self, key: str, value: object) -> Never:
        """Refused: the values are read-only."""
        _refuse_change("set", key)

    def __delitem__(self, key: str) -> Never:
        """Refused: the values are read-only."""
        _refuse_change("delete", key)

    def __reduce__(self) -> tuple[object, ...]:
        return (JsonMap, (self.thaw(),))

    def thaw(self) -> dict[str, Any]:
        """Plain dicts and lists, as JSON writes them."""
        return {key: _thaw(value) for key, value in self._data.items()}

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: "GetCoreSchemaHandler") -> cs.CoreSchema:
        shape = cs.dict_schema(cs.str_schema(), cs.any_schema())
        return cs.no_info_plain_validator_function(
            _to_json_map,
            json_schema_input_schema=shape,
            serialization=cs.plain_serializer_function_ser_schema(
                cls.thaw, return_schema=shape, when_used="json"
            ),
        )


_put_data = vars(JsonMap)["_data"].__set__
EMPTY = JsonMap()


def _to_json_map(value: object) -> JsonMap:
    if isinstance(value, JsonMap):
        return value
    if not isinstance(value, Mapping):
        code, text = "custom-type", "a mapping of names to JSON values is expected"
        raise PydanticCustomError(code, text)
    if not value:
        return EMPTY
    try:
        return JsonMap(value)
    except FieldError as error:
        code, text = "custom-value", "{fact}"
        raise PydanticCustomError(code, text, {"fact": "; ".join(error.faults)}) from None


def _is_same(one: object, other: object) -> bool:
    """Whether two values that are equal in Python are the same JSON too."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _is_same_map(one, other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(map(_is_same, one, other))
    return _kind_of(one) is _kind_of(other)


def _is_same_map(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(_is_same(value, other[key]) for key, value in one.items())


def _kind_of(value: object) -> type | None:
    """Which kind of number it is; None for anything else."""
    return next((kind for kind in (bool, int, float) if isinstance(value, kind)), None)


def _refuse_change(verb: str, name: object) -> Never:
    msg = f"cannot {verb} {name!r}: custom values are read-only"
    raise ReadOnlyError(msg, hint="give the whole mapping to update.", what="custom")


def _refuse(fact: str) -> Never:
    msg = f"cannot hold custom values: {fact}"
    raise FieldError(msg, faults=(fact,))


def _key(key: object) -> str:
    if isinstance(key, str):
        return _text(key)
    _refuse(f"key {shown(key)} is no string")


def _text(value: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in value):
        _refuse(f"{value!r} holds a lone surrogate, which JSON cannot")
    return str.__str__(value)  # an enumeration's member is hashed by its name


def is_long(value: object) -> bool:
    """Whether it is an integer of more digits than readers of JSON take."""
    return isinstance(value, int) and value.bit_length() > _MAX_BITS


def _freeze(value: object, depth: int) -> Json:
    if depth > _MAX_DEPTH:
        _refuse(f"values are nested deeper than {_MAX_DEPTH}")
    if value is None or (isinstance(value, bool | int) and not is_long(value)):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list | tuple):
        return tuple(_freeze(item, depth + 1) for item in value)
    if isinstance(value, Mapping):
        frozen = {_key(key): _freeze(item, depth + 1) for key, item in value.items()}
        return JsonMap(frozen)
    what = "an integer of that many digits" if isinstance(value, int) else shown(value)
    _refuse(f"{what} is no JSON value")


def _thaw(value: Json) -> Any:
    if isinstance(value, JsonMap):
        return value.thaw()
    return [_thaw(item) for item in value] if isinstance(value, tuple) else value
