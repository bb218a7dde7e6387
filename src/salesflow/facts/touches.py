"""The table `touches`, read off the histories of deals and leads."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from salesflow.facts.activities import rows_of
from salesflow.facts.columns import read_deals
from salesflow.facts.leads import read_leads
from salesflow.facts.schema import TOUCHES
from salesflow.models import Activity, Deal, Lead
from salesflow.models.past import Cut


def touch_columns(
    deals: Iterable[Deal], leads: Iterable[Lead] = (), *, at: datetime | None = None
) -> dict[str, list[Any]]:
    """The table `touches`, as lists by column name.

    **Definition**: a row for each touch, as `n_touches` counts them: a plan that was carried out
    is one, and so is what was logged again under its id. What was done and has a score is a row
    too, whatever its kind: a survey is no touch, but it is feedback. A row of a deal has the deal's
    id and that of its lead; one logged on a lead has the lead's id, and no deal's.

    Args:
        deals: the deals.
        leads: the leads.
        at: as of when; the data as it stands unless given. [aware datetime]

    Returns:
        One list for each column of `schema.TOUCHES`: those of the deals, then those of the leads.

    Raises:
        DataError: for anything but deals and leads.
        DuplicateDealError: for a deal that is there twice.
        OptionError: for a lead that is there twice.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.log(pipeline.open("Acme", id="D-1"), "call")
        >>> table = touch_columns([deal])
        >>> table["deal_id"], table["kind"]
        (['D-1'], ['call'])
    """
    rows: list[tuple[dict[str, str | None], Activity]] = []
    cut = None if at is None else Cut(at)
    for deal in read_deals(deals, at):
        ids = {"deal_id": deal.id, "lead_id": deal.lead_id}
        rows += [(ids, touch) for touch in rows_of(deal, cut)]
    for lead in read_leads(leads, at):
        rows += [({"deal_id": None, "lead_id": lead.id}, touch) for touch in rows_of(lead, cut)]
    return {column.name: [_cell(column.name, *row) for row in rows] for column in TOUCHES}


def _cell(name: str, ids: dict[str, str | None], touch: Activity) -> Any:
    return ids[name] if name in ids else getattr(touch, name)
