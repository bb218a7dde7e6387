"""What crosses the boundary: frozen pydantic models with JSON Schema.

`deal`, `lead`
    the two things with a history; their fields are a fold of it.
`events`
    the events that histories are made of.
`fold`, `consistency`, `moments`
    what each event changes; whether a history is consistent; which moment is before another.
`durations`, `past`
    how long it is from one moment to another; what a deal was at an instant.
`since`
    the events that an app has not handled yet.
`people`, `activity`
    accounts, contacts, and what was done with them.
"""

from typing import TYPE_CHECKING

from salesflow._lazy import lazy_names
from salesflow.models._base import JsonMap, Link
from salesflow.models.deal import Deal

if TYPE_CHECKING:
    from salesflow.models import events
    from salesflow.models.activity import TOUCH_KINDS, Activity
    from salesflow.models.events import Event, Override
    from salesflow.models.lead import Lead
    from salesflow.models.people import Account, Contact
    from salesflow.models.since import events_since

__all__ = [
    "TOUCH_KINDS",
    "Account",
    "Activity",
    "Contact",
    "Deal",
    "Event",
    "JsonMap",
    "Lead",
    "Link",
    "Override",
    "events",
    "events_since",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "TOUCH_KINDS": "activity",
        "Account": "people",
        "Activity": "activity",
        "Contact": "people",
        "Event": "events",
        "Lead": "lead",
        "Override": "events",
        "events": "events",
        "events_since": "since",
    },
    globals(),
)
