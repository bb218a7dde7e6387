"""What a metric needs to know of the facts: counts, sums and values over flagged rows.

A metric declares its needs; an evaluator answers all needs of a call in one pass; the metric's
formula sees the answers only. So each metric is defined once, whatever holds the data.
"""

from collections.abc import Mapping
from typing import Literal

import attrs

Test = Literal["is", "is_not", "known", "unknown", "negative", "not_negative", "at_least"]
"""How a column is looked at."""

Op = Literal["count", "sum", "min", "max", "values", "risk", "distinct"]
"""What is asked of rows."""


@attrs.frozen(cache_hash=True)
class Flag:
    """One condition on a row: ``Flag("outcome", "is", "won")``."""

    column: str
    test: Test
    value: object = None


@attrs.frozen(cache_hash=True)
class Need:
    """One number over the rows that all its flags hold for.

    Args:
        op: ``count`` the rows; ``sum``, ``min`` or ``max`` of a column; keep its ``values``, for
            order statistics; count who was at ``risk`` at each event, of one of the
            `ENDS`; its ``distinct`` values.
        column: the column, for all but counts. Money adds up by currency, durations in whole
            microseconds.
        where: the flags.
        dated_by: the moment that puts a row into a period; None for rows of any date.
        delay_days: how much later than that moment the row is dated. [whole days]
        at_opening: whether groups by owner count the owner at opening.
    """

    op: Op
    column: str | None = None
    where: tuple[Flag, ...] = ()
    dated_by: str | None = None
    delay_days: int = 0
    at_opening: bool = False


TableName = Literal["deals", "visits", "stays", "moves", "deal_stages"]
"""The table that needs speak of.

`deals`; the `visits` to open stages; all ``stays``; those that another one followed, the ``moves``;
or ``deal_stages``, one row for each open stage that a deal visited.
"""

Mode = Literal["reached", "touched", "strict", "adjacent"]
"""What it takes for a deal to be counted at a step."""


@attrs.frozen
class Steps:
    """The table of `stage_conversion`: one row a deal and step.

    The steps are the open stages in order; what follows the last one is a win.

    Args:
        mode: which deals have a row for a step.
        stages: the names of the stages in order; as their visits froze it unless given.
        by_pipeline: whether each pipeline has an order of its own.
    """

    mode: Mode = "reached"
    stages: tuple[str, ...] | None = None
    by_pipeline: bool = False


@attrs.frozen
class Leads:
    """The table `leads`: one row a lead, which knows whether a deal of it is won.

    Args:
        qualified_stage: what the stage is called whose entry qualifies a lead.
    """

    qualified_stage: str = "qualified"


DealsBy = Literal["deals by lead"]
"""The table `deals`, each deal grouped by what its lead has."""

Touched = Literal["touches"]
"""The table `touches`."""

Table = TableName | Steps | Leads | DealsBy | Touched
"""A table of its name, or one that is made for the call."""

MONEY = frozenset({"amount", "weighted_amount"})
"""The columns of money, which are added up by currency."""

CURRENCIES = Need("distinct", "currency")
"""The currencies of all amounts, of whatever date."""

OPENING_CURRENCIES = Need("distinct", "currency", at_opening=True)
"""The same, where every other need counts the owner at opening: it makes no group of its own."""

IS_OPEN = Flag("outcome", "is", "open")
IS_WON = Flag("outcome", "is", "won")
IS_LOST = Flag("outcome", "is", "lost")
IS_CLOSED = Flag("outcome", "is_not", "open")


@attrs.frozen
class End:
    """How long a deal was watched, and what ended it, as one number: see `stats.end_of`.

    Args:
        closed: the column of how long it took until it was closed.
        waiting: the column of how long it has waited, while it is open.
        event: the closing that is waited for; all else only ends the watch.
    """

    closed: str
    waiting: str
    event: Flag


ENDS: Mapping[str, End] = {
    f"{start}end_as_{outcome}": End(closed, waiting, event)
    for start, closed, waiting in (
        ("", "cycle_us", "age_us"),
        ("first_stage_", "first_stage_us", "first_stage_age_us"),
        ("lead_", "lead_us", "lead_age_us"),
    )
    for outcome, event in (("won", IS_WON), ("lost", IS_LOST), ("all", IS_CLOSED))
}
"""The columns of ends: from the creation, the entry into the first stage or the lead."""


SINCE_UNKNOWN = Need("count", None, (IS_OPEN, Flag("created_at", "unknown")))
"""The open deals whose opening is unknown: they count as open from the beginning."""


def without_closing(*flags: Flag, at_opening: bool = False) -> Need:
    """The deals closed nobody knows when: as of any instant they count as closed."""
    return Need("count", None, (*flags, unknown("closed_at")), at_opening=at_opening)


def known(column: str) -> Flag:
    """The column has a value."""
    return Flag(column, "known")


def unknown(column: str) -> Flag:
    """The column has none."""
    return Flag(column, "unknown")


def precision_of(dated_by: str) -> str | None:
    """The column that says how precise the moments of a column are; None for one of days."""
    return None if dated_by.endswith("_on") else dated_by.removesuffix("_at") + "_precision"
