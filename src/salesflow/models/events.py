"""The events that a deal's or a lead's history is made of, schema version 1.

One discriminated union, told apart by ``type``. Each event says when (``at``), how exactly that is
known (``precision``) and by whom; its id is ``<deal id>:<n>``, n counting from 1. `Opened` and
`StageChanged` freeze what they meant: the stage, its kind, position and probability, and the
amount, owner, source and expected close at that instant. So no later change of the definition or
of the deal rewrites them.
"""

from typing import Annotated, Literal

from pydantic import Field

from salesflow.models._base import (
    EMPTY,
    Day,
    Disposition,
    Instant,
    JsonMap,
    Link,
    Precision,
    Probability,
    SetBy,
    StageKind,
    Text,
    Value,
)
from salesflow.models.activity import Activity
from salesflow.models.deal import Deal
from salesflow.models.lead import Lead
from salesflow.money import Money

DetailName = Literal[
    "name", "source", "channel", "account_id", "contact_ids", "lead_id", "links", "custom"
]
"""The fields that `DetailsChanged` may change."""


class Override(Value):
    """Who let a move pass against unmet requirements, and why."""

    by: Text
    reason: Text
    unmet: tuple[Text, ...] = ()


class EventBase(Value):
    """What all events have."""

    id: Text
    at: Instant
    precision: Precision = "instant"
    by: Text | None = None


class _Placed(EventBase):
    """An event after which it is in a stage, with what that stage meant."""

    stage: Text | None
    stage_kind: StageKind
    stage_position: int | None
    probability: Probability | None = None
    probability_source: SetBy = "stage"
    category: Text | None = None
    category_source: SetBy = "stage"


class _Frozen(_Placed):
    """One that also says what was agreed or expected at that instant."""

    amount: Money | None = None
    owner_id: Text | None = None
    source: Text | None = None
    expected_close_on: Day | None = None


class _Begun(_Frozen):
    """One that begins a history."""

    pipeline: Text
    pipeline_version: int = 1
    name: Text | None = None
    channel: Text | None = None
    account_id: Text | None = None
    contact_ids: tuple[Text, ...] = ()
    lead_id: Text | None = None
    lead_created_at: Instant | None = None
    """When the lead that a deal came from was created."""
    lead_created_precision: Precision = "instant"
    links: tuple[Link, ...] = ()
    custom: JsonMap = EMPTY


class Opened(_Begun):
    """It began, in its first stage."""

    type: Literal["opened"] = "opened"


class RestoredVisit(Value):
    """One stay in a stage, as far as it is known."""

    stage: Text
    stage_kind: StageKind
    stage_position: int
    entered_at: Instant | None = None
    entered_precision: Precision = "instant"
    left_at: Instant | None = None
    left_precision: Precision = "instant"


class Restored(_Begun):
    """It was taken over from elsewhere, with what is known of its past; nothing is invented.

    ``at`` is the latest of the known dates, or None, which precedes everything.
    """

    type: Literal["restored"] = "restored"
    at: Instant | None = None  # type: ignore[assignment]  # the one event that may be undated
    created_at: Instant | None = None
    created_precision: Precision = "instant"
    closed_at: Instant | None = None
    closed_precision: Precision = "instant"
    reason: Text | None = None
    disposition: Disposition | None = None
    revisit_on: Day | None = None
    lost_at_stage: Text | None = None
    lost_at_position: int | None = None
    deal_id: Text | None = None
    """The deal that a lead was converted to."""
    visits: tuple[RestoredVisit, ...] = ()
    aliases: tuple[Text, ...] = ()


class StageChanged(_Frozen):
    """It moved to another stage; the reason is that of a loss or of a reversion.

    Of a lead, it is why the lead was disqualified, requalified or put to nurturing.
    """

    type: Literal["stage_changed"] = "stage_changed"
    from_stage: Text | None
    reason: Text | None = None
    disposition: Disposition | None = None
    revisit_on: Day | None = None
    deal_id: Text | None = None
    """The deal that a converted lead became."""
    requalified_by: Text | None = None
    override: Override | None = None


class AmountChanged(EventBase):
    """It is worth another amount; of a closed deal only as a correction."""

    type: Literal["amount_changed"] = "amount_changed"
    amount: Money | None
    correction: Text | None = None


class ExpectedCloseChanged(EventBase):
    """It is expected to close on another day."""

    type: Literal["expected_close_changed"] = "expected_close_changed"
    expected_close_on: Day | None
    reason: Text | None = None


class OwnerChanged(EventBase):
    """Somebody else owns it."""

    type: Literal["owner_changed"] = "owner_changed"
    owner_id: Text | None


class ProbabilitySet(EventBase):
    """Its probability was set by hand, or given back to the stage."""

    type: Literal["probability_set"] = "probability_set"
    probability: Probability | None
    probability_source: SetBy
    reason: Text | None = None


class CategorySet(EventBase):
    """Its forecast category was set by hand, or given back to the stage."""

    type: Literal["category_set"] = "category_set"
    category: Text | None
    category_source: SetBy


class QualificationAnswered(EventBase):
    """A criterion of a qualification framework was answered."""

    type: Literal["qualification_answered"] = "qualification_answered"
    framework: Text
    criterion: Text
    answer: Literal["yes", "no", "unknown"]
    note: Text | None = None


class DetailsChanged(EventBase):
    """Details changed: those that ``changed`` names."""

    type: Literal["details_changed"] = "details_changed"
    changed: tuple[DetailName, ...]
    name: Text | None = None
    source: Text | None = None
    channel: Text | None = None
    account_id: Text | None = None
    contact_ids: tuple[Text, ...] = ()
    lead_id: Text | None = None
    links: tuple[Link, ...] = ()
    custom: JsonMap = EMPTY


class ActivityLogged(EventBase):
    """Something was done with the customer, or is planned; ``at`` is when that was recorded."""

    type: Literal["activity_logged"] = "activity_logged"
    activity: Activity


class Merged(EventBase):
    """Others turned out to be the same; it holds them whole, and their ids become aliases."""

    type: Literal["merged"] = "merged"
    deals: tuple[Deal, ...] = ()
    leads: tuple[Lead, ...] = ()


class Migrated(_Placed):
    """It went over to another pipeline, or to another version of its own."""

    type: Literal["migrated"] = "migrated"
    from_pipeline: Text
    from_stage: Text | None
    pipeline: Text
    pipeline_version: int = 1


Event = Annotated[
    Opened
    | Restored
    | StageChanged
    | AmountChanged
    | ExpectedCloseChanged
    | OwnerChanged
    | ProbabilitySet
    | CategorySet
    | QualificationAnswered
    | DetailsChanged
    | ActivityLogged
    | Merged
    | Migrated,
    Field(discriminator="type"),
]
"""Any event."""
