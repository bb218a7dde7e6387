"""The systems whose exports are known, one module each.

`hubspot`, `salesforce`, `pipedrive`, `zoho`, `odoo`, `close`
    their columns, as their documentation or a recorded answer names them.
`generic`
    a spreadsheet, or our own words.
"""
