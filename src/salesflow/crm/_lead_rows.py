"""Rows of leads become leads, in the stages of a lead process."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from salesflow.crm._names import folded
from salesflow.crm._people import full_name
from salesflow.crm._places import Stages
from salesflow.errors import one_of
from salesflow.process import LeadProcess, Stage

if TYPE_CHECKING:
    from datetime import date

    from salesflow.crm._asked import Asked
    from salesflow.crm._fields import Fields
    from salesflow.crm._looks import Looks
    from salesflow.crm._notes import Notes
    from salesflow.models import Lead

_CONVERTED = ("converted", "closedconverted", "qualifiedconverted")
_DISQUALIFIED = ("disqualified", "unqualified", "notconverted", "junk", "lost", "dead")


class LeadRows:
    """Makes the leads of one export."""

    def __init__(self, looks: "Looks", fields: "Fields", wanted: "Asked", notes: "Notes") -> None:
        """Count the words of their status, and choose or draft the process."""
        counts: Counter[str] = Counter()
        self._merged: dict[str, str] = {}
        for chunk in looks.again():
            columns = chunk.columns
            if "status" in fields:
                counts.update(filter(None, fields.read_one("status", columns)))
            if "merged" in fields and "id" in fields:
                ids = fields.read_one("id", columns)
                for identity, others in zip(ids, fields.read_one("merged", columns), strict=True):
                    self._merged |= {o: identity for o in others if o != identity and identity}
        given = wanted.stages or {}
        self.process = _process(wanted.pipeline, list(counts), given, notes)
        self._stages = Stages(self.process, given)
        self._notes = notes
        self._status = fields.columns.get("status")
        for name, count in counts.items():
            if self._stages.find(name) is None:
                near = one_of(self._stages.nearest(name)[:3])
                fact = f"{name!r} is no stage of '{self.process.name}': it has {near}"
                notes.add_count("unknown-stage", f"{fact}; say which with stages={{…}}", count)

    def make(
        self, row: int, known: Mapping[str, Any], custom: Any, faults: list[tuple[str | None, str]]
    ) -> "Lead | None":
        """The lead of a row."""
        stage = self._stage(row, known, faults)
        if known["id"] in self._merged:
            faults.append((None, f"it was merged into lead {self._merged[known['id']]!r}"))
        if faults:
            return None
        outcome = "open" if stage is None else self._stages.kind(stage)
        if outcome != "converted" and known["converted"] is not None:
            fact = "it says when it was converted, but it was not: left out"
            self._notes.add("odd-closing", fact, row)
        people = {name: known[name] for name in ("email", "phone", "company") if known[name]}
        contacts = known["contact"] or ()
        closed: date | None = known["converted"] if outcome == "converted" else None
        return self.process.restore(
            id=known["id"],
            stage=stage,
            name=full_name(known) or known["company"] or known["email"],
            owner_id=known["owner"],
            source=known["source"],
            channel=known["channel"],
            account_id=known["account"],
            contact_ids=contacts,
            created_at=known["created"],
            closed_at=closed,
            reason=known["reason"],
            deal_id=known["deal"] if outcome == "converted" else None,
            aliases=tuple(key for key in known["merged"] or () if key != known["id"]),
            custom={**people, **custom},
        )

    def _stage(
        self, row: int, known: Mapping[str, Any], faults: list[tuple[str | None, str]]
    ) -> str | None:
        """Its stage: the flag that it was converted goes before the word of its status."""
        status, is_converted = known["status"], known["is_converted"]
        stage = None if status is None else self._stages.find(status)
        kind = None if stage is None else self._stages.kind(stage)
        if is_converted is True and kind != "converted":
            if kind == "disqualified":
                self._contradicts(row, status, "was converted: kept as converted")
            return self._stages.first("converted")
        if is_converted is False and kind == "converted":
            self._contradicts(row, status, "was not converted: kept open, in no known stage")
            return None
        if status is not None and stage is None:
            faults.append((self._status, f"{status!r} is no stage of the process"))
        return stage

    def _contradicts(self, row: int, status: str, words: str) -> None:
        fact = f"status {status!r}, but the flag says that it {words}"
        self._notes.add("stage-contradicts-flag", fact, row, self._status)


def _process(
    process: LeadProcess | None, names: list[str], given: Mapping[str, str], notes: "Notes"
) -> LeadProcess:
    """The process given, the standard one if it has all names, or one drafted of them."""
    if process is not None:
        return process
    standard = LeadProcess.standard()
    stages = Stages(standard)
    if given or all(stages.find(name) is not None for name in names):
        return standard
    kinds = {name: _kind(name) for name in names}
    opened = [Stage(name) for name, kind in kinds.items() if kind == "open"] or [Stage("new")]
    closed = []
    for kind in ("converted", "disqualified"):
        own = [Stage(name, kind=kind) for name, its in kinds.items() if its == kind]
        closed += own or [Stage(kind, kind=kind)]
    made = LeadProcess("leads", [*opened, *closed], allow_skip=True)
    listed = ", ".join(stage.name for stage in made.stages)
    notes.add("drafted-pipeline", f"stages of leads in the order of appearance: {listed}")
    return made


def _kind(name: str) -> str:
    word = folded(name)
    if any(word.endswith(end) for end in _DISQUALIFIED):
        return "disqualified"
    return "converted" if word.endswith(_CONVERTED) else "open"
