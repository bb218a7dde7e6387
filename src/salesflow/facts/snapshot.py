"""`snapshot`: every deal as it was at an instant."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from salesflow.facts.durations import microseconds
from salesflow.models import Deal
from salesflow.models import events as ev
from salesflow.models.fold import latest, moment_is_after, restored_moments
from salesflow.periods import require_aware, wall_time

if TYPE_CHECKING:
    from salesflow.models._base import Precision


class Cut:
    """An instant, and what the clock showed there: what days are compared with."""

    __slots__ = ("at", "wall")

    def __init__(self, at: datetime) -> None:
        aware = require_aware(at, "as_of")
        self.at = aware.astimezone(UTC)
        self.wall = wall_time(aware)

    def microseconds_since(self, moment: datetime | None, precision: "Precision") -> int | None:
        """How long ago a moment was, whole days for a day; None if it is unknown."""
        now = self.at if precision == "instant" else self.wall
        return microseconds(moment, precision, now, "instant")

    def precedes(self, moment: datetime | None, precision: "Precision") -> bool:
        """Whether the moment is known and lies after the instant."""
        return moment is not None and moment_is_after(moment, precision, self.at, self.wall)


def snapshot(deals: Iterable[Deal], at: datetime) -> list[Deal]:
    """What did every deal look like at that instant?

    **Definition**: each deal folded from its events up to ``at``, those at ``at`` included. A deal
    not yet opened is absent; one merged later stands on its own. A restored deal is open between
    its known dates, in the stage that a visit tells, else in stage None; one whose ``created_at``
    is unknown counts as there from the beginning.

    Args:
        deals: the deals as they stand.
        at: the instant. [aware datetime]

    Returns:
        The deals as of then, in the order given.

    Raises:
        NaiveDatetimeError: for an instant without a zone.

    Example:
        >>> from datetime import timedelta
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> then = datetime(2026, 1, 5, tzinfo=UTC)
        >>> deal = pipeline.advance(pipeline.open("Acme", at=then), at=then + timedelta(days=3))
        >>> [old.stage for old in snapshot([deal], at=then)]
        ['prospecting']
    """
    cut = Cut(at)
    return [old for deal in deals for old in as_of(deal, cut)]


def as_of(deal: Deal, cut: Cut) -> list[Deal]:
    """The deal as of an instant: one, none, or it and those merged into it later."""
    last = deal.history[-1]
    if not cut.precedes(last.at, last.precision):
        return [deal]
    known = 0
    for event in deal.history:
        if cut.precedes(event.at, event.precision):
            break
        known += 1
    found = _first_known(deal, known, cut)
    for event in deal.history[known:]:
        if isinstance(event, ev.Merged):
            found += [old for other in event.deals for old in as_of(other, cut)]
    return found


def _first_known(deal: Deal, known: int, cut: Cut) -> list[Deal]:
    if known:
        return [Deal.from_history(deal.id, deal.history[:known])]
    first = deal.history[0]
    if not isinstance(first, ev.Restored):
        return []
    if cut.precedes(first.created_at, first.created_precision):
        return []
    return [Deal.from_history(deal.id, (_restored_by(first, cut),))]


def _restored_by(event: ev.Restored, cut: Cut) -> ev.Restored:
    """The event as it would have been written at the instant."""
    fields: dict[str, Any] = dict(event.__dict__)
    visits = [_visit_by(visit, cut) for visit in event.visits if not _is_later(visit, cut)]
    fields["visits"] = tuple(visits)
    is_later = cut.precedes(event.closed_at, event.closed_precision)
    if event.stage_kind == "open" or is_later:
        fields |= _place_by(event, visits)
    if is_later:
        fields |= _NOT_CLOSED
    at, precision = latest(*restored_moments(ev.Restored.trusted(dict(fields))))
    return ev.Restored.trusted({**fields, "at": at, "precision": precision})


_NOT_CLOSED = {
    "closed_at": None,
    "closed_precision": "instant",
    "reason": None,
    "disposition": None,
    "revisit_on": None,
    "lost_at_stage": None,
    "lost_at_position": None,
}


def _is_later(visit: ev.RestoredVisit, cut: Cut) -> bool:
    return cut.precedes(visit.entered_at, visit.entered_precision)


def _visit_by(visit: ev.RestoredVisit, cut: Cut) -> ev.RestoredVisit:
    if not cut.precedes(visit.left_at, visit.left_precision):
        return visit
    return ev.RestoredVisit.trusted(
        {**visit.__dict__, "left_at": None, "left_precision": "instant"}
    )


def _place_by(event: ev.Restored, visits: list[ev.RestoredVisit]) -> dict[str, Any]:
    """Where it was: in the stage of a visit that had not ended, else in an unknown one."""
    here = visits[-1] if visits and visits[-1].left_at is None else None
    if here is not None and here.stage_kind != "open":
        here = None
    if here is not None and here.stage == event.stage:
        return {}
    place: dict[str, Any] = {
        "stage": here.stage if here else None,
        "stage_kind": "open",
        "stage_position": here.stage_position if here else None,
    }
    if event.probability_source == "stage":
        place["probability"] = None  # what that stage meant then is unknown
    if event.category_source == "stage":
        place["category"] = None
    return place
