"""`Lead`: a person or firm that may buy, as its history says."""

from typing import ClassVar, Literal

from salesflow.models._base import EMPTY, Day, Disposition, Instant, JsonMap, Link, Precision, Text
from salesflow.models._history import History, Recorded
from salesflow.models.fold import BLANK_LEAD

LeadOutcome = Literal["open", "converted", "disqualified"]
"""What became of a lead so far."""


class Lead(Recorded, blank=BLANK_LEAD):
    """A person or firm that may buy: what is known now, and everything that happened.

    Built like `Deal`: a frozen value whose fields are what its history adds up to; one that
    contradicts its history does not load.

    Example:
        >>> from datetime import UTC, datetime
        >>> from salesflow.models.events import Opened
        >>> at = datetime(2026, 1, 5, tzinfo=UTC)
        >>> opened = Opened(
        ...     id="L-1:1",
        ...     at=at,
        ...     pipeline="leads",
        ...     stage="new",
        ...     stage_kind="open",
        ...     stage_position=0,
        ...     name="Kim",
        ...     source="referral",
        ... )
        >>> lead = Lead(
        ...     id="L-1",
        ...     pipeline="leads",
        ...     stage="new",
        ...     stage_position=0,
        ...     outcome="open",
        ...     name="Kim",
        ...     source="referral",
        ...     created_at=at,
        ...     stage_entered_at=at,
        ...     history=(opened,),
        ... )
        >>> Lead.model_validate_json(lead.model_dump_json()) == lead
        True
    """

    pipeline: Text
    """The name of the lead process it moves through."""
    pipeline_version: int = 1
    name: Text | None = None
    stage: Text | None
    outcome: LeadOutcome
    stage_position: int | None = None
    stage_entered_at: Instant | None = None
    stage_entered_precision: Precision = "instant"
    owner_id: Text | None = None
    source: Text | None = None
    channel: Text | None = None
    account_id: Text | None = None
    contact_ids: tuple[Text, ...] = ()
    links: tuple[Link, ...] = ()
    custom: JsonMap = EMPTY
    created_at: Instant | None = None
    created_precision: Precision = "instant"
    closed_at: Instant | None = None
    """When it was converted or disqualified."""
    closed_precision: Precision = "instant"
    reason: Text | None = None
    """Why it was disqualified, requalified, or put to nurturing."""
    disposition: Disposition | None = None
    """What the loss of its deal left behind, where that put it into the stage it is in."""
    revisit_on: Day | None = None
    """The day to look at it again."""
    deal_id: Text | None = None
    """The deal it was converted to; it stays, whatever becomes of either."""
    aliases: tuple[Text, ...] = ()
    history: History

    _word: ClassVar = "lead"

    @staticmethod
    def _how_to_change() -> str:
        return "process.update(lead, …) changes a lead and keeps its history."
