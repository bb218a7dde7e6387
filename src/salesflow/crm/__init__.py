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

How a source becomes records, one way, and which private modules each step has:

1. `_sources` makes a `_table.Table` of it: `_files`, `_encodings`, `_text_files`, `_csv`,
   `_cursor`, `_json`, `_flatten`, `_frames`, `_headers`, within `_limits`. `_looks` gives its rows
   by column, again and again.
2. `systems` tells whose it is and which column is which field; `_fields` gives each a reader:
   `_texts`, `_moments`, `_numbers`, `_flags`, settled by `_evidence`. `_logs`, `_changes` and
   `_row_history` find the stages of the past.
3. `_survey` is the first look, which settles formats and counts stages. `_definition` chooses the
   pipeline, or `_drafting` makes one; `_places` and `_outcomes` say where each deal stands.
4. The second look makes records, column by column: `_deals`, of the rows that `_screening` leaves,
   with `_courses` (`_dates`, `_stays`), `_money`, `_people` and `_custom`; `_records` and
   `_lead_rows` those that are no deals; `_own` those that we wrote. `_notes` and `_tally` gather
   what is odd, `_alike` values written in several ways. `_reading` leads through all of it.
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
