"""From a table of deals to an `Import`: the first look, the definition, the second look."""

from itertools import starmap
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.crm._alike import note_alike
from salesflow.crm._changes import STORY_COLUMNS, Stories, add_log, is_field, story_row
from salesflow.crm._deals import DealReader, Setting
from salesflow.crm._definition import (
    chosen,
    drafted,
    names_of,
    note_unknown,
    note_unknown_statuses,
    paths_of,
)
from salesflow.crm._drafting import Draft
from salesflow.crm._fields import Fields
from salesflow.crm._logs import Log, holds_all, is_change_log, is_history_of_stages, log_of
from salesflow.crm._looks import Looks
from salesflow.crm._names import folded
from salesflow.crm._notes import note_columns
from salesflow.crm._places import Stages
from salesflow.crm._row_history import RowHistory
from salesflow.crm._sources import table_of
from salesflow.crm._stays import NOWHERE, Visits
from salesflow.crm._survey import Survey, Tick, survey
from salesflow.crm._table import Rows, Table
from salesflow.crm.results import Fault, Import, Rejected
from salesflow.crm.systems import GENERIC, PIPEDRIVE, match, recognise
from salesflow.errors import OptionError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from salesflow.crm._asked import Asked
    from salesflow.crm._notes import Notes
    from salesflow.crm.systems._system import System
    from salesflow.models import Deal
    from salesflow.process._restoring import Stay


_PIPEDRIVE = frozenset({"changedfieldkey", "fieldkey", "datafieldkey"})
"""What Pipedrive calls the field that changed, in its logs of changes."""


@attrs.frozen
class Deals:
    """A table of deals, with all that is known of them from elsewhere."""

    table: Table
    matched: "Mapping[str, str]"
    stories: Stories
    is_log: bool = False
    is_history: bool = False
    """Whether its rows are no deals, but stages that deals were in, with more beside them."""


def _told(wanted: "Asked", system: "System", notes: "Notes") -> Stories:
    """What the logs given as ``history`` tell.

    Raises:
        OptionError: for a table that is no log.
    """
    stories = Stories()
    for source in wanted.history:
        formats = wanted.formats
        table = table_of(source, delimiter=formats.delimiter, encoding=formats.encoding)
        log = log_of(table.columns)
        if log is None:
            msg = f"cannot use {table.name} as history: no columns for a deal, a stage and a time"
            hint = f"its columns are {', '.join(table.columns[:10])}."
            raise OptionError(msg, hint=hint, parameter="history", value=table.name)
        fields = Fields(table.columns, log.matched, system, formats, wanted.zone)
        add_log(stories, table, log, fields, notes)
        note_columns(fields.readers(), notes)
    return stories


def _from_log(
    table: Table,
    log: Log,
    wanted: "Asked",
    system: "System",
    into: "tuple[Stories, Notes]",
) -> Deals:
    """The deals that a log tells of: one row a deal, the last value of each field."""
    stories, notes = into
    fields = Fields(table.columns, log.matched, system, wanted.formats, wanted.zone)
    add_log(stories, table, log, fields, notes)
    note_columns(fields.readers(), notes)
    rows: Rows = [story_row(identity, story) for identity, story in stories.by_deal.items()]
    deals = Table(table.name, STORY_COLUMNS, lambda: iter((rows,) if rows else ()))
    return Deals(deals, {name: name for name in STORY_COLUMNS}, stories, is_log=True)


@attrs.frozen
class Look:
    """What the first look at a table found: its columns, their formats and its stages."""

    looks: Looks
    fields: Fields
    history: RowHistory
    found: Survey


def first_look(deals: Deals, wanted: "Asked", system: "System", tick: Tick) -> Look:
    """Look at all rows of a table once."""
    table = deals.table
    history = RowHistory(table.columns, system, wanted.formats, wanted.zone)
    matched, taken = deals.matched, history.taken
    fields = Fields(table.columns, matched, system, wanted.formats, wanted.zone, taken)
    looks = Looks(table)
    return Look(looks, fields, history, survey(looks, fields, history, tick))


