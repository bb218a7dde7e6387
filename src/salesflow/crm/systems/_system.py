"""`System`: how one CRM names its columns, tells what was won, and writes its values."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs

from salesflow.models.deal import Outcome

Record = Literal["deal", "lead", "account", "contact", "activity"]
"""What a row of an export is."""

Headers: TypeAlias = Mapping[str, tuple[str, ...]]
"""For each field of ours the columns that hold it, the one to prefer first."""

DEAL_FIELDS = (
    "id",
    "name",
    "stage",
    "pipeline",
    "status",  # a word for the outcome, see System.statuses
    "is_won",
    "is_lost",
    "is_closed",
    "is_deleted",
    "is_active",
    "type",  # what the row is, where a table holds several kinds
    "amount",
    "currency",
    "probability",
    "category",
    "owner",
    "account",
    "account_name",
    "contact",
    "contact_name",
    "source",
    "lead",
    "created",
    "closed",
    "won",
    "lost",
    "close",  # when it was closed, or while it is open is expected to
    "expected_close",
    "loss_reason",
    "merged",  # ids of deals that went into it
    "modified",  # when the row last changed: tells how new the file is
    "stage_order",
)
"""What the columns of a deal may hold."""

LEAD_FIELDS = (
    "id",
    "name",
    "first_name",
    "last_name",
    "company",
    "email",
    "phone",
    "status",
    "is_converted",
    "is_deleted",
    "owner",
    "account",
    "contact",
    "source",
    "channel",
    "created",
    "converted",
    "deal",
    "reason",
    "merged",
    "modified",
)
"""What the columns of a lead may hold."""

ACCOUNT_FIELDS = (
    "id",
    "name",
    "domain",
    "industry",
    "country",
    "city",
    "n_employees",
    "annual_revenue",
    "currency",
    "owner",
    "parent",
    "is_deleted",
)
"""What the columns of an account may hold."""

CONTACT_FIELDS = (
    "id",
    "name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "title",
    "account",
    "owner",
    "is_deleted",
)
"""What the columns of a contact may hold."""

ACTIVITY_FIELDS = (
    "id",
    "kind",
    "occurred",
    "planned",
    "is_done",
    "direction",
    "owner",
    "contact",
    "deal",
    "subject",
    "note",
    "is_deleted",
)
"""What the columns of an activity may hold."""

FIELDS: Mapping[Record, tuple[str, ...]] = {
    "deal": DEAL_FIELDS,
    "lead": LEAD_FIELDS,
    "account": ACCOUNT_FIELDS,
    "contact": CONTACT_FIELDS,
    "activity": ACTIVITY_FIELDS,
}
"""The fields of each kind of record."""


@attrs.frozen
class StageDates:
    """Columns that say when a deal entered and left a stage, which their names end with."""

    entered: str
    """What such a column's name begins with: ``hs_date_entered_``."""
    left: str | None = None
    end: str = ""
    """What follows the stage: the mark that closes ``Date entered "Meeting"``."""


@attrs.frozen(kw_only=True)
class System:
    """How one CRM writes its exports, each name taken from the sources it gives."""

    name: str
    label: str
    """As its maker writes it."""
    sources: tuple[str, ...]
    """Where the names below stand: documentation, or a recorded payload."""
    headers: Mapping[Record, Headers]
    """Columns are compared without case, blanks and marks: ``Close Date`` is ``close_date``."""
    prefixes: tuple[str, ...] = ()
    """What may stand before a column's name, as it is written: ``properties.``, ``property_``."""
    shared: tuple[str, ...] = ()
    """Columns that mean several things, each its own field: all of these fields read it."""
    marks: tuple[frozenset[str], ...] = ()
    """Sets of columns; one that has all of a set is of this system. Compared as above."""
    statuses: Mapping[str, Outcome] = attrs.field(factory=dict)
    """What the words of the column ``status`` mean."""
    keeps_stage: bool = False
    """Whether a closed deal stays in the open stage that it was closed from."""
    is_lost_if_inactive: bool = False
    """Whether an archived deal is a lost one, as in Odoo."""
    probability: Literal["percent", "share"] | None = "percent"
    """Whether 60 or 0.6 is written; None where only the values can tell."""
    has_cents: bool = False
    """Whether amounts are whole cents."""
    utc_texts: bool = False
    """Whether a time without a zone is UTC, as its documentation says."""
    stage_dates: tuple[StageDates, ...] = ()
    stage_history: tuple[str, ...] = ()
    """Columns that hold a list of ``{"value": stage, "timestamp": when}``, the newest first."""
    types: Mapping[str, Record] = attrs.field(factory=dict)
    """What the words of the column ``type`` mean, where a table holds several kinds."""
    activity_kinds: Mapping[str, str] = attrs.field(factory=dict)
    """Columns that tell the kind of an activity, where none holds it: each has but one kind."""
    pipeline: str | None = None
    """The ready-made pipeline of that name, if there is one."""
