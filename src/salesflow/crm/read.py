"""`read`: an export becomes deals, leads, accounts, contacts or activities, and nothing is lost."""

from typing import Any, Unpack

from salesflow._progress import ticking
from salesflow.crm._asked import Options, asked
from salesflow.crm._notes import Notes
from salesflow.crm._own import MODELS, OWN, read_own
from salesflow.crm._reading import deals_of, prepared, read_deals
from salesflow.crm._records import read_others
from salesflow.crm.results import Import, rejected_line
from salesflow.errors import RejectedRowsError

_MOST_FAULTS = 20


def read(
    source: Any, *, strict: bool = False, progress: bool = False, **options: Unpack[Options]
) -> Import:
    """What does this export hold?

    **Definition**: each row becomes one record of the kind asked for, or is rejected with all its
    faults; so ``n_rows == len(deals) + len(rejected)``. A column's format is that of all its
    values. Won and lost come from the system's own flags before the names of stages. Columns that
    no field takes are kept as custom values. No date is invented: what is unknown is None.

    Args:
        source: a path, a file, rows of dicts, an answer of an API, or a data frame.
        strict: whether a rejected row is an error.
        progress: whether to show a bar on standard error; needs ``rich``.
        **options: how to read it, see `crm.Options`.

    Returns:
        The records, the rows rejected, and what was odd but kept.

    Raises:
        SourceError: if its rows cannot be read at all.
        AmbiguousColumnError: if a column's values fit two formats.
        NaiveDatetimeError: if times name no zone and ``zone`` is left out.
        ColumnError: if ``columns`` names what there is not.
        RejectedRowsError: with ``strict``, if any row is rejected; it lists them all.

    Example:
        >>> from salesflow import crm
        >>> rows = [
        ...     {"deal_id": "D-1", "stage": "Engaging", "amount": "$1,200.00"},
        ...     {"deal_id": "D-2", "stage": "Won", "amount": "n/a", "close_date": "2026-03-31"},
        ... ]
        >>> got = crm.read(rows, stages={"Engaging": "meeting"}, currency="USD")
        >>> [(deal.id, deal.stage, deal.outcome) for deal in got.deals]
        [('D-1', 'meeting', 'open'), ('D-2', 'won', 'won')]
    """
    wanted = asked(**options)
    notes = Notes()
    table, system = prepared(source, wanted, notes)
    with ticking(f"reading {table.name}", "rows", None, shows=progress) as tick:
        if OWN in table.columns and wanted.record in MODELS:
            found = read_own(table, wanted, notes, tick)
        elif wanted.record == "deal":
            deals = deals_of(table, wanted, system, notes)
            found = read_deals(deals, wanted, system, notes, tick)
        else:
            found = read_others(table, wanted, system, notes, tick)
    if strict and found.rejected:
        faults = tuple(map(rejected_line, found.rejected))
        said = f"cannot read {table.name}: {len(faults)} of {found.n_rows} rows are rejected"
        msg = "\n".join((said, *faults[:_MOST_FAULTS]))
        raise RejectedRowsError(msg, faults=faults)
    return found