def draft_of(deals: Deals, look: Look, system: "System") -> Draft:
    """The definition that a table suggests."""
    names = _names(deals, look)
    for name in names:
        look.found.places.setdefault((name, None, None, None, None, None), 0)
    paths = paths_of(look.looks, look.history, deals.stories, names)
    return drafted(look.found, system, look.fields, paths)


def _names(deals: Deals, look: Look) -> list[str]:
    """The names of the stages that deals are in, and then those that logs say they were in."""
    names = names_of(look.found)
    stories = deals.stories.by_deal.values()
    names += [stay.stage for story in stories for stay in story.stays]
    return list(dict.fromkeys(names))


def read_deals(
    deals: Deals, wanted: "Asked", system: "System", notes: "Notes", tick: Tick
) -> Import:
    """The deals of a table, its rejected rows and its findings."""
    look = first_look(deals, wanted, system, tick)
    fields, found = look.fields, look.found
    lacking = _IS_HISTORY if deals.is_history else _lacking(fields)
    if lacking is not None:
        return _no_deals(deals.table, system, notes, lacking)
    names = _names(deals, look) if deals.is_log else names_of(found)
    pipeline = chosen(wanted, system, names)
    if pipeline is None:
        made = draft_of(deals, look, system)
        pipeline = made.pipeline
        stages_made = ", ".join(stage.name for stage in pipeline.stages)
        notes.add("drafted-pipeline", f"stages in the order of {made.ordered_by}: {stages_made}")
    stages = Stages(pipeline, wanted.stages)
    note_unknown(found, stages, pipeline, notes)
    note_unknown_statuses(found, system, notes)
    merged = {**deals.stories.merged, **found.merged}
    setting = Setting(
        system=system,
        pipeline=pipeline,
        stages=stages,
        currency=wanted.currency,
        visits=_visits(deals.stories, stages, look.history, notes),
        aliases=_aliases(merged),
        refused=_refused(deals.stories, merged, notes),
        names_pipeline=len(found.pipelines) > 1,
    )
    _note_table(fields, found, notes)
    note_alike(found.spellings, deals.table.columns, wanted, notes)
    look.history.unreadable.clear()  # drafting may have read the rows already
    reader = DealReader(fields, setting, notes)
    read, rejected = _second_look(look.looks, reader)
    reader.tally.note()
    note_columns(fields.readers(), notes)
    note_columns(look.history.readers(), notes)
    for column, count in look.history.unreadable.items():
        fact = "it is no date: left out of histories"
        notes.add_count("unreadable-history", fact, count, column)
    return Import(
        source=deals.table.name,
        system=system.name,
        n_rows=found.n_rows,
        deals=tuple(read),
        accounts=reader.people.accounts,
        contacts=reader.people.contacts,
        rejected=tuple(rejected),
        findings=notes.findings(),
        pipeline=pipeline,
        columns={} if deals.is_log else fields.columns,
        latest_at=reader.latest_at,
    )


def _second_look(looks: Looks, reader: DealReader) -> "tuple[list[Deal], list[Rejected]]":
    made: list[Deal] = []
    rejected: list[Rejected] = []
    row = 1
    for chunk in looks.last():
        deals, faults = reader.read(row, chunk)
        made += deals
        for place, wrong in faults.items():
            text = looks.table.text_of(chunk.row(place))
            rejected.append(Rejected(row + place, text, tuple(starmap(Fault, wrong))))
        row += chunk.n_rows
    return made, rejected


def _no_deals(table: Table, system: "System", notes: "Notes", lacking: str) -> Import:
    """A table without deals: each row is rejected."""
    texts = [table.text_of(row) for rows in table.read() for row in rows]
    fault = (Fault(None, lacking),)
    rejected = tuple(Rejected(row, text, fault) for row, text in enumerate(texts, 1))
    return Import(
        source=table.name,
        system=system.name,
        n_rows=len(rejected),
        rejected=rejected,
        findings=notes.findings(),
    )


_IS_HISTORY = "the table is a history of stages: give it as history= beside one of deals"
_STATES = ("stage", "status", "is_won", "is_closed", "won")


