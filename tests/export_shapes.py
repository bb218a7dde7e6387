"""The rows of each CRM's exports, in the shape that its documentation or a recorded answer has.

Written from samples, without a look at the tables of `salesflow.crm`, which are tested with them.
A cell is a text, a number, a bool, a date, an aware datetime, None, or what JSON nests. What stands
in a file is made of it by `tests.exports`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import attrs

from tests.export_samples import (
    ACCOUNTS,
    OPEN_STAGES,
    OWNERS,
    REASONS,
    STAGE_WORDS,
    STAGES,
    Sample,
    Shape,
)

CONTACT = "Robin Doe"
Row = dict[str, Any]


def _stage(one: Sample, system: str, shape: Shape) -> str:
    return one.stage_word or STAGE_WORDS[system, shape][one.now]


def _stage_kept(one: Sample, system: str, shape: Shape) -> str:
    """The same where a closed deal keeps the stage that it was closed from."""
    return one.stage_word or STAGE_WORDS[system, shape][one.stage]


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _close(one: Sample) -> datetime | None:
    """When it was closed, or is expected to, as an instant."""
    return _midnight(one.expected) if one.outcome == "open" else one.closed


def _close_day(one: Sample) -> date | None:
    """The same where the system keeps a day."""
    return one.expected if one.closed is None else one.closed.date()


def _if(is_true: bool, moment: Any) -> Any:  # noqa: FBT001 - a condition, and what then
    return moment if is_true else None


# HubSpot.


def _hubspot_json(one: Sample) -> Row:
    share = None if one.percent is None else one.percent / 100
    properties = {
        "amount": one.amount,
        "closedate": _close(one),
        "closed_lost_reason": one.reason,
        "createdate": one.created,
        "deal_currency_code": one.currency,
        "dealname": one.name,
        "dealstage": _stage(one, "hubspot", "json"),
        "hs_deal_stage_probability": share,
        "hs_is_closed": one.flag != "open",
        "hs_is_closed_won": one.flag == "won",
        "hs_lastmodifieddate": one.closed or one.created,
        "hs_object_id": one.id,
        "hubspot_owner_id": OWNERS[one.owner],
        "pipeline": "default",
    }
    companies = [{"id": ACCOUNTS[one.account], "type": "deal_to_company"}]
    return {
        "id": one.id,
        "properties": properties,
        "createdAt": one.created,
        "updatedAt": one.closed or one.created,
        "archived": one.deleted,
        "associations": {"companies": {"results": companies}},
    }


def _hubspot_csv(one: Sample) -> Row:
    return {
        "Record ID": one.id,
        "Deal Name": one.name,
        "Deal Stage": _stage(one, "hubspot", "csv"),
        "Pipeline": "Sales Pipeline",
        "Amount": one.amount,
        "Currency": one.currency,
        "Close Date": _close(one),
        "Create Date": one.created,
        "Deal owner": one.owner,
        "Deal probability": None if one.percent is None else one.percent / 100,
        "Is Deal Closed?": one.flag != "open",
        "Is Closed Won": one.flag == "won",
        "Closed Lost Reason": one.reason,
        "Associated Company": one.account,
        "Associated Company IDs": ACCOUNTS[one.account],
        "Last Modified Date": one.closed or one.created,
    }


def hubspot_history(one: Sample, shape: Shape, kind: str) -> Row:
    """The columns that say when a deal entered and left each stage, one way or the other.

    Args:
        one: the deal.
        shape: of the export.
        kind: ``v2`` or ``v1`` for the names of the properties, ``labels`` for theirs.
    """
    entered = dict(one.entries)
    left = {stage: at for (stage, _), (_, at) in zip(one.entries, one.entries[1:], strict=False)}
    words = STAGE_WORDS["hubspot", "csv" if kind == "labels" else "json"]
    begin = {
        "v2": ("hs_v2_date_entered_{}", "hs_v2_date_exited_{}"),
        "v1": ("hs_date_entered_{}", "hs_date_exited_{}"),
        "labels": ('Date entered "{} (Sales Pipeline)"', 'Date exited "{} (Sales Pipeline)"'),
    }[kind]
    cells: Row = {}
    for stage in STAGES:
        cells[begin[0].format(words[stage])] = entered.get(stage)
        cells[begin[1].format(words[stage])] = left.get(stage)
    return {"properties": cells} if shape == "json" else cells


def hubspot_versions(one: Sample) -> Row:
    """``propertiesWithHistory`` of the stage, the newest first."""
    words = STAGE_WORDS["hubspot", "json"]
    values = [
        {"value": words[stage], "timestamp": at, "sourceType": "CRM_UI"}
        for stage, at in reversed(one.entries)
    ]
    return {"propertiesWithHistory": {"dealstage": values}}


# Salesforce.


def _salesforce_json(one: Sample) -> Row:
    return {
        "attributes": {"type": "Opportunity", "url": f"/sobjects/Opportunity/{one.id}"},
        "Id": one.id,
        "Name": one.name,
        "StageName": _stage(one, "salesforce", "json"),
        "Amount": one.amount,
        "CurrencyIsoCode": one.currency,
        "Probability": one.percent,
        "IsClosed": one.flag != "open",
        "IsWon": one.flag == "won",
        "IsDeleted": one.deleted,
        "CloseDate": _close_day(one),
        "CreatedDate": one.created,
        "OwnerId": OWNERS[one.owner],
        "Owner": {"attributes": {"type": "User"}, "Name": one.owner},
        "AccountId": ACCOUNTS[one.account],
        "Account": {"attributes": {"type": "Account"}, "Name": one.account},
        "SystemModstamp": one.closed or one.created,
    }


def _salesforce_csv(one: Sample) -> Row:
    return {
        "Opportunity ID": one.id,
        "Opportunity Name": one.name,
        "Opportunity Owner": one.owner,
        "Account Name": one.account,
        "Stage": _stage(one, "salesforce", "csv"),
        "Amount Currency": one.currency,
        "Amount": one.amount,
        "Probability (%)": one.percent,
        "Closed": one.flag != "open",
        "Won": one.flag == "won",
        "Close Date": _close_day(one),
        "Created Date": one.created,
        "Last Modified Date": one.closed or one.created,
    }


# Pipedrive.


def _pipedrive_json(one: Sample) -> Row:
    owner, account = OWNERS[one.owner], ACCOUNTS[one.account]
    stage = _stage_kept(one, "pipedrive", "json")
    return {
        "id": int(one.id),
        "user_id": {"id": int(owner), "name": one.owner, "active_flag": True, "value": int(owner)},
        "person_id": {"name": CONTACT, "value": 5001},
        "org_id": {"name": one.account, "owner_id": int(owner), "value": int(account)},
        "stage_id": int(stage) if stage.isdecimal() else stage,
        "title": one.name,
        "value": one.amount,
        "currency": one.currency,
        "add_time": one.created,
        "update_time": one.closed or one.created,
        "deleted": one.deleted,
        "status": one.flag,
        "probability": one.probability,
        "lost_reason": one.reason,
        "visible_to": "3",
        "close_time": one.closed,
        "pipeline_id": 1,
        "won_time": _if(one.outcome == "won", one.closed),
        "lost_time": _if(one.outcome == "lost", one.closed),
        "expected_close_date": one.expected,
        "stage_order_nr": OPEN_STAGES.index(one.stage),
        "org_name": one.account,
        "person_name": CONTACT,
        "owner_name": one.owner,
    }


def _pipedrive_csv(one: Sample) -> Row:
    return {
        "Deal - ID": one.id,
        "Deal - Title": one.name,
        "Deal - Owner": one.owner,
        "Deal - Value": one.amount,
        "Deal - Currency of Value": one.currency,
        "Deal - Probability": one.probability,
        "Deal - Organization": one.account,
        "Deal - Pipeline": "Pipeline",
        "Deal - Contact person": CONTACT,
        "Deal - Stage": _stage_kept(one, "pipedrive", "csv"),
        "Deal - Status": one.flag.title(),
        "Deal - Deal created": one.created,
        "Deal - Update time": one.closed or one.created,
        "Deal - Won time": _if(one.outcome == "won", one.closed),
        "Deal - Lost time": _if(one.outcome == "lost", one.closed),
        "Deal - Deal closed on": one.closed,
        "Deal - Lost reason": one.reason,
        "Deal - Expected close date": one.expected,
        "Organization - Name": one.account,
        "Organization - Owner": "Somebody else",
        "Person - Name": CONTACT,
    }


# Zoho CRM.


def _zoho_json(one: Sample) -> Row:
    return {
        "Owner": {"name": one.owner, "id": OWNERS[one.owner], "email": "someone@example.com"},
        "$currency_symbol": one.currency,
        "Closing_Date": _close_day(one),
        "Reason_For_Loss__s": one.reason,
        "$process_flow": False,
        "Deal_Name": one.name,
        "Stage": _stage(one, "zoho", "json"),
        "Account_Name": {"name": one.account, "id": ACCOUNTS[one.account]},
        "id": one.id,
        "$approved": True,
        "Modified_Time": one.closed or one.created,
        "Created_Time": one.created,
        "Amount": one.amount,
        "Probability": one.percent,
        "$editable": True,
        "Contact_Name": {"name": CONTACT, "id": "5001"},
        "Currency": one.currency,
        "Lead_Source": None,
        "Tag": [],
    }


def _zoho_csv(one: Sample) -> Row:
    return {
        "Record Id": one.id,
        "Deal Owner.id": OWNERS[one.owner],
        "Deal Owner": one.owner,
        "Amount": one.amount,
        "Currency": one.currency,
        "Deal Name": one.name,
        "Closing Date": _close_day(one),
        "Account Name.id": ACCOUNTS[one.account],
        "Account Name": one.account,
        "Stage": _stage(one, "zoho", "csv"),
        "Probability (%)": one.percent,
        "Contact Name": CONTACT,
        "Reason For Loss": one.reason,
        "Created Time": one.created,
        "Modified Time": one.closed or one.created,
    }


# Odoo.


def _odoo_stage(one: Sample, shape: Shape) -> str:
    """A won deal is in the stage Won; a lost one stays where it was, archived."""
    kept = attrs.evolve(one, outcome="open") if one.outcome == "lost" else one
    return _stage(kept, "odoo", shape)


def _odoo_json(one: Sample) -> Row:
    stage, words = _odoo_stage(one, "json"), [*STAGE_WORDS["odoo", "json"].values()]
    number = words.index(stage) + 1 if stage in words else len(words) + 1
    return {
        "id": int(one.id),
        "name": one.name,
        "type": "opportunity",
        "active": one.flag != "lost",
        "stage_id": [number, stage],
        "expected_revenue": one.amount,
        "company_currency": [1, one.currency],
        "probability": one.percent,
        "user_id": [int(OWNERS[one.owner]), one.owner],
        "partner_id": [int(ACCOUNTS[one.account]), one.account],
        "partner_name": one.account,
        "contact_name": CONTACT,
        "email_from": "someone@example.com",
        "create_date": one.created,
        "date_closed": one.closed,
        "date_deadline": one.expected,
        # Odoo writes false for what it does not know.
        "lost_reason_id": [REASONS.index(one.reason) + 1, one.reason] if one.reason else False,
        "write_date": one.closed or one.created,
    }


def _odoo_csv(one: Sample) -> Row:
    return {
        "ID": one.id,
        "Opportunity": one.name,
        "Type": "Opportunity",
        "Active": one.flag != "lost",
        "Stage": _odoo_stage(one, "csv"),
        "Expected Revenue": one.amount,
        "Currency": one.currency,
        "Probability": one.percent,
        "Salesperson": one.owner,
        "Customer": one.account,
        "Contact Name": CONTACT,
        "Created on": one.created,
        "Closed Date": one.closed,
        "Expected Closing": one.expected,
        "Lost Reason": one.reason,
        "Last Updated on": one.closed or one.created,
    }


# Close.


def _close_json(one: Sample) -> Row:
    won_day = {"won": one.closed and one.closed.date(), "open": one.expected}.get(one.outcome)
    cents = None if one.amount is None else int(one.amount * 100)
    return {
        "id": one.id,
        "lead_id": ACCOUNTS[one.account],
        "lead_name": one.account,
        "status_id": f"stat_{one.now}",
        "status_label": _stage(one, "close", "json"),
        "status_type": {"open": "active"}.get(one.flag, one.flag),
        "pipeline_name": "Sales",
        "value": cents,
        "value_currency": one.currency,
        "value_period": "one_time",
        "confidence": one.percent,
        "user_id": OWNERS[one.owner],
        "user_name": one.owner,
        "contact_id": "5001",
        "contact_name": CONTACT,
        "date_created": one.created,
        "date_updated": one.closed or one.created,
        "date_won": won_day,
        "date_lost": _if(one.outcome == "lost", one.closed),
        "note": "",
    }


# Any other table.


def _generic(one: Sample) -> Row:
    return {
        "deal_id": one.id,
        "name": one.name,
        "stage": _stage(one, "generic", "csv"),
        "outcome": one.flag,
        "amount": one.amount,
        "currency": one.currency,
        "probability": None if one.percent is None else one.percent / 100,
        "owner": one.owner,
        "account": one.account,
        "created_at": one.created,
        "closed_at": one.closed,
        "expected_close_date": one.expected,
        "loss_reason": one.reason,
    }


ROWS: Mapping[tuple[str, Shape], Callable[[Sample], Row]] = {
    ("hubspot", "json"): _hubspot_json,
    ("hubspot", "csv"): _hubspot_csv,
    ("salesforce", "json"): _salesforce_json,
    ("salesforce", "csv"): _salesforce_csv,
    ("pipedrive", "json"): _pipedrive_json,
    ("pipedrive", "csv"): _pipedrive_csv,
    ("zoho", "json"): _zoho_json,
    ("zoho", "csv"): _zoho_csv,
    ("odoo", "json"): _odoo_json,
    ("odoo", "csv"): _odoo_csv,
    ("close", "json"): _close_json,
    ("close", "csv"): _close_json,  # its exports have the names of its API
    ("generic", "json"): _generic,
    ("generic", "csv"): _generic,
}
"""What makes a row of a sample."""

WRAPPERS: Mapping[str, Callable[[list[Row]], Any]] = {
    "hubspot": lambda rows: {"results": rows, "paging": {"next": {"after": "100"}}},
    "salesforce": lambda rows: {"totalSize": len(rows), "done": True, "records": rows},
    "pipedrive": lambda rows: {"success": True, "data": rows, "additional_data": {}},
    "zoho": lambda rows: {"data": rows, "info": {"per_page": 200, "more_records": False}},
    "odoo": lambda rows: {"records": rows, "count": len(rows)},
    "close": lambda rows: {"has_more": False, "data": rows, "total_results": len(rows)},
    "generic": lambda rows: rows,
}
"""What an answer puts around its rows."""

NO_DELETED = frozenset({("hubspot", "csv"), ("salesforce", "csv"), ("pipedrive", "csv")})
"""Shapes that could say that a row is deleted, and leave such rows out."""
