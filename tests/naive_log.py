"""Visits and deals of a log of stages, written independently of the library.

Slow and plain: lists of dicts, no frames.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

_CLOSED = {"won", "lost"}


def elapsed(start: date, end: date, zone: str) -> float:
    """Days from one moment to another, as they pass."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return (_instant(end, zone) - _instant(start, zone)) / timedelta(days=1)
    return float((end - start).days)


def _instant(moment: datetime, zone: str) -> datetime:
    aware = moment.replace(tzinfo=ZoneInfo(zone)) if moment.tzinfo is None else moment
    return aware.astimezone(UTC)


def _is_up_to(moment: date, as_of: datetime, zone: str) -> bool:
    if isinstance(moment, datetime):
        return _instant(moment, zone) <= as_of
    return moment <= as_of.date()


def _by_deal(rows: Iterable[Row]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row["deal_id"], []).append(row)
    return found


def visits(
    log: Sequence[Row],
    kinds: Mapping[str, str],
    stages: Sequence[str],
    as_of: datetime | None = None,
    zone: str = "UTC",
) -> list[Row]:
    """The visits; rows of one instant are in the order of ``seq``."""

    def when(row: Row) -> Any:
        moment = row["entered_at"]
        return (_instant(moment, zone) if isinstance(moment, datetime) else moment, row["seq"])

    found = []
    for deal, rows in _by_deal(log).items():
        known = [r for r in rows if as_of is None or _is_up_to(r["entered_at"], as_of, zone)]
        stays: list[Row] = []
        for row in sorted(known, key=when):
            if not stays or stays[-1]["stage"] != row["stage"]:
                stays.append(row)
        for number, stay in enumerate(stays, 1):
            after = stays[number] if number < len(stays) else None
            found.append(
                {
                    "deal_id": deal,
                    "visit": number,
                    "stage": stay["stage"],
                    "stage_position": _place(stay, stages),
                    "kind": kinds.get(stay["stage"], "open"),
                    "owner_id": stay["owner_id"],
                    "entered_at": stay["entered_at"],
                    "left_at": after and after["entered_at"],
                    "days": after and elapsed(stay["entered_at"], after["entered_at"], zone),
                    "next_stage": after and after["stage"],
                    "next_position": after and _place(after, stages),
                    "next_kind": after and kinds.get(after["stage"], "open"),
                    "is_current": after is None,
                }
            )
    return found


def _place(row: Row, stages: Sequence[str]) -> int | None:
    return stages.index(row["stage"]) if row["stage"] in stages else None


def deals(stays: Sequence[Row], as_of: datetime | None = None, zone: str = "UTC") -> list[Row]:
    """The deals that visits tell of."""
    found = []
    for deal, rows in _by_deal(stays).items():
        known = [r for r in rows if as_of is None or _is_up_to(r["entered_at"], as_of, zone)]
        known.sort(key=lambda row: row["visit"])
        if known:
            found.append(_deal(deal, known, zone))
    return found


def _deal(deal: Any, stays: list[Row], zone: str) -> Row:
    first, last = stays[0], stays[-1]
    closing, at, reopened, was_closed = None, None, 0, False
    for stay in stays:
        if stay["kind"] in _CLOSED:
            closing = closing or stay
        else:
            reopened += was_closed
            closing, at = None, stay["stage"]
        was_closed = stay["kind"] in _CLOSED
    closed_at = closing and closing["entered_at"]
    return {
        "deal_id": deal,
        "stage": last["stage"],
        "stage_position": last["stage_position"],
        "outcome": last["kind"],
        "owner_id": (closing or last)["owner_id"],
        "owner_now_id": last["owner_id"],
        "opening_owner_id": first["owner_id"],
        "created_at": first["entered_at"],
        "closed_at": closed_at,
        "cycle_days": None if closed_at is None else elapsed(first["entered_at"], closed_at, zone),
        "lost_at_stage": at if last["kind"] == "lost" else None,
        "n_reopened": reopened,
        "history_complete": True,
    }
