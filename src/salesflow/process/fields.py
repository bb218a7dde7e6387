"""What the verbs take by keyword: the fields of a deal or a lead: given, changed or known."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypedDict

from salesflow.models import Link
from salesflow.money import Money

KnownVisit = tuple[str, date | None] | tuple[str, date | None, date | None]
"""A stage, when it was entered, and, where that is not the next one's entry, when it was left."""


class ConversionFields(TypedDict, total=False):
    """The fields of a deal that `LeadProcess.convert` sets."""

    amount: Money | None
    owner_id: str | None
    source: str | None
    account_id: str | None
    contact_ids: Iterable[str]
    links: Iterable[Link]
    custom: Mapping[str, object]
    expected_close_on: date | None
    probability: float | None
    category: str | None


class DealFields(ConversionFields, total=False):
    """The fields of a deal that `Pipeline.open` sets and `Pipeline.update` changes."""

    lead_id: str | None


class OpenedFields(DealFields, total=False):
    """The fields that `Pipeline.open` sets."""

    lead_created_at: date | None
    """When the lead it came from was created, so that its age is known without the lead."""


class ChangedFields(DealFields, total=False):
    """The fields that `Pipeline.update` changes."""

    name: str


class RestoredFields(OpenedFields, total=False):
    """What may be known of a deal that is taken over."""

    name: str
    created_at: date | None
    closed_at: date | None
    visits: Iterable[KnownVisit]
    loss_reason: str | None
    disposition: str | None
    revisit_on: date | None
    lost_at_stage: str | None
    aliases: Iterable[str]


class LeadFields(TypedDict, total=False):
    """The fields of a lead that `LeadProcess.open` sets and `LeadProcess.update` changes."""

    source: str | None
    channel: str | None
    owner_id: str | None
    account_id: str | None
    contact_ids: Iterable[str]
    links: Iterable[Link]
    custom: Mapping[str, object]


class ChangedLeadFields(LeadFields, total=False):
    """The fields that `LeadProcess.update` changes."""

    name: str


class RestoredLeadFields(LeadFields, total=False):
    """What may be known of a lead that is taken over."""

    name: str
    created_at: date | None
    closed_at: date | None
    visits: Iterable[KnownVisit]
    reason: str | None
    disposition: str | None
    revisit_on: date | None
    deal_id: str | None
    aliases: Iterable[str]
