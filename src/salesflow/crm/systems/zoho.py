"""Zoho CRM: its API and its exported modules."""

from salesflow.crm.systems._system import Headers, System

_ID = ("id", "Record Id")
_CREATED = ("Created_Time",)
_MODIFIED = ("Modified_Time",)


def _owner(module: str) -> tuple[str, ...]:
    """The owner by id, else by name, as the API and as an export of the module has it."""
    return ("Owner.id", f"{module} Owner.id", "Owner.name", f"{module} Owner")


_DEAL: Headers = {
    "id": _ID,
    "name": ("Deal_Name",),
    "stage": ("Stage",),
    "pipeline": ("Pipeline",),
    "amount": ("Amount",),
    "currency": ("Currency",),
    "probability": ("Probability",),
    "owner": _owner("Deal"),
    "account": ("Account_Name.id",),
    "account_name": ("Account_Name.name", "Account Name"),
    "contact": ("Contact_Name.id",),
    "contact_name": ("Contact_Name.name", "Contact Name"),
    "source": ("Lead_Source",),
    "created": _CREATED,
    "close": ("Closing_Date",),
    "loss_reason": ("Reason_For_Loss__s", "Reason For Loss"),
    "modified": _MODIFIED,
}

_LEAD: Headers = {
    "id": _ID,
    "name": ("Full_Name",),
    "first_name": ("First_Name",),
    "last_name": ("Last_Name",),
    "company": ("Company",),
    "email": ("Email",),
    "phone": ("Phone", "Mobile"),
    "status": ("Lead_Status",),
    "is_converted": ("Converted__s",),
    "owner": _owner("Lead"),
    "account": ("Converted_Account.id",),
    "contact": ("Converted_Contact.id",),
    "source": ("Lead_Source",),
    "created": _CREATED,
    "converted": ("Converted_Date_Time",),
    "deal": ("Converted_Deal.id",),
    "modified": _MODIFIED,
}

_ACCOUNT: Headers = {
    "id": _ID,
    "name": ("Account_Name",),
    "domain": ("Website",),
    "industry": ("Industry",),
    "country": ("Billing_Country",),
    "city": ("Billing_City",),
    "n_employees": ("Employees",),
    "annual_revenue": ("Annual_Revenue",),
    "currency": ("Currency",),
    "owner": _owner("Account"),
    "parent": ("Parent_Account.id",),
}

_CONTACT: Headers = {
    "id": _ID,
    "name": ("Full_Name",),
    "first_name": ("First_Name",),
    "last_name": ("Last_Name",),
    "email": ("Email",),
    "phone": ("Phone", "Mobile"),
    "title": ("Title",),
    "account": ("Account_Name.id",),
    "owner": _owner("Contact"),
}

_ACTIVITY: Headers = {
    "id": _ID,
    "occurred": ("Call_Start_Time", "Start_DateTime", "Closed_Time"),
    "planned": ("Due_Date",),
    "direction": ("Call_Type",),
    "owner": ("Owner.id", "Owner.name"),
    "contact": ("Who_Id.id",),
    "deal": ("What_Id.id",),
    "subject": ("Subject", "Event_Title"),
    "note": ("Description",),
}

ZOHO = System(
    name="zoho",
    label="Zoho CRM",
    sources=(
        "Zoho CRM's Java client, `record.Field`: the fields of each module",
        "Zoho CRM help: Standard Fields in Deals, in Leads, in Accounts",
        "a recorded answer of the records API: `Owner.name`, `Reason_For_Loss__s`, `$approved`",
        "exports as public programs read them: `Record Id`, `Deal Owner.id`, `Reason For Loss`",
        "public queries of converted leads: `Converted__s`, `Converted_Deal`",
    ),
    headers={
        "deal": _DEAL,
        "lead": _LEAD,
        "account": _ACCOUNT,
        "contact": _CONTACT,
        "activity": _ACTIVITY,
    },
    marks=(
        frozenset({"Deal_Name", "Closing_Date"}),
        frozenset({"$approved", "$editable", "$process_flow"}),
        frozenset({"Record Id", "Lead Owner"}),
        frozenset({"Record Id", "Account Owner"}),
        frozenset({"Record Id", "Contact Owner", "Account Name"}),
        frozenset({"Lead_Status", "Converted_Date_Time"}),
        frozenset({"Event_Title", "Start_DateTime"}),
        frozenset({"Call_Type", "Call_Start_Time"}),
    ),
    activity_kinds={"Call_Start_Time": "call", "Event_Title": "meeting", "Due_Date": "task"},
)
"""What Zoho CRM calls its columns."""
