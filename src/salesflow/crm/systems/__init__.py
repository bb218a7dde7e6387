"""The systems whose exports are known, one module each.

`hubspot`, `salesforce`, `pipedrive`, `zoho`, `odoo`, `close`
    their columns, as their documentation or a recorded answer names them.
`generic`
    a spreadsheet, or our own words.

`SYSTEMS` has them by name, `recognise` tells one by a table's columns, and `match` finds the column
of each field. What is to be known of a system is said by `System`.
"""

from salesflow.crm.systems._known import SYSTEMS
from salesflow.crm.systems._match import MODEL_NAMES, match
from salesflow.crm.systems._recognise import recognise
from salesflow.crm.systems._system import FIELDS, Headers, Record, StageDates, System
from salesflow.crm.systems.close import CLOSE
from salesflow.crm.systems.generic import GENERIC
from salesflow.crm.systems.hubspot import HUBSPOT
from salesflow.crm.systems.odoo import ODOO
from salesflow.crm.systems.pipedrive import PIPEDRIVE
from salesflow.crm.systems.salesforce import SALESFORCE
from salesflow.crm.systems.zoho import ZOHO

__all__ = [
    "CLOSE",
    "FIELDS",
    "GENERIC",
    "HUBSPOT",
    "MODEL_NAMES",
    "ODOO",
    "PIPEDRIVE",
    "SALESFORCE",
    "SYSTEMS",
    "ZOHO",
    "Headers",
    "Record",
    "StageDates",
    "System",
    "match",
    "recognise",
]
