"""Rows of deals become deals: the second look, when stages and formats are settled."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.crm._cells import BadCell
from salesflow.crm._courses import Courses
from salesflow.crm._custom import CustomColumns
from salesflow.crm._fields import Fields
from salesflow.crm._money import Amounts
from salesflow.crm._notes import RowNotes
from salesflow.crm._outcomes import Flags
from salesflow.crm._people import People
from salesflow.crm._places import Place, Stages, Verdict, judge
from salesflow.crm._screening import Screen
from salesflow.crm._stays import Visits
from salesflow.crm._survey import PLACE_FIELDS
from salesflow.crm._tally import Tally
from salesflow.errors import FieldError
from salesflow.models._base import PROBABILITY_PLACES
from salesflow.process._restoring import Known, Restorer

if TYPE_CHECKING:
    from datetime import date

    from salesflow.crm._fields import Values
    from salesflow.crm._notes import Notes
    from salesflow.crm._screening import Fault, Faults
    from salesflow.crm._table import Chunk
    from salesflow.crm.systems._system import System
    from salesflow.models import Deal
    from salesflow.process import Pipeline
    from salesflow.process._restoring import Stay

More = defaultdict[int, dict[str, Any]]
"""Fields that few deals have, by their places."""


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
    """Makes the deals of one export, some rows at a time."""

    def __init__(self, fields: Fields, setting: Setting, notes: "Notes") -> None:
        """Make ready what all rows share."""
        self.people = People()
        self.tally = Tally(setting.pipeline, notes)
        self._fields = fields
        self._setting = setting
        self._column = dict(fields.columns)
        self._odd = RowNotes(notes)
        self._restorer = Restorer(setting.pipeline)
        self._amounts = Amounts(setting.currency, fields, self._odd)
        self._custom = CustomColumns(fields.others, notes)
        self._judged: dict[tuple[Any, ...], Verdict] = {}
        self._screen = Screen(self._column, setting.system, setting.refused)
        self._courses = Courses(self._column, setting.visits, setting.stages, self._odd)

    @property
    def latest_at(self) -> "date | None":
        """The latest moment that the deals so far know."""
        return self._courses.latest.value

    def read(self, first_row: int, chunk: "Chunk") -> "tuple[list[Deal], dict[int, list[Fault]]]":
        """The deals of some rows; and of each other, by its place, all that is wrong with it."""
        values = self._fields.read(chunk)
        rows = range(first_row, first_row + chunk.n_rows)
        custom, verdicts = self._custom.read(first_row, chunk), self._verdicts(values)
        others: Faults = {}
        self._screen.check_kinds(values, others)
        found = {
            "row": rows,
            "custom": custom,
            "place": [verdict.place for verdict in verdicts],
            "oddity": [verdict.oddity for verdict in verdicts],
            "stays": self._setting.visits.of_rows(chunk),
            "share": self._shares(rows, values["probability"]),
            "amount": self._amounts.of_rows(first_row, values, others),
        }
        if "id" not in self._column:
            found["id"] = [f"row-{row}" for row in rows]
        values = values.with_columns(found)
        self._screen.check_places(verdicts, others)
        faults = self._screen.rejected(first_row, chunk, values, others)
        if faults:
            values = values.only([place for place in range(chunk.n_rows) if place not in faults])
        made = self._made(values)
        self._odd.tell()
        return made, faults

    def _verdicts(self, values: "Values") -> list[Verdict]:
        """Where each row stands: the same of all that have the same stage and flags."""
        judged, setting = self._judged, self._setting
        keys = list(zip(*(values[field] for field in PLACE_FIELDS), strict=True))
        for key in set(keys).difference(judged):
            judged[key] = judge(key[0], Flags(*key[1:]), setting.system, setting.stages)
        return [judged[key] for key in keys]

    def _shares(self, rows: range, probabilities: "Sequence[Any]") -> "list[float | None]":
        """The probability of each row, if it is one."""
        shares: list[float | None] = []
        for row, probability in zip(rows, probabilities, strict=True):
            share = None
            if probability is not None and type(probability) is not BadCell:
                share = round(float(probability), PROBABILITY_PLACES)
                if not 0 <= share <= 1:
                    share, fact = None, "it is no probability: left unknown"
                    self._odd.add("odd-probability", fact, row, self._column["probability"])
            shares.append(share)
        return shares

    def _made(self, values: "Values") -> "list[Deal]":
        """The deals of rows that hold one each."""
        outcomes = [stands.outcome for stands in values["place"]]
        accounts, contacts = self.people.of_deals(values)
        more = self._more(values, outcomes)
        for row, oddity in zip(values["row"], values["oddity"], strict=True):
            if oddity is not None:
                code, fact = oddity
                self._odd.add(code, fact, row, self._column.get("stage"))
        values, stays = self._courses.of_rows(values, outcomes)
        named = {"owner_id": values["owner"], "lead_id": values["lead"]}
        people = {"account_id": accounts, "contact_ids": contacts}
        values = values.with_columns(named | people)
        made = self._restored(values, more, stays)
        self.tally.see(values, outcomes, self._odd)
        for known in filter(None, stays.values()):
            self.tally.count_moves(known)
        return made

    def _more(self, values: "Values", outcomes: list[str]) -> "More":
        """What few deals have."""
        more: More = defaultdict(dict)
        aliases = self._setting.aliases
        for place, (identity, stands) in enumerate(zip(values["id"], values["place"], strict=True)):
            if identity in aliases:
                more[place]["aliases"] = aliases[identity]
            if stands.lost_at_stage is not None:
                more[place]["lost_at_stage"] = stands.lost_at_stage
        if "loss_reason" in self._column:
            self._add_reasons(more, values, outcomes)
        for field, name in (("probability", "share"), ("category", "category")):
            if field in self._column:
                self._add_manual(more, field, values[name], values["place"])
        if self._setting.names_pipeline:
            for place, name in enumerate(values["pipeline"]):
                if name is not None:
                    custom = values["custom"][place]
                    more[place]["custom"] = self._custom.with_value(custom, "pipeline", name)
        return more

    def _add_reasons(self, more: "More", values: "Values", outcomes: list[str]) -> None:
        for place, reason in enumerate(values["loss_reason"]):
            if reason is not None and outcomes[place] == "lost":
                more[place]["reason"] = reason
            elif reason is not None:
                fact = "it says why it was lost, but it was not: left out"
                row, column = values["row"][place], self._column["loss_reason"]
                self._odd.add("reason-without-loss", fact, row, column)

    def _add_manual(
        self, more: "More", field: str, column: "Sequence[Any]", places: "Sequence[Place]"
    ) -> None:
        """The probability or the category, set by hand where the stage says something else."""
        for place, (value, stands) in enumerate(zip(column, places, strict=True)):
            usual = self._restorer.standing(stands.stage).get(field)
            if stands.outcome == "open" and value not in (None, usual):
                more[place] |= {field: value, f"{field}_source": "manual"}

    def _restored(
        self, values: "Values", more: "More", stays: "Mapping[int, Sequence[Stay]]"
    ) -> "list[Deal]":
        """The deals; without their stages' history where that contradicts itself."""
        restore = self._restorer.restore
        knowns = zip(*(values[name] for name in Known._fields), strict=True)
        deals = zip(values["id"], values["place"], knowns, strict=True)
        if not more and not stays:
            return [restore(identity, stands.stage, known) for identity, stands, known in deals]
        made = []
        for place, (identity, stands, known) in enumerate(deals):
            others, past = more.get(place), stays.get(place, ())
            try:
                deal = restore(identity, stands.stage, known, others, past)
            except FieldError:
                fact = "its history of stages contradicts itself: left out"
                self._odd.add("history-contradicts", fact, values["row"][place])
                deal = restore(identity, stands.stage, known, others)
            made.append(deal)
        return made