def _lacking(fields: Fields) -> str | None:
    """What a table lacks to be one of deals; None if nothing."""
    has_identity = "id" in fields or "name" in fields
    has_state = any(name in fields for name in _STATES)
    has_worth = "amount" in fields or "close" in fields or "closed" in fields
    if (has_identity and (has_state or has_worth)) or (has_state and has_worth):
        return None
    return "no columns of the table are those of deals: an id or a name, and a stage or an amount"


def _visits(stories: Stories, stages: Stages, history: RowHistory, notes: "Notes") -> Visits:
    by_deal: dict[str, list[Stay]] = {}
    for identity, story in stories.by_deal.items():
        stays = by_deal[identity] = []
        for stay in story.stays:
            stage = stages.find(stay.stage)
            if stage is None:
                fact = f"{stay.stage!r} is no stage of the pipeline: left out of histories"
                notes.add("unknown-stage-in-history", fact, story.first_row)
            stays.append(attrs.evolve(stay, stage=stage or NOWHERE))
    for name in history.names:
        if stages.find(name) is None:
            fact = f"columns date {name!r}, which is no stage of the pipeline: left out"
            notes.add("unknown-stage-in-history", fact)
    return Visits(by_deal, lambda chunk: history.read(stages, chunk))


def _aliases(merged: "Mapping[str, str]") -> dict[str, tuple[str, ...]]:
    """The ids of the deals that went into another, by the id of the one that is left."""
    found: dict[str, list[str]] = {}
    for identity in merged:
        into, seen = merged[identity], {identity}
        while into in merged and into not in seen:
            seen.add(into)
            into = merged[into]
        found.setdefault(into, []).append(identity)
    return {into: tuple(others) for into, others in found.items()}


def _refused(stories: Stories, merged: "Mapping[str, str]", notes: "Notes") -> dict[str, str]:
    """The ids that are no deals of their own, and why."""
    twice = stories.used_twice()
    if twice:
        ids = ", ".join(map(repr, twice))
        notes.add_count("id-used-twice", f"ids that two deals had: {ids}", len(twice))
    return {**twice, **{key: f"it was merged into deal {into!r}" for key, into in merged.items()}}


def _note_table(fields: Fields, found: Survey, notes: "Notes") -> None:
    if len(found.pipelines) > 1:
        names = ", ".join(f"{shown(name)} ({n:,})" for name, n in found.pipelines.most_common(5))
        notes.add("several-pipelines", f"the rows are of several pipelines: {names}")
    if "id" not in fields and found.n_rows:
        notes.add("no-id", "no column holds ids: each deal is called by its row, as in 'row-1'")


def _tells_changes(table: Table, log: Log) -> bool:
    """Whether the rows are changes, by their columns or by the fields that most of them name."""
    if is_change_log(table.columns):
        return True
    if log.shape != "changes":
        return False
    place = table.columns.index(log.matched["field"])
    words = [row[place] for row in next(table.read(), [])]
    return sum(map(is_field, words)) > len(words) / 2


def prepared(source: Any, wanted: "Asked", notes: "Notes") -> "tuple[Table, System]":
    """The table of a source, and the system that it is of."""
    formats = wanted.formats
    table = table_of(source, delimiter=formats.delimiter, encoding=formats.encoding)
    for note in table.notes:
        notes.add("source", note)
    if wanted.system is not None:
        return table, wanted.system
    system, by = recognise(table.columns)
    log = log_of(table.columns) if is_change_log(table.columns) else None
    if log is not None and system is GENERIC and folded(log.matched["field"]) in _PIPEDRIVE:
        system, by = PIPEDRIVE, (log.matched["field"],)
    if by:
        notes.add("system", f"read as {system.label}, by columns {', '.join(by)}")
    return table, system


def deals_of(table: Table, wanted: "Asked", system: "System", notes: "Notes") -> Deals:
    """A table of deals, or the deals that a log of changes tells of."""
    stories = _told(wanted, system, notes)
    matched = match(table.columns, system, wanted.record, wanted.columns)
    log = None if wanted.columns else log_of(table.columns)
    if log is None:
        return Deals(table, matched, stories)
    if _tells_changes(table, log) or holds_all(log, matched):
        return _from_log(table, log, wanted, system, (stories, notes))
    return Deals(table, matched, stories, is_history=is_history_of_stages(log, table.columns))
