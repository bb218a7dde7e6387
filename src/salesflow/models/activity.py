"""`Activity`: what was done with a customer, or is planned."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from salesflow.models._base import EMPTY, Instant, JsonMap, Precision, Text, Value
from salesflow.periods import midnight

TOUCH_KINDS: frozenset[str] = frozenset({"call", "email", "meeting", "demo", "message", "visit"})
"""The kinds of activity that are a touch: an interaction with the customer."""

Direction = Literal["inbound", "outbound"]
"""Who began: the customer or we."""


class Activity(Value):
    """What was done with a customer, or is planned.

    A done one has ``occurred_at``; a planned one has ``planned_at`` alone. Logging a done activity
    under the id of a planned one says that the plan was carried out.

    Example:
        >>> from datetime import UTC, datetime
        >>> call = Activity(
        ...     id="D-1:4", kind="call", occurred_at=datetime(2026, 3, 2, 9, tzinfo=UTC)
        ... )
        >>> call.is_done, call.is_touch
        (True, True)
    """

    id: Text
    kind: Text
    """What sort: ``call``, ``email``, ``meeting``, ``demo``, ``note``, or a word of your own."""
    occurred_at: Instant | None = None
    occurred_precision: Precision = "instant"
    planned_at: Instant | None = None
    planned_precision: Precision = "instant"
    direction: Direction | None = None
    owner_id: Text | None = None
    """Who did it, or will."""
    contact_id: Text | None = None
    subject: Text | None = None
    note: Text | None = None
    score: Annotated[float, Field(ge=0, le=10)] | None = None
    """What the customer thinks, from 0 to 10."""
    theme: Text | None = None
    """What the feedback is about: ``price``, ``onboarding``."""
    custom: JsonMap = EMPTY

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.occurred_at is None and self.planned_at is None:
            code, text = (
                "activity-date",
                "an activity has occurred_at (done) or planned_at (planned)",
            )
            raise PydanticCustomError(code, text)
        for moment, precision in (
            (self.occurred_at, self.occurred_precision),
            (self.planned_at, self.planned_precision),
        ):
            if precision == "day" and moment is not None and moment != midnight(moment.date()):
                code, text = "activity-date", "{moment} has precision 'day' and a time"
                raise PydanticCustomError(code, text, {"moment": moment.isoformat()})
        return self

    @property
    def is_done(self) -> bool:
        """Whether it has happened."""
        return self.occurred_at is not None

    @property
    def is_touch(self) -> bool:
        """Whether it is a done interaction of a kind that counts."""
        return self.is_done and self.kind in TOUCH_KINDS
