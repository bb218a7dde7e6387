"""What crosses the boundary: frozen pydantic models with JSON Schema.

`deal`, `lead`
    the two things with a history; their fields are a fold of it.
`events`
    the events that histories are made of.
`fold`, `consistency`, `moments`
    what each event changes; whether a history is consistent; which moment is before another.
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
    },
    globals(),
)
