"""Close: its API, and exports by the same names. Its leads are firms, accounts here."""

from salesflow.crm.systems._system import Headers, System

_DEAL: Headers = {
    "id": ("id",),
    "stage": ("status_label", "status_display_name", "status_id"),
    "pipeline": ("pipeline_name", "pipeline_id"),
    "status": ("status_type",),
    "amount": ("value",),
    "currency": ("value_currency",),
    "probability": ("confidence",),
    "owner": ("user_id", "user_name"),
    "account": ("lead_id",),
    "account_name": ("lead_name",),
    "contact": ("contact_id",),
    "contact_name": ("contact_name",),
    "created": ("date_created",),
    "won": ("date_won",),
    "lost": ("date_lost",),
    "expected_close": ("date_won",),
    "modified": ("date_updated",),
}

_ACCOUNT: Headers = {
    "id": ("id",),
    "name": ("display_name", "name"),
    "domain": ("url",),
}

_CONTACT: Headers = {
    "id": ("id",),
    "name": ("display_name", "name"),
    "email": ("emails",),
    "phone": ("phones",),
    "title": ("title",),
    "account": ("lead_id",),
}

_ACTIVITY: Headers = {
    "id": ("id",),
    "kind": ("_type",),
    "occurred": ("activity_at", "starts_at", "date_created"),
    "direction": ("direction",),
    "owner": ("user_id", "user_name"),
    "contact": ("contact_id",),
    "subject": ("title",),
    "note": ("note",),
}

CLOSE = System(
    name="close",
    label="Close",
    sources=(
        "Close developers, Opportunities: `status_type` is active, won or lost",
        "Close help, Opportunities: an estimated close, which the API keeps in `date_won`",
        "a recorded answer of the opportunities API: `value` in cents, `value_currency`",
        "Airbyte's schemas of opportunities, leads, contacts, calls and meetings",
        "Close's script that exports opportunities: `lead_name`, `status_type`, `confidence`",
    ),
    headers={
        "deal": _DEAL,
        "account": _ACCOUNT,
        "contact": _CONTACT,
        "activity": _ACTIVITY,
    },
    shared=("date_won",),
    marks=(
        frozenset({"status_type", "status_label"}),
        frozenset({"lead_id", "lead_name", "value_currency"}),
        frozenset({"display_name", "status_label"}),
        frozenset({"display_name", "lead_id"}),
        frozenset({"_type", "lead_id", "activity_at"}),
    ),
    statuses={"active": "open", "won": "won", "lost": "lost"},
    has_cents=True,
)
"""What Close calls its columns."""
