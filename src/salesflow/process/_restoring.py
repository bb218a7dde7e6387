"""`Restorer`: many deals taken over from elsewhere, of fields that were checked already.

What it makes equals what `Pipeline.restore` makes of the same fields; a test holds them together.
It leaves out what costs most there: pydantic's look at each field, for which its caller answers,
and the fold of the event, field by field, for which it asks the fold once.
"""

from datetime import date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
from pydantic_core import PydanticCustomError

from salesflow.errors import FieldError
from salesflow.models import Deal
from salesflow.models import events as ev
from salesflow.models._base import EMPTY, JsonMap
from salesflow.models._history import SCHEMA_VERSION
from salesflow.models.consistency import replay
from salesflow.models.fold import BLANK_DEAL, Moment, apply, restored_moments
from salesflow.models.moments import latest
from salesflow.money import Money
from salesflow.process._verbs import standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from salesflow.process.pipeline import Pipeline

UNKNOWN: Moment = (None, "instant")
"""A moment that nobody knows."""


@attrs.frozen
class Stay:
    """One visit as it was read: the stage, when it was entered, and when left."""

    stage: str
    entered: Moment
    left: Moment = UNKNOWN


class Known(NamedTuple):
    """What may be known of any deal; a `Restored` event and a deal call it the same."""

    name: str | None = None
    owner_id: str | None = None
    source: str | None = None
    account_id: str | None = None
    contact_ids: tuple[str, ...] = ()
    lead_id: str | None = None
    amount: Money | None = None
    custom: JsonMap = EMPTY
    expected_close_on: date | None = None
    created_at: datetime | None = None
    created_precision: str = "instant"
    closed_at: datetime | None = None
    closed_precision: str = "instant"


def _fill(fields: dict[str, Any], known: tuple[Any, ...]) -> None:
    """Put in what is known, in the order of `Known`; without a loop, for speed."""
    (
        fields["name"],
        fields["owner_id"],
        fields["source"],
        fields["account_id"],
        fields["contact_ids"],
        fields["lead_id"],
        fields["amount"],
        fields["custom"],
        fields["expected_close_on"],
        fields["created_at"],
        fields["created_precision"],
        fields["closed_at"],
        fields["closed_precision"],
    ) = known


class _Fold:
    """What a restored event without visits makes of a deal in one stage, as the fold says.

    It is asked once, with marks for values: where a mark comes out tells which field of the event
    becomes which of the deal. Most keep their names.
    """

    def __init__(self, event: dict[str, Any]) -> None:
        marks = {name: object() for name in event}
        plain = {"type": "restored", "visits": (), "stage_kind": event["stage_kind"]}
        state = dict(BLANK_DEAL)
        apply(state, SimpleNamespace(**{**marks, **plain}))
        names = {id(mark): name for name, mark in marks.items()}
        taken = {field: names[id(value)] for field, value in state.items() if id(value) in names}
        folded = {field: event[name] for field, name in taken.items()}
        self.event = event
        self.made = {"schema_version": SCHEMA_VERSION, "id": "", **state, **folded}
        self.moved = tuple((name, field) for field, name in taken.items() if name != field)


class Restorer:
    """Takes over the deals of one pipeline."""

    def __init__(self, pipeline: "Pipeline") -> None:
        """Make ready what all its deals share."""
        fields = ev.Restored.model_fields.items()
        blank = {name: field.get_default() for name, field in fields}
        named = {"pipeline": pipeline.name, "pipeline_version": pipeline.version}
        nowhere = {"stage": None, "stage_kind": "open", "stage_position": None}
        self._standings: dict[str | None, dict[str, Any]] = {None: nowhere}
        for stage in pipeline.stages:
            self._standings[stage.name] = standing(pipeline, stage.name, {})
        self._folds = {
            stage: _Fold({**blank, **named, **place}) for stage, place in self._standings.items()
        }

    def standing(self, stage: str | None) -> dict[str, Any]:
        """What being in a stage means: its probability and its category among it."""
        return self._standings[stage]

    def restore(
        self,
        identity: str,
        stage: str | None,
        known: tuple[Any, ...],
        more: "Mapping[str, Any] | None" = None,
        stays: "Sequence[Stay]" = (),
    ) -> Deal:
        """A deal in that stage, with these fields and these visits.

        Args:
            identity: its key.
            stage: the stage it is in.
            known: what is known of it, in the order of `Known`.
            more: further fields of a `Restored` event.
            stays: its visits, in order.

        Raises:
            FieldError: for visits, aliases or dates that contradict each other.
        """
        fold = self._folds[stage]
        event, made = fold.event.copy(), fold.made.copy()
        event["id"], made["id"] = f"{identity}:1", identity
        _fill(event, known)
        _fill(made, known)
        for name, value in self._others(more) if more else ():
            event[name] = value
            if name in made:
                made[name] = value
        if stays or event["aliases"]:
            return self._with_past(identity, event, stays)
        created, closed = event["created_at"], event["closed_at"]
        if closed is not None and (created is None or closed > created):
            event["at"], event["precision"] = closed, event["closed_precision"]
        else:
            event["at"], event["precision"] = created, event["created_precision"]
        for name, field in fold.moved:
            made[field] = event[name]
        made["history"] = (ev.Restored._trusted(event),)
        return Deal._trusted(made)

    def _others(self, more: "Mapping[str, Any]") -> "Iterator[tuple[str, Any]]":
        """Further fields, and the position of the stage that it was lost at."""
        yield from more.items()
        if "lost_at_stage" in more:
            yield "lost_at_position", self._standings[more["lost_at_stage"]]["stage_position"]

    def _with_past(self, identity: str, event: dict[str, Any], stays: "Sequence[Stay]") -> Deal:
        event["visits"] = tuple(map(self._visit, stays))
        if event["stage_kind"] == "lost" and event["lost_at_stage"] is None:
            self._find_loss(event, stays)
        restored = ev.Restored._trusted(event)
        event["at"], event["precision"] = latest(*restored_moments(restored))
        deal = Deal._from_history(identity, (restored,))
        _check(deal)
        return deal

    def _find_loss(self, event: dict[str, Any], stays: "Sequence[Stay]") -> None:
        """Where it was lost, unless that is known: the last open stage that it was in."""
        for stay in reversed(stays):
            place = self._standings[stay.stage]
            if place["stage_kind"] == "open":
                event["lost_at_stage"] = stay.stage
                event["lost_at_position"] = place["stage_position"]
                return

    def _visit(self, stay: Stay) -> ev.RestoredVisit:
        place = self._standings[stay.stage]
        (entered, entered_precision), (left, left_precision) = stay.entered, stay.left
        return ev.RestoredVisit._trusted(
            {
                "stage": stay.stage,
                "stage_kind": place["stage_kind"],
                "stage_position": place["stage_position"],
                "entered_at": entered,
                "entered_precision": entered_precision,
                "left_at": left,
                "left_precision": left_precision,
            }
        )


def _check(deal: Deal) -> None:
    try:
        replay(deal.id, deal.history, BLANK_DEAL)
    except PydanticCustomError as error:
        fact = error.message()
        msg = f"cannot restore deal {deal.id!r}: {fact}"
        raise FieldError(msg, faults=(fact,)) from error
