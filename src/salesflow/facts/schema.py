"""The columns of the tidy tables that every number is computed from.

The same whether they are built from objects, a data frame or a warehouse table. Instants that are
known by their day alone have precision ``day`` and are compared by calendar date.
"""

import attrs


@attrs.frozen
class Column:
    """One column of a table: its name, type, unit and meaning."""

    name: str
    type: str
    unit: str | None
    meaning: str


def _columns(*rows: tuple[str, str, str | None, str]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


DEALS = _columns(
    ("deal_id", "str", None, "the deal"),
    ("pipeline", "str", None, "the definition it moves through"),
    ("stage", "str", None, "the stage it is in; None where unknown"),
    ("stage_position", "int", None, "the place of that stage when it was entered, from 0"),
    ("outcome", "str", None, "open, won or lost"),
    ("owner_id", "str", None, "the owner: of a closed deal at its last closing, else now"),
    ("owner_now_id", "str", None, "the present owner"),
    ("opening_owner_id", "str", None, "the owner when it was opened"),
    ("source", "str", None, "the channel: of a closed deal at its last closing, else now"),
    ("account_id", "str", None, "the firm"),
    ("lead_id", "str", None, "the lead it came from"),
    ("amount", "decimal", "main unit of currency", "what it is worth; None where unknown"),
    ("currency", "str", "ISO 4217", "the currency of the amount"),
    ("probability", "float", "0 to 1", "the chance of winning: 1 once won, 0 once lost"),
    ("category", "str", None, "the forecast category"),
    ("created_at", "instant", "UTC", "when it was opened"),
    ("created_precision", "str", None, "instant or day: how precise created_at is"),
    ("closed_at", "instant", "UTC", "when it was last won or lost; None while open"),
    ("closed_precision", "str", None, "instant or day: how precise closed_at is"),
    ("expected_close_on", "date", None, "the day it is expected to close"),
    ("cycle_days", "float", "days", "from created_at to closed_at, signed"),
    ("active_days", "float", "days", "the same without the spells in which it was closed"),
    ("loss_reason", "str", None, "why it was lost"),
    ("disposition", "str", None, "what the loss left behind"),
    ("lost_at_stage", "str", None, "the open stage it was lost at"),
    ("n_reopened", "int", None, "how often it was reopened"),
    ("n_touches", "int", None, "how many touches it had"),
    ("n_touches_to_meeting", "int", None, "how many, up to the first meeting; None without one"),
    ("history_complete", "bool", None, "whether its whole path is known"),
)
"""One row a deal."""

VISITS = _columns(
    ("deal_id", "str", None, "the deal"),
    ("visit", "int", None, "which stay of the deal, from 1"),
    ("stage", "str", None, "the stage"),
    ("stage_position", "int", None, "its place when it was entered, from 0"),
    ("kind", "str", None, "what being there meant: open, won or lost"),
    ("owner_id", "str", None, "the owner at entry"),
    ("entered_at", "instant", "UTC", "when it was entered; None where unknown"),
    ("entered_precision", "str", None, "instant or day: how precise entered_at is"),
    ("left_at", "instant", "UTC", "when it was left; None while it lasts or where unknown"),
    ("left_precision", "str", None, "instant or day: how precise left_at is"),
    ("days", "float", "days", "how long it lasted; None while it lasts or where unknown"),
    ("is_current", "bool", None, "whether the deal is still there"),
    ("next_stage", "str", None, "the stage of the next visit; None of the last one"),
    ("next_position", "int", None, "the place of that stage when it was entered, from 0"),
    ("next_kind", "str", None, "what being there meant: open, won or lost"),
)
"""One row a stay of a deal in a stage."""

TOUCHES = _columns(
    ("deal_id", "str", None, "the deal"),
    ("lead_id", "str", None, "the lead"),
    ("kind", "str", None, "call, email, meeting, demo …"),
    ("direction", "str", None, "inbound or outbound"),
    ("owner_id", "str", None, "who did it"),
    ("occurred_at", "instant", "UTC", "when it happened"),
    ("occurred_precision", "str", None, "instant or day: how precise occurred_at is"),
    ("score", "float", "0 to 10", "what the customer thinks"),
    ("theme", "str", None, "what the feedback is about"),
)
"""One row a touch, or another done activity that has a score."""

LEADS = _columns(
    ("lead_id", "str", None, "the lead"),
    ("source", "str", None, "where it came from: of a closed lead at its closing, else now"),
    ("channel", "str", None, "through which channel"),
    ("owner_id", "str", None, "who works it: of a closed lead at its closing, else now"),
    ("outcome", "str", None, "open, converted or disqualified"),
    ("created_at", "instant", "UTC", "when it came in"),
    ("created_precision", "str", None, "instant or day: how precise created_at is"),
    ("first_touch_at", "instant", "UTC", "the first touch of the lead itself"),
    ("first_touch_precision", "str", None, "instant or day: how precise first_touch_at is"),
    ("qualified_at", "instant", "UTC", "when it first came to the stage of qualified leads"),
    ("qualified_precision", "str", None, "instant or day: how precise qualified_at is"),
    ("converted_at", "instant", "UTC", "when it became a deal, whatever became of that"),
    ("converted_precision", "str", None, "instant or day: how precise converted_at is"),
    ("disqualified_at", "instant", "UTC", "when it was disqualified; None unless it still is"),
    ("disqualified_precision", "str", None, "instant or day: how precise disqualified_at is"),
    ("reason", "str", None, "why it was disqualified"),
    ("deal_id", "str", None, "the deal it became"),
)
"""One row a lead."""
