"""CRM exports become deals, and deals become tables again; nothing is lost on the way.

`read`
    an export of HubSpot, Salesforce, Pipedrive, Zoho, Odoo, Close, or a spreadsheet.
`draft`
    a definition drafted from an export.
`write`
    tables that read back to what they were.
`results`
    what reading gives: the records, the rows rejected, and what was odd.
`formats`
    how dates and numbers are written, where that cannot be told.
`systems`
    how each system names its columns.
"""

from salesflow.crm._asked import Options
from salesflow.crm.draft import pipeline_from
from salesflow.crm.formats import Formats
from salesflow.crm.read import read
from salesflow.crm.results import Fault, Finding, Import, Rejected
from salesflow.crm.systems import SYSTEMS
from salesflow.crm.write import write_csv, write_json

__all__ = [
    "SYSTEMS",
    "Fault",
    "Finding",
    "Formats",
    "Import",
    "Options",
    "Rejected",
    "pipeline_from",
    "read",
    "write_csv",
    "write_json",
]
