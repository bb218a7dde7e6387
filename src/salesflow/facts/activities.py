"""What was done with the customer, read off the history of a deal or a lead."""

from collections.abc import Iterator

from salesflow.models import Activity, Deal, Lead
from salesflow.models import events as ev
from salesflow.models.past import Cut


def _logged(record: Deal | Lead) -> Iterator[Activity]:
    return (event.activity for event in record.history if isinstance(event, ev.ActivityLogged))


def touches_of(record: Deal | Lead) -> list[Activity]:
    """The touches logged on it, each once, as last logged, in the order they came up."""
    return [*{one.id: one for one in _logged(record) if one.is_touch}.values()]


def rows_of(record: Deal | Lead, cut: Cut | None = None) -> list[Activity]:
    """The rows of the table `touches`: the touches, and all else that was done and has a score.

    What is known to have been logged on a day may have happened later that day.
    """
    done = (one for one in _logged(record) if one.is_done)
    found = {one.id: one for one in done if one.is_touch or one.score is not None}
    return [one for one in found.values() if not is_later(one, cut)]


def is_later(activity: Activity, cut: Cut | None) -> bool:
    """Whether it happened after an instant, where there is one."""
    moment = activity.occurred_at, activity.occurred_precision
    return cut is not None and cut.precedes(*moment)
