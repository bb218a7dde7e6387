"""Salesforce: its API, Data Loader's files, its reports, and the tables that Fivetran makes."""

from salesflow.crm.systems._system import Headers, System

_CREATED = ("CreatedDate",)
_MODIFIED = ("LastModifiedDate", "SystemModstamp")
_DELETED = ("IsDeleted", "Deleted")

_DEAL: Headers = {
    "id": ("Id", "Opportunity ID"),
    "name": ("Name", "Opportunity Name"),
    "stage": ("StageName", "Stage"),
    "is_won": ("IsWon", "Won"),
    "is_closed": ("IsClosed", "Closed"),
    "is_deleted": _DELETED,
    "amount": ("Amount",),
    "currency": ("CurrencyIsoCode", "Opportunity Currency", "Amount Currency"),
    "probability": ("Probability",),
    "category": ("ForecastCategoryName", "ForecastCategory"),
    "owner": ("OwnerId", "Owner.Name", "Opportunity Owner"),
    "account": ("AccountId",),
    "account_name": ("Account.Name",),
    "contact": ("ContactId",),
    "source": ("LeadSource",),
    "created": _CREATED,
    "close": ("CloseDate",),
    "modified": _MODIFIED,
}

_LEAD: Headers = {
    "id": ("Id", "Lead ID"),
    "name": ("Name", "Full Name"),
    "first_name": ("FirstName",),
    "last_name": ("LastName",),
    "company": ("Company", "Company / Account"),
    "email": ("Email",),
    "phone": ("Phone", "MobilePhone"),
    "status": ("Status", "Lead Status"),
    "is_converted": ("IsConverted", "Converted"),
    "is_deleted": _DELETED,
    "owner": ("OwnerId", "Owner.Name", "Lead Owner"),
    "account": ("ConvertedAccountId",),
    "contact": ("ConvertedContactId",),
    "source": ("LeadSource",),
    "created": _CREATED,
    "converted": ("ConvertedDate",),
    "deal": ("ConvertedOpportunityId",),
    "modified": _MODIFIED,
}

_ACCOUNT: Headers = {
    "id": ("Id", "Account ID"),
    "name": ("Name", "Account Name"),
    "domain": ("Website",),
    "industry": ("Industry",),
    "country": ("BillingCountry",),
    "city": ("BillingCity",),
    "n_employees": ("NumberOfEmployees", "Employees"),
    "annual_revenue": ("AnnualRevenue",),
    "currency": ("CurrencyIsoCode", "Account Currency"),
    "owner": ("OwnerId", "Owner.Name", "Account Owner"),
    "parent": ("ParentId", "Parent Account ID"),
    "is_deleted": _DELETED,
}

_CONTACT: Headers = {
    "id": ("Id", "Contact ID"),
    "name": ("Name", "Full Name"),
    "first_name": ("FirstName",),
    "last_name": ("LastName",),
    "email": ("Email",),
    "phone": ("Phone", "MobilePhone"),
    "title": ("Title",),
    "account": ("AccountId",),
    "owner": ("OwnerId", "Owner.Name", "Contact Owner"),
    "is_deleted": _DELETED,
}

_ACTIVITY: Headers = {
    "id": ("Id", "Activity ID"),
    "kind": ("Type", "TaskSubtype", "EventSubtype", "ActivitySubtype"),
    "occurred": ("CompletedDateTime", "StartDateTime"),
    "planned": ("ActivityDate", "Due Date"),
    "is_done": ("IsClosed", "Closed"),
    "direction": ("CallType",),
    "owner": ("OwnerId", "Owner.Name", "Assigned To"),
    "contact": ("WhoId",),
    "deal": ("WhatId",),
    "subject": ("Subject",),
    "note": ("Description", "Comments"),
    "is_deleted": _DELETED,
}

SALESFORCE = System(
    name="salesforce",
    label="Salesforce",
    sources=(
        "Salesforce developers, Field Reference: Opportunity, Lead, Account, Contact",
        "Salesforce developers, Field Reference: Task, Event, ActivityHistory",
        "Salesforce help, Opportunity Fields: the labels at the top of a report",
        "a recorded answer of the query API: `attributes.type`, `StageName`, `SystemModstamp`",
        "Fivetran's seed tables for Salesforce: `stage_name`, `is_won`",
        "exported reports as public programs read them: `Opportunity Owner`, `Amount Currency`",
    ),
    headers={
        "deal": _DEAL,
        "lead": _LEAD,
        "account": _ACCOUNT,
        "contact": _CONTACT,
        "activity": _ACTIVITY,
    },
    marks=(
        frozenset({"attributes.type", "attributes.url"}),
        frozenset({"Id", "StageName", "CloseDate"}),
        frozenset({"StageName", "IsWon"}),
        frozenset({"StageName", "ForecastCategoryName"}),
        frozenset({"Opportunity Name", "Opportunity Owner"}),
        frozenset({"Opportunity ID", "Opportunity Name"}),
        frozenset({"Opportunity Name", "Stage", "Close Date"}),
        frozenset({"IsConverted", "ConvertedOpportunityId"}),
        frozenset({"Lead Owner", "Company / Account"}),
        frozenset({"BillingCountry", "NumberOfEmployees"}),
        frozenset({"Account ID", "Account Name", "Account Owner"}),
        frozenset({"WhoId", "WhatId", "ActivityDate"}),
    ),
    activity_kinds={"StartDateTime": "meeting"},
    pipeline="salesforce",
)
"""What Salesforce calls its columns."""
