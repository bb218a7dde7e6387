"""The events of a deal or a lead up to an instant."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from salesflow.errors import OptionError, shown
from salesflow.models._history import Recorded
from salesflow.models.fold import restored_moments
from salesflow.models.moments import moment_is_after
from salesflow.periods import require_aware, wall_time
from salesflow.process._events import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from salesflow.models.events import Event


def events_by(subject: object, as_of: datetime | None) -> "Sequence[Event]":
    """The events of a deal or a lead, all or those up to an instant, which is included.

    A day counts by the date that the clock of ``as_of`` shows, as in a snapshot.
    """
    if not isinstance(subject, Recorded):
        msg = f"cannot read the history of {shown(subject)}: it is no Deal and no Lead"
        raise OptionError(msg, parameter="subject", value=subject)
    if as_of is None:
        return subject.history
    aware = require_aware(as_of, "as_of")
    at, _ = moment(aware, "as_of")
    wall = wall_time(aware)
    known = 0
    for event in subject.history:
        if any(when and moment_is_after(when, how, at, wall) for when, how in _moments(event)):
            break
        known += 1
    return subject.history[:known]


def _moments(event: Any) -> list[Any]:
    if event.type == "restored":
        return restored_moments(event)
    return [(event.at, event.precision)]
