"""Logs become what is known of each deal: its stages, and the last value of each field."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.crm._dates import to_moment
from salesflow.crm._fields import Fields
from salesflow.crm._logs import Log
from salesflow.crm._looks import Looks
from salesflow.crm._names import folded
from salesflow.crm._stays import in_order
from salesflow.process._restoring import UNKNOWN, Stay

if TYPE_CHECKING:
    from salesflow.crm._notes import Notes
    from salesflow.crm._table import Table

_STAGE = frozenset(map(folded, ("stage", "stage_id", "StageName", "dealstage", "deal_stage")))
_FIELDS: Mapping[str, str] = {
    folded(word): field
    for field, words in {
        "created": ("add_time", "created", "createdate", "CreatedDate"),
        "owner": ("user_id", "owner_id", "hubspot_owner_id", "OwnerId"),
        "amount": ("value", "amount"),
        "currency": ("currency", "deal_currency_code", "CurrencyIsoCode"),
        "name": ("title", "dealname", "Name"),
        "status": ("status",),
        "loss_reason": ("lost_reason", "closed_lost_reason"),
        "won": ("won_time",),
        "lost": ("lost_time",),
        "expected_close": ("expected_close_date",),
    }.items()
    for word in words
}


def is_field(word: object) -> bool:
    """Whether it is the name of a field that a log of changes tells of."""
    return isinstance(word, str) and (folded(word) in _STAGE or folded(word) in _FIELDS)


@attrs.define
class Story:
    """What logs tell of one deal."""

    stays: list[Stay] = attrs.field(factory=list)
    """Each in a stage by the name that the log has for it."""
    values: dict[str, Any] = attrs.field(factory=dict)
    """The last value of each field."""
    times: dict[str, tuple[datetime, date]] = attrs.field(factory=dict)
    """When it got it: as a moment, and as it was written."""
    beginnings: dict[str, None] = attrs.field(factory=dict)
    """What was given as its creation: more than one where two deals had its id."""
    first_row: int = 0


@attrs.define
class Stories:
    """What logs tell, by deal."""

    by_deal: dict[str, Story] = attrs.field(factory=dict)
    merged: dict[str, str] = attrs.field(factory=dict)
    """Ids of deals that went into another, with the id of that one."""

    def used_twice(self) -> dict[str, str]:
        """The ids that two deals had: each was created more than once."""
        return {
            identity: f"its id is used twice: it was created on {' and on '.join(story.beginnings)}"
            for identity, story in self.by_deal.items()
            if len(story.beginnings) > 1
        }


def add_log(stories: Stories, table: "Table", log: Log, fields: Fields, notes: "Notes") -> None:
    """Read a log into the stories; rows that cannot be read are findings, and leave gaps."""
    looks = Looks(table)
    row = 1
    for chunk in looks.first():
        fields.observe(row, chunk.columns)
        row += chunk.n_rows
    fields.settle()
    row = 1
    for chunk in looks.last():
        values = fields.read(chunk)
        columns = {field: values[field] for field in _READ}
        for index, known in enumerate(_records(columns)):
            if index in values.bad:
                column, fact = values.bad[index][0]
                notes.add("unreadable-change", f"{fact}: left out", row + index, column)
            elif known["deal"] is None:
                notes.add("change-of-no-deal", "it names no deal: left out", row + index)
            else:
                _ADD[log.shape](stories, known, row + index)
        row += chunk.n_rows


_READ = ("deal", "stage", "changed", "left", "field", "value", "old", "merged")


def _records(columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(columns, cells, strict=True))


def _story(stories: Stories, identity: str, row: int) -> Story:
    story = stories.by_deal.get(identity)
    if story is None:
        story = stories.by_deal[identity] = Story(first_row=row)
    return story


def _add_merge(stories: Stories, known: dict[str, Any], row: int) -> None:
    del row
    for identity in known["merged"] or ():
        if identity != known["deal"]:
            stories.merged[identity] = known["deal"]


def _add_stage(stories: Stories, known: dict[str, Any], row: int) -> None:
    story = _story(stories, known["deal"], row)
    if known["stage"] is not None and known["changed"] is not None:
        entered, left = to_moment(known["changed"]), to_moment(known["left"])
        story.stays.append(Stay(known["stage"], entered, left))


def _add_change(stories: Stories, known: dict[str, Any], row: int) -> None:
    story = _story(stories, known["deal"], row)
    word = folded(known["field"] or "")
    at = known["changed"]
    if word in _STAGE:
        if known["value"] is not None and at is not None:
            story.stays.append(Stay(known["value"], to_moment(at)))
            if known["old"] is not None:
                story.stays.append(Stay(known["old"], UNKNOWN, to_moment(at)))
        return
    field = _FIELDS.get(word)
    if field is None:
        return
    if field == "created" and known["value"] is not None:
        story.beginnings[known["value"]] = None
    moment, earlier = to_moment(at)[0], story.times.get(field)
    if earlier is None or moment is None or earlier[0] <= moment:
        story.values[field] = known["value"]
        if moment is not None:
            story.times[field] = moment, at


_ADD = {"merges": _add_merge, "stages": _add_stage, "changes": _add_change}


STORY_COLUMNS = (
    "id",
    "stage",
    "status",
    "closed",
    "won",
    "lost",
    "created",
    "owner",
    "amount",
    "currency",
    "name",
    "loss_reason",
    "expected_close",
)
"""The columns of the table that stands for a log of changes: one row a deal."""


def story_row(identity: str, story: Story) -> list[Any]:
    """A deal as its log leaves it: the last value of each field."""
    values = story.values
    times = {field: at for field, (_, at) in story.times.items()}
    status = values.get("status")
    closed = times.get("status") if status in ("won", "lost") else None
    if status is None:
        # A deal that got a reason was lost then; one that got the time of its winning was won.
        for field, word in (("loss_reason", "lost"), ("lost", "lost"), ("won", "won")):
            if values.get(field) is not None:
                status, closed = word, times.get(field)
                break
    stays = in_order(story.stays)
    known = {
        **values,
        "id": identity,
        "stage": stays[-1].stage if stays else None,
        "status": status,
        "closed": closed,
    }
    return [known.get(column) for column in STORY_COLUMNS]
