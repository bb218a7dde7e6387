"""Rows of deals become deals: the second look, when stages and formats are settled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from salesflow.crm._cells import BadCell
from salesflow.crm._custom import CustomColumns
from salesflow.crm._dates import Latest, closing_of, to_moment
from salesflow.crm._fields import Fields
from salesflow.crm._money import Amounts
from salesflow.crm._outcomes import Flags
from salesflow.crm._people import People
from salesflow.crm._places import Place, Stages, Verdict, judge
from salesflow.crm._stays import Visits, fitted
from salesflow.crm._survey import PLACE_FIELDS
from salesflow.crm._table import FaultyRow
from salesflow.crm._tally import Tally
from salesflow.crm.systems._system import DEAL_FIELDS
from salesflow.errors import FieldError
from salesflow.models._base import PROBABILITY_PLACES
from salesflow.models.moments import is_before
from salesflow.process._restoring import Restorer, Stay

if TYPE_CHECKING:
    from salesflow.crm._notes import Notes
    from salesflow.crm._table import Rows
    from salesflow.crm.systems._system import System
    from salesflow.models import Deal
    from salesflow.process import Pipeline

Faults = list[tuple[str | None, str]]
"""Columns and facts of a row that is rejected."""

_DELETED = "deleted"
"""A status that some systems show a deal in for a while after it was deleted."""

_FIELDS = (*DEAL_FIELDS, "amount_currency")
RowValues = NamedTuple("RowValues", [(name, Any) for name in _FIELDS])  # type: ignore[misc]
"""What a row holds, by field."""


@attrs.frozen(kw_only=True)
class Setting:
    """What all rows of an export share."""

    system: "System"
    pipeline: "Pipeline"
    stages: Stages
    currency: str | None
    visits: Visits
    """What is known of the stages that deals were in."""
    aliases: Mapping[str, tuple[str, ...]]
    """Ids of the deals that were merged into one, by its id."""
    refused: Mapping[str, str]
    """Ids that are no deals of their own, and why: merged into another, or used twice."""
    names_pipeline: bool
    """Whether the rows are of several pipelines, so that each keeps the name of its own."""


class DealReader:
    """Makes the deals of one export, row by row."""

    def __init__(self, fields: Fields, setting: Setting, notes: "Notes") -> None:
        """Make ready what all rows share."""
        self.people = People()
        self.latest = Latest()
        self._fields = fields
        self._setting = setting
        self._notes = notes
        self._restorer = Restorer(setting.pipeline)
        self._amounts = Amounts(setting.currency, fields, notes)
        self._custom = CustomColumns(fields.others, notes)
        self.tally = Tally(setting.pipeline, notes)
        self._judged: dict[tuple[Any, ...], Verdict] = {}
        self._rows: dict[str, int] = {}
        self._column = dict(fields.columns)
        expected = self._column.get("expected_close")
        self._is_won_expected = expected is not None and expected == self._column.get("won")
        self._is_manual = {"probability": "probability_source", "category": "category_source"}

    def read(self, first_row: int, rows: "Rows") -> Iterator["tuple[Deal | None, Faults]"]:
        """The deal of each row; where it is none, what is wrong with the row."""
        values, n_rows = self._fields.read(rows), len(rows)
        columns = [values.get(field, n_rows) for field in _FIELDS]
        customs = self._custom.read(first_row, rows)
        visits = self._setting.visits.of_rows(rows)
        verdicts = self._verdicts([values.get(field, n_rows) for field in PLACE_FIELDS])
        for index, known in enumerate(map(RowValues._make, zip(*columns, strict=True))):
            faults: Faults = list(values.bad.get(index, ()))
            cells = rows[index]
            if isinstance(cells, FaultyRow):
                faults.append((None, cells.fact))
            row, around = first_row + index, (verdicts[index], customs[index], visits[index])
            yield self._deal(row, known, around, faults), faults

    def _verdicts(self, columns: "Sequence[Sequence[Any]]") -> list[Verdict]:
        """Where each row stands: the same of all that have the same stage and flags."""
        judged, setting = self._judged, self._setting
        keys = list(zip(*columns, strict=True))
        for key in set(keys).difference(judged):
            judged[key] = judge(key[0], Flags(*key[1:]), setting.system, setting.stages)
        return [judged[key] for key in keys]

    def _deal(
        self, row: int, known: Any, around: "tuple[Verdict, Any, Sequence[Stay]]", faults: Faults
    ) -> "Deal | None":
        verdict, custom, visits = around
        identity = self._identity(row, known, faults)
        if known.is_deleted is not None or known.type is not None or known.status is not None:
            self._check_kind(known, faults)
        share = self._share(row, known.probability)
        amount = self._amounts.read(row, known, faults)
        place = verdict.place
        if place is None:
            faults.append((self._column.get("stage"), verdict.fault or ""))
        if faults or place is None or identity is None:
            return None
        self._rows[identity] = row
        fields = self._fields_of(row, identity, known, place)
        fields["amount"] = amount
        fields["custom"] = custom
        if place.outcome == "open":
            self._standing(known, share, place, fields)
        if self._setting.names_pipeline and known.pipeline is not None:
            fields["custom"] = self._custom.with_value(custom, "pipeline", known.pipeline)
        if verdict.oddity is not None:
            self._notes.add(*verdict.oddity, row, self._column.get("stage"))
        past = self._setting.visits.of_deal(identity)
        known_stays = (*past, *visits) if past or visits else ()
        return self._dated(row, identity, known, (place, fields, known_stays))

    def _dated(
        self,
        row: int,
        identity: str,
        known: Any,
        found: "tuple[Place, dict[str, Any], Sequence[Stay]]",
    ) -> "Deal":
        """The deal with its dates; without its stages' history where that contradicts itself."""
        place, fields, past = found
        (closed, precision), fields["expected_close_on"], oddity = closing_of(
            known, place.outcome, is_won_expected=self._is_won_expected
        )
        if oddity is not None:
            self._notes.add("odd-closing", oddity, row)
        stays: Sequence[Stay] = ()
        if past:
            fit = fitted(past, place, (closed, precision), self._setting.stages)
            stays, (closed, precision) = fit.stays, fit.closed
            if fit.oddity is not None:
                self._notes.add(*fit.oddity, row)
            for stay in stays[-1:]:
                self.latest.see(*stay.entered)
        created, created_precision = to_moment(known.created)
        if known.modified is not None:
            self.latest.see(*to_moment(known.modified))
        if closed is None:
            self.latest.see(created, created_precision)
        else:
            self.latest.see(closed, precision)
            if created is not None and is_before(closed, precision, created, created_precision):
                self._notes.add("negative-cycle", "it was closed before it was created", row)
        fields["created_at"], fields["created_precision"] = created, created_precision
        fields["closed_at"], fields["closed_precision"] = closed, precision
        reason = known.loss_reason if place.outcome == "lost" else None
        return self._restored(row, identity, (place, fields, stays), reason)

    def _restored(
        self,
        row: int,
        identity: str,
        found: "tuple[Place, dict[str, Any], Sequence[Stay]]",
        reason: str | None,
    ) -> "Deal":
        place, fields, stays = found
        restore = self._restorer.restore
        try:
            deal = restore(identity, place.stage, fields, reason=reason, stays=stays)
        except FieldError:
            fact = "its history of stages contradicts itself: left out"
            self._notes.add("history-contradicts", fact, row)
            deal = restore(identity, place.stage, fields, reason=reason)
        self.tally.see(row, deal, stays)
        return deal

    def _identity(self, row: int, known: Any, faults: Faults) -> str | None:
        identity: str | None = known.id
        if "id" not in self._column:
            return f"row-{row}"
        if identity is None:
            faults.append((self._column["id"], "it has no id"))
        elif identity in self._rows:
            fact = f"id {identity!r} is that of row {self._rows[identity]} too"
            faults.append((self._column["id"], fact))
        elif identity in self._setting.refused:
            faults.append((self._column["id"], self._setting.refused[identity]))
        return identity

    def _check_kind(self, known: Any, faults: Faults) -> None:
        if known.is_deleted is True:
            faults.append((self._column["is_deleted"], "it is deleted"))
        if known.status is not None and known.status.casefold() == _DELETED:
            faults.append((self._column["status"], "it is deleted"))
        if known.type is None:
            return
        kind = self._setting.system.types.get(known.type.casefold(), "deal")
        if kind != "deal":
            fact = f"it is a {kind}: read those with record='{kind}'"
            faults.append((self._column["type"], fact))

    def _fields_of(self, row: int, identity: str, known: Any, place: Place) -> dict[str, Any]:
        account, contacts = self.people.of_deal(known)
        fields: dict[str, Any] = {
            "name": known.name,
            "owner_id": known.owner,
            "source": known.source,
            "account_id": account,
            "contact_ids": contacts,
            "lead_id": known.lead,
        }
        if identity in self._setting.aliases:
            fields["aliases"] = self._setting.aliases[identity]
        if place.outcome == "lost":
            fields["lost_at_stage"] = place.lost_at_stage
        elif known.loss_reason is not None:
            fact = "it says why it was lost, but it was not: left out"
            self._notes.add("reason-without-loss", fact, row, self._column["loss_reason"])
        return fields

    def _share(self, row: int, probability: Any) -> float | None:
        """Its probability, if it is one."""
        if probability is None or isinstance(probability, BadCell):
            return None
        share = round(float(probability), PROBABILITY_PLACES)
        if 0 <= share <= 1:
            return share
        fact = "it is no probability: left unknown"
        self._notes.add("odd-probability", fact, row, self._column["probability"])
        return None

    def _standing(
        self, known: Any, share: float | None, place: Place, fields: dict[str, Any]
    ) -> None:
        """The probability and the category, set by hand where the stage says something else."""
        usual = self._restorer.standing(place.stage)
        for field, value in (("probability", share), ("category", known.category)):
            if value is not None and value != usual.get(field):
                fields |= {field: value, self._is_manual[field]: "manual"}
