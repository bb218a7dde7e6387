"""HubSpot: its API, its CSV exports, and the tables that Fivetran makes of it."""

from salesflow.crm.systems._system import Headers, StageDates, System

_ID = ("hs_object_id", "Record ID", "id")
_OWNER = "hubspot_owner_id"
_DELETED = ("archived", "is_deleted")
_COMPANY_IDS = (
    "Associated Company IDs (Primary)",
    "Associated Company IDs",
    "associations.companies.results",
)

_DEAL: Headers = {
    "id": ("hs_object_id", "Record ID", "deal_id", "id"),
    "name": ("dealname",),
    "stage": ("dealstage", "deal_pipeline_stage_id"),
    "pipeline": ("pipeline", "deal_pipeline_id"),
    "is_won": ("hs_is_closed_won", "Is Closed Won"),
    "is_lost": ("hs_is_closed_lost", "Is closed lost"),
    "is_closed": ("hs_is_closed", "Is Deal Closed?"),
    "is_deleted": _DELETED,
    "amount": ("amount",),
    "currency": ("deal_currency_code", "Currency"),
    "probability": ("hs_deal_stage_probability", "Deal probability"),
    "category": ("hs_manual_forecast_category", "Forecast category", "hs_forecast_category"),
    "owner": (_OWNER, "owner_id", "Deal owner"),
    "account": _COMPANY_IDS,
    "account_name": ("Associated Company (Primary)", "Associated Company"),
    "contact": ("Associated Contact IDs", "associations.contacts.results"),
    "contact_name": ("Associated Contact",),
    "source": ("hs_analytics_source", "Original Traffic Source"),
    "created": ("createdate", "createdAt"),
    "close": ("closedate",),
    "loss_reason": ("closed_lost_reason",),
    "merged": ("hs_merged_object_ids", "Merged Deal IDs"),
    "modified": ("hs_lastmodifieddate", "Last Modified Date", "updatedAt"),
}

_LEAD: Headers = {
    "id": _ID,
    "name": ("hs_lead_name",),
    "status": ("hs_pipeline_stage",),
    "is_deleted": _DELETED,
    "owner": (_OWNER,),
    "account": ("associations.companies.results",),
    "contact": ("associations.contacts.results",),
    "source": ("hs_lead_source",),
    "created": ("hs_createdate", "createdAt"),
    "reason": ("hs_lead_disqualification_reason",),
    "modified": ("hs_lastmodifieddate", "updatedAt"),
}

_ACCOUNT: Headers = {
    "id": _ID,
    "name": ("name", "Company name"),
    "domain": ("domain", "Company Domain Name"),
    "industry": ("industry",),
    "country": ("country", "Country/Region"),
    "city": ("city",),
    "n_employees": ("numberofemployees",),
    "annual_revenue": ("annualrevenue",),
    "currency": ("hs_annual_revenue_currency_code", "Annual Revenue Currency Code"),
    "owner": (_OWNER, "Company owner"),
    "parent": ("hs_parent_company_id", "Parent Company"),
    "is_deleted": _DELETED,
}

_CONTACT: Headers = {
    "id": _ID,
    "first_name": ("firstname",),
    "last_name": ("lastname",),
    "email": ("email",),
    "phone": ("phone", "Phone Number"),
    "title": ("jobtitle",),
    "account": ("associatedcompanyid", "Primary Associated Company ID", *_COMPANY_IDS),
    "owner": (_OWNER, "Contact owner"),
    "is_deleted": _DELETED,
}

_ACTIVITY: Headers = {
    "id": _ID,
    "occurred": ("hs_meeting_start_time", "hs_timestamp"),
    "direction": ("hs_call_direction", "hs_email_direction"),
    "owner": (_OWNER,),
    "contact": ("associations.contacts.results",),
    "deal": ("associations.deals.results",),
    "subject": ("hs_call_title", "hs_meeting_title", "hs_email_subject", "hs_task_subject"),
    "note": (
        "hs_call_body",
        "hs_meeting_body",
        "hs_email_text",
        "hs_task_body",
        "hs_note_body",
    ),
    "is_deleted": _DELETED,
}

HUBSPOT = System(
    name="hubspot",
    label="HubSpot",
    sources=(
        "HubSpot knowledge base: HubSpot's default deal, company and contact properties",
        "HubSpot developers: guides to the APIs of deals, leads, companies and contacts",
        "HubSpot developers: guides to the APIs of calls, e-mails, meetings, notes and tasks",
        "recorded answers of the deals API: `properties.hs_object_id`, `createdAt`",
        "Fivetran's seed tables for HubSpot: `deal_id`, `property_dealname`",
        "exports as public programs read them: `Record ID`, `Associated Company (Primary)`",
    ),
    headers={
        "deal": _DEAL,
        "lead": _LEAD,
        "account": _ACCOUNT,
        "contact": _CONTACT,
        "activity": _ACTIVITY,
    },
    prefixes=("properties.", "property_"),
    marks=(
        frozenset({"hs_object_id"}),
        frozenset({"deal_pipeline_stage_id"}),
        frozenset({"Record ID", "Deal Name", "Deal Stage"}),
        frozenset({"Deal Name", "Deal Stage", "Deal owner"}),
        frozenset({"Deal Name", "Deal Stage", "Create Date"}),
        frozenset({"Record ID", "Company owner"}),
        frozenset({"Record ID", "Company name", "Company Domain Name"}),
        frozenset({"Record ID", "Contact owner", "Phone Number"}),
        frozenset({"Record ID", "Lifecycle Stage"}),
    ),
    probability="share",
    # The later ones first: those without v2 are kept up for old programs.
    stage_dates=(
        StageDates("hs_v2_date_entered_", "hs_v2_date_exited_"),
        StageDates("hs_date_entered_", "hs_date_exited_"),
        StageDates('Date entered "', 'Date exited "', '"'),
        StageDates("Date entered '", "Date exited '", "'"),
    ),
    stage_history=("propertiesWithHistory.dealstage",),
    activity_kinds={
        "hs_call_title": "call",
        "hs_call_body": "call",
        "hs_meeting_title": "meeting",
        "hs_meeting_start_time": "meeting",
        "hs_email_subject": "email",
        "hs_email_text": "email",
        "hs_note_body": "note",
        "hs_task_subject": "task",
    },
    pipeline="hubspot",
)
"""What HubSpot calls its columns."""
