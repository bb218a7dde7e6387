"""Any other table: our own columns, and the words that people put at the top of a spreadsheet.

A word is here if it means one thing at the top of a table of deals. Left out are ``won``, ``lost``
and ``closed`` (a flag or a date), ``date`` and ``reason`` (of what), ``price`` and ``total``
(before or after what), and ``expected_revenue`` (the amount, or the amount times the chance).
"""

from salesflow.crm.systems._system import Headers, System

_OWNER = (
    "owner_id",
    "owner",
    "owner_name",
    "sales_agent",
    "sales_rep",
    "salesperson",
    "rep",
    "account_executive",
    "assigned_to",
)
_CREATED = (
    "created_at",
    "created_on",
    "created",
    "created_date",
    "date_created",
    "create_date",
    "creation_date",
    "opened_at",
    "opened_on",
)
_MODIFIED = ("modified_at", "updated_at", "last_modified", "modified_date", "last_updated")
_ACCOUNT_ID = ("account_id", "company_id", "customer_id", "client_id", "organization_id")
_FIRM = (
    "account_name",
    "account",
    "company_name",
    "company",
    "customer_name",
    "customer",
    "client_name",
    "client",
    "organization",
    "organisation",
)
_EMAIL = ("email", "email_address")
_PHONE = ("phone", "phone_number", "telephone", "mobile")
_DELETED = ("is_deleted", "deleted")

_DEAL: Headers = {
    "id": ("deal_id", "opportunity_id", "id", "record_id", "deal_number", "opportunity_number"),
    "name": (
        "name",
        "deal_name",
        "opportunity_name",
        "deal_title",
        "deal",
        "opportunity",
        "title",
    ),
    "stage": ("stage", "deal_stage", "opportunity_stage", "sales_stage", "stage_name"),
    "pipeline": ("pipeline", "pipeline_name"),
    "status": ("outcome", "status", "deal_status"),
    "is_won": ("is_won",),
    "is_lost": ("is_lost",),
    "is_closed": ("is_closed",),
    "is_deleted": _DELETED,
    "amount": (
        "amount",
        "deal_amount",
        "value",
        "deal_value",
        "close_value",
        "deal_size",
        "opportunity_amount",
        "opportunity_value",
        "revenue",
    ),
    "currency": ("currency", "currency_code", "amount_currency", "deal_currency"),
    "probability": ("probability", "win_probability", "deal_probability"),
    "category": ("category", "forecast_category"),
    "owner": (*_OWNER, "deal_owner", "opportunity_owner"),
    "account": _ACCOUNT_ID,
    "account_name": _FIRM,
    "contact": ("contact_id",),
    "contact_name": ("contact_name", "contact", "contact_person"),
    "source": ("source", "lead_source", "deal_source", "channel"),
    "lead": ("lead_id",),
    "created": (*_CREATED, "engage_date"),
    "closed": ("closed_at", "closed_on", "closed_date", "date_closed", "actual_close_date"),
    "won": ("won_at", "won_on", "won_date", "date_won"),
    "lost": ("lost_at", "lost_on", "lost_date", "date_lost"),
    "close": ("close_date", "closing_date"),
    "expected_close": (
        "expected_close_on",
        "expected_close_date",
        "expected_close",
        "expected_closing_date",
        "estimated_close_date",
    ),
    "loss_reason": ("loss_reason", "lost_reason", "closed_lost_reason", "reason_for_loss"),
    "modified": _MODIFIED,
    "stage_order": ("stage_position", "stage_order"),
}

_LEAD: Headers = {
    "id": ("lead_id", "id", "record_id"),
    "name": ("name", "lead_name", "full_name", "lead"),
    "first_name": ("first_name",),
    "last_name": ("last_name", "surname"),
    "company": _FIRM,
    "email": _EMAIL,
    "phone": _PHONE,
    "status": ("outcome", "status", "lead_status", "stage"),
    "is_converted": ("is_converted",),
    "is_deleted": _DELETED,
    "owner": (*_OWNER, "lead_owner"),
    "account": _ACCOUNT_ID,
    "contact": ("contact_id",),
    "source": ("source", "lead_source"),
    "channel": ("channel", "lead_channel", "medium"),
    "created": _CREATED,
    "converted": ("converted_at", "converted_on", "converted_date", "conversion_date"),
    "deal": ("deal_id", "opportunity_id"),
    "reason": ("reason", "disqualification_reason"),
    "modified": _MODIFIED,
}

_ACCOUNT: Headers = {
    "id": (*_ACCOUNT_ID, "id", "record_id"),
    "name": ("name", *_FIRM),
    "domain": ("domain", "website", "url"),
    "industry": ("industry", "sector"),
    "country": ("country",),
    "city": ("city",),
    "n_employees": ("n_employees", "employees", "number_of_employees", "employee_count"),
    "annual_revenue": ("annual_revenue", "revenue"),
    "currency": ("currency", "currency_code"),
    "owner": (*_OWNER, "account_owner"),
    "parent": ("parent_id", "parent_account", "parent_company", "parent", "subsidiary_of"),
    "is_deleted": _DELETED,
}

_CONTACT: Headers = {
    "id": ("contact_id", "id", "record_id"),
    "name": ("name", "contact_name", "full_name", "contact"),
    "first_name": ("first_name",),
    "last_name": ("last_name", "surname"),
    "email": _EMAIL,
    "phone": _PHONE,
    "title": ("title", "job_title", "position"),
    "account": (*_ACCOUNT_ID, *_FIRM),
    "owner": (*_OWNER, "contact_owner"),
    "is_deleted": _DELETED,
}

_ACTIVITY: Headers = {
    "id": ("activity_id", "id", "record_id"),
    "kind": ("kind", "activity_type", "type", "activity"),
    "occurred": ("occurred_at", "occurred_on", "activity_date", "date"),
    "planned": ("planned_at", "planned_on", "due_date"),
    "is_done": ("is_done", "done", "completed"),
    "direction": ("direction",),
    "owner": _OWNER,
    "contact": ("contact_id", "contact", "contact_name"),
    "deal": ("deal_id", "opportunity_id", "deal", "opportunity"),
    "subject": ("subject",),
    "note": ("note", "notes"),
    "is_deleted": _DELETED,
}

GENERIC = System(
    name="generic",
    label="Any other table",
    sources=(
        "the columns of our own tables, and the fields of our own models",
        "common words of spreadsheets",
        "two public sets of deals: `sales_agent`, `engage_date`, `close_value`",
    ),
    headers={
        "deal": _DEAL,
        "lead": _LEAD,
        "account": _ACCOUNT,
        "contact": _CONTACT,
        "activity": _ACTIVITY,
    },
    statuses={
        "open": "open",
        "active": "open",
        "in progress": "open",
        "won": "won",
        "closed won": "won",
        "lost": "lost",
        "closed lost": "lost",
    },
    probability=None,
)
"""The words that are safe in any table."""
