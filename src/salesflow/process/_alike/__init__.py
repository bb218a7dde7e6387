"""How alike two records are, and which ones to compare: what `duplicates` is made of.

`written`, `providers`
    e-mail addresses, domains and telephone numbers as they are compared; what says nothing of who
    it is.
`names`
    names as they are compared, and how alike two are.
`firms`, `people`, `sales`
    accounts, leads and contacts, and deals: what is compared of each, and how much it weighs.
`blocks`
    which records are compared at all.
"""
