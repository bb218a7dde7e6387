"""What a deal or a lead was at an instant: its history cut there."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from salesflow.errors import OptionError
from salesflow.models import Lead
from salesflow.models import events as ev
from salesflow.models._history import Recorded
from salesflow.models.durations import microseconds
from salesflow.models.fold import restored_moments
from salesflow.models.moments import latest, moment_is_after
from salesflow.periods import midnight, require_aware, wall_time

if TYPE_CHECKING:
    from salesflow.models._base import Precision


R = TypeVar("R", bound=Recorded)


class Cut:
    """An instant, and what the clock showed there: what days are compared with."""

    __slots__ = ("at", "day", "wall")

    def __init__(self, at: datetime) -> None:
        aware = require_aware(at, "as_of")
        try:
            self.at = aware.astimezone(UTC)
        except OverflowError:
            raise _no_instant(aware) from None
        self.wall = wall_time(aware)
        self.day = midnight(min(self.at, self.wall).date())
        """What lies before this day lies before the instant, whether by its time or its day."""

    def microseconds_since(self, moment: datetime | None, precision: "Precision") -> int | None:
        """How long ago a moment was, whole days for a day; None if it is unknown."""
        now = self.at if precision == "instant" else self.wall
        return microseconds(moment, precision, now, "instant")

    def precedes(self, moment: datetime | None, precision: "Precision") -> bool:
        """Whether the moment is known and lies after the instant."""
        return moment is not None and moment_is_after(moment, precision, self.at, self.wall)


def _no_instant(at: datetime) -> OptionError:
    msg = f"cannot use as_of {at.isoformat()}: in UTC it lies outside of the years 1 to 9999"
    return OptionError(msg, hint="give an earlier or later one.", parameter="as_of", value=at)


def as_of(record: R, cut: Cut) -> list[R]:
    """The deal or lead as of an instant: one, none, or it and those merged into it later."""
    known = n_known(record, cut)
    if known == len(record.history):
        return [record]
    itself = _first_known(record, known, cut)
    found = [] if itself is None else [itself]
    for event in record.history[known:]:
        if isinstance(event, ev.Merged):
            others: Any = event.leads if isinstance(record, Lead) else event.deals
            found += [old for other in others for old in as_of(other, cut)]
    return found


def as_of_itself(record: R, cut: Cut) -> R | None:
    """The deal or lead alone as of an instant; None if it had not begun."""
    known = n_known(record, cut)
    return record if known == len(record.history) else _first_known(record, known, cut)


def n_known(record: R, cut: Cut) -> int:
    """How many of its events are not after the instant."""
    last = record.history[-1]
    if last.at is None or last.at < cut.day:
        return len(record.history)
    known = 0
    for event in record.history:
        if _is_later_event(event, cut):
            break
        known += 1
    return known


def _is_later_event(event: ev.Event, cut: Cut) -> bool:
    if isinstance(event, ev.Restored):
        return any(cut.precedes(*moment) for moment in restored_moments(event))
    return cut.precedes(event.at, event.precision)


def _first_known(record: R, known: int, cut: Cut) -> R | None:
    again = type(record)._from_history
    if known:
        return again(record.id, record.history[:known])
    first = record.history[0]
    if not isinstance(first, ev.Restored):
        return None
    if cut.precedes(first.created_at, first.created_precision):
        return None
    return again(record.id, (_restored_by(first, cut),))


def _restored_by(event: ev.Restored, cut: Cut) -> ev.Restored:
    """The event as it would have been written at the instant."""
    fields: dict[str, Any] = dict(event.__dict__)
    begun = _begun(event, cut)
    here = _lasting(event, begun, cut)
    fields["visits"] = tuple(_visit_by(visit, cut) for visit in begun)
    is_closed = event.stage_kind != "open" and not _is_closed_later(event, cut)
    if not is_closed and here is not None and here.stage_kind != "open":
        fields |= _earlier_closing(event, begun)
    else:
        fields |= _place_by(event, event.stage_kind if is_closed else "open", here)
        fields |= {} if is_closed else {**_NOT_CLOSED, **_deal_by(event, begun)}
    at, precision = latest(*restored_moments(ev.Restored._trusted(dict(fields))))
    return ev.Restored._trusted({**fields, "at": at, "precision": precision})


_NOT_CLOSED = {
    "closed_at": None,
    "closed_precision": "instant",
    "reason": None,
    "disposition": None,
    "revisit_on": None,
    "lost_at_stage": None,
    "lost_at_position": None,
}


def _deal_by(event: ev.Restored, begun: list[ev.RestoredVisit]) -> dict[str, Any]:
    """A lead that was converted later had not become that deal."""
    was_converted = any(visit.stage_kind == "converted" for visit in begun)
    return {"deal_id": None} if event.stage_kind == "converted" and not was_converted else {}


def _earlier_closing(event: ev.Restored, begun: list[ev.RestoredVisit]) -> dict[str, Any]:
    """What the visits tell of a closing that was reopened later: when, and where from."""
    here = begun[-1]
    run = len(begun) - 1
    while run and _goes_on(begun[run - 1], begun[run]):
        run -= 1
    before = begun[run - 1] if run and begun[run - 1].stage_kind == "open" else None
    lost_from = before if here.stage_kind == "lost" else None
    return {
        **_NOT_CLOSED,
        "stage": here.stage,
        "stage_kind": here.stage_kind,
        "stage_position": here.stage_position,
        "closed_at": begun[run].entered_at,
        "closed_precision": begun[run].entered_precision,
        "lost_at_stage": lost_from.stage if lost_from else None,
        "lost_at_position": lost_from.stage_position if lost_from else None,
        "probability": 1.0 if here.stage_kind == "won" else 0.0,
        "probability_source": "stage",
        # What was set by hand, or what another stage means, is not known to have held then.
        "category": event.category if here.stage == event.stage else None,
        "category_source": "stage",
    }


def _goes_on(visit: ev.RestoredVisit, following: ev.RestoredVisit) -> bool:
    """Whether one visit and the next are of one kind, and nothing is known to lie between."""
    gap = microseconds(
        visit.left_at, visit.left_precision, following.entered_at, following.entered_precision
    )
    return visit.stage_kind == following.stage_kind and not gap


def _is_closed_later(event: ev.Restored, cut: Cut) -> bool:
    if event.closed_at is not None:
        return cut.precedes(event.closed_at, event.closed_precision)
    # Nobody knows when it was closed, but not before it was seen in an open stage.
    opened = [visit for visit in event.visits if visit.stage_kind == "open"]
    return any(_is_later(v, cut) or cut.precedes(v.left_at, v.left_precision) for v in opened)


def _is_later(visit: ev.RestoredVisit, cut: Cut) -> bool:
    return cut.precedes(visit.entered_at, visit.entered_precision)


def _visit_by(visit: ev.RestoredVisit, cut: Cut) -> ev.RestoredVisit:
    if not cut.precedes(visit.left_at, visit.left_precision):
        return visit
    return ev.RestoredVisit._trusted(
        {**visit.__dict__, "left_at": None, "left_precision": "instant"}
    )


def _begun(event: ev.Restored, cut: Cut) -> list[ev.RestoredVisit]:
    """The visits that have begun: none after one that has not, or that ends later."""
    begun = []
    for visit in event.visits:
        if _is_later(visit, cut):
            break
        begun.append(visit)
        if cut.precedes(visit.left_at, visit.left_precision):
            break  # the next one may be of unknown entry, but it is no earlier than this end
    return begun


def _lasting(
    event: ev.Restored, begun: list[ev.RestoredVisit], cut: Cut
) -> ev.RestoredVisit | None:
    """The visit that is known to have begun, and not to have ended."""
    here = begun[-1] if begun else None
    if here is None or here.entered_at is None:
        return None
    if here.left_at is None:
        is_last = here is event.visits[-1] and here.stage == event.stage
        return here if is_last else None
    return here if cut.precedes(here.left_at, here.left_precision) else None


def _place_by(event: ev.Restored, kind: str, here: ev.RestoredVisit | None) -> dict[str, Any]:
    """Where it was: in the stage of the visit, if it was of the kind; else in an unknown one."""
    if here is not None and here.stage_kind != kind:
        here = None
    is_same = here is not None and here.stage == event.stage
    if is_same or (here is None and kind != "open"):
        return {}  # a closed deal is in some stage, and no other is known
    place: dict[str, Any] = {
        "stage": here.stage if here else None,
        "stage_kind": kind,
        "stage_position": here.stage_position if here else None,
    }
    if kind == "open" and event.probability_source == "stage":
        place["probability"] = None  # what that stage meant then is unknown
    if event.category_source == "stage":
        place["category"] = None
    return place
