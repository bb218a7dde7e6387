"""What a deal and a lead share: fields that are a fold of a history."""

from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from salesflow.models._base import Text, Value
from salesflow.models.consistency import contradict, replay
from salesflow.models.fold import apply

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from salesflow.models.events import Event

    History = tuple[Event, ...]
else:

    class _Events:
        """Loads the event models when the first validator is built.

        There are thirteen of them, which would be half of the time that importing takes.
        """

        @staticmethod
        def __get_pydantic_core_schema__(_: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
            from salesflow.models.events import Event

            return handler.generate_schema(tuple[Event, ...])

    History = Annotated[tuple, _Events()]

SCHEMA_VERSION = 1
"""The version of the stored JSON that this release writes."""


def check_version(version: int) -> int:
    """Refuse the stored form of another release."""
    if version > SCHEMA_VERSION:
        code, text = (
            "newer-schema",
            "schema version {version} is newer than {known}: update salesflow",
        )
        raise PydanticCustomError(code, text, {"version": version, "known": SCHEMA_VERSION})
    if version < 1:
        code, text = "unknown-schema", "schema version {version} never existed"
        raise PydanticCustomError(code, text, {"version": version})
    return version


class Recorded(Value):
    """A value whose fields are what its history adds up to."""

    schema_version: Annotated[int, AfterValidator(check_version)] = SCHEMA_VERSION
    """The version of the stored form; a newer one is refused."""
    id: Text

    if TYPE_CHECKING:
        history: History

    _blank: ClassVar[Mapping[str, Any]]
    _current: ClassVar[Any]
    _word: ClassVar[str]
    """What people call it."""

    def __init_subclass__(cls, *, blank: Mapping[str, Any], **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._blank = blank
        cls._current = itemgetter(*blank)

    @model_validator(mode="after")
    def _check_history(self) -> Self:
        """Refuse a value whose fields are not what its history adds up to."""
        fields = vars(self)
        state = replay(self.id, fields["history"], self._blank)
        self._share_fields_set()
        if self._current(fields) != tuple(state.values()):
            wrong = [name for name, value in state.items() if fields[name] != value]
            says = [f"{n} is {fields[n]!r}, its history says {state[n]!r}" for n in wrong]
            contradict("; ".join(says))
        return self

    @property
    def version(self) -> int:
        """The number of its events: what an app compares for optimistic locking."""
        return len(self.history)

    @property
    def is_open(self) -> bool:
        """Whether nothing has become of it yet."""
        return bool(vars(self)["outcome"] == "open")

    def _with_event(self, event: "Event") -> Self:
        """The same one event later; the event must be valid and come next."""
        fields = self.__dict__.copy()
        apply(fields, event)
        fields["history"] = (*fields["history"], event)
        return self._trusted(fields)

    @classmethod
    def _from_history(cls, identity: str, history: "tuple[Event, ...]") -> Self:
        """What valid events add up to."""
        fields: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "id": identity, **cls._blank}
        for event in history:
            apply(fields, event)
        fields["history"] = history
        return cls._trusted(fields)

    def __repr__(self) -> str:
        fields = vars(self)
        shown = ("id", "name", "stage", "outcome", "amount", "owner_id")
        known = [f"{n}={fields[n]!r}" for n in shown if fields.get(n) is not None]
        return f"{type(self).__name__}({', '.join(known)}, version={self.version})"

    __str__ = __repr__
