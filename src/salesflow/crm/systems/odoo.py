"""Odoo: its models `crm.lead`, `res.partner` and `mail.activity`, by API and by export."""

from salesflow.crm.systems._system import Headers, System

_ID = ("id", "External ID")
_USER = ("user_id", "Salesperson")
_LOST_REASON = ("lost_reason_id", "lost_reason")

_DEAL: Headers = {
    "id": _ID,
    "name": ("name", "Opportunity"),
    "stage": ("stage_id", "Stage"),
    "status": ("won_status", "Is Won"),
    "is_active": ("active",),
    "type": ("type",),
    "amount": ("expected_revenue",),
    "currency": ("company_currency", "Currency"),
    "probability": ("probability",),
    "owner": _USER,
    "account": ("partner_id", "Customer"),
    "account_name": ("partner_name", "Company Name"),
    "contact_name": ("contact_name",),
    "source": ("source_id", "Source"),
    "created": ("create_date", "Created on"),
    "closed": ("date_closed", "Closed Date"),
    "expected_close": ("date_deadline", "Expected Closing"),
    "loss_reason": _LOST_REASON,
    "modified": ("write_date", "Last Updated on"),
}

_LEAD: Headers = {
    "id": _ID,
    "name": ("name", "Opportunity"),
    "company": ("partner_name", "Company Name"),
    "email": ("email_from", "Email"),
    "phone": ("phone", "mobile"),
    "status": ("stage_id", "Stage"),
    "owner": _USER,
    "account": ("partner_id", "Customer"),
    "source": ("source_id", "Source"),
    "channel": ("medium_id", "Medium"),
    "created": ("create_date", "Created on"),
    "converted": ("date_conversion", "Conversion Date"),
    "reason": _LOST_REASON,
    "modified": ("write_date", "Last Updated on"),
}

_ACCOUNT: Headers = {
    "id": _ID,
    "name": ("name",),
    "domain": ("website",),
    "industry": ("industry_id", "Industry"),
    "country": ("country_id", "Country"),
    "city": ("city",),
    "owner": _USER,
    "parent": ("parent_id", "Related Company"),
}

_CONTACT: Headers = {
    "id": _ID,
    "name": ("name",),
    "email": ("email",),
    "phone": ("phone", "mobile"),
    "title": ("function", "Job Position"),
    "account": ("parent_id", "Related Company"),
    "owner": _USER,
}

_ACTIVITY: Headers = {
    "id": _ID,
    "kind": ("activity_type_id",),
    "planned": ("date_deadline", "Due Date"),
    "owner": ("user_id", "Assigned to"),
    "deal": ("res_id",),
    "subject": ("summary",),
    "note": ("note",),
}

ODOO = System(
    name="odoo",
    label="Odoo",
    sources=(
        "Odoo's source, `crm_lead.py`: each field, with the label at the top of an export",
        "Odoo's source, `crm_enterprise`: `won_status`",
        "Odoo's source, `res_partner.py` and `mail_activity.py`",
        "Odoo's source: `id`, `create_date` and `write_date`, in UTC, which every model has",
        'a recorded answer for `crm.lead`: `stage_id` as `[4, "Won"]`, `email_from`',
    ),
    headers={
        "deal": _DEAL,
        "lead": _LEAD,
        "account": _ACCOUNT,
        "contact": _CONTACT,
        "activity": _ACTIVITY,
    },
    marks=(
        frozenset({"stage_id", "partner_name"}),
        frozenset({"stage_id", "partner_id"}),
        frozenset({"stage_id", "expected_revenue"}),
        frozenset({"expected_revenue", "date_deadline"}),
        frozenset({"Opportunity", "Salesperson", "Expected Revenue"}),
        frozenset({"Opportunity", "Expected Closing"}),
        frozenset({"Opportunity", "Stage", "Salesperson", "Created on"}),
        frozenset({"is_company", "parent_id"}),
        frozenset({"Is a Company", "Related Company"}),
        frozenset({"res_model", "res_id", "activity_type_id"}),
    ),
    statuses={"won": "won", "lost": "lost", "pending": "open", "in progress": "open"},
    keeps_stage=True,
    is_lost_if_inactive=True,
    utc_texts=True,
    types={"lead": "lead", "opportunity": "deal"},
)
"""What Odoo calls its columns."""
