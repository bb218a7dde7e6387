"""`Deal`: one possible sale, as its history says it is."""

from typing import ClassVar, Literal

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
    Text,
)
from salesflow.models._history import History, Recorded
from salesflow.models.fold import BLANK_DEAL
from salesflow.money import Money

Outcome = Literal["open", "won", "lost"]
"""What became of a deal so far."""


class Deal(Recorded, blank=BLANK_DEAL):
    """One possible sale: what it is now, and everything that happened to it.

    A value that never changes. The verbs of a pipeline (``open``, ``advance``, ``lose`` …) make
    deals and give back new ones, each with a longer ``history``. The other fields are what the
    history adds up to; a deal whose fields contradict its history does not load.

    Example:
        >>> from datetime import UTC, datetime
        >>> from salesflow import Money, Pipeline
        >>> deal = Pipeline.standard().open(
        ...     "Acme renewal", amount=Money("12000", "EUR"), at=datetime(2026, 1, 5, tzinfo=UTC)
        ... )
        >>> deal.stage, deal.outcome, deal.version
        ('prospecting', 'open', 1)
        >>> Deal.model_validate_json(deal.model_dump_json()) == deal
        True
    """

    pipeline: Text
    """The name of the definition it moves through."""
    pipeline_version: int = 1
    name: Text | None = None
    stage: Text | None
    """The stage it is in; None only where a restored deal's is unknown."""
    outcome: Outcome
    stage_position: int | None = None
    stage_entered_at: Instant | None = None
    stage_entered_precision: Precision = "instant"
    amount: Money | None = None
    """What it is worth; None is unknown."""
    probability: Probability | None = None
    """The chance of winning it: 1 once won, 0 once lost; None is unknown."""
    probability_source: SetBy = "stage"
    category: Text | None = None
    """The forecast category."""
    category_source: SetBy = "stage"
    owner_id: Text | None = None
    """Who owns it now."""
    source: Text | None = None
    """The channel it came through."""
    account_id: Text | None = None
    contact_ids: tuple[Text, ...] = ()
    lead_id: Text | None = None
    lead_created_at: Instant | None = None
    """When the lead it came from was created: the age of the lead, known without it."""
    lead_created_precision: Precision = "instant"
    links: tuple[Link, ...] = ()
    custom: JsonMap = EMPTY
    """A user's own JSON values, read-only."""
    expected_close_on: Day | None = None
    created_at: Instant | None = None
    created_precision: Precision = "instant"
    closed_at: Instant | None = None
    """When it was won or lost; None while open, or where a restored deal's is unknown."""
    closed_precision: Precision = "instant"
    loss_reason: Text | None = None
    disposition: Disposition | None = None
    revisit_on: Day | None = None
    lost_at_stage: Text | None = None
    """The open stage it was lost at."""
    lost_at_position: int | None = None
    aliases: tuple[Text, ...] = ()
    """The ids of deals merged into it."""
    history: History
    """All its events, the oldest first."""

    _word: ClassVar = "deal"

    @staticmethod
    def _how_to_change() -> str:
        return "pipeline.update(deal, …) changes a deal and keeps its history."
