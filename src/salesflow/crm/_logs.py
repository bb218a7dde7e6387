"""Which columns of a log say what: of stages, of changes of any field, or of merged deals."""

from collections.abc import Mapping, Sequence
from typing import Literal

import attrs

from salesflow.crm._names import folded

Shape = Literal["stages", "changes", "merges"]
"""A row a stage entered, a row a field changed, a row a deal merged into another."""

_DEAL = (
    "deal_id",
    "OpportunityId",
    "data.item_id",
    "item_id",
    "dealId",
    "deal",
    "objectId",
    "id",
)
_WHEN = (
    "date_entered",
    "entered_at",
    "change_time",
    "changed_at",
    "_fivetran_start",
    "data.log_time",
    "log_time",
    "CreatedDate",
    "timestamp",
    "at",
    "time",
    "date",
)
_LEFT = ("date_exited", "left_at", "exited_at", "_fivetran_end")
_STAGE = ("StageName", "stage", "stage_id", "new_stage", "to_stage", "value")
_FIELD = ("changed_field_key", "data.field_key", "field_key", "Field", "field", "property", "name")
_NEW = ("new_value", "data.new_value", "NewValue", "value")
_OLD = ("old_value", "data.old_value", "OldValue")
_MERGED = ("merged_deal_id", "merged_id")

_NAMES: dict[Shape, dict[str, tuple[str, ...]]] = {
    "merges": {"deal": _DEAL, "merged": _MERGED},
    "changes": {"deal": _DEAL, "field": _FIELD, "value": _NEW, "old": _OLD, "changed": _WHEN},
    "stages": {"deal": _DEAL, "stage": _STAGE, "changed": _WHEN, "left": _LEFT},
}
_OPTIONAL = frozenset({"old", "left"})


@attrs.frozen
class Log:
    """The shape of a log, and its columns by what they say."""

    shape: Shape
    matched: dict[str, str]


def log_of(columns: Sequence[str]) -> Log | None:
    """What kind of log has these columns; None if it is none."""
    known = {folded(column): column for column in reversed(columns)}
    for shape, names in _NAMES.items():
        matched = {
            field: known[folded(name)]
            for field, words in names.items()
            for name in reversed(words)
            if folded(name) in known
        }
        are_apart = len(set(matched.values())) == len(matched)
        if are_apart and names.keys() - _OPTIONAL <= matched.keys():
            return Log(shape, matched)
    return None


def is_change_log(columns: Sequence[str]) -> bool:
    """Whether a table can be nothing but a log of changes: its rows are no deals."""
    log = log_of(columns)
    return log is not None and log.shape == "changes" and folded(log.matched["field"]) in _SURE


_SURE = frozenset(map(folded, ("changed_field_key", "data.field_key", "field_key", "Field")))
_SURE_WHEN = frozenset(
    map(folded, ("date_entered", "entered_at", "change_time", "changed_at", "data.log_time"))
)


def holds_all(log: Log, matched: Mapping[str, str]) -> bool:
    """Whether a log of stages says all that its table could say of deals.

    Then its rows are no deals: each of them is a stage that one was in.
    """
    told = {*log.matched.values(), matched.get("source")}
    is_sure = log.shape == "stages" and folded(log.matched["changed"]) in _SURE_WHEN
    return is_sure and told.issuperset(matched.values())


def is_history_of_stages(log: Log, columns: Sequence[str]) -> bool:
    """Whether it is Salesforce's OpportunityHistory: rows have an id, and the deal's beside it."""
    names = set(map(folded, columns))
    return log.shape == "stages" and {"id", "opportunityid"} <= names
