"""`events_since`: what happened after the version that an app has handled."""

from typing import TYPE_CHECKING

from salesflow.errors import OptionError, shown
from salesflow.models.deal import Deal
from salesflow.models.lead import Lead

if TYPE_CHECKING:
    from salesflow.models.events import Event


def events_since(record: Deal | Lead, version: int) -> "tuple[Event, ...]":
    """What happened to it since that version?

    **Definition**: the events after the first ``version`` ones. Their ids are deterministic,
    ``<deal id>:<n>``: a handler that keeps the ids it has handled may be given an event twice.

    Args:
        record: a deal, or a lead.
        version: the version that was handled; 0 gives all events.

    Returns:
        The events, the oldest first; none if nothing happened.

    Raises:
        OptionError: for what has no history, and for a version that it does not have.

    Example:
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.open("Acme", id="D-1")
        >>> handled = deal.version
        >>> [event.id for event in events_since(pipeline.advance(deal), handled)]
        ['D-1:2']
    """
    _check(record, version)
    what = f"cannot tell the events of {type(record).__name__.lower()} '{record.id}'"
    if version > record.version:
        msg = f"{what} since version {shown(version)}: it has version {record.version}"
        hint = "it is older than the one that was handled; load it again."
        raise OptionError(msg, hint=hint, parameter="version", value=version)
    return record.history[version:]


def _check(record: object, version: object) -> None:
    what = "cannot tell the events"
    if not isinstance(record, Deal | Lead):
        msg = f"{what} of {shown(record)}: it is no Deal and no Lead"
        raise OptionError(msg, parameter="record", value=record)
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        msg = f"{what} since version {shown(version)}: versions are whole numbers from 0"
        raise OptionError(msg, parameter="version", value=version)
