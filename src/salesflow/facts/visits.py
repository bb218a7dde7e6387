"""`visits`: the stays of a deal in its stages, read off its history."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from salesflow.models import events as ev
from salesflow.models.fold import Moment, restored_stays

if TYPE_CHECKING:
    from salesflow.models import Deal
    from salesflow.models._base import Precision

    Placed = ev.Opened | ev.StageChanged | ev.Restored | ev.Migrated


class Visit(NamedTuple):
    """One stay of a deal in a stage."""

    deal_id: str
    visit: int
    stage: str
    stage_position: int | None
    kind: str
    owner_id: str | None
    entered_at: datetime | None
    entered_precision: "Precision"
    left_at: datetime | None
    left_precision: "Precision"
    is_current: bool
    """Whether the deal is still there; if not, an unknown ``left_at`` is just unknown."""
    next_stage: str | None = None
    next_position: int | None = None
    next_kind: str | None = None


def visits_of(deal: "Deal") -> list[Visit]:
    """All stays of a deal, in order, those in won and lost stages too."""
    stays: list[_Stay] = []
    owner = None
    for event in deal.history:
        if isinstance(event, ev.StageChanged | ev.Opened):
            owner = event.owner_id
            _enter(stays, event, owner)
        elif isinstance(event, ev.OwnerChanged):
            owner = event.owner_id
        elif isinstance(event, ev.Restored):
            owner = event.owner_id
            stays = _restored(event)
        elif isinstance(event, ev.Migrated) and event.stage != event.from_stage:
            _enter(stays, event, owner)
    return _numbered(deal, stays)


class _Stay:
    """A visit while the history is read."""

    __slots__ = ("entered", "kind", "left", "owner_id", "position", "stage")

    def __init__(
        self, place: "ev.RestoredVisit | Placed", owner_id: str | None, entered: Moment
    ) -> None:
        self.stage = str(place.stage)
        self.position = place.stage_position
        self.kind = place.stage_kind
        self.owner_id = owner_id
        self.entered = entered
        self.left: Moment = (None, "instant")

    @property
    def place(self) -> "tuple[str, int | None, str]":
        """The stage, its position and its kind."""
        return self.stage, self.position, self.kind


def _enter(stays: list[_Stay], event: "Placed", owner: str | None) -> None:
    moment: Moment = (event.at, event.precision)
    if stays and stays[-1].left[0] is None:
        stays[-1].left = moment
    stays.append(_Stay(event, owner, moment))


def _restored(event: ev.Restored) -> list[_Stay]:
    stays = []
    for place, entered, left in restored_stays(event):
        stay = _Stay(place, event.owner_id, entered)
        stay.left = left
        stays.append(stay)
    return stays


def _numbered(deal: "Deal", stays: list[_Stay]) -> list[Visit]:
    last = len(stays) - 1
    return [
        Visit(
            deal.id,
            number + 1,
            stay.stage,
            stay.position,
            stay.kind,
            stay.owner_id,
            *stay.entered,
            *stay.left,
            number == last and stay.left[0] is None and stay.stage == deal.stage,
            *(() if number == last else stays[number + 1].place),
        )
        for number, stay in enumerate(stays)
    ]


def is_complete(deal: "Deal") -> bool:
    """Whether the whole path of a deal is known, from its opening on."""
    first = deal.history[0]
    if not isinstance(first, ev.Restored):
        return True
    if first.created_at is None or first.stage is None:
        return False
    moment: Moment = (first.created_at, first.created_precision)
    for visit in first.visits:
        if moment[0] is None or (visit.entered_at, visit.entered_precision) != moment:
            return False
        moment = (visit.left_at, visit.left_precision)
    last = first.visits[-1] if first.visits else None
    if last is not None and last.stage == first.stage:
        return moment[0] is None
    is_closed = first.closed_at is not None
    return is_closed and moment == (first.closed_at, first.closed_precision)
