"""Pipedrive: its API in both versions, its exports, and the files that it imports."""

from salesflow.crm.systems._system import Headers, System

_DELETED = ("is_deleted", "deleted")
_ORGANIZATION = ("org_id.value", "org_id")
_PERSON = ("person_id.value", "person_id")
_OWNER = ("owner_id", "owner_id.id", "user_id.id", "user_id")

_DEAL: Headers = {
    "id": ("id", "Deal - ID", "Deal - Pipedrive System ID"),
    "name": ("title", "Deal - Title"),
    "stage": ("stage_id", "Deal - Stage", "Deal - Stage (pipeline)"),
    "pipeline": ("pipeline_id", "Deal - Pipeline"),
    "status": ("status", "Deal - Status"),
    "is_deleted": _DELETED,
    "type": ("item",),
    "amount": ("value", "Deal - Value"),
    "currency": ("currency", "Deal - Currency of Value"),
    "probability": ("probability", "Deal - Probability"),
    "owner": (*_OWNER, "Deal - Owner"),
    "account": (*_ORGANIZATION, "Deal - Organization ID"),
    "account_name": ("org_name", "org_id.name", "Deal - Organization", "Organization"),
    "contact": (*_PERSON, "Deal - Contact person ID"),
    "contact_name": (
        "person_name",
        "person_id.name",
        "Deal - Contact person",
        "Contact person",
    ),
    "source": ("channel", "Deal - Source channel"),
    "lead": ("source_lead_id",),
    "created": ("add_time", "Deal - Deal created", "Deal - Creation date"),
    "closed": ("close_time", "Deal - Deal closed on", "Deal - Closed on"),
    "won": ("won_time", "Deal - Won time"),
    "lost": ("lost_time", "Deal - Lost time"),
    "expected_close": ("expected_close_date", "Deal - Expected close date"),
    "loss_reason": ("lost_reason", "Deal - Lost reason"),
    "modified": ("update_time", "Deal - Update time"),
    "stage_order": ("stage_order_nr",),
}

_LEAD: Headers = {
    "id": ("id", "Lead - Pipedrive System ID"),
    "name": ("title", "Lead - Title"),
    "company": ("Organization",),
    "owner": ("owner_id", "Lead - Owner"),
    "account": ("organization_id",),
    "contact": ("person_id",),
    "source": ("source_name",),
    "channel": ("channel", "Lead - Source channel"),
    "created": ("add_time",),
    "modified": ("update_time",),
}

_ACCOUNT: Headers = {
    "id": ("id", "Organization - Pipedrive System ID"),
    "name": ("name", "Organization - Name"),
    "country": ("address.country",),
    "city": ("address.locality",),
    "owner": ("owner_id", "owner_id.id", "Organization - Owner"),
    "is_deleted": _DELETED,
}

_CONTACT: Headers = {
    "id": ("id", "Person - ID", "Person - Pipedrive System ID"),
    "name": ("name", "Person - Name"),
    "first_name": ("first_name", "Person - First name"),
    "last_name": ("last_name", "Person - Last name"),
    "email": ("email", "emails", "Person - Email", "Person - Email (Work)"),
    "phone": ("phone", "phones", "Person - Phone", "Person - Phone (Work)"),
    "title": ("job_title",),
    "account": _ORGANIZATION,
    "owner": ("owner_id", "owner_id.id", "Person - Owner"),
    "is_deleted": _DELETED,
}

_ACTIVITY: Headers = {
    "id": ("id", "Activity - Pipedrive System ID"),
    "kind": ("type", "Activity - Type"),
    "occurred": ("marked_as_done_time", "Activity - Marked as done time"),
    "planned": ("due_date", "Activity - Due date"),
    "is_done": ("done", "Activity - Done"),
    "owner": ("owner_id", "user_id", "Activity - Assigned to user"),
    "contact": ("person_id",),
    "deal": ("deal_id",),
    "subject": ("subject", "Activity - Subject"),
    "note": ("note", "Activity - Note"),
    "is_deleted": _DELETED,
}

PIPEDRIVE = System(
    name="pipedrive",
    label="Pipedrive",
    sources=(
        "Pipedrive's API client, version 2: Deal, PersonItem, OrganizationItem, ActivityItem",
        "Pipedrive's API client, version 1: deals, leads and activities, whose times are in UTC",
        "recorded answers of the deals and recents APIs, version 1: `user_id.id`, `org_name`",
        "Pipedrive support, sample import spreadsheets: `Deal - Pipedrive System ID`",
        "exports as public programs read them: `Deal - ID`, `Deal - Deal closed on`",
    ),
    headers={
        "deal": _DEAL,
        "lead": _LEAD,
        "account": _ACCOUNT,
        "contact": _CONTACT,
        "activity": _ACTIVITY,
    },
    prefixes=("data.",),
    marks=(
        frozenset({"title", "stage_id", "pipeline_id", "add_time"}),
        frozenset({"add_time", "visible_to"}),
        frozenset({"source_name", "was_seen"}),
        frozenset({"due_date", "marked_as_done_time"}),
        frozenset({"Deal - Title", "Deal - Status"}),
        frozenset({"Deal - Title", "Deal - Value"}),
        frozenset({"Deal - Title", "Deal - ID"}),
        frozenset({"Lead - Title", "Lead - Owner"}),
        frozenset({"Person - Name", "Person - Owner"}),
        frozenset({"Organization - Name", "Organization - Owner"}),
        frozenset({"Activity - Subject", "Activity - Type"}),
    ),
    statuses={"open": "open", "won": "won", "lost": "lost"},
    keeps_stage=True,
    utc_texts=True,
    types={
        "deal": "deal",
        "person": "contact",
        "organization": "account",
        "activity": "activity",
        "lead": "lead",
    },
    pipeline="pipedrive",
)
"""What Pipedrive calls its columns."""
