"""The tables `touches` and `leads`, read off the histories of deals and leads."""

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any

from salesflow.facts.columns import read_deals
from salesflow.facts.data import check_leads
from salesflow.facts.schema import LEADS, TOUCHES
from salesflow.models import Activity, Deal, Lead
from salesflow.models import events as ev
from salesflow.models.past import Cut, as_of


def read_leads(data: Iterable[object], at: datetime | None = None) -> list[Lead]:
    """The leads of a call, as of an instant where one is given.

    Raises:
        DataError: for anything but leads.
        OptionError: for an id that is there twice, or beside one of its aliases.
    """
    leads = check_leads(data)
    if at is None:
        return leads
    cut = Cut(at)
    return [old for lead in leads for old in as_of(lead, cut)]


def touches_of(record: Deal | Lead) -> list[Activity]:
    """The touches logged on it, each once, as last logged, in the order they came up."""
    logged = [event.activity for event in record.history if isinstance(event, ev.ActivityLogged)]
    return [*{activity.id: activity for activity in logged if activity.is_touch}.values()]


def touch_columns(
    deals: Iterable[Deal], leads: Iterable[Lead] = (), *, at: datetime | None = None
) -> dict[str, list[Any]]:
    """The table `touches`, as lists by column name.

    **Definition**: a row for each touch, as `n_touches` counts them: a plan that was carried out
    is one, and so is what was logged again under its id. A touch of a deal has the deal's id and
    that of its lead; one logged on a lead has the lead's id, and no deal's.

    Args:
        deals: the deals.
        leads: the leads.
        at: as of when; the data as it stands unless given. [aware datetime]

    Returns:
        One list for each column of `schema.TOUCHES`: the touches of the deals, then those of the
        leads.

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
    for deal in read_deals(deals, at):
        ids = {"deal_id": deal.id, "lead_id": deal.lead_id}
        rows += [(ids, touch) for touch in touches_of(deal)]
    for lead in read_leads(leads, at):
        rows += [({"deal_id": None, "lead_id": lead.id}, touch) for touch in touches_of(lead)]
    return {column.name: [_cell(column.name, *row) for row in rows] for column in TOUCHES}


def _cell(name: str, ids: dict[str, str | None], touch: Activity) -> Any:
    return ids[name] if name in ids else getattr(touch, name)


def lead_columns(leads: Iterable[Lead], *, at: datetime | None = None) -> dict[str, list[Any]]:
    """The table `leads`, as lists by column name.

    **Definition**: what each lead has. ``first_touch_at`` is the earliest touch logged on the
    lead itself; ``converted_at`` and ``disqualified_at`` are its closing, by its outcome, and
    ``reason`` is that of a disqualification. No history tells ``qualified_at``: it is None.

    Args:
        leads: the leads.
        at: as of when; the data as it stands unless given. [aware datetime]

    Returns:
        One list for each column of `schema.LEADS`, all in the order of the leads.

    Raises:
        DataError: for anything but leads.
        OptionError: for a lead that is there twice.

    Example:
        >>> {len(column) for column in lead_columns([]).values()}
        {0}
    """
    read = read_leads(leads, at)
    return {
        column.name: [*map(_OF_LEADS.get(column.name, attrgetter(column.name)), read)]
        for column in LEADS
    }


def _first_touch(lead: Lead) -> datetime | None:
    occurred = [touch.occurred_at for touch in touches_of(lead)]
    return min((moment for moment in occurred if moment is not None), default=None)


def _if(outcome: str, name: str) -> Callable[[Lead], Any]:
    def value(lead: Lead) -> Any:
        return getattr(lead, name) if lead.outcome == outcome else None

    return value


_OF_LEADS: dict[str, Callable[[Lead], Any]] = {
    "lead_id": attrgetter("id"),
    "first_touch_at": _first_touch,
    "qualified_at": lambda _: None,
    "converted_at": _if("converted", "closed_at"),
    "disqualified_at": _if("disqualified", "closed_at"),
    "reason": _if("disqualified", "reason"),
}
