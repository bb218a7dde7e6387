"""What crosses the boundary: frozen pydantic models with JSON Schema.

`deal`, `lead`
    the two things with a history; their fields are a fold of it.
`events`
    the events that histories are made of.
`fold`
    what each event changes; the consistency of a history.
`people`, `activity`
    accounts, contacts, and what was done with them.
"""

from typing import TYPE_CHECKING

from salesflow.models._base import JsonMap, Link
from salesflow.models.deal import Deal

if TYPE_CHECKING:
    from salesflow.models import events
    from salesflow.models.activity import TOUCH_KINDS, Activity
    from salesflow.models.events import Event, Override
    from salesflow.models.lead import Lead
    from salesflow.models.people import Account, Contact

_LAZY = {
    "TOUCH_KINDS": "activity",
    "Account": "people",
    "Activity": "activity",
    "Contact": "people",
    "Event": "events",
    "Lead": "lead",
    "Override": "events",
}

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


def __getattr__(name: str) -> object:
    # What most programs never touch is loaded when first asked for: defining a pydantic model
    # costs about half a millisecond.
    from importlib import import_module

    if name == "events":
        return import_module(f"{__name__}.events")
    if name not in _LAZY:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
