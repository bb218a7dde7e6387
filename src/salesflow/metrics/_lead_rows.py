"""The tables of leads and of feedback over objects: leads, deals by their lead, touches."""

from collections.abc import Sequence
from typing import Any

from salesflow.facts.activities import rows_of
from salesflow.facts.columns import check_column, deal_reader, read_deals
from salesflow.facts.data import Facts, given
from salesflow.facts.leads import check_lead_column, lead_reader, read_leads
from salesflow.facts.schema import TOUCHES
from salesflow.metrics._objects import DealRows, Reader, Rows
from salesflow.metrics.needs import Leads
from salesflow.metrics.options import Call
from salesflow.models import Activity, Deal, Lead
from salesflow.models.past import Cut

_MILLION = 1_000_000


class LeadRows:
    """The table `leads` of one call."""

    def __init__(self, spec: Leads, data: object, call: Call) -> None:
        leads = read_leads(given(data, "leads"), call.as_of)
        self._spec, self._data, self._call = spec, data, call
        self._cut = None if call.as_of is None else Cut(call.as_of)
        self.root = Rows(leads, self.read)

    def read(self, name: str, rows: Rows) -> list[Any]:
        """A column of leads."""
        if name == "is_won":
            return self._are_won(rows.rows)
        return [*map(self._reader(name), rows.rows)]

    def key_reader(self, name: str, *, at_opening: bool) -> Reader:
        """What reads a group's key off a lead."""
        del at_opening
        check_lead_column(name, self.root.rows)
        return self._reader(name)

    def _reader(self, name: str) -> Reader:
        return lead_reader(name, self._spec.qualified_stage, self._cut)

    def _are_won(self, leads: Sequence[Lead]) -> list[bool]:
        """Whether a deal of each lead is won."""
        deals = read_deals(given(self._data, "deals"), self._call.as_of)
        won = {deal.lead_id for deal in deals if deal.outcome == "won"}
        return [not won.isdisjoint((lead.id, *lead.aliases)) for lead in leads]


class DealLeadRows(DealRows):
    """The table `deals` of one call, each deal grouped by what its lead has."""

    def __init__(self, data: object, call: Call) -> None:
        super().__init__(data, call)
        self._known = read_leads(given(data, "leads"), call.as_of)
        self._by_id = {name: lead for lead in self._known for name in (lead.id, *lead.aliases)}

    def read(self, name: str, rows: Rows) -> list[Any]:
        """A column of deals, or whether the lead is known."""
        if name == "has_lead":
            return [deal.lead_id in self._by_id for deal in rows.rows]
        return super().read(name, rows)

    def key_reader(self, name: str, *, at_opening: bool) -> Reader:
        """What reads a group's key off the lead of a deal."""
        del at_opening
        check_lead_column(name, self._known)
        read = lead_reader(name)

        def key(deal: Deal) -> Any:
            lead = self._by_id.get(str(deal.lead_id))
            return None if lead is None else read(lead)

        return key


class TouchRows:
    """The table `touches` of one call, each row with the deal it is of."""

    def __init__(self, data: object, call: Call) -> None:
        is_of_leads = isinstance(data, Facts) and data.deals is None and data.leads is not None
        self._deals = [] if is_of_leads else read_deals(given(data, "deals"), call.as_of)
        leads = read_leads(data.leads or (), call.as_of) if isinstance(data, Facts) else []
        cut = None if call.as_of is None else Cut(call.as_of)
        records: list[Deal | Lead] = [*self._deals, *leads]
        rows = [(touch, record) for record in records for touch in rows_of(record, cut)]
        self.root = Rows(rows, self.read)

    def read(self, name: str, rows: Rows) -> list[Any]:
        """A column of touches, or of their deals where touches do not have it."""
        return [*map(self._reader(name), rows.rows)]

    def key_reader(self, name: str, *, at_opening: bool) -> Reader:
        """What reads a group's key; the owner is who did it."""
        del at_opening
        check_column(name, self._deals, _OWN)
        return self._reader(name)

    @staticmethod
    def _reader(name: str) -> Reader:
        if name in _READERS:
            return _READERS[name]
        if name in _OWN:
            return lambda row: getattr(row[0], name)
        read = deal_reader(name)
        return lambda row: read(row[1]) if isinstance(row[1], Deal) else None


def _score_steps(row: tuple[Activity, Deal | Lead]) -> int | None:
    """A score in steps of a millionth, half up, as engines do it: sums of them are exact."""
    score = row[0].score
    return None if score is None else int(score * _MILLION + 0.5)


def _lead_of(row: tuple[Activity, Deal | Lead]) -> str | None:
    record = row[1]
    return record.lead_id if isinstance(record, Deal) else record.id


def _deal_of(row: tuple[Activity, Deal | Lead]) -> str | None:
    return row[1].id if isinstance(row[1], Deal) else None


_OWN = tuple(column.name for column in TOUCHES)
_READERS: dict[str, Reader] = {
    "deal_id": _deal_of,
    "lead_id": _lead_of,
    "score_steps": _score_steps,
}
