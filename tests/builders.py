"""Short ways to write histories down, for tests of single events.

The numbers of a test stand in the test; what it does not care about is filled in here.
"""

from datetime import UTC, date, datetime
from typing import Any

from salesflow import Deal, Lead
from salesflow.models import events as ev
from salesflow.models.fold import BLANK_DEAL, BLANK_LEAD

STANDING = {
    "talk": ("open", 0, None),
    "offer": ("open", 1, None),
    "won": ("won", 2, 1.0),
    "kept": ("won", 3, 1.0),
    "lost": ("lost", 4, 0.0),
}


def jan(day: int, hour: int = 0) -> datetime:
    """An instant in January 2026, UTC."""
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def naive(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """A datetime that does not say its zone."""
    return datetime(year, month, day, hour, tzinfo=UTC).replace(tzinfo=None)


def in_stage(stage: str) -> dict[str, Any]:
    """What being in one of the stages above means."""
    kind, position, probability = STANDING[stage]
    return {
        "stage": stage,
        "stage_kind": kind,
        "stage_position": position,
        "probability": probability,
    }


def opened(number: int = 1, at: datetime | None = None, **fields: Any) -> ev.Opened:
    """Deal D begins, in stage talk."""
    known = {"id": f"D:{number}", "at": at or jan(1), "pipeline": "small", **in_stage("talk")}
    return ev.Opened(**{**known, **fields})


def restored(**fields: Any) -> ev.Restored:
    """Deal D is taken over, in stage talk."""
    return ev.Restored(**{"id": "D:1", "pipeline": "small", **in_stage("talk"), **fields})


def moved(
    number: int, came_from: str | None, to: str, at: datetime | None = None, **fields: Any
) -> ev.StageChanged:
    """Deal D goes from one stage to another."""
    known = {"id": f"D:{number}", "at": at or jan(number), "from_stage": came_from, **in_stage(to)}
    return ev.StageChanged(**{**known, **fields})


def lead_opened(**fields: Any) -> ev.Opened:
    """Lead L begins, in stage new."""
    known = {"id": "L:1", "at": jan(1), "pipeline": "leads", "stage": "new"}
    return ev.Opened(**{**known, "stage_kind": "open", "stage_position": 0, **fields})


def lead_moved(
    number: int, came_from: str, to: str, kind: str = "open", **fields: Any
) -> ev.StageChanged:
    """Lead L goes from one stage to another."""
    known = {"id": f"L:{number}", "at": jan(number), "from_stage": came_from, "stage": to}
    return ev.StageChanged(**{**known, "stage_kind": kind, "stage_position": number, **fields})


def deal_of(*events: Any, **contradicting: Any) -> Deal:
    """Deal D with these events, loaded as from a store: every check of a history runs."""
    fields = Deal._from_history("D", events).__dict__ if events else {**BLANK_DEAL, "history": ()}
    return Deal.model_validate({"id": "D", **fields, **contradicting})


def lead_of(*events: Any, **contradicting: Any) -> Lead:
    """Lead L with these events, loaded as from a store."""
    fields = Lead._from_history("L", events).__dict__ if events else {**BLANK_LEAD, "history": ()}
    return Lead.model_validate({"id": "L", **fields, **contradicting})


def day(number: int) -> date:
    """A day in January 2026."""
    return date(2026, 1, number)
